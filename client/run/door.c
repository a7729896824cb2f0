/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/door.h"

#include "client/run/listener.h"

struct _BfyRunDoor
{
  gatomicrefcount ref_count;
  BfyRunListener *listener;  /* (owned) (nullable) NULL when it is closed */
  GSocketClient *client;     /* (owned) */
  GCancellable *cancellable; /* (owned) */
  guint16 port;
};

/* One connection. */
typedef struct
{
  BfyRunDoor *door; /* (owned) a reference */
  GIOStream *inner; /* (owned) to the command */
  GIOStream *outer; /* (owned) (nullable) to the agent */
  guint n_open;     /* directions */
} Pair;

static void
door_unref (BfyRunDoor *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->client);
  g_object_unref (self->cancellable);
  g_free (self);
}

static void
pair_free (Pair *pair)
{
  BfyRunDoor *door = pair->door;

  (void) g_io_stream_close (pair->inner, NULL, NULL);
  if (pair->outer != NULL)
    (void) g_io_stream_close (pair->outer, NULL, NULL);
  g_clear_object (&pair->inner);
  g_clear_object (&pair->outer);
  door_unref (door);
  g_free (pair);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

/* The end of one direction is passed on; the other one may go on for long. */
static void
on_spliced (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Pair *pair = user_data;
  gboolean is_to_agent = G_OUTPUT_STREAM (source) == g_io_stream_get_output_stream (pair->outer);
  GIOStream *target = is_to_agent ? pair->outer : pair->inner;
  gssize n = g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, NULL);
  GSocket *socket = g_socket_connection_get_socket (G_SOCKET_CONNECTION (target));

  /* What broke off on one side breaks off on the other. */
  (void) g_socket_shutdown (socket, n < 0, TRUE, NULL);
  if (--pair->n_open == 0)
    pair_free (pair);
}

static void
lead (Pair *pair, GIOStream *from, GIOStream *to)
{
  pair->n_open++;
  g_output_stream_splice_async (g_io_stream_get_output_stream (to),
                                g_io_stream_get_input_stream (from), G_OUTPUT_STREAM_SPLICE_NONE,
                                G_PRIORITY_DEFAULT, pair->door->cancellable, on_spliced, pair);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Pair) pair = user_data;
  GSocketConnection *connection =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, NULL);

  if (connection == NULL)
    return;

  pair->outer = G_IO_STREAM (connection);
  lead (pair, pair->inner, pair->outer);
  lead (pair, pair->outer, pair->inner);
  g_steal_pointer (&pair);
}

static void
on_guest (GSocketConnection *connection, gpointer user_data)
{
  BfyRunDoor *self = user_data;
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, self->port);
  Pair *pair = g_new0 (Pair, 1);

  g_atomic_ref_count_inc (&self->ref_count);
  pair->door = self;
  pair->inner = G_IO_STREAM (connection);
  g_socket_client_connect_async (self->client, G_SOCKET_CONNECTABLE (address), self->cancellable,
                                 on_connected, pair);
}

BfyRunDoor *
bfy_run_door_new (int listener, guint16 port, GError **error)
{
  BfyRunDoor *self = g_new0 (BfyRunDoor, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->port = port;
  self->cancellable = g_cancellable_new ();
  self->client = g_socket_client_new ();
  g_socket_client_set_enable_proxy (self->client, FALSE);
  self->listener = bfy_run_listener_new (listener, on_guest, self, error);
  if (self->listener == NULL)
    g_clear_pointer (&self, bfy_run_door_free);

  return self;
}

void
bfy_run_door_free (BfyRunDoor *self)
{
  if (self == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->listener, bfy_run_listener_free);
  door_unref (self);
}
