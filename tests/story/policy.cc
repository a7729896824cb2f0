// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What may be done with a binding, from the first default to what was learnt from the log: real
// agent, scripted upstream, the commands as a person types them. That lists lack what is hidden is
// in tool-view.cc.

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::AnyOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

constexpr char kSecret[] = "sk-policy-0123456789abcdefghijklmnopqrstuvwxyz";
// A service whose catalogue record gives human names.
constexpr char kCapabilities[] = R"([
  {"id":"merge","name":"Merge pull requests","access":"danger","tools":["merge_pull_request"]},
  {"id":"read-secretly","name":"Read what nobody calls a read","access":"read","tools":["peek"]},
  {"id":"write-issues","name":"Write issues","access":"write","tools":["create_issue","get_and_close"]}])";
// “get_gone” says that it destroys, “delete_all” that it only reads, “get_odd” that it writes.
constexpr char kTools[] = R"({"tools":[{"name":"get_me"},
  {"name":"get_gone","annotations":{"destructiveHint":true}},
  {"name":"get_odd","annotations":{"readOnlyHint":false}},
  {"name":"delete_all","annotations":{"readOnlyHint":true,"destructiveHint":false}},
  {"name":"create_issue"}]})";

std::string
request (const std::string &method, const std::string &params = "{}", const std::string &id = "1")
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" + params +
         "}";
}

std::string
call_of (const std::string &tool, const std::string &id = "1")
{
  return request ("tools/call", R"({"name":")" + tool + R"(","arguments":{"x":1}})", id);
}

// Lists its tools, and says "reached" to everything else.
std::string
answer_to (const std::string &body)
{
  if (body.find ("tools/list") != std::string::npos)
    return kTools;
  if (body.find ("server/discover") != std::string::npos)
    return R"({"resultType":"complete","supportedVersions":["2026-07-28"],"capabilities":{"tools":{}}})";

  return R"({"is":"reached"})";
}

void
serve (Upstream::Peer &peer, const Upstream::Request &request)
{
  size_t at = request.body.find ("\"id\":");
  std::string id =
      at != std::string::npos
          ? request.body.substr (at + 5, request.body.find_first_of (",}", at) - at - 5)
          : "1";

  peer.reply (request.method == "POST" ? 200 : 405,
              R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + answer_to (request.body) + "}");
}

class Policy : public testing::Test
{
protected:
  // An agent with its own default, unless told otherwise, and the service “demo”.
  void open (const std::string &profile = "",
             const std::string &config = "",
             const std::string &more = "")
  {
    Agent::Options options;

    options.starts = false;
    options.profile = profile;
    options.config = config;
    agent = std::make_unique<Agent> (options);
    g_mkdir_with_parents (agent->dir ().path ("config/bindify/services.d").c_str (), 0700);
    std::ofstream (agent->dir ().path ("config/bindify/services.d/demo.json"))
        << R"({"id":"demo","name":"Demo","mcp_url":")" << upstream.url ()
        << R"(","api_key":{"injection":{"kind":"header","name":"Authorization","prefix":"Bearer "}},)"
        << R"("capabilities":)" << kCapabilities << "}";
    ASSERT_TRUE (agent->start ());
    add ("svc", more);
    key = agent->add_client ("story");
  }

  void add (const std::string &name, const std::string &more = "")
  {
    Response added = agent->control (
        "POST", "/v1/bindings",
        R"({"service":"demo","name":")" + name +
            R"(","allow_local":true,"check":false,"credential":{"type":"api_key","api_key":")" +
            kSecret + "\"}" + more + "}");

    ASSERT_EQ (added.status, 201) << added.body;
  }

  std::string call (const std::string &body)
  {
    return agent->post ("svc", key, body).body;
  }

  Finished policy (std::vector<std::string> words, const std::string &input = "")
  {
    words.insert (words.begin (), { "bindify", "policy" });
    return agent->cli (words, input);
  }

  std::string in_force ()
  {
    return agent->control ("GET", "/v1/bindings/svc/policy").body;
  }

  size_t n_requests ()
  {
    return upstream.requests ().size ();
  }

  Upstream upstream{ serve };
  std::unique_ptr<Agent> agent;
  std::string key;
};

} // namespace

// --- Where a binding starts ---

