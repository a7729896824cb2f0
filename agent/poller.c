/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/poller.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/epoll.h>
#include <unistd.h>

#define EVENTS_PER_TURN 64 /* what is left comes in the next turn, after all others */

struct _BfyWatch
{
  BfyPoller *poller; /* (owned) */
  int fd;
  BfyPollFunc func;
  gpointer user_data;
  gboolean is_stopped;
};

struct _BfyPoller
{
  gatomicrefcount ref_count;
  int fd;
  GSource *source;     /* (owned) */
  GPtrArray *stopped;  /* (owned) freed when no event can speak of them any more */
  guint n_dispatching; /* a callback may run the main context */
};

static void
watch_free (gpointer user_data)
{
  BfyWatch *self = user_data;

  bfy_poller_unref (self->poller);
  g_free (self);
}

static gboolean
on_ready (gint fd, GIOCondition condition, gpointer user_data)
{
  g_autoptr (BfyPoller) self = bfy_poller_ref (user_data);
  struct epoll_event events[EVENTS_PER_TURN];
  int n = epoll_wait (self->fd, events, EVENTS_PER_TURN, 0);

  self->n_dispatching++;
  for (int i = 0; i < n; i++)
    {
      BfyWatch *watch = events[i].data.ptr;

      if (!watch->is_stopped)
        watch->func (events[i].events, watch->user_data);
    }
  self->n_dispatching--;
  if (self->n_dispatching == 0 && self->stopped->len > 0)
    g_ptr_array_set_size (self->stopped, 0);

  return G_SOURCE_CONTINUE;
}

BfyPoller *
bfy_poller_new (void)
{
  BfyPoller *self = g_new0 (BfyPoller, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->stopped = g_ptr_array_new_with_free_func (watch_free);
  self->fd = epoll_create1 (EPOLL_CLOEXEC);
  if (self->fd < 0)
    g_critical ("epoll_create1: %s", g_strerror (errno));
  self->source = g_unix_fd_source_new (self->fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_ready), self, NULL);
  /* Else GLib takes the descriptor out of its set and puts it back for each call, waking itself
   * twice and turning once more for nothing. */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, g_main_context_get_thread_default ());

  return self;
}

BfyPoller *
bfy_poller_ref (BfyPoller *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_poller_unref (BfyPoller *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_ptr_array_unref (self->stopped);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

BfyWatch *
bfy_poller_watch (BfyPoller *self, int fd, BfyPollFunc func, gpointer user_data)
{
  BfyWatch *watch = g_new0 (BfyWatch, 1);
  struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                               .data.ptr = watch };

  if (epoll_ctl (self->fd, EPOLL_CTL_ADD, fd, &event) != 0)
    {
      g_free (watch);
      return NULL;
    }
  watch->poller = bfy_poller_ref (self);
  watch->fd = fd;
  watch->func = func;
  watch->user_data = user_data;

  return watch;
}

void
bfy_watch_stop (BfyWatch *self)
{
  BfyPoller *poller = self->poller;

  (void) epoll_ctl (poller->fd, EPOLL_CTL_DEL, self->fd, NULL);
  self->is_stopped = TRUE;
  if (poller->n_dispatching > 0)
    g_ptr_array_add (poller->stopped, self);
  else
    watch_free (self);
}
