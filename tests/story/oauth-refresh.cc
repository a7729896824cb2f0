// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Requests that meet an OAuth token at the end of its life: the real agent, a real server with
// rotation and reuse detection, and clients that know nothing of it (behaviour 5.4, 7;
// acceptance A1, A2, A3, A12).

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <list>
#include <memory>

#include "tests/fixture/agent.h"
#include "tests/fixture/killed-agent.h"
#include "tests/fixture/planted.h"
#include "tests/fixture/upstream.h"
#include "tests/fixture/vault-calls.h"

extern "C"
{
#include "protocol/client-key.h"
#include "protocol/recovery-record.h"
#include "protocol/sealed-credential.h"
}

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kNothing[] = R"({"jsonrpc":"2.0","id":"call-1","result":{}})";
// Without a session before it.
constexpr char kCall[] =
    R"({"jsonrpc":"2.0","id":"call-1","method":"initialize","params":{"protocolVersion":)"
    R"("2025-06-18","capabilities":{},"clientInfo":{"name":"story","version":"1"}}})";
constexpr char kEcho[] = R"({"jsonrpc":"2.0","id":"call-1","method":"tools/call",)"
                         R"("params":{"name":"echo","arguments":{"text":"hi"}}})";

class Refresh : public testing::Test
{
protected:
  Refresh ()
  {
    tokens = sign_in (server);
    const Response added = add (server.url ());
    id = string_member (added.body, "id");
    key = agent.add_client ("story");
  }

  Response add (const std::string &url)
  {
    const Response added = agent.control (
        "POST", "/v1/bindings",
        R"({"name":"svc","url":")" + url + R"(","allow_local":true,"check":false,)" +
            R"("credential":{"type":"oauth_token","access_token":")" + tokens.access + "\"}}");

    EXPECT_EQ (added.status, 201) << added.body;
    return added;
  }
  std::string vault_dir () const
  {
    return agent.state_dir () + "/vault";
  }
  // In the place of what rests in the vault; the agent reads it with its next use.
  void plant (const Times &times)
  {
    g_autoptr (BfyCredential) credential = make_credential (server, tokens, times);
    g_autoptr (BfySecret) item = bfy_credential_seal (credential);
    VaultKeyring vault (vault_dir ());
    Error error;

    ASSERT_TRUE (vault.store (id, text_of (item), error)) << error;
    agent.control ("POST", "/v1/lock");
    agent.control ("POST", "/v1/unlock");
  }
  void expire ()
  {
    plant ({ 3600, -1 });
    server.set (R"({"expire_all":true})");
  }
  // What rests there.
  Tokens planted ()
  {
    VaultKeyring vault (vault_dir ());
    Error error;
    const std::string text = vault.lookup (id, error);

    EXPECT_THAT (error, Succeeds ());
    return { string_member (text, "access_token"), string_member (text, "refresh_token") };
  }

  std::string record () const
  {
    return agent.state_dir () + "/recovery/" + id;
  }
  static bool has_bytes (const std::string &path)
  {
    std::error_code error;

    return std::filesystem::file_size (path, error) > 0 && !error;
  }
  Response call (const std::string &body = kCall, const std::string &headers = "")
  {
    return agent.post ("svc", key, body, headers);
  }
  Connection
  begin (const std::string &method, const std::string &body = "", const std::string &headers = "")
  {
    Connection connection = agent.tcp ();
    std::string lines = "Authorization: Bearer " + key;

    if (method == "POST")
      lines += "\r\nContent-Type: application/json";
    if (!headers.empty ())
      lines += "\r\n" + headers;
    connection.send (format_request (method, "/mcp/svc", agent.host (), lines, body));
    return connection;
  }
  std::string state ()
  {
    return json_string (agent.control ("GET", "/v1/bindings/svc").body, "state");
  }
  size_t n_events (const std::string &words)
  {
    const std::string events = agent.control ("GET", "/v1/events").body;
    size_t n = 0;

    for (size_t at = events.find (words); at != std::string::npos; at = events.find (words, at + 1))
      n++;
    return n;
  }
  void expect_refusal (const Response &response, int code, const std::string &reason)
  {
    EXPECT_EQ (response.status, 200) << response.head;
    EXPECT_THAT (response.body, HasSubstr ("\"code\":" + std::to_string (code)));
    EXPECT_THAT (response.body, HasSubstr ("\"reason\":\"" + reason + "\""));
    EXPECT_THAT (response.body, HasSubstr ("\"id\":\"call-1\""));
    EXPECT_THAT (response.body, Not (HasSubstr ("evil")));
  }
  void expect_good (const Response &response)
  {
    EXPECT_EQ (response.status, 200) << response.head;
    EXPECT_THAT (response.body, HasSubstr ("\"result\""));
  }

  SignInServer server;
  Agent agent;
  Tokens tokens;
  std::string id, key;
};

} // namespace

