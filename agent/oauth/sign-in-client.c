/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Who we are to the authorization server (mcp.md B.1.6). */

#include "agent/oauth/registration.h"
#include "agent/oauth/sign-in-private.h"
#include "agent/oauth/step-up.h"

BfyOAuthClient *
bfy_sign_in_peek_known (BfySignIn *self)
{
  BfyOAuthClient *client = self->known != NULL ? self->known->client : NULL;
  const BfyOAuthServer *server = self->discovery->server;

  return client != NULL && !server->is_unproven && g_str_equal (client->issuer, server->issuer)
             ? client
             : NULL;
}

/* One that was registered here is given up when it led nowhere; who registered one by hand knows
 * whether it is good. */
static BfyOAuthClient *
choose_known (BfySignIn *self)
{
  BfyOAuthClient *client = self->known != NULL ? self->known->client : NULL;
  gboolean is_spent = client != NULL && client->origin == BFY_CLIENT_REGISTERED &&
                      (self->is_anew || self->is_distrustful);

  return is_spent ? NULL : client;
}

static void
tell_discovered (BfySignIn *self)
{
  JsonObject *step = bfy_sign_in_step_new ("discovered");

  bfy_sign_in_set_text (step, "issuer", self->discovery->server->issuer);
  bfy_sign_in_set_text (step, "client",
                        bfy_oauth_client_origin_to_wire (self->source->client->origin));
  bfy_sign_in_set_text (step, "scope", self->scope);
  bfy_sign_in_tell (self, step);
}

static BfyOAuthSource *
new_source (BfySignIn *self, BfyOAuthClient *client)
{
  const BfyDiscovery *discovery = self->discovery;
  BfyOAuthSource *source = bfy_oauth_source_new (client, discovery->server->token_url);

  source->revocation_url = g_strdup (discovery->server->revocation_url);
  source->resource = g_strdup (discovery->resource);
  source->scope = g_strdup (self->scope);
  source->is_client_credentials = self->wish->kind == BFY_SIGN_IN_MACHINE;
  source->allow_local = self->binding->allow_local;

  return source;
}

/* A person is asked for consent a few times for the same thing, and then no more (mcp.md B.2). */
static gboolean
count_sign_in (BfySignIn *self, GError **error)
{
  return self->agent->step_up == NULL || self->wish->kind == BFY_SIGN_IN_MACHINE ||
         bfy_step_up_count_sign_in (self->agent->step_up, self->binding, error);
}

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfySignIn *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (BfyOAuthClient) client = bfy_register_finish (result, &error);

  if (client == NULL || !count_sign_in (self, &error))
    {
      bfy_sign_in_fail (task, error);
      return;
    }

  g_clear_pointer (&self->source, bfy_oauth_source_unref);
  self->source = new_source (self, client);
  tell_discovered (self);
  switch (self->wish->kind)
    {
    case BFY_SIGN_IN_BROWSER:
      bfy_sign_in_begin_browser (task);
      break;
    case BFY_SIGN_IN_DEVICE:
      bfy_sign_in_begin_device (task);
      break;
    case BFY_SIGN_IN_MACHINE:
      bfy_sign_in_begin_machine (task);
      break;
    }
}

/* Some servers compare the port of a loopback redirect, though they should not (RFC 8252, 7.3): so
 * a client that was registered with one gets it again if it is free, and is registered anew if it
 * is not. */
static BfyListener *
open_listener (const BfyOAuthClient *known, GError **error)
{
  g_autoptr (GUri) uri = known != NULL && known->redirect_uri != NULL
                             ? g_uri_parse (known->redirect_uri, G_URI_FLAGS_NONE, NULL)
                             : NULL;
  int port = uri != NULL ? g_uri_get_port (uri) : -1;
  BfyListener *listener = NULL;

  if (port > 0)
    listener = bfy_listener_new ((guint16) port, BFY_VISIT_TIMEOUT_MS, NULL);

  return listener != NULL ? listener : bfy_listener_new (0, BFY_VISIT_TIMEOUT_MS, error);
}

void
bfy_sign_in_begin_registration (GTask *task)
{
  BfySignIn *self = g_task_get_task_data (task);
  BfyRegistration wish = {
    .server = self->discovery->server,
    .client_id = self->wish->client_id,
    .client_secret = self->wish->client_secret,
    .known = choose_known (self),
    .scope = self->scope,
    .binding = self->binding,
    .allow_local = self->binding->allow_local,
  };
  GError *error = NULL;

  if (self->wish->kind == BFY_SIGN_IN_BROWSER)
    {
      g_clear_pointer (&self->listener, bfy_listener_free);
      self->listener = open_listener (bfy_sign_in_peek_known (self), &error);
      if (self->listener == NULL)
        {
          bfy_sign_in_fail (task, error);
          return;
        }
      wish.redirect_uri = bfy_listener_get_redirect_uri (self->listener);
    }

  bfy_register_async (self->agent, &wish, self->stop, on_registered, g_object_ref (task));
}
