// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/constraints.h"
#include "protocol/json.h"
}

using testing::HasSubstr;
using testing::Not;

namespace
{

using ::operator<<; // prints a row by its name

BfyConstraints *
parse (const std::string &text, GError **error)
{
  g_autoptr (JsonObject) object = bfy_json_parse_object (text.data (), text.size (), error);

  return object != nullptr ? bfy_constraints_from_json (object, error) : nullptr;
}

std::string
to_text (const BfyConstraints *constraints)
{
  g_autoptr (JsonObject) object = bfy_constraints_to_json (constraints);

  return take_text (bfy_json_object_to_text (object, nullptr));
}

struct GoodCase
{
  const char *name;
  const char *text;
  const char *want;
};

struct BadCase
{
  const char *name;
  const char *text;
  const char *says;
};

const struct
{
  const char *name;
  const char *url;
  bool fits;
} urls[] = {
  { "the host and below the path", "https://a.example/mcp/x", true },
  { "the path itself", "https://a.example/mcp", true },
  { "with a query", "https://a.example/mcp?x=/y", true },
  { "another port", "https://a.example:8443/mcp/", true },
  { "in capitals", "https://A.EXAMPLE/mcp", true },
  { "another host", "https://b.example/mcp/x", false },
  { "a host that ends alike", "https://evila.example/mcp", false },
  { "a host below", "https://x.a.example/mcp", false },
  { "the host as a user", "https://a.example@b.example/mcp", false },
  { "a path that begins alike", "https://a.example/mcpx", false },
  { "another path", "https://a.example/other", false },
  { "out by dots", "https://a.example/mcp/../other", false },
  { "out by escaped dots", "https://a.example/mcp/%2e%2e/other", false },
  { "an escaped slash", "https://a.example/mcp%2fx", false },
  { "in another case", "https://a.example/MCP", false },
  { "in the query only", "https://a.example/?/mcp", false },
  { "no URL", "mcp", false },
};

class GoodConstraints : public testing::TestWithParam<GoodCase>
{
};

class BadConstraints : public testing::TestWithParam<BadCase>
{
};

class BadWord : public testing::TestWithParam<BadCase>
{
};

} // namespace

TEST_P (GoodConstraints, AreReadAndWritten)
{
  Error error;
  g_autoptr (BfyConstraints) constraints = parse (GetParam ().text, error.out ());

  ASSERT_NE (constraints, nullptr) << error;
  EXPECT_EQ (to_text (constraints), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Table,
    GoodConstraints,
    testing::Values (
        GoodCase{ "None", "{}", "{}" },
        GoodCase{ "All",
                  R"({"host":"mcp.example.com","path":"/mcp/","tools":["list_*","get_issue"],)"
                  R"("clients":["local","x"],"uses":3})",
                  R"({"host":"mcp.example.com","path":"/mcp/","tools":["list_*","get_issue"],)"
                  R"("clients":["local","x"],"uses":3})" },
        GoodCase{ "CapitalHost", R"({"host":"MCP.Example.COM."})",
                  R"({"host":"mcp.example.com"})" },
        GoodCase{ "InternationalHost", R"({"host":"bücher.example"})",
                  R"({"host":"xn--bcher-kva.example"})" },
        GoodCase{ "Address6", R"({"host":"[0::1]"})", R"({"host":"::1"})" },
        GoodCase{ "BareAddress6", R"({"host":"::1"})", R"({"host":"::1"})" },
        GoodCase{ "OddAddress4", R"({"host":"127.1"})", R"({"host":"127.0.0.1"})" },
        GoodCase{ "PathInItsForm", R"({"path":"/a/./b/../%61"})", R"({"path":"/a/a"})" },
        GoodCase{ "NullIsAbsent", R"({"host":null,"tools":null,"uses":null})", "{}" },
        GoodCase{ "ManyUses", R"({"uses":1000000000})", R"({"uses":1000000000})" }),
    [] (const auto &info) { return std::string (info.param.name); });

// C12: neither what is unknown nor what is there twice is passed over.
TEST_P (BadConstraints, AreRefused)
{
  Error error;
  g_autoptr (BfyConstraints) constraints = parse (GetParam ().text, error.out ());

  EXPECT_EQ (constraints, nullptr);
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().says));
}

