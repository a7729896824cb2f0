/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/prompt/prompts.h"

/* Who has asked for something that was not allowed must not help itself by loosening what is asked
 * for: that would be its own answer to its own question. Remembered for as long as a no is. */
typedef struct _BfyAskers BfyAskers;

BfyAskers *bfy_askers_new (void);
void bfy_askers_free (BfyAskers *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyAskers, bfy_askers_free)

/* @pid has asked and was not allowed. @now_ms: of any clock that goes on. */
void bfy_askers_add (BfyAskers *self, int pid, gint64 now_ms);
/* Whether @pid is one of them, or its ancestor or descendant. */
gboolean bfy_askers_have (BfyAskers *self, int pid, gint64 now_ms);
