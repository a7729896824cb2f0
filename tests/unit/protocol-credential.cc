// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <cstdio>
#include <fstream>

#include "tests/unit/block.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/credential.h"
#include "protocol/injection.h"
#include "protocol/json.h"
}

namespace
{

using ::operator<<; // prints a row by its name

BfySecret *
secret_of (const std::string &text)
{
  return bfy_secret_new (text.data (), text.size ());
}

std::string
text_of (const BfySecret *secret)
{
  return secret != nullptr ? std::string (bfy_secret_peek_text (secret), bfy_secret_length (secret))
                           : "(null)";
}

struct FormCase
{
  const char *name;
  BfyCredentialType type;
  const char *username;
  std::string secret;
  const char *refresh;
  gint64 expires_at_s;
  std::string sealed;
};

class CredentialForm : public testing::TestWithParam<FormCase>
{
};

TEST_P (CredentialForm, IsSealed)
{
  const FormCase &row = GetParam ();
  g_autoptr (BfySecret) secret = secret_of (row.secret);
  g_autoptr (BfyCredential) credential = bfy_credential_new (row.type, row.username, secret);

  if (row.refresh != nullptr)
    credential->refresh = secret_of (row.refresh);
  credential->expires_at_s = row.expires_at_s;
  g_autoptr (BfySecret) sealed = bfy_credential_seal (credential);
  EXPECT_EQ (text_of (sealed), row.sealed);
}

TEST_P (CredentialForm, IsOpened)
{
  const FormCase &row = GetParam ();
  g_autoptr (BfySecret) sealed = secret_of (row.sealed);
  Error error;
  g_autoptr (BfyCredential) credential = bfy_credential_open (sealed, error.out ());

  ASSERT_NE (credential, nullptr) << error;
  EXPECT_EQ (credential->type, row.type);
  EXPECT_STREQ (credential->username, row.username);
  EXPECT_EQ (text_of (credential->secret), row.secret);
  EXPECT_EQ (text_of (credential->refresh), row.refresh != nullptr ? row.refresh : "(null)");
  EXPECT_EQ (credential->expires_at_s, row.expires_at_s);
}

const std::string longest (BFY_SECRET_BYTES_MAX, 'k');

INSTANTIATE_TEST_SUITE_P (
    Behaviour123,
    CredentialForm,
    testing::Values (
        FormCase{ "ApiKey", BFY_CREDENTIAL_API_KEY, nullptr, "tok", nullptr, 0,
                  R"({"v":1,"type":"api_key","api_key":"tok"})" },
        FormCase{ "Basic", BFY_CREDENTIAL_BASIC_AUTH, "me@example.com", "pä ss", nullptr, 0,
                  R"({"v":1,"type":"basic_auth","username":"me@example.com","password":"pä ss"})" },
        FormCase{ "BasicWithoutUser", BFY_CREDENTIAL_BASIC_AUTH, nullptr, "p", nullptr, 0,
                  R"({"v":1,"type":"basic_auth","password":"p"})" },
        FormCase{ "Token", BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, "at", "rt", 1700000000,
                  R"({"v":1,"type":"oauth_token","access_token":"at","refresh_token":"rt",)"
                  R"("expires_at":1700000000})" },
        FormCase{ "TokenForEver", BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, "at", nullptr, 0,
                  R"({"v":1,"type":"oauth_token","access_token":"at"})" },
        FormCase{ "Custom", BFY_CREDENTIAL_CUSTOM, nullptr, "a\n\"b\"\\\x7f ", nullptr, 0,
                  R"({"v":1,"type":"custom","value":"a\u000a\"b\"\\\u007f "})" },
        FormCase{ "Longest", BFY_CREDENTIAL_API_KEY, nullptr, longest, nullptr, 0,
                  R"({"v":1,"type":"api_key","api_key":")" + longest + "\"}" }),
    case_name<FormCase>);

// With where the tokens come from: one item, so that they cannot disagree (behaviour 7.10).

