// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The servers in the files of programs that speak MCP: what is ours among them, and putting one in.

#include <gtest/gtest.h>
#include <string>

extern "C"
{
#include "client/connect/servers.h"
}

#include "tests/fixture/private-dirs.h"
#include "tests/unit/matchers.h"

namespace
{

const BfyConnectStyle *
style_of (const char *client)
{
  const BfyConnectClient *found = bfy_connect_client_find (client, nullptr);

  return found != nullptr ? &found->style : nullptr;
}

// "name=binding" of each, "name" of those that are not ours.
std::string
read (const char *client, const std::string &text)
{
  Error error;
  g_autoptr (GPtrArray) found = bfy_connect_read (style_of (client), text.c_str (), error.out ());
  std::string line;

  if (found == nullptr)
    return "! " + error.message ();
  for (guint i = 0; i < found->len; i++)
    {
      auto *one = static_cast<BfyConnectFound *> (g_ptr_array_index (found, i));

      line += std::string (line.empty () ? "" : " ") + one->name;
      if (one->binding != nullptr)
        line += std::string ("=") + one->binding + (one->has_key ? "!" : "");
    }
  return line;
}

struct Reading
{
  const char *name, *client, *text, *want;
};

class ConnectRead : public testing::TestWithParam<Reading>
{
};

} // namespace

TEST_P (ConnectRead, KnowsOurs)
{
  EXPECT_EQ (read (GetParam ().client, GetParam ().text), GetParam ().want);
}

#define KEY "Bearer bnd_local_x"

INSTANTIATE_TEST_SUITE_P (
    Texts,
    ConnectRead,
    testing::Values (
        Reading{ "Nothing", "cursor", "", "" },
        Reading{ "Blanks", "cursor", " \n", "" },
        Reading{ "NoServers", "cursor", "{\"mcpServers\":3}", "" },
        Reading{ "NoEntry", "cursor", "{\"mcpServers\":{\"a\":1}}", "a" },
        Reading{ "Bridge", "cursor",
                 R"({"mcpServers":{"a":{"command":"/usr/bin/bindify-mcp","args":["n"]}}})", "a=n" },
        Reading{ "Command", "cursor",
                 R"({"mcpServers":{"a":{"command":"bindify","args":["mcp","n"]}}})", "a=n" },
        Reading{ "OtherCommand", "cursor",
                 R"({"mcpServers":{"a":{"command":"bindify","args":["list","n"]}}})", "a" },
        Reading{ "Options", "cursor",
                 R"({"mcpServers":{"a":{"command":"bindify-mcp","args":["--key-file","k","n"]}}})",
                 "a=n" },
        Reading{ "All", "cursor",
                 R"({"mcpServers":{"a":{"command":"bindify-mcp","args":["--all"]}}})", "a=~all" },
        Reading{ "NoName", "cursor", R"({"mcpServers":{"a":{"command":"bindify-mcp"}}})", "a" },
        Reading{ "BadName", "cursor",
                 R"({"mcpServers":{"a":{"command":"bindify-mcp","args":["../x"]}}})", "a" },
        Reading{ "AlmostOurs", "cursor",
                 R"({"mcpServers":{"a":{"command":"bindify-mcp-x","args":["n"]}}})", "a" },
        Reading{
            "Address", "vscode",
            R"({"servers":{"a":{"url":"http://127.0.0.1:1/mcp/n","headers":{"Authorization":")" KEY
            R"("}}}})",
            "a=n!" },
        Reading{ "ForeignAddress", "vscode",
                 R"({"servers":{"a":{"url":"https://x.example/mcp/n"}}})", "a" },
        Reading{ "List", "opencode",
                 R"({"mcp":{"a":{"type":"local","command":["/b/bindify-mcp","n"]}}})", "a=n" },
        Reading{ "Toml", "codex", "[mcp_servers.a]\ncommand = \"bindify-mcp\"\nargs = [\"n\"]\n",
                 "a=n" },
        Reading{ "Goose", "goose", "extensions:\n  a:\n    cmd: bindify-mcp\n    args: [n]\n",
                 "a=n" },
        Reading{ "NoCommandInYaml", "goose", "extensions:\n  a:\n    cmd:\n    args: [n]\n", "a" },
        Reading{ "Items", "continue",
                 "mcpServers:\n  - name: b\n    command: x\n  - name: a\n    command: bindify-mcp\n"
                 "    args:\n      - n\n",
                 "b a=n" },
        Reading{ "Broken", "cursor", "{\n", "! Line 2: a name in quotes is expected" }),
    [] (const testing::TestParamInfo<Reading> &info) { return info.param.name; });

class EachStyle : public testing::TestWithParam<const char *>
{
};

