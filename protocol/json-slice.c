/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Walking over checked text in place. The answers are right for checked text only, but nothing here
 * reads outside the slice or loops for ever on any other. */

#include <string.h>

#include "protocol/json-private.h"
#include "protocol/json.h"

/* Skips white space and one kind of punctuation. */
static const char *
skip_space_and (const char *at, const char *end, char punctuation)
{
  while (at < end && (bfy_json_is_space (*at) || *at == punctuation))
    at++;

  return at;
}

/* By an odd number of backslashes, none of them before @start. */
static gboolean
is_escaped (const char *start, const char *quote)
{
  const char *at = quote;

  while (at > start && at[-1] == '\\')
    at--;

  return (quote - at) % 2 == 1;
}

static const char *
skip_string (const char *at, const char *end)
{
  const char *start = at + 1;
  const char *quote;

  for (at = start; (quote = memchr (at, '"', end - at)) != NULL; at = quote + 1)
    if (!is_escaped (start, quote))
      return quote + 1;

  return end;
}

static const char *
skip_container (const char *at, const char *end)
{
  guint depth = 0;

  do
    {
      if (*at == '"')
        {
          at = skip_string (at, end);
          continue;
        }
      if (*at == '{' || *at == '[')
        depth++;
      else if (*at == '}' || *at == ']')
        depth--;
      at++;
    }
  while (depth > 0 && at < end);

  return at;
}

static const char *
skip_word (const char *at, const char *end)
{
  do
    at++;
  while (at < end && !bfy_json_is_space (*at) && *at != ',' && *at != ']' && *at != '}');

  return at;
}

static BfyJsonType
type_of (char first)
{
  switch (first)
    {
    case '{':
      return BFY_JSON_OBJECT;
    case '[':
      return BFY_JSON_ARRAY;
    case '"':
      return BFY_JSON_STRING;
    case 't':
      return BFY_JSON_TRUE;
    case 'f':
      return BFY_JSON_FALSE;
    case 'n':
      return BFY_JSON_NULL;
    default:
      return BFY_JSON_NUMBER;
    }
}

/* *@at must be before @end. */
static void
take_value (const char **at, const char *end, BfyJsonSlice *value)
{
  const char *start = *at;

  value->type = type_of (*start);
  value->start = start;
  if (value->type == BFY_JSON_STRING)
    *at = skip_string (start, end);
  else if (value->type == BFY_JSON_OBJECT || value->type == BFY_JSON_ARRAY)
    *at = skip_container (start, end);
  else
    *at = skip_word (start, end);
  value->length = *at - start;
}

void
bfy_json_slice_root (const char *text, gsize length, BfyJsonSlice *root)
{
  const char *end = text + length;
  const char *at = skip_space_and (text, end, ' ');

  if (at < end)
    take_value (&at, end, root);
  else
    *root = (BfyJsonSlice){ BFY_JSON_NULL, at, 0 };
}

void
bfy_json_iter_init (BfyJsonIter *iter, const BfyJsonSlice *container)
{
  gboolean has_content =
      (container->type == BFY_JSON_OBJECT || container->type == BFY_JSON_ARRAY) &&
      container->length > 2;

  iter->next = has_content ? container->start + 1 : container->start;
  iter->end = has_content ? container->start + container->length - 1 : container->start;
  iter->in_object = container->type == BFY_JSON_OBJECT;
}

gboolean
bfy_json_iter_next (BfyJsonIter *iter, BfyJsonSlice *key, BfyJsonSlice *value)
{
  const char *at = skip_space_and (iter->next, iter->end, ',');

  if (at < iter->end && iter->in_object)
    {
      take_value (&at, iter->end, key);
      at = skip_space_and (at, iter->end, ':');
    }
  if (at >= iter->end)
    {
      iter->next = iter->end;
      return FALSE;
    }
  take_value (&at, iter->end, value);
  iter->next = at;

  return TRUE;
}

gboolean
bfy_json_slice_member (const BfyJsonSlice *object, const char *name, BfyJsonSlice *value)
{
  BfyJsonSlice key, candidate;
  BfyJsonIter iter;

  if (object->type != BFY_JSON_OBJECT)
    return FALSE;

  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &key, &candidate))
    {
      if (bfy_json_slice_equals (&key, name))
        {
          *value = candidate;
          return TRUE;
        }
    }

  return FALSE;
}

guint
bfy_json_line (const char *text, const char *at)
{
  guint line = 1;

  for (; text < at; text++)
    line += *text == '\n';

  return line;
}
