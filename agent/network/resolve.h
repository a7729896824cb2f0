/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/network/target.h"

#define BFY_RESOLVE_ADDRESSES_MAX 16 /* more are left out */

/* The one look-up of a host's name, with a judgement of where it leads: addresses that may not be
 * reached are left out, and a name that has no others is BFY_NETWORK_ERROR with the first verdict.
 * G_RESOLVER_ERROR when there is no such name. localhost is this machine, whatever a name server
 * says (RFC 6761, 6.3). With a proxy, what comes are ways through it to the same addresses; what is
 * not on the internet is reached without. */
void bfy_resolve_async (BfyTarget *target,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
/* (transfer full) (element-type GSocketAddress) in the order in which they are to be tried */
GPtrArray *bfy_resolve_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
