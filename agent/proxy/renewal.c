/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Where an exchange meets the renewal of OAuth tokens (behaviour 5.4, 7): before it sends, and when
 * the upstream will not have the token. */

#include "agent/guard/watch.h"
#include "agent/network/network.h"
#include "agent/oauth/refresher.h"
#include "agent/oauth/step-up.h"
#include "agent/proxy/exchange-private.h"
#include "protocol/challenge.h"

static const BfyCredential *
peek_credential (BfyExchange *self)
{
  return self->unsealed != NULL ? self->unsealed
                                : bfy_credentials_peek (self->agent->credentials, self->binding);
}

/* Nothing that has expired is ever sent. */
static gboolean
has_expired (BfyExchange *self)
{
  const BfyCredential *credential = peek_credential (self);

  return credential != NULL && credential->type == BFY_CREDENTIAL_OAUTH_TOKEN &&
         bfy_refresher_check (self->agent->refresher, self->binding, credential) == BFY_EXPIRED;
}

/* What has gone up of a large body is not there any more. */
static void
refuse_to_repeat (BfyExchange *self)
{
  g_autofree char *text =
      g_strdup_printf ("The sign-in of “%s” had run out while this was being sent, and is renewed "
                       "now; send it again",
                       self->binding->name);

  bfy_request_set_retry_after (self->request, 1);
  bfy_exchange_fail (self, BFY_ERROR_REFRESH_COOLDOWN, text);
}

static void
go_on_renewed (BfyExchange *self)
{
  if (self->has_replayed && bfy_exchange_streams_up (self))
    {
      refuse_to_repeat (self);
      return;
    }
  if (!has_expired (self))
    {
      bfy_exchange_send (self);
      return;
    }

  bfy_request_set_retry_after (self->request, 1);
  bfy_exchange_fail_response (self, BFY_ERROR_REFRESH_COOLDOWN,
                              "gave a token that has expired already; is the clock right?");
}

/* A connection takes its time, too. Where none may be made, the request will be told. */
static void
expect (BfyExchange *self)
{
  BfyUpstreams *upstreams =
      bfy_network_find (self->agent->network, self->binding, self->binding->url, NULL);

  if (upstreams == NULL)
    return;
  self->expected_from = g_object_ref (upstreams);
  bfy_leg_expect (upstreams, self->binding->url);
}

static void
stop_expecting (BfyExchange *self)
{
  if (self->expected_from != NULL)
    bfy_leg_unexpect (self->expected_from, self->binding->url);
  g_clear_object (&self->expected_from);
}

static void
on_renewed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (BfyExchange) self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_renewed = bfy_refresher_renew_finish (self->agent->refresher, result, &error);
  g_autoptr (BfyCredential) unsealed = bfy_refresher_take_unsealed (result);

  stop_expecting (self);
  if (self->state == EXCHANGE_OVER)
    return;
  if (!is_renewed)
    {
      if (g_error_matches (error, BFY_ERROR, BFY_ERROR_REFRESH_COOLDOWN))
        bfy_request_set_retry_after (
            self->request, MAX (bfy_refresher_wait_s (self->agent->refresher, self->binding), 1));
      bfy_exchange_fail_with (self, error);
      return;
    }

  if (unsealed != NULL)
    {
      g_clear_pointer (&self->unsealed, bfy_credential_free);
      self->unsealed = g_steal_pointer (&unsealed);
      bfy_watch_sealed (self->agent, self->request, self->binding, self->unsealed);
    }
  go_on_renewed (self);
}

static void
wait_for_token (BfyExchange *self, BfyRenewReason reason, BfySecret *refused)
{
  self->state = EXCHANGE_CREDENTIAL;
  expect (self);
  bfy_refresher_renew_async (self->agent->refresher, self->binding, reason, refused, self->request,
                             self->cancellable, on_renewed, bfy_exchange_ref (self));
}

void
bfy_exchange_send_fresh (BfyExchange *self)
{
  if (has_expired (self))
    wait_for_token (self, BFY_RENEW_EXPIRED, NULL);
  else
    bfy_exchange_send (self);
}

