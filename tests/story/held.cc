// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What happens to a request while a person is asked, and afterwards: its client is kept patient,
// what is answered later fits what has been sent already, and nobody who has gone is waited for.
// Real agent, scripted upstream, a person in a process of her own.

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/fixture/old-server.h"
#include "tests/fixture/person.h"
#include "tests/fixture/proxied.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

constexpr char kAsk[] = R"(,"policy":{"version":1,"default":"allow","rules":[)"
                        R"({"tool":"*","effect":"ask"}]})";
constexpr char kBoth[] = "Accept: application/json, text/event-stream";
constexpr char kResult[] = R"({"jsonrpc":"2.0","id":"call-1","result":{"content":[]}})";

std::string
call_with_token (const std::string &token, const std::string &id = "\"call-1\"")
{
  return R"({"jsonrpc":"2.0","id":)" + id +
         R"(,"method":"tools/call","params":{"name":"echo","_meta":{"progressToken":)" + token +
         "}}}";
}

std::string
event (const std::string &data)
{
  return "event: message\ndata: " + data + "\n\n";
}

// How one answer to a POST looks, and what becomes of it behind a head that has gone out.
struct Way
{
  const char *name;
  std::string answer; // of the upstream, raw
  std::string want;
};

std::string
counted (const std::string &status, const std::string &type, const std::string &body)
{
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type +
         "\r\nContent-Length: " + std::to_string (body.size ()) + "\r\n\r\n" + body;
}

class Held : public testing::Test
{
protected:
  void
  open (Upstream::Script script, const std::string &config = "", const std::string &more = kAsk)
  {
    upstream = std::make_unique<Upstream> (std::move (script));
    begin_agent (config);
    Response added = agent->add ("svc", upstream->url (), kSecret, more);
    ASSERT_EQ (added.status, 201) << added.body;
    key = agent->add_client ("story");
  }

  void begin_agent (const std::string &config = "")
  {
    Agent::Options options;

    options.config = (config.empty () ? "[prompts]\n" : config) + "silent_ms=300\n";
    agent = std::make_unique<Agent> (options);
    person = std::make_unique<Person> (*agent, std::vector<std::string>{ "--apart" });
    token = person->register_as ("tray");
    ASSERT_NE (token, "") << person->refusal ();
  }

  Connection post (const std::string &body = kToolCall,
                   const std::string &headers = kBoth,
                   const std::string &path = "/mcp/svc")
  {
    Connection connection = agent->tcp ();

    connection.send (format_request (
        "POST", path, agent->host (),
        "Authorization: Bearer " + key + "\r\nContent-Type: application/json\r\n" + headers, body));
    return connection;
  }

  // The answer of the person to the next question.
  void answer (const std::string &what = "allow", const std::string &scope = "once")
  {
    std::string prompt = person->event ("opened");
    Told told = person->reply (token, prompt, what, what == "allow" ? scope : "");

    EXPECT_EQ (told.status, 204) << told.body << prompt;
  }

  // Until the head has gone out without an answer.
  Response wait_for_head (Connection &connection)
  {
    Response response = connection.read_head ();

    EXPECT_EQ (response.status, 200);
    EXPECT_EQ (response.header ("content-type"), "text/event-stream");
    EXPECT_EQ (response.header ("x-bindify-waiting"), "approval");
    return response;
  }

  // The rest of it, without what says nothing.
  std::string read_rest (Connection &connection, Response &response)
  {
    std::string text, part;

    while (!(part = connection.read_body (response)).empty ())
      text += part;
    EXPECT_TRUE (response.is_complete);
    for (size_t at; (at = text.find (":\n\n")) == 0;)
      text.erase (0, 3);
    return text;
  }

  std::string last_close ()
  {
    return member_of (person->event ("closed"), "how");
  }

  static constexpr char kSecret[] = "sk-held-0123456789abcdefghijklmnopqrstuvwxyz";
  std::unique_ptr<Upstream> upstream;
  std::unique_ptr<Agent> agent;
  std::unique_ptr<Person> person;
  std::string token, key;
};

class HeldAnswer : public Held, public testing::WithParamInterface<Way>
{
};

