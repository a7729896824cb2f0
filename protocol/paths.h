/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>
#include <sys/types.h>

/* Where things are, from XDG variables and options only (behaviour 12.9): never the current
 * directory. Pure: main() reads the environment and hands it in. */
typedef struct
{
  const char *home;        /* (nullable) HOME */
  const char *runtime_dir; /* (nullable) XDG_RUNTIME_DIR */
  const char *state_home;  /* (nullable) XDG_STATE_HOME */
  const char *config_home; /* (nullable) XDG_CONFIG_HOME */
  const char *socket;      /* (nullable) BINDIFY_SOCK */
  uid_t uid;
  const char *codex_home;        /* (nullable) CODEX_HOME */
  const char *claude_config_dir; /* (nullable) CLAUDE_CONFIG_DIR */
} BfyEnvironment;

/* Longest path that fits a sockaddr_un, without its NUL. */
#define BFY_SOCKET_PATH_MAX 107

/* @option (from --socket) wins over BINDIFY_SOCK, that over $XDG_RUNTIME_DIR/bindify/agent.sock,
 * that over /run/user/UID/bindify/agent.sock (if @run_user_is_ours), that over the state directory.
 * Relative paths are refused, too long ones too: BFY_ERROR_INVALID_ARGUMENT. Free with g_free(). */
char *bfy_paths_socket (const BfyEnvironment *environment,
                        const char *option,
                        gboolean run_user_is_ours,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* $XDG_STATE_HOME/bindify or ~/.local/state/bindify; relative XDG values are ignored, as the
 * specification says; a relative @option is refused. BFY_ERROR_INVALID_ARGUMENT, also without HOME.
 */
char *bfy_paths_state_dir (const BfyEnvironment *environment,
                           const char *option,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* $XDG_CONFIG_HOME/bindify or ~/.config/bindify. */
char *bfy_paths_config_dir (const BfyEnvironment *environment,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
