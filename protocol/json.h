/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* The one JSON gate of the product (conventions, traps). Text from outside is checked strictly
 * before anybody looks at it: size, depth, UTF-8, grammar of RFC 8259 and nothing more, no
 * duplicate keys after unescaping, no NUL (raw or \u0000), no lone surrogates, nothing after the
 * value. json-glib is only ever run on checked text. */

#define BFY_JSON_DEPTH_MAX 64   /* nested arrays and objects */
#define BFY_JSON_NAMES_MAX 4096 /* in one object, for bfy_json_parse() */
/* Absolute; callers have smaller caps of their own. */
#define BFY_JSON_BYTES_MAX (64 * 1024 * 1024)

/* All errors are BFY_ERROR_PARSE; the message names the problem and the byte offset and never
 * quotes the input. */
gboolean bfy_json_check (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* For what a person writes in an editor: the message names the line instead of the byte. */
gboolean
bfy_json_check_document (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The line, from 1, in which @at lies. */
guint bfy_json_line (const char *text, const char *at);

/* Checked, then parsed by json-glib. Free with json_node_unref(). Numbers are bounded here, because
 * json-glib would wrap an integer beyond 64 bits and turn 1e999 into infinity: both are
 * BFY_ERROR_PARSE. So is an object with more than BFY_JSON_NAMES_MAX names: json-glib's hash tables
 * can be made to collide. bfy_json_check() and slices have neither bound. */
JsonNode *bfy_json_parse (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for text that must be an object (else BFY_ERROR_BAD_REQUEST). Returns a new reference,
 * free with json_object_unref(). */
JsonObject *
bfy_json_parse_object (const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Getters for outside data: they never log. Each returns FALSE with BFY_ERROR_BAD_REQUEST naming
 * the member when it has another type (or an integer is not integral); when it is absent or null
 * @value keeps what the caller put there and TRUE is returned. Strings are borrowed from the
 * object. */
gboolean bfy_json_get_string (JsonObject *object,
                              const char *name,
                              const char **value,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_json_get_int (JsonObject *object, const char *name, gint64 *value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_json_get_boolean (JsonObject *object,
                               const char *name,
                               gboolean *value,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_json_get_object (JsonObject *object,
                              const char *name,
                              JsonObject **value,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_json_get_array (JsonObject *object,
                             const char *name,
                             JsonArray **value,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full) (array zero-terminated=1): a string array. *@value is always set, to NULL when
 * the member is absent, null or refused. */
gboolean bfy_json_get_strings (JsonObject *object, const char *name, GStrv *value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Fails with BFY_ERROR_BAD_REQUEST naming the first member that is not in @names (NULL-terminated);
 * a name that is long or not made of letters, digits, “_”, “-” and “.” is not shown. */
gboolean bfy_json_refuse_unknown (JsonObject *object,
                                  const char *const *names,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Compact text of an object or node, which passes bfy_json_check() unless it is nested too deeply.
 * @length may be NULL. Free with g_free(). */
char *bfy_json_object_to_text (JsonObject *object, gsize *length);
char *bfy_json_node_to_text (JsonNode *node, gsize *length);

/* Adds @text, which comes from outside, as one harmless line of at most @n_max characters; nothing
 * for NULL. */
void bfy_json_set_line (JsonObject *object, const char *member, const char *text, gsize n_max);

/* Slices: a view on *checked* text that allocates nothing, for the hot path and for credentials,
 * whose bytes must not be copied into json-glib's heap. The text must outlive the slice. */
typedef enum
{
  BFY_JSON_OBJECT,
  BFY_JSON_ARRAY,
  BFY_JSON_STRING,
  BFY_JSON_NUMBER,
  BFY_JSON_TRUE,
  BFY_JSON_FALSE,
  BFY_JSON_NULL,
} BfyJsonType;

typedef struct
{
  BfyJsonType type;
  const char *start; /* first byte of the value, a quote for strings */
  gsize length;      /* with quotes and brackets */
} BfyJsonSlice;

typedef struct
{
  /*< private >*/
  const char *next;
  const char *end;
  gboolean in_object;
} BfyJsonIter;

/* @text must have passed bfy_json_check(). */
void bfy_json_slice_root (const char *text, gsize length, BfyJsonSlice *root);
/* FALSE when there is no such member (names are compared unescaped) or @object is not an object. */
gboolean bfy_json_slice_member (const BfyJsonSlice *object, const char *name, BfyJsonSlice *value);
/* bfy_json_refuse_unknown() for a slice. */
gboolean bfy_json_slice_refuse_unknown (const BfyJsonSlice *object,
                                        const char *const *names,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Iterates over an array's elements (@key is left alone) or an object's members. */
void bfy_json_iter_init (BfyJsonIter *iter, const BfyJsonSlice *container);
gboolean bfy_json_iter_next (BfyJsonIter *iter, BfyJsonSlice *key, BfyJsonSlice *value);
gboolean bfy_json_slice_equals (const BfyJsonSlice *string, const char *text);
/* Unescaped copy; NULL if the slice is not a string. Free with g_free(). */
char *bfy_json_slice_dup_string (const BfyJsonSlice *string);
/* Unescapes into @out, which has room for string->length bytes; returns the number written, 0 if
 * the slice is not a string. No NUL is added. */
gsize bfy_json_slice_unescape (const BfyJsonSlice *string, char *out);

/* Appends @text as a JSON string with quotes. Control characters, quote, backslash, U+2028/9 are
 * escaped; @text must be UTF-8 (invalid bytes and NUL become U+FFFD, so that the result always
 * passes bfy_json_check()). length -1: NUL-terminated. */
void bfy_json_append_string (GString *out, const char *text, gssize length);
