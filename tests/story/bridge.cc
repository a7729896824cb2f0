// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// A client on stdin and stdout, the bridge, the agent and a server that does what servers may do:
// it forgets sessions, hangs up in the middle of an answer, insists on headers. The client must see
// answers and nothing else (mcp.md A.8).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

namespace
{

constexpr char kSecret[] = "sk-bridge-0123456789abcdefghijklmnopqrs";
constexpr char kInitialized[] = R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
constexpr char kDone[] = R"({"jsonrpc":"2.0","id":"call-1","result":{"content":[]}})";

// A chunk of an event stream: where to go on, and when.
constexpr char kPriming[] = "1b\r\nid: one\nretry: 200\ndata: \n\n\r\n";

bool
is_method (const Upstream::Request &request, const std::string &method)
{
  return request.body.find ("\"method\":\"" + method + "\"") != std::string::npos;
}

std::string
modern (const std::string &id, const std::string &method, const std::string &params = "")
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":{)" + params +
         R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
         R"("io.modelcontextprotocol/clientCapabilities":{}}}})";
}

class BridgeStory : public testing::Test
{
protected:
  // A server with one session at a time; @answer gets what is no handshake.
  void serve (const Upstream::Script &answer)
  {
    upstream = std::make_unique<Upstream> (
        [this, answer] (Upstream::Peer &peer, const Upstream::Request &request) {
          EXPECT_EQ (request.header ("authorization"), std::string ("Bearer ") + kSecret);
          if (is_method (request, "initialize"))
            peer.reply (200,
                        R"({"jsonrpc":"2.0","id":1,"result":{"protocolVersion":"2025-11-25",)"
                        R"("capabilities":{},"serverInfo":{"name":"s","version":"1"}}})",
                        "Mcp-Session-Id: session-" + std::to_string (++n_sessions));
          else if (is_method (request, "notifications/initialized"))
            peer.write ("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n");
          else if (request.method == "GET" && request.header ("last-event-id").empty ())
            peer.reply (405, "");
          else if (request.method == "DELETE")
            peer.reply (200, "");
          else
            answer (peer, request);
        });
    ASSERT_EQ (agent.add ("s", upstream->url (), kSecret).status, 201);
  }

  std::unique_ptr<Process> start_bridge ()
  {
    Process::Options options = agent.options ({ client_program ("bindify-mcp"), "s" });

    options.keeps_input_open = true;
    return std::make_unique<Process> (options);
  }

  // A bridge that has been through the handshake.
  std::unique_ptr<Process> shake_hands ()
  {
    auto bridge = start_bridge ();

    bridge->write (std::string (kInitialize) + "\n");
    EXPECT_THAT (bridge->read_line (), HasSubstr ("serverInfo"));
    bridge->write (std::string (kInitialized) + "\n");
    return bridge;
  }

  std::vector<Upstream::Request> seen (const std::string &method)
  {
    std::vector<Upstream::Request> found;

    for (const Upstream::Request &request : upstream->requests ())
      {
        if (is_method (request, method) || request.method == method)
          found.push_back (request);
      }
    return found;
  }

  // Ends as a client does; nothing but answers came, and no secret.
  void finish (Process &bridge)
  {
    bridge.close_input ();
    EXPECT_EQ (bridge.wait (), 0);
    EXPECT_EQ (bridge.read_line (), "");
    EXPECT_THAT (bridge.output () + bridge.errors (), Not (HasSubstr (kSecret)));
  }

  std::string session () const
  {
    return "session-" + std::to_string (n_sessions);
  }

  Agent agent;
  std::atomic<int> n_sessions{ 0 };
  std::unique_ptr<Upstream> upstream;
};

} // namespace

TEST_F (BridgeStory, SurvivesAServerThatForgetsItsSessions)
{
  serve ([this] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (n_sessions == 1 || request.header ("mcp-session-id") != session ())
      peer.reply (404, R"({"jsonrpc":"2.0","error":{"code":-32001,"message":"x"},"id":null})");
    else
      peer.reply (200, kDone);
  });
  auto bridge = shake_hands ();

  bridge->write (std::string (kToolCall) + "\n");
  EXPECT_EQ (bridge->read_line (), kDone);
  EXPECT_EQ (n_sessions, 2);
  EXPECT_THAT (seen ("tools/call"), SizeIs (2));
  finish (*bridge);
  ASSERT_THAT (seen ("DELETE"), SizeIs (1));
  EXPECT_EQ (seen ("DELETE")[0].header ("mcp-session-id"), "session-2");
}

// The agent knows whose a session is; a new one knows nothing of the old one's.
TEST_F (BridgeStory, SurvivesANewAgent)
{
  serve ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, kDone); });
  auto bridge = shake_hands ();

  EXPECT_EQ (agent.stop (), 0);
  ASSERT_TRUE (agent.start ()) << agent.process ().errors ();
  bridge->write (std::string (kToolCall) + "\n");
  EXPECT_EQ (bridge->read_line (), kDone);
  EXPECT_EQ (n_sessions, 2);
  finish (*bridge);
}

