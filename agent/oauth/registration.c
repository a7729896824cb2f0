/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/registration.h"

#include <libsoup/soup.h>
#include <string.h>

#include "agent/oauth/fetch.h"
#include "protocol/error.h"
#include "protocol/oauth-registration.h"

typedef struct
{
  BfyOAuthServer *server; /* (owned) */
  char *redirect_uri;     /* (owned) (nullable) */
  gboolean allow_local;
} Work;

static void
work_free (gpointer user_data)
{
  Work *work = user_data;

  bfy_oauth_server_unref (work->server);
  g_free (work->redirect_uri);
  g_free (work);
}

/* --- Without asking anybody --- */

/* An application that somebody has registered by hand. @secret (nullable). */
static BfyOAuthClient *
new_configured (const BfyRegistration *wish, const char *id, BfySecret *secret, GError **error)
{
  g_autoptr (BfyOAuthClient) client =
      bfy_oauth_client_new (BFY_CLIENT_CONFIGURED, wish->server->issuer, id);

  client->secret = secret != NULL ? bfy_secret_ref (secret) : NULL;
  client->redirect_uri = g_strdup (wish->redirect_uri);
  if (!bfy_oauth_client_choose_auth (NULL, (const char *const *) wish->server->token_auth_methods,
                                     secret != NULL, &client->auth, error))
    return NULL;

  return g_steal_pointer (&client);
}

/* An id that belongs to one issuer is nobody else's business (mcp.md B.1.6). */
static BfyOAuthClient *
configure_again (const BfyRegistration *wish, GError **error)
{
  if (wish->server->is_unproven || !g_str_equal (wish->known->issuer, wish->server->issuer))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                           "The service has moved to another sign-in server, which must not see "
                           "the client id of the last one; register an application there and give "
                           "its id with --client-id");
      return NULL;
    }

  return new_configured (wish, wish->known->id, wish->known->secret, error);
}

/* It has no secret, so a server that wants one cannot be served that way. */
static BfyOAuthClient *
new_document (const BfyRegistration *wish, const char *url)
{
  g_autoptr (BfyOAuthClient) client =
      bfy_oauth_client_new (BFY_CLIENT_DOCUMENT, wish->server->issuer, url);

  client->redirect_uri = g_strdup (wish->redirect_uri);
  client->auth = BFY_CLIENT_AUTH_NONE;

  return g_steal_pointer (&client);
}

/* TRUE when the way is decided: @client is set, or @error. */
static gboolean
choose (BfyAgent *agent, const BfyRegistration *wish, BfyOAuthClient **client, GError **error)
{
  if (wish->client_id != NULL)
    {
      *client = new_configured (wish, wish->client_id, wish->client_secret, error);
      return TRUE;
    }
  if (wish->known != NULL && wish->known->origin == BFY_CLIENT_CONFIGURED)
    {
      *client = configure_again (wish, error);
      return TRUE;
    }
  if (wish->server->takes_documents && agent->client_metadata_url != NULL)
    {
      *client = new_document (wish, agent->client_metadata_url);
      return TRUE;
    }
  if (wish->known != NULL && bfy_oauth_client_may_serve (wish->known, wish->server,
                                                         wish->redirect_uri, bfy_agent_now_s ()))
    {
      *client = bfy_oauth_client_ref (wish->known);
      return TRUE;
    }
  if (wish->server->registration_url != NULL)
    return FALSE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                       "This service registers no applications by itself. Register one there by "
                       "hand, for the redirect address http://127.0.0.1/callback, and give its id "
                       "with --client-id");

  return TRUE;
}

/* --- Asking the server --- */

static void
on_registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Work *work = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (BfyFetchAnswer) answer = bfy_fetch_finish (result, &error);
  BfyOAuthClient *client = NULL;

  if (answer != NULL && SOUP_STATUS_IS_SUCCESSFUL (answer->status))
    client = bfy_oauth_registration_parse (answer->body, work->server, work->redirect_uri,
                                           work->allow_local, &error);
  else if (answer != NULL)
    error = bfy_oauth_registration_explain (work->server, answer->status);

  if (client != NULL)
    g_task_return_pointer (task, client, (GDestroyNotify) bfy_oauth_client_unref);
  else
    g_task_return_error (task, error);
}

static void
ask (GTask *task, BfyAgent *agent, const BfyRegistration *wish, GCancellable *cancellable)
{
  GError *error = NULL;
  g_autofree char *text =
      bfy_oauth_registration_format (wish->server, wish->redirect_uri, wish->scope, &error);
  g_autoptr (BfySecret) body = NULL;
  BfyFetch fetch = { .method = "POST",
                     .url = wish->server->registration_url,
                     .accept = "application/json",
                     .content_type = "application/json",
                     .binding = wish->binding,
                     .allow_local = wish->allow_local };

  if (text == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  body = bfy_secret_new (text, strlen (text));
  fetch.body = body;
  bfy_fetch_async (agent, &fetch, cancellable, on_registered, g_object_ref (task));
}

void
bfy_register_async (BfyAgent *agent,
                    const BfyRegistration *wish,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Work *work = g_new0 (Work, 1);
  BfyOAuthClient *client = NULL;
  GError *error = NULL;

  g_task_set_source_tag (task, bfy_register_async);
  g_task_set_task_data (task, work, work_free);
  work->server = bfy_oauth_server_ref ((BfyOAuthServer *) wish->server);
  work->redirect_uri = g_strdup (wish->redirect_uri);
  work->allow_local = wish->allow_local;
  if (!choose (agent, wish, &client, &error))
    ask (task, agent, wish, cancellable);
  else if (client != NULL)
    g_task_return_pointer (task, client, (GDestroyNotify) bfy_oauth_client_unref);
  else
    g_task_return_error (task, error);
}

BfyOAuthClient *
bfy_register_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
