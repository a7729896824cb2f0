// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// A credential that leaves the agent, for programs that insist on having it: real git against git's
// own server, Docker's and AWS's protocols by hand, a person who is asked each time, and everybody
// who must not get it.

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/certificates.h"
#include "tests/fixture/person.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

const char kPassword[] = "git-password-0123456789abcdef";
const char kKeyId[] = "AKIDEXAMPLE0000000001";
const char kSecretKey[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

class RevealStory : public testing::Test
{
protected:
  void SetUp () override
  {
    std::ofstream (dir.path ("server.pem")) << authority.issue ({});
    std::ofstream (dir.path ("ca.pem")) << authority.certificate ();
    shell ("git init -q -b main --bare forge/code.git && git init -q -b main work && cd work && "
           "git commit -q --allow-empty -m first && git push -q ../forge/code.git main");

    Process::Options options;
    options.argv = {
      "/usr/bin/python3", std::string (getenv ("BFY_TEST_FIXTURES_DIR")) + "/git-server.py",
      dir.path ("forge"), "robot",
      kPassword,          dir.path ("server.pem")
    };
    server = std::make_unique<Process> (options);
    std::string ready = server->read_line ();
    ASSERT_THAT (ready, HasSubstr ("ready "));
    host = "127.0.0.1:" + ready.substr (6);
    Finished added = add ("code", "--allow-reveal");
    ASSERT_EQ (added.status, 0) << added.errors;
  }

  Finished add (const std::string &name, const std::string &more)
  {
    return agent.cli ({ "bindify", "add", "https://" + host + "/", "--type", "http",
                        "--allow-local", "--name", name, "--basic", "robot", "--token-stdin",
                        "--no-check", more },
                      std::string (kPassword) + "\n");
  }

  Process::Options in_shell (const std::string &command)
  {
    std::string client = client_program ("bindify");
    Process::Options options =
        agent.options ({ "/bin/sh", "-c", "cd '" + dir.path ("") + "' && " + command });

    options.environment["GIT_CONFIG_COUNT"] = "2";
    options.environment["GIT_CONFIG_KEY_0"] = "credential.helper";
    options.environment["GIT_CONFIG_VALUE_0"] = "!" + client + " credential git";
    options.environment["GIT_CONFIG_KEY_1"] = "http.sslCAInfo";
    options.environment["GIT_CONFIG_VALUE_1"] = dir.path ("ca.pem");
    options.environment["GIT_CONFIG_NOSYSTEM"] = "1";
    options.environment["GIT_TERMINAL_PROMPT"] = "0";
    for (const char *who : { "AUTHOR", "COMMITTER" })
      {
        options.environment["GIT_" + std::string (who) + "_NAME"] = "robot";
        options.environment["GIT_" + std::string (who) + "_EMAIL"] = "robot@example.com";
      }
    return options;
  }
  Finished shell (const std::string &command)
  {
    return run (in_shell (command));
  }
  Process::Options clone (const std::string &to)
  {
    return in_shell ("exec git clone -q https://" + host + "/code.git " + to);
  }
  std::string asked (const std::string &where)
  {
    return "protocol=https\nhost=" + where + "\n\n";
  }
  // A helper that is asked by hand, with a person who says that.
  Finished helper (const std::vector<std::string> &words,
                   const std::string &input,
                   Person &person,
                   const std::string &token,
                   const std::string &say,
                   std::string *question = nullptr)
  {
    std::vector<std::string> argv = words;
    argv[0] = client_program (words[0]);
    Process::Options options = agent.options (argv);

    options.input = input;
    Process process (options);
    std::string opened = person.event ("opened");
    if (question != nullptr)
      *question = opened;
    person.reply (token, opened, say, say == "allow" ? "once" : "");
    int status = process.wait ();
    return { status, process.output (), process.errors () };
  }
  // Nobody is asked, and nothing is given.
  void expect_refusal (const std::vector<std::string> &words,
                       const std::string &input,
                       int status,
                       const std::string &part)
  {
    Finished done = agent.cli (words, input);

    EXPECT_EQ (done.status, status) << done.errors;
    EXPECT_THAT (done.errors, HasSubstr (part));
    EXPECT_THAT (done.output + done.errors, Not (HasSubstr (kPassword)));
  }
  std::string prompts ()
  {
    return agent.control ("GET", "/v1/prompts").body;
  }
  std::string events ()
  {
    return agent.control ("GET", "/v1/events?limit=1000&type=revealed").body;
  }
  std::string reveal (const std::string &purpose)
  {
    return R"({"for":")" + purpose + R"(","host":")" + host + R"("})";
  }

  const std::vector<std::string> git_get = { "bindify", "credential", "git", "get" };
  Authority authority;
  TempDir dir;
  Agent agent;
  std::unique_ptr<Process> server;
  std::string host;
};

} // namespace

