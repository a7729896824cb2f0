/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "tray/agent-link.h"

/* Starts the agent of a session in which it is not running: by the user’s systemd where it knows
 * the agent, else the program itself, which then outlives us. Whether it answers afterwards is
 * what the link tells. */
void bfy_agent_start_async (BfyAgentLink *link, GAsyncReadyCallback callback, gpointer user_data);
/* BFY_ERROR_FAILED with a sentence for a person. */
gboolean bfy_agent_start_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
