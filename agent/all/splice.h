/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/json.h"

/* A JSON text in which some values are written anew while every other byte stays: what is not ours
 * must not pass through a parser and a writer. */
typedef struct _BfySplice BfySplice;

/* @text, checked JSON, is borrowed. */
BfySplice *bfy_splice_new (const char *text, gsize length);
void bfy_splice_free (BfySplice *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySplice, bfy_splice_free)

/* @slice lies in the text, in any order, none within another. */
void bfy_splice_set_string (BfySplice *self, const BfyJsonSlice *slice, const char *value);
/* @token: raw JSON, copied. */
void bfy_splice_set (BfySplice *self, const BfyJsonSlice *slice, const char *token);
gboolean bfy_splice_is_empty (const BfySplice *self);
/* What stands between @part's first and last byte, with the changes; one line. */
void bfy_splice_append (BfySplice *self, GString *out, const BfyJsonSlice *part);
/* The whole. Free with g_free(). */
char *bfy_splice_apply (BfySplice *self, gsize *length);

/* Follows @path, names that end with NULL, through objects. */
gboolean bfy_splice_find (const BfyJsonSlice *root, const char *const *path, BfyJsonSlice *found);
