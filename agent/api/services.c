/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/api.h"

void
bfy_api_list_services (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autoptr (GPtrArray) services = bfy_services_list (agent->services);
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < services->len; i++)
    json_array_add_object_element (array, bfy_service_to_json (g_ptr_array_index (services, i)));
  json_object_set_array_member (object, "services", array);
  bfy_request_reply_json (request, 200, object);
}
