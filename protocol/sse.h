/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Incremental parser for text/event-stream (WHATWG HTML, 9.2): LF, CR and CRLF, a BOM, comments,
 * events split at any byte. Memory is bounded by the limit given at creation. */
typedef struct _BfySseParser BfySseParser;

typedef struct
{
  const char *type; /* "message" when the stream names none */
  const char *data; /* the data lines joined by LF; not NUL-terminated, may hold any byte but CR, LF
                       rules applied */
  gsize length;     /* of data; 0 for a priming event (an id and empty data) */
  const char *id;   /* (nullable) last event id in force */
  gint64 retry_ms;  /* -1 when this event carried none */
} BfySseEvent;

/* Called for each dispatched event; everything in @event is borrowed for the call. Events without
 * data are reported only when they carried an id or retry (priming events). */
typedef void (*BfySseFunc) (const BfySseEvent *event, gpointer user_data);

BfySseParser *bfy_sse_parser_new (gsize event_bytes_max, BfySseFunc func, gpointer user_data);
void bfy_sse_parser_free (BfySseParser *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySseParser, bfy_sse_parser_free)

/* BFY_ERROR_RESPONSE_TOO_LARGE when one event exceeds the limit; the parser is dead afterwards. */
gboolean bfy_sse_parser_feed (BfySseParser *self, const char *bytes, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
