// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <string_view>
#include <vector>

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/json.h"
}

using std::string_literals::operator""s;

// A view: the text must outlive the slice, so no temporary strings.
static BfyJsonSlice
root_of (std::string_view text)
{
  BfyJsonSlice root;
  Error error;

  EXPECT_TRUE (bfy_json_check (text.data (), text.size (), error.out ())) << error;
  bfy_json_slice_root (text.data (), text.size (), &root);
  return root;
}
static BfyJsonSlice root_of (std::string &&) = delete;
static BfyJsonSlice
root_of (const char *text)
{
  return root_of (std::string_view (text));
}

static std::string
bytes_of (const BfyJsonSlice &slice)
{
  return std::string (slice.start, slice.length);
}

struct JsonSliceCase
{
  const char *name;
  std::string text;
  BfyJsonType type;
  std::string bytes;
};

class JsonSlices : public testing::TestWithParam<JsonSliceCase>
{
};

TEST_P (JsonSlices, CoverTheValueAlone)
{
  const JsonSliceCase &row = GetParam ();
  std::string element = "[" + row.text + "]", member = "{\"k\":" + row.text + "}";
  BfyJsonSlice value, array = root_of (element), object = root_of (member);
  BfyJsonIter iter;

  BfyJsonSlice root = root_of (row.text);
  EXPECT_EQ (root.type, row.type);
  EXPECT_EQ (bytes_of (root), row.bytes);
  bfy_json_iter_init (&iter, &array);
  ASSERT_TRUE (bfy_json_iter_next (&iter, nullptr, &value));
  EXPECT_EQ (value.type, row.type);
  EXPECT_EQ (bytes_of (value), row.bytes);
  EXPECT_FALSE (bfy_json_iter_next (&iter, nullptr, &value));
  ASSERT_TRUE (bfy_json_slice_member (&object, "k", &value));
  EXPECT_EQ (bytes_of (value), row.bytes);
}

INSTANTIATE_TEST_SUITE_P (
    Values,
    JsonSlices,
    testing::Values (JsonSliceCase{ "Object", " {\"a\": 1} ", BFY_JSON_OBJECT, "{\"a\": 1}" },
                     JsonSliceCase{ "EmptyObject", "{ }", BFY_JSON_OBJECT, "{ }" },
                     JsonSliceCase{ "Array", "\n[1,[2]]\n", BFY_JSON_ARRAY, "[1,[2]]" },
                     JsonSliceCase{ "Brackets", R"(["]","\"]",{"}":"{"}])", BFY_JSON_ARRAY,
                                    R"(["]","\"]",{"}":"{"}])" },
                     JsonSliceCase{ "String", " \"a,b\" ", BFY_JSON_STRING, "\"a,b\"" },
                     JsonSliceCase{ "Quotes", R"("\"\\")", BFY_JSON_STRING, R"("\"\\")" },
                     JsonSliceCase{ "Number", " -1.0e+2 ", BFY_JSON_NUMBER, "-1.0e+2" },
                     JsonSliceCase{ "BigNumber", "123456789012345678901", BFY_JSON_NUMBER,
                                    "123456789012345678901" },
                     JsonSliceCase{ "True", " true", BFY_JSON_TRUE, "true" },
                     JsonSliceCase{ "False", "false ", BFY_JSON_FALSE, "false" },
                     JsonSliceCase{ "Null", " null\t", BFY_JSON_NULL, "null" }),
    case_name<JsonSliceCase>);

TEST (JsonIter, GivesMembersInOrder)
{
  std::string text = R"( { "a" : 1 , "\u0062" : [ 2 , 3 ] , "c":{"d":4} , "" : "" } )";
  BfyJsonSlice key, value, root = root_of (text);
  std::vector<std::string> seen;
  BfyJsonIter iter;

  bfy_json_iter_init (&iter, &root);
  while (bfy_json_iter_next (&iter, &key, &value))
    seen.push_back (take_text (bfy_json_slice_dup_string (&key)) + "=" + bytes_of (value));
  EXPECT_THAT (seen, testing::ElementsAre ("a=1", "b=[ 2 , 3 ]", "c={\"d\":4}", "=\"\""));
  EXPECT_FALSE (bfy_json_iter_next (&iter, &key, &value)) << "stays at the end";
}

