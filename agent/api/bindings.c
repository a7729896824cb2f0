/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"
#include "agent/child/children.h"
#include "agent/enrol/enrolment.h"
#include "agent/enrol/open-probe.h"
#include "agent/footprint.h"
#include "protocol/json.h"
#include "protocol/name.h"

/* Its state is "locked" as long as the agent gives no credential out and starts no program, unless
 * nobody may use it anyway. */
JsonObject *
bfy_api_describe_binding (BfyAgent *agent, const BfyBinding *binding)
{
  JsonObject *object = bfy_binding_to_json (binding);
  BfyBindingState state = bfy_binding_state_at (binding, bfy_agent_now_s ());

  if (state != BFY_STATE_PAUSED &&
      (!g_str_equal (binding->auth_type, "none") || binding->program != NULL) &&
      !bfy_credentials_check_unlocked (agent->credentials, NULL))
    state = BFY_STATE_LOCKED;
  json_object_set_string_member (object, "state", bfy_binding_state_to_wire (state));

  return object;
}

static JsonObject *
wrap_binding (BfyAgent *agent, const BfyBinding *binding)
{
  JsonObject *object = json_object_new ();

  json_object_set_object_member (object, "binding", bfy_api_describe_binding (agent, binding));

  return object;
}

BfyBinding *
bfy_api_find_binding (BfyAgent *agent, BfyRequest *request, const char *name)
{
  BfyBinding *binding = bfy_registry_find (agent->registry, name);
  g_autofree char *shown = NULL;

  if (binding != NULL)
    return binding;

  shown = bfy_text_to_line (name, BFY_NAME_LENGTH_MAX);
  bfy_api_fail (
      request,
      g_error_new (BFY_ERROR, BFY_ERROR_NOT_FOUND, "There is no binding called “%s”", shown), NULL);

  return NULL;
}

void
bfy_api_list_bindings (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autoptr (GPtrArray) bindings = bfy_registry_bindings (agent->registry);
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < bindings->len; i++)
    json_array_add_object_element (
        array, bfy_api_describe_binding (agent, g_ptr_array_index (bindings, i)));
  json_object_set_array_member (object, "bindings", array);
  bfy_request_reply_json (request, 200, object);
}

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  BfyBinding *binding; /* (owned) (nullable) */
} Work;

static Work *
work_new (BfyAgent *agent, BfyRequest *request, BfyBinding *binding)
{
  Work *work = g_new0 (Work, 1);

  work->agent = agent;
  work->request = bfy_request_ref (request);
  work->binding = binding != NULL ? bfy_binding_ref (binding) : NULL;

  return work;
}

static void
work_free (Work *work)
{
  bfy_request_unref (work->request);
  g_clear_pointer (&work->binding, bfy_binding_unref);
  g_free (work);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Work, work_free)

/* Of clients by their ids; those that are not there any more are left out. */
static JsonArray *
list_clients (BfyAgent *agent, const char *const *ids)
{
  JsonArray *array = json_array_new ();

  for (; ids != NULL && *ids != NULL; ids++)
    {
      BfyClient *client = bfy_registry_find_client (agent->registry, *ids, NULL);
      JsonObject *object;

      if (client == NULL)
        continue;
      object = json_object_new ();
      json_object_set_string_member (object, "id", client->id);
      json_object_set_string_member (object, "label", client->label);
      json_array_add_object_element (array, object);
    }

  return array;
}

/* With the clients that can open it, or null when the keyring does not tell. */
static void
reply_sealed (Work *work)
{
  BfySealedCredential *envelope =
      bfy_credentials_peek_sealed (work->agent->credentials, work->binding);
  JsonObject *object = bfy_api_describe_binding (work->agent, work->binding);
  JsonObject *reply = json_object_new ();

  if (envelope != NULL)
    {
      g_auto (GStrv) ids = bfy_sealed_credential_dup_clients (envelope);

      json_object_set_array_member (object, "clients",
                                    list_clients (work->agent, (const char *const *) ids));
    }
  else
    {
      json_object_set_null_member (object, "clients");
    }
  json_object_set_object_member (reply, "binding", object);
  bfy_request_reply_json (work->request, 200, reply);
}

