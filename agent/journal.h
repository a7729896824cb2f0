/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/store/store.h"

/* Says each event in the log too, as fields that journalctl can be asked for (BINDIFY_EVENT,
 * BINDIFY_BINDING, BINDIFY_OUTCOME, …): uses at the level of info, which nobody reads unless asked
 * to, refusals and changes as messages, violations as warnings. */
typedef struct _BfyJournal BfyJournal;

BfyJournal *bfy_journal_new (BfyStore *store);
void bfy_journal_free (BfyJournal *self);

/* Of an event with its class. */
GLogLevelFlags bfy_journal_level (const BfyEvent *event);
