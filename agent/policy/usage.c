/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/policy/usage.h"

#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)
#define REFUSALS_NOTED 8 /* kinds of limits, of all clients and of each */

typedef struct
{
  const char *limit; /* static */
  gboolean is_per_client;
  gint64 noted_at_s;
} Noted;

typedef struct
{
  gatomicrefcount ref_count;
  char *id; /* (owned) */
  BfyQuotaUse use;
  Noted noted[REFUSALS_NOTED];
} Client;

typedef struct
{
  gatomicrefcount ref_count;
  char *id; /* (owned) */
  BfyQuotaUse use;
  GHashTable *clients; /* (owned) (element-type utf8 Client) */
} Binding;

struct _BfyUsage
{
  gatomicrefcount ref_count;
  BfyStore *store;       /* (owned) */
  BfyRegistry *registry; /* (owned) (nullable) NULL once it is freed for all but tickets */
  BfyUsageClock clock;
  GHashTable *bindings; /* (owned) (element-type utf8 Binding) */
  gulong changed_id;
  gulong removed_id;
};

struct _BfyUsageTicket
{
  gatomicrefcount ref_count;
  BfyUsage *usage;  /* (owned) */
  Binding *binding; /* (owned) */
  Client *client;   /* (owned) */
  BfyQuotaWish wish;
  gint64 taken_at_s;
  gint64 begun_us;
  gint64 lasted_ms;
  gboolean is_over;
  gboolean is_settled;
  gboolean is_withdrawn;
  BfyOutcome outcome;
};

static void
client_unref (gpointer data)
{
  Client *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->id);
  g_free (self);
}

static void
binding_unref (gpointer data)
{
  Binding *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_hash_table_unref (self->clients);
  g_free (self->id);
  g_free (self);
}

static Binding *
get_binding (BfyUsage *self, const char *id)
{
  Binding *binding = g_hash_table_lookup (self->bindings, id);

  if (binding != NULL)
    return binding;

  binding = g_new0 (Binding, 1);
  g_atomic_ref_count_init (&binding->ref_count);
  binding->id = g_strdup (id);
  binding->clients = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, client_unref);
  g_hash_table_insert (self->bindings, binding->id, binding);

  return binding;
}

static Client *
get_client (Binding *binding, const char *id)
{
  Client *client = g_hash_table_lookup (binding->clients, id);

  if (client != NULL)
    return client;

  client = g_new0 (Client, 1);
  g_atomic_ref_count_init (&client->ref_count);
  client->id = g_strdup (id);
  g_hash_table_insert (binding->clients, client->id, client);

  return client;
}

static const char *
id_of (const char *client_id)
{
  return client_id != NULL ? client_id : "";
}

/* What was used in this hour and on this day before the agent was started. */
static void
load_row (BfyUsage *self, const BfyUsageRow *row, gint64 now_s)
{
  Binding *binding = get_binding (self, row->binding_id);
  Client *client = get_client (binding, row->client_id);
  BfyQuotaUse *uses[] = { &binding->use, &client->use };

  for (guint i = 0; i < G_N_ELEMENTS (uses); i++)
    {
      bfy_quota_count_bytes (uses[i], row->counts.bytes_up, now_s);
      bfy_quota_count_bytes (uses[i], row->counts.bytes_down, now_s);
      if (row->hour_s == uses[i]->hour_s)
        bfy_quota_count_hour (uses[i], row->counts.n_calls, now_s);
    }
}

static gboolean
load (BfyUsage *self, GError **error)
{
  gint64 now_s = self->clock ();
  g_autoptr (GPtrArray) rows =
      bfy_store_query_usage (self->store, NULL, now_s - now_s % DAY_S, error);

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    load_row (self, g_ptr_array_index (rows, i), now_s);

  return rows != NULL;
}

/* Removed ones are forgotten; a new one of that name has another id. */
static void
on_binding_changed (BfyRegistry *registry, BfyBinding *old, BfyBinding *now, gpointer user_data)
{
  BfyUsage *self = user_data;

  if (now == NULL)
    g_hash_table_remove (self->bindings, old->id);
}

