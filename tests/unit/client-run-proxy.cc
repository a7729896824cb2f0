// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What the proxy of a run decides, and whom its certificates are good for.

#include <cstring>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "tests/unit/matchers.h"

extern "C"
{
#include "client/run/authority.h"
#include "client/run/site.h"
#include "client/run/target.h"
#include "client/run/tunnel.h"
#include "client/sandbox-findings.h"
#include "protocol/json.h"
}

namespace
{

using ::operator<<; // prints a row by its name

struct Head
{
  const char *name, *bytes;
  BfyRunHead want;
};

class TargetHead : public testing::TestWithParam<Head>
{
};

std::string
host_of (const char *text, guint16 port)
{
  BfyRunTarget target;

  return bfy_run_target_parse (text, strlen (text), port, &target)
             ? std::string (target.host) + ":" + std::to_string (target.port)
             : "none";
}

} // namespace

TEST_P (TargetHead, IsRead)
{
  BfyRunTarget target;

  EXPECT_EQ (bfy_run_target_read (GetParam ().bytes, strlen (GetParam ().bytes), &target),
             GetParam ().want);
}

INSTANTIATE_TEST_SUITE_P (
    Heads,
    TargetHead,
    testing::Values (
        Head{ "Plain", "CONNECT a.example:443 HTTP/1.1\r\n\r\n", BFY_RUN_HEAD_CONNECT },
        Head{ "Old", "CONNECT a.example:443 HTTP/1.0\r\nX: y\r\n\r\n", BFY_RUN_HEAD_CONNECT },
        Head{ "Half", "CONNECT a.example:443 HT", BFY_RUN_HEAD_PARTIAL },
        Head{ "Nothing", "", BFY_RUN_HEAD_PARTIAL },
        Head{ "Get", "GET http://a/ HTTP/1.1\r\n\r\n", BFY_RUN_HEAD_OTHER },
        Head{ "Tls", "\x16\x03\x01", BFY_RUN_HEAD_BAD },
        Head{ "Eager", "CONNECT a.example:443 HTTP/1.1\r\n\r\nx", BFY_RUN_HEAD_BAD },
        Head{ "Version", "CONNECT a.example:443 HTTP/2\r\n\r\n", BFY_RUN_HEAD_BAD },
        Head{ "TwoBlanks", "CONNECT a.example:443  HTTP/1.1\r\n\r\n", BFY_RUN_HEAD_BAD },
        Head{ "NoPort", "CONNECT a.example HTTP/1.1\r\n\r\n", BFY_RUN_HEAD_BAD },
        Head{ "Address", "CONNECT 127.0.0.1:443 HTTP/1.1\r\n\r\n", BFY_RUN_HEAD_BAD },
        Head{ "User", "CONNECT u@a.example:443 HTTP/1.1\r\n\r\n", BFY_RUN_HEAD_BAD }),
    [] (const auto &info) { return info.param.name; });

TEST (RunTarget, IsANameInItsPlainForm)
{
  EXPECT_EQ (host_of ("API.Example:8443", 0), "api.example:8443");
  EXPECT_EQ (host_of ("api.example", 443), "api.example:443");
  EXPECT_EQ (host_of ("localhost:1", 0), "localhost:1");
  for (const char *odd : { "",
                           ":1",
                           "a.example",
                           "a.example:",
                           "a.example:0",
                           "a.example:01",
                           "a.example:65536",
                           "a.example.:1",
                           ".a:1",
                           "a..b:1",
                           "-a:1",
                           "a-:1",
                           "a_b:1",
                           "[::1]:1",
                           "127.1:1",
                           "0x7f000001:1",
                           "1:1",
                           "a.0x7f:1",
                           "a b:1",
                           "a:1:1",
                           "a/b:1",
                           "\xc3\xa4:1" })
    EXPECT_EQ (host_of (odd, 0), "none") << odd;
}

namespace
{

class Sites : public testing::Test
{
protected:
  void offer (const char *name, const char *url)
  {
    g_autoptr (JsonObject) binding = json_object_new ();
    g_autoptr (JsonObject) service = json_object_new ();

    json_object_set_string_member (binding, "name", name);
    json_object_set_string_member (binding, "type", "http");
    json_object_set_string_member (binding, "url", url);
    g_ptr_array_add (offers, bfy_run_offer_new (binding, service, FALSE));
  }
  BfyRunOffer *nth (guint index)
  {
    return static_cast<BfyRunOffer *> (offers->pdata[index]);
  }
  ~Sites () override
  {
    g_ptr_array_unref (offers);
  }

