/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/doctor/findings.h"

/* What is wrong inside a vault that can be used: credentials whose data key is not there any more
 * (behaviour 10.12), a change of data keys that did not come to its end, a key file that opens
 * nothing. A vault that is locked tells of the last only; a damaged one is told elsewhere. */
void bfy_doctor_look_at_vault (BfyAgent *agent, GPtrArray *findings);
