// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// What the person takes back has an end at once, not only for new calls: a paused binding, a
// removed one, a client whose key is gone. Real agent, real command line, scripted upstream.

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include "tests/fixture/await.h"
#include "tests/fixture/proxied.h"

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

class Pause : public Proxied
{
protected:
  // An upstream that takes every call and says no more than that it has it.
  void open_hanging ()
  {
    open ([this] (Upstream::Peer &peer, const Upstream::Request &request) {
      if (request.method == "GET")
        {
          peer.begin_events ();
          peer.event ("first");
        }
      upstream->signal ("taken " + request.method);
      if (peer.wait_for_close (kPatienceMs))
        upstream->signal ("closed " + request.method);
    });
  }

  std::string state ()
  {
    return json_string (agent->control ("GET", "/v1/bindings/svc").body, "state");
  }

  std::string show ()
  {
    return agent->control ("GET", "/v1/bindings/svc").body;
  }

  // Of an agent that does not run.
  void change_record (const std::string &assignments)
  {
    sqlite3 *store = nullptr;

    ASSERT_EQ (sqlite3_open ((agent->state_dir () + "/bindify.db").c_str (), &store), SQLITE_OK);
    EXPECT_EQ (sqlite3_exec (store, ("UPDATE binding SET " + assignments).c_str (), nullptr,
                             nullptr, nullptr),
               SQLITE_OK);
    sqlite3_close (store);
  }

  // How often something is in what has been recorded.
  int count (const std::string &text)
  {
    std::string events = agent->control ("GET", "/v1/events").body;
    int n = 0;

    for (size_t at = events.find (text); at != std::string::npos; at = events.find (text, at + 1))
      n++;

    return n;
  }

  void expect_paused (const Response &response)
  {
    EXPECT_EQ (response.status, 200) << response.head;
    EXPECT_THAT (response.body, HasSubstr ("\"code\":-31002"));
    EXPECT_THAT (response.body, HasSubstr ("\"reason\":\"paused\""));
    EXPECT_THAT (response.body, HasSubstr ("bindify resume svc"));
    EXPECT_THAT (response.body, HasSubstr ("\"id\":\"call-1\""));
    EXPECT_EQ (response.header ("x-bindify-origin"), "agent");
  }
};

} // namespace

TEST_F (Pause, NothingGetsThroughUntilItIsResumed)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (call ().status, 200);
  Finished paused = agent->cli ({ "bindify", "pause", "svc" });
  Finished shown = agent->cli ({ "bindify", "show", "svc" });

  EXPECT_EQ (paused.status, 0) << paused.errors;
  EXPECT_THAT (paused.output, HasSubstr ("bindify resume svc"));
  EXPECT_THAT (shown.output, HasSubstr ("paused"));
  EXPECT_THAT (agent->control ("GET", "/v1/bindings/svc").body, HasSubstr ("\"paused_at\":\"2"));
  expect_paused (call ());
  // Nobody waits for the answer to a notification, and a client goes on without its stream.
  EXPECT_EQ (call (R"({"jsonrpc":"2.0","method":"notifications/initialized"})").status, 202);
  for (const char *method : { "GET", "DELETE" })
    {
      Response refused = begin (method).read_response ();

      EXPECT_EQ (refused.status, 405) << method;
      EXPECT_THAT (refused.body, HasSubstr ("\"id\":null"));
      EXPECT_THAT (refused.body, HasSubstr ("-31002"));
    }
  EXPECT_EQ (agent->cli ({ "bindify", "tools", "svc" }).status, 3);
  // Who is alive is the agent's own business.
  EXPECT_EQ (call (R"({"jsonrpc":"2.0","id":1,"method":"ping"})").status, 200);
  EXPECT_EQ (upstream->requests ().size (), 1u);

  EXPECT_EQ (agent->cli ({ "bindify", "resume", "svc" }).status, 0);
  EXPECT_EQ (call ().status, 200);
  EXPECT_EQ (state (), "ok");
  EXPECT_THAT (agent->control ("GET", "/v1/bindings/svc").body, HasSubstr ("\"paused_at\":null"));
}

