// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <vector>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/oauth-resource.h"
#include "protocol/oauth-server.h"
#include "protocol/oauth-url.h"
}

namespace
{

std::vector<std::string>
to_vector (GStrv strings)
{
  std::vector<std::string> result;

  for (gsize i = 0; strings != nullptr && strings[i] != nullptr; i++)
    result.push_back (strings[i]);
  g_strfreev (strings);

  return result;
}

} // namespace

// --- URLs ---

struct UrlCase
{
  const char *name, *url;
  bool allow_local;
  BfyErrorCode want; // BFY_N_ERRORS: accepted
};

class OAuthUrlTest : public testing::TestWithParam<UrlCase>
{
};

TEST_P (OAuthUrlTest, IsJudged)
{
  Error error;
  BfyUpstream *url =
      bfy_oauth_url_judge (GetParam ().url, GetParam ().allow_local, "its tokens", error.out ());

  if (GetParam ().want == BFY_N_ERRORS)
    EXPECT_NE (url, nullptr) << error.message ();
  else
    EXPECT_THAT (error, FailsWith (GetParam ().want));
  // Nothing that was fetched is echoed.
  EXPECT_EQ (error.message ().find ("MARK"), std::string::npos) << error.message ();
  bfy_upstream_free (url);
}

// mcp.md C (SSRF in discovery, OAuth URL validation); acceptance A18.
INSTANTIATE_TEST_SUITE_P (
    Urls,
    OAuthUrlTest,
    testing::Values (
        UrlCase{ "Https", "https://as.example/token", false, BFY_N_ERRORS },
        UrlCase{ "HttpOutside", "http://as.example/token", false, BFY_ERROR_UPSTREAM_FAILED },
        UrlCase{ "HttpOutsideThoughLocalIsAllowed", "http://as.example/token", true,
                 BFY_ERROR_UPSTREAM_FAILED },
        UrlCase{ "HttpPrivate", "http://10.0.0.1/token", true, BFY_ERROR_UPSTREAM_FAILED },
        UrlCase{ "HttpsPrivate", "https://10.0.0.1/token", true, BFY_N_ERRORS },
        UrlCase{ "Loopback", "http://127.0.0.1:9/token", true, BFY_N_ERRORS },
        UrlCase{ "Localhost", "http://localhost:9/token", true, BFY_N_ERRORS },
        UrlCase{ "LoopbackV6", "http://[::1]:9/token", true, BFY_N_ERRORS },
        UrlCase{ "LoopbackUnasked", "http://127.0.0.1:9/MARK", false, BFY_ERROR_LOCAL_ADDRESS },
        UrlCase{ "LocalhostUnasked", "https://localhost/MARK", false, BFY_ERROR_LOCAL_ADDRESS },
        UrlCase{ "PrivateUnasked", "https://10.1.2.3/MARK", false, BFY_ERROR_LOCAL_ADDRESS },
        UrlCase{ "CloudMetadata", "https://169.254.169.254/MARK", false, BFY_ERROR_LOCAL_ADDRESS },
        UrlCase{ "LoopbackV6Unasked", "https://[::1]/MARK", false, BFY_ERROR_LOCAL_ADDRESS },
        UrlCase{ "Mapped", "https://[::ffff:10.0.0.1]/", false, BFY_ERROR_LOCAL_ADDRESS },
        UrlCase{ "MappedLoopback", "https://[::ffff:7f00:1]/", false, BFY_ERROR_LOCAL_ADDRESS },
        UrlCase{ "Translated", "https://[64:ff9b::7f00:1]/", false, BFY_ERROR_LOCAL_ADDRESS },
        UrlCase{ "Hexadecimal", "https://0x7f000001/", false, BFY_ERROR_LOCAL_ADDRESS },
        UrlCase{ "Short", "https://127.1/", false, BFY_ERROR_LOCAL_ADDRESS },
        UrlCase{ "ThisHost", "https://0.0.0.0/", false, BFY_ERROR_LOCAL_ADDRESS },
        UrlCase{ "Script", "javascript:alert('MARK')", true, BFY_ERROR_UPSTREAM_FAILED },
        UrlCase{ "ScriptWithSlashes", "javascript://as.example/%0aMARK()", true,
                 BFY_ERROR_UPSTREAM_FAILED },
        UrlCase{ "File", "file:///etc/passwd", true, BFY_ERROR_UPSTREAM_FAILED },
        UrlCase{ "Data", "data:text/html,MARK", true, BFY_ERROR_UPSTREAM_FAILED },
        UrlCase{ "Upper", "HTTPS://as.example/", false, BFY_N_ERRORS },
        UrlCase{ "User", "https://MARK@as.example/", false, BFY_ERROR_UPSTREAM_FAILED },
        UrlCase{ "Relative", "/MARK", false, BFY_ERROR_UPSTREAM_FAILED },
        UrlCase{ "LineEnd", "https://as.example/\r\nMARK", false, BFY_ERROR_UPSTREAM_FAILED },
        UrlCase{ "Html", "https://<b>MARK</b>/", false, BFY_ERROR_UPSTREAM_FAILED },
        UrlCase{ "Empty", "", false, BFY_ERROR_UPSTREAM_FAILED }),
    case_name<UrlCase>);

