/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/child/tail.h"

#include "protocol/name.h"
#include "protocol/redact.h"
#include "protocol/timestamp.h"

typedef struct
{
  gint64 time_ms;
  char *text; /* (owned) */
} Line;

struct _BfyTail
{
  GQueue lines; /* (owned) (element-type Line) */
  guint64 n_dropped;
};

static void
line_free (gpointer data)
{
  Line *line = data;

  g_free (line->text);
  g_free (line);
}

BfyTail *
bfy_tail_new (void)
{
  return g_new0 (BfyTail, 1);
}

void
bfy_tail_free (BfyTail *self)
{
  if (self == NULL)
    return;

  g_queue_clear_full (&self->lines, line_free);
  g_free (self);
}

static void
take (BfyTail *self, char *text, gint64 time_ms)
{
  Line *line = g_new0 (Line, 1);

  line->time_ms = time_ms;
  line->text = text;
  g_queue_push_tail (&self->lines, line);
  if (self->lines.length <= BFY_TAIL_LINES_MAX)
    return;
  line_free (g_queue_pop_head (&self->lines));
  self->n_dropped++;
}

void
bfy_tail_add (BfyTail *self,
              const BfyLeakSet *leaks,
              const char *line,
              gsize length,
              gboolean was_cut,
              gint64 time_ms)
{
  gsize safe = was_cut ? bfy_leak_set_safe_length (leaks, line, length) : length;
  gsize n_clean = 0;
  g_autofree char *clean = bfy_leak_set_redact (leaks, line, safe, &n_clean);
  g_autofree char *valid = clean != NULL
                               ? g_utf8_make_valid (clean, (gssize) n_clean)
                               : g_utf8_make_valid (line, (gssize) safe); /* ends at a NUL */
  g_autofree char *redacted = bfy_redact (valid);
  char *shown = bfy_text_to_line (redacted, BFY_TAIL_LINE_BYTES_MAX);

  if (was_cut)
    {
      char *marked = g_strconcat (shown, "…", NULL);

      g_free (shown);
      shown = marked;
    }
  take (self, shown, time_ms);
}

void
bfy_tail_note (BfyTail *self, gint64 time_ms, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  take (self, g_strconcat ("(bindify: ", text, ")", NULL), time_ms);
}

JsonArray *
bfy_tail_to_json (const BfyTail *self)
{
  JsonArray *array = json_array_new ();

  for (const GList *link = self->lines.head; link != NULL; link = link->next)
    {
      const Line *line = link->data;
      JsonObject *object = json_object_new ();

      bfy_time_set_member (object, "time", line->time_ms / 1000);
      json_object_set_string_member (object, "text", line->text);
      json_array_add_object_element (array, object);
    }

  return array;
}

guint64
bfy_tail_n_dropped (const BfyTail *self)
{
  return self->n_dropped;
}
