// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The HTTP+SSE transport of 2024-11-05: the stream and its endpoint, what may be posted where,
// where answers of ours go, and upstreams that would like the credential to be sent elsewhere. Real
// agent, scripted upstream.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/old-server.h"

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

constexpr char kSecret[] = "sk-oldsse-0123456789abcdefghijklmnopqrstuvwxyz";
constexpr char kPing[] = R"({"jsonrpc":"2.0","id":"p1","method":"ping"})";

class HttpSse : public testing::Test
{
protected:
  void open (const std::string &more = "")
  {
    Response added = agent.add ("old", server.url (), kSecret, more);
    ASSERT_EQ (added.status, 201) << added.body;
    key = agent.add_client ("story");
    ASSERT_THAT (key, StartsWith ("bnd_local_"));
  }

  std::string authorization () const
  {
    return "Authorization: Bearer " + key;
  }

  Connection get (const std::string &path)
  {
    Connection connection = agent.tcp ();

    connection.send (format_request ("GET", path, agent.host (),
                                     authorization () + "\r\nAccept: text/event-stream"));
    return connection;
  }

  Response post (const std::string &path, const std::string &body = kToolCall)
  {
    Connection connection = agent.tcp ();

    connection.send (format_request ("POST", path, agent.host (),
                                     authorization () + "\r\nContent-Type: application/json",
                                     body));
    return connection.read_response ();
  }

  // Opens the stream of @path and says what endpoint came.
  std::string begin (Connection &connection, Response &response, const std::string &path)
  {
    static const std::string head = "event: endpoint\ndata: ";

    connection = get (path);
    response = connection.read_head ();
    EXPECT_EQ (response.status, 200);
    EXPECT_EQ (response.header ("content-type"), "text/event-stream");
    std::string text = connection.read_body_until (response, "\n\n");
    EXPECT_THAT (text, StartsWith (head));
    return text.rfind (head, 0) == 0 ? text.substr (head.size (), text.find ("\n\n") - head.size ())
                                     : "";
  }

  OldServer server{ kSecret };
  Agent agent;
  std::string key;
};

} // namespace

struct PathCase
{
  const char *name, *get, *endpoint; // KEY stands for the key
  bool is_local;
};

class HttpSsePaths : public HttpSse, public testing::WithParamInterface<PathCase>
{
protected:
  std::string with_key (std::string text) const
  {
    size_t at = text.find ("KEY");

    return at != std::string::npos ? text.replace (at, 3, key.substr (10)) : text;
  }

  Connection ask (const std::string &method, const std::string &path, const std::string &body = "")
  {
    Connection connection = GetParam ().is_local ? agent.local () : agent.tcp ();
    bool has_key = GetParam ().is_local || path.find (key.substr (10)) != std::string::npos;
    std::string lines = has_key ? "Accept: text/event-stream" : authorization ();

    connection.send (format_request (method, path, agent.host (),
                                     lines + "\r\nContent-Type: application/json", body));
    return connection;
  }
};

TEST_P (HttpSsePaths, LeadToASession)
{
  open ();
  Connection connection = ask ("GET", with_key (GetParam ().get));
  Response stream = connection.read_head ();
  std::string endpoint = connection.read_body_until (stream, "\n\n");

  ASSERT_THAT (endpoint, StartsWith ("event: endpoint\ndata: " + with_key (GetParam ().endpoint) +
                                     "?sessionId="));
  endpoint = endpoint.substr (strlen ("event: endpoint\ndata: "));
  endpoint = endpoint.substr (0, endpoint.find ('\n'));
  Response accepted = ask ("POST", endpoint, kInitialize).read_response ();
  EXPECT_EQ (accepted.status, 202);
  EXPECT_EQ (accepted.body, "Accepted");
  EXPECT_THAT (connection.read_body_until (stream, "serverInfo"), HasSubstr ("event: message\n"));
  EXPECT_EQ (ask ("POST", endpoint, kToolCall).read_response ().status, 202);
  EXPECT_THAT (connection.read_body_until (stream, "done"), HasSubstr ("\"call-1\""));

  for (const Upstream::Request &seen : server.upstream.requests ())
    {
      EXPECT_EQ (seen.header ("authorization"), std::string ("Bearer ") + kSecret);
      EXPECT_EQ (seen.path, seen.method == "GET" ? "/sse" : "/message?sessionId=s1");
    }
  // The real place never comes down, nor does the credential.
  EXPECT_THAT (stream.body, Not (HasSubstr ("/message?")));
  EXPECT_THAT (stream.head + stream.body + accepted.head, Not (HasSubstr (kSecret)));
}

