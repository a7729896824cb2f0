/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The shape of the database, and how a file is judged before it is written to. A new file is made
 * completely under another name and renamed, so a file called bindify.db either has our
 * application_id and a whole schema or is not ours (behaviour 12.7). An existing file is first read
 * through a connection that cannot write; only a file that passes is opened for writing
 * (behaviour 12.6). */

#include <string.h>

#include "agent/store/store-private.h"

#define NEW_FILE BFY_STORE_FILE ".new"

/* [n] takes a database from version n to n + 1. Append only. */
static const char *const migrations[BFY_STORE_SCHEMA_VERSION] = {
  "CREATE TABLE binding ("
  "  id TEXT NOT NULL PRIMARY KEY,"
  "  name TEXT NOT NULL UNIQUE,"
  "  type TEXT NOT NULL,"
  "  service TEXT,"
  "  url TEXT NOT NULL,"
  "  injection_kind TEXT NOT NULL,"
  "  injection_name TEXT,"
  "  injection_prefix TEXT,"
  "  auth_type TEXT NOT NULL,"
  "  account TEXT,"
  "  keyring TEXT NOT NULL,"
  "  is_sealed INTEGER NOT NULL,"
  "  allow_local INTEGER NOT NULL,"
  "  state TEXT NOT NULL,"
  "  request_bytes_max INTEGER NOT NULL,"
  "  response_bytes_max INTEGER NOT NULL,"
  "  connect_timeout_ms INTEGER NOT NULL,"
  "  response_timeout_ms INTEGER NOT NULL,"
  "  created_at_s INTEGER NOT NULL,"
  "  last_used_at_s INTEGER NOT NULL,"
  "  needs_login_at_s INTEGER NOT NULL,"
  "  paused_at_s INTEGER NOT NULL"
  ") STRICT;"

  "CREATE TABLE client ("
  "  id TEXT NOT NULL PRIMARY KEY,"
  "  label TEXT NOT NULL,"
  "  key_hash BLOB NOT NULL UNIQUE CHECK (length (key_hash) = 32),"
  "  is_limited INTEGER NOT NULL," /* without rows in client_binding: to nothing */
  "  created_at_s INTEGER NOT NULL,"
  "  last_used_at_s INTEGER NOT NULL"
  ") STRICT;"

  "CREATE TABLE client_binding ("
  "  client_id TEXT NOT NULL REFERENCES client (id) ON DELETE CASCADE,"
  "  binding_id TEXT NOT NULL REFERENCES binding (id) ON DELETE CASCADE,"
  "  PRIMARY KEY (client_id, binding_id)"
  ") STRICT, WITHOUT ROWID;"
  "CREATE INDEX client_binding_by_binding ON client_binding (binding_id);"

  "CREATE TABLE event ("
  "  sequence INTEGER PRIMARY KEY AUTOINCREMENT,"
  "  time_ms INTEGER NOT NULL,"
  "  type TEXT NOT NULL,"
  "  category TEXT,"
  "  binding TEXT,"
  "  binding_id TEXT REFERENCES binding (id) ON DELETE SET NULL,"
  "  client TEXT,"
  "  client_id TEXT,"
  "  method TEXT,"
  "  tool TEXT,"
  "  detail TEXT,"
  "  outcome TEXT NOT NULL,"
  "  status INTEGER NOT NULL,"
  "  bytes_up INTEGER NOT NULL,"
  "  bytes_down INTEGER NOT NULL,"
  "  duration_ms INTEGER NOT NULL"
  ") STRICT;"
  "CREATE INDEX event_by_binding ON event (binding_id, sequence);",

  /* JSON of a BfyProgram; for bindings of type custom only. */
  "ALTER TABLE binding ADD COLUMN command TEXT;",

  /* A BfyPolicy as it was given; without one everything is allowed. */
  "ALTER TABLE binding ADD COLUMN policy TEXT;",

  /* What is known of OAuth tokens without opening the keyring. */
  "ALTER TABLE binding ADD COLUMN expires_at_s INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE binding ADD COLUMN issued_at_s INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE binding ADD COLUMN refreshed_at_s INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE binding ADD COLUMN can_refresh INTEGER NOT NULL DEFAULT 0;",

  /* Events say where a request went, and each is tied to the one before it in its chain: those of
   * one binding, or those of none (""). What is pruned leaves its last hash behind as the anchor.
   * Events that were there before have no hash; a row of their own says up to which number that is
   * so. What was used, by hour, stays longer than the events. A client may have a decoy. */
  "ALTER TABLE event ADD COLUMN host TEXT;"
  "ALTER TABLE event ADD COLUMN path TEXT;"
  "ALTER TABLE event ADD COLUMN peer TEXT;"
  "ALTER TABLE event ADD COLUMN chain TEXT NOT NULL DEFAULT '';"
  "ALTER TABLE event ADD COLUMN previous INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE event ADD COLUMN hash BLOB;"
  "UPDATE event SET chain = coalesce (binding_id, '');"
  "DROP INDEX event_by_binding;"
  "CREATE INDEX event_by_chain ON event (chain, sequence);"
  "CREATE TABLE event_chain ("
  "  chain TEXT NOT NULL PRIMARY KEY,"
  "  anchor_sequence INTEGER NOT NULL,"
  "  anchor_hash BLOB NOT NULL CHECK (length (anchor_hash) = 32),"
  "  head_sequence INTEGER NOT NULL,"
  "  head_hash BLOB NOT NULL CHECK (length (head_hash) = 32)"
  ") STRICT, WITHOUT ROWID;"
  "INSERT INTO event_chain SELECT '" BFY_STORE_UNHASHED
  "', 0, zeroblob (32), newest, zeroblob (32) "
  "  FROM (SELECT max (sequence) AS newest FROM event) WHERE newest IS NOT NULL;"
  "CREATE TABLE usage ("
  "  binding_id TEXT NOT NULL REFERENCES binding (id) ON DELETE CASCADE,"
  "  client_id TEXT NOT NULL," /* "" for local processes */
  "  hour_s INTEGER NOT NULL," /* Unix time of its start */
  "  n_calls INTEGER NOT NULL,"
  "  n_refused INTEGER NOT NULL,"
  "  n_failed INTEGER NOT NULL,"
  "  bytes_up INTEGER NOT NULL,"
  "  bytes_down INTEGER NOT NULL,"
  "  duration_ms INTEGER NOT NULL,"
  "  PRIMARY KEY (binding_id, client_id, hour_s)"
  ") STRICT, WITHOUT ROWID;"
  "ALTER TABLE client ADD COLUMN decoy TEXT;",

  /* What people have answered; how a binding's credential may be used, and how long. A time that
   * ends is kept as BfyExpiry. The agent's own lock and the like, which must outlive it. */
  "CREATE TABLE grant_given ("
  "  id TEXT NOT NULL PRIMARY KEY,"
  "  subject TEXT NOT NULL,"
  "  client TEXT NOT NULL,"
  "  client_id TEXT REFERENCES client (id) ON DELETE CASCADE,"
  "  binding_id TEXT NOT NULL REFERENCES binding (id) ON DELETE CASCADE,"
  "  method TEXT NOT NULL,"
  "  kind TEXT NOT NULL,"
  "  name TEXT,"
  "  access TEXT NOT NULL,"
  "  capability TEXT,"
  "  rule TEXT NOT NULL,"
  "  digest BLOB CHECK (digest IS NULL OR length (digest) = 32),"
  "  is_denial INTEGER NOT NULL,"
  "  scope TEXT NOT NULL,"
  "  boot_id TEXT NOT NULL,"
  "  boot_ms INTEGER NOT NULL,"
  "  wall_s INTEGER NOT NULL,"
  "  created_at_s INTEGER NOT NULL,"
  "  last_used_at_s INTEGER NOT NULL,"
  "  n_uses INTEGER NOT NULL"
  ") STRICT;"
  "CREATE INDEX grant_by_binding ON grant_given (binding_id);"
  "ALTER TABLE binding ADD COLUMN confirms INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE binding ADD COLUMN constraints TEXT;"
  "ALTER TABLE binding ADD COLUMN n_uses INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE binding ADD COLUMN ends_boot_id TEXT NOT NULL DEFAULT '';"
  "ALTER TABLE binding ADD COLUMN ends_boot_ms INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE binding ADD COLUMN ends_wall_s INTEGER NOT NULL DEFAULT 0;"
  "CREATE TABLE agent_state ("
  "  name TEXT NOT NULL PRIMARY KEY,"
  "  value BLOB NOT NULL"
  ") STRICT, WITHOUT ROWID;",

  /* A pause may end by itself: a BfyExpiry. */
  "ALTER TABLE binding ADD COLUMN resumes_boot_id TEXT NOT NULL DEFAULT '';"
  "ALTER TABLE binding ADD COLUMN resumes_boot_ms INTEGER NOT NULL DEFAULT 0;"
  "ALTER TABLE binding ADD COLUMN resumes_wall_s INTEGER NOT NULL DEFAULT 0;",

  /* A device in the local network may have what wakes it. */
  "ALTER TABLE binding ADD COLUMN mac TEXT;",
  /* Whether the credential may be told to a program that a person says yes to. */
  "ALTER TABLE binding ADD COLUMN reveals INTEGER NOT NULL DEFAULT 0;",
};

