/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/blob.h"
#include "protocol/sealed-credential.h"

#define BFY_SEALED_WRAP_BYTES (BFY_BLOB_OVERHEAD_BYTES + BFY_BLOB_KEY_BYTES)

/* The key of the data, closed with a client's. */
typedef struct
{
  char *client; /* (owned) UUID */
  GBytes *key;  /* (owned) BFY_SEALED_WRAP_BYTES */
} BfySealedWrap;

struct _BfySealedCredential
{
  GPtrArray *wraps; /* (owned) (element-type BfySealedWrap) in the order they were added */
  GBytes *data;     /* (owned) (nullable) a blob longer than BFY_BLOB_OVERHEAD_BYTES */
};

void bfy_sealed_credential_add_wrap (BfySealedCredential *self, const char *client_id, GBytes *key);
/* NULL when there is none. */
BfySealedWrap *bfy_sealed_credential_find_wrap (const BfySealedCredential *self,
                                                const char *client_id);
