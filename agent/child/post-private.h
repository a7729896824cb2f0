/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/child/post.h"
#include "agent/child/sender.h"

/* The inside of a POST to a local server, for the files that make it up: post.c brings the request
 * to the program and takes what it says, post-answer.c tells the client. */
typedef struct
{
  BfyWaiter waiter; /* first: the session knows it as that */
  gatomicrefcount ref_count;
  BfyAgent *agent;     /* borrowed */
  BfyLocal *local;     /* borrowed: fails those that wait before it goes */
  BfyRequest *request; /* (owned) */
  BfyBinding *binding; /* (owned) */
  BfyRpc *rpc;         /* (owned) */
  BfyPostKind kind;
  BfySession *session;    /* borrowed, (nullable) while it waits there */
  char *new_session_id;   /* (owned) (nullable) to be told with the answer */
  BfySender *sender;      /* (owned) (nullable) */
  BfyEvent *event;        /* (owned) (nullable) until it is recorded */
  GBytes *error_response; /* (owned) (nullable) while it is found out which versions there are */
  GSource *patience;      /* (owned) (nullable) */
  gulong gone_id;
  gint64 begun_us;
  gboolean is_over;
} BfyPost;

BfyPost *bfy_post_ref (BfyPost *self);
void bfy_post_unref (BfyPost *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPost, bfy_post_unref)

const BfyRpcMessage *bfy_post_message (const BfyPost *self);

/* What precedes the answer: there will be a stream. */
void bfy_post_relate (BfyWaiter *waiter, const char *json, gsize length);
/* The head goes out if nothing has come in that time. */
void bfy_post_set_patience (BfyPost *self, gint64 patience_ms);
/* The HTTP status for a response of the program. */
guint bfy_post_status (const BfyPost *self, const BfyMuxMessage *message);
void bfy_post_answer (BfyPost *self, guint status, const char *text, gsize length);
/* The end, with an error of ours. */
void bfy_post_fail (BfyPost *self, BfyErrorCode code, const char *message);
void bfy_post_fail_with (BfyPost *self, const GError *error);
/* The end, whatever happened. @code: BFY_N_ERRORS when nothing of ours went wrong. */
void bfy_post_finish (BfyPost *self, BfyErrorCode code);
