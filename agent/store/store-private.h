/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <sqlite3.h>

#include "agent/store/store.h"
#include "protocol/error.h"
#include "protocol/event-chain.h"

/* What the files of the store share. Nothing outside agent/store includes this. */

#define BFY_STORE_FILE "bindify.db"
#define BFY_STORE_LOCK_FILE "bindify.lock"
#define BFY_STORE_APPLICATION_ID 0x42465931            /* "BFY1" */
#define BFY_STORE_QUICK_CHECK_BYTES (32 * 1024 * 1024) /* larger files are not read through */
#define BFY_STORE_BUSY_MS 250                          /* somebody looks with sqlite3 */
#define BFY_STORE_QUEUE_MAX 4096                       /* events kept while the disk refuses them */
#define BFY_STORE_RETRY_MS 5000                        /* after a failure */
/* Name of the row that says up to which number events have no hash: they are older than hashes. */
#define BFY_STORE_UNHASHED "before"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3, sqlite3_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

/* Every statement there is; the texts are in store-sql.c. */
typedef enum
{
  BFY_SQL_BEGIN,
  BFY_SQL_COMMIT,
  BFY_SQL_ROLLBACK,
  BFY_SQL_LOAD_BINDINGS,
  BFY_SQL_ADD_BINDING,
  BFY_SQL_UPDATE_BINDING,
  BFY_SQL_REMOVE_BINDING,
  BFY_SQL_TOUCH_BINDING,
  BFY_SQL_COUNT_USES,
  BFY_SQL_FIND_BINDING,
  BFY_SQL_LOAD_CLIENTS,
  BFY_SQL_LOAD_CLIENT_BINDINGS,
  BFY_SQL_ADD_CLIENT,
  BFY_SQL_ADD_CLIENT_BINDING,
  BFY_SQL_REMOVE_CLIENT,
  BFY_SQL_TOUCH_CLIENT,
  BFY_SQL_SET_DECOY,
  BFY_SQL_ADD_EVENT,
  BFY_SQL_FIND_OLD_EVENT,
  BFY_SQL_FIND_ORPHANED_EVENT,
  BFY_SQL_FIND_ORPHANED_CHAINS,
  BFY_SQL_REMOVE_EVENTS,
  BFY_SQL_LOAD_CHAIN,
  BFY_SQL_LIST_CHAINS,
  BFY_SQL_SET_CHAIN_HEAD,
  BFY_SQL_SET_CHAIN_ANCHOR,
  BFY_SQL_WALK_CHAINS,
  BFY_SQL_WALK_EVENTS,
  BFY_SQL_QUERY_EVENTS,
  BFY_SQL_NEXT_EVENTS,
  BFY_SQL_LAST_SEQUENCE,
  BFY_SQL_ADD_USAGE,
  BFY_SQL_PRUNE_USAGE,
  BFY_SQL_QUERY_USAGE,
  BFY_SQL_LOAD_GRANTS,
  BFY_SQL_ADD_GRANT,
  BFY_SQL_REMOVE_GRANT,
  BFY_SQL_TOUCH_GRANT,
  BFY_SQL_GET_STATE,
  BFY_SQL_SET_STATE,
  BFY_SQL_REMOVE_STATE,
  BFY_N_SQL,
} BfySql;

struct _BfyStore
{
  GObject parent_instance;

  char *directory;                     /* (owned) */
  char *path;                          /* (owned) of the database */
  int directory_fd;                    /* -1 = not open */
  int lock_fd;                         /* -1 = not locked */
  sqlite3 *database;                   /* (owned) (nullable) NULL once closed */
  sqlite3_stmt *statements[BFY_N_SQL]; /* (owned) */

  gint64 last_sequence;
  GQueue events;                /* (element-type BfyEvent) (owned) not on disk yet */
  GHashTable *touched_bindings; /* (owned) (element-type utf8 gint64) */
  GHashTable *touched_clients;  /* (owned) (element-type utf8 gint64) */
  GHashTable *repeats;          /* (owned) (element-type utf8 gint64) kind of failure → when */
  GHashTable *usage;            /* (owned) (element-type BfyUsageRow) a set, not on disk yet */
  GHashTable *touched_grants;   /* (owned) (element-type utf8 BfyGrantTouch) not on disk yet */
  GHashTable *removed_grants;   /* (owned) (element-type utf8) a set: the disk refused to */
  gint64 usage_pruned_day_s;    /* 0 = not since this agent started */
  GHashTable *heads;            /* (owned) (element-type utf8 BfyChainEnd) as they are on disk */
  GHashTable *harmless;         /* (owned) (element-type utf8) of bfy_event_clean() */
  BfyRetention retention;
  BfyEventCleaner clean; /* (nullable) */
  gpointer clean_data;
  guint flush_source;   /* armed only while something is queued */
  gint64 flush_due_us;  /* monotonic, of that */
  gint64 urgent_us;     /* monotonic, when something was last written at once */
  guint prune_source;   /* armed only while events go by age */
  gboolean is_failing;  /* the last flush did not work */
  guint64 n_lost;       /* events given up because too many waited */
  char *failure_reason; /* (owned) (nullable) of the last one */
  char *event_failure;  /* (owned) (nullable) what is shown */
};

