// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/era-bridge.h"
}

namespace
{

std::string
take (char *text)
{
  std::string copy = text != nullptr ? text : "(null)";

  g_free (text);

  return copy;
}

// Checked first, as everything is that slices are made of.
class Slice
{
public:
  explicit Slice (const std::string &text) : text_ (text)
  {
    Error error;

    EXPECT_TRUE (bfy_json_check (text_.data (), text_.size (), error.out ())) << text_;
    bfy_json_slice_root (text_.data (), text_.size (), &slice_);
  }
  const BfyJsonSlice *get () const
  {
    return &slice_;
  }

private:
  std::string text_;
  BfyJsonSlice slice_;
};

} // namespace

struct EditCase
{
  const char *name, *object, *member, *value, *want;
};

class JsonEdit : public testing::TestWithParam<EditCase>
{
};

TEST_P (JsonEdit, LeavesTheRestAsItWas)
{
  const EditCase &row = GetParam ();
  const BfyJsonEdit edit = { row.member, row.value };

  EXPECT_EQ (take (bfy_json_edited (Slice (row.object).get (), &edit, 1)), row.want);
}

INSTANTIATE_TEST_SUITE_P (
    Rows,
    JsonEdit,
    testing::Values (EditCase{ "Replaces", R"({"a": 1.0 ,"b":2})", "b", "3", R"({"a":1.0,"b":3})" },
                     EditCase{ "Drops", R"({"a":1,"b":2,"c":3})", "b", nullptr,
                               R"({"a":1,"c":3})" },
                     EditCase{ "DropsTheFirst", R"({"a":1,"b":2})", "a", nullptr, R"({"b":2})" },
                     EditCase{ "Adds", R"({"a":{"b":1}})", "b", "2", R"({"a":{"b":1},"b":2})" },
                     EditCase{ "AddsToNothing", "{}", "b", "2", R"({"b":2})" },
                     EditCase{ "NoObject", "[1]", "b", "2", R"({"b":2})" },
                     EditCase{ "SpelledOtherwise", R"({"\u0062":1})", "b", "2", R"({"\u0062":2})" },
                     EditCase{ "KeepsSpelling", R"({"x":"\u00e9\/","n":1e2})", "b", nullptr,
                               R"({"x":"\u00e9\/","n":1e2})" }),
    [] (const auto &info) { return info.param.name; });

struct RequestCase
{
  const char *name, *modern, *legacy;
};

class EraRequest : public testing::TestWithParam<RequestCase>
{
};

TEST_P (EraRequest, BecomesLegacy)
{
  const RequestCase &row = GetParam ();

  EXPECT_EQ (take (bfy_era_request_to_legacy (Slice (row.modern).get (), "7", nullptr)),
             row.legacy);
}

#define OURS                                                                                       \
  R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"                                     \
  R"("io.modelcontextprotocol/clientCapabilities":{},)"                                            \
  R"("io.modelcontextprotocol/clientInfo":{"name":"c","version":"1"},)"                            \
  R"("io.modelcontextprotocol/logLevel":"info")"

INSTANTIATE_TEST_SUITE_P (
    Rows,
    EraRequest,
    testing::Values (
        RequestCase{ "Call",
                     R"({"jsonrpc":"2.0","id":"x","method":"tools/call","params":{"name":"t",)"
                     R"("arguments":{"_meta":1},"_meta":{)" OURS "}}}",
                     R"({"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"t",)"
                     R"("arguments":{"_meta":1}}})" },
        RequestCase{
            "KeepsForeignMeta",
            R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"traceparent":"00",)" OURS
            R"(,"progressToken":1}}})",
            R"({"jsonrpc":"2.0","id":7,"method":"m","params":{"_meta":{"traceparent":"00"}}})" },
        RequestCase{ "DropsTheRetry",
                     R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"requestState":"s",)"
                     R"("inputResponses":{"a":{}},"uri":"u","_meta":{)" OURS "}}}",
                     R"({"jsonrpc":"2.0","id":7,"method":"m","params":{"uri":"u"}})" },
        RequestCase{ "NoParams", R"({"jsonrpc":"2.0","id":1,"method":"m"})",
                     R"({"jsonrpc":"2.0","id":7,"method":"m","params":{}})" }),
    [] (const auto &info) { return info.param.name; });

