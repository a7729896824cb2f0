// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <gtest/gtest.h>
#include <set>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fixture/keyring-calls.h"
#include "tests/fixture/private-dirs.h"
#include "tests/fixture/valgrind.h"

extern "C"
{
#include "keyring/vault-file.h"
#include "keyring/vault.h"
}

#include "tests/fixture/vault-bytes.h"
#include "tests/fixture/vault-calls.h"

class Vault : public testing::Test
{
protected:
  BfyKeyring *open ()
  {
    return bfy_vault_new (dir_.c_str ());
  }
  std::string file () const
  {
    return dir_ + "/vault.bfy";
  }
  std::string key () const
  {
    return dir_ + "/vault.key";
  }
  std::set<std::string> names () const
  {
    std::set<std::string> names;

    for (const auto &entry : std::filesystem::directory_iterator (dir_))
      names.insert (entry.path ().filename ());
    return names;
  }
  // A vault with “a” = “alpha” and “b” = “beta”, written by somebody who is gone.
  void fill ()
  {
    Keyring keyring (open ());
    Error error;

    ASSERT_TRUE (keyring.store ("a", "alpha", error)) << error;
    ASSERT_TRUE (keyring.store ("b", "beta", error)) << error;
  }

  // Every call fails with @code and nothing on the disk changes.
  void expect_refusal (BfyErrorCode code, const std::string &says)
  {
    const std::string vault_before = read_file (file ()), key_before = read_file (key ());
    Keyring keyring (open ());
    Error error;

    EXPECT_EQ (keyring.lookup ("a", error), "");
    EXPECT_THAT (error, FailsWith (code));
    EXPECT_THAT (error.message (), testing::HasSubstr (says));
    EXPECT_EQ (keyring.lookup ("absent", error), "");
    EXPECT_THAT (error, FailsWith (code)) << "never “missing”";
    EXPECT_EQ (keyring.list (error).size (), 0u);
    EXPECT_THAT (error, FailsWith (code));
    EXPECT_FALSE (keyring.store ("a", "x", error));
    EXPECT_THAT (error, FailsWith (code));
    EXPECT_FALSE (keyring.remove ("a", error));
    EXPECT_THAT (error, FailsWith (code));
    EXPECT_EQ (keyring.check (error), "damaged");
    EXPECT_THAT (error, FailsWith (code));

    EXPECT_EQ (read_file (file ()), vault_before);
    EXPECT_EQ (read_file (key ()), key_before);
  }

  TempDir temp_{ quick_place () };
  std::string dir_ = temp_.path ("state/bindify");
};

// What somebody with the vault and its key file gets; NULL when they do not go together.
static BfyVaultFile *
open_with_key_file (const std::string &bytes, const std::string &key_text)
{
  const guint8 *data = vault_bytes::bytes_of (bytes);
  g_autoptr (BfySecret) key = bfy_secret_new (key_text.data (), key_text.size ());
  BfyVaultHeader header;

  if (!bfy_vault_header_read (data, bytes.size (), &header, nullptr))
    return nullptr;
  g_autoptr (BfySecret) slot_key = bfy_kdf_derive (&header.slots[0].slot.kdf, key, nullptr);
  g_autoptr (BfySecret) vault_key =
      bfy_vault_slot_unwrap (&header.slots[0], header.id, slot_key, nullptr);
  if (vault_key == nullptr)
    return nullptr;
  return bfy_vault_file_open (data, bytes.size (), &header, vault_key, nullptr);
}

static unsigned
mode_of (const std::string &path)
{
  struct stat status;

  return lstat (path.c_str (), &status) == 0 ? status.st_mode & 07777 : 0;
}

TEST_F (Vault, KeepsTheContract)
{
  expect_keyring_contract (open ());
  EXPECT_EQ (names (), (std::set<std::string>{ "vault.bfy", "vault.key", "vault.lock" }));
}