static void
on_envelope (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Work) work = user_data;
  g_autoptr (GError) error = NULL;

  if (!bfy_credentials_load_finish (BFY_CREDENTIALS (source), result, &error))
    g_info ("Who can open “%s” is not known: %s", work->binding->name, error->message);
  reply_sealed (work);
}

void
bfy_api_show_binding (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);
  g_autoptr (Work) work = NULL;

  if (binding == NULL)
    return;
  if (!binding->is_sealed)
    {
      bfy_request_reply_json (request, 200, wrap_binding (agent, binding));
      return;
    }

  work = work_new (agent, request, binding);
  if (bfy_credentials_peek_sealed (agent->credentials, binding) != NULL)
    reply_sealed (work);
  else
    bfy_credentials_load_async (agent->credentials, binding, bfy_request_get_gone (request),
                                on_envelope, g_steal_pointer (&work));
}

/* Who can open it now, and what a new credential took away from others. */
static void
add_sealing (Work *work, JsonObject *object, const BfySealing *sealing)
{
  JsonObject *client = json_object_new ();

  json_object_set_string_member (client, "id", sealing->client_id);
  json_object_set_string_member (client, "label", sealing->label);
  json_object_set_object_member (object, "client", client);
  json_object_set_array_member (object, "lost_clients",
                                list_clients (work->agent, (const char *const *) sealing->lost));
}

/* Whether it was tried, and what a local server said of itself. */
static JsonObject *
describe_check (gboolean was_checked, const BfyTrialResult *trial)
{
  JsonObject *check = json_object_new ();

  json_object_set_boolean_member (check, "performed", was_checked);
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

static void
on_enrolled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Work) work = user_data;
  GError *error = NULL;
  const BfySealing *sealing = bfy_enrol_get_sealing (result);
  gboolean was_checked;
  guint status;
  g_autoptr (BfyBinding) binding = bfy_enrol_finish (result, &was_checked, &error);
  g_autofree char *endpoint = NULL;
  JsonObject *object;

  if (binding == NULL)
    {
      bfy_api_fail (work->request, error, work->binding != NULL ? work->binding->name : NULL);
      return;
    }

  object = wrap_binding (work->agent, binding);
  endpoint = bfy_api_endpoint (work->agent, binding->name);
  if (endpoint != NULL)
    json_object_set_string_member (object, "endpoint", endpoint);
  else
    json_object_set_null_member (object, "endpoint");
  json_object_set_object_member (object, "check",
                                 describe_check (was_checked, bfy_enrol_get_trial (result)));
  if (sealing != NULL)
    add_sealing (work, object, sealing);
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
  else
    bfy_enrol_async (agent, enrolment, request, on_enrolled, work_new (agent, request, NULL));
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
  enrolment = parse_enrolment (request, TRUE, &error);
  if (enrolment == NULL)
    bfy_api_fail (request, error, argument);
  else
    bfy_renew_async (agent, binding, enrolment, request, on_enrolled,
                     work_new (agent, request, binding));
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Work) work = user_data;
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

  bfy_open_probe_async (agent, binding->url, bfy_request_get_gone (request), on_probed,
                        work_new (agent, request, binding));
}

/* For the owner's eyes: what a local server wrote to its standard error, without secrets. */
void
bfy_api_show_stderr (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);

  if (binding == NULL)
    return;
  if (binding->program == NULL)
    bfy_api_fail (request,
                  g_error_new (BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                               "“%s” is a remote server: there is no program of it here", argument),
                  argument);
  else
    bfy_request_reply_json (request, 200, bfy_children_describe (agent->children, binding));
}

