// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// A request on its way through the agent: what reaches the upstream, what comes back, and what
// happens when one side is slow, gone or hostile. Real agent, scripted upstream.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/proxied.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

class Forwarding : public Proxied
{
};

} // namespace

TEST_F (Forwarding, InjectsTheCredentialAndPassesTheBodyByteForByte)
{
  std::string body = "{ \"jsonrpc\":\"2.0\", \"id\": 1.0 "
                     ",\"method\":\"tools/call\",\n\"params\":{\"name\":\"é\"}}";

  open (mcp_script (kSecret));
  Response response = call (body);
  Upstream::Request seen = upstream->requests (1)[0];

  EXPECT_EQ (response.status, 200);
  EXPECT_THAT (response.body, HasSubstr ("\"id\": 1.0"));
  EXPECT_EQ (seen.body, body);
  EXPECT_EQ (seen.header ("authorization"), std::string ("Bearer ") + kSecret);
  EXPECT_EQ (seen.header ("accept"), "application/json, text/event-stream");
  EXPECT_EQ (seen.header ("accept-encoding"), "identity");
  EXPECT_EQ (seen.header ("content-type"), "application/json");
  EXPECT_THAT (seen.header ("user-agent"), testing::StartsWith ("bindify/"));
  EXPECT_THAT (response.head + response.body, Not (HasSubstr (kSecret)));
}

// behaviour 5.1, 5.2, A9, J05.
TEST_F (Forwarding, A9PassesOnlyTheListedHeadersBothWays)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (200, "{}",
                "Mcp-Session-Id: abc\r\nMCP-Protocol-Version: 2025-11-25\r\nRetry-After: 7\r\n"
                "Set-Cookie: a=b\r\nWWW-Authenticate: Bearer\r\nAccess-Control-Allow-Origin: *\r\n"
                "X-Bindify-Origin: agent\r\nAlt-Svc: h3\r\nStrict-Transport-Security: max-age=1");
  });
  ASSERT_EQ (call (kInitialize).status, 200);
  Response response =
      call (kToolCall, "Cookie: c=d\r\nProxy-Authorization: x\r\nX-Forwarded-For: 1.2.3.4\r\n"
                       "Mcp-Session-Id: abc\r\nMCP-Protocol-Version: 2025-11-25\r\n"
                       "Last-Event-ID: 4\r\nX-Other: y\r\nConnection: X-Other, Authorization");
  Upstream::Request seen = upstream->requests (2)[1];

  for (const char *name : { "cookie", "proxy-authorization", "x-forwarded-for", "x-other" })
    EXPECT_EQ (seen.header (name), "") << name;
  EXPECT_EQ (seen.header ("mcp-session-id"), "abc");
  EXPECT_EQ (seen.header ("mcp-protocol-version"), "2025-11-25");
  EXPECT_EQ (seen.header ("last-event-id"), "4");
  EXPECT_EQ (seen.header ("authorization"), std::string ("Bearer ") + kSecret);
  EXPECT_EQ (response.header ("mcp-session-id"), "abc");
  EXPECT_EQ (response.header ("mcp-protocol-version"), "2025-11-25");
  EXPECT_EQ (response.header ("retry-after"), "7");
  for (const char *name : { "set-cookie", "www-authenticate", "access-control-allow-origin",
                            "x-bindify-origin", "alt-svc", "strict-transport-security" })
    EXPECT_EQ (response.header (name), "") << name;
  // behaviour 2.8
  EXPECT_EQ (response.header ("x-content-type-options"), "nosniff");
  EXPECT_EQ (response.header ("x-frame-options"), "DENY");
  EXPECT_EQ (response.header ("content-security-policy"), "default-src 'none'");
  EXPECT_NE (response.header ("x-bindify-version"), "");
}

struct InjectionCase
{
  const char *name, *injection, *credential, *header, *value, *path;
};

class Injection : public Forwarding, public testing::WithParamInterface<InjectionCase>
{
};

