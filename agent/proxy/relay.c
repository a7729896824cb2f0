/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/request-body.h"
#include "agent/guard/watch.h"
#include "agent/http/upgrade.h"
#include "agent/proxy/exchange-private.h"
#include "agent/proxy/headers.h"
#include "agent/proxy/old-transport.h"
#include "agent/proxy/redirect.h"
#include "agent/proxy/refusal.h"
#include "agent/proxy/view.h"

#define REDIRECTS_MAX 2 /* within the same origin */
#define STATUS_MAX 599
#define TOO_MANY_REQUESTS 429 /* RFC 6585; libsoup has no name for it */

static void
on_drained (BfyRequest *request, gpointer user_data)
{
  g_autoptr (BfyExchange) self = bfy_exchange_ref (user_data);

  self->waits_for_client = FALSE;
  if (self->is_rest)
    bfy_exchange_note_progress (self);
  bfy_exchange_read_more (self);
}

static const char *
client_id (BfyExchange *self)
{
  BfyClient *client = bfy_request_get_client (self->request);

  return client != NULL ? client->id : NULL;
}

/* Before the client sees it, so that its next request is judged by what has been agreed on. */
static void
follow_greeting (BfyExchange *self, const char *data, gsize length)
{
  const char *version;

  if (self->greeting == NULL)
    return;

  bfy_greeting_read (self->greeting, data, length);
  version = bfy_greeting_get_version (self->greeting);
  if (version == NULL)
    return;

  bfy_sessions_set_version (self->agent->sessions, self->binding->id, client_id (self),
                            self->session_id, version);
  g_clear_pointer (&self->greeting, bfy_greeting_free);
}

/* Only when there is something to say: until then the client can still be told what went wrong. */
static void
begin_down (BfyExchange *self)
{
  SoupMessageHeaders *to;

  if (bfy_request_has_begun (self->request))
    return;

  to = bfy_request_begin (self->request, self->event->status, self->length, FALSE);
  if (to != NULL && self->is_rest)
    bfy_exchange_copy_rest_down (self, to);
  else if (to != NULL)
    bfy_headers_copy_down (bfy_leg_get_response_headers (self->leg), to);
}

static void
pass_on (BfyExchange *self, GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  self->event->bytes_down += (gint64) length;
  if (!bfy_meter_count (&self->meter, data, length))
    {
      bfy_exchange_fail_response (self, BFY_ERROR_RESPONSE_TOO_LARGE,
                                  "sent more than this binding allows");
      return;
    }
  follow_greeting (self, data, length);
  if (self->view != NULL)
    {
      bfy_exchange_view (self, data, length);
      return;
    }
  begin_down (self);
  if (self->length < 0 || self->event->bytes_down < self->length)
    {
      self->waits_for_client = self->is_rest;
      bfy_request_write (self->request, bytes, on_drained, self);
      return;
    }

  /* Complete: the client need not wait until the upstream's connection is ready for reuse. */
  self->state = EXCHANGE_ANSWERED;
  bfy_request_write (self->request, bytes, NULL, NULL);
  bfy_request_end (self->request);
  bfy_exchange_read_more (self);
}

/* At what looks like the end of a body without a length: with a head that was cut off nothing would
 * follow. */
static gboolean
has_broken_off (BfyExchange *self)
{
  return self->state == EXCHANGE_STREAMING && self->length < 0 && self->event->bytes_down == 0 &&
         self->event->status == SOUP_STATUS_OK && !self->meter.is_event_stream &&
         self->rpc != NULL && bfy_refusal_id (self->rpc) != NULL;
}

void
bfy_exchange_take_body (BfyExchange *self, GBytes *bytes)
{
  self->is_reading = FALSE;
  if (self->stream != NULL)
    {
      bfy_event_stream_take (self, bytes, NULL);
      return;
    }
  if (bytes != NULL && self->state == EXCHANGE_STREAMING)
    {
      pass_on (self, bytes);
      return;
    }

  if (has_broken_off (self))
    {
      bfy_exchange_fail_response (self, BFY_ERROR_UPSTREAM_FAILED,
                                  "broke off in the middle of its answer");
      return;
    }
  if (self->view != NULL && self->state == EXCHANGE_STREAMING)
    {
      bfy_exchange_end_view (self);
      return;
    }
  begin_down (self);
  bfy_request_end (self->request);
  bfy_exchange_finish (self, BFY_N_ERRORS);
}

void
bfy_exchange_read_more (BfyExchange *self)
{
  if (self->state == EXCHANGE_OVER)
    return;

  self->is_reading = TRUE;
  bfy_leg_read (self->leg);
}

static gboolean
is_event_stream (SoupMessageHeaders *headers)
{
  const char *type = soup_message_headers_get_content_type (headers, NULL);

  return type != NULL && g_ascii_strcasecmp (type, "text/event-stream") == 0;
}

