/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "protocol/callback.h"

/* One connection to the redirect listener: the head of one request, one static page, the end. It
 * may come from anybody on this machine, so it has a deadline and a cap and holds up nobody else.
 */

#define BFY_VISIT_HEAD_BYTES_MAX (8 * 1024)
#define BFY_VISIT_TIMEOUT_MS 10000 /* from accepting to the end of the head */

typedef struct _BfyVisit BfyVisit;

/* @request is borrowed; the page for the verdict that is returned goes out. */
typedef BfyCallbackVerdict (*BfyVisitFunc) (const BfyCallbackRequest *request, gpointer user_data);
/* It is over, answered or not; frees nothing. */
typedef void (*BfyVisitEndFunc) (BfyVisit *visit, gpointer user_data);

/* Never calls back before it returns. */
BfyVisit *bfy_visit_new (GSocketConnection *stream,
                         guint timeout_ms,
                         BfyVisitFunc on_request,
                         BfyVisitEndFunc on_end,
                         gpointer user_data);
/* Closes at once what is not over. */
void bfy_visit_free (BfyVisit *self);

/* The page for @verdict, a whole HTTP response. Nothing in it is taken from a request. */
GBytes *bfy_visit_format_page (BfyCallbackVerdict verdict);
