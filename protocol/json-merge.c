/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/json-merge.h"

static void
copy_others (JsonObject *result, JsonObject *target, JsonObject *patch)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, target);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (!json_object_has_member (patch, name))
        json_object_set_member (result, name, json_node_copy (node));
    }
}

static JsonObject *
peek_object (JsonObject *target, const char *name)
{
  JsonNode *node = target != NULL ? json_object_get_member (target, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* As deep as the patch, which the parser has bounded. */
JsonObject *
bfy_json_merge (JsonObject *target, JsonObject *patch)
{
  JsonObject *result = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (target != NULL)
    copy_others (result, target, patch);
  json_object_iter_init_ordered (&iter, patch);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (JSON_NODE_HOLDS_OBJECT (node))
        json_object_set_object_member (
            result, name, bfy_json_merge (peek_object (target, name), json_node_get_object (node)));
      else if (!JSON_NODE_HOLDS_NULL (node))
        json_object_set_member (result, name, json_node_copy (node));
    }

  return result;
}
