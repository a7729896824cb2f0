/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/caller/root.h"

#include <sys/sysmacros.h>

#include "agent/caller/glance.h"
#include "agent/caller/kin.h"

#define PTS_MAJOR_FIRST 136 /* Documentation/admin-guide/devices.txt */
#define PTS_MAJOR_LAST 143
#define PTS_PER_MAJOR 256

gint64
bfy_terminal_index (int terminal)
{
  guint device_major = major ((dev_t) terminal);

  if (device_major < PTS_MAJOR_FIRST || device_major > PTS_MAJOR_LAST)
    return -1;

  return (gint64) (device_major - PTS_MAJOR_FIRST) * PTS_PER_MAJOR + minor ((dev_t) terminal);
}

int
bfy_root_find (int pid, BfyProcessStatFunc stat_of, gpointer user_data)
{
  BfyProcessStat stat;
  int root = pid;

  if (pid <= 0 || !stat_of (pid, &stat, user_data))
    return 0;

  for (guint depth = 0; depth < BFY_KIN_DEPTH_MAX; depth++)
    {
      if (bfy_terminal_index (stat.terminal) >= 0)
        root = pid;
      pid = stat.parent;
      if (pid <= 1 || !stat_of (pid, &stat, user_data))
        break;
    }

  return root;
}

static gboolean
read_stat (int pid, BfyProcessStat *stat, gpointer user_data)
{
  return bfy_glance_read_stat (pid, stat);
}

int
bfy_root_of (int pid)
{
  return bfy_root_find (pid, read_stat, NULL);
}