TEST_P (Injection, PutsTheCredentialWhereTheBindingSays)
{
  const InjectionCase &row = GetParam ();

  upstream = std::make_unique<Upstream> (
      [] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); });
  agent = std::make_unique<Agent> ();
  Response added =
      agent->control ("POST", "/v1/bindings",
                      "{\"name\":\"svc\",\"url\":\"" + upstream->url ("/mcp?a=1") +
                          "\",\"allow_local\":true,\"check\":false,\"injection\":" + row.injection +
                          ",\"credential\":" + row.credential + "}");
  ASSERT_EQ (added.status, 201) << added.body;
  key = agent->add_client ("story");
  // A client's own copy of the header; its key then travels in the path.
  Connection connection = agent->tcp ();
  connection.send (format_request (
      "POST", "/mcp/svc/" + key.substr (10), agent->host (),
      std::string ("Content-Type: application/json\r\n") + row.header + ": mine", kToolCall));
  EXPECT_EQ (connection.read_response ().status, 200);
  Upstream::Request seen = upstream->requests (1)[0];

  EXPECT_EQ (seen.path, row.path);
  if (row.value != nullptr)
    {
      std::string name = row.header;

      std::transform (name.begin (), name.end (), name.begin (), ::tolower);
      EXPECT_EQ (seen.header (name), row.value);
    }
}

// behaviour 5.6, 5.7.
INSTANTIATE_TEST_SUITE_P (
    Kinds,
    Injection,
    testing::Values (
        InjectionCase{ "HeaderWithoutPrefix", R"({"kind":"header","name":"X-Figma-Token"})",
                       R"({"type":"api_key","api_key":"k1"})", "X-Figma-Token", "k1", "/mcp?a=1" },
        InjectionCase{ "HeaderWithPrefix", R"({"kind":"header","name":"X-Key","prefix":"Token "})",
                       R"({"type":"api_key","api_key":"k1"})", "X-Key", "Token k1", "/mcp?a=1" },
        InjectionCase{ "Basic", R"({"kind":"basic"})",
                       R"({"type":"basic_auth","username":"me","password":"pw"})", "Authorization",
                       "Basic bWU6cHc=", "/mcp?a=1" },
        InjectionCase{ "Query", R"({"kind":"query","name":"api_key"})",
                       R"({"type":"api_key","api_key":"k+1/&="})", "X-Unused", nullptr,
                       "/mcp?a=1&api_key=k%2B1%2F%26%3D" }),
    [] (const testing::TestParamInfo<InjectionCase> &info) { return info.param.name; });

TEST_F (Forwarding, StreamsEventsOneByOne)
{
  open ([this] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    for (int i = 1; i <= 3; i++)
      {
        peer.event ("{\"n\":" + std::to_string (i) + "}");
        // The next one is sent only when the client has seen this one: buffering would hang.
        EXPECT_TRUE (upstream->wait ("seen " + std::to_string (i)));
      }
    peer.end_chunks ();
  });
  Connection connection = begin ("POST", kToolCall);
  Response response = connection.read_head ();

  EXPECT_EQ (response.header ("content-type"), "text/event-stream");
  for (int i = 1; i <= 3; i++)
    {
      EXPECT_THAT (connection.read_body_until (response, "{\"n\":" + std::to_string (i) + "}\n\n"),
                   HasSubstr ("{\"n\":" + std::to_string (i) + "}"));
      upstream->signal ("seen " + std::to_string (i));
    }
  EXPECT_EQ (connection.read_body (response), "");
  EXPECT_TRUE (response.is_complete);
}

TEST_F (Forwarding, SendsTheHeadOfAStreamBeforeItsFirstEvent)
{
  open ([this] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    EXPECT_TRUE (upstream->wait ("head seen"));
    peer.end_chunks ();
  });
  Connection connection = begin ("GET");
  Response response = connection.read_head ();

  EXPECT_EQ (response.status, 200);
  upstream->signal ("head seen");
  connection.read_body (response);
  EXPECT_TRUE (response.is_complete);
}

TEST_F (Forwarding, PassesCommentsAndOddLineEndsThrough)
{
  std::string raw = ": ping\r\n\r\ndata: a\rdata: b\n\nid: 7\ndata:\n\n";

  open ([raw] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" +
                raw);
    peer.close ();
  });
  Connection connection = begin ("GET");

  EXPECT_EQ (connection.read_response ().body, raw);
}

