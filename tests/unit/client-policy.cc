// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The parts of `bindify policy` that ask nobody: requests as they are typed, policies in words, and
// what is learnt from the log.

#include "tests/unit/matchers.h"

extern "C"
{
#include "client/policy-lesson.h"
#include "client/policy-request.h"
#include "client/policy-words.h"
#include "protocol/json.h"
#include "protocol/policy.h"
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

static JsonObject *
parse (const std::string &text)
{
  Error error;
  JsonObject *object = bfy_json_parse_object (text.data (), text.size (), error.out ());

  EXPECT_NE (object, nullptr) << error << text;
  return object;
}

static std::string
to_text (JsonObject *object)
{
  g_autofree char *text = bfy_json_object_to_text (object, nullptr);

  return text;
}

// --- Requests ---

struct RequestCase
{
  const char *name;
  std::vector<const char *> words;
  const char *want; // or a part of the error
};

class PolicyRequest : public testing::TestWithParam<RequestCase>
{
};

TEST_P (PolicyRequest, IsWhatTheAgentTakes)
{
  std::vector<const char *> words = GetParam ().words;
  Error error;

  words.push_back (nullptr);
  g_autoptr (JsonObject) wish = bfy_policy_request_build (words.data (), error.out ());
  ASSERT_NE (wish, nullptr) << error;
  EXPECT_EQ (to_text (wish), GetParam ().want);
}

#define MESSAGE(method, params)                                                                    \
  R"({"message":{"jsonrpc":"2.0","id":1,"method":")" method R"(","params":)" params "}}"

INSTANTIATE_TEST_SUITE_P (
    Words,
    PolicyRequest,
    testing::Values (
        RequestCase{ "Method", { "tools/list" }, MESSAGE ("tools/list", "{}") },
        RequestCase{ "Tool", { "tools/call", "x" }, MESSAGE ("tools/call", R"({"name":"x"})") },
        RequestCase{ "Arguments",
                     { "tools/call", "x", R"({"a":[1]})" },
                     MESSAGE ("tools/call", R"({"name":"x","arguments":{"a":[1]}})") },
        RequestCase{ "Resource",
                     { "resources/read", "f://x" },
                     MESSAGE ("resources/read", R"({"uri":"f://x"})") },
        RequestCase{
            "CompletionOfAPrompt",
            { "completion/complete", "p" },
            MESSAGE ("completion/complete", R"({"ref":{"type":"ref/prompt","name":"p"}})") },
        RequestCase{
            "CompletionOfAResource",
            { "completion/complete", "f://{x}" },
            MESSAGE ("completion/complete", R"({"ref":{"type":"ref/resource","uri":"f://{x}"}})") },
        RequestCase{ "Subscription",
                     { "subscriptions/listen", "f://x" },
                     MESSAGE ("subscriptions/listen",
                              R"({"notifications":{"resourceSubscriptions":["f://x"]}})") },
        RequestCase{
            "Http", { "GET", "/a/b?c=d" }, R"({"http":{"method":"GET","path":"/a/b?c=d"}})" },
        RequestCase{
            "HttpWithBody",
            { "POST", "/a", R"({"x":1})" },
            R"({"http":{"method":"POST","path":"/a","content_type":"application/json","body":"{\"x\":1}"}})" },
        RequestCase{ "Url", { "https://a.example/x" }, R"({"url":"https://a.example/x"})" }),
    [] (const auto &info) { return info.param.name; });

class BadPolicyRequest : public testing::TestWithParam<RequestCase>
{
};

TEST_P (BadPolicyRequest, IsRefused)
{
  std::vector<const char *> words = GetParam ().words;
  Error error;

  words.push_back (nullptr);
  g_autoptr (JsonObject) wish = bfy_policy_request_build (words.data (), error.out ());
  EXPECT_EQ (wish, nullptr);
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().want));
}

INSTANTIATE_TEST_SUITE_P (
    Words,
    BadPolicyRequest,
    testing::Values (RequestCase{ "NoUtf8", { "tools/call", "\xff" }, "UTF-8" },
                     RequestCase{ "NoJson", { "tools/call", "x", "{a:1}" }, "" },
                     RequestCase{ "ArgumentsAreAnObject", { "tools/call", "x", "[1]" }, "object" },
                     RequestCase{ "PathOfNothing", { "GET" }, "begins with “/”" },
                     RequestCase{ "PathWithoutSlash", { "GET", "x" }, "begins with “/”" },
                     RequestCase{ "UrlAndMore", { "https://a.example", "x" }, "stands alone" }),
    [] (const auto &info) { return info.param.name; });

// --- Words ---

static std::string
in_words (const std::string &policy, const char *capabilities = nullptr)
{
  g_autoptr (JsonObject) document = parse (policy);
  g_autoptr (JsonObject) more =
      capabilities != nullptr ? parse (std::string (R"({"a":)") + capabilities + "}") : nullptr;
  Error error;
  g_autoptr (BfyPolicy) parsed = bfy_policy_parse (policy.data (), policy.size (), error.out ());
  JsonArray *array = more != nullptr ? json_object_get_array_member (more, "a") : nullptr;
  g_autofree char *words = bfy_policy_words_format (document, array);

  EXPECT_NE (parsed, nullptr) << error << policy; // only such a one is put in words
  return words;
}

TEST (PolicyWords, SayWhatEachRuleIsAbout)
{
  EXPECT_EQ (in_words (R"({"version":1,"default":"allow","rules":[]})"),
             "     allow  everything\n");
  EXPECT_EQ (in_words (R"({"version":1,"default":"ask","rules":[
               {"access":"danger","effect":"deny","name":"Nothing goes for good"},
               {"tool":["get_*","list_*","search"],"effect":"allow"},
               {"prompt":"p","effect":"ask"},{"resource":"f://*","effect":"deny"},
               {"method":"tasks/*","effect":"allow"}]})"),
             "  1  deny   whatever cannot be taken back  “Nothing goes for good”\n"
             "  2  allow  tools get_*, list_* or search\n"
             "  3  ask    prompts p\n"
             "  4  deny   resources f://*\n"
             "  5  allow  MCP requests tasks/*\n"
             "     ask    everything else\n");
}

TEST (PolicyWords, NameCapabilitiesAsTheCatalogueDoes)
{
  EXPECT_EQ (in_words (R"({"version":1,"default":"ask","rules":[
               {"capability":["merge-prs","gone"],"effect":"deny"},
               {"capability":"*","effect":"ask"}]})",
                       R"([{"id":"merge-prs","name":"Merge pull requests"}])"),
             "  1  deny   “Merge pull requests” or “gone”, which the catalogue does not know\n"
             "  2  ask    whatever the catalogue knows\n"
             "     ask    everything else\n");
}

TEST (PolicyWords, TellTheArguments)
{
  EXPECT_EQ (in_words (R"({"version":1,"default":"deny","rules":[
               {"tool":"t","arguments":{"/repo":"sandbox-*","/n":{"min":1,"max":5}},"effect":"allow"},
               {"tool":"u","arguments":{"/x":{"not":{"equals":true}}},"effect":"ask"},
               {"http":"POST /a/**","arguments":{"/y":{"max":2.5}},"effect":"allow"}]})"),
             "  1  allow  tools t with /repo like sandbox-* and /n at least 1 and at most 5\n"
             "  2  ask    tools u with /x not true\n"
             "  3  allow  HTTP requests POST /a/** with /y at most 2.5\n"
             "     deny   everything else\n");
}

