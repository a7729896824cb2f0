// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Grants with a store, by a clock that the test holds (behaviour 15.2, 15.3, 13.4).

#include <csignal>
#include <memory>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/store-fixture.h"

extern "C"
{
#include "agent/grant/grants-private.h"
#include "agent/store/store-grants.h"
}

namespace
{

constexpr const char *kBoot = "5f1c3f0e-2a5d-4a53-9c0b-1f7f1f6f0001";
constexpr const char *kNextBoot = "5f1c3f0e-2a5d-4a53-9c0b-1f7f1f6f0002";
constexpr gint64 kMinute = 60;
constexpr gint64 kHour = 60 * kMinute;

BfyMoment moment;

BfyMoment
read_clock ()
{
  return moment;
}

// The machine is awake or asleep for a while.
void
pass (gint64 seconds)
{
  moment.boot_ms += seconds * 1000;
  moment.wall_s += seconds;
}

struct CallerDeleter
{
  void operator() (BfyCaller *caller) const
  {
    bfy_caller_unref (caller);
  }
};

using Caller = std::unique_ptr<BfyCaller, CallerDeleter>;

Caller
client (const std::string &id)
{
  Caller caller (bfy_caller_new ());

  caller->client_id = g_strdup (id.c_str ());
  caller->client_label = g_strdup (("label of " + id).c_str ());
  return caller;
}

Caller
program (const char *path, int pid = 4711, guint64 started_at = 815)
{
  Caller caller (bfy_caller_new ());

  caller->pid = pid;
  caller->started_at = started_at;
  caller->program = g_strdup (path);
  caller->is_verified = path != nullptr;
  return caller;
}

struct Wish
{
  explicit Wish (const char *tool = "create_issue", guint8 arguments = 1)
  {
    g_atomic_ref_count_init (&wish.ref_count);
    wish.binding_id = const_cast<char *> ("id-of-github");
    wish.binding = const_cast<char *> ("github");
    wish.method = const_cast<char *> ("tools/call");
    wish.kind = BFY_POLICY_TOOL;
    wish.name = const_cast<char *> (tool);
    wish.access = BFY_ACCESS_WRITE;
    wish.rule = const_cast<char *> ("default");
    wish.digest[0] = arguments;
  }
  Wish &danger ()
  {
    wish.access = BFY_ACCESS_DANGER;
    wish.reach = BFY_WISH_SAME_ARGUMENTS;
    return *this;
  }
  Wish &by (const char *rule)
  {
    wish.rule = const_cast<char *> (rule);
    return *this;
  }
  Wish &on (const char *binding)
  {
    wish.binding_id = const_cast<char *> (binding);
    return *this;
  }

  BfyWish wish = {};
};

class Grants : public StoreFixture
{
protected:
  void SetUp () override
  {
    moment = { kBoot, 1000 * 1000, 1700000000 };
    open ();
    Error error;
    ASSERT_TRUE (add_binding (store, "github", error.out ())) << error;
    ASSERT_TRUE (add_binding (store, "gitlab", error.out ())) << error;
    for (const char *id : { "c1", "c2" })
      add_client (id);
    load ();
  }
  void TearDown () override
  {
    unload ();
  }
  void add_client (const char *id)
  {
    BfyClient *added = bfy_client_new (id, id, nullptr);
    guint8 hash[BFY_CLIENT_KEY_HASH_BYTES] = { static_cast<guint8> (id[1]) };
    Error error;

    EXPECT_TRUE (bfy_store_add_client (store, added, hash, error.out ())) << error;
    bfy_client_unref (added);
  }
  void load ()
  {
    Error error;

    registry = bfy_registry_new (store, error.out ());
    ASSERT_NE (registry, nullptr) << error;
    grants = bfy_grants_new_with_clock (store, read_clock, error.out ());
    ASSERT_NE (grants, nullptr) << error;
    g_signal_connect (grants, "removed", G_CALLBACK (on_removed), this);
  }
  void unload ()
  {
    g_clear_object (&grants);
    g_clear_object (&registry);
  }
  // As after a restart of the agent.
  void restart ()
  {
    unload ();
    open ();
    load ();
  }
  static void on_removed (BfyGrants *, BfyGrant *, gboolean is_revoked, gpointer self)
  {
    (is_revoked ? static_cast<Grants *> (self)->n_revoked
                : static_cast<Grants *> (self)->n_ended)++;
  }

