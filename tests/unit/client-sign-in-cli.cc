// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <csignal>
#include <fstream>
#include <glib/gstdio.h>
#include <sys/stat.h>

#include "tests/unit/client-agent.h"
#include "tests/unit/matchers.h"

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A sign-in as a person sees it, against a scripted agent and with an xdg-open that writes down how
// it was started: `bindify-add`, `bindify login`, `logout` and `test`.

static const char services[] =
    R"({"services":[{"id":"notion","name":"Notion","mcp_url":"https://mcp.notion.com/mcp","supports_api_key":false,"supports_oauth":true,"oauth_client":"dcr","app_url":null,"username_field":null,"token_url":null,"instructions":null},
    {"id":"ticktick","name":"TickTick","mcp_url":"https://mcp.ticktick.com","supports_api_key":true,"supports_oauth":true,"oauth_client":"dcr","app_url":null,"username_field":null,"token_url":null,"instructions":null},
    {"id":"github","name":"GitHub","mcp_url":"https://api.githubcopilot.com/mcp","supports_api_key":true,"supports_oauth":true,"oauth_client":"own","app_url":"https://github.com/settings/developers","username_field":null,"token_url":null,"instructions":null}]})";
static const char discovered[] =
    R"({"step":"discovered","issuer":"https://mcp.notion.com","client":"registered","scope":null})";
static const char exchanging[] = R"({"step":"exchanging"})";
static const char storing[] = R"({"step":"storing"})";
static const char done[] =
    R"({"step":"done","binding":{"name":"notion","url":"https://mcp.notion.com/mcp","keyring":"vault","auth_type":"oauth"},"endpoint":"http://127.0.0.1:7391/mcp/notion","check":{"performed":true,"server":"Notion","version":"1.2","n_tools":12}})";

static std::string
authorize (const std::string &url)
{
  return R"({"step":"authorize","url":")" + url +
         R"(","redirect_uri":"http://127.0.0.1:43817/callback","expires_in":600})";
}

static const char page[] = "https://mcp.notion.com/authorize?client_id=x&state=s";

class SignIn : public testing::Test
{
protected:
  SignIn ()
  {
    environment = { { "BINDIFY_SOCK", agent.socket () },
                    { "DISPLAY", ":99" },
                    { "WAYLAND_DISPLAY", "" },
                    { "BROWSER", "" },
                    { "SSH_CONNECTION", "" },
                    { "SSH_TTY", "" },
                    { "DBUS_SESSION_BUS_ADDRESS", "" },
                    { "PATH", dir.file ("") + ":" + g_getenv ("PATH") },
                    { "OPENED", dir.file ("opened") } };
    install_opener ("0");
    for (const char *name : { "notion", "ticktick", "github", "example" })
      replies[std::string ("GET /v1/bindings/") + name] =
          R"({"error":"not_found","message":"none","hint":null})";
    replies["GET /v1/services"] = services;
  }

  void TearDown () override
  {
    g_unlink (dir.file ("xdg-open").c_str ());
    g_unlink (dir.file ("opened").c_str ());
    g_unlink (dir.file ("pwned").c_str ());
  }

  // Writes its words, descriptors and session to a file, and ends with that status.
  void install_opener (const std::string &status)
  {
    std::ofstream (dir.file ("xdg-open"))
        << "#!/usr/bin/env python3\n"
           "import os, sys\n"
           "fds = []\n"
           "for fd in sorted(os.listdir('/proc/self/fd'), key=int):\n"
           "    try:\n"
           "        fds.append(fd + '=' + os.readlink('/proc/self/fd/' + fd))\n"
           "    except OSError:\n"
           "        pass\n"
           "with open(os.environ['OPENED'] + '.new', 'w') as f:\n"
           "    print(*sys.argv[1:], *fds, sep='\\n', file=f)\n"
           "    print('leader' if os.getsid(0) == os.getpid() else 'member', file=f)\n"
           "os.rename(os.environ['OPENED'] + '.new', os.environ['OPENED'])\n"
           "sys.exit("
        << status << ")\n";
    chmod (dir.file ("xdg-open").c_str (), 0700);
  }

