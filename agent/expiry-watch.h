/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/boot-timer.h"
#include "agent/store/registry.h"
#include "protocol/expiry.h"

/* Looks after one of the ends that a binding may have (BfyExpiry): has what is due done when its
 * time has come, when the wall clock was set or the machine has woken, and when a binding that has
 * or had such an end is another one. Nothing runs while none has. */
typedef struct _BfyExpiryWatch BfyExpiryWatch;

/* Borrowed from @binding. */
typedef const BfyExpiry *(*BfyExpiryOfFunc) (const BfyBinding *binding);
/* Does all that is due, which may change bindings; how long until there is more to do, G_MAXINT64
 * for never. */
typedef gint64 (*BfyExpirySweepFunc) (gpointer user_data);

/* @registry: borrowed. Nothing is done yet: bfy_expiry_watch_sweep(). */
BfyExpiryWatch *bfy_expiry_watch_new (BfyRegistry *registry,
                                      BfyExpiryOfFunc expiry_of,
                                      BfyExpirySweepFunc sweep,
                                      gpointer user_data);
void bfy_expiry_watch_free (BfyExpiryWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyExpiryWatch, bfy_expiry_watch_free)

/* Now. What changes because of it does not lead here again. */
void bfy_expiry_watch_sweep (BfyExpiryWatch *self);
/* In @delay_ms, whatever was to come later. */
void bfy_expiry_watch_set (BfyExpiryWatch *self, gint64 delay_ms);
