// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Where connections go: every one is made to addresses that were judged, with one look-up. The
// attacks here are a name that leads somewhere else than it did, one that leads inside, and a proxy
// that would take us there.

#include "tests/fixture/await.h"
#include "tests/fixture/certificates.h"
#include "tests/fixture/names.h"
#include "tests/fixture/private-dirs.h"
#include "tests/fixture/sanitizers.h"
#include "tests/fixture/tunnel-proxy.h"
#include "tests/fixture/upstream.h"
#include "tests/unit/matchers.h"

extern "C"
{
#include "agent/network/network.h"
#include "agent/network/resolve.h"
#include "agent/network/tunnel.h"
#include "agent/proxy/call.h"
#include "agent/proxy/leg.h"
}

namespace
{

using testing::HasSubstr;
using testing::StartsWith;

const char kPlainRequest[] = "GET / HTTP/1.1\r\nHost: far.example\r\n\r\n";

BfyNetworkPolicy *
read_policy (const std::string &text)
{
  BfyJsonSlice root;
  Error error;

  bfy_json_slice_root (text.c_str (), text.size (), &root);

  BfyNetworkPolicy *policy = bfy_network_policy_read (text.c_str (), &root, error.out ());

  EXPECT_THAT (error, Succeeds ());
  return policy;
}

// The slug, or what else is wrong.
std::string
describe (const GError *error)
{
  const char *slug = bfy_network_get_slug (error);

  return slug != nullptr ? slug : error->message;
}

struct Wish
{
  std::string policy = "{}";
  bool allow_local = false;
  std::string proxy = "none";
  bool proxy_resolves = false;
};

BfyTarget *
new_target (const char *text, const Wish &wish, GError **error)
{
  g_autoptr (BfyUpstream) url = bfy_upstream_parse_plain (text, nullptr);
  g_autoptr (BfyNetworkPolicy) policy = read_policy (wish.policy);
  const BfyProxyVariables variables = {};
  g_autoptr (BfyProxies) proxies = bfy_proxies_new (wish.proxy.c_str (), &variables);
  BfyTerms terms = {};

  terms.policy = policy;
  terms.facts = { url->origin, wish.allow_local };
  terms.proxies = proxies;
  terms.proxy_resolves = wish.proxy_resolves;
  return bfy_target_new (url, &terms, error);
}

// What connections to @text may go to, in order, or why to nothing.
std::string
resolve (const char *text, const Wish &wish = {})
{
  Error error;
  g_autoptr (BfyTarget) target = new_target (text, wish, error.out ());
  std::string ways;

  if (target == nullptr)
    return describe (error.get ());

  g_autoptr (GSocketAddressEnumerator) enumerator =
      g_socket_connectable_proxy_enumerate (G_SOCKET_CONNECTABLE (target));

  for (;;)
    {
      Await done;

      g_socket_address_enumerator_next_async (enumerator, nullptr, Await::on_ready, done.data ());

      g_autoptr (GSocketAddress) next =
          g_socket_address_enumerator_next_finish (enumerator, done.result (), error.out ());

      if (error.get () != nullptr)
        return describe (error.get ());
      if (next == nullptr)
        return ways;
      ways += (ways.empty () ? "" : " ") +
              take_text (g_socket_connectable_to_string (G_SOCKET_CONNECTABLE (next)));
      if (G_IS_PROXY_ADDRESS (next))
        ways += std::string (">") +
                g_proxy_address_get_destination_hostname (G_PROXY_ADDRESS (next)) + ":" +
                std::to_string (g_proxy_address_get_destination_port (G_PROXY_ADDRESS (next)));
    }
}

} // namespace

// --- Looking up ---

// Behaviour 14.6.
TEST (NetworkTarget, LeavesOutWhatMayNotBeReached)
{
  Names names ({ { "10.0.0.1", "203.0.113.1", "::1", "2001:db8::1" } });

  EXPECT_EQ (resolve ("https://mixed.example"), "203.0.113.1:443 [2001:db8::1]:443");
  EXPECT_EQ (names.n_lookups (), 1);
}

