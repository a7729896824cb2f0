/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/proxy/upstreams.h"
#include "protocol/credential.h"
#include "protocol/injection.h"

/* One HTTP request to an upstream. Kept-alive connections are used for it, yet it never runs twice:
 * when libsoup wants to send it again after it went out, it is cancelled instead. The credential is
 * wiped from the message as soon as its head has gone out, at the latest when the call is freed.
 * What libsoup and the TLS library buffered is wiped when they free it (agent/clear-on-free.c);
 * what the kernel's socket buffers hold is out of our hands. */
typedef struct _BfyCall BfyCall;

/* @body: (nullable). @cancellable: what the request is sent with. BFY_ERROR_INVALID_ARGUMENT for a
 * URL that cannot be used. */
BfyCall *bfy_call_new (BfyUpstreams *upstreams,
                       const char *method,
                       const char *url,
                       GBytes *body,
                       GCancellable *cancellable,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
void bfy_call_free (BfyCall *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyCall, bfy_call_free)

SoupMessage *bfy_call_get_message (BfyCall *self);
SoupMessageHeaders *bfy_call_get_request_headers (BfyCall *self);
SoupMessageHeaders *bfy_call_get_response_headers (BfyCall *self);

/* Puts the credential in, last of all. @credential may be NULL for BFY_INJECT_NONE. */
gboolean bfy_call_inject (BfyCall *self,
                          const BfyInjection *injection,
                          const BfyCredential *credential,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* @length: -1 if not known. Before it is sent. */
void bfy_call_set_body (BfyCall *self, GInputStream *body, goffset length);
/* @on_starting (nullable) is called when there is a connection and the request begins to go out. */
typedef void (*BfyCallFunc) (gpointer user_data);
void bfy_call_send_async (BfyCall *self,
                          BfyCallFunc on_starting,
                          gpointer starting_data,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
/* The response's body, once its head is there. (transfer full) */
GInputStream *bfy_call_send_finish (BfyCall *self,
                                    GAsyncResult *result,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Its head, and so the credential, has gone out. */
gboolean bfy_call_was_sent (BfyCall *self);
/* What a service may have done, to go on after "The service ". */
#define BFY_CUT_CLOSED                                                                             \
  "closed its connection while the request was on its way; it may or may not have been carried "   \
  "out"
#define BFY_CUT_MISDIRECTED "answered 421: what is sent to its address belongs elsewhere"

/* NULL, or what the service did when the call was cancelled because libsoup would have sent it a
 * second time, or what is wrong with its certificate: to go on after "The service ". */
const char *bfy_call_get_cut_reason (BfyCall *self);
/* To be asked at the end of the body: the upstream has hung up although it had promised to keep the
 * connection. libsoup takes a chunked body that stops between two chunks for a complete one; this
 * tells that it may not be. */
gboolean bfy_call_has_lost_connection (BfyCall *self);

/* What is wrong, for the end of a sentence: fixed words. */
const char *bfy_call_describe (const GError *error);
/* The sentence for a failed send or read: fixed words, no address, no URL (behaviour 13.5).
 * @binding_name may be NULL. (transfer full) */
GError *bfy_call_explain (const GError *error, const char *binding_name);