INSTANTIATE_TEST_SUITE_P (
    Forms,
    HttpSsePaths,
    testing::Values (PathCase{ "Header", "/mcp/old", "/mcp/old/messages", false },
                     PathCase{ "HeaderSse", "/mcp/old/sse", "/mcp/old/messages", false },
                     PathCase{ "Key", "/mcp/old/KEY", "/mcp/old/KEY/messages", false },
                     PathCase{ "KeySse", "/mcp/old/KEY/sse", "/mcp/old/KEY/messages", false },
                     PathCase{ "Local", "/mcp/old", "/mcp/old/messages", true },
                     PathCase{ "LocalSse", "/mcp/old/sse", "/mcp/old/messages", true }),
    [] (const testing::TestParamInfo<PathCase> &info) { return info.param.name; });

// mcp.md A.2: that is how clients notice which transport it is.
TEST_F (HttpSse, AStreamablePostGetsTheUpstreamsOwnNo)
{
  open ();
  Response response = post ("/mcp/old", kInitialize);

  EXPECT_EQ (response.status, 404);
  EXPECT_EQ (response.body, "Cannot POST /sse");
  EXPECT_EQ (response.header ("x-bindify-origin"), "");
}

// --- Upstreams that lead elsewhere ---

struct ForeignCase
{
  const char *name, *endpoint; // GOOD and EVIL stand for ports
};

class HttpSseForeign : public HttpSse, public testing::WithParamInterface<ForeignCase>
{
};

