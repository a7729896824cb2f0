// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Settings that are changed while the agent runs: what counts at once and what after a restart,
// what stays in the file, and files that are not the agent's to write.

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fixture/person.h"
#include "tests/fixture/proxied.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kConfig[] = "# kept as it is\n"
                           "[agent]\n"
                           "keyring=vault\n"
                           "colour=blue\n"
                           "\n"
                           "[prompts]\n"
                           "wait_ms=5000 \n";

class SettingsStory : public testing::Test
{
protected:
  void start (const std::string &config = kConfig)
  {
    Agent::Options options;

    options.profile = "";
    options.config = config;
    agent = std::make_unique<Agent> (options);
  }
  std::string path ()
  {
    return json_string (agent->control ("GET", "/v1/settings").body, "file");
  }
  std::string text ()
  {
    std::ifstream file (path ());
    std::stringstream all;

    all << file.rdbuf ();
    return all.str ();
  }
  Response change (const std::string &body)
  {
    return agent->control ("PATCH", "/v1/settings", body);
  }
  std::string shown (const std::string &name)
  {
    return agent->cli ({ "bindify", "settings", name, "--json" }).output;
  }
  std::string events ()
  {
    return agent->control ("GET", "/v1/events?type=settings_changed").body;
  }

  std::unique_ptr<Agent> agent;
};

} // namespace

TEST_F (SettingsStory, OneLineOfTheFileChangesAndCountsAtOnce)
{
  start ();
  std::string before = text ();
  Finished done = agent->cli ({ "bindify", "settings", "prompts.wait_ms", "7000" });

  EXPECT_EQ (done.status, 0) << done.errors;
  EXPECT_THAT (done.output, AllOf (HasSubstr ("7000"), Not (HasSubstr ("anew"))));
  std::string wanted = before;
  wanted.replace (wanted.find ("wait_ms=5000 "), 13, "wait_ms=7000");
  EXPECT_EQ (text (), wanted);
  EXPECT_THAT (shown ("prompts.wait_ms"), AllOf (HasSubstr ("\"running\" : \"7000\""),
                                                 HasSubstr ("\"needs_restart\" : false")));
  EXPECT_THAT (events (), HasSubstr ("prompts.wait_ms=7000"));

  EXPECT_EQ (agent->cli ({ "bindify", "settings", "--default", "prompts.wait_ms" }).status, 0);
  EXPECT_THAT (text (), Not (HasSubstr ("wait_ms")));
  EXPECT_THAT (shown ("prompts.wait_ms"), HasSubstr ("\"value\" : \"35000\""));
}

TEST_F (SettingsStory, NewBindingsFollowTheProfileAtOnce)
{
  Upstream upstream (mcp_script ("sk-settings-0123456789"));

  start ();
  ASSERT_EQ (change (R"({"policy.profile":"read-only"})").status, 200);
  ASSERT_EQ (agent->add ("svc", upstream.url (), "sk-settings-0123456789").status, 201);
  EXPECT_THAT (agent->control ("GET", "/v1/bindings/svc").body,
               HasSubstr ("\"profile\":\"read-only\""));
}

// The line that says so is what a person goes by, and the next agent does as it says.
TEST_F (SettingsStory, APortWaitsForTheNextAgentAndTheDoorCanBeShut)
{
  start ();
  Finished done = agent->cli ({ "bindify", "settings", "agent.tcp", "false" });

  EXPECT_EQ (done.status, 0) << done.errors;
  EXPECT_THAT (done.output, HasSubstr ("until it is started anew"));
  EXPECT_THAT (shown ("agent.tcp"), HasSubstr ("\"needs_restart\" : true"));
  EXPECT_THAT (shown ("agent.port"), HasSubstr ("\"is_overridden\" : true"))
      << "the story starts it with --port 0";
}

TEST_F (SettingsStory, WithoutTheDoorNothingListens)
{
  Agent::Options options;

  options.config = "[agent]\ntcp=false\n";
  options.starts = false;
  agent = std::make_unique<Agent> (options);
  Process::Options made = agent->options ({ agent_program (), "--keyring", "vault", "--state-dir",
                                            agent->state_dir (), "--ready-fd", "1" });
  Process process (made);
  std::string line = process.read_line (kPatienceMs);

  EXPECT_THAT (line, HasSubstr ("READY port=0 "));
  EXPECT_THAT (agent->control ("GET", "/v1/status").body, HasSubstr ("\"port\":0,"));
  process.signal (15);
  EXPECT_EQ (process.wait (), 0);
}

TEST_F (SettingsStory, WhatIsWrongIsRefusedAndNothingOfItWritten)
{
  start ();
  std::string before = text ();

  EXPECT_EQ (change (R"({"log.days":"3","agent.port":"99999"})").status, 400);
  EXPECT_EQ (change (R"({"log.days":3})").status, 400);
  EXPECT_EQ (change (R"({})").status, 400);
  EXPECT_EQ (change (R"({"log.days":"3\n[agent]\nkeyring=memory"})").status, 400);
  EXPECT_EQ (change (R"({"prompts.askpass":"/tmp/evil"})").status, 404);
  EXPECT_EQ (change (R"({"network.proxy":"none"})").status, 404);
  EXPECT_EQ (text (), before);

  Finished failed = agent->cli ({ "bindify", "settings", "lock.on", "never" });
  EXPECT_EQ (failed.status, 1);
  EXPECT_THAT (failed.errors, AllOf (HasSubstr ("some of screen"), HasSubstr ("bindify settings")));
}

