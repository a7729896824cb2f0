// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <sstream>

#include "tests/fixture/valgrind.h"
#include "tests/fixture/vault-bytes.h"
#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "keyring/vault-file.h"
}

static BfySecret *
secret_of (const std::string &text)
{
  return bfy_secret_new (text.data (), text.size ());
}

static const BfyVaultSlot key_file_slot = {
  1, BFY_VAULT_SLOT_KEY_FILE, { BFY_KDF_HKDF_SHA256, "", 0, 0, 0 }, 1700000000
};

// With one slot, whose key is 32 times “f”.
static BfyVaultFile *
new_file ()
{
  g_autoptr (BfySecret) slot_key = secret_of (std::string (32, 'f'));
  Error error;
  BfyVaultFile *file = bfy_vault_file_new (error.out ());

  EXPECT_THAT (error, Succeeds ());
  EXPECT_TRUE (bfy_vault_file_set_slot (file, &key_file_slot, slot_key, error.out ())) << error;
  return file;
}

static std::string
sealed_text (const BfyVaultFile *file, guint64 generation)
{
  Error error;
  g_autoptr (GBytes) bytes = bfy_vault_file_seal (file, generation, error.out ());

  EXPECT_THAT (error, Succeeds ());
  if (bytes == nullptr)
    return "";
  return std::string (static_cast<const char *> (g_bytes_get_data (bytes, nullptr)),
                      g_bytes_get_size (bytes));
}

// What can be told of a locked vault.
static bool
is_sound (const std::string &text, BfyVaultHeader &header, Error &error)
{
  const Block block (text);

  return bfy_vault_header_read (reinterpret_cast<const guint8 *> (block.data ()), block.size (),
                                &header, error.out ());
}

// Through its first slot.
static BfyVaultFile *
open_text (const std::string &text,
           Error &error,
           const std::string &slot_key_text = std::string (32, 'f'))
{
  g_autoptr (BfySecret) slot_key = secret_of (slot_key_text);
  const Block block (text);
  const guint8 *bytes = reinterpret_cast<const guint8 *> (block.data ());
  BfyVaultHeader header;

  if (!bfy_vault_header_read (bytes, block.size (), &header, error.out ()))
    return nullptr;
  g_autoptr (BfySecret) key =
      bfy_vault_slot_unwrap (&header.slots[0], header.id, slot_key, error.out ());
  if (key == nullptr)
    return nullptr;
  return bfy_vault_file_open (bytes, block.size (), &header, key, error.out ());
}

static void
set (BfyVaultFile *file, const std::string &id, const std::string &text)
{
  g_autoptr (BfySecret) secret = secret_of (text);
  Error error;

  EXPECT_TRUE (bfy_vault_file_set (file, id.c_str (), secret, error.out ())) << error;
}

static std::string
get (const BfyVaultFile *file, const char *id)
{
  Error error;
  g_autoptr (BfySecret) secret = bfy_vault_file_get (file, id, error.out ());

  if (secret == nullptr)
    return bfy_error_to_wire (bfy_error_code (error.get ()));
  return std::string (bfy_secret_peek_text (secret), bfy_secret_length (secret));
}

static std::string
small_vault ()
{
  g_autoptr (BfyVaultFile) file = new_file ();

  set (file, "one", "first secret");
  set (file, "two", "second secret");
  return sealed_text (file, 7);
}

