/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* The TCP door's first question, before any look-up (behaviour 2.1, mcp.md A.7 step 1). */
typedef enum
{
  BFY_GUARD_ALLOW,
  BFY_GUARD_FOREIGN_HOST,
  BFY_GUARD_FOREIGN_ORIGIN,
} BfyGuard;

/* @host: the Host header, NULL when missing (foreign). @origin: the Origin header or NULL when
 * there is none. Host must be 127.0.0.1, localhost or [::1] with exactly @port; Origin absent or
 * http:// + such a host and port; "null" is foreign. Case-insensitive host. */
BfyGuard bfy_guard_check (const char *host, const char *origin, guint16 port);
