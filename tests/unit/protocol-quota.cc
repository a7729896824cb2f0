// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Limits: how they are read, and what they let through when (behaviour 22.3).

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/quota.h"
}

using testing::HasSubstr;

// 2024-03-01 12:00:00 UTC, the start of a minute and of an hour.
static constexpr gint64 noon = 1709294400;
static constexpr gint64 midnight = noon - 12 * 3600;

static bool
read (const std::string &text, BfyQuotas *quotas, GError **error)
{
  Block block (text);
  BfyJsonSlice root;

  if (!bfy_json_check_document (block.data (), block.size (), error))
    return false;
  bfy_json_slice_root (block.data (), block.size (), &root);
  return bfy_quotas_read (block.data (), &root, quotas, error);
}

static std::string
to_text (JsonObject *owned)
{
  g_autoptr (JsonObject) object = owned;
  g_autofree char *text = bfy_json_object_to_text (object, nullptr);

  return text;
}

// --- The document ---

struct GoodCase
{
  const char *name, *text, *read_as;
};

class QuotasGood : public testing::TestWithParam<GoodCase>
{
};

TEST_P (QuotasGood, AreReadAndToldAgain)
{
  BfyQuotas quotas;
  Error error;

  ASSERT_TRUE (read (GetParam ().text, &quotas, error.out ())) << error;
  EXPECT_EQ (to_text (bfy_quotas_to_json (&quotas)), GetParam ().read_as);
  EXPECT_EQ (bfy_quotas_are_empty (&quotas), std::string (GetParam ().read_as) == "{}");
}

INSTANTIATE_TEST_SUITE_P (
    Documents,
    QuotasGood,
    testing::Values (
        GoodCase{ "Nothing", "{}", "{}" },
        GoodCase{ "NothingPerClient", R"({"per_client":{}})", "{}" },
        GoodCase{ "Zero", R"({"concurrent":0})", "{}" },
        GoodCase{ "One", R"({"requests_per_hour":100})", R"({"requests_per_hour":100})" },
        GoodCase{ "All",
                  R"({"requests_per_minute":1,"requests_per_hour":2,"concurrent":3,)"
                  R"("bytes_per_day":4})",
                  R"({"requests_per_minute":1,"requests_per_hour":2,"concurrent":3,)"
                  R"("bytes_per_day":4})" },
        GoodCase{ "OfEachClient", R"({"per_client":{"bytes_per_day":9007199254740991}})",
                  R"({"per_client":{"bytes_per_day":9007199254740991}})" },
        GoodCase{ "Both", R"({"concurrent":8,"per_client":{"concurrent":2}})",
                  R"({"concurrent":8,"per_client":{"concurrent":2}})" }),
    [] (const auto &info) { return info.param.name; });

struct BadCase
{
  const char *name, *text, *say;
};

class QuotasBad : public testing::TestWithParam<BadCase>
{
};

TEST_P (QuotasBad, AreRefusedWithTheLine)
{
  BfyQuotas quotas;
  Error error;

  EXPECT_FALSE (read (GetParam ().text, &quotas, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().say));
}

INSTANTIATE_TEST_SUITE_P (
    Documents,
    QuotasBad,
    testing::Values (
        BadCase{ "NoObject", "[]", "Not a policy: line 1: “limits” is an object" },
        BadCase{ "PerClientIsANumber", "{\n\"per_client\": 3}", "line 2: “per_client” is an" },
        BadCase{ "Unknown", "{\n\n\"requests_per_day\": 1}",
                 "line 3: “requests_per_day” is not known here" },
        BadCase{ "Twice", R"({"per_client":{"per_client":{}}})", "“per_client” is not known here" },
        BadCase{ "Negative", R"({"concurrent":-1})", "a limit is a whole number" },
        BadCase{ "Fraction", R"({"concurrent":1.5})", "a limit is a whole number" },
        BadCase{ "Exponent", R"({"concurrent":1e3})", "a limit is a whole number" },
        BadCase{ "Text", R"({"concurrent":"8"})", "a limit is a whole number" },
        BadCase{ "Null", R"({"concurrent":null})", "a limit is a whole number" },
        BadCase{ "True", R"({"concurrent":true})", "a limit is a whole number" },
        BadCase{ "TooLarge", R"({"concurrent":9007199254740992})", "a limit is a whole number" },
        BadCase{ "MuchTooLarge", R"({"concurrent":18446744073709551617})",
                 "a limit is a whole number" },
        BadCase{ "OfEachClient", "{\"per_client\":{\n\"concurrent\":-1}}", "line 2: a limit" }),
    [] (const auto &info) { return info.param.name; });

