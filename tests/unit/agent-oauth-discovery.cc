// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <map>
#include <mutex>

#include "tests/fixture/await.h"
#include "tests/fixture/private-dirs.h"
#include "tests/fixture/upstream.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/network/network.h"
#include "agent/oauth/discovery.h"
#include "agent/oauth/metadata.h"
#include "agent/oauth/registration.h"
}

namespace
{

struct Page
{
  int status;
  std::string body;
  std::string headers;
};

// A server with pages that a test puts there; the rest is 404. "{origin}" in them is its own.
class Site
{
public:
  Site ()
      : upstream_ ([this] (Upstream::Peer &peer, const Upstream::Request &request) {
          serve (peer, request);
        })
  {
  }

  void put (const std::string &path, const Page &page)
  {
    std::lock_guard<std::mutex> lock (mutex_);

    pages_[path] = page;
  }
  // A document of JSON.
  void put (const std::string &path, const std::string &body)
  {
    put (path, Page{ 200, body, "Content-Type: application/json" });
  }
  void remove (const std::string &path)
  {
    std::lock_guard<std::mutex> lock (mutex_);

    pages_.erase (path);
  }
  std::string origin ()
  {
    return "http://127.0.0.1:" + std::to_string (upstream_.port ());
  }
  std::string fill (std::string text)
  {
    for (size_t at; (at = text.find ("{origin}")) != std::string::npos;)
      text.replace (at, strlen ("{origin}"), origin ());
    return text;
  }
  // What was asked for, in order: "GET /path".
  std::vector<std::string> asked ()
  {
    std::vector<std::string> lines;

    for (const Upstream::Request &request : upstream_.requests ())
      lines.push_back (request.method + " " + request.path);
    return lines;
  }
  std::vector<Upstream::Request> requests ()
  {
    return upstream_.requests ();
  }
  int n_connections ()
  {
    return upstream_.n_connections ();
  }

private:
  void serve (Upstream::Peer &peer, const Upstream::Request &request)
  {
    Page page = { 404, "", "" };

    {
      std::lock_guard<std::mutex> lock (mutex_);
      auto found = pages_.find (request.path);

      if (found != pages_.end ())
        page = found->second;
    }
    std::string body = fill (page.body);

    peer.write ("HTTP/1.1 " + std::to_string (page.status) + " X\r\n" +
                (page.headers.empty () ? "" : fill (page.headers) + "\r\n") +
                "Content-Length: " + std::to_string (body.size ()) + "\r\n\r\n" + body);
  }

  std::mutex mutex_;
  std::map<std::string, Page> pages_;
  Upstream upstream_;
};

const char prm_path[] = "/.well-known/oauth-protected-resource/mcp";
const char prm_root[] = "/.well-known/oauth-protected-resource";
const char as_root[] = "/.well-known/oauth-authorization-server";

class Discovery : public testing::Test
{
protected:
  Discovery ()
  {
    agent_.network = bfy_network_new (nullptr, nullptr, FALSE);
    agent_.services = bfy_services_new (dir_.path ().c_str (), nullptr);
    binding_ = bfy_binding_new ();
    binding_->name = g_strdup ("x");
    binding_->url = g_strdup ((mcp_.origin () + "/mcp").c_str ());
    binding_->allow_local = TRUE;
    mcp_.put ("/mcp", Page{ 401, "", "WWW-Authenticate: Bearer" });
  }
  ~Discovery () override
  {
    bfy_discovery_free (found_);
    bfy_binding_unref (binding_);
    g_object_unref (agent_.services);
    bfy_network_free (agent_.network);
  }

