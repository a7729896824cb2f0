// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What the agent does by itself for bindings that nobody uses (behaviour 8), and what `bindify
// test` asks for: real agent, real vault, the server that one signs in to, scripted servers for
// what it does not do.

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <thread>

#include "tests/fixture/agent.h"
#include "tests/fixture/old-server.h"
#include "tests/fixture/planted.h"
#include "tests/fixture/upstream.h"
#include "tests/fixture/vault-calls.h"

extern "C"
{
#include "agent/store/store.h"
}

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr gint64 kDay = 24 * 3600;
constexpr char kToken[] = "at-story-0123456789abcdefghijklmnop";

struct Record
{
  gint64 refreshed_ago_s = 1;
  gint64 left_s = 3; // G_MAXINT64: never expires
  bool can_refresh = true;
  const char *service = nullptr;
  BfyBindingState state = BFY_STATE_OK;
};

// Voluntary context switches of all threads: how often it has woken.
long
n_wakes (pid_t pid)
{
  long sum = 0;

  for (const auto &task :
       std::filesystem::directory_iterator ("/proc/" + std::to_string (pid) + "/task"))
    {
      std::ifstream status (task.path () / "status");
      std::string line;

      while (std::getline (status, line))
        if (line.rfind ("voluntary_ctxt_switches:", 0) == 0)
          sum += std::stol (line.substr (line.find (':') + 1));
    }
  return sum;
}

class Timers : public testing::Test
{
protected:
  // Adds a binding with some key, of which plant() makes one of OAuth while the agent is away.
  std::string add (const std::string &name, const std::string &url)
  {
    Response added = agent.add (name, url, "sk-placeholder-0123456789");

    EXPECT_EQ (added.status, 201) << added.body;
    return json_string (added.body, "id");
  }
  void plant (const std::string &id, const BfyCredential *credential, const Record &wish)
  {
    g_autoptr (BfySecret) sealed = bfy_credential_seal (credential);
    VaultKeyring vault (agent.state_dir () + "/vault");
    Error error;

    ASSERT_TRUE (vault.store (id, text_of (sealed), error)) << error;
    change_record (id, wish);
  }
  void change_record (const std::string &id, const Record &wish)
  {
    const gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
    Error error;
    g_autoptr (BfyStore) store = bfy_store_open (agent.state_dir ().c_str (), error.out ());

    ASSERT_NE (store, nullptr) << error;
    g_autoptr (GPtrArray) bindings = bfy_store_load_bindings (store, error.out ());
    for (guint i = 0; i < bindings->len; i++)
      {
        auto *binding = static_cast<BfyBinding *> (bindings->pdata[i]);

        if (binding->id != id)
          continue;
        g_free (binding->auth_type);
        binding->auth_type = g_strdup ("oauth");
        binding->service = g_strdup (wish.service);
        binding->refreshed_at_s = binding->issued_at_s = now_s - wish.refreshed_ago_s;
        binding->expires_at_s = wish.left_s == G_MAXINT64 ? 0 : now_s + wish.left_s;
        binding->can_refresh = wish.can_refresh;
        binding->state = wish.state;
        binding->paused_at_s = wish.state == BFY_STATE_PAUSED ? now_s : 0;
        ASSERT_TRUE (bfy_store_update_binding (store, binding, error.out ())) << error;
      }
    bfy_store_close (store);
  }
  // A binding that somebody has signed in for; its tokens.
  Tokens sign_in_as (SignInServer &server, const std::string &id, const Record &wish)
  {
    const Tokens tokens = sign_in (server);
    g_autoptr (BfyCredential) credential = make_credential (
        server, tokens, { .issued_ago_s = wish.refreshed_ago_s, .left_s = wish.left_s });

    plant (id, credential, wish);
    return tokens;
  }
  void start_again ()
  {
    ASSERT_TRUE (agent.start ()) << agent.process ().errors ();
    key = agent.add_client ("story");
  }
  Response call (const std::string &name)
  {
    return agent.post (name, key, kInitialize);
  }
  std::string events ()
  {
    return agent.control ("GET", "/v1/events").body;
  }
  bool wait_for_event (const std::string &text)
  {
    for (int i = 0; i < kPatienceMs / 20; i++)
      {
        if (events ().find (text) != std::string::npos)
          return true;
        usleep (20000); // polls another process: there is nothing to wait on
      }
    return false;
  }
  std::string show (const std::string &name)
  {
    return agent.control ("GET", "/v1/bindings/" + name).body;
  }
  Response test (const std::string &name)
  {
    return agent.control ("POST", "/v1/bindings/" + name + "/test");
  }
  void write_service (const std::string &more)
  {
    const std::string dir = agent.dir ().path ("config/bindify/services.d");

    g_mkdir_with_parents (dir.c_str (), 0700);
    std::ofstream (dir + "/kept.json")
        << R"({"id":"kept","name":"Kept","mcp_url":"https://mcp.example.com/mcp",)"
           R"("oauth":{"authorize_url":"https://example.com/a","token_url":"https://example.com/t",)"
           R"("client":"own","pkce":true,"scopes":[]},"requires_refresh":false)" +
               more + "}";
  }

