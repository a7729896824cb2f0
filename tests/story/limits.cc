// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// How much of a binding may be used (behaviour 22.3): by all and by each, over a restart, whatever
// becomes of the clients. Real agent, real command line, scripted upstream. Windows are those of
// the real clock, so what is expected holds whenever one begins in between.

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>

#include "tests/fixture/await.h"
#include "tests/fixture/local-server.h"
#include "tests/fixture/proxied.h"

using testing::AllOf;
using testing::Ge;
using testing::Le;

namespace
{

constexpr char kAccepts[] = "Accept: application/json, text/event-stream";
constexpr char kNotification[] = R"({"jsonrpc":"2.0","method":"notifications/progress"})";

class Limits : public Proxied
{
protected:
  void limit (const std::string &limits, const std::string &name = "svc")
  {
    Response answer = agent->control (
        "PUT", "/v1/bindings/" + name + "/policy",
        R"({"version":1,"default":"allow","rules":[{"tool":"secret","effect":"deny"}],"limits":)" +
            limits + "}");

    ASSERT_EQ (answer.status, 200) << answer.body;
  }
  // An upstream that takes every call and says no more than that it has it.
  void open_hanging ()
  {
    open ([this] (Upstream::Peer &peer, const Upstream::Request &request) {
      if (request.method == "GET")
        {
          peer.begin_events ();
          peer.event ("first");
        }
      upstream->signal ("taken " + request.method);
      if (peer.wait_for_close (kPatienceMs))
        upstream->signal ("closed");
    });
  }
  static bool is_refused (const Response &response)
  {
    return response.body.find ("\"code\":-31010") != std::string::npos;
  }
  std::string usage (const std::string &name = "svc")
  {
    std::string body = agent->control ("GET", "/v1/bindings/" + name).body;

    return body.substr (std::min (body.size (), body.find ("\"usage\":")));
  }
  // The first number of that name, which is the one of all clients together.
  static long number (const std::string &text, const std::string &name)
  {
    std::smatch found;

    return std::regex_search (text, found, std::regex ("\"" + name + "\":([0-9]+)"))
               ? std::stol (found[1].str ())
               : -1;
  }
  long n_refused_today (const std::string &name = "svc")
  {
    std::string now = usage (name);

    return number (now.substr (std::min (now.size (), now.find ("\"day\":"))), "refused");
  }
  long n_open ()
  {
    return number (usage (), "open");
  }
  int n_events (const std::string &part)
  {
    std::string events = agent->control ("GET", "/v1/events?limit=1000").body;
    int n = 0;

    for (size_t at = 0; (at = events.find (part, at)) != std::string::npos; at++)
      n++;
    return n;
  }
  // As often as may be, until it is refused.
  Response call_until_refused (int n_max, int *n_admitted = nullptr)
  {
    for (int i = 0; i < n_max; i++)
      {
        Response response = call ();

        if (is_refused (response))
          return response;
        if (n_admitted != nullptr)
          (*n_admitted)++;
      }
    ADD_FAILURE () << "never refused";
    return {};
  }

  static constexpr int kPatienceMs = 30000;
};

} // namespace

TEST_F (Limits, OfAMinuteRefusesAndSaysWhenItEnds)
{
  int n_admitted = 0;

  open (mcp_script (kSecret));
  limit (R"({"requests_per_minute":3})");
  Response refused = call_until_refused (10, &n_admitted);

  EXPECT_EQ (refused.status, 200);
  EXPECT_THAT (refused.body, HasSubstr ("\"reason\":\"rate_limited\""));
  EXPECT_THAT (refused.body, HasSubstr ("\"id\":\"call-1\""));
  EXPECT_THAT (refused.body, HasSubstr ("3 requests a minute; again in "));
  EXPECT_THAT (refused.body, HasSubstr ("bindify policy show svc"));
  EXPECT_THAT (std::stol ("0" + refused.header ("retry-after")), AllOf (Ge (1), Le (60)));
  EXPECT_EQ (upstream->requests ().size (), static_cast<size_t> (n_admitted));
}

