// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What a browser brings back at the end of a sign-in (behaviour 17.5, A20; mcp.md B.1).

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/callback.h"
}

namespace
{

using ::operator<<; // prints a row by its name

constexpr char kState[] = "c3RhdGUtb2YtdGhpcy1zaWduLWlu";
constexpr char kIssuer[] = "https://as.example/t1";
constexpr guint16 kPort = 40123;

const char *
verdict_name (BfyCallbackVerdict verdict)
{
  switch (verdict)
    {
    case BFY_CALLBACK_FOREIGN:
      return "foreign";
    case BFY_CALLBACK_ELSEWHERE:
      return "elsewhere";
    case BFY_CALLBACK_BAD_METHOD:
      return "bad method";
    case BFY_CALLBACK_MALFORMED:
      return "malformed";
    case BFY_CALLBACK_BAD_STATE:
      return "bad state";
    case BFY_CALLBACK_BAD_ISSUER:
      return "bad issuer";
    case BFY_CALLBACK_NO_CODE:
      return "no code";
    case BFY_CALLBACK_DENIED:
      return "denied";
    case BFY_CALLBACK_REFUSED:
      return "refused";
    case BFY_CALLBACK_CODE:
      return "code";
    }
  return "?";
}

// The verdict, with the code behind it if there is one.
std::string
judge (const BfyCallbackRequest &request, bool sends_iss = false)
{
  g_autoptr (BfySecret) state = bfy_secret_new (kState, strlen (kState));
  const BfyCallbackExpected expected = { kPort, state, kIssuer, sends_iss };
  g_autoptr (BfySecret) code = nullptr;
  const char *reason = nullptr;
  BfyCallbackVerdict verdict = bfy_callback_judge (&request, &expected, &code, &reason);
  std::string text = verdict_name (verdict);

  EXPECT_EQ (reason != nullptr, verdict == BFY_CALLBACK_REFUSED);
  return code != nullptr ? text + ": " + bfy_secret_peek_text (code) : text;
}

std::string
with_state (const std::string &rest)
{
  return "/callback?state=" + std::string (kState) + rest;
}

struct TargetCase
{
  const char *name;
  std::string target;
  std::string want;      // of a server that does not announce `iss`
  std::string announced; // of one that does
};

class CallbackTargetTest : public testing::TestWithParam<TargetCase>
{
};

TEST_P (CallbackTargetTest, IsJudged)
{
  const TargetCase &row = GetParam ();
  // A block of exactly its size, so that a read behind its end is seen.
  Block target (row.target + std::string (1, '\0'));
  const BfyCallbackRequest request = { "GET", target.data (), "127.0.0.1:40123", nullptr, nullptr };

  EXPECT_EQ (judge (request), row.want);
  EXPECT_EQ (judge (request, true), row.announced);
}

constexpr char kIss[] = "&iss=https%3A%2F%2Fas.example%2Ft1";

INSTANTIATE_TEST_SUITE_P (
    Answers,
    CallbackTargetTest,
    testing::Values (
        TargetCase{ "Code", with_state ("&code=abc"), "code: abc", "bad issuer" },
        TargetCase{ "CodeAndIssuer", with_state ("&code=abc") + kIss, "code: abc", "code: abc" },
        TargetCase{ "IssuerUnescaped", with_state ("&code=abc&iss=https://as.example/t1"),
                    "code: abc", "code: abc" },
        TargetCase{ "Escaped", with_state ("&%63ode=a%2Fb%2b%20c+d") + kIss, "code: a/b+ c d",
                    "code: a/b+ c d" },
        TargetCase{ "UnknownParameters", with_state ("&x=%zz&session_state=1&&=&code=abc") + kIss,
                    "code: abc", "code: abc" },
        TargetCase{ "EmptyError", with_state ("&error=&code=abc") + kIss, "code: abc",
                    "code: abc" },
        TargetCase{ "NoCode", with_state ("") + kIss, "no code", "no code" },
        TargetCase{ "EmptyCode", with_state ("&code=") + kIss, "no code", "no code" },
        TargetCase{ "CodeWithoutValue", with_state ("&code") + kIss, "no code", "no code" }),
    case_name<TargetCase>);

// RFC 9207: byte for byte, in error answers too, and nothing else counts when it does not fit.
INSTANTIATE_TEST_SUITE_P (
    Issuers,
    CallbackTargetTest,
    testing::Values (
        TargetCase{ "Other", with_state ("&code=abc&iss=https://evil.example"), "bad issuer",
                    "bad issuer" },
        TargetCase{ "TrailingSlash", with_state ("&code=abc&iss=https://as.example/t1/"),
                    "bad issuer", "bad issuer" },
        TargetCase{ "OriginOnly", with_state ("&code=abc&iss=https://as.example"), "bad issuer",
                    "bad issuer" },
        TargetCase{ "OtherCase", with_state ("&code=abc&iss=https://AS.example/t1"), "bad issuer",
                    "bad issuer" },
        TargetCase{ "WithPort", with_state ("&code=abc&iss=https://as.example:443/t1"),
                    "bad issuer", "bad issuer" },
        TargetCase{ "Empty", with_state ("&code=abc&iss="), "bad issuer", "bad issuer" },
        TargetCase{ "WithError", with_state ("&error=access_denied&iss=https://evil.example"),
                    "bad issuer", "bad issuer" },
        TargetCase{ "MissingWithError", with_state ("&error=access_denied"), "denied",
                    "bad issuer" }),
    case_name<TargetCase>);

INSTANTIATE_TEST_SUITE_P (
    Errors,
    CallbackTargetTest,
    testing::Values (
        TargetCase{ "Denied", with_state ("&error=access_denied") + kIss, "denied", "denied" },
        TargetCase{ "Scope", with_state ("&error=invalid_scope") + kIss, "refused", "refused" },
        TargetCase{ "Unknown", with_state ("&error=%3Cscript%3Ealert(1)%3C/script%3E") + kIss,
                    "refused", "refused" },
        TargetCase{ "BesideACode", with_state ("&code=abc&error=access_denied") + kIss, "denied",
                    "denied" },
        TargetCase{ "WithHtml",
                    with_state ("&error=access_denied&error_description=%3Cb%3E%00") + kIss,
                    "denied", "denied" }),
    case_name<TargetCase>);

INSTANTIATE_TEST_SUITE_P (
    NoAnswers,
    CallbackTargetTest,
    testing::Values (
        TargetCase{ "NothingAtAll", "/callback", "bad state", "bad state" },
        TargetCase{ "NoState", "/callback?code=abc", "bad state", "bad state" },
        TargetCase{ "EmptyState", "/callback?code=abc&state=", "bad state", "bad state" },
        TargetCase{ "WrongState", "/callback?code=abc&state=c3RhdGUtb2YtdGhpcy1zaWduLWl1",
                    "bad state", "bad state" },
        TargetCase{ "StateCutShort", "/callback?code=abc&state=c3RhdGUtb2YtdGhpcy1zaWduLWl",
                    "bad state", "bad state" },
        TargetCase{ "StateAndMore", with_state ("x&code=abc"), "bad state", "bad state" },
        TargetCase{ "ErrorWithoutState", "/callback?error=access_denied", "bad state",
                    "bad state" },
        TargetCase{ "StateTwice", with_state ("&code=abc&state=") + kState, "malformed",
                    "malformed" },
        TargetCase{ "StateTwiceOnceEscaped", with_state ("&code=abc&stat%65=x"), "malformed",
                    "malformed" },
        TargetCase{ "CodeTwice", with_state ("&code=abc&code=abc"), "malformed", "malformed" },
        TargetCase{ "EmptyCodeAndCode", with_state ("&code=&code=abc"), "malformed", "malformed" },
        TargetCase{ "IssuerTwice", with_state ("&code=abc") + kIss + kIss, "malformed",
                    "malformed" },
        TargetCase{ "ErrorTwice", with_state ("&error=a&error=b"), "malformed", "malformed" },
        TargetCase{ "BrokenEscape", with_state ("&code=abc%"), "malformed", "malformed" },
        TargetCase{ "BrokenEscapeAtTheEnd", with_state ("&code=abc%a"), "malformed", "malformed" },
        TargetCase{ "NotHexadecimal", with_state ("&code=abc%zz"), "malformed", "malformed" },
        TargetCase{ "EscapedNul", with_state ("&code=abc%00"), "malformed", "malformed" },
        TargetCase{ "LineEnd", with_state ("&code=abc%0d%0aX:y"), "malformed", "malformed" },
        TargetCase{ "NotAscii", with_state ("&code=%c3%a4"), "malformed", "malformed" },
        TargetCase{ "TooLong", with_state ("&code=" + std::string (4097, 'a')), "malformed",
                    "malformed" },
        TargetCase{ "Icon", "/favicon.ico", "elsewhere", "elsewhere" },
        TargetCase{ "Root", "/", "elsewhere", "elsewhere" },
        TargetCase{ "LongerPath", "/callback/?state=x", "elsewhere", "elsewhere" },
        TargetCase{ "OtherPath", "/callbac?state=x", "elsewhere", "elsewhere" },
        TargetCase{ "DoubleSlash", "//callback?state=x", "elsewhere", "elsewhere" },
        TargetCase{ "EscapedPath", "/%63allback?state=x", "elsewhere", "elsewhere" }),
    case_name<TargetCase>);

struct OriginCase
{
  const char *name;
  const char *method, *host, *origin, *fetch_mode;
  std::string want;
};

class CallbackOriginTest : public testing::TestWithParam<OriginCase>
{
};

// The right state does not help a request that no browser makes to follow a redirect.
TEST_P (CallbackOriginTest, IsJudged)
{
  const OriginCase &row = GetParam ();
  const std::string target = with_state ("&code=abc");

  EXPECT_EQ (judge ({ row.method, target.c_str (), row.host, row.origin, row.fetch_mode }),
             row.want);
}

constexpr char kHost[] = "127.0.0.1:40123";

INSTANTIATE_TEST_SUITE_P (
    Requests,
    CallbackOriginTest,
    testing::Values (
        OriginCase{ "Navigation", "GET", kHost, nullptr, "navigate", "code: abc" },
        OriginCase{ "OldBrowser", "GET", kHost, nullptr, nullptr, "code: abc" },
        OriginCase{ "Fetch", "GET", kHost, nullptr, "no-cors", "foreign" },
        OriginCase{ "FetchWithCors", "GET", kHost, "https://evil.example", "cors", "foreign" },
        OriginCase{ "OriginAlone", "GET", kHost, "https://evil.example", nullptr, "foreign" },
        OriginCase{ "NullOrigin", "GET", kHost, "null", "navigate", "foreign" },
        OriginCase{ "OwnOrigin", "GET", kHost, "http://127.0.0.1:40123", "navigate", "foreign" },
        OriginCase{ "WebSocket", "GET", kHost, nullptr, "websocket", "foreign" },
        OriginCase{ "Rebinding", "GET", "evil.example:40123", nullptr, "navigate", "foreign" },
        OriginCase{ "Localhost", "GET", "localhost:40123", nullptr, "navigate", "foreign" },
        OriginCase{ "OtherPort", "GET", "127.0.0.1:40124", nullptr, "navigate", "foreign" },
        OriginCase{ "NoPort", "GET", "127.0.0.1", nullptr, "navigate", "foreign" },
        OriginCase{ "NoHost", "GET", nullptr, nullptr, "navigate", "foreign" },
        OriginCase{ "Post", "POST", kHost, nullptr, "navigate", "bad method" },
        OriginCase{ "Head", "HEAD", kHost, nullptr, "navigate", "bad method" },
        OriginCase{ "Options", "OPTIONS", kHost, nullptr, nullptr, "bad method" }),
    case_name<OriginCase>);

TEST (Callback, AnswersAreThoseWithTheState)
{
  for (int i = BFY_CALLBACK_FOREIGN; i <= BFY_CALLBACK_CODE; i++)
    {
      auto verdict = static_cast<BfyCallbackVerdict> (i);

      EXPECT_EQ (bfy_callback_is_answer (verdict), i >= BFY_CALLBACK_BAD_ISSUER)
          << verdict_name (verdict);
    }
}

} // namespace
