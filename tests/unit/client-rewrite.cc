// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Files of other programs: what stands where, and changing one entry of them.

#include <gtest/gtest.h>
#include <string>
#include <vector>

extern "C"
{
#include "client/rewrite/rewrite.h"
#include "protocol/error.h"
#include "protocol/json.h"
}

namespace
{

std::vector<std::string>
split (const std::string &path)
{
  std::vector<std::string> names (1);

  for (char c : path)
    {
      if (c == '|')
        names.emplace_back ();
      else
        names.back () += c;
    }

  return names;
}

// "a|b" as the vector that the functions take.
struct Path
{
  std::vector<std::string> names;
  std::vector<const char *> pointers;

  explicit Path (const std::string &path) : names (split (path))
  {
    for (const std::string &name : names)
      pointers.push_back (name.c_str ());
    pointers.push_back (nullptr);
  }
};

std::string
take (char *text, GError *error)
{
  std::string result = text != nullptr ? text : std::string ("! ") + error->message;

  g_free (text);
  g_clear_error (&error);

  return result;
}

std::string
set (BfyForm form, const std::string &text, const std::string &path, const char *json)
{
  g_autoptr (JsonNode) value = bfy_json_parse (json, strlen (json), nullptr);
  GError *error = nullptr;
  char *result = bfy_rewrite_set (form, text.c_str (), Path (path).pointers.data (), value, &error);

  return take (result, error);
}

std::string
remove (BfyForm form, const std::string &text, const std::string &path)
{
  GError *error = nullptr;
  char *result = bfy_rewrite_remove (form, text.c_str (), Path (path).pointers.data (), &error);

  return take (result, error);
}

void
show (const BfyPlace *place, std::string *out)
{
  const char *comma = "";

  if (place->name != nullptr)
    *out += std::string (place->name) + "=";
  if (place->children == nullptr)
    {
      *out += place->kind == BFY_PLACE_TEXT ? std::string ("'") + place->text + "'"
                                            : std::string (place->text ? place->text : "");
      return;
    }
  *out += place->kind == BFY_PLACE_MAP ? "{" : "[";
  for (guint i = 0; i < place->children->len; i++, comma = ",")
    {
      *out += comma;
      show (static_cast<const BfyPlace *> (g_ptr_array_index (place->children, i)), out);
    }
  *out += place->kind == BFY_PLACE_MAP ? "}" : "]";
}

std::string
parse (BfyForm form, const std::string &text)
{
  GError *error = nullptr;
  g_autoptr (BfyPlace) place = bfy_place_parse (form, text.data (), text.size (), &error);
  std::string out;

  if (place == nullptr)
    return take (nullptr, error);
  show (place, &out);

  return out;
}

struct Reading
{
  const char *name;
  BfyForm form;
  std::string text;
  std::string want;
};

struct Change
{
  const char *name;
  BfyForm form;
  std::string before;
  const char *path;
  const char *value; // nullptr: it is removed
  std::string after;
};

template <typename Row>
std::string
row_name (const testing::TestParamInfo<Row> &info)
{
  return info.param.name;
}

class FormTest : public testing::TestWithParam<Reading>
{
};

TEST_P (FormTest, IsRead)
{
  EXPECT_EQ (parse (GetParam ().form, GetParam ().text), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Json,
    FormTest,
    testing::Values (
        Reading{ "Empty", BFY_FORM_JSON, "{}", "{}" },
        Reading{ "Kinds", BFY_FORM_JSON, R"({"a":"x","b":[1,true,null],"c":{"d":-1.5e3}})",
                 "{a='x',b=[1,true,null],c={d=-1.5e3}}" },
        Reading{ "Comments", BFY_FORM_JSON, "// first\n{ /* a */ \"a\": 1, // b\n}\n// last",
                 "{a=1}" },
        Reading{ "Escapes", BFY_FORM_JSON, R"({"\u0061\n":"\ud83d\ude00\"\\\/"})",
                 "{a\n='\U0001F600\"\\/'}" },
        Reading{ "Mark", BFY_FORM_JSON, "\xef\xbb\xbf{\"a\":1}", "{a=1}" },
        Reading{ "NoObject", BFY_FORM_JSON, "[]", "! Line 1: an object is expected" },
        Reading{ "Nothing", BFY_FORM_JSON, "", "! Line 1: an object is expected" },
        Reading{ "Twice", BFY_FORM_JSON, "{\"a\":1,\n\"\\u0061\":2}",
                 "! Line 2: a name stands here that is there already" },
        Reading{ "More", BFY_FORM_JSON, "{}\n{}", "! Line 2: something follows the end" },
        Reading{ "OpenText", BFY_FORM_JSON, "{\"a\":\"x\n\"}", "! Line 1: a text does not end" },
        Reading{ "OpenComment", BFY_FORM_JSON, "{ /* ", "! Line 1: a name in quotes is expected" },
        Reading{ "HalfAPair", BFY_FORM_JSON, R"({"a":"\ud83d"})", "! Line 1: an escape is wrong" },
        Reading{ "Word", BFY_FORM_JSON, "{\"a\":yes}", "! Line 1: a value is expected" },
        Reading{ "NoComma", BFY_FORM_JSON, "{\"a\":1 \"b\":2}",
                 "! Line 1: a comma or the end of a list is expected" },
        Reading{ "Bytes", BFY_FORM_JSON, "{\"a\":\"\xff\"}", "! It is no text in UTF-8" },
        Reading{ "Nul", BFY_FORM_JSON, std::string ("{}\0", 3), "! It is no text in UTF-8" },
        Reading{ "Deep", BFY_FORM_JSON, "{\"a\":" + std::string (100, '['),
                 "! Line 1: it is nested too deeply" }),
    row_name<Reading>);

