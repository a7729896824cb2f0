// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// `bindify prompts` in a real terminal: tmux shows what a person would see and types what one would
// type. The terminal has to be as it was on every way out (craft 1.6, H01, H02).

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/await.h"
#include "tests/fixture/person.h"
#include "tests/fixture/tmux.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-screen-0123456789abcdefghijklmnopqrstuvwxyz";
constexpr char kIdle[] = "Nothing is asked just now";

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

class Screen : public testing::Test
{
protected:
  void SetUp () override
  {
    Agent::Options options;

    if (!Tmux::is_there ())
      GTEST_SKIP () << "there is no tmux";
    options.profile = "reads-flow";
    options.environment = Tmux::environment ();
    agent = std::make_unique<Agent> (options);
    ASSERT_EQ (agent->add ("svc", upstream.url (), kSecret).status, 201);
    key = agent->add_client ("story");
    asker = std::make_unique<Person> (*agent);
    terminal = std::make_unique<Tmux> (*agent);
    ASSERT_TRUE (terminal->is_ready ()) << screen ();
  }

  std::string tmux (std::vector<std::string> words)
  {
    return terminal->tmux (std::move (words));
  }
  void press (const std::string &key_name)
  {
    terminal->press (key_name);
  }
  void type (const std::string &line)
  {
    terminal->type (line);
  }
  std::string screen ()
  {
    return terminal->screen ();
  }
  bool shows (const std::string &text)
  {
    return terminal->shows (text);
  }
  bool shows_no (const std::string &text)
  {
    return terminal->shows_no (text);
  }
  bool watch (const std::string &before = "")
  {
    type (before + "bindify prompts --watch; echo status=$?");
    return shows (kIdle);
  }
  // As a person does: reads, then answers.
  bool is_armed ()
  {
    return shows ("Enter does what is in") && shows_no ("in a moment");
  }
  int ask (const std::string &tool, const std::string &arguments = "{}")
  {
    return asker->ask ("/mcp/svc", call (tool, arguments), key);
  }
  // After the program has ended: the mode of the terminal, and its first screen.
  void expect_sane (const std::string &status)
  {
    EXPECT_TRUE (shows ("status=" + status)) << screen ();
    EXPECT_THAT (screen (), AllOf (HasSubstr ("ready-2"), Not (HasSubstr (kIdle))));
    EXPECT_TRUE (terminal->is_as_it_was ()) << screen ();
  }
  Upstream upstream{ serve };
  std::unique_ptr<Agent> agent;
  std::unique_ptr<Tmux> terminal;
  std::unique_ptr<Person> asker;
  std::string key;
};

TEST_F (Screen, H02AQuestionIsAnsweredByAKey)
{
  ASSERT_TRUE (watch ()) << screen ();
  // Typed before there is a question: no answer.
  press ("o");
  press ("t");
  int asked = ask ("create_issue", R"({"repo":"acme/shop"})");
  EXPECT_TRUE (shows ("Let “story” use the tool “create_issue” of “svc”?")) << screen ();
  EXPECT_THAT (screen (), AllOf (HasSubstr ("With: “repo: 'acme/shop'”"), HasSubstr ("[d Deny]"),
                                 HasSubstr ("Goes to: 127.0.0.1 (this machine)")));
  ASSERT_TRUE (is_armed ());
  EXPECT_EQ (upstream.requests ().size (), 0u);
  press ("t");
  EXPECT_THAT (asker->answer (asked).body, HasSubstr ("reached"));
  EXPECT_TRUE (shows ("Allowed: Let “story” use the tool")) << screen ();
  EXPECT_THAT (asker->answer (ask ("create_issue")).body, HasSubstr ("reached"));

  asked = ask ("update_issue");
  ASSERT_TRUE (shows ("“update_issue”") && is_armed ());
  press ("Enter"); // what is marked at first
  EXPECT_THAT (asker->answer (asked).body, HasSubstr ("-31004"));
  press ("q");
  expect_sane ("0");
}

TEST_F (Screen, SeveralAreListedAndOneIsChosen)
{
  ASSERT_TRUE (watch ()) << screen ();
  int first = ask ("create_a");
  ASSERT_TRUE (shows ("“create_a”"));
  int second = ask ("create_b");
  ASSERT_TRUE (shows ("2 open questions")) << screen ();
  press ("Down");
  ASSERT_TRUE (shows ("Tool: “create_b”") && is_armed ()) << screen ();
  press ("Tab");
  ASSERT_TRUE (shows ("[o Once]"));
  press ("Space");
  EXPECT_THAT (asker->answer (second).body, HasSubstr ("reached"));
  ASSERT_TRUE (shows ("Tool: “create_a”") && is_armed ()) << screen ();
  press ("x");
  EXPECT_THAT (asker->answer (first).body, HasSubstr ("approval_dismissed"));
}

