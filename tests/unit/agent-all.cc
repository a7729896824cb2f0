// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The pure parts of the endpoint for all bindings: names, addresses, lists and messages.

#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/all/filter.h"
#include "agent/all/name.h"
#include "agent/all/splice.h"
#include "agent/all/summary.h"
#include "agent/all/target.h"
#include "agent/all/translate.h"
}

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

BfyJsonSlice
root_of (const std::string &text)
{
  BfyJsonSlice root;

  EXPECT_TRUE (bfy_json_check (text.data (), text.size (), nullptr)) << text;
  bfy_json_slice_root (text.data (), text.size (), &root);
  return root;
}

std::string
encode (const std::string &binding, const std::string &name)
{
  std::string prefix = take_text (bfy_all_prefix (binding.c_str ()));

  return take_text (bfy_all_name_encode (prefix.c_str (), name.c_str ()));
}

std::string
tool_call (const std::string &name)
{
  return R"({"jsonrpc":"2.0","id":1.0,"method":"tools/call","params":{"arguments":{"name":"x"},"name":")" +
         name + R"(","requestState":"a\u0062"}})";
}

} // namespace

struct AllPrefixCase
{
  const char *name, *binding, *want; // want: null when it is shortened
};

class AllPrefix : public testing::TestWithParam<AllPrefixCase>
{
};

TEST_P (AllPrefix, IsTheNameOrSomethingThatCannotBeOne)
{
  const AllPrefixCase &row = GetParam ();
  std::string prefix = take_text (bfy_all_prefix (row.binding));

  EXPECT_LE (prefix.size (), size_t (BFY_ALL_PREFIX_MAX));
  EXPECT_EQ (prefix.find ("__"), std::string::npos);
  EXPECT_NE (prefix.back (), '_');
  EXPECT_EQ (prefix == row.binding, row.want != nullptr) << prefix;
}

INSTANTIATE_TEST_SUITE_P (
    Names,
    AllPrefix,
    testing::Values (AllPrefixCase{ "Plain", "github", "github" },
                     AllPrefixCase{ "Dash", "my-notes", "my-notes" },
                     AllPrefixCase{ "Underscore", "my_notes", "my_notes" },
                     AllPrefixCase{ "Digit", "7", "7" },
                     AllPrefixCase{ "LongestPlain", "a2345678901234567890123456789012",
                                    "a2345678901234567890123456789012" },
                     AllPrefixCase{ "TooLong", "a23456789012345678901234567890123", nullptr },
                     AllPrefixCase{ "Separator", "a__b", nullptr },
                     AllPrefixCase{ "EndsInUnderscore", "a_", nullptr },
                     AllPrefixCase{ "LooksShortened", "a-0123abcd", nullptr },
                     AllPrefixCase{ "AlmostShortened", "a-0123abc", "a-0123abc" },
                     AllPrefixCase{ "OnlyUnderscores", "a______", nullptr }),
    case_name<AllPrefixCase>);

// A tool of “a” called b__c and one of “a__b” called c; the same with underscores at the edge.
TEST (AllNames, NoTwoAreTheSame)
{
  EXPECT_EQ (encode ("a", "b__c"), "a__b__c");
  EXPECT_NE (encode ("a__b", "c"), encode ("a", "b__c"));
  EXPECT_EQ (encode ("a", "_x"), "a___x");
  EXPECT_NE (encode ("a_", "x"), encode ("a", "_x"));
  EXPECT_NE (encode ("a-b", "x"), encode ("a_b", "x"));
  EXPECT_NE (encode (std::string (40, 'a'), "x"), encode (std::string (41, 'a'), "x"));
}

struct AllNameCase
{
  const char *name, *shown, *prefix, *rest; // prefix null: none of ours
};

class AllSplit : public testing::TestWithParam<AllNameCase>
{
};

