// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gmock/gmock.h>

#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/oauth/alive-outcome.h"
}

struct AliveCase
{
  const char *name;
  BfyAliveFacts facts;
  BfyQuirks quirks;
  BfyAliveVerdict want;
  const char *wire;
};

class AliveTest : public testing::TestWithParam<AliveCase>
{
};

constexpr BfyQuirks kNone = {}, kNoSession = { TRUE, FALSE }, kGet405 = { FALSE, TRUE };

TEST_P (AliveTest, Judged)
{
  const AliveCase &row = GetParam ();
  BfyAliveVerdict verdict = bfy_alive_judge (&row.facts, &row.quirks);

  EXPECT_EQ (verdict, row.want);
  EXPECT_STREQ (bfy_alive_verdict_to_wire (verdict), row.wire);
}

// behaviour 8.4, 16.3, 21.4. Facts: status, complete, greeted, with a session.
INSTANTIATE_TEST_SUITE_P (
    Talks,
    AliveTest,
    testing::Values (
        AliveCase{ "Yes", { 200, TRUE, TRUE, TRUE }, kNone, BFY_ALIVE_YES, "success" },
        AliveCase{
            "YesWithoutSession", { 200, TRUE, TRUE, FALSE }, kNone, BFY_ALIVE_YES, "success" },
        AliveCase{ "Local", { 0, TRUE, TRUE, TRUE }, kNone, BFY_ALIVE_YES, "success" },
        AliveCase{
            "Unauthorized", { 401, FALSE, FALSE, FALSE }, kNone, BFY_ALIVE_REFUSED, "auth_failed" },
        AliveCase{
            "Forbidden", { 403, FALSE, TRUE, TRUE }, kNone, BFY_ALIVE_REFUSED, "auth_failed" },
        AliveCase{ "NoQuirkMakesUpForThat",
                   { 401, FALSE, TRUE, FALSE },
                   { TRUE, TRUE },
                   BFY_ALIVE_REFUSED,
                   "auth_failed" },
        AliveCase{
            "ServerError", { 500, FALSE, TRUE, TRUE }, kNone, BFY_ALIVE_FAILED, "transient_error" },
        AliveCase{
            "NoAnswer", { 0, FALSE, FALSE, FALSE }, kNone, BFY_ALIVE_FAILED, "transient_error" },
        AliveCase{ "NotAllowed",
                   { 405, FALSE, FALSE, FALSE },
                   kNone,
                   BFY_ALIVE_FAILED,
                   "transient_error" },
        AliveCase{ "NotAllowedAsExpected",
                   { 405, FALSE, FALSE, FALSE },
                   kGet405,
                   BFY_ALIVE_EXPECTED,
                   "expected" },
        AliveCase{ "TheOtherQuirk",
                   { 405, FALSE, FALSE, FALSE },
                   kNoSession,
                   BFY_ALIVE_FAILED,
                   "transient_error" },
        AliveCase{ "NoSessionId",
                   { 400, FALSE, TRUE, FALSE },
                   kNone,
                   BFY_ALIVE_FAILED,
                   "transient_error" },
        AliveCase{ "NoSessionIdAsExpected",
                   { 400, FALSE, TRUE, FALSE },
                   kNoSession,
                   BFY_ALIVE_EXPECTED,
                   "expected" },
        AliveCase{ "SessionIdAfterAll",
                   { 400, FALSE, TRUE, TRUE },
                   kNoSession,
                   BFY_ALIVE_FAILED,
                   "transient_error" },
        AliveCase{ "NotEvenGreeted",
                   { 500, FALSE, FALSE, FALSE },
                   kNoSession,
                   BFY_ALIVE_FAILED,
                   "transient_error" }),
    case_name<AliveCase>);

TEST (AliveRefusal, IsReadFromWhatTheAgentSays)
{
  g_autofree char *text = bfy_rpc_format_error ("1", BFY_ERROR_LOCKED, "The agent is locked");
  const std::string other = R"({"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no"}})";
  BfyJsonSlice root;

  bfy_json_slice_root (text, strlen (text), &root);
  g_autoptr (GError) error = bfy_alive_outcome_read_refusal (&root);
  ASSERT_NE (error, nullptr);
  EXPECT_EQ (error->code, BFY_ERROR_LOCKED);
  EXPECT_STREQ (error->message, "The agent is locked");
  bfy_json_slice_root (other.c_str (), other.size (), &root);
  EXPECT_EQ (bfy_alive_outcome_read_refusal (&root), nullptr);
}
