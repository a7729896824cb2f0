// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/glob.h"
#include "protocol/json.h"
#include "protocol/policy.h"
}

using testing::HasSubstr;

static BfyPolicy *
parse (const std::string &text, GError **error)
{
  Block block (text);

  return bfy_policy_parse (block.data (), block.size (), error);
}

static std::string
document (const std::string &fallback, const std::string &rules)
{
  return R"({"version":1,"default":")" + fallback + R"(","rules":[)" + rules + "]}";
}

// --- Patterns ---

struct GlobCase
{
  const char *name, *glob, *text;
  bool fits;
};

class Glob : public testing::TestWithParam<GlobCase>
{
};

TEST_P (Glob, FitsWhatItLooksLike)
{
  EXPECT_EQ (bfy_glob_matches (GetParam ().glob, GetParam ().text), GetParam ().fits);
}

INSTANTIATE_TEST_SUITE_P (
    Patterns,
    Glob,
    testing::Values (GlobCase{ "Exact", "get_issue", "get_issue", true },
                     GlobCase{ "Longer", "get_issue", "get_issues", false },
                     GlobCase{ "Shorter", "get_issue", "get_issu", false },
                     GlobCase{ "Case", "get_issue", "Get_issue", false },
                     GlobCase{ "Everything", "*", "anything/at all", true },
                     GlobCase{ "EverythingOrNothing", "*", "", true },
                     GlobCase{ "Prefix", "get_*", "get_", true },
                     GlobCase{ "PrefixOnly", "get_*", "target_x", false },
                     GlobCase{ "Suffix", "*_list", "a_list", true },
                     GlobCase{ "SuffixOnly", "*_list", "a_list_", false },
                     GlobCase{ "Both", "a*a", "aba", true },
                     GlobCase{ "EndsDoNotOverlap", "a*a", "a", false },
                     GlobCase{ "EndsDoNotOverlapLonger", "ab*bc", "abc", false },
                     GlobCase{ "Middle", "*b*", "abc", true },
                     GlobCase{ "MiddleMissing", "*x*", "abc", false },
                     GlobCase{ "TwoMiddles", "*ab*ab*", "xabyabz", true },
                     GlobCase{ "TwoMiddlesOnce", "*ab*ab*", "xabyz", false },
                     GlobCase{ "LastIsLast", "*ab", "abxab", true },
                     GlobCase{ "ManyStars", "a**b", "ab", true },
                     GlobCase{ "Slashes", "repo://*/x", "repo://a/b/x", true },
                     GlobCase{ "QuestionMarkIsItself", "a?c", "abc", false },
                     GlobCase{ "BracketIsItself", "[ab]", "a", false },
                     GlobCase{ "Empty", "", "", true },
                     GlobCase{ "EmptyAndText", "", "a", false }),
    [] (const testing::TestParamInfo<GlobCase> &info) { return info.param.name; });

// One that backtracks would not come to an end.
TEST (GlobTime, IsLinear)
{
  std::string glob, text (100000, 'a');

  for (int i = 0; i < 100; i++)
    glob += "*aaaaaaab";
  EXPECT_FALSE (bfy_glob_matches (glob.c_str (), text.c_str ()));
  EXPECT_FALSE (bfy_glob_matches ("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", text.c_str ()));
}

static std::vector<std::string>
all_texts (const std::string &letters, size_t length_max)
{
  std::vector<std::string> texts = { "" };

  for (size_t start = 0, length = 0; length < length_max; length++)
    {
      size_t end = texts.size ();

      for (; start < end; start++)
        for (char letter : letters)
          texts.push_back (texts[start] + letter);
    }

  return texts;
}

// Says what a pattern means in as few words as possible.
static bool
means (const char *glob, const char *text)
{
  if (*glob == '*')
    return means (glob + 1, text) || (*text != '\0' && means (glob, text + 1));

  return *glob == *text && (*glob == '\0' || means (glob + 1, text + 1));
}

TEST (GlobMeaning, IsThatOfTheDefinitionForEveryShortPatternAndText)
{
  for (const std::string &glob : all_texts ("ab*", 6))
    for (const std::string &text : all_texts ("ab", 6))
      ASSERT_EQ (bfy_glob_matches (glob.c_str (), text.c_str ()),
                 means (glob.c_str (), text.c_str ()))
          << glob << " and " << text;
}

