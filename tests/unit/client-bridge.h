// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#pragma once

#include <algorithm>
#include <memory>

#include "tests/unit/client-agent.h"
#include "tests/unit/matchers.h"

// `bindify-mcp` as a client runs it, against a scripted MCP server behind the agent's socket
// (mcp.md A.8).

inline const char initialize[] =
    R"({"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25"}})"
    "\n";
inline const char initialized[] = R"({"jsonrpc":"2.0","method":"notifications/initialized"})"
                                  "\n";
inline const char initialize_result[] =
    R"({"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{}}})";

inline std::string
request (const std::string &id, const std::string &method)
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + "\"}\n";
}

inline std::string
result (const std::string &id, const std::string &text)
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" + text + "}";
}

inline std::string
modern (const std::string &id, const std::string &method, const std::string &name)
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":")" + method + R"(","params":{"name":")" +
         name + R"(","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}})" + "\n";
}

inline bool
is_method (const Request &request, const std::string &method)
{
  return request.body.find ("\"method\":\"" + method + "\"") != std::string::npos;
}

class Bridge : public testing::Test
{
protected:
  // The parts of a conversation that most tests have in common; the rest goes to @calls.
  void answer_handshake (const Request &request, const AnswerPtr &answer)
  {
    if (request.method == "GET")
      answer->empty (405);
    else if (request.method == "DELETE")
      answer->empty (200);
    else if (is_method (request, "initialize"))
      {
        answer->header ("Mcp-Session-Id", "session-1");
        answer->json (200, initialize_result);
      }
    else if (is_method (request, "notifications/initialized"))
      answer->empty (202);
    else
      calls.push_back ({ request, answer });
  }

  void start ()
  {
    program = std::make_unique<Program> (
        "bindify-mcp", std::vector<std::string>{ "--socket", agent.socket (), "github" });
  }

  // Through the handshake: one line has come back, and the server knows the client is ready.
  void shake_hands ()
  {
    start ();
    program->write (initialize);
    ASSERT_TRUE (program->wait_for_lines (1)) << program->errors;
    program->lines.clear ();
    program->write (initialized);
    ASSERT_TRUE (spin ([this] { return count ("GET /mcp/github") == 1; }));
  }

  gsize count (const std::string &line) const
  {
    auto lines = agent.lines ();

    return std::count (lines.begin (), lines.end (), line);
  }

  bool wait_for_calls (gsize n)
  {
    return spin ([this, n] { return calls.size () >= n; });
  }

  struct Call
  {
    Request request;
    AnswerPtr answer;
  };

  std::vector<Call> calls;
  FakeAgent agent{ [this] (const Request &request, const AnswerPtr &answer) {
    answer_handshake (request, answer);
  } };
  std::unique_ptr<Program> program;
};