// --- Protected resource metadata ---

struct FitCase
{
  const char *name, *resource, *url;
  bool want;
};

class ResourceFitTest : public testing::TestWithParam<FitCase>
{
};

TEST_P (ResourceFitTest, IsThisServerOrAFolderAboveIt)
{
  EXPECT_EQ (bool (bfy_oauth_resource_fits (GetParam ().resource, GetParam ().url)),
             GetParam ().want);
}

// mcp.md B.1.2.
INSTANTIATE_TEST_SUITE_P (
    Resources,
    ResourceFitTest,
    testing::Values (
        FitCase{ "Same", "https://a.example/mcp", "https://a.example/mcp", true },
        FitCase{ "Origin", "https://a.example", "https://a.example/mcp", true },
        FitCase{ "OriginWithSlash", "https://a.example/", "https://a.example/mcp", true },
        FitCase{ "DefaultPort", "https://a.example:443/mcp", "https://a.example/mcp", true },
        FitCase{ "UpperHost", "https://A.Example/mcp", "https://a.example/mcp", true },
        FitCase{ "Folder", "https://a.example/t", "https://a.example/t/mcp", true },
        FitCase{ "TrailingSlash", "https://a.example/mcp/", "https://a.example/mcp", true },
        FitCase{ "NotASegment", "https://a.example/mc", "https://a.example/mcp", false },
        FitCase{ "Below", "https://a.example/mcp/x", "https://a.example/mcp", false },
        FitCase{ "Sibling", "https://a.example/other", "https://a.example/mcp", false },
        FitCase{ "OtherHost", "https://evil.example/mcp", "https://a.example/mcp", false },
        FitCase{ "OtherPort", "https://a.example:8443/mcp", "https://a.example/mcp", false },
        FitCase{ "OtherScheme", "http://127.0.0.1/mcp", "https://127.0.0.1/mcp", false },
        FitCase{ "User", "https://a.example@evil.example/mcp", "https://a.example/mcp", false },
        FitCase{ "Subdomain", "https://a.example.evil.example/", "https://a.example/mcp", false },
        FitCase{ "Case", "https://a.example/MCP", "https://a.example/mcp", false },
        FitCase{ "Fragment", "https://a.example/mcp#x", "https://a.example/mcp", false },
        FitCase{ "Query", "https://a.example/mcp?t=1", "https://a.example/mcp", false },
        FitCase{ "SameQuery", "https://a.example/mcp?t=1", "https://a.example/mcp?t=1", true },
        FitCase{ "OtherQuery", "https://a.example/mcp?t=2", "https://a.example/mcp?t=1", false },
        FitCase{ "NoUrl", "mcp", "https://a.example/mcp", false }),
    case_name<FitCase>);

