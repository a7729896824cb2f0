// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// One endpoint for all bindings: what it lists, where calls go, who is told of changes, and that a
// binding which is down, slow, locked or somebody else's spoils nothing and gives nothing away.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

constexpr char kSecret[] = "sk-all-0123456789abcdefghijklmnopqrstuvwxyz";
constexpr char kAccept[] = "Accept: application/json, text/event-stream";
constexpr char kMeta[] = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                         R"("io.modelcontextprotocol/clientCapabilities":{}})";

std::string
modern (const std::string &method, const std::string &params = "", const std::string &id = "7")
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":{)" + params +
         (params.empty () ? "" : ",") + kMeta + "}}";
}

std::string
modern_headers (const std::string &method, const std::string &name = "")
{
  return std::string (kAccept) + "\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + method +
         (name.empty () ? "" : "\r\nMcp-Name: " + name);
}

std::string
call (const std::string &name, const std::string &more = "")
{
  return modern ("tools/call", R"("name":")" + name + R"(","arguments":{"name":"é"})" + more);
}

std::string
method_of (const Upstream::Request &request)
{
  return request.header ("mcp-method");
}

std::string
result (const std::string &text, const std::string &id = "1")
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + text + "}";
}

std::string
tools (const std::string &list, const std::string &more = "")
{
  return result (R"({"resultType":"complete","tools":[)" + list +
                 R"(],"ttlMs":60000,"cacheScope":"public")" + more + "}");
}

std::string
chunk (const std::string &text)
{
  char length[16];

  snprintf (length, sizeof length, "%zx\r\n", text.size ());
  return length + text + "\r\n";
}

// The events up to one that holds @marker; they are then read.
std::string
next (Connection &connection, Response &response, const std::string &marker = "\n\n")
{
  std::string text = connection.read_body_until (response, marker);

  response.body.clear ();
  return text;
}

// The id as it stands in a request.
std::string
id_of (const Upstream::Request &request)
{
  size_t at = request.body.find ("\"id\":") + 5;

  return request.body.substr (at, request.body.find_first_of (",}", at) - at);
}

// A modern server: lists @list, and says that it is done when called.
Upstream::Script
server (const std::string &list)
{
  return [list] (Upstream::Peer &peer, const Upstream::Request &request) {
    std::string method = method_of (request);

    if (request.header ("authorization") != std::string ("Bearer ") + kSecret)
      peer.reply (401, "{}");
    else if (method == "tools/list")
      peer.reply (200, tools (list));
    else if (method == "server/discover")
      peer.reply (200, result (R"({"resultType":"complete","supportedVersions":["2026-07-28"],)"
                               R"("capabilities":{"tools":{}},"instructions":"Be kind.",)"
                               R"("ttlMs":0,"cacheScope":"public"})",
                               id_of (request)));
    else if (method == "tools/call")
      peer.reply (200,
                  result (R"({"resultType":"complete","content":[{"type":"text","text":"done"},)"
                          R"({"type":"resource_link","uri":"file:///a","name":"a"}]})",
                          id_of (request)));
    else if (method.empty ())
      peer.reply (400, R"({"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"old"}})");
    else
      peer.reply (404, R"({"jsonrpc":"2.0","id":)" + id_of (request) +
                           R"(,"error":{"code":-32601,"message":"no"}})");
  };
}

// One that knows sessions only.
Upstream::Script
old_server ()
{
  return [script = mcp_script (kSecret)] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (method_of (request).empty ())
      script (peer, request);
    else
      peer.reply (400, R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,)"
                       R"("message":"Bad Request: Server not initialized"}})");
  };
}

class All : public testing::Test
{
protected:
  void add (const std::string &name, const std::string &url, const std::string &secret = kSecret)
  {
    Response added = agent.add (name, url, secret);

    ASSERT_EQ (added.status, 201) << added.body;
  }

  Response ask (const std::string &method,
                const std::string &params = "",
                const std::string &name = "",
                const std::string &key = "")
  {
    return agent.post ("~all", key.empty () ? everything : key, modern (method, params),
                       modern_headers (method, name));
  }
  std::string list (const std::string &key = "")
  {
    return ask ("tools/list", "", "", key).body;
  }

