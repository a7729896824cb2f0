// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What a sign-in decides by itself: whether a code is protected with PKCE, and what a wish says
// (mcp.md B.1, behaviour 17.3).

#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/oauth/sign-in-private.h"
}

namespace
{

using ::operator<<; // prints a row by its name

enum Record
{
  kNoRecord,
  kRecordWith,
  kRecordWithout,
};

struct PkceCase
{
  const char *name;
  bool takes_s256, says_pkce;
  Record record;
  bool allow_no_pkce;
  BfyPkceChoice want;
};

class PkceTest : public testing::TestWithParam<PkceCase>
{
};

TEST_P (PkceTest, IsChosen)
{
  const PkceCase &row = GetParam ();
  BfyOAuthServer server = {};
  BfyServiceOAuth record = {};

  server.takes_s256 = row.takes_s256;
  server.says_pkce = row.says_pkce;
  record.uses_pkce = row.record == kRecordWith;
  EXPECT_EQ (bfy_sign_in_choose_pkce (&server, row.record == kNoRecord ? nullptr : &record,
                                      row.allow_no_pkce),
             row.want);
}

INSTANTIATE_TEST_SUITE_P (
    Servers,
    PkceTest,
    testing::Values (
        PkceCase{ "S256", true, true, kNoRecord, false, BFY_PKCE_SEND },
        PkceCase{ "S256WhateverTheRecordSays", true, true, kRecordWithout, false, BFY_PKCE_SEND },
        PkceCase{ "S256WhateverThePersonSays", true, true, kNoRecord, true, BFY_PKCE_SEND },
        PkceCase{ "Assumed", true, false, kNoRecord, false, BFY_PKCE_SEND },
        PkceCase{ "Silent", false, false, kNoRecord, false, BFY_PKCE_REFUSE },
        PkceCase{ "SilentAndAccepted", false, false, kNoRecord, true, BFY_PKCE_SEND },
        PkceCase{ "PlainOnly", false, true, kNoRecord, false, BFY_PKCE_REFUSE },
        PkceCase{ "PlainOnlyAndAccepted", false, true, kNoRecord, true, BFY_PKCE_OMIT },
        PkceCase{ "SilentAndKnownToUseIt", false, false, kRecordWith, false, BFY_PKCE_SEND },
        PkceCase{ "SilentAndKnownNotTo", false, false, kRecordWithout, false, BFY_PKCE_OMIT },
        PkceCase{ "PlainOnlyAndKnownNotTo", false, true, kRecordWithout, false, BFY_PKCE_REFUSE }),
    case_name<PkceCase>);

struct IntervalCase
{
  const char *name;
  BfyTokenOutcome outcome;
  const char *error;
  gint64 retry_after_s, interval_s, want_s;
};

class IntervalTest : public testing::TestWithParam<IntervalCase>
{
};

// RFC 8628, 3.5.
TEST_P (IntervalTest, GrowsWhenTheServerSaysSo)
{
  const IntervalCase &row = GetParam ();
  BfyTokenAnswer answer = {};

  answer.outcome = row.outcome;
  answer.error = const_cast<char *> (row.error);
  answer.retry_after_s = row.retry_after_s;
  EXPECT_EQ (bfy_sign_in_next_interval_s (&answer, row.interval_s), row.want_s);
}

INSTANTIATE_TEST_SUITE_P (
    Answers,
    IntervalTest,
    testing::Values (IntervalCase{ "Pending", BFY_TOKEN_PENDING, "authorization_pending", 0, 5, 5 },
                     IntervalCase{ "SlowDown", BFY_TOKEN_PENDING, "slow_down", 0, 5, 10 },
                     IntervalCase{ "SlowDownAgain", BFY_TOKEN_PENDING, "slow_down", 0, 10, 15 },
                     IntervalCase{ "SlowDownForEver", BFY_TOKEN_PENDING, "slow_down", 0, 58, 60 },
                     IntervalCase{ "RetryAfter", BFY_TOKEN_PENDING, "slow_down", 30, 5, 30 },
                     IntervalCase{ "ShortRetryAfter", BFY_TOKEN_PENDING, "slow_down", 1, 5, 10 },
                     IntervalCase{ "LongRetryAfter", BFY_TOKEN_TRANSIENT, nullptr, 86400, 5, 60 },
                     IntervalCase{ "OutOfReach", BFY_TOKEN_TRANSIENT, nullptr, 0, 5, 10 }),
    case_name<IntervalCase>);

struct WishCase
{
  const char *name;
  std::string text;
  std::string want; // "kind id secret scope override", "-" for what is absent; "" when refused
};

class WishTest : public testing::TestWithParam<WishCase>
{
};

const char *
or_dash (const char *text)
{
  return text != nullptr ? text : "-";
}

std::string
summary (const BfySignInWish *wish)
{
  std::string secret = "-";

  if (wish->client_secret != nullptr)
    secret = bfy_secret_peek_text (wish->client_secret);
  return std::to_string (wish->kind) + " " + or_dash (wish->client_id) + " " + secret + " " +
         or_dash (wish->scope) + (wish->allow_no_pkce ? " allowed" : "");
}

TEST_P (WishTest, IsRead)
{
  const WishCase &row = GetParam ();
  BfyJsonSlice slice;
  Error error;

  ASSERT_TRUE (bfy_json_check (row.text.data (), row.text.size (), nullptr));
  bfy_json_slice_root (row.text.data (), row.text.size (), &slice);
  g_autoptr (BfySignInWish) wish = bfy_sign_in_wish_parse (&slice, error.out ());
  ASSERT_EQ (wish != nullptr, !row.want.empty ()) << error;
  if (wish == nullptr)
    return;
  g_autoptr (BfySignInWish) copy = bfy_sign_in_wish_copy (wish);
  EXPECT_EQ (summary (wish), row.want);
  EXPECT_EQ (summary (copy), row.want);
}

INSTANTIATE_TEST_SUITE_P (
    Wishes,
    WishTest,
    testing::Values (
        WishCase{ "Browser", R"({"flow":"browser"})", "0 - - -" },
        WishCase{ "Device", R"({"flow":"device","client_id":null,"scope":" b  a b "})",
                  "1 - - b a" },
        WishCase{ "Machine",
                  R"({"flow":"machine","client_id":"i","client_secret":"\u0073\"ecret"})",
                  "2 i s\"ecret -" },
        WishCase{ "Override", R"({"flow":"browser","allow_no_pkce":true})", "0 - - - allowed" },
        WishCase{ "NoOverride", R"({"flow":"browser","allow_no_pkce":false})", "0 - - -" },
        WishCase{ "OverrideAsText", R"({"flow":"browser","allow_no_pkce":"true"})", "" },
        WishCase{ "OtherFlow", R"({"flow":"implicit"})", "" },
        WishCase{ "NoFlow", R"({"scope":"a"})", "" },
        WishCase{ "Unknown", R"({"flow":"browser","pkce":false})", "" },
        WishCase{ "SecretAlone", R"({"flow":"browser","client_secret":"s"})", "" },
        WishCase{ "IdNotAscii", R"({"flow":"browser","client_id":"ä"})", "" },
        WishCase{ "ScopeWithQuote", R"({"flow":"browser","scope":"a\"b"})", "" },
        WishCase{ "EmptyId", R"({"flow":"browser","client_id":""})", "" },
        WishCase{ "LongId", R"({"flow":"browser","client_id":")" + std::string (2049, 'a') + "\"}",
                  "" },
        WishCase{ "EmptySecret", R"({"flow":"browser","client_id":"i","client_secret":""})", "" },
        WishCase{ "LongSecret",
                  R"({"flow":"browser","client_id":"i","client_secret":")" +
                      std::string (4097, 'a') + "\"}",
                  "" },
        WishCase{ "SecretOfAnotherType", R"({"flow":"browser","client_id":"i","client_secret":1})",
                  "" },
        WishCase{ "EmptyScope", R"({"flow":"browser","scope":" "})", "" },
        WishCase{ "NoObject", R"(["browser"])", "" }),
    case_name<WishCase>);

} // namespace
