/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/policy.h"

/* The command with which a person permits what was refused: "bindify policy set github --allow-tool
 * create_issue". Names of tools, prompts and resources come from clients, and a command is copied
 * into a shell: what is not made of letters, digits and a few signs is put into no command. NULL
 * then, and for what no rule can be about. Free with g_free(). */
char *bfy_policy_hint_for_message (const char *binding, const BfyRpcMessage *message);
/* @path: without the query. */
char *bfy_policy_hint_for_http (const char *binding, const char *method, const char *path);

/* What a verdict went by, for people: "rule 2, “Nothing goes for good”", "default". */
char *bfy_policy_hint_reason (const BfyPolicyVerdict *verdict);
