// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <climits>
#include <filesystem>
#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

#include "tests/fixture/keyring-calls.h"
#include "tests/fixture/killed-child.h"
#include "tests/fixture/private-dirs.h"
#include "tests/fixture/valgrind.h"
#include "tests/fixture/vault-bytes.h"
#include "tests/fixture/vault-calls.h"

extern "C"
{
#include "keyring/vault.h"
}

class VaultCrash : public testing::Test
{
protected:
  BfyKeyring *open ()
  {
    return bfy_vault_new (dir_.c_str ());
  }
  bool store (const std::string &id, const std::string &text)
  {
    Keyring keyring (open ());
    Error error;

    return keyring.store (id, text, error);
  }
  void expect_no_leftovers ()
  {
    std::set<std::string> names;

    for (const auto &entry : std::filesystem::directory_iterator (dir_))
      names.insert (entry.path ().filename ());
    EXPECT_EQ (names, (std::set<std::string>{ "vault.bfy", "vault.key", "vault.lock" }));
  }

  TempDir temp_{ quick_place () };
  std::string dir_ = temp_.path ("bindify");
};

// The writer of the random kills: what it does in step @n, the same in every run.
static bool
step (Keyring &keyring, int n, std::map<std::string, std::string> &state)
{
  const std::string id = "id-" + std::to_string (n % 3), text = "text " + std::to_string (n);
  Error error;

  if (n % 4 == 3 && state.erase (id) > 0)
    return keyring.remove (id, error);
  state[id] = text;
  return keyring.store (id, text, error);
}

static void
model_step (int n, std::map<std::string, std::string> &state)
{
  const std::string id = "id-" + std::to_string (n % 3);

  if (n % 4 != 3 || state.erase (id) == 0)
    state[id] = "text " + std::to_string (n);
}

// Writes and says so, one byte for every write that is done, until it is killed.
[[noreturn]] static void
write_until_killed (BfyKeyring *vault,
                    int fd,
                    int n_first,
                    std::map<std::string, std::string> state)
{
  Keyring keyring (vault);

  for (int n = n_first;; n++)
    {
      if (!step (keyring, n, state) || write (fd, "+", 1) != 1)
        _exit (1);
    }
}

static std::map<std::string, std::string>
contents (BfyKeyring *vault)
{
  std::map<std::string, std::string> contents;
  Keyring keyring (vault);
  Error error;

  for (const std::string &id : keyring.list (error))
    contents[id] = keyring.lookup (id, error);
  EXPECT_THAT (error, Succeeds ());
  return contents;
}

// Whatever was acknowledged is there; the write that was under way is there or not, nothing else.
TEST_F (VaultCrash, E04_KeepsWhatItAcknowledged)
{
  std::map<std::string, std::string> state, next;
  std::mt19937 random (20240607);
  const int n_rounds = is_under_valgrind () ? 10 : 50;
  int n_done = 0;

  for (int round = 0; round < n_rounds; round++)
    {
      int fds[2], status, n_to_wait_for = static_cast<int> (random () % 3);
      char byte;

      ASSERT_EQ (pipe (fds), 0);
      pid_t child = fork ();
      if (child == 0)
        write_until_killed (open (), fds[1], n_done, state);
      close (fds[1]);

      int n_acknowledged = 0;
      while (n_acknowledged < n_to_wait_for && read (fds[0], &byte, 1) == 1)
        n_acknowledged++;
      // Not to wait for anything, but to hit another moment of the next write every time.
      usleep (random () % 12000);
      kill (child, SIGKILL);
      waitpid (child, &status, 0);
      ASSERT_TRUE (WIFSIGNALED (status)) << "the writer failed by itself";
      while (read (fds[0], &byte, 1) == 1)
        n_acknowledged++;
      close (fds[0]);

      for (int i = 0; i < n_acknowledged; i++)
        model_step (n_done++, state);
      next = state;
      model_step (n_done, next);
      const auto found = contents (open ());
      ASSERT_TRUE (found == state || found == next)
          << "round " << round << ", " << n_done
          << " writes acknowledged: " << testing::PrintToString (found);
      if (found != state)
        {
          state = next;
          n_done++;
        }
    }
  EXPECT_GT (n_done, n_rounds * 2 / 5) << "the writer hardly got to write";
  EXPECT_TRUE (store ("last", "x"));
  expect_no_leftovers ();
}