// mcp.md A.6: whoever routes by the headers must not see another request than the server.
TEST_F (Forwarding, HeadersThatContradictTheBodyStayHere)
{
  const std::string body =
      R"({"jsonrpc":"2.0","id":"m","method":"tools/call","params":{"name":"echo",)"
      R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})";
  const std::string version = "MCP-Protocol-Version: 2026-07-28\r\n";

  open (mcp_script (kSecret));
  for (const std::string &headers :
       { version + "Mcp-Method: tools/list\r\nMcp-Name: echo",
         version + "Mcp-Method: tools/call\r\nMcp-Name: other", version + "Mcp-Method: tools/call",
         std::string ("Mcp-Method: tools/call\r\nMcp-Name: echo") })
    {
      Response refused = call (body, headers);

      EXPECT_EQ (refused.status, 400) << headers;
      EXPECT_THAT (refused.body, HasSubstr ("-32020")) << headers;
      EXPECT_THAT (refused.body, HasSubstr ("\"m\"")) << headers;
    }
  EXPECT_EQ (upstream->requests ().size (), 0u);
  EXPECT_EQ (
      call (body, version + "Mcp-Method: tools/call\r\nMcp-Name: =?base64?ZWNobw==?=").status, 200);
}

TEST_F (Forwarding, KeepsOneConnectionForManyCalls)
{
  open (mcp_script (kSecret));
  for (int i = 0; i < 20; i++)
    ASSERT_EQ (call ().status, 200);
  EXPECT_EQ (upstream->n_connections (), 1);
}

// design, Life of a request: a call never runs twice. Its connection has carried a call before, as
// libsoup sends again only what went over such a one.
TEST_F (Forwarding, NeverSendsACallTwice)
{
  for (bool with_reset : { false, true })
    {
      std::atomic<int> n_calls{ 0 };

      open ([&] (Upstream::Peer &peer, const Upstream::Request &) {
        // The first call is answered; the second one is taken and the connection closed.
        if (++n_calls == 1)
          peer.reply (200, "{}");
        else
          peer.close (with_reset);
      });
      EXPECT_EQ (call ().status, 200);
      Response second = call ();

      EXPECT_EQ (second.status, 502);
      EXPECT_THAT (second.body, HasSubstr ("\"id\":\"call-1\""));
      EXPECT_THAT (second.body, HasSubstr ("-31011"));
      EXPECT_EQ (upstream->requests (2).size (), 2u);
      EXPECT_EQ (upstream->n_connections (), 1) << "not even a connection is made for it";
      EXPECT_EQ (call ().status, 502) << "each further call is sent once as well";
      EXPECT_EQ (upstream->requests (3).size (), 3u);
    }
}

// What HTTP calls idempotent, libsoup sends again by itself when a connection that has carried a
// call before closes without an answer. Ending a session twice is not the client's wish.
TEST_F (Forwarding, NeverSendsAGetOrDeleteTwice)
{
  for (const char *method : { "GET", "DELETE" })
    for (bool with_reset : { false, true })
      {
        open ([&] (Upstream::Peer &peer, const Upstream::Request &request) {
          if (request.method == "POST")
            peer.reply (200, "{}");
          else
            peer.close (with_reset);
        });
        EXPECT_EQ (call ().status, 200);
        Response second = begin (method).read_response ();

        EXPECT_EQ (second.status, 502) << method;
        EXPECT_THAT (second.body, HasSubstr ("may or may not have been carried out")) << method;
        EXPECT_EQ (upstream->requests (2).size (), 2u) << method;
        EXPECT_EQ (upstream->n_connections (), 1) << method;
      }
}

// 421 has libsoup read whatever body comes with it and send anything again, calls too, over a new
// connection, even when it was the answer to the first one.
TEST_F (Forwarding, NeverSendsAgainWhatWasMisdirected)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (421, "{}"); });
  Response response = call ();

  EXPECT_EQ (response.status, 502);
  EXPECT_THAT (response.body, HasSubstr ("-31011"));
  EXPECT_THAT (response.body, HasSubstr ("answered 421"));
  EXPECT_EQ (upstream->requests (1).size (), 1u);
  EXPECT_EQ (upstream->n_connections (), 1);
}

TEST_F (Forwarding, DoesNotReadTheBodyOfAMisdirection)
{
  open ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 421 X\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (peer.event (std::string (65536, 'x')))
      continue;
    upstream->signal ("closed");
  });
  Response response = call ();

  EXPECT_EQ (response.status, 502);
  EXPECT_THAT (response.body, HasSubstr ("answered 421"));
  EXPECT_TRUE (upstream->wait ("closed"));
}

