/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "keyring/vault.h"

/* The bodies of requests about the vault. Keys of slots are taken into a BfySecret from the bytes
 * of the request; the caller then wipes those (bfy_request_wipe_body()). */
typedef struct
{
  guint slot; /* 0: none named */
  gboolean has_kind;
  BfyVaultSlotKind kind;
  gboolean has_kdf;
  BfyKdf kdf;
  BfySecret *key; /* (owned) (nullable) BFY_KDF_KEY_BYTES */
  GBytes *file;   /* (owned) (nullable) */
  GStrv expected; /* (owned) (nullable) */
} BfyVaultRequest;

typedef enum
{
  BFY_VAULT_REQUEST_SLOT,     /* {"slot":{"kind","kdf","key"}}: a new key slot */
  BFY_VAULT_REQUEST_REPLACE,  /* the same; the kind may be left out */
  BFY_VAULT_REQUEST_UNLOCK,   /* {"slot":N,"key"} */
  BFY_VAULT_REQUEST_EXPORT,   /* {"kdf","key"} */
  BFY_VAULT_REQUEST_FILE,     /* {"file","key"}: the key may be left out */
  BFY_VAULT_REQUEST_EXPECTED, /* {"expected":[…]} or nothing at all */
} BfyVaultRequestForm;

/* Room for the largest vault in base64 and what stands around it. */
#define BFY_VAULT_REQUEST_BYTES_MAX (23 * 1024 * 1024)

/* BFY_ERROR_PARSE, BFY_ERROR_BAD_REQUEST. What was read, also on error, is released with
 * bfy_vault_request_clear(). */
gboolean bfy_vault_request_parse (BfyVaultRequest *self,
                                  BfyVaultRequestForm form,
                                  GBytes *body,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_vault_request_clear (BfyVaultRequest *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyVaultRequest, bfy_vault_request_clear)
