// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The emergency brake: `bindify freeze` in the midst of everything, `bindify thaw`, and `bindify
// panic`, which also gives tokens back. Real agent, real command line, scripted upstreams.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/await.h"
#include "tests/fixture/person.h"
#include "tests/fixture/proxied.h"
#include "tests/fixture/signing-in.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr int kClients = 50;

class Freeze : public Proxied
{
protected:
  // An upstream that takes every call and says no more than that it has it.
  void open_hanging ()
  {
    open ([this] (Upstream::Peer &peer, const Upstream::Request &request) {
      if (request.method == "GET")
        {
          peer.begin_events ();
          peer.event ("first");
        }
      upstream->signal ("taken " + request.method);
      if (peer.wait_for_close (kPatienceMs))
        upstream->signal ("closed " + request.method);
    });
  }

  static void expect_frozen (const Response &response)
  {
    EXPECT_EQ (response.status, 200) << response.head;
    EXPECT_THAT (response.body,
                 AllOf (HasSubstr ("\"code\":-31008"), HasSubstr ("\"reason\":\"frozen\""),
                        HasSubstr ("bindify thaw"), HasSubstr ("\"id\":\"call-1\"")));
    EXPECT_EQ (response.header ("x-bindify-origin"), "agent");
  }
  static size_t count (const std::string &text, const std::string &word)
  {
    size_t n = 0;

    for (size_t at = text.find (word); at != std::string::npos; at = text.find (word, at + 1))
      n++;

    return n;
  }
  bool is_frozen ()
  {
    return agent->control ("GET", "/v1/lock").body.find ("\"frozen\":true") != std::string::npos;
  }
  std::string state ()
  {
    return json_string (agent->control ("GET", "/v1/bindings/svc").body, "state");
  }
};

} // namespace

TEST_F (Freeze, EndsWhatIsUnderWayHereAndAtTheUpstream)
{
  open_hanging ();
  Connection waiting = begin ("POST", kToolCall);
  ASSERT_TRUE (upstream->wait ("taken POST"));
  Connection streaming = begin ("GET", "", "Accept: text/event-stream");
  ASSERT_TRUE (upstream->wait ("taken GET"));
  Response stream = streaming.read_head ();
  streaming.read_body_until (stream, "first");

  Finished frozen = agent->cli ({ "bindify", "freeze" });
  EXPECT_EQ (frozen.status, 0) << frozen.errors;
  EXPECT_THAT (frozen.output, HasSubstr ("bindify thaw"));
  expect_frozen (waiting.read_response ());
  EXPECT_TRUE (streaming.wait_for_close (kPatienceMs));
  EXPECT_TRUE (upstream->wait ("closed POST"));
  EXPECT_TRUE (upstream->wait ("closed GET"));

  std::string events = agent->control ("GET", "/v1/events?type=proxy_request").body;
  EXPECT_EQ (count (events, R"("category":"frozen")"), 2u) << events;
  EXPECT_THAT (events, Not (HasSubstr (R"("category":"cancelled")")));
}