gboolean
bfy_exchange_replay (BfyExchange *self)
{
  g_autoptr (BfySecret) refused = g_steal_pointer (&self->sent);

  if (refused == NULL || self->has_replayed || !bfy_refresh_can_renew (peek_credential (self)))
    return FALSE;

  self->has_replayed = TRUE;
  self->n_redirects = 0;
  bfy_exchange_clear_deadline (self);
  bfy_exchange_stop_upload (self);
  g_clear_pointer (&self->leg, bfy_leg_free);
  wait_for_token (self, BFY_RENEW_REFUSED, refused);

  return TRUE;
}

/* What was refused, in words that are the same when it is tried again. (transfer full) */
static char *
name_operation (BfyExchange *self)
{
  return g_strdup_printf ("%s %s", self->event->method,
                          self->event->tool != NULL ? self->event->tool : "");
}

static char *
explain_scope (BfyExchange *self, const BfyChallenge *challenge)
{
  const char *name = self->binding->name;
  g_autofree char *operation = name_operation (self);

  bfy_step_up_note_refusal (self->agent->step_up, self->binding->id, operation, challenge->scope);
  if (challenge->scope == NULL)
    return g_strdup_printf ("The service behind “%s” wants more rights than the sign-in has; "
                            "bindify login %s asks for them",
                            name, name);

  return g_strdup_printf ("The service behind “%s” wants more rights than the sign-in has (%s); "
                          "bindify login %s asks for them",
                          name, challenge->scope, name);
}

static char *
explain_refusal (BfyExchange *self, const BfyChallenge *challenge)
{
  const char *name = self->binding->name;
  gboolean is_oauth = g_str_equal (self->binding->auth_type, "oauth");

  if (is_oauth && self->event->status == SOUP_STATUS_FORBIDDEN &&
      bfy_challenge_wants_more_scope (challenge))
    return explain_scope (self, challenge);
  if (is_oauth)
    return g_strdup_printf ("The service behind “%s” refuses %s token (HTTP %u); bindify login %s "
                            "signs in again",
                            name, self->has_replayed ? "a new" : "the", self->event->status, name);

  return g_strdup_printf ("The service behind “%s” refuses the stored credential (HTTP %u); "
                          "bindify show %s says what it is",
                          name, self->event->status, name);
}

static void
note_refusal (BfyExchange *self, const BfyChallenge *challenge)
{
  if (self->has_replayed && self->event->status == SOUP_STATUS_UNAUTHORIZED)
    bfy_refresher_note_refusal (self->agent->refresher, self->binding);
  if (self->event->status == SOUP_STATUS_UNAUTHORIZED || bfy_challenge_is_about_token (challenge))
    bfy_registry_set_state (self->agent->registry, self->binding->id, BFY_STATE_NEEDS_LOGIN,
                            bfy_agent_now_s ());
}

void
bfy_exchange_note_refusal (BfyExchange *self, SoupMessageHeaders *headers)
{
  const char *field = soup_message_headers_get_list (headers, "WWW-Authenticate");
  g_autoptr (BfyChallenge) challenge = bfy_challenge_parse_one (field);

  note_refusal (self, challenge);
}

/* A 401 that came again after the token was renewed, one that no renewal can answer, or a 403. */
void
bfy_exchange_refuse_login (BfyExchange *self, SoupMessageHeaders *headers)
{
  const char *field = soup_message_headers_get_list (headers, "WWW-Authenticate");
  g_autoptr (BfyChallenge) challenge = bfy_challenge_parse_one (field);
  g_autofree char *text = explain_refusal (self, challenge);

  note_refusal (self, challenge);
  bfy_exchange_fail (self, BFY_ERROR_NEEDS_LOGIN, text);
}

void
bfy_exchange_note_success (BfyExchange *self)
{
  BfyAgent *agent = self->agent;
  g_autofree char *operation = NULL;

  if (self->binding->state == BFY_STATE_NEEDS_LOGIN && self->event->status < 300)
    {
      bfy_registry_set_state (agent->registry, self->binding->id, BFY_STATE_OK, bfy_agent_now_s ());
      if (agent->refresher != NULL)
        bfy_refresher_note_success (agent->refresher, self->binding);
    }
  if (agent->step_up == NULL || !bfy_step_up_is_waiting (agent->step_up, self->binding->id))
    return;
  operation = name_operation (self);
  bfy_step_up_note_success (agent->step_up, self->binding->id, operation);
}