  bool is_opened ()
  {
    return g_file_test (dir.file ("opened").c_str (), G_FILE_TEST_EXISTS);
  }

  std::vector<std::string> opened ()
  {
    std::vector<std::string> lines;
    std::ifstream file (dir.file ("opened"));

    for (std::string line; std::getline (file, line);)
      lines.push_back (line);
    return lines;
  }

  void handle (const Request &request, const AnswerPtr &answer)
  {
    auto found = replies.find (request.method + " " + request.path);

    if (request.method == "POST" && !is_streaming (request))
      answer->json (found != replies.end () ? status : 500,
                    found != replies.end () ? found->second : "{}");
    else if (request.method == "POST")
      begin (answer);
    else if (found != replies.end ())
      answer->json (found->second.find ("\"error\"") != std::string::npos ? 404 : 200,
                    found->second);
    else
      answer->json (500, R"({"error":"internal_error","message":"unscripted","hint":null})");
  }

  bool is_streaming (const Request &request)
  {
    return replies.count ("POST " + request.path) == 0;
  }

  void begin (const AnswerPtr &answer)
  {
    stream = answer;
    answer->stream (200, "application/x-ndjson");
    for (const std::string &step : steps)
      answer->bytes (step + "\n");
    if (ends)
      answer->end ();
  }

  struct Outcome
  {
    int status;
    std::string output, errors;
  };

  Outcome run (const std::vector<std::string> &words, const std::string &input = "")
  {
    std::vector<std::string> rest (words.begin () + 1, words.end ());
    Program child (words[0], rest, environment);

    child.write (input);
    child.close_input ();
    int status = child.wait ();
    return { status, child.output (), child.errors };
  }

  // The server notices it when it writes.
  bool is_hung_up ()
  {
    return spin ([this] {
      stream->bytes ("\n");
      return stream->is_aborted ();
    });
  }

  const Request &asked () const
  {
    return agent.requests.back ();
  }

  PrivateDir dir;
  std::map<std::string, std::string> replies, environment;
  std::vector<std::string> steps = { discovered, authorize (page), exchanging, storing, done };
  guint status = 200; // of a POST that is in replies
  bool ends = true;
  AnswerPtr stream;
  FakeAgent agent{ [this] (const Request &request, const AnswerPtr &answer) {
    handle (request, answer);
  } };
};

TEST_F (SignIn, AServiceThatOffersItIsSignedInToWithTheBrowser)
{
  auto outcome = run ({ "bindify-add", "notion" });

  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_EQ (asked ().method + " " + asked ().path, "POST /v1/bindings");
  EXPECT_EQ (
      asked ().body,
      R"({"service":"notion","name":"notion","allow_local":false,"check":true,"oauth":{"flow":"browser"}})");
  EXPECT_EQ (asked ().header ("accept"), "application/x-ndjson");
  EXPECT_EQ (outcome.errors,
             "Signing in to Notion.\n"
             "The sign-in is at https://mcp.notion.com.\n"
             "Opening your browser. If nothing appears, open this address yourself:\n\n  " +
                 std::string (page) +
                 "\n\nWaiting for you to finish there, for 10 min at most. Ctrl-C cancels.\n"
                 "Getting the tokens.\n"
                 "Storing them in the keyring.\n");
  EXPECT_THAT (outcome.output, StartsWith ("Added notion: https://mcp.notion.com/mcp\n"
                                           "The credential is in the keyring “vault”.\n"
                                           "It works: Notion 1.2, 12 tools.\n"));
}

// A19: no shell, nothing but the address, none of our descriptors, not in our terminal's session.
TEST_F (SignIn, A19TheBrowserGetsTheAddressAndNothingElse)
{
  ends = false;
  steps = { discovered, authorize (page) };
  Program child ("bindify-add", { "notion" }, environment);

  ASSERT_TRUE (spin ([this] { return is_opened (); }));
  std::vector<std::string> lines = opened ();
  ASSERT_GE (lines.size (), 5u);
  EXPECT_EQ (lines[0], page);
  EXPECT_THAT (std::vector<std::string> (lines.begin () + 1, lines.end ()),
               ElementsAre ("0=/dev/null", "1=/dev/null", "2=/dev/null", "leader"));
  stream->bytes (std::string (done) + "\n");
  stream->end ();
  EXPECT_EQ (child.wait (), 0) << child.errors;
}