  std::string allow (const Caller &caller, const Wish &wish, BfyGrantScope scope)
  {
    Error error;
    BfyGrant *grant =
        bfy_grants_add (grants, caller.get (), &wish.wish, scope, FALSE, error.out ());

    EXPECT_NE (grant, nullptr) << error;
    return grant != nullptr ? grant->id : "";
  }
  std::string deny (const Caller &caller, const Wish &wish)
  {
    Error error;
    BfyGrant *grant =
        bfy_grants_add (grants, caller.get (), &wish.wish, BFY_GRANT_ONCE, TRUE, error.out ());

    EXPECT_NE (grant, nullptr) << error;
    return grant != nullptr ? grant->id : "";
  }
  BfyGrantsVerdict use (const Caller &caller, const Wish &wish)
  {
    return bfy_grants_use (grants, caller.get (), &wish.wish, nullptr);
  }
  bool may (const Caller &caller, const Wish &wish)
  {
    return use (caller, wish) == BFY_GRANTS_ALLOW;
  }
  std::string n_kept ()
  {
    bfy_store_flush_events ();
    return Sqlite (database ()).ask ("SELECT count(*) FROM grant_given");
  }
  void bfy_store_flush_events ()
  {
    BfyEventFilter filter = {};
    Error error;
    g_autoptr (GPtrArray) events = bfy_store_query_events (store, &filter, error.out ());

    EXPECT_NE (events, nullptr) << error;
  }
  std::vector<std::string> events ()
  {
    BfyEventFilter filter = {};
    Error error;
    g_autoptr (GPtrArray) events = bfy_store_query_events (store, &filter, error.out ());
    std::vector<std::string> found;

    for (guint i = 0; events != nullptr && i < events->len; i++)
      {
        auto *event = static_cast<BfyEvent *> (events->pdata[i]);

        found.push_back (std::string (event->type) + " " + event->binding + " " +
                         (event->tool != nullptr ? event->tool : "-") + " " + event->detail);
      }
    return found;
  }
  void set_policy (const std::string &rules, const std::string &fallback = "ask")
  {
    g_autoptr (BfyBinding) changed = bfy_binding_copy (bfy_registry_find (registry, "github"));
    std::string text = R"({"version":1,"default":")" + fallback + R"(","rules":[)" + rules + "]}";
    Error error;

    g_clear_pointer (&changed->policy, bfy_policy_unref);
    changed->policy = bfy_policy_parse (text.data (), text.size (), error.out ());
    ASSERT_NE (changed->policy, nullptr) << error;
    ASSERT_TRUE (bfy_registry_update (registry, changed, error.out ())) << error;
  }

