// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Credentials move between keyrings: the desktop's real one, the vault, memory. Whatever happens on
// the way, the record names a keyring that holds a good copy (craft 1.1.11, D12).

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "tests/fixture/keyring-daemon.h"
#include "tests/fixture/killed-agent.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-move-story-0123456789";

std::string
move_body (const std::string &target)
{
  return "{\"keyring\":\"" + target + "\"}";
}

class Move : public testing::Test
{
protected:
  void SetUp () override
  {
    if (!PrivateBus::is_installed () || !KeyringDaemon::is_installed ())
      GTEST_SKIP () << "gnome-keyring-daemon or dbus-daemon is not installed";
    dirs = std::make_unique<PrivateDirs> ();
    bus = std::make_unique<PrivateBus> (*dirs);
    daemon = std::make_unique<KeyringDaemon> (*dirs, *bus);
    daemon->start_unlocked ();
    Agent::Options options;
    options.environment["DBUS_SESSION_BUS_ADDRESS"] = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
    agent = std::make_unique<Agent> (options);
    upstream = std::make_unique<Upstream> (mcp_script (kSecret));
  }
  void TearDown () override
  {
    agent.reset ();
    if (daemon != nullptr && daemon->is_running ())
      daemon->kill ();
  }

  void add (const std::string &keyring)
  {
    Response added =
        agent->add ("svc", upstream->url (), kSecret, ",\"keyring\":\"" + keyring + "\"");
    ASSERT_EQ (added.status, 201) << added.body;
    id = json_string (added.body, "id");
    key = agent->add_client ("story");
  }
  Response move (const std::string &target)
  {
    return agent->control ("POST", "/v1/bindings/svc/move", move_body (target));
  }
  std::string keyring ()
  {
    return json_string (agent->control ("GET", "/v1/bindings/svc").body, "keyring");
  }
  bool is_on_the_desktop ()
  {
    return !daemon->find ("binding", id.c_str ()).empty ();
  }
  // The credential comes from the keyring, not from the agent's memory.
  void expect_works ()
  {
    agent->stop ();
    ASSERT_TRUE (agent->start ());
    EXPECT_THAT (agent->post ("svc", key, kToolCall).body, HasSubstr ("\"result\""));
  }
  void kill_loop (const std::string &from, const std::string &to);

  std::unique_ptr<PrivateDirs> dirs;
  std::unique_ptr<PrivateBus> bus;
  std::unique_ptr<KeyringDaemon> daemon;
  std::unique_ptr<Upstream> upstream;
  std::unique_ptr<Agent> agent;
  std::string id, key;
};

void
Move::kill_loop (const std::string &from, const std::string &to)
{
  const std::string request = format_request ("POST", "/v1/bindings/svc/move", "localhost",
                                              "Connection: close", move_body (to));
  unsigned n_killed = 0, n_left = 0;

  add (from);
  for (unsigned n = 1; n < 400; n++)
    {
      agent->stop ();
      ASSERT_TRUE (agent->start ());
      Outcome outcome = kill_agent_before_call (*agent, n, request);
      if (outcome == Outcome::unable)
        GTEST_SKIP () << "only root can trace the agent";
      ASSERT_NE (outcome, Outcome::failed) << "at call " << n;
      if (outcome == Outcome::finished)
        break;
      n_killed++;
      ASSERT_TRUE (agent->start ());
      // What the record names holds the credential.
      ASSERT_THAT (agent->post ("svc", key, kToolCall).body, HasSubstr ("\"result\""))
          << "killed before call " << n << ", the record says " << keyring ();
      n_left += keyring () == to && (from == "secret-service" ? is_on_the_desktop () : false);
      // Again, and then back for the next round: every time it comes to its end and tidies up.
      Response again = move (to);
      ASSERT_EQ (again.status, 200) << "after call " << n << ": " << again.body;
      ASSERT_EQ (keyring (), to);
      ASSERT_EQ (is_on_the_desktop (), to == "secret-service") << "after call " << n;
      expect_works ();
      ASSERT_EQ (move (from).status, 200);
      ASSERT_EQ (is_on_the_desktop (), from == "secret-service");
    }
  EXPECT_GE (n_killed, 5u);
  RecordProperty ("killed", static_cast<int> (n_killed));
  RecordProperty ("left_over", static_cast<int> (n_left));
}

} // namespace

