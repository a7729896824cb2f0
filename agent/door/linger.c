/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/linger.h"

#define READ_BYTES (16 * 1024)

typedef struct
{
  GSocketConnection *connection; /* (owned) */
  GSource *timer;                /* (owned) */
  gsize n_dropped;
} Linger;

static void
linger_free (gpointer user_data)
{
  Linger *self = user_data;

  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  g_io_stream_close (G_IO_STREAM (self->connection), NULL, NULL);
  g_object_unref (self->connection);
  g_free (self);
}

static gboolean
on_linger_input (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  Linger *self = user_data;
  char waste[READ_BYTES];
  gssize n_read = g_socket_receive_with_blocking (socket, waste, sizeof waste, FALSE, NULL, NULL);

  if (n_read <= 0)
    return G_SOURCE_REMOVE;
  self->n_dropped += (gsize) n_read;

  return self->n_dropped < BFY_LINGER_BYTES_MAX ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
on_linger_timeout (gpointer user_data)
{
  g_source_destroy (user_data);

  return G_SOURCE_REMOVE;
}

void
bfy_linger_begin (GSocketConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection);
  g_autoptr (GSource) input = g_socket_create_source (socket, G_IO_IN, NULL);
  Linger *linger = g_new0 (Linger, 1);

  linger->connection = g_object_ref (connection);
  linger->timer = g_timeout_source_new (BFY_LINGER_TIMEOUT_MS);
  g_source_set_callback (linger->timer, on_linger_timeout, input, NULL);
  g_source_attach (linger->timer, g_main_context_get_thread_default ());
  g_source_set_callback (input, G_SOURCE_FUNC (on_linger_input), linger, linger_free);
  g_source_attach (input, g_main_context_get_thread_default ());
}
