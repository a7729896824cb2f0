/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/work.h"
#include "agent/child/children.h"
#include "agent/enrol/conditions.h"
#include "agent/lifetime.h"
#include "agent/lock/lock.h"
#include "agent/moment.h"
#include "agent/oauth/refresher.h"
#include "agent/pause.h"
#include "agent/wakeable.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define PAUSE_S_MAX (G_GINT64_CONSTANT (3660) * 24 * 60 * 60)
#define CLOCK_SLACK_S 2 /* what rounding makes of the end of a lifetime or pause */

/* Its tokens have ended, and a new one cannot be had for the moment. */
static gboolean
is_stuck (BfyAgent *agent, const BfyBinding *binding)
{
  return binding->can_refresh && binding->expires_at_s > 0 &&
         binding->expires_at_s <= bfy_agent_now_s () &&
         bfy_refresher_is_cooling_down (agent->refresher, binding);
}

/* What counts is not the wall clock of then, which may have been set since. */
static void
correct_end (JsonObject *object, const char *member, const BfyExpiry *end)
{
  BfyMoment now = bfy_moment_now ();
  gint64 remaining_ms = bfy_expiry_remaining_ms (end, &now);
  gint64 ends_at_s;

  if (!bfy_expiry_is_set (end))
    return;
  ends_at_s = now.wall_s + remaining_ms / 1000;
  if (ABS (ends_at_s - end->wall_s) > CLOCK_SLACK_S)
    bfy_time_set_member (object, member, ends_at_s);
}

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
  else if (state == BFY_STATE_OK && is_stuck (agent, binding))
    state = BFY_STATE_ERROR;
  json_object_set_string_member (object, "state", bfy_binding_state_to_wire (state));
  correct_end (object, "ends_at", &binding->ends);
  correct_end (object, "resumes_at", &binding->resumes);
  json_object_set_array_member (
      object, "constraint_clients",
      bfy_api_describe_clients (agent, binding->constraints != NULL
                                           ? (const char *const *) binding->constraints->clients
                                           : NULL));

  return object;
}

JsonObject *
bfy_api_wrap_binding (BfyAgent *agent, const BfyBinding *binding)
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
  gboolean is_hidden = bfy_lock_get_state (agent->lock) == BFY_LOCK_PASSPHRASE;
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; !is_hidden && i < bindings->len; i++)
    json_array_add_object_element (
        array, bfy_api_describe_binding (agent, g_ptr_array_index (bindings, i)));
  json_object_set_array_member (object, "bindings", array);
  if (is_hidden)
    json_object_set_boolean_member (object, "hidden", TRUE);
  bfy_request_reply_json (request, 200, object);
}

JsonArray *
bfy_api_describe_clients (BfyAgent *agent, const char *const *ids)
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
reply_sealed (BfyWork *work)
{
  BfySealedCredential *envelope =
      bfy_credentials_peek_sealed (work->agent->credentials, work->binding);
  JsonObject *object = bfy_api_describe_binding (work->agent, work->binding);
  JsonObject *reply = json_object_new ();

  if (envelope != NULL)
    {
      g_auto (GStrv) ids = bfy_sealed_credential_dup_clients (envelope);

      json_object_set_array_member (
          object, "clients", bfy_api_describe_clients (work->agent, (const char *const *) ids));
    }
  else
    {
      json_object_set_null_member (object, "clients");
    }
  json_object_set_object_member (object, "usage",
                                 bfy_api_describe_usage (work->agent, work->binding));
  json_object_set_object_member (reply, "binding", object);
  bfy_request_reply_json (work->request, 200, reply);
}

static void
reply_managed (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding)
{
  JsonObject *reply = bfy_api_wrap_binding (agent, binding);

  json_object_set_object_member (json_object_get_object_member (reply, "binding"), "usage",
                                 bfy_api_describe_usage (agent, binding));
  bfy_request_reply_json (request, 200, reply);
}

static void
on_envelope (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyWork) work = user_data;
  g_autoptr (GError) error = NULL;

  if (!bfy_credentials_load_finish (BFY_CREDENTIALS (source), result, &error))
    g_info ("Who can open “%s” is not known: %s", work->binding->name, error->message);
  reply_sealed (work);
}

void
bfy_api_show_binding (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);
  g_autoptr (BfyWork) work = NULL;

  if (binding == NULL)
    return;
  if (!binding->is_sealed)
    {
      reply_managed (agent, request, binding);
      return;
    }

  work = bfy_work_new (agent, request, binding);
  if (bfy_credentials_peek_sealed (agent->credentials, binding) != NULL)
    reply_sealed (work);
  else
    bfy_credentials_load_async (agent->credentials, binding, bfy_request_get_gone (request),
                                on_envelope, g_steal_pointer (&work));
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