const Way ways[] = {
  { "Json", counted ("200 OK", "application/json", kResult), event (kResult) },
  { "JsonOnLines",
    counted ("200 OK",
             "application/json; charset=utf-8",
             "{\n\"jsonrpc\":\"2.0\",\r\n\"id\":\"call-1\",\"result\":{}}\n"),
    event (R"({ "jsonrpc":"2.0",  "id":"call-1","result":{}} )") },
  { "Events", counted ("200 OK", "text/event-stream", "id: 1\n" + event (kResult)),
    "id: 1\n" + event (kResult) },
  { "ErrorWithAStatus",
    counted ("400 Bad",
             "application/json",
             R"({"jsonrpc":"2.0","id":null,"error":{"code":-32602,"message":"x"}})"),
    event (R"({"jsonrpc":"2.0","id":"call-1","error":{"code":-32602,"message":"x"}})") },
  { "Trouble", counted ("503 Busy", "text/html", "<p>"),
    event (R"({"jsonrpc":"2.0","id":"call-1","error":{"code":-31011,"message":"The service )"
           R"(answered with HTTP 503 and said no more","data":{"origin":"agent","reason":)"
           R"("upstream_failed"}}})") },
  { "Nonsense", "no HTTP at all\r\n\r\n",
    event (R"({"jsonrpc":"2.0","id":"call-1","error":{"code":-31011,"message":"The service )"
           R"(behind “svc” failed: it does not speak HTTP as it should","data":{"origin":)"
           R"("agent","reason":"upstream_failed"}}})") },
};

TEST_P (HeldAnswer, ComesAsEventsOfTheStreamThatHasBegun)
{
  open ([] (auto &peer, auto &) {
    peer.write (GetParam ().answer);
    peer.finish ();
  });
  Connection connection = post ();
  Response response = wait_for_head (connection);

  EXPECT_EQ (upstream->requests ().size (), 0u);
  answer ();

  EXPECT_EQ (read_rest (connection, response), GetParam ().want);
  EXPECT_EQ (upstream->requests ().size (), 1u);
}

INSTANTIATE_TEST_SUITE_P (Ways, HeldAnswer, testing::ValuesIn (ways), [] (const auto &info) {
  return info.param.name;
});

} // namespace

// Each door and each place for a key.
TEST_F (Held, EveryDoorKeepsItsClientsPatient)
{
  open ([] (auto &peer, auto &) { peer.reply (200, kResult); });
  Person other (*agent);
  int local = other.ask ("/mcp/svc", kToolCall);

  answer ();
  EXPECT_EQ (other.answer (local).status, 200);
  for (const std::string &path : { std::string ("/mcp/svc"), "/mcp/svc/" + key.substr (10) })
    {
      Connection connection = post (kToolCall, kBoth, path);
      Response response = wait_for_head (connection);

      answer ();
      EXPECT_EQ (read_rest (connection, response), event (kResult)) << path;
      // And it serves the next one.
      connection.send (
          format_request ("POST", path, agent->host (),
                          "Authorization: Bearer " + key + "\r\nContent-Type: application/json",
                          R"({"jsonrpc":"2.0","id":2,"method":"ping"})"));
      EXPECT_EQ (connection.read_response ().status, 200);
    }
}

TEST_F (Held, ARefusalComesAsAnEvent)
{
  open ([] (auto &peer, auto &) { peer.reply (200, kResult); });
  Connection connection = post ();
  Response response = wait_for_head (connection);

  answer ("deny");

  EXPECT_THAT (read_rest (connection, response),
               AllOf (StartsWith ("event: message\ndata: {"), HasSubstr (R"("id":"call-1")"),
                      HasSubstr (R"("reason":"denied")")));
  EXPECT_EQ (upstream->requests ().size (), 0u);
}

TEST_F (Held, ProgressIsToldToWhoeverAsksForIt)
{
  open ([] (auto &peer, auto &) { peer.reply (200, kResult); });
  Connection connection = post (call_with_token ("\"t\\u0041\""));
  Response response = wait_for_head (connection);

  EXPECT_THAT (connection.read_body_until (response, "}\n\n"),
               AllOf (HasSubstr (R"("method":"notifications/progress")"),
                      HasSubstr (R"("progressToken":"t\u0041")"),
                      HasSubstr (R"("message":"Waiting for a person to allow this")")));
  answer ();
  EXPECT_EQ (read_rest (connection, response), event (kResult));
}

// J01: the guard stands where answers leave, whatever form they leave in.
TEST_F (Held, J01ASecretInALateAnswerIsMasked)
{
  const std::string stars (strlen (kSecret), '*');
  const std::string body = R"({"jsonrpc":"2.0","id":"call-1","result":{"content":[{"text":"%"}]}})";
  auto with = [&body] (const std::string &text) {
    return std::string (body).replace (body.find ('%'), 1, text);
  };

  open ([&with] (auto &peer, auto &request) {
    std::string text = with (kSecret);

    if (request.body.find ("\"stream\"") == std::string::npos)
      {
        peer.reply (200, text);
        return;
      }
    peer.begin_events ();
    peer.chunk ("data: " + text.substr (0, text.find ("0123")));
    peer.chunk (text.substr (text.find ("0123")) + "\n\n");
    peer.end_chunks ();
  });
  for (const char *name : { "body", "stream" })
    {
      Connection connection =
          post (R"({"jsonrpc":"2.0","id":"call-1","method":"tools/call","params":{"name":")" +
                std::string (name) + R"("}})");
      Response response = wait_for_head (connection);

      answer ();
      EXPECT_THAT (read_rest (connection, response),
                   AllOf (HasSubstr ("data: " + with (stars) + "\n\n"), Not (HasSubstr (kSecret))));
    }
  EXPECT_THAT (agent->control ("GET", "/v1/events").body, HasSubstr ("security_violation"));
}

