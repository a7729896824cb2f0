/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/enrol/enrolment.h"
#include "agent/enrol/probe.h"

typedef struct
{
  BfyAgent *agent;         /* borrowed */
  BfyEnrolment *enrolment; /* (owned) */
  BfyRequest *request;     /* (owned) */
  BfyBinding *binding;     /* (owned) (nullable) */
  BfySealing *sealing;     /* (owned) (nullable) */
  BfyTrialResult *trial;   /* (owned) (nullable) */
  gboolean is_renewal;     /* of a binding that exists */
  gboolean was_checked;
} Enrol;

static void
enrol_free (gpointer user_data)
{
  Enrol *enrol = user_data;

  bfy_enrolment_free (enrol->enrolment);
  bfy_request_unref (enrol->request);
  g_clear_pointer (&enrol->binding, bfy_binding_unref);
  g_clear_pointer (&enrol->sealing, bfy_sealing_free);
  g_clear_pointer (&enrol->trial, bfy_trial_result_free);
  g_free (enrol);
}

static gboolean
check_free (Enrol *enrol, GError **error)
{
  if (enrol->is_renewal || bfy_registry_find (enrol->agent->registry, enrol->binding->name) == NULL)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_EXISTS,
               "There is already a binding called “%s”; choose another name with --name",
               enrol->binding->name);

  return FALSE;
}

static void
on_taken_back (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Enrol *enrol = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  if (!bfy_credentials_remove_finish (BFY_CREDENTIALS (source), result, &error))
    g_warning ("An unused credential stays in the keyring under %s: %s", enrol->binding->id,
               error->message);
}

static gboolean
add_to_registry (Enrol *enrol, GError **error)
{
  BfyRegistry *registry = enrol->agent->registry;

  if (!check_free (enrol, error) || !bfy_registry_add (registry, enrol->binding, error))
    return FALSE;
  if (enrol->sealing == NULL ||
      bfy_sealing_add_client (enrol->sealing, enrol->agent, enrol->binding, enrol->request, error))
    return TRUE;

  if (!bfy_registry_remove (registry, enrol->binding->name, NULL))
    g_warning ("“%s” stays without a client that can open it", enrol->binding->name);

  return FALSE;
}

static void
record (GTask *task)
{
  Enrol *enrol = g_task_get_task_data (task);
  GError *error = NULL;
  BfyEvent *event;

  if (!add_to_registry (enrol, &error))
    {
      bfy_credentials_remove_async (enrol->agent->credentials, enrol->binding, on_taken_back,
                                    g_object_ref (task));
      g_task_return_error (task, error);
      return;
    }

  event = bfy_agent_new_event ("binding_created", enrol->binding, enrol->request);
  event->category = g_strdup (enrol->binding->auth_type);
  bfy_store_append_event (enrol->agent->store, event, TRUE);
  g_task_return_pointer (task, bfy_binding_ref (enrol->binding),
                         (GDestroyNotify) bfy_binding_unref);
}

/* The binding has its new credential (behaviour 17.8, 21.2). */
static void
note_renewal (GTask *task)
{
  Enrol *enrol = g_task_get_task_data (task);
  BfyRegistry *registry = enrol->agent->registry;
  BfyEvent *event = bfy_agent_new_event ("reauth", enrol->binding, enrol->request);
  BfyBinding *current;

  event->category = g_strdup ("success");
  bfy_store_append_event (enrol->agent->store, event, TRUE);
  bfy_registry_set_state (registry, enrol->binding->id, BFY_STATE_OK, bfy_agent_now_s ());
  bfy_children_restart (enrol->agent->children, enrol->binding->id);
  current = bfy_registry_find_by_id (registry, enrol->binding->id);
  g_task_return_pointer (task, bfy_binding_ref (current != NULL ? current : enrol->binding),
                         (GDestroyNotify) bfy_binding_unref);
}

