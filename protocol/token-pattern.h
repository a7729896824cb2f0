/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* What one vendor's tokens look like: a prefix, then at least so many characters of some class.
 * That is all that redaction needs, and it cannot be made slow by any text, as regular expressions
 * can. Catalogue records have them in `token_patterns`:
 *
 *   { "prefix": "gh?_", "characters": "key", "min": 8 }
 *
 * A "?" in the prefix stands for one letter. Characters are hex, alnum, key (and _ -), base64 (and
 * + / =), dotted (key and . + / = %: what is made of several parts). */
typedef enum
{
  BFY_TOKEN_HEX,
  BFY_TOKEN_ALNUM,
  BFY_TOKEN_KEY,
  BFY_TOKEN_BASE64,
  BFY_TOKEN_DOTTED,
} BfyTokenCharacters;

typedef struct
{
  const char *prefix; /* 2 to 32 characters, the first not "?" */
  BfyTokenCharacters characters;
  guint min;           /* behind the prefix, so that a mention of it stays */
  const char *service; /* (nullable) id of a catalogue record */
} BfyTokenPattern;

/* The length of a token of this shape that starts at @text, or 0. */
gsize bfy_token_pattern_span (const BfyTokenPattern *self, const char *text);

#define BFY_TOKEN_PATTERNS_MAX 32 /* of one record */

/* (transfer full) (element-type BfyTokenPattern) those of a catalogue record, whose
 * `token_patterns` are an array if they are there. BFY_ERROR_INVALID_ARGUMENT, without their
 * values. */
GPtrArray *bfy_token_patterns_read (JsonObject *record,
                                    const char *service,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_token_pattern_free (BfyTokenPattern *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyTokenPattern, bfy_token_pattern_free)
