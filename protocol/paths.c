/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/paths.h"

#include <string.h>
#include <sys/un.h>

#include "protocol/error.h"
#include "protocol/name.h"

#define PRODUCT "bindify"
#define SOCKET_NAME "agent.sock"
#define SHOWN_LENGTH_MAX 200 /* characters of a path in an error message */

G_STATIC_ASSERT (sizeof ((struct sockaddr_un *) 0)->sun_path == BFY_SOCKET_PATH_MAX + 1);

static gboolean
is_set (const char *value)
{
  return value != NULL && *value != '\0';
}

/* The XDG specification: a relative path is invalid and to be ignored. */
static gboolean
is_usable (const char *value)
{
  return is_set (value) && g_path_is_absolute (value);
}

/* Somebody asked for exactly this path, so it is refused, not ignored. */
static char *
take_given (const char *path, const char *origin, GError **error)
{
  g_autofree char *shown = NULL;

  if (g_path_is_absolute (path))
    return g_strdup (path);

  shown = bfy_text_to_line (path, SHOWN_LENGTH_MAX);
  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, "“%s” from %s is not an absolute path",
               shown, origin);

  return NULL;
}

static char *
xdg_dir (const char *xdg, const char *home, const char *below_home, GError **error)
{
  if (is_usable (xdg))
    return g_build_filename (xdg, PRODUCT, NULL);
  if (is_usable (home))
    return g_build_filename (home, below_home, PRODUCT, NULL);

  g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
               "HOME is not set to an absolute path, so there is no place for %s", below_home);

  return NULL;
}

static char *
choose_socket (const BfyEnvironment *environment,
               const char *option,
               gboolean run_user_is_ours,
               GError **error)
{
  g_autofree char *state_dir = NULL;

  if (option != NULL)
    return take_given (option, "--socket", error);
  if (is_set (environment->socket))
    return take_given (environment->socket, "BINDIFY_SOCK", error);
  if (is_usable (environment->runtime_dir))
    return g_build_filename (environment->runtime_dir, PRODUCT, SOCKET_NAME, NULL);
  if (run_user_is_ours)
    return g_strdup_printf ("/run/user/%u/%s/%s", (guint) environment->uid, PRODUCT, SOCKET_NAME);

  state_dir = bfy_paths_state_dir (environment, NULL, error);

  return state_dir != NULL ? g_build_filename (state_dir, SOCKET_NAME, NULL) : NULL;
}

char *
bfy_paths_socket (const BfyEnvironment *environment,
                  const char *option,
                  gboolean run_user_is_ours,
                  GError **error)
{
  g_autofree char *path = choose_socket (environment, option, run_user_is_ours, error);

  if (path == NULL)
    return NULL;
  if (strlen (path) > BFY_SOCKET_PATH_MAX)
    {
      g_autofree char *shown = bfy_text_to_line (path, SHOWN_LENGTH_MAX);

      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "The socket path “%s” is %" G_GSIZE_FORMAT " bytes long and the limit is %d: "
                   "choose a shorter one with --socket",
                   shown, strlen (path), BFY_SOCKET_PATH_MAX);
      return NULL;
    }

  return g_steal_pointer (&path);
}

char *
bfy_paths_state_dir (const BfyEnvironment *environment, const char *option, GError **error)
{
  if (option != NULL)
    return take_given (option, "--state-dir", error);

  return xdg_dir (environment->state_home, environment->home, ".local/state", error);
}

char *
bfy_paths_config_dir (const BfyEnvironment *environment, GError **error)
{
  return xdg_dir (environment->config_home, environment->home, ".config", error);
}