/* @error (taken) is NULL when it is stored. */
static void
go_on_stored (GTask *task, GError *error)
{
  Enrol *enrol = g_task_get_task_data (task);

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
  Enrol *enrol = g_task_get_task_data (task);
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
  Enrol *enrol = g_task_get_task_data (task);
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

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Enrol *enrol = g_task_get_task_data (task);
  BfyBinding *current = bfy_registry_find_by_id (enrol->agent->registry, enrol->binding->id);
  GError *error = NULL;

  if (!bfy_unlocker_open_finish (BFY_UNLOCKER (source), result, &error))
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
  Enrol *enrol = g_task_get_task_data (task);
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
  Enrol *enrol = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (BfyKeyring) keyring =
      bfy_keyrings_choose_finish (BFY_KEYRINGS (source), result, &error);

  if (keyring == NULL || !check_free (enrol, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  g_free (enrol->binding->keyring);
  enrol->binding->keyring = g_strdup (bfy_keyring_get_name (keyring));
  keep_credential (task);
}

static void
store (GTask *task)
{
  Enrol *enrol = g_task_get_task_data (task);

  if (enrol->is_renewal)
    keep_credential (task);
  else if (enrol->enrolment->credential == NULL)
    record (task);
  else
    bfy_keyrings_choose_async (enrol->agent->keyrings, enrol->enrolment->keyring,
                               bfy_request_get_gone (enrol->request), on_keyring,
                               g_object_ref (task));
}

static guint
expected_status (Enrol *enrol)
{
  BfyService *service = enrol->binding->service != NULL
                            ? bfy_services_find (enrol->agent->services, enrol->binding->service)
                            : NULL;

  return service != NULL && service->probe != NULL ? service->probe->expect_status : 0;
}

/* Behaviour 18.3: the status only, never a byte of the body. */
static GError *
judge (Enrol *enrol, const BfyProbeResult *answer)
{
  guint expected = expected_status (enrol);

  if (expected != 0 ? answer->status == expected : SOUP_STATUS_IS_SUCCESSFUL (answer->status))
    return NULL;
  if (answer->status == SOUP_STATUS_UNAUTHORIZED || answer->status == SOUP_STATUS_FORBIDDEN)
    return g_error_new (BFY_ERROR, BFY_ERROR_CREDENTIAL_REFUSED,
                        enrol->enrolment->credential != NULL
                            ? "The service refused this credential (HTTP %u); nothing was stored"
                            : "The service wants a credential (HTTP %u); nothing was stored",
                        answer->status);
  if (SOUP_STATUS_IS_REDIRECTION (answer->status))
    return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                        "The URL redirects to another site (HTTP %u), where the credential would "
                        "not go; give the final URL. Nothing was stored",
                        answer->status);

  return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                      "The service answered HTTP %u to the check; if the URL is right, --no-check "
                      "stores without asking. Nothing was stored",
                      answer->status);
}

/* Behaviour 21.7. */
static void
note_rejection (Enrol *enrol, guint status)
{
  BfyEvent *event = bfy_agent_new_event ("api_key_validation", NULL, enrol->request);

  event->binding = g_strdup (enrol->binding->name);
  event->category = g_strdup ("upstream_rejected");
  event->outcome = BFY_OUTCOME_FAILURE;
  event->status = status;
  bfy_store_append_event (enrol->agent->store, event, TRUE);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Enrol *enrol = g_task_get_task_data (task);
  BfyProbeResult answer;
  GError *error = NULL;

  if (bfy_probe_finish (result, &answer, &error))
    error = judge (enrol, &answer);
  if (error != NULL)
    {
      if (g_error_matches (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_REFUSED))
        note_rejection (enrol, answer.status);
      g_task_return_error (task, error);
      return;
    }

  enrol->was_checked = TRUE;
  store (task);
}

/* A command that is not run for a try needs its sandbox all the same. */
static void
on_sandbox_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (bfy_trial_check_sandbox_finish (result, &error))
    store (task);
  else
    g_task_return_error (task, error);
}

