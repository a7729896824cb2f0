/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/store/store-private.h"

/* Bindings and clients must survive a power cut once they are acknowledged: FULL. Events lower it
 * for their batch. Nothing in the file's schema may call functions with side effects. */
static const char settings[] = "PRAGMA journal_mode = WAL;"
                               "PRAGMA synchronous = FULL;"
                               "PRAGMA foreign_keys = ON;"
                               "PRAGMA temp_store = MEMORY;"
                               "PRAGMA trusted_schema = OFF";

static gboolean
prepare_statements (BfyStore *self, GError **error)
{
  for (BfySql sql = 0; sql < BFY_N_SQL; sql++)
    {
      int result = sqlite3_prepare_v3 (self->database, bfy_sql_text (sql), -1,
                                       SQLITE_PREPARE_PERSISTENT, &self->statements[sql], NULL);

      if (result != SQLITE_OK)
        {
          bfy_store_set_error (self, sqlite3_extended_errcode (self->database), error);
          return FALSE;
        }
    }

  return TRUE;
}

/* Until everything is accepted, closing must not move the log into the file. */
static gboolean
open_database (BfyStore *self, GError **error)
{
  int result = sqlite3_open_v2 (self->path, &self->database, SQLITE_OPEN_READWRITE, NULL);

  if (result != SQLITE_OK)
    {
      bfy_store_set_error (self, result, error);
      return FALSE;
    }
  (void) sqlite3_extended_result_codes (self->database, 1);
  (void) sqlite3_busy_timeout (self->database, BFY_STORE_BUSY_MS);
  (void) sqlite3_db_config (self->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  (void) sqlite3_db_config (self->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);

  if (!bfy_store_exec (self, self->database, settings, error) ||
      !bfy_store_migrate (self, self->database, error) || !prepare_statements (self, error))
    return FALSE;
  (void) sqlite3_db_config (self->database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);

  return TRUE;
}

static void
close_database (BfyStore *self)
{
  for (BfySql sql = 0; sql < BFY_N_SQL; sql++)
    g_clear_pointer (&self->statements[sql], sqlite3_finalize);
  g_clear_pointer (&self->database, sqlite3_close);
}

BfyStore *
bfy_store_open (const char *directory, GError **error)
{
  g_autoptr (BfyStore) self = g_object_new (BFY_TYPE_STORE, NULL);
  gboolean is_new, was_killed;

  self->directory = g_strdup (directory);
  self->path = g_build_filename (directory, BFY_STORE_FILE, NULL);
  if (!bfy_store_take_directory (self, error) ||
      !bfy_store_look (self, &is_new, &was_killed, error))
    return NULL;
  if (is_new && !bfy_store_create_database (self, error))
    return NULL;
  if (!bfy_store_check_database (self, was_killed, error) || !open_database (self, error) ||
      !bfy_store_load_sequence (self, was_killed, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
bfy_store_close (BfyStore *self)
{
  if (!bfy_store_flush (self))
    g_warning ("%u events are lost: %s", self->events.length, self->event_failure);
  g_clear_handle_id (&self->flush_source, g_source_remove);
  g_clear_handle_id (&self->prune_source, g_source_remove);
  g_queue_clear_full (&self->events, (GDestroyNotify) bfy_event_free);
  close_database (self);
  bfy_store_release_directory (self);
}

G_DEFINE_FINAL_TYPE (BfyStore, bfy_store, G_TYPE_OBJECT)

static void
bfy_store_dispose (GObject *object)
{
  bfy_store_close (BFY_STORE (object));

  G_OBJECT_CLASS (bfy_store_parent_class)->dispose (object);
}

static void
bfy_store_finalize (GObject *object)
{
  BfyStore *self = BFY_STORE (object);

  g_free (self->directory);
  g_free (self->path);
  g_free (self->failure_reason);
  g_free (self->event_failure);
  g_hash_table_unref (self->touched_bindings);
  g_hash_table_unref (self->touched_clients);
  g_hash_table_unref (self->repeats);
  g_hash_table_unref (self->usage);
  g_hash_table_unref (self->touched_grants);
  g_hash_table_unref (self->removed_grants);
  g_hash_table_unref (self->heads);
  g_hash_table_unref (self->harmless);

  G_OBJECT_CLASS (bfy_store_parent_class)->finalize (object);
}

static void
bfy_store_class_init (BfyStoreClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bfy_store_dispose;
  object_class->finalize = bfy_store_finalize;

  (void) g_signal_new ("event", BFY_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                       1, G_TYPE_POINTER);
}

static void
bfy_store_init (BfyStore *self)
{
  self->directory_fd = -1;
  self->lock_fd = -1;
  g_queue_init (&self->events);
  self->touched_bindings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->touched_clients = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->repeats = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->usage = bfy_store_new_usage_table ();
  self->touched_grants = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->removed_grants = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->heads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->harmless = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->retention = (BfyRetention){ BFY_RETENTION_EVENTS_PER_BINDING, BFY_RETENTION_EVENTS, 0 };
}