TEST_F (Forwarding, ClosesTheUpstreamAtOnceWhenTheClientGoes)
{
  for (const char *phase : { "before the answer", "in the stream" })
    {
      bool streams = phase == std::string ("in the stream");

      open ([this, streams] (Upstream::Peer &peer, const Upstream::Request &) {
        if (streams)
          {
            peer.begin_events ();
            peer.event ("first");
          }
        upstream->signal ("working");
        if (peer.wait_for_close (kPatienceMs))
          upstream->signal ("closed");
      });
      Connection connection = begin ("POST", kToolCall);

      EXPECT_TRUE (upstream->wait ("working"));
      if (streams)
        {
          Response response = connection.read_head ();
          connection.read_body_until (response, "first");
        }
      connection.close ();
      EXPECT_TRUE (upstream->wait ("closed")) << phase;
    }
}

// Then nothing is read from the upstream either, so that no read could end.
TEST_F (Forwarding, ClosesTheUpstreamWhenAClientGoesThatReadsNothing)
{
  open ([this] (Upstream::Peer &peer, const Upstream::Request &) {
    const std::string large (1 << 16, 'x');

    peer.begin_events ();
    while (peer.is_writable (500))
      peer.event (large);
    upstream->signal ("stuck");
    if (peer.wait_for_close (kPatienceMs))
      upstream->signal ("closed");
  });
  Connection connection = begin ("POST", kToolCall);

  EXPECT_TRUE (upstream->wait ("stuck"));
  connection.close ();
  EXPECT_TRUE (upstream->wait ("closed"));
}

TEST_F (Forwarding, BreaksOffWhenTheUpstreamDiesInTheMiddleOfAStream)
{
  for (bool with_reset : { false, true })
    {
      open ([with_reset] (Upstream::Peer &peer, const Upstream::Request &) {
        peer.begin_events ();
        peer.event ("only");
        peer.close (with_reset);
      });
      Connection connection = begin ("POST", kToolCall);
      Response response = connection.read_response ();

      EXPECT_EQ (response.status, 200);
      EXPECT_FALSE (response.is_complete) << "the end of the chunks must be missing";
      EXPECT_TRUE (connection.wait_for_close (kPatienceMs));
      // Others are served on.
      EXPECT_EQ (agent->control ("GET", "/v1/status").status, 200);
    }
}

TEST_F (Forwarding, BreaksOffWhenACountedBodyIsCutShort)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
    peer.close ();
  });
  Response response = begin ("POST", kToolCall).read_response ();

  EXPECT_FALSE (response.is_complete);
}

TEST_F (Forwarding, SaysSoWhenTheUpstreamIsDown)
{
  open (mcp_script (kSecret));
  upstream.reset ();
  Response response = call ();

  EXPECT_EQ (response.status, 502);
  EXPECT_THAT (response.body, HasSubstr ("\"code\":-31011"));
  EXPECT_THAT (response.body, HasSubstr ("\"reason\":\"upstream_failed\""));
  EXPECT_THAT (response.body, HasSubstr ("\"id\":\"call-1\""));
  EXPECT_THAT (response.body, Not (HasSubstr ("127.0.0.1")));
}

TEST_F (Forwarding, GivesUpOnAnUpstreamThatHangs)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.wait_for_close (kPatienceMs); },
        ",\"limits\":{\"response_timeout_ms\":200}");
  Response response = call ();

  EXPECT_EQ (response.status, 504);
  EXPECT_THAT (response.body, HasSubstr ("\"reason\":\"upstream_timeout\""));
}

