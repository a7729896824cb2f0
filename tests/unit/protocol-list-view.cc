// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Lists on their way to the client: what is left out, and that nothing else is touched.

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/list-stream.h"
#include "protocol/list-view.h"
}

using testing::HasSubstr;

static const char kPolicy[] = R"({"version":1,"default":"allow","rules":[
  {"tool":"hidden*","effect":"deny"},{"prompt":"hidden","effect":"deny"},
  {"resource":"hidden://*","effect":"deny"}]})";

static BfyPolicy *
make_policy (const std::string &text = kPolicy)
{
  return bfy_policy_parse (text.c_str (), text.length (), nullptr);
}

static std::string
filter (const BfyPolicy *policy, const std::string &text, Error &error)
{
  Block block (text);
  BfyListViewSetup setup = { policy, nullptr, {}, nullptr, nullptr };
  gsize length = 0;
  g_autofree char *filtered =
      bfy_list_view_filter (&setup, block.data (), block.size (), &length, error.out ());

  return filtered != nullptr ? std::string (filtered, length) : "(as it was)";
}

static std::string
answer (const std::string &result)
{
  return R"({"jsonrpc":"2.0","id":1.0,"result":)" + result + "}";
}

// A limit by tools leaves nothing else, whatever the policy shows.
TEST (ListViewLimits, ShowCertainToolsOnly)
{
  const char *tools[] = { "list_*", nullptr };
  BfyConstraints limits = {};
  const BfyListViewSetup setup = { nullptr, &limits, {}, nullptr, nullptr };
  const struct
  {
    std::string result, want;
  } rows[] = {
    { R"({"tools":[{"name":"list_issues"},{"name":"merge"},{"name":"list_all"}]})",
      R"({"tools":[{"name":"list_issues"},{"name":"list_all"}]})" },
    { R"({"tools":[{"name":"merge"}],"nextCursor":"c"})", R"({"tools":[],"nextCursor":"c"})" },
    { R"({"prompts":[{"name":"list_issues"}]})", R"({"prompts":[]})" },
    { R"({"resources":[{"uri":"list_x"}]})", R"({"resources":[]})" },
    { R"({"resourceTemplates":[{"uriTemplate":"list_{x}"}]})", R"({"resourceTemplates":[]})" },
  };

  limits.tools = const_cast<GStrv> (tools);
  for (const auto &row : rows)
    {
      std::string text = answer (row.result);
      Error error;
      gsize length = 0;
      g_autofree char *filtered =
          bfy_list_view_filter (&setup, text.data (), text.size (), &length, error.out ());

      ASSERT_NE (filtered, nullptr) << row.result << error;
      EXPECT_EQ (std::string (filtered, length), answer (row.want));
    }
  EXPECT_TRUE (bfy_list_view_is_needed (&setup, nullptr));
}

struct ViewCase
{
  const char *name;
  std::string text, want;
};

class ListView : public testing::TestWithParam<ViewCase>
{
};

TEST_P (ListView, ShowsWhatMayBeUsed)
{
  g_autoptr (BfyPolicy) policy = make_policy ();
  Error error;

  EXPECT_EQ (filter (policy, GetParam ().text, error), GetParam ().want);
  EXPECT_THAT (error, Succeeds ());
}

#define UNTOUCHED "(as it was)"
#define A R"({"name":"a", "x":[1.0,"\u00e9"],"inputSchema":{"$defs":{},"type":"object"}})"
#define B R"({ "name" : "b" })"
#define H R"({"name":"hidden"})"

