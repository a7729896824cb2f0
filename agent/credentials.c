/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/credentials-private.h"

#define LOCKED_TEXT "The agent is locked; bindify unlock opens it again"

enum
{
  SIGNAL_LOCKED,
  SIGNAL_UNLOCKED,
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BfyCredentials, bfy_credentials, G_TYPE_OBJECT)

typedef struct
{
  BfyCredentials *self; /* (owned) */
  char *id;             /* (owned) */
  char *name;           /* (owned) of the binding */
  gboolean is_sealed;
  GPtrArray *waiting; /* borrowed, only compared: another list means that this look-up is stale */
} Load;

static void
load_free (Load *load)
{
  g_object_unref (load->self);
  g_free (load->id);
  g_free (load->name);
  g_free (load);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Load, load_free)

BfyCredentials *
bfy_credentials_new (BfyKeyrings *keyrings)
{
  BfyCredentials *self = g_object_new (BFY_TYPE_CREDENTIALS, NULL);

  self->keyrings = g_object_ref (keyrings);

  return self;
}

BfyCredential *
bfy_credentials_peek (BfyCredentials *self, const BfyBinding *binding)
{
  return g_hash_table_lookup (self->cached, binding->id);
}

void
bfy_credentials_foreach (BfyCredentials *self, BfyCredentialFunc func, gpointer user_data)
{
  GHashTableIter iter;
  gpointer id, credential;

  g_hash_table_iter_init (&iter, self->cached);
  while (g_hash_table_iter_next (&iter, &id, &credential))
    func (id, credential, user_data);
}

void
bfy_credentials_put (BfyCredentials *self, const char *id, BfyCredential *credential)
{
  g_hash_table_replace (self->cached, g_strdup (id), credential);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, FALSE);
}

BfyKeyring *
bfy_credentials_find_keyring (BfyCredentials *self, const BfyBinding *binding, GError **error)
{
  return bfy_keyrings_find (self->keyrings, binding->keyring, error);
}

gboolean
bfy_credentials_check_unlocked (BfyCredentials *self, GError **error)
{
  if (!self->is_locked)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, self->lock_code, self->lock_text);

  return FALSE;
}

BfySealedCredential *
bfy_credentials_peek_sealed (BfyCredentials *self, const BfyBinding *binding)
{
  return g_hash_table_lookup (self->envelopes, binding->id);
}

void
bfy_credentials_drop (BfyCredentials *self, const char *id)
{
  if (g_hash_table_remove (self->cached, id))
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0, TRUE);
  g_hash_table_remove (self->envelopes, id);
}

/* Everybody who waited gets the same answer; who has gone away is skipped by GTask itself. */
static void
answer_waiting (BfyCredentials *self, const char *id, const GError *error)
{
  g_autoptr (GPtrArray) waiting = NULL;

  waiting = g_hash_table_lookup (self->loading, id);
  if (waiting == NULL)
    return;

  g_ptr_array_ref (waiting);
  g_hash_table_remove (self->loading, id);
  for (guint i = 0; i < waiting->len; i++)
    {
      if (error != NULL)
        g_task_return_error (g_ptr_array_index (waiting, i), g_error_copy (error));
      else
        g_task_return_boolean (g_ptr_array_index (waiting, i), TRUE);
    }
}

void
bfy_credentials_forget_if_locked (BfyCredentials *self)
{
  if (self->is_locked)
    bfy_keyrings_forget (self->keyrings);
}

static void
on_looked_up (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Load) load = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BfySecret) sealed = bfy_keyring_lookup_finish (BFY_KEYRING (source), result, &error);
  g_autoptr (BfyCredential) credential = NULL;
  g_autoptr (BfySealedCredential) envelope = NULL;

  if (sealed != NULL && load->is_sealed)
    envelope = bfy_sealed_credential_parse (sealed, &error);
  else if (sealed != NULL)
    credential = bfy_credential_open (sealed, &error);
  /* Keyrings know ids only. */
  if (g_error_matches (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING))
    {
      g_clear_error (&error);
      g_set_error (&error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING,
                   "There is no credential for “%s”; bindify login %s gives it one", load->name,
                   load->name);
    }
  bfy_credentials_forget_if_locked (load->self);
  if (g_hash_table_lookup (load->self->loading, load->id) != load->waiting)
    return;
  /* A credential stored meanwhile is newer than the one that was read. */
  if (credential != NULL && !g_hash_table_contains (load->self->cached, load->id))
    bfy_credentials_put (load->self, load->id, g_steal_pointer (&credential));
  if (envelope != NULL && !g_hash_table_contains (load->self->envelopes, load->id))
    g_hash_table_insert (load->self->envelopes, g_strdup (load->id), g_steal_pointer (&envelope));
  answer_waiting (load->self, load->id, error);
}