TEST (VaultFile, OpensWhatItSealed)
{
  const std::string binary ("\0\n\xff", 3);
  g_autoptr (BfyVaultFile) file = new_file ();
  Error error;

  EXPECT_EQ (file->header.generation, 0u);
  set (file, "b", "bee");
  set (file, "a", binary);
  set (file, "c", "");
  set (file, "b", "bee again");

  g_autoptr (BfyVaultFile) back = open_text (sealed_text (file, G_MAXUINT64), error);
  ASSERT_NE (back, nullptr) << error;
  g_auto (GStrv) ids = bfy_vault_file_ids (back);
  EXPECT_EQ (take_text (g_strjoinv (",", ids)), "a,b,c");
  EXPECT_EQ (bfy_vault_file_n_items (back), 3u);
  EXPECT_EQ (back->header.generation, G_MAXUINT64);
  EXPECT_EQ (memcmp (back->header.id, file->header.id, sizeof file->header.id), 0);
  EXPECT_EQ (get (back, "a"), binary);
  EXPECT_EQ (get (back, "b"), "bee again");
  EXPECT_EQ (get (back, "c"), "");
  EXPECT_EQ (get (back, "d"), "credential_missing");
  EXPECT_TRUE (bfy_vault_file_remove (back, "a"));
  EXPECT_FALSE (bfy_vault_file_remove (back, "a"));
  EXPECT_EQ (get (back, "a"), "credential_missing");
}

TEST (VaultFile, FollowsItsDescription)
{
  VaultBytes bytes;
  Error error;

  bytes.generation = 0x0102030405060708;
  bytes.body = bytes.contents ({ VaultBytes::item ("a", bytes.blob ("a", "alpha")),
                                 VaultBytes::item ("b", bytes.blob ("b", "")) });
  g_autoptr (BfyVaultFile) file = open_text (bytes.sealed (), error);
  ASSERT_NE (file, nullptr) << error;
  EXPECT_EQ (file->header.generation, 0x0102030405060708u);
  EXPECT_EQ (get (file, "a"), "alpha");
  EXPECT_EQ (get (file, "b"), "");

  // And the other way round: but for the random nonce, the same header up to its digest.
  std::string sealed = sealed_text (file, bytes.generation);
  EXPECT_EQ (sealed.size (), bytes.sealed ().size ());
  sealed.replace (40, 12, std::string (12, 'n'));
  EXPECT_EQ (sealed.substr (0, 52 + BFY_VAULT_SLOT_BYTES),
             bytes.header ().substr (0, 52 + BFY_VAULT_SLOT_BYTES));
}

TEST (VaultFile, WrapsItsKeyAsDescribed)
{
  VaultSlotBytes slot;
  VaultBytes bytes;
  Error error;

  for (uint8_t kind : { 1, 2, 3, 4 })
    {
      const bool is_passphrase = kind == BFY_VAULT_SLOT_PASSPHRASE;

      slot.number = kind;
      slot.kind = kind;
      slot.algorithm = is_passphrase ? 1 : 0;
      slot.log2_n = is_passphrase ? 17 : 0;
      slot.r = is_passphrase ? 8 : 0;
      slot.p = is_passphrase ? 1 : 0;
      bytes.slots = slot.sealed (bytes.id, bytes.key);
      g_autoptr (BfyVaultFile) file = open_text (bytes.sealed (), error);
      ASSERT_NE (file, nullptr) << error;
      EXPECT_EQ (file->header.slots[0].slot.number, kind);
      EXPECT_EQ (file->header.slots[0].slot.kind, kind);
      EXPECT_EQ (file->header.slots[0].slot.kdf.log2_n, slot.log2_n);
      EXPECT_EQ (file->header.slots[0].slot.created_at_s, 1700000000);
    }
}

// While it is locked, too, and with a key that does not fit: nothing but the checksums is looked at
// before that.
TEST (VaultFile, E01_EveryTruncationIsDamage)
{
  const std::string whole = small_vault ();
  BfyVaultHeader header;
  Error error;

  for (size_t length = 0; length < whole.size (); length++)
    {
      EXPECT_FALSE (is_sound (whole.substr (0, length), header, error)) << "length " << length;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED)) << "length " << length;
    }
  EXPECT_FALSE (is_sound (whole + std::string (1, '\0'), header, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED)) << "a byte too many";
}

