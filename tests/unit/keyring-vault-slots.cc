// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <sys/stat.h>

#include "tests/fixture/private-dirs.h"
#include "tests/fixture/valgrind.h"
#include "tests/fixture/vault-bytes.h"
#include "tests/fixture/vault-calls.h"

extern "C"
{
#include "keyring/vault-private.h"
}

class VaultSlots : public testing::Test
{
protected:
  std::string file () const
  {
    return dir_ + "/vault.bfy";
  }
  std::string key () const
  {
    return dir_ + "/vault.key";
  }
  // With “a” = “alpha” and a passphrase, “open sesame”, only.
  void make_with_passphrase ()
  {
    VaultKeyring vault (dir_);
    Error error;

    ASSERT_TRUE (vault.init (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
    ASSERT_TRUE (vault.store ("a", "alpha", error)) << error;
  }
  // With “a” = “alpha”, as the first store makes it.
  void make_with_key_file ()
  {
    VaultKeyring vault (dir_);
    Error error;

    ASSERT_TRUE (vault.store ("a", "alpha", error)) << error;
  }

  TempDir temp_{ quick_place () };
  std::string dir_ = temp_.path ("vault");
};

TEST_F (VaultSlots, TheFirstStoreMakesAKeyFileSlot)
{
  VaultKeyring vault (dir_);
  Error error;

  EXPECT_EQ (vault.info ()->state, BFY_KEYRING_ABSENT);
  EXPECT_EQ (vault.info ()->problem, nullptr);
  ASSERT_TRUE (vault.store ("a", "alpha", error)) << error;
  auto info = vault.info ();
  EXPECT_EQ (info->state, BFY_KEYRING_READY);
  EXPECT_EQ (info->format, 2u);
  EXPECT_EQ (info->generation, 1u);
  EXPECT_EQ (info->n_items, 1u);
  EXPECT_EQ (info->path, file ());
  EXPECT_EQ (vault.slots (), "key_file:1");
  EXPECT_EQ (vault.uses (), std::vector<guint>{ 1 });
  EXPECT_EQ (vault.rotation (), "none");
  EXPECT_NE (g_array_index (info->slots, BfyVaultSlot, 0).created_at_s, 0);
}

TEST_F (VaultSlots, InitIsForNewVaults)
{
  VaultKeyring vault (dir_);
  guint slot = 0;
  Error error;

  ASSERT_TRUE (vault.slot (BFY_VAULT_INIT, BFY_VAULT_SLOT_KEY_FILE, "", error, 0, &slot)) << error;
  EXPECT_EQ (slot, 1u);
  EXPECT_FALSE (vault.init (BFY_VAULT_SLOT_KEY_FILE, "", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_EXISTS));

  std::filesystem::remove_all (dir_);
  make_with_passphrase ();
  VaultKeyring locked (dir_);
  const std::string before = read_file (file ());
  EXPECT_FALSE (locked.init (BFY_VAULT_SLOT_KEY_FILE, "", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_EXISTS)) << "locked is not absent";
  EXPECT_EQ (read_file (file ()), before);
}

TEST_F (VaultSlots, APassphraseLocksIt)
{
  make_with_passphrase ();
  VaultKeyring vault (dir_);
  Error error;

  EXPECT_FALSE (std::filesystem::exists (key ()));
  EXPECT_EQ (vault.check (error), "locked");
  EXPECT_EQ (vault.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("bindify unlock"));
  EXPECT_EQ (vault.lookup ("none", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED)) << "never “missing”";
  EXPECT_EQ (vault.list (error).size (), 0u);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_FALSE (vault.store ("b", "x", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_FALSE (vault.remove ("a", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_FALSE (vault.add (BFY_VAULT_SLOT_KEY_FILE, "", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_FALSE (std::filesystem::exists (key ()));
  EXPECT_EQ (vault.info ()->state, BFY_KEYRING_LOCKED);
  EXPECT_EQ (vault.info ()->n_items, 0u);
  EXPECT_EQ (vault.info ()->keys->len, 0u);
  EXPECT_EQ (vault.slots (), "passphrase:1") << "slots are public";

  EXPECT_FALSE (vault.unlock (1, "open barley", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("not the passphrase"));
  EXPECT_FALSE (vault.unlock (2, "open sesame", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_EQ (vault.check (error), "locked");
  ASSERT_TRUE (vault.unlock (1, "open sesame", error)) << error;
  EXPECT_EQ (vault.lookup ("a", error), "alpha");
  ASSERT_TRUE (vault.store ("b", "beta", error)) << error;
  EXPECT_EQ (vault.lookup ("b", error), "beta");

  vault.lock ();
  EXPECT_EQ (vault.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
}

static const char mask = 0x55;

// Not the bytes themselves, which the search would find.
static std::string
masked (const BfySecret *secret)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (secret, &length);
  std::string text;

  for (gsize i = 0; i < length; i++)
    text += static_cast<char> (bytes[i] ^ mask);
  return text;
}

// All that this process can write to, but what is mapped from files.
static bool
memory_holds (const std::string &masked_text)
{
  std::ifstream maps ("/proc/self/maps");
  std::string line;

  while (std::getline (maps, line))
    {
      unsigned long start, end, inode;
      char mode[8];

      if (sscanf (line.c_str (), "%lx-%lx %7s %*s %*s %lu", &start, &end, mode, &inode) != 4 ||
          mode[0] != 'r' || mode[1] != 'w' || inode != 0 || line.find ("[v") != std::string::npos)
        continue;
      const char *at = reinterpret_cast<char *> (start), *after = reinterpret_cast<char *> (end);
      while ((at = static_cast<const char *> (memchr (
                  at, masked_text[0] ^ mask, static_cast<size_t> (after - at)))) != nullptr &&
             static_cast<size_t> (after - at) >= masked_text.size ())
        {
          size_t n_same = 1;

          while (n_same < masked_text.size () && (at[n_same] ^ mask) == masked_text[n_same])
            n_same++;
          if (n_same == masked_text.size ())
            return true;
          at++;
        }
    }

  return false;
}

// An attack on the memory of a locked agent: neither the vault key nor a data key is in it.
TEST_F (VaultSlots, LockingForgetsTheKeys)
{
#if defined(__SANITIZE_ADDRESS__)
  GTEST_SKIP () << "the shadow of the memory is too large to be searched";
#endif
  if (is_under_valgrind ())
    GTEST_SKIP () << "valgrind keeps the memory elsewhere";

  make_with_passphrase ();
  VaultKeyring vault (dir_);
  Error error;

  ASSERT_TRUE (vault.unlock (1, "open sesame", error)) << error;
  ASSERT_EQ (vault.lookup ("a", error), "alpha");
  const BfyVaultFile *file = vault.vault ()->file;
  const std::string vault_key = masked (file->key),
                    data_key = masked (bfy_vault_keys_active (file->body->keys)->key);
  EXPECT_TRUE (memory_holds (vault_key)) << "the search finds what is there";
  EXPECT_TRUE (memory_holds (data_key));
  vault.lock ();
  EXPECT_FALSE (memory_holds (vault_key));
  EXPECT_FALSE (memory_holds (data_key));
}

// What another process writes is read with the key that is there.
TEST_F (VaultSlots, StaysOpenWhenAnotherWrites)
{
  make_with_passphrase ();
  VaultKeyring one (dir_), two (dir_);
  Error error;

  ASSERT_TRUE (one.unlock (1, "open sesame", error)) << error;
  ASSERT_TRUE (two.unlock (1, "open sesame", error)) << error;
  ASSERT_TRUE (two.store ("b", "beta", error)) << error;
  EXPECT_EQ (one.lookup ("b", error), "beta") << error;

  // Another vault in its place is another lock.
  std::filesystem::remove_all (dir_);
  make_with_passphrase ();
  EXPECT_EQ (one.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
}

TEST_F (VaultSlots, ALockedVaultThatDisappearsIsALoss)
{
  make_with_passphrase ();
  VaultKeyring vault (dir_);
  Error error;

  EXPECT_EQ (vault.check (error), "locked");
  std::filesystem::remove (file ());
  EXPECT_FALSE (vault.store ("b", "x", error)) << "no new vault without a passphrase";
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_FALSE (std::filesystem::exists (file ()));
}

TEST_F (VaultSlots, E01_DamageIsToldWhileItIsLocked)
{
  make_with_passphrase ();
  std::string bytes = read_file (file ());
  VaultKeyring vault (dir_);
  Error error;

  bytes[bytes.size () / 2] ^= 1;
  write_file (file (), bytes);
  EXPECT_EQ (vault.check (error), "damaged");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_FALSE (vault.unlock (1, "open barley", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED)) << "not “wrong passphrase”";
  EXPECT_THAT (vault.info ()->problem->message, testing::HasSubstr (file ()));
  EXPECT_EQ (read_file (file ()), bytes);
}

TEST_F (VaultSlots, EveryKindOpensIt)
{
  VaultKeyring vault (dir_);
  Error error;

  ASSERT_TRUE (vault.store ("a", "alpha", error)) << error;
  ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
  ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_RECOVERY, "recovery", error)) << error;
  ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "second person", error)) << error;
  EXPECT_EQ (vault.slots (), "key_file:1 passphrase:2 recovery:3 passphrase:4");
  for (guint slot = 2; slot <= 4; slot++)
    {
      const char *words[] = { "open sesame", "recovery", "second person" };
      VaultKeyring other (dir_);

      EXPECT_TRUE (other.unlock (slot, words[slot - 2], error)) << error;
      EXPECT_FALSE (other.unlock (slot, "wrong", error));
      EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
    }
}

TEST_F (VaultSlots, AddsUpToEightAndNoSecondKeyFile)
{
  make_with_key_file ();
  VaultKeyring vault (dir_);
  Error error;

  EXPECT_FALSE (vault.add (BFY_VAULT_SLOT_KEY_FILE, "", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_EXISTS));
  for (int i = 2; i <= BFY_VAULT_SLOTS_MAX; i++)
    ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "p" + std::to_string (i), error)) << error;
  EXPECT_FALSE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "one more", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_STORAGE));
  ASSERT_TRUE (vault.remove_slot (5, error)) << error;
  guint made = 0;
  ASSERT_TRUE (vault.slot (BFY_VAULT_ADD_SLOT, BFY_VAULT_SLOT_RECOVERY, "again", error, 0, &made))
      << error;
  EXPECT_EQ (made, 5u);
  EXPECT_TRUE (vault.unlock (5, "again", error)) << error;
}

TEST_F (VaultSlots, RefusesKeysThatMakeNoSense)
{
  make_with_key_file ();
  const std::string before = read_file (file ());
  VaultKeyring vault (dir_);
  g_autoptr (BfySecret) key = slot_key_of ("x"), short_key = bfy_secret_new ("short", 5);
  BfyVaultChange change = {};
  Error error;

  change.op = BFY_VAULT_ADD_SLOT;
  change.kind = BFY_VAULT_SLOT_PASSPHRASE;
  change.kdf = kdf_for (BFY_VAULT_SLOT_RECOVERY);
  change.slot_key = key;
  EXPECT_FALSE (vault.change (change, error)) << "a passphrase needs scrypt";
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  change.kdf = kdf_for (BFY_VAULT_SLOT_PASSPHRASE);
  change.kdf.log2_n = BFY_KDF_LOG2_N_MAX + 1;
  EXPECT_FALSE (vault.change (change, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  change.kdf = kdf_for (BFY_VAULT_SLOT_PASSPHRASE);
  change.slot_key = short_key;
  EXPECT_FALSE (vault.change (change, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  change.slot_key = nullptr;
  EXPECT_FALSE (vault.change (change, error)) << "nobody but the person has it";
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  change.kind = static_cast<BfyVaultSlotKind> (9);
  change.slot_key = key;
  EXPECT_FALSE (vault.change (change, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  change.kind = BFY_VAULT_SLOT_SYSTEMD_CREDENTIAL;
  change.slot_key = nullptr;
  EXPECT_FALSE (vault.change (change, error));
  EXPECT_THAT (error.message (), testing::HasSubstr ("systemd credential"));
  EXPECT_EQ (read_file (file ()), before);
}

TEST_F (VaultSlots, ReplacesAPassphrase)
{
  make_with_passphrase ();
  VaultKeyring vault (dir_);
  guint made = 0;
  Error error;

  ASSERT_TRUE (vault.unlock (1, "open sesame", error)) << error;
  ASSERT_TRUE (vault.slot (BFY_VAULT_REPLACE_SLOT, BFY_VAULT_SLOT_PASSPHRASE, "open barley", error,
                           1, &made))
      << error;
  EXPECT_EQ (made, 1u);
  EXPECT_EQ (vault.slots (), "passphrase:1");
  EXPECT_FALSE (vault.slot (BFY_VAULT_REPLACE_SLOT, BFY_VAULT_SLOT_PASSPHRASE, "x", error, 2));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));

  VaultKeyring later (dir_);
  EXPECT_FALSE (later.unlock (1, "open sesame", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED)) << "the old passphrase";
  EXPECT_TRUE (later.unlock (1, "open barley", error)) << error;
  EXPECT_EQ (later.lookup ("a", error), "alpha");
}

TEST_F (VaultSlots, RemovesAllButTheLast)
{
  make_with_key_file ();
  VaultKeyring vault (dir_);
  Error error;

  EXPECT_FALSE (vault.remove_slot (1, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_FALSE (vault.remove_slot (2, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
  EXPECT_TRUE (std::filesystem::exists (key ()));
  ASSERT_TRUE (vault.remove_slot (1, error)) << error;
  EXPECT_FALSE (std::filesystem::exists (key ())) << "the key file goes with its slot";
  EXPECT_EQ (vault.lookup ("a", error), "alpha") << "it is open as before";
  EXPECT_FALSE (vault.remove_slot (2, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));

  VaultKeyring later (dir_);
  EXPECT_EQ (later.check (error), "locked");
  ASSERT_TRUE (later.unlock (2, "open sesame", error)) << error;
  ASSERT_TRUE (later.add (BFY_VAULT_SLOT_KEY_FILE, "", error)) << error;
  later.lock ();
  EXPECT_EQ (later.lookup ("a", error), "alpha") << "it opens by itself again";
}

// Somebody's other key, put there for another vault, is not ours to remove.
TEST_F (VaultSlots, RemovesNoKeyFileButItsOwn)
{
  make_with_key_file ();
  VaultKeyring vault (dir_);
  Error error;

  ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
  write_file (key (), std::string (32, 'x'));
  ASSERT_TRUE (vault.remove_slot (1, error)) << error;
  EXPECT_EQ (read_file (key ()), std::string (32, 'x'));
}

TEST_F (VaultSlots, WithAnotherWayInAMissingKeyFileIsNoDamage)
{
  make_with_key_file ();
  VaultKeyring vault (dir_);
  Error error;

  ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
  const std::string key_text = read_file (key ());
  for (const std::string &wrong : { std::string (), std::string (32, 'x'), std::string (5, 'x') })
    {
      VaultKeyring later (dir_);

      std::filesystem::remove (key ());
      if (!wrong.empty ())
        write_file (key (), wrong);
      EXPECT_EQ (later.check (error), "locked") << error;
      EXPECT_TRUE (later.unlock (2, "open sesame", error)) << error;
      EXPECT_EQ (later.lookup ("a", error), "alpha");
    }
  write_file (key (), key_text);
  ASSERT_EQ (chmod (key ().c_str (), 0644), 0);
  VaultKeyring open_to_all (dir_);
  EXPECT_EQ (open_to_all.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH)) << "what can be repaired is told";
  EXPECT_TRUE (open_to_all.unlock (2, "open sesame", error)) << error;
}

TEST_F (VaultSlots, AKeyFileElsewhere)
{
  const std::string path = temp_.path ("stick/key");
  Error error;

  std::filesystem::create_directory (temp_.path ("stick"));
  {
    VaultKeyring vault (dir_);
    bfy_vault_set_key_file (vault.vault (), path.c_str ());
    ASSERT_TRUE (vault.store ("a", "alpha", error)) << error;
  }
  EXPECT_FALSE (std::filesystem::exists (key ()));
  EXPECT_EQ (read_file (path).size (), 32u);
  VaultKeyring vault (dir_);
  bfy_vault_set_key_file (vault.vault (), path.c_str ());
  EXPECT_EQ (vault.lookup ("a", error), "alpha") << error;
  ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
  ASSERT_TRUE (vault.remove_slot (1, error)) << error;
  EXPECT_TRUE (std::filesystem::exists (path)) << "it is left to its owner";

  VaultKeyring without (dir_);
  EXPECT_EQ (without.check (error), "locked");
}

TEST_F (VaultSlots, AKeyFileElsewhereThatIsMissingIsNamed)
{
  const std::string path = temp_.path ("key");
  Error error;

  make_with_key_file ();
  VaultKeyring vault (dir_);
  bfy_vault_set_key_file (vault.vault (), path.c_str ());
  EXPECT_EQ (vault.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_THAT (error.message (), testing::HasSubstr (path));
}

TEST_F (VaultSlots, ASystemdCredential)
{
  g_autoptr (BfySecret) credential = bfy_secret_new ("0123456789abcdef0123456789abcdef", 32);
  g_autoptr (BfySecret) other = bfy_secret_new ("another credential of 32 bytes..", 32);
  g_autoptr (BfySecret) weak = bfy_secret_new ("123456789012345", 15);
  Error error;

  {
    VaultKeyring vault (dir_);
    bfy_vault_set_systemd_credential (vault.vault (), credential);
    ASSERT_TRUE (vault.init (BFY_VAULT_SLOT_SYSTEMD_CREDENTIAL, "", error)) << error;
    ASSERT_TRUE (vault.store ("a", "alpha", error)) << error;
  }
  EXPECT_FALSE (std::filesystem::exists (key ()));
  VaultKeyring with (dir_), without (dir_), wrong (dir_), too_weak (dir_);
  bfy_vault_set_systemd_credential (with.vault (), credential);
  bfy_vault_set_systemd_credential (wrong.vault (), other);
  bfy_vault_set_systemd_credential (too_weak.vault (), weak);
  EXPECT_EQ (with.lookup ("a", error), "alpha") << error;
  EXPECT_EQ (without.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("LoadCredential="));
  EXPECT_EQ (wrong.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED));
  EXPECT_EQ (too_weak.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

// With the real derivation from end to end, as the client and the agent share it.
TEST_F (VaultSlots, ARealPassphrase)
{
  g_autoptr (BfySecret) words = bfy_secret_new ("correct horse", 13);
  VaultKeyring vault (dir_);
  BfyVaultChange change = {};
  Error error;

  change.op = BFY_VAULT_INIT;
  change.kind = BFY_VAULT_SLOT_PASSPHRASE;
  change.kdf = kdf_for (BFY_VAULT_SLOT_PASSPHRASE);
  ASSERT_TRUE (bfy_kdf_make_salt (&change.kdf, error.out ())) << error;
  g_autoptr (BfySecret) slot_key = bfy_kdf_derive (&change.kdf, words, error.out ());
  ASSERT_NE (slot_key, nullptr) << error;
  change.slot_key = slot_key;
  ASSERT_TRUE (vault.change (change, error)) << error;

  VaultKeyring later (dir_);
  const BfyVaultSlot slot = g_array_index (later.info ()->slots, BfyVaultSlot, 0);
  g_autoptr (BfySecret) again = bfy_kdf_derive (&slot.kdf, words, error.out ());
  ASSERT_NE (again, nullptr) << error;
  EXPECT_TRUE (bfy_vault_unlock (later.vault (), slot.number, again, error.out ())) << error;
}

TEST_F (VaultSlots, AVaultOfFormat1BecomesFormat2WithTheNextWrite)
{
  Format1Bytes bytes;
  Error error;

  bytes.generation = 41;
  bytes.body = Format1Bytes::number (2, 4) + Format1Bytes::item ("a", "alpha") +
               Format1Bytes::item ("b", "beta");
  g_mkdir_with_parents (dir_.c_str (), 0700);
  write_file (file (), bytes.sealed ());
  write_file (key (), bytes.key);
  VaultKeyring vault (dir_);
  EXPECT_EQ (vault.lookup ("a", error), "alpha") << error;
  EXPECT_EQ (vault.info ()->format, 1u);
  EXPECT_EQ (read_file (file ()), bytes.sealed ()) << "reading writes nothing";
  ASSERT_TRUE (vault.store ("c", "gamma", error)) << error;
  EXPECT_EQ (vault.info ()->format, 2u);
  EXPECT_EQ (vault.info ()->generation, 42u);
  EXPECT_EQ (vault.slots (), "key_file:1");

  VaultKeyring later (dir_);
  EXPECT_EQ (later.list (error), (std::vector<std::string>{ "a", "b", "c" }));
  EXPECT_EQ (later.lookup ("a", error), "alpha");
  EXPECT_EQ (later.lookup ("b", error), "beta");
  EXPECT_EQ (read_file (key ()), bytes.key);

  // A slot change is a write, too.
  write_file (file (), bytes.sealed ());
  VaultKeyring other (dir_);
  ASSERT_TRUE (other.add (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
  EXPECT_EQ (other.slots (), "key_file:1 passphrase:2");
  EXPECT_EQ (other.lookup ("b", error), "beta");
}

TEST_F (VaultSlots, AFormat1VaultWithAWrongKeyStaysAsItIs)
{
  Format1Bytes bytes;
  Error error;

  bytes.body = Format1Bytes::number (1, 4) + Format1Bytes::item ("a", "alpha");
  g_mkdir_with_parents (dir_.c_str (), 0700);
  write_file (file (), bytes.sealed ());
  VaultKeyring vault (dir_);
  EXPECT_EQ (vault.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  write_file (key (), std::string (32, 'x'));
  EXPECT_FALSE (vault.store ("a", "x", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("another key"));
  EXPECT_EQ (read_file (file ()), bytes.sealed ());
}

TEST_F (VaultSlots, BackupAndRestore)
{
  make_with_key_file ();
  VaultKeyring vault (dir_);
  Error error;

  ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
  g_autoptr (GBytes) backup = bfy_vault_backup (vault.vault (), error.out ());
  ASSERT_NE (backup, nullptr) << error;
  EXPECT_EQ (text_of_bytes (backup), read_file (file ()));
  g_autoptr (GArray) slots = bfy_vault_read_slots (backup, error.out ());
  ASSERT_NE (slots, nullptr) << error;
  ASSERT_EQ (slots->len, 2u);
  EXPECT_EQ (g_array_index (slots, BfyVaultSlot, 1).kind, BFY_VAULT_SLOT_PASSPHRASE);

  // On another machine.
  const std::string there = temp_.path ("there");
  VaultKeyring other (there);
  EXPECT_FALSE (other.restore (text_of_bytes (backup), "open barley", error, 2));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_FALSE (other.restore (text_of_bytes (backup), "", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_LOCKED)) << "no key file there";
  EXPECT_FALSE (other.restore (text_of_bytes (backup), "open sesame", error, 3));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_FALSE (std::filesystem::exists (there + "/vault.bfy"));
  ASSERT_TRUE (other.restore (text_of_bytes (backup), "open sesame", error, 2)) << error;
  EXPECT_EQ (other.lookup ("a", error), "alpha");
  EXPECT_NE (read_file (there + "/vault.key"), read_file (key ()));
  VaultKeyring later (there);
  EXPECT_EQ (later.lookup ("a", error), "alpha") << "its own key file opens it";
  EXPECT_TRUE (later.unlock (2, "open sesame", error)) << error;
}

TEST_F (VaultSlots, RestoreLosesNothingUnasked)
{
  make_with_key_file ();
  VaultKeyring vault (dir_);
  Error error;

  g_autoptr (GBytes) backup = bfy_vault_backup (vault.vault (), error.out ());
  ASSERT_NE (backup, nullptr) << error;
  ASSERT_TRUE (vault.store ("b", "beta", error)) << error;
  const std::string before = read_file (file ());
  EXPECT_FALSE (vault.restore (text_of_bytes (backup), "", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_EXISTS));
  EXPECT_THAT (error.message (), testing::HasSubstr ("--force"));
  EXPECT_EQ (read_file (file ()), before);

  const guint64 generation = vault.info ()->generation;
  ASSERT_TRUE (vault.restore (text_of_bytes (backup), "", error, 1, true)) << error;
  EXPECT_EQ (vault.list (error), std::vector<std::string>{ "a" });
  EXPECT_GT (vault.info ()->generation, generation) << "it never counts down";

  // What is in both may be older.
  ASSERT_TRUE (vault.store ("a", "newer", error)) << error;
  ASSERT_TRUE (vault.restore (text_of_bytes (backup), "", error)) << error;
  EXPECT_EQ (vault.lookup ("a", error), "alpha");
}

TEST_F (VaultSlots, RestoreOverALockedOrDamagedVault)
{
  make_with_passphrase ();
  const std::string backup = read_file (file ());
  Error error;

  std::filesystem::remove_all (dir_);
  make_with_passphrase ();
  VaultKeyring vault (dir_);
  EXPECT_FALSE (vault.restore (backup, "open sesame", error)) << "it may hold anything";
  EXPECT_THAT (error, FailsWith (BFY_ERROR_EXISTS));
  EXPECT_THAT (error.message (), testing::HasSubstr ("bindify unlock"));
  ASSERT_TRUE (vault.restore (backup, "open sesame", error, 1, true)) << error;

  write_file (file (), "damaged");
  VaultKeyring damaged (dir_);
  EXPECT_FALSE (damaged.restore ("not a vault", "open sesame", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("the backup"));
  EXPECT_EQ (read_file (file ()), "damaged");
  ASSERT_TRUE (damaged.restore (backup, "open sesame", error)) << error;
  EXPECT_EQ (damaged.lookup ("a", error), "alpha");
  EXPECT_EQ (read_file (file () + ".damaged"), "damaged") << "kept, whatever it is good for";

  write_file (file (), "damaged again");
  EXPECT_FALSE (damaged.restore (backup, "open sesame", error)) << "no copy is overwritten";
  EXPECT_THAT (error, FailsWith (BFY_ERROR_STORAGE));
  EXPECT_EQ (read_file (file () + ".damaged"), "damaged");
  EXPECT_EQ (read_file (file ()), "damaged again");
}

TEST_F (VaultSlots, RestoresFormat1WithItsKeyFile)
{
  Format1Bytes bytes;
  Error error;

  bytes.body = Format1Bytes::number (1, 4) + Format1Bytes::item ("a", "alpha");
  g_mkdir_with_parents (dir_.c_str (), 0700);
  VaultKeyring vault (dir_);
  EXPECT_FALSE (vault.restore (bytes.sealed (), "open sesame", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  write_file (key (), bytes.key);
  ASSERT_TRUE (vault.restore (bytes.sealed (), "", error)) << error;
  EXPECT_EQ (vault.lookup ("a", error), "alpha");
  EXPECT_EQ (vault.info ()->format, 2u);
}

TEST_F (VaultSlots, ExportIsAVaultOfItsOwn)
{
  make_with_key_file ();
  const BfyKdf kdf = kdf_for (BFY_VAULT_SLOT_PASSPHRASE);
  g_autoptr (BfySecret) slot_key = slot_key_of ("for the road");
  VaultKeyring vault (dir_);
  Error error;

  g_autoptr (GBytes) exported = bfy_vault_export (vault.vault (), &kdf, slot_key, error.out ());
  ASSERT_NE (exported, nullptr) << error;
  const std::string bytes = text_of_bytes (exported);
  EXPECT_NE (bytes.substr (24, 16), read_file (file ()).substr (24, 16)) << "the vault's id";
  VaultKeyring other (temp_.path ("there"));
  ASSERT_TRUE (other.restore (bytes, "for the road", error)) << error;
  EXPECT_EQ (other.slots (), "passphrase:1");
  EXPECT_EQ (other.lookup ("a", error), "alpha");
  EXPECT_NE (other.fingerprints (), vault.fingerprints ());
  EXPECT_FALSE (std::filesystem::exists (temp_.path ("there/vault.key")));
}

TEST_F (VaultSlots, VerifyOpensEverything)
{
  VaultBytes bytes;
  Error error;

  make_with_key_file ();
  {
    VaultKeyring vault (dir_);
    EXPECT_TRUE (bfy_vault_verify (vault.vault (), error.out ())) << error;
    vault.lock ();
    EXPECT_TRUE (bfy_vault_verify (vault.vault (), error.out ())) << error;
  }

  std::string changed = bytes.blob ("b", "x");
  changed.back () ^= 1;
  bytes.slots = VaultSlotBytes ().sealed (bytes.id, bytes.key);
  bytes.body = bytes.contents ({ VaultBytes::item ("a", bytes.blob ("a", "alpha")),
                                 VaultBytes::item ("b", changed), VaultBytes::item ("c", "") });
  write_file (file (), bytes.sealed ());
  VaultKeyring vault (dir_);
  EXPECT_FALSE (bfy_vault_verify (vault.vault (), error.out ())) << "vault.key is another's";
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  g_autoptr (BfySecret) slot_key = bfy_secret_new (std::string (32, 'f').data (), 32);
  ASSERT_TRUE (bfy_vault_unlock (vault.vault (), 1, slot_key, error.out ())) << error;
  EXPECT_FALSE (bfy_vault_verify (vault.vault (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("2 of the 3"));
  EXPECT_THAT (error.message (), testing::HasSubstr ("b, c"));
  EXPECT_EQ (vault.lookup ("a", error), "alpha");

  const BfyKdf kdf = kdf_for (BFY_VAULT_SLOT_PASSPHRASE);
  g_autoptr (GBytes) exported = bfy_vault_export (vault.vault (), &kdf, slot_key, error.out ());
  EXPECT_EQ (exported, nullptr) << "an export is whole or not at all";
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
}

TEST_F (VaultSlots, WithoutAVaultEverythingSaysSo)
{
  g_autoptr (BfySecret) slot_key = slot_key_of ("x");
  const BfyKdf kdf = kdf_for (BFY_VAULT_SLOT_PASSPHRASE);
  VaultKeyring vault (dir_);
  Error error;

  EXPECT_FALSE (vault.unlock (1, "x", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_EQ (bfy_vault_backup (vault.vault (), error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_EQ (bfy_vault_export (vault.vault (), &kdf, slot_key, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_FALSE (bfy_vault_verify (vault.vault (), error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
  EXPECT_FALSE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "x", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
  EXPECT_FALSE (vault.rotate (error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
  EXPECT_THAT (error.message (), testing::HasSubstr ("bindify vault init"));
  EXPECT_FALSE (vault.init (BFY_VAULT_SLOT_SYSTEMD_CREDENTIAL, "", error));
  EXPECT_THAT (error.message (), testing::HasSubstr ("systemd credential"));
  EXPECT_FALSE (std::filesystem::exists (file ()));
}
