// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/challenge.h"
}

namespace
{

// What a challenge says, on one line.
std::string
summary (const std::vector<std::string> &fields)
{
  std::vector<const char *> pointers;
  std::string text;

  for (const std::string &field : fields)
    pointers.push_back (field.c_str ());
  pointers.push_back (nullptr);

  BfyChallenge *challenge = bfy_challenge_parse (pointers.data ());

  if (challenge->has_basic)
    text += "basic ";
  if (challenge->has_bearer)
    text += "bearer ";
  if (challenge->resource_metadata != nullptr)
    text += std::string ("at=") + challenge->resource_metadata + " ";
  if (challenge->scope != nullptr)
    text += std::string ("scope=") + challenge->scope + " ";
  if (challenge->error != nullptr)
    text += std::string ("error=") + challenge->error + " ";
  bfy_challenge_free (challenge);
  if (!text.empty ())
    text.pop_back ();

  return text;
}

} // namespace

struct FieldsCase
{
  const char *name;
  std::vector<std::string> fields;
  const char *want;
};

class ChallengeFieldsTest : public testing::TestWithParam<FieldsCase>
{
};

TEST_P (ChallengeFieldsTest, SaysWhatConcernsUs)
{
  EXPECT_EQ (summary (GetParam ().fields), GetParam ().want);
}

// mcp.md B.1.1: all fields, all challenges in them, any case, tokens and quoted strings.
INSTANTIATE_TEST_SUITE_P (
    Grammar,
    ChallengeFieldsTest,
    testing::Values (
        FieldsCase{ "Nothing", {}, "" },
        FieldsCase{ "Empty", { "" }, "" },
        FieldsCase{ "SchemeAlone", { "Bearer" }, "bearer" },
        FieldsCase{ "AnyCase", { "bEARER Error=invalid_token" }, "bearer error=invalid_token" },
        FieldsCase{
            "Everything",
            { "Bearer realm=\"x\", error=\"invalid_token\", error_description=\"no, "
              "\\\"really\\\"\", "
              "resource_metadata=\"https://a.example/.well-known/oauth-protected-resource/mcp\", "
              "scope=\"read write\"" },
            "bearer at=https://a.example/.well-known/oauth-protected-resource/mcp "
            "scope=read write error=invalid_token" },
        FieldsCase{ "SpacesAroundEquals",
                    { "Bearer scope = \"a b\" , error\t=\tinvalid_token" },
                    "bearer scope=a b error=invalid_token" },
        FieldsCase{ "SeveralInOneField",
                    { "Basic realm=\"x\", Bearer scope=\"a\", Negotiate YWJj==" },
                    "basic bearer scope=a" },
        FieldsCase{ "SeveralFields",
                    { "Basic realm=\"x\"", "Negotiate", "Bearer scope=\"a\"" },
                    "basic bearer scope=a" },
        FieldsCase{ "EmptyListItems", { ", ,Bearer ,, scope=\"a\"," }, "bearer scope=a" },
        FieldsCase{ "NoCommas",
                    { "Bearer error=\"invalid_token\" scope=\"a b\"" },
                    "bearer scope=a b error=invalid_token" },
        FieldsCase{ "UrlWithoutQuotes",
                    { "Bearer resource_metadata=https://a.example/m?x=y, scope=a" },
                    "bearer at=https://a.example/m?x=y scope=a" },
        FieldsCase{ "Token68", { "Basic YWJj==, Bearer scope=\"a\"" }, "basic bearer scope=a" },
        FieldsCase{
            "QuotedComma", { "Bearer realm=\"a, Basic b=\", scope=\"c\"" }, "bearer scope=c" },
        FieldsCase{ "QuotedPairs", { "Bearer scope=\"\\a\\ b\"" }, "bearer scope=a b" },
        FieldsCase{ "FirstOfAName", { "Bearer scope=\"a\", scope=\"b\"" }, "bearer scope=a" },
        FieldsCase{
            "SecondBearerAdds", { "Bearer realm=\"x\"", "Bearer scope=\"b\"" }, "bearer scope=b" },
        FieldsCase{ "ScopeInNormalForm", { "Bearer scope=\" b  a b \"" }, "bearer scope=b a" }),
    case_name<FieldsCase>);

