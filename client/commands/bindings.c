/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "client/age.h"
#include "client/binding-text.h"
#include "client/commands/add.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/join.h"
#include "client/table.h"
#include "client/usage-text.h"
#include "protocol/binding.h"
#include "protocol/expiry.h"
#include "protocol/name.h"
#include "protocol/policy-edit.h"
#include "protocol/redact.h"
#include "protocol/upstream.h"

#define STATE_SHOWN_MAX 60
#define COMMAND_SHOWN_MAX 48 /* characters of a command in the list */

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* Of a URL only the origin: path and query may say more than a list should. */
static char *
dup_origin (const char *url)
{
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (url, NULL);

  return g_strdup (upstream != NULL ? upstream->origin : "-");
}

static char *
describe_upstream (JsonObject *binding)
{
  g_autoptr (BfyProgram) program = bfy_binding_text_read_program (binding);
  g_autofree char *line = NULL;

  if (program == NULL)
    return dup_origin (bfy_field_text (binding, "url"));
  line = bfy_program_format_command (program);

  return bfy_text_to_line (line, COMMAND_SHOWN_MAX);
}

/* With what is said about its use. */
static char *
describe_state (JsonObject *binding)
{
  g_autofree char *state = bfy_binding_text_state (binding, now_s ());
  g_autofree char *conditions = bfy_binding_text_conditions (binding, now_s ());
  g_autofree char *line = g_strdup (state);

  if (*conditions != '\0')
    bfy_join_semicolon (&line, conditions);

  return bfy_text_to_line (line, STATE_SHOWN_MAX);
}

static void
add_binding_row (BfyTable *table, JsonObject *binding)
{
  const char *service = bfy_field_text (binding, "service");
  const char *type = bfy_field_text (binding, "type");
  g_autofree char *kind =
      *service != '\0' ? g_strconcat (type, "/", service, NULL) : g_strdup (type);
  g_autofree char *state = describe_state (binding);
  g_autofree char *origin = describe_upstream (binding);
  g_autofree char *used =
      bfy_age_format (bfy_time_from_text (bfy_field_text (binding, "last_used_at")), now_s ());
  const char *cells[] = {
    bfy_field_text (binding, "name"),  kind,   state, bfy_field_text (binding, "keyring"),
    bfy_binding_text_policy (binding), origin, used,  bfy_field_text (binding, "account")
  };

  bfy_table_add_row (table, cells);
}

void
bfy_bindings_print (JsonObject *reply)
{
  static const char *const headings[] = {
    NC_ ("column", "NAME"),      NC_ ("column", "TYPE/SERVICE"), NC_ ("column", "STATE"),
    NC_ ("column", "KEYRING"),   NC_ ("column", "POLICY"),       NC_ ("column", "UPSTREAM"),
    NC_ ("column", "LAST USED"), NC_ ("column", "ACCOUNT"),      NULL
  };
  /* What a narrow terminal can do without, the most dispensable first. */
  static const guint dispensable[] = { 3, 6, 4, 5, 7, 1 };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_autofree char *text = NULL;

  for (guint i = 0; i < bfy_field_count (reply, "bindings"); i++)
    add_binding_row (table, bfy_field_nth (reply, "bindings", i));
  bfy_table_fit (table, bfy_terminal_columns (STDOUT_FILENO), dispensable,
                 G_N_ELEMENTS (dispensable));
  text = bfy_table_format (table);
  bfy_cli_print ("%s", text);
}

gboolean
bfy_command_list (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = NULL;

  if (others == NULL)
    return FALSE;
  reply = bfy_cli_call (cli, "GET", "/v1/bindings", NULL, error);
  if (reply == NULL)
    return FALSE;
  if (cli->is_json)
    {
      bfy_cli_print_member (reply, "bindings");
      return TRUE;
    }

  if (bfy_field_count (reply, "bindings") > 0)
    bfy_bindings_print (reply);
  else if (bfy_field_boolean (reply, "hidden"))
    bfy_cli_print ("%s", _ (BFY_BINDINGS_HIDDEN_TEXT));
  else
    bfy_cli_print (_ ("The agent has no bindings.\nAdd one with: bindify add github\n"));

  return TRUE;
}

gboolean
bfy_command_remove (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autofree char *path = NULL;

  if (others == NULL || !bfy_name_check (others[0], error))
    return FALSE;
  path = bfy_cli_path ("bindings", others[0]);
  reply = bfy_cli_call (cli, "DELETE", path, NULL, error);
  if (reply == NULL)
    return FALSE;

  bfy_cli_print (_ ("Removed %s.\n"), others[0]);
  return TRUE;
}

gboolean
bfy_command_rename (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autofree char *path = NULL;
  JsonObject *change = NULL;

  if (others == NULL || !bfy_name_check (others[0], error) || !bfy_name_check (others[1], error))
    return FALSE;

  path = bfy_cli_path ("bindings", others[0]);
  change = json_object_new ();
  json_object_set_string_member (change, "name", others[1]);
  reply = bfy_cli_call_json (cli, "PATCH", path, change, error);
  if (reply == NULL)
    return FALSE;

  bfy_cli_print (_ ("Renamed %s to %s. Programs that used the old name need the new one.\n"),
                 others[0], others[1]);
  return TRUE;
}

/* @for_s: of a pause that ends by itself, else 0. */
static gboolean
set_paused (BfyCli *cli, const char *name, gboolean is_paused, gint64 for_s, GError **error)
{
  g_autofree char *path = bfy_cli_path ("bindings", name);
  JsonObject *change = json_object_new ();
  g_autoptr (JsonObject) reply = NULL;

  json_object_set_boolean_member (change, "paused", is_paused);
  if (for_s > 0)
    json_object_set_int_member (change, "paused_for_s", for_s);
  reply = bfy_cli_call_json (cli, "PATCH", path, change, error);

  return reply != NULL;
}

gboolean
bfy_command_pause (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *span = NULL;
  const GOptionEntry entries[] = {
    { "for", 0, 0, G_OPTION_ARG_STRING, &span, N_ ("Resume it by itself after that time"), "TIME" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autofree char *shown = NULL;
  gint64 for_s = 0;

  if (others == NULL || !bfy_name_check (others[0], error) ||
      (span != NULL && !bfy_duration_parse (span, &for_s, error)) ||
      !set_paused (cli, others[0], TRUE, for_s, error))
    return FALSE;

  shown = bfy_span_format (for_s);
  if (for_s > 0)
    /* Translators: a binding, a span of time ("3 h"), and the binding again. */
    bfy_cli_print (_ ("Paused %s: nobody can use it for %s. Sooner, type: bindify resume %s\n"),
                   others[0], shown, others[0]);
  else
    bfy_cli_print (_ ("Paused %s: nobody can use it until bindify resume %s.\n"), others[0],
                   others[0]);
  return TRUE;
}

gboolean
bfy_command_resume (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);

  if (others == NULL || !bfy_name_check (others[0], error) ||
      !set_paused (cli, others[0], FALSE, 0, error))
    return FALSE;

  bfy_cli_print (_ ("Resumed %s.\n"), others[0]);
  return TRUE;
}
