// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// REST services through /http/NAME: what goes up and what comes down, what is refused and what is
// told (behaviour 2.3, 5, 12.2; craft J34).

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/agent.h"
#include "tests/fixture/upstream.h"

using testing::AllOf;
using testing::ContainsRegex;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

namespace
{

const char kToken[] = "rest-token-0123456789abcdef";
const char kHost[] = "Host: x\r\n";

// Answers by the last part of the path.
void
answer (Upstream::Peer &peer, const Upstream::Request &request)
{
  auto ends = [&] (const char *end) {
    std::string path = request.path.substr (0, request.path.find ('?'));
    std::string tail = end;
    return path.size () >= tail.size () && path.substr (path.size () - tail.size ()) == tail;
  };

  if (ends ("/echo"))
    peer.reply (200, "{\"saw\":\"" + request.header ("authorization") + "\"}");
  else if (ends ("/packed"))
    peer.reply (200, "not searched", "Content-Encoding: gzip");
  else if (ends ("/none"))
    peer.write ("HTTP/1.1 204 No Content\r\n\r\n");
  else if (ends ("/same"))
    peer.write ("HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 12\r\n\r\n");
  else if (ends ("/moved"))
    peer.reply (302, "", "Location: https://elsewhere.example/x");
  else if (ends ("/refused"))
    peer.reply (401, "{\"message\":\"bad token\"}", "WWW-Authenticate: Basic realm=\"x\"");
  else if (ends ("/forbidden"))
    peer.reply (403, "{\"message\":\"not yours\"}");
  else if (request.method == "HEAD")
    peer.write ("HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n");
  else if (ends ("/pieces"))
    {
      peer.write (
          "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n");
      peer.chunk ("one ");
      peer.chunk ("two");
      peer.end_chunks ();
    }
  else if (ends ("/events"))
    {
      peer.begin_events ();
      peer.event ("{\"n\":1}");
      peer.wait_for_close (30000);
    }
  else
    peer.reply (200, "{\"ok\":true}",
                "X-Rate: 7\r\nSet-Cookie: session=abc\r\nAccess-Control-Allow-Origin: *\r\n"
                "ETag: \"2\"\r\nLink: <https://api.example/x?page=2>; rel=\"next\"");
}

class Rest : public testing::Test
{
protected:
  Rest ()
  {
    added = add ("rest", upstream.url ("/api/"));
  }

  Response add (const std::string &name, const std::string &url, const std::string &more = "")
  {
    return agent.add (name, url, kToken, R"(,"type":"http")" + more);
  }

  // On the UNIX door.
  Response send (const std::string &method,
                 const std::string &target,
                 const std::string &headers = "",
                 const std::string &body = "")
  {
    Connection connection = agent.local ();
    std::string length =
        body.empty () ? "" : "Content-Length: " + std::to_string (body.size ()) + "\r\n";

    connection.send (method + " " + target + " HTTP/1.1\r\n" + kHost + headers + length + "\r\n" +
                     body);
    if (method != "HEAD")
      return connection.read_response ();
    return connection.read_head ();
  }
  Response get (const std::string &rest)
  {
    return send ("GET", "/http/rest" + rest);
  }
  Upstream::Request last ()
  {
    return upstream.requests ().back ();
  }

  Upstream upstream{ answer };
  Agent agent;
  Response added;
};

} // namespace

TEST_F (Rest, IsAddedWithItsType)
{
  EXPECT_EQ (added.status, 201) << added.body;
  EXPECT_THAT (added.body, AllOf (HasSubstr (R"("type":"http")"), HasSubstr ("/http/rest")));
  EXPECT_EQ (add ("odd", upstream.url ("/api?x=1")).status, 400);
  EXPECT_EQ (agent.add ("other", upstream.url ("/"), kToken, R"(,"type":"telnet")").status, 400);
}

