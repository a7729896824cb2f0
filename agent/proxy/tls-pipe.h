/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* A TLS connection for those who read and write a socket, as BfyWire does: the near end of a pair
 * of sockets, whose far end is copied from and to the connection until either is closed. It costs a
 * copy, and is for what libsoup cannot do: a WebSocket. */

/* @identity: whose certificate is asked for. */
void bfy_tls_pipe_open_async (GSocketConnectable *target,
                              GSocketConnectable *identity,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* (transfer full); errors as of GSocketClient and GTlsConnection. */
GSocketConnection *bfy_tls_pipe_open_finish (GAsyncResult *result,
                                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
