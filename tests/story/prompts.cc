// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// A person is asked before a request goes on: who is asked what, and what an answer lets go on
// (behaviour 15, craft 1.6). The real agent, and real processes that ask and answer.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/prompt-story.h"

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

TEST_F (PromptStory, AYesLetsTheRequestGoOn)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  ASSERT_NE (token, "") << person.refusal ();
  int asked = asker.ask (kPath, call ("create_issue", R"({"repo":"shop","title":"Hello"})"), key);
  std::string prompt = person.event ("opened");

  EXPECT_THAT (member_of (prompt, "title"), HasSubstr ("“story”"));
  EXPECT_THAT (member_of (prompt, "arguments"), AllOf (HasSubstr ("shop"), HasSubstr ("Hello")));
  EXPECT_EQ (n_reached (), 0u);
  Told answered = person.reply (token, prompt, "allow", "once");
  EXPECT_EQ (answered.status, 204) << answered.body;
  EXPECT_EQ (member_of (person.event ("closed"), "how"), "allowed");
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("reached"));
  EXPECT_EQ (n_reached (), 1u);
  EXPECT_THAT (events ("approval_requested"), HasSubstr ("create_issue"));
  EXPECT_THAT (events ("approval_granted"), HasSubstr ("create_issue"));

  // Once is once.
  int again = asker.ask (kPath, call ("create_issue", R"({"repo":"shop","title":"Hello"})"), key);
  EXPECT_NE (person.event ("opened"), "");
  asker.hang_up (again);
}

TEST_F (PromptStory, TenMinutesLetTheNextOneGoWithoutAQuestion)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int asked = asker.ask (kPath, call ("create_issue", R"({"n":1})"), key);

  ASSERT_EQ (person.reply (token, person.event ("opened"), "allow", "10min").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("reached"));
  EXPECT_THAT (asker.answer (asker.ask (kPath, call ("create_issue", R"({"n":2})"), key)).body,
               HasSubstr ("reached"));

  // Another tool is another question.
  int other = asker.ask (kPath, call ("update_issue"), key);
  EXPECT_EQ (member_of (person.event ("opened"), "tool"), "update_issue");
  asker.hang_up (other);
}

// A16: what is no explicit yes is a no; only the no of a person is remembered.
TEST_F (PromptStory, A16WithNobodyToAskItIsRefusedWithTheWayOut)
{
  Person asker (*agent);
  std::string refused = asker.answer (asker.ask (kPath, call ("create_issue"), key)).body;

  EXPECT_THAT (refused, AllOf (HasSubstr ("-31009"), HasSubstr ("approval_unavailable"),
                               HasSubstr ("bindify prompts --watch")));
  EXPECT_EQ (n_reached (), 0u);
  EXPECT_THAT (events ("proxy_request"), HasSubstr ("approval_unavailable"));
}

TEST_F (PromptStory, A16ANoIsRememberedAndPuttingAwayIsNot)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");

  int asked = asker.ask (kPath, call ("create_issue"), key);
  ASSERT_EQ (person.reply (token, person.event ("opened"), "dismiss").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("approval_dismissed"));

  asked = asker.ask (kPath, call ("create_issue"), key);
  ASSERT_EQ (person.reply (token, person.event ("opened"), "deny").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("\"denied\""));
  // Now without a question.
  EXPECT_THAT (asker.answer (asker.ask (kPath, call ("create_issue"), key)).body,
               AllOf (HasSubstr ("\"denied\""), HasSubstr ("bindify grants revoke")));
  EXPECT_EQ (n_reached (), 0u);
}

TEST_F (PromptStory, A16AnAnswerThatIsNotUnderstoodAllowsNothing)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int asked = asker.ask (kPath, call ("create_issue"), key);
  std::string prompt = person.event ("opened");
  std::string path = "/v1/prompts/" + member_of (prompt, "id") + "/answer";
  std::string known =
      R"("token":)" + in_json (token) + R"(,"digest":")" + member_of (prompt, "digest") + '"';

  for (const std::string &body :
       { std::string ("{}"), "{" + known + "}", "{" + known + R"(,"answer":""})",
         "{" + known + R"(,"answer":"yes"})", "{" + known + R"(,"answer":"allow"})",
         "{" + known + R"(,"answer":"allow","scope":"forever"})",
         "{" + known + R"(,"answer":"allow","scope":"once","force":true})",
         "{" + known + R"(,"answer":true})", std::string ("not JSON"), std::string () })
    EXPECT_THAT (person.answer (person.ask (path, body)).status, AnyOf (400, 403)) << body;
  EXPECT_EQ (n_reached (), 0u);
  EXPECT_NE (prompts ().find (member_of (prompt, "id")), std::string::npos);
  asker.hang_up (asked);
}