  Agent agent;
  std::string key;
};

// A binding whose service wants its sessions kept alive, and a scripted server behind it.
class KeepAlive : public Timers
{
protected:
  void open (Upstream::Script script, const std::string &quirks = "")
  {
    upstream = std::make_unique<Upstream> (std::move (script));
    write_service (quirks);
    id = add ("svc", upstream->url ());
    agent.stop ();
    g_autoptr (BfySecret) token = bfy_secret_new (kToken, strlen (kToken));
    g_autoptr (BfyCredential) credential =
        bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, token);
    plant (id, credential,
           { .refreshed_ago_s = 2 * kDay,
             .left_s = G_MAXINT64,
             .can_refresh = false,
             .service = "kept" });
    start_again ();
  }
  std::vector<std::string> methods ()
  {
    std::vector<std::string> methods;

    for (const Upstream::Request &request : upstream->requests ())
      methods.push_back (request.method == "POST" ? json_string (request.body, "method")
                                                  : request.method);
    return methods;
  }

  std::unique_ptr<Upstream> upstream;
  std::string id;
};

// A session with one tool; as events if wanted.
Upstream::Script
session_script (bool as_events = false)
{
  return [as_events] (Upstream::Peer &peer, const Upstream::Request &request) {
    const std::string answer = request.method == "POST" ? mcp_answer (request.body) : "";
    const std::string session =
        request.body.find ("\"initialize\"") != std::string::npos ? "Mcp-Session-Id: s-1" : "";

    if (request.header ("authorization") != std::string ("Bearer ") + kToken)
      peer.reply (401, "");
    else if (request.method == "DELETE")
      peer.reply (200, "");
    else if (answer.empty ())
      peer.reply (202, "");
    else if (!as_events)
      peer.reply (200, answer, session);
    else
      {
        peer.begin_events (session);
        peer.event (answer);
        peer.end_chunks ();
      }
  };
}

} // namespace

// --- Refreshing ---

TEST_F (Timers, TokensAreRenewedBeforeTheirEndWhileNobodyUsesThem)
{
  SignInServer server ({ "--life", "3" });
  const std::string id = add ("svc", server.url ()), paused = add ("paused", server.url ());

  agent.stop ();
  sign_in_as (server, id, { .left_s = 2 });
  const Tokens untouched = sign_in_as (
      server, paused, { .refreshed_ago_s = 2 * kDay, .left_s = -1, .state = BFY_STATE_PAUSED });
  start_again ();

  ASSERT_TRUE (server.wait_for ("refresh_token", 2));
  EXPECT_EQ (call ("svc").status, 200);
  EXPECT_EQ (server.count ("expired"), 0) << server.log ();
  EXPECT_THAT (show ("svc"), HasSubstr ("\"state\":\"ok\""));
  EXPECT_THAT (events (), HasSubstr ("\"type\":\"token_refresh\",\"category\":\"success\""));
  // That of the paused one has not been used: else this were its second time.
  EXPECT_FALSE (refresh (server, untouched.refresh).access.empty ());
  EXPECT_EQ (server.count ("reuse"), 0);
}