// --- Windows ---

class Quota : public testing::Test
{
protected:
  BfyQuotaVerdict take (gint64 now_s, BfyQuotaUse &client, const BfyQuotaWish &wish = { 1, 1, 0 })
  {
    return bfy_quota_take (&quotas, &all, &client, &wish, now_s);
  }
  BfyQuotaVerdict take (gint64 now_s)
  {
    return take (now_s, client);
  }
  void give_back (BfyQuotaUse &of_client)
  {
    const BfyQuotaWish one = { 1, 1, 0 };

    bfy_quota_give_back (&all, &one);
    bfy_quota_give_back (&of_client, &one);
  }

  BfyQuotas quotas = {};
  BfyQuotaUse all = {};
  BfyQuotaUse client = {};
};

TEST_F (Quota, WithoutLimitsCountsAndAdmits)
{
  for (int i = 0; i < 1000; i++)
    ASSERT_TRUE (take (noon).is_admitted);
  EXPECT_EQ (all.n_minute, 1000);
  EXPECT_EQ (client.n_hour, 1000);
  EXPECT_EQ (client.n_open, 1000);
}

TEST_F (Quota, OfAMinuteEndsWithTheMinute)
{
  BfyQuotaVerdict verdict;

  quotas.all.requests_per_minute = 2;
  EXPECT_TRUE (take (noon + 58).is_admitted);
  EXPECT_TRUE (take (noon + 59).is_admitted);
  verdict = take (noon + 59);
  EXPECT_FALSE (verdict.is_admitted);
  EXPECT_STREQ (verdict.limit, "requests_per_minute");
  EXPECT_EQ (verdict.most, 2);
  EXPECT_FALSE (verdict.is_per_client);
  EXPECT_EQ (verdict.retry_after_s, 1);
  EXPECT_TRUE (take (noon + 60).is_admitted);
  EXPECT_TRUE (take (noon + 61).is_admitted);
  verdict = take (noon + 61);
  EXPECT_EQ (verdict.retry_after_s, 59);
}

TEST_F (Quota, OfAnHourEndsWithTheHour)
{
  quotas.all.requests_per_hour = 1;
  EXPECT_TRUE (take (noon + 10).is_admitted);
  EXPECT_EQ (take (noon + 10).retry_after_s, 3590);
  EXPECT_STREQ (take (noon + 3599).limit, "requests_per_hour");
  EXPECT_EQ (take (noon + 3599).retry_after_s, 1);
  EXPECT_TRUE (take (noon + 3600).is_admitted);
}

TEST_F (Quota, OfBytesEndsAtMidnight)
{
  const BfyQuotaWish empty = { 1, 0, 0 };

  quotas.all.bytes_per_day = 100;
  bfy_quota_count_bytes (&all, 99, noon);
  EXPECT_TRUE (take (noon, client, empty).is_admitted);
  bfy_quota_count_bytes (&all, 1, noon);
  EXPECT_STREQ (take (noon, client, empty).limit, "bytes_per_day");
  EXPECT_EQ (take (noon, client, empty).retry_after_s, 12 * 3600);
  EXPECT_TRUE (take (midnight + 24 * 3600, client, empty).is_admitted);
}

TEST_F (Quota, OfBytesLooksAtTheBodyFirst)
{
  BfyQuotaVerdict verdict;

  quotas.per_client.bytes_per_day = 100;
  bfy_quota_count_bytes (&client, 50, noon);
  EXPECT_TRUE (take (noon, client, { 1, 0, 50 }).is_admitted);
  verdict = take (noon, client, { 1, 0, 51 });
  EXPECT_FALSE (verdict.is_admitted);
  EXPECT_FALSE (verdict.is_never);
  EXPECT_TRUE (take (noon, client, { 1, 0, 101 }).is_never);
}

