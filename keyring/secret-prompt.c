/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/secret-prompt.h"

#define SERVICE_INTERFACE "org.freedesktop.Secret.Service"
#define PROMPT_INTERFACE "org.freedesktop.Secret.Prompt"
#define NO_PROMPT "/"

typedef struct
{
  GTask *task;             /* (owned) */
  GDBusProxy *service;     /* (owned) */
  char *path;              /* (owned) (nullable) of the prompt, once there is one */
  char *owner;             /* (owned) (nullable) who made the prompt */
  guint completed_id;      /* subscription to its end, 0 when there is none */
  gulong owner_changed_id; /* 0 when it is not connected */
  GSource *cancelled;      /* (owned) (nullable) */
  gboolean is_over;
} Prompt;

static Prompt *
prompt_ref (Prompt *self)
{
  return g_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  Prompt *self = data;

  g_clear_object (&self->task);
  g_clear_object (&self->service);
  g_clear_pointer (&self->path, g_free);
  g_clear_pointer (&self->owner, g_free);
}

static void
prompt_unref (gpointer self)
{
  g_rc_box_release_full (self, clear);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Prompt, prompt_unref)

/* TRUE: return the result on ->task now. The subscriptions own a reference each. */
static gboolean
end (Prompt *self)
{
  if (self->is_over)
    return FALSE;

  self->is_over = TRUE;
  if (self->completed_id != 0)
    g_dbus_connection_signal_unsubscribe (g_dbus_proxy_get_connection (self->service),
                                          self->completed_id);
  g_clear_signal_handler (&self->owner_changed_id, self->service);
  if (self->cancelled != NULL)
    g_source_destroy (self->cancelled);
  g_clear_pointer (&self->cancelled, g_source_unref);

  return TRUE;
}

static void
end_with (Prompt *self, BfySecretPromptEnd result)
{
  if (end (self))
    g_task_return_int (self->task, result);
}

/* Takes @error. */
static void
end_with_error (Prompt *self, GError *error)
{
  if (end (self))
    g_task_return_error (self->task, error);
  else
    g_error_free (error);
}

/* Nobody listens for the answer: a prompt that is gone needs no dismissal. */
static void
dismiss (Prompt *self)
{
  g_dbus_connection_call (g_dbus_proxy_get_connection (self->service),
                          g_dbus_proxy_get_name (self->service), self->path, PROMPT_INTERFACE,
                          "Dismiss", NULL, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL,
                          NULL);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (Prompt) self = prompt_ref (user_data);

  if (self->path != NULL)
    dismiss (self);
  end_with_error (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled"));

  return G_SOURCE_REMOVE;
}

static void
on_owner_changed (GObject *service, GParamSpec *property, gpointer user_data)
{
  g_autoptr (Prompt) self = prompt_ref (user_data);
  g_autofree char *owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (service));

  if (self->owner == NULL)
    self->owner = g_steal_pointer (&owner);
  else if (g_strcmp0 (owner, self->owner) != 0)
    end_with (self, BFY_SECRET_PROMPT_VANISHED);
}

static void
on_completed (GDBusConnection *connection,
              const char *sender,
              const char *path,
              const char *interface,
              const char *signal,
              GVariant *parameters,
              gpointer user_data)
{
  g_autoptr (Prompt) self = prompt_ref (user_data);
  gboolean is_dismissed = TRUE;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(bv)")))
    g_variant_get (parameters, "(bv)", &is_dismissed, NULL);
  end_with (self, is_dismissed ? BFY_SECRET_PROMPT_DISMISSED : BFY_SECRET_PROMPT_ANSWERED);
}

/* The end comes as a signal; this is only how it begins. */
static void
on_prompting (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Prompt) self = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    end_with_error (self, error);
}

static void
perform (Prompt *self)
{
  GDBusConnection *connection = g_dbus_proxy_get_connection (self->service);
  const char *name = g_dbus_proxy_get_name (self->service);

  self->completed_id = g_dbus_connection_signal_subscribe (
      connection, name, PROMPT_INTERFACE, "Completed", self->path, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
      on_completed, prompt_ref (self), prompt_unref);
  g_dbus_connection_call (connection, name, self->path, PROMPT_INTERFACE, "Prompt",
                          g_variant_new ("(s)", ""), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          G_MAXINT, NULL, on_prompting, prompt_ref (self));
}

static void
on_unlock (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Prompt) self = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply == NULL)
    {
      end_with_error (self, error);
      return;
    }

  g_variant_get (reply, "(@aoo)", NULL, &self->path);
  if (g_str_equal (self->path, NO_PROMPT))
    end_with (self, BFY_SECRET_PROMPT_ANSWERED);
  else if (self->is_over)
    dismiss (self);
  else
    perform (self);
}

static void
watch_for_end (Prompt *self)
{
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  self->owner = g_dbus_proxy_get_name_owner (self->service);
  self->owner_changed_id =
      g_signal_connect_data (self->service, "notify::g-name-owner", G_CALLBACK (on_owner_changed),
                             prompt_ref (self), (GClosureNotify) (GCallback) prompt_unref, 0);
  if (cancellable == NULL)
    return;

  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled), prompt_ref (self),
                         prompt_unref);
  g_source_attach (self->cancelled, g_task_get_context (self->task));
}

void
bfy_secret_prompt_async (SecretService *service,
                         const char *collection,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (Prompt) self = g_rc_box_new0 (Prompt);
  const char *paths[] = { collection, NULL };

  self->task = g_task_new (service, cancellable, callback, user_data);
  self->service = g_object_ref (G_DBUS_PROXY (service));
  g_task_set_source_tag (self->task, bfy_secret_prompt_async);
  g_task_set_check_cancellable (self->task, FALSE);
  watch_for_end (self);
  g_dbus_connection_call (
      g_dbus_proxy_get_connection (self->service), g_dbus_proxy_get_name (self->service),
      g_dbus_proxy_get_object_path (self->service), SERVICE_INTERFACE, "Unlock",
      g_variant_new ("(^ao)", paths), G_VARIANT_TYPE ("(aoo)"), G_DBUS_CALL_FLAGS_NO_AUTO_START,
      BFY_SECRET_PROMPT_START_MS, NULL, on_unlock, prompt_ref (self));
}

BfySecretPromptEnd
bfy_secret_prompt_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, bfy_secret_prompt_async),
                        BFY_SECRET_PROMPT_FAILED);

  return (BfySecretPromptEnd) g_task_propagate_int (G_TASK (result), error);
}