// What was missed while the agent, or the machine, was away.
TEST_F (Timers, WhatIsOverdueIsCaughtUpAtOnce)
{
  SignInServer server;
  const std::string id = add ("svc", server.url ());

  agent.stop ();
  sign_in_as (server, id, { .refreshed_ago_s = 2 * kDay, .left_s = -kDay });
  start_again ();

  ASSERT_TRUE (server.wait_for ("refresh_token", 1));
  ASSERT_TRUE (wait_for_event ("token_refresh"));
  EXPECT_EQ (call ("svc").status, 200);
  EXPECT_EQ (server.count ("refresh_token"), 1);
}

// A failing server is left alone for a while, however often something else happens (craft G10).
TEST_F (Timers, AFailureIsNotRepeatedAtOnce)
{
  SignInServer server;
  const std::string id = add ("svc", server.url ());

  agent.stop ();
  sign_in_as (server, id, { .refreshed_ago_s = 2 * kDay, .left_s = -kDay });
  server.faults (R"({"token":["503","503","503"]})");
  start_again ();
  ASSERT_TRUE (wait_for_event ("refresh_failed"));
  for (const char *command : { "pause", "resume", "pause", "resume" })
    agent.cli ({ "bindify", command, "svc" });
  test ("svc");

  EXPECT_LE (server.count ("refresh_token"), 2) << "by timer once, and once for the person";
  EXPECT_THAT (show ("svc"), Not (HasSubstr ("needs_login\"")));
}

// behaviour 8.5.
TEST_F (Timers, AForgottenRegistrationIsToldOnceAndChangesNothing)
{
  const std::string log = agent.dir ().path ("server.log");
  SignInServer server ({ "--life", "2", "--log", log });
  const std::string id = add ("svc", server.url ());

  agent.stop ();
  const Tokens tokens = sign_in (server);
  g_autoptr (BfyCredential) credential =
      make_credential (server, tokens, { .issued_ago_s = 1, .left_s = 1 });
  credential->source->client->origin = BFY_CLIENT_REGISTERED;
  credential->source->client->registration_uri =
      g_strdup (server.url ("/register/forgotten").c_str ());
  credential->source->client->registration_token = bfy_secret_new ("rat-0123456789", 14);
  plant (id, credential, { .left_s = 1 });
  start_again ();

  ASSERT_TRUE (wait_for_event ("dcr_dead"));
  ASSERT_TRUE (server.wait_for ("refresh_token", 3));
  std::ifstream file (log);
  std::stringstream text;
  text << file.rdbuf ();
  size_t first = text.str ().find ("/register/forgotten");
  ASSERT_NE (first, std::string::npos);
  EXPECT_EQ (text.str ().find ("/register/forgotten", first + 1), std::string::npos);
  EXPECT_THAT (text.str (), Not (HasSubstr ("rat-0123456789")));
  EXPECT_THAT (show ("svc"), HasSubstr ("\"state\":\"ok\""));
  EXPECT_EQ (call ("svc").status, 200);
}

// Sleeping, that is what an agent does that has nothing to do (craft 1.10).
TEST_F (Timers, NothingWakesAnIdleAgent)
{
  SignInServer server;
  const std::string id = add ("svc", server.url ());

  agent.stop ();
  sign_in_as (server, id, { .left_s = 3600 });
  start_again ();
  ASSERT_EQ (call ("svc").status, 200);
  // What the call has left to do: events, a connection that is kept.
  std::this_thread::sleep_for (std::chrono::milliseconds (1000));
  const long before = n_wakes (agent.process ().pid ());
  std::this_thread::sleep_for (std::chrono::milliseconds (1000));

  EXPECT_EQ (n_wakes (agent.process ().pid ()), before);
}

// --- Keeping alive ---

