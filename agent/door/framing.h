/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/head.h"

/* The shape of HTTP/1.x requests, checked byte by byte (RFC 9112; craft F01–F05, J26–J28, J36).
 * Where two readers of the same bytes could disagree about where a request ends, the request is
 * refused: head.h, no chunk extensions, no trailers. Pure: no sockets, no clock. */

typedef enum
{
  BFY_FRAMING_HEAD,
  BFY_FRAMING_LENGTH_BODY,
  BFY_FRAMING_CHUNK_SIZE,
  BFY_FRAMING_CHUNK_SIZE_END,
  BFY_FRAMING_CHUNK_DATA,
  BFY_FRAMING_CHUNK_END,
  BFY_FRAMING_LAST_CHUNK,
  BFY_FRAMING_FAULT,
} BfyFramingState;

typedef struct
{
  /*< private >*/
  BfyFramingState state;
  GByteArray *head; /* (owned) the unfinished head */
  gsize n_scanned;  /* bytes of head already searched for its end */
  guint64 body_max; /* bytes of one body, as sent */
  guint64 n_body;   /* bytes of the present body so far */
  guint64 n_left;   /* of the body or chunk */
  guint n_digits;   /* of the chunk size; or place within a line ending */
  gboolean has_new_head;
  BfyFramingFault fault;
} BfyFraming;

void bfy_framing_init (BfyFraming *self, guint64 body_max);
void bfy_framing_clear (BfyFraming *self);

/* Takes bytes of one request: appends to @vetted a head, only as a whole, or a piece of the body
 * without its chunk sizes, and stops behind the head and behind the end of the request. Returns how
 * many bytes were taken; on a fault the rest is not looked at any more. */
gsize bfy_framing_feed (BfyFraming *self, const guint8 *bytes, gsize length, GByteArray *vetted);
/* TRUE once for each head: it is what has just been appended. */
gboolean bfy_framing_take_head (BfyFraming *self);

/* The connection has switched to another protocol: all that comes from now on is one body without
 * an end. Between two requests only. */
void bfy_framing_open (BfyFraming *self);

/* Between two requests: no byte of a next one has been seen. */
gboolean bfy_framing_is_idle (const BfyFraming *self);
gboolean bfy_framing_is_in_head (const BfyFraming *self);
/* NULL while everything is well. */
const BfyFramingFault *bfy_framing_get_fault (const BfyFraming *self);