const char source_text[] =
    R"({"v":1,"type":"oauth_token","access_token":"at","refresh_token":"rt",)"
    R"("issued_at":1699996400,"expires_at":1700000000,"source":{"issuer":"https://as.example/",)"
    R"("client_id":"c\"1","client_origin":"registered","client_auth":"client_secret_basic",)"
    R"("client_secret":"s\\\u007f","client_expires_at":1800000000,)"
    R"("redirect_uri":"http://127.0.0.1:1/callback","registration_uri":"https://as.example/r/c",)"
    R"("registration_token":"rat","token_url":"https://as.example/token",)"
    R"("revocation_url":"https://as.example/revoke","resource":"https://MCP.example:443",)"
    R"("scope":"a b","is_client_credentials":true,"allow_local":true}})";

BfyOAuthSource *
full_source ()
{
  g_autoptr (BfyOAuthClient) client =
      bfy_oauth_client_new (BFY_CLIENT_REGISTERED, "https://as.example/", "c\"1");
  BfyOAuthSource *source = bfy_oauth_source_new (client, "https://as.example/token");

  client->secret = secret_of ("s\\\x7f");
  client->auth = BFY_CLIENT_AUTH_BASIC;
  client->redirect_uri = g_strdup ("http://127.0.0.1:1/callback");
  client->registration_uri = g_strdup ("https://as.example/r/c");
  client->registration_token = secret_of ("rat");
  client->expires_at_s = 1800000000;
  source->revocation_url = g_strdup ("https://as.example/revoke");
  source->resource = g_strdup ("https://MCP.example:443");
  source->scope = g_strdup ("a b");
  source->is_client_credentials = TRUE;
  source->allow_local = TRUE;
  return source;
}

TEST (CredentialSource, IsSealed)
{
  g_autoptr (BfySecret) secret = secret_of ("at");
  g_autoptr (BfyCredential) credential =
      bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, secret);

  credential->refresh = secret_of ("rt");
  credential->issued_at_s = 1699996400;
  credential->expires_at_s = 1700000000;
  credential->source = full_source ();
  g_autoptr (BfySecret) sealed = bfy_credential_seal (credential);
  EXPECT_EQ (text_of (sealed), source_text);
}

TEST (CredentialSource, IsOpened)
{
  g_autoptr (BfySecret) sealed = secret_of (source_text);
  Error error;
  g_autoptr (BfyCredential) credential = bfy_credential_open (sealed, error.out ());

  ASSERT_NE (credential, nullptr) << error;
  EXPECT_EQ (credential->issued_at_s, 1699996400);
  const BfyOAuthSource *source = credential->source;
  ASSERT_NE (source, nullptr);
  EXPECT_STREQ (source->token_url, "https://as.example/token");
  EXPECT_STREQ (source->revocation_url, "https://as.example/revoke");
  EXPECT_STREQ (source->resource, "https://MCP.example:443") << "byte for byte";
  EXPECT_STREQ (source->scope, "a b");
  EXPECT_TRUE (source->is_client_credentials);
  EXPECT_TRUE (source->allow_local);
  EXPECT_EQ (source->client->origin, BFY_CLIENT_REGISTERED);
  EXPECT_EQ (source->client->auth, BFY_CLIENT_AUTH_BASIC);
  EXPECT_STREQ (source->client->issuer, "https://as.example/");
  EXPECT_STREQ (source->client->id, "c\"1");
  EXPECT_EQ (text_of (source->client->secret), "s\\\x7f");
  EXPECT_STREQ (source->client->redirect_uri, "http://127.0.0.1:1/callback");
  EXPECT_STREQ (source->client->registration_uri, "https://as.example/r/c");
  EXPECT_EQ (text_of (source->client->registration_token), "rat");
  EXPECT_EQ (source->client->expires_at_s, 1800000000);
}

