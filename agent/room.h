/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Keeps to the maximum of bindings that are not paused (bindings_max of bindify.conf, behaviour
 * 22.5): when there are more, after the maximum became less or a pause has ended by itself, the
 * newest are paused; when there is room, the oldest of those that this has paused are resumed.
 * Which these are outlives the agent. What a person paused stays so. Nothing is added or resumed by
 * hand beyond the maximum: bfy_registry_check_room(). */
typedef struct _BfyRoom BfyRoom;

BfyRoom *bfy_room_new (BfyAgent *agent);
void bfy_room_free (BfyRoom *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRoom, bfy_room_free)
