// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Policies made with a few words, and the words that permit what was refused.

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/json.h"
#include "protocol/policy-edit.h"
#include "protocol/policy-hint.h"
}

using testing::HasSubstr;

static BfyPolicy *
parse (const std::string &text)
{
  Error error;
  BfyPolicy *policy = bfy_policy_parse (text.data (), text.size (), error.out ());

  EXPECT_NE (policy, nullptr) << error;
  return policy;
}

static JsonArray *
rules_of (const char *kind, std::vector<const char *> words, const char *effect, Error &error)
{
  JsonArray *rules = json_array_new ();

  words.push_back (nullptr);
  if (bfy_policy_add_rules (rules, kind, words.data (), effect, error.out ()))
    return rules;
  json_array_unref (rules);
  return nullptr;
}

static std::string
edit (const BfyPolicy *base, JsonArray *rules, Error &error)
{
  g_autoptr (BfyPolicy) policy = bfy_policy_with_rules (base, rules, error.out ());

  return policy != nullptr ? bfy_policy_peek_text (policy) : "(refused)";
}

TEST (PolicyEdit, PutsRulesBeforeThoseThatAreThere)
{
  g_autoptr (BfyPolicy) base =
      parse (R"({"version":1,"default":"deny","rules":[{"tool":"a","effect":"ask"}]})");
  Error error;
  g_autoptr (JsonArray) rules = rules_of ("tool", { "b", "c_*" }, "allow", error);

  EXPECT_EQ (edit (base, rules, error),
             R"({"version":1,"default":"deny","rules":[{"tool":["b","c_*"],"effect":"allow"},)"
             R"({"tool":"a","effect":"ask"}]})");
}

TEST (PolicyEdit, WithoutAPolicyEverythingElseStaysAllowed)
{
  Error error;
  g_autoptr (JsonArray) rules =
      rules_of (nullptr, { "access=danger", "method=x/y" }, "deny", error);

  EXPECT_EQ (edit (nullptr, rules, error),
             R"({"version":1,"default":"allow","rules":[{"access":["danger"],"effect":"deny"},)"
             R"({"method":["x/y"],"effect":"deny"}]})");
}

// What cannot be a rule changes nothing.
TEST (PolicyEdit, RefusesWhatNoPolicyCanSay)
{
  for (const char *word : { "colour=red", "tool=a?", "access=reads" })
    {
      Error error;
      g_autoptr (JsonArray) rules = rules_of (nullptr, { word }, "allow", error);

      ASSERT_NE (rules, nullptr) << word;
      EXPECT_EQ (edit (nullptr, rules, error), "(refused)") << word;
      EXPECT_THAT (error.message (), HasSubstr ("Not a policy")) << word;
    }
  for (const char *word : { "get_*", "=x", "tool=", "" })
    {
      Error error;

      EXPECT_EQ (rules_of (nullptr, { word }, "allow", error), nullptr) << word;
      EXPECT_THAT (error.message (), HasSubstr ("does not say what it is about")) << word;
    }
  Error error;
  EXPECT_EQ (rules_of ("tool", { "\xff" }, "deny", error), nullptr);
  EXPECT_THAT (error.message (), HasSubstr ("UTF-8"));
}

TEST (PolicyEdit, KnowsAProfileByWhatItSays)
{
  EXPECT_STREQ (bfy_policy_find_profile (nullptr), "open");
  for (guint i = 0; bfy_policy_profile_names ()[i] != nullptr; i++)
    {
      const char *name = bfy_policy_profile_names ()[i];
      g_autoptr (BfyPolicy) profile = bfy_policy_new_profile (name);

      EXPECT_STREQ (bfy_policy_find_profile (profile), name);
    }
  g_autoptr (BfyPolicy) spaced =
      parse ("{ \"version\":1,\n "
             "\"default\":\"ask\",\"rules\":[{\"access\":\"read\",\"effect\":\"allow\"}]}");
  EXPECT_STREQ (bfy_policy_find_profile (spaced), "reads-flow");
  g_autoptr (BfyPolicy) own = parse (
      R"({"version":1,"default":"ask","rules":[{"access":["read","write"],"effect":"allow"}]})");
  EXPECT_EQ (bfy_policy_find_profile (own), nullptr);
}

