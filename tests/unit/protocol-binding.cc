// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/binding.h"
#include "protocol/json.h"
}

namespace
{

using ::operator<<; // prints a row by its name

JsonObject *
parse (const std::string &text)
{
  Error error;
  JsonObject *object = bfy_json_parse_object (text.data (), text.size (), error.out ());

  EXPECT_NE (object, nullptr) << error << "\n" << text;
  return object;
}

std::string
to_text (const BfyBinding *binding)
{
  g_autoptr (JsonObject) object = bfy_binding_to_json (binding);

  return take_text (bfy_json_object_to_text (object, nullptr));
}

BfyConstraints *
parse_constraints (const std::string &text)
{
  g_autoptr (JsonObject) object = parse (text);
  Error error;
  BfyConstraints *constraints = bfy_constraints_from_json (object, error.out ());

  EXPECT_NE (constraints, nullptr) << error;
  return constraints;
}

BfyBinding *
full_binding ()
{
  BfyBinding *binding = bfy_binding_new ();

  binding->id = g_strdup ("6f1c2d3e-4b5a-4978-8796-a5b4c3d2e1f0");
  binding->name = g_strdup ("github");
  binding->type = BFY_BINDING_HTTP;
  binding->service = g_strdup ("github");
  binding->url = g_strdup ("https://api.github.com/");
  binding->injection = bfy_injection_new (BFY_INJECT_HEADER, "Authorization", "Bearer ");
  binding->auth_type = g_strdup ("api_key");
  binding->account = g_strdup ("work");
  binding->keyring = g_strdup ("vault");
  binding->is_sealed = TRUE;
  binding->state = BFY_STATE_NEEDS_LOGIN;
  binding->limits.request_bytes_max = 4096;
  binding->limits.response_timeout_ms = 60000;
  binding->created_at_s = 1795324727;
  binding->last_used_at_s = 1795324728;
  binding->needs_login_at_s = 1795324729;
  binding->expires_at_s = 1795324731;
  binding->refreshed_at_s = 1795324732;
  binding->can_refresh = TRUE;
  binding->paused_at_s = 1795324730;
  binding->resumes.wall_s = 1795324734;
  binding->confirms = TRUE;
  binding->reveals = TRUE;
  binding->constraints = parse_constraints (R"({"host":"api.github.com","uses":3})");
  binding->n_uses = 2;
  binding->ends.wall_s = 1795324733;
  return binding;
}

const char full_text[] =
    R"({"id":"6f1c2d3e-4b5a-4978-8796-a5b4c3d2e1f0","name":"github","service":"github",)"
    R"("url":"https://api.github.com/","auth_type":"api_key","account":"work","mac":null,)"
    R"("keyring":"vault","type":"http","state":"needs_login","mode":"sealed",)"
    R"("injection":{"kind":"header","name":"Authorization","prefix":"Bearer "},"command":null,)"
    R"("has_policy":false,"profile":"open","limits":{"request_bytes_max":4096,"response_bytes_max":0,"connect_timeout_ms":0,)"
    R"("response_timeout_ms":60000},"can_refresh":true,"confirms":true,"reveals":true,)"
    R"("constraints":{"host":"api.github.com","uses":3},"n_uses":2,"created_at":"2026-11-22T05:18:47Z",)"
    R"("last_used_at":"2026-11-22T05:18:48Z","needs_login_at":"2026-11-22T05:18:49Z",)"
    R"("expires_at":"2026-11-22T05:18:51Z","refreshed_at":"2026-11-22T05:18:52Z",)"
    R"("paused_at":"2026-11-22T05:18:50Z","resumes_at":"2026-11-22T05:18:54Z","ends_at":"2026-11-22T05:18:53Z"})";

TEST (Binding, HasThePublicForm)
{
  g_autoptr (BfyBinding) binding = full_binding ();

  EXPECT_EQ (to_text (binding), full_text);
}

TEST (Binding, ComesBack)
{
  g_autoptr (JsonObject) object = parse (full_text);
  Error error;
  g_autoptr (BfyBinding) binding = bfy_binding_from_json (object, error.out ());

  ASSERT_NE (binding, nullptr) << error;
  EXPECT_EQ (to_text (binding), full_text);
  EXPECT_EQ (binding->type, BFY_BINDING_HTTP);
  EXPECT_EQ (binding->state, BFY_STATE_NEEDS_LOGIN);
  EXPECT_TRUE (binding->is_sealed);
  EXPECT_EQ (binding->paused_at_s, 1795324730);
}

TEST (Binding, NeedsLittle)
{
  g_autoptr (JsonObject) object =
      parse (R"({"id":"i","name":"n","type":"mcp","service":null,"limits":null,"newer":[1]})");
  Error error;
  g_autoptr (BfyBinding) binding = bfy_binding_from_json (object, error.out ());

  ASSERT_NE (binding, nullptr) << error;
  EXPECT_EQ (binding->type, BFY_BINDING_MCP);
  EXPECT_EQ (binding->state, BFY_STATE_OK);
  EXPECT_EQ (binding->service, nullptr);
  EXPECT_EQ (binding->injection, nullptr);
  EXPECT_FALSE (binding->is_sealed);
  EXPECT_EQ (binding->created_at_s, 0);
  EXPECT_EQ (binding->limits.request_bytes_max, 0);
}

TEST (Binding, IsCopiedDeeply)
{
  g_autoptr (BfyBinding) binding = full_binding ();
  g_autoptr (BfyBinding) copy = bfy_binding_copy (binding);

  g_free (binding->name);
  binding->name = g_strdup ("other");
  EXPECT_EQ (to_text (copy), full_text);
}

TEST (Binding, LivesAsLongAsItsReferences)
{
  BfyBinding *binding = full_binding ();
  BfyBinding *second = bfy_binding_ref (binding);
  BfyBinding *copy = bfy_binding_copy (binding);

  bfy_binding_unref (binding);
  EXPECT_STREQ (second->name, "github");
  bfy_binding_unref (second);
  EXPECT_STREQ (copy->name, "github") << "a copy has a count of its own";
  bfy_binding_unref (copy);
}

struct BadCase
{
  const char *name, *text;
  BfyErrorCode code;
  const char *says;
};

class BindingRefused : public testing::TestWithParam<BadCase>
{
};

TEST_P (BindingRefused, WithTheMember)
{
  const BadCase &row = GetParam ();
  g_autoptr (JsonObject) object = parse (row.text);
  Error error;

  EXPECT_EQ (bfy_binding_from_json (object, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (row.code));
  EXPECT_THAT (error.message (), testing::HasSubstr (row.says));
}

INSTANTIATE_TEST_SUITE_P (
    Members,
    BindingRefused,
    testing::Values (
        BadCase{ "NoId", R"({"name":"n","type":"mcp"})", BFY_ERROR_BAD_REQUEST, "id" },
        BadCase{ "NoName", R"({"id":"i","type":"mcp"})", BFY_ERROR_BAD_REQUEST, "name" },
        BadCase{ "NoType", R"({"id":"i","name":"n"})", BFY_ERROR_BAD_REQUEST, "type" },
        BadCase{ "IdNumber", R"({"id":1,"name":"n","type":"mcp"})", BFY_ERROR_BAD_REQUEST, "id" },
        BadCase{ "NameBad", R"({"id":"i","name":"../n","type":"mcp"})", BFY_ERROR_INVALID_ARGUMENT,
                 "../n" },
        BadCase{ "TypeUnknown", R"({"id":"i","name":"n","type":"x"})", BFY_ERROR_INVALID_ARGUMENT,
                 "type" },
        BadCase{ "TypeArray", R"({"id":"i","name":"n","type":[]})", BFY_ERROR_BAD_REQUEST, "type" },
        BadCase{ "StateUnknown", R"({"id":"i","name":"n","type":"mcp","state":"x"})",
                 BFY_ERROR_INVALID_ARGUMENT, "state" },
        BadCase{ "ModeUnknown", R"({"id":"i","name":"n","type":"mcp","mode":"x"})",
                 BFY_ERROR_INVALID_ARGUMENT, "mode" },
        BadCase{ "TimeText", R"({"id":"i","name":"n","type":"mcp","created_at":"x"})",
                 BFY_ERROR_BAD_REQUEST, "created_at" },
        BadCase{ "TimeNumber", R"({"id":"i","name":"n","type":"mcp","paused_at":1})",
                 BFY_ERROR_BAD_REQUEST, "paused_at" },
        BadCase{ "UrlObject", R"({"id":"i","name":"n","type":"mcp","url":{}})",
                 BFY_ERROR_BAD_REQUEST, "url" },
        BadCase{ "InjectionText", R"({"id":"i","name":"n","type":"mcp","injection":"x"})",
                 BFY_ERROR_BAD_REQUEST, "injection" },
        BadCase{
            "InjectionBad",
            R"({"id":"i","name":"n","type":"mcp","injection":{"kind":"header","name":"Host"}})",
            BFY_ERROR_INVALID_ARGUMENT, "Host" },
        BadCase{ "LimitsBad",
                 R"({"id":"i","name":"n","type":"mcp","limits":{"request_bytes_max":-1}})",
                 BFY_ERROR_INVALID_ARGUMENT, "request_bytes_max" }),
    case_name<BadCase>);

TEST (BindingType, HasWireNames)
{
  for (const char *wire : { "mcp", "custom", "http", "sdk", "database", "local-network" })
    {
      BfyBindingType type;

      ASSERT_TRUE (bfy_binding_type_from_wire (wire, &type)) << wire;
      EXPECT_STREQ (bfy_binding_type_to_wire (type), wire);
    }
  BfyBindingType type;
  EXPECT_FALSE (bfy_binding_type_from_wire ("MCP", &type));
  EXPECT_FALSE (bfy_binding_type_from_wire (nullptr, &type));
}

TEST (BindingState, HasWireNames)
{
  for (const char *wire :
       { "ok", "expiring", "needs_login", "locked", "paused", "unsaved", "error" })
    {
      BfyBindingState state;

      ASSERT_TRUE (bfy_binding_state_from_wire (wire, &state)) << wire;
      EXPECT_STREQ (bfy_binding_state_to_wire (state), wire);
    }
  BfyBindingState state;
  EXPECT_FALSE (bfy_binding_state_from_wire ("", &state));
}

// behaviour 14.1.
TEST (Limits, HaveDefaults)
{
  BfyLimits none = { 0, 0, 0, 0 };
  BfyLimits limits = bfy_limits_effective (&none);

  EXPECT_EQ (limits.request_bytes_max, 1048576);
  EXPECT_EQ (limits.response_bytes_max, 10485760);
  EXPECT_EQ (limits.connect_timeout_ms, 10000);
  EXPECT_EQ (limits.response_timeout_ms, 30000);
}

TEST (Limits, KeepWhatWasAskedFor)
{
  BfyLimits some = { 1, 2, 3, 4 };
  BfyLimits limits = bfy_limits_effective (&some);

  EXPECT_EQ (limits.request_bytes_max, 1);
  EXPECT_EQ (limits.response_bytes_max, 2);
  EXPECT_EQ (limits.connect_timeout_ms, 3);
  EXPECT_EQ (limits.response_timeout_ms, 4);
}

struct LimitCase
{
  const char *name, *text;
  bool is_accepted;
};

class LimitsJson : public testing::TestWithParam<LimitCase>
{
};

TEST_P (LimitsJson, IsChecked)
{
  const LimitCase &row = GetParam ();
  g_autoptr (JsonObject) object = parse (row.text);
  BfyLimits limits = { 7, 7, 7, 7 };
  Error error;

  EXPECT_EQ (bfy_limits_from_json (object, &limits, error.out ()), row.is_accepted) << error;
  if (row.is_accepted)
    return;
  EXPECT_NE (error.get (), nullptr);
  EXPECT_EQ (limits.request_bytes_max, 7) << "an error changes nothing";
  EXPECT_EQ (limits.connect_timeout_ms, 7);
}

INSTANTIATE_TEST_SUITE_P (
    Bounds,
    LimitsJson,
    testing::Values (
        LimitCase{ "Empty", "{}", true },
        LimitCase{ "Zero", R"({"request_bytes_max":0})", true },
        LimitCase{ "Ceiling", R"({"request_bytes_max":67108864})", true },
        LimitCase{ "OverCeiling", R"({"request_bytes_max":67108865})", false },
        LimitCase{ "Negative", R"({"connect_timeout_ms":-1})", false },
        LimitCase{ "HugeTime", R"({"connect_timeout_ms":1,"response_timeout_ms":3600001})", false },
        LimitCase{ "HugeResponse", R"({"response_bytes_max":9223372036854775807})", false },
        LimitCase{ "Text", R"({"connect_timeout_ms":1,"response_bytes_max":"1"})", false },
        LimitCase{ "Fraction", R"({"response_bytes_max":1.5})", false }),
    case_name<LimitCase>);

TEST (Limits, ChangeOnlyWhatIsNamed)
{
  g_autoptr (JsonObject) object = parse (R"({"response_bytes_max":9})");
  BfyLimits limits = { 7, 7, 7, 7 };
  Error error;

  ASSERT_TRUE (bfy_limits_from_json (object, &limits, error.out ())) << error;
  EXPECT_EQ (limits.request_bytes_max, 7);
  EXPECT_EQ (limits.response_bytes_max, 9);
}

// What the time alone tells (design, Words). A token of 100 hours is old in the last 20.

struct StateCase
{
  const char *name;
  BfyBindingState state;
  gint64 issued_at_s, expires_at_s;
  gboolean can_refresh;
  gint64 now_s;
  BfyBindingState want;
};

class BindingState : public testing::TestWithParam<StateCase>
{
};

TEST_P (BindingState, IsToldByTheTime)
{
  const StateCase &row = GetParam ();
  g_autoptr (BfyBinding) binding = bfy_binding_new ();

  binding->state = row.state;
  binding->created_at_s = 1000;
  binding->issued_at_s = row.issued_at_s;
  binding->expires_at_s = row.expires_at_s;
  binding->can_refresh = row.can_refresh;
  EXPECT_STREQ (bfy_binding_state_to_wire (bfy_binding_state_at (binding, row.now_s)),
                bfy_binding_state_to_wire (row.want));
}

constexpr gint64 hour = 3600;
constexpr gint64 end = 1000 + 100 * hour;

INSTANTIATE_TEST_SUITE_P (
    Design,
    BindingState,
    testing::Values (
        StateCase{ "ForEver", BFY_STATE_OK, 1000, 0, FALSE, end, BFY_STATE_OK },
        StateCase{ "Young", BFY_STATE_OK, 1000, end, FALSE, end - 20 * hour - 1, BFY_STATE_OK },
        StateCase{ "LastFifth", BFY_STATE_OK, 1000, end, FALSE, end - 20 * hour,
                   BFY_STATE_EXPIRING },
        StateCase{ "LastSecond", BFY_STATE_OK, 1000, end, FALSE, end - 1, BFY_STATE_EXPIRING },
        StateCase{ "Over", BFY_STATE_OK, 1000, end, FALSE, end, BFY_STATE_NEEDS_LOGIN },
        StateCase{ "LongAgo", BFY_STATE_OK, 1000, end, FALSE, end + 1000, BFY_STATE_NEEDS_LOGIN },
        StateCase{ "Refreshed", BFY_STATE_OK, 1000, end, TRUE, end - 1, BFY_STATE_OK },
        StateCase{ "RefreshedLate", BFY_STATE_OK, 1000, end, TRUE, end + 1, BFY_STATE_OK },
        StateCase{ "LongLife", BFY_STATE_OK, 1000, end + 1000 * hour, FALSE,
                   end + 1000 * hour - 24 * hour - 1, BFY_STATE_OK },
        StateCase{ "LongLifeLastDay", BFY_STATE_OK, 1000, end + 1000 * hour, FALSE,
                   end + 1000 * hour - 24 * hour, BFY_STATE_EXPIRING },
        StateCase{ "IssueNotKnown", BFY_STATE_OK, 0, end, FALSE, end - 20 * hour,
                   BFY_STATE_EXPIRING },
        StateCase{ "IssuedAfterItsEnd", BFY_STATE_OK, end + 9, end, FALSE, end - 1, BFY_STATE_OK },
        StateCase{ "Paused", BFY_STATE_PAUSED, 1000, end, FALSE, end, BFY_STATE_PAUSED },
        StateCase{ "Unsaved", BFY_STATE_UNSAVED, 1000, end, FALSE, end, BFY_STATE_UNSAVED }),
    case_name<StateCase>);

} // namespace
