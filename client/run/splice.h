/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* Leads bytes from each of two connections to the other one until both have said all. The end of
 * one direction is passed on where that is possible; the other one may go on for long. */

/* Takes both. They are closed when nothing came from either for @idle_s seconds (0: never), or when
 * @cancellable is cancelled. @on_end is called when they are gone. */
void bfy_run_splice (GIOStream *inner,
                     GIOStream *outer,
                     GCancellable *cancellable,
                     guint idle_s,
                     GDestroyNotify on_end,
                     gpointer user_data);
