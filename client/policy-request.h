/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* A request as a person types it behind `bindify policy test NAME`, in the form that the agent's
 * POST /v1/bindings/NAME/policy/test takes:
 *
 *   tools/call create_issue '{"title":"x"}'   an MCP request: method, what it is about, arguments
 *   GET /repos/acme/shop                      an HTTP request: method, path, body
 *   https://api.example.com/x                 where a request would go
 *
 * BFY_ERROR_INVALID_ARGUMENT or BFY_ERROR_PARSE. (transfer full) */
JsonObject *bfy_policy_request_build (const char *const *words, GError **error);
/* As it was typed, for people: "tools/call create_issue". Free with g_free(). */
char *bfy_policy_request_describe (const char *const *words);