TEST_F (Quota, OfOpenRequestsEndsWithOne)
{
  BfyQuotaVerdict verdict;

  quotas.all.concurrent = 2;
  EXPECT_TRUE (take (noon).is_admitted);
  EXPECT_TRUE (take (noon).is_admitted);
  verdict = take (noon);
  EXPECT_STREQ (verdict.limit, "concurrent");
  EXPECT_EQ (verdict.retry_after_s, 1);
  /* No window ends it. */
  EXPECT_FALSE (take (noon + 24 * 3600).is_admitted);
  give_back (client);
  EXPECT_TRUE (take (noon).is_admitted);
}

TEST_F (Quota, DoesNotCountAStreamAsOpen)
{
  quotas.all.concurrent = 1;
  for (int i = 0; i < 3; i++)
    EXPECT_TRUE (take (noon, client, { 1, 0, 0 }).is_admitted);
  EXPECT_EQ (all.n_open, 0);
}

TEST_F (Quota, KeepsClientsApart)
{
  BfyQuotaUse other = {};
  BfyQuotaVerdict verdict;

  quotas.per_client.requests_per_minute = 1;
  quotas.all.requests_per_minute = 2;
  EXPECT_TRUE (take (noon, client).is_admitted);
  verdict = take (noon, client);
  EXPECT_FALSE (verdict.is_admitted);
  EXPECT_TRUE (verdict.is_per_client);
  EXPECT_EQ (verdict.most, 1);
  EXPECT_TRUE (take (noon, other).is_admitted);
  verdict = take (noon, other);
  EXPECT_FALSE (verdict.is_per_client) << "both are full, and the one of all is told";
}

// Behaviour 22.3, P36: what is refused counts nowhere.
TEST_F (Quota, CountsNothingForWhatIsRefused)
{
  quotas.per_client.concurrent = 1;
  EXPECT_TRUE (take (noon).is_admitted);
  EXPECT_FALSE (take (noon).is_admitted);
  EXPECT_EQ (all.n_minute, 1);
  EXPECT_EQ (all.n_open, 1);
  EXPECT_EQ (client.n_hour, 1);
}

TEST_F (Quota, TellsTheLongestWait)
{
  quotas.all.requests_per_minute = 1;
  quotas.per_client.requests_per_hour = 1;
  EXPECT_TRUE (take (noon).is_admitted);
  EXPECT_STREQ (take (noon).limit, "requests_per_hour");
  EXPECT_TRUE (take (noon).is_per_client);
  EXPECT_EQ (take (noon).retry_after_s, 3600);
}

TEST_F (Quota, CountsEachMessageOfAnArray)
{
  BfyQuotaVerdict verdict;

  quotas.all.requests_per_minute = 5;
  EXPECT_TRUE (take (noon, client, { 3, 2, 0 }).is_admitted);
  EXPECT_EQ (all.n_minute, 3);
  EXPECT_EQ (all.n_open, 2);
  verdict = take (noon, client, { 3, 2, 0 });
  EXPECT_FALSE (verdict.is_admitted);
  EXPECT_FALSE (verdict.is_never);
  EXPECT_TRUE (take (noon, client, { 2, 2, 0 }).is_admitted);
  EXPECT_TRUE (take (noon + 60, client, { 6, 2, 0 }).is_never);
}

TEST_F (Quota, LetsAnswersOfTheClientThrough)
{
  quotas.all.requests_per_minute = 1;
  EXPECT_TRUE (take (noon).is_admitted);
  EXPECT_FALSE (take (noon).is_admitted);
  EXPECT_TRUE (take (noon, client, { 0, 0, 50 }).is_admitted);
}

