// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What the binding of a REST service may ask for: links that lead back to us, and cookies that stay
// with the agent.

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace
{

const char kToken[] = "rest-token-0123456789abcdef";

class RestLinks : public testing::Test
{
protected:
  Response add (const std::string &name, const std::string &more)
  {
    return agent.add (name, upstream.url ("/api/"), kToken, R"(,"type":"http")" + more);
  }

  Response get (const std::string &target, const std::string &headers = "")
  {
    Connection connection = agent.local ();

    connection.send ("GET " + target + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n");
    return connection.read_response ();
  }

  std::string sent_cookies ()
  {
    return upstream.requests ().back ().header ("cookie");
  }

  Upstream upstream{ [this] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.path.find ("/login") != std::string::npos)
      peer.reply (200, "{}",
                  "Set-Cookie: session=s3ss10n; Path=/; HttpOnly\r\nSet-Cookie: theme=dark");
    else if (request.path.find ("/logout") != std::string::npos)
      peer.reply (200, "{}", "Set-Cookie: session=; Max-Age=0; Path=/");
    else if (request.path.find ("/flood") != std::string::npos)
      {
        std::string cookies;
        for (int i = 0; i < 100; i++)
          cookies += (i > 0 ? "\r\n" : "") + ("Set-Cookie: c" + std::to_string (i)) + "=1; Path=/";
        peer.reply (200, "{}", cookies);
      }
    else
      peer.reply (201, "{}",
                  "Location: " + upstream.url ("/api/items/7?x=1") + "\r\nLink: <" +
                      upstream.url ("/api/items?page=2") +
                      ">; rel=\"next\"\r\nContent-Location: https://elsewhere.example/api/x");
  } };
  Agent agent;
};

} // namespace

TEST_F (RestLinks, LeadBackWhereTheBindingAsksForIt)
{
  ASSERT_EQ (add ("back", R"(,"rewrite_links":true)").status, 201);
  ASSERT_EQ (add ("plain", "").status, 201);

  Response reply = get ("/http/back/items");
  EXPECT_EQ (reply.header ("location"), "/http/back/items/7?x=1");
  EXPECT_EQ (reply.header ("link"), "</http/back/items?page=2>; rel=\"next\"");
  EXPECT_EQ (reply.header ("content-location"), "https://elsewhere.example/api/x");
  EXPECT_EQ (get (reply.header ("location")).status, 201);
  EXPECT_EQ (upstream.requests ().back ().path, "/api/items/7?x=1");
  EXPECT_EQ (get ("/http/plain/items").header ("location"), upstream.url ("/api/items/7?x=1"));
}

TEST_F (RestLinks, KeepTheKeyOfThePath)
{
  ASSERT_EQ (add ("back", R"(,"rewrite_links":true)").status, 201);
  std::string bare = agent.add_client ("script").substr (strlen ("bnd_local_"));
  Connection connection = agent.tcp ();

  connection.send ("GET /http/back/~" + bare + "/items HTTP/1.1\r\nHost: " + agent.host () +
                   "\r\n\r\n");
  EXPECT_EQ (connection.read_response ().header ("location"),
             "/http/back/~" + bare + "/items/7?x=1");
}

TEST_F (RestLinks, CookiesStayHere)
{
  ASSERT_EQ (add ("kept", R"(,"keep_cookies":true)").status, 201);

  Response login = get ("/http/kept/login");
  EXPECT_THAT (login.header ("set-cookie"), IsEmpty ());
  EXPECT_THAT (sent_cookies (), IsEmpty ());
  get ("/http/kept/x", "Cookie: session=mine; other=1\r\n");
  EXPECT_THAT (sent_cookies (), HasSubstr ("session=s3ss10n"));
  EXPECT_THAT (sent_cookies (), HasSubstr ("theme=dark"));
  EXPECT_THAT (sent_cookies (), Not (HasSubstr ("mine")));
  get ("/http/kept/logout");
  get ("/http/kept/x");
  EXPECT_THAT (sent_cookies (), Not (HasSubstr ("session")));
}

TEST_F (RestLinks, CookiesAreOfOneBinding)
{
  ASSERT_EQ (add ("kept", R"(,"keep_cookies":true)").status, 201);
  ASSERT_EQ (add ("other", R"(,"keep_cookies":true)").status, 201);
  ASSERT_EQ (add ("plain", "").status, 201);

  get ("/http/kept/login");
  get ("/http/other/x");
  EXPECT_THAT (sent_cookies (), IsEmpty ());
  get ("/http/plain/login");
  get ("/http/plain/x");
  EXPECT_THAT (sent_cookies (), IsEmpty ());
}

TEST_F (RestLinks, CookiesGoWithTheBindingAndTheLock)
{
  ASSERT_EQ (add ("kept", R"(,"keep_cookies":true)").status, 201);
  get ("/http/kept/login");
  agent.control ("DELETE", "/v1/bindings/kept");
  ASSERT_EQ (add ("kept", R"(,"keep_cookies":true)").status, 201);
  get ("/http/kept/x");
  EXPECT_THAT (sent_cookies (), IsEmpty ());

  get ("/http/kept/login");
  agent.control ("POST", "/v1/lock", "{}");
  agent.control ("POST", "/v1/unlock", "{}");
  get ("/http/kept/x");
  EXPECT_THAT (sent_cookies (), Not (HasSubstr ("s3ss10n")));
}

// The attack: a service that never stops setting them.
TEST_F (RestLinks, CookiesAreBounded)
{
  ASSERT_EQ (add ("kept", R"(,"keep_cookies":true)").status, 201);
  get ("/http/kept/flood");
  get ("/http/kept/x");

  std::string sent = sent_cookies ();
  EXPECT_EQ (std::count (sent.begin (), sent.end (), '='), 64);
}

TEST_F (RestLinks, AreSaidOnTheCommandLine)
{
  Finished added = agent.cli ({ "bindify-add", "--name", "both", "--type", "http", "--allow-local",
                                "--token-stdin", "--no-check", "--yes", "--rewrite-links",
                                "--keep-cookies", upstream.url ("/api/") },
                              std::string (kToken) + "\n");

  EXPECT_EQ (added.status, 0) << added.errors;
  EXPECT_THAT (agent.cli ({ "bindify", "policy", "show", "both", "--json" }).output,
               testing::AllOf (HasSubstr ("\"rewrite_links\" : true"),
                               HasSubstr ("\"keep_cookies\" : true")));
}
