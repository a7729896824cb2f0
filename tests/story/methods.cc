// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// A program calls methods of a REST service by name and never sees a path or the token: over the
// control API, as MCP tools and on the command line (behaviour 13).

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

namespace
{

const char kToken[] = "methods-token-0123456789abcdef";

void
answer (Upstream::Peer &peer, const Upstream::Request &request)
{
  if (request.path == "/api/list?state=open")
    peer.reply (200, "[1,2]");
  else if (request.path == "/api/none")
    peer.write ("HTTP/1.1 204 No Content\r\n\r\n");
  else if (request.path == "/api/bad")
    peer.reply (422, R"({"message":"Validation Failed\u001b[31m"})");
  else
    peer.reply (201, R"({"saw":")" + request.header ("authorization") + R"("})");
}

class Methods : public testing::Test
{
protected:
  Methods ()
  {
    const std::string dir = agent.dir ().path ("config/bindify/services.d");
    const std::string record =
        R"({"id":"demo","name":"Demo","rest_url":")" + upstream.url ("/api") +
        R"(","api_key":{"injection":{"kind":"header","name":"X-Key"}},"methods":[)"
        R"({"name":"issues.create","title":"Create an issue","access":"write","http":)"
        R"({"method":"POST","path":"/repos/{owner}/issues","headers":{"X-Mode":"{mode}"},)"
        R"("body":{"title":"{title}","n":"{n}"}},"params":{"owner":{"type":"string"},)"
        R"("title":{"type":"string"},"n":{"type":"integer"},"mode":{"type":"string"}},)"
        R"("required":["owner","title"]},)"
        R"({"name":"issues.list","title":"List issues","access":"read","http":)"
        R"({"method":"GET","path":"/list","query":{"state":"{state}"}},)"
        R"("params":{"state":{"type":"string","enum":["open","closed"]}}},)"
        R"({"name":"none","title":"Do nothing","access":"write","http":)"
        R"({"method":"POST","path":"/none"}},)"
        R"({"name":"bad","title":"Fail","access":"read","http":{"method":"GET","path":"/bad"}}]})";

    std::filesystem::create_directories (dir);
    std::ofstream (dir + "/demo.json") << record;
    EXPECT_TRUE (agent.start ());
    Finished added = agent.cli ({ "bindify", "add", "demo", "--type", "sdk", "--token-stdin",
                                  "--allow-local", "--no-check" },
                                kToken);
    EXPECT_EQ (added.status, 0) << added.errors;
  }

  Response post (const std::string &path, const std::string &body)
  {
    Connection connection = agent.local ();

    connection.send ("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
                     "Content-Length: " + std::to_string (body.size ()) + "\r\n\r\n" + body);
    return connection.read_response ();
  }
  Response call (const std::string &method, const std::string &arguments)
  {
    return post ("/v1/bindings/demo/methods/" + method, arguments);
  }
  Response mcp (const std::string &method, const std::string &params)
  {
    return post ("/mcp/demo", R"({"jsonrpc":"2.0","id":5,"method":")" + method + R"(","params":)" +
                                  params + "}");
  }
  size_t n_sent ()
  {
    return upstream.requests ().size ();
  }

  Upstream upstream{ answer };
  Agent agent{ [] {
    Agent::Options options;
    options.starts = false;
    return options;
  }() };
};

} // namespace

TEST_F (Methods, BecomeRequestsWithTheCredential)
{
  Response reply = call ("issues.create", R"({"owner":"me & you","title":"t","n":3,"mode":"m"})");
  Upstream::Request request = upstream.requests ().back ();

  EXPECT_EQ (reply.status, 200) << reply.body;
  EXPECT_EQ (request.method, "POST");
  EXPECT_EQ (request.path, "/api/repos/me%20%26%20you/issues");
  EXPECT_EQ (request.body, R"({"title":"t","n":3})");
  EXPECT_EQ (request.header ("x-key"), kToken);
  EXPECT_EQ (request.header ("x-mode"), "m");
  EXPECT_EQ (call ("issues.list", R"({"state":"open"})").body, "[1,2]");
  EXPECT_EQ (call ("none", "").body, "{}");
}

