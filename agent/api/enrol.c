/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* New bindings, new credentials for old ones, and asking a server what it wants. */

#include "agent/api/enrol.h"

#include "agent/api/work.h"
#include "agent/enrol/open-probe.h"
#include "agent/lifetime.h"

/* Who can open it now, and what a new credential took away from others. */
static void
add_sealing (BfyAgent *agent, JsonObject *object, const BfySealing *sealing)
{
  JsonObject *client = json_object_new ();

  json_object_set_string_member (client, "id", sealing->client_id);
  json_object_set_string_member (client, "label", sealing->label);
  json_object_set_object_member (object, "client", client);
  json_object_set_array_member (
      object, "lost_clients",
      bfy_api_describe_clients (agent, (const char *const *) sealing->lost));
}

/* Whether it was tried, whose it is, and what a local server said of itself. */
static JsonObject *
describe_check (gboolean was_checked, const char *account, const BfyTrialResult *trial)
{
  JsonObject *check = json_object_new ();

  json_object_set_boolean_member (check, "performed", was_checked);
  if (account != NULL)
    json_object_set_string_member (check, "account", account);
  if (trial == NULL)
    return check;
  if (trial->name != NULL)
    json_object_set_string_member (check, "server", trial->name);
  if (trial->version != NULL)
    json_object_set_string_member (check, "version", trial->version);
  if (trial->n_tools >= 0)
    json_object_set_int_member (check, "n_tools", trial->n_tools);

  return check;
}

/* What there is to say of a binding that was added, or signed in to again. */
JsonObject *
bfy_api_describe_enrolled (BfyAgent *agent,
                           const BfyBinding *binding,
                           GAsyncResult *result,
                           gboolean was_checked)
{
  const BfySealing *sealing = bfy_enrol_get_sealing (result);
  JsonObject *object = bfy_api_wrap_binding (agent, binding);
  g_autofree char *endpoint = bfy_api_endpoint (agent, binding->name);

  if (endpoint != NULL)
    json_object_set_string_member (object, "endpoint", endpoint);
  else
    json_object_set_null_member (object, "endpoint");
  json_object_set_object_member (
      object, "check",
      describe_check (was_checked, bfy_enrol_get_account (result), bfy_enrol_get_trial (result)));
  if (sealing != NULL)
    add_sealing (agent, object, sealing);

  return object;
}

static void
on_enrolled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyWork) work = user_data;
  GError *error = NULL;
  const BfySealing *sealing = bfy_enrol_get_sealing (result);
  gboolean was_checked;
  guint status;
  g_autoptr (BfyBinding) binding = bfy_enrol_finish (result, &was_checked, &error);
  JsonObject *object;

  if (binding == NULL)
    {
      bfy_api_fail (work->request, error, work->binding != NULL ? work->binding->name : NULL);
      return;
    }

  object = bfy_api_describe_enrolled (work->agent, binding, result, was_checked);
  /* A renewal is about a binding that was there before. */
  status = work->binding == NULL ? 201 : 200;
  if (sealing != NULL && sealing->is_new)
    bfy_api_reply_with_key (work->request, status, object, "client_key", sealing->key);
  else
    bfy_request_reply_json (work->request, status, object);
}

static BfyEnrolment *
parse_enrolment (BfyRequest *request, gboolean is_renewal, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfyEnrolment *enrolment = is_renewal ? bfy_enrolment_parse_renewal (text, length, error)
                                       : bfy_enrolment_parse (text, length, error);

  bfy_request_wipe_body (request);

  return enrolment;
}

void
bfy_api_add_binding (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  GError *error = NULL;
  BfyEnrolment *enrolment = parse_enrolment (request, FALSE, &error);

  if (enrolment == NULL)
    bfy_api_fail (request, error, NULL);
  else if (enrolment->oauth != NULL)
    bfy_api_sign_in (agent, request, NULL, enrolment);
  else
    bfy_enrol_async (agent, enrolment, request, on_enrolled, bfy_work_new (agent, request, NULL));
}

/* A new credential for a binding that stays what it is: id, name, endpoint, client keys, limits
 * (behaviour 17.8). */
void
bfy_api_login (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);
  GError *error = NULL;
  BfyEnrolment *enrolment;

  if (binding == NULL)
    return;
  if (!bfy_lifetime_check (binding, &error))
    {
      bfy_api_fail (request, error, argument);
      return;
    }
  enrolment = parse_enrolment (request, TRUE, &error);
  if (enrolment == NULL)
    bfy_api_fail (request, error, argument);
  else if (enrolment->oauth != NULL)
    bfy_api_sign_in (agent, request, binding, enrolment);
  else
    bfy_renew_async (agent, binding, enrolment, request, on_enrolled,
                     bfy_work_new (agent, request, binding));
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyWork) work = user_data;
  BfyProbeResult answer;
  GError *error = NULL;
  JsonObject *object;

  if (!bfy_open_probe_finish (result, &answer, NULL, &error))
    {
      bfy_api_fail (work->request, error, NULL);
      return;
    }

  object = json_object_new ();
  json_object_set_string_member (object, "auth", bfy_auth_to_wire (answer.auth));
  json_object_set_int_member (object, "status", answer.status);
  bfy_request_reply_json (work->request, 200, object);
}

/* Asks an upstream, without any credential, what it wants (behaviour 17.2). */
void
bfy_api_probe (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  GError *error = NULL;
  g_autoptr (BfyEnrolment) enrolment = parse_enrolment (request, FALSE, &error);
  g_autoptr (BfyBinding) binding = NULL;

  if (enrolment != NULL)
    binding = bfy_enrolment_resolve (enrolment, agent, &error);
  if (binding != NULL && binding->url == NULL)
    {
      error = g_error_new_literal (BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                                   "A local command is not asked what it wants");
      g_clear_pointer (&binding, bfy_binding_unref);
    }
  if (binding == NULL)
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  bfy_open_probe_async (agent, binding, bfy_request_get_gone (request), on_probed,
                        bfy_work_new (agent, request, binding));
}