  // A listener whose acknowledgement has come.
  Connection listen (const std::string &filter, Response &response, const std::string &key = "")
  {
    Connection connection = agent.tcp ();
    std::string lines = "Content-Type: application/json\r\nAuthorization: Bearer " +
                        (key.empty () ? everything : key) + "\r\n" +
                        modern_headers ("subscriptions/listen");

    connection.send (format_request (
        "POST", "/mcp/~all", agent.host (), lines,
        modern ("subscriptions/listen", R"("notifications":{)" + filter + "}", "\"sub\"")));
    response = connection.read_head ();
    acknowledged = next (connection, response);
    return connection;
  }

  Agent agent;
  std::string everything = agent.add_client ("everything");
  std::string acknowledged;
};

constexpr char kAllLists[] =
    R"("toolsListChanged":true,"promptsListChanged":true,"resourcesListChanged":true)";

} // namespace

TEST_F (All, ListsWhatEveryBindingHasByItsName)
{
  Upstream one (
      server (R"({"name":"zz","inputSchema":{"z":1,"a":{"name":"n"}}},{"name":"aa","title":"A"})"));
  Upstream two (server (R"({"name":"aa","inputSchema":{}})"));

  add ("two", two.url ());
  add ("one", one.url ());
  Response response = ask ("tools/list");

  EXPECT_EQ (response.status, 200);
  EXPECT_EQ (response.header ("content-type"), "application/json");
  EXPECT_THAT (
      response.body,
      StartsWith (R"({"jsonrpc":"2.0","id":7,"result":{"resultType":"complete","tools":[)"
                  R"({"name":"one__zz","inputSchema":{"z":1,"a":{"name":"n"}}},)"
                  R"({"name":"one__aa","title":"one: A"},)"
                  R"({"name":"two__aa","inputSchema":{}}],"ttlMs":60000,"cacheScope":"private")"));
  EXPECT_THAT (response.body, Not (HasSubstr (kSecret)));
  // A server without prompts is none that fails.
  EXPECT_THAT (ask ("prompts/list").body,
               AllOf (HasSubstr (R"("prompts":[])"), Not (HasSubstr ("unavailable"))));
}

TEST_F (All, TurnsThePagesOfEachBinding)
{
  Upstream pages ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.body.find (R"("cursor":"p\u0032")") == std::string::npos)
      peer.reply (200, tools (R"({"name":"a"})", R"(,"nextCursor":"p\u0032")"));
    else
      peer.reply (200, tools (R"({"name":"b"})"));
  });

  add ("pages", pages.url ());
  EXPECT_THAT (list (), AllOf (HasSubstr (R"([{"name":"pages__a"},{"name":"pages__b"}])"),
                               Not (HasSubstr ("nextCursor"))));
}

TEST_F (All, AListWithoutEndIsCutOff)
{
  Upstream endless ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (200, tools (R"({"name":"a"})", R"(,"nextCursor":"again")"));
  });
  Upstream good (server (R"({"name":"x"})"));

  add ("endless", endless.url ());
  add ("good", good.url ());
  EXPECT_THAT (list (), AllOf (HasSubstr ("good__x"), HasSubstr ("too long")));
  EXPECT_EQ (endless.requests ().size (), 100u);
}

TEST_F (All, OneThatFailsIsLeftOutAndSaidToBeMissing)
{
  Upstream good (server (R"({"name":"x"})"));
  Upstream refusing ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (401, "{}", "WWW-Authenticate: Bearer");
  });
  Upstream garbage (
      [] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "<html>", ""); });
  std::string gone;

  {
    Upstream closed (server (""));
    gone = closed.url ();
  }
  add ("down", gone);
  add ("good", good.url ());
  add ("garbage", garbage.url ());
  add ("refusing", refusing.url ());

  std::string text = list ();
  EXPECT_THAT (text, AllOf (HasSubstr (R"("tools":[{"name":"good__x"}],"ttlMs":0)"),
                            HasSubstr (R"({"binding":"down","message":)"),
                            HasSubstr (R"({"binding":"garbage","message":)"),
                            HasSubstr (R"({"binding":"refusing","message":)")));
  EXPECT_THAT (ask ("server/discover").body,
               AllOf (HasSubstr (R"(# good\nBe kind.)"), HasSubstr (R"(- down: )"),
                      HasSubstr ("bindify show refusing"), Not (HasSubstr (gone))));
}

