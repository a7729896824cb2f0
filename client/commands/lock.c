/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/commands.h"
#include "client/commands/vault.h"
#include "client/fields.h"

/* Sends the request; TRUE in @has_changed when the agent was in the other state before. */
static gboolean
turn (BfyCli *cli, const char *path, gboolean *has_changed, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call_json (cli, "POST", path, json_object_new (), error);

  if (reply == NULL)
    return FALSE;
  *has_changed = bfy_field_boolean (reply, "changed");

  return TRUE;
}

gboolean
bfy_lock (BfyCli *cli, gboolean is_quiet, GError **error)
{
  gboolean has_changed;

  if (!turn (cli, "/v1/lock", &has_changed, error))
    return FALSE;
  if (!is_quiet)
    bfy_cli_print ("%s\n", has_changed ? "Locked. “bindify unlock” lets programs go on."
                                       : "The agent is locked already.");

  return TRUE;
}

/* A keyring of its own lock may still have to be opened: say so rather than promise too much. */
static gboolean
tell_locked_keyrings (BfyCli *cli, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", "/v1/status", NULL, error);

  if (reply == NULL)
    return FALSE;
  for (guint i = 0; i < bfy_field_count (reply, "keyrings"); i++)
    {
      JsonObject *keyring = bfy_field_nth (reply, "keyrings", i);

      if (g_str_equal (bfy_field_text (keyring, "state"), "locked"))
        bfy_cli_print ("The keyring “%s” itself is still locked: unlock it as well.\n",
                       bfy_field_text (keyring, "name"));
    }

  return TRUE;
}

/* The agent first: what does not rest in the vault need not wait for its passphrase. */
static gboolean
unlock (BfyCli *cli, gboolean is_quiet, gboolean from_stdin, GError **error)
{
  gboolean has_changed, was_locked;

  if (!turn (cli, "/v1/unlock", &has_changed, error))
    return FALSE;
  if (has_changed && !is_quiet)
    bfy_cli_print ("Unlocked.\n");
  if (!bfy_vault_unlock_dialogue (cli, from_stdin, &was_locked, error))
    return FALSE;
  if (is_quiet)
    return TRUE;
  if (was_locked)
    bfy_cli_print ("The vault is open.\n");
  else if (!has_changed)
    bfy_cli_print ("The agent is not locked.\n");

  return tell_locked_keyrings (cli, error);
}

gboolean
bfy_unlock (BfyCli *cli, gboolean is_quiet, GError **error)
{
  return unlock (cli, is_quiet, FALSE, error);
}

gboolean
bfy_command_lock (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);

  return others != NULL && bfy_lock (cli, FALSE, error);
}

gboolean
bfy_command_unlock (BfyCli *cli, GStrv words, GError **error)
{
  gboolean from_stdin = FALSE;
  const GOptionEntry entries[] = {
    { "stdin", 0, 0, G_OPTION_ARG_NONE, &from_stdin,
      "Read the vault’s passphrase or recovery code from stdin", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);

  return others != NULL && unlock (cli, FALSE, from_stdin, error);
}
