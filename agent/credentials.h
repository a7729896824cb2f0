/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/keyrings.h"
#include "protocol/binding.h"
#include "protocol/credential.h"
#include "protocol/sealed-credential.h"

/* The credentials in use: read from the keyring once, kept in memory, one look-up however many
 * requests wait for it. Storing reads back and compares before it reports success. Of a sealed
 * binding there is only the envelope, which opens with a client's key (agent/seals.h).
 *
 * Emits "changed" (gboolean is_loss) when the secrets in memory are not what they were; is_loss:
 * some of them must not be remembered by anybody any more. */
#define BFY_TYPE_CREDENTIALS (bfy_credentials_get_type ())
G_DECLARE_FINAL_TYPE (BfyCredentials, bfy_credentials, BFY, CREDENTIALS, GObject)

BfyCredentials *bfy_credentials_new (BfyKeyrings *keyrings);

/* From memory, borrowed until the main loop runs again; NULL when a look-up is needed. */
BfyCredential *bfy_credentials_peek (BfyCredentials *self, const BfyBinding *binding);
BfySealedCredential *bfy_credentials_peek_sealed (BfyCredentials *self, const BfyBinding *binding);

/* All that are in memory and not sealed, in no order. */
typedef void (*BfyCredentialFunc) (const char *binding_id,
                                   const BfyCredential *credential,
                                   gpointer user_data);
void bfy_credentials_foreach (BfyCredentials *self, BfyCredentialFunc func, gpointer user_data);

/* Borrowed; see bfy_keyrings_find(). */
BfyKeyring *bfy_credentials_find_keyring (BfyCredentials *self,
                                          const BfyBinding *binding,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Never prompts: see bfy_unlocker_load_async(). Cancelling gives up waiting, not the look-up that
 * others may wait for. On success _peek, or for a sealed binding _peek_sealed, has
 * it. */
void bfy_credentials_load_async (BfyCredentials *self,
                                 BfyBinding *binding,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
gboolean bfy_credentials_load_finish (BfyCredentials *self,
                                      GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Into the keyring named by the binding. Takes over @credential. Once it has begun it is carried to
 * its end: a credential half stored is worse than one stored for nobody. */
void bfy_credentials_store_async (BfyCredentials *self,
                                  BfyBinding *binding,
                                  BfyCredential *credential,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* The same for the envelope of a sealed binding. The caller holds the binding (see _hold), and
 * still does when called back: an envelope is read, changed and stored in one go. */
void bfy_credentials_store_sealed_async (BfyCredentials *self,
                                         BfyBinding *binding,
                                         BfySealedCredential *envelope,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
/* For both. */
gboolean bfy_credentials_store_finish (BfyCredentials *self,
                                       GAsyncResult *result,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* From memory and keyring; one that is not in the keyring any more is no error. A locked agent
 * removes, too: that hands out nothing. BFY_ERROR_IN_USE while somebody holds the binding: then
 * nothing has happened. When the keyring refuses, because it is locked or not there, the credential
 * stays in it and is read again with the next use. */
void bfy_credentials_remove_async (BfyCredentials *self,
                                   BfyBinding *binding,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* For an envelope; as in _store_sealed_async, the caller holds the binding. */
void bfy_credentials_remove_sealed_async (BfyCredentials *self,
                                          BfyBinding *binding,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
/* For both. */
gboolean bfy_credentials_remove_finish (BfyCredentials *self,
                                        GAsyncResult *result,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Into memory alone, in the place of what is there: what the keyring does not take for now, or what
 * somebody has read from it. Takes over both; a locked agent keeps nothing. */
void bfy_credentials_remember (BfyCredentials *self,
                               const BfyBinding *binding,
                               BfyCredential *credential);
void bfy_credentials_remember_sealed (BfyCredentials *self,
                                      const BfyBinding *binding,
                                      BfySealedCredential *envelope);
/* Drops one from memory; the keyring is untouched. */
void bfy_credentials_forget (BfyCredentials *self, const BfyBinding *binding);
/* Drops everything from memory; keyrings are untouched, and look-ups that are under way go on. */
void bfy_credentials_forget_all (BfyCredentials *self);

/* `bindify lock`: forgets everything, here and in the keyrings, and hands out nothing until
 * _unlock; who waits for a look-up is told BFY_ERROR_LOCKED at once. Storing and removing go on,
 * because a credential half stored is worse, but leave nothing here. Emits "locked", so that
 * whoever still carries a credential drops it, and "unlocked", so that who held back goes on. Both
 * say whether that changed anything. */
gboolean bfy_credentials_lock (BfyCredentials *self);
/* What those are told from the next lock on: BFY_ERROR_LOCKED and how to unlock, or another reason.
 */
void
bfy_credentials_explain_lock (BfyCredentials *self, BfyErrorCode code, const char *static_text);
gboolean bfy_credentials_unlock (BfyCredentials *self);
/* FALSE and BFY_ERROR_LOCKED, or the reason that was given, while locked. */
gboolean bfy_credentials_check_unlocked (BfyCredentials *self, GError **error);

/* While a credential is being stored, removed or moved to another keyring, nobody else may do any
 * of that: FALSE and BFY_ERROR_IN_USE. _store_async and _remove_async hold it by themselves. */
gboolean bfy_credentials_hold (BfyCredentials *self, const BfyBinding *binding, GError **error);
void bfy_credentials_release (BfyCredentials *self, const BfyBinding *binding);
/* Calls back when the look-up that is under way for @binding, if there is one, is over. */
void bfy_credentials_settle_async (BfyCredentials *self,
                                   const BfyBinding *binding,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean bfy_credentials_settle_finish (BfyCredentials *self, GAsyncResult *result);
