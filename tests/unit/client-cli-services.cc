// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client-cli.h"

using testing::HasSubstr;

namespace
{

const char catalogue[] =
    R"({"services":[)"
    R"({"id":"mailbox","name":"Box","keywords":["post"],"hosts":[{"host":"api.box.example"}]},)"
    R"({"id":"post","name":"Postman","keywords":["apis"],"hosts":null},)"
    R"({"id":"sms","name":"Sender","keywords":["mail","postcards"],"hosts":[]},)"
    R"({"id":"wiki","name":"Wiki","keywords":null,"hosts":[{"host":"post.example"}]}]})";

const char one[] =
    R"({"service":{"id":"wiki","name":"Our wiki","mcp_url":"https://wiki.example/mcp",)"
    R"("supports_api_key":true,"supports_oauth":false,"token_url":"https://wiki.example/tokens",)"
    R"("injection":{"kind":"header","name":"X-Key","prefix":"Token "},"keywords":["notes"],)"
    R"("hosts":[{"host":"wiki.example","path":"/api"},{"host":"*.wiki.example","path":"/"}],)"
    R"("env":{"token":["WIKI_TOKEN"],"base_url":null},)"
    R"("git":{"host":"git.wiki.example","username":"token"},"instructions":["Make one.\u001b[31m"],)"
    R"("capabilities":[{"id":"delete-pages","name":"Delete pages","access":"danger"}],)"
    R"("sources":[{"url":"https://wiki.example/docs","checked":"2026-01-31","facts":["hosts"]}]}})";

// The lines of a table without its headings, up to the first blank.
std::string
first_words (const std::string &table)
{
  std::string words;
  size_t at = table.find ('\n');

  for (at++; at < table.size (); at = table.find ('\n', at) + 1)
    words += table.substr (at, table.find (' ', at) - at) + " ";
  return words;
}

} // namespace

TEST_F (Cli, ServicesAreFoundByWordsTheBestFirst)
{
  replies["GET /v1/services?brief=true"] = { 200, catalogue };
  EXPECT_EQ (first_words (run ({ "services", "--search", "post" }).output),
             "post mailbox sms wiki ");
  EXPECT_EQ (first_words (run ({ "services", "--search", "POST mail" }).output), "mailbox sms ");
  EXPECT_EQ (first_words (run ({ "services", "--search", " " }).output), "mailbox post sms wiki ");
  auto none = run ({ "services", "--search", "nothing\x1b" });
  EXPECT_EQ (none.status, 0);
  EXPECT_THAT (none.output, HasSubstr ("No service is found by “nothing"));
  EXPECT_THAT (none.output, testing::Not (HasSubstr ("\x1b")));
}

TEST_F (Cli, AServiceIsShownWithAllThatIsKnown)
{
  replies["GET /v1/services/wiki"] = { 200, one };
  auto shown = run ({ "services", "show", "wiki" });

  EXPECT_EQ (shown.status, 0) << shown.errors;
  for (const char *text :
       { "MCP URL      https://wiki.example/mcp\n", "Sign-in      token\n",
         "Token from   https://wiki.example/tokens\n", "Injected as  header X-Key: Token …\n",
         "Hosts        wiki.example/api, *.wiki.example\n",
         "Git          https://git.wiki.example, as token\n", "Variables    WIKI_TOKEN\n",
         "  1. Make one.", "delete-pages  danger  Delete pages\n",
         "2026-01-31  https://wiki.example/docs  hosts\n", "bindify-add wiki\n" })
    EXPECT_THAT (shown.output, HasSubstr (text));
  EXPECT_THAT (shown.output, testing::Not (HasSubstr ("\x1b")));
}

TEST_F (Cli, AServiceThatIsNotThereIsNearAnother)
{
  replies["GET /v1/services?brief=true"] = { 200, catalogue };
  replies["GET /v1/services/wikki"] = { 409, R"({"error":"no_service","message":"x"})" };
  auto outcome = run ({ "services", "show", "wikki" });

  EXPECT_EQ (outcome.status, 1);
  EXPECT_THAT (outcome.errors, HasSubstr ("There is no service called “wikki”"));
  EXPECT_THAT (outcome.errors, HasSubstr ("bindify services show wiki"));
}

TEST_F (Cli, RecordsAreCheckedWithoutTheAgent)
{
  TempDir files;
  const std::string good = files.path ("good.json"), bad = files.path ("bad.json"),
                    other = files.path ("other.json");

  write_file (good, R"({"id":"good","name":"Good one"})");
  write_file (bad, R"({"id":"bad","name":"B","hosts":[{"host":"a b"}]})");
  write_file (other, R"({"id":"else","name":"E"})");
  auto outcome = run ({ "services", "check", good, bad, other, files.path ("none.json") });

  EXPECT_EQ (outcome.status, 1);
  EXPECT_THAT (outcome.output, HasSubstr (good + ": a record of Good one\n"));
  EXPECT_THAT (outcome.output, HasSubstr (bad + ": Service record: “hosts[0].host” must be"));
  EXPECT_THAT (outcome.output, HasSubstr ("belongs into a file called else.json"));
  EXPECT_THAT (outcome.output, HasSubstr ("none.json"));
  EXPECT_EQ (run ({ "services", "check", good }).status, 0);
  EXPECT_TRUE (agent.requests.empty ());
}
