/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/unlocker.h"

#include "protocol/error.h"

struct _BfyUnlocker
{
  GObject parent_instance;

  guint wait_ms;
  guint prompt_ms;
  GHashTable *open; /* (owned) id of a binding → Question, which owns itself */
};

G_DEFINE_FINAL_TYPE (BfyUnlocker, bfy_unlocker, G_TYPE_OBJECT)

/* What the person is asked for one binding. Owned by the keyring's call under way. */
typedef struct
{
  BfyUnlocker *self;         /* (owned) */
  char *id;                  /* (owned) */
  GCancellable *cancellable; /* (owned) withdraws it */
  GPtrArray *waiting;        /* (owned) (element-type GTask) */
  GSource *deadline;         /* (owned) (nullable) */
  gboolean has_kept_waiting; /* somebody was told to try again: it stays for that */
  gboolean is_overdue;
} Question;

/* The task data of one who waits. */
typedef struct
{
  Question *question; /* borrowed while the task is among its waiting */
  GSource *timeout;   /* (owned) (nullable) */
  GSource *cancelled; /* (owned) (nullable) */
} Wait;

static void
clear_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

static void
wait_free (gpointer data)
{
  Wait *wait = data;

  clear_source (&wait->timeout);
  clear_source (&wait->cancelled);
  g_free (wait);
}

static void
close_question (Question *question)
{
  if (g_hash_table_lookup (question->self->open, question->id) == question)
    g_hash_table_remove (question->self->open, question->id);
  clear_source (&question->deadline);
}

static void
withdraw_if_unwanted (Question *question)
{
  if (question->waiting->len > 0 || (question->has_kept_waiting && !question->is_overdue))
    return;

  close_question (question);
  g_cancellable_cancel (question->cancellable);
}

static gboolean
on_overdue (gpointer user_data)
{
  Question *question = user_data;

  question->is_overdue = TRUE;
  withdraw_if_unwanted (question);

  return G_SOURCE_REMOVE;
}

/* Takes @error. */
static void
leave (GTask *task, GError *error)
{
  g_autoptr (GTask) owned G_GNUC_UNUSED = g_object_ref (task);
  Wait *wait = g_task_get_task_data (task);
  Question *question = wait->question;

  clear_source (&wait->timeout);
  clear_source (&wait->cancelled);
  g_ptr_array_remove (question->waiting, task);
  withdraw_if_unwanted (question);
  g_task_return_error (task, error);
}