void
bfy_credentials_load_async (BfyCredentials *self,
                            BfyBinding *binding,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GPtrArray *waiting = g_hash_table_lookup (self->loading, binding->id);
  GError *error = NULL;
  BfyKeyring *keyring;
  Load *load;

  g_task_set_source_tag (task, bfy_credentials_load_async);
  g_task_set_check_cancellable (task, TRUE);
  if (!bfy_credentials_check_unlocked (self, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  if (waiting != NULL)
    {
      g_ptr_array_add (waiting, task);
      return;
    }
  keyring = bfy_keyrings_find (self->keyrings, binding->keyring, &error);
  if (keyring == NULL)
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (waiting, task);
  g_hash_table_insert (self->loading, g_strdup (binding->id), waiting);
  load = g_new0 (Load, 1);
  load->self = g_object_ref (self);
  load->id = g_strdup (binding->id);
  load->name = g_strdup (binding->name);
  load->is_sealed = binding->is_sealed;
  load->waiting = waiting;
  bfy_keyring_lookup_async (keyring, binding->id, NULL, on_looked_up, load);
}

gboolean
bfy_credentials_load_finish (BfyCredentials *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

gboolean
bfy_credentials_hold (BfyCredentials *self, const BfyBinding *binding, GError **error)
{
  if (g_hash_table_add (self->held, g_strdup (binding->id)))
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_IN_USE,
               "The credential of “%s” is being changed just now; try again", binding->name);

  return FALSE;
}

void
bfy_credentials_release (BfyCredentials *self, const BfyBinding *binding)
{
  g_hash_table_remove (self->held, binding->id);
}

void
bfy_credentials_settle_async (BfyCredentials *self,
                              const BfyBinding *binding,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  GPtrArray *waiting = g_hash_table_lookup (self->loading, binding->id);

  g_task_set_source_tag (task, bfy_credentials_settle_async);
  if (waiting != NULL)
    {
      g_ptr_array_add (waiting, task);
      return;
    }
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

gboolean
bfy_credentials_settle_finish (BfyCredentials *self, GAsyncResult *result)
{
  return g_task_propagate_boolean (G_TASK (result), NULL);
}

void
bfy_credentials_give_up_loading (BfyCredentials *self,
                                 const char *id,
                                 BfyErrorCode code,
                                 const char *message)
{
  g_autoptr (GError) error = g_error_new_literal (BFY_ERROR, code, message);

  answer_waiting (self, id, error);
}

void
bfy_credentials_remember (BfyCredentials *self,
                          const BfyBinding *binding,
                          BfyCredential *credential)
{
  g_autoptr (BfyCredential) owned = credential;

  if (!self->is_locked)
    bfy_credentials_put (self, binding->id, g_steal_pointer (&owned));
}

void
bfy_credentials_remember_sealed (BfyCredentials *self,
                                 const BfyBinding *binding,
                                 BfySealedCredential *envelope)
{
  g_autoptr (BfySealedCredential) owned = envelope;

  if (!self->is_locked)
    g_hash_table_replace (self->envelopes, g_strdup (binding->id), g_steal_pointer (&owned));
}

void
bfy_credentials_forget (BfyCredentials *self, const BfyBinding *binding)
{
  bfy_credentials_drop (self, binding->id);
}

void
bfy_credentials_forget_all (BfyCredentials *self)
{
  g_hash_table_remove_all (self->cached);
  g_hash_table_remove_all (self->envelopes);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0, TRUE);
}

static void
give_up_all_loading (BfyCredentials *self)
{
  g_autoptr (GList) ids = g_hash_table_get_keys (self->loading);

  for (GList *id = ids; id != NULL; id = id->next)
    {
      g_autofree char *copy = g_strdup (id->data);

      bfy_credentials_give_up_loading (self, copy, self->lock_code, self->lock_text);
    }
}

void
bfy_credentials_explain_lock (BfyCredentials *self, BfyErrorCode code, const char *static_text)
{
  self->lock_code = code;
  self->lock_text = static_text;
}

gboolean
bfy_credentials_lock (BfyCredentials *self)
{
  gboolean was_locked = self->is_locked;

  self->is_locked = TRUE;
  bfy_credentials_forget_all (self);
  give_up_all_loading (self);
  g_signal_emit (self, signals[SIGNAL_LOCKED], 0);
  bfy_keyrings_forget (self->keyrings);

  return !was_locked;
}

gboolean
bfy_credentials_unlock (BfyCredentials *self)
{
  gboolean was_locked = self->is_locked;

  self->is_locked = FALSE;
  if (was_locked)
    g_signal_emit (self, signals[SIGNAL_UNLOCKED], 0);

  return was_locked;
}

static void
bfy_credentials_finalize (GObject *object)
{
  BfyCredentials *self = BFY_CREDENTIALS (object);

  g_hash_table_unref (self->cached);
  g_hash_table_unref (self->envelopes);
  g_hash_table_unref (self->loading);
  g_hash_table_unref (self->held);
  g_clear_object (&self->keyrings);
  G_OBJECT_CLASS (bfy_credentials_parent_class)->finalize (object);
}

static void
bfy_credentials_class_init (BfyCredentialsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_credentials_finalize;

  signals[SIGNAL_LOCKED] = g_signal_new ("locked", BFY_TYPE_CREDENTIALS, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_UNLOCKED] = g_signal_new ("unlocked", BFY_TYPE_CREDENTIALS, G_SIGNAL_RUN_LAST, 0,
                                           NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", BFY_TYPE_CREDENTIALS, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
bfy_credentials_init (BfyCredentials *self)
{
  bfy_credentials_explain_lock (self, BFY_ERROR_LOCKED, LOCKED_TEXT);
  self->held = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->cached =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) bfy_credential_free);
  self->envelopes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify) bfy_sealed_credential_free);
  self->loading =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
}
