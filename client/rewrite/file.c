/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/rewrite/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "client/saved-file.h"
#include "protocol/error.h"
#include "protocol/name.h"

#define SHOWN_CHARACTERS_MAX 400
#define BESIDE_PREFIX ".bindify-"
#define MODE_NEW 0600
#define MODE_BITS 0777

static gboolean
fail (const char *path, BfyErrorCode code, const char *problem, GError **error)
{
  g_autofree char *shown = bfy_text_to_line (path, SHOWN_CHARACTERS_MAX);

  g_set_error (error, BFY_ERROR, code, "“%s”: %s", shown, problem);

  return FALSE;
}

static gboolean
fail_errno (const char *path, int number, GError **error)
{
  return fail (path, BFY_ERROR_STORAGE, g_strerror (number), error);
}

void
bfy_user_file_free (BfyUserFile *self)
{
  if (self == NULL)
    return;

  g_free (self->path);
  g_free (self->target);
  g_clear_pointer (&self->content, g_bytes_unref);
  g_free (self);
}

const char *
bfy_user_file_peek (const BfyUserFile *self)
{
  return self->content != NULL ? g_bytes_get_data (self->content, NULL) : "";
}

/* Where it is */

/* (transfer full) (nullable) */
static char *
resolve (const char *path)
{
  char *real = realpath (path, NULL);
  char *copy = g_strdup (real);

  free (real);

  return copy;
}

/* The real place of what need not be there: that of the nearest directory above it that is, and
 * the names below it. A link that leads nowhere is no such thing. */
static char *
resolve_new (const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *above = g_path_get_dirname (path);
  g_autofree char *real = resolve (above);
  struct stat status;

  if (lstat (path, &status) == 0)
    return NULL;
  if (real == NULL && errno == ENOENT && !g_str_equal (above, path))
    real = resolve_new (above);

  return real != NULL ? g_build_filename (real, name, NULL) : NULL;
}

static gboolean
is_below (const char *path, const char *root)
{
  g_autofree char *real = resolve (root);
  gsize length = real != NULL ? strlen (real) : 0;

  return length > 0 && strncmp (path, real, length) == 0 &&
         (path[length] == '/' || g_str_equal (real, "/"));
}

/* Reading */

static gboolean
read_all (int fd, GByteArray *bytes)
{
  guint8 buffer[16384];
  gssize n;

  while (bytes->len <= BFY_USER_FILE_BYTES_MAX)
    {
      n = read (fd, buffer, sizeof buffer);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return n == 0;
      g_byte_array_append (bytes, buffer, (guint) n);
    }

  return TRUE;
}

/* NUL ends it, outside its length. */
static GBytes *
take_bytes (GByteArray *bytes)
{
  gsize length = bytes->len;

  g_byte_array_append (bytes, (const guint8 *) "", 1);

  return g_bytes_new_with_free_func (bytes->data, length, (GDestroyNotify) g_byte_array_unref,
                                     g_byte_array_ref (bytes));
}

static gboolean
check_status (const char *path, const struct stat *status, GError **error)
{
  if (!S_ISREG (status->st_mode))
    return fail (path, BFY_ERROR_UNSAFE_PATH, _ ("it is no regular file"), error);
  if (status->st_uid != geteuid ())
    return fail (path, BFY_ERROR_UNSAFE_PATH, _ ("it belongs to somebody else"), error);

  return status->st_size <= BFY_USER_FILE_BYTES_MAX ||
         fail (path, BFY_ERROR_TOO_LARGE, _ ("it is too large"), error);
}