/* store-files.c: the directory, its lock, and what may lie in it. */
gboolean bfy_store_take_directory (BfyStore *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_store_release_directory (BfyStore *self);
/* TRUE in @is_new when there is no database yet, or an empty file; TRUE in @was_killed when the
 * last agent did not close it. */
gboolean bfy_store_look (BfyStore *self, gboolean *is_new, gboolean *was_killed, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Makes an empty file of mode 0600, removing what a crash left under that name. */
gboolean
bfy_store_make_file (BfyStore *self, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Gives @name the name of the database, durably. */
gboolean
bfy_store_rename_file (BfyStore *self, const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* store-sql.c */
const char *bfy_sql_text (BfySql sql);

/* store-schema.c: what the database must look like. */
/* Judges the file through a connection that cannot write. */
gboolean bfy_store_check_database (BfyStore *self,
                                   gboolean was_killed,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_store_create_database (BfyStore *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Brings an older schema up to date, one transaction for each step. */
gboolean
bfy_store_migrate (BfyStore *self, sqlite3 *database, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_store_exec (BfyStore *self, sqlite3 *database, const char *sql, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* store-query.c: one use of a cached statement. Bind in order, step, take columns in order; it is
 * ready for its next use at the end of the scope. What goes wrong on the way is reported by the
 * step. */
typedef struct
{
  BfyStore *store;
  sqlite3_stmt *statement; /* (nullable) borrowed from the cache; NULL when the store is closed */
  int next;                /* parameter or column */
  int result;              /* of the binding */
} BfyQuery;

BfyQuery bfy_query_begin (BfyStore *store, BfySql sql);
void bfy_query_end (BfyQuery *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyQuery, bfy_query_end)

void bfy_query_bind_text (BfyQuery *self, const char *text); /* NULL is NULL */
void bfy_query_bind_int (BfyQuery *self, gint64 value);
void bfy_query_bind_bytes (BfyQuery *self, gconstpointer bytes, gsize length);
/* TRUE for a row; FALSE without an error at the end. */
gboolean bfy_query_step (BfyQuery *self, GError **error);
/* For statements without rows. */
gboolean bfy_query_run (BfyQuery *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
char *bfy_query_take_text (BfyQuery *self); /* (transfer full) (nullable) */
gint64 bfy_query_take_int (BfyQuery *self);
/* (transfer full) of any length */
GBytes *bfy_query_take_blob (BfyQuery *self);
/* FALSE unless the column has exactly that length. */
gboolean bfy_query_take_bytes (BfyQuery *self, gpointer bytes, gsize length);

gboolean bfy_store_begin (BfyStore *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Commits when @is_good, else (and when the commit fails) undoes everything. */
gboolean bfy_store_end (BfyStore *self, gboolean is_good, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The error for an SQLite result; the text never quotes the file's content. */
void bfy_store_set_error (BfyStore *self, int result, GError **error);
void bfy_store_set_damaged (BfyStore *self, const char *reason, GError **error);

/* store-events.c: in the order of the columns; NULL when the outcome is not one of ours. */
BfyEvent *bfy_store_read_event (BfyQuery *query);

/* store-flush.c */
gboolean bfy_store_load_sequence (BfyStore *self,
                                  gboolean was_killed,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes what is queued; on failure it stays queued and the failure is remembered. */
gboolean bfy_store_flush (BfyStore *self);
/* Something waits: it is written after BFY_STORE_FLUSH_MS, or with a batch before that. */
void bfy_store_arm_flush (BfyStore *self);

/* store-grants.c */
gboolean bfy_store_write_grants (BfyStore *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_store_note_grants_written (BfyStore *self);
gboolean bfy_store_has_waiting_grants (BfyStore *self);

/* store-usage.c */
GHashTable *bfy_store_new_usage_table (void);
gboolean bfy_store_write_usage (BfyStore *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
typedef enum
{
  BFY_FLUSH_BATCHED,
  BFY_FLUSH_SOON, /* at once, unless that has just been done */
  BFY_FLUSH_NOW,
} BfyFlushWhen;

/* An event has just been queued. */
void bfy_store_flush_when (BfyStore *self, BfyFlushWhen when);

/* store-chain.c: everything within the transaction that writes the events. */
typedef struct _BfyChains BfyChains;

BfyChains *bfy_chains_new (BfyStore *store);
void bfy_chains_free (BfyChains *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyChains, bfy_chains_free)
/* Ties the event to its chain. @is_kept FALSE: it is not written, because it would be pruned at
 * once. */
gboolean bfy_chains_link (BfyChains *self,
                          const BfyEvent *event,
                          gboolean is_kept,
                          BfyEventLink *link,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes the heads, and lets go of what is too much or too old in the chains that were touched. */
gboolean bfy_chains_finish (BfyChains *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* After the commit: the store remembers the heads. */
void bfy_chains_keep (BfyChains *self);

/* store-retention.c: within a transaction. */
gboolean
bfy_store_prune_chain (BfyStore *self, const char *chain, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_store_set_anchor (BfyStore *self,
                               const char *chain,
                               const BfyChainEnd *anchor,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* How many events of it are kept. */
guint bfy_store_chain_max (BfyStore *self, const char *chain);
/* All chains, in a transaction of its own. */
void bfy_store_prune_all (BfyStore *self);

/* store-repeats.c: whether an event like it has been recorded not long ago. If not, it is noted. */
gboolean bfy_store_is_repeat (BfyStore *self, const BfyEvent *event);