  void challenge (const std::string &parameters)
  {
    mcp_.put ("/mcp", Page{ 401, "", "WWW-Authenticate: Bearer " + parameters });
  }
  // Protected resource metadata that names the authorization server.
  std::string prm (const std::string &more = "", const std::string &issuer = "")
  {
    return "{\"resource\":\"{origin}/mcp\",\"authorization_servers\":[\"" +
           (issuer.empty () ? as_.origin () : issuer) + "\"]" + more + "}";
  }
  // Authorization server metadata.
  std::string as (const std::string &more = "", const std::string &issuer = "{origin}")
  {
    return "{\"issuer\":\"" + issuer + "\",\"token_endpoint\":\"{origin}/token\"" + more + "}";
  }
  BfyDiscovery *discover (const char *scope = nullptr)
  {
    Await done;

    bfy_discover_async (&agent_, binding_, scope, nullptr, Await::on_ready, done.data ());
    bfy_discovery_free (found_);
    found_ = bfy_discover_finish (done.result (), error_.out ());
    return found_;
  }
  // Makes the binding one of a service of the catalogue.
  void be_of_service ()
  {
    std::string record =
        "{\"id\":\"x\",\"name\":\"X\",\"oauth\":{\"authorize_url\":\"https://x.example/authorize\","
        "\"token_url\":\"https://x.example/token\",\"scopes\":[\"read\",\"write\"]}}";

    ASSERT_TRUE (g_file_set_contents (dir_.path ("x.json").c_str (), record.c_str (), -1, nullptr));
    g_object_unref (agent_.services);
    agent_.services = bfy_services_new (dir_.path ().c_str (), nullptr);
    binding_->service = g_strdup ("x");
  }

  TempDir dir_;
  Site mcp_, as_;
  BfyAgent agent_ = {};
  BfyBinding *binding_;
  BfyDiscovery *found_ = nullptr;
  Error error_;
};

} // namespace

// --- The way of 2025-06-18 and later (mcp.md B.1, 1, 2 and 4) ---

TEST_F (Discovery, GoesWhereTheChallengeSays)
{
  challenge ("resource_metadata=\"" + mcp_.origin () + "/custom/metadata.json\", scope=\"b\"");
  mcp_.put ("/custom/metadata.json", prm (",\"scopes_supported\":[\"a\",\"b\"]"));
  as_.put (as_root, as ());
  ASSERT_NE (discover (), nullptr) << error_;
  EXPECT_EQ (found_->server->issuer, as_.origin ());
  EXPECT_EQ (found_->server->token_url, as_.origin () + "/token");
  EXPECT_EQ (found_->resource, mcp_.origin () + "/mcp");
  EXPECT_STREQ (found_->scope, "b");
  EXPECT_FALSE (found_->wants_consent);
  // No well-known place is asked when the challenge names one.
  EXPECT_THAT (mcp_.asked (), testing::ElementsAre ("POST /mcp", "GET /custom/metadata.json"));
  EXPECT_THAT (as_.asked (), testing::ElementsAre (std::string ("GET ") + as_root));
  EXPECT_EQ (mcp_.requests ()[0].header ("authorization"), "");
  EXPECT_EQ (mcp_.requests ()[1].header ("mcp-protocol-version"), "2025-11-25");
  EXPECT_EQ (as_.requests ()[0].header ("mcp-protocol-version"), "2025-11-25");
}

TEST_F (Discovery, LooksAtTheWellKnownPlaces)
{
  mcp_.put (prm_root, "{\"resource\":\"{origin}\",\"authorization_servers\":[\"" + as_.origin () +
                          "/tenant1\"],\"scopes_supported\":[\"a\",\"b\"]}");
  as_.put ("/tenant1/.well-known/openid-configuration",
           as (",\"scopes_supported\":[\"openid\",\"offline_access\"]", "{origin}/tenant1"));
  ASSERT_NE (discover (), nullptr) << error_;
  EXPECT_EQ (found_->server->issuer, as_.origin () + "/tenant1");
  EXPECT_EQ (found_->resource, mcp_.origin ());
  EXPECT_STREQ (found_->scope, "a b offline_access");
  EXPECT_TRUE (found_->wants_consent);
  EXPECT_THAT (mcp_.asked (), testing::ElementsAre ("POST /mcp", std::string ("GET ") + prm_path,
                                                    std::string ("GET ") + prm_root));
  // Never the root when the issuer has a path.
  EXPECT_THAT (as_.asked (),
               testing::ElementsAre ("GET /.well-known/oauth-authorization-server/tenant1",
                                     "GET /.well-known/openid-configuration/tenant1",
                                     "GET /tenant1/.well-known/openid-configuration"));
}

