/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whether an argument is as a rule says. There are three answers, because a server need not see an
 * argument as we do: it may take "5" for 5, MAIN for main, a missing one for its default, and a
 * path for another. Where the answers of servers may differ it is “unsure”, which fits no rule that
 * allows and every rule that does not; “not” leaves it as it is. */

#include <math.h>
#include <string.h>

#include "protocol/glob.h"
#include "protocol/policy-private.h"

#define SMALL_BYTES 512      /* of a string that is looked at on the stack */
#define EXACT_DIGITS 15      /* a double keeps these as they are written */
#define EXACT_INTEGER 0x1p53 /* from here on machines differ */
#define INDEX_BYTES_MAX 9    /* of a place in an array */

/* --- Following the pointer --- */

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
follow (const BfyPolicyArgument *self, BfyJsonSlice *at)
{
  for (guint i = 1; self->tokens[i] != NULL; i++)
    {
      gboolean is_there = at->type == BFY_JSON_OBJECT  ? enter_object (at, self->tokens[i])
                          : at->type == BFY_JSON_ARRAY ? enter_array (at, self->tokens[i])
                                                       : FALSE;

      if (!is_there)
        return FALSE;
    }

  return TRUE;
}

/* --- Numbers --- */

static gboolean
is_exact (const BfyJsonSlice *value, double number)
{
  gsize n_digits = 0;

  for (gsize i = 0; i < value->length; i++)
    n_digits += g_ascii_isdigit (value->start[i]) != 0;

  return n_digits <= EXACT_DIGITS && fabs (number) <= EXACT_INTEGER;
}

static gboolean
is_number (const BfyPolicyArgument *self, double number)
{
  if (!self->is_range)
    return number == self->number;

  return (!self->has_min || number >= self->min) && (!self->has_max || number <= self->max);
}

/* Some cut a fraction off, some round it. */
static BfyFit
number_fits (const BfyPolicyArgument *self, const BfyJsonSlice *value)
{
  double number = g_ascii_strtod (value->start, NULL);
  gboolean fits = is_number (self, number);

  if (!is_exact (value, number) || is_number (self, floor (number)) != fits ||
      is_number (self, ceil (number)) != fits)
    return BFY_FIT_UNSURE;

  return fits ? BFY_FIT_YES : BFY_FIT_NO;
}

/* --- Strings --- */

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

/* A text with dot segments; with @is_path, one with doubled or odd slashes, too. */
static gboolean
is_slippery (const char *text, gboolean is_path)
{
  gboolean has_slash = FALSE;

  for (const char *at = text; *at != '\0';)
    {
      gboolean is_start = at == text || has_slash;
      gsize n = slash_at (at);

      if (is_start && is_dot_segment (at) && (at != text || strpbrk (at, "/\\%") != NULL))
        return TRUE;
      if (is_path && n > 0 && (*at != '/' || (has_slash && (at - text < 2 || at[-2] != ':'))))
        return TRUE;
      has_slash = n > 0;
      at += n > 0 ? n : 1;
    }

  return FALSE;
}

static gboolean
is_all (const char *glob)
{
  return strspn (glob, "*") == strlen (glob);
}

static gboolean
text_matches (const BfyPolicyArgument *self, const char *pattern, const char *text)
{
  return self->is_glob ? bfy_glob_matches (pattern, text) : strcmp (pattern, text) == 0;
}

/* @text is changed. */
static BfyFit
text_fits (const BfyPolicyArgument *self, char *text)
{
  g_auto (BfyFold) fold = { .heap = NULL };
  gboolean fits = text_matches (self, self->text, text);

  if (self->is_glob ? is_all (self->text) : fits)
    return BFY_FIT_YES;
  if (is_slippery (text, strchr (self->text, '/') != NULL))
    return BFY_FIT_UNSURE;
  if (fits)
    return BFY_FIT_YES;
  if (text_matches (self, self->folded, bfy_fold (&fold, g_strstrip (text))))
    return BFY_FIT_UNSURE;

  return BFY_FIT_NO;
}

static BfyFit
string_fits (const BfyPolicyArgument *self, const BfyJsonSlice *value)
{
  char small[SMALL_BYTES];
  g_autofree char *large = NULL;
  char *text = small;

  if (value->length > BFY_POLICY_ARGUMENT_BYTES_MAX)
    return self->is_glob && is_all (self->text) ? BFY_FIT_YES : BFY_FIT_UNSURE;
  if (value->length >= SMALL_BYTES)
    text = large = g_malloc (value->length + 1);
  text[bfy_json_slice_unescape (value, text)] = '\0';

  return text_fits (self, text);
}

/* --- All together --- */

static BfyFit
value_fits (const BfyPolicyArgument *self, const BfyJsonSlice *value)
{
  BfyJsonType type = self->is_range ? BFY_JSON_NUMBER : self->type;

  if (type == BFY_JSON_NUMBER && value->type == BFY_JSON_NUMBER)
    return number_fits (self, value);
  if (type == BFY_JSON_STRING && value->type == BFY_JSON_STRING)
    return string_fits (self, value);
  if (type == value->type)
    return BFY_FIT_YES;
  if (type == BFY_JSON_NULL || ((type == BFY_JSON_TRUE || type == BFY_JSON_FALSE) &&
                                (value->type == BFY_JSON_TRUE || value->type == BFY_JSON_FALSE)))
    return BFY_FIT_NO;

  return BFY_FIT_UNSURE;
}

BfyFit
bfy_policy_argument_fits (const BfyPolicyArgument *self, const BfyJsonSlice *root)
{
  BfyJsonSlice at;
  BfyFit fit;

  if (root == NULL)
    return BFY_FIT_UNSURE;
  at = *root;
  if (!follow (self, &at))
    return BFY_FIT_UNSURE;
  fit = value_fits (self, &at);

  return self->is_negated ? BFY_FIT_YES - fit : fit;
}
