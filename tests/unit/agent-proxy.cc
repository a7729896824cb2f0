// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <map>

#include "tests/fixture/reached.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/enrol/probe.h"
#include "agent/proxy/call.h"
#include "agent/proxy/greeting.h"
#include "agent/proxy/headers.h"
#include "agent/proxy/meter.h"
#include "agent/proxy/redirect.h"
#include "agent/proxy/sessions.h"
}

namespace
{

std::map<std::string, std::string>
to_map (SoupMessageHeaders *headers)
{
  std::map<std::string, std::string> map;
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    map[take_text (g_ascii_strdown (name, -1))] = value;
  return map;
}

} // namespace

// behaviour 5.1 and 5.2, acceptance A9.
TEST (Headers, OnlyTheListedOnesGoUp)
{
  SoupMessageHeaders *from = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  SoupMessageHeaders *to = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);

  for (const char *name :
       { "Authorization", "Cookie", "Proxy-Authorization", "X-Forwarded-For", "Origin", "Host",
         "X-Figma-Token", "Connection", "Accept-Language", "User-Agent", "Referer", "Via" })
    soup_message_headers_append (from, name, "leak");
  for (const char *name : { "Mcp-Session-Id", "MCP-Protocol-Version", "Last-Event-ID", "Mcp-Method",
                            "Mcp-Name", "Mcp-Param-Region", "traceparent", "tracestate" })
    soup_message_headers_append (from, name, "passed");
  bfy_headers_copy_up (from, to, "POST", "X-Figma-Token");

  EXPECT_THAT (to_map (to),
               testing::UnorderedElementsAre (
                   testing::Pair ("mcp-session-id", "passed"),
                   testing::Pair ("mcp-protocol-version", "passed"),
                   testing::Pair ("last-event-id", "passed"),
                   testing::Pair ("mcp-method", "passed"), testing::Pair ("mcp-name", "passed"),
                   testing::Pair ("mcp-param-region", "passed"),
                   testing::Pair ("traceparent", "passed"), testing::Pair ("tracestate", "passed"),
                   testing::Pair ("accept-encoding", "identity"),
                   testing::Pair ("accept", "application/json, text/event-stream")));
  soup_message_headers_unref (from);
  soup_message_headers_unref (to);
}

TEST (Headers, AClientsCopyOfTheInjectedHeaderNeverGoesUp)
{
  SoupMessageHeaders *from = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  SoupMessageHeaders *to = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);

  soup_message_headers_append (from, "Mcp-Param-Key", "the client's");
  bfy_headers_copy_up (from, to, "GET", "mcp-param-key");
  EXPECT_THAT (to_map (to),
               testing::UnorderedElementsAre (testing::Pair ("accept-encoding", "identity"),
                                              testing::Pair ("accept", "text/event-stream")));
  soup_message_headers_unref (from);
  soup_message_headers_unref (to);
}

TEST (Headers, OnlyTheListedOnesComeDown)
{
  SoupMessageHeaders *from = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  SoupMessageHeaders *to = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);

  for (const char *name :
       { "Set-Cookie", "WWW-Authenticate", "Access-Control-Allow-Origin", "Alt-Svc",
         "Strict-Transport-Security", "X-Bindify-Origin", "Server", "Location", "Connection" })
    soup_message_headers_append (from, name, "leak");
  for (const char *name :
       { "Content-Type", "Mcp-Session-Id", "MCP-Protocol-Version", "Retry-After" })
    soup_message_headers_append (from, name, "passed");
  bfy_headers_copy_down (from, to);

  EXPECT_THAT (to_map (to),
               testing::UnorderedElementsAre (testing::Pair ("content-type", "passed"),
                                              testing::Pair ("mcp-session-id", "passed"),
                                              testing::Pair ("mcp-protocol-version", "passed"),
                                              testing::Pair ("retry-after", "passed")));
  soup_message_headers_unref (from);
  soup_message_headers_unref (to);
}

