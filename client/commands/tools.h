/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/cli.h"
#include "client/mcp-session.h"
#include "client/presented-key.h"

/* The binding that was named, or what stands for all of them; NULL when both or none was said. */
const char *bfy_tools_choose (const char *name, gboolean wants_all, GError **error);
/* One MCP session per command, waited for step by step. Pairs with tools_close(). @key: the key to
 * present, for a sealed binding. */
BfyMcpSession *
bfy_tools_open (BfyCli *cli, const char *binding, const BfyKeyOptions *key, GError **error);
/* Always called once the session was made, also after Ctrl-C: the server must not keep it. */
void bfy_tools_close (BfyCli *cli, BfyMcpSession *session);
/* One request; the hint is that of the refusal's kind. Free with g_free(). */
char *bfy_tools_request (
    BfyCli *cli, BfyMcpSession *session, const char *method, const char *params, GError **error);
/* All pages of tools/list: raw JSON texts of the tools. */
GPtrArray *bfy_tools_list (BfyCli *cli, BfyMcpSession *session, GError **error);
