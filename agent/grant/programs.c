/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/grant/programs.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/caller/glance.h"

struct _BfyPrograms
{
  GHashTable *watches; /* (owned) (element-type Watch) a set */
  BfyProgramsFunc ended;
  gpointer user_data;
};

/* Also the key, of which only the process counts. */
typedef struct
{
  int pid;
  guint64 started_at;
  guint n_times;
  int fd;             /* -1: it cannot be watched */
  GSource *source;    /* (owned) (nullable) */
  BfyPrograms *owner; /* borrowed */
} Watch;

static guint
hash_watch (gconstpointer data)
{
  const Watch *watch = data;

  return (guint) watch->pid * 31 + (guint) watch->started_at;
}

static gboolean
equal_watches (gconstpointer a, gconstpointer b)
{
  const Watch *one = a, *other = b;

  return one->pid == other->pid && one->started_at == other->started_at;
}

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  if (watch->source != NULL)
    g_source_destroy (watch->source);
  g_clear_pointer (&watch->source, g_source_unref);
  if (watch->fd >= 0)
    close (watch->fd);
  g_free (watch);
}

BfyPrograms *
bfy_programs_new (BfyProgramsFunc ended, gpointer user_data)
{
  BfyPrograms *self = g_new0 (BfyPrograms, 1);

  self->watches = g_hash_table_new_full (hash_watch, equal_watches, watch_free, NULL);
  self->ended = ended;
  self->user_data = user_data;

  return self;
}

void
bfy_programs_free (BfyPrograms *self)
{
  g_hash_table_unref (self->watches);
  g_free (self);
}

static gboolean
on_ended (gint fd, GIOCondition condition, gpointer user_data)
{
  Watch *watch = user_data;
  BfyPrograms *self = watch->owner;
  int pid = watch->pid;
  guint64 started_at = watch->started_at;

  g_hash_table_remove (self->watches, watch);
  self->ended (pid, started_at, self->user_data);

  return G_SOURCE_REMOVE;
}

/* The descriptor first, so that the process which is looked at is the one that is watched. FALSE
 * when there is no such process any more. */
static gboolean
begin_watching (Watch *watch)
{
  watch->fd = (int) syscall (SYS_pidfd_open, watch->pid, 0);
  if ((watch->fd < 0 && errno == ESRCH) ||
      !bfy_glance_has_started_at (watch->pid, watch->started_at))
    return FALSE;
  if (watch->fd < 0)
    return TRUE;

  watch->source = g_unix_fd_source_new (watch->fd, G_IO_IN);
  g_source_set_callback (watch->source, G_SOURCE_FUNC (on_ended), watch, NULL);
  g_source_attach (watch->source, g_main_context_get_thread_default ());

  return TRUE;
}

gboolean
bfy_programs_watch (BfyPrograms *self, int pid, guint64 started_at)
{
  const Watch key = { .pid = pid, .started_at = started_at };
  Watch *watch = g_hash_table_lookup (self->watches, &key);

  if (watch != NULL)
    {
      watch->n_times++;
      return TRUE;
    }

  watch = g_new0 (Watch, 1);
  *watch = (Watch){ .pid = pid, .started_at = started_at, .n_times = 1, .owner = self };
  if (!begin_watching (watch))
    {
      watch_free (watch);
      return FALSE;
    }
  g_hash_table_add (self->watches, watch);

  return TRUE;
}

void
bfy_programs_unwatch (BfyPrograms *self, int pid, guint64 started_at)
{
  const Watch key = { .pid = pid, .started_at = started_at };
  Watch *watch = g_hash_table_lookup (self->watches, &key);

  if (watch != NULL && --watch->n_times == 0)
    g_hash_table_remove (self->watches, watch);
}
