/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "tray/agent-link.h"
#include "tray/window/add-draft.h"

/* The request by which a binding comes to be, or gets another credential. Freeing it closes the
 * connection, which is how the agent hears that nobody waits: then nothing is stored. */
typedef struct _BfyAddRequest BfyAddRequest;

typedef struct
{
  /* A step of a sign-in (client/sign-in-text.h). */
  void (*on_step) (JsonObject *step, gpointer user_data);
  /* The last call; the request may be freed in it. @reply: Added of protocol/openapi.yaml, or NULL
   * with @error. */
  void (*on_end) (JsonObject *reply, const GError *error, gpointer user_data);
} BfyAddRequestEvents;

/* No callback comes from within. What is secret in @draft is not needed afterwards. */
BfyAddRequest *bfy_add_request_new (BfyAgentLink *link,
                                    const BfyAddDraft *draft,
                                    const BfyAddRequestEvents *events,
                                    gpointer user_data);
/* No callback follows. */
void bfy_add_request_free (BfyAddRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyAddRequest, bfy_add_request_free)