TEST (EraRequest, GetsAProgressTokenOfOurs)
{
  Slice message (
      R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"_meta":{"progressToken":"p"}}})");

  EXPECT_EQ (take (bfy_era_request_to_legacy (message.get (), "7", "7")),
             R"({"jsonrpc":"2.0","id":7,"method":"m","params":{"_meta":{"progressToken":7}}})");
}

TEST (EraRequest, BecomesModern)
{
  Slice message (
      R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","_meta":{"progressToken":3}}})");
  BfyEraEnvelope envelope = { R"({"name":"c"})", R"({"roots":{}})", R"("info")" };

  EXPECT_EQ (take (bfy_era_request_to_modern (message.get (), "9", &envelope, nullptr, nullptr)),
             R"({"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"t","_meta":{)"
             R"("progressToken":3,"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
             R"("io.modelcontextprotocol/clientInfo":{"name":"c"},)"
             R"("io.modelcontextprotocol/clientCapabilities":{"roots":{}},)"
             R"("io.modelcontextprotocol/logLevel":"info"}}})");
}

TEST (EraRequest, RetriesWithTheStateByteByByte)
{
  Slice message (R"({"jsonrpc":"2.0","id":1,"method":"m","params":{"name":"t"}})");
  BfyEraEnvelope envelope = { nullptr, nullptr, nullptr };

  EXPECT_EQ (take (bfy_era_request_to_modern (message.get (), "2", &envelope, R"({"k":{"a":1.0}})",
                                              R"("s\u0041\/")")),
             R"({"jsonrpc":"2.0","id":2,"method":"m","params":{"name":"t","_meta":{)"
             R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
             R"("io.modelcontextprotocol/clientCapabilities":{}},)"
             R"("inputResponses":{"k":{"a":1.0}},"requestState":"s\u0041\/"}})");
}

struct ResultCase
{
  const char *name, *method, *from, *want;
};

class EraModernResult : public testing::TestWithParam<ResultCase>
{
};

TEST_P (EraModernResult, HasWhatModernClientsNeed)
{
  const ResultCase &row = GetParam ();

  EXPECT_EQ (
      take (bfy_era_result_to_modern (row.method, Slice (row.from).get (), R"({"name":"s"})")),
      row.want);
}

#define META R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}})"

INSTANTIATE_TEST_SUITE_P (
    Rows,
    EraModernResult,
    testing::Values (
        ResultCase{ "Call", "tools/call", R"({"content":[{"type":"text","text":"\u00fc"}]})",
                    R"({"content":[{"type":"text","text":"\u00fc"}],"resultType":"complete",)" META
                    "}" },
        ResultCase{
            "List", "tools/list", R"({"tools":[{"name":"a","x":1e0}],"nextCursor":"c"})",
            R"({"tools":[{"name":"a","x":1e0}],"nextCursor":"c","resultType":"complete",)" META
            R"(,"ttlMs":0,"cacheScope":"private"})" },
        ResultCase{ "MetaStays", "prompts/get", R"({"_meta":{"a":1},"messages":[]})",
                    R"({"_meta":{"a":1,"io.modelcontextprotocol/serverInfo":{"name":"s"}},)"
                    R"("messages":[],"resultType":"complete"})" }),
    [] (const auto &info) { return info.param.name; });

class EraLegacyResult : public testing::TestWithParam<ResultCase>
{
};

TEST_P (EraLegacyResult, HasNothingOfTheOtherEra)
{
  const ResultCase &row = GetParam ();

  EXPECT_EQ (take (bfy_era_result_to_legacy (row.method, Slice (row.from).get ())), row.want);
}

INSTANTIATE_TEST_SUITE_P (
    Rows,
    EraLegacyResult,
    testing::Values (
        ResultCase{ "Call", "tools/call",
                    R"({"content":[],"resultType":"complete",)" META R"(,"ttlMs":"mine"})",
                    R"({"content":[],"ttlMs":"mine"})" },
        ResultCase{ "List", "prompts/list",
                    R"({"prompts":[],"resultType":"complete","ttlMs":5,"cacheScope":"public"})",
                    R"({"prompts":[]})" },
        ResultCase{ "MetaStays", "tools/call", R"({"_meta":{"a":1},"resultType":"complete"})",
                    R"({"_meta":{"a":1}})" }),
    [] (const auto &info) { return info.param.name; });

struct ErrorCase
{
  const char *name, *method, *legacy, *modern;
};

class EraErrorCode : public testing::TestWithParam<ErrorCase>
{
};

