/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/launcher.h"

#include <glib/gi18n.h>

#include "tray/window/toast.h"
#include "tray/window/window.h"

static void
on_page (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_action_group_activate_action (G_ACTION_GROUP (g_application_get_default ()), "open",
                                  g_variant_new_string (g_action_get_name (G_ACTION (action))));
}

/* It was asked for from outside, and nothing of ours may be on the screen. */
static void
say_why (BfyAgentLink *link, const GError *error)
{
  GtkApplication *application = GTK_APPLICATION (g_application_get_default ());
  g_autofree char *text = NULL;
  GtkWindow *window;

  bfy_window_present (application, link, NULL);
  window = gtk_application_get_active_window (application);
  text = g_strdup_printf (_ ("Nothing was stopped: %s"), error->message);
  if (window != NULL)
    bfy_window_toast (GTK_WIDGET (window), text);
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyAgentLink) link = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) reply = bfy_remote_call_finish (BFY_REMOTE (source), result, NULL, &error);

  if (reply == NULL)
    say_why (link, error);
}

static void
stop (BfyAgentLink *link, const char *path)
{
  const BfyCall call = { "POST", path, NULL };

  /* Quitting does not take it back. */
  bfy_remote_call_async (bfy_agent_link_get_remote (link), &call, NULL, on_stopped,
                         g_object_ref (link));
}

static void
on_lock (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  stop (user_data, "/v1/lock");
}

static void
on_freeze (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  stop (user_data, "/v1/freeze");
}

void
bfy_launcher_init (GtkApplication *application, BfyAgentLink *link)
{
  static const GActionEntry actions[] = {
    { "bindings", on_page, NULL, NULL, NULL, { 0 } },
    { "activity", on_page, NULL, NULL, NULL, { 0 } },
    { "lock", on_lock, NULL, NULL, NULL, { 0 } },
    { "freeze", on_freeze, NULL, NULL, NULL, { 0 } },
  };

  g_action_map_add_action_entries (G_ACTION_MAP (application), actions, G_N_ELEMENTS (actions),
                                   link);
}
