// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What locks the agent by itself, where there is a logind: the screen, sleep, and the end of the
// last session. A mock of it on a bus of the test's own.

#include "tests/fixture/logind.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/person.h"
#include "tests/fixture/private-bus.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-logind-story-0123456789";
constexpr char kKey[] = R"({"key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="})";
constexpr char kKeyAndKdf[] =
    R"({"key":"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=","kdf":{"algorithm":"scrypt",)"
    R"("salt":"AAAAAAAAAAAAAAAAAAAAAA==","log2_n":15,"r":8,"p":1}})";

class LogindStory : public testing::Test
{
protected:
  static void SetUpTestSuite ()
  {
    if (!PrivateBus::is_installed ())
      return;
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
    if (bus_ == nullptr)
      GTEST_SKIP () << "dbus-daemon is not installed";
    logind = std::make_unique<Logind> (bus_->address ());
    logind->add ("1");
  }
  void TearDown () override
  {
    agent.reset ();
    logind.reset ();
  }

  // It knows of the sessions there are.
  void start (const std::string &config = "")
  {
    Agent::Options options;

    options.config = config;
    options.environment["DBUS_SYSTEM_BUS_ADDRESS"] = bus_->address ();
    agent = std::make_unique<Agent> (options);
    ASSERT_EQ (agent->add ("svc", upstream.url (), kSecret).status, 201);
    key = agent->add_client ("story");
    settle ();
  }
  // A change of the screen that is seen and taken back: whatever came before has been seen, too.
  void settle ()
  {
    ASSERT_TRUE (logind_is_seen ());
    ASSERT_TRUE (wait_until ([this] {
      logind->set_hint ("1", true);
      return is_screen_locked ();
    }));
    logind->set_hint ("1", false);
    ASSERT_TRUE (wait_until ([this] { return !is_screen_locked (); }));
  }
  bool logind_is_seen ()
  {
    return wait_until ([this] { return lock ().find ("\"logind\":true") != std::string::npos; });
  }
  std::string lock ()
  {
    return agent->control ("GET", "/v1/lock").body;
  }
  bool is_screen_locked ()
  {
    return lock ().find ("\"screen_locked\":true") != std::string::npos;
  }
  bool wait_for (const std::string &state)
  {
    return wait_until ([&] { return json_string (lock (), "state") == state; });
  }
  bool works ()
  {
    return agent->post ("svc", key, kToolCall).body.find ("\"result\"") != std::string::npos;
  }

  static inline PrivateDirs *dirs_;
  static inline PrivateBus *bus_;
  Upstream upstream{ mcp_script (kSecret) };
  std::unique_ptr<Logind> logind;
  std::unique_ptr<Agent> agent;
  std::string key;
};

} // namespace

TEST_F (LogindStory, TheScreenLocksAndOpens)
{
  start ();
  EXPECT_TRUE (works ());
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
  EXPECT_FALSE (works ());
  EXPECT_THAT (agent->cli ({ "bindify", "status" }).output, HasSubstr ("because the screen is"));
  logind->set_hint ("1", false);
  ASSERT_TRUE (wait_for ("open"));
  EXPECT_TRUE (works ());

  // Desktops that do not say what they do, and loginctl.
  logind->ask ("1", "Lock");
  ASSERT_TRUE (wait_for ("screen"));
  logind->ask ("1", "Unlock");
  ASSERT_TRUE (wait_for ("open"));
  logind->set_hint ("1", true, false);
  ASSERT_TRUE (wait_for ("screen"));
  EXPECT_THAT (agent->control ("GET", "/v1/events").body, HasSubstr ("\"detail\":\"screen\""));
}

TEST_F (LogindStory, APersonMayUnlockBehindALockedScreen)
{
  start ();
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
  ASSERT_EQ (agent->cli ({ "bindify", "unlock" }).status, 0);
  EXPECT_TRUE (works ());
  EXPECT_TRUE (is_screen_locked ()) << "and still nobody sits before it";
}

TEST_F (LogindStory, WhatWasLockedByHandIsNotOpenedByTheScreen)
{
  start ();
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
  ASSERT_EQ (agent->control ("POST", "/v1/lock", kKeyAndKdf).status, 200);
  logind->set_hint ("1", false);
  ASSERT_TRUE (wait_until ([this] { return !is_screen_locked (); }));
  EXPECT_EQ (json_string (lock (), "state"), "passphrase");
  EXPECT_FALSE (works ());
  ASSERT_EQ (agent->control ("POST", "/v1/unlock", kKey).status, 200);

  ASSERT_EQ (agent->control ("POST", "/v1/lock").status, 200);
  settle ();
  EXPECT_EQ (json_string (lock (), "state"), "plain");
}

