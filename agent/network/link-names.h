/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/network/target.h"

/* The addresses of a name below ".local", asked of the devices of the local network themselves
 * (protocol/mdns.h). This is for where the system cannot: it has to be set up for such names, and
 * often is not. It needs no other daemon, and opens no port that others could talk to longer than
 * for one question.
 *
 * A question goes to every network at 0, 0.3 and 0.9 seconds, since it may get lost. The first good
 * answer counts: one from port 5353 of the same network, to this question. */

#define BFY_LINK_NAMES_PATIENCE_MS 2000
#define BFY_LINK_NAMES_DATAGRAMS_MAX 256 /* that are looked at, for one question */

void bfy_link_names_lookup_async (const char *host,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* (transfer full) (element-type GInetSocketAddress) with port 0, since an address may need to say
 * in which network it is; or BFY_NETWORK_ERROR_NOBODY_ANSWERED. */
GList *bfy_link_names_lookup_finish (GAsyncResult *result,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
