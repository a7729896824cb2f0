/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* CONNECT through an HTTP proxy, for every kind of connection, plain http too (craft J11). GIO has
 * the same as "http", but libsoup takes that name for itself, and would tell the proxy the host's
 * name: which the proxy would look up once more, after it was judged here. So ours has a name of
 * its own. It knows no credentials, and waits in no thread. */
#define BFY_TUNNEL_PROTOCOL "bindify-connect"

#define BFY_TUNNEL_ANSWER_BYTES_MAX 8192

/* Makes it known to GIO; more than once does no harm. */
void bfy_tunnel_init (void);