TEST_F (Forwarding, GivesUpOnABodyThatNeverEnds)
{
  open (
      [] (Upstream::Peer &peer, const Upstream::Request &) {
        peer.write (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
        peer.wait_for_close (kPatienceMs);
      },
      ",\"limits\":{\"response_timeout_ms\":300}");
  Connection connection = begin ("POST", kToolCall);

  EXPECT_FALSE (connection.read_response ().is_complete);
}

TEST_F (Forwarding, RefusesAnswersOverTheCap)
{
  std::string announced =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n" +
      std::string (5000, 'x');

  open ([&] (Upstream::Peer &peer, const Upstream::Request &) { peer.write (announced); },
        ",\"limits\":{\"response_bytes_max\":4096}");
  Response response = call ();

  EXPECT_EQ (response.status, 502);
  EXPECT_THAT (response.body, HasSubstr ("\"reason\":\"response_too_large\""));
}

TEST_F (Forwarding, CutsAnswersThatGrowOverTheCap)
{
  open (
      [] (Upstream::Peer &peer, const Upstream::Request &request) {
        peer.write (
            "HTTP/1.1 200 OK\r\nContent-Type: " +
            std::string (request.method == "GET" ? "text/event-stream" : "application/json") +
            "\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (peer.chunk (std::string (1000, 'x')))
          continue;
      },
      ",\"limits\":{\"response_bytes_max\":4096}");
  for (const char *method : { "POST", "GET" })
    {
      Connection connection = begin (method, method == std::string ("POST") ? kToolCall : "");
      Response response = connection.read_head ();

      while (response.body.size () < 100000 && !connection.read_body (response).empty ())
        continue;
      EXPECT_FALSE (response.is_complete) << method;
      EXPECT_LE (response.body.size (), 4096u) << method;
    }
}

TEST_F (Forwarding, CountsEachEventOfAStreamByItself)
{
  open (
      [] (Upstream::Peer &peer, const Upstream::Request &) {
        peer.begin_events ();
        for (int i = 0; i < 20; i++)
          peer.event (std::string (1000, 'x'));
        peer.end_chunks ();
      },
      ",\"limits\":{\"response_bytes_max\":4096}");
  Connection connection = begin ("GET");
  Response response = connection.read_response ();

  EXPECT_TRUE (response.is_complete);
  EXPECT_GT (response.body.size (), 20000u);
}

// behaviour 5.4: 401 and 403 are never relayed.
TEST_F (Forwarding, TurnsARefusedCredentialIntoAnErrorThatClientsShow)
{
  for (int status : { 401, 403 })
    {
      open ([status] (Upstream::Peer &peer, const Upstream::Request &) {
        peer.reply (status, "secret details", "WWW-Authenticate: Bearer error=\"invalid_token\"");
      });
      Response response = call ();

      EXPECT_EQ (response.status, 200);
      EXPECT_THAT (response.body, HasSubstr ("\"code\":-31005"));
      EXPECT_THAT (response.body, HasSubstr ("\"id\":\"call-1\""));
      EXPECT_THAT (response.body, HasSubstr ("\"origin\":\"agent\""));
      EXPECT_THAT (response.body, Not (HasSubstr ("secret details")));
      EXPECT_EQ (response.header ("www-authenticate"), "");
      EXPECT_EQ (response.header ("x-bindify-origin"), "agent");
      EXPECT_THAT (agent->control ("GET", "/v1/bindings/svc").body,
                   HasSubstr ("\"state\":\"needs_login\""));
      // 4.1: nobody waits for the answer to a notification, and a GET goes on without its stream.
      EXPECT_EQ (call (R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status, 202);
      EXPECT_EQ (begin ("GET").read_response ().status, 405);
    }
}

TEST_F (Forwarding, AWorkingCallClearsNeedsLogin)
{
  std::atomic<bool> works{ false };

  open ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (works ? 200 : 401, "{}");
  });
  call ();
  EXPECT_THAT (agent->control ("GET", "/v1/bindings/svc").body, HasSubstr ("needs_login"));
  works = true;
  call ();
  EXPECT_THAT (agent->control ("GET", "/v1/bindings/svc").body, HasSubstr ("\"state\":\"ok\""));
}

// A10, J24, J38.
TEST_F (Forwarding, A10DoesNotFollowARedirectToAnotherOrigin)
{
  Upstream elsewhere (
      [] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); });

  for (int status : { 301, 302, 303, 307, 308 })
    {
      open ([&, status] (Upstream::Peer &peer, const Upstream::Request &) {
        peer.reply (status, "", "Location: " + elsewhere.url ());
      });
      // A library that follows by itself does so for GET first.
      for (const Response &response : { call (), begin ("GET").read_response () })
        {
          EXPECT_EQ (response.status, 502) << status;
          EXPECT_EQ (response.header ("location"), "");
        }
      EXPECT_EQ (elsewhere.n_connections (), 0) << status;
    }
}

TEST_F (Forwarding, FollowsA307WithinTheOrigin)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.path == "/mcp")
      peer.reply (307, "", "Location: /mcp/");
    else
      peer.reply (200, "{\"at\":\"" + request.path + "\"}");
  });
  Response response = call ();

  EXPECT_EQ (response.status, 200);
  EXPECT_EQ (response.body, "{\"at\":\"/mcp/\"}");
  EXPECT_EQ (upstream->requests (2)[1].body, kToolCall);
  EXPECT_EQ (upstream->requests (2)[1].header ("authorization"), std::string ("Bearer ") + kSecret);
}

