/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "protocol/list-view.h"

/* An event stream on its way to the client, with its lists filtered (list-view.h). Only the data of
 * an event is kept back, until the event is complete; comments, ids and all other lines go on at
 * once, and an event without a list goes on as it came. Chunks may be cut at any byte. */
typedef struct _BfyListStream BfyListStream;

/* @setup is copied, with references to what it borrows; its user data must outlive the stream.
 * @event_bytes_max: of the data of one event and the line that is being read. */
BfyListStream *bfy_list_stream_new (const BfyListViewSetup *setup, gsize event_bytes_max);
void bfy_list_stream_free (BfyListStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyListStream, bfy_list_stream_free)

/* Appends to @out what may go on. BFY_ERROR_RESPONSE_TOO_LARGE, or BFY_ERROR_PARSE for data that
 * could hold a list and cannot be read; the stream is of no use afterwards. */
gboolean bfy_list_stream_feed (BfyListStream *self,
                               const char *bytes,
                               gsize length,
                               GString *out,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* There is no more: what is kept back goes on, because some clients take an event that the end cuts
 * off for a whole one. */
gboolean
bfy_list_stream_end (BfyListStream *self, GString *out, GError **error) G_GNUC_WARN_UNUSED_RESULT;
