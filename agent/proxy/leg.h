/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/proxy/upstreams.h"
#include "protocol/credential.h"
#include "protocol/injection.h"

/* The second leg of a request's way: from the agent to the upstream. An upstream in plain http,
 * which can only be one on this machine or in the private network, is reached by a connection of
 * our own (wire.h), which takes a fifth of libsoup's time; all others by libsoup, which knows TLS
 * and HTTP/2 (call.h). What a call promises holds for both: never sent twice, the credential wiped
 * as soon as the head has gone out. */
typedef struct _BfyLeg BfyLeg;

/* None is called once the leg is free, none from within the call that made it. */
typedef struct
{
  /* There is a connection, and the request begins to go out. */
  void (*starting) (gpointer user_data);
  /* The head of the answer is there. */
  void (*answered) (gpointer user_data);
  /* What bfy_leg_read() asked for. NULL: the end. */
  void (*body) (GBytes *bytes, gpointer user_data);
  /* Nothing more will come. */
  void (*failed) (const GError *error, gpointer user_data);
  /* Of a body that was announced: the next piece (bfy_leg_write()). */
  void (*wants) (gpointer user_data);
} BfyLegFuncs;

/* @body: (nullable). @cancellable: cancelling it makes the leg fail, later.
 * BFY_ERROR_INVALID_ARGUMENT for a URL that cannot be used. */
BfyLeg *bfy_leg_new (BfyUpstreams *upstreams,
                     const char *method,
                     const char *url,
                     GBytes *body,
                     GCancellable *cancellable,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* A GET that may be answered with a switch to WebSocket: after a 101 bfy_leg_open() lets bytes go
 * up as bfy_leg_write() gets them, and bfy_leg_read() gives those that come down. Never libsoup,
 * and never a connection that was used before. */
BfyLeg *bfy_leg_new_upgrading (BfyUpstreams *upstreams,
                               const char *url,
                               GCancellable *cancellable,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_leg_open (BfyLeg *self);
/* Breaks off what is under way. */
void bfy_leg_free (BfyLeg *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyLeg, bfy_leg_free)

SoupMessageHeaders *bfy_leg_get_request_headers (BfyLeg *self);
/* Puts the credential in, last of all. @credential may be NULL for BFY_INJECT_NONE. */
gboolean bfy_leg_inject (BfyLeg *self,
                         const BfyInjection *injection,
                         const BfyCredential *credential,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The body comes in pieces, when the leg wants them. @length: -1 if not known. Before the start. */
void bfy_leg_announce_body (BfyLeg *self, goffset length);
/* NULL: the end. May call back before it returns. */
void bfy_leg_write (BfyLeg *self, GBytes *piece);
/* May call back, and so free the leg, before it returns. */
void bfy_leg_start (BfyLeg *self, const BfyLegFuncs *funcs, gpointer user_data);

/* A request to @url will follow as soon as something else is there, a token for one: meanwhile a
 * connection is made ready, where that is ours to do (plain HTTP). One _unexpect follows each. */
void bfy_leg_expect (BfyUpstreams *upstreams, const char *url);
void bfy_leg_unexpect (BfyUpstreams *upstreams, const char *url);

/* Of an answer. */
guint bfy_leg_get_status (BfyLeg *self);
SoupMessageHeaders *bfy_leg_get_response_headers (BfyLeg *self);
/* Announced, -1 if not. */
goffset bfy_leg_get_length (BfyLeg *self);
/* Asks for the next piece of the body; may call back before it returns. */
void bfy_leg_read (BfyLeg *self);

/* Its head, and so the credential, has gone out. */
gboolean bfy_leg_was_sent (BfyLeg *self);
/* NULL, or what the service did when the leg failed although the request was on its way: to go on
 * after "The service ". */
const char *bfy_leg_get_cut_reason (BfyLeg *self);
