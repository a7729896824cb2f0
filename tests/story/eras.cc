// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Clients and servers that speak different eras of MCP, with the agent between them: what is said
// to whom, and what must not be. The public conformance suite judges the rest
// (eras-conformance.py).

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mutex>
#include <regex>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-eras-0123456789abcdefghijkl";
constexpr int kLongMs = 30000;
const std::string kAccept = "Accept: application/json, text/event-stream\r\n";

std::string
id_of (const std::string &body)
{
  std::smatch found;

  return std::regex_search (body, found, std::regex (R"("id":("[^"]*"|[0-9]+))")) ? found[1].str ()
                                                                                  : "null";
}

std::string
result (const std::string &id, const std::string &value)
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + value + "}";
}

bool
holds (const std::string &text, const std::string &part)
{
  return text.find (part) != std::string::npos;
}

// The value of a member, as it stands in the text: up to the quote that ends it.
std::string
member (const std::string &text, const std::string &name)
{
  size_t at = text.find ("\"" + name + "\":\"");

  if (at == std::string::npos)
    return "";
  at += name.size () + 4;
  return text.substr (at, text.find ('"', at) - at);
}

std::string
modern (const std::string &method,
        const std::string &params,
        const std::string &id,
        const std::string &capabilities = R"({"elicitation":{}})",
        const std::string &more_meta = "")
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":{)" + params +
         (params.empty () ? "" : ",") +
         R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
         R"("io.modelcontextprotocol/clientInfo":{"name":"m","version":"1"},)"
         R"("io.modelcontextprotocol/clientCapabilities":)" +
         capabilities + more_meta + "}}}";
}

std::string
modern_headers (const std::string &method, const std::string &name = "")
{
  return kAccept + "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: " + method +
         (name.empty () ? "" : "\r\nMcp-Name: " + name);
}

std::string
legacy (const std::string &method, const std::string &params, const std::string &id)
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":{)" + params +
         "}}";
}

class Eras : public testing::Test
{
protected:
  void must_add (const Upstream &upstream)
  {
    Response added = agent.add ("x", upstream.url (), kSecret);

    ASSERT_EQ (added.status, 201) << added.body;
  }
  std::string key ()
  {
    if (key_.empty ())
      key_ = agent.add_client ("first");
    return key_;
  }
  Response call_modern (const std::string &method,
                        const std::string &params,
                        const std::string &name = "",
                        const std::string &id = "7")
  {
    return agent.post ("x", key (), modern (method, params, id), modern_headers (method, name));
  }
  // A request whose answer is read piece by piece.
  Connection open (const std::string &method, const std::string &headers, const std::string &body)
  {
    Connection connection = agent.tcp ();
    std::string lines =
        "Content-Type: application/json\r\nAuthorization: Bearer " + key () + "\r\n" + headers;

    connection.send (format_request (method, "/mcp/x", agent.host (), lines, body));
    return connection;
  }
  Response in_session (const std::string &session, const std::string &body)
  {
    return agent.post ("x", key (), body, "Mcp-Session-Id: " + session);
  }

  Agent agent;

private:
  std::string key_;
};

// Begins with initialize, up to 2025-06-18; mints sessions s-1, s-2, …
class LegacyServer
{
  // Before the upstream, whose threads use them until it is gone.
  std::mutex mutex_;
  std::vector<Upstream::Peer *> streams_;
  std::string rest_;

public:
  std::atomic<int> n_sessions{ 0 }, n_pages{ 0 };
  Upstream upstream{ [this] (Upstream::Peer &peer, const Upstream::Request &request) {
    serve (peer, request);
  } };

