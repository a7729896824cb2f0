/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/inquiry.h"

#include "agent/door/reply.h"
#include "agent/gate.h"
#include "agent/proxy/mcp.h"
#include "protocol/sse.h"

#define LINGER_MS 1000 /* for an answer that has said all there is to say */

struct _BfyInquiry
{
  gatomicrefcount ref_count;
  BfyAgent *agent;                /* borrowed */
  BfyRequest *inner;              /* (owned) */
  const BfyInquiryEvents *events; /* (nullable) NULL once freed or done */
  gpointer user_data;
  gsize bytes_max;
  guint status;
  gboolean is_of_agent;
  char *session_id; /* (owned) (nullable) */
  char *event_id;   /* (owned) (nullable) */
  gint64 retry_ms;
  BfySseParser *parser; /* (owned) (nullable) of an event stream */
  GByteArray *body;     /* (owned) of anything else */
  GSource *linger;      /* (owned) (nullable) after it was freed by one of its own calls */
  guint n_calls;        /* that are going on */
};

static BfyInquiry *
inquiry_ref (BfyInquiry *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
inquiry_unref (BfyInquiry *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  bfy_request_unref (self->inner);
  g_free (self->session_id);
  g_free (self->event_id);
  g_clear_pointer (&self->parser, bfy_sse_parser_free);
  g_byte_array_unref (self->body);
  g_free (self);
}

static void
inquiry_drop (BfyInquiry *self)
{
  inquiry_unref (self);
}

typedef BfyInquiry Held;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Held, inquiry_drop)

static void
report (BfyInquiry *self, const BfyRpc *rpc, guint i, const BfyJsonSlice *slice)
{
  const BfyInquiryMessage message = { bfy_rpc_message (rpc, i), *slice };

  self->n_calls++;
  if (self->events != NULL && self->events->message != NULL)
    self->events->message (self, &message, self->user_data);
  self->n_calls--;
}

/* In 2025-03-26 several messages may come as one array. What is no message is nobody's. */
static void
take_text (BfyInquiry *self, const char *text, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, length, &error);
  BfyJsonSlice root, key, value;
  BfyJsonIter iter;

  if (rpc == NULL)
    {
      g_debug ("Not a message of MCP: %s", error->message);
      return;
    }
  bfy_json_slice_root (text, length, &root);
  if (!bfy_rpc_is_batch (rpc))
    {
      report (self, rpc, 0, &root);
      return;
    }

  bfy_json_iter_init (&iter, &root);
  for (guint i = 0; bfy_json_iter_next (&iter, &key, &value); i++)
    report (self, rpc, i, &value);
}

static void
on_event (const BfySseEvent *event, gpointer user_data)
{
  BfyInquiry *self = user_data;

  if (event->id != NULL && g_strcmp0 (event->id, self->event_id) != 0)
    {
      g_free (self->event_id);
      self->event_id = g_strdup (event->id);
    }
  if (event->retry_ms >= 0)
    self->retry_ms = event->retry_ms;
  if (event->length > 0)
    take_text (self, event->data, event->length);
}

static void
on_head (BfyRequest *inner, guint status, SoupMessageHeaders *headers, gpointer user_data)
{
  BfyInquiry *self = user_data;

  self->status = status;
  self->is_of_agent = bfy_reply_is_own (headers);
  self->session_id = g_strdup (soup_message_headers_get_one (headers, "Mcp-Session-Id"));
  if (g_strcmp0 (soup_message_headers_get_content_type (headers, NULL), "text/event-stream") == 0)
    self->parser = bfy_sse_parser_new (self->bytes_max, on_event, self);
}

static void
finish (BfyInquiry *self)
{
  const BfyInquiryEvents *events = g_steal_pointer (&self->events);

  self->n_calls++;
  if (events != NULL)
    events->done (self, self->user_data);
  self->n_calls--;
}

static void
stop_lingering (BfyInquiry *self)
{
  if (self->linger == NULL)
    return;

  g_source_destroy (self->linger);
  g_clear_pointer (&self->linger, g_source_unref);
  inquiry_unref (self);
}

static gboolean
on_lingered (gpointer user_data)
{
  g_autoptr (Held) self = inquiry_ref (user_data);

  bfy_request_abandon (self->inner);
  stop_lingering (self);

  return G_SOURCE_REMOVE;
}

/* Whoever writes to us must not lose its request in the middle of writing; and a server that ends
 * its stream by itself keeps its connection. */
