// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/oauth/step-up.h"
}

namespace
{

class StepUp : public testing::Test
{
protected:
  StepUp ()
  {
    binding->id = g_strdup ("id-1");
    binding->name = g_strdup ("notes");
  }
  ~StepUp () override
  {
    bfy_binding_unref (binding);
    bfy_step_up_free (step_up);
  }

  void refuse (const char *operation, const char *scope)
  {
    bfy_step_up_note_refusal (step_up, "id-1", operation, scope);
  }
  bool may_sign_in ()
  {
    return bfy_step_up_count_sign_in (step_up, binding, error.out ());
  }

  Error error;
  BfyStepUp *step_up = bfy_step_up_new ();
  BfyBinding *binding = bfy_binding_new ();
};

} // namespace

TEST_F (StepUp, WithoutARefusalThereIsNoLimit)
{
  for (int i = 0; i < 10; i++)
    EXPECT_TRUE (may_sign_in ());
  EXPECT_EQ (bfy_step_up_get_scope (step_up, "id-1"), nullptr);
  EXPECT_FALSE (bfy_step_up_is_waiting (step_up, "id-1"));
}

// mcp.md B.2: three authorization requests in all, and the token that was refused came of the
// first.
TEST_F (StepUp, TheThirdSignInIsTheLast)
{
  refuse ("tools/call write", "mcp:write");
  EXPECT_TRUE (may_sign_in ());
  refuse ("tools/call write", "mcp:write");
  EXPECT_TRUE (may_sign_in ());
  refuse ("tools/call write", "mcp:write");
  EXPECT_FALSE (may_sign_in ());
  EXPECT_THAT (error, FailsWith (BFY_ERROR_DENIED));
}

// What works anyway does not count: initialize succeeds after every sign-in.
TEST_F (StepUp, AnotherSuccessSaysNothing)
{
  for (int i = 0; i < 2; i++)
    {
      refuse ("tools/call write", "mcp:write");
      EXPECT_TRUE (may_sign_in ());
      bfy_step_up_note_success (step_up, "id-1", "initialize ");
    }
  refuse ("tools/call write", "mcp:write");
  EXPECT_FALSE (may_sign_in ());
}

TEST_F (StepUp, SuccessOfWhatWasRefusedEndsIt)
{
  refuse ("tools/call write", "mcp:write");
  EXPECT_TRUE (bfy_step_up_is_waiting (step_up, "id-1"));
  EXPECT_TRUE (may_sign_in ());
  bfy_step_up_note_success (step_up, "id-1", "tools/call write");
  EXPECT_FALSE (bfy_step_up_is_waiting (step_up, "id-1"));
  EXPECT_EQ (bfy_step_up_get_scope (step_up, "id-1"), nullptr);
  for (int i = 0; i < 5; i++)
    EXPECT_TRUE (may_sign_in ());
}

TEST_F (StepUp, ScopesAreUnited)
{
  refuse ("tools/call write", "mcp:write");
  refuse ("tools/call delete", "mcp:admin mcp:write");
  refuse ("tools/call odd", nullptr);
  EXPECT_STREQ (bfy_step_up_get_scope (step_up, "id-1"), "mcp:write mcp:admin");
  EXPECT_EQ (bfy_step_up_get_scope (step_up, "id-2"), nullptr);
  bfy_step_up_note_success (step_up, "id-1", "tools/call write");
  EXPECT_STREQ (bfy_step_up_get_scope (step_up, "id-1"), "mcp:write mcp:admin")
      << "the others still want it";
}

TEST_F (StepUp, GoesWithItsBinding)
{
  refuse ("tools/call write", "mcp:write");
  bfy_step_up_forget (step_up, "id-1");
  EXPECT_FALSE (bfy_step_up_is_waiting (step_up, "id-1"));
}

// A server that refuses everything under a name of its own each time costs no memory.
TEST_F (StepUp, HowMuchIsRememberedIsLimited)
{
  for (int i = 0; i < 1000; i++)
    refuse (("tools/call " + std::to_string (i)).c_str (),
            ("scope-" + std::to_string (i)).c_str ());
  EXPECT_LE (strlen (bfy_step_up_get_scope (step_up, "id-1")), 4096u);
  for (int i = 0; i < 16; i++)
    bfy_step_up_note_success (step_up, "id-1", ("tools/call " + std::to_string (i)).c_str ());
  EXPECT_FALSE (bfy_step_up_is_waiting (step_up, "id-1"));
}
