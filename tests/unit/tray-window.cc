// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/error.h"
#include "protocol/json.h"
#include "tray/window/add-draft.h"
#include "tray/window/binding-words.h"
#include "tray/window/moment.h"
#include "tray/window/trouble.h"
#include "tray/window/usage.h"
}

using testing::HasSubstr;

// What the main window says and asks for, without a window.

namespace
{

constexpr gint64 kNow = 1800000000; // 2027-01-15T08:00:00Z

struct Json
{
  explicit Json (const std::string &text)
      : object (bfy_json_parse_object (text.c_str (), text.size (), nullptr))
  {
  }
  ~Json ()
  {
    json_object_unref (object);
  }

  JsonObject *object;
};

std::string
take (char *text)
{
  std::string copy = text;

  g_free (text);
  return copy;
}

} // namespace

// When something was.

struct AgoCase
{
  const char *name;
  gint64 age_s;
  const char *want;
};

class AgoTest : public testing::TestWithParam<AgoCase>
{
};

TEST_P (AgoTest, IsSaidInWords)
{
  EXPECT_EQ (take (bfy_moment_format_age (kNow - GetParam ().age_s, kNow, 30)), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (Ages,
                          AgoTest,
                          testing::Values (AgoCase{ "Now", 0, "just now" },
                                           AgoCase{ "Future", -500, "just now" },
                                           AgoCase{ "AlmostAMinute", 59, "just now" },
                                           AgoCase{ "AMinute", 60, "1 minute ago" },
                                           AgoCase{ "Minutes", 3599, "59 minutes ago" },
                                           AgoCase{ "AnHour", 3600, "1 hour ago" },
                                           AgoCase{ "Hours", 86399, "23 hours ago" },
                                           AgoCase{ "ADay", 86400, "1 day ago" },
                                           AgoCase{ "Days", 29 * 86400, "29 days ago" }),
                          case_name<AgoCase>);

TEST (When, WhatNeverWasIsSaidSo)
{
  EXPECT_EQ (take (bfy_moment_format_age (0, kNow, 30)), "never");
}

TEST (When, SpansAreRoundedToWhatMatters)
{
  EXPECT_EQ (take (bfy_moment_format_span (-5)), "1 minute");
  EXPECT_EQ (take (bfy_moment_format_span (29)), "1 minute");
  EXPECT_EQ (take (bfy_moment_format_span (5 * 60 + 29)), "5 minutes");
  EXPECT_EQ (take (bfy_moment_format_span (2 * 3600)), "2 hours");
  EXPECT_EQ (take (bfy_moment_format_span (3 * 86400)), "3 days");
}

// How a binding is.

struct StateCase
{
  const char *name;
  const char *binding;
  BfyTone tone;
  const char *words;
  bool wants_login;
};

class StateTest : public testing::TestWithParam<StateCase>
{
};

TEST_P (StateTest, HasWordsAndATone)
{
  Json binding (GetParam ().binding);

  EXPECT_EQ (take (bfy_binding_words_state (binding.object, kNow)), GetParam ().words);
  EXPECT_EQ (bfy_binding_words_tone (binding.object, kNow), GetParam ().tone);
  EXPECT_EQ (bfy_binding_words_wants_login (binding.object, kNow), GetParam ().wants_login);
}

INSTANTIATE_TEST_SUITE_P (
    States,
    StateTest,
    testing::Values (
        StateCase{ "Ok", R"({"state":"ok","auth_type":"api_key"})", BFY_TONE_GOOD, "Ready", false },
        StateCase{ "EndsLater",
                   R"({"state":"ok","auth_type":"oauth","expires_at":"2027-01-25T08:00:00Z"})",
                   BFY_TONE_GOOD, "Its token ends in 10 days", false },
        StateCase{
            "EndsSoon",
            R"({"state":"expiring","auth_type":"oauth","expires_at":"2027-01-15T10:00:00Z"})",
            BFY_TONE_WARNING, "Its token ends in 2 hours", true },
        StateCase{ "Ended",
                   R"({"state":"ok","auth_type":"oauth","expires_at":"2027-01-15T07:00:00Z"})",
                   BFY_TONE_ERROR, "Its token has ended: sign in again", true },
        StateCase{
            "Renewed",
            R"({"state":"ok","auth_type":"oauth","expires_at":"2027-01-15T07:00:00Z","can_refresh":true})",
            BFY_TONE_GOOD, "Ready", false },
        StateCase{ "Refused", R"({"state":"needs_login","auth_type":"api_key"})", BFY_TONE_ERROR,
                   "The service refuses its credential: sign in again", true },
        StateCase{ "Locked", R"({"state":"locked","auth_type":"api_key"})", BFY_TONE_WARNING,
                   "Its keyring is locked", false },
        StateCase{ "Paused", R"({"state":"paused","auth_type":"api_key"})", BFY_TONE_QUIET,
                   "Paused", false },
        StateCase{
            "PausedForATime",
            R"({"state":"paused","auth_type":"api_key","resumes_at":"2027-01-15T08:30:00Z"})",
            BFY_TONE_QUIET, "Paused for another 30 minutes", false },
        StateCase{ "OfANewerAgent", R"({"state":"on_holiday","auth_type":"api_key"})",
                   BFY_TONE_ERROR, "Something is wrong with it: the page “Activity” tells what",
                   false },
        StateCase{ "NoCredential", R"({"state":"needs_login","auth_type":"none"})", BFY_TONE_ERROR,
                   "The service refuses its credential: sign in again", false }),
    case_name<StateCase>);

TEST (BindingWords, HostileTextIsHarmless)
{
  Json binding ("{\"account\":\"a\\u202eb\\n<b>c</b>\",\"url\":\"https://x.example/mcp\"}");
  std::string what = take (bfy_binding_words_what (binding.object, nullptr));

  EXPECT_EQ (what.find ('\n'), std::string::npos);
  EXPECT_EQ (what.find ("\u202e"), std::string::npos);
  EXPECT_THAT (what, HasSubstr ("<b>c</b>"));
}

TEST (BindingWords, ConditionsAreSentences)
{
  Json binding (R"({"confirms":true,"n_uses":3,"ends_at":"2027-01-15T11:00:00Z",
    "constraints":{"host":"api.example.com","tools":["list_*","get_*"],"clients":["c1","local"],"uses":10},
    "constraint_clients":[{"id":"c1","label":"Claude"}]})");
  g_auto (GStrv) lines = bfy_binding_words_conditions (binding.object, kNow);
  g_autofree char *text = g_strjoinv ("|", lines);

  EXPECT_STREQ (text, "You are asked before each use.|It is removed by itself in 3 hours.|"
                      "Its credential goes to api.example.com only.|"
                      "Only these tools: list_*, get_*.|"
                      "Only for: Claude, programs without a key.|It can be used 7 more times.");
}

TEST (BindingWords, NoClientLeftIsNobody)
{
  Json binding (R"({"constraints":{"clients":["gone"]},"constraint_clients":[]})");
  g_auto (GStrv) lines = bfy_binding_words_conditions (binding.object, kNow);

  EXPECT_STREQ (lines[0], "Only for clients that have been removed, thus for nobody.");
}

// What went wrong.

struct TroubleCase
{
  const char *name;
  BfyErrorCode code;
  const char *message;
  const char *want;
};

class TroubleTest : public testing::TestWithParam<TroubleCase>
{
};

TEST_P (TroubleTest, IsSaidInTheWordsOfTheWindow)
{
  g_autoptr (GError) error =
      g_error_new_literal (BFY_ERROR, (int) GetParam ().code, GetParam ().message);

  EXPECT_EQ (take (bfy_trouble_describe (error)), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Troubles,
    TroubleTest,
    testing::Values (
        TroubleCase{ "Plain", BFY_ERROR_FAILED, "It fell over", "It fell over" },
        TroubleCase{ "WithAdvice", BFY_ERROR_LOCKED, "The keyring is locked",
                     "The keyring is locked. Unlock it on the page “Keyring”, then try again." },
        TroubleCase{ "OptionAtTheEnd", BFY_ERROR_EXISTS,
                     "There is already a binding called “x”; choose another name with --name",
                     "There is already a binding called “x”. Choose another name." },
        TroubleCase{
            "OptionInTheMiddle", BFY_ERROR_UPSTREAM_FAILED,
            "The service answered HTTP 500 to the check; if the URL is right, --no-check stores "
            "without asking. Nothing was stored",
            "The service answered HTTP 500 to the check. Nothing was stored. Check the address and "
            "the network, then try again." },
        TroubleCase{ "OwnSentence", BFY_ERROR_UPSTREAM_FAILED,
                     "The sign-in worked; nothing was stored. If the service wants more rights, "
                     "name them with --scope",
                     "The sign-in worked; nothing was stored. Check the address and the network, "
                     "then try again." },
        TroubleCase{ "OnlyAnOption", BFY_ERROR_FAILED, "Use --force", "Use --force" },
        TroubleCase{
            "OwnApplication", BFY_ERROR_UNSUPPORTED,
            "This service registers no applications by itself. Give its id with --client-id",
            "This service wants an application of your own. Register one there, for the "
            "redirect address http://127.0.0.1/callback, and type its ID below." }),
    case_name<TroubleCase>);

TEST (Trouble, LinesAndMarksOfOthersAreHarmless)
{
  g_autoptr (GError) error =
      g_error_new_literal (BFY_ERROR, BFY_ERROR_FAILED, "one\ntwo \u202e three");
  std::string text = take (bfy_trouble_describe (error));

  EXPECT_EQ (text.find ('\n'), std::string::npos);
  EXPECT_EQ (text.find ("\u202e"), std::string::npos);
}

// What is asked of the agent.

static std::string
body_of (const BfyAddDraft *draft)
{
  g_autoptr (GBytes) body = bfy_add_draft_body (draft);
  gsize length = 0;
  const char *text = static_cast<const char *> (g_bytes_get_data (body, &length));

  return std::string (text, length);
}

struct ServiceCase
{
  const char *name;
  const char *service;
  BfyDraftWay way;
  guint n_ways;
};

class ServiceTest : public testing::TestWithParam<ServiceCase>
{
};

TEST_P (ServiceTest, IsBegunTheWayANewUserWouldExpect)
{
  Json service (GetParam ().service);
  g_autoptr (BfyAddDraft) draft = bfy_add_draft_new_service (service.object);
  guint n_ways = 0;

  for (int way = 0; way < BFY_N_WAYS; way++)
    n_ways += bfy_add_draft_can (draft, static_cast<BfyDraftWay> (way)) ? 1 : 0;
  EXPECT_EQ (draft->way, GetParam ().way);
  EXPECT_EQ (n_ways, GetParam ().n_ways);
}

INSTANTIATE_TEST_SUITE_P (
    Services,
    ServiceTest,
    testing::Values (
        ServiceCase{ "Key", R"({"supports_api_key":true})", BFY_WAY_KEY, 1 },
        ServiceCase{ "Pair", R"({"supports_api_key":true,"username_field":"email"})", BFY_WAY_PAIR,
                     1 },
        ServiceCase{ "Browser", R"({"supports_oauth":true,"oauth_client":"dcr"})", BFY_WAY_BROWSER,
                     2 },
        ServiceCase{ "Both",
                     R"({"supports_api_key":true,"supports_oauth":true,"oauth_client":"dcr"})",
                     BFY_WAY_BROWSER, 3 },
        ServiceCase{ "BothWithOwnApp",
                     R"({"supports_api_key":true,"supports_oauth":true,"oauth_client":"own"})",
                     BFY_WAY_KEY, 3 },
        ServiceCase{ "Neither", R"({})", BFY_WAY_NOTHING, 1 }),
    case_name<ServiceCase>);

TEST (AddDraft, ATokenIsPartOfTheBodyAndOfNothingElse)
{
  Json service (R"({"id":"github","supports_api_key":true})");
  g_autoptr (BfyAddDraft) draft = bfy_add_draft_new_service (service.object);

  draft->name = g_strdup ("github");
  draft->profile = g_strdup ("read-only");
  draft->confirms = TRUE;
  draft->lifetime_s = 3600;
  draft->secret = bfy_secret_new ("t0ken", 5);
  EXPECT_EQ (
      body_of (draft),
      R"({"check":true,"name":"github","allow_local":false,"service":"github","profile":"read-only","confirms":true,"lifetime_s":3600,"credential":{"type":"api_key","api_key":"t0ken"}})");
  EXPECT_EQ (take (bfy_add_draft_path (draft)), "/v1/bindings");
  bfy_add_draft_forget (draft);
  EXPECT_EQ (draft->secret, nullptr);
}

TEST (AddDraft, ASignInHasNoCredential)
{
  g_autoptr (BfyAddDraft) draft =
      bfy_add_draft_new_address ("https://x.example/mcp", "oauth", FALSE);

  draft->name = g_strdup ("x");
  EXPECT_EQ (draft->way, BFY_WAY_BROWSER);
  EXPECT_THAT (body_of (draft), HasSubstr (R"("oauth":{"flow":"browser"}})"));
  draft->way = BFY_WAY_CODE;
  draft->client_id = g_strdup ("app");
  EXPECT_THAT (body_of (draft), HasSubstr (R"("oauth":{"flow":"device","client_id":"app"}})"));
}

TEST (AddDraft, AUserNameSaysHowItGoesUp)
{
  g_autoptr (BfyAddDraft) draft =
      bfy_add_draft_new_address ("https://x.example/mcp", "basic", FALSE);
  g_autoptr (GError) error = nullptr;

  draft->name = g_strdup ("x");
  draft->secret = bfy_secret_new ("pass", 4);
  EXPECT_FALSE (bfy_add_draft_check (draft, &error));
  draft->username = g_strdup ("me");
  EXPECT_TRUE (bfy_add_draft_check (draft, nullptr));
  EXPECT_THAT (body_of (draft), HasSubstr (R"("injection":{"kind":"basic"})"));
  EXPECT_THAT (
      body_of (draft),
      HasSubstr (R"("credential":{"type":"basic_auth","username":"me","password":"pass"})"));
}

TEST (AddDraft, ALoginKeepsEverythingElse)
{
  Json binding (R"({"name":"a b","auth_type":"api_key","url":"http://127.0.0.1:1/mcp"})");
  g_autoptr (BfyAddDraft) draft = bfy_add_draft_new_login (binding.object, nullptr);

  draft->secret = bfy_secret_new ("new", 3);
  draft->confirms = TRUE;
  EXPECT_EQ (body_of (draft), R"({"check":true,"credential":{"type":"api_key","api_key":"new"}})");
  EXPECT_EQ (take (bfy_add_draft_path (draft)), "/v1/bindings/a%20b/login");
  EXPECT_TRUE (draft->allow_local) << "its sign-in page may be where it is itself";
}

TEST (AddDraft, NothingThatCannotBeATokenIsSent)
{
  Json service (R"({"id":"x","supports_api_key":true})");
  g_autoptr (BfyAddDraft) draft = bfy_add_draft_new_service (service.object);

  EXPECT_FALSE (bfy_add_draft_check (draft, nullptr)) << "there is none";
  draft->secret = bfy_secret_new ("two\nlines", 9);
  EXPECT_FALSE (bfy_add_draft_check (draft, nullptr));
}

// How much something was used.

TEST (UsageDay, PutsEachHourInItsPlace)
{
  Json reply (R"({"usage":[
    {"binding":"a","time":"2027-01-15T08:00:00Z","calls":5},
    {"binding":"a","time":"2027-01-15T07:00:00Z","calls":2},
    {"binding":"a","time":"2027-01-14T09:00:00Z","calls":1},
    {"binding":"a","time":"2027-01-14T08:00:00Z","calls":100},
    {"binding":"a","time":"2027-01-16T08:00:00Z","calls":100},
    {"binding":"b","time":"nonsense","calls":100}]})");
  g_autoptr (BfyUsageDay) day = bfy_usage_day_new (reply.object, kNow);
  const gint64 *hours = bfy_usage_day_get_hours (day, "a");

  EXPECT_EQ (hours[BFY_SPARKLINE_BARS - 1], 5);
  EXPECT_EQ (hours[BFY_SPARKLINE_BARS - 2], 2);
  EXPECT_EQ (hours[0], 1);
  EXPECT_EQ (take (bfy_usage_day_describe (day, "a")), "8 calls in the last 24 hours");
  EXPECT_EQ (take (bfy_usage_day_describe (day, "b")), "0 calls in the last 24 hours");
}
