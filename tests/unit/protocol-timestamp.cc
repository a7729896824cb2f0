// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/timestamp.h"
}

namespace
{

using ::operator<<; // prints a row by its name

TEST (Timestamp, IsWrittenInUtc)
{
  EXPECT_EQ (take_text (bfy_time_to_text (1795324727)), "2026-11-22T05:18:47Z");
  EXPECT_EQ (take_text (bfy_time_to_text (1)), "1970-01-01T00:00:01Z");
  EXPECT_EQ (bfy_time_to_text (0), nullptr);
  EXPECT_EQ (bfy_time_to_text (G_MAXINT64), nullptr);
}

TEST (Timestamp, IsWrittenWithMilliseconds)
{
  EXPECT_EQ (take_text (bfy_time_ms_to_text (1795324727250)), "2026-11-22T05:18:47.250Z");
  EXPECT_EQ (take_text (bfy_time_ms_to_text (1795324727007)), "2026-11-22T05:18:47.007Z");
  EXPECT_EQ (take_text (bfy_time_ms_to_text (7)), "1970-01-01T00:00:00.007Z");
  EXPECT_EQ (bfy_time_ms_to_text (0), nullptr);
  EXPECT_EQ (bfy_time_ms_to_text (-1), nullptr);
  EXPECT_EQ (bfy_time_ms_to_text (G_MAXINT64), nullptr);
}

TEST (Timestamp, ComesBackToTheMillisecond)
{
  for (gint64 ms = 1795324727000; ms < 1795324728000; ms++)
    {
      g_autofree char *text = bfy_time_ms_to_text (ms);

      ASSERT_EQ (bfy_time_ms_from_text (text), ms) << text;
    }
}

struct TimeCase
{
  const char *name, *text;
  gint64 want_s;
};

class TimestampRead : public testing::TestWithParam<TimeCase>
{
};

TEST_P (TimestampRead, GivesUnixTime)
{
  EXPECT_EQ (bfy_time_from_text (GetParam ().text), GetParam ().want_s);
}

INSTANTIATE_TEST_SUITE_P (
    Rfc3339,
    TimestampRead,
    testing::Values (TimeCase{ "Utc", "2026-11-22T05:18:47Z", 1795324727 },
                     TimeCase{ "Fraction", "2026-11-22T05:18:47.999Z", 1795324727 },
                     TimeCase{ "Offset", "2026-11-22T06:18:47+01:00", 1795324727 },
                     TimeCase{ "OffsetWest", "2026-11-21T23:48:47-05:30", 1795324727 },
                     TimeCase{ "Missing", nullptr, 0 },
                     TimeCase{ "Empty", "", 0 },
                     TimeCase{ "Never", "never", 0 },
                     TimeCase{ "NoZone", "2026-11-22T05:18:47", 0 },
                     TimeCase{ "DateOnly", "2026-11-22", 0 },
                     TimeCase{ "Blank", "2026-11-22 05:18:47Z", 0 },
                     TimeCase{ "Basic", "20261122T051847Z", 0 },
                     TimeCase{ "Week", "2026-W47-7T05:18:47Z", 0 },
                     TimeCase{ "Month13", "2026-13-22T05:18:47Z", 0 },
                     TimeCase{ "Hour25", "2026-11-22T25:18:47Z", 0 },
                     TimeCase{ "Trailing", "2026-11-22T05:18:47Zx", 0 },
                     TimeCase{ "Cut", "2026-11-22T05:18", 0 }),
    case_name<TimeCase>);

TEST (Timestamp, IsAMemberOrNull)
{
  g_autoptr (JsonObject) object = json_object_new ();
  Error error;
  gint64 time_s = 5;

  bfy_time_set_member (object, "a", 1795324727);
  bfy_time_set_member (object, "b", 0);
  json_object_set_string_member (object, "c", "soon");
  json_object_set_int_member (object, "d", 1795324727);
  EXPECT_TRUE (json_object_get_null_member (object, "b"));
  EXPECT_TRUE (bfy_time_get_member (object, "a", &time_s, error.out ())) << error;
  EXPECT_EQ (time_s, 1795324727);
  EXPECT_TRUE (bfy_time_get_member (object, "b", &time_s, error.out ())) << error;
  EXPECT_EQ (time_s, 0);
  EXPECT_TRUE (bfy_time_get_member (object, "absent", &time_s, error.out ())) << error;
  EXPECT_FALSE (bfy_time_get_member (object, "c", &time_s, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
  EXPECT_THAT (error.message (), testing::HasSubstr ("“c”"));
  EXPECT_FALSE (bfy_time_get_member (object, "d", &time_s, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
}

} // namespace