  GPtrArray *offers = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_run_offer_free);
};

} // namespace

TEST_F (Sites, AreTheHostsOfBindings)
{
  for (const char *url : { "https://a.example/", "https://A.example:443/v1/", "http://b.example/",
                           "https://127.0.0.1/", "https://a.example:444/" })
    offer ("x", url);
  g_autoptr (GPtrArray) sites = bfy_run_sites_new (offers);
  const BfyRunTarget target = { "a.example", 443 }, other = { "b.example", 443 };

  ASSERT_EQ (sites->len, 2u);
  EXPECT_EQ (bfy_run_sites_find (sites, &other), nullptr);
  BfyRunSite *site = bfy_run_sites_find (sites, &target);
  ASSERT_NE (site, nullptr);

  const char *rest = nullptr;
  EXPECT_EQ (bfy_run_site_choose (site, "/v1/x", &rest), nth (1));
  EXPECT_STREQ (rest, "/x");
  EXPECT_EQ (bfy_run_site_choose (site, "/v10/x", &rest), nth (0));
  EXPECT_STREQ (rest, "/v10/x");
  EXPECT_EQ (bfy_run_site_choose (site, "*", &rest), nullptr);
}

TEST_F (Sites, KnowThePlaceholdersOfOthers)
{
  offer ("one", "https://a.example/");
  offer ("two", "https://b.example/");
  bfy_run_offer_make_placeholder (nth (0));
  bfy_run_offer_make_placeholder (nth (1));
  std::string foreign = std::string ("token ") + nth (1)->placeholder;
  std::string own = std::string ("token ") + nth (0)->placeholder;
  std::string pair = std::string ("user:") + nth (1)->placeholder;
  g_autofree char *encoded =
      g_base64_encode (reinterpret_cast<const guchar *> (pair.data ()), pair.size ());
  std::string basic = std::string ("Basic ") + encoded;
  auto find = [&] (const std::string &text) {
    return bfy_run_find_foreign_placeholder (offers, nth (0), text.data (), text.size ());
  };

  EXPECT_EQ (find (foreign), nth (1));
  EXPECT_EQ (find (basic), nth (1));
  EXPECT_EQ (find (own), nullptr);
  EXPECT_EQ (find (""), nullptr);
}

TEST_F (Sites, HaveTheUsualPortsOfTunnels)
{
  offer ("one", "https://a.example:8443/");
  g_autoptr (GPtrArray) sites = bfy_run_sites_new (offers);
  const char *const patterns[] = { "b.example", "*.c.example", "D.example:99", nullptr };
  g_autoptr (BfyRunTunnels) tunnels = bfy_run_tunnels_new (patterns, nullptr);
  g_autoptr (BfyRunTunnels) all = bfy_run_tunnels_new (nullptr, nullptr);
  auto allows = [&] (BfyRunTunnels *rules, const char *text) {
    BfyRunTarget target;
    EXPECT_TRUE (bfy_run_target_parse (text, strlen (text), 0, &target)) << text;
    return bfy_run_tunnels_allow (rules, &target, sites);
  };

  for (const char *yes :
       { "b.example:443", "b.example:8443", "c.example:443", "x.y.c.example:443", "d.example:99" })
    EXPECT_TRUE (allows (tunnels, yes)) << yes;
  for (const char *no : { "b.example:22", "x.b.example:443", "xc.example:443", "d.example:443",
                          "b.example.org:443" })
    EXPECT_FALSE (allows (tunnels, no)) << no;
  EXPECT_TRUE (allows (all, "anything.test:443"));
  EXPECT_FALSE (allows (all, "anything.test:25"));
}

TEST (RunTunnels, AreNoAddresses)
{
  for (const char *odd : { "", "*", "*.", "10.0.0.1", "[::1]", "a/b", "a.example:0",
                           "https://a.example", "*.*.example", "10.0.0.0/8" })
    {
      const char *const patterns[] = { odd, nullptr };
      Error error;

      EXPECT_EQ (bfy_run_tunnels_new (patterns, error.out ()), nullptr) << odd;
    }
  for (const char *inner :
       { "127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "::1", "fe80::1",
         "fd00:ec2::254", "::ffff:10.0.0.1", "0.0.0.0", "100.64.0.1", "64:ff9b::7f00:1" })
    {
      g_autoptr (GInetAddress) address = g_inet_address_new_from_string (inner);
      EXPECT_FALSE (bfy_run_tunnels_may_reach (address)) << inner;
    }
  g_autoptr (GInetAddress) outer = g_inet_address_new_from_string ("11.22.33.44");
  EXPECT_TRUE (bfy_run_tunnels_may_reach (outer));
}

