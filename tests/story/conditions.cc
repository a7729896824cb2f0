// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// ssh-add's lifetimes and constraints for credentials: how long, where, for whom and how often one
// may be used. Real agent, real command line, scripted upstream.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/fixture/await.h"
#include "tests/fixture/person.h"
#include "tests/fixture/proxied.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

class Conditions : public Proxied
{
protected:
  // A server with three tools and a resource, which says yes to everything.
  void open_server (const std::string &more = "")
  {
    open (
        [this] (Upstream::Peer &peer, const Upstream::Request &request) {
          if (request.method == "GET")
            {
              peer.begin_events ();
              peer.event ("first");
            }
          upstream->signal ("taken " + request.method);
          if (request.method == "GET" || request.body.find ("\"hang\"") != std::string::npos)
            {
              if (peer.wait_for_close (kPatienceMs))
                upstream->signal ("closed " + request.method);
              return;
            }
          answer (peer, request.body);
        },
        more);
  }

  static void answer (Upstream::Peer &peer, const std::string &body)
  {
    if (body.find ("\"initialize\"") != std::string::npos)
      peer.reply (200, mcp_answer (body));
    else if (body.find ("\"id\":") == std::string::npos)
      peer.write ("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    else if (body.find ("tools/list") != std::string::npos)
      peer.reply (200, result (body, R"({"tools":[{"name":"list_issues","inputSchema":{}},)"
                                     R"({"name":"get_issue","inputSchema":{}},)"
                                     R"({"name":"delete_repo","inputSchema":{}}]})"));
    else if (body.find ("resources/list") != std::string::npos)
      peer.reply (200, result (body, R"({"resources":[{"uri":"x://1","name":"one"}]})"));
    else
      peer.reply (200, result (body, R"({"content":[{"type":"text","text":"done"}]})"));
  }

  // With the id of the request, whatever that is.
  static std::string result (const std::string &body, const std::string &value)
  {
    size_t at = body.find ("\"id\":") + 5;

    return R"({"jsonrpc":"2.0","id":)" + body.substr (at, body.find_first_of (",}", at) - at) +
           R"(,"result":)" + value + "}";
  }

  // The tools that a client is shown of all bindings.
  std::string all_tools (const std::string &its_key)
  {
    std::string session = agent->post ("~all", its_key, kInitialize).header ("mcp-session-id");

    return agent->post ("~all", its_key, request ("tools/list"), "Mcp-Session-Id: " + session).body;
  }

  static std::string request (const std::string &method, const std::string &params = "{}")
  {
    return R"({"jsonrpc":"2.0","id":"call-1","method":")" + method + R"(","params":)" + params +
           "}";
  }

  static std::string tool (const std::string &name)
  {
    return request ("tools/call", R"({"name":")" + name + R"(","arguments":{}})");
  }

  Response patch (const std::string &body, const std::string &name = "svc")
  {
    return agent->control ("PATCH", "/v1/bindings/" + name, body);
  }

  std::string show (const std::string &name = "svc")
  {
    return agent->control ("GET", "/v1/bindings/" + name).body;
  }

  bool is_gone (const std::string &name = "svc")
  {
    return agent->control ("GET", "/v1/bindings/" + name).status == 404;
  }

  std::string events ()
  {
    return agent->control ("GET", "/v1/events").body;
  }

  // How many credentials rest in the vault.
  std::string items ()
  {
    std::string text = agent->control ("GET", "/v1/vault").body;
    size_t at = text.find ("\"items\":");

    return at != std::string::npos ? text.substr (at + 8, 1) : text;
  }

  // Of an agent that does not run.
  void change_record (const std::string &assignments)
  {
    sqlite3 *store = nullptr;

    ASSERT_EQ (sqlite3_open ((agent->state_dir () + "/bindify.db").c_str (), &store), SQLITE_OK);
    EXPECT_EQ (sqlite3_exec (store, ("UPDATE binding SET " + assignments).c_str (), nullptr,
                             nullptr, nullptr),
               SQLITE_OK);
    sqlite3_close (store);
  }
};

} // namespace

// --- Lifetimes ---

// C02: present, then gone, and nothing of it is left (behaviour 13.4).
TEST_F (Conditions, C02ALifetimeEnds)
{
  open_server (R"(,"lifetime_s":2)");
  EXPECT_THAT (show (), AllOf (HasSubstr ("\"ends_at\":\"2"), HasSubstr ("\"state\":\"ok\"")));
  EXPECT_EQ (items (), "1");
  ASSERT_TRUE (wait_until ([this] { return is_gone (); }));

  EXPECT_EQ (call ().status, 404);
  EXPECT_EQ (items (), "0");
  EXPECT_THAT (events (), HasSubstr ("\"type\":\"expired\""));
  // The name is free for another one, which starts anew.
  EXPECT_EQ (agent->add ("svc", upstream->url (), kSecret).status, 201);
  EXPECT_THAT (show (), HasSubstr ("\"ends_at\":null"));
}

TEST_F (Conditions, C02WhatIsUnderWayEndsWithTheLifetime)
{
  open_server ();
  Connection waiting = begin ("POST", tool ("hang"));
  Connection streaming = begin ("GET");
  Response stream = streaming.read_head ();
  streaming.read_body_until (stream, "first");
  ASSERT_TRUE (upstream->wait ("taken POST"));
  ASSERT_EQ (patch (R"({"lifetime_s":1})").status, 200);
  Response refused = waiting.read_response ();

  EXPECT_THAT (refused.body, HasSubstr ("\"error\""));
  EXPECT_TRUE (streaming.wait_for_close (kPatienceMs));
  EXPECT_TRUE (upstream->wait ("closed POST"));
  EXPECT_TRUE (upstream->wait ("closed GET"));
  EXPECT_TRUE (wait_until ([this] { return is_gone (); }));
}

TEST_F (Conditions, C02ALifetimeOutlivesARestart)
{
  open_server (R"(,"lifetime_s":3600)");
  std::string before = json_string (show (), "ends_at");
  ASSERT_FALSE (before.empty ());
  agent->stop ();
  ASSERT_TRUE (agent->start ());

  EXPECT_EQ (json_string (show (), "ends_at"), before);
  EXPECT_EQ (call ().status, 200);
}

// The boot clock goes on while the machine sleeps and while no agent runs; after a new start of the
// machine only the wall clock is left.
TEST_F (Conditions, C02WhatEndedMeanwhileIsNeverServed)
{
  for (const char *moment : { "ends_boot_ms = 1", "ends_boot_id = 'other', ends_wall_s = 1" })
    {
      open_server (R"(,"lifetime_s":3600)");
      agent->stop ();
      change_record (moment);
      ASSERT_TRUE (agent->start ());

      EXPECT_EQ (call ().status, 404) << moment;
      EXPECT_TRUE (wait_until ([this] { return is_gone (); })) << moment;
      EXPECT_EQ (items (), "0") << moment;
      EXPECT_TRUE (upstream->requests ().empty ()) << moment;
    }
}

// A clock that was set does not lengthen it.
TEST_F (Conditions, C02TheWallClockDoesNotCountWithinOneStartOfTheMachine)
{
  open_server (R"(,"lifetime_s":3600)");
  agent->stop ();
  change_record ("ends_boot_ms = 1, ends_wall_s = 99999999999");
  ASSERT_TRUE (agent->start ());
  EXPECT_EQ (call ().status, 404);
  EXPECT_TRUE (wait_until ([this] { return is_gone (); }));
}

// A locked keyring keeps the credential, and nobody has it any more.
TEST_F (Conditions, C02FromALockedVaultItIsTakenLater)
{
  upstream = std::make_unique<Upstream> (mcp_script (kSecret));
  agent = std::make_unique<Agent> ();
  ASSERT_EQ (agent
                 ->cli ({ "bindify", "vault", "init", "--passphrase-stdin", "--recovery",
                          "--no-key-file" },
                        "correct horse battery staple\n")
                 .status,
             0);
  ASSERT_EQ (agent->add ("svc", upstream->url (), kSecret, R"(,"lifetime_s":3600)").status, 201);
  key = agent->add_client ("story");
  agent->stop ();
  change_record ("ends_boot_ms = 1");
  ASSERT_TRUE (agent->start ());

  EXPECT_EQ (call ().status, 404);
  EXPECT_THAT (agent->cli ({ "bindify", "show", "svc" }).output, HasSubstr ("has ended"));
  // Nobody brings it back.
  EXPECT_EQ (patch (R"({"lifetime_s":3600})").status, 404);
  EXPECT_EQ (agent->cli ({ "bindify", "resume", "svc" }).status, 1);
  EXPECT_EQ (
      agent->cli ({ "bindify", "unlock", "--stdin" }, "correct horse battery staple\n").status, 0);
  EXPECT_TRUE (wait_until ([this] { return is_gone (); }));
  EXPECT_EQ (items (), "0");
  EXPECT_TRUE (upstream->requests ().empty ());
}

TEST_F (Conditions, ALifetimeIsTakenBackAndNoOthersAreTaken)
{
  open_server (R"(,"lifetime_s":3600)");
  EXPECT_EQ (patch (R"({"lifetime_s":0})").status, 200);
  EXPECT_THAT (show (), HasSubstr ("\"ends_at\":null"));
  for (const char *bad :
       { R"({"lifetime_s":-1})", R"({"lifetime_s":"8h"})", R"({"lifetime_s":999999999999})" })
    EXPECT_EQ (patch (bad).status, 400) << bad;
  EXPECT_THAT (show (), HasSubstr ("\"ends_at\":null"));
}

TEST_F (Conditions, TheAgentHasADefaultLifetime)
{
  Agent::Options options;

  options.config = "[agent]\nlifetime=8h\n";
  agent = std::make_unique<Agent> (options);
  upstream = std::make_unique<Upstream> (mcp_script (kSecret));
  ASSERT_EQ (agent->add ("usual", upstream->url (), kSecret).status, 201);
  ASSERT_EQ (agent->add ("kept", upstream->url (), kSecret, R"(,"lifetime_s":0)").status, 201);
  EXPECT_THAT (show ("usual"), HasSubstr ("\"ends_at\":\"2"));
  EXPECT_THAT (show ("kept"), HasSubstr ("\"ends_at\":null"));

  options.arguments = { "-t", "0" };
  agent = std::make_unique<Agent> (options);
  ASSERT_EQ (agent->add ("usual", upstream->url (), kSecret).status, 201);
  EXPECT_THAT (show ("usual"), HasSubstr ("\"ends_at\":null"));
}

// --- Constraints ---

// C10: what is not permitted is not there.
TEST_F (Conditions, C10ALimitByToolsHidesTheOthers)
{
  open_server (R"(,"constraints":{"tools":["list_*","get_issue"]})");
  std::string tools = call (request ("tools/list")).body;
  std::string resources = call (request ("resources/list")).body;

  EXPECT_THAT (tools, AllOf (HasSubstr ("list_issues"), HasSubstr ("get_issue"),
                             Not (HasSubstr ("delete_repo"))));
  EXPECT_THAT (resources, HasSubstr ("\"resources\":[]"));
  EXPECT_THAT (call (tool ("list_issues")).body, HasSubstr ("done"));
  EXPECT_THAT (call (tool ("get_issue")).body, HasSubstr ("done"));
  size_t n_requests = upstream->requests ().size ();

  for (const std::string &refused :
       { tool ("delete_repo"), tool ("List_issues"), tool ("get_issues"),
         request ("resources/read", R"({"uri":"x://1"})"),
         request ("prompts/get", R"({"name":"list_issues"})"), request ("Tools/Call"),
         request ("made/up") })
    {
      Response answer = call (refused);

      EXPECT_THAT (answer.body, AllOf (HasSubstr ("\"error\""), HasSubstr ("bindify show svc")))
          << refused;
    }
  EXPECT_EQ (upstream->requests ().size (), n_requests);
  EXPECT_THAT (events (), HasSubstr ("limit of the credential"));
}

// A policy that permits everything permits no more than the credential is for.
TEST_F (Conditions, C10APolicyDoesNotWidenIt)
{
  open_server (R"(,"constraints":{"tools":["list_*"]})");
  ASSERT_EQ (agent
                 ->control ("PUT", "/v1/bindings/svc/policy",
                            R"({"version":1,"default":"allow","rules":[]})")
                 .status,
             200);
  EXPECT_THAT (call (tool ("delete_repo")).body, HasSubstr ("\"error\""));
  EXPECT_THAT (call (request ("tools/list")).body, Not (HasSubstr ("delete_repo")));
}

TEST_F (Conditions, C10ALimitByClientsHidesTheBinding)
{
  open_server ();
  std::string other = agent->add_client ("other");
  Response limited = patch (R"({"constraints":{"clients":["story"]}})");

  ASSERT_EQ (limited.status, 200) << limited.body;
  EXPECT_THAT (limited.body, HasSubstr ("\"label\":\"story\""));
  EXPECT_EQ (call ().status, 200);
  Response hidden = agent->post ("svc", other, kToolCall);
  Response missing = agent->post ("nothing", other, kToolCall);
  EXPECT_EQ (hidden.status, 404);
  EXPECT_EQ (hidden.body, missing.body) << "it looks as if it were not there";
  EXPECT_THAT (all_tools (other), Not (HasSubstr ("list_issues")));
  EXPECT_THAT (all_tools (key), HasSubstr ("list_issues"));
  EXPECT_NE (agent->cli ({ "bindify", "tools", "svc" }).status, 0) << "a local program";

  ASSERT_EQ (patch (R"({"constraints":{"clients":["local"]}})").status, 200);
  EXPECT_EQ (call ().status, 404);
  EXPECT_EQ (agent->cli ({ "bindify", "tools", "svc" }).status, 0);
}

TEST_F (Conditions, C10NarrowingItEndsWhatIsUnderWay)
{
  open_server ();
  agent->add_client ("other");
  Connection waiting = begin ("POST", tool ("hang"));
  Connection streaming = begin ("GET");
  Response stream = streaming.read_head ();
  streaming.read_body_until (stream, "first");
  ASSERT_TRUE (upstream->wait ("taken POST"));
  ASSERT_EQ (patch (R"({"constraints":{"clients":["other"]}})").status, 200);

  EXPECT_EQ (waiting.read_response ().status, 404);
  EXPECT_TRUE (streaming.wait_for_close (kPatienceMs));
  EXPECT_TRUE (upstream->wait ("closed POST"));
  EXPECT_TRUE (upstream->wait ("closed GET"));
}

// A label that is given again is another client.
TEST_F (Conditions, ALimitByClientsIsOneByKeys)
{
  open_server ();
  ASSERT_EQ (patch (R"({"constraints":{"clients":["story"]}})").status, 200);
  ASSERT_EQ (agent->cli ({ "bindify", "client", "remove", "--force", "story" }).status, 0);
  key = agent->add_client ("story");

  EXPECT_EQ (call ().status, 404);
  EXPECT_THAT (agent->cli ({ "bindify", "show", "svc" }).output, HasSubstr ("been removed"));
}

// C11, in the running agent: the service leads the credential elsewhere on its own host.
TEST_F (Conditions, C11ALimitByPathHoldsWhenTheServiceRedirects)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    bool is_start = request.path == "/mcp/v1";

    if (is_start && request.body.find ("inside") != std::string::npos)
      peer.reply (307, "", "Location: /mcp/v2");
    else if (is_start && request.body.find ("outside") != std::string::npos)
      peer.reply (307, "", "Location: /other");
    else if (is_start && request.body.find ("dots") != std::string::npos)
      peer.reply (307, "", "Location: /mcp/x/%2e%2e/%2e%2e/other");
    else
      peer.reply (200, result (request.body, R"({"content":[]})"));
  });
  ASSERT_EQ (agent
                 ->add ("path", upstream->url ("/mcp/v1"), kSecret,
                        R"(,"constraints":{"host":"127.0.0.1","path":"/mcp"})")
                 .status,
             201);
  EXPECT_THAT (agent->post ("path", key, tool ("here")).body, HasSubstr ("result"));
  EXPECT_THAT (agent->post ("path", key, tool ("inside")).body, HasSubstr ("result"));
  for (const char *way : { "outside", "dots" })
    EXPECT_THAT (agent->post ("path", key, tool (way)).body, HasSubstr ("\"error\"")) << way;
  for (const auto &request : upstream->requests ())
    EXPECT_EQ (request.path.rfind ("/mcp/v", 0), 0u) << request.path;
}

