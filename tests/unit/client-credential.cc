// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What git, Docker and AWS say to those who give them credentials, and what they are told.

#include <cstring>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "client/credential/aws.h"
#include "client/credential/docker.h"
#include "client/credential/git.h"
#include "client/credential/match.h"
#include "protocol/error.h"
#include "protocol/json.h"
}

namespace
{

BfySecret *
secret_of (const std::string &text)
{
  return bfy_secret_new (text.data (), text.size ());
}

std::string
text_of (const BfySecret *secret)
{
  return secret != nullptr ? bfy_secret_peek_text (secret) : "(none)";
}

struct GitCase
{
  const char *name;
  std::string text;
  const char *want; // "host|path|username", "nothing" or "error"
};

class GitRequest : public testing::TestWithParam<GitCase>
{
};

struct ServerCase
{
  const char *name;
  std::string text;
  const char *want;
};

class DockerServer : public testing::TestWithParam<ServerCase>
{
};

struct MatchCase
{
  const char *name;
  BfyRevealPurpose purpose;
  const char *host, *path, *username;
  std::vector<const char *> bindings;
  const char *want; // a name, "none" or "unclear"
};

class CredentialMatch : public testing::TestWithParam<MatchCase>
{
};

void
free_candidate (gpointer data)
{
  auto *candidate = static_cast<BfyCredentialCandidate *> (data);

  json_object_unref (candidate->binding);
  json_object_unref (candidate->service);
  g_free (candidate);
}

JsonObject *
parse (const char *text)
{
  return bfy_json_parse_object (text, strlen (text), nullptr);
}

} // namespace

TEST_P (GitRequest, IsReadOrRefused)
{
  const std::string &text = GetParam ().text;
  Error error;
  g_autoptr (BfyGitRequest) request =
      bfy_git_request_parse (text.data (), text.size (), error.out ());
  std::string got = !error.message ().empty () ? "error" : "nothing";

  if (request != nullptr)
    got = std::string (request->host) + "|" + (request->path != nullptr ? request->path : "") +
          "|" + (request->username != nullptr ? request->username : "");
  EXPECT_EQ (got, GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Requests,
    GitRequest,
    testing::Values (
        GitCase{ "Usual", "protocol=https\nhost=github.com\n\n", "github.com||" },
        GitCase{ "All", "protocol=https\nhost=Git.example:8443\npath=a/b.git\nusername=me\n",
                 "git.example:8443|a/b.git|me" },
        GitCase{ "WithoutLastLineEnd", "protocol=https\nhost=github.com", "github.com||" },
        GitCase{ "OtherKeys",
                 "capability[]=authtype\nprotocol=https\nwwwauth[]=Basic realm=\"x\"\n"
                 "host=github.com\npassword=x\n",
                 "github.com||" },
        GitCase{ "BehindTheEnd", "protocol=https\n\nhost=github.com\n", "nothing" },
        GitCase{ "LastOneCounts", "protocol=https\nhost=a.example\nhost=b.example\n",
                 "b.example||" },
        GitCase{ "EmptyValues", "protocol=https\nhost=github.com\npath=\nusername=\n",
                 "github.com||" },
        GitCase{ "Http", "protocol=http\nhost=github.com\n", "nothing" },
        GitCase{ "Ssh", "protocol=ssh\nhost=github.com\n", "nothing" },
        GitCase{ "NoHost", "protocol=https\n", "nothing" },
        GitCase{ "NothingAtAll", "", "nothing" },
        GitCase{ "HostWithUser", "protocol=https\nhost=github.com@evil.example\n", "nothing" },
        GitCase{ "CarriageReturn", "protocol=https\nhost=evil.example\rgithub.com\n", "error" },
        GitCase{ "Nul", std::string ("protocol=https\nhost=a\0b\n", 25), "error" },
        GitCase{ "NoEquals", "protocol=https\nhost\n", "error" },
        GitCase{ "TooLong", std::string (BFY_GIT_REQUEST_BYTES_MAX + 1, 'a'), "error" }),
    case_name<GitCase>);

TEST (GitAnswer, IsOneLineEach)
{
  g_autoptr (BfySecret) secret = secret_of ("s3cret");
  g_autoptr (BfySecret) lines = secret_of ("s3cret\nquit=1");
  g_autoptr (BfySecret) plain = bfy_git_format_answer ("me", secret, 0, nullptr);
  g_autoptr (BfySecret) ending = bfy_git_format_answer ("me", secret, 1795324727, nullptr);
  Error error, name_error;

  EXPECT_EQ (text_of (plain), "username=me\npassword=s3cret\n");
  EXPECT_EQ (text_of (ending), "username=me\npassword=s3cret\npassword_expiry_utc=1795324727\n");
  EXPECT_EQ (bfy_git_format_answer ("me", lines, 0, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSUPPORTED));
  EXPECT_EQ (bfy_git_format_answer ("me\nhost=evil.example", secret, 0, name_error.out ()),
             nullptr);
}

TEST_P (DockerServer, IsAHostThatSpeaksHttps)
{
  const std::string &text = GetParam ().text;
  g_autofree char *host = bfy_docker_parse_server (text.data (), text.size ());

  EXPECT_STREQ (host != nullptr ? host : "(none)", GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Servers,
    DockerServer,
    testing::Values (ServerCase{ "Hub", "https://index.docker.io/v1/\n", "index.docker.io" },
                     ServerCase{ "Bare", "ghcr.io", "ghcr.io" },
                     ServerCase{ "Port", "registry.example:5000", "registry.example:5000" },
                     ServerCase{ "Capitals", "HTTPS://GHCR.io/", "ghcr.io" },
                     ServerCase{ "Http", "http://registry.example", "(none)" },
                     ServerCase{ "User", "https://ghcr.io@evil.example/", "(none)" },
                     ServerCase{ "Lines", "ghcr.io\nevil.example", "(none)" },
                     ServerCase{ "Nul", std::string ("ghcr.io\0.evil.example", 21), "(none)" },
                     ServerCase{ "Empty", "", "(none)" },
                     ServerCase{ "Blanks", " \n", "(none)" },
                     ServerCase{ "TooLong", std::string (BFY_DOCKER_REQUEST_BYTES_MAX + 1, 'a'),
                                 "(none)" }),
    case_name<ServerCase>);

TEST (DockerAnswer, IsJson)
{
  g_autoptr (BfySecret) secret = secret_of ("a\"b\\c");
  g_autoptr (BfySecret) text = bfy_docker_format_answer ("https://ghcr.io", "me", secret);

  EXPECT_EQ (text_of (text), R"({"ServerURL":"https://ghcr.io","Username":"me","Secret":"a\"b\\c"})"
                             "\n");
}

TEST (AwsAnswer, IsVersionOne)
{
  g_autoptr (BfySecret) key = secret_of ("key");
  g_autoptr (BfySecret) pair = secret_of ("key:token");
  g_autoptr (BfySecret) plain = bfy_aws_format_answer ("AKID", key, 0);
  g_autoptr (BfySecret) ending = bfy_aws_format_answer ("AKID", pair, 1795324727);

  EXPECT_EQ (text_of (plain), R"({"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"key"})"
                              "\n");
  EXPECT_EQ (text_of (ending), R"({"Version":1,"AccessKeyId":"AKID","SecretAccessKey":"key",)"
                               R"("SessionToken":"token","Expiration":"2026-11-22T05:18:47Z"})"
                               "\n");
}