TEST_P (HttpSseForeign, A11EndpointIsRefusedAndNothingIsSentThere)
{
  Upstream evil ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); });
  std::string named = GetParam ().endpoint;

  for (const auto &[word, port] :
       std::map<std::string, int>{ { "GOOD", server.upstream.port () }, { "EVIL", evil.port () } })
    if (named.find (word) != std::string::npos)
      named.replace (named.find (word), 4, std::to_string (port));
  server.endpoint = named;
  open ();

  // Asked for by its suffix: a plain error.
  Response refused = get ("/mcp/old/sse").read_response ();
  EXPECT_EQ (refused.status, 502);
  EXPECT_THAT (refused.body, HasSubstr ("named an endpoint"));
  EXPECT_THAT (refused.body, HasSubstr ("\"upstream_failed\""));
  // Else the head has gone, and the error is the last event.
  Response ended = get ("/mcp/old").read_response ();
  EXPECT_EQ (ended.status, 200);
  EXPECT_TRUE (ended.is_complete);
  EXPECT_THAT (ended.body, StartsWith ("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":null,"));
  EXPECT_THAT (ended.body, HasSubstr ("named an endpoint"));
  EXPECT_THAT (ended.body + refused.body, Not (HasSubstr ("sessionId")));
  EXPECT_THAT (ended.body + refused.body, Not (HasSubstr (std::to_string (evil.port ()))));
  // The upstream's streams are closed, and nobody else has heard of it.
  EXPECT_TRUE (server.upstream.wait ("closed s1"));
  EXPECT_TRUE (server.upstream.wait ("closed s2"));
  EXPECT_EQ (evil.n_connections (), 0);
  EXPECT_EQ (server.posts (0).size (), 0u);
}

INSTANTIATE_TEST_SUITE_P (
    Attacks,
    HttpSseForeign,
    testing::Values (ForeignCase{ "OtherPort", "http://127.0.0.1:EVIL/message?sessionId=%s" },
                     ForeignCase{ "SchemeRelative", "//127.0.0.1:EVIL/message?sessionId=%s" },
                     ForeignCase{ "OtherHost", "//evil.example/message?sessionId=%s" },
                     ForeignCase{ "Backslashes", "/\\127.0.0.1:EVIL/message?sessionId=%s" },
                     ForeignCase{ "UserInfo", "http://user@127.0.0.1:GOOD/message?sessionId=%s" },
                     ForeignCase{ "HostAsUserInfo",
                                  "http://127.0.0.1:GOOD@127.0.0.1:EVIL/message" },
                     ForeignCase{ "OtherScheme", "https://127.0.0.1:GOOD/message?sessionId=%s" },
                     ForeignCase{ "OtherName", "http://localhost:GOOD/message?sessionId=%s" },
                     ForeignCase{ "NoUrl", "a b" }),
    [] (const testing::TestParamInfo<ForeignCase> &info) { return info.param.name; });

TEST_F (HttpSse, AnAbsoluteEndpointOfTheSameOriginIsTaken)
{
  server.endpoint =
      "http://127.0.0.1:" + std::to_string (server.upstream.port ()) + "/message?sessionId=%s";
  open ();
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old/sse");

  EXPECT_EQ (post (endpoint).status, 202);
  EXPECT_THAT (connection.read_body_until (stream, "call-1"), HasSubstr ("\"call-1\""));
}

// The credential goes with a POST only to where the endpoint is, also when that redirects.
TEST_F (HttpSse, ARedirectOfAPostToAnotherOriginIsNotFollowed)
{
  Upstream evil ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); });
  Upstream old ([&] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.method == "POST")
      {
        peer.reply (307, "", "Location: " + evil.url ("/m"));
        return;
      }
    peer.begin_events ();
    peer.chunk ("event: endpoint\ndata: /m\n\n");
    peer.wait_for_close (kPatienceMs);
  });
  open ();
  ASSERT_EQ (agent.add ("turns", old.url ("/sse"), kSecret).status, 201);
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/turns");

  EXPECT_EQ (post (endpoint).status, 502);
  EXPECT_EQ (evil.n_connections (), 0);
}

TEST_F (HttpSse, AnEndpointOfAMegabyteIsRefused)
{
  server.endpoint = "/message?" + std::string (1 << 20, 'x');
  open ();
  Response refused = get ("/mcp/old/sse").read_response ();

  EXPECT_EQ (refused.status, 502);
  EXPECT_THAT (refused.body, HasSubstr ("too long"));
  EXPECT_THAT (get ("/mcp/old").read_response ().body, HasSubstr ("too long"));
}

TEST_F (HttpSse, AnEndlessFirstEventIsCut)
{
  server.opening = "event: endpoint\ndata: " + std::string (1 << 20, 'x');
  open (",\"limits\":{\"response_bytes_max\":65536}");
  Response refused = get ("/mcp/old/sse").read_response ();

  EXPECT_EQ (refused.status, 502);
  EXPECT_THAT (refused.body, HasSubstr ("response_too_large"));
  EXPECT_TRUE (server.upstream.wait ("closed s1"));
}

TEST_F (HttpSse, AnEndpointThatComesLaterIsLeftOut)
{
  open ();
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old");

  server.say ("s1", "event: endpoint\ndata: http://evil.example/m\n\n");
  // The name of the event may stand behind its data.
  server.say ("s1", "data: http://evil.example/m\r\nevent: endpoint\r\n\r\n");
  server.say ("s1", "event: message\ndata: {\"n\":1}\n\n");
  EXPECT_THAT (connection.read_body_until (stream, "{\"n\":1}"), Not (HasSubstr ("evil")));
  EXPECT_EQ (post (endpoint).status, 202);
  EXPECT_THAT (connection.read_body_until (stream, "call-1"), HasSubstr ("\"call-1\""));
}

