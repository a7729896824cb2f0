/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Scopes that refusals have named (403 insufficient_scope, mcp.md B.2). A person signs in again to
 * grant them; when that did not help, asking without end would not either. In memory only. */
typedef struct _BfyStepUp BfyStepUp;

#define BFY_STEP_UP_SIGN_INS_MAX 3 /* in a row without a 2xx for what was refused; mcp.md B.2 */

BfyStepUp *bfy_step_up_new (void);
void bfy_step_up_free (BfyStepUp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyStepUp, bfy_step_up_free)

/* @scope (nullable): of the challenge. */
void bfy_step_up_note_refusal (BfyStepUp *self, const char *binding_id, const char *scope);
void bfy_step_up_note_success (BfyStepUp *self, const char *binding_id);
/* To be united with what is asked for anyway; NULL when nothing was refused. Borrowed. */
const char *bfy_step_up_get_scope (BfyStepUp *self, const char *binding_id);
/* Before each authorization request. FALSE with BFY_ERROR_DENIED when it has been tried often
 * enough. */
gboolean bfy_step_up_count_sign_in (BfyStepUp *self,
                                    const BfyBinding *binding,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