gboolean
bfy_store_exec (BfyStore *self, sqlite3 *database, const char *sql, GError **error)
{
  int result = sqlite3_exec (database, sql, NULL, NULL, NULL);

  if (result == SQLITE_OK)
    return TRUE;

  bfy_store_set_error (self, sqlite3_extended_errcode (database), error);
  return FALSE;
}

/* For questions that have one number as their answer. */
static gboolean
ask (BfyStore *self, sqlite3 *database, const char *sql, gint64 *answer, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;

  if (sqlite3_prepare_v2 (database, sql, -1, &statement, NULL) != SQLITE_OK ||
      sqlite3_step (statement) != SQLITE_ROW)
    {
      bfy_store_set_error (self, sqlite3_extended_errcode (database), error);
      return FALSE;
    }
  *answer = sqlite3_column_int64 (statement, 0);

  return TRUE;
}

static gboolean
quick_check (BfyStore *self, sqlite3 *database, GError **error)
{
  g_autoptr (sqlite3_stmt) statement = NULL;
  const char *answer;

  if (sqlite3_prepare_v2 (database, "PRAGMA quick_check(1)", -1, &statement, NULL) != SQLITE_OK ||
      sqlite3_step (statement) != SQLITE_ROW)
    {
      bfy_store_set_error (self, sqlite3_extended_errcode (database), error);
      return FALSE;
    }
  answer = (const char *) sqlite3_column_text (statement, 0);
  if (g_strcmp0 (answer, "ok") != 0)
    {
      bfy_store_set_damaged (self, "its pages contradict each other", error);
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_identity (BfyStore *self, sqlite3 *database, gint64 *version_out, GError **error)
{
  gint64 application_id, version;

  if (!ask (self, database, "PRAGMA application_id", &application_id, error) ||
      !ask (self, database, "PRAGMA user_version", &version, error))
    return FALSE;

  if (application_id != BFY_STORE_APPLICATION_ID)
    {
      bfy_store_set_damaged (self, "it is the database of another program", error);
      return FALSE;
    }
  if (version < 0 || version > BFY_STORE_SCHEMA_VERSION)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                   "%s was made by a newer bindify (its version is %" G_GINT64_FORMAT
                   ", this one knows %d). Nothing was changed; install that version again",
                   self->path, version, BFY_STORE_SCHEMA_VERSION);
      return FALSE;
    }
  *version_out = version;

  return TRUE;
}