TEST_F (Pause, OutlivesARestartAndALock)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (agent->cli ({ "bindify", "pause", "svc" }).status, 0);
  agent->control ("POST", "/v1/lock");
  EXPECT_EQ (state (), "paused");
  agent->control ("POST", "/v1/unlock");
  agent->stop ();
  ASSERT_TRUE (agent->start ());

  EXPECT_EQ (state (), "paused");
  expect_paused (call ());
}

TEST_F (Pause, TwiceIsOnceAndIsWrittenDown)
{
  open (mcp_script (kSecret));
  for (const char *command : { "pause", "pause", "resume", "resume" })
    EXPECT_EQ (agent->cli ({ "bindify", command, "svc" }).status, 0) << command;
  EXPECT_EQ (call ().status, 200);
  EXPECT_EQ (agent->cli ({ "bindify", "pause", "nothing" }).status, 1);
  EXPECT_EQ (agent->control ("PATCH", "/v1/bindings/svc", R"({"paused":"yes"})").status, 400);

  for (const char *type : { "paused", "resumed" })
    EXPECT_EQ (count (std::string ("\"type\":\"") + type + "\""), 1) << type;
  EXPECT_EQ (count ("\"type\":\"binding_changed\""), 0);
  Finished log = agent->cli ({ "bindify", "log" });
  EXPECT_THAT (log.output, AllOf (HasSubstr ("paused"), HasSubstr ("resumed")));
  // What else the same request changes is another event.
  ASSERT_EQ (
      agent->control ("PATCH", "/v1/bindings/svc", R"({"paused":true,"account":"other"})").status,
      200);
  EXPECT_EQ (count ("\"type\":\"paused\""), 2);
  EXPECT_EQ (count ("\"type\":\"binding_changed\""), 1);
}

// --- Pauses that end by themselves ---

TEST_F (Pause, EndsByItselfWhenATimeWasSaid)
{
  open (mcp_script (kSecret));
  Finished paused = agent->cli ({ "bindify", "pause", "svc", "--for", "2s" });
  EXPECT_EQ (paused.status, 0) << paused.errors;
  EXPECT_THAT (paused.output, HasSubstr ("for 2 s"));
  EXPECT_THAT (show (), HasSubstr ("\"resumes_at\":\"2"));
  expect_paused (call ());
  ASSERT_TRUE (wait_until ([this] { return state () == "ok"; }));

  EXPECT_EQ (call ().status, 200);
  EXPECT_THAT (show (),
               AllOf (HasSubstr ("\"resumes_at\":null"), HasSubstr ("\"paused_at\":null")));
  EXPECT_THAT (agent->control ("GET", "/v1/events?type=paused").body,
               HasSubstr ("\"detail\":\"for a time\""));
  EXPECT_THAT (agent->control ("GET", "/v1/events?type=resumed").body,
               HasSubstr ("\"client\":\"bindify-agent\""));
}

TEST_F (Pause, SaysHowLongItLasts)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (agent->cli ({ "bindify", "pause", "svc", "--for", "90m" }).status, 0);
  EXPECT_THAT (agent->cli ({ "bindify", "list" }).output, HasSubstr ("paused, goes on in 1 h"));
  for (const char *bad : { "0", "-1h", "soon", "99999999w" })
    EXPECT_EQ (agent->cli ({ "bindify", "pause", "svc", "--for", bad }).status, 1) << bad;
  for (const char *bad :
       { R"({"paused_for_s":60})", R"({"paused":false,"paused_for_s":60})",
         R"({"paused":true,"paused_for_s":0})", R"({"paused":true,"paused_for_s":-5})",
         R"({"paused":true,"paused_for_s":"1h"})", R"({"paused":true,"paused_for_s":9e15})" })
    EXPECT_EQ (agent->control ("PATCH", "/v1/bindings/svc", bad).status, 400) << bad;
  EXPECT_EQ (state (), "paused");
}

// Whoever pauses it afterwards means it: the end that was said before is gone. So it is with panic.
TEST_F (Pause, WhatIsPausedForGoodStaysSo)
{
  open (mcp_script (kSecret));
  for (const std::string command : { "pause", "panic" })
    {
      ASSERT_EQ (agent->cli ({ "bindify", "pause", "svc", "--for", "1h" }).status, 0);
      agent->cli ({ "bindify", command, "svc" });
      EXPECT_THAT (show (),
                   AllOf (HasSubstr ("\"resumes_at\":null"), HasSubstr ("\"state\":\"paused\"")))
          << command;
      ASSERT_EQ (agent->cli ({ "bindify", "thaw" }).status, 0);
      ASSERT_EQ (agent->cli ({ "bindify", "resume", "svc" }).status, 0);
    }
  ASSERT_EQ (agent->cli ({ "bindify", "pause", "svc", "--for", "1h" }).status, 0);
  ASSERT_EQ (agent->cli ({ "bindify", "resume", "svc" }).status, 0);
  EXPECT_THAT (show (), HasSubstr ("\"resumes_at\":null"));
}

