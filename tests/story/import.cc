// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Tokens that lie about in the configurations of MCP clients: found, moved, and put back.

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/tmux.h"
#include "tests/fixture/upstream.h"

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::UnorderedElementsAre;

namespace
{

namespace fs = std::filesystem;

constexpr char kSecret[] = "sk-import-0123456789abcdefghijkl";
constexpr char kOther[] = "sk-second-0123456789abcdefghijkl";
constexpr char kLocal[] = "tok-local-0123456789abcdef";
constexpr char kParameter[] = "par-import-0123456789abcdefghijk";
constexpr char kPassphrase[] = "five plain words for this\n";

std::string
base64 (const std::string &text)
{
  g_autofree char *encoded =
      g_base64_encode (reinterpret_cast<const guchar *> (text.data ()), text.size ());

  return encoded;
}

// It wants the secret in its URL.
Upstream::Script
parameter_script ()
{
  return [] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.path.find (std::string ("api_key=") + kParameter) == std::string::npos)
      peer.reply (401, "{}");
    else if (request.method == "GET")
      peer.reply (405, "");
    else if (mcp_answer (request.body).empty ())
      peer.write ("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
    else
      peer.reply (200, mcp_answer (request.body));
  };
}

class Import : public testing::Test
{
protected:
  void SetUp () override
  {
    put (claude, R"({ "theme": "dark", "mcpServers": {
  "local": { "command": "/usr/bin/python3", "args": [")" +
                     server () + R"("], "env": { "TOKEN": ")" + kLocal + R"(" } } } }
)");
    put (code, R"({ // mine
  "servers": {
    "notes": { "type": "http", "url": ")" +
                   upstream.url () + R"(", "headers": { "Authorization": "Bearer )" + kSecret +
                   R"(", } },
  },
}
)");
    put (codex, "# mine\nmodel = \"x\"\n\n[mcp_servers.docs]\nurl = \"" + upstream.url () +
                    "\"\nhttp_headers = { \"Authorization\" = \"Bearer " + kSecret + "\" }\n");
  }

  static std::string server ()
  {
    return std::string (getenv ("BFY_TEST_FIXTURES_DIR")) + "/stdio-server.py";
  }

  void put (const std::string &path, const std::string &text)
  {
    fs::create_directories (fs::path (path).parent_path ());
    std::ofstream (path, std::ios::binary) << text;
  }

  std::string get (const std::string &path)
  {
    std::ifstream file (path, std::ios::binary);

    return std::string (std::istreambuf_iterator<char> (file), {});
  }

  Finished import (const std::vector<std::string> &more = {})
  {
    std::vector<std::string> words = { "bindify",       "import",       "--yes",
                                       "--allow-local", "--no-sandbox", "--passphrase-stdin" };

    words.insert (words.end (), more.begin (), more.end ());
    return agent.cli (words, kPassphrase);
  }

  Finished undo (const std::string &passphrase = kPassphrase)
  {
    return agent.cli ({ "bindify", "import", "--undo", "--passphrase-stdin" }, passphrase);
  }

  // Files of the person that hold @secret, whatever the agent keeps.
  std::vector<std::string> files_with (const std::string &secret)
  {
    std::vector<std::string> found;

    for (const char *name : { "home", "config", "state" })
      {
        if (!fs::exists (agent.dir ().path (name)))
          continue;
        for (const auto &entry : fs::recursive_directory_iterator (agent.dir ().path (name)))
          {
            const std::string text = entry.is_regular_file () ? get (entry.path ()) : "";

            if (text.find (secret) != std::string::npos ||
                text.find (base64 (secret)) != std::string::npos)
              found.push_back (entry.path ());
          }
      }
    return found;
  }

  // The journal of an import that has ended early.
  void put_pending (const std::string &rows)
  {
    put (pending, "{\"pending\":[" + rows + "]}");
    fs::permissions (fs::path (pending).parent_path (), fs::perms::owner_all);
  }

  // Of the bindings that there are.
  std::vector<std::string> names ()
  {
    std::vector<std::string> found;
    const std::string text = agent.cli ({ "bindify", "list", "--json" }).output;
    const std::string before = "\n    \"name\" : \""; // not those of their parts

    for (size_t at = text.find (before); at != std::string::npos; at = text.find (before, at + 1))
      found.push_back (text.substr (at + before.size (),
                                    text.find ('"', at + before.size ()) - at - before.size ()));
    return found;
  }

  // The command that stands in a file with one server, whatever the form of the file is.
  std::vector<std::string> command_in (const std::string &path)
  {
    static const std::regex program (R"re((?:command|cmd)"?\s*[:=]\s*\[?\s*"?([\w./-]+))re");
    static const std::regex word (R"re(args"?\s*[:=]\s*\[?[\s-]*"?([\w~-]+))re");
    static const std::regex in_one_list (R"re("bindify-mcp",\s*"([\w~-]+)"\s*\])re");
    const std::string text = get (path);
    std::smatch first, second;

    if (!std::regex_search (text, first, program) ||
        (!std::regex_search (text, second, word) && !std::regex_search (text, second, in_one_list)))
      return {};
    return { first[1], second[1] };
  }

  // What the bridge answers for a binding to a tool call.
  std::string call (const std::string &name)
  {
    return call (std::vector<std::string>{ "bindify-mcp", name });
  }

  // The command is found as the client that starts it would: by its name.
  std::string call (std::vector<std::string> words)
  {
    words.insert (words.begin (), { "/usr/bin/env", "PATH=" + client_program ("") + ":/usr/bin" });
    Process::Options options = agent.options (words);

    options.keeps_input_open = true;
    Process bridge (options);
    bridge.write (std::string (kInitialize) + "\n");
    bridge.read_line ();
    bridge.write (std::string (kToolCall) + "\n");
    std::string line = bridge.read_line ();
    bridge.close_input ();
    bridge.wait ();
    return line;
  }

  static Agent::Options in_terminal ()
  {
    Agent::Options options;

    options.environment = Tmux::environment ();
    return options;
  }

  Upstream upstream{ mcp_script (kSecret) };
  Agent agent{ in_terminal () };
  std::string claude = agent.dir ().path ("config/Claude/claude_desktop_config.json");
  std::string code = agent.dir ().path ("config/Code/User/mcp.json");
  Upstream *slow_asked = nullptr;
  // Which bindings were made for files that have not been changed yet.
  std::string pending = agent.state_dir () + "/undo/pending.json";
  std::string codex = agent.dir ().path ("home/.codex/config.toml");
};

} // namespace

