/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What a rule says about arguments, as far as the document is concerned. */

#include <math.h>
#include <string.h>

#include "protocol/policy-private.h"

#define NUMBER_MAX 0x1p53 /* machines differ about larger ones */

void
bfy_policy_argument_free (BfyPolicyArgument *self)
{
  if (self == NULL)
    return;

  g_free (self->pointer);
  g_strfreev (self->tokens);
  g_free (self->text);
  g_free (self->folded);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPolicyArgument, bfy_policy_argument_free)

/* ~0 is a tilde and ~1 a slash (RFC 6901, 3 and 4). */
static gboolean
unescape_token (char *token)
{
  char *out = token;

  for (const char *at = token; *at != '\0'; at++)
    {
      if (*at != '~')
        *out++ = *at;
      else if (at[1] == '0' || at[1] == '1')
        *out++ = *++at == '0' ? '~' : '/';
      else
        return FALSE;
    }
  *out = '\0';

  return TRUE;
}

static const char *
read_pointer (BfyPolicyArgument *self, const char *pointer)
{
  if (*pointer != '/' || strlen (pointer) > BFY_POLICY_GLOB_BYTES_MAX)
    return "an argument is named by a JSON pointer like “/repo” or “/options/force”";
  self->pointer = g_strdup (pointer);
  self->tokens =
      g_strsplit (pointer, "/", -1); /* the first is what stands before the first slash */
  for (guint i = 0; self->tokens[i] != NULL; i++)
    if (!unescape_token (self->tokens[i]))
      return "in a JSON pointer “~” is written as “~0”";

  return NULL;
}

static gboolean
read_number (const BfyJsonSlice *value, double *number)
{
  if (value->type != BFY_JSON_NUMBER)
    return FALSE;
  *number = g_ascii_strtod (value->start, NULL);

  return fabs (*number) <= NUMBER_MAX;
}

static BfyGlob
measure (const BfyPolicyArgument *self, const char *text)
{
  return self->is_glob ? bfy_glob_measure (text, strlen (text)) : bfy_glob_measure_literal (text);
}

static const char *
take_text (BfyPolicyArgument *self, const BfyJsonSlice *value)
{
  self->type = BFY_JSON_STRING;
  self->text = bfy_json_slice_dup_string (value);
  if (strlen (self->text) > BFY_POLICY_GLOB_BYTES_MAX)
    return "a pattern is too long";
  self->folded = g_utf8_casefold (self->text, -1);
  self->is_folded = strcmp (self->text, self->folded) == 0;
  self->is_all = strspn (self->text, "*") == strlen (self->text);
  self->is_path = strchr (self->text, '/') != NULL;
  self->glob = measure (self, self->text);
  self->folded_glob = measure (self, self->folded);

  return NULL;
}

static const char *
read_equals (BfyPolicyArgument *self, const BfyJsonSlice *value)
{
  self->type = value->type;
  if (value->type == BFY_JSON_STRING)
    return take_text (self, value);
  if (value->type == BFY_JSON_OBJECT || value->type == BFY_JSON_ARRAY)
    return "“equals” is a text, a number, true, false or null";
  if (value->type == BFY_JSON_NUMBER && !read_number (value, &self->number))
    return "a number is too large";

  return NULL;
}

static const char *
read_bound (BfyPolicyArgument *self, const BfyJsonSlice *key, const BfyJsonSlice *value)
{
  gboolean is_min = bfy_json_slice_equals (key, "min");

  self->is_range = TRUE;
  *(is_min ? &self->has_min : &self->has_max) = TRUE;

  return read_number (value, is_min ? &self->min : &self->max) ? NULL
                                                               : "“min” and “max” are numbers";
}

static const char *read_test (BfyPolicyArgument *self, const BfyJsonSlice *value);

static const char *
read_member (BfyPolicyArgument *self, const BfyJsonSlice *key, const BfyJsonSlice *value)
{
  if (bfy_json_slice_equals (key, "min") || bfy_json_slice_equals (key, "max"))
    return read_bound (self, key, value);
  if (bfy_json_slice_equals (key, "equals"))
    return read_equals (self, value);
  if (bfy_json_slice_equals (key, "not") && !self->is_negated)
    {
      self->is_negated = TRUE;
      return read_test (self, value);
    }

  return "an argument is tested by a pattern, “equals”, “min” and “max”, or “not” one of these";
}

/* “min” and “max” are one. */
static gboolean
has_one_test (const BfyJsonSlice *object)
{
  BfyJsonSlice key, value;
  guint n_members = 0;
  BfyJsonIter iter;

  bfy_json_iter_init (&iter, object);
  while (bfy_json_iter_next (&iter, &key, &value))
    n_members++;

  return n_members == 1 || (n_members == 2 && bfy_json_slice_member (object, "min", &value) &&
                            bfy_json_slice_member (object, "max", &value));
}

static const char *
read_test (BfyPolicyArgument *self, const BfyJsonSlice *value)
{
  const char *problem = NULL;
  BfyJsonSlice key, member;
  BfyJsonIter iter;

  if (value->type == BFY_JSON_STRING)
    {
      self->is_glob = TRUE;
      return take_text (self, value);
    }
  if (value->type != BFY_JSON_OBJECT)
    return "an argument is tested by a pattern or by an object";

  if (!has_one_test (value))
    return "an argument has one test";

  bfy_json_iter_init (&iter, value);
  while (problem == NULL && bfy_json_iter_next (&iter, &key, &member))
    problem = read_member (self, &key, &member);
  if (problem == NULL && self->has_min && self->has_max && self->min > self->max)
    problem = "“min” is above “max”";

  return problem;
}

BfyPolicyArgument *
bfy_policy_argument_read (const char *pointer, const BfyJsonSlice *value, const char **problem)
{
  g_autoptr (BfyPolicyArgument) self = g_new0 (BfyPolicyArgument, 1);

  *problem = read_pointer (self, pointer);
  if (*problem == NULL)
    *problem = read_test (self, value);

  return *problem == NULL ? g_steal_pointer (&self) : NULL;
}