TEST_P (EraErrorCode, IsTranslatedBothWays)
{
  const ErrorCase &row = GetParam ();

  EXPECT_EQ (take (bfy_era_error_to_modern (row.method, Slice (row.legacy).get ())), row.modern);
  EXPECT_EQ (take (bfy_era_error_to_legacy (row.method, Slice (row.modern).get ())), row.legacy);
}

INSTANTIATE_TEST_SUITE_P (
    Rows,
    EraErrorCode,
    testing::Values (ErrorCase{ "NoResource", "resources/read",
                                R"({"code":-32002,"message":"m","data":{}})",
                                R"({"code":-32602,"message":"m","data":{}})" },
                     ErrorCase{ "OtherMethod", "tools/call", R"({"code":-32602,"message":"m"})",
                                R"({"code":-32602,"message":"m"})" },
                     ErrorCase{ "OtherCode", "resources/read", R"({"code":-31004,"message":"m"})",
                                R"({"code":-31004,"message":"m"})" },
                     ErrorCase{ "NoCode", "resources/read", "{}", "{}" }),
    [] (const auto &info) { return info.param.name; });

TEST (EraHandshake, InitializeBecomesDiscover)
{
  Slice result (R"({"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},)"
                R"("tasks":{}},"serverInfo":{"name":"s","version":"2"},"instructions":"Do."})");

  EXPECT_EQ (take (bfy_era_discover_result (result.get ())),
             R"({"capabilities":{"tools":{"listChanged":true}},"instructions":"Do.",)"
             R"("resultType":"complete","supportedVersions":["2026-07-28"],"ttlMs":0,)"
             R"("cacheScope":"private",)"
             R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"2"}}})");
}

TEST (EraHandshake, DiscoverBecomesInitialize)
{
  Slice result (
      R"({"resultType":"complete","supportedVersions":["2026-07-28"],)"
      R"("capabilities":{"tools":{},"extensions":{"x":{}}},"ttlMs":1,"cacheScope":"public",)"
      R"("_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s","version":"2"}}})");

  EXPECT_EQ (take (bfy_era_initialize_result (result.get (), "2025-06-18", "b")),
             R"({"capabilities":{"tools":{}},"protocolVersion":"2025-06-18",)"
             R"("serverInfo":{"name":"s","version":"2"}})");
}

TEST (EraHandshake, ASilentServerIsCalledByItsBinding)
{
  EXPECT_EQ (take (bfy_era_initialize_result (Slice ("{}").get (), "2025-11-25", "b\"")),
             R"({"protocolVersion":"2025-11-25","capabilities":{},)"
             R"("serverInfo":{"name":"b\"","version":""}})");
}

