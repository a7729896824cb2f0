/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "agent/proxy/leg-private.h"
#include "protocol/error.h"

static SoupMessageHeaders *
wire_get_request_headers (BfyLeg *self)
{
  return self->wire.headers;
}

static gboolean
wire_inject (BfyLeg *self,
             const BfyInjection *injection,
             const BfyCredential *credential,
             GError **error)
{
  const BfyOutgoing request = { self->wire.method, self->wire.uri, self->wire.headers,
                                self->wire.body };

  return bfy_presented_make (&self->wire.presented, &request, injection, credential, error);
}

static void
wire_announce_body (BfyLeg *self, goffset length)
{
  self->wire.pieces = length >= 0 ? BFY_PIECES_COUNTED : BFY_PIECES_CHUNKED;
  self->wire.body_length = length;
}

static void
wire_write (BfyLeg *self, GBytes *piece)
{
  bfy_wire_write (self->wire.wire, piece);
}

static void
append_field (GString *head, const char *name, const char *value)
{
  g_string_append (head, name);
  g_string_append (head, ": ");
  g_string_append (head, value);
  g_string_append (head, "\r\n");
}

static int
get_default_port (GUri *uri)
{
  return g_str_equal (g_uri_get_scheme (uri), "https") ? 443 : 80;
}

static int
get_port (GUri *uri)
{
  return g_uri_get_port (uri) > 0 ? g_uri_get_port (uri) : get_default_port (uri);
}

static void
append_host (GString *head, GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  gboolean is_ipv6 = strchr (host, ':') != NULL;

  g_string_append_printf (head, is_ipv6 ? "Host: [%s]" : "Host: %s", host);
  if (get_port (uri) != get_default_port (uri))
    g_string_append_printf (head, ":%d", get_port (uri));
  g_string_append (head, "\r\n");
}

/* As long as the head can become, so that no growing buffer leaves the credential behind. */
static gsize
measure_head (BfyLeg *self)
{
  const char *query = g_uri_get_query (self->wire.uri);
  gsize n = 512 + strlen (self->wire.method) + strlen (g_uri_get_host (self->wire.uri)) +
            strlen (g_uri_get_path (self->wire.uri)) + (query != NULL ? strlen (query) : 0);
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, self->wire.headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    n += strlen (name) + strlen (value) + 4;

  return n + bfy_presented_length (&self->wire.presented);
}

static void
append_target (GString *head, BfyLeg *self)
{
  const BfyPresented *presented = &self->wire.presented;
  const char *path = g_uri_get_path (self->wire.uri);
  const char *query = g_uri_get_query (self->wire.uri);

  if (presented->path != NULL)
    {
      path = bfy_secret_peek_text (presented->path);
      query = presented->query != NULL ? bfy_secret_peek_text (presented->query) : NULL;
    }
  g_string_append (head, *path != '\0' ? path : "/");
  if (query != NULL)
    {
      g_string_append_c (head, '?');
      g_string_append (head, query);
    }
}

static void
append_framing (GString *head, const BfyLeg *self)
{
  goffset length = self->wire.body != NULL ? (goffset) g_bytes_get_size (self->wire.body)
                   : self->wire.pieces == BFY_PIECES_COUNTED ? self->wire.body_length
                                                             : 0;

  if (self->wire.pieces == BFY_PIECES_CHUNKED)
    append_field (head, "Transfer-Encoding", "chunked");
  else if (self->wire.body != NULL || self->wire.pieces != BFY_PIECES_NONE ||
           g_str_equal (self->wire.method, "POST"))
    g_string_append_printf (head, "Content-Length: %" G_GOFFSET_FORMAT "\r\n", length);
}

