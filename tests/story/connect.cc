// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Bindings are put into the files of the programs that speak MCP, work from there, and are taken
// out again as if nothing had been.

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/tmux.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-connect-0123456789abcdefghijk";

class ConnectStory : public testing::Test
{
protected:
  void SetUp () override
  {
    ASSERT_EQ (agent.add ("notes", upstream.url (), kSecret).status, 201);
    ASSERT_EQ (agent.add ("tasks", upstream.url (), kSecret).status, 201);
  }

  std::string path (const std::string &name) const
  {
    return agent.dir ().path (name);
  }
  void put (const std::string &name, const std::string &text, unsigned mode = 0600)
  {
    std::filesystem::create_directories (std::filesystem::path (path (name)).parent_path ());
    write_file (path (name), text, mode);
  }
  std::string get (const std::string &name) const
  {
    return read_file (path (name));
  }
  bool is_there (const std::string &name) const
  {
    return std::filesystem::exists (path (name));
  }
  Finished run (std::vector<std::string> words)
  {
    words.insert (words.begin (), "bindify");

    return agent.cli (words);
  }

  Upstream upstream{ mcp_script (kSecret) };
  Agent agent;
};

struct Client
{
  const char *name, *file, *fixture; // fixture: "" = the file is not there before
};

class EachClient : public ConnectStory, public testing::WithParamInterface<Client>
{
protected:
  std::string fixture () const
  {
    const std::string name = GetParam ().fixture;

    return name.empty () ? ""
                         : read_file (std::string (getenv ("BFY_TEST_FIXTURES_DIR")) +
                                      "/client-files/" + name);
  }
};

// The words in quotes, or behind the dashes of YAML, of the bridge's entry.
std::string
find_bridge (const std::string &text)
{
  size_t at = text.find ("/bindify-mcp");
  size_t begin = text.find_last_of ("\" ", at) + 1;

  return at == std::string::npos ? "" : text.substr (begin, at - begin) + "/bindify-mcp";
}

} // namespace

TEST_P (EachClient, UsesABindingAndThenNoLonger)
{
  const Client &client = GetParam ();
  const std::string before = fixture ();
  Finished finished;

  if (*client.fixture != '\0')
    {
      ASSERT_NE (before, "");
      put (client.file, before);
    }
  finished = run ({ "connect", client.name, "notes" });
  ASSERT_EQ (finished.status, 0) << finished.errors;
  ASSERT_NE (find_bridge (get (client.file)), "") << get (client.file);
  EXPECT_THAT (get (client.file), Not (HasSubstr (kSecret)));
  EXPECT_THAT (get (client.file), HasSubstr (before.substr (0, 20)));

  // What stands there works.
  Process::Options options = agent.options ({ find_bridge (get (client.file)), "notes" });
  options.keeps_input_open = true;
  Process bridge (options);
  bridge.write (std::string (kInitialize) + "\n");
  EXPECT_THAT (bridge.read_line (), HasSubstr ("serverInfo"));
  bridge.close_input ();
  EXPECT_EQ (bridge.wait (), 0);

  EXPECT_THAT (run ({ "connect", "--list", "--json" }).output, HasSubstr ("\"notes\""));
  // One more, and both out again.
  ASSERT_EQ (run ({ "connect", client.name, "tasks" }).status, 0);
  finished = run ({ "disconnect", client.name });
  ASSERT_EQ (finished.status, 0) << finished.errors;
  EXPECT_EQ (get (client.file), before);
  EXPECT_EQ (is_there (client.file), *client.fixture != '\0');
  EXPECT_EQ (run ({ "disconnect", client.name }).status, 1);
}

TEST_P (EachClient, IsAsBeforeWhenItIsUndone)
{
  const Client &client = GetParam ();
  const std::string before = fixture ();

  if (*client.fixture != '\0')
    put (client.file, before);
  ASSERT_EQ (run ({ "connect", client.name, "--yes" }).status, 0);
  EXPECT_THAT (get (client.file), HasSubstr ("tasks"));
  EXPECT_THAT (run ({ "undo", "--list" }).output, HasSubstr ("notes, tasks"));
  EXPECT_EQ (run ({ "undo" }).status, 0);
  EXPECT_EQ (get (client.file), before);
  EXPECT_EQ (is_there (client.file), *client.fixture != '\0');
}

