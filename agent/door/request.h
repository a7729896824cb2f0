/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <libsoup/soup.h>

#include "agent/door/connection.h"
#include "protocol/client.h"
#include "protocol/error.h"
#include "protocol/route.h"
#include "protocol/rpc.h"

/* One request on a door, from its head to the last byte of the answer. Answer exactly once: with
 * one of the _reply functions, or with _begin, any number of _write, and _end or _break. Everything
 * may be called after the client has gone; it then does nothing. */
typedef struct _BfyRequest BfyRequest;

/* @head: a checked one (agent/door/framing.h). NULL if it cannot be understood all the same. */
BfyRequest *bfy_request_new (BfyConnection *connection, const char *head, gsize length);
BfyRequest *bfy_request_ref (BfyRequest *self);
void bfy_request_unref (BfyRequest *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyRequest, bfy_request_unref)

/* NULL for what the agent asks by itself. */
BfyConnection *bfy_request_get_connection (BfyRequest *self);
const char *bfy_request_get_method (BfyRequest *self);
const char *bfy_request_get_path (BfyRequest *self);
/* (nullable) raw, without "?" */
const char *bfy_request_get_query (BfyRequest *self);
/* (nullable) */
const char *bfy_request_get_header (BfyRequest *self, const char *name);
SoupMessageHeaders *bfy_request_get_headers (BfyRequest *self);
/* NULL before the body has been read; empty when there is none. Borrowed. */
GBytes *bfy_request_get_body (BfyRequest *self);

/* For a body that held a secret: overwrites our copy. */
void bfy_request_wipe_body (BfyRequest *self);

/* Set while the request is admitted. Route: (transfer full); client: NULL for a local process. */
void bfy_request_take_route (BfyRequest *self, BfyRoute *route);
const BfyRoute *bfy_request_get_route (BfyRequest *self);
void bfy_request_set_client (BfyRequest *self, BfyClient *client);
BfyClient *bfy_request_get_client (BfyRequest *self);
/* The second half of the key that was presented (transfer full): set when the request is for a
 * sealed binding, gone when the request is over or has no more use for it. */
void bfy_request_take_proof (BfyRequest *self, BfySecret *proof);
/* (nullable) */
const BfySecret *bfy_request_get_proof (BfyRequest *self);
void bfy_request_drop_proof (BfyRequest *self);
/* Overwrites our copy of the key in the Authorization header, which stays as an empty one. */
void bfy_request_wipe_authorization (BfyRequest *self);
/* Whatever it presents, there is nothing for it: it is answered as one with a bad key is. */
void bfy_request_bar (BfyRequest *self);
gboolean bfy_request_is_barred (BfyRequest *self);
/* Largest body that is read; more is answered with 413. */
void bfy_request_set_body_max (BfyRequest *self, guint64 bytes);

/* Cancelled when the client hangs up before the answer is complete. */
GCancellable *bfy_request_get_gone (BfyRequest *self);
/* Whoever ends it before its time, as if its client had hung up, says first what is to be recorded.
 * Of an inner request that is what became of its caller; BFY_ERROR_CANCELLED when nobody has. */
void bfy_request_set_end_code (BfyRequest *self, BfyErrorCode code);
BfyErrorCode bfy_request_get_end_code (BfyRequest *self);

void bfy_request_reply (
    BfyRequest *self, guint status, const char *content_type, const char *body, gssize length);
/* (transfer full) body */
void bfy_request_reply_json (BfyRequest *self, guint status, JsonObject *body);
void bfy_request_reply_empty (BfyRequest *self, guint status);
/* Goes with the answer that one of these gives. */
void bfy_request_set_retry_after (BfyRequest *self, gint64 seconds);
/* The control API's form: {"error","message","hint"} with the code's HTTP status. @name: the
 * binding the hint is about, or NULL. */
void bfy_request_reply_error (BfyRequest *self, const GError *error, const char *name);
/* Another status than the code's own. */
void bfy_request_reply_error_status (BfyRequest *self,
                                     guint status,
                                     BfyErrorCode code,
                                     const char *message);

/* Whoever counts what a request uses: @wrote is told of the bytes of a relayed or streamed answer
 * as they go out, @over of the end, once. Inner requests that are made for it share what is counted
 * and add nothing to it. */
