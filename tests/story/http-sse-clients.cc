// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Who uses a server that has only the HTTP+SSE transport of 2024-11-05: our own programs, which
// notice it by themselves, with a scripted server; and the MCP Inspector with the reference server,
// directly and through bindify.

#include <cstdlib>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/old-server.h"

using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-oldclients-0123456789abcdefghijklmnopqrstuv";
constexpr char kInitialized[] = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";

class HttpSseClients : public testing::Test
{
protected:
  Finished add (const std::string &secret = kSecret)
  {
    return agent.cli (
        { "bindify-add", "--name", "old", "--allow-local", "--token-stdin", server.url () },
        secret + "\n");
  }

  std::unique_ptr<Process> bridge ()
  {
    Process::Options options = agent.options ({ client_program ("bindify-mcp"), "old" });

    options.keeps_input_open = true;
    return std::make_unique<Process> (options);
  }

  OldServer server{ kSecret };
  Agent agent;
};

} // namespace

// --- bindify-add ---

TEST_F (HttpSseClients, AddNoticesTheTransport)
{
  Finished added = add ();

  EXPECT_EQ (added.status, 0) << added.errors;
  EXPECT_THAT (added.output + added.errors, Not (HasSubstr (kSecret)));
  EXPECT_TRUE (server.upstream.wait ("closed s1"));
  EXPECT_EQ (agent.cli ({ "bindify", "show", "old" }).status, 0);
}

TEST_F (HttpSseClients, AddRefusesAWrongToken)
{
  EXPECT_EQ (add ("wrong").status, 4);
  EXPECT_EQ (agent.control ("GET", "/v1/bindings").body, "{\"bindings\":[]}");
}

TEST_F (HttpSseClients, AddRefusesAForeignEndpoint)
{
  server.endpoint = "//127.0.0.1:1/message?sessionId=%s";
  Finished added = add ();

  EXPECT_EQ (added.status, 1);
  EXPECT_THAT (added.errors, HasSubstr ("another origin"));
  EXPECT_EQ (agent.control ("GET", "/v1/bindings").body, "{\"bindings\":[]}");
}

TEST_F (HttpSseClients, AddSaysWhatTheServerSaidWhenThereIsNoEndpointEither)
{
  server.opening = "data: {}\n\n";
  Finished added = add ();

  EXPECT_EQ (added.status, 1);
  EXPECT_THAT (added.errors, HasSubstr ("HTTP 404"));
}

// --- bindify-mcp ---

TEST_F (HttpSseClients, TheBridgeSpeaksItForItsClient)
{
  ASSERT_EQ (add ().status, 0);
  std::unique_ptr<Process> process = bridge ();

  process->write (std::string (kInitialize) + "\n" + kInitialized + "\n" + kToolCall + "\n");
  EXPECT_THAT (process->read_line (), HasSubstr ("serverInfo"));
  EXPECT_THAT (process->read_line (), HasSubstr ("\"call-1\""));
  // What the server says by itself.
  server.say ("s2", "event: message\ndata: {\"jsonrpc\":\"2.0\",\n"
                    "data: \"method\":\"notifications/tools/list_changed\"}\n\n");
  EXPECT_EQ (process->read_line (),
             R"({"jsonrpc":"2.0","method":"notifications/tools/list_changed"})");
  process->close_input ();
  EXPECT_EQ (process->wait (), 0) << process->errors ();
  EXPECT_TRUE (server.upstream.wait ("closed s2"));
  EXPECT_EQ (process->output () + process->errors (), "");
}

// A client of 2026-07-28 asks for server/discover first.
TEST_F (HttpSseClients, TheBridgeTellsAModernClientToInitialize)
{
  ASSERT_EQ (add ().status, 0);
  std::unique_ptr<Process> process = bridge ();

  process->write (R"({"jsonrpc":"2.0","id":0,"method":"server/discover","params":{"_meta":)"
                  R"({"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})"
                  "\n");
  EXPECT_THAT (process->read_line (), HasSubstr ("-32601"));
  process->write (std::string (kInitialize) + "\n");
  EXPECT_THAT (process->read_line (), HasSubstr ("serverInfo"));
}

TEST_F (HttpSseClients, TheBridgePassesRefusalsFromTheStream)
{
  ASSERT_EQ (add ().status, 0);
  std::unique_ptr<Process> process = bridge ();

  process->write (std::string (kInitialize) + "\n");
  process->read_line ();
  server.post_status = 401;
  process->write (std::string (kToolCall) + "\n");
  std::string line = process->read_line ();
  EXPECT_THAT (line, HasSubstr ("\"call-1\""));
  EXPECT_THAT (line, HasSubstr ("needs_login"));
}

