/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/caller/glance.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define STAT_BYTES 1024
#define PATH_BYTES 64
#define REPLACED " (deleted)"

gssize
bfy_glance_read (int pid, const char *name, char *buffer, gsize size)
{
  char path[PATH_BYTES];
  gsize length = 0;
  gssize n = 1;
  int fd;

  g_snprintf (path, sizeof path, "/proc/%d/%s", pid, name);
  fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return -1;
  while (n > 0 && length < size - 1)
    {
      n = read (fd, buffer + length, size - 1 - length);
      if (n < 0 && errno == EINTR)
        n = 1;
      else if (n > 0)
        length += (gsize) n;
    }
  close (fd);
  buffer[length] = '\0';

  return n < 0 ? -1 : (gssize) length;
}

char *
bfy_glance_read_link (int pid, const char *name)
{
  char path[PATH_BYTES];
  g_autofree char *target = NULL;

  g_snprintf (path, sizeof path, "/proc/%d/%s", pid, name);
  target = g_file_read_link (path, NULL);

  return target != NULL ? g_utf8_make_valid (target, -1) : NULL;
}

/* One that has ended is no process any more, though its number may still be taken. */
gboolean
bfy_glance_read_stat (int pid, BfyProcessStat *stat)
{
  char text[STAT_BYTES];
  gssize length = bfy_glance_read (pid, "stat", text, sizeof text);

  return length > 0 && bfy_process_parse_stat (text, (gsize) length, stat) && stat->state != 'Z' &&
         stat->state != 'X';
}

gboolean
bfy_glance_has_started_at (int pid, guint64 started_at)
{
  BfyProcessStat stat;

  return bfy_glance_read_stat (pid, &stat) && stat.started_at == started_at;
}

/* The kernel marks a file that is gone in the text of the link. */
static void
look_at_program (BfyGlance *self)
{
  g_autofree char *path = bfy_glance_read_link (self->pid, "exe");

  if (path == NULL || *path != '/')
    return;
  self->is_replaced = g_str_has_suffix (path, REPLACED);
  if (self->is_replaced)
    path[strlen (path) - strlen (REPLACED)] = '\0';
  self->program = g_steal_pointer (&path);
}

gboolean
bfy_glance_take (BfyGlance *self, int pid)
{
  *self = (BfyGlance){ .pid = pid };
  if (pid <= 0 || !bfy_glance_read_stat (pid, &self->stat))
    return FALSE;
  self->file = bfy_program_file_of (pid);
  look_at_program (self);

  return TRUE;
}

void
bfy_glance_clear (BfyGlance *self)
{
  g_clear_pointer (&self->program, g_free);
}

gboolean
bfy_glance_is_still (const BfyGlance *self)
{
  BfyProgramFile file = bfy_program_file_of (self->pid);
  BfyProcessStat stat;

  return bfy_program_file_is_same (&file, &self->file) && bfy_glance_read_stat (self->pid, &stat) &&
         stat.started_at == self->stat.started_at && stat.parent == self->stat.parent;
}
