// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <arpa/inet.h>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/network-policy.h"
}

namespace
{

using ::operator<<; // prints a row by its name
using testing::HasSubstr;

class Policy
{
public:
  explicit Policy (const std::string &text)
  {
    BfyJsonSlice root;

    EXPECT_TRUE (bfy_json_check (text.c_str (), text.size (), nullptr)) << text;
    bfy_json_slice_root (text.c_str (), text.size (), &root);
    policy_ = bfy_network_policy_read (text.c_str (), &root, error.out ());
  }
  Policy (const Policy &) = delete;
  Policy &operator= (const Policy &) = delete;
  ~Policy ()
  {
    bfy_network_policy_unref (policy_);
  }
  BfyNetworkPolicy *get () const
  {
    return policy_;
  }

  Error error;

private:
  BfyNetworkPolicy *policy_;
};

const BfyNetworkFacts no_facts = { nullptr, FALSE };

std::string
check_url (const BfyNetworkPolicy *policy,
           const char *text,
           BfyNetworkPurpose purpose = BFY_NETWORK_FOR_CALL,
           const BfyNetworkFacts &facts = no_facts)
{
  g_autoptr (BfyUpstream) url = bfy_upstream_parse_plain (text, nullptr);

  return bfy_network_verdict_to_slug (bfy_network_policy_check_url (policy, url, purpose, &facts));
}

std::string
check_address (const BfyNetworkPolicy *policy,
               const char *text,
               const char *address,
               const BfyNetworkFacts &facts = no_facts)
{
  g_autoptr (BfyUpstream) url = bfy_upstream_parse_plain (text, nullptr);
  guint8 bytes[16];
  bool is_v6 = strchr (address, ':') != nullptr;

  EXPECT_EQ (inet_pton (is_v6 ? AF_INET6 : AF_INET, address, bytes), 1) << address;
  return bfy_network_verdict_to_slug (
      bfy_network_policy_check_address (policy, url, bytes, is_v6 ? 16 : 4, &facts));
}

struct UrlCase
{
  const char *name, *policy, *url, *want;
};

class NetworkUrl : public testing::TestWithParam<UrlCase>
{
};

TEST_P (NetworkUrl, IsJudged)
{
  Policy policy (GetParam ().policy);

  ASSERT_NE (policy.get (), nullptr) << policy.error;
  EXPECT_EQ (check_url (policy.get (), GetParam ().url), GetParam ().want);
}

#define ANY R"({"allow":["any"]})"

// Behaviour A18: every spelling of an address that is not on the internet.
INSTANTIATE_TEST_SUITE_P (
    A18,
    NetworkUrl,
    testing::Values (UrlCase{ "V6Loopback", ANY, "https://[::1]/", "localhost" },
                     UrlCase{ "V6Any", ANY, "https://[::]/", "localhost" },
                     UrlCase{ "SecondLoopback", ANY, "https://127.0.0.2/", "localhost" },
                     UrlCase{ "Hexadecimal", ANY, "https://0x7f000001/", "localhost" },
                     UrlCase{ "Short", ANY, "https://127.1/", "localhost" },
                     UrlCase{ "Octal", ANY, "https://0177.0.0.1/", "localhost" },
                     UrlCase{ "Integer", ANY, "https://2130706433/", "localhost" },
                     UrlCase{ "Zero", ANY, "https://0/", "localhost" },
                     UrlCase{ "FullWidth", ANY, "https://１２７。０。０。１/", "localhost" },
                     UrlCase{ "Localhost", ANY, "https://localhost/", "localhost" },
                     UrlCase{ "LocalhostDot", ANY, "https://localhost./", "localhost" },
                     UrlCase{ "LocalhostMixedCase", ANY, "https://LocalHost/", "localhost" },
                     UrlCase{ "BelowLocalhost", ANY, "https://a.localhost/", "localhost" },
                     UrlCase{ "MappedLoopback", ANY, "https://[::ffff:7f00:1]/", "localhost" },
                     UrlCase{ "Metadata", ANY, "https://169.254.169.254/", "private" },
                     UrlCase{ "MetadataInteger", ANY, "https://2852039166/", "private" },
                     UrlCase{ "CarrierNat", ANY, "https://100.64.0.1/", "private" },
                     UrlCase{ "Ten", ANY, "https://10.0.0.1/", "private" },
                     UrlCase{ "Twelve", ANY, "https://172.31.255.255/", "private" },
                     UrlCase{ "Sixteen", ANY, "https://192.168.0.1/", "private" },
                     UrlCase{ "UniqueLocal", ANY, "https://[fd00::1]/", "private" },
                     UrlCase{ "LinkLocal", ANY, "https://[fe80::1]/", "private" },
                     UrlCase{ "Multicast", ANY, "https://224.0.0.1/", "private" },
                     UrlCase{ "Mapped", ANY, "https://[::ffff:10.0.0.1]/", "private" },
                     UrlCase{ "Nat64", ANY, "https://[64:ff9b::10.0.0.1]/", "private" },
                     UrlCase{ "SixToFour", ANY, "https://[2002:a00:1::]/", "private" },
                     UrlCase{ "LooksPrivate", ANY, "https://10.evil.com/", "allowed" },
                     UrlCase{ "LooksLoopback", ANY, "https://127.0.0.1.evil.com/", "allowed" },
                     UrlCase{ "BesideTwelve", ANY, "https://172.32.0.1/", "allowed" },
                     UrlCase{ "BesideCarrierNat", ANY, "https://100.128.0.1/", "allowed" },
                     UrlCase{ "UserInfo", ANY, "https://a@127.0.0.1/", "bad_url" },
                     UrlCase{ "Escape", ANY, "https://127.0.0.%31/", "bad_url" },
                     UrlCase{ "Nothing", ANY, "", "bad_url" }),
    case_name<UrlCase>);

#define LIST                                                                                       \
  R"({"allow":["api.example.com","*.example.org:8443","https://x.example",)"                       \
  R"("bücher.example","203.0.113.0/24","2001:db8::/32","Upper.Example."]})"

// Behaviour 14.7, craft J33.
INSTANTIATE_TEST_SUITE_P (
    Patterns,
    NetworkUrl,
    testing::Values (
        UrlCase{ "Exact", LIST, "https://api.example.com/", "allowed" },
        UrlCase{ "AnyPort", LIST, "https://api.example.com:8443/", "allowed" },
        UrlCase{ "MixedCase", LIST, "https://API.Example.COM/", "allowed" },
        UrlCase{ "TrailingDot", LIST, "https://api.example.com./", "allowed" },
        UrlCase{ "DotInThePattern", LIST, "https://upper.example/", "allowed" },
        UrlCase{ "Below", LIST, "https://a.api.example.com/", "not_listed" },
        UrlCase{ "Above", LIST, "https://example.com/", "not_listed" },
        UrlCase{ "SuffixWithoutDot", LIST, "https://evilapi.example.com/", "not_listed" },
        UrlCase{ "Prefix", LIST, "https://api.example.com.evil.net/", "not_listed" },
        UrlCase{ "Homograph", LIST, "https://аpi.example.com/", "not_listed" },
        UrlCase{ "StarItself", LIST, "https://example.org:8443/", "allowed" },
        UrlCase{ "StarBelow", LIST, "https://a.b.example.org:8443/", "allowed" },
        UrlCase{ "StarOtherPort", LIST, "https://a.example.org/", "not_listed" },
        UrlCase{ "StarSuffixWithoutDot", LIST, "https://evilexample.org:8443/", "not_listed" },
        UrlCase{ "StarHyphen", LIST, "https://a-example.org:8443/", "not_listed" },
        UrlCase{ "Scheme", LIST, "https://x.example/", "allowed" },
        UrlCase{ "International", LIST, "https://BÜCHER.example/", "allowed" },
        UrlCase{ "Punycode", LIST, "https://xn--bcher-kva.example/", "allowed" },
        UrlCase{ "Range", LIST, "https://203.0.113.9/", "allowed" },
        UrlCase{ "RangeOddSpelling", LIST, "https://0xcb007109/", "allowed" },
        UrlCase{ "RangeMapped", LIST, "https://[::ffff:203.0.113.9]/", "allowed" },
        UrlCase{ "RangeEnd", LIST, "https://203.0.114.0/", "not_listed" },
        UrlCase{ "RangeV6", LIST, "https://[2001:db8:1::1]/", "allowed" },
        UrlCase{ "RangeV6End", LIST, "https://[2001:db9::1]/", "not_listed" },
        UrlCase{ "NameLikeTheRange", LIST, "https://203.0.113.9.evil.net/", "not_listed" },
        UrlCase{ "OtherScheme", R"({"allow":["https://x.example"],"plain_http":true})",
                 "http://x.example/", "not_listed" },
        UrlCase{ "BareV6", R"({"allow":["2001:db8::1"]})", "https://[2001:db8::1]:9/", "allowed" },
        UrlCase{ "V6WithPort", R"({"allow":["[2001:db8::1]:8443"]})", "https://[2001:db8::1]/",
                 "not_listed" },
        UrlCase{ "AnyWithPort", R"({"allow":["https://any:8443"]})", "https://a.b:8443/",
                 "allowed" },
        UrlCase{ "AnyWithOtherPort", R"({"allow":["any:8443"]})", "https://a.b/", "not_listed" },
        UrlCase{ "AnyIsNoPrefix", R"({"allow":["anybody.example"]})", "https://a.b/",
                 "not_listed" }),
    case_name<UrlCase>);

// Behaviour 14.2: each row is decided one step before it would be decided otherwise.
INSTANTIATE_TEST_SUITE_P (
    Precedence,
    NetworkUrl,
    testing::Values (
        UrlCase{ "BlockedBeforeListed", R"({"allow":["a.b"],"block":["a.b"]})", "https://a.b/",
                 "blocked" },
        UrlCase{ "BlockedBeforeLocal", R"({"loopback":true,"block":["127.0.0.0/8"]})",
                 "https://127.0.0.1/", "blocked" },
        UrlCase{ "BlockedAny", R"({"allow":["any"],"block":["any"]})", "https://a.b/", "blocked" },
        UrlCase{ "BlockedBelow", R"({"allow":["any"],"block":["*.b"]})", "https://A.B./",
                 "blocked" },
        UrlCase{ "BlockedSchemeOnly", R"({"allow":["any"],"block":["http://a.b"]})", "https://a.b/",
                 "allowed" },
        UrlCase{ "LocalBeforeList", R"({"allow":["localhost","127.0.0.1"]})", "https://127.0.0.1/",
                 "localhost" },
        UrlCase{ "LoopbackFlagDecides", R"({"loopback":true})", "http://localhost:1/", "allowed" },
        UrlCase{ "LoopbackIsNotPrivate", R"({"loopback":true})", "http://10.0.0.1/", "private" },
        UrlCase{ "PrivateFlagDecides", R"({"private":true})", "http://10.0.0.1/", "allowed" },
        UrlCase{ "PrivateIsNotLoopback", R"({"private":true})", "http://127.0.0.1/", "localhost" },
        UrlCase{ "LocalBeforePort", R"({"ports":[443]})", "https://10.0.0.1:8443/", "private" },
        UrlCase{ "PortAlsoOfLocal", R"({"private":true,"ports":[443]})", "https://10.0.0.1:8443/",
                 "bad_port" },
        UrlCase{ "PortBeforeList", R"({"allow":["any"],"ports":[443]})", "https://a.b:8443/",
                 "bad_port" },
        UrlCase{ "PortRange", R"({"allow":["any"],"ports":[443,"8000-8999"]})", "https://a.b:8999/",
                 "allowed" },
        UrlCase{ "PortAfterRange", R"({"allow":["any"],"ports":[443,"8000-8999"]})",
                 "https://a.b:9000/", "bad_port" },
        UrlCase{ "PlainBeforeList", R"({"allow":["any"]})", "http://a.b/", "plain_http" },
        UrlCase{ "PlainSaidSo", R"({"allow":["any"],"plain_http":true})", "http://a.b/",
                 "allowed" },
        UrlCase{ "EmptyListDeniesAll", R"({})", "https://a.b/", "no_allowlist" },
        UrlCase{ "NotListed", R"({"allow":["c.d"]})", "https://a.b/", "not_listed" }),
    case_name<UrlCase>);

TEST (NetworkPolicy, DefaultsAllowTheBindingsOwnUpstreamOnly)
{
  const BfyNetworkFacts facts = { "https://api.example.com", FALSE };

  EXPECT_EQ (check_url (nullptr, "https://api.example.com/x", BFY_NETWORK_FOR_CALL, facts),
             "allowed");
  EXPECT_EQ (check_url (nullptr, "https://api.example.com:8443/", BFY_NETWORK_FOR_CALL, facts),
             "no_allowlist");
  EXPECT_EQ (check_url (nullptr, "http://api.example.com/", BFY_NETWORK_FOR_CALL, facts),
             "plain_http");
  EXPECT_EQ (check_url (nullptr, "https://other.example.com/", BFY_NETWORK_FOR_CALL, facts),
             "no_allowlist");
}

TEST (NetworkPolicy, OwnUpstreamIsAllowedUnlessItIsBlocked)
{
  const BfyNetworkFacts facts = { "https://api.example.com:9", FALSE };
  Policy narrow (R"({"allow":["c.d"],"ports":[443]})");
  Policy blocking (R"({"block":["*.example.com"]})");

  EXPECT_EQ (check_url (narrow.get (), "https://api.example.com:9/", BFY_NETWORK_FOR_CALL, facts),
             "allowed");
  EXPECT_EQ (check_url (blocking.get (), "https://api.example.com:9/", BFY_NETWORK_FOR_CALL, facts),
             "blocked");
}

// Consent to a local upstream is for exactly its origin.
TEST (NetworkPolicy, AllowLocalIsOneOrigin)
{
  const BfyNetworkFacts facts = { "http://127.0.0.1:8080", TRUE };
  const BfyNetworkFacts without = { "http://127.0.0.1:8080", FALSE };

  EXPECT_EQ (check_url (nullptr, "http://127.0.0.1:8080/a", BFY_NETWORK_FOR_CALL, facts),
             "allowed");
  EXPECT_EQ (check_url (nullptr, "http://127.0.0.1:8080/a", BFY_NETWORK_FOR_CALL, without),
             "localhost");
  EXPECT_EQ (check_url (nullptr, "http://127.0.0.1:8081/", BFY_NETWORK_FOR_CALL, facts),
             "localhost");
  EXPECT_EQ (check_url (nullptr, "http://10.0.0.1:8080/", BFY_NETWORK_FOR_CALL, facts), "private");
  EXPECT_EQ (check_address (nullptr, "http://127.0.0.1:8080/", "127.0.0.1", facts), "allowed");
  EXPECT_EQ (check_address (nullptr, "http://127.0.0.1:8080/", "127.0.0.1", without), "localhost");
}

TEST (NetworkPolicy, SignInNeedsNoList)
{
  Policy policy (R"({"allow":["c.d"],"block":["evil.example"],"ports":[443]})");

  EXPECT_EQ (check_url (policy.get (), "https://as.example/", BFY_NETWORK_FOR_SIGN_IN), "allowed");
  EXPECT_EQ (check_url (nullptr, "https://as.example/", BFY_NETWORK_FOR_SIGN_IN), "allowed");
  EXPECT_EQ (check_url (policy.get (), "https://evil.example/", BFY_NETWORK_FOR_SIGN_IN),
             "blocked");
  EXPECT_EQ (check_url (policy.get (), "https://as.example:8443/", BFY_NETWORK_FOR_SIGN_IN),
             "bad_port");
  EXPECT_EQ (check_url (policy.get (), "http://as.example/", BFY_NETWORK_FOR_SIGN_IN), "bad_port");
  EXPECT_EQ (check_url (nullptr, "http://as.example/", BFY_NETWORK_FOR_SIGN_IN), "plain_http");
  EXPECT_EQ (check_url (nullptr, "https://10.0.0.1/", BFY_NETWORK_FOR_SIGN_IN), "private");
}

// Behaviour 14.6: what a name leads to is judged like what a URL names.
TEST (NetworkPolicy, JudgesResolvedAddresses)
{
  const BfyNetworkFacts facts = { "https://a.b", FALSE };
  Policy blocking (R"({"allow":["any"],"private":true,"block":["203.0.113.0/24","10.9.0.0/16"]})");

  for (const char *loopback :
       { "127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1" })
    EXPECT_EQ (check_address (nullptr, "https://a.b/", loopback, facts), "localhost") << loopback;
  for (const char *inside : { "10.0.0.1", "169.254.169.254", "100.64.0.1", "fd00::1", "fe80::1",
                              "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::" })
    EXPECT_EQ (check_address (nullptr, "https://a.b/", inside, facts), "private") << inside;
  EXPECT_EQ (check_address (nullptr, "https://a.b/", "198.51.100.1", facts), "allowed");
  EXPECT_EQ (check_address (blocking.get (), "https://a.b/", "203.0.113.9"), "blocked");
  EXPECT_EQ (check_address (blocking.get (), "https://a.b/", "::ffff:203.0.113.9"), "blocked");
  EXPECT_EQ (check_address (blocking.get (), "https://a.b/", "10.9.1.1"), "blocked");
  EXPECT_EQ (check_address (blocking.get (), "https://a.b/", "64:ff9b::a09:101"), "blocked");
  EXPECT_EQ (check_address (blocking.get (), "https://a.b/", "10.8.1.1"), "allowed");
}

// Devices of the local network have addresses there.
TEST (NetworkPolicy, ANameOfTheLocalNetworkStaysInIt)
{
  const BfyNetworkFacts facts = { "http://tv.local", TRUE };
  Policy open (R"({"allow":["any"],"private":true,"loopback":true,"plain_http":true})");

  EXPECT_EQ (check_url (nullptr, "http://tv.local/", BFY_NETWORK_FOR_CALL, facts), "allowed");
  EXPECT_EQ (check_url (nullptr, "http://other.local/", BFY_NETWORK_FOR_CALL, facts), "private");
  EXPECT_EQ (check_address (nullptr, "http://tv.local/", "192.168.1.2", facts), "allowed");
  for (const char *outside : { "203.0.113.7", "2001:db8::1", "::ffff:203.0.113.7" })
    {
      EXPECT_EQ (check_address (nullptr, "http://tv.local/", outside, facts), "public") << outside;
      EXPECT_EQ (check_address (open.get (), "http://tv.local/", outside, facts), "public");
    }
}

// Behaviour 14.3. Each slug is API.
TEST (NetworkPolicy, HasASlugAndWordsForEachVerdict)
{
  std::string slugs;

  for (int i = 0; i < BFY_N_NETWORK_VERDICTS; i++)
    {
      slugs += std::string (bfy_network_verdict_to_slug (BfyNetworkVerdict (i))) + " ";
      EXPECT_NE (bfy_network_verdict_describe (BfyNetworkVerdict (i)), nullptr);
    }
  EXPECT_EQ (slugs, "allowed blocked localhost private no_allowlist not_listed bad_url bad_port "
                    "plain_http public ");
}

TEST (NetworkPolicy, SaysWhatWasRead)
{
  const std::string text =
      R"({"allow":["API.example.com","*.b:8443","any"],"block":["10.0.0.0/8"],)"
      R"("ports":[443,"80","8000-8999"],"loopback":true,"private":false,"plain_http":true,)"
      R"("rewrite_links":true,"keep_cookies":false,)"
      R"("request_bytes_max":1,"response_bytes_max":2,"timeout_ms":3,"certificate":"sha256:)" +
      std::string (64, 'a') + "\"}";
  Policy policy (text);

