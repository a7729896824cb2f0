// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/sse-answer.h"
#include "protocol/sse.h"
}

namespace
{

constexpr char kCall[] = R"({"jsonrpc":"2.0","id":7,"method":"tools/call"})";
constexpr char kBatch[] = R"([{"jsonrpc":"2.0","id":"a","method":"tools/call"},)"
                          R"({"jsonrpc":"2.0","method":"notifications/x"},)"
                          R"({"jsonrpc":"2.0","id":2,"method":"tools/list"}])";

struct Head
{
  guint status;
  const char *type;
  const char *request;
  bool has_session;

  Head (guint status_ = 200,
        const char *type_ = "application/json",
        const char *request_ = kCall,
        bool has_session_ = false)
      : status (status_), type (type_), request (request_), has_session (has_session_)
  {
  }
};

std::string
answer (const Head &head, const std::string &body, gsize step)
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (BfySseAnswer) self = bfy_sse_answer_new (
      bfy_rpc_parse (head.request, strlen (head.request), &error), head.has_session);
  g_autoptr (GString) out = g_string_new (nullptr);

  bfy_sse_answer_begin (self, head.status, head.type);
  for (gsize start = 0; start < body.size (); start += step)
    {
      Block block (body.substr (start, step));

      bfy_sse_answer_feed (self, block.data (), block.size (), out);
    }
  bfy_sse_answer_end (self, out);
  return { out->str, out->len };
}

std::string
event (const std::string &data)
{
  return "event: message\ndata: " + data + "\n\n";
}

std::string
error (const std::string &id, int code, const std::string &text, const std::string &reason)
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"error":{"code":)" + std::to_string (code) +
         R"(,"message":")" + text + R"(","data":{"origin":"agent","reason":")" + reason + R"("}}})";
}

std::string
failed (const std::string &id, const std::string &text)
{
  return error (id, bfy_error_to_rpc_code (BFY_ERROR_UPSTREAM_FAILED), text, "upstream_failed");
}

struct AnswerCase
{
  const char *name;
  Head head;
  std::string body;
  std::string want;
};

const std::string kNoMessage =
    "The answer of the service is no message of MCP; its URL may be wrong";