TEST_F (Policy, ByDefaultReadsFlowAndTheRestAsks)
{
  open ();
  EXPECT_THAT (call (call_of ("get_me")), HasSubstr ("reached"));
  size_t n_before = n_requests ();

  for (const char *tool : { "create_issue", "delete_repo", "frobnicate" })
    EXPECT_THAT (call (call_of (tool)),
                 AllOf (HasSubstr ("-31009"), HasSubstr ("approval_unavailable")))
        << tool;
  EXPECT_EQ (n_requests (), n_before);
  EXPECT_THAT (agent->control ("GET", "/v1/bindings/svc").body,
               HasSubstr (R"("profile":"reads-flow")"));
  EXPECT_THAT (agent->cli ({ "bindify", "show", "svc" }).output, HasSubstr ("reads-flow"));
}

TEST_F (Policy, TheSettingSaysWhereNewBindingsStart)
{
  open ("read-only");
  EXPECT_THAT (call (call_of ("get_me")), HasSubstr ("reached"));
  EXPECT_THAT (call (call_of ("create_issue")), HasSubstr ("-31004"));
  EXPECT_THAT (in_force (), HasSubstr (R"("profile":"read-only")"));
}

TEST_F (Policy, AWrongSettingMeansTheDefaultAndIsReported)
{
  open ("reads_flow");
  EXPECT_THAT (in_force (), HasSubstr (R"("profile":"reads-flow")"));
  EXPECT_THAT (agent->cli ({ "bindify", "status" }).output,
               HasSubstr ("[policy] profile is none of"));
}

TEST_F (Policy, TheRequestSaysWhereThisOneStarts)
{
  open ("open", "", R"(,"profile":"read-only","rules":[{"tool":"create_*","effect":"allow"}])");
  EXPECT_THAT (call (call_of ("create_issue")), HasSubstr ("reached"));
  EXPECT_THAT (call (call_of ("frobnicate")), HasSubstr ("-31004"));
  for (const char *more :
       { R"(,"profile":"nothing")", R"(,"rules":{})", R"(,"rules":[{"tool":"a"}])",
         R"(,"profile":"open","policy":{"version":1,"default":"deny"})" })
    EXPECT_EQ (agent->add ("other", upstream.url (), kSecret, more).status, 400) << more;
}

TEST_F (Policy, BindifyAddTakesAProfileWithRulesBeforeIt)
{
  open ();
  auto add = [this] (std::vector<std::string> options) {
    std::vector<std::string> words = { "bindify-add",   "--name",     "cli",
                                       "--allow-local", "--no-check", "--token-stdin",
                                       upstream.url () };

    words.insert (words.end (), options.begin (), options.end ());
    agent->cli ({ "bindify", "remove", "cli" });
    return agent->cli (words, std::string (kSecret) + "\n");
  };
  auto document = [this] { return policy ({ "show", "cli" }).output; };

  EXPECT_EQ (
      add ({ "--profile", "read-only", "--allow-tool", "put_*", "--deny-tool", "get_x" }).status,
      0);
  std::string text = document ();
  EXPECT_LT (text.find ("get_x"), text.find ("put_*"));
  EXPECT_LT (text.find ("put_*"), text.find ("\"read\""));
  EXPECT_THAT (text, HasSubstr (R"("default" : "deny")"));
  // Without a profile: whoever names what is allowed means nothing more; whoever names what is
  // denied starts from what others start from.
  EXPECT_EQ (add ({ "--allow-tool", "put_*" }).status, 0);
  EXPECT_THAT (document (),
               AllOf (HasSubstr (R"("default" : "deny")"), Not (HasSubstr ("access"))));
  EXPECT_EQ (add ({ "--deny-tool", "get_x" }).status, 0);
  EXPECT_THAT (document (), AllOf (HasSubstr (R"("default" : "ask")"), HasSubstr ("access")));
  EXPECT_EQ (add ({}).status, 0);
  EXPECT_THAT (agent->cli ({ "bindify", "show", "cli" }).output, HasSubstr ("reads-flow"));

  Finished wrong = add ({ "--profile", "closed" });
  EXPECT_EQ (wrong.status, 1);
  EXPECT_THAT (wrong.errors, HasSubstr ("reads-flow, read-only, open"));
}

// --- What is asked for ---