INSTANTIATE_TEST_SUITE_P (
    Messages,
    ListView,
    testing::Values (
        ViewCase{ "FirstGoes", answer (R"({"tools":[)" H "," A "," B "]}"),
                  answer (R"({"tools":[)" A "," B "]}") },
        ViewCase{ "MiddleGoes", answer (R"({"tools":[)" A "," H "," B "]}"),
                  answer (R"({"tools":[)" A "," B "]}") },
        ViewCase{ "LastGoes", answer (R"({"tools":[)" A "," B "," H "]}"),
                  answer (R"({"tools":[)" A "," B "]}") },
        ViewCase{ "AllGo", answer (R"({"tools":[)" H "," H R"(],"nextCursor":"n"})"),
                  answer (R"({"tools":[],"nextCursor":"n"})") },
        ViewCase{ "NothingGoes", answer (R"({"tools":[)" A "," B "]}"), UNTOUCHED },
        ViewCase{ "Empty", answer (R"({"tools":[]})"), UNTOUCHED },
        ViewCase{ "OthersStay",
                  answer (R"({ "_meta" : {"x":1.50} ,"tools":[)" H R"(], "ttlMs":60000,"z":null})"),
                  answer (R"({ "_meta" : {"x":1.50} ,"tools":[], "ttlMs":60000,"z":null})") },
        ViewCase{ "EscapedName", answer (R"({"tools":[{"n\u0061me":"hidd\u0065n"}]})"),
                  answer (R"({"tools":[]})") },
        ViewCase{ "EscapedList", answer (R"({"t\u006fols":[{"name":"hidden"}]})"),
                  answer (R"({"t\u006fols":[]})") },
        ViewCase{ "Case", answer (R"({"tools":[{"name":"HIDDEN"}]})"), answer (R"({"tools":[]})") },
        ViewCase{ "NoName", answer (R"({"tools":[{"title":"x"},)" A "]}"),
                  answer (R"({"tools":[)" A "]}") },
        ViewCase{ "NameIsNoString", answer (R"({"tools":[{"name":["hidden"]},)" A "]}"),
                  answer (R"({"tools":[)" A "]}") },
        ViewCase{ "NoObject", answer (R"({"tools":["hidden",[],1]})"), answer (R"({"tools":[]})") },
        ViewCase{ "NoArray", answer (R"({"tools":{"name":"hidden"}})"), UNTOUCHED },
        ViewCase{ "Prompts", answer (R"({"prompts":[{"name":"p"},{"name":"hidden"}]})"),
                  answer (R"({"prompts":[{"name":"p"}]})") },
        ViewCase{
            "Resources",
            answer (
                R"({"resources":[{"name":"hidden","uri":"r://"},{"name":"r","uri":"hidden://x"}]})"),
            answer (R"({"resources":[{"name":"hidden","uri":"r://"}]})") },
        ViewCase{
            "Templates",
            answer (
                R"({"resourceTemplates":[{"uriTemplate":"hidden://{x}"},{"uriTemplate":"r://{x}"}]})"),
            answer (R"({"resourceTemplates":[{"uriTemplate":"r://{x}"}]})") },
        ViewCase{ "BecomesPrivate",
                  answer (R"({"cacheScope":"public","tools":[)" A R"(],"ttlMs":1})"),
                  answer (R"({"cacheScope":"private","tools":[)" A R"(],"ttlMs":1})") },
        ViewCase{ "BecomesPrivateBehind",
                  answer (R"({"tools":[)" H R"(],"ttlMs":1,"cacheScope":"public"})"),
                  answer (R"({"tools":[],"ttlMs":1,"cacheScope":"private"})") },
        ViewCase{ "IsPrivate", answer (R"({"cacheScope":"private","tools":[]})"), UNTOUCHED },
        ViewCase{ "OtherResult",
                  answer (R"({"cacheScope":"public","content":[{"name":"hidden"}]})"), UNTOUCHED },
        ViewCase{ "Deeper", answer (R"({"structuredContent":{"tools":[{"name":"hidden"}]}})"),
                  UNTOUCHED },
        ViewCase{ "Array",
                  "[" + answer (R"({"tools":[)" H "]}") + " , " +
                      answer (R"({"prompts":[)" H "]}") + "]",
                  "[" + answer (R"({"tools":[]})") + " , " + answer (R"({"prompts":[]})") + "]" },
        ViewCase{
            "Request",
            R"({"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"tools":[{"name":"hidden"}]}})",
            UNTOUCHED },
        ViewCase{ "Error", R"({"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"m"}})",
                  UNTOUCHED },
        ViewCase{ "Text", "\"tools\"", UNTOUCHED }),
    [] (const testing::TestParamInfo<ViewCase> &info) { return info.param.name; });

