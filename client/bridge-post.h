/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/bridge-errand.h"

/* One message of the client and what has come of it so far. Between two tries it has no transfer:
 * it waits for a timer, for an errand or for a session. */
struct _BridgePost
{
  Bridge *bridge;
  GBytes *line;          /* (owned) */
  BfyTransfer *transfer; /* (owned) (nullable) */
  BridgeErrand *errand;  /* (owned) (nullable) */
  GPtrArray *ids;        /* (owned) (element-type utf8) raw tokens still unanswered */
  GBytes *refusal;       /* (owned) (nullable) the answer to the first try, should it be the last */
  char *tool;            /* (owned) (nullable) modern: what a tools/call calls */
  char *session_id;      /* (owned) (nullable) under which it was sent */
  char *last_event_id;   /* (owned) (nullable) where its stream broke off */
  gint64 retry_ms;       /* -1: the server did not say */
  guint n_resumes;       /* since the server last said something */
  guint n_pages;         /* of tools asked for */
  guint timer_id;
  guint status; /* of the last answer; 0: none */
  gsize n_bytes;
  gboolean is_modern;
  gboolean is_initialize;
  gboolean is_initialized; /* the notification */
  gboolean is_discover;
  gboolean is_listen;
  gboolean is_tools_list;
  gboolean is_response;
  gboolean is_cancelled;  /* no answer is owed any more */
  gboolean is_oneway;     /* nothing in it asks for an answer */
  gboolean is_second_try; /* there is no third */
  gboolean is_resumed;    /* its transfer is a GET */
  gboolean is_streaming;  /* an event stream was opened */
  gboolean has_params;    /* Mcp-Param-… was sent */
  gboolean needs_session; /* waits for the recovery */
  gboolean has_tried_sse; /* initialize: the older transport */
};

/* bridge-send.c: the same message once more, with the headers that are right by now. */
void bridge_post_send_again (BridgePost *post);

/* bridge-answer.c */
/* Starts the transfer whose answer is the post's from now on. */
void bridge_post_take_transfer (BridgePost *post, SoupMessage *message);
/* The answer is not going to get better: tells the client, and forgets the post. */
void bridge_post_finish (BridgePost *post, const GError *error);
/* The same with @text (nullable), a JSON-RPC error, as what the server has said. */
void bridge_post_refuse (BridgePost *post, const char *text);

/* bridge-post.c */
void bridge_post_forget (BridgePost *post);
/* What waited for a session has one now, or never will. */
void bridge_posts_take_session (Bridge *self, gboolean has_session);
/* Answers that were to come on a stream never will. */
void bridge_posts_fail_accepted (Bridge *self, const GError *error);

/* bridge-failure.c: why request @id stays without an answer, as the line its client gets. */
GString *bridge_failure_new_line (const BridgePost *post, const char *id, const GError *error);

/* bridge-refresh.c */
void bridge_refresh_start (BridgePost *post);

/* bridge-resume.c: the stream of a legacy POST broke off, and has ids by which to ask for the rest
 * (mcp.md A.5). */
gboolean bridge_resume_is_possible (const BridgePost *post);
void bridge_resume_later (BridgePost *post);
