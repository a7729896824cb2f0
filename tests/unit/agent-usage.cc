// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What is used, in memory and over a restart, by a clock that the test holds.

#include <memory>

#include "tests/unit/store-fixture.h"

extern "C"
{
#include "agent/policy/usage.h"
}

namespace
{

// Noon UTC of a day in 2024.
constexpr gint64 kNoon = 1709294400;

gint64 clock_s;

gint64
read_clock ()
{
  return clock_s;
}

class Usage : public StoreFixture
{
protected:
  void SetUp () override
  {
    clock_s = kNoon;
    binding = make_binding ("svc");
    open ();
    Error error;
    ASSERT_TRUE (bfy_store_add_binding (store, binding, error.out ())) << error;
    load ();
  }
  void TearDown () override
  {
    unload ();
    bfy_binding_unref (binding);
  }
  void load ()
  {
    Error error;

    registry = bfy_registry_new (store, error.out ());
    ASSERT_NE (registry, nullptr) << error;
    usage = bfy_usage_new (store, registry, read_clock, error.out ());
    ASSERT_NE (usage, nullptr) << error;
  }
  void unload ()
  {
    g_clear_pointer (&usage, bfy_usage_free);
    g_clear_object (&registry);
  }
  // As after a restart of the agent.
  void restart ()
  {
    unload ();
    open ();
    load ();
  }
  void limit (const std::string &limits)
  {
    std::string text = R"({"version":1,"default":"allow","rules":[],"limits":)" + limits + "}";
    Error error;

    g_clear_pointer (&binding->policy, bfy_policy_unref);
    binding->policy = bfy_policy_parse (text.data (), text.size (), error.out ());
    ASSERT_NE (binding->policy, nullptr) << error;
  }
  BfyUsageTicket *take (const char *client = "c1", const BfyQuotaWish &wish = { 1, 1, 0 })
  {
    const BfyUsageWho who = { binding, client };

    return bfy_usage_take (usage, &who, &wish, &verdict);
  }
  // A whole call; false when it is refused.
  bool call (const char *client = "c1", gsize n_bytes = 0)
  {
    g_autoptr (BfyUsageTicket) ticket = take (client);

    if (ticket != nullptr && n_bytes > 0)
      bfy_usage_ticket_count_down (ticket, n_bytes);
    return ticket != nullptr;
  }
  bool is_news (const char *client = "c1")
  {
    const BfyUsageWho who = { binding, client };

    return bfy_usage_refuse (usage, &who, 1, &verdict);
  }
  BfyQuotaUse use (const char *client = nullptr)
  {
    return bfy_usage_get (usage, binding->id, client);
  }
  std::string counted (const std::string &column)
  {
    (void) bfy_usage_get (usage, binding->id, nullptr);
    Error error;
    g_autoptr (GPtrArray) rows G_GNUC_UNUSED =
        bfy_store_query_usage (store, nullptr, 0, error.out ());

    return Sqlite (database ()).ask ("SELECT total (" + column + ") FROM usage");
  }

  BfyBinding *binding = nullptr;
  BfyRegistry *registry = nullptr;
  BfyUsage *usage = nullptr;
  BfyQuotaVerdict verdict = {};
};

} // namespace

TEST_F (Usage, OfTheHourAndTheDayOutlivesARestart)
{
  clock_s = kNoon - 3600;
  EXPECT_TRUE (call ("c1", 100));
  clock_s = kNoon;
  EXPECT_TRUE (call ("c1", 10));
  EXPECT_TRUE (call (nullptr, 1));
  restart ();
  EXPECT_EQ (use ().n_hour, 2);
  EXPECT_EQ (use ().n_bytes, 111);
  EXPECT_EQ (use ("c1").n_hour, 1);
  EXPECT_EQ (use ("c1").n_bytes, 110);
  EXPECT_EQ (use ("").n_bytes, 1);
  EXPECT_EQ (use ("c2").n_bytes, 0);
}

TEST_F (Usage, OfYesterdayIsNotOfToday)
{
  EXPECT_TRUE (call ("c1", 100));
  clock_s += 12 * 3600;
  restart ();
  EXPECT_EQ (use ().n_bytes, 0);
  EXPECT_EQ (use ().n_hour, 0);
}

TEST_F (Usage, IsCountedBeforeTheRequestEnds)
{
  g_autoptr (BfyUsageTicket) ticket = take ();

  bfy_usage_ticket_count_down (ticket, 500);
  EXPECT_EQ (use ().n_bytes, 500);
  EXPECT_EQ (use ().n_open, 1);
  EXPECT_EQ (counted ("bytes_down"), "500.0");
  bfy_usage_ticket_end (ticket);
  bfy_usage_ticket_end (ticket);
  EXPECT_EQ (use ().n_open, 0);
}

TEST_F (Usage, IsGivenBackByWhoForgetsTheEnd)
{
  limit (R"({"concurrent":1})");
  EXPECT_TRUE (call ());
  EXPECT_TRUE (call ());
  g_autoptr (BfyUsageTicket) ticket G_GNUC_UNUSED = take ();
  EXPECT_FALSE (call ());
  EXPECT_STREQ (verdict.limit, "concurrent");
}

