// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What bindify.service forbids the agent does not keep it from anything that it is for: the askpass
// program, also one with a window, the desktop's keyring, servers behind TLS, local servers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/account.h"
#include "tests/fixture/await.h"
#include "tests/fixture/certificates.h"
#include "tests/fixture/person.h"
#include "tests/fixture/upstream.h"
#include "tests/fixture/user-systemd.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-systemd-inside-0123456789abcdef";
constexpr char kAuthorities[] = "/etc/ssl/certs/ca-certificates.crt";
// What it is given and where it runs, and then the answer.
constexpr char kAskpass[] = "#!/bin/sh\ncd \"${0%/*}\" || exit 9\nprintf '%s' \"$1\" >text\n"
                            "cat /proc/self/cgroup >group\ncat /proc/self/status >status\n"
                            "env >variables\n";

bool
has_program (const char *name)
{
  g_autofree char *path = g_find_program_in_path (name);

  return path != nullptr;
}

class SystemdInside : public testing::Test
{
protected:
  void start (const UnitAgent::Options &options = {})
  {
    agent = std::make_unique<UnitAgent> (systemd, options);
    systemd.log_in ();
    ASSERT_EQ (systemd.systemctl ({ "start", "bindify.socket" }).status, 0);
  }
  void add_binding ()
  {
    Response added = agent->add ("svc", upstream.url (), kSecret);

    ASSERT_EQ (added.status, 201) << added.body << agent->log ();
    key = agent->add_client ("story");
  }
  std::string call ()
  {
    return agent->post ("svc", key, kToolCall).body;
  }

  UserSystemd systemd;
  TempDir dir;
  Upstream upstream{ mcp_script (kSecret) };
  std::unique_ptr<UnitAgent> agent;
  std::string key;
};

// Each way to name the program that the manual page tells of.
struct AskpassCase
{
  const char *name;
  std::function<void (UserSystemd &, UnitAgent::Options &, const std::string &)> before_login;
  std::function<void (UserSystemd &, const std::string &)> after_login;
};

std::ostream &
operator<< (std::ostream &out, const AskpassCase &row)
{
  return out << row.name;
}

class SystemdAskpass : public SystemdInside, public testing::WithParamInterface<AskpassCase>
{
protected:
  void open (const std::string &answer)
  {
    const AskpassCase &row = GetParam ();
    UnitAgent::Options options;

    write_file (dir.path ("askpass"), kAskpass + answer, 0700);
    options.profile = "reads-flow";
    if (row.before_login)
      row.before_login (systemd, options, dir.path ("askpass"));
    agent = std::make_unique<UnitAgent> (systemd, options);
    systemd.log_in ();
    if (row.after_login)
      row.after_login (systemd, dir.path ("askpass"));
    ASSERT_EQ (systemd.systemctl ({ "start", "bindify.socket" }).status, 0);
    add_binding ();
  }
};

TEST_P (SystemdAskpass, AYesIsServed)
{
  open ("exit 0\n");
  EXPECT_THAT (call (), HasSubstr ("\"result\"")) << agent->log ();
  EXPECT_THAT (read_file (dir.path ("text")), HasSubstr ("use the tool “echo” of “svc”?"));
  // Neither what systemd forbids the agent, nor its group.
  EXPECT_THAT (read_file (dir.path ("status")), HasSubstr ("\nSeccomp:\t0\n"));
  EXPECT_THAT (read_file (dir.path ("group")), HasSubstr ("/bindify-server-"));
  EXPECT_THAT (read_file (dir.path ("variables")), Not (HasSubstr ("BINDIFY")));
}

TEST_P (SystemdAskpass, ANoIsRefused)
{
  open ("exit 1\n");
  EXPECT_THAT (call (), HasSubstr ("approval_dismissed")) << agent->log ();
  EXPECT_THAT (read_file (dir.path ("text")), HasSubstr ("“echo”")) << "somebody was asked";
  EXPECT_TRUE (upstream.requests ().empty ());
}

INSTANTIATE_TEST_SUITE_P (
    Ways,
    SystemdAskpass,
    testing::Values (
        AskpassCase{ "EnvironmentD",
                     [] (UserSystemd &systemd, UnitAgent::Options &, const std::string &program) {
                       const std::string folder = systemd.home () + "/.config/environment.d";

                       g_mkdir_with_parents (folder.c_str (), 0700);
                       write_file (folder + "/bindify.conf", "BINDIFY_ASKPASS=" + program + "\n");
                     },
                     nullptr },
        AskpassCase{ "SetEnvironment", nullptr,
                     [] (UserSystemd &systemd, const std::string &program) {
                       systemd.systemctl ({ "set-environment", "BINDIFY_ASKPASS=" + program });
                     } },
        AskpassCase{ "DropIn",
                     [] (UserSystemd &, UnitAgent::Options &options, const std::string &program) {
                       options.service = "Environment=BINDIFY_ASKPASS=" + program + "\n";
                     },
                     nullptr },
        AskpassCase{ "Settings",
                     [] (UserSystemd &, UnitAgent::Options &options, const std::string &program) {
                       options.config = "[prompts]\naskpass=" + program + "\n";
                     },
                     nullptr }),
    [] (const auto &info) { return info.param.name; });

