/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* How much of the past is kept (behaviour 21.10). What goes is always the beginning of a chain; the
 * number and hash of the last one that goes stay behind, as what the rest is tied to. Each batch
 * prunes the chains that it adds to. All chains are pruned when the agent starts or its settings
 * say so, and once a day while events go by their age. */

#include "agent/store/store-private.h"

#define DAY_MS (24 * 60 * 60 * G_GINT64_CONSTANT (1000))
#define PRUNE_S (24 * 60 * 60)

guint
bfy_store_chain_max (BfyStore *self, const char *chain)
{
  return (guint) (*chain != '\0' ? self->retention.events_per_binding : self->retention.events);
}

gboolean
bfy_store_set_anchor (BfyStore *self, const char *chain, const BfyChainEnd *anchor, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_SET_CHAIN_ANCHOR);

  bfy_query_bind_text (&query, chain);
  bfy_query_bind_int (&query, anchor->sequence);
  bfy_query_bind_bytes (&query, anchor->hash, sizeof anchor->hash);

  return bfy_query_run (&query, error);
}

/* All up to @last, which has a hash unless it is older than hashes. */
static gboolean
remove_events (
    BfyStore *self, const char *chain, const BfyChainEnd *last, gboolean has_hash, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_REMOVE_EVENTS);

  bfy_query_bind_text (&query, chain);
  bfy_query_bind_int (&query, last->sequence);

  return bfy_query_run (&query, error) &&
         (!has_hash || bfy_store_set_anchor (self, chain, last, error));
}

gboolean
bfy_store_prune_chain (BfyStore *self, const char *chain, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_FIND_OLD_EVENT);
  g_autoptr (GError) local_error = NULL;
  BfyChainEnd last;
  gboolean has_hash;
  gint64 days = self->retention.days;

  bfy_query_bind_text (&query, chain);
  bfy_query_bind_int (&query, bfy_store_chain_max (self, chain));
  bfy_query_bind_int (&query, days > 0 ? g_get_real_time () / 1000 - days * DAY_MS : G_MININT64);
  if (!bfy_query_step (&query, &local_error))
    {
      if (local_error == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  last.sequence = bfy_query_take_int (&query);
  has_hash = bfy_query_take_bytes (&query, last.hash, sizeof last.hash);

  return remove_events (self, chain, &last, has_hash, error);
}

typedef struct
{
  char *chain; /* (owned) */
  BfyChainEnd last;
  gboolean has_hash;
} Orphan;

static void
orphan_free (gpointer data)
{
  Orphan *self = data;

  g_free (self->chain);
  g_free (self);
}

/* Those with events up to @sequence, with the last of these. */
static GPtrArray *
find_orphans (BfyStore *self, gint64 sequence, GError **error)
{
  g_autoptr (GPtrArray) orphans = g_ptr_array_new_with_free_func (orphan_free);
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_FIND_ORPHANED_CHAINS);
  g_autoptr (GError) local_error = NULL;

  bfy_query_bind_int (&query, sequence);
  while (bfy_query_step (&query, &local_error))
    {
      Orphan *orphan = g_new0 (Orphan, 1);

      orphan->chain = bfy_query_take_text (&query);
      orphan->last.sequence = bfy_query_take_int (&query);
      orphan->has_hash = bfy_query_take_bytes (&query, orphan->last.hash, sizeof orphan->last.hash);
      g_ptr_array_add (orphans, orphan);
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  return g_steal_pointer (&orphans);
}

/* Bindings that are gone share what is kept of those without a binding. */
static gboolean
prune_orphans (BfyStore *self, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_FIND_ORPHANED_EVENT);
  g_autoptr (GPtrArray) orphans = NULL;
  g_autoptr (GError) local_error = NULL;

  bfy_query_bind_int (&query, self->retention.events);
  if (!bfy_query_step (&query, &local_error))
    {
      if (local_error == NULL)
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  orphans = find_orphans (self, bfy_query_take_int (&query), error);
  if (orphans == NULL)
    return FALSE;

  for (guint i = 0; i < orphans->len; i++)
    {
      const Orphan *orphan = g_ptr_array_index (orphans, i);

      if (!remove_events (self, orphan->chain, &orphan->last, orphan->has_hash, error))
        return FALSE;
    }

  return TRUE;
}

static GStrv
list_chains (BfyStore *self, GError **error)
{
  g_autoptr (GStrvBuilder) chains = g_strv_builder_new ();
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_LIST_CHAINS);
  g_autoptr (GError) local_error = NULL;

  while (bfy_query_step (&query, &local_error))
    {
      g_autofree char *chain = bfy_query_take_text (&query);

      g_strv_builder_add (chains, chain);
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  return g_strv_builder_end (chains);
}

static gboolean
prune_each (BfyStore *self, GError **error)
{
  g_auto (GStrv) chains = list_chains (self, error);

  if (chains == NULL)
    return FALSE;
  for (guint i = 0; chains[i] != NULL; i++)
    {
      if (!bfy_store_prune_chain (self, chains[i], error))
        return FALSE;
    }

  return prune_orphans (self, error);
}

void
bfy_store_prune_all (BfyStore *self)
{
  g_autoptr (GError) error = NULL;

  if (!bfy_store_begin (self, &error) || !bfy_store_end (self, prune_each (self, &error), &error))
    g_warning ("Old events cannot be removed for now: %s", error->message);
}

static gboolean
on_prune_time (gpointer user_data)
{
  bfy_store_prune_all (user_data);

  return G_SOURCE_CONTINUE;
}

void
bfy_store_set_retention (BfyStore *self, const BfyRetention *retention)
{
  self->retention = *retention;
  bfy_store_prune_all (self);
  g_clear_handle_id (&self->prune_source, g_source_remove);
  if (retention->days > 0)
    self->prune_source = g_timeout_add_seconds (PRUNE_S, on_prune_time, self);
}
