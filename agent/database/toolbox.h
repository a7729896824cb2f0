/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/toolbox/toolbox.h"
#include "protocol/sql.h"

/* What programs can do with a database: query, tables and schema read, in a transaction that cannot
 * write; change is for rows, and execute for everything else that is ever let through. So a policy,
 * which goes by the names of tools, tells reading from writing. */
extern const BfyToolboxKind bfy_database_toolbox;

/* For the policy. (element-type BfyCapability) (transfer none) */
GPtrArray *bfy_database_capabilities (void);

/* Whether @statement may go by that tool; the other tools send statements of ours. Pure.
 * BFY_ERROR_DENIED with the name of the one that it belongs to. */
gboolean bfy_database_check_tool (const char *tool,
                                  const BfySqlStatement *statement,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* (transfer full) (element-type BfyTool) */
GPtrArray *bfy_database_list_tools (BfyAgent *agent, BfyBinding *binding, GError **error);