TEST_F (PromptStory, H03FiveHundredAlikeAreOneQuestion)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  std::vector<int> asked;
  std::string prompt;

  for (int i = 0; i < 500; i++)
    asked.push_back (asker.ask (kPath, call ("create_issue", R"({"a":1})"), key));
  prompt = person.event ("opened");
  while (member_of (prompt, "waiting") != "500")
    {
      prompt = person.event ("changed");
      ASSERT_NE (prompt, "");
    }
  EXPECT_THAT (prompts (), Not (HasSubstr ("\"prompts\":[]")));
  ASSERT_EQ (person.reply (token, prompt, "allow", "10min").status, 204);
  for (int id : asked)
    EXPECT_THAT (asker.answer (id).body, HasSubstr ("reached"));
  EXPECT_EQ (n_reached (), 500u);
  EXPECT_THAT (prompts (), HasSubstr ("\"prompts\":[]"));
}

TEST_F (PromptStory, H03OfSeveralAlikeOnceLetsOnlyOneGoOn)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  std::vector<int> asked;
  std::string prompt;

  for (int i = 0; i < 3; i++)
    asked.push_back (asker.ask (kPath, call ("create_issue", R"({"a":1})"), key));
  prompt = person.event ("opened");
  while (member_of (prompt, "waiting") != "3")
    prompt = person.event ("changed");
  ASSERT_EQ (person.reply (token, prompt, "allow", "once").status, 204);
  prompt = person.event ("opened"); // the others
  upstream.requests (1);
  while (member_of (prompt, "waiting") != "2")
    prompt = person.event ("changed");
  EXPECT_EQ (n_reached (), 1u);
  ASSERT_EQ (person.reply (token, prompt, "deny").status, 204);
  size_t n_denied = 0;
  for (int id : asked)
    n_denied += asker.answer (id).body.find ("\"denied\"") != std::string::npos;
  EXPECT_EQ (n_denied, 2u);
  EXPECT_EQ (n_reached (), 1u);
}

// What was shown is what is allowed once, though a yes for longer would cover both.
TEST_F (PromptStory, A17AYesForAOnceDoesNotRunB)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int first = asker.ask (kPath, call ("create_issue", R"({"title":"A"})"), key);
  std::string prompt = person.event ("opened");
  int second = asker.ask (kPath, call ("create_issue", R"({"title":"B"})"), key);

  EXPECT_THAT (member_of (prompt, "arguments"), HasSubstr ("“A”"));
  EXPECT_EQ (member_of (person.event ("changed"), "waiting"), "2");
  ASSERT_EQ (person.reply (token, prompt, "allow", "once").status, 204);
  prompt = person.event ("opened");
  EXPECT_THAT (member_of (prompt, "arguments"), HasSubstr ("“B”"));
  EXPECT_THAT (asker.answer (first).body, HasSubstr ("reached"));
  EXPECT_EQ (n_reached (), 1u);
  ASSERT_EQ (person.reply (token, prompt, "dismiss").status, 204);
  EXPECT_THAT (asker.answer (second).body, HasSubstr ("approval_dismissed"));
  EXPECT_EQ (n_reached (), 1u);
}

TEST_F (PromptStory, A17TheOneWhoseQuestionItWasHasLeft)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int first = asker.ask (kPath, call ("create_issue", R"({"title":"A"})"), key);
  std::string prompt = person.event ("opened");
  int second = asker.ask (kPath, call ("create_issue", R"({"title":"B"})"), key);

  EXPECT_EQ (member_of (person.event ("changed"), "waiting"), "2");
  asker.hang_up (first);
  EXPECT_EQ (member_of (person.event ("changed"), "waiting"), "1");
  ASSERT_EQ (person.reply (token, prompt, "allow", "once").status, 204);
  EXPECT_THAT (member_of (person.event ("opened"), "arguments"), HasSubstr ("“B”"));
  EXPECT_EQ (n_reached (), 0u);
  asker.hang_up (second);
}