TEST_P (CredentialMatch, ChoosesTheOneThatIsMeant)
{
  const MatchCase &row = GetParam ();
  g_autoptr (GPtrArray) candidates = g_ptr_array_new_with_free_func (free_candidate);
  const BfyCredentialWish wish = { row.purpose, row.host, row.path, row.username };
  gboolean is_unclear;

  for (const char *text : row.bindings)
    {
      auto *candidate = g_new0 (BfyCredentialCandidate, 1);

      candidate->binding = parse (text);
      candidate->service = parse (R"({"git":{"host":"github.com","username":"x"}})");
      g_ptr_array_add (candidates, candidate);
    }
  const BfyCredentialCandidate *found = bfy_credential_match (candidates, &wish, &is_unclear);
  std::string got = is_unclear ? "unclear" : "none";

  if (found != nullptr)
    got = json_object_get_string_member (found->binding, "name");
  EXPECT_EQ (got, row.want);
}

const char kWork[] =
    R"({"name":"work","account":"me-at-work","reveals":true,"url":"https://git.example/work"})";
const char kHome[] =
    R"({"name":"home","account":"me","reveals":true,"url":"https://git.example/"})";
const char kShut[] = R"({"name":"shut","reveals":false,"url":"https://git.example/"})";
const char kApi[] = R"({"name":"api","reveals":true,"url":"https://api.github.com/"})";
const char kGit[] = R"({"name":"git","reveals":true,"url":"https://github.com/"})";

INSTANTIATE_TEST_SUITE_P (
    Rows,
    CredentialMatch,
    testing::Values (
        MatchCase{
            "One", BFY_REVEAL_GIT, "git.example", nullptr, nullptr, { kHome, kApi }, "home" },
        MatchCase{ "None", BFY_REVEAL_GIT, "other.example", nullptr, nullptr, { kHome }, "none" },
        MatchCase{
            "NotAllowed", BFY_REVEAL_GIT, "git.example", nullptr, nullptr, { kShut }, "none" },
        MatchCase{ "Unclear",
                   BFY_REVEAL_GIT,
                   "git.example",
                   nullptr,
                   nullptr,
                   { kHome, kWork },
                   "unclear" },
        MatchCase{
            "Account", BFY_REVEAL_GIT, "git.example", nullptr, "me", { kWork, kHome }, "home" },
        MatchCase{
            "Name", BFY_REVEAL_GIT, "git.example", nullptr, "work", { kWork, kHome }, "work" },
        MatchCase{ "Path",
                   BFY_REVEAL_GIT,
                   "git.example",
                   "work/a.git",
                   nullptr,
                   { kHome, kWork },
                   "work" },
        MatchCase{ "HalfAPath",
                   BFY_REVEAL_GIT,
                   "git.example",
                   "workshop/a.git",
                   nullptr,
                   { kHome, kWork },
                   "unclear" },
        MatchCase{
            "ForGit", BFY_REVEAL_GIT, "github.com", nullptr, nullptr, { kApi, kGit }, "git" },
        MatchCase{ "ForDocker",
                   BFY_REVEAL_DOCKER,
                   "github.com",
                   nullptr,
                   nullptr,
                   { kApi, kGit },
                   "git" }),
    case_name<MatchCase>);