// Also one that has been given no credential: what it can do, it can do without the agent.
TEST_F (Freeze, StopsLocalServers)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (agent
                 ->control ("POST", "/v1/bindings",
                            R"({"name":"local","check":false,"command":{"argv":)"
                            R"(["/usr/bin/python3",")" +
                                std::string (getenv ("BFY_TEST_FIXTURES_DIR")) +
                                R"(/stdio-server.py"],"sandbox":false}})")
                 .status,
             201);
  const std::string accept = "Accept: application/json, text/event-stream";
  const std::string stderr_path = "/v1/bindings/local/stderr";
  const std::string session =
      agent->post ("local", key, kInitialize, accept).header ("mcp-session-id");
  ASSERT_NE (session, "");
  Connection waiting = agent->tcp ();
  waiting.send (format_request ("POST", "/mcp/local", agent->host (),
                                "Authorization: Bearer " + key +
                                    "\r\nContent-Type: application/json\r\n" + accept +
                                    "\r\nMcp-Session-Id: " + session,
                                R"({"jsonrpc":"2.0","id":"call-1","method":"tools/call","params":)"
                                R"({"name":"slow","arguments":{"waits":true}}})"));
  ASSERT_TRUE (wait_until ([&] {
    return agent->control ("GET", stderr_path).body.find ("slow waits") != std::string::npos;
  }));
  EXPECT_THAT (agent->control ("GET", stderr_path).body, HasSubstr (R"("running":1)"));
  ASSERT_EQ (agent->cli ({ "bindify", "freeze" }).status, 0);

  expect_frozen (waiting.read_response ());
  EXPECT_TRUE (wait_until ([&] {
    return agent->control ("GET", stderr_path).body.find (R"("running":0)") != std::string::npos;
  }));
  EXPECT_THAT (agent->control ("GET", "/v1/events?type=proxy_request&binding=local").body,
               AllOf (HasSubstr (R"("category":"frozen")"), Not (HasSubstr ("cancelled"))));
  ASSERT_EQ (agent->cli ({ "bindify", "thaw" }).status, 0);
  EXPECT_EQ (agent->post ("local", key, kInitialize, accept).status, 200);
}

TEST_F (Freeze, RefusesEverythingUntilThaw)
{
  open (mcp_script (kSecret));
  ASSERT_THAT (call ().body, HasSubstr ("\"result\""));
  ASSERT_EQ (agent
                 ->control ("POST", "/v1/bindings",
                            R"({"name":"open","allow_local":true,"check":false,"url":")" +
                                upstream->url () + "\"}")
                 .status,
             201);
  const size_t n_before = upstream->requests ().size ();
  ASSERT_EQ (agent->cli ({ "bindify", "freeze" }).status, 0);

  expect_frozen (call ());
  expect_frozen (agent->post ("open", key, kToolCall)); // one that needs no credential
  EXPECT_EQ (call (R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status, 202);
  EXPECT_EQ (begin ("GET").read_response ().status, 405);
  EXPECT_EQ (begin ("DELETE").read_response ().status, 405);
  EXPECT_THAT (agent->post ("all", key, kToolCall).body, Not (HasSubstr ("\"result\"")));
  EXPECT_THAT (call (R"([{"jsonrpc":"2.0","id":7,"method":"tools/list"}])").body,
               HasSubstr ("\"id\":7"));
  EXPECT_EQ (agent->post ("svc", "bnd_local_wrong", kToolCall).status, 404) << "as ever";
  EXPECT_EQ (upstream->requests ().size (), n_before) << "nothing went out";
  Response added = agent->add ("other", upstream->url (), kSecret);
  EXPECT_EQ (added.status, 423);
  EXPECT_EQ (json_string (added.body, "error"), "frozen");
  EXPECT_EQ (agent->control ("DELETE", "/v1/bindings/svc").status, 423);
  EXPECT_EQ (agent->cli ({ "bindify", "call", "svc", "echo", "message=hi" }).status, 4);
  EXPECT_EQ (agent->cli ({ "bindify", "list" }).status, 0);
  EXPECT_THAT (agent->cli ({ "bindify", "log" }).output, HasSubstr ("frozen"));
  EXPECT_THAT (agent->cli ({ "bindify", "status" }).output, HasSubstr ("Frozen"));
  // What takes something away is not refused.
  EXPECT_EQ (agent->cli ({ "bindify", "pause", "svc" }).status, 0);
  EXPECT_EQ (agent->cli ({ "bindify", "resume", "svc" }).status, 0);
  EXPECT_EQ (agent->control ("POST", "/v1/clients", R"({"label":"new"})").status, 423);
  Finished again = agent->cli ({ "bindify", "freeze" });
  EXPECT_EQ (again.status, 0);
  EXPECT_THAT (again.output, HasSubstr ("frozen already"));

  Finished thawed = agent->cli ({ "bindify", "thaw" });
  EXPECT_EQ (thawed.status, 0) << thawed.errors;
  EXPECT_THAT (agent->cli ({ "bindify", "thaw" }).output, HasSubstr ("Nothing is frozen"));
  EXPECT_THAT (call ().body, HasSubstr ("\"result\""));
}

