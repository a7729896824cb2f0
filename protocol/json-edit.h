/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"

/* Changing some members of an object and leaving every other byte of it as it was: what is not ours
 * (schemas, contents, unknown members, spelled as the sender liked) must not pass through a parser
 * and a writer. */
typedef struct
{
  const char *name;
  const char *value; /* (nullable) raw JSON; NULL drops the member */
} BfyJsonEdit;

/* Appends @object with @edits: what is there is replaced in its place or dropped, a value whose
 * name is not there comes last. @object is a slice of checked text; NULL or one of another type
 * counts as an empty object. */
void bfy_json_append_edited (GString *out,
                             const BfyJsonSlice *object,
                             const BfyJsonEdit *edits,
                             gsize n_edits);
/* The same as a text of its own. Free with g_free(). */
char *bfy_json_edited (const BfyJsonSlice *object, const BfyJsonEdit *edits, gsize n_edits);

/* The raw text of a slice; NULL when @slice was never filled. Free with g_free(). */
char *bfy_json_slice_dup_raw (const BfyJsonSlice *slice);
/* Follows @path, names that end with NULL, through objects. */
gboolean
bfy_json_slice_find (const BfyJsonSlice *root, const char *const *path, BfyJsonSlice *found);
/* A number that is an integer of 64 bits. */
gboolean bfy_json_slice_get_int (const BfyJsonSlice *slice, gint64 *value);