INSTANTIATE_TEST_SUITE_P (
    Clients,
    EachClient,
    testing::Values (Client{ "claude-desktop", "config/Claude/claude_desktop_config.json", "" },
                     Client{ "claude-code", "home/.claude.json", "claude-code.json" },
                     Client{ "cursor", "home/.cursor/mcp.json", "" },
                     Client{ "vscode", "config/Code/User/mcp.json", "vscode.json" },
                     Client{ "windsurf", "home/.codeium/windsurf/mcp_config.json", "" },
                     Client{ "zed", "config/zed/settings.json", "zed.json" },
                     Client{ "codex", "home/.codex/config.toml", "codex.toml" },
                     Client{ "gemini", "home/.gemini/settings.json", "gemini.json" },
                     Client{ "goose", "config/goose/config.yaml", "goose.yaml" },
                     Client{ "continue", "home/.continue/config.yaml", "continue.yaml" },
                     Client{ "cline", "home/.cline/data/settings/cline_mcp_settings.json", "" },
                     Client{ "opencode", "config/opencode/opencode.json", "" }),
    [] (const testing::TestParamInfo<Client> &info) {
      std::string name = info.param.name;

      name.erase (std::remove (name.begin (), name.end (), '-'), name.end ());
      return name;
    });

// What others have written.

TEST_F (ConnectStory, AFileChangedMeanwhileLosesOnlyOurEntry)
{
  put ("home/.cursor/mcp.json",
       "{\n  \"mcpServers\": {\n    \"a\": { \"command\": \"a\" }\n  }\n}");
  ASSERT_EQ (run ({ "connect", "cursor", "notes" }).status, 0);
  std::string text = get ("home/.cursor/mcp.json");
  text.insert (1, "\n  \"theme\": 1,");
  put ("home/.cursor/mcp.json", text);

  Finished finished = run ({ "undo" });
  EXPECT_EQ (finished.status, 1);
  EXPECT_THAT (finished.errors, HasSubstr ("has been changed since"));
  EXPECT_EQ (get ("home/.cursor/mcp.json"), text);

  EXPECT_EQ (run ({ "disconnect", "cursor", "notes" }).status, 0);
  EXPECT_EQ (get ("home/.cursor/mcp.json"), "{\n  \"theme\": 1,\n  \"mcpServers\": {\n    \"a\": { "
                                            "\"command\": \"a\" }\n  }\n}");
}

TEST_F (ConnectStory, ForceTakesBackAllTheSameAndKeepsWhatWasThere)
{
  put ("home/.cursor/mcp.json", "{}");
  ASSERT_EQ (run ({ "connect", "cursor", "notes" }).status, 0);
  put ("home/.cursor/mcp.json", "{\"mine\":1}");
  EXPECT_EQ (run ({ "undo", "--force" }).status, 0);
  EXPECT_EQ (get ("home/.cursor/mcp.json"), "{}");
  EXPECT_EQ (run ({ "undo" }).status, 0);
  EXPECT_EQ (get ("home/.cursor/mcp.json"), "{\"mine\":1}");
}

TEST_F (ConnectStory, AServerOfThatNameStaysUnlessItIsToBeReplaced)
{
  const std::string before = R"({"mcpServers":{"notes":{"command":"other"}}})";

  put ("home/.cursor/mcp.json", before);
  Finished finished = run ({ "connect", "cursor", "notes" });
  EXPECT_EQ (finished.status, 1);
  EXPECT_THAT (finished.errors, HasSubstr ("--replace"));
  EXPECT_EQ (get ("home/.cursor/mcp.json"), before);
  EXPECT_EQ (run ({ "disconnect", "cursor", "notes" }).status, 1);
  EXPECT_EQ (run ({ "connect", "cursor", "notes", "--replace" }).status, 0);
  EXPECT_THAT (get ("home/.cursor/mcp.json"), HasSubstr ("bindify-mcp"));
  EXPECT_EQ (run ({ "disconnect", "cursor", "notes" }).status, 0);
  EXPECT_EQ (get ("home/.cursor/mcp.json"), before);
}

// Connecting again is not the end of what somebody has written into our entry.
TEST_F (ConnectStory, ConnectingAgainKeepsWhatWasAddedToOurEntry)
{
  std::string text, added;

  put ("home/.cursor/mcp.json", "{}");
  ASSERT_EQ (run ({ "connect", "cursor", "notes" }).status, 0);
  text = get ("home/.cursor/mcp.json");
  size_t at = text.find ("\"type\"");
  ASSERT_NE (at, std::string::npos);
  added = text.substr (0, at) + "\"autoApprove\": [\"echo\"], " + text.substr (at);
  put ("home/.cursor/mcp.json", added);
  EXPECT_THAT (run ({ "connect", "cursor", "notes" }).output, HasSubstr ("already"));
  EXPECT_EQ (get ("home/.cursor/mcp.json"), added);

  // It has moved.
  std::string moved = added;
  moved.insert (moved.find ("/bindify-mcp"), "/elsewhere");
  put ("home/.cursor/mcp.json", moved);
  EXPECT_EQ (run ({ "connect", "cursor", "notes" }).status, 0);
  EXPECT_EQ (get ("home/.cursor/mcp.json"), added);
}

