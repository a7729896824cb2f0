// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "client/age.h"
#include "client/binding-text.h"
#include "client/lines.h"
#include "client/minify.h"
#include "client/nearest.h"
#include "client/table.h"
#include "protocol/json.h"
}

// What people read: tables, times, suggestions; and the one-line form of JSON.

TEST (Table, AlignsColumnsByWidthAndLeavesNoBlanksAtTheEnd)
{
  const char *headings[] = { "NAME", "STATE", "NOTE", nullptr };
  const char *rows[][3] = { { "github", "ok", "x" },
                            { "日本", "needs_login", nullptr },
                            { "é", "ok", "" } };
  g_autoptr (BfyTable) table = bfy_table_new (headings);

  for (auto &row : rows)
    bfy_table_add_row (table, row);
  EXPECT_EQ (take_text (bfy_table_format (table)), "NAME    STATE        NOTE\n"
                                                   "github  ok           x\n"
                                                   "日本    needs_login  -\n"
                                                   "é       ok           -\n");
}

TEST (Table, MakesForeignTextHarmless)
{
  const char *headings[] = { "A", nullptr };
  const char *row[] = { "x\x1b[2J\ny" };
  g_autoptr (BfyTable) table = bfy_table_new (headings);

  bfy_table_add_row (table, row);
  std::string text = take_text (bfy_table_format (table));
  EXPECT_EQ (text.find ('\x1b'), std::string::npos);
  EXPECT_EQ (std::count (text.begin (), text.end (), '\n'), 2);
}

struct FitCase
{
  const char *name;
  gsize width;
  const char *want;
};

class FitTest : public testing::TestWithParam<FitCase>
{
};

