/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/request.h"

#include "agent/door/reply.h"
#include "agent/door/request-private.h"
#include "agent/prompt/approval.h"
#include "protocol/json.h"

BfyRequest *
bfy_request_alloc (const BfyRequestKind *kind, BfyConnection *connection)
{
  BfyRequest *self = g_new0 (BfyRequest, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->kind = kind;
  self->connection = connection != NULL ? bfy_connection_ref (connection) : NULL;
  self->gone = g_cancellable_new ();
  self->end_code = BFY_ERROR_CANCELLED;

  return self;
}

BfyRequest *
bfy_request_ref (BfyRequest *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_request_unref (BfyRequest *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  bfy_request_tell_over (self);
  self->kind->dispose (self);
  g_clear_pointer (&self->connection, bfy_connection_unref);
  g_clear_pointer (&self->route, bfy_route_free);
  g_clear_pointer (&self->client, bfy_client_unref);
  bfy_request_drop_proof (self);
  bfy_request_set_detour (self, NULL, NULL);
  g_clear_pointer (&self->early, bfy_request_early_free);
  bfy_request_drop_count (self);
  g_clear_pointer (&self->approval, bfy_approval_unref);
  bfy_request_drop_filter (self);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_object_unref (self->gone);
  g_free (self);
}

void
bfy_request_take_approval (BfyRequest *self, BfyApproval *approval)
{
  g_clear_pointer (&self->approval, bfy_approval_unref);
  self->approval = approval;
}

BfyApproval *
bfy_request_get_approval (BfyRequest *self)
{
  return self->approval;
}

BfyConnection *
bfy_request_get_connection (BfyRequest *self)
{
  return self->connection;
}

const char *
bfy_request_get_method (BfyRequest *self)
{
  return self->method != NULL ? self->method : "";
}

SoupMessageHeaders *
bfy_request_get_headers (BfyRequest *self)
{
  return self->headers;
}

const char *
bfy_request_get_header (BfyRequest *self, const char *name)
{
  return self->headers != NULL ? soup_message_headers_get_one (self->headers, name) : NULL;
}

GBytes *
bfy_request_get_body (BfyRequest *self)
{
  return self->body;
}

void
bfy_request_take_route (BfyRequest *self, BfyRoute *route)
{
  g_clear_pointer (&self->route, bfy_route_free);
  self->route = route;
}

const BfyRoute *
bfy_request_get_route (BfyRequest *self)
{
  return self->route;
}

void
bfy_request_set_client (BfyRequest *self, BfyClient *client)
{
  g_clear_pointer (&self->client, bfy_client_unref);
  self->client = client != NULL ? bfy_client_ref (client) : NULL;
}

BfyClient *
bfy_request_get_client (BfyRequest *self)
{
  return self->client;
}

void
bfy_request_take_proof (BfyRequest *self, BfySecret *proof)
{
  bfy_request_drop_proof (self);
  self->proof = proof;
}

const BfySecret *
bfy_request_get_proof (BfyRequest *self)
{
  return self->proof;
}

void
bfy_request_bar (BfyRequest *self)
{
  self->is_barred = TRUE;
}

gboolean
bfy_request_is_barred (BfyRequest *self)
{
  return self->is_barred;
}

void
bfy_request_set_retry_after (BfyRequest *self, gint64 seconds)
{
  self->retry_after_s = seconds;
}

void
bfy_request_append_retry_after (BfyRequest *self, SoupMessageHeaders *headers)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, self->retry_after_s);

  if (self->retry_after_s > 0)
    soup_message_headers_append (headers, "Retry-After", text);
}

void
bfy_request_drop_proof (BfyRequest *self)
{
  g_clear_pointer (&self->proof, bfy_secret_unref);
}

void
bfy_request_wipe_authorization (BfyRequest *self)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  if (self->headers == NULL)
    return;

  soup_message_headers_iter_init (&iter, self->headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    {
      if (g_ascii_strcasecmp (name, "Authorization") == 0)
        bfy_wipe ((char *) value, strlen (value));
    }
}

