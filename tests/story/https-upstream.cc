// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Upstreams behind TLS, as all real ones are: what works in plain http works there, and no server
// that cannot prove who it is ever sees the credential. The agent trusts what the system trusts
// (README, "Whom the agent believes"), which is here an authority of the test's own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/certificates.h"
#include "tests/fixture/proxied.h"
#include "tests/fixture/trust.h"

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// The TLS library's thread-local variables are more than the leak check of clang 14 can follow:
// with this it does not try.
extern "C" const char *
__asan_default_options ()
{
  return "intercept_tls_get_addr=0";
}

namespace
{

constexpr char kSecret[] = "sk-https-0123456789abcdefghijklmnopqrstuvwxyz";

// One agent for all.
class Https : public testing::Test
{
protected:
  struct Shared
  {
    Authority authority, stranger;
    TempDir dir;
    std::unique_ptr<Agent> agent;
    std::string key;

    Shared ()
    {
      Agent::Options options;

      write_file (dir.path ("authority.pem"), authority.certificate (), 0644);
      options.wrapper = trusting (dir.path ("authority.pem"));
      if (!can_trust ())
        return;
      agent = std::make_unique<Agent> (options);
      key = agent->add_client ("story");
    }

    bool can_trust () const
    {
      Process::Options options;

      options.argv = trusting (dir.path ("authority.pem"));
      options.argv.push_back ("true");
      return run (options).status == 0;
    }
  };

  static void SetUpTestSuite ()
  {
    shared = new Shared;
  }
  static void TearDownTestSuite ()
  {
    delete shared;
    shared = nullptr;
  }
  void SetUp () override
  {
    if (shared->agent == nullptr)
      GTEST_SKIP () << "no mount namespace of our own can be had";
  }
  void TearDown () override
  {
    if (shared->agent != nullptr)
      shared->agent->control ("DELETE", "/v1/bindings/svc");
  }

  void open (Upstream::Script script, const Authority::Wish &wish = {})
  {
    serve (std::move (script), shared->authority.issue (wish));
  }
  void serve (Upstream::Script script, const std::string &certificate)
  {
    upstream = std::make_unique<Upstream> (std::move (script), false, certificate);
    bind (upstream->url ());
  }
  void bind (const std::string &url, const std::string &more = "")
  {
    const Response added = shared->agent->add ("svc", url, kSecret, more);

    ASSERT_EQ (added.status, 201) << added.body;
  }

  // Every answer of these stories is without the credential.
  Response call (const std::string &body = kToolCall)
  {
    Response response = shared->agent->post ("svc", shared->key, body);

    EXPECT_THAT (response.head + response.body, Not (HasSubstr (kSecret)));
    return response;
  }
  Connection begin ()
  {
    Connection connection = shared->agent->tcp ();

    connection.send (format_request (
        "POST", "/mcp/svc", shared->agent->host (),
        "Content-Type: application/json\r\nAuthorization: Bearer " + shared->key, kToolCall));
    return connection;
  }

  static Shared *shared;
  std::unique_ptr<Upstream> upstream;
};

Https::Shared *Https::shared = nullptr;

} // namespace

TEST_F (Https, OneConnectionCarriesManyCalls)
{
  open (mcp_script (kSecret));
  for (int i = 0; i < 5; i++)
    {
      const Response response = call ();

      EXPECT_EQ (response.status, 200);
      EXPECT_EQ (response.body, mcp_answer (kToolCall));
    }
  EXPECT_EQ (upstream->n_connections (), 1);
}

TEST_F (Https, AConnectionThatTheServerEndedIsMadeAnew)
{
  open ([this] (Upstream::Peer &peer, const Upstream::Request &request) {
    peer.reply (200, mcp_answer (request.body));
    peer.say_goodbye ();
    peer.close ();
    upstream->signal ("closed-" + std::to_string (request.connection));
  });
  for (int i = 1; i <= 3; i++)
    {
      EXPECT_EQ (call ().body, mcp_answer (kToolCall));
      EXPECT_TRUE (upstream->wait ("closed-" + std::to_string (i)));
      EXPECT_EQ (upstream->n_connections (), i);
    }
}

TEST_F (Https, AHundredEventsComeAsTheyAreSent)
{
  open ([this] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    for (int i = 1; i <= 100; i++)
      {
        const std::string n = std::to_string (i);

        peer.event ("event-" + n + ".");
        upstream->wait ("seen-" + n);
      }
    peer.end_chunks ();
  });
  Connection connection = begin ();
  Response response = connection.read_head ();

  EXPECT_EQ (response.header ("content-type"), "text/event-stream");
  for (int i = 1; i <= 100; i++)
    {
      const std::string n = std::to_string (i);

      ASSERT_THAT (connection.read_body_until (response, "event-" + n + "."),
                   HasSubstr ("event-" + n + "."));
      upstream->signal ("seen-" + n);
    }
  while (!connection.read_body (response).empty ())
    continue;
  EXPECT_TRUE (response.is_complete);
  EXPECT_THAT (response.body, EndsWith ("event-100.\n\n"));
}