// A1: the clients notice nothing but the time that it takes.
TEST_F (Refresh, A1TwentyRequestsAndOneRenewal)
{
  std::list<Connection> connections;

  expire ();
  server.faults (R"({"token":["slow:0.5"]})");
  for (int i = 0; i < 20; i++)
    connections.push_back (begin ("POST", kCall));
  for (Connection &connection : connections)
    expect_good (connection.read_response ());

  EXPECT_EQ (server.count ("refresh_token"), 1);
  EXPECT_EQ (server.count ("reuse"), 0);
  EXPECT_EQ (server.count ("1.2"), 20) << "calls with the new token: " << server.log ();
  EXPECT_EQ (server.count ("expired"), 0) << "an expired token is never sent";
  EXPECT_NE (planted ().refresh, tokens.refresh);
  EXPECT_EQ (n_events ("\"token_refresh\""), 1u);
}

TEST_F (Refresh, ADueTokenIsRenewedBesideTheRequest)
{
  plant ({ 3500, 100 });
  server.faults (R"({"token":["slow:0.5"]})");
  expect_good (call ());
  EXPECT_EQ (server.count ("1.1"), 1) << "it did not wait";
  ASSERT_TRUE (server.wait_for ("refresh_token", 1));
  EXPECT_TRUE (wait_until ([&] { return n_events ("\"token_refresh\"") == 1; }));
  expect_good (call ());
  EXPECT_EQ (server.count ("1.2"), 1);
}

