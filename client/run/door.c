/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/door.h"

#include "client/run/listener.h"
#include "client/run/splice.h"

struct _BfyRunDoor
{
  gatomicrefcount ref_count;
  BfyRunListener *listener;  /* (owned) (nullable) NULL when it is closed */
  GSocketClient *client;     /* (owned) */
  GCancellable *cancellable; /* (owned) */
  guint16 port;
};

/* Who has connected, until the agent has, too. */
typedef struct
{
  BfyRunDoor *door; /* (owned) a reference */
  GIOStream *inner; /* (owned) (nullable) to the command */
} Guest;

static void
door_unref (gpointer data)
{
  BfyRunDoor *self = data;

  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->client);
  g_object_unref (self->cancellable);
  g_free (self);
}

static void
guest_free (Guest *guest)
{
  g_clear_object (&guest->inner);
  g_clear_pointer (&guest->door, door_unref);
  g_free (guest);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Guest, guest_free)

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Guest) guest = user_data;
  BfyRunDoor *door = guest->door;
  GSocketConnection *agent =
      g_socket_client_connect_finish (G_SOCKET_CLIENT (source), result, NULL);

  if (agent == NULL)
    return;

  g_atomic_ref_count_inc (&door->ref_count);
  bfy_run_splice (g_steal_pointer (&guest->inner), G_IO_STREAM (agent), door->cancellable, 0,
                  door_unref, door);
}

static void
on_guest (GSocketConnection *connection, gpointer user_data)
{
  BfyRunDoor *self = user_data;
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, self->port);
  Guest *guest = g_new0 (Guest, 1);

  g_atomic_ref_count_inc (&self->ref_count);
  guest->door = self;
  guest->inner = G_IO_STREAM (connection);
  g_socket_client_connect_async (self->client, G_SOCKET_CONNECTABLE (address), self->cancellable,
                                 on_connected, guest);
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
