// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <set>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/refresh-plan.h"
#include "protocol/schedule.h"
}

constexpr gint64 kNow = 1790000000, kHour = 3600, kDay = 24 * kHour;
constexpr char kId[] = "4d1c8a3e-0000-4000-8000-000000000001";

// Of a binding whose tokens were renewed an hour ago, live for two and can be renewed.
struct ScheduleFacts
{
  const char *auth_type = "oauth";
  gint64 refreshed_s = -kHour; // against now; 0: never
  gint64 expires_s = kHour;    // against now; 0: never
  gboolean can_refresh = TRUE;
  BfyBindingState state = BFY_STATE_OK;
  gboolean is_sealed = FALSE;
  gint64 needs_login_at_s = 0;
};

static BfyBinding *
make_binding (const ScheduleFacts &facts, const char *id = kId)
{
  BfyBinding *binding = bfy_binding_new ();

  binding->id = g_strdup (id);
  binding->name = g_strdup ("svc");
  binding->auth_type = g_strdup (facts.auth_type);
  binding->refreshed_at_s = facts.refreshed_s != 0 ? kNow + facts.refreshed_s : 0;
  binding->issued_at_s = binding->refreshed_at_s;
  binding->expires_at_s = facts.expires_s != 0 ? kNow + facts.expires_s : 0;
  binding->can_refresh = facts.can_refresh;
  binding->state = facts.state;
  binding->is_sealed = facts.is_sealed;
  binding->needs_login_at_s = facts.needs_login_at_s;

  return binding;
}

struct ScheduleCase
{
  const char *name;
  ScheduleFacts facts;
  BfyRhythm rhythm;
  BfyChore want;
  gint64 from_s, to_s; // when it is due, against now, both included
};

class ScheduleTest : public testing::TestWithParam<ScheduleCase>
{
};

constexpr BfyRhythm kDaily = { 0, FALSE }, kSixHours = { 6 * kHour, FALSE },
                    kKeptAlive = { 0, TRUE };

TEST_P (ScheduleTest, Next)
{
  const ScheduleCase &row = GetParam ();
  g_autoptr (BfyBinding) binding = make_binding (row.facts);
  BfyDue due = bfy_schedule_next (binding, &row.rhythm, kNow);

  ASSERT_EQ (due.chore, row.want);
  if (due.chore == BFY_CHORE_NONE)
    return;
  EXPECT_GE (due.due_s - kNow, row.from_s);
  EXPECT_LE (due.due_s - kNow, row.to_s);
}

