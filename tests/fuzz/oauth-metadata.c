/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What resources, authorization servers and registrations answer. What is taken names nothing that
 * may not be asked: every URL is https and outside. What is not is refused in words of ours. */

#include <string.h>

#include "protocol/error.h"
#include "protocol/oauth-registration.h"
#include "protocol/oauth-resource.h"
#include "protocol/oauth-scope.h"
#include "protocol/oauth-server.h"
#include "protocol/upstream.h"
#include "tests/fuzz/fuzz.h"

#define MCP_URL "https://mcp.example/t/mcp"
#define ISSUER "https://as.example"
#define REDIRECT_URI "http://127.0.0.1:4711/callback"

static void
check_url (const char *text)
{
  g_autoptr (BfyUpstream) url = text != NULL ? bfy_upstream_parse (text, NULL) : NULL;

  if (text == NULL)
    return;
  g_assert_nonnull (url);
  g_assert_true (url->is_tls);
  g_assert_cmpint (url->reach, ==, BFY_REACH_EXTERNAL);
}

static void
check_refusal (const GError *error)
{
  g_assert_cmpuint (error->domain, ==, BFY_ERROR);
  g_assert_true (error->code == BFY_ERROR_UPSTREAM_FAILED || error->code == BFY_ERROR_DENIED ||
                 error->code == BFY_ERROR_LOCAL_ADDRESS || error->code == BFY_ERROR_UNSUPPORTED);
  /* Seeds mark all values that nobody may see again. */
  g_assert_null (strstr (error->message, "MARK"));
}

static void
check_server (const BfyOAuthServer *server)
{
  check_url (server->issuer);
  g_assert_nonnull (server->token_url);
  check_url (server->token_url);
  check_url (server->authorization_url);
  check_url (server->registration_url);
  check_url (server->revocation_url);
  check_url (server->device_url);
}

static void
try_server (const char *text, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) root_error = NULL;
  g_autoptr (BfyOAuthServer) server = bfy_oauth_server_parse (text, size, ISSUER, FALSE, &error);
  g_autoptr (BfyOAuthServer) at_root =
      bfy_oauth_server_parse_at_root (text, size, ISSUER, FALSE, &root_error);

  if (server != NULL)
    {
      g_assert_cmpstr (server->issuer, ==, ISSUER);
      check_server (server);
      g_assert_nonnull (at_root);
      g_assert_false (at_root->is_unproven);
    }
  else
    {
      check_refusal (error);
    }
  if (at_root != NULL)
    check_server (at_root);
  else
    check_refusal (root_error);
}

static void
try_resource (const char *text, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyOAuthResource) resource = bfy_oauth_resource_parse (text, size, MCP_URL, &error);
  g_autofree char *scopes = NULL;

  if (resource == NULL)
    {
      check_refusal (error);
      return;
    }

  scopes = bfy_oauth_scope_normalise (resource->scopes);
  g_assert_cmpstr (scopes, ==, resource->scopes);
  g_assert_true (bfy_oauth_resource_fits (resource->resource, MCP_URL));
  g_assert_cmpuint (g_strv_length (resource->servers), <=, BFY_OAUTH_SERVERS_MAX);
  for (gsize i = 0; resource->servers[i] != NULL; i++)
    {
      g_auto (GStrv) candidates = bfy_oauth_server_candidates (resource->servers[i]);

      for (gsize j = 0; candidates[j] != NULL; j++)
        {
          g_autoptr (BfyUpstream) url = bfy_upstream_parse (candidates[j], NULL);
          g_autoptr (BfyUpstream) issuer = bfy_upstream_parse (resource->servers[i], NULL);

          /* Too long by what was inserted, or on the origin that was named. */
          if (url != NULL)
            g_assert_cmpstr (url->origin, ==, issuer->origin);
        }
    }
}

static void
try_registration (const char *text, gsize size)
{
  g_autoptr (BfyOAuthServer) server = bfy_oauth_server_new_assumed (ISSUER);
  g_autoptr (BfySecret) body = bfy_secret_new (text, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyOAuthClient) client =
      bfy_oauth_registration_parse (body, server, REDIRECT_URI, FALSE, &error);

  if (client == NULL)
    {
      check_refusal (error);
      return;
    }

  g_assert_cmpstr (client->issuer, ==, ISSUER);
  g_assert_cmpuint (strlen (client->id), >, 0);
  for (const char *p = client->id; *p != '\0'; p++)
    g_assert_true (g_ascii_isprint (*p));
  g_assert_true (client->secret != NULL || client->auth == BFY_CLIENT_AUTH_NONE);
  g_assert_true ((client->registration_uri == NULL) == (client->registration_token == NULL));
  g_assert_cmpint (client->expires_at_s, >=, 0);
  check_url (client->registration_uri);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  try_server ((const char *) data, size);
  try_resource ((const char *) data, size);
  try_registration ((const char *) data, size);

  return 0;
}