// Behaviour 21.8: a client in a loop must not push out of the log what led to it.
TEST_F (Limits, AreWrittenDownOnceAnHour)
{
  open (mcp_script (kSecret));
  limit (R"({"requests_per_hour":1})");
  call_until_refused (5);
  for (int i = 0; i < 20; i++)
    call ();
  EXPECT_THAT (n_events ("\"category\":\"rate_limited\""), AllOf (Ge (1), Le (2)));
  EXPECT_GE (number (usage ().substr (usage ().find ("\"day\":")), "refused"), 20);
}

TEST_F (Limits, RefuseNotificationsAndStreamsInTheirWay)
{
  open (mcp_script (kSecret));
  limit (R"({"requests_per_hour":1})");
  call_until_refused (5);
  size_t n_before = upstream->requests ().size ();

  EXPECT_EQ (call (kNotification).status, 202);
  EXPECT_EQ (begin ("GET", "", "Accept: text/event-stream").read_response ().status, 405);
  EXPECT_EQ (upstream->requests ().size (), n_before);
}

TEST_F (Limits, CountEachMessageOfAnArrayAndRefuseAllOfIt)
{
  const std::string three = std::string ("[") + kToolCall + "," +
                            R"({"jsonrpc":"2.0","id":2,"method":"tools/list"},)" + kNotification +
                            "]";

  open (mcp_script (kSecret));
  limit (R"({"requests_per_hour":5})");
  ASSERT_FALSE (is_refused (call (three)));
  EXPECT_EQ (number (usage (), "calls"), 3);
  Response refused = call (three);

  EXPECT_EQ (refused.status, 200);
  EXPECT_THAT (refused.body, HasSubstr ("\"id\":\"call-1\""));
  EXPECT_THAT (refused.body, HasSubstr ("\"id\":2"));
  EXPECT_THAT (refused.body, HasSubstr ("-31010"));
  EXPECT_EQ (upstream->requests ().size (), 1u);
  // What will never fit is not told to come again.
  limit (R"({"requests_per_hour":2})");
  refused = call (three);
  EXPECT_EQ (refused.header ("retry-after"), "");
  EXPECT_THAT (refused.body, HasSubstr ("more than that at once"));
}

TEST_F (Limits, KeepTwoClientsApart)
{
  open (mcp_script (kSecret));
  limit (R"({"per_client":{"requests_per_hour":2}})");
  std::string other = agent->add_client ("other");
  Response refused = call_until_refused (10);

  EXPECT_THAT (refused.body, HasSubstr ("2 requests an hour to each client"));
  EXPECT_EQ (agent->post ("svc", other, kToolCall).status, 200);
  EXPECT_FALSE (is_refused (agent->post ("svc", other, kToolCall)));
  std::string now = usage ();
  EXPECT_THAT (now, HasSubstr ("\"label\":\"other\""));
  EXPECT_THAT (now, HasSubstr ("\"label\":\"story\""));
}

TEST_F (Limits, OfOpenRequestsEndWithOneOfThem)
{
  open_hanging ();
  limit (R"({"concurrent":2})");
  Connection first = begin ("POST", kToolCall);
  Connection second = begin ("POST", kToolCall);

  upstream->requests (2);
  Response refused = call ();
  EXPECT_TRUE (is_refused (refused)) << refused.body;
  EXPECT_EQ (refused.header ("retry-after"), "1");
  EXPECT_EQ (n_open (), 2);
  first.close ();
  ASSERT_TRUE (wait_until ([this] { return n_open () == 1; }));
  Connection third = begin ("POST", kToolCall);
  EXPECT_EQ (upstream->requests (3).size (), 3u);
}

// Nothing that a client does, or that is done to it, may keep a place for ever.
TEST_F (Limits, GetTheirPlacesBackFromAStormOfAbortedClients)
{
  open_hanging ();
  limit (R"({"concurrent":100})");
  for (int round = 0; round < 5; round++)
    {
      std::vector<Connection> clients;

      for (int i = 0; i < 20; i++)
        clients.push_back (begin ("POST", kToolCall));
      // Some go at once, some when the upstream has their request.
      if (round % 2 == 0)
        upstream->requests (static_cast<size_t> (20 * (round / 2 + 1)));
    }
  EXPECT_TRUE (wait_until ([this] { return n_open () == 0; })) << usage ();
}

