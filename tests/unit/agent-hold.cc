// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>
#include <string>
#include <vector>

extern "C"
{
#include "agent/door/request-private.h"
#include "agent/prompt/hold.h"
}

namespace
{

// What a client has been sent, and how it ended.
struct Wire
{
  guint status = 0;
  std::string type;
  std::string body;
  std::string end;
};

Wire *wire;
SoupMessageHeaders *answer_headers;

void
on_reply (BfyRequest *, guint status, const char *type, const char *body, gsize length)
{
  wire->status = status;
  wire->type = type != nullptr ? type : "";
  wire->body.append (body, length);
  wire->end = "replied";
}

SoupMessageHeaders *
on_begin (BfyRequest *, guint status, goffset, gboolean)
{
  wire->status = status;
  answer_headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  return answer_headers;
}

void
on_flush (BfyRequest *)
{
  wire->type = soup_message_headers_get_one (answer_headers, "Content-Type");
}

void
on_write (BfyRequest *self, GBytes *bytes)
{
  gsize length;
  const auto *data = static_cast<const char *> (g_bytes_get_data (bytes, &length));

  wire->body.append (data, length);
  bfy_request_note_flushed (self);
}

void
on_end (BfyRequest *self)
{
  wire->end = "ended";
  bfy_request_note_finished (self, BFY_REQUEST_ANSWERED);
}

void
on_abort (BfyRequest *self)
{
  wire->end = "broken";
  bfy_request_note_finished (self, BFY_REQUEST_BROKEN);
}

void
on_dispose (BfyRequest *)
{
  g_clear_pointer (&answer_headers, soup_message_headers_unref);
}

const BfyRequestKind wire_kind = { on_reply, on_begin, on_flush,  on_write,
                                   on_end,   on_abort, on_dispose };

// Overwrites the word "secret".
char *
mask_text (const char *text, gsize length, gpointer)
{
  std::string copy (text, length);
  auto at = copy.find ("secret");

  if (at == std::string::npos)
    return nullptr;
  copy.replace (at, 6, "******");
  return g_strndup (copy.c_str (), length);
}

// Holds everything back until the end, as the search for a secret that may go on does.
GBytes *
mask_bytes (GBytes *bytes, gboolean is_last, gpointer user_data)
{
  auto *held = static_cast<std::string *> (user_data);
  gsize length;
  const auto *data = static_cast<const char *> (g_bytes_get_data (bytes, &length));
  g_autofree char *masked = nullptr;

  held->append (data, length);
  if (!is_last)
    return nullptr;
  masked = mask_text (held->c_str (), held->size (), nullptr);
  return g_bytes_new (masked != nullptr ? masked : held->c_str (), held->size ());
}

void
forget (gpointer)
{
}

const BfyRequestFilter guard = { mask_text, mask_bytes, forget };

struct Counted
{
  gsize n_bytes = 0;
  int n_over = 0;
};

void
on_wrote (gpointer count, gsize n_bytes)
{
  static_cast<Counted *> (count)->n_bytes += n_bytes;
}

void
on_over (gpointer count)
{
  static_cast<Counted *> (count)->n_over++;
}

gpointer
keep (gpointer count)
{
  return count;
}

const BfyRequestCountFuncs count_funcs = { on_wrote, on_over, keep, forget };

constexpr char kCall[] = R"({"jsonrpc":"2.0","id":7,"method":"tools/call"})";
constexpr char kPatient[] =
    R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":{"progressToken":1}}})";
constexpr char kPatientArray[] =
    R"([{"jsonrpc":"2.0","method":"x"},)"
    R"({"jsonrpc":"2.0","id":1,"method":"y","params":{"_meta":{"progressToken":1}}}])";
constexpr char kBoth[] = "application/json, text/event-stream";

std::string
call_with_token (const std::string &token)
{
  return R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"_meta":{"progressToken":)" +
         token + "}}}";
}

std::string
event (const std::string &data)
{
  return "event: message\ndata: " + data + "\n\n";
}

std::string
progress (const std::string &token, const std::string &number)
{
  return event (R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":)" +
                token + R"(,"progress":)" + number + R"(,"message":"“a” waits"}})");
}

class Hold : public testing::Test
{
protected:
  Hold ()
  {
    connection = g_new0 (BfyConnection, 1);
    g_atomic_ref_count_init (&connection->ref_count);
    wire = &sent;
  }