TEST_F (Rest, GoesUpAsItIsWithTheCredential)
{
  Response reply = send ("PATCH", "/http/rest/repos/x%20y/z?a=1&b=%2F",
                         "Content-Type: application/merge-patch+json\r\nAccept: text/x\r\n"
                         "X-GitHub-Api-Version: 1\r\nUser-Agent: me/1\r\nIf-Match: \"e\"\r\n",
                         R"({"title":"t"})");
  Upstream::Request request = last ();

  EXPECT_EQ (reply.status, 200) << reply.body;
  EXPECT_EQ (request.method, "PATCH");
  EXPECT_EQ (request.path, "/api/repos/x%20y/z?a=1&b=%2F");
  EXPECT_EQ (request.body, R"({"title":"t"})");
  EXPECT_EQ (request.header ("authorization"), std::string ("Bearer ") + kToken);
  EXPECT_EQ (request.header ("content-type"), "application/merge-patch+json");
  EXPECT_EQ (request.header ("accept"), "text/x");
  EXPECT_EQ (request.header ("x-github-api-version"), "1");
  EXPECT_EQ (request.header ("user-agent"), "me/1");
  EXPECT_EQ (request.header ("if-match"), "\"e\"");
  EXPECT_EQ (request.header ("accept-encoding"), "identity");
}

TEST_F (Rest, KeepsDangerousHeadersBelow)
{
  send ("GET", "/http/rest/x",
        "Cookie: a=b\r\nX-Api-Key: mine\r\nProxy-Authorization: Basic x\r\n"
        "X-HTTP-Method-Override: DELETE\r\nX-Forwarded-For: 10.0.0.1\r\nReferer: http://me/\r\n"
        "Connection: x-hop\r\nX-Hop: 1\r\nX-Bindify-Origin: agent\r\nTE: trailers\r\n");
  for (const char *name : { "cookie", "x-api-key", "proxy-authorization", "x-http-method-override",
                            "x-forwarded-for", "referer", "x-hop", "x-bindify-origin", "te" })
    EXPECT_THAT (last ().header (name), IsEmpty ()) << name;
}

TEST_F (Rest, ComesDownAsItIsWithoutCookies)
{
  Response reply = get ("/x");

  EXPECT_EQ (reply.status, 200);
  EXPECT_EQ (reply.body, "{\"ok\":true}");
  EXPECT_EQ (reply.header ("x-rate"), "7");
  EXPECT_EQ (reply.header ("etag"), "\"2\"");
  EXPECT_THAT (reply.header ("link"), HasSubstr ("page=2"));
  EXPECT_THAT (reply.header ("set-cookie"), IsEmpty ());
  EXPECT_THAT (reply.header ("access-control-allow-origin"), IsEmpty ());
  EXPECT_EQ (reply.header ("content-security-policy"), "default-src 'none'");
}

TEST_F (Rest, HasEveryShapeOfAnswer)
{
  Response head = send ("HEAD", "/http/rest/file");

  EXPECT_EQ (head.status, 200);
  EXPECT_EQ (head.header ("content-length"), "12345");
  EXPECT_EQ (get ("/none").status, 204);
  EXPECT_EQ (get ("/same").status, 304);
  EXPECT_EQ (get ("/pieces").body, "one two");
  EXPECT_EQ (get ("/moved").header ("location"), "https://elsewhere.example/x");
  EXPECT_EQ (get ("/forbidden").body, "{\"message\":\"not yours\"}");
  EXPECT_EQ (send ("DELETE", "/http/rest/x").status, 200);
  EXPECT_EQ (send ("OPTIONS", "/http/rest/x").status, 200);
}

TEST_F (Rest, StreamsEvents)
{
  Connection connection = agent.local ();

  connection.send (std::string ("GET /http/rest/events HTTP/1.1\r\n") + kHost + "\r\n");
  Response reply = connection.read_head ();
  EXPECT_EQ (reply.header ("content-type"), "text/event-stream");
  EXPECT_THAT (connection.read_body_until (reply, "\n\n"), HasSubstr ("{\"n\":1}"));
}

// The attack: a server that sends the credential back.
TEST_F (Rest, NeverGivesTheCredentialBack)
{
  Response reply = get ("/echo");

  EXPECT_THAT (reply.body, AllOf (HasSubstr ("Bearer *****"), Not (HasSubstr (kToken))));
  EXPECT_THAT (agent.cli ({ "bindify", "log" }).output, HasSubstr ("security_violation"));
}

// Nor what cannot be searched (J01).
TEST_F (Rest, PassesNothingCompressed)
{
  Response reply = get ("/packed");

  EXPECT_EQ (reply.status, 502);
  EXPECT_THAT (reply.body, HasSubstr ("compressed"));
}