TEST (CredentialSource, NeedsLittle)
{
  std::string text =
      R"({"v":1,"type":"oauth_token","access_token":"at","source":{"issuer":"i","client_id":"c",)"
      R"("client_origin":"configured","client_auth":"none","token_url":"t"}})";
  g_autoptr (BfySecret) sealed = secret_of (text);
  Error error;
  g_autoptr (BfyCredential) credential = bfy_credential_open (sealed, error.out ());

  ASSERT_NE (credential, nullptr) << error;
  EXPECT_EQ (credential->source->client->secret, nullptr);
  EXPECT_FALSE (credential->source->allow_local);
  g_autoptr (BfySecret) again = bfy_credential_seal (credential);
  EXPECT_EQ (text_of (again), text);
}

// A set of large JWTs and everything else fits what a keyring takes.
TEST (CredentialSource, FitsWithLargeTokens)
{
  std::string jwt (BFY_SECRET_BYTES_MAX, 'j');
  g_autoptr (BfySecret) secret = secret_of (jwt);
  g_autoptr (BfyCredential) credential =
      bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, secret);
  Error error;

  credential->refresh = secret_of (jwt);
  credential->source = full_source ();
  g_autoptr (BfySecret) sealed = bfy_credential_seal (credential);
  EXPECT_LT (bfy_secret_length (sealed), 4u * BFY_SECRET_BYTES_MAX) << "what a keyring takes";
  g_autoptr (BfyCredential) opened = bfy_credential_open (sealed, error.out ());
  ASSERT_NE (opened, nullptr) << error;
  EXPECT_EQ (text_of (opened->refresh), jwt);
}

struct DamageCase
{
  const char *name;
  std::string text;
};

class DamagedCredential : public testing::TestWithParam<DamageCase>
{
};

TEST_P (DamagedCredential, IsNotOpened)
{
  g_autoptr (BfySecret) sealed = secret_of (GetParam ().text);
  Error error;

  EXPECT_EQ (bfy_credential_open (sealed, error.out ()), nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_CREDENTIAL_DAMAGED));
  EXPECT_THAT (error.message (), testing::Not (testing::HasSubstr ("hunter2")));
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour95,
    DamagedCredential,
    testing::Values (
        DamageCase{ "Empty", "" },
        DamageCase{ "NotJson", "hunter2" },
        DamageCase{ "Array", R"(["hunter2"])" },
        DamageCase{ "Null", "null" },
        DamageCase{ "Cut", R"({"v":1,"type":"api_key","api_key":"hunter2")" },
        DamageCase{ "Trailing", R"({"v":1,"type":"api_key","api_key":"hunter2"} x)" },
        DamageCase{ "Nul", std::string ("{\"v\":1,\"type\":\"api_key\",\"api_key\":\"a\"}\0", 40) },
        DamageCase{ "NoVersion", R"({"type":"api_key","api_key":"hunter2"})" },
        DamageCase{ "OtherVersion", R"({"v":2,"type":"api_key","api_key":"hunter2"})" },
        DamageCase{ "LongVersion", R"({"v":11,"type":"api_key","api_key":"hunter2"})" },
        DamageCase{ "VersionText", R"({"v":"1","type":"api_key","api_key":"hunter2"})" },
        DamageCase{ "VersionFraction", R"({"v":1.0,"type":"api_key","api_key":"hunter2"})" },
        DamageCase{ "NoType", R"({"v":1,"api_key":"hunter2"})" },
        DamageCase{ "TypeNumber", R"({"v":1,"type":1,"api_key":"hunter2"})" },
        DamageCase{ "UnknownType", R"({"v":1,"type":"hunter2","api_key":"hunter2"})" },
        DamageCase{ "NoSecret", R"({"v":1,"type":"api_key"})" },
        DamageCase{ "EmptySecret", R"({"v":1,"type":"api_key","api_key":""})" },
        DamageCase{ "SecretNumber", R"({"v":1,"type":"api_key","api_key":7})" },
        DamageCase{ "SecretNull", R"({"v":1,"type":"api_key","api_key":null})" },
        DamageCase{ "SecretOfOtherType", R"({"v":1,"type":"api_key","password":"hunter2"})" },
        DamageCase{ "DuplicateSecret", R"({"v":1,"type":"api_key","api_key":"a","api_key":"b"})" },
        DamageCase{ "UnknownMember", R"({"v":1,"type":"api_key","api_key":"a","x":"hunter2"})" },
        DamageCase{ "EmptyRefresh",
                    R"({"v":1,"type":"oauth_token","access_token":"a","refresh_token":""})" },
        DamageCase{ "ExpiryText",
                    R"({"v":1,"type":"oauth_token","access_token":"a","expires_at":"9"})" },
        DamageCase{ "ExpiryFraction",
                    R"({"v":1,"type":"oauth_token","access_token":"a","expires_at":9.5})" },
        DamageCase{ "ExpiryNegative",
                    R"({"v":1,"type":"oauth_token","access_token":"a","expires_at":-9})" },
        DamageCase{
            "ExpiryHuge",
            R"({"v":1,"type":"oauth_token","access_token":"a","expires_at":9999999999999})" },
        DamageCase{ "RefreshInKey",
                    R"({"v":1,"type":"api_key","api_key":"a","refresh_token":"b"})" },
        DamageCase{ "TooLong", R"({"v":1,"type":"custom","value":")" + longest + "k\"}" }),
    case_name<DamageCase>);

