/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/commands/run-offers.h"

#include "client/binding-service.h"
#include "client/fields.h"
#include "client/run/offer.h"

static BfyRunOffer *
load (BfyCli *cli, const char *name, GError **error)
{
  g_autofree char *path = bfy_cli_path ("bindings", name);
  g_autoptr (JsonObject) reply = bfy_cli_call (cli, "GET", path, NULL, error);
  g_autoptr (JsonObject) nothing = json_object_new ();
  g_autoptr (JsonObject) service = NULL;
  JsonObject *binding;

  if (reply == NULL)
    return NULL;

  binding = bfy_field_object (reply, "binding");
  if (binding == NULL)
    binding = nothing;
  service = bfy_binding_service_load (cli, binding);

  return bfy_run_offer_new (binding, service, bfy_binding_service_is_git (binding, service));
}

GPtrArray *
bfy_run_offers_load (BfyCli *cli, const char *const *names, GError **error)
{
  g_autoptr (GPtrArray) offers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_run_offer_free);

  for (; *names != NULL; names++)
    {
      BfyRunOffer *offer = load (cli, *names, error);

      if (offer == NULL)
        return NULL;
      g_ptr_array_add (offers, offer);
    }

  return g_steal_pointer (&offers);
}
