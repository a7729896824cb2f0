/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/refresh-plan.h"

/* Keeps OAuth tokens fresh: the one path for requests, timers, refusals of the upstream and the
 * command line (behaviour 7). One refresh in flight per credential however many wait; the new
 * refresh token is durable before the new access token is used; every failure keeps the old set. */
typedef struct _BfyRefresher BfyRefresher;

BfyRefresher *bfy_refresher_new (BfyAgent *agent);
/* Writes what is still unsaved, as far as that goes at once. */
void bfy_refresher_stop (BfyRefresher *self);
void bfy_refresher_free (BfyRefresher *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRefresher, bfy_refresher_free)

/* The hot path: no allocation for a token that is fresh or never expires. @credential is what would
 * be sent; for a sealed binding nothing is begun beside, so it is FRESH or EXPIRED. */
BfyFreshness
bfy_refresher_check (BfyRefresher *self, BfyBinding *binding, const BfyCredential *credential);

typedef enum
{
  BFY_RENEW_EXPIRED, /* a request needs it */
  BFY_RENEW_REFUSED, /* the upstream answered 401: once, whatever the expiry says */
  BFY_RENEW_TIMER,   /* ahead of expiry, or the interval of the service */
  BFY_RENEW_PERSON,  /* bindify test */
} BfyRenewReason;

/* @refused (nullable): the access token that the upstream would not take. If the keyring holds
 * another one by now that one is the answer and nothing is asked. @request (nullable): whose key
 * opens, and closes again, a sealed binding. A caller that goes away does not stop the refresh.
 *
 * BFY_ERROR_REFRESH_COOLDOWN (with when to come back, see below), BFY_ERROR_NEEDS_LOGIN, and the
 * keyring's errors. On success bfy_credentials_peek() has the new one; for a sealed binding
 * bfy_credentials_peek_sealed() has the new envelope. */
void bfy_refresher_renew_async (BfyRefresher *self,
                                BfyBinding *binding,
                                BfyRenewReason reason,
                                BfySecret *refused,
                                BfyRequest *request,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean bfy_refresher_renew_finish (BfyRefresher *self,
                                     GAsyncResult *result,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of a renewal of a sealed binding that succeeded: the credential, for the caller alone. NULL for a
 * managed one. (transfer full) */
BfyCredential *bfy_refresher_take_unsealed (GAsyncResult *result);

/* The upstream would not take a token that had just been renewed either: for a while 401 is no
 * reason to ask for another one (craft 1.9.4). */
void bfy_refresher_note_refusal (BfyRefresher *self, const BfyBinding *binding);
/* It takes the token after all. */
void bfy_refresher_note_success (BfyRefresher *self, const BfyBinding *binding);

/* Seconds until the next attempt is allowed; 0 when it is now. For Retry-After. */
gint64 bfy_refresher_wait_s (BfyRefresher *self, const BfyBinding *binding);
/* The last attempt failed, and none is made just now. */
gboolean bfy_refresher_is_cooling_down (BfyRefresher *self, const BfyBinding *binding);

/* After a sign-in, logout or removal: what is under way for it no longer counts (craft G05). */
void bfy_refresher_forget (BfyRefresher *self, const BfyBinding *binding);
