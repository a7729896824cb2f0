/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/seals.h"

#include "protocol/error.h"

struct _BfySeals
{
  GObject parent_instance;

  BfyCredentials *credentials; /* (owned) */
  BfyRegistry *registry;       /* (owned) */
  GQueue line;                 /* (element-type GTask) (owned) the first one is at work */
};

G_DEFINE_FINAL_TYPE (BfySeals, bfy_seals, G_TYPE_OBJECT)

/* --- Requests --- */

/* Says no more than the name: whoever asks over TCP need not learn who else there is. */
static GError *
new_locked (const BfyBinding *binding, gboolean has_key)
{
  return g_error_new (BFY_ERROR, BFY_ERROR_LOCKED,
                      has_key ? "“%s” is sealed, and the key of this client does not open it; "
                                "bindify show %s says whose key does"
                              : "“%s” is sealed: it opens only with the key of a client that may "
                                "open it, and none was presented; bindify show %s says whose",
                      binding->name, binding->name);
}

gboolean
bfy_seals_check_key (const BfyBinding *binding, BfyRequest *request, GError **error)
{
  if (bfy_request_get_proof (request) != NULL && bfy_request_get_client (request) != NULL)
    return TRUE;

  g_propagate_error (error, new_locked (binding, FALSE));

  return FALSE;
}

BfyCredential *
bfy_seals_open (const BfySealedCredential *envelope,
                const BfyBinding *binding,
                BfyRequest *request,
                GError **error)
{
  const BfySecret *proof = bfy_request_get_proof (request);
  BfyClient *client = bfy_request_get_client (request);
  g_autoptr (BfySecret) data_key = NULL;

  if (!bfy_seals_check_key (binding, request, error))
    return NULL;
  if (envelope == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING,
                   "There is no credential for “%s”", binding->name);
      return NULL;
    }
  if (!bfy_sealed_credential_has_client (envelope, client->id))
    {
      g_propagate_error (error, new_locked (binding, TRUE));
      return NULL;
    }

  data_key = bfy_sealed_credential_unwrap (envelope, binding->id, client->id, proof, error);

  return data_key != NULL ? bfy_sealed_credential_open (envelope, binding->id, data_key, error)
                          : NULL;
}

/* --- Changes --- */

typedef struct
{
  BfyBinding *binding; /* (owned) */
  BfySealEdit edit;
  gpointer edit_data; /* borrowed */
  gboolean replaces;  /* what cannot be read is no obstacle */
  gboolean creates;   /* there is none yet */
  gboolean is_held;   /* nobody else stores, removes or moves it */
} Edit;

static void
edit_free (gpointer user_data)
{
  Edit *edit = user_data;

  bfy_binding_unref (edit->binding);
  g_free (edit);
}

static void begin_next (BfySeals *self);

/* @error is taken. What the callback asks for stands in line behind the task until it has gone. */
static void
end_edit (BfySeals *self, GError *error)
{
  g_autoptr (BfySeals) kept = g_object_ref (self);
  g_autoptr (GTask) task = g_object_ref (g_queue_peek_head (&self->line));
  Edit *edit = g_task_get_task_data (task);

  if (edit->is_held)
    bfy_credentials_release (self->credentials, edit->binding);
  edit->is_held = FALSE;
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (g_queue_pop_head (&kept->line));
  begin_next (kept);
}

/* Which of the two is in the keyring now is not known after a failure: the next one to ask reads
 * it.
 */
static void
end_change (BfySeals *self, gboolean is_done, GError *error)
{
  Edit *edit = g_task_get_task_data (g_queue_peek_head (&self->line));

  if (!is_done)
    bfy_credentials_forget (self->credentials, edit->binding);
  end_edit (self, error);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySeals) self = user_data;
  GError *error = NULL;
  gboolean is_done = bfy_credentials_store_finish (BFY_CREDENTIALS (source), result, &error);

  end_change (self, is_done, error);
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySeals) self = user_data;
  GError *error = NULL;
  gboolean is_done = bfy_credentials_remove_finish (BFY_CREDENTIALS (source), result, &error);

  end_change (self, is_done, error);
}