  BfyRegistry *registry = nullptr;
  BfyGrants *grants = nullptr;
  int n_revoked = 0;
  int n_ended = 0;
};

TEST_F (Grants, WithoutAnAnswerAPersonHasToBeAsked)
{
  EXPECT_EQ (use (client ("c1"), Wish ()), BFY_GRANTS_NOTHING);
}

// --- A17, M22, M45: one client's grant never serves another ---

TEST_F (Grants, A17AGrantToOneClientServesNoOther)
{
  for (BfyGrantScope scope : { BFY_GRANT_ONCE, BFY_GRANT_TEN_MINUTES, BFY_GRANT_SESSION,
                               BFY_GRANT_UNTIL_LOCK, BFY_GRANT_ALWAYS })
    {
      allow (client ("c1"), Wish (), scope);
      EXPECT_FALSE (may (client ("c2"), Wish ())) << bfy_grant_scope_to_wire (scope);
      EXPECT_FALSE (may (program ("c1"), Wish ())) << bfy_grant_scope_to_wire (scope);
      EXPECT_TRUE (may (client ("c1"), Wish ())) << bfy_grant_scope_to_wire (scope);
      bfy_grants_revoke_all (grants, nullptr);
    }
}

TEST_F (Grants, A17ADenialOfOneClientIsNoneOfAnother)
{
  deny (client ("c1"), Wish ());
  EXPECT_EQ (use (client ("c1"), Wish ()), BFY_GRANTS_DENY);
  EXPECT_EQ (use (client ("c2"), Wish ()), BFY_GRANTS_NOTHING);
}

TEST_F (Grants, A17ProgramsAreKnownByTheirPath)
{
  allow (program ("/usr/bin/claude", 1, 1), Wish (), BFY_GRANT_TEN_MINUTES);
  EXPECT_TRUE (may (program ("/usr/bin/claude", 2, 2), Wish ()));
  EXPECT_FALSE (may (program ("/tmp/claude", 1, 1), Wish ()));
  EXPECT_FALSE (may (program (nullptr, 1, 1), Wish ()));
}

// --- C11: client × binding × method × tool × rule, each alone makes another thing ---

TEST_F (Grants, C11AGrantForOneNeverServesAnother)
{
  struct Other
  {
    const char *what;
    void (*change) (BfyWish *wish);
  };
  const Other others[] = {
    { "binding", [] (BfyWish *w) { w->binding_id = const_cast<char *> ("id-of-gitlab"); } },
    { "method", [] (BfyWish *w) { w->method = const_cast<char *> ("prompts/get"); } },
    { "kind", [] (BfyWish *w) { w->kind = BFY_POLICY_PROMPT; } },
    { "tool", [] (BfyWish *w) { w->name = const_cast<char *> ("delete_repo"); } },
    { "no tool", [] (BfyWish *w) { w->name = nullptr; } },
    { "rule", [] (BfyWish *w) { w->rule = const_cast<char *> ("0123456789abcdef"); } },
    { "access", [] (BfyWish *w) { w->access = BFY_ACCESS_DANGER; } },
    { "reach", [] (BfyWish *w) { w->reach = BFY_WISH_SAME_ARGUMENTS; } },
  };

  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  for (const Other &other : others)
    {
      Wish wish;

      other.change (&wish.wish);
      EXPECT_FALSE (may (client ("c1"), wish)) << other.what;
    }
  EXPECT_TRUE (may (client ("c1"), Wish ()));
}

// A grant for A never executes B.
TEST_F (Grants, BoundToArgumentsServesThoseOnly)
{
  allow (client ("c1"), Wish ("merge", 1).danger (), BFY_GRANT_TEN_MINUTES);
  EXPECT_FALSE (may (client ("c1"), Wish ("merge", 2).danger ()));
  EXPECT_TRUE (may (client ("c1"), Wish ("merge", 1).danger ()));
  EXPECT_TRUE (may (client ("c1"), Wish ("merge", 1).danger ())) << "as often as it likes";
}

// --- M44: once is one request ---

TEST_F (Grants, M44OnceIsUsedExactlyOnce)
{
  allow (client ("c1"), Wish (), BFY_GRANT_ONCE);
  EXPECT_FALSE (may (client ("c1"), Wish ("create_issue", 2))) << "another request";
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_EQ (n_ended, 1);
  EXPECT_EQ (bfy_grants_get_n (grants), 0u);
}

TEST_F (Grants, M44OnceWaitsForItsRequestForAWhileOnly)
{
  allow (client ("c1"), Wish (), BFY_GRANT_ONCE);
  pass (10 * kMinute);
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, M44ARestartLeavesNothingThatCouldBeUsedTwice)
{
  allow (client ("c1"), Wish (), BFY_GRANT_ONCE);
  restart ();
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, OnceOfSomebodyUnknownIsForThatProcess)
{
  allow (program (nullptr, 7, 70), Wish (), BFY_GRANT_ONCE);
  EXPECT_FALSE (may (program (nullptr, 8, 70), Wish ()));
  EXPECT_FALSE (may (program (nullptr, 7, 71), Wish ())) << "another process of that number";
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_TRUE (may (program (nullptr, 7, 70), Wish ()));
  EXPECT_FALSE (may (program (nullptr, 7, 70), Wish ()));
}

TEST_F (Grants, OnceOfAProcessThatCannotBeSeenIsForItsConnection)
{
  Caller one = program (nullptr, 0, 0);
  Caller other = program (nullptr, 0, 0);

  allow (one, Wish (), BFY_GRANT_ONCE);
  EXPECT_FALSE (may (other, Wish ()));
  EXPECT_TRUE (may (one, Wish ()));
}

TEST_F (Grants, WhatWasNotOfferedIsRefused)
{
  Error error;
  Wish wish;
  Wish danger;
  danger.danger ();

  EXPECT_EQ (bfy_grants_add (grants, program (nullptr).get (), &wish.wish, BFY_GRANT_TEN_MINUTES,
                             FALSE, error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_EQ (bfy_grants_add (grants, client ("c1").get (), &danger.wish, BFY_GRANT_ALWAYS, FALSE,
                             error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("always"));
  EXPECT_EQ (bfy_grants_add (grants, client ("c1").get (), &wish.wish, BFY_N_GRANT_SCOPES, FALSE,
                             error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
  EXPECT_EQ (bfy_grants_get_n (grants), 0u);
}

// --- Ends: a clock that counts suspend, restarts, a new start of the machine ---

TEST_F (Grants, TenMinutesAreTenMinutes)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  pass (10 * kMinute - 1);
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  pass (1);
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  g_autoptr (GPtrArray) list = bfy_grants_list (grants);
  EXPECT_EQ (list->len, 0u);
  EXPECT_EQ (n_kept (), "0") << "expired is gone";
}

TEST_F (Grants, TheWallClockDoesNotMakeThemLonger)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  pass (10 * kMinute);
  moment.wall_s -= 24 * kHour;
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, TenMinutesGoOnAfterARestart)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  pass (5 * kMinute);
  restart ();
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  pass (5 * kMinute);
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, ExpiredWhileNoAgentRanIsGoneAfterwards)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  unload ();
  pass (11 * kMinute);
  open ();
  load ();
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_EQ (n_kept (), "0");
}

TEST_F (Grants, AfterANewStartTheWallClockDecides)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  moment = { kNextBoot, 5000, moment.wall_s + 5 * kMinute };
  restart ();
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  pass (5 * kMinute);
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, AWallClockThatWasSetBackMeanwhileGivesNoMoreThanTenMinutes)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  moment = { kNextBoot, 5000, moment.wall_s - 365 * 24 * kHour };
  restart ();
  pass (10 * kMinute);
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, M23AlwaysOutlivesTheAgentAndTheMachine)
{
  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  moment = { kNextBoot, 5000, moment.wall_s + 400 * 24 * kHour };
  restart ();
  EXPECT_TRUE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, M23ANoIsRememberedForAnHour)
{
  deny (client ("c1"), Wish ());
  restart ();
  pass (kHour - 1);
  EXPECT_EQ (use (client ("c1"), Wish ("create_issue", 2)), BFY_GRANTS_DENY);
  pass (1);
  EXPECT_EQ (use (client ("c1"), Wish ()), BFY_GRANTS_NOTHING);
}

