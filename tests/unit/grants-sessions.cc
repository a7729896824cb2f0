// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Grants that last as long as a program: real processes (behaviour 15.2, 15.3).

#include <csignal>
#include <sstream>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/grants-fixture.h"

namespace
{

class Process
{
public:
  Process ()
  {
    pid_ = fork ();
    if (pid_ == 0)
      {
        pause ();
        _exit (0);
      }
  }
  Process (const Process &) = delete;
  Process &operator= (const Process &) = delete;
  ~Process ()
  {
    end ();
  }

  int pid () const
  {
    return pid_;
  }
  // As proc(5) has it, in field 22.
  guint64 started_at () const
  {
    std::string text = read_file ("/proc/" + std::to_string (pid_) + "/stat");
    std::istringstream rest (text.substr (text.rfind (')') + 2));
    std::string word;

    for (int field = 3; field <= 22; field++)
      rest >> word;
    return std::stoull (word);
  }
  void end ()
  {
    if (pid_ <= 0)
      return;
    kill (pid_, SIGKILL);
    waitpid (pid_, nullptr, 0);
    pid_ = 0;
  }

private:
  pid_t pid_;
};

TEST_F (Grants, TheSessionOfAProgramIsForThatProcess)
{
  Process process;

  allow (program ("/usr/bin/claude", process.pid (), process.started_at ()), Wish (),
         BFY_GRANT_SESSION);
  EXPECT_TRUE (may (program ("/usr/bin/claude", process.pid (), process.started_at ()), Wish ()));
  EXPECT_FALSE (may (program ("/usr/bin/claude", getpid (), 1), Wish ()));
  EXPECT_FALSE (
      may (program ("/usr/bin/claude", process.pid (), process.started_at () + 1), Wish ()))
      << "another process of that number";
}

// valgrind knows no pidfd_open(2); without it nothing is told of the end, and the caller itself,
// which is looked at for each request, is the one that is gone.
bool
ends_are_told ()
{
  int fd = static_cast<int> (syscall (SYS_pidfd_open, getpid (), 0));

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

TEST_F (Grants, TheSessionEndsWithTheProgram)
{
  if (!ends_are_told ())
    GTEST_SKIP () << "pidfd_open(2) is not there";
  Process process, other;
  Caller caller = program ("/usr/bin/claude", process.pid (), process.started_at ());

  allow (caller, Wish ("a"), BFY_GRANT_SESSION);
  allow (caller, Wish ("b"), BFY_GRANT_SESSION);
  allow (program ("/usr/bin/claude", other.pid (), other.started_at ()), Wish (),
         BFY_GRANT_SESSION);
  process.end ();
  while (bfy_grants_get_n (grants) > 1)
    g_main_context_iteration (nullptr, TRUE);
  EXPECT_FALSE (may (caller, Wish ("a")));
  EXPECT_TRUE (may (program ("/usr/bin/claude", other.pid (), other.started_at ()), Wish ()));
  EXPECT_EQ (n_ended, 2);
}

// A17: two scripts of one interpreter are two clients.
TEST_F (Grants, A17WhatAnInterpreterMayDoIsForThatProcess)
{
  Process process, other;
  Caller one = program ("/usr/bin/python3.11", process.pid (), process.started_at ());
  Caller next = program ("/usr/bin/python3.11", other.pid (), other.started_at ());

  for (BfyGrantScope scope : { BFY_GRANT_ONCE, BFY_GRANT_TEN_MINUTES, BFY_GRANT_UNTIL_LOCK })
    {
      allow (one, Wish (), scope);
      EXPECT_FALSE (may (next, Wish ())) << bfy_grant_scope_to_wire (scope);
      deny (next, Wish ());
      EXPECT_TRUE (may (one, Wish ())) << bfy_grant_scope_to_wire (scope);
      bfy_grants_revoke_all (grants, nullptr);
    }
  allow (one, Wish (), BFY_GRANT_TEN_MINUTES);
  EXPECT_EQ (n_kept (), "0");
  process.end ();
  while (ends_are_told () && bfy_grants_get_n (grants) > 0)
    g_main_context_iteration (nullptr, TRUE);
}

TEST_F (Grants, ASessionOfAProgramThatHasEndedDoesNotBegin)
{
  Process process;
  Caller caller = program ("/usr/bin/claude", process.pid (), process.started_at ());
  Caller namesake = program ("/usr/bin/claude", getpid (), 1);
  Wish wish;
  Error error;

  process.end ();
  for (const Caller &gone : { std::ref (caller), std::ref (namesake) })
    {
      EXPECT_EQ (
          bfy_grants_add (grants, gone.get (), &wish.wish, BFY_GRANT_SESSION, FALSE, error.out ()),
          nullptr);
      EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
    }
  EXPECT_EQ (bfy_grants_get_n (grants), 0u);
}

TEST_F (Grants, BehindABridgeTheProgramCounts)
{
  Process process;
  Caller first = program ("/usr/bin/claude", 1, 1);
  Caller second = program ("/usr/bin/claude", 2, 2);

  for (const Caller &caller : { std::ref (first), std::ref (second) })
    {
      caller->program_pid = process.pid ();
      caller->program_started_at = process.started_at ();
    }
  allow (first, Wish (), BFY_GRANT_SESSION);
  EXPECT_TRUE (may (second, Wish ())) << "another bridge of the same program";
}

} // namespace
