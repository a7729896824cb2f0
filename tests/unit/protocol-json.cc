// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <cmath>
#include <ctime>
#include <numeric>
#include <random>
#include <vector>

#include "tests/fixture/valgrind.h"
#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/json.h"
}

using std::string_literals::operator"" s;
using testing::HasSubstr;
using testing::Not;

struct JsonTextCase
{
  const char *name;
  std::string text;
};

struct JsonRefusedCase
{
  const char *name;
  std::string text;
  const char *problem;
  gsize offset;
};

static std::string
repeat (const std::string &piece, gsize n_times)
{
  std::string text;

  text.reserve (piece.size () * n_times);
  for (gsize i = 0; i < n_times; i++)
    text += piece;
  return text;
}

static std::string
nested (gsize depth)
{
  return repeat ("[", depth) + repeat ("]", depth);
}

static gboolean
check (const std::string &text, GError **error = nullptr)
{
  Block block (text);

  return bfy_json_check (block.data (), block.size (), error);
}

class JsonRefused : public testing::TestWithParam<JsonRefusedCase>
{
};

TEST_P (JsonRefused, SaysWhatAndWhere)
{
  const JsonRefusedCase &row = GetParam ();
  std::string place = " at byte " + std::to_string (row.offset);
  Error error;

  EXPECT_FALSE (check (row.text, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_PARSE));
  EXPECT_EQ (error.message (), "Not valid JSON: "s + row.problem + place);
  EXPECT_EQ (bfy_json_parse (row.text.data (), row.text.size (), error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_PARSE));
}

INSTANTIATE_TEST_SUITE_P (
    Whole,
    JsonRefused,
    testing::Values (JsonRefusedCase{ "Empty", "", "empty text", 0 },
                     JsonRefusedCase{ "Blank", " \t\r\n", "unexpected end", 4 },
                     JsonRefusedCase{ "ByteOrderMark", "\xef\xbb\xbf{}", "byte order mark", 0 },
                     JsonRefusedCase{ "TrailingValue", "{} {}", "more text after the value", 3 },
                     JsonRefusedCase{ "TrailingBrace", "{}}", "more text after the value", 2 },
                     JsonRefusedCase{ "TrailingComma", "1,", "more text after the value", 1 },
                     JsonRefusedCase{ "TrailingNul", "{}\0"s, "NUL byte", 2 },
                     JsonRefusedCase{ "LeadingNul", "\0{}"s, "NUL byte", 0 },
                     JsonRefusedCase{ "NulInString", "\"a\0b\""s, "NUL byte", 2 },
                     JsonRefusedCase{ "BlockComment", "/* x */ 1", "unexpected byte", 0 },
                     JsonRefusedCase{ "LineComment", "[1, // x\n2]", "unexpected byte", 4 },
                     JsonRefusedCase{ "Assignment", "var x = {}", "unexpected byte", 0 },
                     JsonRefusedCase{ "FormFeed", "\f1", "unexpected byte", 0 },
                     JsonRefusedCase{ "NoBreakSpace", "\xc2\xa0"s + "1", "unexpected byte", 0 }),
    case_name<JsonRefusedCase>);

INSTANTIATE_TEST_SUITE_P (
    Literals,
    JsonRefused,
    testing::Values (JsonRefusedCase{ "Capital", "True", "unexpected byte", 0 },
                     JsonRefusedCase{ "Cut", "tru", "unexpected byte", 0 },
                     JsonRefusedCase{ "Longer", "nulll", "more text after the value", 4 },
                     JsonRefusedCase{ "NotANumber", "NaN", "unexpected byte", 0 },
                     JsonRefusedCase{ "Infinity", "Infinity", "unexpected byte", 0 },
                     JsonRefusedCase{ "MinusInfinity", "-Infinity", "number without digits", 1 },
                     JsonRefusedCase{ "Undefined", "undefined", "unexpected byte", 0 },
                     JsonRefusedCase{ "BareWord", "[x]", "unexpected byte", 1 }),
    case_name<JsonRefusedCase>);