TEST_F (Import, MovesTokensAndPutsThemBack)
{
  const std::string before[] = { get (claude), get (code), get (codex) };
  Finished done = import ();

  EXPECT_EQ (done.status, 0) << done.output << done.errors;
  EXPECT_THAT (get (claude), HasSubstr ("\"bindify-mcp\""));
  EXPECT_THAT (get (claude), HasSubstr ("\"theme\": \"dark\""));
  EXPECT_THAT (get (code), HasSubstr ("// mine"));
  EXPECT_THAT (get (code), HasSubstr ("\"bindify-mcp\""));
  EXPECT_THAT (get (codex), HasSubstr ("bindify-mcp"));
  // Two clients had one server, and share a binding.
  EXPECT_THAT (get (codex), HasSubstr ("[\"notes\"]"));
  for (const std::string &path : { claude, code, codex })
    EXPECT_THAT (call (command_in (path)), HasSubstr ("\"result\"")) << get (path);
  for (const Upstream::Request &request : upstream.requests ())
    {
      const bool is_call = request.body.find ("tools/call") != std::string::npos;

      EXPECT_TRUE (!is_call ||
                   request.header ("authorization") == std::string ("Bearer ") + kSecret);
    }
  for (const char *secret : { kSecret, kLocal })
    EXPECT_THAT (files_with (secret), testing::IsEmpty ());
  EXPECT_THAT (done.output + done.errors, Not (HasSubstr (kSecret)));

  EXPECT_NE (undo ("quite another passphrase\n").status, 0);
  EXPECT_THAT (get (code), HasSubstr ("bindify-mcp"));
  EXPECT_NE (agent.cli ({ "bindify", "undo" }).status, 0);
  EXPECT_THAT (get (code), HasSubstr ("bindify-mcp"));
  Finished undone = agent.cli ({ "bindify", "undo", "--passphrase-stdin" }, kPassphrase);
  EXPECT_EQ (undone.status, 0) << undone.errors;
  EXPECT_EQ (get (claude), before[0]);
  EXPECT_EQ (get (code), before[1]);
  EXPECT_EQ (get (codex), before[2]);
  EXPECT_NE (undo ().status, 0);
}