// One that permits nothing would only be found out when it is too late.
TEST_F (Conditions, C11ALimitThatLeavesNoUseIsRefused)
{
  open_server ();
  for (const char *bad : { R"({"host":"mcp.example.com"})", R"({"path":"/elsewhere"})",
                           R"({"host":"127.0.0.1","path":"/mcp/below"})" })
    {
      Response refused = patch (std::string (R"({"constraints":)") + bad + "}");

      EXPECT_EQ (refused.status, 400) << bad;
      EXPECT_THAT (refused.body, HasSubstr ("own URL")) << bad;
    }
  EXPECT_EQ (patch (R"({"constraints":{"clients":["nobody"]}})").status, 404);
  EXPECT_THAT (show (), HasSubstr ("\"constraints\":null"));
}

// C12
TEST_F (Conditions, C12UnknownAndDoubledConstraintsAreRefused)
{
  open_server ();
  for (const char *bad : { R"({"audience":"x"})", R"({"host":"127.0.0.1","host":"127.0.0.1"})",
                           R"({"tools":["a","a"]})", R"({"tools":[]})", R"([])", R"("host")" })
    {
      Response patched = patch (std::string (R"({"constraints":)") + bad + "}");
      Response added =
          agent->add ("bad", upstream->url (), kSecret, std::string (R"(,"constraints":)") + bad);

      EXPECT_EQ (patched.status, 400) << bad;
      EXPECT_EQ (added.status, 400) << bad;
    }
  EXPECT_TRUE (is_gone ("bad"));
  for (const char *word : { "audience=x", "host=", "tool=a" })
    {
      Finished refused = agent->cli ({ "bindify", "set", "svc", "-h", "tool=a", "-h", word });

      EXPECT_EQ (refused.status, 1) << word;
    }
  EXPECT_THAT (show (), HasSubstr ("\"constraints\":null"));
}

