/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

/* The server's side of one connection of HTTP/2 (RFC 9113): bytes in, requests out, answers in,
 * bytes out. libnghttp2 reads the frames; libsoup's own HTTP/2 for servers is unfinished in all
 * versions of 3.2 (uploads of over 64 KiB hang). What one connection may cost is limited here.
 * Pure: it neither reads nor writes anything. */
typedef struct _BfyRunH2 BfyRunH2;

#define BFY_RUN_H2_STREAMS_MAX 32
#define BFY_RUN_H2_HEADER_BYTES_MAX (32 * 1024)
#define BFY_RUN_H2_RESETS_MAX 200   /* of requests, by who made them */
#define BFY_RUN_H2_CONTROLS_MAX 500 /* frames that ask for nothing, between two requests */
/* Of requests that are not answered; beyond it only the oldest one may go on. */
#define BFY_RUN_H2_HELD_BYTES_MAX ((gsize) 64 * 1024 * 1024)

typedef enum
{
  BFY_RUN_H2_WHOLE,
  BFY_RUN_H2_LONG_HEADERS,
  BFY_RUN_H2_LONG_BODY,
} BfyRunH2State;

/* One request and its answer. It is gone after on_gone(). */
typedef struct
{
  BfyRunH2 *session; /* borrowed */
  gint32 id;
  BfyRunH2State state;
  char *method, *scheme, *authority, *path; /* (owned) (nullable) */
  SoupMessageHeaders *headers;              /* (owned) without these */
  GByteArray *body;                         /* (owned) */
  gpointer errand;                          /* of who answers; borrowed */

  /* What follows is the session's own. */
  gsize n_headers;
  gsize n_withheld; /* bytes that were not yet made room for */
  GBytes *piece;    /* (owned) (nullable) of the answer */
  gsize n_sent;     /* of it */
  gboolean has_request;
  gboolean is_answered;
  gboolean is_ended;
} BfyRunStream;

typedef struct
{
  /* The request has come, as @state says; it is to be answered, now or later. */
  void (*on_request) (BfyRunStream *stream, gpointer user_data);
  /* What was appended is on its way. */
  void (*on_taken) (BfyRunStream *stream, gpointer user_data);
  /* It is over, whole or not. */
  void (*on_gone) (BfyRunStream *stream, gpointer user_data);
  /* There is something for bfy_run_h2_pull(), which must not be called from here. */
  void (*on_output) (gpointer user_data);
} BfyRunH2Events;

BfyRunH2 *bfy_run_h2_new (const BfyRunH2Events *events, gpointer user_data);
/* Everything that is under way is gone, with on_gone(). */
void bfy_run_h2_free (BfyRunH2 *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRunH2, bfy_run_h2_free)

/* FALSE: this is no HTTP/2, and the connection is to be closed when what is left was pulled. */
gboolean bfy_run_h2_feed (BfyRunH2 *self, const guint8 *bytes, gsize length);
/* Appends at most about @most bytes for the other side to @out. */
void bfy_run_h2_pull (BfyRunH2 *self, GByteArray *out, gsize most);
/* Says goodbye; nothing new begins. */
void bfy_run_h2_end (BfyRunH2 *self);
/* Nothing more is to be read or written. */
gboolean bfy_run_h2_is_over (BfyRunH2 *self);
guint bfy_run_h2_count (BfyRunH2 *self);

/* Once for each stream, which may be gone when one of these returns. Names may be in any case. */
void bfy_run_stream_respond (BfyRunStream *stream, guint status, SoupMessageHeaders *headers);
/* The same with all that is behind it. @body is not empty. */
void bfy_run_stream_respond_whole (BfyRunStream *stream,
                                   guint status,
                                   SoupMessageHeaders *headers,
                                   GBytes *body);
/* Only when nothing is left of what was appended before. */
void bfy_run_stream_append (BfyRunStream *stream, GBytes *piece);
void bfy_run_stream_end (BfyRunStream *stream);
/* An answer that is not whole must not look as if it were. */
void bfy_run_stream_break_off (BfyRunStream *stream);