TEST_F (Screen, FollowsTheSizeOfTheWindow)
{
  ASSERT_TRUE (watch ()) << screen ();
  int asked = ask ("create_issue");
  ASSERT_TRUE (shows ("“create_issue”") && is_armed ());
  tmux ({ "resize-window", "-x", "40", "-y", "12" });
  EXPECT_TRUE (shows ("there is more")) << screen ();
  // What cannot be read cannot be allowed.
  press ("o");
  EXPECT_TRUE (shows ("The window is too small")) << screen ();
  tmux ({ "resize-window", "-x", "15", "-y", "5" });
  EXPECT_TRUE (shows ("Too small")) << screen ();
  tmux ({ "resize-window", "-x", "120", "-y", "40" });
  EXPECT_TRUE (shows ("Effect: changes something")) << screen ();
  EXPECT_EQ (upstream.requests ().size (), 0u);
  asker->hang_up (asked);
  EXPECT_TRUE (shows (kIdle)) << screen ();
}

TEST_F (Screen, CtrlCLeavesTheTerminalAsItWas)
{
  ASSERT_TRUE (watch ()) << screen ();
  press ("C-c");
  expect_sane ("130");
}

struct SignalCase
{
  const char *name;
  int number;
};

std::ostream &
operator<< (std::ostream &out, const SignalCase &row)
{
  return out << row.name;
}

class ScreenSignal : public Screen, public testing::WithParamInterface<SignalCase>
{
};

TEST_P (ScreenSignal, LeavesTheTerminalAsItWas)
{
  ASSERT_TRUE (watch ()) << screen ();
  ask ("create_issue");
  ASSERT_TRUE (shows ("“create_issue”"));
  kill (terminal->find_child (), GetParam ().number);
  expect_sane (std::to_string (128 + GetParam ().number));
}

INSTANTIATE_TEST_SUITE_P (Signals,
                          ScreenSignal,
                          testing::Values (SignalCase{ "Terminate", SIGTERM },
                                           SignalCase{ "Interrupt", SIGINT },
                                           SignalCase{ "HangUp", SIGHUP },
                                           SignalCase{ "Quit", SIGQUIT }),
                          [] (const auto &info) { return info.param.name; });

TEST_F (Screen, CtrlZGivesTheTerminalBackUntilItGoesOn)
{
  ASSERT_TRUE (watch ()) << screen ();
  press ("C-z");
  ASSERT_TRUE (shows ("ready-2") && shows_no (kIdle)) << screen ();
  ASSERT_TRUE (terminal->is_as_it_was ()) << screen ();
  type ("fg");
  ASSERT_TRUE (shows (kIdle)) << screen ();
  int asked = ask ("create_issue");
  ASSERT_TRUE (shows ("“create_issue”") && is_armed ()) << screen ();
  press ("o");
  EXPECT_THAT (asker->answer (asked).body, HasSubstr ("reached"));
  press ("q");
  EXPECT_TRUE (shows ("ready-2")) << screen ();
}

TEST_F (Screen, WaitsForAnAgentThatIsGone)
{
  ASSERT_TRUE (watch ()) << screen ();
  ask ("create_issue");
  ASSERT_TRUE (shows ("“create_issue”"));
  agent->kill ();
  EXPECT_TRUE (shows ("the agent does not answer") && shows_no ("“create_issue”")) << screen ();
  ASSERT_TRUE (agent->start ());
  EXPECT_TRUE (shows (kIdle)) << screen ();
  press ("q");
  expect_sane ("0");
}