TEST (NetworkTarget, LeavesOutWhatIsBlocked)
{
  Names names ({ Names::Answer{ "203.0.113.1", "198.51.100.1" }, Names::Answer{ "203.0.113.1" } });
  Wish wish;

  wish.policy = R"({"block":["203.0.113.0/24"]})";
  EXPECT_EQ (resolve ("https://mixed.example", wish), "198.51.100.1:443");
  EXPECT_EQ (resolve ("https://mixed.example", wish), "blocked");
}

// Behaviour A18, its last entry.
TEST (NetworkTarget, RefusesANameThatLeadsInside)
{
  for (const char *address : { "127.0.0.1", "::1", "::ffff:127.0.0.1", "0.0.0.0" })
    {
      Names names ({ { address } });

      EXPECT_EQ (resolve ("https://inside.example"), "localhost") << address;
    }
  for (const char *address : { "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
                               "100.64.0.1", "fd00::1", "fe80::1", "64:ff9b::a00:1" })
    {
      Names names ({ { address } });
      Wish wish;

      EXPECT_EQ (resolve ("https://inside.example"), "private") << address;
      wish.policy = R"({"loopback":true})";
      EXPECT_EQ (resolve ("https://inside.example", wish), "private") << address;
      wish.policy = R"({"private":true})";
      EXPECT_THAT (resolve ("https://inside.example", wish), HasSubstr (":443")) << address;
    }
}

TEST (NetworkTarget, AsksNobodyForWhatIsKnown)
{
  Names names ({ { "203.0.113.1" } });
  Wish local;

  local.allow_local = true;
  EXPECT_EQ (resolve ("http://localhost:7", local), "127.0.0.1:7 [::1]:7");
  EXPECT_EQ (resolve ("https://203.0.113.9:7"), "203.0.113.9:7");
  EXPECT_EQ (resolve ("http://[::1]:7"), "localhost");
  EXPECT_EQ (names.n_lookups (), 0);
}

TEST (NetworkTarget, TellsThatThereIsNoSuchName)
{
  Names names (std::deque<Names::Answer>{ Names::Answer () });
  Wish proxied;

  proxied.proxy = "http://127.0.0.1:3128";
  EXPECT_EQ (resolve ("https://nobody.example"), "no such name");
  EXPECT_EQ (resolve ("https://nobody.example", proxied), "The name cannot be resolved here");
}

TEST (NetworkTarget, BoundsWhatANameLeadsTo)
{
  Names::Answer many;

  for (int i = 1; i <= 100; i++)
    many.push_back ("203.0.113." + std::to_string (i));

  Names names (std::deque<Names::Answer>{ many });
  const std::string ways = resolve ("https://many.example");

  EXPECT_EQ (std::count (ways.begin (), ways.end (), ' '), BFY_RESOLVE_ADDRESSES_MAX - 1);
}

// The proxy is told an address: there is nothing for it to look up. What is local goes around it.
TEST (NetworkTarget, GoesThroughAProxyToWhatWasJudged)
{
  Names names (std::deque<Names::Answer>{ Names::Answer{ "203.0.113.1", "10.0.0.1" } });
  Wish wish;

  wish.proxy = "http://127.0.0.1:3128";
  EXPECT_EQ (resolve ("https://mixed.example", wish), "127.0.0.1:3128>203.0.113.1:443");
  wish.policy = R"({"private":true})";
  EXPECT_EQ (resolve ("https://mixed.example", wish),
             "127.0.0.1:3128>203.0.113.1:443 10.0.0.1:443");
  EXPECT_EQ (resolve ("https://10.0.0.1", wish), "10.0.0.1:443");
  wish.allow_local = true;
  EXPECT_EQ (resolve ("http://localhost:7", wish), "127.0.0.1:7 [::1]:7");
}