TEST_F (Policy, WhatIsAskedForSaysWhoCanPermitItAndHow)
{
  open ();
  std::string answer = call (call_of ("merge_pull_request", "\"a\""));

  EXPECT_THAT (answer,
               AllOf (HasSubstr ("“svc”"), HasSubstr ("“Merge pull requests” (merge_pull_request)"),
                      HasSubstr ("bindify policy set svc --allow-tool merge_pull_request"),
                      HasSubstr (R"("id":"a")")));
  EXPECT_THAT (agent->control ("GET", "/v1/events?binding=svc").body,
               ContainsRegex (R"("category":"approval_unavailable".*"tool":"merge_pull_request".*)"
                              R"("detail":"asked for: default of the policy, merge")"));

  // And that command does it.
  EXPECT_EQ (policy ({ "set", "svc", "--allow-tool", "merge_pull_request" }).status, 0);
  EXPECT_THAT (call (call_of ("merge_pull_request")), HasSubstr ("reached"));
}

// What a client calls a tool ends up in front of a person, in a terminal and perhaps in a shell.
TEST_F (Policy, AToolsNameBecomesNoCommandAndNoTerminalCode)
{
  open ();
  for (const char *tool : { "x; rm -rf ~", "$(id)", "*", "a\\u001b[2Jb", "a\\u202eb" })
    {
      std::string answer = call (call_of (tool));

      EXPECT_THAT (answer, AllOf (HasSubstr ("-31009"), HasSubstr ("bindify policy show svc"),
                                  Not (HasSubstr ("--allow-tool")), Not (HasSubstr ("\\u001b")),
                                  Not (HasSubstr ("\u202e"))))
          << tool;
    }
}

TEST_F (Policy, OfAnArrayOneThatIsAskedForHoldsAllBack)
{
  open ();
  size_t n_before = n_requests ();
  Response answer = agent->post (
      "svc", key, "[" + call_of ("get_me", "1") + "," + call_of ("create_issue", "2") + "]",
      "MCP-Protocol-Version: 2025-03-26");

  EXPECT_THAT (answer.body, AllOf (HasSubstr (R"("id":1,"error")"), HasSubstr (R"("id":2,"error")"),
                                   HasSubstr ("-31009")));
  EXPECT_EQ (n_requests (), n_before);
}

// Of several the strictest counts, wherever it stands.
TEST_F (Policy, DeniedIsSaidBeforeAskedFor)
{
  open ("open", "", R"(,"policy":{"version":1,"default":"allow","rules":[
    {"tool":"a_*","effect":"ask"},{"tool":"d_*","effect":"deny"}]})");
  for (const std::string &body : { call_of ("a_x", "1") + "," + call_of ("d_x", "2"),
                                   call_of ("d_x", "1") + "," + call_of ("a_x", "2") })
    EXPECT_THAT (
        agent->post ("svc", key, "[" + body + "]", "MCP-Protocol-Version: 2025-03-26").body,
        AllOf (HasSubstr ("-31004"), Not (HasSubstr ("-31009"))));
}

// --- What servers say of their tools ---

// An annotation tightens: “get_gone” looked like a read until its server said what it does.
TEST_F (Policy, AnAnnotationTightens)
{
  open ();
  EXPECT_THAT (call (call_of ("get_gone")), HasSubstr ("reached"));
  EXPECT_THAT (call (request ("tools/list")), HasSubstr ("get_gone"));
  EXPECT_THAT (call (call_of ("get_gone")), HasSubstr ("-31009"));
  EXPECT_THAT (call (call_of ("get_odd")), HasSubstr ("-31009"));
  EXPECT_THAT (call (call_of ("get_me")), HasSubstr ("reached"));
  // A change of the policy does not make the agent forget, nor does a pause.
  EXPECT_EQ (policy ({ "set", "svc", "--profile", "reads-flow" }).status, 0);
  agent->cli ({ "bindify", "pause", "svc" });
  agent->cli ({ "bindify", "resume", "svc" });
  EXPECT_THAT (call (call_of ("get_gone")), HasSubstr ("-31009"));
}

// And never loosens: the server says that “delete_all” only reads.
TEST_F (Policy, AnAnnotationThatLoosensIsDistrusted)
{
  open ();
  EXPECT_THAT (call (request ("tools/list")), HasSubstr ("delete_all"));
  size_t n_before = n_requests ();
  EXPECT_THAT (call (call_of ("delete_all")), HasSubstr ("-31009"));
  EXPECT_EQ (n_requests (), n_before);
}

