/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/connect/servers.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/connect/merge.h"
#include "client/rewrite/rewrite.h"
#include "protocol/client-key.h"
#include "protocol/error.h"
#include "protocol/name.h"

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

static gboolean
is_nothing (const char *plain)
{
  static const char *const words[] = { "", "~", "null", NULL };

  return plain == NULL || g_strv_contains (words, plain);
}

/* What stands where the list of servers belongs. */
typedef enum
{
  LIST_IS_THERE,
  LIST_IS_MISSING,
  LIST_IS_SOMETHING_ELSE,
} ListState;

static ListState
look_for_list (const BfyConnectStyle *style, const char *text)
{
  g_autoptr (BfyPlace) root = bfy_place_parse (style->form, text, strlen (text), NULL);
  const BfyPlace *servers = root != NULL ? bfy_place_find_member (root, style->servers) : NULL;

  if (servers == NULL || (servers->kind == BFY_PLACE_PLAIN && is_nothing (servers->text)))
    return LIST_IS_MISSING;

  return servers->kind == BFY_PLACE_LIST ? LIST_IS_THERE : LIST_IS_SOMETHING_ELSE;
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
  ListState list = style->shape == BFY_SHAPE_ITEM ? look_for_list (style, whole) : LIST_IS_THERE;

  if (step == NULL)
    return NULL;
  if (list == LIST_IS_MISSING)
    return put_first_item (style, whole, entry, error);
  if (list == LIST_IS_SOMETHING_ELSE)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                   _ ("“%s” is no list, and bindify does not change it"), style->servers);
      return NULL;
    }
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
