/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/sse-answer.h"

#include <string.h>

#include "protocol/json-edit.h"

#define BOM "\xef\xbb\xbf"
#define EVENT_BEGIN "event: message\ndata: "
#define EVENT_END "\n\n"
#define NOT_FOUND 404

typedef enum
{
  SHAPE_EVENTS,
  SHAPE_HELD,    /* may be a message: kept until that is known */
  SHAPE_FLOWING, /* too long for that: its event has begun */
  SHAPE_DROPPED, /* no message */
} Shape;

struct _BfySseAnswer
{
  BfyRpc *rpc; /* (owned) */
  gboolean has_session;
  guint status;
  Shape shape;
  guint n_bom;   /* bytes of a mark at the beginning of a stream, which stands for nothing there */
  GString *held; /* (owned) */
};

BfySseAnswer *
bfy_sse_answer_new (BfyRpc *rpc, gboolean has_session)
{
  BfySseAnswer *self = g_new0 (BfySseAnswer, 1);

  self->rpc = rpc;
  self->has_session = has_session;
  self->held = g_string_new (NULL);

  return self;
}

void
bfy_sse_answer_free (BfySseAnswer *self)
{
  if (self == NULL)
    return;

  bfy_rpc_free (self->rpc);
  g_string_free (self->held, TRUE);
  g_free (self);
}

static gboolean
is_success (const BfySseAnswer *self)
{
  return self->status >= 200 && self->status < 300;
}

static gboolean
is_type (const char *type, const char *wanted)
{
  return type != NULL && g_ascii_strcasecmp (type, wanted) == 0;
}

void
bfy_sse_answer_begin (BfySseAnswer *self, guint status, const char *content_type)
{
  self->status = status;
  if (is_success (self) && is_type (content_type, "text/event-stream"))
    self->shape = SHAPE_EVENTS;
  else
    self->shape = is_type (content_type, "application/json") ? SHAPE_HELD : SHAPE_DROPPED;
}

/* Between the tokens of JSON a line break is white space; in its strings there is none. Whatever
 * else it is, it must not end the line. */
static void
append_on_one_line (GString *out, const char *bytes, gsize length)
{
  gsize begin = out->len;

  g_string_append_len (out, bytes, (gssize) length);
  for (gsize i = begin; i < out->len; i++)
    if (out->str[i] == '\n' || out->str[i] == '\r')
      out->str[i] = ' ';
}

static void
append_event (GString *out, const char *json, gsize length)
{
  g_string_append (out, EVENT_BEGIN);
  append_on_one_line (out, json, length);
  g_string_append (out, EVENT_END);
}

/* The mark counts at the beginning of a whole stream alone, and that has gone out. */
static void
pass_events (BfySseAnswer *self, const char *bytes, gsize length, GString *out)
{
  const guint n_whole = strlen (BOM);
  gsize n = 0;

  while (self->n_bom < n_whole && n < length && bytes[n] == BOM[self->n_bom])
    {
      self->n_bom++;
      n++;
    }
  if (n == length)
    return;
  if (self->n_bom < n_whole)
    g_string_append_len (out, BOM, self->n_bom);
  self->n_bom = n_whole;
  g_string_append_len (out, bytes + n, (gssize) (length - n));
}

static void
hold (BfySseAnswer *self, const char *bytes, gsize length, GString *out)
{
  if (length <= BFY_SSE_ANSWER_CHECKED_BYTES_MAX - self->held->len)
    {
      g_string_append_len (self->held, bytes, (gssize) length);
      return;
    }
  if (!is_success (self))
    {
      self->shape = SHAPE_DROPPED;
      return;
    }

  self->shape = SHAPE_FLOWING;
  g_string_append (out, EVENT_BEGIN);
  append_on_one_line (out, self->held->str, self->held->len);
  append_on_one_line (out, bytes, length);
  g_string_truncate (self->held, 0);
}