TEST (EraInput, ServerRequestBecomesInputRequest)
{
  Slice params (R"({"mode":"url","url":"https://x","elicitationId":"e","message":"m","task":{},)"
                R"("_meta":{"progressToken":1}})");

  EXPECT_EQ (
      take (bfy_era_input_request ("elicitation/create", params.get ())),
      R"({"method":"elicitation/create","params":{"mode":"url","url":"https://x","message":"m"}})");
  EXPECT_EQ (take (bfy_era_input_request ("roots/list", nullptr)),
             R"({"method":"roots/list","params":{}})");
  EXPECT_EQ (take (bfy_era_input_request ("ping", nullptr)), "(null)");
}

TEST (EraInput, InputRequestBecomesServerRequest)
{
  Slice form (
      R"({"method":"elicitation/create","params":{"message":"m","requestedSchema":{"type":"object"}}})");
  Slice url (R"({"method":"elicitation/create","params":{"mode":"url","url":"https://x"}})");

  EXPECT_EQ (take (bfy_era_server_request (form.get (), "\"b-1\"")),
             R"({"jsonrpc":"2.0","id":"b-1","method":"elicitation/create",)"
             R"("params":{"message":"m","requestedSchema":{"type":"object"}}})");
  EXPECT_EQ (take (bfy_era_server_request (url.get (), "\"b-1\"")),
             R"({"jsonrpc":"2.0","id":"b-1","method":"elicitation/create",)"
             R"("params":{"mode":"url","url":"https://x","elicitationId":"b-1"}})");
  EXPECT_EQ (take (bfy_era_server_request (Slice (R"({"method":"tools/call"})").get (), "1")),
             "(null)");
  EXPECT_EQ (take (bfy_era_server_request (Slice (R"({"method":1})").get (), "1")), "(null)");
}

TEST (EraNotification, IsTagged)
{
  Slice plain (R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  Slice tagged (R"({"jsonrpc":"2.0","method":"n","params":{"uri":"u","_meta":{)"
                R"("io.modelcontextprotocol/subscriptionId":4}}})");
  Slice progress (
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":8,"progress":0.50}})");

  EXPECT_EQ (take (bfy_era_set_subscription (plain.get (), "\"l\"")),
             R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed","params":{"_meta":{)"
             R"("io.modelcontextprotocol/subscriptionId":"l"}}})");
  EXPECT_EQ (take (bfy_era_set_subscription (tagged.get (), nullptr)),
             R"({"jsonrpc":"2.0","method":"n","params":{"uri":"u"}})");
  EXPECT_EQ (
      take (bfy_era_set_progress_token (progress.get (), "\"p\"")),
      R"({"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"p","progress":0.50}})");
}

struct FilterCase
{
  const char *name, *asked, *capabilities, *granted, *method, *uri;
  bool takes;
};

class EraFilter : public testing::TestWithParam<FilterCase>
{
};

TEST_P (EraFilter, LetsThroughWhatWasAskedFor)
{
  const FilterCase &row = GetParam ();
  g_auto (BfyEraFilter) filter;
  Slice asked (row.asked), capabilities (row.capabilities);

  bfy_era_filter_read (asked.get (), &filter);
  bfy_era_filter_limit (&filter, capabilities.get ());
  EXPECT_EQ (take (bfy_era_filter_to_json (&filter)), row.granted);
  EXPECT_EQ (bfy_era_filter_takes (&filter, row.method, row.uri), row.takes);
}

#define ALL                                                                                        \
  R"({"tools":{"listChanged":true},"prompts":{"listChanged":true},)"                               \
  R"("resources":{"listChanged":true,"subscribe":true}})"

INSTANTIATE_TEST_SUITE_P (
    Rows,
    EraFilter,
    testing::Values (FilterCase{ "Nothing", "{}", ALL, "{}", "notifications/tools/list_changed",
                                 nullptr, false },
                     FilterCase{ "Tools", R"({"toolsListChanged":true})", ALL,
                                 R"({"toolsListChanged":true})", "notifications/tools/list_changed",
                                 nullptr, true },
                     FilterCase{ "OnlyTools", R"({"toolsListChanged":true})", ALL,
                                 R"({"toolsListChanged":true})",
                                 "notifications/prompts/list_changed", nullptr, false },
                     FilterCase{ "ServerCannot", R"({"toolsListChanged":true})", R"({"tools":{}})",
                                 "{}", "notifications/tools/list_changed", nullptr, false },
                     FilterCase{ "NotTrue", R"({"toolsListChanged":"true"})", ALL, "{}",
                                 "notifications/tools/list_changed", nullptr, false },
                     FilterCase{ "Resource", R"({"resourceSubscriptions":["a:b",1]})", ALL,
                                 R"({"resourceSubscriptions":["a:b"]})",
                                 "notifications/resources/updated", "a:b", true },
                     FilterCase{ "OtherResource", R"({"resourceSubscriptions":["a:b"]})", ALL,
                                 R"({"resourceSubscriptions":["a:b"]})",
                                 "notifications/resources/updated", "a:c", false },
                     FilterCase{ "NoSubscriptions", R"({"resourceSubscriptions":["a:b"]})", "{}",
                                 "{}", "notifications/resources/updated", "a:b", false },
                     FilterCase{ "Message", R"({"toolsListChanged":true})", ALL,
                                 R"({"toolsListChanged":true})", "notifications/message", nullptr,
                                 false }),
    [] (const auto &info) { return info.param.name; });

TEST (EraMethod, KnowsBothSides)
{
  EXPECT_EQ (bfy_era_modern_method ("tools/call"), BFY_ERA_METHOD_SAME);
  EXPECT_EQ (bfy_era_modern_method ("server/discover"), BFY_ERA_METHOD_OWN);
  EXPECT_EQ (bfy_era_modern_method ("ping"), BFY_ERA_METHOD_FOREIGN);
  EXPECT_EQ (bfy_era_modern_method ("tasks/get"), BFY_ERA_METHOD_LOST);
  EXPECT_EQ (bfy_era_legacy_method ("server/discover"), BFY_ERA_METHOD_FOREIGN);
  EXPECT_EQ (bfy_era_legacy_method ("logging/setLevel"), BFY_ERA_METHOD_OWN);
  EXPECT_EQ (bfy_era_legacy_method ("tasks/list"), BFY_ERA_METHOD_LOST);
  EXPECT_EQ (bfy_era_legacy_method ("vendor/thing"), BFY_ERA_METHOD_SAME);
}

TEST (EraLog, LevelsAreOrdered)
{
  EXPECT_LT (bfy_era_log_rank ("debug"), bfy_era_log_rank ("notice"));
  EXPECT_LT (bfy_era_log_rank ("error"), bfy_era_log_rank ("emergency"));
  EXPECT_EQ (bfy_era_log_rank ("loud"), -1);
  EXPECT_EQ (bfy_era_log_rank (nullptr), -1);
}

struct JudgeCase
{
  const char *name, *method; // nullptr: initialize
  guint status;
  const char *body;
  BfyEraVerdict want;
};

class EraJudge : public testing::TestWithParam<JudgeCase>
{
};

TEST_P (EraJudge, KnowsWhatServersSay)
{
  const JudgeCase &row = GetParam ();
  gsize length = strlen (row.body);

  EXPECT_EQ (row.method != nullptr ? bfy_era_judge_modern (row.method, row.status, row.body, length)
                                   : bfy_era_judge_legacy (row.status, row.body, length),
             row.want);
}

#define RESULT R"({"jsonrpc":"2.0","id":1,"result":{}})"
#define ERROR(code) R"({"jsonrpc":"2.0","id":1,"error":{"code":)" #code R"(,"message":"m"}})"
#define OF_AGENT(code)                                                                             \
  R"({"jsonrpc":"2.0","id":1,"error":{"code":)" #code                                              \
  R"(,"message":"m","data":{"origin":"agent"}}})"
#define OFFERS(versions)                                                                           \
  R"({"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"m","data":{"supported":)" versions  \
  "}}}"

