/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/credential.h"

/* What rests in the keyring for a sealed binding (behaviour 11): an envelope that nobody can open
 * with what the agent has. The credential is encrypted under a random data key, and the data key
 * once per client under the second half of that client's key, of which the agent keeps only a hash.
 * As JSON:
 *
 *   {"v":1,"type":"sealed","wraps":[{"client":"UUID","key":"BLOB"}, …],"data":"BLOB"}
 *
 * Each BLOB is a v1 blob (behaviour 10.4) in base64url, bound to the id of the binding: `data` with
 * the purpose `token`, `key` with the purpose `wrap`. Nothing in it is secret without a client's
 * key, so it may lie in ordinary memory. Pure. */
typedef struct _BfySealedCredential BfySealedCredential;

/* Clients that can open one binding. */
#define BFY_SEALED_CLIENTS_MAX 64

/* Empty: no credential, nobody can open it. */
BfySealedCredential *bfy_sealed_credential_new (void);
BfySealedCredential *bfy_sealed_credential_copy (const BfySealedCredential *self);
void bfy_sealed_credential_free (BfySealedCredential *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySealedCredential, bfy_sealed_credential_free)

/* The keyring form. One without a credential has none: NULL. */
BfySecret *bfy_sealed_credential_to_item (const BfySealedCredential *self);
/* BFY_ERROR_CREDENTIAL_DAMAGED for everything that _to_item() does not write, a credential in clear
 * among it: what should be sealed and is not was put there by somebody else. */
BfySealedCredential *bfy_sealed_credential_parse (const BfySecret *item,
                                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether it says of itself that it is one, sound or not. */
gboolean bfy_sealed_credential_is_envelope (const BfySecret *item);

/* Puts @credential in, in place of the one that is there. @data_key: of bfy_blob_make_key(), or the
 * one of before. Under another one the wraps that are there open nothing: remove those clients. */
gboolean bfy_sealed_credential_store (BfySealedCredential *self,
                                      const char *binding_id,
                                      const BfySecret *data_key,
                                      const BfyCredential *credential,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* BFY_ERROR_CREDENTIAL_DAMAGED when the data key does not fit, BFY_ERROR_CREDENTIAL_MISSING when
 * there is none. */
BfyCredential *bfy_sealed_credential_open (const BfySealedCredential *self,
                                           const char *binding_id,
                                           const BfySecret *data_key,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Lets @client_id, a UUID, open it: wraps @data_key under @proof, the second half of its key. A
 * wrap that it has is replaced. BFY_ERROR_UNSUPPORTED beyond BFY_SEALED_CLIENTS_MAX. */
gboolean bfy_sealed_credential_add_client (BfySealedCredential *self,
                                           const char *binding_id,
                                           const char *client_id,
                                           const BfySecret *proof,
                                           const BfySecret *data_key,
                                           GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The data key. BFY_ERROR_LOCKED when that client has no wrap, BFY_ERROR_CREDENTIAL_DAMAGED when
 * @proof is not what wrapped it or the wrap was changed. */
BfySecret *bfy_sealed_credential_unwrap (const BfySealedCredential *self,
                                         const char *binding_id,
                                         const char *client_id,
                                         const BfySecret *proof,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

gboolean bfy_sealed_credential_has_client (const BfySealedCredential *self, const char *client_id);
/* FALSE when it had none. */
gboolean bfy_sealed_credential_remove_client (BfySealedCredential *self, const char *client_id);
void bfy_sealed_credential_remove_all_clients (BfySealedCredential *self);
guint bfy_sealed_credential_n_clients (const BfySealedCredential *self);
/* Ids, in the order they were added. Free with g_strfreev(). */
GStrv bfy_sealed_credential_dup_clients (const BfySealedCredential *self);
