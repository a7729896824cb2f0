/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <gio/gio.h>

/* The person's browser, for a sign-in: whether an address may go there, whether there is one here,
 * and how it is opened: by a program with an argument vector or over D-Bus, never by a shell. */

/* What main() has read of the desktop around us. */
typedef struct
{
  gboolean has_display;   /* DISPLAY or WAYLAND_DISPLAY */
  gboolean has_browser;   /* BROWSER, which xdg-open honours without a display, too */
  gboolean is_remote;     /* SSH_CONNECTION or SSH_TTY */
  gboolean by_portal;     /* the session opens addresses, not we: in a Flatpak, and in a unit */
  const char *bus;        /* (nullable) DBUS_SESSION_BUS_ADDRESS */
  const char *terminal;   /* (nullable) TERM */
  gboolean no_colour;     /* NO_COLOR */
  const char *startup_id; /* (nullable) DESKTOP_STARTUP_ID */
  const char *activation_token; /* (nullable) XDG_ACTIVATION_TOKEN */
  const char *const *variables; /* all of the environment, for programs that we start */
} BfyDesktop;

typedef enum
{
  BFY_URL_OPEN,
  BFY_URL_SHOW,   /* a URL, but not for programs: it holds what a careless one might expand */
  BFY_URL_REFUSE, /* nothing that anybody should send a browser to */
} BfyUrlVerdict;

#define BFY_BROWSER_URL_BYTES_MAX 8192

/* https; http only to this machine itself, and only with @allow_local. */
BfyUrlVerdict bfy_browser_judge (const char *url, gboolean allow_local);

typedef enum
{
  BFY_BROWSER_HERE,
  BFY_BROWSER_UNWANTED, /* here, but with --no-browser */
  BFY_BROWSER_REMOTE,   /* the person sits elsewhere */
  BFY_BROWSER_NONE,     /* no display */
} BfyBrowserPlace;

BfyBrowserPlace bfy_browser_find (const BfyDesktop *desktop, gboolean is_unwanted);

/* xdg-open, else the desktop portal; the other way round with @desktop->by_portal. @url: one that
 * was judged BFY_URL_OPEN. Ends when the opener does, which may be when the browser is closed;
 * cancelling leaves the browser alone. BFY_ERROR_FAILED when neither would. */
void bfy_browser_open_async (const BfyDesktop *desktop,
                             const char *url,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);
gboolean bfy_browser_open_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;