// The same in front of every single system call of a write.
TEST_F (VaultCrash, E04_KilledAnywhereInAWriteLeavesTheOldOrTheNew)
{
  std::set<std::string> seen;
  Outcome outcome = Outcome::killed;
  unsigned n_calls = 0;
  Error error;

  if (is_under_valgrind ())
    GTEST_SKIP () << "most of the system calls would be valgrind's own";
  ASSERT_TRUE (store ("other", "stays"));
  while (outcome == Outcome::killed)
    {
      ASSERT_TRUE (store ("a", "old"));
      outcome = kill_before_call (++n_calls, [this] { return store ("a", "new"); });
      if (outcome == Outcome::unable)
        GTEST_SKIP () << "tracing is not permitted here";
      ASSERT_NE (outcome, Outcome::failed);

      Keyring keyring (open ());
      const std::string found = keyring.lookup ("a", error);
      EXPECT_THAT (error, Succeeds ()) << "killed in front of system call " << n_calls;
      EXPECT_TRUE (found == "old" || found == "new") << found;
      EXPECT_EQ (keyring.lookup ("other", error), "stays");
      seen.insert (found);
    }
  EXPECT_EQ (seen, (std::set<std::string>{ "old", "new" }));
  EXPECT_GT (n_calls, 15u);
  expect_no_leftovers ();
}

TEST_F (VaultCrash, E04_KilledAnywhereInTheFirstWriteLeavesAVaultThatCanBeUsed)
{
  Outcome outcome = Outcome::killed;
  Error error;

  if (is_under_valgrind ())
    GTEST_SKIP () << "most of the system calls would be valgrind's own";
  for (unsigned n_calls = 1; outcome == Outcome::killed; n_calls++)
    {
      std::filesystem::remove_all (dir_);
      outcome = kill_before_call (n_calls, [this] { return store ("a", "first"); });
      if (outcome == Outcome::unable)
        GTEST_SKIP () << "tracing is not permitted here";
      ASSERT_NE (outcome, Outcome::failed);

      Keyring keyring (open ());
      EXPECT_NE (keyring.check (error), "damaged")
          << "killed in front of system call " << n_calls << ": " << error;
      EXPECT_TRUE (keyring.store ("b", "second", error)) << error;
      EXPECT_EQ (keyring.lookup ("b", error), "second");
      expect_no_leftovers ();
    }
}

// One change of a vault that is killed in front of each of its system calls in turn. @prepare makes
// the vault that the change begins with; @expect is asked of what is left and says whether the
// change is there.
class VaultCrashChange : public VaultCrash
{
protected:
  void SetUp () override
  {
    if (is_under_valgrind ())
      GTEST_SKIP () << "hundreds of processes that valgrind would have to begin again in";
  }
  void kill_everywhere (const std::function<void ()> &prepare,
                        const std::function<bool (VaultKeyring &vault, Error &error)> &change,
                        const std::function<bool (VaultKeyring &vault)> &expect)
  {
    Outcome outcome = Outcome::killed;
    std::set<bool> seen;
    unsigned n_calls = 0;

    while (outcome == Outcome::killed)
      {
        std::filesystem::remove_all (dir_);
        prepare ();
        outcome = kill_before_call (++n_calls, [&] {
          VaultKeyring vault (dir_);
          Error error;

          return change (vault, error);
        });
        if (outcome == Outcome::unable)
          GTEST_SKIP () << "tracing is not permitted here";
        ASSERT_NE (outcome, Outcome::failed);
        SCOPED_TRACE ("killed in front of system call " + std::to_string (n_calls));
        VaultKeyring vault (dir_);
        seen.insert (expect (vault));
        if (HasFailure ())
          return;
      }
    EXPECT_EQ (seen, (std::set<bool>{ false, true }));
    EXPECT_GT (n_calls, 15u);
  }
  // With “id-0” to “id-(n - 1)”.
  void fill (int n_items)
  {
    for (int i = 0; i < n_items; i++)
      ASSERT_TRUE (store ("id-" + std::to_string (i), "text " + std::to_string (i)));
  }
  static void expect_items (VaultKeyring &vault, int n_items)
  {
    Error error;

    EXPECT_EQ (vault.list (error).size (), static_cast<size_t> (n_items)) << error;
    for (int i = 0; i < n_items; i++)
      EXPECT_EQ (vault.lookup ("id-" + std::to_string (i), error), "text " + std::to_string (i))
          << error;
  }
};

