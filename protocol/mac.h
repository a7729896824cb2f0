/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The hardware address of one device in the local network, and what wakes it: a magic packet of
 * Wake-on-LAN. It is the address of a single device, never one of a group, because whoever may wake
 * a device may wake that one only. */
#define BFY_MAC_BYTES 6
#define BFY_MAC_PACKET_BYTES (BFY_MAC_BYTES + 16 * BFY_MAC_BYTES)

typedef struct
{
  guint8 bytes[BFY_MAC_BYTES];
} BfyMac;

/* Six pairs of hexadecimal digits with ":" or "-" between them. BFY_ERROR_INVALID_ARGUMENT for
 * anything else, and for zeros, groups and all ones. */
gboolean bfy_mac_parse (const char *text, BfyMac *mac, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* "aa:bb:cc:dd:ee:ff". Free with g_free(). */
char *bfy_mac_format (const BfyMac *self);
/* Six bytes of ones, and the address sixteen times. @packet: BFY_MAC_PACKET_BYTES. */
void bfy_mac_fill_packet (const BfyMac *self, guint8 *packet);