static gboolean
on_timeout (gpointer user_data)
{
  Wait *wait = g_task_get_task_data (user_data);

  wait->question->has_kept_waiting = TRUE;
  leave (user_data,
         g_error_new_literal (BFY_ERROR, BFY_ERROR_LOCKED,
                              "The keyring is locked. The window that asks for its password is "
                              "still open: answer it, then try again"));

  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  leave (user_data, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled"));

  return G_SOURCE_REMOVE;
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_open = bfy_keyring_unlock_finish (BFY_KEYRING (source), result, &error);

  close_question (question);
  for (guint i = 0; i < question->waiting->len; i++)
    {
      GTask *task = question->waiting->pdata[i];
      Wait *wait = g_task_get_task_data (task);

      clear_source (&wait->timeout);
      clear_source (&wait->cancelled);
      if (is_open)
        g_task_return_boolean (task, TRUE);
      else
        g_task_return_error (task, g_error_copy (error));
    }
  g_ptr_array_unref (question->waiting);
  g_object_unref (question->cancellable);
  g_object_unref (question->self);
  g_free (question->id);
  g_free (question);
}

static Question *
ask (BfyUnlocker *self, BfyKeyring *keyring, const char *id)
{
  Question *question = g_new0 (Question, 1);

  question->self = g_object_ref (self);
  question->id = g_strdup (id);
  question->cancellable = g_cancellable_new ();
  question->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  question->deadline = g_timeout_source_new (self->prompt_ms);
  g_source_set_callback (question->deadline, on_overdue, question, NULL);
  g_source_attach (question->deadline, g_main_context_get_thread_default ());
  g_hash_table_insert (self->open, g_strdup (id), question);
  bfy_keyring_unlock_async (keyring, id, question->cancellable, on_answered, question);

  return question;
}

/* Takes @task. Its sources borrow it and are gone before it is answered. */
static void
join (Question *question, GTask *task)
{
  GCancellable *cancellable = g_task_get_cancellable (task);
  Wait *wait = g_new0 (Wait, 1);

  wait->question = question;
  g_task_set_task_data (task, wait, wait_free);
  g_ptr_array_add (question->waiting, task);
  wait->timeout = g_timeout_source_new (question->self->wait_ms);
  g_source_set_callback (wait->timeout, on_timeout, task, NULL);
  g_source_attach (wait->timeout, g_task_get_context (task));
  if (cancellable == NULL)
    return;

  wait->cancelled = g_cancellable_source_new (cancellable);
  g_source_set_callback (wait->cancelled, G_SOURCE_FUNC (on_cancelled), task, NULL);
  g_source_attach (wait->cancelled, g_task_get_context (task));
}

void
bfy_unlocker_open_async (BfyUnlocker *self,
                         BfyKeyring *keyring,
                         const char *id,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Question *question = g_hash_table_lookup (self->open, id);

  g_task_set_source_tag (task, bfy_unlocker_open_async);
  g_task_set_check_cancellable (task, FALSE);
  if (g_task_return_error_if_cancelled (task))
    return;
  if (!bfy_keyring_can_prompt (keyring))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  if (question == NULL)
    question = ask (self, keyring, id);
  join (question, g_steal_pointer (&task));
}

gboolean
bfy_unlocker_open_finish (BfyUnlocker *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

typedef struct
{
  BfyCredentials *credentials; /* (owned) */
  BfyBinding *binding;         /* (owned) */
  gboolean may_ask;            /* it has not yet */
} Load;

static void
load_free (gpointer data)
{
  Load *load = data;

  g_object_unref (load->credentials);
  bfy_binding_unref (load->binding);
  g_free (load);
}

static void look (GTask *task);

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (bfy_unlocker_open_finish (BFY_UNLOCKER (source), result, &error))
    look (task);
  else
    g_task_return_error (task, error);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Load *load = g_task_get_task_data (task);
  BfyKeyring *keyring = bfy_credentials_find_keyring (load->credentials, load->binding, NULL);
  g_autoptr (GError) error = NULL;

  if (bfy_credentials_load_finish (BFY_CREDENTIALS (source), result, &error))
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  /* Whoever locked the agent does not want its keyrings opened for it. */
  if (!load->may_ask || keyring == NULL || !bfy_keyring_can_prompt (keyring) ||
      !g_error_matches (error, BFY_ERROR, BFY_ERROR_LOCKED) ||
      !bfy_credentials_check_unlocked (load->credentials, NULL))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  load->may_ask = FALSE;
  bfy_unlocker_open_async (g_task_get_source_object (task), keyring, load->binding->id,
                           g_task_get_cancellable (task), on_opened, g_object_ref (task));
}

static void
look (GTask *task)
{
  Load *load = g_task_get_task_data (task);

  bfy_credentials_load_async (load->credentials, load->binding, g_task_get_cancellable (task),
                              on_loaded, g_object_ref (task));
}

void
bfy_unlocker_load_async (BfyUnlocker *self,
                         BfyCredentials *credentials,
                         BfyBinding *binding,
                         gboolean may_ask,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Load *load = g_new0 (Load, 1);

  load->may_ask = may_ask;
  load->credentials = g_object_ref (credentials);
  load->binding = bfy_binding_ref (binding);
  g_task_set_source_tag (task, bfy_unlocker_load_async);
  g_task_set_task_data (task, load, load_free);
  look (task);
}

gboolean
bfy_unlocker_load_finish (BfyUnlocker *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

BfyUnlocker *
bfy_unlocker_new (guint wait_ms, guint prompt_ms)
{
  BfyUnlocker *self = g_object_new (BFY_TYPE_UNLOCKER, NULL);

  self->wait_ms = wait_ms;
  self->prompt_ms = prompt_ms;

  return self;
}

static void
bfy_unlocker_finalize (GObject *object)
{
  g_hash_table_unref (BFY_UNLOCKER (object)->open);

  G_OBJECT_CLASS (bfy_unlocker_parent_class)->finalize (object);
}

static void
bfy_unlocker_class_init (BfyUnlockerClass *class)
{
  G_OBJECT_CLASS (class)->finalize = bfy_unlocker_finalize;
}

static void
bfy_unlocker_init (BfyUnlocker *self)
{
  self->open = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
