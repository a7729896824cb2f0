// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/fixture/valgrind.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/policy.h"
}

using testing::HasSubstr;

static BfyPolicy *
policy_of (const std::string &arguments, const std::string &effect, GError **error)
{
  bool allows = effect == "allow";
  std::string text = std::string (R"({"version":1,"default":")") + (allows ? "deny" : "allow") +
                     R"(","rules":[{"tool":"t","arguments":)" + arguments + R"(,"effect":")" +
                     effect + R"("}]})";

  return bfy_policy_parse (text.c_str (), text.length (), error);
}

// Whether a rule with this effect fits.
static bool
fits (const std::string &arguments, const std::string &effect, const std::string &given)
{
  std::string text = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t")" +
                     (given.empty () ? "" : R"(,"arguments":)" + given) + "}}";
  Error error;
  g_autoptr (BfyPolicy) policy = policy_of (arguments, effect, error.out ());
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text.c_str (), text.length (), error.out ());

  EXPECT_NE (policy, nullptr) << error;
  EXPECT_NE (rpc, nullptr) << error;
  return policy != nullptr && rpc != nullptr &&
         bfy_policy_check (policy, bfy_rpc_message (rpc, 0), nullptr).reason == BFY_POLICY_BY_RULE;
}

enum Answer
{
  NO,     // fits no rule
  UNSURE, // fits those that deny or ask
  YES,    // fits every rule
};

struct PolicyArgumentCase
{
  const char *name;
  std::string arguments, given;
  Answer answer;
};

class PolicyArgument : public testing::TestWithParam<PolicyArgumentCase>
{
};

TEST_P (PolicyArgument, FitsOnTheSafeSide)
{
  const PolicyArgumentCase &row = GetParam ();

  EXPECT_EQ (fits (row.arguments, "allow", row.given), row.answer == YES);
  EXPECT_EQ (fits (row.arguments, "deny", row.given), row.answer != NO);
  EXPECT_EQ (fits (row.arguments, "ask", row.given), row.answer != NO);
}