// The same for a local server, one by one and in an array, and for the endpoint for all.
TEST_F (Policy, ALocalServersAnnotationsCountToo)
{
  open ();
  std::string program = agent->dir ().path ("server.py");
  std::ofstream (program) << R"(import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if "id" not in message:
        continue
    result = {"is": "reached"}
    if message["method"] == "initialize":
        result = {"protocolVersion": "2025-03-26", "capabilities": {"tools": {}},
                  "serverInfo": {"name": "hinting", "version": "1"}}
    if message["method"] == "tools/list":
        result = json.loads(sys.argv[1])
    error = {"error": {"code": -32601, "message": "no"}}
    body = error if message["method"] == "server/discover" else {"result": result}
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], **body}), flush=True)
)";
  for (bool in_array : { false, true })
    {
      Finished added =
          agent->cli ({ "bindify", "add", "--name", "local", "--yes", "--no-sandbox", "--no-check",
                        "--command", "/usr/bin/python3 " + program + " '" + kTools + "'" });
      ASSERT_EQ (added.status, 0) << added.errors;
      Response greeting = agent->post (
          "local", key,
          request (
              "initialize",
              R"({"protocolVersion":"2025-03-26","capabilities":{},"clientInfo":{"name":"t","version":"1"}})"));
      std::string session = "Mcp-Session-Id: " + greeting.header ("mcp-session-id");
      auto say = [&] (const std::string &body) {
        return agent->post ("local", key, body, session).body;
      };
      std::string list = request ("tools/list");

      EXPECT_THAT (say (call_of ("get_gone")), HasSubstr ("reached"));
      EXPECT_THAT (say (in_array ? "[" + list + "]" : list), HasSubstr ("get_gone"));
      EXPECT_THAT (say (call_of ("get_gone")), HasSubstr ("-31009")) << in_array;
      EXPECT_THAT (say (call_of ("get_me")), HasSubstr ("reached"));
      EXPECT_EQ (agent->control ("DELETE", "/v1/bindings/local").status, 204);
    }
}

TEST_F (Policy, TheEndpointForAllLearnsAndAsksToo)
{
  open ();
  auto say = [this] (const std::string &method, const std::string &tool = "") {
    std::string params = tool.empty () ? "" : R"("name":")" + tool + R"(","arguments":{},)";
    std::string headers = "Accept: application/json, text/event-stream\r\n"
                          "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " +
                          method + (tool.empty () ? "" : "\r\nMcp-Name: " + tool);

    return agent
        ->post ("~all", key,
                request (method,
                         "{" + params +
                             R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                             R"("io.modelcontextprotocol/clientCapabilities":{}}})"),
                headers)
        .body;
  };

  EXPECT_THAT (say ("tools/list"), HasSubstr ("svc__get_gone"));
  EXPECT_THAT (say ("tools/call", "svc__get_gone"), HasSubstr ("-31009"));
  EXPECT_THAT (say ("tools/call", "svc__create_issue"),
               HasSubstr ("“Write issues” (create_issue)"));
  EXPECT_THAT (say ("tools/call", "svc__get_me"), HasSubstr ("reached"));
}

// Where the rest is denied, the list that brings the annotation is the first that hides by it.
TEST_F (Policy, TheListThatTellsIsFilteredByWhatItTells)
{
  open ("read-only");
  std::string list = call (request ("tools/list"));

  EXPECT_THAT (list, AllOf (HasSubstr ("get_me"), Not (HasSubstr ("get_gone")),
                            Not (HasSubstr ("delete_all")), Not (HasSubstr ("create_issue"))));
}

// What is asked for is shown: a person may say yes.
TEST_F (Policy, AListShowsWhatIsAskedFor)
{
  open ();
  EXPECT_THAT (call (request ("tools/list")),
               AllOf (HasSubstr ("create_issue"), HasSubstr ("delete_all")));
}

TEST_F (Policy, WhatWasSaidIsForgottenWithTheBinding)
{
  open ();
  call (request ("tools/list"));
  EXPECT_THAT (call (call_of ("get_gone")), HasSubstr ("-31009"));
  EXPECT_EQ (agent->control ("DELETE", "/v1/bindings/svc").status, 204);
  add ("svc");
  EXPECT_THAT (call (call_of ("get_gone")), HasSubstr ("reached"));
}

