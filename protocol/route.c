/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/route.h"

#include <string.h>

/* Paths are read segment by segment where they lie: a segment may be a client key, so that it must
 * not be copied anywhere but into a secret. */
typedef struct
{
  const char *start;
  gsize length;
} Segment;

/* @path is at a slash, or at its end. */
static gboolean
take_segment (const char **path, Segment *segment)
{
  if (**path != '/')
    return FALSE;

  segment->start = *path + 1;
  segment->length = strcspn (segment->start, "/");
  *path = segment->start + segment->length;

  return TRUE;
}

static gboolean
segment_is (const Segment *segment, const char *text)
{
  return segment->length == strlen (text) && memcmp (segment->start, text, segment->length) == 0;
}

static gboolean
is_usable (const Segment *segment)
{
  return segment->length > 0 && segment->length <= BFY_SECRET_BYTES_MAX &&
         !segment_is (segment, ".") && !segment_is (segment, "..");
}

static gboolean
take_usable (const char **path, Segment *segment)
{
  return take_segment (path, segment) && is_usable (segment);
}

/* One character of a segment with its escape undone, because an upstream will undo it. */
static char
take_unescaped (const char **p)
{
  int high;
  int low;

  if (**p != '%' || (high = g_ascii_xdigit_value ((*p)[1])) < 0 ||
      (low = g_ascii_xdigit_value ((*p)[2])) < 0)
    return *(*p)++;
  *p += 3;

  return (char) (high << 4 | low);
}

/* Some servers see "..", and step up, in %2e%2e, in ..%2f.., in ..\.. and in "..;x". */
static gboolean
steps_aside (const Segment *segment)
{
  const char *p = segment->start;
  const char *end = p + segment->length;
  gsize n_characters = 0;
  gsize n_dots = 0;

  while (p < end)
    {
      char c = take_unescaped (&p);

      if (c == '/' || c == '\\' || c == ';')
        {
          if (n_dots == n_characters && (n_dots == 1 || n_dots == 2))
            return TRUE;
          n_characters = n_dots = 0;
          continue;
        }
      n_characters++;
      n_dots += c == '.';
    }

  return n_dots == n_characters && (n_dots == 1 || n_dots == 2);
}

/* What is relayed to a REST service. It may end in a slash, which means something there. */
static gboolean
is_clean_rest (const char *rest)
{
  Segment segment;

  while (take_segment (&rest, &segment))
    {
      gboolean is_last = *rest == '\0';

      if ((segment.length == 0 && !is_last) || steps_aside (&segment))
        return FALSE;
    }

  return TRUE;
}

static char *
segment_dup (const Segment *segment)
{
  return g_strndup (segment->start, segment->length);
}

static gboolean
is_suffix (const Segment *segment)
{
  return segment_is (segment, "sse") || segment_is (segment, "messages");
}

static BfyRouteKind
parse_healthz (BfyRoute *route, const char *path)
{
  return *path == '\0' ? BFY_ROUTE_HEALTHZ : BFY_ROUTE_NONE;
}

static BfyRouteKind
parse_mcp (BfyRoute *route, const char *path)
{
  Segment name;
  Segment segment;

  if (!take_usable (&path, &name))
    return BFY_ROUTE_NONE;
  route->name = segment_dup (&name);
  if (*path == '\0')
    return BFY_ROUTE_MCP;

  if (!take_usable (&path, &segment))
    return BFY_ROUTE_NONE;
  if (!is_suffix (&segment))
    {
      route->presented = bfy_secret_new (segment.start, segment.length);
      if (*path == '\0')
        return BFY_ROUTE_MCP;
      if (!take_segment (&path, &segment) || !is_suffix (&segment))
        return BFY_ROUTE_NONE;
    }
  route->rest = segment_dup (&segment);

  return *path == '\0' ? BFY_ROUTE_MCP_SSE : BFY_ROUTE_NONE;
}

static BfyRouteKind
parse_http (BfyRoute *route, const char *path)
{
  Segment name;
  Segment key;
  const char *rest;

  if (!take_usable (&path, &name))
    return BFY_ROUTE_NONE;
  route->name = segment_dup (&name);

  /* Whatever starts with a tilde is a key, even a misspelt one: it must not go to the service. */
  rest = path;
  if (take_segment (&path, &key) && key.length > 0 && *key.start == '~')
    {
      if (!is_usable (&key))
        return BFY_ROUTE_NONE;
      route->presented = bfy_secret_new (key.start + 1, key.length - 1);
      rest = path;
    }
  if (!is_clean_rest (rest))
    return BFY_ROUTE_NONE;
  route->rest = g_strdup (rest);

  return BFY_ROUTE_HTTP;
}

/* A segment here is a name, an id or a label. An escaped slash is refused, so that the unescaped
 * path still has the segments of the raw one. */
static BfyRouteKind
parse_control (BfyRoute *route, const char *path)
{
  g_autoptr (GString) rest = g_string_new (NULL);
  Segment segment;

  while (take_segment (&path, &segment))
    {
      g_autofree char *text =
          g_uri_unescape_segment (segment.start, segment.start + segment.length, "/");

      if (text == NULL || !is_usable (&segment) || steps_aside (&segment) ||
          !g_utf8_validate (text, -1, NULL))
        return BFY_ROUTE_NONE;
      g_string_append_printf (rest, "/%s", text);
    }
  if (rest->len == 0)
    return BFY_ROUTE_NONE;
  route->rest = g_string_free (g_steal_pointer (&rest), FALSE);

  return BFY_ROUTE_CONTROL;
}

typedef struct
{
  const char *first;
  BfyRouteKind (*parse) (BfyRoute *route, const char *path);
} Root;

static const Root roots[] = {
  { "healthz", parse_healthz },
  { "mcp", parse_mcp },
  { "http", parse_http },
  { "v1", parse_control },
};

/* A request target has no other bytes; the query and fragment are not ours to see. */
static gboolean
is_path (const char *path)
{
  for (const char *p = path; *p != '\0'; p++)
    {
      if (!g_ascii_isgraph (*p) || *p == '?' || *p == '#')
        return FALSE;
    }

  return *path == '/';
}

static void
clear (BfyRoute *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->presented, bfy_secret_unref);
  g_clear_pointer (&self->rest, g_free);
}

BfyRoute *
bfy_route_parse (const char *path)
{
  BfyRoute *self = g_new0 (BfyRoute, 1);
  Segment first;

  if (!is_path (path) || !take_usable (&path, &first))
    return self;

  for (guint i = 0; i < G_N_ELEMENTS (roots); i++)
    {
      if (segment_is (&first, roots[i].first))
        self->kind = roots[i].parse (self, path);
    }
  if (self->kind == BFY_ROUTE_NONE)
    clear (self);

  return self;
}

void
bfy_route_free (BfyRoute *self)
{
  if (self == NULL)
    return;

  clear (self);
  g_free (self);
}
