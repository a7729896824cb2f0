// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What the pages of the main window say, without a window.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

#include "tests/unit/matchers.h"

extern "C"
{
#include "client/fields.h"
#include "protocol/event-type.h"
#include "protocol/json.h"
#include "tray/window/activity-text.h"
#include "tray/window/autostart.h"
#include "tray/window/clients-text.h"
#include "tray/window/grants-text.h"
#include "tray/window/keyring-text.h"
#include "tray/window/moment.h"
#include "tray/window/settings-text.h"
}

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr gint64 kNow = 1700000000; // 2023-11-14T22:13:20Z

class Object
{
public:
  explicit Object (const std::string &text)
      : object_ (bfy_json_parse_object (text.data (), text.size (), nullptr))
  {
    if (object_ == nullptr)
      throw std::runtime_error ("no JSON: " + text);
  }
  ~Object ()
  {
    json_object_unref (object_);
  }
  Object (const Object &) = delete;
  Object &operator= (const Object &) = delete;
  operator JsonObject * () const
  {
    return object_;
  }

private:
  JsonObject *object_;
};

std::string
sentence (const std::string &event)
{
  return take_text (bfy_activity_text (Object (event)));
}

} // namespace

// Activity

TEST (ActivityText, HasASentenceForEveryTypeOfEvent)
{
  const BfyEventType *type;

  for (guint i = 0; (type = bfy_event_type_nth (i)) != nullptr; i++)
    {
      static const char *const nothing[] = { "", nullptr };

      for (const char *outcome : { "success", "failure", "blocked", "pending" })
        for (const char *const *category = type->categories != nullptr ? type->categories : nothing;
             *category != nullptr; category++)
          {
            std::string text = sentence (
                std::string (R"({"type":")") + type->type + R"(","outcome":")" + outcome +
                R"(","category":")" + *category +
                R"(","client":"editor","client_id":"1","binding":"github","detail":"x"})");

            EXPECT_THAT (text, Not (HasSubstr ("{"))) << type->type;
            EXPECT_NE (text, type->type) << "there are no words for it: " << type->type;
          }
    }
}

struct SentenceCase
{
  const char *name, *event, *wanted;
};

class ActivitySentence : public testing::TestWithParam<SentenceCase>
{
};

TEST_P (ActivitySentence, SaysWhoDidWhat)
{
  EXPECT_EQ (sentence (GetParam ().event), GetParam ().wanted);
}

INSTANTIATE_TEST_SUITE_P (
    Events,
    ActivitySentence,
    testing::Values (
        SentenceCase{ "Use",
                      R"({"type":"proxy_request","outcome":"success","client":"Editor",
                          "client_id":"1","binding":"github","method":"tools/call","tool":"merge"})",
                      "Editor used github: merge." },
        SentenceCase{ "Refusal",
                      R"({"type":"proxy_request","outcome":"blocked","client":"uid 0 pid 7",
                          "peer":"uid 0 pid 7 exe python3","binding":"github","method":"tools/call"})",
                      "python3 was refused github: tools/call." },
        SentenceCase{ "Agent",
                      R"({"type":"approval_closed","category":"timeout","outcome":"failure",
                          "client":"bindify-agent","binding":"b","tool":"t"})",
                      "Nobody answered the agent, who asked for t of b." },
        SentenceCase{ "AgentFirst",
                      R"({"type":"approval_quiet","category":"begun","client":"bindify-agent"})",
                      "The agent has asked too often and is left alone for a while." },
        SentenceCase{ "Hostile", R"({"type":"key_issued","detail":"a\nb {who} %s"})",
                      "A key was made: a\\nb {who} %s" },
        SentenceCase{ "Unknown", R"({"type":"from_the_future"})", "from_the_future" },
        SentenceCase{ "Nothing", "{}", "" }),
    case_name<SentenceCase>);

TEST (ActivityText, AlarmsAreTold)
{
  EXPECT_TRUE (bfy_activity_is_alarm (Object (R"({"type":"security_violation"})")));
  EXPECT_TRUE (bfy_activity_is_alarm (Object (R"({"type":"unlock_refused"})")));
  EXPECT_FALSE (bfy_activity_is_alarm (Object (R"({"type":"proxy_request"})")));
}

