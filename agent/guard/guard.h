/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/credentials.h"
#include "agent/store/registry.h"
#include "protocol/leak-set.h"

/* What must never come out: every secret that the agent holds in memory, and the decoys of its
 * clients. The set is built anew when one of them has changed and it is asked for next. Of a sealed
 * binding the agent knows nothing but while an exchange has it open (agent/guard/watch.h). */
typedef struct _BfyGuard BfyGuard;

/* Whose it is. */
typedef enum
{
  BFY_GUARD_CREDENTIAL, /* of a binding: access and refresh tokens, client secrets, keys */
  BFY_GUARD_DECOY,      /* of a client */
} BfyGuardKind;

typedef struct
{
  BfyGuardKind kind;
  const char *id; /* of the binding or client; borrowed */
} BfyGuardOwner;

BfyGuard *bfy_guard_new (BfyCredentials *credentials, BfyRegistry *registry);
BfyGuard *bfy_guard_ref (BfyGuard *self);
void bfy_guard_unref (BfyGuard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyGuard, bfy_guard_unref)

/* Borrowed until the main loop runs again; may be empty. */
BfyLeakSet *bfy_guard_peek_set (BfyGuard *self);
/* Of one credential, in the same words: of a sealed binding that is open just now. */
BfyLeakSet *
bfy_guard_make_set (BfyGuard *self, const char *binding_id, const BfyCredential *credential);
/* Of a tag of any set of this guard; it stays the same when sets are built anew. */
BfyGuardOwner bfy_guard_find_owner (BfyGuard *self, guint tag);
/* Whether any client has a decoy. */
gboolean bfy_guard_has_decoys (BfyGuard *self);
/* For those who keep a set: @func is called when secrets must not be remembered any more. */
typedef void (*BfyGuardFunc) (gpointer user_data);
GList *bfy_guard_add_keeper (BfyGuard *self, BfyGuardFunc func, gpointer user_data);
void bfy_guard_remove_keeper (BfyGuard *self, GList *keeper);
/* For logs and texts to people: a copy without any of them, or NULL when there is none in it. Free
 * with g_free(). */
char *bfy_guard_clean_text (BfyGuard *self, const char *text);
