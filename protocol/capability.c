/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/capability.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/glob.h"
#include "protocol/http-path.h"
#include "protocol/name.h"

typedef const char *(*FindProblem) (const char *pattern);

static gboolean
refuse (GError **error, const char *member, const char *problem)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "A capability’s “%s” %s", member,
               problem);

  return FALSE;
}

static char *
dup_member (const BfyJsonSlice *object, const char *name)
{
  BfyJsonSlice value;

  return bfy_json_slice_member (object, name, &value) ? bfy_json_slice_dup_string (&value) : NULL;
}

static const char *
find_tool_problem (const char *tool)
{
  return strpbrk (tool, "?[]{}\\ ") != NULL ? "“*” is the only wildcard" : NULL;
}

static gboolean
add_pattern (const BfyJsonSlice *value,
             const char *name,
             FindProblem find_problem,
             GPtrArray *patterns,
             GError **error)
{
  g_autofree char *pattern = bfy_json_slice_dup_string (value);
  const char *problem;

  if (pattern == NULL || *pattern == '\0' || strlen (pattern) > BFY_CAPABILITY_PATTERN_BYTES_MAX)
    return refuse (error, name, "is a list of patterns");
  problem = g_str_is_ascii (pattern) ? find_problem (pattern) : "a pattern is ASCII";
  if (problem != NULL)
    return refuse (error, name, problem);
  g_ptr_array_add (patterns, g_steal_pointer (&pattern));

  return TRUE;
}

static GStrv
read_patterns (const BfyJsonSlice *object, const char *name, FindProblem check, GError **error)
{
  g_autoptr (GPtrArray) patterns = g_ptr_array_new_with_free_func (g_free);
  BfyJsonSlice array, element;
  BfyJsonIter iter;

  if (bfy_json_slice_member (object, name, &array))
    {
      if (array.type != BFY_JSON_ARRAY)
        {
          refuse (error, name, "is a list of patterns");
          return NULL;
        }
      bfy_json_iter_init (&iter, &array);
      while (bfy_json_iter_next (&iter, NULL, &element))
        if (!add_pattern (&element, name, check, patterns, error))
          return NULL;
      if (patterns->len > BFY_CAPABILITY_PATTERNS_MAX)
        {
          refuse (error, name, "has too many patterns");
          return NULL;
        }
    }
  g_ptr_array_add (patterns, NULL);

  return (GStrv) g_ptr_array_free (g_steal_pointer (&patterns), FALSE);
}

static GStrv
fold (const GStrv patterns)
{
  GStrv folded = g_strdupv (patterns);

  for (guint i = 0; folded[i] != NULL; i++)
    for (char *at = folded[i]; *at != '\0'; at++)
      *at = g_ascii_tolower (*at);

  return folded;
}

static gboolean
read_words (BfyCapability *self, const BfyJsonSlice *object, GError **error)
{
  g_autofree char *name = dup_member (object, "name");
  g_autofree char *access = dup_member (object, "access");

  self->id = dup_member (object, "id");
  if (self->id == NULL || !bfy_name_check (self->id, NULL))
    return refuse (error, "id", "is like a binding’s name");
  self->name = name != NULL ? bfy_label_normalize (name, NULL) : NULL;
  if (self->name == NULL)
    return refuse (error, "name", "is one line for people");
  if (!bfy_access_from_wire (access, &self->access))
    return refuse (error, "access", "is “read”, “write” or “danger”");

  return TRUE;
}

BfyCapability *
bfy_capability_read (const BfyJsonSlice *object, GError **error)
{
  static const char *const members[] = { "id", "name", "access", "tools", "http", NULL };
  g_autoptr (BfyCapability) self = g_new0 (BfyCapability, 1);

  if (object->type != BFY_JSON_OBJECT)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "A capability is an object");
      return NULL;
    }
  if (!bfy_json_slice_refuse_unknown (object, members, NULL))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "A capability has “id”, “name”, “access”, “tools” and “http” only");
      return NULL;
    }
  if (!read_words (self, object, error))
    return NULL;
  self->tools = read_patterns (object, "tools", find_tool_problem, error);
  if (self->tools == NULL)
    return NULL;
  self->http = read_patterns (object, "http", bfy_http_pattern_find_problem, error);
  if (self->http == NULL)
    return NULL;
  if (self->tools[0] == NULL && self->http[0] == NULL)
    {
      refuse (error, "tools", "and “http” are both empty");
      return NULL;
    }
  self->folded_tools = fold (self->tools);
  self->folded_http = fold (self->http);

  return g_steal_pointer (&self);
}

void
bfy_capability_free (BfyCapability *self)
{
  if (self == NULL)
    return;

  g_free (self->id);
  g_free (self->name);
  g_strfreev (self->tools);
  g_strfreev (self->http);
  g_strfreev (self->folded_tools);
  g_strfreev (self->folded_http);
  g_free (self);
}

static gboolean
has_tool (const GStrv globs, const char *tool)
{
  for (guint i = 0; globs[i] != NULL; i++)
    if (bfy_glob_matches (globs[i], tool))
      return TRUE;

  return FALSE;
}

static gboolean
has_http (const GStrv patterns, const char *method, const char *path, BfyHttpMatch match)
{
  for (guint i = 0; patterns[i] != NULL; i++)
    if (bfy_http_pattern_matches (patterns[i], method, path, match))
      return TRUE;

  return FALSE;
}

gboolean
bfy_capability_has_tool (const BfyCapability *self, const char *tool)
{
  return has_tool (self->tools, tool);
}

gboolean
bfy_capability_has_folded_tool (const BfyCapability *self, const char *folded_tool)
{
  return has_tool (self->folded_tools, folded_tool);
}

gboolean
bfy_capability_has_http (const BfyCapability *self, const char *method, const char *path)
{
  return has_http (self->http, method, path, BFY_HTTP_MATCH_EXACT);
}

gboolean
bfy_capability_has_folded_http (const BfyCapability *self,
                                const char *folded_method,
                                const char *folded_path)
{
  return has_http (self->folded_http, folded_method, folded_path, BFY_HTTP_MATCH_LOOSE);
}

static const BfyCapability *
at (GPtrArray *capabilities, guint index)
{
  return g_ptr_array_index (capabilities, index);
}

const BfyCapability *
bfy_capability_find_tool (GPtrArray *capabilities, const char *tool)
{
  for (guint i = 0; capabilities != NULL && i < capabilities->len; i++)
    if (bfy_capability_has_tool (at (capabilities, i), tool))
      return at (capabilities, i);

  return NULL;
}

const BfyCapability *
bfy_capability_find_http (GPtrArray *capabilities, const char *method, const char *path)
{
  for (guint i = 0; capabilities != NULL && i < capabilities->len; i++)
    if (bfy_capability_has_http (at (capabilities, i), method, path))
      return at (capabilities, i);

  return NULL;
}

const BfyCapability *
bfy_capability_find (GPtrArray *capabilities, const char *id)
{
  for (guint i = 0; capabilities != NULL && i < capabilities->len; i++)
    if (g_str_equal (at (capabilities, i)->id, id))
      return at (capabilities, i);

  return NULL;
}