void
bfy_request_note_drained (BfyRequest *self)
{
  BfyRequestFunc drained = self->drained;

  self->drained = NULL;
  if (drained != NULL)
    drained (self, self->drained_data);
}

void
bfy_request_wipe_body (BfyRequest *self)
{
  gsize length;
  gconstpointer bytes;

  if (self->body == NULL)
    return;
  bytes = g_bytes_get_data (self->body, &length);
  bfy_wipe ((gpointer) bytes, length);
}

void
bfy_request_note_upstream_status (BfyRequest *self, guint status)
{
  self->upstream_status = status;
}

guint
bfy_request_get_upstream_status (BfyRequest *self)
{
  return self->upstream_status;
}

gboolean
bfy_request_is_answered (BfyRequest *self)
{
  return self->is_answered;
}

gboolean
bfy_request_has_begun (BfyRequest *self)
{
  return self->has_begun;
}

gboolean
bfy_request_is_over (BfyRequest *self)
{
  return self->is_over;
}

void
bfy_request_reply (
    BfyRequest *self, guint status, const char *content_type, const char *body, gssize length)
{
  G_GNUC_UNUSED g_autoptr (BfyRequest) alive = bfy_request_ref (self);
  g_autofree char *clean = NULL;
  gsize n;

  if (self->is_over || self->is_answered)
    return;

  self->is_answered = TRUE;
  n = length >= 0 ? (gsize) length : strlen (body);
  if (self->filter != NULL)
    clean = self->filter->text (body, n, self->filter_data);
  if (!self->is_over)
    self->kind->reply (self, status, content_type, clean != NULL ? clean : body, n);
}

void
bfy_request_reply_json (BfyRequest *self, guint status, JsonObject *body)
{
  gsize length;
  g_autofree char *text = bfy_json_object_to_text (body, &length);

  json_object_unref (body);
  bfy_request_reply (self, status, "application/json", text, (gssize) length);
}

void
bfy_request_reply_empty (BfyRequest *self, guint status)
{
  bfy_request_reply (self, status, NULL, "", 0);
}

void
bfy_request_reply_error_status (BfyRequest *self,
                                guint status,
                                BfyErrorCode code,
                                const char *message)
{
  g_autofree char *body = bfy_reply_format_error (code, message, NULL);

  bfy_request_reply (self, status, "application/json", body, -1);
}

void
bfy_request_reply_error (BfyRequest *self, const GError *error, const char *name)
{
  BfyErrorCode code = bfy_error_code (error);
  g_autofree char *hint = bfy_error_format_hint (code, name);
  g_autofree char *body = bfy_reply_format_error (code, error->message, hint);

  bfy_request_reply (self, bfy_error_to_http_status (code), "application/json", body, -1);
}

SoupMessageHeaders *
bfy_request_begin (BfyRequest *self, guint status, goffset length, gboolean is_own)
{
  if (self->is_over || self->is_answered)
    return NULL;

  self->is_answered = TRUE;
  self->has_begun = TRUE;

  return self->kind->begin (self, status, length, is_own);
}

void
bfy_request_flush (BfyRequest *self)
{
  if (!self->is_over)
    self->kind->flush (self);
}

void
bfy_request_write (BfyRequest *self, GBytes *bytes, BfyRequestFunc drained, gpointer user_data)
{
  if (self->is_over)
    return;

  self->drained = drained;
  self->drained_data = user_data;
  if (self->is_counted)
    self->count_funcs->wrote (self->count, g_bytes_get_size (bytes));
  bfy_request_write_filtered (self, bytes);
}

void
bfy_request_forget_drained (BfyRequest *self)
{
  self->drained = NULL;
}

void
bfy_request_end (BfyRequest *self)
{
  g_autoptr (BfyRequest) alive = NULL;

  if (self->is_over || self->has_ended)
    return;

  alive = bfy_request_ref (self);
  self->has_ended = TRUE;
  bfy_request_write_rest (self);
  if (!self->is_over)
    self->kind->end (self);
}
