/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* A desktop session that started the agent (bindify-agent --session), where no systemd does that:
 * the agent belongs to it and is to end with it. Nobody tells programs without a window that a
 * session is over, but its bus goes, and that is seen at once and without asking. */
typedef struct _BfyDesktopSession BfyDesktopSession;

/* Whether somebody listens at @socket_path already: an agent, or a systemd that will start one. */
gboolean bfy_desktop_session_has_agent (const char *socket_path);

typedef void (*BfyDesktopSessionFunc) (gpointer user_data);

/* @bus: (nullable) the address of its bus; without one its end is never noticed. @func is called
 * once, also when the bus does not even answer. */
BfyDesktopSession *
bfy_desktop_session_new (const char *bus, BfyDesktopSessionFunc func, gpointer user_data);
void bfy_desktop_session_free (BfyDesktopSession *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyDesktopSession, bfy_desktop_session_free)
