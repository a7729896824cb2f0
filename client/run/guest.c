/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/run/h2-link.h"
#include "client/run/proxy-private.h"
#include "client/run/site.h"
#include "client/run/splice.h"
#include "client/run/variables.h"
#include "protocol/error.h"

/* Whoever connects to the proxy of a run says where to, and is led there: to the server of a
 * binding's host, which is played here, or through a tunnel. */

static const char *const spoken[] = { "h2", "http/1.1", NULL };

#define GREETING_S 30 /* until the request is there, and for the handshake */
#define IDLE_S 900
#define TUNNELS_MAX 64
#define NOT_REFUSED BFY_RUN_N_REFUSALS /* it just does not work */
#define ESTABLISHED "HTTP/1.1 200 Connection established\r\n\r\n"

/* Who has connected, until he is handed on to the server of a site. */
typedef struct
{
  BfyRunProxy *proxy;            /* (owned) a reference */
  GSocketConnection *connection; /* (owned) */
  BfyRunSite *site;              /* (nullable) borrowed */
  char head[BFY_RUN_HEAD_BYTES_MAX];
  gsize n_head;
  char *answer;             /* (owned) (nullable) */
  GSocketConnection *outer; /* (owned) (nullable) what a tunnel leads to */
  gboolean is_counted;      /* among the tunnels */
} Guest;

typedef struct
{
  const char *status; /* and headers behind it */
  const char *error;
  const char *message;
  const char *hint; /* (nullable) */
  BfyRunRefusal reason;
} Refusal;

static const Refusal nobodys = { "403 Forbidden", "denied",
                                 "No binding of this run is for this host and port",
                                 "bindify run --proxy --binding NAME --tunnel HOST -- COMMAND",
                                 BFY_RUN_REFUSED_HOST };
static const Refusal strangers = { "403 Forbidden", "denied",
                                   "The placeholder of a binding belongs to its own host only",
                                   NULL, BFY_RUN_REFUSED_PLACEHOLDER };
static const Refusal inward = { "403 Forbidden", "denied",
                                "This name leads into a network of this machine", NULL,
                                BFY_RUN_REFUSED_HOST };
static const Refusal unreachable = { "502 Bad Gateway", "unreachable",
                                     "This host cannot be reached", NULL, NOT_REFUSED };
static const Refusal crowded = { "503 Service Unavailable", "too_many",
                                 "There are too many tunnels at the same time", NULL,
                                 BFY_RUN_REFUSED_HOST };
static const Refusal plain = { "403 Forbidden", "denied",
                               "Only https addresses lead anywhere: plain http is not taken here",
                               "bindify run --proxy --binding NAME -- curl https://HOST/",
                               BFY_RUN_REFUSED_PLAIN };
static const Refusal bad = { "400 Bad Request", "bad_request",
                             "This is no request to connect to the name of a host and a port",
                             "bindify run --proxy --binding NAME -- COMMAND",
                             BFY_RUN_REFUSED_HOST };
static const Refusal unknown = { "407 Proxy Authentication Required\r\n"
                                 "Proxy-Authenticate: Basic realm=\"bindify\"",
                                 "denied", "This is the proxy of somebody else's run", NULL,
                                 BFY_RUN_REFUSED_KEY };

static void read_head (Guest *guest);