INSTANTIATE_TEST_SUITE_P (
    Rows,
    EraJudge,
    testing::Values (
        JudgeCase{ "Discovered", "server/discover", 200, RESULT, BFY_ERA_VERDICT_SPEAKS },
        JudgeCase{ "NoSession", "server/discover", 400, ERROR (-32000), BFY_ERA_VERDICT_OTHER },
        JudgeCase{ "PlainText", "tools/list", 400, "Bad Request", BFY_ERA_VERDICT_OTHER },
        JudgeCase{ "Empty405", "tools/list", 405, "", BFY_ERA_VERDICT_OTHER },
        JudgeCase{ "NoDiscover", "server/discover", 200, ERROR (-32601), BFY_ERA_VERDICT_OTHER },
        JudgeCase{ "NoSuchMethod", "vendor/x", 404, ERROR (-32601), BFY_ERA_VERDICT_NONE },
        JudgeCase{ "Mismatch", "tools/list", 400, ERROR (-32020), BFY_ERA_VERDICT_SPEAKS },
        JudgeCase{ "OffersModern", "tools/list", 400, OFFERS (R"(["2026-07-28","2025-11-25"])"),
                   BFY_ERA_VERDICT_SPEAKS },
        JudgeCase{ "OffersLegacy", "tools/list", 400, OFFERS (R"(["2025-11-25"])"),
                   BFY_ERA_VERDICT_OTHER },
        JudgeCase{ "Broken", "server/discover", 500, ERROR (-32000), BFY_ERA_VERDICT_NONE },
        JudgeCase{ "Locked", "server/discover", 200, OF_AGENT (-31008), BFY_ERA_VERDICT_NONE },
        JudgeCase{ "NotFound", "server/discover", 404, OF_AGENT (-31001), BFY_ERA_VERDICT_NONE },
        JudgeCase{ "Initialized", nullptr, 200, RESULT, BFY_ERA_VERDICT_SPEAKS },
        JudgeCase{ "InitializeTooOld", nullptr, 400, ERROR (-32022), BFY_ERA_VERDICT_OTHER },
        JudgeCase{ "InitializeOfProgram", nullptr, 400, OF_AGENT (-32022), BFY_ERA_VERDICT_OTHER },
        JudgeCase{ "NoInitialize", nullptr, 404, ERROR (-32601), BFY_ERA_VERDICT_OTHER },
        JudgeCase{ "InitializeLocked", nullptr, 200, OF_AGENT (-31008), BFY_ERA_VERDICT_NONE },
        JudgeCase{ "WrongAddress", nullptr, 404, "Not Found", BFY_ERA_VERDICT_NONE },
        JudgeCase{ "InitializeBroken", nullptr, 502, "", BFY_ERA_VERDICT_NONE }),
    [] (const auto &info) { return info.param.name; });
