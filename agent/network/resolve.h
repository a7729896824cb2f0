/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/network/pinned-address.h"
#include "protocol/upstream.h"

/* The one look-up of a host's name, with a judgement of where it leads: without @allow_local,
 * addresses of this machine and of private networks are left out, and a name that has no others is
 * BFY_ERROR_LOCAL_ADDRESS. BFY_ERROR_UPSTREAM_FAILED when there is no such name. localhost is this
 * machine, whatever a name server says (RFC 6761, 6.3). */
void bfy_resolve_async (const BfyUpstream *url,
                        gboolean allow_local,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data);
BfyPinnedAddress *bfy_resolve_finish (GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
