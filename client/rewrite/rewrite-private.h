/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/rewrite/rewrite.h"

/* What is to happen to a text: pieces go and others come. They are made in any order and must not
 * overlap. */
typedef struct
{
  BfyForm form;
  const char *text;
  gsize length;
  BfyPlace *root;       /* borrowed */
  const char *line_end; /* "\n" or "\r\n", as the text has it */
  GArray *cuts;         /* (owned) (element-type BfyCut) */
} BfyRewrite;

typedef struct
{
  gsize begin, end;
  char *instead; /* (owned) */
} BfyCut;

/* Takes @instead. */
void bfy_rewrite_cut (BfyRewrite *self, gsize begin, gsize end, char *instead);
gsize bfy_rewrite_line_begin (const BfyRewrite *self, gsize at);
/* Behind the line’s end. */
gsize bfy_rewrite_line_end (const BfyRewrite *self, gsize at);
/* Before the blanks, and the one end of a line before those, that stand before @at. */
gsize bfy_rewrite_back (const BfyRewrite *self, gsize at);
/* The blanks with which the line begins in which @at lies. Free with g_free(). */
char *bfy_rewrite_indent (const BfyRewrite *self, gsize at);
gboolean bfy_rewrite_begins_line (const BfyRewrite *self, gsize at);
gboolean bfy_rewrite_refuse (GError **error);

/* A string in double quotes that all three forms read alike. */
void bfy_rewrite_append_quoted (GString *out, const char *text);
/* A number, true, false, null, or such a string. */
void bfy_rewrite_append_scalar (GString *out, JsonNode *value);
/* A value on one line, as JSON and YAML have it. */
void bfy_rewrite_append_flow (GString *out, JsonNode *value);

/* Whether both say the same, but for what the names of @but lead to. */
gboolean bfy_rewrite_is_same (const BfyPlace *a, const BfyPlace *b, const char *const *but);

/* @parent is where @name is put: a map, or a list ("-"). Each returns FALSE with
 * BFY_ERROR_UNSUPPORTED. */
gboolean bfy_rewrite_json_insert (
    BfyRewrite *self, BfyPlace *parent, const char *name, JsonNode *value, GError **error);
gboolean bfy_rewrite_json_replace (BfyRewrite *self, BfyPlace *place, JsonNode *value);
gboolean bfy_rewrite_json_remove (BfyRewrite *self, BfyPlace *parent, BfyPlace *place);

gboolean bfy_rewrite_toml_insert (
    BfyRewrite *self, const char *const *path, guint n_known, JsonNode *value, GError **error);
gboolean bfy_rewrite_toml_replace (
    BfyRewrite *self, const char *const *path, BfyPlace *place, JsonNode *value, GError **error);
gboolean bfy_rewrite_toml_remove (BfyRewrite *self, BfyPlace *place, GError **error);

gboolean bfy_rewrite_yaml_insert (
    BfyRewrite *self, BfyPlace *parent, const char *name, JsonNode *value, GError **error);
gboolean bfy_rewrite_yaml_replace (BfyRewrite *self, BfyPlace *place, JsonNode *value);
gboolean bfy_rewrite_yaml_remove (BfyRewrite *self, BfyPlace *parent, BfyPlace *place);
