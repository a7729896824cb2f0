/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-steps.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/name.h"
#include "protocol/translation.h"
#include "tray/window/browse.h"

#define STEP_CHARACTERS_MAX 400
#define NAME_CHARACTERS_MAX 60

static void
on_link (AdwActionRow *row, char *url)
{
  bfy_browse_open (GTK_WIDGET (row), url, FALSE);
}

static void
free_url (gpointer data, GClosure *closure)
{
  g_free (data);
}

void
bfy_add_steps_append_link (AdwPreferencesGroup *group, const char *url, const char *label)
{
  g_autofree char *shown = bfy_text_to_line (url, STEP_CHARACTERS_MAX);
  GtkWidget *row;

  if (*url == '\0')
    return;
  row = adw_action_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), label);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), shown);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("adw-external-link-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_signal_connect_data (row, "activated", G_CALLBACK (on_link), g_strdup (url), free_url, 0);
  adw_preferences_group_add (group, row);
}

/* "1. Open …", a line each. Free with g_free(). */
static char *
format_steps (JsonArray *steps)
{
  guint n_steps = steps != NULL ? json_array_get_length (steps) : 0;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < n_steps; i++)
    {
      JsonNode *node = json_array_get_element (steps, i);
      g_autofree char *step = NULL;

      if (json_node_get_value_type (node) != G_TYPE_STRING)
        continue;
      step = bfy_text_to_line (bfy_translation_find (json_node_get_string (node)),
                               STEP_CHARACTERS_MAX);
      g_string_append_printf (text, "%s%u. %s", text->len > 0 ? "\n" : "", i + 1, step);
    }

  return g_strdup (text->str);
}

GtkWidget *
bfy_add_steps_append (GtkBox *column, JsonObject *service)
{
  GtkWidget *group = adw_preferences_group_new ();
  g_autofree char *name = bfy_text_to_line (bfy_field_text (service, "name"), NAME_CHARACTERS_MAX);
  g_autofree char *plain = g_strdup_printf (_ ("How You Get a Token of %s"), name);
  g_autofree char *title = g_markup_escape_text (plain, -1);
  g_autofree char *steps = format_steps (bfy_field_array (service, "instructions"));
  g_autofree char *text = g_markup_escape_text (steps, -1);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  if (*text != '\0')
    adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), text);
  bfy_add_steps_append_link (ADW_PREFERENCES_GROUP (group), bfy_field_text (service, "token_url"),
                             _ ("Open the Page of Tokens"));
  gtk_box_append (column, group);

  return group;
}
