/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/pause.h"

#include "agent/expiry-watch.h"
#include "agent/moment.h"

/* Between tries to write down that one has ended. */
#define RETRY_MS (30 * 1000)

struct _BfyPauses
{
  BfyAgent *agent;       /* borrowed */
  BfyExpiryWatch *watch; /* (owned) */
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

BfyEvent *
bfy_pause_new_event (BfyBinding *now, const BfyBinding *old, BfyRequest *request)
{
  gboolean is_paused = now->state == BFY_STATE_PAUSED;
  gboolean was_paused = old->state == BFY_STATE_PAUSED;
  BfyEvent *event;

  if (is_paused == was_paused && (!is_paused || now->resumes.wall_s == old->resumes.wall_s))
    return NULL;
  event = bfy_agent_new_event (is_paused ? "paused" : "resumed", now, request);
  if (is_paused && bfy_expiry_is_set (&now->resumes))
    event->detail = g_strdup ("for a time");

  return event;
}

gboolean
bfy_pause_change (BfyAgent *agent,
                  const BfyBinding *binding,
                  gboolean is_paused,
                  const char *detail,
                  GError **error)
{
  g_autoptr (BfyBinding) changed = bfy_binding_copy (binding);
  BfyEvent *event;

  if (is_paused)
    bfy_pause_begin (changed, 0);
  else
    bfy_pause_end (changed);
  if (!bfy_registry_update (agent->registry, changed, error))
    return FALSE;

  event = bfy_pause_new_event (changed, binding, NULL);
  event->client = g_strdup (BFY_AGENT_CLIENT);
  event->detail = g_strdup (detail);
  bfy_store_append_event (agent->store, event, TRUE);

  return TRUE;
}

/* How long until it is tried again; G_MAXINT64 when it is done. */
static gint64
resume (BfyPauses *self, const BfyBinding *binding)
{
  g_autoptr (GError) error = NULL;

  if (bfy_pause_change (self->agent, binding, FALSE, NULL, &error))
    return G_MAXINT64;

  g_warning ("“%s” stays paused: %s", binding->name, error->message);

  return RETRY_MS;
}

static gint64
resume_all (gpointer user_data)
{
  BfyPauses *self = user_data;
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

static const BfyExpiry *
end_of (const BfyBinding *binding)
{
  return &binding->resumes;
}

BfyPauses *
bfy_pauses_new (BfyAgent *agent)
{
  BfyPauses *self = g_new0 (BfyPauses, 1);

  self->agent = agent;
  self->watch = bfy_expiry_watch_new (agent->registry, end_of, resume_all, self);
  bfy_expiry_watch_sweep (self->watch);

  return self;
}

void
bfy_pauses_free (BfyPauses *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->watch, bfy_expiry_watch_free);
  g_free (self);
}
