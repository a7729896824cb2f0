/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/dialog.h"

#include <glib/gi18n.h>

#include "tray/window/page.h"

#define WIDTH 480
#define HEIGHT 520

struct _BfyDialog
{
  AdwWindow parent_instance;

  AdwHeaderBar *header;
  GtkLabel *trouble;
  GtkBox *column;
  GtkWidget *action; /* (nullable) */
  GtkButton *cancel;
};

G_DEFINE_TYPE (BfyDialog, bfy_dialog, ADW_TYPE_WINDOW)

GtkBox *
bfy_dialog_get_column (BfyDialog *self)
{
  return self->column;
}

void
bfy_dialog_clear (BfyDialog *self)
{
  GtkWidget *child;

  /* An entry that goes with the focus in it would complain. */
  gtk_widget_grab_focus (GTK_WIDGET (self->cancel));
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->column))) != NULL)
    gtk_box_remove (self->column, child);
}

GtkWidget *
bfy_dialog_set_action (BfyDialog *self, const char *label)
{
  if (self->action != NULL)
    {
      gtk_window_set_default_widget (GTK_WINDOW (self), NULL);
      adw_header_bar_remove (self->header, self->action);
    }
  self->action = NULL;
  gtk_button_set_label (self->cancel, label != NULL ? _ ("_Cancel") : _ ("_Close"));
  if (label == NULL)
    return NULL;

  self->action = gtk_button_new_with_mnemonic (label);
  gtk_widget_add_css_class (self->action, "suggested-action");
  adw_header_bar_pack_end (self->header, self->action);
  gtk_window_set_default_widget (GTK_WINDOW (self), self->action);

  return self->action;
}

void
bfy_dialog_set_trouble (BfyDialog *self, const char *text)
{
  gtk_label_set_text (self->trouble, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), text != NULL);
}

void
bfy_dialog_set_busy (BfyDialog *self, gboolean is_busy)
{
  gtk_widget_set_sensitive (GTK_WIDGET (self->column), !is_busy);
  if (self->action != NULL)
    gtk_widget_set_sensitive (self->action, !is_busy);
}

BfyDialog *
bfy_dialog_new (GtkWidget *parent, const char *title)
{
  BfyDialog *self = g_object_new (BFY_TYPE_DIALOG, "title", title, "modal", TRUE, "transient-for",
                                  gtk_widget_get_root (parent), "default-width", WIDTH,
                                  "default-height", HEIGHT, NULL);

  return self;
}

static void
bfy_dialog_class_init (BfyDialogClass *klass)
{
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
bfy_dialog_init (BfyDialog *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *content = bfy_page_column_new (&self->column);

  self->header = ADW_HEADER_BAR (adw_header_bar_new ());
  adw_header_bar_set_show_start_title_buttons (self->header, FALSE);
  adw_header_bar_set_show_end_title_buttons (self->header, FALSE);
  self->cancel = GTK_BUTTON (gtk_button_new_with_mnemonic (_ ("_Close")));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->cancel), "window.close");
  adw_header_bar_pack_start (self->header, GTK_WIDGET (self->cancel));
  self->trouble = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->trouble, TRUE);
  gtk_label_set_xalign (self->trouble, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->trouble), "banner");
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), FALSE);
  gtk_widget_set_vexpand (content, TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->header));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->trouble));
  gtk_box_append (GTK_BOX (box), content);
  adw_window_set_content (ADW_WINDOW (self), box);
}
