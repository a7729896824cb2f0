/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "protocol/schedule.h"

/* What the service of a binding says about looking after it; the defaults when it says nothing, or
 * when there is no record. */
BfyRhythm bfy_rhythm_of (BfyAgent *agent, const BfyBinding *binding);

/* What a service does otherwise than others, known and harmless (behaviour 16.3). */
typedef struct
{
  gboolean no_session_id;
  gboolean get_405;
} BfyQuirks;

BfyQuirks bfy_quirks_of (BfyAgent *agent, const BfyBinding *binding);
