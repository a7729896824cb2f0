/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <glib.h>
#include <unistd.h>

#include "client/background.h"
#include "client/cli.h"
#include "client/language.h"
#include "client/run-user.h"
#include "client/run/inside.h"
#include "protocol/log.h"

/* The one place of the client that reads the environment (conventions: getenv only in main.c). */

static gboolean
is_set (const char *variable)
{
  const char *value = g_getenv (variable);

  return value != NULL && *value != '\0';
}

int
main (int argc, char **argv)
{
  const BfyEnvironment environment = {
    .home = g_getenv ("HOME"),
    .runtime_dir = g_getenv ("XDG_RUNTIME_DIR"),
    .state_home = g_getenv ("XDG_STATE_HOME"),
    .config_home = g_getenv ("XDG_CONFIG_HOME"),
    .socket = g_getenv ("BINDIFY_SOCK"),
    .uid = getuid (),
    .codex_home = g_getenv ("CODEX_HOME"),
    .claude_config_dir = g_getenv ("CLAUDE_CONFIG_DIR"),
  };

  const BfyDesktop desktop = {
    .has_display = is_set ("DISPLAY") || is_set ("WAYLAND_DISPLAY"),
    .has_browser = is_set ("BROWSER"),
    .is_remote = is_set ("SSH_CONNECTION") || is_set ("SSH_TTY"),
    .bus = g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
    .terminal = g_getenv ("TERM"),
    .no_colour = is_set ("NO_COLOR"),
    .by_portal = bfy_background_is_portals (),
    .startup_id = g_getenv ("DESKTOP_STARTUP_ID"),
    .activation_token = g_getenv ("XDG_ACTIVATION_TOKEN"),
    .variables = (const char *const *) environ,
  };

  if (bfy_run_is_inside (argc, argv))
    return bfy_run_inside (argc, argv);

  bfy_language_init ();
  /* Standard output carries answers, and MCP messages in bindify-mcp. */
  g_log_writer_default_set_use_stderr (TRUE);
  bfy_log_init ();
  return bfy_cli_main (&environment, &desktop, bfy_run_user_is_ours (), argv);
}
