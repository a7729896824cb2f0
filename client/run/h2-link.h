/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/run/request.h"

/* A connection of HTTP/2 of a program in a run, from the handshake on. It ends itself: when the
 * other side does, after a long time in which nothing was asked, or when @cancellable is
 * cancelled; @on_end is called then, and what @place borrows must live until then. */
void bfy_run_link_begin (GIOStream *tls,
                         const BfyRunPlace *place,
                         GCancellable *cancellable,
                         GDestroyNotify on_end,
                         gpointer user_data);