// behaviour 8.4.
TEST_F (KeepAlive, IsARealHandshakeWhoseSessionIsClosed)
{
  open (session_script ());
  ASSERT_TRUE (wait_for_event ("\"type\":\"keepalive\",\"category\":\"success\""));
  const std::vector<Upstream::Request> requests = upstream->requests (4);

  ASSERT_THAT (methods (),
               ElementsAre ("initialize", "notifications/initialized", "tools/list", "DELETE"));
  for (size_t i = 1; i < requests.size (); i++)
    {
      EXPECT_EQ (requests[i].header ("mcp-session-id"), "s-1") << i;
      EXPECT_EQ (requests[i].header ("mcp-protocol-version"), "2025-11-25") << i;
    }
  EXPECT_THAT (events (), HasSubstr ("\"detail\":\"1 tools\""));
  EXPECT_THAT (show ("svc"),
               AllOf (HasSubstr ("\"state\":\"ok\""), HasSubstr ("\"last_used_at\":null")))
      << "nobody has used it";
}

TEST_F (KeepAlive, TakesAnswersAsEvents)
{
  open (session_script (true));
  EXPECT_TRUE (wait_for_event ("\"type\":\"keepalive\",\"category\":\"success\""));
}

// What it asks, the strictest policy lets everybody ask; the list shows what may be used.
TEST_F (KeepAlive, NoPolicyStandsInItsWay)
{
  open (session_script ());
  ASSERT_TRUE (wait_for_event ("keepalive"));
  ASSERT_EQ (agent
                 .control ("PUT", "/v1/bindings/svc/policy",
                           R"({"version":1,"default":"deny","rules":[]})")
                 .status,
             200);

  const Response tested = test ("svc");
  EXPECT_EQ (tested.status, 200) << tested.body;
  EXPECT_THAT (tested.body, HasSubstr ("\"n_tools\":0"));
}

struct KeepAliveCase
{
  const char *name;
  int status;
  const char *quirks;
  const char *event, *state;
};

class KeepAliveTable : public KeepAlive, public testing::WithParamInterface<KeepAliveCase>
{
};

TEST_P (KeepAliveTable, Tells)
{
  const KeepAliveCase &row = GetParam ();

  open ([&] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (row.status, "{}"); },
        row.quirks);
  ASSERT_TRUE (wait_for_event (std::string ("\"category\":\"") + row.event)) << events ();
  EXPECT_EQ (json_string (show ("svc"), "state"), row.state);
}

// behaviour 8.4, 16.3.
INSTANTIATE_TEST_SUITE_P (
    Servers,
    KeepAliveTable,
    testing::Values (KeepAliveCase{ "Unauthorized", 401, "", "auth_failed", "needs_login" },
                     KeepAliveCase{ "Forbidden", 403, "", "auth_failed", "needs_login" },
                     KeepAliveCase{ "Broken", 500, "", "transient_error", "ok" },
                     KeepAliveCase{ "NotAllowed", 405, "", "transient_error", "ok" },
                     KeepAliveCase{ "NotAllowedAsExpected", 405, R"(,"quirks":{"get_405":true})",
                                    "expected", "ok" }),
    [] (const auto &info) { return info.param.name; });

// --- bindify test ---

class TestCommand : public Timers
{
protected:
  static constexpr char kSecret[] = "sk-test-0123456789abcdefghijklmnop";

  Upstream upstream{ mcp_script (kSecret) };
};

TEST_F (TestCommand, AsksTheServerOfAKey)
{
  ASSERT_EQ (agent.add ("svc", upstream.url (), kSecret).status, 201);
  const Response tested = test ("svc");

  ASSERT_EQ (tested.status, 200) << tested.body;
  EXPECT_THAT (tested.body,
               AllOf (HasSubstr ("\"status\":200"), HasSubstr ("\"n_tools\":1"),
                      HasSubstr ("\"version\":\"2025-11-25\""), HasSubstr ("\"duration_ms\":")));
  EXPECT_THAT (tested.body, Not (HasSubstr (kSecret)));
  EXPECT_THAT (show ("svc"), HasSubstr ("\"last_used_at\":null"));
  EXPECT_THAT (events (), HasSubstr ("\"client\":\"uid "));
}

