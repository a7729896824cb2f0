// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Where the agent's requests may go: names that lead inside, or somewhere else than yesterday, a
// policy that says where, and a proxy on the way. The addresses of the internet are played by a
// proxy that goes to this machine whatever it is asked for; names are in a list of our own.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/certificates.h"
#include "tests/fixture/proxied.h"
#include "tests/fixture/trust.h"
#include "tests/fixture/tunnel-proxy.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

extern "C" const char *
__asan_default_options ()
{
  return "intercept_tls_get_addr=0";
}

namespace
{

constexpr char kSecret[] = "sk-network-0123456789abcdefghijklmnopqrstuvwxyz";

// An agent behind a proxy, with names of its own and a site that it trusts.
class Behind : public testing::Test
{
protected:
  void SetUp () override
  {
    write_file (dir_.path ("ca.pem"), authority_.certificate (), 0644);
    name ("203.0.113.7 far.example\n127.0.0.1 inside.example\n10.9.8.7 office.example\n");

    Process::Options probe;

    probe.argv = trusting (dir_.path ("ca.pem"), true);
    probe.argv.push_back ("true");
    if (run (probe).status != 0)
      GTEST_SKIP () << "no mount namespace of our own can be had";
    site = std::make_unique<Upstream> (
        mcp_script (kSecret), false,
        authority_.issue ({ "DNS:far.example,DNS:inside.example,IP:203.0.113.7" }));
    proxy = std::make_unique<TunnelProxy> (site->port ());
  }

  void start (const std::map<std::string, std::string> &environment, const std::string &config = "")
  {
    Agent::Options options;

    options.wrapper = trusting (dir_.path ("ca.pem"), true);
    options.environment = environment;
    options.config = config;
    agent = std::make_unique<Agent> (options);
    key = agent->add_client ("story");
  }
  void start_behind_proxy ()
  {
    start ({ { "https_proxy", proxy->url () } });
  }

  void name (const std::string &lines)
  {
    write_file (dir_.path ("ca.pem.hosts"), lines, 0644);
  }
  void bind (const std::string &host, const std::string &more = "")
  {
    const Response added = agent->control (
        "POST", "/v1/bindings",
        "{\"name\":\"svc\",\"url\":\"https://" + host + ":" + std::to_string (site->port ()) +
            "/mcp\",\"check\":false,\"credential\":{\"type\":\"api_key\",\"api_key\":\"" + kSecret +
            "\"}" + more + "}");

    ASSERT_EQ (added.status, 201) << added.body;
  }
  Response call ()
  {
    return agent->post ("svc", key, kToolCall);
  }
  std::string events ()
  {
    return agent->control ("GET", "/v1/events").body;
  }

  TempDir dir_;
  Authority authority_;
  std::unique_ptr<Upstream> site;
  std::unique_ptr<TunnelProxy> proxy;
  std::unique_ptr<Agent> agent;
  std::string key;
};

const char kOk[] = "\"result\"";

} // namespace

TEST_F (Behind, TlsWorksAndTheProxySeesAnAddressOnly)
{
  start_behind_proxy ();
  bind ("far.example");
  EXPECT_THAT (call ().body, HasSubstr (kOk));
  EXPECT_THAT (call ().body, HasSubstr (kOk));
  ASSERT_EQ (proxy->heads ().size (), 1u) << "the connection is kept";
  EXPECT_THAT (proxy->heads ()[0],
               StartsWith ("CONNECT 203.0.113.7:" + std::to_string (site->port ()) + " "));
  EXPECT_THAT (proxy->heads ()[0],
               AllOf (Not (HasSubstr ("far.example")), Not (HasSubstr (kSecret))));
  EXPECT_THAT (site->requests (1)[0].header ("host"), StartsWith ("far.example:"));
}