TEST_F (PromptStory, H04AQuestionGoesWithItsClient)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int asked = asker.ask (kPath, call ("create_issue"), key);
  std::string prompt = person.event ("opened");

  asker.hang_up (asked);
  EXPECT_EQ (member_of (person.event ("closed"), "how"), "withdrawn");
  EXPECT_EQ (person.reply (token, prompt, "allow", "once").status, 404);
  EXPECT_THAT (events ("approval_closed"), HasSubstr ("withdrawn"));
  EXPECT_EQ (n_reached (), 0u);
}

TEST_F (PromptStory, F07AnOpenQuestionIsInNobodysWay)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int asked = asker.ask (kPath, call ("create_issue"), key);

  ASSERT_NE (person.event ("opened"), "");
  EXPECT_THAT (asker.answer (asker.ask (kPath, call ("get_me"), key)).body, HasSubstr ("reached"));
  EXPECT_EQ (agent->control ("GET", "/v1/status").status, 200);
  EXPECT_EQ (n_reached (), 1u);
  asker.hang_up (asked);
}

// J45: one client that asks for a thousand things does not keep others from being asked for.
TEST_F (PromptStory, J45AFloodOfQuestionsIsCapped)
{
  Person flood (*agent), asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  std::string other = agent->add_client ("other");
  std::vector<int> asked;

  for (int i = 0; i < 1000; i++)
    asked.push_back (flood.ask (kPath, call ("create_" + std::to_string (i)), key));
  for (int i = 0; i < 5; i++)
    EXPECT_NE (person.event ("opened"), "");
  for (int i = 0; i < 5; i++)
    flood.ask (kPath, call ("get_me"), key);
  int waits = asker.ask (kPath, call ("create_issue"), other);
  std::string prompt = person.event ("opened");
  EXPECT_EQ (member_of (prompt, "tool"), "create_issue");
  ASSERT_EQ (person.reply (token, prompt, "allow", "once").status, 204);
  EXPECT_THAT (asker.answer (waits).body, HasSubstr ("reached"));
  EXPECT_THAT (flood.answer (asked[900]).body, HasSubstr ("5 other questions"));
}

class ShortPromptStory : public PromptStory
{
protected:
  void SetUp () override
  {
    open ("[prompts]\nwait_ms=1000\nhold_ms=1000\nlife_ms=2500\nquiet_ms=3600000\n");
  }
};

// H05, too: nobody's answer is no answer.
TEST_F (ShortPromptStory, J21ATimeoutIsNotADenial)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int asked = asker.ask (kPath, call ("create_issue"), key);
  std::string prompt = person.event ("opened");

  EXPECT_THAT (asker.answer (asked).body,
               AllOf (HasSubstr ("approval_pending"), HasSubstr ("try again")));
  EXPECT_EQ (member_of (person.event ("closed"), "how"), "timeout");
  EXPECT_EQ (person.reply (token, prompt, "allow", "once").status, 404);
  EXPECT_THAT (events ("approval_closed"), HasSubstr ("timeout"));
  EXPECT_EQ (events ("approval_denied"), "");
  // It is asked for again.
  asked = asker.ask (kPath, call ("create_issue"), key);
  prompt = person.event ("opened");
  ASSERT_EQ (person.reply (token, prompt, "allow", "once").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("reached"));
}

TEST_F (ShortPromptStory, ALateYesServesExactlyOneRepetition)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int asked = asker.ask (kPath, call ("create_issue", R"({"a":1,"b":2})"), key);
  std::string prompt = person.event ("opened");

  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("approval_pending"));
  ASSERT_EQ (person.reply (token, prompt, "allow", "once").status, 204);
  EXPECT_EQ (n_reached (), 0u);
  // Other arguments are another request.
  asked = asker.ask (kPath, call ("create_issue", R"({"a":1,"b":3})"), key);
  prompt = person.event ("opened");
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("approval_pending"));
  EXPECT_THAT (
      asker.answer (asker.ask (kPath, call ("create_issue", R"({"b":2, "a":1})", "9"), key)).body,
      HasSubstr ("reached"));
  asked = asker.ask (kPath, call ("create_issue", R"({"a":1,"b":2})"), key);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("approval_pending"));
  EXPECT_EQ (n_reached (), 1u);
}

