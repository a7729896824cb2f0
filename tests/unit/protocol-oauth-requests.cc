// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What is sent to an authorization server: who we are, forms, the browser's URL; and what a device
// authorization endpoint answers.

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/authorization-url.h"
#include "protocol/device-answer.h"
#include "protocol/pkce.h"
#include "protocol/token-request.h"
}

namespace
{

using testing::HasSubstr;
using testing::Not;
using ::operator<<; // prints a row by its name

BfySecret *
secret_of (const std::string &text)
{
  return bfy_secret_new (text.data (), text.size ());
}

std::string
take_secret (BfySecret *owned)
{
  g_autoptr (BfySecret) secret = owned;

  return secret != nullptr ? std::string (bfy_secret_peek_text (secret), bfy_secret_length (secret))
                           : "(null)";
}

// How we prove who we are (mcp.md B.1.10).

struct AuthCase
{
  const char *name;
  const char *registered;
  std::vector<const char *> supported; // none: the server lists nothing
  bool has_secret;
  const char *want; // nullptr: refused
};

class ClientAuth : public testing::TestWithParam<AuthCase>
{
};

TEST_P (ClientAuth, IsChosen)
{
  AuthCase row = GetParam ();
  BfyOAuthClientAuth auth = BFY_CLIENT_AUTH_NONE;
  Error error;

  row.supported.push_back (nullptr);
  gboolean is_chosen = bfy_oauth_client_choose_auth (
      row.registered, row.supported.size () > 1 ? row.supported.data () : nullptr, row.has_secret,
      &auth, error.out ());
  EXPECT_EQ (is_chosen, row.want != nullptr);
  if (row.want != nullptr)
    EXPECT_STREQ (bfy_oauth_client_auth_to_wire (auth), row.want);
  else
    EXPECT_THAT (error, FailsWith (BFY_ERROR_UNSUPPORTED));
}

const char basic[] = "client_secret_basic";
const char post[] = "client_secret_post";
const char none[] = "none";
const char jwt[] = "private_key_jwt";

INSTANTIATE_TEST_SUITE_P (
    McpB110,
    ClientAuth,
    testing::Values (AuthCase{ "Registered", post, { basic, post, none }, true, post },
                     AuthCase{ "RegisteredNone", none, { basic, post, none }, true, none },
                     AuthCase{ "RegisteredNotListed", post, { basic, none }, true, basic },
                     AuthCase{ "RegisteredNoneNotListed", none, { basic, post }, false, none },
                     AuthCase{ "RegisteredWithoutSecret", basic, { basic, none }, false, none },
                     AuthCase{ "RegisteredNoList", post, {}, true, post },
                     AuthCase{ "RegisteredUnknown", jwt, { jwt, post }, true, post },
                     AuthCase{ "BasicFirst", nullptr, { none, post, basic }, true, basic },
                     AuthCase{ "PostSecond", nullptr, { none, post }, true, post },
                     AuthCase{ "NoneLast", nullptr, { none }, true, none },
                     AuthCase{ "Public", nullptr, { basic, post, none }, false, none },
                     AuthCase{ "NoList", nullptr, {}, true, basic },
                     AuthCase{ "NoListPublic", nullptr, {}, false, none },
                     AuthCase{ "SecretWanted", nullptr, { basic, post }, false, nullptr },
                     AuthCase{ "KeyWanted", nullptr, { jwt }, true, nullptr }),
    case_name<AuthCase>);

TEST (ClientAuth, SaysWhatToGive)
{
  const char *const supported[] = { post, nullptr };
  BfyOAuthClientAuth auth;
  Error error;

  EXPECT_FALSE (bfy_oauth_client_choose_auth (nullptr, supported, FALSE, &auth, error.out ()));
  EXPECT_THAT (error.message (), HasSubstr ("--client-secret-stdin"));
}

TEST (OAuthClient, HasWireNames)
{
  for (const char *wire : { "configured", "document", "registered" })
    {
      BfyOAuthClientOrigin origin;

      ASSERT_TRUE (bfy_oauth_client_origin_from_wire (wire, &origin)) << wire;
      EXPECT_STREQ (bfy_oauth_client_origin_to_wire (origin), wire);
    }
  BfyOAuthClientOrigin origin;
  BfyOAuthClientAuth auth;
  EXPECT_FALSE (bfy_oauth_client_origin_from_wire ("other", &origin));
  EXPECT_FALSE (bfy_oauth_client_origin_from_wire (nullptr, &origin));
  EXPECT_FALSE (bfy_oauth_client_auth_from_wire (jwt, &auth));
  EXPECT_FALSE (bfy_oauth_client_auth_from_wire (nullptr, &auth));
}

// Forms.

class TokenRequest : public testing::Test
{
protected:
  BfyOAuthClient *client = bfy_oauth_client_new (BFY_CLIENT_CONFIGURED, "https://as.example", "me");
  BfyOAuthSource *source = bfy_oauth_source_new (client, "https://as.example/token");
  BfySecret *token = secret_of ("t/k+n=");

