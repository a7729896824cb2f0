// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What a client sends up is searched, too: for secrets that must go nowhere else, for client keys
// (J05) and for decoys (J24, J37). Each row is an attack that succeeds when agent/guard/entrance.c
// is left out.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/proxied.h"
#include "tests/fixture/spelled.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

const std::string kOther = "ghp_otherbindingssecret0123456789abcdef";

std::string
call_with (const std::string &text)
{
  return R"({"jsonrpc":"2.0","id":"call-1","method":"tools/call","params":{"name":"echo","arguments":{"message":")" +
         text + "\"}}}";
}

class Entrance : public Proxied
{
protected:
  // "svc", and "other" with a secret of its own, which is in memory.
  void open_two ()
  {
    open (mcp_script (kSecret));
    other = std::make_unique<Upstream> (mcp_script (kOther));
    agent->add ("other", other->url (), kOther);
    EXPECT_EQ (agent->post ("other", key, kToolCall).status, 200);
    EXPECT_EQ (call ().status, 200);
    n_before = upstream->requests ().size ();
  }
  std::string make_decoy (const std::string &client = "story")
  {
    return json_string (
        agent->control ("PUT", "/v1/clients/" + client + "/decoy", R"({"service":"github"})").body,
        "decoy");
  }
  std::string events ()
  {
    return agent->control ("GET", "/v1/events?limit=1000").body;
  }
  // Nothing has gone up.
  void expect_stopped (const std::string &what)
  {
    EXPECT_EQ (upstream->requests ().size (), n_before) << what;
  }
  Response get (const std::string &path, const std::string &headers)
  {
    Connection connection = agent->tcp ();

    connection.send (format_request (
        "POST", path, agent->host (),
        "Content-Type: application/json" + (headers.empty () ? "" : "\r\n" + headers), kToolCall));
    return connection.read_response ();
  }

  std::unique_ptr<Upstream> other;
  size_t n_before = 0;
};

} // namespace

TEST_F (Entrance, AnotherBindingsSecretGoesNowhereElse)
{
  open_two ();
  for (const Spelled &row : spellings (kOther))
    {
      Response response = call (call_with (row.text));

      EXPECT_EQ (response.status, 200) << row.name;
      EXPECT_THAT (response.body,
                   AllOf (HasSubstr ("-31004"), HasSubstr (R"("reason":"denied")"),
                          HasSubstr (R"("id":"call-1")"), HasSubstr ("secret_elsewhere")))
          << row.name;
      expect_stopped (row.name);
    }
  EXPECT_THAT (events (),
               AllOf (HasSubstr ("security_violation"), HasSubstr (R"("category":"critical")"),
                      HasSubstr ("the credential of “other” in the body of a request"),
                      Not (HasSubstr (kOther))));
}

// It cannot have come from us.
TEST_F (Entrance, ABindingsOwnSecretIsNotTakenFromAClient)
{
  open_two ();
  Response response = call (call_with (kSecret));

  EXPECT_THAT (response.body, AllOf (HasSubstr ("-31004"), HasSubstr ("bindify login svc")));
  expect_stopped ("own");
}

TEST_F (Entrance, HeadersThatGoUpAreSearched)
{
  open_two ();
  for (const std::string name : { "Mcp-Session-Id", "Last-Event-ID", "Mcp-Param-X", "tracestate" })
    {
      Connection connection = begin ("GET", "", name + ": " + kOther);
      Response response = connection.read_response ();

      EXPECT_GE (response.status, 400) << name;
      expect_stopped (name);
    }
}

TEST_F (Entrance, AllOfAnArrayIsSearched)
{
  open_two ();
  call ("[" + call_with ("hi") + "," + call_with (kOther) + "]");
  expect_stopped ("array");
}

// J05: the key of a client is for us alone, whoever's it is.
TEST_F (Entrance, J05AClientKeyNeverGoesUp)
{
  open_two ();
  std::string second = agent->add_client ("second");

  for (const std::string &found : { key, second })
    {
      EXPECT_THAT (call (call_with (found)).body, HasSubstr ("-31004"));
      expect_stopped (found);
    }
  // In the path it stands without its prefix.
  std::string bare = key.substr (std::string ("bnd_local_").size ());
  Connection connection = agent->tcp ();
  connection.send (format_request ("POST", "/mcp/svc/" + bare, agent->host (),
                                   "Content-Type: application/json", call_with (bare)));
  EXPECT_THAT (connection.read_response ().body, HasSubstr ("-31004"));
  expect_stopped ("bare");
  // What only looks like one is text.
  std::string wrong = "bnd_local_" + std::string (86, 'A');
  EXPECT_THAT (call (call_with (wrong)).body, HasSubstr ("result"));
}

// What stands for a secret that is open for this request only.
TEST_F (Entrance, ASealedSecretIsNotTakenFromAClient)
{
  open (mcp_script (kSecret));
  Response added =
      agent->add ("sealed", upstream->url (), kOther, R"(,"mode":"sealed","client":"laptop")");
  std::string opener = json_string (added.body, "client_key");

  ASSERT_EQ (added.status, 201) << added.body;
  n_before = upstream->requests ().size ();
  EXPECT_THAT (agent->post ("sealed", opener, call_with (kOther)).body, HasSubstr ("-31004"));
  expect_stopped ("sealed");
}

