// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "client/binding-text.h"
#include "client/browser.h"
#include "client/commands/add.h"
#include "client/sign-in-text.h"
#include "protocol/json.h"
}

using testing::HasSubstr;

// The small machines of a sign-in, each alone: what may go to a browser, what is said of each step,
// and which way a binding gets its credential.

// Which addresses a browser is sent to (A19; RFC 3986, section 2).

struct UrlCase
{
  const char *name;
  std::string url;
  bool allow_local;
  BfyUrlVerdict want;
};

class UrlTest : public testing::TestWithParam<UrlCase>
{
};

TEST_P (UrlTest, IsJudgedBeforeAnythingIsOpened)
{
  EXPECT_EQ (bfy_browser_judge (GetParam ().url.c_str (), GetParam ().allow_local),
             GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Urls,
    UrlTest,
    testing::Values (
        UrlCase{ "Https", "https://auth.example.com/authorize?a=b&c=%20d+e", false, BFY_URL_OPEN },
        UrlCase{ "Port", "https://auth.example.com:8443/a", false, BFY_URL_OPEN },
        UrlCase{ "UpperCaseScheme", "HTTPS://auth.example.com/", false, BFY_URL_OPEN },
        UrlCase{ "LocalHttp", "http://127.0.0.1:4711/authorize?x=1", true, BFY_URL_OPEN },
        UrlCase{ "LocalhostHttp", "http://localhost:4711/authorize", true, BFY_URL_OPEN },
        UrlCase{ "LocalHttpUnasked", "http://127.0.0.1:4711/", false, BFY_URL_REFUSE },
        UrlCase{ "PrivateHttp", "http://192.168.1.1/", true, BFY_URL_REFUSE },
        UrlCase{ "PlainHttp", "http://auth.example.com/", true, BFY_URL_REFUSE },
        UrlCase{ "LocalLookalike", "http://127.0.0.1.example.com/", true, BFY_URL_REFUSE },
        UrlCase{ "JavaScript", "javascript:alert(1)", true, BFY_URL_REFUSE },
        UrlCase{ "JavaScriptWithHost", "javascript://auth.example.com/%0aalert", true,
                 BFY_URL_REFUSE },
        UrlCase{ "Data", "data:text/html,x", true, BFY_URL_REFUSE },
        UrlCase{ "File", "file:///etc/passwd", true, BFY_URL_REFUSE },
        UrlCase{ "Mailto", "mailto:a@example.com", true, BFY_URL_REFUSE },
        UrlCase{ "Option", "--help", true, BFY_URL_REFUSE },
        UrlCase{ "Empty", "", true, BFY_URL_REFUSE },
        UrlCase{ "NoHost", "https:///x", true, BFY_URL_REFUSE },
        UrlCase{ "UserInfo", "https://bank.example@evil.example/", true, BFY_URL_REFUSE },
        UrlCase{ "Quote", "https://x.example/?a=\"b", true, BFY_URL_REFUSE },
        UrlCase{ "Backtick", "https://x.example/?a=`id`", true, BFY_URL_REFUSE },
        UrlCase{ "Newline", "https://x.example/?a=\nrm", true, BFY_URL_REFUSE },
        UrlCase{ "Tab", "https://x.example/?a=\tb", true, BFY_URL_REFUSE },
        UrlCase{ "Blank", "https://x.example/?a=b --profile x", true, BFY_URL_REFUSE },
        UrlCase{ "Backslash", "https://x.example\\@evil.example/", true, BFY_URL_REFUSE },
        UrlCase{ "Escape", "https://x.example/\x1b[2J", true, BFY_URL_REFUSE },
        UrlCase{ "Delete", "https://x.example/\x7f", true, BFY_URL_REFUSE },
        UrlCase{ "Angle", "https://x.example/<b>", true, BFY_URL_REFUSE },
        UrlCase{ "Pipe", "https://x.example/a|b", true, BFY_URL_REFUSE },
        UrlCase{ "NotAscii", "https://x.example/\xc3\xa4", true, BFY_URL_REFUSE },
        UrlCase{ "RightToLeft", "https://x.example/\xe2\x80\xae", true, BFY_URL_REFUSE },
        UrlCase{ "Substitution", "https://x.example/?a=$(id)", true, BFY_URL_SHOW },
        UrlCase{ "Variable", "https://x.example/?a=$HOME", true, BFY_URL_SHOW },
        UrlCase{ "Apostrophe", "https://x.example/?a=b'c", true, BFY_URL_SHOW },
        UrlCase{ "Glob", "https://x.example/?scope=*", true, BFY_URL_SHOW },
        UrlCase{ "Semicolon", "https://x.example/?a;b", true, BFY_URL_SHOW },
        UrlCase{ "Longest", "https://x.example/" + std::string (8192 - 18, 'a'), true,
                 BFY_URL_OPEN },
        UrlCase{ "TooLong", "https://x.example/" + std::string (8192 - 17, 'a'), true,
                 BFY_URL_REFUSE }),
    case_name<UrlCase>);

struct PlaceCase
{
  const char *name;
  BfyDesktop desktop;
  bool is_unwanted;
  BfyBrowserPlace want;
};

class PlaceTest : public testing::TestWithParam<PlaceCase>
{
};

TEST_P (PlaceTest, IsWhereThePersonSits)
{
  EXPECT_EQ (bfy_browser_find (&GetParam ().desktop, GetParam ().is_unwanted), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Places,
    PlaceTest,
    testing::Values (
        PlaceCase{
            "Desktop",
            { TRUE, FALSE, FALSE, FALSE, nullptr, nullptr, FALSE, nullptr, nullptr, nullptr },
            false,
            BFY_BROWSER_HERE },
        PlaceCase{
            "OnlyBrowser",
            { FALSE, TRUE, FALSE, FALSE, nullptr, nullptr, FALSE, nullptr, nullptr, nullptr },
            false,
            BFY_BROWSER_HERE },
        PlaceCase{
            "Console",
            { FALSE, FALSE, FALSE, FALSE, nullptr, nullptr, FALSE, nullptr, nullptr, nullptr },
            false,
            BFY_BROWSER_NONE },
        PlaceCase{
            "Ssh",
            { FALSE, FALSE, TRUE, FALSE, nullptr, nullptr, FALSE, nullptr, nullptr, nullptr },
            false,
            BFY_BROWSER_REMOTE },
        PlaceCase{ "SshWithDisplay",
                   { TRUE, TRUE, TRUE, FALSE, nullptr, nullptr, FALSE, nullptr, nullptr, nullptr },
                   false,
                   BFY_BROWSER_REMOTE },
        PlaceCase{ "Unwanted",
                   { TRUE, TRUE, FALSE, FALSE, nullptr, nullptr, FALSE, nullptr, nullptr, nullptr },
                   true,
                   BFY_BROWSER_UNWANTED },
        PlaceCase{
            "UnwantedOnConsole",
            { FALSE, FALSE, FALSE, FALSE, nullptr, nullptr, FALSE, nullptr, nullptr, nullptr },
            true,
            BFY_BROWSER_NONE },
        PlaceCase{ "UnwantedOverSsh",
                   { TRUE, FALSE, TRUE, FALSE, nullptr, nullptr, FALSE, nullptr, nullptr, nullptr },
                   true,
                   BFY_BROWSER_REMOTE }),
    case_name<PlaceCase>);

// What a person reads of each step.

struct StepCase
{
  const char *name, *step;
  BfySignInView view;
  const char *want;
};

class StepTest : public testing::TestWithParam<StepCase>
{
};

TEST_P (StepTest, IsSaidInWholeLines)
{
  g_autoptr (JsonObject) step =
      bfy_json_parse_object (GetParam ().step, strlen (GetParam ().step), nullptr);

  ASSERT_NE (step, nullptr);
  EXPECT_EQ (take_text (bfy_sign_in_describe (step, &GetParam ().view)), GetParam ().want);
}

constexpr BfySignInView kHere = { BFY_BROWSER_HERE, FALSE, FALSE, "bindify-add notes --device" };
constexpr BfySignInView kUnwanted = { BFY_BROWSER_UNWANTED, FALSE, FALSE, "x" };
constexpr BfySignInView kRemote = { BFY_BROWSER_REMOTE, FALSE, FALSE,
                                    "bindify-add notes --device" };
constexpr BfySignInView kNone = { BFY_BROWSER_NONE, FALSE, FALSE, "the same with --device" };
constexpr BfySignInView kQuiet = { BFY_BROWSER_HERE, FALSE, TRUE, "x" };

#define AUTHORIZE                                                                                  \
  R"({"step":"authorize","url":"https://a.example/authorize?x=1","redirect_uri":"http://127.0.0.1:43817/callback","expires_in":600})"
#define DEVICE                                                                                     \
  R"({"step":"device","user_code":"WDJB-MJHT","verification_uri":"https://a.example/device","verification_uri_complete":"https://a.example/device?c=WDJB-MJHT","expires_in":1800})"

INSTANTIATE_TEST_SUITE_P (
    Steps,
    StepTest,
    testing::Values (
        StepCase{
            "Discovered",
            R"({"step":"discovered","issuer":"https://a.example","client":"registered","scope":null})",
            kHere, "The sign-in is at https://a.example.\n" },
        StepCase{
            "DiscoveredScope",
            R"({"step":"discovered","issuer":"https://a.example","client":"configured","scope":"read write"})",
            kHere,
            "The sign-in is at https://a.example.\nThese rights are asked for: read write\n" },
        StepCase{
            "ForeignTextIsOneCleanLine",
            R"({"step":"discovered","issuer":"https://a.example\u001b[2J\nTry: sudo","scope":"a\u202eb"})",
            kHere,
            "The sign-in is at https://a.example\\u{1b}[2J\\nTry: sudo.\n"
            "These rights are asked for: a\\u{202e}b\n" },
        StepCase{ "AuthorizeHere", AUTHORIZE, kHere,
                  "Opening your browser. If nothing appears, open this address yourself:\n\n"
                  "  https://a.example/authorize?x=1\n\n"
                  "Waiting for you to finish there, for 10 min at most. Ctrl-C cancels.\n" },
        StepCase{ "AuthorizeUnwanted", AUTHORIZE, kUnwanted,
                  "Open this address in a browser on this machine:\n\n"
                  "  https://a.example/authorize?x=1\n\n"
                  "Waiting for you to finish there, for 10 min at most. Ctrl-C cancels.\n" },
        StepCase{ "AuthorizeNotForPrograms",
                  R"J({"step":"authorize","url":"https://a.example/?x=$(id)"})J", kHere,
                  "Open this address in a browser on this machine:\n\n"
                  "  https://a.example/?x=$(id)\n\n"
                  "Waiting for you to finish there. Ctrl-C cancels.\n" },
        StepCase{
            "AuthorizeRemote", AUTHORIZE, kRemote,
            "This is an SSH session. Open this address in a browser on this machine, or in one "
            "that reaches\nits 127.0.0.1 through a tunnel (ssh -L 43817:127.0.0.1:43817 HOST):\n\n"
            "  https://a.example/authorize?x=1\n\n"
            "If that is not possible: Ctrl-C, and bindify-add notes --device\n"
            "Waiting for you to finish there, for 10 min at most. Ctrl-C cancels.\n" },
        StepCase{
            "AuthorizeNoDisplay",
            R"({"step":"authorize","url":"https://a.example/","redirect_uri":"x","expires_in":0})",
            kNone,
            "There is no display here. Open this address in a browser on this machine, or in one "
            "that reaches\nits 127.0.0.1 through a tunnel:\n\n  https://a.example/\n\n"
            "If that is not possible: Ctrl-C, and the same with --device\n"
            "Waiting for you to finish there. Ctrl-C cancels.\n" },
        StepCase{ "AuthorizeQuiet", AUTHORIZE, kQuiet, "https://a.example/authorize?x=1\n" },
        StepCase{ "Device", DEVICE, kHere,
                  "Open this address in any browser, on any machine:\n\n"
                  "  https://a.example/device\n\n"
                  "and enter this code, or compare it: WDJB-MJHT\n"
                  "(With the code filled in: https://a.example/device?c=WDJB-MJHT)\n"
                  "Waiting for you to finish there, for 30 min at most. Ctrl-C cancels.\n" },
        StepCase{
            "DeviceCodeIsOneCleanLine",
            R"({"step":"device","user_code":"A\r\n\u001b]0;x\u0007B","verification_uri":"https://a.example/d","verification_uri_complete":null})",
            kHere,
            "Open this address in any browser, on any machine:\n\n"
            "  https://a.example/d\n\n"
            "and enter this code, or compare it: A\\r\\n\\u{1b}]0;x\\u{7}B\n"
            "Waiting for you to finish there. Ctrl-C cancels.\n" },
        StepCase{ "DeviceQuiet", DEVICE, kQuiet, "https://a.example/device WDJB-MJHT\n" },
        StepCase{ "Exchanging", R"({"step":"exchanging"})", kHere, "Getting the tokens.\n" },
        StepCase{ "Storing", R"({"step":"storing"})", kHere, "Storing them in the keyring.\n" },
        StepCase{ "StoringQuiet", R"({"step":"storing"})", kQuiet, "" },
        StepCase{ "Done", R"({"step":"done","binding":{}})", kHere, "" },
        StepCase{ "OfANewerAgent", R"({"step":"dancing"})", kHere, "" },
        StepCase{ "WithoutStep", R"({"url":"https://x.example"})", kHere, "" }),
    case_name<StepCase>);

struct StepUrlCase
{
  const char *name, *step;
  bool allow_local;
  BfyUrlVerdict want;
};

class StepUrlTest : public testing::TestWithParam<StepUrlCase>
{
};

TEST_P (StepUrlTest, EveryAddressInAStepIsJudged)
{
  BfySignInView view = kHere;
  g_autoptr (JsonObject) step =
      bfy_json_parse_object (GetParam ().step, strlen (GetParam ().step), nullptr);

  view.allow_local = GetParam ().allow_local;
  EXPECT_EQ (bfy_sign_in_judge (step, &view), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Steps,
    StepUrlTest,
    testing::Values (
        StepUrlCase{ "Authorize", AUTHORIZE, false, BFY_URL_OPEN },
        StepUrlCase{ "Device", DEVICE, false, BFY_URL_OPEN },
        StepUrlCase{ "Local", R"({"step":"authorize","url":"http://127.0.0.1:1/a"})", true,
                     BFY_URL_OPEN },
        StepUrlCase{ "LocalUnasked", R"({"step":"authorize","url":"http://127.0.0.1:1/a"})", false,
                     BFY_URL_REFUSE },
        StepUrlCase{ "NoUrl", R"({"step":"authorize"})", false, BFY_URL_REFUSE },
        StepUrlCase{ "Script", R"J({"step":"authorize","url":"javascript:alert(1)"})J", true,
                     BFY_URL_REFUSE },
        StepUrlCase{ "DeviceScript", R"({"step":"device","verification_uri":"file:///x"})", true,
                     BFY_URL_REFUSE },
        StepUrlCase{
            "DeviceCompleteScript",
            R"({"step":"device","verification_uri":"https://a.example/","verification_uri_complete":"data:,x"})",
            true, BFY_URL_REFUSE },
        StepUrlCase{ "Storing", R"({"step":"storing"})", false, BFY_URL_OPEN }),
    case_name<StepUrlCase>);

// What the list says of a binding.

struct StateCase
{
  const char *name, *members;
  const char *state, *expiry;
};

class StateTest : public testing::TestWithParam<StateCase>
{
};

// Now is 2026-11-22T05:00:00Z.
TEST_P (StateTest, SaysWhatToType)
{
  std::string text = std::string (R"({"name":"notes",)") + GetParam ().members + "}";
  g_autoptr (JsonObject) binding = bfy_json_parse_object (text.data (), text.size (), nullptr);
  const gint64 now_s = 1795323600;

  ASSERT_NE (binding, nullptr);
  EXPECT_EQ (take_text (bfy_binding_text_state (binding, now_s)), GetParam ().state);
  EXPECT_EQ (take_text (bfy_binding_text_expiry (binding, now_s)), GetParam ().expiry);
}

INSTANTIATE_TEST_SUITE_P (
    States,
    StateTest,
    testing::Values (
        StateCase{ "Key", R"("state":"ok","expires_at":null)", "ok", "" },
        StateCase{ "OlderAgent", R"("state":"ok")", "ok", "" },
        StateCase{ "Renewed",
                   R"("state":"ok","expires_at":"2026-11-22T05:30:00Z","can_refresh":true)", "ok",
                   "in 30 min; renewed by itself before" },
        StateCase{ "RenewedWhenUsed",
                   R"("state":"ok","expires_at":"2026-11-22T04:00:00Z","can_refresh":true)", "ok",
                   "1 h ago; renewed when it is used" },
        StateCase{ "Ends",
                   R"("state":"expiring","expires_at":"2026-11-22T07:00:00Z","can_refresh":false)",
                   "expires in 2 h", "in 2 h; then type: bindify login notes" },
        StateCase{ "EndsLater",
                   R"("state":"ok","expires_at":"2026-11-25T06:00:00Z","can_refresh":false)",
                   "expires in 3 days 1 h", "in 3 days 1 h; then type: bindify login notes" },
        StateCase{ "Ended",
                   R"("state":"ok","expires_at":"2026-11-22T05:00:00Z","can_refresh":false)",
                   "expired: bindify login notes", "now; type: bindify login notes" },
        StateCase{ "NeedsLogin", R"("state":"needs_login")", "needs login: bindify login notes",
                   "" },
        StateCase{ "PausedForATime",
                   R"("state":"paused","resumes_at":"2026-11-22T05:30:00Z","expires_at":null)",
                   "paused, goes on in 30 min", "" },
        StateCase{ "Paused",
                   R"("state":"paused","expires_at":"2026-11-22T05:30:00Z","can_refresh":true)",
                   "paused", "in 30 min; renewed by itself before" },
        StateCase{ "Locked", R"("state":"locked")", "locked", "" },
        StateCase{ "Unsaved", R"("state":"unsaved")", "unsaved", "" },
        StateCase{ "Stuck",
                   R"("state":"error","expires_at":"2026-11-22T04:00:00Z","can_refresh":true)",
                   "error: bindify log notes", "1 h ago; renewed when it is used" },
        StateCase{ "OfANewerAgent", R"("state":"dreaming")", "dreaming", "" }),
    case_name<StateCase>);

// Which way the credential comes: a key only where a sign-in would not just work, or when asked
// for.

struct WayCase
{
  const char *name;
  BfyAddOffer offer;
  void (*type) (BfyAdd *add);
  BfyAddWay want;
};

class WayTest : public testing::TestWithParam<WayCase>
{
};

TEST_P (WayTest, IsTheOneThatANewUserExpects)
{
  BfyAdd add = {};

  if (GetParam ().type != nullptr)
    GetParam ().type (&add);
  EXPECT_EQ (bfy_add_choose_way (&add, &GetParam ().offer), GetParam ().want);
  bfy_add_clear (&add);
}

constexpr BfyAddOffer kKeyOnly = { TRUE, FALSE, FALSE };
constexpr BfyAddOffer kBoth = { TRUE, TRUE, FALSE };
constexpr BfyAddOffer kBothOwnApp = { TRUE, TRUE, TRUE };
constexpr BfyAddOffer kOAuthOnly = { FALSE, TRUE, FALSE };
constexpr BfyAddOffer kOAuthOnlyOwnApp = { FALSE, TRUE, TRUE };

static void
type_api_key (BfyAdd *add)
{
  add->wants_key = TRUE;
}

static void
type_token_stdin (BfyAdd *add)
{
  add->is_token_on_stdin = TRUE;
}

static void
type_header (BfyAdd *add)
{
  add->header = g_strdup ("X-Key");
}

static void
type_oauth (BfyAdd *add)
{
  add->sign_in.is_asked = TRUE;
}

static void
type_device (BfyAdd *add)
{
  add->sign_in.is_device = TRUE;
}

static void
type_client_id (BfyAdd *add)
{
  add->sign_in.client_id = g_strdup ("abc");
}

INSTANTIATE_TEST_SUITE_P (
    Offers,
    WayTest,
    testing::Values (WayCase{ "KeyOnly", kKeyOnly, nullptr, BFY_ADD_KEY },
                     WayCase{ "Both", kBoth, nullptr, BFY_ADD_SIGN_IN },
                     WayCase{ "BothWithOwnApp", kBothOwnApp, nullptr, BFY_ADD_KEY },
                     WayCase{ "OAuthOnly", kOAuthOnly, nullptr, BFY_ADD_SIGN_IN },
                     WayCase{ "OAuthOnlyWithOwnApp", kOAuthOnlyOwnApp, nullptr, BFY_ADD_SIGN_IN },
                     WayCase{ "BothKeyAsked", kBoth, type_api_key, BFY_ADD_KEY },
                     WayCase{ "BothTokenGiven", kBoth, type_token_stdin, BFY_ADD_KEY },
                     WayCase{ "BothHeaderGiven", kBoth, type_header, BFY_ADD_KEY },
                     WayCase{ "OAuthOnlyKeyAsked", kOAuthOnly, type_api_key, BFY_ADD_NO_KEY },
                     WayCase{ "OAuthOnlyTokenGiven", kOAuthOnly, type_token_stdin, BFY_ADD_NO_KEY },
                     WayCase{ "OwnAppAsked", kBothOwnApp, type_oauth, BFY_ADD_SIGN_IN },
                     WayCase{ "OwnAppDevice", kBothOwnApp, type_device, BFY_ADD_SIGN_IN },
                     WayCase{ "OwnAppGiven", kBothOwnApp, type_client_id, BFY_ADD_SIGN_IN },
                     // The record may be out of date: the server is asked.
                     WayCase{ "KeyOnlyOAuthAsked", kKeyOnly, type_oauth, BFY_ADD_SIGN_IN }),
    case_name<WayCase>);

// The wish as the agent gets it.

TEST (SignInOptions, BecomeOneMemberThatFitsTheRoomMadeForIt)
{
  BfySignInOptions options = {};
  std::string nasty = "a\"\\\x01";

  options.client_id = g_strdup (nasty.c_str ());
  options.scope = g_strdup ("read write");
  options.client_secret = bfy_secret_new ("s\"ecret", 7);
  options.allow_no_pkce = TRUE;
  BfySignInFields fields = bfy_sign_in_options_fields (&options);
  BfySecretPart part = { nullptr, &fields, nullptr };
  gsize room = bfy_secret_part_bytes_max (&part);
  GString *out = g_string_sized_new (room);
  bfy_secret_part_append (&part, out);
  EXPECT_STREQ (
      out->str,
      R"(,"oauth":{"flow":"browser","client_id":"a\"\\\u0001","scope":"read write","client_secret":"s\"ecret","allow_no_pkce":true})");
  EXPECT_LE (out->len, room);
  g_string_free (out, TRUE);
  bfy_sign_in_options_clear (&options);
}

TEST (SignInOptions, TheLongestSecretDoesNotOutgrowItsRoom)
{
  BfySignInOptions options = {};
  std::string secret (BFY_SECRET_BYTES_MAX, '\x01');

  options.is_machine = TRUE;
  options.client_secret = bfy_secret_new (secret.data (), secret.size ());
  BfySignInFields fields = bfy_sign_in_options_fields (&options);
  BfySecretPart part = { nullptr, &fields, nullptr };
  GString *out = g_string_sized_new (bfy_secret_part_bytes_max (&part));
  const char *at_first = out->str;
  bfy_secret_part_append (&part, out);
  EXPECT_EQ (out->str, at_first) << "it was moved, so a copy is left behind";
  EXPECT_THAT (std::string (out->str).substr (0, 40), HasSubstr (R"("flow":"machine")"));
  g_string_free (out, TRUE);
  bfy_sign_in_options_clear (&options);
}

// A credential that was typed, in the same place.

static std::string
body_of (const char *open_part, const BfySecretPart &part)
{
  JsonObject *object = bfy_json_parse_object (open_part, strlen (open_part), nullptr);
  g_autoptr (GBytes) body = bfy_secret_body_new (object, &part);
  gsize length = 0;
  const char *text = static_cast<const char *> (g_bytes_get_data (body, &length));

  return std::string (text, length);
}

TEST (SecretBody, JoinsWhatWasTypedWithTheRest)
{
  g_autoptr (BfySecret) secret = bfy_secret_new ("t\"1", 3);
  BfyTypedCredential key = { BFY_TYPED_KEY, nullptr, secret };
  BfyTypedCredential pair = { BFY_TYPED_PAIR, "me", secret };
  BfyTypedCredential any = { BFY_TYPED_FREE_FORM, nullptr, secret };

  EXPECT_EQ (body_of (R"({"name":"a"})", { &key, nullptr, nullptr }),
             R"({"name":"a","credential":{"type":"api_key","api_key":"t\"1"}})");
  EXPECT_EQ (
      body_of (R"({"name":"a"})", { &pair, nullptr, nullptr }),
      R"({"name":"a","credential":{"type":"basic_auth","username":"me","password":"t\"1"}})");
  EXPECT_EQ (body_of (R"({"name":"a"})", { &any, nullptr, nullptr }),
             R"({"name":"a","credential":{"type":"custom","value":"t\"1"}})");
  EXPECT_EQ (body_of (R"({"name":"a"})", { nullptr, nullptr, nullptr }), R"({"name":"a"})");
}

TEST (SecretBody, IsWellFormedWithoutAnythingElse)
{
  g_autoptr (BfySecret) secret = bfy_secret_new ("t", 1);
  BfyTypedCredential key = { BFY_TYPED_KEY, nullptr, secret };

  EXPECT_EQ (body_of ("{}", { &key, nullptr, nullptr }),
             R"({ "credential":{"type":"api_key","api_key":"t"}})");
}
