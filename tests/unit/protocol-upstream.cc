// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <arpa/inet.h>

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/upstream.h"
}

namespace
{

using ::operator<<; // prints a row by its name

struct UpstreamCase
{
  const char *name, *text;
  const char *uri, *origin, *host;
  guint16 port;
  BfyReach reach;
};

class Upstream : public testing::TestWithParam<UpstreamCase>
{
};

TEST_P (Upstream, IsTakenApart)
{
  const UpstreamCase &row = GetParam ();
  Error error;
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (row.text, error.out ());

  ASSERT_NE (upstream, nullptr) << error;
  EXPECT_STREQ (upstream->uri, row.uri);
  EXPECT_STREQ (upstream->origin, row.origin);
  EXPECT_STREQ (upstream->host, row.host);
  EXPECT_EQ (upstream->port, row.port);
  EXPECT_EQ (upstream->reach, row.reach);
  EXPECT_EQ (upstream->is_tls, g_str_has_prefix (row.uri, "https:"));
}

TEST_P (Upstream, StaysWhenParsedAgain)
{
  Error error;
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (GetParam ().uri, error.out ());

  ASSERT_NE (upstream, nullptr) << error;
  EXPECT_STREQ (upstream->uri, GetParam ().uri);
}

// What libsoup will connect to must be what was judged here.
TEST_P (Upstream, IsReadAlikeByGlib)
{
  const UpstreamCase &row = GetParam ();
  g_autoptr (GUri) uri = g_uri_parse (
      row.uri, static_cast<GUriFlags> (G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE),
      nullptr);

  ASSERT_NE (uri, nullptr);
  EXPECT_STREQ (g_uri_get_host (uri), row.host);
  EXPECT_EQ (g_uri_get_userinfo (uri), nullptr);
  EXPECT_EQ (g_uri_get_fragment (uri), nullptr);
}

const BfyReach outside = BFY_REACH_EXTERNAL;
const BfyReach loopback = BFY_REACH_LOOPBACK;
const BfyReach priv = BFY_REACH_PRIVATE;

INSTANTIATE_TEST_SUITE_P (
    Forms,
    Upstream,
    testing::Values (
        UpstreamCase{ "Plain", "https://mcp.example.com/mcp", "https://mcp.example.com/mcp",
                      "https://mcp.example.com", "mcp.example.com", 443, outside },
        UpstreamCase{ "EmptyPath", "https://example.com", "https://example.com/",
                      "https://example.com", "example.com", 443, outside },
        UpstreamCase{ "EmptyPathQuery", "https://example.com?a=b", "https://example.com/?a=b",
                      "https://example.com", "example.com", 443, outside },
        UpstreamCase{ "Query", "https://example.com/a?b=%2f&c=http://x@y/#z",
                      "https://example.com/a?b=%2f&c=http://x@y/", "https://example.com",
                      "example.com", 443, outside },
        UpstreamCase{ "EscapesStay", "https://example.com/a%2fb%7e/%2e%2E/.//",
                      "https://example.com/a%2fb%7e/%2e%2E/.//", "https://example.com",
                      "example.com", 443, outside },
        UpstreamCase{ "UpperCase", "HTTPS://API.Example.COM/Path", "https://api.example.com/Path",
                      "https://api.example.com", "api.example.com", 443, outside },
        UpstreamCase{ "Port", "https://example.com:8443/", "https://example.com:8443/",
                      "https://example.com:8443", "example.com", 8443, outside },
        UpstreamCase{ "DefaultPort", "https://example.com:443/", "https://example.com/",
                      "https://example.com", "example.com", 443, outside },
        UpstreamCase{ "EmptyPort", "https://example.com:/", "https://example.com/",
                      "https://example.com", "example.com", 443, outside },
        UpstreamCase{ "PlainOn443", "http://127.0.0.1:443/", "http://127.0.0.1:443/",
                      "http://127.0.0.1:443", "127.0.0.1", 443, loopback },
        UpstreamCase{ "PlainDefaultPort", "http://127.0.0.1:80/", "http://127.0.0.1/",
                      "http://127.0.0.1", "127.0.0.1", 80, loopback },
        UpstreamCase{ "Fragment", "https://example.com/a#b?c", "https://example.com/a",
                      "https://example.com", "example.com", 443, outside },
        UpstreamCase{ "International", "https://Bücher.example/ä?ö",
                      "https://xn--bcher-kva.example/%C3%A4?%C3%B6",
                      "https://xn--bcher-kva.example", "xn--bcher-kva.example", 443, outside },
        UpstreamCase{ "AtInPath", "https://example.com/@me", "https://example.com/@me",
                      "https://example.com", "example.com", 443, outside },
        UpstreamCase{ "Underscore", "https://my_host.example/", "https://my_host.example/",
                      "https://my_host.example", "my_host.example", 443, outside }),
    case_name<UpstreamCase>);

// behaviour 14.4, 14.5, A18.
INSTANTIATE_TEST_SUITE_P (
    A18,
    Upstream,
    testing::Values (
        UpstreamCase{ "SixLoopback", "http://[::1]:3000/", "http://[::1]:3000/",
                      "http://[::1]:3000", "::1", 3000, loopback },
        UpstreamCase{ "SixLong", "http://[0:0:0:0:0:0:0:1]/", "http://[::1]/", "http://[::1]",
                      "::1", 80, loopback },
        UpstreamCase{ "SixAny", "http://[::]/", "http://[::]/", "http://[::]", "::", 80, loopback },
        UpstreamCase{ "SecondLoopback", "http://127.0.0.2/", "http://127.0.0.2/",
                      "http://127.0.0.2", "127.0.0.2", 80, loopback },
        UpstreamCase{ "Hexadecimal", "http://0x7f000001/", "http://127.0.0.1/", "http://127.0.0.1",
                      "127.0.0.1", 80, loopback },
        UpstreamCase{ "HexadecimalUpperCase", "http://0X7F.1/", "http://127.0.0.1/",
                      "http://127.0.0.1", "127.0.0.1", 80, loopback },
        UpstreamCase{ "TwoParts", "http://127.1/", "http://127.0.0.1/", "http://127.0.0.1",
                      "127.0.0.1", 80, loopback },
        UpstreamCase{ "ThreeParts", "http://10.1.258/", "http://10.1.1.2/", "http://10.1.1.2",
                      "10.1.1.2", 80, priv },
        UpstreamCase{ "Octal", "http://0177.0.0.1/", "http://127.0.0.1/", "http://127.0.0.1",
                      "127.0.0.1", 80, loopback },
        UpstreamCase{ "OneNumber", "http://2130706433/", "http://127.0.0.1/", "http://127.0.0.1",
                      "127.0.0.1", 80, loopback },
        UpstreamCase{ "Zero", "http://0/", "http://0.0.0.0/", "http://0.0.0.0", "0.0.0.0", 80,
                      loopback },
        UpstreamCase{ "AddressDot", "http://127.0.0.1./", "http://127.0.0.1/", "http://127.0.0.1",
                      "127.0.0.1", 80, loopback },
        UpstreamCase{ "FullWidth", "http://１２７。０。０。１/", "http://127.0.0.1/",
                      "http://127.0.0.1", "127.0.0.1", 80, loopback },
        UpstreamCase{ "Metadata", "http://169.254.169.254/", "http://169.254.169.254/",
                      "http://169.254.169.254", "169.254.169.254", 80, priv },
        UpstreamCase{ "CarrierNat", "http://100.64.0.1/", "http://100.64.0.1/", "http://100.64.0.1",
                      "100.64.0.1", 80, priv },
        UpstreamCase{ "UniqueLocal", "http://[fd00::1]/", "http://[fd00::1]/", "http://[fd00::1]",
                      "fd00::1", 80, priv },
        UpstreamCase{ "Mapped", "http://[::ffff:10.0.0.1]/", "http://[::ffff:10.0.0.1]/",
                      "http://[::ffff:10.0.0.1]", "::ffff:10.0.0.1", 80, priv },
        UpstreamCase{ "MappedHex", "http://[::FFFF:7F00:1]/", "http://[::ffff:127.0.0.1]/",
                      "http://[::ffff:127.0.0.1]", "::ffff:127.0.0.1", 80, loopback },
        UpstreamCase{ "Nat64", "http://[64:ff9b::a00:1]/", "http://[64:ff9b::a00:1]/",
                      "http://[64:ff9b::a00:1]", "64:ff9b::a00:1", 80, priv },
        UpstreamCase{ "LooksPrivate", "https://10.evil.com/", "https://10.evil.com/",
                      "https://10.evil.com", "10.evil.com", 443, outside },
        UpstreamCase{ "LooksLoopback", "https://127.0.0.1.evil.com/", "https://127.0.0.1.evil.com/",
                      "https://127.0.0.1.evil.com", "127.0.0.1.evil.com", 443, outside },
        UpstreamCase{ "TrailingDot", "https://EVIL.com./", "https://evil.com/", "https://evil.com",
                      "evil.com", 443, outside },
        UpstreamCase{ "Localhost", "http://LOCALHOST:8080/", "http://localhost:8080/",
                      "http://localhost:8080", "localhost", 8080, loopback },
        UpstreamCase{ "LocalhostDot", "http://localhost./", "http://localhost/", "http://localhost",
                      "localhost", 80, loopback },
        UpstreamCase{ "LocalhostBelow", "http://foo.localhost/", "http://foo.localhost/",
                      "http://foo.localhost", "foo.localhost", 80, loopback },
        UpstreamCase{ "NameOfTheLocalNetwork", "http://TV.local:8001/", "http://tv.local:8001/",
                      "http://tv.local:8001", "tv.local", 8001, priv },
        UpstreamCase{ "LocalhostSuffix", "https://evillocalhost/", "https://evillocalhost/",
                      "https://evillocalhost", "evillocalhost", 443, outside },
        UpstreamCase{ "PrivateWithTls", "https://192.168.1.100/", "https://192.168.1.100/",
                      "https://192.168.1.100", "192.168.1.100", 443, priv }),
    case_name<UpstreamCase>);

struct RefusedCase
{
  const char *name;
  std::string text;
  const char *says;
};

class UpstreamRefused : public testing::TestWithParam<RefusedCase>
{
};

TEST_P (UpstreamRefused, WithAReason)
{
  const RefusedCase &row = GetParam ();
  Error error;
  g_autoptr (BfyUpstream) upstream = bfy_upstream_parse (row.text.c_str (), error.out ());

  EXPECT_EQ (upstream, nullptr) << upstream->uri;
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), testing::HasSubstr (row.says));
  EXPECT_THAT (error.message (), testing::Not (testing::HasSubstr ("hunter2")));
}

