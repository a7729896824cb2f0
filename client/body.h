/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* Reads a stream to its end into memory, with a cap that is checked before anything grows. */
void bfy_body_read_async (GInputStream *stream,
                          gsize bytes_max,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
/* BFY_ERROR_RESPONSE_TOO_LARGE past the cap, otherwise the stream's own error. */
GBytes *bfy_body_read_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
