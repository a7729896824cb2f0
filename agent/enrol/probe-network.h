/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/network/network.h"

/* The way of a probe to where it asks: the binding's own host, or another one that its service has
 * for that. BFY_NETWORK_ERROR. (transfer full) */
BfyUpstreams *bfy_probe_open_network (BfyAgent *agent,
                                      const BfyBinding *binding,
                                      const char *url,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* BFY_ERROR_LOCAL_ADDRESS where consent would help, else as bfy_network_explain(). (transfer full)
 */
GError *bfy_probe_explain_network (const GError *error, const BfyBinding *binding);