/* A statement that cannot be compiled names a table or column that is not there. */
static gboolean
check_tables (BfyStore *self, sqlite3 *database, GError **error)
{
  for (BfySql sql = 0; sql < BFY_N_SQL; sql++)
    {
      g_autoptr (sqlite3_stmt) statement = NULL;

      if (sqlite3_prepare_v2 (database, bfy_sql_text (sql), -1, &statement, NULL) != SQLITE_OK)
        {
          bfy_store_set_damaged (self, "its tables are not those of its version", error);
          return FALSE;
        }
    }

  return TRUE;
}

static gboolean
check_content (BfyStore *self, sqlite3 *database, GError **error)
{
  gint64 version, page_size, n_pages;

  if (!check_identity (self, database, &version, error) ||
      !ask (self, database, "PRAGMA page_size", &page_size, error) ||
      !ask (self, database, "PRAGMA page_count", &n_pages, error))
    return FALSE;
  if (page_size * n_pages <= BFY_STORE_QUICK_CHECK_BYTES && !quick_check (self, database, error))
    return FALSE;

  return version < BFY_STORE_SCHEMA_VERSION || check_tables (self, database, error);
}

gboolean
bfy_store_check_database (BfyStore *self, gboolean was_killed, GError **error)
{
  g_autofree char *uri = g_filename_to_uri (self->path, NULL, NULL);
  g_autofree char *readable = NULL;
  g_autoptr (sqlite3) database = NULL;
  int result;

  if (uri == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE, "%s is not an absolute path", self->path);
      return FALSE;
    }

  /* Without a log the file can be read as it lies, which leaves no trace in the directory; with
   * one, SQLite needs its index file, but a read-only connection still cannot move the log. */
  readable = g_strconcat (uri, was_killed ? "?mode=ro" : "?mode=ro&immutable=1", NULL);
  result = sqlite3_open_v2 (readable, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
  if (result != SQLITE_OK)
    {
      bfy_store_set_error (self, result, error);
      return FALSE;
    }
  (void) sqlite3_busy_timeout (database, BFY_STORE_BUSY_MS);
  (void) sqlite3_db_config (database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  (void) sqlite3_db_config (database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);

  return check_content (self, database, error);
}

static gboolean
migrate_one (BfyStore *self, sqlite3 *database, gint64 version, GError **error)
{
  g_autofree char *number =
      g_strdup_printf ("PRAGMA user_version = %" G_GINT64_FORMAT, version + 1);

  if (bfy_store_exec (self, database, "BEGIN IMMEDIATE", error) &&
      bfy_store_exec (self, database, migrations[version], error) &&
      bfy_store_exec (self, database, number, error) &&
      bfy_store_exec (self, database, "COMMIT", error))
    return TRUE;

  (void) sqlite3_exec (database, "ROLLBACK", NULL, NULL, NULL);
  return FALSE;
}

gboolean
bfy_store_migrate (BfyStore *self, sqlite3 *database, GError **error)
{
  gint64 version;

  if (!ask (self, database, "PRAGMA user_version", &version, error))
    return FALSE;

  for (; version < BFY_STORE_SCHEMA_VERSION; version++)
    {
      if (!migrate_one (self, database, version, error))
        return FALSE;
    }

  return TRUE;
}

gboolean
bfy_store_create_database (BfyStore *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, NEW_FILE, NULL);
  g_autofree char *mark = g_strdup_printf ("PRAGMA application_id = %d", BFY_STORE_APPLICATION_ID);
  g_autoptr (sqlite3) database = NULL;
  int result;

  if (!bfy_store_make_file (self, NEW_FILE, error))
    return FALSE;
  result = sqlite3_open_v2 (path, &database, SQLITE_OPEN_READWRITE, NULL);
  if (result != SQLITE_OK)
    {
      bfy_store_set_error (self, result, error);
      return FALSE;
    }
  if (!bfy_store_exec (self, database, "PRAGMA synchronous = FULL", error) ||
      !bfy_store_exec (self, database, mark, error) || !bfy_store_migrate (self, database, error))
    return FALSE;
  g_clear_pointer (&database, sqlite3_close);

  return bfy_store_rename_file (self, NEW_FILE, error);
}
