// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client-cli.h"

#include "tests/unit/matchers.h"

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// What shows and removes, and how a command fails.

TEST_F (Cli, ListShowsATableOrTheArray)
{
  replies["GET /v1/bindings"] = { 200, std::string (R"({"bindings":[)") + github + "]}" };

  auto table = run ({ "list" });
  EXPECT_EQ (table.status, 0) << table.errors;
  EXPECT_EQ (
      table.output,
      "NAME    TYPE/SERVICE  STATE  KEYRING  POLICY  UPSTREAM                       LAST USED  "
      "ACCOUNT\n"
      "github  mcp/github    ok     vault    open    https://api.githubcopilot.com  never      "
      "-\n");

  auto json = run ({ "list", "--json" });
  EXPECT_EQ (json.status, 0);
  EXPECT_THAT (json.output, StartsWith ("[\n"));
  EXPECT_THAT (json.output, HasSubstr (R"("name" : "github")"));
}

TEST_F (Cli, AnEmptyAgentIsNoErrorForListButForTheSshWay)
{
  replies["GET /v1/bindings"] = { 200, R"({"bindings":[]})" };
  EXPECT_EQ (run ({ "list" }).status, 0);
  auto outcome = add ({ "-l" });
  EXPECT_EQ (outcome.status, 1);
  EXPECT_EQ (outcome.output, "The agent has no bindings.\n");
  EXPECT_EQ (outcome.errors, "");
}

TEST_F (Cli, ShowSaysEverythingButSecrets)
{
  replies["GET /v1/bindings/github"] = { 200, std::string (R"({"binding":)") + github + "}" };
  auto outcome = run ({ "show", "github" });
  EXPECT_EQ (outcome.status, 0);
  EXPECT_THAT (outcome.output, HasSubstr ("State        ok\n"));
  EXPECT_THAT (outcome.output, HasSubstr ("Injected as  header Authorization: Bearer …\n"));
  EXPECT_THAT (outcome.output, Not (HasSubstr ("x=1")));
  EXPECT_THAT (run ({ "show", "--json", "github" }).output, StartsWith ("{\n"));
}

struct FailureCase
{
  const char *name;
  std::vector<std::string> words;
  guint http_status; // 0: nothing is asked
  const char *body;
  int status;
  const char *errors;
};

class CliFailure : public Cli, public testing::WithParamInterface<FailureCase>
{
};

TEST_P (CliFailure, IsASentenceAHintAndAStatus)
{
  const FailureCase &c = GetParam ();

  for (const char *path : { "GET /v1/bindings/github", "DELETE /v1/bindings/github",
                            "GET /v1/bindings", "GET /v1/status" })
    replies[path] = { c.http_status, c.body };
  auto outcome = run (c.words);
  EXPECT_EQ (outcome.status, c.status);
  EXPECT_EQ (outcome.output, "");
  EXPECT_EQ (outcome.errors, c.errors);
  EXPECT_EQ (agent.requests.empty (), c.http_status == 0);
}