  // The requests whose body holds @part, once there are @n of them: some are on their way when
  // their client already has its answer.
  std::vector<Upstream::Request> with (const std::string &part, size_t n = 0)
  {
    for (size_t n_all = 0;;)
      {
        const auto all = upstream.requests (n_all);
        std::vector<Upstream::Request> found;

        for (const Upstream::Request &request : all)
          if (holds (request.body, part))
            found.push_back (request);
        if (found.size () >= n || all.size () < n_all)
          return found;
        n_all = all.size () + 1;
      }
  }
  void push (const std::string &event)
  {
    std::lock_guard lock (mutex_);

    for (Upstream::Peer *stream : streams_)
      stream->event (event);
  }

private:
  void initialize (Upstream::Peer &peer, const Upstream::Request &request)
  {
    peer.reply (200,
                result (id_of (request.body),
                        R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":)"
                        R"(true},"prompts":{"listChanged":true},"resources":{"subscribe":true},)"
                        R"("logging":{}},"serverInfo":{"name":"old","version":"1"}})"),
                "Mcp-Session-Id: s-" + std::to_string (++n_sessions));
  }
  void stream (Upstream::Peer &peer)
  {
    peer.begin_events ();
    {
      std::lock_guard lock (mutex_);

      streams_.push_back (&peer);
    }
    upstream.signal ("streams");
    peer.wait_for_close (kLongMs);
    std::lock_guard lock (mutex_);
    streams_.erase (std::remove (streams_.begin (), streams_.end (), &peer), streams_.end ());
  }
  void ask (Upstream::Peer &peer, const std::string &id)
  {
    peer.begin_events ();
    peer.event (R"({"jsonrpc":"2.0","id":"p","method":"ping"})");
    peer.event (R"({"jsonrpc":"2.0","id":"q-1","method":"elicitation/create",)"
                R"("params":{"message":"Who?","requestedSchema":{"type":"object"}}})");
    upstream.wait ("answered");
    peer.event (result (id, R"({"content":[{"type":"text","text":"\u00fc"}]})"));
    peer.end_chunks ();
  }
  // The question comes on the session's own stream, as of servers that know no other way.
  void ask_aside (Upstream::Peer &peer, const std::string &id)
  {
    upstream.wait ("streams");
    push (R"({"jsonrpc":"2.0","id":"q-1","method":"roots/list"})");
    upstream.wait ("answered");
    peer.reply (200, result (id, R"({"content":[]})"));
  }
  // Ends its stream in the middle: the rest is to be fetched with Last-Event-ID.
  void break_off (Upstream::Peer &peer, const std::string &id)
  {
    const std::string event = "id: e-1\nretry: 10\ndata: \n\n";

    peer.begin_events ();
    rest_ = result (id, R"({"content":[{"type":"text","text":"the rest"}]})");
    peer.write ("1a\r\n" + event + "\r\n");
    peer.end_chunks ();
  }
  void slow (Upstream::Peer &peer)
  {
    peer.begin_events ();
    peer.event (R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,)"
                R"("progress":0.5}})");
    peer.event (R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":2,)"
                R"("progress":0.5}})");
    upstream.signal (peer.wait_for_close (kLongMs) ? "closed" : "not closed");
  }
  void serve (Upstream::Peer &peer, const Upstream::Request &request)
  {
    std::string session = request.header ("mcp-session-id");
    std::string id = id_of (request.body);

    if (request.header ("authorization") != std::string ("Bearer ") + kSecret)
      peer.reply (401, "{}");
    else if (request.method == "GET" && request.header ("last-event-id") == "e-1")
      {
        peer.begin_events ();
        peer.event (rest_);
        peer.end_chunks ();
      }
    else if (request.method == "GET")
      stream (peer);
    else if (request.method == "DELETE")
      peer.reply (200, "");
    else if (holds (request.body, R"("initialize")"))
      initialize (peer, request);
    else if (session.empty ())
      peer.reply (400,
                  R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"No session"},"id":null})");
    else if (holds (request.body, R"("lost")") && session == "s-1")
      peer.reply (404, R"({"jsonrpc":"2.0","error":{"code":-32001,"message":"Gone"},"id":null})");
    else if (holds (request.body, R"("name":"ask")"))
      ask (peer, id);
    else if (holds (request.body, R"("name":"aside")"))
      ask_aside (peer, id);
    else if (holds (request.body, R"("name":"broken")"))
      break_off (peer, id);
    else if (holds (request.body, R"("name":"slow")"))
      slow (peer);
    else if (holds (request.body, R"("name":"page")") && n_pages++ == 0)
      peer.reply (200, R"({"jsonrpc":"2.0","id":)" + id +
                           R"(,"error":{"code":-32042,"message":"Link first","data":{)"
                           R"("elicitations":[{"mode":"url","elicitationId":"e","message":"Link",)"
                           R"("url":"https://x.example/link"}]}}})");
    else if (holds (request.body, R"("method":"notifications/)") ||
             !holds (request.body, "\"method\""))
      {
        peer.write ("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
        if (holds (request.body, "q-1"))
          upstream.signal ("answered");
        if (holds (request.body, "cancelled"))
          upstream.signal ("cancelled");
      }
    else
      peer.reply (200, result (id, R"({"content":[]})"));
  }
};

