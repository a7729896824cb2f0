// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What is acknowledged must be on the disk, not only with the kernel. The tests of this program run
// on a file system layer that counts synchronisations instead of waiting for the disk: nobody cuts
// the power here, and a slow disk would make the whole program slow.

#include <map>

#include "tests/unit/store-fixture.h"

static sqlite3_vfs *real_vfs;
static sqlite3_vfs counting_vfs;
static std::map<const sqlite3_io_methods *, sqlite3_io_methods>
    counting_methods; // by the real ones
static int n_syncs;

static int
count_sync (sqlite3_file *, int)
{
  n_syncs++;
  return SQLITE_OK;
}

static int
open_counting (sqlite3_vfs *, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
  int result = real_vfs->xOpen (real_vfs, name, file, flags, out_flags);

  if (result == SQLITE_OK)
    {
      sqlite3_io_methods &methods = counting_methods[file->pMethods];

      methods = *file->pMethods;
      methods.xSync = count_sync;
      file->pMethods = &methods;
    }
  return result;
}

class CountingDisk : public testing::Environment
{
public:
  void SetUp () override
  {
    real_vfs = sqlite3_vfs_find (nullptr);
    counting_vfs = *real_vfs;
    counting_vfs.zName = "counting";
    counting_vfs.xOpen = open_counting;
    sqlite3_vfs_register (&counting_vfs, 1);
  }
};

static testing::Environment *const disk = testing::AddGlobalTestEnvironment (new CountingDisk);

class StoreSync : public StoreFixture
{
protected:
  void SetUp () override
  {
    ASSERT_NE (disk, nullptr);
    open ();
  }
  void add (const char *name)
  {
    Error error;

    ASSERT_TRUE (add_binding (store, name, error.out ())) << error;
  }
  void append ()
  {
    bfy_store_append_event (store, bfy_event_new ("proxy_request", 1), TRUE);
  }
};

TEST_F (StoreSync, HappensForEveryBindingAndForNoEvent)
{
  add ("first");
  n_syncs = 0;
  add ("second");
  EXPECT_GE (n_syncs, 1);

  n_syncs = 0;
  for (int i = 0; i < 20; i++)
    append ();
  EXPECT_EQ (n_syncs, 0) << "events may be lost in a power cut";

  add ("third");
  EXPECT_GE (n_syncs, 1) << "bindings may not, also after events";
}

TEST_F (StoreSync, HappensForEveryClient)
{
  g_autoptr (BfyClient) client = bfy_client_new ("id", "Editor", nullptr);
  guint8 hash[BFY_CLIENT_KEY_HASH_BYTES] = { 1 };
  Error error;

  add ("first");
  n_syncs = 0;
  ASSERT_TRUE (bfy_store_add_client (store, client, hash, error.out ())) << error;
  EXPECT_GE (n_syncs, 1);
  n_syncs = 0;
  ASSERT_TRUE (bfy_store_remove_client (store, "id", error.out ())) << error;
  EXPECT_GE (n_syncs, 1);
}
