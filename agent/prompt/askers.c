/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/prompt/askers.h"

#include "agent/caller/glance.h"
#include "agent/grant/grants.h"
#include "agent/prompt/answerer.h"

#define ASKERS_MAX 256 /* the oldest make room */

typedef struct
{
  int pid;
  guint64 started_at; /* the number may be given to another one */
  gint64 until_ms;
} Asker;

struct _BfyAskers
{
  GArray *refused; /* (owned) (element-type Asker) oldest first */
};

BfyAskers *
bfy_askers_new (void)
{
  BfyAskers *self = g_new0 (BfyAskers, 1);

  self->refused = g_array_new (FALSE, FALSE, sizeof (Asker));

  return self;
}

void
bfy_askers_free (BfyAskers *self)
{
  g_array_unref (self->refused);
  g_free (self);
}

void
bfy_askers_add (BfyAskers *self, int pid, gint64 now_ms)
{
  BfyProcessStat stat;
  Asker asker;

  if (!bfy_glance_read_stat (pid, &stat))
    return;

  asker = (Asker){ pid, stat.started_at, now_ms + BFY_GRANT_DENIAL_MS };
  if (self->refused->len >= ASKERS_MAX)
    g_array_remove_index (self->refused, 0);
  g_array_append_val (self->refused, asker);
}

static gboolean
is_still (const Asker *asker, gint64 now_ms)
{
  return asker->until_ms > now_ms && bfy_glance_has_started_at (asker->pid, asker->started_at);
}

gboolean
bfy_askers_have (BfyAskers *self, int pid, gint64 now_ms)
{
  for (guint i = self->refused->len; i > 0; i--)
    {
      const Asker *asker = &g_array_index (self->refused, Asker, i - 1);

      if (!is_still (asker, now_ms))
        g_array_remove_index (self->refused, i - 1);
      else if (bfy_answerer_kin (pid, asker->pid, FALSE) != BFY_KIN_NONE)
        return TRUE;
    }

  return FALSE;
}
