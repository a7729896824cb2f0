/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/saved-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/error.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 400

static gboolean
fail (const char *path, int number, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (path, SHOWN_CHARACTERS_MAX);

  if (number == EEXIST)
    g_set_error (error, BFY_ERROR, BFY_ERROR_EXISTS,
                 _ ("“%s” is there already and is not written over; choose another name"), shown);
  else
    g_set_error (error, BFY_ERROR, number == ENOENT ? BFY_ERROR_NOT_FOUND : BFY_ERROR_STORAGE,
                 "“%s”: %s", shown, g_strerror (number));

  return FALSE;
}

gboolean
bfy_saved_file_write_all (int fd, GBytes *content)
{
  gsize left;
  const guint8 *bytes = g_bytes_get_data (content, &left);

  while (left > 0)
    {
      gssize n = write (fd, bytes, left);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;
      bytes += n;
      left -= (gsize) n;
    }

  return TRUE;
}

/* Some file systems cannot sync a directory. */
gboolean
bfy_saved_file_sync_directory (const char *path)
{
  g_autofree char *name = g_path_get_dirname (path);
  int fd = open (name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean is_ok;

  if (fd < 0)
    return FALSE;
  is_ok = fsync (fd) == 0 || errno == EINVAL || errno == ENOTSUP;
  (void) close (fd);

  return is_ok;
}

gboolean
bfy_saved_file_write (const char *path, GBytes *content, GError **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  gboolean is_whole;
  int number;

  if (fd < 0)
    return fail (path, errno, error);

  is_whole = bfy_saved_file_write_all (fd, content) && fsync (fd) == 0;
  number = errno;
  if (close (fd) != 0 && is_whole)
    {
      number = errno;
      is_whole = FALSE;
    }
  if (is_whole && !bfy_saved_file_sync_directory (path))
    {
      number = errno;
      is_whole = FALSE;
    }
  if (is_whole)
    return TRUE;

  (void) unlink (path);

  return fail (path, number, error);
}

gboolean
bfy_saved_file_is_new (const char *path, GError **error)
{
  struct stat status;

  if (lstat (path, &status) == 0)
    return fail (path, EEXIST, error);

  return errno == ENOENT || fail (path, errno, error);
}

static GBytes *
read_all (const char *path, int fd, gsize size, GError **error)
{
  g_autofree guint8 *bytes = g_malloc (MAX (size, 1));
  gsize length = 0;

  while (length < size)
    {
      gssize n = read (fd, bytes + length, size - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          fail (path, errno, error);
          return NULL;
        }
      if (n == 0)
        break;
      length += (gsize) n;
    }

  return g_bytes_new_take (g_steal_pointer (&bytes), length);
}

static gboolean
check_status (const char *path, const struct stat *status, gsize bytes_max, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (path, SHOWN_CHARACTERS_MAX);

  if (!S_ISREG (status->st_mode))
    g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, _ ("“%s” is not a regular file"),
                 shown);
  else if ((guint64) status->st_size > bytes_max)
    g_set_error (error, BFY_ERROR, BFY_ERROR_TOO_LARGE,
                 _ ("“%s” is larger than any vault (%lu bytes)"), shown, (gulong) bytes_max);
  else
    return TRUE;

  return FALSE;
}

GBytes *
bfy_saved_file_read (const char *path, gsize bytes_max, GError **error)
{
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat status;
  GBytes *content = NULL;

  if (fd < 0 || fstat (fd, &status) != 0)
    fail (path, errno, error);
  else if (check_status (path, &status, bytes_max, error))
    content = read_all (path, fd, (gsize) status.st_size, error);
  if (fd >= 0)
    (void) close (fd);

  return content;
}
