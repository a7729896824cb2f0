/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* A socket that is closed with unread input resets the connection, and the client never sees why it
 * was refused. So read on for a moment, throwing away what comes, then close. */

#define BFY_LINGER_TIMEOUT_MS 2000
#define BFY_LINGER_BYTES_MAX (4 * 1024 * 1024)

/* Takes a reference. The sending side has been shut down already. */
void bfy_linger_begin (GSocketConnection *connection);