// behaviour 8.1 to 8.3.
INSTANTIATE_TEST_SUITE_P (
    Bindings,
    ScheduleTest,
    testing::Values (
        ScheduleCase{ "AheadOfItsEnd", {}, kDaily, BFY_CHORE_REFRESH, kHour - 330, kHour - 300 },
        ScheduleCase{ "AFifthOfAShortLife",
                      { .refreshed_s = -10, .expires_s = 40 },
                      kDaily,
                      BFY_CHORE_REFRESH,
                      29,
                      30 },
        ScheduleCase{
            "FourSeconds", { .refreshed_s = -1, .expires_s = 3 }, kDaily, BFY_CHORE_REFRESH, 1, 2 },
        ScheduleCase{ "HasEnded", { .expires_s = -10 }, kDaily, BFY_CHORE_REFRESH, -kDay, 0 },
        ScheduleCase{
            "Interval", { .expires_s = 0 }, kDaily, BFY_CHORE_REFRESH, 22 * kHour, 23 * kHour },
        ScheduleCase{ "IntervalOfTheService",
                      { .expires_s = 0 },
                      kSixHours,
                      BFY_CHORE_REFRESH,
                      4 * kHour,
                      5 * kHour },
        ScheduleCase{ "IntervalBeforeTheEnd",
                      { .expires_s = 90 * kDay },
                      kDaily,
                      BFY_CHORE_REFRESH,
                      22 * kHour,
                      23 * kHour },
        ScheduleCase{ "IntervalShorterThanItsSlack",
                      { .refreshed_s = -60, .expires_s = 0 },
                      { 20 * 60, FALSE },
                      BFY_CHORE_REFRESH,
                      14 * 60,
                      19 * 60 },
        ScheduleCase{ "NeverRefreshed",
                      { .refreshed_s = 0, .expires_s = 0 },
                      kDaily,
                      BFY_CHORE_REFRESH,
                      0,
                      0 },
        ScheduleCase{ "Overdue",
                      { .refreshed_s = -3 * kDay, .expires_s = 0 },
                      kDaily,
                      BFY_CHORE_REFRESH,
                      -3 * kDay,
                      -kDay },
        // Tokens without end and without a way to new ones are never due.
        ScheduleCase{ "Permanent",
                      { .refreshed_s = 0, .expires_s = 0, .can_refresh = FALSE },
                      kDaily,
                      BFY_CHORE_NONE,
                      0,
                      0 },
        ScheduleCase{ "PermanentForLong",
                      { .refreshed_s = -90 * kDay, .expires_s = 0, .can_refresh = FALSE },
                      kDaily,
                      BFY_CHORE_NONE,
                      0,
                      0 },
        ScheduleCase{ "EndsForGood", { .can_refresh = FALSE }, kDaily, BFY_CHORE_NONE, 0, 0 },
        ScheduleCase{ "KeptAlive",
                      { .expires_s = 0, .can_refresh = FALSE },
                      kKeptAlive,
                      BFY_CHORE_KEEP_ALIVE,
                      22 * kHour,
                      23 * kHour },
        ScheduleCase{ "NeverKeptAlive",
                      { .refreshed_s = 0, .expires_s = 0, .can_refresh = FALSE },
                      kKeptAlive,
                      BFY_CHORE_KEEP_ALIVE,
                      0,
                      0 },
        ScheduleCase{ "NothingToKeepAlive",
                      { .expires_s = -1, .can_refresh = FALSE },
                      kKeptAlive,
                      BFY_CHORE_NONE,
                      0,
                      0 },
        ScheduleCase{
            "KeptAliveButEndsBefore", {}, kKeptAlive, BFY_CHORE_REFRESH, kHour - 330, kHour - 300 },
        ScheduleCase{ "KeptAliveBeforeTheEnd",
                      { .expires_s = 90 * kDay },
                      kKeptAlive,
                      BFY_CHORE_KEEP_ALIVE,
                      22 * kHour,
                      23 * kHour },
        ScheduleCase{ "Paused", { .state = BFY_STATE_PAUSED }, kDaily, BFY_CHORE_NONE, 0, 0 },
        ScheduleCase{ "Sealed", { .is_sealed = TRUE }, kDaily, BFY_CHORE_NONE, 0, 0 },
        ScheduleCase{
            "SealedAndKeptAlive", { .is_sealed = TRUE }, kKeptAlive, BFY_CHORE_NONE, 0, 0 },
        ScheduleCase{
            "NeedsLogin",
            { .expires_s = -10, .state = BFY_STATE_NEEDS_LOGIN, .needs_login_at_s = kNow - 5 },
            kDaily,
            BFY_CHORE_NONE,
            0,
            0 },
        ScheduleCase{ "Unsaved",
                      { .state = BFY_STATE_UNSAVED },
                      kDaily,
                      BFY_CHORE_REFRESH,
                      kHour - 330,
                      kHour - 300 },
        ScheduleCase{ "ApiKey", { .auth_type = "api_key" }, kDaily, BFY_CHORE_NONE, 0, 0 },
        ScheduleCase{ "ApiKeyOfAKeptAliveService",
                      { .auth_type = "api_key", .can_refresh = FALSE },
                      kKeptAlive,
                      BFY_CHORE_NONE,
                      0,
                      0 }),
    case_name<ScheduleCase>);