// Behaviour A18, M17: the name leads to this machine, where a site with the right certificate waits
// for the credential.
TEST_F (Behind, ANameThatLeadsInsideIsRefused)
{
  start_behind_proxy ();
  bind ("inside.example");

  const Response response = call ();

  EXPECT_EQ (response.status, 200);
  EXPECT_THAT (response.body,
               AllOf (HasSubstr ("-31004"), HasSubstr ("\"reason\":\"denied\""),
                      HasSubstr ("(localhost)"), HasSubstr ("bindify policy set svc")));
  EXPECT_THAT (response.body, HasSubstr ("\"id\":\"call-1\""));
  EXPECT_EQ (site->n_connections (), 0);
  EXPECT_EQ (proxy->heads ().size (), 0u) << "nor does a proxy have to go there";
  EXPECT_THAT (events (), AllOf (HasSubstr ("\"type\":\"network_request_denied\""),
                                 HasSubstr ("\"detail\":\"localhost\""),
                                 HasSubstr ("\"outcome\":\"blocked\"")));
}

TEST_F (Behind, APrivateTargetNeverReachesTheProxy)
{
  start_behind_proxy ();
  bind ("office.example");
  EXPECT_THAT (call ().body, HasSubstr ("(private)"));
  EXPECT_EQ (proxy->heads ().size (), 0u);
}

// Rebinding: the name is good when it is added, and the next day it is not.
TEST_F (Behind, RebindingIsNoticedWithTheNextConnection)
{
  start_behind_proxy ();
  bind ("far.example");
  EXPECT_THAT (call ().body, HasSubstr (kOk));
  name ("127.0.0.1 far.example\n");
  EXPECT_THAT (call ().body, HasSubstr (kOk)) << "the connection goes where it was judged to go";
  EXPECT_EQ (site->n_connections (), 1);

  // Locking closes what is idle.
  agent->control ("POST", "/v1/lock");
  agent->control ("POST", "/v1/unlock");
  EXPECT_THAT (call ().body, HasSubstr ("(localhost)"));
  EXPECT_EQ (site->n_connections (), 1);
}

// A binding that is being added is told from the look of its name, so that consent can be asked.
TEST_F (Behind, AddingANameThatLeadsInsideAsksForConsent)
{
  start_behind_proxy ();

  const Response added = agent->control (
      "POST", "/v1/bindings",
      "{\"name\":\"svc\",\"url\":\"https://inside.example:" + std::to_string (site->port ()) +
          "/mcp\",\"credential\":{\"type\":\"api_key\",\"api_key\":\"" + kSecret + "\"}}");

  EXPECT_THAT (added.body, AllOf (HasSubstr ("local_address"), HasSubstr ("--allow-local")));
  EXPECT_EQ (site->n_connections (), 0);
}

TEST_F (Behind, ConsentIsForTheOwnOriginAndGoesAroundTheProxy)
{
  start_behind_proxy ();
  bind ("inside.example", ",\"allow_local\":true");
  EXPECT_THAT (call ().body, HasSubstr (kOk));
  EXPECT_EQ (proxy->heads ().size (), 0u);
}

// --- Policies ---

TEST_F (Behind, APolicyBlocksByAddressAndTakesEffectAtOnce)
{
  start_behind_proxy ();
  bind ("far.example");
  EXPECT_THAT (call ().body, HasSubstr (kOk));
  EXPECT_EQ (
      agent
          ->control ("PUT", "/v1/bindings/svc/policy",
                     R"({"version":1,"default":"allow","network":{"block":["203.0.113.0/24"]}})")
          .status,
      200);
  EXPECT_THAT (call ().body, HasSubstr ("(blocked)"));
  EXPECT_EQ (site->n_connections (), 1);
  EXPECT_EQ (agent->control ("PUT", "/v1/bindings/svc/policy", R"({"version":1,"default":"allow"})")
                 .status,
             200);
  EXPECT_THAT (call ().body, HasSubstr (kOk));
  EXPECT_EQ (site->n_connections (), 2) << "idle connections went with the old policy";
}

TEST_F (Behind, AFlagLetsANameLeadInside)
{
  start_behind_proxy ();
  bind ("inside.example",
        R"(,"policy":{"version":1,"default":"allow","network":{"loopback":true}})");
  EXPECT_THAT (call ().body, HasSubstr (kOk));
}

