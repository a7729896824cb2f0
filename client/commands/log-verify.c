/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* `bindify log verify`: the records are tied to each other, and the agent looks whether they still
 * are. Heads that are printed and kept elsewhere also tell when all records were made anew. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/saved-file.h"
#include "client/table.h"
#include "protocol/event-chain.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define HEADS_BYTES_MAX (1024 * 1024)
#define NO_BINDING "-" /* stands for the chain of events without a binding, whose name is empty */
#define PARTS 3

/* A state of a newer agent is explained by its name. */
static char *
explain (JsonObject *chain)
{
  const char *state = bfy_field_text (chain, "state");
  gulong n = (gulong) MAX (bfy_field_int (chain, "sequence"), 0);

  if (strcmp (state, "ok") == 0)
    return g_strdup (C_ ("records", "ok"));
  if (strcmp (state, "unbound") == 0)
    return g_strdup (_ ("where its records begin and end is not written down any more"));
  /* Translators: in these, the number is the one of a record. */
  if (strcmp (state, "changed") == 0)
    return g_strdup_printf (_ ("record %lu says something else than when it was written"), n);
  if (strcmp (state, "removed") == 0)
    return g_strdup_printf (_ ("record %lu is not there any more"), n);
  if (strcmp (state, "inserted") == 0)
    return g_strdup_printf (_ ("record %lu was not written by the agent"), n);
  if (strcmp (state, "cut_off") == 0)
    return g_strdup_printf (_ ("the newest records, up to %lu, are not there any more"), n);
  if (strcmp (state, "replaced") == 0)
    return g_strdup_printf (_ ("the head that was kept, %lu, is not among the records"), n);

  return bfy_text_to_line (state, 40);
}

/* One line of --head: chain, number, hash. */
static JsonObject *
parse_head (const char *line)
{
  g_auto (GStrv) parts = g_strsplit (line, " ", PARTS + 1);
  guint8 hash[BFY_EVENT_HASH_BYTES];
  gint64 sequence;
  JsonObject *head;

  if (g_strv_length (parts) != PARTS || *parts[0] == '\0' ||
      !g_ascii_string_to_signed (parts[1], 10, 1, G_MAXINT64, &sequence, NULL) ||
      !bfy_event_hash_from_text (parts[2], hash))
    return NULL;

  head = json_object_new ();
  json_object_set_string_member (head, "chain", strcmp (parts[0], NO_BINDING) == 0 ? "" : parts[0]);
  json_object_set_int_member (head, "sequence", sequence);
  json_object_set_string_member (head, "hash", parts[2]);
  return head;
}

static JsonArray *
parse_heads (const char *path, const char *text, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (JsonArray) heads = json_array_new ();

  for (guint i = 0; lines[i] != NULL; i++)
    {
      JsonObject *head;

      g_strstrip (lines[i]);
      if (*lines[i] == '\0' || *lines[i] == '#')
        continue;
      head = parse_head (lines[i]);
      if (head == NULL)
        {
          g_autofree char *shown = bfy_text_to_line (path, 400);

          g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       _ ("%s, line %u: not as bindify log verify --head prints it"), shown, i + 1);
          return NULL;
        }
      json_array_add_object_element (heads, head);
    }

  return g_steal_pointer (&heads);
}

/* What the agent is asked: (transfer full). */
static JsonObject *
build_request (const char *path, GError **error)
{
  g_autoptr (JsonObject) request = json_object_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *text = NULL;
  JsonArray *heads;

  if (path == NULL)
    return g_steal_pointer (&request);
  bytes = bfy_saved_file_read (path, HEADS_BYTES_MAX, error);
  if (bytes == NULL)
    return NULL;
  text = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  heads = parse_heads (path, text, error);
  if (heads == NULL)
    return NULL;

  json_object_set_array_member (request, "heads", heads);
  return g_steal_pointer (&request);
}

