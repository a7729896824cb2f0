/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/desktop-session.h"

#include <gio/gunixsocketaddress.h>

struct _BfyDesktopSession
{
  BfyDesktopSessionFunc func;
  gpointer user_data;
  GDBusConnection *bus;      /* (owned) (nullable) until it answers */
  GCancellable *cancellable; /* (owned) */
  gulong closed_id;
};

gboolean
bfy_desktop_session_has_agent (const char *socket_path)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket_path);
  g_autoptr (GSocket) probe =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, NULL);

  return probe != NULL && g_socket_connect (probe, address, NULL, NULL);
}

static void
on_closed (GDBusConnection *bus, gboolean by_peer, GError *error, gpointer user_data)
{
  BfyDesktopSession *self = user_data;

  self->func (self->user_data);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *bus = g_dbus_connection_new_for_address_finish (result, &error);
  BfyDesktopSession *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->bus = bus;
  if (bus != NULL)
    self->closed_id = g_signal_connect (bus, "closed", G_CALLBACK (on_closed), self);
  /* It may have been over by then. */
  if (bus == NULL || g_dbus_connection_is_closed (bus))
    self->func (self->user_data);
}

BfyDesktopSession *
bfy_desktop_session_new (const char *bus, BfyDesktopSessionFunc func, gpointer user_data)
{
  BfyDesktopSession *self = g_new0 (BfyDesktopSession, 1);

  self->func = func;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  if (bus != NULL)
    g_dbus_connection_new_for_address (bus,
                                       G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                           G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                       NULL, self->cancellable, on_bus, self);
  else
    g_message ("This session has no bus: bindify-agent stays when it ends");

  return self;
}

void
bfy_desktop_session_free (BfyDesktopSession *self)
{
  g_cancellable_cancel (self->cancellable);
  if (self->bus != NULL)
    g_signal_handler_disconnect (self->bus, self->closed_id);
  g_clear_object (&self->bus);
  g_object_unref (self->cancellable);
  g_free (self);
}