// By the clock that goes on while no agent runs and while the machine sleeps; after a new start of
// the machine by the wall clock; and a wall clock that was set ends nothing early.
TEST_F (Pause, EndsWhileNoAgentRunsAndNoSooner)
{
  struct
  {
    const char *moment;
    const char *want;
  } rows[] = {
    { "resumes_boot_ms = 1", "ok" },
    { "resumes_boot_id = 'other', resumes_wall_s = 1", "ok" },
    { "resumes_wall_s = 1", "paused" },
    { "resumes_boot_id = resumes_boot_id", "paused" },
  };

  open (mcp_script (kSecret));
  for (const auto &row : rows)
    {
      ASSERT_EQ (agent->cli ({ "bindify", "pause", "svc", "--for", "1h" }).status, 0);
      agent->stop ();
      change_record (row.moment);
      ASSERT_TRUE (agent->start ());

      EXPECT_EQ (state (), row.want) << row.moment;
      EXPECT_EQ (call ().body.find ("paused") != std::string::npos,
                 row.want == std::string ("paused"));
      ASSERT_EQ (agent->cli ({ "bindify", "resume", "svc" }).status, 0);
    }
}

// A refused credential is still refused afterwards, without having to be tried again.
TEST_F (Pause, DoesNotForgetThatALoginIsNeeded)
{
  std::atomic<bool> works{ false };

  open ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.reply (works ? 200 : 401, "{}");
  });
  call ();
  ASSERT_EQ (state (), "needs_login");
  agent->cli ({ "bindify", "pause", "svc" });
  agent->cli ({ "bindify", "resume", "svc" });
  EXPECT_EQ (state (), "needs_login");

  agent->cli ({ "bindify", "pause", "svc" });
  Response renewed = agent->control (
      "POST", "/v1/bindings/svc/login",
      R"({"check":false,"credential":{"type":"api_key","api_key":"sk-new-0123456789"}})");
  EXPECT_EQ (renewed.status, 200) << renewed.body;
  EXPECT_EQ (state (), "paused");
  agent->cli ({ "bindify", "resume", "svc" });
  EXPECT_EQ (state (), "ok");
}

TEST_F (Pause, EndsWhatIsUnderWay)
{
  open_hanging ();
  Connection waiting = begin ("POST", kToolCall);
  Connection streaming = begin ("GET");
  Response stream = streaming.read_head ();
  streaming.read_body_until (stream, "first");
  ASSERT_TRUE (upstream->wait ("taken POST"));
  ASSERT_EQ (agent->cli ({ "bindify", "pause", "svc" }).status, 0);

  expect_paused (waiting.read_response ());
  streaming.read_body (stream);
  EXPECT_FALSE (stream.is_complete) << "the end of the chunks must be missing";
  EXPECT_TRUE (streaming.wait_for_close (kPatienceMs));
  EXPECT_TRUE (upstream->wait ("closed POST"));
  EXPECT_TRUE (upstream->wait ("closed GET"));
  EXPECT_THAT (agent->control ("GET", "/v1/events").body, HasSubstr ("\"category\":\"paused\""));
}

// behaviour 22.6.
TEST_F (Pause, RemovingABindingEndsWhatIsUnderWay)
{
  open_hanging ();
  Connection waiting = begin ("POST", kToolCall);
  Connection streaming = begin ("GET");
  Response stream = streaming.read_head ();
  streaming.read_body_until (stream, "first");
  ASSERT_TRUE (upstream->wait ("taken POST"));
  ASSERT_EQ (agent->cli ({ "bindify", "remove", "svc" }).status, 0);
  Response refused = waiting.read_response ();

  EXPECT_EQ (refused.status, 404);
  EXPECT_THAT (refused.body, HasSubstr ("\"id\":\"call-1\""));
  EXPECT_TRUE (streaming.wait_for_close (kPatienceMs));
  EXPECT_TRUE (upstream->wait ("closed POST"));
  EXPECT_TRUE (upstream->wait ("closed GET"));
}

