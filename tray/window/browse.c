/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/browse.h"

#include <glib/gi18n.h>

#include "tray/window/toast.h"

static const BfyDesktop *desktop_around;

void
bfy_browse_init (const BfyDesktop *desktop)
{
  desktop_around = desktop;
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GWeakRef *ref = user_data;
  g_autoptr (GtkWidget) asker = g_weak_ref_get (ref);

  if (!bfy_browser_open_finish (result, NULL) && asker != NULL)
    bfy_window_toast (asker, _ ("No browser could be opened. Copy the address, and open it "
                                "yourself."));
  g_weak_ref_clear (ref);
  g_free (ref);
}

void
bfy_browse_open (GtkWidget *asker, const char *url, gboolean allow_local)
{
  GWeakRef *ref;

  if (desktop_around == NULL || bfy_browser_judge (url, allow_local) != BFY_URL_OPEN)
    {
      bfy_window_toast (asker, _ ("This address is not opened from here, because of what stands in "
                                  "it. Copy it, and look at it before you open it yourself."));
      return;
    }

  ref = g_new0 (GWeakRef, 1);
  g_weak_ref_init (ref, asker);
  bfy_browser_open_async (desktop_around, url, NULL, on_opened, ref);
}
