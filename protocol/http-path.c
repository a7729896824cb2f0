/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/http-path.h"

#include <string.h>

#include "protocol/glob.h"

#define ESCAPE_BYTES 3 /* %XX */
#define UTF8_BYTES_MAX 4
#define MARKED_SEGMENTS_MAX 16

/* A path on its way into its form. */
typedef struct
{
  const char *at; /* in the target */
  char *path;
  gsize n;                 /* bytes of @path that are written */
  gsize segment;           /* where the last one begins, behind its slash */
  gboolean has_dot_escape; /* in the last segment */
} Reader;

static gboolean
is_unreserved (guchar byte)
{
  return g_ascii_isalnum (byte) || (byte != '\0' && strchr ("-._~", byte) != NULL);
}

/* “;” is missing: some servers take away what stands behind it. */
static gboolean
is_plain (guchar byte)
{
  return is_unreserved (byte) || (byte != '\0' && strchr ("!$&'()*+,=:@", byte) != NULL);
}

/* The byte that is escaped at @at, or -1. */
static int
unescape (const char *at)
{
  int high = at[0] == '%' ? g_ascii_xdigit_value (at[1]) : -1;
  int low = high >= 0 ? g_ascii_xdigit_value (at[2]) : -1;

  return low >= 0 ? high * 16 + low : -1;
}

static void
put_escape (Reader *self, int byte)
{
  static const char digits[] = "0123456789ABCDEF";

  self->path[self->n++] = '%';
  self->path[self->n++] = digits[byte >> 4];
  self->path[self->n++] = digits[byte & 15];
  self->at += ESCAPE_BYTES;
}

/* A character outside ASCII, escaped as what it must be. */
static gboolean
take_utf8 (Reader *self, int first)
{
  gsize n_bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  char bytes[UTF8_BYTES_MAX];

  for (gsize i = 0; i < n_bytes; i++)
    {
      int byte = unescape (self->at);

      if (byte < 0x80)
        return FALSE;
      bytes[i] = (char) byte;
      put_escape (self, byte);
    }

  return g_utf8_validate_len (bytes, n_bytes, NULL);
}

static gboolean
take_escape (Reader *self)
{
  int byte = unescape (self->at);

  if (byte < ' ' || byte == 0x7f || strchr ("/\\;%", byte) != NULL)
    return FALSE;
  if (byte >= 0x80)
    return take_utf8 (self, byte);
  if (!is_unreserved ((guchar) byte))
    {
      put_escape (self, byte);
      return TRUE;
    }
  self->has_dot_escape |= byte == '.';
  self->path[self->n++] = (char) byte;
  self->at += ESCAPE_BYTES;

  return TRUE;
}

/* Takes the segment before the last one away. FALSE above the root. */
static gboolean
go_up (Reader *self)
{
  if (self->segment == 1)
    return FALSE;
  self->n = self->segment - 1;
  while (self->path[self->n - 1] != '/')
    self->n--;

  return TRUE;
}

static gboolean
end_segment (Reader *self)
{
  const char *segment = self->path + self->segment;
  gsize length = self->n - self->segment;
  gboolean is_dot = length == 1 && segment[0] == '.';
  gboolean is_up = length == 2 && segment[0] == '.' && segment[1] == '.';

  if ((is_dot || is_up) && self->has_dot_escape)
    return FALSE;
  if (is_dot)
    self->n = self->segment;
  if (is_up && !go_up (self))
    return FALSE;
  if (*self->at == '/')
    {
      self->at++;
      if (self->path[self->n - 1] != '/')
        self->path[self->n++] = '/';
    }
  self->segment = self->n;
  self->has_dot_escape = FALSE;

  return TRUE;
}

static gboolean
is_end (const char *at)
{
  return *at == '\0' || *at == '?';
}

gboolean
bfy_http_path_read (const char *target, char *path)
{
  Reader self = { .at = target + 1, .path = path, .n = 1, .segment = 1 };
  gboolean is_good = *target == '/' && strlen (target) <= BFY_HTTP_TARGET_BYTES_MAX;

  path[0] = '/';
  while (is_good && !is_end (self.at))
    {
      if (*self.at == '/')
        is_good = end_segment (&self);
      else if (*self.at == '%')
        is_good = take_escape (&self);
      else if ((is_good = is_plain ((guchar) *self.at)))
        path[self.n++] = *self.at++;
    }
  is_good = is_good && end_segment (&self);
  path[self.n] = '\0';

  return is_good;
}

char *
bfy_http_target_canonicalize (const char *target)
{
  char path[BFY_HTTP_TARGET_BYTES_MAX + 1];
  const char *query = strchr (target, '?');

  if (!bfy_http_path_read (target, path))
    return NULL;

  return g_strconcat (path, query, NULL);
}

