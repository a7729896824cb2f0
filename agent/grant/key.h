/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/grant.h"

/* What a grant is found by. */

/* Everything borrowed. */
typedef struct
{
  guint hash;
  const char *who;
  const char *binding_id;
  const char *method;
  const char *name; /* (nullable) */
  const char *rule;
  BfyPolicyKind kind;
  BfyAccess access;
  int pid; /* of a session of a program, else 0 */
  guint64 started_at;
  const guint8 *digest; /* (nullable) */
} BfyGrantKey;

/* Whose grants count for @caller: its subject. One that cannot be recognised is the process that
 * it is now, or else no more than its connection. Free with g_free(). */
char *bfy_grant_dup_who (const BfyCaller *caller);

/* Each borrows from its arguments. */
BfyGrantKey bfy_grant_key_of (const BfyGrant *grant, const char *who);
/* What is common to all keys of what covers @wish; its hash is none until it is narrowed. */
BfyGrantKey bfy_grant_key_begin (const BfyWish *wish, const char *who);
/* A key of that for these arguments (nullable: any) and this process (0: any). */
BfyGrantKey
bfy_grant_key_narrow (const BfyGrantKey *self, const guint8 *digest, int pid, guint64 started_at);

/* For hash tables. */
guint bfy_grant_key_hash (gconstpointer key);
gboolean bfy_grant_key_equal (gconstpointer one, gconstpointer other);
/* Whether all that @other is about is what @self is about, too. */
gboolean bfy_grant_key_includes (const BfyGrantKey *self, const BfyGrantKey *other);
