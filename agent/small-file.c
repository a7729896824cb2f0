/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/small-file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/error.h"

static void
set_errno_error (int number, GError **error)
{
  BfyErrorCode code = number == ENOENT ? BFY_ERROR_NOT_FOUND : BFY_ERROR_STORAGE;

  if (number == ELOOP)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH, "It is a symbolic link");
  else
    g_set_error_literal (error, BFY_ERROR, code, g_strerror (number));
}

static gboolean
check_status (const struct stat *status, gsize bytes_max, GError **error)
{
  if (!S_ISREG (status->st_mode))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH, "It is not a regular file");
      return FALSE;
    }
  if ((status->st_uid != geteuid () && status->st_uid != 0) || (status->st_mode & 022) != 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSAFE_PATH,
                   "Other users can change it (owner id %u, mode %04o); chmod go-w makes it yours",
                   (guint) status->st_uid, (guint) (status->st_mode & 07777));
      return FALSE;
    }
  if ((guint64) status->st_size > bytes_max)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_TOO_LARGE,
                   "It is larger than %" G_GSIZE_FORMAT " bytes", bytes_max);
      return FALSE;
    }

  return TRUE;
}

/* Reads at most what the file held when it was looked at: it may be growing. */
static char *
read_all (int fd, gsize size, gsize *length, GError **error)
{
  g_autofree char *text = g_malloc (size + 1);

  *length = 0;
  while (*length < size)
    {
      gssize n_read = read (fd, text + *length, size - *length);

      if (n_read < 0 && errno == EINTR)
        continue;
      if (n_read < 0)
        {
          set_errno_error (errno, error);
          return NULL;
        }
      if (n_read == 0)
        break;
      *length += (gsize) n_read;
    }
  text[*length] = '\0';

  return g_steal_pointer (&text);
}

char *
bfy_small_file_read (
    const char *path, gsize bytes_max, BfySmallFileFlags flags, gsize *length, GError **error)
{
  int nofollow = (flags & BFY_SMALL_FILE_FOLLOW) != 0 ? 0 : O_NOFOLLOW;
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | nofollow);
  struct stat status;
  char *text = NULL;

  if (fd < 0)
    {
      set_errno_error (errno, error);
      return NULL;
    }

  if (fstat (fd, &status) != 0)
    set_errno_error (errno, error);
  else if (check_status (&status, bytes_max, error))
    text = read_all (fd, (gsize) status.st_size, length, error);
  (void) close (fd);

  return text;
}