// --- The catalogue ---

TEST_F (Policy, TheCatalogueKnowsBetterThanTheName)
{
  open ();
  EXPECT_THAT (call (call_of ("peek")), HasSubstr ("reached"));
  EXPECT_THAT (call (call_of ("get_and_close")), HasSubstr ("“Write issues” (get_and_close)"));
}

TEST_F (Policy, ARuleCanSpeakOfACapability)
{
  open ("open", "", R"(,"policy":{"version":1,"default":"allow","rules":[
    {"capability":"merge","effect":"deny","name":"People merge"}]})");
  EXPECT_THAT (call (call_of ("merge_pull_request")),
               AllOf (HasSubstr ("-31004"), HasSubstr ("“Merge pull requests”")));
  EXPECT_THAT (call (call_of ("create_issue")), HasSubstr ("reached"));
  EXPECT_THAT (policy ({ "explain", "svc" }).output,
               HasSubstr ("deny   “Merge pull requests”  “People merge”"));
}

// --- The commands ---

TEST_F (Policy, SetPutsRulesBeforeTheOthers)
{
  open ();
  EXPECT_EQ (policy ({ "set", "svc", "--allow-tool", "create_*", "--deny", "access=danger",
                       "--ask-tool", "get_me" })
                 .status,
             0);
  EXPECT_THAT (call (call_of ("create_issue")), HasSubstr ("reached"));
  EXPECT_THAT (call (call_of ("delete_repo")), HasSubstr ("-31004"));
  EXPECT_THAT (call (call_of ("get_me")), HasSubstr ("-31009"));
  EXPECT_THAT (call (call_of ("get_you")), HasSubstr ("reached"));
  EXPECT_EQ (policy ({ "set", "svc", "--profile", "open" }).status, 0);
  EXPECT_THAT (call (call_of ("delete_repo")), HasSubstr ("reached"));
  EXPECT_EQ (policy ({ "clear", "svc" }).status, 0);
  EXPECT_THAT (in_force (), HasSubstr (R"("profile":"open")"));
}

TEST_F (Policy, SetSaysWhatItDoesNotUnderstand)
{
  open ();
  std::string before = in_force ();
  struct
  {
    std::vector<std::string> words;
    const char *want;
  } rows[] = {
    { { "set", "svc" }, "Give either a file" },
    { { "set", "svc", "-", "--allow-tool", "x" }, "Give either a file" },
    { { "set", "svc", "--profile", "closed" }, "reads-flow, read-only, open" },
    { { "set", "svc", "--allow", "get_*" }, "does not say what it is about" },
    { { "set", "svc", "--allow", "colour=red" }, "“colour” is not known here" },
    { { "set", "svc", "--allow-tool", "a?" }, "“*” is the only wildcard" },
    { { "set", "nobody", "--allow-tool", "a" }, "nobody" },
  };

  for (const auto &row : rows)
    {
      Finished finished = policy (row.words);

      EXPECT_EQ (finished.status, 1) << row.want;
      EXPECT_THAT (finished.errors, HasSubstr (row.want));
    }
  EXPECT_EQ (in_force (), before);
}

// Refused as a whole, with its line; the old one stays, also over a restart.
TEST_F (Policy, AnInvalidPolicyChangesNothing)
{
  open ("open", "",
        R"(,"policy":{"version":1,"default":"allow","rules":[{"tool":"d_*","effect":"deny"}]})");
  std::string before = in_force ();
  const std::string good_then_bad = "{\"version\":1,\n\"default\":\"allow\",\n\"rules\":[\n{"
                                    "\"tool\":\"x\",\"effect\":\"allow\"},\n"
                                    "{\"tool\":\"y\",\"effect\":\"perhaps\"}]}";

  Finished refused = policy ({ "set", "svc", "-" }, good_then_bad);
  EXPECT_EQ (refused.status, 1);
  EXPECT_THAT (refused.errors, HasSubstr ("line 5"));
  Response answer = agent->control ("PUT", "/v1/bindings/svc/policy", good_then_bad);
  EXPECT_EQ (answer.status, 400);
  EXPECT_THAT (answer.body, HasSubstr ("line 5"));
  EXPECT_EQ (in_force (), before);
  EXPECT_THAT (call (call_of ("d_x")), HasSubstr ("-31004"));

  agent->stop ();
  ASSERT_TRUE (agent->start ());
  EXPECT_EQ (in_force (), before);
  EXPECT_THAT (call (call_of ("d_x")), HasSubstr ("-31004"));
}

