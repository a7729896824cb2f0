/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/enrol/first-event.h"

#include "protocol/endpoint.h"
#include "protocol/error.h"

#define READ_BYTES 4096
#define EVENT_BYTES_MAX (64 * 1024)

typedef struct
{
  BfySseParser *parser; /* (owned) */
  char *stream_url;     /* (owned) */
  GError *error;        /* (owned) (nullable) why the event will not do */
  gboolean has_event;
} Reader;

static void
reader_free (gpointer user_data)
{
  Reader *reader = user_data;

  bfy_sse_parser_free (reader->parser);
  g_clear_error (&reader->error);
  g_free (reader->stream_url);
  g_free (reader);
}

static GError *
new_unsupported (void)
{
  return g_error_new_literal (BFY_ERROR, BFY_ERROR_UNSUPPORTED, "Its stream names no endpoint");
}

static void
on_event (const BfySseEvent *event, gpointer user_data)
{
  Reader *reader = user_data;
  g_autofree char *url = NULL;

  if (reader->has_event || !bfy_endpoint_counts (event))
    return;

  reader->has_event = TRUE;
  if (bfy_endpoint_judge (event, TRUE, TRUE) == BFY_ENDPOINT_ANNOUNCE)
    url = bfy_endpoint_resolve (reader->stream_url, event->data, event->length, &reader->error);
  else
    reader->error = new_unsupported ();
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Reader *reader = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes =
      g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  gsize length = bytes != NULL ? g_bytes_get_size (bytes) : 0;

  if (bytes != NULL && length == 0)
    error = new_unsupported ();
  if (length > 0 &&
      !bfy_sse_parser_feed (reader->parser, g_bytes_get_data (bytes, NULL), length, &error))
    g_debug ("The first event of a stream is too large");

  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (reader->error != NULL)
    g_task_return_error (task, g_steal_pointer (&reader->error));
  else if (reader->has_event)
    g_task_return_boolean (task, TRUE);
  else
    g_input_stream_read_bytes_async (G_INPUT_STREAM (source), READ_BYTES, G_PRIORITY_DEFAULT,
                                     g_task_get_cancellable (task), on_read, g_object_ref (task));
}

void
bfy_first_event_read_async (GInputStream *input,
                            const char *stream_url,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Reader *reader = g_new0 (Reader, 1);

  g_task_set_source_tag (task, bfy_first_event_read_async);
  g_task_set_task_data (task, reader, reader_free);
  reader->stream_url = g_strdup (stream_url);
  reader->parser = bfy_sse_parser_new (EVENT_BYTES_MAX, on_event, reader);
  g_input_stream_read_bytes_async (input, READ_BYTES, G_PRIORITY_DEFAULT, cancellable, on_read,
                                   task);
}

gboolean
bfy_first_event_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
