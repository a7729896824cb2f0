/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/credential.h"
#include "protocol/json.h"

/* A person, or a machine, signs in: from a binding's URL to a credential (behaviour 17). One object
 * per attempt, in memory only, gone after ten minutes at the latest. */
typedef enum
{
  BFY_SIGN_IN_BROWSER, /* authorization code with PKCE and a loopback redirect (RFC 8252) */
  BFY_SIGN_IN_DEVICE,  /* RFC 8628 */
  BFY_SIGN_IN_MACHINE, /* client credentials */
} BfySignInKind;

#define BFY_SIGN_INS_MAX 16 /* under way at the same time */

typedef struct
{
  BfySignInKind kind;
  char *client_id;          /* (owned) (nullable) */
  BfySecret *client_secret; /* (owned) (nullable) */
  char *scope;              /* (owned) (nullable) instead of what the server asks for */
  gboolean allow_no_pkce;   /* a server that does not say S256 (mcp.md B.1.5) */
} BfySignInWish;

/* From the member `oauth` of a control request, a slice of checked text; the secret goes from there
 * to where it stays. BFY_ERROR_BAD_REQUEST, BFY_ERROR_INVALID_ARGUMENT. */
BfySignInWish *bfy_sign_in_wish_parse (const BfyJsonSlice *slice,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
BfySignInWish *bfy_sign_in_wish_copy (const BfySignInWish *self);
void bfy_sign_in_wish_free (BfySignInWish *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySignInWish, bfy_sign_in_wish_free)

/* A step that the person should see: one JSON object of the stream that the control API answers
 * with (protocol/openapi.yaml, SignInStep). Borrowed. */
typedef void (*BfySignInFunc) (JsonObject *step, gpointer user_data);

typedef struct
{
  BfyBinding *binding; /* its URL, service and allow_local */
  const BfySignInWish *wish;
  BfyOAuthSource *known; /* (nullable) where the tokens that the binding had until now came from:
                            its client and its scope are used again where they may be */
  BfySignInFunc on_step;
  gpointer step_data;
} BfySignInSetup;

/* What the wish itself does not allow, before anybody is asked: a machine without a client id and
 * secret, a second sign-in for the same name, too many at once. BFY_ERROR_IN_USE,
 * BFY_ERROR_INVALID_ARGUMENT. */
gboolean bfy_sign_in_check (BfyAgent *agent,
                            const BfySignInSetup *setup,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Everything in @setup is copied or referenced. Cancelling ends it at once and closes the listener;
 * so does `bindify lock`. */
void bfy_sign_in_async (BfyAgent *agent,
                        const BfySignInSetup *setup,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
/* Not stored yet. BFY_ERROR_DENIED when the person said no, _UPSTREAM_TIMEOUT when nobody came,
 * _UNSUPPORTED, _UPSTREAM_FAILED. (transfer full) */
BfyCredential *bfy_sign_in_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