TEST_F (VaultCrashChange, E04_Remove)
{
  kill_everywhere (
      [this] {
        fill (2);
        store ("gone", "x");
      },
      [] (VaultKeyring &vault, Error &error) { return vault.remove ("gone", error); },
      [] (VaultKeyring &vault) {
        Error error;
        const std::string found = vault.lookup ("gone", error);

        EXPECT_TRUE (found == "x" || error.get ()->code == BFY_ERROR_CREDENTIAL_MISSING) << error;
        EXPECT_TRUE (vault.store ("next", "y", error)) << error;
        EXPECT_TRUE (vault.remove ("next", error)) << error;
        EXPECT_EQ (vault.remove ("gone", error), found == "x") << error;
        expect_items (vault, 2);
        return found != "x";
      });
}

TEST_F (VaultCrashChange, E04_AddingASlot)
{
  kill_everywhere ([this] { fill (2); },
                   [] (VaultKeyring &vault, Error &error) {
                     return vault.add (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error);
                   },
                   [] (VaultKeyring &vault) {
                     const bool is_there = vault.slots () == "key_file:1 passphrase:2";
                     Error error;

                     EXPECT_TRUE (is_there || vault.slots () == "key_file:1") << vault.slots ();
                     EXPECT_EQ (vault.unlock (2, "open sesame", error), is_there) << error;
                     expect_items (vault, 2);
                     return is_there;
                   });
}

// The key file goes last: whatever is left can be opened with what is left.
TEST_F (VaultCrashChange, E04_RemovingTheKeyFilesSlot)
{
  kill_everywhere (
      [this] {
        VaultKeyring vault (dir_);
        Error error;

        fill (2);
        ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
      },
      [] (VaultKeyring &vault, Error &error) { return vault.remove_slot (1, error); },
      [this] (VaultKeyring &vault) {
        const bool is_gone = vault.slots () == "passphrase:2";
        Error error;

        EXPECT_TRUE (is_gone || vault.slots () == "key_file:1 passphrase:2") << vault.slots ();
        EXPECT_TRUE (is_gone || std::filesystem::exists (dir_ + "/vault.key"));
        EXPECT_EQ (vault.check (error), is_gone ? "locked" : "ready") << error;
        EXPECT_TRUE (vault.unlock (2, "open sesame", error)) << error;
        expect_items (vault, 2);
        return is_gone;
      });
}

TEST_F (VaultCrashChange, E04_ReplacingAPassphrase)
{
  kill_everywhere (
      [this] {
        VaultKeyring vault (dir_);
        Error error;

        ASSERT_TRUE (vault.init (BFY_VAULT_SLOT_PASSPHRASE, "old", error)) << error;
        ASSERT_TRUE (vault.store ("id-0", "text 0", error)) << error;
      },
      [] (VaultKeyring &vault, Error &error) {
        return vault.unlock (1, "old", error) &&
               vault.slot (BFY_VAULT_REPLACE_SLOT, BFY_VAULT_SLOT_PASSPHRASE, "new", error, 1);
      },
      [] (VaultKeyring &vault) {
        Error error;
        const bool is_new = vault.unlock (1, "new", error);

        EXPECT_NE (vault.unlock (1, "old", error), is_new) << error;
        EXPECT_TRUE (vault.unlock (1, is_new ? "new" : "old", error)) << error;
        expect_items (vault, 1);
        return is_new;
      });
}

