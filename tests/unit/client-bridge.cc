// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client-bridge.h"

#include <csignal>

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

TEST_F (Bridge, CarriesTheSessionFromTheHandshakeToTheDelete)
{
  shake_hands ();
  program->write (request ("1", "tools/list"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->json (200, result ("1", "{}"));
  ASSERT_TRUE (program->wait_for_lines (1));
  program->close_input ();

  EXPECT_EQ (program->wait (), 0);
  EXPECT_THAT (program->lines, ElementsAre (result ("1", "{}")));
  EXPECT_THAT (agent.lines (),
               ElementsAre ("POST /mcp/github", "POST /mcp/github", "GET /mcp/github",
                            "POST /mcp/github", "DELETE /mcp/github"));
  EXPECT_EQ (agent.requests[0].header ("mcp-session-id"), "(none)");
  EXPECT_EQ (agent.requests[0].header ("accept"), "application/json, text/event-stream");
  for (gsize i = 1; i < agent.requests.size (); i++)
    {
      EXPECT_EQ (agent.requests[i].header ("mcp-session-id"), "session-1") << i;
      EXPECT_EQ (agent.requests[i].header ("mcp-protocol-version"), "2025-06-18") << i;
    }
  EXPECT_EQ (program->errors, "");
}

TEST_F (Bridge, HoldsRequestsBackUntilTheHandshakeIsOver)
{
  AnswerPtr greeting, ready;
  agent.handler = [&] (const Request &request, const AnswerPtr &answer) {
    if (is_method (request, "initialize"))
      greeting = answer;
    else if (is_method (request, "notifications/initialized"))
      ready = answer;
    else
      answer_handshake (request, answer);
  };
  start ();
  program->write (std::string (initialize) + initialized + request ("1", "tools/list"));
  ASSERT_TRUE (spin ([&] { return greeting != nullptr; }));
  // What does not wait has gone ahead; the rest has not been sent meanwhile.
  program->write (modern ("\"m\"", "tools/call", "x"));
  ASSERT_TRUE (wait_for_calls (1));
  EXPECT_EQ (agent.requests.size (), 2u);

  greeting->header ("Mcp-Session-Id", "late");
  greeting->json (200, initialize_result);
  ASSERT_TRUE (spin ([&] { return ready != nullptr; }));
  EXPECT_EQ (calls.size (), 1u);
  ready->empty (202);
  ASSERT_TRUE (wait_for_calls (2));
  EXPECT_TRUE (is_method (calls[1].request, "tools/list"));
  EXPECT_EQ (calls[1].request.header ("mcp-session-id"), "late");
}

TEST_F (Bridge, AnswersInTheServersOrderNotTheClients)
{
  shake_hands ();
  program->write (request ("1", "tools/list") + request ("\"two\"", "prompts/list"));
  ASSERT_TRUE (wait_for_calls (2));
  gsize first = is_method (calls[0].request, "tools/list") ? 0 : 1;
  calls[1 - first].answer->json (200, result ("\"two\"", "{}"));
  ASSERT_TRUE (program->wait_for_lines (1));
  calls[first].answer->json (200, result ("1", "{}"));
  ASSERT_TRUE (program->wait_for_lines (2));
  EXPECT_THAT (program->lines, ElementsAre (result ("\"two\"", "{}"), result ("1", "{}")));
}

TEST_F (Bridge, LetsTheServerAskInTheMiddleOfACall)
{
  shake_hands ();
  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->stream ();
  calls[0].answer->event (R"({"jsonrpc":"2.0","id":"q","method":"sampling/createMessage"})");
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines[0], HasSubstr ("sampling/createMessage"));

  program->write (result ("\"q\"", R"({"text":"hello"})") + "\n");
  ASSERT_TRUE (wait_for_calls (2));
  EXPECT_EQ (calls[1].request.header ("mcp-session-id"), "session-1");
  EXPECT_EQ (calls[1].request.body, result ("\"q\"", R"({"text":"hello"})"));
  calls[1].answer->empty (202);

  calls[0].answer->event (result ("1", R"({"content":[]})"));
  calls[0].answer->end ();
  ASSERT_TRUE (program->wait_for_lines (2));
  EXPECT_EQ (program->lines[1], result ("1", R"({"content":[]})"));
}

TEST_F (Bridge, MakesOneLineOfEachEventHoweverItComes)
{
  shake_hands ();
  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  std::string stream = ": hello\r\nid: 1\r\ndata:\r\n\r\n"
                       "data: {\r\ndata:   \"jsonrpc\" : \"2.0\",\r\ndata: \"method\":\"n\",\r\n"
                       "data: \"params\": {\"a\": 1.0, \"b\": \"x \\n y\"} }\r\n\r\n"
                       "data: [" +
                       result ("1", "{}") + " , {\"jsonrpc\":\"2.0\",\"method\":\"m\"}]\n\n";
  calls[0].answer->stream ();
  for (char byte : stream)
    {
      gsize before = calls[0].answer->n_written ();

      calls[0].answer->bytes (std::string (1, byte));
      ASSERT_TRUE (spin ([&] { return calls[0].answer->n_written () > before; }));
    }
  calls[0].answer->end ();
  ASSERT_TRUE (program->wait_for_lines (3));
  EXPECT_THAT (program->lines,
               ElementsAre (R"({"jsonrpc":"2.0","method":"n","params":{"a":1.0,"b":"x \n y"}})",
                            result ("1", "{}"), R"({"jsonrpc":"2.0","method":"m"})"));
}

TEST_F (Bridge, PassesAMessageOfSeveralMegabytesBothWays)
{
  std::string big (5 * 1024 * 1024, 'x');
  shake_hands ();
  program->write (R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + big +
                  "\"}}\n");
  ASSERT_TRUE (wait_for_calls (1));
  EXPECT_GT (calls[0].request.body.size (), big.size ());
  calls[0].answer->json (200, result ("1", "\"" + big + "\""));
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_EQ (program->lines[0].size (), result ("1", "\"" + big + "\"").size ());
}

struct BadLine
{
  const char *name, *line, *want;
};

class BridgeBadLine : public Bridge, public testing::WithParamInterface<BadLine>
{
};

TEST_P (BridgeBadLine, IsAnsweredAndTheConversationGoesOn)
{
  shake_hands ();
  program->write (std::string (GetParam ().line) + "\n\n" + request ("7", "ping"));
  ASSERT_TRUE (wait_for_calls (1));
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines[0], StartsWith (GetParam ().want));
  EXPECT_TRUE (is_method (calls[0].request, "ping"));
}

