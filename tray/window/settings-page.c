/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Most of it is bindify.conf, which the agent shows and changes (GET and PATCH /v1/settings). A
 * widget says what is in the file; what the agent refuses is put back as it was. */

#include "tray/window/settings-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "tray/window/autostart.h"
#include "tray/window/errand.h"
#include "tray/window/page.h"
#include "tray/window/row.h"
#include "tray/window/settings-text.h"
#include "tray/window/toast.h"
#include "tray/window/trouble.h"

#define PATH "/v1/settings"
#define N_TRIGGERS 3

typedef struct
{
  GtkWidget *page;
  BfyAgentLink *link; /* (owned) */
  GtkStack *stack;    /* "rows", "gone" */
  GtkSwitch *tcp;
  AdwEntryRow *port;
  GtkSwitch *triggers[N_TRIGGERS];
  AdwComboRow *wait;
  GtkSwitch *autostart;
  AdwActionRow *restart; /* what counts only later */
  AdwActionRow *file;
  gboolean is_filling; /* what changes now has not been changed by a person */
} SettingsPage;

static void look (SettingsPage *self);

static const char *const trigger_names[N_TRIGGERS] = { "screen", "suspend", "session" };

/* Showing */

static const char *
find_value (JsonObject *reply, const char *name)
{
  for (guint i = 0; i < bfy_field_count (reply, "settings"); i++)
    {
      JsonObject *setting = bfy_field_nth (reply, "settings", i);

      if (strcmp (bfy_field_text (setting, "name"), name) == 0)
        return bfy_field_text (setting, "value");
    }

  return "";
}

static void
fill (SettingsPage *self, JsonObject *reply)
{
  g_autofree char *later = bfy_settings_text_later (reply);
  guint triggers =
      bfy_settings_text_triggers (find_value (reply, "lock.on"), trigger_names, N_TRIGGERS);

  self->is_filling = TRUE;
  gtk_switch_set_active (self->tcp, g_str_equal (find_value (reply, "agent.tcp"), "true"));
  gtk_editable_set_text (GTK_EDITABLE (self->port), find_value (reply, "agent.port"));
  for (guint i = 0; i < N_TRIGGERS; i++)
    gtk_switch_set_active (self->triggers[i], (triggers & (1u << i)) != 0);
  adw_combo_row_set_selected (self->wait,
                              bfy_settings_text_find_wait (find_value (reply, "prompts.wait_ms")));
  bfy_row_set_subtitle (self->file, bfy_field_text (reply, "file"));
  bfy_row_set_subtitle (self->restart, later);
  gtk_widget_set_visible (GTK_WIDGET (self->restart), later != NULL);
  gtk_stack_set_visible_child_name (self->stack, "rows");
  self->is_filling = FALSE;
}

static void
on_settings (JsonObject *reply, const GError *error, gpointer user_data)
{
  SettingsPage *self = user_data;

  if (error == NULL)
    fill (self, reply);
}

static void
on_changed (JsonObject *reply, const GError *error, gpointer user_data)
{
  SettingsPage *self = user_data;
  g_autofree char *trouble = error != NULL ? bfy_trouble_describe (error) : NULL;

  if (error == NULL)
    {
      fill (self, reply);
      return;
    }
  bfy_window_toast (self->page, trouble);
  look (self);
}

static void
look (SettingsPage *self)
{
  const BfyErrand errand = {
    .method = "GET", .path = PATH, .on_reply = on_settings, .user_data = self
  };

  if (bfy_agent_link_is_present (self->link))
    bfy_errand_run (self->page, self->link, &errand);
  else
    gtk_stack_set_visible_child_name (self->stack, "gone");
}

/* Changing */

static void
change (SettingsPage *self, const char *name, const char *value)
{
  BfyErrand errand = { .method = "PATCH", .path = PATH, .on_reply = on_changed, .user_data = self };

  if (self->is_filling)
    return;
  errand.body = json_object_new ();
  json_object_set_string_member (errand.body, name, value);
  bfy_errand_run (self->page, self->link, &errand);
}

static void
on_tcp (GtkSwitch *widget, GParamSpec *pspec, gpointer user_data)
{
  change (user_data, "agent.tcp", gtk_switch_get_active (widget) ? "true" : "false");
}

static void
on_port (AdwEntryRow *row, gpointer user_data)
{
  change (user_data, "agent.port", gtk_editable_get_text (GTK_EDITABLE (row)));
}

static void
on_trigger (GtkSwitch *widget, GParamSpec *pspec, gpointer user_data)
{
  SettingsPage *self = user_data;
  g_autofree char *value = NULL;
  guint triggers = 0;

  for (guint i = 0; i < N_TRIGGERS; i++)
    triggers |= gtk_switch_get_active (self->triggers[i]) ? 1u << i : 0;
  value = bfy_settings_text_join_triggers (triggers, trigger_names, N_TRIGGERS);
  change (self, "lock.on", value);
}

static void
on_wait (AdwComboRow *row, GParamSpec *pspec, gpointer user_data)
{
  guint selected = adw_combo_row_get_selected (row);
  g_autofree char *value = bfy_settings_text_format_wait (selected);

  if (value != NULL)
    change (user_data, "prompts.wait_ms", value);
}

