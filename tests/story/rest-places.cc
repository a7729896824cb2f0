// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Credentials that are a part of the path or a field of the body: they get there, and nobody who
// reads what is kept or told of a request sees them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace
{

const char kToken[] = "123456:AAplaces0123456789-abcdef_xyz";

class RestPlaces : public testing::Test
{
protected:
  Response add (const std::string &name, const std::string &injection, const std::string &more = "")
  {
    return agent.add (name, upstream.url ("/"), kToken,
                      R"(,"type":"http","injection":)" + injection + more);
  }

  Response send (const std::string &method,
                 const std::string &target,
                 const std::string &headers = "",
                 const std::string &body = "")
  {
    Connection connection = agent.local ();

    connection.send (
        method + " " + target + " HTTP/1.1\r\nHost: x\r\n" + headers +
        (body.empty () ? "" : "Content-Length: " + std::to_string (body.size ()) + "\r\n") +
        "\r\n" + body);
    return connection.read_response ();
  }

  void expect_hidden (const std::string &name)
  {
    for (const auto &words : { std::vector<std::string>{ "bindify", "log", name },
                               std::vector<std::string>{ "bindify", "log", "--json" },
                               std::vector<std::string>{ "bindify", "show", name } })
      EXPECT_THAT (agent.cli (words).output, Not (HasSubstr (kToken)));
  }

  Upstream upstream{ [] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.path.find ("moved") != std::string::npos)
      peer.reply (302, "", "Location: " + request.path + "/there");
    else
      peer.reply (200, "{\"path\":\"" + request.path + "\"}");
  } };
  Agent agent;
};

} // namespace

TEST_F (RestPlaces, GoesIntoThePath)
{
  ASSERT_EQ (add ("bot", R"({"kind":"path","name":"/bot{token}"})").status, 201);

  Response reply = send ("GET", "/http/bot/getMe?x=1");
  EXPECT_EQ (reply.status, 200) << reply.body;
  EXPECT_EQ (upstream.requests ().back ().path, std::string ("/bot") + kToken + "/getMe?x=1");
  EXPECT_THAT (upstream.requests ().back ().header ("authorization"), IsEmpty ());
  EXPECT_THAT (reply.body, AllOf (HasSubstr ("/bot****"), Not (HasSubstr (kToken))));
  EXPECT_THAT (send ("GET", "/http/bot/moved").header ("location"),
               AllOf (HasSubstr ("/bot****"), Not (HasSubstr (kToken))));
  EXPECT_THAT (agent.cli ({ "bindify", "show", "bot" }).output, HasSubstr ("/bot{token}"));
  expect_hidden ("bot");
}

TEST_F (RestPlaces, PathIsJudgedWithoutIt)
{
  ASSERT_EQ (add ("bot", R"({"kind":"path","name":"/bot{token}"})",
                  R"(,"policy":{"version":1,"default":"deny","rules":)"
                  R"([{"http":"GET /getMe","effect":"allow"}]})")
                 .status,
             201);

  EXPECT_EQ (send ("GET", "/http/bot/getMe").status, 200);
  EXPECT_EQ (send ("GET", "/http/bot/getUpdates").status, 403);
  EXPECT_EQ (send ("GET", "/http/bot/../getMe").status, 404);
  EXPECT_EQ (upstream.requests ().size (), 1u);
  expect_hidden ("bot");
}

TEST_F (RestPlaces, GoesIntoAFieldOfTheBody)
{
  ASSERT_EQ (add ("form", R"({"kind":"body","name":"token"})").status, 201);

  send ("POST", "/http/form/x", "Content-Type: application/json\r\n", R"({"a":1,"token":"mine"})");
  EXPECT_EQ (upstream.requests ().back ().body,
             std::string ("{\"token\":\"") + kToken + "\",\"a\":1}");
  send ("POST", "/http/form/x", "Content-Type: application/x-www-form-urlencoded\r\n",
        "a=1&token=mine");
  EXPECT_EQ (upstream.requests ().back ().body, "a=1&token=123456%3AAAplaces0123456789-abcdef_xyz");
  EXPECT_EQ (upstream.requests ().back ().header ("content-type"),
             "application/x-www-form-urlencoded");
  EXPECT_EQ (upstream.requests ().size (), 2u);
  // Large enough to go up as it comes, if nothing had to be put into it.
  EXPECT_EQ (send ("POST", "/http/form/x", "Content-Type: application/json\r\n",
                   "{\"a\":\"" + std::string (300 * 1024, 'x') + "\"}")
                 .status,
             413);

  EXPECT_EQ (send ("GET", "/http/form/x").status, 415);
  EXPECT_EQ (send ("POST", "/http/form/x", "Content-Type: text/plain\r\n", "x").status, 415);
  EXPECT_EQ (send ("POST", "/http/form/x", "Content-Type: application/json\r\n", "[]").status, 400);
  EXPECT_EQ (upstream.requests ().size (), 2u);
  expect_hidden ("form");
}

TEST_F (RestPlaces, TemplatesLeadNowhereElse)
{
  for (const char *name : { "//evil.example/{token}", "/../{token}", "/bot", "/{token}/{token}",
                            "/x?y={token}", "bot{token}" })
    EXPECT_EQ (add ("x", std::string (R"({"kind":"path","name":")") + name + "\"}").status, 400)
        << name;
}

TEST_F (RestPlaces, AreSaidOnTheCommandLine)
{
  auto added = [&] (const std::vector<std::string> &options) {
    std::vector<std::string> words = { "bindify-add",   "--type",     "http", "--allow-local",
                                       "--token-stdin", "--no-check", "--yes" };

    words.insert (words.end (), options.begin (), options.end ());
    words.push_back (upstream.url ("/"));
    return agent.cli (words, std::string (kToken) + "\n");
  };

  EXPECT_EQ (added ({ "--name", "one", "--in-path", "/bot{token}" }).status, 0);
  EXPECT_EQ (added ({ "--name", "two", "--in-body", "token" }).status, 0);
  EXPECT_THAT (added ({ "--name", "x", "--in-body", "token", "--header", "X-A" }).errors,
               HasSubstr ("one place"));
  EXPECT_THAT (added ({ "--name", "x", "--sign-for", "a/b" }).errors, HasSubstr ("--sigv4"));
  send ("GET", "/http/one/y");
  EXPECT_EQ (upstream.requests ().back ().path, std::string ("/bot") + kToken + "/y");
}