TEST_F (Methods, AreThoseThatAreListedOnly)
{
  EXPECT_THAT (call ("issues.delete", "{}").body, HasSubstr ("method_not_found"));
  EXPECT_EQ (call ("issues.delete", "{}").status, 404);
  EXPECT_THAT (post ("/http/demo/list", "{}").body, HasSubstr ("bindify methods demo"));
  EXPECT_EQ (n_sent (), 0u);
}

TEST_F (Methods, RefuseArgumentsThatDoNotFit)
{
  for (const char *arguments :
       { R"({"owner":"me"})", R"({"owner":7,"title":"t"})", R"({"owner":"me","title":"t","n":"3"})",
         R"({"owner":"me","title":"t","x":1})", R"([1])", R"({"owner":"..","title":"t"})",
         R"({"owner":"%2e%2e","title":"t"})", R"({"owner":"a/../../admin","title":"t"})",
         R"({"owner":"https://evil.example/","title":"t"})", R"({"owner":"//x","title":"t"})",
         R"({"owner":"","title":"t"})", R"({"owner":"a\u0000b","title":"t"})",
         R"({"owner":"me","title":"t","mode":"x\r\nX-Key: mine"})",
         R"({"owner":"me","title":"t","owner":".."})" })
    EXPECT_EQ (call ("issues.create", arguments).status, 400) << arguments;
  EXPECT_EQ (n_sent (), 0u);
}

TEST_F (Methods, SayWhyTheServiceRefused)
{
  Response reply = call ("bad", "{}");

  EXPECT_EQ (reply.status, 502);
  EXPECT_THAT (reply.body, AllOf (HasSubstr ("upstream_failed"), HasSubstr ("HTTP 422"),
                                  HasSubstr ("Validation Failed"), Not (HasSubstr ("\x1b"))));
}

// The attack: a service that sends the credential back.
TEST_F (Methods, NeverGiveTheCredentialBack)
{
  upstream.requests ();
  Response reply =
      call ("issues.create", R"({"owner":"me","title":")" + std::string (kToken) + R"("})");

  EXPECT_THAT (reply.body, Not (HasSubstr (kToken)));
}