  ~Hold () override
  {
    bfy_hold_free (hold);
    if (request != nullptr)
      {
        bfy_request_note_finished (request, BFY_REQUEST_ANSWERED);
        bfy_request_unref (request);
      }
    g_clear_pointer (&headers, soup_message_headers_unref);
    bfy_connection_unref (connection);
  }

  void come (const std::string &body, const char *accept = kBoth)
  {
    request = bfy_request_alloc (&wire_kind, connection);
    headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
    if (accept != nullptr)
      soup_message_headers_append (headers, "Accept", accept);
    request->method = "POST";
    request->headers = headers;
    request->body = g_bytes_new (body.data (), body.size ());
  }

  void wait (BfyRequest *waiting = nullptr)
  {
    hold = bfy_hold_new (waiting != nullptr ? waiting : request, "“a” waits");
  }

  // Until the head and so much of a body have gone out.
  void wait_for (const std::string &body)
  {
    bfy_hold_set_times (hold, 1, 1);
    while (sent.body.size () < body.size ())
      g_main_context_iteration (nullptr, TRUE);
  }

  // A request on which an answer has begun early, and which goes on now.
  void begin (const std::string &body = kCall)
  {
    come (body);
    wait ();
    wait_for (":\n\n");
    g_clear_pointer (&hold, bfy_hold_free);
    sent.body.clear ();
  }

  void write (const std::string &text)
  {
    g_autoptr (GBytes) bytes = g_bytes_new (text.data (), text.size ());

    bfy_request_write (request, bytes, nullptr, nullptr);
  }

  void answer (const char *type, goffset length, const std::string &body)
  {
    SoupMessageHeaders *to = bfy_request_begin (request, 200, length, FALSE);

    soup_message_headers_replace (to, "Content-Type", type);
    write (body);
    bfy_request_end (request);
  }