TEST_F (Discovery, UnitesWhatWasRefusedWithWhatIsAskedFor)
{
  challenge ("scope=\"basic\"");
  mcp_.put (prm_path, prm ());
  as_.put (as_root, as ());
  ASSERT_NE (discover ("write basic"), nullptr) << error_;
  EXPECT_STREQ (found_->scope, "basic write");
}

TEST_F (Discovery, TakesTheFirstServerThatDescribesItself)
{
  mcp_.put (prm_path,
            "{\"resource\":\"{origin}/mcp\",\"authorization_servers\":[\"{origin}/gone\",\"" +
                as_.origin () + "\"]}");
  as_.put (as_root, as ());
  ASSERT_NE (discover (), nullptr) << error_;
  EXPECT_EQ (found_->server->issuer, as_.origin ());
}

// A site that has a page for every path, and one that sends everybody to its front page.
TEST_F (Discovery, TakesNoWebPageForADocument)
{
  mcp_.put (prm_path, Page{ 200, "<html>", "Content-Type: text/html" });
  mcp_.put (prm_root, prm ());
  as_.put (as_root, Page{ 302, "", "Location: {origin}/elsewhere" });
  as_.put ("/.well-known/openid-configuration", as ());
  as_.put ("/elsewhere", as ());
  ASSERT_NE (discover (), nullptr) << error_;
  EXPECT_THAT (as_.asked (), testing::Not (testing::Contains ("GET /elsewhere")));
}

// --- The way of 2025-03-26 (mcp.md B.1.3) ---

TEST_F (Discovery, LooksAtTheRootOfTheOrigin)
{
  mcp_.put (as_root, as (",\"scopes_supported\":[\"a\"]", "https://other.example/"));
  ASSERT_NE (discover (), nullptr) << error_;
  EXPECT_STREQ (found_->server->issuer, "https://other.example/");
  EXPECT_TRUE (found_->server->is_unproven);
  EXPECT_EQ (found_->server->token_url, mcp_.origin () + "/token");
  EXPECT_EQ (found_->resource, nullptr);
  EXPECT_EQ (found_->scope, nullptr);
}

TEST_F (Discovery, AssumesThePathsOfOldServers)
{
  ASSERT_NE (discover (), nullptr) << error_;
  EXPECT_TRUE (found_->server->is_assumed);
  EXPECT_EQ (found_->server->issuer, mcp_.origin ());
  EXPECT_EQ (found_->server->authorization_url, mcp_.origin () + "/authorize");
  EXPECT_EQ (found_->resource, nullptr);
}

