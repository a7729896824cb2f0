/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/legacy-call-private.h"

/* A client that goes does not call its request off, but can be asked nothing any more. */
static void
on_gone (GCancellable *gone, gpointer user_data)
{
  BfyLegacyCall *self = user_data;

  if (self->input != NULL)
    bfy_legacy_call_free (self);
}

BfyLegacyCall *
bfy_legacy_call_new (BfyClientSession *session, BfyRequest *request, const BfyRpcMessage *message)
{
  BfyLegacyCall *self = g_new0 (BfyLegacyCall, 1);

  self->session = session;
  self->request = bfy_request_ref (request);
  self->body = g_bytes_ref (bfy_request_get_body (request));
  self->answer = bfy_answer_new (request);
  self->id = g_strdup (message->id);
  self->method = g_strdup (message->method);
  self->target_name = g_strdup (g_str_equal (message->method, "resources/read") ? message->uri
                                : bfy_era_may_ask (message->method)             ? message->name
                                                                                : NULL);
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);

  return self;
}

void
bfy_legacy_call_free (BfyLegacyCall *self)
{
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  bfy_client_session_remove_call (self->session, self);
  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  g_clear_pointer (&self->input, bfy_legacy_input_free);
  bfy_answer_free (self->answer);
  bfy_request_unref (self->request);
  g_bytes_unref (self->body);
  g_free (self->id);
  g_free (self->method);
  g_free (self->target_name);
  g_free (self->outcome);
  g_free (self->responses);
  g_free (self->state);
  g_free (self);
}

typedef BfyLegacyCall LegacyCall;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LegacyCall, bfy_legacy_call_free)

static void
finish (BfyLegacyCall *taken, guint status, const char *member, const char *value)
{
  g_autoptr (LegacyCall) self = taken;
  g_autofree char *json = bfy_era_format_response (self->id, member, value);

  bfy_answer_finish (self->answer, status, json, NULL);
}

static void
fail (BfyLegacyCall *taken, guint status, BfyErrorCode code, const char *text)
{
  g_autoptr (LegacyCall) self = taken;
  g_autofree char *json = bfy_rpc_format_error (self->id, code, text);

  bfy_answer_finish (self->answer, status, json, NULL);
}

void
bfy_legacy_call_cancel (BfyLegacyCall *taken)
{
  g_autoptr (LegacyCall) self = taken;

  bfy_answer_end (self->answer);
}

gboolean
bfy_legacy_call_has_id (BfyLegacyCall *self, const BfyJsonSlice *id)
{
  return strlen (self->id) == id->length && strncmp (self->id, id->start, id->length) == 0;
}

/* All answers are there: the server is called again. */
static void
go_on (BfyLegacyCall *self)
{
  g_free (self->responses);
  self->responses = bfy_legacy_input_format (self->input);
  g_clear_pointer (&self->input, bfy_legacy_input_free);
  bfy_legacy_call_send_round (self);
}

static void
ask_client (BfyLegacyCall *self, const BfyJsonSlice *requests)
{
  g_autofree char *text = NULL;
  g_autofree char *lacking = NULL;
  const char *question;

  if (bfy_request_is_over (self->request))
    {
      bfy_legacy_call_free (self);
      return;
    }
  self->input = bfy_legacy_input_new (self->session, requests, &lacking);
  if (self->input == NULL)
    {
      text = g_strdup_printf ("%s needs an answer to %s, which this client, of MCP %s, has not "
                              "declared; the service behind “%s” speaks " BFY_ERA_MODERN_VERSION,
                              self->method, lacking, bfy_client_session_get_version (self->session),
                              bfy_client_session_get_name (self->session));
      fail (self, 200, BFY_ERROR_UNSUPPORTED, text);
      return;
    }
  if (bfy_legacy_input_is_complete (self->input))
    {
      go_on (self);
      return;
    }
  for (guint i = 0; (question = bfy_legacy_input_get_question (self->input, i)) != NULL; i++)
    bfy_answer_event (self->answer, question);
}

gboolean
bfy_legacy_call_answer (BfyLegacyCall *self, const BfyInquiryMessage *response)
{
  g_autofree char *text = NULL;

  if (self->input == NULL)
    return FALSE;
  switch (bfy_legacy_input_take (self->input, response))
    {
    case BFY_LEGACY_INPUT_FOREIGN:
      return FALSE;
    case BFY_LEGACY_INPUT_REFUSED:
      text = g_strdup_printf ("The client did not answer what %s needs to know", self->method);
      fail (self, 200, BFY_ERROR_DENIED, text);
      return TRUE;
    case BFY_LEGACY_INPUT_TAKEN:
      if (bfy_legacy_input_is_complete (self->input))
        go_on (self);
      return TRUE;
    }

  return FALSE;
}