TEST_F (Limits, GetTheirPlacesBackWhenTheUpstreamDies)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.close (true); });
  limit (R"({"concurrent":1})");
  for (int i = 0; i < 5; i++)
    EXPECT_FALSE (is_refused (call ()));
  EXPECT_EQ (n_open (), 0);
  EXPECT_EQ (number (usage (), "failed"), 5);
}

TEST_F (Limits, GetTheirPlacesBackWhenTheBindingIsPaused)
{
  open_hanging ();
  limit (R"({"concurrent":2})");
  Connection first = begin ("POST", kToolCall);

  upstream->requests (1);
  ASSERT_EQ (n_open (), 1);
  ASSERT_EQ (agent->cli ({ "bindify", "pause", "svc" }).status, 0);
  EXPECT_TRUE (wait_until ([this] { return n_open () == 0; }));
  // Refused for the pause: that is no call.
  EXPECT_THAT (call ().body, HasSubstr ("-31002"));
  EXPECT_GE (number (usage (), "refused"), 1);
}

TEST_F (Limits, KeepNoPlaceForWhatALockRefuses)
{
  open (mcp_script (kSecret));
  limit (R"({"concurrent":1})");
  ASSERT_EQ (agent->control ("POST", "/v1/lock").status, 200);
  for (int i = 0; i < 3; i++)
    EXPECT_FALSE (is_refused (call ()));
  EXPECT_EQ (n_open (), 0);
  EXPECT_EQ (number (usage (), "calls"), 0);
}

TEST_F (Limits, OutliveTheRemovalOfABindingInUse)
{
  open_hanging ();
  Connection first = begin ("POST", kToolCall);

  upstream->requests (1);
  ASSERT_EQ (agent->control ("DELETE", "/v1/bindings/svc").status, 204);
  first.read_response ();
  // What the request leaves behind must not keep the log from the disk.
  EXPECT_THAT (agent->control ("GET", "/v1/status").body, HasSubstr ("\"event_failure\":null"));
  ASSERT_EQ (agent->add ("svc", upstream->url (), kSecret).status, 201);
  EXPECT_EQ (number (usage (), "calls"), 0);
}

TEST_F (Limits, DoNotCountAnEventStreamAsOpen)
{
  open_hanging ();
  limit (R"({"concurrent":1})");
  Connection stream = begin ("GET", "", "Accept: text/event-stream");

  ASSERT_TRUE (upstream->wait ("taken GET"));
  Response head = stream.read_head ();
  ASSERT_EQ (head.status, 200);
  stream.read_body_until (head, "first");
  EXPECT_EQ (n_open (), 0);
  EXPECT_GT (number (usage (), "bytes_down"), 0) << "they count as they come";
  Connection request = begin ("POST", kToolCall);
  EXPECT_EQ (upstream->requests (2).size (), 2u);
}

TEST_F (Limits, CountNothingForWhatThePolicyRefuses)
{
  const std::string denied = R"({"jsonrpc":"2.0","id":1,"method":"tools/call",)"
                             R"("params":{"name":"secret","arguments":{}}})";

  open (mcp_script (kSecret));
  limit (R"({"requests_per_hour":2,"concurrent":1,"bytes_per_day":100000})");
  for (int i = 0; i < 10; i++)
    EXPECT_THAT (call (denied).body, HasSubstr ("-31004"));
  std::string now = usage ();
  EXPECT_EQ (number (now, "calls"), 0);
  EXPECT_GE (number (now.substr (now.find ("\"day\":")), "refused"), 10);
  EXPECT_EQ (number (now.substr (now.find ("\"left\":")), "bytes_per_day"), 100000);
  EXPECT_FALSE (is_refused (call ()));
}