/* Only the answer to initialize brings a session id that counts. */
static void
note_session (BfyExchange *self, SoupMessageHeaders *from, gboolean streams)
{
  const BfyRpcMessage *message = self->rpc != NULL ? bfy_rpc_message (self->rpc, 0) : NULL;
  const char *id = soup_message_headers_get_list (from, "Mcp-Session-Id");

  if (id == NULL || *id == '\0' || message == NULL || bfy_rpc_is_batch (self->rpc) ||
      g_strcmp0 (message->method, "initialize") != 0 ||
      !SOUP_STATUS_IS_SUCCESSFUL (self->event->status))
    return;

  bfy_sessions_remember (self->agent->sessions, self->binding->id, client_id (self), id);
  self->session_id = g_strdup (id);
  self->greeting = bfy_greeting_new (streams);
}

/* A DELETE that succeeds ends a session, and so does a 404, but not that to a GET: many a server
 * has no stream to offer and says it so (mcp.md A.1). */
static gboolean
ends_session (BfyExchange *self)
{
  const char *method = bfy_request_get_method (self->request);

  if (g_str_equal (method, "DELETE"))
    return SOUP_STATUS_IS_SUCCESSFUL (self->event->status) ||
           self->event->status == SOUP_STATUS_NOT_FOUND;

  return g_str_equal (method, "POST") && self->event->status == SOUP_STATUS_NOT_FOUND &&
         !bfy_rpc_message (self->rpc, 0)->has_claim;
}

static void
note_session_end (BfyExchange *self)
{
  SoupMessageHeaders *headers = bfy_request_get_headers (self->request);
  const char *id =
      headers != NULL ? soup_message_headers_get_list (headers, "Mcp-Session-Id") : NULL;

  if (id != NULL && ends_session (self))
    bfy_sessions_forget (self->agent->sessions, self->binding->id, client_id (self), id);
}

/* @is_complete: nothing follows the head. */
static void
send_down (BfyExchange *self, gboolean streams, gboolean is_complete)
{
  if (streams)
    {
      begin_down (self);
      /* May be silent for hours; its head is news by itself. */
      bfy_exchange_clear_deadline (self);
      bfy_request_flush (self->request);
    }
  if (is_complete)
    {
      begin_down (self);
      self->state = EXCHANGE_ANSWERED;
      bfy_request_end (self->request);
    }
  bfy_exchange_read_more (self);
}

static void
begin_answer (BfyExchange *self, SoupMessageHeaders *from)
{
  gboolean streams = is_event_stream (from);
  gboolean has_view;

  self->state = EXCHANGE_STREAMING;
  bfy_exchange_forget_credential (self);
  note_session (self, from, streams);
  note_session_end (self);
  bfy_meter_init (&self->meter, self->limits.response_bytes_max, streams);
  has_view = bfy_exchange_make_view (self, from);
  if (streams && g_str_equal (bfy_request_get_method (self->request), "GET"))
    {
      bfy_event_stream_begin (self);
      return;
    }
  if (has_view)
    {
      bfy_exchange_begin_view (self);
      return;
    }
  send_down (self, streams, self->length == 0);
}

static void
note_success (BfyExchange *self)
{
  if (!bfy_request_is_agents_own (self->request))
    bfy_registry_touch (self->agent->registry, self->binding->id, client_id (self),
                        bfy_agent_now_s ());
  bfy_exchange_note_success (self);
}

static void
refuse (BfyExchange *self, SoupMessageHeaders *headers)
{
  if (self->event->status != SOUP_STATUS_UNAUTHORIZED || !bfy_exchange_replay (self))
    bfy_exchange_refuse_login (self, headers);
}

/* An upstream that puts the credential into its Location gets it no second time: an URL is seen and
 * kept in more places than a header (J38). */
static void
follow_redirect (BfyExchange *self, SoupMessageHeaders *headers)
{
  const char *location = soup_message_headers_get_one (headers, "Location");
  g_autofree char *target = bfy_redirect_target (self->url, self->event->status, location);

  if (target != NULL && bfy_watch_finds (self->request, location))
    g_clear_pointer (&target, g_free);
  if (target == NULL || self->n_redirects >= REDIRECTS_MAX)
    {
      bfy_exchange_fail_response (
          self, BFY_ERROR_UPSTREAM_FAILED,
          "answered with a redirect, which is not followed; its URL may have changed");
      return;
    }

  self->n_redirects++;
  g_clear_pointer (&self->leg, bfy_leg_free);
  bfy_exchange_send_to (self, target);
}

/* A client that asks for the stream of 2024-11-05 is told that there is none; trouble of the
 * upstream stays what it is. */
static gboolean
lacks_transport (BfyExchange *self, SoupMessageHeaders *headers)
{
  guint status = self->event->status;

  if (!bfy_old_transport_is_stream (self->request))
    return FALSE;
  if (SOUP_STATUS_IS_SUCCESSFUL (status))
    return !is_event_stream (headers);

  return SOUP_STATUS_IS_CLIENT_ERROR (status) && status != TOO_MANY_REQUESTS;
}

