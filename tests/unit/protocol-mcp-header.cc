// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/mcp-header.h"
}

struct EncodeCase
{
  const char *name, *value, *want;
};

class HeaderEncodeTest : public testing::TestWithParam<EncodeCase>
{
};

TEST_P (HeaderEncodeTest, FollowsTheSentinelRule)
{
  EXPECT_EQ (take_text (bfy_mcp_header_encode (GetParam ().value)), GetParam ().want);
}

// mcp.md A.6, header rules.
INSTANTIATE_TEST_SUITE_P (
    Values,
    HeaderEncodeTest,
    testing::Values (EncodeCase{ "Plain", "get_issue", "get_issue" },
                     EncodeCase{ "InnerSpace", "a b", "a b" },
                     EncodeCase{ "Uri", "test://x/{id}?q=1", "test://x/{id}?q=1" },
                     EncodeCase{ "LeadingSpace", " a", "=?base64?IGE=?=" },
                     EncodeCase{ "TrailingSpace", "a ", "=?base64?YSA=?=" },
                     EncodeCase{ "NotAscii", "ü", "=?base64?w7w=?=" },
                     EncodeCase{ "LineBreak", "a\r\nX: y", "=?base64?YQ0KWDogeQ==?=" },
                     EncodeCase{ "Tab", "a\tb", "=?base64?YQli?=" },
                     EncodeCase{ "Empty", "",
                                 "=?base64?"
                                 "?=" },
                     EncodeCase{ "LooksEncoded",
                                 "=?base64?YQ==?=", "=?base64?PT9iYXNlNjQ/WVE9PT89?=" },
                     EncodeCase{ "PrefixOnly", "=?base64?YQ==", "=?base64?YQ==" }),
    case_name<EncodeCase>);

struct NameOfCase
{
  const char *name, *method, *want;
};

class HeaderNameTest : public testing::TestWithParam<NameOfCase>
{
};

TEST_P (HeaderNameTest, DependsOnTheMethod)
{
  BfyRpcMessage message = {};

  message.method = const_cast<char *> (GetParam ().method);
  message.name = const_cast<char *> ("NAME");
  message.uri = const_cast<char *> ("URI");
  message.task_id = const_cast<char *> ("TASK");
  EXPECT_STREQ (bfy_mcp_header_name_of (&message), GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (Methods,
                          HeaderNameTest,
                          testing::Values (NameOfCase{ "Tool", "tools/call", "NAME" },
                                           NameOfCase{ "Prompt", "prompts/get", "NAME" },
                                           NameOfCase{ "Resource", "resources/read", "URI" },
                                           NameOfCase{ "Task", "tasks/cancel", "TASK" },
                                           NameOfCase{ "List", "tools/list", nullptr },
                                           NameOfCase{ "None", nullptr, nullptr }),
                          case_name<NameOfCase>);

TEST (McpHeaders, NothingFromTheOtherSideBreaksOutOfAHeader)
{
  EXPECT_TRUE (bfy_mcp_header_is_token ("0f-9~"));
  EXPECT_FALSE (bfy_mcp_header_is_token (""));
  EXPECT_FALSE (bfy_mcp_header_is_token ("a b"));
  EXPECT_FALSE (bfy_mcp_header_is_token ("a\r\nX: y"));
  EXPECT_FALSE (bfy_mcp_header_is_token ("\xc3\xbc"));
  EXPECT_FALSE (bfy_mcp_header_is_token (std::string (5000, 'a').c_str ()));
}

TEST (McpHeaders, AnEventIdIsWhatServersMakeUp)
{
  EXPECT_TRUE (bfy_mcp_header_is_event_id ("stream 7: \xc3\xbc"));
  EXPECT_FALSE (bfy_mcp_header_is_event_id (""));
  EXPECT_FALSE (bfy_mcp_header_is_event_id ("a\tb"));
  EXPECT_FALSE (bfy_mcp_header_is_event_id ("a\x7f"));
  EXPECT_FALSE (bfy_mcp_header_is_event_id (std::string (5000, 'a').c_str ()));
}
