/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/grant/grants.h"

#include <string.h>

#include "agent/grant/grants-private.h"
#include "agent/moment.h"
#include "agent/store/store-grants.h"

#define TEN_MINUTES_MS (10 * 60 * 1000)

enum
{
  SIGNAL_ADDED,
  SIGNAL_REMOVED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BfyGrants, bfy_grants, G_TYPE_OBJECT)

/* 0: it has no time. */
static gint64
duration_of (const BfyGrant *grant)
{
  if (grant->is_denial)
    return BFY_GRANT_DENIAL_MS;

  switch (grant->scope)
    {
    case BFY_GRANT_ONCE:
      return BFY_GRANT_ONCE_MS;
    case BFY_GRANT_TEN_MINUTES:
      return TEN_MINUTES_MS;
    case BFY_GRANT_SESSION:
    case BFY_GRANT_UNTIL_LOCK:
    case BFY_GRANT_ALWAYS:
    case BFY_N_GRANT_SCOPES:
      break;
    }

  return 0;
}

static gboolean
outlives_agent (const BfyGrant *grant)
{
  return grant->pid == 0 && (grant->is_denial || grant->scope == BFY_GRANT_TEN_MINUTES ||
                             grant->scope == BFY_GRANT_ALWAYS);
}

/* A wall clock that was set back while the machine was off makes nothing last longer than it was
 * meant to. */
static gint64
find_end (const BfyGrant *grant, const BfyMoment *now)
{
  gint64 rest_ms = bfy_expiry_remaining_ms (&grant->expiry, now);

  return rest_ms == G_MAXINT64 ? rest_ms : now->boot_ms + MIN (rest_ms, duration_of (grant));
}

static gboolean
load (BfyGrants *self, GError **error)
{
  g_autoptr (GPtrArray) grants = bfy_store_load_grants (self->store, error);
  BfyMoment now = self->clock ();

  for (guint i = 0; grants != NULL && i < grants->len; i++)
    {
      BfyGrant *grant = grants->pdata[i];

      /* There is one for each thing, unless somebody wrote into the file. */
      if (bfy_grant_table_find_same (self->table, grant, grant->subject) == NULL)
        bfy_grant_table_add (self->table, grant, g_strdup (grant->subject), NULL,
                             find_end (grant, &now))
            ->is_kept = TRUE;
    }

  return grants != NULL;
}

static void
on_time (gpointer user_data)
{
  bfy_grants_sweep (user_data);
}

BfyGrants *
bfy_grants_new_with_clock (BfyStore *store, BfyGrantsClock clock, GError **error)
{
  g_autoptr (BfyGrants) self = g_object_new (BFY_TYPE_GRANTS, NULL);

  self->store = g_object_ref (store);
  self->clock = clock;
  if (!load (self, error))
    return NULL;
  bfy_grants_sweep (self);

  return g_steal_pointer (&self);
}

BfyGrants *
bfy_grants_new (BfyStore *store, GError **error)
{
  return bfy_grants_new_with_clock (store, bfy_moment_now, error);
}

void
bfy_grants_stop (BfyGrants *self)
{
  g_clear_pointer (&self->timer, bfy_boot_timer_free);
}

static void
note_use (BfyGrants *self, BfyGrantEntry *entry, const BfyMoment *now)
{
  BfyGrant *grant = entry->grant;

  grant->n_uses++;
  grant->last_used_at_s = now->wall_s;
  if (entry->is_kept)
    bfy_store_touch_grant (self->store, grant);
  if (grant->scope == BFY_GRANT_ONCE && !grant->is_denial)
    bfy_grants_remove_one (self, entry, BFY_GRANTS_ENDED);
}

