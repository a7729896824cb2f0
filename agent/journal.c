/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/journal.h"

#include "protocol/event-type.h"

/* A client that is refused over and over must not fill the journal: what is more is in the record
 * all the same. */
#define LINES_MAX 50
#define WINDOW_US (10 * G_USEC_PER_SEC)

#define FIELDS_MAX 16

struct _BfyJournal
{
  BfyStore *store; /* (owned) */
  gulong event_id;
  gint64 window_us; /* monotonic, its beginning */
  guint n_lines;    /* refusals in it */
};

typedef struct
{
  const char *field;
  gsize offset;
} Row;

static const Row rows[] = {
  { "BINDIFY_EVENT", G_STRUCT_OFFSET (BfyEvent, type) },
  { "BINDIFY_CATEGORY", G_STRUCT_OFFSET (BfyEvent, category) },
  { "BINDIFY_BINDING", G_STRUCT_OFFSET (BfyEvent, binding) },
  { "BINDIFY_CLIENT", G_STRUCT_OFFSET (BfyEvent, client) },
  { "BINDIFY_PEER", G_STRUCT_OFFSET (BfyEvent, peer) },
  { "BINDIFY_METHOD", G_STRUCT_OFFSET (BfyEvent, method) },
  { "BINDIFY_TOOL", G_STRUCT_OFFSET (BfyEvent, tool) },
  { "BINDIFY_HOST", G_STRUCT_OFFSET (BfyEvent, host) },
  { "BINDIFY_DETAIL", G_STRUCT_OFFSET (BfyEvent, detail) },
};

/* As syslog has them. */
static const char *
get_priority (GLogLevelFlags level)
{
  return level == G_LOG_LEVEL_WARNING ? "4" : level == G_LOG_LEVEL_MESSAGE ? "5" : "6";
}

GLogLevelFlags
bfy_journal_level (const BfyEvent *event)
{
  const BfyEventType *type = bfy_event_type_find (event->type);

  if (type != NULL && type->kind == BFY_EVENT_ALARM)
    return G_LOG_LEVEL_WARNING;
  if (event->outcome == BFY_OUTCOME_BLOCKED || type == NULL || type->kind == BFY_EVENT_CHANGE)
    return G_LOG_LEVEL_MESSAGE;

  return G_LOG_LEVEL_INFO;
}

static char *
format_message (const BfyEvent *event)
{
  const char *parts[] = { event->binding, event->client,   event->method,
                          event->tool,    event->category, event->detail };
  GString *line = g_string_new (event->type);

  g_string_append_printf (line, " %s", bfy_outcome_to_wire (event->outcome));
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      if (parts[i] != NULL)
        g_string_append_printf (line, ", %s", parts[i]);
    }

  return g_string_free (line, FALSE);
}

static void
write_line (const BfyEvent *event, GLogLevelFlags level)
{
  g_autofree char *message = format_message (event);
  g_autofree char *status = g_strdup_printf ("%u", event->status);
  GLogField fields[FIELDS_MAX] = {
    { "MESSAGE", message, -1 },
    { "PRIORITY", get_priority (level), -1 },
    { "BINDIFY_OUTCOME", bfy_outcome_to_wire (event->outcome), -1 },
    { "BINDIFY_STATUS", status, -1 },
  };
  gsize n = 4;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const char *text = G_STRUCT_MEMBER (const char *, event, rows[i].offset);

      if (text != NULL)
        fields[n++] = (GLogField){ rows[i].field, text, -1 };
    }
  g_log_structured_array (level, fields, n);
}

/* Of refusals, only so many at a time. */
static gboolean
has_room (BfyJournal *self, const BfyEvent *event)
{
  gint64 now_us = g_get_monotonic_time ();

  if (event->outcome != BFY_OUTCOME_BLOCKED)
    return TRUE;
  if (self->n_lines == 0 || now_us - self->window_us >= WINDOW_US)
    {
      self->window_us = now_us;
      self->n_lines = 0;
    }
  if (++self->n_lines == LINES_MAX)
    g_message ("More is being refused than is said here; bindify log shows all of it");

  return self->n_lines < LINES_MAX;
}

static void
on_event (BfyStore *store, BfyEvent *event, gpointer user_data)
{
  GLogLevelFlags level = bfy_journal_level (event);

  /* Most events are uses, and nobody reads those here. */
  if (!g_log_writer_default_would_drop (level, G_LOG_DOMAIN) && has_room (user_data, event))
    write_line (event, level);
}

BfyJournal *
bfy_journal_new (BfyStore *store)
{
  BfyJournal *self = g_new0 (BfyJournal, 1);

  self->store = g_object_ref (store);
  self->event_id = g_signal_connect (store, "event", G_CALLBACK (on_event), self);

  return self;
}

void
bfy_journal_free (BfyJournal *self)
{
  g_clear_signal_handler (&self->event_id, self->store);
  g_object_unref (self->store);
  g_free (self);
}