TEST_F (Freeze, FiftyClientsAreAllTold)
{
  std::vector<Connection> waiting;

  open_hanging ();
  for (int i = 0; i < kClients; i++)
    waiting.push_back (begin ("POST", kToolCall));
  upstream->requests (kClients);
  ASSERT_EQ (agent->control ("POST", "/v1/freeze").status, 200);
  for (Connection &connection : waiting)
    expect_frozen (connection.read_response ());
}

// Questions that wait are refused, and what was answered before does not count any more.
TEST (FreezeAndQuestions, NothingThatWasAllowedIsLeft)
{
  Upstream upstream (mcp_script ("sk-freeze-0123456789abcdef"));
  Agent::Options options;
  options.profile = "reads-flow";
  Agent agent (options);
  ASSERT_EQ (agent.add ("svc", upstream.url (), "sk-freeze-0123456789abcdef").status, 201);
  const std::string key = agent.add_client ("story"), other = agent.add_client ("other");
  Person asker (agent), person (agent, { "--pty" });
  const std::string token = person.register_as ("terminal");
  ASSERT_NE (token, "") << person.refusal ();
  int asked = asker.ask ("/mcp/svc", kToolCall, key);
  ASSERT_EQ (person.reply (token, person.event ("opened"), "allow", "10min").status, 204);
  ASSERT_THAT (asker.answer (asked).body, HasSubstr ("\"result\""));

  int waiting = asker.ask ("/mcp/svc", kToolCall, other);
  ASSERT_NE (person.event ("opened"), "");
  ASSERT_EQ (agent.cli ({ "bindify", "freeze" }).status, 0);
  EXPECT_THAT (asker.answer (waiting).body,
               AllOf (HasSubstr ("-31008"), HasSubstr ("\"reason\":\"frozen\"")));
  EXPECT_NE (person.event ("closed"), "");
  EXPECT_THAT (agent.control ("GET", "/v1/grants").body, HasSubstr ("\"grants\":[]"));

  ASSERT_EQ (agent.cli ({ "bindify", "thaw" }).status, 0);
  int again = asker.ask ("/mcp/svc", kToolCall, key);
  EXPECT_NE (person.event ("opened"), "") << "it is asked for anew";
  asker.hang_up (again);
}

TEST_F (Freeze, OutlivesTheAgentAndIsNoLock)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (agent->control ("POST", "/v1/freeze").status, 200);
  agent->kill ();
  ASSERT_TRUE (agent->start ());

  EXPECT_TRUE (is_frozen ());
  expect_frozen (call ());
  ASSERT_EQ (agent->control ("POST", "/v1/unlock").status, 200);
  expect_frozen (call ());
  EXPECT_TRUE (is_frozen ()) << "unlocking does not thaw";
  ASSERT_EQ (agent->cli ({ "bindify", "thaw" }).status, 0);
  EXPECT_THAT (call ().body, HasSubstr ("\"result\""));
}

TEST_F (Freeze, ThawLeavesALockAlone)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (agent->cli ({ "bindify", "lock", "--stdin" }, "pass\n").status, 0);
  ASSERT_EQ (agent->cli ({ "bindify", "freeze" }).status, 0);
  Finished thawed = agent->cli ({ "bindify", "thaw" });

  EXPECT_EQ (thawed.status, 0);
  EXPECT_THAT (thawed.output, HasSubstr ("still locked"));
  EXPECT_THAT (call ().body, HasSubstr ("\"reason\":\"locked\""));
  EXPECT_EQ (agent->cli ({ "bindify", "unlock", "--stdin" }, "pass\n").status, 0);
  EXPECT_THAT (call ().body, HasSubstr ("\"result\""));
}