INSTANTIATE_TEST_SUITE_P (
    Toml,
    FormTest,
    testing::Values (
        Reading{ "Empty", BFY_FORM_TOML, "", "{}" },
        Reading{ "Tables", BFY_FORM_TOML,
                 "model = \"o\" # c\n\n[mcp_servers.a]\ncommand = 'x'\nargs = [\n  \"1\", # one\n "
                 " '2',\n]\n[mcp_servers.a.env]\nK = \"v\"\n",
                 "{model='o',mcp_servers={a={command='x',args=['1','2'],env={K='v'}}}}" },
        Reading{ "Dotted", BFY_FORM_TOML, "a.b.\"c d\" = 1\na.e = { f = true, g.h = 2 }\n",
                 "{a={b={c d=1},e={f=true,g={h=2}}}}" },
        Reading{ "Items", BFY_FORM_TOML, "[[p]]\na = 1\n[[p]]\na = 2\n[p.q]\nb = 3\n",
                 "{p=[{a=1},{a=2,q={b=3}}]}" },
        Reading{ "Lines", BFY_FORM_TOML, "a = \"\"\"x\ny\"\"\"\nb = '''q'''\n",
                 "{a='x\ny',b='q'}" },
        Reading{ "Dates", BFY_FORM_TOML, "d = 1979-05-27 07:32:00Z # x\n",
                 "{d=1979-05-27 07:32:00Z}" },
        Reading{ "LineEnds", BFY_FORM_TOML, "[a]\r\nb = 1\r\n", "{a={b=1}}" },
        Reading{ "TableTwice", BFY_FORM_TOML, "[a]\n[b]\n[a]\n",
                 "! Line 3: a table stands here that is there already" },
        Reading{ "NameTwice", BFY_FORM_TOML, "a = 1\na = 2\n",
                 "! Line 2: a name stands here that is there already" },
        Reading{ "NoValue", BFY_FORM_TOML, "a = \n", "! Line 1: a value is expected" },
        Reading{ "TwoValues", BFY_FORM_TOML, "a = 1 2\n",
                 "! Line 1: the end of the line is expected" },
        Reading{ "OpenHeader", BFY_FORM_TOML, "[a\n", "! Line 1: a closing bracket is expected" },
        Reading{ "Deep", BFY_FORM_TOML, "a = " + std::string (100, '['),
                 "! Line 1: it is nested too deeply" }),
    row_name<Reading>);

