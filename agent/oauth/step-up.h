/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Scopes that refusals have named (403 insufficient_scope, mcp.md B.2). A person signs in again to
 * grant them; when that did not help, asking without end would not either. In memory only, and only
 * for what was refused. */
typedef struct _BfyStepUp BfyStepUp;

/* Authorization requests for one thing that is refused, the first sign-in included; mcp.md B.2. */
#define BFY_STEP_UP_SIGN_INS_MAX 3
/* After that long without a refusal the count begins anew: the person may have been given more. */
#define BFY_STEP_UP_MEMORY_S 3600

BfyStepUp *bfy_step_up_new (void);
void bfy_step_up_free (BfyStepUp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyStepUp, bfy_step_up_free)

/* @operation: what was refused, in any words that are the same when it is tried again: “tools/call
 * NAME”. @scope (nullable): of the challenge, in normal form. */
void bfy_step_up_note_refusal (BfyStepUp *self,
                               const char *binding_id,
                               const char *operation,
                               const char *scope);
/* Whether a success is worth telling: asked for each one. */
gboolean bfy_step_up_is_waiting (BfyStepUp *self, const char *binding_id);
/* What was refused works now. Another success says nothing about it. */
void bfy_step_up_note_success (BfyStepUp *self, const char *binding_id, const char *operation);
/* The binding has gone. */
void bfy_step_up_forget (BfyStepUp *self, const char *binding_id);
/* To be united with what is asked for anyway; NULL when nothing was refused. Borrowed. */
const char *bfy_step_up_get_scope (BfyStepUp *self, const char *binding_id);
/* Before each authorization request. FALSE with BFY_ERROR_DENIED when it has been tried often
 * enough. */
gboolean bfy_step_up_count_sign_in (BfyStepUp *self,
                                    const BfyBinding *binding,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