// A2: a server that says its errors with 200, in JSON and as a form. What is valid stays in use.
TEST_F (Refresh, A2ARefusalWith200IsOneAndIsFlaggedOnce)
{
  for (const char *fault : { "200-error", "200-form" })
    {
      const long n_before = server.count ("refresh_token");

      tokens = sign_in (server);
      agent.stop ();
      ASSERT_TRUE (agent.start ());
      plant ({ 3500, 100 });
      server.faults (std::string (R"({"token":[")") + fault + R"("]})");
      expect_good (call ());
      EXPECT_TRUE (wait_until ([&] { return state () == "needs_login"; })) << fault;
      for (int i = 0; i < 3; i++)
        expect_good (call ());
      EXPECT_EQ (server.count ("refresh_token"), n_before + 1) << fault;
      EXPECT_EQ (planted ().refresh, tokens.refresh) << fault;
    }
  EXPECT_EQ (n_events ("\"invalid_grant\""), 2u);
}

// A3: one forced renewal and one more try; a second 401 is the end of it, without a loop.
TEST_F (Refresh, A3OneRenewalAndOneReplayFollowA401)
{
  plant ({ 0, 3600 });
  server.set (R"({"expire_all":true})");
  expect_good (call (kCall));
  EXPECT_EQ (server.count ("refresh_token"), 1);
  EXPECT_EQ (state (), "ok");

  server.faults (R"({"mcp":["401","401","401"]})");
  Response refused = call (kCall);
  expect_refusal (refused, -31005, "needs_login");
  EXPECT_THAT (refused.body, HasSubstr ("bindify login svc"));
  EXPECT_EQ (state (), "needs_login");
  EXPECT_EQ (server.count ("refresh_token"), 2);
  // The next 401 is no reason to ask again.
  expect_refusal (call (kCall), -31005, "needs_login");
  EXPECT_EQ (server.count ("refresh_token"), 2);

  expect_good (call (kCall));
  EXPECT_EQ (state (), "ok") << "a later success clears it";
}

// J41: a server that says 401 for ever is no reason to renew for ever.
TEST_F (Refresh, J41AStormOf401sRenewsOnce)
{
  std::string always;

  for (int i = 0; i < 100; i++)
    always += i == 0 ? "\"401\"" : ",\"401\"";
  plant ({ 0, 3600 });
  server.faults ("{\"mcp\":[" + always + "]}");
  for (int i = 0; i < 10; i++)
    expect_refusal (call (kCall), -31005, "needs_login");
  std::list<Connection> connections;
  for (int i = 0; i < 10; i++)
    connections.push_back (begin ("POST", kCall));
  for (Connection &connection : connections)
    expect_refusal (connection.read_response (), -31005, "needs_login");

  EXPECT_EQ (server.count ("refresh_token"), 1);
  EXPECT_EQ (state (), "needs_login");
}

TEST_F (Refresh, ASingle401FlagsNothing)
{
  plant ({ 0, 3600 });
  server.faults (R"({"mcp":["401"]})");
  expect_good (call (kCall));
  EXPECT_EQ (n_events ("needs_login"), 0u);
  EXPECT_EQ (state (), "ok");
}

// A stream that is opened, and a session that ends, are requests like any other.
TEST_F (Refresh, GetAndDeleteWaitForTheTokenToo)
{
  expire ();
  const Response ended = begin ("DELETE").read_response ();
  EXPECT_THAT (ended.body, Not (HasSubstr ("-31005"))) << ended.head;
  EXPECT_EQ (server.count ("refresh_token"), 1);

  server.faults (R"({"mcp":["401"]})");
  const Response stream = begin ("GET", "", "Accept: text/event-stream").read_head ();
  EXPECT_EQ (server.count ("refresh_token"), 2);
  EXPECT_EQ (stream.header ("x-bindify-origin"), "") << "the answer to the replay is relayed";
  EXPECT_EQ (state (), "ok");
}

// What the agent asks by itself goes the same way.
TEST_F (Refresh, TheEndpointForAllBindingsWaitsToo)
{
  expire ();
  const Response all = agent.post (
      "~all", key,
      R"({"jsonrpc":"2.0","id":"call-1","method":"tools/list","params":{"_meta":{)"
      R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
      R"("io.modelcontextprotocol/clientInfo":{"name":"story","version":"1"},)"
      R"("io.modelcontextprotocol/clientCapabilities":{}}}})",
      "Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n"
      "Mcp-Method: tools/list");

  EXPECT_THAT (all.body, HasSubstr ("svc")) << all.head;
  EXPECT_GE (server.count ("refresh_token"), 1);
  EXPECT_EQ (server.count ("reuse"), 0);
  EXPECT_EQ (server.count ("1.1"), 0);
}

struct FaultCase
{
  const char *name, *fault;
};

class RefreshFault : public Refresh, public testing::WithParamInterface<FaultCase>
{
};

// behaviour 7.5: an expired token is never sent, and the client learns when to come back.
TEST_P (RefreshFault, IsACoolDownForTheClient)
{
  expire ();
  server.faults (std::string (R"({"token":[")") + GetParam ().fault + R"("]})");
  const Response refused = call ();

  expect_refusal (refused, -31007, "refresh_cooldown");
  EXPECT_EQ (refused.header ("retry-after"), "60");
  expect_refusal (call (), -31007, "refresh_cooldown");
  EXPECT_EQ (server.count ("1.1"), 0);
  EXPECT_EQ (state (), "ok");
  EXPECT_EQ (planted ().refresh, tokens.refresh);
  EXPECT_EQ (n_events ("\"token_refresh\""), 1u);
}

INSTANTIATE_TEST_SUITE_P (Faults,
                          RefreshFault,
                          testing::Values (FaultCase{ "ServerError", "503" },
                                           FaultCase{ "Reset", "reset" },
                                           FaultCase{ "Html", "html" },
                                           FaultCase{ "Cut", "cut" }),
                          [] (const testing::TestParamInfo<FaultCase> &info) {
                            return std::string (info.param.name);
                          });

TEST_F (Refresh, AnswersInOtherFormsAreUnderstood)
{
  for (const char *fault : { "form", "wrong-type", "missing:refresh_token" })
    {
      tokens = sign_in (server);
      expire ();
      server.faults (std::string (R"({"token":[")") + fault + R"("]})");
      expect_good (call ());
      EXPECT_NE (planted ().access, tokens.access) << fault;
      EXPECT_NE (planted ().refresh, "") << fault;
    }
}

TEST_F (Refresh, AfterTheTimeThatTheServerAskedForItIsTriedAgain)
{
  expire ();
  server.faults (R"({"token":["429:retry-after=1"]})");
  const Response refused = call ();

  expect_refusal (refused, -31007, "refresh_cooldown");
  EXPECT_EQ (refused.header ("retry-after"), "1");
  EXPECT_TRUE (wait_until ([&] { return call ().body.find ("\"result\"") != std::string::npos; }));
  EXPECT_EQ (server.count ("reuse"), 0);
}

// Nobody can help but a person, and who asks is told so at once.
TEST_F (Refresh, ADeadSignInNamesTheCommand)
{
  expire ();
  server.set (R"({"revoke_all":true})");
  for (int i = 0; i < 3; i++)
    {
      const Response refused = call ();

      expect_refusal (refused, -31005, "needs_login");
      EXPECT_THAT (refused.body, HasSubstr ("bindify login svc"));
    }
  EXPECT_EQ (server.count ("refresh_token"), 1);
  EXPECT_EQ (n_events ("\"invalid_grant\""), 1u);
  EXPECT_EQ (state (), "needs_login");
}

// mcp.md B.2: a wider scope is nothing that a renewal could give.
TEST_F (Refresh, MissingRightsAreNamedAndNotRenewedFor)
{
  plant ({ 0, 3600 });
  server.set (R"({"required_scope":"mcp:write"})");
  const std::string session = "Mcp-Session-Id: " + call ().header ("mcp-session-id");
  const Response refused = call (kEcho, session);

  expect_refusal (refused, -31005, "needs_login");
  EXPECT_THAT (refused.body, HasSubstr ("mcp:write"));
  EXPECT_THAT (refused.body, HasSubstr ("bindify login svc"));
  EXPECT_EQ (server.count ("refresh_token"), 0);
  EXPECT_EQ (state (), "needs_login");
  server.set (R"({"required_scope":null})");
  expect_good (call (kEcho, session));
  EXPECT_EQ (state (), "ok");
}

// --- While a request waits ---

class RefreshWaiting : public Refresh
{
protected:
  // A request whose token is being renewed, and the answer is on its way.
  Connection begin_waiting ()
  {
    expire ();
    server.faults (R"({"token":["late:0.5"]})");
    Connection connection = begin ("POST", kCall);
    EXPECT_TRUE (server.wait_for ("refresh_token", 1));
    return connection;
  }
  bool is_renewed ()
  {
    return wait_until ([&] { return planted ().refresh != tokens.refresh; });
  }
};

TEST_F (RefreshWaiting, TheClientMayGo)
{
  begin_waiting ().close ();
  EXPECT_TRUE (is_renewed ());
  expect_good (call (kCall));
  EXPECT_EQ (server.count ("1.2"), 1) << "what nobody waits for is not sent";
}

TEST_F (RefreshWaiting, APauseEndsTheWait)
{
  Connection waiting = begin_waiting ();

  agent.control ("PATCH", "/v1/bindings/svc", R"({"paused":true})");
  expect_refusal (waiting.read_response (), -31002, "paused");
  EXPECT_TRUE (is_renewed ());
  EXPECT_EQ (server.count ("1.2"), 0);
}

TEST_F (RefreshWaiting, ALockEndsTheWait)
{
  Connection waiting = begin_waiting ();

  agent.control ("POST", "/v1/lock");
  expect_refusal (waiting.read_response (), -31008, "locked");
  EXPECT_TRUE (is_renewed ());
  agent.control ("POST", "/v1/unlock");
  expect_good (call (kCall));
  EXPECT_EQ (server.count ("reuse"), 0);
}

// Making connections takes longer than everything else that is left to do when the token is there.
TEST_F (RefreshWaiting, ConnectionsAreMadeReadyMeanwhile)
{
  Upstream upstream (
      [] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, kNothing); });
  std::vector<Connection> waiting;

  agent.control ("DELETE", "/v1/bindings/svc");
  id = string_member (add (upstream.url ()).body, "id");
  expire ();
  server.faults (R"({"token":["late:1"]})");
  for (int i = 0; i < 3; i++)
    waiting.push_back (begin ("POST", kCall));
  ASSERT_TRUE (wait_until ([&] { return upstream.n_connections () == 3; }));
  EXPECT_EQ (planted ().refresh, tokens.refresh) << "only when the token was there";
  EXPECT_TRUE (upstream.requests ().empty ());
  for (Connection &connection : waiting)
    expect_good (connection.read_response ());
  EXPECT_EQ (upstream.n_connections (), 3);
  EXPECT_EQ (upstream.requests ().size (), 3u);
}

TEST_F (RefreshWaiting, TheBindingMayBeRemoved)
{
  Connection waiting = begin_waiting ();

  EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/svc").status, 204);
  expect_refusal (waiting.read_response (), -31007, "refresh_cooldown");
  EXPECT_EQ (call ().status, 404);
  EXPECT_EQ (agent.stop (), 0);

  VaultKeyring vault (vault_dir ());
  Error error;
  EXPECT_EQ (vault.lookup (id, error), "") << "what came later is dropped";
  EXPECT_FALSE (std::filesystem::exists (record ()));
  EXPECT_FALSE (std::filesystem::exists (vault_dir () + "/refresh-" + id + ".lock"));
}

// The agent ends politely when the answer is there.
TEST_F (RefreshWaiting, AnAgentThatEndsWaitsForTheAnswer)
{
  Connection waiting = begin_waiting ();

  waiting.close ();
  EXPECT_EQ (agent.stop (), 0);
  EXPECT_NE (planted ().refresh, tokens.refresh);
  ASSERT_TRUE (agent.start ());
  expect_good (call ());
  EXPECT_EQ (server.count ("reuse"), 0);
}

// --- kill -9 (acceptance A12) ---

// In front of everything that it does to the outside. The one window that nobody can close: the
// server has made the old token void, and its answer is not on the disk yet.
TEST_F (Refresh, A12KilledAtAnyMomentTheOldOrTheNewTokenWorks)
{
  const std::string request =
      format_request ("POST", "/mcp/svc", "localhost",
                      "Content-Type: application/json\r\nConnection: close", kCall);
  unsigned n_kills = 0, n_lost = 0;
  bool is_done = false;

  while (!is_done)
    {
      tokens = sign_in (server);
      plant ({ 3600, -1 });
      const long n_granted = server.count ("granted");
      switch (kill_agent_before_call (agent, n_kills + 1, request))
        {
        case Outcome::unable:
          GTEST_SKIP () << "tracing is not permitted here";
        case Outcome::failed:
          FAIL () << "the agent did not answer, call " << n_kills + 1;
        case Outcome::finished:
          EXPECT_NE (planted ().refresh, tokens.refresh);
          is_done = true;
          continue;
        case Outcome::killed:
          n_kills++;
          break;
        }
      const bool is_rotated = server.count ("granted") > n_granted;
      const bool is_written = std::filesystem::exists (record ()) ||
                              has_bytes (record () + ".new") ||
                              planted ().refresh != tokens.refresh;
      ASSERT_TRUE (agent.start ());
      const std::string answer = call ().body;
      const bool is_good = answer.find ("\"result\"") != std::string::npos;

      EXPECT_TRUE (is_good || (is_rotated && !is_written)) << "call " << n_kills << answer;
      EXPECT_TRUE (is_good || answer.find ("bindify login svc") != std::string::npos) << answer;
      EXPECT_TRUE (!is_good || wait_until ([&] { return !std::filesystem::exists (record ()); }))
          << "call " << n_kills;
      n_lost += is_good ? 0 : 1;
    }

  // One of ours writes the record; GLib wakes itself up some times before that.
  EXPECT_GT (n_kills, 20u) << "the whole of it was seen";
  EXPECT_LE (n_lost, 12u);
  printf ("killed at %u moments, %u of them in the window between the server's answer and the "
          "record\n",
          n_kills, n_lost);
}

// --- Sealed (behaviour 11.2) ---

class RefreshSealed : public testing::Test
{
protected:
  RefreshSealed ()
  {
    tokens = sign_in (server);
    const Response added = agent.control (
        "POST", "/v1/bindings",
        R"({"name":"svc","url":")" + server.url () + R"(","allow_local":true,"check":false,)" +
            R"("mode":"sealed","client":"first","credential":{"type":"oauth_token",)" +
            R"("access_token":")" + tokens.access + "\"}}");
    EXPECT_EQ (added.status, 201) << added.body;
    id = string_member (added.body.substr (added.body.find ("\"binding\"")), "id");
    key = string_member (added.body, "client_key");
  }

  // The envelope as the first client sees it.
  BfyCredential *open (BfySealedCredential **envelope, BfySecret **data_key, Error &error)
  {
    VaultKeyring vault (agent.state_dir () + "/vault");
    const std::string item = vault.lookup (id, error);
    g_autoptr (BfySecret) sealed = bfy_secret_new (item.data (), item.size ());
    g_autoptr (BfySecret) bytes = bfy_client_key_parse (key.c_str (), key.size ());
    g_autoptr (BfySecret) proof = bfy_client_key_proof (bytes);

    *envelope = bfy_sealed_credential_parse (sealed, error.out ());
    g_auto (GStrv) clients = bfy_sealed_credential_dup_clients (*envelope);
    *data_key =
        bfy_sealed_credential_unwrap (*envelope, id.c_str (), clients[0], proof, error.out ());
    return bfy_sealed_credential_open (*envelope, id.c_str (), *data_key, error.out ());
  }
  void plant (const Times &times)
  {
    g_autoptr (BfySealedCredential) envelope = nullptr;
    g_autoptr (BfySecret) data_key = nullptr;
    Error error;
    g_autoptr (BfyCredential) present = open (&envelope, &data_key, error);
    g_autoptr (BfyCredential) credential = make_credential (server, tokens, times);
    VaultKeyring vault (agent.state_dir () + "/vault");

    ASSERT_NE (present, nullptr) << error;
    ASSERT_TRUE (
        bfy_sealed_credential_store (envelope, id.c_str (), data_key, credential, error.out ()));
    g_autoptr (BfySecret) item = bfy_sealed_credential_to_item (envelope);
    ASSERT_TRUE (vault.store (id, text_of (item), error)) << error;
    agent.control ("POST", "/v1/lock");
    agent.control ("POST", "/v1/unlock");
  }
  Response call (const std::string &with_key)
  {
    return agent.post ("svc", with_key, kCall);
  }

  SignInServer server;
  Agent agent;
  Tokens tokens;
  std::string id, key;
};