TEST_F (Rest, ShowsARefusedCredentialAndRemembersIt)
{
  Response reply = get ("/refused");

  EXPECT_EQ (reply.status, 401);
  EXPECT_EQ (reply.body, "{\"message\":\"bad token\"}");
  EXPECT_THAT (reply.header ("www-authenticate"), IsEmpty ());
  EXPECT_EQ (json_string (agent.control ("GET", "/v1/bindings/rest").body, "state"), "needs_login");
  EXPECT_EQ (get ("/x").status, 200);
  EXPECT_EQ (json_string (agent.control ("GET", "/v1/bindings/rest").body, "state"), "ok");
}

// Paths that servers read in more than one way reach none.
TEST_F (Rest, RefusesPathTricks)
{
  for (const char *rest :
       { "/a/../b", "/a/%2e%2e/b", "/a/..%2fb", "/a//b", "//evil.example/", "/a/.%2E;x/b", "/a%2fb",
         "/a\\..\\b", "/a%5cb", "/a%00b", "/%252e%252e/b" })
    EXPECT_THAT (get (rest).status, testing::AnyOf (400, 404)) << rest;
  EXPECT_THAT (send ("GET", "http://evil.example/http/rest/x").status, testing::AnyOf (400, 404));
  EXPECT_THAT (send ("CONNECT", "/http/rest/x").status, testing::AnyOf (400, 405));
  EXPECT_EQ (send ("TRACE", "/http/rest/x").status, 405);
  EXPECT_THAT (upstream.requests (), IsEmpty ());
}

TEST_F (Rest, KeepsToItsOwnDoor)
{
  EXPECT_THAT (send ("POST", "/mcp/rest", "Content-Type: application/json\r\n", kInitialize).body,
               HasSubstr ("/http/rest/"));
  agent.add ("tools", upstream.url ("/mcp"), kToken);
  EXPECT_THAT (send ("GET", "/http/tools/x").body, HasSubstr ("/mcp/tools"));
  EXPECT_EQ (send ("GET", "/http/nothing/x").status, 404);
  EXPECT_THAT (upstream.requests (), IsEmpty ());
}

TEST_F (Rest, AsksForAKeyOnThePort)
{
  std::string key = agent.add_client ("script", R"(["rest"])");
  std::string bare = key.substr (std::string ("bnd_local_").size ());
  auto over_tcp = [&] (const std::string &target, const std::string &headers = "") {
    Connection connection = agent.tcp ();

    connection.send ("GET " + target + " HTTP/1.1\r\nHost: " + agent.host () + "\r\n" + headers +
                     "\r\n");
    return connection.read_response ();
  };

  add ("other", upstream.url ("/"));
  EXPECT_EQ (over_tcp ("/http/rest/x").status, 404);
  EXPECT_EQ (over_tcp ("/http/rest/~wrong/x").status, 404);
  EXPECT_EQ (over_tcp ("/http/other/~" + bare + "/x").status, 404);
  EXPECT_THAT (upstream.requests (), IsEmpty ());
  EXPECT_EQ (over_tcp ("/http/rest/x", "Authorization: Bearer " + key + "\r\n").status, 200);
  EXPECT_EQ (last ().header ("authorization"), std::string ("Bearer ") + kToken);
  EXPECT_EQ (over_tcp ("/http/rest/~" + bare + "/y?z=1", "X-Api-Key: bindify\r\n").status, 200);
  EXPECT_EQ (last ().path, "/api/y?z=1");
}

