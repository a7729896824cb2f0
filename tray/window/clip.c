/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/clip.h"

/* One secret at a time; that it is still ours to take off shows in the clipboard's content. */
typedef struct
{
  GdkClipboard *clipboard;      /* (owned) */
  GdkContentProvider *provider; /* (owned) */
} Clip;

static Clip *current; /* (nullable) */
static guint clear_id;

static void
clip_free (Clip *clip)
{
  g_object_unref (clip->clipboard);
  g_object_unref (clip->provider);
  g_free (clip);
}

static gboolean
on_time (gpointer user_data)
{
  Clip *clip = g_steal_pointer (&current);

  clear_id = 0;
  if (gdk_clipboard_get_content (clip->clipboard) == clip->provider)
    (void) gdk_clipboard_set_content (clip->clipboard, NULL);
  clip_free (clip);

  return G_SOURCE_REMOVE;
}

/* As text, and the mark that the managers of KDE, GNOME and others look for. */
static GdkContentProvider *
make_provider (BfySecret *secret)
{
  static const char hint[] = "secret";
  g_autoptr (GBytes) text =
      g_bytes_new_with_free_func (bfy_secret_peek (secret, NULL), bfy_secret_length (secret),
                                  (GDestroyNotify) bfy_secret_unref, bfy_secret_ref (secret));
  g_autoptr (GBytes) mark = g_bytes_new_static (hint, strlen (hint));
  GdkContentProvider *providers[] = {
    gdk_content_provider_new_for_bytes ("text/plain;charset=utf-8", text),
    gdk_content_provider_new_for_bytes ("x-kde-passwordManagerHint", mark),
  };

  return gdk_content_provider_new_union (providers, G_N_ELEMENTS (providers));
}

void
bfy_clip_copy_secret (GtkWidget *widget, BfySecret *secret, guint seconds)
{
  Clip *clip = g_new0 (Clip, 1);

  g_clear_handle_id (&clear_id, g_source_remove);
  g_clear_pointer (&current, clip_free);
  clip->clipboard = g_object_ref (gtk_widget_get_clipboard (widget));
  clip->provider = make_provider (secret);
  (void) gdk_clipboard_set_content (clip->clipboard, clip->provider);
  current = clip;
  clear_id = g_timeout_add_seconds (seconds, on_time, NULL);
}

void
bfy_clip_copy_text (GtkWidget *widget, const char *text)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
}
