/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/kdf.h"

/* What is known of a passphrase: how a key is derived from it, and the SHA-256 of that key. Whoever
 * types it derives, which takes a while; the agent only compares, so it never stands still and
 * never sees the passphrase. Guessing costs the same wherever the work is done. */
#define BFY_VERIFIER_BYTES 32

typedef struct
{
  gboolean is_set;
  BfyKdf kdf;
  guint8 digest[BFY_VERIFIER_BYTES];
} BfyVerifier;

/* @key: BFY_KDF_KEY_BYTES. BFY_ERROR_INVALID_ARGUMENT unless the key was made by scrypt within its
 * bounds. */
gboolean bfy_verifier_set (BfyVerifier *self,
                           const BfyKdf *kdf,
                           const BfySecret *key,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* In constant time. FALSE when none is set. */
gboolean bfy_verifier_fits (const BfyVerifier *self, const BfySecret *key);
void bfy_verifier_clear (BfyVerifier *self);

/* What holds the agent locked without anybody having said so. */
typedef enum
{
  BFY_HELD_SCREEN = 1 << 0,  /* the screen is locked */
  BFY_HELD_SLEEP = 1 << 1,   /* the machine goes to sleep */
  BFY_HELD_SESSION = 1 << 2, /* the person has gone */
} BfyHeld;

/* All of the lock that outlives the agent. */
typedef struct
{
  gboolean is_frozen;
  gboolean is_plain;    /* locked by hand, without a passphrase */
  guint held;           /* set of BfyHeld */
  BfyVerifier lock;     /* set: locked by hand, with it */
  BfyVerifier approval; /* set: asked for before an answer counts */
  guint n_wrong;        /* tries in a row */
} BfyLockRecord;

/* BFY_ERROR_STORE_DAMAGED for what we did not write. */
gboolean bfy_lock_record_parse (BfyLockRecord *self,
                                GBytes *bytes,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NULL when there is nothing to remember. (transfer full) (nullable) */
GBytes *bfy_lock_record_write (const BfyLockRecord *self);
