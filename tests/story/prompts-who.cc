// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Who may answer: not the one that asked, by whatever way (behaviour 15, craft 1.6). The real
// agent, and real processes that ask and answer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/prompt-story.h"

using testing::HasSubstr;

namespace
{

// J03 by every way: the one that asked, its child, its grandchild, its parent.
TEST_F (PromptStory, J03TheAgentCannotApproveItsOwnRequest)
{
  Person asker (*agent, { "--pty" });
  std::string token = asker.register_as ("terminal");
  ASSERT_NE (token, "") << asker.refusal ();
  int child = asker.start_child ("[\"--pty\"]");
  int grandchild = asker.start_child ("[\"--pty\"]", child);
  std::string of_child = asker.register_as ("terminal", child);
  std::string of_grandchild = asker.register_as ("tray", grandchild);

  for (const std::string &over : { key, std::string () })
    {
      int asked =
          asker.ask (kPath, call ("create_issue", R"({"a":")" + over.substr (0, 5) + "\"}"), over);
      std::string prompt = asker.event ("opened");
      ASSERT_NE (prompt, "");

      for (const Told &told : { asker.reply (token, prompt, "allow", "once"),
                                asker.reply (of_child, prompt, "allow", "10min", child),
                                asker.reply (of_grandchild, prompt, "allow", "once", grandchild) })
        {
          EXPECT_EQ (told.status, 403) << told.body;
          EXPECT_THAT (told.body, HasSubstr ("own question"));
        }
      EXPECT_EQ (n_reached (), 0u);
      asker.hang_up (asked);
      while (member_of (asker.event ("closed"), "id") != member_of (prompt, "id"))
        continue;
    }
  EXPECT_THAT (events ("prompter_refused"), HasSubstr ("own_request"));
}

TEST_F (PromptStory, J03TheParentOfWhoAskedCannotAnswerEither)
{
  Person person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int child = person.start_child ();
  person.ask (kPath, call ("create_issue"), "", "POST", child);
  std::string prompt = person.event ("opened");

  EXPECT_EQ (person.reply (token, prompt, "allow", "once").status, 403);
  EXPECT_EQ (n_reached (), 0u);
}

// A program may have somebody else ask for it, and answer in the terminal that both were started
// in.
TEST_F (PromptStory, J03NobodyAnswersInTheTerminalOfTheOneThatAsked)
{
  Person shell (*agent, { "--pty" });
  int asks = shell.start_child (), answers = shell.start_child ();
  std::string token = shell.register_as ("terminal", answers);
  ASSERT_NE (token, "") << shell.refusal ();
  shell.ask (kPath, call ("create_issue"), "", "POST", asks);
  std::string prompt = shell.event ("opened");

  EXPECT_EQ (shell.reply (token, prompt, "allow", "once", answers).status, 403);
  EXPECT_EQ (n_reached (), 0u);
}

TEST_F (PromptStory, J03ATokenIsWorthNothingInOtherHands)
{
  Person asker (*agent), person (*agent, { "--pty" }), other (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int asked = asker.ask (kPath, call ("create_issue"), key);
  std::string prompt = person.event ("opened");
  std::string wrong = token;

  wrong[0] = wrong[0] == 'a' ? 'b' : 'a';
  EXPECT_EQ (asker.reply (token, prompt, "allow", "once").status, 403);
  EXPECT_EQ (other.reply (token, prompt, "allow", "once").status, 403);
  EXPECT_EQ (person.reply (wrong, prompt, "allow", "once").status, 403);
  EXPECT_EQ (person.reply ("", prompt, "allow", "once").status, 403);
  EXPECT_EQ (n_reached (), 0u);
  asker.hang_up (asked);
}

TEST_F (PromptStory, J03AClientKeyAnswersNothing)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string headers = R"({"Authorization":"Bearer )" + key + "\"}";

  EXPECT_EQ (person.register_as ("terminal", 0, headers), "");
  EXPECT_THAT (person.refusal (), HasSubstr ("client key"));

  std::string token = person.register_as ("terminal");
  int asked = asker.ask (kPath, call ("create_issue"), key);
  std::string prompt = person.event ("opened");
  std::string path = "/v1/prompts/" + member_of (prompt, "id") + "/answer";
  std::string body = R"({"token":")" + token + R"(","answer":"allow","scope":"once","digest":")" +
                     member_of (prompt, "digest") + "\"}";
  EXPECT_EQ (person.answer (person.ask (path, body, key)).status, 403);

  // Over TCP there is no such thing.
  Connection tcp = agent->tcp ();
  tcp.send (format_request ("POST", path, agent->host (), "Content-Type: application/json", body));
  EXPECT_EQ (tcp.read_response ().status, 404);
  EXPECT_EQ (n_reached (), 0u);
  asker.hang_up (asked);
}

