// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// A local command is run once before it becomes a binding: what is told of it, and that nothing is
// left of one that fails.

#include "tests/fixture/local-server.h"

namespace
{

class Trial : public LocalServer
{
protected:
  Trial ()
  {
    check = "true";
  }

  void expect_nothing ()
  {
    EXPECT_EQ (agent.control ("GET", "/v1/bindings").body, "{\"bindings\":[]}");
    for (pid_t pid : processes_with (mark))
      EXPECT_TRUE (ends_soon (pid)) << pid;
    EXPECT_THAT (agent.cli ({ "bindify", "keyring", "list" }).output,
                 Not (HasSubstr ("1 binding")));
  }
  std::vector<std::string> words (const std::string &fault)
  {
    std::vector<std::string> words = { "bindify-add", "--name",        "local", "--env",
                                       "TOKEN",       "--token-stdin", "--yes" };

    mark = "--mark-" + std::to_string (getpid ()) + "-" + std::to_string (agent.port ());
    words.push_back ("--command");
    words.push_back ("/usr/bin/python3 " + fixtures () + "/stdio-server.py " + fault + " " + mark);
    if (!GetParam ())
      words.push_back ("--no-sandbox");
    else
      words.insert (words.end (), { "--share-dir", fixtures () });
    return words;
  }
  // The command line names the server as well.
  bool runs_beside (pid_t command)
  {
    for (int i = 0; i < kPatienceMs / 20; i++)
      {
        for (pid_t pid : processes_with (mark))
          if (pid != command)
            return true;
        usleep (20000); // polls for a process that somebody else starts
      }
    return false;
  }
};

} // namespace

INSTANTIATE_TEST_SUITE_P (Modes, Trial, testing::Bool (), mode_name);

TEST_P (Trial, TellsWhatTheServerSaysOfItself)
{
  for (const auto &[era, version] : { std::pair{ "", "1" }, std::pair{ "--modern", "2" } })
    {
      Response added = add (era);

      EXPECT_EQ (added.status, 201) << added.body;
      EXPECT_THAT (
          added.body,
          HasSubstr (std::string (R"("check":{"performed":true,"server":"stdio-server",)") +
                     R"("version":")" + version + R"(","n_tools":15})"));
      // What was tried is not kept running.
      for (pid_t pid : processes_with (mark))
        EXPECT_TRUE (ends_soon (pid)) << pid;
      EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/local").status, 204);
    }
}

TEST_P (Trial, HandsTheSecretOver)
{
  for (const char *deliver :
       { R"("deliver":"file","variable":"TOKEN_FILE")", R"("deliver":"fd","variable":"TOKEN_FD")" })
    {
      EXPECT_EQ (add ("", "", deliver).status, 201) << deliver;
      begin ();
      EXPECT_THAT (call ("spell").body, HasSubstr ("\\\"length\\\": 35"));
      EXPECT_EQ (agent.control ("DELETE", "/v1/bindings/local").status, 204);
    }
}

TEST_P (Trial, TellsTheLastWordsOfOneThatFails)
{
  Response refused = add ("exit");
  EXPECT_EQ (refused.status, 502);
  EXPECT_THAT (refused.body, HasSubstr ("exit status 3"));
  EXPECT_THAT (refused.body, HasSubstr ("cannot start: out of luck"));
  expect_nothing ();

  refused = add ("confess");
  EXPECT_THAT (refused.body, HasSubstr ("no good: [REDACTED]"));
  EXPECT_THAT (refused.body, Not (HasSubstr ("local/secret")));
  expect_nothing ();

  refused = add ("endless");
  EXPECT_THAT (refused.body, HasSubstr ("more in one line"));
  expect_nothing ();
  EXPECT_TRUE (std::filesystem::is_empty (agent.state_dir () + "/programs"));
}

TEST_P (Trial, EndsWithWhoeverAskedForIt)
{
  std::vector<std::string> typed = words ("mute");

  typed[0] = client_program (typed[0]);
  Process::Options options = agent.options (typed);
  options.input = "x-secret-x\n";
  Process command (options);
  ASSERT_TRUE (runs_beside (command.pid ()));
  command.signal (SIGINT);
  EXPECT_EQ (command.wait (), 130) << command.errors ();
  expect_nothing ();
}

TEST_P (Trial, EndsWhenTheAgentIsLocked)
{
  std::vector<std::string> typed = words ("mute");

  typed[0] = client_program (typed[0]);
  Process::Options options = agent.options (typed);
  options.input = "x-secret-x\n";
  Process command (options);
  ASSERT_TRUE (runs_beside (command.pid ()));
  ASSERT_EQ (agent.control ("POST", "/v1/lock").status, 200);
  EXPECT_EQ (command.wait (), 4);
  EXPECT_THAT (command.errors (), HasSubstr ("locked"));
  for (pid_t pid : processes_with (mark))
    EXPECT_TRUE (ends_soon (pid)) << pid;
  Response refused = add ("");
  EXPECT_THAT (refused.body, HasSubstr ("\"locked\""));
  ASSERT_EQ (agent.control ("POST", "/v1/unlock").status, 200);
  expect_nothing ();
}

TEST_P (Trial, IsTheDefaultOfTheCommandLine)
{
  Finished failed = agent.cli (words ("exit"), "x-secret-x\n");
  EXPECT_EQ (failed.status, 1);
  EXPECT_THAT (failed.errors, HasSubstr ("out of luck"));
  EXPECT_THAT (failed.errors, HasSubstr ("--no-check"));
  expect_nothing ();

  std::vector<std::string> unchecked = words ("exit");
  unchecked.push_back ("--no-check");
  Finished added = agent.cli (unchecked, "x-secret-x\n");
  EXPECT_EQ (added.status, 0) << added.errors;
  EXPECT_THAT (added.output, HasSubstr ("It was not tried out."));
  EXPECT_EQ (agent.cli ({ "bindify", "remove", "local" }).status, 0);

  added = agent.cli (words (""), "x-secret-x\n");
  EXPECT_THAT (added.output, HasSubstr ("It works: stdio-server 1, 15 tools.")) << added.errors;
}

// The person decides about one that fails.
TEST_P (Trial, AsksWhetherToAddItAllTheSame)
{
  if (access ("/usr/bin/script", X_OK) != 0)
    GTEST_SKIP () << "no script(1), which makes a terminal";
  std::string command = client_program ("bindify-add") +
                        " --name local --command '/usr/bin/python3 " + fixtures () +
                        "/stdio-server.py exit' " +
                        (GetParam () ? "--share-dir " + fixtures () : std::string ("--no-sandbox"));

  for (bool wants_it : { false, true })
    {
      Process::Options options =
          agent.options ({ "/usr/bin/script", "-qec", command, "/dev/null" });

      options.input = wants_it ? "y\ny\n" : "y\nn\n";
      Finished asked = run (options);
      EXPECT_THAT (asked.output, HasSubstr ("out of luck"));
      EXPECT_THAT (asked.output, HasSubstr ("Add it all the same? [y/N]"));
      EXPECT_EQ (asked.status, wants_it ? 0 : 1) << asked.output;
      EXPECT_EQ (agent.control ("GET", "/v1/bindings/local").status, wants_it ? 200 : 404);
    }
}
