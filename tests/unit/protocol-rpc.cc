// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/json.h"
#include "protocol/rpc.h"
}

using testing::HasSubstr;
using testing::Not;

#define CLAIM "\"io.modelcontextprotocol/protocolVersion\""

static BfyRpc *
parse (const std::string &text, GError **error)
{
  Block block (text);

  return bfy_rpc_parse (block.data (), block.size (), error);
}

static std::string
or_none (const char *text)
{
  return text != nullptr ? text : "(none)";
}

// --- What is taken out of one message ---

struct RpcMessageCase
{
  const char *name;
  std::string text;
  BfyRpcKind kind;
  const char *id;
  const char *method;
};

class RpcMessage : public testing::TestWithParam<RpcMessageCase>
{
};

TEST_P (RpcMessage, HasKindIdAndMethod)
{
  const RpcMessageCase &row = GetParam ();
  Error error;
  g_autoptr (BfyRpc) rpc = parse (row.text, error.out ());

  ASSERT_NE (rpc, nullptr) << error;
  EXPECT_FALSE (bfy_rpc_is_batch (rpc));
  ASSERT_EQ (bfy_rpc_n_messages (rpc), 1u);
  const BfyRpcMessage *message = bfy_rpc_message (rpc, 0);
  EXPECT_EQ (message->kind, row.kind);
  EXPECT_EQ (or_none (message->id), or_none (row.id));
  EXPECT_EQ (or_none (message->method), or_none (row.method));
}

INSTANTIATE_TEST_SUITE_P (
    Requests,
    RpcMessage,
    testing::Values (
        RpcMessageCase{ "Number", R"({"jsonrpc":"2.0","id":7,"method":"ping"})", BFY_RPC_REQUEST,
                        "7", "ping" },
        RpcMessageCase{ "String", R"({"jsonrpc":"2.0","id":"req-1","method":"ping"})",
                        BFY_RPC_REQUEST, "\"req-1\"", "ping" },
        RpcMessageCase{ "Fraction", R"({"jsonrpc":"2.0","id":1.0,"method":"ping"})",
                        BFY_RPC_REQUEST, "1.0", "ping" },
        RpcMessageCase{ "Exponent", R"({"jsonrpc":"2.0","id":1e2,"method":"ping"})",
                        BFY_RPC_REQUEST, "1e2", "ping" },
        RpcMessageCase{ "Negative", R"({"jsonrpc":"2.0","id":-0,"method":"ping"})", BFY_RPC_REQUEST,
                        "-0", "ping" },
        RpcMessageCase{ "Big",
                        R"({"jsonrpc":"2.0","id":123456789012345678901234567890,"method":"x"})",
                        BFY_RPC_REQUEST, "123456789012345678901234567890", "x" },
        RpcMessageCase{ "EmptyId", R"({"jsonrpc":"2.0","id":"","method":"x"})", BFY_RPC_REQUEST,
                        R"("")", "x" },
        RpcMessageCase{ "EscapedId", R"({"jsonrpc":"2.0","id":"a\"\u0062\/","method":"x"})",
                        BFY_RPC_REQUEST, R"("a\"\u0062\/")", "x" },
        RpcMessageCase{ "EscapedNames",
                        R"({"json\u0072pc":"2.0","i\u0064":1,"m\u0065thod":"p\u0069ng"})",
                        BFY_RPC_REQUEST, "1", "ping" },
        RpcMessageCase{ "EscapedVersion", R"({"jsonrpc":"2\u002e0","id":1,"method":"x"})",
                        BFY_RPC_REQUEST, "1", "x" },
        RpcMessageCase{ "AnyOrderAndSpace",
                        " {\n\"method\" : \"x\" ,\t\"id\" : 3 , \"jsonrpc\":\"2.0\"} ",
                        BFY_RPC_REQUEST, "3", "x" },
        RpcMessageCase{ "ArrayParams", R"({"jsonrpc":"2.0","id":1,"method":"x","params":["name"]})",
                        BFY_RPC_REQUEST, "1", "x" },
        RpcMessageCase{
            "UnknownMembers",
            R"({"jsonrpc":"2.0","id":1,"method":"x","extra":{"id":2,"method":"y"},"":0})",
            BFY_RPC_REQUEST, "1", "x" },
        RpcMessageCase{ "WithResult", R"({"jsonrpc":"2.0","id":1,"method":"x","result":{}})",
                        BFY_RPC_REQUEST, "1", "x" },
        RpcMessageCase{ "EmptyMethod", R"({"jsonrpc":"2.0","id":1,"method":""})", BFY_RPC_REQUEST,
                        "1", "" }),
    case_name<RpcMessageCase>);

