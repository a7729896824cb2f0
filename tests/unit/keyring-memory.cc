// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "tests/fixture/keyring-calls.h"

extern "C"
{
#include "keyring/memory.h"
}

TEST (Memory, KeepsTheContract)
{
  expect_keyring_contract (bfy_memory_new ());
}

TEST (Memory, IsReadyAndEmptyFromTheStart)
{
  Keyring keyring (bfy_memory_new ());
  Error error;

  EXPECT_STREQ (bfy_keyring_get_name (keyring.get ()), BFY_KEYRING_MEMORY);
  EXPECT_EQ (keyring.check (error), "ready");
  EXPECT_EQ (keyring.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_MISSING));
}

TEST (Memory, IsGoneWithItsOwner)
{
  Error error;

  {
    Keyring keyring (bfy_memory_new ());
    ASSERT_TRUE (keyring.store ("a", "x", error)) << error;
  }
  Keyring another (bfy_memory_new ());
  EXPECT_EQ (another.list (error), std::vector<std::string>{});
}

// What was looked up is the caller's: it outlives the item and the keyring.
TEST (Memory, SecretsOutliveTheirItem)
{
  BfyKeyring *keyring = bfy_memory_new ();
  g_autoptr (BfySecret) secret = bfy_secret_new ("mine", 4);
  Await stored, found;
  Error error;

  bfy_keyring_store_async (keyring, "a", secret, nullptr, Await::on_ready, stored.data ());
  ASSERT_TRUE (bfy_keyring_store_finish (keyring, stored.result (), error.out ())) << error;
  bfy_keyring_lookup_async (keyring, "a", nullptr, Await::on_ready, found.data ());
  g_autoptr (BfySecret) got = bfy_keyring_lookup_finish (keyring, found.result (), error.out ());
  ASSERT_NE (got, nullptr) << error;
  g_object_unref (keyring);
  EXPECT_STREQ (bfy_secret_peek_text (got), "mine");
}

TEST (KeyringState, HasAWireName)
{
  EXPECT_STREQ (bfy_keyring_state_to_wire (BFY_KEYRING_READY), "ready");
  EXPECT_STREQ (bfy_keyring_state_to_wire (BFY_KEYRING_LOCKED), "locked");
  EXPECT_STREQ (bfy_keyring_state_to_wire (BFY_KEYRING_ABSENT), "absent");
  EXPECT_STREQ (bfy_keyring_state_to_wire (BFY_KEYRING_DAMAGED), "damaged");
}
