/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/connect/merge.h"

#include <string.h>

#include "client/rewrite/rewrite.h"

/* What a new entry says for want of anything better. */
static const char *const suggested[] = { "description", "envs", "env_keys", "timeout", NULL };

/* (transfer container) */
static const char **
join_path (const char *const *path, const char *name)
{
  guint n = g_strv_length ((GStrv) path);
  const char **longer = g_new0 (const char *, n + 2);

  for (guint i = 0; i < n; i++)
    longer[i] = path[i];
  longer[n] = name;

  return longer;
}

static char *
merge_member (
    BfyForm form, const char *text, const char *const *path, JsonNode *value, GError **error)
{
  const char *name = path[g_strv_length ((GStrv) path) - 1];
  g_autoptr (BfyPlace) root = bfy_place_parse (form, text, strlen (text), error);
  const BfyPlace *place;

  if (root == NULL)
    return NULL;
  place = bfy_place_find (root, path);
  if (place != NULL && (g_strv_contains (suggested, name) || bfy_rewrite_says (place, value)))
    return g_strdup (text);
  if (place != NULL && place->kind == BFY_PLACE_MAP && JSON_NODE_HOLDS_OBJECT (value))
    return bfy_connect_merge (form, text, path, json_node_get_object (value), error);

  return bfy_rewrite_set (form, text, path, value, error);
}

char *
bfy_connect_merge (
    BfyForm form, const char *text, const char *const *path, JsonObject *entry, GError **error)
{
  g_autofree char *merged = g_strdup (text);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, entry);
  while (merged != NULL && json_object_iter_next_ordered (&iter, &name, &value))
    {
      g_autofree const char **member = join_path (path, name);
      char *next = merge_member (form, merged, member, value, error);

      g_free (merged);
      merged = next;
    }

  return g_steal_pointer (&merged);
}
