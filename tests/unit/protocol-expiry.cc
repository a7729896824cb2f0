// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/expiry.h"
}

namespace
{

constexpr const char *kBoot = "5f1c3f0e-2a5d-4a53-9c0b-1f7f1f6f0001";
constexpr const char *kNextBoot = "5f1c3f0e-2a5d-4a53-9c0b-1f7f1f6f0002";
constexpr gint64 kHour = 3600 * 1000;

// --- How long something still lasts (craft 1.10) ---

// An hour that begins 1000 s after the start of the machine, at the time 1700000000.
struct RestCase
{
  const char *name;
  const char *boot_id;
  gint64 boot_s, wall_s;
  gint64 rest_s;
};

class ExpiryRest : public testing::TestWithParam<RestCase>
{
};

TEST_P (ExpiryRest, IsReckonedByTheClockThatNobodySets)
{
  const BfyMoment begin = { kBoot, 1000 * 1000, 1700000000 };
  const BfyMoment now = { GetParam ().boot_id, GetParam ().boot_s * 1000, GetParam ().wall_s };
  BfyExpiry expiry = bfy_expiry_after (&begin, kHour);

  ASSERT_TRUE (bfy_expiry_is_set (&expiry));
  EXPECT_EQ (bfy_expiry_remaining_ms (&expiry, &now), GetParam ().rest_s * 1000);
}

INSTANTIATE_TEST_SUITE_P (
    Moments,
    ExpiryRest,
    testing::Values (RestCase{ "AtOnce", kBoot, 1000, 1700000000, 3600 },
                     RestCase{ "HalfWay", kBoot, 2800, 1700001800, 1800 },
                     RestCase{ "OneSecondLeft", kBoot, 4599, 1700003599, 1 },
                     RestCase{ "AtTheEnd", kBoot, 4600, 1700003600, 0 },
                     RestCase{ "LongAfter", kBoot, 900000, 1700900000, 0 },
                     // Suspend: the machine's own clock went on.
                     RestCase{ "AfterASleep", kBoot, 5000, 1700004000, 0 },
                     RestCase{ "WallClockSetBack", kBoot, 5000, 1600000000, 0 },
                     RestCase{ "WallClockSetForward", kBoot, 1060, 1800000000, 3540 },
                     RestCase{ "StartedAnew", kNextBoot, 20, 1700001800, 1800 },
                     RestCase{ "StartedAnewTooLate", kNextBoot, 20, 1700003600, 0 },
                     RestCase{ "BootNotKnownNow", "", 2800, 1700001800, 1800 }),
    case_name<RestCase>);

TEST (Expiry, WithoutATimeNeverEnds)
{
  const BfyExpiry never = {};
  const BfyMoment now = { kBoot, G_MAXINT64, G_MAXINT64 };

  EXPECT_FALSE (bfy_expiry_is_set (&never));
  EXPECT_EQ (bfy_expiry_remaining_ms (&never, &now), G_MAXINT64);
}

TEST (Expiry, WhenNoBootIsKnownTheWallClockDecides)
{
  const BfyMoment begin = { "", 1000, 1700000000 };
  const BfyMoment now = { "", 99999999, 1700000060 };
  BfyExpiry expiry = bfy_expiry_after (&begin, kHour);

  EXPECT_EQ (bfy_expiry_remaining_ms (&expiry, &now), 3540 * 1000);
}

TEST (Expiry, APartOfASecondIsNotLostOnTheWallClock)
{
  const BfyMoment begin = { kBoot, 0, 1700000000 };
  const BfyExpiry expiry = bfy_expiry_after (&begin, 1500);

  EXPECT_EQ (expiry.wall_s, 1700000002);
  EXPECT_EQ (expiry.boot_ms, 1500);
}

// Rows of a file may have any numbers in them; what ends is never taken for what does not.
TEST (Expiry, AnyNumbersGiveATimeThatIsLeft)
{
  const gint64 numbers[] = { G_MININT64, -1, 0, 1, 1700000000, G_MAXINT64 - 1, G_MAXINT64 };

  for (gint64 boot_ms : numbers)
    for (gint64 wall_s : numbers)
      for (gint64 at : numbers)
        for (const char *boot : { kBoot, kNextBoot })
          {
            BfyExpiry expiry = { "", boot_ms, wall_s };
            const BfyMoment now = { boot, at, at };

            g_strlcpy (expiry.boot_id, kBoot, sizeof expiry.boot_id);
            gint64 rest_ms = bfy_expiry_remaining_ms (&expiry, &now);
            EXPECT_GE (rest_ms, 0);
            EXPECT_EQ (rest_ms == G_MAXINT64, wall_s == 0) << boot_ms << " " << wall_s << " " << at;
          }
}

// --- Durations as ssh-add takes them (sshd_config(5), TIME FORMATS) ---

struct DurationCase
{
  const char *name, *text;
  gint64 seconds; // 0: refused
};

class Duration : public testing::TestWithParam<DurationCase>
{
};

TEST_P (Duration, IsReadToItsEnd)
{
  gint64 seconds = -1;
  Error error;
  bool is_read = bfy_duration_parse (GetParam ().text, &seconds, error.out ());

  EXPECT_EQ (is_read, GetParam ().seconds > 0);
  if (GetParam ().seconds > 0)
    EXPECT_EQ (seconds, GetParam ().seconds);
  else
    {
      EXPECT_EQ (seconds, -1) << "left alone";
      EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
      EXPECT_THAT (error.message (), testing::HasSubstr ("8h"));
    }
}

INSTANTIATE_TEST_SUITE_P (Texts,
                          Duration,
                          testing::Values (DurationCase{ "Seconds", "600", 600 },
                                           DurationCase{ "SecondsWithUnit", "600s", 600 },
                                           DurationCase{ "Minutes", "10m", 600 },
                                           DurationCase{ "Hours", "8h", 28800 },
                                           DurationCase{ "Days", "2d", 172800 },
                                           DurationCase{ "Weeks", "1w", 604800 },
                                           DurationCase{ "Several", "1h30m", 5400 },
                                           DurationCase{ "UnitOfTheLastIsSeconds", "1m30", 90 },
                                           DurationCase{ "UpperCase", "8H", 28800 },
                                           DurationCase{ "LeadingZero", "08h", 28800 },
                                           DurationCase{ "TenYears", "3660d", 316224000 },
                                           DurationCase{ "MoreThanTenYears", "3661d", 0 },
                                           DurationCase{ "SumOfMoreThanTenYears", "3660d1s", 0 },
                                           DurationCase{ "MuchTooLong", "99999999999999999999w",
                                                         0 },
                                           DurationCase{ "LastPartTooLong", "1h999999w", 0 },
                                           DurationCase{ "Nothing", "", 0 },
                                           DurationCase{ "Zero", "0", 0 },
                                           DurationCase{ "ZeroHours", "0h", 0 },
                                           DurationCase{ "Negative", "-5m", 0 },
                                           DurationCase{ "Plus", "+5m", 0 },
                                           DurationCase{ "Blank", " 5m", 0 },
                                           DurationCase{ "BlankBehind", "5m ", 0 },
                                           DurationCase{ "BlankWithin", "1h 30m", 0 },
                                           DurationCase{ "Fraction", "1.5h", 0 },
                                           DurationCase{ "UnknownUnit", "5y", 0 },
                                           DurationCase{ "UnknownUnitAtTheEnd", "1h5y", 0 },
                                           DurationCase{ "UnitOnly", "h", 0 },
                                           DurationCase{ "TwoUnits", "1hm", 0 },
                                           DurationCase{ "Word", "forever", 0 },
                                           DurationCase{ "OtherDigits", "٥m", 0 }),
                          case_name<DurationCase>);

} // namespace
