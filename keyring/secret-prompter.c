/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/secret-prompter.h"

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"
#define GNOME_NAME "org.gnome.keyring"
#define PROMPTER_NAME "org.gnome.keyring.SystemPrompter"

#define ANSWER_MS (BFY_SECRET_PROMPTER_MS / 3)
#define START_MS 5000 /* for a program with windows to start, or to find that it cannot */

/* Takes @task. */
static void
call_bus (GTask *task,
          const char *method,
          GVariant *parameters,
          const char *type,
          int timeout_ms,
          GAsyncReadyCallback callback)
{
  GDBusProxy *service = G_DBUS_PROXY (g_task_get_source_object (task));

  g_dbus_connection_call (g_dbus_proxy_get_connection (service), BUS_NAME, BUS_PATH, BUS_NAME,
                          method, parameters, G_VARIANT_TYPE (type), G_DBUS_CALL_FLAGS_NONE,
                          timeout_ms, NULL, callback, task);
}

/* The bus could start it, and the keyring has just made it do so: it did not stay. */
static void
on_activatable (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autofree const char **names = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(^a&s)", &names);
  if (names != NULL && !g_strv_contains (names, PROMPTER_NAME))
    g_task_return_int (task, BFY_SECRET_PROMPTER_MISSING);
  else
    g_task_return_int (task, BFY_SECRET_PROMPTER_NO_DISPLAY);
}

static void
on_prompter_owned (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  gboolean is_owned = TRUE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &is_owned);
  if (is_owned)
    g_task_return_int (task, BFY_SECRET_PROMPTER_PRESENT);
  else
    call_bus (g_steal_pointer (&task), "ListActivatableNames", NULL, "(as)", ANSWER_MS,
              on_activatable);
}

void
bfy_secret_prompter_find_async (SecretService *service,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GTask *task = g_task_new (service, NULL, callback, user_data);

  g_task_set_source_tag (task, bfy_secret_prompter_find_async);
  call_bus (task, "NameHasOwner", g_variant_new ("(s)", PROMPTER_NAME), "(b)", ANSWER_MS,
            on_prompter_owned);
}

BfySecretPrompter
bfy_secret_prompter_find_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, bfy_secret_prompter_find_async),
                        BFY_SECRET_PROMPTER_PRESENT);

  return (BfySecretPrompter) g_task_propagate_int (G_TASK (result), NULL);
}

static void
on_started (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    g_task_return_int (task, BFY_SECRET_PROMPTER_PRESENT);
  else if (g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN))
    g_task_return_int (task, BFY_SECRET_PROMPTER_MISSING);
  else
    g_task_return_int (task, BFY_SECRET_PROMPTER_NO_DISPLAY);
}

void
bfy_secret_prompter_start_async (SecretService *service,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (service, NULL, callback, user_data);

  g_task_set_source_tag (task, bfy_secret_prompter_start_async);
  call_bus (task, "StartServiceByName", g_variant_new ("(su)", PROMPTER_NAME, 0), "(u)", START_MS,
            on_started);
}

BfySecretPrompter
bfy_secret_prompter_start_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, bfy_secret_prompter_start_async),
                        BFY_SECRET_PROMPTER_PRESENT);

  return (BfySecretPrompter) g_task_propagate_int (G_TASK (result), NULL);
}

const char *
bfy_secret_prompter_explain (BfySecretPrompter prompter)
{
  static const char *const reasons[] = {
    [BFY_SECRET_PROMPTER_PRESENT] = NULL,
    [BFY_SECRET_PROMPTER_MISSING] =
        "no program is installed that could ask you for its password. Install one (on Debian: apt "
        "install gcr), or unlock the keyring in your desktop",
    [BFY_SECRET_PROMPTER_NO_DISPLAY] =
        "the window that asks for its password could not be opened, because the session bus knows "
        "no display. Type in your desktop session: dbus-update-activation-environment DISPLAY "
        "WAYLAND_DISPLAY XAUTHORITY",
  };

  return reasons[prompter];
}

static void
on_gnome_owner (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GDBusProxy *service = G_DBUS_PROXY (g_task_get_source_object (task));
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  g_autofree char *owner = g_dbus_proxy_get_name_owner (service);
  const char *gnome = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(&s)", &gnome);
  g_task_return_boolean (task, gnome != NULL && g_strcmp0 (gnome, owner) == 0);
}

void
bfy_secret_prompter_ask_gnome_async (SecretService *service,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  GTask *task = g_task_new (service, NULL, callback, user_data);

  g_task_set_source_tag (task, bfy_secret_prompter_ask_gnome_async);
  call_bus (task, "GetNameOwner", g_variant_new ("(s)", GNOME_NAME), "(s)", ANSWER_MS,
            on_gnome_owner);
}

gboolean
bfy_secret_prompter_ask_gnome_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, bfy_secret_prompter_ask_gnome_async),
                        FALSE);

  return g_task_propagate_boolean (G_TASK (result), NULL);
}
