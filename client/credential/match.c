/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/credential/match.h"

#include <string.h>

#include "client/binding-service.h"
#include "client/fields.h"

/* One that weighs more than all below it together. */
#define WEIGHT_NAMED 100000
#define WEIGHT_GIT 1
#define PATH_BYTES_MAX 20000

static const char *
find_git_host (JsonObject *service)
{
  JsonObject *git = bfy_field_object (service, "git");
  const char *host = git != NULL ? bfy_field_text (git, "host") : "";

  return *host != '\0' ? host : NULL;
}

gboolean
bfy_credential_fits (const BfyCredentialCandidate *candidate, const BfyCredentialWish *wish)
{
  return bfy_field_boolean (candidate->binding, "reveals") &&
         bfy_reveal_fits (bfy_field_text (candidate->binding, "url"),
                          find_git_host (candidate->service), wish->purpose, wish->host);
}

/* How much of the path that was asked for is that of the binding's URL. */
static guint
measure_path (JsonObject *binding, const char *path)
{
  const char *authority = strstr (bfy_field_text (binding, "url"), "://");
  const char *own = authority != NULL ? strchr (authority + 3, '/') : NULL;
  gsize length;

  if (own == NULL || path == NULL)
    return 0;
  own++;
  length = strlen (own);
  while (length > 0 && own[length - 1] == '/')
    length--;
  if (length > PATH_BYTES_MAX || strncmp (own, path, length) != 0 ||
      (path[length] != '\0' && path[length] != '/'))
    return 0;

  return (guint) length;
}

static gboolean
is_named (JsonObject *binding, const char *username)
{
  return username != NULL && (strcmp (bfy_field_text (binding, "account"), username) == 0 ||
                              strcmp (bfy_field_text (binding, "name"), username) == 0);
}

static guint
weigh (const BfyCredentialCandidate *candidate, const BfyCredentialWish *wish)
{
  guint weight = 2 * measure_path (candidate->binding, wish->path);

  if (is_named (candidate->binding, wish->username))
    weight += WEIGHT_NAMED;
  if (wish->purpose == BFY_REVEAL_GIT &&
      bfy_binding_service_is_git (candidate->binding, candidate->service))
    weight += WEIGHT_GIT;

  return weight;
}

const BfyCredentialCandidate *
bfy_credential_match (GPtrArray *candidates, const BfyCredentialWish *wish, gboolean *is_unclear)
{
  const BfyCredentialCandidate *best = NULL;
  guint best_weight = 0;

  *is_unclear = FALSE;
  for (guint i = 0; i < candidates->len; i++)
    {
      const BfyCredentialCandidate *candidate = candidates->pdata[i];
      guint weight;

      if (!bfy_credential_fits (candidate, wish))
        continue;
      weight = weigh (candidate, wish);
      if (best != NULL && weight < best_weight)
        continue;
      *is_unclear = best != NULL && weight == best_weight;
      best = candidate;
      best_weight = weight;
    }

  return *is_unclear ? NULL : best;
}
