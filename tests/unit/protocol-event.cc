// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/event.h"
#include "protocol/json.h"
}

namespace
{

using ::operator<<; // prints a row by its name

std::string
to_text (const BfyEvent *event)
{
  g_autoptr (JsonObject) object = bfy_event_to_json (event);

  return take_text (bfy_json_object_to_text (object, nullptr));
}

BfyEvent *
from_text (const char *text, GError **error)
{
  g_autoptr (JsonObject) object = bfy_json_parse_object (text, strlen (text), error);

  return object != nullptr ? bfy_event_from_json (object, error) : nullptr;
}

const char full_text[] =
    R"({"time":"2026-11-22T05:18:47.250Z","type":"proxy_request","category":"success",)"
    R"("binding":"github","binding_id":"b1","client":"My laptop","client_id":"c1",)"
    R"("method":"tools/call","tool":"create_issue","host":"mcp.example.com","path":"/mcp",)"
    R"("peer":"uid 1000 pid 7","detail":"mcp","outcome":"blocked",)"
    R"("status":200,"sequence":7,"bytes_up":10,"bytes_down":20,"duration_ms":30})";

TEST (Event, HasAllMembers)
{
  g_autoptr (BfyEvent) event = bfy_event_new ("proxy_request", 1795324727250);

  event->sequence = 7;
  event->category = g_strdup ("success");
  event->binding = g_strdup ("github");
  event->binding_id = g_strdup ("b1");
  event->client = g_strdup ("My laptop");
  event->client_id = g_strdup ("c1");
  event->method = g_strdup ("tools/call");
  event->tool = g_strdup ("create_issue");
  event->host = g_strdup ("mcp.example.com");
  event->path = g_strdup ("/mcp");
  event->peer = g_strdup ("uid 1000 pid 7");
  event->detail = g_strdup ("mcp");
  event->outcome = BFY_OUTCOME_BLOCKED;
  event->status = 200;
  event->bytes_up = 10;
  event->bytes_down = 20;
  event->duration_ms = 30;
  EXPECT_EQ (to_text (event), full_text);
}

TEST (Event, LeavesOutWhatIsAbsent)
{
  g_autoptr (BfyEvent) event = bfy_event_new ("key_issued", 1795324727000);

  EXPECT_EQ (to_text (event), R"({"time":"2026-11-22T05:18:47.000Z","type":"key_issued",)"
                              R"("outcome":"success"})");
}

TEST (Event, ComesBack)
{
  for (const char *text : { full_text, R"({"type":"removed","outcome":"pending"})" })
    {
      Error error;
      g_autoptr (BfyEvent) event = from_text (text, error.out ());

      ASSERT_NE (event, nullptr) << error;
      EXPECT_EQ (to_text (event), text);
    }
}

struct BadCase
{
  const char *name, *text;
};

class EventRefused : public testing::TestWithParam<BadCase>
{
};

TEST_P (EventRefused, WithAnError)
{
  Error error;

  EXPECT_EQ (from_text (GetParam ().text, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_BAD_REQUEST));
}

INSTANTIATE_TEST_SUITE_P (
    Members,
    EventRefused,
    testing::Values (
        BadCase{ "NoType", R"({"outcome":"success"})" },
        BadCase{ "TypeNumber", R"({"type":1,"outcome":"success"})" },
        BadCase{ "NoOutcome", R"({"type":"x"})" },
        BadCase{ "OutcomeUnknown", R"({"type":"x","outcome":"fine"})" },
        BadCase{ "OutcomeNumber", R"({"type":"x","outcome":0})" },
        BadCase{ "TimeText", R"({"type":"x","outcome":"success","time":"now"})" },
        BadCase{ "TimeNumber", R"({"type":"x","outcome":"success","time":5})" },
        BadCase{ "StatusText", R"({"type":"x","outcome":"success","status":"200"})" },
        BadCase{ "StatusNegative", R"({"type":"x","outcome":"success","status":-1})" },
        BadCase{ "StatusHuge", R"({"type":"x","outcome":"success","status":4294967296})" },
        BadCase{ "CountNegative", R"({"type":"x","outcome":"success","bytes_up":-1})" },
        BadCase{ "CountFraction", R"({"type":"x","outcome":"success","bytes_up":1.5})" },
        BadCase{ "ToolArray", R"({"type":"x","outcome":"success","tool":[]})" }),
    case_name<BadCase>);

TEST (Outcome, HasWireNames)
{
  for (const char *wire : { "success", "failure", "blocked", "pending" })
    {
      BfyOutcome outcome;

      ASSERT_TRUE (bfy_outcome_from_wire (wire, &outcome)) << wire;
      EXPECT_STREQ (bfy_outcome_to_wire (outcome), wire);
    }
  BfyOutcome outcome;
  EXPECT_FALSE (bfy_outcome_from_wire (nullptr, &outcome));
}

} // namespace
