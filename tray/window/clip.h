/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "protocol/secret.h"

#define BFY_CLIP_SECONDS 300 /* behaviour 17.9 */

/* Puts a secret on the clipboard, and takes it off again after @seconds unless something else is
 * there by then (behaviour 17.9). Clipboard managers that ask are told not to remember it. It is
 * given out from locked memory; what whoever pastes it does with it is theirs. */
void bfy_clip_copy_secret (GtkWidget *widget, BfySecret *secret, guint seconds);
/* What is no secret; it stays. */
void bfy_clip_copy_text (GtkWidget *widget, const char *text);
