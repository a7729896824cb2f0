// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// HTTP client → agent → HTTP server in every version of MCP that has Streamable HTTP: versions,
// sessions, arrays, resume, headers and statuses (mcp.md, part A). Real agent, scripted upstream.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/proxied.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

const std::string kTwoCalls =
    R"([{"jsonrpc":"2.0","id":1,"method":"tools/list"}, {"jsonrpc":"2.0","id":"b","method":"tools/call","params":{"name":"echo"}}])";

std::string
initialize (const std::string &version)
{
  return R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":")" +
         version + R"(","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})";
}

std::string
agreed (const std::string &version)
{
  return R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":")" + version +
         R"(","capabilities":{},"serverInfo":{"name":"s","version":"1"}}})";
}

// How a server may answer initialize.
enum class Shape
{
  kJson,
  kChunkedJson,
  kEvents,
  kEventsInPieces,
};

void
answer_initialize (Upstream::Peer &peer, const std::string &version, Shape shape)
{
  std::string session = "Mcp-Session-Id: session-1", text = agreed (version);

  if (shape == Shape::kJson)
    {
      peer.reply (200, text, session);
      return;
    }
  if (shape == Shape::kChunkedJson)
    {
      peer.write ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + session +
                  "\r\nTransfer-Encoding: chunked\r\n\r\n");
      peer.chunk (text.substr (0, 40));
      peer.chunk (text.substr (40));
    }
  else
    {
      peer.begin_events (session);
      peer.event (R"({"jsonrpc":"2.0","method":"notifications/message","params":{}})");
      if (shape == Shape::kEvents)
        {
          peer.event (text);
        }
      else
        {
          peer.chunk ("data: " + text.substr (0, 50));
          peer.chunk (text.substr (50) + "\r\n");
          peer.chunk ("\r\n");
        }
    }
  peer.end_chunks ();
}

// A server that takes whatever comes in a session, arrays too, as the TypeScript SDK does.
Upstream::Script
careless (const std::string &version, Shape shape)
{
  return [version, shape] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.body.find ("\"initialize\"") != std::string::npos)
      answer_initialize (peer, version, shape);
    else
      peer.reply (200, "[]");
  };
}

class Versions : public Proxied
{
protected:
  Response in_session (const std::string &body, const std::string &headers = "")
  {
    return call (body, "Mcp-Session-Id: session-1" + (headers.empty () ? "" : "\r\n" + headers));
  }

  void expect_refused_array (const Response &response)
  {
    EXPECT_EQ (response.status, 400) << response.body;
    EXPECT_THAT (response.body, HasSubstr ("\"code\":-32600"));
    EXPECT_THAT (response.body, HasSubstr ("\"id\":null"));
    EXPECT_EQ (response.header ("x-bindify-origin"), "agent");
  }
};

} // namespace

struct ArrayCase
{
  const char *name, *version;
  Shape shape;
  bool allowed;
};

class Arrays : public Versions, public testing::WithParamInterface<ArrayCase>
{
};

// mcp.md A.3: servers run arrays in every version, so whoever inspects single messages only is got
// round by wrapping one in [].
TEST_P (Arrays, AreForTheVersionThatKnowsThem)
{
  open (careless (GetParam ().version, GetParam ().shape));
  ASSERT_EQ (call (initialize (GetParam ().version)).status, 200);
  Response response = in_session (kTwoCalls);

  if (GetParam ().allowed)
    {
      EXPECT_EQ (response.status, 200) << response.body;
      EXPECT_EQ (upstream->requests (2)[1].body, kTwoCalls);
    }
  else
    {
      expect_refused_array (response);
      EXPECT_EQ (upstream->requests ().size (), 1u);
    }
  EXPECT_EQ (in_session (kToolCall).status, 200);
}

INSTANTIATE_TEST_SUITE_P (
    Sessions,
    Arrays,
    testing::Values (ArrayCase{ "March", "2025-03-26", Shape::kJson, true },
                     ArrayCase{ "MarchInEvents", "2025-03-26", Shape::kEvents, true },
                     ArrayCase{ "June", "2025-06-18", Shape::kJson, false },
                     ArrayCase{ "JuneChunked", "2025-06-18", Shape::kChunkedJson, false },
                     ArrayCase{ "JuneInEvents", "2025-06-18", Shape::kEvents, false },
                     ArrayCase{ "November", "2025-11-25", Shape::kJson, false },
                     ArrayCase{ "NovemberInPieces", "2025-11-25", Shape::kEventsInPieces, false },
                     ArrayCase{ "NeverHeardOf", "2031-01-01", Shape::kJson, false }),
    [] (const testing::TestParamInfo<ArrayCase> &info) { return info.param.name; });

