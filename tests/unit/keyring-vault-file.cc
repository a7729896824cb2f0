// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <sstream>
#include <vector>

#include "tests/fixture/vault-bytes.h"
#include "tests/unit/matchers.h"

static std::string
sealed_text (const BfyVaultFile *file, const std::string &key_text, guint64 generation)
{
  g_autoptr (BfySecret) key = bfy_secret_new (key_text.data (), key_text.size ());
  Error error;
  g_autoptr (GBytes) bytes = bfy_vault_file_seal (file, key, generation, error.out ());

  EXPECT_THAT (error, Succeeds ());
  if (bytes == nullptr)
    return "";
  return std::string (static_cast<const char *> (g_bytes_get_data (bytes, nullptr)),
                      g_bytes_get_size (bytes));
}

static BfyVaultFile *
open_text (const std::string &text,
           Error &error,
           const std::string &key_text = std::string (32, 'k'))
{
  g_autoptr (BfySecret) key = bfy_secret_new (key_text.data (), key_text.size ());
  // A block of exactly this size on the heap: a read beyond it is seen by the sanitizer.
  std::vector<guint8> bytes (text.begin (), text.end ());

  return bfy_vault_file_open (bytes.data (), bytes.size (), key, error.out ());
}

static void
set (BfyVaultFile *file, const std::string &id, const std::string &text)
{
  g_autoptr (BfySecret) secret = bfy_secret_new (text.data (), text.size ());

  bfy_vault_file_set (file, id.c_str (), secret);
}

static std::string
get (const BfyVaultFile *file, const char *id)
{
  BfySecret *secret = bfy_vault_file_get (file, id);

  if (secret == nullptr)
    return "(absent)";
  return std::string (bfy_secret_peek_text (secret), bfy_secret_length (secret));
}

static std::string
small_vault ()
{
  g_autoptr (BfyVaultFile) file = bfy_vault_file_new ();

  set (file, "one", "first secret");
  set (file, "two", "second secret");
  return sealed_text (file, std::string (32, 'k'), 7);
}

TEST (VaultFile, OpensWhatItSealed)
{
  const std::string binary ("\0\n\xff", 3);
  g_autoptr (BfyVaultFile) file = bfy_vault_file_new ();
  Error error;

  EXPECT_EQ (bfy_vault_file_get_generation (file), 0u);
  set (file, "b", "bee");
  set (file, "a", binary);
  set (file, "c", "");
  set (file, "b", "bee again");

  g_autoptr (BfyVaultFile) back =
      open_text (sealed_text (file, std::string (32, 'k'), G_MAXUINT64), error);
  ASSERT_NE (back, nullptr) << error;
  g_auto (GStrv) ids = bfy_vault_file_ids (back);
  EXPECT_EQ (take_text (g_strjoinv (",", ids)), "a,b,c");
  EXPECT_EQ (bfy_vault_file_n_items (back), 3u);
  EXPECT_EQ (bfy_vault_file_get_generation (back), G_MAXUINT64);
  EXPECT_EQ (get (back, "a"), binary);
  EXPECT_EQ (get (back, "b"), "bee again");
  EXPECT_EQ (get (back, "c"), "");
  EXPECT_EQ (get (back, "d"), "(absent)");
}

TEST (VaultFile, RemovesAndCopies)
{
  g_autoptr (BfyVaultFile) file = bfy_vault_file_new ();
  set (file, "a", "x");
  g_autoptr (BfyVaultFile) copy = bfy_vault_file_copy (file);

  EXPECT_TRUE (bfy_vault_file_remove (file, "a"));
  EXPECT_FALSE (bfy_vault_file_remove (file, "a"));
  EXPECT_EQ (bfy_vault_file_n_items (file), 0u);
  EXPECT_EQ (get (copy, "a"), "x") << "a copy has a life of its own";
}

TEST (VaultFile, FollowsItsDescription)
{
  VaultBytes bytes;
  Error error;

  bytes.generation = 0x0102030405060708;
  bytes.body =
      VaultBytes::number (2, 4) + VaultBytes::item ("a", "alpha") + VaultBytes::item ("b", "");
  g_autoptr (BfyVaultFile) file = open_text (bytes.sealed (), error);
  ASSERT_NE (file, nullptr) << error;
  EXPECT_EQ (bfy_vault_file_get_generation (file), 0x0102030405060708u);
  EXPECT_EQ (get (file, "a"), "alpha");
  EXPECT_EQ (get (file, "b"), "");

  // And the other way round: but for the random nonce, the same header.
  std::string sealed = sealed_text (file, bytes.key, bytes.generation);
  EXPECT_EQ (sealed.size (), bytes.sealed ().size ());
  sealed.replace (32, 12, std::string (12, 'n'));
  EXPECT_EQ (sealed.substr (0, BFY_VAULT_HEADER_BYTES), bytes.header ());
}

