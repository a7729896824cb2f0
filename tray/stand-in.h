/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

/* A program that reads the windows for a blind person and asks for one that has just gone is told
 * of the last window of all by GTK 4.8, shown or not, and GTK ends the program when that one has no
 * path on the bus of such readers. A window gets one when something about it changes, provided that
 * GTK is on that bus by then. So one that is never shown comes behind all others again whenever one
 * of them has left the screen. */
typedef struct _BfyStandIn BfyStandIn;

/* Looks after the windows of @application, which is borrowed, until it is freed. */
BfyStandIn *bfy_stand_in_new (GtkApplication *application);
/* A window that stays has left the screen. */
void bfy_stand_in_renew (BfyStandIn *self);
void bfy_stand_in_free (BfyStandIn *self);
