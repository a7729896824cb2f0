/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/activity-details.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/timestamp.h"
#include "tray/window/activity-text.h"
#include "tray/window/dialog.h"
#include "tray/window/moment.h"
#include "tray/window/row.h"

void
bfy_activity_details_present (GtkWidget *parent, JsonObject *event)
{
  g_autofree char *sentence = bfy_activity_text (event);
  g_autoptr (GPtrArray) facts = bfy_activity_facts (event);
  g_autofree char *time =
      bfy_moment_format (bfy_time_from_text (bfy_field_text (event, "time")), 1);
  BfyDialog *dialog = bfy_dialog_new (parent, _ ("Event"));
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *label = gtk_label_new (sentence);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "title-4");
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), bfy_row_new (_ ("Time"), time));
  for (guint i = 0; i < facts->len; i++)
    {
      const BfyActivityFact *fact = g_ptr_array_index (facts, i);

      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                                 bfy_row_new (fact->name, fact->value));
    }
  gtk_box_append (bfy_dialog_get_column (dialog), label);
  gtk_box_append (bfy_dialog_get_column (dialog), group);
  gtk_window_present (GTK_WINDOW (dialog));
}
