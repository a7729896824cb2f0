/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/greeting.h"

#include "protocol/era.h"
#include "protocol/sse.h"

#define BYTES_MAX (256 * 1024) /* of the answer, or of one event with it */

struct _BfyGreeting
{
  BfySseParser *events; /* (owned) (nullable) */
  GByteArray *text;     /* (owned) (nullable) of a JSON answer; NULL when it is too large */
  char *version;        /* (owned) (nullable) */
};

static void
on_event (const BfySseEvent *event, gpointer user_data)
{
  BfyGreeting *self = user_data;

  if (self->version == NULL)
    self->version = bfy_era_agreed_version (event->data, event->length);
}

BfyGreeting *
bfy_greeting_new (gboolean is_event_stream)
{
  BfyGreeting *self = g_new0 (BfyGreeting, 1);

  if (is_event_stream)
    self->events = bfy_sse_parser_new (BYTES_MAX, on_event, self);
  else
    self->text = g_byte_array_new ();

  return self;
}

void
bfy_greeting_free (BfyGreeting *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->events, bfy_sse_parser_free);
  g_clear_pointer (&self->text, g_byte_array_unref);
  g_free (self->version);
  g_free (self);
}

void
bfy_greeting_read (BfyGreeting *self, const char *bytes, gsize length)
{
  if (self->events != NULL && !bfy_sse_parser_feed (self->events, bytes, length, NULL))
    g_clear_pointer (&self->events, bfy_sse_parser_free);
  if (self->text == NULL)
    return;

  if (length > BYTES_MAX - self->text->len)
    g_clear_pointer (&self->text, g_byte_array_unref);
  else
    g_byte_array_append (self->text, (const guint8 *) bytes, (guint) length);
}

const char *
bfy_greeting_get_version (BfyGreeting *self)
{
  if (self->version == NULL && self->text != NULL)
    self->version = bfy_era_agreed_version ((const char *) self->text->data, self->text->len);

  return self->version;
}