static void
guest_free (Guest *guest)
{
  if (guest->is_counted)
    guest->proxy->n_tunnels--;
  g_clear_object (&guest->connection);
  g_clear_object (&guest->outer);
  g_free (guest->answer);
  bfy_run_proxy_unref (guest->proxy);
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
refuse (Guest *guest, const Refusal *refusal)
{
  g_autofree char *body =
      bfy_run_request_format_error (refusal->error, refusal->message, refusal->hint);

  if (refusal->reason != NOT_REFUSED)
    bfy_run_relay_report (guest->proxy->relay, refusal->reason);
  guest->answer = g_strdup_printf ("HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
                                   "Content-Length: %zu\r\nConnection: close\r\n\r\n%s",
                                   refusal->status, strlen (body), body);
  say (guest, on_refused);
}

static void
speak_h2 (Guest *guest, GIOStream *tls)
{
  const BfyRunPlace place = bfy_run_relay_get_place (guest->proxy->relay, guest->site);

  set_timeout (guest, 0);
  g_atomic_ref_count_inc (&guest->proxy->ref_count);
  bfy_run_link_begin (tls, &place, guest->proxy->cancellable, bfy_run_proxy_unref, guest->proxy);
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

static void
on_tunnel_end (gpointer user_data)
{
  BfyRunProxy *self = user_data;

  self->n_tunnels--;
  bfy_run_proxy_unref (self);
}

static void
on_tunnelled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Guest) guest = user_data;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL))
    return;

  set_timeout (guest, 0);
  guest->is_counted = FALSE;
  g_atomic_ref_count_inc (&guest->proxy->ref_count);
  bfy_run_splice (G_IO_STREAM (g_steal_pointer (&guest->connection)),
                  G_IO_STREAM (g_steal_pointer (&guest->outer)), guest->proxy->cancellable, IDLE_S,
                  on_tunnel_end, guest->proxy);
}

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Guest *guest = user_data;
  g_autoptr (GError) error = NULL;

  guest->outer = bfy_run_tunnel_dial_finish (result, &error);
  if (guest->outer == NULL)
    {
      refuse (guest, g_error_matches (error, BFY_ERROR, BFY_ERROR_DENIED) ? &inward : &unreachable);
      return;
    }

  guest->answer = g_strdup (ESTABLISHED);
  say (guest, on_tunnelled);
}

/* Takes @guest. What a tunnel leads to gets nothing from us, and no placeholder from others. */
static void
tunnel_to (Guest *guest, const BfyRunTarget *target)
{
  BfyRunProxy *self = guest->proxy;
  const BfyRunOffer *stranger =
      bfy_run_find_foreign_placeholder (self->offers, NULL, guest->head, guest->n_head);

  if (self->tunnels == NULL || !bfy_run_tunnels_allow (self->tunnels, target, self->sites))
    refuse (guest, &nobodys);
  else if (stranger != NULL)
    refuse (guest, &strangers);
  else if (self->n_tunnels >= TUNNELS_MAX)
    refuse (guest, &crowded);
  else
    {
      guest->is_counted = TRUE;
      self->n_tunnels++;
      bfy_run_tunnel_dial_async (target, self->cancellable, on_dialled, guest);
    }
}

/* Takes @guest. */
static void
connect_to (Guest *guest, const BfyRunTarget *target)
{
  guest->site = bfy_run_sites_find (guest->proxy->sites, target);
  if (guest->site == NULL)
    {
      tunnel_to (guest, target);
      return;
    }

  guest->answer = g_strdup (ESTABLISHED);
  say (guest, on_established);
}

static gboolean
is_known (const Guest *guest)
{
  const char *pass = guest->proxy->pass;

  return pass == NULL ||
         bfy_run_target_has_login (guest->head, guest->n_head, BFY_RUN_PROXY_USER, pass);
}

/* Takes @guest. */
static void
go_on (Guest *guest)
{
  BfyRunTarget target;
  BfyRunHead head = bfy_run_target_read (guest->head, guest->n_head, &target);

  if ((head == BFY_RUN_HEAD_CONNECT || head == BFY_RUN_HEAD_OTHER) && !is_known (guest))
    {
      refuse (guest, &unknown);
      return;
    }

  switch (head)
    {
    case BFY_RUN_HEAD_PARTIAL:
      read_head (guest);
      break;
    case BFY_RUN_HEAD_CONNECT:
      connect_to (guest, &target);
      break;
    case BFY_RUN_HEAD_OTHER:
      refuse (guest, &plain);
      break;
    case BFY_RUN_HEAD_BAD:
      refuse (guest, &bad);
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

void
bfy_run_proxy_let_in (GSocketConnection *connection, gpointer proxy)
{
  BfyRunProxy *self = proxy;
  Guest *guest = g_new0 (Guest, 1);

  g_atomic_ref_count_inc (&self->ref_count);
  guest->proxy = self;
  guest->connection = connection;
  set_timeout (guest, GREETING_S);
  read_head (guest);
}
