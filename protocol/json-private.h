/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Shared by the json-*.c files only. */

static inline gboolean
bfy_json_is_space (char byte)
{
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Takes one \uXXXX from *@at. FALSE, with *@at unmoved, when something else stands there. */
gboolean bfy_json_take_utf16_unit (const char **at, const char *end, guint *unit);

/* Tokens, for the check: each is at *@at, before @end. They return what is wrong, with *@at on the
 * place, or NULL and *@at behind the token. @is_bounded: see bfy_json_check_bounded(). */
const char *bfy_json_take_string (const char **at, const char *end);
/* A number or a literal. */
const char *bfy_json_take_plain (const char **at, const char *end, gboolean is_bounded);

/* Takes one raw byte or one whole escape (a surrogate pair counts as one) from string content and
 * writes its UTF-8, never more bytes than it took and at most 4; returns their number. *@at must be
 * before @end. Broken escapes, which checked text does not have, are taken as raw bytes. */
gsize bfy_json_take_char (const char **at, const char *end, char *utf8);

/* bfy_json_check() that also refuses what json-glib would wrap or turn into infinity (integers
 * beyond 64 bits, other numbers beyond a double) and objects with more than BFY_JSON_NAMES_MAX
 * names. */
gboolean
bfy_json_check_bounded (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Names of the objects that are open during a check: opaque elements in a stack. @content lies in
 * @text, between the quotes. */
GArray *bfy_json_keys_new (void);
void bfy_json_keys_push (GArray *keys, const char *text, const char *content, gsize length);
/* Takes the names from @first on away; TRUE with the @offset of the later one, at its quote, if two
 * were equal. */
gboolean bfy_json_keys_pop (GArray *keys, guint first, const char *text, gsize *offset);
