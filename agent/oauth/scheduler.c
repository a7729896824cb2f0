/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whenever something may have changed that decides about what is due (a record, the wall clock, the
 * network, the lock, the end of a chore), all bindings are looked at once: what is due is begun, at
 * most so many at a time, and one timer is set for the next. There is nothing else that could go
 * wrong separately: no timer for each binding, no list of what is planned.
 *
 * Sleep needs no help of logind: the timer goes on while the machine sleeps, so it is due when it
 * wakes, and the kernel reports the wall clock as set. */

#include "agent/boot-timer.h"
#include "agent/oauth/jobs.h"
#include "agent/oauth/liveness.h"
#include "agent/oauth/rhythm.h"
#include "agent/oauth/scheduler-private.h"

#define MS_PER_S 1000
#define HORIZON_S (G_GINT64_CONSTANT (366) * 24 * 3600) /* what is due later is looked at again */

struct _BfyScheduler
{
  gatomicrefcount ref_count;
  BfyAgent *agent; /* borrowed; NULL once stopped */
  const BfySchedulerParts *parts;
  BfyBootTimer *timer;       /* (owned) */
  BfyClockWatch *clock;      /* (owned) (nullable) */
  GNetworkMonitor *network;  /* (owned) (nullable) from when on something has to do with it */
  BfyLiveness *liveness;     /* (owned) */
  BfyJobs *jobs;             /* (owned) */
  GCancellable *cancellable; /* (owned) */
  gboolean is_holding;       /* something is due, but the network is not there */
  guint sweep_id;
  gulong changed_id, tokens_id, locked_id, unlocked_id, network_id;
};

/* A chore that is under way. */
typedef struct
{
  BfyScheduler *scheduler; /* (owned) */
  BfyBinding *binding;     /* (owned) */
  BfyChore chore;
} Visit;

/* A chore that will have to be done. */
typedef struct
{
  BfyBinding *binding; /* borrowed from the list that is swept */
  BfyChore chore;
  gint64 delay_ms; /* 0 or less: now */
} Candidate;

static void queue_sweep (BfyScheduler *self);

static BfyScheduler *
scheduler_ref (BfyScheduler *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
scheduler_unref (BfyScheduler *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  bfy_jobs_free (self->jobs);
  g_object_unref (self->cancellable);
  g_free (self);
}

static void
visit_free (Visit *visit)
{
  scheduler_unref (visit->scheduler);
  bfy_binding_unref (visit->binding);
  g_free (visit);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Visit, visit_free)

/* --- A chore --- */

static BfyDue
next_of (BfyScheduler *self, const BfyBinding *binding)
{
  const BfyRhythm rhythm = bfy_rhythm_of (self->agent, binding);

  return bfy_schedule_next (binding, &rhythm, self->parts->now_ms () / MS_PER_S);
}

/* What did not help has failed, whatever it says: else it would be done again at once. */
static gboolean
has_helped (BfyScheduler *self, const Visit *visit)
{
  BfyBinding *binding = bfy_registry_find_by_id (self->agent->registry, visit->binding->id);
  BfyDue due = { BFY_CHORE_NONE, 0 };

  if (binding != NULL)
    due = next_of (self, binding);

  return due.chore != visit->chore || due.due_s > self->parts->now_ms () / MS_PER_S;
}

/* How it went has been recorded by whoever did it. */
static void
on_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Visit) visit = user_data;
  BfyScheduler *self = visit->scheduler;
  g_autoptr (GError) error = NULL;
  gboolean is_done;

  if (self->agent == NULL)
    return;

  is_done = self->parts->kinds[visit->chore].finish (self->agent, result, &error);
  if (!is_done)
    g_info ("“%s” could not be looked after: %s", visit->binding->name, error->message);
  else
    bfy_liveness_look (self->liveness, visit->binding);
  bfy_jobs_end (self->jobs, visit->binding->id, is_done && has_helped (self, visit),
                self->parts->wait_s (self->agent, visit->binding));
  queue_sweep (self);
}

static void
begin (BfyScheduler *self, const Candidate *candidate)
{
  Visit *visit = g_new0 (Visit, 1);

  visit->scheduler = scheduler_ref (self);
  visit->binding = bfy_binding_ref (candidate->binding);
  visit->chore = candidate->chore;
  bfy_jobs_begin (self->jobs, visit->binding->id);
  self->parts->kinds[visit->chore].begin (self->agent, visit->binding, self->cancellable, on_done,
                                          visit);
}

/* --- The sweep --- */

static void
on_network_changed (GNetworkMonitor *network, gboolean is_there, gpointer user_data)
{
  BfyScheduler *self = user_data;

  if (is_there && self->is_holding)
    queue_sweep (self);
}

/* Only when there is something to do that it matters to, because asking costs memory, and sockets
 * that have to be listened to. */
static gboolean
is_online (BfyScheduler *self)
{
  if (self->network == NULL)
    {
      self->network = g_object_ref (self->parts->find_network ());
      self->network_id = g_signal_connect (self->network, "network-changed",
                                           G_CALLBACK (on_network_changed), self);
    }

  return g_network_monitor_get_network_available (self->network);
}

/* FALSE when there is nothing to be done for @binding. */
static gboolean
consider (BfyScheduler *self, BfyBinding *binding, Candidate *candidate)
{
  const BfyDue due = next_of (self, binding);
  gint64 now_ms = self->parts->now_ms ();
  gint64 pause_ms = bfy_jobs_pause_ms (self->jobs, binding->id);

  if (due.chore == BFY_CHORE_NONE || bfy_jobs_is_running (self->jobs, binding->id))
    return FALSE;

  candidate->binding = binding;
  candidate->chore = due.chore;
  candidate->delay_ms = MIN (due.due_s, now_ms / MS_PER_S + HORIZON_S) * MS_PER_S - now_ms;
  if (pause_ms > 0)
    candidate->delay_ms = MAX (candidate->delay_ms, pause_ms);

  return TRUE;
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const Candidate *first = a, *second = b;

  return first->delay_ms < second->delay_ms ? -1 : first->delay_ms > second->delay_ms;
}

