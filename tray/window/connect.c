/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/connect.h"

#include <glib/gi18n.h>
#include <string.h>

#include "client/fields.h"
#include "protocol/name.h"
#include "tray/window/clients-text.h"
#include "tray/window/dialog.h"
#include "tray/window/errand.h"
#include "tray/window/row.h"
#include "tray/window/shown-once.h"
#include "tray/window/trouble.h"

/* Stands for the key while a text with it is made. */
#define KEY_MARK "@BINDIFY-KEY@"

typedef struct
{
  BfyDialog *dialog;
  BfyAgentLink *link; /* (owned) */
  GtkEditable *label;
  GtkSwitch *all;
  GPtrArray *checks; /* (owned) (element-type GtkCheckButton) borrowed from the dialog */
  GStrv names;       /* (owned) of the bindings, in the same order */
} Connect;

static void
on_gone (gpointer data, GObject *dialog)
{
  Connect *self = data;

  g_object_unref (self->link);
  g_ptr_array_unref (self->checks);
  g_strfreev (self->names);
  g_free (self);
}

/* The key, and what to do with it */

static void
add_group (BfyDialog *dialog, const char *title, const char *description, GtkWidget *const *rows)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), description);
  for (; *rows != NULL; rows++)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), *rows);
  gtk_box_append (bfy_dialog_get_column (dialog), group);
}

/* The binding that the examples are about. */
static const char *
first_binding (Connect *self)
{
  for (guint i = 0; i < self->checks->len; i++)
    {
      if (gtk_switch_get_active (self->all) ||
          gtk_check_button_get_active (g_ptr_array_index (self->checks, i)))
        return self->names[i];
    }

  return "NAME";
}

/* The agent gives an example of an address: the binding’s name stands for NAME in it. */
static char *
make_url (JsonObject *reply, const char *name)
{
  static const char mark[] = "/NAME";
  g_autofree char *url = bfy_text_to_line (bfy_field_text (reply, "url_example"), 200);
  g_autofree char *base = NULL;

  if (!g_str_has_suffix (url, mark))
    return g_steal_pointer (&url);
  base = g_strndup (url, strlen (url) - strlen (mark));

  return g_strconcat (base, "/", name, NULL);
}

static GtkWidget *
make_http_row (const char *name, const char *url, BfySecret *key)
{
  g_autofree char *text = bfy_clients_text_snippet (name, url, KEY_MARK);
  char *mark = strstr (text, KEY_MARK);

  *mark = '\0';

  return bfy_shown_once_text_row_new (
      _ ("Settings for HTTP"), _ ("JSON for the program’s list of MCP servers, with the key in it"),
      text, mark + strlen (KEY_MARK), key);
}

static void
show_key (Connect *self, JsonObject *reply)
{
  g_autoptr (BfySecret) key = bfy_shown_once_take (reply, "key");
  g_autofree char *name = g_strdup (first_binding (self));
  g_autofree char *url = make_url (reply, name);
  g_autofree char *closed = bfy_field_join (reply, "cannot_open", _ (", "));
  g_autofree char *stdio = bfy_clients_text_snippet (name, "", NULL);
  g_autofree char *command = g_strconcat ("bindify-mcp ", name, NULL);
  GtkWidget *key_rows[2] = { NULL };
  GtkWidget *rows[4] = { NULL };
  guint n = 0;

  bfy_dialog_clear (self->dialog);
  bfy_dialog_set_action (self->dialog, NULL);
  bfy_dialog_set_busy (self->dialog, FALSE);
  if (key == NULL)
    return;

  key_rows[0] = bfy_shown_once_row_new (_ ("Key"), key);
  add_group (
      self->dialog, _ ("The program’s key"),
      _ ("It is shown only now. Give it to the program, and to nobody else; when it is lost, "
         "revoke it and make another one."),
      key_rows);
  if (*url != '\0')
    {
      rows[n++] = bfy_copied_row_new (_ ("Address"), url, url);
      rows[n++] = make_http_row (name, url, key);
    }
  rows[n] = bfy_copied_row_new (_ ("Settings without a key"), command, stdio);
  add_group (self->dialog, _ ("In the program’s settings"),
             _ ("A program that starts its servers as commands needs no key: it starts bindify-mcp "
                "with the name of a binding."),
             rows);
  if (*closed != '\0')
    {
      g_autofree char *text = g_strdup_printf (
          _ ("Its key does not open what is sealed: %s. Make such a key with “bindify client add”, "
             "which can be given one that does."),
          closed);

      bfy_dialog_set_trouble (self->dialog, text);
    }
}

/* The form */

static void
on_added (JsonObject *reply, const GError *error, gpointer user_data)
{
  Connect *self = user_data;
  g_autofree char *trouble = error != NULL ? bfy_trouble_describe (error) : NULL;

  bfy_dialog_set_trouble (self->dialog, trouble);
  bfy_dialog_set_busy (self->dialog, FALSE);
  if (error == NULL)
    show_key (self, reply);
}

static JsonObject *
make_wish (Connect *self, const char *label)
{
  JsonObject *wish = json_object_new ();
  JsonArray *names = json_array_new ();

  json_object_set_string_member (wish, "label", label);
  if (gtk_switch_get_active (self->all))
    {
      json_array_unref (names);
      json_object_set_null_member (wish, "bindings");
      return wish;
    }
  for (guint i = 0; i < self->checks->len; i++)
    {
      if (gtk_check_button_get_active (g_ptr_array_index (self->checks, i)))
        json_array_add_string_element (names, self->names[i]);
    }
  json_object_set_array_member (wish, "bindings", names);

  return wish;
}

