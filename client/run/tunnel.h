/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "client/run/target.h"

/* The hosts besides those of its bindings that the proxy of a run leads to, byte by byte: nothing
 * is put in there, and nobody sees what is said. Never an address of this machine or of its
 * network, whatever a name leads to. */
typedef struct _BfyRunTunnels BfyRunTunnels;

/* @patterns (nullable): "host", "*.host" (it and what is below it), with ":port" behind it if
 * wanted; else port 443 and those that bindings use. NULL: all hosts. BFY_ERROR_INVALID_ARGUMENT.
 */
BfyRunTunnels *bfy_run_tunnels_new (const char *const *patterns,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_run_tunnels_free (BfyRunTunnels *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRunTunnels, bfy_run_tunnels_free)

/* @sites (element-type BfyRunSite): of the bindings. Pure. */
gboolean bfy_run_tunnels_allow (BfyRunTunnels *self, const BfyRunTarget *target, GPtrArray *sites);
/* Pure. */
gboolean bfy_run_tunnels_may_reach (GInetAddress *address);

/* Looks the name up once, and connects to an address that it has looked at. */
void bfy_run_tunnel_dial_async (const BfyRunTarget *target,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
/* BFY_ERROR_DENIED when no address may be reached, else what kept it from being connected. */
GSocketConnection *bfy_run_tunnel_dial_finish (GAsyncResult *result,
                                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
