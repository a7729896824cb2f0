/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>

/* A policy proposed from what was done: whatever was let through is allowed, by name, and whatever
 * was refused when it was last tried stays out; the rest asks. Where all that was used of a family
 * of tools only reads ("get_"), the family becomes one pattern, unless that would let in something
 * that was refused. A proposal: a person reads it before setting it. */
typedef struct _BfyPolicyLesson BfyPolicyLesson;

BfyPolicyLesson *bfy_policy_lesson_new (void);
void bfy_policy_lesson_free (BfyPolicyLesson *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPolicyLesson, bfy_policy_lesson_free)

/* An event of the audit record, oldest first; what is no use of the binding is passed over. */
void bfy_policy_lesson_take (BfyPolicyLesson *self, JsonObject *event);

/* A document that bfy_policy_parse() takes. (transfer full) */
JsonObject *bfy_policy_lesson_propose (BfyPolicyLesson *self);
/* One line each for what a person should know about it: what was refused, what cannot be a pattern,
 * what cannot be taken back. (transfer full) */
GStrv bfy_policy_lesson_notes (BfyPolicyLesson *self);
guint bfy_policy_lesson_n_uses (const BfyPolicyLesson *self);
