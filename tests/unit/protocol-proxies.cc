// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include "tests/unit/matchers.h"

extern "C"
{
#include "protocol/proxies.h"
}

namespace
{

using ::operator<<; // prints a row by its name
using testing::HasSubstr;

// "HOST:PORT", "direct", or the error.
std::string
find (const char *setting, const BfyProxyVariables &variables, const char *text)
{
  g_autoptr (BfyProxies) proxies = bfy_proxies_new (setting, &variables);
  g_autoptr (BfyUpstream) url = bfy_upstream_parse_plain (text, nullptr);
  const BfyProxy *proxy = nullptr;
  Error error;

  if (!bfy_proxies_find (proxies, url, &proxy, error.out ()))
    return error.message ();
  return proxy != nullptr ? proxy->host + (":" + std::to_string (proxy->port)) : "direct";
}

struct Case
{
  const char *name, *setting;
  BfyProxyVariables variables;
  const char *url, *want;
};

class Proxies : public testing::TestWithParam<Case>
{
};

TEST_P (Proxies, AreFound)
{
  const Case &row = GetParam ();

  EXPECT_EQ (find (row.setting, row.variables, row.url), row.want);
}

const char *const https = "https://api.example.com/";
const BfyProxyVariables both = { "http://p:1", "http://q:2", "http://r:3", nullptr };

INSTANTIATE_TEST_SUITE_P (
    Choice,
    Proxies,
    testing::Values (
        Case{ "Nothing", nullptr, {}, https, "direct" },
        Case{ "OfHttps", nullptr, both, https, "q:2" },
        Case{ "OfHttp", "system", both, "http://api.example.com/", "p:1" },
        Case{ "OfAll", "system", { nullptr, nullptr, "r:3", nullptr }, https, "r:3" },
        Case{ "EmptyIsNone", nullptr, { nullptr, "", nullptr, nullptr }, https, "direct" },
        Case{ "TurnedOff", "none", both, https, "direct" },
        Case{ "Setting", "http://s:8080/", both, https, "s:8080" },
        Case{ "Address", "http://[::1]:8080", both, https, "::1:8080" },
        Case{ "DefaultPort", "http://s", both, https, "s:80" },
        // A proxy has no business with what is not on the internet.
        Case{ "Loopback", "http://s:1", {}, "http://127.0.0.1:9/", "direct" },
        Case{ "LoopbackName", "http://s:1", {}, "https://localhost:9/", "direct" },
        Case{ "Private", "http://s:1", {}, "https://10.0.0.1/", "direct" },
        Case{ "Metadata", "http://s:1", {}, "http://169.254.169.254/", "direct" }),
    case_name<Case>);

BfyProxyVariables
without (const char *no_proxy)
{
  return { nullptr, "http://q:2", nullptr, no_proxy };
}

// Craft J13.
INSTANTIATE_TEST_SUITE_P (
    Exceptions,
    Proxies,
    testing::Values (
        Case{ "All", nullptr, without ("*"), https, "direct" },
        Case{ "AlsoOfTheSetting", "http://s:1", without ("example.com"), https, "direct" },
        Case{ "Host", nullptr, without ("api.example.com"), https, "direct" },
        Case{ "Domain", nullptr, without ("example.com"), https, "direct" },
        Case{ "LeadingDot", nullptr, without ("a, .example.com"), https, "direct" },
        Case{ "Star", nullptr, without ("a,*.example.com"), https, "direct" },
        Case{ "UpperCaseAndDot", nullptr, without ("Example.COM."), https, "direct" },
        Case{ "SuffixWithoutDot", nullptr, without ("ple.com"), https, "q:2" },
        Case{ "Below", nullptr, without ("a.api.example.com"), https, "q:2" },
        Case{ "Port", nullptr, without ("example.com:443"), https, "direct" },
        Case{ "OtherPort", nullptr, without ("example.com:8443"), https, "q:2" },
        Case{ "Address", nullptr, without ("203.0.113.9"), "https://203.0.113.9/", "direct" },
        Case{ "Range", nullptr, without ("203.0.113.0/24"), "https://203.0.113.9/", "direct" },
        Case{ "OtherRange", nullptr, without ("203.0.112.0/24"), "https://203.0.113.9/", "q:2" },
        Case{ "V6", nullptr, without ("2001:db8::/32"), "https://[2001:db8::1]/", "direct" },
        Case{ "V6Brackets", nullptr, without ("[2001:db8::1]:443"), "https://[2001:db8::1]/",
              "direct" },
        Case{ "RangeIsNoDomain", nullptr, without ("203.0.113.0/24"), https, "q:2" },
        Case{ "Nonsense", nullptr, without (":,.,*.,/,[],[::1"), https, "q:2" }),
    case_name<Case>);

struct BadCase
{
  const char *name, *setting, *want;
};

class BadProxies : public testing::TestWithParam<BadCase>
{
};

// What was to go through a proxy does not go without.
TEST_P (BadProxies, StopWhatShouldGoThroughThem)
{
  const BadCase &row = GetParam ();
  const BfyProxyVariables variables = { nullptr, row.setting, nullptr, nullptr };
  Error error;

  EXPECT_FALSE (bfy_proxies_check_setting (row.setting, error.out ()));
  EXPECT_THAT (error, FailsWith (BFY_ERROR_INVALID_ARGUMENT));
  EXPECT_THAT (error.message (), HasSubstr (row.want));
  for (const char *setting : { row.setting, (const char *) nullptr })
    {
      EXPECT_THAT (find (setting, variables, https), HasSubstr (row.want));
      EXPECT_THAT (find (setting, variables, https), HasSubstr ("proxy=none"));
      EXPECT_THAT (find (setting, variables, https), testing::Not (HasSubstr ("hunter2")));
      EXPECT_EQ (find (setting, variables, "http://127.0.0.1/"), "direct");
    }
  EXPECT_EQ (find ("none", variables, https), "direct");
}

INSTANTIATE_TEST_SUITE_P (
    Urls,
    BadProxies,
    testing::Values (BadCase{ "Socks", "socks5://p:1", "only http://HOST:PORT" },
                     BadCase{ "Tls", "https://p:1", "only http://HOST:PORT" },
                     BadCase{ "Path", "http://p:1/x", "only http://HOST:PORT" },
                     BadCase{ "Query", "http://p:1?x", "only http://HOST:PORT" },
                     BadCase{ "Port", "http://p:0", "only http://HOST:PORT" },
                     BadCase{ "Credentials", "http://user:hunter2@p:1", "user name or password" },
                     BadCase{ "CredentialsAlone", "hunter2@p:1", "user name or password" }),
    case_name<BadCase>);

TEST (Proxies, KnowTheirSettings)
{
  for (const char *good : { "none", "system", "http://p:1", "p:1", "http://[::1]:1/" })
    EXPECT_TRUE (bfy_proxies_check_setting (good, nullptr)) << good;
}

} // namespace
