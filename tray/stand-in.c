/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/stand-in.h"

#define BUS_S 2 /* more than GTK needs to come on the bus, which the first one begins */

struct _BfyStandIn
{
  GtkApplication *application; /* borrowed */
  GtkWindow *window;           /* (nullable) owned by GTK */
  guint bus_id;
};

static void
remove_window (BfyStandIn *self)
{
  if (self->window != NULL)
    gtk_window_destroy (self->window);
  self->window = NULL;
}

void
bfy_stand_in_renew (BfyStandIn *self)
{
  GtkWidget *window = gtk_window_new ();
  gboolean is_focusable = gtk_widget_get_focusable (window);

  remove_window (self);
  gtk_widget_set_focusable (window, !is_focusable);
  gtk_widget_set_focusable (window, is_focusable);
  self->window = GTK_WINDOW (window);
}

static gboolean
on_bus (gpointer user_data)
{
  BfyStandIn *self = user_data;

  self->bus_id = 0;
  bfy_stand_in_renew (self);

  return G_SOURCE_REMOVE;
}

static void
on_window_removed (GtkApplication *application, GtkWindow *window, gpointer user_data)
{
  bfy_stand_in_renew (user_data);
}

BfyStandIn *
bfy_stand_in_new (GtkApplication *application)
{
  BfyStandIn *self = g_new0 (BfyStandIn, 1);

  self->application = application;
  self->bus_id = g_timeout_add_seconds (BUS_S, on_bus, self);
  g_signal_connect (application, "window-removed", G_CALLBACK (on_window_removed), self);
  bfy_stand_in_renew (self);

  return self;
}

void
bfy_stand_in_free (BfyStandIn *self)
{
  g_signal_handlers_disconnect_by_data (self->application, self);
  g_clear_handle_id (&self->bus_id, g_source_remove);
  remove_window (self);
  g_free (self);
}