TEST_F (HttpSseClients, TheBridgeSaysSoWhenTheStreamEnds)
{
  ASSERT_EQ (add ().status, 0);
  std::unique_ptr<Process> process = bridge ();

  process->write (std::string (kInitialize) + "\n");
  process->read_line ();
  server.answers = false;
  process->write (std::string (kToolCall) + "\n");
  ASSERT_TRUE (server.upstream.wait ("unanswered"));
  server.end ("s2");
  std::string line = process->read_line ();
  EXPECT_THAT (line, HasSubstr ("\"call-1\""));
  EXPECT_THAT (line, HasSubstr ("\"error\""));
  process->write (R"({"jsonrpc":"2.0","id":"late","method":"tools/list"})"
                  "\n");
  EXPECT_THAT (process->read_line (), HasSubstr ("\"late\""));
  // A new handshake opens another stream.
  server.answers = true;
  process->write (std::string (kInitialize) + "\n");
  EXPECT_THAT (process->read_line (), HasSubstr ("serverInfo"));
}

TEST_F (HttpSseClients, TheBridgeTellsWhyAForeignEndpointIsRefused)
{
  ASSERT_EQ (add ().status, 0);
  server.endpoint = "//127.0.0.1:1/message?sessionId=%s";
  std::unique_ptr<Process> process = bridge ();

  process->write (std::string (kInitialize) + "\n");
  std::string line = process->read_line ();
  EXPECT_THAT (line, HasSubstr ("\"error\""));
  EXPECT_THAT (line, HasSubstr ("another origin"));
}

TEST_F (HttpSseClients, TheBridgeTellsTheFirstRefusalWhenThereIsNoEndpoint)
{
  Upstream neither ([] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (404, R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Not here"}})");
  });
  ASSERT_EQ (agent.add ("old", neither.url (), kSecret).status, 201);
  std::unique_ptr<Process> process = bridge ();

  process->write (std::string (kInitialize) + "\n");
  EXPECT_THAT (process->read_line (), HasSubstr ("Not here"));
  EXPECT_EQ (neither.requests ().size (), 2u);
}

// What the agent refuses is no sign of an old server: it is not asked for anything.
TEST_F (HttpSseClients, ARefusalOfTheAgentIsNoReasonToTry)
{
  Finished call = agent.cli ({ "bindify", "call", "nothing", "echo" });
  std::unique_ptr<Process> process = bridge ();

  EXPECT_NE (call.status, 0);
  process->write (std::string (kInitialize) + "\n");
  EXPECT_THAT (process->read_line (), HasSubstr ("not_found"));
  EXPECT_EQ (server.upstream.n_connections (), 0);
}

// Some servers say 200 where 202 is meant.
TEST_F (HttpSseClients, TheAnswerComesOnTheStreamWhateverThePostSays)
{
  ASSERT_EQ (add ().status, 0);
  server.post_status = 200;
  std::unique_ptr<Process> process = bridge ();

  process->write (std::string (kInitialize) + "\n");
  EXPECT_THAT (process->read_line (), HasSubstr ("serverInfo"));
  process->close_input ();
  EXPECT_EQ (process->wait (), 0);
  EXPECT_EQ (process->errors (), "");
  EXPECT_EQ (agent.cli ({ "bindify", "call", "old", "echo" }).status, 0);
}

// --- bindify tools and call ---

TEST_F (HttpSseClients, TheCommandLineSpeaksIt)
{
  ASSERT_EQ (add ().status, 0);
  Finished tools = agent.cli ({ "bindify", "tools", "old" });
  Finished call = agent.cli ({ "bindify", "call", "old", "echo", "message=hi" });

  EXPECT_EQ (tools.status, 0) << tools.errors;
  EXPECT_THAT (tools.output, HasSubstr ("echo"));
  EXPECT_EQ (call.status, 0) << call.errors;
  EXPECT_THAT (call.output, HasSubstr ("done"));
  EXPECT_TRUE (server.upstream.wait ("closed s3"));
}

TEST_F (HttpSseClients, TheCommandLineTellsRefusalsAndEnds)
{
  ASSERT_EQ (add ().status, 0);
  server.post_status = 401;
  Finished refused = agent.cli ({ "bindify", "call", "old", "echo" });
  EXPECT_EQ (refused.status, 4) << refused.errors;
  EXPECT_THAT (refused.errors, HasSubstr ("refuses the stored credential"));

  server.post_status = 202;
  server.endpoint = "//127.0.0.1:1/m";
  Finished foreign = agent.cli ({ "bindify", "call", "old", "echo" });
  EXPECT_EQ (foreign.status, 1);
  EXPECT_THAT (foreign.errors, HasSubstr ("another origin"));
}

TEST_F (HttpSseClients, TheCommandLineCanBeInterrupted)
{
  ASSERT_EQ (add ().status, 0);
  server.answers = false;
  Process call (agent.options ({ client_program ("bindify"), "call", "old", "echo" }));

  ASSERT_TRUE (server.upstream.wait ("unanswered"));
  call.signal (SIGINT);
  EXPECT_NE (call.wait (), 0);
  EXPECT_TRUE (server.upstream.wait ("closed s2"));
}

