/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/stand-in.h"

#define KEY "bindify-stand-in"
#define BUS_KEY "bindify-stand-in-bus"
#define BUS_S 2 /* more than GTK needs to come on the bus, which the first one begins */

static void
destroy (gpointer window)
{
  gtk_window_destroy (window);
}

void
bfy_stand_in_renew (GtkApplication *application)
{
  GtkWidget *window = gtk_window_new ();
  gboolean is_focusable = gtk_widget_get_focusable (window);

  gtk_widget_set_focusable (window, !is_focusable);
  gtk_widget_set_focusable (window, is_focusable);
  g_object_set_data_full (G_OBJECT (application), KEY, window, destroy);
}

static gboolean
on_bus (gpointer application)
{
  g_object_steal_data (application, BUS_KEY);
  bfy_stand_in_renew (application);

  return G_SOURCE_REMOVE;
}

static void
on_window_removed (GtkApplication *application, GtkWindow *window, gpointer user_data)
{
  if (g_object_get_data (G_OBJECT (application), KEY) != NULL)
    bfy_stand_in_renew (application);
}

static void
remove_source (gpointer id)
{
  g_source_remove (GPOINTER_TO_UINT (id));
}

static void
on_shutdown (GtkApplication *application, gpointer user_data)
{
  g_object_set_data (G_OBJECT (application), BUS_KEY, NULL);
  g_object_set_data (G_OBJECT (application), KEY, NULL);
}

void
bfy_stand_in_keep (GtkApplication *application)
{
  guint id = g_timeout_add_seconds (BUS_S, on_bus, application);

  g_object_set_data_full (G_OBJECT (application), BUS_KEY, GUINT_TO_POINTER (id), remove_source);
  bfy_stand_in_renew (application);
  g_signal_connect (application, "window-removed", G_CALLBACK (on_window_removed), NULL);
  g_signal_connect (application, "shutdown", G_CALLBACK (on_shutdown), NULL);
}
