/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What keeps failing in the same way is written down once an hour, so that it does not push out of
 * the log what led to it (behaviour 21.5, 21.6, 21.8). Which types that is said of is in the
 * vocabulary. */

#include "agent/store/store-private.h"
#include "protocol/event-type.h"

#define REPEAT_MS (60 * 60 * 1000)
#define REPEATS_MAX 4096 /* kinds remembered; then all are forgotten, and written once more */

/* Absent equals absent, and nothing else. */
static char *
format_kind (const char *const *parts, guint n_parts)
{
  GString *kind = g_string_new (NULL);

  for (guint i = 0; i < n_parts; i++)
    g_string_append_printf (kind, "%c%s\n", parts[i] != NULL ? '+' : '-',
                            parts[i] != NULL ? parts[i] : "");

  return g_string_free (kind, FALSE);
}

static char *
format_failure (const BfyEvent *event)
{
  const char *parts[] = { event->binding_id, event->type, event->category, event->detail };

  return format_kind (parts, G_N_ELEMENTS (parts));
}

/* The next who fails, or what fails next, is news. */
static char *
format_status (const BfyEvent *event)
{
  g_autofree char *status = g_strdup_printf ("%u", event->status);
  const char *parts[] = { event->binding_id, event->type,   event->category, event->client,
                          event->client_id,  event->method, event->tool,     status };

  return format_kind (parts, G_N_ELEMENTS (parts));
}

/* A time in the future was noted before the clock was set back. */
static gboolean
is_recent (const gint64 *then_ms, gint64 now_ms)
{
  return then_ms != NULL && *then_ms <= now_ms && now_ms - *then_ms < REPEAT_MS;
}

static void
note (BfyStore *self, const char *kind, gint64 time_ms)
{
  if (g_hash_table_size (self->repeats) >= REPEATS_MAX)
    g_hash_table_remove_all (self->repeats);
  g_hash_table_replace (self->repeats, g_strdup (kind), g_memdup2 (&time_ms, sizeof time_ms));
}

static gboolean
is_known (BfyStore *self, const char *kind, gint64 time_ms)
{
  if (is_recent (g_hash_table_lookup (self->repeats, kind), time_ms))
    return TRUE;

  note (self, kind, time_ms);

  return FALSE;
}

/* A success is news behind a failure, and ends it. */
static gboolean
follows_success (BfyStore *self, const BfyEvent *event)
{
  const char *parts[] = { event->binding_id, event->type };
  g_autofree char *kind = format_kind (parts, G_N_ELEMENTS (parts));

  if (event->outcome == BFY_OUTCOME_SUCCESS)
    return !g_hash_table_remove (self->repeats, kind);
  note (self, kind, event->time_ms);

  return FALSE;
}

static gboolean
is_leak (const BfyEvent *event)
{
  return g_strcmp0 (event->category, "leak") == 0;
}

/* An answer that was expected and yet none that says that all is well is no success here. */
static gboolean
is_success (const BfyEvent *event)
{
  return event->outcome == BFY_OUTCOME_SUCCESS &&
         (event->category == NULL || g_str_equal (event->category, "success"));
}

gboolean
bfy_store_is_repeat (BfyStore *self, const BfyEvent *event)
{
  const BfyEventType *type = bfy_event_type_find (event->type);
  g_autofree char *kind = NULL;

  if (type == NULL || type->repeat == BFY_REPEAT_ALWAYS || event->binding_id == NULL)
    return FALSE;
  if (type->repeat == BFY_REPEAT_AFTER_FAILURE && follows_success (self, event))
    return TRUE;
  if (type->repeat == BFY_REPEAT_LEAK ? !is_leak (event)
                                      : event->outcome == BFY_OUTCOME_BLOCKED || is_success (event))
    return FALSE;
  if (type->repeat == BFY_REPEAT_STATUS && g_strcmp0 (event->category, "upstream_error") != 0)
    return FALSE;
  /* That a token could not be stored is not a matter of patience (behaviour 21.3). */
  if (g_strcmp0 (event->category, "store_write_failed") == 0)
    return FALSE;

  kind = type->repeat == BFY_REPEAT_STATUS ? format_status (event) : format_failure (event);

  return is_known (self, kind, event->time_ms);
}
