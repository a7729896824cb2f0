/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

#include "agent/oauth/visit.h"

/* Where a browser comes back to at the end of a sign-in (RFC 8252, 7.3; behaviour 17.4, 17.5;
 * mcp.md B.3): a port of 127.0.0.1 that is open for one sign-in and for one answer to it.
 *
 * Whose browser it is does not matter. It may run in a container, under another user or on the
 * other side of a tunnel, so the kernel's word on the peer's uid, which guards the doors, would
 * refuse people that are in the right. What counts is the state: 256 random bits that only the
 * authorization server and the browser were told. */
typedef struct _BfyListener BfyListener;

#define BFY_LISTENER_TIMEOUT_MS (10 * 60 * 1000)
#define BFY_LISTENER_VISITS_MAX 16 /* the one that is slow the longest goes first */

/* Bound and listening when it returns, so that nobody else can take the port. @port: 0 for any.
 * BFY_ERROR_IN_USE, BFY_ERROR_FAILED. */
BfyListener *
bfy_listener_new (guint16 port, guint visit_timeout_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Closes at once whatever is open. Nobody waits any more: cancel, and free it in the callback. */
void bfy_listener_free (BfyListener *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyListener, bfy_listener_free)

guint16 bfy_listener_get_port (const BfyListener *self);
/* http://127.0.0.1:PORT/callback */
const char *bfy_listener_get_redirect_uri (const BfyListener *self);

/* Once. Everything in @expected is copied or referenced; its port is the listener's. The listener
 * must live until the callback. */
void bfy_listener_wait_async (BfyListener *self,
                              const BfyCallbackExpected *expected,
                              guint timeout_ms,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* The code. From here on nothing listens any more. BFY_ERROR_DENIED when the person said no or the
 * answer came from another server, _UPSTREAM_FAILED when the server refused, _UPSTREAM_TIMEOUT,
 * _CANCELLED. Messages in fixed words. */
BfySecret *bfy_listener_wait_finish (GAsyncResult *result,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
