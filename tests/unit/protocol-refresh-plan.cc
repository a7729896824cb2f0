// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/refresh-plan.h"
}

namespace
{

constexpr gint64 kNow = 1800000000;
constexpr gint64 kHour = 3600;

struct WindowCase
{
  const char *name;
  gint64 life_s; // 0: the time of issue is not known
  guint jitter;
  gint64 want_s;
};

struct JudgeCase
{
  const char *name;
  gint64 issued_ago_s; // G_MAXINT64: not known
  gint64 left_s;       // G_MAXINT64: never expires
  BfyFreshness want;
};

struct CooldownCase
{
  const char *name;
  guint n_failures;
  gint64 retry_after_s;
  gint64 want_s;
};

struct OutcomeCase
{
  const char *name;
  BfyTokenOutcome outcome;
  BfyRefreshStep want;
  const char *category;
};

} // namespace

class RefreshWindow : public testing::TestWithParam<WindowCase>
{
};

TEST_P (RefreshWindow, IsAsLongAsTheLifeAllows)
{
  const gint64 issued = GetParam ().life_s > 0 ? kNow : 0;
  const gint64 expires = kNow + (GetParam ().life_s > 0 ? GetParam ().life_s : kHour);

  EXPECT_EQ (bfy_refresh_window_s (issued, expires, GetParam ().jitter), GetParam ().want_s);
}

// behaviour 7.1, craft 1.9.2
INSTANTIATE_TEST_SUITE_P (Lives,
                          RefreshWindow,
                          testing::Values (WindowCase{ "Hour", kHour, 0, 300 },
                                           WindowCase{ "Day", 24 * kHour, 0, 300 },
                                           WindowCase{ "NotKnown", 0, 0, 300 },
                                           WindowCase{ "JustLong", 1500, 0, 300 },
                                           WindowCase{ "FiveMinutes", 300, 0, 60 },
                                           WindowCase{ "Minute", 60, 0, 12 },
                                           WindowCase{ "FourSeconds", 4, 0, 1 },
                                           WindowCase{ "OneSecond", 1, 0, 1 },
                                           WindowCase{ "WithMostJitter", kHour, 255, 329 },
                                           WindowCase{ "WithSomeJitter", kHour, 128, 315 },
                                           WindowCase{ "JitterOfAnySize", kHour, 256 * 7 + 128,
                                                       315 },
                                           WindowCase{ "ShortLifeWithJitter", 4, 255, 1 }),
                          case_name<WindowCase>);

class RefreshJudge : public testing::TestWithParam<JudgeCase>
{
};

TEST_P (RefreshJudge, TellsWhatMayBeSent)
{
  const JudgeCase &row = GetParam ();
  const gint64 issued = row.issued_ago_s == G_MAXINT64 ? 0 : kNow - row.issued_ago_s;
  const gint64 expires = row.left_s == G_MAXINT64 ? 0 : kNow + row.left_s;

  EXPECT_EQ (bfy_refresh_judge (issued, expires, kNow, 0), row.want);
}

INSTANTIATE_TEST_SUITE_P (
    Tokens,
    RefreshJudge,
    testing::Values (JudgeCase{ "Never", kHour, G_MAXINT64, BFY_FRESH },
                     JudgeCase{ "New", 0, kHour, BFY_FRESH },
                     JudgeCase{ "BeforeTheWindow", kHour - 301, 301, BFY_FRESH },
                     JudgeCase{ "InTheWindow", kHour - 300, 300, BFY_DUE },
                     JudgeCase{ "LastSecond", kHour - 1, 1, BFY_DUE },
                     JudgeCase{ "JustExpired", kHour, 0, BFY_EXPIRED },
                     JudgeCase{ "LongExpired", 2 * kHour, -kHour, BFY_EXPIRED },
                     JudgeCase{ "IssueNotKnownFresh", G_MAXINT64, 301, BFY_FRESH },
                     JudgeCase{ "IssueNotKnownDue", G_MAXINT64, 300, BFY_DUE },
                     // Lives shorter than the margin must still work.
                     JudgeCase{ "FourSecondsNew", 0, 4, BFY_FRESH },
                     JudgeCase{ "FourSecondsHalf", 2, 2, BFY_FRESH },
                     JudgeCase{ "FourSecondsOld", 3, 1, BFY_DUE },
                     JudgeCase{ "FourSecondsGone", 4, 0, BFY_EXPIRED },
                     // craft G09: the clock was set back, forward.
                     JudgeCase{ "HourBack", -kHour, 2 * kHour, BFY_DUE },
                     JudgeCase{ "BitBack", -30, kHour, BFY_FRESH },
                     JudgeCase{ "HourForward", kHour, 0, BFY_EXPIRED }),
    case_name<JudgeCase>);

