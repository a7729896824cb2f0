/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/oauth-registration.h"

#include <string.h>

#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/oauth-members.h"
#include "protocol/oauth-url.h"

#define CLIENT_ID_BYTES_MAX 2048
#define SECRET_BYTES_MAX 4096
#define DEVICE_GRANT "urn:ietf:params:oauth:grant-type:device_code"

/* --- The request --- */

static gboolean
lists (const BfyOAuthServer *server, BfyOAuthClientAuth auth)
{
  return g_strv_contains ((const char *const *) server->token_auth_methods,
                          bfy_oauth_client_auth_to_wire (auth));
}

/* A program on a person's machine keeps no secret from that person, so none is asked for where the
 * server leaves the choice (behaviour 17.10). */
static gboolean
choose_auth (const BfyOAuthServer *server, BfyOAuthClientAuth *auth, GError **error)
{
  *auth = BFY_CLIENT_AUTH_NONE;
  if (server->token_auth_methods == NULL || lists (server, BFY_CLIENT_AUTH_NONE))
    return TRUE;

  return bfy_oauth_client_choose_auth (NULL, (const char *const *) server->token_auth_methods, TRUE,
                                       auth, error);
}

static void
set_strings (JsonObject *object, const char *name, const char *first, const char *second)
{
  JsonArray *array = json_array_new ();

  if (first != NULL)
    json_array_add_string_element (array, first);
  if (second != NULL)
    json_array_add_string_element (array, second);
  json_object_set_array_member (object, name, array);
}

char *
bfy_oauth_registration_format (const BfyOAuthServer *server,
                               const char *redirect_uri,
                               const char *scope,
                               GError **error)
{
  gboolean has_redirect = redirect_uri != NULL;
  g_autoptr (JsonObject) object = NULL;
  BfyOAuthClientAuth auth;

  if (!choose_auth (server, &auth, error))
    return NULL;

  object = json_object_new ();
  json_object_set_string_member (object, "client_name", "bindify");
  if (has_redirect)
    set_strings (object, "redirect_uris", redirect_uri, NULL);
  set_strings (object, "grant_types", has_redirect ? "authorization_code" : DEVICE_GRANT,
               "refresh_token");
  set_strings (object, "response_types", has_redirect ? "code" : NULL, NULL);
  json_object_set_string_member (object, "token_endpoint_auth_method",
                                 bfy_oauth_client_auth_to_wire (auth));
  json_object_set_string_member (object, "application_type", "native");
  if (scope != NULL)
    json_object_set_string_member (object, "scope", scope);

  return bfy_json_object_to_text (object, NULL);
}

/* --- The answer --- */

typedef struct
{
  BfyOAuthMembers members;
  const BfyOAuthServer *server; /* borrowed */
  gboolean allow_local;
} Answer;

static gboolean
refuse (GError **error, const char *problem)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
               "The sign-in server registered bindify, but its answer cannot be used: %s", problem);

  return FALSE;
}

/* Of a secret: printable ASCII (RFC 6749, A.2). */
static gboolean
is_printable (const BfySecret *secret)
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (secret, &length);

  for (gsize i = 0; i < length; i++)
    {
      if (bytes[i] < 0x20 || bytes[i] > 0x7e)
        return FALSE;
    }

  return length <= SECRET_BYTES_MAX;
}

static char *
read_id (const Answer *answer, GError **error)
{
  g_autofree char *id = NULL;

  if (bfy_oauth_members_get_text (&answer->members, "client_id", &id) != BFY_MEMBER_PRESENT ||
      strlen (id) > CLIENT_ID_BYTES_MAX)
    {
      refuse (error, "its “client_id” is missing, too long or not printable");
      return NULL;
    }

  return g_steal_pointer (&id);
}

/* An empty one is none: some servers write "" for what they do not give. */
static gboolean
take_secret (const Answer *answer, const char *name, BfySecret **secret, GError **error)
{
  g_autoptr (BfySecret) value = NULL;
  BfyOAuthMember member = bfy_oauth_members_get_secret (&answer->members, name, &value);

  if (member == BFY_MEMBER_WRONG || (value != NULL && !is_printable (value)))
    return refuse (error, "a secret in it is too long or not printable");
  if (value != NULL && bfy_secret_length (value) > 0)
    *secret = g_steal_pointer (&value);

  return TRUE;
}

