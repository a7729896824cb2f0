/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/lock-key.h"
#include "client/passphrase.h"

/* The passphrase that whoever answers questions in a terminal has to know, so that not every
 * program of the same user can. */

static BfySecret *
get_old_key (BfyCli *cli, BfyTerminal *terminal, JsonObject *lock, GError **error)
{
  g_autoptr (BfySecret) typed = bfy_terminal_ask_secret (
      terminal, _ ("Present passphrase for answers (not shown): "), &cli->signal_number, error);
  g_autoptr (BfySecret) passphrase = typed != NULL ? bfy_passphrase_trim (typed) : NULL;

  return passphrase != NULL ? bfy_lock_key_derive (lock, "approval_kdf", passphrase, error) : NULL;
}

static gboolean
change (BfyCli *cli,
        BfyTerminal *terminal,
        const BfySecret *old_key,
        gboolean is_cleared,
        GError **error)
{
  g_autoptr (BfySecret) passphrase = NULL;
  g_autoptr (BfySecret) key = NULL;
  g_autoptr (GBytes) body = NULL;
  g_autoptr (JsonObject) reply = NULL;
  BfyKdf kdf;

  if (!is_cleared)
    {
      passphrase = bfy_lock_key_ask_new (cli, terminal,
                                         _ ("New passphrase for answers (not shown): "), error);
      key = passphrase != NULL ? bfy_lock_key_make (passphrase, &kdf, error) : NULL;
      if (key == NULL)
        return FALSE;
    }
  body = bfy_lock_key_body (old_key, key != NULL ? &kdf : NULL, key);
  reply = bfy_lock_key_call (cli, "PUT", "/v1/lock/approval", body, error);

  return reply != NULL;
}

gboolean
bfy_command_prompts_passphrase (BfyCli *cli, GStrv words, GError **error)
{
  gboolean is_cleared = FALSE;
  const GOptionEntry entries[] = {
    { "clear", 0, 0, G_OPTION_ARG_NONE, &is_cleared, N_ ("Ask for none any more"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (JsonObject) lock = NULL;
  g_autoptr (BfyTerminal) terminal = NULL;
  g_autoptr (BfySecret) old_key = NULL;
  gboolean is_set;

  if (others == NULL)
    return FALSE;
  lock = bfy_cli_call (cli, "GET", "/v1/lock", NULL, error);
  if (lock == NULL)
    return FALSE;
  is_set = bfy_field_object (lock, "approval_kdf") != NULL;
  if (is_cleared && !is_set)
    {
      bfy_cli_print (_ ("There is no passphrase for answers.\n"));
      return TRUE;
    }
  terminal = bfy_terminal_open ();
  if (terminal == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                           _ ("There is no terminal to ask for the passphrase on"));
      return FALSE;
    }
  if (is_set)
    old_key = get_old_key (cli, terminal, lock, error);
  if ((is_set && old_key == NULL) || !change (cli, terminal, old_key, is_cleared, error))
    return FALSE;

  bfy_cli_print (is_cleared
                     ? _ ("Answers need no passphrase any more.\n")
                     : _ ("From now on, who answers in a terminal is asked for it first.\n"));

  return TRUE;
}