TEST_F (Discovery, AssumesNothingOfAServerThatWantsNoToken)
{
  mcp_.put ("/mcp", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
  EXPECT_EQ (discover (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UNSUPPORTED));
}

// --- The catalogue (behaviour 17.1) ---

TEST_F (Discovery, FallsBackToTheCatalogue)
{
  be_of_service ();
  ASSERT_NE (discover (), nullptr) << error_;
  EXPECT_STREQ (found_->server->authorization_url, "https://x.example/authorize");
  EXPECT_STREQ (found_->scope, "read write");
  EXPECT_EQ (found_->resource, nullptr);

  // What the server says of itself counts more; with a resource, it is kept.
  mcp_.put (prm_path, prm ());
  ASSERT_NE (discover (), nullptr) << error_;
  EXPECT_STREQ (found_->server->authorization_url, "https://x.example/authorize");
  EXPECT_EQ (found_->resource, mcp_.origin () + "/mcp");
  as_.put (as_root, as ());
  ASSERT_NE (discover (), nullptr) << error_;
  EXPECT_EQ (found_->server->issuer, as_.origin ());
  EXPECT_EQ (found_->scope, nullptr);
}

TEST_F (Discovery, DoesNotHideBehindTheCatalogueWhatIsWrong)
{
  be_of_service ();
  mcp_.put (prm_path, "{\"resource\":\"https://evil.example/mcp\",\"authorization_servers\":[\"" +
                          as_.origin () + "\"]}");
  EXPECT_EQ (discover (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_DENIED));
}

// --- What ends it ---

TEST_F (Discovery, EndsWhenTheResourceIsAnother)
{
  mcp_.put (prm_path, "{\"resource\":\"https://evil.example/mcp\",\"authorization_servers\":[\"" +
                          as_.origin () + "\"]}");
  as_.put (as_root, as ());
  EXPECT_EQ (discover (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_DENIED));
  EXPECT_EQ (as_.n_connections (), 0);
}

TEST_F (Discovery, EndsWhenTheIssuerIsAnother)
{
  mcp_.put (prm_path, prm ());
  for (const char *issuer : { "{origin}/", "https://evil.example" })
    {
      as_.put (as_root, as ("", issuer));
      as_.put ("/.well-known/openid-configuration", as ());
      EXPECT_EQ (discover (), nullptr) << issuer;
      EXPECT_THAT (error_, FailsWith (BFY_ERROR_DENIED)) << issuer;
    }
}

TEST_F (Discovery, EndsWhenTheNamedPlaceIsEmpty)
{
  challenge ("resource_metadata=\"" + mcp_.origin () + "/gone\"");
  mcp_.put (prm_path, prm ());
  mcp_.put (as_root, as ());
  as_.put (as_root, as ());
  EXPECT_EQ (discover (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UNSUPPORTED));
  EXPECT_THAT (mcp_.asked (), testing::ElementsAre ("POST /mcp", "GET /gone"));
}

// Trouble for the moment is no reason to go by lesser rules.
TEST_F (Discovery, EndsWhenAServerIsInTrouble)
{
  mcp_.put ("/mcp", Page{ 503, "", "" });
  EXPECT_EQ (discover (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_FAILED));

  challenge ("");
  for (int status : { 429, 500, 503 })
    {
      mcp_.put (prm_path, Page{ status, "<b>MARK</b>", "" });
      EXPECT_EQ (discover (), nullptr) << status;
      EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_FAILED)) << status;
      EXPECT_THAT (error_.message (), testing::Not (testing::HasSubstr ("MARK")));
    }
  EXPECT_THAT (mcp_.asked (), testing::Not (testing::Contains (std::string ("GET ") + as_root)));
}

TEST_F (Discovery, EndsWhenNothingNamesAServer)
{
  mcp_.put (prm_path, "{\"resource\":\"{origin}/mcp\"}");
  EXPECT_EQ (discover (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UNSUPPORTED));
  mcp_.put (prm_path, prm ());
  EXPECT_EQ (discover (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UNSUPPORTED));
}

TEST_F (Discovery, EchoesNothing)
{
  const char mark[] = "<script>MARK</script>";

  for (const std::string &text :
       { std::string (mark), "{\"resource\":\"" + std::string (mark) + "\"}",
         "{\"resource\":[\"" + std::string (mark) + "\"]}",
         prm ("", "javascript:" + std::string (mark)) })
    {
      mcp_.put (prm_path, text);
      EXPECT_EQ (discover (), nullptr) << text;
      EXPECT_THAT (error_.message (), testing::Not (testing::HasSubstr ("MARK")));
    }
  mcp_.put (prm_path, prm ());
  for (const std::string &text :
       { std::string (mark), as (",\"authorization_endpoint\":\"javascript:MARK\""),
         as (",\"registration_endpoint\":\"file:///MARK\""), as ("", "https://MARK.example") })
    {
      as_.put (as_root, text);
      EXPECT_EQ (discover (), nullptr) << text;
      EXPECT_THAT (error_.message (), testing::Not (testing::HasSubstr ("MARK")));
    }
}