INSTANTIATE_TEST_SUITE_P (
    Lines,
    BridgeBadLine,
    testing::Values (
        BadLine{ "NotJson", "hello", R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700)" },
        BadLine{ "TwoValues", "{} {}", R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700)" },
        BadLine{ "NotRpc", R"({"a":1})", R"({"jsonrpc":"2.0","id":null,"error":{"code":-32600)" },
        BadLine{ "DuplicateKey", R"({"jsonrpc":"2.0","id":1,"method":"a","method":"b"})",
                 R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700)" }),
    case_name<BadLine>);

// What the HTTP side says, and what becomes of it on stdout for request 1.
struct AnswerCase
{
  const char *name;
  const char *method;
  guint status;
  const char *type, *body, *want;
};

class BridgeAnswer : public Bridge, public testing::WithParamInterface<AnswerCase>
{
};

TEST_P (BridgeAnswer, BecomesALineWithTheRequestsId)
{
  const AnswerCase &c = GetParam ();
  shake_hands ();
  program->write (request ("1", c.method));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->text (c.status, c.type, c.body);
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines[0], StartsWith (c.want));
  program->close_input ();
  EXPECT_EQ (program->wait (), 0);
  EXPECT_THAT (program->lines, SizeIs (1));
}

#define JSON_TYPE "application/json"
INSTANTIATE_TEST_SUITE_P (
    Answers,
    BridgeAnswer,
    testing::Values (
        AnswerCase{ "RefusalOfTheAgent", "tools/call", 200, JSON_TYPE,
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-31004,"message":"no"}})",
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-31004,"message":"no"}})" },
        AnswerCase{ "HttpErrorWithId", "tools/call", 400, JSON_TYPE,
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-31001,"message":"gone"}})",
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-31001,"message":"gone"}})" },
        AnswerCase{ "HttpErrorWithoutId", "tools/call", 400, JSON_TYPE,
                    R"({"jsonrpc":"2.0","error":{"code":-32000, "message":"bad"},"id":null})",
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"bad"}})" },
        AnswerCase{ "HttpErrorInHtml", "tools/call", 503, "text/html", "<html>",
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-31011,)" },
        AnswerCase{ "EmptyBody", "tools/call", 200, JSON_TYPE, "",
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-31011,)" },
        AnswerCase{ "NotJson", "tools/call", 200, JSON_TYPE, "nonsense",
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-31011,)" },
        AnswerCase{ "StreamWithoutResponse", "tools/call", 200, "text/event-stream", ": hi\n\n",
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-31011,)" },
        AnswerCase{ "AcceptedAndForgotten", "tools/call", 202, JSON_TYPE, "",
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-31011,)" },
        // A client that probes must take a legacy server for one (mcp.md A.8).
        AnswerCase{ "ProbeOfLegacyServer", "server/discover", 400, JSON_TYPE,
                    R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"x"},"id":null})",
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,)" },
        AnswerCase{ "ProbeOfPlainServer", "server/discover", 404, "text/html", "<html>",
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,)" },
        AnswerCase{ "ProbeOfModernServer", "server/discover", 400, JSON_TYPE,
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"v"}})",
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"v"}})" },
        AnswerCase{ "ProbeOfServerInTrouble", "server/discover", 502, JSON_TYPE,
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-31011,"message":"down"}})",
                    R"({"jsonrpc":"2.0","id":1,"error":{"code":-31011,"message":"down"}})" }),
    case_name<AnswerCase>);