TEST_F (Import, ShowsAndChangesNothing)
{
  const std::string before = get (code);
  Finished dry = agent.cli ({ "bindify", "import", "--dry-run" });
  Finished report = agent.cli ({ "bindify", "import", "report", "--json" });

  EXPECT_EQ (dry.status, 0);
  EXPECT_THAT (dry.output, HasSubstr (code + ":3"));
  EXPECT_THAT (dry.output + report.output, Not (HasSubstr (kSecret)));
  EXPECT_THAT (report.output, HasSubstr ("\"movable\" : true"));
  EXPECT_EQ (get (code), before);
  EXPECT_EQ (agent.cli ({ "bindify", "list", "--json" }).output, "[]\n");
  agent.stop ();
  EXPECT_EQ (agent.cli ({ "bindify", "import", "report" }).status, 0);
}

// Each of them writes down in its own way how a server is started.
TEST_F (Import, WhatItWritesForEachClientWorks)
{
  const std::string json = R"("headers":{"Authorization":"Bearer )" + std::string (kSecret) + "\"}";
  const std::string yaml = "Authorization: Bearer " + std::string (kSecret) + "\n";
  const std::map<std::string, std::string> files = {
    { "home/.cursor/mcp.json",
      R"({"mcpServers":{"notes":{"url":")" + upstream.url () + "\"," + json + "}}}" },
    { "home/.claude.json",
      R"({"mcpServers":{"notes":{"type":"http","url":")" + upstream.url () + "\"," + json + "}}}" },
    { "home/.codeium/windsurf/mcp_config.json",
      R"({"mcpServers":{"notes":{"serverUrl":")" + upstream.url () + "\"," + json + "}}}" },
    { "home/.gemini/settings.json",
      R"({"mcpServers":{"notes":{"httpUrl":")" + upstream.url () + "\"," + json + "}}}" },
    { "config/zed/settings.json",
      R"({"context_servers":{"notes":{"url":")" + upstream.url () + "\"," + json + "}}}" },
    { "config/opencode/opencode.json",
      R"({"mcp":{"notes":{"type":"remote","url":")" + upstream.url () + "\"," + json + "}}}" },
    { "config/goose/config.yaml", "extensions:\n  notes:\n    type: streamable_http\n    uri: " +
                                      upstream.url () + "\n    headers:\n      " + yaml },
    { "home/.continue/config.yaml",
      "mcpServers:\n  - name: notes\n    type: streamable-http\n    url: " + upstream.url () +
          "\n    headers:\n      " + yaml },
  };

  for (const auto &[path, text] : files)
    put (agent.dir ().path (path), text);
  Finished done = import ();
  EXPECT_EQ (done.status, 0) << done.errors;
  for (const auto &[path, text] : files)
    {
      const std::vector<std::string> words = command_in (agent.dir ().path (path));

      EXPECT_THAT (words, ElementsAre ("bindify-mcp", "notes")) << get (agent.dir ().path (path));
      EXPECT_THAT (call (words), HasSubstr ("\"result\"")) << path;
    }
  EXPECT_THAT (names (), UnorderedElementsAre ("local", "notes"));
}

TEST_F (Import, MovesTokensOutOfUrls)
{
  Upstream wants_parameter (parameter_script ());
  const std::string url = wants_parameter.url ("/mcp?team=a&api_key=") + kParameter;
  const std::string cursor = agent.dir ().path ("home/.cursor/mcp.json");

  put (cursor, R"({"mcpServers":{"plain":{"url":")" + url +
                   R"("},"bridged":{"command":"npx","args":["-y","mcp-remote",")" + url +
                   R"("]}}})");
  EXPECT_THAT (agent.cli ({ "bindify", "import", "report", "--json" }).output,
               testing::AllOf (HasSubstr ("\"name\" : \"api_key\""), Not (HasSubstr (kParameter))));
  Finished done = import ();
  EXPECT_EQ (done.status, 0) << done.errors;
  EXPECT_THAT (done.output + done.errors, Not (HasSubstr (kParameter)));
  EXPECT_THAT (names (), UnorderedElementsAre ("local", "notes", "plain"));
  EXPECT_THAT (agent.cli ({ "bindify", "list", "--json" }).output,
               HasSubstr (wants_parameter.url ("/mcp?team=a") + "\""));
  EXPECT_THAT (call ("plain"), HasSubstr ("\"result\""));
  for (const Upstream::Request &request : wants_parameter.requests ())
    EXPECT_THAT (request.path, HasSubstr ("?team=a&api_key="));
  EXPECT_THAT (files_with (kParameter), testing::IsEmpty ());
}

