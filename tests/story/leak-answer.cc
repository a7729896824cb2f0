// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What comes down to a client is searched for every secret that the agent holds (J01, J02, J29,
// J38, behaviour 21.9): in each spelling, in each place, however it is cut. Each row is an attack
// that succeeds when the guard is taken out of agent/door/request-filter.c.

#include <atomic>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/proxied.h"
#include "tests/fixture/spelled.h"

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

namespace
{

// With all that some spelling changes.
const std::string kKey = R"(sk-Leak/0123+"456\789?abcdef~XYZ)";
const std::string kOther = "ghp_otherbindingssecret0123456789abcdef";

std::string
stars (const std::string &text)
{
  return std::string (text.size (), '*');
}

class Leak : public Proxied
{
protected:
  void open_with_key (Upstream::Script script, const std::string &more = "")
  {
    upstream = std::make_unique<Upstream> (std::move (script));
    agent = std::make_unique<Agent> ();
    Response added = agent->add ("svc", upstream->url (), as_json (kKey), more);
    ASSERT_EQ (added.status, 201) << added.body;
    key = agent->add_client ("story");
  }
  std::string events (const std::string &binding = "svc")
  {
    return agent->control ("GET", "/v1/events?binding=" + binding).body;
  }
};

} // namespace

class LeakSpelling : public testing::TestWithParam<Spelled>
{
public:
  // One agent and upstream for all rows: @answer is what it says next.
  struct World
  {
    World ()
        : upstream ([this] (auto &peer, auto &) {
            // The next row may begin before this returns.
            const std::string now = answer;
            peer.write (now);
          })
    {
      agent.add ("svc", upstream.url (), as_json (kKey));
      key = agent.add_client ("story");
    }

    std::string answer;
    Upstream upstream;
    Agent agent;
    std::string key;
  };

  static void SetUpTestSuite ()
  {
    world = new World;
  }
  static void TearDownTestSuite ()
  {
    delete world;
    world = nullptr;
  }

  static World *world;
};

LeakSpelling::World *LeakSpelling::world = nullptr;

TEST_P (LeakSpelling, NeverComesOut)
{
  const std::string &text = GetParam ().text;
  const std::string json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  const std::string error = "HTTP/1.1 500 Oops\r\nContent-Type: text/html\r\n";
  const std::string events = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n";
  const std::string before = "{\"said\":\"", after = "\"}";

  for (const std::string &head : { json, error, events })
    {
      std::string body = (head == events ? "data: " : "") + before + text + after + "\n\n";

      world->answer = head + "Content-Length: " + std::to_string (body.size ()) + "\r\n\r\n" + body;
      Response response = world->agent.post ("svc", world->key, kToolCall);
      EXPECT_THAT (response.body, Not (HasSubstr (text))) << head;
      EXPECT_EQ (response.body.size (), body.size ()) << head;
      EXPECT_THAT (response.body, AllOf (HasSubstr (before), HasSubstr (after), HasSubstr ("***")));
    }
}

INSTANTIATE_TEST_SUITE_P (All,
                          LeakSpelling,
                          testing::ValuesIn (spellings (kKey)),
                          [] (const auto &row) { return row.param.name; });

// J02. The first part has passed, so the second one comes in a piece of its own.
TEST_F (Leak, J02IsFoundWhereverItIsCut)
{
  std::atomic<size_t> cut{ 1 };

  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    const size_t n = cut;

    peer.begin_events ();
    peer.chunk ("data: first\n\ndata: " + kKey.substr (0, n));
    upstream->wait ("seen " + std::to_string (n));
    peer.chunk (kKey.substr (n) + "\n\n");
    peer.end_chunks ();
  });
  for (size_t n = 1; n < kKey.size (); n++)
    {
      cut = n;
      Connection connection = begin ("POST", kToolCall);
      Response response = connection.read_head ();
      std::string body = connection.read_body_until (response, "first\n\n");

      upstream->signal ("seen " + std::to_string (n));
      for (std::string more; !(more = connection.read_body (response)).empty ();)
        body += more;
      // Three bytes are too few to hold anything back for.
      EXPECT_THAT (body, EndsWith (stars (kKey.substr (n < 4 ? n : 0)) + "\n\n")) << n;
    }
}

