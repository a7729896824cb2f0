/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The credential of an enrolment that has none yet: somebody signs in (agent/oauth/sign-in.h). A
 * binding that exists keeps what it has until the new one is stored (behaviour 17.8). */

#include "agent/enrol/enrol-private.h"
#include "agent/oauth/token-endpoint.h"
#include "protocol/client-key.h"

void
bfy_enrol_tell (const BfyEnrol *enrol, const char *step)
{
  const BfyEnrolWatch *watch = &enrol->enrolment->watch;
  g_autoptr (JsonObject) object = NULL;

  if (watch->step == NULL)
    return;
  object = json_object_new ();
  json_object_set_string_member (object, "step", step);
  watch->step (object, watch->user_data);
}

/* Events of sign-ins that did not lead to a credential; those that did are `binding_created` and
 * `reauth`. What went wrong is said by its code: messages may name the server. */
void
bfy_enrol_note_failure (BfyEnrol *enrol, const GError *error)
{
  BfyEvent *event = bfy_agent_new_event ("sign_in", NULL, enrol->request);

  event->binding = g_strdup (enrol->binding->name);
  event->category = g_strdup ("failed");
  event->outcome = BFY_OUTCOME_FAILURE;
  event->detail = g_strdup (bfy_error_to_wire (bfy_error_code (error)));
  bfy_store_append_event (enrol->agent->store, event, TRUE);
}

static void
on_step (JsonObject *step, gpointer user_data)
{
  const BfyEnrolWatch *watch = user_data;

  if (watch->step != NULL)
    watch->step (step, watch->user_data);
}

static void
on_signed_in (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyEnrol *enrol = g_task_get_task_data (task);
  GError *error = NULL;

  enrol->enrolment->credential = bfy_sign_in_finish (result, &error);
  if (enrol->enrolment->credential == NULL)
    {
      bfy_enrol_note_failure (enrol, error);
      g_task_return_error (task, error);
      return;
    }

  enrol->was_signed_in = TRUE;
  bfy_enrol_check (task);
}

static void
begin (GTask *task)
{
  BfyEnrol *enrol = g_task_get_task_data (task);
  BfyEnrolment *enrolment = enrol->enrolment;
  const BfySignInSetup setup = {
    .binding = enrol->binding,
    .wish = enrolment->oauth,
    .known = enrol->known,
    .on_step = on_step,
    .step_data = &enrolment->watch,
  };
  GError *error = NULL;

  if (!bfy_sign_in_check (enrol->agent, &setup, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  if (enrolment->watch.begin != NULL)
    enrolment->watch.begin (enrolment->watch.user_data);
  bfy_sign_in_async (enrol->agent, &setup, bfy_request_get_gone (enrol->request), on_signed_in,
                     g_object_ref (task));
}

/* The old credential of a sealed binding, if the key that was presented opens it. */
static BfyCredential *
unseal (BfyEnrol *enrol)
{
  const BfySealedCredential *envelope =
      bfy_credentials_peek_sealed (enrol->agent->credentials, enrol->binding);
  g_autoptr (BfySecret) proof = NULL;
  g_autoptr (BfySecret) data_key = NULL;

  if (envelope == NULL || enrol->sealing == NULL || enrol->sealing->is_new)
    return NULL;

  proof = bfy_client_key_proof (enrol->sealing->key);
  data_key = bfy_sealed_credential_unwrap (envelope, enrol->binding->id, enrol->sealing->client_id,
                                           proof, NULL);

  return data_key != NULL
             ? bfy_sealed_credential_open (envelope, enrol->binding->id, data_key, NULL)
             : NULL;
}

static void
on_keyring_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (bfy_unlocker_open_finish (BFY_UNLOCKER (source), result, &error))
    begin (task);
  else
    g_task_return_error (task, error);
}

/* Nobody should sign in only to hear then that there is no place for the token. */
static void
on_keyring (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyEnrol *enrol = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (BfyKeyring) keyring =
      bfy_keyrings_choose_finish (BFY_KEYRINGS (source), result, &error);

  if (keyring == NULL)
    g_task_return_error (task, error);
  else
    bfy_unlocker_open_async (enrol->agent->unlocker, keyring, enrol->binding->id,
                             bfy_request_get_gone (enrol->request), on_keyring_open,
                             g_object_ref (task));
}

/* Without the old one everything is found out anew, so one that cannot be read is no obstacle. A
 * keyring that is locked is one: better now than after the person has signed in. */
static void
on_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyEnrol *enrol = g_task_get_task_data (task);
  g_autoptr (BfyCredential) opened = NULL;
  const BfyCredential *old;
  g_autoptr (GError) error = NULL;

  if (!bfy_unlocker_load_finish (BFY_UNLOCKER (source), result, &error) &&
      (g_error_matches (error, BFY_ERROR, BFY_ERROR_LOCKED) ||
       g_error_matches (error, BFY_ERROR, BFY_ERROR_CANCELLED)))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  if (enrol->binding->is_sealed)
    old = opened = unseal (enrol);
  else
    old = bfy_credentials_peek (enrol->agent->credentials, enrol->binding);
  if (old != NULL && old->source != NULL)
    enrol->known = bfy_oauth_source_ref (old->source);
  begin (task);
}

void
bfy_enrol_sign_in (GTask *task)
{
  BfyEnrol *enrol = g_task_get_task_data (task);

  if (enrol->is_renewal)
    bfy_unlocker_load_async (enrol->agent->unlocker, enrol->agent->credentials, enrol->binding,
                             TRUE, bfy_request_get_gone (enrol->request), on_known,
                             g_object_ref (task));
  else
    bfy_keyrings_choose_async (enrol->agent->keyrings, enrol->enrolment->keyring,
                               bfy_request_get_gone (enrol->request), on_keyring,
                               g_object_ref (task));
}

static void
on_given_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!bfy_token_revoke_finish (result, &error))
    g_info ("An unused token was not given back: %s", error->message);
}

void
bfy_enrol_give_back (const BfyEnrol *enrol)
{
  const BfyCredential *credential = enrol->enrolment->credential;

  if (enrol->was_signed_in && credential != NULL)
    bfy_token_revoke_async (enrol->agent, enrol->binding, credential, NULL, on_given_back, NULL);
}