// mcp.md A.7, 7; craft J28.
TEST (Headers, J28WhatConnectionNamesStopsHere)
{
  SoupMessageHeaders *from = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  SoupMessageHeaders *up = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  SoupMessageHeaders *down = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);

  for (const char *name : { "Mcp-Session-Id", "Mcp-Param-A", "Mcp-Method", "Content-Type" })
    soup_message_headers_append (from, name, "x");
  soup_message_headers_append (from, "Connection", "close, mcp-session-id");
  soup_message_headers_append (from, "Connection", "Mcp-Param-A");
  bfy_headers_copy_up (from, up, "DELETE", nullptr);
  bfy_headers_copy_down (from, down);

  EXPECT_THAT (to_map (up),
               testing::UnorderedElementsAre (testing::Pair ("mcp-method", "x"),
                                              testing::Pair ("accept-encoding", "identity")));
  EXPECT_THAT (to_map (down), testing::ElementsAre (testing::Pair ("content-type", "x")));
  soup_message_headers_unref (from);
  soup_message_headers_unref (up);
  soup_message_headers_unref (down);
}

struct LengthCase
{
  const char *name, *first, *second, *coding;
  bool want;
};

class LengthTest : public testing::TestWithParam<LengthCase>
{
};

TEST_P (LengthTest, IsOneNumberOrNone)
{
  SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);

  if (GetParam ().first != nullptr)
    soup_message_headers_append (headers, "Content-Length", GetParam ().first);
  if (GetParam ().second != nullptr)
    soup_message_headers_append (headers, "Content-Length", GetParam ().second);
  if (GetParam ().coding != nullptr)
    soup_message_headers_append (headers, "Transfer-Encoding", GetParam ().coding);
  EXPECT_EQ (bfy_headers_have_sound_length (headers), GetParam ().want);
  soup_message_headers_unref (headers);
}

INSTANTIATE_TEST_SUITE_P (
    Lengths,
    LengthTest,
    testing::Values (LengthCase{ "None", nullptr, nullptr, nullptr, true },
                     LengthCase{ "Zero", "0", nullptr, nullptr, true },
                     LengthCase{ "Number", "123456789012345678", nullptr, nullptr, true },
                     LengthCase{ "TooManyDigits", "1234567890123456789", nullptr, nullptr, false },
                     LengthCase{ "Negative", "-1", nullptr, nullptr, false },
                     LengthCase{ "Plus", "+1", nullptr, nullptr, false },
                     LengthCase{ "Hexadecimal", "0x10", nullptr, nullptr, false },
                     LengthCase{ "Empty", "", nullptr, nullptr, false },
                     LengthCase{ "TwoInOne", "2, 3", nullptr, nullptr, false },
                     LengthCase{ "Two", "2", "3", nullptr, false },
                     LengthCase{ "ChunksOverrule", "2", nullptr, "chunked", true }),
    case_name<LengthCase>);

struct RedirectCase
{
  const char *name, *url;
  guint status;
  const char *location, *want; // want NULL: not followed
};

class RedirectTest : public testing::TestWithParam<RedirectCase>
{
};

TEST_P (RedirectTest, FollowsWithinTheOriginOnly)
{
  const RedirectCase &row = GetParam ();
  g_autofree char *got = bfy_redirect_target (row.url, row.status, row.location);

  EXPECT_STREQ (got, row.want);
}

// behaviour 5.5, acceptance A10, craft J24.
INSTANTIATE_TEST_SUITE_P (
    Redirects,
    RedirectTest,
    testing::Values (
        RedirectCase{ "TrailingSlash", "https://a.example/mcp", 307, "/mcp/",
                      "https://a.example/mcp/" },
        RedirectCase{ "SameOriginAbsolute", "https://a.example/mcp", 308, "https://a.example/v2",
                      "https://a.example/v2" },
        RedirectCase{ "DefaultPort", "https://a.example/mcp", 308, "https://a.example:443/v2",
                      "https://a.example/v2" },
        RedirectCase{ "OtherHost", "https://a.example/mcp", 307, "https://evil.example/mcp",
                      nullptr },
        RedirectCase{ "OtherHostSchemeRelative", "https://a.example/mcp", 307, "//evil.example/mcp",
                      nullptr },
        RedirectCase{ "OtherPort", "https://a.example/mcp", 307, "https://a.example:8443/mcp",
                      nullptr },
        RedirectCase{ "LosesTls", "https://127.0.0.1/mcp", 307, "http://127.0.0.1/mcp", nullptr },
        RedirectCase{ "UserInfo", "https://a.example/mcp", 307, "https://u:p@a.example/mcp",
                      nullptr },
        RedirectCase{ "Found", "https://a.example/mcp", 302, "/mcp/", nullptr },
        RedirectCase{ "SeeOther", "https://a.example/mcp", 303, "/mcp/", nullptr },
        RedirectCase{ "NoLocation", "https://a.example/mcp", 307, nullptr, nullptr },
        RedirectCase{ "Nonsense", "https://a.example/mcp", 307, "http://[", nullptr },
        RedirectCase{ "Script", "https://a.example/mcp", 307, "javascript:alert(1)", nullptr }),
    case_name<RedirectCase>);

