/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/tray.h"

#include <glib-unix.h>

#include "tray/icon/icon.h"
#include "tray/launcher.h"
#include "tray/prompt/desk.h"
#include "tray/window/browse.h"
#include "tray/window/window-actions.h"
#include "tray/window/window.h"

struct _BfyTray
{
  AdwApplication parent_instance;

  const BfyTraySettings *settings;
  BfyAgentLink *link;   /* (owned) from startup to shutdown */
  BfyIcon *icon;        /* (owned) as long */
  BfyPromptDesk *desk;  /* (owned) as long */
  GDBusConnection *bus; /* (owned) (nullable) as long */
  gulong closed_id;
  guint signal_ids[2];
  int status;
};

G_DEFINE_TYPE (BfyTray, bfy_tray, ADW_TYPE_APPLICATION)

static void
on_quit (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_application_quit (user_data);
}

static gboolean
on_signal (gpointer user_data)
{
  g_application_quit (user_data);

  return G_SOURCE_CONTINUE;
}

/* Then the session is over, or as good as that: nobody could reach us any more. */
static void
on_bus_closed (GDBusConnection *bus, gboolean was_told, GError *error, gpointer user_data)
{
  BfyTray *self = user_data;

  g_message ("The message bus of this session has gone away, so bindify-tray ends. It comes back "
             "with the next session, or when you type: bindify-tray");
  self->status = 1;
  g_application_quit (G_APPLICATION (self));
}

/* Without one there is no icon and only this program itself knows that it runs; questions still
 * open their window. */
static void
keep_bus (BfyTray *self, GDBusConnection *bus)
{
  if (bus == NULL)
    {
      g_message ("This session has no D-Bus message bus, so there is no icon and there are no "
                 "notifications; what programs ask for opens a window all the same. To have "
                 "both, start the desktop or this program with: dbus-run-session -- PROGRAM");
      return;
    }
  self->bus = g_object_ref (bus);
  g_dbus_connection_set_exit_on_close (bus, FALSE);
  self->closed_id = g_signal_connect (bus, "closed", G_CALLBACK (on_bus_closed), self);
}

static void
bfy_tray_startup (GApplication *application)
{
  static const GActionEntry actions[] = {
    { "quit", on_quit, NULL, NULL, NULL, { 0 } },
  };
  BfyTray *self = BFY_TRAY (application);

  G_APPLICATION_CLASS (bfy_tray_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  /* It lives without a window. */
  g_application_hold (application);
  self->signal_ids[0] = g_unix_signal_add (SIGTERM, on_signal, self);
  self->signal_ids[1] = g_unix_signal_add (SIGINT, on_signal, self);
  keep_bus (self, g_application_get_dbus_connection (application));
  self->link = bfy_agent_link_new (self->settings->socket_path);
  bfy_browse_init (&self->settings->desktop);
  bfy_window_actions_init (GTK_APPLICATION (self), self->link);
  self->icon = bfy_icon_new (application, self->link);
  self->desk = bfy_prompt_desk_new (GTK_APPLICATION (application), self->link);
  bfy_launcher_init (GTK_APPLICATION (self), self->link);
  bfy_agent_link_start (self->link);
}

static void
bfy_tray_shutdown (GApplication *application)
{
  BfyTray *self = BFY_TRAY (application);

  for (guint i = 0; i < G_N_ELEMENTS (self->signal_ids); i++)
    g_clear_handle_id (&self->signal_ids[i], g_source_remove);
  if (self->bus != NULL)
    g_clear_signal_handler (&self->closed_id, self->bus);
  g_clear_object (&self->bus);
  g_clear_pointer (&self->desk, bfy_prompt_desk_free);
  g_clear_pointer (&self->icon, bfy_icon_free);
  if (self->link != NULL)
    bfy_window_actions_clear (GTK_APPLICATION (self));
  if (self->link != NULL)
    bfy_agent_link_stop (self->link);
  g_clear_object (&self->link);
  G_APPLICATION_CLASS (bfy_tray_parent_class)->shutdown (application);
}

static void
bfy_tray_activate (GApplication *application)
{
  BfyTray *self = BFY_TRAY (application);

  bfy_window_present (GTK_APPLICATION (self), self->link, NULL);
}

/* Started at login: there is nothing to show, here or where it runs already. */
static gboolean
bfy_tray_local_command_line (GApplication *application, char ***arguments, int *exit_status)
{
  BfyTray *self = BFY_TRAY (application);
  g_autoptr (GError) error = NULL;

  if (!self->settings->is_background)
    return G_APPLICATION_CLASS (bfy_tray_parent_class)
        ->local_command_line (application, arguments, exit_status);

  *exit_status = g_application_register (application, NULL, &error) ? 0 : 1;
  if (error != NULL)
    g_warning ("%s", error->message);

  return TRUE;
}

BfyTray *
bfy_tray_new (const BfyTraySettings *settings)
{
  BfyTray *self = g_object_new (BFY_TYPE_TRAY, "application-id", BFY_TRAY_ID, "resource-base-path",
                                "/io/bindify/Tray", NULL);

  self->settings = settings;

  return self;
}

int
bfy_tray_get_status (BfyTray *self)
{
  return self->status;
}

BfyAgentLink *
bfy_tray_get_link (BfyTray *self)
{
  return self->link;
}

static void
bfy_tray_class_init (BfyTrayClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = bfy_tray_startup;
  application_class->shutdown = bfy_tray_shutdown;
  application_class->activate = bfy_tray_activate;
  application_class->local_command_line = bfy_tray_local_command_line;
}

static void
bfy_tray_init (BfyTray *self)
{
}
