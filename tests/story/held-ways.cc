// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// A request that waits for a person where the agent stands between more than a client and a server:
// between the eras, behind the endpoint for all, before a local program, and behind the bridge and
// the command line. Real agent, scripted upstreams, a person in a process of her own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/person.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

constexpr char kSecret[] = "sk-ways-0123456789abcdefghijklmnopqrstuvwxyz";
constexpr char kAsk[] = R"(,"policy":{"version":1,"default":"allow","rules":[)"
                        R"({"tool":"*","effect":"ask"}]})";
constexpr char kBoth[] = "Accept: application/json, text/event-stream";
constexpr char kInitialized[] = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
constexpr char kMeta[] = R"("io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
                         R"("io.modelcontextprotocol/clientCapabilities":{})";

bool
is_method (const Upstream::Request &request, const std::string &method)
{
  return request.body.find ("\"method\":\"" + method + "\"") != std::string::npos;
}

// The id of a message as it stands there.
std::string
id_of (const std::string &body)
{
  return member_of (body, "id").find_first_not_of ("0123456789") == std::string::npos
             ? member_of (body, "id")
             : in_json (member_of (body, "id"));
}

std::string
result (const std::string &body, const std::string &value)
{
  return R"({"jsonrpc":"2.0","id":)" + id_of (body) + R"(,"result":)" + value + "}";
}

// Speaks 2025-11-25 alone.
void
serve_legacy (Upstream::Peer &peer, const Upstream::Request &request)
{
  if (request.method != "POST" ||
      request.body.find ("io.modelcontextprotocol") != std::string::npos)
    peer.reply (request.method == "POST" ? 400 : 405,
                R"({"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":)"
                R"("Bad Request: Unsupported protocol version"}})");
  else if (is_method (request, "initialize"))
    peer.reply (200,
                result (request.body,
                        R"({"protocolVersion":"2025-11-25","capabilities":{"tools":{}},)"
                        R"("serverInfo":{"name":"s","version":"1"}})"),
                "Mcp-Session-Id: s-1");
  else if (member_of (request.body, "id").empty ())
    peer.write ("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
  else
    peer.reply (200, result (request.body, R"({"content":[]})"));
}

// Speaks 2026-07-28 alone.
void
serve_modern (Upstream::Peer &peer, const Upstream::Request &request)
{
  if (request.method != "POST" || request.header ("mcp-protocol-version") != "2026-07-28")
    peer.reply (request.method == "POST" ? 400 : 405,
                R"({"jsonrpc":"2.0","id":null,"error":{"code":-32022,"message":"x",)"
                R"("data":{"supported":["2026-07-28"]}}})");
  else if (is_method (request, "server/discover"))
    peer.reply (200, result (request.body,
                             R"({"resultType":"complete","supportedVersions":["2026-07-28"],)"
                             R"("capabilities":{"tools":{}},"ttlMs":0,"cacheScope":"private"})"));
  else if (is_method (request, "tools/list"))
    peer.reply (200, result (request.body, R"({"resultType":"complete","tools":[{"name":"echo",)"
                                           R"("inputSchema":{"type":"object"}}],"ttlMs":0,)"
                                           R"("cacheScope":"private"})"));
  else
    peer.reply (200, result (request.body, R"({"resultType":"complete","content":[]})"));
}

std::string
legacy_call (const std::string &name = "echo")
{
  return R"({"jsonrpc":"2.0","id":"call-1","method":"tools/call","params":{"name":")" + name +
         R"(","arguments":{},"_meta":{"progressToken":"t"}}})";
}

std::string
modern_call (const std::string &name = "echo")
{
  return R"({"jsonrpc":"2.0","id":"call-1","method":"tools/call","params":{"name":")" + name +
         R"(","arguments":{},"_meta":{"progressToken":"t",)" + kMeta + "}}}";
}

Agent::Options
with_patience (const std::string &more = "")
{
  Agent::Options options;

  options.config = "[prompts]\nsilent_ms=300\n" + more;
  return options;
}

