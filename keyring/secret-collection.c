/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/secret-collection.h"

#include "protocol/error.h"
#include "protocol/name.h"

#define SERVICE_INTERFACE "org.freedesktop.Secret.Service"
#define COLLECTION_INTERFACE "org.freedesktop.Secret.Collection"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"
#define DEFAULT_ALIAS "default"

typedef struct
{
  char *wanted;      /* (owned) (nullable) */
  char *path;        /* (owned) (nullable) the candidate */
  GPtrArray *paths;  /* (owned) (element-type utf8) of all collections, when they are listed */
  GPtrArray *labels; /* (owned) (element-type utf8) of the first ones of @paths */
} Ask;

static void
ask_free (gpointer data)
{
  Ask *ask = data;

  g_free (ask->wanted);
  g_free (ask->path);
  g_ptr_array_unref (ask->paths);
  g_ptr_array_unref (ask->labels);
  g_free (ask);
}

static void list_collections (GTask *task);
static void ask_label (GTask *task);

/* On a first login the alias names a collection that does not exist yet. */
static gboolean
says_no_such_object (const GError *error)
{
  return g_error_matches (error, SECRET_ERROR, SECRET_ERROR_NO_SUCH_OBJECT) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE);
}

/* Takes @task. */
static void
get_property (GTask *task,
              const char *path,
              const char *interface,
              const char *property,
              GAsyncReadyCallback callback)
{
  GDBusProxy *service = G_DBUS_PROXY (g_task_get_source_object (task));

  g_dbus_connection_call (g_dbus_proxy_get_connection (service), g_dbus_proxy_get_name (service),
                          path, PROPERTIES_INTERFACE, "Get",
                          g_variant_new ("(ss)", interface, property), G_VARIANT_TYPE ("(v)"),
                          G_DBUS_CALL_FLAGS_NONE, -1, g_task_get_cancellable (task), callback,
                          task);
}

/* (transfer full) NULL, and the error is set, for a wrong type, too. */
static GVariant *
get_property_finish (GObject *source, GAsyncResult *result, const char *type, GError **error)
{
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, error);
  g_autoptr (GVariant) value = NULL;

  if (reply == NULL)
    return NULL;
  g_variant_get (reply, "(v)", &value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE (type)))
    return g_steal_pointer (&value);

  g_set_error_literal (error, SECRET_ERROR, SECRET_ERROR_PROTOCOL,
                       "The keyring does not describe its collections as it should");

  return NULL;
}

static void
on_locked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Ask *ask = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) is_locked = get_property_finish (source, result, "b", &error);

  if (is_locked != NULL)
    g_task_return_int (task, g_variant_get_boolean (is_locked) ? BFY_SECRET_COLLECTION_LOCKED
                                                               : BFY_SECRET_COLLECTION_UNLOCKED);
  else if (!says_no_such_object (error))
    g_task_return_error (task, g_steal_pointer (&error));
  else if (ask->wanted == NULL)
    g_task_return_int (task, BFY_SECRET_COLLECTION_ABSENT);
  else
    list_collections (g_steal_pointer (&task));
}

/* Takes @task. */
static void
ask_locked (GTask *task, const char *path)
{
  Ask *ask = g_task_get_task_data (task);

  g_free (ask->path);
  ask->path = g_strdup (path);
  get_property (task, ask->path, COLLECTION_INTERFACE, "Locked", on_locked);
}

static char *
describe_all (Ask *ask)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < ask->labels->len; i++)
    {
      g_autofree char *label = bfy_text_to_line (ask->labels->pdata[i], BFY_SECRET_LABEL_SHOWN_MAX);

      g_ptr_array_add (lines, g_strdup_printf ("“%s” (%s)", label, (char *) ask->paths->pdata[i]));
    }
  g_ptr_array_add (lines, NULL);

  return lines->len > 1 ? g_strjoinv (", ", (char **) lines->pdata) : g_strdup ("none");
}

static void
fail_unknown (GTask *task, guint n_matches)
{
  Ask *ask = g_task_get_task_data (task);
  g_autofree char *wanted = bfy_text_to_line (ask->wanted, BFY_SECRET_LABEL_SHOWN_MAX);
  g_autofree char *all = describe_all (ask);

  g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                           "%s collection of the desktop's keyring is called “%s”, as collection= "
                           "in bindify.conf says. There are: %s. Write one of these labels or "
                           "paths there and restart the agent",
                           n_matches == 0 ? "No" : "More than one", wanted, all);
}

