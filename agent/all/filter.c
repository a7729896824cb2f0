/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/filter.h"

#include <string.h>

#include "agent/all/name.h"

static const struct
{
  const char *member;
  const char *method;
} changes[] = {
  [BFY_ALL_TOOLS_CHANGED] = { "toolsListChanged", "notifications/tools/list_changed" },
  [BFY_ALL_PROMPTS_CHANGED] = { "promptsListChanged", "notifications/prompts/list_changed" },
  [BFY_ALL_RESOURCES_CHANGED] = { "resourcesListChanged", "notifications/resources/list_changed" },
};

void
bfy_all_filter_init (BfyAllFilter *filter)
{
  memset (filter, 0, sizeof *filter);
  filter->uris = g_ptr_array_new_with_free_func (g_free);
  filter->tasks = g_ptr_array_new_with_free_func (g_free);
}

void
bfy_all_filter_clear (BfyAllFilter *filter)
{
  g_clear_pointer (&filter->uris, g_ptr_array_unref);
  g_clear_pointer (&filter->tasks, g_ptr_array_unref);
}

static void
read_strings (const BfyJsonSlice *object, const char *member, GPtrArray *strings)
{
  BfyJsonSlice array, key, item;
  BfyJsonIter iter;

  if (!bfy_json_slice_member (object, member, &array) || array.type != BFY_JSON_ARRAY)
    return;
  bfy_json_iter_init (&iter, &array);
  while (strings->len < BFY_ALL_SUBSCRIPTIONS_MAX && bfy_json_iter_next (&iter, &key, &item))
    {
      char *text = bfy_json_slice_dup_string (&item);

      if (text != NULL)
        g_ptr_array_add (strings, text);
    }
}

void
bfy_all_filter_read (BfyAllFilter *filter, const BfyJsonSlice *notifications)
{
  BfyJsonSlice found;

  for (guint i = 0; i < BFY_ALL_N_CHANGES; i++)
    filter->wants[i] = bfy_json_slice_member (notifications, changes[i].member, &found) &&
                       found.type == BFY_JSON_TRUE;
  read_strings (notifications, "resourceSubscriptions", filter->uris);
  read_strings (notifications, "taskIds", filter->tasks);
}

gboolean
bfy_all_filter_is_empty (const BfyAllFilter *filter)
{
  gboolean wants = filter->uris->len > 0 || filter->tasks->len > 0;

  for (guint i = 0; i < BFY_ALL_N_CHANGES; i++)
    wants = wants || filter->wants[i];

  return !wants;
}

static char *
split_task (const char *text, char **id)
{
  const char *rest = NULL;
  char *prefix = bfy_all_name_split (text, &rest);

  *id = g_strdup (rest);

  return prefix;
}

/* Those of the binding with @prefix, or all. */
static void
append_strings (GString *out,
                const char *member,
                GPtrArray *strings,
                const char *prefix,
                char *(*split) (const char *text, char **inner))
{
  gboolean is_first = TRUE;

  for (guint i = 0; i < strings->len; i++)
    {
      const char *text = strings->pdata[i];
      g_autofree char *inner = NULL;
      g_autofree char *owner = split (text, &inner);

      if (prefix != NULL && g_strcmp0 (owner, prefix) != 0)
        continue;
      if (is_first)
        g_string_append_printf (out, "%s\"%s\":[", out->len > 1 ? "," : "", member);
      else
        g_string_append_c (out, ',');
      is_first = FALSE;
      bfy_json_append_string (out, prefix != NULL ? inner : text, -1);
    }
  if (!is_first)
    g_string_append_c (out, ']');
}

char *
bfy_all_filter_format (const BfyAllFilter *filter, const char *prefix)
{
  GString *out = g_string_new ("{");

  for (guint i = 0; i < BFY_ALL_N_CHANGES; i++)
    if (filter->wants[i])
      g_string_append_printf (out, "%s\"%s\":true", out->len > 1 ? "," : "", changes[i].member);
  append_strings (out, "resourceSubscriptions", filter->uris, prefix, bfy_all_uri_split);
  append_strings (out, "taskIds", filter->tasks, prefix, split_task);
  g_string_append_c (out, '}');

  return g_string_free (out, FALSE);
}

const char *
bfy_all_change_method (BfyAllChange change)
{
  return changes[change].method;
}

BfyAllChange
bfy_all_change_find (const BfyJsonSlice *method)
{
  for (guint i = 0; i < BFY_ALL_N_CHANGES; i++)
    if (bfy_json_slice_equals (method, changes[i].method))
      return i;

  return BFY_ALL_N_CHANGES;
}