INSTANTIATE_TEST_SUITE_P (
    Table,
    BadConstraints,
    testing::Values (BadCase{ "Unknown", R"({"hosts":"a.example"})", "hosts" },
                     BadCase{ "DuplicateMember", R"({"host":"a.example","host":"b.example"})", "" },
                     BadCase{ "DuplicateTool", R"({"tools":["a","b","a"]})", "twice" },
                     BadCase{ "DuplicateClient", R"({"clients":["a","a"]})", "twice" },
                     BadCase{ "NoTools", R"({"tools":[]})", "one at least" },
                     BadCase{ "NoClients", R"({"clients":[]})", "one at least" },
                     BadCase{ "EmptyTool", R"({"tools":[""]})", "1 to 256" },
                     BadCase{ "HostWithScheme", R"({"host":"https://a.example"})",
                              "by its name alone" },
                     BadCase{ "HostWithPort", R"({"host":"a.example:8443"})", "by its name alone" },
                     BadCase{ "HostWithPath", R"({"host":"a.example/mcp"})", "by its name alone" },
                     BadCase{ "HostWithUser", R"({"host":"me@a.example"})", "by its name alone" },
                     BadCase{ "HostWithStar", R"({"host":"*.example"})", "by its name alone" },
                     BadCase{ "HostEmpty", R"({"host":""})", "by its name alone" },
                     BadCase{ "HostHalfBracket", R"({"host":"[::1"})", "by its name alone" },
                     BadCase{ "HostBlank", R"({"host":"a.example b"})", "by its name alone" },
                     BadCase{ "PathRelative", R"({"path":"mcp"})", "how that begins" },
                     BadCase{ "PathAboveRoot", R"({"path":"/../x"})", "how that begins" },
                     BadCase{ "PathWithQuery", R"({"path":"/x?y"})", "how that begins" },
                     BadCase{ "PathWithStar", R"({"path":"/x/*"})", "how that begins" },
                     BadCase{ "PathEscapedSlash", R"({"path":"/x%2fy"})", "how that begins" },
                     BadCase{ "NoUses", R"({"uses":0})", "from 1" },
                     BadCase{ "NegativeUses", R"({"uses":-3})", "from 1" },
                     BadCase{ "TooManyUses", R"({"uses":1000000001})", "from 1" },
                     BadCase{ "UsesAsText", R"({"uses":"3"})", "uses" },
                     BadCase{ "HostAsNumber", R"({"host":1})", "host" },
                     BadCase{ "ToolsAsText", R"({"tools":"a"})", "tools" }),
    [] (const auto &info) { return std::string (info.param.name); });

TEST (Constraints, AreTyped)
{
  g_autoptr (JsonObject) object = json_object_new ();
  Error error;

  for (const char *word : { "mcp.example.com", "path=/mcp", "tool=list_*", "tool=get_*",
                            "client=claude-code", "client=local", "uses=12" })
    EXPECT_TRUE (bfy_constraints_add_word (object, word, error.out ())) << word << error;
  EXPECT_EQ (take_text (bfy_json_object_to_text (object, nullptr)),
             R"({"host":"mcp.example.com","path":"/mcp","tools":["list_*","get_*"],)"
             R"("clients":["claude-code","local"],"uses":12})");
}

// C12
TEST_P (BadWord, IsRefused)
{
  g_autoptr (JsonObject) object = json_object_new ();
  Error error;

  ASSERT_TRUE (bfy_constraints_add_word (object, "host=a.example", error.out ()));
  ASSERT_TRUE (bfy_constraints_add_word (object, "tool=list", error.out ()));
  EXPECT_FALSE (bfy_constraints_add_word (object, GetParam ().text, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().says));
  EXPECT_THAT (error.message (), Not (HasSubstr ("\n")));
}

INSTANTIATE_TEST_SUITE_P (
    Table,
    BadWord,
    testing::Values (BadCase{ "SecondHost", "b.example", "one limit by “host” only" },
                     BadCase{ "SecondHostByName", "host=b.example", "one limit by “host” only" },
                     BadCase{ "TwiceTheSameTool", "tool=list", "twice" },
                     BadCase{ "Unknown", "audience=x", "no limit that is known" },
                     BadCase{ "UnknownCase", "Tool=x", "no limit that is known" },
                     BadCase{ "NewLine", "x\ny=1", "no limit that is known" },
                     BadCase{ "NothingBehind", "path=", "Nothing stands behind" },
                     BadCase{ "NoNumber", "uses=many", "number of uses" },
                     BadCase{ "Zero", "uses=0", "number of uses" },
                     BadCase{ "NoUtf8", "tool=\xff", "UTF-8" },
                     BadCase{ "Url", "client", "one limit by “host” only" }),
    [] (const auto &info) { return std::string (info.param.name); });

// C11: host × path × tool × client, each allowed and denied.
TEST (Constraints, C11TheMatrix)
{
  static const struct
  {
    const char *tool;
    bool fits;
  } tools[] = { { "list_issues", true }, { "get", true }, { "List_issues", false },
                { "getx", false },       { "", false },   { nullptr, false } };
  static const struct
  {
    const char *client;
    bool fits;
  } clients[] = { { "6f1c2d3e", true }, { nullptr, true }, { "6f1c2d3", false }, { "", false } };
  Error error;
  g_autoptr (BfyConstraints) some =
      parse (R"({"host":"a.example","path":"/mcp","tools":["list_*","get"],)"
             R"("clients":["6f1c2d3e","local"]})",
             error.out ());
  g_autoptr (BfyConstraints) none = parse ("{}", error.out ());
  g_autoptr (BfyConstraints) keys = parse (R"({"clients":["6f1c2d3e"]})", error.out ());
  int n_cases = 0;

  ASSERT_NE (some, nullptr) << error;
  for (const auto &url : urls)
    for (const auto &tool : tools)
      for (const auto &client : clients)
        {
          bool fits = bfy_constraints_allow_url (some, url.url) &&
                      bfy_constraints_allow_tool (some, tool.tool) &&
                      bfy_constraints_allow_client (some, client.client);

          EXPECT_EQ (fits, url.fits && tool.fits && client.fits)
              << url.name << ", " << (tool.tool ? tool.tool : "no tool");
          for (const BfyConstraints *free : { none, static_cast<BfyConstraints *> (nullptr) })
            EXPECT_TRUE (bfy_constraints_allow_url (free, url.url) &&
                         bfy_constraints_allow_tool (free, tool.tool) &&
                         bfy_constraints_allow_client (free, client.client));
          n_cases++;
        }
  EXPECT_GE (n_cases, 20);
  EXPECT_FALSE (bfy_constraints_allow_client (keys, nullptr));
}
