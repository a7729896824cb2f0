/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The second half of making a binding or renewing its credential: what has been checked is kept,
 * the credential first, then the record. */

#include "agent/child/children.h"
#include "agent/enrol/account-note.h"
#include "agent/enrol/enrol-private.h"
#include "agent/moment.h"
#include "agent/oauth/refresher.h"

gboolean
bfy_enrol_check_free (BfyEnrol *enrol, GError **error)
{
  BfyRegistry *registry = enrol->agent->registry;

  /* One that signs in anew is there already. */
  if (enrol->is_renewal)
    return TRUE;
  if (bfy_registry_find (registry, enrol->binding->name) == NULL)
    return bfy_registry_check_room (registry, error);

  g_set_error (error, BFY_ERROR, BFY_ERROR_EXISTS,
               "There is already a binding called “%s”; choose another name with --name",
               enrol->binding->name);

  return FALSE;
}

static void
on_taken_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyEnrol *enrol = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!bfy_credentials_remove_finish (BFY_CREDENTIALS (source), result, &error))
    g_warning ("An unused credential stays in the keyring under %s: %s", enrol->binding->id,
               error->message);
}

static gboolean
add_to_registry (BfyEnrol *enrol, GError **error)
{
  BfyRegistry *registry = enrol->agent->registry;

  if (!bfy_enrol_check_free (enrol, error) || !bfy_registry_add (registry, enrol->binding, error))
    return FALSE;
  if (enrol->sealing == NULL ||
      bfy_sealing_add_client (enrol->sealing, enrol->agent, enrol->binding, enrol->request, error))
    return TRUE;

  if (!bfy_registry_remove (registry, enrol->binding->name, NULL))
    g_warning ("“%s” stays without a client that can open it", enrol->binding->name);

  return FALSE;
}

/* What is worth a word about tokens that were taken (behaviour 9.4, 17.7); NULL when nothing is. */
static char *
describe_tokens (const BfyEnrol *enrol)
{
  const char *id = enrol->binding->service;
  BfyService *service = id != NULL ? bfy_services_find (enrol->agent->services, id) : NULL;

  if (!enrol->has_tokens || enrol->can_refresh || service == NULL || !service->requires_refresh)
    return NULL;

  return g_strdup ("no refresh token came");
}

/* From now on: asking people and services may have taken minutes. */
static void
begin_lifetime (BfyEnrol *enrol)
{
  gint64 wanted_s = enrol->enrolment->conditions.lifetime_s;
  gint64 lifetime_s = wanted_s == BFY_LIFETIME_UNSAID ? enrol->agent->lifetime_s : wanted_s;
  BfyMoment now = bfy_moment_now ();

  enrol->binding->ends =
      lifetime_s > 0 ? bfy_expiry_after (&now, lifetime_s * 1000) : (BfyExpiry){ 0 };
}

static void
record (GTask *task)
{
  BfyEnrol *enrol = g_task_get_task_data (task);
  GError *error = NULL;
  BfyEvent *event;

  if (enrol->has_tokens)
    {
      enrol->binding->expires_at_s = enrol->expires_at_s;
      enrol->binding->refreshed_at_s = bfy_agent_now_s ();
      enrol->binding->issued_at_s = enrol->binding->refreshed_at_s;
      enrol->binding->can_refresh = enrol->can_refresh;
    }
  begin_lifetime (enrol);
  if (!add_to_registry (enrol, &error))
    {
      bfy_credentials_remove_async (enrol->agent->credentials, enrol->binding, on_taken_back,
                                    g_object_ref (task));
      g_task_return_error (task, error);
      return;
    }

  event = bfy_agent_new_event ("binding_created", enrol->binding, enrol->request);
  event->category = g_strdup (enrol->binding->auth_type);
  event->detail = describe_tokens (enrol);
  bfy_store_append_event (enrol->agent->store, event, TRUE);
  g_task_return_pointer (task, bfy_binding_ref (enrol->binding),
                         (GDestroyNotify) bfy_binding_unref);
}

/* The binding has its new credential (behaviour 17.8, 21.2). */
static void
note_renewal (GTask *task)
{
  BfyEnrol *enrol = g_task_get_task_data (task);
  BfyRegistry *registry = enrol->agent->registry;
  BfyEvent *event = bfy_agent_new_event ("reauth", enrol->binding, enrol->request);
  BfyBinding *current;

  event->category = g_strdup ("success");
  event->detail = describe_tokens (enrol);
  bfy_store_append_event (enrol->agent->store, event, TRUE);
  if (enrol->has_tokens)
    bfy_registry_set_tokens (registry, enrol->binding->id, enrol->expires_at_s, bfy_agent_now_s (),
                             enrol->can_refresh);
  bfy_registry_set_state (registry, enrol->binding->id, BFY_STATE_OK, bfy_agent_now_s ());
  bfy_account_note (enrol->agent, enrol->binding->id, enrol->account);
  bfy_children_restart (enrol->agent->children, enrol->binding->id);
  current = bfy_registry_find_by_id (registry, enrol->binding->id);
  g_task_return_pointer (task, bfy_binding_ref (current != NULL ? current : enrol->binding),
                         (GDestroyNotify) bfy_binding_unref);
}

/* @error (taken) is NULL when it is stored. */
static void
go_on_stored (GTask *task, GError *error)
{
  BfyEnrol *enrol = g_task_get_task_data (task);

  if (error == NULL)
    {
      if (enrol->is_renewal)
        note_renewal (task);
      else
        record (task);
      return;
    }
  if (enrol->is_renewal)
    {
      /* Which of the two is in the keyring now is not known: the next request reads it. */
      bfy_credentials_forget (enrol->agent->credentials, enrol->binding);
      g_task_return_error (task, error);
      return;
    }

  /* It may have arrived all the same. */
  bfy_credentials_remove_async (enrol->agent->credentials, enrol->binding, on_taken_back,
                                g_object_ref (task));
  g_task_return_error (task, error);
}