// A stream of a later revision has no such event, and whoever sends one there all the same leads
// nobody elsewhere.
TEST_F (HttpSse, AnEndpointBehindOtherEventsIsLeftOut)
{
  server.opening =
      "data: {\"n\":1}\n\nevent: endpoint\ndata: http://evil.example/m\n\ndata: {\"n\":2}\n\n";
  open ();
  Connection connection = get ("/mcp/old");
  Response stream = connection.read_head ();

  EXPECT_EQ (connection.read_body_until (stream, "{\"n\":2}\n\n"),
             "data: {\"n\":1}\n\ndata: {\"n\":2}\n\n");
}

// --- Which transport it is ---

TEST_F (HttpSse, WithoutAnEndpointTheSuffixIsRefused)
{
  open ();
  for (const char *opening : { "data: {}\n\n", ": only a comment\n\ndata: {}\n\n" })
    {
      server.opening = opening;
      Response refused = get ("/mcp/old/sse").read_response ();

      EXPECT_EQ (refused.status, 400) << opening;
      EXPECT_THAT (refused.body, HasSubstr ("uses Streamable HTTP")) << opening;
      EXPECT_EQ (refused.header ("x-bindify-origin"), "agent");
    }
  EXPECT_TRUE (server.upstream.wait ("closed s1"));
  EXPECT_TRUE (server.upstream.wait ("closed s2"));
}

TEST_F (HttpSse, AStreamWithoutAnEndpointIsNotWaitedForForEver)
{
  server.opening = ": nothing more comes\n\n";
  open (",\"limits\":{\"response_timeout_ms\":300}");
  Response refused = get ("/mcp/old/sse").read_response ();

  EXPECT_EQ (refused.status, 400);
  EXPECT_TRUE (server.upstream.wait ("closed s1"));
  // Without the suffix it is an ordinary stream, which may be silent for hours.
  Connection connection = get ("/mcp/old");
  Response stream = connection.read_head ();
  EXPECT_EQ (stream.status, 200);
  EXPECT_EQ (connection.read_body_until (stream, "\n\n"), server.opening);
}

TEST_F (HttpSse, AStreamableUpstreamIsAsBefore)
{
  Upstream streamable (mcp_script (kSecret));
  open ();
  ASSERT_EQ (agent.add ("new", streamable.url (), kSecret).status, 201);

  EXPECT_EQ (get ("/mcp/new").read_response ().status, 405);
  EXPECT_EQ (get ("/mcp/new/sse").read_response ().status, 400);
  EXPECT_EQ (post ("/mcp/new/sse").status, 400);
  EXPECT_EQ (post ("/mcp/new/messages").status, 400);
  EXPECT_THAT (post ("/mcp/new/messages", kPing).body, HasSubstr ("\"result\":{}"));
  EXPECT_EQ (post ("/mcp/new/messages?sessionId=x").status, 404);
}

// --- Whose stream it is ---

TEST_F (HttpSse, AStreamIsOfNoUseToOthers)
{
  open ();
  ASSERT_EQ (agent.add ("twin", server.url (), kSecret).status, 201);
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old");
  std::string query = endpoint.substr (endpoint.find ('?')), mine = key;

  // The same client on another binding, nobody's id, the upstream's own id.
  EXPECT_EQ (post ("/mcp/twin/messages" + query).status, 404);
  EXPECT_EQ (post ("/mcp/old/messages?sessionId=" + std::string (43, 'A')).status, 404);
  EXPECT_EQ (post ("/mcp/old/messages?sessionId=s1").status, 404);
  // Another client, and a local program without a key.
  key = agent.add_client ("stranger");
  Response refused = post (endpoint);
  EXPECT_EQ (refused.status, 404);
  EXPECT_THAT (refused.body, HasSubstr ("\"session_lost\""));
  Connection local = agent.local ();
  local.send (
      format_request ("POST", endpoint, "localhost", "Content-Type: application/json", kToolCall));
  EXPECT_EQ (local.read_response ().status, 404);
  // No key at all.
  key = "bnd_local_" + std::string (86, 'A');
  EXPECT_EQ (post (endpoint).status, 404);
  EXPECT_EQ (server.posts (0).size (), 0u);

  key = mine;
  EXPECT_EQ (post (endpoint).status, 202);
}

