/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/door/listen.h"
#include "agent/notify.h"
#include "agent/run-private.h"

static gboolean
listen_unix (BfyDaemon *self, GError **error)
{
  const BfyEnvironment *environment = &self->start->environment;
  g_autofree char *run_user = g_strdup_printf ("/run/user/%u", (guint) environment->uid);
  g_autoptr (GSocket) socket = NULL;
  struct stat facts;
  gboolean is_ours =
      lstat (run_user, &facts) == 0 && S_ISDIR (facts.st_mode) && facts.st_uid == environment->uid;

  self->socket_path = bfy_paths_socket (environment, self->start->options->socket, is_ours, error);
  if (self->socket_path == NULL)
    return FALSE;
  socket = bfy_listen_unix (self->socket_path, error);
  if (socket == NULL)
    return FALSE;
  bfy_server_listen (self->agent.server, socket);
  self->agent.socket_path = self->socket_path;

  return TRUE;
}

/* ::1 beside 127.0.0.1, on the same port; a machine without IPv6 goes without. */
static gboolean
listen_tcp (BfyDaemon *self, GError **error)
{
  int wanted = self->start->options->port;
  g_autoptr (GSocket) ipv4 = bfy_listen_loopback (
      G_SOCKET_FAMILY_IPV4, wanted >= 0 ? (guint16) wanted : self->settings->port, error);
  g_autoptr (GSocket) ipv6 = NULL;
  g_autoptr (GError) local_error = NULL;

  if (ipv4 == NULL)
    return FALSE;
  bfy_server_listen (self->agent.server, ipv4);
  ipv6 = bfy_listen_loopback (G_SOCKET_FAMILY_IPV6, bfy_listen_get_port (ipv4), &local_error);
  if (ipv6 != NULL)
    bfy_server_listen (self->agent.server, ipv6);
  else
    g_info ("Not listening on ::1: %s", local_error->message);

  return TRUE;
}

gboolean
bfy_daemon_listen_all (BfyDaemon *self, GError **error)
{
  g_autoptr (GPtrArray) inherited =
      bfy_listen_inherited (self->start->listen_pid, self->start->listen_fds, error);
  gboolean has_unix = FALSE, has_tcp = FALSE;

  if (inherited == NULL)
    return FALSE;
  for (guint i = 0; i < inherited->len; i++)
    {
      GSocket *socket = g_ptr_array_index (inherited, i);

      bfy_server_listen (self->agent.server, socket);
      if (g_socket_get_family (socket) != G_SOCKET_FAMILY_UNIX)
        {
          has_tcp = TRUE;
          continue;
        }
      has_unix = TRUE;
      self->inherited_path = bfy_listen_get_path (socket);
      self->agent.socket_path = self->inherited_path;
    }

  return (has_unix || listen_unix (self, error)) && (has_tcp || listen_tcp (self, error));
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