INSTANTIATE_TEST_SUITE_P (
    Numbers,
    JsonRefused,
    testing::Values (JsonRefusedCase{ "Hex", "0x10", "more text after the value", 1 },
                     JsonRefusedCase{ "HexInArray", "[0x10]", "comma or end expected", 2 },
                     JsonRefusedCase{ "Octal", "017", "number with a leading zero", 0 },
                     JsonRefusedCase{ "LeadingZero", "[-01]", "number with a leading zero", 2 },
                     JsonRefusedCase{ "DoubleZero", "00", "number with a leading zero", 0 },
                     JsonRefusedCase{ "Plus", "+1", "unexpected byte", 0 },
                     JsonRefusedCase{ "NoInteger", ".5", "unexpected byte", 0 },
                     JsonRefusedCase{ "MinusNoInteger", "-.5", "number without digits", 1 },
                     JsonRefusedCase{ "NoFraction", "1.", "number without digits", 2 },
                     JsonRefusedCase{ "NoFractionInArray", "[1.]", "number without digits", 3 },
                     JsonRefusedCase{ "FractionAndExponent", "1.e5", "number without digits", 2 },
                     JsonRefusedCase{ "NoExponent", "1e", "number without digits", 2 },
                     JsonRefusedCase{ "SignedNoExponent", "1e+", "number without digits", 3 },
                     JsonRefusedCase{ "TwoSigns", "1e+-1", "number without digits", 3 },
                     JsonRefusedCase{ "OnlyMinus", "-", "number without digits", 1 },
                     JsonRefusedCase{ "TwoMinus", "--1", "number without digits", 1 },
                     JsonRefusedCase{ "Underscore", "1_000", "more text after the value", 1 },
                     JsonRefusedCase{ "TwoDots", "1.2.3", "more text after the value", 3 }),
    case_name<JsonRefusedCase>);

INSTANTIATE_TEST_SUITE_P (
    Strings,
    JsonRefused,
    testing::Values (
        JsonRefusedCase{ "SingleQuotes", "'a'", "unexpected byte", 0 },
        JsonRefusedCase{ "Unterminated", "\"abc", "unterminated string", 4 },
        JsonRefusedCase{ "OnlyQuote", "\"", "unterminated string", 1 },
        JsonRefusedCase{ "EscapedEnd", "\"a\\\"", "unterminated string", 4 },
        JsonRefusedCase{ "CutEscape", "\"a\\", "bad escape", 2 },
        JsonRefusedCase{ "CutUnicode", "\"\\u00", "bad escape", 1 },
        JsonRefusedCase{ "RawLineFeed", "\"a\nb\"", "control character in a string", 2 },
        JsonRefusedCase{ "RawTab", "\"\t\"", "control character in a string", 1 },
        JsonRefusedCase{ "RawUnitSeparator", "\"\x1f\"", "control character in a string", 1 },
        JsonRefusedCase{ "UnknownEscape", "\"\\x41\"", "bad escape", 1 },
        JsonRefusedCase{ "EscapedApostrophe", "\"\\'\"", "bad escape", 1 },
        JsonRefusedCase{ "CapitalEscape", "\"\\N\"", "bad escape", 1 },
        JsonRefusedCase{ "BigU", "\"\\U0041\"", "bad escape", 1 },
        JsonRefusedCase{ "BadHex", "\"\\u00g0\"", "bad escape", 1 },
        JsonRefusedCase{ "SignedHex", "\"\\u+041\"", "bad escape", 1 },
        JsonRefusedCase{ "EscapedNul", "\"\\u0000\"", "escaped NUL", 7 },
        JsonRefusedCase{ "LoneLow", "\"\\udc00\"", "lone surrogate", 7 },
        JsonRefusedCase{ "LoneHigh", "\"\\ud800\"", "lone surrogate", 7 },
        JsonRefusedCase{ "HighThenText", "\"\\ud800x\"", "lone surrogate", 7 },
        JsonRefusedCase{ "TwoHigh", "\"\\ud800\\ud800\"", "lone surrogate", 13 },
        JsonRefusedCase{ "WrongOrder", "\"\\udc00\\ud800\"", "lone surrogate", 7 },
        JsonRefusedCase{ "HighThenBmp", "\"\\ud83d\\u0041\"", "lone surrogate", 13 },
        JsonRefusedCase{ "CutPair", "\"\\ud83d\\ude0", "lone surrogate", 7 }),
    case_name<JsonRefusedCase>);

