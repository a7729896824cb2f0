/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/caller/kin.h"

#include "agent/caller/glance.h"

typedef enum
{
  CLIMB_FOUND,
  CLIMB_TOP,  /* nothing above, or nothing that we may see */
  CLIMB_LOST, /* it is gone, or there is no end */
} Climb;

/* Upwards from @pid, to @wanted. An ancestor whose own parent cannot be seen is the top when it
 * still is the parent: where /proc shows users only what is theirs, those above are somebody
 * else's. A parent that has ended meanwhile is another one by now. */
static Climb
climb (int pid, int wanted, BfyParentFunc parent_of, gpointer user_data)
{
  int parent = parent_of (pid, user_data);

  for (guint depth = 0; depth < BFY_KIN_DEPTH_MAX; depth++)
    {
      int above;

      if (parent < 0)
        return CLIMB_LOST;
      if (parent == 0)
        return CLIMB_TOP;
      if (parent == wanted)
        return CLIMB_FOUND;
      above = parent_of (parent, user_data);
      if (above >= 0)
        {
          pid = parent;
          parent = above;
          continue;
        }
      above = parent_of (pid, user_data);
      if (above == parent)
        return CLIMB_TOP;
      parent = above;
    }

  return CLIMB_LOST;
}

BfyKin
bfy_kin_find (int pid, int other, BfyParentFunc parent_of, gpointer user_data)
{
  Climb up, down;

  if (pid <= 0 || other <= 0)
    return BFY_KIN_UNKNOWN;
  if (pid == other)
    return parent_of (pid, user_data) >= 0 ? BFY_KIN_SAME : BFY_KIN_UNKNOWN;

  up = climb (other, pid, parent_of, user_data);
  down = up == CLIMB_FOUND ? CLIMB_TOP : climb (pid, other, parent_of, user_data);
  if (up == CLIMB_FOUND)
    return BFY_KIN_ANCESTOR;
  if (down == CLIMB_FOUND)
    return BFY_KIN_DESCENDANT;

  return up == CLIMB_TOP && down == CLIMB_TOP ? BFY_KIN_NONE : BFY_KIN_UNKNOWN;
}

static int
read_parent (int pid, gpointer user_data)
{
  BfyProcessStat stat;

  return bfy_glance_read_stat (pid, &stat) ? stat.parent : -1;
}

BfyKin
bfy_kin_of (int pid, int other)
{
  return bfy_kin_find (pid, other, read_parent, NULL);
}
