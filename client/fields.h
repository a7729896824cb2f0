/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* Members of the agent's replies for display: absent and mistyped ones read as nothing, because the
 * agent may be newer than this program. */

/* "" when there is no such text; borrowed. */
const char *bfy_field_text (JsonObject *object, const char *name);
gint64 bfy_field_int (JsonObject *object, const char *name);
gboolean bfy_field_boolean (JsonObject *object, const char *name);
/* (nullable) borrowed. */
JsonObject *bfy_field_object (JsonObject *object, const char *name);
/* (nullable) borrowed. */
JsonArray *bfy_field_array (JsonObject *object, const char *name);
/* Number of objects in an array member, and one of them; what is no object is skipped by giving an
 * empty one. */
guint bfy_field_count (JsonObject *object, const char *name);
JsonObject *bfy_field_nth (JsonObject *object, const char *name, guint index);
/* The strings of an array member joined by @separator. Free with g_free(). */
char *bfy_field_join (JsonObject *object, const char *name, const char *separator);
