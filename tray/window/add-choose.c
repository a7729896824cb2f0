/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-choose.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/name.h"
#include "tray/window/page.h"

#define ICON_SIZE 32
#define NAME_CHARACTERS_MAX 60

/* What the rows of the catalogue are searched by. */
typedef struct
{
  BfyCatalogue *catalogue; /* (owned) */
  GtkListBox *list;
  GtkEditable *search;
} Choose;

static void
free_choose (gpointer data, GClosure *closure)
{
  Choose *choose = data;

  bfy_catalogue_unref (choose->catalogue);
  g_free (choose);
}

static const char *
describe_ways (JsonObject *service)
{
  gboolean has_key = bfy_field_boolean (service, "supports_api_key");
  gboolean has_oauth = bfy_field_boolean (service, "supports_oauth");

  if (has_key && has_oauth)
    return _ ("With the browser, or with a token");
  if (has_oauth)
    return _ ("With the browser");

  return has_key ? _ ("With a token") : _ ("Without a credential");
}

static gboolean
filter_service (GtkListBoxRow *row, gpointer user_data)
{
  Choose *choose = user_data;
  guint index = (guint) gtk_list_box_row_get_index (row);
  g_autofree char *wanted = g_utf8_casefold (gtk_editable_get_text (choose->search), -1);
  g_autofree char *name = NULL;

  if (index >= bfy_catalogue_count (choose->catalogue))
    return TRUE;
  name =
      g_utf8_casefold (bfy_field_text (bfy_catalogue_nth (choose->catalogue, index), "name"), -1);

  return strstr (name, g_strstrip (wanted)) != NULL;
}

static void
on_search (GtkEditable *search, Choose *choose)
{
  gtk_list_box_invalidate_filter (choose->list);
}

/* Enter takes the first that fits. */
static void
on_search_activate (GtkEditable *search, Choose *choose)
{
  for (int i = 0;; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (choose->list, i);

      if (row == NULL)
        return;
      if (gtk_widget_get_child_visible (GTK_WIDGET (row)))
        {
          gtk_widget_activate (GTK_WIDGET (row));
          return;
        }
    }
}

static GtkWidget *
make_row (const char *title, const char *text, GtkWidget *icon)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *shown = bfy_text_to_line (title, NAME_CHARACTERS_MAX);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), shown);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);

  return row;
}

static void
add_services (Choose *choose)
{
  for (guint i = 0; i < bfy_catalogue_count (choose->catalogue); i++)
    {
      JsonObject *service = bfy_catalogue_nth (choose->catalogue, i);
      const char *name = bfy_field_text (service, "name");
      GtkWidget *row =
          make_row (name, describe_ways (service), bfy_catalogue_make_icon (name, NULL, ICON_SIZE));

      gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "add.service");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", bfy_field_text (service, "id"));
      gtk_list_box_append (choose->list, row);
    }
}

static GtkWidget *
make_others (void)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *address = make_row (
      _ ("The Address of an MCP Server"), _ ("For a service that is not in the list, or your own"),
      bfy_catalogue_make_icon ("URL", "network-server-symbolic", ICON_SIZE));
  GtkWidget *program =
      make_row (_ ("A Program on This Computer"), _ ("The agent runs it in a sandbox"),
                bfy_catalogue_make_icon ("CMD", "system-run-symbolic", ICON_SIZE));

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Something Else"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (address), "add.address");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (program), "add.program");
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), address);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), program);

  return group;
}

GtkWidget *
bfy_add_choose_new (BfyCatalogue *catalogue)
{
  Choose *choose = g_new0 (Choose, 1);
  GtkBox *column;
  GtkWidget *content = bfy_page_column_new (&column);
  GtkWidget *search = gtk_search_entry_new ();
  GtkWidget *nothing = gtk_label_new (_ ("No service of that name is known. Its address will do."));

  choose->catalogue = bfy_catalogue_ref (catalogue);
  choose->list = GTK_LIST_BOX (gtk_list_box_new ());
  choose->search = GTK_EDITABLE (search);
  gtk_label_set_wrap (GTK_LABEL (nothing), TRUE);
  gtk_widget_add_css_class (nothing, "dim-label");
  gtk_list_box_set_selection_mode (choose->list, GTK_SELECTION_NONE);
  gtk_list_box_set_placeholder (choose->list, nothing);
  gtk_widget_add_css_class (GTK_WIDGET (choose->list), "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (choose->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Services"), -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (search), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Search services"), -1);
  add_services (choose);
  gtk_list_box_set_filter_func (choose->list, filter_service, choose, NULL);
  g_signal_connect (search, "search-changed", G_CALLBACK (on_search), choose);
  g_signal_connect_data (search, "activate", G_CALLBACK (on_search_activate), choose, free_choose,
                         0);
  gtk_box_append (column, search);
  gtk_box_append (column, GTK_WIDGET (choose->list));
  gtk_box_append (column, make_others ());

  return content;
}