INSTANTIATE_TEST_SUITE_P (
    Yaml,
    FormTest,
    testing::Values (
        Reading{ "Empty", BFY_FORM_YAML, "# nothing\n", "{}" },
        Reading{ "Goose", BFY_FORM_YAML,
                 "---\nextensions:\n  dev:\n    enabled: true\n    args:\n      - a\n      - \"b "
                 "c\"\n    envs: {}\nmodel: gpt # x\n",
                 "{extensions={dev={enabled=true,args=['a','b c'],envs={}}},model='gpt'}" },
        Reading{ "Continue", BFY_FORM_YAML,
                 "mcpServers:\n- name: a\n  command: x\n-   name: b\n    env:\n      K: v\n",
                 "{mcpServers=[{name='a',command='x'},{name='b',env={K='v'}}]}" },
        Reading{ "Flow", BFY_FORM_YAML, "a: [1, 'it''s', {b: c, \"d\": }]\ne: {f: [x,\n  y]}\n",
                 "{a=[1,'it's',{b='c',d=}],e={f=['x','y']}}" },
        Reading{ "Folded", BFY_FORM_YAML, "a: one\n  two\nb: \"x\n  y\"\n",
                 "{a='one two',b='x y'}" },
        Reading{ "Lines", BFY_FORM_YAML, "a: |\n  one\n  two\nb: 1\n", "{a='one\ntwo\n',b=1}" },
        Reading{ "Null", BFY_FORM_YAML, "a:\nb: ~\n", "{a=,b=~}" },
        Reading{ "Address", BFY_FORM_YAML, "a: https://x.example/mcp\n",
                 "{a='https://x.example/mcp'}" },
        Reading{ "Anchor", BFY_FORM_YAML, "a: &x 1\n",
                 "! Line 1: this way of writing is not understood" },
        Reading{ "Alias", BFY_FORM_YAML, "a: *x\n",
                 "! Line 1: this way of writing is not understood" },
        Reading{ "Tag", BFY_FORM_YAML, "a: !!str 1\n",
                 "! Line 1: this way of writing is not understood" },
        Reading{ "Tab", BFY_FORM_YAML, "a:\n\tb: 1\n", "! Line 2: a tab stands before the text" },
        Reading{ "TwoDocuments", BFY_FORM_YAML, "a: 1\n---\nb: 2\n",
                 "! Line 2: a name and a colon are expected" },
        Reading{ "FurtherIn", BFY_FORM_YAML, "a: 1\n   b: 2\n",
                 "! Line 2: a colon stands where none is expected" },
        Reading{ "NameTwice", BFY_FORM_YAML, "a: 1\na: 2\n",
                 "! Line 2: a name stands here that is there already" },
        Reading{ "List", BFY_FORM_YAML, "- a\n",
                 "! Line 2: this way of writing is not understood" },
        Reading{ "Deep", BFY_FORM_YAML, "a: " + std::string (100, '['),
                 "! Line 1: it is nested too deeply" }),
    row_name<Reading>);

class RewriteTest : public testing::TestWithParam<Change>
{
};

TEST_P (RewriteTest, ChangesOneEntry)
{
  const Change &row = GetParam ();
  std::string after = row.value != nullptr ? set (row.form, row.before, row.path, row.value)
                                           : remove (row.form, row.before, row.path);

  EXPECT_EQ (after, row.after);
}

#define ENTRY R"({"command":"bindify-mcp","args":["github"]})"

