// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// Those who watch what happens while it happens: they are told everything once, go on where they
// stopped, and are dropped when they do not read; nobody waits for them (craft F02 to F04).

#include <csignal>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/fixture/proxied.h"
#include "tests/fixture/sanitizers.h"

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace
{

// More than sockets and the agent hold for somebody who does not read.
constexpr int kFlood = 4000;

class Events : public Proxied
{
protected:
  void open_with_long_memory ()
  {
    Agent::Options options;

    options.config = "[log]\nevents_per_binding=100000\n";
    upstream = std::make_unique<Upstream> (mcp_script (kSecret));
    agent = std::make_unique<Agent> (options);
    ASSERT_EQ (agent->add ("svc", upstream->url (), kSecret).status, 201);
    key = agent->add_client ("story");
  }

  Connection follow (const std::string &query, const std::string &headers = "")
  {
    Connection connection = agent->local ();

    connection.send (
        format_request ("GET", "/v1/events" + query, "localhost",
                        "Accept: text/event-stream" + (headers.empty () ? "" : "\r\n" + headers)));
    return connection;
  }

  // Calls of the binding over one connection, each of which is an event.
  void flood (int n)
  {
    Connection connection = agent->tcp ();
    const std::string text = format_request (
        "POST", "/mcp/svc", agent->host (),
        "Authorization: Bearer " + key + "\r\nContent-Type: application/json", kToolCall);

    for (int i = 0; i < n; i++)
      {
        connection.send (text);
        ASSERT_EQ (connection.read_response ().status, 200);
      }
  }

  void pause (const std::string &name)
  {
    EXPECT_EQ (agent->control ("PATCH", "/v1/bindings/" + name, R"({"paused":true})").status, 200);
  }
  void resume (const std::string &name)
  {
    EXPECT_EQ (agent->control ("PATCH", "/v1/bindings/" + name, R"({"paused":false})").status, 200);
  }

  long newest ()
  {
    return number_in (agent->control ("GET", "/v1/events?limit=1").body, "\"sequence\":");
  }

  static long number_in (const std::string &text, const std::string &before, size_t from = 0)
  {
    size_t at = text.find (before, from);

    return at == std::string::npos ? -1 : std::stol (text.substr (at + before.size (), 20));
  }

  // The numbers in a stream, in their order.
  static std::vector<long> ids (const std::string &text)
  {
    std::vector<long> found;

    for (size_t at = text.find ("id: "); at != std::string::npos; at = text.find ("\nid: ", at + 1))
      found.push_back (std::stol (text.substr (text.find (": ", at) + 2, 20)));
    return found;
  }

  // Reads on until there is @wanted somewhere behind @after.
  static std::string read_behind (Connection &connection,
                                  Response &head,
                                  const std::string &after,
                                  const std::string &wanted)
  {
    size_t at = head.body.find (after);

    while (at == std::string::npos || head.body.find (wanted, at) == std::string::npos)
      {
        if (connection.read_body (head).empty ())
          break;
        at = head.body.find (after);
      }
    return head.body;
  }

  static void expect_in_a_row (const std::vector<long> &numbers, long first, long last)
  {
    ASSERT_FALSE (numbers.empty ());
    EXPECT_EQ (numbers.front (), first);
    EXPECT_EQ (numbers.back (), last);
    for (size_t i = 1; i < numbers.size (); i++)
      ASSERT_EQ (numbers[i], numbers[i - 1] + 1);
  }
};

} // namespace

TEST_F (Events, AreToldAsTheyHappenWithTheNumberToGoOnBehind)
{
  open (mcp_script (kSecret));
  Connection connection = follow ("");
  Response head = connection.read_head ();
  long before = newest ();

  EXPECT_EQ (head.header ("content-type"), "text/event-stream");
  pause ("svc");
  std::string told = connection.read_body_until (head, "\n\n");
  EXPECT_EQ (told.find ("id: " + std::to_string (before + 1) + "\ndata: {"), 0u) << told;
  EXPECT_THAT (told, HasSubstr (R"("detail":"paused")"));
}

TEST_F (Events, WhoSaysHowManyFirstHearsTheNewestOnes)
{
  open (mcp_script (kSecret));
  pause ("svc");
  resume ("svc");
  pause ("svc");
  Connection connection = follow ("?limit=2");
  Response head = connection.read_head ();
  long last = newest ();

  expect_in_a_row (ids (connection.read_body_until (head, "paused")), last - 1, last);
  resume ("svc");
  const std::string next = "\nid: " + std::to_string (last + 1) + "\n";
  EXPECT_THAT (connection.read_body_until (head, next), HasSubstr (next));
}

