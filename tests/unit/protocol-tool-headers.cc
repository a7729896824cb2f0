// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/tool-headers.h"
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

// Checked as everything from outside is before a slice is taken.
static BfyJsonSlice
root_of (const std::string &text)
{
  BfyJsonSlice root;
  Error error;

  EXPECT_TRUE (bfy_json_check (text.data (), text.size (), error.out ())) << error << text;
  bfy_json_slice_root (text.data (), text.size (), &root);
  return root;
}

static void
on_header (const char *name, const char *value, gpointer user_data)
{
  static_cast<std::vector<std::string> *> (user_data)->push_back (std::string (name) + ": " +
                                                                  value);
}

static std::vector<std::string>
headers_of (const BfyParamHeaders *headers, const std::string &arguments)
{
  BfyJsonSlice root = root_of (arguments);
  std::vector<std::string> lines;

  bfy_param_headers_foreach (headers, &root, on_header, &lines);
  return lines;
}

// The declarations of one property: {"type":…,"x-mcp-header":…} under properties.p.
static std::string
property (const std::string &members)
{
  return R"({"type":"object","properties":{"p":{)" + members + "}}}";
}

static std::string
declared (const std::string &value, const std::string &type = "string")
{
  return property (R"("type":")" + type + R"(","x-mcp-header":)" + value);
}

#define SPOILT R"({"type":"string","x-mcp-header":"P"})"

struct SchemaCase
{
  const char *name;
  std::string schema;
  int want; // declarations, or INVALID
};

static const int INVALID = -1;

class ParamHeadersSchema : public testing::TestWithParam<SchemaCase>
{
};

TEST_P (ParamHeadersSchema, IsTakenOrRefusedAsAWhole)
{
  const SchemaCase &row = GetParam ();
  BfyJsonSlice root = root_of (row.schema);
  Error error;
  BfyParamHeaders *headers = bfy_param_headers_parse (&root, error.out ());

  if (row.want == INVALID)
    {
      EXPECT_EQ (headers, nullptr);
      EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
    }
  else
    {
      ASSERT_NE (headers, nullptr) << error;
      EXPECT_EQ (bfy_param_headers_n (headers), static_cast<guint> (row.want));
    }
  g_clear_pointer (&headers, bfy_param_headers_free);
}