// The waiting is real: the deadline is part of what is promised.
TEST_F (All, OneThatHangsDelaysAListOnceOnly)
{
  Upstream good (server (R"({"name":"x"})"));
  Upstream hanging (
      [] (Upstream::Peer &peer, const Upstream::Request &) { peer.wait_for_close (kPatienceMs); });

  add ("good", good.url ());
  add ("hanging", hanging.url ());
  EXPECT_THAT (ask ("server/discover").body, HasSubstr ("hanging: has not answered in time"));

  auto start = std::chrono::steady_clock::now ();
  EXPECT_THAT (list (), AllOf (HasSubstr ("good__x"), HasSubstr (R"("binding":"hanging")")));
  EXPECT_LT (std::chrono::steady_clock::now () - start, std::chrono::seconds (3));
}

TEST_F (All, ACallGoesToItsBindingUnderItsOwnName)
{
  Upstream one (server (""));
  Upstream two (server (""));
  std::string state = R"(,"requestState":"s\u0074","inputResponses":{"k":{"a":1.0}})";

  add ("one", one.url ());
  add ("two", two.url ());
  Response response = agent.post ("~all", everything, call ("two__say__it", state),
                                  modern_headers ("tools/call", "two__say__it") +
                                      "\r\nMcp-Param-Region: eu\r\ntraceparent: 00-1");
  Upstream::Request seen = two.requests (1)[0];

  EXPECT_EQ (response.status, 200);
  EXPECT_THAT (response.body, HasSubstr (R"("uri":"bindify://two/file:///a")"));
  EXPECT_EQ (seen.body, call ("say__it", state));
  EXPECT_EQ (seen.header ("mcp-name"), "say__it");
  EXPECT_EQ (seen.header ("mcp-method"), "tools/call");
  EXPECT_EQ (seen.header ("mcp-param-region"), "eu");
  EXPECT_EQ (seen.header ("traceparent"), "00-1");
  EXPECT_EQ (seen.header ("authorization"), std::string ("Bearer ") + kSecret);
  EXPECT_TRUE (one.requests ().empty ());
}

TEST_F (All, ANameThatNoHeaderCarriesIsEncodedForItsBinding)
{
  Upstream one (server (""));

  add ("one", one.url ());
  Response response = agent.post ("~all", everything, call ("one__é"),
                                  modern_headers ("tools/call", "=?base64?b25lX1/DqQ==?="));
  EXPECT_EQ (response.status, 200) << response.body;
  EXPECT_EQ (one.requests (1)[0].header ("mcp-name"), "=?base64?w6k=?=");
}

TEST_F (All, AShortenedNameIsLookedUpOnce)
{
  std::string tool (70, 't');
  Upstream one (server (R"({"name":")" + tool + "\"}"));

  add ("one", one.url ());
  std::string shown = json_string (list (), "name");
  ASSERT_EQ (shown.size (), 64u);
  for (int i = 0; i < 2; i++)
    EXPECT_EQ (
        agent.post ("~all", everything, call (shown), modern_headers ("tools/call", shown)).status,
        200);
  std::vector<Upstream::Request> seen = one.requests (4);
  EXPECT_EQ (method_of (seen[1]), "tools/list");
  EXPECT_EQ (seen[2].body, call (tool));
  EXPECT_EQ (seen[3].body, call (tool));

  shown.back () = shown.back () == '0' ? '1' : '0';
  EXPECT_THAT (
      agent.post ("~all", everything, call (shown), modern_headers ("tools/call", shown)).body,
      HasSubstr ("no such tool"));
}

TEST_F (All, StreamsEventsOneByOneAndEnds)
{
  Upstream one ([&one] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    peer.event (
        R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":1}})");
    one.wait ("seen");
    // One event in two pieces and on three lines, and a comment.
    peer.write (chunk ("data: {\"id\":7,\ndata: \"result\":{\"content\":[{\"type\":\"resour"));
    peer.write (chunk ("ce_link\",\"uri\":\"f:x\",\ndata: \"name\":\"é\"}]}}\n\n: still here\n"));
    peer.end_chunks ();
  });

  add ("one", one.url ());
  Connection connection = agent.tcp ();
  connection.send (format_request ("POST", "/mcp/~all/" + everything.substr (10), agent.host (),
                                   "Content-Type: application/json\r\n" +
                                       modern_headers ("tools/call", "one__x"),
                                   call ("one__x")));
  Response response = connection.read_head ();

  EXPECT_EQ (response.header ("content-type"), "text/event-stream");
  EXPECT_THAT (next (connection, response), HasSubstr (R"("progressToken":"p")"));
  one.signal ("seen");
  std::string rest, more;
  while (!(more = connection.read_body (response)).empty ())
    rest += more;
  EXPECT_THAT (rest, HasSubstr (R"("uri":"bindify://one/f:x")"));
  EXPECT_TRUE (response.is_complete);
}

// Nobody but the server that wrote it has to understand requestState.
TEST_F (All, WhatAServerAsksForComesBackToItByteForByte)
{
  const std::string question =
      R"({"jsonrpc":"2.0","id":7,"result":{"resultType":"input_required","inputRequests":{"who":)"
      R"({"method":"elicitation/create","params":{"message":"who?"}}},"requestState":"a\u0062\/c=="}})";
  const std::string answer =
      R"(,"inputResponses":{"who":{"action":"accept","content":{"n":1.0}}},"requestState":"a\u0062\/c==")";
  Upstream asking ([&question] (Upstream::Peer &peer, const Upstream::Request &request) {
    peer.reply (200, request.body.find ("requestState") == std::string::npos
                         ? question
                         : result (R"({"resultType":"complete","content":[]})", "7"));
  });
  Upstream other (server (""));

  add ("asking", asking.url ());
  add ("other", other.url ());
  EXPECT_EQ (
      agent
          .post ("~all", everything, call ("asking__x"), modern_headers ("tools/call", "asking__x"))
          .body,
      question);
  EXPECT_THAT (agent
                   .post ("~all", everything, call ("asking__x", answer),
                          modern_headers ("tools/call", "asking__x"))
                   .body,
               HasSubstr ("complete"));
  EXPECT_EQ (asking.requests (2)[1].body, call ("x", answer));
  EXPECT_TRUE (other.requests ().empty ());
}

TEST_F (All, WhenTheClientGoesTheCallIsCalledOff)
{
  Upstream one ([&one] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    peer.event (R"({"method":"notifications/progress"})");
    if (peer.wait_for_close (kPatienceMs))
      one.signal ("closed");
  });

  add ("one", one.url ());
  {
    Connection connection = agent.tcp ();

    connection.send (format_request ("POST", "/mcp/~all", agent.host (),
                                     "Content-Type: application/json\r\nAuthorization: Bearer " +
                                         everything + "\r\n" +
                                         modern_headers ("tools/call", "one__x"),
                                     call ("one__x")));
    Response response = connection.read_head ();
    next (connection, response);
  }
  EXPECT_TRUE (one.wait ("closed"));
}

TEST_F (All, WhenTheClientGoesAListIsCalledOff)
{
  Upstream one ([&one] (Upstream::Peer &peer, const Upstream::Request &) {
    one.signal ("asked");
    if (peer.wait_for_close (kPatienceMs))
      one.signal ("closed");
  });

  add ("one", one.url ());
  {
    Connection connection = agent.tcp ();

    connection.send (format_request ("POST", "/mcp/~all", agent.host (),
                                     "Content-Type: application/json\r\nAuthorization: Bearer " +
                                         everything + "\r\n" + modern_headers ("tools/list"),
                                     modern ("tools/list")));
    EXPECT_TRUE (one.wait ("asked"));
  }
  EXPECT_TRUE (one.wait ("closed", 5000));
}

// behaviour 3.3, 3.4: neither that a binding exists nor what it is called.
TEST_F (All, AClientSeesItsOwnBindingsOnly)
{
  Upstream one (server (R"({"name":"x"})"));
  Upstream other (server (R"({"name":"y"})"));

  add ("mine", one.url ());
  add ("hidden", other.url ());
  std::string key = agent.add_client ("limited", R"(["mine"])");

  for (const char *method : { "tools/list", "server/discover", "resources/list" })
    EXPECT_THAT (ask (method, "", "", key).body, Not (HasSubstr ("hidden"))) << method;
  EXPECT_THAT (list (key), HasSubstr ("mine__x"));
  Response refused =
      agent.post ("~all", key, call ("hidden__y"), modern_headers ("tools/call", "hidden__y"));
  Response unknown =
      agent.post ("~all", key, call ("absent__y"), modern_headers ("tools/call", "absent__y"));
  EXPECT_EQ (refused.status, unknown.status);
  EXPECT_EQ (refused.body, unknown.body);
  EXPECT_THAT (refused.body, HasSubstr ("-32602"));
  EXPECT_TRUE (other.requests ().empty ());
}

TEST_F (All, WithoutAKeyThereIsNothingOnTcp)
{
  std::string wrong = everything.substr (0, everything.size () - 4) + "AAAA";
  Response none = agent.post ("~all", "", modern ("tools/list"), modern_headers ("tools/list"));
  Response bad = agent.post ("~all", wrong, modern ("tools/list"), modern_headers ("tools/list"));
  Response absent =
      agent.post ("absent", wrong, modern ("tools/list"), modern_headers ("tools/list"));

  EXPECT_EQ (none.status, 404);
  EXPECT_EQ (none.body, absent.body);
  EXPECT_EQ (bad.status, 404);
  EXPECT_EQ (bad.body, absent.body);
  EXPECT_EQ (bad.head, absent.head);
}

TEST_F (All, TheSocketNeedsNoKeyButForSealedOnes)
{
  Upstream one (server (R"({"name":"x"})"));
  std::string key, text;

  add ("plain", one.url ());
  key = json_string (agent.add ("secret", one.url (), kSecret, R"(,"mode":"sealed")").body,
                     "client_key");
  ASSERT_THAT (key, StartsWith ("bnd_local_"));
  for (const std::string &line : { std::string (), "\r\nAuthorization: Bearer " + key })
    {
      Connection connection = agent.local ();

      connection.send (format_request ("POST", "/mcp/~all", "localhost",
                                       "Content-Type: application/json\r\n" +
                                           modern_headers ("tools/list") + line,
                                       modern ("tools/list")));
      text = connection.read_response ().body;
      EXPECT_THAT (text, HasSubstr (line.empty () ? "plain__x" : "secret__x"));
      EXPECT_EQ (text.find ("secret") != std::string::npos, !line.empty ());
    }
  EXPECT_THAT (
      agent.post ("~all", key, call ("secret__x"), modern_headers ("tools/call", "secret__x")).body,
      HasSubstr ("done"));
  // A client without a part in the envelope is told so, and others are not kept from their own.
  EXPECT_THAT (list (), AllOf (HasSubstr ("plain__x"), HasSubstr (R"("binding":"secret")")));
}

TEST_F (All, ALockedAgentListsNothingAndSaysWhy)
{
  Upstream one (server (R"({"name":"x"})"));

  add ("one", one.url ());
  agent.control ("POST", "/v1/lock");
  EXPECT_THAT (ask ("server/discover").body, AllOf (HasSubstr ("one: "), HasSubstr ("lock")));
  EXPECT_THAT (list (), HasSubstr (R"("tools":[])"));
  EXPECT_TRUE (one.requests ().empty ());
  agent.control ("POST", "/v1/unlock");
  EXPECT_THAT (list (), HasSubstr ("one__x"));
}

TEST_F (All, AListenerLearnsOfEveryChangeOfItsBindings)
{
  Upstream one (server (R"({"name":"x"})"));
  std::string tools_changed =
      R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{)"
      R"("io.modelcontextprotocol/subscriptionId":"sub"}}})";
  Response response;
  Connection connection = listen (R"("toolsListChanged":true)", response);

  EXPECT_EQ (response.header ("content-type"), "text/event-stream");
  EXPECT_THAT (acknowledged,
               HasSubstr (R"("method":"notifications/subscriptions/acknowledged","params":{)"
                          R"("notifications":{"toolsListChanged":true},"_meta":{)"
                          R"("io.modelcontextprotocol/subscriptionId":"sub"}})"));
  add ("one", one.url ());
  EXPECT_THAT (next (connection, response), HasSubstr (tools_changed));
  EXPECT_THAT (list (), HasSubstr ("one__x"));

  const std::vector<std::vector<std::string>> commands = {
    { "bindify", "rename", "one", "other" },
    { "bindify", "lock" },
    { "bindify", "unlock" },
    { "bindify", "remove", "other" },
  };
  for (const std::vector<std::string> &command : commands)
    {
      Finished done = agent.cli (command);

      ASSERT_EQ (done.status, 0) << command[1] << done.errors;
      EXPECT_THAT (next (connection, response), HasSubstr (tools_changed)) << command[1];
    }
  EXPECT_THAT (list (), HasSubstr (R"("tools":[])"));
}

TEST_F (All, AListenerLearnsOfAStateThatARequestFindsOut)
{
  std::atomic<bool> refuses = false;
  Upstream one ([&refuses] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (refuses)
      peer.reply (401, "{}");
    else
      server (R"({"name":"x"})") (peer, request);
  });
  Response response;

  add ("one", one.url ());
  Connection connection = listen (R"("toolsListChanged":true)", response);
  refuses = true;
  agent.post ("one", everything, call ("x"), modern_headers ("tools/call", "x"));
  EXPECT_THAT (next (connection, response), HasSubstr ("tools/list_changed"));
}

