/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/database/rows.h"
#include "agent/door/request.h"

/* Rows as lines of JSON to whoever has asked for them like that on the control API
 * (Accept: application/x-ndjson): {"columns":[…]}, then {"row":[…]} for each, as they come. How it
 * ended is the last line, and not told here. What a slow reader has not taken waits here, and the
 * database is not read further meanwhile. */
typedef struct _BfyRowStream BfyRowStream;

#define BFY_ROW_STREAM_TYPE "application/x-ndjson"
/* As much may wait before nothing more is read. */
#define BFY_ROW_STREAM_FULL_BYTES (64 * 1024)

/* The one to write to when @inner, a call of a tool, was made for somebody who wants a stream, or
 * NULL. Borrowed. */
BfyRequest *bfy_row_stream_find_asker (BfyRequest *inner);
/* Whether @request is of the control API and wants lines. */
gboolean bfy_row_stream_is_wanted (BfyRequest *request);

/* @drained: there is room again, or all has gone out. @inner counts the bytes. */
BfyRowStream *bfy_row_stream_new (BfyRequest *asker,
                                  BfyRequest *inner,
                                  void (*drained) (gpointer user_data),
                                  gpointer user_data);
void bfy_row_stream_free (BfyRowStream *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRowStream, bfy_row_stream_free)

/* For BfyRows, with the stream as user data. */
extern const BfyRowsFuncs bfy_row_stream_funcs;

gboolean bfy_row_stream_is_full (const BfyRowStream *self);
gboolean bfy_row_stream_is_empty (const BfyRowStream *self);
