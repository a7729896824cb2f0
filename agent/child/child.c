/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/child.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/child/lines.h"
#include "protocol/json.h"

#define READ_BYTES (64 * 1024)
#define REST_READS_MAX 256              /* of what a process left in its pipes */
#define STDERR_BYTES_PER_S (256 * 1024) /* more is read and thrown away */

/* Two lives: the handle's and the process's. What is left when the handle has gone is what it takes
 * to end the process. */
struct _BfyChild
{
  pid_t pid; /* 0 once it has been waited for */
  int fds[3];
  GSource *sources[3]; /* (owned) (nullable) */
  GSource *watch;      /* (owned) (nullable) sees the end of the process */
  GSource *timer;      /* (owned) (nullable) the next step of stopping */
  GQueue queue;        /* (owned) (element-type GBytes) for its stdin */
  gsize n_queued;
  gsize n_written; /* of the first */
  BfyLines *out;   /* (owned) */
  BfyLines *err;   /* (owned) */
  BfyScrub *scrub; /* (owned) (nullable) */
  BfyTail *tail;   /* borrowed; NULL once the handle has gone */
  BfyChildEvents events;
  gpointer user_data;
  guint64 n_noise; /* lines that were no JSON */
  gint64 err_second;
  gsize err_bytes;  /* in that second */
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
  for (int i = 0; i < 3; i++)
    close_pipe (self, i);
  drop_source (&self->watch);
  drop_source (&self->timer);
  g_queue_clear_full (&self->queue, (GDestroyNotify) g_bytes_unref);
  bfy_lines_free (self->out);
  bfy_lines_free (self->err);
  bfy_scrub_free (self->scrub);
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

/* The session that the launcher made; the launcher alone before it has. */
static void
signal_group (BfyChild *self, int number)
{
  if (self->pid > 0 && kill (-self->pid, number) != 0)
    kill (self->pid, number);
}

static gboolean
on_kill_time (gpointer user_data)
{
  BfyChild *self = user_data;

  signal_group (self, SIGKILL);
  drop_source (&self->timer);

  return G_SOURCE_REMOVE;
}

static gboolean
on_term_time (gpointer user_data)
{
  BfyChild *self = user_data;

  signal_group (self, SIGTERM);
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
  close_pipe (self, 0);
  /* Still read, so that it does not hang in a write on its way out. */
  for (int i = 1; i < 3; i++)
    if (self->fds[i] >= 0)
      attach (&self->sources[i], g_unix_fd_source_new (self->fds[i], G_IO_IN | G_IO_HUP),
              G_SOURCE_FUNC (on_discarded), self);
  if (self->pid > 0)
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
  if (self->pid == 0)
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
  if (self->pid > 0)
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
on_process_exit (GPid pid, gint status, gpointer user_data)
{
  BfyChild *self = user_data;
  g_autofree char *reason = NULL;

  if (!self->is_over)
    read_rest (self);
  self->pid = 0;
  self->exit_status = WIFEXITED (status) ? WEXITSTATUS (status) : -1;
  n_running--;
  drop_source (&self->watch);
  drop_source (&self->timer);
  if (self->is_freed)
    {
      destroy (self);
      return;
    }
  reason = WIFEXITED (status)
               ? g_strdup_printf ("ended by itself (exit status %d)", WEXITSTATUS (status))
               : g_strdup_printf ("was ended by signal %d", WTERMSIG (status));
  end (self, reason);
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
    bfy_tail_add (self->tail, self->scrub, line, MIN (length, 200), length > 200,
                  bfy_agent_now_ms ());
  if ((self->n_noise & (self->n_noise - 1)) == 0)
    bfy_tail_note (self->tail, bfy_agent_now_ms (),
                   "%" G_GUINT64_FORMAT " lines on its standard output were not JSON and were "
                   "dropped",
                   self->n_noise);
}

static void
on_out_line (const char *line, gsize length, gboolean was_cut, gpointer user_data)
{
  BfyChild *self = user_data;
  gsize n_clean = 0;
  g_autofree char *clean = NULL;

  if (self->is_over)
    return;
  if (was_cut)
    {
      end (self, "sent more in one line than this binding allows");
      return;
    }
  if (!bfy_json_check (line, length, NULL))
    {
      drop_noise (self, line, length);
      return;
    }

  clean = bfy_scrub_json (self->scrub, line, length, &n_clean);
  self->events.line (self, clean != NULL ? clean : line, clean != NULL ? n_clean : length,
                     self->user_data);
}

static void
on_err_line (const char *line, gsize length, gboolean was_cut, gpointer user_data)
{
  BfyChild *self = user_data;

  if (self->tail != NULL)
    bfy_tail_add (self->tail, self->scrub, line, length, was_cut, bfy_agent_now_ms ());
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

  /* The exit that probably follows says more. */
  close_pipe (self, 1);

  return G_SOURCE_REMOVE;
}

/* A server that floods its log must not keep the agent busy with it. */
static gboolean
is_flooding (BfyChild *self, gsize n)
{
  gint64 second = g_get_monotonic_time () / G_USEC_PER_SEC;

  if (second != self->err_second)
    self->err_bytes = 0;
  self->err_second = second;
  self->err_bytes += n;

  return self->err_bytes > STDERR_BYTES_PER_S;
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
      if (!is_flooding (self, (gsize) n))
        bfy_lines_feed (self->err, buffer, (gsize) n);
      return G_SOURCE_CONTINUE;
    }
  close_pipe (self, 2);

  return G_SOURCE_REMOVE;
}

static gboolean on_writable (gint fd, GIOCondition condition, gpointer user_data);

/* FALSE when the pipe is full. */
static gboolean
write_first (BfyChild *self)
{
  GBytes *bytes = g_queue_peek_head (&self->queue);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  gssize n = write (self->fds[0], data + self->n_written, length - self->n_written);

  if (n < 0 && errno != EAGAIN && errno != EINTR)
    {
      close_pipe (self, 0); /* its exit tells the rest */
      return FALSE;
    }
  if (n < 0)
    return FALSE;
  self->n_written += (gsize) n;
  if (self->n_written < length)
    return FALSE;

  self->n_written = 0;
  self->n_queued -= length;
  g_bytes_unref (g_queue_pop_head (&self->queue));

  return TRUE;
}

static void
write_more (BfyChild *self)
{
  while (self->queue.length > 0 && self->fds[0] >= 0 && write_first (self))
    continue;
  if (self->queue.length > 0 && self->fds[0] >= 0)
    {
      if (self->sources[0] == NULL)
        attach (&self->sources[0], g_unix_fd_source_new (self->fds[0], G_IO_OUT),
                G_SOURCE_FUNC (on_writable), self);
      return;
    }
  drop_source (&self->sources[0]);
}

static gboolean
on_writable (gint fd, GIOCondition condition, gpointer user_data)
{
  write_more (user_data);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_overrun (gpointer user_data)
{
  BfyChild *self = user_data;

  drop_source (&self->timer);
  end (self, "does not read what it is sent");

  return G_SOURCE_REMOVE;
}

void
bfy_child_send (BfyChild *self, char *line)
{
  gsize length = strlen (line);

  line[length] = '\n'; /* in place of the NUL: the bytes go out with their length */
  if (self->is_over || self->fds[0] < 0)
    {
      g_free (line);
      return;
    }
  self->n_queued += length + 1;
  g_queue_push_tail (&self->queue, g_bytes_new_take (line, length + 1));
  if (self->n_queued > BFY_CHILD_QUEUE_BYTES_MAX && self->timer == NULL)
    attach (&self->timer, g_idle_source_new (), on_overrun, self);
  write_more (self);
}

gboolean
bfy_child_is_running (BfyChild *self)
{
  return !self->is_over;
}

int
bfy_child_get_exit_status (BfyChild *self)
{
  return self->exit_status;
}

pid_t
bfy_child_get_pid (BfyChild *self)
{
  return self->pid;
}

BfyChild *
bfy_child_start (const BfyChildSetup *setup,
                 const BfyChildEvents *events,
                 gpointer user_data,
                 GError **error)
{
  BfyChild *self;
  int fds[3];
  pid_t pid = bfy_launch (setup->program, setup->place, setup->secret, fds, error);

  if (pid < 0)
    return NULL;

  self = g_new0 (BfyChild, 1);
  n_running++;
  self->pid = pid;
  self->exit_status = -1;
  memcpy (self->fds, fds, sizeof fds);
  self->events = *events;
  self->user_data = user_data;
  self->tail = setup->tail;
  self->scrub = setup->secret != NULL ? bfy_scrub_new (setup->secret) : NULL;
  self->out = bfy_lines_new (setup->line_bytes_max, on_out_line, self);
  self->err = bfy_lines_new (BFY_TAIL_LINE_BYTES_MAX, on_err_line, self);
  attach (&self->sources[1], g_unix_fd_source_new (fds[1], G_IO_IN | G_IO_HUP),
          G_SOURCE_FUNC (on_readable), self);
  attach (&self->sources[2], g_unix_fd_source_new (fds[2], G_IO_IN | G_IO_HUP),
          G_SOURCE_FUNC (on_error_readable), self);
  attach (&self->watch, g_child_watch_source_new (pid), G_SOURCE_FUNC (on_process_exit), self);

  return self;
}
