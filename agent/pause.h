/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* Pauses of bindings, which may have an end: then the agent itself lets the binding be used again,
 * by the clock that goes on while the machine sleeps, and whoever paused it may be gone by then.
 * Whatever else pauses it afterwards takes that end away. */
typedef struct _BfyPauses BfyPauses;

BfyPauses *bfy_pauses_new (BfyAgent *agent);
void bfy_pauses_free (BfyPauses *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPauses, bfy_pauses_free)

/* @binding is the caller's own copy; the registry learns of it from him. @for_s: 0 for until
 * somebody resumes it. */
void bfy_pause_begin (BfyBinding *binding, gint64 for_s);
/* A credential that was refused before, or meanwhile, is refused still. */
void bfy_pause_end (BfyBinding *binding);

/* The agent’s own doing, with its event. @detail: (nullable) why. FALSE: @binding stays as it was.
 */
gboolean bfy_pause_change (BfyAgent *agent,
                           const BfyBinding *binding,
                           gboolean is_paused,
                           const char *detail,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* “paused”, with a detail when it ends by itself, or “resumed”: what has become of @old; NULL when
 * its pause is what it was. @request: (nullable) whose doing it is; else ours. */
BfyEvent *bfy_pause_new_event (BfyBinding *now, const BfyBinding *old, BfyRequest *request);
