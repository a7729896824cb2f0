/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Sockets for programs that speak PostgreSQL themselves: of each database binding whose URL says
 * relay=on, in a folder of its own beside the agent's socket (pg/NAME, to be given to them as the
 * host). They need no user and no password: the agent signs in, and then passes on whatever is
 * said, which may be anything that the server lets that role do. So it is a tool called “relay” to
 * the policy, and a dangerous one; a session is one call of it, goes through all the gates that a
 * call goes through, and ends with what permitted it: a lock, a freeze, a grant that is revoked,
 * another policy. */
typedef struct _BfyRelays BfyRelays;

#define BFY_RELAY_TOOL "relay"
#define BFY_RELAY_CLIENTS_MAX 64 /* of a binding, at a time */

/* agent->socket_path is known. */
BfyRelays *bfy_relays_new (BfyAgent *agent);
/* Removes the sockets. */
void bfy_relays_free (BfyRelays *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRelays, bfy_relays_free)
/* All sessions end, of one binding or (NULL) all. */
void bfy_relays_end (BfyRelays *self, const char *binding_id);

/* The call of the tool that a session is: it lasts as long as that. For others than programs on the
 * sockets it says which folder they are in. The result is a JsonNode. */
void bfy_relay_call_async (BfyAgent *agent,
                           BfyRequest *request,
                           BfyBinding *binding,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/* Whether an event about it has been written. */
gboolean bfy_relay_call_has_recorded (GAsyncResult *result);
