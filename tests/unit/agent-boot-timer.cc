// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>

#include "tests/fixture/await.h"

extern "C"
{
#include "agent/boot-timer.h"
}

namespace
{

void
on_due (gpointer user_data)
{
  ++*static_cast<int *> (user_data);
}

// Turns of the main loop that something woke it for.
int
n_turns ()
{
  int n = 0;

  while (g_main_context_iteration (nullptr, FALSE))
    n++;
  return n;
}

struct SelfFreeing
{
  BfyBootTimer *timer = nullptr;
  int n = 0;
};

} // namespace

TEST (BootTimer, IsDueOnce)
{
  int n = 0;
  gint64 begun_ms = bfy_boot_timer_now_ms ();
  g_autoptr (BfyBootTimer) timer = bfy_boot_timer_new (on_due, &n);

  EXPECT_FALSE (bfy_boot_timer_is_set (timer));
  bfy_boot_timer_set (timer, 30);
  EXPECT_TRUE (bfy_boot_timer_is_set (timer));
  ASSERT_TRUE (wait_until ([&] { return n > 0; }));
  EXPECT_GE (bfy_boot_timer_now_ms () - begun_ms, 30);
  EXPECT_FALSE (bfy_boot_timer_is_set (timer));
  EXPECT_EQ (n_turns (), 0);
  EXPECT_EQ (n, 1);
}

TEST (BootTimer, ALaterSettingTakesThePlaceOfTheEarlier)
{
  int n = 0, n_other = 0;
  g_autoptr (BfyBootTimer) timer = bfy_boot_timer_new (on_due, &n);
  g_autoptr (BfyBootTimer) other = bfy_boot_timer_new (on_due, &n_other);

  bfy_boot_timer_set (timer, 1);
  bfy_boot_timer_set (timer, 3600 * 1000);
  bfy_boot_timer_set (other, 1);
  bfy_boot_timer_clear (other);
  bfy_boot_timer_set (other, 20);
  ASSERT_TRUE (wait_until ([&] { return n_other > 0; }));
  EXPECT_EQ (n, 0);
  EXPECT_TRUE (bfy_boot_timer_is_set (timer));
  bfy_boot_timer_set (timer, 0);
  ASSERT_TRUE (wait_until ([&] { return n > 0; }));
}

TEST (BootTimer, WhatHasPassedIsDueAtOnceAndWhatIsFarIsNotRefused)
{
  int n = 0;
  g_autoptr (BfyBootTimer) timer = bfy_boot_timer_new (on_due, &n);

  bfy_boot_timer_set (timer, G_MAXINT64);
  EXPECT_EQ (n_turns (), 0);
  bfy_boot_timer_set (timer, G_MININT64);
  ASSERT_TRUE (wait_until ([&] { return n > 0; }));
}

// It had expired, but nobody had looked yet.
TEST (BootTimer, IsNotDueAfterItWasCleared)
{
  int n = 0, n_other = 0;
  g_autoptr (BfyBootTimer) other = bfy_boot_timer_new (on_due, &n_other);
  g_autoptr (BfyBootTimer) timer = bfy_boot_timer_new (on_due, &n);

  bfy_boot_timer_set (timer, 0);
  for (gint64 set_ms = bfy_boot_timer_now_ms (); bfy_boot_timer_now_ms () < set_ms + 2;)
    continue;
  bfy_boot_timer_clear (timer);
  bfy_boot_timer_set (other, 0);
  ASSERT_TRUE (wait_until ([&] { return n_other > 0; }));
  EXPECT_EQ (n, 0);
}

TEST (BootTimer, MayBeFreedByItsOwnFunction)
{
  SelfFreeing self;

  self.timer = bfy_boot_timer_new (
      [] (gpointer user_data) {
        auto *data = static_cast<SelfFreeing *> (user_data);

        g_clear_pointer (&data->timer, bfy_boot_timer_free);
        data->n++;
      },
      &self);
  bfy_boot_timer_set (self.timer, 1);
  ASSERT_TRUE (wait_until ([&] { return self.n > 0; }));
}

// The clock is not set for a test; but what watches it must not wake anybody meanwhile.
TEST (ClockWatch, IsSilentWhileNobodySetsTheClock)
{
  int n = 0, n_other = 0;
  g_autoptr (BfyClockWatch) watch = bfy_clock_watch_new (on_due, &n);
  g_autoptr (BfyBootTimer) timer = bfy_boot_timer_new (on_due, &n_other);

  ASSERT_NE (watch, nullptr);
  bfy_boot_timer_set (timer, 50);
  while (n_other == 0)
    g_main_context_iteration (nullptr, TRUE);
  EXPECT_EQ (n, 0);
}
