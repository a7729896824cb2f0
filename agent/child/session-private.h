/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/child/backlog.h"
#include "agent/child/detached.h"
#include "agent/child/replay.h"
#include "agent/child/sender.h"
#include "agent/child/session.h"

/* The inside of a session, for the files that make it up: session.c passes messages between client
 * and program, session-stream.c has the stream that the client opens with a GET. */
struct _BfySession
{
  char *id;    /* (owned) (nullable) */
  char *owner; /* (owned) (nullable) */
  BfySessionFunc ended;
  gpointer user_data;
  BfyChild *child;     /* (owned) (nullable) */
  BfySecretFile *file; /* (owned) (nullable) */
  BfyMux *mux;         /* (owned) */
  BfyAgent *agent;     /* (nullable) borrowed, with the binding */
  BfyBinding *binding; /* (owned) (nullable) if its policy concerns lists */
  GPtrArray *waiters;  /* (owned) (element-type BfyWaiter) borrowed elements, oldest first */
  GPtrArray *detached; /* (owned) (element-type BfyDetached) of them, whose clients lost them */
  BfyReplay *replay;   /* (owned) (nullable) in a legacy session */
  BfyRequest *stream_request; /* (owned) (nullable) the client's GET */
  BfySender *stream;          /* (owned) (nullable) */
  gulong gone_id;
  BfyBacklog *backlog; /* (owned) */
  gboolean has_answered;
  gint64 used_us;
};

/* An event for the client's GET; @user_data is the session. */
void bfy_session_send_on_stream (const char *json, gsize length, gpointer user_data);
void bfy_session_drop_stream (BfySession *self);
