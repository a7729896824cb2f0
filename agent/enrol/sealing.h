/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Who can open a sealed binding that is added or gets a new credential: a client that is made for
 * it, or one that has presented its key. */
typedef struct
{
  char *client_id; /* (owned) */
  char *label;     /* (owned) */
  BfySecret *key;  /* (owned) 64 bytes */
  gboolean is_new; /* the key was made here and has to be told */
  GStrv lost;      /* (owned) (nullable) ids of clients that could open it until now */
  const BfyCredential *credential; /* (nullable) borrowed: what is to be sealed */
} BfySealing;

/* @label (nullable): what a new client is called, else like the binding. @key (nullable): of an
 * existing client; BFY_ERROR_DENIED when it is none, or may not use the binding. */
BfySealing *bfy_sealing_new (BfyRegistry *registry,
                             const BfyBinding *binding,
                             const char *label,
                             BfySecret *key,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_sealing_free (BfySealing *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySealing, bfy_sealing_free)

/* A BfySealEdit with a BfySealing: puts the credential in. The data key stays what it is if the key
 * opens it, so that all clients keep their access; otherwise there is a new one, and @lost. */
gboolean bfy_sealing_edit (BfySealedCredential *envelope,
                           const BfyBinding *binding,
                           gpointer sealing,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Records the new client, limited to the binding; nothing to do for one that exists. */
gboolean bfy_sealing_add_client (const BfySealing *self,
                                 BfyAgent *agent,
                                 const BfyBinding *binding,
                                 BfyRequest *request,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
