// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Rules that go by more than names: access, capabilities, annotations, HTTP and GraphQL.

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/method.h"
#include "protocol/policy.h"
}

using testing::HasSubstr;

class PolicyFacts : public testing::Test
{
protected:
  PolicyFacts ()
  {
    facts_.capabilities = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_capability_free);
    facts_.hints = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
    add (R"({"id":"merge-pull-requests","name":"Merge pull requests","access":"danger",)"
         R"("tools":["merge_*"],"http":["PUT /repos/*/*/pulls/*/merge"]})");
    add (R"({"id":"run-reports","name":"Run reports","access":"read","tools":["Run_report"],)"
         R"("http":["POST /reports/*"]})");
    add (
        R"({"id":"wipe","name":"Read and wipe","access":"danger","tools":["get_and_wipe","get_x"]})");
    add (R"({"id":"all-merges","name":"All merges","access":"write","tools":["*merge*"]})");
    hint ("get_evil", { TRUE, TRUE });
    hint ("get_half", { TRUE, FALSE });
  }
  ~PolicyFacts () override
  {
    bfy_policy_unref (policy_);
    g_ptr_array_unref (facts_.capabilities);
    g_hash_table_unref (facts_.hints);
  }

  void add (const std::string &text)
  {
    Error error;
    BfyJsonSlice object;

    bfy_json_slice_root (text.c_str (), text.length (), &object);
    BfyCapability *capability = bfy_capability_read (&object, error.out ());
    ASSERT_NE (capability, nullptr) << error;
    g_ptr_array_add (facts_.capabilities, capability);
  }
  void hint (const char *tool, BfyToolHints hints)
  {
    g_hash_table_insert (facts_.hints, g_strdup (tool), g_memdup2 (&hints, sizeof hints));
  }
  void set (const std::string &fallback, const std::string &rules)
  {
    std::string text = R"({"version":1,"default":")" + fallback + R"(","rules":[)" + rules + "]}";
    Error error;

    bfy_policy_unref (policy_);
    policy_ = bfy_policy_parse (text.c_str (), text.length (), error.out ());
    ASSERT_NE (policy_, nullptr) << error;
  }
  BfyPolicyVerdict tool (const char *name)
  {
    return bfy_policy_decide (policy_, "tools/call", BFY_POLICY_TOOL, name, &facts_);
  }
  BfyPolicyVerdict http (const char *method,
                         const char *target,
                         const std::string &body = "",
                         const char *type = "application/json")
  {
    BfyHttpMessage request = { method, target, type, body.data (), body.size () };

    return bfy_policy_check_http (policy_, &request, &facts_);
  }

  BfyPolicyFacts facts_ = {};
  BfyPolicy *policy_ = nullptr;
};

#define ALLOW BFY_POLICY_ALLOW
#define ASK BFY_POLICY_ASK
#define DENY BFY_POLICY_DENY
static const char kReadsFlow[] = R"({"access":"read","effect":"allow"})";

TEST_F (PolicyFacts, ReadsFlowAndWritesAsk)
{
  set ("ask", kReadsFlow);

  EXPECT_EQ (tool ("get_issue").effect, ALLOW);
  EXPECT_EQ (tool ("create_issue").effect, ASK);
  EXPECT_EQ (tool ("delete_repo").effect, ASK);
  EXPECT_EQ (tool ("delete_repo").access, BFY_ACCESS_DANGER);
  EXPECT_EQ (tool ("frobnicate").effect, ASK);
  EXPECT_EQ (http ("GET", "/user").effect, ALLOW);
  EXPECT_EQ (http ("POST", "/user").effect, ASK);
  EXPECT_EQ (bfy_policy_decide (policy_, "prompts/get", BFY_POLICY_PROMPT, "x", nullptr).effect,
             ALLOW);
  EXPECT_EQ (
      bfy_policy_decide (policy_, "resources/read", BFY_POLICY_RESOURCE, "x:", nullptr).effect,
      ALLOW);
  EXPECT_EQ (
      bfy_policy_decide (policy_, "tasks/cancel", BFY_POLICY_METHOD, nullptr, nullptr).effect,
      ALLOW);
  EXPECT_EQ (bfy_policy_decide (policy_, "vendor/x", BFY_POLICY_METHOD, nullptr, nullptr).effect,
             ASK);
}

// A server may call a tool what it likes, and say of it what it likes.
TEST_F (PolicyFacts, AnnotationsTightenAndNeverLoosen)
{
  set ("deny", kReadsFlow);
  hint ("create_issue", { FALSE, FALSE });

  EXPECT_EQ (tool ("get_issue").effect, ALLOW);
  EXPECT_EQ (tool ("get_evil").effect, DENY);
  EXPECT_EQ (tool ("get_evil").access, BFY_ACCESS_DANGER);
  EXPECT_EQ (tool ("get_half").effect, DENY);
  EXPECT_EQ (tool ("Get_Evil").effect, DENY);
  EXPECT_EQ (tool ("create_issue").effect, DENY);
  EXPECT_FALSE (bfy_policy_shows (policy_, BFY_POLICY_TOOL, "get_evil", &facts_));
}

TEST_F (PolicyFacts, TheCatalogueKnowsBetterThanTheName)
{
  set ("deny", kReadsFlow);

  EXPECT_EQ (tool ("Run_report").effect, ALLOW);
  EXPECT_STREQ (tool ("Run_report").capability->id, "run-reports");
  EXPECT_EQ (tool ("run_report").effect, DENY) << "loosened only by its exact name";
  EXPECT_EQ (tool ("get_x").effect, DENY);
  EXPECT_EQ (tool ("GET_X").effect, DENY) << "tightened in any case";
  EXPECT_EQ (http ("POST", "/reports/1").effect, ALLOW);
  EXPECT_EQ (http ("POST", "/Reports/1").effect, DENY);
}

TEST_F (PolicyFacts, CapabilitiesAreNamedById)
{
  set ("deny", R"({"name":" No merges ","capability":"merge-pull-requests","effect":"deny"},)"
               R"({"capability":["all-merges","run-reports"],"effect":"allow"})");

  EXPECT_EQ (tool ("merge_pull_request").rule, 1u);
  EXPECT_STREQ (tool ("merge_pull_request").rule_name, "No merges");
  EXPECT_EQ (tool ("MERGE_pull_request").rule, 1u);
  EXPECT_EQ (tool ("do_merge").rule, 2u);
  EXPECT_EQ (tool ("do_MERGE").effect, DENY);
  EXPECT_EQ (tool ("other").reason, BFY_POLICY_BY_DEFAULT);
  EXPECT_EQ (http ("PUT", "/repos/a/b/pulls/1/merge").rule, 1u);
  EXPECT_EQ (http ("PUT", "/repos/a/b/pulls/1/merge/").rule, 1u);
  EXPECT_EQ (http ("POST", "/reports/x").rule, 2u);
}

// A tool belongs to its first capability for what allows, and to all of them for what does not.
TEST_F (PolicyFacts, ASecondCapabilityDeniesAndDoesNotAllow)
{
  set ("allow", R"({"capability":"all-merges","effect":"deny"})");
  EXPECT_EQ (tool ("merge_x").effect, DENY);
  set ("deny", R"({"capability":"all-merges","effect":"allow"})");
  EXPECT_EQ (tool ("merge_x").effect, DENY);
  set ("deny", R"({"capability":"*","effect":"allow"})");
  EXPECT_EQ (tool ("merge_x").effect, ALLOW);
  EXPECT_EQ (tool ("unknown").effect, DENY);
}

TEST_F (PolicyFacts, UnknownCapabilitiesAreFound)
{
  set ("allow", R"({"capability":["wipe","*"],"effect":"deny"})");
  EXPECT_EQ (bfy_policy_find_unknown_capability (policy_, &facts_), nullptr);
  EXPECT_STREQ (bfy_policy_find_unknown_capability (policy_, nullptr), "wipe");
  set ("allow", R"({"capability":["wipe","typo"],"effect":"deny"})");
  EXPECT_STREQ (bfy_policy_find_unknown_capability (policy_, &facts_), "typo");
  EXPECT_EQ (bfy_policy_find_unknown_capability (nullptr, &facts_), nullptr);
}

TEST_F (PolicyFacts, WithoutAPolicyEverythingIsAllowedAndStillKnown)
{
  EXPECT_EQ (tool ("delete_repo").effect, ALLOW);
  EXPECT_EQ (tool ("delete_repo").access, BFY_ACCESS_DANGER);
  EXPECT_EQ (http ("GET", "/a/%2e%2e/b").effect, ALLOW);
  EXPECT_TRUE (bfy_policy_shows (policy_, BFY_POLICY_TOOL, "x", nullptr));
  EXPECT_FALSE (bfy_policy_hides (policy_, BFY_POLICY_TOOL, nullptr));
}

// --- ask ---

TEST_F (PolicyFacts, WhatIsAskedForIsShownAndComparedLikeWhatIsDenied)
{
  set ("allow", R"({"tool":"create_*","effect":"ask"},{"tool":"*","effect":"allow"})");

  EXPECT_EQ (tool ("Create_X").effect, ASK);
  EXPECT_EQ (tool ("get_x").effect, ALLOW);
  EXPECT_EQ (tool ("").effect, DENY) << "unclear where something is asked for";
  EXPECT_TRUE (bfy_policy_shows (policy_, BFY_POLICY_TOOL, "create_x", nullptr));
  EXPECT_FALSE (bfy_policy_hides (policy_, BFY_POLICY_TOOL, nullptr));
}

TEST_F (PolicyFacts, OfSeveralThingsTheStrictestCounts)
{
  set ("allow", R"({"resource":"a:*","effect":"ask"},{"resource":"b:*","effect":"deny"})");

  for (const auto &[uris, effect] :
       { std::pair<const char *, BfyPolicyEffect>{ R"(["x:1","a:1","x:2"])", ASK },
         { R"(["a:1","b:1","x:1"])", DENY },
         { R"(["x:1"])", ALLOW } })
    {
      std::string text =
          std::string (R"({"jsonrpc":"2.0","id":1,"method":"subscriptions/listen",)") +
          R"("params":{"notifications":{"resourceSubscriptions":)" + uris + "}}}";
      Error error;
      g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text.c_str (), text.length (), error.out ());

      ASSERT_NE (rpc, nullptr) << error;
      EXPECT_EQ (bfy_policy_check (policy_, bfy_rpc_message (rpc, 0), nullptr).effect, effect)
          << uris;
    }
}

// --- Lists ---

TEST_F (PolicyFacts, ListsHideWhatIsDeniedWithAnyArguments)
{
  set ("deny", R"({"tool":"a","arguments":{"/x":"1"},"effect":"deny"},)"
               R"({"tool":["a","b"],"arguments":{"/x":"2"},"effect":"allow"},)"
               R"({"access":"danger","effect":"deny"},{"access":"write","effect":"ask"})");
  auto shows = [&] (const char *name) {
    return bfy_policy_shows (policy_, BFY_POLICY_TOOL, name, &facts_);
  };

  EXPECT_TRUE (shows ("a"));
  EXPECT_TRUE (shows ("b"));
  EXPECT_FALSE (shows ("delete_c"));
  EXPECT_TRUE (shows ("create_c"));
  EXPECT_FALSE (shows ("get_c"));
}

TEST_F (PolicyFacts, HidesOnlyWhereSomethingMayBeDenied)
{
  auto hides = [&] (BfyPolicyKind kind) {
    return bool (bfy_policy_hides (policy_, kind, &facts_));
  };

  set ("ask", R"({"access":"danger","effect":"deny"})");
  EXPECT_TRUE (hides (BFY_POLICY_TOOL));
  EXPECT_FALSE (hides (BFY_POLICY_PROMPT));
  set ("ask", R"({"access":["read"],"effect":"deny"})");
  EXPECT_TRUE (hides (BFY_POLICY_RESOURCE));
  set ("ask", R"({"capability":"wipe","effect":"deny"})");
  EXPECT_TRUE (hides (BFY_POLICY_TOOL));
  EXPECT_FALSE (hides (BFY_POLICY_PROMPT));
  set ("ask",
       R"({"tool":"x","arguments":{"/a":"b"},"effect":"deny"},{"http":"* /**","effect":"deny"})");
  EXPECT_FALSE (hides (BFY_POLICY_TOOL));
}

// --- HTTP ---

TEST_F (PolicyFacts, HttpIsDecidedByMethodAndPath)
{
  set ("deny", R"({"http":["DELETE /**","* /admin/**"],"effect":"deny"},)"
               R"({"http":"GET /repos/*/*","effect":"allow"},{"http":"GET /user","effect":"ask"})");

