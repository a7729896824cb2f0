/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What keeps failing in the same way is written down once an hour, so that it does not push out of
 * the log what led to it (behaviour 21.8). */

#include "agent/store/store-private.h"

#define REPEAT_MS (60 * 60 * 1000)
#define REPEATS_MAX 4096 /* kinds remembered; then all are forgotten, and written once more */

static char *
format_kind (const BfyEvent *event)
{
  const char *parts[] = { event->binding_id, event->type, event->category, event->detail };
  GString *kind = g_string_new (NULL);

  /* Absent equals absent, and nothing else. */
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    g_string_append_printf (kind, "%c%s\n", parts[i] != NULL ? '+' : '-',
                            parts[i] != NULL ? parts[i] : "");

  return g_string_free (kind, FALSE);
}

/* A time in the future was noted before the clock was set back. */
static gboolean
is_recent (const gint64 *then_ms, gint64 now_ms)
{
  return then_ms != NULL && *then_ms <= now_ms && now_ms - *then_ms < REPEAT_MS;
}

void
bfy_store_append_failure (BfyStore *self, BfyEvent *event)
{
  g_autofree char *kind = format_kind (event);

  if (event->binding_id != NULL &&
      is_recent (g_hash_table_lookup (self->repeats, kind), event->time_ms))
    {
      bfy_event_free (event);
      return;
    }

  if (g_hash_table_size (self->repeats) >= REPEATS_MAX)
    g_hash_table_remove_all (self->repeats);
  g_hash_table_replace (self->repeats, g_steal_pointer (&kind),
                        g_memdup2 (&event->time_ms, sizeof event->time_ms));
  bfy_store_append_event (self, event, FALSE);
}
