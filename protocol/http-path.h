/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The path of an HTTP request, and patterns of such requests: "METHOD /path/pattern", where METHOD
 * is in capitals or one star. In the path one star stands for any characters within a segment, and
 * as a whole segment for at least one character; two stars are a segment of their own and stand for
 * any number of segments, at the end of a pattern for at least one.
 *
 * A path can be spelled in many ways, and servers do not agree on what is the same (craft J34). It
 * is brought into one form, in which it is judged and must be sent: dot segments resolved, slashes
 * single, letters, digits and “-._~” not escaped, other escapes in capitals. What some read
 * otherwise has no such form: an escaped slash, backslash, percent sign, semicolon or control
 * character, a dot segment with an escaped dot or above the root, a backslash, a semicolon, escapes
 * that are no UTF-8, and everything that RFC 3986 does not have in a path. */

#define BFY_HTTP_TARGET_BYTES_MAX 4096

/* Writes the path of @target, which may have a query, into @path, which has room for
 * BFY_HTTP_TARGET_BYTES_MAX + 1 bytes. FALSE when it has no one form, or is too long. */
gboolean bfy_http_path_read (const char *target, char *path);
/* The path in its form, and the query as it was; NULL when it has no one form. Free with g_free().
 */
char *bfy_http_target_canonicalize (const char *target);

/* NULL, or what is wrong with a pattern. Static. */
const char *bfy_http_pattern_find_problem (const char *pattern);

typedef enum
{
  BFY_HTTP_MATCH_EXACT,
  BFY_HTTP_MATCH_LOOSE, /* @pattern, @method and @path are in lower case; a slash at the end does
                           not count, and a pattern of GET is one of HEAD, too */
} BfyHttpMatch;

/* @pattern: a good one. @path: in its form. */
gboolean bfy_http_pattern_matches (const char *pattern,
                                   const char *method,
                                   const char *path,
                                   BfyHttpMatch match);

/* Which segments stand where, as bits: a pattern fits no path that lacks one of its marks, however
 * it is matched. Most rules are told from most requests by that. Both in lower case, or neither. */
guint64 bfy_http_path_marks (const char *path);
guint64 bfy_http_pattern_marks (const char *pattern);
