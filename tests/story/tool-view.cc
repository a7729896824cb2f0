// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What a binding's policy shows and lets through: lists without what is hidden, and every way that
// somebody thought of to use it all the same. Real agent, scripted upstream, real local server.

#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

constexpr char kSecret[] = "sk-view-0123456789abcdefghijklmnopqrstuvwxyz";
// Hides one of each kind.
constexpr char kPolicy[] = R"({"version":1,"default":"allow","rules":[
  {"tool":"delete_*","effect":"deny"},{"prompt":"inner","effect":"deny"},
  {"resource":"secret://*","effect":"deny"},{"method":"vendor/*","effect":"deny"}]})";
constexpr char kTools[] =
    R"({ "tools":[{"name":"search" ,"inputSchema":{"type":"object","$defs":{"n":1.50}},"x-new":[1e2]},)"
    R"({"name":"delete_repo","inputSchema":{}}, {"name":"fetch"}],"nextCursor":"delete_next","zz":null})";
constexpr char kToolsShown[] =
    R"({ "tools":[{"name":"search" ,"inputSchema":{"type":"object","$defs":{"n":1.50}},"x-new":[1e2]},)"
    R"({"name":"fetch"}],"nextCursor":"delete_next","zz":null})";

std::string
request (const std::string &method, const std::string &params = "{}", const std::string &id = "1")
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":)" + params +
         "}";
}

std::string
response (const std::string &result, const std::string &id = "1")
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + result + "}";
}

// Answers every POST with that result.
Upstream::Script
answers (const std::string &result)
{
  return [result] (Upstream::Peer &peer, const Upstream::Request &request) {
    peer.reply (request.method == "POST" ? 200 : 405, response (result));
  };
}

class ToolView : public testing::Test
{
protected:
  void
  open (Upstream::Script script, const std::string &policy = kPolicy, const std::string &more = "")
  {
    upstream = std::make_unique<Upstream> (std::move (script));
    agent = std::make_unique<Agent> ();
    Response added = agent->add ("svc", upstream->url (), kSecret,
                                 (policy.empty () ? "" : ",\"policy\":" + policy) + more);
    ASSERT_EQ (added.status, 201) << added.body;
    key = agent->add_client ("story");
  }

  Response call (const std::string &body, const std::string &headers = "")
  {
    return agent->post ("svc", key, body, headers);
  }

  Connection begin (const std::string &method, const std::string &body = "")
  {
    Connection connection = agent->tcp ();
    std::string lines = "Authorization: Bearer " + key + "\r\nAccept: text/event-stream";

    if (method == "POST")
      lines += "\r\nContent-Type: application/json";
    connection.send (format_request (method, "/mcp/svc", agent->host (), lines, body));
    return connection;
  }

  Response set_policy (const std::string &policy)
  {
    return agent->control ("PUT", "/v1/bindings/svc/policy", policy);
  }

  std::unique_ptr<Upstream> upstream;
  std::unique_ptr<Agent> agent;
  std::string key;
};

} // namespace

// --- Lists ---

TEST_F (ToolView, AListLacksWhatIsHiddenAndNothingElse)
{
  open (answers (kTools));
  Response list = call (request ("tools/list"));

  EXPECT_EQ (list.status, 200);
  EXPECT_EQ (list.body, response (kToolsShown));
  EXPECT_EQ (list.header ("content-length"), std::to_string (list.body.size ()));
  EXPECT_EQ (list.header ("content-type"), "application/json");
}

TEST_F (ToolView, EachKindOfListIsFiltered)
{
  struct
  {
    const char *method, *result, *want;
  } rows[] = {
    { "prompts/list", R"({"prompts":[{"name":"inner"},{"name":"p"}]})",
      R"({"prompts":[{"name":"p"}]})" },
    { "resources/list",
      R"({"resources":[{"uri":"secret://x","name":"n"}],"nextCursor":"c","cacheScope":"public","ttlMs":5})",
      R"({"resources":[],"nextCursor":"c","cacheScope":"private","ttlMs":5})" },
    { "resources/templates/list", R"({"resourceTemplates":[{"uriTemplate":"secret://{x}"}]})",
      R"({"resourceTemplates":[]})" },
  };

  for (const auto &row : rows)
    {
      open (answers (row.result));
      EXPECT_EQ (call (request (row.method)).body, response (row.want)) << row.method;
    }
}

