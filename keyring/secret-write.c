/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A credential goes on resting where it was made (behaviour 12.10): an item that is there gets the
 * new secret in place, in whatever collection it lies; only a new item goes to the collection of
 * the settings. Several copies, which only somebody else can have made, are all written or all
 * removed, or none: one that is locked would come back with the next unlock.
 *
 * A secret on its way passes through libsecret's own locked memory (SecretValue); the messages on
 * the bus carry it encrypted for the session. That copy cannot be avoided; it lives no longer than
 * the call, and libsecret wipes it. */

#include "keyring/secret-match.h"
#include "keyring/secret-run.h"
#include "protocol/error.h"

/* Takes over what a search found. FALSE: one is locked, and the call has ended. */
static gboolean
take_items (BfySecretCall *call, GList *items)
{
  if (bfy_secret_match_has_locked (items))
    {
      bfy_secret_run_fail_locked (call);
      return FALSE;
    }

  for (GList *link = items; link != NULL; link = link->next)
    {
      if (bfy_secret_match_is_for (link->data, call->id))
        call->items = g_list_prepend (call->items, g_object_ref (link->data));
    }

  return TRUE;
}

/* (transfer full) NULL when there is none left. */
static SecretItem *
next_item (BfySecretCall *call)
{
  SecretItem *item = call->items != NULL ? call->items->data : NULL;

  call->items = g_list_delete_link (call->items, call->items);

  return item;
}

static void
end_well (BfySecretCall *call)
{
  if (bfy_secret_call_end (call))
    g_task_return_boolean (call->task, TRUE);
}

static SecretValue *
new_value (BfySecretCall *call)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (call->secret, &length);

  return secret_value_new ((const char *) bytes, (gssize) length, "text/plain");
}

static void
on_created (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  GError *error = NULL;

  if (!secret_service_store_finish (SECRET_SERVICE (source), result, &error))
    bfy_secret_call_fail (call, error);
  else
    end_well (call);
}

/* Into the collection by its own path: by its alias, libsecret would prompt to make a missing one.
 * It replaces: two agents that store at once leave one item. */
static void
create_in (BfySecretCall *call, const char *path)
{
  g_autoptr (GHashTable) attributes = bfy_secret_match_attributes (call->id);
  g_autoptr (SecretValue) value = new_value (call);

  secret_service_store (call->service, &bfy_secret_schema, attributes, path, BFY_SECRET_ITEM_LABEL,
                        value, call->cancellable, on_created, bfy_secret_call_ref (call));
}

static void
on_collection_before_store (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  g_autofree char *path = NULL;
  GError *error = NULL;

  switch (bfy_secret_collection_ask_finish (result, &path, &error))
    {
    case BFY_SECRET_COLLECTION_UNLOCKED:
      if (!call->is_over)
        create_in (call, path);
      break;
    case BFY_SECRET_COLLECTION_LOCKED:
      bfy_secret_run_fail_locked (call);
      break;
    case BFY_SECRET_COLLECTION_ABSENT:
      bfy_secret_call_fail (
          call,
          g_error_new_literal (BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                               "There is no default keyring yet: log in to the desktop once, make "
                               "one with its password manager, or use the vault: --keyring vault"));
      break;
    case BFY_SECRET_COLLECTION_UNKNOWN:
    case BFY_SECRET_COLLECTION_FAILED:
      bfy_secret_call_fail (call, error);
      break;
    }
}

static void change_next (BfySecretCall *call);

static void
on_changed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  SecretItem *item = SECRET_ITEM (source);
  GError *error = NULL;
  gboolean is_changed = call->secret != NULL ? secret_item_set_secret_finish (item, result, &error)
                                             : secret_item_delete_finish (item, result, &error);

  if (is_changed)
    change_next (call);
  else
    bfy_secret_call_fail (call, error);
}

/* Writes the secret of the call to the next item, or removes that when there is none. */
static void
change_next (BfySecretCall *call)
{
  g_autoptr (SecretValue) value = NULL;
  g_autoptr (SecretItem) item = NULL;

  if (call->is_over)
    return;
  item = next_item (call);
  if (item == NULL)
    {
      end_well (call);
      return;
    }
  if (call->secret == NULL)
    {
      secret_item_delete (item, call->cancellable, on_changed, bfy_secret_call_ref (call));
      return;
    }

  value = new_value (call);
  secret_item_set_secret (item, value, call->cancellable, on_changed, bfy_secret_call_ref (call));
}

static void
on_found (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  GError *error = NULL;
  g_autolist (SecretItem) items =
      secret_service_search_finish (SECRET_SERVICE (source), result, &error);

  if (error != NULL)
    bfy_secret_call_fail (call, error);
  else if (call->is_over || !take_items (call, items))
    return;
  else if (call->items != NULL)
    change_next (call);
  else if (call->secret != NULL)
    bfy_secret_run_ask_collection (call, on_collection_before_store);
  else
    bfy_secret_run_end_with_nothing (call);
}

void
bfy_secret_run_store (BfySecretCall *call)
{
  bfy_secret_run_search (call, SECRET_SEARCH_NONE, on_found);
}

void
bfy_secret_run_remove (BfySecretCall *call)
{
  bfy_secret_run_search (call, SECRET_SEARCH_NONE, on_found);
}