// What holds a secret is refused before anything of it leaves: that uses nothing up, but it counts
// as refused.
TEST_F (Limits, CountNothingForWhatTheGuardRefuses)
{
  open (mcp_script (kSecret));
  limit (R"({"requests_per_hour":2,"concurrent":1,"bytes_per_day":100000})");
  for (int i = 0; i < 10; i++)
    EXPECT_THAT (call (tool ("echo", R"({"message":")" + key + "\"}")).body, HasSubstr ("-31004"));
  EXPECT_TRUE (wait_until ([this] { return n_refused_today () >= 10; })) << usage ();
  std::string now = usage ();
  EXPECT_EQ (number (now, "calls"), 0);
  EXPECT_EQ (number (now, "open"), 0);
  EXPECT_EQ (number (now.substr (now.find ("\"left\":")), "bytes_per_day"), 100000);
  EXPECT_TRUE (upstream->requests ().empty ());
  EXPECT_FALSE (is_refused (call ()));
}

// The same of the credential of a sealed binding, which is known only once the request has opened
// it.
TEST_F (Limits, CountNothingForWhatTheGuardRefusesOnceItIsOpen)
{
  open (mcp_script (kSecret));
  const std::string sealed_secret = "ghp_sealedbindingssecret0123456789abcdef";
  Response added = agent->add ("sealed", upstream->url (), sealed_secret,
                               R"(,"mode":"sealed","client":"laptop")");
  ASSERT_EQ (added.status, 201) << added.body;
  const std::string opener = json_string (added.body, "client_key");

  limit (R"({"requests_per_hour":2})", "sealed");
  for (int i = 0; i < 10; i++)
    EXPECT_THAT (
        agent->post ("sealed", opener, tool ("echo", R"({"message":")" + sealed_secret + "\"}"))
            .body,
        HasSubstr ("-31004"));
  EXPECT_TRUE (wait_until ([this] { return n_refused_today ("sealed") >= 10; }))
      << usage ("sealed");
  EXPECT_EQ (number (usage ("sealed"), "calls"), 0);
  EXPECT_FALSE (is_refused (agent->post ("sealed", opener, kToolCall)));
}

TEST_F (Limits, OfBytesHoldOverARestartAndAKill)
{
  const std::string big (2000, 'x');

  open ([&big] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (200, R"({"jsonrpc":"2.0","id":"call-1","result":{"text":")" + big + "\"}}");
  });
  limit (R"({"bytes_per_day":3000})");
  EXPECT_FALSE (is_refused (call ()));
  EXPECT_FALSE (is_refused (call ()));
  Response refused = call ();
  EXPECT_TRUE (is_refused (refused));
  EXPECT_THAT (refused.body, HasSubstr ("3000 bytes a day; again in "));

  agent->stop ();
  ASSERT_TRUE (agent->start ());
  EXPECT_TRUE (is_refused (call ()));
  // The refusal was written at once, and all that had been counted before with it.
  agent->kill ();
  ASSERT_TRUE (agent->start ());
  EXPECT_TRUE (is_refused (call ()));
  limit (R"({"bytes_per_day":1000000})");
  EXPECT_GE (number (usage (), "bytes_down"), 4000);
}

TEST_F (Limits, OfAnHourHoldOverARestart)
{
  open (mcp_script (kSecret));
  limit (R"({"requests_per_hour":3})");
  call_until_refused (10);
  agent->stop ();
  ASSERT_TRUE (agent->start ());
  call_until_refused (3);
}

TEST_F (Limits, OfATargetCountAtTheEndpointForAll)
{
  const std::string meta = R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                           R"("io.modelcontextprotocol/clientCapabilities":{}})";
  const std::string body = R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{)"
                           R"("name":"svc__echo","arguments":{},)" +
                           meta + "}}";
  const std::string headers = std::string (kAccepts) +
                              "\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n"
                              "Mcp-Name: svc__echo";

  open ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (200, R"({"jsonrpc":"2.0","id":7,"result":{"content":[],"resultType":"complete"}})");
  });
  limit (R"({"requests_per_hour":4})");
  for (int i = 0; i < 10; i++)
    {
      Response response = agent->post ("~all", key, body, headers);

      if (!is_refused (response))
        continue;
      EXPECT_THAT (std::stol ("0" + response.header ("retry-after")), AllOf (Ge (1), Le (3600)));
      EXPECT_THAT (response.body, HasSubstr ("\"id\":7"));
      return;
    }
  FAIL () << "never refused: " << usage ();
}