// H06: after two that nobody answered, nobody is asked.
TEST_F (ShortPromptStory, H06QuietAfterTwoThatNobodyAnswered)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");

  for (int i = 0; i < 2; i++)
    {
      asker.ask (kPath, call ("create_issue"), key);
      ASSERT_NE (person.event ("opened"), "");
      ASSERT_EQ (member_of (person.event ("closed"), "how"), "timeout");
    }
  EXPECT_THAT (asker.answer (asker.ask (kPath, call ("create_issue"), key)).body,
               AllOf (HasSubstr ("\"denied\""), HasSubstr ("bindify prompts resume")));
  EXPECT_THAT (prompts (), HasSubstr ("\"client\":\"story\""));
  EXPECT_EQ (control (person, "DELETE", "/v1/prompts/quiet").body, R"({"ended":1})");
  asker.ask (kPath, call ("create_issue"), key);
  EXPECT_NE (person.event ("opened"), "");
  EXPECT_THAT (events ("approval_quiet"), AllOf (HasSubstr ("begun"), HasSubstr ("ended")));
}

TEST_F (PromptStory, H06QuietAfterThreeDenials)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  std::string other = agent->add_client ("other");

  for (int i = 0; i < 3; i++)
    {
      int asked = asker.ask (kPath, call ("create_" + std::to_string (i)), key);
      ASSERT_EQ (person.reply (token, person.event ("opened"), "deny").status, 204);
      EXPECT_THAT (asker.answer (asked).body, HasSubstr ("\"denied\""));
    }
  EXPECT_THAT (asker.answer (asker.ask (kPath, call ("create_4"), key)).body,
               HasSubstr ("bindify prompts resume"));
  // Others are asked for.
  int asked = asker.ask (kPath, call ("create_4"), other);
  EXPECT_NE (person.event ("opened"), "");
  asker.hang_up (asked);
}

// Of an array, each that is asked for needs its own yes; what was said yes to once is not asked for
// again while the others are.
TEST_F (PromptStory, OfAnArrayEachNeedsItsOwnYes)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  std::string same = call ("create_issue", R"({"a":1})");
  int asked = asker.ask (kPath,
                         "[" + same + "," + call ("create_issue", R"({"a":1})", "2") + "," +
                             call ("update_issue", "{}", "3") + "]",
                         key);

  for (const char *tool : { "create_issue", "create_issue", "update_issue" })
    {
      std::string prompt = person.event ("opened");
      ASSERT_EQ (member_of (prompt, "tool"), tool);
      EXPECT_EQ (n_reached (), 0u);
      ASSERT_EQ (person.reply (token, prompt, "allow", "once").status, 204);
    }
  EXPECT_NE (asker.answer (asked).body, "");
  EXPECT_EQ (n_reached (), 1u);
}

TEST_F (PromptStory, AYesThatIsTakenBackEndsWhatStillWaits)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int asked = asker.ask (
      kPath, "[" + call ("create_issue") + "," + call ("update_issue", "{}", "2") + "]", key);

  ASSERT_EQ (person.reply (token, person.event ("opened"), "allow", "10min").status, 204);
  ASSERT_EQ (member_of (person.event ("opened"), "tool"), "update_issue");
  ASSERT_EQ (control (person, "DELETE", "/v1/grants").status, 200);
  EXPECT_EQ (member_of (person.event ("closed"), "how"), "withdrawn");
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("\"denied\""));
  EXPECT_EQ (n_reached (), 0u);
}

// While a person thinks, what they were asked about may change: everything is judged anew.
TEST_F (PromptStory, AYesDoesNotOutliveWhatItWasAbout)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");

  int asked = asker.ask (kPath, call ("create_issue"), key);
  std::string prompt = person.event ("opened");
  ASSERT_EQ (control (person, "PUT", "/v1/bindings/svc/policy",
                      R"({"version":1,"default":"deny","rules":[]})")
                 .status,
             200);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("\"denied\""));
  EXPECT_EQ (member_of (person.event ("closed"), "how"), "withdrawn");
  EXPECT_EQ (person.reply (token, prompt, "allow", "once").status, 404);
  EXPECT_EQ (n_reached (), 0u);

  ASSERT_EQ (control (person, "PUT", "/v1/bindings/svc/policy",
                      R"({"version":1,"default":"ask","rules":[]})")
                 .status,
             200);
  asked = asker.ask (kPath, call ("create_issue"), key);
  prompt = person.event ("opened");
  ASSERT_EQ (control (person, "PATCH", "/v1/bindings/svc", R"({"paused":true})").status, 200);
  person.reply (token, prompt, "allow", "once");
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("paused"));
  EXPECT_EQ (n_reached (), 0u);
  ASSERT_EQ (control (person, "PATCH", "/v1/bindings/svc", R"({"paused":false})").status, 200);

  asked = asker.ask (kPath, call ("create_other"), key);
  prompt = person.event ("opened");
  ASSERT_EQ (control (person, "DELETE", "/v1/clients/story").status, 204);
  EXPECT_EQ (person.reply (token, prompt, "allow", "once").status, 404);
  EXPECT_THAT (asker.answer (asked).status, AnyOf (404, 0));
  EXPECT_EQ (n_reached (), 0u);
}