TEST_F (ToolView, WhatNeedsNoFilterGoesOnAsItComes)
{
  // Only prompts are hidden: a list of tools passes while the upstream is still writing it.
  open (
      [this] (Upstream::Peer &peer, const Upstream::Request &) {
        std::string body = response (kTools);

        peer.write ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                    std::to_string (body.size ()) + "\r\n\r\n" + body.substr (0, 40));
        upstream->wait ("seen");
        peer.write (body.substr (40));
      },
      R"({"version":1,"default":"allow","rules":[{"prompt":"inner","effect":"deny"}]})");
  Connection connection = begin ("POST", request ("tools/list"));
  Response list = connection.read_head ();

  EXPECT_EQ (list.status, 200);
  EXPECT_THAT (connection.read_body (list), StartsWith ("{\"jsonrpc\""));
  upstream->signal ("seen");
  EXPECT_EQ (connection.read_body_until (list, "null}}"), response (kTools));
}

TEST_F (ToolView, AListInAnEventStreamIsFilteredAndItsCommentsDoNotWait)
{
  open ([this] (Upstream::Peer &peer, const Upstream::Request &) {
    std::string list = "id: 8\r\ndata: " + response (kTools) + "\r\n\r\n";

    peer.write ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
    peer.write (": wait\r\ndata: {\"jsonrpc\":\"2.0\",\"met");
    upstream->wait ("comment");
    peer.write ("hod\":\"notifications/progress\"}\r\n\r\n");
    for (char byte : list)
      peer.write (std::string (1, byte));
    peer.close ();
  });
  Connection connection = begin ("POST", request ("tools/list"));
  Response stream = connection.read_head ();

  EXPECT_EQ (stream.header ("content-type"), "text/event-stream");
  std::string text = connection.read_body_until (stream, ": wait\r\n");
  EXPECT_EQ (text, ": wait\r\n");
  upstream->signal ("comment");
  text = connection.read_body_until (stream, "null}}\n\r\n");
  EXPECT_EQ (text, ": wait\r\n"
                   "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\"}\r\n\r\n"
                   "id: 8\r\ndata: " +
                       response (kToolsShown) + "\n\r\n");
}

TEST_F (ToolView, AnArrayOfAnswersIsFilteredWhereverItComes)
{
  std::string batch = "[" + response ("{}", "2") + "," + response (kTools) + "]";
  std::string shown = "[" + response ("{}", "2") + "," + response (kToolsShown) + "]";

  open ([batch] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.method == "POST")
      {
        peer.reply (200, batch);
        return;
      }
    peer.begin_events ();
    peer.event (batch);
    peer.end_chunks ();
  });
  EXPECT_EQ (call ("[" + request ("tools/call", R"({"name":"search"})", "2") + "," +
                   request ("tools/list") + "]")
                 .body,
             shown);
  // A resumed stream repeats an answer: nobody asked on it, so the list is known by its shape.
  Connection connection = begin ("GET");
  Response stream = connection.read_head ();
  EXPECT_EQ (connection.read_body_until (stream, "\n\n"), "data: " + shown + "\n\n");
}

// A stream may be open for days: what is hidden today must not come on one of yesterday.
TEST_F (ToolView, AnOpenStreamDoesNotKeepAnOlderPolicy)
{
  open (
      [this] (Upstream::Peer &peer, const Upstream::Request &) {
        peer.begin_events ();
        peer.event (response (kTools));
        if (peer.wait_for_close (30000))
          upstream->signal ("closed");
      },
      "");
  Connection before = begin ("GET");
  Response stream = before.read_head ();
  EXPECT_THAT (before.read_body_until (stream, "\n\n"), HasSubstr ("delete_repo"));

  EXPECT_EQ (set_policy (kPolicy).status, 200);
  EXPECT_TRUE (before.wait_for_close (30000));
  EXPECT_TRUE (upstream->wait ("closed"));

  Connection after = begin ("GET");
  stream = after.read_head ();
  EXPECT_EQ (after.read_body_until (stream, "\n\n"), "data: " + response (kToolsShown) + "\n\n");
  // What does not touch the policy does not touch the stream.
  EXPECT_EQ (agent->control ("PATCH", "/v1/bindings/svc", R"({"account":"me"})").status, 200);
  EXPECT_FALSE (after.wait_for_close (0));
}

