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
TEST_F (VaultCrash, KeepsWhatItAcknowledged)
{
  std::map<std::string, std::string> state, next;
  std::mt19937 random (20240607);
  int n_done = 0;

  for (int round = 0; round < 50; round++)
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
  EXPECT_GT (n_done, 20) << "the writer hardly got to write";
  EXPECT_TRUE (store ("last", "x"));
  expect_no_leftovers ();
}

// The same in front of every single system call of a write.
TEST_F (VaultCrash, KilledAnywhereInAWriteLeavesTheOldOrTheNew)
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

TEST_F (VaultCrash, KilledAnywhereInTheFirstWriteLeavesAVaultThatCanBeUsed)
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

static std::string
names_of (const std::vector<long> &calls)
{
  static const std::map<long, std::string> names = {
    { SYS_fsync, "sync " },
    { SYS_linkat, "link " },
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
TEST_F (VaultCrash, SyncsFileThenDirectory)
{
  std::vector<long> first, second;

  if (kill_before_call (
          UINT_MAX, [this] { return store ("a", "x"); }, &first) == Outcome::unable)
    GTEST_SKIP () << "tracing is not permitted here";
  kill_before_call (
      UINT_MAX, [this] { return store ("a", "y"); }, &second);

  EXPECT_EQ (names_of (first),
             "sync "           // the directory above, for the new one
             "sync link sync " // vault.key
             "sync rename sync ");
  EXPECT_EQ (names_of (second), "sync rename sync ");
}