class HeldWays : public testing::Test
{
protected:
  explicit HeldWays (const Agent::Options &options = with_patience ()) : agent (options)
  {
    token = person.register_as ("tray");
    key = agent.add_client ("story");
  }

  void must_add (const Upstream &upstream, const std::string &name = "svc")
  {
    Response added = agent.add (name, upstream.url (), kSecret, kAsk);

    ASSERT_EQ (added.status, 201) << added.body;
    ASSERT_NE (token, "") << person.refusal ();
  }

  Connection
  post (const std::string &body, const std::string &headers = "", const std::string &name = "svc")
  {
    Connection connection = agent.tcp ();

    connection.send (format_request ("POST", "/mcp/" + name, agent.host (),
                                     "Authorization: Bearer " + key +
                                         "\r\nContent-Type: application/json\r\n" + kBoth +
                                         (headers.empty () ? "" : "\r\n" + headers),
                                     body));
    return connection;
  }
  Connection post_modern (const std::string &name = "svc", const std::string &tool = "echo")
  {
    return post (modern_call (tool),
                 "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: " + tool,
                 name);
  }
  // With a session of its own.
  Connection post_legacy (const std::string &name = "svc", const std::string &tool = "echo")
  {
    Response begun = post (kInitialize, "", name).read_response ();
    std::string session = begun.header ("mcp-session-id");

    EXPECT_EQ (begun.status, 200) << begun.body;
    EXPECT_EQ (post (kInitialized, "Mcp-Session-Id: " + session, name).read_response ().status,
               202);
    last_session = "Mcp-Session-Id: " + session + "\r\nMCP-Protocol-Version: 2025-11-25";
    return post (legacy_call (tool), last_session, name);
  }

  void allow ()
  {
    std::string prompt = person.event ("opened");
    Told told = person.reply (token, prompt, "allow", "once");

    EXPECT_EQ (told.status, 204) << told.body;
  }
  std::string last_close ()
  {
    return member_of (person.event ("closed"), "how");
  }
  // It is kept patient, allowed, and answered; nobody is asked twice.
  void expect_held (Connection connection)
  {
    Response response = connection.read_head ();

    EXPECT_EQ (response.status, 200);
    EXPECT_EQ (response.header ("content-type"), "text/event-stream");
    EXPECT_THAT (connection.read_body_until (response, "}\n\n"),
                 AllOf (HasSubstr (R"("progressToken":"t")"), Not (HasSubstr ("result"))));
    allow ();
    while (!connection.read_body (response).empty ())
      continue;
    EXPECT_TRUE (response.is_complete);
    EXPECT_THAT (response.body, HasSubstr ("event: message\ndata: {"));
    EXPECT_THAT (response.body, AllOf (HasSubstr ("call-1"), HasSubstr ("content")));
    EXPECT_THAT (agent.control ("GET", "/v1/prompts").body, HasSubstr (R"("prompts":[])"));
  }
  void expect_withdrawn (Connection connection)
  {
    EXPECT_EQ (connection.read_head ().header ("content-type"), "text/event-stream");
    person.event ("opened");
    connection.close ();
    EXPECT_EQ (last_close (), "withdrawn");
  }

  Agent agent;
  Person person{ agent, { "--apart" } };
  std::string token, key, last_session;
};

} // namespace

TEST_F (HeldWays, AModernClientOfAModernServer)
{
  Upstream upstream (serve_modern);

  must_add (upstream);
  expect_held (post_modern ());
  expect_withdrawn (post_modern ());
}

TEST_F (HeldWays, AModernClientOfALegacyServer)
{
  Upstream upstream (serve_legacy);

  must_add (upstream);
  expect_held (post_modern ());
  expect_withdrawn (post_modern ());
}

TEST_F (HeldWays, ALegacyClientOfAModernServer)
{
  Upstream upstream (serve_modern);

  must_add (upstream);
  expect_held (post_legacy ());
  expect_withdrawn (post_legacy ());
}

TEST_F (HeldWays, ALegacyClientOfALegacyServer)
{
  Upstream upstream (serve_legacy);

  must_add (upstream);
  expect_held (post_legacy ());
  expect_withdrawn (post_legacy ());
}