// --- Uses ---

TEST_F (Conditions, UsesAreCountedBeforeTheyAreServed)
{
  open_server (R"(,"constraints":{"uses":2})");
  // What the protocol needs is no use.
  EXPECT_EQ (call (kInitialize).status, 200);
  EXPECT_THAT (call (request ("tools/list")).body, HasSubstr ("list_issues"));
  EXPECT_THAT (call (tool ("one")).body, HasSubstr ("done"));
  agent->kill ();
  ASSERT_TRUE (agent->start ());
  EXPECT_THAT (show (), HasSubstr ("\"n_uses\":1"));
  EXPECT_THAT (call (tool ("two")).body, HasSubstr ("done"));
  Response refused = call (tool ("three"));

  EXPECT_THAT (refused.body, AllOf (HasSubstr ("-31004"), HasSubstr ("bindify set svc -h uses=N")));
  EXPECT_THAT (agent->cli ({ "bindify", "show", "svc" }).output, HasSubstr ("0 of 2 uses left"));
  EXPECT_EQ (agent->cli ({ "bindify", "set", "svc", "-h", "uses=1" }).status, 0);
  EXPECT_THAT (call (tool ("four")).body, HasSubstr ("done"));
  EXPECT_THAT (call (tool ("five")).body, HasSubstr ("-31004"));
}