TEST_F (PromptStory, AQuestionGoesWithItsBinding)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int asked = asker.ask (kPath, call ("create_issue"), key);

  ASSERT_NE (person.event ("opened"), "");
  ASSERT_EQ (agent->control ("DELETE", "/v1/bindings/svc").status, 204);
  EXPECT_EQ (member_of (person.event ("closed"), "how"), "refused");
  EXPECT_EQ (asker.answer (asked).status, 404);
}

// What is open when the last one leaves waits for somebody to come back.
TEST_F (PromptStory, AQuestionWaitsForWhoComesBack)
{
  Person asker (*agent);
  int asked;
  {
    Person person (*agent, { "--pty" });
    ASSERT_NE (person.register_as ("terminal"), "");
    asked = asker.ask (kPath, call ("create_issue"), key);
    ASSERT_NE (person.event ("opened"), "");
  }
  Person person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  ASSERT_EQ (person.reply (token, person.event ("opened"), "allow", "once").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("reached"));
}

TEST_F (PromptStory, WhatWaitsKeepsNothingBusyAndCountsOnce)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  ASSERT_EQ (agent
                 ->control ("PUT", "/v1/bindings/svc/policy",
                            R"({"version":1,"default":"ask","rules":[
                                 {"access":"read","effect":"allow"}],
                                 "limits":{"concurrent":1,"requests_per_hour":2}})")
                 .status,
             200);
  int asked = asker.ask (kPath, call ("create_issue"), key);
  std::string prompt = person.event ("opened");

  EXPECT_THAT (asker.answer (asker.ask (kPath, call ("get_me"), key)).body, HasSubstr ("reached"));
  ASSERT_EQ (person.reply (token, prompt, "allow", "once").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("reached"));
  EXPECT_THAT (asker.answer (asker.ask (kPath, call ("get_me"), key)).body,
               HasSubstr ("rate_limited"));
}

// A fork bomb of one program asks one question.
TEST_F (PromptStory, J45ManyProcessesOfOneProgramAreOneQuestion)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  std::vector<int> asked;
  std::string prompt;

  for (int i = 0; i < 20; i++)
    asked.push_back (asker.ask (kPath, call ("create_issue"), "", "POST", asker.start_child ()));
  prompt = person.event ("opened");
  while (member_of (prompt, "waiting") != "20")
    {
      prompt = person.event ("changed");
      ASSERT_NE (prompt, "");
    }
  EXPECT_THAT (member_of (prompt, "client"), AllOf (HasSubstr ("python3"), HasSubstr ("chain")));
  ASSERT_EQ (person.reply (token, prompt, "deny").status, 204);
  for (int id : asked)
    EXPECT_THAT (asker.answer (id).body, HasSubstr ("\"denied\""));
  EXPECT_EQ (n_reached (), 0u);
}

// As ssh-add -c: whatever the policy permits, each use is confirmed, but not what a client needs to
// find out what there is.
TEST_F (PromptStory, WhatIsToBeConfirmedIsAskedForThoughThePolicyPermitsIt)
{
  ASSERT_EQ (
      agent->add ("careful", upstream.url (), kSecret, R"(,"confirms":true,"profile":"open")")
          .status,
      201);
  std::string careful = agent->add_client ("careful");
  Person asker (*agent);
  EXPECT_THAT (asker.answer (asker.ask ("/mcp/careful", call ("get_me"), careful)).body,
               HasSubstr ("approval_unavailable"));
  EXPECT_THAT (asker.answer (asker.ask ("/mcp/careful", kInitialize, careful)).body,
               HasSubstr ("reached"));

  Person person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int asked = asker.ask ("/mcp/careful", call ("get_me"), careful);
  ASSERT_EQ (person.reply (token, person.event ("opened"), "allow", "10min").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("reached"));
  EXPECT_THAT (asker.answer (asker.ask ("/mcp/careful", call ("get_me"), careful)).body,
               HasSubstr ("reached"));
}