static void
take_input_required (BfyLegacyCall *self, const BfyJsonSlice *result)
{
  static const BfyJsonSlice nothing = { BFY_JSON_OBJECT, "{}", 2 };
  BfyJsonSlice slice;

  g_clear_pointer (&self->state, g_free);
  if (bfy_json_slice_member (result, "requestState", &slice) && slice.type == BFY_JSON_STRING)
    self->state = bfy_json_slice_dup_raw (&slice);
  if (!bfy_era_may_ask (self->method) || ++self->n_rounds > BFY_LEGACY_ROUNDS_MAX)
    {
      fail (self, 502, BFY_ERROR_UPSTREAM_FAILED,
            "The service asks where it must not, or without end");
      return;
    }
  if (!bfy_json_slice_member (result, "inputRequests", &slice) || slice.type != BFY_JSON_OBJECT)
    slice = nothing;
  ask_client (self, &slice);
}

static void
take_result (BfyLegacyCall *self, const BfyJsonSlice *result)
{
  BfyJsonSlice type;
  g_autofree char *value = NULL;
  g_autofree char *text = NULL;

  if (!bfy_json_slice_member (result, "resultType", &type) ||
      bfy_json_slice_equals (&type, "complete"))
    {
      value = bfy_era_result_to_legacy (self->method, result);
      finish (self, 200, "result", value);
      return;
    }
  if (bfy_json_slice_equals (&type, "input_required"))
    {
      take_input_required (self, result);
      return;
    }
  text =
      g_strdup_printf ("The service behind “%s” answered %s in a way of MCP " BFY_ERA_MODERN_VERSION
                       " that %s has no word for",
                       bfy_client_session_get_name (self->session), self->method,
                       bfy_client_session_get_version (self->session));
  fail (self, 200, BFY_ERROR_UNSUPPORTED, text);
}

static void
take_outcome (BfyLegacyCall *self)
{
  g_autofree char *kept = bfy_legacy_call_learn_tools (self);
  g_autofree char *outcome = g_steal_pointer (&self->outcome);
  const char *text = kept != NULL ? kept : outcome;
  g_autofree char *value = NULL;
  BfyJsonSlice root, slice;

  bfy_json_slice_root (text, strlen (text), &root);
  g_clear_pointer (&self->inquiry, bfy_inquiry_free);
  if (bfy_json_slice_member (&root, "result", &slice))
    {
      take_result (self, &slice);
      return;
    }
  if (!bfy_json_slice_member (&root, "error", &slice))
    slice = (BfyJsonSlice){ BFY_JSON_OBJECT, "{}", 2 };
  if (bfy_legacy_call_lacks_header (self, &slice))
    {
      bfy_legacy_call_read_page (self, NULL);
      return;
    }
  value = bfy_era_error_to_legacy (self->method, &slice);
  finish (self, 200, "error", value);
}

static void
on_message (BfyInquiry *inquiry, const BfyInquiryMessage *message, gpointer user_data)
{
  BfyLegacyCall *self = user_data;
  g_autofree char *text = NULL;

  if (message->rpc->kind == BFY_RPC_NOTIFICATION)
    {
      text = bfy_json_slice_dup_raw (&message->root);
      bfy_answer_event (self->answer, text);
      return;
    }
  if (message->rpc->kind != BFY_RPC_RESPONSE || self->outcome != NULL)
    return;
  self->outcome = bfy_json_slice_dup_raw (&message->root);
  if (bfy_inquiry_is_event_stream (inquiry))
    take_outcome (self);
}

static void
on_done (BfyInquiry *inquiry, gpointer user_data)
{
  BfyLegacyCall *self = user_data;
  g_autofree char *text = NULL;

  if (self->outcome != NULL)
    {
      take_outcome (self);
      return;
    }
  text = g_strdup_printf ("The service behind “%s” gave no answer to %s (HTTP %u)",
                          bfy_client_session_get_name (self->session), self->method,
                          bfy_inquiry_get_status (inquiry));
  fail (self, 502, BFY_ERROR_UPSTREAM_FAILED, text);
}

void
bfy_legacy_call_send_round (BfyLegacyCall *self)
{
  static const BfyInquiryEvents events = { on_message, on_done };
  const BfyEraEnvelope envelope = bfy_client_session_get_envelope (self->session);
  g_autofree char *number = bfy_legacy_call_next_number (self);
  gsize length;
  const char *text = g_bytes_get_data (self->body, &length);
  BfyModernSetup setup = { self->method, self->target_name, NULL };
  BfyJsonSlice root;

  bfy_json_slice_root (text, length, &root);
  setup.body = bfy_era_request_to_modern (&root, number, &envelope, self->responses, self->state);
  self->inquiry = bfy_client_session_inquire (self->session, self->request, &setup, &events, self);
  bfy_legacy_call_add_param_headers (self, &root);
  bfy_inquiry_begin (self->inquiry);
}

void
bfy_legacy_call_begin (BfyLegacyCall *self)
{
  bfy_legacy_call_send_round (self);
}
