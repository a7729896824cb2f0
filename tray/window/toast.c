/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/toast.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "tray/window/window.h"

/* Long enough for who is told of it by a screen reader and gets there by the keyboard. */
#define UNDO_TIMEOUT_S 15

/* What waits for a toast to go. The toast holds it. */
typedef struct
{
  BfyUndoFunc undo; /* (nullable) */
  BfyUndoFunc done; /* (nullable) */
  gpointer data;
  GDestroyNotify destroy; /* (nullable) */
  gboolean is_over;
} Undo;

/* The nearest one, because some windows have their own. */
static AdwToastOverlay *
find_overlay (GtkWidget *child)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (child, ADW_TYPE_TOAST_OVERLAY);
  GtkRoot *root = gtk_widget_get_root (child);

  if (overlay != NULL)
    return ADW_TOAST_OVERLAY (overlay);

  return BFY_IS_WINDOW (root) ? bfy_window_get_toasts (BFY_WINDOW (root)) : NULL;
}

/* Text from outside never is markup. */
static AdwToast *
make_toast (const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  return adw_toast_new (escaped);
}

void
bfy_window_toast (GtkWidget *child, const char *text)
{
  AdwToastOverlay *overlay = find_overlay (child);

  if (overlay != NULL)
    adw_toast_overlay_add_toast (overlay, make_toast (text));
  else
    g_message ("%s", text);
}

static void
finish (Undo *undo, BfyUndoFunc func)
{
  if (undo->is_over)
    return;
  undo->is_over = TRUE;
  if (func != NULL)
    func (undo->data);
  if (undo->destroy != NULL)
    undo->destroy (undo->data);
}

static void
on_button (AdwToast *toast, gpointer user_data)
{
  Undo *undo = user_data;

  finish (undo, undo->undo);
}

static void
on_dismissed (AdwToast *toast, gpointer user_data)
{
  Undo *undo = user_data;

  finish (undo, undo->done);
}

/* With the toast, thus also when the window is closed before. */
static void
undo_free (gpointer data, GClosure *closure)
{
  g_autofree Undo *undo = data;

  finish (undo, undo->done);
}

void
bfy_window_toast_undo (GtkWidget *child,
                       const char *text,
                       BfyUndoFunc undo,
                       BfyUndoFunc done,
                       gpointer data,
                       GDestroyNotify destroy)
{
  AdwToastOverlay *overlay = find_overlay (child);
  Undo *waiting = g_new0 (Undo, 1);
  AdwToast *toast;

  waiting->undo = undo;
  waiting->done = done;
  waiting->data = data;
  waiting->destroy = destroy;
  if (overlay == NULL)
    {
      undo_free (waiting, NULL);
      return;
    }

  toast = make_toast (text);
  adw_toast_set_button_label (toast, _ ("_Undo"));
  adw_toast_set_timeout (toast, UNDO_TIMEOUT_S);
  adw_toast_set_priority (toast, ADW_TOAST_PRIORITY_HIGH);
  g_signal_connect (toast, "button-clicked", G_CALLBACK (on_button), waiting);
  g_signal_connect_data (toast, "dismissed", G_CALLBACK (on_dismissed), waiting, undo_free, 0);
  adw_toast_overlay_add_toast (overlay, toast);
}
