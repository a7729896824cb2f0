// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What a person types in the first hour, with the real agent: each command does what it says, tells
// what to type next, and never shows a secret.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-first-hour-0123456789abcdefgh";

class FirstHour : public testing::Test
{
protected:
  Finished add (const std::string &token, const std::string &name = "notes")
  {
    return agent.cli (
        { "bindify-add", "--name", name, "--allow-local", "--token-stdin", upstream.url () },
        token + "\n");
  }

  Upstream upstream{ mcp_script (kSecret) };
  Agent agent;
};

} // namespace

// A01.
TEST (NoAgent, EveryCommandExitsWith2AndSaysHowToStartIt)
{
  Agent::Options options;

  options.starts = false;
  Agent agent (options);
  for (const std::vector<std::string> &command : { std::vector<std::string>{ "bindify", "list" },
                                                   { "bindify", "status" },
                                                   { "bindify", "log" },
                                                   { "bindify-add", "-l" },
                                                   { "bindify-mcp", "x" } })
    {
      Finished finished = agent.cli (command);

      EXPECT_EQ (finished.status, 2) << command[1];
      EXPECT_THAT (finished.errors, HasSubstr ("bindify-agent")) << command[1];
    }
}

// A02, C01.
TEST_F (FirstHour, StartsEmpty)
{
  EXPECT_EQ (agent.cli ({ "bindify-add", "-l" }).status, 1);
  EXPECT_EQ (agent.cli ({ "bindify", "list" }).status, 0);
  EXPECT_EQ (agent.cli ({ "bindify", "list", "--json" }).output, "[]\n");
}

TEST_F (FirstHour, AWrongTokenIsRefusedAndNothingIsStored)
{
  Finished added = add ("sk-wrong-token");

  EXPECT_EQ (added.status, 4);
  EXPECT_THAT (added.errors, HasSubstr ("401"));
  EXPECT_THAT (added.errors, HasSubstr ("Try: repeat the command with another token"));
  EXPECT_THAT (added.output + added.errors, Not (HasSubstr ("sk-wrong-token")));
  EXPECT_EQ (agent.cli ({ "bindify", "list", "--json" }).output, "[]\n");
}

TEST_F (FirstHour, AddListShowRenameLoginRemove)
{
  Finished added = add (kSecret);
  ASSERT_EQ (added.status, 0) << added.errors;
  EXPECT_THAT (added.output, HasSubstr ("bindify-mcp"));
  EXPECT_THAT (added.output, HasSubstr ("vault"));

  Finished twice = add (kSecret);
  EXPECT_EQ (twice.status, 1);
  EXPECT_THAT (twice.errors, HasSubstr ("notes"));

  Finished list = agent.cli ({ "bindify", "list" });
  Finished show = agent.cli ({ "bindify", "show", "notes" });
  EXPECT_EQ (list.status, 0);
  EXPECT_THAT (list.output, HasSubstr ("notes"));
  EXPECT_EQ (show.status, 0);
  EXPECT_THAT (show.output, HasSubstr (upstream.url ()));

  EXPECT_EQ (agent.cli ({ "bindify", "rename", "notes", "memos" }).status, 0);
  EXPECT_EQ (agent.cli ({ "bindify", "show", "notes" }).status, 1);
  EXPECT_THAT (agent.cli ({ "bindify", "tools", "memos" }).output, HasSubstr ("echo"));

  Finished login = agent.cli ({ "bindify", "login", "memos", "--token-stdin" }, "sk-wrong\n");
  EXPECT_EQ (login.status, 4) << login.errors;
  EXPECT_EQ (agent.cli ({ "bindify", "call", "memos", "echo", "message=x" }).status, 0)
      << "the old credential stays in force";
  login =
      agent.cli ({ "bindify", "login", "memos", "--token-stdin" }, std::string (kSecret) + "\n");
  EXPECT_EQ (login.status, 0) << login.errors;
  EXPECT_THAT (login.output, HasSubstr ("works"));

  Finished log = agent.cli ({ "bindify", "log" });
  for (const Finished &finished : { added, twice, list, show, login, log })
    EXPECT_THAT (finished.output + finished.errors, Not (HasSubstr (kSecret)));

  EXPECT_EQ (agent.cli ({ "bindify", "remove", "memos" }).status, 0);
  EXPECT_EQ (agent.cli ({ "bindify", "remove", "memos" }).status, 1);
  EXPECT_EQ (agent.cli ({ "bindify", "list", "--json" }).output, "[]\n");
}

// A refusal of the service names the command that mends it, and that command exists.
TEST_F (FirstHour, TheHintOfARefusalIsACommand)
{
  agent.add ("stale", upstream.url (), "sk-outdated");
  Finished call = agent.cli ({ "bindify", "call", "stale", "echo", "message=x" });

  EXPECT_EQ (call.status, 4);
  EXPECT_THAT (call.errors, HasSubstr ("bindify login stale"));
  EXPECT_EQ (
      agent.cli ({ "bindify", "login", "stale", "--token-stdin" }, std::string (kSecret) + "\n")
          .status,
      0);
  EXPECT_EQ (agent.cli ({ "bindify", "call", "stale", "echo", "message=x" }).status, 0);
}

