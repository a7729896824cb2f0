/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gtk/gtk.h>

#include "client/browser.h"

/* The person’s browser. @desktop: what main() has read; borrowed as long as the program runs. */
void bfy_browse_init (const BfyDesktop *desktop);
/* Opens @url, or says why not. @allow_local: it may be on this machine. */
void bfy_browse_open (GtkWidget *asker, const char *url, gboolean allow_local);