static void
choose_by_label (GTask *task)
{
  Ask *ask = g_task_get_task_data (task);
  const char *path = NULL;
  guint n_matches = 0;

  for (guint i = 0; i < ask->labels->len; i++)
    {
      if (g_str_equal (ask->labels->pdata[i], ask->wanted))
        {
          path = ask->paths->pdata[i];
          n_matches++;
        }
    }
  /* A path that was listed and is gone by now must not be asked for ever. */
  if (n_matches == 1 && g_strcmp0 (path, ask->path) != 0)
    ask_locked (g_object_ref (task), path);
  else
    fail_unknown (task, n_matches);
}

static void
on_label (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Ask *ask = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) label = get_property_finish (source, result, "s", &error);

  if (label == NULL && !says_no_such_object (error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  g_ptr_array_add (ask->labels, label != NULL ? g_variant_dup_string (label, NULL) : g_strdup (""));
  ask_label (task);
}

/* One after the other: it is done for a wanted label only, and there are few. */
static void
ask_label (GTask *task)
{
  Ask *ask = g_task_get_task_data (task);

  if (ask->labels->len < ask->paths->len)
    get_property (g_object_ref (task), ask->paths->pdata[ask->labels->len], COLLECTION_INTERFACE,
                  "Label", on_label);
  else
    choose_by_label (task);
}

static void
on_collections (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Ask *ask = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GVariant) paths = get_property_finish (source, result, "ao", &error);
  gsize n_paths;

  if (paths == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  n_paths = MIN (g_variant_n_children (paths), BFY_SECRET_COLLECTIONS_MAX);
  for (gsize i = 0; i < n_paths; i++)
    {
      char *path;

      g_variant_get_child (paths, i, "o", &path);
      g_ptr_array_add (ask->paths, path);
    }
  ask_label (task);
}

/* Takes @task. Comes back to a collection that vanished meanwhile at most once. */
static void
list_collections (GTask *task)
{
  Ask *ask = g_task_get_task_data (task);

  g_ptr_array_set_size (ask->paths, 0);
  g_ptr_array_set_size (ask->labels, 0);
  get_property (task, g_dbus_proxy_get_object_path (G_DBUS_PROXY (g_task_get_source_object (task))),
                SERVICE_INTERFACE, "Collections", on_collections);
}

static void
on_alias (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Ask *ask = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autofree char *path =
      secret_service_read_alias_dbus_path_finish (SECRET_SERVICE (source), result, &error);

  if (error != NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (path != NULL)
    ask_locked (g_steal_pointer (&task), path);
  else if (ask->wanted == NULL)
    g_task_return_int (task, BFY_SECRET_COLLECTION_ABSENT);
  else
    list_collections (g_steal_pointer (&task));
}

void
bfy_secret_collection_ask_async (SecretService *service,
                                 const char *wanted,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GTask *task = g_task_new (service, cancellable, callback, user_data);
  Ask *ask = g_new0 (Ask, 1);

  ask->wanted = g_strdup (wanted);
  ask->paths = g_ptr_array_new_with_free_func (g_free);
  ask->labels = g_ptr_array_new_with_free_func (g_free);
  g_task_set_source_tag (task, bfy_secret_collection_ask_async);
  g_task_set_task_data (task, ask, ask_free);
  if (wanted != NULL && g_variant_is_object_path (wanted))
    ask_locked (task, wanted);
  else
    secret_service_read_alias_dbus_path (service, wanted != NULL ? wanted : DEFAULT_ALIAS,
                                         cancellable, on_alias, task);
}

BfySecretCollectionState
bfy_secret_collection_ask_finish (GAsyncResult *result, char **path, GError **error)
{
  GTask *task = G_TASK (result);
  g_autoptr (GError) local_error = NULL;
  gssize state;

  g_return_val_if_fail (g_async_result_is_tagged (result, bfy_secret_collection_ask_async),
                        BFY_SECRET_COLLECTION_FAILED);

  if (path != NULL)
    *path = NULL;
  state = g_task_propagate_int (task, &local_error);
  if (local_error != NULL)
    {
      state = local_error->domain == BFY_ERROR ? BFY_SECRET_COLLECTION_UNKNOWN
                                               : BFY_SECRET_COLLECTION_FAILED;
      g_propagate_error (error, g_steal_pointer (&local_error));
    }
  else if (path != NULL && state != BFY_SECRET_COLLECTION_ABSENT)
    {
      *path = g_strdup (((Ask *) g_task_get_task_data (task))->path);
    }

  return (BfySecretCollectionState) state;
}