INSTANTIATE_TEST_SUITE_P (
    Utf8,
    JsonRefused,
    testing::Values (JsonRefusedCase{ "Continuation", "\"\x80\"", "invalid UTF-8", 1 },
                     JsonRefusedCase{ "Latin1", "\"caf\xe9\"", "invalid UTF-8", 4 },
                     JsonRefusedCase{ "OverlongSlash", "\"\xc0\xaf\"", "invalid UTF-8", 1 },
                     JsonRefusedCase{ "OverlongThree", "\"\xe0\x80\xaf\"", "invalid UTF-8", 1 },
                     JsonRefusedCase{ "OverlongFour", "\"\xf0\x80\x80\xaf\"", "invalid UTF-8", 1 },
                     JsonRefusedCase{ "OverlongNul", "\"\xc0\x80\"", "invalid UTF-8", 1 },
                     JsonRefusedCase{ "Surrogate", "\"\xed\xa0\x80\"", "invalid UTF-8", 1 },
                     JsonRefusedCase{ "SurrogatePair", "\"\xed\xa0\xbd\xed\xb8\x80\"",
                                      "invalid UTF-8", 1 },
                     JsonRefusedCase{ "TooHigh", "\"\xf4\x90\x80\x80\"", "invalid UTF-8", 1 },
                     JsonRefusedCase{ "FiveBytes", "\"\xf8\x88\x80\x80\x80\"", "invalid UTF-8", 1 },
                     JsonRefusedCase{ "CutAtTheEnd", "\"\xe2\x82", "invalid UTF-8", 1 },
                     JsonRefusedCase{ "CutByQuote", "\"\xe2\x82\"", "invalid UTF-8", 1 },
                     JsonRefusedCase{ "Utf16", "\xff\xfe{\0}\0"s, "invalid UTF-8", 0 }),
    case_name<JsonRefusedCase>);

INSTANTIATE_TEST_SUITE_P (
    Structure,
    JsonRefused,
    testing::Values (JsonRefusedCase{ "OpenArray", "[", "unexpected end", 1 },
                     JsonRefusedCase{ "OpenObject", "{", "unexpected end", 1 },
                     JsonRefusedCase{ "OpenAfterComma", "[1,", "unexpected end", 3 },
                     JsonRefusedCase{ "OpenAfterColon", "{\"a\":", "unexpected end", 5 },
                     JsonRefusedCase{ "NoValue", "{\"a\":}", "unexpected byte", 5 },
                     JsonRefusedCase{ "NoColon", "{\"a\" 1}", "colon expected", 5 },
                     JsonRefusedCase{ "NoComma", "[1 2]", "comma or end expected", 3 },
                     JsonRefusedCase{ "TwoCommas", "[1,,2]", "unexpected byte", 3 },
                     JsonRefusedCase{ "FirstComma", "[,1]", "unexpected byte", 1 },
                     JsonRefusedCase{ "LastComma", "[1,]", "unexpected byte", 3 },
                     JsonRefusedCase{ "LastCommaInObject", "{\"a\":1,}", "name expected", 7 },
                     JsonRefusedCase{ "FirstCommaInObject", "{,\"a\":1}", "name expected", 1 },
                     JsonRefusedCase{ "BareName", "{a:1}", "name expected", 1 },
                     JsonRefusedCase{ "NumberName", "{1:1}", "name expected", 1 },
                     JsonRefusedCase{ "WrongBracket", "[1}", "comma or end expected", 2 },
                     JsonRefusedCase{ "WrongBrace", "{\"a\":1]", "comma or end expected", 6 },
                     JsonRefusedCase{ "OnlyClose", "]", "unexpected byte", 0 },
                     JsonRefusedCase{ "OneTooDeep", nested (65), "nesting too deep", 64 },
                     JsonRefusedCase{ "StackBreaker", repeat ("[", 75000), "nesting too deep", 64 },
                     JsonRefusedCase{ "ObjectStackBreaker", repeat ("{\"a\":", 75000),
                                      "nesting too deep", 320 }),
    case_name<JsonRefusedCase>);

