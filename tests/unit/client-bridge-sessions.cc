// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client-bridge.h"

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;

// What a legacy server may do to a session or a stream in the middle of a conversation.

class BridgeSession : public Bridge
{
protected:
  // Each handshake gets a session of its own: session-1, session-2, …
  BridgeSession ()
  {
    agent.handler = [this] (const Request &request, const AnswerPtr &answer) {
      if (is_method (request, "initialize"))
        {
          answer->header ("Mcp-Session-Id", "session-" + std::to_string (++n_sessions));
          answer->json (200, result_of_initialize);
        }
      else if (request.method == "GET" && request.header ("last-event-id") != "(none)")
        resumes.push_back ({ request, answer });
      else
        answer_handshake (request, answer);
    };
  }

  gsize n_initializes () const
  {
    return std::count_if (
        agent.requests.begin (), agent.requests.end (),
        [] (const Request &request) { return is_method (request, "initialize"); });
  }

  bool wait_for_resumes (gsize n)
  {
    return spin ([this, n] { return resumes.size () >= n; });
  }

  int n_sessions = 0;
  std::string result_of_initialize = initialize_result;
  std::vector<Call> resumes;
};

TEST_F (BridgeSession, BeginsAnewWhereTheServerHasForgottenIt)
{
  shake_hands ();
  program->write (request ("1", "tools/list"));
  ASSERT_TRUE (wait_for_calls (1));
  EXPECT_EQ (calls[0].request.header ("mcp-session-id"), "session-1");
  calls[0].answer->json (404,
                         R"({"jsonrpc":"2.0","error":{"code":-32001,"message":"x"},"id":null})");
  ASSERT_TRUE (wait_for_calls (2));
  EXPECT_EQ (calls[1].request.header ("mcp-session-id"), "session-2");
  EXPECT_EQ (calls[1].request.body, calls[0].request.body);
  calls[1].answer->json (200, result ("1", "{}"));
  ASSERT_TRUE (program->wait_for_lines (1));

  // The client has seen nothing of all that.
  EXPECT_THAT (program->lines, ElementsAre (result ("1", "{}")));
  EXPECT_EQ (program->errors, "");
  ASSERT_THAT (agent.requests, SizeIs (8));
  EXPECT_EQ (agent.requests[4].body, agent.requests[0].body);
  EXPECT_EQ (agent.requests[4].header ("mcp-session-id"), "(none)");
  EXPECT_TRUE (is_method (agent.requests[5], "notifications/initialized"));
  EXPECT_EQ (agent.requests[5].header ("mcp-session-id"), "session-2");
  EXPECT_EQ (count ("GET /mcp/github"), 2u);

  program->close_input ();
  EXPECT_EQ (program->wait (), 0);
  EXPECT_EQ (agent.requests.back ().method, "DELETE");
  EXPECT_EQ (agent.requests.back ().header ("mcp-session-id"), "session-2");
}

static std::string
about (const std::string &id, const std::string &method, const std::string &uri)
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"resources/)" + method +
         R"(","params":{"uri":")" + uri + "\"}}\n";
}

TEST_F (BridgeSession, IsToldAgainWhatItMustKnow)
{
  const std::string level = R"({"jsonrpc":"2.0","id":9,"method":"logging/setLevel"})";
  shake_hands ();
  program->write (request ("8", "logging/setLevel") + level + "\n" +
                  about ("10", "subscribe", "a") + about ("11", "subscribe", "b") +
                  about ("12", "unsubscribe", "a"));
  ASSERT_TRUE (wait_for_calls (5));
  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (6));
  calls[5].answer->empty (404);

  std::vector<std::string> told;
  for (gsize i = 6; i < 8; i++)
    {
      ASSERT_TRUE (wait_for_calls (i + 1));
      told.push_back (calls[i].request.body + "\n");
      EXPECT_EQ (calls[i].request.header ("mcp-session-id"), "session-2");
      // A refusal is its own affair.
      calls[i].answer->json (i == 6 ? 500 : 200, "{}");
    }
  EXPECT_THAT (told, UnorderedElementsAre (level + "\n", about ("11", "subscribe", "b")));
  ASSERT_TRUE (wait_for_calls (9));
  EXPECT_TRUE (is_method (calls[8].request, "tools/call"));
  calls[8].answer->json (200, result ("1", "{}"));
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines, ElementsAre (result ("1", "{}")));
}