INSTANTIATE_TEST_SUITE_P (
    Attacks,
    ChallengeFieldsTest,
    testing::Values (
        // What belongs to another scheme is not ours.
        FieldsCase{ "ParametersOfAnother",
                    { "DPoP resource_metadata=\"https://evil.example/\", Bearer scope=\"a\", "
                      "Basic resource_metadata=\"https://evil.example/\"" },
                    "basic bearer scope=a" },
        FieldsCase{ "InProse",
                    { "Basic realm=\"Bearer resource_metadata=https://evil.example/\"" },
                    "basic" },
        FieldsCase{ "WithoutScheme", { "resource_metadata=\"https://evil.example/\"" }, "" },
        FieldsCase{ "SchemeOfTheFieldBefore", { "Bearer", "scope=\"a\"" }, "bearer" },
        FieldsCase{ "OpenQuote",
                    { "Bearer scope=\"a\", realm=\"x", "Bearer error=\"e\"" },
                    "bearer scope=a error=e" },
        FieldsCase{ "BackslashAtTheEnd", { "Bearer realm=\"x\\" }, "bearer" },
        FieldsCase{ "Garbage", { "Bearer scope=\"a\", \xff\xfe, error=\"e\"" }, "bearer scope=a" },
        FieldsCase{
            "ControlInUrl", { "Bearer resource_metadata=\"https://a.example/\x01\"" }, "bearer" },
        FieldsCase{
            "SpaceInUrl", { "Bearer resource_metadata=\"https://a.example/ x\"" }, "bearer" },
        FieldsCase{ "BytesInScope", { "Bearer scope=\"a \xc3\xa4\"" }, "bearer" },
        FieldsCase{ "ProseAsError", { "Bearer error=\"<b>your token</b>\"" }, "bearer" },
        FieldsCase{ "LongError", { "Bearer error=\"" + std::string (65, 'e') + "\"" }, "bearer" },
        FieldsCase{
            "LongUrl",
            { "Bearer resource_metadata=\"https://a.example/" + std::string (2048, 'x') + "\"" },
            "bearer" },
        FieldsCase{ "LongField",
                    { "Bearer scope=\"a\", realm=\"" + std::string (16384, 'x') + "\"" },
                    "" }),
    case_name<FieldsCase>);

TEST (Challenge, ReadsNoMoreItemsAndFieldsThanItsCaps)
{
  std::string many = "Bearer ";

  for (int i = 0; i < 200; i++)
    many += "x=y,";
  EXPECT_EQ (summary ({ many + "scope=\"late\"" }), "bearer");
  EXPECT_EQ (summary (std::vector<std::string> (16, "Negotiate")), "");

  std::vector<std::string> fields (16, "Negotiate");

  fields.push_back ("Bearer");
  EXPECT_EQ (summary (fields), "");
}

// RFC 6750, 3.1; mcp.md B.2.
TEST (Challenge, TellsWhetherTheTokenIsAtFault)
{
  struct
  {
    const char *field;
    bool is_about_token, wants_more_scope;
  } rows[] = {
    { nullptr, false, false },
    { "Bearer", false, false },
    { "Bearer error=\"invalid_request\"", false, false },
    { "Bearer error=\"invalid_token\"", true, false },
    { "Bearer error=\"insufficient_scope\", scope=\"b\"", true, true },
    { "Bearer error_description=\"not insufficient_scope or invalid_token\"", false, false },
    { "Basic realm=\"invalid_token\"", false, false },
  };

  for (const auto &row : rows)
    {
      BfyChallenge *challenge = bfy_challenge_parse_one (row.field);

      EXPECT_EQ (bool (bfy_challenge_is_about_token (challenge)), row.is_about_token) << row.field;
      EXPECT_EQ (bool (bfy_challenge_wants_more_scope (challenge)), row.wants_more_scope)
          << row.field;
      bfy_challenge_free (challenge);
    }
}