TEST (OAuthResource, IsLookedForWithThePathAndThenWithout)
{
  EXPECT_THAT (
      to_vector (bfy_oauth_resource_candidates ("https://a.example/public/mcp?t=1")),
      testing::ElementsAre ("https://a.example/.well-known/oauth-protected-resource/public/mcp",
                            "https://a.example/.well-known/oauth-protected-resource"));
  EXPECT_THAT (to_vector (bfy_oauth_resource_candidates ("https://a.example/")),
               testing::ElementsAre ("https://a.example/.well-known/oauth-protected-resource"));
}

class OAuthResourceText : public testing::Test
{
protected:
  BfyOAuthResource *parse (const std::string &text, const char *url = "https://a.example/mcp")
  {
    bfy_oauth_resource_free (resource_);
    resource_ = bfy_oauth_resource_parse (text.c_str (), text.size (), url, error_.out ());
    return resource_;
  }
  ~OAuthResourceText () override
  {
    bfy_oauth_resource_free (resource_);
  }

  Error error_;
  BfyOAuthResource *resource_ = nullptr;
};

// B.1.8: not normalised, because the server compares it byte for byte.
TEST_F (OAuthResourceText, KeepsItsNameAsItStands)
{
  for (const char *name :
       { "https://a.example", "https://A.example:443/mcp", "https://a.example/m%63p" })
    {
      std::string text = std::string ("{\"resource\":\"") + name +
                         "\",\"authorization_servers\":[\"https://as.example\"]}";

      ASSERT_NE (parse (text, g_str_has_suffix (name, "%63p") ? name : "https://a.example/mcp"),
                 nullptr)
          << error_;
      EXPECT_STREQ (resource_->resource, name);
    }
}

TEST_F (OAuthResourceText, TellsServersAndScopes)
{
  ASSERT_NE (parse ("{\"resource\":\"https://a.example/mcp\",\"authorization_servers\":"
                    "[\"https://1.example\",\"https://2.example/x/\",\"https://3.example\","
                    "\"https://4.example\",\"https://5.example\"],"
                    "\"scopes_supported\":[\"b\",\"a\",\"b\"],\"unknown\":{\"x\":[1]}}"),
             nullptr);
  EXPECT_THAT (to_vector (g_strdupv (resource_->servers)),
               testing::ElementsAre ("https://1.example", "https://2.example/x/",
                                     "https://3.example", "https://4.example"));
  EXPECT_STREQ (resource_->scopes, "b a");
  ASSERT_NE (parse ("{\"resource\":\"https://a.example/mcp\"}"), nullptr);
  EXPECT_EQ (resource_->servers[0], nullptr);
  EXPECT_EQ (resource_->scopes, nullptr);
}

TEST_F (OAuthResourceText, IsRefusedWhenItIsAboutAnother)
{
  for (const char *text :
       { "{\"resource\":\"https://evil.example/MARK\",\"authorization_servers\":[\"https://"
         "x.example\"]}",
         "{\"authorization_servers\":[\"https://x.example\"]}", "{\"resource\":null}" })
    {
      EXPECT_EQ (parse (text), nullptr);
      EXPECT_THAT (error_, FailsWith (BFY_ERROR_DENIED));
      EXPECT_THAT (error_.message (), testing::Not (testing::HasSubstr ("MARK")));
    }
}

TEST_F (OAuthResourceText, IsRefusedWhenItIsNotUnderstood)
{
  for (const char *text :
       { "", "MARK", "[\"MARK\"]", "{\"resource\":1}", "{\"resource\":\"https://a.example/mcp\"",
         "{\"resource\":\"https://a.example/mcp\",\"authorization_servers\":\"MARK\"}",
         "{\"resource\":\"https://a.example/mcp\",\"authorization_servers\":[1]}",
         "{\"resource\":\"https://a.example/mcp\",\"scopes_supported\":{}}",
         "{\"resource\":\"https://a.example/mcp\",\"resource\":\"https://a.example/mcp\"}" })
    {
      EXPECT_EQ (parse (text), nullptr);
      EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_FAILED)) << text;
      EXPECT_THAT (error_.message (), testing::Not (testing::HasSubstr ("MARK")));
    }
}