/* A credential that was refused before, or meanwhile, is refused still. */
static void
apply_pause (BfyBinding *binding, gboolean is_paused)
{
  if (is_paused == (binding->state == BFY_STATE_PAUSED))
    return;

  binding->paused_at_s = is_paused ? bfy_agent_now_s () : 0;
  if (is_paused)
    binding->state = BFY_STATE_PAUSED;
  else
    binding->state = binding->needs_login_at_s > 0 ? BFY_STATE_NEEDS_LOGIN : BFY_STATE_OK;
}

static gboolean
apply_change (BfyBinding *binding, JsonObject *body, GError **error)
{
  static const char *const known[] = { "name", "account", "limits", "paused", NULL };
  const char *name = NULL, *account = NULL;
  gboolean is_paused = binding->state == BFY_STATE_PAUSED;
  JsonObject *limits = NULL;

  if (!bfy_json_refuse_unknown (body, known, error) ||
      !bfy_json_get_boolean (body, "paused", &is_paused, error) ||
      !bfy_json_get_string (body, "name", &name, error) ||
      !bfy_json_get_string (body, "account", &account, error) ||
      !bfy_json_get_object (body, "limits", &limits, error))
    return FALSE;
  apply_pause (binding, is_paused);
  if (name != NULL)
    {
      if (!bfy_name_check (name, error))
        return FALSE;
      g_free (binding->name);
      binding->name = g_strdup (name);
    }
  if (account != NULL)
    {
      char *label = bfy_label_normalize (account, error);

      if (label == NULL)
        return FALSE;
      g_free (binding->account);
      binding->account = label;
    }

  return limits == NULL || (bfy_limits_from_json (limits, &binding->limits, error) &&
                            bfy_limits_check (&binding->limits, error));
}

/* What the event says; NULL for what is in nobody's way. */
static char *
describe_change (const BfyBinding *changed, const char *old_name, gboolean was_paused)
{
  gboolean is_paused = changed->state == BFY_STATE_PAUSED;

  if (!g_str_equal (changed->name, old_name))
    return g_strdup_printf ("renamed from %s", old_name);
  if (is_paused != was_paused)
    return g_strdup (is_paused ? "paused" : "resumed");

  return NULL;
}

void
bfy_api_change_binding (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (BfyBinding) changed = NULL;
  gboolean was_paused;
  GError *error = NULL;
  BfyEvent *event;

  if (binding == NULL)
    return;
  was_paused = binding->state == BFY_STATE_PAUSED;
  body = bfy_api_read_body (request, &error);
  changed = bfy_binding_copy (binding);
  if (body == NULL || !apply_change (changed, body, &error) ||
      !bfy_registry_update (agent->registry, changed, &error))
    {
      bfy_api_fail (request, error, changed->name);
      return;
    }

  event = bfy_agent_new_event ("binding_changed", changed, request);
  event->detail = describe_change (changed, argument, was_paused);
  bfy_store_append_event (agent->store, event, TRUE);
  bfy_request_reply_json (request, 200, wrap_binding (agent, changed));
}

static void
on_credential_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Work) work = user_data;
  GError *error = NULL;
  BfyEvent *event;

  if (!bfy_credentials_remove_finish (BFY_CREDENTIALS (source), result, &error))
    {
      g_prefix_error (
          &error, "The credential could not be removed, so “%s” is kept: ", work->binding->name);
      bfy_api_fail (work->request, error, work->binding->name);
      return;
    }
  event = bfy_agent_new_event ("removed", work->binding, work->request);
  if (!bfy_registry_remove (work->agent->registry, work->binding->name, &error))
    {
      bfy_event_free (event);
      bfy_api_fail (work->request, error, work->binding->name);
      return;
    }

  bfy_store_append_event (work->agent->store, event, TRUE);
  bfy_footprint_clear_stack ();
  bfy_request_reply_empty (work->request, 204);
}

/* The credential goes first: a record without one says so, a credential without a record is lost
 * from sight. */
void
bfy_api_remove_binding (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);

  if (binding != NULL)
    bfy_credentials_remove_async (agent->credentials, binding, on_credential_removed,
                                  work_new (agent, request, binding));
}