TEST_F (HttpSse, WhenTheClientGoesAllOfItIsForgotten)
{
  open ();
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old");

  connection.close ();
  EXPECT_TRUE (server.upstream.wait ("closed s1"));
  EXPECT_EQ (post (endpoint).status, 404);
  EXPECT_EQ (server.posts (0).size (), 0u);
}

// Nothing is being read from the upstream then, as the client has to take first what was sent.
TEST_F (HttpSse, AClientThatReadsNothingMayGoToo)
{
  open ();
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old");

  server.fill ("s1");
  connection.close ();
  EXPECT_TRUE (server.upstream.wait ("closed s1"));
  EXPECT_EQ (post (endpoint).status, 404);
}

TEST_F (HttpSse, WhenTheUpstreamEndsTheStreamEnds)
{
  open ();
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old");

  server.end ("s1");
  while (!connection.read_body (stream).empty ())
    continue;
  EXPECT_TRUE (stream.is_complete);
  EXPECT_EQ (post (endpoint).status, 404);
}

TEST_F (HttpSse, OneClientHasNotAllTheStreams)
{
  std::vector<Connection> connections;

  open ();
  for (int i = 0; i < 64; i++)
    {
      Connection connection = agent.tcp ();
      Response stream;

      ASSERT_THAT (begin (connection, stream, "/mcp/old/sse"), StartsWith ("/mcp/old/messages?"));
      connections.push_back (std::move (connection));
    }
  Response refused = get ("/mcp/old/sse").read_response ();
  EXPECT_EQ (refused.status, 405);
  EXPECT_THAT (refused.body, HasSubstr ("\"rate_limited\""));
  EXPECT_TRUE (server.upstream.wait ("closed s65"));

  // Another client has its own; and so has this one when one of them ends.
  std::string mine = key;
  Connection connection = agent.tcp ();
  Response stream;
  key = agent.add_client ("another");
  EXPECT_NE (begin (connection, stream, "/mcp/old/sse"), "");
  key = mine;
  connections.pop_back ();
  EXPECT_TRUE (server.upstream.wait ("closed s64"));
  EXPECT_NE (begin (connection, stream, "/mcp/old/sse"), "");
}

// Each request opens the credential with the key that it brings along.
TEST_F (HttpSse, SealedBindingsWorkWithTheirKey)
{
  Response added =
      agent.add ("shut", server.url (), kSecret, R"(,"mode":"sealed","client":"laptop")");
  ASSERT_EQ (added.status, 201) << added.body;
  key = json_string (added.body, "client_key");
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/shut/" + key.substr (10));

  EXPECT_EQ (post (endpoint).status, 202);
  EXPECT_THAT (connection.read_body_until (stream, "done"), HasSubstr ("\"call-1\""));
}

// --- Answers of ours ---

