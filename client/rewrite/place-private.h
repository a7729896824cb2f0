/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/rewrite/place.h"

/* What the readers of the three forms share. The text is valid UTF-8 without NUL and NUL ends it,
 * so that a reader may look one byte ahead wherever it stands. */
typedef struct
{
  const char *text;
  gsize length;
  gsize at;
  guint depth;
  guint n_places;
} BfyReader;

BfyPlace *bfy_place_new (BfyPlaceKind kind, gsize begin);
/* Takes @child. FALSE when its name is taken or there are too many: the reader refuses. */
gboolean bfy_place_add (BfyReader *reader, BfyPlace *self, BfyPlace *child, GError **error);

/* Always FALSE: "Line 3: PROBLEM". */
gboolean bfy_reader_refuse (const BfyReader *self, const char *problem, GError **error);
gboolean bfy_reader_enter (BfyReader *self, GError **error);
void bfy_reader_leave (BfyReader *self);
/* Goes over "\n" or "\r\n". */
gboolean bfy_reader_skip_line_end (BfyReader *self);

/* Reads the escapes of a string in double quotes, up to the quote that ends it, into @text; JSON's,
 * and those of TOML and YAML as far as they have them. @at is behind the opening quote, then behind
 * the closing one. */
typedef struct
{
  const char *letters; /* pairs: the letter behind the backslash, and what it means */
  guint wide;          /* letters with digits: 'u' = 4 only; with 8: 'U' too; with 2: 'x' too */
  gboolean may_break;  /* a line may end in it, and is folded as YAML does */
} BfyEscapes;

#define BFY_ESCAPES_U8 1u
#define BFY_ESCAPES_X2 2u

char *bfy_reader_quoted (BfyReader *self, const BfyEscapes *escapes, GError **error);

BfyPlace *bfy_place_parse_json (BfyReader *reader, GError **error);
BfyPlace *bfy_place_parse_toml (BfyReader *reader, GError **error);
BfyPlace *bfy_place_parse_yaml (BfyReader *reader, GError **error);
