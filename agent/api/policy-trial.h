/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/api/api.h"
#include "protocol/policy.h"

/* Shared by the two files that say what would happen to a request: policy-test.c for what is done,
 * policy-url.c for where it goes. */

/* Sets effect, reason, network and, where there is something to permit, hint. */
void bfy_policy_trial_judge_url (JsonObject *object,
                                 const BfyBinding *binding,
                                 const BfyPolicy *policy,
                                 const char *url);
/* Of what goes to the binding's own URL, if it has one, and is permitted by the rules: what they
 * refuse never gets as far as the network. Sets network, and the rest too where that refuses. */
void bfy_policy_trial_judge_own_url (JsonObject *object,
                                     const BfyBinding *binding,
                                     const BfyPolicy *policy);