TEST_F (HttpSse, RefusalsGoToTheStream)
{
  open ();
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old");

  server.post_status = 401;
  Response accepted = post (endpoint);
  EXPECT_EQ (accepted.status, 202);
  EXPECT_EQ (accepted.body, "");
  EXPECT_EQ (accepted.header ("www-authenticate"), "");
  std::string text = connection.read_body_until (stream, "needs_login");
  EXPECT_THAT (text, HasSubstr ("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":\"call-1\","
                                "\"error\":{\"code\":-31005"));
  EXPECT_THAT (text, HasSubstr ("\n\n"));
  // Trouble of the upstream keeps its status.
  server.post_status = 500;
  EXPECT_EQ (post (endpoint).status, 500);
  server.post_status = 202;
  EXPECT_EQ (post (endpoint).status, 202);
  EXPECT_THAT (connection.read_body_until (stream, "done"), HasSubstr ("\"result\""));
}

// The stream is the session, so it goes on; from the next event on the new policy holds.
TEST_F (HttpSse, ANewPolicyHoldsOnAStreamThatIsOpen)
{
  const std::string list = R"(data: {"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"echo"},)"
                           R"({"name":"drop_all"}]}})";

  open ();
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old");

  server.say ("s1", list + "\n\n");
  EXPECT_THAT (connection.read_body_until (stream, "]}}"), HasSubstr ("drop_all"));
  stream.body.clear ();
  EXPECT_EQ (agent
                 .control ("PUT", "/v1/bindings/old/policy",
                           R"({"version":1,"default":"allow","rules":[)"
                           R"({"tool":"drop_*","effect":"deny"}]})")
                 .status,
             200);
  server.say ("s1", list + "\n\n");
  const std::string shown = connection.read_body_until (stream, "]}}");
  EXPECT_THAT (shown, HasSubstr ("echo"));
  EXPECT_THAT (shown, Not (HasSubstr ("drop_all")));
  EXPECT_EQ (post (endpoint).status, 202);
  EXPECT_THAT (connection.read_body_until (stream, "done"), HasSubstr ("\"result\""));
  stream.body.clear ();

  EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/old/policy").status, 204);
  server.say ("s1", list + "\n\n");
  EXPECT_THAT (connection.read_body_until (stream, "]}}"), HasSubstr ("drop_all"));
}

TEST_F (HttpSse, PingIsAnsweredOnTheStream)
{
  open ();
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old");

  EXPECT_EQ (post (endpoint, kPing).status, 202);
  EXPECT_THAT (
      connection.read_body_until (stream, "\"result\":{}}"),
      HasSubstr ("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":\"p1\",\"result\":{}}"));
  EXPECT_EQ (server.posts (0).size (), 0u);
}

TEST_F (HttpSse, BadBodiesAreRefusedAtOnce)
{
  open ();
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old");

  EXPECT_EQ (post (endpoint, "{").status, 400);
  EXPECT_EQ (post (endpoint, R"({"jsonrpc":"2.0","id":1,"method":"a","method":"b"})").status, 400);
  Connection modern = agent.tcp ();
  modern.send (format_request (
      "POST", endpoint, agent.host (),
      authorization () + "\r\nContent-Type: application/json\r\nMCP-Protocol-Version: 2026-07-28",
      kToolCall));
  EXPECT_EQ (modern.read_response ().status, 400);
  EXPECT_EQ (server.posts (0).size (), 0u);
}

// A client that posts and never reads cannot make us keep its answers for ever.
TEST_F (HttpSse, AnswersThatNobodyReadsEndTheStream)
{
  std::string ping =
      "{\"jsonrpc\":\"2.0\",\"id\":\"" + std::string (500000, 'p') + "\",\"method\":\"ping\"}";
  int status = 0;

  open ();
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old");

  for (int i = 0; i < 100 && status != 404; i++)
    status = post (endpoint, ping).status;
  EXPECT_EQ (status, 404);
  EXPECT_TRUE (server.upstream.wait ("closed s1"));
}

// --- The end of the right to use it ---

struct EndCase
{
  const char *name, *method, *path, *body, *reason;
};

class HttpSseEnd : public HttpSse, public testing::WithParamInterface<EndCase>
{
};