TEST_F (LogindStory, TheMachineSleepsWhenTheMemoryIsEmpty)
{
  start ();
  ASSERT_TRUE (logind->wait_for_inhibitor ());
  logind->sleep (true);
  ASSERT_TRUE (logind->wait_for_release ());
  EXPECT_EQ (json_string (lock (), "state"), "screen") << "before the machine may sleep";
  EXPECT_FALSE (works ());
  logind->sleep (false);
  ASSERT_TRUE (wait_for ("open"));
  EXPECT_TRUE (works ());
  EXPECT_TRUE (logind->wait_for_inhibitor ()) << "for the next time";
}

TEST_F (LogindStory, AScreenThatIsLockedStaysSoOverSleep)
{
  start ();
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
  logind->sleep (true);
  logind->sleep (false);
  ASSERT_TRUE (logind->wait_for_inhibitor ());
  EXPECT_EQ (json_string (lock (), "state"), "screen");
}

TEST_F (LogindStory, TheLastSessionBeforeAScreenLocksWhenItEnds)
{
  start ();
  logind->add ("2", "tty");
  logind->add ("3", "x11", true);
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
  logind->set_hint ("3", false);
  ASSERT_TRUE (wait_for ("open"));
  logind->remove ("3");
  ASSERT_TRUE (wait_for ("screen")) << "the one that is left is locked";
  logind->set_hint ("1", false);
  ASSERT_TRUE (wait_for ("open"));
  logind->remove ("1");
  ASSERT_TRUE (wait_for ("screen"));
  EXPECT_FALSE (works ());
  logind->add ("4");
  ASSERT_TRUE (wait_for ("open"));
}

// Two screens, and somebody before one of them.
TEST_F (LogindStory, OneOpenScreenIsEnough)
{
  logind->add ("2", "x11", true);
  start ();
  EXPECT_TRUE (works ());
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
  logind->set_hint ("2", false);
  ASSERT_TRUE (wait_for ("open"));
}

TEST_F (LogindStory, OthersDoNotCount)
{
  start ();
  logind->add ("9", "wayland", false, geteuid () + 1);
  logind->add ("ssh", "tty");
  logind->set_hint ("9", true);
  logind->set_hint ("ssh", true);
  logind->ask ("9", "Lock");
  settle ();
  EXPECT_EQ (json_string (lock (), "state"), "open");
  EXPECT_TRUE (works ());
}

// Anybody on the bus can send a signal with these names.
TEST_F (LogindStory, OnlyLogindItselfIsBelieved)
{
  start ();
  ASSERT_TRUE (logind->wait_for_inhibitor ());
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
  const std::string path = Logind::path_of ("1");
  const guint32 pid = static_cast<guint32> (agent->process ().pid ());
  g_autoptr (GVariant) names = bus_->call ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                           "org.freedesktop.DBus", "ListNames", nullptr);
  g_autoptr (GVariant) list = g_variant_get_child_value (names, 0);

  // Straight to the agent: what it has subscribed to is no obstacle.
  for (gsize i = 0; i < g_variant_n_children (list); i++)
    {
      const char *name;
      guint32 owner = 0;

      g_variant_get_child (list, i, "&s", &name);
      if (name[0] != ':')
        continue;
      g_autoptr (GVariant) reply =
          bus_->call ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                      "GetConnectionUnixProcessID", g_variant_new ("(s)", name));
      g_variant_get (reply, "(u)", &owner);
      if (owner == pid)
        g_dbus_connection_emit_signal (bus_->connection (), name, path.c_str (), Logind::kSession,
                                       "Unlock", nullptr, nullptr);
    }
  g_dbus_connection_flush_sync (bus_->connection (), nullptr, nullptr);
  logind->sleep (true);
  ASSERT_TRUE (logind->wait_for_release ()) << "what came before has been seen";
  EXPECT_TRUE (is_screen_locked ());
  EXPECT_FALSE (works ());
}

