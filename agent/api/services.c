/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"
#include "protocol/error.h"
#include "protocol/name.h"

void
bfy_api_list_services (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autofree char *brief = bfy_api_get_parameter (request, "brief");
  g_autoptr (GPtrArray) services = bfy_services_list (agent->services);
  gboolean is_brief = g_strcmp0 (brief, "true") == 0;
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < services->len; i++)
    {
      const BfyService *service = g_ptr_array_index (services, i);

      json_array_add_object_element (array, is_brief ? bfy_service_to_brief_json (service)
                                                     : bfy_service_to_json (service));
    }
  json_object_set_array_member (object, "services", array);
  bfy_request_reply_json (request, 200, object);
}

void
bfy_api_show_service (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  const BfyService *service = bfy_services_find (agent->services, argument);
  JsonObject *object;
  g_autofree char *shown = NULL;

  if (service == NULL)
    {
      shown = bfy_text_to_line (argument, BFY_NAME_LENGTH_MAX);
      bfy_api_fail (
          request,
          g_error_new (BFY_ERROR, BFY_ERROR_NO_SERVICE, "There is no service called “%s”", shown),
          NULL);
      return;
    }

  object = json_object_new ();
  json_object_set_object_member (object, "service", bfy_service_to_json (service));
  bfy_request_reply_json (request, 200, object);
}
