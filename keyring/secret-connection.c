/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/secret-connection.h"

struct _BfySecretConnection
{
  GObject parent_instance;

  char *collection;       /* (owned) (nullable) */
  SecretService *service; /* (owned) (nullable) */
  char *owner;            /* (owned) (nullable) unique name that @service talks to */
  GPtrArray *waiting;     /* (owned) (element-type GTask) not empty while one is being opened */
};

G_DEFINE_FINAL_TYPE (BfySecretConnection, bfy_secret_connection, G_TYPE_OBJECT)

BfySecretConnection *
bfy_secret_connection_new (const char *collection)
{
  BfySecretConnection *self = g_object_new (BFY_TYPE_SECRET_CONNECTION, NULL);

  self->collection = g_strdup (collection);

  return self;
}

const char *
bfy_secret_connection_get_collection (BfySecretConnection *self)
{
  return self->collection;
}

static void
forget (BfySecretConnection *self)
{
  if (self->service != NULL)
    g_signal_handlers_disconnect_by_data (self->service, self);
  g_clear_object (&self->service);
  g_clear_pointer (&self->owner, g_free);
}

/* A service that was started by our own first call gets its owner only afterwards: that is no
 * change of hands. */
static void
on_owner_changed (GObject *proxy, GParamSpec *property, gpointer user_data)
{
  BfySecretConnection *self = user_data;
  g_autofree char *owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (proxy));

  if (self->owner == NULL)
    self->owner = g_steal_pointer (&owner);
  else if (g_strcmp0 (owner, self->owner) != 0)
    forget (self);
}

static void
keep (BfySecretConnection *self, SecretService *service)
{
  forget (self);
  self->service = g_object_ref (service);
  self->owner = g_dbus_proxy_get_name_owner (G_DBUS_PROXY (service));
  g_signal_connect (service, "notify::g-name-owner", G_CALLBACK (on_owner_changed), self);
}

static void
answer (BfySecretConnection *self, SecretService *service, const GError *error)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < waiting->len; i++)
    {
      if (service != NULL)
        g_task_return_pointer (waiting->pdata[i], g_object_ref (service), g_object_unref);
      else
        g_task_return_error (waiting->pdata[i], g_error_copy (error));
    }
}

static void
on_service (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretConnection) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SecretService) service = secret_service_open_finish (result, &error);

  if (service != NULL)
    keep (self, service);
  answer (self, service, error);
}

/* GLib ends a process that loses the session bus, unless it is told not to. An agent outlives the
 * desktop: it has other backends and other work.
 *
 * secret_service_open() makes a service of our own. secret_service_get() would share one with
 * everybody in the process, and throwing that away would take it from them, too. Collections are
 * not loaded: 500 items would cost 870 ms. */
static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretConnection) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);

  if (bus == NULL)
    {
      answer (self, NULL, error);
      return;
    }

  g_dbus_connection_set_exit_on_close (bus, FALSE);
  secret_service_open (SECRET_TYPE_SERVICE, NULL, SECRET_SERVICE_OPEN_SESSION, NULL, on_service,
                       g_steal_pointer (&self));
}

/* When the bus goes away, its last signal may still be on its way to us. */
static gboolean
is_usable (SecretService *service)
{
  return service != NULL &&
         !g_dbus_connection_is_closed (g_dbus_proxy_get_connection (G_DBUS_PROXY (service)));
}

void
bfy_secret_connection_open_async (BfySecretConnection *self,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);

  g_task_set_source_tag (task, bfy_secret_connection_open_async);
  if (is_usable (self->service))
    {
      g_task_return_pointer (task, g_object_ref (self->service), g_object_unref);
      return;
    }

  forget (self);
  g_ptr_array_add (self->waiting, g_steal_pointer (&task));
  if (self->waiting->len == 1)
    g_bus_get (G_BUS_TYPE_SESSION, NULL, on_bus, g_object_ref (self));
}

SecretService *
bfy_secret_connection_open_finish (BfySecretConnection *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, bfy_secret_connection_open_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bfy_secret_connection_drop (BfySecretConnection *self, SecretService *service)
{
  if (service != NULL && self->service == service)
    forget (self);
}

static void
bfy_secret_connection_finalize (GObject *object)
{
  BfySecretConnection *self = BFY_SECRET_CONNECTION (object);

  forget (self);
  g_ptr_array_unref (self->waiting);
  g_free (self->collection);

  G_OBJECT_CLASS (bfy_secret_connection_parent_class)->finalize (object);
}

static void
bfy_secret_connection_class_init (BfySecretConnectionClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bfy_secret_connection_finalize;
}

static void
bfy_secret_connection_init (BfySecretConnection *self)
{
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}