TEST (ListViewErrors, WhatCannotBeReadIsNotPassedOn)
{
  g_autoptr (BfyPolicy) policy = make_policy ();
  Error error;

  for (const std::string &text :
       { std::string (R"({"result":{"tools":[{"name":"hidden"}]})"),
         std::string (R"({"result":{"tools":[{"name":"a","name":"hidden"}]}})"),
         std::string ("\xef\xbb\xbf{}"), std::string ("{\0}", 3), std::string ("\xff") })
    {
      filter (policy, text, error);
      EXPECT_THAT (error, FailsWith (BFY_ERROR_PARSE)) << text;
    }
}

TEST (ListViewNeed, IsOnlyWhereSomethingMayBeHidden)
{
  struct
  {
    std::string policy, request;
    bool want;
  } rows[] = {
    { kPolicy, R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", true },
    { kPolicy, R"({"jsonrpc":"2.0","id":1,"method":"tools/call"})", false },
    { kPolicy,
      R"([{"jsonrpc":"2.0","id":1,"method":"ping"},{"jsonrpc":"2.0","id":2,"method":"resources/templates/list"}])",
      true },
    { kPolicy, "", true },
    { R"({"version":1,"default":"allow"})", "", false },
    { R"({"version":1,"default":"allow","rules":[{"prompt":"x","effect":"deny"}]})",
      R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", false },
    { R"({"version":1,"default":"deny"})", R"({"jsonrpc":"2.0","id":1,"method":"prompts/list"})",
      true },
  };

  for (const auto &row : rows)
    {
      g_autoptr (BfyPolicy) policy = make_policy (row.policy);
      g_autoptr (BfyRpc) rpc =
          row.request.empty ()
              ? nullptr
              : bfy_rpc_parse (row.request.c_str (), row.request.length (), nullptr);

      const BfyListViewSetup setup = { policy, nullptr, {}, nullptr, nullptr };

      EXPECT_EQ (bool (bfy_list_view_is_needed (&setup, rpc)), row.want)
          << row.policy << row.request;
    }
}

// --- Event streams ---

// What comes out when it goes in as pieces of @n bytes.
static std::string
stream (const std::string &text, size_t n, Error &error, gsize bytes_max = 1000)
{
  g_autoptr (BfyPolicy) policy = make_policy ();
  BfyListViewSetup setup = { policy, nullptr, {}, nullptr, nullptr };
  g_autoptr (BfyListStream) view = bfy_list_stream_new (&setup, bytes_max);
  g_autoptr (GString) out = g_string_new (nullptr);

  for (size_t at = 0; at < text.length (); at += n)
    {
      Block block (text.substr (at, n));

      if (!bfy_list_stream_feed (view, block.data (), block.size (), out, error.out ()))
        return "(failed)";
    }
  if (!bfy_list_stream_end (view, out, error.out ()))
    return "(failed)";

  return std::string (out->str, out->len);
}

class ListStream : public testing::TestWithParam<ViewCase>
{
};

TEST_P (ListStream, IsTheSameAtAnyBoundary)
{
  const ViewCase &row = GetParam ();

  for (size_t n = 1; n <= row.text.length (); n++)
    {
      Error error;

      EXPECT_EQ (stream (row.text, n, error), row.want) << n << error;
    }
}

#define LIST R"({"id":1,"result":{"tools":[{"name":"hidden"},{"name":"a"}]}})"
#define SHOWN R"({"id":1,"result":{"tools":[{"name":"a"}]}})"

INSTANTIATE_TEST_SUITE_P (
    Events,
    ListStream,
    testing::Values (
        ViewCase{ "LineFeeds", "id: 7\nevent: message\ndata: " LIST "\n\ndata: {}\n\n",
                  "id: 7\nevent: message\ndata: " SHOWN "\n\ndata: {}\n\n" },
        ViewCase{ "CrLf", "data:" LIST "\r\nid: 7\r\n\r\n", "id: 7\r\ndata: " SHOWN "\n\r\n" },
        ViewCase{ "CarriageReturns", "data:" LIST "\r\r: x\r", "data: " SHOWN "\n\r: x\r" },
        ViewCase{ "ByteOrderMark",
                  "\xef\xbb\xbf"
                  "data: " LIST "\n\n",
                  "data: " SHOWN "\n\n" },
        ViewCase{
            "SeveralLines",
            "data: {\"id\":1,\"result\":\ndata: {\"tools\":[{\"name\":\ndata:\"hidden\"}]}}\n\n",
            "data: {\"id\":1,\"result\":\ndata: {\"tools\":[]}}\n\n" },
        ViewCase{ "Untouched", "data:{\"a\":\r\n: note\r\ndata:  1}\r\n\r\nretry: 3\r\n\r\n",
                  ": note\r\ndata:{\"a\":\r\ndata:  1}\r\n\r\nretry: 3\r\n\r\n" },
        ViewCase{ "Priming", "id: 1\ndata:\n\ndata\n\n", "id: 1\ndata:\n\ndata\n\n" },
        ViewCase{ "OtherFields", "data2: " LIST "\nDATA: x\n\n", "data2: " LIST "\nDATA: x\n\n" },
        ViewCase{ "NoJson", "data: tea\n\n", "data: tea\n\n" },
        ViewCase{ "NoEnd", "data: " LIST "\n", "data: " SHOWN "\n" },
        ViewCase{ "NoEndOfLine", "data: " LIST, "data: " SHOWN "\n" },
        ViewCase{ "Batch", "data: [" LIST "," LIST "]\n\n", "data: [" SHOWN "," SHOWN "]\n\n" },
        ViewCase{ "Nothing", "", "" }),
    [] (const testing::TestParamInfo<ViewCase> &info) { return info.param.name; });

TEST (ListStreamErrors, WhatCannotBeReadEndsIt)
{
  Error error;

  EXPECT_EQ (stream ("data: {\"tools\":\n\n", 3, error), "(failed)");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_PARSE));
  EXPECT_EQ (stream ("data: {\"result\":{\"tools\":[", 3, error), "(failed)");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_PARSE));
}

