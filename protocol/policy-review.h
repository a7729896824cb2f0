/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/policy.h"

/* What is wrong with a policy that is in force: a new one with such faults is refused or is just
 * not what its owner meant. */

/* What stands in for a document that was kept and cannot be read any more: nothing is allowed and
 * no host may be asked, for what it forbade is not known. Its text stays as it was. */
BfyPolicy *bfy_policy_new_unreadable (const char *text);
/* Whether @self (nullable) is one of these. */
gboolean bfy_policy_is_unreadable (const BfyPolicy *self);

/* A rule that cannot decide anything, because one before it always decides first. */
typedef struct
{
  guint rule; /* from 1; 0 = there is none */
  guint by;   /* the one before it */
} BfyPolicyCovered;

/* The first of @self (nullable), of those where that is certain: whatever fits it also fits the one
 * before it, which asks for no arguments. */
BfyPolicyCovered bfy_policy_find_covered (const BfyPolicy *self);