typedef struct
{
  void (*wrote) (gpointer count, gsize n_bytes);
  void (*over) (gpointer count);
  gpointer (*ref) (gpointer count);
  void (*unref) (gpointer count);
} BfyRequestCountFuncs;
/* @count: (transfer full) kept until the request is freed, which is after its end. */
void bfy_request_take_count (BfyRequest *self, const BfyRequestCountFuncs *funcs, gpointer count);
/* (nullable) borrowed: of this one, or of the one that it is made for */
gpointer bfy_request_get_count (BfyRequest *self);

/* Bytes of its answer go out by another way; they count as if they had been written to it. */
void bfy_request_count_bytes (BfyRequest *self, gsize n_bytes);

/* As if nothing had been counted: it has to wait and will be served again. */
void bfy_request_drop_count (BfyRequest *self);

/* What people have agreed to for its sake (transfer full), nullable; an inner request has that of
 * the one it is made for. */
struct _BfyApproval;
void bfy_request_take_approval (BfyRequest *self, struct _BfyApproval *approval);
struct _BfyApproval *bfy_request_get_approval (BfyRequest *self);

/* Called once, when the request is over: answered, broken off or abandoned by its client, at the
 * latest when it is freed. For those who keep a note of what is under way; any number of them. */
void bfy_request_add_over_func (BfyRequest *self, GDestroyNotify func, gpointer user_data);

/* The client waits for its answer elsewhere, on a stream that it holds open. */
typedef struct
{
  /* Takes a message there; FALSE: there is no way. */
  gboolean (*deliver) (const char *message, gpointer user_data);
  /* The request is no longer that of its connection: it ends with the stream, which then says so
   * (bfy_request_hang_up()). Returns the connection of the stream (nullable), which stands for its
   * client from now on. */
  BfyConnection *(*detached) (BfyRequest *request, gpointer user_data);
  GDestroyNotify destroy;
} BfyRequestDetour;

/* (transfer full) user_data; @funcs: (nullable) */
void bfy_request_set_detour (BfyRequest *self, const BfyRequestDetour *funcs, gpointer user_data);
gboolean bfy_request_has_detour (BfyRequest *self);
/* Sends @message there and answers this request with 202. FALSE when there is no way. */
gboolean bfy_request_reply_on_detour (BfyRequest *self, const char *message);

/* A client that waits for long while a person is asked. Its request may be given an answer that
 * begins before it is known what it will be: the head of an event stream, which whatever is
 * answered later becomes an event of, or, when the client waits elsewhere, 202. Nobody who answers
 * need know; until then it counts as unanswered. */
gboolean bfy_request_can_begin_early (BfyRequest *self);
/* @rpc: (transfer full) its body, with at least one request. No more than once has an effect. */
void bfy_request_begin_early (BfyRequest *self, BfyRpc *rpc);
gboolean bfy_request_is_early (BfyRequest *self);
/* A sign of life, after that and before the answer: @message, JSON on one line, or, when it is
 * NULL, none that says anything. */
void bfy_request_tell (BfyRequest *self, const char *message);
/* How many messages that were. */
guint bfy_request_get_n_told (BfyRequest *self);
/* Its client does not want an answer any more. */
void bfy_request_hang_up (BfyRequest *self);

/* Whatever is answered goes through it on its way out: @text has header values and whole bodies,
 * @bytes the pieces of a body. So that nothing is forgotten, it is here and not with those who
 * answer. */
typedef struct
{
  /* A copy of the same length that may pass, or NULL: it may pass as it is. */
  char *(*text) (const char *text, gsize length, gpointer user_data);
  /* What may pass now; NULL: nothing yet. */
  GBytes *(*bytes) (GBytes *bytes, gboolean is_last, gpointer user_data);
  GDestroyNotify destroy;
} BfyRequestFilter;

/* (transfer full) user_data */
void bfy_request_set_filter (BfyRequest *self, const BfyRequestFilter *filter, gpointer user_data);
/* The user data of @filter if that is the one that is set, else NULL. */
gpointer bfy_request_find_filter (BfyRequest *self, const BfyRequestFilter *filter);
/* For an answer that is made to show what otherwise must not be seen. */
void bfy_request_drop_filter (BfyRequest *self);

/* A relayed or streamed answer. The caller adds headers between _begin and the first _write.
 * @length: of the body if known, -1 if not. */