static void
on_client_removed (BfyRegistry *registry, BfyClient *removed, gpointer user_data)
{
  BfyUsage *self = user_data;
  GHashTableIter iter;
  gpointer binding;

  g_hash_table_iter_init (&iter, self->bindings);
  while (g_hash_table_iter_next (&iter, NULL, &binding))
    g_hash_table_remove (((Binding *) binding)->clients, removed->id);
}

static void
usage_unref (BfyUsage *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_hash_table_unref (self->bindings);
  g_object_unref (self->store);
  g_free (self);
}

BfyUsage *
bfy_usage_new (BfyStore *store, BfyRegistry *registry, BfyUsageClock clock, GError **error)
{
  g_autoptr (BfyUsage) self = g_new0 (BfyUsage, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->store = g_object_ref (store);
  self->registry = g_object_ref (registry);
  self->clock = clock;
  self->bindings = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, binding_unref);
  self->changed_id =
      g_signal_connect (registry, "binding-changed", G_CALLBACK (on_binding_changed), self);
  self->removed_id =
      g_signal_connect (registry, "client-removed", G_CALLBACK (on_client_removed), self);

  return load (self, error) ? g_steal_pointer (&self) : NULL;
}

void
bfy_usage_free (BfyUsage *self)
{
  g_clear_signal_handler (&self->changed_id, self->registry);
  g_clear_signal_handler (&self->removed_id, self->registry);
  g_clear_object (&self->registry);
  usage_unref (self);
}

BfyUsageTicket *
bfy_usage_take (BfyUsage *self,
                const BfyUsageWho *who,
                const BfyQuotaWish *wish,
                BfyQuotaVerdict *verdict)
{
  static const BfyQuotas none = { 0 };
  const BfyQuotas *quotas = bfy_policy_get_quotas (who->binding->policy);
  Binding *binding = get_binding (self, who->binding->id);
  Client *client = get_client (binding, id_of (who->client_id));
  gint64 now_s = self->clock ();
  BfyUsageTicket *ticket;

  *verdict =
      bfy_quota_take (quotas != NULL ? quotas : &none, &binding->use, &client->use, wish, now_s);
  if (!verdict->is_admitted)
    return NULL;

  ticket = g_new0 (BfyUsageTicket, 1);
  g_atomic_ref_count_init (&ticket->ref_count);
  g_atomic_ref_count_inc (&self->ref_count);
  g_atomic_ref_count_inc (&binding->ref_count);
  g_atomic_ref_count_inc (&client->ref_count);
  ticket->usage = self;
  ticket->binding = binding;
  ticket->client = client;
  ticket->wish = *wish;
  ticket->taken_at_s = now_s;
  ticket->begun_us = g_get_monotonic_time ();
  bfy_quota_count_bytes (&binding->use, wish->n_bytes, now_s);
  bfy_quota_count_bytes (&client->use, wish->n_bytes, now_s);

  return ticket;
}

/* A time in the future was noted before the clock was set back. */
static gboolean
is_recent (const Noted *noted, gint64 now_s)
{
  return noted->noted_at_s <= now_s && now_s - noted->noted_at_s < HOUR_S;
}

static gboolean
note_refusal (Client *client, const BfyQuotaVerdict *verdict, gint64 now_s)
{
  for (guint i = 0; i < G_N_ELEMENTS (client->noted); i++)
    {
      Noted *noted = &client->noted[i];

      if (noted->limit != NULL &&
          (noted->limit != verdict->limit || noted->is_per_client != verdict->is_per_client))
        continue;
      if (noted->limit != NULL && is_recent (noted, now_s))
        return FALSE;
      *noted = (Noted){ verdict->limit, verdict->is_per_client, now_s };
      return TRUE;
    }

  return TRUE;
}

gboolean
bfy_usage_refuse (BfyUsage *self,
                  const BfyUsageWho *who,
                  gint64 n_messages,
                  const BfyQuotaVerdict *verdict)
{
  const BfyUsageCounts more = { .n_refused = n_messages };
  const char *client_id = id_of (who->client_id);
  gint64 now_s = self->clock ();

  bfy_store_add_usage (self->store, who->binding->id, client_id, now_s, &more);

  return verdict == NULL ||
         note_refusal (get_client (get_binding (self, who->binding->id), client_id), verdict,
                       now_s);
}

