// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Opening: places, modes, the lock, the schema, and files that must not be touched.

#include <csignal>
#include <cstring>
#include <functional>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/store-fixture.h"

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class StoreOpen : public StoreFixture
{
};

TEST_F (StoreOpen, MakesPrivatePlaces)
{
  mode_t old_mask = umask (0);
  std::string deep = dir.path ("state/bindify");
  Error error;
  g_autoptr (BfyStore) deep_store = bfy_store_open (deep.c_str (), error.out ());

  umask (old_mask);
  ASSERT_NE (deep_store, nullptr) << error;
  ASSERT_TRUE (add_binding (deep_store, "github", error.out ())) << error;
  EXPECT_EQ (mode_of (dir.path ("state")), 0700u);
  EXPECT_EQ (mode_of (deep), 0700u);
  for (const auto &entry : std::filesystem::directory_iterator (deep))
    EXPECT_EQ (mode_of (entry.path ().string ()), 0600u) << entry.path ();
}

TEST_F (StoreOpen, KeepsRecordsOverReopening)
{
  Error error;

  open ();
  ASSERT_TRUE (add_binding (store, "github", error.out ())) << error;
  ASSERT_TRUE (add_binding (store, "asana", error.out ())) << error;
  open ();
  EXPECT_THAT (binding_names (store), ElementsAre ("asana", "github"));
}

TEST_F (StoreOpen, LeavesOneFileBehind)
{
  open ();
  bfy_store_close (store);
  EXPECT_FALSE (std::filesystem::exists (database () + "-wal"));
  EXPECT_FALSE (std::filesystem::exists (database () + "-shm"));
  EXPECT_FALSE (std::filesystem::exists (database () + ".new"));
  EXPECT_EQ (Sqlite (database ()).ask ("PRAGMA application_id"), std::to_string (0x42465931));
  EXPECT_EQ (Sqlite (database ()).ask ("PRAGMA user_version"), "9");
  EXPECT_EQ (Sqlite (database ()).ask ("PRAGMA journal_mode"), "wal");
}

TEST_F (StoreOpen, SaysThatItIsClosed)
{
  Error error;

  open ();
  bfy_store_close (store);
  bfy_store_close (store);
  EXPECT_FALSE (add_binding (store, "github", error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_FAILED));
  EXPECT_EQ (bfy_store_load_bindings (store, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_FAILED));
  EXPECT_EQ (bfy_store_load_clients (store, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_FAILED));
  bfy_store_append_event (store, bfy_event_new ("late", 1), TRUE);
}

// Places that somebody else could read or replace (behaviour 12.8, 12.9).

struct UnsafeCase
{
  const char *name;
  void (*prepare) (const TempDir &dir);
  const char *say;
};

class StoreUnsafe : public testing::TestWithParam<UnsafeCase>
{
};

static void
make_store (const std::string &directory)
{
  Error error;
  BfyStore *store = bfy_store_open (directory.c_str (), error.out ());

  ASSERT_NE (store, nullptr) << error;
  g_object_unref (store);
}

TEST_P (StoreUnsafe, IsRefusedWithTheRemedy)
{
  TempDir dir;
  std::string directory = dir.path ("state");
  Error error;

  make_store (directory);
  GetParam ().prepare (dir);
  EXPECT_EQ (bfy_store_open (directory.c_str (), error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().say));
}

