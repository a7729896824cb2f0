/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What people have answered, to look at and to take back. Taking back only makes less possible, so
 * it is served while the agent is locked, too. */

#include "agent/grant/grants.h"

#include "agent/api/api.h"

void
bfy_api_list_grants (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autoptr (GPtrArray) grants = bfy_grants_list (agent->grants);
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < grants->len; i++)
    json_array_add_object_element (array, bfy_grant_to_json (grants->pdata[i]));
  json_object_set_array_member (object, "grants", array);
  bfy_request_reply_json (request, 200, object);
}

void
bfy_api_revoke_grant (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  GError *error = NULL;
  BfyGrant *found = bfy_grants_find (agent->grants, argument, &error);
  g_autoptr (BfyGrant) grant = NULL;
  JsonObject *object;

  if (found == NULL)
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  grant = bfy_grant_ref (found);
  bfy_grants_revoke (agent->grants, grant->id);
  object = json_object_new ();
  json_object_set_object_member (object, "grant", bfy_grant_to_json (grant));
  bfy_request_reply_json (request, 200, object);
}

/* A client with a key by its id or label; a program by its path. */
static gboolean
find_client (
    BfyAgent *agent, const char *name, BfyGrantsFilter *filter, char **owned, GError **error)
{
  BfyClient *client;

  if (*name == '/')
    {
      *owned = g_strconcat ("program:", name, NULL);
      filter->subject = *owned;
      return TRUE;
    }
  client = bfy_registry_find_client (agent->registry, name, error);
  filter->client_id = client != NULL ? client->id : NULL;

  return client != NULL;
}

void
bfy_api_revoke_grants (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autofree char *binding_name = bfy_api_get_parameter (request, "binding");
  g_autofree char *client_name = bfy_api_get_parameter (request, "client");
  g_autofree char *owned = NULL;
  BfyGrantsFilter filter = { NULL, NULL, NULL };
  BfyBinding *binding = NULL;
  GError *error = NULL;
  JsonObject *object;

  if (binding_name != NULL)
    {
      binding = bfy_api_find_binding (agent, request, binding_name);
      if (binding == NULL)
        return;
      filter.binding_id = binding->id;
    }
  if (client_name != NULL && !find_client (agent, client_name, &filter, &owned, &error))
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  object = json_object_new ();
  json_object_set_int_member (object, "revoked", bfy_grants_revoke_all (agent->grants, &filter));
  bfy_request_reply_json (request, 200, object);
}
