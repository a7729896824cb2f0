/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/safe-file.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <unistd.h>

#include "protocol/error.h"

#define DIRECTORY_MODE 0700
#define FILE_MODE 0600
#define NEW_SUFFIX ".new"
#define MODE_OF_OTHERS 0077

typedef int Descriptor;

struct _BfySafeDirectory
{
  int fd;
  char *path; /* (owned) */
};

static void
close_descriptor (Descriptor fd)
{
  if (fd >= 0)
    close (fd);
}

G_DEFINE_AUTO_CLEANUP_FREE_FUNC (Descriptor, close_descriptor, -1)

/* Says what could not be done to @path; errno is still that of the call. */
static gboolean
fail_system (const char *what, const char *path, GError **error)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE, "Cannot %s “%s”: %s", what, path,
               g_strerror (errno));

  return FALSE;
}

static gboolean
fail_unsafe (const char *path, const char *why, GError **error)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH, "“%s” %s", path, why);

  return FALSE;
}

static gboolean
check_status (const struct stat *status, const char *path, GError **error)
{
  g_autofree char *quoted = g_shell_quote (path);

  if (status->st_uid != geteuid ())
    return fail_unsafe (path, "belongs to another user; remove it, or give it to yours", error);
  if ((status->st_mode & MODE_OF_OTHERS) == 0)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH,
               "“%s” is open to other users; run: chmod %o %s", path,
               S_ISDIR (status->st_mode) ? DIRECTORY_MODE : FILE_MODE, quoted);
  return FALSE;
}

/* O_NOFOLLOW answers ELOOP for a file, ENOTDIR for a directory. */
static gboolean
fail_open (const char *path, GError **error)
{
  int code = errno;
  struct stat status;

  if (lstat (path, &status) == 0 && S_ISLNK (status.st_mode))
    return fail_unsafe (path, "is a symbolic link; put the real thing in its place", error);
  if (code == ENOENT)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "“%s” does not exist", path);
      return FALSE;
    }

  errno = code;

  return fail_system ("open", path, error);
}