// What a person got wrong is answered with what to type instead, whatever else was on the line.
TEST_F (FirstHour, AMistakeIsAnsweredWithTheNextCommand)
{
  ASSERT_EQ (add (kSecret).status, 0);
  agent.add_client ("twin");
  agent.add_client ("twin");
  std::string nowhere = "http://127.0.0.1:1/mcp";
  struct
  {
    std::vector<std::string> command;
    std::string hint;
  } mistakes[] = {
    { { "bindify", "client", "remove", "nobody" }, "Try: bindify client list\n" },
    { { "bindify", "client", "remove", "twin" }, "Try: bindify client list\n" },
    { { "bindify", "call", "notes", "echo", "{bad" }, "Try: bindify call --help\n" },
    { { "bindify-add", "--name", "x", "--token-stdin", nowhere },
      "Try: the same with --allow-local" },
    { { "bindify-add", "--name", "x", "--token-stdin", "--allow-local", nowhere },
      "Try: the same with --no-check" },
    { { "bindify", "show", "nobody" }, "Try: bindify list\n" },
  };

  for (const auto &mistake : mistakes)
    {
      Finished finished = agent.cli (mistake.command, "sk-any-token\n");

      EXPECT_NE (finished.status, 0) << mistake.hint;
      EXPECT_THAT (finished.errors, HasSubstr (mistake.hint));
    }
}

TEST_F (FirstHour, AClientHasItsOwnKeyAndLosesItAtOnce)
{
  ASSERT_EQ (add (kSecret).status, 0);
  Finished made = agent.cli ({ "bindify", "client", "add", "claude-code", "--json" });
  std::string key = json_string (made.output, "key");

  ASSERT_EQ (made.status, 0) << made.errors;
  EXPECT_EQ (key.size (), 96u);
  EXPECT_EQ (agent.post ("notes", key, kToolCall).status, 200);
  EXPECT_THAT (agent.cli ({ "bindify", "client", "list" }).output, HasSubstr ("claude-code"));
  EXPECT_THAT (agent.cli ({ "bindify", "client", "list" }).output,
               Not (HasSubstr (key.substr (10))));
  EXPECT_EQ (agent.cli ({ "bindify", "client", "remove", "claude-code" }).status, 0);
  EXPECT_EQ (agent.post ("notes", key, kToolCall).status, 404);
}

// The bridge alone, as a client that starts its servers uses it: probed, killed, started again.
TEST_F (FirstHour, TheBridgeMayBeProbedAndKilled)
{
  ASSERT_EQ (add (kSecret).status, 0);
  for (int i = 0; i < 3; i++)
    {
      Process::Options options = agent.options ({ client_program ("bindify-mcp"), "notes" });
      options.keeps_input_open = true;
      Process bridge (options);
      bridge.write (std::string (kInitialize) + "\n");
      EXPECT_THAT (bridge.read_line (), HasSubstr ("\"id\":1"));
      if (i < 2)
        bridge.signal (9);
      else
        bridge.close_input ();
      EXPECT_EQ (bridge.wait (), i < 2 ? 128 + 9 : 0);
    }
}

// Some servers ask for a token only when it comes to the tools.
TEST_F (FirstHour, AServerThatAsksLateIsAskedTwice)
{
  for (int to_initialize : { 200, 400 })
    {
      Upstream late ([to_initialize] (Upstream::Peer &peer, const Upstream::Request &request) {
        bool is_modern = request.header ("mcp-protocol-version") == "2026-07-28";

        if (request.body.find ("\"tools/list\"") == std::string::npos)
          peer.reply (to_initialize, mcp_answer (kInitialize));
        else if (is_modern == (to_initialize == 400))
          peer.reply (401, "{}",
                      "WWW-Authenticate: Bearer resource_metadata=\"http://127.0.0.1/x\"");
        else
          peer.reply (400, "{}");
      });
      Response answer = agent.control ("POST", "/v1/probe",
                                       R"({"url":")" + late.url () + R"(","allow_local":true})");

      EXPECT_THAT (answer.body, HasSubstr (R"("auth":"oauth")")) << to_initialize;
      EXPECT_THAT (answer.body, HasSubstr (R"("status":401)")) << to_initialize;
    }
}

TEST_F (FirstHour, AServerThatAsksForNothingIsLeftAlone)
{
  Upstream open ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    peer.reply (200, mcp_answer (request.body));
  });
  Response answer =
      agent.control ("POST", "/v1/probe", R"({"url":")" + open.url () + R"(","allow_local":true})");

  EXPECT_THAT (answer.body, HasSubstr (R"("auth":"none")"));
}

TEST_F (FirstHour, TheBridgeSaysWhenTheBindingIsUnknown)
{
  Process::Options options = agent.options ({ client_program ("bindify-mcp"), "nothing" });
  options.keeps_input_open = true;
  Process bridge (options);
  bridge.write (std::string (kInitialize) + "\n");
  std::string line = bridge.read_line ();

  EXPECT_THAT (line, HasSubstr ("\"id\":1"));
  EXPECT_THAT (line, HasSubstr ("-31001"));
  bridge.close_input ();
  bridge.wait ();
}

// Help for everything that the overview lists.
TEST_F (FirstHour, EveryCommandExplainsItself)
{
  for (const char *command : { "add", "list", "show", "rename", "pause", "resume", "login",
                               "remove", "tools", "call", "client", "log", "services", "status" })
    {
      Finished help = agent.cli ({ "bindify", "help", command });

      EXPECT_EQ (help.status, 0) << command;
      EXPECT_THAT (help.output, HasSubstr (command));
      EXPECT_THAT (agent.cli ({ "bindify", "help" }).output,
                   HasSubstr (std::string ("  ") + command));
    }
  Finished unknown = agent.cli ({ "bindify", "lst" });
  EXPECT_EQ (unknown.status, 1);
  EXPECT_THAT (unknown.errors, HasSubstr ("list"));
}