TEST (Meter, CountsABodyAsAWhole)
{
  BfyMeter meter;

  bfy_meter_init (&meter, 10, FALSE);
  EXPECT_TRUE (bfy_meter_count (&meter, "12345", 5));
  EXPECT_TRUE (bfy_meter_count (&meter, "\n\n\n\n\n", 5));
  EXPECT_FALSE (bfy_meter_count (&meter, "1", 1));
}

TEST (Meter, CountsEachEventByItself)
{
  for (const char *end : { "\n\n", "\r\r", "\r\n\r\n" })
    {
      BfyMeter meter;
      std::string event = std::string ("data:x") + end;

      bfy_meter_init (&meter, 10, TRUE);
      for (int i = 0; i < 100; i++)
        ASSERT_TRUE (bfy_meter_count (&meter, event.data (), event.size ())) << i;
      EXPECT_FALSE (bfy_meter_count (&meter, "data:123456", 11));
    }
}

TEST (Meter, DoesNotTakeOneLineEndForAnEmptyLine)
{
  BfyMeter meter;

  bfy_meter_init (&meter, 12, TRUE);
  EXPECT_TRUE (bfy_meter_count (&meter, "a\r\nb\r\nc\r\nd\r\n", 12));
  EXPECT_FALSE (bfy_meter_count (&meter, "e", 1));
}

struct ChallengeCase
{
  const char *name, *challenge, *want;
};

class ChallengeTest : public testing::TestWithParam<ChallengeCase>
{
};

TEST_P (ChallengeTest, TellsWhatTheServiceWants)
{
  BfyChallenge *challenge = bfy_challenge_parse_one (GetParam ().challenge);

  EXPECT_STREQ (bfy_auth_to_wire (bfy_auth_from_challenge (challenge)), GetParam ().want);
  bfy_challenge_free (challenge);
}

// behaviour 17.2.
INSTANTIATE_TEST_SUITE_P (
    Challenges,
    ChallengeTest,
    testing::Values (ChallengeCase{ "None", nullptr, "unknown" },
                     ChallengeCase{ "Bearer", "Bearer realm=\"x\"", "bearer" },
                     ChallengeCase{ "AnyCase", "bEARER", "bearer" },
                     ChallengeCase{ "Basic", "Basic realm=\"x\"", "basic" },
                     ChallengeCase{ "Metadata", "Bearer resource_metadata=\"https://x\"", "oauth" },
                     ChallengeCase{ "Prose", "Basic realm=\"resource_metadata\"", "basic" },
                     ChallengeCase{ "Several", "Basic realm=\"x\", Bearer scope=\"a\"", "bearer" },
                     ChallengeCase{ "Other", "Negotiate", "unknown" }),
    case_name<ChallengeCase>);

// --- Calls ---

class Call : public testing::Test
{
protected:
  Call ()
  {
    g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);

    upstreams_ = upstreams_to ("http://127.0.0.1:1/mcp");
    cancellable_ = g_cancellable_new ();
    call_ =
        bfy_call_new (upstreams_, "POST", "http://127.0.0.1:1/mcp", body, cancellable_, nullptr);
  }
  ~Call () override
  {
    bfy_call_free (call_);
    g_object_unref (cancellable_);
    g_object_unref (upstreams_);
  }
  bool is_cancelled () const
  {
    return g_cancellable_is_cancelled (cancellable_);
  }

  BfyUpstreams *upstreams_;
  GCancellable *cancellable_;
  BfyCall *call_;
};

