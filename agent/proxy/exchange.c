/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/exchange.h"

#include "agent/proxy/call.h"
#include "agent/proxy/headers.h"
#include "agent/proxy/meter.h"
#include "agent/proxy/redirect.h"
#include "agent/proxy/refusal.h"

#define READ_BYTES (32 * 1024) /* from the upstream in one go */
#define REDIRECTS_MAX 2        /* within the same origin */

typedef enum
{
  EXCHANGE_CREDENTIAL, /* waiting for the keyring */
  EXCHANGE_SENDING,    /* no response head yet */
  EXCHANGE_STREAMING,  /* the body is being passed on */
  EXCHANGE_ANSWERED,   /* the client has everything; the upstream may still have to say the end */
  EXCHANGE_OVER,
} ExchangeState;

typedef struct
{
  gatomicrefcount ref_count;
  ExchangeState state;
  BfyAgent *agent;     /* borrowed: it outlives all exchanges */
  BfyRequest *request; /* (owned) */
  BfyBinding *binding; /* (owned) as it was when the request came */
  BfyRpc *rpc;         /* (owned) (nullable) */
  BfyLimits limits;
  BfyEvent *event;           /* (owned) (nullable) until it is recorded */
  char *url;                 /* (owned) (nullable) of the message, without the credential */
  BfyCall *call;             /* (owned) (nullable) */
  GInputStream *input;       /* (owned) (nullable) the upstream's body */
  GCancellable *cancellable; /* (owned) */
  gulong gone_id;
  GSource *deadline; /* (owned) (nullable) */
  gboolean has_timed_out;
  guint n_redirects;
  BfyMeter meter;
  goffset length; /* announced by the upstream, -1 if not */
  gint64 begun_us;
} Exchange;

static void send_to (Exchange *self, const char *url);

static Exchange *
exchange_ref (Exchange *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
exchange_unref (Exchange *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_object (&self->input);
  g_clear_pointer (&self->call, bfy_call_free);
  g_clear_object (&self->cancellable);
  g_free (self->url);
  g_clear_pointer (&self->rpc, bfy_rpc_free);
  g_clear_pointer (&self->event, bfy_event_free);
  bfy_binding_unref (self->binding);
  bfy_request_unref (self->request);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Exchange, exchange_unref)

static void
clear_deadline (Exchange *self)
{
  if (self->deadline != NULL)
    g_source_destroy (self->deadline);
  g_clear_pointer (&self->deadline, g_source_unref);
}

static gboolean
on_deadline (gpointer user_data)
{
  Exchange *self = user_data;

  self->has_timed_out = TRUE;
  g_cancellable_cancel (self->cancellable);

  return G_SOURCE_REMOVE;
}

static void
set_deadline (Exchange *self, gint64 timeout_ms)
{
  clear_deadline (self);
  self->deadline = g_timeout_source_new ((guint) CLAMP (timeout_ms, 1, G_MAXINT));
  g_source_set_callback (self->deadline, on_deadline, self, NULL);
  g_source_attach (self->deadline, g_main_context_get_thread_default ());
}

/* What the event says from the start on: the method and the name of a tool, prompt or resource. */
static BfyEvent *
new_event (Exchange *self)
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

/* @code: BFY_N_ERRORS when nothing of ours went wrong. */
static void
record (Exchange *self, BfyErrorCode code)
{
  BfyEvent *event = g_steal_pointer (&self->event);

  event->duration_ms = (g_get_monotonic_time () - self->begun_us) / 1000;
  if (code != BFY_N_ERRORS)
    {
      event->category = g_strdup (bfy_error_to_wire (code));
      event->outcome =
          bfy_error_to_data_status (code) == 200 ? BFY_OUTCOME_BLOCKED : BFY_OUTCOME_FAILURE;
    }
  else
    {
      event->category = g_strdup (event->status >= 400 ? "upstream_error" : "success");
      event->outcome = event->status >= 400 ? BFY_OUTCOME_FAILURE : BFY_OUTCOME_SUCCESS;
    }
  bfy_store_append_event (self->agent->store, event, event->outcome == BFY_OUTCOME_BLOCKED);
}

/* The end, whatever happened. */
static void
finish (Exchange *self, BfyErrorCode code)
{
  if (self->state == EXCHANGE_OVER)
    return;

  self->state = EXCHANGE_OVER;
  clear_deadline (self);
  g_cancellable_disconnect (bfy_request_get_gone (self->request), self->gone_id);
  g_clear_pointer (&self->call, bfy_call_free);
  record (self, code);
  exchange_unref (self);
}

/* Ends the exchange with an error of ours, in whatever shape the client can still be told. */
static void
fail (Exchange *self, BfyErrorCode code, const char *message)
{
  if (bfy_request_has_begun (self->request))
    bfy_request_break (self->request);
  else if (code != BFY_ERROR_CANCELLED)
    bfy_refuse (self->request, self->rpc, code, message);
  finish (self, code);
}

static void
fail_with (Exchange *self, const GError *error)
{
  fail (self, bfy_error_code (error), error->message);
}

/* The upstream could not be reached, or broke off. */
static void
fail_upstream (Exchange *self, const GError *error)
{
  g_autoptr (GError) explained = NULL;

  if (self->has_timed_out)
    {
      explained =
          g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT,
                       "The service behind “%s” did not answer in time", self->binding->name);
    }
  else if (self->call != NULL && bfy_call_was_cut (self->call))
    {
      explained = g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                               "The service behind “%s” closed its connection while the request "
                               "was on its way; it may or may not have been carried out",
                               self->binding->name);
    }
  else if (g_cancellable_is_cancelled (self->cancellable))
    {
      fail (self, BFY_ERROR_CANCELLED, "");
      return;
    }
  else
    {
      explained = bfy_call_explain (error, self->binding->name);
    }
  fail_with (self, explained);
}

