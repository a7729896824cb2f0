// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "tests/fixture/private-dirs.h"
#include "tests/fixture/vault-bytes.h"
#include "tests/fixture/vault-calls.h"

extern "C"
{
#include "keyring/vault-rotation.h"
#include "keyring/vault-usage.h"
}

static const gint64 now_s = 1700000000;

static void
set (BfyVaultFile *file, const std::string &id, const std::string &text)
{
  g_autoptr (BfySecret) secret = bfy_secret_new (text.data (), text.size ());
  Error error;

  ASSERT_TRUE (bfy_vault_file_set (file, id.c_str (), secret, error.out ())) << error;
}

static BfyVaultFile *
file_with_items (int n_items)
{
  Error error;
  BfyVaultFile *file = bfy_vault_file_new (error.out ());

  EXPECT_THAT (error, Succeeds ());
  for (int i = 0; i < n_items; i++)
    set (file, "id-" + std::to_string (i), "text " + std::to_string (i));
  return file;
}

static std::string
get (const BfyVaultFile *file, const std::string &id)
{
  g_autoptr (BfySecret) secret = bfy_vault_file_get (file, id.c_str (), nullptr);

  return secret != nullptr ? bfy_secret_peek_text (secret) : "(none)";
}

static std::string
state_of (const BfyVaultFile *file)
{
  return bfy_rotation_state_to_wire (file->body->rotation.state);
}

// What its blob says of an item becomes untrue.
static void
damage (BfyVaultFile *file, const std::string &id)
{
  GBytes *blob = static_cast<GBytes *> (g_tree_lookup (file->body->items, id.c_str ()));
  std::string bytes = text_of_bytes (blob);

  bytes.back () ^= 1;
  g_tree_replace (file->body->items, g_strdup (id.c_str ()),
                  g_bytes_new (bytes.data (), bytes.size ()));
}

static std::vector<std::string>
step_through (BfyVaultFile *file)
{
  std::vector<std::string> states;
  Error error;

  bfy_vault_rotation_begin (file, nullptr, now_s);
  states.push_back (state_of (file));
  while (bfy_rotation_is_running (file->body->rotation.state))
    {
      EXPECT_TRUE (bfy_vault_rotation_step (file, now_s + 1, error.out ())) << error;
      states.push_back (state_of (file));
    }
  return states;
}

TEST (VaultRotation, GoesThroughItsStates)
{
  g_autoptr (BfyVaultFile) file = file_with_items (2 * BFY_VAULT_ROTATION_STEP_ITEMS + 1);
  Error error;

  EXPECT_EQ (step_through (file), (std::vector<std::string>{ "pending", "validated", "migrating",
                                                             "migrating", "completed" }));
  EXPECT_EQ (file->body->rotation.began_at_s, now_s);
  EXPECT_EQ (file->body->rotation.ended_at_s, now_s + 1);
  EXPECT_EQ (file->body->rotation.n_migrated, 2u * BFY_VAULT_ROTATION_STEP_ITEMS + 1);
  EXPECT_EQ (file->body->rotation.n_failed, 0u);
  EXPECT_EQ (file->body->keys->len, 2u) << "the old key stays until it is removed";
  EXPECT_TRUE (bfy_vault_rotation_check (file, nullptr, error.out ())) << error;
  g_autoptr (BfyVaultUsage) usage = bfy_vault_usage_new (file);
  EXPECT_EQ (usage->n_items[0], 0u);
  EXPECT_EQ (usage->n_items[1], 2u * BFY_VAULT_ROTATION_STEP_ITEMS + 1);
  for (int i = 0; i <= 2 * BFY_VAULT_ROTATION_STEP_ITEMS; i++)
    EXPECT_EQ (get (file, "id-" + std::to_string (i)), "text " + std::to_string (i));
}

TEST (VaultRotation, AnEmptyVaultCompletes)
{
  g_autoptr (BfyVaultFile) file = file_with_items (0);

  EXPECT_EQ (step_through (file),
             (std::vector<std::string>{ "pending", "validated", "completed" }));
  EXPECT_EQ (file->body->keys->len, 2u);
}

// The new key is in the list, and active, before any item needs it.
TEST (VaultRotation, ListsTheNewKeyFirst)
{
  g_autoptr (BfyVaultFile) file = file_with_items (1);
  Error error;

  bfy_vault_rotation_begin (file, nullptr, now_s);
  EXPECT_EQ (file->body->keys->len, 1u);
  ASSERT_TRUE (bfy_vault_rotation_step (file, now_s, error.out ())) << error;
  EXPECT_EQ (state_of (file), "validated");
  EXPECT_EQ (file->body->keys->len, 2u);
  EXPECT_EQ (bfy_vault_rotation_n_left (file), 1u);
  set (file, "new", "written meanwhile");
  EXPECT_EQ (bfy_vault_rotation_n_left (file), 1u) << "the new key encrypts what is new";
  EXPECT_EQ (get (file, "id-0"), "text 0") << "and the old one still opens what is old";
}

