/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/binding-text.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/table.h"
#include "protocol/name.h"

static gboolean keyring_list (BfyCli *cli, GStrv words, GError **error);
static gboolean keyring_move (BfyCli *cli, GStrv words, GError **error);

const BfyCommand bfy_keyring_commands[] = {
  { "list", "", 0, 0, BFY_COMMAND_JSON, N_ ("List the places where credentials can rest"),
    keyring_list },
  { "move", "NAME…", 0, G_MAXUINT, BFY_COMMAND_PLAIN,
    N_ ("Take credentials to another keyring: copied, compared, then deleted"), keyring_move },
  BFY_COMMAND_END,
};

gboolean
bfy_command_keyring (BfyCli *cli, GStrv words, GError **error)
{
  if (words[1] == NULL || strcmp (words[1], "--help") == 0 || strcmp (words[1], "-h") == 0)
    {
      cli->exit_status = words[1] == NULL ? 1 : 0;
      return bfy_help (cli, "keyring", NULL, error);
    }

  return bfy_cli_run (cli, bfy_keyring_commands, "bindify keyring", words + 1, error);
}

static gboolean
keyring_list (BfyCli *cli, GStrv words, GError **error)
{
  static const char *const headings[] = { NC_ ("column", "KEYRING"),  NC_ ("column", "STATE"),
                                          NC_ ("column", "BINDINGS"), NC_ ("column", "NEW ONES"),
                                          NC_ ("column", "WHERE"),    NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autoptr (JsonObject) reply = NULL;
  g_autofree char *text = NULL;

  if (others == NULL)
    return FALSE;
  reply = bfy_cli_call (cli, "GET", "/v1/keyrings", NULL, error);
  if (reply == NULL)
    return FALSE;
  if (cli->is_json)
    {
      bfy_cli_print_member (reply, "keyrings");
      return TRUE;
    }

  for (guint i = 0; i < bfy_field_count (reply, "keyrings"); i++)
    {
      JsonObject *keyring = bfy_field_nth (reply, "keyrings", i);
      g_autofree char *n =
          g_strdup_printf ("%" G_GINT64_FORMAT, bfy_field_int (keyring, "n_bindings"));
      const char *cells[] = { bfy_field_text (keyring, "name"),
                              bfy_keyring_state_text (bfy_field_text (keyring, "state")), n,
                              bfy_field_boolean (keyring, "is_default")
                                  ? C_ ("new credentials go", "here")
                                  : "",
                              bfy_field_text (keyring, "place") };

      bfy_table_add_row (table, cells);
    }
  text = bfy_table_format (table);
  bfy_cli_print ("%s", text);

  return TRUE;
}

static void
report (const char *name, const char *target, JsonObject *reply)
{
  gint64 n_cleaned = bfy_field_int (reply, "n_cleaned");
  g_autofree char *left_over = bfy_text_to_line (bfy_field_text (reply, "left_over"), 400);

  if (bfy_field_boolean (reply, "moved"))
    bfy_cli_print (_ ("Moved %s from %s to %s.\n"), name, bfy_field_text (reply, "from"), target);
  else
    bfy_cli_print (_ ("%s is in %s already.\n"), name, target);
  if (n_cleaned > 0)
    bfy_cli_print (_ ("Removed a left-over copy of %s.\n"), name);
  if (*left_over != '\0')
    {
      g_autofree char *next = g_strdup_printf ("bindify keyring move %s --to %s", name, target);

      /* Translators: a sentence, and what to type next. */
      bfy_cli_warn (_ ("%s\nTry: %s"), left_over, next);
    }
}

static gboolean
move_one (BfyCli *cli, const char *name, gconstpointer user_data, GError **error)
{
  const char *target = user_data;
  g_autofree char *path = NULL;
  g_autofree char *action = NULL;
  g_autoptr (JsonObject) reply = NULL;
  JsonObject *request;

  if (!bfy_name_check (name, error))
    return FALSE;
  path = bfy_cli_path ("bindings", name);
  action = g_strconcat (path, "/move", NULL);
  request = json_object_new ();
  json_object_set_string_member (request, "keyring", target);
  reply = bfy_cli_call_json (cli, "POST", action, request, error);
  if (reply == NULL)
    {
      g_prefix_error (error, "%s: ", name);
      return FALSE;
    }
  report (name, target, reply);

  return TRUE;
}

/* All that have a credential. */
static GStrv
list_names (BfyCli *cli, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", "/v1/bindings", NULL, error);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  if (reply == NULL)
    return NULL;
  for (guint i = 0; i < bfy_field_count (reply, "bindings"); i++)
    {
      JsonObject *binding = bfy_field_nth (reply, "bindings", i);

      if (strcmp (bfy_field_text (binding, "auth_type"), "none") != 0)
        g_strv_builder_add (names, bfy_field_text (binding, "name"));
    }

  return g_strv_builder_end (names);
}

static gboolean
keyring_move (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *target = NULL;
  gboolean takes_all = FALSE;
  const GOptionEntry entries[] = {
    { "to", 0, 0, G_OPTION_ARG_FILENAME, &target, N_ ("Where to: secret-service, vault, memory"),
      "BACKEND" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &takes_all, N_ ("Every binding that has a credential"),
      NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_auto (GStrv) names = NULL;

  if (others == NULL)
    return FALSE;
  if (target == NULL || !g_utf8_validate (target, -1, NULL) || takes_all == (others[0] != NULL))
    {
      bfy_cli_set_hint (cli, "bindify keyring move NAME --to vault");
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           _ ("Say which bindings, or --all, and --to where"));
      return FALSE;
    }
  names = takes_all ? list_names (cli, error) : g_strdupv (others);

  return names != NULL && bfy_cli_each (cli, (const char *const *) names, move_one, target, error);
}
