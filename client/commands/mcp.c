/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <unistd.h>

#include "client/bridge.h"
#include "client/commands/commands.h"
#include "protocol/name.h"

gboolean
bfy_command_mcp (BfyCli *cli, GStrv words, GError **error)
{
  g_auto (GStrv) others = bfy_cli_parse (cli, NULL, words, error);
  g_autofree char *socket_path = NULL;
  BfyBridgeOptions options = { .in_fd = STDIN_FILENO, .out_fd = STDOUT_FILENO };

  if (others == NULL || !bfy_name_check (others[0], error))
    return FALSE;
  socket_path = bfy_cli_dup_socket_path (cli, error);
  if (socket_path == NULL)
    return FALSE;

  options.socket_path = socket_path;
  options.binding = others[0];
  cli->exit_status = bfy_bridge_run (&options);
  return TRUE;
}