// An agent that cannot have its port would not come back.
TEST_F (SettingsStory, APortThatSomebodyHasIsRefused)
{
  Upstream other (mcp_script ("sk-settings-0123456789"));
  std::string url = other.url ();
  std::string port = std::to_string (std::stoi (url.substr (url.rfind (':') + 1)));

  start ();
  Response refused = change (R"({"agent.port":")" + port + R"("})");
  EXPECT_EQ (refused.status / 100, 4) << refused.body;
  EXPECT_THAT (refused.body, HasSubstr (port));
  EXPECT_THAT (text (), Not (HasSubstr (port)));
}

TEST_F (SettingsStory, AFileThatIsNotThereIsMade)
{
  start ();
  std::string file = path ();

  ASSERT_EQ (unlink (file.c_str ()), 0);
  EXPECT_EQ (change (R"({"log.days":"3"})").status, 200);
  EXPECT_EQ (text (), "[log]\ndays=3\n");
  struct stat status;
  ASSERT_EQ (stat (file.c_str (), &status), 0);
  EXPECT_EQ (status.st_mode & 0777, 0600u);
}

TEST_F (SettingsStory, AReadOnlyFileStaysAsItIs)
{
  start ();
  std::string before = text ();

  ASSERT_EQ (chmod (path ().c_str (), 0400), 0);
  Response refused = change (R"({"log.days":"3"})");
  EXPECT_EQ (refused.status / 100, 5) << refused.body;
  EXPECT_THAT (refused.body, HasSubstr ("chmod u+w"));
  EXPECT_EQ (text (), before);
}

TEST_F (SettingsStory, AFileThatOthersCanChangeIsNotGoneBy)
{
  start ();
  ASSERT_EQ (chmod (path ().c_str (), 0666), 0);
  Response refused = change (R"({"log.days":"3"})");
  EXPECT_NE (refused.status, 200);
  EXPECT_THAT (refused.body, HasSubstr ("chmod go-w"));
}

TEST_F (SettingsStory, BehindALinkTheRealFileChangesAndTheLinkStays)
{
  start ();
  std::string file = path ();
  std::string real = agent->dir ().path ("dotfiles");
  namespace fs = std::filesystem;

  fs::create_directory (real);
  fs::permissions (real, fs::perms::owner_all);
  fs::rename (file, real + "/mine.conf");
  fs::create_symlink (real + "/mine.conf", file);
  EXPECT_EQ (change (R"({"log.days":"3"})").status, 200);
  EXPECT_TRUE (fs::is_symlink (file));
  EXPECT_THAT (text (), HasSubstr ("days=3"));
  EXPECT_FALSE (fs::is_symlink (real + "/mine.conf"));

  fs::remove (real + "/mine.conf");
  EXPECT_THAT (change (R"({"log.days":"4"})").body, HasSubstr ("leads nowhere"));
  EXPECT_FALSE (fs::exists (real + "/mine.conf"));
}

// Others could put a file of theirs in its place.
TEST_F (SettingsStory, AFolderThatOthersCanChangeIsRefused)
{
  start ();
  std::string folder = std::filesystem::path (path ()).parent_path ();

  ASSERT_EQ (chmod (folder.c_str (), 0777), 0);
  EXPECT_THAT (change (R"({"log.days":"3"})").body, HasSubstr ("chmod go-w"));
  ASSERT_EQ (chmod (folder.c_str (), 0700), 0);
}

TEST_F (SettingsStory, AFileThatIsNoTextIsNotOverwritten)
{
  start ();
  {
    std::ofstream file (path (), std::ios::binary);
    file << std::string ("[log]\ndays=1\0\xff", 14);
  }
  Response refused = change (R"({"log.days":"3"})");
  EXPECT_NE (refused.status, 200);
  EXPECT_THAT (refused.body, HasSubstr ("not text"));
}

// J03: who is being asked about does not switch off what locks the agent.
TEST_F (SettingsStory, J03WhoAsksCannotChangeTheLock)
{
  Upstream upstream (mcp_script ("sk-settings-0123456789"));

  start ();
  ASSERT_EQ (
      agent->add ("svc", upstream.url (), "sk-settings-0123456789", R"(,"confirms":true)").status,
      201);
  Person program (*agent, { "--pty" }), person (*agent, { "--pty" });
  std::string token = person.register_as ("terminal");
  ASSERT_NE (token, "");
  program.ask ("/mcp/svc", kToolCall);
  ASSERT_NE (person.event ("opened"), "");
  int change = program.ask ("/v1/settings", R"({"lock.on":"none"})", "", "PATCH");

  EXPECT_EQ (program.answer (change).status, 403);
  EXPECT_THAT (text (), Not (HasSubstr ("[lock]")));
  change = person.ask ("/v1/settings", R"({"lock.on":"none"})", "", "PATCH");
  EXPECT_EQ (person.answer (change).status, 200);
}

TEST_F (SettingsStory, LockedNothingIsChanged)
{
  start ();
  ASSERT_EQ (agent->control ("POST", "/v1/lock").status, 200);
  EXPECT_THAT (change (R"({"lock.on":"none"})").body, HasSubstr ("locked"));
  EXPECT_THAT (text (), Not (HasSubstr ("[lock]")));
}