INSTANTIATE_TEST_SUITE_P (
    Behaviour14,
    UpstreamRefused,
    testing::Values (
        RefusedCase{ "Cleartext", "http://example.com/?k=hunter2", "use https://" },
        RefusedCase{ "CleartextName", "http://router/", "use https://" },
        RefusedCase{ "CleartextPublicAddress", "http://8.8.8.8/", "use https://" },
        RefusedCase{ "CleartextLooksPrivate", "http://10.evil.com/", "use https://" },
        RefusedCase{ "UserInfo", "https://user:hunter2@example.com/", "user name" },
        RefusedCase{ "UserOnly", "https://hunter2@example.com/", "user name" },
        RefusedCase{ "UserInfoTwice", "https://a@hunter2@example.com/", "user name" },
        RefusedCase{ "UserInfoOddHost", "https://user:hunter2@/", "user name" },
        RefusedCase{ "Empty", "", "https://" },
        RefusedCase{ "NoScheme", "example.com/hunter2", "https://" },
        RefusedCase{ "NoSlashes", "https:example.com", "https://" },
        RefusedCase{ "SchemeInPath", "example.com/https://x", "https://" },
        RefusedCase{ "OtherScheme", "ftp://example.com/", "https://" },
        RefusedCase{ "File", "file:///etc/passwd", "names no host" },
        RefusedCase{ "Script", "javascript://example.com/%0aalert(1)", "https://" },
        RefusedCase{ "NoHost", "https:///path", "names no host" },
        RefusedCase{ "NoHostPort", "https://:443/", "names no host" },
        RefusedCase{ "DotHost", "https://./", "not a host" },
        RefusedCase{ "TwoDots", "https://example.com../", "not a host" },
        RefusedCase{ "EmptyLabel", "https://a..b/", "not a host" },
        RefusedCase{ "LongLabel", "https://" + std::string (64, 'a') + ".com/", "not a host" },
        RefusedCase{ "Port0", "https://example.com:0/", "port 0" },
        RefusedCase{ "PortTooBig", "https://example.com:65536/", "malformed" },
        RefusedCase{ "PortText", "https://example.com:x/", "malformed" },
        RefusedCase{ "PortMixed", "https://example.com:80x/", "malformed" },
        RefusedCase{ "AddressTooBig", "http://256.1.1.1/", "not a host" },
        RefusedCase{ "AddressTooLong", "http://1.2.3.4.5/", "not a host" },
        RefusedCase{ "AddressBadOctal", "http://127.0.0.08/", "not a host" },
        RefusedCase{ "AddressHuge", "http://4294967296/", "not a host" },
        RefusedCase{ "AddressTwicePrefixed", "http://0x0x7f/", "use https://" },
        RefusedCase{ "SixUnclosed", "http://[::1/", "malformed" },
        RefusedCase{ "SixBad", "http://[::1::]/", "malformed" },
        RefusedCase{ "SixBare", "http://::1/", "malformed" },
        RefusedCase{ "SixZone", "http://[fe80::1%25eth0]/", "escape" },
        RefusedCase{ "BracketedAddress", "http://[127.0.0.1]/", "malformed" },
        RefusedCase{ "EscapedHost", "http://%31%32%37.0.0.1/", "escape" },
        RefusedCase{ "Space", "https://example.com/a b", "spaces" },
        RefusedCase{ "TrailingNewline", "https://example.com/\n", "spaces" },
        RefusedCase{ "HeaderSplit", "https://example.com/\r\nX: y", "spaces" },
        RefusedCase{ "Control", "https://example.com/\x01", "spaces" },
        RefusedCase{ "Bidi", "https://example.com/\u202e", "spaces" },
        RefusedCase{ "Backslash", "https://example.com\\@evil.com/", "backslash" },
        RefusedCase{ "InvalidUtf8", "https://example.com/\xff", "UTF-8" },
        RefusedCase{ "BadEscape", "https://example.com/100%/a", "percent" },
        RefusedCase{ "CutEscape", "https://example.com/?a=%4", "percent" },
        RefusedCase{ "HostCharacter", "https://exa$mple.com/", "not a host" },
        RefusedCase{ "TooLong", "https://example.com/" + std::string (9000, 'a'), "too long" }),
    case_name<RefusedCase>);

