/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/proxy/exchange-private.h"
#include "protocol/endpoint.h"
#include "protocol/sse-cutter.h"

/* The inside of a GET's event stream, for the files that make it up: event-stream.c passes the
 * events on, event-session.c ends it with the right to it and has its postbox. */
struct _BfyEventStream
{
  BfySseCutter *cutter;   /* (owned) (nullable) while events are looked at */
  GString *down;          /* (owned) what the client gets next */
  BfyPostbox *postbox;    /* (owned) (nullable) once `endpoint` has come */
  gboolean is_wanted;     /* the client needs `endpoint`, and gets no head before */
  BfyEndpointWatch watch; /* of a first event that is too long to be held */
  gboolean has_event;
  gboolean is_writing;
  gulong changed_id;
  gulong removed_id;
  gulong locked_id;
};

/* event-stream.c */
void bfy_event_stream_append (GString *down, const char *type, const char *data);
/* Everything that waits, whether or not the client reads it. */
void bfy_event_stream_flush (BfyExchange *self);
/* One thing at a time: what waits goes down before anything more is read. */
void bfy_event_stream_pump (BfyExchange *self);

/* event-session.c: from now on changes of the binding count. */
void bfy_event_stream_watch (BfyExchange *self);
void bfy_event_stream_open_postbox (BfyExchange *self, BfyPostbox *postbox);
/* The stream's last event says why it ends. A client that has no head yet gets it as a refusal. */
void bfy_event_stream_end_with_error (BfyExchange *self, BfyErrorCode code, const char *message);
void bfy_event_stream_end_with (BfyExchange *self, const GError *error);