static gsize
method_length (const char *pattern)
{
  return strspn (pattern, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-");
}

static gboolean
has_glued_stars (const char *path)
{
  for (const char *stars = path; (stars = strstr (stars, "**")) != NULL; stars += 2)
    if (stars[-1] != '/' || (stars[2] != '/' && stars[2] != '\0'))
      return TRUE;

  return FALSE;
}

const char *
bfy_http_pattern_find_problem (const char *pattern)
{
  char path[BFY_HTTP_TARGET_BYTES_MAX + 1];
  gsize length = *pattern == '*' ? 1 : method_length (pattern);

  if (length == 0 || pattern[length] != ' ' || pattern[length + 1] != '/')
    return "an HTTP pattern is like “GET /repos/*”, with the method in capitals or “*”";
  pattern += length + 1;
  if (strchr (pattern, '?') != NULL)
    return "a path has no “?”: the query is not looked at";
  if (!bfy_http_path_read (pattern, path) || strcmp (path, pattern) != 0)
    return "a path is written without dot segments, “//”, “;”, and escapes that are not needed";
  if (has_glued_stars (pattern))
    return "“**” stands alone between two slashes";

  return NULL;
}

static gboolean
method_matches (const char *pattern, gsize length, const char *method, BfyHttpMatch match)
{
  if (length == 1 && *pattern == '*')
    return TRUE;
  if (match == BFY_HTTP_MATCH_LOOSE && strcmp (method, "head") == 0 && length == strlen ("get") &&
      strncmp (pattern, "get", length) == 0)
    return TRUE;

  return strncmp (pattern, method, length) == 0 && method[length] == '\0';
}

/* @segment: at its slash. */
static const char *
segment_end (const char *segment)
{
  return strchrnul (segment + 1, '/');
}

static gboolean
is_any_segments (const char *pattern)
{
  return pattern[0] == '/' && pattern[1] == '*' && pattern[2] == '*';
}

/* Goes on to the next segments if these fit. */
static gboolean
take_segment (const char **pattern, const char **path, BfyHttpMatch match)
{
  const char *pattern_start = *pattern + 1;
  const char *start = *path + 1;
  const char *pattern_end = segment_end (*pattern);
  const char *end = segment_end (*path);
  gboolean is_star = pattern_end - pattern_start == 1 && *pattern_start == '*';

  if (is_star
          ? start == end && match == BFY_HTTP_MATCH_EXACT
          : !bfy_glob_matches_span (pattern_start, pattern_end - pattern_start, start, end - start))
    return FALSE;
  *pattern = pattern_end;
  *path = end;

  return TRUE;
}

/* Whether what is left of a pattern or a path may be left. */
static gboolean
is_nothing (const char *rest, BfyHttpMatch match)
{
  return *rest == '\0' || (match == BFY_HTTP_MATCH_LOOSE && strcmp (rest, "/") == 0);
}

/* Segment by segment, both always at a slash or at their end. “**” first takes nothing, then one
 * segment more whenever what follows does not fit; an earlier one need not be tried again. */
static gboolean
path_matches (const char *pattern, const char *path, BfyHttpMatch match)
{
  const char *retry_pattern = NULL;
  const char *retry_path = NULL;

  for (;;)
    {
      if (is_any_segments (pattern))
        {
          pattern = segment_end (pattern);
          if (*pattern == '\0')
            return *path != '\0' || match == BFY_HTTP_MATCH_LOOSE;
          retry_pattern = pattern;
          retry_path = path;
        }
      else if (is_nothing (pattern, match) && is_nothing (path, match))
        {
          return TRUE;
        }
      else if (*pattern == '\0' || *path == '\0' || !take_segment (&pattern, &path, match))
        {
          if (retry_pattern == NULL || *retry_path == '\0')
            return FALSE;
          retry_path = segment_end (retry_path);
          pattern = retry_pattern;
          path = retry_path;
        }
    }
}

gboolean
bfy_http_pattern_matches (const char *pattern,
                          const char *method,
                          const char *path,
                          BfyHttpMatch match)
{
  const char *space = strchr (pattern, ' ');

  return method_matches (pattern, space - pattern, method, match) &&
         path_matches (space + 1, path, match);
}

/* The bit of a segment and its place; of an empty one: that of a path with so many segments. */
static guint64
mark_of (const char *segment, gsize length, guint place)
{
  guint64 hash = place;

  for (gsize i = 0; i < length; i++)
    hash = hash * 31 + (guchar) segment[i];

  return 1ull << (hash * 0x9e3779b97f4a7c15ull >> 58);
}

guint64
bfy_http_path_marks (const char *path)
{
  guint64 marks = 0;
  guint place = 0;

  while (path[0] == '/' && path[1] != '\0' && place < MARKED_SEGMENTS_MAX)
    {
      const char *end = segment_end (path);

      marks |= mark_of (path + 1, end - (path + 1), place++);
      path = end;
    }
  if (*path == '\0' || path[1] == '\0')
    marks |= mark_of (NULL, 0, place);
  if (*path == '/' && path[1] == '\0') /* a star may stand for nothing at the end */
    marks |= mark_of (NULL, 0, place + 1);

  return marks;
}

guint64
bfy_http_pattern_marks (const char *pattern)
{
  guint64 marks = 0;
  guint place = 0;

  for (pattern = strchr (pattern, ' ') + 1;
       pattern[0] == '/' && pattern[1] != '\0' && place < MARKED_SEGMENTS_MAX; place++)
    {
      const char *end = segment_end (pattern);
      gsize length = end - (pattern + 1);

      if (is_any_segments (pattern)) /* whatever follows may stand anywhere */
        return marks;
      if (memchr (pattern + 1, '*', length) == NULL)
        marks |= mark_of (pattern + 1, length, place);
      pattern = end;
    }
  if (*pattern == '\0' || pattern[1] == '\0')
    marks |= mark_of (NULL, 0, place);

  return marks;
}