// Knows 2026-07-28 only.
class ModernServer
{
public:
  Upstream upstream{ [this] (Upstream::Peer &peer, const Upstream::Request &request) {
    serve (peer, request);
  } };

  std::vector<Upstream::Request> of (const std::string &method)
  {
    std::vector<Upstream::Request> found;

    for (const Upstream::Request &request : upstream.requests ())
      if (request.header ("mcp-method") == method)
        found.push_back (request);
    return found;
  }

private:
  void discover (Upstream::Peer &peer, const std::string &id)
  {
    peer.reply (
        200, result (id, R"({"resultType":"complete","supportedVersions":["2026-07-28"],)"
                         R"("capabilities":{"tools":{"listChanged":true},"resources":{"subscribe":)"
                         R"(true},"logging":{}},"ttlMs":0,"cacheScope":"private"})"));
  }
  void listen (Upstream::Peer &peer, const std::string &id)
  {
    std::string meta = R"("_meta":{"io.modelcontextprotocol/subscriptionId":)" + id + "}";

    peer.begin_events ();
    peer.event (
        R"({"jsonrpc":"2.0","method":"notifications/subscriptions/acknowledged","params":{)" +
        meta + R"(,"notifications":{}}})");
    peer.event (R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{)" +
                meta + "}}");
    upstream.signal ("listens");
    peer.wait_for_close (kLongMs);
  }
  void slow (Upstream::Peer &peer)
  {
    peer.begin_events ();
    peer.event (R"({"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info",)"
                R"("data":"on it"}})");
    upstream.signal (peer.wait_for_close (kLongMs) ? "closed" : "not closed");
  }
  void tools (Upstream::Peer &peer, const std::string &id)
  {
    peer.reply (200,
                result (id, R"({"resultType":"complete","ttlMs":5,"cacheScope":"public","tools":[)"
                            R"({"name":"mirror","inputSchema":{"type":"object","properties":{)"
                            R"("a":{"type":"string","x-mcp-header":"A"}}}}]})"));
  }
  void call (Upstream::Peer &peer, const Upstream::Request &request, const std::string &id)
  {
    if (request.header ("mcp-name") == "slow")
      slow (peer);
    else if (request.header ("mcp-name") == "mirror" && request.header ("mcp-param-a").empty ())
      peer.reply (400, R"({"jsonrpc":"2.0","id":)" + id +
                           R"(,"error":{"code":-32020,"message":"Mcp-Param-A is missing"}})");
    else if (request.header ("mcp-name") != "ask" || holds (request.body, "inputResponses"))
      peer.reply (200, result (id, R"({"resultType":"complete","content":[]})"));
    else
      peer.reply (200, result (id, R"({"resultType":"input_required","inputRequests":{"who":{)"
                                   R"("method":"elicitation/create","params":{"message":"Who?",)"
                                   R"("requestedSchema":{"type":"object"}}}},)"
                                   R"("requestState":"st\u0061te\/1"})"));
  }
  void serve (Upstream::Peer &peer, const Upstream::Request &request)
  {
    std::string method = request.header ("mcp-method"), id = id_of (request.body);

    if (request.header ("authorization") != std::string ("Bearer ") + kSecret)
      peer.reply (401, "{}");
    else if (request.header ("mcp-protocol-version") != "2026-07-28")
      peer.reply (400, R"({"jsonrpc":"2.0","id":)" + id +
                           R"(,"error":{"code":-32022,"message":"Too old","data":{"supported":)"
                           R"(["2026-07-28"]}}})");
    else if (method == "server/discover")
      discover (peer, id);
    else if (method == "subscriptions/listen")
      listen (peer, id);
    else if (method == "tools/list")
      tools (peer, id);
    else if (method == "tools/call")
      call (peer, request, id);
    else
      peer.reply (200, result (id, R"({"resultType":"complete"})"));
  }
};

const char kClient[] =
    R"("protocolVersion":"2025-06-18","capabilities":{"elicitation":{}},"clientInfo":{"name":"l"})";

} // namespace

// Modern clients, legacy servers.