TEST_F (TestCommand, AsksWithoutACredentialToo)
{
  Upstream open ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    const std::string answer = request.method == "POST" ? mcp_answer (request.body) : "";

    peer.reply (answer.empty () ? 202 : 200, answer);
  });
  ASSERT_EQ (agent
                 .control ("POST", "/v1/bindings",
                           R"({"name":"svc","allow_local":true,"check":false,"url":")" +
                               open.url () + "\"}")
                 .status,
             201);

  EXPECT_EQ (test ("svc").status, 200);
}

TEST_F (TestCommand, AsksALocalCommand)
{
  const std::string fixtures = getenv ("BFY_TEST_FIXTURES_DIR");

  for (const char *more : { "", R"(,"--modern")" })
    {
      const std::string name = *more == '\0' ? "old" : "new";
      Response added = agent.control (
          "POST", "/v1/bindings",
          R"({"name":")" + name + R"(","check":false,"command":{"argv":["/usr/bin/python3",")" +
              fixtures + R"(/stdio-server.py")" + more + R"(],"sandbox":false}})");
      ASSERT_EQ (added.status, 201) << added.body;
      const Response tested = test (name);

      ASSERT_EQ (tested.status, 200) << tested.body;
      EXPECT_THAT (tested.body,
                   AllOf (HasSubstr ("\"status\":null"), Not (HasSubstr ("\"n_tools\":null"))));
    }
}

// A server of 2026-07-28 knows no initialize.
TEST_F (TestCommand, AsksAServerOfTheOtherEra)
{
  Upstream modern ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    const bool is_discover = request.body.find ("server/discover") != std::string::npos;

    if (request.header ("mcp-protocol-version") != "2026-07-28" ||
        request.header ("mcp-method") != json_string (request.body, "method"))
      peer.reply (400, R"({"jsonrpc":"2.0","id":null,"error":{"code":-32022,"message":)"
                       R"("Unsupported protocol version","data":{"supported":["2026-07-28"]}}})");
    else
      peer.reply (200, std::string (R"({"jsonrpc":"2.0","id":)") + (is_discover ? "2" : "3") +
                           (is_discover ? R"(,"result":{"supportedVersions":["2026-07-28"],)"
                                          R"("capabilities":{"tools":{}},"_meta":{)"
                                          R"("io.modelcontextprotocol/serverInfo":)"
                                          R"({"name":"modern","version":"7"}}}})"
                                        : R"(,"result":{"tools":[]}})"));
  });
  ASSERT_EQ (agent.add ("svc", modern.url (), kSecret).status, 201);
  const Response tested = test ("svc");

  ASSERT_EQ (tested.status, 200) << tested.body;
  EXPECT_THAT (tested.body,
               AllOf (HasSubstr ("\"server\":\"modern\""), HasSubstr ("\"version\":\"2026-07-28\""),
                      HasSubstr ("\"n_tools\":0")));
}

// One of 2024-11-05 knows neither.
TEST_F (TestCommand, AsksAServerWithTheOldTransport)
{
  OldServer old (kSecret);
  agent.add ("svc", old.url (), kSecret);
  agent.add ("wrong", old.url (), "sk-wrong-0123456789");
  const Response tested = test ("svc");

  ASSERT_EQ (tested.status, 200) << tested.body;
  EXPECT_THAT (tested.body,
               AllOf (HasSubstr ("\"version\":\"2024-11-05\""), HasSubstr ("\"n_tools\":null")));
  EXPECT_EQ (json_string (test ("wrong").body, "error"), "needs_login");
}

