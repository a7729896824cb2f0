/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <adwaita.h>
#include <json-glib/json-glib.h>

/* The step in which others work: what happens just now, and what the person does meanwhile, at the
 * sign-in page or with a code. */
#define BFY_TYPE_ADD_PROGRESS (bfy_add_progress_get_type ())
G_DECLARE_FINAL_TYPE (BfyAddProgress, bfy_add_progress, BFY, ADD_PROGRESS, AdwBin)

GtkWidget *bfy_add_progress_new (void);
/* From the start. @allow_local: addresses of this machine may be opened. */
void bfy_add_progress_begin (BfyAddProgress *self, gboolean allow_local);
/* A step of a sign-in, whose addresses were judged; opens the browser where that is meant. */
void bfy_add_progress_take_step (BfyAddProgress *self, JsonObject *step);