TEST_F (Eras, DiscoversALegacyServer)
{
  LegacyServer server;

  must_add (server.upstream);
  Response answer = call_modern ("server/discover", "");
  EXPECT_EQ (answer.status, 200);
  EXPECT_EQ (id_of (answer.body), "7");
  EXPECT_THAT (answer.body, HasSubstr (R"("supportedVersions":["2026-07-28"])"));
  EXPECT_THAT (answer.body, HasSubstr (R"(/serverInfo":{"name":"old","version":"1"})"));
  EXPECT_THAT (answer.body, Not (HasSubstr (kSecret)));
  EXPECT_EQ (answer.header ("mcp-session-id"), "");
  for (const Upstream::Request &request : server.upstream.requests ())
    EXPECT_EQ (request.header ("authorization"), std::string ("Bearer ") + kSecret);

  // One session for all requests that say the same about the client.
  Response called = call_modern ("tools/call", R"("name":"plain")", "plain");
  EXPECT_THAT (called.body, HasSubstr (R"("resultType":"complete")"));
  EXPECT_EQ (server.n_sessions, 1);
  EXPECT_THAT (server.with ("\"plain\"").at (0).body, Not (HasSubstr ("io.modelcontextprotocol/")));
}

TEST_F (Eras, LeavesTheSameEraAlone)
{
  ModernServer server;

  must_add (server.upstream);
  std::string body = modern ("tools/call", R"("name":"plain" , "x":1.0)", "7");
  agent.post ("x", key (), body, modern_headers ("tools/call", "plain"));
  agent.post ("x", key (), body, modern_headers ("tools/call", "plain"));
  ASSERT_EQ (server.upstream.requests (2).size (), 2u);
  EXPECT_EQ (server.upstream.requests ()[0].body, body);
  EXPECT_EQ (server.upstream.requests ()[1].body, body);
}

TEST_F (Eras, PutsAQuestionIntoTheResult)
{
  LegacyServer server;

  must_add (server.upstream);
  call_modern ("server/discover", ""); // from now on it is known what the server speaks
  Response question = call_modern ("tools/call", R"("name":"ask")", "ask");
  EXPECT_THAT (question.body, HasSubstr (R"("resultType":"input_required")"));
  EXPECT_THAT (question.body,
               HasSubstr (R"("method":"elicitation/create","params":{"message":"Who?")"));
  EXPECT_EQ (server.with (R"("id":"p","result":{})", 1).size (), 1u); // its ping

  std::string state = member (question.body, "requestState");
  Response answer = call_modern ("tools/call",
                                 R"("name":"ask","requestState":")" + state +
                                     R"(","inputResponses":{"input-1":{"action":"accept"}})",
                                 "ask", "8");
  EXPECT_EQ (id_of (answer.body), "8");
  EXPECT_THAT (answer.body, HasSubstr (R"("text":"\u00fc")"));
  EXPECT_THAT (answer.body, HasSubstr (R"("resultType":"complete")"));
  EXPECT_EQ (server.with (R"("id":"q-1","result":{"action":"accept"})", 1).size (), 1u);
  EXPECT_EQ (server.with ("\"ask\"").size (), 1u); // the call ran once
}

// -32042 has no meaning in 2026-07-28: the page to open comes as a question, and the call that
// brings the answer is made once more (mcp.md A.5, A.6).
TEST_F (Eras, PutsAPageIntoTheResult)
{
  const std::string can = R"({"elicitation":{"url":{}}})";
  const std::string retry = R"("name":"page","inputResponses":{"page-1":{"action":")";
  LegacyServer server;
  auto call = [&] (const std::string &params, const std::string &capabilities) {
    return agent.post ("x", key (), modern ("tools/call", params, "7", capabilities),
                       modern_headers ("tools/call", "page"));
  };

  must_add (server.upstream);
  call_modern ("server/discover", "");
  Response question = call (R"("name":"page")", can);
  EXPECT_EQ (question.status, 200);
  EXPECT_THAT (question.body,
               HasSubstr (R"("inputRequests":{"page-1":{"method":"elicitation/create","params":{)"
                          R"("mode":"url","message":"Link","url":"https://x.example/link"}}})"));
  EXPECT_THAT (question.body, Not (HasSubstr ("requestState")));

  // A no is not asked about again.
  Response no = call (retry + R"(decline"}})", can);
  EXPECT_THAT (no.body, HasSubstr ("-31004"));
  EXPECT_THAT (no.body, HasSubstr ("begin the call anew"));
  EXPECT_EQ (server.with ("\"page\"").size (), 1u);

  EXPECT_THAT (call (retry + R"(accept"}})", can).body, HasSubstr (R"("resultType":"complete")"));
  ASSERT_EQ (server.with ("\"page\"").size (), 2u);
  EXPECT_THAT (server.with ("\"page\"")[1].body, Not (HasSubstr ("inputResponses")));

  server.n_pages = 0;
  Response unable = call (R"("name":"page")", R"({"elicitation":{}})");
  EXPECT_EQ (unable.status, 400);
  EXPECT_THAT (unable.body, HasSubstr (R"("code":-32021)"));
  EXPECT_THAT (unable.body, HasSubstr (R"("requiredCapabilities":{"elicitation":{"url":{}}})"));
}