TEST_F (Import, LeavesARefusedToken)
{
  std::string text = get (code);

  text.replace (text.find (kSecret), sizeof kSecret - 1, kOther);
  put (code, text);
  Finished done = import ();
  EXPECT_EQ (done.status, 1);
  EXPECT_THAT (done.errors, HasSubstr (code + ":3 stays"));
  EXPECT_EQ (get (code), text);
  EXPECT_THAT (get (codex), HasSubstr ("bindify-mcp"));
}

TEST_F (Import, LeavesWhatHasChangedSince)
{
  ASSERT_EQ (import ().status, 0);
  put (code, get (code) + "\n");
  const std::string changed = get (code);
  Finished undone = undo ();

  EXPECT_EQ (undone.status, 1);
  EXPECT_THAT (undone.errors, HasSubstr (code));
  EXPECT_EQ (get (code), changed);
  EXPECT_THAT (get (codex), HasSubstr (kSecret));
}

TEST_F (Import, LeavesWhatIsNoOrdinaryFile)
{
  const std::string home = agent.dir ().path ("home");

  put (home + "/.claude.json", "{ \"mcpServers\": {");
  put (home + "/.gemini/settings.json", std::string ("\0\1\xff", 3));
  put (home + "/.continue/config.yaml", "mcpServers: [\n");
  ASSERT_EQ (mkfifo ((home + "/.npmrc").c_str (), 0600), 0);
  put (agent.dir ().path ("outside"), std::string ("machine a.b password ") + kOther);
  fs::create_symlink (agent.dir ().path ("outside"), home + "/.netrc");
  put (home + "/.bashrc", std::string (9 * 1024 * 1024, 'x'));
  Finished done = import ();
  EXPECT_EQ (done.status, 0) << done.errors;
  for (const char *name : { ".claude.json", ".gemini/settings.json", ".continue/config.yaml",
                            ".npmrc", ".netrc", ".bashrc" })
    EXPECT_THAT (done.output, HasSubstr (std::string ("Not looked at: “") + home + "/" + name));
  EXPECT_EQ (get (home + "/.claude.json"), "{ \"mcpServers\": {");
}

TEST_F (Import, LosesNothingWhenItIsKilled)
{
  Upstream slow ([this] (Upstream::Peer &peer, const Upstream::Request &request) {
    slow_asked->signal ("asked");
    slow_asked->wait ("go");
    mcp_script (kSecret) (peer, request);
  });
  slow_asked = &slow;
  const std::string first = get (code);
  const std::string second = "[mcp_servers.slow]\nurl = \"" + slow.url () +
                             "\"\nhttp_headers = { Authorization = \"Bearer " + kSecret + "\" }\n";
  put (codex, second);
  Process::Options options =
      agent.options ({ client_program ("bindify"), "import", "--yes", "--allow-local",
                       "--no-sandbox", "--passphrase-stdin" });
  options.input = kPassphrase;
  Process killed (options);
  ASSERT_TRUE (slow.wait ("asked"));
  // Another one does not get in between.
  Finished other = import ();
  EXPECT_EQ (other.status, 1);
  EXPECT_THAT (other.errors, HasSubstr ("Another bindify"));
  killed.signal (SIGKILL);
  killed.wait ();
  EXPECT_EQ (get (code), first);
  EXPECT_EQ (get (codex), second);
  EXPECT_THAT (names (), Contains ("notes"));
  for (int i = 0; i < 20; i++)
    slow.signal ("go");
  Finished again = import ();
  EXPECT_EQ (again.status, 0) << again.errors;
  EXPECT_THAT (get (code), HasSubstr ("bindify-mcp"));
  EXPECT_THAT (get (codex), HasSubstr ("bindify-mcp"));
  EXPECT_THAT (names (), UnorderedElementsAre ("local", "notes", "slow"));
  for (const char *name : { "notes", "slow" })
    EXPECT_THAT (call (name), HasSubstr ("\"result\"")) << name;
  EXPECT_FALSE (fs::exists (pending));
}