const AnswerCase answer_cases[] = {
  { "Result",
    {},
    R"({"jsonrpc":"2.0","id":7,"result":{}})",
    event (R"({"jsonrpc":"2.0","id":7,"result":{}})") },
  { "LineBreaksBetweenTokens",
    {},
    "{\r\n\"jsonrpc\":\"2.0\",\n\"id\":7,\r\"result\":{}}\n",
    event ("{  \"jsonrpc\":\"2.0\", \"id\":7, \"result\":{}} ") },
  { "LineSeparatorsOfUnicodeAreNone",
    {},
    "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":\"a\xe2\x80\xa8"
    "b\xe2\x80\xa9"
    "c\xc2\x85"
    "d\"}",
    event ("{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":\"a\xe2\x80\xa8"
           "b\xe2\x80\xa9"
           "c\xc2\x85"
           "d\"}") },
  { "Array",
    { 200, "application/json", kBatch },
    R"([{"jsonrpc":"2.0","id":"a","result":1}])",
    event (R"([{"jsonrpc":"2.0","id":"a","result":1}])") },
  { "ErrorWithAStatusOfItsOwn",
    { 400 },
    R"({"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"x"}})",
    event (R"({"jsonrpc":"2.0","id":7,"error":{"code":-32602,"message":"x"}})") },
  { "ErrorToNobodyIsToUs",
    { 400 },
    R"({"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"x"}})",
    event (R"({"jsonrpc":"2.0","id":7,"error":{"code":-32700,"message":"x"}})") },
  { "ErrorWithoutIdIsToUs",
    { 403 },
    R"({"jsonrpc":"2.0","error":{"code":-32000,"message":"x"}})",
    event (R"({"jsonrpc":"2.0","id":7,"error":{"code":-32000,"message":"x"}})") },
  { "Events", { 200, "text/event-stream" }, "id: 1\ndata: {}\n\n", "id: 1\ndata: {}\n\n" },
  { "EventsBehindAMark",
    { 200, "Text/Event-Stream" },
    "\xef\xbb\xbf"
    "data: {}\n\n",
    "data: {}\n\n" },
  { "EventsBehindHalfAMark",
    { 200, "text/event-stream" },
    "\xef\xbb"
    "data: {}\n\n",
    "\xef\xbb"
    "data: {}\n\n" },
  { "NoEvents", { 200, "text/event-stream" }, "", "" },
  { "Trouble",
    { 503, "text/html" },
    "<p>data: no\n\n",
    event (failed ("7", "The service answered with HTTP 503 and said no more")) },
  { "TroubleThatSpeaksOfItsOwn",
    { 500 },
    R"({"error":"x"})",
    event (failed ("7", "The service answered with HTTP 500 and said no more")) },
  { "TroubleInAStream",
    { 500, "text/event-stream" },
    "data: {}\n\n",
    event (failed ("7", "The service answered with HTTP 500 and said no more")) },
  { "NotFound",
    { 404, nullptr },
    "",
    event (failed ("7", "The service answered with HTTP 404 and said no more")) },
  { "LostSession",
    { 404, nullptr, kCall, true },
    "",
    event (error ("7",
                  bfy_error_to_rpc_code (BFY_ERROR_SESSION_LOST),
                  "The service answered with HTTP 404: its session has ended; initialize again",
                  "session_lost")) },
  { "Accepted", { 202, nullptr }, "", event (failed ("7", kNoMessage)) },
  { "Page", { 200, "text/html" }, "<p>\n\ndata: {}\n\n", event (failed ("7", kNoMessage)) },
  { "NoJson", {}, "data: {}\n\nid: 1\n\n", event (failed ("7", kNoMessage)) },
  { "NoBytes", {}, "", event (failed ("7", kNoMessage)) },
  { "NoUtf8",
    {},
    "{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":\"\xff\"}",
    event (failed ("7", kNoMessage)) },
  { "Notification", {}, R"({"jsonrpc":"2.0","method":"x"})", event (failed ("7", kNoMessage)) },
  { "TroubleForEachOfSeveral",
    { 502, nullptr, kBatch },
    "",
    event ("[" + failed ("\"a\"", "The service answered with HTTP 502 and said no more") + "," +
           failed ("2", "The service answered with HTTP 502 and said no more") + "]") },
};

class SseAnswer : public testing::TestWithParam<AnswerCase>
{
};

TEST_P (SseAnswer, ReadsAsAStreamHoweverItComes)
{
  const AnswerCase &row = GetParam ();

  for (gsize step : { row.body.size () + 1, gsize{ 1 }, gsize{ 2 }, gsize{ 7 } })
    EXPECT_EQ (answer (row.head, row.body, step), row.want) << "in pieces of " << step;
}

INSTANTIATE_TEST_SUITE_P (Rows, SseAnswer, testing::ValuesIn (answer_cases), [] (const auto &info) {
  return info.param.name;
});

// Not looked at as a whole, but whatever it is, it stays one event.
TEST (SseAnswerLong, FlowsOnOneLine)
{
  const std::string text (3 * BFY_SSE_ANSWER_CHECKED_BYTES_MAX, 'x');
  const std::string body = "{\"a\":\n\"" + text + "\"\n\ndata: {\"b\":1}\n\n}";
  const std::string flat = "{\"a\": \"" + text + "\"  data: {\"b\":1}  }";

  for (gsize step : { body.size (), gsize{ 4096 }, gsize{ 65537 } })
    EXPECT_TRUE (answer ({}, body, step) == event (flat)) << step;
}

// A status that says failure is all that a client of a plain answer would look at.
TEST (SseAnswerLong, OfAFailureIsDropped)
{
  const std::string body (2 * BFY_SSE_ANSWER_CHECKED_BYTES_MAX, ' ');

  EXPECT_EQ (answer ({ 500 }, body, 1000),
             event (failed ("7", "The service answered with HTTP 500 and said no more")));
}

} // namespace