// A client of the newest era and a server of the older one: what passes between them for one call
// is one call.
TEST_F (Limits, CountACallBetweenErasOnce)
{
  const std::string body = modern ("tools/call", R"("name":"echo","arguments":{})", "7");

  open ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    const std::string &sent = request.body;
    std::smatch id;

    if (request.method != "POST")
      peer.reply (405, "");
    else if (!std::regex_search (sent, id, std::regex (R"("id":("[^"]*"|[0-9]+))")))
      peer.write ("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    else if (sent.find ("\"initialize\"") != std::string::npos)
      peer.reply (200,
                  R"({"jsonrpc":"2.0","id":)" + id[1].str () +
                      R"(,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},)"
                      R"("serverInfo":{"name":"old","version":"1"}}})",
                  "Mcp-Session-Id: s-1");
    else if (request.header ("mcp-session-id").empty ())
      peer.reply (400, R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,)"
                       R"("message":"Bad Request: Server not initialized"}})");
    else
      peer.reply (200, R"({"jsonrpc":"2.0","id":)" + id[1].str () + R"(,"result":{"content":[]}})");
  });
  Response answer = agent->post (
      "svc", key, body,
      std::string (kAccepts) +
          "\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: echo");

  EXPECT_EQ (answer.status, 200) << answer.body;
  EXPECT_GE (upstream->requests ().size (), 3u);
  EXPECT_EQ (number (usage (), "calls"), 1) << usage ();
}

TEST_F (Limits, HoldForLocalServers)
{
  open (mcp_script (kSecret));
  Response added =
      agent->control ("POST", "/v1/bindings",
                      R"({"name":"local","check":false,"command":{"argv":["/usr/bin/python3",")" +
                          fixtures () + R"(/stdio-server.py"],"sandbox":false}})");
  ASSERT_EQ (added.status, 201) << added.body;
  limit (R"({"requests_per_hour":4})", "local");
  Response begun = agent->post ("local", key, kInitialize, kAccepts);
  ASSERT_EQ (begun.status, 200) << begun.body;
  const std::string session =
      std::string (kAccepts) + "\r\nMcp-Session-Id: " + begun.header ("mcp-session-id");

  for (int i = 0; i < 12; i++)
    {
      Response response = agent->post ("local", key, tool ("echo", R"({"message":"x"})"), session);

      if (!is_refused (response))
        continue;
      EXPECT_THAT (response.header ("retry-after"), Not (IsEmpty ()));
      EXPECT_EQ (number (usage ("local"), "open"), 0);
      EXPECT_GE (number (usage ("local"), "calls"), 1);
      return;
    }
  FAIL () << "never refused";
}

TEST_F (Limits, AreShownWithWhatIsLeft)
{
  open (mcp_script (kSecret));
  limit (R"({"requests_per_hour":50,"bytes_per_day":100000,"per_client":{"concurrent":4}})");
  call ();
  agent->local ().send (format_request ("POST", "/mcp/svc", "localhost",
                                        "Content-Type: application/json", kToolCall));
  ASSERT_TRUE (
      wait_until ([this] { return usage ().find ("local programs") != std::string::npos; }));
  Finished shown = agent->cli ({ "bindify", "show", "svc" });
  Finished json = agent->cli ({ "bindify", "show", "--json", "svc" });

  EXPECT_THAT (shown.output, HasSubstr ("calls today, "));
  EXPECT_THAT (shown.output, HasSubstr (" of 50 requests this hour"));
  EXPECT_THAT (shown.output, HasSubstr (" of 100000 bytes today"));
  EXPECT_THAT (shown.output, HasSubstr ("story: 1 calls today"));
  EXPECT_THAT (shown.output, HasSubstr ("local programs: "));
  EXPECT_THAT (shown.output, HasSubstr ("4 of 4 at a time"));
  EXPECT_THAT (json.output, HasSubstr ("\"usage\""));
  EXPECT_THAT (json.output, HasSubstr ("\"client_id\""));
}