TEST_F (RefreshSealed, IsRenewedWithTheKeyInHandAndStaysSealedForAll)
{
  std::list<Connection> connections;
  g_autoptr (BfySealedCredential) envelope = nullptr;
  g_autoptr (BfySecret) data_key = nullptr;
  Error error;

  plant ({ 3600, -1 });
  server.faults (R"({"token":["slow:0.3"]})");
  for (int i = 0; i < 5; i++)
    {
      connections.push_back (agent.tcp ());
      connections.back ().send (
          format_request ("POST", "/mcp/svc", agent.host (),
                          "Content-Type: application/json\r\nAuthorization: Bearer " + key, kCall));
    }
  for (Connection &connection : connections)
    EXPECT_THAT (connection.read_response ().body, HasSubstr ("\"result\""));
  EXPECT_EQ (server.count ("refresh_token"), 1);

  g_autoptr (BfyCredential) renewed = open (&envelope, &data_key, error);
  ASSERT_NE (renewed, nullptr) << error;
  EXPECT_NE (text_of (renewed->refresh), tokens.refresh);
  EXPECT_EQ (server.count ("reuse"), 0);
  // And goes on from there.
  agent.stop ();
  ASSERT_TRUE (agent.start ());
  EXPECT_THAT (call (key).body, HasSubstr ("\"result\""));
}

