/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>

#include "protocol/program.h"

/* The step in which the command of a local MCP server is typed, and what it gets and may see. */
#define BFY_TYPE_ADD_PROGRAM (bfy_add_program_get_type ())
G_DECLARE_FINAL_TYPE (BfyAddProgram, bfy_add_program, BFY, ADD_PROGRAM, AdwBin)

/* @on_program: a checked one; (transfer full). */
typedef void (*BfyProgramFunc) (BfyProgram *program, gpointer user_data);

GtkWidget *bfy_add_program_new (BfyProgramFunc on_program, gpointer user_data);
