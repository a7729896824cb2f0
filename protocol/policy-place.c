/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Where a JSON pointer leads in a request, and what servers may take for what. */

#include <math.h>
#include <string.h>

#include "protocol/policy-private.h"

#define EXACT_DIGITS 15      /* a double keeps these as they are written */
#define EXACT_INTEGER 0x1p53 /* from here on machines differ */
#define INDEX_BYTES_MAX 9    /* of a place in an array */

static gboolean
is_plain (const BfyJsonSlice *key)
{
  for (gsize i = 0; i < key->length; i++)
    if ((guchar) key->start[i] >= 0x80 || key->start[i] == '\\')
      return FALSE;

  return TRUE;
}

static gboolean
is_twin_in_unicode (const BfyJsonSlice *key, const char *folded_name)
{
  g_autofree char *name = bfy_json_slice_dup_string (key);
  g_autofree char *folded = g_utf8_casefold (name, -1);

  return strcmp (folded, folded_name) == 0;
}

static gboolean
is_twin (const BfyJsonSlice *key, const char *folded_name)
{
  gsize length = key->length - 2; /* without the quotes */

  if (is_plain (key))
    return strlen (folded_name) == length &&
           g_ascii_strncasecmp (key->start + 1, folded_name, length) == 0;

  return is_twin_in_unicode (key, folded_name);
}

/* FALSE, too, when there is another member that some would take for it. */
static gboolean
enter_object (BfyJsonSlice *at, const char *name)
{
  g_auto (BfyFold) fold = { .heap = NULL };
  const char *folded_name = bfy_fold (&fold, name);
  BfyJsonSlice object = *at;
  BfyJsonSlice key, value;
  gboolean is_found = FALSE;
  BfyJsonIter iter;

  bfy_json_iter_init (&iter, &object);
  while (bfy_json_iter_next (&iter, &key, &value))
    {
      if (bfy_json_slice_equals (&key, name))
        {
          *at = value;
          is_found = TRUE;
        }
      else if (is_twin (&key, folded_name))
        {
          return FALSE;
        }
    }

  return is_found;
}

static gboolean
enter_array (BfyJsonSlice *at, const char *token)
{
  gsize length = strlen (token);
  BfyJsonSlice array = *at;
  guint64 index;
  BfyJsonIter iter;

  if (length == 0 || length > INDEX_BYTES_MAX || strspn (token, "0123456789") != length ||
      (token[0] == '0' && length > 1))
    return FALSE;
  index = g_ascii_strtoull (token, NULL, 10);
  bfy_json_iter_init (&iter, &array);
  while (bfy_json_iter_next (&iter, NULL, at))
    if (index-- == 0)
      return TRUE;

  return FALSE;
}

static gboolean
follow (const char *const *tokens, BfyJsonSlice *at)
{
  for (guint i = 1; tokens[i] != NULL; i++)
    {
      gboolean is_there = at->type == BFY_JSON_OBJECT  ? enter_object (at, tokens[i])
                          : at->type == BFY_JSON_ARRAY ? enter_array (at, tokens[i])
                                                       : FALSE;

      if (!is_there)
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_exact (const BfyJsonSlice *value, double number)
{
  gsize n_digits = 0;

  for (gsize i = 0; i < value->length; i++)
    n_digits += g_ascii_isdigit (value->start[i]) != 0;

  return n_digits <= EXACT_DIGITS && fabs (number) <= EXACT_INTEGER;
}

static gboolean
has_escape (const char *at, const char *hex)
{
  return at[0] == '%' && at[1] == hex[0] && g_ascii_tolower (at[2]) == hex[1];
}

/* The bytes of a dot or of a slash at @at, escaped or not; 0 when there is another character. */
static gsize
dot_at (const char *at)
{
  return *at == '.' ? 1 : has_escape (at, "2e") ? 3 : 0;
}

static gsize
slash_at (const char *at)
{
  return *at == '/' || *at == '\\' ? 1 : has_escape (at, "2f") || has_escape (at, "5c") ? 3 : 0;
}

static gboolean
is_dot_segment (const char *at)
{
  gsize n_dots = 0;

  for (gsize n; n_dots < 3 && (n = dot_at (at)) > 0; at += n)
    n_dots++;

  return (n_dots == 1 || n_dots == 2) && (*at == '\0' || slash_at (at) > 0);
}

/* Where the text is another path for those who resolve it. */
static void
find_slips (BfyPolicyPlace *self)
{
  gboolean has_slash = FALSE;

  if (strpbrk (self->text, "/\\%") == NULL)
    return;
  for (const char *at = self->text; *at != '\0';)
    {
      gboolean is_start = at == self->text || has_slash;
      gsize n = slash_at (at);

      if (is_start && is_dot_segment (at))
        self->has_dots = TRUE;
      if (n > 0 && (*at != '/' || (has_slash && (at - self->text < 2 || at[-2] != ':'))))
        self->has_odd_slashes = TRUE;
      has_slash = n > 0;
      at += n > 0 ? n : 1;
    }
}

static void
fold_text (BfyPolicyPlace *self)
{
  self->folded = bfy_fold (&self->fold, self->text);
  while (g_ascii_isspace (*self->folded))
    self->folded++;
  self->folded_length = strlen (self->folded);
  while (self->folded_length > 0 && g_ascii_isspace (self->folded[self->folded_length - 1]))
    self->folded_length--;
  self->is_folded =
      self->folded_length == self->length && memcmp (self->folded, self->text, self->length) == 0;
}

static void
read_string (BfyPolicyPlace *self)
{
  char *text = self->small;

  if (self->value.length > BFY_POLICY_ARGUMENT_BYTES_MAX)
    return;
  if (self->value.length >= BFY_PLACE_BYTES)
    text = self->large = g_malloc (self->value.length + 1);
  self->length = bfy_json_slice_unescape (&self->value, text);
  text[self->length] = '\0';
  self->text = text;
  find_slips (self);
  fold_text (self);
}

static void
read_number (BfyPolicyPlace *self)
{
  self->number = g_ascii_strtod (self->value.start, NULL);
  self->is_exact = is_exact (&self->value, self->number);
}

void
bfy_policy_place_read (BfyPolicyPlace *self, const char *const *tokens, const BfyJsonSlice *root)
{
  self->text = NULL;
  self->has_dots = FALSE;
  self->has_odd_slashes = FALSE;
  self->large = NULL;
  self->fold.heap = NULL;
  self->is_there = root != NULL;
  if (!self->is_there)
    return;
  self->value = *root;
  self->is_there = follow (tokens, &self->value);
  if (self->is_there && self->value.type == BFY_JSON_STRING)
    read_string (self);
  if (self->is_there && self->value.type == BFY_JSON_NUMBER)
    read_number (self);
}

void
bfy_policy_place_clear (BfyPolicyPlace *self)
{
  g_clear_pointer (&self->large, g_free);
  bfy_fold_clear (&self->fold);
}

void
bfy_policy_places_clear (BfyPolicyPlaces *self)
{
  for (guint i = 0; i < BFY_PLACES_MAX; i++)
    if ((self->known & (1u << i)) != 0)
      bfy_policy_place_clear (&self->all[i]);
  self->known = 0;
}