INSTANTIATE_TEST_SUITE_P (
    Json,
    RewriteTest,
    testing::Values (
        Change{ "IntoNothing", BFY_FORM_JSON, "{}\n", "s|g", ENTRY,
                "{\n  \"s\": {\n    \"g\": {\n      \"command\": \"bindify-mcp\",\n      \"args\": "
                "[\"github\"]\n    }\n  }\n}\n" },
        Change{
            "BehindTheLast", BFY_FORM_JSON,
            "{\n    // mine\n    \"s\": {\n        \"a\": {}, // one\n        \"b\": 1 // two\n "
            "   }\n}",
            "s|g", "{}",
            "{\n    // mine\n    \"s\": {\n        \"a\": {}, // one\n        \"b\": 1, // "
            "two\n        \"g\": {}\n    }\n}" },
        Change{ "BehindAComma", BFY_FORM_JSON, "{\n\t\"s\": {\n\t\t\"a\": 1,\n\t},\n}\n", "s|g",
                "\"x\"", "{\n\t\"s\": {\n\t\t\"a\": 1,\n\t\t\"g\": \"x\",\n\t},\n}\n" },
        Change{ "OnOneLine", BFY_FORM_JSON, R"({"s":{"a":1},"t":2})", "s|g", ENTRY,
                R"({"s":{"a":1, "g": {"command": "bindify-mcp", "args": ["github"]}},"t":2})" },
        Change{ "LineEnds", BFY_FORM_JSON, "{\r\n  \"a\": 1\r\n}\r\n", "g", "2",
                "{\r\n  \"a\": 1,\r\n  \"g\": 2\r\n}\r\n" },
        Change{ "Mark", BFY_FORM_JSON, "\xef\xbb\xbf{\n  \"a\": 1\n}", "g", "2",
                "\xef\xbb\xbf{\n  \"a\": 1,\n  \"g\": 2\n}" },
        Change{ "OnlyAComment", BFY_FORM_JSON, "{\n  // none yet\n}\n", "g", "2",
                "{\n  // none yet\n  \"g\": 2\n}\n" },
        Change{ "Replaced", BFY_FORM_JSON, "{\n  \"a\": {\n    \"x\": 1\n  }, // c\n  \"b\": 2\n}",
                "a", "{\"y\":\"\\\"z\"}",
                "{\n  \"a\": {\n    \"y\": \"\\\"z\"\n  }, // c\n  \"b\": 2\n}" },
        Change{ "ItemAdded", BFY_FORM_JSON, "{\n  \"l\": [\n    1\n  ]\n}", "l|-", "2",
                "{\n  \"l\": [\n    1,\n    2\n  ]\n}" },
        Change{ "LastGone", BFY_FORM_JSON,
                "{\n  \"a\": 1, // one\n  \"g\": {\n    \"x\": 1\n  }\n}", "g", nullptr,
                "{\n  \"a\": 1 // one\n}" },
        Change{ "FirstGone", BFY_FORM_JSON, "{\n  \"g\": 1,\n  \"a\": 2\n}", "g", nullptr,
                "{\n  \"a\": 2\n}" },
        Change{ "OnlyGone", BFY_FORM_JSON, "{\n  \"s\": {\n    \"g\": 1\n  }\n}", "s|g", nullptr,
                "{\n  \"s\": {}\n}" },
        Change{ "LastBeforeAComma", BFY_FORM_JSON, "{\n  \"a\": 1,\n  \"g\": 2,\n}", "g", nullptr,
                "{\n  \"a\": 1,\n}" },
        Change{ "OnOneLineGone", BFY_FORM_JSON, R"({"a":1, "g": 2})", "g", nullptr, R"({"a":1})" },
        Change{ "NotThere", BFY_FORM_JSON, "{}", "g", nullptr, "! The entry is not there" },
        Change{ "ThroughAText", BFY_FORM_JSON, R"({"s":"x"})", "s|g", "1",
                "! The entry is written in a way that bindify does not change" },
        Change{ "Broken", BFY_FORM_JSON, "{\n  \"a\": \n}", "g", "1",
                "! Line 3: a value is expected" }),
    row_name<Change>);