// Each row is the source of an otherwise sound credential.
std::string
with_source (const std::string &source)
{
  return R"({"v":1,"type":"oauth_token","access_token":"a","source":)" + source + "}";
}

const std::string small_source = R"("issuer":"i","client_id":"c","client_origin":"configured",)"
                                 R"("client_auth":"none","token_url":"t")";

INSTANTIATE_TEST_SUITE_P (
    Source,
    DamagedCredential,
    testing::Values (
        DamageCase{ "Text", with_source (R"("hunter2")") },
        DamageCase{ "Null", with_source ("null") },
        DamageCase{ "Empty", with_source ("{}") },
        DamageCase{ "OfKey",
                    R"({"v":1,"type":"api_key","api_key":"a","source":{)" + small_source + "}}" },
        DamageCase{ "Twice",
                    with_source ("{" + small_source + R"(},"source":{)" + small_source + "}") },
        DamageCase{ "Unknown", with_source ("{" + small_source + R"(,"hunter2":"x"})") },
        DamageCase{ "NoIssuer", with_source (R"({"client_id":"c","client_origin":"configured",)"
                                             R"("client_auth":"none","token_url":"t"})") },
        DamageCase{ "NoClient", with_source (R"({"issuer":"i","client_origin":"configured",)"
                                             R"("client_auth":"none","token_url":"t"})") },
        DamageCase{ "NoOrigin", with_source (R"({"issuer":"i","client_id":"c",)"
                                             R"("client_auth":"none","token_url":"t"})") },
        DamageCase{ "NoAuth", with_source (R"({"issuer":"i","client_id":"c",)"
                                           R"("client_origin":"configured","token_url":"t"})") },
        DamageCase{ "NoEndpoint", with_source (R"({"issuer":"i","client_id":"c",)"
                                               R"("client_origin":"configured",)"
                                               R"("client_auth":"none"})") },
        DamageCase{ "OtherAuth", with_source (R"({"issuer":"i","client_id":"c",)"
                                              R"("client_origin":"configured",)"
                                              R"("client_auth":"hunter2","token_url":"t"})") },
        DamageCase{ "AuthWithoutSecret",
                    with_source (R"({"issuer":"i","client_id":"c","client_origin":"configured",)"
                                 R"("client_auth":"client_secret_post","token_url":"t"})") },
        DamageCase{ "EmptyText", with_source ("{" + small_source + R"(,"scope":""})") },
        DamageCase{ "ControlText", with_source ("{" + small_source + R"(,"scope":"a\nb"})") },
        DamageCase{ "NumberText", with_source ("{" + small_source + R"(,"scope":1})") },
        DamageCase{ "LongText", with_source ("{" + small_source + R"(,"scope":")" +
                                             std::string (9000, 'x') + "\"}") },
        DamageCase{ "EmptySecret", with_source ("{" + small_source + R"(,"client_secret":""})") },
        DamageCase{ "SecretNumber", with_source ("{" + small_source + R"(,"client_secret":1})") },
        DamageCase{ "FlagText", with_source ("{" + small_source + R"(,"allow_local":"true"})") },
        DamageCase{ "TimeText", with_source ("{" + small_source + R"(,"client_expires_at":"1"})") },
        DamageCase{ "Issued",
                    R"({"v":1,"type":"oauth_token","access_token":"a","issued_at":1.5})" },
        DamageCase{ "IssuedOfKey", R"({"v":1,"type":"api_key","api_key":"a","issued_at":1})" }),
    case_name<DamageCase>);

