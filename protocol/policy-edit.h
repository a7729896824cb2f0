/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/policy.h"

/* Policies made out of others: what a person says with a few words instead of a document. */

#define BFY_POLICY_OPEN "open" /* the profile that says what no policy at all says */

/* @base (nullable: everything is allowed) with @rules before its own, because the first that fits
 * decides. Errors as of bfy_policy_parse(). */
BfyPolicy *bfy_policy_with_rules (const BfyPolicy *base,
                                  JsonArray *rules,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @base (nullable: everything is allowed) with member @name of its "network" being @value (transfer
 * full). */
BfyPolicy *bfy_policy_with_network (const BfyPolicy *base,
                                    const char *name,
                                    JsonNode *value,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The profile that says the same as @policy (NULL: everything is allowed, as “open” says), or NULL
 * when it is one of the person's own. Static. */
const char *bfy_policy_find_profile (const BfyPolicy *policy);

/* Whether what servers say of their tools can make a difference to @self (nullable). */
gboolean bfy_policy_weighs_access (const BfyPolicy *self);

/* FALSE, with the names of the profiles in the error. */
gboolean bfy_policy_refuse_profile (GError **error);

/* Appends a rule of one effect to @rules. @words: (nullable) what it is about, each "KIND=PATTERN"
 * or, when @kind is not NULL, "PATTERN"; words of one kind become one rule.
 * BFY_ERROR_INVALID_ARGUMENT for a word without kind, or that is no UTF-8. What kinds and patterns
 * there are is decided when the document is read. */
gboolean bfy_policy_add_rules (JsonArray *rules,
                               const char *kind,
                               const char *const *words,
                               const char *effect,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
