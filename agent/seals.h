/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/credentials.h"
#include "agent/door/request.h"
#include "agent/store/registry.h"

/* The envelopes of sealed bindings: opened for one request with the key it presents, and changed
 * one at a time, so that no change is lost to another that was under way. */
#define BFY_TYPE_SEALS (bfy_seals_get_type ())
G_DECLARE_FINAL_TYPE (BfySeals, bfy_seals, BFY, SEALS, GObject)

BfySeals *bfy_seals_new (BfyCredentials *credentials, BfyRegistry *registry);

/* Whether @request presents a key at all; asked before the keyring is. BFY_ERROR_LOCKED. */
gboolean bfy_seals_check_key (const BfyBinding *binding,
                              BfyRequest *request,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The credential, for the caller alone: it goes into no cache. BFY_ERROR_LOCKED when the request's
 * key is none that opens it. @envelope: (nullable) */
BfyCredential *bfy_seals_open (const BfySealedCredential *envelope,
                               const BfyBinding *binding,
                               BfyRequest *request,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Changes @envelope; FALSE leaves everything as it is. */
typedef gboolean (*BfySealEdit) (BfySealedCredential *envelope,
                                 const BfyBinding *binding,
                                 gpointer user_data,
                                 GError **error);

/* When all earlier changes are done: reads the envelope, lets @edit change it, stores it, reads it
 * back. An envelope that nobody can open any more is removed from the keyring. @edit_data is
 * borrowed until the callback. Once begun it is carried to its end.
 *
 * The envelope is looked for where the registry says by then, not where @binding says; meanwhile it
 * can be neither moved nor removed. BFY_ERROR_IN_USE when that is going on, BFY_ERROR_NOT_FOUND
 * when the binding has gone. */
void bfy_seals_edit_async (BfySeals *self,
                           BfyBinding *binding,
                           BfySealEdit edit,
                           gpointer edit_data,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/* The same for a new credential: a missing or damaged envelope is an empty one to @edit. */
void bfy_seals_replace_async (BfySeals *self,
                              BfyBinding *binding,
                              BfySealEdit edit,
                              gpointer edit_data,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* For a new binding, of which the keyring knows nothing yet. */
void bfy_seals_create_async (BfySeals *self,
                             BfyBinding *binding,
                             BfySealEdit edit,
                             gpointer edit_data,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
/* For all three. */
gboolean bfy_seals_edit_finish (BfySeals *self,
                                GAsyncResult *result,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
