/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* What arrives on a connection, read in as large pieces as there are. TLS asks for the five bytes
 * before a record, for the record, and then whether there is more: three calls of the kernel for
 * each little answer of a database, where one does. */
#define BFY_TYPE_READ_AHEAD (bfy_read_ahead_get_type ())
G_DECLARE_FINAL_TYPE (BfyReadAhead, bfy_read_ahead, BFY, READ_AHEAD, GInputStream)

#define BFY_READ_AHEAD_BYTES (17 * 1024) /* a whole record of TLS, RFC 8446 section 5.2 */

/* @connection with this for its input. (transfer full) */
GIOStream *bfy_read_ahead_new (GSocketConnection *connection);
GSocket *bfy_read_ahead_get_socket (const BfyReadAhead *self);
/* To be called for each event of a descriptor that is watched by its edges (EPOLLET): what had been
 * read to its end may have more. @has_ended: the end may be what is new, and does not come with an
 * edge of its own. Who never calls this has the kernel asked each time. */
void bfy_read_ahead_wake (BfyReadAhead *self, gboolean has_ended);
/* Nothing is here, and nothing new has been told of. */
gboolean bfy_read_ahead_is_drained (const BfyReadAhead *self);