INSTANTIATE_TEST_SUITE_P (
    Others,
    RpcMessage,
    testing::Values (
        RpcMessageCase{ "Notification", R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
                        BFY_RPC_NOTIFICATION, nullptr, "notifications/initialized" },
        RpcMessageCase{ "Result", R"({"jsonrpc":"2.0","id":4,"result":null})", BFY_RPC_RESPONSE,
                        "4", nullptr },
        RpcMessageCase{ "Error", R"({"jsonrpc":"2.0","id":"a","error":{"code":-1,"message":""}})",
                        BFY_RPC_RESPONSE, "\"a\"", nullptr },
        RpcMessageCase{ "ErrorWithoutId", R"({"jsonrpc":"2.0","error":{"code":-1,"message":""}})",
                        BFY_RPC_RESPONSE, nullptr, nullptr },
        RpcMessageCase{ "ErrorWithNullId", R"({"jsonrpc":"2.0","id":null,"error":{}})",
                        BFY_RPC_RESPONSE, nullptr, nullptr }),
    case_name<RpcMessageCase>);

struct RpcTargetCase
{
  const char *name;
  const char *method;
  std::string params;
  const char *want_name = nullptr, *want_uri = nullptr, *want_task_id = nullptr;
};

class RpcTarget : public testing::TestWithParam<RpcTargetCase>
{
};

TEST_P (RpcTarget, IsWhatTheServerWillRead)
{
  const RpcTargetCase &row = GetParam ();
  Error error;
  g_autoptr (BfyRpc) rpc =
      parse (R"({"jsonrpc":"2.0","id":1,"method":")" + std::string (row.method) + R"(","params":)" +
                 row.params + "}",
             error.out ());

  ASSERT_NE (rpc, nullptr) << error;
  const BfyRpcMessage *message = bfy_rpc_message (rpc, 0);
  EXPECT_EQ (or_none (message->name), or_none (row.want_name));
  EXPECT_EQ (or_none (message->uri), or_none (row.want_uri));
  EXPECT_EQ (or_none (message->task_id), or_none (row.want_task_id));
}

INSTANTIATE_TEST_SUITE_P (
    Params,
    RpcTarget,
    testing::Values (
        RpcTargetCase{ "Tool", "tools/call", R"({"name":"delete_repo","arguments":{"name":"x"}})",
                       "delete_repo" },
        RpcTargetCase{ "EscapedTool", "tools/call", R"({"n\u0061me":"d\u0065l"})", "del" },
        RpcTargetCase{ "Resource", "resources/read", R"({"uri":"file:///a\/b"})", nullptr,
                       "file:///a/b" },
        RpcTargetCase{ "Task", "tasks/get", R"({"taskId":"t-1"})", nullptr, nullptr, "t-1" },
        RpcTargetCase{ "PromptRef", "completion/complete",
                       R"({"ref":{"type":"ref/prompt","name":"p"},"argument":{"name":"a"}})", "p" },
        RpcTargetCase{ "ResourceRef", "completion/complete",
                       R"({"ref":{"type":"ref/resource","uri":"u:"}})", nullptr, "u:" },
        RpcTargetCase{ "DecoyBesideRef", "completion/complete",
                       R"({"name":"allowed","uri":"allowed:","ref":{"name":"secret"}})", "secret" },
        RpcTargetCase{ "DecoyRefBesideName", "tools/call",
                       R"({"name":"secret","ref":{"name":"allowed"}})", "secret" },
        RpcTargetCase{ "DecoyRefBesideWrongType", "tools/call",
                       R"({"name":["secret"],"ref":{"name":"allowed"}})" },
        RpcTargetCase{ "RefOfAnotherMethod", "x/y", R"({"ref":{"name":"n","uri":"u"}})", "n", "u" },
        RpcTargetCase{ "WrongTypes", "tools/call",
                       R"({"name":1,"uri":null,"taskId":{},"ref":"name"})" },
        RpcTargetCase{ "NoParams", "tools/call", "{}" },
        RpcTargetCase{ "ArrayHasNoNames", "tools/call", R"(["name",{"name":"x"}])" },
        RpcTargetCase{ "DeepNamesDoNotCount", "tools/call",
                       R"({"arguments":{"name":"x","uri":"y","taskId":"z","ref":{"name":"q"}}})" },
        RpcTargetCase{ "EmptyName", "tools/call", R"({"name":""})", "" }),
    case_name<RpcTargetCase>);

