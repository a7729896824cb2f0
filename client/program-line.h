/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/program.h"

/* The command of a local MCP server as a person types it. */

/* Taken apart as a shell would, but nothing is expanded; with sandbox and network, without a
 * secret. Not yet checked. BFY_ERROR_INVALID_ARGUMENT. */
BfyProgram *bfy_program_line_parse (const char *line, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A binding’s name for it: "npx -y @scope/notes-server@1.2" → "notes-server". Free with g_free().
 */
char *bfy_program_line_guess_name (const BfyProgram *program);
