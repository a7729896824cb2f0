/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* Whether the tray is started at login. There are two that could do it: the user unit where systemd
 * runs the session, and the XDG autostart entry elsewhere (which systemd leaves alone). The person
 * sees one switch. The truth is the entry in their own configuration: with Hidden=true there it is
 * off for every desktop, and the desktop does not want the unit any more either; who opens the
 * window still starts it. */

/* @config_home: XDG_CONFIG_HOME or ~/.config. What the entry says, on without one. */
gboolean bfy_autostart_is_on (const char *config_home);
/* BFY_ERROR_STORAGE, BFY_ERROR_UNSAFE_PATH. The unit follows as far as there is a systemd. */
gboolean bfy_autostart_set (const char *config_home,
                            gboolean is_on,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The text of an entry with Hidden= as wanted; all else of @text (nullable) stays. NULL when the
 * entry is not needed any more, because it said nothing but that. Pure. Free with g_free(). */
char *bfy_autostart_edit (const char *text, gboolean is_on);