static void
fail_response (Exchange *self, BfyErrorCode code, const char *what)
{
  g_autofree char *text = g_strdup_printf ("The service behind “%s” %s", self->binding->name, what);

  fail (self, code, text);
}

static void read_more (Exchange *self);

static void
on_drained (BfyRequest *request, gpointer user_data)
{
  read_more (user_data);
}

static void
pass_on (Exchange *self, GBytes *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  self->event->bytes_down += (gint64) length;
  if (!bfy_meter_count (&self->meter, data, length))
    {
      fail_response (self, BFY_ERROR_RESPONSE_TOO_LARGE, "sent more than this binding allows");
      return;
    }
  if (self->length < 0 || self->event->bytes_down < self->length)
    {
      bfy_request_write (self->request, bytes, on_drained, self);
      return;
    }

  /* Complete: the client need not wait until the upstream's connection is ready for reuse. */
  self->state = EXCHANGE_ANSWERED;
  bfy_request_write (self->request, bytes, NULL, NULL);
  bfy_request_end (self->request);
  read_more (self);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Exchange) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  if (self->state == EXCHANGE_OVER)
    return;
  if (bytes == NULL && self->state != EXCHANGE_ANSWERED)
    {
      fail_upstream (self, error);
      return;
    }
  if (bytes != NULL && g_bytes_get_size (bytes) > 0 && self->state == EXCHANGE_STREAMING)
    {
      pass_on (self, bytes);
      return;
    }

  if (self->state == EXCHANGE_STREAMING && self->length < 0 &&
      bfy_call_has_lost_connection (self->call))
    {
      fail_response (self, BFY_ERROR_UPSTREAM_FAILED, "broke off in the middle of its answer");
      return;
    }
  bfy_request_end (self->request);
  finish (self, BFY_N_ERRORS);
}