// --- Documents ---

struct DocumentCase
{
  const char *name;
  std::string text;
  BfyErrorCode code;
  const char *part; // of the message
};

class PolicyDocument : public testing::TestWithParam<DocumentCase>
{
};

TEST_P (PolicyDocument, IsRefusedAsAWhole)
{
  Error error;
  g_autoptr (BfyPolicy) policy = parse (GetParam ().text, error.out ());

  EXPECT_EQ (policy, nullptr);
  EXPECT_THAT (error, FailsWith (GetParam ().code));
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().part));
}

static std::string
rule (const std::string &text)
{
  return document ("allow", text);
}

INSTANTIATE_TEST_SUITE_P (
    Refused,
    PolicyDocument,
    testing::Values (
        DocumentCase{ "Empty", "", BFY_ERROR_PARSE, "line 1" },
        DocumentCase{ "NotJson", "{\n\"version\": 1,\n oops}", BFY_ERROR_PARSE, "line 3" },
        DocumentCase{ "Duplicate", R"({"version":1,"default":"deny","default":"allow"})",
                      BFY_ERROR_PARSE, "line 1" },
        DocumentCase{ "Trailing", document ("deny", "") + "\n{}", BFY_ERROR_PARSE, "line 2" },
        DocumentCase{ "Array", "[]", BFY_ERROR_INVALID_ARGUMENT, "object" },
        DocumentCase{ "NoVersion", R"({"default":"deny"})", BFY_ERROR_INVALID_ARGUMENT, "version" },
        DocumentCase{ "NoDefault", R"({"version":1})", BFY_ERROR_INVALID_ARGUMENT, "default" },
        DocumentCase{ "NewerVersion", R"({"version":2,"default":"deny"})",
                      BFY_ERROR_INVALID_ARGUMENT, "version" },
        DocumentCase{ "OddVersion", R"({"version":1.0,"default":"deny"})",
                      BFY_ERROR_INVALID_ARGUMENT, "version" },
        DocumentCase{ "TextVersion", R"({"version":"1","default":"deny"})",
                      BFY_ERROR_INVALID_ARGUMENT, "version" },
        DocumentCase{ "OddDefault", document ("Deny", ""), BFY_ERROR_INVALID_ARGUMENT, "deny" },
        DocumentCase{ "NullDefault", R"({"version":1,"default":null})", BFY_ERROR_INVALID_ARGUMENT,
                      "deny" },
        DocumentCase{ "UnknownMember", "{\n\"version\":1,\n\"default\":\"deny\",\n\"rule\":[]}",
                      BFY_ERROR_INVALID_ARGUMENT, "line 4: “rule”" },
        DocumentCase{ "RulesNoArray", R"({"version":1,"default":"deny","rules":{}})",
                      BFY_ERROR_INVALID_ARGUMENT, "array" },
        DocumentCase{ "RuleNoObject", rule (R"("x")"), BFY_ERROR_INVALID_ARGUMENT, "object" },
        DocumentCase{ "RuleUnknownMember", rule (R"({"tool":"x","effect":"deny","argument":{}})"),
                      BFY_ERROR_INVALID_ARGUMENT, "“argument”" },
        DocumentCase{ "RuleLine",
                      "{\"version\":1,\"default\":\"deny\",\"rules\":[\n{\"tool\":\"x\","
                      "\"effect\":\"deny\"},\n{\"tool\":\"x\",\n\"effect\":\"maybe\"}]}",
                      BFY_ERROR_INVALID_ARGUMENT, "line 4" },
        DocumentCase{ "NoEffect", rule (R"({"tool":"x"})"), BFY_ERROR_INVALID_ARGUMENT, "effect" },
        DocumentCase{ "NoSubject", rule (R"({"effect":"deny"})"), BFY_ERROR_INVALID_ARGUMENT,
                      "effect" },
        DocumentCase{ "TwoSubjects", rule (R"({"tool":"x","prompt":"y","effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "one kind" },
        DocumentCase{ "ArgumentsOfAMethod",
                      rule (R"({"method":"x","effect":"deny","arguments":{"/a":"b"}})"),
                      BFY_ERROR_INVALID_ARGUMENT, "has no “arguments”" },
        DocumentCase{
            "LongName",
            rule (R"({"name":")" + std::string (101, 'x') + R"(","tool":"x","effect":"deny"})"),
            BFY_ERROR_INVALID_ARGUMENT, "one line" },
        DocumentCase{ "NameOfTwoLines", rule (R"({"name":"a\nb","tool":"x","effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "one line" },
        DocumentCase{ "OddAccess", rule (R"({"access":["read","admin"],"effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "“danger”" },
        DocumentCase{ "OddOperation", rule (R"({"graphql":"Query","effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "“subscription”" },
        DocumentCase{ "OddCapability", rule (R"({"capability":"Merge it","effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "id" },
        DocumentCase{ "CapabilityPattern", rule (R"({"capability":"merge-*","effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "id" },
        DocumentCase{ "OddHttp", rule (R"({"http":"/admin","effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "GET" },
        DocumentCase{ "HttpPath", rule (R"({"http":"GET /a/../b","effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "dot segments" },
        DocumentCase{ "Network", "{\"version\":1,\"default\":\"deny\",\n\"network\":{\"x\":1}}",
                      BFY_ERROR_INVALID_ARGUMENT, "line 2" },
        DocumentCase{ "Limits", "{\"version\":1,\"default\":\"deny\",\n\"limits\":[]}",
                      BFY_ERROR_INVALID_ARGUMENT, "line 2" },
        DocumentCase{ "EmptyGlob", rule (R"({"tool":"","effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "empty" },
        DocumentCase{ "EmptyList", rule (R"({"tool":[],"effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "no pattern" },
        DocumentCase{ "NumberInList", rule (R"({"tool":["a",1],"effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "string" },
        DocumentCase{ "Nothing", rule (R"({"tool":null,"effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "string" },
        DocumentCase{ "QuestionMark", rule (R"({"tool":"delete_?","effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "only wildcard" },
        DocumentCase{ "Brackets", rule (R"({"method":"[ab]","effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "only wildcard" },
        DocumentCase{ "Control", rule (R"({"resource":"a\nb","effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "control" },
        DocumentCase{ "LongGlob",
                      rule (R"({"tool":")" + std::string (257, 'x') + R"(","effect":"deny"})"),
                      BFY_ERROR_INVALID_ARGUMENT, "too long" },
        DocumentCase{ "TooLong", document ("deny", "") + std::string (BFY_POLICY_BYTES_MAX, ' '),
                      BFY_ERROR_TOO_LARGE, "at most" }),
    [] (const testing::TestParamInfo<DocumentCase> &info) { return info.param.name; });

static std::string
repeat (const std::string &text, int n)
{
  std::string all;

  for (int i = 0; i < n; i++)
    all += (i > 0 ? "," : "") + text;
  return all;
}

TEST (Policy, HasLimitsOfNumber)
{
  std::string one = R"({"tool":"x","effect":"deny"})";
  std::string list = R"({"tool":[)" + repeat (R"("x")", 512) + R"(],"effect":"deny"})";
  Error error;
  g_autoptr (BfyPolicy) most = parse (document ("deny", repeat (one, 256)), error.out ());
  g_autoptr (BfyPolicy) globs = parse (document ("deny", repeat (list, 2)), error.out ());

  EXPECT_NE (most, nullptr) << error;
  EXPECT_NE (globs, nullptr) << error;
  EXPECT_EQ (parse (document ("deny", repeat (one, 257)), error.out ()), nullptr);
  EXPECT_THAT (error.message (), HasSubstr ("too many rules"));
  EXPECT_EQ (parse (document ("deny", list + "," + list + "," + one), error.out ()), nullptr);
  EXPECT_THAT (error.message (), HasSubstr ("too many patterns"));
}

static std::string
to_text (const BfyPolicy *policy)
{
  g_autoptr (JsonObject) object = bfy_policy_to_json (policy);
  g_autofree char *text = bfy_json_object_to_text (object, nullptr);

  return text;
}

TEST (Policy, IsKeptAsGivenAndToldAsUnderstood)
{
  std::string text = document ("deny", R"( {"tool":["a","b*"],"effect":"allow"},
      {"effect":"deny","resource":"file:///?x"},{"prompt":"\u0070","effect":"allow"},{"method":"tasks/*","effect":"allow"})");
  Error error;
  g_autoptr (BfyPolicy) policy = parse (text, error.out ());

  ASSERT_NE (policy, nullptr) << error;
  EXPECT_EQ (bfy_policy_peek_text (policy), text);
  EXPECT_EQ (to_text (policy), document ("deny", R"({"tool":["a","b*"],"effect":"allow"},)"
                                                 R"({"resource":"file:///?x","effect":"deny"},)"
                                                 R"({"prompt":"p","effect":"allow"},)"
                                                 R"({"method":"tasks/*","effect":"allow"})"));
  EXPECT_EQ (to_text (nullptr), document ("allow", ""));
}

TEST (Policy, KeepsEverythingThatItUnderstands)
{
  std::string rules =
      R"({"name":"First","tool":"t","arguments":{"/a":"b*","/n":{"min":1,"max":2.5},)"
      R"("/x":{"not":{"equals":null}}},"effect":"ask"},{"http":"GET /a/**","effect":"deny"},)"
      R"({"graphql":["query","mutation"],"effect":"ask"},{"capability":"*","effect":"deny"},)"
      R"({"access":["write","danger"],"effect":"ask"})";
  std::string text = R"({"version":1,"default":"ask","rules":[)" + rules +
                     R"(],"network":{"allow":["a.example"]},"limits":{"concurrent":3}})";
  Error error;
  g_autoptr (BfyPolicy) policy = parse (text, error.out ());

  ASSERT_NE (policy, nullptr) << error;
  EXPECT_THAT (to_text (policy), HasSubstr (R"("default":"ask","rules":[)" + rules + "]"));
  ASSERT_NE (bfy_policy_get_network (policy), nullptr);
  ASSERT_NE (bfy_policy_get_quotas (policy), nullptr);
  EXPECT_EQ (bfy_policy_get_quotas (policy)->all.concurrent, 3);
  EXPECT_THAT (to_text (policy), HasSubstr (R"("network":{"allow":["a.example"])"));
  EXPECT_THAT (to_text (policy), HasSubstr (R"("limits":{"concurrent":3)"));
  EXPECT_EQ (bfy_policy_get_network (nullptr), nullptr);
  EXPECT_EQ (bfy_policy_get_quotas (nullptr), nullptr);
}

// --- Decisions ---

static const char kDenyDelete[] = R"({"version":1,"default":"allow","rules":[
  {"tool":"delete_*","effect":"deny"},{"resource":"secret://*","effect":"deny"},
  {"prompt":"inner","effect":"deny"}]})";
static const char kOnlyGet[] = R"({"version":1,"default":"deny","rules":[
  {"tool":"get_secret","effect":"deny"},{"tool":["get_*"],"effect":"allow"},
  {"resource":"file:///pub/*","effect":"allow"},{"prompt":"greet","effect":"allow"}]})";
static const char kMethods[] = R"({"version":1,"default":"deny","rules":[
  {"method":"prompts/*","effect":"allow"},{"method":"tasks/get","effect":"allow"},
  {"method":"tools/call","effect":"deny"},{"tool":"*","effect":"allow"},
  {"method":"resources/subscribe","effect":"deny"},{"resource":"*","effect":"allow"}]})";
static const char kEmptyAllow[] = R"({"version":1,"default":"allow"})";
static const char kOnlyAllow[] =
    R"({"version":1,"default":"allow","rules":[{"tool":"x","effect":"allow"}]})";

struct PolicyRequestCase
{
  const char *name;
  const char *policy;
  std::string method;
  std::string params; // a JSON object, or nothing
  BfyPolicyEffect effect;
  BfyPolicyReason reason;
  guint rule;
};

class PolicyRequest : public testing::TestWithParam<PolicyRequestCase>
{
};

TEST_P (PolicyRequest, IsDecided)
{
  const PolicyRequestCase &row = GetParam ();
  std::string text = R"({"jsonrpc":"2.0","id":1,"method":")" + row.method + "\"" +
                     (row.params.empty () ? "" : R"(,"params":)" + row.params) + "}";
  Error error;
  g_autoptr (BfyPolicy) policy = parse (row.policy, error.out ());
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text.c_str (), text.length (), error.out ());

  ASSERT_NE (policy, nullptr) << error;
  ASSERT_NE (rpc, nullptr) << error;
  BfyPolicyVerdict verdict = bfy_policy_check (policy, bfy_rpc_message (rpc, 0), nullptr);
  EXPECT_EQ (verdict.effect, row.effect);
  EXPECT_EQ (verdict.reason, row.reason);
  EXPECT_EQ (verdict.rule, row.rule);
}

#define NAMED(name) R"({"name":")" name R"("})"
#define AT(uri) R"({"uri":")" uri R"("})"
#define BY_RULE BFY_POLICY_BY_RULE
#define BY_DEFAULT BFY_POLICY_BY_DEFAULT, 0
#define BY_PROTOCOL BFY_POLICY_BY_PROTOCOL, 0
#define UNCLEAR BFY_POLICY_UNCLEAR, 0
#define LISTEN(uris)                                                                               \
  R"({"notifications":{"toolsListChanged":true,"resourceSubscriptions":)" uris "}}"

static std::string
request_name (const testing::TestParamInfo<PolicyRequestCase> &info)
{
  return info.param.name;
}

INSTANTIATE_TEST_SUITE_P (
    Tools,
    PolicyRequest,
    testing::Values (
        PolicyRequestCase{ "Denied", kDenyDelete, "tools/call", NAMED ("delete_repo"),
                           BFY_POLICY_DENY, BY_RULE, 1 },
        PolicyRequestCase{ "Other", kDenyDelete, "tools/call", NAMED ("get_repo"), BFY_POLICY_ALLOW,
                           BY_DEFAULT },
        PolicyRequestCase{ "Escaped", kDenyDelete, "tools/call",
                           R"({"n\u0061me":"d\u0065lete_repo"})", BFY_POLICY_DENY, BY_RULE, 1 },
        PolicyRequestCase{ "DeniedInAnyCase", kDenyDelete, "tools/call", NAMED ("DELETE_Repo"),
                           BFY_POLICY_DENY, BY_RULE, 1 },
        PolicyRequestCase{ "AllowedInItsCase", kOnlyGet, "tools/call", NAMED ("Get_repo"),
                           BFY_POLICY_DENY, BY_DEFAULT },
        PolicyRequestCase{ "Allowed", kOnlyGet, "tools/call", NAMED ("get_repo"), BFY_POLICY_ALLOW,
                           BY_RULE, 2 },
        PolicyRequestCase{ "FirstWins", kOnlyGet, "tools/call", NAMED ("get_secret"),
                           BFY_POLICY_DENY, BY_RULE, 1 },
        PolicyRequestCase{ "OtherKind", kOnlyGet, "tools/call", NAMED ("greet"), BFY_POLICY_DENY,
                           BY_DEFAULT },
        PolicyRequestCase{ "NoName", kDenyDelete, "tools/call", "{}", BFY_POLICY_DENY, UNCLEAR },
        PolicyRequestCase{ "NoParams", kDenyDelete, "tools/call", "", BFY_POLICY_DENY, UNCLEAR },
        PolicyRequestCase{ "NameIsAnArray", kDenyDelete, "tools/call",
                           R"({"name":["delete_repo"]})", BFY_POLICY_DENY, UNCLEAR },
        PolicyRequestCase{ "ParamsAreAnArray", kDenyDelete, "tools/call", R"(["delete_repo"])",
                           BFY_POLICY_DENY, UNCLEAR },
        PolicyRequestCase{ "EmptyName", kDenyDelete, "tools/call", NAMED (""), BFY_POLICY_DENY,
                           UNCLEAR },
        PolicyRequestCase{ "LongName", kDenyDelete, "tools/call",
                           R"({"name":")" + std::string (4097, 'x') + R"("})", BFY_POLICY_DENY,
                           UNCLEAR },
        PolicyRequestCase{ "MethodInOtherCase", kDenyDelete, "Tools/Call", NAMED ("x"),
                           BFY_POLICY_DENY, UNCLEAR },
        PolicyRequestCase{ "MethodWithLongS", kDenyDelete, "tool\u017f/call", NAMED ("x"),
                           BFY_POLICY_DENY, UNCLEAR },
        PolicyRequestCase{ "NothingIsDenied", kEmptyAllow, "tools/call", "{}", BFY_POLICY_ALLOW,
                           UNCLEAR },
        PolicyRequestCase{ "NothingIsDeniedByAnyRule", kOnlyAllow, "tools/call", "{}",
                           BFY_POLICY_ALLOW, UNCLEAR },
        PolicyRequestCase{ "ByMethod", kMethods, "tools/call", NAMED ("x"), BFY_POLICY_DENY,
                           BY_RULE, 3 }),
    request_name);

INSTANTIATE_TEST_SUITE_P (
    Others,
    PolicyRequest,
    testing::Values (
        PolicyRequestCase{ "PromptDenied", kDenyDelete, "prompts/get", NAMED ("inner"),
                           BFY_POLICY_DENY, BY_RULE, 3 },
        PolicyRequestCase{ "PromptAllowed", kOnlyGet, "prompts/get", NAMED ("greet"),
                           BFY_POLICY_ALLOW, BY_RULE, 4 },
        PolicyRequestCase{ "PromptByMethod", kMethods, "prompts/get", NAMED ("x"), BFY_POLICY_ALLOW,
                           BY_RULE, 1 },
        PolicyRequestCase{ "ReadDenied", kDenyDelete, "resources/read", AT ("secret://a"),
                           BFY_POLICY_DENY, BY_RULE, 2 },
        PolicyRequestCase{ "ReadAllowed", kOnlyGet, "resources/read", AT ("file:///pub/x"),
                           BFY_POLICY_ALLOW, BY_RULE, 3 },
        PolicyRequestCase{ "SubscribeDenied", kDenyDelete, "resources/subscribe", AT ("secret://a"),
                           BFY_POLICY_DENY, BY_RULE, 2 },
        PolicyRequestCase{ "SubscribeByMethod", kMethods, "resources/subscribe", AT ("x://"),
                           BFY_POLICY_DENY, BY_RULE, 5 },
        PolicyRequestCase{ "UnsubscribeDenied", kOnlyGet, "resources/unsubscribe", AT ("x://"),
                           BFY_POLICY_DENY, BY_DEFAULT },
        PolicyRequestCase{ "NameIsNotTheUri", kOnlyGet, "resources/read", NAMED ("file:///pub/x"),
                           BFY_POLICY_DENY, UNCLEAR },
        PolicyRequestCase{ "CompletesPrompt", kDenyDelete, "completion/complete",
                           R"({"ref":{"type":"ref/prompt","name":"inner"}})", BFY_POLICY_DENY,
                           BY_RULE, 3 },
        PolicyRequestCase{ "CompletesResource", kDenyDelete, "completion/complete",
                           R"({"ref":{"type":"ref/resource","uri":"secret://{x}"}})",
                           BFY_POLICY_DENY, BY_RULE, 2 },
        PolicyRequestCase{ "CompletesEither", kDenyDelete, "completion/complete",
                           R"({"ref":{"type":"ref/resource","name":"fine","uri":"secret://{x}"}})",
                           BFY_POLICY_DENY, BY_RULE, 2 },
        PolicyRequestCase{ "CompletesWhatRefNames", kDenyDelete, "completion/complete",
                           R"({"name":"fine","ref":{"type":"ref/prompt","name":"inner"}})",
                           BFY_POLICY_DENY, BY_RULE, 3 },
        PolicyRequestCase{ "CompletesNothing", kDenyDelete, "completion/complete", R"({"ref":{}})",
                           BFY_POLICY_DENY, UNCLEAR },
        PolicyRequestCase{ "ListensToLists", kOnlyGet, "subscriptions/listen", LISTEN ("[]"),
                           BFY_POLICY_ALLOW, BY_PROTOCOL },
        PolicyRequestCase{ "ListensToAllowed", kOnlyGet, "subscriptions/listen",
                           LISTEN (R"(["file:///pub/a"])"), BFY_POLICY_ALLOW, BY_RULE, 3 },
        PolicyRequestCase{ "ListensToOneDenied", kOnlyGet, "subscriptions/listen",
                           LISTEN (R"(["file:///pub/a","file:///etc"])"), BFY_POLICY_DENY,
                           BY_DEFAULT },
        PolicyRequestCase{ "ListensToNoArray", kDenyDelete, "subscriptions/listen",
                           LISTEN (R"("secret://a")"), BFY_POLICY_DENY, UNCLEAR },
        PolicyRequestCase{ "ListensToNoString", kDenyDelete, "subscriptions/listen",
                           LISTEN (R"([["secret://a"]])"), BFY_POLICY_DENY, UNCLEAR },
        PolicyRequestCase{ "Task", kOnlyGet, "tasks/get", R"({"taskId":"t"})", BFY_POLICY_DENY,
                           BY_DEFAULT },
        PolicyRequestCase{ "TaskByMethod", kMethods, "tasks/get", R"({"taskId":"t"})",
                           BFY_POLICY_ALLOW, BY_RULE, 2 },
        PolicyRequestCase{ "Unknown", kOnlyGet, "vendor/do", "", BFY_POLICY_DENY, BY_DEFAULT },
        PolicyRequestCase{ "UnknownElsewhere", kDenyDelete, "vendor/do", "", BFY_POLICY_ALLOW,
                           BY_DEFAULT }),
    request_name);

class PolicyProtocol : public testing::TestWithParam<const char *>
{
};

TEST_P (PolicyProtocol, AlwaysPasses)
{
  Error error;
  g_autoptr (BfyPolicy) nothing =
      parse (document ("deny", R"({"method":"*","effect":"deny"})"), error.out ());
  std::string text = std::string (R"({"jsonrpc":"2.0","id":1,"method":")") + GetParam () + "\"}";
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text.c_str (), text.length (), error.out ());

  BfyPolicyVerdict verdict = bfy_policy_check (nothing, bfy_rpc_message (rpc, 0), nullptr);
  EXPECT_EQ (verdict.effect, BFY_POLICY_ALLOW);
  EXPECT_EQ (verdict.reason, BFY_POLICY_BY_PROTOCOL);
}

INSTANTIATE_TEST_SUITE_P (Methods,
                          PolicyProtocol,
                          testing::Values ("initialize",
                                           "ping",
                                           "server/discover",
                                           "tools/list",
                                           "prompts/list",
                                           "resources/list",
                                           "resources/templates/list",
                                           "logging/setLevel",
                                           "notifications/initialized",
                                           "notifications/cancelled"));

TEST (Policy, LetsResponsesPassAndJudgesNotifications)
{
  Error error;
  g_autoptr (BfyPolicy) policy = parse (kDenyDelete, error.out ());
  std::string answer = R"({"jsonrpc":"2.0","id":1,"result":{}})";
  std::string silent = R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"delete_repo"}})";
  g_autoptr (BfyRpc) response = bfy_rpc_parse (answer.c_str (), answer.length (), error.out ());
  g_autoptr (BfyRpc) call = bfy_rpc_parse (silent.c_str (), silent.length (), error.out ());

  EXPECT_EQ (bfy_policy_check (policy, bfy_rpc_message (response, 0), nullptr).effect,
             BFY_POLICY_ALLOW);
  EXPECT_EQ (bfy_policy_check (policy, bfy_rpc_message (call, 0), nullptr).effect, BFY_POLICY_DENY);
}

TEST (Policy, KnowsWhichListsItHidesFrom)
{
  Error error;
  g_autoptr (BfyPolicy) some = parse (kMethods, error.out ());
  g_autoptr (BfyPolicy) tools =
      parse (document ("allow", R"({"method":"tools/*","effect":"deny"})"), error.out ());
  g_autoptr (BfyPolicy) open = parse (kOnlyAllow, error.out ());

  EXPECT_TRUE (bfy_policy_hides (some, BFY_POLICY_TOOL, nullptr));
  EXPECT_TRUE (bfy_policy_hides (tools, BFY_POLICY_TOOL, nullptr));
  EXPECT_FALSE (bfy_policy_hides (tools, BFY_POLICY_PROMPT, nullptr));
  EXPECT_FALSE (bfy_policy_hides (tools, BFY_POLICY_RESOURCE, nullptr));
  EXPECT_FALSE (bfy_policy_hides (open, BFY_POLICY_TOOL, nullptr));
  EXPECT_FALSE (bfy_policy_shows (tools, BFY_POLICY_TOOL, "x", nullptr));
  EXPECT_TRUE (bfy_policy_shows (tools, BFY_POLICY_PROMPT, "x", nullptr));
}
