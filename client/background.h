/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* Starting at login from within a sandbox (Flatpak), which has no autostart folder of the session:
 * the desktop's portal is asked for it, and a person may be asked by the portal. Elsewhere the unit
 * and the entry in autostart are what counts. */

/* Whether we are in one. */
gboolean bfy_background_is_portals (void);

/* @wants_login: to be started at login, or not any more. */
void bfy_background_request_async (GDBusConnection *bus,
                                   gboolean wants_login,
                                   const char *reason,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* What holds now: *@starts_at_login is what the person has granted. BFY_ERROR_DENIED when they
 * would not, BFY_ERROR_UNSUPPORTED without such a portal. */
gboolean bfy_background_request_finish (GAsyncResult *result,
                                        gboolean *starts_at_login,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
