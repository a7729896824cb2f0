// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Whose a token is, and the questions of `bindify-add` without words.

#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "client/fields.h"
#include "client/guide.h"
#include "client/token-owner.h"
#include "protocol/json.h"
}

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace
{

constexpr char kCatalogue[] = R"({"services":[
 {"id":"github","name":"GitHub","mcp_url":"https://mcp.github.example/mcp","supports_api_key":true,
  "supports_oauth":true,"oauth_client":"own","keywords":["code"],
  "hosts":[{"host":"api.github.example","path":"/"},{"host":"*.ghe.example","path":"/"}],
  "token_patterns":[{"prefix":"gh?_","characters":"key","min":8}]},
 {"id":"linear","name":"Linear","mcp_url":"https://mcp.linear.example/mcp","supports_api_key":true,
  "supports_oauth":true,"oauth_client":"dcr","keywords":["issues"],
  "token_patterns":[{"prefix":"lin_api_","characters":"key","min":8}]},
 {"id":"open","name":"Open","mcp_url":"https://mcp.open.example/mcp","supports_api_key":true,
  "token_patterns":[{"prefix":"sk-","characters":"key","min":8}]},
 {"id":"other","name":"Other","mcp_url":"https://mcp.other.example/mcp","supports_api_key":true,
  "token_patterns":[{"prefix":"sk-","characters":"key","min":8}]},
 {"id":"close","name":"Close","mcp_url":"https://mcp.close.example/mcp","supports_api_key":true,
  "token_patterns":[{"prefix":"sk-ant-","characters":"key","min":8}]},
 {"id":"notion","name":"Notion","mcp_url":"https://mcp.notion.example/mcp","supports_oauth":true,
  "token_patterns":[{"prefix":"ntn_","characters":"key","min":8}]},
 {"id":"bare","name":"Bare","mcp_url":"https://mcp.bare.example/mcp","supports_api_key":true},
 {"id":"api-only","name":"Only an API","mcp_url":null,"supports_api_key":true},
 {"id":"newer","name":"Newer","mcp_url":"https://x.example/","token_patterns":[{"new":1}]},
 {"id":"odd","token_patterns":"text"}, 7]})";

struct Catalogue
{
  JsonObject *object = bfy_json_parse_object (kCatalogue, sizeof kCatalogue - 1, nullptr);

  ~Catalogue ()
  {
    json_object_unref (object);
  }
  JsonArray *services () const
  {
    return json_object_get_array_member (object, "services");
  }
};

struct OwnerCase
{
  const char *name;
  std::string token;
  std::vector<std::string> want;
};

class TokenOwner : public testing::TestWithParam<OwnerCase>
{
};

