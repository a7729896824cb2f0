/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"

/* The inside of a request, shared by the three files that make it up: request.c is what all have in
 * common, request-door.c those that came in on a door, request-inner.c those the agent makes. */

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

struct _BfyRequest
{
  gatomicrefcount ref_count;
  const BfyRequestKind *kind;
  BfyConnection *connection;   /* (owned) of an inner request: its caller's */
  const char *method;          /* borrowed from the kind's own part; NULL once it is over */
  SoupMessageHeaders *headers; /* borrowed from the kind's own part; NULL once it is over */
  BfyRoute *route;             /* (owned) (nullable) */
  BfyClient *client;           /* (owned) (nullable) */
  BfySecret *proof;            /* (owned) (nullable) */
  GBytes *body;                /* (owned) (nullable) */
  GCancellable *gone;          /* (owned) */
  gboolean is_over;
  gboolean is_answered; /* a status has been set */
  gboolean has_begun;   /* as a stream */
  gboolean has_ended;
  BfyRequestFunc drained;
  gpointer drained_data;

  struct
  {
    SoupServerMessage *message; /* (owned) (nullable) NULL once it is over */
    GSource *watch;             /* (owned) (nullable) sees the client hang up */
    guint64 body_max;
    guint64 n_body;
    gulong got_chunk_id;
    gulong wrote_chunk_id;
    gboolean is_paused;
  } door;

  struct
  {
    const BfyRequestSink *sink; /* (nullable) NULL once nobody listens */
    gpointer sink_data;
    char *method;                /* (owned) */
    SoupMessageHeaders *headers; /* (owned) */
    SoupMessageHeaders *answer;  /* (owned) (nullable) until the head has been handed over */
    guint status;
  } inner;
};

BfyRequest *bfy_request_alloc (const BfyRequestKind *kind, BfyConnection *connection);
/* What was written last has been taken: whoever writes may go on. */
void bfy_request_note_drained (BfyRequest *self);
/* Whoever still holds on to the request needs no key and no headers any more. */
void bfy_request_note_over (BfyRequest *self);