TEST_P (AllSplit, TakesTheFirstSeparator)
{
  const AllNameCase &row = GetParam ();
  const char *rest = nullptr;
  g_autofree char *prefix = bfy_all_name_split (row.shown, &rest);

  EXPECT_STREQ (prefix, row.prefix);
  EXPECT_STREQ (rest, row.rest);
}

INSTANTIATE_TEST_SUITE_P (Names,
                          AllSplit,
                          testing::Values (AllNameCase{ "Plain", "github__create_issue", "github",
                                                        "create_issue" },
                                           AllNameCase{ "Twice", "a__b__c", "a", "b__c" },
                                           AllNameCase{ "Edge", "a___x", "a", "_x" },
                                           AllNameCase{ "Empty", "a__", "a", "" },
                                           AllNameCase{ "None", "create_issue", nullptr, nullptr },
                                           AllNameCase{ "NoPrefix", "__x", nullptr, nullptr },
                                           AllNameCase{ "Nothing", "", nullptr, nullptr }),
                          case_name<AllNameCase>);

TEST (AllNames, LongOnesAreShortenedStably)
{
  std::string tool (70, 't');
  std::string shown = encode ("github", tool);

  EXPECT_EQ (shown.size (), size_t (BFY_ALL_NAME_MAX));
  EXPECT_THAT (shown, StartsWith ("github__ttt"));
  EXPECT_TRUE (bfy_all_name_is_short (shown.c_str ()));
  EXPECT_EQ (shown, encode ("github", tool));
  EXPECT_NE (shown, encode ("github", tool + "t"));
  // Just fits, and is not taken for a shortened one.
  EXPECT_EQ (encode ("github", std::string (56, 't')), "github__" + std::string (56, 't'));
  EXPECT_FALSE (bfy_all_name_is_short (encode ("github", std::string (56, 't')).c_str ()));
}

TEST (AllNames, WhatOnlyLooksShortenedIsShortened)
{
  std::string tool = std::string (47, 't') + "_0123abcd";
  std::string shown = encode ("github", tool);

  EXPECT_EQ (("github__" + tool).size (), size_t (BFY_ALL_NAME_MAX));
  EXPECT_NE (shown, "github__" + tool);
  EXPECT_TRUE (bfy_all_name_is_short (shown.c_str ()));
}

TEST (AllNames, NoCharacterIsCutInTwo)
{
  for (size_t n = 0; n < 4; n++)
    {
      std::string tool = std::string (n, 't');
      std::string shown;

      for (int i = 0; i < 30; i++)
        tool += "é";
      shown = encode ("github", tool);
      EXPECT_TRUE (g_utf8_validate (shown.c_str (), -1, nullptr)) << shown;
      EXPECT_TRUE (bfy_all_name_is_short (shown.c_str ())) << shown;
    }
}

struct AllUriCase
{
  const char *name, *uri, *shown;
};

class AllUri : public testing::TestWithParam<AllUriCase>
{
};

TEST_P (AllUri, ComesBack)
{
  const AllUriCase &row = GetParam ();
  g_autofree char *uri = nullptr;
  g_autofree char *shown = bfy_all_uri_encode ("my_notes", row.uri);
  g_autofree char *prefix = bfy_all_uri_split (shown, &uri);

  EXPECT_STREQ (shown, row.shown);
  EXPECT_STREQ (prefix, "my_notes");
  EXPECT_STREQ (uri, row.uri);
}

INSTANTIATE_TEST_SUITE_P (
    Uris,
    AllUri,
    testing::Values (
        AllUriCase{ "File", "file:///a/b%20c?d#e", "bindify://my_notes/file:///a/b%20c?d#e" },
        AllUriCase{ "Opaque", "urn:isbn:1", "bindify://my_notes/urn:isbn:1" },
        AllUriCase{ "Template", "x://{a}/{+b}", "bindify://my_notes/x://{a}/{+b}" },
        AllUriCase{ "View", "ui://panel/1", "ui://bindify/my_notes/panel/1" },
        AllUriCase{ "ViewOfOurs", "ui://bindify/a/b", "ui://bindify/my_notes/bindify/a/b" },
        AllUriCase{ "Twice", "bindify://a/b", "bindify://my_notes/bindify://a/b" },
        AllUriCase{ "Empty", "", "bindify://my_notes/" }),
    case_name<AllUriCase>);

