/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Every answer is looked at twice before it is believed (craft 1.1): nothing found may mean locked,
 * so the collection is asked; found, unlocked and yet without its secret means a session that the
 * daemon has forgotten, so the call starts over. Nothing here unlocks or prompts. */

#include "keyring/secret-run.h"

#include <string.h>

#include "keyring/keyring.h"
#include "keyring/secret-match.h"
#include "protocol/error.h"

void
bfy_secret_run_fail_locked (BfySecretCall *call)
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
fail_without_keyring (BfySecretCall *call)
{
  bfy_secret_call_fail (
      call, g_error_new_literal (BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                                 "There is no default keyring that could hold the credential: it "
                                 "was removed, or its file is damaged. Restore that file from a "
                                 "backup, or log in to the desktop again for a new keyring"));
}

void
bfy_secret_run_search (BfySecretCall *call, SecretSearchFlags flags, GAsyncReadyCallback callback)
{
  g_autoptr (GHashTable) attributes = bfy_secret_match_attributes (call->id);

  secret_service_search (call->service, &bfy_secret_schema, attributes, SECRET_SEARCH_ALL | flags,
                         call->cancellable, callback, bfy_secret_call_ref (call));
}

void
bfy_secret_run_ask_collection (BfySecretCall *call, GAsyncReadyCallback callback)
{
  bfy_secret_collection_ask_async (call->service,
                                   bfy_secret_connection_get_collection (call->connection),
                                   call->cancellable, callback, bfy_secret_call_ref (call));
}

static void
on_collection_after_nothing (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySecretCall) call = user_data;
  GError *error = NULL;

  switch (bfy_secret_collection_ask_finish (result, NULL, &error))
    {
    case BFY_SECRET_COLLECTION_LOCKED:
      bfy_secret_run_fail_locked (call);
      break;
    case BFY_SECRET_COLLECTION_ABSENT:
      /* A keyring that is damaged is, to its service, not there. */
      if (call->is_lookup)
        fail_without_keyring (call);
      else
        fail_missing (call);
      break;
    case BFY_SECRET_COLLECTION_UNLOCKED:
      fail_missing (call);
      break;
    case BFY_SECRET_COLLECTION_UNKNOWN:
      /* The list of collections is for the person, not for whoever sends requests. */
      g_clear_error (&error);
      bfy_secret_call_fail (call, g_error_new_literal (BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                                                       "The keyring's collection that bindify.conf "
                                                       "names is not there; see bindify status"));
      break;
    case BFY_SECRET_COLLECTION_FAILED:
      bfy_secret_call_fail (call, error);
      break;
    }
}

void
bfy_secret_run_end_with_nothing (BfySecretCall *call)
{
  bfy_secret_run_ask_collection (call, on_collection_after_nothing);
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
      bfy_secret_run_fail_locked (call);
      break;
    case BFY_SECRET_COLLECTION_UNLOCKED:
    case BFY_SECRET_COLLECTION_ABSENT:
      return_ids (call, NULL);
      break;
    case BFY_SECRET_COLLECTION_UNKNOWN:
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
    bfy_secret_run_fail_locked (call);
  else if (items == NULL)
    bfy_secret_run_ask_collection (call, on_collection_after_empty_list);
  else
    return_ids (call, items);
}

void
bfy_secret_run_list (BfySecretCall *call)
{
  bfy_secret_run_search (call, SECRET_SEARCH_NONE, on_listed);
}

/* A collection that is unknown is a wrong setting, not an absent keyring: the reason comes along as
 * the task's data, so that nobody takes it for a reason to use another backend. */
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
    {
      bfy_secret_call_fail (call, error);
      return;
    }
  if (!bfy_secret_call_end (call))
    {
      g_clear_error (&error);
      return;
    }

  if (state == BFY_SECRET_COLLECTION_UNKNOWN)
    g_task_set_task_data (call->task, error, (GDestroyNotify) g_error_free);
  g_task_return_int (call->task,
                     state == BFY_SECRET_COLLECTION_UNKNOWN ? BFY_KEYRING_DAMAGED : states[state]);
}

void
bfy_secret_run_check (BfySecretCall *call)
{
  bfy_secret_run_ask_collection (call, on_checked);
}
