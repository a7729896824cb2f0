/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "keyring/safe-file.h"
#include "protocol/error.h"

struct _BfySafeLock
{
  int fd;
};

BfySafeLock *
bfy_safe_lock_try (BfySafeDirectory *directory, const char *name, GError **error)
{
  g_autoptr (BfySafeFile) file = bfy_safe_file_open_with (directory, name, O_RDWR | O_CREAT, error);
  BfySafeLock *self;

  if (file == NULL)
    return NULL;
  if (flock (file->fd, LOCK_EX | LOCK_NB) != 0)
    {
      if (errno == EWOULDBLOCK)
        g_set_error (error, BFY_ERROR, BFY_ERROR_IN_USE,
                     "Another bindify is writing: it holds “%s”", file->path);
      else
        g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE, "Cannot lock “%s”: %s", file->path,
                     g_strerror (errno));
      return NULL;
    }

  self = g_new0 (BfySafeLock, 1);
  self->fd = file->fd;
  file->fd = -1;

  return self;
}

void
bfy_safe_lock_free (BfySafeLock *self)
{
  if (self == NULL)
    return;

  close (self->fd);
  g_free (self);
}
