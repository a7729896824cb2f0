/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/bus.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "protocol/error.h"

#define START_TIMEOUT_MS 5000
#define ONLY                                                                                       \
  "org.freedesktop.Notifications=org.freedesktop.Notifications.*@/org/freedesktop/Notifications"

struct _BfyRunBus
{
  GSubprocess *process; /* (owned) (nullable) */
  char *folder;         /* (owned) */
  char *socket;         /* (owned) */
  int line;             /* (owned) or -1: it ends when this is closed */
};

/* In the child: signals of the terminal are for the command, and it ends with us. */
static void
prepare_child (gpointer user_data)
{
  (void) setpgid (0, 0);
  (void) prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static gboolean
spawn (BfyRunBus *self, const char *program, const char *address, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  static char *nothing[] = { NULL };
  int ends[2];

  if (!g_unix_open_pipe (ends, FD_CLOEXEC, error))
    return FALSE;

  self->line = ends[0];
  g_subprocess_launcher_take_fd (launcher, ends[1], 3);
  g_subprocess_launcher_set_environ (launcher, nothing);
  g_subprocess_launcher_set_child_setup (launcher, prepare_child, NULL, NULL);
  self->process =
      g_subprocess_launcher_spawn (launcher, error, program, "--fd=3", address, self->socket,
                                   "--filter", "--call=" ONLY, "--broadcast=" ONLY, NULL);
  g_subprocess_launcher_close (launcher);

  return self->process != NULL;
}

/* It writes a byte when it listens. */
static gboolean
wait_for_it (const BfyRunBus *self)
{
  struct pollfd watched = { .fd = self->line, .events = POLLIN };
  char letter;

  return poll (&watched, 1, START_TIMEOUT_MS) > 0 && read (self->line, &letter, 1) == 1;
}

BfyRunBus *
bfy_run_bus_start (const char *program, const char *address, GError **error)
{
  g_autoptr (BfyRunBus) self = g_new0 (BfyRunBus, 1);

  self->line = -1;
  self->folder = g_dir_make_tmp ("bindify-run-XXXXXX", error);
  if (self->folder == NULL)
    return NULL;

  self->socket = g_build_filename (self->folder, "bus", NULL);
  if (!spawn (self, program, address, error))
    return NULL;
  if (wait_for_it (self))
    return g_steal_pointer (&self);

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                       _ ("xdg-dbus-proxy does not reach the session bus, and nothing was run"));

  return NULL;
}

void
bfy_run_bus_free (BfyRunBus *self)
{
  if (self == NULL)
    return;

  if (self->process != NULL)
    g_subprocess_force_exit (self->process);
  g_clear_object (&self->process);
  if (self->line >= 0)
    close (self->line);
  if (self->socket != NULL)
    (void) g_unlink (self->socket);
  if (self->folder != NULL)
    (void) g_rmdir (self->folder);
  g_free (self->socket);
  g_free (self->folder);
  g_free (self);
}

const char *
bfy_run_bus_get_socket (BfyRunBus *self)
{
  return self->socket;
}
