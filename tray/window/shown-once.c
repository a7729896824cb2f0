/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/shown-once.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "tray/window/clip.h"
#include "tray/window/row.h"

#define BULLETS "••••••••••••"

/* What its buttons need. */
typedef struct
{
  AdwActionRow *row;
  BfySecret *secret; /* (owned) what is copied */
} Once;

static void
once_free (gpointer data, GClosure *closure)
{
  Once *once = data;

  bfy_secret_unref (once->secret);
  g_free (once);
}

BfySecret *
bfy_shown_once_take (JsonObject *reply, const char *member)
{
  const char *text = bfy_field_text (reply, member);

  if (*text == '\0')
    return NULL;

  /* It is a text of the reply’s own, which nobody looks at any more. */
  return bfy_secret_new_wipe ((char *) text, strlen (text));
}

static void
on_uncover (GtkToggleButton *button, gpointer user_data)
{
  Once *once = user_data;
  gboolean is_uncovered = gtk_toggle_button_get_active (button);

  adw_action_row_set_subtitle (once->row,
                               is_uncovered ? bfy_secret_peek_text (once->secret) : BULLETS);
  bfy_row_name_button (GTK_WIDGET (button), is_uncovered ? _ ("Hide") : _ ("Show"));
}

static void
on_copy (GtkButton *button, gpointer user_data)
{
  Once *once = user_data;

  bfy_clip_copy_secret (GTK_WIDGET (button), once->secret, BFY_CLIP_SECONDS);
  bfy_row_name_button (GTK_WIDGET (button), _ ("Copied; it leaves the clipboard in five minutes"));
  gtk_button_set_icon_name (button, "emblem-ok-symbolic");
}

static void
connect (
    GtkWidget *button, const char *signal, GCallback callback, AdwActionRow *row, BfySecret *secret)
{
  Once *once = g_new0 (Once, 1);

  once->row = row;
  once->secret = bfy_secret_ref (secret);
  g_signal_connect_data (button, signal, callback, once, once_free, 0);
}

GtkWidget *
bfy_shown_once_row_new (const char *title, BfySecret *secret)
{
  GtkWidget *row = bfy_row_new (title, BULLETS);
  GtkWidget *button = gtk_toggle_button_new ();
  GtkWidget *copy;

  gtk_button_set_icon_name (GTK_BUTTON (button), "view-reveal-symbolic");
  bfy_row_name_button (button, _ ("Show"));
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  connect (button, "toggled", G_CALLBACK (on_uncover), ADW_ACTION_ROW (row), secret);
  copy = bfy_row_add_icon_button (ADW_ACTION_ROW (row), "edit-copy-symbolic", _ ("Copy the key"));
  connect (copy, "clicked", G_CALLBACK (on_copy), ADW_ACTION_ROW (row), secret);

  return row;
}

GtkWidget *
bfy_shown_once_text_row_new (const char *title,
                             const char *subtitle,
                             const char *before,
                             const char *after,
                             BfySecret *secret)
{
  GtkWidget *row = bfy_row_new (title, subtitle);
  gsize n_before = strlen (before), n_after = strlen (after), length = bfy_secret_length (secret);
  g_autoptr (BfySecret) whole = NULL;
  GtkWidget *copy;
  guint8 *bytes;

  whole = bfy_secret_new_blank (n_before + length + n_after, &bytes);
  memcpy (bytes, before, n_before);
  memcpy (bytes + n_before, bfy_secret_peek (secret, NULL), length);
  memcpy (bytes + n_before + length, after, n_after);
  copy = bfy_row_add_icon_button (ADW_ACTION_ROW (row), "edit-copy-symbolic",
                                  _ ("Copy the settings with the key"));
  connect (copy, "clicked", G_CALLBACK (on_copy), ADW_ACTION_ROW (row), whole);

  return row;
}

/* What is no secret */

static void
on_copy_text (GtkButton *button, gpointer user_data)
{
  bfy_clip_copy_text (GTK_WIDGET (button), user_data);
  bfy_row_name_button (GTK_WIDGET (button), _ ("Copied"));
  gtk_button_set_icon_name (button, "emblem-ok-symbolic");
}

static void
free_text (gpointer data, GClosure *closure)
{
  g_free (data);
}

GtkWidget *
bfy_copied_row_new (const char *title, const char *subtitle, const char *text)
{
  GtkWidget *row = bfy_row_new (title, subtitle);
  g_autofree char *name = g_strdup_printf (_ ("Copy: %s"), title);
  GtkWidget *copy = bfy_row_add_icon_button (ADW_ACTION_ROW (row), "edit-copy-symbolic", name);

  g_signal_connect_data (copy, "clicked", G_CALLBACK (on_copy_text), g_strdup (text), free_text, 0);

  return row;
}
