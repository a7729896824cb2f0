/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/all/ask.h"

#include "agent/door/reply.h"
#include "agent/proxy/headers.h"
#include "agent/proxy/mcp.h"
#include "protocol/json.h"
#include "protocol/mcp-header.h"
#include "protocol/sse.h"

#define EVENT_STREAM "text/event-stream"
#define MODERN_VERSION "2026-07-28"

struct _BfyAsk
{
  BfyAgent *agent;   /* borrowed */
  BfyRequest *inner; /* (owned) */
  const BfyAskEvents *events;
  gpointer user_data;
  guint status;
  gint64 retry_after_s; /* of an answer of ours */
  char *content_type;   /* (owned) (nullable) */
  BfySseParser *parser; /* (owned) (nullable) of a stream */
  GString *body;        /* (owned) otherwise */
  gboolean is_own;
  gboolean is_held;
  gboolean is_enough; /* nothing more is wanted */
  guint n_messages;
};

static void
deliver (BfyAsk *self, const char *text, gsize length)
{
  if (self->is_enough || !bfy_json_check (text, length, NULL))
    return;

  self->n_messages++;
  self->is_enough = !self->events->message (self, text, length, self->user_data);
}

static void
on_event (const BfySseEvent *event, gpointer user_data)
{
  if (event->length > 0)
    deliver (user_data, event->data, event->length);
}

/* We wrote it. */
static gint64
read_retry_after (SoupMessageHeaders *headers)
{
  const char *text = soup_message_headers_get_one (headers, "Retry-After");

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : 0;
}

static void
on_head (BfyRequest *inner, guint status, SoupMessageHeaders *headers, gpointer user_data)
{
  BfyAsk *self = user_data;
  const char *type = soup_message_headers_get_content_type (headers, NULL);

  self->status = status;
  self->content_type = g_strdup (type);
  self->is_own = bfy_reply_is_own (headers);
  if (self->is_own)
    self->retry_after_s = read_retry_after (headers);
  if (type != NULL && g_ascii_strcasecmp (type, EVENT_STREAM) == 0)
    self->parser = bfy_sse_parser_new (BFY_JSON_BYTES_MAX, on_event, self);
  if (self->events->head != NULL)
    self->events->head (self, self->user_data);
}

static void
stop (BfyAsk *self, gboolean is_complete)
{
  bfy_request_abandon (self->inner);
  self->events->end (self, is_complete, self->user_data);
}

static gboolean
take (BfyAsk *self, const char *bytes, gsize length)
{
  guint n_before = self->n_messages;

  if (self->parser == NULL)
    {
      if (length > BFY_JSON_BYTES_MAX - self->body->len)
        return FALSE;
      g_string_append_len (self->body, bytes, (gssize) length);
      return TRUE;
    }

  if (!bfy_sse_parser_feed (self->parser, bytes, length, NULL))
    return FALSE;
  if (self->n_messages == n_before && self->events->beat != NULL)
    self->events->beat (self, self->user_data);

  return TRUE;
}

static void
on_bytes (BfyRequest *inner, GBytes *bytes, gpointer user_data)
{
  BfyAsk *self = user_data;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  gboolean is_good = take (self, data, length);

  if (!is_good || self->is_enough)
    stop (self, is_good);
  else if (!self->is_held)
    bfy_request_resume (inner);
}

static void
on_end (BfyRequest *inner, gboolean is_complete, gpointer user_data)
{
  BfyAsk *self = user_data;

  if (self->parser == NULL && is_complete && self->body->len > 0)
    deliver (self, self->body->str, self->body->len);
  self->events->end (self, is_complete, self->user_data);
}

static const BfyRequestSink sink = { on_head, on_bytes, on_end };

static void
add_headers (BfyRequest *inner, GBytes *body)
{
  SoupMessageHeaders *headers = bfy_request_get_headers (inner);
  gsize length;
  const char *text = g_bytes_get_data (body, &length);
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, length, NULL);
  const char *name;

  soup_message_headers_replace (headers, "Content-Type", "application/json");
  soup_message_headers_replace (headers, "Accept", "application/json, " EVENT_STREAM);
  soup_message_headers_replace (headers, "MCP-Protocol-Version", MODERN_VERSION);
  if (rpc == NULL || bfy_rpc_is_batch (rpc))
    return;
  soup_message_headers_replace (headers, "Mcp-Method", bfy_rpc_message (rpc, 0)->method);
  name = bfy_mcp_header_name_of (bfy_rpc_message (rpc, 0));
  if (name != NULL)
    {
      g_autofree char *value = bfy_mcp_header_encode (name);

      soup_message_headers_replace (headers, "Mcp-Name", value);
    }
}

/* What the caller's headers say about a session or about another method is not about this. */
static void
copy_headers (BfyRequest *caller, BfyRequest *inner)
{
  static const char *const not_ours[] = { "Mcp-Session-Id", "Last-Event-ID", "Mcp-Name" };
  SoupMessageHeaders *headers = bfy_request_get_headers (inner);

  if (bfy_request_get_headers (caller) == NULL)
    return;
  bfy_headers_copy_up (bfy_request_get_headers (caller), headers, "POST", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (not_ours); i++)
    soup_message_headers_remove (headers, not_ours[i]);
}

BfyAsk *
bfy_ask_new (BfyAgent *agent,
             BfyRequest *caller,
             const BfyAskSetup *setup,
             const BfyAskEvents *events,
             gpointer user_data)
{
  BfyAsk *self = g_new0 (BfyAsk, 1);
  const BfyInnerSetup inner = { "POST", setup->binding->name, setup->body };

  self->agent = agent;
  self->events = events;
  self->user_data = user_data;
  self->body = g_string_new (NULL);
  self->inner = bfy_request_new_inner (caller, &inner, &sink, self);
  if (setup->is_quiet)
    bfy_request_set_quiet (self->inner, TRUE);
  if (setup->is_callers)
    copy_headers (caller, self->inner);
  add_headers (self->inner, setup->body);

  return self;
}

void
bfy_ask_start (BfyAsk *self)
{
  g_autoptr (BfyRequest) inner = bfy_request_ref (self->inner);

  bfy_mcp_serve (self->agent, inner);
}

void
bfy_ask_free (BfyAsk *self)
{
  if (self == NULL)
    return;

  bfy_request_abandon (self->inner);
  bfy_request_unref (self->inner);
  g_clear_pointer (&self->parser, bfy_sse_parser_free);
  g_string_free (self->body, TRUE);
  g_free (self->content_type);
  g_free (self);
}

void
bfy_ask_hold (BfyAsk *self)
{
  self->is_held = TRUE;
}

void
bfy_ask_release (BfyAsk *self)
{
  if (!self->is_held)
    return;
  self->is_held = FALSE;
  bfy_request_resume (self->inner);
}

guint
bfy_ask_get_status (BfyAsk *self)
{
  return self->status;
}

gboolean
bfy_ask_is_stream (BfyAsk *self)
{
  return self->parser != NULL;
}

gboolean
bfy_ask_is_own (BfyAsk *self)
{
  return self->is_own;
}

const char *
bfy_ask_get_content_type (BfyAsk *self)
{
  return self->content_type;
}

gint64
bfy_ask_get_retry_after_s (BfyAsk *self)
{
  return self->retry_after_s;
}

const char *
bfy_ask_get_body (BfyAsk *self, gsize *length)
{
  *length = self->body->len;

  return self->body->str;
}
