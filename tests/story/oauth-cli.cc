// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What a person sees of a sign-in, with the real agent, a server that one signs in to, and the
// desktop's own xdg-open, whose BROWSER is a script that agrees to everything.

#include <csignal>
#include <gio/gio.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <unistd.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/portal.h"
#include "tests/fixture/signing-in.h"

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

class OauthCli : public testing::Test
{
protected:
  void SetUp () override
  {
    if (access ("/usr/bin/xdg-open", X_OK) != 0 || access ("/usr/bin/curl", X_OK) != 0)
      GTEST_SKIP () << "xdg-open or curl is not installed";
    // curl is the browser; what it was given is kept.
    write_file (browser (),
                "#!/bin/sh\n"
                "printf '%s\\n' \"$#\" \"$@\" >>\"$HOME/visited\"\n"
                "exec curl -sSL -o \"$HOME/page\" \"$1\"\n",
                0700);
    // No display: with one, xdg-open prefers what the machine has registered for https.
    desktop = { { "BROWSER", browser () } };
    start ();
  }

  // A service of the user's own: "demo".
  void start ()
  {
    std::string origin = server.url ("");

    Agent::Options options;
    options.starts = false;
    agent = std::make_unique<Agent> (options);
    g_mkdir_with_parents (agent->dir ().path ("config/bindify/services.d").c_str (), 0700);
    write_file (agent->dir ().path ("config/bindify/services.d/demo.json"),
                R"({"id":"demo","name":"Demo","mcp_url":")" + server.url () +
                    R"(","oauth":{"client":"dcr","authorize_url":")" + origin +
                    R"(/authorize","token_url":")" + origin + R"(/token","registration_url":")" +
                    origin + R"(/register"},"requires_refresh":true})");
    ASSERT_TRUE (agent->start ());
  }

  std::string browser () const
  {
    return dir.path ("browser");
  }

  Process::Options options (const std::vector<std::string> &words)
  {
    std::vector<std::string> argv = { client_program (words[0]) };

    argv.insert (argv.end (), words.begin () + 1, words.end ());
    Process::Options options = agent->options (argv);
    for (const auto &[name, value] : desktop)
      options.environment[name] = value;
    return options;
  }
  Finished cli (const std::vector<std::string> &words, const std::string &input = "")
  {
    Process::Options all = options (words);

    all.input = input;
    return run (all);
  }
  // The same, with what it says on either stream to be read line by line.
  std::unique_ptr<Process> watch (const std::vector<std::string> &words,
                                  const std::string &variables = "")
  {
    Process::Options all = options (words);

    all.argv.insert (all.argv.begin (),
                     { "/bin/sh", "-c", variables + " exec \"$0\" \"$@\" 2>&1" });
    return std::make_unique<Process> (all);
  }
  // The next line that begins with that; "" when there is none.
  std::string await_line (Process &process, const std::string &start)
  {
    for (int n_empty = 0; n_empty < 100;)
      {
        std::string line = process.read_line ();

        if (line.rfind (start, 0) == 0)
          return line;
        n_empty += line.empty ();
      }
    return "";
  }

  std::vector<std::string> add (const std::vector<std::string> &more = {})
  {
    std::vector<std::string> words = { "bindify-add", "--allow-local", "--name", "notes",
                                       server.url () };

    words.insert (words.end (), more.begin (), more.end ());
    return words;
  }
  std::string visited ()
  {
    return read_file (agent->dir ().path ("home/visited"));
  }
  void expect_works ()
  {
    Finished call = cli ({ "bindify", "call", "notes", "echo", "text=hello" });

    EXPECT_EQ (call.status, 0) << call.errors;
    EXPECT_THAT (call.output, HasSubstr ("hello"));
  }

  TempDir dir;
  SignInServer server;
  std::unique_ptr<Agent> agent;
  std::map<std::string, std::string> desktop;
};

} // namespace

