/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/tray-program.h"

#include <unistd.h>

#define PROGRAM "bindify-tray"

/* While it starts. */
typedef struct
{
  BfyCli *cli;
  GSubprocess *process; /* (owned) */
  gboolean is_there;
  gboolean has_ended;
} Start;

char *
bfy_tray_program_find (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *directory = self != NULL ? g_path_get_dirname (self) : NULL;
  g_autofree char *beside = directory != NULL ? g_build_filename (directory, PROGRAM, NULL) : NULL;

  if (beside != NULL && access (beside, X_OK) == 0)
    return g_steal_pointer (&beside);

  return g_find_program_in_path (PROGRAM);
}

/* A session of its own, so that Ctrl-C in our terminal does not end it later. */
static void
leave_terminal (gpointer data)
{
  setsid ();
}

static GSubprocess *
spawn (const char *program, const char *socket, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  const char *const words[] = {
    program, "--background", socket != NULL ? "--socket" : NULL, socket, NULL,
  };

  g_subprocess_launcher_set_child_setup (launcher, leave_terminal, NULL, NULL);

  return g_subprocess_launcher_spawnv (launcher, words, error);
}

static void
on_name (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  Start *self = user_data;

  self->is_there = TRUE;
  bfy_cli_wake (self->cli);
}

static void
on_end (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Start *self = user_data;

  if (!g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL))
    return; /* cancelled: nobody waits any more */
  self->has_ended = TRUE;
  bfy_cli_wake (self->cli);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Start *self = user_data;

  bfy_cli_wake (self->cli);
}

static void
wait_for_name (Start *self, BfySessionBus *bus)
{
  g_autoptr (GCancellable) watching = g_cancellable_new ();
  guint watch_id = g_bus_watch_name_on_connection (
      bus->bus, BFY_TRAY_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_name, NULL, self, NULL);
  gulong cancel_id =
      g_cancellable_connect (bus->cancellable, G_CALLBACK (on_cancelled), self, NULL);

  g_subprocess_wait_async (self->process, watching, on_end, self);
  while (!self->is_there && !self->has_ended && !g_cancellable_is_cancelled (bus->cancellable))
    {
      GAsyncResult *nothing = bfy_cli_wait (self->cli);

      g_clear_object (&nothing);
    }

  g_cancellable_disconnect (bus->cancellable, cancel_id);
  g_bus_unwatch_name (watch_id);
  g_cancellable_cancel (watching);
  /* The cancelled wait reports while @self is still there. */
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

gboolean
bfy_tray_program_start (BfySessionBus *bus, const char *program, const char *socket, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (GSubprocess) process = spawn (program, socket, &local_error);
  Start self = { .cli = bus->cli, .process = process };

  if (process == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, "The window could not be started: %s",
                   local_error->message);
      return FALSE;
    }
  wait_for_name (&self, bus);
  if (self.is_there)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED,
               self.has_ended ? "%s ended as soon as it was started"
                              : "%s was started, but is not on the session’s bus",
               program);

  return FALSE;
}