TEST_F (ToolView, AListThatCannotBeReadIsNotShown)
{
  for (const std::string &body :
       { std::string (R"({"result":{"tools":[{"name":"a","name":"delete_repo"}]}})"),
         std::string (R"({"result":{"tools":[{"name":"delete_repo"}]}} x)"),
         std::string (R"({"result":{"tools":[{"name":"delete_repo\ud800"}]}})") })
    {
      open ([body] (Upstream::Peer &peer, const Upstream::Request &request) {
        if (request.method == "POST")
          {
            peer.reply (200, body);
            return;
          }
        peer.begin_events ();
        peer.event (body);
        peer.end_chunks ();
      });
      Response list = call (request ("tools/list"));
      EXPECT_EQ (list.status, 502) << body;
      EXPECT_THAT (list.body, AllOf (HasSubstr ("-31011"), HasSubstr ("\"id\":1"),
                                     Not (HasSubstr ("delete_repo"))));
      Connection connection = begin ("GET");
      Response stream = connection.read_head ();
      EXPECT_THAT (connection.read_body_until (stream, "never"), Not (HasSubstr ("delete_repo")));
      // Broken off, perhaps even before its head was out.
      EXPECT_FALSE (stream.status != 0 && stream.is_complete);
    }
}

TEST_F (ToolView, AListThatIsTooLongIsNotShown)
{
  std::string big = response (R"({"tools":[{"name":"delete_repo","description":")" +
                              std::string (17 * 1024 * 1024, 'x') + "\"}]}");

  open (
      [big] (Upstream::Peer &peer, const Upstream::Request &request) {
        peer.reply (request.method == "POST" ? 200 : 405, big);
      },
      kPolicy, R"(,"limits":{"response_bytes_max":33554432})");
  Response list = call (request ("tools/list"));

  EXPECT_EQ (list.status, 502);
  EXPECT_THAT (list.body, AllOf (HasSubstr ("response_too_large"), Not (HasSubstr ("delete"))));
}

TEST_F (ToolView, AnErrorInsteadOfAListGoesThrough)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (404, "Session not found");
  });
  Response list = call (request ("tools/list"));

  EXPECT_EQ (list.status, 404);
  EXPECT_EQ (list.body, "Session not found");
}

// --- Requests ---

namespace
{

struct Attack
{
  const char *name;
  std::string body;
  int status;
  std::string want; // in the answer
  std::string headers = "";
};

constexpr char kDenied[] = "\"code\":-31004";
constexpr char kModernHeaders[] = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call";

std::string
modern_call (const std::string &name)
{
  return request ("tools/call",
                  R"({"name":")" + name +
                      R"(","_meta":{"io.modelcontextprotocol/protocolVersion":)"
                      R"("2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}})");
}