BfyGrantsVerdict
bfy_grants_use (BfyGrants *self, const BfyCaller *caller, const BfyWish *wish, BfyGrant **grant)
{
  BfyMoment now = self->clock ();
  BfyGrantEntry *entry = bfy_grant_table_find (self->table, caller, wish, now.boot_ms);
  gboolean is_denial;

  if (grant != NULL)
    *grant = entry != NULL ? bfy_grant_ref (entry->grant) : NULL;
  if (entry == NULL)
    return BFY_GRANTS_NOTHING;

  is_denial = entry->grant->is_denial;
  note_use (self, entry, &now);

  return is_denial ? BFY_GRANTS_DENY : BFY_GRANTS_ALLOW;
}

/* There may be many answers that were for a while; what was given for always does not go by itself.
 */
static gboolean
make_room (BfyGrants *self, const char *who, GError **error)
{
  BfyGrantEntry *first = bfy_grant_table_peek_first (self->table);
  gboolean has_room = bfy_grant_table_get_n_of (self->table, who) < self->n_of_one_max;

  if (has_room && bfy_grant_table_get_n (self->table) < self->n_max)
    return TRUE;
  if (has_room && first != NULL)
    {
      bfy_grants_remove_one (self, first, BFY_GRANTS_ENDED);
      return TRUE;
    }

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_RATE_LIMITED,
                       "There are too many permissions to remember one more; look at them with "
                       "bindify grants");
  return FALSE;
}

static BfyGrant *
make_grant (const BfyCaller *caller,
            const BfyWish *wish,
            BfyGrantScope scope,
            gboolean is_denial,
            GError **error)
{
  if (is_denial)
    return bfy_grant_new_denial (caller, wish);
  if (scope < BFY_N_GRANT_SCOPES && (bfy_grant_scopes_for (caller, wish) & (1u << scope)) != 0)
    return bfy_grant_new (caller, wish, scope);

  g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED, "This cannot be allowed %s",
               scope < BFY_N_GRANT_SCOPES ? bfy_grant_scope_describe (scope) : "so");
  return NULL;
}

/* What is for one process ends with it. */
static gboolean
begin_session (BfyGrants *self, const BfyGrant *grant, GError **error)
{
  if (grant->pid == 0 || bfy_programs_watch (self->programs, grant->pid, grant->started_at))
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED, "The program that asked has ended");
  return FALSE;
}

static gboolean
keep (BfyGrants *self, const BfyGrant *grant, GPtrArray *replaced, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();

  for (guint i = 0; i < replaced->len; i++)
    if (((BfyGrantEntry *) replaced->pdata[i])->is_kept)
      g_ptr_array_add (ids, ((BfyGrantEntry *) replaced->pdata[i])->grant->id);
  if (outlives_agent (grant))
    return bfy_store_add_grant (self->store, grant, ids, error);

  return bfy_store_remove_grants (self->store, ids, error);
}

BfyGrant *
bfy_grants_add (BfyGrants *self,
                const BfyCaller *caller,
                const BfyWish *wish,
                BfyGrantScope scope,
                gboolean is_denial,
                GError **error)
{
  g_autoptr (BfyGrant) grant = make_grant (caller, wish, scope, is_denial, error);
  g_autofree char *who = bfy_grant_dup_who (caller);
  gboolean is_known = grant != NULL && *grant->subject != '\0';
  g_autoptr (GPtrArray) replaced = NULL;
  BfyMoment now = self->clock ();
  BfyGrantEntry *entry;

  if (grant == NULL || !make_room (self, who, error) || !begin_session (self, grant, error))
    return NULL;
  grant->created_at_s = now.wall_s;
  if (duration_of (grant) > 0)
    grant->expiry = bfy_expiry_after (&now, duration_of (grant));
  replaced = bfy_grant_table_list_replaced (self->table, grant, who);
  if (is_known && !keep (self, grant, replaced, error))
    {
      if (grant->pid > 0)
        bfy_programs_unwatch (self->programs, grant->pid, grant->started_at);
      return NULL;
    }

  bfy_grants_remove (self, replaced, BFY_GRANTS_REPLACED);
  entry = bfy_grant_table_add (self->table, grant, g_steal_pointer (&who),
                               is_known ? NULL : (BfyCaller *) caller, find_end (grant, &now));
  entry->is_kept = is_known && outlives_agent (grant);
  bfy_grants_set_timer (self);
  bfy_grants_record (self, grant, is_denial ? "approval_denied" : "approval_granted");
  g_signal_emit (self, signals[SIGNAL_ADDED], 0, grant);

  return entry->grant;
}

