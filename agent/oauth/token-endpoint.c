/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/token-endpoint.h"

#include "agent/oauth/fetch.h"
#include "protocol/error.h"
#include "protocol/token-request.h"

#define FORM_TYPE "application/x-www-form-urlencoded"

static void
post_form (BfyAgent *agent,
           const BfyBinding *binding,
           const BfyOAuthSource *source,
           const char *url,
           BfySecret *form,
           GAsyncReadyCallback on_answer,
           GTask *owned_task)
{
  g_autoptr (BfySecret) authorization = bfy_token_request_authorization (source->client);
  const BfyFetch fetch = {
    .method = "POST",
    .url = url,
    .accept = "application/json",
    .content_type = FORM_TYPE,
    .body = form,
    .authorization = authorization,
    .binding = binding,
    .allow_local = source->allow_local,
  };

  bfy_fetch_async (agent, &fetch, g_task_get_cancellable (owned_task), on_answer, owned_task);
}

static BfyTokenAnswer *
read_answer (const BfyFetchAnswer *fetched, const GError *error)
{
  return fetched != NULL ? bfy_token_answer_parse (fetched->status, fetched->content_type,
                                                   fetched->body, fetched->retry_after_s)
                         : bfy_token_answer_new_failed (error);
}

/* Only a device waits for a person; for all others an answer that asks to wait is one to come back
 * after. */
static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyFetchAnswer) fetched = bfy_fetch_finish (result, &error);
  g_autoptr (BfyTokenAnswer) answer = NULL;

  if (error != NULL && bfy_error_code (error) == BFY_ERROR_CANCELLED)
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_CANCELLED, "Nobody waits for the tokens");
      return;
    }

  answer = read_answer (fetched, error);
  if (answer->outcome == BFY_TOKEN_PENDING &&
      g_task_get_source_tag (task) != (gpointer) bfy_token_device_async)
    answer->outcome = BFY_TOKEN_TRANSIENT;
  g_task_return_pointer (task, g_steal_pointer (&answer), (GDestroyNotify) bfy_token_answer_free);
}

/* Takes over @form. Tokens that came are handed on even if the caller has just been cancelled: the
 * server will not give them twice. */
static void
ask (BfyAgent *agent,
     const BfyBinding *binding,
     const BfyOAuthSource *source,
     BfySecret *owned_form,
     gpointer tag,
     GTask *owned_task)
{
  g_autoptr (BfySecret) form = owned_form;

  g_task_set_source_tag (owned_task, tag);
  g_task_set_check_cancellable (owned_task, FALSE);
  post_form (agent, binding, source, source->token_url, form, on_answer, owned_task);
}

void
bfy_token_exchange_async (BfyAgent *agent,
                          const BfyBinding *binding,
                          BfyOAuthSource *source,
                          BfySecret *code,
                          const char *redirect_uri,
                          BfySecret *verifier,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  ask (agent, binding, source, bfy_token_request_for_code (source, code, redirect_uri, verifier),
       bfy_token_exchange_async, g_task_new (NULL, cancellable, callback, user_data));
}

void
bfy_token_refresh_async (BfyAgent *agent,
                         const BfyBinding *binding,
                         BfyOAuthSource *source,
                         BfySecret *refresh,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  ask (agent, binding, source, bfy_token_request_for_refresh (source, refresh),
       bfy_token_refresh_async, g_task_new (NULL, cancellable, callback, user_data));
}

void
bfy_token_client_credentials_async (BfyAgent *agent,
                                    const BfyBinding *binding,
                                    BfyOAuthSource *source,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  ask (agent, binding, source, bfy_token_request_for_client_credentials (source),
       bfy_token_client_credentials_async, g_task_new (NULL, cancellable, callback, user_data));
}

void
bfy_token_device_async (BfyAgent *agent,
                        const BfyBinding *binding,
                        BfyOAuthSource *source,
                        BfySecret *device_code,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  ask (agent, binding, source, bfy_token_request_for_device (source, device_code),
       bfy_token_device_async, g_task_new (NULL, cancellable, callback, user_data));
}

BfyTokenAnswer *
bfy_token_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
on_revoked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyFetchAnswer) fetched = bfy_fetch_finish (result, &error);

  if (fetched == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (fetched->status >= 200 && fetched->status < 300)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                             "The authorization server did not take the tokens back (HTTP %u)",
                             fetched->status);
}

/* To take back a refresh token takes back what was made from it (RFC 7009, 2.1). */
void
bfy_token_revoke_async (BfyAgent *agent,
                        const BfyBinding *binding,
                        const BfyCredential *credential,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  const BfyOAuthSource *source = credential->source;
  gboolean is_refresh = credential->refresh != NULL;
  g_autoptr (BfySecret) form = NULL;

  g_task_set_source_tag (task, bfy_token_revoke_async);
  if (source == NULL || source->revocation_url == NULL)
    {
      g_task_return_new_error (task, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                               "The authorization server has no way to take tokens back");
      return;
    }

  form = bfy_token_request_for_revocation (
      source, is_refresh ? credential->refresh : credential->secret, is_refresh);
  post_form (agent, binding, source, source->revocation_url, form, on_revoked,
             g_steal_pointer (&task));
}

gboolean
bfy_token_revoke_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