/* In the order in which they are due. */
static GArray *
find_candidates (BfyScheduler *self, GPtrArray *bindings)
{
  GArray *candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
  Candidate candidate;

  for (guint i = 0; i < bindings->len; i++)
    if (consider (self, bindings->pdata[i], &candidate))
      g_array_append_val (candidates, candidate);
  g_array_sort (candidates, compare_candidates);

  return candidates;
}

/* What is on this machine or a private network does not need the network that is missing. */
static gboolean
is_held (BfyScheduler *self, const Candidate *candidate)
{
  return !candidate->binding->allow_local && !is_online (self);
}

static void
sweep (BfyScheduler *self)
{
  g_autoptr (GPtrArray) bindings = bfy_registry_bindings (self->agent->registry);
  g_autoptr (GArray) candidates = find_candidates (self, bindings);

  bfy_boot_timer_clear (self->timer);
  self->is_holding = FALSE;
  if (!bfy_credentials_check_unlocked (self->agent->credentials, NULL))
    return;

  for (guint i = 0;
       i < candidates->len && bfy_jobs_n_running (self->jobs) < BFY_SCHEDULER_CHORES_MAX; i++)
    {
      const Candidate *candidate = &g_array_index (candidates, Candidate, i);

      if (candidate->delay_ms > 0)
        {
          bfy_boot_timer_set (self->timer, candidate->delay_ms);
          return;
        }
      if (is_held (self, candidate))
        self->is_holding = TRUE;
      else
        begin (self, candidate);
    }
}

static gboolean
on_sweep (gpointer user_data)
{
  BfyScheduler *self = user_data;

  self->sweep_id = 0;
  sweep (self);

  return G_SOURCE_REMOVE;
}

/* Not at once: it may be the middle of a change, and there may be more of them. */
static void
queue_sweep (BfyScheduler *self)
{
  if (self->sweep_id == 0)
    self->sweep_id = g_idle_add (on_sweep, self);
}

/* --- What may change it --- */

static void
on_event (gpointer user_data)
{
  queue_sweep (user_data);
}

/* For signals whose arguments do not matter. */
static void
on_signal (GObject *source, gpointer user_data)
{
  queue_sweep (user_data);
}

static void
on_tokens_changed (BfyRegistry *registry, BfyBinding *now, gpointer user_data)
{
  BfyScheduler *self = user_data;

  bfy_jobs_drop (self->jobs, now->id);
  queue_sweep (self);
}

static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  BfyScheduler *self = user_data;

  if (old != NULL && (now == NULL || now->refreshed_at_s != old->refreshed_at_s))
    bfy_jobs_drop (self->jobs, old->id);
  queue_sweep (self);
}

void
bfy_scheduler_note_clock_step (BfyScheduler *self)
{
  queue_sweep (self);
}

gboolean
bfy_scheduler_is_armed (const BfyScheduler *self)
{
  return bfy_boot_timer_is_set (self->timer);
}

BfyScheduler *
bfy_scheduler_new_with (BfyAgent *agent, const BfySchedulerParts *parts)
{
  BfyScheduler *self = g_new0 (BfyScheduler, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->agent = agent;
  self->parts = parts;
  self->timer = bfy_boot_timer_new (on_event, self);
  self->clock = bfy_clock_watch_new (on_event, self);
  self->liveness = bfy_liveness_new (agent);
  self->jobs = bfy_jobs_new ();
  self->cancellable = g_cancellable_new ();
  self->changed_id =
      g_signal_connect (agent->registry, "binding-changed", G_CALLBACK (on_binding_changed), self);
  self->tokens_id =
      g_signal_connect (agent->registry, "tokens-changed", G_CALLBACK (on_tokens_changed), self);
  self->locked_id = g_signal_connect (agent->credentials, "locked", G_CALLBACK (on_signal), self);
  self->unlocked_id =
      g_signal_connect (agent->credentials, "unlocked", G_CALLBACK (on_signal), self);
  queue_sweep (self);

  return self;
}

BfyScheduler *
bfy_scheduler_new (BfyAgent *agent)
{
  return bfy_scheduler_new_with (agent, &bfy_scheduler_parts);
}

void
bfy_scheduler_stop (BfyScheduler *self)
{
  BfyAgent *agent = g_steal_pointer (&self->agent);

  if (agent == NULL)
    return;

  g_clear_signal_handler (&self->changed_id, agent->registry);
  g_clear_signal_handler (&self->tokens_id, agent->registry);
  g_clear_signal_handler (&self->locked_id, agent->credentials);
  g_clear_signal_handler (&self->unlocked_id, agent->credentials);
  if (self->network != NULL)
    g_clear_signal_handler (&self->network_id, self->network);
  g_clear_object (&self->network);
  g_clear_handle_id (&self->sweep_id, g_source_remove);
  g_clear_pointer (&self->clock, bfy_clock_watch_free);
  g_clear_pointer (&self->timer, bfy_boot_timer_free);
  g_clear_pointer (&self->liveness, bfy_liveness_free);
  g_cancellable_cancel (self->cancellable);
}

void
bfy_scheduler_free (BfyScheduler *self)
{
  if (self == NULL)
    return;

  bfy_scheduler_stop (self);
  scheduler_unref (self);
}