TEST (PolicyEdit, KnowsWhatWeighsWhatToolsDo)
{
  g_autoptr (BfyPolicy) flow = bfy_policy_new_profile ("reads-flow");
  g_autoptr (BfyPolicy) open = bfy_policy_new_profile ("open");

  EXPECT_TRUE (bfy_policy_weighs_access (flow));
  EXPECT_FALSE (bfy_policy_weighs_access (open));
  EXPECT_FALSE (bfy_policy_weighs_access (nullptr));
}

// --- The command that permits it ---

struct HintCase
{
  const char *name;
  const char *message; // without the frame
  const char *want;    // nullptr: none
};

class PolicyHint : public testing::TestWithParam<HintCase>
{
};

TEST_P (PolicyHint, IsACommandOrNone)
{
  std::string text = std::string (R"({"jsonrpc":"2.0","id":1,)") + GetParam ().message + "}";
  Error error;
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text.data (), text.size (), error.out ());
  ASSERT_NE (rpc, nullptr) << error;
  g_autofree char *hint = bfy_policy_hint_for_message ("svc", bfy_rpc_message (rpc, 0));

  EXPECT_STREQ (hint, GetParam ().want);
}

#define CALL(name) R"("method":"tools/call","params":{"name":")" name R"("})"

INSTANTIATE_TEST_SUITE_P (
    Messages,
    PolicyHint,
    testing::Values (
        HintCase{ "Tool", CALL ("create_issue"),
                  "bindify policy set svc --allow-tool create_issue" },
        HintCase{ "Dotted", CALL ("a.b/c:d-e@f"),
                  "bindify policy set svc --allow-tool a.b/c:d-e@f" },
        HintCase{ "Prompt", R"("method":"prompts/get","params":{"name":"p"})",
                  "bindify policy set svc --allow prompt=p" },
        HintCase{ "Resource", R"("method":"resources/read","params":{"uri":"f://x/y"})",
                  "bindify policy set svc --allow resource=f://x/y" },
        HintCase{ "Method", R"("method":"vendor/do")",
                  "bindify policy set svc --allow method=vendor/do" },
        // What a client calls a tool is copied into a shell.
        HintCase{ "Shell", CALL ("x; rm -rf ~"), nullptr },
        HintCase{ "Substitution", CALL ("$(id)"), nullptr },
        HintCase{ "Quote", CALL ("a'b"), nullptr },
        HintCase{ "NewLine", CALL ("a\\nb"), nullptr },
        HintCase{ "Escape", CALL ("a\\u001b[2J"), nullptr },
        HintCase{ "Unicode", CALL ("g\xd0\xb5t"), nullptr },
        // An option, and what would permit more than was asked for.
        HintCase{ "Option", CALL ("--profile"), nullptr },
        HintCase{ "Star", CALL ("*"), nullptr },
        HintCase{ "Glob", CALL ("get_*"), nullptr },
        HintCase{ "Nothing", R"("method":"tools/call","params":{})", nullptr },
        HintCase{ "Empty", CALL (""), nullptr },
        HintCase{ "Query", R"("method":"resources/read","params":{"uri":"f://x?a&b"})", nullptr },
        HintCase{ "Other", R"("method":"completion/complete","params":{"ref":{"name":"p"}})",
                  nullptr }),
    [] (const auto &info) { return info.param.name; });

TEST (PolicyHintHttp, IsACommandOrNone)
{
  g_autofree char *plain = bfy_policy_hint_for_http ("svc", "GET", "/a/b");
  g_autofree char *quoted = bfy_policy_hint_for_http ("svc", "GET", "/a'; id;'");
  g_autofree char *star = bfy_policy_hint_for_http ("svc", "*", "/a");

  EXPECT_STREQ (plain, "bindify policy set svc --allow 'http=GET /a/b'");
  EXPECT_EQ (quoted, nullptr);
  EXPECT_EQ (star, nullptr);
}
