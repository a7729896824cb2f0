/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/proxy/wire.h"

#define BFY_POOL_IDLE_MAX 1024 /* idle ones kept */

/* Kept-alive connections in plain HTTP to one place, newest first. One that closes, or says
 * something although nothing was asked, is dropped at once; one that nobody has used for
 * BFY_UPSTREAM_IDLE_TIMEOUT_S likewise. No timer runs while there is none. */
typedef struct _BfyPool BfyPool;

BfyPool *bfy_pool_new (GSocketConnectable *target);
void bfy_pool_free (BfyPool *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyPool, bfy_pool_free)

/* An idle connection that is still good, or NULL. (transfer full) */
BfyWire *bfy_pool_take (BfyPool *self);
/* A new one. @pool has to live until the call back. */
void bfy_pool_connect_async (BfyPool *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
BfyWire *bfy_pool_connect_finish (BfyPool *self,
                                  GAsyncResult *result,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same for TLS, never to be given back (tls-pipe.h). */
void bfy_pool_connect_tls_async (BfyPool *self,
                                 GSocketConnectable *identity,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
BfyWire *bfy_pool_connect_tls_finish (BfyPool *self,
                                      GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* @epoch: of the time when the connection was taken; after bfy_pool_clear() it is not taken back.
 * @wire: (transfer full). */
void bfy_pool_give_back (BfyPool *self, guint epoch, BfyWire *wire);
/* A request will follow as soon as something else is there: while it is waited for, a connection is
 * made ready, unless one is idle. What goes wrong with that, the request will meet itself. Each is
 * followed by one _unexpect, right before the request. */
void bfy_pool_expect (BfyPool *self);
void bfy_pool_unexpect (BfyPool *self);
guint bfy_pool_get_epoch (BfyPool *self);
/* Closes all that are idle, and those in use as soon as they are not. */
void bfy_pool_clear (BfyPool *self);