TEST_F (Move, ThereAndBackThroughTheCommand)
{
  add ("secret-service");

  Finished moved = agent->cli ({ "bindify", "keyring", "move", "svc", "--to", "vault" });
  EXPECT_EQ (moved.status, 0) << moved.errors;
  EXPECT_EQ (moved.output, "Moved svc from secret-service to vault.\n");
  EXPECT_EQ (keyring (), "vault");
  EXPECT_FALSE (is_on_the_desktop ());
  expect_works ();

  EXPECT_THAT (agent->cli ({ "bindify", "keyring", "move", "svc", "--to", "vault" }).output,
               HasSubstr ("in vault already"));
  Finished back = agent->cli ({ "bindify", "keyring", "move", "--all", "--to", "secret-service" });
  EXPECT_EQ (back.status, 0) << back.errors;
  EXPECT_TRUE (is_on_the_desktop ());
  expect_works ();
  EXPECT_THAT (agent->control ("GET", "/v1/events").body,
               HasSubstr ("\"detail\":\"vault to secret-service\""));
}

TEST_F (Move, ListSaysWhatIsWhere)
{
  add ("vault");
  std::string text = agent->cli ({ "bindify", "keyring", "list" }).output;

  EXPECT_THAT (text, testing::ContainsRegex ("vault +ready +1 +here +/"));
  EXPECT_THAT (text, testing::ContainsRegex ("secret-service +ready +0"));
  EXPECT_THAT (agent->cli ({ "bindify", "keyring", "list", "--json" }).output,
               HasSubstr ("\"is_default\" : true"));
}

TEST_F (Move, RefusalsChangeNothing)
{
  add ("vault");
  Finished nowhere = agent->cli ({ "bindify", "keyring", "move", "svc" });
  EXPECT_EQ (nowhere.status, 1);
  EXPECT_THAT (nowhere.errors, HasSubstr ("Try: bindify keyring move NAME --to vault"));
  EXPECT_EQ (move ("nothing").status, 503);
  EXPECT_EQ (move ("auto").status, 400);
  EXPECT_EQ (agent->cli ({ "bindify", "keyring", "move", "svc", "other", "--to", "memory" }).status,
             1)
      << "one that is not there is told, and does not keep the others";
  EXPECT_EQ (keyring (), "memory");
}

// D12: what cannot be stored or read back stays where it was.
TEST_F (Move, AFailureKeepsTheSource)
{
  add ("vault");
  daemon->lock ();
  Response refused = move ("secret-service");

  EXPECT_EQ (refused.status, 423) << refused.body;
  EXPECT_THAT (refused.body, HasSubstr ("where it was"));
  EXPECT_EQ (keyring (), "vault");
  expect_works ();
}

// D12 the other way: the vault's disk is full or its folder read-only.
TEST_F (Move, ATargetThatCannotBeWrittenKeepsTheSource)
{
  add ("secret-service");
  std::ofstream (agent->state_dir () + "/vault") << "in the way";
  Response refused = move ("vault");

  EXPECT_GE (refused.status, 400) << refused.body;
  EXPECT_EQ (keyring (), "secret-service");
  EXPECT_TRUE (is_on_the_desktop ());
  expect_works ();
}

TEST_F (Move, KilledAnywhereFromVaultToDesktop)
{
  kill_loop ("vault", "secret-service");
}

TEST_F (Move, KilledAnywhereFromDesktopToVault)
{
  kill_loop ("secret-service", "vault");
}
