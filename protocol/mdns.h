/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Names below ".local", which the devices of the local network answer for themselves (RFC 6762).
 * Asked is once and from a port of our own (5.1), so whoever answers does so to us alone (6.7), in
 * the form of DNS. Anybody in that network may send anything to that port: what is not an answer to
 * exactly this question is nothing at all. */

#define BFY_MDNS_PORT 5353
#define BFY_MDNS_MESSAGE_BYTES_MAX 9000 /* RFC 6762, 17 */
#define BFY_MDNS_ADDRESSES_MAX 16       /* of one message; more are left out */
#define BFY_MDNS_TTL_S_MAX 60           /* however long it says */

typedef enum
{
  BFY_MDNS_A = 1,
  BFY_MDNS_AAAA = 28,
} BfyMdnsType;

typedef struct
{
  guint8 bytes[16];
  guint8 length; /* 4 or 16 */
  guint32 ttl_s; /* from 1 to BFY_MDNS_TTL_S_MAX */
} BfyMdnsAddress;

/* Whether @host, canonical, is such a name: a label or more before "local". */
gboolean bfy_mdns_is_name (const char *host);

/* The question for the addresses of one type. NULL when @name cannot be one of DNS: a label has 1
 * to 63 bytes, all of it 255 as it is sent. */
GBytes *bfy_mdns_new_question (const char *name, BfyMdnsType type, guint16 id);

/* The addresses of @name in an answer to the question of this @id; 0 when @data is none, or is
 * damaged. Left out are addresses that no device in a local network has: those of the internet,
 * of this machine itself, of groups. @addresses: BFY_MDNS_ADDRESSES_MAX. */
guint bfy_mdns_read_answer (
    const guint8 *data, gsize length, const char *name, guint16 id, BfyMdnsAddress *addresses);
