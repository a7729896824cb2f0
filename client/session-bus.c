/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/session-bus.h"

#define BUS "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

/* (nullable) */
static char *
dup_address (const BfyCli *cli)
{
  const char *runtime_dir = cli->environment->runtime_dir;
  g_autofree char *path = NULL;

  if (cli->desktop->bus != NULL)
    return g_strdup (cli->desktop->bus);
  if (runtime_dir == NULL)
    return NULL;
  path = g_build_filename (runtime_dir, "bus", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_strconcat ("unix:path=", path, NULL) : NULL;
}

static gboolean
on_patience_over (gpointer user_data)
{
  g_cancellable_cancel (user_data);

  return G_SOURCE_CONTINUE;
}

static void
on_cli_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

gboolean
bfy_session_bus_open (BfySessionBus *self, BfyCli *cli, guint patience_ms)
{
  g_autofree char *address = dup_address (cli);
  g_autoptr (GAsyncResult) result = NULL;

  self->cli = cli;
  self->cancellable = g_cancellable_new ();
  self->timer_id = g_timeout_add (patience_ms, on_patience_over, self->cancellable);
  self->cancel_id = g_cancellable_connect (cli->cancellable, G_CALLBACK (on_cli_cancelled),
                                           self->cancellable, NULL);
  if (address == NULL)
    return FALSE;
  g_dbus_connection_new_for_address (address,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                         G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                     NULL, self->cancellable, bfy_cli_on_ready, cli);
  result = bfy_cli_wait (cli);
  self->bus = g_dbus_connection_new_for_address_finish (result, NULL);

  return self->bus != NULL;
}

static GVariant *
call_with_flags (BfySessionBus *self,
                 const BfyBusCall *call,
                 GVariant *parameters,
                 GDBusCallFlags flags,
                 GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_dbus_connection_call (self->bus, call->name, call->path, call->interface, call->method,
                          parameters, G_VARIANT_TYPE (call->type), flags, -1, self->cancellable,
                          bfy_cli_on_ready, self->cli);
  result = bfy_cli_wait (self->cli);

  return g_dbus_connection_call_finish (self->bus, result, error);
}

GVariant *
bfy_session_bus_call (BfySessionBus *self,
                      const BfyBusCall *call,
                      GVariant *parameters,
                      GError **error)
{
  return call_with_flags (self, call, parameters, G_DBUS_CALL_FLAGS_NONE, error);
}

GVariant *
bfy_session_bus_ask (BfySessionBus *self, const BfyBusCall *call, GVariant *parameters)
{
  return call_with_flags (self, call, parameters, G_DBUS_CALL_FLAGS_NO_AUTO_START, NULL);
}

gboolean
bfy_session_bus_has_owner (BfySessionBus *self, const char *name)
{
  static const BfyBusCall call = { BUS, BUS_PATH, BUS, "NameHasOwner", "(b)" };
  g_autoptr (GVariant) reply = bfy_session_bus_ask (self, &call, g_variant_new ("(s)", name));
  gboolean has_owner = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &has_owner);

  return has_owner;
}

void
bfy_session_bus_clear (BfySessionBus *self)
{
  if (self->cancellable == NULL)
    return;
  g_cancellable_disconnect (self->cli->cancellable, self->cancel_id);
  g_source_remove (self->timer_id);
  g_clear_object (&self->bus);
  g_clear_object (&self->cancellable);
}
