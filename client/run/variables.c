/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/variables.h"

static const char *const trusting[] = {
  "SSL_CERT_FILE",  "NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
  "GIT_SSL_CAINFO", "AWS_CA_BUNDLE",       "PIP_CERT",           "DENO_CERT",
};
static const char *const leading[] = { "HTTPS_PROXY", "https_proxy" };
static const char *const leading_all[] = { "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy" };
static const char *const sparing[] = { "NO_PROXY", "no_proxy" };

static void
add_all (GStrvBuilder *builder, const char *const *names, guint n_names, const char *value)
{
  for (guint i = 0; i < n_names; i++)
    {
      g_autofree char *entry = g_strconcat (names[i], "=", value, NULL);

      g_strv_builder_add (builder, entry);
    }
}

GStrv
bfy_run_variables_append (GStrv list, const BfyRunLead *lead)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *login =
      lead->pass != NULL ? g_strconcat (BFY_RUN_PROXY_USER, ":", lead->pass, "@", NULL) : NULL;
  g_autofree char *url =
      g_strdup_printf ("http://%s127.0.0.1:%u", login != NULL ? login : "", lead->port);

  g_strv_builder_addv (builder, (const char **) list);
  add_all (builder, leading, G_N_ELEMENTS (leading), url);
  if (lead->pass == NULL)
    add_all (builder, leading_all, G_N_ELEMENTS (leading_all), url);
  add_all (builder, sparing, G_N_ELEMENTS (sparing),
           lead->pass == NULL ? "127.0.0.1" : "127.0.0.1,localhost,::1");
  add_all (builder, trusting, G_N_ELEMENTS (trusting), lead->authority);
  /* Node.js, from version 24 on, looks at the others only then. */
  g_strv_builder_add (builder, "NODE_USE_ENV_PROXY=1");
  g_strfreev (list);

  return g_strv_builder_end (builder);
}
