/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/kdf.h"

/* The bodies of requests about the agent's lock. Keys are taken into a BfySecret from the bytes of
 * the request; the caller then wipes those (bfy_request_wipe_body()). */
typedef struct
{
  BfyKdf kdf;         /* set when there is a key and the form has one */
  BfySecret *key;     /* (owned) (nullable) BFY_KDF_KEY_BYTES */
  BfySecret *old_key; /* (owned) (nullable) BFY_KDF_KEY_BYTES */
  guint slot;         /* of the vault, whose key it is; 0: of the lock */
  gboolean is_by_keyring;
} BfyLockRequest;

typedef enum
{
  BFY_LOCK_REQUEST_CLOSE,    /* {"kdf","key"} or nothing */
  BFY_LOCK_REQUEST_OPEN,     /* {"key"}, {"slot":N,"key"}, {"keyring":true} or nothing */
  BFY_LOCK_REQUEST_APPROVAL, /* {"old_key","kdf","key"}, without the last two for none any more */
} BfyLockRequestForm;

/* BFY_ERROR_PARSE, BFY_ERROR_BAD_REQUEST. What was read, also on error, is released with
 * bfy_lock_request_clear(). */
gboolean bfy_lock_request_parse (BfyLockRequest *self,
                                 BfyLockRequestForm form,
                                 GBytes *body,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_lock_request_clear (BfyLockRequest *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (BfyLockRequest, bfy_lock_request_clear)
