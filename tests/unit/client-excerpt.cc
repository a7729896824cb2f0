// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The lines of a file that change, as a person is shown them before they do.

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

extern "C"
{
#include "client/connect/excerpt.h"
}

namespace
{

std::string
excerpt (const std::string &before, const std::string &after)
{
  g_autofree char *text = bfy_excerpt_format ("/home/a/mcp.json", before.c_str (), after.c_str ());

  return text;
}

struct Change
{
  const char *name, *before, *after, *want;
};

class Excerpt : public testing::TestWithParam<Change>
{
};

} // namespace

TEST_P (Excerpt, ShowsWhatGoesAndComes)
{
  EXPECT_EQ (excerpt (GetParam ().before, GetParam ().after), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Changes,
    Excerpt,
    testing::Values (
        Change{ "Nothing", "a\nb\n", "a\nb\n", "" },
        Change{ "NewFile", "", "{\n\t\"a\": 1\n}\n", "    + {\n    + \t\"a\": 1\n    + }\n" },
        Change{ "FileGone", "a\n", "", "    - a\n" },
        Change{ "OneLineComes", "a\nc\n", "a\n  b\nc\n", "    +   b\n" },
        Change{ "OneLineGoes", "a\n  b\nc\n", "a\nc\n", "    -   b\n" },
        Change{ "TwoPlaces", "a\nb\nc\n", "x\na\nb\nc\ny\n", "    + x\n    + y\n" },
        Change{ "WhatStaysBetweenIsNotShown", "a\nb\nc\n", "x\nb\ny\n",
                "    - a\n    + x\n    - c\n    + y\n" },
        Change{ "NoEndOfTheLastLine", "a", "a\nb", "    + b\n" },
        Change{ "CarriageReturns", "a\r\n", "a\r\nb\r\n", "    + b\n" },
        Change{ "ControlCharacters", "", "a\x1b[2Jb\n", "    + a\\u{1b}[2Jb\n" },
        Change{ "ClientKey", "", "\"Authorization\": \"Bearer bnd_local_0123456789abcdef\"\n",
                "    + \"Authorization\": \"Bearer [REDACTED]\"\n" },
        Change{ "TokenOfAnotherServer",
                "  \"GITHUB_TOKEN\": \"ghp_16C7e42F292c6912E7710c838347\"\n", "", "    -   …\n" },
        Change{ "PasswordOfAnotherServer", "  \"API_KEY\": \"correct-horse-battery-1\"\n", "",
                "    -   …\n" }),
    [] (const testing::TestParamInfo<Change> &info) { return info.param.name; });

TEST (ExcerptBounds, ALongTextEndsWithAnEllipsis)
{
  std::string before, after;

  for (int i = 0; i < 3000; i++)
    {
      before += "a" + std::to_string (i) + "\n";
      after += "b" + std::to_string (i) + "\n";
    }
  std::string shown = excerpt (before, after);
  EXPECT_EQ (std::count (shown.begin (), shown.end (), '\n'), 201);
  EXPECT_THAT (shown, testing::EndsWith ("\n    …\n"));
}
