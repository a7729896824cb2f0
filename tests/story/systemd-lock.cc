// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The agent as a service of the user's, and logind on a system bus of the test's own: what locks it
// there, and what becomes of grants and questions.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/account.h"
#include "tests/fixture/logind.h"
#include "tests/fixture/person.h"
#include "tests/fixture/private-bus.h"
#include "tests/fixture/upstream.h"
#include "tests/fixture/user-systemd.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-systemd-lock-0123456789abcdef";

class SystemdLock : public testing::Test
{
protected:
  static void SetUpTestSuite ()
  {
    dirs_ = new PrivateDirs ();
    bus_ = new PrivateBus (*dirs_);
  }
  static void TearDownTestSuite ()
  {
    delete bus_;
    delete dirs_;
  }

  void SetUp () override
  {
    logind.add ("1");
    systemd.set_variable ("DBUS_SYSTEM_BUS_ADDRESS", bus_->address ());
    systemd.log_in ();
    ASSERT_EQ (systemd.systemctl ({ "start", "bindify.socket" }).status, 0);
    ASSERT_EQ (agent.add ("svc", upstream.url (), kSecret).status, 201) << agent.log ();
    key = agent.add_client ("story");
    settle ();
  }

  std::string lock ()
  {
    return agent.control ("GET", "/v1/lock").body;
  }
  bool is_screen_locked ()
  {
    return lock ().find ("\"screen_locked\":true") != std::string::npos;
  }
  // The agent has seen what logind has said before.
  void settle ()
  {
    ASSERT_TRUE (wait_until ([this] {
      logind.set_hint ("1", true);
      return is_screen_locked ();
    })) << agent.log ();
    logind.set_hint ("1", false);
    ASSERT_TRUE (wait_for ("open"));
  }
  bool wait_for (const std::string &state)
  {
    return wait_until ([&] { return json_string (lock (), "state") == state; });
  }
  bool works ()
  {
    return agent.post ("svc", key, kToolCall).body.find ("\"result\"") != std::string::npos;
  }
  void ask_always ()
  {
    ASSERT_EQ (
        agent.control ("PUT", "/v1/bindings/svc/policy", R"({"version":1,"default":"ask"})").status,
        200);
  }

  static inline PrivateDirs *dirs_;
  static inline PrivateBus *bus_;
  Upstream upstream{ mcp_script (kSecret) };
  Logind logind{ bus_->address () };
  UserSystemd systemd;
  UnitAgent agent{ systemd };
  std::string key;
};

TEST_F (SystemdLock, TheScreenLocksAndOpens)
{
  EXPECT_TRUE (works ());
  logind.set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
  EXPECT_FALSE (works ());
  EXPECT_THAT (agent.cli ({ "bindify", "status" }).output, HasSubstr ("because the screen is"));
  logind.set_hint ("1", false);
  ASSERT_TRUE (wait_for ("open"));
  EXPECT_TRUE (works ());
}

// A restart, by hand or because it was killed, opens nothing.
TEST_F (SystemdLock, ARestartDoesNotOpenWhatTheScreenHasLocked)
{
  logind.set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
  ASSERT_EQ (systemd.systemctl ({ "restart", "bindify.service" }).status, 0);
  EXPECT_EQ (json_string (lock (), "state"), "screen");
  EXPECT_FALSE (works ());
  kill (agent.pid (), SIGKILL);
  ASSERT_TRUE (systemd.wait_for ("bindify.service", "NRestarts", "1"));
  EXPECT_EQ (json_string (lock (), "state"), "screen");
  EXPECT_FALSE (works ());
}

TEST_F (SystemdLock, TheMachineSleepsWhenTheMemoryIsEmpty)
{
  ASSERT_TRUE (logind.wait_for_inhibitor ());
  logind.sleep (true);
  ASSERT_TRUE (logind.wait_for_release ());
  EXPECT_EQ (json_string (lock (), "state"), "screen") << "before the machine may sleep";
  EXPECT_FALSE (works ());
  logind.sleep (false);
  ASSERT_TRUE (wait_for ("open"));
  EXPECT_TRUE (works ());
  EXPECT_TRUE (logind.wait_for_inhibitor ()) << "for the next time";
}

// An inhibitor must not outlive the service: the machine could not sleep.
TEST_F (SystemdLock, NothingDelaysSleepOnceTheServiceIsStopped)
{
  ASSERT_TRUE (logind.wait_for_inhibitor ());
  ASSERT_EQ (systemd.systemctl ({ "stop", "bindify.service" }).status, 0);
  EXPECT_TRUE (logind.wait_for_release ());
}

TEST_F (SystemdLock, TheLastSessionLocksWhenItEndsWhileTheUserManagerGoesOn)
{
  logind.add ("2", "tty");
  EXPECT_TRUE (works ());
  logind.remove ("1");
  ASSERT_TRUE (wait_for ("screen"));
  EXPECT_FALSE (works ());
  EXPECT_EQ (systemd.property ("bindify.service", "ActiveState"), "active");
  logind.add ("3");
  ASSERT_TRUE (wait_for ("open"));
  EXPECT_TRUE (works ());
}

// “Until lock” ends with the screen, and a question that is open then is not answered behind it.
TEST_F (SystemdLock, GrantsAndQuestionsEndWithTheScreen)
{
  ask_always ();
  Person asker (agent), person (agent, { "--pty" });
  const std::string token = person.register_as ("terminal");
  ASSERT_NE (token, "") << person.refusal ();
  int asked = asker.ask ("/mcp/svc", kToolCall, key);
  ASSERT_EQ (person.reply (token, person.event ("opened"), "allow", "until_lock").status, 204);
  ASSERT_THAT (asker.answer (asked).body, HasSubstr ("\"result\""));
  ASSERT_THAT (agent.control ("GET", "/v1/grants").body, HasSubstr ("until_lock"));
  // By another client, so that a second question is open.
  const std::string other = agent.add_client ("other");
  int open = asker.ask ("/mcp/svc", kToolCall, other);
  const std::string prompt = person.event ("opened");
  ASSERT_NE (prompt, "");

  logind.set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
  EXPECT_THAT (agent.control ("GET", "/v1/grants").body, Not (HasSubstr ("until_lock")));
  EXPECT_GE (person.reply (token, prompt, "allow", "once").status, 400);
  EXPECT_THAT (asker.answer (open).body, Not (HasSubstr ("\"result\"")));
  EXPECT_EQ (upstream.requests ().size (), 1u);

  logind.set_hint ("1", false);
  ASSERT_TRUE (wait_for ("open"));
  asked = asker.ask ("/mcp/svc", kToolCall, key);
  EXPECT_NE (person.event ("opened"), "") << "what was allowed until then is asked for again";
  asker.hang_up (asked);
}

// Logging out is the end of the agent, not of what was locked by hand.
TEST_F (SystemdLock, WhatWasLockedByHandIsLockedAfterTheNextLogin)
{
  ASSERT_EQ (agent.control ("POST", "/v1/lock").status, 200);
  systemd.log_out ();
  systemd.log_in ();
  ASSERT_EQ (systemd.systemctl ({ "start", "bindify.socket" }).status, 0);
  EXPECT_EQ (json_string (lock (), "state"), "plain");
  EXPECT_FALSE (works ());
}

} // namespace

BFY_MAIN_IN_ACCOUNT (kPerson)