struct RpcClaimCase
{
  const char *name;
  std::string params;
  gboolean has_claim;
  const char *version = nullptr;
};

class RpcClaim : public testing::TestWithParam<RpcClaimCase>
{
};

TEST_P (RpcClaim, IsSeenWhateverItsType)
{
  const RpcClaimCase &row = GetParam ();
  Error error;
  g_autoptr (BfyRpc) rpc =
      parse (R"({"jsonrpc":"2.0","method":"x","params":)" + row.params + "}", error.out ());

  ASSERT_NE (rpc, nullptr) << error;
  EXPECT_EQ (bfy_rpc_message (rpc, 0)->has_claim, row.has_claim);
  EXPECT_EQ (or_none (bfy_rpc_message (rpc, 0)->protocol_version), or_none (row.version));
}

INSTANTIATE_TEST_SUITE_P (
    Meta,
    RpcClaim,
    testing::Values (
        RpcClaimCase{ "Text", "{\"_meta\":{" CLAIM ":\"2026-07-28\"}}", TRUE, "2026-07-28" },
        RpcClaimCase{ "Number", "{\"_meta\":{" CLAIM ":7}}", TRUE },
        RpcClaimCase{ "Null", "{\"_meta\":{" CLAIM ":null}}", TRUE },
        RpcClaimCase{ "Escaped",
                      R"({"_m\u0065ta":{"io.modelcontextprotocol\/protocolVersion":"v"}})", TRUE,
                      "v" },
        RpcClaimCase{ "OtherMeta", R"({"_meta":{"progressToken":1}})", FALSE },
        RpcClaimCase{ "MetaIsNoObject", "{\"_meta\":[" CLAIM "]}", FALSE },
        RpcClaimCase{ "NotInMeta", "{" CLAIM ":\"v\"}", FALSE },
        RpcClaimCase{ "None", "{}", FALSE }),
    case_name<RpcClaimCase>);

// --- Batches ---

static std::string
batch_of (guint n_messages)
{
  std::string text = "[";

  for (guint i = 0; i < n_messages; i++)
    text += (i > 0 ? "," : "") + std::string (R"({"jsonrpc":"2.0","id":)") + std::to_string (i) +
            R"(,"method":"m)" + std::to_string (i) + "\"}";
  return text + "]";
}

TEST (RpcBatch, KeepsEveryMessageInOrder)
{
  Error error;
  g_autoptr (BfyRpc) rpc = parse (batch_of (BFY_RPC_BATCH_MAX), error.out ());

  ASSERT_NE (rpc, nullptr) << error;
  EXPECT_TRUE (bfy_rpc_is_batch (rpc));
  ASSERT_EQ (bfy_rpc_n_messages (rpc), guint{ BFY_RPC_BATCH_MAX });
  for (guint i = 0; i < BFY_RPC_BATCH_MAX; i++)
    {
      EXPECT_EQ (bfy_rpc_message (rpc, i)->id, std::to_string (i));
      EXPECT_EQ (bfy_rpc_message (rpc, i)->method, "m" + std::to_string (i));
    }
}

TEST (RpcBatch, OfOneIsStillABatch)
{
  Error error;
  g_autoptr (BfyRpc) rpc = parse (batch_of (1), error.out ());

  ASSERT_NE (rpc, nullptr) << error;
  EXPECT_TRUE (bfy_rpc_is_batch (rpc));
  EXPECT_EQ (bfy_rpc_n_messages (rpc), 1u);
}