// What was begun with a credential does not go on without it.
TEST_F (Pause, LoggingOutEndsWhatIsUnderWay)
{
  open_hanging ();
  Connection waiting = begin ("POST", kToolCall);
  Connection streaming = begin ("GET");
  Response stream = streaming.read_head ();
  streaming.read_body_until (stream, "first");
  ASSERT_TRUE (upstream->wait ("taken POST"));
  ASSERT_EQ (agent->control ("POST", "/v1/bindings/svc/logout").status, 200);
  Response refused = waiting.read_response ();

  EXPECT_EQ (refused.status, 200);
  EXPECT_THAT (refused.body, HasSubstr ("\"code\":-31005"));
  EXPECT_THAT (refused.body, HasSubstr ("bindify login svc"));
  EXPECT_TRUE (streaming.wait_for_close (kPatienceMs));
  EXPECT_TRUE (upstream->wait ("closed POST"));
  EXPECT_TRUE (upstream->wait ("closed GET"));
  EXPECT_EQ (state (), "needs_login");
}

TEST_F (Pause, AClientThatIsRemovedLosesItsStreamsAndNobodyElse)
{
  open_hanging ();
  Connection lost = begin ("GET");
  Response lost_stream = lost.read_head ();
  lost.read_body_until (lost_stream, "first");
  key = agent->add_client ("other");
  Connection kept = begin ("GET");
  Response kept_stream = kept.read_head ();
  kept.read_body_until (kept_stream, "first");
  ASSERT_EQ (agent->cli ({ "bindify", "client", "remove", "--force", "story" }).status, 0);

  EXPECT_TRUE (lost.wait_for_close (kPatienceMs));
  EXPECT_TRUE (upstream->wait ("closed GET"));
  EXPECT_FALSE (kept.wait_for_close (0));
}

// The head was there in time; its body takes as long as somebody likes.
TEST_F (Pause, AClientThatIsRemovedWhileItsBodyComesIsNotServed)
{
  open (mcp_script (kSecret));
  std::string body = kToolCall;
  std::string whole =
      format_request ("POST", "/mcp/svc", agent->host (),
                      "Authorization: Bearer " + key + "\r\nContent-Type: application/json", body);

  for (const char *name : { "svc", "~all" })
    {
      Connection slow = agent->tcp ();
      std::string text = whole;

      text.replace (text.find ("/mcp/svc"), 8, std::string ("/mcp/") + name);
      slow.send (text.substr (0, text.size () - 10));
      // What is answered now came after that head.
      EXPECT_EQ (agent->post ("svc", key, kToolCall).status, 200);
      ASSERT_EQ (agent->cli ({ "bindify", "client", "remove", "--force", "story" }).status, 0);
      slow.send (text.substr (text.size () - 10));
      Response refused = slow.read_response ();

      EXPECT_EQ (refused.status, 404) << name << refused.body;
      std::string again = agent->add_client ("story");
      whole.replace (whole.find (key), key.size (), again);
      key = again;
    }
  EXPECT_EQ (upstream->requests ().size (), 2u);
}

// A call through the endpoint for all ends with its client, too, and so does its stream.
TEST_F (Pause, AClientThatIsRemovedLosesWhatGoesThroughAll)
{
  open ([this] (Upstream::Peer &peer, const Upstream::Request &request) {
    bool is_call = request.body.find ("tools/call") != std::string::npos;

    if (!is_call)
      {
        mcp_script (kSecret) (peer, request);
        return;
      }
    upstream->signal ("taken");
    if (peer.wait_for_close (kPatienceMs))
      upstream->signal ("closed");
  });
  Connection waiting = agent->tcp ();
  std::string head = "Authorization: Bearer " + key + "\r\nContent-Type: application/json";
  Response greeting = agent->post ("~all", key, kInitialize);
  std::string call = R"({"jsonrpc":"2.0","id":"call-1","method":"tools/call","params":)"
                     R"({"name":"svc__echo","arguments":{}}})";

  waiting.send (format_request ("POST", "/mcp/~all", agent->host (),
                                head + "\r\nMcp-Session-Id: " + greeting.header ("mcp-session-id"),
                                call));
  ASSERT_TRUE (upstream->wait ("taken"));
  ASSERT_EQ (agent->cli ({ "bindify", "client", "remove", "--force", "story" }).status, 0);

  Response refused = waiting.read_response ();
  // Its session has ended, and with it the connection may.
  EXPECT_THAT (refused.status, AnyOf (0, 404)) << refused.head << refused.body;
  EXPECT_TRUE (upstream->wait ("closed"));
}

