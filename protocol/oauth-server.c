/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/oauth-server.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/oauth-url.h"

#define ISSUER_BYTES_MAX 2048
#define AT_ROOT "/.well-known/oauth-authorization-server"
#define OPENID "/.well-known/openid-configuration"

typedef struct
{
  JsonObject *document; /* borrowed */
  gboolean allow_local;
} Source;

typedef struct
{
  const char *member;
  const char *title; /* in an error */
  gsize offset;
} Endpoint;

static const Endpoint endpoints[] = {
  { "authorization_endpoint", "the page where you sign in",
    G_STRUCT_OFFSET (BfyOAuthServer, authorization_url) },
  { "token_endpoint", "its tokens", G_STRUCT_OFFSET (BfyOAuthServer, token_url) },
  { "registration_endpoint", "the registration of applications",
    G_STRUCT_OFFSET (BfyOAuthServer, registration_url) },
  { "revocation_endpoint", "signing out", G_STRUCT_OFFSET (BfyOAuthServer, revocation_url) },
  { "device_authorization_endpoint", "signing in by a code",
    G_STRUCT_OFFSET (BfyOAuthServer, device_url) },
};

static BfyOAuthServer *
server_new (void)
{
  BfyOAuthServer *self = g_new0 (BfyOAuthServer, 1);

  g_atomic_ref_count_init (&self->ref_count);

  return self;
}

BfyOAuthServer *
bfy_oauth_server_ref (BfyOAuthServer *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_oauth_server_unref (BfyOAuthServer *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->issuer);
  for (gsize i = 0; i < G_N_ELEMENTS (endpoints); i++)
    g_free (G_STRUCT_MEMBER (char *, self, endpoints[i].offset));
  g_strfreev (self->token_auth_methods);
  g_strfreev (self->scopes);
  g_free (self);
}

/* --- Documents --- */

/* What is judged is what is used: the canonical form. Some servers write "" for what they lack. */
static gboolean
take_endpoint (BfyOAuthServer *self, const Source *source, const Endpoint *row, GError **error)
{
  const char *text = NULL;
  g_autoptr (BfyUpstream) url = NULL;

  if (!bfy_json_get_string (source->document, row->member, &text, error))
    return FALSE;
  if (text == NULL || *text == '\0')
    return TRUE;
  url = bfy_oauth_url_judge (text, source->allow_local, row->title, error);
  if (url == NULL)
    return FALSE;
  G_STRUCT_MEMBER (char *, self, row->offset) = g_strdup (url->uri);

  return TRUE;
}

static gboolean
take_endpoints (BfyOAuthServer *self, const Source *source, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (endpoints); i++)
    {
      if (!take_endpoint (self, source, &endpoints[i], error))
        return FALSE;
    }
  if (self->token_url != NULL)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                       "The sign-in server does not say where it gives out tokens");

  return FALSE;
}

static gboolean
take_lists (BfyOAuthServer *self, JsonObject *document, GError **error)
{
  g_auto (GStrv) methods = NULL;

  if (!bfy_json_get_strings (document, "code_challenge_methods_supported", &methods, error) ||
      !bfy_json_get_strings (document, "token_endpoint_auth_methods_supported",
                             &self->token_auth_methods, error) ||
      !bfy_json_get_strings (document, "scopes_supported", &self->scopes, error))
    return FALSE;
  self->says_pkce = methods != NULL;
  self->takes_s256 = methods != NULL && g_strv_contains ((const char *const *) methods, "S256");

  return bfy_json_get_boolean (document, "authorization_response_iss_parameter_supported",
                               &self->sends_iss, error) &&
         bfy_json_get_boolean (document, "client_id_metadata_document_supported",
                               &self->takes_documents, error);
}

static gboolean
take_issuer (BfyOAuthServer *self, const Source *source, GError **error)
{
  const char *issuer = NULL;
  g_autoptr (BfyUpstream) url = NULL;

  if (!bfy_json_get_string (source->document, "issuer", &issuer, error))
    return FALSE;
  if (issuer == NULL || strnlen (issuer, ISSUER_BYTES_MAX + 1) > ISSUER_BYTES_MAX)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                           "The sign-in server does not say who it is");
      return FALSE;
    }
  url = bfy_oauth_url_judge (issuer, source->allow_local, "itself", error);
  if (url == NULL)
    return FALSE;
  self->issuer = g_strdup (issuer);

  return TRUE;
}

static BfyOAuthServer *
read_document (const Source *source, GError **error)
{
  g_autoptr (BfyOAuthServer) self = server_new ();

  return take_issuer (self, source, error) && take_endpoints (self, source, error) &&
                 take_lists (self, source->document, error)
             ? g_steal_pointer (&self)
             : NULL;
}