TEST (PolicyWords, TellHowFarAYesReaches)
{
  EXPECT_EQ (in_words (R"({"version":1,"default":"deny","rules":[
               {"tool":"a","effect":"ask","grant":"once"},
               {"tool":"b","effect":"ask","grant":"arguments"},
               {"access":"danger","effect":"ask","grant":"tool"},
               {"tool":"c","effect":"ask"}]})"),
             "  1  ask    tools a, each time\n"
             "  2  ask    tools b, for each set of arguments\n"
             "  3  ask    whatever cannot be taken back, whatever the arguments\n"
             "  4  ask    tools c\n"
             "     deny   everything else\n");
}

TEST (PolicyWords, SayTheLimits)
{
  EXPECT_EQ (
      in_words (R"({"version":1,"default":"deny","rules":[],"limits":{
               "requests_per_minute":1,"requests_per_hour":60,"concurrent":4,"bytes_per_day":1000,
               "per_client":{"requests_per_hour":1}}})"),
      "     deny   everything\n"
      "limits: 1 request a minute, 60 requests an hour, 4 requests at a time, 1000 bytes a day; "
      "to each client 1 request an hour\n");
  EXPECT_EQ (in_words (R"({"version":1,"default":"deny","rules":[],"limits":{
               "per_client":{"concurrent":2}}})"),
             "     deny   everything\nlimits: to each client 2 requests at a time\n");
}

