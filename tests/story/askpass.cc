// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Nobody shows questions, but there is an askpass program: what it is given, what its answers mean,
// and that whatever goes wrong with it is no yes (behaviour 15.4, 15.6, A16).

#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/await.h"
#include "tests/fixture/person.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace
{

constexpr char kSecret[] = "sk-askpass-0123456789abcdefghijklmnopqrstuvwxyz";

void
serve (Upstream::Peer &peer, const Upstream::Request &)
{
  peer.reply (200, R"({"jsonrpc":"2.0","id":1,"result":{"is":"reached"}})");
}

std::string
call (const std::string &tool, const std::string &arguments = "{}")
{
  return R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + tool +
         R"(","arguments":)" + arguments + "}}";
}

class Askpass : public testing::Test
{
protected:
  // @script runs in a shell that is ours, not the agent's; $D is a folder.
  void open (const std::string &script,
             const std::string &config = "",
             const std::string &interpreter = "#!/bin/sh")
  {
    Agent::Options options;

    write_file (program (),
                interpreter + "\nD='" + dir.path () + "'\necho x >> \"$D/runs\"\n" + script + "\n",
                0700);
    options.profile = "reads-flow";
    options.config = config;
    options.environment["BINDIFY_ASKPASS"] = program ();
    options.environment["DISPLAY"] = ":7";
    options.environment["XDG_CURRENT_DESKTOP"] = "of the person";
    options.environment["OTHER_TOKEN"] = "not for it";
    start (options);
  }
  void start (const Agent::Options &options)
  {
    agent = std::make_unique<Agent> (options);
    ASSERT_EQ (agent->add ("svc", upstream.url (), kSecret).status, 201);
    key = agent->add_client ("story");
  }

  std::string program () const
  {
    return dir.path ("askpass");
  }
  std::string ask (const std::string &tool = "create_issue", const std::string &arguments = "{}")
  {
    return agent->post ("svc", key, call (tool, arguments)).body;
  }
  size_t n_runs ()
  {
    return read_file (dir.path ("runs")).size () / 2;
  }
  size_t n_reached ()
  {
    return upstream.requests ().size ();
  }
  bool is_there (const std::string &pid_file)
  {
    std::string pid = read_file (dir.path (pid_file));

    std::string stat =
        pid.empty () ? "" : read_file ("/proc/" + pid.substr (0, pid.find ('\n')) + "/stat");
    size_t name_end = stat.rfind (") ");

    // One that has ended may not have been waited for by whoever inherited it.
    return name_end != std::string::npos && stat[name_end + 2] != 'Z';
  }

  TempDir dir;
  Upstream upstream{ serve };
  std::unique_ptr<Agent> agent;
  std::string key;
};

TEST_F (Askpass, AYesByItsExitStatusIsForOnce)
{
  open (R"(printf '%s' "$1" > "$D/text"; echo $# > "$D/n"; env > "$D/env"; pwd > "$D/pwd")");
  EXPECT_THAT (ask ("create_issue", R"({"repo":"acme/shop"})"), HasSubstr ("reached"));
  EXPECT_EQ (n_reached (), 1u);
  EXPECT_EQ (n_runs (), 1u);
  EXPECT_EQ (read_file (dir.path ("n")), "1\n");
  EXPECT_THAT (read_file (dir.path ("text")),
               AllOf (StartsWith ("Let “story” use the tool “create_issue” of “svc”?\n\n"),
                      HasSubstr ("\nGoes to: 127.0.0.1 (this machine)\n"),
                      HasSubstr ("acme/shop")));

  std::string variables = read_file (dir.path ("env"));
  EXPECT_THAT (variables,
               AllOf (HasSubstr ("SSH_ASKPASS_PROMPT=confirm\n"), HasSubstr ("DISPLAY=:7\n"),
                      HasSubstr ("HOME="), HasSubstr ("XDG_CURRENT_DESKTOP=of the person\n")));
  EXPECT_THAT (variables, Not (HasSubstr ("OTHER_TOKEN")));
  EXPECT_THAT (variables, Not (HasSubstr ("BINDIFY")));

  EXPECT_THAT (ask ("create_issue", R"({"repo":"acme/shop"})"), HasSubstr ("reached"));
  EXPECT_EQ (n_runs (), 2u);
}