TEST_F (RevealStory, GitGetsItWhenAPersonSaysSoEachTime)
{
  Person person (agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  ASSERT_NE (token, "") << person.refusal ();

  for (const char *to : { "one", "two" })
    {
      Process git (clone (to));
      std::string question = person.event ("opened");
      EXPECT_THAT (member_of (question, "title"),
                   AllOf (HasSubstr ("credential"), HasSubstr ("“code”"), HasSubstr (host)));
      EXPECT_THAT (member_of (question, "lines"),
                   AllOf (HasSubstr ("git"), HasSubstr ("the credential itself")));
      EXPECT_EQ (member_of (question, "scopes"), R"(["once"])");
      EXPECT_EQ (person.reply (token, question, "allow", "always").status, 403);
      EXPECT_EQ (person.reply (token, question, "allow", "once").status, 204);
      EXPECT_EQ (git.wait (), 0) << git.errors ();
      EXPECT_THAT (shell ("git -C " + std::string (to) + " log --oneline").output,
                   HasSubstr ("first"));
    }
  EXPECT_THAT (agent.control ("GET", "/v1/grants").body, Not (HasSubstr ("reveal")));
  EXPECT_THAT (events (), AllOf (HasSubstr (R"("type":"revealed")"), HasSubstr (R"("tool":"git")"),
                                 HasSubstr (R"("host":")" + host), HasSubstr ("success"),
                                 Not (HasSubstr (kPassword))));
  EXPECT_THAT (agent.cli ({ "bindify", "log" }).output, Not (HasSubstr (kPassword)));
  EXPECT_EQ (shell (std::string ("grep -rF ") + kPassword + " one two '" + agent.state_dir () + "'")
                 .status,
             1);
}

TEST_F (RevealStory, ANoIsANo)
{
  Person person (agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  Finished done = helper (git_get, asked (host), person, token, "deny");

  EXPECT_EQ (done.status, 3);
  EXPECT_EQ (done.output, "");
  EXPECT_THAT (done.errors, HasSubstr ("refused"));
  expect_refusal (git_get, asked (host), 3, "refused");
  EXPECT_THAT (events (),
               AllOf (HasSubstr (R"("category":"denied")"), Not (HasSubstr ("success"))));
}

TEST_F (RevealStory, ItIsForItsOwnHostAndOnlyIfThatWasAllowed)
{
  Person person (agent, { "--pty" });
  std::string token = person.register_as ("terminal");

  for (const char *other : { "127.0.0.1:1", "evil.example", "127.0.0.1" })
    {
      Finished done = agent.cli (git_get, asked (other));

      EXPECT_EQ (done.status, 0) << done.errors;
      EXPECT_EQ (done.output + done.errors, "");
      EXPECT_EQ (agent
                     .control ("POST", "/v1/bindings/code/reveal",
                               R"({"for":"git","host":")" + std::string (other) + R"("})")
                     .status,
                 403);
    }
  EXPECT_EQ (agent.cli (git_get, "protocol=http\nhost=" + host + "\n\n").output, "");
  for (const char *purpose : { "aws", "everything" })
    EXPECT_NE (agent.control ("POST", "/v1/bindings/code/reveal", reveal (purpose)).status, 200);

  EXPECT_EQ (agent.cli ({ "bindify", "set", "code", "--no-reveal" }).status, 0);
  EXPECT_EQ (agent.cli (git_get, asked (host)).output, "");
  Response refused = agent.control ("POST", "/v1/bindings/code/reveal", reveal ("git"));
  EXPECT_EQ (refused.status, 403);
  EXPECT_THAT (refused.body, HasSubstr ("--allow-reveal"));
  EXPECT_EQ (prompts ().find ("\"id\""), std::string::npos);
}

TEST_F (RevealStory, WhatIsLimitedOrForbiddenIsNotGivenAway)
{
  EXPECT_EQ (agent.cli ({ "bindify", "set", "code", "-h", "tool=fetch" }).status, 0);
  expect_refusal (git_get, asked (host), 3, "limited by path or tool");
  EXPECT_EQ (agent.cli ({ "bindify", "set", "code", "--no-limits" }).status, 0);
  EXPECT_EQ (agent.cli ({ "bindify", "policy", "set", "code", "--profile", "read-only" }).status,
             0);
  expect_refusal (git_get, asked (host), 3, "policy");
  EXPECT_EQ (agent.cli ({ "bindify", "pause", "code" }).status, 0);
  EXPECT_NE (agent.cli (git_get, asked (host)).status, 0);
}

TEST_F (RevealStory, NobodyToAskIsARefusal)
{
  expect_refusal (git_get, asked (host), 3, "bindify prompts --watch");
}

TEST_F (RevealStory, ALockedAgentGivesNothing)
{
  Person person (agent, { "--pty" });

  ASSERT_NE (person.register_as ("terminal"), "");
  EXPECT_EQ (agent.cli ({ "bindify", "lock" }).status, 0);
  EXPECT_EQ (agent.cli (git_get, asked (host)).status, 4);
  EXPECT_EQ (agent.cli ({ "bindify", "freeze" }).status, 0);
  EXPECT_NE (agent.cli (git_get, asked (host)).status, 0);
}

// The attack: whoever has a key, and so a way to the agent without being the person’s own program.
TEST_F (RevealStory, IsForNoKeyAndNotOnTcp)
{
  Person asker (agent), person (agent, { "--pty" });
  std::string key = agent.add_client ("run");

  ASSERT_NE (person.register_as ("terminal"), "");
  Told told = asker.answer (asker.ask ("/v1/bindings/code/reveal", reveal ("git"), key));
  EXPECT_EQ (told.status, 403) << told.body;
  Connection tcp = agent.tcp ();
  tcp.send (format_request ("POST", "/v1/bindings/code/reveal", agent.host (),
                            "Authorization: Bearer " + key, reveal ("git")));
  EXPECT_EQ (tcp.read_response ().status, 404);
  EXPECT_EQ (prompts ().find ("\"id\""), std::string::npos);
}

TEST_F (RevealStory, WhoeverIsAskedAboutMayNotAllowIt)
{
  Person asker (agent), person (agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  int request = asker.ask ("/v1/bindings/code/reveal", reveal ("git"));
  std::string question = person.event ("opened");

  Told told = asker.answer (asker.ask ("/v1/bindings/code", R"({"reveals":true})", "", "PATCH"));
  EXPECT_EQ (told.status, 403) << told.body;
  person.reply (token, question, "deny");
  EXPECT_EQ (asker.answer (request).status, 403);
}

// What is no longer allowed when the person answers is not given, however they answer.
TEST_F (RevealStory, ItIsLookedAtAgainAfterTheAnswer)
{
  Person asker (agent), person (agent, { "--pty" });
  ASSERT_NE (person.register_as ("terminal"), "");
  int request = asker.ask ("/v1/bindings/code/reveal", reveal ("git"));

  EXPECT_NE (person.event ("opened"), "");
  person.answer (person.ask ("/v1/bindings/code", R"({"reveals":false})", "", "PATCH"));
  Told told = asker.answer (request);
  EXPECT_EQ (told.status, 403) << told.body;
  EXPECT_THAT (told.body, Not (HasSubstr (kPassword)));
}

TEST_F (RevealStory, DockerIsAnsweredInItsOwnWords)
{
  Person person (agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  Finished done = helper ({ "docker-credential-bindify", "get" }, "https://" + host + "/v2/\n",
                          person, token, "allow");

  EXPECT_EQ (done.status, 0) << done.errors;
  EXPECT_EQ (done.output, R"({"ServerURL":"https://)" + host +
                              R"(/v2/","Username":"robot","Secret":")" + kPassword + "\"}\n");
  done = agent.cli ({ "docker-credential-bindify", "get" }, "other.example");
  EXPECT_EQ (done.status, 1);
  EXPECT_EQ (done.output, "credentials not found in native keychain\n");
  for (const char *action : { "store", "erase" })
    {
      done = agent.cli ({ "docker-credential-bindify", action }, "https://" + host);
      EXPECT_EQ (done.status, 1);
      EXPECT_EQ (done.output, "not implemented\n");
    }
  done = agent.cli ({ "docker-credential-bindify", "list" });
  EXPECT_EQ (done.status, 0) << done.errors;
  EXPECT_THAT (done.output, HasSubstr ("https://" + host));
  EXPECT_THAT (done.output, Not (HasSubstr (kPassword)));
  for (const char *action : { "store", "erase", "something-new" })
    {
      done =
          agent.cli ({ "bindify", "credential", "git", action }, asked (host) + "password=other\n");
      EXPECT_EQ (done.status, 0) << done.errors;
      EXPECT_EQ (done.output, "");
    }
  EXPECT_EQ (agent.control ("GET", "/v1/bindings/code").status, 200);
}

TEST_F (RevealStory, AwsGetsWhatItSigns)
{
  Person person (agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  Finished added = agent.cli ({ "bindify", "add", "https://sts.us-east-1.amazonaws.com/", "--type",
                                "http", "--name", "aws", "--sigv4", kKeyId, "--token-stdin",
                                "--no-check", "--allow-reveal" },
                              std::string (kSecretKey) + ":session-token\n");
  ASSERT_EQ (added.status, 0) << added.errors;
  std::string question;
  Finished done =
      helper ({ "bindify", "credential", "aws", "aws" }, "", person, token, "allow", &question);

  EXPECT_EQ (done.status, 0) << done.errors;
  EXPECT_EQ (done.output, R"({"Version":1,"AccessKeyId":")" + std::string (kKeyId) +
                              R"(","SecretAccessKey":")" + kSecretKey +
                              R"(","SessionToken":"session-token"})" + "\n");
  EXPECT_THAT (member_of (question, "lines"), HasSubstr ("sts.us-east-1.amazonaws.com"));
  EXPECT_EQ (agent.cli ({ "bindify", "credential", "aws", "code" }).status, 3);
}
