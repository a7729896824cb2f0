/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Which keys are down. A key that repeats is being held, perhaps since before the window came up:
 * nothing that is held answers a question. Pure. */
typedef struct _BfyHands BfyHands;

BfyHands *bfy_hands_new (void);
void bfy_hands_free (BfyHands *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyHands, bfy_hands_free)

/* FALSE: that key was down already, this is its repetition. */
gboolean bfy_hands_press (BfyHands *self, guint keycode);
void bfy_hands_release (BfyHands *self, guint keycode);
/* Whether one of the keys that are down has repeated. */
gboolean bfy_hands_are_holding (const BfyHands *self);
/* The keyboard is elsewhere: what is let go there is not seen here. */
void bfy_hands_forget (BfyHands *self);
