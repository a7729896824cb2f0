/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

#include "tray/state.h"

/* What the agent's answers say that the icon needs to know. Pure; whatever is missing in them, or
 * not what it should be, counts as nothing. */

/* @status: (nullable) GET /v1/status. Fills in lock and is_frozen, borrowed from it. */
void bfy_tray_facts_take_status (BfyTrayFacts *facts, JsonObject *status);
/* @bindings: (nullable) GET /v1/bindings. Fills in the counts and names, borrowed from it. */
void bfy_tray_facts_take_bindings (BfyTrayFacts *facts, JsonObject *bindings);

/* What an event of GET /v1/events has to say to a person at once: a sentence, or NULL. Free with
 * g_free(). */
char *bfy_tray_describe_alarm (JsonObject *event);