struct Broken
{
  const char *name, *client, *file, *text;
};

class BrokenFile : public ConnectStory, public testing::WithParamInterface<Broken>
{
};

TEST_P (BrokenFile, IsLeftAsItIsAndNamed)
{
  const Broken &row = GetParam ();

  put (row.file, row.text);
  Finished finished = run ({ "connect", row.client, "notes" });
  EXPECT_EQ (finished.status, 1);
  EXPECT_THAT (finished.errors, HasSubstr (path (row.file)));
  EXPECT_THAT (finished.errors, HasSubstr ("Line 2"));
  EXPECT_EQ (get (row.file), row.text);
  EXPECT_EQ (run ({ "undo" }).status, 1);
}

INSTANTIATE_TEST_SUITE_P (
    Forms,
    BrokenFile,
    testing::Values (Broken{ "Json", "cursor", "home/.cursor/mcp.json", "{\n  \"a\" 1\n}" },
                     Broken{ "Toml", "codex", "home/.codex/config.toml", "a = 1\nb =\n" },
                     Broken{ "Yaml", "goose", "config/goose/config.yaml", "a: 1\n   b: 2\n" }),
    [] (const testing::TestParamInfo<Broken> &info) { return info.param.name; });

TEST_F (ConnectStory, ALinkOutOfTheHomeDirectoryIsNotFollowed)
{
  put ("elsewhere/mcp.json", "{}");
  std::filesystem::create_directories (path ("home/.cursor"));
  std::filesystem::create_symlink (path ("elsewhere/mcp.json"), path ("home/.cursor/mcp.json"));
  Finished finished = run ({ "connect", "cursor", "notes" });
  EXPECT_EQ (finished.status, 1);
  EXPECT_THAT (finished.errors, HasSubstr ("a link leads out"));
  EXPECT_EQ (get ("elsewhere/mcp.json"), "{}");
}

TEST_F (ConnectStory, ALinkInsideTheHomeDirectoryStaysALink)
{
  put ("home/dotfiles/mcp.json", "{}");
  std::filesystem::create_directories (path ("home/.cursor"));
  std::filesystem::create_symlink (path ("home/dotfiles/mcp.json"), path ("home/.cursor/mcp.json"));
  ASSERT_EQ (run ({ "connect", "cursor", "notes" }).status, 0);
  EXPECT_TRUE (std::filesystem::is_symlink (path ("home/.cursor/mcp.json")));
  EXPECT_THAT (get ("home/dotfiles/mcp.json"), HasSubstr ("bindify-mcp"));
  EXPECT_EQ (run ({ "disconnect", "cursor" }).status, 0);
  EXPECT_EQ (get ("home/dotfiles/mcp.json"), "{}");
}

TEST_F (ConnectStory, AReadOnlyFileStaysAsItIs)
{
  put ("home/.cursor/mcp.json", "{}", 0400);
  Finished finished = run ({ "connect", "cursor", "notes" });
  EXPECT_EQ (finished.status, 1);
  EXPECT_THAT (finished.errors, HasSubstr ("read-only"));
  EXPECT_EQ (get ("home/.cursor/mcp.json"), "{}");
}

TEST_F (ConnectStory, TwoAtOnceDoNotLoseEachOthersEntries)
{
  for (int i = 0; i < 10; i++)
    {
      Process one (agent.options ({ client_program ("bindify"), "connect", "cursor", "notes" }));
      Process two (agent.options ({ client_program ("bindify"), "connect", "cursor", "tasks" }));
      bool has_one = one.wait () == 0;
      bool has_two = two.wait () == 0;
      std::string text = get ("home/.cursor/mcp.json");

      EXPECT_TRUE (has_one || has_two);
      EXPECT_EQ (text.find ("\"notes\": {") != std::string::npos, has_one) << text;
      EXPECT_EQ (text.find ("\"tasks\": {") != std::string::npos, has_two) << text;
      EXPECT_EQ (run ({ "disconnect", "cursor" }).status, 0);
    }
}

// Ways to say it.