INSTANTIATE_TEST_SUITE_P (
    Toml,
    RewriteTest,
    testing::Values (
        Change{ "IntoNothing", BFY_FORM_TOML, "", "mcp_servers|g", ENTRY,
                "[mcp_servers.g]\ncommand = \"bindify-mcp\"\nargs = [\"github\"]\n" },
        Change{ "Last", BFY_FORM_TOML, "model = 'o' # mine\n\n[tui]\nx = 1\n", "mcp_servers|g h",
                R"({"command":"c","env":{"A":"b"}})",
                "model = 'o' # mine\n\n[tui]\nx = 1\n\n[mcp_servers.\"g h\"]\ncommand = "
                "\"c\"\n\n[mcp_servers.\"g h\".env]\nA = \"b\"\n" },
        Change{ "WithoutALineEnd", BFY_FORM_TOML, "a = 1", "t", "{\"b\":2}",
                "a = 1\n\n[t]\nb = 2\n" },
        Change{ "Replaced", BFY_FORM_TOML,
                "[s.g]\ncommand = 'x' # c\n\n[s.g.env]\nT = 'tok'\n\n# next\n[z]\na = 1\n", "s|g",
                ENTRY,
                "[s.g]\ncommand = \"bindify-mcp\"\nargs = [\"github\"]\n\n\n# next\n[z]\na = 1\n" },
        Change{ "InlineReplaced", BFY_FORM_TOML, "[s]\ng = { command = 'x' } # c\n", "s|g",
                "{\"command\":\"y\"}", "[s]\ng = { command = \"y\" } # c\n" },
        Change{ "TextReplaced", BFY_FORM_TOML, "[s]\nt = 'x' # c\n", "s|t", "\"it's \\\"\"",
                "[s]\nt = \"it's \\\"\" # c\n" },
        Change{ "Gone", BFY_FORM_TOML, "a = 1\n\n[s.g]\nb = 2\n", "s|g", nullptr, "a = 1\n" },
        Change{ "GoneBefore", BFY_FORM_TOML, "[s.g]\nb = 2\n\n[s.g.env]\nK = 'v'\n\n[t]\n", "s|g",
                nullptr, "\n\n[t]\n" },
        Change{ "PairGone", BFY_FORM_TOML, "[s]\na = 1\ng = 2 # c\nz = 3\n", "s|g", nullptr,
                "[s]\na = 1\nz = 3\n" },
        Change{ "IntoInline", BFY_FORM_TOML, "s = { a = 1 }\n", "s|g", "{}",
                "! The entry is written in a way that bindify does not change" },
        Change{ "Null", BFY_FORM_TOML, "", "s", "{\"a\":null}",
                "! The entry is written in a way that bindify does not change" }),
    row_name<Change>);

INSTANTIATE_TEST_SUITE_P (
    Yaml,
    RewriteTest,
    testing::Values (
        Change{ "IntoNothing", BFY_FORM_YAML, "", "s|g", ENTRY,
                "s:\n  g:\n    command: bindify-mcp\n    args:\n      - github\n" },
        Change{ "BehindTheLast", BFY_FORM_YAML,
                "ext:\n    dev: # mine\n        on: true\n\n# then\nmodel: x\n", "ext|g",
                "{\"a\":\"yes\",\"b\":false}",
                "ext:\n    dev: # mine\n        on: true\n    g:\n      a: \"yes\"\n      b: "
                "false\n\n# then\nmodel: x\n" },
        Change{ "IntoNull", BFY_FORM_YAML, "ext:\nmodel: x\n", "ext|g", "{\"a\":1}",
                "ext:\n  g:\n    a: 1\nmodel: x\n" },
        Change{ "IntoBraces", BFY_FORM_YAML, "ext: {}\nmodel: x\n", "ext|g", "{\"a\":1}",
                "ext:\n  g:\n    a: 1\nmodel: x\n" },
        Change{ "IntoFlow", BFY_FORM_YAML, "ext: {a: 1}\n", "ext|g", "{\"a\":1}",
                "ext: {a: 1, \"g\": {\"a\": 1}}\n" },
        Change{ "Item", BFY_FORM_YAML, "s:\n- name: a\n  x: 1\nz: 2", "s|-",
                "{\"name\":\"g\",\"args\":[\"q\"]}",
                "s:\n- name: a\n  x: 1\n- name: g\n  args:\n    - q\nz: 2" },
        Change{ "WithoutALineEnd", BFY_FORM_YAML, "a: 1", "g", "2", "a: 1\ng: 2" },
        Change{ "Replaced", BFY_FORM_YAML, "ext:\n  g:\n    env:\n      T: tok\n  h: 1\n", "ext|g",
                "{\"a\":1}", "ext:\n  g:\n    a: 1\n  h: 1\n" },
        Change{ "TextReplaced", BFY_FORM_YAML, "a: tok # c\n", "a", "\"no\"", "a: \"no\" # c\n" },
        Change{ "Gone", BFY_FORM_YAML, "ext:\n  a: 1\n  g:\n    b: 2\n# then\nm: 1\n", "ext|g",
                nullptr, "ext:\n  a: 1\n# then\nm: 1\n" },
        Change{ "OnlyGone", BFY_FORM_YAML, "ext:\n  g:\n    b: 2\nm: 1\n", "ext|g", nullptr,
                "ext: {}\nm: 1\n" },
        Change{ "ItemGone", BFY_FORM_YAML, "s:\n  - name: a\n  - name: g\n    x: 1\n", "s|1",
                nullptr, "s:\n  - name: a\n" },
        Change{ "Broken", BFY_FORM_YAML, "a: &x\n", "g", "1",
                "! Line 1: this way of writing is not understood" }),
    row_name<Change>);