TEST_F (Bridge, MirrorsModernRequestsIntoHeaders)
{
  start ();
  program->write (modern ("1", "tools/call", "Grüße"));
  ASSERT_TRUE (wait_for_calls (1));
  EXPECT_EQ (calls[0].request.header ("mcp-protocol-version"), "2026-07-28");
  EXPECT_EQ (calls[0].request.header ("mcp-method"), "tools/call");
  EXPECT_EQ (calls[0].request.header ("mcp-name"), "=?base64?R3LDvMOfZQ==?=");
  EXPECT_EQ (calls[0].request.header ("mcp-session-id"), "(none)");
  calls[0].answer->json (200, result ("1", "{}"));
  ASSERT_TRUE (program->wait_for_lines (1));
  program->close_input ();
  EXPECT_EQ (program->wait (), 0);
  EXPECT_EQ (count ("DELETE /mcp/github"), 0u);
}

static std::string
cancelled (const std::string &id)
{
  return R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":)" + id +
         "}}\n";
}

TEST_F (Bridge, CancelsAModernRequestByClosingIt)
{
  start ();
  program->write (modern ("1", "tools/call", "slow") + modern ("2", "tools/call", "quick"));
  ASSERT_TRUE (wait_for_calls (2));
  gsize slow = calls[0].request.header ("mcp-name") == "slow" ? 0 : 1;
  calls[slow].answer->stream ();
  program->write (cancelled ("1"));
  EXPECT_TRUE (spin ([&] {
    calls[slow].answer->bytes (": still there?\n\n");
    return calls[slow].answer->is_aborted ();
  }));
  calls[1 - slow].answer->json (200, result ("2", "{}"));
  ASSERT_TRUE (program->wait_for_lines (1));
  program->close_input ();
  EXPECT_EQ (program->wait (), 0);
  // No answer to the cancelled one, and no notification upstream.
  EXPECT_THAT (program->lines, ElementsAre (result ("2", "{}")));
  EXPECT_EQ (agent.requests.size (), 2u);
}

