/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/exchange.h"

#include "agent/door/request-body.h"
#include "agent/guard/entrance.h"
#include "agent/guard/watch.h"
#include "agent/http/asked.h"
#include "agent/http/headers.h"
#include "agent/http/upgrade.h"
#include "agent/network/network.h"
#include "agent/proxy/condition-gate.h"
#include "agent/proxy/exchange-private.h"
#include "agent/proxy/headers.h"
#include "agent/proxy/old-transport.h"
#include "agent/proxy/presented.h"
#include "agent/proxy/refusal.h"
#include "agent/seals.h"

#define BEYOND_LIMIT_TEXT                                                                          \
  "The service leads beyond the host or path that the credential is limited to"
#define STREAM_ENDED_TEXT "The stream that the answer was to come on has ended; open another one"

BfyExchange *
bfy_exchange_ref (BfyExchange *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_exchange_unref (BfyExchange *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->view, bfy_view_free);
  g_clear_pointer (&self->leg, bfy_leg_free);
  g_clear_pointer (&self->upload, bfy_upload_free);
  g_clear_pointer (&self->stream, bfy_event_stream_free);
  g_clear_pointer (&self->postbox, bfy_postbox_unref);
  g_clear_object (&self->cancellable);
  g_free (self->url);
  g_free (self->rest_url);
  g_free (self->session_id);
  g_clear_pointer (&self->greeting, bfy_greeting_free);
  bfy_exchange_forget_credential (self);
  g_clear_pointer (&self->rpc, bfy_rpc_free);
  g_clear_pointer (&self->event, bfy_event_free);
  bfy_binding_unref (self->binding);
  bfy_request_unref (self->request);
  g_free (self);
}

void
bfy_exchange_clear_deadline (BfyExchange *self)
{
  if (self->deadline != NULL)
    g_source_destroy (self->deadline);
  g_clear_pointer (&self->deadline, g_source_unref);
}

void
bfy_exchange_forget_credential (BfyExchange *self)
{
  g_clear_pointer (&self->unsealed, bfy_credential_free);
  g_clear_pointer (&self->sent, bfy_secret_unref);
  bfy_request_drop_proof (self->request);
}

void
bfy_exchange_note_progress (BfyExchange *self)
{
  self->progress_us = g_get_monotonic_time ();
}

/* Files take their time. The upstream has as long for each piece as for an answer, and is not to
 * blame for a client that keeps it waiting; 0: that is over. */
static gint64
get_time_left_ms (const BfyExchange *self)
{
  gint64 now_us = g_get_monotonic_time ();
  gint64 timeout_ms = self->limits.response_timeout_ms;

  if (self->progress_us == 0 || (self->ends_at_us > 0 && now_us >= self->ends_at_us))
    return 0;
  if (self->waits_for_client)
    return timeout_ms;

  return MAX (timeout_ms - (now_us - self->progress_us) / 1000, 0);
}

static gboolean
on_deadline (gpointer user_data)
{
  BfyExchange *self = user_data;
  gint64 left_ms = get_time_left_ms (self);

  if (left_ms > 0)
    {
      bfy_exchange_set_deadline (self, left_ms);
      return G_SOURCE_REMOVE;
    }

  self->has_timed_out = TRUE;
  g_cancellable_cancel (self->cancellable);

  return G_SOURCE_REMOVE;
}

void
bfy_exchange_set_deadline (BfyExchange *self, gint64 timeout_ms)
{
  bfy_exchange_clear_deadline (self);
  if (self->ends_at_us > 0)
    timeout_ms = MIN (timeout_ms, (self->ends_at_us - g_get_monotonic_time ()) / 1000);
  self->deadline = g_timeout_source_new ((guint) CLAMP (timeout_ms, 1, G_MAXINT));
  g_source_set_callback (self->deadline, on_deadline, self, NULL);
  g_source_attach (self->deadline, g_main_context_get_thread_default ());
}

/* Connecting, redirects, a second try with another token and the body share one deadline when the
 * policy sets one (behaviour 14.9). */
static void
begin_total (BfyExchange *self)
{
  gint64 timeout_ms = bfy_network_policy_get_timeout_ms (bfy_network_policy_of (self->binding));

  if (timeout_ms > 0 && self->ends_at_us == 0)
    self->ends_at_us = g_get_monotonic_time () + timeout_ms * 1000;
}

/* There is a connection; from now on it is the upstream that takes its time. */
static void
on_starting (gpointer user_data)
{
  BfyExchange *self = user_data;

  if (self->state != EXCHANGE_SENDING)
    return;
  self->has_connection = TRUE;
  bfy_exchange_set_deadline (self, self->limits.response_timeout_ms);
}

