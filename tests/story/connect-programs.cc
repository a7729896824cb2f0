// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Programs that nobody here wrote read the files that `bindify connect` has written, start what
// they find there, and say how that went. mcporter reads the files of several clients and is among
// the npm packages that ./check installs. The clients themselves are several hundred megabytes:
// they are tried where somebody has put them into the same folder. None of them has a network.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;

namespace
{

constexpr char kSecret[] = "sk-programs-0123456789abcdefghij";

struct Program
{
  const char *name, *client, *file;
  std::vector<std::string> words; // the first one below node_modules; ".bin/…" are for Node.js
  const char *want;
};

class ConnectPrograms : public testing::TestWithParam<Program>
{
protected:
  void SetUp () override
  {
    ASSERT_EQ (agent.add ("notes", upstream.url (), kSecret).status, 201);
  }
  std::string variable (const char *name) const
  {
    const char *value = getenv (name);

    return value != nullptr ? value : "";
  }
  std::string program () const
  {
    return variable ("BINDIFY_NPM") + "/node_modules/" + GetParam ().words[0];
  }
  Finished run_at_home (std::vector<std::string> argv)
  {
    Process::Options options = agent.options (argv);

    options.environment["XDG_CONFIG_HOME"] = agent.dir ().path ("home/.config");
    options.environment["LC_ALL"] = "C.UTF-8";
    return run (options);
  }
  Finished run_program ()
  {
    const std::vector<std::string> &words = GetParam ().words;
    std::vector<std::string> argv = { "unshare", "--map-root-user", "--net", "env",
                                      "--chdir=" + agent.dir ().path ("home") };

    if (words[0].rfind (".bin/", 0) == 0)
      argv.push_back (variable ("BINDIFY_NODE"));
    argv.push_back (program ());
    argv.insert (argv.end (), words.begin () + 1, words.end ());
    return run_at_home (argv);
  }
  Upstream upstream{ mcp_script (kSecret) };
  Agent agent;
};

} // namespace

TEST_P (ConnectPrograms, FindTheBindingAndReachIt)
{
  if (variable ("BINDIFY_NPM").empty () || !std::filesystem::exists (program ()))
    GTEST_SKIP () << GetParam ().words[0] << " is not among the npm packages";
  if (run_at_home ({ "unshare", "--map-root-user", "--net", "true" }).status != 0)
    GTEST_SKIP () << "no network namespace can be made here";
  std::filesystem::create_directories (
      std::filesystem::path (agent.dir ().path (GetParam ().file)).parent_path ());
  Finished connected =
      run_at_home ({ client_program ("bindify"), "connect", GetParam ().client, "notes" });
  ASSERT_EQ (connected.status, 0) << connected.errors;
  ASSERT_TRUE (std::filesystem::exists (agent.dir ().path (GetParam ().file)));

  Finished listed = run_program ();
  EXPECT_EQ (listed.status, 0) << listed.errors;
  EXPECT_THAT (listed.output + listed.errors, HasSubstr ("notes"));
  EXPECT_THAT (listed.output + listed.errors, HasSubstr (GetParam ().want));
}

INSTANTIATE_TEST_SUITE_P (
    Programs,
    ConnectPrograms,
    testing::Values (
        Program{
            "Cursor", "cursor", "home/.cursor/mcp.json", { ".bin/mcporter", "list" }, "1 healthy" },
        Program{ "ClaudeCode",
                 "claude-code",
                 "home/.claude.json",
                 { ".bin/mcporter", "list" },
                 "1 healthy" },
        Program{
            "Codex", "codex", "home/.codex/config.toml", { ".bin/mcporter", "list" }, "1 healthy" },
        Program{ "Windsurf",
                 "windsurf",
                 "home/.codeium/windsurf/mcp_config.json",
                 { ".bin/mcporter", "list" },
                 "1 healthy" },
        Program{ "OpenCode",
                 "opencode",
                 "home/.config/opencode/opencode.json",
                 { ".bin/mcporter", "list" },
                 "1 healthy" },
        Program{ "VsCode",
                 "vscode",
                 "home/.config/Code/User/mcp.json",
                 { ".bin/mcporter", "list" },
                 "1 healthy" },
        Program{ "ClaudeCodeItself",
                 "claude-code",
                 "home/.claude.json",
                 { "@anthropic-ai/claude-code-linux-x64/claude", "mcp", "list" },
                 "Connected" },
        Program{ "CodexItself",
                 "codex",
                 "home/.codex/config.toml",
                 { ".bin/codex", "mcp", "list" },
                 "enabled" },
        Program{ "GeminiItself",
                 "gemini",
                 "home/.gemini/settings.json",
                 { ".bin/gemini", "mcp", "list" },
                 "bindify-mcp notes (stdio)" },
        Program{ "OpenCodeItself",
                 "opencode",
                 "home/.config/opencode/opencode.json",
                 { "opencode-linux-x64/bin/opencode", "mcp", "list" },
                 "connected" }),
    [] (const testing::TestParamInfo<Program> &info) { return info.param.name; });