void
bfy_sse_answer_feed (BfySseAnswer *self, const char *bytes, gsize length, GString *out)
{
  switch (self->shape)
    {
    case SHAPE_EVENTS:
      pass_events (self, bytes, length, out);
      break;
    case SHAPE_HELD:
      hold (self, bytes, length, out);
      break;
    case SHAPE_FLOWING:
      append_on_one_line (out, bytes, length);
      break;
    case SHAPE_DROPPED:
      break;
    }
}

static char *
explain (const BfySseAnswer *self, BfyErrorCode *code)
{
  *code = BFY_ERROR_UPSTREAM_FAILED;
  if (is_success (self))
    return g_strdup ("The answer of the service is no message of MCP; its URL may be wrong");
  if (self->status != NOT_FOUND || !self->has_session)
    return g_strdup_printf ("The service answered with HTTP %u and said no more", self->status);

  *code = BFY_ERROR_SESSION_LOST;

  return g_strdup ("The service answered with HTTP 404: its session has ended; initialize again");
}

/* To each request, so that nobody waits for the others. */
static void
append_failure (const BfySseAnswer *self, GString *out)
{
  BfyErrorCode code;
  g_autofree char *text = explain (self, &code);
  g_autoptr (GString) body = g_string_new (NULL);
  gboolean is_batch = bfy_rpc_is_batch (self->rpc);

  for (guint i = 0; i < bfy_rpc_n_messages (self->rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (self->rpc, i);
      g_autofree char *answer = NULL;

      if (message->kind != BFY_RPC_REQUEST)
        continue;
      answer = bfy_rpc_format_error (message->id, code, text);
      if (is_batch)
        g_string_append_c (body, body->len == 0 ? '[' : ',');
      g_string_append (body, answer);
    }
  if (body->len == 0)
    return;
  if (is_batch)
    g_string_append_c (body, ']');
  append_event (out, body->str, body->len);
}

/* A refusal of what could not be read has no id: with a status of its own that was enough, in a
 * stream nobody would know whose it is. NULL: it may stay as it is. */
static char *
name_asker (const BfySseAnswer *self, const BfyRpc *answer)
{
  BfyJsonSlice root, error;
  g_autofree char *value = NULL;

  if (bfy_rpc_is_batch (answer) || bfy_rpc_is_batch (self->rpc) ||
      bfy_rpc_message (answer, 0)->id != NULL || bfy_rpc_message (self->rpc, 0)->id == NULL)
    return NULL;
  bfy_json_slice_root (self->held->str, self->held->len, &root);
  if (!bfy_json_slice_member (&root, "error", &error))
    return NULL;
  value = bfy_json_slice_dup_raw (&error);

  return g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":%s}",
                          bfy_rpc_message (self->rpc, 0)->id, value);
}

static gboolean
has_response (const BfyRpc *answer)
{
  for (guint i = 0; i < bfy_rpc_n_messages (answer); i++)
    if (bfy_rpc_message (answer, i)->kind == BFY_RPC_RESPONSE)
      return TRUE;

  return FALSE;
}

static void
judge (const BfySseAnswer *self, GString *out)
{
  g_autoptr (BfyRpc) answer = bfy_rpc_parse (self->held->str, self->held->len, NULL);
  g_autofree char *named = NULL;

  if (answer == NULL || !has_response (answer))
    {
      append_failure (self, out);
      return;
    }
  named = name_asker (self, answer);
  if (named != NULL)
    append_event (out, named, strlen (named));
  else
    append_event (out, self->held->str, self->held->len);
}

void
bfy_sse_answer_end (BfySseAnswer *self, GString *out)
{
  switch (self->shape)
    {
    case SHAPE_EVENTS:
      break;
    case SHAPE_HELD:
      judge (self, out);
      break;
    case SHAPE_FLOWING:
      g_string_append (out, EVENT_END);
      break;
    case SHAPE_DROPPED:
      append_failure (self, out);
      break;
    }
}