TEST_F (All, AListenerIsNotToldOfOtherPeoplesBindings)
{
  Upstream one (server (R"({"name":"x"})"));
  Response response;

  add ("mine", one.url ());
  std::string key = agent.add_client ("limited", R"(["mine"])");
  Connection connection = listen (kAllLists, response, key);
  add ("hidden", one.url ());
  agent.cli ({ "bindify", "remove", "hidden" });
  agent.cli ({ "bindify", "rename", "mine", "renamed" });
  EXPECT_THAT (list (key), HasSubstr ("renamed__x"));
  agent.stop ();
  std::string heard, more;
  while (!(more = connection.read_body (response)).empty ())
    heard += more;
  // Once, of the change to its own.
  size_t first = heard.find ("tools/list_changed");
  EXPECT_NE (first, std::string::npos);
  EXPECT_EQ (heard.find ("tools/list_changed", first + 1), std::string::npos) << heard;
  EXPECT_THAT (heard,
               AllOf (HasSubstr ("prompts/list_changed"), HasSubstr ("resources/list_changed")));
}

TEST_F (All, AListenerWhoseKeyIsRemovedIsHungUpOn)
{
  Upstream one (server (R"({"name":"x"})"));
  Response response, other;

  add ("mine", one.url ());
  std::string key = agent.add_client ("limited", R"(["mine"])");
  Connection connection = listen (kAllLists, response, key);
  Connection mine = listen (kAllLists, other);
  EXPECT_EQ (agent.cli ({ "bindify", "client", "remove", "limited" }).status, 0);
  EXPECT_TRUE (connection.wait_for_close (30000));
  add ("more", one.url ());
  EXPECT_THAT (next (mine, other), HasSubstr ("list_changed")) << "others listen on";
}