TEST_F (Grants, SessionsAndLocksEndWithTheAgent)
{
  allow (client ("c1"), Wish (), BFY_GRANT_SESSION);
  allow (client ("c1"), Wish ("other"), BFY_GRANT_UNTIL_LOCK);
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  EXPECT_TRUE (may (client ("c1"), Wish ("other")));
  restart ();
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_FALSE (may (client ("c1"), Wish ("other")));
}

TEST_F (Grants, TheLockEndsWhatWasUntilThen)
{
  allow (client ("c1"), Wish ("a"), BFY_GRANT_UNTIL_LOCK);
  allow (client ("c1"), Wish ("b"), BFY_GRANT_TEN_MINUTES);
  deny (client ("c1"), Wish ("c"));
  bfy_grants_note_locked (grants);
  EXPECT_FALSE (may (client ("c1"), Wish ("a")));
  EXPECT_TRUE (may (client ("c1"), Wish ("b")));
  EXPECT_EQ (use (client ("c1"), Wish ("c")), BFY_GRANTS_DENY);
}

// --- The newest answer counts ---

TEST_F (Grants, ANoEndsTheYesesBeforeIt)
{
  allow (client ("c1"), Wish ("merge", 1), BFY_GRANT_ONCE);
  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  deny (client ("c1"), Wish ("merge", 2));
  deny (client ("c1"), Wish ());
  EXPECT_EQ (use (client ("c1"), Wish ("merge", 1)), BFY_GRANTS_DENY);
  EXPECT_EQ (use (client ("c1"), Wish ()), BFY_GRANTS_DENY);
  pass (kHour);
  EXPECT_EQ (use (client ("c1"), Wish ("merge", 1)), BFY_GRANTS_NOTHING);
  EXPECT_EQ (use (client ("c1"), Wish ()), BFY_GRANTS_NOTHING) << "the old yes does not come back";
  restart ();
  EXPECT_EQ (use (client ("c1"), Wish ()), BFY_GRANTS_NOTHING);
}