static void
replace_with_link (const TempDir &dir, const char *name)
{
  std::filesystem::rename (dir.path (name), dir.path ("elsewhere"));
  std::filesystem::create_symlink (dir.path ("elsewhere"), dir.path (name));
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour12_8,
    StoreUnsafe,
    testing::Values (
        UnsafeCase{ "OpenDirectory",
                    [] (const TempDir &dir) { chmod (dir.path ("state").c_str (), 0750); },
                    "chmod 700 '" },
        UnsafeCase{
            "OpenDatabase",
            [] (const TempDir &dir) { chmod (dir.path ("state/bindify.db").c_str (), 0604); },
            "chmod 600 '" },
        UnsafeCase{
            "OpenLock",
            [] (const TempDir &dir) { chmod (dir.path ("state/bindify.lock").c_str (), 0660); },
            "chmod 600 '" },
        UnsafeCase{
            "OpenLog",
            [] (const TempDir &dir) { write_file (dir.path ("state/bindify.db-wal"), "", 0644); },
            "bindify.db-wal" },
        UnsafeCase{ "LinkedDirectory",
                    [] (const TempDir &dir) { replace_with_link (dir, "state"); },
                    "is a symbolic link" },
        UnsafeCase{ "LinkedDatabase",
                    [] (const TempDir &dir) { replace_with_link (dir, "state/bindify.db"); },
                    "is a symbolic link" },
        UnsafeCase{ "LinkedLock",
                    [] (const TempDir &dir) { replace_with_link (dir, "state/bindify.lock"); },
                    "is a symbolic link" },
        UnsafeCase{ "FileAsDirectory",
                    [] (const TempDir &dir) {
                      std::filesystem::remove_all (dir.path ("state"));
                      write_file (dir.path ("state"), "x");
                    },
                    "is not a directory" },
        UnsafeCase{ "PipeAsDatabase",
                    [] (const TempDir &dir) {
                      std::filesystem::remove (dir.path ("state/bindify.db"));
                      (void) mkfifo (dir.path ("state/bindify.db").c_str (), 0600);
                    },
                    "is not a regular file" }),
    case_name<UnsafeCase>);