// Every cut and every flipped byte of a sealed form is an error or a credential, never a crash, and
// never an empty secret.
class SealedText : public testing::TestWithParam<DamageCase>
{
};

TEST_P (SealedText, SurvivesCutsAndFlips)
{
  std::string text = GetParam ().text;

  for (size_t i = 0; i < text.size (); i++)
    {
      Error error;
      g_autoptr (BfySecret) cut = secret_of (text.substr (0, i));

      EXPECT_EQ (bfy_credential_open (cut, error.out ()), nullptr) << "cut at " << i;
      for (int bit = 0; bit < 8; bit++)
        {
          std::string flipped = text;

          flipped[i] = static_cast<char> (flipped[i] ^ 1 << bit);
          g_autoptr (BfySecret) sealed = secret_of (flipped);
          g_autoptr (BfyCredential) credential = bfy_credential_open (sealed, error.out ());
          EXPECT_TRUE (credential == nullptr || bfy_secret_length (credential->secret) > 0);
        }
    }
}

INSTANTIATE_TEST_SUITE_P (
    Credential,
    SealedText,
    testing::Values (DamageCase{ "Tokens",
                                 R"({"v":1,"type":"oauth_token","access_token":"a\u00e4t",)"
                                 R"("refresh_token":"rt","expires_at":1700000000})" },
                     DamageCase{ "Source", source_text }),
    case_name<DamageCase>);

struct RequestCase
{
  const char *name;
  std::string text;
  const char *want_sealed; // nullptr: refused
};

class CredentialRequest : public testing::TestWithParam<RequestCase>
{
};

TEST_P (CredentialRequest, IsReadOrRefused)
{
  const RequestCase &row = GetParam ();
  Block block (row.text);
  Error error;

  ASSERT_TRUE (bfy_json_check (block.data (), block.size (), error.out ())) << error;
  g_autoptr (BfyCredential) credential =
      bfy_credential_from_request (block.data (), block.size (), error.out ());
  if (row.want_sealed == nullptr)
    {
      EXPECT_EQ (credential, nullptr);
      EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
      EXPECT_THAT (error.message (), testing::Not (testing::HasSubstr ("hunter2")));
      return;
    }
  ASSERT_NE (credential, nullptr) << error;
  g_autoptr (BfySecret) sealed = bfy_credential_seal (credential);
  EXPECT_EQ (text_of (sealed), row.want_sealed);
}