TEST_F (Rest, IsJudgedByThePolicy)
{
  const char policy[] =
      R"(,"policy":{"version":1,"default":"deny","rules":[{"http":"GET /repos/**","effect":"allow"},)"
      R"({"http":"POST /repos/*/issues","arguments":{"/title":"bug*"},"effect":"allow"},)"
      R"({"http":"DELETE /**","effect":"ask"}]})";

  ASSERT_EQ (add ("judged", upstream.url ("/"), policy).status, 201);
  auto judged = [&] (const std::string &method, const std::string &rest,
                     const std::string &body = "") {
    return send (method, "/http/judged" + rest, "Content-Type: application/json\r\n", body);
  };
  EXPECT_EQ (judged ("GET", "/repos/a").status, 200);
  EXPECT_EQ (judged ("POST", "/repos/a/issues", R"({"title":"bug 1"})").status, 200);
  EXPECT_EQ (upstream.requests ().size (), 2u);

  Response denied = judged ("POST", "/repos/a/issues", R"({"title":"wish"})");
  EXPECT_EQ (denied.status, 403);
  EXPECT_EQ (json_string (denied.body, "error"), "denied");
  EXPECT_EQ (judged ("GET", "/user").status, 403);
  Response asked = judged ("DELETE", "/repos/a");
  EXPECT_EQ (json_string (asked.body, "error"), "approval_unavailable");
  EXPECT_THAT (asked.body, AllOf (HasSubstr ("DELETE /repos/a"), HasSubstr ("prompts --watch")));
  EXPECT_EQ (upstream.requests ().size (), 2u);
  EXPECT_THAT (agent.cli ({ "bindify", "log", "judged" }).output, HasSubstr ("DELETE /repos/a"));
}

TEST_F (Rest, StopsWhenFrozenPausedOrLocked)
{
  agent.control ("POST", "/v1/freeze", "{}");
  EXPECT_EQ (json_string (get ("/x").body, "error"), "frozen");
  agent.control ("POST", "/v1/thaw", "{}");
  agent.control ("PATCH", "/v1/bindings/rest", R"({"paused":true})");
  EXPECT_EQ (json_string (get ("/x").body, "error"), "paused");
  agent.control ("PATCH", "/v1/bindings/rest", R"({"paused":false})");
  agent.control ("POST", "/v1/lock", "{}");
  EXPECT_EQ (json_string (get ("/x").body, "error"), "locked");
  EXPECT_THAT (upstream.requests (), IsEmpty ());
}

TEST_F (Rest, IsUsedFromTheCommandLine)
{
  Finished reply = agent.cli ({ "bindify", "http", "rest", "get", "/user", "q=a b" });

  EXPECT_EQ (reply.status, 0) << reply.errors;
  EXPECT_EQ (reply.output, "{\"ok\":true}");
  EXPECT_EQ (last ().path, "/api/user?q=a%20b");
  agent.cli ({ "bindify", "http", "rest", "post", "issues", "title=t", "n=7", "-H", "X-A: 1" });
  EXPECT_EQ (last ().body, R"({"title":"t","n":7})");
  EXPECT_EQ (last ().header ("content-type"), "application/json");
  EXPECT_EQ (last ().header ("x-a"), "1");
  agent.cli ({ "bindify", "http", "rest", "put", "/file", "-d", "-" }, "from stdin");
  EXPECT_EQ (last ().body, "from stdin");

  Finished failed = agent.cli ({ "bindify", "http", "rest", "get", "/forbidden" });
  EXPECT_EQ (failed.status, 1);
  EXPECT_THAT (failed.errors, HasSubstr ("HTTP 403"));
  EXPECT_THAT (agent.cli ({ "bindify", "http", "rest", "get", "/a b" }).errors, HasSubstr ("%20"));
  EXPECT_THAT (agent.cli ({ "bindify", "test", "rest" }).output, HasSubstr ("rest works"));
  EXPECT_THAT (agent.cli ({ "bindify", "http", "rest", "head", "/file", "-i" }).output,
               HasSubstr ("Content-Length: 12345"));
}

TEST_F (Rest, GivesProgramsAnAddressAndNoSecret)
{
  Finished env = agent.cli ({ "bindify", "env", "rest" });

  EXPECT_THAT (env.output, StartsWith ("export BINDIFY_REST_URL='http://127.0.0.1:"));
  EXPECT_THAT (env.output,
               AllOf (ContainsRegex ("/http/rest/~[A-Za-z0-9_-]+'"), Not (HasSubstr (kToken))));
  agent.cli ({ "bindify", "env", "rest" });
  std::string clients = agent.cli ({ "bindify", "client", "list" }).output;
  EXPECT_EQ (clients.find ("env rest"), clients.rfind ("env rest")) << clients;
  agent.add ("tools", upstream.url ("/mcp"), kToken);
  EXPECT_THAT (agent.cli ({ "bindify", "env", "tools" }).errors, HasSubstr ("bindify connect"));
}

TEST_F (Rest, AddsServicesThatHaveNoServerForMcp)
{
  Finished added = agent.cli ({ "bindify", "add", "openai", "--token-stdin", "--no-check" },
                              "sk-proj-abcdefghijklmnopqrstuvwxyz0123\n");

  EXPECT_EQ (added.status, 0) << added.errors;
  EXPECT_THAT (added.output,
               AllOf (HasSubstr ("https://api.openai.com/"), HasSubstr ("bindify env openai")));
  EXPECT_THAT (agent.cli ({ "bindify", "env", "openai" }).output,
               AllOf (ContainsRegex ("OPENAI_BASE_URL='http[^']*/v1'"),
                      HasSubstr ("OPENAI_API_KEY='bindify'")));
}