TEST (RpcBatch, MixesKinds)
{
  Error error;
  g_autoptr (BfyRpc) rpc = parse (R"([{"jsonrpc":"2.0","id":1,"method":"a"},)"
                                  R"({"jsonrpc":"2.0","method":"b"},)"
                                  R"({"jsonrpc":"2.0","id":"c","result":{}}])",
                                  error.out ());

  ASSERT_NE (rpc, nullptr) << error;
  ASSERT_EQ (bfy_rpc_n_messages (rpc), 3u);
  EXPECT_EQ (bfy_rpc_message (rpc, 0)->kind, BFY_RPC_REQUEST);
  EXPECT_EQ (bfy_rpc_message (rpc, 1)->kind, BFY_RPC_NOTIFICATION);
  EXPECT_EQ (bfy_rpc_message (rpc, 2)->kind, BFY_RPC_RESPONSE);
}

// --- Refusals ---

struct RpcRefusedCase
{
  const char *name;
  std::string text;
  BfyErrorCode code;
};

class RpcRefused : public testing::TestWithParam<RpcRefusedCase>
{
};

TEST_P (RpcRefused, WithoutQuotingTheInput)
{
  const RpcRefusedCase &row = GetParam ();
  Error error;

  EXPECT_EQ (parse (row.text, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (row.code));
  EXPECT_THAT (error.message (), Not (HasSubstr ("hunter2")));
}

INSTANTIATE_TEST_SUITE_P (
    NotJson,
    RpcRefused,
    testing::Values (
        RpcRefusedCase{ "Empty", "", BFY_ERROR_PARSE },
        RpcRefusedCase{ "Text", "hunter2", BFY_ERROR_PARSE },
        RpcRefusedCase{ "TwoMessages", batch_of (1) + batch_of (1), BFY_ERROR_PARSE },
        RpcRefusedCase{
            "TwoMethods",
            R"({"jsonrpc":"2.0","id":1,"method":"tools/list","m\u0065thod":"tools/call"})",
            BFY_ERROR_PARSE },
        RpcRefusedCase{ "TwoNames",
                        R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"name":"a","name":"b"}})",
                        BFY_ERROR_PARSE }),
    case_name<RpcRefusedCase>);

INSTANTIATE_TEST_SUITE_P (
    NotAMessage,
    RpcRefused,
    testing::Values (
        RpcRefusedCase{ "Number", "1", BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "Null", "null", BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "String", "\"hunter2\"", BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "EmptyObject", "{}", BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "NoVersion", R"({"id":1,"method":"x"})", BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "VersionOne", R"({"jsonrpc":"1.0","id":1,"method":"x"})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "VersionLonger", R"({"jsonrpc":"2.01","id":1,"method":"x"})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "VersionNumber", R"({"jsonrpc":2.0,"id":1,"method":"x"})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "NothingInIt", R"({"jsonrpc":"2.0","id":1})", BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "MethodNumber", R"({"jsonrpc":"2.0","id":1,"method":1})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "MethodNull", R"({"jsonrpc":"2.0","id":1,"method":null,"result":1})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "MethodArray", R"({"jsonrpc":"2.0","id":1,"method":["hunter2"]})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "IdNull", R"({"jsonrpc":"2.0","id":null,"method":"x"})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "IdTrue", R"({"jsonrpc":"2.0","id":true,"method":"x"})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "IdObject", R"({"jsonrpc":"2.0","id":{},"method":"x"})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "IdArrayInResponse", R"({"jsonrpc":"2.0","id":[1],"result":1})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "ParamsNull", R"({"jsonrpc":"2.0","id":1,"method":"x","params":null})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "ParamsString",
                        R"({"jsonrpc":"2.0","id":1,"method":"x","params":"hunter2"})",
                        BFY_ERROR_BAD_REQUEST }),
    case_name<RpcRefusedCase>);

INSTANTIATE_TEST_SUITE_P (
    Batches,
    RpcRefused,
    testing::Values (
        RpcRefusedCase{ "Empty", "[]", BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "OneTooMany", batch_of (BFY_RPC_BATCH_MAX + 1), BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "OfNumbers", "[1]", BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "Nested", "[" + batch_of (1) + "]", BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "LastIsBad", R"([{"jsonrpc":"2.0","id":1,"method":"a"},{"jsonrpc":"2.0"}])",
                        BFY_ERROR_BAD_REQUEST }),
    case_name<RpcRefusedCase>);