/* @present is NULL when there is none, or none that can be read. */
static void
apply (BfySeals *self, const BfySealedCredential *present)
{
  Edit *edit = g_task_get_task_data (g_queue_peek_head (&self->line));
  g_autoptr (BfySealedCredential) envelope =
      present != NULL ? bfy_sealed_credential_copy (present) : bfy_sealed_credential_new ();
  GError *error = NULL;

  if (!edit->edit (envelope, edit->binding, edit->edit_data, &error))
    end_edit (self, error);
  else if (bfy_sealed_credential_n_clients (envelope) == 0)
    bfy_credentials_remove_sealed_async (self->credentials, edit->binding, on_removed,
                                         g_object_ref (self));
  else
    bfy_credentials_store_sealed_async (self->credentials, edit->binding,
                                        g_steal_pointer (&envelope), on_stored,
                                        g_object_ref (self));
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfySeals) self = user_data;
  Edit *edit = g_task_get_task_data (g_queue_peek_head (&self->line));
  GError *error = NULL;

  if (bfy_credentials_load_finish (BFY_CREDENTIALS (source), result, &error))
    {
      apply (self, bfy_credentials_peek_sealed (self->credentials, edit->binding));
      return;
    }
  if (!edit->replaces || (!g_error_matches (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING) &&
                          !g_error_matches (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED)))
    {
      end_edit (self, error);
      return;
    }

  g_error_free (error);
  apply (self, NULL);
}

/* While it stood in line, the binding may have been moved to another keyring, or removed. */
static gboolean
take_current (BfySeals *self, Edit *edit, GError **error)
{
  BfyBinding *current = bfy_registry_find_by_id (self->registry, edit->binding->id);

  if (current == NULL && !edit->creates)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "The binding “%s” has gone",
                   edit->binding->name);
      return FALSE;
    }
  if (current != NULL && current != edit->binding)
    {
      bfy_binding_unref (edit->binding);
      edit->binding = bfy_binding_ref (current);
    }
  edit->is_held = bfy_credentials_hold (self->credentials, edit->binding, error);

  return edit->is_held;
}

static void
begin_next (BfySeals *self)
{
  GTask *task = g_queue_peek_head (&self->line);
  Edit *edit = task != NULL ? g_task_get_task_data (task) : NULL;
  GError *error = NULL;

  if (edit == NULL)
    return;

  if (!take_current (self, edit, &error))
    end_edit (self, error);
  else if (edit->creates || bfy_credentials_peek_sealed (self->credentials, edit->binding) != NULL)
    apply (self, bfy_credentials_peek_sealed (self->credentials, edit->binding));
  else
    bfy_credentials_load_async (self->credentials, edit->binding, NULL, on_loaded,
                                g_object_ref (self));
}

/* Takes over @task. */
static void
stand_in_line (GTask *task, const Edit *edit)
{
  BfySeals *self = g_task_get_source_object (task);
  Edit *data = g_memdup2 (edit, sizeof *edit);

  data->binding = bfy_binding_ref (edit->binding);
  g_task_set_task_data (task, data, edit_free);
  g_queue_push_tail (&self->line, task);
  if (self->line.length == 1)
    begin_next (self);
}

void
bfy_seals_edit_async (BfySeals *self,
                      BfyBinding *binding,
                      BfySealEdit edit,
                      gpointer edit_data,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  const Edit data = { .binding = binding, .edit = edit, .edit_data = edit_data };

  g_task_set_source_tag (task, bfy_seals_edit_async);
  stand_in_line (task, &data);
}

void
bfy_seals_replace_async (BfySeals *self,
                         BfyBinding *binding,
                         BfySealEdit edit,
                         gpointer edit_data,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  const Edit data = { .binding = binding, .edit = edit, .edit_data = edit_data, .replaces = TRUE };

  g_task_set_source_tag (task, bfy_seals_replace_async);
  stand_in_line (task, &data);
}

void
bfy_seals_create_async (BfySeals *self,
                        BfyBinding *binding,
                        BfySealEdit edit,
                        gpointer edit_data,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  const Edit data = { .binding = binding, .edit = edit, .edit_data = edit_data, .creates = TRUE };

  g_task_set_source_tag (task, bfy_seals_create_async);
  stand_in_line (task, &data);
}

gboolean
bfy_seals_edit_finish (BfySeals *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

BfySeals *
bfy_seals_new (BfyCredentials *credentials, BfyRegistry *registry)
{
  BfySeals *self = g_object_new (BFY_TYPE_SEALS, NULL);

  self->credentials = g_object_ref (credentials);
  self->registry = g_object_ref (registry);

  return self;
}

static void
bfy_seals_finalize (GObject *object)
{
  BfySeals *self = BFY_SEALS (object);

  g_queue_clear_full (&self->line, g_object_unref);
  g_clear_object (&self->credentials);
  g_clear_object (&self->registry);
  G_OBJECT_CLASS (bfy_seals_parent_class)->finalize (object);
}

static void
bfy_seals_class_init (BfySealsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = bfy_seals_finalize;
}

static void
bfy_seals_init (BfySeals *self)
{
  g_queue_init (&self->line);
}