static void
on_answered (gpointer user_data)
{
  g_autoptr (BfyExchange) self = bfy_exchange_ref (user_data);

  bfy_exchange_relay (self);
}

static void
on_body (GBytes *bytes, gpointer user_data)
{
  g_autoptr (BfyExchange) self = bfy_exchange_ref (user_data);

  bfy_exchange_take_body (self, bytes);
}

static void
on_failed (const GError *error, gpointer user_data)
{
  g_autoptr (BfyExchange) self = bfy_exchange_ref (user_data);

  self->is_reading = FALSE;
  /* The client has everything. */
  if (self->state == EXCHANGE_ANSWERED)
    bfy_exchange_finish (self, BFY_N_ERRORS);
  else if (self->stream != NULL)
    bfy_event_stream_take (self, NULL, error);
  else
    bfy_exchange_fail_upstream (self, error);
}

static void
on_wants (gpointer user_data)
{
  g_autoptr (BfyExchange) self = bfy_exchange_ref (user_data);

  bfy_exchange_read_up (self);
}

static const BfyLegFuncs leg_funcs = {
  .wants = on_wants,
  .starting = on_starting,
  .answered = on_answered,
  .body = on_body,
  .failed = on_failed,
};

/* A GET of REST has none, and no length of none either. */
static GBytes *
peek_body (BfyExchange *self)
{
  GBytes *body = self->rpc != NULL && !bfy_exchange_streams_up (self)
                     ? bfy_request_get_body (self->request)
                     : NULL;

  if (body == NULL || !self->is_rest || g_bytes_get_size (body) > 0)
    return body;

  return bfy_request_get_header (self->request, "Content-Length") != NULL ? body : NULL;
}

static void
copy_headers_up (BfyExchange *self)
{
  const char *injected = bfy_injection_header_name (self->binding->injection);
  SoupMessageHeaders *from = bfy_request_get_headers (self->request);
  SoupMessageHeaders *to = bfy_leg_get_request_headers (self->leg);

  if (self->is_rest)
    {
      bfy_http_headers_copy_up (from, to, injected);
      bfy_exchange_put_cookies (self);
    }
  else
    bfy_headers_copy_up (from, to, bfy_request_get_method (self->request), injected);
  if (self->is_upgrade)
    bfy_upgrade_complete (to);
}

void
bfy_exchange_send_to (BfyExchange *self, const char *url)
{
  G_GNUC_UNUSED g_autoptr (BfyExchange) alive = bfy_exchange_ref (self);
  BfyCredential *credential = self->unsealed != NULL
                                  ? self->unsealed
                                  : bfy_credentials_peek (self->agent->credentials, self->binding);
  const BfyInjection *injection = self->binding->injection;
  const char *method = bfy_request_get_method (self->request);
  g_autoptr (GBytes) body = NULL;
  BfyUpstreams *upstreams;
  g_autoptr (GError) error = NULL;

  if (bfy_request_is_over (self->request))
    {
      bfy_exchange_fail (self, BFY_ERROR_CANCELLED, "");
      return;
    }

  g_free (self->url);
  self->url = g_strdup (url);
  if (!bfy_constraints_allow_url (self->binding->constraints, url))
    {
      bfy_exchange_fail (self, BFY_ERROR_DENIED, BEYOND_LIMIT_TEXT);
      return;
    }
  upstreams = bfy_network_find (self->agent->network, self->binding, url, &error);
  if (upstreams == NULL)
    {
      bfy_exchange_fail_upstream (self, error);
      return;
    }
  if (!bfy_presented_body (injection, credential,
                           bfy_request_get_header (self->request, "Content-Type"), peek_body (self),
                           &body, &error))
    {
      bfy_exchange_fail_with (self, error);
      return;
    }
  self->leg = self->is_upgrade
                  ? bfy_leg_new_upgrading (upstreams, url, self->cancellable, &error)
                  : bfy_leg_new (upstreams, method, url, body, self->cancellable, &error);
  if (self->leg == NULL)
    {
      bfy_exchange_fail_with (self, error);
      return;
    }
  if (bfy_exchange_streams_up (self))
    bfy_leg_announce_body (self->leg, bfy_request_get_announced_length (self->request));
  copy_headers_up (self);
  if ((credential == NULL && injection->kind != BFY_INJECT_NONE &&
       !bfy_credentials_check_unlocked (self->agent->credentials, &error)) ||
      !bfy_leg_inject (self->leg, injection, credential, &error))
    {
      bfy_exchange_fail_with (self, error);
      return;
    }

  begin_total (self);
  g_clear_pointer (&self->sent, bfy_secret_unref);
  if (credential != NULL && credential->type == BFY_CREDENTIAL_OAUTH_TOKEN)
    self->sent = bfy_secret_ref (credential->secret);
  bfy_watch_request (self->agent, self->request);
  self->state = EXCHANGE_SENDING;
  self->has_connection = FALSE;
  bfy_leg_start (self->leg, &leg_funcs, self);
  if (self->state == EXCHANGE_SENDING && !self->has_connection)
    bfy_exchange_set_deadline (self, self->limits.connect_timeout_ms);
}

