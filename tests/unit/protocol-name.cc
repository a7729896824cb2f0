// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/name.h"
}

namespace
{

using ::operator<<; // prints a row by its name

struct NameCase
{
  const char *name;
  std::string text;
  bool is_accepted;
  const char *shown = ""; // of a refused one
};

class Name : public testing::TestWithParam<NameCase>
{
};

TEST_P (Name, IsChecked)
{
  const NameCase &row = GetParam ();
  Error error;

  EXPECT_EQ (bfy_name_check (row.text.c_str (), error.out ()), row.is_accepted) << error;
  if (row.is_accepted)
    return;
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), testing::HasSubstr (std::string ("“") + row.shown + "”"));
  EXPECT_THAT (error.message (), testing::Not (testing::HasSubstr ("\n")));
}

const std::string sixty_four = std::string (64, 'a');

// behaviour 3.8, A19; craft J46.
INSTANTIATE_TEST_SUITE_P (Behaviour38,
                          Name,
                          testing::Values (NameCase{ "Plain", "github", true },
                                           NameCase{ "OneCharacter", "a", true },
                                           NameCase{ "StartsWithDigit", "2captcha", true },
                                           NameCase{ "Dash", "a-b", true },
                                           NameCase{ "Underscore", "a_b", true },
                                           NameCase{ "EndsWithDash", "a-", true },
                                           NameCase{ "Longest", std::string (63, 'a'), true },
                                           NameCase{ "TooLong", std::string (64, 'a'), false,
                                                     sixty_four.c_str () },
                                           NameCase{ "Empty", "", false },
                                           NameCase{ "UpperCase", "GitHub", false, "GitHub" },
                                           NameCase{ "StartsWithDash", "-x", false, "-x" },
                                           NameCase{ "StartsWithUnderscore", "_x", false, "_x" },
                                           NameCase{ "Traversal", "../etc", false, "../etc" },
                                           NameCase{ "Slash", "a/b", false, "a/b" },
                                           NameCase{ "Dot", "a.b", false, "a.b" },
                                           NameCase{ "Space", "a b", false, "a b" },
                                           NameCase{ "TrailingNewline", "ab\n", false, "ab\\n" },
                                           NameCase{ "Newline", "a\nb", false, "a\\nb" },
                                           NameCase{ "Quotes", "a\"b'c", false, "a\"b'c" },
                                           NameCase{ "Shell", "$(id)`id`", false, "$(id)`id`" },
                                           NameCase{ "Umlaut", "größe", false, "größe" },
                                           NameCase{ "Bidi", "a\u202eb", false, "a\\u{202e}b" },
                                           NameCase{ "Escape", "a\x1b[2Jb", false, "a\\u{1b}[2Jb" },
                                           NameCase{ "InvalidByte", "a\xff", false, "a\\xff" }),
                          case_name<NameCase>);

