/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/service-claims.h"

static gboolean
is_among (const BfyServiceHost *host, const BfyService *service)
{
  for (guint i = 0; service != NULL && service->hosts != NULL && i < service->hosts->len; i++)
    {
      const BfyServiceHost *known = g_ptr_array_index (service->hosts, i);

      if (g_str_equal (known->name, host->name) && g_str_equal (known->path, host->path))
        return TRUE;
    }

  return FALSE;
}

static gboolean
is_claimed_by (const BfyServiceHost *host, const BfyService *other)
{
  for (guint i = 0; other->hosts != NULL && i < other->hosts->len; i++)
    {
      if (bfy_service_host_overlaps (host, g_ptr_array_index (other->hosts, i)))
        return TRUE;
    }

  return FALSE;
}

static char *
take_hosts (BfyService *service, const BfyService *before, const BfyService *other)
{
  char *taken = NULL;

  for (guint i = service->hosts != NULL ? service->hosts->len : 0; i > 0; i--)
    {
      const BfyServiceHost *host = g_ptr_array_index (service->hosts, i - 1);

      if (is_among (host, before) || !is_claimed_by (host, other))
        continue;
      g_free (taken);
      taken = g_strdup (host->name);
      g_ptr_array_remove_index (service->hosts, i - 1);
    }

  return taken;
}

static gboolean
takes_git (const BfyService *service, const BfyService *before, const BfyService *other)
{
  return service->git_host != NULL && g_strcmp0 (service->git_host, other->git_host) == 0 &&
         (before == NULL || g_strcmp0 (before->git_host, service->git_host) != 0);
}

char *
bfy_service_claims_take (BfyService *service, const BfyService *before, const BfyService *other)
{
  g_autofree char *host = take_hosts (service, before, other);
  g_autofree char *git_host = NULL;

  if (takes_git (service, before, other))
    {
      git_host = g_steal_pointer (&service->git_host);
      g_clear_pointer (&service->git_username, g_free);
    }

  return host != NULL ? g_steal_pointer (&host) : g_steal_pointer (&git_host);
}
