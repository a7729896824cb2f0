/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/connect/servers.h"

#include <string.h>

#include "client/connect/merge.h"
#include "client/rewrite/rewrite.h"
#include "protocol/client-key.h"
#include "protocol/error.h"
#include "protocol/name.h"

#define GOOSE_TIMEOUT_S 300
#define DOOR_PATH "/mcp/"

/* What stands there */

static void
found_free (BfyConnectFound *self)
{
  g_free (self->name);
  g_free (self->binding);
  g_free (self);
}

static void
add_texts (GPtrArray *words, const BfyPlace *list)
{
  if (list == NULL || list->kind != BFY_PLACE_LIST)
    return;
  for (guint i = 0; i < list->children->len; i++)
    {
      const BfyPlace *item = g_ptr_array_index (list->children, i);

      if (item->text != NULL)
        g_ptr_array_add (words, item->text);
    }
}

/* The command line of an entry, however it is written. (transfer container) */
static GPtrArray *
read_words (const BfyPlace *entry)
{
  static const char *const names[] = { "command", "cmd" };
  GPtrArray *words = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (names) && words->len == 0; i++)
    {
      const BfyPlace *command = bfy_place_find_member (entry, names[i]);

      /* YAML writes words without quotes. */
      if (command != NULL && command->text != NULL)
        g_ptr_array_add (words, command->text);
      else
        add_texts (words, command);
    }
  add_texts (words, bfy_place_find_member (entry, "args"));

  return words;
}

static char *
dup_name (const char *word)
{
  return bfy_name_check (word, NULL) ? g_strdup (word) : NULL;
}

/* The binding of a command line of ours. */
static char *
read_command (GPtrArray *words)
{
  g_autofree char *program =
      words->len > 0 ? g_path_get_basename (g_ptr_array_index (words, 0)) : g_strdup ("");
  guint at = 1;

  if (g_str_equal (program, "bindify") && words->len > 1 &&
      g_str_equal (g_ptr_array_index (words, 1), "mcp"))
    at = 2;
  else if (!g_str_equal (program, "bindify-mcp"))
    return NULL;
  for (; at < words->len; at++)
    {
      const char *word = g_ptr_array_index (words, at);

      if (g_str_equal (word, "--all"))
        return g_strdup (BFY_NAME_OF_ALL);
      if (g_str_equal (word, "--socket") || g_str_equal (word, "--key-file"))
        at++;
      else if (*word != '-')
        return dup_name (word);
    }

  return NULL;
}

/* That of an address of the agent, which comes with a key of the agent's. */
static char *
read_address (const BfyPlace *entry)
{
  const BfyPlace *headers = bfy_place_find_member (entry, "headers");
  const char *key = headers != NULL ? bfy_place_get_text (headers, "Authorization") : NULL;
  const char *url = bfy_place_get_text (entry, "url");
  const char *name = url != NULL ? strstr (url, DOOR_PATH) : NULL;

  if (name == NULL || key == NULL || strstr (key, BFY_CLIENT_KEY_PREFIX) == NULL)
    return NULL;

  return dup_name (name + strlen (DOOR_PATH));
}

static BfyConnectFound *
read_entry (const BfyPlace *entry)
{
  BfyConnectFound *found = g_new0 (BfyConnectFound, 1);
  const BfyPlace *name = bfy_place_find_member (entry, "name");
  g_autoptr (GPtrArray) words = read_words (entry);

  if (entry->name != NULL)
    found->name = g_strdup (entry->name);
  else
    found->name = g_strdup (name != NULL && name->text != NULL ? name->text : "");
  found->binding = read_command (words);
  if (found->binding == NULL)
    {
      found->binding = read_address (entry);
      found->has_key = found->binding != NULL;
    }

  return found;
}

static const char *
seeded (const BfyConnectStyle *style, const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0' ? style->seed : text;
}

