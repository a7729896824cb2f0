// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "tests/fixture/vault-bytes.h"
#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "keyring/vault-format1.h"
#include "keyring/vault-header.h"
#include "protocol/blob.h"
}

// (transfer full) The items, or NULL.
static GTree *
open_text (const std::string &text,
           Error &error,
           const std::string &key_text = std::string (32, 'k'))
{
  g_autoptr (BfySecret) key = bfy_secret_new (key_text.data (), key_text.size ());
  const Block block (text);
  const guint8 *bytes = reinterpret_cast<const guint8 *> (block.data ());
  BfyVaultHeader header;

  if (!bfy_vault_header_read (bytes, block.size (), &header, error.out ()))
    return nullptr;
  return bfy_vault_format1_open (bytes, block.size (), key, error.out ());
}

static bool
opens (const std::string &text, Error &error, const std::string &key_text = std::string (32, 'k'))
{
  g_autoptr (GTree) items = open_text (text, error, key_text);

  return items != nullptr;
}

static std::string
small_vault ()
{
  Format1Bytes bytes;

  bytes.generation = 7;
  bytes.body = Format1Bytes::number (2, 4) + Format1Bytes::item ("one", "first secret") +
               Format1Bytes::item ("two", "");
  return bytes.sealed ();
}

TEST (VaultFormat1, FollowsItsDescription)
{
  Error error;
  g_autoptr (GTree) items = open_text (small_vault (), error);

  ASSERT_NE (items, nullptr) << error;
  EXPECT_EQ (g_tree_nnodes (items), 2);
  EXPECT_STREQ (bfy_secret_peek_text (static_cast<BfySecret *> (g_tree_lookup (items, "one"))),
                "first secret");
  EXPECT_EQ (bfy_secret_length (static_cast<BfySecret *> (g_tree_lookup (items, "two"))), 0u);
}

TEST (VaultFormat1, E01_EveryTruncationIsDamage)
{
  const std::string whole = small_vault ();
  Error error;

  for (size_t length = 0; length < whole.size (); length++)
    {
      EXPECT_FALSE (opens (whole.substr (0, length), error)) << "length " << length;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED)) << "length " << length;
    }
  EXPECT_FALSE (opens (whole + std::string (1, '\0'), error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED)) << "a byte too many";
}

TEST (VaultFormat1, E01_EveryFlippedBitIsDamage)
{
  const std::string whole = small_vault ();
  Error error;

  for (size_t bit = 0; bit < 8 * whole.size (); bit++)
    {
      std::string flipped = whole;

      flipped[bit / 8] = static_cast<char> (flipped[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE (opens (flipped, error)) << "bit " << bit;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED)) << "bit " << bit;
    }
}

TEST (VaultFormat1, TellsAWrongKeyFromDamage)
{
  std::string damaged = small_vault ();
  Error wrong_key, changed;

  EXPECT_FALSE (opens (damaged, wrong_key, std::string (32, 'K')));
  EXPECT_THAT (wrong_key, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_THAT (wrong_key.message (), testing::HasSubstr ("another key"));
  damaged.back () ^= 1;
  EXPECT_FALSE (opens (damaged, changed));
  EXPECT_NE (wrong_key.message (), changed.message ());
}

// Sealed by somebody who has the key, and still not to be trusted.
struct OldHostileCase
{
  const char *name;
  void (*spoil) (Format1Bytes &bytes);
};

class VaultFormat1Hostile : public testing::TestWithParam<OldHostileCase>
{
};

TEST_P (VaultFormat1Hostile, IsDamage)
{
  Format1Bytes bytes;
  Error error;

  bytes.body = Format1Bytes::number (1, 4) + Format1Bytes::item ("a", "x");
  ASSERT_TRUE (opens (bytes.sealed (), error)) << error;

  GetParam ().spoil (bytes);
  EXPECT_FALSE (opens (bytes.sealed (), error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
}

INSTANTIATE_TEST_SUITE_P (
    Bodies,
    VaultFormat1Hostile,
    testing::Values (
        OldHostileCase{ "Flags", [] (Format1Bytes &b) { b.flags = 1; } },
        OldHostileCase{ "KeyKind", [] (Format1Bytes &b) { b.key_kind = 2; } },
        OldHostileCase{ "Reserved", [] (Format1Bytes &b) { b.reserved = 1; } },
        OldHostileCase{ "KeySlots", [] (Format1Bytes &b) { b.slots = "slot"; } },
        OldHostileCase{ "EmptyBody", [] (Format1Bytes &b) { b.body = ""; } },
        OldHostileCase{ "HalfACount", [] (Format1Bytes &b) { b.body = "\0\0"; } },
        OldHostileCase{ "MoreItemsThanThere",
                        [] (Format1Bytes &b) {
                          b.body = Format1Bytes::number (2, 4) + Format1Bytes::item ("a", "x");
                        } },
        OldHostileCase{ "CountOverCap",
                        [] (Format1Bytes &b) { b.body = Format1Bytes::number (10001, 4); } },
        OldHostileCase{ "HugeCount",
                        [] (Format1Bytes &b) { b.body = Format1Bytes::number (0xffffffff, 4); } },
        OldHostileCase{ "BytesAfterTheLast",
                        [] (Format1Bytes &b) {
                          b.body =
                              Format1Bytes::number (1, 4) + Format1Bytes::item ("a", "x") + "y";
                        } },
        OldHostileCase{ "EmptyId",
                        [] (Format1Bytes &b) {
                          b.body = Format1Bytes::number (1, 4) + Format1Bytes::item ("", "x");
                        } },
        OldHostileCase{ "NulInId",
                        [] (Format1Bytes &b) {
                          b.body = Format1Bytes::number (1, 4) +
                                   Format1Bytes::item (std::string ("a\0b", 3), "x");
                        } },
        OldHostileCase{ "IdOverCap",
                        [] (Format1Bytes &b) {
                          b.body = Format1Bytes::number (1, 4) +
                                   Format1Bytes::item (std::string (256, 'a'), "x");
                        } },
        OldHostileCase{ "IdBeyondTheEnd",
                        [] (Format1Bytes &b) {
                          b.body =
                              Format1Bytes::number (1, 4) + Format1Bytes::number (9, 2) + "abc";
                        } },
        OldHostileCase{ "SecretOverCap",
                        [] (Format1Bytes &b) {
                          b.body = Format1Bytes::number (1, 4) +
                                   Format1Bytes::item (
                                       "a", std::string (BFY_BLOB_PLAIN_BYTES_MAX + 1, 'x'));
                        } },
        OldHostileCase{ "SecretBeyondTheEnd",
                        [] (Format1Bytes &b) {
                          b.body = Format1Bytes::number (1, 4) + Format1Bytes::number (1, 2) + "a" +
                                   Format1Bytes::number (0xffffffff, 4) + "x";
                        } },
        OldHostileCase{ "Unsorted",
                        [] (Format1Bytes &b) {
                          b.body = Format1Bytes::number (2, 4) + Format1Bytes::item ("b", "x") +
                                   Format1Bytes::item ("a", "x");
                        } },
        OldHostileCase{ "Twice",
                        [] (Format1Bytes &b) {
                          b.body = Format1Bytes::number (2, 4) + Format1Bytes::item ("a", "x") +
                                   Format1Bytes::item ("a", "y");
                        } }),
    case_name<OldHostileCase>);