TEST_F (Events, WhoComesBackMissesNothingAndHearsNothingTwice)
{
  open_with_long_memory ();
  long seen = newest ();
  flood (700); // several pages of the store
  for (const std::string way : { "header", "parameter" })
    {
      const std::string number = std::to_string (seen);
      Connection connection = way == "header" ? follow ("?after=1", "Last-Event-ID: " + number)
                                              : follow ("?after=" + number);
      Response head = connection.read_head ();
      pause ("svc");
      resume ("svc");

      expect_in_a_row (ids (connection.read_body_until (head, "\"resumed\"")), seen + 1, newest ());
      seen = newest ();
      flood (10);
    }
}

TEST_F (Events, AFilterHoldsForWhatWasAndForWhatHappens)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (agent->add ("other", upstream->url (), kSecret).status, 201);
  Connection connection = follow ("?after=0&type=b*ed&binding=svc");
  Response head = connection.read_head ();
  std::string told = connection.read_body_until (head, "\n\n");

  call ();
  pause ("other");
  pause ("svc");
  told = connection.read_body_until (head, "\"paused\"");
  EXPECT_THAT (told, AllOf (HasSubstr ("binding_created"), Not (HasSubstr ("other")),
                            Not (HasSubstr ("proxy_request"))));
  EXPECT_THAT (agent->control ("GET", "/v1/events?type=*_ch*d").body,
               AllOf (HasSubstr ("paused"), Not (HasSubstr ("proxy_request"))));
  for (const char *type : { "party", "[a-z]*", "%25", "Paused" })
    EXPECT_EQ (agent->control ("GET", std::string ("/v1/events?type=") + type).status, 400) << type;
}

TEST_F (Events, AReaderThatNeverReadsIsDroppedAndNobodyWaitsForIt)
{
  open_with_long_memory ();
  flood (200);
  long first = newest () + 1;
  long before_kib = resident_kib (agent->process ().pid ());
  std::vector<Connection> idlers;
  Response idle;
  for (int i = 0; i < 20; i++)
    {
      idlers.push_back (follow (""));
      idle = idlers.back ().read_head ();
    }
  flood (kFlood);
  if (!is_sanitized ())
    {
      EXPECT_LT (resident_kib (agent->process ().pid ()) - before_kib, 24 * 1024);
    }

  // Whoever reads after all is told where it ended, and goes on there.
  while (!idlers.back ().read_body (idle).empty ())
    continue;
  EXPECT_TRUE (idle.is_complete);
  const std::string told = idle.body;
  size_t farewell = told.find ("event: dropped\n");
  ASSERT_NE (farewell, std::string::npos);
  EXPECT_EQ (told.find ("\nid: ", farewell), std::string::npos);
  std::vector<long> heard = ids (told);
  expect_in_a_row (heard, first, number_in (told, "\"after\":", farewell));
  Connection again = follow ("", "Last-Event-ID: " + std::to_string (heard.back ()));
  Response head = again.read_head ();
  pause ("svc");
  expect_in_a_row (ids (again.read_body_until (head, "\"paused\"")), heard.back () + 1, newest ());
}

TEST_F (Events, TheCommandGoesOnWhenItWasTooSlow)
{
  open_with_long_memory ();
  long first = newest () + 1;
  Process log (agent->options ({ client_program ("bindify"), "log", "-f", "--json", "--after",
                                 std::to_string (first - 1) }));
  pause ("svc");
  resume ("svc");
  ASSERT_EQ (number_in (log.read_line (), "\"sequence\":"), first);
  log.signal (SIGSTOP);
  flood (kFlood);
  log.signal (SIGCONT);
  for (long number = first + 1, last = newest (); number <= last; number++)
    ASSERT_EQ (number_in (log.read_line (), "\"sequence\":"), number);
  pause ("svc");
  EXPECT_THAT (log.read_line (), HasSubstr ("\"paused\""));
  log.signal (SIGINT);
  EXPECT_EQ (log.wait (), 130);
  EXPECT_THAT (log.errors (), HasSubstr ("not read fast enough"));
}

TEST_F (Events, TheCommandWaitsForAnAgentThatStartsAgain)
{
  open (mcp_script (kSecret));
  Process log (agent->options ({ client_program ("bindify"), "log", "-f", "--type", "*ed" }));
  pause ("svc");
  while (log.read_line ().find ("  paused") == std::string::npos)
    ASSERT_TRUE (log.is_running ());
  agent->kill ();
  ASSERT_TRUE (agent->start ());
  resume ("svc");
  EXPECT_THAT (log.read_line (), HasSubstr ("svc"));
  log.signal (SIGTERM);
  log.wait ();
  EXPECT_THAT (log.errors (), HasSubstr ("waiting for it to come back"));
}