// Behind the endpoint for all it is an inner request that waits, and its client that is told.
TEST_F (HeldWays, AModernClientOfTheEndpointForAll)
{
  Upstream modern (serve_modern), legacy (serve_legacy);

  must_add (modern, "new");
  must_add (legacy, "old");
  expect_held (post_modern ("~all", "new__echo"));
  expect_held (post_modern ("~all", "old__echo"));
  expect_withdrawn (post_modern ("~all", "new__echo"));
}

TEST_F (HeldWays, H04ALegacyClientOfTheEndpointForAllMayGo)
{
  Upstream modern (serve_modern);

  must_add (modern, "new");
  expect_held (post_legacy ("~all", "new__echo"));
  expect_withdrawn (post_legacy ("~all", "new__echo"));
}

TEST_F (HeldWays, ALegacyClientOfTheEndpointForAllMayCallOff)
{
  Upstream modern (serve_modern);

  must_add (modern, "new");
  Connection connection = post_legacy ("~all", "new__echo");
  Response response = connection.read_head ();

  person.event ("opened");
  EXPECT_EQ (post (R"({"jsonrpc":"2.0","method":"notifications/cancelled",)"
                   R"("params":{"requestId":"call-1"}})",
                   last_session, "~all")
                 .read_response ()
                 .status,
             202);
  EXPECT_EQ (last_close (), "withdrawn");
  while (!connection.read_body (response).empty ())
    continue;
  EXPECT_TRUE (response.is_complete);
}

// The program is not started before somebody has said yes.
TEST_F (HeldWays, AClientOfALocalProgram)
{
  const std::string program = std::string (getenv ("BFY_TEST_FIXTURES_DIR")) + "/stdio-server.py";
  Response added = agent.control (
      "POST", "/v1/bindings",
      R"({"name":"svc","command":{"argv":["/usr/bin/python3",)" + in_json (program) +
          R"(],"variable":"TOKEN","sandbox":false},"credential":{"type":"custom","value":"x"},)"
          R"("check":false)" +
          kAsk + "}");

  ASSERT_EQ (added.status, 201) << added.body;
  expect_held (post_legacy ());
  expect_withdrawn (post_legacy ());
}

// --- The bridge ---

class HeldBridge : public HeldWays
{
protected:
  void begin ()
  {
    must_add (upstream);
    Process::Options options = agent.options ({ client_program ("bindify-mcp"), "svc" });

    options.keeps_input_open = true;
    bridge = std::make_unique<Process> (options);
    say (kInitialize);
    EXPECT_THAT (bridge->read_line (), HasSubstr ("2025-11-25"));
    say (kInitialized);
    say (legacy_call ());
    EXPECT_THAT (bridge->read_line (), AllOf (HasSubstr ("notifications/progress"),
                                              HasSubstr (R"("progressToken":"t")")));
  }
  void say (const std::string &line)
  {
    bridge->write (line + "\n");
  }

  Upstream upstream{ serve_legacy };
  std::unique_ptr<Process> bridge;
};

TEST_F (HeldBridge, HearsOfProgressAndThenTheAnswer)
{
  begin ();
  allow ();

  EXPECT_THAT (bridge->read_line (), AllOf (HasSubstr (R"("id":"call-1")"), HasSubstr ("result")));
}

TEST_F (HeldBridge, H04WhoseInputEndsIsNotAskedForAnyMore)
{
  begin ();
  person.event ("opened");
  bridge->close_input ();

  EXPECT_EQ (last_close (), "withdrawn");
  EXPECT_EQ (bridge->wait (), 0);
}

TEST_F (HeldBridge, H04WhichIsKilledIsNotAskedForAnyMore)
{
  begin ();
  person.event ("opened");
  bridge->signal (9);

  EXPECT_EQ (last_close (), "withdrawn");
}

TEST_F (HeldBridge, ACalledOffRequestWaitsNoLonger)
{
  begin ();
  person.event ("opened");
  say (R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"call-1"}})");

  EXPECT_EQ (last_close (), "withdrawn");
  say (R"({"jsonrpc":"2.0","id":2,"method":"ping"})");
  EXPECT_THAT (bridge->read_line (), HasSubstr (R"("id":2)"));
}