TEST_F (Leak, IsFoundOneByteAtATime)
{
  const std::string body = "{\"a\":\"" + as_json (kKey) + "\",\"b\":\"" + as_base64 (kKey) + "\"}";

  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                "Transfer-Encoding: chunked\r\n\r\n");
    for (char c : body)
      peer.chunk (std::string (1, c));
    peer.end_chunks ();
  });
  Response response = call ();

  EXPECT_EQ (response.body.size (), body.size ());
  EXPECT_THAT (response.body, Not (HasSubstr (as_json (kKey))));
  EXPECT_THAT (response.body, Not (HasSubstr (as_base64_behind (kKey, 0))));
}

// An event is never held back for the sake of what might follow: no secret goes on after its end.
TEST_F (Leak, DelaysNoEvent)
{
  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    peer.event (kKey.substr (0, kKey.size () - 1));
    upstream->wait ("seen");
    peer.end_chunks ();
  });
  Connection connection = begin ("GET");
  Response response = connection.read_head ();

  EXPECT_EQ (connection.read_body_until (response, "\n\n"),
             "data: " + kKey.substr (0, kKey.size () - 1) + "\n\n");
  upstream->signal ("seen");
}

// The beginning of a secret at the very end is just that.
TEST_F (Leak, GivesOutWhatWasHeldBackAtTheEnd)
{
  const std::string body = "{} " + kKey.substr (0, kKey.size () - 1);

  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.header ("x") == "" && upstream->requests ().size () % 2 == 1)
      peer.reply (200, body);
    else
      {
        peer.write ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n");
        peer.chunk (body);
        peer.end_chunks ();
      }
  });
  for (int i = 0; i < 2; i++)
    {
      Response response = call ();

      EXPECT_EQ (response.body, body);
      EXPECT_TRUE (response.is_complete);
    }
}

TEST_F (Leak, IsReportedOnceAnHour)
{
  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (200, "{\"a\":\"" + as_json (kKey) + "\"}");
  });
  call ();
  call ();
  std::string seen = events ();
  size_t at = seen.find ("security_violation");

  ASSERT_NE (at, std::string::npos) << seen;
  EXPECT_EQ (seen.find ("security_violation", at + 1), std::string::npos) << seen;
  EXPECT_THAT (seen, AllOf (HasSubstr (R"("category":"leak")"),
                            HasSubstr ("the credential of “svc” in the body of an answer"),
                            Not (HasSubstr (as_json (kKey)))));
}

// J29: whoever gives back what it was sent.
TEST_F (Leak, J29AnEchoOfTheRequestShowsNothing)
{
  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &request) {
    std::string all;

    for (const auto &[name, value] : request.headers)
      all += name + ": " + value + "\n";
    peer.reply (200, all + request.body);
  });
  Response response = call ();

  EXPECT_THAT (response.body, HasSubstr ("authorization: Bearer " + stars (kKey)));
  EXPECT_THAT (response.body, HasSubstr ("call-1"));
  Connection connection = begin ("TRACE");
  EXPECT_EQ (connection.read_response ().status, 405);
}

// J38: in headers, those that pass and those that do not, and in trailers.
TEST_F (Leak, J38HeadersAndTrailersShowNothing)
{
  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 200 OK\r\nContent-Type: application/json; x=" + kKey +
                "\r\nSet-Cookie: a=" + kKey + "\r\nRetry-After: " + as_base64 (kKey) +
                "\r\nMcp-Session-Id: id-" + kKey + "\r\nX-Key: " + kKey +
                "\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Trailer: " + kKey +
                "\r\n\r\n");
  });
  Response response = call ();

  EXPECT_EQ (response.status, 200);
  EXPECT_EQ (response.body, "{}");
  EXPECT_THAT (response.head, Not (HasSubstr (kKey)));
  EXPECT_THAT (response.head, Not (HasSubstr (as_base64_behind (kKey, 0))));
  EXPECT_THAT (response.head, Not (HasSubstr ("X-Trailer")));
  EXPECT_EQ (response.header ("mcp-session-id"), "id-" + stars (kKey));
  EXPECT_THAT (events (), HasSubstr ("in the header of an answer"));
}

