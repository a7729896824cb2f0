// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/oauth-registration.h"
#include "protocol/oauth-url.h"
}

namespace
{

const char redirect_uri[] = "http://127.0.0.1:4711/callback";

class Registration : public testing::Test
{
protected:
  Registration ()
  {
    server_ = bfy_oauth_server_new_assumed ("https://as.example");
  }
  ~Registration () override
  {
    bfy_oauth_server_unref (server_);
    bfy_oauth_client_unref (client_);
  }

  void set_methods (std::vector<const char *> methods)
  {
    methods.push_back (nullptr);
    g_strfreev (server_->token_auth_methods);
    server_->token_auth_methods = g_strdupv (const_cast<char **> (methods.data ()));
  }
  BfyOAuthClient *parse (const std::string &text)
  {
    BfySecret *body = bfy_secret_new (text.data (), text.size ());

    bfy_oauth_client_unref (client_);
    client_ = bfy_oauth_registration_parse (body, server_, redirect_uri, FALSE, error_.out ());
    bfy_secret_unref (body);
    return client_;
  }

  BfyOAuthServer *server_;
  BfyOAuthClient *client_ = nullptr;
  Error error_;
};

} // namespace

// behaviour 17.10; mcp.md B.1.6: application_type is a MUST since 2026-07-28.
TEST_F (Registration, AsksForANativeClientWithoutASecret)
{
  EXPECT_EQ (take_text (bfy_oauth_registration_format (server_, redirect_uri, "a b", nullptr)),
             "{\"client_name\":\"bindify\",\"redirect_uris\":[\"http://127.0.0.1:4711/callback\"],"
             "\"grant_types\":[\"authorization_code\",\"refresh_token\"],"
             "\"response_types\":[\"code\"],\"token_endpoint_auth_method\":\"none\","
             "\"application_type\":\"native\",\"scope\":\"a b\"}");
  EXPECT_EQ (take_text (bfy_oauth_registration_format (server_, nullptr, nullptr, nullptr)),
             "{\"client_name\":\"bindify\","
             "\"grant_types\":[\"urn:ietf:params:oauth:grant-type:device_code\",\"refresh_token\"],"
             "\"response_types\":[],\"token_endpoint_auth_method\":\"none\","
             "\"application_type\":\"native\"}");
}

TEST_F (Registration, AsksForAMethodThatTheServerHas)
{
  struct
  {
    std::vector<const char *> methods;
    const char *want;
  } rows[] = {
    { { "client_secret_basic", "none" }, "\"none\"" },
    { { "client_secret_post", "client_secret_basic" }, "\"client_secret_basic\"" },
    { { "private_key_jwt", "client_secret_post" }, "\"client_secret_post\"" },
  };

  for (const auto &row : rows)
    {
      set_methods (row.methods);
      EXPECT_THAT (
          take_text (bfy_oauth_registration_format (server_, redirect_uri, nullptr, nullptr)),
          testing::HasSubstr (std::string ("\"token_endpoint_auth_method\":") + row.want));
    }
  set_methods ({ "private_key_jwt" });
  EXPECT_EQ (bfy_oauth_registration_format (server_, redirect_uri, nullptr, error_.out ()),
             nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UNSUPPORTED));
}

TEST_F (Registration, TakesAPublicClient)
{
  ASSERT_NE (parse ("{\"client_id\":\"c1\",\"client_id_issued_at\":1,\"redirect_uris\":[\"x\"]}"),
             nullptr)
      << error_;
  EXPECT_EQ (client_->origin, BFY_CLIENT_REGISTERED);
  EXPECT_STREQ (client_->issuer, "https://as.example");
  EXPECT_STREQ (client_->id, "c1");
  EXPECT_STREQ (client_->redirect_uri, redirect_uri);
  EXPECT_EQ (client_->secret, nullptr);
  EXPECT_EQ (client_->auth, BFY_CLIENT_AUTH_NONE);
  EXPECT_EQ (client_->expires_at_s, 0);
  EXPECT_EQ (client_->registration_uri, nullptr);
}