TEST_F (Bridge, ForwardsTheCancelOfALegacyRequest)
{
  shake_hands ();
  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  program->write (cancelled ("1"));
  ASSERT_TRUE (wait_for_calls (2));
  EXPECT_TRUE (is_method (calls[1].request, "notifications/cancelled"));
  calls[1].answer->empty (202);
  // The server ends the call without an answer, as it should: none is made up.
  calls[0].answer->stream ();
  calls[0].answer->end ();
  program->write (request ("2", "ping"));
  ASSERT_TRUE (wait_for_calls (3));
  calls[2].answer->json (200, result ("2", "{}"));
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines, ElementsAre (result ("2", "{}")));
}

TEST_F (Bridge, TellsTheClientThatAListenStreamIsOver)
{
  start ();
  program->write (modern ("\"l\"", "subscriptions/listen", "x"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->stream ();
  calls[0].answer->end ();
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines[0], HasSubstr (R"("notifications/cancelled")"));
  EXPECT_THAT (program->lines[0], HasSubstr (R"("requestId":"l")"));
}

TEST_F (Bridge, TellsTheClientThatAListenStreamWasNeverOpened)
{
  start ();
  program->write (modern ("\"l\"", "subscriptions/listen", "x"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->text (503, "text/html", "<html>");
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines[0],
               StartsWith (R"({"jsonrpc":"2.0","id":"l","error":{"code":-31011,)"));
}

TEST_F (Bridge, RelaysTheServersOwnStreamAndLateAnswers)
{
  AnswerPtr stream;
  agent.handler = [&] (const Request &request, const AnswerPtr &answer) {
    if (request.method == "GET" && stream == nullptr)
      {
        stream = answer;
        answer->stream ();
        answer->event (R"({"jsonrpc":"2.0","id":5,"method":"ping"})");
      }
    else
      answer_handshake (request, answer);
  };
  shake_hands ();
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines[0], HasSubstr ("ping"));

  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->empty (202);
  stream->event (result ("1", "{}"));
  ASSERT_TRUE (program->wait_for_lines (2));
  EXPECT_EQ (program->lines[1], result ("1", "{}"));
}

TEST_F (Bridge, OpensABrokenStreamAgainWhereItWas)
{
  std::vector<AnswerPtr> streams;
  agent.handler = [&] (const Request &request, const AnswerPtr &answer) {
    if (request.method != "GET")
      {
        answer_handshake (request, answer);
        return;
      }
    streams.push_back (answer);
    answer->stream ();
    answer->bytes ("retry: 1\nid: seven\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"n\"}\n\n");
    if (streams.size () == 1)
      answer->end ();
  };
  shake_hands ();
  ASSERT_TRUE (spin ([&] { return streams.size () == 2; }));
  EXPECT_EQ (agent.requests.back ().header ("last-event-id"), "seven");
  EXPECT_EQ (agent.requests.back ().header ("mcp-session-id"), "session-1");
}

TEST_F (Bridge, AnswersWhatIsInFlightWhenStdinEnds)
{
  shake_hands ();
  program->write (request ("1", "tools/call"));
  program->close_input ();
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->json (200, result ("1", "{}"));
  EXPECT_EQ (program->wait (), 0);
  EXPECT_THAT (program->lines, ElementsAre (result ("1", "{}")));
  EXPECT_EQ (agent.lines ().back (), "DELETE /mcp/github");
}

TEST_F (Bridge, DoesNotWaitForEverWhenStdinEnds)
{
  shake_hands ();
  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  program->close_input ();
  EXPECT_EQ (program->wait (), 0);
  EXPECT_THAT (program->lines, IsEmpty ());
  EXPECT_EQ (agent.lines ().back (), "DELETE /mcp/github");
}

TEST_F (Bridge, EndsItsSessionOnSignals)
{
  for (auto [number, status] : { std::pair (SIGTERM, 0), std::pair (SIGINT, 130) })
    {
      gsize n_before = count ("DELETE /mcp/github");

      agent.requests.clear ();
      shake_hands ();
      program->signal (number);
      EXPECT_EQ (program->wait (), status);
      EXPECT_EQ (count ("DELETE /mcp/github"), 1u) << n_before;
    }
}

TEST_F (Bridge, FailsRequestsWhenTheAgentGoesAndStaysAlive)
{
  shake_hands ();
  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  calls.clear ();
  agent.stop ();
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines[0],
               StartsWith (R"({"jsonrpc":"2.0","id":1,"error":{"code":-32603,)"));

  program->write (request ("2", "ping"));
  ASSERT_TRUE (program->wait_for_lines (2));
  EXPECT_THAT (program->lines[1], HasSubstr (R"("reason":"no_agent")"));
  EXPECT_THAT (program->lines[1], HasSubstr ("Try: "));
  program->close_input ();
  EXPECT_EQ (program->wait (), 0);
}