TEST_F (Askpass, AWordSaysForHowLong)
{
  open ("echo 10min");
  EXPECT_THAT (ask (), HasSubstr ("reached"));
  EXPECT_THAT (ask (), HasSubstr ("reached"));
  EXPECT_EQ (n_runs (), 1u);
}

TEST_F (Askpass, A16OnlyTheWordDenyIsRemembered)
{
  open ("echo deny; exit 1");
  EXPECT_THAT (ask (), HasSubstr ("-31004"));
  EXPECT_THAT (ask (), HasSubstr ("-31004"));
  EXPECT_EQ (n_runs (), 1u);
  EXPECT_EQ (n_reached (), 0u);
}

TEST_F (Askpass, A16WhatIsNotOfferedIsNoYes)
{
  open ("echo always");
  EXPECT_THAT (ask ("delete_repository"), HasSubstr ("approval_dismissed"));
  EXPECT_EQ (n_reached (), 0u);
}

struct BrokenCase
{
  const char *name, *script;
  const char *interpreter = "#!/bin/sh";
};

std::ostream &
operator<< (std::ostream &out, const BrokenCase &row)
{
  return out << row.name;
}

class AskpassBroken : public Askpass, public testing::WithParamInterface<BrokenCase>
{
};

TEST_P (AskpassBroken, A16AllowsNothingAndIsNotRemembered)
{
  open (GetParam ().script, "", GetParam ().interpreter);
  EXPECT_THAT (ask (), HasSubstr ("approval_dismissed"));
  EXPECT_THAT (ask (), HasSubstr ("approval_dismissed"));
  EXPECT_EQ (n_reached (), 0u);
  EXPECT_EQ (agent->control ("GET", "/v1/status").status, 200u);
  if (std::string (GetParam ().interpreter) == "#!/bin/sh")
    {
      EXPECT_EQ (n_runs (), 2u);
    }
}

INSTANTIATE_TEST_SUITE_P (
    A16,
    AskpassBroken,
    testing::Values (BrokenCase{ "Cancelled", "exit 1" },
                     BrokenCase{ "OtherStatus", "exit 2" },
                     BrokenCase{ "YesWithAnotherStatus", "echo once; exit 3" },
                     BrokenCase{ "YesAndStatusOne", "echo once; exit 1" },
                     BrokenCase{ "Killed", "kill -KILL $$" },
                     BrokenCase{ "Aborted", "ulimit -c 0; kill -ABRT $$" },
                     BrokenCase{ "OtherWord", "echo yes" },
                     BrokenCase{ "TwoLines", "printf 'once\\nalways\\n'" },
                     BrokenCase{ "WordAndMore", "echo once please" },
                     BrokenCase{ "UpperCase", "echo ONCE" },
                     BrokenCase{ "Nul", "printf 'once\\000'" },
                     BrokenCase{ "TenMegabytes", "head -c 10485760 /dev/zero" },
                     BrokenCase{ "TenMegabytesOfComplaints",
                                 "head -c 10485760 /dev/zero >&2; exit 1" },
                     BrokenCase{ "OutputWithoutEnd", "cat /dev/zero" },
                     BrokenCase{ "NotRunnable", "", "#!/nonexistent/shell" }),
    [] (const auto &info) { return info.param.name; });

TEST_F (Askpass, A16AProgramThatHasGoneIsNoYes)
{
  open ("");
  std::filesystem::remove (program ());
  EXPECT_THAT (ask (), HasSubstr ("approval_dismissed"));
  EXPECT_EQ (n_reached (), 0u);
}

TEST_F (Askpass, A16OneThatOthersMayWriteIsNotRun)
{
  open ("");
  std::filesystem::permissions (program (), static_cast<std::filesystem::perms> (0722));
  EXPECT_THAT (ask (), HasSubstr ("approval_dismissed"));
  EXPECT_EQ (n_runs (), 0u);
  EXPECT_EQ (n_reached (), 0u);
}

TEST_F (Askpass, ARelativePathIsNoProgram)
{
  Agent::Options options;

  options.profile = "reads-flow";
  options.environment["BINDIFY_ASKPASS"] = "askpass";
  start (options);
  EXPECT_THAT (ask (), HasSubstr ("approval_unavailable"));
}

