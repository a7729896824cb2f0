/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"

/* One request to one binding on behalf of the caller of the endpoint for all, and its answer taken
 * apart into messages, be it JSON or an event stream. */
typedef struct _BfyAsk BfyAsk;

typedef struct
{
  /* (nullable) */
  void (*head) (BfyAsk *ask, gpointer user_data);
  /* Checked JSON. FALSE: nothing more is wanted, the answer counts as complete. The ask must not be
   * freed from here. */
  gboolean (*message) (BfyAsk *ask, const char *text, gsize length, gpointer user_data);
  /* (nullable) The other side has given a sign of life. */
  void (*beat) (BfyAsk *ask, gpointer user_data);
  /* The last call; from here the ask may be freed. */
  void (*end) (BfyAsk *ask, gboolean is_complete, gpointer user_data);
} BfyAskEvents;

typedef struct
{
  BfyBinding *binding;
  GBytes *body; /* one modern request */
  /* A keyring is not asked open for it. */
  gboolean is_quiet;
  /* The body is the caller's but for a name: so are the headers that repeat arguments. */
  gboolean is_callers;
} BfyAskSetup;

/* @user_data and @events stay with the caller. */
BfyAsk *bfy_ask_new (BfyAgent *agent,
                     BfyRequest *caller,
                     const BfyAskSetup *setup,
                     const BfyAskEvents *events,
                     gpointer user_data);
/* The events may be called, to the last, before this returns. */
void bfy_ask_start (BfyAsk *self);
/* Calls it off, too. */
void bfy_ask_free (BfyAsk *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyAsk, bfy_ask_free)

/* Nothing more is read until _release. */
void bfy_ask_hold (BfyAsk *self);
void bfy_ask_release (BfyAsk *self);

guint bfy_ask_get_status (BfyAsk *self);
gboolean bfy_ask_is_stream (BfyAsk *self);
/* It was the agent that answered. */
gboolean bfy_ask_is_own (BfyAsk *self);
/* (nullable) */
const char *bfy_ask_get_content_type (BfyAsk *self);
/* Seconds after which it is worth while to ask again; 0: it did not say. */
gint64 bfy_ask_get_retry_after_s (BfyAsk *self);
/* What came, if it was no stream. */
const char *bfy_ask_get_body (BfyAsk *self, gsize *length);