GPtrArray *
bfy_connect_read (const BfyConnectStyle *style, const char *text, GError **error)
{
  const char *whole = seeded (style, text);
  g_autoptr (BfyPlace) root = bfy_place_parse (style->form, whole, strlen (whole), error);
  const BfyPlace *servers;
  GPtrArray *found;

  if (root == NULL)
    return NULL;
  found = g_ptr_array_new_with_free_func ((GDestroyNotify) found_free);
  servers = bfy_place_find_member (root, style->servers);
  for (guint i = 0; servers != NULL && servers->children != NULL && i < servers->children->len; i++)
    {
      const BfyPlace *entry = g_ptr_array_index (servers->children, i);

      if (entry->kind == BFY_PLACE_MAP)
        g_ptr_array_add (found, read_entry (entry));
      else
        {
          BfyConnectFound *other = g_new0 (BfyConnectFound, 1);

          other->name = g_strdup (entry->name != NULL ? entry->name : "");
          g_ptr_array_add (found, other);
        }
    }

  return found;
}

const BfyConnectFound *
bfy_connect_look_up (GPtrArray *found, const char *name)
{
  for (guint i = 0; i < found->len; i++)
    {
      const BfyConnectFound *one = g_ptr_array_index (found, i);

      if (g_str_equal (one->name, name))
        return one;
    }

  return NULL;
}

/* An entry */

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

/* In and out */

/* The number of the item of that name, as a path has it; "-" for none. */
static char *
find_item (GPtrArray *found, const char *name)
{
  for (guint i = 0; i < found->len; i++)
    {
      const BfyConnectFound *one = g_ptr_array_index (found, i);

      if (g_str_equal (one->name, name))
        return g_strdup_printf ("%u", i);
    }

  return g_strdup ("-");
}

static char *
find_step (const BfyConnectStyle *style, GPtrArray *found, const char *name)
{
  return style->shape == BFY_SHAPE_ITEM ? find_item (found, name) : g_strdup (name);
}

/* Ours, and started or called as @server is. */
static gboolean
is_of_kind (GPtrArray *found, const BfyConnectServer *server)
{
  const BfyConnectFound *there = bfy_connect_look_up (found, server->name);

  return there != NULL && there->binding != NULL && there->has_key == (server->url != NULL);
}

/* Whether there is a list to put something into. */
static gboolean
has_list (const BfyConnectStyle *style, const char *text)
{
  g_autoptr (BfyPlace) root = bfy_place_parse (style->form, text, strlen (text), NULL);
  const BfyPlace *servers = root != NULL ? bfy_place_find_member (root, style->servers) : NULL;

  return servers != NULL && servers->kind == BFY_PLACE_LIST;
}

/* A list has to be there before something can be put into it. */
static char *
put_first_item (const BfyConnectStyle *style, const char *text, JsonNode *entry, GError **error)
{
  const char *const path[] = { style->servers, NULL };
  g_autoptr (JsonNode) list = json_node_new (JSON_NODE_ARRAY);
  JsonArray *items = json_array_new ();

  json_array_add_element (items, json_node_ref (entry));
  json_node_take_array (list, items);

  return bfy_rewrite_set (style->form, text, path, list, error);
}

char *
bfy_connect_put (const BfyConnectStyle *style,
                 const char *text,
                 const BfyConnectServer *server,
                 GError **error)
{
  const char *whole = seeded (style, text);
  g_autoptr (GPtrArray) found = bfy_connect_read (style, whole, error);
  g_autofree char *step = found != NULL ? find_step (style, found, server->name) : NULL;
  const char *const path[] = { style->servers, step, NULL };
  g_autoptr (JsonNode) entry = bfy_connect_entry (style, server);

  if (step == NULL)
    return NULL;
  if (style->shape == BFY_SHAPE_ITEM && !has_list (style, whole))
    return put_first_item (style, whole, entry, error);
  if (is_of_kind (found, server))
    return bfy_connect_merge (style->form, whole, path, json_node_get_object (entry), error);

  return bfy_rewrite_set (style->form, whole, path, entry, error);
}

char *
bfy_connect_take (const BfyConnectStyle *style, const char *text, const char *name, GError **error)
{
  g_autoptr (GPtrArray) found = bfy_connect_read (style, text, error);
  g_autofree char *step = found != NULL ? find_step (style, found, name) : NULL;
  const char *const path[] = { style->servers, step, NULL };

  return step != NULL ? bfy_rewrite_remove (style->form, text, path, error) : NULL;
}

char *
bfy_connect_snippet (const BfyConnectStyle *style, const BfyConnectServer *server, GError **error)
{
  BfyConnectStyle bare = *style;

  bare.seed = style->form == BFY_FORM_JSON ? "{}\n" : "";

  return bfy_connect_put (&bare, "", server, error);
}