TEST_P (EachStyle, WhatIsPutInIsFoundAndTakenOut)
{
  const char *const words[] = { "/usr/bin/bindify-mcp", "notes", nullptr };
  const BfyConnectServer server = { "notes", words, nullptr, nullptr };
  const BfyConnectServer other = { "tasks", words, nullptr, nullptr };
  const BfyConnectStyle *style = style_of (GetParam ());
  g_autofree char *first = bfy_connect_put (style, "", &other, nullptr);
  g_autofree char *both = bfy_connect_put (style, first, &server, nullptr);
  g_autofree char *again = bfy_connect_put (style, both, &server, nullptr);
  g_autofree char *back = bfy_connect_take (style, again, "notes", nullptr);
  Error error;

  EXPECT_EQ (read (GetParam (), first), "tasks=notes");
  EXPECT_EQ (read (GetParam (), both), "tasks=notes notes=notes");
  EXPECT_STREQ (both, again);
  EXPECT_STREQ (back, first);
  g_autofree char *none = bfy_connect_take (style, back, "notes", error.out ());
  EXPECT_EQ (none, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_NOT_FOUND));
}

INSTANTIATE_TEST_SUITE_P (Clients,
                          EachStyle,
                          testing::Values ("claude-desktop",
                                           "claude-code",
                                           "cursor",
                                           "vscode",
                                           "windsurf",
                                           "zed",
                                           "codex",
                                           "gemini",
                                           "goose",
                                           "continue",
                                           "cline",
                                           "opencode"));

// An entry of ours that somebody has changed.

struct Again
{
  const char *name, *client, *text, *want;
};

class ConnectAgain : public testing::TestWithParam<Again>
{
};