TEST_F (Policy, TestSaysWhatWouldHappenAndSendsNothing)
{
  open ();
  size_t n_before = n_requests ();
  struct
  {
    std::vector<std::string> words;
    int status;
    const char *want;
  } rows[] = {
    { { "tools/call", "get_me" }, 0, "allow: rule 1: {\"access\":\"read\"" },
    { { "tools/call", "create_issue", "{\"a\":1}" }, 3, "ask: no rule fits" },
    { { "tools/list" }, 0, "allow: every client needs it" },
    { { "tools/call" }, 3, "it does not say clearly what it is about" },
    { { "GET", "/repos/a/b" }, 0, "allow: rule 1" },
    { { "DELETE", "/repos/a/b" }, 3, "ask: " },
    { { "POST", "/graphql", "{\"query\":\"{ me { id } }\"}" }, 0, "allow: rule 1" },
  };

  for (auto &row : rows)
    {
      row.words.insert (row.words.begin (), { "test", "svc" });
      Finished finished = policy (row.words);

      EXPECT_EQ (finished.status, row.status) << finished.output << finished.errors;
      EXPECT_THAT (finished.output, HasSubstr (row.want));
    }
  EXPECT_EQ (n_requests (), n_before);
  EXPECT_THAT (agent->control ("GET", "/v1/events?binding=svc").body,
               Not (HasSubstr ("create_issue")));
  EXPECT_THAT (policy ({ "test", "svc", "tools/call", "merge_pull_request", "--json" }).output,
               AllOf (HasSubstr (R"("effect" : "ask")"), HasSubstr (R"("access" : "danger")"),
                      HasSubstr (R"("name" : "Merge pull requests")"), HasSubstr (R"("steps")")));
}

// Where a request would go, by its URL alone; the rest is seen when it connects.
TEST_F (Policy, TestSaysWhetherARequestMayGoThere)
{
  open ();
  struct
  {
    std::string url;
    int status;
    const char *effect, *network;
  } rows[] = {
    { upstream.url (), 0, "allow", "allowed" },
    { "https://elsewhere.example/x", 3, "deny", "no_allowlist" },
    { "http://169.254.169.254/latest", 3, "deny", "private" },
    { "ftp://a.example/", 3, "deny", "bad_url" },
  };

  for (const auto &row : rows)
    {
      Finished finished = policy ({ "test", "svc", row.url, "--json" });

      EXPECT_EQ (finished.status, row.status) << row.url << finished.errors;
      EXPECT_THAT (finished.output,
                   AllOf (HasSubstr (std::string ("\"effect\" : \"") + row.effect),
                          HasSubstr (std::string ("\"network\" : \"") + row.network)));
    }
}

TEST_F (Policy, TestTriesAPolicyThatIsNotInForce)
{
  open ();
  std::string file = agent->dir ().path ("draft.json");
  std::ofstream (file) << R"({"version":1,"default":"deny"})";

  EXPECT_EQ (policy ({ "test", "svc", "tools/call", "get_me" }).status, 0);
  Finished draft = policy ({ "test", "svc", "tools/call", "get_me", "--file", file });
  EXPECT_EQ (draft.status, 3);
  EXPECT_THAT (draft.output, StartsWith ("deny: no rule fits"));
  std::ofstream (file) << "{\n\"version\":1,\"defualt\":\"deny\"}";
  EXPECT_THAT (policy ({ "test", "svc", "tools/call", "get_me", "--file", file }).errors,
               HasSubstr ("line 2"));
  EXPECT_THAT (call (call_of ("get_me")), HasSubstr ("reached"));
}

