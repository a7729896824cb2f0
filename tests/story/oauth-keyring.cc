// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Tokens are renewed, and just then the desktop's real keyring dies or is locked (behaviour 7.10,
// 7.11): the request does not suffer, and the new token is not lost.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/keyring-calls.h"
#include "tests/fixture/keyring-daemon.h"
#include "tests/fixture/planted.h"

extern "C"
{
#include "keyring/secret-service.h"
}

using testing::HasSubstr;

namespace
{

constexpr char kCall[] =
    R"({"jsonrpc":"2.0","id":"call-1","method":"initialize","params":{"protocolVersion":)"
    R"("2025-06-18","capabilities":{},"clientInfo":{"name":"story","version":"1"}}})";

class RefreshDesktop : public testing::Test
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
    options.keyring = "secret-service";
    options.environment["DBUS_SESSION_BUS_ADDRESS"] = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
    agent = std::make_unique<Agent> (options);
    server = std::make_unique<SignInServer> ();
    tokens = sign_in (*server);
    const Response added = agent->control (
        "POST", "/v1/bindings",
        R"({"name":"svc","url":")" + server->url () + R"(","allow_local":true,"check":false,)" +
            R"("credential":{"type":"oauth_token","access_token":")" + tokens.access + "\"}}");
    ASSERT_EQ (added.status, 201) << added.body;
    id = string_member (added.body, "id");
    key = agent->add_client ("story");
    plant ();
  }
  void TearDown () override
  {
    agent.reset ();
    if (daemon != nullptr && daemon->is_running ())
      daemon->kill ();
  }

  void plant ()
  {
    g_autoptr (BfyCredential) credential = make_credential (*server, tokens, {});
    g_autoptr (BfySecret) item = bfy_credential_seal (credential);
    Keyring keyring (bfy_secret_service_new (nullptr));
    Error error;

    ASSERT_TRUE (keyring.store (id, text_of (item), error)) << error;
    agent->control ("POST", "/v1/lock");
    agent->control ("POST", "/v1/unlock");
  }
  std::string planted_refresh ()
  {
    Keyring keyring (bfy_secret_service_new (nullptr));
    Error error;

    return string_member (keyring.lookup (id, error), "refresh_token");
  }
  std::string state ()
  {
    return json_string (agent->control ("GET", "/v1/bindings/svc").body, "state");
  }
  std::string call ()
  {
    return agent->post ("svc", key, kCall).body;
  }
  // Does it while the server's answer is on its way; then the request is answered well.
  void renew_and_meanwhile (const std::function<void ()> &act)
  {
    Connection connection = agent->tcp ();

    server->faults (R"({"token":["late:0.5"]})");
    connection.send (
        format_request ("POST", "/mcp/svc", agent->host (),
                        "Content-Type: application/json\r\nAuthorization: Bearer " + key, kCall));
    ASSERT_TRUE (server->wait_for ("refresh_token", 1));
    act ();
    EXPECT_THAT (connection.read_response ().body, HasSubstr ("\"result\""));
  }

  std::unique_ptr<PrivateDirs> dirs;
  std::unique_ptr<PrivateBus> bus;
  std::unique_ptr<KeyringDaemon> daemon;
  std::unique_ptr<Agent> agent;
  std::unique_ptr<SignInServer> server;
  Tokens tokens;
  std::string id, key;
};

} // namespace

TEST_F (RefreshDesktop, TheNewTokenIsInTheKeyring)
{
  EXPECT_THAT (call (), HasSubstr ("\"result\""));
  EXPECT_NE (planted_refresh (), tokens.refresh);
  EXPECT_EQ (daemon->find ("binding", id.c_str ()).size (), 1u) << "and nothing beside it";
  EXPECT_FALSE (std::filesystem::exists (agent->state_dir () + "/recovery/" + id));
}

TEST_F (RefreshDesktop, AKeyringThatDiesMeanwhileLosesNothing)
{
  renew_and_meanwhile ([&] { daemon->kill (); });
  EXPECT_EQ (state (), "unsaved");
  EXPECT_TRUE (std::filesystem::exists (agent->state_dir () + "/recovery/" + id));
  daemon->start_unlocked ();
  EXPECT_TRUE (wait_until ([&] { return state () == "ok"; }));
  EXPECT_NE (planted_refresh (), tokens.refresh);
  EXPECT_FALSE (std::filesystem::exists (agent->state_dir () + "/recovery/" + id));
}

TEST_F (RefreshDesktop, AKeyringThatIsLockedMeanwhileLosesNothing)
{
  renew_and_meanwhile ([&] { daemon->lock (); });
  EXPECT_EQ (state (), "unsaved");
  EXPECT_THAT (call (), HasSubstr ("\"result\"")) << "it is used all the same";
  daemon->unlock ();
  EXPECT_TRUE (wait_until ([&] { return state () == "ok"; }));
  EXPECT_NE (planted_refresh (), tokens.refresh);
}

// The same when the agent has nothing in memory that tells it what was in the keyring.
TEST_F (RefreshDesktop, NorDoesOneThatDiesAfterALock)
{
  Connection connection = agent->tcp ();

  server->faults (R"({"token":["late:0.5"]})");
  connection.send (format_request ("POST", "/mcp/svc", agent->host (),
                                   "Content-Type: application/json\r\nAuthorization: Bearer " + key,
                                   kCall));
  ASSERT_TRUE (server->wait_for ("refresh_token", 1));
  agent->control ("POST", "/v1/lock");
  agent->control ("POST", "/v1/unlock");
  daemon->kill ();
  EXPECT_THAT (connection.read_response ().body, HasSubstr ("-31008"));
  EXPECT_TRUE (wait_until ([&] { return state () == "unsaved"; }));
  EXPECT_THAT (call (), HasSubstr ("\"result\""));
  daemon->start_unlocked ();
  EXPECT_TRUE (wait_until ([&] { return state () == "ok"; }));
  EXPECT_NE (planted_refresh (), tokens.refresh);
  EXPECT_EQ (server->count ("reuse"), 0);
}

TEST_F (RefreshDesktop, NorDoAKeyringAndAnAgentThatDie)
{
  renew_and_meanwhile ([&] { daemon->kill (); });
  agent->kill ();
  daemon->start_unlocked ();
  EXPECT_EQ (planted_refresh (), tokens.refresh);
  ASSERT_TRUE (agent->start ());
  EXPECT_THAT (call (), HasSubstr ("\"result\""));
  EXPECT_NE (planted_refresh (), tokens.refresh);
  EXPECT_EQ (server->count ("refresh_token"), 1);
  EXPECT_EQ (server->count ("reuse"), 0);
}
