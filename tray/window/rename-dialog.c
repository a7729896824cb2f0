/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/rename-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/name.h"
#include "tray/window/binding-names.h"

typedef struct
{
  GWeakRef asker;      /* GtkWidget */
  BfyAgentLink *link;  /* (owned) */
  JsonObject *binding; /* (owned) */
  AdwMessageDialog *dialog;
  GtkEditable *entry;
  GtkLabel *problem;
  BfyRenameFunc on_name;
} Rename;

static void
rename_free (gpointer data, GClosure *closure)
{
  Rename *rename = data;

  g_weak_ref_clear (&rename->asker);
  g_clear_object (&rename->link);
  json_object_unref (rename->binding);
  g_free (rename);
}

static void
on_changed (GtkEditable *entry, Rename *rename)
{
  const char *name = gtk_editable_get_text (entry);
  const char *old_name = bfy_field_text (rename->binding, "name");
  gboolean is_old = g_str_equal (name, old_name);
  g_autofree char *problem = is_old ? NULL : bfy_binding_names_refuse (rename->link, name);

  gtk_label_set_text (rename->problem, problem != NULL && *name != '\0' ? problem : "");
  adw_message_dialog_set_response_enabled (rename->dialog, "rename", !is_old && problem == NULL);
}

static void
on_response (AdwMessageDialog *dialog, const char *response, Rename *rename)
{
  g_autoptr (GtkWidget) asker = g_weak_ref_get (&rename->asker);

  if (asker != NULL && g_str_equal (response, "rename"))
    rename->on_name (asker, rename->link, rename->binding, gtk_editable_get_text (rename->entry));
}

static GtkWidget *
make_form (Rename *rename)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *entry = gtk_entry_new ();
  GtkWidget *problem = gtk_label_new (NULL);

  rename->entry = GTK_EDITABLE (entry);
  rename->problem = GTK_LABEL (problem);
  gtk_editable_set_text (rename->entry, bfy_field_text (rename->binding, "name"));
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_entry_set_max_length (GTK_ENTRY (entry), BFY_NAME_LENGTH_MAX);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Name"),
                                  -1);
  gtk_label_set_wrap (GTK_LABEL (problem), TRUE);
  gtk_widget_add_css_class (problem, "error");
  gtk_box_append (GTK_BOX (box), entry);
  gtk_box_append (GTK_BOX (box), problem);

  return box;
}

void
bfy_rename_dialog_present (GtkWidget *asker,
                           BfyAgentLink *link,
                           JsonObject *binding,
                           BfyRenameFunc on_name)
{
  Rename *rename = g_new0 (Rename, 1);
  GtkRoot *root = gtk_widget_get_root (asker);

  g_weak_ref_init (&rename->asker, asker);
  rename->link = g_object_ref (link);
  rename->binding = json_object_ref (binding);
  rename->on_name = on_name;
  rename->dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (
      GTK_WINDOW (root), _ ("Rename"),
      _ ("Programs know the binding by its name, and have to be told the new one.")));
  adw_message_dialog_add_responses (rename->dialog, "cancel", _ ("_Cancel"), "rename",
                                    _ ("_Rename"), NULL);
  adw_message_dialog_set_response_appearance (rename->dialog, "rename", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (rename->dialog, "rename");
  adw_message_dialog_set_close_response (rename->dialog, "cancel");
  adw_message_dialog_set_extra_child (rename->dialog, make_form (rename));
  g_signal_connect (rename->entry, "changed", G_CALLBACK (on_changed), rename);
  g_signal_connect_data (rename->dialog, "response", G_CALLBACK (on_response), rename, rename_free,
                         0);
  on_changed (rename->entry, rename);
  gtk_window_present (GTK_WINDOW (rename->dialog));
}
