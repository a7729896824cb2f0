/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/doctor/findings.h"

/* What is wrong with the policy of a binding: it cannot be read, so that nothing is allowed; a rule
 * of it cannot decide anything; or there is none that holds back what cannot be taken back.
 * @facts: of its service. Pure. */
void bfy_policy_findings_of (GPtrArray *findings,
                             const BfyBinding *binding,
                             const BfyPolicyFacts *facts);
