/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/call.h"

#include <poll.h>

#include "agent/proxy/presented.h"
#include "agent/proxy/tls.h"
#include "protocol/error.h"

#define HINTS_MAX 32 /* provisional answers (1xx) before the real one */

struct _BfyCall
{
  BfyUpstreams *upstreams;   /* (owned) */
  SoupMessage *message;      /* (owned) */
  SoupSession *session;      /* (owned) that of the upstreams may be renewed meanwhile */
  GCancellable *cancellable; /* (owned) */
  GBytes *body;              /* (owned) (nullable) */
  char *injected[BFY_PRESENTED_FIELDS_MAX]; /* (owned) headers with the credential, or NULL */
  GUri *plain_uri; /* (owned) (nullable) while the message's own has the credential */
  BfyCallFunc on_starting;
  gpointer starting_data;
  gboolean was_sent;
  guint n_hints;
  const char *cut_reason; /* (nullable) static, or @doubt */
  char *doubt;            /* (owned) (nullable) about a certificate */
};

static void wipe (BfyCall *self);

static void
on_network_event (SoupMessage *message,
                  GSocketClientEvent event,
                  GIOStream *connection,
                  gpointer user_data)
{
  BfyCall *self = user_data;
  gboolean is_tls = event == G_SOCKET_CLIENT_TLS_HANDSHAKING && G_IS_TLS_CONNECTION (connection);

  /* libsoup does not want to know whether TLS was ended or cut off (RFC 9112 9.8). */
  if (is_tls)
    g_tls_connection_set_require_close_notify (G_TLS_CONNECTION (connection), TRUE);
  if (is_tls || (event == G_SOCKET_CLIENT_CONNECTED && G_IS_SOCKET_CONNECTION (connection)))
    bfy_upstreams_note_stream (self->upstreams, soup_message_get_connection_id (message),
                               connection);
}

static void
on_starting (SoupMessage *message, gpointer user_data)
{
  BfyCall *self = user_data;

  if (self->on_starting != NULL)
    self->on_starting (self->starting_data);
}

/* It is never sent again, so the credential has done its service, however long the answer streams.
 */
static void
on_wrote_headers (SoupMessage *message, gpointer user_data)
{
  BfyCall *self = user_data;

  self->was_sent = TRUE;
  wipe (self);
}

static void
cut (BfyCall *self, const char *reason)
{
  self->cut_reason = reason;
  g_cancellable_cancel (self->cancellable);
}

/* libsoup sends what it calls idempotent again, GET and DELETE for one, when a connection that has
 * carried a request before closes without an answer. The upstream may have acted on the first one,
 * so it must not. */
static void
on_restarted (SoupMessage *message, gpointer user_data)
{
  BfyCall *self = user_data;

  if (self->was_sent)
    cut (self, BFY_CUT_CLOSED);
}

/* libsoup answers a 421 by reading its body, however long, and sending the message once more over a
 * new connection, whatever its method. */
static void
on_got_headers (SoupMessage *message, gpointer user_data)
{
  BfyCall *self = user_data;

  if (soup_message_get_status (message) != SOUP_STATUS_MISDIRECTED_REQUEST)
    return;

  cut (self, BFY_CUT_MISDIRECTED);
}

/* libsoup reads one after the other without a look at anything else: an upstream that sends nothing
 * but these would have the agent for itself. */
static void
on_got_informational (SoupMessage *message, gpointer user_data)
{
  BfyCall *self = user_data;

  if (++self->n_hints > HINTS_MAX)
    cut (self, "keeps sending provisional answers instead of the real one");
}

/* What is wrong with it, and how to tell it from others: a person may know it. */
static char *
format_doubt (const char *pin, const char *print, GTlsCertificateFlags errors)
{
  if (pin != NULL)
    return g_strdup_printf ("presents another certificate (%s) than the one that is trusted (%s)",
                            print, pin);

  return g_strdup_printf ("%s (its certificate is %s)", bfy_tls_describe_doubt (errors), print);
}

/* FALSE is what libsoup would have assumed. */
static gboolean
on_accept_certificate (SoupMessage *message,
                       GTlsCertificate *certificate,
                       GTlsCertificateFlags errors,
                       gpointer user_data)
{
  BfyCall *self = user_data;
  const char *pin = bfy_upstreams_get_pin (self->upstreams);
  g_autofree char *print = bfy_tls_make_print (certificate);

  if (g_strcmp0 (pin, print) == 0)
    return TRUE;
  g_free (self->doubt);
  self->doubt = format_doubt (pin, print, errors);
  self->cut_reason = self->doubt;

  return FALSE;
}