static void
read_more (Exchange *self)
{
  if (self->state == EXCHANGE_OVER)
    return;

  g_input_stream_read_bytes_async (self->input, READ_BYTES, G_PRIORITY_DEFAULT, self->cancellable,
                                   on_read, exchange_ref (self));
}

static gboolean
is_event_stream (SoupMessageHeaders *headers)
{
  const char *type = soup_message_headers_get_content_type (headers, NULL);

  return type != NULL && g_ascii_strcasecmp (type, "text/event-stream") == 0;
}

static void
begin_answer (Exchange *self, SoupMessageHeaders *from)
{
  gboolean streams = is_event_stream (from);
  SoupMessageHeaders *to;

  self->state = EXCHANGE_STREAMING;
  bfy_meter_init (&self->meter, self->limits.response_bytes_max, streams);
  to = bfy_request_begin (self->request, self->event->status, self->length, FALSE);
  if (to != NULL)
    bfy_headers_copy_down (from, to);
  if (streams)
    {
      /* May be silent for hours; its head is news by itself. */
      clear_deadline (self);
      bfy_request_flush (self->request);
    }
  if (self->length == 0)
    {
      self->state = EXCHANGE_ANSWERED;
      bfy_request_end (self->request);
    }
  read_more (self);
}

static void
note_success (Exchange *self)
{
  gint64 now_s = bfy_agent_now_s ();
  BfyClient *client = bfy_request_get_client (self->request);

  bfy_registry_touch (self->agent->registry, self->binding->id, client != NULL ? client->id : NULL,
                      now_s);
  if (self->binding->state == BFY_STATE_NEEDS_LOGIN && self->event->status < 300)
    bfy_registry_set_state (self->agent->registry, self->binding->id, BFY_STATE_OK, now_s);
}

/* Does a 403 say that the token itself is at fault (RFC 6750, 3.1)? */
static gboolean
is_about_token (SoupMessageHeaders *headers)
{
  const char *challenge = soup_message_headers_get_list (headers, "WWW-Authenticate");

  return challenge != NULL && (strstr (challenge, "invalid_token") != NULL ||
                               strstr (challenge, "insufficient_scope") != NULL);
}

static void
refuse_login (Exchange *self, SoupMessageHeaders *headers)
{
  g_autofree char *text = NULL;

  if (self->event->status == SOUP_STATUS_UNAUTHORIZED || is_about_token (headers))
    bfy_registry_set_state (self->agent->registry, self->binding->id, BFY_STATE_NEEDS_LOGIN,
                            bfy_agent_now_s ());
  text = g_strdup_printf ("The service behind “%s” refuses the stored credential (HTTP %u); "
                          "bindify show %s says what it is",
                          self->binding->name, self->event->status, self->binding->name);
  fail (self, BFY_ERROR_NEEDS_LOGIN, text);
}

static void
follow_redirect (Exchange *self, SoupMessageHeaders *headers)
{
  g_autofree char *target = bfy_redirect_target (
      self->url, self->event->status, soup_message_headers_get_one (headers, "Location"));

  if (target == NULL || self->n_redirects >= REDIRECTS_MAX)
    {
      fail_response (self, BFY_ERROR_UPSTREAM_FAILED,
                     "answered with a redirect, which is not followed; its URL may have changed");
      return;
    }

  self->n_redirects++;
  g_clear_object (&self->input);
  g_clear_pointer (&self->call, bfy_call_free);
  send_to (self, target);
}