TEST_F (Registration, TakesASecretAndWhereItIsKept)
{
  ASSERT_NE (parse ("{\"client_id\":\"c1\",\"client_secret\":\"s\\u0033cret\","
                    "\"client_secret_expires_at\":1900000000,"
                    "\"token_endpoint_auth_method\":\"client_secret_post\","
                    "\"registration_client_uri\":\"/register/c1\","
                    "\"registration_access_token\":\"t0ken\"}"),
             nullptr)
      << error_;
  EXPECT_STREQ (bfy_secret_peek_text (client_->secret), "s3cret");
  EXPECT_EQ (client_->expires_at_s, 1900000000);
  EXPECT_EQ (client_->auth, BFY_CLIENT_AUTH_POST);
  EXPECT_STREQ (client_->registration_uri, "https://as.example/register/c1");
  EXPECT_STREQ (bfy_secret_peek_text (client_->registration_token), "t0ken");
}

// A place that may not be asked is no reason to refuse the client.
TEST_F (Registration, ForgetsAPlaceThatMayNotBe)
{
  for (const char *uri :
       { "http://as.example/c1", "https://127.0.0.1/c1", "https://169.254.169.254/",
         "javascript:alert(1)", "file:///etc/passwd", "//10.0.0.1/" })
    {
      ASSERT_NE (parse (std::string ("{\"client_id\":\"c1\",\"registration_access_token\":\"t\","
                                     "\"registration_client_uri\":\"") +
                        uri + "\"}"),
                 nullptr);
      EXPECT_EQ (client_->registration_uri, nullptr) << uri;
      EXPECT_EQ (client_->registration_token, nullptr) << uri;
    }
}

TEST_F (Registration, RefusesWhatIsNoClient)
{
  for (const std::string &text :
       { std::string (""), std::string ("MARK"), std::string ("[]"), std::string ("client_id=MARK"),
         std::string ("{}"), std::string ("{\"client_id\":\"\"}"),
         std::string ("{\"client_id\":17}"), std::string ("{\"client_id\":\"MARK\\n\"}"),
         std::string ("{\"client_id\":\"M\\u00e4RK\"}"),
         "{\"client_id\":\"" + std::string (2049, 'x') + "\"}",
         std::string ("{\"client_id\":\"c\",\"client_id\":\"MARK\"}"),
         std::string ("{\"client_id\":\"c\",\"client_secret\":{\"MARK\":1}}"),
         std::string ("{\"client_id\":\"c\",\"client_secret\":\"MARK\\r\\n\"}"),
         "{\"client_id\":\"c\",\"client_secret\":\"" + std::string (4097, 'x') + "\"}",
         std::string ("{\"client_id\":\"c\",\"client_secret_expires_at\":\"MARK\"}"),
         std::string ("{\"client_id\":\"c\",\"client_secret_expires_at\":-1}"),
         std::string ("{\"client_id\":\"c\",\"token_endpoint_auth_method\":[\"MARK\"]}") })
    {
      EXPECT_EQ (parse (text), nullptr) << text;
      EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_FAILED)) << text;
      EXPECT_THAT (error_.message (), testing::Not (testing::HasSubstr ("MARK")));
    }
}

TEST (RegistrationRefused, SaysWhatToDo)
{
  for (guint status : { 400u, 401u, 403u, 404u, 501u, 500u, 503u, 429u, 408u, 302u })
    {
      BfyOAuthServer server = {};
      g_autoptr (GError) error = bfy_oauth_registration_explain (&server, status);
      bool is_final = status < 500 && status >= 400 && status != 429 && status != 408;

      EXPECT_TRUE (g_error_matches (error, BFY_ERROR,
                                    is_final ? BFY_ERROR_UNSUPPORTED : BFY_ERROR_UPSTREAM_FAILED))
          << status;
      EXPECT_THAT (error->message, testing::HasSubstr (is_final ? "--client-id" : "try again"));
      EXPECT_THAT (error->message, testing::Not (testing::HasSubstr ("--api-key")));
    }
}

