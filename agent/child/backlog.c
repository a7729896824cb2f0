/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/backlog.h"

typedef struct
{
  char *id;   /* (owned) (nullable) raw token: of a request */
  char *text; /* (owned) */
  gsize length;
} Held;

struct _BfyBacklog
{
  BfyBacklogRefuse refuse;
  gpointer user_data;
  GQueue held;    /* (owned) (element-type Held) */
  GSource *timer; /* (owned) (nullable) */
};

static void
held_free (gpointer data)
{
  Held *held = data;

  g_free (held->id);
  g_free (held->text);
  g_free (held);
}

BfyBacklog *
bfy_backlog_new (BfyBacklogRefuse refuse, gpointer user_data)
{
  BfyBacklog *self = g_new0 (BfyBacklog, 1);

  self->refuse = refuse;
  self->user_data = user_data;

  return self;
}

static void
drop_timer (BfyBacklog *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

void
bfy_backlog_free (BfyBacklog *self)
{
  if (self == NULL)
    return;

  drop_timer (self);
  g_queue_clear_full (&self->held, held_free);
  g_free (self);
}

static gboolean
on_old (gpointer user_data)
{
  BfyBacklog *self = user_data;
  Held *held;

  drop_timer (self);
  while ((held = g_queue_pop_head (&self->held)) != NULL)
    {
      if (held->id != NULL)
        self->refuse (held->id, self->user_data);
      held_free (held);
    }

  return G_SOURCE_REMOVE;
}

void
bfy_backlog_hold (BfyBacklog *self, const BfyMuxMessage *message)
{
  Held *held;

  if (self->held.length >= BFY_BACKLOG_MAX)
    {
      if (message->id != NULL)
        self->refuse (message->id, self->user_data);
      return;
    }

  held = g_new0 (Held, 1);
  held->id = g_strdup (message->id);
  held->text = g_strndup (message->text, message->length);
  held->length = message->length;
  g_queue_push_tail (&self->held, held);
  if (self->timer != NULL)
    return;
  self->timer = g_timeout_source_new (BFY_BACKLOG_MS);
  g_source_set_callback (self->timer, on_old, self, NULL);
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

void
bfy_backlog_send (BfyBacklog *self, BfyBacklogSend send, gpointer user_data)
{
  Held *held;

  while ((held = g_queue_pop_head (&self->held)) != NULL)
    {
      send (held->text, held->length, user_data);
      held_free (held);
    }
  drop_timer (self);
}
