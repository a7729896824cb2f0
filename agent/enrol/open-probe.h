/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/enrol/probe.h"

/* What the MCP server of @binding asks of somebody who comes without any credential (mcp.md B.1.1).
 * Some let `initialize` through, or do not know it, and ask only when it comes to the tools: that
 * is tried, too. */
void bfy_open_probe_async (BfyAgent *agent,
                           const BfyBinding *binding,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data);
/* As bfy_probe_finish(). @challenge (nullable) (transfer full): of that answer, maybe empty. */
gboolean bfy_open_probe_finish (GAsyncResult *result,
                                BfyProbeResult *answer,
                                BfyChallenge **challenge,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
