/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Tells the service manager something, "READY=1" or "STOPPING=1" (sd_notify(3)). @socket is the
 * text of NOTIFY_SOCKET; NULL: there is nobody to tell. A failure is logged, not fatal. */
void bfy_notify (const char *socket_path, const char *message);
