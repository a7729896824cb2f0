// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <functional>
#include <random>
#include <vector>

#include "tests/fixture/valgrind.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/client-key.h"
#include "protocol/redact.h"
#include "protocol/token-shape.h"
}

namespace
{

using ::operator<<; // prints a row by its name

std::string
redact (const std::string &text)
{
  return take_text (bfy_redact (text.c_str ()));
}

struct RedactCase
{
  const char *name;
  std::string text, want;
};

class Redact : public testing::TestWithParam<RedactCase>
{
};

TEST_P (Redact, TakesOut)
{
  EXPECT_EQ (redact (GetParam ().text), GetParam ().want);
}

TEST_P (Redact, ChangesNothingTheSecondTime)
{
  EXPECT_EQ (redact (GetParam ().want), GetParam ().want);
}

const std::string key86 =
    "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7"
    "u7u7u7u7u7uw";
const std::string hex40 = "0123456789abcdef0123456789ABCDEF01234567";
const std::string jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P";

// behaviour 20.2, in its order.
INSTANTIATE_TEST_SUITE_P (
    ClientKeys,
    Redact,
    testing::Values (RedactCase{ "Printed", "key bnd_local_" + key86 + " refused",
                                 "key bnd_[REDACTED] refused" },
                     RedactCase{ "Short", "bnd_live_x", "bnd_[REDACTED]" },
                     RedactCase{ "InPath", "/mcp/a/bnd_local_" + key86 + "/sse",
                                 "/mcp/a/bnd_[REDACTED]/sse" },
                     RedactCase{ "InWord", "/mcp/knYoc8xY9cRvc4AVDoRpAzDChMxfQzbnd_EMB_RM4R0",
                                 "/mcp/[REDACTED:43chars]" },
                     RedactCase{ "EdgeDash", "bnd_local_-abc-", "bnd_[REDACTED]" },
                     RedactCase{ "Bare", "/mcp/github/" + key86, "/mcp/github/[REDACTED:86chars]" },
                     RedactCase{ "BareSse", "/mcp/github/" + key86 + "/sse",
                                 "/mcp/github/[REDACTED:86chars]/sse" },
                     RedactCase{ "HttpRoute", "/http/api/~" + key86 + "/users",
                                 "/http/api/[REDACTED:87chars]/users" },
                     RedactCase{ "MistypedInPath", "POST /mcp/github/abc-1 from x",
                                 "POST /mcp/github/[REDACTED:5chars] from x" },
                     RedactCase{ "MistypedInUrl", "http://127.0.0.1:7391/mcp/github/abc/sse",
                                 "http://127.0.0.1:7391/mcp/github/[REDACTED:3chars]/sse" },
                     RedactCase{ "MistypedHttp", "http://[::1]:7391/http/api/~abc/users",
                                 "http://[::1]:7391/http/api/[REDACTED:4chars]/users" },
                     RedactCase{ "PathWithoutKey", "/mcp/github/sse /mcp/github/messages /mcp/x",
                                 "/mcp/github/sse /mcp/github/messages /mcp/x" },
                     RedactCase{ "PathOfOthers", "https://api.example/mcp/v1/tools",
                                 "https://api.example/mcp/v1/tools" },
                     RedactCase{ "HttpWithoutKey", "/http/api/users/1", "/http/api/users/1" },
                     RedactCase{ "PrefixAlone", "keys start with bnd_", "keys start with bnd_" }),
    case_name<RedactCase>);

INSTANTIATE_TEST_SUITE_P (
    Schemes,
    Redact,
    testing::Values (
        RedactCase{ "Bearer", "sent Bearer abc", "sent Bearer [REDACTED]" },
        RedactCase{ "LowerCase", "bearer abc.def~+/=", "bearer [REDACTED]" },
        RedactCase{ "SeveralBlanks", "Bearer \t abc, next", "Bearer \t [REDACTED], next" },
        RedactCase{ "ClientKey", "Bearer bnd_local_" + key86, "Bearer [REDACTED]" },
        RedactCase{ "Jwt", "Bearer " + jwt, "Bearer [REDACTED]" },
        RedactCase{ "Twice", "Bearer Bearer abc", "Bearer Bearer [REDACTED]" },
        RedactCase{ "Basic", "Basic dXNlcjpwYXNz.", "Basic [REDACTED]" },
        RedactCase{ "BasicPadded", "'Basic dTpwYQ=='", "'Basic [REDACTED]'" },
        RedactCase{ "Word", "a forbearer b", "a forbearer b" },
        RedactCase{ "Header", "Authorization: Custom a b\nnext",
                    "Authorization: [REDACTED]\nnext" },
        RedactCase{ "HeaderScheme", "authorization: Digest a=\"b\", c=\"d\"",
                    "authorization: Digest [REDACTED]" },
        RedactCase{ "HeaderProxy", "Proxy-Authorization: x", "Proxy-Authorization: [REDACTED]" },
        RedactCase{ "HeaderApiKey", "X-API-Key: short", "X-API-Key: [REDACTED]" },
        RedactCase{ "Cookie", "Set-Cookie: a=b; Path=/", "Set-Cookie: [REDACTED]" },
        RedactCase{ "Json", R"({"api_key":"short","n":1})", R"({"api_key":"[REDACTED]","n":1})" },
        RedactCase{ "JsonBlanks", R"("password" : "a b")", R"("password" : "[REDACTED]")" },
        RedactCase{ "Form", "refresh_token=a&access_token=b", "refresh_token=[REDACTED]" },
        RedactCase{ "JsonEscapedQuote", R"({"password":"a\"b","n":1})",
                    R"({"password":"[REDACTED]","n":1})" },
        RedactCase{ "JsonInJson", R"("{\"api_key\":\"short\",\"n\":1}")",
                    R"("{\"api_key\":\"[REDACTED]",\"n\":1}")" },
        RedactCase{ "Token", "token 0123abcd9 sent", "token [REDACTED] sent" },
        RedactCase{ "TokenSentence", "the token has expired: invalid_grant",
                    "the token has expired: invalid_grant" },
        RedactCase{ "TokenReason", "Cannot renew the token: error 401",
                    "Cannot renew the token: error 401" },
        RedactCase{ "TokenVariable", "export GITHUB_TOKEN=abc next",
                    "export GITHUB_TOKEN=[REDACTED] next" },
        RedactCase{ "TokenMember", R"({"token": "abc","n":1})",
                    R"({"token": "[REDACTED]","n":1})" },
        RedactCase{ "Aws", "AWS4-HMAC-SHA256 Credential=AKIA/x", "AWS4-HMAC-SHA256 [REDACTED]" },
        RedactCase{ "ServiceName", "keyring=secret-service", "keyring=secret-service" },
        RedactCase{ "HeaderMentioned", "no Authorization header", "no Authorization header" },
        RedactCase{ "HeaderEmpty", "Authorization:", "Authorization:" }),
    case_name<RedactCase>);

