/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/era/eras-private.h"

/* A session that the agent has with a legacy server, on behalf of one client with one set of
 * capabilities: begun by the first request that needs it, begun anew when the server has lost it,
 * ended when nobody has used it for a while. */
typedef struct _BfyServerSession BfyServerSession;
typedef struct _BfyModernCall BfyModernCall;
typedef struct _BfyListen BfyListen;

/* The one for this client, made if need be. NULL when there are too many. Borrowed. */
BfyServerSession *bfy_server_session_get (BfyEras *eras,
                                          BfyRequest *request,
                                          const BfyEraTarget *target,
                                          const BfyEraClaim *claim);
BfyServerSession *bfy_server_session_ref (BfyServerSession *self);
void bfy_server_session_unref (BfyServerSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyServerSession, bfy_server_session_unref)
/* NULL is any. */
gboolean
bfy_server_session_is_of (BfyServerSession *self, const char *binding_id, const char *client_id);
/* The table lets it go. */
void bfy_server_session_drop (gpointer self);

/* @failure: NULL when the session is ready, else the inquiry that failed. Perhaps called at once.
 */
typedef void (*BfyServerSessionFunc) (BfyServerSession *self,
                                      BfyInquiry *failure,
                                      gpointer user_data);
void bfy_server_session_when_ready (BfyServerSession *self,
                                    BfyServerSessionFunc func,
                                    gpointer user_data);
void bfy_server_session_forget (BfyServerSession *self, gpointer user_data);
/* The server does not know it any more: the next request begins another one. */
void bfy_server_session_lose (BfyServerSession *self);
/* Somebody uses it; its idle time begins anew. */
void bfy_server_session_touch (BfyServerSession *self);

BfyEras *bfy_server_session_get_eras (BfyServerSession *self);
/* The InitializeResult. */
void bfy_server_session_get_result (BfyServerSession *self, BfyJsonSlice *result);
/* Raw, (nullable). */
const char *bfy_server_session_get_server_info (BfyServerSession *self);
/* Has the client declared this capability? */
gboolean bfy_server_session_has_capability (BfyServerSession *self, const char *capability);

guint64 bfy_server_session_next_id (BfyServerSession *self);
/* A request within the session, to be begun by the caller. @body as in bfy_inquiry_new(). */
BfyInquiry *bfy_server_session_inquire (BfyServerSession *self,
                                        BfyRequest *caller,
                                        const char *method,
                                        char *body,
                                        const BfyInquiryEvents *events,
                                        gpointer user_data);
/* The same for what needs no answer. */
void bfy_server_session_send (BfyServerSession *self, BfyRequest *caller, char *body);
/* FALSE when the server logs at this level, or a finer one, already or cannot log; TRUE when it has
 * to be told, which counts as done. */
gboolean bfy_server_session_wants_level (BfyServerSession *self, const char *level);

/* Those who take part in what the server says by itself. */
void bfy_server_session_add_call (BfyServerSession *self, BfyModernCall *call);
void bfy_server_session_remove_call (BfyServerSession *self, BfyModernCall *call);
void bfy_server_session_add_listen (BfyServerSession *self, BfyListen *listen);
void bfy_server_session_remove_listen (BfyServerSession *self, BfyListen *listen);
guint bfy_server_session_n_listens (BfyServerSession *self);
void bfy_server_session_subscribe (BfyServerSession *self, const char *uri);
void bfy_server_session_unsubscribe (BfyServerSession *self, const char *uri);
/* A list has changed or a resource: whoever listens is told. */
void bfy_server_session_notify (BfyServerSession *self, const BfyInquiryMessage *message);
/* Refuses a request of the server, or answers its ping. */
void bfy_server_session_refuse (BfyServerSession *self,
                                BfyRequest *caller,
                                const BfyRpcMessage *request);