TEST (VaultFile, EveryTruncationIsDamage)
{
  const std::string whole = small_vault ();
  Error error;

  for (size_t length = 0; length < whole.size (); length++)
    {
      g_autoptr (BfyVaultFile) file = open_text (whole.substr (0, length), error);

      EXPECT_EQ (file, nullptr) << "length " << length;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED)) << "length " << length;
    }
  g_autoptr (BfyVaultFile) longer = open_text (whole + std::string (1, '\0'), error);
  EXPECT_EQ (longer, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED)) << "a byte too many";
}

TEST (VaultFile, EveryFlippedBitIsDamage)
{
  const std::string whole = small_vault ();
  Error error;

  for (size_t bit = 0; bit < 8 * whole.size (); bit++)
    {
      const bool is_version = bit / 8 == 8 || bit / 8 == 9;
      std::string flipped = whole;

      flipped[bit / 8] = static_cast<char> (flipped[bit / 8] ^ (1 << (bit % 8)));
      g_autoptr (BfyVaultFile) file = open_text (flipped, error);
      EXPECT_EQ (file, nullptr) << "bit " << bit;
      EXPECT_THAT (error, FailsWith (is_version ? BFY_ERROR_UNSUPPORTED : BFY_ERROR_VAULT_DAMAGED))
          << "bit " << bit;
    }
}