TEST_F (Policy, TheEndpointRefusesWhatItCannotJudge)
{
  open ();
  for (const char *body :
       { "", "[]", "{}", R"({"message":{}})", R"({"message":[{"jsonrpc":"2.0","method":"x"}]})",
         R"({"http":{"method":"GET"}})", R"({"http":{"method":1,"path":"/"}})",
         R"({"http":{"method":"GET","path":"/","x":1}})",
         R"({"message":{"jsonrpc":"2.0","method":"x"},"http":{"method":"GET","path":"/"}})",
         R"({"message":{"jsonrpc":"2.0","method":"x"},"policy":{"version":2}})",
         R"({"mesage":{}})" })
    EXPECT_EQ (agent->control ("POST", "/v1/bindings/svc/policy/test", body).status, 400) << body;
  EXPECT_EQ (agent->control ("POST", "/v1/bindings/no/policy/test", "{}").status, 404);
}

TEST_F (Policy, ExplainGoesThroughTheRules)
{
  open ("open", "", R"(,"policy":{"version":1,"default":"deny","rules":[
    {"tool":"create_*","arguments":{"/repo":"sandbox-*"},"effect":"allow","name":"Play in the sandbox"},
    {"access":"read","effect":"allow"}]})");
  std::string text =
      policy ({ "explain", "svc", "tools/call", "create_issue", R"({"repo":"prod"})" }).output;

  EXPECT_THAT (
      text, AllOf (HasSubstr ("svc: tools/call create_issue"), HasSubstr ("“Write issues” (write)"),
                   HasSubstr ("rule 1"), HasSubstr ("rule 2"), HasSubstr ("deny: no rule fits"),
                   HasSubstr ("To permit it: bindify policy set svc --allow-tool create_issue")));
  text =
      policy ({ "explain", "svc", "tools/call", "create_issue", R"({"repo":"sandbox-1"})" }).output;
  EXPECT_THAT (text, AllOf (HasSubstr ("allow: rule 1, “Play in the sandbox”"),
                            Not (HasSubstr ("To permit it"))));
  EXPECT_THAT (
      policy ({ "explain", "svc" }).output,
      HasSubstr ("allow  tools create_* with /repo like sandbox-*  “Play in the sandbox”\n"));
  EXPECT_THAT (policy ({ "explain", "svc", "--json" }).output, HasSubstr (R"("capabilities")"));
}

TEST_F (Policy, ExplainSaysWhatIsLeftOfTheLimits)
{
  open ("open", "", R"(,"policy":{"version":1,"default":"allow","rules":[],
    "limits":{"requests_per_hour":50,"bytes_per_day":100000,"per_client":{"concurrent":4}}})");
  EXPECT_THAT (
      policy ({ "explain", "svc", "tools/call", "echo" }).output,
      HasSubstr ("  limits       50 of 50 requests this hour, 100000 of 100000 bytes today "
                 "left; to each client 4 requests at a time\n"));
  EXPECT_THAT (call (call_of ("echo")), HasSubstr ("reached"));
  // An hour may end in between.
  EXPECT_THAT (policy ({ "explain", "svc", "tools/call", "echo" }).output,
               AnyOf (HasSubstr (" 49 of 50 requests"), HasSubstr (" 50 of 50 requests")));
  EXPECT_THAT (policy ({ "explain", "svc" }).output,
               HasSubstr ("limits: 50 requests an hour, 100000 bytes a day; to each client 4 "
                          "requests at a time\n"));
}

// What the rules permit, the network may still refuse, and the explanation is that of the refusal.
TEST_F (Policy, ExplainAsksTheNetworkToo)
{
  const char kBlocked[] =
      R"({"version":1,"default":"allow","rules":[{"tool":"evil","effect":"deny"},
    {"tool":"echo","effect":"allow","name":"Echo"}],"network":{"block":["127.0.0.0/8"]}})";

  open ("open", "", R"(,"policy":{"version":1,"default":"allow","rules":[]})");
  EXPECT_THAT (policy ({ "explain", "svc", "tools/call", "echo" }).output,
               AllOf (HasSubstr ("  network      allowed\n"), HasSubstr ("\nallow: ")));
  ASSERT_EQ (agent->control ("PUT", "/v1/bindings/svc/policy", kBlocked).status, 200);
  EXPECT_THAT (policy ({ "explain", "svc", "tools/call", "echo" }).output,
               AllOf (HasSubstr ("  network      blocked\n"), HasSubstr ("\ndeny: this leads ")));
  EXPECT_EQ (policy ({ "test", "svc", "tools/call", "echo" }).status, 3);
  EXPECT_THAT (call (call_of ("echo")), Not (HasSubstr ("reached")));
  EXPECT_THAT (policy ({ "explain", "svc", "tools/call", "evil" }).output,
               AllOf (Not (HasSubstr ("network")), HasSubstr ("\ndeny: rule 1")));
}

