/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/proxy.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "client/run/authority.h"
#include "client/run/relay.h"
#include "client/run/site.h"
#include "protocol/error.h"

/* Libsoup's HTTP/2 for servers is unfinished in all versions of 3.2 (uploads of over 64 KiB hang),
 * so that it is not offered: every client of HTTP/2 takes 1.1 then. */
static const char *const spoken[] = { "http/1.1", NULL };

#define CONNECTIONS_MAX 256
#define GREETING_S 30 /* until the request is there, and for the handshake */
#define IDLE_S 900
#define ESTABLISHED "HTTP/1.1 200 Connection established\r\n\r\n"

struct _BfyRunProxy
{
  gatomicrefcount ref_count;
  BfyRunPapers *papers;      /* (owned) */
  GPtrArray *sites;          /* (owned) (element-type BfyRunSite) */
  BfyRunRelay *relay;        /* (owned) */
  BfyRunReport *report;      /* (nullable) borrowed */
  GSocket *listener;         /* (owned) (nullable) */
  GSource *source;           /* (owned) (nullable) NULL while there are too many */
  GCancellable *cancellable; /* (owned) */
  guint16 port;
  guint n_connections;
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

static void listen_again (BfyRunProxy *self);
static void read_head (Guest *guest);

static void
proxy_unref (BfyRunProxy *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->sites, g_ptr_array_unref);
  g_clear_pointer (&self->relay, bfy_run_relay_free);
  g_clear_pointer (&self->papers, bfy_run_papers_free);
  g_clear_object (&self->listener);
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

/* Whoever had it. */
static void
on_connection_gone (gpointer user_data, GObject *where_it_was)
{
  BfyRunProxy *self = user_data;

  self->n_connections--;
  listen_again (self);
  proxy_unref (self);
}

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
  g_autofree char *body =
      bfy_run_relay_format_error (error, message, "bindify run --proxy --binding NAME -- COMMAND");

  guest->answer = g_strdup_printf ("HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
                                   "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                                   status, strlen (body), body);
  say (guest, on_refused);
}

static void
on_handshake (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Guest) guest = user_data;
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocketAddress) remote = NULL;

  if (!g_tls_connection_handshake_finish (G_TLS_CONNECTION (source), result, NULL))
    return;

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
      bfy_run_report_add (guest->proxy->report, BFY_RUN_REFUSED_HOST);
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
      bfy_run_report_add (guest->proxy->report, BFY_RUN_REFUSED_PLAIN);
      refuse (guest, "403 Forbidden", "denied", "Only https addresses of bindings lead anywhere");
      break;
    case BFY_RUN_HEAD_BAD:
      bfy_run_report_add (guest->proxy->report, BFY_RUN_REFUSED_HOST);
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
let_in (BfyRunProxy *self, GSocket *socket)
{
  Guest *guest = g_new0 (Guest, 1);

  g_atomic_ref_count_inc (&self->ref_count);
  guest->proxy = self;
  guest->connection = g_socket_connection_factory_create_connection (socket);
  g_atomic_ref_count_inc (&self->ref_count);
  self->n_connections++;
  g_object_weak_ref (G_OBJECT (guest->connection), on_connection_gone, self);
  set_timeout (guest, GREETING_S);
  read_head (guest);
}

static gboolean
on_connection (GSocket *listener, GIOCondition condition, gpointer user_data)
{
  BfyRunProxy *self = user_data;
  g_autoptr (GSocket) socket = g_socket_accept (listener, NULL, NULL);

  if (socket == NULL)
    return G_SOURCE_CONTINUE;
  let_in (self, socket);
  if (self->n_connections < CONNECTIONS_MAX)
    return G_SOURCE_CONTINUE;

  g_clear_pointer (&self->source, g_source_unref);

  return G_SOURCE_REMOVE;
}

static void
listen_again (BfyRunProxy *self)
{
  if (self->source != NULL || g_cancellable_is_cancelled (self->cancellable))
    return;

  self->source = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_connection), self, NULL);
  g_source_attach (self->source, NULL);
}

gboolean
bfy_run_proxy_listen (BfyRunProxy *self, int listener, GError **error)
{
  self->listener = g_socket_new_from_fd (listener, error);
  if (self->listener == NULL)
    return FALSE;

  g_socket_set_blocking (self->listener, FALSE);
  listen_again (self);

  return TRUE;
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

  bfy_run_proxy_set_report (self, NULL);
  g_cancellable_cancel (self->cancellable);
  if (self->source != NULL)
    g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
  for (guint i = 0; i < self->sites->len; i++)
    {
      BfyRunSite *site = self->sites->pdata[i];

      if (site->server != NULL)
        soup_server_disconnect (site->server);
    }
  proxy_unref (self);
}

void
bfy_run_proxy_set_report (BfyRunProxy *self, BfyRunReport *report)
{
  self->report = report;
  bfy_run_relay_set_report (self->relay, report);
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