TEST_F (Vault, TouchesNothingBeforeTheFirstStore)
{
  Keyring keyring (open ());
  Error error;

  EXPECT_STREQ (bfy_keyring_get_name (keyring.get ()), BFY_KEYRING_VAULT);
  EXPECT_EQ (keyring.check (error), "absent");
  EXPECT_EQ (keyring.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_KEYRING_UNAVAILABLE));
  EXPECT_FALSE (keyring.remove ("a", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_MISSING));
  EXPECT_EQ (keyring.list (error), std::vector<std::string>{});
  EXPECT_THAT (error, Succeeds ());
  EXPECT_FALSE (std::filesystem::exists (temp_.path ("state")));
}

TEST_F (Vault, J22MakesEverythingPrivateWhateverTheUmask)
{
  mode_t umask_before = umask (0);
  fill ();
  umask (umask_before);

  EXPECT_EQ (mode_of (temp_.path ("state")), 0700u);
  EXPECT_EQ (mode_of (dir_), 0700u);
  for (const std::string &name : names ())
    EXPECT_EQ (mode_of (dir_ + "/" + name), 0600u) << name;
  EXPECT_EQ (read_file (key ()).size (), static_cast<size_t> (BFY_VAULT_KEY_BYTES));
}

TEST_F (Vault, IsReadByTheNextProcess)
{
  fill ();
  Keyring keyring (open ());
  Error error;

  EXPECT_EQ (keyring.check (error), "ready");
  EXPECT_EQ (keyring.lookup ("a", error), "alpha");
  EXPECT_EQ (keyring.lookup ("b", error), "beta");
}

TEST_F (Vault, E06_TwoWritersSeeEachOther)
{
  Keyring one (open ()), two (open ());
  Error error;

  for (int i = 0; i < 5; i++)
    {
      const std::string number = std::to_string (i);

      ASSERT_TRUE (one.store ("one", number, error)) << error;
      EXPECT_EQ (two.lookup ("one", error), number);
      ASSERT_TRUE (two.store ("two", number, error)) << error;
      EXPECT_EQ (one.lookup ("two", error), number);
      EXPECT_EQ (one.lookup ("one", error), number) << "the other writer lost our change";
    }
  ASSERT_TRUE (two.remove ("one", error)) << error;
  EXPECT_EQ (one.lookup ("one", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_MISSING));
}

TEST_F (Vault, KeepsItsKey)
{
  fill ();
  const std::string key_before = read_file (key ());
  Keyring keyring (open ());
  Error error;

  ASSERT_TRUE (keyring.remove ("a", error)) << error;
  ASSERT_TRUE (keyring.remove ("b", error)) << error;
  ASSERT_TRUE (keyring.store ("c", "x", error)) << error;
  EXPECT_EQ (read_file (key ()), key_before);

  // A vault that was put away: the key that is there is used, not replaced.
  std::filesystem::remove (file ());
  Keyring later (open ());
  EXPECT_EQ (later.check (error), "absent");
  ASSERT_TRUE (later.store ("d", "x", error)) << error;
  EXPECT_EQ (read_file (key ()), key_before);
}

// M4: a key is never made over, or beside, a vault that it does not fit.
TEST_F (Vault, RefusesWithoutItsKey)
{
  fill ();
  std::filesystem::remove (key ());
  expect_refusal (BFY_ERROR_VAULT_DAMAGED, "vault.key, is missing");
  EXPECT_FALSE (std::filesystem::exists (key ()));
}

struct KeyCase
{
  const char *name;
  std::string key;
  const char *says;
};

class VaultKey : public Vault, public testing::WithParamInterface<KeyCase>
{
};

TEST_P (VaultKey, IsRefusedUntouched)
{
  fill ();
  write_file (key (), GetParam ().key);
  expect_refusal (BFY_ERROR_VAULT_DAMAGED, GetParam ().says);
}

INSTANTIATE_TEST_SUITE_P (
    Keys,
    VaultKey,
    testing::Values (KeyCase{ "Empty", "", "does not have its 32 bytes" },
                     KeyCase{ "Short", std::string (31, 'k'), "does not have its 32 bytes" },
                     KeyCase{ "Long", std::string (33, 'k'), "does not have its 32 bytes" },
                     KeyCase{ "Another", std::string (32, 'k'), "written with another key" }),
    case_name<KeyCase>);