INSTANTIATE_TEST_SUITE_P (
    Failures,
    CliFailure,
    testing::Values (
        FailureCase{ "NotFound",
                     { "show", "github" },
                     404,
                     not_found,
                     1,
                     "bindify: No binding is called “github”\nTry: bindify list\n" },
        FailureCase{
            "Locked",
            { "remove", "github" },
            423,
            R"({"error":"locked","message":"The keyring is locked","hint":"bindify unlock"})",
            4,
            "bindify: The keyring is locked\nTry: bindify unlock\n" },
        FailureCase{ "Denied",
                     { "show", "github" },
                     403,
                     R"({"error":"denied","message":"No","hint":null})",
                     3,
                     "bindify: No\n" },
        FailureCase{ "CodeOfANewerAgent",
                     { "show", "github" },
                     418,
                     R"({"error":"teapot","message":"Short and stout","hint":"tea"})",
                     1,
                     "bindify: Short and stout\nTry: tea\n" },
        FailureCase{ "NoJson",
                     { "show", "github" },
                     502,
                     "<html>",
                     1,
                     "bindify: The agent answered with HTTP status 502\n" },
        FailureCase{ "BadReply",
                     { "list" },
                     200,
                     "{",
                     1,
                     "bindify: The agent’s answer cannot be read: Not valid JSON: unexpected end "
                     "at byte 1\n" },
        FailureCase{ "EscapesInAMessage",
                     { "show", "github" },
                     404,
                     R"({"error":"not_found","message":"a\u001b[2Jb\nc","hint":null})",
                     1,
                     "bindify: a\\u{1b}[2Jb\\nc\n" },
        FailureCase{ "UnknownCommand",
                     { "lsit" },
                     0,
                     "",
                     1,
                     "bindify: There is no command “lsit”\nTry: bindify list\n" },
        FailureCase{ "CommandOfLater",
                     { "quota" },
                     0,
                     "",
                     1,
                     "bindify: There is no command “quota”\nTry: bindify help\n" },
        FailureCase{ "UnknownOption",
                     { "list", "--jsn" },
                     0,
                     "",
                     1,
                     "bindify: Unknown option --jsn\nTry: bindify list --help\n" },
        FailureCase{
            "SocketWithoutPath", { "--socket" }, 0, "", 1, "bindify: --socket needs a path\n" },
        FailureCase{ "MissingWord",
                     { "show" },
                     0,
                     "",
                     1,
                     "bindify: Too few words: it is “bindify show NAME”\n"
                     "Try: bindify show --help\n" },
        FailureCase{ "TooManyWords",
                     { "list", "x" },
                     0,
                     "",
                     1,
                     "bindify: “bindify list” takes options only\nTry: bindify list --help\n" },
        FailureCase{ "SubcommandMisspelt",
                     { "client", "ad" },
                     0,
                     "",
                     1,
                     "bindify: There is no command “ad”\nTry: bindify client add\n" }),
    case_name<FailureCase>);

TEST_F (Cli, WithoutAgentTheStatusIsTwo)
{
  for (const char *program : { "bindify", "bindify-add" })
    {
      Program child (program,
                     program == std::string ("bindify") ? std::vector<std::string>{ "status" }
                                                        : std::vector<std::string>{ "-l" },
                     { { "BINDIFY_SOCK", agent.socket () + ".none" } });

      EXPECT_EQ (child.wait (), 2);
      EXPECT_THAT (child.errors, StartsWith ("bindify: No agent answers on "));
      EXPECT_THAT (child.errors, HasSubstr ("\nTry: systemctl --user start bindify.socket"));
    }
}

TEST_F (Cli, TheOptionBeatsTheEnvironment)
{
  replies["GET /v1/bindings"] = { 200, R"({"bindings":[]})" };
  for (auto words : { std::vector<std::string>{ "--socket", agent.socket (), "list" },
                      std::vector<std::string>{ "list", "--socket=" + agent.socket () } })
    {
      Program child ("bindify", words, { { "BINDIFY_SOCK", "/nonexistent/sock" } });

      EXPECT_EQ (child.wait (), 0) << child.errors;
    }
}

TEST_F (Cli, ClientAddPrintsExactlyWhatScriptsWerePromised)
{
  replies["POST /v1/clients"] = {
    201,
    R"({"id":"u","label":"ci","key":"bnd_local_K","url_example":"http://127.0.0.1:1/mcp/NAME","bindings":null,"more":1})"
  };
  auto outcome = run ({ "client", "add", "ci", "--binding", "a", "--binding=b", "--json" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_EQ (outcome.output,
             "{\n  \"id\" : \"u\",\n  \"label\" : \"ci\",\n  \"key\" : \"bnd_local_K\",\n"
             "  \"url_example\" : \"http://127.0.0.1:1/mcp/NAME\"\n}\n");
  EXPECT_EQ (agent.requests[0].body, R"({"label":"ci","bindings":["a","b"]})");

  run ({ "client", "add", "ci" });
  EXPECT_EQ (agent.requests[1].body, R"({"label":"ci","bindings":null})");
}

TEST_F (Cli, ClientRemoveEscapesLabels)
{
  replies["DELETE /v1/clients/a b/c"] = { 204, "" };
  auto outcome = run ({ "client", "remove", "a b/c" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
}

TEST_F (Cli, WithoutServicesItSaysWhereTheyComeFrom)
{
  replies["GET /v1/services?brief=true"] = { 200, R"({"services":[]})" };
  auto outcome = run ({ "services" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (outcome.output, HasSubstr ("meson install"));
  EXPECT_THAT (outcome.output, HasSubstr ("--services-dir"));
  EXPECT_THAT (outcome.output, HasSubstr ("bindify-add --name NAME URL"));
}

TEST_F (Cli, ServicesSayHowOneSignsIn)
{
  replies["GET /v1/services?brief=true"] = { 200, services };
  auto outcome = run ({ "services" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (outcome.output, HasSubstr ("token, or browser with an app of yours"));
  EXPECT_THAT (outcome.output, HasSubstr ("atlassian  Atlassian  token   "));
  EXPECT_THAT (outcome.output, HasSubstr ("notion     Notion     browser  "));
}

TEST_F (Cli, ListAndShowSayWhenALoginIsNeeded)
{
  std::string needs =
      R"({"name":"notes","type":"mcp","service":null,"url":"https://x.example/","state":"needs_login","auth_type":"oauth","mode":"managed","keyring":"vault","expires_at":"2026-11-22T05:18:47Z","refreshed_at":"2026-11-22T04:18:47Z","can_refresh":false})";

  replies["GET /v1/bindings"] = { 200, R"({"bindings":[)" + needs + "]}" };
  replies["GET /v1/bindings/notes"] = { 200, R"({"binding":)" + needs + "}" };
  EXPECT_THAT (run ({ "list" }).output, HasSubstr ("notes  mcp           needs login: bindify "
                                                   "login notes  vault"));
  auto shown = run ({ "show", "notes" });
  EXPECT_THAT (shown.output, HasSubstr ("State        needs login: bindify login notes\n"));
  EXPECT_THAT (shown.output, HasSubstr ("; type: bindify login notes\n"));
  EXPECT_THAT (shown.output, HasSubstr ("Renewed      "));
}

TEST_F (Cli, StatusTellsTroubleInWords)
{
  replies["GET /v1/status"] = {
    200,
    R"({"version":"0.1.0","pid":42,"port":0,"socket":"/s","keyrings":[{"name":"vault","state":"locked"}],"preferred_keyring":"vault","n_bindings":1,"n_clients":0,"memory_locked":false,"event_failure":null,"problems":["disk\nfull"],"uptime_s":3700})"
  };
  auto outcome = run ({ "status" });
  EXPECT_EQ (outcome.status, 0);
  EXPECT_THAT (outcome.output,
               StartsWith ("Agent        bindify-agent 0.1.0, process 42, up for 1 h 1 min\n"));
  EXPECT_THAT (outcome.output, HasSubstr ("HTTP         off\n"));
  EXPECT_THAT (outcome.output,
               HasSubstr ("Keyrings     vault: locked\nNew secrets  go into: vault\n"));
  EXPECT_THAT (outcome.output, HasSubstr ("RLIMIT_MEMLOCK"));
  EXPECT_THAT (outcome.output, HasSubstr ("Problem      disk\\nfull\n"));
}

TEST_F (Cli, RemoveAllAsksOrIsTold)
{
  replies["GET /v1/bindings"] = { 200, R"({"bindings":[{"name":"a"},{"name":"b"}]})" };
  replies["DELETE /v1/bindings/b"] = { 204, "" };
  auto refused = add ({ "-D" });
  EXPECT_EQ (refused.status, 3);
  EXPECT_EQ (refused.errors, "bindify: Nothing was removed\nTry: bindify-add -D --yes\n");
  EXPECT_THAT (agent.lines (), ElementsAre ("GET /v1/bindings"));

  // One that fails does not keep the other, and is told.
  auto outcome = add ({ "-D", "--yes" });
  EXPECT_EQ (outcome.status, 1);
  EXPECT_EQ (outcome.output, "Removed b.\n");
  EXPECT_EQ (outcome.errors, "bindify: unscripted\n");
}