TEST_F (Askpass, TheSettingsCanNameIt)
{
  Agent::Options options;

  write_file (program (), "#!/bin/sh\n", 0700);
  options.profile = "reads-flow";
  options.config = "[prompts]\naskpass=" + program () + "\n";
  start (options);
  EXPECT_THAT (ask (), HasSubstr ("reached"));
}

// A program that hangs ends with its question.
TEST_F (Askpass, A16OneThatHangsIsEndedWithItsQuestion)
{
  open ("trap '' TERM; echo $$ > \"$D/pid\"; sleep 1000 & wait; wait",
        "[prompts]\nwait_ms=1000\nhold_ms=1000\nlife_ms=2000\n");
  EXPECT_THAT (ask (), HasSubstr ("approval_"));
  ASSERT_TRUE (wait_until ([this] { return !read_file (dir.path ("pid")).empty (); }));
  EXPECT_TRUE (wait_until ([this] { return !is_there ("pid"); }));
  EXPECT_EQ (n_reached (), 0u);
  EXPECT_EQ (agent->control ("GET", "/v1/status").status, 200u);
}

TEST_F (Askpass, AWindowGoesWithItsClient)
{
  open ("echo $$ > \"$D/pid\"; exec sleep 1000");
  Person asker (*agent);
  int asked = asker.ask ("/mcp/svc", call ("create_issue"), key);

  ASSERT_TRUE (wait_until ([this] { return is_there ("pid"); }));
  asker.hang_up (asked);
  EXPECT_TRUE (wait_until ([this] { return !is_there ("pid"); }));
}

TEST_F (Askpass, OneWindowAtATime)
{
  open ("echo $$ >> \"$D/pids\"; mkdir \"$D/open\" || touch \"$D/two\"; sleep 0.1; rmdir "
        "\"$D/open\"");
  Person asker (*agent);
  std::vector<int> asked;

  for (const char *tool : { "create_a", "create_b", "create_c", "create_d" })
    asked.push_back (asker.ask ("/mcp/svc", call (tool), key));
  for (int id : asked)
    EXPECT_THAT (asker.answer (id).body, HasSubstr ("reached"));
  EXPECT_EQ (n_runs (), 4u);
  EXPECT_FALSE (std::filesystem::exists (dir.path ("two")));
}

TEST_F (Askpass, IsNotAskedWhileSomebodyElseIsThere)
{
  open ("");
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  ASSERT_NE (token, "") << person.refusal ();
  int asked = asker.ask ("/mcp/svc", call ("create_issue"), key);

  ASSERT_EQ (person.reply (token, person.event ("opened"), "allow", "once").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("reached"));
  EXPECT_EQ (n_runs (), 0u);
}

// H01, A19, M31: what clients send is text, and no shell sees it.
TEST_F (Askpass, H01NoShellSeesWhatAClientSends)
{
  open (R"(printf '%s' "$1" > "$D/text")");
  std::string mark = dir.path ("mark");

  EXPECT_THAT (ask ("create_issue", R"({"title":"$(touch )" + mark + R"() `touch )" + mark +
                                        R"(` '; touch )" + mark +
                                        R"( ;' \n\u202eEffect: only reads\u001b[2J"})"),
               HasSubstr ("reached"));
  EXPECT_FALSE (std::filesystem::exists (mark));
  std::string text = read_file (dir.path ("text"));
  EXPECT_THAT (text, HasSubstr ("$(touch "));
  EXPECT_THAT (text, Not (HasSubstr ("\033")));
  EXPECT_THAT (text, Not (HasSubstr ("\u202e")));
  EXPECT_THAT (text, Not (HasSubstr ("\nEffect: only reads")));
}

TEST_F (Askpass, EndsWithTheAgent)
{
  open ("echo $$ > \"$D/pid\"; exec sleep 1000");
  Person asker (*agent);

  asker.ask ("/mcp/svc", call ("create_issue"), key);
  ASSERT_TRUE (wait_until ([this] { return is_there ("pid"); }));
  EXPECT_EQ (agent->stop (), 0);
  EXPECT_TRUE (wait_until ([this] { return !is_there ("pid"); }));
}

} // namespace
