// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The agent with the desktop's real keyring, and without one: where a credential goes, what a
// locked or missing keyring does to a request, and that nothing is ever half stored.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/keyring-daemon.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-keyring-story-0123456789";

class AgentKeyring : public testing::Test
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
    options.keyring = "auto";
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

  std::unique_ptr<PrivateDirs> dirs;
  std::unique_ptr<PrivateBus> bus;
  std::unique_ptr<KeyringDaemon> daemon;
  std::unique_ptr<Upstream> upstream;
  std::unique_ptr<Agent> agent;
};

} // namespace

TEST_F (AgentKeyring, AutoPutsTheCredentialIntoTheDesktopsKeyring)
{
  Response added = agent->add ("svc", upstream->url (), kSecret);
  ASSERT_EQ (added.status, 201) << added.body;
  std::string key = agent->add_client ("story");
  std::string id = json_string (added.body, "id");

  EXPECT_EQ (json_string (added.body, "keyring"), "secret-service");
  EXPECT_EQ (daemon->find ("binding", id.c_str ()).size (), 1u);
  EXPECT_EQ (agent->post ("svc", key, kToolCall).status, 200);

  // It is still there after a restart of the agent, and gone when the binding is removed.
  agent->stop ();
  ASSERT_TRUE (agent->start ());
  EXPECT_THAT (agent->post ("svc", key, kToolCall).body, HasSubstr ("\"result\""));
  EXPECT_EQ (agent->control ("DELETE", "/v1/bindings/svc").status, 204);
  EXPECT_EQ (daemon->find ("binding", id.c_str ()).size (), 0u);
  EXPECT_EQ (agent->post ("svc", key, kToolCall).status, 404);
}

// A15: locked is its own answer, nothing hangs, nothing goes elsewhere.
TEST_F (AgentKeyring, A15ALockedKeyringIsSaidAndNothingGoesElsewhere)
{
  agent->add ("svc", upstream->url (), kSecret);
  std::string key = agent->add_client ("story");
  agent->stop ();
  daemon->lock ();
  ASSERT_TRUE (agent->start ());
  Response refused = agent->post ("svc", key, kToolCall);
  Response added = agent->add ("new", upstream->url (), kSecret);

  EXPECT_EQ (refused.status, 200);
  EXPECT_THAT (refused.body, HasSubstr ("\"code\":-31008"));
  EXPECT_THAT (refused.body, HasSubstr ("\"reason\":\"locked\""));
  EXPECT_EQ (added.status, 423) << added.body;
  EXPECT_EQ (agent->control ("GET", "/v1/bindings/new").status, 404);
  EXPECT_EQ (agent->control ("DELETE", "/v1/bindings/svc").status, 423) << "kept, not half removed";
  daemon->unlock ();
  EXPECT_THAT (agent->post ("svc", key, kToolCall).body, HasSubstr ("\"result\""));
}

TEST_F (AgentKeyring, AKilledKeyringDaemonIsFoundAgain)
{
  agent->add ("svc", upstream->url (), kSecret);
  std::string key = agent->add_client ("story");
  agent->stop ();
  ASSERT_TRUE (agent->start ());
  daemon->kill ();
  daemon->start_unlocked ();
  EXPECT_THAT (agent->post ("svc", key, kToolCall).body, HasSubstr ("\"result\""));
}

TEST_F (AgentKeyring, J18AMissingKeyringIsSaid)
{
  agent->add ("svc", upstream->url (), kSecret);
  std::string key = agent->add_client ("story");
  agent->stop ();
  daemon->kill ();
  ASSERT_TRUE (agent->start ());
  Response refused = agent->post ("svc", key, kToolCall);

  EXPECT_EQ (refused.status, 200);
  EXPECT_THAT (refused.body, HasSubstr ("\"reason\":\"keyring_unavailable\""));
  EXPECT_THAT (refused.body, HasSubstr ("\"id\":\"call-1\""));
  // Asked for by name it is an error; only "auto" may choose, and says what it chose.
  Response wanted =
      agent->add ("wanted", upstream->url (), kSecret, ",\"keyring\":\"secret-service\"");
  Response automatic = agent->add ("automatic", upstream->url (), kSecret);
  EXPECT_EQ (wanted.status, 503) << wanted.body;
  EXPECT_EQ (json_string (wanted.body, "error"), "keyring_unavailable");
  EXPECT_EQ (automatic.status, 201) << automatic.body;
  EXPECT_EQ (json_string (automatic.body, "keyring"), "vault");
}

// A new credential in place: the same binding, the same key of the client (behaviour 17.8, A22).
TEST_F (AgentKeyring, ARenewedCredentialKeepsTheBinding)
{
  Response added = agent->add ("svc", upstream->url (), "sk-old");
  std::string key = agent->add_client ("story");
  EXPECT_THAT (agent->post ("svc", key, kToolCall).body, HasSubstr ("-31005"));

  Response wrong =
      agent->control ("POST", "/v1/bindings/svc/login",
                      "{\"credential\":{\"type\":\"api_key\",\"api_key\":\"sk-wrong\"}}");
  EXPECT_EQ (wrong.status, 422) << wrong.body;
  Response renewed = agent->control (
      "POST", "/v1/bindings/svc/login",
      std::string ("{\"credential\":{\"type\":\"api_key\",\"api_key\":\"") + kSecret + "\"}}");
  EXPECT_EQ (renewed.status, 200) << renewed.body;
  EXPECT_EQ (json_string (renewed.body, "id"), json_string (added.body, "id"));
  EXPECT_EQ (json_string (renewed.body, "state"), "ok");
  EXPECT_THAT (agent->post ("svc", key, kToolCall).body, HasSubstr ("\"result\""));
  EXPECT_EQ (daemon->find ("binding", json_string (added.body, "id").c_str ()).size (), 1u);
  EXPECT_THAT (agent->control ("GET", "/v1/events").body, HasSubstr ("\"type\":\"reauth\""));
  EXPECT_EQ (agent
                 ->control ("POST", "/v1/bindings/svc/login",
                            R"({"credential":{"type":"basic_auth","username":"u","password":"p"}})")
                 .status,
             400);
}
