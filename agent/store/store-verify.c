/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Walks along all chains at once, in the order of the records. A connection of its own holds on to
 * the file as it was when the walk began, so that what is written and pruned meanwhile is none of
 * its business. */

#include <string.h>

#include "agent/store/store-private.h"

#define STEP_EVENTS 250 /* about a millisecond */

struct _BfyVerify
{
  BfyStore *store;         /* (owned) */
  sqlite3 *database;       /* (owned) */
  sqlite3_stmt *statement; /* (owned) (nullable) of the events */
  GPtrArray *reports;      /* (owned) (element-type BfyChainReport) */
  GHashTable *by_chain;    /* (owned) (element-type utf8 BfyChainReport) */
  gint64 newest_unhashed;  /* sequence up to which no record has a hash */
  gint64 n_unhashed;
};

void
bfy_kept_head_free (BfyKeptHead *self)
{
  g_free (self->chain);
  g_free (self);
}

static void
report_free (gpointer data)
{
  BfyChainReport *self = data;

  g_free (self->chain);
  g_free (self->binding);
  g_free (self);
}

void
bfy_verify_free (BfyVerify *self)
{
  g_clear_pointer (&self->statement, sqlite3_finalize);
  g_clear_pointer (&self->database, sqlite3_close);
  g_hash_table_unref (self->by_chain);
  g_ptr_array_unref (self->reports);
  g_object_unref (self->store);
  g_free (self);
}

static BfyChainReport *
find_report (BfyVerify *self, const char *chain)
{
  return g_hash_table_lookup (self->by_chain, chain);
}

static BfyChainReport *
add_report (BfyVerify *self, const char *chain)
{
  BfyChainReport *report = g_new0 (BfyChainReport, 1);

  report->chain = g_strdup (chain);
  report->walk.chain = report->chain;
  g_ptr_array_add (self->reports, report);
  g_hash_table_insert (self->by_chain, report->chain, report);

  return report;
}

static gboolean
prepare (BfyVerify *self, BfySql sql, GError **error)
{
  g_clear_pointer (&self->statement, sqlite3_finalize);
  if (sqlite3_prepare_v2 (self->database, bfy_sql_text (sql), -1, &self->statement, NULL) ==
      SQLITE_OK)
    return TRUE;

  bfy_store_set_error (self->store, sqlite3_extended_errcode (self->database), error);

  return FALSE;
}

/* The first read fixes what is seen from then on. */
static gboolean
open_database (BfyVerify *self, GError **error)
{
  int result = sqlite3_open_v2 (self->store->path, &self->database, SQLITE_OPEN_READONLY, NULL);

  if (result != SQLITE_OK)
    {
      bfy_store_set_error (self->store, result, error);
      return FALSE;
    }
  (void) sqlite3_busy_timeout (self->database, BFY_STORE_BUSY_MS);
  (void) sqlite3_db_config (self->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);

  return bfy_store_exec (self->store, self->database, "BEGIN", error);
}

/* What cannot be an end makes one that no record fits. */
static void
take_end (BfyQuery *query, BfyChainEnd *end)
{
  end->sequence = bfy_query_take_int (query);
  if (!bfy_query_take_bytes (query, end->hash, sizeof end->hash))
    end->sequence = -1;
}

/* The agent knows what it has written last; a file that says otherwise was written by another. */
static void
compare_head (BfyVerify *self, BfyChainReport *report)
{
  const BfyChainEnd *known = g_hash_table_lookup (self->store->heads, report->chain);

  if (known != NULL)
    report->walk.head = *known;
}

static gboolean
load_chains (BfyVerify *self, GError **error)
{
  BfyQuery query = { self->store, NULL, 0, SQLITE_OK };
  g_autoptr (GError) local_error = NULL;

  if (!prepare (self, BFY_SQL_WALK_CHAINS, error))
    return FALSE;
  query.statement = self->statement;
  while (bfy_query_step (&query, &local_error))
    {
      g_autofree char *chain = bfy_query_take_text (&query);
      BfyChainEnd anchor, head;
      BfyChainReport *report;

      take_end (&query, &anchor);
      take_end (&query, &head);
      if (g_str_equal (chain, BFY_STORE_UNHASHED))
        {
          self->newest_unhashed = head.sequence;
          continue;
        }
      report = add_report (self, chain);
      report->walk.anchor = anchor;
      report->walk.head = head;
      compare_head (self, report);
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }

  return TRUE;
}

static void
set_expected (BfyVerify *self, const BfyKeptHead *kept)
{
  BfyChainReport *report = find_report (self, kept->chain);

  if (report == NULL)
    {
      report = add_report (self, kept->chain);
      report->walk.state = BFY_CHAIN_REPLACED;
      report->walk.where = kept->head.sequence;
    }
  report->walk.expected = kept->head;
}