void
bfy_grants_hold_request (BfyGrants *self,
                         const BfyGrant *grant,
                         BfyRequest *request,
                         const char *rpc_id)
{
  bfy_holds_add (self->holds, grant->id, request, rpc_id);
}

GPtrArray *
bfy_grants_list (BfyGrants *self)
{
  GPtrArray *grants = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_grant_unref);
  g_autoptr (GPtrArray) entries = NULL;

  bfy_grants_sweep (self);
  entries = bfy_grant_table_list (self->table, NULL);
  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (grants, bfy_grant_ref (((BfyGrantEntry *) entries->pdata[i])->grant));

  return grants;
}

guint
bfy_grants_get_n (BfyGrants *self)
{
  return bfy_grant_table_get_n (self->table);
}

BfyGrant *
bfy_grants_find (BfyGrants *self, const char *id, GError **error)
{
  g_autoptr (GPtrArray) entries = bfy_grant_table_list (self->table, NULL);
  gsize length = strlen (id);
  BfyGrant *found = NULL;

  for (guint i = 0; length >= BFY_GRANT_ID_MIN && i < entries->len; i++)
    {
      BfyGrant *grant = ((BfyGrantEntry *) entries->pdata[i])->grant;

      if (strncmp (grant->id, id, length) != 0)
        continue;
      if (found != NULL)
        {
          g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                               "Several permissions have an id that begins so; give more of it");
          return NULL;
        }
      found = grant;
    }
  if (found == NULL)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                         "There is no permission with that id; it may have ended");

  return found;
}

void
bfy_grants_emit_removed (BfyGrants *self, BfyGrant *grant, gboolean is_revoked)
{
  g_signal_emit (self, signals[SIGNAL_REMOVED], 0, grant, is_revoked);
}

static void
bfy_grants_dispose (GObject *object)
{
  BfyGrants *self = BFY_GRANTS (object);

  bfy_grants_stop (self);
  if (self->registry != NULL)
    g_signal_handlers_disconnect_by_data (self->registry, self);
  g_clear_object (&self->registry);

  G_OBJECT_CLASS (bfy_grants_parent_class)->dispose (object);
}

static void
bfy_grants_finalize (GObject *object)
{
  BfyGrants *self = BFY_GRANTS (object);

  bfy_holds_free (self->holds);
  bfy_programs_free (self->programs);
  bfy_grant_table_free (self->table);
  g_clear_object (&self->store);

  G_OBJECT_CLASS (bfy_grants_parent_class)->finalize (object);
}

static void
bfy_grants_class_init (BfyGrantsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bfy_grants_dispose;
  object_class->finalize = bfy_grants_finalize;
  signals[SIGNAL_ADDED] = g_signal_new ("added", BFY_TYPE_GRANTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                        NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_REMOVED] =
      g_signal_new ("removed", BFY_TYPE_GRANTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                    2, G_TYPE_POINTER, G_TYPE_BOOLEAN);
}

static void
bfy_grants_init (BfyGrants *self)
{
  self->n_max = BFY_GRANTS_MAX;
  self->n_of_one_max = BFY_GRANTS_PER_SUBJECT_MAX;
  self->table = bfy_grant_table_new ();
  self->programs = bfy_programs_new (bfy_grants_note_ended, self);
  self->holds = bfy_holds_new ();
  self->timer = bfy_boot_timer_new (on_time, self);
}
