// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/client-cli.h"
#include "tests/unit/matchers.h"

using testing::HasSubstr;
using testing::Not;

// bindify-add.

TEST_F (Cli, AddStoresATokenFromStdin)
{
  script_add ();
  auto outcome = add ({ "github", "--token-stdin" }, "ghp_\"secret\\\n");
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_EQ (
      agent.requests.back ().body,
      R"({"service":"github","name":"github","allow_local":false,"check":true,"credential":{"type":"api_key","api_key":"ghp_\"secret\\"}})");
  EXPECT_THAT (outcome.output, HasSubstr ("Added github: https://api.githubcopilot.com/mcp\n"));
  EXPECT_THAT (outcome.output, HasSubstr ("42 tools"));
  EXPECT_THAT (outcome.output, HasSubstr ("bindify-mcp"));
  EXPECT_THAT (outcome.output, Not (HasSubstr ("secret")));
  EXPECT_EQ (outcome.errors, "");
  EXPECT_EQ (run ({ "add", "-q", "github", "--token-stdin" }, "t").output, "");
}

TEST_F (Cli, AddNeedsNoTokenWhereTheServerAsksForNone)
{
  script_add ();
  replies["POST /v1/probe"] = { 200, R"({"auth":"none"})" };
  replies["GET /v1/bindings/example"] = { 404, not_found };
  auto outcome = add ({ "https://mcp.example.com/mcp" });
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_EQ (
      agent.requests.back ().body,
      R"({"url":"https://mcp.example.com/mcp","name":"example","allow_local":false,"check":true})");
}

struct InjectionCase
{
  const char *name;
  std::vector<std::string> words;
  const char *want;
};

class CliInjection : public Cli, public testing::WithParamInterface<InjectionCase>
{
};

TEST_P (CliInjection, GoesIntoTheRequest)
{
  std::vector<std::string> words = { "https://x.example/mcp", "--name", "x", "--token-stdin" };

  script_add ();
  replies["POST /v1/probe"] = { 200, R"({"auth":"unknown"})" };
  replies["GET /v1/bindings/x"] = { 404, not_found };
  words.insert (words.end (), GetParam ().words.begin (), GetParam ().words.end ());
  auto outcome = add (words, "t");
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (agent.requests.back ().body, HasSubstr (GetParam ().want));
}

INSTANTIATE_TEST_SUITE_P (
    Options,
    CliInjection,
    testing::Values (
        InjectionCase{ "Default", {}, R"("check":true,"credential":{"type":"api_key")" },
        InjectionCase{ "Header",
                       { "--header", "X-Key" },
                       R"("injection":{"kind":"header","name":"X-Key","prefix":""})" },
        InjectionCase{
            "Prefix",
            { "--prefix", "Token" },
            R"("injection":{"kind":"header","name":"Authorization","prefix":"Token "})" },
        InjectionCase{
            "Query", { "--query", "key" }, R"("injection":{"kind":"query","name":"key"})" },
        InjectionCase{ "Path",
                       { "--in-path", "/bot{token}" },
                       R"("injection":{"kind":"path","name":"/bot{token}"})" },
        InjectionCase{
            "Body", { "--in-body", "token" }, R"("injection":{"kind":"body","name":"token"})" },
        InjectionCase{
            "Sigv4",
            { "--sigv4", "AKID" },
            R"("injection":{"kind":"aws-sigv4"},"credential":{"type":"basic_auth","username":"AKID","password":"t"})" },
        InjectionCase{ "Sigv4For",
                       { "--sigv4", "AKID", "--sign-for", "eu-central-1/s3" },
                       R"("injection":{"kind":"aws-sigv4","name":"eu-central-1/s3"})" },
        InjectionCase{
            "Basic",
            { "--basic", "me" },
            R"("injection":{"kind":"basic"},"credential":{"type":"basic_auth","username":"me","password":"t"})" },
        InjectionCase{ "Rest",
                       { "--account", "work", "--keyring", "vault", "--no-check" },
                       R"("check":false,"keyring":"vault","account":"work")" }),
    case_name<InjectionCase>);

struct RefusalCase
{
  const char *name;
  std::vector<std::string> words;
  const char *input;
  int status;
  const char *want; // in stderr
};

class CliRefusal : public Cli, public testing::WithParamInterface<RefusalCase>
{
};

TEST_P (CliRefusal, StoresNothingAndRepeatsNoToken)
{
  script_add ();
  replies["POST /v1/probe"] = { 200, R"({"auth":"bearer"})" };
  auto outcome = add (GetParam ().words, GetParam ().input);
  EXPECT_EQ (outcome.status, GetParam ().status);
  EXPECT_THAT (outcome.errors, HasSubstr (GetParam ().want));
  EXPECT_THAT (outcome.output + outcome.errors, Not (HasSubstr ("ghp_0123")));
  EXPECT_THAT (agent.lines (), Not (testing::Contains ("POST /v1/bindings")));
}

#define TOKEN "ghp_0123456789abcdef0123456789abcdef0123"
INSTANTIATE_TEST_SUITE_P (
    Refusals,
    CliRefusal,
    testing::Values (
        RefusalCase{ "TokenAsWord", { "github", TOKEN }, "", 1, "not taken from the command line" },
        RefusalCase{
            "TwoPlaces",
            { "https://x.example", "--token-stdin", "--in-path", "/{token}", "--query", "k" },
            TOKEN,
            1,
            "one place" },
        RefusalCase{ "ScopeAlone",
                     { "https://x.example", "--token-stdin", "--sign-for", "a/b" },
                     TOKEN,
                     1,
                     "--sigv4" },
        RefusalCase{ "TokenAsOption",
                     { "github", "--token", TOKEN },
                     "",
                     1,
                     "not taken from the command line" },
        RefusalCase{ "TokenAsService", { TOKEN }, "", 1, "no service called" },
        RefusalCase{
            "NothingOnStdin", { "github", "--token-stdin" }, "\n", 1, "nothing was stored" },
        RefusalCase{ "TwoLines", { "github", "--token-stdin" }, "a\nb\n", 1, "more than one line" },
        RefusalCase{ "NotAscii", { "github", "--token-stdin" }, "\xc3\xbc", 1, "not ASCII" },
        RefusalCase{ "NoTerminal", { "github" }, "", 1, "Try: bindify-add … --token-stdin" },
        RefusalCase{ "MisspeltService", { "githbu" }, "", 1, "Try: bindify-add github\n" },
        RefusalCase{ "HostWithoutScheme",
                     { "mcp.example.com" },
                     "",
                     1,
                     "Try: bindify-add https://mcp.example.com\n" },
        RefusalCase{
            "OAuthOnly", { "notion", "--token-stdin" }, "t", 1, "sign-in with the browser" },
        RefusalCase{ "PairWithoutUser",
                     { "atlassian", "--token-stdin", "--name", "github" },
                     "t",
                     1,
                     "--basic USER" },
        RefusalCase{
            "Loopback", { "http://127.0.0.1:9/mcp" }, "", 3, "Try: the same with --allow-local\n" },
        RefusalCase{ "PlainHttp", { "http://example.com/mcp" }, "", 1, "http" },
        RefusalCase{ "BadName", { "github", "--name", "A B" }, "", 1, "A B" },
        RefusalCase{ "BasicAndHeader",
                     { "github", "--basic", "u", "--header", "X" },
                     "",
                     1,
                     "neither --header nor --query" },
        RefusalCase{ "TokenOfNobody", { "--token-stdin" }, "t", 1, "say which one it is for" },
        RefusalCase{ "TokenOfAnother",
                     { "atlassian", "--basic", "u", "--name", "github", "--token-stdin" },
                     TOKEN,
                     1,
                     "token of GitHub, not of Atlassian" },
        RefusalCase{ "TokenToAStranger",
                     { "https://x.example/mcp", "--name", "github", "--token-stdin" },
                     TOKEN,
                     1,
                     "token of GitHub, and it would be sent to x.example" },
        RefusalCase{ "ListAndWord", { "-l", "github" }, "", 1, "stand alone" },
        RefusalCase{ "AllWithoutYes", { "-D" }, "", 1, "unscripted" }),
    case_name<RefusalCase>);

TEST_F (Cli, AddTellsByATokenWhoseItIs)
{
  script_add ();
  auto outcome = add ({ "--token-stdin" }, TOKEN);
  EXPECT_EQ (outcome.status, 0) << outcome.errors;
  EXPECT_THAT (agent.requests.back ().body, HasSubstr (R"("service":"github","name":"github")"));
}

TEST_F (Cli, AddProposesTheNameOfASecondAccount)
{
  script_add ();
  replies["GET /v1/bindings/github"] = { 200, std::string (R"({"binding":)") + github + "}" };
  auto outcome = add ({ "github", "--account", "Work", "--token-stdin" }, "t");
  EXPECT_EQ (outcome.status, 1);
  EXPECT_THAT (outcome.errors, HasSubstr ("Try: bindify-add github --name github-work\n"));
}

TEST_F (Cli, AddDoesNotAskForATokenWhenTheNameIsTaken)
{
  script_add ();
  replies["GET /v1/bindings/github"] = { 200, std::string (R"({"binding":)") + github + "}" };
  auto outcome = add ({ "github", "--token-stdin" }, "t");
  EXPECT_EQ (outcome.status, 1);
  EXPECT_THAT (outcome.errors, HasSubstr ("--name NAME"));
  EXPECT_THAT (agent.lines (), Not (testing::Contains ("POST /v1/bindings")));
}

TEST_F (Cli, AddPassesTheAgentsRefusalOn)
{
  script_add ();
  replies["POST /v1/bindings"] = {
    422, R"({"error":"credential_refused","message":"GitHub refused the token","hint":null})"
  };
  auto outcome = add ({ "github", "--token-stdin" }, "t");
  EXPECT_EQ (outcome.status, 4);
  EXPECT_EQ (outcome.errors, "bindify: GitHub refused the token\n");
}