struct FilterCase
{
  const char *name;
  BfyActivityKind kind;
  const char *binding, *who, *text;
  bool is_accepted;
};

class ActivityFilter : public testing::TestWithParam<FilterCase>
{
};

TEST_P (ActivityFilter, AcceptsWhatIsWanted)
{
  const FilterCase &row = GetParam ();
  Object event (R"({"type":"proxy_request","outcome":"blocked","client":"Editor","client_id":"1",
                    "binding":"github","tool":"merge","host":"api.example.com"})");
  BfyActivityFilter filter = { row.kind, g_strdup (row.binding), g_strdup (row.who),
                               g_strdup (row.text) };

  EXPECT_EQ (bfy_activity_filter_accepts (&filter, event), row.is_accepted);
  bfy_activity_filter_clear (&filter);
}

INSTANTIATE_TEST_SUITE_P (
    Filters,
    ActivityFilter,
    testing::Values (
        FilterCase{ "All", BFY_ACTIVITY_ALL, nullptr, nullptr, nullptr, true },
        FilterCase{ "Uses", BFY_ACTIVITY_USES, nullptr, nullptr, nullptr, true },
        FilterCase{ "Refused", BFY_ACTIVITY_REFUSED, nullptr, nullptr, nullptr, true },
        FilterCase{ "Failed", BFY_ACTIVITY_FAILED, nullptr, nullptr, nullptr, false },
        FilterCase{ "Changes", BFY_ACTIVITY_CHANGES, nullptr, nullptr, nullptr, false },
        FilterCase{ "Alarms", BFY_ACTIVITY_ALARMS, nullptr, nullptr, nullptr, false },
        FilterCase{ "Binding", BFY_ACTIVITY_ALL, "github", nullptr, nullptr, true },
        FilterCase{ "OtherBinding", BFY_ACTIVITY_ALL, "git", nullptr, nullptr, false },
        FilterCase{ "Who", BFY_ACTIVITY_ALL, nullptr, "Editor", nullptr, true },
        FilterCase{ "SomebodyElse", BFY_ACTIVITY_ALL, nullptr, "editor", nullptr, false },
        FilterCase{ "InTheSentence", BFY_ACTIVITY_ALL, nullptr, nullptr, "was refused", true },
        FilterCase{ "InAFact", BFY_ACTIVITY_ALL, nullptr, nullptr, "api.example", true },
        FilterCase{ "Nowhere", BFY_ACTIVITY_ALL, nullptr, nullptr, "delete", false },
        FilterCase{ "AllOfThem", BFY_ACTIVITY_USES, "github", "Editor", "merge", true }),
    case_name<FilterCase>);

// Grants

TEST (GrantsText, SaysWhoMayDoWhatUntilWhen)
{
  Object grant (R"({"client":"claude","pid":47,"binding":"github","method":"tools/call",
                    "tool":"merge","effect":"allow","scope":"10min","arguments":true,"uses":3,
                    "last_used_at":"2023-11-14T22:08:20Z","expires_at":"2023-11-14T22:20:00Z"})");

  EXPECT_EQ (take_text (bfy_grants_text_title (grant)),
             "claude (process 47) may use merge of github");
  EXPECT_EQ (take_text (bfy_grants_text_details (grant, kNow)),
             "With these arguments only. Ends in 7 minutes. Used 3 times, last 5 minutes ago.");
  EXPECT_TRUE (bfy_grants_text_is_live (grant, kNow));
  EXPECT_FALSE (bfy_grants_text_is_live (grant, kNow + 400));
}

TEST (GrantsText, ANoAndWhatDoesNotEndByTime)
{
  Object no (R"({"client":"x","binding":"b","method":"m","effect":"deny","scope":null,
                 "expires_at":"2023-11-14T23:13:20Z"})");
  Object always (R"({"client":"x","binding":"b","method":"m","effect":"allow","scope":"always",
                     "expires_at":null,"uses":0})");

  EXPECT_EQ (take_text (bfy_grants_text_title (no)), "x may not use m of b");
  EXPECT_EQ (take_text (bfy_grants_text_details (no, kNow)), "Ends in 60 minutes.");
  EXPECT_EQ (take_text (bfy_grants_text_details (always, kNow)),
             "Until you revoke it. Not used yet.");
}