TEST (Name, MayBeMissing)
{
  Error error;

  EXPECT_FALSE (bfy_name_check (nullptr, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

TEST (Name, IsCutInTheMessage)
{
  Error error;

  EXPECT_FALSE (bfy_name_check (std::string (100000, 'x').c_str (), error.out ()));
  EXPECT_LT (error.message ().size (), 300u);
}

struct LabelCase
{
  const char *name;
  std::string text;
  const char *want; // nullptr: refused
};

class Label : public testing::TestWithParam<LabelCase>
{
};

TEST_P (Label, IsNormalized)
{
  const LabelCase &row = GetParam ();
  Error error;
  g_autofree char *label = bfy_label_normalize (row.text.c_str (), error.out ());

  EXPECT_STREQ (label, row.want) << error;
  if (row.want != nullptr)
    return;
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

std::string
repeated (const char *text, int times)
{
  std::string all;

  for (int i = 0; i < times; i++)
    all += text;
  return all;
}

const std::string hundred = std::string (100, 'x');
const std::string hundred_umlauts = repeated ("ä", 100);

INSTANTIATE_TEST_SUITE_P (
    Behaviour23,
    Label,
    testing::Values (LabelCase{ "Plain", "My laptop", "My laptop" },
                     LabelCase{ "Trimmed", " \t My laptop \n", "My laptop" },
                     LabelCase{ "TrimmedUnicode", "\u00a0\u3000x\u2003", "x" },
                     LabelCase{ "Umlauts", "Büro", "Büro" },
                     LabelCase{ "Hundred", hundred, hundred.c_str () },
                     LabelCase{ "HundredUmlauts", hundred_umlauts, hundred_umlauts.c_str () },
                     LabelCase{ "HundredAfterTrim", " " + hundred + " ", hundred.c_str () },
                     LabelCase{ "JoinedEmoji", "👩\u200d💻", "👩\u200d💻" },
                     LabelCase{ "HundredOne", hundred + "x", nullptr },
                     LabelCase{ "TooManyBytes", std::string (257, ' ') + "x", nullptr },
                     LabelCase{ "Empty", "", nullptr },
                     LabelCase{ "BlanksOnly", "  \t ", nullptr },
                     LabelCase{ "TwoLines", "a\nb", nullptr },
                     LabelCase{ "Escape", "a\x1b[31m", nullptr },
                     LabelCase{ "Delete", "a\x7f", nullptr },
                     LabelCase{ "NextLine", "a\u0085b", nullptr },
                     LabelCase{ "LineSeparator", "a\u2028b", nullptr },
                     LabelCase{ "Bidi", "a\u202eb", nullptr },
                     LabelCase{ "BidiIsolate", "a\u2067b", nullptr },
                     LabelCase{ "ByteOrderMark", "a\ufeffb", nullptr },
                     LabelCase{ "Tag", "a\U000e0041", nullptr },
                     LabelCase{ "InvalidUtf8", "a\xc3", nullptr }),
    case_name<LabelCase>);

struct LineCase
{
  const char *name;
  const char *text;
  gsize n_max;
  const char *want;
};

class Line : public testing::TestWithParam<LineCase>
{
};

TEST_P (Line, J46IsSafeToShow)
{
  const LineCase &row = GetParam ();

  EXPECT_EQ (take_text (bfy_text_to_line (row.text, row.n_max)), row.want);
}

TEST_P (Line, StaysWhenShownTwice)
{
  const LineCase &row = GetParam ();

  EXPECT_EQ (take_text (bfy_text_to_line (row.want, row.n_max)), row.want);
}

INSTANTIATE_TEST_SUITE_P (
    A19,
    Line,
    testing::Values (LineCase{ "Missing", nullptr, 10, "" },
                     LineCase{ "Empty", "", 10, "" },
                     LineCase{ "Plain", "plain text", 10, "plain text" },
                     LineCase{ "Cut", "plain text.", 10, "plain text…" },
                     LineCase{ "CutUmlauts", "äöüäöü", 3, "äöü…" },
                     LineCase{ "Nothing", "x", 0, "…" },
                     LineCase{ "LineEnds", "a\r\nb\tc", 20, "a\\r\\nb\\tc" },
                     LineCase{ "EscapeIsNotCut", "ab\ncd", 3, "ab…" },
                     LineCase{ "Terminal", "\x1b]0;x\a", 30, "\\u{1b}]0;x\\u{7}" },
                     LineCase{ "CsiInUtf8", "\u009b31m", 30, "\\u{9b}31m" },
                     LineCase{ "Bidi", "abc\u202egpj", 30, "abc\\u{202e}gpj" },
                     LineCase{ "InvalidBytes", "a\xc3\x28\xff", 30, "a\\xc3(\\xff" },
                     LineCase{ "Overlong", "\xc0\xaf", 30, "\\xc0\\xaf" },
                     LineCase{ "CutOff", "a\xe2\x82", 30, "a\\xe2\\x82" },
                     LineCase{ "Backslash", "C:\\n", 30, "C:\\n" }),
    case_name<LineCase>);

struct HostNameCase
{
  const char *name, *host, *want;
};

class NameFromHost : public testing::TestWithParam<HostNameCase>
{
};

TEST_P (NameFromHost, IsAName)
{
  const HostNameCase &row = GetParam ();
  std::string made = take_text (bfy_name_from_host (row.host));
  Error error;

  EXPECT_EQ (made, row.want);
  EXPECT_TRUE (bfy_name_check (made.c_str (), error.out ())) << error;
}

const std::string long_label_host = std::string (64, 'a') + ".com";

INSTANTIATE_TEST_SUITE_P (
    Hosts,
    NameFromHost,
    testing::Values (HostNameCase{ "Usual", "mcp.example.com", "example" },
                     HostNameCase{ "Apex", "example.com", "example" },
                     HostNameCase{ "Deep", "a.b.c.example.com", "example" },
                     HostNameCase{ "SecondLevel", "mcp.example.co.uk", "example" },
                     HostNameCase{ "SecondLevelOnly", "co.uk", "co" },
                     HostNameCase{ "UpperCase", "API.Example.COM", "example" },
                     HostNameCase{ "Localhost", "localhost", "localhost" },
                     HostNameCase{ "Punycode", "xn--bcher-kva.example", "xn--bcher-kva" },
                     HostNameCase{ "Address", "127.0.0.1", "binding" },
                     HostNameCase{ "SixAddress", "::1", "binding" },
                     HostNameCase{ "Empty", "", "binding" },
                     HostNameCase{ "Dots", "..", "binding" },
                     HostNameCase{ "StartsWithDash", "-a.com", "binding" },
                     HostNameCase{ "Traversal", "../../x", "binding" },
                     HostNameCase{ "TooLong", long_label_host.c_str (), "binding" }),
    case_name<HostNameCase>);

} // namespace
