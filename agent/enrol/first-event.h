/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* Whether the body of an event stream opens as that of the transport of 2024-11-05 does: with an
 * `endpoint` that may be used. Nothing after it is read. */
void bfy_first_event_read_async (GInputStream *input,
                                 const char *stream_url,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/* BFY_ERROR_UPSTREAM_FAILED for an endpoint that may not be used, with a message that goes on after
 * "The service "; BFY_ERROR_UNSUPPORTED when something else comes first, or nothing. */
gboolean bfy_first_event_read_finish (GAsyncResult *result,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
