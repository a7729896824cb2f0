/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/all/ask.h"
#include "agent/database/relay.h"

/* Shared by the files relay*.c and nobody else. */
typedef struct _BfyRelayCall BfyRelayCall;

/* A program on one of the sockets, from its first byte on. It is freed when its session ends. */
typedef struct
{
  BfyRelays *relays;         /* borrowed */
  BfyAgent *agent;           /* borrowed */
  char *binding_id;          /* (owned) */
  BfyConnection *connection; /* (owned) */
  GIOStream *stream;         /* (owned) */
  BfyRequest *request;       /* (owned) what stands for it at the gates */
  GByteArray *start;         /* (owned) what it has said first */
  guint8 buffer[4096];
  guint n_refused_tls;
  GCancellable *reading; /* (owned) of its first message */
  guint deadline_id;
  GSource *hang_up;   /* (owned) (nullable) while it waits at the gates */
  BfyAsk *ask;        /* (owned) (nullable) */
  char *answer;       /* (owned) (nullable) why it was refused */
  BfyRelayCall *call; /* borrowed (nullable) */
  guint end_id;       /* it is about to be freed */
  guint32 pid;        /* of its session; 0: there is none */
  guint32 key;
} BfyRelayClient;

BfyRelayClient *bfy_relay_client_new (BfyRelays *relays,
                                      BfyAgent *agent,
                                      const char *binding_id,
                                      BfyConnection *connection,
                                      GIOStream *stream);
void bfy_relay_client_free (BfyRelayClient *self);
/* A moment later, when nobody is in the midst of it. */
void bfy_relay_client_end (BfyRelayClient *self);

/* It is not there any more. */
void bfy_relay_call_forget_client (BfyRelayCall *call);

/* Of relay.c: which program a request stands for (nullable), and that one has ended. */
BfyRelayClient *bfy_relays_find (BfyRelays *self, BfyRequest *request);
void bfy_relays_remove (BfyRelays *self, BfyRelayClient *client);
/* What a session of that binding is doing is called off, if there is such a one. */
void bfy_relays_call_off (BfyRelays *self, const char *binding_id, guint32 pid, guint32 key);
/* Of all sessions; made for the first one. */
BfyPoller *bfy_relays_get_poller (BfyRelays *self);
/* Where the sockets of a binding are. Free with g_free(). */
char *bfy_relays_format_folder (BfyRelays *self, const char *name);