// H04: nobody is asked any more for a client that has gone, before the head and behind it.
TEST_F (Held, H04WhoHangsUpIsNotAskedForAnyMore)
{
  open ([] (auto &peer, auto &) { peer.reply (200, kResult); });
  {
    Connection early = post ();

    person->event ("opened");
  }
  EXPECT_EQ (last_close (), "withdrawn");
  {
    Connection late = post ();

    wait_for_head (late);
    person->event ("opened");
  }
  EXPECT_EQ (last_close (), "withdrawn");
  EXPECT_EQ (upstream->requests ().size (), 0u);
}

// The answer finds nobody: it is too late, and does no harm.
TEST_F (Held, AnAnswerForAClientWhoseConnectionWasResetChangesNothing)
{
  open ([] (auto &peer, auto &) { peer.reply (200, kResult); });
  struct linger at_once = { 1, 0 };
  Connection connection = post ();
  std::string prompt;

  wait_for_head (connection);
  prompt = person->event ("opened");
  setsockopt (connection.fd (), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  connection.close ();
  EXPECT_EQ (last_close (), "withdrawn");
  EXPECT_EQ (person->reply (token, prompt, "allow", "once").status, 404);
  EXPECT_EQ (upstream->requests ().size (), 0u);
}

TEST_F (Held, ACalledOffRequestWaitsNoLonger)
{
  open ([] (auto &peer, auto &) { peer.reply (200, kResult); });
  const std::string cancel =
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"call-1"}})";
  const std::string other =
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"call-2"}})";
  std::string mine = key;
  Connection connection = post ();
  Response response = wait_for_head (connection);

  person->event ("opened");
  // Neither another request nor another client's word counts.
  post (other).read_response ();
  key = agent->add_client ("second");
  post (cancel).read_response ();
  EXPECT_THAT (agent->control ("GET", "/v1/prompts").body, HasSubstr ("echo"));
  key = mine;
  EXPECT_EQ (post (cancel).read_response ().status, 202);

  EXPECT_EQ (read_rest (connection, response), "");
  EXPECT_EQ (last_close (), "withdrawn");
  for (const Upstream::Request &request : upstream->requests ())
    EXPECT_THAT (request.body, Not (HasSubstr ("tools/call")));
}

// A client of JSON alone is told to come back; what is answered meanwhile is for that.
TEST_F (Held, ALateAnswerServesTheRepetitionAndNoMore)
{
  open ([] (auto &peer, auto &) { peer.reply (200, kResult); },
        "[prompts]\nwait_ms=1000\nhold_ms=30000\nlife_ms=60000\n");
  const std::string json = "Accept: application/json";
  Response waited = post (kToolCall, json).read_response ();

  EXPECT_EQ (waited.status, 200);
  EXPECT_EQ (waited.header ("content-type"), "application/json");
  EXPECT_THAT (waited.body, HasSubstr ("approval_pending"));
  answer ();
  EXPECT_EQ (post (kToolCall, json).read_response ().body, kResult);
  EXPECT_THAT (post (kToolCall, json).read_response ().body, HasSubstr ("approval_pending"));
  EXPECT_NE (person->event ("opened"), "");
}

TEST_F (Held, AnArrayWaitsAndIsAnswered)
{
  open ([] (auto &peer, auto &request) {
    if (request.body.find ("initialize\"") != std::string::npos)
      peer.reply (200,
                  R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-03-26",)"
                  R"("capabilities":{},"serverInfo":{"name":"s","version":"1"}}})",
                  "Mcp-Session-Id: s-1");
    else
      peer.reply (200, R"([{"jsonrpc":"2.0","id":1,"result":1}])");
  });
  post (R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":)"
        R"("2025-03-26","capabilities":{},"clientInfo":{"name":"t","version":"1"}}})")
      .read_response ();
  Connection connection = post ("[" + call_with_token ("1", "1") + "]",
                                std::string (kBoth) + "\r\nMcp-Session-Id: s-1");
  Response response = wait_for_head (connection);

  EXPECT_THAT (connection.read_body_until (response, "}\n\n"), HasSubstr (R"("progressToken":1)"));
  answer ();
  EXPECT_EQ (read_rest (connection, response), event (R"([{"jsonrpc":"2.0","id":1,"result":1}])"));
}

