/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* What bounds a piece of work that somebody asked for and nobody may wait for too long: it is
 * called off when they call it off, or when its time is up. */
typedef struct
{
  GCancellable *cancellable; /* (owned) of the work itself */
  GCancellable *callers;     /* (owned) (nullable) */
  gulong callers_id;
  guint deadline_id;
  gboolean has_timed_out;
} BfyErrand;

/* @callers: (nullable) @self stays where it is until bfy_errand_clear(). */
void bfy_errand_init (BfyErrand *self, GCancellable *callers, guint timeout_ms);
/* The work is done: from now on neither has an effect. */
void bfy_errand_end (BfyErrand *self);
/* Ends it as well. */
void bfy_errand_clear (BfyErrand *self);