TEST (NetworkTarget, DoesNotSendTheProxyInside)
{
  Names names ({ { "10.0.0.1" } });
  Wish wish;

  wish.proxy = "http://127.0.0.1:3128";
  EXPECT_EQ (resolve ("https://inside.example", wish), "private");
}

TEST (NetworkTarget, LeavesNamesToTheProxyWhenToldSo)
{
  Names names ({ { "10.0.0.1" } });
  Wish wish;

  wish.proxy = "http://127.0.0.1:3128";
  wish.proxy_resolves = true;
  EXPECT_EQ (resolve ("https://far.example", wish), "127.0.0.1:3128>far.example:443");
  EXPECT_EQ (resolve ("https://203.0.113.9", wish), "127.0.0.1:3128>203.0.113.9:443");
  EXPECT_EQ (resolve ("https://10.0.0.1", wish), "private");
  EXPECT_EQ (names.n_lookups (), 0);
}

TEST (NetworkTarget, DoesNotGoAroundAProxyThatCannotBeUsed)
{
  Wish wish;

  wish.proxy = "socks5://127.0.0.1:9050";
  EXPECT_THAT (resolve ("https://203.0.113.9", wish), HasSubstr ("only http://HOST:PORT"));
}

// --- Connections ---

namespace
{

// What came of a request over a leg.
struct Passage
{
  guint status = 0;
  std::string error;
  bool is_over = false;
};

class Network : public testing::Test
{
protected:
  ~Network () override
  {
    bfy_network_free (network_);
    for (BfyBinding *binding : bindings_)
      bfy_binding_unref (binding);
    g_tls_backend_set_default_database (g_tls_backend_get_default (), nullptr);
    while (g_main_context_iteration (nullptr, FALSE))
      continue;
  }

  void open (const std::string &proxy = "none")
  {
    const BfyProxyVariables variables = {};

    network_ = bfy_network_new (nullptr, bfy_proxies_new (proxy.c_str (), &variables), FALSE);
  }

  BfyBinding *bind (const std::string &id, const std::string &url, bool allow_local = false)
  {
    BfyBinding *binding = bfy_binding_new ();

    binding->id = g_strdup (id.c_str ());
    binding->name = g_strdup (id.c_str ());
    binding->url = g_strdup (url.c_str ());
    binding->allow_local = allow_local;
    bindings_.push_back (binding);
    return binding;
  }

  // HTTP status, or what went wrong.
  std::string get (BfyBinding *binding, const std::string &url = "")
  {
    static const BfyLegFuncs funcs = { on_starting, on_answered, on_body, on_failed, nullptr };
    Error error;
    const char *target = url.empty () ? binding->url : url.c_str ();
    BfyUpstreams *upstreams = bfy_network_find (network_, binding, target, error.out ());

    if (upstreams == nullptr)
      return describe (error.get ());

    g_autoptr (GCancellable) cancellable = g_cancellable_new ();

    passage_ = Passage ();
    leg_ = bfy_leg_new (upstreams, "GET", target, nullptr, cancellable, error.out ());
    bfy_leg_start (leg_, &funcs, this);
    while (!passage_.is_over)
      g_main_context_iteration (nullptr, TRUE);
    g_clear_pointer (&leg_, bfy_leg_free);
    return passage_.error.empty () ? std::to_string (passage_.status) : passage_.error;
  }

  // A site with a certificate that this process trusts.
  void certify (const std::string &names)
  {
    g_autoptr (GTlsDatabase) database = nullptr;

    g_file_set_contents (dir_.path ("ca.pem").c_str (), authority_.certificate ().c_str (), -1,
                         nullptr);
    database = g_tls_file_database_new (dir_.path ("ca.pem").c_str (), nullptr);
    g_tls_backend_set_default_database (g_tls_backend_get_default (), database);
    site_ = std::make_unique<Upstream> (
        [] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); }, false,
        authority_.issue ({ names }));
  }
  std::string site_url (const std::string &host)
  {
    return "https://" + host + ":" + std::to_string (site_->port ()) + "/mcp";
  }

  BfyNetwork *network_ = nullptr;
  std::unique_ptr<Upstream> site_;