// J24: never taken for what it stands for, and never passed on.
TEST_F (Entrance, J24ADecoyRingsWhereverItIsUsed)
{
  open_two ();
  std::string decoy = make_decoy ();
  std::string bearer = "Authorization: Bearer " + key;

  ASSERT_EQ (decoy.rfind ("ghp_", 0), 0u) << decoy;
  ASSERT_EQ (decoy.size (), 40u) << decoy;
  Response nothing = get ("/mcp/svc", "Authorization: Bearer bnd_local_wrong");
  const struct
  {
    const char *name;
    std::string path, headers;
  } rows[] = {
    { "Bearer", "/mcp/svc", "Authorization: Bearer " + decoy },
    { "Basic", "/mcp/svc", "Authorization: Basic " + as_base64 ("x:" + decoy) },
    { "OtherHeader", "/mcp/svc", bearer + "\r\nX-Api-Key: " + decoy },
    { "Query", "/mcp/svc?token=" + decoy, bearer },
  };
  size_t n_events = 0;
  for (const auto &row : rows)
    {
      Response response = get (row.path, row.headers);

      EXPECT_EQ (response.status, nothing.status) << row.name;
      EXPECT_EQ (response.body, nothing.body) << row.name;
      expect_stopped (row.name);
      std::string seen = events ();
      size_t n = 0;
      for (size_t at = 0; (at = seen.find (R"("category":"decoy")", at)) != std::string::npos; at++)
        n++;
      EXPECT_EQ (n, ++n_events) << row.name;
    }
  EXPECT_EQ (get ("/mcp/svc/" + decoy, "").status, 404);
  EXPECT_THAT (events (), AllOf (HasSubstr ("the decoy of “story” in the path of a request"),
                                 HasSubstr ("the decoy of “story” in the header of a request"),
                                 HasSubstr ("the decoy of “story” in the query of a request"),
                                 Not (HasSubstr (decoy))));
}

TEST_F (Entrance, ADecoyInABodyGoesNowhere)
{
  open_two ();
  std::string decoy = make_decoy ("story");
  std::string second = agent->add_client ("second");

  // Its own client or another one; nobody is told that it is none.
  for (const std::string &used : { key, second })
    {
      Response response = agent->post ("svc", used, call_with (decoy));

      EXPECT_THAT (response.body, AllOf (HasSubstr ("-31004"), Not (HasSubstr ("decoy"))));
      expect_stopped (used);
    }
  EXPECT_EQ (agent->post ("svc", "wrong", call_with (decoy)).status, 404);
  EXPECT_EQ (agent->post ("~all", key, call_with (decoy)).status, 404);
  EXPECT_EQ (agent->add ("third", upstream->url (), decoy).status, 403);
  expect_stopped ("decoy");
  EXPECT_THAT (events (), HasSubstr ("the decoy of “story” in the body of a request"));
}

// J37: what cannot be looked into does not come in.
TEST_F (Entrance, J37ACompressedRequestDoesNotComeIn)
{
  open_two ();
  make_decoy ();
  EXPECT_EQ (call ("\x1f\x8b\x08zzzz", "Content-Encoding: gzip").status, 415);
  expect_stopped ("gzip");
}

TEST_F (Entrance, ADecoyInAnAnswerIsMaskedAndRings)
{
  std::string decoy;

  open ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (200, "{\"a\":\"" + decoy + "\"}");
  });
  decoy = make_decoy ();
  EXPECT_EQ (call ().body, "{\"a\":\"" + std::string (decoy.size (), '*') + "\"}");
  EXPECT_THAT (events (), AllOf (HasSubstr (R"("category":"decoy")"),
                                 HasSubstr ("the decoy of “story” in the body of an answer")));
}

TEST_F (Entrance, ADecoySurvivesTheAgentAndCanBeTakenBack)
{
  open_two ();
  std::string decoy = make_decoy ();

  EXPECT_THAT (agent->control ("GET", "/v1/clients").body, HasSubstr (R"("has_decoy":true)"));
  agent->stop ();
  ASSERT_TRUE (agent->start ());
  EXPECT_THAT (call (call_with (decoy)).body, HasSubstr ("-31004"));
  EXPECT_EQ (agent->control ("DELETE", "/v1/clients/story/decoy").status, 204);
  EXPECT_THAT (agent->control ("GET", "/v1/clients").body, HasSubstr (R"("has_decoy":false)"));
  EXPECT_THAT (call (call_with (decoy)).body, HasSubstr ("result"));
}

TEST_F (Entrance, TheCommandLineMakesDecoys)
{
  open_two ();
  Finished added = agent->cli ({ "bindify", "client", "add", "editor", "--decoy", "github" });
  Finished another = agent->cli ({ "bindify", "client", "decoy", "story", "--service", "linear" });
  Finished listed = agent->cli ({ "bindify", "client", "list" });
  Finished off = agent->cli ({ "bindify", "client", "decoy", "story", "--off" });

  EXPECT_EQ (added.status, 0) << added.errors;
  EXPECT_THAT (added.output, AllOf (HasSubstr ("bnd_local_"), HasSubstr ("ghp_")));
  EXPECT_EQ (another.status, 0) << another.errors;
  EXPECT_THAT (another.output, HasSubstr ("lin_api_"));
  EXPECT_THAT (listed.output, AllOf (HasSubstr ("DECOY"), HasSubstr ("yes")));
  EXPECT_EQ (off.status, 0) << off.errors;
  EXPECT_EQ (agent->cli ({ "bindify", "client", "decoy", "nobody" }).status, 1);
  EXPECT_EQ (agent->cli ({ "bindify", "client", "decoy", "story", "--service", "zzz" }).status, 1);
}