TEST_F (BridgeStory, TakesAnAnswerUpAgainWhereTheServerHungUp)
{
  serve ([this] (Upstream::Peer &peer, const Upstream::Request &request) {
    peer.begin_events ();
    if (request.method == "POST")
      peer.write (kPriming);
    else
      peer.event (kDone);
    peer.end_chunks ();
    EXPECT_EQ (request.header ("mcp-session-id"), session ());
  });
  auto bridge = shake_hands ();

  bridge->write (std::string (kToolCall) + "\n");
  EXPECT_EQ (bridge->read_line (), kDone);
  EXPECT_THAT (seen ("tools/call"), SizeIs (1));
  ASSERT_FALSE (seen ("GET").empty ());
  EXPECT_EQ (seen ("GET").back ().header ("last-event-id"), "one");
  finish (*bridge);
}

TEST_F (BridgeStory, RepeatsArgumentsForAServerThatInsists)
{
  serve ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (is_method (request, "tools/list"))
      peer.reply (200, R"({"jsonrpc":"2.0","id":"bindify","result":{"resultType":"complete",)"
                       R"("ttlMs":0,"cacheScope":"private","tools":[{"name":"t","inputSchema":{)"
                       R"("type":"object","properties":{"r":{"type":"string",)"
                       R"("x-mcp-header":"Region"}}}}]}})");
    else if (request.header ("mcp-param-region") != "eu west")
      peer.reply (400, R"({"jsonrpc":"2.0","id":7,"error":{"code":-32020,"message":"Region"}})");
    else
      peer.reply (200, R"({"jsonrpc":"2.0","id":7,"result":{"resultType":"complete"}})");
  });
  auto bridge = start_bridge ();

  bridge->write (modern ("7", "tools/call", R"("name":"t","arguments":{"r":"eu west"},)") + "\n");
  EXPECT_EQ (bridge->read_line (),
             R"({"jsonrpc":"2.0","id":7,"result":{"resultType":"complete"}})");
  finish (*bridge);
}

TEST_F (BridgeStory, TakesACancelAllTheWayUp)
{
  serve ([this] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    upstream->signal ("called");
    if (peer.wait_for_close (kPatienceMs))
      upstream->signal ("closed");
  });
  auto bridge = start_bridge ();

  bridge->write (modern ("7", "tools/call", R"("name":"t",)") + "\n");
  ASSERT_TRUE (upstream->wait ("called"));
  bridge->write (R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7}})"
                 "\n");
  EXPECT_TRUE (upstream->wait ("closed"));
  finish (*bridge);
}

// Clients on the official SDK start the command twice: one process is asked which era it speaks and
// killed, the other one serves.
TEST_F (BridgeStory, LeavesNoTraceOfAProbe)
{
  serve ([this] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (is_method (request, "server/discover"))
      {
        upstream->signal ("asked");
        if (peer.wait_for_close (kPatienceMs))
          upstream->signal ("closed");
        return;
      }
    peer.reply (200, kDone);
  });
  std::string events = agent.control ("GET", "/v1/events").body;

  // One that never says a word costs the agent nothing.
  auto silent = start_bridge ();
  silent->signal (SIGKILL);
  EXPECT_EQ (silent->wait (), 128 + SIGKILL);
  EXPECT_EQ (agent.control ("GET", "/v1/events").body, events);
  EXPECT_THAT (upstream->requests (), SizeIs (0));

  auto probe = start_bridge ();
  probe->write (modern ("0", "server/discover") + "\n");
  ASSERT_TRUE (upstream->wait ("asked"));
  probe->signal (SIGKILL);
  EXPECT_EQ (probe->wait (), 128 + SIGKILL);
  EXPECT_TRUE (upstream->wait ("closed"));
  EXPECT_THAT (upstream->requests (), SizeIs (1));
  EXPECT_EQ (n_sessions, 0);

  auto bridge = shake_hands ();
  bridge->write (std::string (kToolCall) + "\n");
  EXPECT_EQ (bridge->read_line (), kDone);
  finish (*bridge);
  EXPECT_EQ (n_sessions, 1);
  EXPECT_THAT (agent.control ("GET", "/v1/events").body, Not (HasSubstr ("prompt")));
}

// A locked keyring is asked open for a request, never because a client has started its servers.
TEST_F (BridgeStory, StartsBeforeALockedAgentWithoutAPrompt)
{
  serve ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, kDone); });
  ASSERT_EQ (agent.control ("POST", "/v1/lock").status, 200);
  std::string events = agent.control ("GET", "/v1/events").body;
  auto bridge = start_bridge ();

  bridge->close_input ();
  EXPECT_EQ (bridge->wait (), 0);
  EXPECT_EQ (agent.control ("GET", "/v1/events").body, events);
  EXPECT_THAT (upstream->requests (), SizeIs (0));
}