INSTANTIATE_TEST_SUITE_P (
    Urls,
    Redact,
    testing::Values (
        RedactCase{ "UserInfo", "https://user:pass@host/path", "https://[REDACTED]@host/path" },
        RedactCase{ "UserInfoAt", "https://user:p@ss@host", "https://[REDACTED]@host" },
        RedactCase{ "UserInfoNested", "https://a/http://u:p@b/", "https://a/http://[REDACTED]@b/" },
        RedactCase{ "Database", "postgres://u:p@localhost/db",
                    "postgres://[REDACTED]@localhost/db" },
        RedactCase{ "Query", "GET https://host/a?key=b&c=d done",
                    "GET https://host/a?[REDACTED] done" },
        RedactCase{ "QueryWithoutName", "https://host/a?abc", "https://host/a?[REDACTED]" },
        RedactCase{ "QueryOfPath", "GET /http/api/x?token=abc", "GET /http/api/x?[REDACTED]" },
        RedactCase{ "QueryQuoted", "“<https://host/?k=v>”", "“<https://host/?[REDACTED]>”" },
        RedactCase{ "Fragment", "http://127.0.0.1/callback#access_token=abc",
                    "http://127.0.0.1/callback#[REDACTED]" },
        RedactCase{ "Anchor", "https://host/doc#install", "https://host/doc#install" },
        RedactCase{ "AtInPath", "https://host/@me", "https://host/@me" },
        RedactCase{ "Question", "Allow this? Yes", "Allow this? Yes" },
        RedactCase{ "Issue", "see issue #12", "see issue #12" }),
    case_name<RedactCase>);