INSTANTIATE_TEST_SUITE_P (
    Accepted,
    CredentialRequest,
    testing::Values (
        RequestCase{ "Key", R"({"type":"api_key","api_key":"tok"})",
                     R"({"v":1,"type":"api_key","api_key":"tok"})" },
        RequestCase{ "Trimmed", R"({"api_key":" \t\r\ntok\f\n","type":"api_key"})",
                     R"({"v":1,"type":"api_key","api_key":"tok"})" },
        RequestCase{ "SpaceInside", R"({"type":"api_key","api_key":"a b"})",
                     R"({"v":1,"type":"api_key","api_key":"a b"})" },
        RequestCase{ "Escapes", R"({"type":"api_key","api_key":"\u0061\/\"\\"})",
                     R"({"v":1,"type":"api_key","api_key":"a/\"\\"})" },
        RequestCase{ "Basic", R"({"type":"basic_auth","username":" me ","password":" ü \n"})",
                     R"({"v":1,"type":"basic_auth","username":"me","password":"ü"})" },
        RequestCase{ "BasicEmptyUser", R"({"type":"basic_auth","username":" ","password":"p"})",
                     R"({"v":1,"type":"basic_auth","password":"p"})" },
        RequestCase{ "Token",
                     R"({"type":"oauth_token","access_token":"a\n","refresh_token":" r",)"
                     R"("expires_at":5})",
                     R"({"v":1,"type":"oauth_token","access_token":"a","refresh_token":"r",)"
                     R"("expires_at":5})" },
        RequestCase{ "CustomLines", R"({"type":"custom","value":"a\nb\n"})",
                     R"({"v":1,"type":"custom","value":"a\u000ab"})" }),
    case_name<RequestCase>);

INSTANTIATE_TEST_SUITE_P (
    Refused,
    CredentialRequest,
    testing::Values (
        RequestCase{ "NotAnObject", R"("hunter2")", nullptr },
        RequestCase{ "NoType", R"({"api_key":"hunter2"})", nullptr },
        RequestCase{ "UnknownType", R"({"type":"hunter2"})", nullptr },
        RequestCase{ "Version", R"({"v":1,"type":"api_key","api_key":"hunter2"})", nullptr },
        RequestCase{ "Unknown", R"({"type":"api_key","api_key":"x","hunter2":"y"})", nullptr },
        RequestCase{ "Source",
                     R"({"type":"oauth_token","access_token":"a","source":{)" + small_source + "}}",
                     nullptr },
        RequestCase{ "Issued", R"({"type":"oauth_token","access_token":"a","issued_at":1})",
                     nullptr },
        RequestCase{ "NoSecret", R"({"type":"api_key"})", nullptr },
        RequestCase{ "Empty", R"({"type":"api_key","api_key":""})", nullptr },
        RequestCase{ "Blank", R"({"type":"api_key","api_key":" \n\t"})", nullptr },
        RequestCase{ "Number", R"({"type":"api_key","api_key":12})", nullptr },
        RequestCase{ "Object", R"({"type":"api_key","api_key":{"hunter2":1}})", nullptr },
        RequestCase{ "Newline", R"({"type":"api_key","api_key":"hunter2\nx"})", nullptr },
        RequestCase{ "Return", R"({"type":"api_key","api_key":"hunter2\rx"})", nullptr },
        RequestCase{ "Tab", R"({"type":"api_key","api_key":"hunter2\tx"})", nullptr },
        RequestCase{ "Delete", R"({"type":"api_key","api_key":"hunter2\u007fx"})", nullptr },
        RequestCase{ "Umlaut", R"({"type":"api_key","api_key":"hunter2ä"})", nullptr },
        RequestCase{ "TokenUmlaut", R"({"type":"oauth_token","access_token":"\u00e4"})", nullptr },
        RequestCase{ "RefreshNewline",
                     R"({"type":"oauth_token","access_token":"a","refresh_token":"hunter2\nx"})",
                     nullptr },
        RequestCase{ "PasswordNewline",
                     R"({"type":"basic_auth","username":"u","password":"hunter2\nx"})", nullptr },
        RequestCase{ "UserColon", R"({"type":"basic_auth","username":"u:v","password":"p"})",
                     nullptr },
        RequestCase{ "UserNewline", R"({"type":"basic_auth","username":"u\nv","password":"p"})",
                     nullptr },
        RequestCase{ "UserNumber", R"({"type":"basic_auth","username":1,"password":"p"})",
                     nullptr },
        RequestCase{ "UserOfKey", R"({"type":"api_key","username":"u","api_key":"p"})", nullptr },
        RequestCase{ "CustomEscape", R"({"type":"custom","value":"a\u001b"})", nullptr },
        RequestCase{ "TooLong", R"({"type":"custom","value":")" + longest + "k\"}", nullptr },
        RequestCase{ "MuchTooLong",
                     R"({"type":"custom","value":")" + std::string (7 * longest.size (), ' ') +
                         "k\"}",
                     nullptr }),
    case_name<RequestCase>);