TEST_P (FitTest, LeavesOutWhatANarrowTerminalCanDoWithout)
{
  const char *headings[] = { "NAME", "TYPE", "STATE", "USED", nullptr };
  const char *row[] = { "notes", "mcp", "ok", "now" };
  const guint dispensable[] = { 1, 3 };
  g_autoptr (BfyTable) table = bfy_table_new (headings);

  bfy_table_add_row (table, row);
  bfy_table_fit (table, GetParam ().width, dispensable, 2);
  EXPECT_EQ (take_text (bfy_table_format (table)), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Widths,
    FitTest,
    testing::Values (
        FitCase{ "NoTerminal", 0, "NAME   TYPE  STATE  USED\nnotes  mcp   ok     now\n" },
        FitCase{ "JustFits", 24, "NAME   TYPE  STATE  USED\nnotes  mcp   ok     now\n" },
        FitCase{ "OneTooNarrow", 23, "NAME   STATE  USED\nnotes  ok     now\n" },
        FitCase{ "Narrow", 12, "NAME   STATE\nnotes  ok\n" },
        FitCase{ "TooNarrowForAnything", 3, "NAME   STATE\nnotes  ok\n" }),
    case_name<FitCase>);

struct AgeCase
{
  const char *name;
  gint64 age_s;
  const char *want;
};

class AgeTest : public testing::TestWithParam<AgeCase>
{
};

TEST_P (AgeTest, IsSaidAsPeopleSayIt)
{
  const gint64 now = 1800000000;

  EXPECT_EQ (take_text (bfy_age_format (now - GetParam ().age_s, now)), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (Ages,
                          AgeTest,
                          testing::Values (AgeCase{ "Future", -5, "now" },
                                           AgeCase{ "Now", 0, "now" },
                                           AgeCase{ "Seconds", 42, "42 s ago" },
                                           AgeCase{ "Minute", 60, "1 min ago" },
                                           AgeCase{ "Minutes", 3 * 60 + 59, "3 min ago" },
                                           AgeCase{ "Hours", 2 * 3600, "2 h ago" },
                                           AgeCase{ "Day", 86400, "1 day ago" },
                                           AgeCase{ "Days", 30 * 86400, "30 days ago" }),
                          case_name<AgeCase>);

TEST (Age, KnowsNeverAndLongAgo)
{
  EXPECT_EQ (take_text (bfy_age_format (0, 1800000000)), "never");
  EXPECT_THAT (take_text (bfy_age_format (1700000000, 1800000000)),
               testing::MatchesRegex ("2023-11-1[45]"));
}

TEST (Age, SpansHaveASecondUnitWhereItMatters)
{
  EXPECT_EQ (take_text (bfy_span_format (-1)), "0 s");
  EXPECT_EQ (take_text (bfy_span_format (59)), "59 s");
  EXPECT_EQ (take_text (bfy_span_format (119)), "1 min");
  EXPECT_EQ (take_text (bfy_span_format (3600 + 5 * 60)), "1 h 5 min");
  EXPECT_EQ (take_text (bfy_span_format (2 * 86400 + 3 * 3600)), "2 days 3 h");
  EXPECT_EQ (take_text (bfy_span_format (86400 + 59)), "1 day");
}

struct SinceCase
{
  const char *name, *text;
  gint64 want_ms; // -1: refused
};

class SinceTest : public testing::TestWithParam<SinceCase>
{
};

TEST_P (SinceTest, IsReadOrRefused)
{
  Error error;
  gint64 since_ms = -1;
  bool is_ok = bfy_since_parse (GetParam ().text, 1800000000000, &since_ms, error.out ());

  EXPECT_EQ (is_ok, GetParam ().want_ms != -1) << error;
  EXPECT_EQ (since_ms, GetParam ().want_ms);
  if (!is_ok)
    {
      EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
    }
}

INSTANTIATE_TEST_SUITE_P (
    Times,
    SinceTest,
    testing::Values (SinceCase{ "Seconds", "90s", 1800000000000 - 90000 },
                     SinceCase{ "Minutes", "15m", 1800000000000 - 900000 },
                     SinceCase{ "Hours", "2h", 1800000000000 - 7200000 },
                     SinceCase{ "Days", "3d", 1800000000000 - 259200000 },
                     SinceCase{ "Weeks", "1w", 1800000000000 - 604800000 },
                     SinceCase{ "Utc", "2026-11-22T05:18:47Z", 1795324727000 },
                     SinceCase{ "Offset", "2026-11-22T06:18:47.5+01:00", 1795324727500 },
                     SinceCase{ "Empty", "", -1 },
                     SinceCase{ "NumberOnly", "15", -1 },
                     SinceCase{ "Negative", "-5m", -1 },
                     SinceCase{ "Unit", "5y", -1 },
                     SinceCase{ "Rest", "5min", -1 },
                     SinceCase{ "Huge", "99999999999999999999s", -1 },
                     SinceCase{ "Word", "yesterday", -1 }),
    case_name<SinceCase>);

TEST (Since, ADateIsItsLocalMidnight)
{
  g_autoptr (GDateTime) midnight = g_date_time_new_local (2026, 11, 22, 0, 0, 0);
  Error error;
  gint64 since_ms = 0;

  ASSERT_TRUE (bfy_since_parse ("2026-11-22", 0, &since_ms, error.out ())) << error;
  EXPECT_EQ (since_ms, g_date_time_to_unix (midnight) * 1000);
}

struct NearCase
{
  const char *name, *text, *want;
};

class NearestTest : public testing::TestWithParam<NearCase>
{
};

TEST_P (NearestTest, GuessesOnlyWhatIsNear)
{
  const char *words[] = {
    "add", "list", "show", "remove", "rename", "status", "services", nullptr
  };
  const char *near = bfy_nearest (GetParam ().text, words);

  EXPECT_STREQ (near, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Words,
    NearestTest,
    testing::Values (NearCase{ "Swap", "lsit", "list" },
                     NearCase{ "Missing", "ad", "add" },
                     NearCase{ "Extra", "statuss", "status" },
                     NearCase{ "Change", "shaw", "show" },
                     NearCase{ "TwoSlips", "servcies2", "services" },
                     NearCase{ "TwoSlipsInAShortWord", "od", nullptr },
                     NearCase{ "Nothing", "", nullptr },
                     NearCase{ "Far", "frobnicate", nullptr },
                     NearCase{
                         "VeryLong",
                         "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                         nullptr }),
    case_name<NearCase>);

struct MinifyCase
{
  const char *name, *text, *want;
};

class MinifyTest : public testing::TestWithParam<MinifyCase>
{
};

TEST_P (MinifyTest, DropsBlanksBetweenTokensOnly)
{
  g_autoptr (GString) out = g_string_new ("");
  std::string text = GetParam ().text;

  bfy_minify_append (out, text.data (), text.size ());
  EXPECT_STREQ (out->str, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Texts,
    MinifyTest,
    testing::Values (
        MinifyCase{ "Compact", R"({"a":1})", R"({"a":1})" },
        MinifyCase{ "Pretty", "{\n  \"a\" : [ 1,\r\n\t2 ]\n}\n", R"({"a":[1,2]})" },
        MinifyCase{ "String", R"( {"a b" : "c  d \n"} )", R"({"a b":"c  d \n"})" },
        MinifyCase{ "Quote", R"({"a" : "\" , \\" , "b" : 2})", R"({"a":"\" , \\","b":2})" },
        MinifyCase{ "BackslashAtEnd", R"(["\\" , "x"])", R"(["\\","x"])" },
        MinifyCase{ "Numbers", "[ 1.0 , 1e5 , -0 ]", "[1.0,1e5,-0]" },
        MinifyCase{ "Empty", "", "" },
        MinifyCase{ "Utf8", "[ \"gr\xc3\xbc\xc3\x9f\" ]", "[\"gr\xc3\xbc\xc3\x9f\"]" }),
    case_name<MinifyCase>);

// Lines of the answer, however they are cut on the way.

struct LinesCase
{
  const char *name;
  std::vector<std::string> parts;
  std::vector<std::string> want;
  bool is_refused;
};

class LinesTest : public testing::TestWithParam<LinesCase>
{
};

TEST_P (LinesTest, AreToldWholeAndBounded)
{
  std::vector<std::string> told;
  Error error;
  bool is_ok = true;
  g_autoptr (BfyLines) lines = bfy_lines_new (
      8,
      [] (const char *line, gsize length, gpointer data) {
        static_cast<std::vector<std::string> *> (data)->emplace_back (line, length);
      },
      &told);

  for (const std::string &part : GetParam ().parts)
    is_ok = is_ok && bfy_lines_feed (lines, part.data (), part.size (), error.out ());
  bfy_lines_finish (lines);
  EXPECT_EQ (is_ok, !GetParam ().is_refused);
  if (GetParam ().is_refused)
    {
      EXPECT_THAT (error, FailsWith (BFY_ERROR_RESPONSE_TOO_LARGE));
    }
  EXPECT_EQ (told, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Cuts,
    LinesTest,
    testing::Values (LinesCase{ "Nothing", {}, {}, false },
                     LinesCase{ "One", { "ab\n" }, { "ab" }, false },
                     LinesCase{ "TwoAtOnce", { "ab\ncd\n" }, { "ab", "cd" }, false },
                     LinesCase{
                         "CutAnywhere", { "a", "b\nc", "", "d", "\n" }, { "ab", "cd" }, false },
                     LinesCase{ "Empty", { "\n\na\n\n" }, { "a" }, false },
                     LinesCase{ "WithoutLf", { "ab\ncd" }, { "ab", "cd" }, false },
                     LinesCase{ "Longest", { "12345678\n" }, { "12345678" }, false },
                     LinesCase{ "TooLong", { "ab\n123456789\ncd\n" }, { "ab" }, true },
                     LinesCase{ "TooLongInParts", { "12345", "6789", "\n" }, {}, true }),
    case_name<LinesCase>);

struct ConditionCase
{
  const char *name, *json, *want;
};

class ConditionText : public testing::TestWithParam<ConditionCase>
{
};

TEST_P (ConditionText, SaysHowABindingMayBeUsed)
{
  std::string text = GetParam ().json;
  g_autoptr (JsonObject) binding = bfy_json_parse_object (text.data (), text.size (), nullptr);

  ASSERT_NE (binding, nullptr);
  EXPECT_EQ (take_text (bfy_binding_text_conditions (binding, 1795324727)), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Table,
    ConditionText,
    testing::Values (
        ConditionCase{ "Nothing", R"({"constraints":null,"confirms":false,"ends_at":null})", "" },
        ConditionCase{ "OlderAgent", "{}", "" },
        ConditionCase{ "Mistyped", R"({"constraints":[],"confirms":"yes","ends_at":7})", "" },
        ConditionCase{ "Ends", R"({"ends_at":"2026-11-22T13:18:47Z"})", "ends in 8 h" },
        ConditionCase{ "Ended", R"({"ends_at":"2026-11-22T05:18:47Z"})",
                       "has ended, and goes as soon as its keyring can be opened" },
        ConditionCase{ "Asks", R"({"confirms":true})", "asks each time" },
        ConditionCase{ "Reveals", R"({"reveals":true})",
                       "its credential may be revealed to a program" },
        ConditionCase{ "All",
                       R"({"confirms":true,"ends_at":"2026-11-22T05:19:47Z","n_uses":1,)"
                       R"("constraint_clients":[{"id":"i","label":"laptop"}],"constraints":)"
                       R"({"host":"h.example","path":"/p","tools":["a","b*"],)"
                       R"("clients":["i","local"],"uses":3}})",
                       "ends in 1 min, asks each time, only host h.example, only path /p, only "
                       "tool a or b*, only for laptop or programs without a client key, 2 of 3 "
                       "uses left" },
        ConditionCase{ "ClientIsGone",
                       R"({"constraint_clients":[],"constraints":{"clients":["i"]}})",
                       "only for clients that have been removed" },
        ConditionCase{ "UsedUp", R"({"n_uses":9,"constraints":{"uses":3}})", "0 of 3 uses left" }),
    case_name<ConditionCase>);