// libsoup may repeat what it calls idempotent, on kept connections; the upstream may have acted.
TEST_F (Call, IsCutWhenItWouldBeSentAgain)
{
  SoupMessage *message = bfy_call_get_message (call_);

  g_signal_emit_by_name (message, "restarted");
  EXPECT_FALSE (is_cancelled ()) << "nothing has been sent yet";
  g_signal_emit_by_name (message, "wrote-headers");
  g_signal_emit_by_name (message, "restarted");
  EXPECT_TRUE (is_cancelled ());
  EXPECT_STRNE (bfy_call_get_cut_reason (call_), nullptr);
}

TEST_F (Call, LeavesRedirectsAndPasswordsToUs)
{
  SoupMessageFlags flags = soup_message_get_flags (bfy_call_get_message (call_));

  EXPECT_NE (flags & SOUP_MESSAGE_NO_REDIRECT, 0);
  EXPECT_NE (flags & SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE, 0);
}

// behaviour 5.10.
TEST (Sessions, BelongToTheBindingAndTheClientThatGotThem)
{
  BfySessions *sessions = bfy_sessions_new (8, 8);

  bfy_sessions_remember (sessions, "a", "c", "s");
  bfy_sessions_remember (sessions, "a", nullptr, "t");

  EXPECT_TRUE (bfy_sessions_know (sessions, "a", "c", "s"));
  EXPECT_TRUE (bfy_sessions_know (sessions, "a", nullptr, "t"));
  EXPECT_FALSE (bfy_sessions_know (sessions, "b", "c", "s"));
  EXPECT_FALSE (bfy_sessions_know (sessions, "a", "d", "s"));
  EXPECT_FALSE (bfy_sessions_know (sessions, "a", nullptr, "s"));
  EXPECT_FALSE (bfy_sessions_know (sessions, "a", "c", "t"));
  EXPECT_FALSE (bfy_sessions_know (sessions, "a", "c", ""));
  // The parts do not run into each other.
  EXPECT_FALSE (bfy_sessions_know (sessions, "ac", "", "s"));
  bfy_sessions_free (sessions);
}

TEST (Sessions, TheOneUsedLongestAgoIsForgottenFirst)
{
  BfySessions *sessions = bfy_sessions_new (2, 2);

  bfy_sessions_remember (sessions, "b", "c", "1");
  bfy_sessions_remember (sessions, "b", "c", "2");
  EXPECT_TRUE (bfy_sessions_know (sessions, "b", "c", "1"));
  bfy_sessions_remember (sessions, "b", "c", "3");

  EXPECT_TRUE (bfy_sessions_know (sessions, "b", "c", "1"));
  EXPECT_FALSE (bfy_sessions_know (sessions, "b", "c", "2"));
  EXPECT_TRUE (bfy_sessions_know (sessions, "b", "c", "3"));
  // Once more is no second place taken.
  bfy_sessions_remember (sessions, "b", "c", "3");
  EXPECT_TRUE (bfy_sessions_know (sessions, "b", "c", "1"));
  bfy_sessions_free (sessions);
}

TEST (Sessions, OneClientPushesOutNoneButItsOwn)
{
  BfySessions *sessions = bfy_sessions_new (4, 2);

  bfy_sessions_remember (sessions, "b", nullptr, "quiet");
  for (const char *id : { "1", "2", "3" })
    bfy_sessions_remember (sessions, "b", "loud", id);
  EXPECT_FALSE (bfy_sessions_know (sessions, "b", "loud", "1"));
  EXPECT_TRUE (bfy_sessions_know (sessions, "b", "loud", "2"));
  EXPECT_TRUE (bfy_sessions_know (sessions, "b", nullptr, "quiet"));

  // Those of other bindings count too, ended ones do not.
  bfy_sessions_remember (sessions, "c", "loud", "4");
  EXPECT_FALSE (bfy_sessions_know (sessions, "b", "loud", "3"));
  bfy_sessions_forget (sessions, "b", "loud", "2");
  bfy_sessions_remember (sessions, "c", "loud", "5");
  EXPECT_TRUE (bfy_sessions_know (sessions, "c", "loud", "4"));
  bfy_sessions_free (sessions);
}

