/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

/* The shape of an upstream's HTTP/1.x answer (RFC 9112), taken apart as it arrives. Where two
 * readers could disagree about where the answer ends, it is a fault: what follows would be taken
 * for the answer to somebody else's request. Interim answers (1xx) are passed over. Pure: no
 * sockets. */

#define BFY_RESPONSE_HEAD_BYTES_MAX (64 * 1024)
#define BFY_RESPONSE_INTERIM_MAX 8
/* Of a chunk size with its extensions, and of all trailers. */
#define BFY_RESPONSE_LINE_BYTES_MAX 4096

typedef enum
{
  BFY_RESPONSE_HEAD,
  BFY_RESPONSE_COUNTED,
  BFY_RESPONSE_CHUNK_SIZE,
  BFY_RESPONSE_CHUNK_EXTENSION,
  BFY_RESPONSE_CHUNK_DATA,
  BFY_RESPONSE_CHUNK_END,
  BFY_RESPONSE_TRAILER,
  BFY_RESPONSE_UNTIL_CLOSE,
  BFY_RESPONSE_DONE,
  BFY_RESPONSE_FAULT,
} BfyResponseState;

typedef struct
{
  guint status;
  goffset length;              /* announced, -1 if not */
  gboolean is_persistent;      /* the connection may be used again */
  gboolean is_for_head;        /* to a HEAD: no body, whatever the length; to be set before */
  gboolean allows_upgrade;     /* a switch to WebSocket was asked for; to be set before */
  SoupMessageHeaders *headers; /* (owned) once the head is complete */

  /*< private >*/
  BfyResponseState state;
  GByteArray *head; /* (owned) (nullable) the unfinished head */
  gsize n_scanned;  /* bytes of head already searched for its end */
  guint n_interim;
  guint64 n_left; /* of the body or chunk */
  guint n_digits; /* of the chunk size */
  gsize n_line;   /* bytes of the extension, or of the trailers */
  gboolean after_cr;
  gboolean at_line_start;
} BfyResponse;

void bfy_response_init (BfyResponse *self);
void bfy_response_clear (BfyResponse *self);

/* Takes some of @bytes and returns how many; stops behind the head and behind each piece of the
 * body, which is then at *body, within @bytes. Takes all of them otherwise, except when the answer
 * is done or at fault. */
gsize bfy_response_feed (
    BfyResponse *self, const char *bytes, gsize length, const char **body, gsize *n_body);
/* The upstream has closed. FALSE: in the middle of its answer. */
gboolean bfy_response_end (BfyResponse *self);

gboolean bfy_response_has_head (const BfyResponse *self);
gboolean bfy_response_is_done (const BfyResponse *self);
gboolean bfy_response_is_fault (const BfyResponse *self);