TEST_F (Forwarding, RefusesACompressedAnswer)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (200, "xxxx", "Content-Encoding: gzip");
  });
  EXPECT_EQ (call ().status, 502);
}

TEST_F (Forwarding, RefusesAnAnswerThatIsNotHttp)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("SSH-2.0-OpenSSH_9.2\r\n");
    peer.close ();
  });
  Response response = call ();

  EXPECT_EQ (response.status, 502);
  EXPECT_THAT (response.body, Not (HasSubstr ("SSH")));
}

// behaviour 6.1, 6.2, A8.
TEST_F (Forwarding, A8AnswersPingAndHealthItself)
{
  open (mcp_script (kSecret));
  Response ping = call (R"({"jsonrpc":"2.0","id":"p","method":"ping"})");
  Response health = call (R"({"jsonrpc":"2.0","id":9,"method":"HEALTH"})");
  Response unauthenticated =
      agent->post ("svc", "", R"({"jsonrpc":"2.0","id":"p","method":"ping"})");

  EXPECT_EQ (ping.body, R"({"jsonrpc":"2.0","id":"p","result":{}})");
  EXPECT_THAT (health.body, HasSubstr ("\"id\":9"));
  EXPECT_THAT (health.body, HasSubstr ("\"status\":\"ok\""));
  EXPECT_EQ (call (R"({"jsonrpc":"2.0","method":"ping"})").status, 202);
  EXPECT_EQ (unauthenticated.status, 404);
  EXPECT_EQ (unauthenticated.header ("www-authenticate"), "");
  EXPECT_EQ (upstream->n_connections (), 0);
}

// Nothing piles up in the agent for a client that does not read, and nothing is lost.
TEST_F (Forwarding, WaitsForAClientThatDoesNotRead)
{
  const std::string piece (64 * 1024, 'x');
  std::atomic<size_t> n_written{ 0 };
  constexpr size_t n_pieces = 512; // 32 MiB, more than the sockets hold

  open ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t i = 0; i < n_pieces; i++)
      {
        if (!peer.write ("10003\r\n:" + piece + "\n\n\r\n"))
          return;
        n_written++;
        if (i == 0)
          upstream->signal ("begun");
      }
    peer.end_chunks ();
    upstream->signal ("all");
  });
  Connection connection = begin ("POST", kToolCall);

  ASSERT_TRUE (upstream->wait ("begun"));
  EXPECT_FALSE (upstream->wait ("all", 2000));
  EXPECT_LT (n_written, n_pieces);
  const Response response = connection.read_response ();
  EXPECT_TRUE (response.is_complete);
  EXPECT_EQ (response.body.size (), n_pieces * (piece.size () + 3));
  EXPECT_TRUE (upstream->wait ("all"));
}

TEST_F (Forwarding, ServesManyAtOnce)
{
  open ([this] (Upstream::Peer &peer, const Upstream::Request &) {
    // Nobody is answered before all are there: serialised forwarding would hang.
    if (upstream->requests ().size () == 30)
      upstream->signal ("all");
    EXPECT_TRUE (upstream->wait ("all"));
    peer.reply (200, "{}");
  });
  std::vector<Connection> connections;

  for (int i = 0; i < 30; i++)
    connections.push_back (begin ("POST", kToolCall));
  for (Connection &connection : connections)
    EXPECT_EQ (connection.read_response ().status, 200);
}

TEST_F (Forwarding, RecordsEachUseWithoutAPayload)
{
  open (mcp_script (kSecret));
  call ();
  std::string events = agent->control ("GET", "/v1/events").body;

  EXPECT_THAT (events, HasSubstr ("\"type\":\"proxy_request\""));
  EXPECT_THAT (events, HasSubstr ("\"method\":\"tools/call\""));
  EXPECT_THAT (events, HasSubstr ("\"tool\":\"echo\""));
  EXPECT_THAT (events, HasSubstr ("\"client\":\"story\""));
  EXPECT_THAT (events, HasSubstr ("\"binding\":\"svc\""));
  EXPECT_THAT (events, HasSubstr ("\"outcome\":\"success\""));
  EXPECT_THAT (events, Not (HasSubstr ("message")));
  EXPECT_THAT (events, Not (HasSubstr (kSecret)));
  EXPECT_THAT (events, Not (HasSubstr (key.substr (10))));
}
