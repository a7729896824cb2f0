/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* A host that is not looked up again: connections go to the addresses that were judged, and to no
 * others, while TLS still asks for a certificate of the name (mcp.md C, resolve once and connect to
 * the checked address). For the `remote-connectable` of a session. */
#define BFY_TYPE_PINNED_ADDRESS (bfy_pinned_address_get_type ())
G_DECLARE_FINAL_TYPE (BfyPinnedAddress, bfy_pinned_address, BFY, PINNED_ADDRESS, GNetworkAddress)

/* @addresses: (element-type GInetAddress), tried in that order; each gets a new reference. */
BfyPinnedAddress *bfy_pinned_address_new (const char *host, guint16 port, GList *addresses);
