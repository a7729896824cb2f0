/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/window-actions.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "bfy-config.h"
#include "tray/window/agent-start.h"
#include "tray/window/errand.h"
#include "tray/window/toast.h"
#include "tray/window/trouble.h"
#include "tray/window/window.h"

#define SETTLE_TIMEOUT_MS 3000

static void
on_open (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());

  bfy_window_present (application, user_data, g_variant_get_string (parameter, NULL));
}

static void
on_about (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());

  adw_show_about_window (gtk_application_get_active_window (application), "application-name",
                         "bindify", "application-icon", "io.bindify.Tray", "version", BFY_VERSION,
                         "comments", _ ("Programs use your accounts and never see a token."),
                         "license-type", GTK_LICENSE_APACHE_2_0, "developer-name",
                         _ ("The bindify contributors"), NULL);
}

/* Made anew each time: when it only hides, as GTK has it, a program that reads the windows for a
 * blind person and asks for one that has just gone makes GTK 4.8 fall over the hidden one. */
static void
on_shortcuts (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource ("/io/bindify/Tray/window/shortcuts.ui");
  GtkWindow *shortcuts = GTK_WINDOW (gtk_builder_get_object (builder, "shortcuts"));

  gtk_window_set_transient_for (shortcuts, gtk_application_get_active_window (application));
  gtk_window_set_hide_on_close (shortcuts, FALSE);
  gtk_window_present (shortcuts);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());
  g_autoptr (GError) error = NULL;
  GtkWindow *window = gtk_application_get_active_window (application);

  if (bfy_agent_start_finish (result, &error) || window == NULL)
    return;
  bfy_window_toast (GTK_WIDGET (window), error->message);
}

static void
on_start_agent (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  bfy_agent_start_async (user_data, on_started, NULL);
}

void
bfy_window_actions_init (GtkApplication *application, BfyAgentLink *link)
{
  static const GActionEntry actions[] = {
    { "open", on_open, "s", NULL, NULL, { 0 } },
    { "about", on_about, NULL, NULL, NULL, { 0 } },
    { "shortcuts", on_shortcuts, NULL, NULL, NULL, { 0 } },
    { "start-agent", on_start_agent, NULL, NULL, NULL, { 0 } },
  };
  static const struct
  {
    const char *action;
    const char *keys[3];
  } keys[] = {
    { "window.close", { "<Control>w" } },
    { "app.quit", { "<Control>q" } },
    { "app.shortcuts", { "F1", "<Control>question" } },
    { "win.back", { "<Alt>Left" } },
    { "win.search", { "<Control>f" } },
    { "win.add", { "<Control>n" } },
    { "win.page::bindings", { "<Alt>1" } },
    { "win.page::clients", { "<Alt>2" } },
    { "win.page::grants", { "<Alt>3" } },
    { "win.page::activity", { "<Alt>4" } },
    { "win.page::keyring", { "<Alt>5" } },
    { "win.page::settings", { "<Alt>6" } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   link);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (application, keys[i].action, keys[i].keys);
}

static gboolean
on_settle_timeout (gpointer user_data)
{
  gboolean *is_over = user_data;

  *is_over = TRUE;

  return G_SOURCE_REMOVE;
}

/* A removal that waited for its toast is sent now, and the agent gets it before we are gone. */
void
bfy_window_actions_clear (GtkApplication *application)
{
  gboolean is_over = FALSE;
  guint id;

  bfy_window_close (application);
  id = g_timeout_add (SETTLE_TIMEOUT_MS, on_settle_timeout, &is_over);
  while (bfy_errand_count () > 0 && !is_over)
    g_main_context_iteration (NULL, TRUE);
  if (!is_over)
    g_source_remove (id);
}
