/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Authorization code with PKCE and a loopback redirect (RFC 6749, 4.1; RFC 7636; RFC 8252). */

#include <openssl/rand.h>

#include "agent/oauth/sign-in-private.h"
#include "agent/oauth/token-endpoint.h"
#include "protocol/authorization-url.h"
#include "protocol/oauth-scope.h"
#include "protocol/pkce.h"
#include "protocol/secret-writer.h"

BfyPkceChoice
bfy_sign_in_choose_pkce (const BfyOAuthServer *server,
                         const BfyServiceOAuth *record,
                         gboolean allow_no_pkce)
{
  if (server->takes_s256)
    return BFY_PKCE_SEND;
  if (record != NULL && !server->says_pkce)
    return record->uses_pkce ? BFY_PKCE_SEND : BFY_PKCE_OMIT;
  if (!allow_no_pkce)
    return BFY_PKCE_REFUSE;

  /* A server that is silent about it takes it often enough, or ignores it (RFC 6749, 3.1). */
  return server->says_pkce ? BFY_PKCE_OMIT : BFY_PKCE_SEND;
}

static void
on_exchanged (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  BfyTokenAnswer *answer = bfy_token_finish (result, &error);

  if (answer == NULL)
    bfy_sign_in_fail (task, error);
  else
    bfy_sign_in_take_answer (task, answer);
}

/* Nobody came back, though the client had served before. */
static gboolean
is_abandoned (BfySignIn *self, const GError *error)
{
  const BfyOAuthClient *known = bfy_sign_in_peek_known (self);
  const BfyOAuthClient *client = self->source->client;

  return known != NULL && client->origin == BFY_CLIENT_REGISTERED &&
         g_str_equal (client->id, known->id) &&
         (g_error_matches (error, BFY_ERROR, BFY_ERROR_CANCELLED) ||
          g_error_matches (error, BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT));
}

/* The browser is back; nothing listens any more. */
static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfySignIn *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (BfySecret) code = bfy_listener_wait_finish (result, &error);
  g_autofree char *redirect_uri = g_strdup (bfy_listener_get_redirect_uri (self->listener));

  g_clear_pointer (&self->listener, bfy_listener_free);
  if (code == NULL)
    {
      self->was_abandoned = is_abandoned (self, error);
      bfy_sign_in_fail (task, error);
      return;
    }

  bfy_sign_in_tell (self, bfy_sign_in_step_new ("exchanging"));
  bfy_token_exchange_async (self->agent, self->binding, self->source, code, redirect_uri,
                            self->verifier, self->stop, on_exchanged, g_object_ref (task));
}

static void
fill_base64url (BfySecretWriter *writer, gconstpointer data)
{
  bfy_secret_writer_append_base64url (writer, data, BFY_CALLBACK_STATE_BYTES);
}

/* The verifier, if there is to be one, and the state; NULL without randomness. */
static BfySecret *
make_secrets (BfySignIn *self, GError **error)
{
  guint8 random[BFY_PKCE_RANDOM_BYTES + BFY_CALLBACK_STATE_BYTES];
  BfySecret *state;

  if (RAND_priv_bytes (random, sizeof random) != 1)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED, "There are no random numbers");
      return NULL;
    }

  g_clear_pointer (&self->verifier, bfy_secret_unref);
  if (self->sends_pkce)
    self->verifier = bfy_pkce_verifier_new (random);
  state = bfy_secret_build (fill_base64url, random + BFY_PKCE_RANDOM_BYTES);
  bfy_wipe (random, sizeof random);

  return state;
}

static void
tell_authorize (BfySignIn *self, const BfySecret *state)
{
  const BfyOAuthSource *source = self->source;
  g_autofree char *challenge = self->verifier != NULL ? bfy_pkce_challenge (self->verifier) : NULL;
  const BfyAuthorization authorization = {
    .endpoint = self->discovery->server->authorization_url,
    .client_id = source->client->id,
    .redirect_uri = bfy_listener_get_redirect_uri (self->listener),
    .state = bfy_secret_peek_text (state),
    .challenge = challenge,
    .scope = self->scope,
    .resource = source->resource,
    .wants_consent = bfy_oauth_scope_has (self->scope, BFY_OAUTH_OFFLINE_ACCESS) &&
                     self->discovery->wants_consent,
  };
  g_autofree char *url = bfy_authorization_to_url (&authorization);
  JsonObject *step = bfy_sign_in_step_new ("authorize");

  json_object_set_string_member (step, "url", url);
  json_object_set_string_member (step, "redirect_uri", authorization.redirect_uri);
  json_object_set_int_member (step, "expires_in", BFY_LISTENER_TIMEOUT_MS / 1000);
  bfy_sign_in_tell (self, step);
}

void
bfy_sign_in_begin_browser (GTask *task)
{
  BfySignIn *self = g_task_get_task_data (task);
  const BfyOAuthServer *server = self->discovery->server;
  GError *error = NULL;
  g_autoptr (BfySecret) state = make_secrets (self, &error);
  const BfyCallbackExpected expected = {
    .state = state,
    .issuer = server->issuer,
    .sends_iss = server->sends_iss,
  };

  if (state == NULL)
    {
      bfy_sign_in_fail (task, error);
      return;
    }

  /* It listens before anybody knows where. */
  bfy_listener_wait_async (self->listener, &expected, BFY_LISTENER_TIMEOUT_MS, self->stop,
                           on_answer, g_object_ref (task));
  tell_authorize (self, state);
}