TEST (BridgeAlone, SaysThatThereIsNoAgentAndEnds)
{
  PrivateDir dir;
  Program program ("bindify-mcp", { "--socket", dir.file ("none.sock"), "github" });

  program.write (std::string (initialize) + request ("1", "ping"));
  EXPECT_EQ (program.wait (), 2);
  ASSERT_THAT (program.lines, SizeIs (2));
  EXPECT_THAT (program.lines[0], StartsWith (R"({"jsonrpc":"2.0","id":0,"error":)"));
  EXPECT_THAT (program.lines[0], HasSubstr (R"("reason":"no_agent")"));
  EXPECT_THAT (program.lines[1], StartsWith (R"({"jsonrpc":"2.0","id":1,"error":)"));
  EXPECT_THAT (program.errors, StartsWith ("bindify: No agent answers on "));
}

TEST_F (Bridge, TakesNoMoreFromTheServerThanTheClientReads)
{
  const gsize n_events = 100, event_bytes = 100 * 1024;
  std::string event = R"({"jsonrpc":"2.0","method":")" + std::string (event_bytes, 'x') + "\"}";
  gsize n_sent = 0;

  shake_hands ();
  program->set_reading (false);
  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  AnswerPtr answer = calls[0].answer;
  answer->stream ();

  // Offers one event after the other until the bridge has not taken any for a while.
  gint64 last_progress = g_get_monotonic_time ();
  gsize n_written = 0;
  while (n_sent < n_events && g_get_monotonic_time () - last_progress < G_TIME_SPAN_SECOND / 4)
    {
      if (answer->n_written () >= n_sent * event_bytes)
        {
          answer->event (event);
          n_sent++;
        }
      g_main_context_iteration (nullptr, FALSE);
      if (answer->n_written () > n_written)
        {
          n_written = answer->n_written ();
          last_progress = g_get_monotonic_time ();
        }
    }
  EXPECT_LT (n_written, 4u * 1024 * 1024) << "the bridge piles up what its client does not read";

  // Nothing is lost once the client reads again.
  program->set_reading (true);
  for (; n_sent < n_events; n_sent++)
    answer->event (event);
  answer->event (result ("1", "{}"));
  answer->end ();
  ASSERT_TRUE (program->wait_for_lines (n_events + 1));
  EXPECT_EQ (program->lines.back (), result ("1", "{}"));
}

TEST_F (Bridge, KeepsConnectionsForTheNextRequest)
{
  shake_hands ();
  guint n_before = agent.n_connections ();
  for (int i = 1; i <= 10; i++)
    {
      program->write (request (std::to_string (i), "ping"));
      ASSERT_TRUE (wait_for_calls (i));
      calls.back ().answer->json (200, result (std::to_string (i), "{}"));
      ASSERT_TRUE (program->wait_for_lines (i));
    }
  EXPECT_LE (agent.n_connections (), n_before + 1);
}

