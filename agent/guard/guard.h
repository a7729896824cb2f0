/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/credentials.h"
#include "agent/store/registry.h"
#include "protocol/leak-set.h"

/* What must never come out: every secret that the agent holds in memory, and the decoys of its
 * clients. The set is built anew when one of them changes and is asked for next. */
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
void bfy_guard_free (BfyGuard *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyGuard, bfy_guard_free)

/* Borrowed until the main loop runs again; never NULL, may be empty. */
BfyLeakSet *bfy_guard_peek_set (BfyGuard *self);
/* Of a tag of that set. */
BfyGuardOwner bfy_guard_find_owner (BfyGuard *self, guint tag);
/* For logs and texts to people: a copy without any of them, or NULL when there is none in it. Free
 * with g_free(). */
char *bfy_guard_clean_text (BfyGuard *self, const char *text);
