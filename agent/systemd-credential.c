/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/systemd-credential.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "protocol/error.h"

static BfySecret *
fail (const char *name, BfyErrorCode code, const char *why, GError **error)
{
  g_set_error (error, BFY_ERROR, (int) code, "The systemd credential “%s” is not used: %s", name,
               why);

  return NULL;
}

/* Systemd gives a file to its owner alone, or to a group or user by an access list whose mask
 * stands where the group's bits are: only “other” tells something. */
static const char *
why_unsafe (const struct stat *status)
{
  if (!S_ISREG (status->st_mode))
    return "it is not a regular file";
  if (status->st_uid != geteuid () && status->st_uid != 0)
    return "it belongs to another user";
  if ((status->st_mode & 007) != 0)
    return "other users may read or change it";

  return NULL;
}

/* One byte more than allowed, so that a file that is too long shows; -1 on error. */
static gssize
read_all (int fd, guint8 *bytes)
{
  gsize length = 0;

  while (length <= BFY_SYSTEMD_CREDENTIAL_BYTES_MAX)
    {
      gssize n = read (fd, bytes + length, BFY_SYSTEMD_CREDENTIAL_BYTES_MAX + 1 - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return -1;
      if (n == 0)
        break;
      length += (gsize) n;
    }

  return (gssize) length;
}

static BfySecret *
read_open (int fd, const char *name, GError **error)
{
  struct stat status;
  guint8 *bytes;
  g_autoptr (BfySecret) buffer G_GNUC_UNUSED = /* owns @bytes */
      bfy_secret_new_blank (BFY_SYSTEMD_CREDENTIAL_BYTES_MAX + 1, &bytes);
  const char *problem;
  gssize length;

  if (fstat (fd, &status) != 0)
    return fail (name, BFY_ERROR_STORAGE, g_strerror (errno), error);
  problem = why_unsafe (&status);
  if (problem != NULL)
    return fail (name, BFY_ERROR_UNSAFE_PATH, problem, error);
  length = read_all (fd, bytes);
  if (length < 0)
    return fail (name, BFY_ERROR_STORAGE, g_strerror (errno), error);
  if (length > BFY_SYSTEMD_CREDENTIAL_BYTES_MAX)
    return fail (name, BFY_ERROR_TOO_LARGE, "it is larger than 4096 bytes", error);

  return bfy_secret_new (bytes, (gsize) length);
}

BfySecret *
bfy_systemd_credential_read (const char *directory, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  BfySecret *secret;
  int fd;

  if (!g_path_is_absolute (directory))
    return fail (name, BFY_ERROR_UNSAFE_PATH, "CREDENTIALS_DIRECTORY is not an absolute path",
                 error);
  fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0 && errno == ELOOP)
    return fail (name, BFY_ERROR_UNSAFE_PATH, "it is a symbolic link", error);
  if (fd < 0)
    return fail (name, errno == ENOENT ? BFY_ERROR_NOT_FOUND : BFY_ERROR_STORAGE,
                 g_strerror (errno), error);

  secret = read_open (fd, name, error);
  (void) close (fd);

  return secret;
}