void
bfy_exchange_send (BfyExchange *self)
{
  if (self->postbox == NULL)
    bfy_exchange_send_to (self, self->is_rest ? self->rest_url : self->binding->url);
  else if (bfy_postbox_is_open (self->postbox))
    bfy_exchange_send_to (self, bfy_postbox_get_url (self->postbox));
  else
    bfy_exchange_fail (self, BFY_ERROR_SESSION_LOST, STREAM_ENDED_TEXT);
}

/* The credential is in memory, or for a sealed binding its envelope, which the key of this request
 * may open. An expired OAuth token of a sealed binding is renewed from here and nowhere else: only
 * now is there a key to seal its successor with (behaviour 11.2). */
static void
begin_sending (BfyExchange *self)
{
  g_autoptr (GError) error = NULL;

  if (self->binding->is_sealed)
    {
      self->unsealed =
          bfy_seals_open (bfy_credentials_peek_sealed (self->agent->credentials, self->binding),
                          self->binding, self->request, &error);
      if (self->unsealed == NULL)
        {
          bfy_exchange_fail_with (self, error);
          return;
        }
      bfy_watch_sealed (self->agent, self->request, self->binding, self->unsealed);
      if (!bfy_entrance_admit_sealed (self->agent, self->request, self->binding, self->rpc))
        {
          bfy_exchange_finish (self, BFY_ERROR_DENIED);
          return;
        }
    }

  bfy_exchange_send_fresh (self);
}

static gboolean
has_credential (BfyExchange *self)
{
  BfyCredentials *credentials = self->agent->credentials;

  if (self->binding->injection->kind == BFY_INJECT_NONE)
    return TRUE;

  return self->binding->is_sealed ? bfy_credentials_peek_sealed (credentials, self->binding) != NULL
                                  : bfy_credentials_peek (credentials, self->binding) != NULL;
}

/* What was logged out of lacks its credential, and nothing is to be repaired. */
static void
fail_without_credential (BfyExchange *self, const GError *error)
{
  if (self->binding->needs_login_at_s > 0 &&
      g_error_matches (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING))
    bfy_exchange_fail (self, BFY_ERROR_NEEDS_LOGIN, error->message);
  else
    bfy_exchange_fail_with (self, error);
}

static void
on_credential (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyExchange) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_loaded = bfy_unlocker_load_finish (BFY_UNLOCKER (source), result, &error);

  if (self->state == EXCHANGE_OVER)
    return;
  if (is_loaded)
    begin_sending (self);
  else
    fail_without_credential (self, error);
}

/* Its stream may have ended while somebody was asked whether the message may pass. */
static gboolean
take_postbox (BfyExchange *self)
{
  BfyPostbox *postbox = bfy_old_transport_find (self->agent, self->request, self->binding);

  self->postbox = postbox != NULL ? bfy_postbox_ref (postbox) : NULL;

  return postbox != NULL || !bfy_old_transport_is_post (self->request);
}

void
bfy_exchange_begin (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, BfyRpc *rpc)
{
  BfyExchange *self = g_new0 (BfyExchange, 1);
  g_autoptr (GError) error = NULL;

  g_atomic_ref_count_init (&self->ref_count);
  self->agent = agent;
  self->request = bfy_request_ref (request);
  self->binding = bfy_binding_ref (binding);
  self->rpc = rpc;
  self->is_rest = rpc != NULL && bfy_rpc_message (rpc, 0)->http != NULL;
  if (self->is_rest)
    self->rest_url = bfy_asked_url (binding->url, bfy_rpc_message (rpc, 0));
  self->is_upgrade = self->is_rest && bfy_upgrade_is_asked (request);
  self->begun_us = g_get_monotonic_time ();
  self->limits = bfy_agent_limits (agent, binding);
  self->event = bfy_exchange_new_event (self);
  self->cancellable = g_cancellable_new ();
  bfy_exchange_watch (self);

  if (!take_postbox (self))
    bfy_exchange_fail (self, BFY_ERROR_SESSION_LOST, STREAM_ENDED_TEXT);
  else if (binding->is_sealed && !bfy_seals_check_key (binding, request, &error))
    bfy_exchange_fail_with (self, error);
  else if (has_credential (self))
    begin_sending (self);
  else
    bfy_unlocker_load_async (agent->unlocker, agent->credentials, binding,
                             !bfy_request_is_quiet (request), self->cancellable, on_credential,
                             bfy_exchange_ref (self));
}