TEST (JsonIter, LeavesTheKeyAloneInArrays)
{
  BfyJsonSlice value, root = root_of ("[1,2]"), key = { BFY_JSON_NULL, "mine", 4 };
  BfyJsonIter iter;
  int n_values = 0;

  bfy_json_iter_init (&iter, &root);
  while (bfy_json_iter_next (&iter, &key, &value))
    n_values++;
  EXPECT_EQ (n_values, 2);
  EXPECT_EQ (bytes_of (key), "mine");
}

TEST (JsonIter, FindsNothingInScalarsAndEmptyContainers)
{
  for (const char *text : { "1", "\"[1]\"", "null", "[]", "{}", "[ ]", "{\n}" })
    {
      BfyJsonSlice key, value, root = root_of (text);
      BfyJsonIter iter;

      bfy_json_iter_init (&iter, &root);
      EXPECT_FALSE (bfy_json_iter_next (&iter, &key, &value)) << text;
      EXPECT_FALSE (bfy_json_slice_member (&root, "a", &value)) << text;
    }
}

TEST (JsonMember, ComparesNamesUnescaped)
{
  std::string text = R"({"na":1,"n\u0061me":2,"names":3,"nam":4})";
  BfyJsonSlice value, root = root_of (text);

  ASSERT_TRUE (bfy_json_slice_member (&root, "name", &value));
  EXPECT_EQ (bytes_of (value), "2");
  ASSERT_TRUE (bfy_json_slice_member (&root, "nam", &value));
  EXPECT_EQ (bytes_of (value), "4");
  EXPECT_FALSE (bfy_json_slice_member (&root, "", &value));
  EXPECT_FALSE (bfy_json_slice_member (&root, "n", &value));
  EXPECT_FALSE (bfy_json_slice_member (&root, "namesx", &value));
}

TEST (JsonMember, IsNotLookedForInNestedObjects)
{
  BfyJsonSlice value, root = root_of (R"({"x":{"secret":1},"y":["secret",2]})");

  EXPECT_FALSE (bfy_json_slice_member (&root, "secret", &value));
}

struct JsonStringCase
{
  const char *name;
  std::string text;
  std::string want;
};

class JsonStrings : public testing::TestWithParam<JsonStringCase>
{
};

TEST_P (JsonStrings, AreUnescaped)
{
  const JsonStringCase &row = GetParam ();
  BfyJsonSlice root = root_of (row.text);
  std::vector<char> room (root.length);

  EXPECT_EQ (take_text (bfy_json_slice_dup_string (&root)), row.want);
  gsize n_bytes = bfy_json_slice_unescape (&root, room.data ());
  EXPECT_EQ (std::string (room.data (), n_bytes), row.want);
  EXPECT_TRUE (bfy_json_slice_equals (&root, row.want.c_str ()));
  EXPECT_FALSE (bfy_json_slice_equals (&root, (row.want + "x").c_str ()));
  EXPECT_EQ (bfy_json_slice_equals (&root, row.want.substr (0, row.want.size () / 2).c_str ()),
             row.want.empty ());
}