TEST (PolicyWords, SayWhatIsLeft)
{
  const struct
  {
    const char *verdict, *want;
  } rows[] = {
    { R"({"limits":null,"left":null})", nullptr },
    { R"({"limits":{"requests_per_minute":60,"concurrent":4},
          "left":{"requests_per_minute":0,"concurrent":3}})",
      "0 of 60 requests this minute, 3 of 4 at a time left" },
    { R"({"limits":{"requests_per_minute":60,"per_client":{"concurrent":1}},
          "left":{"requests_per_minute":57}})",
      "57 of 60 requests this minute left; to each client 1 request at a time" },
    { R"({"limits":{"per_client":{"concurrent":1}},"left":{}})",
      "to each client 1 request at a time" },
    // An agent that does not say what is left.
    { R"({"limits":{"requests_per_hour":9}})", "9 requests an hour" },
  };

  for (const auto &row : rows)
    {
      g_autoptr (JsonObject) verdict = parse (row.verdict);
      g_autofree char *words = bfy_policy_words_left (verdict);

      EXPECT_STREQ (words, row.want) << row.verdict;
    }
}

// The person who reads it in a terminal did not write it.
TEST (PolicyWords, AreSafeForATerminal)
{
  EXPECT_THAT (in_words (R"({"version":1,"default":"deny","rules":[
                 {"resource":"f://a\u202eb","effect":"deny"}]})"),
               testing::Not (HasSubstr ("\u202e")));
}

// --- Learning ---

static std::string
event (const std::string &method,
       const std::string &tool,
       const std::string &outcome = "success",
       const std::string &category = "",
       const std::string &type = "proxy_request")
{
  return R"({"type":")" + type + R"(","method":")" + method + R"(","tool":")" + tool +
         R"(","outcome":")" + outcome + R"(","category":")" + category + R"("})";
}

class Lesson : public testing::Test
{
protected:
  ~Lesson () override
  {
    bfy_policy_lesson_free (lesson);
  }

  void call (const std::string &tool)
  {
    take (event ("tools/call", tool));
  }
  void refuse (const std::string &tool, const std::string &category = "denied")
  {
    take (event ("tools/call", tool, "blocked", category));
  }
  void take (const std::string &text)
  {
    g_autoptr (JsonObject) object = parse (text);

    bfy_policy_lesson_take (lesson, object);
  }

  // The rules; the document is one that can be set.
  std::string rules ()
  {
    g_autoptr (JsonObject) policy = bfy_policy_lesson_propose (lesson);
    std::string text = to_text (policy);
    Error error;
    g_autoptr (BfyPolicy) parsed = bfy_policy_parse (text.data (), text.size (), error.out ());
    g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);

    EXPECT_NE (parsed, nullptr) << error << text;
    EXPECT_STREQ (json_object_get_string_member (policy, "default"), "ask");
    json_node_set_array (node, json_object_get_array_member (policy, "rules"));
    g_autofree char *list = bfy_json_node_to_text (node, nullptr);
    return list;
  }

  std::vector<std::string> notes ()
  {
    g_auto (GStrv) lines = bfy_policy_lesson_notes (lesson);
    std::vector<std::string> found;

    for (guint i = 0; lines[i] != nullptr; i++)
      found.push_back (lines[i]);
    return found;
  }

  BfyPolicyLesson *lesson = bfy_policy_lesson_new ();
};

TEST_F (Lesson, OfNothingIsNothing)
{
  EXPECT_EQ (rules (), "[]");
  EXPECT_EQ (bfy_policy_lesson_n_uses (lesson), 0u);
  EXPECT_THAT (notes (), IsEmpty ());
}