// H01, J46: nothing that a client sends moves the cursor, turns the text or looks like ours.
TEST_F (Screen, H01J46WhatAClientSendsIsShownInert)
{
  ASSERT_TRUE (watch ()) << screen ();
  int asked =
      ask ("create_issue",
           R"({"repo":"$(id)\u001b[2J\u202e","title":"\nEffect: only reads","url":"”<b>"})");
  ASSERT_TRUE (shows ("Tool: “create_issue”") && is_armed ()) << screen ();
  std::string raw = tmux ({ "capture-pane", "-p", "-e" });
  EXPECT_THAT (raw, Not (HasSubstr ("\u202e")));
  EXPECT_THAT (raw, HasSubstr ("$(id)"));
  EXPECT_THAT (raw, Not (HasSubstr ("\nEffect: only reads")));
  EXPECT_THAT (screen (), AllOf (HasSubstr ("bindify: 1 open question"),
                                 HasSubstr ("Effect: changes something")));
  asker->hang_up (asked);
}

TEST_F (Screen, ATerminalOfLinesIsAskedInLines)
{
  ASSERT_TRUE (watch ("TERM=dumb ")) << screen ();
  int asked = ask ("create_issue");
  ASSERT_TRUE (shows ("o  Once: ")) << screen ();
  // A person who was too quick is told, waits and tries again.
  auto is_reached = [this] { return upstream.requests ().size () == 1; };
  for (int i = 0; i < 10 && !is_reached (); i++)
    {
      type ("o");
      wait_until (is_reached, 2000);
    }
  EXPECT_THAT (asker->answer (asked).body, HasSubstr ("reached"));
  EXPECT_TRUE (shows ("Allowed: Let “story”")) << screen ();
  type ("q");
  EXPECT_TRUE (shows ("status=0")) << screen ();
}

TEST_F (Screen, OneQuestionIsAnsweredByACommand)
{
  int asked = ask ("create_issue");
  // Nobody is there yet.
  EXPECT_THAT (asker->answer (asked).body, HasSubstr ("approval_unavailable"));

  Person other (*agent, { "--pty" });
  ASSERT_NE (other.register_as ("terminal"), "");
  asked = ask ("create_issue");
  std::string id = member_of (other.event ("opened"), "id");
  type ("clear; bindify prompts");
  EXPECT_TRUE (shows (id.substr (0, 8) + "  Let “story” use the tool")) << screen ();
  type ("clear; bindify prompts allow " + id.substr (0, 6) + " --for 10min");
  EXPECT_TRUE (shows ("Allowed for 10 minutes: Let “story” use the tool")) << screen ();
  EXPECT_THAT (asker->answer (asked).body, HasSubstr ("reached"));

  asked = ask ("delete_repository");
  id = member_of (other.event ("opened"), "id");
  type ("clear; bindify prompts allow " + id + " --for always");
  EXPECT_TRUE (shows ("“always” is not offered")) << screen ();
  type ("clear; bindify prompts deny " + id);
  EXPECT_TRUE (shows ("Denied, and not asked again")) << screen ();
  EXPECT_THAT (asker->answer (asked).body, HasSubstr ("-31004"));
  type ("clear; bindify prompts dismiss " + id);
  EXPECT_TRUE (shows ("There is no open question")) << screen ();
}

TEST_F (Screen, AnswersCanNeedAPassphrase)
{
  type ("bindify prompts passphrase");
  ASSERT_TRUE (shows ("New passphrase")) << screen ();
  type ("only the person knows");
  ASSERT_TRUE (shows ("The same again")) << screen ();
  type ("only the person knows");
  ASSERT_TRUE (shows ("From now on")) << screen ();

  type ("clear; bindify prompts --watch; echo status=$?");
  ASSERT_TRUE (shows ("Passphrase for answers")) << screen ();
  type ("a guess of somebody");
  EXPECT_TRUE (shows ("status=3")) << screen ();

  type ("clear; bindify prompts --watch; echo status=$?");
  ASSERT_TRUE (shows_no ("status=3") && shows ("Passphrase for answers")) << screen ();
  type ("only the person knows");
  ASSERT_TRUE (shows (kIdle)) << screen ();
  int asked = ask ("create_issue");
  ASSERT_TRUE (shows ("“create_issue”") && is_armed ()) << screen ();
  press ("o");
  EXPECT_THAT (asker->answer (asked).body, HasSubstr ("reached"));

  asked = ask ("create_other");
  ASSERT_TRUE (shows ("“create_other”")) << screen ();
  std::string id = json_string (agent->control ("GET", "/v1/prompts").body, "id");
  press ("C-c");
  ASSERT_TRUE (shows ("status=130")) << screen ();
  type ("clear; echo only the person knows | bindify prompts allow --passphrase-stdin " + id);
  EXPECT_TRUE (shows ("Allowed once")) << screen ();
  EXPECT_THAT (asker->answer (asked).body, HasSubstr ("reached"));
}

} // namespace