INSTANTIATE_TEST_SUITE_P (
    Duplicates,
    JsonRefused,
    testing::Values (
        JsonRefusedCase{ "Plain", R"({"a":1,"a":2})", "duplicate name", 7 },
        JsonRefusedCase{ "SameValue", R"({"a":1,"a":1})", "duplicate name", 7 },
        JsonRefusedCase{ "Apart", R"({"a":1,"b":2,"a":2})", "duplicate name", 13 },
        JsonRefusedCase{ "Escaped", R"({"method":1,"m\u0065thod":2})", "duplicate name", 12 },
        JsonRefusedCase{ "EscapedFirst", R"({"m\u0065thod":1,"method":2})", "duplicate name", 17 },
        JsonRefusedCase{ "EscapedLateInALongName", R"({"abcdefghijk":1,"abcdefghij\u006b":2})",
                         "duplicate name", 17 },
        JsonRefusedCase{ "Slash", R"({"a/b":1,"a\/b":2})", "duplicate name", 9 },
        JsonRefusedCase{ "HexCase", R"({"\u00e4":1,"\u00E4":2})", "duplicate name", 12 },
        JsonRefusedCase{ "Pair", "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}", "duplicate name",
                         10 },
        JsonRefusedCase{ "FirstOfTwo",
                         R"({"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9,"5":0,"1":0})",
                         "duplicate name", 55 },
        JsonRefusedCase{ "EmptyName", R"({"":1,"":2})", "duplicate name", 6 },
        JsonRefusedCase{ "LongNames",
                         "{\"" + repeat ("n", 5000) + "\":1,\"" + repeat ("n", 5000) + "\":2}",
                         "duplicate name", 5006 },
        JsonRefusedCase{ "Nested", R"([0,{"x":{"a":1,"a":2}}])", "duplicate name", 15 },
        JsonRefusedCase{ "AfterANestedObject", R"({"a":{"b":1,"c":2},"a":2})", "duplicate name",
                         19 },
        JsonRefusedCase{ "AmongMany",
                         R"({"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"8":8,"9":9,"1":0})",
                         "duplicate name", 55 }),
    case_name<JsonRefusedCase>);

class JsonAccepted : public testing::TestWithParam<JsonTextCase>
{
};

TEST_P (JsonAccepted, ByTheGateAndByJsonGlib)
{
  const std::string &text = GetParam ().text;
  Error error;

  EXPECT_TRUE (check (text, error.out ())) << error;
  g_autoptr (JsonNode) node = bfy_json_parse (text.data (), text.size (), error.out ());
  EXPECT_NE (node, nullptr) << error;
}