// From the record of a day to a policy that permits that and asks for the rest.
TEST_F (Policy, LearnsFromWhatWasUsed)
{
  open ("open", "",
        R"(,"policy":{"version":1,"default":"allow","rules":[{"tool":"evil","effect":"deny"}]})");
  for (const char *tool : { "get_me", "get_issue", "create_issue", "evil", "delete_repo" })
    call (call_of (tool));

  Finished learnt = policy ({ "learn", "svc", "--since", "1h" });
  EXPECT_EQ (learnt.status, 0) << learnt.errors;
  EXPECT_THAT (learnt.output, AllOf (HasSubstr ("\"get_*\""), HasSubstr ("\"create_issue\""),
                                     HasSubstr ("\"ask\""), Not (HasSubstr ("evil"))));
  EXPECT_THAT (learnt.errors, AllOf (HasSubstr ("“evil” was refused and is left out"),
                                     HasSubstr ("“delete_repo” was used and is allowed")));
  EXPECT_EQ (policy ({ "set", "svc", "-" }, learnt.output).status, 0);
  EXPECT_THAT (call (call_of ("get_branch")), HasSubstr ("reached"));
  EXPECT_THAT (call (call_of ("create_issue")), HasSubstr ("reached"));
  EXPECT_THAT (call (call_of ("create_branch")), HasSubstr ("-31009"));
  EXPECT_THAT (call (call_of ("evil")), HasSubstr ("-31009"));

  add ("unused");
  Finished nothing = policy ({ "learn", "unused" });
  EXPECT_EQ (nothing.status, 1);
  EXPECT_THAT (nothing.errors, HasSubstr ("no use of “unused”"));
  EXPECT_EQ (policy ({ "learn", "nobody" }).status, 1);
}

// --- The README ---

// What its section on policies shows is what the program prints, line by line; run with
// BINDIFY_WRITE_README=FILE to get the text for it.
TEST (PolicyReadme, ShowsWhatTheProgramPrints)
{
  const char *root = getenv ("BFY_TEST_FIXTURES_DIR");
  ASSERT_NE (root, nullptr);
  std::ifstream file (std::string (root) + "/../../README.md");
  std::stringstream readme;
  readme << file.rdbuf ();
  const std::vector<std::vector<std::string>> requests = {
    { "tools/call", "list_issues" },
    { "tools/call", "create_issue", R"({"owner":"me","repo":"sandbox-1"})" },
    { "tools/call", "create_issue", R"({"owner":"acme","repo":"shop"})" },
    { "tools/call", "merge_pull_request" },
    { "resources/read", "repo://acme/shop/README.md" },
    { "tools/list" },
    { "vendor/reindex" },
    { "GET", "/repos/acme/shop/issues" },
    { "DELETE", "/repos/acme/shop" },
    { "https://gist.example/upload" },
  };

  Agent agent;
  Response added = agent.control (
      "POST", "/v1/bindings",
      R"({"service":"github","check":false,"credential":{"type":"api_key","api_key":"ghp_readme"},)"
      R"("policy":{"version":1,"default":"ask","rules":[
        {"name":"Nothing goes for good","access":"danger","effect":"deny"},
        {"name":"Play in the sandbox","tool":"create_*","arguments":{"/repo":"sandbox-*"},"effect":"allow"},
        {"access":"read","effect":"allow"}]}})");
  ASSERT_EQ (added.status, 201) << added.body;

  std::string all = "$ bindify policy explain github\n" +
                    agent.cli ({ "bindify", "policy", "explain", "github" }).output;
  for (const auto &request : requests)
    {
      std::vector<std::string> words = { "bindify", "policy", "explain", "github" };
      std::string shown = "$ bindify policy explain github";

      for (const std::string &word : request)
        {
          words.push_back (word);
          shown += word[0] == '{' ? " '" + word + "'" : " " + word;
        }
      all += shown + "\n" + agent.cli (words).output;
    }
  if (const char *path = getenv ("BINDIFY_WRITE_README"))
    std::ofstream (path) << all;
  EXPECT_NE (readme.str ().find (all), std::string::npos) << all;
}