TEST_F (Grants, AYesEndsTheNoBeforeIt)
{
  deny (client ("c1"), Wish ());
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  EXPECT_EQ (bfy_grants_get_n (grants), 1u);
  restart ();
  EXPECT_TRUE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, AYesForOneRequestLeavesTheNoForTheOthers)
{
  deny (client ("c1"), Wish ());
  allow (client ("c1"), Wish ("create_issue", 2), BFY_GRANT_ONCE);
  EXPECT_EQ (use (client ("c1"), Wish ("create_issue", 1)), BFY_GRANTS_DENY);
  EXPECT_TRUE (may (client ("c1"), Wish ("create_issue", 2)));
  EXPECT_EQ (use (client ("c1"), Wish ("create_issue", 2)), BFY_GRANTS_DENY);
}

TEST_F (Grants, ALongerYesTakesThePlaceOfAShorterOne)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  EXPECT_EQ (bfy_grants_get_n (grants), 1u);
  EXPECT_EQ (n_kept (), "1");
  pass (kHour);
  EXPECT_TRUE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, TheYesOfOneClientIsLeftAloneByTheNoOfAnother)
{
  allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  deny (client ("c2"), Wish ());
  EXPECT_TRUE (may (client ("c1"), Wish ()));
}

// --- Sessions of programs: real processes ---

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

// --- Listing and revoking ---

TEST_F (Grants, ListHasTheNewestFirstWithItsUses)
{
  allow (client ("c1"), Wish ("a"), BFY_GRANT_TEN_MINUTES);
  allow (client ("c1"), Wish ("b"), BFY_GRANT_SESSION);
  pass (5);
  may (client ("c1"), Wish ("a"));
  may (client ("c1"), Wish ("a"));
  g_autoptr (GPtrArray) list = bfy_grants_list (grants);

  ASSERT_EQ (list->len, 2u);
  auto *first = static_cast<BfyGrant *> (list->pdata[0]);
  auto *second = static_cast<BfyGrant *> (list->pdata[1]);
  EXPECT_STREQ (first->name, "b");
  EXPECT_EQ (first->n_uses, 0u);
  EXPECT_EQ (first->last_used_at_s, 0);
  EXPECT_EQ (second->n_uses, 2u);
  EXPECT_EQ (second->created_at_s, 1700000000);
  EXPECT_EQ (second->last_used_at_s, 1700000005);
}

TEST_F (Grants, UsesAreWrittenWithTheNextBatch)
{
  allow (client ("c1"), Wish ("a"), BFY_GRANT_TEN_MINUTES);
  may (client ("c1"), Wish ("a"));
  may (client ("c1"), Wish ("a"));
  restart ();
  g_autoptr (GPtrArray) list = bfy_grants_list (grants);

  ASSERT_EQ (list->len, 1u);
  EXPECT_EQ (static_cast<BfyGrant *> (list->pdata[0])->n_uses, 2u);
  EXPECT_EQ (static_cast<BfyGrant *> (list->pdata[0])->last_used_at_s, 1700000000);
}

