/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/proxy.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/run/authority.h"
#include "client/run/h2-link.h"
#include "client/run/listener.h"
#include "client/run/relay.h"
#include "client/run/site.h"
#include "protocol/error.h"

static const char *const spoken[] = { "h2", "http/1.1", NULL };

#define GREETING_S 30 /* until the request is there, and for the handshake */
#define IDLE_S 900
#define ESTABLISHED "HTTP/1.1 200 Connection established\r\n\r\n"

struct _BfyRunProxy
{
  gatomicrefcount ref_count;
  BfyRunPapers *papers;      /* (owned) */
  GPtrArray *sites;          /* (owned) (element-type BfyRunSite) */
  BfyRunRelay *relay;        /* (owned) */
  BfyRunListener *listener;  /* (owned) (nullable) */
  GCancellable *cancellable; /* (owned) */
  guint16 port;
};

/* Who has connected, until he is handed on to the server of a site. */
typedef struct
{
  BfyRunProxy *proxy;            /* (owned) a reference */
  GSocketConnection *connection; /* (owned) */
  BfyRunSite *site;              /* (nullable) borrowed */
  char head[BFY_RUN_HEAD_BYTES_MAX];
  gsize n_head;
  char *answer; /* (owned) (nullable) */
} Guest;

static const char *const trusting[] = {
  "SSL_CERT_FILE",  "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO", "AWS_CA_BUNDLE",       "PIP_CERT",           "DENO_CERT",
};
static const char *const leading[] = { "HTTPS_PROXY", "https_proxy", "HTTP_PROXY",
                                       "http_proxy",  "ALL_PROXY",   "all_proxy" };
static const char *const sparing[] = { "NO_PROXY", "no_proxy" };

static void read_head (Guest *guest);

static void
proxy_unref (BfyRunProxy *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->sites, g_ptr_array_unref);
  g_clear_pointer (&self->relay, bfy_run_relay_free);
  g_clear_pointer (&self->papers, bfy_run_papers_free);
  g_clear_object (&self->cancellable);
  g_free (self);
}

static void
guest_free (Guest *guest)
{
  g_object_unref (guest->connection);
  g_free (guest->answer);
  proxy_unref (guest->proxy);
  g_free (guest);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Guest, guest_free)

static void
set_timeout (Guest *guest, guint seconds)
{
  g_socket_set_timeout (g_socket_connection_get_socket (guest->connection), seconds);
}

static void
on_refused (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Guest) guest = user_data;

  (void) g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  (void) g_socket_shutdown (g_socket_connection_get_socket (guest->connection), FALSE, TRUE, NULL);
}

static void
say (Guest *guest, GAsyncReadyCallback callback)
{
  GOutputStream *stream = g_io_stream_get_output_stream (G_IO_STREAM (guest->connection));

  g_output_stream_write_all_async (stream, guest->answer, strlen (guest->answer),
                                   G_PRIORITY_DEFAULT, guest->proxy->cancellable, callback, guest);
}

/* Takes @guest. */
static void
refuse (Guest *guest, const char *status, const char *error, const char *message)
{
  g_autofree char *body = bfy_run_request_format_error (
      error, message, "bindify run --proxy --binding NAME -- COMMAND");

  guest->answer = g_strdup_printf ("HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
                                   "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                                   status, strlen (body), body);
  say (guest, on_refused);
}

static void
on_link_end (gpointer user_data)
{
  proxy_unref (user_data);
}

static void
speak_h2 (Guest *guest, GIOStream *tls)
{
  const BfyRunPlace place = bfy_run_relay_get_place (guest->proxy->relay, guest->site);

  set_timeout (guest, 0);
  g_atomic_ref_count_inc (&guest->proxy->ref_count);
  bfy_run_link_begin (tls, &place, guest->proxy->cancellable, on_link_end, guest->proxy);
}

static void
on_handshake (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Guest) guest = user_data;
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocketAddress) remote = NULL;

  if (!g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, NULL))
    return;

  if (g_strcmp0 (g_tls_connection_get_negotiated_protocol (G_TLS_CONNECTION (source)), "h2") == 0)
    {
      speak_h2 (guest, G_IO_STREAM (source));
      return;
    }

  set_timeout (guest, IDLE_S);
  local = g_socket_connection_get_local_address (guest->connection, NULL);
  remote = g_socket_connection_get_remote_address (guest->connection, NULL);
  (void) soup_server_accept_iostream (guest->site->server, G_IO_STREAM (source), local, remote,
                                      NULL);
}

static void
on_established (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Guest) guest = user_data;
  g_autoptr (GIOStream) tls = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    tls = g_tls_server_connection_new (G_IO_STREAM (guest->connection), guest->site->certificate,
                                       NULL);
  if (tls == NULL)
    return;

  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (tls), spoken);
  g_tls_connection_handshake_async (G_TLS_CONNECTION (tls), G_PRIORITY_DEFAULT,
                                    guest->proxy->cancellable, on_handshake, guest);
  g_steal_pointer (&guest);
}

