/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Every answer is looked at twice before it is believed (craft 1.1): nothing found may mean locked,
 * so the default collection is asked; found, unlocked and yet without its secret means a session
 * that the daemon has forgotten, so the call starts over. Nothing here unlocks or prompts.
 *
 * A secret on its way passes through libsecret's own locked memory (SecretValue); the messages on
 * the bus carry it encrypted for the session. That copy cannot be avoided; it lives no longer than
 * the call, and libsecret wipes it. */

#include "keyring/secret-run.h"

#include <string.h>

#include "keyring/keyring.h"
#include "keyring/secret-collection.h"
#include "keyring/secret-match.h"
#include "protocol/error.h"

static void
fail_locked (BfySecretCall *call)
{
  bfy_secret_call_fail (call,
                        g_error_new_literal (BFY_ERROR, BFY_ERROR_LOCKED, "The keyring is locked"));
}

static void
fail_missing (BfySecretCall *call)
{
  bfy_secret_call_fail (call, g_error_new_literal (BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING,
                                                   "The keyring holds no such credential"));
}

static void
search (BfySecretCall *call, SecretSearchFlags flags, GAsyncReadyCallback callback)
{
  g_autoptr (GHashTable) attributes = bfy_secret_match_attributes (call->id);

  secret_service_search (call->service, &bfy_secret_schema, attributes, SECRET_SEARCH_ALL | flags,
                         call->cancellable, callback, bfy_secret_call_ref (call));
}

static void
ask_collection (BfySecretCall *call, GAsyncReadyCallback callback)
{
  bfy_secret_collection_ask_async (call->service, call->cancellable, callback,
                                   bfy_secret_call_ref (call));
}

/* Nothing was found: missing, unless the keyring is locked. */
static void
on_collection_after_nothing (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  GError *error = NULL;

  switch (bfy_secret_collection_ask_finish (result, NULL, &error))
    {
    case BFY_SECRET_COLLECTION_LOCKED:
      fail_locked (call);
      break;
    case BFY_SECRET_COLLECTION_UNLOCKED:
    case BFY_SECRET_COLLECTION_ABSENT:
      fail_missing (call);
      break;
    case BFY_SECRET_COLLECTION_FAILED:
      bfy_secret_call_fail (call, error);
      break;
    }
}

static void
return_secret (BfySecretCall *call, SecretItem *item)
{
  g_autoptr (SecretValue) value = secret_item_get_secret (item);
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
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
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
      return_secret (call, newest);
      break;
    case BFY_SECRET_FOUND_LOCKED:
      fail_locked (call);
      break;
    case BFY_SECRET_FOUND_STALE:
      bfy_secret_call_fail (call, bfy_secret_call_new_stale_error ());
      break;
    case BFY_SECRET_FOUND_NOTHING:
      ask_collection (call, on_collection_after_nothing);
      break;
    }
}

void
bfy_secret_run_lookup (BfySecretCall *call)
{
  search (call, SECRET_SEARCH_LOAD_SECRETS, on_looked_up);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  GError *error = NULL;

  if (!secret_service_store_finish (SECRET_SERVICE (source), result, &error))
    bfy_secret_call_fail (call, error);
  else if (bfy_secret_call_end (call))
    g_task_return_boolean (call->task, TRUE);
}

/* Into the collection by its own path: by its alias, libsecret would prompt to make a missing one.
 */
static void
store_into (BfySecretCall *call, const char *path)
{
  g_autoptr (GHashTable) attributes = bfy_secret_match_attributes (call->id);
  gsize length;
  const guint8 *bytes = bfy_secret_peek (call->secret, &length);
  g_autoptr (SecretValue) value =
      secret_value_new ((const char *) bytes, (gssize) length, "text/plain");

  secret_service_store (call->service, &bfy_secret_schema, attributes, path, BFY_SECRET_ITEM_LABEL,
                        value, call->cancellable, on_stored, bfy_secret_call_ref (call));
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
        store_into (call, path);
      break;
    case BFY_SECRET_COLLECTION_LOCKED:
      fail_locked (call);
      break;
    case BFY_SECRET_COLLECTION_ABSENT:
      bfy_secret_call_fail (
          call,
          g_error_new_literal (BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                               "There is no default keyring yet: log in to the desktop once, make "
                               "one with its password manager, or use the vault: --keyring vault"));
      break;
    case BFY_SECRET_COLLECTION_FAILED:
      bfy_secret_call_fail (call, error);
      break;
    }
}