TEST_F (Import, StoresNothingForAReadOnlyFile)
{
  const std::string before = get (code);

  fs::permissions (code, fs::perms::owner_read);
  Finished report = agent.cli ({ "bindify", "import", "report", "--json" });
  EXPECT_THAT (report.output, HasSubstr ("chmod u+w " + std::string ("'") + code + "'"));
  Finished done = import ();
  EXPECT_EQ (done.status, 0) << done.errors;
  EXPECT_THAT (done.output, HasSubstr (code + ":3 stays"));
  EXPECT_THAT (done.output, HasSubstr ("read-only"));
  EXPECT_EQ (get (code), before);
  EXPECT_THAT (get (codex), HasSubstr ("bindify-mcp"));
}

// Also for root, as long as it may not override permissions.
TEST_F (Import, StoresNothingForAReadOnlyFolder)
{
  const fs::path folder = fs::path (claude).parent_path ();
  const std::string before = get (claude);
  std::vector<std::string> words = {
    client_program ("bindify"), "import", "--yes", "--allow-local", "--no-sandbox",
    "--passphrase-stdin"
  };

  if (geteuid () == 0)
    words.insert (words.begin (), { "setpriv", "--bounding-set=-dac_override", "--" });
  fs::permissions (folder, fs::perms::owner_read | fs::perms::owner_exec);
  Process::Options options = agent.options (words);
  options.input = kPassphrase;
  Finished done = run (options);
  fs::permissions (folder, fs::perms::owner_all);
  EXPECT_EQ (done.status, 0) << done.errors;
  EXPECT_THAT (done.output, HasSubstr (claude + ":2 stays"));
  EXPECT_THAT (done.output, HasSubstr ("chmod u+w '" + folder.string () + "'"));
  EXPECT_EQ (get (claude), before);
  EXPECT_THAT (names (), ElementsAre ("notes"));
}

// One of them waits for an answer while the other does it.
TEST_F (Import, TwoAtOnceMakeNoSecondBinding)
{
  if (!Tmux::is_there ())
    GTEST_SKIP () << "tmux is not installed";
  Tmux terminal (agent);
  ASSERT_TRUE (terminal.is_ready ());
  terminal.type ("export HOME=" + agent.dir ().path ("home"));
  terminal.type ("bindify import --allow-local --no-sandbox");
  ASSERT_TRUE (terminal.shows ("change the files?")) << terminal.screen ();
  ASSERT_EQ (import ().status, 0);
  const std::string after[] = { get (claude), get (code), get (codex) };
  terminal.type ("y");
  ASSERT_TRUE (terminal.shows ("(not shown):")) << terminal.screen ();
  terminal.type ("five plain words for this");
  ASSERT_TRUE (terminal.shows ("The same again")) << terminal.screen ();
  terminal.type ("five plain words for this");
  EXPECT_TRUE (terminal.shows ("another program has changed it")) << terminal.screen ();
  EXPECT_TRUE (terminal.is_as_it_was ());
  EXPECT_THAT (names (), UnorderedElementsAre ("local", "notes"));
  EXPECT_EQ (get (claude), after[0]);
  EXPECT_EQ (get (code), after[1]);
  EXPECT_EQ (get (codex), after[2]);
}

TEST_F (Import, AsksAPersonAndTakesNoForAnAnswer)
{
  if (!Tmux::is_there ())
    GTEST_SKIP () << "tmux is not installed";
  const std::string before = get (code);
  Tmux terminal (agent);
  ASSERT_TRUE (terminal.is_ready ());
  terminal.type ("export HOME=" + agent.dir ().path ("home"));
  terminal.type ("bindify import --allow-local --no-sandbox; echo ended-$?");
  ASSERT_TRUE (terminal.shows ("change the files?")) << terminal.screen ();
  terminal.type ("n");
  EXPECT_TRUE (terminal.shows ("ended-3")) << terminal.screen ();
  EXPECT_TRUE (terminal.shows ("Nothing was changed"));
  EXPECT_THAT (names (), testing::IsEmpty ());
  EXPECT_EQ (get (code), before);

  terminal.type ("clear; bindify import --allow-local --no-sandbox; echo ended-$?");
  ASSERT_TRUE (terminal.shows ("change the files?")) << terminal.screen ();
  terminal.type ("y");
  ASSERT_TRUE (terminal.shows ("(not shown):")) << terminal.screen ();
  terminal.tmux ({ "send-keys", "-l", "five plain" });
  terminal.press ("C-c");
  EXPECT_TRUE (terminal.shows ("ended-130")) << terminal.screen ();
  EXPECT_THAT (terminal.screen (), Not (HasSubstr ("five plain")));
  EXPECT_TRUE (terminal.is_as_it_was ());
  EXPECT_THAT (names (), testing::IsEmpty ());
  EXPECT_EQ (get (code), before);

  terminal.type ("clear; bindify import --allow-local --no-sandbox; echo ended-$?");
  ASSERT_TRUE (terminal.shows ("change the files?")) << terminal.screen ();
  terminal.type ("y");
  ASSERT_TRUE (terminal.shows ("(not shown):")) << terminal.screen ();
  terminal.type ("five plain words for this");
  ASSERT_TRUE (terminal.shows ("The same again")) << terminal.screen ();
  terminal.type ("five plain words for this");
  EXPECT_TRUE (terminal.shows ("ended-0")) << terminal.screen ();
  EXPECT_TRUE (terminal.is_as_it_was ());
  EXPECT_THAT (terminal.screen (), Not (HasSubstr ("five plain")));
  EXPECT_THAT (names (), UnorderedElementsAre ("local", "notes"));
  EXPECT_EQ (undo ().status, 0);
  EXPECT_EQ (get (code), before);
}