INSTANTIATE_TEST_SUITE_P (
    Rfc8259,
    JsonAccepted,
    testing::Values (
        JsonTextCase{ "EmptyObject", "{}" },
        JsonTextCase{ "EmptyArray", "[]" },
        JsonTextCase{ "SpaceInEmptyOnes", " { } " },
        JsonTextCase{ "AllSpace", " \t\r\n[ \n1 ,\t2\r] \n" },
        JsonTextCase{ "True", "true" },
        JsonTextCase{ "False", "false" },
        JsonTextCase{ "Null", "null" },
        JsonTextCase{ "Zero", "0" },
        JsonTextCase{ "MinusZero", "-0" },
        JsonTextCase{ "Integer", "-1234567890" },
        JsonTextCase{ "Fraction", "0.5" },
        JsonTextCase{ "Exponent", "1e5" },
        JsonTextCase{ "ZeroExponent", "0e5" },
        JsonTextCase{ "AllOfANumber", "-12.50E+07" },
        JsonTextCase{ "SmallExponent", "1E-07" },
        JsonTextCase{ "Maximum", "9223372036854775807" },
        JsonTextCase{ "Minimum", "-9223372036854775808" },
        JsonTextCase{ "EmptyString", "\"\"" },
        JsonTextCase{ "AllEscapes", R"("\"\\\/\b\f\n\r\t\u0041\u00e4\uD83D\uDE00")" },
        JsonTextCase{ "Delete", "\"\x7f\"" },
        JsonTextCase{ "Noncharacter", R"("\uffff")" },
        JsonTextCase{ "LineSeparators", "\"\xe2\x80\xa8\xe2\x80\xa9\"" },
        JsonTextCase{ "HighestCharacter", "\"\xf4\x8f\xbf\xbf\"" },
        JsonTextCase{ "CommentInString", R"("/* x */ // y")" },
        JsonTextCase{ "Deepest", nested (64) },
        JsonTextCase{ "DepthIsNotLength", "[" + repeat ("[],", 1000) + "[]]" },
        JsonTextCase{ "SameNameInOtherObjects", R"({"a":{"a":{"a":1}},"b":{"a":1}})" },
        JsonTextCase{ "CaseMatters", R"({"a":1,"A":2})" },
        JsonTextCase{ "PrefixNames", R"({"":0,"a":1,"aa":2,"aaaaaaaaa":3,"aaaaaaaaaa":4})" },
        JsonTextCase{ "MixedNames", R"({"a":1,"b":{},"\u0063":[{"a":1}],"\"":null})" }),
    case_name<JsonTextCase>);

TEST (JsonCheck, NeverReadsBehindTheText)
{
  std::string text = R"({"a":[1,-2.5e+3,true,"x\ud83d\ude00\n",{"b":null}],"ü":""})";

  for (gsize length = 0; length < text.size (); length++)
    EXPECT_FALSE (check (text.substr (0, length))) << "cut at " << length;
  EXPECT_TRUE (check (text));
}

TEST (JsonCheck, ReadsNothingFromTextWithoutLength)
{
  Error error;

  EXPECT_FALSE (bfy_json_check (nullptr, 0, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_PARSE));
}

TEST (JsonCheck, RefusesTextOverTheAbsoluteCap)
{
  if (is_under_valgrind ())
    GTEST_SKIP () << "the point is the size";
  std::string text (BFY_JSON_BYTES_MAX + 1, ' ');
  Error error;

  text[0] = '1';
  EXPECT_FALSE (bfy_json_check (text.data (), text.size (), error.out ()));
  EXPECT_THAT (error.message (), HasSubstr ("text too long"));
  EXPECT_TRUE (bfy_json_check (text.data (), text.size () - 1, error.out ())) << error;
}

TEST (JsonCheck, KeepsTheInputOutOfErrors)
{
  for (const char *text : { "{\"hunter2\":1,\"hunter2\":2}", "hunter2", "{hunter2", "\"hunter2" })
    {
      Error error;

      EXPECT_FALSE (check (text, error.out ()));
      EXPECT_THAT (error.message (), Not (HasSubstr ("hunter2")));
    }
}

// --- Large objects: n log n whatever the sender chooses ---

// Of the processor, so that a busy machine does not count.
static double
seconds_to_check (const std::string &text)
{
  Error error;
  clock_t start = clock ();

  EXPECT_TRUE (bfy_json_check (text.data (), text.size (), error.out ())) << error;
  return static_cast<double> (clock () - start) / CLOCKS_PER_SEC;
}

static std::string
join (const std::vector<std::string> &names, const char *open, const char *value, const char *close)
{
  std::string text = open;

  for (const std::string &name : names)
    text += (text.size () > 1 ? ",\"" : "\"") + name + "\"" + value;
  return text + close;
}

static std::vector<std::string>
shuffled_names (gsize n_names, const std::string &prefix)
{
  std::vector<std::string> names (n_names);
  std::vector<gsize> numbers (n_names);
  std::mt19937 random (1);

  std::iota (numbers.begin (), numbers.end (), 0);
  std::shuffle (numbers.begin (), numbers.end (), random);
  std::transform (numbers.begin (), numbers.end (), names.begin (),
                  [&] (gsize number) { return prefix + std::to_string (number); });
  return names;
}

struct JsonManyCase
{
  const char *name;
  gsize n_names;
  const char *prefix;
};

class JsonManyNames : public testing::TestWithParam<JsonManyCase>
{
};

TEST_P (JsonManyNames, AreComparedInLessThanQuadraticTime)
{
  const JsonManyCase &row = GetParam ();
  std::vector<std::string> names = shuffled_names (row.n_names, row.prefix);
  double plain_s = seconds_to_check (join (names, "[", "", "]"));
  double object_s = seconds_to_check (join (names, "{", ":0", "}"));

  // Quadratic time would be some ten thousand times the plain scan; relative, so that it holds
  // under sanitizers and valgrind too.
  EXPECT_LT (object_s, 1.0 + 100 * plain_s);

  Error error;
  names.push_back (names[row.n_names / 3]);
  std::string text = join (names, "{", ":0", "}");
  EXPECT_FALSE (bfy_json_check (text.data (), text.size (), error.out ()));
  EXPECT_THAT (error.message (),
               HasSubstr ("duplicate name at byte " +
                          std::to_string (text.rfind ('"') - names.back ().size () - 1)));
}

INSTANTIATE_TEST_SUITE_P (
    Shapes,
    JsonManyNames,
    testing::Values (JsonManyCase{ "SamePrefix", 100000, "same-prefix-for-all-" },
                     JsonManyCase{ "Escapes", 100000, "\\u0061\\/\\ud83d\\ude00" },
                     JsonManyCase{ "Nine", 9, "n" },
                     JsonManyCase{ "Eight", 8, "n" }),
    case_name<JsonManyCase>);

// Quadratic time would be hours.
TEST (JsonCheck, TakesAMillionNames)
{
  if (is_under_valgrind ())
    GTEST_SKIP () << "the point is the size";
  std::string text = join (shuffled_names (1000000, "name-"), "{", ":0", "}");

  EXPECT_LT (seconds_to_check (text), 60.0);
}

TEST (JsonCheck, FindsOneNameAmongEqualsAtOnce)
{
  std::string name = "\"" + repeat ("\\u0061", 100) + "\":0";
  std::string text = "{" + repeat (name + ",", 5000) + name + "}";
  clock_t start = clock ();
  Error error;

  EXPECT_FALSE (bfy_json_check (text.data (), text.size (), error.out ()));
  EXPECT_EQ (error.message (),
             "Not valid JSON: duplicate name at byte " + std::to_string (name.size () + 2));
  EXPECT_LT (clock () - start, 60 * CLOCKS_PER_SEC);
}

TEST (JsonCheck, ForgetsTheNamesOfClosedObjects)
{
  std::string text = "[" + repeat (R"({"a":1,"b":{"c":2}},)", 50000) + "{}]";

  EXPECT_LT (seconds_to_check (text), 10.0);
}

// --- json-glib behind the gate ---

struct JsonRangeCase
{
  const char *name;
  const char *number;
  gboolean fits;
};

class JsonRange : public testing::TestWithParam<JsonRangeCase>
{
};

TEST_P (JsonRange, IsBoundedOnlyForJsonGlib)
{
  const JsonRangeCase &row = GetParam ();
  std::string text = "[0," + std::string (row.number) + "]";
  Error error;

  EXPECT_TRUE (check (text, error.out ())) << error;
  g_autoptr (JsonNode) node = bfy_json_parse (text.data (), text.size (), error.out ());
  EXPECT_EQ (node != nullptr, row.fits) << error;
  if (!row.fits)
    {
      EXPECT_THAT (error, FailsWith (BFY_ERROR_PARSE));
      EXPECT_EQ (error.message (), "Not valid JSON: number out of range at byte 3");
    }
}

INSTANTIATE_TEST_SUITE_P (
    Numbers,
    JsonRange,
    testing::Values (JsonRangeCase{ "Maximum", "9223372036854775807", TRUE },
                     JsonRangeCase{ "OverMaximum", "9223372036854775808", FALSE },
                     JsonRangeCase{ "Minimum", "-9223372036854775808", TRUE },
                     JsonRangeCase{ "UnderMinimum", "-9223372036854775809", FALSE },
                     JsonRangeCase{ "Unsigned", "18446744073709551615", FALSE },
                     JsonRangeCase{ "WrapsToOne", "18446744073709551617", FALSE },
                     JsonRangeCase{ "ManyDigits", "100000000000000000000000000000", FALSE },
                     JsonRangeCase{ "Double", "1.7976931348623157e308", TRUE },
                     JsonRangeCase{ "Infinity", "1e999", FALSE },
                     JsonRangeCase{ "MinusInfinity", "-1e999", FALSE },
                     JsonRangeCase{ "Tiny", "1e-999", TRUE },
                     JsonRangeCase{ "LargeExponent", "1e99999999999999999999", FALSE },
                     JsonRangeCase{ "LongFraction", "9223372036854775808.5", TRUE }),
    case_name<JsonRangeCase>);

// Names that all have one hash in json-glib's tables: “Ez” and “FY” do, so do all rows of them.
static std::vector<std::string>
colliding_names (guint n_names)
{
  std::vector<std::string> names (n_names);

  for (guint i = 0; i < n_names; i++)
    {
      for (guint bit = 0; bit < 16; bit++)
        names[i] += (i >> bit & 1) != 0 ? "Ez" : "FY";
      EXPECT_EQ (g_str_hash (names[i].c_str ()), g_str_hash (names[0].c_str ()));
    }
  return names;
}

TEST (JsonParse, KeepsCollidingNamesToANumber)
{
  if (is_under_valgrind ())
    GTEST_SKIP () << "the point is the size";
  std::string most = join (colliding_names (BFY_JSON_NAMES_MAX), "{", ":0", "}");
  std::string more = join (colliding_names (BFY_JSON_NAMES_MAX + 1), "{", ":0", "}");
  Error error;
  g_autoptr (JsonNode) node = bfy_json_parse (most.data (), most.size (), error.out ());

  EXPECT_NE (node, nullptr) << error;
  EXPECT_EQ (bfy_json_parse (more.data (), more.size (), error.out ()), nullptr);
  EXPECT_EQ (error.message (), "Not valid JSON: too many names in an object at byte " +
                                   std::to_string (more.size () - 1));
  EXPECT_TRUE (bfy_json_check (more.data (), more.size (), error.out ())) << error;
}

static JsonObject *
parse_object (const std::string &text)
{
  Error error;
  JsonObject *object = bfy_json_parse_object (text.data (), text.size (), error.out ());

  EXPECT_NE (object, nullptr) << error;
  return object;
}

TEST (JsonParse, WantsAnObject)
{
  for (const char *text : { "[]", "1", "null", "\"x\"", "[{}]" })
    {
      Error error;

      EXPECT_EQ (bfy_json_parse_object (text, strlen (text), error.out ()), nullptr) << text;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
    }
}

TEST (JsonParse, NeedsNoTerminator)
{
  Block block ("[12]");
  Error error;
  g_autoptr (JsonNode) node = bfy_json_parse (block.data (), block.size (), error.out ());

  ASSERT_NE (node, nullptr) << error;
  EXPECT_EQ (json_array_get_int_element (json_node_get_array (node), 0), 12);
}

static const char members[] =
    R"({"string":"a\u00e4","int":-7,"whole":3.0,"half":1.5,"huge":1e300,"true":true,)"
    R"("object":{"x":1},"array":[1],"strings":["a","b"],"mixed":["a",1],"none":null,"empty":[]})";

class JsonGetters : public testing::Test
{
protected:
  ~JsonGetters () override
  {
    json_object_unref (object);
  }

  JsonObject *object = parse_object (members);
  Error error;
};

TEST_F (JsonGetters, GiveWhatIsThere)
{
  const char *string = nullptr;
  gint64 integer = 0, whole = 0;
  gboolean boolean = FALSE;
  JsonObject *inner = nullptr;
  JsonArray *array = nullptr;
  g_auto (GStrv) strings = nullptr;

  ASSERT_TRUE (bfy_json_get_string (object, "string", &string, error.out ())) << error;
  EXPECT_STREQ (string, "a\xc3\xa4");
  ASSERT_TRUE (bfy_json_get_int (object, "int", &integer, error.out ())) << error;
  EXPECT_EQ (integer, -7);
  ASSERT_TRUE (bfy_json_get_int (object, "whole", &whole, error.out ())) << error;
  EXPECT_EQ (whole, 3);
  ASSERT_TRUE (bfy_json_get_boolean (object, "true", &boolean, error.out ())) << error;
  EXPECT_TRUE (boolean);
  ASSERT_TRUE (bfy_json_get_object (object, "object", &inner, error.out ())) << error;
  EXPECT_EQ (json_object_get_int_member (inner, "x"), 1);
  ASSERT_TRUE (bfy_json_get_array (object, "array", &array, error.out ())) << error;
  EXPECT_EQ (json_array_get_length (array), 1u);
  ASSERT_TRUE (bfy_json_get_strings (object, "strings", &strings, error.out ())) << error;
  ASSERT_EQ (g_strv_length (strings), 2u);
  EXPECT_STREQ (strings[1], "b");
}

TEST_F (JsonGetters, KeepTheDefaultWhenAbsentOrNull)
{
  for (const char *name : { "absent", "none" })
    {
      const char *string = "default";
      gint64 integer = 5;
      gboolean boolean = TRUE;
      JsonObject *inner = object;
      JsonArray *array = nullptr;
      char *left_over[] = { nullptr };
      GStrv strings = left_over;

      EXPECT_TRUE (bfy_json_get_string (object, name, &string, error.out ())) << error;
      EXPECT_STREQ (string, "default");
      EXPECT_TRUE (bfy_json_get_int (object, name, &integer, error.out ())) << error;
      EXPECT_EQ (integer, 5);
      EXPECT_TRUE (bfy_json_get_boolean (object, name, &boolean, error.out ())) << error;
      EXPECT_EQ (boolean, TRUE);
      EXPECT_TRUE (bfy_json_get_object (object, name, &inner, error.out ())) << error;
      EXPECT_EQ (inner, object);
      EXPECT_TRUE (bfy_json_get_array (object, name, &array, error.out ())) << error;
      EXPECT_EQ (array, nullptr);
      EXPECT_TRUE (bfy_json_get_strings (object, name, &strings, error.out ())) << error;
      EXPECT_EQ (strings, nullptr);
    }
}

TEST_F (JsonGetters, TellAnEmptyListFromNone)
{
  g_auto (GStrv) strings = nullptr;

  ASSERT_TRUE (bfy_json_get_strings (object, "empty", &strings, error.out ())) << error;
  ASSERT_NE (strings, nullptr);
  EXPECT_EQ (strings[0], nullptr);
}

// json-glib's own getters log CRITICAL on a wrong type: any log is fatal in here.
TEST_F (JsonGetters, RefuseOtherTypesByNameAndSilently)
{
  const char *string = nullptr;
  gint64 integer = 0;
  gboolean boolean = FALSE;
  JsonObject *inner = nullptr;
  JsonArray *array = nullptr;
  GStrv strings = nullptr;
  GLogLevelFlags old_fatal = g_log_set_always_fatal (
      static_cast<GLogLevelFlags> (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_FATAL_MASK));

  EXPECT_FALSE (bfy_json_get_string (object, "int", &string, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
  EXPECT_EQ (error.message (), "“int” must be a string");
  for (const char *name : { "string", "half", "huge", "true", "array", "object" })
    {
      EXPECT_FALSE (bfy_json_get_int (object, name, &integer, error.out ())) << name;
      EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
    }
  EXPECT_FALSE (bfy_json_get_boolean (object, "int", &boolean, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
  EXPECT_FALSE (bfy_json_get_object (object, "array", &inner, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
  EXPECT_FALSE (bfy_json_get_array (object, "object", &array, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
  EXPECT_FALSE (bfy_json_get_strings (object, "mixed", &strings, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
  EXPECT_EQ (strings, nullptr);
  g_log_set_always_fatal (old_fatal);
}

struct JsonUnknownCase
{
  const char *name;
  std::string text;
  const char *message; /* (nullable) none refused */
};

class JsonUnknown : public testing::TestWithParam<JsonUnknownCase>
{
};

TEST_P (JsonUnknown, NamesTheFirstOne)
{
  static const char *const names[] = { "a", "b", nullptr };
  const JsonUnknownCase &row = GetParam ();
  g_autoptr (JsonObject) object = parse_object (row.text);
  Error error;

  EXPECT_EQ (bfy_json_refuse_unknown (object, names, error.out ()), row.message == nullptr)
      << error;
  if (row.message != nullptr)
    {
      EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
      EXPECT_EQ (error.message (), row.message);
    }
}

INSTANTIATE_TEST_SUITE_P (
    Members,
    JsonUnknown,
    testing::Values (JsonUnknownCase{ "None", "{}", nullptr },
                     JsonUnknownCase{ "Known", R"({"b":1,"a":2})", nullptr },
                     JsonUnknownCase{ "First", R"({"a":1,"z":2,"y":3})", "Unknown member “z”" },
                     JsonUnknownCase{ "Case", R"({"A":1})", "Unknown member “A”" },
                     JsonUnknownCase{ "Escape", R"({"\u001b[2J":1})", "Unknown member “…”" },
                     JsonUnknownCase{ "Empty", R"({"":1})", "Unknown member “…”" },
                     JsonUnknownCase{ "Long", "{\"" + repeat ("k", 65) + "\":1}",
                                      "Unknown member “…”" }),
    case_name<JsonUnknownCase>);

TEST (JsonText, ComesBackAsItWent)
{
  std::string text = R"({"a":[1,-2,true,false,null,"x\"y\u001b"],"b":{"c":0.5},"d":[],"e":{}})";
  g_autoptr (JsonObject) object = parse_object (text);
  gsize length = 0;
  g_autofree char *back = bfy_json_object_to_text (object, &length);

  EXPECT_EQ (std::string (back, length), text);
  EXPECT_EQ (take_text (bfy_json_object_to_text (object, nullptr)), text);
}

struct JsonDoubleCase
{
  const char *name;
  double number;
  const char *want;
};

class JsonDouble : public testing::TestWithParam<JsonDoubleCase>
{
};

// json-glib's own generator writes “1e-78.0” and “inf”.
TEST_P (JsonDouble, IsWrittenSoThatTheGateTakesIt)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_VALUE);
  Error error;

  json_node_set_double (node, GetParam ().number);
  std::string text = take_text (bfy_json_node_to_text (node, nullptr));
  EXPECT_EQ (text, GetParam ().want);
  EXPECT_TRUE (check (text, error.out ())) << error;
}

INSTANTIATE_TEST_SUITE_P (Numbers,
                          JsonDouble,
                          testing::Values (JsonDoubleCase{ "Whole", 3, "3.0" },
                                           JsonDoubleCase{ "Half", -1.5, "-1.5" },
                                           JsonDoubleCase{ "Small", 1e-78, "1e-78" },
                                           JsonDoubleCase{ "Large", 1e+300,
                                                           "1.0000000000000001e+300" },
                                           JsonDoubleCase{ "Infinity", HUGE_VAL, "null" },
                                           JsonDoubleCase{ "NotANumber", std::nan (""), "null" }),
                          case_name<JsonDoubleCase>);
