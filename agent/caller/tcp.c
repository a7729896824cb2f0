/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/caller/caller.h"
#include "agent/caller/sockets.h"
#include "agent/door/sock-diag.h"

#define PROCESSES_MAX 65536

static gboolean
is_of_user (DIR *proc, const char *name, uid_t uid)
{
  struct stat facts;

  return fstatat (dirfd (proc), name, &facts, AT_SYMLINK_NOFOLLOW) == 0 && facts.st_uid == uid;
}

static int
find_holder (DIR *proc, uid_t uid, guint64 inode)
{
  const struct dirent *entry;

  for (guint n = 0; n < PROCESSES_MAX && (entry = readdir (proc)) != NULL; n++)
    {
      gint64 pid;

      if (g_ascii_string_to_signed (entry->d_name, 10, 1, G_MAXINT, &pid, NULL) &&
          is_of_user (proc, entry->d_name, uid) &&
          bfy_sockets_find ((int) pid, inode) != BFY_SOCKET_ABSENT)
        return (int) pid;
    }

  return 0;
}

int
bfy_caller_find_tcp_pid (BfyRequest *request)
{
  BfyConnection *connection = bfy_request_get_connection (request);
  int fd = connection != NULL ? bfy_connection_get_fd (connection) : -1;
  guint64 inode;
  uid_t uid;
  DIR *proc;
  int pid;

  if (fd < 0 || connection->door != BFY_DOOR_TCP || !bfy_sock_diag_tcp (fd, &uid, &inode) ||
      inode == 0)
    return 0;
  proc = opendir ("/proc");
  if (proc == NULL)
    return 0;
  pid = find_holder (proc, uid, inode);
  closedir (proc);

  return pid;
}