BfyCall *
bfy_call_new (BfyUpstreams *upstreams,
              const char *method,
              const char *url,
              GBytes *body,
              GCancellable *cancellable,
              GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (SoupMessage) message = uri != NULL ? soup_message_new_from_uri (method, uri) : NULL;
  BfyCall *self;

  if (message == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "The upstream URL cannot be used");
      return NULL;
    }

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE |
                                       SOUP_MESSAGE_IDEMPOTENT);
  if (body != NULL)
    soup_message_set_request_body_from_bytes (message, "application/json", body);
  soup_message_headers_append (soup_message_get_request_headers (message), "User-Agent",
                               BFY_USER_AGENT);
  self = g_new0 (BfyCall, 1);
  self->upstreams = g_object_ref (upstreams);
  self->message = g_steal_pointer (&message);
  self->session = g_object_ref (bfy_upstreams_get_session (upstreams));
  self->cancellable = g_object_ref (cancellable);
  self->body = body != NULL ? g_bytes_ref (body) : NULL;
  g_signal_connect (self->message, "network-event", G_CALLBACK (on_network_event), self);
  g_signal_connect (self->message, "accept-certificate", G_CALLBACK (on_accept_certificate), self);
  g_signal_connect (self->message, "starting", G_CALLBACK (on_starting), self);
  g_signal_connect (self->message, "wrote-headers", G_CALLBACK (on_wrote_headers), self);
  g_signal_connect (self->message, "got-informational", G_CALLBACK (on_got_informational), self);
  g_signal_connect (self->message, "got-headers", G_CALLBACK (on_got_headers), self);
  g_signal_connect (self->message, "restarted", G_CALLBACK (on_restarted), self);

  return self;
}

static void
wipe_header (SoupMessageHeaders *headers, const char *name)
{
  const char *value = name != NULL ? soup_message_headers_get_one (headers, name) : NULL;

  if (value == NULL)
    return;
  bfy_wipe ((char *) value, strlen (value));
  soup_message_headers_remove (headers, name);
}

static void
wipe (BfyCall *self)
{
  if (self->plain_uri != NULL)
    soup_message_set_uri (self->message, self->plain_uri);
  g_clear_pointer (&self->plain_uri, g_uri_unref);
  for (guint i = 0; i < BFY_PRESENTED_FIELDS_MAX; i++)
    wipe_header (bfy_call_get_request_headers (self), self->injected[i]);
}

void
bfy_call_free (BfyCall *self)
{
  /* The session may hold on to the message for a while. */
  g_signal_handlers_disconnect_by_data (self->message, self);
  wipe (self);
  g_object_unref (self->message);
  g_object_unref (self->session);
  g_object_unref (self->cancellable);
  g_object_unref (self->upstreams);
  g_clear_pointer (&self->body, g_bytes_unref);
  for (guint i = 0; i < BFY_PRESENTED_FIELDS_MAX; i++)
    g_free (self->injected[i]);
  g_free (self->doubt);
  g_free (self);
}

SoupMessage *
bfy_call_get_message (BfyCall *self)
{
  return self->message;
}

SoupMessageHeaders *
bfy_call_get_request_headers (BfyCall *self)
{
  return soup_message_get_request_headers (self->message);
}

SoupMessageHeaders *
bfy_call_get_response_headers (BfyCall *self)
{
  return soup_message_get_response_headers (self->message);
}

/* The header block copies it on the ordinary heap; wipe() wipes it there. */
static void
put_fields (BfyCall *self, const BfyPresented *presented)
{
  for (guint i = 0; i < presented->n_fields; i++)
    {
      self->injected[i] = g_strdup (presented->fields[i].name);
      soup_message_headers_replace (bfy_call_get_request_headers (self), self->injected[i],
                                    bfy_secret_peek_text (presented->fields[i].value));
    }
}

/* Path and query travel in the URL: copies that GUri and libsoup make are wiped as all freed memory
 * is (agent/clear-on-free.c), and freed when the message gets its plain URL back. */