TEST_F (Quota, IsUndoneAsIfNothingHadBeen)
{
  const BfyQuotaWish wish = { 1, 1, 0 };

  quotas.all.requests_per_minute = 1;
  for (int i = 0; i < 3; i++)
    {
      ASSERT_TRUE (take (noon).is_admitted);
      bfy_quota_undo (&all, &wish, noon);
      bfy_quota_undo (&client, &wish, noon);
      give_back (client);
    }
  EXPECT_EQ (all.n_minute + all.n_hour + all.n_open, 0);
}

// A person may take minutes to say no; what others have used since then stays.
TEST_F (Quota, IsUndoneInItsOwnWindowOnly)
{
  const BfyQuotaWish wish = { 1, 1, 10 };

  EXPECT_TRUE (take (noon + 59).is_admitted);
  EXPECT_TRUE (take (noon + 60).is_admitted);
  bfy_quota_count_bytes (&all, 25, noon + 60);
  bfy_quota_undo (&all, &wish, noon + 59);
  EXPECT_EQ (all.n_minute, 1);
  EXPECT_EQ (all.n_hour, 1);
  EXPECT_EQ (all.n_bytes, 15);
  bfy_quota_undo (&all, &wish, noon - 13 * 3600);
  EXPECT_EQ (all.n_bytes, 15);
}

TEST_F (Quota, SaysWhatIsLeft)
{
  quotas.all.requests_per_hour = 3;
  quotas.all.concurrent = 1;
  EXPECT_TRUE (take (noon).is_admitted);
  EXPECT_EQ (to_text (bfy_quota_left_to_json (&quotas.all, &all)),
             R"({"requests_per_hour":2,"concurrent":0})");
  quotas.all.requests_per_hour = 1;
  all.n_hour = 5;
  EXPECT_EQ (to_text (bfy_quota_left_to_json (&quotas.all, &all)),
             R"({"requests_per_hour":0,"concurrent":0})");
}

// A limit must not be got around, nor last for ever, because the clock is set.

TEST_F (Quota, IsNotForgottenWhenTheClockIsSetBack)
{
  quotas.all.requests_per_minute = 1;
  quotas.all.requests_per_hour = 1;
  EXPECT_TRUE (take (noon).is_admitted);
  EXPECT_FALSE (take (noon - 7200).is_admitted);
  EXPECT_LE (take (noon - 7200).retry_after_s, 3600);
  EXPECT_TRUE (take (noon - 3600).is_admitted) << "the window that the clock shows has ended";
}

TEST_F (Quota, BeginsAnewWhenTheClockJumps)
{
  quotas.all.requests_per_hour = 1;
  EXPECT_TRUE (take (noon).is_admitted);
  EXPECT_TRUE (take (noon + 365LL * 24 * 3600).is_admitted);
}

TEST_F (Quota, HasWindowsBefore1970)
{
  quotas.all.requests_per_minute = 1;
  EXPECT_TRUE (take (-1).is_admitted);
  EXPECT_EQ (take (-1).retry_after_s, 1);
  EXPECT_TRUE (take (0).is_admitted);
}

TEST_F (Quota, StopsAtTheLargestNumber)
{
  const BfyQuotaWish wish = { G_MAXINT64, G_MAXINT64, 0 };

  EXPECT_TRUE (take (noon, client, wish).is_admitted);
  EXPECT_TRUE (take (noon, client, wish).is_admitted);
  bfy_quota_count_bytes (&all, G_MAXINT64, noon);
  bfy_quota_count_bytes (&all, G_MAXINT64, noon);
  bfy_quota_count_bytes (&all, -5, noon);
  EXPECT_EQ (all.n_minute, G_MAXINT64);
  EXPECT_EQ (all.n_bytes, G_MAXINT64);
  quotas.all.requests_per_minute = BFY_QUOTA_MAX;
  quotas.all.bytes_per_day = BFY_QUOTA_MAX;
  EXPECT_FALSE (take (noon, client, wish).is_admitted);
}

TEST_F (Quota, NeverFallsBelowNothing)
{
  give_back (client);
  EXPECT_EQ (all.n_open, 0);
  EXPECT_EQ (client.n_open, 0);
}
