/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The state directory belongs to one user and one agent. Nothing here follows a symbolic link or
 * repairs a mode: what is not as we would have made it is refused with the command that makes it
 * right (behaviour 12.8, 12.9). Once the directory is known to be ours and 0700, nobody else can
 * change what lies in it, so names inside it can be checked one after the other. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/store/store-private.h"

#define DIRECTORY_MODE 0700
#define FILE_MODE 0600
#define PID_TEXT_MAX 24

static void
set_errno_error (const char *doing, const char *path, GError **error)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE, "Cannot %s %s: %s", doing, path,
               g_strerror (errno));
}

static gboolean
check_private (const struct stat *status, mode_t type, const char *path, GError **error)
{
  g_autofree char *quoted = g_shell_quote (path);
  const char *kind = type == S_IFDIR ? "directory" : "regular file";
  const char *problem = S_ISLNK (status->st_mode) ? "is a symbolic link, not a" : "is not a";

  if ((status->st_mode & S_IFMT) != type)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH, "%s %s %s; move it away", path, problem,
                   kind);
      return FALSE;
    }
  if (status->st_uid != geteuid ())
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH,
                   "%s belongs to the user with id %u, not to you (id %u); move it away", path,
                   (guint) status->st_uid, (guint) geteuid ());
      return FALSE;
    }
  if ((status->st_mode & 077) != 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH,
                   "%s is open to other users (mode %04o); run: chmod %o %s", path,
                   (guint) (status->st_mode & 07777),
                   (guint) (type == S_IFDIR ? DIRECTORY_MODE : FILE_MODE), quoted);
      return FALSE;
    }

  return TRUE;
}

static gboolean
make_directory (const char *directory, GError **error)
{
  struct stat status;

  if (lstat (directory, &status) == 0)
    return check_private (&status, S_IFDIR, directory, error);
  if (errno != ENOENT || g_mkdir_with_parents (directory, DIRECTORY_MODE) != 0)
    {
      set_errno_error ("make", directory, error);
      return FALSE;
    }

  return TRUE;
}

static gboolean
open_directory (BfyStore *self, GError **error)
{
  struct stat status;

  self->directory_fd = open (self->directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (self->directory_fd < 0 || fstat (self->directory_fd, &status) != 0)
    {
      set_errno_error ("open", self->directory, error);
      return FALSE;
    }

  return check_private (&status, S_IFDIR, self->directory, error);
}

static void
set_in_use (BfyStore *self, GError **error)
{
  char text[PID_TEXT_MAX + 1] = { 0 };
  guint64 pid = 0;

  if (pread (self->lock_fd, text, PID_TEXT_MAX, 0) > 0)
    pid = g_ascii_strtoull (text, NULL, 10);
  if (pid > 0)
    g_set_error (
        error, BFY_ERROR, BFY_ERROR_IN_USE,
        "Another bindify-agent (pid %" G_GUINT64_FORMAT
        ") uses %s: “bindify status” shows it; a second one needs a --state-dir of its own",
        pid, self->directory);
  else
    g_set_error (error, BFY_ERROR, BFY_ERROR_IN_USE, "Another bindify-agent uses %s",
                 self->directory);
}

/* For the message of the agent that comes second; being unable to write it is no reason to stop. */
static void
write_pid (BfyStore *self)
{
  char text[PID_TEXT_MAX];
  int length = g_snprintf (text, sizeof text, "%ld\n", (long) getpid ());

  if (ftruncate (self->lock_fd, 0) != 0 || pwrite (self->lock_fd, text, length, 0) != length)
    g_info ("Cannot note our process id in %s/" BFY_STORE_LOCK_FILE ": %s", self->directory,
            g_strerror (errno));
}

/* The lock file is never removed: removing it would let two agents lock two files of one name. */
static gboolean
lock_directory (BfyStore *self, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, BFY_STORE_LOCK_FILE, NULL);
  struct stat status;

  self->lock_fd = openat (self->directory_fd, BFY_STORE_LOCK_FILE,
                          O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, FILE_MODE);
  if (self->lock_fd < 0 && errno != ELOOP)
    {
      set_errno_error ("open", path, error);
      return FALSE;
    }
  if (fstatat (self->directory_fd, BFY_STORE_LOCK_FILE, &status, AT_SYMLINK_NOFOLLOW) != 0)
    {
      set_errno_error ("look at", path, error);
      return FALSE;
    }
  if (!check_private (&status, S_IFREG, path, error))
    return FALSE;

  if (flock (self->lock_fd, LOCK_EX | LOCK_NB) == 0)
    {
      write_pid (self);
      return TRUE;
    }
  if (errno == EWOULDBLOCK)
    set_in_use (self, error);
  else
    set_errno_error ("lock", path, error);

  return FALSE;
}

gboolean
bfy_store_take_directory (BfyStore *self, GError **error)
{
  return make_directory (self->directory, error) && open_directory (self, error) &&
         lock_directory (self, error);
}

void
bfy_store_release_directory (BfyStore *self)
{
  if (self->lock_fd >= 0)
    (void) close (self->lock_fd);
  if (self->directory_fd >= 0)
    (void) close (self->directory_fd);
  self->lock_fd = -1;
  self->directory_fd = -1;
}

/* The size of a file that may be missing: 0 then. */
static gboolean
look_at_file (BfyStore *self, const char *name, goffset *size, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, name, NULL);
  struct stat status;

  *size = 0;
  if (fstatat (self->directory_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    {
      if (errno == ENOENT)
        return TRUE;
      set_errno_error ("look at", path, error);
      return FALSE;
    }
  *size = status.st_size;

  return check_private (&status, S_IFREG, path, error);
}

gboolean
bfy_store_look (BfyStore *self, gboolean *is_new, gboolean *was_killed, GError **error)
{
  goffset size, log_size, index_size;

  if (!look_at_file (self, BFY_STORE_FILE, &size, error) ||
      !look_at_file (self, BFY_STORE_FILE "-wal", &log_size, error) ||
      !look_at_file (self, BFY_STORE_FILE "-shm", &index_size, error))
    return FALSE;

  /* SQLite would play somebody else's log into a new database. */
  if (size == 0 && log_size > 0)
    {
      g_set_error (
          error, BFY_ERROR, BFY_ERROR_STORE_DAMAGED,
          "%s is missing or empty, but its log %s-wal is not. Nothing was changed; put the "
          "database back, or move the log away to start with an empty one",
          self->path, self->path);
      return FALSE;
    }
  *is_new = size == 0;
  *was_killed = log_size > 0;

  return TRUE;
}

gboolean
bfy_store_make_file (BfyStore *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->directory, name, NULL);
  g_autofree char *journal = g_strconcat (name, "-journal", NULL);
  int fd;

  (void) unlinkat (self->directory_fd, name, 0);
  (void) unlinkat (self->directory_fd, journal, 0);
  fd = openat (self->directory_fd, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
               FILE_MODE);
  if (fd < 0)
    {
      set_errno_error ("make", path, error);
      return FALSE;
    }
  (void) close (fd);

  return TRUE;
}

gboolean
bfy_store_rename_file (BfyStore *self, const char *name, GError **error)
{
  if (renameat (self->directory_fd, name, self->directory_fd, BFY_STORE_FILE) != 0 ||
      fsync (self->directory_fd) != 0)
    {
      set_errno_error ("make", self->path, error);
      return FALSE;
    }

  return TRUE;
}