// An attack: whoever learns of a state must not answer for somebody else, nor for another call.
TEST_F (Eras, KeepsTheStateOfACallToItsClient)
{
  LegacyServer server;

  must_add (server.upstream);
  Response question = call_modern ("tools/call", R"("name":"ask")", "ask");
  std::string retry = R"("requestState":")" + member (question.body, "requestState") +
                      R"(","inputResponses":{"input-1":{"action":"accept"}})";
  std::string body = modern ("tools/call", R"("name":"ask",)" + retry, "8");

  Response stolen =
      agent.post ("x", agent.add_client ("second"), body, modern_headers ("tools/call", "ask"));
  EXPECT_THAT (stolen.body, HasSubstr ("-32602"));
  EXPECT_THAT (call_modern ("tools/call", R"("name":"other",)" + retry, "other").body,
               HasSubstr ("-32602"));
  EXPECT_THAT (call_modern ("tools/call", R"("name":"ask","requestState":"guessed")", "ask").body,
               HasSubstr ("-32602"));
  EXPECT_EQ (server.with ("q-1").size (), 0u);

  EXPECT_THAT (call_modern ("tools/call", R"("name":"ask",)" + retry, "ask").body,
               HasSubstr (R"("resultType":"complete")"));
  // And it counts once.
  EXPECT_THAT (call_modern ("tools/call", R"("name":"ask",)" + retry, "ask").body,
               HasSubstr ("-32602"));
}

// A client that cannot be asked never is; the server hears of it.
TEST_F (Eras, AsksNobodyWhoCannotAnswer)
{
  LegacyServer server;

  must_add (server.upstream);
  Response answer = agent.post ("x", key (), modern ("tools/call", R"("name":"ask")", "7", "{}"),
                                modern_headers ("tools/call", "ask"));
  EXPECT_THAT (answer.body, HasSubstr (R"("resultType":"complete")"));
  EXPECT_EQ (server.with (R"("id":"q-1","error")", 1).size (), 1u);
}

TEST_F (Eras, TakesAQuestionFromTheSessionsOwnStream)
{
  LegacyServer server;
  const std::string roots = R"({"roots":{}})";

  must_add (server.upstream);
  Response question =
      agent.post ("x", key (), modern ("tools/call", R"("name":"aside")", "7", roots),
                  modern_headers ("tools/call", "aside"));
  EXPECT_THAT (question.body, HasSubstr (R"("inputRequests":{"input-1":{"method":"roots/list")"));
  Response answer = agent.post ("x", key (),
                                modern ("tools/call",
                                        R"("name":"aside","requestState":")" +
                                            member (question.body, "requestState") +
                                            R"(","inputResponses":{"input-1":{"roots":[]}})",
                                        "8", roots),
                                modern_headers ("tools/call", "aside"));
  EXPECT_THAT (answer.body, HasSubstr (R"("resultType":"complete")"));
  EXPECT_EQ (server.with (R"("id":"q-1","result":{"roots":[]})", 1).size (), 1u);
}

TEST_F (Eras, FetchesTheRestOfAStream)
{
  LegacyServer server;

  must_add (server.upstream);
  EXPECT_THAT (call_modern ("tools/call", R"("name":"broken")", "broken").body,
               HasSubstr ("the rest"));
}

// An attack on memory: calls that wait for input are counted.
TEST_F (Eras, LetsOneClientWaitForSoManyAnswersOnly)
{
  LegacyServer server;

  must_add (server.upstream);
  for (int i = 0; i < 32; i++)
    EXPECT_THAT (call_modern ("tools/call", R"("name":"ask")", "ask").body,
                 HasSubstr ("input_required"));
  Response answer = call_modern ("tools/call", R"("name":"ask")", "ask");
  EXPECT_THAT (answer.body, HasSubstr (R"("resultType":"complete")"));
  EXPECT_EQ (server.with (R"("id":"q-1","error")", 1).size (), 1u);
}

