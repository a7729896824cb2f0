/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/doctor/findings.h"

/* What can be seen without asking a keyring: owners and modes of what lies in the state directory
 * and of the socket, memory that could not be locked, settings and records that cannot be read, a
 * log that cannot be written. */
void bfy_doctor_look_around (BfyAgent *agent, GPtrArray *findings);

/* Takes rights of others away from @path if it is ours and no link. */
gboolean bfy_doctor_fix_mode (const char *path);