TEST_F (Pause, StopsALocalServer)
{
  Agent local;
  Response added =
      local.control ("POST", "/v1/bindings",
                     R"({"name":"svc","check":false,"command":{"argv":["/usr/bin/python3",")" +
                         std::string (getenv ("BFY_TEST_FIXTURES_DIR")) +
                         R"(/stdio-server.py"],"sandbox":false}})");
  ASSERT_EQ (added.status, 201) << added.body;
  Connection connection = local.local ();
  std::string head =
      "Content-Type: application/json\r\nAccept: application/json, text/event-stream";

  connection.send (format_request ("POST", "/mcp/svc", "localhost", head, kInitialize));
  Response greeting = connection.read_response ();
  ASSERT_EQ (greeting.status, 200) << greeting.body;
  Connection streaming = local.local ();
  streaming.send (format_request ("GET", "/mcp/svc", "localhost",
                                  "Accept: text/event-stream\r\nMcp-Session-Id: " +
                                      greeting.header ("mcp-session-id")));
  Response stream = streaming.read_head ();
  ASSERT_EQ (stream.status, 200);
  ASSERT_EQ (local.cli ({ "bindify", "pause", "svc" }).status, 0);

  streaming.read_body (stream);
  EXPECT_TRUE (stream.is_complete) << "the server has ended";
  connection.send (format_request ("POST", "/mcp/svc", "localhost", head, kToolCall));
  expect_paused (connection.read_response ());
  ASSERT_EQ (local.cli ({ "bindify", "resume", "svc" }).status, 0);
  connection.send (format_request ("POST", "/mcp/svc", "localhost", head, kInitialize));
  EXPECT_EQ (connection.read_response ().status, 200);
}

// The program that runs for a client ends with its key.
TEST_F (Pause, AClientThatIsRemovedLosesItsLocalServer)
{
  Agent local;
  Response added =
      local.control ("POST", "/v1/bindings",
                     R"({"name":"svc","check":false,"command":{"argv":["/usr/bin/python3",")" +
                         std::string (getenv ("BFY_TEST_FIXTURES_DIR")) +
                         R"(/stdio-server.py"],"sandbox":false}})");
  ASSERT_EQ (added.status, 201) << added.body;
  std::string its_key = local.add_client ("story");
  std::string head = "Authorization: Bearer " + its_key;
  Response greeting =
      local.post ("svc", its_key, kInitialize, "Accept: application/json, text/event-stream");
  ASSERT_EQ (greeting.status, 200) << greeting.body;
  Connection streaming = local.tcp ();
  streaming.send (format_request ("GET", "/mcp/svc", local.host (),
                                  head + "\r\nAccept: text/event-stream\r\nMcp-Session-Id: " +
                                      greeting.header ("mcp-session-id")));
  Response stream = streaming.read_head ();
  ASSERT_EQ (stream.status, 200);
  ASSERT_EQ (local.cli ({ "bindify", "client", "remove", "--force", "story" }).status, 0);

  streaming.read_body (stream);
  EXPECT_TRUE (stream.is_complete) << "the server has ended";
  EXPECT_TRUE (wait_until ([&local] {
    return local.control ("GET", "/v1/bindings/svc/stderr").body.find ("\"running\":0") !=
           std::string::npos;
  }));
  EXPECT_EQ (local.post ("svc", its_key, kToolCall).status, 404);
}