  Wire sent;
  BfyConnection *connection;
  SoupMessageHeaders *headers = nullptr;
  BfyRequest *request = nullptr;
  BfyHold *hold = nullptr;
};

struct PatienceCase
{
  const char *name;
  const char *body;
  const char *accept;
  bool keeps_alive;
};

class HoldPatience : public Hold, public testing::WithParamInterface<PatienceCase>
{
};

const PatienceCase patience_cases[] = {
  { "Both", kPatient, kBoth, true },
  { "WithQuality", kPatient, "application/json;q=0.1, Text/Event-Stream;q=0.9", true },
  { "JsonAlone", kPatient, "application/json", false },
  { "StreamsUnwanted", kPatient, "application/json, text/event-stream;q=0", false },
  { "Anything", kPatient, "*/*", false },
  { "Nothing", kPatient, nullptr, false },
  { "NoProgress", kCall, kBoth, false },
  { "SessionInTheHead",
    R"({"jsonrpc":"2.0","id":1,"method":"initialize","params":{"_meta":{"progressToken":1}}})",
    kBoth, false },
  { "EraInTheStatus",
    R"({"jsonrpc":"2.0","id":1,"method":"server/discover","params":{"_meta":{"progressToken":1}}})",
    kBoth, false },
  { "Notification",
    R"({"jsonrpc":"2.0","method":"notifications/x","params":{"_meta":{"progressToken":1}}})", kBoth,
    false },
  { "Response", R"({"jsonrpc":"2.0","id":1,"result":{}})", kBoth, false },
  { "Array", kPatientArray, kBoth, true },
};

TEST_P (HoldPatience, IsKeptWhereProgressIsHeardOf)
{
  const PatienceCase &row = GetParam ();

  come (row.body, row.accept);
  wait ();

  EXPECT_EQ (bfy_hold_keeps_alive (hold) != FALSE, row.keeps_alive);
}

INSTANTIATE_TEST_SUITE_P (Rows,
                          HoldPatience,
                          testing::ValuesIn (patience_cases),
                          [] (const auto &info) { return info.param.name; });

TEST_F (Hold, SendsTheHeadAndThenCommentsAndTheAnswerIsYetToBeGiven)
{
  come (kCall);
  wait ();
  wait_for (":\n\n:\n\n:\n\n");

  EXPECT_EQ (sent.status, 200u);
  EXPECT_EQ (sent.type, "text/event-stream");
  EXPECT_EQ (sent.body.substr (0, 9), ":\n\n:\n\n:\n\n");
  EXPECT_FALSE (bfy_request_is_answered (request));
  EXPECT_FALSE (bfy_request_has_begun (request));
}

struct TokenCase
{
  const char *name;
  const char *token;
  bool is_used;
};

class HoldToken : public Hold, public testing::WithParamInterface<TokenCase>
{
};

const TokenCase token_cases[] = {
  { "String", R"("a b")", true }, { "Escapes", R"("\u0041\n\"")", true },
  { "Zero", "0", true },          { "Negative", "-12", true },
  { "Fraction", "1.5", false },   { "Object", R"({"a":1})", false },
  { "Array", "[1]", false },      { "Null", "null", false },
  { "True", "true", false },
};

// A token comes back as it came; what is none is answered with comments.
TEST_P (HoldToken, GoesBackAsItCame)
{
  const TokenCase &row = GetParam ();
  const std::string first = row.is_used ? ":\n\n" + progress (row.token, "0.000001") : ":\n\n";
  const std::string both = row.is_used ? first + ":\n\n" + progress (row.token, "0.000002") : first;

  come (call_with_token (row.token));
  wait ();
  wait_for (both);

  EXPECT_EQ (sent.body.substr (0, both.size ()), both);
}

INSTANTIATE_TEST_SUITE_P (Rows, HoldToken, testing::ValuesIn (token_cases), [] (const auto &info) {
  return info.param.name;
});

TEST_F (Hold, AnOverlongTokenIsNotSentBackAndForth)
{
  come (call_with_token ("\"" + std::string (2000, 'x') + "\""));
  wait ();
  wait_for (":\n\n:\n\n");

  EXPECT_EQ (sent.body.find ('x'), std::string::npos);
}

// Of several requests in one body each hears of its own; progress grows over all of them.
TEST_F (Hold, EachOfSeveralRequestsHearsOfProgress)
{
  const std::string want =
      ":\n\n" + progress ("1", "0.000001") + ":\n\n" + progress ("\"b\"", "0.000002");

  come ("[" + call_with_token ("1") + "," + kCall + "," + call_with_token ("\"b\"") + "]");
  wait ();
  wait_for (want);

  EXPECT_EQ (sent.body.substr (0, want.size ()), want);
}

TEST_F (Hold, ARefusalComesAsAnEvent)
{
  begin ();
  bfy_request_reply (request, 200, "application/json",
                     R"({"jsonrpc":"2.0","id":7,"error":{"code":-31001,"message":"x"}})", -1);

  EXPECT_EQ (sent.body,
             event (R"({"jsonrpc":"2.0","id":7,"error":{"code":-31001,"message":"x"}})"));
  EXPECT_EQ (sent.end, "ended");
}

TEST_F (Hold, AJsonAnswerComesAsAnEventAndIsCountedAsItWas)
{
  const std::string body = "{\"jsonrpc\":\"2.0\",\n\"id\":7,\"result\":{}}";
  Counted counted;

  begin ();
  bfy_request_take_count (request, &count_funcs, &counted);
  answer ("application/json", (goffset) body.size (), body);

  EXPECT_EQ (sent.body, event (R"({"jsonrpc":"2.0", "id":7,"result":{}})"));
  EXPECT_EQ (sent.end, "ended");
  EXPECT_EQ (counted.n_bytes, body.size ());
  EXPECT_EQ (counted.n_over, 1);
}

TEST_F (Hold, AStreamGoesOnInTheStream)
{
  begin ();
  answer ("text/event-stream", -1, "id: 4\ndata: {}\n\n");

  EXPECT_EQ (sent.body, "id: 4\ndata: {}\n\n");
  EXPECT_EQ (sent.end, "ended");
}

TEST_F (Hold, AnAnswerThatIsShorterThanAnnouncedIsBrokenOff)
{
  begin ();
  answer ("application/json", 1000, R"({"jsonrpc":"2.0","id":7,"result":{}})");

  EXPECT_EQ (sent.end, "broken");
}

TEST_F (Hold, AnAnswerThatBreaksOffBreaksTheStreamOff)
{
  begin ();
  soup_message_headers_replace (bfy_request_begin (request, 200, -1, FALSE), "Content-Type",
                                "text/event-stream");
  write ("data: {");
  bfy_request_break (request);

  EXPECT_EQ (sent.body, "data: {");
  EXPECT_EQ (sent.end, "broken");
}

// The guard stands before the stream: whatever way an answer takes, it has been searched.
TEST_F (Hold, ASecretInAnAnswerThatIsGivenAsAWholeIsMasked)
{
  std::string held;

  begin ();
  bfy_request_set_filter (request, &guard, &held);
  bfy_request_reply (request, 200, "application/json",
                     R"({"jsonrpc":"2.0","id":7,"result":"secret"})", -1);

  EXPECT_EQ (sent.body, event (R"({"jsonrpc":"2.0","id":7,"result":"******"})"));
}

TEST_F (Hold, ASecretInPiecesOfAnAnswerIsMasked)
{
  std::string held;

  begin ();
  bfy_request_set_filter (request, &guard, &held);
  soup_message_headers_replace (bfy_request_begin (request, 200, -1, FALSE), "Content-Type",
                                "application/json");
  write (R"({"jsonrpc":"2.0","id":7,"result":"sec)");
  write (R"(ret"})");
  bfy_request_end (request);