TEST (VaultFile, E01_EveryFlippedBitIsDamage)
{
  const std::string whole = small_vault ();
  BfyVaultHeader header;
  Error error;

  for (size_t bit = 0; bit < 8 * whole.size (); bit++)
    {
      std::string flipped = whole;

      flipped[bit / 8] = static_cast<char> (flipped[bit / 8] ^ (1 << (bit % 8)));
      EXPECT_FALSE (is_sound (flipped, header, error)) << "bit " << bit;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED)) << "bit " << bit;
    }
}

// The same by somebody who makes the checksums right again: what he cannot make right are the tags.
TEST (VaultFile, E01_EveryFlippedBitUnderRightChecksumsIsNoticed)
{
  const std::string whole = small_vault ();
  const size_t header_end = 52 + BFY_VAULT_SLOT_BYTES, body = header_end + 32;
  Error error;

  for (size_t bit = 8 * 10; bit < 8 * (whole.size () - 32); bit++)
    {
      std::string flipped = whole;

      if (bit / 8 >= header_end && bit / 8 < body)
        continue;
      flipped[bit / 8] = static_cast<char> (flipped[bit / 8] ^ (1 << (bit % 8)));
      flipped.replace (header_end, 32, vault_bytes::sha256 (flipped.substr (0, header_end)));
      flipped.replace (flipped.size () - 32, 32,
                       vault_bytes::sha256 (flipped.substr (0, flipped.size () - 32)));
      g_autoptr (BfyVaultFile) file = open_text (flipped, error);
      EXPECT_EQ (file, nullptr) << "bit " << bit;
      EXPECT_THAT (
          error, testing::AnyOf (FailsWith (BFY_ERROR_VAULT_DAMAGED), FailsWith (BFY_ERROR_DENIED)))
          << "bit " << bit;
    }
}

// Damage of all sorts: overwritten, cut out, doubled, swapped.
TEST (VaultFile, E01_TwoThousandDamagedVaultsAreDamage)
{
  const std::string whole = small_vault ();
  std::mt19937 random (20240607);
  BfyVaultHeader header;
  Error error;

  for (int i = 0; i < 2000; i++)
    {
      std::string damaged = whole;
      const size_t at = random () % damaged.size (), length = 1 + random () % 64;

      switch (random () % 5)
        {
        case 0:
          for (size_t n = at; n < damaged.size () && n < at + length; n++)
            damaged[n] = static_cast<char> (random ());
          break;
        case 1:
          damaged.erase (at, length);
          break;
        case 2:
          damaged.insert (at, whole.substr (random () % whole.size (), length));
          break;
        case 3:
          std::swap (damaged[at], damaged[random () % damaged.size ()]);
          break;
        default:
          damaged.replace (at, std::min (length, damaged.size () - at), length, '\0');
          break;
        }
      // Format 1 has no digest: that it is none its tags tell, when it is opened.
      if (damaged == whole || damaged.substr (8, 2) == std::string ("\0\1", 2))
        continue;
      EXPECT_FALSE (is_sound (damaged, header, error)) << "damage " << i;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED)) << "damage " << i;
    }
}

