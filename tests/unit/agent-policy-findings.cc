// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/doctor/policy-findings.h"
#include "protocol/policy-review.h"
}

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace
{

constexpr char kDanger[] =
    R"({"id":"wipe","name":"Wipe disks","access":"danger","tools":["wipe_*"]})";
constexpr char kRead[] = R"({"id":"look","name":"Look","access":"read","tools":["get_*"]})";

class PolicyFindings : public testing::Test
{
protected:
  PolicyFindings ()
  {
    binding->id = g_strdup ("4d1c8a3e-0000-4000-8000-000000000001");
    binding->name = g_strdup ("svc");
    facts.capabilities = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_capability_free);
  }
  ~PolicyFindings () override
  {
    g_ptr_array_unref (facts.capabilities);
    bfy_binding_unref (binding);
  }
  void can (const char *text)
  {
    Error error;
    BfyJsonSlice object;

    bfy_json_slice_root (text, strlen (text), &object);
    BfyCapability *capability = bfy_capability_read (&object, error.out ());
    ASSERT_NE (capability, nullptr) << error;
    g_ptr_array_add (facts.capabilities, capability);
  }
  void set (BfyPolicy *policy)
  {
    bfy_policy_unref (binding->policy);
    binding->policy = policy;
  }
  void set (const char *text)
  {
    Error error;

    set (bfy_policy_parse (text, strlen (text), error.out ()));
    ASSERT_NE (binding->policy, nullptr) << error;
  }
  // "code: message → next"
  std::vector<std::string> look ()
  {
    g_autoptr (GPtrArray) findings = bfy_findings_new ();
    std::vector<std::string> texts;

    bfy_policy_findings_of (findings, binding, &facts);
    for (guint i = 0; i < findings->len; i++)
      {
        const BfyFinding *one = static_cast<BfyFinding *> (g_ptr_array_index (findings, i));

        EXPECT_FALSE (one->is_fixable);
        EXPECT_STREQ (one->binding, "svc");
        texts.push_back (std::string (one->code) + ": " + one->message + " → " + one->next);
      }
    return texts;
  }

  BfyBinding *binding = bfy_binding_new ();
  BfyPolicyFacts facts = {};
};

} // namespace

TEST_F (PolicyFindings, OneThatCannotBeRead)
{
  can (kDanger);
  set (bfy_policy_new_unreadable (R"({"version":2,"default":"allow"})"));
  EXPECT_THAT (look (),
               ElementsAre (AllOf (HasSubstr ("policy_unreadable: "), HasSubstr ("line 1: "),
                                   HasSubstr ("→ bindify policy set svc --profile reads-flow"))));
}

TEST_F (PolicyFindings, ARuleThatNeverDecides)
{
  set (R"({"version":1,"default":"ask","rules":[{"tool":"*","effect":"allow"},)"
       R"({"tool":"wipe_*","effect":"deny"}]})");
  EXPECT_THAT (look (), ElementsAre (AllOf (HasSubstr ("policy_rule_covered: Rule 2 "),
                                            HasSubstr ("rule 1 before it"),
                                            HasSubstr ("bindify policy set svc FILE"))));
}

TEST_F (PolicyFindings, ACapabilityThatIsNotThereAnyMore)
{
  const char text[] =
      R"({"version":1,"default":"ask","rules":[{"capability":"wipe","effect":"deny"}]})";

  set (text);
  EXPECT_THAT (look (), ElementsAre (AllOf (HasSubstr ("policy_capability_unknown: "),
                                            HasSubstr ("“wipe”"))));
  can (kDanger);
  EXPECT_THAT (look (), IsEmpty ());
}

TEST_F (PolicyFindings, AnOpenDoorBeforeWhatCannotBeTakenBack)
{
  EXPECT_THAT (look (), IsEmpty ()) << "nothing is known of the service";
  can (kRead);
  EXPECT_THAT (look (), IsEmpty ());
  can (kDanger);
  for (BfyPolicy *open : { static_cast<BfyPolicy *> (nullptr), bfy_policy_new_profile ("open") })
    {
      set (open);
      EXPECT_THAT (look (), ElementsAre (AllOf (
                                HasSubstr ("policy_open: "), HasSubstr ("“Wipe disks”"),
                                HasSubstr ("→ bindify policy set svc --profile reads-flow"))));
    }
  set (bfy_policy_new_profile ("reads-flow"));
  EXPECT_THAT (look (), IsEmpty ());
}