TEST_F (Versions, AnArrayOutsideOfSessionsGoesByTheVersionHeader)
{
  open (careless ("2025-03-26", Shape::kJson));

  EXPECT_EQ (call (kTwoCalls).status, 200);
  EXPECT_EQ (call (kTwoCalls, "MCP-Protocol-Version: 2025-03-26").status, 200);
  for (const char *version : { "2025-06-18", "2025-11-25", "2026-07-28", "x" })
    expect_refused_array (call (kTwoCalls, std::string ("MCP-Protocol-Version: ") + version));
  EXPECT_EQ (upstream->requests ().size (), 2u);
}

// A session that may not is not helped by a header that says it may.
TEST_F (Versions, TheHeaderDoesNotOverruleTheSession)
{
  open (careless ("2025-11-25", Shape::kJson));
  ASSERT_EQ (call (initialize ("2025-11-25")).status, 200);

  expect_refused_array (in_session (kTwoCalls, "MCP-Protocol-Version: 2025-03-26"));
}

TEST_F (Versions, AnArrayMayHoldOnlyNotificationsAndResponses)
{
  const std::string body =
      R"([{"jsonrpc":"2.0","method":"notifications/x"},{"jsonrpc":"2.0","id":3,"result":{}}])";

  open ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  });
  Response response = call (body);

  EXPECT_EQ (response.status, 202);
  EXPECT_EQ (response.body, "");
  EXPECT_EQ (upstream->requests (1)[0].body, body);
}

struct LadderCase
{
  const char *name;
  std::string body;
  const char *headers;
  int status, code; // code 0: forwarded
};

class Ladder : public Versions, public testing::WithParamInterface<LadderCase>
{
};

// mcp.md A.6, era selection, through the agent: what is refused never reaches the upstream.
TEST_P (Ladder, IsClimbedBeforeAnythingLeaves)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); });
  Response response = call (GetParam ().body, GetParam ().headers);

  EXPECT_EQ (response.status, GetParam ().status) << response.body;
  if (GetParam ().code != 0)
    {
      EXPECT_THAT (response.body, HasSubstr ("\"code\":" + std::to_string (GetParam ().code)));
    }
  EXPECT_EQ (upstream->requests ().size (), GetParam ().code == 0 ? 1u : 0u);
}