// What a person types in the first hour with a service that one signs in to.
TEST_F (OauthCli, SignInUseLogOutAndInAgain)
{
  Finished added = cli (add ());
  ASSERT_EQ (added.status, 0) << added.errors;
  EXPECT_THAT (added.errors, StartsWith ("Signing in to notes.\n"));
  EXPECT_THAT (added.errors, HasSubstr ("The sign-in is at " + server.url ("") + ".\n"));
  EXPECT_THAT (added.errors, HasSubstr ("\n  " + server.url ("/authorize?")));
  EXPECT_THAT (added.output, StartsWith ("Added notes: " + server.url () +
                                         "\n"
                                         "The credential is in the keyring “vault”.\n"
                                         "It works"));
  // The desktop's own opener has run, with one word for the browser.
  EXPECT_THAT (visited (), StartsWith ("1\n" + server.url ("/authorize?")));
  EXPECT_EQ (server.count ("authorizations"), 1);

  Finished list = cli ({ "bindify", "list" });
  EXPECT_THAT (list.output, HasSubstr ("notes  mcp           ok     vault"));
  EXPECT_THAT (cli ({ "bindify", "show", "notes" }).output,
               HasSubstr ("; renewed by itself before\n"));
  Finished tested = cli ({ "bindify", "test", "notes" });
  EXPECT_EQ (tested.status, 0) << tested.errors;
  EXPECT_THAT (tested.output, StartsWith ("notes works: "));
  EXPECT_THAT (tested.output, HasSubstr (" 3 tools, in "));
  expect_works ();

  std::string id = json_string (cli ({ "bindify", "show", "--json", "notes" }).output, "id");
  Finished logout = cli ({ "bindify", "logout", "notes" });
  EXPECT_EQ (logout.status, 0) << logout.errors;
  EXPECT_EQ (logout.output,
             "The credential of notes is gone from the keyring. The service has revoked it.\n"
             "The binding itself stays: bindify login notes opens it again, bindify remove notes "
             "removes it.\n");
  Finished refused = cli ({ "bindify", "call", "notes", "echo", "text=hello" });
  EXPECT_EQ (refused.status, 4);
  EXPECT_THAT (refused.errors, HasSubstr ("Try: bindify login notes\n"));
  EXPECT_THAT (cli ({ "bindify", "list" }).output, HasSubstr ("needs login: bindify login notes"));
  tested = cli ({ "bindify", "test", "notes" });
  EXPECT_EQ (tested.status, 4);
  EXPECT_THAT (tested.errors, HasSubstr ("Try: bindify login notes\n"));

  Finished login = cli ({ "bindify", "login", "notes" });
  EXPECT_EQ (login.status, 0) << login.errors;
  EXPECT_EQ (login.output, "notes is signed in to, and it works.\n");
  EXPECT_EQ (json_string (cli ({ "bindify", "show", "--json", "notes" }).output, "id"), id);
  expect_works ();
  EXPECT_EQ (server.count ("authorizations"), 2);
}

// A token that cannot be renewed: how long it lives is said before it is too late.
TEST_F (OauthCli, ATokenThatEndsIsSaidToEnd)
{
  server.set (R"({"refresh_tokens":false,"life":7300})");
  Finished added = cli (add ());
  EXPECT_EQ (added.status, 0) << added.errors;
  EXPECT_THAT (added.output, HasSubstr ("\nIts token ends in 2 h 1 min; then type: bindify login "
                                        "notes\n"));
  EXPECT_THAT (cli ({ "bindify", "list" }).output, HasSubstr ("expires in 2 h 1 min  vault"));
}

// It was good and cannot be renewed: no `ok` for what does not work.
TEST_F (OauthCli, ATokenThatCannotBeRenewedIsNoOk)
{
  server.set (R"({"life":2})");
  ASSERT_EQ (cli (add ()).status, 0);
  server.faults (R"({"token":["status:503","status:503","status:503"]})");

  EXPECT_TRUE (wait_until ([this] {
    return cli ({ "bindify", "list" }).output.find ("error: bindify log notes") !=
           std::string::npos;
  }));
  EXPECT_THAT (cli ({ "bindify", "log", "notes" }).output, HasSubstr ("HTTP 503"));
  EXPECT_EQ (cli ({ "bindify", "tools", "notes" }).status, 4);
}

// Only the new key opens it; a login that presents it keeps it good.
TEST_F (OauthCli, ASealedBindingIsSignedInTo)
{
  Finished added = cli (add ({ "-q", "--sealed", "--client", "laptop" }));
  std::string key = added.output;
  ASSERT_EQ (added.status, 0) << added.errors;
  EXPECT_THAT (key, StartsWith ("bnd_local_"));

  const std::vector<std::string> call = { "bindify", "call", "notes", "echo", "text=hello" };
  std::vector<std::string> opened = call;
  opened.push_back ("--key-stdin");
  EXPECT_EQ (cli (call).status, 4);
  EXPECT_THAT (cli (opened, key).output, HasSubstr ("hello"));
  Finished login = cli ({ "bindify", "login", "-q", "--key-stdin", "notes" }, key);
  EXPECT_EQ (login.status, 0) << login.errors;
  EXPECT_THAT (cli (opened, key).output, HasSubstr ("hello"));
}