// J38: a redirect that would put the credential into a URL, also where the credential is a part of
// the query by rights.
TEST_F (Leak, ARedirectWithTheCredentialIsNotFollowed)
{
  const std::string query = R"(,"injection":{"kind":"query","name":"k"})";

  for (const std::string &more : { std::string (), query })
    {
      open_with_key (
          [&] (Upstream::Peer &peer, const Upstream::Request &) {
            peer.reply (307, "",
                        "Location: /mcp/?k=" + as_percent (kKey, false, "%%%02X") + "&again=1");
          },
          more);
      Response response = call ();

      EXPECT_EQ (response.status, 502) << more;
      EXPECT_EQ (upstream->requests ().size (), 1u) << more;
      EXPECT_THAT (response.head + response.body, Not (HasSubstr ("sk-Leak")));
    }
}

// A refusal of ours repeats what the upstream says is missing.
TEST_F (Leak, ARefusalThatQuotesTheUpstreamShowsNothing)
{
  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (403, "",
                "WWW-Authenticate: Bearer error=\"insufficient_scope\", scope=\"all-" + kOther +
                    "\"");
  });
  Response added = agent->control ("POST", "/v1/bindings",
                                   R"({"name":"signed","url":")" + upstream->url () +
                                       R"(","allow_local":true,"check":false,"credential":)"
                                       R"({"type":"oauth_token","access_token":")" +
                                       kOther + "\"}}");
  ASSERT_EQ (added.status, 201) << added.body;
  Response response = agent->post ("signed", key, kToolCall);

  EXPECT_THAT (response.body, AllOf (HasSubstr ("-31005"), HasSubstr ("(all-" + stars (kOther))));
}

// J01. What is compressed cannot be searched, so it does not pass; of two lines the worse one
// counts.
TEST_F (Leak, J01ACompressedAnswerDoesNotPass)
{
  for (const char *headers : { "Content-Encoding: gzip", "Content-Encoding: br",
                               "Content-Encoding: identity\r\nContent-Encoding: gzip",
                               "Content-Encoding: gzip\r\nContent-Encoding: identity",
                               "Content-Encoding: gzip, identity" })
    {
      open_with_key ([headers] (Upstream::Peer &peer, const Upstream::Request &request) {
        EXPECT_EQ (request.header ("accept-encoding"), "identity");
        peer.write (std::string ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n") +
                    headers + "\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08z");
      });
      Response response = call ();

      EXPECT_EQ (response.status, 502) << headers;
      EXPECT_THAT (response.body, HasSubstr ("compressed")) << headers;
    }
}

TEST_F (Leak, AnotherBindingsSecretComesOutNowhere)
{
  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (200, "{\"a\":\"" + kOther + "\"}");
  });
  Upstream other (mcp_script (kOther));

  agent->add ("other", other.url (), kOther);
  EXPECT_EQ (agent->post ("other", key, kToolCall).status, 200);
  EXPECT_EQ (call ().body, "{\"a\":\"" + stars (kOther) + "\"}");
  EXPECT_THAT (events (), HasSubstr ("the credential of “other” in the body of an answer"));
}

// One that is too short to be looked for by itself is still found in what goes over the wire.
TEST_F (Leak, APasswordIsFoundWithItsUserName)
{
  for (const std::string password : { "correct-horse-battery", "hunter2" })
    {
      const std::string pair = as_base64 ("ada:" + password);

      open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &) {
        peer.reply (200, "{\"pair\":\"" + pair + "\"}");
      });
      ASSERT_EQ (agent
                     ->control ("POST", "/v1/bindings",
                                R"({"name":"basic","url":")" + upstream->url () +
                                    R"(","allow_local":true,"check":false,"credential":)"
                                    R"({"type":"basic_auth","username":"ada","password":")" +
                                    password + "\"}}")
                     .status,
                 201);
      Response response = agent->post ("basic", key, kToolCall);

      EXPECT_EQ (upstream->requests (1)[0].header ("authorization"), "Basic " + pair);
      EXPECT_THAT (response.body, HasSubstr ("\"pair\":\"***"));
      EXPECT_THAT (response.body, Not (HasSubstr (as_base64_behind ("ada:" + password, 0))));
    }
}