static void
refuse_transport (BfyExchange *self)
{
  bfy_old_transport_refuse (self->request);
  bfy_exchange_finish (self, BFY_N_ERRORS);
}

/* The head of an answer to HEAD says how long the body would be. */
static gboolean
has_no_body (BfyExchange *self)
{
  return self->length == 0 || g_str_equal (bfy_request_get_method (self->request), "HEAD");
}

static void
begin_rest_answer (BfyExchange *self, SoupMessageHeaders *headers)
{
  gboolean streams = is_event_stream (headers);

  self->state = EXCHANGE_STREAMING;
  bfy_exchange_forget_credential (self);
  bfy_exchange_note_progress (self);
  bfy_meter_init (&self->meter, self->limits.response_bytes_max, streams);
  send_down (self, streams, has_no_body (self));
}

/* NULL, or what is wrong with the head: no answer could be made of it, or none that is searched. */
static const char *
find_fault (const BfyExchange *self, SoupMessageHeaders *headers)
{
  const char *encoding = soup_message_headers_get_list (headers, "Content-Encoding");

  if (self->event->status < SOUP_STATUS_OK || self->event->status > STATUS_MAX)
    return "answered with a status that HTTP does not have";
  if (!bfy_headers_have_sound_length (headers))
    return "does not say properly how long its answer is";
  if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    return "answered compressed although asked not to";

  return NULL;
}

/* Silent for as long as both sides like. */
static void
begin_upgrade (BfyExchange *self, SoupMessageHeaders *headers)
{
  SoupMessageHeaders *to = bfy_request_begin_upgrade (self->request);

  if (to == NULL)
    return;
  bfy_exchange_copy_rest_down (self, to);
  self->state = EXCHANGE_STREAMING;
  self->is_upgraded = TRUE;
  bfy_exchange_clear_deadline (self);
  bfy_exchange_forget_credential (self);
  bfy_meter_init (&self->meter, G_MAXINT64, FALSE);
  note_success (self);
  bfy_request_flush (self->request);
  bfy_leg_open (self->leg);
  if (self->state == EXCHANGE_STREAMING)
    bfy_exchange_read_more (self);
}

static void
relay_upgrade (BfyExchange *self, SoupMessageHeaders *headers)
{
  const char *fault = bfy_upgrade_find_fault (headers);

  if (fault != NULL)
    bfy_exchange_fail_response (self, BFY_ERROR_UPSTREAM_FAILED, fault);
  else
    begin_upgrade (self, headers);
}

/* Whatever the service answers is for the client to see; that it refuses the credential is for us
 * to see, too. */
static void
relay_rest (BfyExchange *self, SoupMessageHeaders *headers)
{
  const char *fault;

  bfy_exchange_take_cookies (self);
  if (self->event->status == SOUP_STATUS_UNAUTHORIZED && bfy_exchange_replay (self))
    return;
  if (self->event->status == SOUP_STATUS_UNAUTHORIZED)
    bfy_exchange_note_refusal (self, headers);
  if (self->is_upgrade && self->event->status == SOUP_STATUS_SWITCHING_PROTOCOLS)
    relay_upgrade (self, headers);
  else if ((fault = find_fault (self, headers)) != NULL)
    bfy_exchange_fail_response (self, BFY_ERROR_UPSTREAM_FAILED, fault);
  else if (self->length > self->limits.response_bytes_max && !has_no_body (self))
    bfy_exchange_fail_response (self, BFY_ERROR_RESPONSE_TOO_LARGE,
                                "sent more than this binding allows");
  else
    begin_rest_answer (self, headers);
}

static void
relay_mcp (BfyExchange *self, SoupMessageHeaders *headers)
{
  const char *fault;

  if (self->event->status == SOUP_STATUS_UNAUTHORIZED ||
      self->event->status == SOUP_STATUS_FORBIDDEN)
    refuse (self, headers);
  else if (SOUP_STATUS_IS_REDIRECTION (self->event->status))
    follow_redirect (self, headers);
  else if ((fault = find_fault (self, headers)) != NULL)
    bfy_exchange_fail_response (self, BFY_ERROR_UPSTREAM_FAILED, fault);
  else if (self->length > self->limits.response_bytes_max)
    bfy_exchange_fail_response (self, BFY_ERROR_RESPONSE_TOO_LARGE,
                                "sent more than this binding allows");
  else if (lacks_transport (self, headers))
    refuse_transport (self);
  else
    begin_answer (self, headers);
}

void
bfy_exchange_relay (BfyExchange *self)
{
  SoupMessageHeaders *headers = bfy_leg_get_response_headers (self->leg);

  self->event->status = bfy_leg_get_status (self->leg);
  bfy_request_note_upstream_status (self->request, self->event->status);
  self->length = bfy_leg_get_length (self->leg);

  if (self->is_rest)
    relay_rest (self, headers);
  else
    relay_mcp (self, headers);
  if (SOUP_STATUS_IS_SUCCESSFUL (self->event != NULL ? self->event->status : 0))
    note_success (self);
}
