/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "protocol/binding.h"
#include "protocol/client-key.h"
#include "protocol/client.h"
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

#define BFY_STORE_SCHEMA_VERSION 5
#define BFY_STORE_EVENTS_PER_BINDING_MAX 200 /* behaviour 21.10 */
#define BFY_STORE_EVENTS_MAX 20000           /* without binding */

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

/* last_used_at; kept in memory and written with the next batch of events. */
void bfy_store_touch_binding (BfyStore *self, const char *id, gint64 now_s);
void bfy_store_touch_client (BfyStore *self, const char *id, gint64 now_s);

/* Numbers the event and queues it; the batch is on disk within BFY_STORE_FLUSH_MS, or at once when
 * @is_urgent (refusals and credential changes). Emits "event" (BfyEvent *, borrowed) at once.
 * @event: (transfer full) gone after the call. */
#define BFY_STORE_FLUSH_MS 500
void bfy_store_append_event (BfyStore *self, BfyEvent *event, gboolean is_urgent);
/* The same, but not when an event of this binding with the same type, category and detail has been
 * appended within the hour (behaviour 21.8). */
void bfy_store_append_failure (BfyStore *self, BfyEvent *event);
/* The last failure to write events, or NULL: `status` shows it (behaviour 21.11). */
const char *bfy_store_get_event_failure (BfyStore *self);

typedef struct
{
  const char *binding; /* (nullable) name */
  const char *client;  /* (nullable) label or id */
  gint64 since_ms;     /* 0 = all */
  gint64 after;        /* sequence; 0 = all */
  guint limit;         /* newest this many; 0 = 100 */
} BfyEventFilter;

/* (transfer full) (element-type BfyEvent) oldest first */
GPtrArray *bfy_store_query_events (BfyStore *self,
                                   const BfyEventFilter *filter,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
