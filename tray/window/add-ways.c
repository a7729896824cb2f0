/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-ways.h"

#include <glib/gi18n.h>

typedef struct
{
  BfyDraftWay way;
  void (*on_way) (BfyDraftWay way, gpointer user_data);
  gpointer user_data;
} Choice;

/* In the order in which they are offered. */
static const struct
{
  BfyDraftWay way;
  const char *title, *text;
} rows[] = {
  { BFY_WAY_BROWSER, N_ ("Sign in with the browser"),
    N_ ("Nothing has to be copied, and it is renewed by itself where the service allows that.") },
  { BFY_WAY_CODE, N_ ("Sign in with a code"),
    N_ ("In a browser on any device, like your phone, where the service offers it.") },
  { BFY_WAY_KEY, N_ ("Use a token"), N_ ("You make one with the service and paste it here.") },
  { BFY_WAY_PAIR, N_ ("Use a user name and a token or password"),
    N_ ("Both are sent with each request.") },
  { BFY_WAY_NOTHING, N_ ("Use no credential"), N_ ("For a server that asks for none.") },
};

static void
on_toggled (GtkCheckButton *button, Choice *choice)
{
  if (gtk_check_button_get_active (button))
    choice->on_way (choice->way, choice->user_data);
}

static void
free_choice (gpointer data, GClosure *closure)
{
  g_free (data);
}

GtkWidget *
bfy_add_ways_append (GtkBox *column,
                     const BfyAddDraft *draft,
                     void (*on_way) (BfyDraftWay way, gpointer user_data),
                     gpointer user_data)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *first = NULL;
  GtkWidget *chosen = NULL;

  /* Only one: nothing to choose. */
  if ((draft->ways & (draft->ways - 1)) == 0)
    {
      g_object_ref_sink (group);
      g_object_unref (group);
      return NULL;
    }

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("How"));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      GtkWidget *row, *button;
      Choice *choice;

      if (!bfy_add_draft_can (draft, rows[i].way))
        continue;
      row = adw_action_row_new ();
      button = gtk_check_button_new ();
      choice = g_new0 (Choice, 1);
      choice->way = rows[i].way;
      choice->on_way = on_way;
      choice->user_data = user_data;
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), gettext (rows[i].title));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), gettext (rows[i].text));
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      gettext (rows[i].title), -1);
      gtk_check_button_set_group (GTK_CHECK_BUTTON (button), GTK_CHECK_BUTTON (first));
      gtk_check_button_set_active (GTK_CHECK_BUTTON (button), rows[i].way == draft->way);
      g_signal_connect_data (button, "toggled", G_CALLBACK (on_toggled), choice, free_choice, 0);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), button);
      adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), button);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
      first = first != NULL ? first : button;
      chosen = rows[i].way == draft->way ? button : chosen;
    }
  gtk_box_append (column, group);

  return chosen;
}