TEST_P (HttpSseEnd, EndsTheStream)
{
  open ();
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old");
  size_t n_before = server.upstream.requests ().size ();
  std::string path = GetParam ().path;

  if (path == "/v1/clients/")
    path += json_string (agent.control ("GET", "/v1/clients").body, "id");
  EXPECT_LT (agent.control (GetParam ().method, path, GetParam ().body).status, 300);
  while (!connection.read_body (stream).empty ())
    continue;
  EXPECT_TRUE (stream.is_complete);
  EXPECT_THAT (stream.body, HasSubstr ("event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":null,"));
  EXPECT_THAT (stream.body, HasSubstr (GetParam ().reason));
  EXPECT_TRUE (server.upstream.wait ("closed s1"));
  EXPECT_EQ (post (endpoint).status, 404);
  EXPECT_EQ (server.upstream.requests ().size (), n_before);
}

INSTANTIATE_TEST_SUITE_P (
    Causes,
    HttpSseEnd,
    testing::Values (EndCase{ "Removal", "DELETE", "/v1/bindings/old", "", "not_found" },
                     EndCase{ "Rename", "PATCH", "/v1/bindings/old", R"({"name":"older"})",
                              "session_lost" },
                     EndCase{ "Lock", "POST", "/v1/lock", "{}", "locked" },
                     EndCase{ "ClientRemoval", "DELETE", "/v1/clients/", "", "not_found" }),
    [] (const testing::TestParamInfo<EndCase> &info) { return info.param.name; });

// --- As all streams ---

TEST_F (HttpSse, ArrivesInAnyPieces)
{
  const std::string text = ": hello\r\n\r\nevent: endpoint\r\ndata: /m\r\n\r\n"
                           "event: message\r\ndata: {\"n\":1}\r\n\r\n: bye\r\n";
  Upstream old ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    for (char byte : text)
      peer.chunk (std::string (1, byte));
    peer.end_chunks ();
  });

  open ();
  ASSERT_EQ (agent.add ("bytes", old.url ("/sse"), kSecret).status, 201);
  Response response = get ("/mcp/bytes").read_response ();
  size_t at = response.body.find ("event: endpoint\ndata: /mcp/bytes/messages?sessionId=");

  EXPECT_EQ (response.body.substr (0, at), ": hello\r\n\r\n");
  EXPECT_THAT (response.body,
               testing::EndsWith ("\n\nevent: message\r\ndata: {\"n\":1}\r\n\r\n: bye\r\n"));
}

TEST_F (HttpSse, CommentsComeAtOnce)
{
  open ();
  Connection connection = agent.tcp ();
  Response stream;
  begin (connection, stream, "/mcp/old");

  server.say ("s1", ": still here\n\n");
  EXPECT_THAT (connection.read_body_until (stream, ": still here"), HasSubstr (": still here"));
}

TEST_F (HttpSse, EachMessageAndTheStreamAreRecorded)
{
  open ();
  Connection connection = agent.tcp ();
  Response stream;
  std::string endpoint = begin (connection, stream, "/mcp/old/sse");

  ASSERT_EQ (post (endpoint).status, 202);
  connection.read_body_until (stream, "done");
  connection.close ();
  ASSERT_TRUE (server.upstream.wait ("closed s1"));
  ASSERT_EQ (post (endpoint).status, 404);
  std::string log = agent.control ("GET", "/v1/events").body;

  auto count = [&] (const std::string &text) {
    size_t n = 0;

    for (size_t at = log.find (text); at != std::string::npos; at = log.find (text, at + 1))
      n++;
    return n;
  };
  EXPECT_EQ (count ("\"proxy_request\""), 2u) << log;
  EXPECT_EQ (count ("\"method\":\"GET\""), 1u) << log;
  EXPECT_EQ (count ("\"method\":\"tools/call\""), 1u) << log;
  EXPECT_THAT (log, Not (HasSubstr ("sessionId")));
  EXPECT_THAT (log, Not (HasSubstr (kSecret)));
}
