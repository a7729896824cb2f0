/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* What a move did. */
typedef struct
{
  char *from;      /* (owned) the keyring the binding had */
  gboolean moved;  /* FALSE: it was there already, and left-over copies were looked for */
  guint n_cleaned; /* left-over copies in other keyrings that are gone now */
  char *left_over; /* (owned) (nullable) why a copy stays where it was */
} BfyMove;

void bfy_move_clear (BfyMove *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyMove, bfy_move_clear)

/* Takes the credential of @binding to the keyring @target: looks it up, stores it, reads it back,
 * compares, records the new keyring durably, and only then deletes the old copy (behaviour 12.10,
 * craft 1.1.11). Killed anywhere in between, the record names a keyring that holds it; doing it
 * again finishes the job and removes a copy that was left. The keyrings' bytes are opaque here.
 *
 * BFY_ERROR_INVALID_ARGUMENT without credential, BFY_ERROR_IN_USE while it is being stored, removed
 * or moved, BFY_ERROR_CREDENTIAL_DAMAGED when the target gives back something else, and whatever
 * the keyrings say; the source is then as it was. */
void bfy_move_async (BfyAgent *agent,
                     BfyBinding *binding,
                     const char *target,
                     GAsyncReadyCallback callback,
                     gpointer user_data);
gboolean
bfy_move_finish (GAsyncResult *result, BfyMove *move, GError **error) G_GNUC_WARN_UNUSED_RESULT;