// A server that folds case (Go's encoding/json) would read the last of the two.
INSTANTIATE_TEST_SUITE_P (
    Lookalikes,
    RpcRefused,
    testing::Values (
        RpcRefusedCase{ "Method",
                        R"({"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "Alone", R"({"jsonrpc":"2.0","id":1,"method":"ping","ID":2})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "Escaped", R"({"jsonrpc":"2.0","id":1,"method":"ping","\u004dETHOD":"x"})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "LongS", R"({"jsonrpc":"2.0","id":1,"method":"x","params":{},"paramſ":{}})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "EscapedLongS", R"({"jsonrpc":"2.0","id":1,"method":"x","param\u017f":{}})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "Kelvin",
                        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\","
                        "\"params\":{\"tas\xe2\x84\xaaId\":\"y\"}}",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "Name",
                        R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"name":"a","NAME":"b"}})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "RefName",
                        R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"ref":{"Name":"b"}}})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "Arguments",
                        R"({"jsonrpc":"2.0","id":1,"method":"x","params":{"Arguments":{}}})",
                        BFY_ERROR_BAD_REQUEST },
        RpcRefusedCase{ "Claim",
                        R"({"jsonrpc":"2.0","method":"x","params":{"_meta":)"
                        R"({"IO.modelcontextprotocol/protocolVersion":"v"}}})",
                        BFY_ERROR_BAD_REQUEST }),
    case_name<RpcRefusedCase>);

TEST (Rpc, LeavesCaseOfForeignMembersAlone)
{
  Error error;
  g_autoptr (BfyRpc) rpc =
      parse (R"({"jsonrpc":"2.0","id":1,"method":"x","Idx":1,"params":{"Argument":1,"names":2,)"
             R"("arguments":{"Name":"a","name":"b"}}})",
             error.out ());

  EXPECT_NE (rpc, nullptr) << error;
}

// --- Answers ---

TEST (RpcFormat, ErrorFollowsBehaviour4)
{
  EXPECT_EQ (take_text (bfy_rpc_format_error ("7", BFY_ERROR_DENIED, "Not permitted")),
             R"({"jsonrpc":"2.0","id":7,"error":{"code":-31004,"message":"Not permitted",)"
             R"("data":{"origin":"agent","reason":"denied"}}})");
  EXPECT_EQ (take_text (bfy_rpc_format_error (nullptr, BFY_ERROR_NOT_FOUND, "")),
             R"({"jsonrpc":"2.0","id":null,"error":{"code":-31001,"message":"",)"
             R"("data":{"origin":"agent","reason":"not_found"}}})");
}

TEST (RpcFormat, ErrorKeepsTheIdAndEscapesTheMessage)
{
  EXPECT_EQ (take_text (bfy_rpc_format_error (R"("a\u0062")", BFY_ERROR_PARSE, "\"x\"\n\xff")),
             R"({"jsonrpc":"2.0","id":"a\u0062","error":{"code":-32700,"message":"\"x\"\n�",)"
             R"("data":{"origin":"agent","reason":"parse_error"}}})");
}

TEST (RpcFormat, EveryErrorIsAResponseThatComesBack)
{
  for (int code = 0; code < BFY_N_ERRORS; code++)
    {
      g_autofree char *text =
          bfy_rpc_format_error ("1.50", static_cast<BfyErrorCode> (code), "\x01“\\”");
      Error error;
      g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, strlen (text), error.out ());

      ASSERT_NE (rpc, nullptr) << error << text;
      EXPECT_EQ (bfy_rpc_message (rpc, 0)->kind, BFY_RPC_RESPONSE);
      EXPECT_STREQ (bfy_rpc_message (rpc, 0)->id, "1.50");
    }
}

TEST (RpcFormat, ResultIsTakenAsItIs)
{
  EXPECT_EQ (take_text (bfy_rpc_format_result ("\"a\"", R"({"ok":[1.0]})")),
             R"({"jsonrpc":"2.0","id":"a","result":{"ok":[1.0]}})");
  EXPECT_EQ (take_text (bfy_rpc_format_result (nullptr, "{}")),
             R"({"jsonrpc":"2.0","id":null,"result":{}})");
}
