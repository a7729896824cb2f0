/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/modern-call-private.h"
#include "protocol/era-pages.h"

#define CODE_METHOD_NOT_FOUND (-32601)

void
bfy_modern_call_drop_timer (BfyModernCall *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

void
bfy_modern_call_set_timer (BfyModernCall *self, guint wait_ms, GSourceFunc func)
{
  bfy_modern_call_drop_timer (self);
  self->timer = g_timeout_source_new (wait_ms);
  g_source_set_callback (self->timer, func, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

static void
drop_request (BfyModernCall *self)
{
  if (self->request != NULL)
    g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  g_clear_pointer (&self->answer, bfy_answer_free);
  g_clear_pointer (&self->request, bfy_request_unref);
}

void
bfy_modern_call_stop_waiting (BfyModernCall *self)
{
  if (self->state != NULL)
    g_hash_table_remove (bfy_server_session_get_eras (self->session)->asking, self->state);
  g_clear_pointer (&self->state, g_free);
  bfy_modern_call_drop_timer (self);
}

void
bfy_modern_call_free (BfyModernCall *self)
{
  bfy_modern_call_stop_waiting (self);
  drop_request (self);
  bfy_server_session_forget (self->session, self);
  bfy_server_session_remove_call (self->session, self);
  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  g_clear_pointer (&self->original, bfy_original_free);
  bfy_era_place_free (self->place);
  bfy_modern_input_free (self->input);
  bfy_server_session_unref (self->session);
  g_free (self->owner);
  g_free (self->method);
  g_free (self->target_name);
  g_free (self->body);
  g_free (self->client_id);
  g_free (self->progress_token);
  g_free (self->log_level);
  g_free (self->outcome);
  g_free (self);
}

typedef BfyModernCall ModernCall;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModernCall, bfy_modern_call_free)

/* Nobody waits for the answer any more. */
void
bfy_modern_call_cancel (BfyModernCall *taken, BfyRequest *caller)
{
  g_autoptr (ModernCall) self = taken;

  if (self->inquiry == NULL)
    return;
  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  bfy_server_session_send (
      self->session, caller,
      g_strdup_printf ("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                       "\"params\":{\"requestId\":%" G_GUINT64_FORMAT
                       ",\"reason\":\"The client has gone\"}}",
                       self->number));
}

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  BfyModernCall *self = user_data;
  g_autoptr (BfyRequest) caller = bfy_request_ref (self->request);

  bfy_modern_call_cancel (self, caller);
}

/* In this era some errors have a status of their own. */
static guint
status_of (const BfyJsonSlice *error)
{
  BfyJsonSlice code;
  gint64 number;

  return bfy_json_slice_member (error, "code", &code) && bfy_json_slice_get_int (&code, &number) &&
                 number == CODE_METHOD_NOT_FOUND
             ? 404
             : 200;
}

/* The end of a call that a client waits for. */
void
bfy_modern_call_finish (BfyModernCall *taken, guint status, const char *member, const char *value)
{
  g_autoptr (ModernCall) self = taken;
  g_autofree char *json = bfy_era_format_response (self->client_id, member, value);

  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  bfy_answer_finish (self->answer, status, json, NULL);
}

/* What the client says of itself with the request that is answered. */
static void
read_claim (BfyModernCall *self, BfyEraClaim *claim)
{
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (self->request), &length);
  BfyJsonSlice root;

  bfy_json_slice_root (text, length, &root);
  bfy_era_claim_read (&root, claim);
}

/* TRUE when the server wants the person to see a page first, and the client has been told. */
static gboolean
ask_for_pages (BfyModernCall *self, const BfyJsonSlice *error)
{
  g_autofree char *value = NULL;
  BfyEraClaim claim;

  if (!bfy_era_wants_pages (error) || !bfy_era_may_ask (self->method))
    return FALSE;
  value = bfy_era_pages_result (error, bfy_server_session_get_server_info (self->session));
  if (value == NULL)
    return FALSE;

  read_claim (self, &claim);
  if (bfy_era_can_show_pages (&claim))
    {
      bfy_modern_call_finish (self, 200, "result", value);
      return TRUE;
    }
  g_free (value);
  value = bfy_era_pages_error ();
  bfy_modern_call_finish (self, 400, "error", value);

  return TRUE;
}