TEST (ListStreamErrors, AnEventHasALimit)
{
  std::string fits (90, 'x'), part (60, 'x');
  Error error;

  EXPECT_EQ (stream ("data: " + fits + "\n\n", 7, error, 100), "data: " + fits + "\n\n");
  EXPECT_EQ (stream ("data: " + fits + fits + "\n\n", 7, error, 100), "(failed)");
  EXPECT_THAT (error, FailsWith (BFY_ERROR_RESPONSE_TOO_LARGE));
  EXPECT_EQ (stream ("data: " + part + "\ndata: " + part + "\n\n", 7, error, 100), "(failed)");
  EXPECT_EQ (stream (": " + fits + fits + "\n\n", 1000, error, 100), "(failed)");
  // Each event starts anew.
  EXPECT_EQ (stream ("data: " + part + "\n\ndata: " + part + "\n\n", 7, error, 100),
             "data: " + part + "\n\ndata: " + part + "\n\n");
}

TEST (ListStreamPace, OnlyDataWaits)
{
  g_autoptr (BfyPolicy) policy = make_policy ();
  BfyListViewSetup setup = { policy, nullptr, {}, nullptr, nullptr };
  g_autoptr (BfyListStream) view = bfy_list_stream_new (&setup, 1000);
  g_autoptr (GString) out = g_string_new (nullptr);
  std::string first = ": still here\nid: 3\ndata: {}\n";

  ASSERT_TRUE (bfy_list_stream_feed (view, first.c_str (), first.length (), out, nullptr));
  EXPECT_STREQ (out->str, ": still here\nid: 3\n");
  ASSERT_TRUE (bfy_list_stream_feed (view, "\n", 1, out, nullptr));
  EXPECT_STREQ (out->str, ": still here\nid: 3\ndata: {}\n\n");
}

