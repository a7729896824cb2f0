/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/error.h"

/* The part of JSON Schema that arguments of methods are described with: one type, or none for
 * anything; enum of texts and numbers; properties, required, additionalProperties; items; minimum
 * and maximum, minLength and maxLength in characters, minItems and maxItems. title, description,
 * default and format tell people and models something and are not held against a value. Regular
 * expressions are left out: they can be made to run for hours. */

#define BFY_METHOD_SCHEMA_DEPTH_MAX 8
#define BFY_METHOD_PARAMS_MAX 64 /* properties of one object */
#define BFY_METHOD_ENUM_MAX 256

/* Of a record. BFY_ERROR_INVALID_ARGUMENT with the place, which begins with @path. */
gboolean bfy_method_schema_check (JsonObject *schema,
                                  const char *path,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether @value is as the checked @schema says. BFY_ERROR_INVALID_ARGUMENT names the place (@path,
 * “” for the arguments as a whole) and what belongs there, never the value. */
gboolean bfy_method_schema_fits (JsonObject *schema,
                                 JsonNode *value,
                                 const char *path,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