struct ReachCase
{
  const char *name, *host;
  BfyReach want;
};

class Reach : public testing::TestWithParam<ReachCase>
{
};

TEST_P (Reach, OfAnAddress)
{
  const ReachCase &row = GetParam ();
  guint8 bytes[16];
  bool is_v6 = strchr (row.host, ':') != nullptr;

  ASSERT_EQ (inet_pton (is_v6 ? AF_INET6 : AF_INET, row.host, bytes), 1);
  EXPECT_EQ (bfy_reach_of_address (bytes, is_v6 ? 16 : 4), row.want);
  EXPECT_EQ (bfy_reach_of_host (row.host), row.want);
}

// The first and last address of each range, and their neighbours outside.
INSTANTIATE_TEST_SUITE_P (
    Behaviour144,
    Reach,
    testing::Values (ReachCase{ "ThisFirst", "0.0.0.0", loopback },
                     ReachCase{ "ThisLast", "0.255.255.255", loopback },
                     ReachCase{ "BehindThis", "1.0.0.0", outside },
                     ReachCase{ "BeforeTen", "9.255.255.255", outside },
                     ReachCase{ "TenFirst", "10.0.0.0", priv },
                     ReachCase{ "TenLast", "10.255.255.255", priv },
                     ReachCase{ "BehindTen", "11.0.0.0", outside },
                     ReachCase{ "BeforeCarrier", "100.63.255.255", outside },
                     ReachCase{ "CarrierFirst", "100.64.0.0", priv },
                     ReachCase{ "CarrierLast", "100.127.255.255", priv },
                     ReachCase{ "BehindCarrier", "100.128.0.0", outside },
                     ReachCase{ "BeforeLoopback", "126.255.255.255", outside },
                     ReachCase{ "LoopbackLast", "127.255.255.255", loopback },
                     ReachCase{ "BehindLoopback", "128.0.0.0", outside },
                     ReachCase{ "LinkLocalFirst", "169.254.0.0", priv },
                     ReachCase{ "LinkLocalLast", "169.254.255.255", priv },
                     ReachCase{ "BehindLinkLocal", "169.255.0.0", outside },
                     ReachCase{ "Before172", "172.15.255.255", outside },
                     ReachCase{ "First172", "172.16.0.0", priv },
                     ReachCase{ "Last172", "172.31.255.255", priv },
                     ReachCase{ "Behind172", "172.32.0.0", outside },
                     ReachCase{ "Before192", "192.167.255.255", outside },
                     ReachCase{ "First192", "192.168.0.0", priv },
                     ReachCase{ "Last192", "192.168.255.255", priv },
                     ReachCase{ "Behind192", "192.169.0.0", outside },
                     ReachCase{ "Benchmark", "198.19.255.255", priv },
                     ReachCase{ "BehindBenchmark", "198.20.0.0", outside },
                     ReachCase{ "BeforeMulticast", "223.255.255.255", outside },
                     ReachCase{ "Multicast", "224.0.0.1", priv },
                     ReachCase{ "Broadcast", "255.255.255.255", priv },
                     ReachCase{ "SixAny", "::", loopback },
                     ReachCase{ "SixLoopback", "::1", loopback },
                     ReachCase{ "SixCompatible", "::10.0.0.1", priv },
                     ReachCase{ "SixCompatibleOutside", "::8.8.8.8", outside },
                     ReachCase{ "SixMappedLoopback", "::ffff:127.0.0.1", loopback },
                     ReachCase{ "SixMappedOutside", "::ffff:8.8.8.8", outside },
                     ReachCase{ "SixTranslated", "::ffff:0:192.168.0.1", priv },
                     ReachCase{ "Nat64Loopback", "64:ff9b::7f00:1", loopback },
                     ReachCase{ "Nat64Outside", "64:ff9b::808:808", outside },
                     ReachCase{ "Nat64Local", "64:ff9b:1::808:808", priv },
                     ReachCase{ "SixToFour", "2002:a00:1::1", priv },
                     ReachCase{ "SixToFourOutside", "2002:808:808::1", outside },
                     ReachCase{ "BeforeUla", "fbff::1", outside },
                     ReachCase{ "UlaFirst", "fc00::", priv },
                     ReachCase{ "UlaLast", "fdff:ffff::", priv },
                     ReachCase{ "BehindUla", "fe00::", outside },
                     ReachCase{ "SixLinkLocalFirst", "fe80::", priv },
                     ReachCase{ "SixLinkLocalLast", "febf::", priv },
                     ReachCase{ "SiteLocal", "fec0::1", priv },
                     ReachCase{ "SixMulticast", "ff02::1", priv },
                     ReachCase{ "SixGlobal", "2001:4860:4860::8888", outside }),
    case_name<ReachCase>);

TEST (Reach, OfAnUnknownFamilyIsPrivate)
{
  const guint8 bytes[8] = { 8, 8, 8, 8 };

  EXPECT_EQ (bfy_reach_of_address (bytes, sizeof bytes), BFY_REACH_PRIVATE);
}

} // namespace