SoupMessageHeaders *
bfy_request_begin (BfyRequest *self, guint status, goffset length, gboolean is_own);
/* Sends the head at once instead of together with the first bytes of the body. */
void bfy_request_flush (BfyRequest *self);
/* Hands over bytes; write again only when @drained has been called. */
typedef void (*BfyRequestFunc) (BfyRequest *request, gpointer user_data);
void
bfy_request_write (BfyRequest *self, GBytes *bytes, BfyRequestFunc drained, gpointer user_data);
/* Whoever wrote is going: @drained of the last write is not called any more. */
void bfy_request_forget_drained (BfyRequest *self);
void bfy_request_end (BfyRequest *self);
/* The answer cannot be completed: break the connection off, so that nobody takes what has been sent
 * for the whole. */
void bfy_request_break (BfyRequest *self);

gboolean bfy_request_has_begun (BfyRequest *self);
gboolean bfy_request_is_over (BfyRequest *self);

/* An inner request: the agent asks itself on behalf of a caller's client, with all that this means
 * for rights, credential, limits and events. There is no connection to write to; the answer goes to
 * a sink. */
typedef struct
{
  /* Once, before all else. What the agent answers itself carries its mark (agent/door/reply.h). */
  void (*head) (BfyRequest *inner, guint status, SoupMessageHeaders *headers, gpointer user_data);
  /* Part of the body; nothing follows before bfy_request_resume(), which may be called from here.
   */
  void (*bytes) (BfyRequest *inner, GBytes *bytes, gpointer user_data);
  /* The last call. @is_complete: FALSE when the answer was broken off, with or without a head. */
  void (*end) (BfyRequest *inner, gboolean is_complete, gpointer user_data);
} BfyRequestSink;

typedef struct
{
  const char *method; /* POST, GET, DELETE */
  const char *name;   /* of the binding */
  GBytes *body;       /* (nullable) */
} BfyInnerSetup;

/* Everything of @setup is copied or referenced; headers may be added until it is served
 * (bfy_mcp_serve()). The sink may be called at once while it is being served. It stays with
 * @caller's client, key proof and peer, but ends by itself or by bfy_request_abandon(): it does not
 * know when the caller goes.
 *
 * @caller (nullable): NULL when nobody has asked and the agent looks after a binding by itself.
 * Such a request has no connection, is quiet, and is no use of the binding that counts. */
BfyRequest *bfy_request_new_inner (BfyRequest *caller,
                                   const BfyInnerSetup *setup,
                                   const BfyRequestSink *sink,
                                   gpointer user_data);
gboolean bfy_request_is_inner (BfyRequest *self);
/* The one of a client that an inner request is made for, @self for any other; the last in line if
 * the agent makes it by itself. */
BfyRequest *bfy_request_get_outermost (BfyRequest *self);
gboolean bfy_request_is_agents_own (BfyRequest *self);
/* What the server behind the binding has answered, told by whoever relays it: a refusal of ours may
 * stand in its place. 0 when it has not. */
void bfy_request_note_upstream_status (BfyRequest *self, guint status);
guint bfy_request_get_upstream_status (BfyRequest *self);
/* For its sake a locked keyring is not asked open; set before it is served. An inner request of an
 * inner request inherits it. */
void bfy_request_set_quiet (BfyRequest *inner, gboolean is_quiet);
gboolean bfy_request_is_quiet (BfyRequest *self);
/* An inner request that goes to the server as it is, whichever era of MCP it speaks: nothing
 * translates it (agent/era). */
void bfy_request_set_direct (BfyRequest *self);
gboolean bfy_request_is_direct (BfyRequest *self);
void bfy_request_resume (BfyRequest *inner);
/* As if its client had hung up: work on it stops, and the sink is not called any more. */
void bfy_request_abandon (BfyRequest *inner);

/* For the connection. */
/* Refuses what announces a body over the cap, before any of it is read; tells whoever waits for it
 * to go on. */
void bfy_request_note_admitted (BfyRequest *self);
void bfy_request_note_served (BfyRequest *self);
typedef enum
{
  BFY_REQUEST_ANSWERED, /* all of the answer has been handed over */
  BFY_REQUEST_BROKEN,   /* by us, somewhere in the midst of making the answer */
  BFY_REQUEST_GONE,     /* the client is no longer there */
} BfyRequestEnd;

void bfy_request_note_finished (BfyRequest *self, BfyRequestEnd how);
gboolean bfy_request_is_answered (BfyRequest *self);