// --- Asking each time ---

// -c of ssh-add: whatever the policy permits, a person is asked before each use.
TEST_F (Conditions, EachUseIsConfirmed)
{
  open_server (R"(,"confirms":true)");
  EXPECT_THAT (call (request ("tools/list")).body, HasSubstr ("list_issues"));
  EXPECT_THAT (call (tool ("list_issues")).body, HasSubstr ("nobody can be asked"));
  // No policy makes that needless, so none is named.
  ASSERT_EQ (agent->cli ({ "bindify", "policy", "set", "svc", "--profile", "reads-flow" }).status,
             0);
  EXPECT_THAT (call (tool ("create_issue")).body,
               AllOf (HasSubstr ("nobody can be asked"), Not (HasSubstr ("permits it"))));
  size_t n_requests = upstream->requests ().size ();
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  ASSERT_NE (token, "") << person.refusal ();
  int asked = asker.ask ("/mcp/svc", tool ("list_issues"), key);
  std::string prompt = person.event ("opened");

  EXPECT_EQ (upstream->requests ().size (), n_requests);
  ASSERT_EQ (person.reply (token, prompt, "allow", "once").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("done"));
  int again = asker.ask ("/mcp/svc", tool ("list_issues"), key);
  EXPECT_NE (person.event ("opened"), "");
  asker.hang_up (again);

  ASSERT_EQ (agent->cli ({ "bindify", "set", "svc", "--no-confirm" }).status, 0);
  EXPECT_THAT (call (tool ("list_issues")).body, HasSubstr ("done"));
}