// --- Authorization server metadata ---

struct CandidatesCase
{
  const char *name, *issuer;
  std::vector<std::string> want;
};

class ServerCandidatesTest : public testing::TestWithParam<CandidatesCase>
{
};

TEST_P (ServerCandidatesTest, AreInOrder)
{
  EXPECT_EQ (to_vector (bfy_oauth_server_candidates (GetParam ().issuer)), GetParam ().want);
}

// mcp.md B.1.4; RFC 8414, 3.1 and 5.
INSTANTIATE_TEST_SUITE_P (
    Issuers,
    ServerCandidatesTest,
    testing::Values (
        CandidatesCase{ "WithPath",
                        "https://a.example/t1",
                        { "https://a.example/.well-known/oauth-authorization-server/t1",
                          "https://a.example/.well-known/openid-configuration/t1",
                          "https://a.example/t1/.well-known/openid-configuration" } },
        CandidatesCase{ "WithPathAndSlash",
                        "https://a.example/t1/",
                        { "https://a.example/.well-known/oauth-authorization-server/t1",
                          "https://a.example/.well-known/openid-configuration/t1",
                          "https://a.example/t1/.well-known/openid-configuration" } },
        CandidatesCase{ "WithoutPath",
                        "https://a.example",
                        { "https://a.example/.well-known/oauth-authorization-server",
                          "https://a.example/.well-known/openid-configuration" } },
        CandidatesCase{ "Slash",
                        "https://a.example/",
                        { "https://a.example/.well-known/oauth-authorization-server",
                          "https://a.example/.well-known/openid-configuration" } },
        CandidatesCase{ "Query", "https://a.example/t1?x=y", {} },
        CandidatesCase{ "Fragment", "https://a.example/t1#x", {} },
        CandidatesCase{ "NoUrl", "a.example", {} },
        CandidatesCase{ "Script", "javascript:alert(1)", {} }),
    case_name<CandidatesCase>);

class OAuthServerText : public testing::Test
{
protected:
  BfyOAuthServer *parse (const std::string &text,
                         const char *issuer = "https://as.example",
                         bool allow_local = false)
  {
    bfy_oauth_server_unref (server_);
    server_ =
        bfy_oauth_server_parse (text.c_str (), text.size (), issuer, allow_local, error_.out ());
    return server_;
  }
  ~OAuthServerText () override
  {
    bfy_oauth_server_unref (server_);
  }

  // A document with @more in it.
  static std::string document (const std::string &more,
                               const std::string &issuer = "https://as.example")
  {
    return "{\"issuer\":\"" + issuer + "\",\"token_endpoint\":\"https://as.example/token\"" + more +
           "}";
  }

  Error error_;
  BfyOAuthServer *server_ = nullptr;
};

TEST_F (OAuthServerText, TellsAllThatIsUsed)
{
  ASSERT_NE (parse (document (",\"authorization_endpoint\":\"https://as.example/authorize?x=y\","
                              "\"registration_endpoint\":\"https://as.example/register\","
                              "\"revocation_endpoint\":\"https://as.example/revoke\","
                              "\"device_authorization_endpoint\":\"https://as.example/device\","
                              "\"token_endpoint_auth_methods_supported\":[\"none\"],"
                              "\"scopes_supported\":[\"a\",\"offline_access\"],"
                              "\"code_challenge_methods_supported\":[\"plain\",\"S256\"],"
                              "\"authorization_response_iss_parameter_supported\":true,"
                              "\"client_id_metadata_document_supported\":true")),
             nullptr)
      << error_;
  EXPECT_STREQ (server_->issuer, "https://as.example");
  EXPECT_STREQ (server_->authorization_url, "https://as.example/authorize?x=y");
  EXPECT_STREQ (server_->token_url, "https://as.example/token");
  EXPECT_STREQ (server_->registration_url, "https://as.example/register");
  EXPECT_STREQ (server_->revocation_url, "https://as.example/revoke");
  EXPECT_STREQ (server_->device_url, "https://as.example/device");
  EXPECT_THAT (to_vector (g_strdupv (server_->token_auth_methods)), testing::ElementsAre ("none"));
  EXPECT_THAT (to_vector (g_strdupv (server_->scopes)),
               testing::ElementsAre ("a", "offline_access"));
  EXPECT_TRUE (server_->takes_s256);
  EXPECT_TRUE (server_->says_pkce);
  EXPECT_TRUE (server_->sends_iss);
  EXPECT_TRUE (server_->takes_documents);
  EXPECT_FALSE (server_->is_assumed);
  EXPECT_FALSE (server_->is_unproven);
}

