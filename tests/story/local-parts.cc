// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The reference MCP server as a local command in its sandbox, used by the MCP Inspector over HTTP
// and through the bridge. Its tool get-env shows its whole environment: the token must not be in
// it.

#include <climits>
#include <cstdlib>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/fixture/agent.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "ghp_localparts0123456789abcdefghijklmnop";

std::string
variable (const char *name)
{
  const char *value = getenv (name);

  return value != nullptr ? value : "";
}

class LocalParts : public testing::Test
{
protected:
  void SetUp () override
  {
    char node[PATH_MAX];

    if (variable ("BINDIFY_NPM").empty ())
      GTEST_SKIP () << "the npm programs are not installed (./check does that)";
    if (access ("/usr/bin/bwrap", X_OK) != 0)
      GTEST_SKIP () << "bubblewrap is not installed";

    ASSERT_NE (realpath (variable ("BINDIFY_NODE").c_str (), node), nullptr);
    std::filesystem::path program (node);
    Finished added = agent.cli (
        { "bindify-add", "--name", "everything", "--env", "API_TOKEN", "--token-stdin", "--yes",
          "--share-dir", variable ("BINDIFY_NPM"), "--share-dir",
          program.parent_path ().parent_path ().string (), "--command",
          program.string () + " " + variable ("BINDIFY_NPM") +
              "/node_modules/@modelcontextprotocol/server-everything/dist/index.js stdio" },
        std::string (kSecret) + "\n");
    ASSERT_EQ (added.status, 0) << added.errors;
    EXPECT_THAT (added.output + added.errors, Not (HasSubstr (kSecret)));
  }

  Finished inspector (std::vector<std::string> arguments)
  {
    std::vector<std::string> argv = { variable ("BINDIFY_NODE"),
                                      variable ("BINDIFY_NPM") + "/node_modules/.bin/mcp-inspector",
                                      "--cli" };

    argv.insert (argv.end (), arguments.begin (), arguments.end ());
    return run (agent.options (argv));
  }

  Agent agent;
};

} // namespace

TEST_F (LocalParts, TheInspectorUsesItOverHttp)
{
  std::string url = "http://" + agent.host () + "/mcp/everything/" +
                    agent.add_client ("inspector").substr (strlen ("bnd_local_"));

  for (const char *era : { "legacy", "auto" })
    {
      std::vector<std::string> common = {
        url, "--transport", "http", "--stored-auth-only", "--format", "json", "--protocol-era", era
      };
      std::vector<std::string> list = common, call = common, env = common;

      list.insert (list.end (), { "--method", "tools/list" });
      call.insert (call.end (),
                   { "--method", "tools/call", "--tool-name", "trigger-long-running-operation",
                     "--tool-arg", "duration=1", "--tool-arg", "steps=2" });
      env.insert (env.end (), { "--method", "tools/call", "--tool-name", "get-env" });
      Finished listed = inspector (list), called = inspector (call), shown = inspector (env);
      EXPECT_EQ (listed.status, 0) << listed.errors;
      EXPECT_THAT (listed.output, HasSubstr ("echo"));
      EXPECT_EQ (called.status, 0) << called.errors;
      EXPECT_THAT (called.output, HasSubstr ("completed"));
      EXPECT_EQ (shown.status, 0) << shown.errors;
      EXPECT_THAT (shown.output, HasSubstr ("API_TOKEN"));
      EXPECT_THAT (shown.output, HasSubstr ("********"));
      EXPECT_THAT (shown.output, Not (HasSubstr (kSecret)));
    }
}

TEST_F (LocalParts, TheInspectorUsesItThroughTheBridge)
{
  Finished called = inspector ({ "--transport", "stdio", "--method", "tools/call", "--tool-name",
                                 "echo", "--tool-arg", "message=through", "--format", "json", "-e",
                                 "XDG_RUNTIME_DIR=" + agent.dir ().path ("run"), "--",
                                 client_program ("bindify-mcp"), "everything" });

  EXPECT_EQ (called.status, 0) << called.errors;
  EXPECT_THAT (called.output, HasSubstr ("through"));
}

TEST_F (LocalParts, TheCommandLineUsesIt)
{
  Finished tools = agent.cli ({ "bindify", "tools", "everything" });
  Finished call = agent.cli ({ "bindify", "call", "everything", "get-env" });

  EXPECT_THAT (tools.output, HasSubstr ("echo"));
  EXPECT_THAT (call.output, HasSubstr ("API_TOKEN"));
  EXPECT_THAT (call.output, Not (HasSubstr (kSecret)));
}
