/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "agent/agent.h"

/* How far the protection goes that is in force, with what it does not stop (craft 6). L1 needs that
 * everything rests in a vault which nothing beside it opens, and that no secret can reach the swap
 * space. (transfer full) */
JsonObject *bfy_doctor_describe_protection (BfyAgent *agent);
