// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/grant.h"
#include "protocol/json.h"
}

namespace
{

constexpr guint kOnce = 1u << BFY_GRANT_ONCE;
constexpr guint kAll = (1u << BFY_N_GRANT_SCOPES) - 1;

BfyCaller *
make_program (const char *program)
{
  BfyCaller *caller = bfy_caller_new ();

  caller->uid = 1000;
  caller->pid = 4711;
  caller->started_at = 815;
  caller->program = g_strdup (program);
  caller->is_verified = program != nullptr;
  return caller;
}

BfyCaller *
make_client (const char *id, const char *label)
{
  BfyCaller *caller = bfy_caller_new ();

  caller->client_id = g_strdup (id);
  caller->client_label = g_strdup (label);
  return caller;
}

struct Wish
{
  explicit Wish (const char *tool = "create_issue", const char *binding = "github")
  {
    g_atomic_ref_count_init (&wish.ref_count);
    wish.binding_id = const_cast<char *> (binding);
    wish.binding = const_cast<char *> (binding);
    wish.method = const_cast<char *> ("tools/call");
    wish.kind = BFY_POLICY_TOOL;
    wish.name = const_cast<char *> (tool);
    wish.access = BFY_ACCESS_WRITE;
    wish.rule = const_cast<char *> ("default");
    wish.digest[0] = 1;
  }

