/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/policy.h"

/* What a policy must have seen of a request before it can judge it: a large body that no rule
 * speaks of need not be there. @self: (nullable) */
gboolean bfy_policy_looks_at_arguments (const BfyPolicy *self);