INSTANTIATE_TEST_SUITE_P (
    Rows,
    ParamHeadersSchema,
    testing::Values (
        SchemaCase{ "NoSchema", "null", 0 },
        SchemaCase{ "Empty", "{}", 0 },
        SchemaCase{ "NothingDeclared", property (R"("type":"string")"), 0 },
        SchemaCase{ "String", declared (R"("Region")"), 1 },
        SchemaCase{ "Integer", declared (R"("P")", "integer"), 1 },
        SchemaCase{ "Boolean", declared (R"("P")", "boolean"), 1 },
        SchemaCase{ "EveryTchar", declared (R"("!#$%&'*+-.^_`|~09azAZ")"), 1 },
        SchemaCase{ "EscapedKeyword", property (R"("type":"string","\u0078-mcp-header":"P")"), 1 },
        SchemaCase{ "HeaderBeforeType", property (R"("x-mcp-header":"P","type":"string")"), 1 },
        SchemaCase{ "Number", declared (R"("P")", "number"), INVALID },
        SchemaCase{ "Object", declared (R"("P")", "object"), INVALID },
        SchemaCase{ "Array", declared (R"("P")", "array"), INVALID },
        SchemaCase{ "Null", declared (R"("P")", "null"), INVALID },
        SchemaCase{ "NoType", property (R"("x-mcp-header":"P")"), INVALID },
        SchemaCase{ "TwoTypes", property (R"("type":["string","null"],"x-mcp-header":"P")"),
                    INVALID },
        SchemaCase{ "EmptyName", declared (R"("")"), INVALID },
        SchemaCase{ "NumberForAName", declared ("7"), INVALID },
        SchemaCase{ "NullForAName", declared ("null"), INVALID },
        SchemaCase{ "Space", declared (R"("My Region")"), INVALID },
        SchemaCase{ "Colon", declared (R"("Region:Primary")"), INVALID },
        SchemaCase{ "NotAscii", declared (R"("Région")"), INVALID },
        SchemaCase{ "LineBreak", declared (R"("P\r\nX: y")"), INVALID },
        SchemaCase{ "Tab", declared (R"("Region\t1")"), INVALID },
        SchemaCase{ "LongName", declared ("\"" + std::string (129, 'p') + "\""), INVALID },
        SchemaCase{ "SameName", R"({"properties":{"a":)" SPOILT R"(,"b":)" SPOILT "}}", INVALID },
        SchemaCase{ "SameNameButForCase",
                    R"({"properties":{"a":)" SPOILT
                    R"(,"b":{"type":"string","x-mcp-header":"p"}}})",
                    INVALID },
        SchemaCase{ "SameNameFurtherDown",
                    R"({"properties":{"a":)" SPOILT R"(,"b":{"properties":{"c":)" SPOILT "}}}}",
                    INVALID },
        SchemaCase{ "Nested", R"({"properties":{"a":{"properties":{"b":)" SPOILT "}}}}", 1 },
        SchemaCase{ "AtTheRoot", R"({"type":"string","x-mcp-header":"P"})", INVALID },
        SchemaCase{ "Items", R"({"properties":{"a":{"items":)" SPOILT "}}}", INVALID },
        SchemaCase{ "PropertiesOfItems",
                    R"({"properties":{"a":{"items":{"properties":{"b":)" SPOILT "}}}}}", INVALID },
        SchemaCase{ "PrefixItems", R"({"properties":{"a":{"prefixItems":[{},)" SPOILT "]}}}",
                    INVALID },
        SchemaCase{ "AdditionalProperties", R"({"additionalProperties":)" SPOILT "}", INVALID },
        SchemaCase{ "PatternProperties", R"({"patternProperties":{"^a":)" SPOILT "}}", INVALID },
        SchemaCase{ "OneOf", R"({"oneOf":[{"properties":{"a":)" SPOILT "}}]}", INVALID },
        SchemaCase{ "Not", R"({"not":{"properties":{"a":)" SPOILT "}}}", INVALID },
        SchemaCase{ "If", R"({"if":{"properties":{"a":)" SPOILT "}}}", INVALID },
        SchemaCase{ "Defs", R"({"$defs":{"a":)" SPOILT "}}", INVALID },
        SchemaCase{ "PropertyOfThatName", R"({"properties":{"x-mcp-header":{"type":"string"}}})",
                    0 },
        SchemaCase{ "PropertyThatIsCalledItems", R"({"properties":{"items":)" SPOILT "}}", 1 },
        SchemaCase{ "DefaultIsData", R"({"properties":{"a":{"default":)" SPOILT "}}}", 0 },
        SchemaCase{ "ExampleIsData", R"({"examples":[)" SPOILT "]}", 0 },
        SchemaCase{ "PropertiesIsNoObject", R"({"properties":[)" SPOILT "]}", 0 },
        SchemaCase{ "TrueForASchema", R"({"properties":{"a":true},"items":true})", 0 }),
    case_name<SchemaCase>);

TEST (ParamHeaders, AreNotDeclaredWithoutEnd)
{
  for (int n : { BFY_PARAM_HEADERS_MAX, BFY_PARAM_HEADERS_MAX + 1 })
    {
      std::string schema = R"({"properties":{)";
      Error error;

      for (int i = 0; i < n; i++)
        schema += (i > 0 ? "," : "") + ("\"p" + std::to_string (i)) +
                  R"(":{"type":"string","x-mcp-header":"P)" + std::to_string (i) + "\"}";
      schema += "}}";
      BfyJsonSlice root = root_of (schema);
      BfyParamHeaders *headers = bfy_param_headers_parse (&root, error.out ());
      EXPECT_EQ (headers != nullptr, n == BFY_PARAM_HEADERS_MAX);
      g_clear_pointer (&headers, bfy_param_headers_free);
    }
}

// What becomes of the argument `p`, which is declared as P.
struct ValueCase
{
  const char *name;
  std::string value;
  const char *want; // NULL: no header
};

class ParamHeadersValue : public testing::TestWithParam<ValueCase>
{
};

TEST_P (ParamHeadersValue, FitsAHeader)
{
  const ValueCase &row = GetParam ();
  std::string schema = declared (R"("P")");
  BfyJsonSlice root = root_of (schema);
  Error error;
  BfyParamHeaders *headers = bfy_param_headers_parse (&root, error.out ());

  ASSERT_NE (headers, nullptr) << error;
  auto lines = headers_of (headers, "{\"q\":1,\"p\":" + row.value + "}");
  if (row.want == nullptr)
    EXPECT_THAT (lines, SizeIs (0));
  else
    EXPECT_THAT (lines, ElementsAre (std::string ("Mcp-Param-P: ") + row.want));
  bfy_param_headers_free (headers);
}

INSTANTIATE_TEST_SUITE_P (
    Rows,
    ParamHeadersValue,
    testing::Values (ValueCase{ "Text", R"("us-west1")", "us-west1" },
                     ValueCase{ "InnerSpace", R"("us west 1")", "us west 1" },
                     ValueCase{ "OuterSpace", R"(" a")", "=?base64?IGE=?=" },
                     ValueCase{ "NotAscii", R"("\u00fc")", "=?base64?w7w=?=" },
                     ValueCase{ "LineBreak", R"("a\r\nX: y")", "=?base64?YQ0KWDogeQ==?=" },
                     ValueCase{ "Empty", R"("")",
                                "=?base64?"
                                "?=" },
                     ValueCase{ "Null", "null", nullptr },
                     ValueCase{ "True", "true", "true" },
                     ValueCase{ "False", "false", "false" },
                     ValueCase{ "Integer", "42", "42" },
                     ValueCase{ "Negative", "-42", "-42" },
                     ValueCase{ "Zero", "0", "0" },
                     ValueCase{ "FractionOfNothing", "42.0", "42" },
                     ValueCase{ "Exponent", "4.2e1", "42" },
                     ValueCase{ "Fraction", "3.25", "3.25" },
                     ValueCase{ "LargestSafe", "9007199254740991", "9007199254740991" },
                     ValueCase{ "BeyondSafe", "9007199254740993", nullptr },
                     ValueCase{ "FarBeyond", "1e300", nullptr },
                     ValueCase{ "Infinite", "1e999", nullptr },
                     ValueCase{ "Object", R"({"a":1})", nullptr },
                     ValueCase{ "Array", "[1]", nullptr },
                     ValueCase{ "TooLong", "\"" + std::string (9000, 'a') + "\"", nullptr },
                     ValueCase{ "TooLongEncoded", "\"" + std::string (7000, 'a') + " \"",
                                nullptr }),
    case_name<ValueCase>);

TEST (ParamHeaders, FollowNamesThroughObjectsOnly)
{
  std::string schema = R"({"properties":{"a":{"properties":{"b":)" SPOILT
                       R"(}},"c":{"type":"integer","x-mcp-header":"C"}}})";
  BfyJsonSlice root = root_of (schema);
  Error error;
  BfyParamHeaders *headers = bfy_param_headers_parse (&root, error.out ());

  ASSERT_NE (headers, nullptr) << error;
  EXPECT_THAT (headers_of (headers, R"({"c":1,"a":{"b":"x"}})"),
               ElementsAre ("Mcp-Param-P: x", "Mcp-Param-C: 1"));
  EXPECT_THAT (headers_of (headers, R"({"a":[{"b":"x"}],"b":"y"})"), SizeIs (0));
  EXPECT_THAT (headers_of (headers, "null"), SizeIs (0));
  bfy_param_headers_free (headers);
}

static std::string
tool (const std::string &name, const std::string &header)
{
  return R"({"name": ")" + name + R"(", "x": 1.0, "inputSchema": )" + declared (header) + "}";
}

static std::string
list (const std::string &tools)
{
  return R"({"id":1,"result":{"a":1.0,"tools":[)" + tools +
         R"(],"nextCursor":"n"},"jsonrpc":"2.0"})";
}

struct ListCase
{
  const char *name;
  std::string text;
  std::string want; // empty: nothing has to go
};

class ToolHeadersList : public testing::TestWithParam<ListCase>
{
};

TEST_P (ToolHeadersList, LosesWhatMustNotBeOffered)
{
  const ListCase &row = GetParam ();
  BfyToolHeaders *self = bfy_tool_headers_new ();
  char *complaint = nullptr;

  root_of (row.text);
  GString *text = bfy_tool_headers_learn (self, row.text.data (), row.text.size (), &complaint);
  EXPECT_EQ (text != nullptr ? std::string (text->str, text->len) : "", row.want);
  EXPECT_EQ (complaint != nullptr, !row.want.empty ());
  if (text != nullptr)
    g_string_free (text, TRUE);
  g_free (complaint);
  bfy_tool_headers_free (self);
}

#define GOOD tool ("good", R"("G")")
#define BAD tool ("bad", R"("B B")")

INSTANTIATE_TEST_SUITE_P (
    Rows,
    ToolHeadersList,
    testing::Values (ListCase{ "AllGood", list (GOOD + " , " + GOOD), "" },
                     ListCase{ "Empty", list (""), "" },
                     ListCase{ "OneBad", list (BAD), list ("") },
                     ListCase{ "First", list (BAD + " ,\n" + GOOD), list (GOOD) },
                     ListCase{ "Last", list (GOOD + "," + BAD), list (GOOD) },
                     ListCase{ "Middle", list (GOOD + "," + BAD + ", " + GOOD),
                               list (GOOD + "," + GOOD) },
                     ListCase{ "OddTools", list (R"(7,null,{"name":3},{"inputSchema":1})"), "" },
                     ListCase{ "NoTools", R"({"id":1,"result":{"tools":{}}})", "" },
                     ListCase{ "Error", R"({"id":1,"error":{"tools":[]}})", "" }),
    case_name<ListCase>);

TEST (ToolHeaders, KnowTheNewestDeclarations)
{
  BfyToolHeaders *self = bfy_tool_headers_new ();
  std::string first = list (tool ("a", R"("One")") + "," + tool ("b", R"("B")"));
  std::string second = list (tool ("a", R"("Two")") + "," + tool ("b", R"("B B")"));
  char *complaint = nullptr;

  EXPECT_EQ (bfy_tool_headers_lookup (self, "a"), nullptr);
  EXPECT_EQ (bfy_tool_headers_learn (self, first.data (), first.size (), &complaint), nullptr);
  EXPECT_THAT (headers_of (bfy_tool_headers_lookup (self, "a"), R"({"p":"x"})"),
               ElementsAre ("Mcp-Param-One: x"));

  GString *text = bfy_tool_headers_learn (self, second.data (), second.size (), &complaint);
  ASSERT_NE (text, nullptr);
  g_string_free (text, TRUE);
  EXPECT_THAT (take_text (complaint), HasSubstr ("1 of the server’s tools"));
  EXPECT_THAT (headers_of (bfy_tool_headers_lookup (self, "a"), R"({"p":"x"})"),
               ElementsAre ("Mcp-Param-Two: x"));
  EXPECT_EQ (bfy_tool_headers_lookup (self, "b"), nullptr);
  bfy_tool_headers_free (self);
}

TEST (ToolHeaders, RememberNoMoreThanTheyMay)
{
  BfyToolHeaders *self = bfy_tool_headers_new ();
  char *complaint = nullptr;
  std::string tools;

  for (int i = 0; i <= BFY_TOOL_HEADERS_MAX; i++)
    tools += (i > 0 ? "," : "") + tool ("t" + std::to_string (i), R"("P")");
  std::string text = list (tools);
  EXPECT_EQ (bfy_tool_headers_learn (self, text.data (), text.size (), &complaint), nullptr);
  std::string last = "t" + std::to_string (BFY_TOOL_HEADERS_MAX);
  EXPECT_NE (bfy_tool_headers_lookup (self, "t0"), nullptr);
  EXPECT_EQ (bfy_tool_headers_lookup (self, last.c_str ()), nullptr);
  bfy_tool_headers_free (self);
}