// --- Other people's programs ---

namespace
{

std::string
variable (const char *name)
{
  const char *value = getenv (name);

  return value != nullptr ? value : "";
}

class HttpSseReal : public testing::Test
{
protected:
  void SetUp () override
  {
    if (variable ("BINDIFY_NPM").empty ())
      GTEST_SKIP () << "the npm programs are not installed (./check does that)";

    Process::Options options;
    options.argv = { variable ("BFY_TEST_NPM_DIR") + "/everything.sh", "sse" };
    options.environment = { { "BINDIFY_NPM", variable ("BINDIFY_NPM") },
                            { "BINDIFY_NODE", variable ("BINDIFY_NODE") },
                            { "HOME", agent.dir ().path ("home") },
                            { "GATE_SECRET", kSecret } };
    server = std::make_unique<Process> (options);
    std::string line = server->read_line ();
    ASSERT_THAT (line, testing::StartsWith ("READY port=")) << server->errors ();
    url = "http://127.0.0.1:" + line.substr (11) + "/sse";
  }

  void add ()
  {
    Finished added =
        agent.cli ({ "bindify-add", "--name", "everything", "--allow-local", "--token-stdin", url },
                   std::string (kSecret) + "\n");

    ASSERT_EQ (added.status, 0) << added.errors;
    key = agent.add_client ("inspector");
  }

  Finished inspect (const std::vector<std::string> &target)
  {
    std::vector<std::string> argv = { variable ("BINDIFY_NODE"),
                                      variable ("BINDIFY_NPM") + "/node_modules/.bin/mcp-inspector",
                                      "--cli" };

    argv.insert (argv.end (), target.begin (), target.end ());
    argv.insert (argv.begin () + 3, { "--method", "tools/call", "--tool-name", "echo", "--tool-arg",
                                      "message=through", "--format", "json" });
    return run (agent.options (argv));
  }

  Agent agent;
  std::unique_ptr<Process> server;
  std::string url, key;
};

} // namespace

TEST_F (HttpSseReal, TheInspectorUsesItDirectlyAndThroughBindify)
{
  add ();
  std::string mine = "http://" + agent.host () + "/mcp/everything";
  const struct
  {
    std::string url, header;
  } targets[] = {
    { url, std::string ("Authorization: Bearer ") + kSecret },
    { mine, "Authorization: Bearer " + key },
    { mine + "/sse", "Authorization: Bearer " + key },
    { mine + "/" + key.substr (10) + "/sse", "X-Nothing: 1" },
  };

  for (const auto &target : targets)
    {
      Finished call = inspect (
          { target.url, "--transport", "sse", "--stored-auth-only", "--header", target.header });

      EXPECT_EQ (call.status, 0) << target.url << ": " << call.errors;
      EXPECT_THAT (call.output, HasSubstr ("through")) << target.url;
      EXPECT_THAT (call.output + call.errors, Not (HasSubstr (kSecret))) << target.url;
    }
}

TEST_F (HttpSseReal, TheInspectorUsesTheBridge)
{
  add ();
  Finished call =
      inspect ({ "--transport", "stdio", "-e", "XDG_RUNTIME_DIR=" + agent.dir ().path ("run"), "--",
                 client_program ("bindify-mcp"), "everything" });

  EXPECT_EQ (call.status, 0) << call.errors;
  EXPECT_THAT (call.output, HasSubstr ("through"));
}

// They post at first, as to any server, and take the upstream's answer for what it is.
TEST_F (HttpSseReal, ClientsThatKnowBothFallBackByThemselves)
{
  add ();
  std::string target = "http://" + agent.host () + "/mcp/everything/" + key.substr (10);
  std::string config = agent.dir ().path ("mcporter.json");
  std::string bin = variable ("BINDIFY_NPM") + "/node_modules/.bin/";
  std::ofstream (config) << R"({"mcpServers":{"x":{"baseUrl":")" + target + "\"}}}";

  Finished porter = run (agent.options ({ variable ("BINDIFY_NODE"), bin + "mcporter", "--config",
                                          config, "call", "x.echo", "message=through" }));
  Finished remote = run (agent.options ({ variable ("BINDIFY_NODE"), bin + "mcp-remote-client",
                                          target, "--allow-http", "--transport", "http-first" }));

  EXPECT_EQ (porter.status, 0) << porter.errors;
  EXPECT_THAT (porter.output, HasSubstr ("through"));
  EXPECT_EQ (remote.status, 0) << remote.errors;
  EXPECT_THAT (remote.output + remote.errors, HasSubstr ("Connected successfully"));
}

TEST_F (HttpSseReal, TheCommandLineUsesIt)
{
  add ();
  Finished call = agent.cli ({ "bindify", "call", "everything", "echo", "message=through" });

  EXPECT_EQ (call.status, 0) << call.errors;
  EXPECT_THAT (call.output, HasSubstr ("through"));
}
