/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/secret-unlock.h"

#include "keyring/secret-call.h"
#include "keyring/secret-collection.h"
#include "keyring/secret-prompt.h"
#include "keyring/secret-prompter.h"
#include "protocol/error.h"

/* The middle of a message to the person; what it says is true for a while. */
typedef struct
{
  const char *reason;
  gint64 until_us; /* monotonic */
} Rest;

struct _BfySecretUnlock
{
  GObject parent_instance;

  BfySecretConnection *connection; /* (owned) */
  GHashTable *open;                /* (owned) object path → Attempt, which owns itself */
  GHashTable *rests;               /* (owned) object path → Rest */
};

G_DEFINE_FINAL_TYPE (BfySecretUnlock, bfy_secret_unlock, G_TYPE_OBJECT)

/* One prompt for one collection. Owned by the call under way for it. */
typedef struct
{
  BfySecretUnlock *self;     /* (owned) */
  char *path;                /* (owned) */
  GCancellable *cancellable; /* (owned) */
  GPtrArray *waiting;        /* (owned) (element-type GTask) */
  SecretService *service;    /* (owned) (nullable) until it is connected */
  gboolean is_gnome;         /* its prompt must not be withdrawn */
} Attempt;

static const char said_no[] = "the window that asked for its password was closed without it";

/* Takes the waiting out of sight first: whoever joins from now on begins anew. */
static void
finish (Attempt *attempt, const GError *error)
{
  if (g_hash_table_lookup (attempt->self->open, attempt->path) == attempt)
    g_hash_table_remove (attempt->self->open, attempt->path);
  for (guint i = 0; i < attempt->waiting->len; i++)
    {
      GTask *task = attempt->waiting->pdata[i];

      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        g_task_return_boolean (task, TRUE);
    }
  g_ptr_array_unref (attempt->waiting);
  g_object_unref (attempt->cancellable);
  g_clear_object (&attempt->service);
  g_object_unref (attempt->self);
  g_free (attempt->path);
  g_free (attempt);
}

/* Takes @error, of any domain. */
static void
fail (Attempt *attempt, GError *error)
{
  g_autoptr (GError) mapped = bfy_secret_call_map_error (error);

  finish (attempt, mapped);
}

static GError *
new_locked_error (const char *reason)
{
  return g_error_new (BFY_ERROR, BFY_ERROR_LOCKED, "The keyring is locked, and %s", reason);
}

static void
rest (BfySecretUnlock *self, const char *path, const char *reason)
{
  guint seconds = reason == said_no ? BFY_SECRET_UNLOCK_REST_S : BFY_SECRET_UNLOCK_RETRY_S;
  Rest *row = g_new0 (Rest, 1);

  row->reason = reason;
  row->until_us = g_get_monotonic_time () + seconds * G_TIME_SPAN_SECOND;
  g_hash_table_replace (self->rests, g_strdup (path), row);
}

/* NULL when it may be asked for. (transfer full) */
static GError *
check_rest (BfySecretUnlock *self, const char *path)
{
  Rest *row = g_hash_table_lookup (self->rests, path);
  gint64 left_us = row != NULL ? row->until_us - g_get_monotonic_time () : 0;

  if (left_us <= 0)
    {
      g_hash_table_remove (self->rests, path);
      return NULL;
    }
  if (row->reason != said_no)
    return new_locked_error (row->reason);

  return g_error_new (BFY_ERROR, BFY_ERROR_LOCKED,
                      "The keyring is locked, and %s. bindify asks again in %d s; unlock it in "
                      "your desktop's password manager to go on now",
                      said_no, (int) (left_us / G_TIME_SPAN_SECOND) + 1);
}

static void
refuse (Attempt *attempt, const char *reason)
{
  rest (attempt->self, attempt->path, reason);
  fail (attempt, new_locked_error (reason));
}

static void
on_prompter (GObject *source, GAsyncResult *result, gpointer user_data)
{
  const char *missing = bfy_secret_prompter_explain (bfy_secret_prompter_find_finish (result));

  refuse (user_data, missing != NULL ? missing : said_no);
}

/* An answered prompt is no unlocked collection yet: ask. */
static void
on_state (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Attempt *attempt = user_data;
  GError *error = NULL;
  BfySecretCollectionState state = bfy_secret_collection_ask_finish (result, NULL, &error);

  if (error != NULL)
    fail (attempt, error);
  else if (state == BFY_SECRET_COLLECTION_LOCKED)
    fail (attempt, new_locked_error ("it did not open; try again"));
  else
    finish (attempt, NULL);
}