TEST (VaultFile, TellsAWrongKeyFromDamage)
{
  Error error;
  g_autoptr (BfyVaultFile) file = open_text (small_vault (), error, std::string (32, 'F'));

  EXPECT_EQ (file, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
}

// The header of the next generation does not lend its number to an old body.
TEST (VaultFile, AForeignHeaderIsDamage)
{
  VaultBytes older, newer;
  Error error;

  newer.generation = older.generation + 1;
  const size_t head = older.header ().size ();
  const std::string swapped =
      newer.header () + older.sealed ().substr (head, older.sealed ().size () - head - 32);
  g_autoptr (BfyVaultFile) file = open_text (swapped + vault_bytes::sha256 (swapped), error);
  EXPECT_EQ (file, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
}

// Nor a slot to another vault.
TEST (VaultFile, AForeignSlotDoesNotFit)
{
  VaultBytes bytes;
  Error error;

  bytes.slots = VaultSlotBytes ().sealed (std::string (16, 'j'), bytes.key);
  g_autoptr (BfyVaultFile) file = open_text (bytes.sealed (), error);
  EXPECT_EQ (file, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
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

TEST_P (VaultFileVersion, E07_IsNamedAndRefused)
{
  BfyVaultHeader header;
  VaultBytes bytes;
  Error error;

  bytes.version = GetParam ().version;
  EXPECT_FALSE (is_sound (bytes.sealed (), header, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSUPPORTED));
  EXPECT_THAT (error.message (), testing::HasSubstr (GetParam ().says));

  // A number that somebody changed is damage; the reader is told of the version all the same.
  std::string changed = VaultBytes ().sealed ();
  changed.replace (8, 2, VaultBytes::number (GetParam ().version, 2));
  EXPECT_FALSE (is_sound (changed, header, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_THAT (error.message (), testing::HasSubstr (GetParam ().says));
}

INSTANTIATE_TEST_SUITE_P (Versions,
                          VaultFileVersion,
                          testing::Values (VersionCase{ "Older", 0, "older" },
                                           VersionCase{ "Newer", 3, "newer" },
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

static void
fill (VaultBytes &bytes)
{
  bytes.body = bytes.contents ({ VaultBytes::item ("a", bytes.blob ("a", "x")) });
}

TEST_P (VaultFileHostile, IsDamage)
{
  VaultBytes bytes;
  Error error;

  fill (bytes);
  g_autoptr (BfyVaultFile) sound = open_text (bytes.sealed (), error);
  ASSERT_NE (sound, nullptr) << error;

  GetParam ().spoil (bytes);
  g_autoptr (BfyVaultFile) file = open_text (bytes.sealed (), error);
  EXPECT_EQ (file, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
}

static std::string
slot_with (const VaultBytes &bytes, void (*change) (VaultSlotBytes &slot))
{
  VaultSlotBytes slot;

  change (slot);
  return slot.sealed (bytes.id, bytes.key);
}

// What a passphrase slot would say.
static void
set_scrypt (VaultSlotBytes &slot, uint8_t log2_n, uint8_t r, uint8_t p)
{
  slot.kind = 2;
  slot.algorithm = 1;
  slot.log2_n = log2_n;
  slot.r = r;
  slot.p = p;
}

#define SLOT_CASE(name, code)                                                                      \
  HostileCase                                                                                      \
  {                                                                                                \
    name, [] (VaultBytes &b) { b.slots = slot_with (b, [] (VaultSlotBytes &s) { code; }); }        \
  }

INSTANTIATE_TEST_SUITE_P (
    Headers,
    VaultFileHostile,
    testing::Values (HostileCase{ "Flags", [] (VaultBytes &b) { b.flags = 1; } },
                     HostileCase{ "NoSlots", [] (VaultBytes &b) { b.slots = ""; } },
                     HostileCase{ "HalfASlot", [] (VaultBytes &b) { b.slots.resize (50); } },
                     HostileCase{ "NineSlots",
                                  [] (VaultBytes &b) {
                                    const std::string slot = b.slots;
                                    while (b.slots.size () < 9 * slot.size ())
                                      b.slots += slot;
                                  } },
                     HostileCase{ "SlotsTwice", [] (VaultBytes &b) { b.slots += b.slots; } },
                     SLOT_CASE ("SlotZero", s.number = 0),
                     SLOT_CASE ("SlotNine", s.number = 9),
                     SLOT_CASE ("KindZero", s.kind = 0),
                     SLOT_CASE ("KindUnknown", s.kind = 5),
                     SLOT_CASE ("DerivationUnknown", s.algorithm = 2),
                     SLOT_CASE ("SlotReserved", s.reserved = 1),
                     SLOT_CASE ("SlotFromTheEndOfTime", s.created_at = ~UINT64_C (0)),
                     SLOT_CASE ("PassphraseWithoutScrypt", s.kind = 2),
                     SLOT_CASE ("KeyFileWithScrypt", set_scrypt (s, 17, 8, 1); s.kind = 1)),
    case_name<HostileCase>);

// A header must not make us work for hours or take all memory; nor be content with next to nothing.
INSTANTIATE_TEST_SUITE_P (E02_CostAboveTheCap,
                          VaultFileHostile,
                          testing::Values (SLOT_CASE ("Blocks", set_scrypt (s, 21, 8, 1)),
                                           SLOT_CASE ("AllBlocks", set_scrypt (s, 255, 8, 1)),
                                           SLOT_CASE ("Width", set_scrypt (s, 17, 255, 1)),
                                           SLOT_CASE ("Lanes", set_scrypt (s, 17, 8, 5)),
                                           SLOT_CASE ("Hkdf", s.log2_n = 14)),
                          case_name<HostileCase>);

INSTANTIATE_TEST_SUITE_P (E02_CostBelowTheFloor,
                          VaultFileHostile,
                          testing::Values (SLOT_CASE ("Blocks", set_scrypt (s, 13, 8, 1)),
                                           SLOT_CASE ("NoBlocks", set_scrypt (s, 0, 8, 1)),
                                           SLOT_CASE ("NoWidth", set_scrypt (s, 17, 0, 1)),
                                           SLOT_CASE ("NoLanes", set_scrypt (s, 17, 8, 0))),
                          case_name<HostileCase>);

#define BODY_CASE(name, code)                                                                      \
  HostileCase                                                                                      \
  {                                                                                                \
    name, [] (VaultBytes &b) { b.body = (code); }                                                  \
  }

INSTANTIATE_TEST_SUITE_P (
    Bodies,
    VaultFileHostile,
    testing::Values (
        BODY_CASE ("Empty", ""),
        BODY_CASE ("NoKeys", VaultBytes::number (0, 1) + VaultBytes::rotation () + b.number (0, 4)),
        BODY_CASE ("KeyTwice",
                   VaultBytes::number (2, 1) + b.data_key + b.data_key + VaultBytes::rotation () +
                       b.number (0, 4)),
        BODY_CASE ("NineKeys", VaultBytes::number (9, 1) + std::string (1000, 'k')),
        BODY_CASE ("HalfAKey", VaultBytes::number (1, 1) + std::string (31, 'k')),
        BODY_CASE ("UnknownRotation", b.keys () + VaultBytes::rotation (8) + b.number (0, 4)),
        BODY_CASE ("RotationBeforeTime",
                   b.keys () + b.number (0, 1) + b.number (~UINT64_C (0), 8) +
                       std::string (16, '\0') + b.number (0, 4)),
        BODY_CASE ("HalfACount", b.keys () + VaultBytes::rotation () + b.number (0, 2)),
        BODY_CASE ("MoreItemsThanThere",
                   b.keys () + VaultBytes::rotation () + b.number (2, 4) +
                       VaultBytes::item ("a", b.blob ("a", "x"))),
        BODY_CASE ("CountOverCap", b.keys () + VaultBytes::rotation () + b.number (10001, 4)),
        BODY_CASE ("HugeCount", b.keys () + VaultBytes::rotation () + b.number (0xffffffff, 4)),
        BODY_CASE ("BytesAfterTheLast", b.body + "y"),
        BODY_CASE ("EmptyId", b.contents ({ VaultBytes::item ("", "x") })),
        BODY_CASE ("NulInId", b.contents ({ VaultBytes::item (std::string ("a\0b", 3), "x") })),
        BODY_CASE ("IdOverCap", b.contents ({ VaultBytes::item (std::string (256, 'a'), "x") })),
        BODY_CASE ("IdBeyondTheEnd", b.contents ({ b.number (9, 2) + "abc" })),
        BODY_CASE ("BlobOverCap",
                   b.contents ({ VaultBytes::item (
                       "a", std::string (BFY_VAULT_BLOB_BYTES_MAX + 1, 'x')) })),
        BODY_CASE ("BlobBeyondTheEnd",
                   b.contents ({ b.number (1, 2) + "a" + b.number (0xffffffff, 4) + "x" })),
        BODY_CASE ("Unsorted",
                   b.contents ({ VaultBytes::item ("b", "x"), VaultBytes::item ("a", "x") })),
        BODY_CASE ("Twice",
                   b.contents ({ VaultBytes::item ("a", "x"), VaultBytes::item ("a", "y") }))),
    case_name<HostileCase>);

// One item that cannot be opened is that item's damage, and no reason to refuse the others.
TEST (VaultFile, OneDamagedItemLeavesTheOthers)
{
  VaultBytes bytes, other;
  Error error;

  other.data_key = std::string (32, 'D');
  std::string changed = bytes.blob ("b", "x");
  changed.back () ^= 1;
  bytes.body = bytes.contents ({ VaultBytes::item ("a", bytes.blob ("a", "alpha")),
                                 VaultBytes::item ("b", changed), VaultBytes::item ("c", ""),
                                 VaultBytes::item ("d", bytes.blob ("a", "alpha")),
                                 VaultBytes::item ("e", other.blob ("e", "x")) });
  g_autoptr (BfyVaultFile) file = open_text (bytes.sealed (), error);
  ASSERT_NE (file, nullptr) << error;
  EXPECT_EQ (get (file, "a"), "alpha");
  for (const char *id : { "b", "c", "d", "e" })
    EXPECT_EQ (get (file, id), "credential_error") << id;

  g_autoptr (BfySecret) none = bfy_vault_file_get (file, "e", error.out ());
  EXPECT_EQ (none, nullptr);
  EXPECT_THAT (
      error.message (),
      testing::HasSubstr (vault_bytes::hex (vault_bytes::sha256 (vault_bytes::hex (other.data_key)))
                              .substr (0, 16)))
      << "the missing key is named (behaviour 10.7)";
}

TEST (VaultFile, RefusesAFileOverTheCap)
{
  std::string large = small_vault ();
  BfyVaultHeader header;
  Error error;

  large.resize (BFY_VAULT_FILE_BYTES_MAX + 1);
  EXPECT_FALSE (is_sound (large, header, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("larger"));
}

// What cannot be read again is not written.
TEST (VaultFile, SealsNothingOverTheCaps)
{
  if (is_under_valgrind ())
    GTEST_SKIP () << "the point is the size";
  g_autoptr (BfyVaultFile) many = new_file ();
  g_autoptr (BfyVaultFile) long_id = new_file ();
  g_autoptr (BfyVaultFile) heavy = new_file ();
  g_autoptr (GBytes) blob = g_bytes_new_static ("x", 1);
  Error error;

  for (int i = 0; i < BFY_VAULT_ITEMS_MAX; i++)
    g_tree_insert (many->body->items, g_strdup_printf ("%d", i), g_bytes_ref (blob));
  g_autoptr (BfyVaultFile) full = open_text (sealed_text (many, 1), error);
  ASSERT_NE (full, nullptr) << error;
  EXPECT_EQ (bfy_vault_file_n_items (full), static_cast<guint> (BFY_VAULT_ITEMS_MAX));

  set (many, "one more", "x");
  set (long_id, std::string (BFY_VAULT_ITEM_ID_BYTES_MAX + 1, 'i'), "x");
  for (int i = 0; i < 16; i++)
    set (heavy, std::to_string (i), std::string (BFY_BLOB_PLAIN_BYTES_MAX, 'x'));
  for (BfyVaultFile *file : { many, long_id, heavy })
    {
      g_autoptr (GBytes) bytes = bfy_vault_file_seal (file, 1, error.out ());

      EXPECT_EQ (bytes, nullptr);
      EXPECT_THAT (error, FailsWith (BFY_ERROR_STORAGE));
    }
}

TEST (VaultFile, ShowsNothingAndNeverRepeatsItself)
{
  g_autoptr (BfyVaultFile) file = new_file ();

  set (file, "one", "first secret");
  const std::string one = sealed_text (file, 1), two = sealed_text (file, 1);
  const size_t body = 52 + BFY_VAULT_SLOT_BYTES + 32;

  EXPECT_EQ (one.find ("secret"), std::string::npos);
  EXPECT_EQ (one.find ("one"), std::string::npos) << "ids are sealed, too";
  EXPECT_EQ (one.size (), two.size ());
  EXPECT_NE (one.substr (40, 12), two.substr (40, 12)) << "a nonce was used twice";
  EXPECT_NE (one.substr (body, 32), two.substr (body, 32));
}

TEST (VaultFile, PeeksAtTheGeneration)
{
  const std::string whole = small_vault ();
  const guint8 *bytes = vault_bytes::bytes_of (whole);
  guint64 generation = 0;

  EXPECT_TRUE (bfy_vault_header_peek_generation (bytes, BFY_VAULT_PEEK_BYTES, &generation));
  EXPECT_EQ (generation, 7u);
  EXPECT_FALSE (bfy_vault_header_peek_generation (bytes, BFY_VAULT_PEEK_BYTES - 1, &generation));
  EXPECT_FALSE (bfy_vault_header_peek_generation (bytes + 1, BFY_VAULT_PEEK_BYTES, &generation));
}

TEST (VaultFile, ReplacesAndNumbersSlots)
{
  g_autoptr (BfyVaultFile) file = new_file ();
  g_autoptr (BfySecret) key = secret_of (std::string (32, 'g'));
  BfyVaultSlot slot = key_file_slot;
  BfyKdf scrypt = {};
  Error error;

  scrypt.algorithm = BFY_KDF_SCRYPT;
  scrypt.log2_n = 14;
  scrypt.r = 8;
  scrypt.p = 1;
  EXPECT_EQ (bfy_vault_header_free_number (&file->header), 2u);
  slot.number = 3;
  slot.kind = BFY_VAULT_SLOT_PASSPHRASE;
  EXPECT_FALSE (bfy_vault_file_set_slot (file, &slot, key, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT)) << "a passphrase needs scrypt";
  slot.kdf = scrypt;
  ASSERT_TRUE (bfy_vault_file_set_slot (file, &slot, key, error.out ())) << error;
  EXPECT_EQ (file->header.n_slots, 2u);
  EXPECT_EQ (bfy_vault_header_free_number (&file->header), 2u);
  ASSERT_TRUE (bfy_vault_file_set_slot (file, &slot, key, error.out ())) << error;
  EXPECT_EQ (file->header.n_slots, 2u) << "replaced";
  slot.number = 2;
  ASSERT_TRUE (bfy_vault_file_set_slot (file, &slot, key, error.out ())) << error;
  EXPECT_EQ (file->header.slots[1].slot.number, 2u) << "sorted";
  bfy_vault_header_remove (&file->header, 1);
  EXPECT_EQ (file->header.slots[0].slot.number, 2u);
  EXPECT_EQ (bfy_vault_header_free_number (&file->header), 1u);
  g_autoptr (BfyVaultFile) back = open_text (sealed_text (file, 1), error, std::string (32, 'g'));
  EXPECT_NE (back, nullptr) << error;
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

  guint8 *data;
  g_autoptr (BfySecret) secret = bfy_secret_new_blank (200, &data);
  g_autoptr (BfyVaultFile) file = new_file ();
  Error error;

  for (size_t i = 0; i < 200; i++)
    data[i] = marker_byte (i);
  ASSERT_TRUE (bfy_vault_file_set (file, "a", secret, error.out ())) << error;
  const std::string sealed = sealed_text (file, 1);
  g_autoptr (BfyVaultFile) back = open_text (sealed, error);
  ASSERT_NE (back, nullptr) << error;
  g_autoptr (BfySecret) again = bfy_vault_file_get (back, "a", error.out ());
  ASSERT_NE (again, nullptr) << error;
  EXPECT_TRUE (bfy_secret_equal (again, secret));
  EXPECT_FALSE (heap_has_marker ());
}
