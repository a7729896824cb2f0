/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "protocol/secret.h"

/* Begins a session on a connection to a PostgreSQL server and signs in to it: with SCRAM-SHA-256
 * and in no other way, so that the password never leaves the agent, not even to the server. */
typedef struct
{
  GByteArray *said; /* (owned) from its being signed in to its being ready, for the client */
  guint32 pid;      /* of the session, to call off its statements by */
  guint32 key;
} BfyRelayReady;

void bfy_relay_ready_free (BfyRelayReady *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRelayReady, bfy_relay_ready_free)

/* @start: the first message (transfer full). @password: (nullable) */
void bfy_relay_sign_in_async (GIOStream *stream,
                              GByteArray *start,
                              BfySecret *password,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* BFY_ERROR_CREDENTIAL_REFUSED, BFY_ERROR_UPSTREAM_FAILED, BFY_ERROR_UNSUPPORTED. */
BfyRelayReady *bfy_relay_sign_in_finish (GAsyncResult *result,
                                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