TEST_F (Vault, ABadKeyIsNotReplacedEvenWithoutAVault)
{
  Keyring keyring (open ());
  Error error;

  g_mkdir_with_parents (dir_.c_str (), 0700);
  write_file (key (), "too short");
  EXPECT_FALSE (keyring.store ("a", "x", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_EQ (read_file (key ()), "too short");
  EXPECT_FALSE (std::filesystem::exists (file ()));
}

// The agent runs, and somebody takes the vault away: not an empty vault, and not “missing”.
TEST_F (Vault, RefusesWhenItDisappears)
{
  fill ();
  const std::string vault = read_file (file ());
  Keyring keyring (open ());
  Error error;

  ASSERT_EQ (keyring.lookup ("a", error), "alpha");
  std::filesystem::remove (file ());
  EXPECT_EQ (keyring.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_FALSE (keyring.store ("c", "x", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_FALSE (std::filesystem::exists (file ()));

  std::filesystem::rename (dir_, dir_ + ".away");
  EXPECT_FALSE (keyring.remove ("a", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_VAULT_DAMAGED));
  EXPECT_EQ (keyring.check (error), "damaged");

  std::filesystem::rename (dir_ + ".away", dir_);
  write_file (file (), vault);
  EXPECT_EQ (keyring.lookup ("a", error), "alpha") << "put back, it works again";
}

struct DamageCase
{
  const char *name;
  BfyErrorCode code;
  void (*spoil) (std::string &vault);
};

// As a bindify of that format would write it.
template <char version>
static void
set_version (std::string &vault)
{
  vault[9] = version;
  vault.replace (vault.size () - 32, 32,
                 vault_bytes::sha256 (vault.substr (0, vault.size () - 32)));
}

class VaultDamage : public Vault, public testing::WithParamInterface<DamageCase>
{
};

TEST_P (VaultDamage, E01_IsRefusedUntouched)
{
  fill ();
  std::string vault = read_file (file ());
  GetParam ().spoil (vault);
  write_file (file (), vault);
  expect_refusal (GetParam ().code, file ());
}

// Even under the eyes of an agent that has read it before.
TEST_P (VaultDamage, E01_IsNoticedInPlace)
{
  fill ();
  Keyring keyring (open ());
  Error error;

  ASSERT_EQ (keyring.lookup ("a", error), "alpha");
  std::string vault = read_file (file ());
  GetParam ().spoil (vault);
  write_file (file (), vault);
  EXPECT_EQ (keyring.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (GetParam ().code));
}

INSTANTIATE_TEST_SUITE_P (
    Damages,
    VaultDamage,
    testing::Values (
        DamageCase{ "Empty", BFY_ERROR_VAULT_DAMAGED, [] (std::string &v) { v.clear (); } },
        DamageCase{ "CutShort", BFY_ERROR_VAULT_DAMAGED, [] (std::string &v) { v.pop_back (); } },
        DamageCase{ "Longer", BFY_ERROR_VAULT_DAMAGED, [] (std::string &v) { v += '\0'; } },
        DamageCase{ "FlippedInBody", BFY_ERROR_VAULT_DAMAGED, [] (std::string &v) { v[60] ^= 1; } },
        DamageCase{ "FlippedGeneration", BFY_ERROR_VAULT_DAMAGED,
                    [] (std::string &v) { v[23] ^= 1; } },
        DamageCase{ "NotAVault", BFY_ERROR_VAULT_DAMAGED,
                    [] (std::string &v) { v = std::string (500, 'x'); } },
        DamageCase{ "TooLarge", BFY_ERROR_VAULT_DAMAGED,
                    [] (std::string &v) { v.resize (BFY_VAULT_FILE_BYTES_MAX + 1); } },
        DamageCase{ "E07_NewerFormat", BFY_ERROR_UNSUPPORTED, set_version<3> },
        DamageCase{ "E07_OlderFormat", BFY_ERROR_UNSUPPORTED, set_version<0> }),
    case_name<DamageCase>);

struct UnsafeCase
{
  const char *name;
  const char *says;
  void (*spoil) (const std::string &dir);
};

static void
move_and_link (const std::string &path)
{
  std::filesystem::rename (path, path + ".real");
  std::filesystem::create_symlink (path + ".real", path);
}

class VaultUnsafe : public Vault, public testing::WithParamInterface<UnsafeCase>
{
};

TEST_P (VaultUnsafe, E05_IsRefusedUntouched)
{
  fill ();
  GetParam ().spoil (dir_);
  expect_refusal (BFY_ERROR_UNSAFE_PATH, GetParam ().says);
}

INSTANTIATE_TEST_SUITE_P (
    Paths,
    VaultUnsafe,
    testing::Values (
        UnsafeCase{ "DirectoryOpenToGroup", "chmod 700 ",
                    [] (const std::string &dir) { chmod (dir.c_str (), 0750); } },
        UnsafeCase{ "DirectoryOpenToWorld", "chmod 700 ",
                    [] (const std::string &dir) { chmod (dir.c_str (), 0701); } },
        UnsafeCase{ "VaultReadable", "chmod 600 ",
                    [] (const std::string &dir) { chmod ((dir + "/vault.bfy").c_str (), 0640); } },
        UnsafeCase{ "KeyReadable", "chmod 600 ",
                    [] (const std::string &dir) { chmod ((dir + "/vault.key").c_str (), 0604); } },
        UnsafeCase{ "DirectoryIsLink", "symbolic link", move_and_link },
        UnsafeCase{ "VaultIsLink", "symbolic link",
                    [] (const std::string &dir) { move_and_link (dir + "/vault.bfy"); } },
        UnsafeCase{ "KeyIsLink", "symbolic link",
                    [] (const std::string &dir) { move_and_link (dir + "/vault.key"); } },
        UnsafeCase{ "VaultIsDirectory", "not a regular file",
                    [] (const std::string &dir) {
                      std::filesystem::remove (dir + "/vault.bfy");
                      mkdir ((dir + "/vault.bfy").c_str (), 0700);
                    } }),
    case_name<UnsafeCase>);

// Opening a named pipe waits for its writer, unless it is asked not to.
TEST_F (Vault, E05_ANamedPipeDoesNotStopIt)
{
  Keyring keyring (open ());
  Error error;

  fill ();
  std::filesystem::remove (file ());
  ASSERT_EQ (mkfifo (file ().c_str (), 0600), 0);
  EXPECT_EQ (keyring.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
}

TEST_F (Vault, E05_RefusesWhatBelongsToAnother)
{
  if (geteuid () != 0)
    GTEST_SKIP () << "only root can give files away";

  fill ();
  ASSERT_EQ (chown (file ().c_str (), 12345, -1), 0);
  expect_refusal (BFY_ERROR_UNSAFE_PATH, "another user");
  ASSERT_EQ (chown (file ().c_str (), 0, -1), 0);
  ASSERT_EQ (chown (dir_.c_str (), 12345, -1), 0);
  expect_refusal (BFY_ERROR_UNSAFE_PATH, "another user");
}

TEST_F (Vault, E05_ALinkWithASlashIsStillALink)
{
  fill ();
  std::filesystem::create_symlink (dir_, temp_.path ("link"));
  Keyring keyring (bfy_vault_new (temp_.path ("link/").c_str ()));
  Error error;

  EXPECT_EQ (keyring.lookup ("a", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSAFE_PATH));
}

// Somebody who plants a link where the new file will be written must not choose where it goes.
TEST_F (Vault, E05_DoesNotWriteThroughAPlantedLink)
{
  Keyring keyring (open ());
  Error error;

  fill ();
  write_file (temp_.path ("victim"), "untouched");
  std::filesystem::create_symlink (temp_.path ("victim"), file () + ".new");
  EXPECT_TRUE (keyring.store ("c", "x", error)) << error;
  EXPECT_EQ (read_file (temp_.path ("victim")), "untouched");
  EXPECT_EQ (keyring.lookup ("c", error), "x");
  EXPECT_EQ (names (), (std::set<std::string>{ "vault.bfy", "vault.key", "vault.lock" }));
}

// A writer that does not know the lock: what it wrote is not replaced by what we had read before.
TEST_F (Vault, E06_AWriterWithoutTheLockIsNoticed)
{
  fill ();
  const std::string older = read_file (file ());
  Keyring keyring (open ());
  Error error;

  ASSERT_TRUE (keyring.store ("c", "gamma", error)) << error;
  const std::string newer = read_file (file ());
  write_file (file (), older);
  EXPECT_EQ (keyring.lookup ("c", error), "");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_MISSING));
  EXPECT_EQ (keyring.lookup ("a", error), "alpha");
  write_file (file (), newer);
  ASSERT_TRUE (keyring.store ("d", "delta", error)) << error;
  EXPECT_EQ (keyring.lookup ("c", error), "gamma");
}

// The lock as another process would hold it.
class HeldLock
{
public:
  explicit HeldLock (const std::string &dir)
      : fd_ (open ((dir + "/vault.lock").c_str (), O_RDWR | O_CLOEXEC))
  {
    EXPECT_EQ (flock (fd_, LOCK_EX | LOCK_NB), 0);
  }
  void release ()
  {
    close (fd_);
    fd_ = -1;
  }
  ~HeldLock ()
  {
    if (fd_ >= 0)
      close (fd_);
  }

private:
  int fd_;
};

// Starts a store and does not wait for it.
static void
begin_store (
    Keyring &keyring, const char *id, const char *text, GCancellable *cancellable, Await &done)
{
  g_autoptr (BfySecret) secret = bfy_secret_new (text, strlen (text));

  bfy_keyring_store_async (keyring.get (), id, secret, cancellable, Await::on_ready, done.data ());
}

TEST_F (Vault, E06_WaitsForTheLockInOrder)
{
  fill ();
  Keyring keyring (open ());
  HeldLock lock (dir_);
  Await first, second, removed;
  Error error;

  begin_store (keyring, "a", "first", nullptr, first);
  begin_store (keyring, "a", "second", nullptr, second);
  bfy_keyring_remove_async (keyring.get (), "b", nullptr, Await::on_ready, removed.data ());
  EXPECT_EQ (keyring.lookup ("a", error), "alpha") << "reading does not wait";
  EXPECT_FALSE (wait_until ([&] { return first.is_ready (); }, 50));

  lock.release ();
  EXPECT_TRUE (bfy_keyring_store_finish (keyring.get (), first.result (), error.out ())) << error;
  EXPECT_TRUE (bfy_keyring_store_finish (keyring.get (), second.result (), error.out ())) << error;
  EXPECT_TRUE (bfy_keyring_remove_finish (keyring.get (), removed.result (), error.out ()))
      << error;
  EXPECT_EQ (keyring.lookup ("a", error), "second");
  EXPECT_EQ (keyring.list (error), std::vector<std::string>{ "a" });
}

TEST_F (Vault, E06_DoesNotWaitForTheLockForEver)
{
  fill ();
  Keyring keyring (open ());
  HeldLock lock (dir_);
  Error error;

  EXPECT_FALSE (keyring.store ("a", "x", error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_IN_USE));
  EXPECT_EQ (keyring.lookup ("a", error), "alpha");
  lock.release ();
  EXPECT_TRUE (keyring.store ("a", "x", error)) << error;
}

TEST_F (Vault, AWaitingWriteCanBeCancelled)
{
  fill ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Keyring keyring (open ());
  HeldLock lock (dir_);
  Await cancelled, other;
  Error error;

  begin_store (keyring, "a", "cancelled", cancellable, cancelled);
  begin_store (keyring, "b", "other", nullptr, other);
  g_cancellable_cancel (cancellable);
  EXPECT_TRUE (wait_until ([&] { return cancelled.is_ready (); }, 1900));
  EXPECT_FALSE (bfy_keyring_store_finish (keyring.get (), cancelled.result (), error.out ()));
  EXPECT_EQ (bfy_error_code (error.get ()), BFY_ERROR_CANCELLED) << error;

  lock.release ();
  EXPECT_TRUE (bfy_keyring_store_finish (keyring.get (), other.result (), error.out ())) << error;
  EXPECT_EQ (keyring.lookup ("a", error), "alpha");
}

// The owner may let go of the keyring while writes wait: they are still carried out.
TEST_F (Vault, OutlivesItsOwnerWhileWritesWait)
{
  fill ();
  HeldLock lock (dir_);
  Await done;
  Error error;
  BfyKeyring *kept;

  {
    Keyring keyring (open ());

    kept = keyring.get ();
    begin_store (keyring, "c", "x", nullptr, done);
  }
  lock.release ();
  EXPECT_TRUE (bfy_keyring_store_finish (kept, done.result (), error.out ())) << error;
  Keyring again (open ());
  EXPECT_EQ (again.lookup ("c", error), "x");
}

// A disk that is full: writes beyond the limit fail with EFBIG, as they would with ENOSPC.
class FullDisk
{
public:
  explicit FullDisk (rlim_t n_bytes)
  {
    getrlimit (RLIMIT_FSIZE, &before_);
    handler_ = signal (SIGXFSZ, SIG_IGN);
    rlimit limit = { n_bytes, before_.rlim_max };
    EXPECT_EQ (setrlimit (RLIMIT_FSIZE, &limit), 0);
  }
  ~FullDisk ()
  {
    setrlimit (RLIMIT_FSIZE, &before_);
    signal (SIGXFSZ, handler_);
  }

private:
  rlimit before_;
  void (*handler_) (int);
};

TEST_F (Vault, E04_SurvivesAFullDisk)
{
  fill ();
  const std::string vault = read_file (file ());
  Keyring keyring (open ());
  Error error, when_full;
  std::string found;

  {
    FullDisk full (300);

    EXPECT_FALSE (keyring.store ("c", std::string (1000, 'x'), when_full));
    found = keyring.lookup ("a", error);
  }
  EXPECT_THAT (when_full, FailsWith (BFY_ERROR_STORAGE));
  EXPECT_THAT (when_full.message (), testing::HasSubstr (dir_));
  EXPECT_EQ (found, "alpha") << error;
  EXPECT_EQ (read_file (file ()), vault);
  EXPECT_EQ (names (), (std::set<std::string>{ "vault.bfy", "vault.key", "vault.lock" }));
  EXPECT_TRUE (keyring.store ("c", "x", error)) << error;
}

TEST_F (Vault, E04_ADiskThatIsFullAtTheFirstStoreLeavesNoHalfAKey)
{
  Keyring keyring (open ());
  Error error, when_full;

  {
    FullDisk full (10);
    EXPECT_FALSE (keyring.store ("a", "x", when_full));
  }
  EXPECT_THAT (when_full, FailsWith (BFY_ERROR_STORAGE));
  EXPECT_EQ (names (), std::set<std::string>{ "vault.lock" });
  {
    FullDisk full (40); // room for the key, not for the vault
    EXPECT_FALSE (keyring.store ("a", "x", when_full));
  }
  EXPECT_THAT (when_full, FailsWith (BFY_ERROR_STORAGE));
  EXPECT_EQ (names (), (std::set<std::string>{ "vault.key", "vault.lock" }));
  EXPECT_EQ (keyring.check (error), "absent");
  EXPECT_TRUE (keyring.store ("a", "x", error)) << error;
}

// Nothing of a change is there, and all of what was there before.
TEST_F (Vault, E04_AFullDiskStopsEveryChange)
{
  using Change = std::function<bool (VaultKeyring & vault, Error & error)>;
  const std::vector<std::pair<std::string, Change>> changes = {
    { "remove", [] (VaultKeyring &vault, Error &error) { return vault.remove ("a", error); } },
    { "add", [] (VaultKeyring &vault,
                 Error &error) { return vault.add (BFY_VAULT_SLOT_PASSPHRASE, "more", error); } },
    { "replace",
      [] (VaultKeyring &vault, Error &error) {
        return vault.slot (BFY_VAULT_REPLACE_SLOT, BFY_VAULT_SLOT_PASSPHRASE, "new", error, 2);
      } },
    { "remove slot",
      [] (VaultKeyring &vault, Error &error) { return vault.remove_slot (1, error); } },
    { "rotate", [] (VaultKeyring &vault, Error &error) { return vault.rotate (error); } },
    { "restore", [this] (VaultKeyring &vault,
                         Error &error) { return vault.restore (read_file (file ()), "", error); } },
  };
  Error error;

  fill ();
  {
    VaultKeyring vault (dir_);
    ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
  }
  const std::string before = read_file (file ());
  for (const auto &[name, change] : changes)
    {
      VaultKeyring vault (dir_);
      Error when_full;
      bool is_done;

      {
        FullDisk full (300);
        is_done = change (vault, when_full);
      }
      EXPECT_FALSE (is_done) << name;
      EXPECT_THAT (when_full, FailsWith (BFY_ERROR_STORAGE)) << name;
      EXPECT_EQ (read_file (file ()), before) << name;
      EXPECT_EQ (names (), (std::set<std::string>{ "vault.bfy", "vault.key", "vault.lock" }))
          << name;
      EXPECT_EQ (vault.lookup ("a", error), "alpha") << name << ": " << error;
      EXPECT_EQ (vault.slots (), "key_file:1 passphrase:2") << name;
      EXPECT_EQ (vault.rotation (), "none") << name;
      EXPECT_EQ (vault.fingerprints ().size (), 1u) << name;
    }
}

TEST_F (Vault, FullOfCredentialsSaysSo)
{
  if (is_under_valgrind ())
    GTEST_SKIP () << "the point is the size";
  fill ();
  const std::string large (BFY_KEYRING_SECRET_BYTES_MAX, 'x');
  g_autoptr (BfySecret) secret = bfy_secret_new (large.data (), large.size ());
  g_autoptr (BfyVaultFile) almost_full =
      open_with_key_file (read_file (file ()), read_file (key ()));
  Error error;

  ASSERT_NE (almost_full, nullptr);
  for (int i = 0; i < 62; i++)
    ASSERT_TRUE (
        bfy_vault_file_set (almost_full, std::to_string (i).c_str (), secret, error.out ()))
        << error;
  g_autoptr (GBytes) bytes = bfy_vault_file_seal (almost_full, 10, error.out ());
  ASSERT_NE (bytes, nullptr) << error;
  write_file (file (), std::string (static_cast<const char *> (g_bytes_get_data (bytes, nullptr)),
                                    g_bytes_get_size (bytes)));

  Keyring keyring (open ());
  EXPECT_TRUE (keyring.store ("last", large, error)) << error;
  EXPECT_FALSE (keyring.store ("more", large, error));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_STORAGE));
  EXPECT_EQ (keyring.lookup ("0", error), large);
  EXPECT_EQ (keyring.list (error).size (), 65u);
}

// No file of the directory, opened with the key, gives a removed secret back, and no piece of the
// file that held it is left (libsecret's own file keeps a copy with a tilde, craft 1.1).
TEST_F (Vault, E03_ForgetsWhatIsRemoved)
{
  fill ();
  const std::string vault = read_file (file ()), key_text = read_file (key ());
  Keyring keyring (open ());
  Error error;

  g_autoptr (BfyVaultFile) before = open_with_key_file (vault, key_text);
  ASSERT_NE (before, nullptr);
  ASSERT_TRUE (bfy_vault_file_has (before, "a"));
  write_file (file () + ".new", vault); // as a writer that was killed would leave it
  ASSERT_TRUE (keyring.remove ("a", error)) << error;
  EXPECT_EQ (names (), (std::set<std::string>{ "vault.bfy", "vault.key", "vault.lock" }));
  for (const std::string &name : names ())
    {
      const std::string bytes = read_file (dir_ + "/" + name);
      g_autoptr (BfyVaultFile) opened = open_with_key_file (bytes, key_text);

      EXPECT_EQ (bytes.find (vault.substr (vault.size () - 64, 16)), std::string::npos) << name;
      EXPECT_TRUE (opened == nullptr || !bfy_vault_file_has (opened, "a")) << name;
    }
  EXPECT_EQ (keyring.lookup ("b", error), "beta");
}
