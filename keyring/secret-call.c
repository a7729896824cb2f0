/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/secret-call.h"

#include "keyring/secret-service.h"
#include "protocol/error.h"

/* What a foreign error becomes. Stale: what a SecretService says, or the bus says for it, after its
 * daemon was restarted (craft 1.1). All else is “unavailable”, with the words of who said it. */
typedef struct
{
  GQuark (*domain) (void);
  int code;
  gboolean is_stale;
  BfyErrorCode becomes;
} ErrorRow;

static const ErrorRow error_rows[] = {
  { secret_error_get_quark, SECRET_ERROR_IS_LOCKED, FALSE, BFY_ERROR_LOCKED },
  { secret_error_get_quark, SECRET_ERROR_NO_SUCH_OBJECT, TRUE, BFY_ERROR_KEYRING_UNAVAILABLE },
  { g_io_error_quark, G_IO_ERROR_DBUS_ERROR, TRUE, BFY_ERROR_KEYRING_UNAVAILABLE },
  { g_io_error_quark, G_IO_ERROR_CLOSED, TRUE, BFY_ERROR_KEYRING_UNAVAILABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_SERVICE_UNKNOWN, TRUE, BFY_ERROR_KEYRING_UNAVAILABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_NAME_HAS_NO_OWNER, TRUE, BFY_ERROR_KEYRING_UNAVAILABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_NO_REPLY, TRUE, BFY_ERROR_KEYRING_UNAVAILABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_DISCONNECTED, TRUE, BFY_ERROR_KEYRING_UNAVAILABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_UNKNOWN_OBJECT, TRUE, BFY_ERROR_KEYRING_UNAVAILABLE },
  { g_dbus_error_quark, G_DBUS_ERROR_UNKNOWN_METHOD, TRUE, BFY_ERROR_KEYRING_UNAVAILABLE },
};

static const ErrorRow other_error = { NULL, 0, FALSE, BFY_ERROR_KEYRING_UNAVAILABLE };

static const ErrorRow *
row_of (const GError *error)
{
  for (guint i = 0; i < G_N_ELEMENTS (error_rows); i++)
    {
      if (g_error_matches (error, error_rows[i].domain (), error_rows[i].code))
        return &error_rows[i];
    }

  return &other_error;
}

GError *
bfy_secret_call_map_error (GError *error)
{
  g_autoptr (GError) foreign = error;

  if (foreign->domain == BFY_ERROR)
    return g_steal_pointer (&foreign);
  if (row_of (foreign)->becomes == BFY_ERROR_LOCKED)
    return g_error_new_literal (BFY_ERROR, BFY_ERROR_LOCKED, "The keyring is locked");

  g_dbus_error_strip_remote_error (foreign);

  return g_error_new (BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                      "No keyring can be reached on the session bus: %s. Start one, or keep "
                      "credentials in the vault: --keyring vault",
                      foreign->message);
}

GError *
bfy_secret_call_new_stale_error (void)
{
  return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_DBUS_ERROR,
                              "it found the credential but did not give it");
}

BfySecretCall *
bfy_secret_call_ref (BfySecretCall *self)
{
  return g_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  BfySecretCall *self = data;

  g_clear_object (&self->task);
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->secret, bfy_secret_unref);
  g_clear_object (&self->service);
  g_clear_object (&self->cancellable);
  g_clear_list (&self->items, g_object_unref);
  g_clear_object (&self->connection);
}

void
bfy_secret_call_unref (BfySecretCall *self)
{
  g_rc_box_release_full (self, clear);
}

static void
clear_source (GSource **source)
{
  if (*source == NULL)
    return;

  g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

gboolean
bfy_secret_call_end (BfySecretCall *self)
{
  if (self->is_over)
    return FALSE;

  self->is_over = TRUE;
  clear_source (&self->deadline);
  clear_source (&self->cancelled);

  return TRUE;
}

/* The calls under way are cancelled last: some answer at once, and must find us over. */
static void
give_up (BfySecretCall *self, GError *error)
{
  if (bfy_secret_call_end (self))
    g_task_return_error (self->task, g_steal_pointer (&error));
  g_clear_error (&error);
  g_cancellable_cancel (self->cancellable);
}

static gboolean
on_deadline (gpointer user_data)
{
  g_autoptr (BfySecretCall) self = bfy_secret_call_ref (user_data);

  give_up (self,
           g_error_new (BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                        "The keyring did not answer within %d seconds; perhaps a window of it "
                        "waits for you",
                        BFY_SECRET_SERVICE_TIMEOUT_MS / 1000));

  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (BfySecretCall) self = bfy_secret_call_ref (user_data);

  give_up (self, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled"));

  return G_SOURCE_REMOVE;
}

static void
watch_for_end (BfySecretCall *self)
{
  GMainContext *context = g_task_get_context (self->task);
  GCancellable *cancellable = g_task_get_cancellable (self->task);

  self->deadline = g_timeout_source_new (BFY_SECRET_SERVICE_TIMEOUT_MS);
  g_source_set_callback (self->deadline, on_deadline, bfy_secret_call_ref (self),
                         (GDestroyNotify) bfy_secret_call_unref);
  g_source_attach (self->deadline, context);
  if (cancellable == NULL)
    return;

  self->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (self->cancelled, G_SOURCE_FUNC (on_cancelled), bfy_secret_call_ref (self),
                         (GDestroyNotify) bfy_secret_call_unref);
  g_source_attach (self->cancelled, context);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretService) service =
      bfy_secret_connection_open_finish (BFY_SECRET_CONNECTION (source), result, &error);

  if (self->is_over)
    return;
  if (service == NULL)
    {
      bfy_secret_call_fail (self, g_steal_pointer (&error));
      return;
    }

  self->service = g_steal_pointer (&service);
  self->run (self);
}

static void
connect_and_run (BfySecretCall *self)
{
  g_set_object (&self->cancellable, NULL);
  self->cancellable = g_cancellable_new ();
  g_clear_list (&self->items, g_object_unref);
  bfy_secret_connection_drop (self->connection, self->service);
  g_clear_object (&self->service);
  bfy_secret_connection_open_async (self->connection, on_connected, bfy_secret_call_ref (self));
}

void
bfy_secret_call_fail (BfySecretCall *self, GError *error)
{
  if (!self->is_over && !self->has_retried && row_of (error)->is_stale)
    {
      g_clear_error (&error);
      self->has_retried = TRUE;
      connect_and_run (self);
      return;
    }

  give_up (self, bfy_secret_call_map_error (error));
}

/* The sources own the call until it is over, and so does every callback under way. */
void
bfy_secret_call_begin (BfySecretConnection *connection,
                       GTask *task,
                       const char *id,
                       BfySecret *secret,
                       BfySecretCallRun run)
{
  g_autoptr (BfySecretCall) self = g_rc_box_new0 (BfySecretCall);

  self->task = task;
  g_task_set_check_cancellable (task, FALSE);
  if (g_task_return_error_if_cancelled (task))
    return;

  self->id = g_strdup (id);
  self->secret = secret != NULL ? bfy_secret_ref (secret) : NULL;
  self->connection = g_object_ref (connection);
  self->run = run;
  watch_for_end (self);
  connect_and_run (self);
}