// behaviour 22.5: there may be a maximum; who signs in anew needs no room, and what is there stays.
TEST (BindingsMax, IsOfThoseThatAreNotPaused)
{
  Upstream upstream (mcp_script ("sk-max-0123456789abcdef"));
  Agent::Options options;
  options.config = "[agent]\nbindings_max=2\n";
  Agent agent (options);
  auto add = [&] (const std::string &name) {
    return agent.add (name, upstream.url (), "sk-max-0123456789abcdef");
  };
  ASSERT_EQ (add ("one").status, 201);
  ASSERT_EQ (add ("two").status, 201);

  Response refused = add ("three");
  EXPECT_EQ (refused.status, 409);
  EXPECT_EQ (json_string (refused.body, "error"), "too_many");
  EXPECT_THAT (refused.body, AllOf (HasSubstr ("bindings_max"), HasSubstr ("bindify.conf"),
                                    HasSubstr ("bindify pause NAME")));
  EXPECT_EQ (agent
                 .control ("POST", "/v1/bindings/one/login",
                           R"({"check":false,"credential":{"type":"api_key","api_key":)"
                           R"("sk-max-9876543210fedcba"}})")
                 .status,
             200)
      << "it is there already";

  ASSERT_EQ (agent.cli ({ "bindify", "pause", "one" }).status, 0);
  EXPECT_EQ (add ("three").status, 201) << "one that is paused does not count";
  Finished resumed = agent.cli ({ "bindify", "resume", "one" });
  EXPECT_EQ (resumed.status, 1);
  EXPECT_THAT (resumed.errors, AllOf (HasSubstr ("makes room"), HasSubstr ("bindify pause NAME")));
  EXPECT_EQ (agent.cli ({ "bindify", "resume", "two" }).status, 0) << "it is not paused";
  ASSERT_EQ (agent.cli ({ "bindify", "remove", "two" }).status, 0);
  EXPECT_EQ (agent.cli ({ "bindify", "resume", "one" }).status, 0);
}

// behaviour 22.5: over the maximum the newest are paused first; when there is room, the oldest of
// these go on first.
TEST (BindingsMax, PausesTheNewestAndResumesTheOldest)
{
  Upstream upstream (mcp_script ("sk-max-0123456789abcdef"));
  Agent agent;
  for (std::string name : { "zero", "one", "two", "three" })
    ASSERT_EQ (agent.add (name, upstream.url (), "sk-max-0123456789abcdef").status, 201);
  ASSERT_EQ (agent.cli ({ "bindify", "pause", "zero" }).status, 0);
  ASSERT_EQ (agent.cli ({ "bindify", "settings", "agent.bindings_max", "1" }).status, 0);
  agent.stop ();
  sqlite3 *store = nullptr;
  ASSERT_EQ (sqlite3_open ((agent.state_dir () + "/bindify.db").c_str (), &store), SQLITE_OK);
  EXPECT_EQ (
      sqlite3_exec (
          store,
          "UPDATE binding SET created_at_s = CASE name WHEN 'zero' THEN 10 WHEN 'one' THEN 20 "
          "WHEN 'two' THEN 30 ELSE 40 END",
          nullptr, nullptr, nullptr),
      SQLITE_OK);
  sqlite3_close (store);
  agent.start ();
  auto states = [&] {
    std::string found;
    for (std::string name : { "zero", "one", "two", "three" })
      found += json_string (agent.control ("GET", "/v1/bindings/" + name).body, "state") + " ";
    return found;
  };

  EXPECT_EQ (states (), "paused ok paused paused ");
  EXPECT_THAT (agent.control ("GET", "/v1/events").body, HasSubstr ("more than bindings_max"));

  agent.stop ();
  agent.start ();
  EXPECT_EQ (states (), "paused ok paused paused ");
  ASSERT_EQ (agent.cli ({ "bindify", "remove", "one" }).status, 0);
  EXPECT_EQ (json_string (agent.control ("GET", "/v1/bindings/two").body, "state"), "ok");
  EXPECT_EQ (json_string (agent.control ("GET", "/v1/bindings/three").body, "state"), "paused");
  EXPECT_EQ (json_string (agent.control ("GET", "/v1/bindings/zero").body, "state"), "paused")
      << "that was the person's doing";

  ASSERT_EQ (agent.cli ({ "bindify", "settings", "agent.bindings_max", "0" }).status, 0);
  agent.stop ();
  agent.start ();
  EXPECT_EQ (json_string (agent.control ("GET", "/v1/bindings/three").body, "state"), "ok");
  EXPECT_EQ (json_string (agent.control ("GET", "/v1/bindings/zero").body, "state"), "paused");
}
