// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client-bridge.h"

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

// Arguments that a modern client over HTTP repeats in headers: the client on stdio has none, so the
// bridge writes them (mcp.md A.6, A.8).

#define META R"("_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","x":1.0})"

static const std::string mismatch =
    R"({"jsonrpc":"2.0","id":1,"error":{"code":-32020,"message":"Mcp-Param-Region is missing"}})";

static std::string
tool (const std::string &name, const std::string &header)
{
  return R"({"name":")" + name +
         R"(","inputSchema":{"properties":{"region":{"type":"string","x-mcp-header":")" + header +
         R"("}}}})";
}

static std::string
list (const std::string &id, const std::string &tools, const std::string &more = "")
{
  return R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{"tools":[)" + tools + "]" + more + "}}";
}

class BridgeTools : public Bridge
{
protected:
  void ask_for_tools (const std::string &answer)
  {
    program->write (R"({"jsonrpc":"2.0","id":0,"method":"tools/list","params":{)" META "}}\n");
    ASSERT_TRUE (wait_for_calls (1));
    calls[0].answer->json (200, answer);
    ASSERT_TRUE (program->wait_for_lines (1));
    calls.clear ();
  }

  void call_tool (const std::string &name)
  {
    program->write (R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + name +
                    R"(","arguments":{"region":" Köln"},)" META "}}\n");
  }
};

TEST_F (BridgeTools, RepeatsDeclaredArguments)
{
  start ();
  ask_for_tools (list ("0", tool ("a", "Region") + "," + R"({"name":"b"})"));
  call_tool ("a");
  ASSERT_TRUE (wait_for_calls (1));
  EXPECT_EQ (calls[0].request.header ("mcp-param-region"), "=?base64?IEvDtmxu?=");
  EXPECT_EQ (calls[0].request.header ("mcp-name"), "a");
  call_tool ("b");
  ASSERT_TRUE (wait_for_calls (2));
  EXPECT_EQ (calls[1].request.header ("mcp-param-region"), "(none)");
}

TEST_F (BridgeTools, LeaveTheListWhenTheirDeclarationIsInvalid)
{
  std::string good = tool ("good", "Region"), bad = tool ("bad", "Region: x");
  start ();
  ask_for_tools (list ("0", bad + " ,\n " + good, R"( , "ttlMs": 1.0)"));
  EXPECT_THAT (program->lines, ElementsAre (list ("0", good, R"(,"ttlMs":1.0)")));
  EXPECT_THAT (program->errors, StartsWith ("bindify: 1 of the server’s tools cannot be offered"));
}

TEST_F (BridgeTools, LeaveAListInAStreamToo)
{
  std::string good = tool ("good", "Region"), bad = tool ("bad", "");
  start ();
  program->write (R"({"jsonrpc":"2.0","id":0,"method":"tools/list","params":{)" META "}}\n");
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->stream ();
  calls[0].answer->event (list ("0", good + "," + bad));
  calls[0].answer->end ();
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines, ElementsAre (list ("0", good)));
}

TEST_F (BridgeTools, OfALegacyServerAreNoneOfItsBusiness)
{
  std::string bad = tool ("bad", "");
  shake_hands ();
  program->write (request ("1", "tools/list"));
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->json (200, list ("1", bad));
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines, ElementsAre (list ("1", bad)));
}

TEST_F (BridgeTools, AreAskedForWhenTheHeadersDoNotMatch)
{
  start ();
  call_tool ("a");
  ASSERT_TRUE (wait_for_calls (1));
  EXPECT_EQ (calls[0].request.header ("mcp-param-region"), "(none)");
  calls[0].answer->json (400, mismatch);

  ASSERT_TRUE (wait_for_calls (2));
  EXPECT_EQ (calls[1].request.body,
             R"({"jsonrpc":"2.0","id":"bindify","method":"tools/list","params":{)" META "}}");
  EXPECT_EQ (calls[1].request.header ("mcp-method"), "tools/list");
  EXPECT_EQ (calls[1].request.header ("mcp-protocol-version"), "2026-07-28");
  calls[1].answer->json (200, list ("\"bindify\"", "", R"(,"nextCursor":"p\"2")"));
  ASSERT_TRUE (wait_for_calls (3));
  EXPECT_THAT (calls[2].request.body, HasSubstr (R"(,"cursor":"p\"2"}})"));
  calls[2].answer->json (200, list ("\"bindify\"", tool ("a", "Region")));

  ASSERT_TRUE (wait_for_calls (4));
  EXPECT_EQ (calls[3].request.body, calls[0].request.body);
  EXPECT_EQ (calls[3].request.header ("mcp-param-region"), "=?base64?IEvDtmxu?=");
  calls[3].answer->json (200, result ("1", "{}"));
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines, ElementsAre (result ("1", "{}")));
}

