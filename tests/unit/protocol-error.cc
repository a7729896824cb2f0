// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gio/gio.h>
#include <set>

#include "tests/unit/matchers.h"

TEST (ErrorTable, EveryCodeHasARowOfItsOwn)
{
  std::set<std::string> names;

  for (int code = 0; code < BFY_N_ERRORS; code++)
    {
      const char *wire = bfy_error_to_wire (static_cast<BfyErrorCode> (code));
      BfyErrorCode back = BFY_N_ERRORS;

      ASSERT_NE (wire, nullptr) << "code " << code;
      EXPECT_TRUE (names.insert (wire).second) << wire << " stands twice";
      EXPECT_TRUE (bfy_error_from_wire (wire, &back));
      EXPECT_EQ (back, code);
      EXPECT_NE (bfy_error_to_exit_status (static_cast<BfyErrorCode> (code)), 0) << wire;
      EXPECT_GE (bfy_error_to_http_status (static_cast<BfyErrorCode> (code)), 400u) << wire;
    }
}

TEST (ErrorTable, NoCodeLiesInTheRangeThatMcpReserves)
{
  for (int code = 0; code < BFY_N_ERRORS; code++)
    {
      int rpc = bfy_error_to_rpc_code (static_cast<BfyErrorCode> (code));

      // MCP defines it, and bindify says it for that reason only.
      if (code == BFY_ERROR_HEADER_MISMATCH)
        continue;
      EXPECT_FALSE (rpc <= -32000 && rpc >= -32099)
          << bfy_error_to_wire (static_cast<BfyErrorCode> (code));
    }
}

struct RowCase
{
  const char *name;
  BfyErrorCode code;
  unsigned control_status, data_status;
  int rpc_code, exit_status;
};

class ErrorRows : public testing::TestWithParam<RowCase>
{
};

TEST_P (ErrorRows, FollowBehaviour4)
{
  const RowCase &row = GetParam ();

  EXPECT_EQ (bfy_error_to_http_status (row.code), row.control_status);
  EXPECT_EQ (bfy_error_to_data_status (row.code), row.data_status);
  EXPECT_EQ (bfy_error_to_rpc_code (row.code), row.rpc_code);
  EXPECT_EQ (bfy_error_to_exit_status (row.code), row.exit_status);
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour4,
    ErrorRows,
    testing::Values (RowCase{ "NotFound", BFY_ERROR_NOT_FOUND, 404, 404, -31001, 1 },
                     RowCase{ "Paused", BFY_ERROR_PAUSED, 409, 200, -31002, 3 },
                     RowCase{ "Missing", BFY_ERROR_CREDENTIAL_MISSING, 409, 200, -31003, 4 },
                     RowCase{ "Denied", BFY_ERROR_DENIED, 403, 200, -31004, 3 },
                     RowCase{ "NeedsLogin", BFY_ERROR_NEEDS_LOGIN, 409, 200, -31005, 4 },
                     RowCase{ "Locked", BFY_ERROR_LOCKED, 423, 200, -31008, 4 },
                     RowCase{ "Upstream", BFY_ERROR_UPSTREAM_FAILED, 502, 502, -31011, 1 },
                     RowCase{ "Deadline", BFY_ERROR_UPSTREAM_TIMEOUT, 504, 504, -31011, 1 },
                     RowCase{ "Parse", BFY_ERROR_PARSE, 400, 400, -32700, 1 },
                     RowCase{ "Mismatch", BFY_ERROR_HEADER_MISMATCH, 400, 400, -32020, 1 },
                     RowCase{ "Params", BFY_ERROR_BAD_PARAMS, 400, 400, -32602, 1 },
                     RowCase{ "NoAgent", BFY_ERROR_NO_AGENT, 503, 503, -32603, 2 }),
    case_name<RowCase>);

TEST (ErrorHint, NamesTheBinding)
{
  EXPECT_EQ (take_text (bfy_error_format_hint (BFY_ERROR_NEEDS_LOGIN, "github")),
             "bindify login github");
  EXPECT_EQ (take_text (bfy_error_format_hint (BFY_ERROR_NEEDS_LOGIN, nullptr)), "bindify list");
  EXPECT_EQ (take_text (bfy_error_format_hint (BFY_ERROR_IN_USE, nullptr)), "bindify status");
  EXPECT_EQ (bfy_error_format_hint (BFY_ERROR_PARSE, "github"), nullptr);
}

TEST (ErrorCode, ForeignErrorsAreFaultsOfOurs)
{
  Error error;

  g_set_error_literal (error.out (), G_IO_ERROR, G_IO_ERROR_FAILED, "x");
  EXPECT_EQ (bfy_error_code (error.get ()), BFY_ERROR_FAILED);
  g_set_error_literal (error.out (), G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");
  EXPECT_EQ (bfy_error_code (error.get ()), BFY_ERROR_CANCELLED);
}