// --- The command line ---

TEST_F (HeldWays, TheCommandLineSaysThatAPersonIsWaitedFor)
{
  Upstream upstream (serve_legacy);

  must_add (upstream);
  Process call (agent.options ({ "sh", "-c", "exec \"$0\" \"$@\" 2>&1", client_program ("bindify"),
                                 "call", "svc", "echo", "{}", "--json" }));

  EXPECT_EQ (call.read_line (), "bindify: Waiting for a person to allow this; bindify prompts "
                                "shows the question");
  allow ();
  EXPECT_EQ (call.read_line (), R"({"content":[]})");
  EXPECT_EQ (call.wait (), 0);
}

TEST_F (HeldWays, ARefusalEndsTheCommandLineWithThree)
{
  Upstream upstream (serve_legacy);

  must_add (upstream);
  Process call (agent.options ({ client_program ("bindify"), "call", "svc", "echo", "{}" }));

  EXPECT_EQ (person.reply (token, person.event ("opened"), "dismiss").status, 204);
  EXPECT_EQ (call.wait (), 3);
  EXPECT_THAT (call.errors (), HasSubstr ("put away without an answer"));
}

// --- The official SDK ---

namespace
{

std::string
variable (const char *name)
{
  const char *value = getenv (name);

  return value != nullptr ? value : "";
}

class HeldSdk : public HeldWays, public testing::WithParamInterface<const char *>
{
protected:
  HeldSdk () : HeldWays (with_patience ("wait_ms=3000\nbeat_ms=2000\n"))
  {
  }

  void SetUp () override
  {
    if (variable ("BINDIFY_NPM").empty ())
      GTEST_SKIP () << "the npm programs are not installed (./check does that)";

    must_add (upstream);
    Process::Options options =
        agent.options ({ variable ("BINDIFY_NODE"), "--no-deprecation",
                         variable ("BFY_TEST_FIXTURES_DIR") + "/patient-client.mjs",
                         "http://" + agent.host () + "/mcp/svc/" + key.substr (10), GetParam () });

    options.environment["BINDIFY_NPM"] = variable ("BINDIFY_NPM");
    options.keeps_input_open = true;
    sdk = std::make_unique<Process> (options);
  }

  Upstream upstream{ std::string (GetParam ()) == "legacy" ? serve_legacy : serve_modern };
  std::unique_ptr<Process> sdk;
};

} // namespace

// Three signs of life take longer than the client would have waited without them.
TEST_P (HeldSdk, ProgressKeepsItFromGivingUp)
{
  sdk->write (R"({"timeout":5000,"progress":true})"
              "\n");
  for (int i = 0; i < 3; i++)
    EXPECT_THAT (sdk->read_line (), HasSubstr ("Waiting for a person to allow this"));
  allow ();

  EXPECT_THAT (sdk->read_line (), HasSubstr ("result"));
}

TEST_P (HeldSdk, ALateAnswerServesTheRepetitionAndNoMore)
{
  sdk->write ("{}\n");
  EXPECT_THAT (sdk->read_line (), AllOf (HasSubstr ("-31009"), HasSubstr ("still open")));
  allow ();
  sdk->write ("{}\n");
  EXPECT_THAT (sdk->read_line (), HasSubstr ("result"));
  sdk->write ("{}\n");
  EXPECT_THAT (sdk->read_line (), AllOf (HasSubstr ("-31009"), HasSubstr ("still open")));
  EXPECT_NE (person.event ("opened"), "");
}

// Which tells the server so in the one era, and hangs up in the other.
TEST_P (HeldSdk, H04WhichGivesUpIsNotAskedForAnyMore)
{
  sdk->write ("{\"timeout\":1500}\n");
  EXPECT_THAT (sdk->read_line (), HasSubstr ("timed out"));

  EXPECT_EQ (last_close (), "withdrawn");
}

INSTANTIATE_TEST_SUITE_P (Eras, HeldSdk, testing::Values ("legacy", "auto"), [] (const auto &info) {
  return std::string (info.param);
});