class RefreshCooldown : public testing::TestWithParam<CooldownCase>
{
};

TEST_P (RefreshCooldown, GrowsAndHonoursTheServer)
{
  EXPECT_EQ (bfy_refresh_cooldown_s (GetParam ().n_failures, GetParam ().retry_after_s),
             GetParam ().want_s);
}

// behaviour 7.5, craft G06
INSTANTIATE_TEST_SUITE_P (Failures,
                          RefreshCooldown,
                          testing::Values (CooldownCase{ "First", 1, 0, 60 },
                                           CooldownCase{ "Second", 2, 0, 120 },
                                           CooldownCase{ "Fourth", 4, 0, 480 },
                                           CooldownCase{ "Fifth", 5, 0, 900 },
                                           CooldownCase{ "Thousandth", 1000, 0, 900 },
                                           CooldownCase{ "None", 0, 0, 60 },
                                           CooldownCase{ "Most", G_MAXUINT, 0, 900 },
                                           CooldownCase{ "ServerSaysSooner", 5, 1, 1 },
                                           CooldownCase{ "ServerSaysLater", 1, 1800, 1800 },
                                           CooldownCase{ "ServerSaysForEver", 1, G_MAXINT64, 3600 },
                                           CooldownCase{ "ServerSaysNonsense", 1, -5, 60 }),
                          case_name<CooldownCase>);

class RefreshOutcome : public testing::TestWithParam<OutcomeCase>
{
};

TEST_P (RefreshOutcome, MeansOneThing)
{
  EXPECT_EQ (bfy_refresh_decide (GetParam ().outcome), GetParam ().want);
  EXPECT_STREQ (bfy_refresh_failure_category (GetParam ().outcome), GetParam ().category);
}

// behaviour 7.7, 21.3
INSTANTIATE_TEST_SUITE_P (
    Outcomes,
    RefreshOutcome,
    testing::Values (
        OutcomeCase{ "Granted", BFY_TOKEN_GRANTED, BFY_REFRESH_TAKE, nullptr },
        OutcomeCase{ "Transient", BFY_TOKEN_TRANSIENT, BFY_REFRESH_RETRY, "refresh_failed" },
        OutcomeCase{ "Refused", BFY_TOKEN_REFUSED, BFY_REFRESH_LOGIN, "invalid_grant" },
        OutcomeCase{ "Pending", BFY_TOKEN_PENDING, BFY_REFRESH_RETRY, "refresh_failed" },
        OutcomeCase{ "Unusable", BFY_TOKEN_UNUSABLE, BFY_REFRESH_RETRY, "unknown" }),
    case_name<OutcomeCase>);

TEST (RefreshPlan, OnlyATokenWithASourceCanBeRenewed)
{
  g_autoptr (BfySecret) secret = bfy_secret_new ("at", 2);
  g_autoptr (BfyCredential) key = bfy_credential_new (BFY_CREDENTIAL_API_KEY, nullptr, secret);
  g_autoptr (BfyCredential) token =
      bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, secret);

  EXPECT_FALSE (bfy_refresh_can_renew (nullptr));
  EXPECT_FALSE (bfy_refresh_can_renew (key));
  EXPECT_FALSE (bfy_refresh_can_renew (token));
  token->refresh = bfy_secret_ref (secret);
  EXPECT_FALSE (bfy_refresh_can_renew (token)) << "given by hand";

  g_autoptr (BfyOAuthClient) client =
      bfy_oauth_client_new (BFY_CLIENT_CONFIGURED, "https://as.example", "id");
  token->source = bfy_oauth_source_new (client, "https://as.example/token");
  EXPECT_TRUE (bfy_refresh_can_renew (token));
  g_clear_pointer (&token->refresh, bfy_secret_unref);
  EXPECT_FALSE (bfy_refresh_can_renew (token));
  token->source->is_client_credentials = TRUE;
  EXPECT_TRUE (bfy_refresh_can_renew (token));
}
