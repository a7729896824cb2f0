/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/database/databases.h"
#include "agent/database/sqlite.h"
#include "agent/enrol/enrol-private.h"
#include "agent/enrol/probe.h"

static void
enrol_free (gpointer user_data)
{
  BfyEnrol *enrol = user_data;

  bfy_enrol_give_back (enrol);
  bfy_enrolment_free (enrol->enrolment);
  bfy_request_unref (enrol->request);
  g_clear_pointer (&enrol->binding, bfy_binding_unref);
  g_clear_pointer (&enrol->sealing, bfy_sealing_free);
  g_clear_pointer (&enrol->trial, bfy_trial_result_free);
  g_clear_pointer (&enrol->known, bfy_oauth_source_unref);
  g_free (enrol->account);
  g_free (enrol);
}

/* What the catalogue says of trying a key; tokens of a sign-in are for the MCP server itself. */
static const BfyServiceProbe *
find_probe (BfyEnrol *enrol)
{
  BfyService *service = enrol->binding->service != NULL && !enrol->was_signed_in
                            ? bfy_services_find (enrol->agent->services, enrol->binding->service)
                            : NULL;

  return service != NULL ? service->probe : NULL;
}

/* A sign-in is not thrown away because the service cannot be asked just now: its token comes from
 * the server that the service itself named. */
static GError *
judge_signed_in (BfyEnrol *enrol, guint status)
{
  enrol->was_checked = SOUP_STATUS_IS_SUCCESSFUL (status);
  if (status == SOUP_STATUS_UNAUTHORIZED || status == SOUP_STATUS_FORBIDDEN)
    return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                        "The sign-in worked, but the service does not take the token that it gave "
                        "(HTTP %u); nothing was stored. If the service wants more rights, name "
                        "them with --scope",
                        status);

  return NULL;
}

/* Behaviour 18.3: by the status only, whatever the body says. */
static GError *
judge (BfyEnrol *enrol, const BfyProbeResult *answer)
{
  const BfyServiceProbe *probe = find_probe (enrol);
  guint expected = probe != NULL ? probe->expect_status : 0;

  if (enrol->was_signed_in)
    return judge_signed_in (enrol, answer->status);
  enrol->was_checked = TRUE;
  if (expected != 0 ? answer->status == expected : SOUP_STATUS_IS_SUCCESSFUL (answer->status))
    return NULL;
  if (answer->status == SOUP_STATUS_UNAUTHORIZED || answer->status == SOUP_STATUS_FORBIDDEN)
    return g_error_new (BFY_ERROR, BFY_ERROR_CREDENTIAL_REFUSED,
                        enrol->enrolment->credential != NULL
                            ? "The service refused this credential (HTTP %u); nothing was stored"
                            : "The service wants a credential (HTTP %u); nothing was stored",
                        answer->status);
  /* What stands at the base of a REST service says nothing, but that it is there. */
  if (probe == NULL && bfy_binding_has_rest_url (enrol->binding) &&
      answer->status < SOUP_STATUS_INTERNAL_SERVER_ERROR)
    {
      enrol->was_checked = FALSE;
      return NULL;
    }
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
note_rejection (BfyEnrol *enrol, guint status)
{
  BfyEvent *event = bfy_agent_new_event ("api_key_validation", NULL, enrol->request);

  event->binding = g_strdup (enrol->binding->name);
  event->category = g_strdup ("upstream_rejected");
  event->outcome = BFY_OUTCOME_FAILURE;
  event->status = status;
  bfy_store_append_event (enrol->agent->store, event, TRUE);
}

/* What the person called it stands. */
static void
take_account (BfyEnrol *enrol, GAsyncResult *result)
{
  enrol->account = bfy_probe_steal_account (result);
  if (enrol->binding->account == NULL && !enrol->is_renewal)
    enrol->binding->account = g_strdup (enrol->account);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyEnrol *enrol = g_task_get_task_data (task);
  BfyProbeResult answer;
  GError *error = NULL;

  if (bfy_probe_finish (result, &answer, &error))
    error = judge (enrol, &answer);
  else if (enrol->was_signed_in && !g_error_matches (error, BFY_ERROR, BFY_ERROR_CANCELLED))
    g_clear_error (&error);
  if (error != NULL)
    {
      if (g_error_matches (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_REFUSED))
        note_rejection (enrol, answer.status);
      if (enrol->was_signed_in)
        bfy_enrol_note_failure (enrol, error);
      g_task_return_error (task, error);
      return;
    }

  take_account (enrol, result);
  bfy_enrol_keep (task);
}

/* A command that is not run for a try needs its sandbox all the same. */
static void
on_sandbox_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (bfy_trial_check_sandbox_finish (result, &error))
    bfy_enrol_keep (task);
  else
    g_task_return_error (task, error);
}