TEST_F (OAuthServerText, LacksWhatIsAbsentNullOrEmpty)
{
  ASSERT_NE (parse (document (",\"registration_endpoint\":\"\",\"revocation_endpoint\":null")),
             nullptr);
  EXPECT_EQ (server_->authorization_url, nullptr);
  EXPECT_EQ (server_->registration_url, nullptr);
  EXPECT_EQ (server_->revocation_url, nullptr);
  EXPECT_EQ (server_->token_auth_methods, nullptr);
  EXPECT_FALSE (server_->says_pkce);
  EXPECT_FALSE (server_->takes_s256);
  ASSERT_NE (parse (document (",\"code_challenge_methods_supported\":[\"plain\"]")), nullptr);
  EXPECT_TRUE (server_->says_pkce);
  EXPECT_FALSE (server_->takes_s256);
}

// mcp.md B.1.4: byte for byte. A slash, an upper-case letter, a default port are differences.
TEST_F (OAuthServerText, CallsItselfAsItWasCalled)
{
  for (const char *issuer : { "https://as.example/", "https://AS.example", "https://as.example:443",
                              "https://evil.example", "https://as.example/t1" })
    {
      EXPECT_EQ (parse (document ("", issuer)), nullptr) << issuer;
      EXPECT_THAT (error_, FailsWith (BFY_ERROR_DENIED)) << issuer;
      EXPECT_EQ (parse (document (""), issuer), nullptr) << issuer;
      EXPECT_NE (parse (document ("", issuer), issuer), nullptr) << issuer;
    }
}

TEST_F (OAuthServerText, IsRefusedWithAnEndpointThatMayNotBe)
{
  for (const char *member : { "authorization_endpoint", "registration_endpoint",
                              "revocation_endpoint", "device_authorization_endpoint" })
    {
      struct
      {
        const char *url;
        BfyErrorCode code;
      } rows[] = { { "javascript:MARK", BFY_ERROR_UPSTREAM_FAILED },
                   { "file:///MARK", BFY_ERROR_UPSTREAM_FAILED },
                   { "http://as.example/MARK", BFY_ERROR_UPSTREAM_FAILED },
                   { "https://127.0.0.1/MARK", BFY_ERROR_LOCAL_ADDRESS },
                   { "https://169.254.169.254/MARK", BFY_ERROR_LOCAL_ADDRESS },
                   { "https://[::ffff:192.168.0.1]/MARK", BFY_ERROR_LOCAL_ADDRESS } };

      for (const auto &row : rows)
        {
          EXPECT_EQ (parse (document (std::string (",\"") + member + "\":\"" + row.url + "\"")),
                     nullptr)
              << member << row.url;
          EXPECT_THAT (error_, FailsWith (row.code)) << member << row.url;
          EXPECT_THAT (error_.message (), testing::Not (testing::HasSubstr ("MARK")));
        }
    }
}