private:
  static void on_starting (gpointer)
  {
  }
  static void on_answered (gpointer user_data)
  {
    auto self = static_cast<Network *> (user_data);

    self->passage_.status = bfy_leg_get_status (self->leg_);
    bfy_leg_read (self->leg_);
  }
  static void on_body (GBytes *bytes, gpointer user_data)
  {
    auto self = static_cast<Network *> (user_data);

    if (bytes != nullptr)
      bfy_leg_read (self->leg_);
    else
      self->passage_.is_over = true;
  }
  static void on_failed (const GError *error, gpointer user_data)
  {
    auto self = static_cast<Network *> (user_data);

    self->passage_.error =
        error->domain == G_IO_ERROR ? bfy_call_describe (error) : describe (error);
    self->passage_.is_over = true;
  }

  TempDir dir_;
  Authority authority_;
  std::vector<BfyBinding *> bindings_;
  BfyLeg *leg_ = nullptr;
  Passage passage_;
};

Upstream::Script
answering ()
{
  return [] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); };
}

#define SKIP_TLS_WHEN_SANITIZED                                                                    \
  if (is_sanitized ())                                                                             \
  GTEST_SKIP () << "clang's leak sanitizer reads wild memory once GnuTLS has had a thread"

} // namespace

// Rebinding (behaviour M17): the answers of the name server after the first one change nothing for
// the connection that is there, and are judged like the first for a new one.
TEST_F (Network, ANameIsLookedUpOnceForAConnection)
{
  SKIP_TLS_WHEN_SANITIZED;
  certify ("DNS:rebind.example");

  TunnelProxy proxy (site_->port ());
  Names names ({ Names::Answer{ "203.0.113.7" }, Names::Answer{ "127.0.0.1" } });

  open (proxy.url ());

  BfyBinding *binding = bind ("a", site_url ("rebind.example"));

  EXPECT_EQ (get (binding), "200");
  EXPECT_EQ (get (binding), "200");
  EXPECT_EQ (names.n_lookups (), 1);
  EXPECT_EQ (site_->n_connections (), 1);

  bfy_network_renew (network_);
  EXPECT_EQ (get (binding), "localhost");
  EXPECT_EQ (names.n_lookups (), 2);
  EXPECT_EQ (site_->n_connections (), 1);
}

// Craft J25: the name in TLS and in the request is that of the URL, whatever it led to.
TEST_F (Network, J25TheProxySeesAnAddressAndTheSiteItsName)
{
  SKIP_TLS_WHEN_SANITIZED;
  certify ("DNS:far.example");

  TunnelProxy proxy (site_->port ());
  Names names ({ { "203.0.113.7" } });
  const std::string port = std::to_string (site_->port ());

  open (proxy.url ());
  EXPECT_EQ (get (bind ("a", site_url ("far.example"))), "200");
  ASSERT_EQ (proxy.heads ().size (), 1u);
  EXPECT_THAT (proxy.heads ()[0], StartsWith ("CONNECT 203.0.113.7:" + port + " HTTP/1.1\r\n"));
  EXPECT_THAT (proxy.heads ()[0], testing::Not (HasSubstr ("far.example")));
  EXPECT_EQ (site_->requests (1)[0].header ("host"), "far.example:" + port);
}

TEST_F (Network, AnotherNameInTheCertificateIsRefusedThroughAProxyToo)
{
  SKIP_TLS_WHEN_SANITIZED;
  certify ("DNS:other.example,IP:203.0.113.7");

  TunnelProxy proxy (site_->port ());
  Names names ({ { "203.0.113.7" } });

  open (proxy.url ());
  EXPECT_NE (get (bind ("a", site_url ("far.example"))), "200");
  EXPECT_EQ (site_->requests ().size (), 0u);
}