TEST_F (All, AListenerHearsWhatTheServersSay)
{
  Upstream one ([&one] (Upstream::Peer &peer, const Upstream::Request &request) {
    std::string meta = R"("_meta":{"io.modelcontextprotocol/subscriptionId":"sub"})";

    peer.begin_events ();
    peer.event (R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{)"
                R"("notifications":{"toolsListChanged":true},)" +
                meta + "}}");
    one.wait ("listening");
    peer.event (
        R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"f:x",)" +
        meta + "}}");
    peer.event (R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{)" +
                meta + "}}");
    one.wait ("done");
    (void) request;
  });
  Response response;

  add ("one", one.url ());
  Connection connection = listen (
      R"("toolsListChanged":true,"resourceSubscriptions":["bindify://one/f:x","bindify://two/f:x"])",
      response);
  EXPECT_THAT (
      one.requests (1)[0].body,
      HasSubstr (R"("notifications":{"toolsListChanged":true,"resourceSubscriptions":["f:x"]})"));
  one.signal ("listening");
  std::string heard = next (connection, response, "tools/list_changed");
  EXPECT_THAT (heard, AllOf (HasSubstr (R"("uri":"bindify://one/f:x")"), HasSubstr (R"("sub")")));
  one.signal ("done");
}

TEST_F (All, ALegacyClientListsCallsAndHearsOfChanges)
{
  Upstream one (server (R"({"name":"x"})"));

  add ("one", one.url ());
  Response begun = agent.post ("~all", everything, kInitialize, kAccept);
  std::string lines =
      std::string (kAccept) + "\r\nMcp-Session-Id: " + begun.header ("mcp-session-id");

  EXPECT_EQ (begun.status, 200);
  EXPECT_THAT (begun.body, AllOf (HasSubstr (R"("protocolVersion":"20)"), HasSubstr ("# one")));
  EXPECT_EQ (agent
                 .post ("~all", everything,
                        R"({"jsonrpc":"2.0","method":"notifications/initialized"})", lines)
                 .status,
             202);
  EXPECT_THAT (
      agent.post ("~all", everything, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", lines)
          .body,
      HasSubstr ("one__x"));
  EXPECT_THAT (
      agent
          .post (
              "~all", everything,
              R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"one__x","_meta":{"progressToken":3}}})",
              lines)
          .body,
      HasSubstr ("done"));
  EXPECT_THAT (one.requests ().back ().body,
               AllOf (HasSubstr (R"("name":"x")"), HasSubstr (R"("progressToken":)"),
                      HasSubstr (R"("io.modelcontextprotocol/protocolVersion":"2026-07-28")")));
  EXPECT_EQ (
      agent.post ("~all", everything, R"({"jsonrpc":"2.0","id":1,"method":"ping"})", lines).body,
      R"({"jsonrpc":"2.0","id":1,"result":{}})");

  Connection connection = agent.tcp ();
  connection.send (format_request ("GET", "/mcp/~all", agent.host (),
                                   "Authorization: Bearer " + everything + "\r\n" + lines));
  Response response = connection.read_head ();
  EXPECT_EQ (response.header ("content-type"), "text/event-stream");
  add ("two", one.url ());
  EXPECT_THAT (next (connection, response), HasSubstr ("notifications/tools/list_changed"));
}

TEST_F (All, AServerOfTheOldEraIsOneOfThem)
{
  Upstream old (old_server ());
  Upstream one (server (R"({"name":"x"})"));

  add ("old", old.url ());
  add ("one", one.url ());
  EXPECT_THAT (list (), AllOf (HasSubstr ("old__echo"), HasSubstr ("one__x")));
  EXPECT_THAT (
      agent
          .post ("~all", everything, call ("old__echo"), modern_headers ("tools/call", "old__echo"))
          .body,
      AllOf (HasSubstr ("done"), HasSubstr (R"("id":7)")));
}

TEST_F (All, TheBridgeSpeaksForAll)
{
  Upstream one (server (R"({"name":"x"})"));
  Process::Options options = agent.options ({ client_program ("bindify-mcp"), "--all" });

  add ("one", one.url ());
  options.keeps_input_open = true;
  Process bridge (options);
  bridge.write (std::string (kInitialize) + "\n");
  EXPECT_THAT (bridge.read_line (), HasSubstr ("protocolVersion"));
  bridge.write ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
  bridge.write ("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/"
                "call\",\"params\":{\"name\":\"one__x\"}}\n");
  EXPECT_THAT (bridge.read_line (), HasSubstr ("done"));
  bridge.close_input ();
  EXPECT_EQ (bridge.wait (), 0);

  for (const std::vector<std::string> &words : { std::vector<std::string>{ "bindify-mcp" },
                                                 { "bindify-mcp", "--all", "one" },
                                                 { "bindify-mcp", "~all" } })
    EXPECT_EQ (agent.cli (words).status, 1);
}

TEST_F (All, TheCommandLineListsThemAll)
{
  Upstream one (server (R"({"name":"x","description":"Does it"})"));

  EXPECT_THAT (agent.cli ({ "bindify", "tools", "--all" }).output,
               AllOf (HasSubstr ("None of the bindings offers a tool."), HasSubstr ("bindify list"),
                      HasSubstr ("bindify-add")));
  add ("one", one.url ());
  Finished tools = agent.cli ({ "bindify", "tools", "--all" });
  EXPECT_EQ (tools.status, 0) << tools.errors;
  EXPECT_THAT (tools.output, AllOf (HasSubstr ("one__x"), HasSubstr ("Does it")));
  EXPECT_EQ (agent.cli ({ "bindify", "tools" }).status, 1);
}

TEST_F (All, ALocalServerIsOneOfThem)
{
  std::string fixtures = getenv ("BFY_TEST_FIXTURES_DIR");
  Response added =
      agent.control ("POST", "/v1/bindings",
                     R"({"name":"local","command":{"argv":["/usr/bin/python3",")" + fixtures +
                         R"(/stdio-server.py","--modern"],"variable":"TOKEN","sandbox":false},)"
                         R"("credential":{"type":"custom","value":"v"}})");

  ASSERT_EQ (added.status, 201) << added.body;
  EXPECT_THAT (list (), HasSubstr ("local__echo"));
  EXPECT_THAT (agent
                   .post ("~all", everything, call ("local__echo"),
                          modern_headers ("tools/call", "local__echo"))
                   .body,
               HasSubstr (R"("id": 7)"));
}

