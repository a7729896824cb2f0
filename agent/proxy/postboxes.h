/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/door/request.h"

#define BFY_POSTBOXES_PER_CLIENT_MAX 64 /* open event streams of one client at a time */

/* Where clients of the transport of 2024-11-05 post their messages: for each open stream one
 * unguessable id in place of the URL that the upstream named, of use only to the binding and the
 * client that it was made for, and only as long as the stream is open. */
typedef struct _BfyPostboxes BfyPostboxes;
typedef struct _BfyPostbox BfyPostbox;

/* Puts a message on the stream. */
typedef void (*BfyPostboxFunc) (const char *message, gpointer user_data);

BfyPostboxes *bfy_postboxes_new (guint n_per_client_max);
void bfy_postboxes_free (BfyPostboxes *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPostboxes, bfy_postboxes_free)

/* @client_id is NULL for a local process without a key; all of them count as one client. @url: the
 * upstream's. Borrowed until closed. BFY_ERROR_RATE_LIMITED when the client has too many. */
BfyPostbox *bfy_postboxes_open (BfyPostboxes *self,
                                const char *binding_id,
                                const char *client_id,
                                const char *url,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* NULL when there is none with this id for this binding and client. Borrowed. */
BfyPostbox *bfy_postboxes_find (BfyPostboxes *self,
                                const char *binding_id,
                                const char *client_id,
                                const char *id);
/* Its stream has ended: forgotten at once, whoever still refers to it. */
void bfy_postboxes_close (BfyPostboxes *self, BfyPostbox *postbox);

BfyPostbox *bfy_postbox_ref (BfyPostbox *self);
void bfy_postbox_unref (BfyPostbox *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPostbox, bfy_postbox_unref)

const char *bfy_postbox_get_id (BfyPostbox *self);
const char *bfy_postbox_get_url (BfyPostbox *self);
gboolean bfy_postbox_is_open (BfyPostbox *self);
/* @user_data must live until the postbox is closed. */
void bfy_postbox_set_handler (BfyPostbox *self, BfyPostboxFunc func, gpointer user_data);
/* Of the stream (nullable); borrowed: gone when the postbox is closed. */
void bfy_postbox_set_connection (BfyPostbox *self, BfyConnection *connection);
BfyConnection *bfy_postbox_get_connection (BfyPostbox *self);
/* Ends with the stream: its client waits there and nowhere else. */
void bfy_postbox_take_detached (BfyPostbox *self, BfyRequest *request);
/* FALSE when its stream has ended. */
gboolean bfy_postbox_deliver (BfyPostbox *self, const char *message);
