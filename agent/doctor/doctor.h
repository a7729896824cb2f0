/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/doctor/findings.h"

/* Compares records and keyrings both ways (behaviour 22.1) and looks at what surrounds them. Never
 * prompts, never creates, changes nothing: a keyring that is locked or cannot be asked is a finding
 * itself, and nothing is concluded from its silence. */
void bfy_doctor_examine_async (BfyAgent *agent, GAsyncReadyCallback callback, gpointer user_data);
/* (transfer full) (element-type BfyFinding) */
GPtrArray *bfy_doctor_examine_finish (GAsyncResult *result);