static void
on_tried (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfyEnrol *enrol = g_task_get_task_data (task);
  GError *error = NULL;

  enrol->trial = bfy_trial_finish (result, &error);
  if (enrol->trial == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  enrol->was_checked = TRUE;
  bfy_enrol_keep (task);
}

static void
check_program (GTask *task)
{
  BfyEnrol *enrol = g_task_get_task_data (task);
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
return_checked (GTask *task, GError *error)
{
  BfyEnrol *enrol = g_task_get_task_data (task);

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  enrol->was_checked = TRUE;
  bfy_enrol_keep (task);
}

static void
on_database_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  G_GNUC_UNUSED g_autoptr (BfyPg) pg = bfy_databases_open_finish (result, &error);

  return_checked (task, error);
}

static void
on_file_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  G_GNUC_UNUSED g_autoptr (BfyRows) rows = bfy_sqlite_run_finish (result, &error);

  return_checked (task, error);
}

/* A database is signed in to, a file is read. */
static void
check_database (GTask *task)
{
  BfyEnrol *enrol = g_task_get_task_data (task);
  g_autoptr (BfyDatabase) database = bfy_database_parse (enrol->binding->url, NULL);
  GCancellable *gone = bfy_request_get_gone (enrol->request);
  BfySqliteStatement statement = { .sql = "select count(*) from sqlite_schema",
                                   .is_ours = TRUE,
                                   .timeout_ms = BFY_PROBE_TIMEOUT_MS,
                                   .n_rows_max = 1,
                                   .n_bytes_max = BFY_RESPONSE_BYTES_DEFAULT };

  if (database == NULL || database->kind == BFY_DATABASE_POSTGRES)
    {
      bfy_databases_open_async (enrol->agent, enrol->binding, enrol->enrolment->credential, gone,
                                on_database_opened, g_object_ref (task));
      return;
    }
  statement.path = database->path;
  bfy_sqlite_run_async (&statement, gone, on_file_read, g_object_ref (task));
}

void
bfy_enrol_check (GTask *task)
{
  BfyEnrol *enrol = g_task_get_task_data (task);
  const BfyBinding *binding = enrol->binding;
  const BfyServiceProbe *known = find_probe (enrol);
  BfyProbe probe;

  if (enrol->enrolment->skips_check)
    {
      bfy_enrol_keep (task);
      return;
    }

  if (binding->type == BFY_BINDING_DATABASE)
    {
      check_database (task);
      return;
    }
  bfy_probe_init (&probe, binding, enrol->enrolment->credential);
  if (known != NULL)
    bfy_probe_use (&probe, known);
  bfy_probe_async (enrol->agent, &probe, bfy_request_get_gone (enrol->request), on_checked,
                   g_object_ref (task));
}

/* Before anybody is asked: who can open it. */
static gboolean
prepare_sealing (BfyEnrol *enrol, GError **error)
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
  if (!bfy_enrolment_has_credential (enrolment))
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
  BfyEnrol *enrol = g_new0 (BfyEnrol, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, bfy_enrol_async);
  g_task_set_task_data (task, enrol, enrol_free);
  enrol->agent = agent;
  enrol->enrolment = enrolment;
  enrol->request = bfy_request_ref (request);
  enrol->binding = bfy_enrolment_resolve (enrolment, agent, &error);
  if (enrol->binding == NULL || !bfy_enrol_check_free (enrol, &error) ||
      !prepare_sealing (enrol, &error))
    g_task_return_error (task, error);
  else if (enrol->binding->program != NULL)
    check_program (task);
  else if (enrolment->oauth != NULL)
    bfy_enrol_sign_in (task);
  else
    bfy_enrol_check (task);
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
  BfyEnrol *enrol = g_new0 (BfyEnrol, 1);
  const char *auth_type = bfy_enrolment_auth_type (enrolment);
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
  else if (binding->program != NULL)
    bfy_enrol_keep (task);
  else if (enrolment->oauth != NULL)
    bfy_enrol_sign_in (task);
  else
    bfy_enrol_check (task);
}

BfyBinding *
bfy_enrol_finish (GAsyncResult *result, gboolean *was_checked, GError **error)
{
  BfyEnrol *enrol = g_task_get_task_data (G_TASK (result));

  *was_checked = enrol->was_checked;

  return g_task_propagate_pointer (G_TASK (result), error);
}

const BfySealing *
bfy_enrol_get_sealing (GAsyncResult *result)
{
  BfyEnrol *enrol = g_task_get_task_data (G_TASK (result));

  return enrol->sealing;
}

const BfyTrialResult *
bfy_enrol_get_trial (GAsyncResult *result)
{
  BfyEnrol *enrol = g_task_get_task_data (G_TASK (result));

  return enrol->trial;
}

const char *
bfy_enrol_get_account (GAsyncResult *result)
{
  BfyEnrol *enrol = g_task_get_task_data (G_TASK (result));

  return enrol->account;
}