TEST (AllNames, ForeignAddressesAreNobodys)
{
  char *uri = nullptr;

  for (const char *text : { "file:///x", "bindify://", "bindify://a", "bindify:///x", "ui://x/y",
                            "ui://bindify/a", "BINDIFY://a/b", "" })
    {
      EXPECT_EQ (bfy_all_uri_split (text, &uri), nullptr) << text;
      EXPECT_EQ (uri, nullptr);
    }
}

struct AllTargetCase
{
  const char *name, *message, *prefix, *inner;
  BfyAllKind kind;
};

class AllTarget : public testing::TestWithParam<AllTargetCase>
{
};

TEST_P (AllTarget, IsReadFromTheMessageAndWrittenBack)
{
  const AllTargetCase &row = GetParam ();
  std::string text = row.message;
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text.data (), text.size (), nullptr);
  g_auto (BfyAllTarget) target = { BFY_ALL_NOTHING, nullptr, nullptr, nullptr };
  g_autofree char *up = nullptr;
  g_autoptr (BfyRpc) back = nullptr;
  gsize length;

  ASSERT_NE (rpc, nullptr);
  ASSERT_EQ (bfy_all_target_read (bfy_rpc_message (rpc, 0), &target), row.kind != BFY_ALL_NOTHING);
  EXPECT_EQ (target.kind, row.kind);
  EXPECT_STREQ (target.prefix, row.prefix);
  EXPECT_STREQ (target.inner, row.inner);
  if (row.inner == nullptr)
    return;

  up = bfy_all_translate_up (bfy_rpc_message (rpc, 0), text.data (), text.size (), row.inner,
                             &length);
  back = bfy_rpc_parse (up, length, nullptr);
  ASSERT_NE (back, nullptr) << up;
  const BfyRpcMessage *message = bfy_rpc_message (back, 0);
  EXPECT_STREQ (message->id, bfy_rpc_message (rpc, 0)->id);
  EXPECT_THAT ((std::vector<std::string>{ message->name != nullptr ? message->name : "",
                                          message->uri != nullptr ? message->uri : "",
                                          message->task_id != nullptr ? message->task_id : "" }),
               testing::Contains (row.inner));
  // All else is as it was.
  EXPECT_EQ (std::string (up).size () + strlen (target.shown), text.size () + strlen (row.inner));
}