static void
put_target (BfyCall *self, const BfyPresented *presented)
{
  GUri *uri = soup_message_get_uri (self->message);
  const char *query = presented->query != NULL ? bfy_secret_peek_text (presented->query) : NULL;
  g_autoptr (GUri) target =
      g_uri_build (SOUP_HTTP_URI_FLAGS, g_uri_get_scheme (uri), NULL, g_uri_get_host (uri),
                   g_uri_get_port (uri), bfy_secret_peek_text (presented->path), query, NULL);

  self->plain_uri = g_uri_ref (uri);
  soup_message_set_uri (self->message, target);
}

gboolean
bfy_call_inject (BfyCall *self,
                 const BfyInjection *injection,
                 const BfyCredential *credential,
                 GError **error)
{
  const BfyOutgoing request = { soup_message_get_method (self->message),
                                soup_message_get_uri (self->message),
                                bfy_call_get_request_headers (self), self->body };
  BfyPresented presented = { .n_fields = 0 };
  gboolean is_made = bfy_presented_make (&presented, &request, injection, credential, error);

  if (is_made)
    put_fields (self, &presented);
  if (is_made && presented.path != NULL)
    put_target (self, &presented);
  bfy_presented_clear (&presented);

  return is_made;
}

void
bfy_call_set_body (BfyCall *self, GInputStream *body, goffset length)
{
  soup_message_set_request_body (self->message, NULL, body, length);
}

void
bfy_call_send_async (BfyCall *self,
                     BfyCallFunc starting,
                     gpointer starting_data,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  self->on_starting = starting;
  self->starting_data = starting_data;
  soup_session_send_async (self->session, self->message, G_PRIORITY_DEFAULT, self->cancellable,
                           callback, user_data);
}

GInputStream *
bfy_call_send_finish (BfyCall *self, GAsyncResult *result, GError **error)
{
  return soup_session_send_finish (self->session, result, error);
}

gboolean
bfy_call_was_sent (BfyCall *self)
{
  return self->was_sent;
}

const char *
bfy_call_get_cut_reason (BfyCall *self)
{
  return self->cut_reason;
}

static gboolean
has_hung_up (GIOStream *stream)
{
  GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream));
  struct pollfd state = { .fd = g_socket_get_fd (socket), .events = POLLRDHUP };

  return g_socket_is_closed (socket) || poll (&state, 1, 0) > 0;
}

gboolean
bfy_call_has_lost_connection (BfyCall *self)
{
  GIOStream *stream =
      bfy_upstreams_find_stream (self->upstreams, soup_message_get_connection_id (self->message));

  if (!soup_message_is_keepalive (self->message) ||
      soup_message_get_http_version (self->message) == SOUP_HTTP_2_0)
    return FALSE;
  if (stream == NULL || g_io_stream_is_closed (stream))
    return TRUE;

  return G_IS_TLS_CONNECTION (stream) ? bfy_tls_has_ended (stream) : has_hung_up (stream);
}

const char *
bfy_call_describe (const GError *error)
{
  if (error->domain == G_TLS_ERROR)
    return bfy_tls_describe_error (error);
  if (error->domain == G_RESOLVER_ERROR)
    return "its host name cannot be resolved";
  if (error->domain != G_IO_ERROR)
    return "it does not speak HTTP as it should";

  switch ((GIOErrorEnum) error->code)
    {
    case G_IO_ERROR_CONNECTION_REFUSED:
      return "nothing answers at its address";
    case G_IO_ERROR_HOST_UNREACHABLE:
    case G_IO_ERROR_NETWORK_UNREACHABLE:
      return "the network does not reach it";
    case G_IO_ERROR_TIMED_OUT:
      return "it did not answer in time";
    case G_IO_ERROR_PROXY_NEED_AUTH:
      return "the proxy on the way to it wants a user name and password, which bindify has none of";
    case G_IO_ERROR_PROXY_NOT_ALLOWED:
      return "the proxy on the way to it does not allow that";
    case G_IO_ERROR_PROXY_FAILED:
      return "the proxy on the way to it makes no connection";
    case G_IO_ERROR_PARTIAL_INPUT:
    case G_IO_ERROR_CONNECTION_CLOSED:
      return "it closed the connection before its answer was complete";
    default:
      return "the connection to it failed";
    }
}

GError *
bfy_call_explain (const GError *error, const char *binding_name)
{
  if (binding_name == NULL)
    return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, "The service failed: %s",
                        bfy_call_describe (error));

  return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, "The service behind “%s” failed: %s",
                      binding_name, bfy_call_describe (error));
}
