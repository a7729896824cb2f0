/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/answer.h"

#include "agent/child/sender.h"

struct _BfyAnswer
{
  BfyRequest *request; /* (owned) */
  BfySender *sender;   /* (owned) (nullable) once it is a stream */
  gboolean is_finished;
};

BfyAnswer *
bfy_answer_new (BfyRequest *request)
{
  BfyAnswer *self = g_new0 (BfyAnswer, 1);

  self->request = bfy_request_ref (request);

  return self;
}

void
bfy_answer_free (BfyAnswer *self)
{
  if (self == NULL)
    return;

  g_clear_pointer (&self->sender, bfy_sender_free);
  if (!self->is_finished && !bfy_request_is_over (self->request))
    bfy_request_break (self->request);
  bfy_request_unref (self->request);
  g_free (self);
}

/* Within checked JSON a line break is white space between tokens; an event has one line. */
static void
send_event (BfyAnswer *self, const char *json)
{
  g_autofree char *line = g_strdelimit (g_strdup (json), "\r\n", ' ');

  bfy_sender_event (self->sender, NULL, line, strlen (line));
}

static void
begin_stream (BfyAnswer *self)
{
  if (self->sender == NULL)
    self->sender = bfy_sender_new (self->request, NULL);
}

void
bfy_answer_event (BfyAnswer *self, const char *json)
{
  if (self->is_finished || bfy_request_is_over (self->request))
    return;

  begin_stream (self);
  send_event (self, json);
}

static void
reply (BfyAnswer *self, guint status, const char *json, const char *session_id)
{
  gsize length = strlen (json);
  SoupMessageHeaders *headers = bfy_request_begin (self->request, status, (goffset) length, FALSE);
  g_autoptr (GBytes) bytes = NULL;

  if (headers == NULL)
    return;
  soup_message_headers_replace (headers, "Content-Type", "application/json");
  if (session_id != NULL)
    soup_message_headers_replace (headers, "Mcp-Session-Id", session_id);
  bytes = g_bytes_new (json, length);
  bfy_request_write (self->request, bytes, NULL, NULL);
  bfy_request_end (self->request);
}

void
bfy_answer_finish (BfyAnswer *self, guint status, const char *json, const char *session_id)
{
  if (self->is_finished)
    return;

  self->is_finished = TRUE;
  if (self->sender == NULL)
    {
      reply (self, status, json, session_id);
      return;
    }
  send_event (self, json);
  bfy_sender_end (self->sender);
}

void
bfy_answer_end (BfyAnswer *self)
{
  if (self->is_finished)
    return;

  begin_stream (self);
  self->is_finished = TRUE;
  bfy_sender_end (self->sender);
}