#define MESSAGE(method, params)                                                                    \
  R"({"jsonrpc":"2.0","id":"i","method":")" method R"(","params":)" params "}"

INSTANTIATE_TEST_SUITE_P (
    Messages,
    AllTarget,
    testing::Values (
        AllTargetCase{ "Tool",
                       MESSAGE ("tools/call", R"({"name":"a__b","arguments":{"name":"c__d"}})"),
                       "a", "b", BFY_ALL_TOOL },
        AllTargetCase{ "Prompt", MESSAGE ("prompts/get", R"({"name":"a__b"})"), "a", "b",
                       BFY_ALL_PROMPT },
        AllTargetCase{ "Resource", MESSAGE ("resources/read", R"({"uri":"bindify://a/x:y"})"), "a",
                       "x:y", BFY_ALL_RESOURCE },
        AllTargetCase{ "Task", MESSAGE ("tasks/get", R"({"taskId":"a__1"})"), "a", "1",
                       BFY_ALL_TASK },
        AllTargetCase{
            "CompletePrompt",
            MESSAGE ("completion/complete", R"({"ref":{"type":"ref/prompt","name":"a__b"}})"), "a",
            "b", BFY_ALL_PROMPT },
        AllTargetCase{ "CompleteResource",
                       MESSAGE ("completion/complete",
                                R"({"ref":{"type":"ref/resource","uri":"bindify://a/x:{y}"}})"),
                       "a", "x:{y}", BFY_ALL_RESOURCE },
        AllTargetCase{ "NoName", MESSAGE ("tools/call", "{}"), nullptr, nullptr, BFY_ALL_TOOL },
        AllTargetCase{ "NumberName", MESSAGE ("tools/call", R"({"name":1})"), nullptr, nullptr,
                       BFY_ALL_TOOL },
        AllTargetCase{ "ForeignName", MESSAGE ("tools/call", R"({"name":"b"})"), nullptr, nullptr,
                       BFY_ALL_TOOL },
        AllTargetCase{ "ForeignUri", MESSAGE ("resources/read", R"({"uri":"file:///x"})"), nullptr,
                       nullptr, BFY_ALL_RESOURCE },
        AllTargetCase{
            "Shortened",
            MESSAGE (
                "tools/call",
                R"({"name":"github__ttttttttttttttttttttttttttttttttttttttttttttttt_0123abcd"})"),
            "github", nullptr, BFY_ALL_TOOL },
        AllTargetCase{ "Other", MESSAGE ("server/discover", "{}"), nullptr, nullptr,
                       BFY_ALL_NOTHING }),
    case_name<AllTargetCase>);

TEST (AllTranslate, UpChangesNothingButTheName)
{
  std::string text = tool_call ("a__b");
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text.data (), text.size (), nullptr);
  gsize length;
  std::string up = take_text (
      bfy_all_translate_up (bfy_rpc_message (rpc, 0), text.data (), text.size (), "b\"c", &length));

  EXPECT_EQ (up, tool_call ("b\\\"c"));
  EXPECT_EQ (length, up.size ());
}

struct AllDownCase
{
  const char *name, *method, *text, *want; // want: null when it stays as it is
};

class AllDown : public testing::TestWithParam<AllDownCase>
{
};

TEST_P (AllDown, ChangesWhatNamesSomething)
{
  const AllDownCase &row = GetParam ();
  gsize length = 0;
  g_autofree char *down =
      bfy_all_translate_down (row.method, "a", row.text, strlen (row.text), &length);

  EXPECT_STREQ (down, row.want);
  EXPECT_EQ (length, row.want != nullptr ? strlen (row.want) : 0);
}

INSTANTIATE_TEST_SUITE_P (
    Messages,
    AllDown,
    testing::Values (
        AllDownCase{ "Text", "tools/call",
                     R"({"id":1,"result":{"content":[{"type":"text","text":"x"}]}})", nullptr },
        AllDownCase{
            "Link", "tools/call",
            R"({"id":1e0,"result":{"content":[{"uri":"f:\/x","type":"resource_link", "z":1e5}]}})",
            R"({"id":1e0,"result":{"content":[{"uri":"bindify://a/f:/x","type":"resource_link", "z":1e5}]}})" },
        AllDownCase{
            "Embedded", "tools/call",
            R"({"result":{"content":[{"type":"resource","resource":{"uri":"f:x","text":"uri"}}]}})",
            R"({"result":{"content":[{"type":"resource","resource":{"uri":"bindify://a/f:x","text":"uri"}}]}})" },
        AllDownCase{
            "NotAUri", "tools/call",
            R"({"result":{"content":[{"type":"resource_link","uri":7},{"type":"text","uri":"x"},3]}})",
            nullptr },
        AllDownCase{ "Structured", "tools/call",
                     R"({"result":{"structuredContent":{"uri":"f:x","taskId":"1"}}})", nullptr },
        AllDownCase{ "Task", "tools/call", R"({"result":{"resultType":"task","taskId":"1"}})",
                     R"({"result":{"resultType":"task","taskId":"a__1"}})" },
        AllDownCase{
            "TaskDone", "tasks/get",
            R"({"result":{"taskId":"1","result":{"content":[{"type":"resource_link","uri":"f:x"}]}}})",
            R"({"result":{"taskId":"a__1","result":{"content":[{"type":"resource_link","uri":"bindify://a/f:x"}]}}})" },
        AllDownCase{
            "InputRequired", "tools/call",
            R"({"result":{"resultType":"input_required","requestState":"s\u0074","inputRequests":{"uri":{}}}})",
            nullptr },
        AllDownCase{
            "Prompt", "prompts/get",
            R"({"result":{"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"f:x"}}}]}})",
            R"({"result":{"messages":[{"role":"user","content":{"type":"resource","resource":{"uri":"bindify://a/f:x"}}}]}})" },
        AllDownCase{ "Read", "resources/read",
                     R"({"result":{"contents":[{"uri":"f:x","text":"t"}]}})",
                     R"({"result":{"contents":[{"uri":"bindify://a/f:x","text":"t"}]}})" },
        AllDownCase{ "OtherMethod", "completion/complete",
                     R"({"result":{"contents":[{"uri":"f:x"}],"taskId":"1"}})", nullptr },
        AllDownCase{ "Error", "tools/call", R"({"error":{"code":1,"message":"uri"}})", nullptr },
        AllDownCase{
            "Updated", nullptr,
            R"({"method":"notifications/resources/updated","params":{"uri":"f:x"}})",
            R"({"method":"notifications/resources/updated","params":{"uri":"bindify://a/f:x"}})" },
        AllDownCase{ "TaskNews", nullptr,
                     R"({"method":"notifications/tasks","params":{"taskId":"1"}})",
                     R"({"method":"notifications/tasks","params":{"taskId":"a__1"}})" },
        AllDownCase{ "Progress", "tools/call",
                     R"({"method":"notifications/progress","params":{"progressToken":1}})",
                     nullptr },
        AllDownCase{ "NoObject", "tools/call", R"([1])", nullptr },
        AllDownCase{ "Lines", "resources/read", "{\"result\":{\"contents\":[\r\n{\"uri\":\"x\"}]}}",
                     "{\"result\":{\"contents\":[  {\"uri\":\"bindify://a/x\"}]}}" }),
    case_name<AllDownCase>);

TEST (AllLists, KeepOrderUnknownMembersAndSpelling)
{
  std::string text =
      R"({"tools":[{"z":1e2,"name":"b","inputSchema":{"$ref":"#/x","name":"n"},"title":"B \u0022"},)"
      R"( {"name":7},{},3,{"name":"a","_meta":{"ui":{"resourceUri":"ui://v/1"}}}],"nextCursor":"c\u0031"})";
  g_autoptr (GString) items = g_string_new (nullptr);
  g_autofree char *cursor = nullptr;
  BfyJsonSlice root = root_of (text);

  ASSERT_TRUE (bfy_all_list_read (bfy_all_list_find ("tools/list"), "x", &root, items, &cursor));
  EXPECT_STREQ (
      items->str,
      R"({"z":1e2,"name":"x__b","inputSchema":{"$ref":"#/x","name":"n"},"title":"x: B \""},)"
      R"({"name":"x__a","_meta":{"ui":{"resourceUri":"ui://bindify/x/v/1"}}})");
  EXPECT_STREQ (cursor, R"("c\u0031")");
}

TEST (AllLists, OfAddresses)
{
  std::string text = R"({"resourceTemplates":[{"uriTemplate":"f:{x}","name":"n"}]})";
  g_autoptr (GString) items = g_string_new ("{}");
  g_autofree char *cursor = nullptr;
  BfyJsonSlice root = root_of (text);

  ASSERT_TRUE (bfy_all_list_read (bfy_all_list_find ("resources/templates/list"), "x", &root, items,
                                  &cursor));
  EXPECT_STREQ (items->str, R"({},{"uriTemplate":"bindify://x/f:{x}","name":"n"})");
  EXPECT_EQ (cursor, nullptr);
}

TEST (AllLists, WhatIsNoneIsRefused)
{
  for (const char *text : { "{}", R"({"tools":{}})", R"({"prompts":[]})", "[]", "3" })
    {
      std::string copy = text;
      g_autoptr (GString) items = g_string_new (nullptr);
      g_autofree char *cursor = nullptr;
      BfyJsonSlice root = root_of (copy);

      EXPECT_FALSE (
          bfy_all_list_read (bfy_all_list_find ("tools/list"), "x", &root, items, &cursor))
          << text;
    }
  EXPECT_EQ (bfy_all_list_find ("tools/call"), nullptr);
  EXPECT_EQ (bfy_all_list_find (nullptr), nullptr);
}

TEST (AllLists, AnOverlongCursorEndsTheList)
{
  std::string text =
      R"({"tools":[],"nextCursor":")" + std::string (BFY_ALL_CURSOR_BYTES_MAX, 'c') + "\"}";
  g_autoptr (GString) items = g_string_new (nullptr);
  g_autofree char *cursor = nullptr;
  BfyJsonSlice root = root_of (text);

  EXPECT_TRUE (bfy_all_list_read (bfy_all_list_find ("tools/list"), "x", &root, items, &cursor));
  EXPECT_EQ (cursor, nullptr);
}

TEST (AllLists, ShortenedNamesAreFound)
{
  std::string tool (70, 't');
  std::string text = R"({"tools":[{"name":"a"},{"x":1},{"name":")" + tool + R"("}]})";
  BfyJsonSlice root = root_of (text);
  const BfyAllList *list = bfy_all_list_find ("tools/list");

  EXPECT_EQ (take_text (bfy_all_list_search (list, &root, "x", encode ("x", tool).c_str ())), tool);
  EXPECT_EQ (bfy_all_list_search (list, &root, "x", encode ("y", tool).c_str ()), nullptr);
}

class AllSummary : public testing::Test
{
protected:
  AllSummary ()
  {
    bfy_all_share_init (&a, "a");
    bfy_all_share_init (&b, "b");
    g_ptr_array_add (shares, &a);
    g_ptr_array_add (shares, &b);
  }

  ~AllSummary () override
  {
    bfy_all_share_clear (&a);
    bfy_all_share_clear (&b);
    g_ptr_array_unref (shares);
  }

  void read (BfyAllShare *share, const std::string &result)
  {
    BfyJsonSlice root = root_of (result);

    bfy_all_share_read_ttl (share, &root);
    bfy_all_share_read_discover (share, &root);
  }

  BfyAllShare a = {}, b = {};
  GPtrArray *shares = g_ptr_array_new ();
};

TEST_F (AllSummary, PutsListsTogether)
{
  read (&a, R"({"ttlMs":500})");
  read (&b, R"({"ttlMs":900})");
  g_string_append (b.items, R"({"name":"b__x"})");
  EXPECT_THAT (take_text (bfy_all_summary_list (bfy_all_list_find ("tools/list"), shares)),
               StartsWith (R"({"resultType":"complete","tools":[{"name":"b__x"}],"ttlMs":500,)"
                           R"("cacheScope":"private","_meta":{)"));
  g_string_append (a.items, R"({"name":"a__x"})");
  EXPECT_THAT (take_text (bfy_all_summary_list (bfy_all_list_find ("tools/list"), shares)),
               HasSubstr (R"("tools":[{"name":"a__x"},{"name":"b__x"}])"));
}

TEST_F (AllSummary, SaysWhoIsMissingAndIsNotKept)
{
  read (&a, R"({"ttlMs":500})");
  b.failure = g_strdup ("is \"away\"");
  std::string list = take_text (bfy_all_summary_list (bfy_all_list_find ("tools/list"), shares));
  std::string discover = take_text (bfy_all_summary_discover (shares));

  EXPECT_THAT (list, HasSubstr (R"("ttlMs":0)"));
  EXPECT_THAT (list,
               HasSubstr (R"("bindify/unavailable":[{"binding":"b","message":"is \"away\""}])"));
  EXPECT_THAT (discover, HasSubstr (R"(b: is \"away\")"));
  EXPECT_TRUE (bfy_json_check (list.data (), list.size (), nullptr));
  EXPECT_TRUE (bfy_json_check (discover.data (), discover.size (), nullptr));
}

TEST_F (AllSummary, RepeatsInstructionsWithinBounds)
{
  read (&a, R"({"instructions":"Be kind.","capabilities":{}})");
  read (&b, R"({"instructions":")" + std::string (20000, 'i') + "é\"}");
  std::string discover = take_text (bfy_all_summary_discover (shares));

  EXPECT_THAT (discover, HasSubstr (R"(# a\nBe kind.)"));
  EXPECT_THAT (discover, HasSubstr ("iiii…"));
  EXPECT_LT (discover.size (), 18000u);
  EXPECT_TRUE (bfy_json_check (discover.data (), discover.size (), nullptr)) << discover;
  EXPECT_THAT (discover, HasSubstr (R"("supportedVersions":["2026-07-28"])"));
  EXPECT_THAT (discover, Not (HasSubstr ("extensions")));
}

TEST_F (AllSummary, OffersTasksWhenABindingDoes)
{
  read (&b, R"({"capabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}})");
  EXPECT_THAT (take_text (bfy_all_summary_discover (shares)),
               HasSubstr (R"("extensions":{"io.modelcontextprotocol/tasks":{}})"));
}