static GString *
format_head (BfyLeg *self)
{
  GString *head = g_string_sized_new (measure_head (self));
  const BfyPresented *presented = &self->wire.presented;
  SoupMessageHeadersIter iter;
  const char *name, *value;

  g_string_append_printf (head, "%s ", self->wire.method);
  append_target (head, self);
  g_string_append (head, " HTTP/1.1\r\n");
  append_host (head, self->wire.uri);
  soup_message_headers_iter_init (&iter, self->wire.headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    append_field (head, name, value);
  append_framing (head, self);
  for (guint i = 0; i < presented->n_fields; i++)
    append_field (head, presented->fields[i].name,
                  bfy_secret_peek_text (presented->fields[i].value));
  g_string_append (head, "\r\n");

  return head;
}

static void
forget_credential (BfyLeg *self)
{
  bfy_presented_clear (&self->wire.presented);
}

static void
on_sent (gpointer user_data)
{
  BfyLeg *self = user_data;

  self->wire.was_sent = TRUE;
}

static void
report_failure (BfyLeg *self, const GError *error)
{
  if (self->funcs != NULL)
    self->funcs->failed (error, self->user_data);
}

static void
on_failed (const GError *error, gpointer user_data)
{
  BfyLeg *self = user_data;

  if (self->wire.was_sent && self->wire.is_reused && !bfy_wire_has_input (self->wire.wire))
    self->wire.cut_reason = BFY_CUT_CLOSED;
  report_failure (self, error);
}

static void
on_answered (gpointer user_data)
{
  BfyLeg *self = user_data;
  g_autoptr (GError) error = NULL;

  if (bfy_wire_get_answer (self->wire.wire)->status != SOUP_STATUS_MISDIRECTED_REQUEST)
    {
      self->funcs->answered (self->user_data);
      return;
    }

  self->wire.cut_reason = BFY_CUT_MISDIRECTED;
  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "Misdirected");
  report_failure (self, error);
}

static void
on_body (GBytes *bytes, gpointer user_data)
{
  BfyLeg *self = user_data;

  self->funcs->body (bytes, self->user_data);
}

static void
on_wants (gpointer user_data)
{
  BfyLeg *self = user_data;

  self->funcs->wants (self->user_data);
}

static const BfyWireFuncs wire_funcs = {
  .wants = on_wants,
  .sent = on_sent,
  .answered = on_answered,
  .body = on_body,
  .failed = on_failed,
};

static void
begin (BfyLeg *self)
{
  GString *head;
  gsize length;

  self->funcs->starting (self->user_data);
  head = format_head (self);
  length = head->len;
  forget_credential (self);
  bfy_wire_expect_pieces (self->wire.wire, self->wire.pieces);
  if (self->wire.is_upgrading)
    bfy_wire_allow_upgrade (self->wire.wire);
  bfy_wire_begin (self->wire.wire, g_string_free (head, FALSE), length, self->wire.body,
                  &wire_funcs, self);
}

/* Of what is no plain HTTP only a request for a WebSocket comes here. */
static gboolean
is_tls (const BfyLeg *self)
{
  return g_str_equal (g_uri_get_scheme (self->wire.uri), "https");
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyLeg *self = user_data;
  g_autoptr (GError) error = NULL;
  BfyPool *pool = bfy_upstreams_get_pool (self->upstreams);

  self->wire.wire = is_tls (self) ? bfy_pool_connect_tls_finish (pool, result, &error)
                                  : bfy_pool_connect_finish (pool, result, &error);
  if (self->funcs == NULL)
    g_clear_pointer (&self->wire.wire, bfy_wire_unref);
  else if (self->wire.wire == NULL)
    report_failure (self, error);
  else
    begin (self);
  bfy_leg_unref (self);
}

/* Not from within the cancelling: whoever cancels is in the middle of something. */
static gboolean
on_cancel_idle (gpointer user_data)
{
  BfyLeg *self = user_data;
  g_autoptr (GError) error =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The call was cancelled");

  self->wire.cancel_idle_id = 0;
  report_failure (self, error);

  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  BfyLeg *self = user_data;

  if (self->wire.wire != NULL && self->wire.cancel_idle_id == 0)
    self->wire.cancel_idle_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_cancel_idle, self, NULL);
}

static GUri *
parse (const char *url, const char *scheme)
{
  GUri *uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);

  if (uri == NULL || g_strcmp0 (g_uri_get_scheme (uri), scheme) != 0 ||
      g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0')
    g_clear_pointer (&uri, g_uri_unref);

  return uri;
}

static void
begin_connecting (BfyLeg *self, BfyPool *pool)
{
  g_autoptr (GSocketConnectable) identity = NULL;

  if (!is_tls (self))
    {
      bfy_pool_connect_async (pool, self->cancellable, on_connected, bfy_leg_ref (self));
      return;
    }

  identity =
      g_network_address_new (g_uri_get_host (self->wire.uri), (guint16) get_port (self->wire.uri));
  bfy_pool_connect_tls_async (pool, identity, self->cancellable, on_connected, bfy_leg_ref (self));
}