// Killed after the record was written: it is taken up as soon as somebody comes who can open it.
TEST_F (RefreshSealed, ARecordIsAdoptedWithTheKeyInHand)
{
  g_autoptr (BfySealedCredential) envelope = nullptr;
  g_autoptr (BfySecret) data_key = nullptr;
  Error error;

  plant ({ 3600, -1 });
  g_autoptr (BfyCredential) old = make_credential (server, tokens, {});
  const Tokens next = refresh (server, tokens.refresh);
  g_autoptr (BfyCredential) successor = make_credential (server, next, { 0, 3600 });
  g_autoptr (GBytes) record = bfy_recovery_record_seal (id.c_str (), old, successor, error.out ());
  ASSERT_NE (record, nullptr) << error;
  const std::string folder = agent.state_dir () + "/recovery";
  std::filesystem::create_directory (folder);
  std::filesystem::permissions (folder, std::filesystem::perms::owner_all);
  gsize length;
  const char *bytes = static_cast<const char *> (g_bytes_get_data (record, &length));
  write_file (folder + "/" + id, std::string (bytes, length));
  agent.stop ();
  ASSERT_TRUE (agent.start ());
  EXPECT_TRUE (std::filesystem::exists (folder + "/" + id)) << "the agent alone cannot read it";

  EXPECT_THAT (call (key).body, HasSubstr ("\"result\""));
  EXPECT_EQ (server.count ("refresh_token"), 1) << "that of the agent that was killed";
  EXPECT_EQ (server.count ("reuse"), 0);
  EXPECT_FALSE (std::filesystem::exists (folder + "/" + id));
  g_autoptr (BfyCredential) now = open (&envelope, &data_key, error);
  ASSERT_NE (now, nullptr) << error;
  EXPECT_EQ (text_of (now->refresh), next.refresh);
}

