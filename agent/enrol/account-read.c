/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/enrol/account-read.h"

#include <string.h>

#include "protocol/account.h"

/* libsoup 3.2 does not survive being asked for a byte or two where the end of a chunk is due. */
#define READ_BYTES_MIN 64
#define ROOM_BYTES (BFY_ACCOUNT_ANSWER_BYTES_MAX + READ_BYTES_MIN)

typedef struct
{
  GStrv pointers;    /* (owned) */
  BfySecret *secret; /* (owned) (nullable) */
  char *room;        /* (owned) never grows, so that nothing is left behind */
  gsize n_bytes;
} Reader;

static void
reader_free (gpointer user_data)
{
  Reader *reader = user_data;

  explicit_bzero (reader->room, reader->n_bytes);
  g_free (reader->room);
  g_strfreev (reader->pointers);
  g_clear_pointer (&reader->secret, bfy_secret_unref);
  g_free (reader);
}

static void read_more (GTask *task, GInputStream *input);

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Reader *reader = g_task_get_task_data (task);
  gssize n_read = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (n_read > 0)
    reader->n_bytes += (gsize) n_read;
  if (n_read < 0 || reader->n_bytes > BFY_ACCOUNT_ANSWER_BYTES_MAX)
    g_task_return_pointer (task, NULL, NULL);
  else if (n_read > 0)
    read_more (g_steal_pointer (&task), G_INPUT_STREAM (source));
  else
    g_task_return_pointer (task,
                           bfy_account_find (reader->room, reader->n_bytes,
                                             (const char *const *) reader->pointers,
                                             reader->secret),
                           g_free);
}

/* Takes over @task. */
static void
read_more (GTask *task, GInputStream *input)
{
  Reader *reader = g_task_get_task_data (task);

  g_input_stream_read_async (input, reader->room + reader->n_bytes, ROOM_BYTES - reader->n_bytes,
                             G_PRIORITY_DEFAULT, g_task_get_cancellable (task), on_read, task);
}

void
bfy_account_read_async (GInputStream *input,
                        const char *const *pointers,
                        BfySecret *secret,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Reader *reader = g_new0 (Reader, 1);

  g_task_set_source_tag (task, bfy_account_read_async);
  g_task_set_task_data (task, reader, reader_free);
  reader->pointers = g_strdupv ((GStrv) pointers);
  reader->secret = secret != NULL ? bfy_secret_ref (secret) : NULL;
  reader->room = g_malloc (ROOM_BYTES + 1);
  read_more (task, input);
}

char *
bfy_account_read_finish (GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