TEST_F (OauthCli, AServiceIsSignedInToByItsName)
{
  Finished services = cli ({ "bindify", "services" });
  EXPECT_THAT (services.output, testing::ContainsRegex ("demo +Demo +browser"));

  Finished added = cli ({ "bindify-add", "--allow-local", "-q", "demo" });
  EXPECT_EQ (added.status, 0) << added.errors;
  EXPECT_EQ (added.output, "");
  EXPECT_THAT (added.errors, StartsWith (server.url ("/authorize?")));
  EXPECT_EQ (cli ({ "bindify", "call", "demo", "echo", "text=x" }).status, 0);
}

// Behaviour 9.4, 17.7: the record says that its tokens are renewed; these cannot be.
TEST_F (OauthCli, TokensWithoutTheRefreshTheyShouldHaveAreNoted)
{
  const char *note = "no refresh token came";

  ASSERT_EQ (cli ({ "bindify-add", "--allow-local", "-q", "demo" }).status, 0);
  EXPECT_THAT (cli ({ "bindify", "log" }).output, Not (HasSubstr (note)));
  server.set (R"({"refresh_tokens":false})");
  EXPECT_EQ (cli ({ "bindify", "login", "-q", "demo" }).status, 0);
  EXPECT_THAT (cli ({ "bindify", "log" }).output, HasSubstr (note));
}

// Ctrl-C while the person is at the sign-in page: nothing is left, and the next try is a first one.
TEST_F (OauthCli, InterruptLeavesNothingBehindTwice)
{
  desktop["BROWSER"] = "/bin/true";
  for (int i = 0; i < 2; i++)
    {
      std::unique_ptr<Process> process = watch (add ());
      std::string url = await_line (*process, "  http").substr (2);

      ASSERT_NE (await_line (*process, "Waiting for you"), "");
      process->signal (SIGINT);
      EXPECT_EQ (process->wait (), 130);
      EXPECT_THAT (process->output (), HasSubstr ("Cancelled. Nothing was added.\n"));
      EXPECT_EQ (cli ({ "bindify", "list", "--json" }).output, "[]\n");
      // The listener is gone: the browser that comes late finds nobody.
      EXPECT_EQ (browse (url).status, 0);
    }

  desktop["BROWSER"] = browser ();
  EXPECT_EQ (cli (add ()).status, 0);
}

TEST_F (OauthCli, InterruptOfALoginKeepsWhatWas)
{
  ASSERT_EQ (cli (add ()).status, 0);
  desktop["BROWSER"] = "/bin/true";
  std::unique_ptr<Process> process = watch ({ "bindify", "login", "notes" });
  ASSERT_NE (await_line (*process, "Waiting for you"), "");
  process->signal (SIGINT);
  EXPECT_EQ (process->wait (), 130);
  EXPECT_THAT (process->output (), HasSubstr ("Cancelled. “notes” is as it was.\n"));
  expect_works ();
}

// By hand, as in an SSH session: the address is shown, and nothing is tried.
TEST_F (OauthCli, OverSshTheAddressIsOpenedByHand)
{
  desktop["SSH_CONNECTION"] = "10.0.0.1 40000 10.0.0.2 22";
  std::unique_ptr<Process> process = watch (add ());
  std::string tunnel = await_line (*process, "its 127.0.0.1 through a tunnel (ssh -L ");
  std::string url = await_line (*process, "  http").substr (2);

  EXPECT_THAT (url, StartsWith (server.url ("/authorize?")));
  EXPECT_NE (tunnel, "");
  EXPECT_EQ (await_line (*process, "If that is not possible"),
             "If that is not possible: Ctrl-C, and the same with --device");
  EXPECT_EQ (browse (url).status, 200);
  EXPECT_EQ (process->wait (), 0) << process->output ();
  EXPECT_EQ (visited (), "");
}

