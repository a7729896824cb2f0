/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/commands.h"
#include "client/commands/vault.h"

gboolean
bfy_command_unlock (BfyCli *cli, GStrv words, GError **error)
{
  gboolean from_stdin = FALSE, was_locked;
  const GOptionEntry entries[] = {
    { "stdin", 0, 0, G_OPTION_ARG_NONE, &from_stdin,
      "Read the vault’s passphrase or recovery code from stdin", NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);

  if (others == NULL || !bfy_vault_unlock_dialogue (cli, from_stdin, &was_locked, error))
    return FALSE;
  bfy_cli_print ("%s\n", was_locked ? "The vault is open." : "The vault is not locked.");

  return TRUE;
}
