/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/body.h"

#include <glib/gi18n-lib.h>

#include "protocol/error.h"

#define CHUNK_BYTES (64 * 1024)

typedef struct
{
  GByteArray *bytes; /* (owned) */
  gsize bytes_max;
} ReadClosure;

static void
read_closure_free (ReadClosure *closure)
{
  g_clear_pointer (&closure->bytes, g_byte_array_unref);
  g_free (closure);
}

static void read_more (GTask *task);

static void
on_chunk (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) chunk = NULL;
  ReadClosure *closure = g_task_get_task_data (task);
  gsize length = 0;
  const guint8 *data;

  chunk = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);
  if (chunk == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  data = g_bytes_get_data (chunk, &length);
  if (length == 0)
    {
      GBytes *body = g_byte_array_free_to_bytes (g_steal_pointer (&closure->bytes));

      g_task_return_pointer (task, body, (GDestroyNotify) g_bytes_unref);
      return;
    }
  if (length > closure->bytes_max - closure->bytes->len)
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE,
                               _ ("The answer is larger than %lu bytes"),
                               (gulong) closure->bytes_max);
      return;
    }

  g_byte_array_append (closure->bytes, data, (guint) length);
  read_more (g_steal_pointer (&task));
}

/* Takes @task. */
static void
read_more (GTask *task)
{
  g_input_stream_read_bytes_async (g_task_get_source_object (task), CHUNK_BYTES, G_PRIORITY_DEFAULT,
                                   g_task_get_cancellable (task), on_chunk, task);
}

void
bfy_body_read_async (GInputStream *stream,
                     gsize bytes_max,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  GTask *task = g_task_new (stream, cancellable, callback, user_data);
  ReadClosure *closure = g_new0 (ReadClosure, 1);

  closure->bytes = g_byte_array_new ();
  closure->bytes_max = bytes_max;
  g_task_set_task_data (task, closure, (GDestroyNotify) read_closure_free);
  g_task_set_source_tag (task, bfy_body_read_async);
  read_more (task);
}

GBytes *
bfy_body_read_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