static void
on_stored (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  gboolean is_stored = bfy_credentials_store_finish (BFY_CREDENTIALS (source), result, &error);

  go_on_stored (task, is_stored ? NULL : error);
}

static void
on_sealed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyEnrol *enrol = g_task_get_task_data (task);
  BfySealing *sealing = enrol->sealing;
  GError *error = NULL;
  gboolean is_stored = bfy_seals_edit_finish (BFY_SEALS (source), result, &error);

  sealing->credential = NULL;
  g_clear_pointer (&enrol->enrolment->credential, bfy_credential_free);
  if (!is_stored && enrol->is_renewal && sealing->is_new &&
      !bfy_registry_remove_client (enrol->agent->registry, sealing->client_id, NULL))
    g_warning ("The unused key of “%s” stays", sealing->label);
  go_on_stored (task, is_stored ? NULL : error);
}

/* A binding that exists has its new client first: were it the other way round, a failure in between
 * would leave a credential that nobody can open in place of the old one. */
static void
seal_credential (GTask *task)
{
  BfyEnrol *enrol = g_task_get_task_data (task);
  GError *error = NULL;

  if (enrol->is_renewal && !bfy_sealing_add_client (enrol->sealing, enrol->agent, enrol->binding,
                                                    enrol->request, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  enrol->sealing->credential = enrol->enrolment->credential;
  if (enrol->is_renewal)
    bfy_seals_replace_async (enrol->agent->seals, enrol->binding, bfy_sealing_edit, enrol->sealing,
                             on_sealed, g_object_ref (task));
  else
    bfy_seals_create_async (enrol->agent->seals, enrol->binding, bfy_sealing_edit, enrol->sealing,
                            on_sealed, g_object_ref (task));
}

/* What the record is told of the tokens once they are stored. A refresh that is under way for the
 * old ones no longer counts. */
static void
note_tokens (BfyEnrol *enrol)
{
  const BfyCredential *credential = enrol->enrolment->credential;
  const BfyOAuthSource *source = credential->source;

  if (credential->type != BFY_CREDENTIAL_OAUTH_TOKEN)
    return;

  enrol->has_tokens = TRUE;
  enrol->expires_at_s = credential->expires_at_s;
  enrol->can_refresh =
      source != NULL && (credential->refresh != NULL || source->is_client_credentials);
  if (enrol->is_renewal && enrol->agent->refresher != NULL)
    bfy_refresher_forget (enrol->agent->refresher, enrol->binding);
}

/* Signing in takes minutes; a credential without a record would be lost from sight. */
static gboolean
check_there (BfyEnrol *enrol, const BfyBinding *current, GError **error)
{
  if (!enrol->is_renewal || current != NULL)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
               "“%s” was removed in the meantime; nothing was stored", enrol->binding->name);

  return FALSE;
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyEnrol *enrol = g_task_get_task_data (task);
  BfyBinding *current = bfy_registry_find_by_id (enrol->agent->registry, enrol->binding->id);
  GError *error = NULL;

  if (!bfy_unlocker_open_finish (BFY_UNLOCKER (source), result, &error) ||
      !check_there (enrol, current, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  /* It may have been moved to another keyring while the service was asked. */
  if (current != NULL)
    {
      g_clear_pointer (&enrol->binding, bfy_binding_unref);
      enrol->binding = bfy_binding_ref (current);
    }
  note_tokens (enrol);
  if (enrol->sealing != NULL)
    {
      seal_credential (task);
      return;
    }

  bfy_credentials_store_async (enrol->agent->credentials, enrol->binding,
                               g_steal_pointer (&enrol->enrolment->credential), on_stored,
                               g_object_ref (task));
}

/* Nothing is written before the keyring is open; until then whoever asked may still go away. */
static void
keep_credential (GTask *task)
{
  BfyEnrol *enrol = g_task_get_task_data (task);
  GError *error = NULL;
  BfyKeyring *keyring =
      bfy_credentials_find_keyring (enrol->agent->credentials, enrol->binding, &error);

  if (keyring == NULL || !bfy_credentials_check_unlocked (enrol->agent->credentials, &error))
    g_task_return_error (task, error);
  else
    bfy_unlocker_open_async (enrol->agent->unlocker, keyring, enrol->binding->id,
                             bfy_request_get_gone (enrol->request), on_opened, g_object_ref (task));
}

static void
on_keyring (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyEnrol *enrol = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (BfyKeyring) keyring =
      bfy_keyrings_choose_finish (BFY_KEYRINGS (source), result, &error);

  if (keyring == NULL || !bfy_enrol_check_free (enrol, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_free (enrol->binding->keyring);
  enrol->binding->keyring = g_strdup (bfy_keyring_get_name (keyring));
  keep_credential (task);
}

void
bfy_enrol_keep (GTask *task)
{
  BfyEnrol *enrol = g_task_get_task_data (task);

  if (enrol->was_signed_in)
    bfy_enrol_tell (enrol, "storing");
  if (enrol->is_renewal)
    keep_credential (task);
  else if (enrol->enrolment->credential == NULL)
    record (task);
  else
    bfy_keyrings_choose_async (enrol->agent->keyrings, enrol->enrolment->keyring,
                               bfy_request_get_gone (enrol->request), on_keyring,
                               g_object_ref (task));
}
