// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// git itself, through the agent, against git's own server: fetching is told from pushing, and the
// password is nowhere in git's world.

#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

const char kPassword[] = "git-password-0123456789abcdef";
const char kForge[] = "https://forge.example/";

class Git : public testing::Test
{
protected:
  Git ()
  {
    shell ("git init -q -b main --bare forge/code.git && git -C forge/code.git config "
           "http.receivepack "
           "true && "
           "git init -q -b main work && cd work && git commit -q --allow-empty -m first && "
           "git push -q ../forge/code.git main");

    Process::Options options;
    options.argv = { "/usr/bin/python3",
                     std::string (getenv ("BFY_TEST_FIXTURES_DIR")) + "/git-server.py",
                     dir.path ("forge"), "robot", kPassword };
    server = std::make_unique<Process> (options);
    std::string ready = server->read_line ();
    EXPECT_THAT (ready, HasSubstr ("ready "));
    added = agent.cli ({ "bindify", "add", "http://127.0.0.1:" + ready.substr (6) + "/", "--type",
                         "http", "--allow-local", "--name", "code", "--basic", "robot",
                         "--token-stdin", "--no-check", "--profile", "reads-flow" },
                       std::string (kPassword) + "\n");
    EXPECT_EQ (added.status, 0) << added.errors;
    // As the service’s own record would have it.
    std::string env = agent.cli ({ "bindify", "env", "code" }).output;
    size_t begin = env.find ("http://");
    url = env.substr (begin, env.find ('\'', begin) - begin);
  }

  Finished shell (const std::string &command)
  {
    Process::Options options = agent.options ({ "/bin/sh", "-c", command });

    options.environment["GIT_CONFIG_COUNT"] = "1";
    options.environment["GIT_CONFIG_KEY_0"] = "url." + url + "/.insteadOf";
    options.environment["GIT_CONFIG_VALUE_0"] = kForge;
    options.environment["GIT_CONFIG_NOSYSTEM"] = options.environment["GIT_TERMINAL_PROMPT"] = "0";
    for (const char *who : { "AUTHOR", "COMMITTER" })
      {
        options.environment["GIT_" + std::string (who) + "_NAME"] = "robot";
        options.environment["GIT_" + std::string (who) + "_EMAIL"] = "robot@example.com";
      }
    options.argv[2] = "cd '" + dir.path ("") + "' && " + command;
    return run (options);
  }

  TempDir dir;
  Agent agent;
  std::unique_ptr<Process> server;
  Finished added;
  std::string url = "http://nowhere.invalid";
};

} // namespace

TEST_F (Git, FetchesAndAsksBeforeItPushes)
{
  Finished clone =
      shell ("git clone -q https://forge.example/code.git copy && git -C copy log --oneline");

  EXPECT_EQ (clone.status, 0) << clone.errors;
  EXPECT_THAT (clone.output, HasSubstr ("first"));
  shell ("cd copy && git commit -q --allow-empty -m second");
  Finished push = shell ("cd copy && git push origin main");
  EXPECT_NE (push.status, 0);
  EXPECT_THAT (push.errors, HasSubstr ("HTTP 409"));
  EXPECT_THAT (shell ("git -C forge/code.git log --oneline main").output,
               Not (HasSubstr ("second")));
  EXPECT_THAT (agent.cli ({ "bindify", "log" }).output,
               AllOf (HasSubstr ("POST /code.git/git-upload-pack"),
                      HasSubstr ("POST /code.git/git-receive-pack")));

  agent.cli (
      { "bindify", "policy", "set", "code", "--allow", "http=POST /code.git/git-receive-pack" });
  push = shell ("cd copy && git push origin main");
  EXPECT_EQ (push.status, 0) << push.errors;
  EXPECT_THAT (shell ("git -C forge/code.git log --oneline main").output, HasSubstr ("second"));
  // git compresses what it asks for when that is long, and sends it in chunks when it is very long.
  EXPECT_EQ (shell ("head -c 3000000 /dev/urandom >copy/large && cd copy && git add large && "
                    "git commit -q -m large && git push -q origin main && git clone -q "
                    "https://forge.example/code.git ../again && cmp large ../again/large")
                 .status,
             0);
}

// The attack: whatever git keeps and says is searched for the password.
TEST_F (Git, NeverHasThePassword)
{
  shell ("GIT_TRACE_CURL=1 git clone https://forge.example/code.git copy >said 2>&1");
  EXPECT_EQ (shell ("test -s said").status, 0);
  EXPECT_EQ (shell (std::string ("grep -rF ") + kPassword + " copy said").status, 1);
  EXPECT_EQ (shell (std::string ("grep -rF ") + "\"$(printf 'robot:%s' " + kPassword +
                    " | base64)\" copy said")
                 .status,
             1);
}
