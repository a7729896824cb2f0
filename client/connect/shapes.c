/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The entry of one server, in the shape that each client wants. */

#include "client/connect/servers.h"

#define GOOSE_TIMEOUT_S 300

static JsonArray *
words_to_array (const char *const *words)
{
  JsonArray *array = json_array_new ();

  for (; *words != NULL; words++)
    json_array_add_string_element (array, *words);

  return array;
}

static void
add_address (JsonObject *entry, const BfyConnectServer *server)
{
  JsonObject *headers = json_object_new ();
  g_autofree char *value = g_strconcat ("Bearer ", server->key, NULL);

  json_object_set_string_member (headers, "Authorization", value);
  json_object_set_string_member (entry, "url", server->url);
  json_object_set_object_member (entry, "headers", headers);
}

static void
add_command (JsonObject *entry, const char *name, const BfyConnectServer *server)
{
  json_object_set_string_member (entry, name, server->argv[0]);
  json_object_set_array_member (entry, "args", words_to_array (server->argv + 1));
}

static void
fill_typed (JsonObject *entry, const BfyConnectServer *server)
{
  json_object_set_string_member (entry, "type", server->url != NULL ? "http" : "stdio");
  if (server->url != NULL)
    add_address (entry, server);
  else
    add_command (entry, "command", server);
}

static void
fill_plain (JsonObject *entry, const BfyConnectServer *server)
{
  if (server->url != NULL)
    fill_typed (entry, server);
  else
    add_command (entry, "command", server);
}

static void
fill_cline (JsonObject *entry, const BfyConnectServer *server)
{
  if (server->url != NULL)
    {
      json_object_set_string_member (entry, "type", "streamableHttp");
      add_address (entry, server);
    }
  else
    add_command (entry, "command", server);
  json_object_set_boolean_member (entry, "disabled", FALSE);
}

static void
fill_opencode (JsonObject *entry, const BfyConnectServer *server)
{
  json_object_set_string_member (entry, "type", server->url != NULL ? "remote" : "local");
  if (server->url != NULL)
    add_address (entry, server);
  else
    json_object_set_array_member (entry, "command", words_to_array (server->argv));
  json_object_set_boolean_member (entry, "enabled", TRUE);
}

static void
fill_goose (JsonObject *entry, const BfyConnectServer *server)
{
  json_object_set_boolean_member (entry, "enabled", TRUE);
  json_object_set_string_member (entry, "type", "stdio");
  json_object_set_string_member (entry, "name", server->name);
  json_object_set_string_member (entry, "description", "");
  add_command (entry, "cmd", server);
  json_object_set_object_member (entry, "envs", json_object_new ());
  json_object_set_array_member (entry, "env_keys", json_array_new ());
  json_object_set_int_member (entry, "timeout", GOOSE_TIMEOUT_S);
}

static void
fill_item (JsonObject *entry, const BfyConnectServer *server)
{
  json_object_set_string_member (entry, "name", server->name);
  json_object_set_string_member (entry, "type", "stdio");
  add_command (entry, "command", server);
}

JsonNode *
bfy_connect_entry (const BfyConnectStyle *style, const BfyConnectServer *server)
{
  static void (*const fill[]) (JsonObject * entry, const BfyConnectServer *server) = {
    [BFY_SHAPE_PLAIN] = fill_plain, [BFY_SHAPE_TYPED] = fill_typed,
    [BFY_SHAPE_CLINE] = fill_cline, [BFY_SHAPE_OPENCODE] = fill_opencode,
    [BFY_SHAPE_GOOSE] = fill_goose, [BFY_SHAPE_ITEM] = fill_item,
  };
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *entry = json_object_new ();

  fill[style->shape](entry, server);
  json_node_take_object (node, entry);

  return node;
}