TEST_F (ConnectStory, AProjectGetsAFileThatIsEverybodys)
{
  std::filesystem::create_directories (path ("home/project"));
  ASSERT_EQ (run ({ "connect", "claude-code", "notes", "--project", path ("home/project") }).status,
             0);
  EXPECT_THAT (get ("home/project/.mcp.json"), HasSubstr ("\"command\": \"bindify-mcp\""));
  EXPECT_FALSE (is_there ("home/.claude.json"));
  EXPECT_EQ (run ({ "connect", "goose", "notes", "--project", path ("home/project") }).status, 1);
  EXPECT_EQ (run ({ "disconnect", "claude-code", "--project", path ("home/project") }).status, 0);
  EXPECT_FALSE (is_there ("home/project/.mcp.json"));
}

TEST_F (ConnectStory, TryingAndShowingWriteNothing)
{
  EXPECT_THAT (run ({ "connect", "codex", "notes", "--print" }).output,
               HasSubstr ("[mcp_servers.notes]"));
  EXPECT_THAT (run ({ "connect", "codex", "notes", "--dry-run" }).output,
               HasSubstr ("home/.codex/config.toml\n    + [mcp_servers.notes]\n    + command"));
  EXPECT_FALSE (is_there ("home/.codex/config.toml"));
  EXPECT_EQ (run ({ "undo" }).status, 1);
}

// Somebody who has not said which sees the lines before they are written.
TEST_F (ConnectStory, TheQuestionShowsWhatIsGoingToBeWritten)
{
  const std::string before = "{\n\t\"mcpServers\": {\n\t\t\"a\": { \"command\": \"a\" }\n\t}\n}\n";

  if (!Tmux::is_there ())
    GTEST_SKIP () << "tmux is not installed";
  put ("home/.cursor/mcp.json", before);
  Tmux terminal (agent);
  ASSERT_TRUE (terminal.is_ready ());
  for (const char *answer : { "n", "y" })
    {
      terminal.type ("clear");
      ASSERT_TRUE (terminal.shows_no ("Connect Cursor"));
      terminal.type ("HOME=" + path ("home") + " bindify connect cursor");
      ASSERT_TRUE (terminal.shows ("Connect Cursor with notes, tasks? [y/N]"));
      EXPECT_THAT (terminal.screen (), HasSubstr ("/home/.cursor/mcp.json\n    -"));
      EXPECT_THAT (terminal.screen (), HasSubstr ("\"notes\": {\n"));
      EXPECT_THAT (terminal.screen (), HasSubstr ("\"args\": [\"tasks\"]"));
      EXPECT_EQ (get ("home/.cursor/mcp.json"), before);
      terminal.type (answer);
      ASSERT_TRUE (
          terminal.shows (*answer == 'n' ? "Nothing was changed" : "uses notes, tasks now"));
    }
  EXPECT_THAT (get ("home/.cursor/mcp.json"), HasSubstr ("\n\t\t\"tasks\": {\n"));
}

// What is written after the question is what was shown, or nothing.
TEST_F (ConnectStory, AFileThatChangesDuringTheQuestionStaysAsItIs)
{
  if (!Tmux::is_there ())
    GTEST_SKIP () << "tmux is not installed";
  put ("home/.cursor/mcp.json", "{}");
  Tmux terminal (agent);
  ASSERT_TRUE (terminal.is_ready ());
  terminal.type ("HOME=" + path ("home") + " bindify connect cursor");
  ASSERT_TRUE (terminal.shows ("[y/N]"));
  put ("home/.cursor/mcp.json", "{\"mine\":1}");
  terminal.type ("y");
  EXPECT_TRUE (terminal.shows ("nothing was written"));
  EXPECT_EQ (get ("home/.cursor/mcp.json"), "{\"mine\":1}");
}

TEST_F (ConnectStory, WhatIsNotThereIsNotConnected)
{
  EXPECT_EQ (run ({ "connect", "cursor", "nothing" }).status, 1);
  EXPECT_EQ (run ({ "connect", "no-client", "notes" }).status, 1);
  EXPECT_EQ (run ({ "connect" }).status, 1);
  EXPECT_EQ (run ({ "connect", "cursor" }).status, 1);
  EXPECT_FALSE (is_there ("home/.cursor/mcp.json"));
}

TEST_F (ConnectStory, TheListSaysWhereTokensLieInClear)
{
  put (
      "home/.cursor/mcp.json",
      R"({"mcpServers":{"a":{"command":"a","env":{"GITHUB_TOKEN":"ghp_16C7e42F292c6912E7710c838347Ae178B4a"}}}})");
  Finished finished = run ({ "connect", "--list", "--json" });
  EXPECT_EQ (finished.status, 0);
  EXPECT_THAT (finished.output, HasSubstr ("\"kind\""));
  EXPECT_THAT (finished.output, Not (HasSubstr ("ghp_")));
}