// As desktops do, the display is told to systemd after the login.
TEST_F (SystemdInside, AWindowOpensFromTheService)
{
  for (const char *program : { "Xvfb", "xmessage", "xdotool" })
    if (!has_program (program))
      GTEST_SKIP () << "there is no " << program << " here";
  UnitAgent::Options options;
  Process::Options screen;

  screen.argv = { "Xvfb", "-displayfd", "9", "-screen", "0", "700x500x24", "-nolisten", "tcp" };
  screen.environment = systemd.environment ();
  screen.has_ready_fd = true;
  Process xvfb (screen);
  const std::string display = ":" + xvfb.ready_line ();
  systemd.set_variable ("DISPLAY", display);
  write_file (dir.path ("askpass"),
              "#!/bin/sh\nexec xmessage -geometry +0+0 -title question -buttons Yes:0,No:1 "
              "-default Yes \"$1\"\n",
              0700);
  options.profile = "reads-flow";
  options.config = "[prompts]\naskpass=" + dir.path ("askpass") + "\n";
  start (options);
  ASSERT_EQ (systemd.systemctl ({ "set-environment", "DISPLAY=" + display }).status, 0);
  add_binding ();
  Person asker (*agent);
  int asked = asker.ask ("/mcp/svc", kToolCall, key);

  // Its status does not count: the window is gone before the key is released.
  Finished pressed =
      systemd.run ({ "timeout", "20", "xdotool", "search", "--sync", "--onlyvisible", "--name",
                     "question", "mousemove", "--window", "%1", "5", "5", "key", "Return" });
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("\"result\""))
      << agent->log () << pressed.errors;
  xvfb.signal (SIGTERM);
  EXPECT_EQ (xvfb.wait (), 0);
}

TEST_F (SystemdInside, TheKeyringIsTheDesktopsOwn)
{
  if (!has_program ("gnome-keyring-daemon"))
    GTEST_SKIP () << "gnome-keyring-daemon is not installed";
  UnitAgent::Options options;
  Process::Options daemon;

  options.keyring = "auto";
  start (options);
  daemon.argv = systemd.in_unit ({ "--scope", "--unit=app-keyring.scope" });
  for (const char *word :
       { "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets" })
    daemon.argv.push_back (word);
  daemon.environment = systemd.environment ();
  daemon.environment.erase ("G_DEBUG");
  daemon.input = "pw";
  Process keyring (daemon);
  ASSERT_TRUE (wait_until ([this] {
    return systemd
               .run ({ "gdbus", "call", "--session", "-d", "org.freedesktop.DBus", "-o", "/", "-m",
                       "org.freedesktop.DBus.NameHasOwner", "org.freedesktop.secrets" })
               .output.find ("true") != std::string::npos;
  }));

  add_binding ();
  EXPECT_THAT (agent->control ("GET", "/v1/bindings/svc").body, HasSubstr ("secret-service"));
  EXPECT_THAT (call (), HasSubstr ("\"result\"")) << agent->log ();
  ASSERT_EQ (systemd.systemctl ({ "restart", "bindify.service" }).status, 0);
  EXPECT_THAT (agent->post ("svc", key, kToolCall).body, HasSubstr ("\"result\""))
      << "read from the keyring by another agent" << agent->log ();
}

TEST_F (SystemdInside, UpstreamsAreReachedThroughTls)
{
  if (!std::filesystem::exists (kAuthorities))
    GTEST_SKIP () << "this machine has no list of certificate authorities";
  Authority authority;
  Upstream secure{ mcp_script (kSecret), false, authority.issue ({}) };

  std::ofstream (kAuthorities, std::ios::app) << authority.certificate ();
  start ();
  ASSERT_EQ (agent->add ("svc", secure.url (), kSecret).status, 201);
  key = agent->add_client ("story");
  ASSERT_THAT (secure.url (), HasSubstr ("https://"));
  EXPECT_THAT (call (), HasSubstr ("\"result\"")) << agent->log ();
}

// Servers are units of their own. Their prefix is the place for what a person wants of them all.
TEST_F (SystemdInside, LinesOfTheUsersOwnApplyToLocalServers)
{
  start ();
  systemd.drop_in ("bindify-server-.service", "limits", "[Service]\nLimitNOFILE=333\n");
  systemd.reload ();
  const std::string server =
      std::string ("/usr/bin/python3 ") + getenv ("BFY_TEST_FIXTURES_DIR") + "/stdio-server.py";
  Finished added =
      agent->cli ({ "bindify", "add", "--name", "local", "--command", server, "--env", "TOKEN",
                    "--no-sandbox", "--profile", "open", "--token-stdin", "--yes" },
                  std::string (kSecret) + "\n");

  ASSERT_EQ (added.status, 0) << added.errors << agent->log ();
  Finished called =
      agent->cli ({ "bindify", "call", "local", "show", R"({"path":"/proc/self/limits"})" });
  EXPECT_EQ (called.status, 0) << called.errors;
  EXPECT_THAT (called.output, testing::ContainsRegex ("Max open files +333 "));
}

} // namespace

BFY_MAIN_IN_ACCOUNT (kPerson)
