/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixsocketaddress.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/error.h"
#include "protocol/paths.h"

#define BACKLOG 512
#define FIRST_INHERITED_FD 3
#define N_INHERITED_MAX 3 /* UNIX, 127.0.0.1, ::1 */

static gboolean
set_errno_error (GError **error, BfyErrorCode code, const char *what, const char *path)
{
  g_set_error (error, BFY_ERROR, code, "%s %s: %s", what, path, g_strerror (errno));

  return FALSE;
}

/* Opens the directory of the socket; returns a descriptor or -1. */
static int
open_directory (const char *directory, GError **error)
{
  struct stat facts;
  int fd;

  if (mkdir (directory, 0700) != 0 && errno != EEXIST)
    {
      set_errno_error (error, BFY_ERROR_FAILED, "Cannot make the directory", directory);
      return -1;
    }
  fd = open (directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0)
    {
      set_errno_error (error, BFY_ERROR_UNSAFE_PATH, "Cannot use the directory", directory);
      return -1;
    }
  if (fstat (fd, &facts) != 0 || facts.st_uid != geteuid () || (facts.st_mode & 0077) != 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH,
                   "The directory %s must belong to you alone: chmod 700 %s", directory, directory);
      close (fd);
      return -1;
    }

  return fd;
}

/* Removes the socket of a dead agent; a live one is an error. */
static gboolean
clear_path (const char *path, GSocketAddress *address, GError **error)
{
  g_autoptr (GSocket) probe = NULL;
  g_autoptr (GError) local_error = NULL;
  struct stat facts;

  if (lstat (path, &facts) != 0)
    return errno == ENOENT || set_errno_error (error, BFY_ERROR_FAILED, "Cannot look at", path);
  if (!S_ISSOCK (facts.st_mode) || facts.st_uid != geteuid ())
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH,
                   "%s is not a socket of yours; move it away or choose another path with --socket",
                   path);
      return FALSE;
    }

  probe =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (probe == NULL)
    return FALSE;
  g_socket_set_blocking (probe, FALSE);
  if (!g_socket_connect (probe, address, NULL, &local_error) &&
      g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return unlink (path) == 0 || set_errno_error (error, BFY_ERROR_FAILED, "Cannot remove", path);

  g_set_error (
      error, BFY_ERROR, BFY_ERROR_IN_USE,
      "Another bindify-agent is already running on %s: “bindify status” shows it; a second one "
      "needs a --socket of its own",
      path);

  return FALSE;
}

static GSocket *
bind_path (const char *path, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocket) socket = NULL;

  if (!clear_path (path, address, error))
    return NULL;
  socket =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (socket == NULL || !g_socket_bind (socket, address, FALSE, error))
    return NULL;
  if (chmod (path, 0600) != 0)
    {
      set_errno_error (error, BFY_ERROR_FAILED, "Cannot protect", path);
      return NULL;
    }
  g_socket_set_listen_backlog (socket, BACKLOG);
  g_socket_set_blocking (socket, FALSE);
  if (!g_socket_listen (socket, error))
    return NULL;

  return g_steal_pointer (&socket);
}

GSocket *
bfy_listen_unix (const char *path, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  GSocket *socket = NULL;
  int fd;

  if (strlen (path) > BFY_SOCKET_PATH_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "The socket path is longer than %d bytes: choose a shorter one with --socket",
                   BFY_SOCKET_PATH_MAX);
      return NULL;
    }
  fd = open_directory (directory, error);
  if (fd < 0)
    return NULL;
  /* Two agents that start at once look and bind one after the other. */
  if (flock (fd, LOCK_EX) != 0)
    set_errno_error (error, BFY_ERROR_FAILED, "Cannot lock", directory);
  else
    socket = bind_path (path, error);
  close (fd);

  return socket;
}