/* A chain that the agent has written to and that is not there at all. */
static void
add_missing (BfyVerify *self)
{
  GHashTableIter iter;
  gpointer chain, head;

  g_hash_table_iter_init (&iter, self->store->heads);
  while (g_hash_table_iter_next (&iter, &chain, &head))
    {
      BfyChainReport *report = find_report (self, chain);

      if (report != NULL)
        continue;
      report = add_report (self, chain);
      report->walk.state = BFY_CHAIN_UNBOUND;
      report->walk.head = *(BfyChainEnd *) head;
    }
}

static void
begin_walks (BfyVerify *self)
{
  for (guint i = 0; i < self->reports->len; i++)
    {
      BfyChainReport *report = g_ptr_array_index (self->reports, i);

      bfy_chain_walk_begin (&report->walk, TRUE);
    }
}

BfyVerify *
bfy_verify_new (BfyStore *store, GPtrArray *kept, GError **error)
{
  g_autoptr (BfyVerify) self = g_new0 (BfyVerify, 1);

  self->store = g_object_ref (store);
  self->reports = g_ptr_array_new_with_free_func (report_free);
  self->by_chain = g_hash_table_new (g_str_hash, g_str_equal);
  (void) bfy_store_flush (store);
  if (!open_database (self, error) || !load_chains (self, error))
    return NULL;
  add_missing (self);
  for (guint i = 0; kept != NULL && i < kept->len; i++)
    set_expected (self, g_ptr_array_index (kept, i));
  begin_walks (self);
  if (!prepare (self, BFY_SQL_WALK_EVENTS, error))
    return NULL;

  return g_steal_pointer (&self);
}

/* Takes the columns behind those of the event. FALSE: it has no hash. */
static gboolean
take_link (BfyQuery *query, char **chain, BfyEventLink *link)
{
  *chain = bfy_query_take_text (query);
  link->chain = *chain;
  link->previous = bfy_query_take_int (query);

  return bfy_query_take_bytes (query, link->hash, sizeof link->hash);
}

static void
take_event (BfyVerify *self, const BfyEvent *event, const BfyEventLink *link, gboolean has_hash)
{
  BfyChainReport *report = find_report (self, link->chain);

  if (!has_hash && event->sequence <= self->newest_unhashed)
    {
      self->n_unhashed++;
      return;
    }
  if (report == NULL)
    {
      report = add_report (self, link->chain);
      bfy_chain_walk_begin (&report->walk, FALSE);
    }
  if (event->binding != NULL && g_strcmp0 (event->binding, report->binding) != 0)
    {
      g_free (report->binding);
      report->binding = g_strdup (event->binding);
    }
  bfy_chain_walk_take (&report->walk, event, has_hash ? link : NULL);
}

/* A record whose outcome is none of ours has other contents than when it was written; any other
 * difference is as good as that. */
static void
take_row (BfyVerify *self, BfyQuery *query)
{
  gint64 sequence = sqlite3_column_int64 (query->statement, query->next);
  g_autoptr (BfyEvent) event = bfy_store_read_event (query);
  g_autofree char *chain = NULL;
  BfyEventLink link;
  gboolean has_hash = take_link (query, &chain, &link);

  if (event == NULL)
    {
      event = bfy_event_new (NULL, 0);
      event->sequence = sequence;
    }
  /* It is no part of the hash, because it goes with the binding; but it can say nothing else. */
  if (event->binding_id != NULL && strcmp (event->binding_id, chain) != 0)
    g_clear_pointer (&event->type, g_free);
  take_event (self, event, &link, has_hash);
}

static int
compare_reports (gconstpointer a, gconstpointer b)
{
  const BfyChainReport *const *first = a;
  const BfyChainReport *const *second = b;

  return strcmp ((*first)->chain, (*second)->chain);
}

static void
end_walks (BfyVerify *self)
{
  for (guint i = 0; i < self->reports->len; i++)
    {
      BfyChainReport *report = g_ptr_array_index (self->reports, i);

      bfy_chain_walk_end (&report->walk);
    }
  g_ptr_array_sort (self->reports, compare_reports);
}

gboolean
bfy_verify_step (BfyVerify *self, gboolean *has_more, GError **error)
{
  BfyQuery query = { self->store, self->statement, 0, SQLITE_OK };
  g_autoptr (GError) local_error = NULL;

  *has_more = TRUE;
  for (guint i = 0; i < STEP_EVENTS; i++)
    {
      if (bfy_query_step (&query, &local_error))
        {
          take_row (self, &query);
          continue;
        }
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      end_walks (self);
      *has_more = FALSE;
      break;
    }

  return TRUE;
}

GPtrArray *
bfy_verify_get_reports (BfyVerify *self)
{
  return self->reports;
}

gint64
bfy_verify_get_n_unhashed (BfyVerify *self)
{
  return self->n_unhashed;
}