TEST (VaultRotation, WhatCannotBeOpenedDoesNotStopTheOthers)
{
  g_autoptr (BfyVaultFile) file = file_with_items (5);
  Error error;

  damage (file, "id-1");
  g_tree_replace (file->body->items, g_strdup ("id-3"), g_bytes_new ("?", 1));
  const std::string before =
      text_of_bytes (static_cast<GBytes *> (g_tree_lookup (file->body->items, "id-1")));
  EXPECT_EQ (step_through (file), (std::vector<std::string>{ "pending", "validated", "partial" }));
  EXPECT_EQ (file->body->rotation.n_migrated, 3u);
  EXPECT_EQ (file->body->rotation.n_failed, 2u);
  EXPECT_TRUE (bfy_vault_rotation_check (file, nullptr, error.out ())) << error;
  EXPECT_EQ (get (file, "id-0"), "text 0");
  EXPECT_EQ (get (file, "id-4"), "text 4");
  EXPECT_EQ (text_of_bytes (static_cast<GBytes *> (g_tree_lookup (file->body->items, "id-1"))),
             before)
      << "nothing is thrown away";

  // Its key is in use, so it stays.
  char fingerprint[BFY_BLOB_FINGERPRINT_SIZE];
  bfy_blob_key_id_to_text (
      static_cast<BfyVaultDataKey *> (g_ptr_array_index (file->body->keys, 0))->id, fingerprint);
  EXPECT_FALSE (bfy_vault_rotation_remove_key (file, fingerprint, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("1 of the credentials"));
}

// behaviour 10.10: a key in use that is not listed stops it before anything is changed.
TEST (VaultRotation, FailsWithOrphans)
{
  g_autoptr (BfyVaultFile) file = file_with_items (2);
  g_autoptr (BfyVaultFile) other = file_with_items (3);
  char fingerprint[BFY_BLOB_FINGERPRINT_SIZE];
  Error error;

  g_tree_replace (file->body->items, g_strdup ("id-2"),
                  g_bytes_ref (static_cast<GBytes *> (g_tree_lookup (other->body->items, "id-2"))));
  bfy_blob_key_id_to_text (bfy_vault_keys_active (other->body->keys)->id, fingerprint);
  g_autoptr (BfyVaultUsage) usage = bfy_vault_usage_new (file);
  EXPECT_EQ (usage->n_orphaned, 1u);
  ASSERT_EQ (g_strv_length (usage->orphans), 1u);
  EXPECT_STREQ (usage->orphans[0], fingerprint);

  EXPECT_EQ (step_through (file), (std::vector<std::string>{ "pending", "failed" }));
  EXPECT_EQ (file->body->keys->len, 1u);
  EXPECT_FALSE (bfy_vault_rotation_check (file, nullptr, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_THAT (error.message (), testing::HasSubstr (fingerprint));
}

// behaviour 10.8: expected fingerprints must equal the list, else failed with both.
TEST (VaultRotation, FailsWhenTheListIsNotTheExpectedOne)
{
  g_autoptr (BfyVaultFile) file = file_with_items (1);
  g_auto (GStrv) listed = bfy_vault_usage_fingerprints (file);
  const char *const other[] = { "0123456789abcdef", nullptr };
  const char *const more[] = { listed[0], "0123456789abcdef", nullptr };
  const char *const none[] = { nullptr };
  const char *const right[] = { listed[0], nullptr };
  Error error;

  for (const char *const *expected : { other, more, none })
    {
      bfy_vault_rotation_begin (file, expected, now_s);
      EXPECT_EQ (state_of (file), "failed");
      EXPECT_FALSE (bfy_vault_rotation_check (file, expected, error.out ()));
      EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
      EXPECT_THAT (error.message (), testing::HasSubstr (listed[0]));
    }
  bfy_vault_rotation_begin (file, other, now_s);
  EXPECT_FALSE (bfy_vault_rotation_check (file, other, error.out ()));
  EXPECT_THAT (error.message (), testing::HasSubstr ("0123456789abcdef"));
  bfy_vault_rotation_begin (file, right, now_s);
  EXPECT_EQ (state_of (file), "pending");
}

TEST (VaultRotation, IsRejectedWhileOldKeysLieAround)
{
  g_autoptr (BfyVaultFile) file = file_with_items (1);
  Error error;

  EXPECT_EQ (step_through (file).back (), "completed");
  EXPECT_EQ (step_through (file).back (), "completed") << "one old key is no obstacle";
  EXPECT_EQ (step_through (file), (std::vector<std::string>{ "pending", "rejected" }));
  EXPECT_EQ (file->body->keys->len, 3u);
  EXPECT_FALSE (bfy_vault_rotation_check (file, nullptr, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("remove-key"));
}

TEST (VaultRotation, NeverListsMoreKeysThanFit)
{
  g_autoptr (BfyVaultFile) file = file_with_items (0);
  Error error;

  // Every key stays in use through one item that cannot be moved.
  for (int i = 0; i < BFY_VAULT_DATA_KEYS_MAX - 1; i++)
    {
      set (file, "stuck-" + std::to_string (i), "x");
      damage (file, "stuck-" + std::to_string (i));
      EXPECT_EQ (step_through (file).back (), "partial");
    }
  EXPECT_EQ (file->body->keys->len, static_cast<guint> (BFY_VAULT_DATA_KEYS_MAX));
  EXPECT_EQ (step_through (file).back (), "rejected");
}

class VaultRotate : public testing::Test
{
protected:
  void fill (int n_items)
  {
    VaultKeyring vault (dir_);
    Error error;

    for (int i = 0; i < n_items; i++)
      ASSERT_TRUE (vault.store ("id-" + std::to_string (i), "text " + std::to_string (i), error))
          << error;
  }
  void expect_items (VaultKeyring &vault, int n_items)
  {
    Error error;

    EXPECT_EQ (vault.list (error).size (), static_cast<size_t> (n_items));
    for (int i = 0; i < n_items; i++)
      EXPECT_EQ (vault.lookup ("id-" + std::to_string (i), error), "text " + std::to_string (i))
          << error;
  }

  TempDir temp_{ quick_place () };
  std::string dir_ = temp_.path ("vault");
};

TEST_F (VaultRotate, ChangesTheKeyAndRemovesTheOld)
{
  fill (3);
  VaultKeyring vault (dir_);
  const std::vector<std::string> before = vault.fingerprints ();
  Error error;

  ASSERT_EQ (before.size (), 1u);
  EXPECT_FALSE (vault.remove_key (before[0], error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED)) << "the last one";
  ASSERT_TRUE (vault.rotate (error)) << error;
  EXPECT_EQ (vault.rotation (), "completed");
  EXPECT_EQ (vault.info ()->n_migrated, 3u);
  EXPECT_EQ (vault.info ()->n_left, 0u);
  const std::vector<std::string> after = vault.fingerprints ();
  ASSERT_EQ (after.size (), 2u);
  EXPECT_EQ (after[0], before[0]);
  EXPECT_EQ (vault.uses (), (std::vector<guint>{ 0, 3 }));
  EXPECT_FALSE (g_array_index (vault.info ()->keys, BfyVaultKeyInfo, 0).is_active);
  EXPECT_TRUE (g_array_index (vault.info ()->keys, BfyVaultKeyInfo, 1).is_active);

  EXPECT_FALSE (vault.remove_key (after[1], error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED)) << "in use";
  EXPECT_THAT (error.message (), testing::HasSubstr ("3 of the credentials"));
  EXPECT_FALSE (vault.remove_key ("0123456789abcdef", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_FALSE (vault.remove_key ("", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  ASSERT_TRUE (vault.remove_key (before[0], error)) << error;
  EXPECT_EQ (vault.fingerprints (), std::vector<std::string>{ after[1] });
  VaultKeyring later (dir_);
  expect_items (later, 3);
  EXPECT_EQ (later.rotation (), "completed") << "a finished state is kept";
}

// An unused active key would leave the next store without one.
TEST_F (VaultRotate, TheActiveKeyStays)
{
  VaultKeyring vault (dir_);
  Error error;

  ASSERT_TRUE (vault.store ("a", "x", error)) << error;
  ASSERT_TRUE (vault.rotate (error)) << error;
  ASSERT_TRUE (vault.remove ("a", error)) << error;
  EXPECT_FALSE (vault.remove_key (vault.fingerprints ()[1], error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
}

TEST_F (VaultRotate, AFailureIsOnTheDiskAndTold)
{
  fill (1);
  const std::vector<std::string> expected{ "0123456789abcdef" };
  VaultKeyring vault (dir_);
  Error error;

  EXPECT_FALSE (vault.rotate (error, &expected));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  VaultKeyring later (dir_);
  EXPECT_EQ (later.rotation (), "failed");
  EXPECT_EQ (later.fingerprints ().size (), 1u);
  const std::vector<std::string> right = later.fingerprints ();
  ASSERT_TRUE (later.rotate (error, &right)) << error;
  EXPECT_EQ (later.rotation (), "completed");
}

// Other writes get their turns between the steps.
TEST_F (VaultRotate, WritesGoOnMeanwhile)
{
  fill (BFY_VAULT_ROTATION_STEP_ITEMS + 10);
  VaultKeyring vault (dir_);
  g_autoptr (BfySecret) secret = bfy_secret_new ("written meanwhile", 17);
  BfyVaultChange change = {};
  Await rotated, stored;
  Error error;

  change.op = BFY_VAULT_ROTATE;
  bfy_vault_change_async (vault.vault (), &change, nullptr, Await::on_ready, rotated.data ());
  bfy_keyring_store_async (vault.get (), "new", secret, nullptr, Await::on_ready, stored.data ());
  EXPECT_TRUE (bfy_keyring_store_finish (vault.get (), stored.result (), error.out ())) << error;
  EXPECT_FALSE (rotated.is_ready ()) << "the store did not wait for all of it";
  EXPECT_TRUE (bfy_vault_change_finish (vault.vault (), rotated.result (), nullptr, error.out ()))
      << error;
  EXPECT_EQ (vault.rotation (), "completed");
  EXPECT_EQ (vault.uses (), (std::vector<guint>{ 0, BFY_VAULT_ROTATION_STEP_ITEMS + 11 }));
  EXPECT_EQ (vault.lookup ("new", error), "written meanwhile");
}

TEST_F (VaultRotate, TwoProcessesFinishOneRotation)
{
  fill (2 * BFY_VAULT_ROTATION_STEP_ITEMS);
  VaultKeyring one (dir_), two (dir_);
  BfyVaultChange change = {};
  Await first, second;
  Error error;

  change.op = BFY_VAULT_ROTATE;
  bfy_vault_change_async (one.vault (), &change, nullptr, Await::on_ready, first.data ());
  bfy_vault_change_async (two.vault (), &change, nullptr, Await::on_ready, second.data ());
  EXPECT_TRUE (bfy_vault_change_finish (one.vault (), first.result (), nullptr, error.out ()))
      << error;
  EXPECT_TRUE (bfy_vault_change_finish (two.vault (), second.result (), nullptr, error.out ()))
      << error;
  EXPECT_EQ (one.fingerprints ().size (), 2u) << "one new key, not two";
  EXPECT_EQ (one.rotation (), "completed");
  expect_items (one, 2 * BFY_VAULT_ROTATION_STEP_ITEMS);
}

// Whoever opens it next goes on with it.
TEST_F (VaultRotate, IsResumedByTheNextLookup)
{
  fill (BFY_VAULT_ROTATION_STEP_ITEMS + 10);
  Error error;

  {
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    VaultKeyring vault (dir_);
    BfyVaultChange change = {};
    Await done;

    change.op = BFY_VAULT_ROTATE;
    bfy_vault_change_async (vault.vault (), &change, cancellable, Await::on_ready, done.data ());
    ASSERT_TRUE (wait_until ([&] { return vault.rotation () == "migrating"; }));
    g_cancellable_cancel (cancellable);
    EXPECT_FALSE (bfy_vault_change_finish (vault.vault (), done.result (), nullptr, error.out ()));
    EXPECT_EQ (bfy_error_code (error.get ()), BFY_ERROR_CANCELLED);
    EXPECT_EQ (vault.info ()->n_left, 10u);
  }
  VaultKeyring later (dir_);
  EXPECT_EQ (later.rotation (), "migrating") << "looking at it changes nothing";
  EXPECT_EQ (later.lookup ("id-0", error), "text 0") << error;
  EXPECT_TRUE (wait_until ([&] { return later.rotation () == "completed"; }));
  EXPECT_EQ (later.fingerprints ().size (), 2u);
  expect_items (later, BFY_VAULT_ROTATION_STEP_ITEMS + 10);
}

TEST_F (VaultRotate, ALockedVaultIsNotRotated)
{
  Error error;

  {
    VaultKeyring vault (dir_);
    ASSERT_TRUE (vault.init (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
  }
  VaultKeyring vault (dir_);
  EXPECT_FALSE (vault.rotate (error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  ASSERT_TRUE (vault.unlock (1, "open sesame", error)) << error;
  EXPECT_TRUE (vault.rotate (error)) << error;
}
