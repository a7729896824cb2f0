/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The usual case is one unlocked item: its secret and, at the same time, its attributes are asked
 * for by its path, which costs hardly more than libsecret's own look-up that verifies nothing.
 * Several items are loaded as objects, to know which one was written last. */

#include "keyring/keyring.h"
#include "keyring/secret-match.h"
#include "keyring/secret-run.h"
#include "protocol/error.h"

#define ITEM_INTERFACE "org.freedesktop.Secret.Item"
#define PROPERTIES_INTERFACE "org.freedesktop.DBus.Properties"

static void
return_secret (BfySecretCall *call, SecretValue *value)
{
  gsize length;
  const char *text = secret_value_get (value, &length);

  if (length > BFY_KEYRING_SECRET_BYTES_MAX)
    bfy_secret_call_fail (call, g_error_new (BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                                             "The keyring holds a credential of more than %d bytes",
                                             BFY_KEYRING_SECRET_BYTES_MAX));
  else if (bfy_secret_call_end (call))
    g_task_return_pointer (call->task, bfy_secret_new (text, length),
                           (GDestroyNotify) bfy_secret_unref);
}

static void
on_items (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  g_autoptr (SecretValue) value = NULL;
  GError *error = NULL;
  g_autolist (SecretItem) items =
      secret_service_search_finish (SECRET_SERVICE (source), result, &error);
  SecretItem *newest;

  if (error != NULL)
    {
      bfy_secret_call_fail (call, error);
      return;
    }

  switch (bfy_secret_match_judge (items, call->id, &newest))
    {
    case BFY_SECRET_FOUND:
      value = secret_item_get_secret (newest);
      return_secret (call, value);
      break;
    case BFY_SECRET_FOUND_LOCKED:
      bfy_secret_run_fail_locked (call);
      break;
    case BFY_SECRET_FOUND_STALE:
      bfy_secret_call_fail (call, bfy_secret_call_new_stale_error ());
      break;
    case BFY_SECRET_FOUND_NOTHING:
      bfy_secret_run_end_with_nothing (call);
      break;
    }
}

/* Two questions about one item; whichever answer comes last decides. */
typedef struct
{
  BfySecretCall *call; /* (owned) */
  SecretValue *value;  /* (owned) (nullable) */
  GError *error;       /* (owned) (nullable) the first one */
  gboolean is_ours;
  guint n_left;
} Single;

static void
single_free (Single *single)
{
  bfy_secret_call_unref (single->call);
  g_clear_pointer (&single->value, secret_value_unref);
  g_clear_error (&single->error);
  g_free (single);
}

static void
keep_error (Single *single, GError *error)
{
  if (single->error == NULL)
    single->error = error;
  else
    g_clear_error (&error);
}

static void
finish_single (Single *single)
{
  BfySecretCall *call = single->call;

  if (--single->n_left > 0)
    return;

  if (single->error != NULL)
    bfy_secret_call_fail (call, g_steal_pointer (&single->error));
  else if (call->is_over)
    ;
  else if (!single->is_ours)
    bfy_secret_run_end_with_nothing (call);
  else if (single->value == NULL)
    bfy_secret_call_fail (call, bfy_secret_call_new_stale_error ());
  else
    return_secret (call, single->value);
  single_free (single);
}

static void
on_secret (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Single *single = user_data;
  GError *error = NULL;

  single->value =
      secret_service_get_secret_for_dbus_path_finish (SECRET_SERVICE (source), result, &error);
  if (error != NULL)
    keep_error (single, error);
  finish_single (single);
}

static void
on_attributes (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Single *single = user_data;
  GError *error = NULL;
  g_autoptr (GVariant) reply =
      g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) attributes = NULL;

  if (reply == NULL)
    {
      keep_error (single, error);
    }
  else
    {
      g_variant_get (reply, "(v)", &attributes);
      single->is_ours = g_variant_is_of_type (attributes, G_VARIANT_TYPE ("a{ss}")) &&
                        bfy_secret_match_is_for_attributes (attributes, single->call->id);
    }
  finish_single (single);
}

static void
load_single (BfySecretCall *call, const char *path)
{
  GDBusProxy *proxy = G_DBUS_PROXY (call->service);
  Single *single = g_new0 (Single, 1);

  single->call = bfy_secret_call_ref (call);
  single->n_left = 2;
  g_dbus_connection_call (
      g_dbus_proxy_get_connection (proxy), g_dbus_proxy_get_name (proxy), path,
      PROPERTIES_INTERFACE, "Get", g_variant_new ("(ss)", ITEM_INTERFACE, "Attributes"),
      G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, -1, call->cancellable, on_attributes, single);
  secret_service_get_secret_for_dbus_path (call->service, path, call->cancellable, on_secret,
                                           single);
}

static void
on_paths (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  g_auto (GStrv) unlocked = NULL;
  g_auto (GStrv) locked = NULL;
  GError *error = NULL;

  if (!secret_service_search_for_dbus_paths_finish (SECRET_SERVICE (source), result, &unlocked,
                                                    &locked, &error))
    bfy_secret_call_fail (call, error);
  else if (call->is_over)
    return;
  else if (unlocked != NULL && g_strv_length (unlocked) == 1)
    load_single (call, unlocked[0]);
  else if (unlocked != NULL && unlocked[0] != NULL)
    bfy_secret_run_search (call, SECRET_SEARCH_LOAD_SECRETS, on_items);
  else if (locked != NULL && locked[0] != NULL)
    bfy_secret_run_fail_locked (call);
  else
    bfy_secret_run_end_with_nothing (call);
}

void
bfy_secret_run_lookup (BfySecretCall *call)
{
  g_autoptr (GHashTable) attributes = bfy_secret_match_attributes (call->id);

  call->is_lookup = TRUE;
  secret_service_search_for_dbus_paths (call->service, &bfy_secret_schema, attributes,
                                        call->cancellable, on_paths, bfy_secret_call_ref (call));
}
