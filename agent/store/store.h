/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "agent/store/retention.h"
#include "protocol/binding.h"
#include "protocol/client-key.h"
#include "protocol/client.h"
#include "protocol/event-chain.h"
#include "protocol/event.h"

/* Everything that is not secret, in one SQLite file: bindings, clients, events (design, Where
 * things rest). WAL, foreign keys, schema version in user_version, our application_id. Opened once;
 * a file that cannot be understood is left untouched and refuses every write (behaviour 12.6).
 *
 * Synchronous on purpose: statements here take microseconds; the hot path reads BfyRegistry, not
 * this. Errors: BFY_ERROR_STORE_DAMAGED, BFY_ERROR_STORAGE, BFY_ERROR_IN_USE (another agent),
 * BFY_ERROR_UNSAFE_PATH, BFY_ERROR_UNSUPPORTED (a newer version made it), BFY_ERROR_EXISTS. */
#define BFY_TYPE_STORE (bfy_store_get_type ())
G_DECLARE_FINAL_TYPE (BfyStore, bfy_store, BFY, STORE, GObject)

#define BFY_STORE_SCHEMA_VERSION 9

/* Makes @directory (0700) and bindify.db (0600) if they are missing, refuses a directory or file of
 * another owner, a symlink or wider modes; takes the lock that keeps a second agent out. */
BfyStore *bfy_store_open (const char *directory, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Flushes events, closes, drops the lock. Later calls fail with BFY_ERROR_FAILED. */
void bfy_store_close (BfyStore *self);

/* (transfer full) (element-type BfyBinding), by name */
GPtrArray *bfy_store_load_bindings (BfyStore *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_store_add_binding (BfyStore *self,
                                const BfyBinding *binding,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* By id; every column is written. BFY_ERROR_EXISTS when the new name is taken. */
gboolean bfy_store_update_binding (BfyStore *self,
                                   const BfyBinding *binding,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* With everything that refers to it (behaviour 13.4). Past events lose the reference, not the name.
 */
gboolean
bfy_store_remove_binding (BfyStore *self, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* On the disk when it returns: a use that is counted stays counted. */
gboolean bfy_store_set_uses (BfyStore *self, const char *id, gint64 n_uses, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

typedef struct
{
  BfyClient *client; /* (owned) */
  guint8 hash[BFY_CLIENT_KEY_HASH_BYTES];
  BfySecret *decoy; /* (owned) (nullable) */
} BfyStoredClient;

void bfy_stored_client_free (BfyStoredClient *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyStoredClient, bfy_stored_client_free)

/* (transfer full) (element-type BfyStoredClient), by label */
GPtrArray *bfy_store_load_clients (BfyStore *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_store_add_client (BfyStore *self,
                               const BfyClient *client,
                               const guint8 hash[BFY_CLIENT_KEY_HASH_BYTES],
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NULL: none any more. */
gboolean bfy_store_set_decoy (BfyStore *self,
                              const char *client_id,
                              const BfySecret *decoy,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean
bfy_store_remove_client (BfyStore *self, const char *id, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What the agent itself must remember, by name; on disk when it returns. NULL in @value: nothing is
 * kept, or is to be. @value: (transfer full) */
gboolean bfy_store_get_state (BfyStore *self, const char *name, GBytes **value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
gboolean bfy_store_set_state (BfyStore *self, const char *name, GBytes *value, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* last_used_at; kept in memory and written with the next batch of events. */
void bfy_store_touch_binding (BfyStore *self, const char *id, gint64 now_s);
void bfy_store_touch_client (BfyStore *self, const char *id, gint64 now_s);

/* Numbers the event and queues it; the batch is on disk within BFY_STORE_FLUSH_MS, or at once when
 * @is_urgent (refusals and credential changes). Of refusals in a rush the first is written at
 * once and the others together, BFY_STORE_URGENT_MS after it; what somebody changed never waits.
 * Emits "event" (BfyEvent *, borrowed) at once. What is in the vocabulary as to be recorded once an
 * hour is not recorded again; a use is then announced all the same, without a number
 * (event-type.h). Texts are cleaned first. @event: (transfer full) gone after the call. */
#define BFY_STORE_FLUSH_MS 500
#define BFY_STORE_URGENT_MS 5
void bfy_store_append_event (BfyStore *self, BfyEvent *event, gboolean is_urgent);
/* What takes secrets that are known exactly out of the texts of events; NULL for nothing. */
void bfy_store_set_cleaner (BfyStore *self, BfyEventCleaner clean, gpointer user_data);
/* From now on, beginning with what is there. */
void bfy_store_set_retention (BfyStore *self, const BfyRetention *retention);
/* The last failure to write events, or NULL: `status` shows it (behaviour 21.11). */
const char *bfy_store_get_event_failure (BfyStore *self);

typedef struct
{
  const char *binding; /* (nullable) name */
  const char *client;  /* (nullable) label or id */
  gint64 since_ms;     /* 0 = all */
  gint64 after;        /* sequence; 0 = all */
  gint64 before;       /* sequence; 0 = all */
  guint limit;         /* newest this many; 0 = 100 */
  const char *outcome; /* (nullable) wire name */
  const char *type;    /* (nullable) a name or pattern, bfy_event_type_check_pattern() */
  gboolean is_forward; /* the oldest of them instead */
} BfyEventFilter;

/* (transfer full) (element-type BfyEvent) oldest first */
GPtrArray *bfy_store_query_events (BfyStore *self,
                                   const BfyEventFilter *filter,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a walk along all chains has found. */
typedef struct
{
  char *chain;   /* (owned) id of a binding, gone or not, or "" */
  char *binding; /* (owned) (nullable) its name in the newest record */
  BfyChainWalk walk;
} BfyChainReport;

/* Reads the records as they are on the disk when it begins, and finds what has been changed,
 * removed or slipped in. In steps, so that the agent can do other things in between. */
typedef struct _BfyVerify BfyVerify;

/* What was kept as the head of a chain. */
typedef struct
{
  char *chain; /* (owned) */
  BfyChainEnd head;
} BfyKeptHead;

void bfy_kept_head_free (BfyKeptHead *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyKeptHead, bfy_kept_head_free)

/* @kept: (nullable) (element-type BfyKeptHead) */
BfyVerify *
bfy_verify_new (BfyStore *store, GPtrArray *kept, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_verify_free (BfyVerify *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyVerify, bfy_verify_free)
/* Looks at some more; FALSE in @has_more when that was all. */
gboolean
bfy_verify_step (BfyVerify *self, gboolean *has_more, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* At the end. (transfer none) (element-type BfyChainReport) by chain */
GPtrArray *bfy_verify_get_reports (BfyVerify *self);
/* Records that are older than hashes, so nothing can be said about them. */
gint64 bfy_verify_get_n_unhashed (BfyVerify *self);