// Craft J11: plain http goes through CONNECT as well. No binding has such an upstream yet, so it is
// asked for by hand.
TEST_F (Network, J11PlainHttpGoesThroughATunnel)
{
  Upstream server (answering ());
  TunnelProxy proxy (server.port ());
  Names names ({ { "203.0.113.7" } });
  const std::string url = "http://far.example:" + std::to_string (server.port ()) + "/mcp";
  Wish wish;
  Error error;

  wish.policy = R"({"plain_http":true})";
  wish.proxy = proxy.url ();

  g_autoptr (BfyTarget) target = new_target (url.c_str (), wish, error.out ());

  ASSERT_NE (target, nullptr) << error;

  g_autoptr (GSocketClient) client = g_socket_client_new ();
  Await done;

  bfy_tunnel_init ();
  g_socket_client_connect_async (client, G_SOCKET_CONNECTABLE (target), nullptr, Await::on_ready,
                                 done.data ());

  g_autoptr (GSocketConnection) connection =
      g_socket_client_connect_finish (client, done.result (), error.out ());

  ASSERT_NE (connection, nullptr) << error;
  EXPECT_THAT (proxy.heads ()[0], StartsWith ("CONNECT 203.0.113.7:"));
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                             kPlainRequest, strlen (kPlainRequest), nullptr, nullptr, nullptr);
  EXPECT_EQ (server.requests (1)[0].header ("host"), "far.example");
}

struct ProxyCase
{
  const char *name, *answer, *want;
};

class BadProxy : public Network, public testing::WithParamInterface<ProxyCase>
{
};

TEST_P (BadProxy, IsNamed)
{
  TunnelProxy proxy (1, GetParam ().answer);
  Names names ({ { "203.0.113.7" } });

  open (proxy.url ());
  EXPECT_THAT (get (bind ("a", "https://far.example/mcp")), HasSubstr (GetParam ().want));
}

INSTANTIATE_TEST_SUITE_P (
    Answers,
    BadProxy,
    testing::Values (
        ProxyCase{ "NeedsAuthentication",
                   "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n",
                   "wants a user name" },
        ProxyCase{ "Forbids", "HTTP/1.1 403 Forbidden\r\n\r\n", "does not allow" },
        ProxyCase{ "Fails", "HTTP/1.1 502 Bad Gateway\r\n\r\n", "makes no connection" },
        ProxyCase{ "IsNoProxy", "SSH-2.0-OpenSSH\r\n\r\n", "makes no connection" },
        ProxyCase{ "HangsUp", "HTTP/1.1 200 OK\r\n", "makes no connection" },
        ProxyCase{ "SpeaksFirst", "HTTP/1.1 200 OK\r\n\r\nplanted", "makes no connection" },
        ProxyCase{ "OddStatus", "HTTP/1.1 2x0 OK\r\n\r\n", "makes no connection" }),
    [] (const auto &info) { return info.param.name; });

TEST_F (Network, AProxyCannotAnswerForEver)
{
  TunnelProxy proxy (1, "HTTP/1.1 200 OK\r\nX: " + std::string (100000, 'x'));
  Names names ({ { "203.0.113.7" } });

  open (proxy.url ());
  EXPECT_THAT (get (bind ("a", "https://far.example/mcp")), HasSubstr ("makes no connection"));
}

TEST_F (Network, ANameThatLeadsInsideIsNotConnectedTo)
{
  SKIP_TLS_WHEN_SANITIZED;
  certify ("DNS:inside.example");

  Names names ({ { "127.0.0.1" } });

  open ();
  EXPECT_EQ (get (bind ("a", site_url ("inside.example"))), "localhost");
  EXPECT_EQ (site_->n_connections (), 0);
}

