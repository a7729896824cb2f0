/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Region and service of a signature, as the name of a host tells them:
 * SERVICE.REGION.amazonaws.com, with labels of the customer's own before it. */

#include <string.h>

#include "protocol/sigv4.h"

#define SCOPE_LENGTH_MAX 100
#define GLOBAL_REGION "us-east-1"

static const char *const domains[] = { ".amazonaws.com", ".amazonaws.com.cn", ".on.aws",
                                       ".api.aws" };

/* Those that are signed for by another name than their host has. */
static const struct
{
  const char *label, *service;
} renamed[] = {
  { "email", "ses" },
  { "queue", "sqs" },
  { "bedrock-runtime", "bedrock" },
  { "bedrock-agent", "bedrock" },
  { "bedrock-agent-runtime", "bedrock" },
  { "s3-accesspoint", "s3" },
  { "s3-control", "s3" },
  { "lambda-url", "lambda" },
};

/* Without a region in their name. */
static const char *const global[] = {
  "s3", "iam", "sts", "route53", "cloudfront", "organizations", NULL,
};

static const char *const s3_services[] = {
  "s3", "s3-object-lambda", "s3-outposts", "s3express", NULL,
};

static gboolean
is_word (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_islower (text[i]) && !g_ascii_isdigit (text[i]) && text[i] != '-')
      return FALSE;

  return length > 0;
}

gboolean
bfy_sigv4_scope_check (const char *scope)
{
  const char *slash = strchr (scope, '/');

  return slash != NULL && strlen (scope) <= SCOPE_LENGTH_MAX &&
         is_word (scope, (gsize) (slash - scope)) && is_word (slash + 1, strlen (slash + 1));
}

gboolean
bfy_sigv4_scope_is_s3 (const char *scope)
{
  return g_strv_contains (s3_services, strchr (scope, '/') + 1);
}

/* eu-central-1, us-gov-west-1 */
static gboolean
is_region (const char *label)
{
  gsize length = strlen (label);

  return length > 5 && label[2] == '-' && g_ascii_isdigit (label[length - 1]) &&
         label[length - 2] == '-';
}

static char *
name_service (const char *label)
{
  g_autofree char *plain = g_str_has_suffix (label, "-fips")
                               ? g_strndup (label, strlen (label) - strlen ("-fips"))
                               : g_strdup (label);

  for (guint i = 0; i < G_N_ELEMENTS (renamed); i++)
    if (g_str_equal (renamed[i].label, plain))
      return g_strdup (renamed[i].service);

  return g_steal_pointer (&plain);
}

static char *
cut_domain (const char *host)
{
  g_autofree char *lower = g_ascii_strdown (host, -1);

  for (guint i = 0; i < G_N_ELEMENTS (domains); i++)
    if (g_str_has_suffix (lower, domains[i]))
      return g_strndup (lower, strlen (lower) - strlen (domains[i]));

  return NULL;
}

char *
bfy_sigv4_scope_from_host (const char *host)
{
  g_autofree char *name = cut_domain (host);
  g_auto (GStrv) labels = name != NULL ? g_strsplit (name, ".", -1) : NULL;
  guint n = labels != NULL ? g_strv_length (labels) : 0;
  const char *region = GLOBAL_REGION;
  g_autofree char *service = NULL;
  g_autofree char *scope = NULL;

  if (n > 1 && is_region (labels[n - 1]))
    {
      region = labels[--n];
      if (n > 1 && g_str_equal (labels[n - 1], "dualstack"))
        n--;
    }
  else if (n == 0 || !g_strv_contains (global, labels[n - 1]))
    {
      return NULL;
    }
  service = name_service (labels[n - 1]);
  scope = g_strdup_printf ("%s/%s", region, service);

  return bfy_sigv4_scope_check (scope) ? g_steal_pointer (&scope) : NULL;
}