TEST_F (VaultCrashChange, E04_Init)
{
  kill_everywhere ([] {},
                   [] (VaultKeyring &vault, Error &error) {
                     return vault.init (BFY_VAULT_SLOT_KEY_FILE, "", error);
                   },
                   [] (VaultKeyring &vault) {
                     Error error;
                     const bool is_there = vault.check (error) == "ready";

                     EXPECT_TRUE (is_there || vault.check (error) == "absent") << error;
                     EXPECT_TRUE (vault.store ("id-0", "text 0", error)) << error;
                     expect_items (vault, 1);
                     return is_there;
                   });
}

// Every state of a rotation, every step of it: the next one goes on, and one new key is all there
// is.
TEST_F (VaultCrashChange, E04_Rotation)
{
  const int n_items = 70; // two steps

  std::filesystem::remove_all (dir_);
  fill (n_items);
  std::filesystem::rename (dir_, temp_.path ("model"));
  std::set<std::string> states;
  kill_everywhere ([this] { std::filesystem::copy (temp_.path ("model"), dir_); },
                   [] (VaultKeyring &vault, Error &error) { return vault.rotate (error); },
                   [&] (VaultKeyring &vault) {
                     const std::string state = vault.rotation ();
                     Error error;

                     states.insert (state);
                     EXPECT_TRUE (state == "completed" || vault.rotate (error)) << error;
                     EXPECT_EQ (vault.rotation (), "completed");
                     EXPECT_EQ (vault.fingerprints ().size (), 2u);
                     EXPECT_EQ (vault.uses (), (std::vector<guint>{ 0, n_items }));
                     EXPECT_TRUE (bfy_vault_verify (vault.vault (), error.out ())) << error;
                     EXPECT_EQ (vault.lookup ("id-0", error), "text 0");
                     EXPECT_EQ (vault.lookup ("id-69", error), "text 69");
                     return state == "completed";
                   });
  EXPECT_TRUE (IsSkipped () || states == (std::set<std::string>{ "none", "pending", "validated",
                                                                 "migrating", "completed" }))
      << testing::PrintToString (states);
}

TEST_F (VaultCrashChange, E04_Restore)
{
  std::string backup;

  kill_everywhere (
      [&] {
        VaultKeyring vault (dir_);
        Error error;

        fill (1);
        ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
        g_autoptr (GBytes) bytes = bfy_vault_backup (vault.vault (), error.out ());
        backup = text_of_bytes (bytes);
        std::filesystem::remove_all (dir_);
        fill (1);
      },
      [&] (VaultKeyring &vault, Error &error) {
        return vault.restore (backup, "open sesame", error, 2);
      },
      [&] (VaultKeyring &vault) {
        const bool is_restored = vault.slots () == "key_file:1 passphrase:2";

        EXPECT_TRUE (is_restored || vault.slots () == "key_file:1") << vault.slots ();
        expect_items (vault, 1);
        return is_restored;
      });
}

