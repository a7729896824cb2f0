/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

/* The shape of an upstream's HTTP/1.x answer (RFC 9112), taken apart as it arrives. Where two
 * readers could disagree about where the answer ends, it is a fault: what follows would be taken
 * for the answer to somebody else's request. Interim answers (1xx) are passed over. Pure: no
 * sockets. */

#define BFY_ANSWER_HEAD_BYTES_MAX (64 * 1024)
#define BFY_ANSWER_INTERIM_MAX 8
#define BFY_ANSWER_LINE_BYTES_MAX 4096 /* of a chunk size with its extensions; of all trailers */

typedef enum
{
  BFY_ANSWER_HEAD,
  BFY_ANSWER_COUNTED,
  BFY_ANSWER_CHUNK_SIZE,
  BFY_ANSWER_CHUNK_EXTENSION,
  BFY_ANSWER_CHUNK_DATA,
  BFY_ANSWER_CHUNK_END,
  BFY_ANSWER_TRAILER,
  BFY_ANSWER_UNTIL_CLOSE,
  BFY_ANSWER_DONE,
  BFY_ANSWER_FAULT,
} BfyAnswerState;

typedef struct
{
  guint status;
  goffset length;              /* announced, -1 if not */
  gboolean is_persistent;      /* the connection may be used again */
  SoupMessageHeaders *headers; /* (owned) once the head is complete */

  /*< private >*/
  BfyAnswerState state;
  GByteArray *head; /* (owned) (nullable) the unfinished head */
  gsize n_scanned;  /* bytes of head already searched for its end */
  guint n_interim;
  guint64 n_left; /* of the body or chunk */
  guint n_digits; /* of the chunk size */
  gsize n_line;   /* bytes of the extension, or of the trailers */
  gboolean after_cr;
  gboolean at_line_start;
} BfyAnswer;

void bfy_answer_init (BfyAnswer *self);
void bfy_answer_clear (BfyAnswer *self);

/* Takes some of @bytes and returns how many; stops behind the head and behind each piece of the
 * body, which is then at *body, within @bytes. Takes all of them otherwise, except when the answer
 * is done or at fault. */
gsize bfy_answer_feed (
    BfyAnswer *self, const char *bytes, gsize length, const char **body, gsize *n_body);
/* The upstream has closed. FALSE: in the middle of its answer. */
gboolean bfy_answer_end (BfyAnswer *self);

gboolean bfy_answer_has_head (const BfyAnswer *self);
gboolean bfy_answer_is_done (const BfyAnswer *self);
gboolean bfy_answer_is_fault (const BfyAnswer *self);
