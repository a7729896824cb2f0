/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/child/children.h"
#include "agent/child/session.h"
#include "protocol/tool-headers.h"

/* The local server of one binding in all its instances: one per legacy session, one that all modern
 * clients share, and what is known about the command: the eras it speaks, and how often it has
 * failed. */

#define BFY_LOCAL_SESSIONS_MAX 32
#define BFY_LOCAL_IDLE_S 3600      /* after which an unused session ends */
#define BFY_LOCAL_PROBE_MS 60000   /* a first start may have to download something */
#define BFY_LOCAL_BACKOFF_MAX_S 30 /* between starts of a server that fails at once */

typedef enum
{
  BFY_LOCAL_UNKNOWN,
  BFY_LOCAL_LEGACY, /* no server/discover: initialize only */
  BFY_LOCAL_MODERN,
} BfyLocalEra;

BfyLocal *bfy_local_new (BfyChildren *children, BfyBinding *binding);
void bfy_local_free (BfyLocal *self);
/* Ends all servers. */
void bfy_local_stop (BfyLocal *self);
/* Ends the sessions of a client whose key has gone. */
void bfy_local_drop_owner (BfyLocal *self, const char *owner);
/* After a change of the record. */
void bfy_local_set_binding (BfyLocal *self, BfyBinding *binding);

BfyBinding *bfy_local_get_binding (BfyLocal *self);
BfyAgent *bfy_local_get_agent (BfyLocal *self);
BfyTail *bfy_local_get_tail (BfyLocal *self);
guint bfy_local_n_running (BfyLocal *self);

/* What server/discover says, asked once per command; from then on at once. The credential must have
 * been loaded. @error is set when the server could not be started. */
typedef void (*BfyLocalFunc) (BfyLocal *self,
                              BfyLocalEra era,
                              const GError *error,
                              gpointer user_data);
void bfy_local_find_era (BfyLocal *self, BfyLocalFunc func, gpointer user_data);
/* The versions it named, a JSON array, or NULL. */
const char *bfy_local_get_versions (BfyLocal *self);

/* What its answers to tools/list say about headers of a tools/call. */
void bfy_local_learn_tools (BfyLocal *self, const char *text, gsize length);
const BfyToolHeaders *bfy_local_get_tools (BfyLocal *self);

/* A new legacy session with a server of its own. Borrowed. */
BfySession *bfy_local_begin_session (BfyLocal *self,
                                     const char *owner,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The running session of that id, if @owner may use it; NULL otherwise. */
BfySession *bfy_local_find_session (BfyLocal *self, const char *id, const char *owner);
void bfy_local_end_session (BfyLocal *self, BfySession *session);
/* The shared modern server, started if need be. Borrowed. */
BfySession *bfy_local_get_shared (BfyLocal *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