TEST_F (BridgeSession, IsMadeAnewOnceForAllThatNoticed)
{
  shake_hands ();
  program->write (request ("1", "a") + request ("2", "b") + request ("3", "c"));
  ASSERT_TRUE (wait_for_calls (3));
  for (int i = 0; i < 3; i++)
    calls[i].answer->empty (404);
  ASSERT_TRUE (wait_for_calls (6));
  EXPECT_EQ (n_initializes (), 2u);
  for (int i = 3; i < 6; i++)
    EXPECT_EQ (calls[i].request.header ("mcp-session-id"), "session-2") << i;
}

TEST_F (BridgeSession, IsNotBegunAThirdTimeForTheSameRequest)
{
  shake_hands ();
  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->text (404, "text/plain", "gone");
  ASSERT_TRUE (wait_for_calls (2));
  calls[1].answer->text (404, "text/plain", "gone");
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines[0],
               StartsWith (R"({"jsonrpc":"2.0","id":1,"error":{"code":-31001,)"));
  EXPECT_EQ (n_initializes (), 2u);
}

TEST_F (BridgeSession, MakesTheNextLinesWait)
{
  AnswerPtr greeting;
  shake_hands ();
  auto answer_others = agent.handler;
  agent.handler = [&] (const Request &request, const AnswerPtr &answer) {
    if (is_method (request, "initialize"))
      greeting = answer;
    else
      answer_others (request, answer);
  };
  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->empty (404);
  ASSERT_TRUE (spin ([&] { return greeting != nullptr; }));
  program->write (request ("2", "ping") + modern ("3", "tools/call", "x"));
  // The modern one has overtaken the other, which had its chance.
  ASSERT_TRUE (wait_for_calls (2));
  EXPECT_EQ (calls[1].request.header ("mcp-method"), "tools/call");

  greeting->header ("Mcp-Session-Id", "late");
  greeting->json (200, initialize_result);
  ASSERT_TRUE (wait_for_calls (4));
  for (int i = 2; i < 4; i++)
    EXPECT_EQ (calls[i].request.header ("mcp-session-id"), "late") << i;
}

