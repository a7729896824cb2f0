/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/deadline.h"

static gboolean
dispatch_timer (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static GSourceFuncs timer_funcs = { .dispatch = dispatch_timer };

static gboolean
on_time (gpointer user_data)
{
  BfyDeadline *self = user_data;

  if (self->at_us < 0 || self->at_us > g_get_monotonic_time ())
    {
      g_source_set_ready_time (self->timer, self->at_us);
      return G_SOURCE_CONTINUE;
    }
  g_source_set_ready_time (self->timer, -1);
  self->passed (self->user_data);

  return G_SOURCE_CONTINUE;
}

void
bfy_deadline_init (BfyDeadline *self, void (*passed) (gpointer user_data), gpointer user_data)
{
  *self = (BfyDeadline){ .at_us = -1, .passed = passed, .user_data = user_data };
}

void
bfy_deadline_start (BfyDeadline *self)
{
  self->timer = g_source_new (&timer_funcs, sizeof (GSource));
  g_source_set_callback (self->timer, on_time, self, NULL);
  g_source_set_ready_time (self->timer, self->at_us);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

void
bfy_deadline_stop (BfyDeadline *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

void
bfy_deadline_set_at (BfyDeadline *self, gint64 at_us)
{
  gint64 ready_us;

  self->at_us = at_us;
  if (at_us < 0 || self->timer == NULL)
    return;
  ready_us = g_source_get_ready_time (self->timer);
  if (ready_us < 0 || ready_us > at_us)
    g_source_set_ready_time (self->timer, at_us);
}

void
bfy_deadline_set (BfyDeadline *self, gint64 timeout_ms)
{
  bfy_deadline_set_at (self, timeout_ms < 0 ? -1 : g_get_monotonic_time () + timeout_ms * 1000);
}