  EXPECT_EQ (http ("GET", "/repos/a/b?x=1").rule, 2u);
  EXPECT_EQ (http ("GET", "/%72epos/a/./b").rule, 2u);
  EXPECT_EQ (http ("GET", "/repos/a/b/c").reason, BFY_POLICY_BY_DEFAULT);
  EXPECT_EQ (http ("GET", "/Admin").rule, 1u);
  EXPECT_EQ (http ("delete", "/x").rule, 1u);
  EXPECT_EQ (http ("HEAD", "/user/").rule, 3u);
  EXPECT_EQ (http ("get", "/repos/a/b").effect, DENY);
  EXPECT_EQ (tool ("GET /user").reason, BFY_POLICY_BY_DEFAULT) << "no HTTP request";
}

// craft J34
TEST_F (PolicyFacts, J34UnclearPathsAreDeniedWhereAnythingIs)
{
  set ("allow", R"({"http":"* /admin/**","effect":"deny"})");

  EXPECT_EQ (http ("GET", "/repos/../admin/x").rule, 1u);
  for (const char *target : { "/repos/%2e%2e/admin", "/repos%2f..%2fadmin", "/repos/..;/admin",
                              "/repos\\..\\admin", "/x%00", "/%252e%252e/admin", "admin", "*" })
    {
      EXPECT_EQ (http ("GET", target).effect, DENY) << target;
      EXPECT_EQ (http ("GET", target).reason, BFY_POLICY_UNCLEAR) << target;
    }
  EXPECT_EQ (http ("GE T", "/x").reason, BFY_POLICY_UNCLEAR);
  EXPECT_EQ (http ("", "/x").reason, BFY_POLICY_UNCLEAR);
}

TEST_F (PolicyFacts, HttpArgumentsAreThoseOfTheJsonBody)
{
  set ("deny", R"({"http":"POST /x","arguments":{"/to":"a*"},"effect":"allow"})");
  EXPECT_EQ (http ("POST", "/x", R"({"to":"abc"})").effect, ALLOW);
  EXPECT_EQ (http ("POST", "/x", R"({"to":"b"})").effect, DENY);
  EXPECT_EQ (http ("POST", "/x", R"({"to":"abc"})", "text/plain").effect, DENY);
  EXPECT_EQ (http ("POST", "/x", R"({"to":"abc"})", nullptr).effect, DENY);
  EXPECT_EQ (http ("POST", "/x", R"({"to":"abc","to":"b"})").effect, DENY);
  EXPECT_EQ (http ("POST", "/x", R"({"to":"abc"})", "application/vnd.x+json; v=1").effect, ALLOW);

  set ("allow", R"({"http":"POST /x","arguments":{"/to":"a*"},"effect":"deny"})");
  EXPECT_EQ (http ("POST", "/x", R"({"to":"abc"})", "text/plain").effect, DENY);
  EXPECT_EQ (http ("POST", "/x", "to=abc", "application/x-www-form-urlencoded").effect, DENY);
  EXPECT_EQ (http ("POST", "/x", R"({"to":"b"})").effect, ALLOW);
}

// --- GraphQL ---

TEST_F (PolicyFacts, GraphqlIsDecidedByOperation)
{
  set ("ask", R"({"graphql":"mutation","effect":"deny"},{"graphql":["query"],"effect":"allow"})");

  EXPECT_EQ (http ("POST", "/graphql", R"({"query":"{a}"})").rule, 2u);
  EXPECT_EQ (http ("POST", "/graphql", R"({"query":"mutation{a}"})").rule, 1u);
  EXPECT_EQ (http ("POST", "/graphql", R"([{"query":"{a}"},{"query":"mutation{a}"}])").rule, 1u);
  EXPECT_EQ (http ("POST", "/graphql", R"({"query":"subscription{a}"})").effect, ASK);
  EXPECT_EQ (http ("POST", "/graphql", R"({"id":"stored"})").rule, 1u);
  EXPECT_EQ (http ("GET", "/graphql?query=mutation%7Ba%7D").rule, 1u);
  EXPECT_EQ (http ("POST", "/gql", R"({"query":"mutation{a}"})").rule, 1u);
  EXPECT_EQ (http ("POST", "/gql", R"({"query":"{a}"})").effect, ASK) << "only claims to be one";
}

TEST_F (PolicyFacts, GraphqlQueriesAreReads)
{
  set ("deny", kReadsFlow);

  EXPECT_EQ (http ("POST", "/graphql", R"({"query":"{a}"})").effect, ALLOW);
  EXPECT_EQ (http ("POST", "/graphql", R"({"query":"subscription{a}"})").effect, ALLOW);
  EXPECT_EQ (
      http ("POST", "/graphql", R"({"query":"query A{a} mutation B{b}","operationName":"A"})")
          .effect,
      DENY);
  EXPECT_EQ (http ("GET", "/graphql?query=mutation%7Ba%7D").effect, DENY);
  EXPECT_EQ (http ("GET", "/graphql").effect, ALLOW);
  EXPECT_EQ (http ("POST", "/graphql", "").effect, DENY);
  EXPECT_EQ (http ("DELETE", "/graphql", R"({"query":"{a}"})").effect, DENY);
  EXPECT_EQ (http ("POST", "/repos/x/merge", R"({"query":"{a}"})").effect, DENY);
}

// Where it is not spoken, a body that looks like a query says nothing.
TEST_F (PolicyFacts, AQueryElsewhereMakesNoRead)
{
  set ("deny", std::string (kReadsFlow) + R"(,{"graphql":"mutation","effect":"deny"})");

  EXPECT_EQ (http ("POST", "/repos/x/merge", R"({"query":"{a}"})").effect, DENY);
  EXPECT_EQ (http ("POST", "/repos/o/graphql", R"({"query":"{a}"})").access, BFY_ACCESS_WRITE);
}

// A capability that calls the endpoint a read must not make its mutations reads.
TEST_F (PolicyFacts, AMutationIsNoReadWhateverTheCatalogueSays)
{
  add (R"({"id":"graphql","name":"GraphQL","access":"read","http":["POST /graphql"]})");
  set ("deny", kReadsFlow);

  EXPECT_EQ (http ("POST", "/graphql", R"({"query":"mutation{a}"})").effect, DENY);
}

// --- Steps ---

TEST_F (PolicyFacts, TracesSayWhatWasTriedAndWhy)
{
  std::string text = R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":)"
                     R"({"name":"get_\u0007y","arguments":{"repo":"s3cret"}}})";
  Error error;
  BfyPolicyVerdict verdict;
  std::string all;

  set ("ask", R"({"prompt":"p","effect":"deny"},{"tool":"delete_*","effect":"deny"},)"
              R"({"tool":"*","arguments":{"/repo":"prod"},"effect":"allow"},)"
              R"({"access":"read","effect":"allow"},{"tool":"*","effect":"deny"})");
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text.c_str (), text.length (), error.out ());
  ASSERT_NE (rpc, nullptr) << error;
  g_autoptr (GPtrArray) steps =
      bfy_policy_trace (policy_, bfy_rpc_message (rpc, 0), &facts_, &verdict);

  ASSERT_EQ (steps->len, 5u) << "the fifth rule is not tried; the last step is the verdict";
  for (guint i = 0; i < steps->len; i++)
    {
      auto *step = (BfyPolicyStep *) g_ptr_array_index (steps, i);

      EXPECT_EQ (step->rule, i < 4 ? i + 1 : 0);
      EXPECT_EQ (step->fits, i >= 3);
      all += std::string (step->text) + "\n";
    }
  EXPECT_THAT (all, HasSubstr ("not about prompts"));
  EXPECT_THAT (all, HasSubstr ("tools “delete_*”, and this is “get_"));
  EXPECT_THAT (all, HasSubstr ("argument “/repo” is another"));
  EXPECT_THAT (all, HasSubstr ("rule 4 decides: allow"));
  EXPECT_THAT (all, testing::Not (HasSubstr ("s3cret")));
  EXPECT_THAT (all, testing::Not (HasSubstr ("\a"))) << "one harmless line";
}

TEST_F (PolicyFacts, TracesOfHttpDecideAlike)
{
  BfyHttpMessage request = { "POST", "/graphql", "application/json", R"({"query":"mutation{a}"})",
                             23 };
  BfyPolicyVerdict verdict;

  request.body_length = strlen (request.body);
  set ("allow", R"({"graphql":"query","effect":"deny"},{"access":"danger","effect":"deny"},)"
                R"({"capability":"wipe","effect":"deny"},{"http":"GET /**","effect":"ask"})");
  g_autoptr (GPtrArray) steps = bfy_policy_trace_http (policy_, &request, &facts_, &verdict);

  EXPECT_EQ (verdict.effect, bfy_policy_check_http (policy_, &request, &facts_).effect);
  ASSERT_EQ (steps->len, 5u);
  EXPECT_THAT (((BfyPolicyStep *) g_ptr_array_index (steps, 0))->text, HasSubstr ("a mutation"));
  EXPECT_THAT (((BfyPolicyStep *) g_ptr_array_index (steps, 1))->text, HasSubstr ("“write”"));
  EXPECT_THAT (((BfyPolicyStep *) g_ptr_array_index (steps, 4))->text, HasSubstr ("default"));
}

// --- Profiles ---

TEST (PolicyProfile, IsADocumentLikeAnyOther)
{
  guint n = 0;

  for (; bfy_policy_profile_names ()[n] != nullptr; n++)
    {
      g_autoptr (BfyPolicy) policy = bfy_policy_new_profile (bfy_policy_profile_names ()[n]);
      const char *text = bfy_policy_peek_text (policy);
      g_autoptr (BfyPolicy) again = bfy_policy_parse (text, strlen (text), nullptr);

      EXPECT_NE (again, nullptr);
    }
  EXPECT_EQ (n, 3u);
  EXPECT_EQ (bfy_policy_new_profile ("other"), nullptr);
}

struct ProfileCase
{
  const char *name;
  BfyPolicyEffect read, write;
};

class PolicyProfiles : public testing::TestWithParam<ProfileCase>
{
};

TEST_P (PolicyProfiles, SayWhatTheirNameSays)
{
  g_autoptr (BfyPolicy) policy = bfy_policy_new_profile (GetParam ().name);
  auto effect = [&] (const char *tool) {
    return bfy_policy_decide (policy, "tools/call", BFY_POLICY_TOOL, tool, nullptr).effect;
  };

  EXPECT_EQ (effect ("get_issue"), GetParam ().read);
  EXPECT_EQ (effect ("create_issue"), GetParam ().write);
  EXPECT_EQ (effect ("delete_issue"), GetParam ().write);
}

INSTANTIATE_TEST_SUITE_P (Names,
                          PolicyProfiles,
                          testing::Values (ProfileCase{ "reads-flow", ALLOW, ASK },
                                           ProfileCase{ "read-only", ALLOW, DENY },
                                           ProfileCase{ "open", ALLOW, ALLOW }));

// A method of the catalogue does what its request does, and no less than it says.
TEST_F (PolicyFacts, AMethodIsWhatItsRequestIs)
{
  const std::string record =
      R"({"methods":[{"name":"pulls.get_merged","title":"Merge","access":"write","http":)"
      R"({"method":"PUT","path":"/repos/{o}/{r}/pulls/{n}/merge"},"params":{"o":{},"r":{},)"
      R"("n":{}},"required":["o","r","n"]},)"
      R"({"name":"things.find","title":"Find","access":"read","http":)"
      R"({"method":"POST","path":"/things/find"}},)"
      R"({"name":"things.get","title":"Get","access":"danger","http":)"
      R"({"method":"GET","path":"/things"}}]})";
  Error error;
  g_autoptr (JsonObject) object =
      bfy_json_parse_object (record.data (), record.size (), error.out ());

  facts_.methods = bfy_methods_read (object, error.out ());
  ASSERT_NE (facts_.methods, nullptr) << error;
  set ("deny", R"({"access":["read"],"effect":"allow"})");
  EXPECT_EQ (tool ("pulls.get_merged").effect, BFY_POLICY_DENY);
  EXPECT_EQ (tool ("pulls.get_merged").access, BFY_ACCESS_DANGER);
  EXPECT_EQ (tool ("things.find").effect, BFY_POLICY_ALLOW);
  EXPECT_EQ (tool ("things.get").effect, BFY_POLICY_DENY);
  EXPECT_EQ (tool ("things.get_all").effect, BFY_POLICY_ALLOW);
  g_ptr_array_unref (facts_.methods);
  facts_.methods = nullptr;
}
