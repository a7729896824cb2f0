/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/process.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/child/handover.h"
#include "agent/child/unit.h"

struct _BfyProcess
{
  BfyLaunched launched; /* (owned) without the pipes */
  BfyProcessFunc ended;
  gpointer user_data;
  GSource *watch; /* (owned) (nullable) sees the end */
  char *unit;     /* (owned) (nullable) */
  /* Of a unit, as the launcher tells it: */
  gboolean has_started;
  int exit_status; /* -1: not known */
};

static void
attach (BfyProcess *self, GSource *source, GSourceFunc func)
{
  self->watch = source;
  g_source_set_callback (source, func, self, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

void
bfy_process_free (BfyProcess *self)
{
  if (self == NULL)
    return;

  if (self->watch != NULL)
    g_source_destroy (self->watch);
  g_clear_pointer (&self->watch, g_source_unref);
  bfy_launched_clear (&self->launched);
  g_free (self->unit);
  g_free (self);
}

static void
tell_status (BfyProcess *self, int exit_status)
{
  g_autofree char *reason = g_strdup_printf ("ended by itself (exit status %d)", exit_status);

  self->ended (self, reason, exit_status, self->user_data);
}

static void
on_child_exit (GPid pid, gint status, gpointer user_data)
{
  BfyProcess *self = user_data;
  g_autofree char *reason = NULL;

  self->launched.pid = 0;
  if (WIFEXITED (status))
    {
      tell_status (self, WEXITSTATUS (status));
      return;
    }
  reason = g_strdup_printf ("was ended by signal %d", WTERMSIG (status));
  self->ended (self, reason, -1, self->user_data);
}

/* The launcher has gone. */
static void
tell_end_of_unit (BfyProcess *self)
{
  g_autofree char *reason = NULL;

  if (self->exit_status >= 0)
    {
      tell_status (self, self->exit_status);
      return;
    }
  reason = self->has_started
               ? g_strdup ("was ended from outside")
               : g_strdup_printf ("was not started (journalctl --user -u %s)", self->unit);
  self->ended (self, reason, -1, self->user_data);
}

static gboolean
on_life (gint fd, GIOCondition condition, gpointer user_data)
{
  BfyProcess *self = user_data;
  guint8 byte;
  gssize n = read (fd, &byte, 1);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n == 1)
    {
      if (self->has_started)
        self->exit_status = byte;
      self->has_started = TRUE;
      return G_SOURCE_CONTINUE;
    }
  tell_end_of_unit (self);

  return G_SOURCE_REMOVE;
}

/* The end is looked for only now: a short life is over before systemd has answered. */
static void
on_unit_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyProcess *self = user_data;
  g_autoptr (GError) error = NULL;

  if (bfy_unit_start_finish (result, &error))
    attach (self, g_unix_fd_source_new (self->launched.life, G_IO_IN | G_IO_HUP),
            G_SOURCE_FUNC (on_life));
  else
    self->ended (self, error->message, -1, self->user_data);
}

static void
start_unit (BfyProcess *self, const BfyPlace *place)
{
  g_autofree char *id = g_uuid_string_random ();

  self->unit = g_strdup_printf ("bindify-server-%s.service", id);
  bfy_unit_start_async (self->unit, place->own_unit, place->launcher, place->label,
                        self->launched.input, on_unit_started, self);
  self->launched.input = -1;
}

BfyProcess *
bfy_process_start (const BfyProgram *program,
                   const BfyPlace *place,
                   const BfySecret *secret,
                   int pipes[3],
                   BfyProcessFunc ended,
                   gpointer user_data,
                   GError **error)
{
  BfyProcess *self;
  BfyLaunched launched;

  if (!bfy_launch (program, place, secret, &launched, error))
    return NULL;

  self = g_new0 (BfyProcess, 1);
  self->launched = launched;
  self->ended = ended;
  self->user_data = user_data;
  self->exit_status = -1;
  for (guint i = 0; i < 3; i++)
    {
      pipes[i] = launched.pipes[i];
      self->launched.pipes[i] = -1;
    }
  if (launched.pid > 0)
    attach (self, g_child_watch_source_new (launched.pid), G_SOURCE_FUNC (on_child_exit));
  else
    start_unit (self, place);

  return self;
}

/* The session that the launcher made; the launcher alone before it has. */
static void
signal_group (pid_t pid, int number)
{
  if (kill (-pid, number) != 0)
    kill (pid, number);
}

void
bfy_process_end (BfyProcess *self)
{
  if (self->launched.pid > 0)
    signal_group (self->launched.pid, SIGTERM);
  if (self->launched.control >= 0)
    close (self->launched.control);
  self->launched.control = -1;
}

void
bfy_process_kill (BfyProcess *self)
{
  if (self->launched.pid > 0)
    signal_group (self->launched.pid, SIGKILL);
  else if (self->unit != NULL)
    bfy_unit_kill (self->unit);
}
