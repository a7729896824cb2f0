/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/reveal.h"

#include <string.h>

#include "protocol/name.h"
#include "protocol/upstream.h"

#define HTTPS "https://"

static const char *const purposes[] = { "git", "docker", "aws" };

const char *
bfy_reveal_purpose_to_wire (BfyRevealPurpose purpose)
{
  return purposes[purpose];
}

gboolean
bfy_reveal_purpose_from_wire (const char *wire, BfyRevealPurpose *purpose)
{
  guint index;

  if (!bfy_name_find (purposes, G_N_ELEMENTS (purposes), wire, &index))
    return FALSE;
  *purpose = (BfyRevealPurpose) index;

  return TRUE;
}

char *
bfy_reveal_host_of_url (const char *url)
{
  g_autoptr (BfyUpstream) upstream = url != NULL ? bfy_upstream_parse (url, NULL) : NULL;

  return upstream != NULL && upstream->is_tls ? g_strdup (upstream->origin + strlen (HTTPS)) : NULL;
}

/* What a URL could have behind or before its host is none of it. */
char *
bfy_reveal_normalize_host (const char *host)
{
  g_autofree char *url = NULL;

  if (host == NULL || *host == '\0' || strlen (host) > BFY_REVEAL_HOST_BYTES_MAX ||
      strpbrk (host, "/\\?#@%") != NULL)
    return NULL;
  for (const char *at = host; *at != '\0'; at++)
    if (!g_ascii_isgraph (*at))
      return NULL;
  url = g_strconcat (HTTPS, host, "/", NULL);

  return bfy_reveal_host_of_url (url);
}

gboolean
bfy_reveal_fits (const char *url, const char *git_host, BfyRevealPurpose purpose, const char *host)
{
  g_autofree char *own = bfy_reveal_host_of_url (url);

  if (own == NULL)
    return FALSE;

  return strcmp (own, host) == 0 ||
         (purpose == BFY_REVEAL_GIT && git_host != NULL && strcmp (git_host, host) == 0);
}

const char *
bfy_reveal_find_obstacle (const BfyBinding *binding, BfyRevealPurpose purpose)
{
  const BfyConstraints *constraints = binding->constraints;
  gboolean is_signed = binding->injection != NULL && binding->injection->kind == BFY_INJECT_SIGV4;

  if (!binding->reveals)
    return "nobody has allowed that it is revealed";
  if (binding->is_sealed)
    return "it is sealed, and opens with the key of a client only";
  if (g_strcmp0 (binding->auth_type, "none") == 0)
    return "it has no credential";
  if (is_signed != (purpose == BFY_REVEAL_AWS))
    return is_signed ? "its credential is for AWS" : "its credential is none of AWS";
  if (constraints != NULL && (constraints->path != NULL || constraints->tools != NULL))
    return "it is limited by path or tool, which means nothing to whoever has the credential";

  return NULL;
}