struct AllFilterCase
{
  const char *name, *text, *whole, *of_a;
};

class AllFilter : public testing::TestWithParam<AllFilterCase>
{
};

TEST_P (AllFilter, IsSplitByBinding)
{
  const AllFilterCase &row = GetParam ();
  std::string text = row.text;
  BfyJsonSlice root = root_of (text);
  BfyAllFilter filter;

  bfy_all_filter_init (&filter);
  bfy_all_filter_read (&filter, &root);
  EXPECT_EQ (take_text (bfy_all_filter_format (&filter, nullptr)), row.whole);
  EXPECT_EQ (take_text (bfy_all_filter_format (&filter, "a")), row.of_a);
  EXPECT_EQ (bfy_all_filter_is_empty (&filter), std::string (row.whole) == "{}");
  bfy_all_filter_clear (&filter);
}

INSTANTIATE_TEST_SUITE_P (
    Filters,
    AllFilter,
    testing::Values (
        AllFilterCase{
            "Lists",
            R"({"toolsListChanged":true,"promptsListChanged":false,"resourcesListChanged":1})",
            R"({"toolsListChanged":true})", R"({"toolsListChanged":true})" },
        AllFilterCase{
            "Resources",
            R"({"resourcesListChanged":true,"resourceSubscriptions":["bindify://a/x:y","bindify://b/x:z",7,"x:y"]})",
            R"({"resourcesListChanged":true,"resourceSubscriptions":["bindify://a/x:y","bindify://b/x:z","x:y"]})",
            R"({"resourcesListChanged":true,"resourceSubscriptions":["x:y"]})" },
        AllFilterCase{ "Tasks", R"({"taskIds":["b__1","a__2"]})", R"({"taskIds":["b__1","a__2"]})",
                       R"({"taskIds":["2"]})" },
        AllFilterCase{ "OfOthers", R"({"taskIds":["b__1"]})", R"({"taskIds":["b__1"]})", "{}" },
        AllFilterCase{ "Nothing", R"({"x":true})", "{}", "{}" },
        AllFilterCase{ "NoObject", "[]", "{}", "{}" }),
    case_name<AllFilterCase>);