static void
on_autostart (GtkSwitch *widget, GParamSpec *pspec, gpointer user_data)
{
  SettingsPage *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *trouble = NULL;

  if (self->is_filling ||
      bfy_autostart_set (g_get_user_config_dir (), gtk_switch_get_active (widget), &error))
    return;
  trouble = bfy_trouble_describe (error);
  bfy_window_toast (self->page, trouble);
}

static void
on_news (BfyAgentLink *link, guint news, SettingsPage *self)
{
  if (news & BFY_NEWS_PRESENCE)
    look (self);
}

/* Another program, or a person with an editor, may have changed it. */
static void
on_mapped (GtkWidget *page, SettingsPage *self)
{
  self->is_filling = TRUE;
  gtk_switch_set_active (self->autostart, bfy_autostart_is_on (g_get_user_config_dir ()));
  self->is_filling = FALSE;
  look (self);
}

/* Making it */

static GtkSwitch *
add_switch (SettingsPage *self,
            GtkWidget *group,
            const char *title,
            const char *subtitle,
            GCallback on_switched)
{
  GtkSwitch *widget = bfy_row_add_switch (group, title, subtitle);

  g_signal_connect (widget, "notify::active", on_switched, self);

  return widget;
}

static GtkWidget *
add_group (GtkBox *column, const char *title)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  gtk_box_append (column, group);

  return group;
}

static void
fill_agent_groups (SettingsPage *self, GtkBox *column)
{
  static const char *const titles[N_TRIGGERS] = { N_ ("When the screen is locked"),
                                                  N_ ("When the computer sleeps"),
                                                  N_ ("When you log out") };
  GtkWidget *group = add_group (column, _ ("Lock by Itself"));
  g_autoptr (GtkStringList) waits = bfy_settings_text_list_waits ();

  for (guint i = 0; i < N_TRIGGERS; i++)
    self->triggers[i] =
        add_switch (self, group, gettext (titles[i]), NULL, G_CALLBACK (on_trigger));

  group = add_group (column, _ ("Questions"));
  self->wait = ADW_COMBO_ROW (adw_combo_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->wait),
                                 _ ("How long a program waits for your answer"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->wait),
                               _ ("It is told to come back then; the question stays a while."));
  adw_combo_row_set_model (self->wait, G_LIST_MODEL (waits));
  g_signal_connect (self->wait, "notify::selected", G_CALLBACK (on_wait), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->wait));

  group = add_group (column, _ ("Programs with a Key"));
  self->tcp = add_switch (self, group, _ ("Serve them at a port of this computer"),
                          _ ("Others cannot reach it. Programs that start bindify-mcp do without."),
                          G_CALLBACK (on_tcp));
  self->port = ADW_ENTRY_ROW (adw_entry_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->port), _ ("Port"));
  adw_entry_row_set_show_apply_button (self->port, TRUE);
  g_signal_connect (self->port, "apply", G_CALLBACK (on_port), self);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->port));
  self->restart = ADW_ACTION_ROW (bfy_row_new (_ ("Start the agent anew"), NULL));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->restart));
}

static void
fill_own_groups (SettingsPage *self, GtkBox *column)
{
  GtkWidget *group = add_group (column, _ ("This Program"));

  self->autostart = add_switch (self, group, _ ("Start it when you log in"),
                                _ ("Without it nobody shows the questions of programs."),
                                G_CALLBACK (on_autostart));
  adw_preferences_group_add (
      ADW_PREFERENCES_GROUP (group),
      bfy_row_new (_ ("Language"), _ ("It follows the language of your desktop.")));
  self->file = ADW_ACTION_ROW (bfy_row_new (_ ("All settings of the agent"), NULL));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), GTK_WIDGET (self->file));
}

static void
on_gone (gpointer data, GObject *page)
{
  SettingsPage *self = data;

  g_signal_handlers_disconnect_by_data (self->link, self);
  g_object_unref (self->link);
  g_free (self);
}

GtkWidget *
bfy_settings_page_new (BfyAgentLink *link)
{
  SettingsPage *self = g_new0 (SettingsPage, 1);
  GtkBox *column;
  GtkWidget *content = bfy_page_column_new (&column);

  self->page = bfy_page_new (link, _ ("Settings"));
  self->link = g_object_ref (link);
  self->stack = GTK_STACK (gtk_stack_new ());
  self->is_filling = TRUE;
  fill_agent_groups (self, column);
  fill_own_groups (self, column);
  self->is_filling = FALSE;
  gtk_stack_add_named (self->stack, content, "rows");
  gtk_stack_add_named (
      self->stack,
      bfy_row_empty_new ("network-offline-symbolic", _ ("The Agent Is Not Running"),
                         _ ("Its settings are shown as soon as it is there."), NULL),
      "gone");
  bfy_page_set_content (BFY_PAGE (self->page), GTK_WIDGET (self->stack));
  g_object_weak_ref (G_OBJECT (self->page), on_gone, self);
  g_signal_connect (link, "news", G_CALLBACK (on_news), self);
  g_signal_connect (self->page, "map", G_CALLBACK (on_mapped), self);

  return self->page;
}
