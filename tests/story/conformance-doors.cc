// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Entries of the two lists that bindify is accepted by (behaviour 25, craft 5.2) which concern the
// doors of the agent: who gets in, and where what came in can be made to go.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/await.h"
#include "tests/fixture/proxied.h"

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

class ConformanceDoors : public Proxied
{
protected:
  Response raw (const std::string &bytes)
  {
    Connection connection = agent->tcp ();

    connection.send (bytes);
    return connection.read_response ();
  }
  Response from_page (const std::string &method, const std::string &host, const std::string &lines)
  {
    return raw (format_request (method, "/mcp/svc", host, lines,
                                method == "POST" ? kToolCall : std::string ()));
  }
  std::string bearer () const
  {
    return "Authorization: Bearer " + key;
  }
  long n_descriptors ()
  {
    const std::string path = "/proc/" + std::to_string (agent->process ().pid ()) + "/fd";

    return std::distance (std::filesystem::directory_iterator (path),
                          std::filesystem::directory_iterator{});
  }
};

constexpr char kPlain[] = "Content-Type: application/json";

} // namespace

// Whoever starts with nothing can make a client; who comes over TCP cannot, whatever key they have.
TEST_F (ConformanceDoors, J07EnrollingNeedsNothingThatOnlyEnrollingGives)
{
  upstream = std::make_unique<Upstream> (mcp_script (kSecret));
  agent = std::make_unique<Agent> ();
  agent->add ("svc", upstream->url (), kSecret);
  Finished added = agent->cli ({ "bindify", "client", "add", "first" });
  size_t at = added.output.find ("bnd_local_");

  ASSERT_EQ (added.status, 0) << added.errors;
  ASSERT_NE (at, std::string::npos) << added.output;
  key = added.output.substr (at, added.output.find_first_of (" \n", at) - at);
  EXPECT_THAT (call ().body, HasSubstr ("\"result\""));

  EXPECT_EQ (
      raw (format_request ("POST", "/v1/clients", agent->host (),
                           std::string (kPlain) + "\r\n" + bearer (), R"({"label":"second"})"))
          .status,
      404);
  EXPECT_THAT (agent->control ("GET", "/v1/clients").body, Not (HasSubstr ("second")));
}

// A request goes to the binding's own upstream, wherever else it says that it should go.
TEST_F (ConformanceDoors, J08NoRequestNamesItsOwnHost)
{
  Upstream elsewhere (mcp_script (kSecret));

  open (mcp_script (kSecret));
  const std::string other = "127.0.0.1:" + std::to_string (elsewhere.port ());
  const std::string own = "127.0.0.1:" + std::to_string (upstream->port ());
  const struct
  {
    const char *name;
    std::string path, host, headers;
  } rows[] = {
    { "AbsoluteForm", "http://" + other + "/mcp/svc", agent->host (), "" },
    { "AbsoluteFormAndHost", "http://" + other + "/mcp/svc", other, "" },
    { "Host", "/mcp/svc", other, "" },
    { "UserInfo", "/mcp/svc@" + other, agent->host (), "" },
    { "SecondPath", "/mcp/svc//" + other + "/mcp", agent->host (), "" },
    { "UrlBehind", "/mcp/svc/http://" + other + "/mcp", agent->host (), "" },
    { "Query", "/mcp/svc?url=http://" + other + "/mcp&host=" + other, agent->host (), "" },
    { "Forwarded", "/mcp/svc", agent->host (),
      "\r\nX-Forwarded-Host: " + other + "\r\nForwarded: host=" + other },
    { "Rewritten", "/mcp/svc", agent->host (),
      "\r\nX-Original-URL: http://" + other + "/mcp\r\nX-Rewrite-URL: http://" + other + "/mcp" },
    { "ProxyHeaders", "/mcp/svc", agent->host (),
      "\r\nX-Bindify-Upstream: http://" + other + "\r\nDestination: http://" + other },
  };

  for (const auto &row : rows)
    {
      const Response response = raw (format_request (
          "POST", row.path, row.host, kPlain + ("\r\n" + bearer ()) + row.headers, kToolCall));

      EXPECT_NE (response.status, 0) << row.name;
    }
  raw ("CONNECT " + other + " HTTP/1.1\r\nHost: " + other + "\r\n" + bearer () + "\r\n\r\n");
  EXPECT_EQ (elsewhere.n_connections (), 0);
  EXPECT_GE (upstream->requests ().size (), 3u) << "some of them are harmless";
  for (const Upstream::Request &request : upstream->requests ())
    {
      EXPECT_EQ (request.header ("host"), own);
      EXPECT_EQ (request.path, "/mcp");
    }
}