static void
print_heads (JsonObject *reply)
{
  bfy_cli_print (
      "# chain, number and hash of the newest record; bindify log verify --expect FILE\n");
  for (guint i = 0; i < bfy_field_count (reply, "chains"); i++)
    {
      JsonObject *chain = bfy_field_nth (reply, "chains", i);
      JsonObject *head = bfy_field_object (chain, "head");
      g_autofree char *name = bfy_text_to_line (bfy_field_text (chain, "chain"), 200);

      if (head != NULL && bfy_field_int (head, "sequence") > 0)
        bfy_cli_print ("%s %" G_GINT64_FORMAT " %s\n", *name != '\0' ? name : NO_BINDING,
                       bfy_field_int (head, "sequence"), bfy_field_text (head, "hash"));
    }
}

static void
add_row (BfyTable *table, JsonObject *chain)
{
  g_autofree char *n_events =
      g_strdup_printf ("%" G_GINT64_FORMAT, bfy_field_int (chain, "events"));
  g_autofree char *first = bfy_log_format_time (bfy_field_text (chain, "first"));
  g_autofree char *last = bfy_log_format_time (bfy_field_text (chain, "last"));
  g_autofree char *result = explain (chain);
  const char *id = bfy_field_text (chain, "chain");
  const char *name = bfy_field_text (chain, "binding");
  const char *cells[] = { *name != '\0' ? name : id, n_events, first, last, result };

  bfy_table_add_row (table, cells);
}

static void
print_table (JsonObject *reply)
{
  static const char *const headings[] = { NC_ ("column", "BINDING"), NC_ ("column", "RECORDS"),
                                          NC_ ("column", "FIRST"),   NC_ ("column", "LAST"),
                                          NC_ ("column", "RESULT"),  NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_autofree char *text = NULL;
  gulong n_unhashed = (gulong) MAX (bfy_field_int (reply, "unhashed"), 0);
  guint n_chains = bfy_field_count (reply, "chains");

  for (guint i = 0; i < n_chains; i++)
    add_row (table, bfy_field_nth (reply, "chains", i));
  text = bfy_table_format (table);
  bfy_cli_print ("%s", n_chains > 0 ? text : _ ("No records.\n"));
  if (n_unhashed > 0)
    bfy_cli_print (
        ngettext ("%lu records are older than the check; nothing can be said about them.\n",
                  "%lu records are older than the check; nothing can be said about them.\n",
                  n_unhashed),
        n_unhashed);
}

static void
print_reply (BfyCli *cli, JsonObject *reply, gboolean wants_heads)
{
  g_autoptr (JsonNode) node = NULL;

  if (cli->is_json)
    {
      node = json_node_new (JSON_NODE_OBJECT);
      json_node_set_object (node, reply);
      bfy_cli_print_json (node);
    }
  else if (wants_heads)
    print_heads (reply);
  else
    print_table (reply);
}

gboolean
bfy_command_log_verify (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *expected = NULL;
  gboolean wants_heads = FALSE;
  const GOptionEntry entries[] = {
    { "head", 0, 0, G_OPTION_ARG_NONE, &wants_heads,
      N_ ("Print where each chain of records ends, to be kept elsewhere"), NULL },
    { "expect", 0, 0, G_OPTION_ARG_FILENAME, &expected,
      N_ ("Compare with what --head printed at another time"), "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  JsonObject *request = others != NULL ? build_request (expected, error) : NULL;
  g_autoptr (JsonObject) reply =
      request != NULL ? bfy_cli_call_json (cli, "POST", "/v1/events/verify", request, error) : NULL;

  if (reply == NULL)
    return FALSE;

  print_reply (cli, reply, wants_heads);
  cli->exit_status = bfy_field_boolean (reply, "ok") ? 0 : 1;
  if (wants_heads && cli->exit_status != 0)
    bfy_cli_warn (_ ("the records are not as they were written; bindify log verify says more"));

  return TRUE;
}
