/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/child.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/child/flood.h"
#include "agent/child/input.h"
#include "agent/child/lines.h"
#include "agent/child/process.h"
#include "protocol/json.h"

#define READ_BYTES (64 * 1024)
#define REST_READS_MAX 256 /* of what a process left in its pipes */

/* Two lives: the handle's and the process's. What is left when the handle has gone is what it takes
 * to end the process. */
struct _BfyChild
{
  BfyProcess *process; /* (owned) (nullable) while it runs */
  BfyInput *input;     /* (owned) (nullable) until it is stopped */
  int fds[3];          /* its output; the first is the input's */
  GSource *sources[3]; /* (owned) (nullable) */
  GSource *timer;      /* (owned) (nullable) the next step of stopping */
  BfyLines *out;       /* (owned) */
  BfyLines *err;       /* (owned) */
  BfyLeakSet *leaks;   /* (owned) (nullable) its secret */
  BfyTail *tail;       /* borrowed; NULL once the handle has gone */
  BfyChildEvents events;
  gpointer user_data;
  guint64 n_noise;  /* lines that were no JSON */
  BfyFlood flood;   /* of err */
  int exit_status;  /* -1: not known */
  gboolean is_over; /* told so */
  gboolean is_stopping;
  gboolean is_freed; /* the handle has gone */
};

static guint n_running;

static void drop_source (GSource **source);
static void end (BfyChild *self, const char *reason);

guint
bfy_child_n_running (void)
{
  return n_running;
}

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
close_pipe (BfyChild *self, int i)
{
  drop_source (&self->sources[i]);
  if (self->fds[i] >= 0)
    close (self->fds[i]);
  self->fds[i] = -1;
}

static void
destroy (BfyChild *self)
{
  for (int i = 1; i < 3; i++)
    close_pipe (self, i);
  drop_source (&self->timer);
  bfy_input_free (self->input);
  bfy_process_free (self->process);
  bfy_lines_free (self->out);
  bfy_lines_free (self->err);
  bfy_leak_set_unref (self->leaks);
  g_free (self);
}

static void
attach (GSource **place, GSource *source, GSourceFunc func, gpointer data)
{
  drop_source (place);
  *place = source;
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

static gboolean
on_kill_time (gpointer user_data)
{
  BfyChild *self = user_data;

  bfy_process_kill (self->process);
  drop_source (&self->timer);

  return G_SOURCE_REMOVE;
}

static gboolean
on_term_time (gpointer user_data)
{
  BfyChild *self = user_data;

  bfy_process_end (self->process);
  attach (&self->timer, g_timeout_source_new (BFY_CHILD_TERM_MS), on_kill_time, self);

  return G_SOURCE_REMOVE;
}

static gboolean
on_discarded (gint fd, GIOCondition condition, gpointer user_data)
{
  BfyChild *self = user_data;
  char buffer[4096];
  int i = fd == self->fds[1] ? 1 : 2;
  gssize n = read (fd, buffer, sizeof buffer);

  if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
    return G_SOURCE_CONTINUE;
  close_pipe (self, i);

  return G_SOURCE_REMOVE;
}

/* The polite way first: the end of its input is how a stdio server is told to go. */
static void
stop (BfyChild *self)
{
  if (self->is_stopping)
    return;

  self->is_stopping = TRUE;
  g_clear_pointer (&self->input, bfy_input_free);
  /* Still read, so that it does not hang in a write on its way out. */
  for (int i = 1; i < 3; i++)
    if (self->fds[i] >= 0)
      attach (&self->sources[i], g_unix_fd_source_new (self->fds[i], G_IO_IN | G_IO_HUP),
              G_SOURCE_FUNC (on_discarded), self);
  if (self->process != NULL)
    attach (&self->timer, g_timeout_source_new (BFY_CHILD_CLOSE_MS), on_term_time, self);
}

void
bfy_child_free (BfyChild *self)
{
  if (self == NULL || self->is_freed)
    return;

  self->is_freed = TRUE;
  self->tail = NULL;
  self->is_over = TRUE;
  if (self->process == NULL)
    {
      destroy (self);
      return;
    }
  stop (self);
}

/* Tells the owner, who will probably free the handle. Nothing of self is to be used afterwards but
 * by those that hold the process. */
static void
end (BfyChild *self, const char *reason)
{
  if (self->is_over)
    return;

  self->is_over = TRUE;
  bfy_tail_note (self->tail, bfy_agent_now_ms (), "%s", reason);
  if (self->process != NULL)
    stop (self);
  self->events.ended (self, reason, self->user_data);
}

/* The last words may still be in the pipes. */
static void
read_rest (BfyChild *self)
{
  g_autofree char *buffer = g_malloc (READ_BYTES);

  for (int i = 1; i < 3; i++)
    {
      gssize n = 1;

      for (int reads = 0; n > 0 && reads < REST_READS_MAX && !self->is_over; reads++)
        {
          n = self->fds[i] >= 0 ? read (self->fds[i], buffer, READ_BYTES) : 0;
          if (n > 0)
            bfy_lines_feed (i == 1 ? self->out : self->err, buffer, (gsize) n);
        }
    }
  if (!self->is_over)
    bfy_lines_finish (self->err);
}

static void
on_process_ended (BfyProcess *process, const char *reason, int exit_status, gpointer user_data)
{
  BfyChild *self = user_data;
  g_autofree char *why = g_strdup (reason);

  if (!self->is_over)
    read_rest (self);
  g_clear_pointer (&self->process, bfy_process_free);
  self->exit_status = exit_status;
  n_running--;
  drop_source (&self->timer);
  if (self->is_freed)
    destroy (self);
  else
    end (self, why);
}

static gboolean
is_blank (const char *line, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isspace (line[i]))
      return FALSE;

  return TRUE;
}