// One timer, to the next text that is another one: not one each second.
TEST (GrantsText, KnowsWhenItsTextsChange)
{
  Object reply (R"({"grants":[{"expires_at":"2023-11-14T22:20:00Z"},{"expires_at":null},
                              {"expires_at":"2023-11-14T22:13:00Z"},7]})");
  JsonArray *grants = bfy_field_array (reply, "grants");

  EXPECT_EQ (bfy_grants_text_next_change_s (grants, kNow), 40) << "from 400 s to 360 s";
  EXPECT_EQ (bfy_grants_text_next_change_s (grants, kNow + 340), 60) << "to its end";
  EXPECT_EQ (bfy_grants_text_next_change_s (grants, kNow + 400), 0);
  EXPECT_EQ (bfy_grants_text_next_change_s (nullptr, kNow), 0);
}

// Every text holds from one change to the next.
TEST (Moment, WaitsChangeWhenItSays)
{
  for (gint64 left_s : { 1, 30, 60, 61, 119, 120, 121, 3599, 3600, 3601, 7200, 172800, 172801 })
    {
      gint64 change_s = bfy_moment_next_change_s (kNow + left_s, kNow);
      std::string text = take_text (bfy_moment_format_wait (left_s));

      ASSERT_GE (change_s, 1);
      if (change_s > 1)
        {
          EXPECT_EQ (take_text (bfy_moment_format_wait (left_s - change_s + 1)), text) << left_s;
        }
      if (change_s < left_s)
        {
          EXPECT_NE (take_text (bfy_moment_format_wait (left_s - change_s)), text) << left_s;
        }
    }
}

TEST (Moment, AgesAreWords)
{
  EXPECT_EQ (take_text (bfy_moment_format_age (0, kNow, 7)), "never");
  EXPECT_EQ (take_text (bfy_moment_format_age (kNow + 5, kNow, 7)), "just now");
  EXPECT_EQ (take_text (bfy_moment_format_age (kNow - 60, kNow, 7)), "1 minute ago");
  EXPECT_EQ (take_text (bfy_moment_format_age (kNow - 7200, kNow, 7)), "2 hours ago");
}

// Clients

TEST (ClientsText, SaysWhatAKeyMayDo)
{
  EXPECT_EQ (take_text (bfy_clients_text_key (
                 Object (R"({"bindings":null,"last_used_at":null,"has_decoy":true})"), kNow)),
             "May use all bindings. Not used yet. It has a decoy, which rings a bell when somebody "
             "tries it.");
  EXPECT_EQ (take_text (bfy_clients_text_key (
                 Object (R"({"bindings":["a","b"],"last_used_at":"2023-11-14T22:08:20Z"})"), kNow)),
             "May use a, b. Last used 5 minutes ago.");
  EXPECT_EQ (take_text (bfy_clients_text_key (Object (R"({"bindings":[]})"), kNow)),
             "May use no binding any more. Not used yet.");
}

TEST (LocalPrograms, AreFoundInEventsAndGrants)
{
  g_autoptr (BfyLocalPrograms) programs = bfy_local_programs_new ();
  auto add = [&] (const char *event) {
    return bfy_local_programs_add_event (programs, Object (event));
  };

  EXPECT_TRUE (add (R"({"type":"proxy_request","peer":"uid 0 pid 1 exe old",
                        "time":"2023-11-14T20:00:00.000Z"})"));
  EXPECT_TRUE (add (R"({"type":"proxy_request","peer":"uid 0 pid 2 exe new",
                        "time":"2023-11-14T21:00:00.000Z"})"));
  EXPECT_FALSE (add (R"({"type":"proxy_request","peer":"uid 0 pid 3 exe x","client_id":"1"})"))
      << "it has a key";
  EXPECT_FALSE (add (R"({"type":"frozen","peer":"uid 0 pid 4 exe bindify"})")) << "no use";
  EXPECT_FALSE (add (R"({"type":"proxy_request","peer":"uid 0 pid 5"})"));
  EXPECT_TRUE (bfy_local_programs_add_grant (programs, Object (R"({"program":"/usr/bin/old"})")));
  EXPECT_FALSE (bfy_local_programs_add_grant (programs, Object (R"({"client_id":"1"})")));

  g_autoptr (JsonArray) list = bfy_local_programs_list (programs);
  ASSERT_EQ (json_array_get_length (list), 2u);
  EXPECT_STREQ (bfy_field_text (json_array_get_object_element (list, 0), "name"), "new");
  EXPECT_STREQ (bfy_field_text (json_array_get_object_element (list, 1), "program"),
                "/usr/bin/old");
}

