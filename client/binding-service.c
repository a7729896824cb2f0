/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/binding-service.h"

#include "client/fields.h"

JsonObject *
bfy_binding_service_load (BfyCli *cli, JsonObject *binding)
{
  const char *id = bfy_field_text (binding, "service");
  g_autofree char *path = bfy_cli_path ("services", id);
  g_autoptr (JsonObject) reply = *id != '\0' ? bfy_cli_call (cli, "GET", path, NULL, NULL) : NULL;
  JsonObject *service = reply != NULL ? bfy_field_object (reply, "service") : NULL;

  g_clear_pointer (&cli->hint, g_free);

  return service != NULL ? json_object_ref (service) : json_object_new ();
}

gboolean
bfy_binding_service_is_git (JsonObject *binding, JsonObject *service)
{
  JsonObject *git = bfy_field_object (service, "git");
  g_autofree char *base =
      git != NULL ? g_strdup_printf ("https://%s/", bfy_field_text (git, "host")) : NULL;

  return g_strcmp0 (base, bfy_field_text (binding, "url")) == 0;
}
