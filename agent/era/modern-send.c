/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/modern-call-private.h"

#define CODE_METHOD_NOT_FOUND (-32601)
#define RESUME_MS 1000  /* before a GET for the rest of a stream, when the server does not say */
#define RESUMES_MAX 100 /* of one call */

typedef BfyModernCall ModernCall;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModernCall, bfy_modern_call_free)

static void
on_message (BfyInquiry *inquiry, const BfyInquiryMessage *message, gpointer user_data)
{
  BfyModernCall *self = user_data;

  if (message->rpc->kind == BFY_RPC_NOTIFICATION)
    bfy_server_session_notify (self->session, message);
  bfy_modern_call_take (self, message);
  /* The stream may go on for a while; nobody has to wait for that. A response that says the session
   * is gone has to wait for its status. */
  if (self->outcome != NULL && self->answer != NULL && bfy_inquiry_is_event_stream (inquiry))
    bfy_modern_call_take_outcome (self);
}

static void on_done (BfyInquiry *inquiry, gpointer user_data);
static const BfyInquiryEvents call_events = { on_message, on_done };

/* The server ended the stream before its response: the rest is to be fetched. */
static gboolean
on_resume (gpointer user_data)
{
  BfyModernCall *self = user_data;
  g_autofree char *event_id = g_strdup (bfy_inquiry_get_event_id (self->inquiry));

  bfy_modern_call_drop_timer (self);
  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  self->inquiry =
      bfy_server_session_inquire (self->session, self->request, "GET", NULL, &call_events, self);
  bfy_inquiry_add_header (self->inquiry, "Last-Event-ID", event_id);
  bfy_inquiry_begin (self->inquiry);

  return G_SOURCE_REMOVE;
}

static gboolean
can_resume (BfyModernCall *self)
{
  return bfy_inquiry_get_event_id (self->inquiry) != NULL &&
         bfy_inquiry_get_status (self->inquiry) == 200 && self->answer != NULL &&
         self->timer == NULL && self->n_resumes < RESUMES_MAX;
}

/* There will be no response. */
static void
fail (BfyModernCall *self)
{
  g_autofree char *text =
      g_strdup_printf ("The service behind “%s” gave no answer to %s (HTTP %u)", self->place->name,
                       self->method, bfy_inquiry_get_status (self->inquiry));
  g_autoptr (GString) error = g_string_new ("{\"code\":");

  g_string_append_printf (error,
                          "%d,\"message\":", bfy_error_to_rpc_code (BFY_ERROR_UPSTREAM_FAILED));
  bfy_json_append_string (error, text, -1);
  g_string_append (error, ",\"data\":{\"origin\":\"agent\",\"reason\":\"upstream_failed\"}}");
  if (self->answer != NULL)
    {
      bfy_modern_call_finish (self, 502, "error", error->str);
      return;
    }
  self->outcome = bfy_era_format_response ("null", "error", error->str);
}

/* A server that does not know the method says 404, too, and has lost nothing. */
static gboolean
has_lost_session (BfyModernCall *self)
{
  static const char *const path[] = { "error", "code", NULL };
  BfyJsonSlice root, code;
  gint64 number;

  if (bfy_inquiry_get_status (self->inquiry) != 404)
    return FALSE;
  if (self->outcome == NULL)
    return TRUE;
  bfy_json_slice_root (self->outcome, strlen (self->outcome), &root);

  return !bfy_json_slice_find (&root, path, &code) || !bfy_json_slice_get_int (&code, &number) ||
         number != CODE_METHOD_NOT_FOUND;
}

/* A call that a lost session never let through is made again in a new one, once. */
static gboolean
begin_anew (BfyModernCall *self)
{
  BfyEras *eras = bfy_server_session_get_eras (self->session);
  BfyServerSession *session;
  BfyEraClaim claim;
  BfyJsonSlice root;
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (self->request), &length);

  if (!has_lost_session (self) || self->is_second || self->answer == NULL)
    return FALSE;
  bfy_server_session_lose (self->session);
  bfy_json_slice_root (text, length, &root);
  bfy_era_claim_read (&root, &claim);
  session = bfy_server_session_get (eras, self->request, &self->place->here, &claim);
  if (session == NULL)
    return FALSE;

  bfy_server_session_remove_call (self->session, self);
  bfy_server_session_unref (self->session);
  self->session = bfy_server_session_ref (session);
  self->is_second = TRUE;
  g_clear_pointer (&self->outcome, g_free);
  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  bfy_modern_call_start (self);

  return TRUE;
}

static void
on_done (BfyInquiry *inquiry, gpointer user_data)
{
  BfyModernCall *self = user_data;

  if (begin_anew (self))
    return;
  if (self->outcome == NULL && can_resume (self))
    {
      gint64 retry_ms = bfy_inquiry_get_retry_ms (inquiry);

      self->n_resumes++;
      bfy_modern_call_set_timer (self, retry_ms >= 0 ? (guint) retry_ms : RESUME_MS, on_resume);
      return;
    }
  if (self->outcome == NULL)
    fail (self);
  else if (self->answer != NULL)
    bfy_modern_call_take_outcome (self);
}

static void
send_call (BfyModernCall *self)
{
  self->inquiry = bfy_server_session_inquire (self->session, self->request, "POST",
                                              g_strdup (self->body), &call_events, self);
  bfy_inquiry_begin (self->inquiry);
}

static void
on_level_set (BfyInquiry *inquiry, gpointer user_data)
{
  BfyModernCall *self = user_data;

  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  send_call (self);
}

/* The number belongs to the session: it is only now that it can be written down. */
static void
write_body (BfyModernCall *self)
{
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (self->request), &length);
  g_autofree char *number = NULL;
  BfyJsonSlice root;

  self->number = bfy_server_session_next_id (self->session);
  number = g_strdup_printf ("%" G_GUINT64_FORMAT, self->number);
  bfy_json_slice_root (text, length, &root);
  g_free (self->body);
  self->body =
      bfy_era_request_to_legacy (&root, number, self->progress_token != NULL ? number : NULL);
}

static void
on_ready (BfyServerSession *session, BfyInquiry *failure, gpointer user_data)
{
  static const BfyInquiryEvents level_events = { NULL, on_level_set };
  BfyModernCall *self = user_data;
  BfyEras *eras = bfy_server_session_get_eras (session);

  if (failure != NULL)
    {
      g_autoptr (ModernCall) failed G_GNUC_UNUSED = self;

      g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
      bfy_modern_fail (eras, self->request, &self->place->here, self->client_id, self->original,
                       failure);
      return;
    }

  bfy_modern_note_ready (eras, &self->place->here);
  g_clear_pointer (&self->original, bfy_original_free);
  write_body (self);
  bfy_server_session_add_call (session, self);
  if (self->log_level == NULL || !bfy_server_session_wants_level (session, self->log_level))
    {
      send_call (self);
      return;
    }
  self->inquiry = bfy_server_session_inquire (
      session, self->request, "POST",
      g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"id\":%" G_GUINT64_FORMAT
                       ",\"method\":\"logging/setLevel\",\"params\":{\"level\":\"%s\"}}",
                       bfy_server_session_next_id (session), self->log_level),
      &level_events, self);
  bfy_inquiry_begin (self->inquiry);
}

void
bfy_modern_call_start (BfyModernCall *self)
{
  bfy_server_session_when_ready (self->session, on_ready, self);
}