// --- What lists say of their tools ---

// Takes the names of tools down, and forbids what is called “learnt” from then on.
static void
note_tools (const BfyJsonSlice *tools, gpointer user_data)
{
  auto *facts = static_cast<BfyPolicyFacts *> (user_data);
  BfyJsonSlice tool, name;
  BfyJsonIter iter;

  bfy_json_iter_init (&iter, tools);
  while (bfy_json_iter_next (&iter, nullptr, &tool))
    {
      BfyToolHints hints = bfy_tool_hints_read (&tool);

      ASSERT_TRUE (bfy_json_slice_member (&tool, "name", &name));
      g_hash_table_insert (facts->hints, bfy_json_slice_dup_string (&name),
                           g_memdup2 (&hints, sizeof hints));
    }
}

static const char kReads[] =
    R"({"version":1,"default":"deny","rules":[{"access":"read","effect":"allow"}]})";
static const char kHinted[] =
    R"({"tools":[{"name":"get_a"},{"name":"get_b","annotations":{"destructiveHint":true}}]})";
static const char kHintedShown[] = R"({"tools":[{"name":"get_a"}]})";

// A list is learnt from before it is looked at what of it is shown.
TEST (ListViewHints, CountForTheListThatBringsThem)
{
  g_autoptr (BfyPolicy) policy = make_policy (kReads);
  g_autoptr (GHashTable) hints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  BfyListViewSetup setup = {
    policy, nullptr, { nullptr, nullptr, hints }, note_tools, &setup.facts
  };
  std::string text = answer (kHinted);
  gsize length = 0;
  Error error;
  g_autofree char *filtered =
      bfy_list_view_filter (&setup, text.data (), text.size (), &length, error.out ());

  ASSERT_NE (filtered, nullptr) << error;
  EXPECT_EQ (std::string (filtered, length), answer (kHintedShown));
  EXPECT_EQ (g_hash_table_size (hints), 2u);
}

TEST (ListViewHints, CountInAStreamToo)
{
  g_autoptr (BfyPolicy) policy = make_policy (kReads);
  g_autoptr (GHashTable) hints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  BfyListViewSetup setup = {
    policy, nullptr, { nullptr, nullptr, hints }, note_tools, &setup.facts
  };
  g_autoptr (BfyListStream) stream = bfy_list_stream_new (&setup, 1000);
  g_autoptr (GString) out = g_string_new (nullptr);
  std::string event = "data: " + answer (kHinted) + "\n\n";

  ASSERT_TRUE (bfy_list_stream_feed (stream, event.data (), event.size (), out, nullptr));
  EXPECT_EQ (std::string (out->str, out->len), "data: " + answer (kHintedShown) + "\n\n");
}

// A policy that hides nothing, but weighs what tools do, has to see the lists of tools.
TEST (ListViewHints, AreWantedByWhoeverWeighsThem)
{
  const struct
  {
    const char *rules;
    const char *request;
    bool want;
  } rows[] = {
    { R"([{"access":"read","effect":"allow"}])", "tools/list", true },
    { R"([{"access":"read","effect":"allow"}])", "prompts/list", false },
    { R"([{"access":"read","effect":"allow"}])", "tools/call", false },
    { R"([{"tool":"get_*","effect":"allow"}])", "tools/list", false },
  };

  for (const auto &row : rows)
    {
      g_autoptr (BfyPolicy) policy =
          make_policy (std::string (R"({"version":1,"default":"ask","rules":)") + row.rules + "}");
      std::string text =
          std::string (R"({"jsonrpc":"2.0","id":1,"method":")") + row.request + "\"}";
      g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text.data (), text.size (), nullptr);

      ASSERT_NE (policy, nullptr);
      const BfyListViewSetup setup = { policy, nullptr, {}, nullptr, nullptr };

      EXPECT_EQ (bool (bfy_list_view_is_needed (&setup, rpc)), row.want)
          << row.rules << row.request;
    }
}
