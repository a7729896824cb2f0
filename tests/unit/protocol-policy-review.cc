// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What is wrong with a policy that is in force.

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/policy-review.h"
}

namespace
{

struct CoveredCase
{
  const char *name;
  const char *rules;
  guint rule, by;
};

class PolicyCovered : public testing::TestWithParam<CoveredCase>
{
};

BfyPolicy *
parse (const std::string &rules)
{
  const std::string text = R"({"version":1,"default":"ask","rules":[)" + rules + "]}";
  Error error;
  BfyPolicy *policy = bfy_policy_parse (text.c_str (), text.length (), error.out ());

  EXPECT_NE (policy, nullptr) << error;
  return policy;
}

} // namespace

TEST_P (PolicyCovered, IsFoundWhereThatIsCertain)
{
  g_autoptr (BfyPolicy) policy = parse (GetParam ().rules);
  BfyPolicyCovered covered = bfy_policy_find_covered (policy);

  EXPECT_EQ (covered.rule, GetParam ().rule);
  EXPECT_EQ (covered.by, GetParam ().by);
}

INSTANTIATE_TEST_SUITE_P (
    Rules,
    PolicyCovered,
    testing::Values (
        CoveredCase{ "None", "", 0, 0 },
        CoveredCase{ "SameTwice", R"({"tool":"a","effect":"deny"},{"tool":"a","effect":"allow"})",
                     2, 1 },
        CoveredCase{ "WiderBefore",
                     R"({"tool":"x","effect":"ask"},{"tool":"get_*","effect":"ask"},)"
                     R"({"tool":"get_*_x","effect":"allow"})",
                     3, 2 },
        CoveredCase{ "WiderBehind",
                     R"({"tool":"get_x","effect":"ask"},{"tool":"get_*","effect":"allow"})", 0, 0 },
        CoveredCase{ "AllOfAList",
                     R"({"tool":["a*","b"],"effect":"ask"},{"tool":["ab","b"],"effect":"deny"})", 2,
                     1 },
        CoveredCase{ "OneOfAListIsFree",
                     R"({"tool":["a*","b"],"effect":"ask"},{"tool":["ab","c"],"effect":"deny"})", 0,
                     0 },
        CoveredCase{ "ADenialIgnoresCase",
                     R"({"tool":"DELETE_*","effect":"deny"},{"tool":"delete_x","effect":"allow"})",
                     2, 1 },
        // It denies DELETE_X, which the first does not allow.
        CoveredCase{ "AnAllowanceDoesNotCoverADenial",
                     R"({"tool":"delete_*","effect":"allow"},{"tool":"delete_x","effect":"deny"})",
                     0, 0 },
        CoveredCase{ "AnAllowanceOfAllDoes",
                     R"({"tool":"*","effect":"allow"},{"tool":"delete_x","effect":"deny"})", 2, 1 },
        CoveredCase{ "EveryMethod",
                     R"({"method":"*","effect":"allow"},{"resource":"a","effect":"deny"})", 2, 1 },
        CoveredCase{ "EveryMethodIsNoHttp",
                     R"({"method":"*","effect":"deny"},{"http":"GET /","effect":"allow"})", 0, 0 },
        CoveredCase{ "EveryToolIsNoPrompt",
                     R"({"tool":"*","effect":"deny"},{"prompt":"a","effect":"allow"})", 0, 0 },
        CoveredCase{ "ArgumentsBefore",
                     R"({"tool":"a","arguments":{"/x":"y"},"effect":"deny"},)"
                     R"({"tool":"a","effect":"allow"})",
                     0, 0 },
        CoveredCase{ "ArgumentsBehind",
                     R"({"tool":"a","effect":"deny"},)"
                     R"({"tool":"a","arguments":{"/x":"y"},"effect":"allow"})",
                     2, 1 },
        CoveredCase{ "Access",
                     R"({"access":["read","write"],"effect":"allow"},)"
                     R"({"access":"write","effect":"deny"})",
                     2, 1 },
        CoveredCase{ "OtherAccess",
                     R"({"access":"read","effect":"allow"},{"access":["read","danger"],)"
                     R"("effect":"deny"})",
                     0, 0 },
        CoveredCase{ "EveryAccess",
                     R"({"access":["read","write","danger"],"effect":"allow"},)"
                     R"({"http":"DELETE /x","effect":"deny"})",
                     2, 1 },
        CoveredCase{ "Capability",
                     R"({"capability":"*","effect":"ask"},{"capability":"merge","effect":"allow"})",
                     2, 1 },
        CoveredCase{ "OtherCapability",
                     R"({"capability":"a","effect":"ask"},{"capability":"ab","effect":"allow"})", 0,
                     0 },
        CoveredCase{ "SameHttp",
                     R"({"http":"GET /a/*","effect":"deny"},{"http":"GET /a/*","effect":"allow"})",
                     2, 1 },
        // A star does not go over the slash.
        CoveredCase{ "HttpIsNoGlob",
                     R"({"http":"GET /*","effect":"deny"},{"http":"GET /a/b","effect":"allow"})", 0,
                     0 },
        CoveredCase{ "Graphql",
                     R"({"graphql":["query","mutation"],"effect":"ask"},)"
                     R"({"graphql":"mutation","effect":"deny"})",
                     2, 1 },
        CoveredCase{ "GraphqlAllowanceOfAllIsOfAll",
                     R"({"graphql":["query","mutation"],"effect":"allow"},)"
                     R"({"graphql":"mutation","effect":"deny"})",
                     0, 0 }),
    case_name<CoveredCase>);

TEST (PolicyUnreadable, PermitsNothingAndGoesNowhere)
{
  g_autoptr (BfyPolicy) policy = bfy_policy_new_unreadable ("{");
  g_autoptr (BfyPolicy) good = parse ("");
  g_autoptr (BfyUpstream) own = bfy_upstream_parse ("https://api.example.com/mcp", nullptr);
  BfyNetworkFacts facts = { own->origin, TRUE };

  EXPECT_TRUE (bfy_policy_is_unreadable (policy));
  EXPECT_FALSE (bfy_policy_is_unreadable (good));
  EXPECT_FALSE (bfy_policy_is_unreadable (nullptr));
  EXPECT_STREQ (bfy_policy_peek_text (policy), "{");
  for (BfyPolicyKind kind : { BFY_POLICY_TOOL, BFY_POLICY_PROMPT, BFY_POLICY_RESOURCE })
    {
      EXPECT_EQ (bfy_policy_decide (policy, "x", kind, "get_x", nullptr).effect, BFY_POLICY_DENY);
      EXPECT_FALSE (bfy_policy_shows (policy, kind, "get_x", nullptr));
    }
  for (BfyNetworkPurpose purpose : { BFY_NETWORK_FOR_CALL, BFY_NETWORK_FOR_SIGN_IN })
    EXPECT_EQ (bfy_network_policy_check_url (bfy_policy_get_network (policy), own, purpose, &facts),
               BFY_NETWORK_BLOCKED);
}
