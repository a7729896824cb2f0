/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Tells the authorization server that a binding's tokens are not needed any more (RFC 7009;
 * behaviour 17.12), before they are forgotten here. Never an obstacle: it takes seconds at most,
 * and what comes of it is only told. */
#define BFY_REVOCATION_TIMEOUT_MS 3000

typedef enum
{
  BFY_REVOCATION_NOT_OFFERED, /* there is no such endpoint, or nothing that could be revoked */
  BFY_REVOCATION_DONE,
  BFY_REVOCATION_FAILED, /* the server did not say yes, or the tokens could not be read */
} BfyRevocation;

/* @may_ask: whether the person is asked to open a locked keyring for that. What is sealed cannot be
 * read and is not revoked. */
void bfy_revoke_async (BfyAgent *agent,
                       BfyBinding *binding,
                       gboolean may_ask,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
BfyRevocation bfy_revoke_finish (GAsyncResult *result);
