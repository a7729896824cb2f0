/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The policy of a binding. Only the UNIX door leads here: a client is bound by it, its owner makes
 * it. */

#include "agent/api/api.h"
#include "agent/policy/hints.h"
#include "protocol/policy-edit.h"

/* What rules can speak of by name. */
static JsonArray *
describe_capabilities (BfyAgent *agent, const BfyBinding *binding)
{
  GPtrArray *capabilities = bfy_hints_facts (agent, binding).capabilities;
  JsonArray *array = json_array_new ();

  for (guint i = 0; capabilities != NULL && i < capabilities->len; i++)
    {
      const BfyCapability *capability = capabilities->pdata[i];
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "id", capability->id);
      json_object_set_string_member (object, "name", capability->name);
      json_object_set_string_member (object, "access", bfy_access_to_wire (capability->access));
      json_array_add_object_element (array, object);
    }

  return array;
}

static void
reply_policy (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding)
{
  JsonObject *object = json_object_new ();
  const char *profile = bfy_policy_find_profile (binding->policy);

  json_object_set_object_member (object, "policy", bfy_policy_to_json (binding->policy));
  if (profile != NULL)
    json_object_set_string_member (object, "profile", profile);
  else
    json_object_set_null_member (object, "profile");
  json_object_set_array_member (object, "capabilities", describe_capabilities (agent, binding));
  bfy_request_reply_json (request, 200, object);
}

void
bfy_api_show_policy (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);

  if (binding != NULL)
    reply_policy (agent, request, binding);
}

/* @policy: (nullable). What cannot be written leaves the old one in force. FALSE after having
 * answered. */
static gboolean
put_policy (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, BfyPolicy *policy)
{
  g_autoptr (BfyBinding) changed = bfy_binding_copy (binding);
  GError *error = NULL;
  BfyEvent *event;

  g_clear_pointer (&changed->policy, bfy_policy_unref);
  changed->policy = policy != NULL ? bfy_policy_ref (policy) : NULL;
  if (!bfy_registry_update (agent->registry, changed, &error))
    {
      bfy_api_fail (request, error, changed->name);
      return FALSE;
    }

  event = bfy_agent_new_event ("policy_changed", changed, request);
  event->detail = g_strdup (policy != NULL ? "set" : "cleared");
  bfy_store_append_event (agent->store, event, TRUE);

  return TRUE;
}

void
bfy_api_set_policy (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);
  g_autoptr (BfyPolicy) policy = NULL;
  GError *error = NULL;
  const char *text;
  gsize length;

  if (binding == NULL)
    return;
  text = g_bytes_get_data (bfy_request_get_body (request), &length);
  policy = bfy_policy_parse (text, length, &error);
  if (policy == NULL)
    bfy_api_fail (request, error, argument);
  else if (put_policy (agent, request, binding, policy))
    reply_policy (agent, request, bfy_registry_find (agent->registry, argument));
}

void
bfy_api_clear_policy (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);

  if (binding != NULL && put_policy (agent, request, binding, NULL))
    bfy_request_reply_empty (request, 204);
}
