/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/replay.h"

#include <string.h>

typedef struct
{
  guint64 stream;
  guint64 number;
  char *json; /* (owned) (nullable) */
  gsize length;
} Event;

struct _BfyReplay
{
  GQueue events; /* (owned) (element-type Event) oldest first */
  gsize n_bytes;
  guint64 last;
};

static void
event_free (gpointer data)
{
  Event *event = data;

  g_free (event->json);
  g_free (event);
}

BfyReplay *
bfy_replay_new (void)
{
  return g_new0 (BfyReplay, 1);
}

void
bfy_replay_free (BfyReplay *self)
{
  if (self == NULL)
    return;

  g_queue_clear_full (&self->events, event_free);
  g_free (self);
}

static char *
format_id (guint64 stream, guint64 number)
{
  return g_strdup_printf ("%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, stream, number);
}

char *
bfy_replay_add (BfyReplay *self, guint64 stream, const char *json, gsize length)
{
  Event *event;

  self->last++;
  if (json == NULL || length > BFY_REPLAY_BYTES_MAX)
    return format_id (stream, self->last);

  event = g_new0 (Event, 1);
  event->stream = stream;
  event->number = self->last;
  event->json = g_strndup (json, length);
  event->length = length;
  self->n_bytes += length;
  g_queue_push_tail (&self->events, event);
  while (self->events.length > BFY_REPLAY_EVENTS_MAX || self->n_bytes > BFY_REPLAY_BYTES_MAX)
    {
      Event *oldest = g_queue_pop_head (&self->events);

      self->n_bytes -= oldest->length;
      event_free (oldest);
    }

  return format_id (stream, self->last);
}

gboolean
bfy_replay_parse_id (const char *id, guint64 *stream, guint64 *number)
{
  const char *dash = strchr (id, '-');
  g_autofree char *first = dash != NULL ? g_strndup (id, (gsize) (dash - id)) : NULL;

  return first != NULL && g_ascii_string_to_unsigned (first, 10, 0, G_MAXUINT64, stream, NULL) &&
         g_ascii_string_to_unsigned (dash + 1, 10, 0, G_MAXUINT64, number, NULL);
}

void
bfy_replay_foreach_after (
    BfyReplay *self, guint64 stream, guint64 number, BfyReplayFunc func, gpointer user_data)
{
  for (const GList *link = self->events.head; link != NULL; link = link->next)
    {
      const Event *event = link->data;
      g_autofree char *id = NULL;

      if (event->stream != stream || event->number <= number)
        continue;
      id = format_id (event->stream, event->number);
      func (id, event->json, event->length, user_data);
    }
}
