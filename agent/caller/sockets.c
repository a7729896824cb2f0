/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/caller/sockets.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "agent/caller/glance.h"

#define DESCRIPTORS_MAX 65536 /* of one process that are looked at */
#define INFO_BYTES 512

/* "flags:	02000002", in octal. */
static gboolean
is_close_on_exec (int pid, const char *number)
{
  g_autofree char *name = g_strdup_printf ("fdinfo/%s", number);
  char text[INFO_BYTES];
  const char *flags =
      bfy_glance_read (pid, name, text, sizeof text) > 0 ? strstr (text, "flags:") : NULL;

  return flags != NULL && (g_ascii_strtoull (flags + strlen ("flags:"), NULL, 8) & O_CLOEXEC) != 0;
}

static BfySocketHold
find_in (DIR *folder, int pid, const char *wanted)
{
  BfySocketHold hold = BFY_SOCKET_ABSENT;
  const struct dirent *entry;

  for (guint n = 0; n < DESCRIPTORS_MAX && (entry = readdir (folder)) != NULL; n++)
    {
      char target[64];
      ssize_t length = readlinkat (dirfd (folder), entry->d_name, target, sizeof target - 1);

      if (length <= 0)
        continue;
      target[length] = '\0';
      if (!g_str_equal (target, wanted))
        continue;
      if (!is_close_on_exec (pid, entry->d_name))
        return BFY_SOCKET_INHERITED;
      hold = BFY_SOCKET_OWN;
    }

  return hold;
}

BfySocketHold
bfy_sockets_find (int pid, guint64 inode)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/fd", pid);
  g_autofree char *wanted = g_strdup_printf ("socket:[%" G_GUINT64_FORMAT "]", inode);
  DIR *folder = opendir (path);
  BfySocketHold hold;

  if (folder == NULL)
    return BFY_SOCKET_ABSENT;
  hold = find_in (folder, pid, wanted);
  closedir (folder);

  return hold;
}