TEST_F (PromptStory, WhileTheAgentIsLockedNobodyIsAsked)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int asked = asker.ask (kPath, call ("create_issue"), key);
  std::string prompt = person.event ("opened");

  ASSERT_EQ (agent->control ("POST", "/v1/lock").status, 200);
  EXPECT_EQ (member_of (person.event ("closed"), "how"), "refused");
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("\"locked\""));
  EXPECT_THAT (asker.answer (asker.ask (kPath, call ("create_issue"), key)).body,
               HasSubstr ("\"locked\""));
  EXPECT_EQ (person.reply (token, prompt, "allow", "once").status, 423);
  EXPECT_EQ (n_reached (), 0u);
}

// What a client would make of a passphrase, and how it sets it.
const std::string kRightKey = std::string (43, 'A') + "=";
const std::string kSetPassphrase =
    R"({"kdf":{"algorithm":"scrypt","salt":"AAAAAAAAAAAAAAAAAAAAAA==","log2_n":14,"r":8,"p":1},)"
    R"("key":")" +
    kRightKey + "\"}";

TEST_F (PromptStory, WhoeverAnswersGivesTheApprovalPassphraseIfThereIsOne)
{
  const std::string right (43, 'A'), wrong = "B" + std::string (42, 'A');
  Person person (*agent, { "--pty" });

  Response done = agent->control ("PUT", "/v1/lock/approval", kSetPassphrase);
  ASSERT_EQ (done.status, 204) << done.body;
  EXPECT_EQ (person.register_as ("terminal"), "");
  EXPECT_THAT (person.refusal (), HasSubstr ("approval passphrase"));
  EXPECT_NE (person.register_as ("terminal", 0, "{}", R"(,"key":")" + right + "=\""), "");
  EXPECT_EQ (person.register_as ("terminal", 0, "{}", R"(,"key":")" + wrong + "=\""), "");
  EXPECT_EQ (person.register_as ("terminal", 0, "{}", R"(,"key":"short")"), "");
  EXPECT_THAT (events ("prompter_refused"), HasSubstr ("passphrase"));
}

// It shows the question before anybody has typed something; a no needs no passphrase. To call
// itself a tray is no way around it for a yes.
TEST_F (PromptStory, ATrayMayRefuseWithoutThePassphraseAndAllowNothing)
{
  ASSERT_EQ (agent->control ("PUT", "/v1/lock/approval", kSetPassphrase).status, 204);
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("tray");
  ASSERT_NE (token, "");
  int asked = asker.ask (kPath, call ("create_issue"), key);
  std::string prompt = person.event ("opened");

  auto answered = person.reply (token, prompt, "allow", "once");
  EXPECT_EQ (answered.status, 403);
  EXPECT_THAT (answered.body, HasSubstr ("passphrase"));
  EXPECT_THAT (events ("prompter_refused"), HasSubstr ("passphrase"));
  EXPECT_EQ (n_reached (), 0u);
  EXPECT_EQ (person.reply (token, prompt, "deny").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("\"denied\""));

  token = person.register_as ("tray", 0, "{}", R"(,"key":")" + kRightKey + "\"");
  asked = asker.ask (kPath, call ("merge_pull_request"), key);
  ASSERT_EQ (person.reply (token, person.event ("opened"), "allow", "once").status, 204);
  EXPECT_THAT (asker.answer (asked).body, HasSubstr ("reached"));
}

// Whoever was there before it was set does not know it.
TEST_F (PromptStory, APassphraseCountsForThoseWhoAreThereAlready)
{
  Person asker (*agent), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  asker.ask (kPath, call ("create_issue"), key);
  std::string prompt = person.event ("opened");

  ASSERT_EQ (agent->control ("PUT", "/v1/lock/approval", kSetPassphrase).status, 204);
  EXPECT_EQ (person.reply (token, prompt, "allow", "once").status, 403);
  EXPECT_EQ (n_reached (), 0u);
  EXPECT_THAT (events ("answer_passphrase"), HasSubstr ("set"));
}

} // namespace
