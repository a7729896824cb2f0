/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/door/listen.h"
#include "agent/notify.h"
#include "agent/run-private.h"

char *
bfy_daemon_find_socket_path (const BfyStart *start, GError **error)
{
  g_autofree char *run_user = g_strdup_printf ("/run/user/%u", (guint) start->environment.uid);
  struct stat facts;
  gboolean is_ours = lstat (run_user, &facts) == 0 && S_ISDIR (facts.st_mode) &&
                     facts.st_uid == start->environment.uid;

  return bfy_paths_socket (&start->environment, start->options->socket, is_ours, error);
}

static gboolean
listen_unix (BfyDaemon *self, GError **error)
{
  g_autoptr (GSocket) socket = NULL;

  self->socket_path = bfy_daemon_find_socket_path (self->start, error);
  if (self->socket_path == NULL)
    return FALSE;
  socket = bfy_listen_unix (self->socket_path, error);
  if (socket == NULL)
    return FALSE;
  bfy_server_listen (self->agent.server, socket);
  self->agent.socket_path = self->socket_path;

  return TRUE;
}

/* A machine without IPv6 goes without. */
static void
listen_ipv6 (BfyDaemon *self, guint16 port)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = bfy_listen_loopback (G_SOCKET_FAMILY_IPV6, port, &error);

  if (socket != NULL)
    bfy_server_listen (self->agent.server, socket);
  else
    g_info ("Not listening on ::1: %s", error->message);
}

/* ::1 beside 127.0.0.1, on the same port. */
static gboolean
listen_tcp (BfyDaemon *self, GError **error)
{
  int wanted = self->start->options->port;
  g_autoptr (GSocket) ipv4 = bfy_listen_loopback (
      G_SOCKET_FAMILY_IPV4, wanted >= 0 ? (guint16) wanted : self->settings->port, error);

  if (ipv4 == NULL)
    return FALSE;
  bfy_server_listen (self->agent.server, ipv4);
  listen_ipv6 (self, bfy_listen_get_port (ipv4));

  return TRUE;
}

gboolean
bfy_daemon_listen_all (BfyDaemon *self, GError **error)
{
  g_autoptr (GPtrArray) inherited =
      bfy_listen_inherited (self->start->listen_pid, self->start->listen_fds, error);
  gboolean wants_tcp = self->settings->listens_tcp || self->start->options->port >= 0;
  gboolean has_unix = FALSE, has_ipv6 = FALSE;
  guint16 port = 0;

  if (inherited == NULL)
    return FALSE;
  for (guint i = 0; i < inherited->len; i++)
    {
      GSocket *socket = g_ptr_array_index (inherited, i);

      if (g_socket_get_family (socket) != G_SOCKET_FAMILY_UNIX)
        {
          has_ipv6 |= g_socket_get_family (socket) == G_SOCKET_FAMILY_IPV6;
          port = bfy_listen_get_port (socket);
          if (wants_tcp)
            bfy_server_listen (self->agent.server, socket);
          continue;
        }
      bfy_server_listen (self->agent.server, socket);
      has_unix = TRUE;
      self->inherited_path = bfy_listen_get_path (socket);
      self->agent.socket_path = self->inherited_path;
    }

  if (wants_tcp && port != 0 && !has_ipv6)
    listen_ipv6 (self, port);

  return (has_unix || listen_unix (self, error)) &&
         (!wants_tcp || port != 0 || listen_tcp (self, error));
}

void
bfy_daemon_announce (BfyDaemon *self)
{
  int fd = self->start->options->ready_fd;
  g_autofree char *line =
      g_strdup_printf ("READY port=%u socket=%s\n", bfy_server_get_port (self->agent.server),
                       self->agent.socket_path);

  bfy_notify (self->start->notify_socket, "READY=1");
  if (fd < 0)
    return;
  if (write (fd, line, strlen (line)) < 0)
    g_warning ("Cannot write to the ready descriptor: %s", g_strerror (errno));
  close (fd);
}
