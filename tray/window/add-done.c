/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/add-done.h"

#include <glib/gi18n.h>

#include "client/fields.h"
#include "protocol/name.h"
#include "protocol/timestamp.h"
#include "tray/window/facts.h"
#include "tray/window/moment.h"
#include "tray/window/shown-once.h"

#define NAME_CHARACTERS_MAX 100

/* What the trial has shown. */
static char *
describe_check (JsonObject *check)
{
  gint64 n_tools = check != NULL ? CLAMP (bfy_field_int (check, "n_tools"), 0, G_MAXINT) : 0;
  g_autofree char *server =
      bfy_text_to_line (check != NULL ? bfy_field_text (check, "server") : "", NAME_CHARACTERS_MAX);

  if (check == NULL || !bfy_field_boolean (check, "performed"))
    return g_strdup (_ ("It is stored, but it could not be tried out just now."));
  if (!json_object_has_member (check, "n_tools"))
    return g_strdup (_ ("The service accepts its credential."));
  if (*server == '\0')
    return g_strdup_printf (
        ngettext ("It works: there is %d tool.", "It works: there are %d tools.", (gulong) n_tools),
        (int) n_tools);

  /* TRANSLATORS: how the server calls itself, and how many tools it has. */
  return g_strdup_printf (
      ngettext ("It works: %s has %d tool.", "It works: %s has %d tools.", (gulong) n_tools),
      server, (int) n_tools);
}

/* A token that nobody renews has to be given anew one day. */
static char *
describe_end (JsonObject *binding)
{
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  gint64 expires_at_s = bfy_time_from_text (bfy_field_text (binding, "expires_at"));
  g_autofree char *span = bfy_moment_format_span (expires_at_s - now_s);

  if (expires_at_s <= now_s || bfy_field_boolean (binding, "can_refresh"))
    return g_strdup ("");

  return g_strdup_printf (_ ("Its token ends in %s; then you sign in again."), span);
}

static GtkWidget *
make_connect (JsonObject *reply, const char *name)
{
  GtkWidget *facts = bfy_facts_new (_ ("Use It"));
  g_autofree char *command = g_strdup_printf ("bindify-mcp %s", name);
  const char *endpoint = bfy_field_text (reply, "endpoint");

  bfy_facts_begin (BFY_FACTS (facts));
  bfy_facts_add_copied (BFY_FACTS (facts),
                        _ ("Programs that start MCP servers, like Claude Desktop"), command);
  bfy_facts_add_copied (BFY_FACTS (facts),
                        _ ("Programs that speak HTTP, each with a key from the page “Clients”"),
                        endpoint);
  bfy_facts_end (BFY_FACTS (facts));

  return facts;
}

static GtkWidget *
make_buttons (gboolean is_login)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *done = gtk_button_new_with_mnemonic (_ ("_Done"));
  GtkWidget *again = gtk_button_new_with_mnemonic (_ ("Add A_nother"));

  gtk_widget_set_halign (box, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (done, "pill");
  gtk_widget_add_css_class (done, "suggested-action");
  gtk_widget_add_css_class (again, "pill");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (done), "add.close");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (again), "add.again");
  gtk_widget_set_visible (again, !is_login);
  gtk_box_append (GTK_BOX (box), again);
  gtk_box_append (GTK_BOX (box), done);

  return box;
}

/* Who could use a sealed binding before and has to be let in again. */
static void
add_lost (AdwPreferencesGroup *group, JsonObject *reply, const char *name)
{
  for (guint i = 0; i < bfy_field_count (reply, "lost_clients"); i++)
    {
      g_autofree char *label = bfy_text_to_line (
          bfy_field_text (bfy_field_nth (reply, "lost_clients", i), "label"), NAME_CHARACTERS_MAX);
      g_autofree char *title = g_strdup_printf (_ ("“%s” Cannot Use It Any More"), label);
      g_autofree char *command =
          g_strdup_printf ("bindify client add LABEL --binding %s --unseal-with-file FILE", name);

      adw_preferences_group_add (
          group,
          bfy_copied_row_new (
              title, _ ("A new key lets it in again; FILE is a file with the key above"), command));
    }
}

/* (nullable) A sealed binding has a new key, which nobody else has. */
static GtkWidget *
make_key (JsonObject *reply, const char *name)
{
  g_autoptr (BfySecret) key = bfy_shown_once_take (reply, "client_key");
  JsonObject *client = bfy_field_object (reply, "client");
  g_autofree char *label = bfy_text_to_line (client != NULL ? bfy_field_text (client, "label") : "",
                                             NAME_CHARACTERS_MAX);
  g_autofree char *title = g_strdup_printf (_ ("Key of “%s”"), label);
  GtkWidget *group;

  if (key == NULL)
    return NULL;

  group = adw_preferences_group_new ();
  adw_preferences_group_set_description (
      ADW_PREFERENCES_GROUP (group),
      _ ("Only with this new key can the agent use the binding. It is shown only now: give it to "
         "the program, and to nobody else."));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), bfy_shown_once_row_new (title, key));
  add_lost (ADW_PREFERENCES_GROUP (group), reply, name);

  return group;
}

GtkWidget *
bfy_add_done_new (JsonObject *reply, gboolean is_login)
{
  GtkWidget *page = adw_status_page_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);
  JsonObject *binding = bfy_field_object (reply, "binding");
  g_autofree char *name = bfy_text_to_line (binding != NULL ? bfy_field_text (binding, "name") : "",
                                            NAME_CHARACTERS_MAX);
  g_autofree char *plain = g_strdup_printf (_ ("“%s” Is Ready"), name);
  g_autofree char *title = g_markup_escape_text (plain, -1);
  g_autofree char *check = describe_check (bfy_field_object (reply, "check"));
  g_autofree char *end = binding != NULL ? describe_end (binding) : g_strdup ("");
  g_autofree char *words = g_strdup_printf ("%s %s", check, end);
  g_autofree char *text = g_markup_escape_text (g_strchomp (words), -1);
  GtkWidget *key = make_key (reply, name);

  adw_status_page_set_icon_name (ADW_STATUS_PAGE (page), "emblem-ok-symbolic");
  adw_status_page_set_title (ADW_STATUS_PAGE (page), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (page), text);
  if (key != NULL)
    gtk_box_append (GTK_BOX (box), key);
  if (!is_login)
    gtk_box_append (GTK_BOX (box), make_connect (reply, name));
  gtk_box_append (GTK_BOX (box), make_buttons (is_login));
  adw_status_page_set_child (ADW_STATUS_PAGE (page), box);

  return page;
}
