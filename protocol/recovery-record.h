/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/credential.h"

/* The token set that has just come from the server, on the disk before anything else happens to it
 * (behaviour 7.10, 7.11): the server may have made the old refresh token void already, so this is
 * all there is until the keyring has the new set, too.
 *
 * It is a v1 blob (behaviour 10.4) with the purpose `recovery`. Its key is derived from the tokens
 * of the set that it succeeds, which rests in the keyring. So whoever can read that item can read
 * the record after a kill -9, when no key in memory is left, and nobody else can: not without the
 * keyring, and for a sealed binding not without a client's key. A record whose key is not that of
 * what is in the keyring has done its service: the item has been replaced since. Pure. */

/* (transfer full) No plaintext is in it. */
GBytes *bfy_recovery_record_seal (const char *binding_id,
                                  const BfyCredential *old,
                                  const BfyCredential *successor,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether it was made to succeed @old. Not what is damaged beyond telling. */
gboolean bfy_recovery_record_succeeds (GBytes *record, const BfyCredential *old);
/* The successor of @old: decrypted, and of the shape that a credential must have (behaviour 9.5).
 * BFY_ERROR_CREDENTIAL_DAMAGED. */
BfyCredential *bfy_recovery_record_open (GBytes *record,
                                         const char *binding_id,
                                         const BfyCredential *old,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