// --- Which bindings are in use ---

TEST_F (Events, TellWhatIsInUseForAsLongAsTheAnswerLasts)
{
  open ([this] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    peer.event (R"({"jsonrpc":"2.0","method":"notifications/message","params":{}})");
    upstream->signal ("begun");
    peer.wait_for_close (kPatienceMs);
  });
  Connection connection = follow ("?in_use=true");
  Response head = connection.read_head ();
  EXPECT_THAT (connection.read_body_until (head, "\n\n"),
               HasSubstr ("event: in_use\ndata: {\"bindings\":[]}\n\n"));
  {
    Connection using_it = begin ("POST", kToolCall);
    Connection also = begin ("POST", kToolCall);

    ASSERT_TRUE (upstream->wait ("begun"));
    std::string told = connection.read_body_until (head, "[\"svc\"]}\n\n");
    EXPECT_THAT (told, HasSubstr ("event: in_use\ndata: {\"bindings\":[\"svc\"]}"));
    EXPECT_THAT (told, Not (HasSubstr ("id:")));
  }
  const std::string over = read_behind (connection, head, "[\"svc\"]", "\"bindings\":[]}");
  EXPECT_NE (over.find ("\"bindings\":[]}", over.find ("[\"svc\"]")), std::string::npos) << over;
}

// Short uses are seen, too, and whoever has not asked for it hears nothing of them.
TEST_F (Events, TellOfShortUsesWhoeverWantsToKnow)
{
  open (mcp_script (kSecret));
  Connection told = follow ("?in_use=true");
  Connection untold = follow ("");
  Response told_head = told.read_head ();
  Response untold_head = untold.read_head ();

  told.read_body_until (told_head, "[]}\n\n");
  ASSERT_EQ (call ().status, 200);
  const std::string text = read_behind (told, told_head, "[\"svc\"]", "\"bindings\":[]}");
  EXPECT_NE (text.find ("\"bindings\":[]}", text.find ("[\"svc\"]")), std::string::npos) << text;
  pause ("svc");
  EXPECT_THAT (untold.read_body_until (untold_head, "\"paused\""), Not (HasSubstr ("in_use")));
  EXPECT_EQ (agent->control ("GET", "/v1/events?in_use=maybe").status, 400);
}

// A client listens as long as it is connected: that is no use. Nor is what is refused.
TEST_F (Events, DoNotTakeListeningForAUse)
{
  open ([this] (Upstream::Peer &peer, const Upstream::Request &request) {
    if (request.method != "GET")
      {
        peer.reply (200, "{}");
        return;
      }
    peer.begin_events ();
    peer.event ("first");
    upstream->signal ("listening");
    peer.wait_for_close (kPatienceMs);
  });
  Connection connection = follow ("?in_use=true");
  Response head = connection.read_head ();
  connection.read_body_until (head, "[]}\n\n");
  Connection listening = begin ("GET");

  ASSERT_TRUE (upstream->wait ("listening"));
  pause ("svc");
  EXPECT_EQ (call ().status, 200) << "refused, as MCP clients like it";
  EXPECT_THAT (connection.read_body_until (head, "\"method\":\"tools/call\""),
               Not (HasSubstr ("[\"svc\"]")));
}

// --- Locked with a passphrase ---

TEST_F (Events, OfALockedAgentOnlyTellWhatHappensToIt)
{
  open (mcp_script (kSecret));
  ASSERT_EQ (call ().status, 200);
  Connection early = follow ("?in_use=true");
  Response early_head = early.read_head ();
  early.read_body_until (early_head, "[]}\n\n");
  ASSERT_EQ (agent->cli ({ "bindify", "lock", "--stdin" }, "a passphrase\n").status, 0);

  for (const char *past : { "", "?limit=1", "?after=0" })
    EXPECT_EQ (agent->control ("GET", std::string ("/v1/events") + past).status, 423) << past;
  EXPECT_EQ (follow ("?after=0").read_response ().status, 423);
  EXPECT_EQ (follow ("?limit=5").read_response ().status, 423);
  Connection late = follow ("?in_use=true");
  Response late_head = late.read_head ();
  EXPECT_EQ (late_head.status, 200);
  call ();
  ASSERT_EQ (agent->cli ({ "bindify", "unlock", "--stdin" }, "a passphrase\n").status, 0);

  for (auto *reader : { &early, &late })
    EXPECT_THAT (reader->read_body_until (reader == &early ? early_head : late_head,
                                          "\"type\":\"unlocked\""),
                 Not (HasSubstr ("svc")));
  pause ("svc");
  EXPECT_THAT (late.read_body_until (late_head, "\"paused\""), HasSubstr ("svc"));
}
