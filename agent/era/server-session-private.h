/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/server-session.h"
#include "agent/era/server-stream.h"

/* The inside of a server session, for the files that make it up: server-session.c begins, keeps and
 * ends it, server-news.c deals with what the server says by itself. */

typedef struct
{
  BfyServerSessionFunc func;
  gpointer user_data;
} BfyServerSessionWaiter;

struct _BfyServerSession
{
  gatomicrefcount ref_count;
  BfyEras *eras;         /* borrowed */
  BfyRequest *caller;    /* (owned) on whose behalf it speaks when no call does */
  char *key;             /* (owned) */
  char *binding_id;      /* (owned) */
  char *name;            /* (owned) of the binding */
  char *owner;           /* (owned) (nullable) */
  char *capabilities;    /* (owned) raw */
  char *client_info;     /* (owned) (nullable) raw */
  BfyInquiry *handshake; /* (owned) (nullable) */
  gboolean is_ready;
  gboolean is_lost;
  char *id;                /* (owned) (nullable) servers may do without */
  char *version;           /* (owned) (nullable) */
  char *result;            /* (owned) (nullable) InitializeResult */
  char *server_info;       /* (owned) (nullable) raw */
  GArray *waiters;         /* (owned) (element-type BfyServerSessionWaiter) */
  GPtrArray *calls;        /* (owned) borrowed elements, oldest first */
  GPtrArray *listens;      /* (owned) borrowed elements */
  GHashTable *uris;        /* (owned) subscribed URI → how many listens want it */
  BfyServerStream *stream; /* (owned) (nullable) */
  guint64 last_id;
  int log_rank;  /* that the server was told; G_MAXINT: none */
  GSource *idle; /* (owned) (nullable) */
  gint64 used_us;
};

/* Whoever can be told something by the server, or asked, needs its stream. */
void bfy_server_session_update_stream (BfyServerSession *self);
