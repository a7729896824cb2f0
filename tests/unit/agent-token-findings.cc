// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/doctor/token-findings.h"
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace
{

constexpr gint64 kNow = 1790000000, kDay = 24 * 3600;
constexpr char kId[] = "4d1c8a3e-0000-4000-8000-000000000001";
constexpr char kOtherId[] = "4d1c8a3e-0000-4000-8000-000000000002";
constexpr BfyRhythm kDaily = {};

class TokenFindings : public testing::Test
{
protected:
  TokenFindings ()
  {
    binding->id = g_strdup (kId);
    binding->name = g_strdup ("svc");
    binding->auth_type = g_strdup ("oauth");
    binding->can_refresh = TRUE;
    binding->refreshed_at_s = kNow - 3600;
    binding->expires_at_s = kNow + 3600;
  }
  ~TokenFindings () override
  {
    g_ptr_array_unref (findings);
    bfy_binding_unref (binding);
  }

  std::vector<std::string> of_record ()
  {
    bfy_token_findings_of_record (findings, binding, &kDaily, kNow);
    return codes ();
  }
  std::vector<std::string> codes () const
  {
    std::vector<std::string> codes;

    for (guint i = 0; i < findings->len; i++)
      codes.push_back (at (i)->code);
    return codes;
  }
  BfyFinding *at (guint i) const
  {
    return static_cast<BfyFinding *> (g_ptr_array_index (findings, i));
  }

  BfyBinding *binding = bfy_binding_new ();
  GPtrArray *findings = bfy_findings_new ();
};

} // namespace

TEST_F (TokenFindings, NothingIsWrong)
{
  EXPECT_THAT (of_record (), IsEmpty ());
}

// behaviour 22.2.
TEST_F (TokenFindings, NotRenewedForFourIntervals)
{
  binding->refreshed_at_s = kNow - 5 * kDay;
  binding->expires_at_s = 0;

  ASSERT_THAT (of_record (), ElementsAre ("refresh_overdue"));
  EXPECT_THAT (at (0)->message, HasSubstr ("5 days"));
  EXPECT_THAT (at (0)->next, HasSubstr ("bindify test svc"));
  EXPECT_FALSE (at (0)->is_fixable);
}

TEST_F (TokenFindings, EndedForGood)
{
  binding->can_refresh = FALSE;
  binding->expires_at_s = kNow - 1;

  ASSERT_THAT (of_record (), ElementsAre ("token_expired"));
  EXPECT_STREQ (at (0)->next, "bindify login svc");
}

// A token that never ends and cannot be renewed is as it should be.
TEST_F (TokenFindings, PermanentOnesAreNeitherDueNorStale)
{
  binding->can_refresh = FALSE;
  binding->expires_at_s = 0;
  binding->refreshed_at_s = kNow - 900 * kDay;

  EXPECT_THAT (of_record (), IsEmpty ());
}

TEST_F (TokenFindings, PausedAndSealedOnesAreLeftAlone)
{
  binding->can_refresh = FALSE;
  binding->expires_at_s = kNow - 1;
  binding->state = BFY_STATE_PAUSED;
  EXPECT_THAT (of_record (), IsEmpty ());
  binding->state = BFY_STATE_OK;
  binding->is_sealed = TRUE;
  EXPECT_THAT (of_record (), IsEmpty ());
  binding->is_sealed = FALSE;
  g_free (binding->auth_type);
  binding->auth_type = g_strdup ("api_key");
  EXPECT_THAT (of_record (), IsEmpty ());
}

TEST_F (TokenFindings, GivenByHandAndGoingToEnd)
{
  g_autoptr (BfySecret) token = bfy_secret_new ("at-0123456789", 13);
  g_autoptr (BfyCredential) credential =
      bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, token);

  bfy_token_findings_of_credential (findings, binding, credential);
  EXPECT_THAT (codes (), IsEmpty ()) << "it never ends";
  credential->expires_at_s = kNow + kDay;
  bfy_token_findings_of_credential (findings, binding, credential);
  ASSERT_THAT (codes (), ElementsAre ("token_without_source"));
  EXPECT_STREQ (at (0)->next, "bindify login svc");
  EXPECT_THAT (at (0)->message, Not (HasSubstr ("at-0123456789")));
}

// behaviour 7.11.
TEST_F (TokenFindings, TokensThatWaitBesideTheKeyring)
{
  const char *const ids[] = { kId, kOtherId, nullptr };
  g_autoptr (GPtrArray) bindings = g_ptr_array_new ();

  g_ptr_array_add (bindings, binding);
  bfy_token_findings_of_recovery (findings, "/state of/recovery", ids, bindings);
  ASSERT_THAT (codes (), ElementsAre ("recovery_record", "recovery_record"));
  EXPECT_STREQ (at (0)->binding, "svc");
  EXPECT_THAT (at (0)->next, HasSubstr ("bindify test svc"));
  EXPECT_EQ (at (1)->binding, nullptr);
  EXPECT_STREQ (at (1)->next, "rm '/state of/recovery/4d1c8a3e-0000-4000-8000-000000000002'");
  bfy_token_findings_of_recovery (findings, "/state", nullptr, bindings);
  EXPECT_EQ (findings->len, 2u);
}

// One for all bindings: it is the clock that is wrong.
TEST_F (TokenFindings, AClockThatIsBehind)
{
  g_autoptr (GPtrArray) bindings = g_ptr_array_new ();

  g_ptr_array_add (bindings, binding);
  bfy_token_findings_of_clock (findings, bindings, kNow);
  EXPECT_THAT (codes (), IsEmpty ());
  binding->refreshed_at_s = kNow + 60;
  bfy_token_findings_of_clock (findings, bindings, kNow);
  EXPECT_THAT (codes (), IsEmpty ()) << "a small step";
  g_ptr_array_add (bindings, binding);
  bfy_token_findings_of_clock (findings, bindings, kNow - kDay);
  EXPECT_THAT (codes (), ElementsAre ("clock_behind"));
}

// behaviour 22.2: one open finding per binding and type.
TEST_F (TokenFindings, OneOfEachCode)
{
  bfy_findings_add (findings, "x", binding, g_strdup ("first"), nullptr);
  bfy_findings_add (findings, "x", binding, g_strdup ("second"), nullptr);
  bfy_findings_add (findings, "y", binding, g_strdup ("other"), nullptr);
  bfy_findings_add (findings, "x", nullptr, g_strdup ("of none"), nullptr);
  bfy_findings_add (findings, "x", nullptr, g_strdup ("of none"), nullptr);
  EXPECT_THAT (codes (), ElementsAre ("x", "y", "x", "x"));
  EXPECT_STREQ (at (0)->message, "first");
}