TEST (Forms, HaveABoundOnNames)
{
  std::string text = "{";

  for (int i = 0; i <= BFY_FORM_NAMES_MAX; i++)
    text += "\"" + std::to_string (i) + "\":0,";
  EXPECT_EQ (parse (BFY_FORM_JSON, text + "}"), "! Line 1: there are too many values");
}

// Whoever connects and disconnects has the file as it was.
struct Round
{
  const char *name;
  BfyForm form;
  std::string text;
};

class RewriteRound : public testing::TestWithParam<Round>
{
};

TEST_P (RewriteRound, EndsWhereItBegan)
{
  std::string with = set (GetParam ().form, GetParam ().text, "servers|git hub", ENTRY);

  ASSERT_NE (with.substr (0, 2), "! ") << with;
  EXPECT_NE (with, GetParam ().text);
  EXPECT_EQ (remove (GetParam ().form, with, "servers|git hub"), GetParam ().text);
}

INSTANTIATE_TEST_SUITE_P (
    All,
    RewriteRound,
    testing::Values (
        Round{ "Json", BFY_FORM_JSON, "{\n  \"servers\": {\n    \"a\": {}\n  }\n}\n" },
        Round{ "JsonComments", BFY_FORM_JSON,
               "// c\n{\n\t\"servers\": {\n\t\t\"a\": 1 // x\n\t\t/* y */\n\t}, // z\n}" },
        Round{ "JsonTrailing", BFY_FORM_JSON, "{\n  \"servers\": {\n    \"a\": 1,\n  },\n}\n" },
        Round{ "JsonEmpty", BFY_FORM_JSON, "{ \"servers\": {}, \"x\": 1 }\n" },
        Round{ "JsonShort", BFY_FORM_JSON, "{\"servers\":{\"a\":1}}" },
        Round{ "JsonLineEnds", BFY_FORM_JSON, "{\r\n  \"servers\": {\r\n    \"a\": 1\r\n  }\r\n}" },
        Round{ "Toml", BFY_FORM_TOML, "a = 1\n\n[servers.x]\nb = 2\n" },
        Round{ "TomlLineEnds", BFY_FORM_TOML, "a = 1\r\n\r\n[servers.x]\r\nb = 2\r\n" },
        Round{ "TomlEmptyLine", BFY_FORM_TOML, "a = 1\n\n" },
        Round{ "Yaml", BFY_FORM_YAML, "servers:\n  x: 1\nz: 2\n" },
        Round{ "YamlLast", BFY_FORM_YAML, "z: 2\nservers:\n    x:\n        y: 1\n\n# c\n" },
        Round{ "YamlBraces", BFY_FORM_YAML, "servers: {}\nz: 2\n" }),
    row_name<Round>);

} // namespace