#define CLAIM R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"})"
#define REQUEST(method, params)                                                                    \
  R"({"jsonrpc":"2.0","id":7,"method":")" method R"(","params":{)" params "}}"
#define V "MCP-Protocol-Version: 2026-07-28"

INSTANTIATE_TEST_SUITE_P (
    Rows,
    Ladder,
    testing::Values (
        LadderCase{ "Call", REQUEST ("tools/call", R"("name":"a",)" CLAIM),
                    V "\r\nMcp-Method: tools/call\r\nMcp-Name: a", 200, 0 },
        LadderCase{ "Read", REQUEST ("resources/read", R"("uri":"a:b",)" CLAIM),
                    V "\r\nMcp-Method: resources/read\r\nMcp-Name: a:b", 200, 0 },
        LadderCase{ "Task", REQUEST ("tasks/get", R"("taskId":"t",)" CLAIM),
                    V "\r\nMcp-Method: tasks/get\r\nMcp-Name: t", 200, 0 },
        LadderCase{ "Discover", REQUEST ("server/discover", CLAIM),
                    V "\r\nMcp-Method: server/discover", 200, 0 },
        LadderCase{ "Listen", REQUEST ("subscriptions/listen", CLAIM),
                    V "\r\nmcp-method:  subscriptions/listen ", 200, 0 },
        LadderCase{ "ModernPingIsTheServers", REQUEST ("ping", CLAIM), V "\r\nMcp-Method: ping",
                    200, 0 },
        LadderCase{ "ArrayWithClaim", "[" REQUEST ("tools/list", CLAIM) "]",
                    V "\r\nMcp-Method: tools/list", 400, -32600 },
        LadderCase{ "ArrayWithALateClaim",
                    "[" REQUEST ("tools/list", "") "," REQUEST ("tools/list", CLAIM) "]", "X-A: b",
                    400, -32600 },
        LadderCase{ "ArrayWithALateInitialize",
                    "[" REQUEST ("tools/list", "") "," REQUEST ("initialize", "") "]", "X-A: b",
                    400, -32600 },
        LadderCase{ "ArrayWithInitialize", "[" REQUEST ("initialize", "") "]", "X-A: b", 400,
                    -32600 },
        LadderCase{ "InitializeWithModernHeader", REQUEST ("initialize", ""), V, 400, -32020 },
        LadderCase{
            "ClaimIsNoString",
            REQUEST ("tools/list", R"("_meta":{"io.modelcontextprotocol/protocolVersion":7})"),
            V "\r\nMcp-Method: tools/list", 400, -32602 },
        LadderCase{ "OtherVersion", REQUEST ("tools/list", CLAIM),
                    "MCP-Protocol-Version: 2025-11-25\r\nMcp-Method: tools/list", 400, -32020 },
        LadderCase{ "NoVersion", REQUEST ("tools/list", CLAIM), "Mcp-Method: tools/list", 400,
                    -32020 },
        LadderCase{ "NoMethod", REQUEST ("tools/list", CLAIM), V, 400, -32020 },
        LadderCase{ "OtherMethod", REQUEST ("tools/call", R"("name":"a",)" CLAIM),
                    V "\r\nMcp-Method: tools/list", 400, -32020 },
        LadderCase{ "NoName", REQUEST ("tools/call", R"("name":"a",)" CLAIM),
                    V "\r\nMcp-Method: tools/call", 400, -32020 },
        LadderCase{ "OtherName", REQUEST ("prompts/get", R"("name":"a",)" CLAIM),
                    V "\r\nMcp-Method: prompts/get\r\nMcp-Name: A", 400, -32020 },
        LadderCase{ "BadEncoding", REQUEST ("tools/call", R"("name":"a",)" CLAIM),
                    V "\r\nMcp-Method: tools/call\r\nMcp-Name: =?base64?YQ?=", 400, -32020 },
        LadderCase{ "OtherTask", REQUEST ("tasks/cancel", R"("taskId":"t",)" CLAIM),
                    V "\r\nMcp-Method: tasks/cancel\r\nMcp-Name: u", 400, -32020 },
        LadderCase{ "NoClaim", REQUEST ("tools/list", ""), V "\r\nMcp-Method: tools/list", 400,
                    -32602 },
        LadderCase{ "Legacy", REQUEST ("tools/list", ""), "MCP-Protocol-Version: 2025-11-25", 200,
                    0 },
        LadderCase{ "LegacyWithoutHeader", REQUEST ("tools/list", ""), "X-A: b", 200, 0 },
        LadderCase{ "LegacyWithNonsense", REQUEST ("tools/list", ""), "MCP-Protocol-Version: x",
                    200, 0 },
        LadderCase{ "NotificationByHeader",
                    R"({"jsonrpc":"2.0","method":"notifications/cancelled"})",
                    V "\r\nMcp-Method: notifications/cancelled", 200, 0 },
        LadderCase{ "NotificationOtherMethod",
                    R"({"jsonrpc":"2.0","method":"notifications/cancelled"})",
                    V "\r\nMcp-Method: tools/call", 400, -32020 }),
    [] (const testing::TestParamInfo<LadderCase> &info) { return info.param.name; });

// mcp.md A.7, 7: presence and absence are passed as they are, known or not, in both eras.
TEST_F (Versions, ProtocolHeadersGoUpAsTheyCame)
{
  const std::map<std::string, std::string> sent = {
    { "mcp-protocol-version", "2026-07-28" },
    { "mcp-method", "tools/call" },
    { "mcp-name", "=?base64?ZWNobw==?=" },
    { "mcp-param-region", "eu-west-1" },
    { "mcp-param-nobody-knows", "=?base64?w6k=?=" },
    { "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
    { "tracestate", "a=b,c=d" },
    { "last-event-id", "e/7:1" },
  };
  std::string lines;

  open ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); });
  for (const auto &[name, value] : sent)
    lines += (lines.empty () ? "" : "\r\n") + name + ": " + value;
  ASSERT_EQ (call (REQUEST ("tools/call", R"("name":"echo",)" CLAIM), lines).status, 200);
  ASSERT_EQ (call (kToolCall).status, 200);
  ASSERT_EQ (
      call (kToolCall, "traceparent: a\r\nLast-Event-ID: b\r\nConnection: Last-Event-ID").status,
      200);
  std::vector<Upstream::Request> seen = upstream->requests (3);

  EXPECT_EQ (seen[2].header ("traceparent"), "a");
  EXPECT_EQ (seen[2].headers.count ("last-event-id"), 0u) << "it was for the next hop alone";
  for (const auto &[name, value] : sent)
    {
      EXPECT_EQ (seen[0].header (name), value);
      EXPECT_EQ (seen[1].headers.count (name), 0u) << "invented: " << name;
    }
  EXPECT_EQ (seen[1].headers.count ("mcp-session-id"), 0u);
}