// --- Which proxy ---

TEST_F (Behind, SettingsAreStrongerThanTheEnvironment)
{
  start ({ { "https_proxy", "http://127.0.0.1:1" } }, "[network]\nproxy=" + proxy->url () + "\n");
  bind ("far.example");
  EXPECT_THAT (call ().body, HasSubstr (kOk));
  EXPECT_EQ (proxy->heads ().size (), 1u);
}

// Craft J13.
TEST_F (Behind, J13NoProxyIsHonoured)
{
  start ({ { "https_proxy", proxy->url () }, { "no_proxy", "far.example" } },
         "[limits]\nconnect_timeout_ms=200\n");
  bind ("far.example");
  EXPECT_THAT (call ().body, Not (HasSubstr (kOk)));
  EXPECT_EQ (proxy->heads ().size (), 0u);
}

TEST_F (Behind, ProxyNoneTurnsItOff)
{
  start ({ { "ALL_PROXY", proxy->url () } },
         "[network]\nproxy=none\n[limits]\nconnect_timeout_ms=200\n");
  bind ("far.example");
  EXPECT_THAT (call ().body, Not (HasSubstr (kOk)));
  EXPECT_EQ (proxy->heads ().size (), 0u);
}

TEST_F (Behind, AProxyThatCannotBeUsedIsNotGoneAround)
{
  start ({ { "all_proxy", "socks5://127.0.0.1:9050" } });
  bind ("far.example");
  EXPECT_THAT (call ().body, AllOf (HasSubstr ("only http://HOST:PORT"), HasSubstr ("proxy=none")));
  EXPECT_THAT (agent->control ("GET", "/v1/status").body, HasSubstr ("all_proxy: "));
  EXPECT_EQ (site->n_connections (), 0);
}

TEST_F (Behind, ANameThatOnlyTheProxyKnowsIsExplained)
{
  start_behind_proxy ();
  bind ("nowhere.invalid");
  EXPECT_THAT (call ().body, HasSubstr ("proxy_resolves=true"));
  EXPECT_EQ (proxy->heads ().size (), 0u);
}

TEST_F (Behind, NamesAreLeftToTheProxyWhenToldSo)
{
  start ({}, "[network]\nproxy=" + proxy->url () + "\nproxy_resolves=true\n");
  bind ("far.example");
  EXPECT_THAT (call ().body, HasSubstr (kOk));
  EXPECT_THAT (proxy->heads ()[0], StartsWith ("CONNECT far.example:"));
}

// --- Sizes and time (behaviour 14.9) ---

class NetworkLimits : public Proxied
{
protected:
  void limit (Upstream::Script script, const std::string &network)
  {
    open (std::move (script),
          R"(,"policy":{"version":1,"default":"allow","network":)" + network + "}");
  }
};

TEST_F (NetworkLimits, ThePolicysSizesCount)
{
  limit ([] (Upstream::Peer &peer,
             const Upstream::Request &) { peer.reply (200, std::string (3000, ' ')); },
         R"({"request_bytes_max":2000,"response_bytes_max":2000})");
  EXPECT_EQ (call (std::string (kToolCall) + std::string (2000, ' ')).status, 413);
  EXPECT_EQ (upstream->requests ().size (), 0u);
  EXPECT_THAT (call ().body, HasSubstr ("response_too_large"));
}

// One byte now and then keeps no request alive for longer than that.
TEST_F (NetworkLimits, OneDeadlineIsForTheBodyToo)
{
  limit (
      [] (Upstream::Peer &peer, const Upstream::Request &) {
        peer.write ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                    "Content-Length: 100000\r\n\r\n{");
        while (!peer.wait_for_close (20))
          peer.write (" ");
      },
      R"({"timeout_ms":300})");

  Connection connection = begin ("POST", kToolCall);

  EXPECT_EQ (upstream->requests (1).size (), 1u);
  EXPECT_TRUE (connection.wait_for_close (10000)) << "30 s is what others get";
}