// A no is no use, and where none is left nobody is asked.
TEST_F (Conditions, WhatAPersonRefusesIsNoUse)
{
  open_server (R"(,"confirms":true,"constraints":{"uses":1})");
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int asked = asker.ask ("/mcp/svc", tool ("one"), key);

  ASSERT_EQ (person.reply (token, person.event ("opened"), "dismiss").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("\"error\""));
  EXPECT_THAT (show (), HasSubstr ("\"n_uses\":0"));
  asked = asker.ask ("/mcp/svc", tool ("two"), key);
  ASSERT_EQ (person.reply (token, person.event ("opened"), "allow", "10min").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("done"));
  EXPECT_THAT (show (), HasSubstr ("\"n_uses\":1"));
  EXPECT_THAT (call (tool ("three")).body, HasSubstr ("uses=N"));
}

// Who waits for a person has nothing to wait for any more.
TEST_F (Conditions, WhatWaitsForAPersonEndsWithTheRightToIt)
{
  const std::vector<std::vector<std::string>> rows = {
    { "bindify", "pause", "svc" },
    { "bindify", "client", "remove", "--force", "story" },
    { "bindify", "set", "svc", "-t", "1" },
  };

  for (const auto &row : rows)
    {
      open_server (R"(,"confirms":true)");
      Person asker (*agent), person (*agent, { "--pty" });
      std::string token = person.register_as ("terminal");
      int asked = asker.ask ("/mcp/svc", tool ("list_issues"), key);
      std::string prompt = person.event ("opened");

      ASSERT_NE (prompt, "") << row[1];
      ASSERT_EQ (agent->cli (row).status, 0) << row[1];
      EXPECT_EQ (member_of (person.event ("closed"), "how"), "refused") << row[1];
      EXPECT_THAT (asker.answer (asked).body, HasSubstr ("\"error\"")) << row[1];
      EXPECT_EQ (person.reply (token, prompt, "allow", "once").status, 404) << row[1];
      for (const auto &seen : upstream->requests ())
        EXPECT_EQ (seen.body.find ("tools/call"), std::string::npos) << row[1];
    }
}

