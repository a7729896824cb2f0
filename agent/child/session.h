/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/agent.h"
#include "agent/child/child.h"
#include "agent/child/mux.h"
#include "agent/child/secret-file.h"
#include "agent/door/request.h"

/* One running server and those who talk to it: a legacy session of one client, or the server that
 * all modern clients of a binding share. */
typedef struct _BfySession BfySession;

/* Somebody who waits for the answer to a request. One of the functions that end it is called once,
 * unless the session is told to forget it. */
typedef struct _BfyWaiter BfyWaiter;
struct _BfyWaiter
{
  /* Something that precedes the answer. */
  void (*related) (BfyWaiter *self, const char *json, gsize length);
  void (*response) (BfyWaiter *self, const BfyMuxMessage *message);
  /* There will be no answer. @reason as in BfyChildEvents. */
  void (*failed) (BfyWaiter *self, const char *reason);
  guint64 number; /* of the request */
};

#define BFY_SESSION_WAITERS_MAX 256
#define BFY_SESSION_DETACHED_MAX 32 /* requests that go on for clients which have gone */

/* Called once when the server has ended; the session is to be freed. */
typedef void (*BfySessionFunc) (BfySession *session, gpointer user_data);

/* @id: (nullable) of a legacy session; NULL for the shared one. @owner: (nullable) the client that
 * may use it. The child is started with bfy_session_take_child(). */
BfySession *
bfy_session_new (const char *id, const char *owner, BfySessionFunc ended, gpointer user_data);
/* Fails all waiters, ends the stream, stops the server. */
void bfy_session_free (BfySession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfySession, bfy_session_free)

extern const BfyChildEvents bfy_session_child_events; /* with the session as user data */
void bfy_session_take_child (BfySession *self, BfyChild *child, BfySecretFile *file);

/* By whose policy its lists are shown from now on. */
void bfy_session_set_binding (BfySession *self, BfyAgent *agent, BfyBinding *binding);

const char *bfy_session_get_id (BfySession *self);
const char *bfy_session_get_owner (BfySession *self);
/* It has answered something. */
gboolean bfy_session_has_answered (BfySession *self);
gboolean bfy_session_is_busy (BfySession *self);
gint64 bfy_session_get_used_us (BfySession *self);

/* FALSE when too many wait already. */
gboolean bfy_session_request (BfySession *self, BfyWaiter *waiter, const char *text, gsize length);
/* A notification or a response of the client. */
void bfy_session_pass (BfySession *self, const char *text, gsize length);
/* The waiter has gone. @cancels: its request is called off, too. */
void bfy_session_forget (BfySession *self, BfyWaiter *waiter, gboolean cancels);
/* The waiter has gone, but whoever it waited for may come back: the request goes on for them. */
void bfy_session_detach (BfySession *self, BfyWaiter *waiter);
/* What goes out on the stream of a request is kept for a while; @json may be NULL. The event's id,
 * or NULL in the shared session, which has none. Free with g_free(). */
char *
bfy_session_note_event (BfySession *self, const BfyWaiter *waiter, const char *json, gsize length);
/* The client's GET. @last_event_id: (nullable) where it lost a stream. FALSE when there is one
 * already, and it did not say that it has lost that. */
gboolean bfy_session_listen (BfySession *self, BfyRequest *request, const char *last_event_id);