TEST_F (PromptStory, J03AnAnswerIsForOneQuestionAndOnce)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int one = asker.ask (kPath, call ("create_issue"), key);
  std::string first = person.event ("opened");
  int two = asker.ask (kPath, call ("delete_repository"), key);
  std::string second = person.event ("opened");
  std::string mixed = R"({"id":")" + member_of (second, "id") + R"(","digest":")" +
                      member_of (first, "digest") + "\"}";

  // Danger is never always.
  EXPECT_EQ (person.reply (token, second, "allow", "always").status, 403);
  EXPECT_EQ (person.reply (token, mixed, "allow", "once").status, 400);
  EXPECT_EQ (n_reached (), 0u);
  EXPECT_EQ (person.reply (token, first, "allow", "once").status, 204);
  EXPECT_EQ (person.reply (token, first, "allow", "once").status, 404);
  EXPECT_THAT (asker.answer (one).body, HasSubstr ("reached"));
  EXPECT_EQ (n_reached (), 1u);
  asker.hang_up (two);
}

TEST_F (PromptStory, J20ATerminalThatTheAskerControlsCannotApprove)
{
  // The one that asks holds the other end of the terminal in which the answer is typed, and has
  // made sure that the process there is not its child.
  Person asker (*agent), person (*agent);
  int outer = asker.start_child ("[\"--pty-apart\"]");
  std::string token = asker.register_as ("terminal", outer);
  ASSERT_NE (token, "") << asker.refusal ();
  int asked = asker.ask (kPath, call ("create_issue"), key);
  std::string prompt = asker.event ("opened");
  Told told = asker.reply (token, prompt, "allow", "once", outer);

  EXPECT_EQ (told.status, 403);
  EXPECT_THAT (told.body, HasSubstr ("controls this terminal"));
  EXPECT_EQ (n_reached (), 0u);
  asker.hang_up (asked);
}

// One shell for the request, another one for the answer, and both of the same program, which is not
// even in the same session as they are.
TEST_F (PromptStory, J20WhatTheSameProgramStartedCannotApprove)
{
  Person program (*agent, { "--pty" });
  int shell = program.start_child ("[]"), other = program.start_child (R"(["--pty"])");
  std::string token = program.register_as ("terminal", other);
  ASSERT_NE (token, "") << program.refusal ();
  program.ask (kPath, call ("create_issue"), "", "POST", shell);
  std::string prompt = program.event ("opened");
  Told told = program.reply (token, prompt, "allow", "once", other);

  EXPECT_EQ (told.status, 403);
  EXPECT_THAT (told.body, HasSubstr ("its own question"));
  EXPECT_EQ (n_reached (), 0u);
}

// J03: nor can it make the question needless.
TEST_F (PromptStory, J03WhoAsksCannotLoosenWhatItAsksFor)
{
  Person program (*agent, { "--pty" }), person (*agent, { "--pty" });
  int shell = program.start_child ("[]"), other = program.start_child ("[]");
  std::string token = person.register_as ("terminal");
  int asked = program.ask (kPath, call ("create_issue"), "", "POST", shell);
  std::string prompt = person.event ("opened");
  auto loosen = [] (Person &who, int to) {
    return who.answer (who.ask ("/v1/bindings/svc/policy", "", "", "DELETE", to)).status;
  };

  EXPECT_EQ (loosen (program, other), 403);
  EXPECT_EQ (loosen (program, 0), 403);
  ASSERT_EQ (person.reply (token, prompt, "deny").status, 204);
  EXPECT_THAT (program.answer (asked).body, HasSubstr ("-31004"));
  EXPECT_EQ (loosen (program, other), 403) << "a no is no reason to try it another way";
  EXPECT_EQ (program.answer (program.ask ("/v1/grants", "", "", "DELETE", other)).status, 403);
  EXPECT_THAT (events ("prompter_refused"), HasSubstr ("own_request"));
  EXPECT_EQ (loosen (person, 0) / 100, 2) << "the person may";
}

TEST_F (PromptStory, J20WithoutATerminalThereIsNoTerminalPrompter)
{
  Person person (*agent);

  EXPECT_EQ (person.register_as ("terminal"), "");
  EXPECT_THAT (person.refusal (), HasSubstr ("no terminal"));
}

} // namespace