TEST_F (Bridge, EndsWhenItsReaderIsGone)
{
  shake_hands ();
  // Not by closing stdin: the client died and only its end of stdout is closed.
  program->close_output ();
  program->write (request ("1", "ping") + request ("2", "ping"));
  ASSERT_TRUE (wait_for_calls (2));
  calls[0].answer->json (200, result ("1", "{}"));
  calls[1].answer->json (200, result ("2", "{}"));
  EXPECT_EQ (program->wait (), 0);
  EXPECT_EQ (agent.lines ().back (), "DELETE /mcp/github");
}

// --- The HTTP+SSE transport of 2024-11-05 ---

// A server that knows no POST where the binding is, but has a stream that names an endpoint.
class BridgeSse : public Bridge
{
protected:
  static constexpr char kEndpoint[] = "/mcp/github/messages?sessionId=abc";

  void SetUp () override
  {
    agent.handler = [this] (const Request &request, const AnswerPtr &answer) {
      if (request.method == "GET")
        {
          stream = answer;
          answer->stream ();
          answer->bytes ("event: endpoint\ndata: " + endpoint + "\n\n");
        }
      else if (request.path == "/mcp/github")
        answer->text (404, "text/html", "<h1>Cannot POST</h1>");
      else
        calls.push_back ({ request, answer });
    };
  }

  std::string endpoint = kEndpoint;
  AnswerPtr stream;
};

TEST_F (BridgeSse, SendsTheHandshakeOnceMoreAndHoldsTheRestBack)
{
  start ();
  program->write (initialize);
  program->write (initialized);
  program->write (request ("1", "tools/list"));
  ASSERT_TRUE (wait_for_calls (1));
  EXPECT_THAT (agent.lines (), ElementsAre ("POST /mcp/github", "GET /mcp/github/sse",
                                            std::string ("POST ") + kEndpoint));
  EXPECT_EQ (calls[0].request.body + "\n", initialize);
  calls[0].answer->empty (202);
  stream->event (initialize_result);
  ASSERT_TRUE (wait_for_calls (2));
  EXPECT_TRUE (is_method (calls[1].request, "notifications/initialized"));
  calls[1].answer->text (202, "text/plain", "Accepted");
  // The answer may overtake the 202.
  ASSERT_TRUE (wait_for_calls (3));
  stream->event (result ("1", "{}"));
  ASSERT_TRUE (program->wait_for_lines (2));
  calls[2].answer->empty (202);
  program->close_input ();

  EXPECT_EQ (program->wait (), 0);
  EXPECT_THAT (program->lines, ElementsAre (initialize_result, result ("1", "{}")));
  EXPECT_EQ (program->errors, "");
  // No GET of a session, no DELETE.
  EXPECT_THAT (agent.requests, SizeIs (5));
}

TEST_F (BridgeSse, EndsWhatWaitsWhenTheStreamEnds)
{
  start ();
  program->write (initialize);
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->empty (202);
  stream->end ();
  ASSERT_TRUE (program->wait_for_lines (1));

  EXPECT_THAT (program->lines[0], HasSubstr ("\"id\":0,\"error\""));
  program->write (request ("1", "tools/list"));
  ASSERT_TRUE (wait_for_calls (2));
  EXPECT_EQ (calls[1].request.path, kEndpoint);
}

// It posts to the agent only, and below its binding only, whatever the stream says.
TEST_F (BridgeSse, TakesNoEndpointButOneBelowTheBinding)
{
  for (const char *bad :
       { "http://evil.example/mcp/github/messages", "//evil.example/m",
         "/mcp/other/messages?sessionId=abc", "/mcp/githubber/messages", "/v1/lock",
         "/mcp/github/%2e%2e/other", "/mcp/github/a b", "/mcp/github/m#x" })
    {
      endpoint = bad;
      start ();
      program->write (initialize);
      ASSERT_TRUE (program->wait_for_lines (1)) << bad;
      EXPECT_THAT (program->lines[0], HasSubstr ("HTTP 404")) << bad;
      program->close_input ();
      EXPECT_EQ (program->wait (), 0);
      EXPECT_THAT (calls, IsEmpty ()) << bad;
    }
}