TEST_F (Lesson, AllowsWhatWasUsedByName)
{
  call ("create_issue");
  call ("get_me");
  call ("create_issue");
  take (event ("prompts/get", "p"));
  take (event ("resources/read", "f://x"));
  take (event ("vendor/do", ""));
  EXPECT_EQ (rules (),
             R"([{"tool":["create_issue","get_me"],"effect":"allow"},)"
             R"({"prompt":["p"],"effect":"allow"},{"resource":["f://x"],"effect":"allow"},)"
             R"({"method":["vendor/do"],"effect":"allow"}])");
  EXPECT_EQ (bfy_policy_lesson_n_uses (lesson), 6u);
  EXPECT_THAT (notes (), IsEmpty ());
}

// An upstream's failure is a use: the policy had let it pass.
TEST_F (Lesson, AFailureIsAUse)
{
  take (event ("tools/call", "search", "failure", "upstream_failed"));
  EXPECT_EQ (rules (), R"([{"tool":["search"],"effect":"allow"}])");
}

TEST_F (Lesson, WhatAlwaysPassesNeedsNoRule)
{
  for (const char *method :
       { "initialize", "tools/list", "ping", "notifications/initialized", "GET" })
    take (event (method, ""));
  take (event ("binding_created", "x", "success", "", "binding_created"));
  take (R"({"type":"proxy_request","outcome":"success"})");
  EXPECT_EQ (rules (), "[]");
}

TEST_F (Lesson, ReadsOfAFamilyBecomeOnePattern)
{
  call ("get_issue");
  call ("list_issues");
  call ("get_commit");
  EXPECT_EQ (rules (), R"([{"tool":["get_*","list_issues"],"effect":"allow"}])");
}

TEST_F (Lesson, WritesNeverBecomeAPattern)
{
  call ("create_issue");
  call ("create_branch");
  EXPECT_EQ (rules (), R"([{"tool":["create_branch","create_issue"],"effect":"allow"}])");
}

// A pattern would let in what was refused; servers may not tell upper from lower case.
TEST_F (Lesson, NoPatternCoversWhatWasRefused)
{
  call ("get_issue");
  call ("get_commit");
  refuse ("GET_secret");
  EXPECT_EQ (rules (), R"([{"tool":["get_commit","get_issue"],"effect":"allow"}])");
  EXPECT_THAT (notes (), ElementsAre ("tool “GET_secret” was refused and is left out"));
}

TEST_F (Lesson, WhatWasRefusedLastStaysOut)
{
  call ("a_tool");
  refuse ("a_tool");
  refuse ("b_tool", "approval_unavailable");
  call ("b_tool");
  EXPECT_EQ (rules (), R"([{"tool":["b_tool"],"effect":"allow"}])");
  EXPECT_THAT (notes (), ElementsAre ("tool “a_tool” was refused and is left out"));
}

// A pause or a limit says nothing about the tool.
TEST_F (Lesson, OtherRefusalsDoNotCount)
{
  call ("a_tool");
  refuse ("a_tool", "paused");
  refuse ("a_tool", "rate_limited");
  EXPECT_EQ (rules (), R"([{"tool":["a_tool"],"effect":"allow"}])");
}

// A client may call a tool “*”; allowed by that name, it would be all of them.
TEST_F (Lesson, ANameThatIsAPatternIsLeftOut)
{
  for (const char *name : { "*", "get_*", "a?", "x\\\\y" })
    call (name);
  EXPECT_EQ (rules (), "[]");
  EXPECT_EQ (notes ().size (), 4u);
  EXPECT_THAT (notes ()[0], HasSubstr ("cannot be written as a pattern"));
}

TEST_F (Lesson, WhatCannotBeTakenBackIsNamed)
{
  call ("delete_repo");
  EXPECT_THAT (notes (), ElementsAre (HasSubstr ("“delete_repo” was used and is allowed, though")));
}

TEST_F (Lesson, StaysSmallEnoughToBeSet)
{
  for (int i = 0; i < 3000; i++)
    call ("tool" + std::to_string (i) + std::string (100, 'x'));
  EXPECT_THAT (rules (), HasSubstr ("tool0x"));
  EXPECT_THAT (notes (), ElementsAre (HasSubstr ("more than a policy has room for")));
}