BfyQuotaUse
bfy_usage_get (BfyUsage *self, const char *binding_id, const char *client_id)
{
  Binding *binding = g_hash_table_lookup (self->bindings, binding_id);
  Client *client = binding != NULL && client_id != NULL
                       ? g_hash_table_lookup (binding->clients, client_id)
                       : NULL;
  BfyQuotaUse use = { 0 };

  if (client != NULL)
    use = client->use;
  else if (binding != NULL && client_id == NULL)
    use = binding->use;
  bfy_quota_roll (&use, self->clock ());

  return use;
}

BfyUsageTicket *
bfy_usage_ticket_ref (BfyUsageTicket *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_usage_ticket_settle (BfyUsageTicket *self)
{
  gboolean is_refused = self->is_withdrawn || self->outcome == BFY_OUTCOME_BLOCKED;
  const BfyUsageCounts more = {
    .n_calls = is_refused ? 0 : self->wish.n_messages,
    .n_refused = is_refused ? self->wish.n_messages : 0,
    .n_failed = self->outcome == BFY_OUTCOME_FAILURE ? 1 : 0,
    .bytes_up = is_refused ? 0 : self->wish.n_bytes,
    .duration_ms = self->wish.n_open > 0 && !is_refused ? self->lasted_ms : 0,
  };

  if (self->is_settled)
    return;
  self->is_settled = TRUE;
  bfy_store_add_usage (self->usage->store, self->binding->id, self->client->id, self->taken_at_s,
                       &more);
}

void
bfy_usage_ticket_unref (BfyUsageTicket *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  bfy_usage_ticket_end (self);
  bfy_usage_ticket_settle (self);
  binding_unref (self->binding);
  client_unref (self->client);
  usage_unref (self->usage);
  g_free (self);
}

gboolean
bfy_usage_ticket_is_for (const BfyUsageTicket *self, const BfyBinding *binding)
{
  return g_str_equal (self->binding->id, binding->id);
}

static void
count_bytes (BfyUsageTicket *self, const BfyUsageCounts *more)
{
  gint64 n = more->bytes_up + more->bytes_down;
  gint64 now_s = self->usage->clock ();

  bfy_quota_count_bytes (&self->binding->use, n, now_s);
  bfy_quota_count_bytes (&self->client->use, n, now_s);
  bfy_store_add_usage (self->usage->store, self->binding->id, self->client->id, now_s, more);
}

void
bfy_usage_ticket_count_up (BfyUsageTicket *self, gsize n_bytes)
{
  const BfyUsageCounts more = { .bytes_up = (gint64) n_bytes };

  count_bytes (self, &more);
}

void
bfy_usage_ticket_count_down (BfyUsageTicket *self, gsize n_bytes)
{
  const BfyUsageCounts more = { .bytes_down = (gint64) n_bytes };

  count_bytes (self, &more);
}

void
bfy_usage_ticket_end (BfyUsageTicket *self)
{
  if (self->is_over)
    return;

  self->is_over = TRUE;
  self->lasted_ms = (g_get_monotonic_time () - self->begun_us) / 1000;
  bfy_quota_give_back (&self->binding->use, &self->wish);
  bfy_quota_give_back (&self->client->use, &self->wish);
}

void
bfy_usage_ticket_withdraw (BfyUsageTicket *self)
{
  if (self->is_withdrawn)
    return;

  self->is_withdrawn = TRUE;
  bfy_quota_undo (&self->binding->use, &self->wish, self->taken_at_s);
  bfy_quota_undo (&self->client->use, &self->wish, self->taken_at_s);
  bfy_usage_ticket_end (self);
}

void
bfy_usage_ticket_discard (BfyUsageTicket *self)
{
  bfy_usage_ticket_withdraw (self);
  self->is_settled = TRUE;
}

void
bfy_usage_ticket_judge (BfyUsageTicket *self, BfyOutcome outcome)
{
  self->outcome = outcome;
}