  EXPECT_EQ (sent.body, event (R"({"jsonrpc":"2.0","id":7,"result":"******"})"));
}

TEST_F (Hold, ASecretInEventsIsMasked)
{
  std::string held;

  begin ();
  bfy_request_set_filter (request, &guard, &held);
  soup_message_headers_replace (bfy_request_begin (request, 200, -1, FALSE), "Content-Type",
                                "text/event-stream");
  write ("data: {\"a\":\"sec");
  write ("ret\"}\n\n");
  bfy_request_end (request);

  EXPECT_EQ (sent.body, "data: {\"a\":\"******\"}\n\n");
}

TEST_F (Hold, ACalledOffRequestIsAnsweredWithAStreamOfNothing)
{
  come (kCall);
  bfy_request_hang_up (request);

  EXPECT_EQ (sent.status, 200u);
  EXPECT_EQ (sent.type, "text/event-stream");
  EXPECT_EQ (sent.body, ":\n\n");
  EXPECT_TRUE (g_cancellable_is_cancelled (bfy_request_get_gone (request)));
}

TEST_F (Hold, ACalledOffRequestWhoseAnswerHasBegunEnds)
{
  begin ();
  bfy_request_hang_up (request);
  bfy_request_reply (request, 200, "application/json", "{}", -1);

  EXPECT_EQ (sent.body, "");
  EXPECT_EQ (sent.end, "ended");
  EXPECT_TRUE (g_cancellable_is_cancelled (bfy_request_get_gone (request)));
}

// --- Requests that the agent makes on behalf of a client ---

struct Inner
{
  std::string end;
};

void
on_inner_head (BfyRequest *, guint, SoupMessageHeaders *, gpointer)
{
}

void
on_inner_bytes (BfyRequest *inner, GBytes *, gpointer)
{
  bfy_request_resume (inner);
}

void
on_inner_end (BfyRequest *, gboolean is_complete, gpointer user_data)
{
  static_cast<Inner *> (user_data)->end = is_complete ? "end" : "broken";
}

const BfyRequestSink sink = { on_inner_head, on_inner_bytes, on_inner_end };
const BfyInnerSetup setup = { "POST", "github", nullptr };

class HoldInner : public Hold
{
protected:
  BfyRequest *ask (BfyRequest *caller)
  {
    return bfy_request_new_inner (caller, &setup, &sink, &heard);
  }

  Inner heard;
};

TEST_F (HoldInner, TheClientAtTheEndOfTheLineIsKeptPatient)
{
  come (call_with_token ("5"));
  g_autoptr (BfyRequest) inner = ask (request);
  g_autoptr (BfyRequest) innermost = ask (inner);

  wait (innermost);
  EXPECT_TRUE (bfy_hold_keeps_alive (hold));
  wait_for (":\n\n" + progress ("5", "0.000001"));

  EXPECT_EQ (sent.body.find (":\n\n" + progress ("5", "0.000001")), 0u);
}

TEST_F (HoldInner, WhenTheClientGoesWhatWaitsForItIsBrokenOff)
{
  come (kCall);
  g_autoptr (BfyRequest) inner = ask (request);
  g_autoptr (BfyRequest) innermost = ask (inner);

  wait (innermost);
  g_cancellable_cancel (bfy_request_get_gone (request));

  EXPECT_TRUE (g_cancellable_is_cancelled (bfy_request_get_gone (innermost)));
  EXPECT_TRUE (bfy_request_is_over (innermost));
  EXPECT_EQ (heard.end, "broken");
}

TEST_F (HoldInner, WhatTheAgentAsksByItselfKeepsNobodyPatient)
{
  come (kPatient);
  g_autoptr (BfyRequest) inner = ask (nullptr);

  wait (inner);

  EXPECT_FALSE (bfy_hold_keeps_alive (hold));
}