TEST_F (Import, ForgetsItsBindingsWhenItIsTakenBack)
{
  const std::string before = get (code);

  EXPECT_NE (agent.cli ({ "bindify", "import", "--forget" }).status, 0);
  ASSERT_EQ (agent.add ("mine", upstream.url (), kSecret).status, 201);
  ASSERT_EQ (import ().status, 0);
  EXPECT_THAT (names (), UnorderedElementsAre ("local", "mine", "notes"));
  Finished undone =
      agent.cli ({ "bindify", "import", "--undo", "--forget", "--passphrase-stdin" }, kPassphrase);
  EXPECT_EQ (undone.status, 0) << undone.errors;
  EXPECT_EQ (get (code), before);
  EXPECT_THAT (names (), ElementsAre ("mine"));
}

// What the person has removed by hand meanwhile is no reason to stop.
TEST_F (Import, ForgetsWhatIsGoneAlready)
{
  ASSERT_EQ (import ().status, 0);
  ASSERT_EQ (agent.cli ({ "bindify", "remove", "local" }).status, 0);
  Finished undone =
      agent.cli ({ "bindify", "import", "--undo", "--forget", "--passphrase-stdin" }, kPassphrase);
  EXPECT_EQ (undone.status, 0) << undone.errors;
  EXPECT_THAT (names (), IsEmpty ());
}

TEST_F (Import, TakesTheSameBindingsAfterItWasTakenBack)
{
  ASSERT_EQ (import ().status, 0);
  ASSERT_EQ (undo ().status, 0);
  Finished again = import ();
  EXPECT_EQ (again.status, 0) << again.errors;
  EXPECT_THAT (names (), UnorderedElementsAre ("local", "notes"));
  EXPECT_FALSE (fs::exists (pending));
}

// A file that cannot be written over keeps its secret; its binding is taken by the next import,
// with the secret that the file has then.
TEST_F (Import, TakesUpTheBindingOfAnImportThatFailed)
{
  put_pending (R"({"path":")" + code + R"(","entry":["servers","notes"],"binding":"mine"})");
  ASSERT_EQ (agent.add ("mine", upstream.url (), kOther).status, 201);
  Finished done = import ();
  EXPECT_EQ (done.status, 0) << done.errors;
  EXPECT_THAT (names (), UnorderedElementsAre ("local", "mine"));
  EXPECT_THAT (get (code), HasSubstr ("\"mine\""));
  EXPECT_THAT (call ("mine"), HasSubstr ("\"result\""));
  EXPECT_FALSE (fs::exists (pending));
}

TEST_F (Import, TakesNoBindingThatLeadsElsewhere)
{
  put_pending (R"(7,{"path":")" + code +
               R"(","entry":["servers","notes"],"binding":"notes"},{"path":")" + claude +
               R"(","entry":["mcpServers","local"],"binding":"gone"})");
  ASSERT_EQ (agent.add ("notes", upstream.url ("/other"), kOther).status, 201);
  Finished done = import ();
  EXPECT_EQ (done.status, 0) << done.errors;
  EXPECT_THAT (names (), UnorderedElementsAre ("local", "notes", "notes-2"));
  EXPECT_THAT (get (code), HasSubstr ("\"notes-2\""));
}