struct StatusCase
{
  int status;
  const char *method, *body;
};

class Statuses : public Versions, public testing::WithParamInterface<StatusCase>
{
};

// mcp.md A.1: what a server means by a status is for the client to know.
TEST_P (Statuses, ArePassedWithTheirBodyAndTheListedHeaders)
{
  const StatusCase &row = GetParam ();

  open ([&row] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (row.status, row.body,
                "Mcp-Session-Id: s\r\nMCP-Protocol-Version: 2025-11-25\r\nRetry-After: 7\r\n"
                "WWW-Authenticate: Bearer\r\nSet-Cookie: a=b\r\nServer: x");
  });
  Response response =
      begin (row.method, row.method == std::string ("POST") ? kToolCall : "").read_response ();

  EXPECT_EQ (response.status, row.status);
  EXPECT_EQ (response.body, row.body);
  EXPECT_TRUE (response.is_complete);
  EXPECT_EQ (response.header ("content-type"), "application/json");
  EXPECT_EQ (response.header ("mcp-session-id"), "s");
  EXPECT_EQ (response.header ("mcp-protocol-version"), "2025-11-25");
  EXPECT_EQ (response.header ("retry-after"), "7");
  for (const char *name : { "www-authenticate", "set-cookie", "server", "x-bindify-origin" })
    EXPECT_EQ (response.header (name), "") << name;
}

#define ERROR_BODY(code) R"({"jsonrpc":"2.0","id":null,"error":{"code":)" code R"(,"message":"m"}})"

INSTANTIATE_TEST_SUITE_P (All,
                          Statuses,
                          testing::Values (StatusCase{ 200, "POST", "{}" },
                                           StatusCase{ 200, "DELETE", "" },
                                           StatusCase{ 202, "POST", "" },
                                           StatusCase{ 400, "POST", ERROR_BODY ("-32000") },
                                           StatusCase{ 400, "POST", ERROR_BODY ("-32022") },
                                           StatusCase{ 404, "POST", ERROR_BODY ("-32601") },
                                           StatusCase{ 404, "GET", "no stream" },
                                           StatusCase{ 404, "DELETE", ERROR_BODY ("-32001") },
                                           StatusCase{ 405, "GET", ERROR_BODY ("-32000") },
                                           StatusCase{ 405, "DELETE", "" },
                                           StatusCase{ 406, "POST", ERROR_BODY ("-32000") },
                                           StatusCase{ 409, "GET", ERROR_BODY ("-32000") },
                                           StatusCase{ 415, "POST", ERROR_BODY ("-32700") },
                                           StatusCase{ 418, "POST", "tea" },
                                           StatusCase{ 429, "POST", "slowly" },
                                           StatusCase{ 500, "POST", "oops" },
                                           StatusCase{ 503, "GET", "later" }),
                          [] (const testing::TestParamInfo<StatusCase> &info) {
                            return std::string (info.param.method) +
                                   std::to_string (info.param.status) + "_" +
                                   std::to_string (info.index);
                          });

// Without a body nothing says where one would end.
TEST_F (Versions, A204HasNoBody)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 204 No Content\r\n\r\n");
  });
  Response response = call ();

  EXPECT_EQ (response.status, 204);
  EXPECT_EQ (response.body, "");
  EXPECT_EQ (call ().status, 204);
}

