/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/proxy.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <unistd.h>

#include "client/run/proxy-private.h"
#include "client/run/variables.h"
#include "protocol/client-key.h"
#include "protocol/error.h"

#define PASS_BYTES 32

void
bfy_run_proxy_unref (gpointer data)
{
  BfyRunProxy *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->sites, g_ptr_array_unref);
  g_clear_pointer (&self->relay, bfy_run_relay_free);
  g_clear_pointer (&self->papers, bfy_run_papers_free);
  g_clear_pointer (&self->tunnels, bfy_run_tunnels_free);
  g_clear_object (&self->cancellable);
  g_free (self->pass);
  g_free (self);
}

gboolean
bfy_run_proxy_listen (BfyRunProxy *self, int listener, GError **error)
{
  self->listener = bfy_run_listener_new (listener, bfy_run_proxy_let_in, self, error);

  return self->listener != NULL;
}

static char *
make_pass (void)
{
  guint8 bytes[PASS_BYTES];

  return getentropy (bytes, sizeof bytes) == 0 ? bfy_base64url_encode (bytes, sizeof bytes) : NULL;
}

gboolean
bfy_run_proxy_open (BfyRunProxy *self, GError **error)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) wish = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  int fd;

  self->pass = make_pass ();
  if (socket == NULL || !g_socket_bind (socket, wish, FALSE, error) ||
      !g_socket_listen (socket, error))
    return FALSE;
  address = g_socket_get_local_address (socket, error);
  fd = address != NULL ? fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, 0) : -1;
  if (fd < 0 || self->pass == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_FAILED, "%s", g_strerror (errno));
      return FALSE;
    }
  self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));

  return bfy_run_proxy_listen (self, fd, error);
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
bfy_run_proxy_new (
    GPtrArray *offers, const char *key, guint16 port, BfyRunTunnels *tunnels, GError **error)
{
  g_autoptr (BfyRunProxy) self = g_new0 (BfyRunProxy, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->cancellable = g_cancellable_new ();
  self->port = port != BFY_RUN_PROXY_PORT ? BFY_RUN_PROXY_PORT : BFY_RUN_PROXY_PORT + 1;
  self->offers = offers;
  self->tunnels = tunnels;
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
  g_clear_pointer (&self->listener, bfy_run_listener_free);
  for (guint i = 0; i < self->sites->len; i++)
    {
      BfyRunSite *site = self->sites->pdata[i];

      if (site->server != NULL)
        soup_server_disconnect (site->server);
    }
  bfy_run_proxy_unref (self);
}

void
bfy_run_proxy_set_report (BfyRunProxy *self, BfyRunReport *report)
{
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

GStrv
bfy_run_proxy_append_variables (BfyRunProxy *self, GStrv list, const char *authority)
{
  const BfyRunLead lead = { self->port, self->pass, authority };

  return bfy_run_variables_append (list, &lead);
}
