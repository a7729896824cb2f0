// SPDX-FileCopyrightText: bindify contributors
// SPDX-License-Identifier: Apache-2.0

#include <gtest/gtest.h>
#include <string>
#include <vector>

extern "C"
{
#include "agent/door/reply.h"
#include "agent/door/request-private.h"
}

namespace
{

void
dispose_nothing (BfyRequest *)
{
}

const BfyRequestKind caller_kind = { nullptr, nullptr, nullptr,        nullptr,
                                     nullptr, nullptr, dispose_nothing };

BfyConnection *
new_connection ()
{
  auto *connection = g_new0 (BfyConnection, 1);

  g_atomic_ref_count_init (&connection->ref_count);
  connection->door = BFY_DOOR_UNIX;

  return connection;
}

// What an inner request said, and whether it is read at once.
struct Heard
{
  std::vector<std::string> calls;
  std::string type;
  bool is_own = false;
  bool holds = false;
};

void
on_head (BfyRequest *, guint status, SoupMessageHeaders *headers, gpointer user_data)
{
  auto *heard = static_cast<Heard *> (user_data);
  const char *type = soup_message_headers_get_content_type (headers, nullptr);

  heard->calls.push_back ("head " + std::to_string (status));
  heard->type = type != nullptr ? type : "";
  heard->is_own = bfy_reply_is_own (headers) != FALSE;
}

void
on_bytes (BfyRequest *inner, GBytes *bytes, gpointer user_data)
{
  auto *heard = static_cast<Heard *> (user_data);
  gsize length;
  const auto *data = static_cast<const char *> (g_bytes_get_data (bytes, &length));

  heard->calls.push_back ("bytes " + std::string (data, length));
  if (!heard->holds)
    bfy_request_resume (inner);
}

void
on_end (BfyRequest *, gboolean is_complete, gpointer user_data)
{
  static_cast<Heard *> (user_data)->calls.push_back (is_complete ? "end" : "broken");
}

const BfyRequestSink sink = { on_head, on_bytes, on_end };

void
count (BfyRequest *, gpointer user_data)
{
  ++*static_cast<int *> (user_data);
}

class InnerRequest : public testing::Test
{
protected:
  InnerRequest ()
  {
    static const guint8 bytes[] = { 'k', 'e', 'y' };
    g_autoptr (BfyConnection) connection = new_connection ();
    g_autoptr (GBytes) body = g_bytes_new_static ("{}", 2);
    BfyInnerSetup setup = { "POST", "github", body };

    caller = bfy_request_alloc (&caller_kind, connection);
    bfy_request_take_proof (caller, bfy_secret_new (bytes, sizeof bytes));
    inner = bfy_request_new_inner (caller, &setup, &sink, &heard);
  }

  ~InnerRequest () override
  {
    bfy_request_unref (inner);
    bfy_request_unref (caller);
  }

  void write (const char *text, int *n_drained)
  {
    g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

    bfy_request_write (inner, bytes, count, n_drained);
  }