TEST (RunTarget, KnowsItsPassword)
{
  auto knows = [] (const char *head) {
    return bfy_run_target_has_login (head, strlen (head), "run", "x") != FALSE;
  };

  EXPECT_TRUE (knows ("CONNECT a:1 HTTP/1.1\r\nproxy-authorization: basic cnVuOng=\r\n\r\n"));
  EXPECT_FALSE (knows ("CONNECT a:1 HTTP/1.1\r\nProxy-Authorization: Basic cnVuOnk=\r\n\r\n"));
  EXPECT_FALSE (knows ("CONNECT a:1 HTTP/1.1\r\nX: Proxy-Authorization: Basic cnVuOng=\r\n\r\n"));
  EXPECT_FALSE (knows ("Proxy-Authorization: Basic cnVuOng=\r\n\r\n"));
  EXPECT_FALSE (knows (""));
}

namespace
{

// What OpenSSL says to a certificate for @host from the authority.
int
verify (X509 *authority, GTlsCertificate *leaf)
{
  g_autofree char *pem = nullptr;
  g_object_get (leaf, "certificate-pem", &pem, nullptr);
  BIO *bio = BIO_new_mem_buf (pem, -1);
  X509 *certificate = PEM_read_bio_X509 (bio, nullptr, nullptr, nullptr);
  X509_STORE *store = X509_STORE_new ();
  X509_STORE_CTX *context = X509_STORE_CTX_new ();

  X509_STORE_add_cert (store, authority);
  X509_STORE_CTX_init (context, store, certificate, nullptr);
  X509_STORE_CTX_set_purpose (context, X509_PURPOSE_SSL_SERVER);
  X509_verify_cert (context);
  int error = X509_STORE_CTX_get_error (context);
  X509_STORE_CTX_free (context);
  X509_STORE_free (store);
  X509_free (certificate);
  BIO_free (bio);

  return error;
}

} // namespace

TEST (RunPapers, AreGoodForTheirHostsOnly)
{
  const char *const hosts[] = { "a.example", "b.example", nullptr };
  const char *const others[] = { "c.example", nullptr };
  Error error;
  g_autoptr (BfyRunPapers) papers = bfy_run_papers_new (hosts, error.out ());
  ASSERT_NE (papers, nullptr);
  g_autoptr (BfyRunPapers) stranger = bfy_run_papers_new (others, error.out ());
  BIO *bio = BIO_new_mem_buf (papers->authority, -1);
  X509 *authority = PEM_read_bio_X509 (bio, nullptr, nullptr, nullptr);

  ASSERT_EQ (papers->certificates->len, 2u);
  EXPECT_EQ (std::string (papers->authority).find ("PRIVATE"), std::string::npos);
  for (guint i = 0; i < papers->certificates->len; i++)
    EXPECT_EQ (verify (authority, G_TLS_CERTIFICATE (papers->certificates->pdata[i])), X509_V_OK);
  EXPECT_NE (verify (authority, G_TLS_CERTIFICATE (stranger->certificates->pdata[0])), X509_V_OK);
  int index = X509_get_ext_by_NID (authority, NID_name_constraints, -1);
  ASSERT_GE (index, 0);
  EXPECT_EQ (X509_EXTENSION_get_critical (X509_get_ext (authority, index)), 1);
  X509_free (authority);
  BIO_free (bio);
}

namespace
{

std::string
judge (const BfySandboxFacts &facts)
{
  g_autoptr (JsonArray) findings = json_array_new ();

  bfy_sandbox_findings_judge (findings, &facts);
  if (json_array_get_length (findings) == 0)
    return "";
  return json_object_get_string_member (json_array_get_object_element (findings, 0), "next");
}

} // namespace

TEST (SandboxFindings, SayWhatIsMissing)
{
  EXPECT_EQ (judge ({ TRUE, nullptr, nullptr, nullptr }), "");
  EXPECT_EQ (judge ({ TRUE, "1\n", "0\n", "96364\n" }), "");
  EXPECT_EQ (judge ({ FALSE, "0\n", nullptr, nullptr }), "sudo apt install bubblewrap");
  EXPECT_EQ (judge ({ TRUE, "0\n", nullptr, nullptr }),
             "sudo sysctl -w kernel.unprivileged_userns_clone=1");
  EXPECT_EQ (judge ({ TRUE, nullptr, nullptr, "0\n" }),
             "sudo sysctl -w user.max_user_namespaces=15000");
  EXPECT_EQ (judge ({ TRUE, nullptr, "1\n", nullptr }),
             "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
}