BfySafeDirectory *
bfy_safe_directory_open_foreign (const char *path, GError **error)
{
  g_autoptr (BfySafeDirectory) self = g_new0 (BfySafeDirectory, 1);
  gsize length = strlen (path);

  while (length > 1 && path[length - 1] == '/')
    length--; /* "link/" would be followed */
  self->path = g_strndup (path, length);
  self->fd = open (self->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (self->fd < 0)
    {
      fail_open (self->path, error);
      return NULL;
    }

  return g_steal_pointer (&self);
}

BfySafeDirectory *
bfy_safe_directory_open (const char *path, GError **error)
{
  g_autoptr (BfySafeDirectory) self = bfy_safe_directory_open_foreign (path, error);
  struct stat status;

  if (self == NULL)
    return NULL;
  if (fstat (self->fd, &status) != 0)
    {
      fail_system ("examine", self->path, error);
      return NULL;
    }
  if (!check_status (&status, self->path, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
bfy_safe_directory_free (BfySafeDirectory *self)
{
  if (self == NULL)
    return;

  close_descriptor (self->fd);
  g_free (self->path);
  g_free (self);
}

static gboolean
sync_descriptor (int fd, const char *path, GError **error)
{
  return fsync (fd) == 0 ? TRUE : fail_system ("write", path, error);
}

/* A new directory survives a power failure only when the one it stands in was written, too. */
static gboolean
make_directory (const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_auto (Descriptor) parent_fd = -1;
  int result = mkdir (path, DIRECTORY_MODE);

  if (result != 0 && errno == ENOENT)
    {
      if (!make_directory (parent, error))
        return FALSE;
      result = mkdir (path, DIRECTORY_MODE);
    }
  if (result != 0)
    return errno == EEXIST ? TRUE : fail_system ("make", path, error);

  parent_fd = open (parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (parent_fd < 0)
    return fail_system ("open", parent, error);

  return sync_descriptor (parent_fd, parent, error);
}

BfySafeDirectory *
bfy_safe_directory_create (const char *path, GError **error)
{
  if (!make_directory (path, error))
    return NULL;

  return bfy_safe_directory_open (path, error);
}

/* O_NONBLOCK: a named pipe in the place of the file must not stop us. */
BfySafeFile *
bfy_safe_file_open_with (BfySafeDirectory *directory, const char *name, int flags, GError **error)
{
  g_autoptr (BfySafeFile) self = g_new0 (BfySafeFile, 1);

  self->path = g_build_filename (directory->path, name, NULL);
  self->fd = openat (directory->fd, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
                     FILE_MODE);
  if (self->fd < 0)
    {
      fail_open (self->path, error);
      return NULL;
    }
  if (fstat (self->fd, &self->status) != 0)
    {
      fail_system ("examine", self->path, error);
      return NULL;
    }
  if (!S_ISREG (self->status.st_mode))
    {
      fail_unsafe (self->path, "is not a regular file; remove it", error);
      return NULL;
    }
  if (!check_status (&self->status, self->path, error))
    return NULL;

  return g_steal_pointer (&self);
}

BfySafeFile *
bfy_safe_file_open (BfySafeDirectory *directory, const char *name, GError **error)
{
  return bfy_safe_file_open_with (directory, name, O_RDONLY, error);
}

void
bfy_safe_file_free (BfySafeFile *self)
{
  if (self == NULL)
    return;

  close_descriptor (self->fd);
  g_free (self->path);
  g_free (self);
}

gssize
bfy_safe_file_read (BfySafeFile *self, gpointer buffer, gsize length, GError **error)
{
  gsize n_done = 0;

  while (n_done < length)
    {
      gssize n = pread (self->fd, (guint8 *) buffer + n_done, length - n_done, (off_t) n_done);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          fail_system ("read", self->path, error);
          return -1;
        }
      if (n == 0)
        break;
      n_done += (gsize) n;
    }

  return (gssize) n_done;
}

static gboolean
write_all (int fd, const guint8 *bytes, gsize length)
{
  while (length > 0)
    {
      gssize n = write (fd, bytes, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      bytes += n;
      length -= (gsize) n;
    }

  return TRUE;
}

/* What a killed writer left under this name is ours to remove: we hold the lock. */
static gboolean
write_new (
    BfySafeDirectory *self, const char *name, gconstpointer bytes, gsize length, GError **error)
{
  g_autoptr (BfySafeFile) file = NULL;

  (void) unlinkat (self->fd, name, 0);
  file = bfy_safe_file_open_with (self, name, O_WRONLY | O_CREAT | O_EXCL, error);
  if (file == NULL)
    return FALSE;

  if (fchmod (file->fd, FILE_MODE) != 0 || !write_all (file->fd, bytes, length))
    return fail_system ("write", file->path, error);

  return sync_descriptor (file->fd, file->path, error);
}

/* Both ways of giving the new file its name are atomic; linkat() refuses to replace. */
static gboolean
put_in_place (BfySafeDirectory *self, const char *temporary, const char *name, gboolean may_replace)
{
  if (may_replace)
    return renameat (self->fd, temporary, self->fd, name) == 0;

  return linkat (self->fd, temporary, self->fd, name, 0) == 0 &&
         unlinkat (self->fd, temporary, 0) == 0;
}

gboolean
bfy_safe_directory_prepare (
    BfySafeDirectory *self, const char *name, gconstpointer bytes, gsize length, GError **error)
{
  g_autofree char *temporary = g_strconcat (name, NEW_SUFFIX, NULL);

  if (write_new (self, temporary, bytes, length, error))
    return TRUE;
  (void) unlinkat (self->fd, temporary, 0);

  return FALSE;
}

static gboolean
commit (BfySafeDirectory *self, const char *name, gboolean may_replace, GError **error)
{
  g_autofree char *temporary = g_strconcat (name, NEW_SUFFIX, NULL);
  g_autofree char *path = g_build_filename (self->path, name, NULL);

  if (!put_in_place (self, temporary, name, may_replace))
    {
      fail_system ("write", path, error);
      (void) unlinkat (self->fd, temporary, 0);
      return FALSE;
    }

  return sync_descriptor (self->fd, self->path, error);
}

gboolean
bfy_safe_directory_commit (BfySafeDirectory *self, const char *name, GError **error)
{
  return commit (self, name, TRUE, error);
}

gboolean
bfy_safe_directory_replace (
    BfySafeDirectory *self, const char *name, gconstpointer bytes, gsize length, GError **error)
{
  return bfy_safe_directory_prepare (self, name, bytes, length, error) &&
         commit (self, name, TRUE, error);
}

gboolean
bfy_safe_directory_create_file (
    BfySafeDirectory *self, const char *name, gconstpointer bytes, gsize length, GError **error)
{
  return bfy_safe_directory_prepare (self, name, bytes, length, error) &&
         commit (self, name, FALSE, error);
}

gboolean
bfy_safe_directory_keep (BfySafeDirectory *self,
                         const char *name,
                         const char *kept_name,
                         GError **error)
{
  g_autofree char *path = g_build_filename (self->path, kept_name, NULL);
  struct stat status, kept;

  if (linkat (self->fd, name, self->fd, kept_name, 0) != 0 &&
      !(errno == EEXIST && fstatat (self->fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        fstatat (self->fd, kept_name, &kept, AT_SYMLINK_NOFOLLOW) == 0 &&
        status.st_dev == kept.st_dev && status.st_ino == kept.st_ino))
    return fail_system ("keep what is damaged as", path, error);

  return sync_descriptor (self->fd, self->path, error);
}

gboolean
bfy_safe_directory_remove (BfySafeDirectory *self, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (self->path, name, NULL);

  if (unlinkat (self->fd, name, 0) != 0)
    return fail_system ("remove", path, error);

  return sync_descriptor (self->fd, self->path, error);
}

void
bfy_safe_directory_clean (BfySafeDirectory *self, const char *name)
{
  g_autofree char *temporary = g_strconcat (name, NEW_SUFFIX, NULL);

  (void) unlinkat (self->fd, temporary, 0);
}
