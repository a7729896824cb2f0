/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/answer.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/lines.h"
#include "client/table.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* `bindify query NAME SQL`: rows as they come, as lines of JSON for programs, and as a table for
 * people when all of them are there. */

#define LINE_BYTES_MAX (64 * 1024 * 1024)
#define READ_BYTES (64 * 1024)
#define NUMBER_DIGITS_MAX 18

typedef struct
{
  BfyCli *cli;       /* borrowed */
  BfyTable *table;   /* (owned) (nullable) */
  guint n_columns;   /* of it */
  JsonObject *ended; /* (owned) (nullable) the last line */
} Reading;

static void
reading_clear (Reading *self)
{
  g_clear_pointer (&self->table, bfy_table_free);
  g_clear_pointer (&self->ended, json_object_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Reading, reading_clear)

/* One that looks the same as text: a column of texts takes it as well. */
static gboolean
is_whole_number (const char *text)
{
  const char *digits = *text == '-' ? text + 1 : text;
  gsize n = strspn (digits, "0123456789");

  return n > 0 && n <= NUMBER_DIGITS_MAX && digits[n] == '\0' &&
         (*digits != '0' || g_str_equal (text, "0"));
}

static gboolean
add_parameters (JsonObject *arguments, const GStrv values, GError **error)
{
  JsonArray *array = json_array_new ();

  json_object_set_array_member (arguments, "params", array);
  for (guint i = 0; values != NULL && values[i] != NULL; i++)
    {
      if (!g_utf8_validate (values[i], -1, NULL))
        {
          g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                               _ ("A value is not in UTF-8"));
          return FALSE;
        }
      if (is_whole_number (values[i]))
        json_array_add_int_element (array, g_ascii_strtoll (values[i], NULL, 10));
      else
        json_array_add_string_element (array, values[i]);
    }

  return TRUE;
}

static GBytes *
build_body (const char *sql, const GStrv values, int limit, GError **error)
{
  g_autoptr (JsonObject) arguments = json_object_new ();
  gsize length;
  char *text;

  if (!g_utf8_validate (sql, -1, NULL))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("The statement is not in UTF-8"));
      return NULL;
    }
  json_object_set_string_member (arguments, "sql", sql);
  if (limit > 0)
    json_object_set_int_member (arguments, "limit", limit);
  if (!add_parameters (arguments, values, error))
    return NULL;
  text = bfy_json_object_to_text (arguments, &length);

  return g_bytes_new_take (text, length);
}

static void
take_columns (Reading *self, JsonObject *line)
{
  guint n = bfy_field_count (line, "columns");
  g_autofree const char **names = g_new0 (const char *, n + 1);

  for (guint i = 0; i < n; i++)
    names[i] = bfy_field_text (bfy_field_nth (line, "columns", i), "name");
  g_clear_pointer (&self->table, bfy_table_free);
  self->table = bfy_table_new_named (names);
  self->n_columns = n;
}

/* (nullable) */
static char *
format_value (JsonNode *value)
{
  if (value == NULL || JSON_NODE_HOLDS_NULL (value))
    return NULL;
  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (value));

  return bfy_json_node_to_text (value, NULL);
}

static void
take_row (Reading *self, JsonArray *row)
{
  g_autoptr (GPtrArray) cells = g_ptr_array_new_full (self->n_columns + 1, g_free);
  guint n = json_array_get_length (row);

  for (guint i = 0; i < self->n_columns; i++)
    g_ptr_array_add (cells, i < n ? format_value (json_array_get_element (row, i)) : NULL);
  bfy_table_add_row (self->table, (const char *const *) cells->pdata);
}

static void
take_line (const char *text, gsize length, gpointer user_data)
{
  Reading *self = user_data;
  g_autoptr (JsonObject) line = bfy_json_parse_object (text, length, NULL);
  JsonArray *row = line != NULL ? bfy_field_array (line, "row") : NULL;

  if (line == NULL)
    return;
  if (self->cli->is_json && !json_object_has_member (line, "error"))
    bfy_cli_print ("%.*s\n", (int) length, text);
  if (row == NULL && !json_object_has_member (line, "columns"))
    {
      g_clear_pointer (&self->ended, json_object_unref);
      self->ended = json_object_ref (line);
    }
  else if (self->cli->is_json)
    return;
  else if (row == NULL)
    take_columns (self, line);
  else if (self->table != NULL)
    take_row (self, row);
}

static gboolean
read_lines (Reading *self, GInputStream *stream, GError **error)
{
  g_autoptr (BfyLines) lines = bfy_lines_new (LINE_BYTES_MAX, take_line, self);

  while (TRUE)
    {
      g_autoptr (GBytes) bytes = bfy_answer_read (self->cli, stream, READ_BYTES, error);
      gsize length;
      const char *data;

      if (bytes == NULL)
        return FALSE;
      data = g_bytes_get_data (bytes, &length);
      if (length == 0)
        break;
      if (!bfy_lines_feed (lines, data, length, error))
        return FALSE;
    }
  bfy_lines_finish (lines);

  return TRUE;
}

static gboolean
report_end (Reading *self, GError **error)
{
  const char *wire = self->ended != NULL ? bfy_field_text (self->ended, "error") : "failed";
  BfyErrorCode code = BFY_ERROR_FAILED;

  if (*wire != '\0')
    {
      if (!bfy_error_from_wire (wire, &code))
        code = BFY_ERROR_FAILED;
      g_set_error_literal (error, BFY_ERROR, (int) code,
                           self->ended != NULL ? bfy_field_text (self->ended, "message")
                                               : _ ("The answer breaks off"));
      return FALSE;
    }
  if (self->table != NULL)
    {
      g_autofree char *text = bfy_table_format (self->table);

      bfy_cli_print ("%s", text);
    }
  if (bfy_field_boolean (self->ended, "truncated"))
    bfy_cli_warn (_ ("There is more than this; --limit N lets more rows through"));

  return TRUE;
}

static gboolean
run_query (BfyCli *cli, const char *name, GBytes *body, GError **error)
{
  g_autofree char *binding = bfy_cli_path ("bindings", name);
  g_autofree char *path = g_strconcat (binding, "/methods/query", NULL);
  g_autoptr (SoupMessage) message = bfy_remote_new_message (cli->remote, "POST", path);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GInputStream) stream = NULL;
  g_auto (Reading) reading = { .cli = cli };

  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "application/x-ndjson");
  soup_message_set_request_body_from_bytes (message, "application/json", body);
  bfy_remote_send_async (cli->remote, message, cli->cancellable, bfy_cli_on_ready, cli);
  result = bfy_cli_wait (cli);
  stream = bfy_remote_send_finish (cli->remote, result, error);
  if (stream == NULL)
    return FALSE;
  if (soup_message_get_status (message) != SOUP_STATUS_OK)
    return bfy_answer_refuse (cli, name, message, stream, error);

  return read_lines (&reading, stream, error) && report_end (&reading, error);
}

gboolean
bfy_command_query (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) values = NULL;
  int limit = 0;
  const GOptionEntry entries[] = {
    { "param", 'p', 0, G_OPTION_ARG_FILENAME_ARRAY, &values,
      N_ ("The value of $1, and again of $2, …"), "VALUE" },
    { "limit", 0, 0, G_OPTION_ARG_INT, &limit, N_ ("End after so many rows (1000)"), "N" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (GBytes) body = NULL;

  if (others == NULL || !bfy_name_check (others[0], error))
    return FALSE;
  body = build_body (others[1], values, limit, error);

  return body != NULL && bfy_cli_connect (cli, error) != NULL &&
         run_query (cli, others[0], body, error);
}
