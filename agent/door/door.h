/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/peer.h"

/* A listening socket of the agent. Accepts, asks the kernel who connected, and hands on only the
 * connections of our own uid, before a byte of them is read (behaviour 2.1, design). Out of
 * descriptors it stops accepting instead of spinning, and goes on when a connection closes or after
 * a pause (craft 1.8). */
typedef enum
{
  BFY_DOOR_UNIX,
  BFY_DOOR_TCP,
} BfyDoorKind;

#define BFY_TYPE_DOOR (bfy_door_get_type ())
G_DECLARE_FINAL_TYPE (BfyDoor, bfy_door, BFY, DOOR, GObject)

#define BFY_DOOR_PAUSE_MS 1000 /* before accepting is tried again */

typedef void (*BfyDoorFunc) (BfyDoor *door,
                             GSocketConnection *connection,
                             const BfyPeer *peer,
                             gpointer user_data);

/* Takes over @listener, which listens already. */
BfyDoor *bfy_door_new (GSocket *listener, BfyDoorFunc func, gpointer user_data);
BfyDoorKind bfy_door_get_kind (BfyDoor *self);
/* 0 for the UNIX door. */
guint16 bfy_door_get_port (BfyDoor *self);
/* A connection closed, or the limit was raised: accept again if we had paused. */
void bfy_door_resume (BfyDoor *self);
void bfy_door_pause (BfyDoor *self);
/* Stops listening for good. */
void bfy_door_stop (BfyDoor *self);
