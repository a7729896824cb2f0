// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>

extern "C"
{
#include "protocol/wish.h"
}

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

BfyWish *
wish_of (const std::string &text)
{
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text.c_str (), text.size (), nullptr);
  BfyPolicyVerdict verdict = {};

  if (rpc == nullptr)
    return nullptr;
  BfyWish *wish = bfy_wish_new ("id", "svc", bfy_rpc_message (rpc, 0), &verdict, "default",
                                BFY_WISH_SAME_ARGUMENTS);
  bfy_wish_tell_arguments (wish, bfy_rpc_message (rpc, 0));
  return wish;
}

std::string
call (const std::string &params, const std::string &method = "tools/call")
{
  return R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
}

std::string
with_arguments (const std::string &arguments)
{
  return call (R"({"name":"t","arguments":)" + arguments + "}");
}

struct Pair
{
  const char *name;
  std::string one, other;
  bool are_same;
};

class WishPair : public testing::TestWithParam<Pair>
{
};

TEST_P (WishPair, IsSame)
{
  g_autoptr (BfyWish) one = wish_of (GetParam ().one);
  g_autoptr (BfyWish) other = wish_of (GetParam ().other);

  ASSERT_NE (one, nullptr);
  ASSERT_NE (other, nullptr);
  EXPECT_EQ (bfy_wish_is_same (one, other), GetParam ().are_same);
}

std::string
long_text (char last)
{
  return R"({"a":")" + std::string (300 * 1024, 'x') + last + "\"}";
}

// M33: one yes is for one request, whatever its text looks like.
INSTANTIATE_TEST_SUITE_P (
    Pairs,
    WishPair,
    testing::Values (
        Pair{ "Itself", with_arguments ("{}"), with_arguments ("{}"), true },
        Pair{ "OtherId", R"({"jsonrpc":"2.0","id":1,"method":"a/b"})",
              R"({"jsonrpc":"2.0","id":"2","method":"a/b"})", true },
        Pair{ "OrderOfMembers", with_arguments (R"({"a":1,"b":{"c":[1,2],"d":null}})"),
              with_arguments (R"({ "b" : { "d":null, "c":[ 1, 2 ] } , "a":1 })"), true },
        Pair{ "OrderOfParams", call (R"({"name":"t","arguments":{"a":1}})"),
              call (R"({"arguments":{"a":1},"name":"t"})"), true },
        Pair{ "OrderOfElements", with_arguments ("[1,2]"), with_arguments ("[2,1]"), false },
        Pair{ "Value", with_arguments (R"({"a":1})"), with_arguments (R"({"a":2})"), false },
        Pair{ "NumberAsWritten", with_arguments (R"({"a":1})"), with_arguments (R"({"a":1.0})"),
              false },
        Pair{ "NumberOrString", with_arguments (R"({"a":1})"), with_arguments (R"({"a":"1"})"),
              false },
        Pair{ "MoreMembers", with_arguments (R"({"a":1})"), with_arguments (R"({"a":1,"b":2})"),
              false },
        Pair{ "DeeperMember", with_arguments (R"({"a":{"b":1}})"),
              with_arguments (R"({"a":{},"b":1})"), false },
        Pair{ "NestedArrays", with_arguments ("[[1],2]"), with_arguments ("[[1,2]]"), false },
        Pair{ "EmptyContainers", with_arguments (R"({"a":{}})"), with_arguments (R"({"a":[]})"),
              false },
        Pair{ "NoArguments", call (R"({"name":"t"})"), with_arguments ("{}"), false },
        Pair{ "OtherTool", call (R"({"name":"t"})"), call (R"({"name":"u"})"), false },
        Pair{ "OtherMethod", call (R"({"name":"t"})"), call (R"({"name":"t"})", "prompts/get"),
              false },
        Pair{ "OtherMemberOfParams", call (R"({"name":"t"})"), call (R"({"name":"t","task":{}})"),
              false },
        Pair{ "TextOfTwoJoined", call (R"({"name":"ab","uri":"c"})"),
              call (R"({"name":"a","uri":"bc"})"), false },
        Pair{ "MetaDoesNotCount", call (R"({"name":"t","_meta":{"progressToken":1}})"),
              call (R"({"name":"t","_meta":{"progressToken":2,"traceparent":"x"}})"), true },
        Pair{ "MetaWithinArgumentsCounts", with_arguments (R"({"_meta":1})"),
              with_arguments (R"({"_meta":2})"), false },
        Pair{ "AnswersToTheServerDoNotCount", call (R"({"name":"t"})"),
              call (R"({"name":"t","inputResponses":{"q":{}},"requestState":"s"})"), true },
        Pair{ "LongOnesAlike", with_arguments (long_text ('a')), with_arguments (long_text ('a')),
              true },
        Pair{ "LongOnesThatDifferAtTheEnd", with_arguments (long_text ('a')),
              with_arguments (long_text ('b')), false }),
    [] (const testing::TestParamInfo<Pair> &info) { return std::string (info.param.name); });

std::string
told (const std::string &arguments)
{
  g_autoptr (BfyWish) wish = wish_of (with_arguments (arguments));

  return wish->arguments != nullptr ? wish->arguments : "(nothing)";
}

TEST (WishArguments, TheTellingOnesComeFirst)
{
  EXPECT_EQ (told (R"({"draft":true,"body":"b","repo":"shop","title":"T","owner":"acme"})"),
             "owner: “acme”, repo: “shop”, title: “T”, draft: true, …");
  EXPECT_EQ (told (R"({"amount":12.50,"x":{"y":1},"z":[1]})"), "amount: 12.50, x: {…}, z: […]");
  EXPECT_EQ (told ("{}"), "(nothing)");
  EXPECT_EQ (told ("[1]"), "(nothing)");
  EXPECT_EQ (told ("7"), "(nothing)");
}

// J46: whatever is in them, one short harmless line comes out.
TEST (WishArguments, J46AreOneHarmlessLine)
{
  std::string line =
      told (R"({"title":"a\nb\u202eevil\u001b[31m","repo":")" + std::string (10000, 'x') +
            R"(",")" + std::string (500, 'k') + R"(":1,"to":"$(reboot) <b>"})");

  EXPECT_EQ (line.find_first_of ("\n\r\x1b"), std::string::npos);
  EXPECT_THAT (line, Not (HasSubstr ("\u202e")));
  EXPECT_LE (g_utf8_strlen (line.c_str (), -1), 121);
  EXPECT_TRUE (g_utf8_validate (line.c_str (), -1, nullptr));
}

TEST (WishArguments, WhatLooksLikeASecretIsNotTold)
{
  std::string line = told (
      R"({"title":"ghp_0123456789abcdefghijklmnopqrstuvwxyz","password":"hunter2","api_token":"t0"})");

  EXPECT_THAT (
      line, AllOf (Not (HasSubstr ("ghp_")), Not (HasSubstr ("hunter2")), Not (HasSubstr ("t0"))));
}

} // namespace
