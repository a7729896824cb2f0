// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

// The agent's way to an upstream, through libsoup and over a connection of our own: what both
// promise, against a scripted upstream. The agent itself takes libsoup for https only; here it
// takes both for the same upstream.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixture/reached.h"
#include "tests/fixture/upstream.h"

extern "C"
{
#include "agent/proxy/leg-private.h"
#include "agent/proxy/upstreams.h"
}

namespace
{

using testing::HasSubstr;

constexpr char kBody[] = R"({"jsonrpc":"2.0","id":1,"method":"tools/list"})";

struct Result
{
  guint status = 0;
  std::string body, error, cut_reason;
  bool is_over = false, was_sent = false;
};

// One request from its start to its end.
class Passage
{
public:
  Passage (BfyUpstreams *upstreams, bool is_soup, const std::string &url, const char *method)
  {
    g_autoptr (GError) error = nullptr;
    g_autoptr (GBytes) body = g_bytes_new_static (kBody, strlen (kBody));
    const bool has_body = g_str_equal (method, "POST");
    auto init = is_soup ? bfy_leg_init_soup : bfy_leg_init_wire;

    cancellable = g_cancellable_new ();
    leg = g_new0 (BfyLeg, 1);
    g_atomic_ref_count_init (&leg->ref_count);
    leg->upstreams = BFY_UPSTREAMS (g_object_ref (upstreams));
    leg->cancellable = G_CANCELLABLE (g_object_ref (cancellable));
    EXPECT_TRUE (init (leg, method, url.c_str (), has_body ? body : nullptr, &error));
  }

  ~Passage ()
  {
    end ();
    g_object_unref (cancellable);
  }

  Result run ()
  {
    bfy_leg_start (leg, &funcs, this);
    while (!result.is_over)
      g_main_context_iteration (nullptr, TRUE);
    end ();
    return result;
  }

  void end ()
  {
    if (leg == nullptr)
      return;
    result.was_sent = bfy_leg_was_sent (leg);
    result.cut_reason = bfy_leg_get_cut_reason (leg) != nullptr ? bfy_leg_get_cut_reason (leg) : "";
    g_clear_pointer (&leg, bfy_leg_free);
  }

  BfyLeg *leg;
  GCancellable *cancellable;
  Result result;
  bool cancels_when_answered = false;
  bool stops_after_first_piece = false;
  std::function<void ()> when_answered;

private:
  static void on_starting (gpointer)
  {
  }

  static void on_answered (gpointer user_data)
  {
    auto self = static_cast<Passage *> (user_data);

    self->result.status = bfy_leg_get_status (self->leg);
    if (self->cancels_when_answered)
      g_cancellable_cancel (self->cancellable);
    if (self->when_answered)
      self->when_answered ();
    bfy_leg_read (self->leg);
  }

  static void on_body (GBytes *bytes, gpointer user_data)
  {
    auto self = static_cast<Passage *> (user_data);

    if (bytes == nullptr)
      {
        self->result.is_over = true;
        return;
      }
    gsize length;
    const char *data = static_cast<const char *> (g_bytes_get_data (bytes, &length));
    self->result.body.append (data, length);
    if (self->stops_after_first_piece)
      {
        self->result.is_over = true;
        self->end ();
        return;
      }
    bfy_leg_read (self->leg);
  }

  static void on_failed (const GError *error, gpointer user_data)
  {
    auto self = static_cast<Passage *> (user_data);

    self->result.error = error->message;
    self->result.is_over = true;
  }

  static const BfyLegFuncs funcs;
};

const BfyLegFuncs Passage::funcs = { on_starting, on_answered, on_body, on_failed, nullptr };

class Legs : public testing::TestWithParam<bool>
{
protected:
  void TearDown () override
  {
    g_clear_object (&upstreams);
    while (g_main_context_iteration (nullptr, FALSE))
      ;
  }

  void open (Upstream::Script script)
  {
    upstream = std::make_unique<Upstream> (std::move (script));
    g_clear_object (&upstreams);
    upstreams = upstreams_to (upstream->url ());
  }

  Result call (const char *method = "POST")
  {
    return Passage (upstreams, GetParam (), upstream->url (), method).run ();
  }

  std::unique_ptr<Upstream> upstream;
  BfyUpstreams *upstreams = nullptr;
};

INSTANTIATE_TEST_SUITE_P (Kinds, Legs, testing::Values (true, false), [] (const auto &info) {
  return info.param ? "Soup" : "Wire";
});

TEST_P (Legs, KeepAConnection)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &request) {
    peer.reply (200, request.body);
  });
  for (int i = 0; i < 3; i++)
    {
      const Result result = call ();

      EXPECT_EQ (result.status, 200u);
      EXPECT_EQ (result.body, kBody);
      EXPECT_EQ (result.error, "");
    }
  EXPECT_EQ (upstream->n_connections (), 1);
}