/* Takes @guest. */
static void
connect_to (Guest *guest, const BfyRunTarget *target)
{
  guest->site = bfy_run_sites_find (guest->proxy->sites, target);
  if (guest->site == NULL)
    {
      refuse (guest, "403 Forbidden", "denied", "No binding of this run is for this host and port");
      return;
    }

  guest->answer = g_strdup (ESTABLISHED);
  say (guest, on_established);
}

/* Takes @guest. */
static void
go_on (Guest *guest)
{
  BfyRunTarget target;

  switch (bfy_run_target_read (guest->head, guest->n_head, &target))
    {
    case BFY_RUN_HEAD_PARTIAL:
      read_head (guest);
      break;
    case BFY_RUN_HEAD_CONNECT:
      connect_to (guest, &target);
      break;
    case BFY_RUN_HEAD_OTHER:
      refuse (guest, "403 Forbidden", "denied", "Only https addresses of bindings lead anywhere");
      break;
    case BFY_RUN_HEAD_BAD:
      refuse (guest, "400 Bad Request", "bad_request",
              "This is no request to connect to the name of a host and a port");
      break;
    }
}

static void
on_head (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Guest) guest = user_data;
  gssize n = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n <= 0)
    return;
  guest->n_head += (gsize) n;
  go_on (g_steal_pointer (&guest));
}

static void
read_head (Guest *guest)
{
  GInputStream *stream = g_io_stream_get_input_stream (G_IO_STREAM (guest->connection));

  g_input_stream_read_async (stream, guest->head + guest->n_head,
                             sizeof guest->head - guest->n_head, G_PRIORITY_DEFAULT,
                             guest->proxy->cancellable, on_head, guest);
}

static void
on_guest (GSocketConnection *connection, gpointer user_data)
{
  BfyRunProxy *self = user_data;
  Guest *guest = g_new0 (Guest, 1);

  g_atomic_ref_count_inc (&self->ref_count);
  guest->proxy = self;
  guest->connection = connection;
  set_timeout (guest, GREETING_S);
  read_head (guest);
}

gboolean
bfy_run_proxy_listen (BfyRunProxy *self, int listener, GError **error)
{
  self->listener = bfy_run_listener_new (listener, on_guest, self, error);

  return self->listener != NULL;
}

static gboolean
make_papers (BfyRunProxy *self, GError **error)
{
  g_autoptr (GPtrArray) hosts = g_ptr_array_new ();

  for (guint i = 0; i < self->sites->len; i++)
    g_ptr_array_add (hosts, ((BfyRunSite *) self->sites->pdata[i])->target.host);
  g_ptr_array_add (hosts, NULL);
  self->papers = bfy_run_papers_new ((const char *const *) hosts->pdata, error);
  if (self->papers == NULL)
    return FALSE;

  for (guint i = 0; i < self->sites->len; i++)
    {
      BfyRunSite *site = self->sites->pdata[i];

      site->certificate = g_object_ref (self->papers->certificates->pdata[i]);
      bfy_run_relay_serve (self->relay, site);
    }

  return TRUE;
}

BfyRunProxy *
bfy_run_proxy_new (GPtrArray *offers, const char *key, guint16 port, GError **error)
{
  g_autoptr (BfyRunProxy) self = g_new0 (BfyRunProxy, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->cancellable = g_cancellable_new ();
  self->port = port != BFY_RUN_PROXY_PORT ? BFY_RUN_PROXY_PORT : BFY_RUN_PROXY_PORT + 1;
  self->relay = bfy_run_relay_new (offers, key, port);
  self->sites = bfy_run_sites_new (offers);
  if (self->sites->len == 0)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           _ ("A proxy is of use only with the binding of a REST service that has "
                              "an https address"));
      return NULL;
    }

  return make_papers (self, error) ? g_steal_pointer (&self) : NULL;
}

void
bfy_run_proxy_free (BfyRunProxy *self)
{
  if (self == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->listener, bfy_run_listener_free);
  for (guint i = 0; i < self->sites->len; i++)
    {
      BfyRunSite *site = self->sites->pdata[i];

      if (site->server != NULL)
        soup_server_disconnect (site->server);
    }
  proxy_unref (self);
}

guint16
bfy_run_proxy_get_port (BfyRunProxy *self)
{
  return self->port;
}

const char *
bfy_run_proxy_get_authority (BfyRunProxy *self)
{
  return self->papers->authority;
}

static void
add_all (GStrvBuilder *builder, const char *const *names, guint n_names, const char *value)
{
  for (guint i = 0; i < n_names; i++)
    {
      g_autofree char *entry = g_strconcat (names[i], "=", value, NULL);

      g_strv_builder_add (builder, entry);
    }
}

GStrv
bfy_run_proxy_append_variables (BfyRunProxy *self, GStrv list, const char *authority)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u", self->port);

  g_strv_builder_addv (builder, (const char **) list);
  add_all (builder, leading, G_N_ELEMENTS (leading), url);
  add_all (builder, sparing, G_N_ELEMENTS (sparing), "127.0.0.1");
  add_all (builder, trusting, G_N_ELEMENTS (trusting), authority);
  /* Node.js, from version 24 on, looks at the others only then. */
  g_strv_builder_add (builder, "NODE_USE_ENV_PROXY=1");
  g_strfreev (list);

  return g_strv_builder_end (builder);
}