TEST_F (Https, AClientThatGoesTakesTheConnectionAlong)
{
  open ([this] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    peer.event ("one");
    if (peer.wait_for_close (30000))
      upstream->signal ("closed");
  });
  {
    Connection connection = begin ();
    Response response = connection.read_head ();

    connection.read_body_until (response, "one");
  }
  EXPECT_TRUE (upstream->wait ("closed"));
}

TEST_F (Https, LargeBodiesPassWhole)
{
  const std::string large = "\"" + std::string (3 * 1024 * 1024, 'x') + "\"";

  open ([&] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, large); });
  EXPECT_EQ (call ().body.size (), large.size ());
}

// --- Ends of answers ---

struct CutCase
{
  const char *name, *head;
  bool says_goodbye, is_complete;
};

class HttpsCut : public Https, public testing::WithParamInterface<CutCase>
{
};

// RFC 9112 9.8: where only the end of the connection ends a body, TLS has to say so.
TEST_P (HttpsCut, IsSeenByTheClient)
{
  const CutCase &row = GetParam ();

  open ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write (std::string ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n") + row.head);
    // The socket stays open behind it: TLS alone has to say the end.
    if (row.says_goodbye)
      {
        peer.say_goodbye ();
        upstream->wait ("answered");
      }
    peer.close ();
  });
  const Response response = call ();

  upstream->signal ("answered");

  EXPECT_EQ (response.status, 200);
  EXPECT_EQ (response.is_complete, row.is_complete);
}

INSTANTIATE_TEST_SUITE_P (
    Ends,
    HttpsCut,
    testing::Values (
        CutCase{ "Counted", "Content-Length: 10\r\n\r\n{}", false, false },
        CutCase{ "CountedGoodbye", "Content-Length: 10\r\n\r\n{}", true, false },
        CutCase{ "Chunked", "Transfer-Encoding: chunked\r\n\r\n9\r\n{}", false, false },
        CutCase{ "ChunkedGoodbye", "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", true, false },
        CutCase{ "Open", "Connection: close\r\n\r\n{}", false, false },
        CutCase{ "OpenGoodbye", "Connection: close\r\n\r\n{}", true, true }),
    [] (const auto &info) { return info.param.name; });

// --- Servers that cannot prove who they are ---

struct DoubtCase
{
  const char *name;
  Authority::Wish wish;
  bool is_of_stranger;
  const char *text;
};

class HttpsDoubt : public Https, public testing::WithParamInterface<DoubtCase>
{
};

TEST_P (HttpsDoubt, IsRefusedAndSeesNothing)
{
  const DoubtCase &row = GetParam ();
  const Authority &signer = row.is_of_stranger ? shared->stranger : shared->authority;

  serve (mcp_script (kSecret), signer.issue (row.wish));
  const Response response = call ();

  EXPECT_EQ (response.status, 502);
  EXPECT_THAT (response.body, HasSubstr ("\"id\":\"call-1\""));
  EXPECT_THAT (response.body,
               HasSubstr (std::string ("The service behind “svc” presents ") + row.text));
  EXPECT_EQ (upstream->requests ().size (), 0u);
}

// Adding it says the same before anything is kept.
TEST_P (HttpsDoubt, IsRefusedWhenItIsAdded)
{
  const DoubtCase &row = GetParam ();
  const Authority &signer = row.is_of_stranger ? shared->stranger : shared->authority;
  Upstream server (mcp_script (kSecret), false, signer.issue (row.wish));
  const Response response = shared->agent->control (
      "POST", "/v1/bindings",
      "{\"name\":\"svc\",\"allow_local\":true,\"credential\":{\"type\":\"api_key\",\"api_key\":\"" +
          std::string (kSecret) + "\"},\"url\":\"" + server.url () + "\"}");

  EXPECT_THAT (response.body, HasSubstr (std::string ("The service presents ") + row.text));
  EXPECT_THAT (response.body, Not (HasSubstr (kSecret)));
  EXPECT_EQ (server.requests ().size (), 0u);
}

static const Authority::Wish kGood, kElsewhere = { "DNS:elsewhere.example", -3600, 86400, false },
                                    kOld = { "IP:127.0.0.1", -7200, -3600, false },
                                    kYoung = { "IP:127.0.0.1", 3600, 86400, false },
                                    kOwn = { "IP:127.0.0.1", -3600, 86400, true };

INSTANTIATE_TEST_SUITE_P (
    Certificates,
    HttpsDoubt,
    testing::Values (
        DoubtCase{ "OfAStranger", kGood, true,
                   "a certificate from an authority that this computer does not trust" },
        DoubtCase{ "SelfSigned", kOwn, false,
                   "a certificate from an authority that this computer does not trust" },
        DoubtCase{ "OfAnotherHost", kElsewhere, false, "a certificate for another host name" },
        DoubtCase{ "Expired", kOld, false, "a certificate that has expired" },
        DoubtCase{ "NotYetValid", kYoung, false, "a certificate that is not valid yet" }),
    [] (const auto &info) { return info.param.name; });