// Behaviour 14.2: the binding's own upstream and nothing else, unless a list says so.
TEST_F (Network, TheDefaultIsTheOwnUpstream)
{
  Upstream server (answering ()), other (answering ());

  open ();

  BfyBinding *binding = bind ("a", server.url (), true);

  EXPECT_EQ (get (binding), "200");
  EXPECT_EQ (get (binding, server.url ("/elsewhere")), "200");
  EXPECT_EQ (get (binding, other.url ()), "localhost");
  EXPECT_EQ (get (binding, "https://203.0.113.9/"), "no_allowlist");
  EXPECT_EQ (get (binding, "http://user@127.0.0.1/"), "bad_url");
  EXPECT_EQ (get (bind ("b", server.url ())), "localhost");
  EXPECT_EQ (other.n_connections (), 0);
}

// An origin that begins like another one has connections of its own, or none.
TEST_F (Network, AnOriginIsComparedWhole)
{
  Upstream server (answering ());

  open ();

  BfyBinding *binding = bind ("a", server.url (), true);

  EXPECT_EQ (get (binding), "200");
  EXPECT_EQ (get (binding, "http://127.0.0.1:" + std::to_string (server.port ()) + "0/mcp"),
             server.port () < 6554 ? "localhost" : "bad_url");
  EXPECT_EQ (get (binding, "http://127.0.0.1:" + std::to_string (server.port ()) + ".evil/"),
             "bad_url");
}

// Craft J44.
TEST_F (Network, J44TwoAccountsOnOneHostShareNoConnection)
{
  Upstream server (answering ());

  open ();

  BfyBinding *first = bind ("a", server.url (), true);
  BfyBinding *second = bind ("b", server.url (), true);

  EXPECT_EQ (get (first), "200");
  EXPECT_EQ (get (second), "200");
  EXPECT_EQ (server.n_connections (), 2);
  EXPECT_EQ (get (first), "200");
  EXPECT_EQ (get (second), "200");
  EXPECT_EQ (server.n_connections (), 2);
}

TEST_F (Network, ConsentThatIsTakenBackEndsConnections)
{
  Upstream server (answering ());

  open ();

  BfyBinding *binding = bind ("a", server.url (), true);

  EXPECT_EQ (get (binding), "200");
  binding->allow_local = FALSE;
  EXPECT_EQ (get (binding), "localhost");
  binding->allow_local = TRUE;
  EXPECT_EQ (get (binding), "200");
  EXPECT_EQ (server.n_connections (), 2);
}

TEST_F (Network, KeepsSoManyAndNoMore)
{
  open ();

  BfyBinding *binding = bind ("first", "https://203.0.113.9/mcp");
  g_autoptr (BfyUpstreams) first =
      BFY_UPSTREAMS (g_object_ref (bfy_network_find (network_, binding, binding->url, nullptr)));

  EXPECT_EQ (bfy_network_find (network_, binding, binding->url, nullptr), first);
  for (int i = 0; i < BFY_NETWORK_KEPT_MAX; i++)
    {
      BfyBinding *other = bind ("b" + std::to_string (i), "https://203.0.113.9/mcp");

      EXPECT_NE (bfy_network_find (network_, other, other->url, nullptr), nullptr);
    }
  EXPECT_NE (bfy_network_find (network_, binding, binding->url, nullptr), first);
}

// --- Words ---

TEST (NetworkWords, SayWhatToType)
{
  BfyBinding *binding = bfy_binding_new ();

  binding->name = g_strdup ("svc");
  for (int verdict = BFY_NETWORK_BLOCKED; verdict < BFY_N_NETWORK_VERDICTS; verdict++)
    {
      g_autoptr (GError) error = g_error_new_literal (BFY_NETWORK_ERROR, verdict, "");
      g_autoptr (GError) explained = bfy_network_explain (error, binding);

      EXPECT_TRUE (g_error_matches (explained, BFY_ERROR, BFY_ERROR_DENIED));
      EXPECT_THAT (explained->message, HasSubstr (std::string ("(") + describe (error) + ")"));
      EXPECT_THAT (explained->message, testing::ContainsRegex ("bindify policy (set|show) svc"));
    }
  bfy_binding_unref (binding);
}
