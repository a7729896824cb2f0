/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/lifetime.h"

#include "agent/expiry-watch.h"
#include "agent/footprint.h"
#include "agent/moment.h"
#include "agent/oauth/refresher.h"
#include "agent/pause.h"

/* Between tries to take a credential out of a keyring that does not let us. */
#define RETRY_MIN_MS 2000
#define RETRY_MAX_MS (5 * 60 * 1000)

struct _BfyLifetimes
{
  gatomicrefcount ref_count; /* removals that are under way have one, too */
  BfyAgent *agent;           /* borrowed, NULL once stopped */
  BfyExpiryWatch *watch;     /* (owned) NULL once stopped */
  GHashTable *removing;      /* (owned) (element-type utf8) ids */
  GHashTable *stuck;         /* (owned) (element-type utf8) ids whose removal has failed */
  gint64 retry_ms;           /* between tries for those */
  gint64 retry_at_ms;        /* of the clock of the timer */
  gulong unlocked_id;
  gulong event_id;
};

typedef struct
{
  BfyLifetimes *self;  /* (owned) */
  BfyBinding *binding; /* (owned) */
} Removal;

static void
lifetimes_unref (BfyLifetimes *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_hash_table_unref (self->removing);
  g_hash_table_unref (self->stuck);
  g_free (self);
}

static Removal *
removal_new (BfyLifetimes *self, BfyBinding *binding)
{
  Removal *removal = g_new0 (Removal, 1);

  g_atomic_ref_count_inc (&self->ref_count);
  removal->self = self;
  removal->binding = bfy_binding_ref (binding);

  return removal;
}

static void
removal_free (Removal *removal)
{
  lifetimes_unref (removal->self);
  bfy_binding_unref (removal->binding);
  g_free (removal);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Removal, removal_free)

/* --- What has ended --- */

gboolean
bfy_lifetime_is_over (const BfyBinding *binding)
{
  BfyMoment now;

  if (!bfy_expiry_is_set (&binding->ends))
    return FALSE;
  now = bfy_moment_now ();

  return bfy_expiry_remaining_ms (&binding->ends, &now) == 0;
}

gboolean
bfy_lifetime_check (const BfyBinding *binding, GError **error)
{
  if (!bfy_lifetime_is_over (binding))
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
               "The lifetime of “%s” is over; it goes as soon as its keyring can be opened",
               binding->name);

  return FALSE;
}

gint64
bfy_lifetime_next_ms (GPtrArray *bindings, const BfyMoment *now)
{
  gint64 next_ms = G_MAXINT64;

  for (guint i = 0; i < bindings->len; i++)
    {
      const BfyBinding *binding = g_ptr_array_index (bindings, i);

      next_ms = MIN (next_ms, bfy_expiry_remaining_ms (&binding->ends, now));
    }

  return next_ms;
}

/* --- What becomes of it --- */

static void
set_retry (BfyLifetimes *self, const BfyBinding *binding)
{
  self->retry_ms = CLAMP (self->retry_ms * 2, RETRY_MIN_MS, RETRY_MAX_MS);
  self->retry_at_ms = bfy_boot_timer_now_ms () + self->retry_ms;
  g_hash_table_add (self->stuck, g_strdup (binding->id));
}

/* Told once; a keyring may stay locked for days. */
static void
note_stuck (BfyLifetimes *self, const BfyBinding *binding, const GError *error)
{
  if (!g_hash_table_contains (self->stuck, binding->id))
    g_message ("The lifetime of “%s” is over, but its credential cannot be taken out of the "
               "keyring yet: %s",
               binding->name, error->message);
  set_retry (self, binding);
}

static void
forget_record (BfyLifetimes *self, const BfyBinding *removed)
{
  BfyAgent *agent = self->agent;
  BfyBinding *binding = bfy_registry_find_by_id (agent->registry, removed->id);
  g_autoptr (GError) error = NULL;
  BfyEvent *event;

  if (binding == NULL) /* by a person, at the same moment */
    return;
  event = bfy_agent_new_event ("expired", binding, NULL);
  if (!bfy_registry_remove (agent->registry, binding->name, &error))
    {
      bfy_event_free (event);
      note_stuck (self, removed, error);
      return;
    }

  g_hash_table_remove (self->stuck, removed->id);
  self->retry_ms = 0;
  bfy_store_append_event (agent->store, event, TRUE);
  bfy_footprint_clear_stack ();
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Removal) removal = user_data;
  BfyLifetimes *self = removal->self;
  g_autoptr (GError) error = NULL;
  gboolean is_gone = bfy_credentials_remove_finish (BFY_CREDENTIALS (source), result, &error);

  g_hash_table_remove (self->removing, removal->binding->id);
  if (self->agent == NULL)
    return;
  if (is_gone)
    forget_record (self, removal->binding);
  else
    note_stuck (self, removal->binding, error);
  bfy_expiry_watch_sweep (self->watch);
}

