/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "client/bridge.h"
#include "client/commands/commands.h"
#include "client/commands/tools.h"
#include "client/language.h"
#include "client/presented-key.h"

gboolean
bfy_command_mcp (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *key_file = NULL;
  gboolean wants_all = FALSE;
  const GOptionEntry entries[] = {
    { "all", 0, 0, G_OPTION_ARG_NONE, &wants_all, N_ ("All bindings as one server"), NULL },
    { "key-file", 0, 0, G_OPTION_ARG_FILENAME, &key_file,
      N_ ("For a sealed binding: present the client key in this file (mode 0600)"), "FILE" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autofree char *socket_path = NULL;
  g_autoptr (BfySecret) key = NULL;
  BfyBridgeOptions options = { .in_fd = STDIN_FILENO, .out_fd = STDOUT_FILENO };

  if (others == NULL)
    return FALSE;
  options.binding = bfy_tools_choose (others[0], wants_all, error);
  if (options.binding == NULL)
    return FALSE;
  socket_path = bfy_cli_dup_socket_path (cli, error);
  if (socket_path == NULL)
    return FALSE;

  if (key_file != NULL)
    {
      key = bfy_key_read_file (key_file, error);
      if (key == NULL)
        return FALSE;
    }

  bfy_language_leave ();
  options.socket_path = socket_path;
  options.key = key;
  cli->exit_status = bfy_bridge_run (&options);
  return TRUE;
}
