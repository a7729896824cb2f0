/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/boot-timer.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MS_PER_S 1000
#define NS_PER_MS 1000000
#define NS_PER_S 1000000000
#define DELAY_MAX_MS (G_GINT64_CONSTANT (400) * 24 * 3600 * MS_PER_S) /* then it looks again */
#define FAR_S (G_GINT64_CONSTANT (1) << 33) /* the year 2242: that no clock comes to by itself */

struct _BfyBootTimer
{
  int fd;
  GSource *source; /* (owned) */
  BfyBootTimerFunc func;
  gpointer user_data;
  gboolean is_set;
};

struct _BfyClockWatch
{
  int fd;
  GSource *source; /* (owned) */
  BfyBootTimerFunc func;
  gpointer user_data;
};

static GSource *
attach (int fd, GUnixFDSourceFunc on_ready, gpointer user_data)
{
  GSource *source = g_unix_fd_source_new (fd, G_IO_IN);

  g_source_set_callback (source, G_SOURCE_FUNC (on_ready), user_data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());

  return source;
}

/* --- The timer --- */

/* The owner may free it in its function. */
static gboolean
on_expired (gint fd, GIOCondition condition, gpointer user_data)
{
  BfyBootTimer *self = user_data;
  guint64 n_expired;

  if (read (fd, &n_expired, sizeof n_expired) != sizeof n_expired)
    return G_SOURCE_CONTINUE;

  self->is_set = FALSE;
  self->func (self->user_data);

  return G_SOURCE_CONTINUE;
}

BfyBootTimer *
bfy_boot_timer_new (BfyBootTimerFunc func, gpointer user_data)
{
  BfyBootTimer *self = g_new0 (BfyBootTimer, 1);

  self->func = func;
  self->user_data = user_data;
  self->fd = timerfd_create (CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (self->fd < 0)
    g_critical ("timerfd_create: %s", g_strerror (errno));
  else
    self->source = attach (self->fd, on_expired, self);

  return self;
}

void
bfy_boot_timer_free (BfyBootTimer *self)
{
  if (self == NULL)
    return;

  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

void
bfy_boot_timer_set (BfyBootTimer *self, gint64 delay_ms)
{
  gint64 ms = CLAMP (delay_ms, 0, DELAY_MAX_MS);
  /* All zeroes would clear it. */
  const struct itimerspec when = {
    .it_value = { .tv_sec = ms / MS_PER_S, .tv_nsec = ms > 0 ? (ms % MS_PER_S) * NS_PER_MS : 1 },
  };

  if (timerfd_settime (self->fd, 0, &when, NULL) != 0)
    g_critical ("timerfd_settime: %s", g_strerror (errno));
  self->is_set = TRUE;
}

void
bfy_boot_timer_clear (BfyBootTimer *self)
{
  static const struct itimerspec never = { 0 };

  if (!self->is_set)
    return;
  (void) timerfd_settime (self->fd, 0, &never, NULL);
  self->is_set = FALSE;
}

gboolean
bfy_boot_timer_is_set (const BfyBootTimer *self)
{
  return self->is_set;
}

gint64
bfy_boot_timer_now_ms (void)
{
  struct timespec now = { 0 };

  (void) clock_gettime (CLOCK_BOOTTIME, &now);

  return (gint64) now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

/* --- The watch --- */

/* A timer that never comes to its end: all that is wanted is that it is cancelled. */
static gboolean
arm_watch (BfyClockWatch *self)
{
  const struct itimerspec far = { .it_value.tv_sec = FAR_S };

  return timerfd_settime (self->fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &far, NULL) == 0;
}

static gboolean
on_step (gint fd, GIOCondition condition, gpointer user_data)
{
  BfyClockWatch *self = user_data;
  guint64 n_expired;

  if (read (fd, &n_expired, sizeof n_expired) >= 0 || errno != ECANCELED)
    return G_SOURCE_CONTINUE;

  /* Fails with ECANCELED when it was set once more meanwhile, and is armed all the same. */
  if (!arm_watch (self) && errno != ECANCELED)
    g_warning ("Steps of the clock are not noticed any more: %s", g_strerror (errno));
  self->func (self->user_data);

  return G_SOURCE_CONTINUE;
}

BfyClockWatch *
bfy_clock_watch_new (BfyBootTimerFunc func, gpointer user_data)
{
  g_autoptr (BfyClockWatch) self = g_new0 (BfyClockWatch, 1);

  self->func = func;
  self->user_data = user_data;
  self->fd = timerfd_create (CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (self->fd < 0 || !arm_watch (self))
    {
      g_warning ("Steps of the clock are not noticed: %s", g_strerror (errno));
      return NULL;
    }
  self->source = attach (self->fd, on_step, self);

  return g_steal_pointer (&self);
}

void
bfy_clock_watch_free (BfyClockWatch *self)
{
  if (self == NULL)
    return;

  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}