INSTANTIATE_TEST_SUITE_P (
    Shapes,
    Redact,
    testing::Values (RedactCase{ "GithubPersonal", "ghp_" + std::string (36, 'a'),
                                 "[REDACTED:40chars]" },
                     RedactCase{ "GithubServer", "x=ghs_16C7e42F292c6912", "x=[REDACTED:20chars]" },
                     RedactCase{ "GithubFine", "github_pat_11ABCDEFG0", "[REDACTED:21chars]" },
                     RedactCase{ "GithubInPath", "/a/gho_16C7e42F29/b", "/a/[REDACTED:14chars]/b" },
                     RedactCase{ "Linear", "(lin_api_AbCdEfGh1234)", "([REDACTED:20chars])" },
                     RedactCase{ "Figma", "figd_AbC-dEfG_h12", "[REDACTED:17chars]" },
                     RedactCase{ "Atlassian", "ATATT3xFfGF0abcd=1A2B3C4D", "[REDACTED:25chars]" },
                     RedactCase{ "Notion", "ntn_12345678901", "[REDACTED:15chars]" },
                     RedactCase{ "Slack", "xoxb-123456789-abc", "[REDACTED:18chars]" },
                     RedactCase{ "Jwt", "got " + jwt + ".", "got [REDACTED:70chars]" },
                     RedactCase{ "JwtShort", "eyJhbGciOiJub25lIn0.e30.", "[REDACTED:24chars]" },
                     RedactCase{ "Hex40", "at " + hex40 + ",", "at [REDACTED:40chars]," },
                     RedactCase{ "Hex40InWord", "v" + hex40 + "z", "v[REDACTED:40chars]z" },
                     RedactCase{ "PrefixMentioned", "tokens like ghp_, lin_api_ and figd_x",
                                 "tokens like ghp_, lin_api_ and figd_x" },
                     RedactCase{ "Hex39", hex40.substr (1), hex40.substr (1) },
                     RedactCase{ "InWord", "laghp_16C7e42F29", "laghp_16C7e42F29" }),
    case_name<RedactCase>);

const std::string upper43 = "Ab0" + std::string (40, 'x');

INSTANTIATE_TEST_SUITE_P (
    Runs,
    Redact,
    testing::Values (
        RedactCase{ "Run43", "a " + std::string (43, 'x') + " b", "a [REDACTED:43chars] b" },
        RedactCase{ "Run42", std::string (42, 'x'), std::string (42, 'x') },
        RedactCase{ "EdgeDashes", "-" + std::string (41, 'x') + "-", "[REDACTED:43chars]" },
        RedactCase{ "Named", "key=" + upper43, "key=[REDACTED:43chars]" },
        RedactCase{ "NamedPadded", "key=" + upper43 + "=;", "key=[REDACTED:44chars];" },
        RedactCase{ "EndOfSentence", upper43 + ".", "[REDACTED:43chars]." },
        RedactCase{ "Slashes",
                    "Ab0+cdefghij/klmnOPQRSTUV/wxyz0123456789ABCD=", "[REDACTED:45chars]" },
        RedactCase{ "Percent", "aB3defghij%2Bklmnopqrstu%2Fvwxyz0123456789%3D",
                    "[REDACTED:45chars]" },
        RedactCase{ "Path", "/home/user/.local/state/bindify/some/longer/bindify.db",
                    "/home/user/.local/state/bindify/some/longer/bindify.db" },
        RedactCase{ "PathCapitals", "/usr/share/Documents/README/MyLongProject/NEWS/Chapter/x",
                    "/usr/share/Documents/README/MyLongProject/NEWS/Chapter/x" },
        RedactCase{ "Url", "https://mcp.example.com/v1/projects/some-long-name/items/42",
                    "https://mcp.example.com/v1/projects/some-long-name/items/42" },
        RedactCase{ "BusName", "org.freedesktop.Secret.Collection.CreateItemPrompt",
                    "org.freedesktop.Secret.Collection.CreateItemPrompt" },
        RedactCase{ "Uuid", "binding 6f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0",
                    "binding 6f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0" },
        RedactCase{ "Empty", "", "" },
        RedactCase{ "InvalidUtf8", "a\xff\xc3", "a\xff\xc3" },
        RedactCase{ "Umlauts", "Größe geändert", "Größe geändert" }),
    case_name<RedactCase>);

