/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/child/replay.h"
#include "agent/child/sender.h"
#include "agent/child/session.h"

/* A request whose client lost the connection: it goes on, what it brings is kept, and the client
 * may come back for it. */
typedef struct _BfyDetached BfyDetached;
struct _BfyDetached
{
  BfyWaiter waiter;    /* first: the session knows it as that */
  BfyReplay *replay;   /* borrowed */
  BfyRequest *request; /* (owned) (nullable) of a client that has come back */
  BfySender *sender;   /* (owned) (nullable) to it */
  gulong gone_id;
  void (*ended) (BfyDetached *self, gpointer user_data); /* frees it */
  gpointer user_data;
};

BfyDetached *bfy_detached_new (BfyReplay *replay,
                               guint64 number,
                               void (*ended) (BfyDetached *self, gpointer user_data),
                               gpointer user_data);
void bfy_detached_free (BfyDetached *self);

/* The client is back: what follows goes there. A connection that it had before is dropped. */
void bfy_detached_attach (BfyDetached *self, BfyRequest *request, BfySender *sender);