/* What the JSON gate says is true of the document, not of a request of ours. */
static BfyOAuthServer *
parse (const char *text, gsize length, gboolean allow_local, GError **error)
{
  g_autoptr (GError) cause = NULL;
  g_autoptr (JsonObject) document = bfy_json_parse_object (text, length, &cause);
  Source source = { document, allow_local };
  g_autoptr (BfyOAuthServer) self = document != NULL ? read_document (&source, &cause) : NULL;

  if (self != NULL)
    return g_steal_pointer (&self);
  if (g_error_matches (cause, BFY_ERROR, BFY_ERROR_PARSE) ||
      g_error_matches (cause, BFY_ERROR, BFY_ERROR_BAD_REQUEST))
    g_set_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                 "The sign-in server describes itself in a way that is not understood: %s",
                 cause->message);
  else
    g_propagate_error (error, g_steal_pointer (&cause));

  return NULL;
}

BfyOAuthServer *
bfy_oauth_server_parse (const char *text,
                        gsize length,
                        const char *expected_issuer,
                        gboolean allow_local,
                        GError **error)
{
  g_autoptr (BfyOAuthServer) self = parse (text, length, allow_local, error);

  if (self == NULL)
    return NULL;
  if (!g_str_equal (self->issuer, expected_issuer))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                           "The sign-in server calls itself by another name than the service calls "
                           "it; signing in there is not safe");
      return NULL;
    }

  return g_steal_pointer (&self);
}

BfyOAuthServer *
bfy_oauth_server_parse_at_root (
    const char *text, gsize length, const char *origin, gboolean allow_local, GError **error)
{
  g_autoptr (BfyOAuthServer) self = parse (text, length, allow_local, error);
  g_autoptr (BfyUpstream) issuer = self != NULL ? bfy_upstream_parse (self->issuer, NULL) : NULL;

  if (self == NULL)
    return NULL;
  self->is_unproven = issuer == NULL || !g_str_equal (issuer->origin, origin);

  return g_steal_pointer (&self);
}

/* --- Without a document --- */

BfyOAuthServer *
bfy_oauth_server_new_assumed (const char *origin)
{
  BfyOAuthServer *self = server_new ();

  self->issuer = g_strdup (origin);
  self->authorization_url = g_strconcat (origin, "/authorize", NULL);
  self->token_url = g_strconcat (origin, "/token", NULL);
  self->registration_url = g_strconcat (origin, "/register", NULL);
  self->takes_s256 = TRUE; /* 2025-03-26 demands it of all */
  self->is_assumed = TRUE;

  return self;
}

BfyOAuthServer *
bfy_oauth_server_new_of_service (const BfyServiceOAuth *oauth)
{
  BfyOAuthServer *self = server_new ();
  g_autoptr (BfyUpstream) page = bfy_upstream_parse (oauth->authorize_url, NULL);

  self->issuer = g_strdup (page != NULL ? page->origin : oauth->authorize_url);
  self->authorization_url = g_strdup (oauth->authorize_url);
  self->token_url = g_strdup (oauth->token_url);
  self->registration_url = g_strdup (oauth->registration_url);
  self->device_url = g_strdup (oauth->device_url);
  self->revocation_url = g_strdup (oauth->revoke_url);
  self->takes_s256 = oauth->uses_pkce;
  self->is_assumed = TRUE;

  return self;
}

/* --- Where to look --- */

char *
bfy_oauth_server_root_candidate (const char *origin)
{
  return g_strconcat (origin, AT_ROOT, NULL);
}

/* The path goes behind the well-known part in RFC 8414, before it in OpenID Connect; a slash at its
 * end belongs to neither. */
GStrv
bfy_oauth_server_candidates (const char *issuer)
{
  g_autoptr (BfyUpstream) url = bfy_upstream_parse (issuer, NULL);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autofree char *path = NULL;
  g_autofree char *inserted = NULL;
  g_autofree char *openid_inserted = NULL;
  g_autofree char *openid_appended = NULL;

  if (url == NULL || strpbrk (issuer, "?#") != NULL)
    return g_strv_builder_end (builder);

  path = g_strdup (url->uri + strlen (url->origin));
  while (g_str_has_suffix (path, "/"))
    path[strlen (path) - 1] = '\0';
  inserted = g_strconcat (url->origin, AT_ROOT, path, NULL);
  openid_inserted = g_strconcat (url->origin, OPENID, path, NULL);
  openid_appended = g_strconcat (url->origin, path, OPENID, NULL);
  g_strv_builder_add_many (builder, inserted, openid_inserted, NULL);
  if (*path != '\0')
    g_strv_builder_add (builder, openid_appended);

  return g_strv_builder_end (builder);
}