// mcp.md A.5: resuming is always GET; ids, retry and priming events are the server's and the
// client's business.
TEST_F (Versions, AStreamIsResumedByGet)
{
  const std::string raw = "id: 8\ndata:\n\nretry: 1500\nid: 9\ndata: {\"n\":9}\n\n";

  open ([raw] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.method == "POST")
      {
        answer_initialize (peer, "2025-11-25", Shape::kEvents);
        return;
      }
    peer.begin_events ();
    peer.chunk (raw);
    peer.end_chunks ();
  });
  ASSERT_EQ (call (initialize ("2025-11-25")).status, 200);
  Response response =
      begin ("GET", "",
             "Mcp-Session-Id: session-1\r\nLast-Event-ID: 7\r\nAccept: text/event-stream")
          .read_response ();
  Upstream::Request seen = upstream->requests (2)[1];

  EXPECT_EQ (response.body, raw);
  EXPECT_EQ (seen.header ("last-event-id"), "7");
  EXPECT_EQ (seen.header ("mcp-session-id"), "session-1");
  EXPECT_EQ (seen.header ("accept"), "text/event-stream");
}

// HTTP/1.0 knows no chunks: the connection ends with the answer.
TEST_F (Versions, AnOldClientGetsTheSameBytes)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    peer.event ("1");
    peer.event ("2");
    peer.end_chunks ();
  });
  Connection connection = agent->tcp ();
  connection.send ("POST /mcp/svc HTTP/1.0\r\nHost: " + agent->host () +
                   "\r\nAuthorization: Bearer " + key +
                   "\r\nContent-Type: application/json\r\nContent-Length: " +
                   std::to_string (strlen (kToolCall)) + "\r\n\r\n" + kToolCall);
  Response response = connection.read_response ();

  EXPECT_EQ (response.status, 200);
  EXPECT_EQ (response.header ("transfer-encoding"), "");
  EXPECT_EQ (response.body, "data: 1\n\ndata: 2\n\n");
}

// behaviour 5.10: the attack is another client, or the same one on another binding, with a session
// id that it has read somewhere.
TEST_F (Versions, ASessionIsOfNoUseToOthers)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (agent->add ("other", upstream->url (), kSecret).status, 201);
  std::string stranger = agent->add_client ("stranger");
  ASSERT_EQ (call (kInitialize).header ("mcp-session-id"), "session-1");

  for (const Response &refused :
       { agent->post ("svc", stranger, kToolCall, "Mcp-Session-Id: session-1"),
         agent->post ("other", key, kToolCall, "Mcp-Session-Id: session-1"),
         call (kToolCall, "Mcp-Session-Id: session-2"), call (kToolCall, "Mcp-Session-Id:") })
    {
      EXPECT_EQ (refused.status, 404);
      EXPECT_THAT (refused.body, HasSubstr ("\"session_lost\""));
      EXPECT_THAT (refused.body, HasSubstr ("\"call-1\""));
    }
  EXPECT_EQ (upstream->requests ().size (), 1u);
  EXPECT_EQ (call (kToolCall, "Mcp-Session-Id: session-1").status, 200);
}

// Only the answer to initialize mints: another answer that names an id must not make it valid.
TEST_F (Versions, OnlyInitializeMintsASession)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    bool fails = request.body.find ("\"initialize\"") != std::string::npos;

    peer.reply (fails ? 400 : 200, "{}", "Mcp-Session-Id: session-1");
  });
  call (kToolCall);
  call (kInitialize);

  EXPECT_EQ (in_session (kToolCall).status, 404);
  EXPECT_EQ (upstream->requests ().size (), 2u);
}

struct EndCase
{
  const char *name, *method;
  int status;
  bool ends;
};

class SessionEnd : public Versions, public testing::WithParamInterface<EndCase>
{
};

