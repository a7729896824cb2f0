/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/reply.h"
#include "agent/door/request-private.h"
#include "agent/prompt/approval.h"

/* The head goes to the sink together with what follows it, when nothing can be added any more. */
static void
hand_over_head (BfyRequest *self)
{
  g_autoptr (SoupMessageHeaders) headers = g_steal_pointer (&self->inner.answer);

  bfy_request_filter_headers (self, headers);
  if (headers != NULL && self->inner.sink != NULL)
    self->inner.sink->head (self, self->inner.status, headers, self->inner.sink_data);
}

static void
finish (BfyRequest *self, gboolean is_complete)
{
  const BfyRequestSink *sink = g_steal_pointer (&self->inner.sink);

  bfy_request_note_over (self);
  if (sink != NULL)
    sink->end (self, is_complete, self->inner.sink_data);
}

static SoupMessageHeaders *
inner_begin (BfyRequest *self, guint status, goffset length, gboolean is_own)
{
  self->inner.status = status;
  self->inner.answer = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  if (is_own)
    bfy_reply_mark_own (self->inner.answer);
  if (length >= 0)
    soup_message_headers_set_content_length (self->inner.answer, length);

  return self->inner.answer;
}

static void
inner_write (BfyRequest *self, GBytes *bytes)
{
  G_GNUC_UNUSED g_autoptr (BfyRequest) alive = bfy_request_ref (self);

  hand_over_head (self);
  if (g_bytes_get_size (bytes) == 0)
    bfy_request_resume (self);
  else if (self->inner.sink != NULL)
    self->inner.sink->bytes (self, bytes, self->inner.sink_data);
}

static void
inner_end (BfyRequest *self)
{
  G_GNUC_UNUSED g_autoptr (BfyRequest) alive = bfy_request_ref (self);

  hand_over_head (self);
  finish (self, TRUE);
}

static void
inner_abort (BfyRequest *self)
{
  G_GNUC_UNUSED g_autoptr (BfyRequest) alive = bfy_request_ref (self);

  finish (self, FALSE);
}

static void
inner_reply (
    BfyRequest *self, guint status, const char *content_type, const char *body, gsize length)
{
  G_GNUC_UNUSED g_autoptr (BfyRequest) alive = bfy_request_ref (self);
  SoupMessageHeaders *headers = inner_begin (self, status, (goffset) length, TRUE);
  g_autoptr (GBytes) bytes = g_bytes_new (body, length);

  if (content_type != NULL)
    soup_message_headers_set_content_type (headers, content_type, NULL);
  bfy_request_append_retry_after (self, headers);
  self->has_ended = TRUE;
  hand_over_head (self);
  if (length > 0 && self->inner.sink != NULL)
    self->inner.sink->bytes (self, bytes, self->inner.sink_data);
  if (!self->is_over)
    finish (self, TRUE);
}

static void
inner_dispose (BfyRequest *self)
{
  g_clear_pointer (&self->inner.answer, soup_message_headers_unref);
  soup_message_headers_unref (self->inner.headers);
  g_clear_pointer (&self->inner.caller, bfy_request_unref);
  g_free (self->inner.method);
}

static const BfyRequestKind inner_kind = {
  .reply = inner_reply,
  .begin = inner_begin,
  .flush = hand_over_head,
  .write = inner_write,
  .end = inner_end,
  .abort = inner_abort,
  .dispose = inner_dispose,
};

static void
stay_with (BfyRequest *self, BfyRequest *caller)
{
  bfy_request_set_client (self, caller->client);
  if (caller->proof != NULL)
    self->proof = bfy_secret_ref (caller->proof);
  if (caller->approval != NULL)
    self->approval = bfy_approval_ref (caller->approval);
  bfy_request_share_count (self, caller);
  self->inner.caller = bfy_request_ref (caller);
}

BfyRequest *
bfy_request_new_inner (BfyRequest *caller,
                       const BfyInnerSetup *setup,
                       const BfyRequestSink *sink,
                       gpointer user_data)
{
  BfyRequest *self = bfy_request_alloc (&inner_kind, caller != NULL ? caller->connection : NULL);

  self->inner.sink = sink;
  self->inner.sink_data = user_data;
  self->inner.method = g_strdup (setup->method);
  self->inner.headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  self->method = self->inner.method;
  self->headers = self->inner.headers;
  self->body = setup->body != NULL ? g_bytes_ref (setup->body) : g_bytes_new_static ("", 0);
  self->route = g_new0 (BfyRoute, 1);
  self->route->kind = BFY_ROUTE_MCP;
  self->route->name = g_strdup (setup->name);
  self->is_quiet = caller == NULL || caller->is_quiet;
  if (caller != NULL)
    stay_with (self, caller);

  return self;
}

gboolean
bfy_request_is_inner (BfyRequest *self)
{
  return self->kind == &inner_kind;
}

BfyRequest *
bfy_request_get_outermost (BfyRequest *self)
{
  while (self->inner.caller != NULL)
    self = self->inner.caller;

  return self;
}

/* A request of a door keeps its connection to the end. */
gboolean
bfy_request_is_agents_own (BfyRequest *self)
{
  return self->connection == NULL;
}

void
bfy_request_set_quiet (BfyRequest *inner, gboolean is_quiet)
{
  inner->is_quiet = is_quiet;
}

gboolean
bfy_request_is_quiet (BfyRequest *self)
{
  return self->is_quiet;
}

void
bfy_request_set_direct (BfyRequest *self)
{
  self->inner.is_direct = TRUE;
}

gboolean
bfy_request_is_direct (BfyRequest *self)
{
  return self->inner.is_direct;
}

void
bfy_request_resume (BfyRequest *inner)
{
  if (!inner->is_over)
    bfy_request_note_drained (inner);
}

void
bfy_request_abandon (BfyRequest *inner)
{
  G_GNUC_UNUSED g_autoptr (BfyRequest) alive = bfy_request_ref (inner);

  if (inner->is_over)
    return;

  inner->inner.sink = NULL;
  bfy_request_note_over (inner);
  g_cancellable_cancel (inner->gone);
}