TEST_F (Freeze, PanicPausesWhatItCannotTakeBackAndSaysWhereToDoIt)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (agent
                 ->control ("POST", "/v1/bindings",
                            R"({"name":"gh","service":"github","check":false,"credential":)"
                            R"({"type":"api_key","api_key":"ghp_0123456789abcdefghij"}})")
                 .status,
             201);
  Finished panic = agent->cli ({ "bindify", "panic", "svc", "gh", "nothere" });

  EXPECT_EQ (panic.status, 1) << panic.errors;
  EXPECT_THAT (panic.output, HasSubstr ("svc: paused; its token is still valid"));
  EXPECT_THAT (panic.output,
               HasSubstr ("gh: paused; its token is still valid: revoke it at https"));
  EXPECT_THAT (panic.output, HasSubstr ("nothere: there is no such binding"));
  EXPECT_TRUE (is_frozen ());
  EXPECT_EQ (state (), "paused");
  ASSERT_EQ (agent->cli ({ "bindify", "thaw" }).status, 0);
  EXPECT_THAT (call ().body, HasSubstr ("\"reason\":\"paused\""));
  ASSERT_EQ (agent->cli ({ "bindify", "resume", "svc" }).status, 0);
  EXPECT_THAT (call ().body, HasSubstr ("\"result\"")) << "a false alarm costs nothing";
}

TEST_F (Freeze, PanicWantsToKnowWhichOnes)
{
  open (mcp_script (kSecret));
  EXPECT_EQ (agent->cli ({ "bindify", "panic" }).status, 1);
  EXPECT_EQ (agent->cli ({ "bindify", "panic", "--all", "svc" }).status, 1);
  for (const char *body : { "", "{}", "[]", R"({"all":true,"bindings":["svc"]})",
                            R"({"bindings":"svc"})", R"({"all":true,"more":1})" })
    EXPECT_EQ (agent->control ("POST", "/v1/panic", body).status, 400) << body;
  EXPECT_FALSE (is_frozen ());
}

namespace
{

class Panic : public testing::Test
{
protected:
  void SetUp () override
  {
    SigningIn signing = SigningIn::add (agent, server, "svc");

    browse (signing.url ());
    ASSERT_NE (json_string (signing.end (), "id"), "");
  }

  SignInServer server;
  Agent agent;
};

} // namespace

TEST_F (Panic, GivesTokensBackAlthoughAllIsFrozen)
{
  Finished panic = agent.cli ({ "bindify", "panic", "--all" });

  EXPECT_EQ (panic.status, 0) << panic.output << panic.errors;
  EXPECT_THAT (panic.output, HasSubstr ("svc: paused; its tokens were revoked and forgotten"));
  EXPECT_EQ (server.count ("revocations"), 1);
  EXPECT_THAT (agent.control ("GET", "/v1/lock").body, HasSubstr ("\"frozen\":true"));
  EXPECT_THAT (agent.control ("GET", "/v1/events").body,
               AllOf (HasSubstr ("\"type\":\"frozen\""), HasSubstr ("\"type\":\"paused\""),
                      HasSubstr ("\"type\":\"logout\"")));
  // What is not there any more cannot be given back twice.
  EXPECT_EQ (agent.cli ({ "bindify", "panic", "svc" }).status, 1);
  EXPECT_EQ (server.count ("revocations"), 1);
}

TEST_F (Panic, SaysWhatTheServerDidNotTakeBackAndKeepsItForASecondTry)
{
  server.faults (R"({"revoke":["503"]})");
  Finished panic = agent.cli ({ "bindify", "panic", "svc" });

  EXPECT_EQ (panic.status, 1);
  EXPECT_THAT (panic.output, HasSubstr ("svc: paused; its token is still valid"));
  Finished again = agent.cli ({ "bindify", "panic", "svc" });
  EXPECT_EQ (again.status, 0) << again.output << again.errors;
  EXPECT_THAT (again.output, HasSubstr ("revoked and forgotten"));
}

TEST_F (Panic, ALockedAgentCannotGiveAnythingBackAndSaysSo)
{
  ASSERT_EQ (agent.control ("POST", "/v1/lock").status, 200);
  Finished panic = agent.cli ({ "bindify", "panic", "svc" });

  EXPECT_EQ (panic.status, 1);
  EXPECT_THAT (panic.output, HasSubstr ("bindify unlock"));
  EXPECT_EQ (server.count ("revocations"), 0);
}
