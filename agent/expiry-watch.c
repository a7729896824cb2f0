/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/expiry-watch.h"

struct _BfyExpiryWatch
{
  BfyRegistry *registry; /* borrowed */
  BfyBootTimer *timer;   /* (owned) */
  BfyClockWatch *clock;  /* (owned) (nullable) */
  BfyExpiryOfFunc expiry_of;
  BfyExpirySweepFunc sweep;
  gpointer user_data;
  gboolean is_sweeping;
  gulong changed_id;
};

/* What it does is itself a change that is heard of. */
void
bfy_expiry_watch_sweep (BfyExpiryWatch *self)
{
  gint64 next_ms;

  if (self->is_sweeping)
    return;
  self->is_sweeping = TRUE;
  next_ms = self->sweep (self->user_data);
  self->is_sweeping = FALSE;
  if (next_ms == G_MAXINT64)
    bfy_boot_timer_clear (self->timer);
  else
    bfy_boot_timer_set (self->timer, next_ms);
}

void
bfy_expiry_watch_set (BfyExpiryWatch *self, gint64 delay_ms)
{
  bfy_boot_timer_set (self->timer, delay_ms);
}

static void
on_time (gpointer user_data)
{
  bfy_expiry_watch_sweep (user_data);
}

static gboolean
has_end (const BfyExpiryWatch *self, const BfyBinding *binding)
{
  return binding != NULL && bfy_expiry_is_set (self->expiry_of (binding));
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  BfyExpiryWatch *self = user_data;

  if (has_end (self, old) || has_end (self, now))
    bfy_expiry_watch_sweep (self);
}

BfyExpiryWatch *
bfy_expiry_watch_new (BfyRegistry *registry,
                      BfyExpiryOfFunc expiry_of,
                      BfyExpirySweepFunc sweep,
                      gpointer user_data)
{
  BfyExpiryWatch *self = g_new0 (BfyExpiryWatch, 1);

  self->registry = registry;
  self->expiry_of = expiry_of;
  self->sweep = sweep;
  self->user_data = user_data;
  self->timer = bfy_boot_timer_new (on_time, self);
  self->clock = bfy_clock_watch_new (on_time, self);
  self->changed_id =
      g_signal_connect (registry, "binding-changed", G_CALLBACK (on_binding_changed), self);

  return self;
}

void
bfy_expiry_watch_free (BfyExpiryWatch *self)
{
  if (self == NULL)
    return;

  g_clear_signal_handler (&self->changed_id, self->registry);
  g_clear_pointer (&self->clock, bfy_clock_watch_free);
  g_clear_pointer (&self->timer, bfy_boot_timer_free);
  g_free (self);
}