TEST_F (OAuthServerText, IsRefusedWhenItIsNotUnderstood)
{
  for (const std::string &text :
       { std::string (""), std::string ("<html>MARK"), std::string ("{}"),
         std::string ("{\"issuer\":\"https://as.example\"}"),
         std::string ("{\"issuer\":null,\"token_endpoint\":\"https://as.example/token\"}"),
         std::string ("{\"issuer\":[\"MARK\"],\"token_endpoint\":\"https://as.example/token\"}"),
         document (",\"scopes_supported\":\"MARK\""),
         document (",\"code_challenge_methods_supported\":\"S256\""),
         document (",\"authorization_response_iss_parameter_supported\":\"true\""),
         document (",\"token_endpoint\":\"https://as.example/other\"") })
    {
      EXPECT_EQ (parse (text), nullptr) << text;
      EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_FAILED)) << text;
      EXPECT_THAT (error_.message (), testing::Not (testing::HasSubstr ("MARK")));
    }
}

TEST_F (OAuthServerText, MayBeOnThisMachineIfThatIsAllowed)
{
  std::string text =
      "{\"issuer\":\"http://localhost:9\",\"token_endpoint\":\"http://localhost:9/t\"}";

  EXPECT_NE (parse (text, "http://localhost:9", true), nullptr) << error_;
  EXPECT_EQ (parse (text, "http://localhost:9", false), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_LOCAL_ADDRESS));
}

// mcp.md B.1.3. At the root nobody named an issuer; one of another origin is taken, but not
// believed.
TEST_F (OAuthServerText, MayCallItselfAnythingAtTheRoot)
{
  struct
  {
    const char *issuer;
    bool is_unproven;
  } rows[] = { { "https://mcp.example", false },
               { "https://mcp.example/", false },
               { "https://mcp.example/t1", false },
               { "https://as.example", true },
               { "https://mcp.example:8443", true } };

  for (const auto &row : rows)
    {
      std::string text = document ("", row.issuer);

      bfy_oauth_server_unref (server_);
      server_ = bfy_oauth_server_parse_at_root (text.c_str (), text.size (), "https://mcp.example",
                                                FALSE, error_.out ());
      ASSERT_NE (server_, nullptr) << error_;
      EXPECT_STREQ (server_->issuer, row.issuer);
      EXPECT_EQ (bool (server_->is_unproven), row.is_unproven) << row.issuer;
    }
}

// mcp.md B.1.3: the paths of 2025-03-26.
TEST (OAuthServer, CanBeAssumed)
{
  BfyOAuthServer *server = bfy_oauth_server_new_assumed ("https://mcp.example");

  EXPECT_STREQ (server->issuer, "https://mcp.example");
  EXPECT_STREQ (server->authorization_url, "https://mcp.example/authorize");
  EXPECT_STREQ (server->token_url, "https://mcp.example/token");
  EXPECT_STREQ (server->registration_url, "https://mcp.example/register");
  EXPECT_TRUE (server->is_assumed);
  EXPECT_TRUE (server->takes_s256);
  bfy_oauth_server_unref (server);
}

// behaviour 17.1.
TEST (OAuthServer, CanBeOfTheCatalogue)
{
  static const char record[] =
      "{\"id\":\"x\",\"name\":\"X\",\"oauth\":{\"authorize_url\":\"https://x.example/oauth/"
      "authorize\","
      "\"token_url\":\"https://api.x.example/token\",\"registration_url\":\"https://x.example/r\","
      "\"pkce\":false,\"scopes\":[\"read\",\"write\"]}}";
  Error error;
  BfyService *service = bfy_service_parse (record, strlen (record), error.out ());

  ASSERT_NE (service, nullptr) << error;

  BfyOAuthServer *server = bfy_oauth_server_new_of_service (service->oauth);

  EXPECT_STREQ (server->issuer, "https://x.example");
  EXPECT_STREQ (server->authorization_url, "https://x.example/oauth/authorize");
  EXPECT_STREQ (server->token_url, "https://api.x.example/token");
  EXPECT_STREQ (server->registration_url, "https://x.example/r");
  EXPECT_FALSE (server->takes_s256);
  EXPECT_TRUE (server->is_assumed);
  bfy_oauth_server_unref (server);
  bfy_service_unref (service);
}