TEST_F (BridgeSession, IsTriedAgainAfterARefusal)
{
  shake_hands ();
  // Another version than the client has agreed to is a refusal too.
  for (auto refusal : { R"({"jsonrpc":"2.0","id":0,"error":{"code":-31009,"message":"locked"}})",
                        R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2024-11-05"}})" })
    {
      calls.clear ();
      program->lines.clear ();
      result_of_initialize = refusal;
      program->write (request ("1", "tools/call"));
      ASSERT_TRUE (wait_for_calls (1));
      calls[0].answer->empty (404);
      ASSERT_TRUE (program->wait_for_lines (1));
      EXPECT_THAT (program->lines[0],
                   StartsWith (R"({"jsonrpc":"2.0","id":1,"error":{"code":-31001,)"));
    }

  calls.clear ();
  result_of_initialize = initialize_result;
  program->write (request ("2", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->empty (404);
  ASSERT_TRUE (wait_for_calls (2));
  EXPECT_EQ (n_initializes (), 4u);
}

TEST_F (BridgeSession, GetsNoAnswersToQuestionsOfTheOldOne)
{
  shake_hands ();
  program->write (result ("\"q\"", "{}") + "\n");
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->empty (404);
  ASSERT_TRUE (spin ([this] { return count ("GET /mcp/github") == 2; }));
  program->write (request ("1", "ping"));
  ASSERT_TRUE (wait_for_calls (2));
  EXPECT_TRUE (is_method (calls[1].request, "ping"));
}

TEST_F (BridgeSession, IsNotMissedWhereThereWasNone)
{
  start ();
  program->write (request ("1", "tools/call") + modern ("2", "tools/call", "x"));
  ASSERT_TRUE (wait_for_calls (2));
  calls[0].answer->empty (404);
  calls[1].answer->empty (404);
  ASSERT_TRUE (program->wait_for_lines (2));
  EXPECT_EQ (agent.requests.size (), 2u);
}

TEST_F (BridgeSession, IsMissedByTheServersOwnStreamToo)
{
  std::vector<AnswerPtr> streams;
  auto answer_others = agent.handler;
  agent.handler = [&] (const Request &request, const AnswerPtr &answer) {
    if (request.method != "GET")
      {
        answer_others (request, answer);
        return;
      }
    streams.push_back (answer);
    if (streams.size () == 2)
      answer->empty (404);
    else
      answer->stream ();
    if (streams.size () == 1)
      {
        answer->bytes ("retry: 2100\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"n\"}\n\n");
        answer->end ();
      }
  };
  shake_hands ();
  ASSERT_TRUE (spin ([&] { return streams.size () == 3; }));
  EXPECT_EQ (n_initializes (), 2u);
  EXPECT_EQ (agent.requests.back ().header ("mcp-session-id"), "session-2");
}

// Otherwise a server that forgets at once and a bridge that begins anew would never come to rest.
TEST_F (BridgeSession, IsNotMissedByAStreamThatHasOnlyBegun)
{
  gsize n_streams = 0;
  auto answer_others = agent.handler;
  agent.handler = [&] (const Request &request, const AnswerPtr &answer) {
    if (request.method != "GET")
      answer_others (request, answer);
    else if (++n_streams > 1)
      answer->empty (404);
    else
      {
        answer->stream ();
        answer->bytes ("retry: 1\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"n\"}\n\n");
        answer->end ();
      }
  };
  shake_hands ();
  ASSERT_TRUE (spin ([&] { return n_streams == 2; }));
  program->write (request ("1", "ping"));
  ASSERT_TRUE (wait_for_calls (1));
  EXPECT_EQ (calls[0].request.header ("mcp-session-id"), "session-1");
  calls[0].answer->json (200, result ("1", "{}"));
  ASSERT_TRUE (program->wait_for_lines (2));
  EXPECT_EQ (n_initializes (), 1u);
}

TEST_F (BridgeSession, TakesAnAnswerUpAgainWhereItBrokeOff)
{
  shake_hands ();
  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->stream ();
  calls[0].answer->bytes ("id: seven\nretry: 300\ndata:\n\n");
  gint64 begin = g_get_monotonic_time ();
  calls[0].answer->end ();
  ASSERT_TRUE (wait_for_resumes (1));
  EXPECT_GE (g_get_monotonic_time () - begin, 300 * G_TIME_SPAN_MILLISECOND);
  EXPECT_EQ (resumes[0].request.header ("last-event-id"), "seven");
  EXPECT_EQ (resumes[0].request.header ("mcp-session-id"), "session-1");
  EXPECT_EQ (resumes[0].request.header ("mcp-protocol-version"), "2025-06-18");
  resumes[0].answer->stream ();
  resumes[0].answer->event (R"({"jsonrpc":"2.0","method":"n"})");
  resumes[0].answer->event (result ("1", "{}"));
  resumes[0].answer->end ();
  ASSERT_TRUE (program->wait_for_lines (2));
  EXPECT_THAT (program->lines,
               ElementsAre (R"({"jsonrpc":"2.0","method":"n"})", result ("1", "{}")));
}

TEST_F (BridgeSession, LetsTheServerHangUpAsOftenAsItLikes)
{
  const gsize n_times = 8;
  shake_hands ();
  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->stream ();
  calls[0].answer->bytes ("id: 0\nretry: 0\ndata:\n\n");
  calls[0].answer->end ();
  gint64 begin = g_get_monotonic_time ();
  for (gsize i = 1; i <= n_times; i++)
    {
      ASSERT_TRUE (wait_for_resumes (i));
      EXPECT_EQ (resumes[i - 1].request.header ("last-event-id"), std::to_string (i - 1));
      resumes[i - 1].answer->stream ();
      resumes[i - 1].answer->bytes ("id: " + std::to_string (i) + "\ndata:\n\n");
      if (i == n_times)
        resumes[i - 1].answer->event (result ("1", "{}"));
      resumes[i - 1].answer->end ();
    }
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines, ElementsAre (result ("1", "{}")));
  // It may say at once, and is not taken at its word.
  EXPECT_GE (g_get_monotonic_time () - begin, n_times * 40 * G_TIME_SPAN_MILLISECOND);
}

TEST_F (BridgeSession, EndsAnAnswerThatIsNowhereToBeHad)
{
  shake_hands ();
  // Refused, and never a word again.
  for (bool is_refused : { true, false })
    {
      calls.clear ();
      resumes.clear ();
      program->lines.clear ();
      program->write (request ("1", "tools/call"));
      ASSERT_TRUE (wait_for_calls (1));
      calls[0].answer->stream ();
      calls[0].answer->bytes ("id: 0\nretry: 1\ndata:\n\n");
      calls[0].answer->end ();
      for (gsize i = 0; i < (is_refused ? 1 : 5); i++)
        {
          ASSERT_TRUE (wait_for_resumes (i + 1));
          resumes[i].answer->empty (is_refused ? 405 : 503);
        }
      ASSERT_TRUE (program->wait_for_lines (1));
      EXPECT_THAT (program->lines[0],
                   StartsWith (R"({"jsonrpc":"2.0","id":1,"error":{"code":-31011,)"));
      EXPECT_EQ (resumes.size (), is_refused ? 1u : 5u);
    }
  EXPECT_EQ (n_initializes (), 1u);
}

TEST_F (BridgeSession, TakesNothingUpAgainUnderAnIdThatNoHeaderCarries)
{
  shake_hands ();
  program->write (request ("1", "tools/call"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->stream ();
  calls[0].answer->bytes ("id: " + std::string (100000, 'a') + "\nretry: 1\ndata:\n\n");
  calls[0].answer->end ();
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines[0], HasSubstr ("-31011"));
}

TEST_F (BridgeSession, DoesNotLookForAnAnswerThatNobodyWants)
{
  const std::map<std::string, std::string> delays = { { "a", "400" },
                                                      { "b", "600" },
                                                      { "c", "1" } };
  shake_hands ();
  program->write (request ("1", "a") + request ("2", "b") + request ("3", "c"));
  ASSERT_TRUE (wait_for_calls (3));
  for (auto [method, delay] : delays)
    {
      auto call =
          std::find_if (calls.begin (), calls.end (), [&, name = method] (const Call &call) {
            return is_method (call.request, name);
          });

      call->answer->stream ();
      call->answer->bytes ("id: " + method + "\nretry: " + delay + "\ndata:\n\n");
      call->answer->end ();
    }
  // By now it knows that the first one broke off, and waits.
  ASSERT_TRUE (wait_for_resumes (1));
  EXPECT_EQ (resumes[0].request.header ("last-event-id"), "c");
  program->write (R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})"
                  "\n");
  ASSERT_TRUE (wait_for_resumes (2));
  EXPECT_EQ (resumes[1].request.header ("last-event-id"), "b");
}

TEST_F (BridgeSession, TakesNothingUpAgainForAModernRequest)
{
  start ();
  program->write (modern ("1", "tools/call", "x"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->stream ();
  calls[0].answer->bytes ("id: 0\nretry: 1\ndata:\n\n");
  calls[0].answer->end ();
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines[0], HasSubstr ("-31011"));
  EXPECT_EQ (agent.requests.size (), 1u);
}
