/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/enrol/account-note.h"

void
bfy_account_note (BfyAgent *agent, const char *binding_id, const char *account)
{
  BfyBinding *current = bfy_registry_find_by_id (agent->registry, binding_id);
  g_autoptr (BfyBinding) updated = NULL;
  g_autoptr (GError) error = NULL;

  if (account == NULL || current == NULL || current->account != NULL)
    return;
  updated = bfy_binding_copy (current);
  updated->account = g_strdup (account);
  if (!bfy_registry_update (agent->registry, updated, &error))
    g_warning ("The account of “%s” is not saved: %s", current->name, error->message);
}

static gboolean
is_key (const BfyCredential *credential)
{
  return credential->type == BFY_CREDENTIAL_API_KEY ||
         credential->type == BFY_CREDENTIAL_BASIC_AUTH;
}

gboolean
bfy_account_probe_init (BfyProbe *probe,
                        BfyAgent *agent,
                        const BfyBinding *binding,
                        const BfyCredential *credential)
{
  const BfyService *service =
      binding->service != NULL ? bfy_services_find (agent->services, binding->service) : NULL;

  if (service == NULL || service->probe == NULL || service->probe->accounts == NULL ||
      credential == NULL || !is_key (credential))
    return FALSE;
  bfy_probe_init (probe, binding, credential);
  bfy_probe_use (probe, service->probe);

  return TRUE;
}
