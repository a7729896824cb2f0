/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Ties events to their chains while a batch is written. The store remembers the heads that it has
 * written: somebody who takes the end off the file of a running agent, and makes the head fit, is
 * found out by the next event. What a batch does is only remembered once it is committed. */

#include <string.h>

#include "agent/store/store-private.h"

#define HEADS_MAX 4096 /* remembered; then all are forgotten, and read again */

/* What a batch does to one chain. */
typedef struct
{
  BfyChainEnd head;
  BfyChainEnd skipped; /* the last one that was not written; 0 = none */
} Touched;

struct _BfyChains
{
  BfyStore *store;    /* borrowed */
  GHashTable *chains; /* (owned) (element-type utf8 Touched) */
};

BfyChains *
bfy_chains_new (BfyStore *store)
{
  BfyChains *self = g_new0 (BfyChains, 1);

  self->store = store;
  self->chains = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return self;
}

void
bfy_chains_free (BfyChains *self)
{
  g_hash_table_unref (self->chains);
  g_free (self);
}

static gboolean
load_head (BfyStore *self, const char *chain, BfyChainEnd *head, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_LOAD_CHAIN);
  const BfyChainEnd *known = g_hash_table_lookup (self->heads, chain);
  g_autoptr (GError) local_error = NULL;

  if (known != NULL)
    {
      *head = *known;
      return TRUE;
    }

  bfy_query_bind_text (&query, chain);
  if (!bfy_query_step (&query, &local_error))
    {
      if (local_error == NULL) /* the chain begins now */
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  head->sequence = bfy_query_take_int (&query);
  if (!bfy_query_take_bytes (&query, head->hash, sizeof head->hash))
    {
      bfy_store_set_damaged (self, "the end of a chain of events cannot be understood", error);
      return FALSE;
    }

  return TRUE;
}

static Touched *
touch (BfyChains *self, const char *chain, GError **error)
{
  Touched *touched = g_hash_table_lookup (self->chains, chain);
  BfyChainEnd head = { 0 };

  if (touched != NULL)
    return touched;
  if (!load_head (self->store, chain, &head, error))
    return NULL;

  touched = g_new0 (Touched, 1);
  touched->head = head;
  g_hash_table_insert (self->chains, g_strdup (chain), touched);

  return touched;
}

gboolean
bfy_chains_link (
    BfyChains *self, const BfyEvent *event, gboolean is_kept, BfyEventLink *link, GError **error)
{
  Touched *touched = touch (self, link->chain, error);

  if (touched == NULL)
    return FALSE;

  link->previous = touched->head.sequence;
  bfy_event_link (event, touched->head.hash, link);
  touched->head.sequence = event->sequence;
  memcpy (touched->head.hash, link->hash, BFY_EVENT_HASH_BYTES);
  if (!is_kept)
    touched->skipped = touched->head;

  return TRUE;
}

static gboolean
write_head (BfyStore *self, const char *chain, const BfyChainEnd *head, GError **error)
{
  g_auto (BfyQuery) query = bfy_query_begin (self, BFY_SQL_SET_CHAIN_HEAD);

  bfy_query_bind_text (&query, chain);
  bfy_query_bind_int (&query, head->sequence);
  bfy_query_bind_bytes (&query, head->hash, sizeof head->hash);

  return bfy_query_run (&query, error);
}

/* What was skipped is newer than all that pruning takes away. */
static gboolean
finish_chain (BfyStore *self, const char *chain, const Touched *touched, GError **error)
{
  return write_head (self, chain, &touched->head, error) &&
         bfy_store_prune_chain (self, chain, error) &&
         (touched->skipped.sequence == 0 ||
          bfy_store_set_anchor (self, chain, &touched->skipped, error));
}

gboolean
bfy_chains_finish (BfyChains *self, GError **error)
{
  GHashTableIter iter;
  gpointer chain, touched;

  g_hash_table_iter_init (&iter, self->chains);
  while (g_hash_table_iter_next (&iter, &chain, &touched))
    {
      if (!finish_chain (self->store, chain, touched, error))
        return FALSE;
    }

  return TRUE;
}

void
bfy_chains_keep (BfyChains *self)
{
  GHashTable *heads = self->store->heads;
  GHashTableIter iter;
  gpointer chain, touched;

  if (g_hash_table_size (heads) + g_hash_table_size (self->chains) > HEADS_MAX)
    g_hash_table_remove_all (heads);
  g_hash_table_iter_init (&iter, self->chains);
  while (g_hash_table_iter_next (&iter, &chain, &touched))
    g_hash_table_replace (heads, g_strdup (chain),
                          g_memdup2 (&((Touched *) touched)->head, sizeof (BfyChainEnd)));
}