TEST_F (Methods, AreMcpTools)
{
  Response hello = mcp ("initialize", R"({"protocolVersion":"2025-06-18","capabilities":{},)"
                                      R"("clientInfo":{"name":"t","version":"1"}})");
  EXPECT_THAT (hello.body, HasSubstr (R"("protocolVersion":"2025-06-18")"));
  EXPECT_THAT (mcp ("tools/list", "{}").body,
               AllOf (HasSubstr ("issues.create"), HasSubstr ("inputSchema"),
                      HasSubstr (R"("readOnlyHint":true)")));
  Response good = mcp ("tools/call", R"({"name":"issues.list","arguments":{"state":"open"}})");
  EXPECT_THAT (good.body, AllOf (HasSubstr (R"("id":5)"), HasSubstr (R"({"result":[1,2]})")));
  Response bad = mcp ("tools/call", R"({"name":"issues.list","arguments":{"state":"odd"}})");
  EXPECT_THAT (bad.body, AllOf (HasSubstr (R"("isError":true)"), HasSubstr ("invalid_argument")));
  EXPECT_THAT (mcp ("tools/call", R"({"name":"nope"})").body, HasSubstr ("-32602"));
  EXPECT_THAT (mcp ("resources/list", "{}").body, HasSubstr ("-32601"));
  EXPECT_EQ (post ("/mcp/demo", R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status,
             202);
}

TEST_F (Methods, GoThroughThePolicy)
{
  std::ofstream (agent.dir ().path ("policy.json"))
      << R"({"version":1,"default":"allow","rules":[{"access":"write","effect":"deny"}]})";
  Finished set =
      agent.cli ({ "bindify", "policy", "set", "demo", agent.dir ().path ("policy.json") });
  ASSERT_EQ (set.status, 0) << set.errors;

  EXPECT_EQ (call ("issues.create", R"({"owner":"me","title":"t"})").status, 403);
  EXPECT_EQ (call ("issues.list", R"({"state":"open"})").status, 200);
  EXPECT_THAT (mcp ("tools/list", "{}").body, Not (HasSubstr ("issues.create")));
  EXPECT_THAT (agent.cli ({ "bindify", "methods", "demo" }).output,
               Not (HasSubstr ("issues.create")));
  EXPECT_THAT (upstream.requests (), SizeIs (1));
}

TEST_F (Methods, AreTypedOnTheCommandLine)
{
  EXPECT_THAT (agent.cli ({ "bindify", "methods", "demo" }).output,
               AllOf (HasSubstr ("issues.create  write"), HasSubstr ("owner title [n] [mode]")));
  Finished done =
      agent.cli ({ "bindify", "do", "demo", "issues.create", "owner=me", "title=7", "n=7" });
  EXPECT_EQ (done.status, 0) << done.errors;
  EXPECT_EQ (upstream.requests ().back ().body, R"({"title":"7","n":7})");
  Finished bad = agent.cli ({ "bindify", "do", "demo", "issues.create", "owner=..", "title=t" });
  EXPECT_EQ (bad.status, 1);
  EXPECT_THAT (bad.errors, AllOf (HasSubstr ("owner"), HasSubstr ("bindify methods demo")));
  EXPECT_THAT (
      agent.cli ({ "bindify", "log" }).output,
      AllOf (HasSubstr ("tools/call"), HasSubstr ("issues.create"), Not (HasSubstr (kToken))));
}

// A document that somebody else has written becomes methods that can be called.
TEST_F (Methods, AreMadeOfOpenapiDocuments)
{
  const std::string document = agent.dir ().path ("pets.json");
  std::ofstream (document)
      << R"({"openapi":"3.0.3","info":{"title":"Pet Shop"},"servers":[{"url":")" +
             upstream.url ("/api") +
             R"("}],"paths":{"/pets/{id}":{"get":{"operationId":"pets/get",)"
             R"("summary":"Get a pet","parameters":[{"name":"id","in":"path","required":true,)"
             R"("schema":{"type":"integer"}},{"name":"filter[a]","in":"query"}]}},)"
             R"("/pets":{"post":{"requestBody":{"required":true,"content":{"application/json":)"
             R"({"schema":{"$ref":"#/components/schemas/Pet"}}}}}},)"
             R"("/up":{"put":{"requestBody":{"required":true,"content":{"image/png":{}}}}},)"
             R"("//evil.example/x":{"get":{}},"/a/../b":{"get":{}}},)"
             R"("components":{"schemas":{"Pet":{"type":"object","required":["name"],"properties":)"
             R"({"name":{"type":"string"},"mother":{"$ref":"#/components/schemas/Pet"}}}},)"
             R"("securitySchemes":{"k":{"type":"apiKey","in":"header","name":"X-Pet"}}}})";
  Finished made = agent.cli ({ "bindify", "services", "from-openapi", document, "--write" });

  ASSERT_EQ (made.status, 0) << made.errors;
  EXPECT_THAT (made.errors,
               AllOf (HasSubstr ("PUT /up"), HasSubstr ("evil.example"), HasSubstr ("/a/../b")));
  EXPECT_EQ (agent.cli ({ "bindify", "services", "from-openapi", document, "--write" }).status, 1);
  agent.stop ();
  ASSERT_TRUE (agent.start ());
  Finished added = agent.cli ({ "bindify", "add", "pet-shop", "--type", "sdk", "--token-stdin",
                                "--allow-local", "--no-check" },
                              kToken);
  ASSERT_EQ (added.status, 0) << added.errors;

  EXPECT_EQ (agent.cli ({ "bindify", "do", "pet-shop", "pets.get", "id=7", "filter_a_=x" }).status,
             0);
  EXPECT_EQ (upstream.requests ().back ().path, "/api/pets/7?filter%5Ba%5D=x");
  EXPECT_EQ (upstream.requests ().back ().header ("x-pet"), kToken);
  EXPECT_EQ (agent.cli ({ "bindify", "do", "pet-shop", "post.pets", "name=7" }).status, 0);
  EXPECT_EQ (upstream.requests ().back ().body, R"({"name":"7"})");
  EXPECT_EQ (agent.cli ({ "bindify", "do", "pet-shop", "post.pets" }).status, 1);
}

TEST_F (Methods, OfTheCatalogueAreUnderstood)
{
  EXPECT_THAT (agent.process ().errors (), Not (HasSubstr ("The method")));
  EXPECT_THAT (agent.cli ({ "bindify", "services", "show", "github", "--json" }).status, 0);
}