// Over a vault that is damaged: one copy of it is there all the time.
TEST_F (VaultCrashChange, E04_RestoreOverDamage)
{
  std::string backup;

  kill_everywhere (
      [&] {
        VaultKeyring vault (dir_);
        Error error;

        ASSERT_TRUE (vault.init (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
        ASSERT_TRUE (vault.store ("id-0", "text 0", error)) << error;
        backup = read_file (dir_ + "/vault.bfy");
        write_file (dir_ + "/vault.bfy", "damaged");
      },
      [&] (VaultKeyring &vault, Error &error) {
        return vault.restore (backup, "open sesame", error);
      },
      [&] (VaultKeyring &vault) {
        const bool is_restored = read_file (dir_ + "/vault.bfy") != "damaged";
        Error error;

        EXPECT_TRUE (is_restored || vault.restore (backup, "open sesame", error)) << error;
        EXPECT_EQ (read_file (dir_ + "/vault.bfy.damaged"), "damaged");
        EXPECT_TRUE (vault.unlock (1, "open sesame", error)) << error;
        expect_items (vault, 1);
        return is_restored;
      });
}

// A format 1 vault becomes format 2 whole or not at all.
TEST_F (VaultCrashChange, E07_TheFirstWriteToFormat1)
{
  Format1Bytes bytes;

  bytes.body = Format1Bytes::number (1, 4) + Format1Bytes::item ("id-0", "text 0");
  kill_everywhere (
      [&] {
        g_mkdir_with_parents (dir_.c_str (), 0700);
        write_file (dir_ + "/vault.bfy", bytes.sealed ());
        write_file (dir_ + "/vault.key", bytes.key);
      },
      [] (VaultKeyring &vault, Error &error) { return vault.store ("id-1", "text 1", error); },
      [] (VaultKeyring &vault) {
        const bool is_new = vault.info ()->format == 2;

        expect_items (vault, is_new ? 2 : 1);
        return is_new;
      });
}

static std::string
names_of (const std::vector<long> &calls)
{
  static const std::map<long, std::string> names = {
    { SYS_fsync, "sync " },       { SYS_linkat, "link " }, { SYS_unlinkat, "unlink " },
#ifdef SYS_renameat
    { SYS_renameat, "rename " },
#endif
    { SYS_renameat2, "rename " },
  };
  std::string text;

  for (long call : calls)
    {
      auto name = names.find (call);

      if (name != names.end ())
        text += name->second;
    }
  return text;
}

// What makes it outlive a power failure: a file is on the disk before it gets its name, the name is
// before anybody is told; and the key is before a vault is written with it.
TEST_F (VaultCrash, E08_SyncsFileThenDirectory)
{
  std::vector<long> first, second;

  if (kill_before_call (
          UINT_MAX, [this] { return store ("a", "x"); }, &first) == Outcome::unable)
    GTEST_SKIP () << "tracing is not permitted here";
  kill_before_call (
      UINT_MAX, [this] { return store ("a", "y"); }, &second);

  EXPECT_EQ (names_of (first),
             "sync "                                // the directory above, for the new one
             "unlink unlink sync link unlink sync " // vault.key
             "unlink sync rename sync ");
  EXPECT_EQ (names_of (second), "unlink sync rename sync ");
}

// A key file goes when the vault that does without it is on the disk, and not before.
TEST_F (VaultCrash, E08_SyncsTheVaultBeforeItsKeyFileGoes)
{
  std::vector<long> calls;
  Error error;

  {
    VaultKeyring vault (dir_);

    ASSERT_TRUE (vault.store ("a", "x", error)) << error;
    ASSERT_TRUE (vault.add (BFY_VAULT_SLOT_PASSPHRASE, "open sesame", error)) << error;
  }
  if (kill_before_call (
          UINT_MAX,
          [&] {
            VaultKeyring vault (dir_);

            return vault.remove_slot (1, error);
          },
          &calls) == Outcome::unable)
    GTEST_SKIP () << "tracing is not permitted here";
  EXPECT_EQ (names_of (calls), "unlink sync rename sync unlink sync ");
}

// A program that writes without the lock, in front of every system call of a write of ours. What it
// wrote is lost only when it comes between our last look and our rename: the look itself and the
// rename, five calls.
TEST_F (VaultCrash, E06_AWriterWithoutTheLockIsNoticedInTheLastMoment)
{
  const std::string file = dir_ + "/vault.bfy", theirs = dir_ + "/theirs";
  std::string before, with_theirs;
  unsigned n_calls = 0, n_lost = 0;
  bool is_done = true;

  if (is_under_valgrind ())
    GTEST_SKIP () << "valgrind makes system calls of its own";

  ASSERT_TRUE (store ("a", "old"));
  before = read_file (file);
  ASSERT_TRUE (store ("theirs", "x"));
  with_theirs = read_file (file);
  while (is_done)
    {
      write_file (file, before);
      is_done = false;
      const Outcome outcome = watch_child (
          ++n_calls, [this] { return store ("mine", "y"); },
          [&] (pid_t) {
            write_file (theirs, with_theirs);
            std::filesystem::rename (theirs, file);
            is_done = true;
            return true;
          });
      if (outcome == Outcome::unable)
        GTEST_SKIP () << "tracing is not permitted here";
      ASSERT_EQ (outcome, Outcome::finished);
      n_lost += is_done && contents (open ()).count ("theirs") == 0 ? 1 : 0;
    }
  EXPECT_GT (n_calls, 20u);
  EXPECT_LE (n_lost, 5u);
}
