/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/oauth-client.h"

#include "protocol/error.h"
#include "protocol/name.h"

static const char *const origins[] = {
  [BFY_CLIENT_CONFIGURED] = "configured",
  [BFY_CLIENT_DOCUMENT] = "document",
  [BFY_CLIENT_REGISTERED] = "registered",
};

static const char *const auths[] = {
  [BFY_CLIENT_AUTH_NONE] = "none",
  [BFY_CLIENT_AUTH_BASIC] = "client_secret_basic",
  [BFY_CLIENT_AUTH_POST] = "client_secret_post",
};

BfyOAuthClient *
bfy_oauth_client_new (BfyOAuthClientOrigin origin, const char *issuer, const char *id)
{
  BfyOAuthClient *self = g_new0 (BfyOAuthClient, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->origin = origin;
  self->issuer = g_strdup (issuer);
  self->id = g_strdup (id);

  return self;
}

BfyOAuthClient *
bfy_oauth_client_ref (BfyOAuthClient *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
bfy_oauth_client_unref (BfyOAuthClient *self)
{
  if (self == NULL || !g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->issuer);
  g_free (self->id);
  g_clear_pointer (&self->secret, bfy_secret_unref);
  g_free (self->redirect_uri);
  g_free (self->registration_uri);
  g_clear_pointer (&self->registration_token, bfy_secret_unref);
  g_free (self);
}

static gboolean
lists (const char *const *supported, BfyOAuthClientAuth auth)
{
  return g_strv_contains (supported, auths[auth]);
}

static gboolean
can_do (BfyOAuthClientAuth auth, gboolean has_secret)
{
  return auth == BFY_CLIENT_AUTH_NONE || has_secret;
}

/* What registration returned binds both sides, as far as we can do it. */
static gboolean
is_usable (BfyOAuthClientAuth auth, const char *const *supported, gboolean has_secret)
{
  if (!can_do (auth, has_secret))
    return FALSE;
  if (auth == BFY_CLIENT_AUTH_NONE && !has_secret)
    return TRUE;

  return supported == NULL || lists (supported, auth);
}

static gboolean
choose_listed (const char *const *supported, gboolean has_secret, BfyOAuthClientAuth *auth)
{
  static const BfyOAuthClientAuth order[] = {
    BFY_CLIENT_AUTH_BASIC,
    BFY_CLIENT_AUTH_POST,
    BFY_CLIENT_AUTH_NONE,
  };

  for (guint i = 0; i < G_N_ELEMENTS (order); i++)
    {
      if (lists (supported, order[i]) && can_do (order[i], has_secret))
        {
          *auth = order[i];
          return TRUE;
        }
    }

  return FALSE;
}

gboolean
bfy_oauth_client_choose_auth (const char *registered,
                              const char *const *supported,
                              gboolean has_secret,
                              BfyOAuthClientAuth *auth,
                              GError **error)
{
  BfyOAuthClientAuth wanted;
  gboolean wants_secret;

  if (bfy_oauth_client_auth_from_wire (registered, &wanted) &&
      is_usable (wanted, supported, has_secret))
    {
      *auth = wanted;
      return TRUE;
    }
  if (supported == NULL)
    {
      *auth = has_secret ? BFY_CLIENT_AUTH_BASIC : BFY_CLIENT_AUTH_NONE;
      return TRUE;
    }
  if (choose_listed (supported, has_secret, auth))
    return TRUE;

  wants_secret =
      lists (supported, BFY_CLIENT_AUTH_BASIC) || lists (supported, BFY_CLIENT_AUTH_POST);
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                       wants_secret ? "The authorization server wants a client secret. Register an "
                                      "application there and give its id and secret with "
                                      "--client-id and --client-secret-stdin"
                                    : "The authorization server wants clients to prove who they "
                                      "are in a way that bindify does not know; it knows client "
                                      "secrets");

  return FALSE;
}

const char *
bfy_oauth_client_auth_to_wire (BfyOAuthClientAuth auth)
{
  return auths[auth];
}

gboolean
bfy_oauth_client_auth_from_wire (const char *wire, BfyOAuthClientAuth *auth)
{
  guint index;

  if (!bfy_name_find (auths, G_N_ELEMENTS (auths), wire, &index))
    return FALSE;
  *auth = index;

  return TRUE;
}

const char *
bfy_oauth_client_origin_to_wire (BfyOAuthClientOrigin origin)
{
  return origins[origin];
}

gboolean
bfy_oauth_client_origin_from_wire (const char *wire, BfyOAuthClientOrigin *origin)
{
  guint index;

  if (!bfy_name_find (origins, G_N_ELEMENTS (origins), wire, &index))
    return FALSE;
  *origin = index;

  return TRUE;
}
