/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Where in an HTTP request GraphQL is: in the query as “query”, in a JSON body as member “query” of
 * an object or of each of an array, or as the whole body. */

#include <string.h>

#include "protocol/graphql.h"
#include "protocol/json.h"

#define QUERY_BYTES_MAX (64 * 1024) /* in the query of a URL; more is not read */
#define MEMBER "query"

static gboolean
is_version (const char *segment, gsize length)
{
  const char *digits = *segment == 'v' ? segment + 1 : segment;

  return length > 0 && strspn (digits, "0123456789.-") == (gsize) (segment + length - digits) &&
         digits < segment + length;
}

static gboolean
is_word (const char *segment, gsize length, const char *word)
{
  return strlen (word) == length && memcmp (segment, word, length) == 0;
}

/* Narrow on purpose: in any other path “graphql” may be the name of something. */
static gboolean
is_graphql_path (const char *path)
{
  for (const char *segment = path + 1;; segment++)
    {
      gsize length = strcspn (segment, "/");

      if (segment[length] == '\0')
        return is_word (segment, length, "graphql") || is_word (segment, length, "graphql.json");
      if (!is_word (segment, length, "api") && !is_word (segment, length, "admin") &&
          !is_version (segment, length))
        return FALSE;
      segment += length;
    }
}

/* The value of a form is decoded in place into @out, which is as long. */
static gsize
decode_form (const char *text, gsize length, char *out)
{
  gsize n = 0;

  for (gsize i = 0; i < length; i++)
    {
      int high = text[i] == '%' && i + 2 < length ? g_ascii_xdigit_value (text[i + 1]) : -1;
      int low = high >= 0 ? g_ascii_xdigit_value (text[i + 2]) : -1;

      if (low >= 0)
        i += 2;
      out[n++] = low >= 0 ? (char) (high * 16 + low) : text[i] == '+' ? ' ' : text[i];
    }

  return n;
}

static BfyGraphql
scan_parameter (const char *parameter, gsize length, char *buffer)
{
  gsize n = decode_form (parameter, length, buffer);
  gsize n_name = strlen (MEMBER);

  if (n <= n_name || g_ascii_strncasecmp (buffer, MEMBER, n_name) != 0 || buffer[n_name] != '=')
    return BFY_GRAPHQL_NONE;

  return bfy_graphql_scan (buffer + n_name + 1, n - n_name - 1);
}

static BfyGraphql
scan_query (const char *query)
{
  BfyGraphql found = BFY_GRAPHQL_NONE;
  gsize length = strlen (query);
  g_autofree char *buffer = NULL;

  if (length > QUERY_BYTES_MAX)
    return BFY_GRAPHQL_UNREAD;
  buffer = g_malloc (length + 1);
  for (const char *at = query; *at != '\0';)
    {
      gsize n = strcspn (at, "&;");

      found |= scan_parameter (at, n, buffer);
      at += n + (at[n] != '\0');
    }

  return found;
}

static BfyGraphql
scan_string (const BfyJsonSlice *string)
{
  g_autofree char *text = bfy_json_slice_dup_string (string);

  return text != NULL ? bfy_graphql_scan (text, strlen (text)) : BFY_GRAPHQL_UNREAD;
}

static gboolean
is_lookalike (const BfyJsonSlice *key)
{
  g_autofree char *name = bfy_json_slice_dup_string (key);

  return g_ascii_strcasecmp (name, MEMBER) == 0;
}

/* One request in JSON; without a text it may be one that the server has stored. */
static BfyGraphql
scan_object (const BfyJsonSlice *object)
{
  BfyGraphql found = BFY_GRAPHQL_NONE;
  BfyJsonSlice key, value;
  BfyJsonIter iter;

  if (object->type != BFY_JSON_OBJECT)
    return BFY_GRAPHQL_UNREAD;
  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      if (bfy_json_slice_equals (&key, MEMBER))
        found |= scan_string (&value);
      else if (is_lookalike (&key))
        found |= scan_string (&value) | BFY_GRAPHQL_UNREAD;
    }

  return found != BFY_GRAPHQL_NONE ? found : BFY_GRAPHQL_UNREAD;
}

static BfyGraphql
scan_json (const char *body, gsize length)
{
  BfyGraphql found = BFY_GRAPHQL_NONE;
  BfyJsonSlice root, element;
  BfyJsonIter iter;

  if (!bfy_json_check (body, length, NULL))
    return BFY_GRAPHQL_UNREAD;
  bfy_json_slice_root (body, length, &root);
  if (root.type != BFY_JSON_ARRAY)
    return scan_object (&root);
  bfy_json_iter_init (&iter, &root);
  while (bfy_json_iter_next (&iter, NULL, &element))
    found |= scan_object (&element);

  return found != BFY_GRAPHQL_NONE ? found : BFY_GRAPHQL_UNREAD;
}

static gboolean
is_type (const char *content_type, const char *type)
{
  gsize length = content_type != NULL ? strcspn (content_type, "; \t") : 0;

  return length == strlen (type) && g_ascii_strncasecmp (content_type, type, length) == 0;
}

static BfyGraphql
scan_body (const char *content_type, const char *body, gsize length)
{
  if (length == 0)
    return BFY_GRAPHQL_NONE;
  if (is_type (content_type, "application/json") ||
      is_type (content_type, "application/graphql+json"))
    return scan_json (body, length);
  if (is_type (content_type, "application/graphql"))
    return bfy_graphql_scan (body, length);

  return BFY_GRAPHQL_UNREAD;
}

BfyGraphqlRequest
bfy_graphql_of_http (const char *path,
                     const char *query,
                     const char *content_type,
                     const char *body,
                     gsize body_length,
                     gboolean everywhere)
{
  BfyGraphqlRequest request = { BFY_GRAPHQL_NONE, is_graphql_path (path) };
  gboolean is_empty = body_length == 0 && (query == NULL || *query == '\0');

  if (!request.is_endpoint && !everywhere)
    return request;
  request.operations = query != NULL ? scan_query (query) : BFY_GRAPHQL_NONE;
  request.operations |= scan_body (content_type, body, body_length);
  if (request.is_endpoint && request.operations == BFY_GRAPHQL_NONE && !is_empty)
    request.operations = BFY_GRAPHQL_UNREAD;
  if (!request.is_endpoint) /* there most bodies are something else */
    request.operations &= ~BFY_GRAPHQL_UNREAD;
  else if ((request.operations & BFY_GRAPHQL_UNREAD) != 0)
    request.operations = BFY_GRAPHQL_ANY;

  return request;
}
