/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/connect.h"
#include "client/plaintext.h"
#include "client/table.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 400

/* What is known of one file of a client. */
typedef struct
{
  const BfyConnectTarget *target; /* borrowed */
  gboolean is_installed;
  gboolean is_there;
  GPtrArray *bindings; /* (owned) (element-type utf8) */
  GPtrArray *tokens;   /* (owned) (element-type BfyPlaintext) */
  char *problem;       /* (owned) (nullable) why it could not be read */
} Row;

static void
row_clear (Row *self)
{
  g_clear_pointer (&self->bindings, g_ptr_array_unref);
  g_clear_pointer (&self->tokens, g_ptr_array_unref);
  g_free (self->problem);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Row, row_clear)

static void
read_servers (Row *self, const char *text)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GPtrArray) found = bfy_connect_read (&self->target->style, text, &problem);

  if (found == NULL)
    self->problem = g_strdup (problem->message);
  for (guint i = 0; found != NULL && i < found->len; i++)
    {
      const BfyConnectFound *one = g_ptr_array_index (found, i);

      if (one->binding != NULL)
        g_ptr_array_add (self->bindings, g_strdup (one->binding));
    }
}

static void
read_target (Row *self, const BfyConnectTarget *target)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (BfyUserFile) file = bfy_user_file_read (target->path, target->root, &problem);
  g_autofree char *program = g_find_program_in_path (target->client->program);
  g_auto (BfyPlaintextScan) scan;

  bfy_plaintext_scan_init (&scan);
  self->target = target;
  self->bindings = g_ptr_array_new_with_free_func (g_free);
  self->is_there = file == NULL || file->content != NULL;
  self->is_installed = program != NULL || self->is_there;
  if (file == NULL)
    self->problem = g_strdup (problem->message);
  else if (file->content != NULL)
    {
      read_servers (self, bfy_user_file_peek (file));
      bfy_plaintext_scan_text (&scan, target->path, bfy_user_file_peek (file));
    }
  self->tokens = g_steal_pointer (&scan.found);
}

static void
add_row (const Row *self, BfyTable *table)
{
  g_autofree char *names = bfy_connect_join (self->bindings);
  g_autofree char *number =
      self->tokens->len > 0 ? g_strdup_printf ("%u", self->tokens->len) : NULL;
  g_autofree char *shown = bfy_text_to_line (self->target->path, SHOWN_CHARACTERS_MAX);
  const char *cells[] = { self->target->client->id, self->is_installed ? _ ("yes") : _ ("no"),
                          names, number, shown };

  bfy_table_add_row (table, cells);
  if (self->problem != NULL)
    bfy_cli_warn ("%s: %s", shown, self->problem);
}

static JsonArray *
tokens_to_json (GPtrArray *tokens)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < tokens->len; i++)
    {
      const BfyPlaintext *token = g_ptr_array_index (tokens, i);
      JsonObject *object = json_object_new ();

      json_object_set_int_member (object, "line", token->line);
      json_object_set_string_member (object, "kind", token->kind);
      if (token->service != NULL)
        json_object_set_string_member (object, "service", token->service);
      json_array_add_object_element (array, object);
    }

  return array;
}

static void
add_json (const Row *self, JsonArray *rows)
{
  JsonObject *object = json_object_new ();
  JsonArray *names = json_array_new ();

  for (guint i = 0; i < self->bindings->len; i++)
    json_array_add_string_element (names, g_ptr_array_index (self->bindings, i));
  json_object_set_string_member (object, "client", self->target->client->id);
  json_object_set_string_member (object, "name", self->target->client->name);
  json_object_set_boolean_member (object, "is_installed", self->is_installed);
  json_object_set_string_member (object, "file", self->target->path);
  json_object_set_boolean_member (object, "is_there", self->is_there);
  json_object_set_array_member (object, "bindings", names);
  json_object_set_array_member (object, "plaintext", tokens_to_json (self->tokens));
  if (self->problem != NULL)
    json_object_set_string_member (object, "problem", self->problem);
  json_array_add_object_element (rows, object);
}

static gboolean
add_client (
    const BfyConnectClient *client, BfyCli *cli, BfyTable *table, JsonArray *rows, GError **error)
{
  g_autoptr (GPtrArray) targets = bfy_connect_targets (client, cli->environment, NULL, error);

  if (targets == NULL)
    return FALSE;
  for (guint i = 0; i < targets->len; i++)
    {
      g_auto (Row) row = { 0 };

      read_target (&row, g_ptr_array_index (targets, i));
      if (cli->is_json)
        add_json (&row, rows);
      else
        add_row (&row, table);
    }

  return TRUE;
}

gboolean
bfy_connect_list (BfyCli *cli, GError **error)
{
  static const char *const headings[] = {
    NC_ ("column", "CLIENT"),          NC_ ("column", "INSTALLED"), NC_ ("column", "BINDINGS"),
    NC_ ("column", "TOKENS IN CLEAR"), NC_ ("column", "FILE"),      NULL
  };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *rows = json_array_new ();
  g_autofree char *text = NULL;

  json_node_take_array (node, rows);
  for (const BfyConnectClient *client = bfy_connect_clients (); client->id != NULL; client++)
    {
      if (!add_client (client, cli, table, rows, error))
        return FALSE;
    }
  if (cli->is_json)
    {
      bfy_cli_print_json (node);
      return TRUE;
    }
  text = bfy_table_format (table);
  bfy_cli_print ("%s", text);

  return TRUE;
}
