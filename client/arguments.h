/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* The arguments of a tool as typed after `bindify call NAME TOOL`: one JSON object, or key=value
 * pairs. A value is taken as JSON if it is JSON (7, true, [1], {"a":1}, "x"), unless @schema, the
 * tool's inputSchema, says that this member is a string; anything else is a string. Gives the text
 * of a JSON object; free with g_free(). BFY_ERROR_INVALID_ARGUMENT. */
char *bfy_arguments_build (const char *const *words,
                           JsonObject *schema,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* TRUE when the schema is needed to understand @words. */
gboolean bfy_arguments_are_pairs (const char *const *words);
