// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/era.h"
}

namespace
{

constexpr char kModern[] = "2026-07-28";

// A request of 2026-07-28 with that method and those params next to _meta.
std::string
modern (const std::string &method, const std::string &params = "")
{
  return R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":{)" + params +
         (params.empty () ? "" : ",") +
         R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})";
}

const std::string kCall = modern ("tools/call", R"("name":"größe")");
const std::string kPlain = modern ("tools/call", R"("name":"echo")");

} // namespace

struct EraCase
{
  const char *name;
  std::string body;
  const char *version, *method, *header_name;
  BfyEra want;
};

class EraOf : public testing::TestWithParam<EraCase>
{
};

TEST_P (EraOf, FollowsTheTable)
{
  const EraCase &row = GetParam ();
  BfyEraHeaders headers = { row.version, row.method, row.header_name };
  Error error;
  BfyRpc *rpc = bfy_rpc_parse (row.body.data (), row.body.size (), error.out ());

  ASSERT_NE (rpc, nullptr) << row.body;
  EXPECT_EQ (bfy_era_of (rpc, &headers), row.want);
  bfy_rpc_free (rpc);
}

#define CLAIMED R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"})"

// mcp.md A.6, row by row.
INSTANTIATE_TEST_SUITE_P (
    Rows,
    EraOf,
    testing::Values (
        EraCase{ "ArrayWithClaim", "[" + kPlain + "]", kModern, "tools/call", "echo",
                 BFY_ERA_BAD_ARRAY },
        EraCase{ "ArrayWithInitialize",
                 R"([{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}])", nullptr,
                 nullptr, nullptr, BFY_ERA_BAD_ARRAY },
        EraCase{ "Array", R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", nullptr, nullptr,
                 nullptr, BFY_ERA_LEGACY },
        EraCase{ "InitializeModernHeader", R"({"jsonrpc":"2.0","id":1,"method":"initialize"})",
                 kModern, nullptr, nullptr, BFY_ERA_HEADER_MISMATCH },
        EraCase{ "Initialize", R"({"jsonrpc":"2.0","id":1,"method":"initialize"})", "2025-11-25",
                 nullptr, nullptr, BFY_ERA_LEGACY },
        EraCase{ "ClaimIsNoString",
                 R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"_meta":{)"
                 R"("io.modelcontextprotocol/protocolVersion":1}}})",
                 kModern, "x", nullptr, BFY_ERA_BAD_CLAIM },
        EraCase{ "OtherVersion", kPlain, "2025-11-25", "tools/call", "echo",
                 BFY_ERA_HEADER_MISMATCH },
        EraCase{ "NoVersion", kPlain, nullptr, "tools/call", "echo", BFY_ERA_HEADER_MISMATCH },
        EraCase{ "TwoVersions", kPlain, "2026-07-28, 2026-07-28", "tools/call", "echo",
                 BFY_ERA_HEADER_MISMATCH },
        EraCase{ "Modern", kPlain, kModern, "tools/call", "echo", BFY_ERA_MODERN },
        EraCase{ "WhiteSpace", kPlain, " 2026-07-28\t", "  tools/call ", " echo ", BFY_ERA_MODERN },
        EraCase{ "NoMethod", kPlain, kModern, nullptr, "echo", BFY_ERA_HEADER_MISMATCH },
        EraCase{ "OtherMethod", kPlain, kModern, "tools/list", "echo", BFY_ERA_HEADER_MISMATCH },
        EraCase{ "MethodInCapitals", kPlain, kModern, "TOOLS/CALL", "echo",
                 BFY_ERA_HEADER_MISMATCH },
        EraCase{ "NoName", kPlain, kModern, "tools/call", nullptr, BFY_ERA_HEADER_MISMATCH },
        EraCase{ "OtherName", kPlain, kModern, "tools/call", "delete", BFY_ERA_HEADER_MISMATCH },
        EraCase{ "EncodedName", kCall, kModern, "tools/call",
                 "=?base64?Z3LDtsOfZQ==?=", BFY_ERA_MODERN },
        EraCase{ "EncodedOtherName", kPlain, kModern, "tools/call",
                 "=?base64?Z3LDtsOfZQ==?=", BFY_ERA_HEADER_MISMATCH },
        EraCase{ "NameHeaderWithoutName", modern ("tools/call"), kModern, "tools/call", "echo",
                 BFY_ERA_HEADER_MISMATCH },
        EraCase{ "NoNameAtAll", modern ("tools/call"), kModern, "tools/call", nullptr,
                 BFY_ERA_MODERN },
        EraCase{ "Resource", modern ("resources/read", R"("uri":"test://a","name":"b")"), kModern,
                 "resources/read", "test://a", BFY_ERA_MODERN },
        EraCase{ "ResourceByName", modern ("resources/read", R"("uri":"test://a","name":"b")"),
                 kModern, "resources/read", "b", BFY_ERA_HEADER_MISMATCH },
        EraCase{ "Task", modern ("tasks/get", R"("taskId":"t")"), kModern, "tasks/get", "t",
                 BFY_ERA_MODERN },
        EraCase{ "MethodWithoutName", modern ("tools/list"), kModern, "tools/list", nullptr,
                 BFY_ERA_MODERN },
        EraCase{ "NoClaimModernHeader", R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})",
                 kModern, "tools/list", nullptr, BFY_ERA_BAD_CLAIM },
        EraCase{ "LaterHeader", R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", "2027-01-01",
                 "tools/list", nullptr, BFY_ERA_BAD_CLAIM },
        EraCase{ "OddHeader", R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", "tomorrow",
                 nullptr, nullptr, BFY_ERA_LEGACY },
        EraCase{ "Legacy", R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})", "2025-06-18",
                 nullptr, nullptr, BFY_ERA_LEGACY },
        EraCase{ "LegacyWithoutHeader", R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})",
                 nullptr, nullptr, nullptr, BFY_ERA_LEGACY },
        EraCase{ "NotificationModern", R"({"jsonrpc":"2.0","method":"notifications/cancelled"})",
                 kModern, nullptr, nullptr, BFY_ERA_MODERN },
        EraCase{ "NotificationLegacy", R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
                 "2025-11-25", nullptr, nullptr, BFY_ERA_LEGACY },
        EraCase{ "NotificationOtherMethod",
                 R"({"jsonrpc":"2.0","method":"notifications/cancelled"})", kModern, "tools/call",
                 nullptr, BFY_ERA_HEADER_MISMATCH },
        EraCase{ "NotificationOtherVersion",
                 R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{)" CLAIMED "}}",
                 "2025-11-25", nullptr, nullptr, BFY_ERA_HEADER_MISMATCH },
        EraCase{ "Response", R"({"jsonrpc":"2.0","id":1,"result":{}})", "2025-11-25", nullptr,
                 nullptr, BFY_ERA_LEGACY }),
    [] (const testing::TestParamInfo<EraCase> &info) { return info.param.name; });