TEST_F (Grants, RevokingSaysWhetherItWasThere)
{
  std::string id = allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);

  EXPECT_FALSE (bfy_grants_revoke (grants, "00000000-0000-0000-0000-000000000000"));
  EXPECT_TRUE (bfy_grants_revoke (grants, id.c_str ()));
  EXPECT_FALSE (bfy_grants_revoke (grants, id.c_str ()));
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_EQ (n_revoked, 1);
  restart ();
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

TEST_F (Grants, OneIsFoundByTheBeginningOfItsId)
{
  std::string id = allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  Error error;

  for (gsize length : { 4, 8, 36 })
    EXPECT_NE (bfy_grants_find (grants, id.substr (0, length).c_str (), error.out ()), nullptr);
  for (const std::string &wrong :
       { std::string (), id.substr (0, 3), id + "0", std::string ("zzzz"), id.substr (1) })
    {
      EXPECT_EQ (bfy_grants_find (grants, wrong.c_str (), error.out ()), nullptr) << wrong;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
    }
}

TEST_F (Grants, ABeginningThatSeveralHaveIsNotEnough)
{
  // With so many, two begin alike.
  std::map<std::string, int> beginnings;
  std::string shared;
  Error error;

  for (guint i = 0; i < 3000 && shared.empty (); i++)
    {
      std::string tool = "tool" + std::to_string (i);
      std::string id = allow (client ("c1"), Wish (tool.c_str ()), BFY_GRANT_SESSION);

      if (beginnings[id.substr (0, 4)]++ > 0)
        shared = id.substr (0, 4);
    }
  ASSERT_NE (shared, "");
  EXPECT_EQ (bfy_grants_find (grants, shared.c_str (), error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

TEST_F (Grants, RevokeAllTakesWhatIsMeant)
{
  const BfyGrantsFilter of_c1 = { nullptr, "c1", nullptr };
  const BfyGrantsFilter of_gitlab = { "id-of-gitlab", nullptr, nullptr };
  const BfyGrantsFilter of_both = { "id-of-gitlab", "c1", nullptr };
  const BfyGrantsFilter of_claude = { nullptr, nullptr, "program:/usr/bin/claude" };

  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  allow (client ("c2"), Wish (), BFY_GRANT_ALWAYS);
  allow (client ("c2"), Wish ().on ("id-of-gitlab"), BFY_GRANT_ALWAYS);
  allow (program ("/usr/bin/claude"), Wish (), BFY_GRANT_ALWAYS);
  EXPECT_EQ (bfy_grants_revoke_all (grants, &of_both), 0u);
  EXPECT_EQ (bfy_grants_revoke_all (grants, &of_c1), 1u);
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_TRUE (may (client ("c2"), Wish ()));
  EXPECT_EQ (bfy_grants_revoke_all (grants, &of_gitlab), 1u);
  EXPECT_TRUE (may (client ("c2"), Wish ()));
  EXPECT_EQ (bfy_grants_revoke_all (grants, &of_claude), 1u);
  EXPECT_EQ (bfy_grants_revoke_all (grants, nullptr), 1u);
  EXPECT_EQ (bfy_grants_get_n (grants), 0u);
  EXPECT_EQ (n_kept (), "0");
}

TEST_F (Grants, WhatPeopleSayIsOnRecord)
{
  std::string id = allow (client ("c1"), Wish (), BFY_GRANT_TEN_MINUTES);
  bfy_grants_revoke (grants, id.c_str ());
  deny (client ("c1"), Wish ("merge"));

  EXPECT_THAT (events (), testing::ElementsAre ("approval_granted github create_issue 10min",
                                                "approval_revoked github create_issue 10min",
                                                "approval_denied github merge denied"));
}

// --- 13.4: grants go with what they are about ---

TEST_F (Grants, A14RemovingTheBindingRemovesItsGrants)
{
  Error error;

  bfy_grants_follow (grants, registry);
  set_policy ("");
  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  allow (client ("c1"), Wish ("a"), BFY_GRANT_SESSION);
  ASSERT_TRUE (bfy_registry_remove (registry, "github", error.out ())) << error;
  EXPECT_EQ (bfy_grants_get_n (grants), 0u);
  EXPECT_EQ (n_revoked, 2);
  EXPECT_EQ (n_kept (), "0");

  g_autoptr (BfyBinding) again = make_binding ("github");
  ASSERT_TRUE (bfy_registry_add (registry, again, error.out ())) << error;
  EXPECT_FALSE (may (client ("c1"), Wish ())) << "also when one of that id comes back";
}

TEST_F (Grants, ABindingThatIsRenamedKeepsThem)
{
  Error error;

  bfy_grants_follow (grants, registry);
  set_policy ("");
  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  g_autoptr (BfyBinding) renamed = bfy_binding_copy (bfy_registry_find (registry, "github"));
  g_free (renamed->name);
  renamed->name = g_strdup ("hub");
  ASSERT_TRUE (bfy_registry_update (registry, renamed, error.out ())) << error;
  EXPECT_TRUE (may (client ("c1"), Wish ()));
  for (int i = 0; i < 2; i++, restart ())
    {
      g_autoptr (GPtrArray) list = bfy_grants_list (grants);
      ASSERT_EQ (list->len, 1u);
      EXPECT_STREQ (static_cast<BfyGrant *> (list->pdata[0])->binding, "hub");
    }
}

TEST_F (Grants, RemovingTheClientRemovesItsGrants)
{
  Error error;

  allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
  allow (client ("c2"), Wish (), BFY_GRANT_ALWAYS);
  set_policy ("");
  bfy_grants_follow (grants, registry);
  ASSERT_TRUE (bfy_registry_remove_client (registry, "c1", error.out ())) << error;
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  EXPECT_TRUE (may (client ("c2"), Wish ()));
  EXPECT_EQ (n_revoked, 1);
  EXPECT_EQ (n_kept (), "1");
}

TEST_F (Grants, OtherRulesMayChangeAndItsOwnMayNot)
{
  const char *rule = R"({"tool":"merge_*","effect":"ask"})";

  bfy_grants_follow (grants, registry);
  set_policy (rule);
  std::string digest = bfy_policy_rule_digest (bfy_registry_find (registry, "github")->policy, 1);
  allow (client ("c1"), Wish ("merge_pr").by (digest.c_str ()), BFY_GRANT_ALWAYS);
  allow (client ("c1"), Wish ("other"), BFY_GRANT_ALWAYS);
  allow (client ("c1"), Wish ("third").by ("confirm"), BFY_GRANT_ALWAYS);

  set_policy (std::string (R"({"tool":"delete_*","effect":"deny"},)") + rule, "deny");
  EXPECT_TRUE (may (client ("c1"), Wish ("merge_pr").by (digest.c_str ())));
  EXPECT_FALSE (may (client ("c1"), Wish ("other"))) << "the default does not ask any more";

  set_policy (R"({"tool":"merge_*","effect":"ask","grant":"once"})");
  EXPECT_FALSE (may (client ("c1"), Wish ("merge_pr").by (digest.c_str ())));
  EXPECT_TRUE (may (client ("c1"), Wish ("third").by ("confirm"))) << "no rule of the policy";
  EXPECT_EQ (n_kept (), "1");
}

TEST_F (Grants, RulesThatAreGoneAtTheStartEndTheirs)
{
  allow (client ("c1"), Wish ().by ("0123456789abcdef"), BFY_GRANT_ALWAYS);
  restart ();
  bfy_grants_follow (grants, registry);
  EXPECT_EQ (bfy_grants_get_n (grants), 0u);
}

// --- The store ---

TEST_F (Grants, RowsThatCannotBeUnderstoodDoNotCount)
{
  const char *damages[] = {
    "scope = 'forever'",
    "scope = 'session'",
    "scope = 'once'",
    "kind = 'toool'",
    "access = ''",
    "access = 'danger'", // always
    "subject = ''",
    "method = ''",
    "rule = ''",
    "wall_s = -1, scope = '10min'",
    "scope = '10min'", // without a time
    "boot_id = 'much longer than any identification of a boot is'",
    "name = x'ff'",
    "client = x'ff'",
  };

  for (const char *damage : damages)
    {
      allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);
      unload ();
      g_clear_object (&store);
      {
        Sqlite sqlite (database ());
        // A strict table takes no bytes for text, so they are cast.
        std::string text = damage;
        size_t bytes = text.find ("x'ff'");
        if (bytes != std::string::npos)
          text.replace (bytes, 5, "cast (x'ff' AS TEXT)");
        sqlite.run ("UPDATE grant_given SET " + text);
      }
      open ();
      load ();
      EXPECT_EQ (bfy_grants_get_n (grants), 0u) << damage;
      EXPECT_FALSE (may (client ("c1"), Wish ())) << damage;
      unload ();
      g_clear_object (&store);
      Sqlite (database ()).run ("DELETE FROM grant_given");
      open ();
      load ();
    }
}

TEST_F (Grants, WhatCannotBeKeptDoesNotCount)
{
  Sqlite other (database ());
  Error error;
  Wish wish;

  other.run ("BEGIN IMMEDIATE");
  EXPECT_EQ (bfy_grants_add (grants, client ("c1").get (), &wish.wish, BFY_GRANT_ALWAYS, FALSE,
                             error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_STORAGE));
  EXPECT_FALSE (may (client ("c1"), Wish ()));
  other.run ("COMMIT");
}

TEST_F (Grants, ARevocationThatCannotBeWrittenIsTriedAgain)
{
  std::string id = allow (client ("c1"), Wish (), BFY_GRANT_ALWAYS);

  {
    Sqlite other (database ());
    other.run ("BEGIN IMMEDIATE");
    EXPECT_TRUE (bfy_grants_revoke (grants, id.c_str ()));
    EXPECT_FALSE (may (client ("c1"), Wish ()));
    other.run ("COMMIT");
  }
  restart ();
  EXPECT_FALSE (may (client ("c1"), Wish ()));
}

// --- Many ---

TEST_F (Grants, OneClientHasAnEndToThem)
{
  Wish wish ("one-more");
  Error error;

  grants->n_of_one_max = 5;
  for (const char *tool : { "a", "b", "c", "d", "e" })
    allow (client ("c1"), Wish (tool), BFY_GRANT_SESSION);
  EXPECT_EQ (bfy_grants_add (grants, client ("c1").get (), &wish.wish, BFY_GRANT_SESSION, FALSE,
                             error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_RATE_LIMITED));
  EXPECT_THAT (error.message (), testing::HasSubstr ("bindify grants"));
  EXPECT_NE (allow (client ("c2"), wish, BFY_GRANT_SESSION), "") << "others have room";
  EXPECT_TRUE (may (client ("c1"), Wish ("a")));
}

TEST_F (Grants, WhenAllIsFullWhatEndsNextMakesRoom)
{
  Wish wish ("one-more");
  Error error;

  grants->n_max = 3;
  allow (client ("c1"), Wish ("always"), BFY_GRANT_SESSION);
  allow (client ("c1"), Wish ("minutes"), BFY_GRANT_TEN_MINUTES);
  deny (client ("c1"), Wish ("denied"));
  allow (client ("c2"), Wish ("more"), BFY_GRANT_SESSION);
  EXPECT_FALSE (may (client ("c1"), Wish ("minutes")));
  EXPECT_TRUE (may (client ("c1"), Wish ("always")));
  allow (client ("c2"), Wish ("even more"), BFY_GRANT_SESSION);
  EXPECT_EQ (bfy_grants_add (grants, client ("c2").get (), &wish.wish, BFY_GRANT_SESSION, FALSE,
                             error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_RATE_LIMITED));
}

} // namespace
