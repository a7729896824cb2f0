// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The main job with other people's programs: the reference MCP server behind a gate that demands
// the credential, used through bindify by the MCP Inspector over HTTP and by the stdio bridge. The
// token must be in nothing that the client side gets to see.

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "ghp_realparts0123456789abcdefghijklmnopq";

std::string
variable (const char *name)
{
  const char *value = getenv (name);

  return value != nullptr ? value : "";
}

class RealParts : public testing::Test
{
protected:
  void SetUp () override
  {
    if (variable ("BINDIFY_NPM").empty ())
      GTEST_SKIP () << "the npm programs are not installed (./check does that)";

    Process::Options options;
    options.argv = { variable ("BFY_TEST_NPM_DIR") + "/everything.sh", "streamableHttp" };
    options.environment = { { "BINDIFY_NPM", variable ("BINDIFY_NPM") },
                            { "BINDIFY_NODE", variable ("BINDIFY_NODE") },
                            { "HOME", agent.dir ().path ("home") },
                            { "GATE_SECRET", kSecret },
                            { "GATE_LOG", log () } };
    server = std::make_unique<Process> (options);
    std::string line = server->read_line ();
    ASSERT_THAT (line, testing::StartsWith ("READY port=")) << server->errors ();
    url = "http://127.0.0.1:" + line.substr (11) + "/mcp";
  }

  std::string log () const
  {
    return agent.dir ().path ("gate.log");
  }

  std::string seen_by_server () const
  {
    std::ifstream file (log ());

    return std::string (std::istreambuf_iterator<char> (file), {});
  }

  // As a person does it: the token on standard input, checked with the server before it is stored.
  void add ()
  {
    Finished added =
        agent.cli ({ "bindify-add", "--name", "everything", "--allow-local", "--token-stdin", url },
                   std::string (kSecret) + "\n");

    ASSERT_EQ (added.status, 0) << added.errors;
    EXPECT_THAT (added.output + added.errors, Not (HasSubstr (kSecret)));
    key = agent.add_client ("inspector");
  }

  Finished inspector (const std::vector<std::string> &arguments, bool key_in_path = false)
  {
    std::string target = "http://" + agent.host () + "/mcp/everything";
    std::vector<std::string> argv = {
      variable ("BINDIFY_NODE"),
      variable ("BINDIFY_NPM") + "/node_modules/.bin/mcp-inspector",
      "--cli",
      key_in_path ? target + "/" + key.substr (10) : target,
      "--transport",
      "http",
      "--stored-auth-only",
      "--format",
      "json",
    };

    if (!key_in_path)
      argv.insert (argv.end (), { "--header", "Authorization: Bearer " + key });
    argv.insert (argv.end (), arguments.begin (), arguments.end ());
    return run (agent.options (argv));
  }

  Agent agent;
  std::unique_ptr<Process> server;
  std::string url, key;
};

} // namespace

TEST_F (RealParts, TheGateRefusesWithoutTheCredential)
{
  Connection connection =
      Connection::to_tcp (std::stoi (url.substr (strlen ("http://127.0.0.1:"))));

  connection.send (
      format_request ("POST", "/mcp", "127.0.0.1", "Content-Type: application/json", kInitialize));
  EXPECT_EQ (connection.read_response ().status, 401);
}

TEST_F (RealParts, AWrongTokenIsRefusedAndNotStored)
{
  Finished added = agent.cli (
      { "bindify-add", "--name", "everything", "--allow-local", "--token-stdin", url }, "wrong\n");

  EXPECT_EQ (added.status, 4) << added.errors;
  EXPECT_THAT (added.errors, HasSubstr ("refused"));
  EXPECT_EQ (agent.control ("GET", "/v1/bindings").body, "{\"bindings\":[]}");
}

TEST_F (RealParts, TheInspectorListsAndCallsToolsOverHttp)
{
  add ();
  for (bool key_in_path : { false, true })
    {
      Finished list = inspector ({ "--method", "tools/list" }, key_in_path);
      Finished call = inspector (
          { "--method", "tools/call", "--tool-name", "echo", "--tool-arg", "message=hello" },
          key_in_path);

      EXPECT_EQ (list.status, 0) << list.errors;
      EXPECT_THAT (list.output, HasSubstr ("echo"));
      EXPECT_EQ (call.status, 0) << call.errors;
      EXPECT_THAT (call.output, HasSubstr ("hello"));
      for (const Finished &finished : { list, call })
        EXPECT_THAT (finished.output + finished.errors, Not (HasSubstr (kSecret)));
    }
  EXPECT_THAT (seen_by_server (), HasSubstr ("\"credential\":true"));
  EXPECT_THAT (seen_by_server (), Not (HasSubstr (key.substr (10))));
}

TEST_F (RealParts, TheInspectorWithAWrongKeyStartsNoLogin)
{
  add ();
  key = "bnd_local_" + std::string (86, 'A');
  Finished list = inspector ({ "--method", "tools/list" });

  EXPECT_NE (list.status, 0);
  EXPECT_THAT (list.output + list.errors, Not (HasSubstr ("auth_required")));
}

