/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/doctor/findings.h"

/* Records of the catalogue that were skipped, and claims that do not count. @problems:
 * (element-type BfyServiceProblem). Pure. */
void bfy_service_findings (GPtrArray *findings, GPtrArray *problems);
