/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Ctrl-C and SIGTERM. There is one handler from the start of the program to its end, so that no
 * signal gets lost between two: it ends the program at once where there is nothing to clean up, and
 * keeps the signal for the main loop where there is. A second one then ends the program. */

void bfy_interrupt_install (void);

/* From here on signals are kept, and @func hears of it in the default main context. Once at a
 * time. */
void bfy_interrupt_begin (GSourceFunc func, gpointer user_data);
/* Until here. */
void bfy_interrupt_end (void);
/* The signal that was kept, and is told once; 0 when there is none. It goes on to count as the
 * first one. */
int bfy_interrupt_take (void);
