/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* The placeholders of methods (method.h). */

/* The name in a text that is a placeholder and nothing else, else NULL. Free with g_free(). */
char *bfy_template_name (const char *text);
/* Whether @node is such a text. */
char *bfy_template_name_of (JsonNode *node);

/* A piece of a path: text that stays, or a placeholder. */
typedef struct
{
  char *text; /* (owned) or the name */
  gboolean is_name;
  gboolean is_deep; /* {+name}: may be several segments */
} BfyTemplatePiece;

/* (transfer full) (element-type BfyTemplatePiece); NULL when it is no template of a path. */
GPtrArray *bfy_template_split (const char *path);

/* What becomes of a template with @arguments: the value (transfer full), or NULL when a placeholder
 * has no argument or nothing is left of an object or list that had some. */
JsonNode *bfy_template_fill (JsonNode *template, JsonObject *arguments);

/* Adds the names of all placeholders in @node to @names (element-type utf8). */
void bfy_template_collect (JsonNode *node, GHashTable *names);