// What was said for a client ends with its key.
TEST_F (Eras, EndsWithTheClient)
{
  LegacyServer server;

  must_add (server.upstream);
  Connection listen =
      open ("POST", modern_headers ("subscriptions/listen"),
            modern ("subscriptions/listen", R"("notifications":{"toolsListChanged":true})", "1"));
  Response head = listen.read_head ();
  listen.read_body_until (head, "acknowledged");
  std::string id = json_string (agent.control ("GET", "/v1/clients").body, "id");
  EXPECT_LT (agent.control ("DELETE", "/v1/clients/" + id).status, 300);
  while (!listen.read_body (head).empty ())
    ;
  EXPECT_TRUE (head.is_complete);
}

TEST_F (Eras, CancelsWhatNobodyWaitsFor)
{
  LegacyServer server;

  must_add (server.upstream);
  {
    Connection connection =
        open ("POST", modern_headers ("tools/call", "slow"),
              modern ("tools/call", R"("name":"slow")", "7", "{}", R"(,"progressToken":"mine")"));
    Response head = connection.read_head ();

    EXPECT_THAT (connection.read_body_until (head, "0.5"), HasSubstr (R"("progressToken":"mine")"));
  }
  EXPECT_TRUE (server.upstream.wait ("closed"));
  EXPECT_TRUE (server.upstream.wait ("cancelled"));
  EXPECT_EQ (server.with ("notifications/cancelled", 1).size (), 1u);
}

TEST_F (Eras, BeginsAnewWhenTheServerLostTheSession)
{
  LegacyServer server;

  must_add (server.upstream);
  call_modern ("server/discover", "");
  Response answer = call_modern ("tools/call", R"("name":"lost")", "lost");
  EXPECT_THAT (answer.body, HasSubstr (R"("resultType":"complete")"));
  EXPECT_EQ (server.n_sessions, 2);
  EXPECT_EQ (server.with ("\"lost\"").size (), 2u);
}

TEST_F (Eras, ListensForWhatWasAskedFor)
{
  LegacyServer server;

  must_add (server.upstream);
  Connection tools = open (
      "POST", modern_headers ("subscriptions/listen"),
      modern ("subscriptions/listen", R"("notifications":{"toolsListChanged":true})", "\"t\""));
  Response tools_head = tools.read_head ();
  EXPECT_THAT (tools.read_body_until (tools_head, "\n\n"),
               HasSubstr (R"("method":"notifications/subscriptions/acknowledged")"));
  Connection others = open (
      "POST", modern_headers ("subscriptions/listen"),
      modern ("subscriptions/listen",
              R"("notifications":{"promptsListChanged":true,"resourceSubscriptions":["a:b"]})",
              "9"));
  Response others_head = others.read_head ();
  EXPECT_THAT (others.read_body_until (others_head, "\n\n"), HasSubstr ("a:b"));

  ASSERT_TRUE (server.upstream.wait ("streams"));
  server.push (R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  server.push (
      R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:c"}})");
  server.push (
      R"({"jsonrpc":"2.0","method":"notifications/resources/updated","params":{"uri":"a:b"}})");
  EXPECT_THAT (tools.read_body_until (tools_head, "list_changed"),
               HasSubstr (R"("io.modelcontextprotocol/subscriptionId":"t")"));
  std::string updated = others.read_body_until (others_head, "9}}}\n\n");
  EXPECT_THAT (updated, HasSubstr (R"("uri":"a:b")"));
  EXPECT_THAT (updated, Not (HasSubstr (R"("uri":"a:c")")));
  EXPECT_THAT (updated, HasSubstr (R"("io.modelcontextprotocol/subscriptionId":9)"));
  EXPECT_THAT (updated, Not (HasSubstr ("tools/list_changed")));
  EXPECT_EQ (server.with (R"("resources/subscribe")", 1).size (), 1u);
}

TEST_F (Eras, NamesBothVersionsWhereThereIsNoWord)
{
  LegacyServer server;

  must_add (server.upstream);
  call_modern ("server/discover", "");
  Response lost = call_modern ("tasks/get", R"("taskId":"t")", "t");
  EXPECT_EQ (lost.status, 404);
  EXPECT_THAT (lost.body, HasSubstr ("-32601"));
  EXPECT_THAT (lost.body, HasSubstr ("2026-07-28"));
  EXPECT_THAT (lost.body, HasSubstr ("2025-11-25"));
}

// When neither era works, the server's own first answer is what the client should see.
TEST_F (Eras, TellsTheFirstAnswerWhenNothingWorks)
{
  Upstream broken ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (400, R"({"why":"because"})");
  });

  must_add (broken);
  Response answer = call_modern ("server/discover", "");
  EXPECT_EQ (answer.status, 400);
  EXPECT_EQ (answer.body, R"({"why":"because"})");
}