TEST (VaultFile, TellsAWrongKeyFromDamage)
{
  std::string damaged = small_vault ();
  Error wrong_key, changed;

  g_autoptr (BfyVaultFile) a = open_text (damaged, wrong_key, std::string (32, 'K'));
  EXPECT_EQ (a, nullptr);
  EXPECT_THAT (wrong_key, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  damaged.back () ^= 1;
  g_autoptr (BfyVaultFile) b = open_text (damaged, changed);
  EXPECT_EQ (b, nullptr);
  EXPECT_THAT (changed, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_NE (wrong_key.message (), changed.message ());
  EXPECT_THAT (wrong_key.message (), testing::HasSubstr ("another key"));
}

// The header of the next generation does not lend its number to an old body.
TEST (VaultFile, AForeignHeaderIsDamage)
{
  VaultBytes older, newer;
  Error error;

  older.body = newer.body = VaultBytes::number (0, 4);
  newer.generation = older.generation + 1;
  std::string swapped = newer.sealed ().substr (0, BFY_VAULT_HEADER_BYTES) +
                        older.sealed ().substr (BFY_VAULT_HEADER_BYTES);
  g_autoptr (BfyVaultFile) file = open_text (swapped, error);
  EXPECT_EQ (file, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
}

struct VersionCase
{
  const char *name;
  uint16_t version;
  const char *says;
};

class VaultFileVersion : public testing::TestWithParam<VersionCase>
{
};

TEST_P (VaultFileVersion, IsNamedAndRefused)
{
  VaultBytes bytes;
  Error error;

  bytes.body = VaultBytes::number (0, 4);
  bytes.version = GetParam ().version;
  g_autoptr (BfyVaultFile) file = open_text (bytes.sealed (), error);
  EXPECT_EQ (file, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSUPPORTED));
  EXPECT_THAT (error.message (), testing::HasSubstr (GetParam ().says));
}

INSTANTIATE_TEST_SUITE_P (Versions,
                          VaultFileVersion,
                          testing::Values (VersionCase{ "Older", 0, "older" },
                                           VersionCase{ "Newer", 2, "newer" },
                                           VersionCase{ "Newest", 0xffff, "newer" }),
                          case_name<VersionCase>);

// Sealed by somebody who has the key, and still not to be trusted.
struct HostileCase
{
  const char *name;
  void (*spoil) (VaultBytes &bytes);
};

class VaultFileHostile : public testing::TestWithParam<HostileCase>
{
};

TEST_P (VaultFileHostile, IsDamage)
{
  VaultBytes bytes;
  Error error;

  bytes.body = VaultBytes::number (1, 4) + VaultBytes::item ("a", "x");
  g_autoptr (BfyVaultFile) sound = open_text (bytes.sealed (), error);
  ASSERT_NE (sound, nullptr) << error;

  GetParam ().spoil (bytes);
  g_autoptr (BfyVaultFile) file = open_text (bytes.sealed (), error);
  EXPECT_EQ (file, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
}

INSTANTIATE_TEST_SUITE_P (
    Bodies,
    VaultFileHostile,
    testing::Values (
        HostileCase{ "Flags", [] (VaultBytes &b) { b.flags = 1; } },
        HostileCase{ "KeyKind", [] (VaultBytes &b) { b.key_kind = 2; } },
        HostileCase{ "Reserved", [] (VaultBytes &b) { b.reserved = 1; } },
        HostileCase{ "KeySlots", [] (VaultBytes &b) { b.slots = "slot"; } },
        HostileCase{ "EmptyBody", [] (VaultBytes &b) { b.body = ""; } },
        HostileCase{ "HalfACount", [] (VaultBytes &b) { b.body = "\0\0"; } },
        HostileCase{ "MoreItemsThanThere",
                     [] (VaultBytes &b) {
                       b.body = VaultBytes::number (2, 4) + VaultBytes::item ("a", "x");
                     } },
        HostileCase{ "CountOverCap",
                     [] (VaultBytes &b) { b.body = VaultBytes::number (10001, 4); } },
        HostileCase{ "HugeCount",
                     [] (VaultBytes &b) { b.body = VaultBytes::number (0xffffffff, 4); } },
        HostileCase{ "BytesAfterTheLast",
                     [] (VaultBytes &b) {
                       b.body = VaultBytes::number (1, 4) + VaultBytes::item ("a", "x") + "y";
                     } },
        HostileCase{ "EmptyId",
                     [] (VaultBytes &b) {
                       b.body = VaultBytes::number (1, 4) + VaultBytes::item ("", "x");
                     } },
        HostileCase{ "NulInId",
                     [] (VaultBytes &b) {
                       b.body = VaultBytes::number (1, 4) +
                                VaultBytes::item (std::string ("a\0b", 3), "x");
                     } },
        HostileCase{ "IdOverCap",
                     [] (VaultBytes &b) {
                       b.body = VaultBytes::number (1, 4) +
                                VaultBytes::item (std::string (256, 'a'), "x");
                     } },
        HostileCase{ "IdBeyondTheEnd",
                     [] (VaultBytes &b) {
                       b.body = VaultBytes::number (1, 4) + VaultBytes::number (9, 2) + "abc";
                     } },
        HostileCase{ "SecretOverCap",
                     [] (VaultBytes &b) {
                       b.body = VaultBytes::number (1, 4) +
                                VaultBytes::item (
                                    "a", std::string (BFY_VAULT_SECRET_BYTES_MAX + 1, 'x'));
                     } },
        HostileCase{ "SecretBeyondTheEnd",
                     [] (VaultBytes &b) {
                       b.body = VaultBytes::number (1, 4) + VaultBytes::number (1, 2) + "a" +
                                VaultBytes::number (0xffffffff, 4) + "x";
                     } },
        HostileCase{ "Unsorted",
                     [] (VaultBytes &b) {
                       b.body = VaultBytes::number (2, 4) + VaultBytes::item ("b", "x") +
                                VaultBytes::item ("a", "x");
                     } },
        HostileCase{ "Twice",
                     [] (VaultBytes &b) {
                       b.body = VaultBytes::number (2, 4) + VaultBytes::item ("a", "x") +
                                VaultBytes::item ("a", "y");
                     } }),
    case_name<HostileCase>);

TEST (VaultFile, RefusesAFileOverTheCap)
{
  std::string large = small_vault ();
  Error error;

  large.resize (BFY_VAULT_FILE_BYTES_MAX + 1);
  g_autoptr (BfyVaultFile) file = open_text (large, error);
  EXPECT_EQ (file, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("larger"));
}

// What cannot be read again is not written.
TEST (VaultFile, SealsNothingOverTheCaps)
{
  const std::string key_text (32, 'k');
  g_autoptr (BfySecret) key = bfy_secret_new (key_text.data (), key_text.size ());
  g_autoptr (BfyVaultFile) many = bfy_vault_file_new ();
  g_autoptr (BfyVaultFile) long_id = bfy_vault_file_new ();
  g_autoptr (BfyVaultFile) long_secret = bfy_vault_file_new ();
  g_autoptr (BfyVaultFile) heavy = bfy_vault_file_new ();
  Error error;

  for (int i = 0; i < BFY_VAULT_ITEMS_MAX; i++)
    set (many, std::to_string (i), "x");
  g_autoptr (BfyVaultFile) full = open_text (sealed_text (many, key_text, 1), error);
  ASSERT_NE (full, nullptr) << error;
  EXPECT_EQ (bfy_vault_file_n_items (full), static_cast<guint> (BFY_VAULT_ITEMS_MAX));

  set (many, "one more", "x");
  set (long_id, std::string (BFY_VAULT_ID_BYTES_MAX + 1, 'i'), "x");
  set (long_secret, "a", std::string (BFY_VAULT_SECRET_BYTES_MAX + 1, 'x'));
  for (int i = 0; i < 16; i++)
    set (heavy, std::to_string (i), std::string (BFY_VAULT_SECRET_BYTES_MAX, 'x'));
  for (BfyVaultFile *file : { many, long_id, long_secret, heavy })
    {
      g_autoptr (GBytes) bytes = bfy_vault_file_seal (file, key, 1, error.out ());

      EXPECT_EQ (bytes, nullptr);
      EXPECT_THAT (error, FailsWith (BFY_ERROR_STORAGE));
    }
}

TEST (VaultFile, ShowsNothingAndNeverRepeatsItself)
{
  const std::string one = small_vault (), two = small_vault ();

  EXPECT_EQ (one.find ("secret"), std::string::npos);
  EXPECT_EQ (one.find ("one"), std::string::npos) << "ids are sealed, too";
  EXPECT_EQ (one.size (), two.size ());
  EXPECT_NE (one.substr (32, 12), two.substr (32, 12)) << "a nonce was used twice";
  EXPECT_NE (one.substr (BFY_VAULT_HEADER_BYTES), two.substr (BFY_VAULT_HEADER_BYTES));
}

TEST (VaultFile, PeeksAtTheGeneration)
{
  const std::string whole = small_vault ();
  const guint8 *bytes = VaultBytes::bytes (whole);
  guint64 generation = 0;

  EXPECT_TRUE (bfy_vault_file_peek_generation (bytes, BFY_VAULT_HEADER_BYTES, &generation));
  EXPECT_EQ (generation, 7u);
  EXPECT_FALSE (bfy_vault_file_peek_generation (bytes, BFY_VAULT_HEADER_BYTES - 1, &generation));
  EXPECT_FALSE (bfy_vault_file_peek_generation (bytes + 1, BFY_VAULT_HEADER_BYTES, &generation));
}

static guint8
marker_byte (size_t i)
{
  return static_cast<guint8> (37 * i * i + 11 * i + 129);
}

// Looks through malloc's heap for the middle of the marker: free() writes to the beginning of a
// block and leaves the rest.
static bool
heap_has_marker ()
{
  std::ifstream maps ("/proc/self/maps");
  std::string line;

  while (std::getline (maps, line))
    {
      unsigned long start, end;

      if (line.find ("[heap]") == std::string::npos ||
          sscanf (line.c_str (), "%lx-%lx", &start, &end) != 2)
        continue;
      for (const guint8 *at = reinterpret_cast<guint8 *> (start);
           at + 32 < reinterpret_cast<guint8 *> (end); at++)
        {
          size_t n_same = 0;

          while (n_same < 32 && at[n_same] == marker_byte (64 + n_same))
            n_same++;
          if (n_same == 32)
            return true;
        }
    }

  return false;
}

static bool
search_finds_what_is_there ()
{
  guint8 *planted = static_cast<guint8 *> (g_malloc (100));
  bool is_found;

  for (size_t i = 0; i < 100; i++)
    planted[i] = marker_byte (i);
  is_found = heap_has_marker ();
  bfy_wipe (planted, 100);
  g_free (planted);
  return is_found;
}

// Freed memory keeps its contents: a plaintext that ever was on the heap would still be found.
TEST (VaultFile, KeepsPlaintextOffTheHeap)
{
  if (!search_finds_what_is_there ())
    GTEST_SKIP () << "a sanitizer or valgrind keeps the heap elsewhere";

  const std::string key_text (32, 'k');
  guint8 *data;
  g_autoptr (BfySecret) secret = bfy_secret_new_blank (200, &data);
  g_autoptr (BfyVaultFile) file = bfy_vault_file_new ();
  Error error;

  for (size_t i = 0; i < 200; i++)
    data[i] = marker_byte (i);
  bfy_vault_file_set (file, "a", secret);
  std::string sealed = sealed_text (file, key_text, 1);
  g_autoptr (BfyVaultFile) back = open_text (sealed, error);
  ASSERT_NE (back, nullptr) << error;
  EXPECT_TRUE (bfy_secret_equal (bfy_vault_file_get (back, "a"), secret));
  EXPECT_FALSE (heap_has_marker ());
}