// A sandbox cannot start our bridge: it gets a key of its own, which ends with the connection.
TEST_F (ConnectStory, ASandboxedClientGetsAKeyThatIsRevokedAgain)
{
  const char *file = "home/.var/app/com.visualstudio.code/config/Code/User/mcp.json";
  std::string text, key;

  put (file, "{}");
  text = run ({ "connect", "vscode", "notes", "--dry-run" }).output;
  EXPECT_THAT (text, HasSubstr ("/mcp/notes\""));
  EXPECT_THAT (text, HasSubstr ("Bearer [REDACTED]"));
  EXPECT_THAT (run ({ "client", "list" }).output, Not (HasSubstr ("vscode")));
  ASSERT_EQ (run ({ "connect", "vscode", "notes" }).status, 0);
  text = get (file);
  EXPECT_THAT (text, HasSubstr ("\"http\""));
  key = text.substr (text.find ("bnd_local_"));
  key = key.substr (0, key.find ('"'));
  EXPECT_EQ (agent.post ("notes", key, kInitialize).status, 200);
  EXPECT_THAT (run ({ "connect", "--list", "--json" }).output, HasSubstr ("\"notes\""));
  ASSERT_EQ (run ({ "disconnect", "vscode" }).status, 0);
  EXPECT_EQ (get (file), "{}");
  EXPECT_NE (agent.post ("notes", key, kInitialize).status, 200);
}

// Its entry comes back as it was; that it needs a new key is said, and the command for it works.
TEST_F (ConnectStory, AfterADisconnectIsUndoneTheRevokedKeyIsReplaced)
{
  const char *file = "home/.var/app/com.visualstudio.code/config/Code/User/mcp.json";
  const std::string command = "bindify connect vscode notes";
  std::string connected, repaired, key;

  put (file, "{ \"servers\": {} }");
  ASSERT_EQ (run ({ "connect", "vscode", "notes" }).status, 0);
  connected = get (file);
  ASSERT_EQ (run ({ "disconnect", "vscode" }).status, 0);
  Finished finished = run ({ "undo" });
  EXPECT_EQ (finished.status, 0) << finished.errors;
  EXPECT_EQ (get (file), connected);
  EXPECT_THAT (finished.errors, HasSubstr ("“" + command + "”"));

  ASSERT_EQ (run ({ "connect", "vscode", "notes" }).status, 0);
  repaired = get (file);
  size_t at = repaired.find ("bnd_local_");
  ASSERT_NE (at, std::string::npos);
  key = repaired.substr (at, repaired.find ('"', at) - at);
  EXPECT_EQ (agent.post ("notes", key, kInitialize).status, 200);
  EXPECT_EQ (repaired.substr (0, at), connected.substr (0, at));
  EXPECT_EQ (repaired.substr (at + key.size ()), connected.substr (at + key.size ()));
}

TEST_F (ConnectStory, UndoingADisconnectWithoutKeysSaysNothingOfKeys)
{
  put ("home/.cursor/mcp.json", "{}");
  ASSERT_EQ (run ({ "connect", "cursor", "notes" }).status, 0);
  ASSERT_EQ (run ({ "disconnect", "cursor" }).status, 0);
  EXPECT_EQ (run ({ "undo" }).errors, "");
}

// A sealed binding opens with a key that the client presents.
TEST_F (ConnectStory, ASealedBindingNeedsTheFileOfAKey)
{
  Response added =
      agent.add ("vaulted", upstream.url (), kSecret, R"(,"mode":"sealed","client":"laptop")");
  ASSERT_EQ (added.status, 201) << added.body;
  put ("home/laptop.key", json_string (added.body, "client_key"));

  Finished finished = run ({ "connect", "cursor", "vaulted" });
  EXPECT_EQ (finished.status, 1);
  EXPECT_THAT (finished.errors, HasSubstr ("is sealed"));
  ASSERT_EQ (
      run ({ "connect", "cursor", "vaulted", "--key-file", path ("home/laptop.key") }).status, 0);
  EXPECT_THAT (get ("home/.cursor/mcp.json"), HasSubstr (path ("home/laptop.key")));

  Process::Options options = agent.options ({ find_bridge (get ("home/.cursor/mcp.json")),
                                              "vaulted", "--key-file", path ("home/laptop.key") });
  options.keeps_input_open = true;
  Process bridge (options);
  bridge.write (std::string (kInitialize) + "\n");
  EXPECT_THAT (bridge.read_line (), HasSubstr ("serverInfo"));
  bridge.close_input ();
  EXPECT_EQ (bridge.wait (), 0);
}