static void
begin_lingering (BfyInquiry *self)
{
  if (self->linger != NULL)
    return;

  self->linger = g_timeout_source_new (LINGER_MS);
  g_source_set_callback (self->linger, on_lingered, inquiry_ref (self), NULL);
  g_source_attach (self->linger, g_main_context_get_thread_default ());
}

static void
on_bytes (BfyRequest *inner, GBytes *bytes, gpointer user_data)
{
  g_autoptr (Held) self = inquiry_ref (user_data);
  g_autoptr (GError) error = NULL;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  gboolean fits = TRUE;

  if (self->parser != NULL)
    fits = bfy_sse_parser_feed (self->parser, data, length, &error);
  else if (length <= self->bytes_max && self->body->len <= self->bytes_max - length)
    g_byte_array_append (self->body, (const guint8 *) data, (guint) length);
  else
    fits = FALSE;

  if (fits)
    {
      bfy_request_resume (inner);
      return;
    }
  finish (self);
  begin_lingering (self);
}

static void
on_end (BfyRequest *inner, gboolean is_complete, gpointer user_data)
{
  g_autoptr (Held) self = inquiry_ref (user_data);

  stop_lingering (self);
  if (self->parser == NULL && is_complete && self->body->len > 0)
    take_text (self, (const char *) self->body->data, self->body->len);
  finish (self);
}

static const BfyRequestSink sink = { .head = on_head, .bytes = on_bytes, .end = on_end };

BfyInquiry *
bfy_inquiry_new (BfyAgent *agent,
                 BfyRequest *caller,
                 const BfyInquirySetup *setup,
                 const BfyInquiryEvents *events,
                 gpointer user_data)
{
  BfyInquiry *self = g_new0 (BfyInquiry, 1);
  g_autoptr (GBytes) bytes =
      setup->body != NULL ? g_bytes_new_take (setup->body, strlen (setup->body)) : NULL;
  const BfyInnerSetup inner = { setup->method, setup->name, bytes };

  g_atomic_ref_count_init (&self->ref_count);
  self->agent = agent;
  self->events = events;
  self->user_data = user_data;
  self->retry_ms = -1;
  self->body = g_byte_array_new ();
  self->inner = bfy_request_new_inner (caller, &inner, &sink, self);
  self->bytes_max = (gsize) bfy_agent_limits (agent, bfy_gate_find_binding (agent, self->inner))
                        .response_bytes_max;
  bfy_request_set_direct (self->inner);

  return self;
}

void
bfy_inquiry_add_header (BfyInquiry *self, const char *name, const char *value)
{
  if (value != NULL)
    soup_message_headers_replace (bfy_request_get_headers (self->inner), name, value);
}

void
bfy_inquiry_begin (BfyInquiry *self)
{
  g_autoptr (Held) alive G_GNUC_UNUSED = inquiry_ref (self);

  bfy_inquiry_add_header (self, "Content-Type", "application/json");
  bfy_inquiry_add_header (self, "Accept", "application/json, text/event-stream");
  bfy_mcp_serve (self->agent, self->inner);
}

void
bfy_inquiry_free (BfyInquiry *self)
{
  if (self == NULL)
    return;

  self->events = NULL;
  if (self->n_calls == 0)
    bfy_request_abandon (self->inner);
  else if (!bfy_request_is_over (self->inner))
    begin_lingering (self);
  inquiry_unref (self);
}

guint
bfy_inquiry_get_status (BfyInquiry *self)
{
  return self->status;
}

guint
bfy_inquiry_get_upstream_status (BfyInquiry *self)
{
  return bfy_request_get_upstream_status (self->inner);
}

gboolean
bfy_inquiry_is_of_agent (BfyInquiry *self)
{
  return self->is_of_agent;
}

gboolean
bfy_inquiry_is_event_stream (BfyInquiry *self)
{
  return self->parser != NULL;
}

const char *
bfy_inquiry_get_session_id (BfyInquiry *self)
{
  return self->session_id;
}

const char *
bfy_inquiry_get_event_id (BfyInquiry *self)
{
  return self->event_id;
}

gint64
bfy_inquiry_get_retry_ms (BfyInquiry *self)
{
  return self->retry_ms;
}

const char *
bfy_inquiry_get_body (BfyInquiry *self, gsize *length)
{
  *length = self->body->len;

  return (const char *) self->body->data;
}
