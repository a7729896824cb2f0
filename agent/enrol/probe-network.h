/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/enrol/probe.h"
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
/* Some services are asked at another host than the one that serves MCP: FALSE and BFY_ERROR_DENIED
 * when the credential is limited and must not go there. */
gboolean bfy_probe_check_limits (const BfyProbe *what, GError **error) G_GNUC_WARN_UNUSED_RESULT;