TEST_F (Held, WhenTheAgentStopsWhatIsHeldIsRefused)
{
  open ([] (auto &peer, auto &) { peer.reply (200, kResult); });
  Connection connection = post ();
  Response response = wait_for_head (connection);

  person->event ("opened");
  agent->process ().signal (SIGTERM);

  EXPECT_THAT (read_rest (connection, response),
               AllOf (HasSubstr ("approval_dismissed"), HasSubstr ("call-1")));
  EXPECT_EQ (agent->stop (), 0);
  EXPECT_EQ (upstream->requests ().size (), 0u);
}

// --- 2024-11-05: the answer is awaited on another stream ---

class HeldOld : public Held
{
protected:
  void open_old ()
  {
    begin_agent ();
    Response added = agent->add ("svc", server.url (), kSecret, kAsk);
    ASSERT_EQ (added.status, 201) << added.body;
    key = agent->add_client ("story");
    stream = agent->tcp ();
    stream.send (format_request ("GET", "/mcp/svc/sse", agent->host (),
                                 "Authorization: Bearer " + key + "\r\nAccept: text/event-stream"));
    events = stream.read_head ();
    std::string text = stream.read_body_until (events, "\n\n");
    endpoint = text.substr (text.find ("data: ") + 6);
    endpoint.erase (endpoint.find ('\n'));
  }

  std::string read_until (const std::string &marker)
  {
    return stream.read_body_until (events, marker);
  }

  OldServer server{ kSecret };
  Connection stream{ -1 };
  Response events;
  std::string endpoint;
};

TEST_F (HeldOld, TheMessageCountsAsTakenAndTheRestComesOnTheStream)
{
  open_old ();
  Connection connection = post (call_with_token ("9"), "Accept: */*", endpoint);

  EXPECT_EQ (connection.read_response ().status, 202);
  EXPECT_THAT (read_until (R"("progressToken":9)"), HasSubstr ("notifications/progress"));
  EXPECT_EQ (server.posts (0).size (), 0u);
  answer ();
  EXPECT_THAT (read_until ("call-1"), HasSubstr ("result"));
  EXPECT_EQ (server.posts (1).size (), 1u);
}

// Who asked is known by the stream when the connection of the message has been closed.
TEST_F (HeldOld, ALocalProgramMayCloseTheConnectionOfItsMessage)
{
  open_old ();
  stream = agent->local ();
  stream.send (format_request ("GET", "/mcp/svc/sse", "localhost", "Accept: text/event-stream"));
  events = stream.read_head ();
  std::string text = stream.read_body_until (events, "\n\n");
  endpoint = text.substr (text.find ("data: ") + 6);
  endpoint.erase (endpoint.find ('\n'));
  {
    Connection connection = agent->local ();

    connection.send (format_request ("POST", endpoint, "localhost",
                                     "Content-Type: application/json\r\nConnection: close",
                                     kToolCall));
    EXPECT_EQ (connection.read_response ().status, 202);
  }
  answer ();

  EXPECT_THAT (read_until ("call-1"), HasSubstr ("result"));
}

TEST_F (HeldOld, ARefusalAndTroubleComeOnTheStream)
{
  open_old ();
  EXPECT_EQ (post (kToolCall, "Accept: */*", endpoint).read_response ().status, 202);
  answer ("dismiss");
  EXPECT_THAT (read_until ("approval_dismissed"), HasSubstr ("call-1"));

  server.post_status = 500;
  EXPECT_EQ (post (kToolCall, "Accept: */*", endpoint).read_response ().status, 202);
  answer ();
  EXPECT_THAT (read_until ("HTTP 500"), HasSubstr ("call-1"));
}

TEST_F (HeldOld, H04WhenTheStreamEndsNobodyIsAskedAnyMore)
{
  open_old ();
  EXPECT_EQ (post (kToolCall, "Accept: */*", endpoint).read_response ().status, 202);
  person->event ("opened");
  stream.close ();

  EXPECT_EQ (last_close (), "withdrawn");
  EXPECT_EQ (server.posts (0).size (), 0u);
}

TEST_F (HeldOld, WhenTheAgentStopsWhatIsHeldIsRefused)
{
  open_old ();
  EXPECT_EQ (post (kToolCall, "Accept: */*", endpoint).read_response ().status, 202);
  person->event ("opened");
  agent->process ().signal (SIGTERM);

  EXPECT_THAT (read_until ("approval_dismissed"), HasSubstr ("call-1"));
  EXPECT_EQ (agent->stop (), 0);
}
