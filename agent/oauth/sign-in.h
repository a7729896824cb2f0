/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/credential.h"

/* A person, or a machine, signs in: from a binding's URL to a credential (behaviour 17). One object
 * per attempt, in memory only, gone after ten minutes at the latest. */
typedef enum
{
  BFY_SIGN_IN_BROWSER, /* authorization code with PKCE and a loopback redirect (RFC 8252) */
  BFY_SIGN_IN_DEVICE,  /* RFC 8628 */
  BFY_SIGN_IN_MACHINE, /* client credentials */
} BfySignInKind;

typedef struct
{
  BfySignInKind kind;
  char *client_id;          /* (owned) (nullable) */
  BfySecret *client_secret; /* (owned) (nullable) */
  char *scope;              /* (owned) (nullable) instead of what the server asks for */
  gboolean allow_no_pkce;   /* a server that does not say S256 (mcp.md B.1.5) */
} BfySignInWish;

void bfy_sign_in_wish_free (BfySignInWish *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySignInWish, bfy_sign_in_wish_free)

/* A step that the person should see: one JSON object of the stream that the control API answers
 * with (protocol/openapi.yaml, SignInStep). Borrowed. */
typedef void (*BfySignInFunc) (JsonObject *step, gpointer user_data);

/* @known (nullable): what the binding had until now; its client is used again where it may be.
 * Cancelling ends it at once and closes the listener. */
void bfy_sign_in_async (BfyAgent *agent,
                        BfyBinding *binding,
                        const BfySignInWish *wish,
                        BfyOAuthClient *known,
                        BfySignInFunc on_step,
                        gpointer step_data,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
/* Not stored yet. BFY_ERROR_DENIED when the person said no, _UPSTREAM_TIMEOUT when nobody came,
 * _UNSUPPORTED, _UPSTREAM_FAILED. (transfer full) */
BfyCredential *bfy_sign_in_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