struct HostileCase
{
  const char *name;
  std::string url;
};

class SignInHostile : public SignIn, public testing::WithParamInterface<HostileCase>
{
};

TEST_P (SignInHostile, AddressEndsTheSignInAndOpensNothing)
{
  ends = false;
  steps = { discovered, authorize (GetParam ().url) };
  auto outcome = run ({ "bindify-add", "notion" });

  EXPECT_EQ (outcome.status, 1);
  EXPECT_EQ (outcome.errors,
             "Signing in to Notion.\nThe sign-in is at https://mcp.notion.com.\n"
             "bindify: The server names a sign-in page that no browser should be sent to, so the "
             "sign-in was stopped\n");
  EXPECT_FALSE (is_opened ());
  EXPECT_TRUE (is_hung_up ()) << "the agent goes on waiting";
}

INSTANTIATE_TEST_SUITE_P (
    Addresses,
    SignInHostile,
    testing::Values (HostileCase{ "JavaScript", "javascript:alert(document.domain)" },
                     HostileCase{ "File", "file:///etc/passwd" },
                     HostileCase{ "Data", "data:text/html,<script>" },
                     HostileCase{ "Option", "--version" },
                     HostileCase{ "PlainHttp", "http://mcp.notion.com/authorize" },
                     HostileCase{ "Loopback", "http://127.0.0.1:631/" },
                     HostileCase{ "Backticks", "https://x.example/`touch pwned`" },
                     HostileCase{ "Quotes", "https://x.example/\\\";touch pwned" },
                     HostileCase{ "Newline", "https://x.example/\\ntouch pwned" }),
    case_name<HostileCase>);