/* @paused_for_s: 0 when nothing is said. */
static gboolean
apply_pause (BfyAgent *agent, BfyBinding *binding, JsonObject *body, GError **error)
{
  gboolean is_paused = FALSE;
  gint64 for_s = 0;

  if (!bfy_json_get_boolean (body, "paused", &is_paused, error) ||
      !bfy_json_get_int (body, "paused_for_s", &for_s, error))
    return FALSE;
  if (json_object_has_member (body, "paused_for_s") &&
      (!is_paused || for_s < 1 || for_s > PAUSE_S_MAX))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "“paused_for_s” is a number of seconds, from 1 to those of ten years, "
                           "and goes with “paused”: true");
      return FALSE;
    }

  if (is_paused)
    bfy_pause_begin (binding, for_s);
  if (is_paused || !json_object_has_member (body, "paused"))
    return TRUE;
  if (binding->state == BFY_STATE_PAUSED && !bfy_registry_check_room (agent->registry, error))
    return FALSE;
  bfy_pause_end (binding);

  return TRUE;
}

static gboolean
apply_conditions (BfyAgent *agent, BfyBinding *binding, JsonObject *body, GError **error)
{
  g_auto (BfyConditions) conditions = { 0 };

  bfy_conditions_init (&conditions);

  return bfy_conditions_read (&conditions, body, error) &&
         bfy_conditions_apply (&conditions, agent, binding, error);
}

/* null takes it away. */
static gboolean
apply_mac (BfyBinding *binding, JsonObject *body, GError **error)
{
  const char *mac = NULL;

  if (!json_object_has_member (body, "mac"))
    return TRUE;

  return bfy_json_get_string (body, "mac", &mac, error) && bfy_wakeable_set (binding, mac, error);
}

static gboolean
apply_change (BfyAgent *agent, BfyBinding *binding, JsonObject *body, GError **error)
{
  static const char *const known[] = { "name",         "account",     "limits",   "paused",
                                       "paused_for_s", "constraints", "confirms", "reveals",
                                       "lifetime_s",   "mac",         NULL };
  const char *name = NULL, *account = NULL;
  JsonObject *limits = NULL;

  if (!bfy_json_refuse_unknown (body, known, error) || !apply_pause (agent, binding, body, error) ||
      !bfy_json_get_string (body, "name", &name, error) ||
      !bfy_json_get_string (body, "account", &account, error) ||
      !bfy_json_get_object (body, "limits", &limits, error))
    return FALSE;
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

  return (limits == NULL || (bfy_limits_from_json (limits, &binding->limits, error) &&
                             bfy_limits_check (&binding->limits, error))) &&
         apply_mac (binding, body, error) && apply_conditions (agent, binding, body, error);
}

/* What the event says; NULL for what is in nobody's way. */
static char *
describe_change (const BfyBinding *changed, const BfyBinding *old)
{
  if (!g_str_equal (changed->name, old->name))
    return g_strdup_printf ("renamed from %s", old->name);
  if (changed->reveals != old->reveals)
    return g_strdup (changed->reveals ? "may be revealed" : "is not revealed any more");
  if (changed->constraints != old->constraints || changed->confirms != old->confirms ||
      changed->ends.wall_s != old->ends.wall_s)
    return g_strdup ("conditions of its use");
  if (g_strcmp0 (changed->mac, old->mac) != 0)
    return g_strdup ("what wakes its device");

  return NULL;
}

/* Pausing is one of the things that a request may change. */
static gboolean
is_of_pause_alone (JsonObject *body)
{
  guint n_members = json_object_has_member (body, "paused_for_s") ? 2 : 1;

  return json_object_has_member (body, "paused") && json_object_get_size (body) == n_members;
}

/* Pausing and resuming are events of their own; a request that does so twice changes nothing. */
static void
record_change (BfyAgent *agent,
               BfyRequest *request,
               JsonObject *body,
               BfyBinding *changed,
               const BfyBinding *old)
{
  BfyEvent *event = bfy_pause_new_event (changed, old, request);

  if (event != NULL)
    bfy_store_append_event (agent->store, event, TRUE);
  if (is_of_pause_alone (body))
    return;
  event = bfy_agent_new_event ("binding_changed", changed, request);
  event->detail = describe_change (changed, old);
  bfy_store_append_event (agent->store, event, TRUE);
}

static gboolean
is_of_conditions (JsonObject *body)
{
  return json_object_has_member (body, "constraints") ||
         json_object_has_member (body, "confirms") || json_object_has_member (body, "reveals") ||
         json_object_has_member (body, "lifetime_s") || json_object_has_member (body, "mac");
}

void
bfy_api_change_binding (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (BfyBinding) old = NULL;
  g_autoptr (BfyBinding) changed = NULL;
  GError *error = NULL;

  if (binding == NULL)
    return;
  old = bfy_binding_ref (binding);
  body = bfy_api_read_body (request, &error);
  if (body != NULL && is_of_conditions (body) &&
      bfy_api_refuse_asker (agent, request, "/bindings/*"))
    return;
  changed = bfy_binding_copy (old);
  if (body == NULL || !bfy_lifetime_check (old, &error) ||
      !apply_change (agent, changed, body, &error) ||
      !bfy_registry_update (agent->registry, changed, &error))
    {
      bfy_api_fail (request, error, changed->name);
      return;
    }

  record_change (agent, request, body, changed, old);
  bfy_request_reply_json (request, 200, bfy_api_wrap_binding (agent, changed));
}
