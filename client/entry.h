/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/secret.h"

/* The line a person types unseen, byte by byte, in secret memory. The terminal is out of line mode
 * meanwhile, because the kernel's own editing cuts a line at 4095 bytes and tokens are longer; so
 * the few editing keys are ours (behaviour 19.1). Pure. */
typedef struct _BfyEntry BfyEntry;

typedef enum
{
  BFY_ENTRY_MORE,
  BFY_ENTRY_DONE,      /* Return, or Ctrl-D after something was typed */
  BFY_ENTRY_CANCELLED, /* Ctrl-D, Ctrl-C */
  BFY_ENTRY_TOO_LONG,
} BfyEntryState;

BfyEntry *bfy_entry_new (void);
void bfy_entry_free (BfyEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyEntry, bfy_entry_free)

/* Backspace takes back one character, Ctrl-U and Ctrl-W all; escape sequences (arrow keys, the
 * marks around a paste) and other control characters are ignored. */
BfyEntryState bfy_entry_feed (BfyEntry *self, guint8 byte);
/* What was typed, without blanks around it; NULL if nothing is left. */
BfySecret *bfy_entry_take (BfyEntry *self);