  BfyWish wish = {};
};

// --- What may be offered ---

struct OfferCase
{
  const char *name;
  const char *program; // (nullable)
  bool has_key;
  bool has_process;
  BfyAccess access;
  BfyWishReach reach;
  guint want;
};

class GrantOffer : public testing::TestWithParam<OfferCase>
{
};

TEST_P (GrantOffer, NeverMoreThanCanBeKept)
{
  const OfferCase &row = GetParam ();
  g_autoptr (BfyCaller) caller =
      row.has_key ? make_client ("c1", "claude") : make_program (row.program);
  Wish wish;

  if (!row.has_process)
    caller->pid = 0;
  wish.wish.access = row.access;
  wish.wish.reach = row.reach;
  EXPECT_EQ (bfy_grant_scopes_for (caller, &wish.wish), row.want);
}

constexpr guint kNotAlways = kAll & ~(1u << BFY_GRANT_ALWAYS);
constexpr guint kNoSession = kAll & ~(1u << BFY_GRANT_SESSION);

INSTANTIATE_TEST_SUITE_P (
    Scopes,
    GrantOffer,
    testing::Values (OfferCase{ "Program", "/usr/bin/claude", false, true, BFY_ACCESS_WRITE,
                                BFY_WISH_ANY_ARGUMENTS, kAll },
                     OfferCase{ "ClientKey", nullptr, true, false, BFY_ACCESS_READ,
                                BFY_WISH_ANY_ARGUMENTS, kAll },
                     OfferCase{ "DangerIsNeverAlways", "/usr/bin/claude", false, true,
                                BFY_ACCESS_DANGER, BFY_WISH_SAME_ARGUMENTS, kNotAlways },
                     OfferCase{ "DangerOfAClientKey", nullptr, true, false, BFY_ACCESS_DANGER,
                                BFY_WISH_SAME_ARGUMENTS, kNotAlways },
                     OfferCase{ "DangerThatTheRuleWidens", "/usr/bin/claude", false, true,
                                BFY_ACCESS_DANGER, BFY_WISH_ANY_ARGUMENTS, kNotAlways },
                     OfferCase{ "UnidentifiedIsOnceOnly", nullptr, false, true, BFY_ACCESS_READ,
                                BFY_WISH_ANY_ARGUMENTS, kOnce },
                     OfferCase{ "TheRuleSaysEachTime", "/usr/bin/claude", false, true,
                                BFY_ACCESS_READ, BFY_WISH_ONCE, kOnce },
                     OfferCase{ "InterpretersAreNotAlwaysTheSame", "/usr/bin/python3.11", false,
                                true, BFY_ACCESS_READ, BFY_WISH_ANY_ARGUMENTS, kNotAlways },
                     OfferCase{ "AnInterpreterWithoutAProcess", "/usr/bin/node", false, false,
                                BFY_ACCESS_READ, BFY_WISH_ANY_ARGUMENTS, kOnce },
                     OfferCase{ "NoProcessNoSession", "/usr/bin/claude", false, false,
                                BFY_ACCESS_WRITE, BFY_WISH_SAME_ARGUMENTS, kNoSession }),
    case_name<OfferCase>);

TEST (GrantOffer, AnUnverifiedProgramIsUnidentified)
{
  g_autoptr (BfyCaller) caller = make_program ("/usr/bin/claude");
  Wish wish;

  caller->is_verified = FALSE;
  EXPECT_EQ (bfy_grant_scopes_for (caller, &wish.wish), kOnce);
}

// A17: python3 runs many programs; what one of them may do the next may not.
TEST (GrantOffer, A17AnInterpreterIsTheProcessThatItIsNow)
{
  Wish wish;

  for (const char *path :
       { "/usr/bin/python3.11", "/usr/bin/node", "/opt/nvm/v22/bin/node-22", "/bin/bash", "/bin/sh",
         "/usr/bin/lua5.4", "/usr/bin/perl", "/usr/lib64/ld-linux-x86-64.so.2",
         "/usr/bin/electron30", "/usr/bin/python", "/usr/bin/ruby3.1" })
    {
      g_autoptr (BfyCaller) caller = make_program (path);

      for (BfyGrantScope scope :
           { BFY_GRANT_ONCE, BFY_GRANT_TEN_MINUTES, BFY_GRANT_SESSION, BFY_GRANT_UNTIL_LOCK })
        {
          g_autoptr (BfyGrant) grant = bfy_grant_new (caller, &wish.wish, scope);
          EXPECT_EQ (grant->pid, 4711) << path;
        }
      g_autoptr (BfyGrant) denial = bfy_grant_new_denial (caller, &wish.wish);
      EXPECT_EQ (denial->pid, 4711) << path;
    }
  for (const char *path : { "/usr/bin/claude", "/usr/bin/luakit", "/opt/shell/code", "/nodes" })
    {
      g_autoptr (BfyCaller) caller = make_program (path);
      g_autoptr (BfyGrant) grant = bfy_grant_new (caller, &wish.wish, BFY_GRANT_TEN_MINUTES);
      EXPECT_EQ (grant->pid, 0) << path;
    }
  g_autoptr (BfyCaller) sandboxed = make_program ("/usr/bin/python3");
  sandboxed->sandbox = BFY_SANDBOX_FLATPAK;
  sandboxed->sandbox_id = g_strdup ("org.example.App");
  g_autoptr (BfyGrant) grant = bfy_grant_new (sandboxed, &wish.wish, BFY_GRANT_TEN_MINUTES);
  EXPECT_EQ (grant->pid, 0) << "the application is known";
}

TEST (GrantScope, WireNamesComeBack)
{
  for (guint i = 0; i < BFY_N_GRANT_SCOPES; i++)
    {
      auto scope = static_cast<BfyGrantScope> (i);
      BfyGrantScope back = BFY_N_GRANT_SCOPES;

      EXPECT_TRUE (bfy_grant_scope_from_wire (bfy_grant_scope_to_wire (scope), &back));
      EXPECT_EQ (back, scope);
      EXPECT_STRNE (bfy_grant_scope_name (scope), "");
      EXPECT_STRNE (bfy_grant_scope_describe (scope), "");
    }
}

TEST (GrantScope, OtherNamesAreNone)
{
  BfyGrantScope scope = BFY_GRANT_SESSION;

  for (const char *wire : { "", "Once", "forever", "10 minutes", "hour" })
    EXPECT_FALSE (bfy_grant_scope_from_wire (wire, &scope)) << wire;
  EXPECT_FALSE (bfy_grant_scope_from_wire (nullptr, &scope));
  EXPECT_EQ (scope, BFY_GRANT_SESSION);
}

// --- What it speaks of: A17, M22, M44, M45; the matrix of craft C11 ---

struct CoverCase
{
  const char *name;
  void (*change) (BfyWish *wish);
  const char *subject; // NULL: the one that asked
  bool covers;
};

class GrantCovers : public testing::TestWithParam<CoverCase>
{
};

TEST_P (GrantCovers, OnlyWhatItWasGivenFor)
{
  g_autoptr (BfyCaller) caller = make_client ("c1", "claude");
  Wish asked, later;
  g_autoptr (BfyGrant) grant = bfy_grant_new (caller, &asked.wish, BFY_GRANT_ALWAYS);
  const char *subject = GetParam ().subject != nullptr ? GetParam ().subject : "client:c1";

  GetParam ().change (&later.wish);
  EXPECT_EQ (bfy_grant_covers (grant, subject, &later.wish), GetParam ().covers);
}

INSTANTIATE_TEST_SUITE_P (
    C11,
    GrantCovers,
    testing::Values (
        CoverCase{ "TheSame", [] (BfyWish *) {}, nullptr, true },
        CoverCase{ "OtherArguments", [] (BfyWish *wish) { wish->digest[0] = 2; }, nullptr, true },
        CoverCase{ "A17OtherClient", [] (BfyWish *) {}, "client:c2", false },
        CoverCase{ "A17ClientOfALongerName", [] (BfyWish *) {}, "client:c11", false },
        CoverCase{ "A17ProgramOfThatName", [] (BfyWish *) {}, "program:c1", false },
        CoverCase{ "NobodyThatIsKnown", [] (BfyWish *) {}, "", false },
        CoverCase{ "OtherBinding",
                   [] (BfyWish *wish) { wish->binding_id = const_cast<char *> ("gitlab"); },
                   nullptr, false },
        CoverCase{ "OtherTool",
                   [] (BfyWish *wish) { wish->name = const_cast<char *> ("delete_repo"); }, nullptr,
                   false },
        CoverCase{ "ToolOfALongerName",
                   [] (BfyWish *wish) { wish->name = const_cast<char *> ("create_issue_2"); },
                   nullptr, false },
        CoverCase{ "ToolInAnotherCase",
                   [] (BfyWish *wish) { wish->name = const_cast<char *> ("Create_issue"); },
                   nullptr, false },
        CoverCase{ "NoTool", [] (BfyWish *wish) { wish->name = nullptr; }, nullptr, false },
        CoverCase{ "OtherMethod",
                   [] (BfyWish *wish) { wish->method = const_cast<char *> ("prompts/get"); },
                   nullptr, false },
        CoverCase{ "OtherKind", [] (BfyWish *wish) { wish->kind = BFY_POLICY_PROMPT; }, nullptr,
                   false },
        CoverCase{ "OtherRule",
                   [] (BfyWish *wish) { wish->rule = const_cast<char *> ("0123456789abcdef"); },
                   nullptr, false },
        CoverCase{ "HasBecomeDangerous", [] (BfyWish *wish) { wish->access = BFY_ACCESS_DANGER; },
                   nullptr, false },
        CoverCase{ "IsBoundToItsArgumentsNow",
                   [] (BfyWish *wish) { wish->reach = BFY_WISH_SAME_ARGUMENTS; }, nullptr, false },
        CoverCase{ "IsAskedForEachTimeNow", [] (BfyWish *wish) { wish->reach = BFY_WISH_ONCE; },
                   nullptr, false }),
    case_name<CoverCase>);

TEST (Grant, BoundToArgumentsCoversThoseOnly)
{
  g_autoptr (BfyCaller) caller = make_client ("c1", "claude");
  Wish wish;
  wish.wish.reach = BFY_WISH_SAME_ARGUMENTS;
  g_autoptr (BfyGrant) grant = bfy_grant_new (caller, &wish.wish, BFY_GRANT_TEN_MINUTES);

  EXPECT_TRUE (bfy_grant_covers (grant, "client:c1", &wish.wish));
  wish.wish.digest[BFY_WISH_DIGEST_BYTES - 1] ^= 1;
  EXPECT_FALSE (bfy_grant_covers (grant, "client:c1", &wish.wish));
}

// M44: a grant for one operation is for that one.
TEST (Grant, OnceIsBoundToTheRequest)
{
  g_autoptr (BfyCaller) caller = make_client ("c1", "claude");
  Wish wish;
  g_autoptr (BfyGrant) grant = bfy_grant_new (caller, &wish.wish, BFY_GRANT_ONCE);

  EXPECT_TRUE (grant->has_digest);
  wish.wish.digest[7] ^= 1;
  EXPECT_FALSE (bfy_grant_covers (grant, "client:c1", &wish.wish));
}

TEST (Grant, ANoReachesAsFarAsAYes)
{
  g_autoptr (BfyCaller) caller = make_client ("c1", "claude");
  Wish wish;
  g_autoptr (BfyGrant) wide = bfy_grant_new_denial (caller, &wish.wish);
  wish.wish.reach = BFY_WISH_SAME_ARGUMENTS;
  g_autoptr (BfyGrant) narrow = bfy_grant_new_denial (caller, &wish.wish);

  EXPECT_TRUE (wide->is_denial);
  EXPECT_FALSE (wide->has_digest);
  EXPECT_TRUE (narrow->has_digest);
}

TEST (Grant, TheSessionOfAProgramIsThatOfTheProgramThatCounts)
{
  g_autoptr (BfyCaller) caller = make_program ("/usr/bin/claude");
  Wish wish;

  caller->program_pid = 99;
  caller->program_started_at = 5;
  g_autoptr (BfyGrant) session = bfy_grant_new (caller, &wish.wish, BFY_GRANT_SESSION);
  g_autoptr (BfyGrant) minutes = bfy_grant_new (caller, &wish.wish, BFY_GRANT_TEN_MINUTES);

  EXPECT_EQ (session->pid, 99);
  EXPECT_EQ (session->started_at, 5u);
  EXPECT_EQ (minutes->pid, 0) << "any process of that program";
}

TEST (Grant, AsJsonHasOneHarmlessLineEach)
{
  g_autoptr (BfyCaller) caller = make_client ("c1", "cl\naude");
  Wish wish ("a\u202etool\n2");
  wish.wish.capability = const_cast<char *> ("merge-pull-requests");
  g_autoptr (BfyGrant) grant = bfy_grant_new (caller, &wish.wish, BFY_GRANT_TEN_MINUTES);
  grant->created_at_s = 1700000000;
  grant->expiry = { "", 0, 1700000600 };
  grant->n_uses = 3;
  g_autoptr (JsonObject) object = bfy_grant_to_json (grant);
  std::string text = take_text (bfy_json_object_to_text (object, nullptr));

  EXPECT_THAT (text, testing::HasSubstr (R"("client_id":"c1")"));
  EXPECT_THAT (text, testing::HasSubstr (R"("method":"tools/call","kind":"tool")"));
  EXPECT_THAT (text, testing::HasSubstr (R"("access":"write","capability":"merge-pull-requests")"));
  EXPECT_THAT (text, testing::HasSubstr (R"("arguments":false,"effect":"allow","scope":"10min")"));
  EXPECT_THAT (text, testing::HasSubstr (R"("expires_at":"2023-11-14T22:23:20Z")"));
  EXPECT_THAT (text, testing::HasSubstr (R"("last_used_at":null,"uses":3)"));
  EXPECT_THAT (text, testing::Not (testing::HasSubstr ("\u202e")));
  EXPECT_THAT (text, testing::Not (testing::HasSubstr (R"(e\n2)")));
}

TEST (Grant, ANoHasNoScopeAndAProgramIsNamed)
{
  g_autoptr (BfyCaller) caller = make_program ("/usr/bin/claude");
  Wish wish;
  g_autoptr (BfyGrant) grant = bfy_grant_new_denial (caller, &wish.wish);
  g_autoptr (JsonObject) object = bfy_grant_to_json (grant);
  std::string text = take_text (bfy_json_object_to_text (object, nullptr));

  EXPECT_THAT (text, testing::HasSubstr (R"("effect":"deny","scope":null)"));
  EXPECT_THAT (text, testing::HasSubstr (R"("client":"claude","program":"/usr/bin/claude")"));
  EXPECT_THAT (text, testing::Not (testing::HasSubstr ("client_id")));
}

// --- What a grant remembers of the rule that asked ---

BfyPolicy *
parse (const std::string &rules, const std::string &fallback = "ask")
{
  std::string text = R"({"version":1,"default":")" + fallback + R"(","rules":[)" + rules + "]}";
  Error error;
  BfyPolicy *policy = bfy_policy_parse (text.data (), text.size (), error.out ());

  EXPECT_NE (policy, nullptr) << error;
  return policy;
}

constexpr const char *kMerge = R"({"tool":"merge_*","effect":"ask"})";

TEST (PolicyGrant, TheDigestIsOfWhatTheRuleSays)
{
  g_autoptr (BfyPolicy) policy = parse (kMerge);
  g_autoptr (BfyPolicy) moved =
      parse (std::string (R"({"tool":"x","effect":"deny"},)") +
             R"( { "effect" : "ask",  "name": "Merges", "tool": "merge_*" } )");
  std::string digest = bfy_policy_rule_digest (policy, 1);

  EXPECT_THAT (digest, testing::MatchesRegex ("[0-9a-f]{16}"));
  EXPECT_EQ (digest, bfy_policy_rule_digest (moved, 2));
  EXPECT_STREQ (bfy_policy_rule_digest (moved, 1), "") << "it does not ask";
  EXPECT_STREQ (bfy_policy_rule_digest (policy, 0), "default");
  EXPECT_STREQ (bfy_policy_rule_digest (nullptr, 0), "default");
  EXPECT_TRUE (bfy_policy_asks_by (moved, digest.c_str ()));
  EXPECT_TRUE (bfy_policy_asks_by (moved, "default"));
}

struct EditCase
{
  const char *name, *rules, *fallback;
};

class PolicyGrantEdit : public testing::TestWithParam<EditCase>
{
};

TEST_P (PolicyGrantEdit, EndsWhatItsRuleAskedFor)
{
  g_autoptr (BfyPolicy) policy = parse (kMerge);
  g_autoptr (BfyPolicy) edited = parse (GetParam ().rules, GetParam ().fallback);

  EXPECT_FALSE (bfy_policy_asks_by (edited, bfy_policy_rule_digest (policy, 1)));
}

INSTANTIATE_TEST_SUITE_P (
    Edits,
    PolicyGrantEdit,
    testing::Values (
        EditCase{ "Removed", "", "ask" },
        EditCase{ "OtherPattern", R"({"tool":"merge_pr","effect":"ask"})", "ask" },
        EditCase{ "Denied", R"({"tool":"merge_*","effect":"deny"})", "ask" },
        EditCase{ "Allowed", R"({"tool":"merge_*","effect":"allow"})", "ask" },
        EditCase{ "OtherReach", R"({"tool":"merge_*","effect":"ask","grant":"once"})", "ask" },
        EditCase{ "WithArguments", R"({"tool":"merge_*","arguments":{"/a":"b"},"effect":"ask"})",
                  "ask" }),
    case_name<EditCase>);

TEST (PolicyGrant, ADefaultThatDoesNotAskEndsWhatItAskedFor)
{
  g_autoptr (BfyPolicy) deny = parse ("", "deny");
  g_autoptr (BfyPolicy) allow = parse ("", "allow");

  EXPECT_FALSE (bfy_policy_asks_by (deny, "default"));
  EXPECT_FALSE (bfy_policy_asks_by (allow, "default"));
  EXPECT_FALSE (bfy_policy_asks_by (nullptr, "default"));
  EXPECT_FALSE (bfy_policy_asks_by (allow, ""));
}

struct ReachCase
{
  const char *name, *rule;
  BfyAccess access;
  BfyWishReach want;
};

class PolicyGrantReach : public testing::TestWithParam<ReachCase>
{
};

TEST_P (PolicyGrantReach, IsWhatTheRuleSays)
{
  g_autoptr (BfyPolicy) policy = parse (GetParam ().rule);
  BfyPolicyVerdict verdict = {};

  verdict.effect = BFY_POLICY_ASK;
  verdict.rule = *GetParam ().rule != '\0' ? 1 : 0;
  verdict.access = GetParam ().access;
  EXPECT_EQ (bfy_policy_grant_reach (policy, &verdict), GetParam ().want);
}

#define RULE(more) R"({"tool":"*","effect":"ask")" more "}"

INSTANTIATE_TEST_SUITE_P (
    Rules,
    PolicyGrantReach,
    testing::Values (
        ReachCase{ "Default", "", BFY_ACCESS_WRITE, BFY_WISH_ANY_ARGUMENTS },
        ReachCase{ "DefaultDanger", "", BFY_ACCESS_DANGER, BFY_WISH_SAME_ARGUMENTS },
        ReachCase{ "SaysNothing", RULE (""), BFY_ACCESS_WRITE, BFY_WISH_ANY_ARGUMENTS },
        ReachCase{ "SaysNothingOfDanger", RULE (""), BFY_ACCESS_DANGER, BFY_WISH_SAME_ARGUMENTS },
        ReachCase{ "Tool", RULE (R"(,"grant":"tool")"), BFY_ACCESS_DANGER, BFY_WISH_ANY_ARGUMENTS },
        ReachCase{ "Arguments", RULE (R"(,"grant":"arguments")"), BFY_ACCESS_READ,
                   BFY_WISH_SAME_ARGUMENTS },
        ReachCase{ "Once", RULE (R"(,"grant":"once")"), BFY_ACCESS_READ, BFY_WISH_ONCE }),
    case_name<ReachCase>);

TEST (PolicyGrant, IsPartOfTheDocument)
{
  g_autoptr (BfyPolicy) policy = parse (RULE (R"(,"grant":"arguments")"));
  g_autoptr (JsonObject) object = bfy_policy_to_json (policy);
  std::string text = take_text (bfy_json_object_to_text (object, nullptr));

  EXPECT_THAT (text, testing::HasSubstr (R"({"tool":"*","effect":"ask","grant":"arguments"})"));
}

class PolicyGrantRefused : public testing::TestWithParam<const char *>
{
};

TEST_P (PolicyGrantRefused, WithAReason)
{
  std::string text = std::string (R"({"version":1,"default":"ask","rules":[)") + GetParam () + "]}";
  Error error;

  EXPECT_EQ (bfy_policy_parse (text.data (), text.size (), error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), testing::HasSubstr ("“grant”"));
}

INSTANTIATE_TEST_SUITE_P (Rules,
                          PolicyGrantRefused,
                          testing::Values (RULE (R"(,"grant":"always")"),
                                           RULE (R"(,"grant":"")"),
                                           RULE (R"(,"grant":true)"),
                                           RULE (R"(,"grant":null)"),
                                           RULE (R"(,"grant":["tool"])"),
                                           R"({"tool":"*","effect":"allow","grant":"tool"})",
                                           R"({"grant":"once","tool":"*","effect":"deny"})"));

} // namespace
