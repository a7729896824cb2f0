/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/credentials.h"

/* Requests that meet a locked keyring. The person is asked once for all that wait for the same
 * binding (and the keyring asks once per collection); a request waits for BFY_UNLOCK_WAIT_MS and
 * is then told “locked”, while the prompt stays for whoever tries again, up to BFY_UNLOCK_PROMPT_MS
 * in all or as long as somebody waits (behaviour 15.5, 15.7). When those who wait go away before
 * that, so does the prompt. Everything else is served meanwhile. */
#define BFY_TYPE_UNLOCKER (bfy_unlocker_get_type ())
G_DECLARE_FINAL_TYPE (BfyUnlocker, bfy_unlocker, BFY, UNLOCKER, GObject)

#define BFY_UNLOCK_WAIT_MS 35000
#define BFY_UNLOCK_PROMPT_MS 120000

/* The times in ms: those above, or shorter ones in tests. */
BfyUnlocker *bfy_unlocker_new (guint wait_ms, guint prompt_ms);

/* TRUE when there is nothing to unlock any more, and at once for a keyring that cannot ask: that
 * one says for itself that it is locked. BFY_ERROR_LOCKED, and what bfy_keyring_unlock_async()
 * gives. */
void bfy_unlocker_open_async (BfyUnlocker *self,
                              BfyKeyring *keyring,
                              const char *id,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean bfy_unlocker_open_finish (BfyUnlocker *self,
                                   GAsyncResult *result,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* bfy_credentials_load_async() that asks the person when it meets a lock, if it @may_ask, and then
 * looks again. */
void bfy_unlocker_load_async (BfyUnlocker *self,
                              BfyCredentials *credentials,
                              BfyBinding *binding,
                              gboolean may_ask,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
gboolean bfy_unlocker_load_finish (BfyUnlocker *self,
                                   GAsyncResult *result,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;