static void
examine_head (Exchange *self)
{
  SoupMessageHeaders *headers = bfy_call_get_response_headers (self->call);
  const char *encoding = soup_message_headers_get_one (headers, "Content-Encoding");

  self->event->status = soup_message_get_status (bfy_call_get_message (self->call));
  self->length = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH
                     ? soup_message_headers_get_content_length (headers)
                     : -1;
  if (self->event->status == SOUP_STATUS_NO_CONTENT)
    self->length = 0;

  if (self->event->status == SOUP_STATUS_UNAUTHORIZED ||
      self->event->status == SOUP_STATUS_FORBIDDEN)
    refuse_login (self, headers);
  else if (SOUP_STATUS_IS_REDIRECTION (self->event->status))
    follow_redirect (self, headers);
  else if (encoding != NULL && g_ascii_strcasecmp (encoding, "identity") != 0)
    fail_response (self, BFY_ERROR_UPSTREAM_FAILED, "answered compressed although asked not to");
  else if (self->length > self->limits.response_bytes_max)
    fail_response (self, BFY_ERROR_RESPONSE_TOO_LARGE, "sent more than this binding allows");
  else
    begin_answer (self, headers);
  if (SOUP_STATUS_IS_SUCCESSFUL (self->event != NULL ? self->event->status : 0))
    note_success (self);
}

static void
on_response (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Exchange) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) input = soup_session_send_finish (SOUP_SESSION (source), result, &error);

  if (self->state == EXCHANGE_OVER)
    return;
  if (input == NULL)
    {
      fail_upstream (self, error);
      return;
    }

  self->input = g_steal_pointer (&input);
  examine_head (self);
}

/* There is a connection; from now on it is the upstream that takes its time. */
static void
on_starting (gpointer user_data)
{
  Exchange *self = user_data;

  if (self->state == EXCHANGE_SENDING)
    set_deadline (self, self->limits.response_timeout_ms);
}

static void
send_to (Exchange *self, const char *url)
{
  BfyCredential *credential = bfy_credentials_peek (self->agent->credentials, self->binding);
  const BfyInjection *injection = self->binding->injection;
  const char *method = bfy_request_get_method (self->request);
  GBytes *body = self->rpc != NULL ? bfy_request_get_body (self->request) : NULL;
  g_autoptr (GError) error = NULL;

  if (bfy_request_is_over (self->request))
    {
      fail (self, BFY_ERROR_CANCELLED, "");
      return;
    }

  g_free (self->url);
  self->url = g_strdup (url);
  self->call = bfy_call_new (self->agent->upstreams, method, url, body, self->cancellable, &error);
  if (self->call == NULL)
    {
      fail_with (self, error);
      return;
    }
  bfy_headers_copy_up (bfy_request_get_headers (self->request),
                       bfy_call_get_request_headers (self->call), method,
                       bfy_injection_header_name (injection));
  if (!bfy_call_inject (self->call, injection, credential, &error))
    {
      fail_with (self, error);
      return;
    }

  self->state = EXCHANGE_SENDING;
  set_deadline (self, self->limits.connect_timeout_ms);
  bfy_call_send_async (self->call, on_starting, self, on_response, exchange_ref (self));
}

static void
on_credential (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Exchange) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!bfy_credentials_load_finish (BFY_CREDENTIALS (source), result, &error))
    fail_with (self, error);
  else
    send_to (self, self->binding->url);
}

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  Exchange *self = user_data;

  if (self->state != EXCHANGE_ANSWERED)
    g_cancellable_cancel (self->cancellable);
}

void
bfy_exchange_begin (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, BfyRpc *rpc)
{
  Exchange *self = g_new0 (Exchange, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->agent = agent;
  self->request = bfy_request_ref (request);
  self->binding = bfy_binding_ref (binding);
  self->rpc = rpc;
  self->begun_us = g_get_monotonic_time ();
  self->limits = bfy_agent_limits (agent, binding);
  self->event = new_event (self);
  self->cancellable = g_cancellable_new ();
  self->gone_id =
      g_cancellable_connect (bfy_request_get_gone (request), G_CALLBACK (on_gone), self, NULL);

  if (binding->injection->kind == BFY_INJECT_NONE ||
      bfy_credentials_peek (agent->credentials, binding) != NULL)
    send_to (self, binding->url);
  else
    bfy_credentials_load_async (agent->credentials, binding, self->cancellable, on_credential,
                                exchange_ref (self));
}