TEST_F (Eras, RefusalsOfTheAgentStayWhatTheyAre)
{
  LegacyServer server;

  must_add (server.upstream);
  call_modern ("server/discover", "");
  agent.control ("POST", "/v1/bindings/x/pause");
  agent.control ("POST", "/v1/lock");
  Response answer = call_modern ("tools/call", R"("name":"plain")", "plain");
  EXPECT_EQ (answer.status, 200);
  EXPECT_EQ (id_of (answer.body), "7");
  EXPECT_THAT (answer.body, HasSubstr (R"("origin":"agent")"));
}

// Legacy clients, modern servers.

TEST_F (Eras, InitializesInFrontOfAModernServer)
{
  ModernServer server;

  must_add (server.upstream);
  Response answer = agent.post ("x", key (), legacy ("initialize", kClient, "1"));
  EXPECT_EQ (answer.status, 200);
  EXPECT_THAT (answer.body, HasSubstr (R"("protocolVersion":"2025-06-18")"));
  EXPECT_THAT (answer.body, Not (HasSubstr ("resultType")));
  std::string session = answer.header ("mcp-session-id");
  ASSERT_NE (session, "");

  EXPECT_EQ (
      in_session (session, R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status,
      202);
  Response called = in_session (session, legacy ("tools/call", R"("name":"größe")", "2"));
  EXPECT_EQ (called.body, R"({"jsonrpc":"2.0","id":2,"result":{"content":[]}})");
  Upstream::Request sent = server.of ("tools/call").at (0);
  EXPECT_EQ (sent.header ("mcp-name"), "=?base64?Z3LDtsOfZQ==?=");
  EXPECT_EQ (sent.header ("mcp-session-id"), "");
  EXPECT_THAT (sent.body, HasSubstr (R"("io.modelcontextprotocol/clientInfo":{"name":"l"})"));

  // An attack: the session is worth nothing to anybody else.
  Response stolen =
      agent.post ("x", agent.add_client ("second"), legacy ("tools/call", R"("name":"a")", "2"),
                  "Mcp-Session-Id: " + session);
  EXPECT_EQ (stolen.status, 404);

  Connection connection = open ("DELETE", "Mcp-Session-Id: " + session, "");
  EXPECT_EQ (connection.read_response ().status, 200);
  EXPECT_EQ (in_session (session, legacy ("tools/list", "", "3")).status, 404);
}

// An attack: sessions are bounded, and one client must not use up what others have.
TEST_F (Eras, LetsNobodyPushOthersOut)
{
  ModernServer server;

  must_add (server.upstream);
  std::string other = agent.add_client ("second");
  std::string theirs =
      agent.post ("x", other, legacy ("initialize", kClient, "1")).header ("mcp-session-id");
  std::string first =
      agent.post ("x", key (), legacy ("initialize", kClient, "1")).header ("mcp-session-id");
  for (int i = 0; i < 300; i++)
    ASSERT_EQ (agent.post ("x", key (), legacy ("initialize", kClient, "1")).status, 200);
  EXPECT_EQ (in_session (first, legacy ("tools/call", R"("name":"a")", "2")).status, 404);
  EXPECT_EQ (agent
                 .post ("x", other, legacy ("tools/call", R"("name":"a")", "2"),
                        "Mcp-Session-Id: " + theirs)
                 .status,
             200);
}

TEST_F (Eras, AsksOnTheStreamOfTheCall)
{
  ModernServer server;

  must_add (server.upstream);
  std::string session =
      agent.post ("x", key (), legacy ("initialize", kClient, "1")).header ("mcp-session-id");
  Connection connection = open ("POST", kAccept + "Mcp-Session-Id: " + session,
                                legacy ("tools/call", R"("name":"ask")", "\"c\""));
  Response head = connection.read_head ();
  std::string question = connection.read_body_until (head, "\n\n");
  EXPECT_THAT (question, HasSubstr (R"("method":"elicitation/create")"));
  EXPECT_THAT (question, HasSubstr ("Who?"));

  std::string response = result (id_of (question), R"({"action":"accept","content":{"a":1.0}})");
  EXPECT_EQ (in_session (session, response).status, 202);
  EXPECT_THAT (connection.read_body_until (head, "\"result\""),
               HasSubstr (R"({"jsonrpc":"2.0","id":"c","result":{"content":[]}})"));
  std::string retry = server.of ("tools/call").at (1).body;
  EXPECT_THAT (retry, HasSubstr (R"("requestState":"st\u0061te\/1")"));
  EXPECT_THAT (retry,
               HasSubstr (R"("inputResponses":{"who":{"action":"accept","content":{"a":1.0}}})"));
}

TEST_F (Eras, CancelsByNotification)
{
  ModernServer server;

  must_add (server.upstream);
  std::string session =
      agent.post ("x", key (), legacy ("initialize", kClient, "1")).header ("mcp-session-id");
  Connection connection = open ("POST", kAccept + "Mcp-Session-Id: " + session,
                                legacy ("tools/call", R"("name":"slow")", "5"));
  Response head = connection.read_head ();
  connection.read_body_until (head, "on it");
  in_session (session, R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
                       R"("params":{"requestId":5}})");
  EXPECT_TRUE (server.upstream.wait ("closed"));
  EXPECT_EQ (connection.read_body (head).find ("result"), std::string::npos);
}

TEST_F (Eras, TellsChangesOnTheGetStream)
{
  ModernServer server;

  must_add (server.upstream);
  std::string session =
      agent.post ("x", key (), legacy ("initialize", kClient, "1")).header ("mcp-session-id");
  Connection stream = open ("GET", kAccept + "Mcp-Session-Id: " + session, "");
  Response head = stream.read_head ();
  EXPECT_EQ (head.status, 200);
  std::string changed = stream.read_body_until (head, "\n\n");
  EXPECT_THAT (changed, HasSubstr ("notifications/tools/list_changed"));
  EXPECT_THAT (changed, Not (HasSubstr ("subscriptionId")));
  EXPECT_EQ (open ("GET", kAccept + "Mcp-Session-Id: " + session, "").read_response ().status, 409);

  EXPECT_THAT (in_session (session, legacy ("resources/subscribe", R"("uri":"a:b")", "2")).body,
               HasSubstr (R"("result":{})"));
  // initialize in vain, server/discover, and two listens.
  ASSERT_GE (server.upstream.requests (4).size (), 4u);
  EXPECT_THAT (server.of ("subscriptions/listen").at (1).body,
               HasSubstr (R"("resourceSubscriptions":["a:b"])"));
}

TEST_F (Eras, SaysTheLogLevelWithEveryRequest)
{
  ModernServer server;

  must_add (server.upstream);
  std::string session =
      agent.post ("x", key (), legacy ("initialize", kClient, "1")).header ("mcp-session-id");
  in_session (session, legacy ("logging/setLevel", R"("level":"warning")", "2"));
  in_session (session, legacy ("tools/call", R"("name":"plain")", "3"));
  EXPECT_THAT (server.of ("tools/call").at (0).body,
               HasSubstr (R"("io.modelcontextprotocol/logLevel":"warning")"));
  EXPECT_THAT (in_session (session, legacy ("logging/setLevel", R"("level":"loud")", "4")).body,
               HasSubstr ("-32602"));
}

TEST_F (Eras, FindsOutWhichArgumentsAreHeaders)
{
  ModernServer server;

  must_add (server.upstream);
  std::string session =
      agent.post ("x", key (), legacy ("initialize", kClient, "1")).header ("mcp-session-id");
  Response answer =
      in_session (session, legacy ("tools/call", R"("name":"mirror","arguments":{"a":"b"})", "2"));
  EXPECT_THAT (answer.body, HasSubstr (R"("result":{"content":[]})"));
  EXPECT_EQ (server.of ("tools/call").at (1).header ("mcp-param-a"), "b");
}

TEST_F (Eras, NamesBothVersionsToLegacyClients)
{
  ModernServer server;

  must_add (server.upstream);
  std::string session =
      agent.post ("x", key (), legacy ("initialize", kClient, "1")).header ("mcp-session-id");
  Response lost = in_session (session, legacy ("tasks/list", "", "2"));
  EXPECT_THAT (lost.body, HasSubstr ("2025-06-18"));
  EXPECT_THAT (lost.body, HasSubstr ("2026-07-28"));
}