TEST_F (OauthCli, NoBrowserOpensNone)
{
  std::unique_ptr<Process> process = watch (add ({ "--no-browser" }));
  std::string url = await_line (*process, "  http").substr (2);

  EXPECT_EQ (browse (url).status, 200);
  EXPECT_EQ (process->wait (), 0) << process->output ();
  EXPECT_EQ (visited (), "");
}

TEST_F (OauthCli, WhoSaysNoIsTakenAtTheirWord)
{
  server.set (R"({"consent":"deny"})");
  Finished added = cli (add ());
  EXPECT_EQ (added.status, 3);
  EXPECT_EQ (cli ({ "bindify", "list", "--json" }).output, "[]\n");
}

TEST_F (OauthCli, ACodeIsTypedAnywhere)
{
  std::unique_ptr<Process> process = watch (add ({ "--device" }));
  const std::string start = "and enter this code, or compare it: ";
  std::string code = await_line (*process, start);

  ASSERT_NE (code, "");
  EXPECT_EQ (
      browse_once (server.url ("/device/verify?user_code=") + code.substr (start.size ())).status,
      200);
  EXPECT_EQ (process->wait (), 0) << process->output ();
  EXPECT_EQ (visited (), "");
  expect_works ();
}

TEST_F (OauthCli, AnApplicationSignsInByItself)
{
  Finished added =
      cli (add ({ "--client-credentials", "--client-id", "app", "--client-secret-stdin" }),
           "app-secret-0123456789\n");
  EXPECT_EQ (added.status, 0) << added.errors;
  EXPECT_EQ (server.count ("authorizations"), 0);
  expect_works ();
}

TEST_F (OauthCli, AWrongClientIsSaidSo)
{
  Finished added =
      cli (add ({ "--client-credentials", "--client-id", "app", "--client-secret-stdin" }),
           "app-secret-wrong\n");
  EXPECT_EQ (added.status, 1);
  EXPECT_THAT (added.errors, HasSubstr ("check the client id and its secret"));
  EXPECT_THAT (added.output + added.errors, Not (HasSubstr ("app-secret")));

  // Without registration there is nobody to be.
  server.set (R"({"dcr":false})");
  added = cli (add ());
  EXPECT_EQ (added.status, 1);
  EXPECT_THAT (added.errors, HasSubstr ("Try: the same with --client-id ID\n"));
  added = cli (add ({ "--client-id", "public-app" }));
  EXPECT_EQ (added.status, 0) << added.errors;
}

TEST_F (OauthCli, WithoutAgentNothingIsTried)
{
  agent->stop ();
  for (const std::vector<std::string> &words : { add (),
                                                 { "bindify", "login", "notes" },
                                                 { "bindify", "logout", "notes" },
                                                 { "bindify", "test", "notes" } })
    {
      Finished finished = cli (words);

      EXPECT_EQ (finished.status, 2) << words[1];
      EXPECT_THAT (finished.errors, HasSubstr ("Try: systemctl --user start bindify.socket"));
    }
  EXPECT_EQ (visited (), "");
}

TEST_F (OauthCli, AnAgentThatDiesInBetweenIsSaidSo)
{
  desktop["BROWSER"] = "/bin/true";
  std::unique_ptr<Process> process = watch (add ());
  ASSERT_NE (await_line (*process, "Waiting for you"), "");
  agent->kill ();
  EXPECT_EQ (process->wait (), 1);
  EXPECT_THAT (process->output (), HasSubstr ("The agent went away before the sign-in was finished"
                                              "\nTry: bindify status\n"));
}

// Where there is no xdg-open, the desktop's portal opens the browser.
TEST_F (OauthCli, ThePortalIsTheSecondWay)
{
  if (!PrivateBus::is_installed ())
    GTEST_SKIP () << "dbus-daemon is not installed";
  PrivateDirs dirs;
  PrivateBus bus (dirs);
  Portal portal (bus);

  desktop["DBUS_SESSION_BUS_ADDRESS"] = "unix:path=" + dirs.path ("run/bus");
  std::unique_ptr<Process> process = watch (add (), "PATH=/nonexistent");
  EXPECT_TRUE (wait_until ([&] { return !portal.opened.empty (); }));
  EXPECT_THAT (portal.opened, StartsWith (server.url ("/authorize?")));
  EXPECT_EQ (browse (portal.opened).status, 200);
  EXPECT_EQ (process->wait (), 0) << process->output ();
}