  ASSERT_NE (policy.get (), nullptr) << policy.error;

  JsonObject *object = bfy_network_policy_to_json (policy.get ());

  EXPECT_EQ (take_text (bfy_json_object_to_text (object, nullptr)), text);
  json_object_unref (object);
  EXPECT_TRUE (bfy_network_policy_rewrites_links (policy.get ()));
  EXPECT_FALSE (bfy_network_policy_keeps_cookies (policy.get ()));
  EXPECT_EQ (bfy_network_policy_get_request_bytes_max (policy.get ()), 1);
  EXPECT_EQ (bfy_network_policy_get_response_bytes_max (policy.get ()), 2);
  EXPECT_EQ (bfy_network_policy_get_timeout_ms (policy.get ()), 3);
  EXPECT_EQ (bfy_network_policy_get_certificate (policy.get ()), "sha256:" + std::string (64, 'a'));
  EXPECT_EQ (bfy_network_policy_get_certificate (nullptr), nullptr);
}

TEST (NetworkPolicy, SaysItsDefaults)
{
  JsonObject *object = bfy_network_policy_to_json (nullptr);

  EXPECT_EQ (take_text (bfy_json_object_to_text (object, nullptr)),
             R"({"allow":[],"block":[],"ports":[],"loopback":false,"private":false,)"
             R"("plain_http":false,"rewrite_links":false,"keep_cookies":false,)"
             R"("request_bytes_max":0,"response_bytes_max":0,"timeout_ms":0})");
  json_object_unref (object);
  EXPECT_EQ (bfy_network_policy_get_timeout_ms (nullptr), 0);
}