TEST_F (Https, PlainHttpAtThatPortIsNamed)
{
  Upstream plain ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    EXPECT_EQ (request.method, "TLS");
    peer.reply (400, "this is plain http");
    peer.close ();
  });

  bind ("https" + plain.url ().substr (4));
  const Response response = call ();

  EXPECT_EQ (response.status, 502);
  EXPECT_THAT (response.body,
               HasSubstr ("it does not speak TLS as it should; is https:// right for that port?"));
}

TEST_F (Https, AHandshakeThatHangsHasADeadline)
{
  Upstream silent (
      [] (Upstream::Peer &peer, const Upstream::Request &) { peer.wait_for_close (30000); });

  bind ("https" + silent.url ().substr (4), ",\"limits\":{\"connect_timeout_ms\":300}");
  const Response response = call ();

  EXPECT_EQ (response.status, 504);
  EXPECT_THAT (response.body, HasSubstr ("did not answer in time"));
}

// A redirect to plain http would show the credential to everybody on the way.
TEST_F (Https, NothingLeadsOutOfTls)
{
  Upstream plain (mcp_script (kSecret));

  open ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (307, "{}", "Location: " + plain.url ());
  });
  EXPECT_EQ (call ().status, 502);
  EXPECT_EQ (plain.n_connections (), 0);
}

// --- HTTP/2 ---

class Http2 : public Https
{
protected:
  void SetUp () override
  {
    const char *node = getenv ("BINDIFY_NODE");
    Process::Options options;

    Https::SetUp ();
    if (IsSkipped ())
      return;
    if (node == nullptr)
      GTEST_SKIP () << "no Node.js: ./check has one";
    write_file (dir.path ("server.pem"), shared->authority.issue ({}));
    options.argv = { node, std::string (getenv ("BFY_TEST_FIXTURES_DIR")) + "/http2-server.mjs",
                     dir.path ("server.pem") };
    options.environment = { { "EXPECTED", std::string ("Bearer ") + kSecret } };
    server = std::make_unique<Process> (options);
    const std::string line = server->read_line ();
    ASSERT_EQ (line.rfind ("READY port=", 0), 0u) << server->errors ();
    url = "https://127.0.0.1:" + line.substr (strlen ("READY port="));
  }

  void TearDown () override
  {
    if (!IsSkipped ())
      shared->agent->control ("DELETE", "/v1/bindings/other");
    Https::TearDown ();
  }

  // What the server has seen, asked over a binding of its own.
  std::string count ()
  {
    return shared->agent->post ("other", shared->key, kToolCall).body;
  }

  TempDir dir;
  std::unique_ptr<Process> server;
  std::string url;
};

TEST_F (Http2, CarriesCalls)
{
  bind (url + "/mcp");
  for (int i = 0; i < 5; i++)
    EXPECT_EQ (call ().body,
               R"({"jsonrpc":"2.0","id":"call-1","result":{"authorization":true,"nSessions":1}})");
}

TEST_F (Http2, CarriesEvents)
{
  bind (url + "/events");
  const Response response = call ();

  EXPECT_EQ (response.header ("content-type"), "text/event-stream");
  EXPECT_TRUE (response.is_complete);
  for (int i = 1; i <= 100; i++)
    EXPECT_THAT (response.body, HasSubstr ("data: {\"n\":" + std::to_string (i) + "}\n\n"));
}

// craft J35, from the server's side: what it takes back is not asked for again and again.
TEST_F (Http2, J35StreamsThatAreResetAtOnceFailAndOthersAreServed)
{
  bind (url + "/reset");
  ASSERT_EQ (shared->agent->add ("other", url + "/count", kSecret).status, 201);
  for (int i = 0; i < 100; i++)
    EXPECT_EQ (call ().status, 502);
  EXPECT_THAT (count (), HasSubstr (R"("nResets":100,)"));
}

// And from ours: clients that come and go leave no stream behind at the server.
TEST_F (Http2, J35ClientsThatLeaveAtOnceTakeTheirStreamsAlong)
{
  bind (url + "/never");
  ASSERT_EQ (shared->agent->add ("other", url + "/count", kSecret).status, 201);
  for (int round = 0; round < 10; round++)
    {
      std::vector<Connection> clients;

      for (int i = 0; i < 20; i++)
        clients.push_back (begin ());
    }
  std::string seen;
  for (int i = 0; i < 1000 && seen.find (R"("nOpen":0})") == std::string::npos; i++)
    seen = count ();
  EXPECT_THAT (seen, HasSubstr (R"("nOpen":0})"));
}