GSocket *
bfy_listen_loopback (GSocketFamily family, guint16 port, GError **error)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (family);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, port);
  g_autoptr (GSocket) socket =
      g_socket_new (family, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);
  g_autoptr (GError) local_error = NULL;

  if (socket == NULL)
    return NULL;
  g_socket_set_listen_backlog (socket, BACKLOG);
  g_socket_set_blocking (socket, FALSE);
  if (!g_socket_bind (socket, address, TRUE, &local_error) ||
      !g_socket_listen (socket, &local_error))
    {
      g_set_error (error, BFY_ERROR,
                   g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE)
                       ? BFY_ERROR_IN_USE
                       : BFY_ERROR_FAILED,
                   "Cannot listen on port %u: %s; choose another with --port, or 0 for any", port,
                   local_error->message);
      return NULL;
    }

  return g_steal_pointer (&socket);
}

guint16
bfy_listen_get_port (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, NULL);

  return G_IS_INET_SOCKET_ADDRESS (address)
             ? g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address))
             : 0;
}

char *
bfy_listen_get_path (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, NULL);

  return g_strdup (G_IS_UNIX_SOCKET_ADDRESS (address)
                       ? g_unix_socket_address_get_path (G_UNIX_SOCKET_ADDRESS (address))
                       : "");
}

static gboolean
is_usable (GSocket *socket)
{
  g_autoptr (GSocketAddress) address = g_socket_get_local_address (socket, NULL);
  int is_listening = 0;

  if (g_socket_get_socket_type (socket) != G_SOCKET_TYPE_STREAM ||
      !g_socket_get_option (socket, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, NULL) ||
      is_listening == 0)
    return FALSE;

  return G_IS_UNIX_SOCKET_ADDRESS (address) ||
         (G_IS_INET_SOCKET_ADDRESS (address) &&
          g_inet_address_get_is_loopback (
              g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (address))));
}

static GSocket *
take_inherited (int fd, GError **error)
{
  g_autoptr (GSocket) socket = NULL;

  if (fcntl (fd, F_SETFD, FD_CLOEXEC) != 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "LISTEN_FDS promises descriptor %d, which is not open", fd);
      return NULL;
    }
  socket = g_socket_new_from_fd (fd, NULL);
  if (socket == NULL || !is_usable (socket))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "The inherited descriptor %d is not a listening UNIX or loopback socket", fd);
      return NULL;
    }
  g_socket_set_blocking (socket, FALSE);

  return g_steal_pointer (&socket);
}

static gboolean
is_for_us (const char *listen_pid)
{
  guint64 pid = 0;

  return g_ascii_string_to_unsigned (listen_pid, 10, 1, G_MAXINT, &pid, NULL) &&
         (pid_t) pid == getpid ();
}

GPtrArray *
bfy_listen_inherited (const char *listen_pid, const char *listen_fds, GError **error)
{
  g_autoptr (GPtrArray) sockets = g_ptr_array_new_with_free_func (g_object_unref);
  guint n_unix = 0;
  guint64 n = 0;

  if (listen_pid == NULL && listen_fds == NULL)
    return g_steal_pointer (&sockets);
  if (listen_pid == NULL || listen_fds == NULL || !is_for_us (listen_pid) ||
      !g_ascii_string_to_unsigned (listen_fds, 10, 1, N_INHERITED_MAX, &n, NULL))
    {
      g_set_error (
          error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
          "LISTEN_PID and LISTEN_FDS do not fit this process: they must name it and one to "
          "%d sockets; unset them to start without socket activation",
          N_INHERITED_MAX);
      return NULL;
    }
  for (guint i = 0; i < n; i++)
    {
      GSocket *socket = take_inherited (FIRST_INHERITED_FD + (int) i, error);

      if (socket == NULL)
        return NULL;
      g_ptr_array_add (sockets, socket);
      if (g_socket_get_family (socket) == G_SOCKET_FAMILY_UNIX && ++n_unix > 1)
        {
          g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                               "More than one UNIX socket was inherited");
          return NULL;
        }
    }

  return g_steal_pointer (&sockets);
}
