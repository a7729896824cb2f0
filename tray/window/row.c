/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/row.h"

#include <glib/gi18n.h>

#include "protocol/name.h"

#define TEXT_CHARACTERS_MAX 400

void
bfy_row_init (AdwActionRow *row)
{
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_action_row_set_subtitle_lines (row, 0);
}

void
bfy_row_set_title (AdwActionRow *row, const char *title)
{
  g_autofree char *line = title != NULL ? bfy_text_to_line (title, TEXT_CHARACTERS_MAX) : NULL;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), line != NULL ? line : "");
}

void
bfy_row_set_subtitle (AdwActionRow *row, const char *subtitle)
{
  g_autofree char *line =
      subtitle != NULL ? bfy_text_to_line (subtitle, TEXT_CHARACTERS_MAX) : NULL;

  adw_action_row_set_subtitle (row, line != NULL ? line : "");
}

GtkWidget *
bfy_row_new (const char *title, const char *subtitle)
{
  AdwActionRow *row = ADW_ACTION_ROW (adw_action_row_new ());

  bfy_row_init (row);
  bfy_row_set_title (row, title);
  bfy_row_set_subtitle (row, subtitle);

  return GTK_WIDGET (row);
}

void
bfy_row_name_button (GtkWidget *button, const char *name)
{
  g_autofree char *line = bfy_text_to_line (name, TEXT_CHARACTERS_MAX);

  gtk_widget_set_tooltip_text (button, line);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, line, -1);
}

GtkWidget *
bfy_row_add_icon_button (AdwActionRow *row, const char *icon, const char *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  bfy_row_name_button (button, name);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  adw_action_row_add_suffix (row, button);

  return button;
}

GtkWidget *
bfy_row_add_button (AdwActionRow *row, const char *label)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (row, button);

  return button;
}

GtkSwitch *
bfy_row_add_switch (GtkWidget *group, const char *title, const char *subtitle)
{
  GtkWidget *row = bfy_row_new (title, subtitle);
  GtkWidget *widget = gtk_switch_new ();

  gtk_widget_set_valign (widget, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), widget);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), widget);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);

  return GTK_SWITCH (widget);
}

GtkWidget *
bfy_row_empty_new (const char *icon, const char *title, const char *description, GtkWidget *button)
{
  GtkWidget *page = adw_status_page_new ();

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), icon);
  adw_status_page_set_title (ADW_STATUS_PAGE (page), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (page), description);
  gtk_widget_set_vexpand (page, TRUE);
  if (button != NULL)
    {
      gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
      gtk_widget_add_css_class (button, "pill");
      gtk_widget_add_css_class (button, "suggested-action");
      adw_status_page_set_child (ADW_STATUS_PAGE (page), button);
    }

  return page;
}

static gboolean
on_find (GtkWidget *page, GVariant *arguments, gpointer user_data)
{
  if (!gtk_widget_get_mapped (page))
    return FALSE;
  gtk_search_bar_set_search_mode (user_data, TRUE);

  return TRUE;
}

GtkWidget *
bfy_row_search_new (GtkWidget *page,
                    const char *placeholder,
                    GtkWidget **button,
                    GCallback on_search,
                    gpointer user_data)
{
  GtkWidget *bar = gtk_search_bar_new ();
  GtkWidget *entry = gtk_search_entry_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();

  g_object_set (entry, "placeholder-text", placeholder, NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  placeholder, -1);
  gtk_widget_set_hexpand (entry, TRUE);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 400);
  adw_clamp_set_child (ADW_CLAMP (clamp), entry);
  gtk_search_bar_set_child (GTK_SEARCH_BAR (bar), clamp);
  gtk_search_bar_connect_entry (GTK_SEARCH_BAR (bar), GTK_EDITABLE (entry));
  gtk_search_bar_set_key_capture_widget (GTK_SEARCH_BAR (bar), page);
  g_signal_connect (entry, "search-changed", on_search, user_data);
  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (shortcuts),
                                     GTK_SHORTCUT_SCOPE_GLOBAL);
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (shortcuts),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_f, GDK_CONTROL_MASK),
                        gtk_callback_action_new (on_find, bar, NULL)));
  gtk_widget_add_controller (page, shortcuts);
  *button = gtk_toggle_button_new ();
  gtk_button_set_icon_name (GTK_BUTTON (*button), "system-search-symbolic");
  bfy_row_name_button (*button, placeholder);
  g_object_bind_property (*button, "active", bar, "search-mode-enabled",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);

  return bar;
}