static void
on_make (GtkButton *button, gpointer user_data)
{
  Connect *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *label = bfy_label_normalize (gtk_editable_get_text (self->label), &error);
  BfyErrand errand = { .method = "POST",
                       .path = "/v1/clients",
                       .news = BFY_NEWS_CLIENTS | BFY_NEWS_STATUS,
                       .on_reply = on_added,
                       .user_data = self };

  if (label == NULL)
    {
      bfy_dialog_set_trouble (self->dialog, _ ("Give the program a name, such as “Claude Code”."));
      gtk_widget_grab_focus (GTK_WIDGET (self->label));
      return;
    }
  bfy_dialog_set_busy (self->dialog, TRUE);
  errand.body = make_wish (self, label);
  bfy_errand_run (GTK_WIDGET (self->dialog), self->link, &errand);
}

static GtkWidget *
make_name_group (Connect *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Name of the program"));
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (row), TRUE);
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (group),
      _ ("A program that speaks HTTP shows a key of its own. You see it by this name wherever it "
         "does something."));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  self->label = GTK_EDITABLE (row);

  return group;
}

static void
add_binding (Connect *self, GtkWidget *group, GStrvBuilder *names, const char *name)
{
  GtkWidget *row = bfy_row_new (name, NULL);
  GtkWidget *check = gtk_check_button_new ();

  gtk_widget_set_valign (check, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (check), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), check);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), check);
  g_object_bind_property (self->all, "active", row, "sensitive",
                          G_BINDING_INVERT_BOOLEAN | G_BINDING_SYNC_CREATE);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  g_ptr_array_add (self->checks, check);
  g_strv_builder_add (names, name);
}

static GtkWidget *
make_bindings_group (Connect *self)
{
  JsonObject *bindings = bfy_agent_link_get_bindings (self->link);
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *row = bfy_row_new (_ ("All bindings"), _ ("Also those that you add later"));
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  self->all = GTK_SWITCH (gtk_switch_new ());
  gtk_switch_set_active (self->all, TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->all), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("All bindings"), -1);
  gtk_widget_set_valign (GTK_WIDGET (self->all), GTK_ALIGN_CENTER);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), GTK_WIDGET (self->all));
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), GTK_WIDGET (self->all));
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("It may use"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  for (guint i = 0; bindings != NULL && i < bfy_field_count (bindings, "bindings"); i++)
    add_binding (self, group, names,
                 bfy_field_text (bfy_field_nth (bindings, "bindings", i), "name"));
  self->names = g_strv_builder_end (names);

  return group;
}

static Connect *
connect_new (GtkWidget *parent, BfyAgentLink *link, const char *title)
{
  Connect *self = g_new0 (Connect, 1);

  self->dialog = bfy_dialog_new (parent, title);
  self->link = g_object_ref (link);
  self->checks = g_ptr_array_new ();
  g_object_weak_ref (G_OBJECT (self->dialog), on_gone, self);

  return self;
}

void
bfy_connect_present (GtkWidget *parent, BfyAgentLink *link)
{
  Connect *self = connect_new (parent, link, _ ("Connect a Program"));
  GtkWidget *button = bfy_dialog_set_action (self->dialog, _ ("_Make a Key"));

  g_signal_connect (button, "clicked", G_CALLBACK (on_make), self);
  gtk_box_append (bfy_dialog_get_column (self->dialog), make_name_group (self));
  gtk_box_append (bfy_dialog_get_column (self->dialog), make_bindings_group (self));
  gtk_window_present (GTK_WINDOW (self->dialog));
  gtk_widget_grab_focus (GTK_WIDGET (self->label));
}

/* Decoys */

static void
on_decoy (JsonObject *reply, const GError *error, gpointer user_data)
{
  Connect *self = user_data;
  g_autofree char *trouble = error != NULL ? bfy_trouble_describe (error) : NULL;
  g_autoptr (BfySecret) decoy = error == NULL ? bfy_shown_once_take (reply, "decoy") : NULL;
  GtkWidget *rows[2] = { NULL };

  bfy_dialog_set_trouble (self->dialog, trouble);
  if (decoy == NULL)
    return;
  rows[0] = bfy_shown_once_row_new (_ ("Decoy"), decoy);
  add_group (
      self->dialog, NULL,
      _ ("A token that opens nothing. Put it where a real one would lie, in the program’s "
         "settings for example: when somebody tries it, you are told. It is shown only now."),
      rows);
}

void
bfy_connect_present_decoy (GtkWidget *parent, BfyAgentLink *link, const char *id, const char *label)
{
  g_autofree char *shown = bfy_text_to_line (label, 60);
  g_autofree char *title = g_strdup_printf (_ ("A Decoy for %s"), shown);
  g_autofree char *path = bfy_errand_path ("clients", id, "decoy", NULL);
  Connect *self = connect_new (parent, link, title);
  const BfyErrand errand = { .method = "PUT",
                             .path = path,
                             .body = json_object_new (),
                             .news = BFY_NEWS_CLIENTS,
                             .on_reply = on_decoy,
                             .user_data = self };

  gtk_window_present (GTK_WINDOW (self->dialog));
  bfy_errand_run (GTK_WIDGET (self->dialog), link, &errand);
}
