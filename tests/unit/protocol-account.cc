// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/account.h"
}

namespace
{

struct AccountCase
{
  const char *name, *text;
  std::vector<const char *> pointers;
  const char *account; // nullptr: none
};

class Account : public testing::TestWithParam<AccountCase>
{
};

const char key[] = "tok-1234567890";

TEST_P (Account, IsWhatTheFirstPointerLeadsTo)
{
  const AccountCase &row = GetParam ();
  std::vector<const char *> pointers = row.pointers;
  g_autoptr (BfySecret) secret = bfy_secret_new (key, strlen (key));

  pointers.push_back (nullptr);
  g_autofree char *account =
      bfy_account_find (row.text, strlen (row.text), pointers.data (), secret);
  EXPECT_STREQ (account, row.account);
}

INSTANTIATE_TEST_SUITE_P (
    Answers,
    Account,
    testing::Values (
        AccountCase{ "Login", R"({"login":"octocat","id":1})", { "/login" }, "octocat" },
        AccountCase{ "Deep",
                     R"({"data":{"viewer":{"email":"a@b.example"}}})",
                     { "/data/viewer/email" },
                     "a@b.example" },
        AccountCase{ "InAList", R"([{"name":"a"},{"name":"b"}])", { "/1/name" }, "b" },
        AccountCase{ "Second",
                     R"({"name":"","email":"a@b.example"})",
                     { "/name", "/email" },
                     "a@b.example" },
        AccountCase{
            "FirstOfBoth", R"({"name":"A","email":"a@b.example"})", { "/name", "/email" }, "A" },
        AccountCase{ "Escaped", R"({"a/b":{"~":"x"}})", { "/a~1b/~0" }, "x" },
        AccountCase{ "EmptyName", R"({"":"x"})", { "/" }, "x" },
        AccountCase{ "Trimmed", R"({"login":"  octocat "})", { "/login" }, "octocat" },
        AccountCase{
            "OneLine", R"({"login":"a\nb\u001b[31m"})", { "/login" }, R"(a\nb\u{1b}[31m)" },
        AccountCase{ "Blank", R"({"login":"   "})", { "/login" }, nullptr },
        AccountCase{ "Number", R"({"id":7})", { "/id" }, nullptr },
        AccountCase{ "Null", R"({"login":null})", { "/login" }, nullptr },
        AccountCase{ "Object", R"({"login":{}})", { "/login" }, nullptr },
        AccountCase{ "NotThere", R"({"id":7})", { "/login" }, nullptr },
        AccountCase{ "BehindAText", R"({"login":"a"})", { "/login/0" }, nullptr },
        AccountCase{ "BehindTheList", R"(["a"])", { "/1" }, nullptr },
        AccountCase{ "NoIndex", R"(["a"])", { "/00" }, nullptr },
        AccountCase{ "NegativeIndex", R"(["a"])", { "/-1" }, nullptr },
        AccountCase{ "HugeIndex", R"(["a"])", { "/18446744073709551616" }, nullptr },
        AccountCase{ "NoPointer", R"({"login":"a"})", { "login" }, nullptr },
        AccountCase{ "TheToken", R"({"login":"tok-1234567890"})", { "/login" }, nullptr },
        AccountCase{ "TheTokenInside", R"({"login":"me, tok-1234567890"})", { "/login" }, nullptr },
        AccountCase{ "AToken", R"({"login":"Bearer abcdefghijklmnop"})", { "/login" }, nullptr },
        AccountCase{ "TheTokenThenAName",
                     R"({"key":"tok-1234567890","login":"a"})",
                     { "/key", "/login" },
                     "a" },
        AccountCase{ "NotJson", "<html>", { "/login" }, nullptr },
        AccountCase{ "Twice", R"({"login":"a","login":"b"})", { "/login" }, nullptr },
        AccountCase{ "Nothing", "", { "/login" }, nullptr }),
    case_name<AccountCase>);

std::string
words (int n)
{
  std::string text;

  for (int i = 0; i < n; i++)
    text += "A b ";
  return text;
}

TEST (Account, IsShort)
{
  std::string text = R"({"login":")" + words (50) + R"("})";
  const char *pointers[] = { "/login", nullptr };

  g_autofree char *account = bfy_account_find (text.data (), text.size (), pointers, nullptr);
  EXPECT_EQ (std::string (account), words (15) + "…");
}

TEST (Account, IsNotLookedForInLongAnswers)
{
  std::string text = R"({"login":"a"})" + std::string (BFY_ACCOUNT_ANSWER_BYTES_MAX, ' ');
  const char *pointers[] = { "/login", nullptr };

  g_autofree char *account = bfy_account_find (text.data (), text.size (), pointers, nullptr);
  EXPECT_EQ (account, nullptr);
}

} // namespace