void
bfy_secret_run_store (BfySecretCall *call)
{
  ask_collection (call, on_collection_before_store);
}

static void remove_next (BfySecretCall *call);

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  GError *error = NULL;

  if (!secret_item_delete_finish (SECRET_ITEM (source), result, &error))
    bfy_secret_call_fail (call, error);
  else
    remove_next (call);
}

static void
remove_next (BfySecretCall *call)
{
  g_autoptr (SecretItem) item = NULL;

  if (call->is_over)
    return;
  if (call->items == NULL)
    {
      if (bfy_secret_call_end (call))
        g_task_return_boolean (call->task, TRUE);
      return;
    }

  item = call->items->data;
  call->items = g_list_delete_link (call->items, call->items);
  secret_item_delete (item, call->cancellable, on_removed, bfy_secret_call_ref (call));
}

/* All of them, or none: a copy in a locked collection would come back with the next unlock. */
static void
on_found_for_removal (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  GError *error = NULL;
  g_autolist (SecretItem) items =
      secret_service_search_finish (SECRET_SERVICE (source), result, &error);

  if (error != NULL)
    {
      bfy_secret_call_fail (call, error);
      return;
    }

  for (GList *link = items; link != NULL; link = link->next)
    {
      if (bfy_secret_match_is_for (link->data, call->id))
        call->items = g_list_prepend (call->items, g_object_ref (link->data));
    }

  if (bfy_secret_match_has_locked (items))
    fail_locked (call);
  else if (call->items == NULL)
    ask_collection (call, on_collection_after_nothing);
  else
    remove_next (call);
}

void
bfy_secret_run_remove (BfySecretCall *call)
{
  search (call, SECRET_SEARCH_NONE, on_found_for_removal);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static GStrv
collect_ids (GList *items)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);

  for (GList *link = items; link != NULL; link = link->next)
    {
      g_autofree char *id = bfy_secret_match_dup_id (link->data);

      if (id != NULL && !g_ptr_array_find_with_equal_func (ids, id, g_str_equal, NULL))
        g_ptr_array_add (ids, g_steal_pointer (&id));
    }
  g_ptr_array_sort (ids, compare_ids);
  g_ptr_array_add (ids, NULL);

  return (GStrv) g_ptr_array_steal (ids, NULL);
}

static void
return_ids (BfySecretCall *call, GList *items)
{
  if (bfy_secret_call_end (call))
    g_task_return_pointer (call->task, collect_ids (items), (GDestroyNotify) g_strfreev);
}

static void
on_collection_after_empty_list (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  GError *error = NULL;

  switch (bfy_secret_collection_ask_finish (result, NULL, &error))
    {
    case BFY_SECRET_COLLECTION_LOCKED:
      fail_locked (call);
      break;
    case BFY_SECRET_COLLECTION_UNLOCKED:
    case BFY_SECRET_COLLECTION_ABSENT:
      return_ids (call, NULL);
      break;
    case BFY_SECRET_COLLECTION_FAILED:
      bfy_secret_call_fail (call, error);
      break;
    }
}

static void
on_listed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  GError *error = NULL;
  g_autolist (SecretItem) items =
      secret_service_search_finish (SECRET_SERVICE (source), result, &error);

  if (error != NULL)
    bfy_secret_call_fail (call, error);
  else if (bfy_secret_match_has_locked (items))
    fail_locked (call);
  else if (items == NULL)
    ask_collection (call, on_collection_after_empty_list);
  else
    return_ids (call, items);
}

void
bfy_secret_run_list (BfySecretCall *call)
{
  search (call, SECRET_SEARCH_NONE, on_listed);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  static const BfyKeyringState states[] = {
    [BFY_SECRET_COLLECTION_UNLOCKED] = BFY_KEYRING_READY,
    [BFY_SECRET_COLLECTION_LOCKED] = BFY_KEYRING_LOCKED,
    [BFY_SECRET_COLLECTION_ABSENT] = BFY_KEYRING_ABSENT,
  };
  g_autoptr (BfySecretCall) call = user_data;
  GError *error = NULL;
  BfySecretCollectionState state = bfy_secret_collection_ask_finish (result, NULL, &error);

  if (state == BFY_SECRET_COLLECTION_FAILED)
    bfy_secret_call_fail (call, error);
  else if (bfy_secret_call_end (call))
    g_task_return_int (call->task, states[state]);
}

void
bfy_secret_run_check (BfySecretCall *call)
{
  ask_collection (call, on_checked);
}