TEST (Sessions, AnEndedOneIsForgottenAndMayComeBack)
{
  BfySessions *sessions = bfy_sessions_new (2, 2);

  bfy_sessions_remember (sessions, "b", "c", "1");
  bfy_sessions_set_version (sessions, "b", "c", "1", "2025-06-18");
  bfy_sessions_forget (sessions, "b", "other", "1");
  EXPECT_TRUE (bfy_sessions_know (sessions, "b", "c", "1"));
  bfy_sessions_forget (sessions, "b", "c", "1");
  EXPECT_FALSE (bfy_sessions_know (sessions, "b", "c", "1"));
  bfy_sessions_forget (sessions, "b", "c", "1");

  // Its place is free again, and nothing of it has stayed.
  bfy_sessions_remember (sessions, "b", "c", "2");
  bfy_sessions_remember (sessions, "b", "c", "1");
  EXPECT_TRUE (bfy_sessions_know (sessions, "b", "c", "2"));
  EXPECT_EQ (bfy_sessions_get_version (sessions, "b", "c", "1"), nullptr);
  bfy_sessions_free (sessions);
}

TEST (Sessions, RememberTheAgreedVersion)
{
  BfySessions *sessions = bfy_sessions_new (2, 2);

  bfy_sessions_set_version (sessions, "b", "c", "1", "2025-06-18");
  EXPECT_EQ (bfy_sessions_get_version (sessions, "b", "c", "1"), nullptr);
  bfy_sessions_remember (sessions, "b", "c", "1");
  EXPECT_EQ (bfy_sessions_get_version (sessions, "b", "c", "1"), nullptr);
  bfy_sessions_set_version (sessions, "b", "c", "1", "2025-03-26");
  bfy_sessions_set_version (sessions, "b", "c", "1", "2025-06-18");
  bfy_sessions_remember (sessions, "b", "c", "1");
  EXPECT_STREQ (bfy_sessions_get_version (sessions, "b", "c", "1"), "2025-06-18");
  EXPECT_EQ (bfy_sessions_get_version (sessions, "b", nullptr, "1"), nullptr);
  bfy_sessions_free (sessions);
}

namespace
{

constexpr char kAgreed[] =
    R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-06-18","capabilities":{}}})";

// What has been learned after all of @text came in pieces of @n bytes.
std::string
greeted (const std::string &text, bool is_event_stream, size_t n)
{
  BfyGreeting *greeting = bfy_greeting_new (is_event_stream);

  for (size_t i = 0; i < text.size (); i += n)
    bfy_greeting_read (greeting, text.data () + i, std::min (n, text.size () - i));
  const char *version = bfy_greeting_get_version (greeting);
  std::string learned = version != nullptr ? version : "";
  bfy_greeting_free (greeting);
  return learned;
}

} // namespace

TEST (Greeting, TellsTheVersionHoweverItComes)
{
  std::string ping =
      ": hello\r\n\r\nid: 1\ndata:\n\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"x\"}\n\n";

  for (size_t n : { 1, 2, 7, 1000 })
    {
      EXPECT_EQ (greeted (kAgreed, false, n), "2025-06-18") << n;
      EXPECT_EQ (greeted (ping + "data: " + kAgreed + "\r\n\r\n", true, n), "2025-06-18") << n;
      EXPECT_EQ (greeted (ping + "data: [" + kAgreed + "]\n\n", true, n), "2025-06-18") << n;
    }
}

TEST (Greeting, StaysWithoutAVersionWhenThereIsNone)
{
  std::string large = kAgreed;

  large.insert (large.size () - 2, ",\"x\":\"" + std::string (300 * 1024, 'x') + "\"");
  EXPECT_EQ (greeted ("", false, 1), "");
  EXPECT_EQ (greeted ("{", false, 1), "");
  EXPECT_EQ (greeted (large, false, 32768), "") << "too large";
  EXPECT_EQ (greeted ("data: " + large + "\n\n", true, 32768), "") << "too large";
  EXPECT_EQ (greeted (std::string ("data: ") + kAgreed, true, 9), "") << "the event has no end";
}