  using Calls = std::vector<std::string>;
  Heard heard;
  BfyRequest *caller;
  BfyRequest *inner;
};

TEST_F (InnerRequest, IsWhatItWasMadeOfAndItsCallers)
{
  EXPECT_TRUE (bfy_request_is_inner (inner));
  EXPECT_FALSE (bfy_request_is_inner (caller));
  EXPECT_STREQ (bfy_request_get_method (inner), "POST");
  EXPECT_STREQ (bfy_request_get_route (inner)->name, "github");
  EXPECT_EQ (g_bytes_get_size (bfy_request_get_body (inner)), 2u);
  EXPECT_EQ (bfy_request_get_connection (inner), bfy_request_get_connection (caller));
  EXPECT_EQ (bfy_request_get_proof (inner), bfy_request_get_proof (caller));
}

TEST_F (InnerRequest, RepliesWithTheAgentsMark)
{
  bfy_request_reply (inner, 404, "application/json", "{}", -1);

  EXPECT_EQ (heard.calls, (Calls{ "head 404", "bytes {}", "end" }));
  EXPECT_EQ (heard.type, "application/json");
  EXPECT_TRUE (heard.is_own);
  EXPECT_TRUE (bfy_request_is_over (inner));
  EXPECT_EQ (bfy_request_get_proof (inner), nullptr);
}

TEST_F (InnerRequest, RepliesWithoutABody)
{
  bfy_request_reply_empty (inner, 202);

  EXPECT_EQ (heard.calls, (Calls{ "head 202", "end" }));
}

TEST_F (InnerRequest, StreamsPieceByPiece)
{
  int n_drained = 0;
  SoupMessageHeaders *headers = bfy_request_begin (inner, 200, -1, FALSE);

  soup_message_headers_set_content_type (headers, "text/event-stream", nullptr);
  EXPECT_EQ (heard.calls, Calls{});
  bfy_request_flush (inner);
  EXPECT_EQ (heard.calls, Calls{ "head 200" });
  EXPECT_EQ (heard.type, "text/event-stream");
  EXPECT_FALSE (heard.is_own);

  write ("a", &n_drained);
  EXPECT_EQ (n_drained, 1);
  heard.holds = true;
  write ("b", &n_drained);
  EXPECT_EQ (n_drained, 1);
  bfy_request_resume (inner);
  EXPECT_EQ (n_drained, 2);
  bfy_request_end (inner);
  EXPECT_EQ (heard.calls, (Calls{ "head 200", "bytes a", "bytes b", "end" }));
}

TEST_F (InnerRequest, AnswersOnce)
{
  bfy_request_reply_empty (inner, 202);
  bfy_request_reply_empty (inner, 500);
  EXPECT_EQ (bfy_request_begin (inner, 200, -1, FALSE), nullptr);

  EXPECT_EQ (heard.calls, (Calls{ "head 202", "end" }));
}

TEST_F (InnerRequest, SaysWhenItIsBrokenOff)
{
  int n_drained = 0;

  bfy_request_begin (inner, 200, -1, FALSE);
  heard.holds = true;
  write ("a", &n_drained);
  bfy_request_break (inner);
  bfy_request_resume (inner);

  EXPECT_EQ (n_drained, 0);
  EXPECT_EQ (heard.calls, (Calls{ "head 200", "bytes a", "broken" }));
}

TEST_F (InnerRequest, AbandonedSaysNothingMoreAndItsWorkIsCancelled)
{
  int n_drained = 0;

  bfy_request_begin (inner, 200, -1, FALSE);
  bfy_request_flush (inner);
  bfy_request_abandon (inner);
  EXPECT_TRUE (g_cancellable_is_cancelled (bfy_request_get_gone (inner)));
  write ("late", &n_drained);
  bfy_request_end (inner);
  bfy_request_break (inner);

  EXPECT_EQ (heard.calls, Calls{ "head 200" });
  EXPECT_EQ (bfy_request_get_proof (inner), nullptr);
}

} // namespace

// What the agent asks by itself, on nobody's behalf.
TEST (OwnRequest, HasNoCallerAndAsksNobody)
{
  const BfyInnerSetup setup = { "POST", "github", nullptr };
  Heard heard;
  g_autoptr (BfyRequest) own = bfy_request_new_inner (nullptr, &setup, &sink, &heard);

  EXPECT_TRUE (bfy_request_is_agents_own (own));
  EXPECT_TRUE (bfy_request_is_quiet (own));
  EXPECT_EQ (bfy_request_get_connection (own), nullptr);
  EXPECT_EQ (bfy_request_get_client (own), nullptr);
  EXPECT_EQ (bfy_request_get_proof (own), nullptr);
  EXPECT_EQ (bfy_request_get_upstream_status (own), 0u);
  bfy_request_note_upstream_status (own, 401);
  bfy_request_reply_empty (own, 202);
  EXPECT_EQ (bfy_request_get_upstream_status (own), 401u) << "also when it is over";
  EXPECT_EQ (heard.calls, (std::vector<std::string>{ "head 202", "end" }));
}

TEST_F (InnerRequest, IsNotTheAgentsOwn)
{
  EXPECT_FALSE (bfy_request_is_agents_own (inner));
  EXPECT_FALSE (bfy_request_is_agents_own (caller));
}
