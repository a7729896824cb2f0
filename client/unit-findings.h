/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "client/session-bus.h"

/* What the user's systemd says of the agent's unit, for `bindify doctor`: that it has failed, or
 * that it runs one agent while another one, process @agent_pid (0: none), answers where it should.
 * Without systemd, or without an answer of it in the time of @bus, nothing is found. */
void bfy_unit_findings_look (BfySessionBus *bus, gint64 agent_pid, JsonArray *findings);