// A marker that exists in secret memory only: it is made byte by byte and compared so.
constexpr gsize marker_length = 48;

guint8
marker_byte (gsize i)
{
  return static_cast<guint8> ('A' + (i * 7 + i / 5) % 26);
}

BfySecret *
marker_secret ()
{
  guint8 *bytes;
  BfySecret *secret = bfy_secret_new_blank (marker_length, &bytes);

  for (gsize i = 0; i < marker_length; i++)
    bytes[i] = marker_byte (i);
  return secret;
}

// The second half: a freed block loses its first bytes to the allocator.
bool
is_half_marker (const guint8 *p)
{
  gsize i = 0;

  while (i < marker_length / 2 && p[i] == marker_byte (marker_length / 2 + i))
    i++;
  return i == marker_length / 2;
}

// The ordinary heap of this process, freed blocks included.
int
count_markers_on_heap ()
{
  std::ifstream maps ("/proc/self/maps");
  std::string line;
  int n_markers = 0;

  while (std::getline (maps, line))
    {
      unsigned long start, end;

      if (line.find ("[heap]") == std::string::npos ||
          sscanf (line.c_str (), "%lx-%lx", &start, &end) != 2)
        continue;
      for (unsigned long at = start; at + marker_length <= end; at++)
        n_markers += is_half_marker (reinterpret_cast<const guint8 *> (at));
    }
  return n_markers;
}

TEST (Credential, LeavesNothingOnTheOrdinaryHeap)
{
  g_autoptr (BfySecret) marker = marker_secret ();
  g_autoptr (BfyCredential) credential =
      bfy_credential_new (BFY_CREDENTIAL_OAUTH_TOKEN, nullptr, marker);
  g_autoptr (BfyInjection) injection = bfy_injection_new (BFY_INJECT_HEADER, "X", "Bearer ");
  Error error;

  credential->refresh = bfy_secret_ref (marker);
  credential->source = full_source ();
  bfy_secret_unref (credential->source->client->secret);
  credential->source->client->secret = bfy_secret_ref (marker);
  bfy_secret_unref (credential->source->client->registration_token);
  credential->source->client->registration_token = bfy_secret_ref (marker);
  g_autoptr (BfySecret) sealed = bfy_credential_seal (credential);
  g_autoptr (BfyCredential) opened = bfy_credential_open (sealed, error.out ());
  ASSERT_NE (opened, nullptr) << error;
  ASSERT_TRUE (bfy_secret_equal (opened->refresh, marker));
  ASSERT_TRUE (bfy_secret_equal (opened->source->client->secret, marker));
  g_autoptr (BfySecret) value =
      bfy_injection_header_value (injection, nullptr, opened->secret, error.out ());
  ASSERT_NE (value, nullptr) << error;
  EXPECT_EQ (count_markers_on_heap (), 0);
}

TEST (Credential, TypesHaveWireNames)
{
  for (const char *wire : { "api_key", "oauth_token", "basic_auth", "custom" })
    {
      BfyCredentialType type;

      ASSERT_TRUE (bfy_credential_type_from_wire (wire, &type)) << wire;
      EXPECT_STREQ (bfy_credential_type_to_wire (type), wire);
    }
  BfyCredentialType type;
  EXPECT_FALSE (bfy_credential_type_from_wire ("none", &type));
  EXPECT_FALSE (bfy_credential_type_from_wire (nullptr, &type));
}

} // namespace
