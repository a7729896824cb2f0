/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/background.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/error.h"

#define PORTAL "org.freedesktop.portal.Desktop"
#define PORTAL_PATH "/org/freedesktop/portal/desktop"
#define REQUEST "org.freedesktop.portal.Request"
#define CALL_TIMEOUT_MS 5000

/* The answer to a request comes as a signal of an object that is there as long as the request: its
 * path is made of our name and of a token of ours, so that it can be listened to beforehand. */
typedef struct
{
  char *token;           /* (owned) */
  guint signal_id;       /* 0: it has ended */
  GSource *cancellation; /* (owned) (nullable) */
} Request;

static void
request_free (Request *self)
{
  g_free (self->token);
  g_free (self);
}

gboolean
bfy_background_is_portals (void)
{
  return access ("/.flatpak-info", F_OK) == 0;
}

static char *
format_path (GDBusConnection *bus, const char *token)
{
  g_autofree char *sender = g_strdup (g_dbus_connection_get_unique_name (bus) + 1);

  return g_strdup_printf (PORTAL_PATH "/request/%s/%s", g_strdelimit (sender, ".", '_'), token);
}

/* FALSE: it had ended before. */
static gboolean
stop_listening (GTask *task)
{
  Request *self = g_task_get_task_data (task);

  if (self->signal_id == 0)
    return FALSE;
  g_dbus_connection_signal_unsubscribe (g_task_get_source_object (task), self->signal_id);
  self->signal_id = 0;
  if (self->cancellation != NULL)
    g_source_destroy (self->cancellation);
  g_clear_pointer (&self->cancellation, g_source_unref);

  return TRUE;
}

/* The person may take their time; we need not. */
static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);

  if (stop_listening (task))
    g_task_return_error_if_cancelled (task);

  return G_SOURCE_REMOVE;
}

static void
listen_for_cancel (GTask *task)
{
  Request *self = g_task_get_task_data (task);

  if (g_task_get_cancellable (task) == NULL)
    return;
  self->cancellation = g_cancellable_source_new (g_task_get_cancellable (task));
  g_source_set_callback (self->cancellation, G_SOURCE_FUNC (on_cancelled), g_object_ref (task),
                         g_object_unref);
  g_source_attach (self->cancellation, g_main_context_get_thread_default ());
}

static void
on_response (GDBusConnection *bus,
             const char *sender,
             const char *path,
             const char *interface,
             const char *signal,
             GVariant *parameters,
             gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  g_autoptr (GVariant) results = NULL;
  gboolean starts_at_login = FALSE;
  guint32 code = G_MAXUINT32;

  if (!stop_listening (task))
    return;
  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(ua{sv})")))
    g_variant_get (parameters, "(u@a{sv})", &code, &results);
  if (code != 0)
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_DENIED,
                               _ ("The desktop was not allowed to change what starts at login"));
      return;
    }
  g_variant_lookup (results, "autostart", "b", &starts_at_login);
  g_task_return_int (task, starts_at_login);
}

static void
on_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  /* The signal tells how it ends. */
  if (reply != NULL || !stop_listening (task))
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                             _ ("This desktop has no portal that starts programs at login"));
}

/* (transfer floating) */
static GVariant *
make_options (const char *token, gboolean wants_login, const char *reason)
{
  static const char *const command[] = { "bindify-tray", "--background", NULL };
  GVariantBuilder options = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);

  g_variant_builder_add (&options, "{sv}", "handle_token", g_variant_new_string (token));
  g_variant_builder_add (&options, "{sv}", "reason", g_variant_new_string (reason));
  g_variant_builder_add (&options, "{sv}", "autostart", g_variant_new_boolean (wants_login));
  g_variant_builder_add (&options, "{sv}", "commandline", g_variant_new_strv (command, -1));
  g_variant_builder_add (&options, "{sv}", "dbus-activatable", g_variant_new_boolean (FALSE));

  return g_variant_builder_end (&options);
}

void
bfy_background_request_async (GDBusConnection *bus,
                              gboolean wants_login,
                              const char *reason,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (bus, cancellable, callback, user_data);
  Request *self = g_new0 (Request, 1);
  g_autofree char *path = NULL;

  self->token = g_strdup_printf ("bindify_%08x%08x", g_random_int (), g_random_int ());
  path = format_path (bus, self->token);
  g_task_set_source_tag (task, bfy_background_request_async);
  g_task_set_task_data (task, self, (GDestroyNotify) request_free);
  /* Only the portal's own words count, and only about this request. */
  self->signal_id = g_dbus_connection_signal_subscribe (bus, PORTAL, REQUEST, "Response", path,
                                                        NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_response,
                                                        g_object_ref (task), g_object_unref);
  listen_for_cancel (task);
  g_dbus_connection_call (
      bus, PORTAL, PORTAL_PATH, "org.freedesktop.portal.Background", "RequestBackground",
      g_variant_new ("(s@a{sv})", "", make_options (self->token, wants_login, reason)),
      G_VARIANT_TYPE ("(o)"), G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MS, cancellable, on_called,
      task);
}

gboolean
bfy_background_request_finish (GAsyncResult *result, gboolean *starts_at_login, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  gssize answer = g_task_propagate_int (G_TASK (result), &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return FALSE;
    }
  *starts_at_login = answer != 0;

  return TRUE;
}