// --- The command line ---

// C01, C04
TEST_F (Conditions, C01C04AddListRemoveOneSomeAndAll)
{
  open_server ();
  for (const char *name : { "one", "two", "three" })
    ASSERT_EQ (agent->add (name, upstream->url (), kSecret).status, 201);
  EXPECT_THAT (agent->cli ({ "bindify-add", "-l" }).output,
               AllOf (HasSubstr ("one"), HasSubstr ("two"), HasSubstr ("three")));
  EXPECT_EQ (agent->cli ({ "bindify-add", "-d", "one" }).status, 0);
  EXPECT_TRUE (is_gone ("one"));
  EXPECT_FALSE (is_gone ("two"));
  Finished several = agent->cli ({ "bindify-add", "-d", "-" }, "two\n\nnothing\nthree\n");
  EXPECT_EQ (several.status, 1);
  EXPECT_THAT (several.errors, HasSubstr ("nothing"));
  EXPECT_TRUE (is_gone ("two"));
  EXPECT_TRUE (is_gone ("three"));
  EXPECT_FALSE (is_gone ("svc"));
  EXPECT_EQ (agent->cli ({ "bindify-add", "-d", "-" }, "svc\n../svc\n").status, 1);
  EXPECT_FALSE (is_gone ("svc")) << "nothing is removed of a list that is none";
  EXPECT_EQ (agent->cli ({ "bindify-add", "-q", "-D", "--yes" }).output, "");
  EXPECT_TRUE (is_gone ("svc"));
  EXPECT_EQ (items (), "0");
  EXPECT_EQ (agent->add ("svc", upstream->url (), kSecret).status, 201);
  EXPECT_EQ (call ().status, 200);
}

