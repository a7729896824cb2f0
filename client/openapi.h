/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/error.h"

/* Makes a service record with methods (protocol/method.h) of an OpenAPI 3 document: each operation
 * that a method can stand for becomes one. Pure. What cannot be said in a record is left out of
 * it: of schemas all that is not understood, and operations with cookies or bodies of other types
 * than JSON and forms. */
typedef struct
{
  const char *id;  /* (nullable) else made from the title */
  const char *url; /* (nullable) else that of the first server */
} BfyOpenapiSetup;

/* @left_out: (out) (transfer full) (element-type utf8) "GET /path: reason", of operations.
 * BFY_ERROR_INVALID_ARGUMENT when it is no such document, says no URL, or nothing is left. */
JsonObject *bfy_openapi_to_record (JsonObject *document,
                                   const BfyOpenapiSetup *setup,
                                   GPtrArray **left_out,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A schema of the document, as arguments have it (protocol/method-schema.h); never more than that
 * understands. (transfer full) */
JsonObject *bfy_openapi_schema (JsonObject *document, JsonObject *schema);
/* Follows "$ref" within the document; NULL when it leads nowhere or in circles. Borrowed. */
JsonObject *bfy_openapi_resolve (JsonObject *document, JsonNode *node);
