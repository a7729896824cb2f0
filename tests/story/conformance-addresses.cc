// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The table of addresses of the lists that bindify is accepted by (behaviour 25 A18, craft J33), at
// the real agent: what may be added, and where a policy lets a request go.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"

using testing::HasSubstr;

namespace
{

class ConformanceAddresses : public testing::Test
{
protected:
  Response add (const std::string &name, const std::string &url)
  {
    return agent.control (
        "POST", "/v1/bindings",
        "{\"name\":\"" + name + "\",\"url\":\"" + url +
            R"(","check":false,"credential":{"type":"api_key","api_key":"sk-a"}})");
  }
  // What the policy of "svc" says of a URL.
  std::string judge (const std::string &url)
  {
    const Finished finished = agent.cli ({ "bindify", "policy", "test", "svc", url, "--json" });
    const std::string member = "\"network\" : \"";
    const size_t at = finished.output.find (member);

    return at == std::string::npos
               ? "none: " + finished.output + finished.errors
               : finished.output.substr (at + member.size (),
                                         finished.output.find ('"', at + member.size ()) - at -
                                             member.size ());
  }
  void set_network (const std::string &network)
  {
    const Response set =
        agent.control ("PUT", "/v1/bindings/svc/policy",
                       R"({"version":1,"default":"allow","network":)" + network + "}");

    ASSERT_EQ (set.status, 200) << set.body;
  }

  Agent agent;
};

} // namespace

// However it is spelled, what is not on the internet is not reached without consent.
TEST_F (ConformanceAddresses, A18EverySpellingOfALocalAddressNeedsConsent)
{
  for (const char *host : { "[::1]",
                            "[::]",
                            "127.0.0.1",
                            "127.0.0.2",
                            "0x7f000001",
                            "0x7f.1",
                            "127.1",
                            "0177.0.0.1",
                            "2130706433",
                            "0",
                            "localhost",
                            "localhost.",
                            "LocalHost",
                            "a.localhost",
                            "169.254.169.254",
                            "2852039166",
                            "100.64.0.1",
                            "10.0.0.1",
                            "172.16.0.1",
                            "192.168.1.1",
                            "[fd00::1]",
                            "[fe80::1]",
                            "[::ffff:10.0.0.1]",
                            "[::ffff:7f00:1]",
                            "[64:ff9b::10.0.0.1]",
                            "[2002:a00:1::]",
                            "10.0.0.1." })
    {
      const Response added = add ("local", std::string ("https://") + host + "/mcp");

      EXPECT_TRUE (added.status == 403 || added.status == 400) << host << added.body;
      EXPECT_EQ (agent.control ("GET", "/v1/bindings/local").status, 404) << host;
    }
  // A name that looks like one is a name.
  EXPECT_EQ (add ("named", "https://10.evil.com/mcp").status, 201);
  EXPECT_EQ (add ("dotted", "https://EVIL.com./mcp").status, 201);
}

// The same for the policy of a binding, which lets everything else pass.
TEST_F (ConformanceAddresses, A18APolicyThatAllowsAllAllowsNothingLocal)
{
  ASSERT_EQ (add ("svc", "https://api.example.com/mcp").status, 201);
  set_network (R"({"allow":["any"]})");
  for (const char *host :
       { "[::1]", "127.0.0.2", "0x7f000001", "127.1", "localhost.", "LOCALHOST" })
    EXPECT_EQ (judge (std::string ("https://") + host + "/"), "localhost") << host;
  for (const char *host : { "169.254.169.254", "100.64.0.1", "[fd00::1]", "[::ffff:10.0.0.1]" })
    EXPECT_EQ (judge (std::string ("https://") + host + "/"), "private") << host;
  EXPECT_EQ (judge ("https://10.evil.com/"), "allowed");
  EXPECT_EQ (judge ("https://EVIL.com./"), "allowed");
}

// A host is compared as what it is, not as it is written.
TEST_F (ConformanceAddresses, J33HostsAreComparedInOneForm)
{
  ASSERT_EQ (add ("svc", "https://api.example.com/mcp").status, 201);
  set_network (R"({"allow":["api.example.com:443","bücher.example"]})");
  for (const char *url :
       { "https://API.Example.COM/x", "https://api.example.com./x", "https://api.example.com:443/x",
         "https://xn--bcher-kva.example/", "https://BÜCHER.example/" })
    EXPECT_EQ (judge (url), "allowed") << url;
  for (const char *url : { "https://api.example.com:8443/", "https://api.example.com.evil.net/",
                           "https://evilapi.example.com/", "https://xn--pi-7kc.example.com/",
                           "https://аpi.example.com/", "https://api.example.com.:444/" })
    EXPECT_EQ (judge (url), "not_listed") << url;
  for (const char *url :
       { "https://api.example.com@evil.net/", "https://me:pw@api.example.com/",
         "https://api.example.com\\\\@evil.net/", "https://api.example.com%2eevil.net/" })
    EXPECT_THAT (judge (url), testing::AnyOf ("bad_url", "not_listed")) << url;
}
