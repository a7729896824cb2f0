/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/door.h"
#include "agent/door/stream.h"

/* An accepted connection with what is known of its other end; one per stream, shared by the
 * requests that come over it. */
typedef struct
{
  gatomicrefcount ref_count;
  BfyDoorKind door;
  guint16 port; /* of the TCP door, 0 on the UNIX door */
  BfyPeer peer;
  BfyDoorStream *stream; /* (owned) */
} BfyConnection;

BfyConnection *bfy_connection_new (BfyDoor *door,
                                   GSocketConnection *stream,
                                   const BfyPeer *peer,
                                   guint64 body_max);
BfyConnection *bfy_connection_ref (BfyConnection *self);
void bfy_connection_unref (BfyConnection *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyConnection, bfy_connection_unref)