/* A pipe under this name does not hold us up. */
static gboolean
read_content (BfyUserFile *self, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  struct stat status;
  gboolean is_read = FALSE;
  int fd = open (self->target, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

  if (fd < 0)
    return fail_errno (self->path, errno, error);
  if (fstat (fd, &status) != 0)
    fail_errno (self->path, errno, error);
  else if (check_status (self->path, &status, error))
    is_read = read_all (fd, bytes) || fail_errno (self->path, errno, error);
  (void) close (fd);
  if (is_read && bytes->len > BFY_USER_FILE_BYTES_MAX)
    return fail (self->path, BFY_ERROR_TOO_LARGE, _ ("it is too large"), error);
  if (!is_read)
    return FALSE;
  self->content = take_bytes (bytes);
  self->mode = status.st_mode & MODE_BITS;
  self->changed_at_s = status.st_mtime;

  return TRUE;
}

BfyUserFile *
bfy_user_file_read (const char *path, const char *root, GError **error)
{
  g_autoptr (BfyUserFile) self = g_new0 (BfyUserFile, 1);
  gboolean is_there;

  self->path = g_strdup (path);
  self->mode = MODE_NEW;
  self->target = resolve (path);
  is_there = self->target != NULL;
  if (!is_there && errno != ENOENT)
    {
      fail_errno (path, errno, error);
      return NULL;
    }
  if (!is_there)
    self->target = resolve_new (path);
  if (self->target == NULL || !is_below (self->target, root))
    {
      fail (path, BFY_ERROR_UNSAFE_PATH, _ ("a link leads out of where it may"), error);
      return NULL;
    }
  if (is_there && !read_content (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

/* Writing */

/* The file beside it; (transfer full). */
static char *
write_beside (BfyUserFile *self, GBytes *content, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->target);
  g_autofree char *unique = g_uuid_string_random ();
  g_autofree char *name = g_strdup_printf ("%s/" BESIDE_PREFIX "%s", folder, unique);
  gboolean is_whole;
  int number;
  int fd;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      fail_errno (folder, errno, error);
      return NULL;
    }
  fd = open (name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE_NEW);
  if (fd < 0)
    {
      fail_errno (self->path, errno, error);
      return NULL;
    }
  is_whole =
      bfy_saved_file_write_all (fd, content) && fchmod (fd, self->mode) == 0 && fsync (fd) == 0;
  number = errno;
  if (close (fd) != 0 || !is_whole)
    {
      (void) unlink (name);
      fail_errno (self->path, number, error);
      return NULL;
    }

  return g_steal_pointer (&name);
}

/* Whether the file @path still has the content that was read. */
static gboolean
is_as_read (const BfyUserFile *self, const char *path)
{
  g_autoptr (BfyUserFile) now = g_new0 (BfyUserFile, 1);

  now->path = g_strdup (path);
  now->target = g_strdup (path);

  return self->content != NULL && read_content (now, NULL) &&
         g_bytes_equal (self->content, now->content);
}

static gboolean
fail_changed (const BfyUserFile *self, GError **error)
{
  return fail (self->path, BFY_ERROR_IN_USE, _ ("another program has changed it meanwhile"), error);
}

/* File systems that cannot exchange names: a moment remains between looking and writing. */
static gboolean
replace_plainly (BfyUserFile *self, const char *beside, GError **error)
{
  if (!is_as_read (self, self->target))
    return fail_changed (self, error);

  return g_rename (beside, self->target) == 0 || fail_errno (self->path, errno, error);
}

/* What was there is taken away at the same moment, and put back if it is not what was read. */
static gboolean
replace (BfyUserFile *self, const char *beside, GError **error)
{
  if (renameat2 (AT_FDCWD, beside, AT_FDCWD, self->target, RENAME_EXCHANGE) != 0)
    {
      if (errno == EINVAL || errno == ENOSYS)
        return replace_plainly (self, beside, error);

      return errno == ENOENT ? fail_changed (self, error) : fail_errno (self->path, errno, error);
    }
  if (is_as_read (self, beside))
    return TRUE;
  (void) renameat2 (AT_FDCWD, beside, AT_FDCWD, self->target, RENAME_EXCHANGE);

  return fail_changed (self, error);
}

static gboolean
put_new (BfyUserFile *self, const char *beside, GError **error)
{
  if (link (beside, self->target) == 0)
    return TRUE;

  return errno == EEXIST ? fail_changed (self, error) : fail_errno (self->path, errno, error);
}

static gboolean
take_away (BfyUserFile *self, GError **error)
{
  if (!is_as_read (self, self->target))
    return fail_changed (self, error);
  if (unlink (self->target) != 0)
    return fail_errno (self->path, errno, error);
  bfy_saved_file_sync_directory (self->target);

  return TRUE;
}

/* A file that its owner made read-only is meant to stay as it is. */
static gboolean
check_mode (const BfyUserFile *self, GError **error)
{
  if (self->content == NULL || (self->mode & S_IWUSR) != 0)
    return TRUE;

  return fail (self->path, BFY_ERROR_STORAGE, _ ("it is read-only"), error);
}

static gboolean
check_place (const BfyUserFile *self, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (self->target);

  if (!check_mode (self, error))
    return FALSE;

  return self->content == NULL || access (folder, W_OK | X_OK) == 0 ||
         fail_errno (folder, errno, error);
}

gboolean
bfy_user_file_is_writable (const BfyUserFile *self)
{
  return check_place (self, NULL);
}

gboolean
bfy_user_file_check (const BfyUserFile *self, GError **error)
{
  if (!check_place (self, error))
    return FALSE;

  return self->content == NULL || is_as_read (self, self->target) || fail_changed (self, error);
}

gboolean
bfy_user_file_write (BfyUserFile *self, GBytes *content, GError **error)
{
  g_autofree char *beside = NULL;
  gboolean is_done;

  if (!check_mode (self, error))
    return FALSE;
  if (content == NULL)
    return self->content == NULL || take_away (self, error);
  beside = write_beside (self, content, error);
  if (beside == NULL)
    return FALSE;
  is_done = self->content != NULL ? replace (self, beside, error) : put_new (self, beside, error);
  (void) unlink (beside);
  if (is_done)
    bfy_saved_file_sync_directory (self->target);

  return is_done;
}

/* Whether write_beside() has made a file of this name, which nobody else does. */
static gboolean
is_left_behind (const char *name)
{
  return g_str_has_prefix (name, BESIDE_PREFIX) &&
         g_uuid_string_is_valid (name + strlen (BESIDE_PREFIX));
}

void
bfy_user_file_sweep (const char *path, const char *root)
{
  g_autofree char *target = resolve (path);
  g_autofree char *folder =
      target != NULL && is_below (target, root) ? g_path_get_dirname (target) : NULL;
  g_autoptr (GDir) dir = folder != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *left = g_build_filename (folder, name, NULL);
      struct stat status;

      if (is_left_behind (name) && lstat (left, &status) == 0 && S_ISREG (status.st_mode) &&
          status.st_uid == geteuid ())
        (void) unlink (left);
    }
}
