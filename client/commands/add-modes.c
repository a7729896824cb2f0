/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/commands/add.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "protocol/name.h"

#define NAMES_MAX 10000 /* on stdin */

GOptionEntry *
bfy_add_join_modes (BfyAddModes *modes, const GOptionEntry *entries)
{
  const GOptionEntry ours[] = {
    { "list", 'l', 0, G_OPTION_ARG_NONE, &modes->lists, N_ ("List the bindings"), NULL },
    { "list-long", 'L', 0, G_OPTION_ARG_NONE, &modes->lists_long,
      N_ ("List the bindings with all that is known of them"), NULL },
    { "delete", 'd', 0, G_OPTION_ARG_FILENAME, &modes->removed,
      N_ ("Remove a binding; -: those whose names come on stdin, one a line"), "NAME" },
    { "delete-all", 'D', 0, G_OPTION_ARG_NONE, &modes->removes_all, N_ ("Remove all bindings"),
      NULL },
    { "test", 'T', 0, G_OPTION_ARG_FILENAME, &modes->tested, N_ ("See whether a binding works"),
      "NAME" },
    { "lock", 'x', 0, G_OPTION_ARG_NONE, &modes->locks, N_ ("Lock the agent"), NULL },
    { "unlock", 'X', 0, G_OPTION_ARG_NONE, &modes->unlocks, N_ ("Unlock the agent"), NULL },
    G_OPTION_ENTRY_NULL,
  };

  return bfy_cli_join_entries (entries, ours);
}

guint
bfy_add_n_modes (const BfyAddModes *modes)
{
  const gboolean all[] = { modes->lists,       modes->lists_long,     modes->removed != NULL,
                           modes->removes_all, modes->tested != NULL, modes->locks,
                           modes->unlocks };
  guint n = 0;

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    n += all[i] ? 1 : 0;

  return n;
}

static gboolean
remove_one (BfyCli *cli, const char *name, gconstpointer user_data, GError **error)
{
  const gboolean *is_quiet = user_data;
  g_autofree char *path = NULL;
  g_autoptr (JsonObject) reply = NULL;

  if (!bfy_name_check (name, error))
    return FALSE;

  path = bfy_cli_path ("bindings", name);
  reply = bfy_cli_call (cli, "DELETE", path, NULL, error);
  if (reply == NULL)
    return FALSE;
  if (!*is_quiet)
    bfy_cli_print (_ ("Removed %s.\n"), name);

  return TRUE;
}

static gboolean
list (BfyCli *cli, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", "/v1/bindings", NULL, error);

  if (reply == NULL)
    return FALSE;

  if (bfy_field_count (reply, "bindings") > 0)
    {
      bfy_bindings_print (reply);
      return TRUE;
    }

  bfy_cli_print ("%s", bfy_field_boolean (reply, "hidden") ? _ (BFY_BINDINGS_HIDDEN_TEXT)
                                                           : _ ("The agent has no bindings.\n"));
  cli->exit_status = 1;
  return TRUE;
}

static gboolean
confirm_all (BfyCli *cli, guint n_bindings, GError **error)
{
  g_autoptr (BfyTerminal) terminal = isatty (STDIN_FILENO) ? bfy_terminal_open () : NULL;
  gulong n = n_bindings;
  g_autofree char *question =
      g_strdup_printf (ngettext ("Remove %lu binding and its credential?",
                                 "Remove all %lu bindings and their credentials?", n),
                       n);

  if (terminal != NULL && bfy_terminal_ask_yes (terminal, question))
    return TRUE;

  if (terminal == NULL)
    bfy_cli_set_hint (cli, "bindify-add -D --yes");
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED, _ ("Nothing was removed"));
  return FALSE;
}

static gboolean
remove_all (BfyCli *cli, const BfyAddModes *modes, gboolean is_quiet, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", "/v1/bindings", NULL, error);
  guint n_bindings = reply != NULL ? bfy_field_count (reply, "bindings") : 0;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  if (reply == NULL)
    return FALSE;
  if (n_bindings == 0)
    {
      if (!is_quiet)
        bfy_cli_print (_ ("The agent has no bindings.\n"));
      return TRUE;
    }
  if (!modes->is_sure && !confirm_all (cli, n_bindings, error))
    return FALSE;

  for (guint i = 0; i < n_bindings; i++)
    g_ptr_array_add (names,
                     (gpointer) bfy_field_text (bfy_field_nth (reply, "bindings", i), "name"));
  g_ptr_array_add (names, NULL);

  return bfy_cli_each (cli, (const char *const *) names->pdata, remove_one, &is_quiet, error);
}

/* One name a line; blank lines do not count. NULL for what cannot be names. */
static GStrv
read_names (BfyCli *cli, GError **error)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  char line[BFY_NAME_LENGTH_MAX + 3];
  guint n_names = 0;

  while (fgets (line, sizeof line, stdin) != NULL)
    {
      gboolean is_whole = strchr (line, '\n') != NULL || feof (stdin);

      g_strstrip (line);
      if (*line == '\0' && is_whole)
        continue;
      if (!is_whole || n_names++ == NAMES_MAX)
        {
          g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                       _ ("What came on stdin are not names of bindings, one a line, %d at most; "
                          "nothing was removed"),
                       NAMES_MAX);
          return NULL;
        }
      if (!bfy_name_check (line, error))
        return NULL;
      g_strv_builder_add (names, line);
    }

  return g_strv_builder_end (names);
}

static gboolean
remove_listed (BfyCli *cli, gboolean is_quiet, GError **error)
{
  g_auto (GStrv) names = read_names (cli, error);

  return names != NULL &&
         bfy_cli_each (cli, (const char *const *) names, remove_one, &is_quiet, error);
}

/* `show` of each, with a blank line between. */
static gboolean
list_long (BfyCli *cli, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", "/v1/bindings", NULL, error);
  guint n_bindings = reply != NULL ? bfy_field_count (reply, "bindings") : 0;

  if (reply == NULL)
    return FALSE;
  for (guint i = 0; i < n_bindings; i++)
    {
      bfy_cli_print (i > 0 ? "\n" : "");
      bfy_binding_print (bfy_field_nth (reply, "bindings", i));
    }
  if (n_bindings > 0)
    return TRUE;

  bfy_cli_print ("%s", bfy_field_boolean (reply, "hidden") ? _ (BFY_BINDINGS_HIDDEN_TEXT)
                                                           : _ ("The agent has no bindings.\n"));
  cli->exit_status = 1;
  return TRUE;
}

static gboolean
test (BfyCli *cli, const char *name, GError **error)
{
  const char *const words[] = { "test", "--", name, NULL };

  return bfy_cli_run (cli, bfy_commands, "bindify", (GStrv) words, error);
}

gboolean
bfy_add_run_mode (BfyCli *cli, const BfyAddModes *modes, gboolean is_quiet, GError **error)
{
  if (modes->lists)
    return list (cli, error);
  if (modes->lists_long)
    return list_long (cli, error);
  if (modes->removes_all)
    return remove_all (cli, modes, is_quiet, error);
  if (modes->tested != NULL)
    return test (cli, modes->tested, error);
  if (modes->locks)
    return bfy_lock (cli, is_quiet, error);
  if (modes->unlocks)
    return bfy_unlock (cli, is_quiet, error);

  return g_str_equal (modes->removed, "-") ? remove_listed (cli, is_quiet, error)
                                           : remove_one (cli, modes->removed, &is_quiet, error);
}