static void
on_tried (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Enrol *enrol = g_task_get_task_data (task);
  GError *error = NULL;

  enrol->trial = bfy_trial_finish (result, &error);
  if (enrol->trial == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  enrol->was_checked = TRUE;
  store (task);
}

static void
check_program (GTask *task)
{
  Enrol *enrol = g_task_get_task_data (task);
  BfyChildren *children = enrol->agent->children;
  const BfyCredential *credential = enrol->enrolment->credential;

  if (enrol->enrolment->skips_check)
    bfy_trial_check_sandbox_async (children, enrol->binding->program, on_sandbox_checked,
                                   g_object_ref (task));
  else
    bfy_trial_async (children, enrol->binding, credential != NULL ? credential->secret : NULL,
                     bfy_request_get_gone (enrol->request), on_tried, g_object_ref (task));
}

static void
check (GTask *task)
{
  Enrol *enrol = g_task_get_task_data (task);
  const BfyBinding *binding = enrol->binding;
  BfyService *service = binding->service != NULL
                            ? bfy_services_find (enrol->agent->services, binding->service)
                            : NULL;
  BfyProbe probe;

  bfy_probe_init_mcp (&probe, binding->url, binding->injection, enrol->enrolment->credential);
  if (service != NULL && service->probe != NULL)
    {
      probe.method = service->probe->method;
      probe.url = service->probe->url;
      probe.body = service->probe->body;
      probe.headers = service->probe->headers;
      if (service->probe->injection != NULL)
        probe.injection = service->probe->injection;
    }
  bfy_probe_async (enrol->agent, &probe, bfy_request_get_gone (enrol->request), on_checked,
                   g_object_ref (task));
}

/* Before anybody is asked: who can open it. */
static gboolean
prepare_sealing (Enrol *enrol, GError **error)
{
  const BfyEnrolment *enrolment = enrol->enrolment;

  if (!enrol->binding->is_sealed)
    {
      if (enrolment->client == NULL && enrolment->client_key == NULL)
        return TRUE;
      g_set_error (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                   "A client’s key goes with a sealed binding only, and “%s” is not one",
                   enrol->binding->name);
      return FALSE;
    }
  if (enrolment->credential == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "There is no credential to seal");
      return FALSE;
    }

  enrol->sealing = bfy_sealing_new (enrol->agent->registry, enrol->binding, enrolment->client,
                                    enrolment->client_key, error);

  return enrol->sealing != NULL;
}

void
bfy_enrol_async (BfyAgent *agent,
                 BfyEnrolment *enrolment,
                 BfyRequest *request,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Enrol *enrol = g_new0 (Enrol, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, bfy_enrol_async);
  g_task_set_task_data (task, enrol, enrol_free);
  enrol->agent = agent;
  enrol->enrolment = enrolment;
  enrol->request = bfy_request_ref (request);
  enrol->binding = bfy_enrolment_resolve (enrolment, agent, &error);
  if (enrol->binding == NULL || !check_free (enrol, &error) || !prepare_sealing (enrol, &error))
    g_task_return_error (task, error);
  else if (enrol->binding->program != NULL)
    check_program (task);
  else if (enrolment->skips_check)
    store (task);
  else
    check (task);
}

void
bfy_renew_async (BfyAgent *agent,
                 BfyBinding *binding,
                 BfyEnrolment *enrolment,
                 BfyRequest *request,
                 GAsyncReadyCallback callback,
                 gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Enrol *enrol = g_new0 (Enrol, 1);
  const char *auth_type = bfy_enrolment_auth_type (enrolment->credential);
  GError *error = NULL;

  g_task_set_source_tag (task, bfy_renew_async);
  g_task_set_task_data (task, enrol, enrol_free);
  enrol->agent = agent;
  enrol->enrolment = enrolment;
  enrol->request = bfy_request_ref (request);
  enrol->binding = bfy_binding_ref (binding);
  enrol->is_renewal = TRUE;
  if (!g_str_equal (auth_type, binding->auth_type))
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                             "“%s” takes a credential of the kind %s, not %s", binding->name,
                             binding->auth_type, auth_type);
  else if (!prepare_sealing (enrol, &error))
    g_task_return_error (task, error);
  else if (enrolment->skips_check || binding->program != NULL)
    store (task);
  else
    check (task);
}

BfyBinding *
bfy_enrol_finish (GAsyncResult *result, gboolean *was_checked, GError **error)
{
  Enrol *enrol = g_task_get_task_data (G_TASK (result));

  *was_checked = enrol->was_checked;

  return g_task_propagate_pointer (G_TASK (result), error);
}

const BfySealing *
bfy_enrol_get_sealing (GAsyncResult *result)
{
  Enrol *enrol = g_task_get_task_data (G_TASK (result));

  return enrol->sealing;
}

const BfyTrialResult *
bfy_enrol_get_trial (GAsyncResult *result)
{
  Enrol *enrol = g_task_get_task_data (G_TASK (result));

  return enrol->trial;
}