TEST (StoreOwner, ForeignPlacesAreRefused)
{
  TempDir dir;
  std::string directory = dir.path ("state");
  Error error;

  if (geteuid () != 0)
    GTEST_SKIP () << "only root can give files away";
  make_store (directory);
  ASSERT_EQ (chown ((directory + "/bindify.db").c_str (), 65534, 65534), 0);
  EXPECT_EQ (bfy_store_open (directory.c_str (), error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
  EXPECT_THAT (error.message (), HasSubstr ("65534"));
  ASSERT_EQ (chown (directory.c_str (), 65534, 65534), 0);
  EXPECT_EQ (bfy_store_open (directory.c_str (), error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
}

// One agent.

TEST_F (StoreOpen, KeepsASecondAgentOut)
{
  open ();
  expect_refusal (BFY_ERROR_IN_USE, "(pid " + std::to_string (getpid ()) + ")");
  bfy_store_close (store);
  open ();
}

// Each child says how it went and stays until it is told to go.
static pid_t
start_contender (const std::string &directory, int go, int tell, int leave)
{
  pid_t child = fork ();
  char byte;

  if (child != 0)
    return child;
  if (read (go, &byte, 1) < 0)
    _exit (3);
  GError *error = nullptr;
  BfyStore *store = bfy_store_open (directory.c_str (), &error);
  byte = store != nullptr ? 'w' : g_error_matches (error, BFY_ERROR, BFY_ERROR_IN_USE) ? 'l' : '?';
  if (write (tell, &byte, 1) != 1 || read (leave, &byte, 1) < 0)
    _exit (3);
  g_clear_object (&store);
  g_clear_error (&error);
  _exit (0);
}

TEST (StoreLock, OneOfTwoRacingAgentsWins)
{
  for (int round = 0; round < 10; round++)
    {
      TempDir dir;
      int go[2], tell[2], leave[2];
      char answers[3] = "";

      ASSERT_EQ (pipe (go) + pipe (tell) + pipe (leave), 0);
      pid_t first = start_contender (dir.path (), go[0], tell[1], leave[0]);
      pid_t second = start_contender (dir.path (), go[0], tell[1], leave[0]);
      ASSERT_EQ (write (go[1], "gg", 2), 2);
      ASSERT_EQ (read (tell[0], &answers[0], 1), 1);
      ASSERT_EQ (read (tell[0], &answers[1], 1), 1);
      ASSERT_EQ (write (leave[1], "xx", 2), 2);
      ASSERT_EQ (waitpid (first, nullptr, 0), first);
      ASSERT_EQ (waitpid (second, nullptr, 0), second);
      EXPECT_THAT (answers, testing::AnyOf (testing::StrEq ("wl"), testing::StrEq ("lw")));
      for (int fd : { go[0], go[1], tell[0], tell[1], leave[0], leave[1] })
        close (fd);
    }
}

// Versions.

TEST_F (StoreOpen, MigratesAnEmptyDatabaseOfVersion0)
{
  Error error;

  Sqlite (database ()).run ("PRAGMA application_id = 0x42465931");
  chmod (database ().c_str (), 0600);
  ASSERT_EQ (Sqlite (database ()).ask ("PRAGMA user_version"), "0");
  open ();
  EXPECT_TRUE (add_binding (store, "github", error.out ())) << error;
  EXPECT_EQ (Sqlite (database ()).ask ("PRAGMA user_version"), "9");
}

// What an agent wrote that knew nothing of OAuth tokens.
TEST_F (StoreOpen, J17MigratesBindingsOfVersion3)
{
  Error error;

  open ();
  ASSERT_TRUE (add_binding (store, "github", error.out ())) << error;
  bfy_store_close (store);
  Sqlite (database ()).run (kBackToVersion5);
  for (const char *column : { "expires_at_s", "issued_at_s", "refreshed_at_s", "can_refresh" })
    Sqlite (database ()).run (std::string ("ALTER TABLE binding DROP COLUMN ") + column);
  for (const char *column : { "host", "path", "peer", "previous", "hash" })
    Sqlite (database ()).run (std::string ("ALTER TABLE event DROP COLUMN ") + column);
  Sqlite (database ())
      .run ("DROP INDEX event_by_chain; ALTER TABLE event DROP COLUMN chain;"
            "CREATE INDEX event_by_binding ON event (binding_id, sequence);"
            "ALTER TABLE client DROP COLUMN decoy; DROP TABLE event_chain; DROP TABLE usage");
  Sqlite (database ()).run ("PRAGMA user_version = 3");
  open ();
  EXPECT_EQ (Sqlite (database ()).ask ("PRAGMA user_version"), "9");
  g_autoptr (GPtrArray) bindings = bfy_store_load_bindings (store, error.out ());
  ASSERT_NE (bindings, nullptr) << error;
  ASSERT_EQ (bindings->len, 1u);
  auto *binding = static_cast<BfyBinding *> (bindings->pdata[0]);
  EXPECT_STREQ (binding->name, "github");
  EXPECT_EQ (binding->expires_at_s, 0);
  EXPECT_EQ (binding->refreshed_at_s, 0);
  EXPECT_FALSE (binding->can_refresh);
}

TEST_F (StoreOpen, InitialisesAnEmptyFile)
{
  Error error;

  write_file (database (), "");
  open ();
  EXPECT_TRUE (add_binding (store, "github", error.out ())) << error;
  EXPECT_EQ (mode_of (database ()), 0600u);
}

TEST_F (StoreOpen, StartsAgainAfterACrashWhileTheFileWasMade)
{
  write_file (database () + ".new", "half a database");
  write_file (database () + ".new-journal", "half a journal");
  open ();
  EXPECT_TRUE (binding_names (store).empty ());
}

TEST_F (StoreOpen, FindsWhatAKilledAgentLeftInTheLog)
{
  make_store (dir.path ());
  {
    Sqlite killed (database ());

    killed.keep_log ();
    killed.run ("INSERT INTO client VALUES ('i', 'editor', zeroblob (32), 1, 1, 0, NULL)");
  }
  ASSERT_TRUE (std::filesystem::exists (database () + "-wal"));
  open ();
  EXPECT_EQ (Sqlite (database ()).ask ("SELECT label FROM client"), "editor");
}

// Files that are not understood (behaviour 12.6): each is refused and stays as it was.

struct DamageCase
{
  const char *name;
  BfyErrorCode want;
  const char *say;
  void (*damage) (const std::string &database);
};

class StoreDamage : public testing::TestWithParam<DamageCase>
{
};

// Several pages of bindings, made in one transaction.
static void
fill (const std::string &database)
{
  Error error;
  g_autoptr (BfyStore) store =
      bfy_store_open (std::filesystem::path (database).parent_path ().c_str (), error.out ());

  ASSERT_NE (store, nullptr) << error;
  ASSERT_TRUE (add_binding (store, "binding", error.out ())) << error;
  bfy_store_close (store);
  Sqlite (database).run (
      "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200)"
      "INSERT INTO binding SELECT 'id-' || i, 'binding-' || i, type, service, "
      "url, injection_kind, injection_name, injection_prefix, auth_type, "
      "account, keyring, is_sealed, allow_local, state, request_bytes_max, "
      "response_bytes_max, connect_timeout_ms, response_timeout_ms, "
      "created_at_s, last_used_at_s, needs_login_at_s, paused_at_s, command, policy, "
      "expires_at_s, issued_at_s, refreshed_at_s, can_refresh, confirms, constraints, "
      "n_uses, ends_boot_id, ends_boot_ms, ends_wall_s, resumes_boot_id, resumes_boot_ms, "
      "resumes_wall_s, mac, reveals "
      "FROM binding, n");
}

TEST_P (StoreDamage, IsRefusedAndLeftAlone)
{
  TempDir dir;
  std::string database = dir.path ("bindify.db");
  Error error;

  fill (database);
  GetParam ().damage (database);
  auto before = picture_of (dir.path ());
  EXPECT_EQ (bfy_store_open (dir.path ().c_str (), error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (GetParam ().want));
  EXPECT_THAT (error.message (), HasSubstr (database));
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().say));
  EXPECT_THAT (error.message (), HasSubstr ("Nothing was changed"));

  auto after = picture_of (dir.path ());
  after.erase ("bindify.db-shm"); // SQLite's index of the log: holds nothing of its own
  before.erase ("bindify.db-shm");
  EXPECT_TRUE (before == after) << "a file was changed, made or removed";
}

static void
overwrite (const std::string &path, size_t offset, const std::string &bytes)
{
  std::string content = read_file (path);

  content.replace (offset, bytes.size (), bytes);
  write_file (path, content);
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour12_6,
    StoreDamage,
    testing::Values (DamageCase{ "Garbage", BFY_ERROR_STORE_DAMAGED, ": mv '",
                                 [] (const std::string &database) {
                                   write_file (database, std::string (9000, 'x'));
                                 } },
                     DamageCase{ "OneByte", BFY_ERROR_STORE_DAMAGED, ": mv '",
                                 [] (const std::string &database) { write_file (database, "S"); } },
                     DamageCase{ "HeaderOnly", BFY_ERROR_STORE_DAMAGED, ": mv '",
                                 [] (const std::string &database) {
                                   write_file (database, read_file (database).substr (0, 100));
                                 } },
                     DamageCase{ "Truncated", BFY_ERROR_STORE_DAMAGED, ": mv '",
                                 [] (const std::string &database) {
                                   std::string content = read_file (database);

                                   write_file (database, content.substr (0, content.size () / 2));
                                 } },
                     DamageCase{ "TruncatedInAPage", BFY_ERROR_STORE_DAMAGED, ": mv '",
                                 [] (const std::string &database) {
                                   std::string content = read_file (database);

                                   write_file (database,
                                               content.substr (0, content.size () - 1000));
                                 } },
                     DamageCase{ "ZeroedPage", BFY_ERROR_STORE_DAMAGED, ": mv '",
                                 [] (const std::string &database) {
                                   overwrite (database, 4096, std::string (4096, '\0'));
                                 } },
                     DamageCase{ "GarbledSchema", BFY_ERROR_STORE_DAMAGED, ": mv '",
                                 [] (const std::string &database) {
                                   overwrite (database, 100, std::string (600, '\xa5'));
                                 } },
                     DamageCase{ "AnotherProgram", BFY_ERROR_STORE_DAMAGED, "another program",
                                 [] (const std::string &database) {
                                   Sqlite (database).run ("PRAGMA application_id = 7");
                                 } },
                     DamageCase{ "AnotherProgramsLog", BFY_ERROR_STORE_DAMAGED, "another program",
                                 [] (const std::string &database) {
                                   Sqlite other (database);

                                   other.keep_log ();
                                   other.run ("PRAGMA application_id = 7");
                                 } },
                     DamageCase{ "MissingTable", BFY_ERROR_STORE_DAMAGED, "its tables",
                                 [] (const std::string &database) {
                                   Sqlite (database).run ("DROP TABLE client_binding");
                                 } },
                     DamageCase{ "MissingColumn", BFY_ERROR_STORE_DAMAGED, "its tables",
                                 [] (const std::string &database) {
                                   Sqlite (database).run (
                                       "ALTER TABLE binding DROP COLUMN account");
                                 } },
                     DamageCase{ "Newer", BFY_ERROR_UNSUPPORTED, "made by a newer bindify",
                                 [] (const std::string &database) {
                                   Sqlite (database).run ("PRAGMA user_version = 99");
                                 } },
                     DamageCase{ "NewerInTheLog", BFY_ERROR_UNSUPPORTED, "made by a newer bindify",
                                 [] (const std::string &database) {
                                   Sqlite newer (database);

                                   newer.keep_log ();
                                   newer.run ("PRAGMA user_version = 99");
                                 } },
                     DamageCase{ "DatabaseGoneLogThere", BFY_ERROR_STORE_DAMAGED, "its log",
                                 [] (const std::string &database) {
                                   {
                                     Sqlite killed (database);

                                     killed.keep_log ();
                                     killed.run ("DELETE FROM binding");
                                   }
                                   std::filesystem::remove (database);
                                 } }),
    case_name<DamageCase>);

// A row that is well-formed SQLite but not a binding of ours must not look as if it were removed.

struct RowDamageCase
{
  const char *name;
  const char *sql;
};

class StoreRowDamage : public testing::TestWithParam<RowDamageCase>
{
};

TEST_P (StoreRowDamage, IsNotSkipped)
{
  TempDir dir;
  std::string database = dir.path ("bindify.db");
  Error error;

  fill (database);
  Sqlite (database).run (GetParam ().sql);
  g_autoptr (BfyStore) store = bfy_store_open (dir.path ().c_str (), error.out ());
  ASSERT_NE (store, nullptr) << error;
  EXPECT_EQ (bfy_store_load_bindings (store, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_STORE_DAMAGED));
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour12_6,
    StoreRowDamage,
    testing::Values (
        RowDamageCase{ "Type", "UPDATE binding SET type = 'ftp' WHERE name = 'binding-7'" },
        RowDamageCase{ "State", "UPDATE binding SET state = '' WHERE name = 'binding-7'" },
        RowDamageCase{ "Kind", "UPDATE binding SET injection_kind = 'x' WHERE name = 'binding-7'" },
        RowDamageCase{ "Header",
                       "UPDATE binding SET injection_name = 'Host' WHERE name = 'binding-7'" },
        RowDamageCase{ "Name", "UPDATE binding SET name = '../x' WHERE name = 'binding-7'" },
        RowDamageCase{ "Limit",
                       "UPDATE binding SET request_bytes_max = -1 WHERE name = 'binding-7'" }),
    case_name<RowDamageCase>);