TEST_F (SignIn, AnAddressThatAShellWouldExpandIsShownButNotHandedOver)
{
  steps = { discovered, authorize ("https://x.example/?a=$(id)"), done };
  auto outcome = run ({ "bindify-add", "notion" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (outcome.errors, HasSubstr ("Open this address in a browser on this machine:\n\n"
                                          "  https://x.example/?a=$(id)\n"));
  EXPECT_FALSE (is_opened ());
}

struct NowhereCase
{
  const char *name, *variable, *value, *said;
};

class SignInNowhere : public SignIn, public testing::WithParamInterface<NowhereCase>
{
};

TEST_P (SignInNowhere, IsDoneByHand)
{
  environment["DISPLAY"] = "";
  environment[GetParam ().variable] = GetParam ().value;
  auto outcome = run ({ "bindify-add", "notion" });

  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_FALSE (is_opened ());
  EXPECT_THAT (outcome.errors, HasSubstr (GetParam ().said));
  EXPECT_THAT (outcome.errors, HasSubstr (std::string ("\n  ") + page + "\n"));
  EXPECT_THAT (outcome.errors, HasSubstr ("ssh -L 43817:127.0.0.1:43817 HOST"));
  EXPECT_THAT (outcome.errors, HasSubstr ("Ctrl-C, and bindify-add notion --device\n"));
}

INSTANTIATE_TEST_SUITE_P (
    Places,
    SignInNowhere,
    testing::Values (
        NowhereCase{ "Console", "DISPLAY", "", "There is no display here." },
        NowhereCase{ "Ssh", "SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22", "This is an SSH session." },
        NowhereCase{ "SshTerminal", "SSH_TTY", "/dev/pts/1", "This is an SSH session." }),
    case_name<NowhereCase>);

TEST_F (SignIn, NoBrowserShowsTheAddressOnly)
{
  auto outcome = run ({ "bindify-add", "notion", "--no-browser" });

  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_FALSE (is_opened ());
  EXPECT_THAT (outcome.errors, HasSubstr ("Open this address in a browser on this machine:\n\n  " +
                                          std::string (page) + "\n"));
}

// An opener that fails, or is not there, is a remark: the address stands above it.
TEST_F (SignIn, WithoutAnOpenerThePersonIsAskedToOpenIt)
{
  ends = false;
  steps = { discovered, authorize (page) };
  for (const char *path : { "with", "without" })
    {
      if (path == std::string ("with"))
        install_opener ("3");
      else
        environment["PATH"] = "/nonexistent";
      Program child ("bindify-add", { "notion" }, environment);

      EXPECT_TRUE (spin ([&] {
        return child.errors.find ("No browser could be opened: please open the address above "
                                  "yourself.\n") != std::string::npos;
      })) << path
          << child.errors;
      stream->bytes (std::string (done) + "\n");
      stream->end ();
      EXPECT_EQ (child.wait (), 0) << child.errors;
    }
}

TEST_F (SignIn, QuietSaysOnlyWhereToGo)
{
  auto outcome = run ({ "bindify-add", "-q", "notion" });

  EXPECT_EQ (outcome.status, 0);
  EXPECT_EQ (outcome.output, "");
  EXPECT_EQ (outcome.errors, std::string (page) + "\n");
}

TEST_F (SignIn, AUrlThatAsksForItIsSignedInTo)
{
  replies["POST /v1/probe"] = R"({"auth":"oauth"})";
  auto outcome = run ({ "bindify-add", "https://mcp.example.com/mcp" });

  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (outcome.errors, StartsWith ("Signing in to example.\n"
                                           "(With an API key instead: the same with --api-key)\n"));
  EXPECT_EQ (
      asked ().body,
      R"({"url":"https://mcp.example.com/mcp","name":"example","allow_local":false,"check":true,"oauth":{"flow":"browser"}})");
}

TEST_F (SignIn, ThePageMayBeOnThisMachineWhereTheServerMay)
{
  std::string local = "http://127.0.0.1:4711/authorize?x=1";

  replies["POST /v1/probe"] = R"({"auth":"oauth"})";
  replies["GET /v1/bindings/binding"] = replies["GET /v1/bindings/example"];
  steps = { authorize (local), done };
  auto outcome =
      run ({ "bindify-add", "--allow-local", "--name", "example", "http://127.0.0.1:4711/mcp" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (outcome.errors, HasSubstr ("\n  " + local + "\n"));
}

TEST_F (SignIn, OfTwoWaysTheOtherOneIsNamed)
{
  auto outcome = run ({ "bindify-add", "ticktick" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (outcome.errors,
               HasSubstr ("(With an API key instead: bindify-add ticktick --api-key)\n"));

  // The key it is: there is no terminal to type it on.
  outcome = run ({ "bindify-add", "ticktick", "--api-key" });
  EXPECT_EQ (outcome.status, 1);
  EXPECT_THAT (outcome.errors, HasSubstr ("There is no terminal to ask for the token on"));
}

struct WishCase
{
  const char *name;
  std::vector<std::string> words;
  const char *input, *want;
};

class SignInWish : public SignIn, public testing::WithParamInterface<WishCase>
{
};

TEST_P (SignInWish, GoesToTheAgentInTheBody)
{
  std::vector<std::string> words = { "bindify-add", "github" };

  words.insert (words.end (), GetParam ().words.begin (), GetParam ().words.end ());
  steps = { done };
  auto outcome = run (words, GetParam ().input);
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (asked ().body, HasSubstr (std::string (",\"oauth\":") + GetParam ().want));
  EXPECT_THAT (outcome.output + outcome.errors, Not (HasSubstr ("hunter2")));
}

INSTANTIATE_TEST_SUITE_P (
    Options,
    SignInWish,
    testing::Values (
        WishCase{ "OAuth", { "--oauth" }, "", R"({"flow":"browser"}})" },
        WishCase{ "Device", { "--device" }, "", R"({"flow":"device"}})" },
        WishCase{ "ClientId",
                  { "--client-id", "Iv1.x" },
                  "",
                  R"({"flow":"browser","client_id":"Iv1.x"}})" },
        WishCase{ "Secret",
                  { "--client-id", "Iv1.x", "--client-secret-stdin" },
                  "hunter2\n",
                  R"({"flow":"browser","client_id":"Iv1.x","client_secret":"hunter2"}})" },
        WishCase{
            "Machine",
            { "--client-credentials", "--client-id", "m", "--client-secret-stdin", "--scope",
              "a b" },
            "hunter2",
            R"({"flow":"machine","client_id":"m","scope":"a b","client_secret":"hunter2"}})" },
        WishCase{ "NoPkce",
                  { "--oauth", "--allow-no-pkce" },
                  "",
                  R"({"flow":"browser","allow_no_pkce":true}})" },
        WishCase{ "Sealed",
                  { "--oauth", "--sealed", "--client", "laptop" },
                  "",
                  R"({"flow":"browser"}})" }),
    case_name<WishCase>);

struct OptionCase
{
  const char *name;
  std::vector<std::string> words;
  const char *want;
};

class SignInOption : public SignIn, public testing::WithParamInterface<OptionCase>
{
};

TEST_P (SignInOption, IsRefusedBeforeAnythingIsAsked)
{
  auto outcome = run (GetParam ().words, "t");

  EXPECT_EQ (outcome.status, 1);
  EXPECT_THAT (outcome.errors, HasSubstr (GetParam ().want));
  EXPECT_THAT (agent.lines (), Not (Contains ("POST /v1/bindings")));
}

INSTANTIATE_TEST_SUITE_P (
    Options,
    SignInOption,
    testing::Values (OptionCase{ "TokenToo",
                                 { "bindify-add", "github", "--oauth", "--token-stdin" },
                                 "A sign-in needs no token" },
                     OptionCase{ "HeaderToo",
                                 { "bindify-add", "github", "--device", "--header", "X" },
                                 "A sign-in needs no token" },
                     OptionCase{ "KeyToo",
                                 { "bindify-add", "github", "--oauth", "--api-key" },
                                 "A sign-in needs no token" },
                     OptionCase{ "Command",
                                 { "bindify-add", "--command", "x", "--oauth" },
                                 "--command takes a secret that is typed" },
                     OptionCase{ "MachineAndDevice",
                                 { "bindify-add", "github", "--client-credentials", "--device" },
                                 "--client-credentials signs in without a person" },
                     OptionCase{ "SecretWithoutId",
                                 { "bindify-add", "github", "--client-secret-stdin" },
                                 "--client-secret-stdin goes with --client-id" },
                     OptionCase{ "EmptyId",
                                 { "bindify-add", "github", "--client-id", "" },
                                 "take one line of text" },
                     OptionCase{ "ScopeOfTwoLines",
                                 { "bindify-add", "github", "--scope", "a\nb" },
                                 "take one line of text" },
                     OptionCase{ "TwoOnStdin",
                                 { "bindify-add", "github", "--sealed", "--key-stdin",
                                   "--client-id", "x", "--client-secret-stdin" },
                                 "Only one of client secret and key" },
                     OptionCase{ "NoKeysThere",
                                 { "bindify-add", "notion", "--token-stdin" },
                                 "Notion takes no tokens, only a sign-in with the browser\n"
                                 "Try: bindify-add notion\n" }),
    case_name<OptionCase>);

struct EndCase
{
  const char *name;
  std::vector<std::string> steps;
  int status;
  std::string errors; // the end of them
};

class SignInEnd : public SignIn, public testing::WithParamInterface<EndCase>
{
};

TEST_P (SignInEnd, IsASentenceAHintAndAStatus)
{
  steps = GetParam ().steps;
  auto outcome = run ({ "bindify-add", "-q", "notion" });

  EXPECT_EQ (outcome.status, GetParam ().status);
  EXPECT_EQ (outcome.errors, GetParam ().errors);
  EXPECT_EQ (outcome.output, "");
}

INSTANTIATE_TEST_SUITE_P (
    Ends,
    SignInEnd,
    testing::Values (
        EndCase{
            "Denied",
            { discovered,
              R"({"step":"failed","error":"denied","message":"You said no in the browser","hint":"bindify list"})" },
            3,
            "bindify: You said no in the browser\nTry: bindify-add notion\n" },
        EndCase{
            "TimedOut",
            { R"({"step":"failed","error":"upstream_timeout","message":"Nobody came","hint":null})" },
            1,
            "bindify: Nobody came\nTry: bindify-add notion\n" },
        EndCase{ "NewerCode",
                 { R"({"step":"failed","error":"teapot","message":"Short","hint":null})" },
                 1,
                 "bindify: Short\n" },
        EndCase{ "EscapesInAMessage",
                 { R"({"step":"failed","error":"denied","message":"a\u001b[2Jb\nc","hint":null})" },
                 3,
                 "bindify: a\\u{1b}[2Jb\\nc\nTry: bindify-add notion\n" },
        EndCase{ "NothingBehindFailed",
                 { R"({"step":"failed","error":"denied","message":"No","hint":null})", done },
                 3,
                 "bindify: No\nTry: bindify-add notion\n" },
        // What the table of hints says is of no use for a binding that is not there yet.
        EndCase{
            "Unreachable",
            { R"({"step":"failed","error":"upstream_failed","message":"No","hint":"bindify list"})" },
            1,
            "bindify: No\n" },
        EndCase{
            "EndsTooEarly",
            { discovered },
            1,
            "bindify: The agent went away before the sign-in was finished\nTry: bindify status\n" },
        EndCase{ "NoJson",
                 { "<html>" },
                 1,
                 "bindify: The agent’s answer cannot be read: Not valid JSON: unexpected byte "
                 "at byte 0\n" },
        EndCase{ "EndlessLine",
                 { std::string (1024 * 1024 + 1, 'x') },
                 1,
                 "bindify: A line of the answer is larger than 1048576 bytes\n" }),
    case_name<EndCase>);

// What is wrong with the wish comes as an ordinary answer.
TEST_F (SignIn, ARefusedWishIsAnOrdinaryError)
{
  replies["POST /v1/bindings"] =
      R"({"error":"in_use","message":"Somebody is signing in to that already","hint":null})";
  status = 409;
  auto outcome = run ({ "bindify-add", "notion" });
  EXPECT_EQ (outcome.status, 1);
  EXPECT_THAT (outcome.errors, HasSubstr ("bindify: Somebody is signing in to that already\n"));
}

TEST_F (SignIn, WhoHasToRegisterAnApplicationIsToldWhere)
{
  steps = {
    R"({"step":"failed","error":"unsupported","message":"Register one by hand and give its id with --client-id","hint":null})"
  };
  auto outcome = run ({ "bindify-add", "github", "--oauth" });
  EXPECT_EQ (outcome.status, 1);
  EXPECT_EQ (outcome.errors, "Signing in to GitHub.\n"
                             "You register an application of your own at\n"
                             "  https://github.com/settings/developers\n"
                             "bindify: Register one by hand and give its id with --client-id\n"
                             "Try: bindify-add github --client-id ID\n");

  // With an id it is something else that is unsupported.
  outcome = run ({ "bindify-add", "github", "--client-id", "x" });
  EXPECT_THAT (outcome.errors, Not (HasSubstr ("You register")));
  EXPECT_THAT (outcome.errors, Not (HasSubstr ("Try: ")));

  steps = { R"({"step":"failed","error":"unsupported","message":"No PKCE","hint":null})" };
  outcome = run ({ "bindify-add", "github", "--oauth" });
  EXPECT_THAT (outcome.errors, Not (HasSubstr ("You register")));
}

TEST_F (SignIn, WithACodeNoBrowserIsOpened)
{
  steps = {
    R"({"step":"device","user_code":"WDJB-MJHT","verification_uri":"https://a.example/device","verification_uri_complete":null,"expires_in":900})",
    done
  };
  auto outcome = run ({ "bindify-add", "notion", "--device" });

  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (outcome.errors, HasSubstr ("and enter this code, or compare it: WDJB-MJHT\n"));
  EXPECT_FALSE (is_opened ());
}

// Ctrl-C closes the connection, which is what tells the agent.
TEST_F (SignIn, InterruptCancelsAtEveryPoint)
{
  ends = false;
  for (gsize n : { 0, 1, 2 })
    {
      const std::vector<std::string> all = { discovered, authorize (page), exchanging };

      stream = nullptr;
      steps.assign (all.begin (), all.begin () + n);
      Program child ("bindify-add", { "notion" }, environment);
      ASSERT_TRUE (spin ([this] { return stream != nullptr; }));
      ASSERT_TRUE (spin (
          [&] { return n < 2 || child.errors.find ("Ctrl-C cancels.\n") != std::string::npos; }));
      child.signal (SIGINT);
      EXPECT_EQ (child.wait (), 130);
      EXPECT_THAT (child.errors, testing::EndsWith ("Cancelled. Nothing was added.\n"));
      EXPECT_EQ (child.output (), "");
      EXPECT_TRUE (is_hung_up ()) << n;
    }
}

// The agent that ends in the middle.
TEST_F (SignIn, AnAgentThatGoesAwayIsSaidSo)
{
  ends = false;
  steps = { discovered };
  Program child ("bindify-add", { "notion" }, environment);
  ASSERT_TRUE (spin ([&] { return child.errors.find ("The sign-in is at") != std::string::npos; }));
  agent.stop ();
  EXPECT_EQ (child.wait (), 1);
  EXPECT_THAT (child.errors,
               HasSubstr ("bindify: The agent went away before the sign-in was finished\n"));
}

// login, logout and test

static std::string
binding (const std::string &members)
{
  return R"({"binding":{"name":"notion","service":"notion","url":"https://mcp.notion.com/mcp","mode":"managed",)" +
         members + "}}";
}

TEST_F (SignIn, LoginSignsInAgainInPlace)
{
  replies["GET /v1/bindings/notion"] = binding (R"("auth_type":"oauth")");
  auto outcome = run ({ "bindify", "login", "notion", "--scope", "more" });

  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_EQ (asked ().path, "/v1/bindings/notion/login");
  EXPECT_EQ (asked ().body, R"({"check":true,"oauth":{"flow":"browser","scope":"more"}})");
  EXPECT_THAT (outcome.errors, StartsWith ("Signing in to Notion again.\nThe sign-in is at"));
  EXPECT_EQ (outcome.output, "notion is signed in to, and it works.\n");
}

TEST_F (SignIn, ATokenThatNobodyRenewsIsSaidToEnd)
{
  replies["GET /v1/bindings/notion"] = binding (R"("auth_type":"oauth")");
  steps = {
    R"({"step":"done","binding":{"name":"notion","expires_at":"2999-01-01T00:00:00Z","can_refresh":false},"check":{"performed":false}})"
  };
  auto outcome = run ({ "bindify", "login", "notion" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (outcome.output,
               StartsWith ("notion is signed in to; it was not tried out.\nIts token ends in "));
  EXPECT_THAT (outcome.output, testing::EndsWith ("; then type: bindify login notion\n"));
  steps[0].replace (steps[0].find ("false"), 5, "true");
  EXPECT_THAT (run ({ "bindify", "login", "notion" }).output, Not (HasSubstr ("ends")));
}

TEST_F (SignIn, LoginThatIsCancelledSaysWhatIsLeft)
{
  replies["GET /v1/bindings/notion"] = binding (R"("auth_type":"oauth")");
  ends = false;
  steps = {};
  Program child ("bindify", { "login", "notion" }, environment);
  ASSERT_TRUE (spin ([this] { return stream != nullptr; }));
  child.signal (SIGINT);
  EXPECT_EQ (child.wait (), 130);
  EXPECT_EQ (child.errors, "Signing in to Notion again.\nCancelled. “notion” is as it was.\n");
}

struct KindCase
{
  const char *name, *auth_type;
  std::vector<std::string> options;
  const char *want;
};

class LoginKind : public SignIn, public testing::WithParamInterface<KindCase>
{
};

TEST_P (LoginKind, StaysWhatItIs)
{
  std::vector<std::string> words = { "bindify", "login", "notion" };

  words.insert (words.end (), GetParam ().options.begin (), GetParam ().options.end ());
  replies["GET /v1/bindings/notion"] =
      binding (std::string (R"("auth_type":")") + GetParam ().auth_type + "\"");
  auto outcome = run (words, "t");
  EXPECT_EQ (outcome.status, 1);
  EXPECT_THAT (outcome.errors, HasSubstr (GetParam ().want));
  EXPECT_THAT (agent.lines (), Not (Contains (HasSubstr ("POST"))));
}

INSTANTIATE_TEST_SUITE_P (
    Kinds,
    LoginKind,
    testing::Values (
        KindCase{
            "SignInForAKey",
            "api_key",
            { "--oauth" },
            "“notion” has a credential that is typed; for a sign-in, add a binding of its own\n"
            "Try: bindify login notion\n" },
        KindCase{ "TokenForASignIn",
                  "oauth",
                  { "--token-stdin" },
                  "“notion” is signed in to and takes no token\nTry: bindify login notion\n" },
        KindCase{ "Nothing", "none", {}, "“notion” has no credential that could be given again" }),
    case_name<KindCase>);

struct LogoutCase
{
  const char *name, *revoked, *want;
};

class Logout : public SignIn, public testing::WithParamInterface<LogoutCase>
{
};

TEST_P (Logout, SaysWhatTheServiceKnows)
{
  replies["POST /v1/bindings/notion/logout"] =
      std::string (R"({"binding":{"name":"notion"})") + GetParam ().revoked + "}";
  auto outcome = run ({ "bindify", "logout", "notion" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_EQ (outcome.output,
             std::string ("The credential of notion is gone from the keyring. ") +
                 GetParam ().want +
                 "\nThe binding itself stays: bindify login notion opens it again, bindify remove "
                 "notion removes it.\n");
}

INSTANTIATE_TEST_SUITE_P (
    Answers,
    Logout,
    testing::Values (
        LogoutCase{ "Revoked", R"(,"revoked":true)", "The service has revoked it." },
        LogoutCase{ "Failed", R"(,"revoked":false)",
                    "The service could not be told: to be sure, revoke it in its settings." },
        LogoutCase{ "NoWay", R"(,"revoked":null)",
                    "The service cannot be told, so there it is good until it ends or you revoke "
                    "it." },
        LogoutCase{ "Absent", "",
                    "The service cannot be told, so there it is good until it ends or you revoke "
                    "it." }),
    case_name<LogoutCase>);

struct TestCase
{
  const char *name, *answer, *want;
};

class TestCommand : public SignIn, public testing::WithParamInterface<TestCase>
{
};

TEST_P (TestCommand, SaysWhatAnswered)
{
  replies["POST /v1/bindings/notion/test"] = GetParam ().answer;
  auto outcome = run ({ "bindify", "test", "notion" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_EQ (outcome.output, GetParam ().want);
  EXPECT_THAT (run ({ "bindify", "test", "notion", "--json" }).output, StartsWith ("{\n"));
}

INSTANTIATE_TEST_SUITE_P (
    Answers,
    TestCommand,
    testing::Values (
        TestCase{
            "All",
            R"({"binding":{},"status":200,"server":"Notion\u001b[2J","version":"2025-11-25","n_tools":1,"duration_ms":120})",
            "notion works: Notion\\u{1b}[2J, MCP 2025-11-25, 1 tool, in 120 ms.\n" },
        TestCase{ "NoTools", R"({"server":null,"version":null,"n_tools":0,"duration_ms":3})",
                  "notion works, 0 tools, in 3 ms.\n" },
        TestCase{ "NotTold", R"({"n_tools":null,"duration_ms":3})", "notion works, in 3 ms.\n" }),
    case_name<TestCase>);