INSTANTIATE_TEST_SUITE_P (
    Escapes,
    JsonStrings,
    testing::Values (JsonStringCase{ "Empty", "\"\"", "" },
                     JsonStringCase{ "Plain", "\"abc\"", "abc" },
                     JsonStringCase{ "Simple", R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t" },
                     JsonStringCase{ "Ascii", R"("\u0041\u007a")", "Az" },
                     JsonStringCase{ "TwoBytes", R"("\u00e4x")", "\xc3\xa4x" },
                     JsonStringCase{ "ThreeBytes", R"("\u20AC\u20ac")",
                                     "\xe2\x82\xac\xe2\x82\xac" },
                     JsonStringCase{ "FourBytes", R"("\ud83d\ude00")", "\xf0\x9f\x98\x80" },
                     JsonStringCase{ "FirstPair", R"("\ud800\udc00")", "\xf0\x90\x80\x80" },
                     JsonStringCase{ "LastPair", R"("\udbff\udfff")", "\xf4\x8f\xbf\xbf" },
                     JsonStringCase{ "Raw", "\"\xf0\x9f\x98\x80\"", "\xf0\x9f\x98\x80" },
                     JsonStringCase{ "EscapedBackslashU", R"("\\u0041")", "\\u0041" }),
    case_name<JsonStringCase>);

TEST (JsonSlice, OfAnotherTypeHasNoString)
{
  BfyJsonSlice root = root_of ("12");
  char room[2] = { 'x', 'y' };

  EXPECT_EQ (bfy_json_slice_dup_string (&root), nullptr);
  EXPECT_EQ (bfy_json_slice_unescape (&root, room), 0u);
  EXPECT_FALSE (bfy_json_slice_equals (&root, "12"));
}

// --- Writing ---

struct JsonAppendCase
{
  const char *name;
  std::string text;
  const char *want;
};

class JsonAppend : public testing::TestWithParam<JsonAppendCase>
{
};

TEST_P (JsonAppend, GivesAStringThatPassesTheGate)
{
  const JsonAppendCase &row = GetParam ();
  Block block (row.text);
  g_autoptr (GString) out = g_string_new ("p:");
  Error error;

  bfy_json_append_string (out, block.data (), static_cast<gssize> (block.size ()));
  EXPECT_EQ (std::string (out->str + 2, out->len - 2), row.want);
  EXPECT_TRUE (bfy_json_check (out->str + 2, out->len - 2, error.out ())) << error;
}

INSTANTIATE_TEST_SUITE_P (
    Texts,
    JsonAppend,
    testing::Values (
        JsonAppendCase{ "Empty", "", R"("")" },
        JsonAppendCase{ "Plain", "abc/'", R"("abc/'")" },
        JsonAppendCase{ "Quotes", "\"\\", R"("\"\\")" },
        JsonAppendCase{ "Named", "\b\f\n\r\t", R"("\b\f\n\r\t")" },
        JsonAppendCase{ "Controls", "\x01\x1b\x1f\x7f", R"("\u0001\u001b\u001f\u007f")" },
        JsonAppendCase{ "C1Controls", "\xc2\x80\xc2\x9b\xc2\x9f\xc2\xa0",
                        "\"\\u0080\\u009b\\u009f\xc2\xa0\"" },
        JsonAppendCase{ "LineSeparators", "\xe2\x80\xa8\xe2\x80\xa9", R"("\u2028\u2029")" },
        JsonAppendCase{ "Utf8", "\xc3\xa4\xf0\x9f\x98\x80", "\"\xc3\xa4\xf0\x9f\x98\x80\"" },
        JsonAppendCase{ "Nul", "a\0b"s,
                        "\"a\xef\xbf\xbd"
                        "b\"" },
        JsonAppendCase{ "Invalid", "a\xff\xc0\xaf", "\"a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
        JsonAppendCase{ "CutCharacter", "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
        JsonAppendCase{ "RawSurrogate", "\xed\xa0\x80",
                        "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" }),
    case_name<JsonAppendCase>);

TEST (JsonAppend, TakesTerminatedTextAndExactLengths)
{
  g_autoptr (GString) out = g_string_new (nullptr);

  bfy_json_append_string (out, "ab\"c", -1);
  bfy_json_append_string (out, "abc", 2);
  EXPECT_STREQ (out->str, R"("ab\"c""ab")");
}
