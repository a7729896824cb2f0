// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

extern "C"
{
#include "agent/prompt/answerer.h"
#include "agent/prompt/approval.h"
#include "agent/prompt/quiet.h"
}

namespace
{

constexpr gint64 kNow = 1000000;
constexpr guint kFor = 300000;

// H06, as a table of what a person did, one letter each: a(llowed), d(enied), t(imed out).
struct QuietCase
{
  const char *name, *history;
  bool is_quiet;
};

class QuietTest : public testing::TestWithParam<QuietCase>
{
};

TEST_P (QuietTest, H06Begins)
{
  g_autoptr (BfyQuiet) quiet = bfy_quiet_new (kFor);

  for (const char *at = GetParam ().history; *at != '\0'; at++)
    (void) bfy_quiet_note (quiet, "client:1", "claude",
                           *at == 'a'   ? BFY_QUIET_ALLOWED
                           : *at == 'd' ? BFY_QUIET_DENIED
                                        : BFY_QUIET_TIMED_OUT,
                           kNow);
  EXPECT_EQ (bfy_quiet_until_ms (quiet, "client:1", kNow), GetParam ().is_quiet ? kNow + kFor : 0);
  EXPECT_EQ (bfy_quiet_until_ms (quiet, "client:2", kNow), 0);
  EXPECT_EQ (bfy_quiet_until_ms (quiet, "client:1", kNow + kFor), 0);
}

INSTANTIATE_TEST_SUITE_P (Histories,
                          QuietTest,
                          testing::Values (QuietCase{ "None", "", false },
                                           QuietCase{ "OneUnanswered", "t", false },
                                           QuietCase{ "TwoUnanswered", "tt", true },
                                           QuietCase{ "NotInARow", "tdt", false },
                                           QuietCase{ "TwoDenials", "dd", false },
                                           QuietCase{ "ThreeDenials", "ddd", true },
                                           QuietCase{ "DenialsAroundAYes", "ddad", false },
                                           QuietCase{ "DenialsAroundATimeout", "ddtd", true },
                                           QuietCase{ "AYesEndsIt", "tta", false }),
                          [] (const testing::TestParamInfo<QuietCase> &info) {
                            return std::string (info.param.name);
                          });

TEST (Quiet, CanBeEndedAndIsNotProlonged)
{
  g_autoptr (BfyQuiet) quiet = bfy_quiet_new (kFor);

  EXPECT_FALSE (bfy_quiet_note (quiet, "a", "a", BFY_QUIET_TIMED_OUT, kNow));
  EXPECT_TRUE (bfy_quiet_note (quiet, "a", "a", BFY_QUIET_TIMED_OUT, kNow));
  EXPECT_FALSE (bfy_quiet_note (quiet, "a", "a", BFY_QUIET_TIMED_OUT, kNow + 5));
  EXPECT_EQ (bfy_quiet_until_ms (quiet, "a", kNow + 5), kNow + kFor);
  EXPECT_EQ (bfy_quiet_end (quiet, kNow + 5), 1u);
  EXPECT_EQ (bfy_quiet_end (quiet, kNow + 5), 0u);
  EXPECT_EQ (bfy_quiet_until_ms (quiet, "a", kNow + 5), 0);
}

TEST (Quiet, ForgetsTheOldestOfTooMany)
{
  g_autoptr (BfyQuiet) quiet = bfy_quiet_new (kFor);

  for (gint64 i = 0; i < BFY_QUIET_SUBJECTS_MAX + 10; i++)
    for (int n = 0; n < 2; n++)
      (void) bfy_quiet_note (quiet, std::to_string (i).c_str (), "x", BFY_QUIET_TIMED_OUT,
                             kNow + i);
  EXPECT_EQ (bfy_quiet_until_ms (quiet, "0", kNow + 2000), 0);
  EXPECT_NE (bfy_quiet_until_ms (quiet, "1030", kNow + 2000), 0);
  EXPECT_EQ (bfy_quiet_end (quiet, kNow + 2000), guint (BFY_QUIET_SUBJECTS_MAX));
}

// J03: who may answer, as a pure decision over what is known.
class AnswererTest : public testing::Test
{
protected:
  void SetUp () override
  {
    process = bfy_caller_new ();
    process->pid = 100;
    process->started_at = 5;
    process->is_verified = TRUE;
    registered = bfy_caller_new ();
    registered->pid = 100;
    registered->started_at = 5;
    facts.process = process;
    facts.registered = registered;
    facts.needs_terminal = TRUE;
    facts.terminal = 34816;
    facts.kin = BFY_KIN_NONE;
  }
  void TearDown () override
  {
    bfy_caller_unref (process);
    bfy_caller_unref (registered);
  }
  BfyAnswerer judge ()
  {
    return bfy_answerer_judge (&facts);
  }

