/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/pause.h"

#include "agent/boot-timer.h"
#include "agent/moment.h"

/* Between tries to write down that one has ended. */
#define RETRY_MS (30 * 1000)

struct _BfyPauses
{
  BfyAgent *agent;      /* borrowed */
  BfyBootTimer *timer;  /* (owned) */
  BfyClockWatch *clock; /* (owned) (nullable) */
  gboolean is_sweeping;
  gulong changed_id;
};

void
bfy_pause_begin (BfyBinding *binding, gint64 for_s)
{
  BfyMoment now = bfy_moment_now ();

  if (binding->state != BFY_STATE_PAUSED)
    binding->paused_at_s = bfy_agent_now_s ();
  binding->state = BFY_STATE_PAUSED;
  binding->resumes = for_s > 0 ? bfy_expiry_after (&now, for_s * 1000) : (BfyExpiry){ 0 };
}

void
bfy_pause_end (BfyBinding *binding)
{
  binding->resumes = (BfyExpiry){ 0 };
  if (binding->state != BFY_STATE_PAUSED)
    return;

  binding->paused_at_s = 0;
  binding->state = binding->needs_login_at_s > 0 ? BFY_STATE_NEEDS_LOGIN : BFY_STATE_OK;
}

const char *
bfy_pause_describe_change (const BfyBinding *now, const BfyBinding *old)
{
  gboolean is_paused = now->state == BFY_STATE_PAUSED;
  gboolean was_paused = old->state == BFY_STATE_PAUSED;

  if (!is_paused && !was_paused)
    return NULL;
  if (!is_paused)
    return "resumed";
  if (was_paused && now->resumes.wall_s == old->resumes.wall_s)
    return NULL;

  return bfy_expiry_is_set (&now->resumes) ? "paused for a time" : "paused";
}

/* How long until it is tried again; G_MAXINT64 when it is done. */
static gint64
resume (BfyPauses *self, const BfyBinding *binding)
{
  g_autoptr (BfyBinding) resumed = bfy_binding_copy (binding);
  g_autoptr (GError) error = NULL;
  BfyEvent *event;

  bfy_pause_end (resumed);
  if (!bfy_registry_update (self->agent->registry, resumed, &error))
    {
      g_warning ("“%s” stays paused: %s", binding->name, error->message);
      return RETRY_MS;
    }
  event = bfy_agent_new_event ("binding_changed", resumed, NULL);
  event->client = g_strdup (BFY_AGENT_CLIENT);
  event->detail = g_strdup ("resumed");
  bfy_store_append_event (self->agent->store, event, TRUE);

  return G_MAXINT64;
}

static gint64
resume_all (BfyPauses *self)
{
  g_autoptr (GPtrArray) bindings = bfy_registry_bindings (self->agent->registry);
  BfyMoment now = bfy_moment_now ();
  gint64 next_ms = G_MAXINT64;

  for (guint i = 0; i < bindings->len; i++)
    {
      const BfyBinding *binding = g_ptr_array_index (bindings, i);
      gint64 remaining_ms = bfy_expiry_remaining_ms (&binding->resumes, &now);

      next_ms = MIN (next_ms, remaining_ms > 0 ? remaining_ms : resume (self, binding));
    }

  return next_ms;
}

/* Resuming one is itself a change that is heard of. */
static void
sweep (BfyPauses *self)
{
  gint64 next_ms;

  if (self->is_sweeping)
    return;
  self->is_sweeping = TRUE;
  next_ms = resume_all (self);
  self->is_sweeping = FALSE;
  if (next_ms == G_MAXINT64)
    bfy_boot_timer_clear (self->timer);
  else
    bfy_boot_timer_set (self->timer, next_ms);
}

static void
on_time (gpointer user_data)
{
  sweep (user_data);
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  if ((old != NULL && bfy_expiry_is_set (&old->resumes)) ||
      (now != NULL && bfy_expiry_is_set (&now->resumes)))
    sweep (user_data);
}

BfyPauses *
bfy_pauses_new (BfyAgent *agent)
{
  BfyPauses *self = g_new0 (BfyPauses, 1);

  self->agent = agent;
  self->timer = bfy_boot_timer_new (on_time, self);
  self->clock = bfy_clock_watch_new (on_time, self);
  self->changed_id =
      g_signal_connect (agent->registry, "binding-changed", G_CALLBACK (on_binding_changed), self);
  sweep (self);

  return self;
}

void
bfy_pauses_free (BfyPauses *self)
{
  if (self == NULL)
    return;

  g_clear_signal_handler (&self->changed_id, self->agent->registry);
  g_clear_pointer (&self->clock, bfy_clock_watch_free);
  g_clear_pointer (&self->timer, bfy_boot_timer_free);
  g_free (self);
}