/* Pausing ends what is under way, as it does when a person does it. */
static void
stop_use (BfyLifetimes *self, const BfyBinding *binding)
{
  g_autoptr (BfyBinding) stopped = NULL;
  g_autoptr (GError) error = NULL;

  if (binding->state == BFY_STATE_PAUSED && !bfy_expiry_is_set (&binding->resumes))
    return;
  stopped = bfy_binding_copy (binding);
  bfy_pause_begin (stopped, 0);
  if (!bfy_registry_update (self->agent->registry, stopped, &error))
    g_warning ("The end of “%s” is not recorded yet: %s", binding->name, error->message);
}

static void
end_one (BfyLifetimes *self, BfyBinding *binding)
{
  BfyAgent *agent = self->agent;

  if (!g_hash_table_add (self->removing, g_strdup (binding->id)))
    return;
  stop_use (self, binding);
  if (agent->refresher != NULL)
    bfy_refresher_forget (agent->refresher, binding);
  bfy_credentials_forget (agent->credentials, binding);
  bfy_credentials_remove_async (agent->credentials, binding, on_removed,
                                removal_new (self, binding));
}

/* Ends what is over and has not just been tried in vain; how long until there is more to do. */
static gint64
end_all (gpointer user_data)
{
  BfyLifetimes *self = user_data;
  g_autoptr (GPtrArray) bindings = bfy_registry_bindings (self->agent->registry);
  BfyMoment now = bfy_moment_now ();
  gint64 wait_ms = MAX (self->retry_at_ms - now.boot_ms, 0);
  gint64 next_ms = G_MAXINT64;

  for (guint i = 0; i < bindings->len; i++)
    {
      BfyBinding *binding = g_ptr_array_index (bindings, i);
      gint64 remaining_ms = bfy_expiry_remaining_ms (&binding->ends, &now);
      gboolean waits = g_hash_table_contains (self->stuck, binding->id) && wait_ms > 0;

      if (remaining_ms > 0)
        next_ms = MIN (next_ms, remaining_ms);
      else if (waits)
        next_ms = MIN (next_ms, wait_ms);
      else
        end_one (self, binding);
    }

  return next_ms;
}

static const BfyExpiry *
end_of (const BfyBinding *binding)
{
  return &binding->ends;
}

/* Something has been opened. */
static void
try_again (BfyLifetimes *self)
{
  if (g_hash_table_size (self->stuck) == 0)
    return;
  self->retry_at_ms = 0;
  bfy_expiry_watch_set (self->watch, 0);
}

static void
on_unlocked (BfyCredentials *credentials, gpointer user_data)
{
  try_again (user_data);
}

static void
on_event (BfyStore *store, BfyEvent *event, gpointer user_data)
{
  if (g_str_equal (event->type, "vault_unlocked"))
    try_again (user_data);
}

BfyLifetimes *
bfy_lifetimes_new (BfyAgent *agent)
{
  BfyLifetimes *self = g_new0 (BfyLifetimes, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->agent = agent;
  self->removing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->stuck = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->watch = bfy_expiry_watch_new (agent->registry, end_of, end_all, self);
  self->unlocked_id =
      g_signal_connect (agent->credentials, "unlocked", G_CALLBACK (on_unlocked), self);
  self->event_id = g_signal_connect (agent->store, "event", G_CALLBACK (on_event), self);
  bfy_expiry_watch_sweep (self->watch);

  return self;
}

void
bfy_lifetimes_stop (BfyLifetimes *self)
{
  BfyAgent *agent = g_steal_pointer (&self->agent);

  if (agent == NULL)
    return;
  g_clear_signal_handler (&self->unlocked_id, agent->credentials);
  g_clear_signal_handler (&self->event_id, agent->store);
  g_clear_pointer (&self->watch, bfy_expiry_watch_free);
}

void
bfy_lifetimes_free (BfyLifetimes *self)
{
  if (self == NULL)
    return;

  bfy_lifetimes_stop (self);
  lifetimes_unref (self);
}