// Of two bindings to one host each has its own: a key for all does not go where a sign-in should.
TEST_F (ConformanceDoors, J09AKeyDoesNotPreemptASignInOnTheSameHost)
{
  const std::string token = "oauth-token-0123456789abcdefghijklmnop";

  open ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (200, R"({"jsonrpc":"2.0","id":"call-1","result":{}})");
  });
  Response added = agent->control (
      "POST", "/v1/bindings",
      R"({"name":"signed","url":")" + upstream->url () +
          R"(","allow_local":true,"check":false,"credential":{"type":"oauth_token","access_token":")" +
          token + "\"}}");
  ASSERT_EQ (added.status, 201) << added.body;

  for (int i = 0; i < 4; i++)
    EXPECT_EQ (agent->post (i % 2 == 0 ? "svc" : "signed", key, kToolCall).status, 200);
  const std::vector<Upstream::Request> seen = upstream->requests (4);
  for (size_t i = 0; i < 4; i++)
    EXPECT_EQ (seen[i].header ("authorization"), "Bearer " + (i % 2 == 0 ? kSecret : token));
  // Without its own it has none.
  ASSERT_EQ (agent->control ("POST", "/v1/bindings/signed/logout").status / 100, 2);
  EXPECT_THAT (agent->post ("signed", key, kToolCall).body, HasSubstr ("\"error\""));
  EXPECT_EQ (upstream->requests ().size (), 4u);
}

// The name of a page's own server was bound to this machine: the page has even the right key.
TEST_F (ConformanceDoors, J30RebindingIsRefusedBeforeTheKey)
{
  open (mcp_script (kSecret));
  const std::string port = std::to_string (agent->port ());

  for (const std::string &host :
       { std::string ("evil.example"), "evil.example:" + port, "127.0.0.1.evil.example:" + port,
         "localhost.evil.example:" + port, "127.0.0.1:" + port + "@evil.example",
         std::string ("[::2]:" + port), std::string ("0.0.0.0:" + port) })
    {
      const Response response = from_page ("POST", host, kPlain + ("\r\n" + bearer ()));

      EXPECT_TRUE (response.status == 403 || response.status == 400) << host << response.status;
      EXPECT_THAT (response.body, Not (HasSubstr ("result"))) << host;
    }
  EXPECT_EQ (upstream->n_connections (), 0);
}

// What a page can send without asking first, and what it asks before.
TEST_F (ConformanceDoors, J31APageCannotCallTheAgent)
{
  open (mcp_script (kSecret));
  for (const char *origin : { "https://evil.example", "http://localhost", "null", "file://",
                              "chrome-extension://abcdefgh" })
    for (const char *type :
         { "text/plain", "application/x-www-form-urlencoded", "application/json" })
      {
        const Response response = from_page ("POST", agent->host (),
                                             std::string ("Content-Type: ") + type + "\r\n" +
                                                 bearer () + "\r\nOrigin: " + origin);

        EXPECT_EQ (response.status, 403) << origin << type;
      }
  // A form of an old browser says no Origin.
  EXPECT_EQ (from_page ("POST", agent->host (), "Content-Type: text/plain\r\n" + bearer ()).status,
             415);

  const Response preflight =
      from_page ("OPTIONS", agent->host (),
                 "Origin: https://evil.example\r\nAccess-Control-Request-Method: POST\r\n"
                 "Access-Control-Request-Headers: authorization\r\n"
                 "Access-Control-Request-Private-Network: true");
  EXPECT_EQ (preflight.status, 403);
  for (const auto &[name, value] : preflight.headers)
    EXPECT_THAT (name, Not (StartsWith ("access-control"))) << value;
  EXPECT_EQ (upstream->n_connections (), 0);
}

// The doors speak HTTP/1.1. Whoever begins HTTP/2 is told so and cut; whoever begins and resets
// requests over and over leaves nothing behind.
TEST_F (ConformanceDoors, J35RapidResetsLeaveNothingBehind)
{
  const std::string preface ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

  open ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.body.find ("hang") != std::string::npos)
      peer.wait_for_close (kPatienceMs);
    else
      peer.reply (200, mcp_answer (request.body));
  });
  for (bool is_local : { false, true })
    {
      Connection connection = is_local ? agent->local () : agent->tcp ();

      connection.send (preface);
      EXPECT_GE (connection.read_response ().status, 400);
      EXPECT_TRUE (connection.wait_for_close (kPatienceMs));
    }
  const Response upgrade = raw (format_request (
      "POST", "/mcp/svc", agent->host (),
      kPlain + ("\r\n" + bearer ()) +
          "\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
      kToolCall));
  EXPECT_EQ (upgrade.status, 200) << "an offer that need not be taken";

  const long before = n_descriptors ();
  for (int i = 0; i < 300; i++)
    begin ("POST", R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"hang"}})")
        .close ();
  EXPECT_TRUE (wait_until ([&] { return n_descriptors () <= before + 2; }));
  EXPECT_THAT (call ().body, HasSubstr ("\"result\""));
}
