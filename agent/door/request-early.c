/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The answer to a request that waits for a person begins before it is known. What is answered in
 * the end comes here from whoever answers, already through the filter, and goes on in a form that
 * fits what has been said: as events of a stream that has begun, or, when the client waits on a
 * stream of its own, there. */

#include <string.h>

#include "agent/door/request-private.h"
#include "protocol/sse-answer.h"

#define EVENT_STREAM "text/event-stream"
#define NOTHING ":\n\n"

struct _BfyRequestEarly
{
  const BfyRequestKind *under; /* what the request was before */
  BfyRpc *rpc;                 /* (owned) (nullable) of a detached one */
  BfySseAnswer *answer;        /* (owned) (nullable) of a stream */
  SoupMessageHeaders *headers; /* (owned) (nullable) of the answer; none of them goes out */
  guint status;
  goffset length; /* -1: not known */
  goffset n_taken;
  gboolean has_shape; /* whoever answers may add headers until the body begins */
  guint n_told;
};

void
bfy_request_set_detour (BfyRequest *self, const BfyRequestDetour *funcs, gpointer user_data)
{
  if (self->detour_funcs != NULL)
    self->detour_funcs->destroy (self->detour_data);
  self->detour_funcs = funcs;
  self->detour_data = user_data;
}

gboolean
bfy_request_has_detour (BfyRequest *self)
{
  return self->detour_funcs != NULL;
}

gboolean
bfy_request_reply_on_detour (BfyRequest *self, const char *message)
{
  if (self->detour_funcs == NULL || !self->detour_funcs->deliver (message, self->detour_data))
    return FALSE;

  bfy_request_reply_empty (self, SOUP_STATUS_ACCEPTED);

  return TRUE;
}

void
bfy_request_early_free (BfyRequestEarly *self)
{
  g_clear_pointer (&self->rpc, bfy_rpc_free);
  g_clear_pointer (&self->answer, bfy_sse_answer_free);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_free (self);
}

static void
write_under (BfyRequest *self, GString *taken)
{
  g_autoptr (GBytes) bytes = g_string_free_to_bytes (taken);

  if (g_bytes_get_size (bytes) > 0 && !self->is_over)
    self->early->under->write (self, bytes);
  else if (!self->is_over)
    bfy_request_note_flushed (self);
}

static void
begin_answer (BfyRequest *self, guint status, goffset length)
{
  self->early->status = status;
  self->early->length = length;
  self->early->headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
}

static SoupMessageHeaders *
early_begin (BfyRequest *self, guint status, goffset length, gboolean is_own)
{
  begin_answer (self, status, length);

  return self->early->headers;
}

static void
find_shape (BfyRequestEarly *early)
{
  if (early->has_shape)
    return;

  early->has_shape = TRUE;
  bfy_sse_answer_begin (early->answer, early->status,
                        soup_message_headers_get_content_type (early->headers, NULL));
}

static void
early_flush (BfyRequest *self)
{
}

static void
early_write (BfyRequest *self, GBytes *bytes)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  find_shape (self->early);
  self->early->n_taken += (goffset) length;
  bfy_sse_answer_feed (self->early->answer, data, length, out);
  write_under (self, g_steal_pointer (&out));
}

/* What is shorter than announced must not look whole here, either. */
static void
early_end (BfyRequest *self)
{
  g_autoptr (GString) out = g_string_new (NULL);

  find_shape (self->early);
  self->drained = NULL;
  if (self->early->length >= 0 && self->early->n_taken < self->early->length)
    {
      self->early->under->abort (self);
      return;
    }
  bfy_sse_answer_end (self->early->answer, out);
  write_under (self, g_steal_pointer (&out));
  if (!self->is_over)
    self->early->under->end (self);
}

static void
early_reply (
    BfyRequest *self, guint status, const char *content_type, const char *body, gsize length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (body, length);

  begin_answer (self, status, (goffset) length);
  if (content_type != NULL)
    soup_message_headers_set_content_type (self->early->headers, content_type, NULL);
  early_write (self, bytes);
  early_end (self);
}

static void
early_abort (BfyRequest *self)
{
  self->early->under->abort (self);
}

static void
early_dispose (BfyRequest *self)
{
  self->early->under->dispose (self);
}

static const BfyRequestKind early_kind = {
  .reply = early_reply,
  .begin = early_begin,
  .flush = early_flush,
  .write = early_write,
  .end = early_end,
  .abort = early_abort,
  .dispose = early_dispose,
};

/* A detached request has been answered with 202, and its connection may serve the next one. Its
 * answer is good news only as a message on the stream, where the service sends it by itself. */
static void
end_detached (BfyRequest *self)
{
  bfy_request_note_over (self);
}

static void
deliver (BfyRequest *self, const char *message)
{
  if (self->detour_funcs != NULL)
    (void) self->detour_funcs->deliver (message, self->detour_data);
}

static void
deliver_failure (BfyRequest *self, const char *what)
{
  const BfyRpcMessage *message = bfy_rpc_message (self->early->rpc, 0);
  g_autofree char *body = NULL;

  if (message->kind != BFY_RPC_REQUEST)
    return;
  body = bfy_rpc_format_error (message->id, BFY_ERROR_UPSTREAM_FAILED, what);
  deliver (self, body);
}

