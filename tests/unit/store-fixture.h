// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <filesystem>
#include <map>
#include <sqlite3.h>
#include <string>
#include <sys/stat.h>
#include <vector>

#include "tests/fixture/private-dirs.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/store/store.h"
}

inline unsigned
mode_of (const std::string &path)
{
  struct stat status = {};

  return lstat (path.c_str (), &status) == 0 ? status.st_mode & 07777 : 0;
}

// Name to content of the regular files in a directory, as a picture of "nothing was changed".
inline std::map<std::string, std::string>
picture_of (const std::string &directory)
{
  std::map<std::string, std::string> picture;

  for (const auto &entry : std::filesystem::directory_iterator (directory))
    {
      if (entry.is_regular_file ())
        picture[entry.path ().filename ().string ()] = read_file (entry.path ().string ());
    }
  return picture;
}

// The database as another program sees it.
class Sqlite
{
public:
  explicit Sqlite (const std::string &path)
  {
    if (sqlite3_open (path.c_str (), &database_) != SQLITE_OK)
      throw std::runtime_error ("sqlite3_open: " + path);
  }
  Sqlite (const Sqlite &) = delete;
  Sqlite &operator= (const Sqlite &) = delete;
  ~Sqlite ()
  {
    sqlite3_close (database_);
  }

  // As a program that is killed: what it wrote stays in the log.
  void keep_log ()
  {
    sqlite3_db_config (database_, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  }
  void run (const std::string &sql)
  {
    char *message = nullptr;

    if (sqlite3_exec (database_, sql.c_str (), nullptr, nullptr, &message) != SQLITE_OK)
      throw std::runtime_error (sql + ": " + message);
  }
  // The first column of the first row as text, "(none)" without a row.
  std::string ask (const std::string &sql)
  {
    sqlite3_stmt *statement = nullptr;
    std::string answer = "(none)";

    if (sqlite3_prepare_v2 (database_, sql.c_str (), -1, &statement, nullptr) != SQLITE_OK)
      return sqlite3_errmsg (database_);
    if (sqlite3_step (statement) == SQLITE_ROW)
      {
        const unsigned char *text = sqlite3_column_text (statement, 0);

        answer = text != nullptr ? reinterpret_cast<const char *> (text) : "(null)";
      }
    sqlite3_finalize (statement);
    return answer;
  }

private:
  sqlite3 *database_ = nullptr;
};

// A directory with a store in it.
// Takes a database back to what it was before grants, conditions and locks.
inline const char kBackToVersion5[] =
    "DROP TABLE grant_given; DROP TABLE agent_state;"
    "ALTER TABLE binding DROP COLUMN resumes_boot_id; ALTER TABLE binding DROP COLUMN "
    "resumes_boot_ms;"
    "ALTER TABLE binding DROP COLUMN resumes_wall_s; ALTER TABLE binding DROP COLUMN mac;"
    "ALTER TABLE binding DROP COLUMN reveals;"
    "ALTER TABLE binding DROP COLUMN confirms; ALTER TABLE binding DROP COLUMN constraints;"
    "ALTER TABLE binding DROP COLUMN n_uses; ALTER TABLE binding DROP COLUMN ends_boot_id;"
    "ALTER TABLE binding DROP COLUMN ends_boot_ms; ALTER TABLE binding DROP COLUMN ends_wall_s;"
    "PRAGMA user_version = 5";

class StoreFixture : public testing::Test
{
protected:
  ~StoreFixture () override
  {
    g_clear_object (&store);
  }

  std::string database () const
  {
    return dir.path ("bindify.db");
  }
  void open ()
  {
    Error error;

    g_clear_object (&store);
    store = bfy_store_open (dir.path ().c_str (), error.out ());
    ASSERT_NE (store, nullptr) << error;
  }
  void expect_refusal (BfyErrorCode code, const std::string &part)
  {
    Error error;

    EXPECT_EQ (bfy_store_open (dir.path ().c_str (), error.out ()), nullptr);
    EXPECT_THAT (error, FailsWith (code));
    EXPECT_THAT (error.message (), testing::HasSubstr (part));
  }

  TempDir dir;
  BfyStore *store = nullptr;
};

inline BfyBinding *
make_binding (const std::string &name)
{
  BfyBinding *binding = bfy_binding_new ();

  g_free (binding->id);
  g_free (binding->name);
  g_free (binding->url);
  g_free (binding->auth_type);
  g_free (binding->keyring);
  g_clear_pointer (&binding->injection, bfy_injection_free);
  binding->id = g_strdup (("id-of-" + name).c_str ());
  binding->name = g_strdup (name.c_str ());
  binding->url = g_strdup ("https://mcp.example.com/mcp");
  binding->auth_type = g_strdup ("api_key");
  binding->keyring = g_strdup ("vault");
  binding->injection = bfy_injection_new (BFY_INJECT_HEADER, "Authorization", "Bearer ");
  binding->created_at_s = 1700000000;
  return binding;
}

inline bool
add_binding (BfyStore *store, const std::string &name, GError **error)
{
  g_autoptr (BfyBinding) binding = make_binding (name);

  return bfy_store_add_binding (store, binding, error);
}

inline std::vector<std::string>
binding_names (BfyStore *store)
{
  Error error;
  g_autoptr (GPtrArray) bindings = bfy_store_load_bindings (store, error.out ());
  std::vector<std::string> names;

  EXPECT_NE (bindings, nullptr) << error;
  for (guint i = 0; bindings != nullptr && i < bindings->len; i++)
    names.push_back (static_cast<BfyBinding *> (bindings->pdata[i])->name);
  return names;
}