TEST_F (BridgeTools, AreAskedForOnceOnly)
{
  start ();
  call_tool ("a");
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->json (400, mismatch);
  ASSERT_TRUE (wait_for_calls (2));
  calls[1].answer->json (200, list ("\"bindify\"", tool ("a", "Region")));
  ASSERT_TRUE (wait_for_calls (3));
  calls[2].answer->json (400, mismatch);
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines, ElementsAre (mismatch));
  EXPECT_EQ (agent.requests.size (), 3u);
}

TEST_F (BridgeTools, MayHaveLostTheirDeclarations)
{
  start ();
  ask_for_tools (list ("0", tool ("a", "Region")));
  call_tool ("a");
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->json (400, mismatch);
  ASSERT_TRUE (wait_for_calls (2));
  calls[1].answer->json (200, list ("\"bindify\"", R"({"name":"a"})"));
  ASSERT_TRUE (wait_for_calls (3));
  EXPECT_EQ (calls[2].request.header ("mcp-param-region"), "(none)");
}

struct ListAnswer
{
  const char *name;
  guint status;
  std::string body;
};

class BridgeToolsInVain : public BridgeTools, public testing::WithParamInterface<ListAnswer>
{
};

TEST_P (BridgeToolsInVain, LeavesTheServersFirstWord)
{
  start ();
  call_tool ("a");
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->json (400, mismatch);
  ASSERT_TRUE (wait_for_calls (2));
  calls[1].answer->json (GetParam ().status, GetParam ().body);
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines, ElementsAre (mismatch));
  EXPECT_EQ (agent.requests.size (), 2u);
}

INSTANTIATE_TEST_SUITE_P (
    Answers,
    BridgeToolsInVain,
    testing::Values (ListAnswer{ "OtherTools", 200, list ("\"bindify\"", tool ("b", "Region")) },
                     ListAnswer{ "Undeclared", 200, list ("\"bindify\"", R"({"name":"a"})") },
                     ListAnswer{ "Invalid", 200, list ("\"bindify\"", tool ("a", "")) },
                     ListAnswer{ "Refused", 200,
                                 R"({"jsonrpc":"2.0","id":"bindify","error":{"code":1}})" },
                     ListAnswer{ "NotJson", 200, "hello" },
                     ListAnswer{ "Empty", 503, "" }),
    case_name<ListAnswer>);

TEST_F (BridgeTools, AreNotTakenForWhatTheyWere)
{
  start ();
  ask_for_tools (list ("0", tool ("a", "Region")));
  call_tool ("a");
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->json (400, mismatch);
  ASSERT_TRUE (wait_for_calls (2));
  calls[1].answer->json (200, list ("\"bindify\"", "", R"(,"nextCursor":"n")"));
  ASSERT_TRUE (wait_for_calls (3));
  calls[2].answer->json (200, list ("\"bindify\"", tool ("a", "Area")));
  ASSERT_TRUE (wait_for_calls (4));
  EXPECT_EQ (calls[3].request.header ("mcp-param-region"), "(none)");
  EXPECT_EQ (calls[3].request.header ("mcp-param-area"), "=?base64?IEvDtmxu?=");
}

TEST_F (BridgeTools, AreNotAskedForPageByPageForEver)
{
  const gsize n_pages = 32;
  start ();
  call_tool ("a");
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->json (400, mismatch);
  for (gsize i = 1; i <= n_pages; i++)
    {
      ASSERT_TRUE (wait_for_calls (i + 1));
      calls[i].answer->json (200, list ("\"bindify\"", "", R"(,"nextCursor":"n")"));
    }
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines, ElementsAre (mismatch));
  EXPECT_EQ (agent.requests.size (), n_pages + 1);
}

TEST_F (BridgeTools, AreForgottenWithACallThatIsCancelled)
{
  start ();
  call_tool ("a");
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->json (400, mismatch);
  ASSERT_TRUE (wait_for_calls (2));
  program->write (R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}})"
                  "\n");
  program->write (modern ("2", "tools/call", "b"));
  ASSERT_TRUE (wait_for_calls (3));
  calls[1].answer->json (200, list ("\"bindify\"", tool ("a", "Region")));
  calls[2].answer->json (200, result ("2", "{}"));
  ASSERT_TRUE (program->wait_for_lines (1));
  program->close_input ();
  EXPECT_EQ (program->wait (), 0);
  EXPECT_THAT (program->lines, ElementsAre (result ("2", "{}")));
  EXPECT_EQ (agent.requests.size (), 3u);
}

TEST_F (BridgeTools, AreNotAskedForBecauseOfOtherErrors)
{
  start ();
  call_tool ("a");
  ASSERT_TRUE (wait_for_calls (1));
  calls[0].answer->json (400, R"({"jsonrpc":"2.0","id":1,"error":{"code":-32022,"message":"v"}})");
  ASSERT_TRUE (program->wait_for_lines (1));
  EXPECT_THAT (program->lines[0], HasSubstr ("-32022"));
  EXPECT_EQ (agent.requests.size (), 1u);
}
