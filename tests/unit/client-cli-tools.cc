// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <algorithm>
#include <csignal>

#include "tests/unit/client-cli.h"
#include "tests/unit/matchers.h"

using testing::HasSubstr;
using testing::StartsWith;

// bindify tools and bindify call.

class CliTools : public Cli
{
protected:
  CliTools ()
  {
    agent.handler = [this] (const Request &request, const AnswerPtr &answer) {
      serve (request, answer);
    };
  }

  void serve (const Request &request, const AnswerPtr &answer)
  {
    gsize at = request.body.find ("\"id\":");
    std::string id = at != std::string::npos ? request.body.substr (at + 5, 1) : "";

    if (request.method == "DELETE")
      answer->empty (200);
    else if (request.body.find ("\"initialize\"") != std::string::npos)
      {
        answer->header ("Mcp-Session-Id", "s");
        answer->json (200, R"({"jsonrpc":"2.0","id":)" + id +
                               R"(,"result":{"protocolVersion":"2025-11-25"}})");
      }
    else if (request.body.find ("\"id\"") == std::string::npos)
      answer->empty (202);
    else if (request.body.find ("tools/list") != std::string::npos)
      answer->json (
          200, R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":)" +
                   (request.body.find ("cursor") == std::string::npos ? first_page : second_page) +
                   "}");
    else if (request.body.find ("tools/call") != std::string::npos)
      call (id, answer);
    else
      answer->empty (202);
  }

  std::string first_page =
      R"({"tools":[{"name":"one","description":"First.\nMore."}],"nextCursor":"p\"2"})";
  std::string second_page =
      R"({"tools":[{"name":"get","inputSchema":{"properties":{"id":{"type":"string"}}}}]})";
  std::function<void (const std::string &id, const AnswerPtr &answer)> call;
};

TEST_F (CliTools, ListsAllPages)
{
  auto table = run ({ "tools", "github" });
  EXPECT_EQ (table.status, 0) << table.errors;
  EXPECT_EQ (table.output, "TOOL  WHAT IT DOES\none   First.\nget   -\n");
  EXPECT_THAT (agent.requests[3].body, HasSubstr (R"({"cursor":"p\"2"})"));
  EXPECT_EQ (agent.lines ().back (), "DELETE /mcp/github");
  EXPECT_EQ (agent.requests.back ().header ("mcp-session-id"), "s");
  EXPECT_THAT (run ({ "tools", "github", "--json" }).output, StartsWith ("[\n{\"name\":\"one\""));
}

TEST_F (CliTools, CallTypesItsArgumentsBySchema)
{
  call = [] (const std::string &id, const AnswerPtr &answer) {
    answer->stream ();
    answer->event (R"({"jsonrpc":"2.0","method":"notifications/progress"})");
    answer->event (R"({"jsonrpc":"2.0","id":77,"method":"ping"})");
    answer->event (
        R"({"jsonrpc":"2.0","id":)" + id +
        R"(,"result":{"content":[{"type":"text","text":"hello"},{"type":"image","mimeType":"image/png","data":"AA=="}],"big":12345678901234567890.10}})");
    // The stream stays open: the answer is there, so nobody waits.
  };
  auto outcome = run ({ "call", "github", "get", "id=7", "n=7" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_EQ (outcome.output, "hello\n[image image/png]\n");
  auto is_call = [] (const Request &r) { return r.body.find ("tools/call") != std::string::npos; };
  auto found = std::find_if (agent.requests.begin (), agent.requests.end (), is_call);
  ASSERT_NE (found, agent.requests.end ());
  EXPECT_THAT (found->body, HasSubstr (R"("arguments":{"id":"7","n":7})"));
  // The server's ping was answered.
  auto is_pong = [] (const Request &r) {
    return r.body == R"({"jsonrpc":"2.0","id":77,"result":{}})";
  };
  EXPECT_TRUE (std::any_of (agent.requests.begin (), agent.requests.end (), is_pong));

  EXPECT_THAT (run ({ "call", "github", "get", "{}", "--json" }).output,
               HasSubstr ("\"big\":12345678901234567890.10"));
}

struct CallCase
{
  const char *name, *answer;
  int status;
  const char *output, *errors;
};

class CliCall : public CliTools, public testing::WithParamInterface<CallCase>
{
};

TEST_P (CliCall, EndsWithTheStatusOfTheRefusal)
{
  call = [] (const std::string &id, const AnswerPtr &answer) {
    answer->json (200, R"({"jsonrpc":"2.0","id":)" + id + "," + GetParam ().answer + "}");
  };
  auto outcome = run ({ "call", "github", "get" });
  EXPECT_EQ (outcome.status, GetParam ().status);
  EXPECT_EQ (outcome.output, GetParam ().output);
  EXPECT_EQ (outcome.errors, GetParam ().errors);
  EXPECT_EQ (agent.lines ().back (), "DELETE /mcp/github");
}

INSTANTIATE_TEST_SUITE_P (
    Answers,
    CliCall,
    testing::Values (
        CallCase{ "Success", R"("result":{"content":[{"type":"text","text":"a\nb\n"}]})", 0,
                  "a\nb\n", "" },
        CallCase{ "ToolSaysNo",
                  R"("result":{"content":[{"type":"text","text":"bad"}],"isError":true})", 1,
                  "bad\n", "" },
        CallCase{
            "Denied",
            R"("error":{"code":-31004,"message":"Not permitted","data":{"origin":"agent","reason":"denied"}})",
            3, "", "bindify: Not permitted\nTry: bindify grants, or bindify policy show github\n" },
        CallCase{
            "NeedsLogin",
            R"("error":{"code":-31005,"message":"Log in","data":{"origin":"agent","reason":"needs_login"}})",
            4, "", "bindify: Log in\nTry: bindify login github\n" },
        CallCase{ "ServersError", R"("error":{"code":-32602,"message":"Unknown tool"})", 1, "",
                  "bindify: The server answered with an error: Unknown tool\n"
                  "Try: bindify tools github\n" }),
    case_name<CallCase>);

TEST_F (CliTools, InterruptEndsTheSessionAndTheProgram)
{
  AnswerPtr waiting;
  call = [&] (const std::string &, const AnswerPtr &answer) {
    waiting = answer;
    answer->stream ();
  };
  Program child ("bindify", { "call", "github", "get" }, { { "BINDIFY_SOCK", agent.socket () } });
  ASSERT_TRUE (spin ([&] { return waiting != nullptr; }));
  child.signal (SIGINT);
  EXPECT_EQ (child.wait (), 130);
  EXPECT_EQ (agent.lines ().back (), "DELETE /mcp/github");
  EXPECT_EQ (child.errors, "");
}

TEST_F (CliTools, AnUnknownBindingIsSaidSo)
{
  agent.handler = [] (const Request &, const AnswerPtr &answer) {
    answer->json (
        404,
        R"({"jsonrpc":"2.0","id":1,"error":{"code":-31001,"message":"No such binding","data":{"origin":"agent","reason":"not_found"}}})");
  };
  auto outcome = run ({ "tools", "github" });
  EXPECT_EQ (outcome.status, 1);
  EXPECT_EQ (outcome.errors, "bindify: No such binding\nTry: bindify list\n");
}
