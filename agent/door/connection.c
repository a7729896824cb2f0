/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/door/connection.h"

BfyConnection *
bfy_connection_new (BfyDoor *door, GSocketConnection *stream, const BfyPeer *peer, guint64 body_max)
{
  BfyConnection *self = g_new0 (BfyConnection, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->door = bfy_door_get_kind (door);
  self->port = bfy_door_get_port (door);
  self->peer = *peer;
  self->stream = bfy_door_stream_new (stream, body_max);

  return self;
}

BfyConnection *
bfy_connection_ref (BfyConnection *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_connection_unref (BfyConnection *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->stream);
  g_free (self);
}
