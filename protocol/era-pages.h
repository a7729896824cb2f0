/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/era-bridge.h"

/* A server of 2025-11-25 may refuse a call until the person has been to some web pages (error
 * -32042, mcp.md A.5); its client shows them and makes the call once more. No other version knows
 * that code, and a modern server may not say it. It asks by way of its result, and the client comes
 * back with the answers: as a new call, so that nothing has to be remembered. */

/* Whether the member `error` of a response is that one. */
gboolean bfy_era_wants_pages (const BfyJsonSlice *error);
/* The result that asks for it. @server_info: raw, (nullable). NULL when the error names no pages.
 */
char *bfy_era_pages_result (const BfyJsonSlice *error, const char *server_info);
/* Whether a client that claims this can be asked. */
gboolean bfy_era_can_show_pages (const BfyEraClaim *claim);
/* The member `error` for one that cannot. */
char *bfy_era_pages_error (void);
/* Whether a call comes back with a no. */
gboolean bfy_era_pages_are_refused (const BfyJsonSlice *message);
