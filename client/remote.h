/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <json-glib/json-glib.h>
#include <libsoup/soup.h>

#include "protocol/secret.h"

/* The agent's UNIX door as seen by a program of the same user: one keep-alive HTTP session that
 * knows no proxy, no TLS, no cookies and no redirects. It speaks the control API here; /mcp/NAME
 * goes through BfyTransfer. */
#define BFY_TYPE_REMOTE (bfy_remote_get_type ())
G_DECLARE_FINAL_TYPE (BfyRemote, bfy_remote, BFY, REMOTE, GObject)

/* Nothing is opened before the first request. */
BfyRemote *bfy_remote_new (const char *socket_path);
const char *bfy_remote_get_socket_path (BfyRemote *self);

/* A client key in its printed form, or NULL: what bfy_remote_add_key() puts into a request, as a
 * sealed binding needs it. The HTTP library's copies of the header are out of our hands. */
void bfy_remote_set_key (BfyRemote *self, BfySecret *key);
void bfy_remote_add_key (BfyRemote *self, SoupMessage *message);

/* Whether somebody accepts connections, without sending anything: for a word of warning, never as
 * a promise. BFY_ERROR_NO_AGENT. */
gboolean bfy_remote_probe (BfyRemote *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* A request for a path of the agent ("/v1/status"), which the caller may decorate. */
SoupMessage *bfy_remote_new_message (BfyRemote *self, const char *method, const char *path);
/* Sends and gives the body as a stream once the response head is there, whatever its status.
 * BFY_ERROR_NO_AGENT when nobody answers on the socket, BFY_ERROR_CANCELLED, BFY_ERROR_FAILED. */
void bfy_remote_send_async (BfyRemote *self,
                            SoupMessage *message,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
GInputStream *bfy_remote_send_finish (BfyRemote *self,
                                      GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One control request. */
typedef struct
{
  const char *method;
  const char *path;
  GBytes *body; /* (nullable) JSON */
} BfyCall;

void bfy_remote_call_async (BfyRemote *self,
                            const BfyCall *call,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data);
/* The reply, or NULL with an error: the agent's own with the code of its wire name, or one of
 * bfy_remote_send_async(). A reply without body is an empty object. @hint, if not NULL, gets
 * the next command to type, or NULL (free with g_free()). */
JsonObject *bfy_remote_call_finish (BfyRemote *self,
                                    GAsyncResult *result,
                                    char **hint,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Turns a body of the control API's error form into an error; also used where a body is read by
 * other means. Never NULL. */
GError *bfy_remote_error_from_body (guint status, const char *text, gsize length, char **hint);
/* Turns any failure of reading from the agent into one of ours. */
GError *bfy_remote_error_from_io (BfyRemote *self, const GError *cause);