TEST (ClientsText, SnippetsAreWhatClientsRead)
{
  Object http (
      take_text (bfy_clients_text_snippet ("git\"hub", "http://127.0.0.1:1/mcp/x", "KEY")));
  Object stdio (take_text (bfy_clients_text_snippet ("github", "", nullptr)));
  JsonObject *server = bfy_field_object (bfy_field_object (http, "mcpServers"), "git\"hub");

  ASSERT_NE (server, nullptr);
  EXPECT_STREQ (bfy_field_text (bfy_field_object (server, "headers"), "Authorization"),
                "Bearer KEY");
  server = bfy_field_object (bfy_field_object (stdio, "mcpServers"), "github");
  ASSERT_NE (server, nullptr);
  EXPECT_STREQ (bfy_field_text (server, "command"), "bindify-mcp");
  EXPECT_EQ (take_text (bfy_field_join (server, "args", " ")), "github");
}

// Keyrings

TEST (KeyringText, StatesAreWords)
{
  EXPECT_STREQ (bfy_keyring_text_name ("vault"), "Vault");
  EXPECT_STREQ (bfy_keyring_text_name ("new one"), "new one");
  EXPECT_THAT (
      take_text (bfy_keyring_text_details (
          Object (R"({"name":"vault","state":"locked","n_bindings":2,"is_default":true})"))),
      AllOf (HasSubstr ("Locked:"), HasSubstr ("2 credentials"), HasSubstr ("New ones go there.")));
  EXPECT_THAT (take_text (bfy_keyring_text_details (Object (R"({"state":"odd"})"))), "odd");
}

// Settings

TEST (SettingsText, TriggersGoThereAndBack)
{
  static const char *const names[] = { "screen", "suspend", "session" };

  EXPECT_EQ (bfy_settings_text_triggers ("screen, session", names, 3), 5u);
  EXPECT_EQ (bfy_settings_text_triggers ("none", names, 3), 0u);
  EXPECT_EQ (take_text (bfy_settings_text_join_triggers (5, names, 3)), "screen,session");
  EXPECT_EQ (take_text (bfy_settings_text_join_triggers (0, names, 3)), "none");
}

TEST (SettingsText, WaitsAreTheNearest)
{
  EXPECT_EQ (bfy_settings_text_find_wait ("35000"), 1u);
  EXPECT_EQ (bfy_settings_text_find_wait ("59000"), 2u);
  EXPECT_EQ (bfy_settings_text_find_wait ("999999999"), 4u);
  EXPECT_EQ (bfy_settings_text_find_wait ("x"), 0u);
  EXPECT_EQ (take_text (bfy_settings_text_format_wait (1)), "35000");
  EXPECT_EQ (bfy_settings_text_format_wait (99), nullptr);
}

TEST (Autostart, EntriesAreHiddenAndShown)
{
  EXPECT_EQ (bfy_autostart_edit (nullptr, TRUE), nullptr);
  std::string off = take_text (bfy_autostart_edit (nullptr, FALSE));
  EXPECT_THAT (off, AllOf (HasSubstr ("[Desktop Entry]"), HasSubstr ("Hidden=true")));
  EXPECT_EQ (bfy_autostart_edit (off.c_str (), TRUE), nullptr) << "ours would hide the system’s";

  const char own[] =
      "# mine\n[Desktop Entry]\nType=Application\nName[de]=x\nExec=bindify-tray -x\n";
  std::string hidden = take_text (bfy_autostart_edit (own, FALSE));
  EXPECT_THAT (hidden, AllOf (HasSubstr ("# mine"), HasSubstr ("Exec=bindify-tray -x"),
                              HasSubstr ("Name[de]=x"), HasSubstr ("Hidden=true")));
  std::string shown = take_text (bfy_autostart_edit (hidden.c_str (), TRUE));
  EXPECT_THAT (shown, AllOf (HasSubstr ("Exec=bindify-tray -x"), Not (HasSubstr ("Hidden"))));
}