/* What is no JSON is not for clients; somebody who looks for the reason finds its first words. */
static void
drop_noise (BfyChild *self, const char *line, gsize length)
{
  if (is_blank (line, length))
    return;

  self->n_noise++;
  if (self->n_noise <= 3)
    bfy_tail_add (self->tail, self->leaks, line, MIN (length, 200), length > 200,
                  bfy_agent_now_ms ());
  if ((self->n_noise & (self->n_noise - 1)) == 0)
    bfy_tail_note (self->tail, bfy_agent_now_ms (),
                   "%" G_GUINT64_FORMAT " lines on its standard output were not JSON and were "
                   "dropped",
                   self->n_noise);
}

/* What was taken out may have left no JSON, if there were quotes in the secret. */
static void
hand_on (BfyChild *self, const char *line, gsize length)
{
  g_autofree char *clean = g_strndup (line, length);

  if (bfy_leak_set_mask_json (self->leaks, clean, length) > 0 &&
      !bfy_json_check (clean, length, NULL))
    drop_noise (self, clean, length);
  else
    self->events.line (self, clean, length, self->user_data);
}

static void
on_out_line (const char *line, gsize length, gboolean was_cut, gpointer user_data)
{
  BfyChild *self = user_data;

  if (self->is_over)
    return;
  if (was_cut)
    {
      end (self, "sent more in one line than this binding allows");
      return;
    }
  if (bfy_json_check (line, length, NULL))
    hand_on (self, line, length);
  else
    drop_noise (self, line, length);
}

static void
on_err_line (const char *line, gsize length, gboolean was_cut, gpointer user_data)
{
  BfyChild *self = user_data;

  if (self->tail != NULL)
    bfy_tail_add (self->tail, self->leaks, line, length, was_cut, bfy_agent_now_ms ());
}

static gboolean
on_silence (gpointer user_data)
{
  BfyChild *self = user_data;

  drop_source (&self->timer);
  end (self, "has closed its standard output");

  return G_SOURCE_REMOVE;
}

static gboolean
on_readable (gint fd, GIOCondition condition, gpointer user_data)
{
  BfyChild *self = user_data;
  g_autofree char *buffer = g_malloc (READ_BYTES);
  gssize n = read (fd, buffer, READ_BYTES);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n > 0)
    {
      bfy_lines_feed (self->out, buffer, (gsize) n);
      return g_source_is_destroyed (g_main_current_source ()) ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
    }

  /* The exit that probably follows says more; without it nothing would ever come. */
  close_pipe (self, 1);
  if (self->timer == NULL)
    attach (&self->timer, g_timeout_source_new (BFY_CHILD_CLOSE_MS), on_silence, self);

  return G_SOURCE_REMOVE;
}

static gboolean
on_error_readable (gint fd, GIOCondition condition, gpointer user_data)
{
  BfyChild *self = user_data;
  char buffer[4096];
  gssize n = read (fd, buffer, sizeof buffer);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n > 0)
    {
      if (!bfy_flood_count (&self->flood, (gsize) n, g_get_monotonic_time ()))
        bfy_lines_feed (self->err, buffer, (gsize) n);
      return G_SOURCE_CONTINUE;
    }
  close_pipe (self, 2);

  return G_SOURCE_REMOVE;
}

static gboolean
on_overrun (gpointer user_data)
{
  end (user_data, "does not read what it is sent");

  return G_SOURCE_REMOVE;
}

void
bfy_child_send (BfyChild *self, char *line)
{
  if (self->is_over || self->input == NULL)
    g_free (line);
  else
    bfy_input_send (self->input, line);
}

int
bfy_child_get_exit_status (BfyChild *self)
{
  return self->exit_status;
}

BfyChild *
bfy_child_start (const BfyChildSetup *setup,
                 const BfyChildEvents *events,
                 gpointer user_data,
                 GError **error)
{
  g_autofree BfyChild *self = g_new0 (BfyChild, 1);

  self->process = bfy_process_start (setup->program, setup->place, setup->secret, self->fds,
                                     on_process_ended, self, error);
  if (self->process == NULL)
    return NULL;

  n_running++;
  self->exit_status = -1;
  self->events = *events;
  self->user_data = user_data;
  self->tail = setup->tail;
  if (setup->secret != NULL)
    self->leaks = bfy_leak_set_new (&(BfyLeakEntry){ setup->secret, 0 }, 1);
  self->input = bfy_input_new (self->fds[0], on_overrun, self);
  self->out = bfy_lines_new (setup->line_bytes_max, on_out_line, self);
  self->err = bfy_lines_new (BFY_TAIL_LINE_BYTES_MAX, on_err_line, self);
  attach (&self->sources[1], g_unix_fd_source_new (self->fds[1], G_IO_IN | G_IO_HUP),
          G_SOURCE_FUNC (on_readable), self);
  attach (&self->sources[2], g_unix_fd_source_new (self->fds[2], G_IO_IN | G_IO_HUP),
          G_SOURCE_FUNC (on_error_readable), self);

  return g_steal_pointer (&self);
}