static void
wire_start (BfyLeg *self)
{
  BfyPool *pool = bfy_upstreams_get_pool (self->upstreams);

  self->wire.epoch = bfy_pool_get_epoch (pool);
  self->wire.wire = self->wire.is_upgrading ? NULL : bfy_pool_take (pool);
  self->wire.is_reused = self->wire.wire != NULL;
  self->wire.cancelled_id =
      g_signal_connect (self->cancellable, "cancelled", G_CALLBACK (on_cancelled), self);
  if (self->wire.is_reused && !g_cancellable_is_cancelled (self->cancellable))
    begin (self);
  else
    begin_connecting (self, pool);
}

static guint
wire_get_status (BfyLeg *self)
{
  return bfy_wire_get_answer (self->wire.wire)->status;
}

static SoupMessageHeaders *
wire_get_response_headers (BfyLeg *self)
{
  return bfy_wire_get_answer (self->wire.wire)->headers;
}

static goffset
wire_get_length (BfyLeg *self)
{
  return bfy_wire_get_answer (self->wire.wire)->length;
}

static void
wire_read (BfyLeg *self)
{
  bfy_wire_read (self->wire.wire);
}

static gboolean
wire_was_sent (BfyLeg *self)
{
  return self->wire.was_sent;
}

static const char *
wire_get_cut_reason (BfyLeg *self)
{
  return self->wire.cut_reason;
}

static void
give_wire_back (BfyLeg *self)
{
  BfyWire *wire = g_steal_pointer (&self->wire.wire);

  if (wire == NULL)
    return;
  if (bfy_wire_finish (wire))
    bfy_pool_give_back (bfy_upstreams_get_pool (self->upstreams), self->wire.epoch, wire);
  else
    bfy_wire_unref (wire);
}

static void
wire_stop (BfyLeg *self)
{
  give_wire_back (self);
  forget_credential (self);
  g_clear_signal_handler (&self->wire.cancelled_id, self->cancellable);
  g_clear_handle_id (&self->wire.cancel_idle_id, g_source_remove);
  g_clear_pointer (&self->wire.uri, g_uri_unref);
  g_clear_pointer (&self->wire.method, g_free);
  g_clear_pointer (&self->wire.body, g_bytes_unref);
  g_clear_pointer (&self->wire.headers, soup_message_headers_unref);
}

static const BfyLegKind wire_kind = {
  .get_request_headers = wire_get_request_headers,
  .inject = wire_inject,
  .announce_body = wire_announce_body,
  .write = wire_write,
  .start = wire_start,
  .get_status = wire_get_status,
  .get_response_headers = wire_get_response_headers,
  .get_length = wire_get_length,
  .read = wire_read,
  .was_sent = wire_was_sent,
  .get_cut_reason = wire_get_cut_reason,
  .stop = wire_stop,
};

void
bfy_leg_expect (BfyUpstreams *upstreams, const char *url)
{
  g_autoptr (GUri) uri = parse (url, "http");

  if (uri != NULL)
    bfy_pool_expect (bfy_upstreams_get_pool (upstreams));
}

void
bfy_leg_unexpect (BfyUpstreams *upstreams, const char *url)
{
  g_autoptr (GUri) uri = parse (url, "http");

  if (uri != NULL)
    bfy_pool_unexpect (bfy_upstreams_get_pool (upstreams));
}

gboolean
bfy_leg_init_wire (BfyLeg *self, const char *method, const char *url, GBytes *body, GError **error)
{
  gboolean is_secure = self->wire.is_upgrading && g_ascii_strncasecmp (url, "https:", 6) == 0;
  GUri *uri = parse (url, is_secure ? "https" : "http");

  if (uri == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "The upstream URL cannot be used");
      return FALSE;
    }

  self->kind = &wire_kind;
  self->wire.uri = uri;
  self->wire.method = g_strdup (method);
  self->wire.body = body != NULL ? g_bytes_ref (body) : NULL;
  self->wire.headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  soup_message_headers_append (self->wire.headers, "User-Agent", BFY_USER_AGENT);
  if (body != NULL)
    soup_message_headers_append (self->wire.headers, "Content-Type", "application/json");

  return TRUE;
}
