/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/client-session.h"
#include "agent/era/client-stream.h"
#include "protocol/tool-headers.h"

/* The inside of a client session, for the files that make it up: client-handshake.c begins it,
 * client-serve.c answers its requests, client-session.c keeps it. */
struct _BfyClientSession
{
  BfyEras *eras;           /* borrowed */
  BfyEraPlace *place;      /* (owned) */
  char *id;                /* (owned) */
  char *owner;             /* (owned) (nullable) */
  char *version;           /* (owned) what the client speaks */
  char *client_info;       /* (owned) (nullable) raw */
  char *capabilities;      /* (owned) raw, the client's */
  char *discovered;        /* (owned) DiscoverResult */
  char *log_level;         /* (owned) (nullable) raw */
  GHashTable *uris;        /* (owned) (element-type utf8) subscribed to */
  BfyToolHeaders *tools;   /* (owned) */
  GPtrArray *calls;        /* (owned) borrowed elements */
  BfyClientStream *stream; /* (owned) (nullable) */
  GSource *idle;           /* (owned) (nullable) */
  guint64 last_number;
  gint64 used_us;
};

void bfy_client_session_touch (BfyClientSession *self);
/* Is there something at @path of @object, raw, that is neither null nor false? */
gboolean bfy_client_session_has (const char *object, const char *const *path);
