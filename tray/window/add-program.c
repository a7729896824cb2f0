/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-program.h"

#include <glib/gi18n.h>

#include "client/program-line.h"
#include "tray/window/page.h"
#include "tray/window/row.h"
#include "tray/window/trouble.h"

struct _BfyAddProgram
{
  AdwBin parent_instance;

  BfyProgramFunc on_program;
  gpointer user_data;
  GtkEditable *command, *variable, *folder;
  AdwComboRow *delivery;
  GtkSwitch *sandbox, *network;
  GtkLabel *trouble;
  GtkWidget *go;
};

G_DEFINE_TYPE (BfyAddProgram, bfy_add_program, ADW_TYPE_BIN)

static const struct
{
  BfyDelivery delivery;
  const char *text;
} deliveries[] = {
  { BFY_DELIVER_ENV, N_ ("In a variable") },
  { BFY_DELIVER_FILE, N_ ("In a file that vanishes; a variable has its path") },
  { BFY_DELIVER_FD, N_ ("On a pipe; a variable has its number") },
  { BFY_DELIVER_NOTHING, N_ ("It needs none") },
};

static BfyDelivery
get_delivery (BfyAddProgram *self)
{
  guint selected = adw_combo_row_get_selected (self->delivery);

  return selected < G_N_ELEMENTS (deliveries) ? deliveries[selected].delivery : BFY_DELIVER_NOTHING;
}

static BfyProgram *
build (BfyAddProgram *self, GError **error)
{
  g_autoptr (BfyProgram) program =
      bfy_program_line_parse (gtk_editable_get_text (self->command), error);
  g_autofree char *folder = g_strstrip (g_strdup (gtk_editable_get_text (self->folder)));
  const char *const share[] = { folder, NULL };

  if (program == NULL)
    return NULL;
  program->delivery = get_delivery (self);
  if (program->delivery != BFY_DELIVER_NOTHING)
    program->variable = g_strstrip (g_strdup (gtk_editable_get_text (self->variable)));
  program->has_sandbox = gtk_switch_get_active (self->sandbox);
  program->has_network = gtk_switch_get_active (self->network);
  if (*folder != '\0')
    {
      g_strfreev (program->share);
      program->share = g_strdupv ((GStrv) share);
    }

  return bfy_program_check (program, error) ? g_steal_pointer (&program) : NULL;
}

static void
on_go (BfyAddProgram *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyProgram) program = build (self, &error);
  g_autofree char *text = error != NULL ? bfy_trouble_describe (error) : NULL;

  gtk_label_set_text (self->trouble, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), text != NULL);
  if (program != NULL)
    self->on_program (g_steal_pointer (&program), self->user_data);
}

static void
on_changed (BfyAddProgram *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self->variable), get_delivery (self) != BFY_DELIVER_NOTHING);
  gtk_widget_set_sensitive (self->go, *gtk_editable_get_text (self->command) != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->trouble), FALSE);
}

static GtkEditable *
add_entry (BfyAddProgram *self, GtkWidget *group, const char *title)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  g_signal_connect_swapped (row, "entry-activated", G_CALLBACK (on_go), self);

  return GTK_EDITABLE (row);
}

static GtkWidget *
make_secret (BfyAddProgram *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *row = adw_combo_row_new ();
  GtkStringList *ways = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (deliveries); i++)
    gtk_string_list_append (ways, gettext (deliveries[i].text));
  self->delivery = ADW_COMBO_ROW (row);
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Its Secret"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("How it gets it"));
  adw_combo_row_set_model (self->delivery, G_LIST_MODEL (ways));
  g_object_unref (ways);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  self->variable = add_entry (self, group, _ ("Name of the variable, like GITHUB_TOKEN"));

  return group;
}

static GtkWidget *
make_sandbox (BfyAddProgram *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("What It May See"));
  self->sandbox =
      bfy_row_add_switch (group, _ ("Sandbox"),
                          _ ("It sees neither your files nor your session. Without it, it can "
                             "do whatever you can."));
  self->network = bfy_row_add_switch (group, _ ("Network"), _ ("It can reach other computers."));
  gtk_switch_set_active (self->sandbox, TRUE);
  gtk_switch_set_active (self->network, TRUE);
  self->folder = add_entry (self, group, _ ("A folder that it may read; with “:rw”, write, too"));

  return group;
}

GtkWidget *
bfy_add_program_new (BfyProgramFunc on_program, gpointer user_data)
{
  BfyAddProgram *self = g_object_new (BFY_TYPE_ADD_PROGRAM, NULL);
  GtkBox *column;
  GtkWidget *content = bfy_page_column_new (&column);
  GtkWidget *group = adw_preferences_group_new ();

  self->on_program = on_program;
  self->user_data = user_data;
  self->trouble = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->trouble, TRUE);
  gtk_label_set_xalign (self->trouble, 0);
  gtk_widget_add_css_class (GTK_WIDGET (self->trouble), "error");
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (group),
      _ ("The command of an MCP server, as its documentation has it. From now on the agent runs it "
         "whenever a program uses the binding, so take only what you trust."));
  self->command = add_entry (self, group, _ ("Command, like npx -y @example/notes-server"));
  self->go = gtk_button_new_with_mnemonic (_ ("C_ontinue"));
  gtk_widget_set_halign (self->go, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->go, "pill");
  gtk_widget_add_css_class (self->go, "suggested-action");
  g_signal_connect_swapped (self->go, "clicked", G_CALLBACK (on_go), self);
  gtk_box_append (column, group);
  gtk_box_append (column, make_secret (self));
  gtk_box_append (column, make_sandbox (self));
  gtk_box_append (column, GTK_WIDGET (self->trouble));
  gtk_box_append (column, self->go);
  g_signal_connect_swapped (self->command, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->variable, "changed", G_CALLBACK (on_changed), self);
  g_signal_connect_swapped (self->delivery, "notify::selected", G_CALLBACK (on_changed), self);
  adw_bin_set_child (ADW_BIN (self), content);
  on_changed (self);

  return GTK_WIDGET (self);
}

static void
bfy_add_program_class_init (BfyAddProgramClass *klass)
{
}

static void
bfy_add_program_init (BfyAddProgram *self)
{
}
