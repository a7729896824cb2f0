/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "client/cli.h"

/* What `bindify doctor` finds without the agent: it is the person's home and session, which the
 * agent has no business in, and it is there when no agent answers. Findings look as the agent's do.
 */
typedef struct
{
  JsonArray *findings;  /* (owned) */
  JsonArray *unchecked; /* (owned) (element-type utf8) files that were left out, and why */
} BfyLocalFindings;

BfyLocalFindings
bfy_local_findings_look (const BfyEnvironment *environment, const char *socket_path, gint64 now_s);
/* While no agent answers: another program where the agent would listen for clients. @settings:
 * (nullable) what bindify.conf says. */
void bfy_local_findings_check_port (JsonArray *findings, const char *settings);
/* @message and @next are taken. */
void bfy_local_findings_add (JsonArray *findings, const char *code, char *message, char *next);