TEST_F (RealParts, TheBridgeServesAStdioClient)
{
  add ();
  Process::Options options = agent.options ({ client_program ("bindify-mcp"), "everything" });
  options.keeps_input_open = true;
  Process bridge (options);

  bridge.write (std::string (kInitialize) + "\n");
  EXPECT_THAT (bridge.read_line (), HasSubstr ("serverInfo"));
  bridge.write ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n");
  bridge.write ("{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}\n");
  std::string tools, line;
  while (tools.empty () && !(line = bridge.read_line ()).empty ())
    if (line.find ("\"id\":2") != std::string::npos)
      tools = line;
  EXPECT_THAT (tools, HasSubstr ("\"echo\""));
  // A call that takes a while with progress on the way, and a quick one that overtakes it.
  bridge.write (
      "{\"jsonrpc\":\"2.0\",\"id\":\"slow\",\"method\":\"tools/call\",\"params\":{\"name\":"
      "\"trigger-long-running-operation\",\"arguments\":{\"duration\":1,\"steps\":3},\"_meta\":"
      "{\"progressToken\":7}}}\n");
  bridge.write (
      "{\"jsonrpc\":\"2.0\",\"id\":\"quick\",\"method\":\"tools/call\",\"params\":{\"name\":"
      "\"echo\",\"arguments\":{\"message\":\"over\"}}}\n");
  std::vector<std::string> order;
  std::string everything;
  while (order.size () < 2 && !(line = bridge.read_line ()).empty ())
    {
      everything += line + "\n";
      for (const char *id : { "\"id\":\"slow\"", "\"id\":\"quick\"" })
        if (line.find (id) != std::string::npos)
          order.push_back (id);
    }
  EXPECT_THAT (order, testing::ElementsAre ("\"id\":\"quick\"", "\"id\":\"slow\""));
  EXPECT_THAT (everything, HasSubstr ("notifications/progress"));
  bridge.close_input ();
  EXPECT_EQ (bridge.wait (), 0) << bridge.errors ();
  EXPECT_THAT (everything + tools + bridge.output () + bridge.errors (), Not (HasSubstr (kSecret)));
}

TEST_F (RealParts, TheInspectorUsesTheBridge)
{
  add ();
  Finished list = run (agent.options (
      { variable ("BINDIFY_NODE"), variable ("BINDIFY_NPM") + "/node_modules/.bin/mcp-inspector",
        "--cli", "--transport", "stdio", "--method", "tools/call", "--tool-name", "echo",
        "--tool-arg", "message=through", "--format", "json", "-e",
        "XDG_RUNTIME_DIR=" + agent.dir ().path ("run"), "--", client_program ("bindify-mcp"),
        "everything" }));

  EXPECT_EQ (list.status, 0) << list.errors;
  EXPECT_THAT (list.output, HasSubstr ("through"));
}

TEST_F (RealParts, TheCommandLineListsAndCallsTools)
{
  add ();
  Finished tools = agent.cli ({ "bindify", "tools", "everything" });
  Finished call = agent.cli ({ "bindify", "call", "everything", "echo", "message=from the shell" });
  // The use is written down when the last byte has gone through: a moment after the answer.
  Finished log = agent.cli ({ "bindify", "log" });
  for (int i = 0; i < 50 && log.output.find ("tools/call") == std::string::npos; i++)
    log = agent.cli ({ "bindify", "log" });

  EXPECT_EQ (tools.status, 0) << tools.errors;
  EXPECT_THAT (tools.output, HasSubstr ("echo"));
  EXPECT_EQ (call.status, 0) << call.errors;
  EXPECT_THAT (call.output, HasSubstr ("from the shell"));
  EXPECT_EQ (log.status, 0) << log.errors;
  EXPECT_THAT (log.output, HasSubstr ("tools/call"));
  EXPECT_THAT (tools.output + call.output + log.output, Not (HasSubstr (kSecret)));
}

// "get-env" and its like show what a server knows; the agent's environment is not among it.
TEST_F (RealParts, TheTokenIsNowhereTheClientSideCouldLook)
{
  add ();
  inspector ({ "--method", "tools/call", "--tool-name", "echo", "--tool-arg", "message=x" });
  std::string proc = "/proc/" + std::to_string (agent.process ().pid ());
  for (const char *name : { "/cmdline", "/environ" })
    {
      std::ifstream file (proc + name);

      EXPECT_THAT (std::string (std::istreambuf_iterator<char> (file), {}),
                   Not (HasSubstr (kSecret)));
    }
  agent.stop ();
  for (const auto &entry : std::filesystem::recursive_directory_iterator (agent.dir ().path ()))
    if (entry.is_regular_file ())
      {
        std::ifstream file (entry.path (), std::ios::binary);

        EXPECT_THAT (std::string (std::istreambuf_iterator<char> (file), {}),
                     Not (HasSubstr (kSecret)))
            << entry.path ();
      }
  EXPECT_THAT (agent.process ().errors (), Not (HasSubstr (kSecret)));
}