// What somebody else puts in meanwhile is not written over.
TEST_F (RefreshSealed, ANewCredentialMeanwhileStays)
{
  g_autoptr (BfySealedCredential) envelope = nullptr;
  g_autoptr (BfySecret) data_key = nullptr;
  Connection waiting = agent.tcp ();
  Error error;

  plant ({ 3600, -1 });
  server.faults (R"({"token":["late:0.5"]})");
  waiting.send (format_request ("POST", "/mcp/svc", agent.host (),
                                "Content-Type: application/json\r\nAuthorization: Bearer " + key,
                                kCall));
  ASSERT_TRUE (server.wait_for ("refresh_token", 1));
  const Response renewed =
      agent.control ("POST", "/v1/bindings/svc/login",
                     R"({"check":false,"client_key":")" + key +
                         R"(","credential":{"type":"oauth_token","access_token":"at-by-hand"}})");
  EXPECT_EQ (renewed.status, 200) << renewed.body;
  waiting.read_response ();
  agent.stop ();

  g_autoptr (BfyCredential) now = open (&envelope, &data_key, error);
  ASSERT_NE (now, nullptr) << error;
  EXPECT_EQ (text_of (now->secret), "at-by-hand");
  EXPECT_FALSE (std::filesystem::exists (agent.state_dir () + "/recovery/" + id));
}

// Due, but not expired: nothing begins without need, as nobody could seal the result by itself.
TEST_F (RefreshSealed, IsNotRenewedBesideARequest)
{
  plant ({ 3500, 100 });
  EXPECT_THAT (call (key).body, HasSubstr ("\"result\""));
  EXPECT_THAT (call (key).body, HasSubstr ("\"result\""));
  EXPECT_EQ (server.count ("refresh_token"), 0);
}