  ~TokenRequest () override
  {
    bfy_secret_unref (token);
    bfy_oauth_source_unref (source);
    bfy_oauth_client_unref (client);
  }

  void prove_with (BfyOAuthClientAuth auth, const char *secret)
  {
    client->auth = auth;
    client->secret = secret_of (secret);
  }
};

TEST_F (TokenRequest, ForACode)
{
  g_autoptr (BfySecret) verifier = secret_of ("ver~ifier");

  source->resource = g_strdup ("https://MCP.example:443/%7e");
  EXPECT_EQ (take_secret (bfy_token_request_for_code (source, token, "http://127.0.0.1:9/callback",
                                                      verifier)),
             "grant_type=authorization_code&code=t%2Fk%2Bn%3D"
             "&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&code_verifier=ver~ifier"
             "&resource=https%3A%2F%2FMCP.example%3A443%2F%257e&client_id=me");
}

TEST_F (TokenRequest, ForACodeWithoutPkceAndResource)
{
  EXPECT_EQ (take_secret (bfy_token_request_for_code (source, token, "http://127.0.0.1:9/callback",
                                                      nullptr)),
             "grant_type=authorization_code&code=t%2Fk%2Bn%3D"
             "&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&client_id=me");
}

TEST_F (TokenRequest, J10ForARefresh)
{
  prove_with (BFY_CLIENT_AUTH_POST, "s&c");
  source->resource = g_strdup ("https://mcp.example");
  source->scope = g_strdup ("a b");
  EXPECT_EQ (take_secret (bfy_token_request_for_refresh (source, token)),
             "grant_type=refresh_token&refresh_token=t%2Fk%2Bn%3D"
             "&resource=https%3A%2F%2Fmcp.example&client_id=me&client_secret=s%26c")
      << "without scope: that is what was granted (RFC 6749, 6)";
}

TEST_F (TokenRequest, ForClientCredentials)
{
  prove_with (BFY_CLIENT_AUTH_BASIC, "secret");
  source->scope = g_strdup ("a b");
  EXPECT_EQ (take_secret (bfy_token_request_for_client_credentials (source)),
             "grant_type=client_credentials&scope=a+b&client_id=me");
}

TEST_F (TokenRequest, ForADevice)
{
  source->scope = g_strdup ("a b");
  EXPECT_EQ (take_secret (bfy_token_request_for_device_code (source)), "scope=a+b&client_id=me");
  EXPECT_EQ (take_secret (bfy_token_request_for_device (source, token)),
             "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code"
             "&device_code=t%2Fk%2Bn%3D&client_id=me");
}

TEST_F (TokenRequest, ForARevocation)
{
  source->resource = g_strdup ("https://mcp.example");
  EXPECT_EQ (take_secret (bfy_token_request_for_revocation (source, token, TRUE)),
             "token=t%2Fk%2Bn%3D&token_type_hint=refresh_token&client_id=me");
  EXPECT_EQ (take_secret (bfy_token_request_for_revocation (source, token, FALSE)),
             "token=t%2Fk%2Bn%3D&token_type_hint=access_token&client_id=me");
}

// The example of RFC 6749, appendix B.
TEST_F (TokenRequest, EscapesAsTheStandardShows)
{
  g_autoptr (BfySecret) text = secret_of (" %&+£€");

  EXPECT_THAT (take_secret (bfy_token_request_for_refresh (source, text)),
               HasSubstr ("refresh_token=+%25%26%2B%C2%A3%E2%82%AC&"));
}

// The examples of RFC 6749, 2.3.1.
TEST_F (TokenRequest, ProvesWithBasic)
{
  g_free (client->id);
  client->id = g_strdup ("s6BhdRkqt3");
  prove_with (BFY_CLIENT_AUTH_BASIC, "7Fjfp0ZBr1KtDRbnfVdmIw");
  EXPECT_EQ (take_secret (bfy_token_request_authorization (client)),
             "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
}

TEST_F (TokenRequest, EscapesBeforeBasicJoins)
{
  g_free (client->id);
  client->id = g_strdup ("https://me.example/c:1");
  prove_with (BFY_CLIENT_AUTH_BASIC, "a:b+c/d= ~");
  EXPECT_EQ (take_secret (bfy_token_request_authorization (client)),
             "Basic " + take_text (g_base64_encode (
                            (const guchar *) "https%3A%2F%2Fme.example%2Fc%3A1:a%3Ab%2Bc%2Fd%3D+~",
                            strlen ("https%3A%2F%2Fme.example%2Fc%3A1:a%3Ab%2Bc%2Fd%3D+~"))));
}

TEST_F (TokenRequest, HasNoHeaderForOthers)
{
  EXPECT_EQ (bfy_token_request_authorization (client), nullptr);
  prove_with (BFY_CLIENT_AUTH_POST, "s");
  EXPECT_EQ (bfy_token_request_authorization (client), nullptr);
}

TEST_F (TokenRequest, SourcesAreCopied)
{
  source->revocation_url = g_strdup ("https://as.example/revoke");
  source->resource = g_strdup ("r");
  source->scope = g_strdup ("s");
  source->is_client_credentials = TRUE;
  source->allow_local = TRUE;
  g_autoptr (BfyOAuthSource) copy = bfy_oauth_source_copy (source);

  EXPECT_EQ (copy->client, client);
  EXPECT_STREQ (copy->token_url, "https://as.example/token");
  EXPECT_STREQ (copy->revocation_url, "https://as.example/revoke");
  EXPECT_STREQ (copy->resource, "r");
  EXPECT_STREQ (copy->scope, "s");
  EXPECT_TRUE (copy->is_client_credentials);
  EXPECT_TRUE (copy->allow_local);
}

// PKCE.

TEST (Pkce, HasTheChallengeOfTheStandard)
{
  g_autoptr (BfySecret) verifier = secret_of ("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");

  EXPECT_EQ (take_text (bfy_pkce_challenge (verifier)),
             "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

// The key text of behaviour 24: the same 64 bytes in the same alphabet.
TEST (Pkce, HasALongVerifier)
{
  guint8 random[BFY_PKCE_RANDOM_BYTES];

  for (int i = 0; i < BFY_PKCE_RANDOM_BYTES; i++)
    random[i] = i < 32 ? 0xaa : 0xbb;
  EXPECT_EQ (
      take_secret (bfy_pkce_verifier_new (random)),
      "qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7u7uw");
}

// The URL for the browser.

BfyAuthorization
small_authorization ()
{
  BfyAuthorization authorization = {};

  authorization.endpoint = "https://as.example/authorize";
  authorization.client_id = "me";
  authorization.redirect_uri = "http://127.0.0.1:9/callback";
  authorization.state = "st";
  return authorization;
}

TEST (AuthorizationUrl, HasEverything)
{
  BfyAuthorization authorization = small_authorization ();

  authorization.challenge = "ch";
  authorization.scope = "read write:all offline_access";
  authorization.resource = "https://MCP.example:443";
  authorization.wants_consent = TRUE;
  EXPECT_EQ (take_text (bfy_authorization_to_url (&authorization)),
             "https://as.example/authorize?response_type=code&client_id=me"
             "&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&state=st&code_challenge=ch"
             "&code_challenge_method=S256&scope=read%20write%3Aall%20offline_access"
             "&resource=https%3A%2F%2FMCP.example%3A443&prompt=consent");
}

struct EndpointCase
{
  const char *name;
  const char *endpoint;
  const char *start; // of the URL, up to our first parameter
};

class AuthorizationEndpoint : public testing::TestWithParam<EndpointCase>
{
};

TEST_P (AuthorizationEndpoint, KeepsItsQuery)
{
  BfyAuthorization authorization = small_authorization ();

  authorization.endpoint = GetParam ().endpoint;
  authorization.scope = "";
  EXPECT_EQ (take_text (bfy_authorization_to_url (&authorization)),
             std::string (GetParam ().start) +
                 "response_type=code&client_id=me"
                 "&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&state=st");
}

INSTANTIATE_TEST_SUITE_P (
    Rfc6749,
    AuthorizationEndpoint,
    testing::Values (
        EndpointCase{ "None", "https://as.example", "https://as.example?" },
        EndpointCase{ "Query", "https://as.example/a?tenant=t%2F1",
                      "https://as.example/a?tenant=t%2F1&" },
        EndpointCase{ "EmptyQuery", "https://as.example/a?", "https://as.example/a?" },
        EndpointCase{ "OddQuery", "https://as.example/a?&x&=y&", "https://as.example/a?x&=y&" },
        EndpointCase{ "Fragment", "https://as.example/a?b=c#d?e=f", "https://as.example/a?b=c&" },
        EndpointCase{ "FragmentOnly", "https://as.example/a#d", "https://as.example/a?" },
        EndpointCase{ "OurOwn",
                      "https://as.example/a?state=evil&b=c&client_id=other&code_challenge",
                      "https://as.example/a?b=c&" },
        EndpointCase{ "OurOwnEscaped", "https://as.example/a?%73tate=evil",
                      "https://as.example/a?" }),
    case_name<EndpointCase>);

// Device authorization (RFC 8628, 3.2).

struct DeviceCase
{
  const char *name;
  std::string body;
  const char *complete;
  gint64 expires_in_s, interval_s;
};

class DeviceAnswer : public testing::TestWithParam<DeviceCase>
{
};

BfyDeviceAnswer *
parse_device (guint status, const std::string &body, gboolean allow_local, GError **error)
{
  g_autoptr (BfySecret) secret = secret_of (body);

  return bfy_device_answer_parse (status, nullptr, secret, allow_local, error);
}

TEST_P (DeviceAnswer, IsRead)
{
  Error error;
  g_autoptr (BfyDeviceAnswer) answer = parse_device (200, GetParam ().body, FALSE, error.out ());

  ASSERT_NE (answer, nullptr) << error;
  EXPECT_EQ (take_secret (bfy_secret_ref (answer->device_code)), "dc");
  EXPECT_STREQ (answer->user_code, "WDJB-MJHT");
  EXPECT_STREQ (answer->verification_uri, "https://as.example/device");
  EXPECT_STREQ (answer->verification_uri_complete, GetParam ().complete);
  EXPECT_EQ (answer->expires_in_s, GetParam ().expires_in_s);
  EXPECT_EQ (answer->interval_s, GetParam ().interval_s);
}

const std::string device_start =
    R"({"device_code":"dc","user_code":"WDJB-MJHT","verification_uri":"https://as.example/device",)";

INSTANTIATE_TEST_SUITE_P (
    Rfc8628,
    DeviceAnswer,
    testing::Values (
        DeviceCase{ "Full",
                    device_start + R"("verification_uri_complete":"https://as.example/device?u=W",)"
                                   R"("expires_in":1800,"interval":7})",
                    "https://as.example/device?u=W", 1800, 7 },
        DeviceCase{ "Small", device_start + R"("expires_in":"900"})", nullptr, 900, 5 },
        DeviceCase{ "Google",
                    R"({"device_code":"dc","user_code":"WDJB-MJHT","expires_in":900,)"
                    R"("verification_url":"https://as.example/device"})",
                    nullptr, 900, 5 },
        DeviceCase{ "Form",
                    "device_code=dc&user_code=WDJB-MJHT&expires_in=899&interval=5"
                    "&verification_uri=https%3A%2F%2Fas.example%2Fdevice",
                    nullptr, 899, 5 },
        DeviceCase{ "NoPause", device_start + R"("expires_in":900,"interval":0})", nullptr, 900,
                    1 },
        DeviceCase{ "LongPause", device_start + R"("expires_in":900,"interval":86400})", nullptr,
                    900, 60 },
        DeviceCase{ "LongLife", device_start + R"("expires_in":99999999})", nullptr, 86400, 5 },
        DeviceCase{ "BadComplete",
                    device_start +
                        R"("expires_in":900,"verification_uri_complete":"javascript:1"})",
                    nullptr, 900, 5 }),
    case_name<DeviceCase>);

struct BadDeviceCase
{
  const char *name;
  guint status;
  std::string body;
  const char *say;
};

class BadDeviceAnswer : public testing::TestWithParam<BadDeviceCase>
{
};

TEST_P (BadDeviceAnswer, IsRefused)
{
  Error error;
  g_autoptr (BfyDeviceAnswer) answer =
      parse_device (GetParam ().status, GetParam ().body, FALSE, error.out ());

  EXPECT_EQ (answer, nullptr);
  EXPECT_THAT (error, FailsWith (BFY_ERROR_UPSTREAM_FAILED));
  EXPECT_THAT (error.message (), HasSubstr (GetParam ().say));
  EXPECT_THAT (error.message (), Not (HasSubstr ("hunter2")));
}

std::string
device_with_page (const char *page)
{
  return R"({"device_code":"hunter2","user_code":"u","expires_in":9,"verification_uri":")" +
         std::string (page) + "\"}";
}

INSTANTIATE_TEST_SUITE_P (
    Rfc8628,
    BadDeviceAnswer,
    testing::Values (
        BadDeviceCase{ "Refused", 400, R"({"error":"unauthorized_client","x":"hunter2"})",
                       "unauthorized_client" },
        BadDeviceCase{ "Refused200", 200, R"({"error":"device_flow_disabled"})",
                       "device_flow_disabled" },
        BadDeviceCase{ "Page", 502, "<p>hunter2</p>", "502" },
        BadDeviceCase{ "NotFound", 404, device_start + R"("expires_in":900})", "404" },
        BadDeviceCase{ "Empty", 200, "", "neither JSON nor a form" },
        BadDeviceCase{ "NoCode", 200, R"({"user_code":"hunter2"})", "device_code" },
        BadDeviceCase{ "CodeNumber", 200, R"({"device_code":1,"user_code":"u"})", "device_code" },
        BadDeviceCase{ "NoUserCode", 200, R"({"device_code":"hunter2"})", "user_code" },
        BadDeviceCase{ "UserCodeEscapes", 200,
                       R"({"device_code":"d","user_code":"\u001b[2Jhunter2"})", "user_code" },
        BadDeviceCase{ "UserCodeLong", 200,
                       R"({"device_code":"d","user_code":")" + std::string (65, 'x') + "\"}",
                       "user_code" },
        BadDeviceCase{ "NoPage", 200, R"({"device_code":"d","user_code":"u","expires_in":9})",
                       "no page" },
        BadDeviceCase{ "Script", 200, device_with_page ("javascript:alert(1)"), "no page" },
        BadDeviceCase{ "File", 200, device_with_page ("file:///etc/passwd"), "no page" },
        BadDeviceCase{ "PlainHttp", 200, device_with_page ("http://as.example/device"), "no page" },
        BadDeviceCase{ "Loopback", 200, device_with_page ("http://127.0.0.1/device"), "no page" },
        BadDeviceCase{ "Private", 200, device_with_page ("https://10.0.0.1/device"), "no page" },
        BadDeviceCase{
            "NoLife", 200,
            R"({"device_code":"d","user_code":"u","verification_uri":"https://a.example"})",
            "how long" },
        BadDeviceCase{ "LifeZero", 200, device_start + R"("expires_in":0})", "how long" },
        BadDeviceCase{ "LifeNegative", 200, device_start + R"("expires_in":-5})", "how long" },
        BadDeviceCase{ "PauseWord", 200, device_start + R"("expires_in":9,"interval":"x"})",
                       "interval" }),
    case_name<BadDeviceCase>);

TEST (DeviceAnswer, MayBeLocalWhereTheUpstreamIs)
{
  Error error;
  g_autoptr (BfyDeviceAnswer) answer =
      parse_device (200, device_with_page ("http://127.0.0.1:9/device"), TRUE, error.out ());

  ASSERT_NE (answer, nullptr) << error;
  EXPECT_STREQ (answer->verification_uri, "http://127.0.0.1:9/device");
}

} // namespace