// craft G09: renewed when the clock said kNow, then it was set.
struct ClockCase
{
  const char *name;
  gint64 step_s;
  gint64 from_s, to_s; // when it is due, against the new time
};

class ClockTest : public testing::TestWithParam<ClockCase>
{
};

TEST_P (ClockTest, Steps)
{
  const ClockCase &row = GetParam ();
  g_autoptr (BfyBinding) binding = make_binding ({ .refreshed_s = -1, .expires_s = 2 * kHour });
  gint64 now_s = kNow + row.step_s;
  BfyDue due = bfy_schedule_next (binding, &kDaily, now_s);

  EXPECT_EQ (due.chore, BFY_CHORE_REFRESH);
  EXPECT_GE (due.due_s - now_s, row.from_s);
  EXPECT_LE (due.due_s - now_s, row.to_s);
}

INSTANTIATE_TEST_SUITE_P (
    Jumps,
    ClockTest,
    testing::Values (ClockCase{ "None", 0, 2 * kHour - 330, 2 * kHour - 300 },
                     ClockCase{ "AnHourAhead", kHour, kHour - 330, kHour - 300 },
                     ClockCase{ "BeyondTheEnd", 3 * kHour, -2 * kHour, 0 },
                     // Nobody knows any more when it ends.
                     ClockCase{ "AnHourBack", -kHour, 0, 0 },
                     ClockCase{ "YearsBack", -kDay * 3000, 0, 0 },
                     // As clocks are corrected every day.
                     ClockCase{ "ASecondBack", -2, 2 * kHour - 330, 2 * kHour - 298 }),
    case_name<ClockCase>);

TEST (ScheduleJitter, IsTheSameForTheSameBindingAndSpreadsTheOthers)
{
  std::set<gint64> quarters;

  EXPECT_EQ (bfy_schedule_jitter (kId, kHour), bfy_schedule_jitter (kId, kHour));
  EXPECT_EQ (bfy_schedule_jitter (kId, 0), 0);
  EXPECT_EQ (bfy_schedule_jitter (kId, 1), 0);
  for (int i = 0; i < 100; i++)
    {
      std::string id = "4d1c8a3e-0000-4000-8000-0000000000" + std::to_string (10 + i);
      gint64 jitter = bfy_schedule_jitter (id.c_str (), kHour);

      EXPECT_GE (jitter, 0);
      EXPECT_LT (jitter, kHour);
      quarters.insert (jitter / (kHour / 16));
    }
  EXPECT_GE (quarters.size (), 15u) << "a hundred bindings in a few minutes of the hour";
}

TEST (ScheduleStale, AfterFourIntervals)
{
  g_autoptr (BfyBinding) fresh = make_binding ({ .refreshed_s = -4 * kDay, .expires_s = 0 });
  g_autoptr (BfyBinding) stale = make_binding ({ .refreshed_s = -4 * kDay - 1, .expires_s = 0 });
  g_autoptr (BfyBinding) permanent =
      make_binding ({ .refreshed_s = -90 * kDay, .expires_s = 0, .can_refresh = FALSE });
  g_autoptr (BfyBinding) never = make_binding ({ .refreshed_s = 0, .expires_s = 0 });

  EXPECT_FALSE (bfy_schedule_is_stale (fresh, &kDaily, kNow));
  EXPECT_TRUE (bfy_schedule_is_stale (stale, &kDaily, kNow));
  EXPECT_TRUE (bfy_schedule_is_stale (fresh, &kSixHours, kNow));
  EXPECT_FALSE (bfy_schedule_is_stale (permanent, &kDaily, kNow));
  EXPECT_TRUE (bfy_schedule_is_stale (permanent, &kKeptAlive, kNow));
  EXPECT_FALSE (bfy_schedule_is_stale (never, &kDaily, kNow));
}