// Nobody who counts sits before a locked screen: no question is shown, and no answer is taken.
TEST_F (LogindStory, H08NothingIsAllowedWhileTheScreenIsLocked)
{
  start ("[lock]\non=none\n");
  ASSERT_EQ (
      agent->control ("PUT", "/v1/bindings/svc/policy", R"({"version":1,"default":"ask"})").status,
      200);
  Person asker (*agent), person (*agent, { "--pty" });
  const std::string token = person.register_as ("terminal");
  ASSERT_NE (token, "") << person.refusal ();
  int asked = asker.ask ("/mcp/svc", kToolCall, key);
  const std::string prompt = person.event ("opened");
  ASSERT_NE (prompt, "");

  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_until ([this] { return is_screen_locked (); }));
  EXPECT_GE (person.reply (token, prompt, "allow", "once").status, 400);
  EXPECT_THAT (asker.answer (asker.ask ("/mcp/svc", kToolCall, key)).body,
               HasSubstr ("\"code\":-310"));
  EXPECT_EQ (upstream.requests ().size (), 0u) << "nothing went out";
  asker.hang_up (asked);
}

// “Until lock” ends when the screen locks.
TEST_F (LogindStory, WhatWasAllowedUntilLockEndsWithTheScreen)
{
  start ();
  ASSERT_EQ (
      agent->control ("PUT", "/v1/bindings/svc/policy", R"({"version":1,"default":"ask"})").status,
      200);
  Person asker (*agent), person (*agent, { "--pty" });
  const std::string token = person.register_as ("terminal");
  int asked = asker.ask ("/mcp/svc", kToolCall, key);
  ASSERT_EQ (person.reply (token, person.event ("opened"), "allow", "until_lock").status, 204);
  ASSERT_THAT (asker.answer (asked).body, HasSubstr ("\"result\""));
  ASSERT_THAT (agent->control ("GET", "/v1/grants").body, HasSubstr ("until_lock"));

  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
  EXPECT_THAT (agent->control ("GET", "/v1/grants").body, Not (HasSubstr ("until_lock")));
}

TEST_F (LogindStory, KillingTheAgentDoesNotOpenWhatTheScreenHasLocked)
{
  start ();
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
  agent->kill ();
  ASSERT_TRUE (agent->start ());
  EXPECT_EQ (json_string (lock (), "state"), "screen") << "before logind was asked";
  EXPECT_FALSE (works ());
  ASSERT_TRUE (logind_is_seen ());
  agent->kill ();
  logind->set_hint ("1", false);
  ASSERT_TRUE (agent->start ());
  ASSERT_TRUE (wait_for ("open"));
}

TEST_F (LogindStory, TheSettingsSayWhatLocks)
{
  start ("[lock]\non=none\n");
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_until ([this] { return is_screen_locked (); })) << "it is known all the same";
  EXPECT_EQ (json_string (lock (), "state"), "open");
  EXPECT_TRUE (works ());
  agent.reset ();

  logind->set_hint ("1", false);
  start ("[lock]\non=session, suspend\n");
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_until ([this] { return is_screen_locked (); }));
  EXPECT_TRUE (works ());
  logind->sleep (true);
  ASSERT_TRUE (wait_for ("screen"));
}

TEST_F (LogindStory, WithoutItNothingIsMissed)
{
  start ();
  logind.reset ();
  ASSERT_TRUE (
      wait_until ([this] { return lock ().find ("\"logind\":false") != std::string::npos; }));
  EXPECT_TRUE (works ());
  EXPECT_THAT (agent->cli ({ "bindify", "status" }).output, HasSubstr ("there is no logind"));

  // It comes back, as after an update.
  logind = std::make_unique<Logind> (bus_->address ());
  logind->add ("1");
  settle ();
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_for ("screen"));
}

// From now on, and not only from the next start of the agent.
TEST_F (LogindStory, WhatLocksIsChangedWhileItRuns)
{
  start ("[lock]\non=none\n");
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_until ([this] { return is_screen_locked (); }));
  EXPECT_EQ (json_string (lock (), "state"), "open");
  auto change = [this] (const std::string &value) {
    return agent->control ("PATCH", "/v1/settings", R"({"lock.on":")" + value + "\"}").status;
  };

  ASSERT_EQ (change ("screen,suspend"), 200);
  EXPECT_TRUE (wait_for ("screen")) << "the screen is locked by now";
  EXPECT_TRUE (logind->wait_for_inhibitor ());
  logind->set_hint ("1", false);
  ASSERT_TRUE (wait_for ("open"));
  ASSERT_EQ (change ("none"), 200);
  EXPECT_TRUE (logind->wait_for_release ());
  logind->set_hint ("1", true);
  ASSERT_TRUE (wait_until ([this] { return is_screen_locked (); }));
  EXPECT_EQ (json_string (lock (), "state"), "open");
}