void
bfy_modern_call_take_outcome (BfyModernCall *self)
{
  g_autofree char *outcome = g_steal_pointer (&self->outcome);
  BfyJsonSlice root, slice;
  g_autofree char *value = NULL;

  bfy_json_slice_root (outcome, strlen (outcome), &root);
  if (bfy_json_slice_member (&root, "result", &slice))
    {
      value = bfy_era_result_to_modern (self->method, &slice,
                                        bfy_server_session_get_server_info (self->session));
      bfy_modern_call_finish (self, 200, "result", value);
      return;
    }
  if (!bfy_json_slice_member (&root, "error", &slice))
    slice = (BfyJsonSlice){ BFY_JSON_OBJECT, "{}", 2 };
  if (ask_for_pages (self, &slice))
    return;
  value = bfy_era_error_to_modern (self->method, &slice);
  bfy_modern_call_finish (self, status_of (&slice), "error", value);
}

static gboolean
is_loud_enough (BfyModernCall *self, const BfyInquiryMessage *message)
{
  static const char *const path[] = { "params", "level", NULL };
  BfyJsonSlice slice;
  g_autofree char *level = bfy_json_slice_find (&message->root, path, &slice)
                               ? bfy_json_slice_dup_string (&slice)
                               : NULL;

  return bfy_era_log_rank (level) >= self->log_rank;
}

static void
take_notification (BfyModernCall *self, const BfyInquiryMessage *message)
{
  g_autofree char *text = NULL;

  if (self->answer == NULL)
    return;
  if (g_str_equal (message->rpc->method, "notifications/progress") && self->progress_token != NULL)
    text = bfy_era_set_progress_token (&message->root, self->progress_token);
  else if (g_str_equal (message->rpc->method, "notifications/message") &&
           is_loud_enough (self, message))
    text = bfy_json_slice_dup_raw (&message->root);
  if (text != NULL)
    bfy_answer_event (self->answer, text);
}

static gboolean
is_answer (BfyModernCall *self, const BfyRpcMessage *message)
{
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, self->number);

  /* Refusals of what could not be read have no id. */
  return message->id == NULL || g_str_equal (message->id, number);
}

void
bfy_modern_call_take (BfyModernCall *self, const BfyInquiryMessage *message)
{
  switch (message->rpc->kind)
    {
    case BFY_RPC_NOTIFICATION:
      take_notification (self, message);
      return;
    case BFY_RPC_REQUEST:
      bfy_modern_call_take_request (self, message);
      return;
    case BFY_RPC_RESPONSE:
      if (!is_answer (self, message->rpc) || self->outcome != NULL)
        return;
      self->outcome = bfy_json_slice_dup_raw (&message->root);
      return;
    }
}

gboolean
bfy_modern_call_is_of (BfyModernCall *self, const char *binding_id, const char *client_id)
{
  return bfy_server_session_is_of (self->session, binding_id, client_id);
}

gboolean
bfy_modern_call_may_ask (BfyModernCall *self)
{
  return self->inquiry != NULL && bfy_era_may_ask (self->method);
}

gboolean
bfy_modern_call_has_token (BfyModernCall *self, const BfyJsonSlice *token)
{
  gint64 number;

  return bfy_json_slice_get_int (token, &number) && (guint64) number == self->number;
}

/* The request that is answered next: the first one, or a retry. */
void
bfy_modern_call_take_over (BfyModernCall *self, BfyRequest *request, const BfyRpcMessage *message)
{
  BfyEraClaim claim;

  drop_request (self);
  self->request = bfy_request_ref (request);
  self->answer = bfy_answer_new (request);
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);
  read_claim (self, &claim);
  g_free (self->client_id);
  self->client_id = g_strdup (message->id);
  g_free (self->progress_token);
  self->progress_token = bfy_json_slice_dup_raw (&claim.progress_token);
  g_free (self->log_level);
  self->log_level =
      claim.log_level.start != NULL ? bfy_json_slice_dup_string (&claim.log_level) : NULL;
  self->log_rank = bfy_era_log_rank (self->log_level);
  if (self->log_rank < 0)
    {
      g_clear_pointer (&self->log_level, g_free);
      self->log_rank = G_MAXINT;
    }
}

void
bfy_modern_call_begin (BfyServerSession *session,
                       const BfyEraTarget *target,
                       BfyRequest *request,
                       const BfyRpcMessage *message,
                       BfyOriginal *original)
{
  BfyModernCall *self = g_new0 (BfyModernCall, 1);

  self->session = bfy_server_session_ref (session);
  self->place = bfy_era_place_new (target);
  self->original = original;
  self->owner = g_strdup (bfy_eras_owner (request));
  self->method = g_strdup (message->method);
  self->target_name = g_strdup (message->name != NULL ? message->name : message->uri);
  self->input = bfy_modern_input_new ();
  bfy_modern_call_take_over (self, request, message);
  bfy_modern_call_start (self);
}
