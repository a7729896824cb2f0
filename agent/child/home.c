/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/error.h"

#define DEPTH_MAX 256 /* of folders that are removed; each holds a descriptor and some stack */

gboolean
bfy_home_make_folder (const char *path, GError **error)
{
  struct stat facts;

  if (g_mkdir_with_parents (path, 0700) == 0 && lstat (path, &facts) == 0 &&
      S_ISDIR (facts.st_mode) && facts.st_uid == geteuid () && (facts.st_mode & 077) == 0)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH,
               "%s cannot be made, or is not a folder that belongs to you alone", path);

  return FALSE;
}

char *
bfy_home_make (const char *base, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (base, name, NULL);

  if (!bfy_home_make_folder (base, error) || !bfy_home_make_folder (path, error))
    return NULL;

  return g_steal_pointer (&path);
}

static gboolean
is_dots (const char *name)
{
  return g_str_equal (name, ".") || g_str_equal (name, "..");
}

/* NULL for everything but a folder that can be opened; a link is not one. */
static DIR *
open_folder (int parent, const char *name)
{
  int fd = openat (parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  DIR *dir = fd >= 0 ? fdopendir (fd) : NULL;

  if (fd >= 0 && dir == NULL)
    close (fd);

  return dir;
}

static void
remove_entry (int parent, const char *name, int depth)
{
  DIR *dir;
  struct dirent *entry;

  if (unlinkat (parent, name, 0) == 0 || depth == 0)
    return;
  /* A folder that its owner may not read or empty is still its owner's. */
  (void) fchmodat (parent, name, 0700, AT_SYMLINK_NOFOLLOW);
  dir = open_folder (parent, name);
  if (dir == NULL)
    return;

  while ((entry = readdir (dir)) != NULL)
    if (!is_dots (entry->d_name))
      remove_entry (dirfd (dir), entry->d_name, depth - 1);
  closedir (dir);
  (void) unlinkat (parent, name, AT_REMOVEDIR);
}

void
bfy_home_remove (const char *base, const char *name)
{
  int fd = open (base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

  if (fd < 0)
    return;
  remove_entry (fd, name, DEPTH_MAX);
  close (fd);
}

void
bfy_home_sweep (const char *base, BfyHomeFunc is_used, gpointer user_data)
{
  g_autoptr (GDir) dir = g_dir_open (base, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (!is_used (name, user_data))
      bfy_home_remove (base, name);
}
