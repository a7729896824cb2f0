/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "client/bridge.h"
#include "client/inlet.h"
#include "client/outlet.h"
#include "client/transfer.h"
#include "protocol/rpc.h"
#include "protocol/tool-headers.h"

/* Shared by bridge.c (its life), bridge-line.c (what the client says), bridge-post.c, bridge-send.c
 * and bridge-answer.c (one POST each), bridge-resume.c, bridge-recovery.c and bridge-refresh.c
 * (what may come between a POST and its answer), bridge-errand.c (POSTs of our own) and
 * bridge-listen.c (the server's own stream) and bridge-sse.c (the transport of 2024-11-05, if the
 * server has nothing newer). */
typedef struct _Bridge Bridge;
typedef struct _BridgePost BridgePost;
typedef struct _BridgeListener BridgeListener;
typedef struct _BridgeRecovery BridgeRecovery;
typedef struct _BridgeSse BridgeSse;

/* Longest line taken from the client, in bytes. The agent has a lower limit per binding, whose
 * error is better than ours; this one bounds memory. */
#define BRIDGE_LINE_BYTES_MAX (64 * 1024 * 1024)
/* Requests in flight, and their bytes. Above, new requests are refused; answers to the server
 * always pass, or a full house could never empty itself. */
#define BRIDGE_POSTS_MAX 512
#define BRIDGE_POST_BYTES_MAX (128 * 1024 * 1024)
/* Output that the client has not read: above, nothing more is taken from the agent. */
#define BRIDGE_OUTPUT_BYTES_MAX (1024 * 1024)
/* A stream that broke off is asked for again: after the delay that the server asked for, else after
 * 1 s × 1.5 up to 30 s; five times without a word from it (behaviour 5.11). */
#define BRIDGE_RETRIES_MAX 5
/* Once stdin has ended: for requests in flight, for the DELETE, for the last output. */
#define BRIDGE_GRACE_MS 2000
#define BRIDGE_DELETE_MS 1000
#define BRIDGE_FLUSH_MS 1000

typedef enum
{
  BRIDGE_RUNNING,
  BRIDGE_FINISHING, /* stdin ended; requests in flight may still be answered */
  BRIDGE_DELETING,  /* the session is being ended */
  BRIDGE_FLUSHING,  /* the last lines go out */
} BridgeStage;

struct _Bridge
{
  BfyRemote *remote; /* (owned) */
  const char *binding;
  GMainLoop *loop;          /* (owned) */
  BfyInlet *inlet;          /* (owned) */
  BfyOutlet *outlet;        /* (owned) */
  GPtrArray *posts;         /* (owned) (element-type BridgePost) in flight */
  GQueue waiting;           /* (element-type GBytes) (owned) lines behind the handshake */
  BridgePost *barrier;      /* (nullable) the handshake's POST in flight, one of posts */
  BridgeListener *listener; /* (owned) (nullable) */
  BridgeSse *sse;           /* (owned) (nullable) in place of a listener */
  BridgeRecovery *recovery; /* (owned) (nullable) while a lost session is made anew */
  BfyToolHeaders *tools;    /* (owned) */
  GBytes *initialize;       /* (owned) (nullable) the client's lines, for a new session */
  GBytes *initialized;      /* (owned) (nullable) */
  GHashTable *told;      /* (owned) (element-type utf8 GBytes) what else a new one must be told */
  BfyTransfer *farewell; /* (owned) (nullable) the DELETE */
  char *session_id;      /* (owned) (nullable) */
  char *version;         /* (owned) (nullable) legacy: negotiated */
  char *modern_version;  /* (owned) (nullable) of the last modern request */
  gsize n_post_bytes;
  BridgeStage stage;
  guint timer_id;
  gboolean has_reached_agent;
  gboolean is_held;
  int exit_status;
};

/* bridge.c */
void bridge_write (Bridge *self, GString *line);
/* A message from the server: to the client, and the request it answers is settled. */
void bridge_relay (const BfyRpcMessage *message, GString **line, gpointer self);
/* For everything that is not MCP; one line on stderr, never content. */
void bridge_complain (Bridge *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
/* After any POST has gone: opens the barrier, or finishes when nothing else is in flight. */
void bridge_post_done (Bridge *self);
/* The agent was never there: answers what is on its way, then ends with status 2. */
void bridge_give_up (Bridge *self);
/* The session's headers, for legacy messages. */
void bridge_add_session_headers (Bridge *self, SoupMessage *message);
/* TRUE while legacy messages have to wait for a session. */
gboolean bridge_is_greeting (const Bridge *self);

/* bridge-line.c */
void bridge_handle (Bridge *self, GBytes *line);

/* bridge-send.c */
void bridge_post_start (Bridge *self, BfyRpc *rpc, GBytes *line);

/* bridge-post.c */
void bridge_post_free (BridgePost *post);
/* Aborts and forgets the modern request with this id; FALSE if there is none. */
gboolean bridge_post_abort (Bridge *self, const char *id);
/* Notes that a legacy request needs no answer any more. */
void bridge_post_set_cancelled (Bridge *self, const char *id);
/* A response with this id went to the client. */
void bridge_post_settle (Bridge *self, const char *id);
void bridge_post_set_held (BridgePost *post, gboolean is_held);
/* FALSE for streams that only end when the client says so. */
gboolean bridge_post_is_awaited (const BridgePost *post);

/* bridge-listen.c */
BridgeListener *bridge_listener_new (Bridge *self);
void bridge_listener_free (BridgeListener *listener);
void bridge_listener_set_held (BridgeListener *listener, gboolean is_held);
/* TRUE while the stream is open, so that an answer may still come there. */
gboolean bridge_listener_is_open (const BridgeListener *listener);
/* How long to wait before the try number @n_retries. @asked_ms: what the server said, or -1. */
guint bridge_retry_delay_ms (gint64 asked_ms, guint n_retries);

/* bridge-recovery.c: the server has forgotten the session; the client's handshake is said again.
 * Posts that wait for it are sent again, or fail. */
void bridge_recovery_start (Bridge *self);
/* Remembers a message of the client that a new session must be told again. */
void bridge_recovery_note (Bridge *self, const BfyRpc *rpc, GBytes *line);
void bridge_recovery_free (BridgeRecovery *recovery);

/* bridge-sse.c: tries that transport for @post, the `initialize` @line that was refused with @text
 * (nullable). */
BridgeSse *bridge_sse_new (Bridge *self, BridgePost *post, GBytes *line, const char *text);
void bridge_sse_free (BridgeSse *sse);
/* The post is gone. */
void bridge_sse_forget (BridgeSse *sse, const BridgePost *post);
void bridge_sse_set_held (BridgeSse *sse, gboolean is_held);
/* TRUE while answers may come there. */
gboolean bridge_sse_is_open (const BridgeSse *sse);
/* TRUE once messages are to be posted there; when its stream has ended, to be told so. */
gboolean bridge_sse_is_usable (const BridgeSse *sse);
SoupMessage *bridge_sse_new_post (BridgeSse *sse, GBytes *line);