struct SaysCase
{
  const char *name, *value, *text;
  bool want;
};

class HeaderSays : public testing::TestWithParam<SaysCase>
{
};

TEST_P (HeaderSays, FollowsSep2243)
{
  EXPECT_EQ (bfy_era_header_says (GetParam ().value, GetParam ().text), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Values,
    HeaderSays,
    testing::Values (
        SaysCase{ "Literal", "Hello", "Hello", true },
        SaysCase{ "Encoded", "=?base64?SGVsbG8=?=", "Hello", true },
        SaysCase{ "WithoutPadding", "=?base64?SGVsbG8?=", "Hello", false },
        SaysCase{ "OddLetters", "=?base64?SGVs!!!bG8=?=", "Hello", false },
        SaysCase{ "SpareBits", "=?base64?SGVsbG9=?=", "Hello", false },
        SaysCase{ "UrlAlphabet", "=?base64?_-8=?=", "\xff\xef", false },
        SaysCase{ "PrefixOnly", "=?base64?SGVsbG8=", "=?base64?SGVsbG8=", true },
        SaysCase{ "SuffixOnly", "SGVsbG8=?=", "SGVsbG8=?=", true },
        SaysCase{ "OverlappingMarks", "=?base64?=", "=?base64?=", true },
        SaysCase{ "CapitalPrefix", "=?BASE64?SGVsbG8=?=", "=?BASE64?SGVsbG8=?=", true },
        SaysCase{ "LooksEncoded", "=?base64?SGVsbG8=?=", "=?base64?SGVsbG8=?=", false },
        SaysCase{ "Nothing", "", "", true },
        SaysCase{ "EncodedNothing",
                  "=?base64?"
                  "?=",
                  "", true },
        SaysCase{ "OnlySpace", "  ", "", true },
        SaysCase{ "Case", "hello", "Hello", false }),
    [] (const testing::TestParamInfo<SaysCase> &info) { return info.param.name; });

// mcp.md A.3.
TEST (EraArrays, AreForMarch2025AndForNobodyKnowsWho)
{
  EXPECT_TRUE (bfy_era_allows_arrays (nullptr));
  EXPECT_TRUE (bfy_era_allows_arrays ("2025-03-26"));
  for (const char *version : { "2024-11-05", "2025-06-18", "2025-11-25", "2026-07-28", "", "x" })
    EXPECT_FALSE (bfy_era_allows_arrays (version)) << version;
}

struct AgreedCase
{
  const char *name, *text, *want;
};

class Agreed : public testing::TestWithParam<AgreedCase>
{
};

TEST_P (Agreed, IsWhatTheResultSays)
{
  g_autofree char *got = bfy_era_agreed_version (GetParam ().text, strlen (GetParam ().text));

  EXPECT_STREQ (got, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Answers,
    Agreed,
    testing::Values (
        AgreedCase{ "Result", R"({"id":1,"result":{"protocolVersion":"2025-06-18"}})",
                    "2025-06-18" },
        AgreedCase{ "Escaped", R"({"result":{"protocol\u0056ersion":"2025-\u0030\u0036-18"}})",
                    "2025-06-18" },
        AgreedCase{ "InArray", R"([{"method":"x"},{"result":{"protocolVersion":"a"}}])", "a" },
        AgreedCase{ "InParams", R"({"method":"x","params":{"protocolVersion":"a"}})", nullptr },
        AgreedCase{ "Error", R"({"error":{"protocolVersion":"a"}})", nullptr },
        AgreedCase{ "NoString", R"({"result":{"protocolVersion":20250618}})", nullptr },
        AgreedCase{ "NoObject", R"({"result":"protocolVersion"})", nullptr },
        AgreedCase{ "TooLong",
                    R"({"result":{"protocolVersion":"0123456789012345678901234567890123"}})",
                    nullptr },
        AgreedCase{ "Twice", R"({"result":{"protocolVersion":"a","protocolVersion":"b"}})",
                    nullptr },
        AgreedCase{ "Number", "1", nullptr },
        AgreedCase{ "Empty", "", nullptr }),
    [] (const testing::TestParamInfo<AgreedCase> &info) { return info.param.name; });

TEST (EraError, NamesTheCodesOfMcp)
{
  const char *message = nullptr;

  EXPECT_EQ (bfy_error_to_rpc_code (bfy_era_error (BFY_ERA_HEADER_MISMATCH, &message)), -32020);
  EXPECT_EQ (bfy_error_to_rpc_code (bfy_era_error (BFY_ERA_BAD_CLAIM, &message)), -32602);
  EXPECT_EQ (bfy_error_to_rpc_code (bfy_era_error (BFY_ERA_BAD_ARRAY, &message)), -32600);
  EXPECT_EQ (bfy_era_error (BFY_ERA_MODERN, &message), BFY_N_ERRORS);
  EXPECT_EQ (bfy_era_error (BFY_ERA_LEGACY, &message), BFY_N_ERRORS);
}