// mcp.md C: a service on the internet has no business inside.
TEST_F (Discovery, IsNotLedInside)
{
  binding_->allow_local = FALSE;
  as_.put ("/prm", prm ());
  for (const std::string &host : { std::string ("127.0.0.1"), std::string ("localhost"),
                                   std::string ("10.0.0.1"), std::string ("169.254.169.254"),
                                   std::string ("[::1]"), std::string ("[::ffff:127.0.0.1]") })
    {
      std::string port = as_.origin ().substr (as_.origin ().rfind (':'));

      for (const char *scheme : { "http://", "https://" })
        {
          challenge ("resource_metadata=\"" + (scheme + host) + port + "/prm\"");
          EXPECT_EQ (discover (), nullptr);
          EXPECT_THAT (error_, FailsWith (BFY_ERROR_LOCAL_ADDRESS)) << scheme << host;
        }
    }
  EXPECT_EQ (as_.n_connections (), 0);
}

TEST_F (Discovery, NeedsAUrl)
{
  g_clear_pointer (&binding_->url, g_free);
  EXPECT_EQ (discover (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UNSUPPORTED));
}

struct VerdictCase
{
  const char *name;
  guint status;
  const char *type;
  BfyMetadataVerdict want;
};

class VerdictTest : public testing::TestWithParam<VerdictCase>
{
};

TEST_P (VerdictTest, TellsAbsenceFromTrouble)
{
  EXPECT_EQ (bfy_metadata_judge (GetParam ().status, GetParam ().type), GetParam ().want);
}

// mcp.md B.1.4.
INSTANTIATE_TEST_SUITE_P (
    Answers,
    VerdictTest,
    testing::Values (VerdictCase{ "Json", 200, "application/json", BFY_METADATA_TAKE },
                     VerdictCase{ "NoType", 200, nullptr, BFY_METADATA_TAKE },
                     VerdictCase{ "Html", 200, "text/html", BFY_METADATA_NEXT },
                     VerdictCase{ "NotFound", 404, nullptr, BFY_METADATA_NEXT },
                     VerdictCase{ "Unauthorized", 401, nullptr, BFY_METADATA_NEXT },
                     VerdictCase{ "Redirect", 302, nullptr, BFY_METADATA_NEXT },
                     VerdictCase{ "BadGateway", 502, nullptr, BFY_METADATA_NEXT },
                     VerdictCase{ "TooMany", 429, nullptr, BFY_METADATA_FAIL },
                     VerdictCase{ "Broken", 500, nullptr, BFY_METADATA_FAIL },
                     VerdictCase{ "Busy", 503, nullptr, BFY_METADATA_FAIL }),
    case_name<VerdictCase>);

// --- Registration (mcp.md B.1.6) ---

namespace
{

class Registering : public Discovery
{
protected:
  Registering ()
  {
    server_ = bfy_oauth_server_new_assumed (as_.origin ().c_str ());
    wish_.server = server_;
    wish_.redirect_uri = "http://127.0.0.1:4711/callback";
    wish_.allow_local = TRUE;
    as_.put ("/register", Page{ 201, "{\"client_id\":\"dynamic\"}", "" });
  }
  ~Registering () override
  {
    bfy_oauth_client_unref (client_);
    bfy_oauth_client_unref (known_);
    bfy_oauth_server_unref (server_);
  }

  BfyOAuthClient *enter ()
  {
    Await done;

    bfy_register_async (&agent_, &wish_, nullptr, Await::on_ready, done.data ());
    bfy_oauth_client_unref (client_);
    client_ = bfy_register_finish (done.result (), error_.out ());
    return client_;
  }
  void know (BfyOAuthClientOrigin origin)
  {
    bfy_oauth_client_unref (known_);
    known_ = bfy_oauth_client_new (origin, server_->issuer, "known");
    known_->redirect_uri = g_strdup (wish_.redirect_uri);
    wish_.known = known_;
  }

  BfyOAuthServer *server_;
  BfyRegistration wish_ = {};
  BfyOAuthClient *client_ = nullptr, *known_ = nullptr;
};

} // namespace

