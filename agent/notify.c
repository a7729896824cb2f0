/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/notify.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void
bfy_notify (const char *socket_path, const char *message)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  gsize length = socket_path != NULL ? strlen (socket_path) : 0;
  socklen_t address_length = (socklen_t) (offsetof (struct sockaddr_un, sun_path) + length);
  int fd;

  if (length == 0)
    return;
  if (length >= sizeof address.sun_path || (socket_path[0] != '/' && socket_path[0] != '@'))
    {
      g_warning ("NOTIFY_SOCKET is not an address that can be used");
      return;
    }

  memcpy (address.sun_path, socket_path, length);
  if (socket_path[0] == '@')
    address.sun_path[0] = '\0';
  fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || sendto (fd, message, strlen (message), MSG_NOSIGNAL, (struct sockaddr *) &address,
                        address_length) < 0)
    g_warning ("The service manager cannot be told %s: %s", message, g_strerror (errno));
  if (fd >= 0)
    close (fd);
}