/* 0 means never. */
static gboolean
take_end (const Answer *answer, BfyOAuthClient *client, GError **error)
{
  return bfy_oauth_members_get_seconds (&answer->members, "client_secret_expires_at",
                                        &client->expires_at_s) != BFY_MEMBER_WRONG ||
         refuse (error, "its “client_secret_expires_at” is not a time");
}

static gboolean
take_auth (const Answer *answer, BfyOAuthClient *client, GError **error)
{
  g_autofree char *registered = NULL;

  if (bfy_oauth_members_get_text (&answer->members, "token_endpoint_auth_method", &registered) ==
      BFY_MEMBER_WRONG)
    return refuse (error, "its “token_endpoint_auth_method” is not a name");

  return bfy_oauth_client_choose_auth (registered,
                                       (const char *const *) answer->server->token_auth_methods,
                                       client->secret != NULL, &client->auth, error);
}

/* Where the registration can be looked at later (RFC 7592): nice to have, so what cannot be used is
 * left out. May be relative (behaviour 8.5). */
static void
take_place (const Answer *answer, BfyOAuthClient *client)
{
  g_autoptr (BfySecret) token = NULL;
  g_autoptr (BfyUpstream) url = NULL;
  g_autofree char *text = NULL;
  g_autofree char *resolved = NULL;

  if (!take_secret (answer, "registration_access_token", &token, NULL) || token == NULL ||
      bfy_oauth_members_get_text (&answer->members, "registration_client_uri", &text) !=
          BFY_MEMBER_PRESENT)
    return;
  resolved =
      g_uri_resolve_relative (answer->server->registration_url, text, G_URI_FLAGS_ENCODED, NULL);
  url = resolved != NULL ? bfy_oauth_url_judge (resolved, answer->allow_local, "it", NULL) : NULL;
  if (url == NULL)
    return;

  client->registration_uri = g_strdup (url->uri);
  client->registration_token = g_steal_pointer (&token);
}

BfyOAuthClient *
bfy_oauth_registration_parse (const BfySecret *body,
                              const BfyOAuthServer *server,
                              const char *redirect_uri,
                              gboolean allow_local,
                              GError **error)
{
  Answer answer = { .server = server, .allow_local = allow_local };
  g_autofree char *id = NULL;
  g_autoptr (BfyOAuthClient) client = NULL;

  if (!bfy_oauth_members_init (&answer.members, "application/json", body) || answer.members.is_form)
    {
      refuse (error, "it is not a JSON object");
      return NULL;
    }
  id = read_id (&answer, error);
  if (id == NULL)
    return NULL;

  client = bfy_oauth_client_new (BFY_CLIENT_REGISTERED, server->issuer, id);
  client->redirect_uri = g_strdup (redirect_uri);
  if (!take_secret (&answer, "client_secret", &client->secret, error) ||
      !take_end (&answer, client, error) || !take_auth (&answer, client, error))
    return NULL;
  take_place (&answer, client);

  return g_steal_pointer (&client);
}

GError *
bfy_oauth_registration_explain (const BfyOAuthServer *server, guint status)
{
  gboolean is_final = status >= 400 && status < 500 && status != 408 && status != 429;

  /* That there is a server at all was only a guess. */
  if (is_final && server->is_assumed)
    return g_error_new (
        BFY_ERROR, BFY_ERROR_UNSUPPORTED,
        "The service does not say how to sign in, and the usual place for it answers "
        "HTTP %u. It may want a token (--api-key), or the id of an application that "
        "was registered by hand (--client-id)",
        status);
  if (is_final)
    return g_error_new (
        BFY_ERROR, BFY_ERROR_UNSUPPORTED,
        "The sign-in server does not register bindify by itself (HTTP %u). Register "
        "an application there by hand and give its id with --client-id",
        status);

  return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                      "The sign-in server answered HTTP %u to the registration; try again later",
                      status);
}

gboolean
bfy_oauth_client_may_serve (const BfyOAuthClient *self,
                            const BfyOAuthServer *server,
                            const char *redirect_uri,
                            gint64 now_s)
{
  return self->origin == BFY_CLIENT_REGISTERED && !server->is_unproven &&
         g_str_equal (self->issuer, server->issuer) &&
         g_strcmp0 (self->redirect_uri, redirect_uri) == 0 &&
         (self->expires_at_s == 0 || self->expires_at_s - now_s > BFY_OAUTH_CLIENT_SPARE_S);
}
