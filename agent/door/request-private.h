/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request-body.h"

/* The inside of a request, shared by the files that make it up: request.c is what all have in
 * common, request-filter.c what answers go through, request-door.c those that came in on a door,
 * request-body.c their bodies, request-inner.c those the agent makes, request-early.c answers that
 * begin before they are known.
 */

/* How an answer reaches whoever asked. None is called once the request is over. */
typedef struct
{
  void (*reply) (
      BfyRequest *self, guint status, const char *content_type, const char *body, gsize length);
  SoupMessageHeaders *(*begin) (BfyRequest *self, guint status, goffset length, gboolean is_own);
  void (*flush) (BfyRequest *self);
  void (*write) (BfyRequest *self, GBytes *bytes);
  void (*end) (BfyRequest *self);
  void (*abort) (BfyRequest *self);
  void (*dispose) (BfyRequest *self);
} BfyRequestKind;

/* request-early.c */
typedef struct _BfyRequestEarly BfyRequestEarly;

/* Who wants to know when it is over. */
typedef struct
{
  GDestroyNotify func;
  gpointer user_data;
} BfyRequestOverFunc;

struct _BfyRequest
{
  gatomicrefcount ref_count;
  const BfyRequestKind *kind;
  BfyConnection *connection;   /* (owned) (nullable) of an inner request: its caller's */
  const char *method;          /* borrowed from the kind's own part; NULL once it is over */
  SoupMessageHeaders *headers; /* borrowed from the kind's own part; NULL once it is over */
  BfyRoute *route;             /* (owned) (nullable) */
  BfyClient *client;           /* (owned) (nullable) */
  BfySecret *proof;            /* (owned) (nullable) */
  GBytes *body;                /* (owned) (nullable) */
  GCancellable *gone;          /* (owned) */
  BfyErrorCode end_code;
  guint upstream_status; /* 0: none yet */
  gint64 retry_after_s;  /* to tell with an answer of ours, 0 = nothing */
  gboolean is_quiet;     /* nobody is to be asked anything for it */
  gboolean is_barred;    /* as if it had no right to anything */
  gboolean is_over;
  gboolean is_answered; /* a status has been set */
  gboolean has_begun;   /* as a stream */
  gboolean has_ended;
  BfyRequestFunc drained;
  gpointer drained_data;
  const BfyRequestDetour *detour_funcs; /* (nullable) */
  gpointer detour_data;                 /* (owned) (nullable) */
  BfyRequestEarly *early;               /* (owned) (nullable) */
  const BfyRequestFilter *filter;       /* (nullable) */
  gpointer filter_data;                 /* (owned) (nullable) */

  const BfyRequestCountFuncs *count_funcs; /* (nullable) */
  gpointer count;                          /* (owned) (nullable) */
  gboolean is_counted;                     /* by itself, not as part of its caller */
  struct _BfyApproval *approval;           /* (owned) (nullable) */

  GArray *over_funcs; /* (owned) (nullable) (element-type BfyRequestOverFunc) */

  struct
  {
    char *method;                /* (owned) */
    char *target;                /* (owned) the path; the query follows */
    const char *query;           /* (nullable) within target */
    SoupMessageHeaders *headers; /* (owned) */
    GByteArray *input;           /* (owned) (nullable) the body until it is complete or read */
    guint64 body_max;
    gboolean can_stream;
    gboolean is_streamed;
    gboolean is_raw;      /* a WebSocket */
    gboolean is_whole;    /* all of the body has come */
    gboolean has_gone_on; /* the client has been told to send its body */
    gint64 waited_us;     /* for a streamed one, which is not waited for all the time */
    guint64 n_streamed;   /* bytes of the body that have come */
    gsize n_in_turn;      /* and been read since the main loop ran */
    guint turn_id;
    BfyRequestPieceFunc reader; /* (nullable) */
    gpointer reader_data;
    gboolean is_1_0;
    gboolean is_head_request;
    gboolean is_persistent; /* the connection may be used again */

    SoupMessageHeaders *answer; /* (owned) (nullable) beside those of every answer */
    guint status;
    goffset length; /* of the answer's body, -1 if it is not known */
    gsize n_sent;   /* of it */
    gboolean is_own;
    gboolean is_chunked;
    gboolean is_head_sent;
    gboolean is_draining;
    gboolean has_drained;
  } door;

  struct
  {
    BfyRequest *caller;         /* (owned) (nullable) */
    const BfyRequestSink *sink; /* (nullable) NULL once nobody listens */
    gpointer sink_data;
    char *method;                /* (owned) */
    SoupMessageHeaders *headers; /* (owned) */
    SoupMessageHeaders *answer;  /* (owned) (nullable) until the head has been handed over */
    guint status;
    gboolean is_direct;
  } inner;
};

BfyRequest *bfy_request_alloc (const BfyRequestKind *kind, BfyConnection *connection);
/* For a connection: what has been checked of the body is appended to the input, and noted. */
GByteArray *bfy_request_get_input (BfyRequest *self);
void bfy_request_note_input (BfyRequest *self);
/* request-body.c: there is enough of it to be served, though not all. */
gboolean bfy_request_is_ready_to_stream (BfyRequest *self);
/* It is streamed and its body is still coming. */
gboolean bfy_request_is_uploading (BfyRequest *self);
/* It has become a WebSocket. */
gboolean bfy_request_is_raw (BfyRequest *self);
/* Something of its body is waited for. */
gboolean bfy_request_wants_input (BfyRequest *self);
void bfy_request_note_body_end (BfyRequest *self);
/* Instead of bfy_request_note_served(): its body is still coming. */
void bfy_request_note_streamed (BfyRequest *self);
/* connection.c: what comes from now on has no shape that is ours. */
void bfy_connection_open_raw (BfyConnection *self);
/* More of a streamed body is wanted. */
void bfy_connection_read_on (BfyConnection *self);
void bfy_request_tell_to_go_on (BfyRequest *self);
void bfy_request_stop_body (BfyRequest *self);
void bfy_request_append_retry_after (BfyRequest *self, SoupMessageHeaders *headers);
/* request-filter.c: what goes out goes through the filter, if there is one. */
void bfy_request_filter_headers (BfyRequest *self, SoupMessageHeaders *headers);
void bfy_request_write_filtered (BfyRequest *self, GBytes *bytes);
/* What was held back, at the end of the body. */
void bfy_request_write_rest (BfyRequest *self);
/* What had to wait has gone out. */
void bfy_request_note_flushed (BfyRequest *self);

/* It was broken off by us: whoever is in the midst of making the answer learns it a moment later.
 */
void bfy_request_note_broken (BfyRequest *self);
void bfy_request_early_free (BfyRequestEarly *self);
/* It has been answered with 202 and is of no connection any more. */
gboolean bfy_request_is_detached (BfyRequest *self);

/* What was written last has been taken: whoever writes may go on. */
void bfy_request_note_drained (BfyRequest *self);
void bfy_request_tell_over (BfyRequest *self);
/* An inner request is part of what its caller uses. */
void bfy_request_share_count (BfyRequest *self, BfyRequest *caller);
/* Whoever still holds on to the request needs no key and no headers any more. */
void bfy_request_note_over (BfyRequest *self);