static std::string
argument_name (const testing::TestParamInfo<PolicyArgumentCase> &info)
{
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P (
    Texts,
    PolicyArgument,
    testing::Values (
        PolicyArgumentCase{ "Fits", R"({"/repo":"prod-*"})", R"({"repo":"prod-1"})", YES },
        PolicyArgumentCase{ "Other", R"({"/repo":"prod-*"})", R"({"repo":"test-1"})", NO },
        PolicyArgumentCase{ "Escaped", R"({"/repo":"prod"})", R"({"r\u0065po":"pr\u006fd"})", YES },
        PolicyArgumentCase{ "Absent", R"({"/repo":"prod-*"})", R"({})", UNSURE },
        PolicyArgumentCase{ "NoArguments", R"({"/repo":"prod-*"})", "", UNSURE },
        PolicyArgumentCase{ "ArgumentsAreText", R"({"/repo":"prod-*"})", R"("prod-1")", UNSURE },
        PolicyArgumentCase{ "ArgumentsAreAnArray", R"({"/repo":"prod-*"})", R"(["prod-1"])",
                            UNSURE },
        PolicyArgumentCase{ "InAnArray", R"({"/repo":"prod"})", R"({"repo":["prod"]})", UNSURE },
        PolicyArgumentCase{ "InAnObject", R"({"/repo":"prod"})", R"({"repo":{"name":"prod"}})",
                            UNSURE },
        PolicyArgumentCase{ "Null", R"({"/repo":"prod"})", R"({"repo":null})", UNSURE },
        PolicyArgumentCase{ "Number", R"({"/repo":"5"})", R"({"repo":5})", UNSURE },
        PolicyArgumentCase{ "Case", R"({"/repo":"prod"})", R"({"repo":"PROD"})", UNSURE },
        PolicyArgumentCase{ "Spaces", R"({"/repo":"prod"})", R"({"repo":" prod\n"})", UNSURE },
        PolicyArgumentCase{ "KeyInOtherCase", R"({"/repo":"prod"})", R"({"Repo":"prod"})", UNSURE },
        PolicyArgumentCase{ "TwinKey", R"({"/repo":"test"})", R"({"repo":"test","REPO":"prod"})",
                            UNSURE },
        PolicyArgumentCase{ "TwinKeyBefore", R"({"/repo":"prod"})",
                            R"({"REPO":"prod","repo":"test"})", UNSURE },
        PolicyArgumentCase{ "TwinKeyLongS", R"({"/task":"a"})",
                            "{\"task\":\"b\",\"ta\xc5\xbfk\":\"a\"}", UNSURE },
        PolicyArgumentCase{ "TooLong", R"({"/repo":"p*"})",
                            R"({"repo":")" + std::string (70000, 'p') + R"("})", UNSURE },
        PolicyArgumentCase{ "Long", R"({"/repo":"p*"})",
                            R"({"repo":")" + std::string (7000, 'p') + R"("})", YES },
        PolicyArgumentCase{ "AnyText", R"({"/repo":"*"})", R"({"repo":"a/../b"})", YES },
        PolicyArgumentCase{ "AllMustFit", R"({"/a":"x","/b":"y"})", R"({"a":"x","b":"z"})", NO },
        PolicyArgumentCase{ "AllFit", R"({"/a":"x","/b":"y"})", R"({"a":"x","b":"y"})", YES },
        PolicyArgumentCase{ "OneUnsure", R"({"/a":"x","/b":"y"})", R"({"a":"x"})", UNSURE }),
    argument_name);

INSTANTIATE_TEST_SUITE_P (
    Paths,
    PolicyArgument,
    testing::Values (
        PolicyArgumentCase{ "Fits", R"({"/path":"/etc/*"})", R"({"path":"/etc/passwd"})", YES },
        PolicyArgumentCase{ "Other", R"({"/path":"/etc/*"})", R"({"path":"/tmp/x"})", NO },
        PolicyArgumentCase{ "Up", R"({"/path":"/etc/*"})", R"({"path":"/tmp/../etc/passwd"})",
                            UNSURE },
        PolicyArgumentCase{ "UpFromInside", R"({"/path":"/home/*"})", R"({"path":"/home/../etc"})",
                            UNSURE },
        PolicyArgumentCase{ "UpAtTheEnd", R"({"/path":"docs*"})", R"({"path":"docs/.."})", UNSURE },
        PolicyArgumentCase{ "EscapedUp", R"({"/path":"docs*"})", R"({"path":"docs/%2e%2E/x"})",
                            UNSURE },
        PolicyArgumentCase{ "EscapedSlash", R"({"/path":"docs*"})", R"({"path":"docs%2f..%2fx"})",
                            UNSURE },
        PolicyArgumentCase{ "Backslash", R"({"/path":"/etc/*"})", R"({"path":"\\etc\\x"})",
                            UNSURE },
        PolicyArgumentCase{ "DoubleSlash", R"({"/path":"/etc/*"})", R"({"path":"//etc/x"})",
                            UNSURE },
        PolicyArgumentCase{ "Url", R"({"/url":"https://a.example/*"})",
                            R"({"url":"https://a.example/x"})", YES },
        PolicyArgumentCase{ "UrlUp", R"({"/url":"https://a.example/pub/*"})",
                            R"({"url":"https://a.example/pub/../x"})", UNSURE },
        PolicyArgumentCase{ "EqualsUp", R"({"/path":{"equals":"/etc/x"}})",
                            R"({"path":"/etc/./x"})", UNSURE },
        PolicyArgumentCase{ "Dots", R"({"/text":"see*"})", R"({"text":"see... and a.b"})", YES }),
    argument_name);

INSTANTIATE_TEST_SUITE_P (
    Numbers,
    PolicyArgument,
    testing::Values (
        PolicyArgumentCase{ "Between", R"({"/n":{"min":1,"max":10}})", R"({"n":10})", YES },
        PolicyArgumentCase{ "Above", R"({"/n":{"min":1,"max":10}})", R"({"n":11})", NO },
        PolicyArgumentCase{ "Below", R"({"/n":{"min":1}})", R"({"n":-1})", NO },
        PolicyArgumentCase{ "Exponent", R"({"/n":{"max":100}})", R"({"n":1e2})", YES },
        PolicyArgumentCase{ "FractionInside", R"({"/n":{"max":100}})", R"({"n":1.5})", YES },
        PolicyArgumentCase{ "FractionOnTheEdge", R"({"/n":{"max":100}})", R"({"n":100.9})",
                            UNSURE },
        PolicyArgumentCase{ "FractionOfEqual", R"({"/n":{"equals":100}})", R"({"n":100.9})",
                            UNSURE },
        PolicyArgumentCase{ "Huge", R"({"/n":{"max":100}})", R"({"n":1e400})", UNSURE },
        PolicyArgumentCase{ "Long", R"({"/n":{"max":100}})", R"({"n":100.00000000000000001})",
                            UNSURE },
        PolicyArgumentCase{ "Wrapped", R"({"/n":{"equals":0}})", R"({"n":18446744073709551616})",
                            UNSURE },
        PolicyArgumentCase{ "Text", R"({"/n":{"max":100}})", R"({"n":"5"})", UNSURE },
        PolicyArgumentCase{ "Equals", R"({"/n":{"equals":5}})", R"({"n":5.0})", YES },
        PolicyArgumentCase{ "EqualsNot", R"({"/n":{"equals":5}})", R"({"n":6})", NO }),
    argument_name);

INSTANTIATE_TEST_SUITE_P (
    Others,
    PolicyArgument,
    testing::Values (
        PolicyArgumentCase{ "True", R"({"/force":{"equals":true}})", R"({"force":true})", YES },
        PolicyArgumentCase{ "False", R"({"/force":{"equals":true}})", R"({"force":false})", NO },
        PolicyArgumentCase{ "TrueAsText", R"({"/force":{"equals":true}})", R"({"force":"true"})",
                            UNSURE },
        PolicyArgumentCase{ "TrueAsNumber", R"({"/force":{"equals":true}})", R"({"force":1})",
                            UNSURE },
        PolicyArgumentCase{ "Null", R"({"/x":{"equals":null}})", R"({"x":null})", YES },
        PolicyArgumentCase{ "NotNull", R"({"/x":{"equals":null}})", R"({"x":1})", NO },
        PolicyArgumentCase{ "EqualsIsNoPattern", R"({"/x":{"equals":"a*"}})", R"({"x":"ab"})", NO },
        PolicyArgumentCase{ "Not", R"({"/branch":{"not":"main"}})", R"({"branch":"topic"})", YES },
        PolicyArgumentCase{ "NotButIs", R"({"/branch":{"not":"main"}})", R"({"branch":"main"})",
                            NO },
        PolicyArgumentCase{ "NotInOtherCase", R"({"/branch":{"not":"main"}})",
                            R"({"branch":"MAIN"})", UNSURE },
        PolicyArgumentCase{ "NotAbsent", R"({"/branch":{"not":"main"}})", R"({})", UNSURE },
        PolicyArgumentCase{ "NotOtherType", R"({"/branch":{"not":"main"}})",
                            R"({"branch":["main"]})", UNSURE },
        PolicyArgumentCase{ "NotBetween", R"({"/n":{"not":{"min":1,"max":5}}})", R"({"n":6})",
                            YES },
        PolicyArgumentCase{ "Deep", R"({"/a/b/0":"x"})", R"({"a":{"b":["x","y"]}})", YES },
        PolicyArgumentCase{ "DeepOther", R"({"/a/b/1":"x"})", R"({"a":{"b":["x","y"]}})", NO },
        PolicyArgumentCase{ "BeyondTheEnd", R"({"/a/2":"x"})", R"({"a":["x","y"]})", UNSURE },
        PolicyArgumentCase{ "OddIndex", R"({"/a/00":"x"})", R"({"a":["x"]})", UNSURE },
        PolicyArgumentCase{ "Slash", R"({"/a~1b~0":"x"})", R"({"a/b~":"x"})", YES },
        PolicyArgumentCase{ "EmptyKey", R"({"/":"x"})", R"({"":"x"})", YES },
        PolicyArgumentCase{ "IntoText", R"({"/a/b":"x"})", R"({"a":"x"})", UNSURE }),
    argument_name);

struct BadArgumentCase
{
  const char *name, *arguments, *part;
};

class PolicyArgumentRefused : public testing::TestWithParam<BadArgumentCase>
{
};

TEST_P (PolicyArgumentRefused, IsSaidWithTheLine)
{
  Error error;
  g_autoptr (BfyPolicy) policy = policy_of (GetParam ().arguments, "deny", error.out ());

  EXPECT_EQ (policy, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().part));
  EXPECT_THAT (error.message (), HasSubstr ("line 1"));
}

INSTANTIATE_TEST_SUITE_P (
    Documents,
    PolicyArgumentRefused,
    testing::Values (
        BadArgumentCase{ "NoObject", R"(["/a"])", "pointers" },
        BadArgumentCase{ "Empty", "{}", "no argument" },
        BadArgumentCase{ "NoPointer", R"({"repo":"x"})", "pointer" },
        BadArgumentCase{ "Whole", R"({"":"x"})", "pointer" },
        BadArgumentCase{ "Tilde", R"({"/a~b":"x"})", "~0" },
        BadArgumentCase{ "NoTest", R"({"/a":{}})", "one test" },
        BadArgumentCase{ "Number", R"({"/a":5})", "tested" },
        BadArgumentCase{ "Unknown", R"({"/a":{"is":5}})", "tested" },
        BadArgumentCase{ "TwoTests", R"({"/a":{"equals":1,"min":2}})", "one test" },
        BadArgumentCase{ "ThreeTests", R"({"/a":{"equals":1,"min":2,"max":3}})", "one test" },
        BadArgumentCase{ "NotBeside", R"({"/a":{"not":{"min":2},"max":3}})", "one test" },
        BadArgumentCase{ "NotNot", R"({"/a":{"not":{"not":"x"}}})", "tested" },
        BadArgumentCase{ "EqualsObject", R"({"/a":{"equals":{}}})", "equals" },
        BadArgumentCase{ "TextBound", R"({"/a":{"min":"1"}})", "numbers" },
        BadArgumentCase{ "HugeBound", R"({"/a":{"min":1e300}})", "numbers" },
        BadArgumentCase{ "Crossed", R"({"/a":{"min":2,"max":1}})", "above" }),
    [] (const testing::TestParamInfo<BadArgumentCase> &info) { return info.param.name; });

// --- What is looked up once ---

static const char *const some_pointers[] = { "/a",   "/b",   "/c",   "/a/b", "/a/0", "/A",
                                             "/d~0", "/d~1", "/e/f", "/g",   "/h" };
static const char *const some_tests[] = { R"("*")",
                                          R"("main")",
                                          R"("Main*")",
                                          R"("*/x")",
                                          R"({"equals":"main"})",
                                          R"({"equals":"a*b"})",
                                          R"({"equals":5})",
                                          R"({"equals":true})",
                                          R"({"equals":null})",
                                          R"({"min":1,"max":5})",
                                          R"({"not":"main"})",
                                          R"({"not":{"max":2.5}})" };
static const char *const some_values[] = {
  "5",    "2.5",   "1e17", "\"main\"",    "\"MAIN \"", "\"a*b\"",   "\"../x\"",  "\"y//x\"",
  "true", "false", "null", "\"\\u00c4\"", "[1,2]",     "{\"b\":1}", "\"y%2fx\"", "{\"f\":\"/x\"}"
};

template <size_t N>
static std::string
one_of (GRand *random, const char *const (&all)[N])
{
  return all[g_rand_int_range (random, 0, N)];
}

static std::string
some_rules (GRand *random)
{
  static const char *const effects[] = { "allow", "ask", "deny" };
  std::string rules;

  for (int i = 0; i < 12; i++)
    rules += (i > 0 ? "," : "") + std::string (R"({"tool":"t","arguments":{")") +
             one_of (random, some_pointers) + "\":" + one_of (random, some_tests) +
             R"(},"effect":")" + one_of (random, effects) + "\"}";

  return R"({"version":1,"default":"allow","rules":[)" + rules + "]}";
}

static std::string
some_call (GRand *random)
{
  static const char *const names[] = { "a", "b", "c", "A", "d~", "d/", "e", "g" };
  std::string members;

  for (const char *name : names)
    if (g_rand_boolean (random))
      members += (members.empty () ? "\"" : ",\"") + std::string (name) +
                 "\":" + one_of (random, some_values);

  return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{)" +
         members + "}}}";
}

// A trace looks everything up for each rule, a decision only once.
TEST (PolicyPlaces, GiveTheVerdictThatLookingEachTimeGives)
{
  GRand *random = g_rand_new_with_seed (1);
  const int n_rounds = is_under_valgrind () ? 300 : 3000;
  int n_by_rule = 0;

  for (int i = 0; i < n_rounds; i++)
    {
      std::string rules = some_rules (random), call = some_call (random);
      g_autoptr (BfyPolicy) policy = bfy_policy_parse (rules.c_str (), rules.length (), nullptr);
      g_autoptr (BfyRpc) rpc = bfy_rpc_parse (call.c_str (), call.length (), nullptr);
      BfyPolicyVerdict traced;

      ASSERT_NE (policy, nullptr) << rules;
      ASSERT_NE (rpc, nullptr) << call;
      g_autoptr (GPtrArray) steps G_GNUC_UNUSED =
          bfy_policy_trace (policy, bfy_rpc_message (rpc, 0), nullptr, &traced);
      BfyPolicyVerdict verdict = bfy_policy_check (policy, bfy_rpc_message (rpc, 0), nullptr);

      ASSERT_EQ (verdict.rule, traced.rule) << rules << "\n" << call;
      ASSERT_EQ (verdict.effect, traced.effect) << rules << "\n" << call;
      n_by_rule += verdict.reason == BFY_POLICY_BY_RULE;
    }
  EXPECT_GT (n_by_rule, n_rounds / 3);
  g_rand_free (random);
}
