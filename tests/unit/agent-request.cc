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

// What a filter has said: stars in the place of "key", and what ends in "k" waits for more.
struct Held
{
  std::string text;
  int n_freed = 0;
};

char *
mask_text (const char *text, gsize, gpointer)
{
  std::string masked = text;
  size_t at = masked.find ("key");

  return at == std::string::npos ? nullptr : g_strdup (masked.replace (at, 3, "***").c_str ());
}

GBytes *
mask_bytes (GBytes *bytes, gboolean is_last, gpointer user_data)
{
  auto *held = static_cast<Held *> (user_data);
  gsize length;
  const auto *data = static_cast<const char *> (g_bytes_get_data (bytes, &length));
  std::string all = held->text + std::string (data, length);
  g_autofree char *masked = mask_text (all.c_str (), 0, nullptr);

  all = masked != nullptr ? masked : all;
  held->text = !is_last && !all.empty () && all.back () == 'k' ? "k" : "";
  all.resize (all.size () - held->text.size ());
  return all.empty () ? nullptr : g_bytes_new (all.data (), all.size ());
}

void
free_held (gpointer user_data)
{
  static_cast<Held *> (user_data)->n_freed++;
}

const BfyRequestFilter mask = { mask_text, mask_bytes, free_held };

// behaviour 21.9, J02, J38: nothing goes out beside the filter.
TEST_F (InnerRequest, WhatIsAnsweredGoesThroughTheFilter)
{
  Held held;
  int n_drained = 0;

  bfy_request_set_filter (inner, &mask, &held);
  EXPECT_EQ (bfy_request_find_filter (inner, &mask), &held);
  SoupMessageHeaders *headers = bfy_request_begin (inner, 200, -1, FALSE);
  soup_message_headers_append (headers, "Content-Type", "a/key");
  write ("k", &n_drained);
  write ("a key, k", &n_drained);
  write ("ey k", &n_drained);
  EXPECT_EQ (n_drained, 3) << "whoever writes goes on when all of it is held back";
  bfy_request_end (inner);
  EXPECT_EQ (heard.calls, (Calls{ "head 200", "bytes ka ***, ", "bytes *** ", "bytes k", "end" }));
  EXPECT_EQ (heard.type, "a/***");
  EXPECT_EQ (held.n_freed, 1) << "it is not kept when the request is over";
}

TEST_F (InnerRequest, AReplyGoesThroughTheFilter)
{
  Held held;

  bfy_request_set_filter (inner, &mask, &held);
  bfy_request_reply (inner, 200, "text/plain", "a key", -1);
  EXPECT_EQ (heard.calls, (Calls{ "head 200", "bytes a ***", "end" }));
}

TEST_F (InnerRequest, AFilterCanBeDropped)
{
  Held held;

  bfy_request_set_filter (inner, &mask, &held);
  bfy_request_drop_filter (inner);
  EXPECT_EQ (held.n_freed, 1);
  EXPECT_EQ (bfy_request_find_filter (inner, &mask), nullptr);
  bfy_request_reply (inner, 200, "text/plain", "a key", -1);
  EXPECT_EQ (heard.calls, (Calls{ "head 200", "bytes a key", "end" }));
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

// A key is 96 bytes that open everything its client may use: once it has been read, the buffer that
// the head was parsed into holds zeros in its place.
TEST (RequestAuthorization, IsWipedWhereItLies)
{
  g_autoptr (BfyConnection) connection = new_connection ();
  BfyRequest *request = bfy_request_alloc (&caller_kind, connection);
  g_autoptr (SoupMessageHeaders) headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  const std::string first = "Bearer bnd_local_first", second = "Basic c2Vjb25k";

  soup_message_headers_append (headers, "Authorization", first.c_str ());
  soup_message_headers_append (headers, "Accept", "text/event-stream");
  soup_message_headers_append (headers, "authorization", second.c_str ());
  std::vector<const char *> values;
  const char *name, *value;
  SoupMessageHeadersIter iter;
  soup_message_headers_iter_init (&iter, headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    values.push_back (value);
  ASSERT_EQ (values.size (), 3u);

  request->headers = headers;
  bfy_request_wipe_authorization (request);
  EXPECT_EQ (std::string (values[0], first.size ()), std::string (first.size (), '\0'));
  EXPECT_STREQ (values[1], "text/event-stream");
  EXPECT_EQ (std::string (values[2], second.size ()), std::string (second.size (), '\0'));

  request->headers = nullptr;
  bfy_request_wipe_authorization (request);
  bfy_request_unref (request);
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