// token_patterns of catalogue records, for the time that they are set.
TEST (RedactText, KnowsTheShapesOfTheCatalogue)
{
  const std::string line = "sent acme-0123456789abcdef, not acme-ours";
  g_autoptr (GError) error = nullptr;
  g_autoptr (JsonNode) node = json_from_string (
      R"({"token_patterns":[{"prefix":"acme-","characters":"hex","min":16}]})", nullptr);
  g_autoptr (GPtrArray) patterns =
      bfy_token_patterns_read (json_node_get_object (node), "acme", &error);
  const char *service = nullptr;

  ASSERT_NE (patterns, nullptr) << error->message;
  EXPECT_EQ (redact (line), line);
  bfy_token_shape_add (patterns);
  EXPECT_EQ (redact (line), "sent [REDACTED:21chars], not acme-ours");
  EXPECT_EQ (bfy_token_shape_find ("acme-0123456789abcdef", ' ', &service), 21u);
  EXPECT_STREQ (service, "acme");
  bfy_token_shape_add (nullptr);
  EXPECT_EQ (redact (line), line);
}

// What begins like something again and again is looked at once: otherwise this would take minutes.
TEST (RedactText, GetsThroughBeginningsWithoutEnds)
{
  for (const char *piece : { "eyJ", "://", "/mcp/a/", "password", "Bearer ", "gh", "bnd_", "#a",
                             "0a", "token ", "127.0.0.1/http/", "%2", "\\\"", "sk-" })
    {
      std::string text;
      while (text.size () < 100000)
        text += piece;
      EXPECT_FALSE (redact (text).empty ()) << piece;
    }
}

TEST (RedactText, MayBeMissing)
{
  EXPECT_EQ (take_text (bfy_redact (nullptr)), "");
}

// --- A5, P4: random secrets wherever a line may hold one ---

using Spelling = std::function<std::string (const std::vector<guint8> &)>;

struct SpellingCase
{
  const char *name;
  Spelling spell;
};

std::string
spell_hex (const std::vector<guint8> &bytes)
{
  std::string text;

  for (guint8 byte : bytes)
    {
      text += "0123456789abcdef"[byte >> 4];
      text += "0123456789abcdef"[byte & 15];
    }
  return text;
}

std::string
spell_base64 (const std::vector<guint8> &bytes)
{
  return take_text (g_base64_encode (bytes.data (), bytes.size ()));
}

std::string
spell_base64url (const std::vector<guint8> &bytes)
{
  return take_text (bfy_base64url_encode (bytes.data (), bytes.size ()));
}

std::string
spell_edges (const std::vector<guint8> &bytes)
{
  std::string text = spell_base64url (bytes);

  text.front () = text.back () = '-';
  return text;
}

std::string
spell_percent (const std::vector<guint8> &bytes)
{
  return take_text (g_uri_escape_string (spell_base64 (bytes).c_str (), nullptr, FALSE));
}

class RedactRandom : public testing::TestWithParam<SpellingCase>
{
};

const char *const lines[] = {
  "%",
  "key=%",
  "key: %, next",
  "(%)",
  "\"%\"",
  "The key % was refused",
  "failed for %.",
  "-%-",
  "_%_",
  "/mcp/github/%",
  "/mcp/github/%/sse",
  "/http/api/~%/users/1",
  "https://host.example/some/path/%/more",
  "https://host.example/?k=%",
  "https://%@host.example/",
  "Bearer %",
  "X-Figma-Token: %",
  "{\"error\":\"no %\"}",
  "größe%ß",
};

// No stretch of the secret that is long enough to be of use stays in the line.
bool
survives (const std::string &secret, const std::string &line)
{
  const size_t stretch = 16;

  for (size_t i = 0; i + stretch <= secret.size (); i++)
    {
      if (line.find (secret.substr (i, stretch)) != std::string::npos)
        return true;
    }
  return false;
}

TEST_P (RedactRandom, NoneSurvives)
{
  std::mt19937 generator (20261122);
  std::uniform_int_distribution<int> byte (0, 255);
  const int n_rounds = is_under_valgrind () ? 20 : 1000;

  for (int round = 0; round < n_rounds; round++)
    {
      std::vector<guint8> bytes (32);

      for (guint8 &b : bytes)
        b = static_cast<guint8> (byte (generator));
      std::string secret = GetParam ().spell (bytes);
      for (std::string line : lines)
        {
          line.replace (line.find ('%'), 1, secret);
          EXPECT_FALSE (survives (secret, redact (line))) << line << "\n" << redact (line);
        }
    }
}

INSTANTIATE_TEST_SUITE_P (A5,
                          RedactRandom,
                          testing::Values (SpellingCase{ "Base64url", spell_base64url },
                                           SpellingCase{ "Base64", spell_base64 },
                                           SpellingCase{ "Hex", spell_hex },
                                           SpellingCase{ "DashAtBothEdges", spell_edges },
                                           SpellingCase{ "PercentEncoded", spell_percent }),
                          case_name<SpellingCase>);

} // namespace