TEST_F (All, TheOldTransportIsNotSpokenHere)
{
  for (const char *line : { "GET /mcp/~all/sse", "POST /mcp/~all/messages",
                            "POST /mcp/~all/messages?sessionId=1", "POST /mcp/~all/sse" })
    {
      Connection connection = agent.local ();
      std::string words = line;
      size_t blank = words.find (' ');

      connection.send (format_request (words.substr (0, blank), words.substr (blank + 1),
                                       "localhost", "Content-Type: application/json",
                                       words[0] == 'P' ? modern ("tools/list") : ""));
      EXPECT_THAT (connection.read_response ().status, testing::AnyOf (400, 404)) << line;
    }
  EXPECT_TRUE (agent.process ().is_running ());
}

TEST_F (All, ABindingsPolicyHoldsHereToo)
{
  Upstream one (server (R"({"name":"read"},{"name":"delete"})"));
  Response added = agent.add (
      "one", one.url (), kSecret,
      R"(,"policy":{"version":1,"default":"allow","rules":[{"tool":"delete","effect":"deny"}]})");

  ASSERT_EQ (added.status, 201) << added.body;
  EXPECT_THAT (list (), AllOf (HasSubstr ("one__read"), Not (HasSubstr ("one__delete"))));
  EXPECT_THAT (agent
                   .post ("~all", everything, call ("one__delete"),
                          modern_headers ("tools/call", "one__delete"))
                   .body,
               HasSubstr ("denied"));
  for (const Upstream::Request &seen : one.requests ())
    EXPECT_NE (method_of (seen), "tools/call");
}

TEST_F (All, TheNameIsNoBindings)
{
  EXPECT_EQ (agent.add ("~all", "http://127.0.0.1:1/", kSecret).status, 400);
}