TEST_F (TestCommand, SaysWhatIsWrong)
{
  Upstream broken ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (500, "<script>alert('evil')</script>");
  });
  Upstream silly ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (200, "<html>evil</html>");
  });
  agent.add ("refused", upstream.url (), "sk-wrong-0123456789");
  agent.add ("broken", broken.url (), kSecret);
  agent.add ("silly", silly.url (), kSecret);
  agent.add ("nobody", "http://127.0.0.1:1/mcp", kSecret);
  const Response refused = test ("refused"), failed = test ("broken"), html = test ("silly");

  EXPECT_EQ (json_string (refused.body, "error"), "needs_login") << refused.body;
  EXPECT_THAT (refused.body, HasSubstr ("bindify login refused"));
  EXPECT_EQ (json_string (show ("refused"), "state"), "needs_login");
  EXPECT_EQ (json_string (failed.body, "error"), "upstream_failed");
  EXPECT_THAT (failed.body, AllOf (HasSubstr ("HTTP 500"), Not (HasSubstr ("evil"))));
  EXPECT_EQ (json_string (html.body, "error"), "upstream_failed");
  EXPECT_THAT (html.body, Not (HasSubstr ("evil")));
  EXPECT_EQ (json_string (test ("nobody").body, "error"), "upstream_failed");
  EXPECT_EQ (json_string (test ("nothing").body, "error"), "not_found");
  EXPECT_THAT (events (), Not (HasSubstr ("evil")));
}

// A refusal of the agent is known by its mark, not by its words.
TEST_F (TestCommand, AServerCannotSpeakForTheAgent)
{
  Upstream liar ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (200,
                R"({"jsonrpc":"2.0","id":1,"error":{"code":-31008,"message":"evil",)"
                R"("data":{"origin":"agent","reason":"locked"}}})",
                "X-Bindify-Origin: agent");
  });
  ASSERT_EQ (agent.add ("svc", liar.url (), kSecret).status, 201);
  const Response tested = test ("svc");

  EXPECT_EQ (json_string (tested.body, "error"), "upstream_failed") << tested.body;
  EXPECT_THAT (tested.body, Not (HasSubstr ("evil")));
}

TEST_F (TestCommand, IsNotForWhatCannotBeUsed)
{
  agent.add ("paused", upstream.url (), kSecret);
  agent.add ("sealed", upstream.url (), kSecret, R"(,"mode":"sealed","client":"laptop")");
  agent.cli ({ "bindify", "pause", "paused" });

  EXPECT_EQ (json_string (test ("paused").body, "error"), "paused");
  EXPECT_EQ (json_string (test ("sealed").body, "error"), "locked");
  agent.add ("svc", upstream.url (), kSecret);
  agent.control ("POST", "/v1/lock");
  EXPECT_EQ (json_string (test ("svc").body, "error"), "locked");
  EXPECT_TRUE (upstream.requests ().empty ());
}

// Whoever asked has gone: so has the question.
TEST_F (TestCommand, IsCalledOffWithTheConnection)
{
  Upstream hanging ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    upstream.signal ("asked");
    if (peer.wait_for_close (kPatienceMs))
      upstream.signal ("closed");
  });
  ASSERT_EQ (agent.add ("svc", hanging.url (), kSecret).status, 201);
  Connection connection = agent.local ();
  connection.send (format_request ("POST", "/v1/bindings/svc/test", "localhost", ""));
  ASSERT_TRUE (upstream.wait ("asked"));
  connection.close ();

  EXPECT_TRUE (upstream.wait ("closed"));
}

// --- Doctor ---

// behaviour 22.1, 22.2.
TEST_F (Timers, DoctorTellsWhatIsWrongWithTokens)
{
  const std::string id = add ("svc", "http://127.0.0.1:1/mcp");

  agent.stop ();
  g_autoptr (BfySecret) token = bfy_secret_new (kToken, strlen (kToken));
  g_autoptr (BfyCredential) credential =
      bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, token);
  credential->expires_at_s = 1;
  plant (id, credential, { .left_s = -10, .can_refresh = false });
  start_again ();
  const std::string found = agent.control ("GET", "/v1/doctor").body;

  EXPECT_THAT (found, AllOf (HasSubstr ("token_expired"), HasSubstr ("token_without_source"),
                             HasSubstr ("bindify login svc"), Not (HasSubstr (kToken))));
}
