/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "protocol/paths.h"

/* Between the moment in which the agent has a secret and the one in which its file is changed, much
 * can happen: a signal, a full disk, the end of the day. This is what remembers which binding was
 * made for which place, so that the next import takes that one instead of making another.
 *
 *   undo/pending.json  {"pending":[{"path":"…","entry":["mcpServers","notes"],"binding":"notes"}]}
 *
 * It says neither the secret nor anything made of it. Whoever has it holds bfy_undo_lock(). */
typedef struct _BfyPending BfyPending;

/* What the last import left; nothing when there is no such file, or one that cannot be understood.
 * BFY_ERROR_STORAGE, BFY_ERROR_UNSAFE_PATH. */
BfyPending *bfy_pending_load (const BfyEnvironment *environment,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_pending_free (BfyPending *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPending, bfy_pending_free)

/* The binding for the entry at @place of the file @path. (nullable) borrowed until the next change
 */
const char *bfy_pending_find (const BfyPending *self, const char *path, const char *const *place);
/* In memory; any other binding for that place is forgotten. */
void
bfy_pending_put (BfyPending *self, const char *path, const char *const *place, const char *binding);
/* The list as it would be written; borrowed. */
JsonArray *bfy_pending_peek (const BfyPending *self);
/* Adds what such a list says, over what was said of the same places. */
void bfy_pending_take (BfyPending *self, JsonArray *list);
void bfy_pending_drop (BfyPending *self, const char *path, const char *const *place);
/* On the disk when this returns; a list of nothing is no file. BFY_ERROR_STORAGE. */
gboolean bfy_pending_save (BfyPending *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