// C09
TEST_F (Conditions, C09AddingAgainUpdatesTheConditions)
{
  open_server ();
  Finished again = agent->cli ({ "bindify-add", "--name", "svc", "-t", "8h", "-c", "-h",
                                 "127.0.0.1", "-h", "tool=list_*", upstream->url () });

  EXPECT_EQ (again.status, 0) << again.errors;
  EXPECT_THAT (again.output,
               AllOf (HasSubstr ("left its credential alone"), HasSubstr ("asks each time"),
                      HasSubstr ("only host 127.0.0.1"), HasSubstr ("only tool list_*")));
  EXPECT_THAT (show (), AllOf (HasSubstr ("\"ends_at\":\"2"), HasSubstr ("\"confirms\":true"),
                               HasSubstr ("\"host\":\"127.0.0.1\"")));
  // -h takes the place of what was, and leaves the rest.
  ASSERT_EQ (agent->cli ({ "bindify-add", "svc", "-h", "tool=get_*" }).status, 0);
  EXPECT_THAT (show (), AllOf (HasSubstr ("\"tools\":[\"get_*\"]"), Not (HasSubstr ("\"host\"")),
                               HasSubstr ("\"confirms\":true"), HasSubstr ("\"ends_at\":\"2")));
  ASSERT_EQ (
      agent->cli ({ "bindify", "set", "svc", "--no-end", "--no-confirm", "--no-limits" }).status,
      0);
  EXPECT_THAT (show (), AllOf (HasSubstr ("\"ends_at\":null"), HasSubstr ("\"confirms\":false"),
                               HasSubstr ("\"constraints\":null")));
  // The credential is what it was.
  EXPECT_EQ (call ().status, 200);
  EXPECT_EQ (upstream->requests ().back ().header ("authorization"),
             std::string ("Bearer ") + kSecret);
  // Without a name it is known by its URL, unless several go there.
  ASSERT_EQ (agent->cli ({ "bindify-add", "-q", "-t", "1h", upstream->url () }).status, 0);
  EXPECT_THAT (show (), HasSubstr ("\"ends_at\":\"2"));
  ASSERT_EQ (agent->add ("more", upstream->url (), kSecret).status, 201);
  Finished unclear = agent->cli ({ "bindify-add", "-t", "1h", upstream->url () });
  EXPECT_EQ (unclear.status, 1);
  EXPECT_THAT (unclear.errors, HasSubstr ("--name"));
  // With nothing to change, and with another server, it is there already.
  EXPECT_EQ (
      agent->cli ({ "bindify-add", "--allow-local", "--name", "svc", upstream->url () }).status, 1);
  EXPECT_EQ (agent
                 ->cli ({ "bindify-add", "--allow-local", "--name", "svc", "-c",
                          upstream->url ("/other") })
                 .status,
             1);
  EXPECT_THAT (show (), HasSubstr ("\"confirms\":false"));
}

TEST_F (Conditions, WhatDoesNotGoTogetherIsSaid)
{
  open_server ();
  const std::vector<std::vector<std::string>> rows = {
    { "bindify", "set", "svc" },
    { "bindify", "set", "svc", "-t", "8h", "--no-end" },
    { "bindify", "set", "svc", "-c", "--no-confirm" },
    { "bindify", "set", "svc", "-h", "tool=a", "--no-limits" },
    { "bindify", "set", "svc", "-t", "soon" },
    { "bindify", "set", "svc", "-t", "-5" },
    { "bindify-add", "-l", "-t", "8h" },
    { "bindify-add", "-l", "-D" },
    { "bindify-add", "-T", "svc", "-L" },
  };

  for (const auto &row : rows)
    {
      Finished refused = agent->cli (row);

      EXPECT_EQ (refused.status, 1) << row.back ();
      EXPECT_THAT (refused.errors, HasSubstr ("bindify: ")) << row.back ();
    }
  Finished help = agent->cli ({ "bindify-add", "--help" });

  EXPECT_EQ (help.status, 0);
  EXPECT_THAT (help.output, AllOf (HasSubstr ("-h, --limit"), HasSubstr ("-t, --lifetime")));
}

TEST_F (Conditions, TheListAndTheLongListSayThem)
{
  open_server (R"(,"confirms":true,"lifetime_s":28800)");
  EXPECT_THAT (agent->cli ({ "bindify", "list" }).output, HasSubstr ("asks each time"));
  Finished all = agent->cli ({ "bindify-add", "-L" });

  EXPECT_THAT (all.output, AllOf (HasSubstr ("Conditions"), HasSubstr ("asks each time"),
                                  HasSubstr ("ends in "), Not (HasSubstr (kSecret))));
  ASSERT_EQ (patch (R"({"confirms":false})").status, 200);
  EXPECT_EQ (agent->cli ({ "bindify-add", "-T", "svc" }).status, 0);
}
