/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/secret-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "agent/child/launch.h"
#include "protocol/error.h"

struct _BfySecretFile
{
  char *dir;  /* (owned) */
  char *path; /* (owned) */
  int inotify;
  GSource *watch; /* (owned) (nullable) */
  GSource *timer; /* (owned) (nullable) */
};

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
remove_file (BfySecretFile *self)
{
  drop_source (&self->watch);
  drop_source (&self->timer);
  (void) unlink (self->path);
}

void
bfy_secret_file_free (BfySecretFile *self)
{
  if (self == NULL)
    return;

  remove_file (self);
  if (self->inotify >= 0)
    close (self->inotify);
  if (self->dir != NULL)
    (void) rmdir (self->dir);
  g_free (self->path);
  g_free (self->dir);
  g_free (self);
}

const char *
bfy_secret_file_get_dir (BfySecretFile *self)
{
  return self->dir;
}

static gboolean
on_closed (gint fd, GIOCondition condition, gpointer user_data)
{
  remove_file (user_data);

  return G_SOURCE_REMOVE;
}

static gboolean
on_old (gpointer user_data)
{
  remove_file (user_data);

  return G_SOURCE_REMOVE;
}

static gboolean
write_file (BfySecretFile *self, const BfySecret *secret)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (secret, &length);
  int fd = open (self->path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  gboolean is_ok = fd >= 0 && write (fd, bytes, length) == (gssize) length;

  if (fd >= 0 && close (fd) != 0)
    is_ok = FALSE;

  return is_ok;
}

static void
start (GSource **place, GSource *source, GSourceFunc func, gpointer data)
{
  *place = source;
  g_source_set_callback (source, func, data, NULL);
  g_source_attach (source, g_main_context_get_thread_default ());
}

BfySecretFile *
bfy_secret_file_new (const char *base, const BfySecret *secret, GError **error)
{
  g_autoptr (BfySecretFile) self = g_new0 (BfySecretFile, 1);
  g_autofree char *template = g_build_filename (base, "XXXXXX", NULL);

  self->inotify = -1;
  if (g_mkdtemp_full (template, 0700) != NULL)
    {
      self->dir = g_steal_pointer (&template);
      self->path = g_build_filename (self->dir, BFY_LAUNCH_SECRET_FILE, NULL);
      self->inotify = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
    }
  if (self->inotify < 0 || !write_file (self, secret) ||
      inotify_add_watch (self->inotify, self->path, IN_CLOSE_NOWRITE) < 0)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_STORAGE, "Cannot make a file for a secret: %s",
                   g_strerror (errno));
      return NULL;
    }

  start (&self->watch, g_unix_fd_source_new (self->inotify, G_IO_IN), G_SOURCE_FUNC (on_closed),
         self);
  start (&self->timer, g_timeout_source_new_seconds (BFY_SECRET_FILE_LIFE_S), on_old, self);

  return g_steal_pointer (&self);
}
