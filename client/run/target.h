/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Where somebody in a run wants to be connected to: the head of a CONNECT request (RFC 9110,
 * 9.3.6), the only kind that the proxy of a run takes. Only names of hosts are read, in the plain
 * form that every resolver takes for a name and none for an address. Pure. */

#define BFY_RUN_HEAD_BYTES_MAX 8192
#define BFY_RUN_HOST_BYTES_MAX 253

typedef enum
{
  BFY_RUN_HEAD_PARTIAL, /* there is more to come */
  BFY_RUN_HEAD_CONNECT,
  BFY_RUN_HEAD_OTHER, /* well-formed as far as it was read, and no CONNECT */
  BFY_RUN_HEAD_BAD,   /* no head of a request, too long, or nothing that is connected to */
} BfyRunHead;

typedef struct
{
  char host[BFY_RUN_HOST_BYTES_MAX + 1]; /* in lower case */
  guint16 port;
} BfyRunTarget;

/* @bytes: all that has come so far; anything behind the end of the head is BFY_RUN_HEAD_BAD, since
 * nobody may speak before he has been answered. @target is set for BFY_RUN_HEAD_CONNECT. */
BfyRunHead bfy_run_target_read (const char *bytes, gsize length, BfyRunTarget *target);
/* @text, of @length bytes, is "host:port" or, where @port is not 0, perhaps without the port, which
 * is that then. */
gboolean bfy_run_target_parse (const char *text, gsize length, guint16 port, BfyRunTarget *target);
/* Whether the head in @bytes has these as its Basic credentials for a proxy. */
gboolean
bfy_run_target_has_login (const char *bytes, gsize length, const char *user, const char *pass);