  BfyCaller *process, *registered;
  BfyAnswererFacts facts = {};
};

TEST_F (AnswererTest, J03SomebodyElseMay)
{
  EXPECT_EQ (judge (), BFY_ANSWERER_MAY);
  facts.registered = nullptr; // is about to
  EXPECT_EQ (judge (), BFY_ANSWERER_MAY);
  facts.needs_terminal = FALSE;
  facts.terminal = 0;
  EXPECT_EQ (judge (), BFY_ANSWERER_MAY);
}

TEST_F (AnswererTest, J03KinMayNot)
{
  for (BfyKin kin : { BFY_KIN_SAME, BFY_KIN_ANCESTOR, BFY_KIN_DESCENDANT })
    {
      facts.kin = kin;
      EXPECT_EQ (judge (), BFY_ANSWERER_IS_KIN);
    }
  facts.kin = BFY_KIN_UNKNOWN;
  EXPECT_EQ (judge (), BFY_ANSWERER_UNVERIFIED);
}

TEST_F (AnswererTest, J03AKeyMayNot)
{
  facts.presents_key = TRUE;
  EXPECT_EQ (judge (), BFY_ANSWERER_HAS_KEY);
}

TEST_F (AnswererTest, J03AnotherProcessMayNot)
{
  process->pid = 101;
  EXPECT_EQ (judge (), BFY_ANSWERER_OTHER_PROCESS);
  process->pid = 100; // the number was given to another one
  process->started_at = 6;
  EXPECT_EQ (judge (), BFY_ANSWERER_OTHER_PROCESS);
  process->started_at = registered->started_at = 0;
  EXPECT_EQ (judge (), BFY_ANSWERER_OTHER_PROCESS);
}

TEST_F (AnswererTest, J03WhatIsNotKnownMayNot)
{
  process->is_verified = FALSE;
  EXPECT_EQ (judge (), BFY_ANSWERER_UNVERIFIED);
  process->is_verified = TRUE;
  for (BfySandbox sandbox : { BFY_SANDBOX_FLATPAK, BFY_SANDBOX_SNAP, BFY_SANDBOX_NAMESPACE })
    {
      process->sandbox = sandbox;
      EXPECT_EQ (judge (), BFY_ANSWERER_SANDBOXED);
    }
  facts.process = nullptr;
  EXPECT_EQ (judge (), BFY_ANSWERER_UNVERIFIED);
}

TEST_F (AnswererTest, J20ATerminalIsNeededThatTheAskerDoesNotHold)
{
  facts.is_controlled = TRUE;
  EXPECT_EQ (judge (), BFY_ANSWERER_CONTROLLED);
  facts.is_controlled = FALSE;
  facts.terminal = 0;
  EXPECT_EQ (judge (), BFY_ANSWERER_NO_TERMINAL);
}

TEST (Answerer, EveryRefusalSaysWhyAndIsOnRecord)
{
  for (int i = BFY_ANSWERER_MAY + 1; i < BFY_N_ANSWERERS; i++)
    {
      EXPECT_NE (bfy_answerer_explain (BfyAnswerer (i)), nullptr);
      EXPECT_NE (bfy_answerer_to_category (BfyAnswerer (i)), nullptr);
    }
}

BfyWish *
wish_of (const std::string &tool, const char *rule = "default")
{
  const std::string text =
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + tool + "\"}}";
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text.c_str (), text.size (), nullptr);
  BfyPolicyVerdict verdict = {};

  return bfy_wish_new ("id", "svc", bfy_rpc_message (rpc, 0), &verdict, rule,
                       BFY_WISH_SAME_ARGUMENTS);
}

TEST (Approval, IsForOneMessageOfOneRequest)
{
  g_autoptr (BfyApproval) approval = bfy_approval_new ();
  g_autoptr (BfyWish) one = wish_of ("a");
  g_autoptr (BfyWish) same = wish_of ("a");
  g_autoptr (BfyWish) other = wish_of ("b");
  g_autoptr (BfyWish) of_new_rule = wish_of ("a", "0123456789abcdef");

  bfy_approval_add (approval, 0, one);
  EXPECT_TRUE (bfy_approval_has (approval, 0, same));
  EXPECT_FALSE (bfy_approval_has (approval, 1, same));
  EXPECT_FALSE (bfy_approval_has (approval, 0, other));
  EXPECT_FALSE (bfy_approval_has (approval, 0, of_new_rule));
  EXPECT_TRUE (bfy_approval_covers (approval, same));
  EXPECT_FALSE (bfy_approval_covers (approval, other));
  EXPECT_FALSE (bfy_approval_has (nullptr, 0, one));
}

} // namespace
