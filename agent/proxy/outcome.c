/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/network/network.h"
#include "agent/proxy/call.h"
#include "agent/proxy/exchange-private.h"
#include "agent/proxy/quota-gate.h"
#include "agent/proxy/refusal.h"
#include "protocol/event-text.h"

/* What the event says from the start on: the method and the name of a tool, prompt or resource. */
BfyEvent *
bfy_exchange_new_event (BfyExchange *self)
{
  BfyEvent *event = bfy_agent_new_event ("proxy_request", self->binding, self->request);
  const BfyRpcMessage *message = self->rpc != NULL ? bfy_rpc_message (self->rpc, 0) : NULL;

  if (message == NULL)
    {
      event->method = g_strdup (bfy_request_get_method (self->request));
      return event;
    }
  event->method = g_strdup (message->method != NULL ? message->method : "response");
  event->tool = g_strdup (message->name != NULL ? message->name : message->uri);
  event->bytes_up = (gint64) g_bytes_get_size (bfy_request_get_body (self->request));

  return event;
}

/* How it is to be counted. An event stream that the client closes has done its job. */
static void
judge (BfyExchange *self, BfyEvent *event, BfyErrorCode code)
{
  gboolean was_closed = code == BFY_ERROR_CANCELLED && self->state == EXCHANGE_STREAMING &&
                        (self->meter.is_event_stream || self->is_upgraded);

  if (code == BFY_N_ERRORS || was_closed)
    {
      event->category = g_strdup (event->status >= 400 ? "upstream_error" : "success");
      event->outcome = event->status >= 400 ? BFY_OUTCOME_FAILURE : BFY_OUTCOME_SUCCESS;
      return;
    }

  event->category = g_strdup (bfy_error_to_wire (code));
  event->outcome =
      bfy_error_to_data_status (code) == 200 ? BFY_OUTCOME_BLOCKED : BFY_OUTCOME_FAILURE;
}

static void
record (BfyExchange *self, BfyErrorCode code)
{
  BfyEvent *event = g_steal_pointer (&self->event);

  /* Where it was sent, which is somewhere else behind a redirect and below the URL of a service. */
  if (self->url != NULL && !g_str_equal (self->url, self->binding->url))
    bfy_event_set_target (event, self->url);
  event->duration_ms = (g_get_monotonic_time () - self->begun_us) / 1000;
  judge (self, event, code);
  bfy_quota_gate_judge (self->request, event->outcome);
  bfy_store_append_event (self->agent->store, event, event->outcome == BFY_OUTCOME_BLOCKED);
}

/* The end, whatever happened. What was cancelled may have been ended by a person. */
void
bfy_exchange_finish (BfyExchange *self, BfyErrorCode code)
{
  if (self->state == EXCHANGE_OVER)
    return;

  record (self, code == BFY_ERROR_CANCELLED ? bfy_request_get_end_code (self->request) : code);
  self->state = EXCHANGE_OVER;
  bfy_exchange_clear_deadline (self);
  bfy_event_stream_stop (self);
  bfy_exchange_unwatch (self);
  bfy_exchange_stop_upload (self);
  g_clear_pointer (&self->leg, bfy_leg_free);
  bfy_exchange_forget_credential (self);
  bfy_exchange_unref (self);
}

/* Ends the exchange with an error of ours, in whatever shape the client can still be told. */
void
bfy_exchange_fail (BfyExchange *self, BfyErrorCode code, const char *message)
{
  if (bfy_request_has_begun (self->request))
    bfy_request_break (self->request);
  else if (code != BFY_ERROR_CANCELLED)
    bfy_refuse (self->request, self->rpc, code, message);
  bfy_exchange_finish (self, code);
}

void
bfy_exchange_fail_with (BfyExchange *self, const GError *error)
{
  bfy_exchange_fail (self, bfy_error_code (error), error->message);
}

/* The request has not left: the record says that, and why, instead of what came of it. */
static GError *
explain_network (BfyExchange *self, const GError *error)
{
  const char *slug = bfy_network_get_slug (error);

  if (slug != NULL)
    {
      g_free (self->event->type);
      self->event->type = g_strdup ("network_request_denied");
      self->event->detail = g_strdup (slug);
    }

  return bfy_network_explain (error, self->binding);
}

/* The upstream could not be reached, or broke off. */
void
bfy_exchange_fail_upstream (BfyExchange *self, const GError *error)
{
  g_autoptr (GError) explained = NULL;

  if (self->has_timed_out)
    {
      explained =
          g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT,
                       "The service behind “%s” did not answer in time", self->binding->name);
    }
  else if (self->leg != NULL && bfy_leg_get_cut_reason (self->leg) != NULL)
    {
      explained = g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, "The service behind “%s” %s",
                               self->binding->name, bfy_leg_get_cut_reason (self->leg));
    }
  else if (g_cancellable_is_cancelled (self->cancellable))
    {
      bfy_exchange_fail (self, BFY_ERROR_CANCELLED, "");
      return;
    }
  else if (error->domain == BFY_NETWORK_ERROR)
    {
      explained = explain_network (self, error);
    }
  else
    {
      explained = bfy_call_explain (error, self->binding->name);
    }
  bfy_exchange_fail_with (self, explained);
}

void
bfy_exchange_fail_response (BfyExchange *self, BfyErrorCode code, const char *what)
{
  g_autofree char *text = g_strdup_printf ("The service behind “%s” %s", self->binding->name, what);

  bfy_exchange_fail (self, code, text);
}