// A stream that outlives its credential: neither the one it was opened with nor the new one.
TEST_F (Leak, ARenewedCredentialIsFoundBesideTheOldOne)
{
  const std::string renewed = "sk-renewed-0123456789abcdefghij";

  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    peer.event ("open");
    upstream->wait ("renewed");
    peer.event (kKey + " " + renewed + " end");
    upstream->wait ("seen");
  });
  Connection connection = begin ("GET");
  Response response = connection.read_head ();

  connection.read_body_until (response, "open\n\n");
  Response login = agent->control ("POST", "/v1/bindings/svc/login",
                                   R"({"check":false,"credential":{"type":"api_key","api_key":")" +
                                       renewed + "\"}}");
  ASSERT_EQ (login.status, 200) << login.body;
  upstream->signal ("renewed");
  EXPECT_EQ (connection.read_body_until (response, "end\n\n"),
             "data: open\n\ndata: " + stars (kKey) + " " + stars (renewed) + " end\n\n");
  upstream->signal ("seen");
}

// A locked agent remembers nothing, so what it held back passes, and nothing is lost.
TEST_F (Leak, AStreamOutlivesALock)
{
  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    peer.chunk ("data: open\n\ndata: " + kKey.substr (0, 10));
    upstream->wait ("locked");
    peer.chunk ("-on-it-goes\n\n");
    upstream->wait ("seen");
  });
  Connection connection = begin ("GET");
  Response response = connection.read_head ();

  connection.read_body_until (response, "open\n\n");
  ASSERT_EQ (agent->control ("POST", "/v1/lock").status, 200);
  upstream->signal ("locked");
  EXPECT_THAT (connection.read_body_until (response, "goes\n\n"),
               HasSubstr (kKey.substr (0, 10) + "-on-it-goes"));
  upstream->signal ("seen");
}

// behaviour 11: the agent knows it only while the request is under way.
TEST_F (Leak, ASealedCredentialIsFoundInItsOwnAnswer)
{
  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &request) {
    peer.reply (200, "{\"a\":\"" + as_json (request.header ("authorization")) + "\"}");
  });
  Response added =
      agent->add ("sealed", upstream->url (), kOther, R"(,"mode":"sealed","client":"laptop")");
  std::string opener = json_string (added.body, "client_key");

  ASSERT_EQ (added.status, 201) << added.body;
  EXPECT_EQ (agent->post ("sealed", opener, kToolCall).body,
             "{\"a\":\"Bearer " + stars (kOther) + "\"}");
}

// The endpoint for all writes its answers anew.
TEST_F (Leak, TheEndpointForAllShowsNothing)
{
  open_with_key ([&] (Upstream::Peer &peer, const Upstream::Request &request) {
    std::string answer = mcp_answer (request.body);
    size_t at = answer.find ("done");

    if (at != std::string::npos)
      answer.replace (at, 4, as_json (kKey));
    answer.empty () ? peer.reply (202, "") : peer.reply (200, answer);
  });
  Response greeting = agent->post ("~all", key, kInitialize);
  Response response = agent->post (
      "~all", key,
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"svc__echo","arguments":{"message":"hi"}}})",
      "Mcp-Session-Id: " + greeting.header ("mcp-session-id"));

  EXPECT_THAT (response.body, HasSubstr ("***"));
  EXPECT_THAT (response.body, Not (HasSubstr (as_json (kKey))));
}

// A local command knows its own secret only, which is taken out of what it says (local-sandbox);
// that of another binding it may have stolen.
TEST_F (Leak, ALocalServerDoesNotGetAnotherSecretOut)
{
  const std::string server =
      "import sys,json\n"
      "for line in sys.stdin:\n"
      "  m=json.loads(line)\n"
      "  if 'id' in m: print(json.dumps({'jsonrpc':'2.0','id':m['id'],"
      "'result':{'protocolVersion':'2025-11-25','capabilities':{},"
      "'serverInfo':{'name':'x','version':'1'},'said':sys.argv[1]}}),flush=True)\n";

  open_with_key (mcp_script (kKey));
  EXPECT_EQ (call ().status, 200);
  std::string escaped;
  for (char c : server)
    escaped += c == '\n' ? std::string ("\\n") : std::string (1, c);
  Response added = agent->control (
      "POST", "/v1/bindings",
      R"({"name":"local","check":false,"command":{"argv":["/usr/bin/python3","-c",")" + escaped +
          R"(",")" + as_json (kKey) + R"("],"sandbox":false}})");
  ASSERT_EQ (added.status, 201) << added.body;
  Response response = agent->post ("local", key, kInitialize);

  EXPECT_THAT (response.body, HasSubstr ("***"));
  EXPECT_THAT (response.body, Not (HasSubstr (as_json (kKey))));
}