TEST_F (Registering, GoesThroughTheOrder)
{
  // Dynamic.
  ASSERT_NE (enter (), nullptr) << error_;
  EXPECT_STREQ (client_->id, "dynamic");
  EXPECT_EQ (client_->origin, BFY_CLIENT_REGISTERED);
  ASSERT_EQ (as_.requests ().size (), 1u);
  EXPECT_EQ (as_.requests ()[0].header ("content-type"), "application/json");
  EXPECT_THAT (as_.requests ()[0].body,
               testing::HasSubstr ("\"redirect_uris\":[\"http://127.0.0.1:4711/callback\"]"));

  // The one of before.
  know (BFY_CLIENT_REGISTERED);
  ASSERT_NE (enter (), nullptr) << error_;
  EXPECT_EQ (client_, known_);

  // A document, if both sides have one.
  agent_.client_metadata_url = "https://a.example/client.json";
  ASSERT_NE (enter (), nullptr) << error_;
  EXPECT_EQ (client_, known_);
  server_->takes_documents = TRUE;
  ASSERT_NE (enter (), nullptr) << error_;
  EXPECT_STREQ (client_->id, "https://a.example/client.json");
  EXPECT_EQ (client_->origin, BFY_CLIENT_DOCUMENT);
  EXPECT_EQ (client_->auth, BFY_CLIENT_AUTH_NONE);

  // What the person configured before, and what is given now.
  know (BFY_CLIENT_CONFIGURED);
  ASSERT_NE (enter (), nullptr) << error_;
  EXPECT_STREQ (client_->id, "known");
  EXPECT_STREQ (client_->redirect_uri, wish_.redirect_uri);

  BfySecret *secret = bfy_secret_new ("s3cret", 6);

  wish_.client_id = "given";
  wish_.client_secret = secret;
  ASSERT_NE (enter (), nullptr) << error_;
  EXPECT_STREQ (client_->id, "given");
  EXPECT_EQ (client_->issuer, as_.origin ());
  EXPECT_EQ (client_->auth, BFY_CLIENT_AUTH_BASIC);
  EXPECT_TRUE (bfy_secret_equal (client_->secret, secret));
  bfy_secret_unref (secret);
  EXPECT_EQ (as_.requests ().size (), 1u);
}

TEST_F (Registering, ShowsAClientToItsIssuerOnly)
{
  // Registered anew.
  know (BFY_CLIENT_REGISTERED);
  g_free (known_->issuer);
  known_->issuer = g_strdup ((as_.origin () + "/").c_str ());
  ASSERT_NE (enter (), nullptr) << error_;
  EXPECT_STREQ (client_->id, "dynamic");
  EXPECT_THAT (as_.requests ()[0].body, testing::Not (testing::HasSubstr ("known")));

  // What a person configured for another is an error.
  know (BFY_CLIENT_CONFIGURED);
  g_free (known_->issuer);
  known_->issuer = g_strdup ("https://before.example");
  EXPECT_EQ (enter (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_DENIED));

  know (BFY_CLIENT_CONFIGURED);
  server_->is_unproven = TRUE;
  EXPECT_EQ (enter (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_DENIED));
}

TEST_F (Registering, SaysWhatToDoWhenItIsNotPossible)
{
  as_.put ("/register", Page{ 403, "{\"error_description\":\"<b>MARK</b>\"}", "" });
  EXPECT_EQ (enter (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UNSUPPORTED));
  EXPECT_THAT (error_.message (), testing::HasSubstr ("--client-id"));
  EXPECT_THAT (error_.message (), testing::Not (testing::HasSubstr ("MARK")));

  as_.put ("/register", Page{ 307, "", "Location: {origin}/elsewhere" });
  as_.put ("/elsewhere", Page{ 201, "{\"client_id\":\"dynamic\"}", "" });
  EXPECT_EQ (enter (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UPSTREAM_FAILED));

  g_clear_pointer (&server_->registration_url, g_free);
  EXPECT_EQ (enter (), nullptr);
  EXPECT_THAT (error_, FailsWith (BFY_ERROR_UNSUPPORTED));
  EXPECT_THAT (error_.message (), testing::HasSubstr ("--client-id"));
}