// An answer that goes on elsewhere when somebody is asked about one more thing.
TEST_F (HoldInner, AnAnswerThatHasBegunIsLeftAlone)
{
  come (kPatient);
  g_autoptr (BfyRequest) inner = ask (request);

  soup_message_headers_replace (bfy_request_begin (request, 200, -1, FALSE), "Content-Type",
                                "text/event-stream");
  wait (inner);

  EXPECT_FALSE (bfy_hold_keeps_alive (hold));
}

// --- 2024-11-05: the answer is awaited on another stream ---

struct Stream
{
  std::vector<std::string> messages;
  BfyRequest *detached = nullptr;
};

gboolean
on_deliver (const char *message, gpointer user_data)
{
  static_cast<Stream *> (user_data)->messages.emplace_back (message);
  return TRUE;
}

BfyConnection *
on_detached (BfyRequest *detached, gpointer user_data)
{
  static_cast<Stream *> (user_data)->detached = detached;
  return nullptr;
}

const BfyRequestDetour detour = { on_deliver, on_detached, forget };

class HoldDetour : public Hold
{
protected:
  // Until 202 has gone out, and so many messages.
  void begin_elsewhere (const std::string &body, gsize n_messages)
  {
    come (body, "*/*");
    bfy_request_set_detour (request, &detour, &stream);
    wait ();
    bfy_hold_set_times (hold, 1, 1);
    while (stream.detached == nullptr || stream.messages.size () < n_messages)
      g_main_context_iteration (nullptr, TRUE);
    // The connection has nothing more to do with it.
    bfy_request_note_finished (request, BFY_REQUEST_ANSWERED);
    g_clear_pointer (&hold, bfy_hold_free);
    stream.messages.resize (n_messages);
  }

  Stream stream;
};

TEST_F (HoldDetour, TheMessageCountsAsTakenAndTheRestIsToldOnTheStream)
{
  begin_elsewhere (call_with_token ("1"), 2);

  EXPECT_EQ (sent.status, 202u);
  EXPECT_EQ (sent.body, "");
  EXPECT_NE (stream.messages[0].find (R"("progressToken":1,"progress":0.000001)"),
             std::string::npos);
  EXPECT_NE (stream.messages[1].find (R"("progress":0.000002)"), std::string::npos);
  EXPECT_FALSE (bfy_request_is_over (request));
  EXPECT_FALSE (bfy_request_is_answered (request));

  bfy_request_reply_empty (request, 202);
  EXPECT_EQ (stream.messages.size (), 2u);
  EXPECT_TRUE (bfy_request_is_over (request));
}

TEST_F (HoldDetour, ARefusalIsToldOnTheStream)
{
  begin_elsewhere (kCall, 0);
  EXPECT_TRUE (bfy_request_reply_on_detour (request, "{}"));

  EXPECT_EQ (stream.messages, std::vector<std::string>{ "{}" });
  EXPECT_TRUE (bfy_request_is_over (request));
}

TEST_F (HoldDetour, ARefusalWithAStatusOfItsOwnIsToldOnTheStream)
{
  const char *refusal = R"({"jsonrpc":"2.0","id":7,"error":{"code":-31001,"message":"x"}})";

  begin_elsewhere (kCall, 0);
  bfy_request_reply (request, 404, "application/json", refusal, -1);

  EXPECT_EQ (stream.messages, std::vector<std::string>{ refusal });
}

TEST_F (HoldDetour, TroubleOfTheServiceIsToldOnTheStream)
{
  begin_elsewhere (kCall, 0);
  (void) bfy_request_begin (request, 500, -1, FALSE);
  write ("<p>");
  bfy_request_end (request);

  ASSERT_EQ (stream.messages.size (), 1u);
  EXPECT_NE (stream.messages[0].find ("HTTP 500"), std::string::npos);
  EXPECT_NE (stream.messages[0].find (R"("id":7)"), std::string::npos);
}

TEST_F (HoldDetour, WhatIsTakenByTheServiceIsAnsweredByIt)
{
  begin_elsewhere (kCall, 0);
  (void) bfy_request_begin (request, 202, 8, FALSE);
  write ("Accepted");
  bfy_request_end (request);

  EXPECT_EQ (stream.messages.size (), 0u);
  EXPECT_TRUE (bfy_request_is_over (request));
}

TEST_F (HoldDetour, ItEndsWithTheStream)
{
  begin_elsewhere (kCall, 0);
  bfy_request_hang_up (request);

  EXPECT_TRUE (g_cancellable_is_cancelled (bfy_request_get_gone (request)));
  EXPECT_TRUE (bfy_request_is_over (request));
}

} // namespace
