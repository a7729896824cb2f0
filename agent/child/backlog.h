/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/child/mux.h"

/* What a legacy server has said that nobody can take yet: perhaps a stream is on its way. */
typedef struct _BfyBacklog BfyBacklog;

#define BFY_BACKLOG_MAX 64   /* messages */
#define BFY_BACKLOG_MS 10000 /* after which the server's requests among them are refused */

/* A request of the server, with this id (raw token), will not be answered by anybody. */
typedef void (*BfyBacklogRefuse) (const char *id, gpointer user_data);
typedef void (*BfyBacklogSend) (const char *json, gsize length, gpointer user_data);

BfyBacklog *bfy_backlog_new (BfyBacklogRefuse refuse, gpointer user_data);
void bfy_backlog_free (BfyBacklog *self);

void bfy_backlog_hold (BfyBacklog *self, const BfyMuxMessage *message);
/* There is somebody now. @user_data is @send's. */
void bfy_backlog_send (BfyBacklog *self, BfyBacklogSend send, gpointer user_data);