// Where nothing was found, the sign-in server was only guessed at.
TEST (RegistrationRefused, DoesNotPretendThatThereIsASignIn)
{
  BfyOAuthServer server = {};

  server.is_assumed = TRUE;
  g_autoptr (GError) error = bfy_oauth_registration_explain (&server, 404);

  EXPECT_THAT (error->message, testing::HasSubstr ("does not say how to sign in"));
  EXPECT_THAT (error->message, testing::HasSubstr ("--api-key"));
}

// mcp.md B.1.6: a client belongs to its issuer, byte for byte.
TEST_F (Registration, IsUsedAgainOnlyWhereItHolds)
{
  const gint64 now_s = 1700000000;

  ASSERT_NE (parse ("{\"client_id\":\"c1\"}"), nullptr);
  EXPECT_TRUE (bfy_oauth_client_may_serve (client_, server_, redirect_uri, now_s));
  EXPECT_FALSE (
      bfy_oauth_client_may_serve (client_, server_, "http://127.0.0.1:4712/callback", now_s));
  EXPECT_FALSE (bfy_oauth_client_may_serve (client_, server_, nullptr, now_s));

  client_->expires_at_s = now_s + BFY_OAUTH_CLIENT_SPARE_S;
  EXPECT_FALSE (bfy_oauth_client_may_serve (client_, server_, redirect_uri, now_s));
  client_->expires_at_s++;
  EXPECT_TRUE (bfy_oauth_client_may_serve (client_, server_, redirect_uri, now_s));

  for (const char *issuer : { "https://as.example/", "https://AS.example", "https://evil.example" })
    {
      g_free (server_->issuer);
      server_->issuer = g_strdup (issuer);
      EXPECT_FALSE (bfy_oauth_client_may_serve (client_, server_, redirect_uri, now_s)) << issuer;
    }

  g_free (server_->issuer);
  server_->issuer = g_strdup ("https://as.example");
  EXPECT_TRUE (bfy_oauth_client_may_serve (client_, server_, redirect_uri, now_s));
  server_->is_unproven = TRUE;
  EXPECT_FALSE (bfy_oauth_client_may_serve (client_, server_, redirect_uri, now_s));
}

struct DocumentUrlCase
{
  const char *name, *url;
  bool want;
};

class DocumentUrlTest : public testing::TestWithParam<DocumentUrlCase>
{
};

TEST_P (DocumentUrlTest, IsAPublicPage)
{
  Error error;

  EXPECT_EQ (bool (bfy_oauth_url_check_document (GetParam ().url, error.out ())), GetParam ().want);
  EXPECT_EQ (error.get () == nullptr, GetParam ().want);
}

// mcp.md B.1.6.
INSTANTIATE_TEST_SUITE_P (
    Urls,
    DocumentUrlTest,
    testing::Values (DocumentUrlCase{ "Usual",
                                      "https://conformance-test.local/client-metadata.json", true },
                     DocumentUrlCase{ "Http", "http://a.example/client.json", false },
                     DocumentUrlCase{ "NoPath", "https://a.example", false },
                     DocumentUrlCase{ "Slash", "https://a.example/", false },
                     DocumentUrlCase{ "Fragment", "https://a.example/c#x", false },
                     DocumentUrlCase{ "Query", "https://a.example/c?x=y", false },
                     DocumentUrlCase{ "Dots", "https://a.example/x/../c", false },
                     DocumentUrlCase{ "User", "https://u@a.example/c", false },
                     DocumentUrlCase{ "Loopback", "https://localhost/c", false },
                     DocumentUrlCase{ "Private", "https://10.0.0.1/c", false },
                     DocumentUrlCase{ "NoUrl", "bindify", false }),
    case_name<DocumentUrlCase>);
