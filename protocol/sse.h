/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Incremental parser for text/event-stream (WHATWG HTML, 9.2): LF, CR and CRLF, a BOM, comments,
 * events split at any byte. Memory is bounded by the limit given at creation. An event that the end
 * of the stream cuts off is never reported. */
typedef struct _BfySseParser BfySseParser;

typedef struct
{
  const char *type; /* "message" when the stream names none */
  const char *data; /* the data lines joined by LF; not NUL-terminated, may hold any byte but CR, LF
                       rules applied */
  gsize length;     /* of data; 0 for a priming event (an id and empty data) */
  const char *id;   /* (nullable) last event id in force; NULL when none or an empty one is */
  gint64 retry_ms;  /* -1 when this event carried none; at most G_MAXINT32 */
} BfySseEvent;

/* Called for each dispatched event; everything in @event is borrowed for the call. Events without
 * a data field are reported only when they carried an id or retry (priming events). Must neither
 * feed nor free the parser. */
typedef void (*BfySseFunc) (const BfySseEvent *event, gpointer user_data);

/* @event_bytes_max counts the kept bytes of an unfinished event: data, type, id and the line that
 * is being read. Comments are not kept. */
BfySseParser *bfy_sse_parser_new (gsize event_bytes_max, BfySseFunc func, gpointer user_data);
void bfy_sse_parser_free (BfySseParser *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySseParser, bfy_sse_parser_free)

/* BFY_ERROR_RESPONSE_TOO_LARGE when one event exceeds the limit; the parser is dead afterwards. */
gboolean bfy_sse_parser_feed (BfySseParser *self, const char *bytes, gsize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
