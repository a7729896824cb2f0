/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The first request to a server whose eras are not known. It goes out as it came, and its answer
 * goes back as it came, unless that is what a server of the other era would say: then the other era
 * is tried, and the answer kept in case that fails, too. */

#include "agent/door/reply.h"
#include "agent/era/eras-private.h"
#include "agent/proxy/headers.h"
#include "agent/proxy/mcp.h"

#define JUDGED_BYTES_MAX (1024 * 1024) /* a longer answer is passed on without a look */

typedef struct
{
  BfyEras *eras;         /* borrowed: ends with the requests */
  BfyRequest *request;   /* (owned) */
  BfyRequest *inner;     /* (owned) */
  BfyRpcMessage message; /* copy; strings (owned) */
  BfyEra era;
  BfyEraPlace *place; /* (owned) */
  guint status;
  gboolean is_own;
  goffset length;              /* -1 when not told */
  SoupMessageHeaders *headers; /* (owned) (nullable) */
  GByteArray *held;            /* (owned) (nullable) while the answer is looked at */
  gulong gone_id;
} Trial;

static void
trial_free (Trial *self)
{
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->held, g_byte_array_unref);
  bfy_request_unref (self->inner);
  bfy_request_unref (self->request);
  g_free (self->message.id);
  g_free (self->message.method);
  g_free (self->message.name);
  g_free (self->message.uri);
  bfy_era_place_free (self->place);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Trial, trial_free)

static void
note_spoken (Trial *self)
{
  bfy_eras_learn (self->eras, &self->place->here, self->era, TRUE);
}

static gboolean
is_success (const Trial *self)
{
  return self->status >= 200 && self->status < 300;
}

/* Has the answer to be read before anybody knows what it means? */
static gboolean
has_to_be_read (const Trial *self)
{
  const char *type = soup_message_headers_get_content_type (self->headers, NULL);
  gboolean is_handshake =
      self->era == BFY_ERA_LEGACY || g_str_equal (self->message.method, "server/discover");

  if (is_success (self))
    return is_handshake && g_strcmp0 (type, "application/json") == 0;

  return self->status == 400 || self->status == 404 || self->status == 405;
}

static void
begin_answer (Trial *self)
{
  SoupMessageHeaders *to =
      bfy_request_begin (self->request, self->status, self->length, self->is_own);

  if (to != NULL)
    bfy_headers_copy_down (self->headers, to);
}

static void
on_head (BfyRequest *inner, guint status, SoupMessageHeaders *headers, gpointer user_data)
{
  Trial *self = user_data;

  self->status = status;
  self->headers = soup_message_headers_ref (headers);
  self->is_own = bfy_reply_is_own (headers);
  self->length = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH
                     ? soup_message_headers_get_content_length (headers)
                     : -1;
  if (has_to_be_read (self))
    {
      self->held = g_byte_array_new ();
      return;
    }
  if (is_success (self))
    note_spoken (self);
  begin_answer (self);
  bfy_request_flush (self->request);
}

static void
on_drained (BfyRequest *request, gpointer user_data)
{
  bfy_request_resume (user_data);
}

static void
write_held (Trial *self, BfyRequestFunc drained)
{
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (g_steal_pointer (&self->held));

  begin_answer (self);
  if (g_bytes_get_size (bytes) > 0)
    bfy_request_write (self->request, bytes, drained, self->inner);
}

static void
on_bytes (BfyRequest *inner, GBytes *bytes, gpointer user_data)
{
  Trial *self = user_data;
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);

  if (self->held == NULL)
    {
      bfy_request_write (self->request, bytes, on_drained, inner);
      return;
    }

  g_byte_array_append (self->held, data, (guint) length);
  if (self->held->len > JUDGED_BYTES_MAX)
    write_held (self, on_drained);
  else
    bfy_request_resume (inner);
}

static BfyOriginal *
make_original (Trial *self)
{
  BfyOriginal *original = g_new0 (BfyOriginal, 1);

  original->status = self->status;
  original->is_own = self->is_own;
  original->content_type = g_strdup (soup_message_headers_get_content_type (self->headers, NULL));
  original->body = g_byte_array_free_to_bytes (g_steal_pointer (&self->held));

  return original;
}

static BfyEraVerdict
judge (const Trial *self)
{
  const char *text = (const char *) self->held->data;

  return self->era == BFY_ERA_MODERN
             ? bfy_era_judge_modern (self->message.method, self->status, text, self->held->len)
             : bfy_era_judge_legacy (self->status, text, self->held->len);
}

static void
try_other (Trial *self)
{
  const BfyEraTarget *target = &self->place->here;
  BfyOriginal *original = make_original (self);

  if (self->era == BFY_ERA_MODERN)
    bfy_modern_serve (self->eras, self->request, target, &self->message, original);
  else
    bfy_client_session_begin (self->eras, self->request, target, &self->message, original);
}

static void
on_end (BfyRequest *inner, gboolean is_complete, gpointer user_data)
{
  g_autoptr (Trial) self = user_data;

  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  bfy_request_forget_drained (self->request);
  if (!is_complete)
    {
      bfy_request_break (self->request);
      return;
    }
  if (self->held == NULL)
    {
      bfy_request_end (self->request);
      return;
    }

  switch (judge (self))
    {
    case BFY_ERA_VERDICT_OTHER:
      try_other (self);
      return;
    case BFY_ERA_VERDICT_SPEAKS:
      note_spoken (self);
      break;
    case BFY_ERA_VERDICT_NONE:
      break;
    }
  write_held (self, NULL);
  bfy_request_end (self->request);
}

static const BfyRequestSink sink = { .head = on_head, .bytes = on_bytes, .end = on_end };

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  g_autoptr (Trial) self = user_data;

  bfy_request_forget_drained (self->request);
  bfy_request_abandon (self->inner);
}

static void
copy_headers (BfyRequest *from, BfyRequest *to)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, bfy_request_get_headers (from));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (g_ascii_strcasecmp (name, "Authorization") != 0)
      soup_message_headers_append (bfy_request_get_headers (to), name, value);
}

void
bfy_trial_begin (BfyEras *eras,
                 BfyRequest *request,
                 const BfyEraTarget *target,
                 const BfyRpcMessage *message,
                 BfyEra era)
{
  const BfyInnerSetup setup = { "POST", target->name, bfy_request_get_body (request) };
  Trial *self = g_new0 (Trial, 1);
  g_autoptr (BfyRequest) inner = NULL;

  self->eras = eras;
  self->request = bfy_request_ref (request);
  self->message.kind = message->kind;
  self->message.id = g_strdup (message->id);
  self->message.method = g_strdup (message->method);
  self->message.name = g_strdup (message->name);
  self->message.uri = g_strdup (message->uri);
  self->era = era;
  self->place = bfy_era_place_new (target);
  inner = bfy_request_new_inner (request, &setup, &sink, self);
  self->inner = bfy_request_ref (inner);
  bfy_request_set_direct (inner);
  copy_headers (request, inner);
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);
  bfy_mcp_serve (eras->agent, inner);
}