TEST_P (Legs, NeverSendTwice)
{
  for (const char *method : { "POST", "GET", "DELETE" })
    for (bool with_reset : { false, true })
      {
        std::atomic<int> n_calls{ 0 };

        open ([&] (Upstream::Peer &peer, const Upstream::Request &) {
          if (++n_calls == 1)
            peer.reply (200, "{}");
          else
            peer.close (with_reset);
        });
        EXPECT_EQ (call ().status, 200u);
        const Result second = call (method);

        EXPECT_NE (second.error, "") << method;
        EXPECT_TRUE (second.was_sent) << method;
        EXPECT_TRUE (GetParam () || second.cut_reason.find ("may or may not") != std::string::npos);
        EXPECT_EQ (upstream->requests (2).size (), 2u) << method;
        EXPECT_EQ (upstream->n_connections (), 1) << method;
      }
}

TEST_P (Legs, DoNotFollowAMisdirection)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (421, "{}"); });
  EXPECT_THAT (call ().cut_reason, HasSubstr ("421"));
  EXPECT_EQ (upstream->requests (1).size (), 1u);
}

TEST_P (Legs, NoticeABodyThatIsCutShort)
{
  for (const char *body :
       { "Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
         "Transfer-Encoding: chunked\r\n\r\n9\r\nabc" })
    {
      open ([&] (Upstream::Peer &peer, const Upstream::Request &) {
        peer.write (std::string ("HTTP/1.1 200 OK\r\n") + body);
        peer.close ();
      });
      EXPECT_NE (call ().error, "") << body;
    }
}

TEST_P (Legs, StopWhenCancelled)
{
  open ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.begin_events ();
    peer.event ("one");
    if (peer.wait_for_close (30000))
      upstream->signal ("closed");
  });
  {
    Passage passage (upstreams, GetParam (), upstream->url (), "POST");

    passage.cancels_when_answered = true;
    EXPECT_NE (passage.run ().error, "");
  }
  while (g_main_context_iteration (nullptr, FALSE))
    ;
  EXPECT_TRUE (upstream->wait ("closed"));
}

// What an upstream adds to an answer must not become the answer to somebody else's call.
TEST_P (Legs, TakeNothingForAnAnswerThatCameBeforeTheCall)
{
  const std::string planted = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted";

  open ([&] (Upstream::Peer &peer, const Upstream::Request &request) {
    peer.write ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood" +
                (request.connection == 1 ? planted : ""));
  });
  EXPECT_EQ (call ().body, "good");
  EXPECT_EQ (call ().body, "good");
  EXPECT_EQ (upstream->n_connections (), 2);
}

TEST_P (Legs, TakeNothingForAnAnswerWhenTheCallEndsEarly)
{
  open ([&] (Upstream::Peer &peer, const Upstream::Request &) {
    peer.write ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood"
                "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted");
  });
  {
    Passage passage (upstreams, GetParam (), upstream->url (), "POST");

    passage.stops_after_first_piece = true;
    EXPECT_EQ (passage.run ().body, "good");
  }
  EXPECT_EQ (call ().body, "good");
  EXPECT_EQ (upstream->n_connections (), 2);
}

// The main loop has not come round to notice it.
TEST_P (Legs, TakeNothingForAnAnswerThatCameRightBeforeTheCall)
{
  open ([&] (Upstream::Peer &peer, const Upstream::Request &request) {
    peer.reply (200, "{}");
    if (request.connection == 1)
      {
        upstream->wait ("answered");
        peer.write ("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted");
        upstream->signal ("planted");
      }
  });
  EXPECT_EQ (call ().body, "{}");
  upstream->signal ("answered");
  ASSERT_TRUE (upstream->wait ("planted"));
  EXPECT_EQ (call ().body, "{}");
  EXPECT_EQ (upstream->n_connections (), 2);
}

TEST_P (Legs, DropAConnectionThatSpeaksUnasked)
{
  std::atomic<bool> is_closed{ false };

  open ([&] (Upstream::Peer &peer, const Upstream::Request &request) {
    peer.reply (200, "{}");
    if (request.connection == 1)
      {
        upstream->wait ("answered");
        peer.write ("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted");
        upstream->signal ("planted");
        is_closed = peer.wait_for_close (30000);
        upstream->signal ("closed");
      }
  });
  EXPECT_EQ (call ().body, "{}");
  upstream->signal ("answered");
  ASSERT_TRUE (upstream->wait ("planted"));
  while (!is_closed)
    g_main_context_iteration (nullptr, FALSE);
  EXPECT_EQ (call ().body, "{}");
  EXPECT_EQ (upstream->n_connections (), 2);
}

TEST_P (Legs, AreMadeAnewAfterARenewal)
{
  open ([] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, "{}"); });
  EXPECT_EQ (call ().status, 200u);
  bfy_upstreams_renew (upstreams);
  EXPECT_EQ (call ().status, 200u);
  EXPECT_EQ (upstream->n_connections (), 2);

  Passage passage (upstreams, GetParam (), upstream->url (), "POST");

  passage.when_answered = [&] { bfy_upstreams_renew (upstreams); };
  EXPECT_EQ (passage.run ().status, 200u);
  EXPECT_EQ (call ().status, 200u);
  EXPECT_EQ (upstream->n_connections (), 3) << "nor is one in use taken back";
}

TEST_P (Legs, CarryLargeBodiesWhole)
{
  const std::string large (3 * 1024 * 1024, 'x');

  open ([&] (Upstream::Peer &peer, const Upstream::Request &) { peer.reply (200, large); });
  EXPECT_EQ (call ().body.size (), large.size ());
  EXPECT_EQ (call ().body.size (), large.size ());
}

} // namespace