TEST_P (ConnectAgain, KeepsWhatWasAdded)
{
  const char *const words[] = { "/new/bindify-mcp", "notes", nullptr };
  const BfyConnectStyle *style = style_of (GetParam ().client);
  const BfyConnectServer server = { "notes", words, nullptr, nullptr };
  Error error;
  g_autofree char *again = bfy_connect_put (style, GetParam ().text, &server, error.out ());

  EXPECT_THAT (error, Succeeds ());
  EXPECT_STREQ (again, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Texts,
    ConnectAgain,
    testing::Values (
        Again{ "Json", "cline",
               "{\n  \"mcpServers\": {\n    \"notes\": {\n      \"autoApprove\": [\"a\"],\n"
               "      \"command\": \"/old/bindify-mcp\", // moved\n      \"args\": [\n        "
               "\"notes\"\n      ],\n      \"disabled\": false,\n      \"timeout\": 60\n    }\n"
               "  }\n}\n",
               "{\n  \"mcpServers\": {\n    \"notes\": {\n      \"autoApprove\": [\"a\"],\n"
               "      \"command\": \"/new/bindify-mcp\", // moved\n      \"args\": [\n        "
               "\"notes\"\n      ],\n      \"disabled\": false,\n      \"timeout\": 60\n    }\n"
               "  }\n}\n" },
        Again{ "JsonOneLine", "cline",
               R"({"mcpServers":{"notes":{"command":"bindify-mcp","args":["notes"],"x":[1]}}})",
               R"({"mcpServers":{"notes":{"command":"/new/bindify-mcp","args":["notes"],"x":[1])"
               R"(, "disabled": false}}})" },
        Again{ "JsonSwitchedOff", "cline",
               R"({"mcpServers":{"notes":{"command":"bindify-mcp","args":["notes"],)"
               R"("disabled":true}}})",
               R"({"mcpServers":{"notes":{"command":"/new/bindify-mcp","args":["notes"],)"
               R"("disabled":false}}})" },
        Again{ "Toml", "codex",
               "[mcp_servers.notes]\nstartup_timeout_sec = 20 # slow\ncommand = "
               "\"bindify-mcp\"\nargs = [\"old\"]\n\n[mcp_servers.notes.env]\nA = \"b\"\n",
               "[mcp_servers.notes]\nstartup_timeout_sec = 20 # slow\ncommand = "
               "\"/new/bindify-mcp\"\nargs = [\"notes\"]\n\n[mcp_servers.notes.env]\nA = \"b\"\n" },
        Again{ "TomlInline", "codex",
               "mcp_servers.notes = { command = \"bindify-mcp\", args = [\"notes\"], enabled = "
               "true }\n",
               "mcp_servers.notes = { command = \"/new/bindify-mcp\", args = [\"notes\"], enabled "
               "= true }\n" },
        Again{ "Goose", "goose",
               "extensions:\n  notes:\n    enabled: false\n    type: stdio\n    name: notes\n"
               "    description: mine\n    cmd: bindify-mcp\n    args:\n      - notes\n"
               "    envs:\n      A: b\n    env_keys: []\n    timeout: 30 # short\n    bundled: "
               "null\n",
               "extensions:\n  notes:\n    enabled: true\n    type: stdio\n    name: notes\n"
               "    description: mine\n    cmd: /new/bindify-mcp\n    args:\n      - notes\n"
               "    envs:\n      A: b\n    env_keys: []\n    timeout: 30 # short\n    bundled: "
               "null\n" },
        Again{
            "Items", "continue",
            "mcpServers:\n  - name: notes\n    command: bindify-mcp\n    args: [\"notes\"]\n"
            "    cwd: /tmp\n  - name: b\n    command: x\n",
            "mcpServers:\n  - name: notes\n    command: /new/bindify-mcp\n    args: [\"notes\"]\n"
            "    cwd: /tmp\n    type: stdio\n  - name: b\n    command: x\n" },
        Again{ "Foreign", "cursor",
               R"({"mcpServers":{"notes":{"command":"other","env":{"A":"b"}}}})",
               R"({"mcpServers":{"notes":{"type": "stdio", "command": "/new/bindify-mcp", "args": )"
               R"(["notes"]}}})" }),
    [] (const testing::TestParamInfo<Again> &info) { return info.param.name; });

// What stands where the servers belong, and is something else, stays.
struct Odd
{
  const char *name, *client, *text;
  bool is_refused;
};

class ConnectOdd : public testing::TestWithParam<Odd>
{
};

TEST_P (ConnectOdd, IsNotWrittenOver)
{
  const char *const words[] = { "bindify-mcp", "notes", nullptr };
  const BfyConnectServer server = { "notes", words, nullptr, nullptr };
  Error error;
  g_autofree char *changed =
      bfy_connect_put (style_of (GetParam ().client), GetParam ().text, &server, error.out ());

  EXPECT_EQ (changed == nullptr, GetParam ().is_refused);
  EXPECT_EQ (g_error_matches (error.get (), BFY_ERROR, BFY_ERROR_UNSUPPORTED),
             GetParam ().is_refused);
}

INSTANTIATE_TEST_SUITE_P (
    Texts,
    ConnectOdd,
    testing::Values (Odd{ "MapForAList", "continue", "mcpServers:\n  command: npx\n", true },
                     Odd{ "TextForAList", "continue", "mcpServers: a\n", true },
                     Odd{ "NothingForAList", "continue", "mcpServers:\n", false },
                     Odd{ "NullForAList", "continue", "mcpServers: null\n", false },
                     Odd{ "EmptyList", "continue", "mcpServers: []\n", false },
                     Odd{ "ListForAMap", "cursor", "{\"mcpServers\":[1]}", true },
                     Odd{ "TextForAMap", "cursor", "{\"mcpServers\":\"a\"}", true },
                     Odd{ "NumberForATable", "codex", "mcp_servers = 3\n", true },
                     Odd{ "ListForAMapInYaml", "goose", "extensions:\n  - a\n", true }),
    [] (const testing::TestParamInfo<Odd> &info) { return info.param.name; });

TEST (ConnectAgainWithAKey, KeepsOtherHeaders)
{
  const BfyConnectServer server = { "notes", nullptr, "http://127.0.0.1:2/mcp/notes",
                                    "bnd_local_new" };
  g_autofree char *again =
      bfy_connect_put (style_of ("vscode"),
                       R"({"servers":{"notes":{"type":"http","url":"http://127.0.0.1:1/mcp/notes",)"
                       R"("headers":{"X-A":"b","Authorization":"Bearer bnd_local_old"},"x":1}}})",
                       &server, nullptr);

  EXPECT_STREQ (again, R"({"servers":{"notes":{"type":"http","url":"http://127.0.0.1:2/mcp/notes",)"
                       R"("headers":{"X-A":"b","Authorization":"Bearer bnd_local_new"},"x":1}}})");
}

// Where files are.

TEST (ConnectTargets, FollowTheEnvironment)
{
  TempDir home;
  const std::string codex = home.path ("elsewhere");
  BfyEnvironment environment{};
  Error error;

  environment.home = home.path ().c_str ();
  g_autoptr (GPtrArray) plain = bfy_connect_targets (bfy_connect_client_find ("codex", nullptr),
                                                     &environment, nullptr, error.out ());
  EXPECT_EQ (static_cast<BfyConnectTarget *> (g_ptr_array_index (plain, 0))->path,
             home.path (".codex/config.toml"));

  environment.codex_home = codex.c_str ();
  g_autoptr (GPtrArray) moved = bfy_connect_targets (bfy_connect_client_find ("codex", nullptr),
                                                     &environment, nullptr, error.out ());
  EXPECT_EQ (static_cast<BfyConnectTarget *> (g_ptr_array_index (moved, 0))->path,
             codex + "/config.toml");

  environment.home = nullptr;
  EXPECT_EQ (bfy_connect_targets (bfy_connect_client_find ("codex", nullptr), &environment, nullptr,
                                  error.out ()),
             nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
}

TEST (ConnectTargets, AreEveryPlaceThatIsThere)
{
  TempDir home;
  BfyEnvironment environment{};

  environment.home = home.path ().c_str ();
  std::filesystem::create_directories (home.path (".config/Code/User"));
  std::filesystem::create_directories (
      home.path (".var/app/com.visualstudio.code/config/Code/User"));
  g_autoptr (GPtrArray) found = bfy_connect_targets (bfy_connect_client_find ("vscode", nullptr),
                                                     &environment, nullptr, nullptr);
  ASSERT_EQ (found->len, 2u);
  EXPECT_FALSE (static_cast<BfyConnectTarget *> (g_ptr_array_index (found, 0))->is_sandboxed);
  EXPECT_TRUE (static_cast<BfyConnectTarget *> (g_ptr_array_index (found, 1))->is_sandboxed);
}

struct Place
{
  const char *client, *file; // below the home directory
  bool is_sandboxed;
};

class ConnectPlace : public testing::TestWithParam<Place>
{
};

TEST_P (ConnectPlace, CountsWhenItsFolderIsThere)
{
  TempDir home;
  BfyEnvironment environment{};
  const std::string file = home.path (GetParam ().file);

  environment.home = home.path ().c_str ();
  std::filesystem::create_directories (std::filesystem::path (file).parent_path ());
  g_autoptr (GPtrArray) found = bfy_connect_targets (
      bfy_connect_client_find (GetParam ().client, nullptr), &environment, nullptr, nullptr);
  ASSERT_EQ (found->len, 1u);
  auto *target = static_cast<BfyConnectTarget *> (g_ptr_array_index (found, 0));
  EXPECT_EQ (target->path, file);
  EXPECT_EQ (target->root, home.path ());
  EXPECT_EQ (target->is_sandboxed, GetParam ().is_sandboxed);
}

#define CLINE "User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"

INSTANTIATE_TEST_SUITE_P (
    Clients,
    ConnectPlace,
    testing::Values (
        Place{ "claude-desktop", ".config/Claude/claude_desktop_config.json", false },
        Place{ "claude-code", ".claude.json", false },
        Place{ "cursor", ".cursor/mcp.json", false },
        Place{ "vscode", ".config/Code/User/mcp.json", false },
        Place{ "vscode", ".config/VSCodium/User/mcp.json", false },
        Place{ "vscode", ".var/app/com.visualstudio.code/config/Code/User/mcp.json", true },
        Place{ "vscode", ".var/app/com.vscodium.codium/config/VSCodium/User/mcp.json", true },
        Place{ "windsurf", ".codeium/windsurf/mcp_config.json", false },
        Place{ "zed", ".config/zed/settings.json", false },
        Place{ "zed", ".var/app/dev.zed.Zed/config/zed/settings.json", false },
        Place{ "codex", ".codex/config.toml", false },
        Place{ "gemini", ".gemini/settings.json", false },
        Place{ "goose", ".config/goose/config.yaml", false },
        Place{ "continue", ".continue/config.yaml", false },
        Place{ "cline", ".cline/data/settings/cline_mcp_settings.json", false },
        Place{ "cline", ".config/Code/" CLINE, false },
        Place{ "cline", ".config/VSCodium/" CLINE, false },
        Place{ "cline", ".var/app/com.visualstudio.code/config/Code/" CLINE, true },
        Place{ "cline", ".var/app/com.vscodium.codium/config/VSCodium/" CLINE, true },
        Place{ "opencode", ".config/opencode/opencode.json", false }));

TEST (ConnectTargets, TheOtherNameCountsWhenOnlyItIsThere)
{
  TempDir home;
  BfyEnvironment environment{};
  const BfyConnectClient *client = bfy_connect_client_find ("opencode", nullptr);

  environment.home = home.path ().c_str ();
  std::filesystem::create_directories (home.path (".config/opencode"));
  write_file (home.path (".config/opencode/opencode.jsonc"), "{}");
  g_autoptr (GPtrArray) found = bfy_connect_targets (client, &environment, nullptr, nullptr);
  EXPECT_EQ (static_cast<BfyConnectTarget *> (g_ptr_array_index (found, 0))->path,
             home.path (".config/opencode/opencode.jsonc"));
}