// mcp.md A.1: a dead session is a 404 for good, here too, whatever the upstream thinks later on.
TEST_P (SessionEnd, IsRememberedHere)
{
  std::atomic<bool> answers{ false };

  open ([&] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.body.find ("\"initialize\"") != std::string::npos)
      answer_initialize (peer, "2025-11-25", Shape::kJson);
    else
      peer.reply (answers ? 200 : GetParam ().status, "");
  });
  ASSERT_EQ (call (initialize ("2025-11-25")).status, 200);
  Response last =
      begin (GetParam ().method, GetParam ().method == std::string ("POST") ? kToolCall : "",
             "Mcp-Session-Id: session-1")
          .read_response ();
  answers = true;
  Response next = in_session (kToolCall);

  EXPECT_EQ (last.status, GetParam ().status);
  EXPECT_EQ (upstream->requests (2)[1].method, GetParam ().method);
  EXPECT_EQ (upstream->requests (2)[1].header ("mcp-session-id"), "session-1");
  EXPECT_EQ (next.status, GetParam ().ends ? 404 : 200);
  EXPECT_EQ (next.header ("x-bindify-origin"), GetParam ().ends ? "agent" : "");
  EXPECT_EQ (upstream->requests ().size (), GetParam ().ends ? 2u : 3u);
}

INSTANTIATE_TEST_SUITE_P (Ways,
                          SessionEnd,
                          testing::Values (EndCase{ "Deleted", "DELETE", 200, true },
                                           EndCase{ "DeletedWithoutContent", "DELETE", 204, true },
                                           EndCase{ "DeletedButGone", "DELETE", 404, true },
                                           EndCase{ "DeleteNotOffered", "DELETE", 405, false },
                                           EndCase{ "DeleteFailed", "DELETE", 500, false },
                                           EndCase{ "LostByTheServer", "POST", 404, true },
                                           EndCase{ "CallFailed", "POST", 400, false },
                                           EndCase{ "NoStreamHere", "GET", 404, false },
                                           EndCase{ "StreamNotOffered", "GET", 405, false }),
                          [] (const testing::TestParamInfo<EndCase> &info) {
                            return info.param.name;
                          });

// A stray session id means nothing to 2026-07-28, where 404 says that a method is unknown.
TEST_F (Versions, AModern404EndsNoSession)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.body.find ("\"initialize\"") != std::string::npos)
      answer_initialize (peer, "2025-11-25", Shape::kJson);
    else
      peer.reply (request.body.find ("_meta") != std::string::npos ? 404 : 200, "{}");
  });
  ASSERT_EQ (call (initialize ("2025-11-25")).status, 200);

  EXPECT_EQ (in_session (REQUEST ("x/y", CLAIM), V "\r\nMcp-Method: x/y").status, 404);
  EXPECT_EQ (in_session (kToolCall).status, 200);
}

// More sessions than one client may have: its own that was used longest ago begins anew, all others
// go on.
TEST_F (Versions, TooManySessionsPushOutTheOldestOfTheirClient)
{
  constexpr int kRemembered = 1024;
  std::atomic<int> n{ 0 };

  open ([&] (Upstream::Peer &peer, const Upstream::Request &request) {
    peer.reply (200, "{}",
                request.body.find ("\"initialize\"") != std::string::npos
                    ? "Mcp-Session-Id: s-" + std::to_string (++n)
                    : "");
  });
  std::string other = agent->add_client ("other");
  ASSERT_EQ (agent->post ("svc", other, kInitialize).header ("mcp-session-id"), "s-1");
  Connection connection = agent->tcp ();
  std::string text = format_request (
      "POST", "/mcp/svc", agent->host (),
      "Content-Type: application/json\r\nAuthorization: Bearer " + key, kInitialize);
  int last = 1 + kRemembered;
  for (int i = 2; i <= last; i++)
    {
      connection.send (text);
      ASSERT_EQ (connection.read_response ().header ("mcp-session-id"), "s-" + std::to_string (i));
    }
  EXPECT_EQ (call (kToolCall, "Mcp-Session-Id: s-2").status, 200);
  connection.send (text);
  ASSERT_EQ (connection.read_response ().status, 200);

  EXPECT_EQ (call (kToolCall, "Mcp-Session-Id: s-3").status, 404);
  for (int i : { 2, 4, last, last + 1 })
    EXPECT_EQ (call (kToolCall, "Mcp-Session-Id: s-" + std::to_string (i)).status, 200) << i;
  EXPECT_EQ (agent->post ("svc", other, kToolCall, "Mcp-Session-Id: s-1").status, 200);
}