static void
deliver_status (BfyRequest *self, guint status)
{
  g_autofree char *text =
      g_strdup_printf ("The service answered with HTTP %u and said no more", status);

  if (status < 200 || status > 299)
    deliver_failure (self, text);
}

static void
detached_reply (
    BfyRequest *self, guint status, const char *content_type, const char *body, gsize length)
{
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (body, length, NULL);
  g_autofree char *text = g_strndup (body, length);

  if (rpc != NULL && bfy_rpc_message (rpc, 0)->kind == BFY_RPC_RESPONSE)
    deliver (self, text);
  else
    deliver_status (self, status);
  end_detached (self);
}

static void
detached_write (BfyRequest *self, GBytes *bytes)
{
  bfy_request_note_flushed (self);
}

static void
detached_end (BfyRequest *self)
{
  self->drained = NULL;
  deliver_status (self, self->early->status);
  end_detached (self);
}

static void
detached_abort (BfyRequest *self)
{
  deliver_failure (self, "The service broke off before it answered");
  bfy_request_note_broken (self);
}

static const BfyRequestKind detached_kind = {
  .reply = detached_reply,
  .begin = early_begin,
  .flush = early_flush,
  .write = detached_write,
  .end = detached_end,
  .abort = detached_abort,
  .dispose = early_dispose,
};

gboolean
bfy_request_can_begin_early (BfyRequest *self)
{
  return !self->is_over && !self->is_answered && !bfy_request_is_inner (self) &&
         self->body != NULL && g_str_equal (bfy_request_get_method (self), "POST");
}

gboolean
bfy_request_is_early (BfyRequest *self)
{
  return self->early != NULL;
}

gboolean
bfy_request_is_detached (BfyRequest *self)
{
  return self->kind == &detached_kind;
}

static void
become (BfyRequest *self, const BfyRequestKind *kind)
{
  self->early = g_new0 (BfyRequestEarly, 1);
  self->early->under = self->kind;
  self->early->length = -1;
  self->kind = kind;
}

static void
begin_stream (BfyRequest *self, BfyRpc *rpc)
{
  SoupMessageHeaders *headers = self->kind->begin (self, SOUP_STATUS_OK, -1, FALSE);
  gboolean has_session = bfy_request_get_header (self, "Mcp-Session-Id") != NULL;

  soup_message_headers_replace (headers, "Content-Type", EVENT_STREAM);
  soup_message_headers_replace (headers, "X-Accel-Buffering", "no");
  soup_message_headers_replace (headers, "X-Bindify-Waiting", "approval");
  become (self, &early_kind);
  self->early->answer = bfy_sse_answer_new (rpc, has_session);
  self->early->under->flush (self);
}

static void
detach (BfyRequest *self, BfyRpc *rpc)
{
  BfyConnection *connection;

  become (self, &detached_kind);
  self->early->rpc = rpc;
  self->early->under->reply (self, SOUP_STATUS_ACCEPTED, NULL, "", 0);
  connection = self->detour_funcs->detached (self, self->detour_data);
  if (connection == NULL)
    return;
  bfy_connection_ref (connection);
  bfy_connection_unref (self->connection);
  self->connection = connection;
}

void
bfy_request_begin_early (BfyRequest *self, BfyRpc *rpc)
{
  G_GNUC_UNUSED g_autoptr (BfyRequest) alive = bfy_request_ref (self);

  if (self->early != NULL || !bfy_request_can_begin_early (self))
    bfy_rpc_free (rpc);
  else if (self->detour_funcs != NULL)
    detach (self, rpc);
  else
    begin_stream (self, rpc);
}

guint
bfy_request_get_n_told (BfyRequest *self)
{
  return self->early != NULL ? self->early->n_told : 0;
}

void
bfy_request_tell (BfyRequest *self, const char *message)
{
  g_autoptr (GString) text = NULL;

  if (self->early == NULL || self->is_over || self->is_answered)
    return;
  if (message != NULL)
    self->early->n_told++;
  if (bfy_request_is_detached (self))
    {
      if (message != NULL)
        deliver (self, message);
      return;
    }
  if (!bfy_connection_is_flushed (self->connection))
    return;

  text = g_string_new (NOTHING);
  if (message != NULL)
    g_string_append_printf (text, "event: message\ndata: %s\n\n", message);
  write_under (self, g_steal_pointer (&text));
}

/* Nobody is to be told anything: the answer is a stream of nothing, as it is elsewhere for what its
 * client has called off. */
static void
end_untold (BfyRequest *self)
{
  const BfyRequestKind *kind = self->early != NULL ? self->early->under : self->kind;

  self->is_answered = TRUE;
  self->has_ended = TRUE;
  if (self->early != NULL)
    kind->end (self);
  else
    kind->reply (self, SOUP_STATUS_OK, EVENT_STREAM, NOTHING, strlen (NOTHING));
}

void
bfy_request_hang_up (BfyRequest *self)
{
  G_GNUC_UNUSED g_autoptr (BfyRequest) alive = bfy_request_ref (self);

  if (self->is_over)
    return;
  if (bfy_request_is_detached (self))
    bfy_request_note_over (self);
  else if (!self->is_answered)
    end_untold (self);
  g_cancellable_cancel (self->gone);
}