TEST_P (TokenOwner, IsToldByItsLook)
{
  Catalogue catalogue;
  const std::string &token = GetParam ().token;
  g_autoptr (GPtrArray) owners =
      bfy_token_owners (catalogue.services (), token.c_str (), token.size ());
  std::vector<std::string> ids;

  for (guint i = 0; i < owners->len; i++)
    ids.push_back (
        bfy_field_text (static_cast<JsonObject *> (g_ptr_array_index (owners, i)), "id"));
  EXPECT_EQ (ids, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Tokens,
    TokenOwner,
    testing::Values (OwnerCase{ "One", "ghp_0123456789", { "github" } },
                     OwnerCase{ "Several", "sk-0123456789", { "open", "other" } },
                     OwnerCase{ "TheCloserOne", "sk-ant-0123456789", { "close" } },
                     OwnerCase{ "TooShort", "ghp_0123", {} },
                     OwnerCase{ "NotAsAWhole", "ghp_0123456789 and more", {} },
                     OwnerCase{ "NotInside", "token ghp_0123456789", {} },
                     OwnerCase{ "ZeroInside", std::string ("ghp_0123456789\0x", 16), {} },
                     OwnerCase{ "Nobodys", "0123456789abcdef", {} },
                     OwnerCase{ "Empty", "", {} }),
    case_name<OwnerCase>);

struct StrangerCase
{
  const char *name;
  const char *id;
  const char *host;
  const char *token;
  const char *want;
};

class TokenStranger : public testing::TestWithParam<StrangerCase>
{
};

TEST_P (TokenStranger, IsNoticed)
{
  const StrangerCase &row = GetParam ();
  Catalogue catalogue;
  JsonObject *stranger =
      bfy_token_stranger (catalogue.services (), row.id, row.host, row.token, strlen (row.token));

  EXPECT_STREQ (stranger != nullptr ? bfy_field_text (stranger, "id") : "", row.want);
}

INSTANTIATE_TEST_SUITE_P (
    Tokens,
    TokenStranger,
    testing::Values (
        StrangerCase{ "Another", "linear", nullptr, "ghp_0123456789", "github" },
        StrangerCase{ "ItsOwn", "github", nullptr, "ghp_0123456789", "" },
        StrangerCase{ "OfAServiceNotDescribed", "bare", nullptr, "ghp_0123456789", "github" },
        StrangerCase{ "SharedPrefixAccusesNobody", "bare", nullptr, "sk-0123456789", "" },
        StrangerCase{ "TheCloserOne", "open", nullptr, "sk-ant-0123456789", "close" },
        StrangerCase{ "Unknown", "linear", nullptr, "whatever", "" },
        StrangerCase{ "Url", nullptr, "mcp.evil.example", "ghp_0123456789", "github" },
        StrangerCase{ "UrlOfItsServer", nullptr, "mcp.github.example", "ghp_0123456789", "" },
        StrangerCase{ "UrlOfAHost", nullptr, "API.github.example", "ghp_0123456789", "" },
        StrangerCase{ "UrlBelowAHost", nullptr, "shop.ghe.example", "ghp_0123456789", "" },
        StrangerCase{ "UrlThatOnlyEndsAlike", nullptr, "evilghe.example", "ghp_0123456789",
                      "github" }),
    case_name<StrangerCase>);

struct NameCase
{
  const char *name;
  const char *base, *label;
  std::vector<const char *> taken;
  std::string want;
};

class GuideName : public testing::TestWithParam<NameCase>
{
};

TEST_P (GuideName, IsFree)
{
  std::vector<const char *> taken = GetParam ().taken;

  taken.push_back (nullptr);
  g_autofree char *name =
      bfy_guide_suggest_name (GetParam ().base, GetParam ().label, taken.data ());
  EXPECT_EQ (name, GetParam ().want);
}

const std::string kLong (63, 'x');

INSTANTIATE_TEST_SUITE_P (
    Names,
    GuideName,
    testing::Values (
        NameCase{ "Free", "github", nullptr, {}, "github" },
        NameCase{ "FreeWithLabel", "github", "work", {}, "github" },
        NameCase{ "Number", "github", nullptr, { "github" }, "github-2" },
        NameCase{ "NextNumber", "github", nullptr, { "github", "github-2" }, "github-3" },
        NameCase{ "Label", "github", "work", { "github" }, "github-work" },
        NameCase{ "LabelTaken", "github", "work", { "github", "github-work" }, "github-2" },
        NameCase{
            "Address", "github", "Ann@Acme.example", { "github" }, "github-ann-acme-example" },
        NameCase{ "NothingOfIt", "github", "…  ", { "github" }, "github-2" },
        NameCase{ "Long", kLong.c_str (), nullptr, { kLong.c_str () }, kLong.substr (2) + "-2" }),
    case_name<NameCase>);

struct GuideCase
{
  const char *name;
  std::vector<std::string> answers; // "!" in front: a token, typed unseen
  BfyGuideStep step;
  std::string want; // in the question, or what was chosen: "target name account way"
  BfyGuideGiven given = {};
};

class Guide : public testing::TestWithParam<GuideCase>
{
};

std::string
describe (const BfyGuide *guide)
{
  BfyGuideChoice choice = bfy_guide_get_choice (guide);

  return std::string (choice.target) + " " + choice.name + " " +
         (choice.account != nullptr ? choice.account : "-") + " " +
         (choice.wants_key  ? "token"
          : choice.signs_in ? "sign-in"
                            : "-");
}

TEST_P (Guide, AsksWhatIsMissing)
{
  const char *const names[] = { "github", "notes", nullptr };
  Catalogue catalogue;
  g_autoptr (BfyGuide) guide = bfy_guide_new (catalogue.services (), names, &GetParam ().given);

  for (const std::string &answer : GetParam ().answers)
    {
      g_autofree char *question = bfy_guide_format_question (guide);

      EXPECT_STRNE (question, "");
      if (answer[0] == '!')
        bfy_guide_take_token (guide, answer.c_str () + 1, answer.size () - 1);
      else
        bfy_guide_answer (guide, answer.c_str ());
    }
  ASSERT_EQ (bfy_guide_get_step (guide), GetParam ().step);
  g_autofree char *question = bfy_guide_format_question (guide);
  EXPECT_THAT (GetParam ().step == BFY_GUIDE_DONE ? describe (guide) : question,
               HasSubstr (GetParam ().want));
  EXPECT_THAT (question, Not (HasSubstr ("0123456789")));
}

INSTANTIATE_TEST_SUITE_P (
    Answers,
    Guide,
    testing::Values (
        GuideCase{ "Begin", {}, BFY_GUIDE_SEARCH, "What do you want to add?" },
        GuideCase{ "All", { "" }, BFY_GUIDE_CHOICE, "Linear (linear)" },
        GuideCase{ "OneWord", { "issues" }, BFY_GUIDE_CHOICE, " 1  Linear (linear)" },
        GuideCase{ "Nothing", { "zzz" }, BFY_GUIDE_SEARCH, "No service is found by that" },
        GuideCase{ "NotWhatCannotBeAdded", { "api-only" }, BFY_GUIDE_SEARCH, "No service" },
        GuideCase{
            "OtherWordsInsteadOfANumber", { "issues", "bare" }, BFY_GUIDE_NAME, "(Enter: bare)" },
        GuideCase{ "WrongNumber", { "issues", "2" }, BFY_GUIDE_CHOICE, "no such number" },
        GuideCase{ "ByName", { "Linear" }, BFY_GUIDE_WAY, "1  sign in with the browser" },
        GuideCase{ "AppOfOnesOwn", { "github" }, BFY_GUIDE_WAY, "1  a token" },
        GuideCase{ "WrongWay", { "linear", "3" }, BFY_GUIDE_WAY, "Type 1 or 2" },
        GuideCase{
            "SignsIn", { "issues", "1", "1", "" }, BFY_GUIDE_DONE, "linear linear - sign-in" },
        GuideCase{
            "TakesAToken", { "linear", "2", "tickets" }, BFY_GUIDE_DONE, "linear tickets - token" },
        GuideCase{ "NoWayToChoose", { "notion", "" }, BFY_GUIDE_DONE, "notion notion - -" },
        GuideCase{ "WayGiven",
                   { "linear", "" },
                   BFY_GUIDE_DONE,
                   "linear linear - -",
                   { nullptr, nullptr, TRUE } },
        GuideCase{ "NameIsTaken", { "github", "" }, BFY_GUIDE_ACCOUNT, "“github” already" },
        GuideCase{ "Account", { "github", "", "work" }, BFY_GUIDE_NAME, "(Enter: github-work)" },
        GuideCase{ "NoAccount", { "github", "", "" }, BFY_GUIDE_NAME, "(Enter: github-2)" },
        GuideCase{
            "WrongAccount", { "github", "", "\x07" }, BFY_GUIDE_ACCOUNT, "cannot be a label" },
        GuideCase{ "AccountGiven",
                   { "github", "", "" },
                   BFY_GUIDE_DONE,
                   "github github-work work token",
                   { nullptr, "work", FALSE } },
        GuideCase{ "SecondAccount",
                   { "github", "1", "work", "" },
                   BFY_GUIDE_DONE,
                   "github github-work work token" },
        GuideCase{ "NameTakenToo", { "bare", "notes" }, BFY_GUIDE_NAME, "of that name already" },
        GuideCase{ "NoName", { "bare", "A b" }, BFY_GUIDE_NAME, "cannot be a name" },
        GuideCase{
            "NameGiven", { "bare" }, BFY_GUIDE_DONE, "bare mine - -", { "mine", nullptr, FALSE } },
        GuideCase{ "NameGivenIsTaken",
                   { "bare", "" },
                   BFY_GUIDE_NAME,
                   "(Enter: notes-2)",
                   { "notes", nullptr, FALSE } },
        GuideCase{ "Url",
                   { "https://mcp.notes.example/mcp", "", "" },
                   BFY_GUIDE_DONE,
                   "https://mcp.notes.example/mcp notes-2 - -" },
        GuideCase{ "WrongUrl", { "ftp://x.example" }, BFY_GUIDE_SEARCH, "cannot be used" },
        GuideCase{ "Token", { "t" }, BFY_GUIDE_TOKEN, "not shown" },
        GuideCase{
            "TokenOfOne", { "t", "!lin_api_0123456789" }, BFY_GUIDE_OWNER, "token of Linear" },
        GuideCase{ "TokenTaken",
                   { "t", "!lin_api_0123456789", "", "" },
                   BFY_GUIDE_DONE,
                   "linear linear - token" },
        GuideCase{ "TokenOfAnother",
                   { "t", "!lin_api_0123456789", "n", "bare", "" },
                   BFY_GUIDE_DONE,
                   "bare bare - token" },
        GuideCase{
            "TokenOfSeveral", { "t", "!sk-0123456789" }, BFY_GUIDE_CHOICE, "2  Other (other)" },
        GuideCase{
            "TokenOfNobody", { "t", "!0123456789" }, BFY_GUIDE_SEARCH, "For which one is it?" },
        GuideCase{ "TokenWhereNoneIsTaken",
                   { "t", "!0123456789", "notion" },
                   BFY_GUIDE_SEARCH,
                   "Notion takes no tokens" },
        GuideCase{
            "TokenInTheOpen", { "ghp_0123456789" }, BFY_GUIDE_SEARCH, "now it is on the screen" }),
    case_name<GuideCase>);

} // namespace