static void
on_prompt (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Attempt *attempt = user_data;
  SecretService *service = SECRET_SERVICE (source);
  GError *error = NULL;

  switch (bfy_secret_prompt_finish (result, &error))
    {
    case BFY_SECRET_PROMPT_ANSWERED:
      bfy_secret_collection_ask_async (service, attempt->path, NULL, on_state, attempt);
      break;
    case BFY_SECRET_PROMPT_DISMISSED:
      if (attempt->is_gnome)
        bfy_secret_prompter_find_async (service, on_prompter, attempt);
      else
        refuse (attempt, said_no);
      break;
    case BFY_SECRET_PROMPT_VANISHED:
      fail (attempt, g_error_new_literal (BFY_ERROR, BFY_ERROR_KEYRING_UNAVAILABLE,
                                          "The keyring's service ended while it asked for the "
                                          "password; try again"));
      break;
    case BFY_SECRET_PROMPT_FAILED:
      fail (attempt, error);
      break;
    }
}

/* Whoever waited may be gone before there is a prompt. */
static void
on_gnome (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Attempt *attempt = user_data;
  GError *error = NULL;

  attempt->is_gnome = bfy_secret_prompter_ask_gnome_finish (result);
  if (g_cancellable_set_error_if_cancelled (attempt->cancellable, &error))
    fail (attempt, error);
  else
    bfy_secret_prompt_async (attempt->service, attempt->path, attempt->cancellable, on_prompt,
                             attempt);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Attempt *attempt = user_data;
  GError *error = NULL;

  attempt->service =
      bfy_secret_connection_open_finish (BFY_SECRET_CONNECTION (source), result, &error);
  if (attempt->service == NULL)
    fail (attempt, error);
  else
    bfy_secret_prompter_ask_gnome_async (attempt->service, on_gnome, attempt);
}

static Attempt *
begin (BfySecretUnlock *self, const char *path)
{
  Attempt *attempt = g_new0 (Attempt, 1);

  attempt->self = g_object_ref (self);
  attempt->path = g_strdup (path);
  attempt->cancellable = g_cancellable_new ();
  attempt->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_insert (self->open, g_strdup (path), attempt);
  bfy_secret_connection_open_async (self->connection, on_connected, attempt);

  return attempt;
}

/* Whoever goes, goes at once; the last one takes the prompt along, if that can be done. */
static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  BfySecretUnlock *self = g_task_get_source_object (task);
  const char *path = g_task_get_task_data (task);
  Attempt *attempt = g_hash_table_lookup (self->open, path);

  if (attempt == NULL || !g_ptr_array_remove (attempt->waiting, task))
    return G_SOURCE_REMOVE;

  if (attempt->waiting->len == 0 && !attempt->is_gnome)
    {
      g_hash_table_remove (self->open, path);
      g_cancellable_cancel (attempt->cancellable);
    }
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");

  return G_SOURCE_REMOVE;
}

/* The source goes with the task: it is destroyed when the task is answered. */
static void
watch (GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autoptr (GSource) source = NULL;

  if (cancellable == NULL)
    return;

  source = g_cancellable_source_new (cancellable);
  g_source_set_callback (source, G_SOURCE_FUNC (on_cancelled), task, NULL);
  g_source_attach (source, g_task_get_context (task));
  g_signal_connect_data (task, "notify::completed", G_CALLBACK (g_source_destroy),
                         g_steal_pointer (&source), (GClosureNotify) (GCallback) g_source_unref,
                         G_CONNECT_SWAPPED);
}

void
bfy_secret_unlock_async (BfySecretUnlock *self,
                         const char *collection,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  GError *error = NULL;
  Attempt *attempt = g_hash_table_lookup (self->open, collection);

  g_task_set_source_tag (task, bfy_secret_unlock_async);
  g_task_set_task_data (task, g_strdup (collection), g_free);
  g_task_set_check_cancellable (task, FALSE);
  if (g_task_return_error_if_cancelled (task))
    return;
  error = attempt == NULL ? check_rest (self, collection) : NULL;
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  if (attempt == NULL)
    attempt = begin (self, collection);
  watch (task);
  g_ptr_array_add (attempt->waiting, g_steal_pointer (&task));
}

gboolean
bfy_secret_unlock_finish (BfySecretUnlock *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, bfy_secret_unlock_async), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

BfySecretUnlock *
bfy_secret_unlock_new (BfySecretConnection *connection)
{
  BfySecretUnlock *self = g_object_new (BFY_TYPE_SECRET_UNLOCK, NULL);

  self->connection = g_object_ref (connection);

  return self;
}

static void
bfy_secret_unlock_finalize (GObject *object)
{
  BfySecretUnlock *self = BFY_SECRET_UNLOCK (object);

  g_clear_object (&self->connection);
  g_hash_table_unref (self->open);
  g_hash_table_unref (self->rests);

  G_OBJECT_CLASS (bfy_secret_unlock_parent_class)->finalize (object);
}

static void
bfy_secret_unlock_class_init (BfySecretUnlockClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bfy_secret_unlock_finalize;
}

static void
bfy_secret_unlock_init (BfySecretUnlock *self)
{
  self->open = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->rests = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}