const Attack kAttacks[] = {
  { "plain", request ("tools/call", R"({"name":"delete_repo"})", "7.0"), 200, "\"id\":7.0" },
  { "escaped method",
    R"({"jsonrpc":"2.0","id":"a","m\u0065thod":"tools\/c\u0061ll","params":{"name":"delete_repo"}})",
    200, kDenied },
  { "escaped name", request ("tools/call", R"({"n\u0061me":"d\u0065lete_repo"})"), 200, kDenied },
  { "case of the tool", request ("tools/call", R"({"name":"Delete_Repo"})"), 200, kDenied },
  { "case of the method", request ("Tools/Call", R"({"name":"delete_repo"})"), 200, kDenied },
  { "case of a member", request ("tools/call", R"({"name":"search","Name":"delete_repo"})"), 400,
    "-32600" },
  { "second name", request ("tools/call", R"({"name":"search","name":"delete_repo"})"), 400,
    "-32700" },
  { "second method",
    R"({"jsonrpc":"2.0","id":1,"method":"tools/list","m\u0065thod":"tools/call","params":{"name":"delete_repo"}})",
    400, "-32700" },
  { "name in an array", request ("tools/call", R"({"name":["delete_repo"]})"), 200, kDenied },
  { "params in an array", request ("tools/call", R"(["delete_repo"])"), 200, kDenied },
  { "array of one", "[" + request ("tools/call", R"({"name":"delete_repo"})") + "]", 200,
    "[{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":" },
  { "array with company",
    "[" + request ("tools/call", R"({"name":"search"})", "5") + "," +
        request ("tools/call", R"({"name":"delete_repo"})", "6") + "]",
    200, "\"id\":5,\"error\":" },
  { "without an id", R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"delete_repo"}})",
    202, "" },
  { "array without ids",
    R"([{"jsonrpc":"2.0","method":"tools/call","params":{"name":"delete_repo"}}])", 202, "" },
  { "prompt", request ("prompts/get", R"({"name":"inner"})"), 200, kDenied },
  { "resource", request ("resources/read", R"({"uri":"secret://a"})"), 200, kDenied },
  { "subscription", request ("resources/subscribe", R"({"uri":"secret://a"})"), 200, kDenied },
  { "completion of a prompt",
    request ("completion/complete",
             R"({"ref":{"type":"ref/prompt","name":"inner"},"argument":{"name":"a","value":""}})"),
    200, kDenied },
  { "completion of a prompt under a name that is read elsewhere",
    request ("completion/complete",
             R"({"name":"fine","ref":{"type":"ref/prompt","name":"inner"}})"),
    200, kDenied },
  { "completion of a template",
    request ("completion/complete", R"({"ref":{"type":"ref/resource","uri":"secret://{x}"}})"), 200,
    kDenied },
  { "unknown method", request ("vendor/delete", "{}"), 200, kDenied },
  { "modern", modern_call ("delete_repo"), 200, kDenied,
    std::string (kModernHeaders) + "\r\nMcp-Name: delete_repo" },
  { "modern, the header says less", modern_call ("delete_repo"), 400, "-32020",
    std::string (kModernHeaders) + "\r\nMcp-Name: search" },
  { "modern, the header says more", modern_call ("search"), 400, "-32020",
    std::string (kModernHeaders) + "\r\nMcp-Name: delete_repo" },
  { "modern, encoded header", modern_call ("delete_repo"), 200, kDenied,
    std::string (kModernHeaders) + "\r\nMcp-Name: =?base64?ZGVsZXRlX3JlcG8=?=" },
  { "modern listening",
    request ("subscriptions/listen",
             R"({"notifications":{"resourceSubscriptions":["file:///a","secret://a"]},)"
             R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}})"),
    200, kDenied, "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen" },
};

} // namespace

TEST_F (ToolView, WhatIsHiddenIsRefusedBeforeItLeaves)
{
  open (answers ("{\"reached\":true}"));
  for (const Attack &attack : kAttacks)
    {
      Response answer = call (attack.body, attack.headers);

      EXPECT_EQ (answer.status, attack.status) << attack.name << answer.body;
      EXPECT_THAT (answer.body, HasSubstr (attack.want)) << attack.name;
      EXPECT_THAT (answer.body, Not (HasSubstr ("reached"))) << attack.name;
    }

  // What arrives first is what may: nothing of the above had left.
  EXPECT_THAT (call (request ("tools/call", R"({"name":"search","arguments":{}})")).body,
               HasSubstr ("reached"));
  ASSERT_EQ (upstream->requests (1).size (), 1u);
  EXPECT_THAT (upstream->requests (1)[0].body, HasSubstr ("search"));
}

TEST_F (ToolView, ARefusalSaysWhatToTypeAndIsRecorded)
{
  open (answers ("{}"));
  Response answer = call (request ("tools/call", R"({"name":"delete_repo"})"));
  Response events = agent->control ("GET", "/v1/events?binding=svc");

  EXPECT_THAT (answer.body,
               AllOf (HasSubstr ("bindify policy show svc"), HasSubstr ("\"reason\":\"denied\""),
                      HasSubstr ("\"origin\":\"agent\""), Not (HasSubstr ("delete_repo"))));
  EXPECT_EQ (answer.header ("content-type"), "application/json");
  EXPECT_THAT (
      events.body,
      testing::ContainsRegex (
          "\"category\":\"denied\".*\"tool\":\"delete_repo\".*\"detail\":\"rule 1 of the policy\""
          ".*\"outcome\":\"blocked\""));
}

// The same attacks reach an upstream whose binding has no policy, or this test tests nothing.
TEST_F (ToolView, WithoutAPolicyNothingIsHeldBack)
{
  open (answers (kTools), "");
  EXPECT_EQ (call (request ("tools/list")).body, response (kTools));
  EXPECT_EQ (call (request ("tools/call", R"({"name":"delete_repo"})")).status, 200);
  EXPECT_EQ (call ("[" + request ("tools/call", R"({"name":"delete_repo"})") + "]").status, 200);
  EXPECT_EQ (upstream->requests (3).size (), 3u);
}

TEST_F (ToolView, AnAllowListAllowsNothingElse)
{
  open (answers (kTools),
        R"({"version":1,"default":"deny","rules":[{"tool":"search","effect":"allow"}]})");
  EXPECT_THAT (call (request ("tools/list")).body,
               AllOf (HasSubstr ("search"), Not (HasSubstr ("fetch")), Not (HasSubstr ("repo"))));
  EXPECT_THAT (call (request ("tools/call", R"({"name":"fetch"})")).body, HasSubstr (kDenied));
  EXPECT_THAT (call (request ("tasks/get", R"({"taskId":"t"})")).body, HasSubstr (kDenied));
  EXPECT_THAT (call (request ("tools/call", R"({"name":"search"})")).body, HasSubstr ("result"));
  // The handshake is not the policy's to forbid.
  EXPECT_THAT (call (kInitialize).body, HasSubstr ("result"));
  EXPECT_EQ (call (R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status, 200);
}

// --- The policy itself ---

TEST_F (ToolView, ABadPolicyIsRefusedWholeAndTheOldOneStays)
{
  open (answers (kTools));
  Response refused = set_policy ("{\"version\":1,\n\"default\":\"allow\",\n\"rule\":[]}");

  EXPECT_EQ (refused.status, 400);
  EXPECT_THAT (refused.body, AllOf (HasSubstr ("line 3"), HasSubstr ("invalid_argument")));
  EXPECT_EQ (set_policy ("{\n").status, 400);
  EXPECT_EQ (set_policy ("").status, 400);
  EXPECT_EQ (call (request ("tools/list")).body, response (kToolsShown));
}

TEST_F (ToolView, APolicyLivesAsLongAsItsBinding)
{
  open (answers (kTools), "");
  EXPECT_EQ (set_policy (kPolicy).status, 200);
  EXPECT_EQ (call (request ("tools/list")).body, response (kToolsShown));

  // Over a restart and a rename, and through changes of other things.
  EXPECT_EQ (agent->stop (), 0);
  ASSERT_TRUE (agent->start ());
  EXPECT_EQ (agent->control ("PATCH", "/v1/bindings/svc", R"({"name":"other"})").status, 200);
  EXPECT_EQ (agent->control ("PATCH", "/v1/bindings/other", R"({"name":"svc"})").status, 200);
  EXPECT_EQ (call (request ("tools/list")).body, response (kToolsShown));

  // A new binding of the same name inherits nothing.
  EXPECT_EQ (agent->control ("DELETE", "/v1/bindings/svc").status, 204);
  EXPECT_EQ (agent->add ("svc", upstream->url (), kSecret).status, 201);
  EXPECT_THAT (agent->control ("GET", "/v1/bindings/svc/policy").body,
               HasSubstr (R"({"version":1,"default":"allow","rules":[]})"));
  EXPECT_EQ (call (request ("tools/list")).body, response (kTools));
}

TEST_F (ToolView, OnlyTheOwnerChangesIt)
{
  open (answers (kTools));
  for (const char *method : { "GET", "PUT", "DELETE" })
    {
      Connection connection = agent->tcp ();

      connection.send (
          format_request (method, "/v1/bindings/svc/policy", agent->host (),
                          "Authorization: Bearer " + key + "\r\nContent-Type: application/json",
                          R"({"version":1,"default":"allow"})"));
      EXPECT_EQ (connection.read_response ().status, 404) << method;
    }
  EXPECT_EQ (agent->control ("POST", "/v1/lock").status, 200);
  EXPECT_EQ (set_policy (R"({"version":1,"default":"allow"})").status, 423);
  EXPECT_EQ (agent->control ("DELETE", "/v1/bindings/svc/policy").status, 423);
  EXPECT_EQ (agent->control ("POST", "/v1/unlock").status, 200);
  EXPECT_EQ (call (request ("tools/list")).body, response (kToolsShown));
}

TEST_F (ToolView, TheCommandsShowSetAndTryIt)
{
  open (answers (kTools), "");
  std::string file = agent->dir ().path ("policy.json");
  std::ofstream (file) << kPolicy;

  Finished set = agent->cli ({ "bindify", "policy", "set", "svc", file });
  EXPECT_EQ (set.status, 0) << set.errors;
  EXPECT_EQ (call (request ("tools/list")).body, response (kToolsShown));

  Finished shown = agent->cli ({ "bindify", "policy", "show", "svc" });
  EXPECT_THAT (shown.output, AllOf (HasSubstr ("\"delete_*\""), HasSubstr ("\"default\"")));
  EXPECT_THAT (agent->cli ({ "bindify", "show", "svc" }).output, HasSubstr ("Policy"));

  Finished denied =
      agent->cli ({ "bindify", "policy", "test", "svc", "tools/call", "delete_repo" });
  EXPECT_EQ (denied.status, 3);
  EXPECT_EQ (denied.output, "deny: rule 1: {\"tool\":\"delete_*\",\"effect\":\"deny\"}\n");
  Finished allowed = agent->cli ({ "bindify", "policy", "test", "svc", "tools/call", "fetch" });
  EXPECT_EQ (allowed.status, 0);
  EXPECT_THAT (allowed.output, StartsWith ("allow: no rule fits"));
  EXPECT_THAT (agent->cli ({ "bindify", "policy", "test", "svc", "tools/list", "--json" }).output,
               AllOf (HasSubstr ("\"allow\""), HasSubstr ("\"rule\" : null")));
  EXPECT_EQ (agent->cli ({ "bindify", "policy", "test", "svc", "tools/call" }).status, 3);
  EXPECT_EQ (
      agent->cli ({ "bindify", "policy", "test", "svc", "completion/complete", "inner" }).status,
      3);
  EXPECT_EQ (
      agent->cli ({ "bindify", "policy", "test", "svc", "completion/complete", "secret://{x}" })
          .status,
      3);
  EXPECT_EQ (
      agent->cli ({ "bindify", "policy", "test", "svc", "subscriptions/listen", "secret://x" })
          .status,
      3);

  Finished refused = agent->cli ({ "bindify", "call", "svc", "delete_repo" });
  EXPECT_EQ (refused.status, 3);
  EXPECT_THAT (refused.errors, HasSubstr ("bindify policy show svc"));

  // What was printed can be set again.
  Finished again = agent->cli ({ "bindify", "policy", "set", "svc", "-" }, shown.output);
  EXPECT_EQ (again.status, 0) << again.errors;
  Finished wrong = agent->cli ({ "bindify", "policy", "set", "svc", "-" }, "{\n\n!");
  EXPECT_EQ (wrong.status, 1);
  EXPECT_THAT (wrong.errors, HasSubstr ("line 3"));
  EXPECT_EQ (call (request ("tools/list")).body, response (kToolsShown));

  EXPECT_EQ (agent->cli ({ "bindify", "policy", "clear", "svc" }).status, 0);
  EXPECT_EQ (call (request ("tools/list")).body, response (kTools));
  EXPECT_EQ (agent->cli ({ "bindify", "policy", "show", "nothing" }).status, 1);
}

TEST_F (ToolView, BindifyAddStartsWithIt)
{
  open (answers (kTools), "");
  auto add = [this] (const std::string &name, std::vector<std::string> more) {
    std::vector<std::string> argv = { "bindify-add",   "--token-stdin", "--allow-local",
                                      "--no-check",    "--name",        name,
                                      upstream->url () };

    argv.insert (argv.end (), more.begin (), more.end ());
    return agent->cli (argv, kSecret);
  };
  auto list = [this] (const std::string &name) {
    return agent->post (name, key, request ("tools/list")).body;
  };

  EXPECT_EQ (add ("some", { "--allow-tool", "se*", "--allow-tool", "delete_*", "--deny-tool",
                            "delete_repo" })
                 .status,
             0);
  EXPECT_THAT (list ("some"), AllOf (HasSubstr ("search"), Not (HasSubstr ("fetch")),
                                     Not (HasSubstr ("delete_repo"))));
  EXPECT_EQ (add ("most", { "--deny-tool", "delete_*" }).status, 0);
  EXPECT_EQ (list ("most"), response (kToolsShown));
  Finished wrong = add ("wrong", { "--allow-tool", "get_[ab]" });
  EXPECT_EQ (wrong.status, 1);
  EXPECT_THAT (wrong.errors, HasSubstr ("only wildcard"));
  EXPECT_EQ (agent->control ("GET", "/v1/bindings/wrong").status, 404);
}

// --- Local servers ---

namespace
{

class LocalToolView : public testing::TestWithParam<bool> // whether it is a modern one
{
protected:
  void SetUp () override
  {
    std::string script = std::string (getenv ("BFY_TEST_FIXTURES_DIR")) + "/stdio-server.py";

    std::string body =
        R"({"name":"local","command":{"argv":["python3",")" + script + "\"" +
        (GetParam () ? R"(,"--modern")" : "") +
        R"(],"deliver":"nothing","sandbox":false},"policy":)"
        R"({"version":1,"default":"allow","rules":[{"tool":"look","effect":"deny"}]}})";
    Response added = agent.control ("POST", "/v1/bindings", body);
    ASSERT_EQ (added.status, 201) << added.body;
    key = agent.add_client ("story");
    if (!GetParam ())
      session = agent.post ("local", key, kInitialize, kAccept).header ("mcp-session-id");
  }

  Response send (const std::string &method, const std::string &name = "")
  {
    std::string params = name.empty () ? "" : R"("name":")" + name + R"(","arguments":{},)";
    std::string headers = std::string (kAccept) + "\r\n";

    if (!GetParam ())
      return agent.post ("local", key, request (method, "{" + params + R"("x":1})"),
                         headers + "Mcp-Session-Id: " + session);
    headers += "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + method +
               (name.empty () ? "" : "\r\nMcp-Name: " + name);
    return agent.post ("local", key,
                       request (method, "{" + params +
                                            R"("_meta":{"io.modelcontextprotocol/protocolVersion":)"
                                            R"("2026-07-28","io.modelcontextprotocol/)"
                                            R"(clientCapabilities":{}}})"),
                       headers);
  }

  static constexpr char kAccept[] = "Accept: application/json, text/event-stream";
  Agent agent;
  std::string key, session;
};

} // namespace

TEST_P (LocalToolView, HoldsForItsServersToo)
{
  Response list = send ("tools/list");

  EXPECT_THAT (list.body, AllOf (HasSubstr ("\"state\""), HasSubstr ("\"spell\""),
                                 Not (HasSubstr ("\"look\""))));
  EXPECT_EQ (list.header ("content-length"), std::to_string (list.body.size ()));
  EXPECT_THAT (send ("tools/call", "look").body, HasSubstr (kDenied));
  EXPECT_THAT (send ("tools/call", "state").body, HasSubstr ("content"));
  EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/local/policy").status, 204);
  EXPECT_THAT (send ("tools/list").body, HasSubstr ("\"look\""));
}

INSTANTIATE_TEST_SUITE_P (Eras, LocalToolView, testing::Bool (), [] (const auto &info) {
  return info.param ? "Modern" : "Legacy";
});
