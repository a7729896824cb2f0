/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"
#include "protocol/decoy.h"
#include "protocol/json.h"

/* Tokens that lie where real ones would lie and ring a bell when they are used (agent/guard). */

static void
record (BfyAgent *agent, BfyRequest *request, const char *type, const char *label)
{
  BfyEvent *event = bfy_agent_new_event (type, NULL, request);

  event->detail = g_strdup (label);
  bfy_store_append_event (agent->store, event, TRUE);
}

/* NULL without an error: it need not look like any service's. */
static gboolean
read_service (BfyAgent *agent, BfyRequest *request, char **service, GError **error)
{
  static const char *const known[] = { "service", NULL };
  g_autoptr (JsonObject) body = bfy_api_read_body (request, error);
  const char *name = NULL;

  if (body == NULL || !bfy_json_refuse_unknown (body, known, error) ||
      !bfy_json_get_string (body, "service", &name, error))
    return FALSE;
  if (name != NULL && bfy_services_find (agent->services, name) == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NO_SERVICE,
                           "There is no such service; bindify services shows those that there are");
      return FALSE;
    }
  *service = g_strdup (name);

  return TRUE;
}

static BfySecret *
give_decoy (BfyAgent *agent, const char *client_id, const char *service, GError **error)
{
  g_autoptr (BfySecret) decoy = bfy_decoy_new (service, error);

  if (decoy == NULL || !bfy_registry_set_decoy (agent->registry, client_id, decoy, error))
    return NULL;

  return g_steal_pointer (&decoy);
}

void
bfy_api_set_decoy (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autofree char *service = NULL;
  g_autoptr (BfySecret) decoy = NULL;
  g_autofree char *label = NULL;
  GError *error = NULL;
  BfyClient *client = bfy_registry_find_client (agent->registry, argument, &error);
  JsonObject *object;

  if (client != NULL && read_service (agent, request, &service, &error))
    {
      label = g_strdup (client->label);
      decoy = give_decoy (agent, client->id, service, &error);
    }
  if (decoy == NULL)
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  record (agent, request, "decoy_issued", label);
  object = json_object_new ();
  json_object_set_string_member (object, "label", label);
  json_object_set_string_member (object, "decoy", bfy_secret_peek_text (decoy));
  /* This one time it is meant to be seen. */
  bfy_request_drop_filter (request);
  bfy_request_reply_json (request, 200, object);
}

void
bfy_api_remove_decoy (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autofree char *label = NULL;
  GError *error = NULL;
  BfyClient *client = bfy_registry_find_client (agent->registry, argument, &error);

  if (client != NULL)
    label = g_strdup (client->label);
  if (client == NULL || !bfy_registry_set_decoy (agent->registry, client->id, NULL, &error))
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  record (agent, request, "decoy_revoked", label);
  bfy_request_reply_empty (request, 204);
}