TEST_F (Usage, LooksAtTheBodyThatIsStillToGo)
{
  limit (R"({"bytes_per_day":100})");
  g_autoptr (BfyUsageTicket) first = take ("c1", { 1, 1, 60 });

  EXPECT_NE (first, nullptr);
  EXPECT_EQ (take ("c1", { 1, 1, 60 }), nullptr);
  EXPECT_EQ (use ().n_bytes, 60);
}

struct JudgedCase
{
  const char *name;
  BfyOutcome outcome;
  const char *n_calls, *n_refused, *n_failed;
};

class UsageJudged : public Usage, public testing::WithParamInterface<JudgedCase>
{
};

TEST_P (UsageJudged, IsWrittenDownAsWhatItWas)
{
  BfyUsageTicket *ticket = take ("c1", { 2, 2, 30 });

  bfy_usage_ticket_end (ticket);
  bfy_usage_ticket_judge (ticket, BFY_OUTCOME_FAILURE);
  bfy_usage_ticket_judge (ticket, GetParam ().outcome);
  bfy_usage_ticket_unref (ticket);
  EXPECT_EQ (counted ("n_calls"), GetParam ().n_calls);
  EXPECT_EQ (counted ("n_refused"), GetParam ().n_refused);
  EXPECT_EQ (counted ("n_failed"), GetParam ().n_failed);
}

INSTANTIATE_TEST_SUITE_P (
    Outcomes,
    UsageJudged,
    testing::Values (JudgedCase{ "Success", BFY_OUTCOME_SUCCESS, "2.0", "0.0", "0.0" },
                     JudgedCase{ "Failure", BFY_OUTCOME_FAILURE, "2.0", "0.0", "1.0" },
                     JudgedCase{ "Blocked", BFY_OUTCOME_BLOCKED, "0.0", "2.0", "0.0" }),
    [] (const auto &info) { return info.param.name; });

TEST_F (Usage, OfWhatThePolicyRefusesIsNone)
{
  BfyUsageTicket *ticket = take ("c1", { 2, 2, 30 });

  bfy_usage_ticket_withdraw (ticket);
  bfy_usage_ticket_withdraw (ticket);
  bfy_usage_ticket_unref (ticket);
  EXPECT_EQ (use ().n_hour + use ().n_minute + use ().n_open + use ().n_bytes, 0);
  EXPECT_EQ (use ("c1").n_hour + use ("c1").n_open + use ("c1").n_bytes, 0);
  EXPECT_EQ (counted ("n_calls"), "0.0");
  EXPECT_EQ (counted ("n_refused"), "2.0");
}

// Behaviour 21.8, for each client and limit apart.
TEST_F (Usage, RefusalsAreNewsOnceAnHour)
{
  limit (R"({"requests_per_hour":1})");
  EXPECT_TRUE (call ());
  EXPECT_FALSE (call ());
  EXPECT_TRUE (is_news ());
  EXPECT_FALSE (is_news ());
  EXPECT_TRUE (is_news ("c2"));
  limit (R"({"requests_per_minute":1})");
  EXPECT_FALSE (call ());
  EXPECT_TRUE (is_news ());
  EXPECT_FALSE (is_news ());
  clock_s += 3599;
  EXPECT_FALSE (is_news ());
  clock_s++;
  EXPECT_TRUE (is_news ());
  clock_s -= 7200;
  EXPECT_TRUE (is_news ()) << "a clock that was set back must not silence it";
  EXPECT_EQ (counted ("n_refused"), "8.0");
}

TEST_F (Usage, EndsWithItsBinding)
{
  Error error;
  BfyUsageTicket *ticket = take ();

  ASSERT_TRUE (bfy_registry_remove (registry, "svc", error.out ())) << error;
  EXPECT_EQ (use ().n_open, 0);
  bfy_usage_ticket_count_down (ticket, 10);
  bfy_usage_ticket_unref (ticket);
  EXPECT_EQ (counted ("n_calls"), "0.0");
  EXPECT_EQ (bfy_store_get_event_failure (store), nullptr);
}

TEST_F (Usage, OfARemovedClientIsForgotten)
{
  Error error;
  g_autoptr (BfySecret) key = nullptr;
  g_autoptr (BfyClient) client =
      bfy_registry_add_client (registry, "one", nullptr, &key, error.out ());

  ASSERT_NE (client, nullptr) << error;
  std::string id = client->id;
  g_autoptr (BfyUsageTicket) ticket = take (id.c_str ());
  ASSERT_TRUE (bfy_registry_remove_client (registry, id.c_str (), error.out ())) << error;
  EXPECT_EQ (use (id.c_str ()).n_open, 0);
  bfy_usage_ticket_end (ticket);
  EXPECT_EQ (use ().n_open, 0);
}

TEST_F (Usage, IsWrittenDownThoughTheRequestLivesLonger)
{
  BfyUsageTicket *ticket = take ();

  unload ();
  bfy_usage_ticket_unref (ticket);
  load ();
  EXPECT_EQ (counted ("n_calls"), "1.0");
  ticket = take ();
  unload ();
  bfy_store_close (store);
  bfy_usage_ticket_unref (ticket);
}
