/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* What a server of Streamable HTTP has to check that a proxy leaves to it (mcp.md A.5, A.6): in
 * front of a local server the agent is that server. Pure. */

#define BFY_VERSION_MODERN "2026-07-28"
#define BFY_VERSION_ALL "2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28"

/* Is this MCP-Protocol-Version one of 2026-07-28 or later? @version may be NULL. */
gboolean bfy_version_is_modern (const char *version);
/* One that begins with initialize; NULL is, too. */
gboolean bfy_version_is_legacy (const char *version);
/* Do its clients know events without data, which only give an id? @version may be NULL. */
gboolean bfy_version_has_priming (const char *version);
/* Has the _meta of this message, checked JSON, the clientCapabilities that it must have? */
gboolean bfy_version_has_capabilities (const char *text, gsize length);