struct RefusedCase
{
  const char *name, *text, *want;
};

class NetworkRefused : public testing::TestWithParam<RefusedCase>
{
};

TEST_P (NetworkRefused, WithItsLine)
{
  Policy policy (std::string ("{\n\"block\":[],\n") + GetParam ().text + "}");

  EXPECT_EQ (policy.get (), nullptr);
  EXPECT_THAT (policy.error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (policy.error.message (), testing::StartsWith ("Not a policy: line 3: "));
  EXPECT_THAT (policy.error.message (), HasSubstr (GetParam ().want));
}

INSTANTIATE_TEST_SUITE_P (
    Documents,
    NetworkRefused,
    testing::Values (
        RefusedCase{ "Unknown", R"("alow":["a.b"])", "“alow” is not known" },
        RefusedCase{ "NoArray", R"("allow":"a.b")", "array" },
        RefusedCase{ "Certificate", R"("certificate":"sha256:00")", "64 hexadecimal" },
        RefusedCase{ "CertificateNull", R"("certificate":null)", "64 hexadecimal" },
        RefusedCase{ "NoString", R"("allow":[1])", "a host is a string" },
        RefusedCase{ "M20Star", R"("allow":["*"])", "“any”" },
        RefusedCase{ "StarPort", R"("allow":["*:443"])", "“any”" },
        RefusedCase{ "StarInside", R"("allow":["a.*.b"])", "a pattern is" },
        RefusedCase{ "StarWithoutDot", R"("allow":["*example.com"])", "a pattern is" },
        RefusedCase{ "StarBeforeAddress", R"("allow":["*.10.0.0.1"])", "below an address" },
        RefusedCase{ "Path", R"("allow":["a.b/c"])", "without a path" },
        RefusedCase{ "Query", R"("allow":["a.b?c"])", "a pattern is" },
        RefusedCase{ "UserInfo", R"("allow":["user@a.b"])", "a pattern is" },
        RefusedCase{ "Empty", R"("allow":[""])", "a pattern is" },
        RefusedCase{ "Space", R"("allow":["a b"])", "a pattern is" },
        RefusedCase{ "OtherScheme", R"("allow":["ftp://a.b"])", "only http://" },
        RefusedCase{ "PortZero", R"("allow":["a.b:0"])", "a pattern is" },
        RefusedCase{ "PortTooBig", R"("allow":["any:65536"])", "65535" },
        RefusedCase{ "BitsTooMany", R"("allow":["10.0.0.0/33"])", "how many bits" },
        RefusedCase{ "BitsMissing", R"("allow":["10.0.0.0/"])", "how many bits" },
        RefusedCase{ "RangeWithPort", R"("allow":["10.0.0.0/8:443"])", "how many bits" },
        RefusedCase{ "RangeOfNames", R"("allow":["a.b/8"])", "without a path" },
        RefusedCase{ "PortsNumber", R"("ports":443)", "array" },
        RefusedCase{ "PortNull", R"("ports":[null])", "a port is" },
        RefusedCase{ "PortFraction", R"("ports":[443.5])", "a port is" },
        RefusedCase{ "PortBackwards", R"("ports":["9-8"])", "a port is" },
        RefusedCase{ "PortsOpenEnd", R"("ports":["9-"])", "a port is" },
        RefusedCase{ "FlagText", R"("private":"true")", "true or false" },
        RefusedCase{ "NumberNegative", R"("timeout_ms":-1)", "a number from 0" },
        RefusedCase{ "NumberTooBig", R"("timeout_ms":3600001)", "to 3600000" },
        RefusedCase{ "NumberFraction", R"("request_bytes_max":1.5)", "a number from 0" }),
    case_name<RefusedCase>);

TEST (NetworkPolicy, BoundsItsLists)
{
  std::string hosts, ports;

  for (int i = 0; i < BFY_NETWORK_PATTERNS_MAX; i++)
    hosts += "\"a.b\",";
  for (int i = 0; i < BFY_NETWORK_PORTS_MAX; i++)
    ports += "1,";
  EXPECT_NE (Policy ("{\"allow\":[" + hosts.substr (0, hosts.size () - 1) + "]}").get (), nullptr);
  EXPECT_EQ (Policy ("{\"allow\":[" + hosts + "\"a.b\"]}").get (), nullptr);
  EXPECT_NE (Policy ("{\"ports\":[" + ports.substr (0, ports.size () - 1) + "]}").get (), nullptr);
  EXPECT_EQ (Policy ("{\"ports\":[" + ports + "1]}").get (), nullptr);
  EXPECT_EQ (Policy ("{\"allow\":[\"" + std::string (301, 'a') + "\"]}").get (), nullptr);
  EXPECT_EQ (Policy ("[]").get (), nullptr);
}

} // namespace
