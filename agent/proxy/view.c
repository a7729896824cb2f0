/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/view.h"

#include "agent/policy/hints.h"
#include "agent/proxy/headers.h"
#include "protocol/list-stream.h"
#include "protocol/list-view.h"

struct _BfyView
{
  SoupMessageHeaders *from; /* borrowed from the exchange's call */
  BfyHintsPlace place;      /* of the exchange's binding */
  BfyListStream *stream;    /* (owned) (nullable) for an event stream */
  GByteArray *body;         /* (owned) (nullable) for anything else */
};

void
bfy_view_free (BfyView *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->stream, bfy_list_stream_free);
  g_clear_pointer (&self->body, g_byte_array_unref);
  g_free (self);
}

static void
begin_head (BfyExchange *self, goffset length)
{
  SoupMessageHeaders *to = bfy_request_begin (self->request, self->event->status, length, FALSE);

  if (to != NULL)
    bfy_headers_copy_down (self->view->from, to);
}

static void
fail_unreadable (BfyExchange *self, const GError *error)
{
  gboolean is_long = g_error_matches (error, BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE);

  bfy_exchange_fail_response (
      self, is_long ? BFY_ERROR_RESPONSE_TOO_LARGE : BFY_ERROR_UPSTREAM_FAILED,
      is_long ? "sent a list that is too long for the policy to be applied to"
              : "sent a list that cannot be read, so that the policy cannot be applied to it");
}

static void
on_drained (BfyRequest *request, gpointer user_data)
{
  bfy_exchange_read_more (user_data);
}

gboolean
bfy_exchange_view_events (BfyExchange *self, const char *data, gsize length, GString *down)
{
  g_autoptr (GError) error = NULL;

  if (self->view == NULL)
    {
      g_string_append_len (down, data, (gssize) length);
      return TRUE;
    }
  if (bfy_list_stream_feed (self->view->stream, data, length, down, &error))
    return TRUE;
  fail_unreadable (self, error);

  return FALSE;
}

static void
pass_events (BfyExchange *self, const char *data, gsize length)
{
  g_autoptr (GString) down = g_string_new (NULL);
  g_autoptr (GBytes) bytes = NULL;

  if (!bfy_exchange_view_events (self, data, length, down))
    return;
  if (down->len == 0)
    {
      bfy_exchange_read_more (self);
      return;
    }
  bytes = g_string_free_to_bytes (g_steal_pointer (&down));
  bfy_request_write (self->request, bytes, on_drained, self);
}

static void
keep (BfyExchange *self, const char *data, gsize length)
{
  GByteArray *body = self->view->body;

  if (length > BFY_LIST_VIEW_BYTES_MAX - body->len)
    {
      g_autoptr (GError) error = g_error_new_literal (BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE, "");

      fail_unreadable (self, error);
      return;
    }
  g_byte_array_append (body, (const guint8 *) data, (guint) length);
  bfy_exchange_read_more (self);
}

void
bfy_exchange_view (BfyExchange *self, const char *data, gsize length)
{
  if (self->view->stream != NULL)
    pass_events (self, data, length);
  else
    keep (self, data, length);
}

/* Nothing is shown by a body that is no JSON if it only says what went wrong. */
static GBytes *
filter_body (const BfyExchange *self, GError **error)
{
  const char *text = (const char *) self->view->body->data;
  gsize length = self->view->body->len;
  BfyListViewSetup setup = bfy_hints_list_setup (&self->view->place);
  g_autoptr (GError) local_error = NULL;
  char *filtered = NULL;

  if (length > 0)
    filtered = bfy_list_view_filter (&setup, text, length, &length, &local_error);
  if (local_error != NULL && self->event->status < 400)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }

  return filtered != NULL ? g_bytes_new_take (filtered, length) : g_bytes_new (text, length);
}

static gboolean
send_body (BfyExchange *self, GError **error)
{
  g_autoptr (GBytes) body = filter_body (self, error);

  if (body == NULL)
    return FALSE;
  begin_head (self, (goffset) g_bytes_get_size (body));
  if (g_bytes_get_size (body) > 0)
    bfy_request_write (self->request, body, NULL, NULL);

  return TRUE;
}

static gboolean
send_rest (BfyExchange *self, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GBytes) rest = NULL;

  if (!bfy_list_stream_end (self->view->stream, out, error))
    return FALSE;
  rest = g_string_free_to_bytes (g_steal_pointer (&out));
  if (g_bytes_get_size (rest) > 0)
    bfy_request_write (self->request, rest, NULL, NULL);

  return TRUE;
}

void
bfy_exchange_end_view (BfyExchange *self)
{
  g_autoptr (GError) error = NULL;

  if (self->view->stream != NULL ? !send_rest (self, &error) : !send_body (self, &error))
    {
      fail_unreadable (self, error);
      return;
    }
  bfy_request_end (self->request);
  bfy_exchange_finish (self, BFY_N_ERRORS);
}

gboolean
bfy_exchange_make_view (BfyExchange *self, SoupMessageHeaders *from)
{
  BfyListViewSetup setup;

  if (!bfy_hints_view_is_needed (self->binding, self->rpc))
    return FALSE;
  self->view = g_new0 (BfyView, 1);
  self->view->from = from;
  self->view->place = (BfyHintsPlace){ self->agent, self->binding };
  setup = bfy_hints_list_setup (&self->view->place);
  if (self->meter.is_event_stream)
    self->view->stream = bfy_list_stream_new (&setup, BFY_LIST_VIEW_BYTES_MAX);
  else
    self->view->body = g_byte_array_new ();

  return TRUE;
}

void
bfy_exchange_begin_view (BfyExchange *self)
{
  if (self->view->stream != NULL)
    {
      begin_head (self, -1);
      bfy_exchange_clear_deadline (self);
      bfy_request_flush (self->request);
    }
  bfy_exchange_read_more (self);
}
