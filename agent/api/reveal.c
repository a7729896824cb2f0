/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* POST /v1/bindings/NAME/reveal: the credential itself, for programs that insist on having it. The
 * one place where a credential leaves the agent by itself, so nothing here is convenient: it must
 * have been allowed for that binding, it is for the binding’s own host, local programs without a
 * client key may ask for it and a person is asked each time. Neither a yes nor the answer is kept,
 * and what was refused is on record like what was given. */

#include "protocol/reveal.h"

#include <string.h>

#include "agent/api/work.h"
#include "agent/caller/caller.h"
#include "agent/grant/grants.h"
#include "agent/lock/lock.h"
#include "agent/oauth/refresher.h"
#include "agent/policy/hints.h"
#include "agent/prompt/prompts.h"
#include "agent/proxy/refusal.h"
#include "protocol/json.h"

typedef struct
{
  BfyWork *work;     /* (owned) */
  BfyCaller *caller; /* (owned) */
  BfyWish *wish;     /* (owned) */
  BfyRevealPurpose purpose;
  char *host; /* (owned) */
} Reveal;

static void
reveal_free (Reveal *self)
{
  bfy_work_free (self->work);
  bfy_caller_unref (self->caller);
  g_clear_pointer (&self->wish, bfy_wish_unref);
  g_free (self->host);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Reveal, reveal_free)

/* The program that gets it, not our own helper in between. */
static void
record (const Reveal *self, const GError *refusal)
{
  BfyEvent *event = bfy_agent_new_event ("revealed", self->work->binding, self->work->request);

  g_free (event->client);
  event->client = bfy_caller_dup_name (self->caller);
  event->method = g_strdup (BFY_REVEAL_RULE);
  event->tool = g_strdup (bfy_reveal_purpose_to_wire (self->purpose));
  event->host = g_strdup (self->host);
  event->detail = g_strdup (self->caller->program);
  if (refusal != NULL)
    event->category = g_strdup (bfy_error_to_wire (bfy_error_code (refusal)));
  event->outcome = refusal != NULL ? BFY_OUTCOME_BLOCKED : BFY_OUTCOME_SUCCESS;
  bfy_store_append_event (self->work->agent->store, event, TRUE);
}

/* Takes over @error. */
static void
refuse (const Reveal *self, GError *error)
{
  record (self, error);
  bfy_api_fail (self->work->request, error, self->work->binding->name);
}

static const char *
find_git_host (BfyAgent *agent, const BfyBinding *binding)
{
  const BfyService *service =
      binding->service != NULL ? bfy_services_find (agent->services, binding->service) : NULL;

  return service != NULL ? service->git_host : NULL;
}

static gboolean
check_allowed (const Reveal *self, GError **error)
{
  const BfyBinding *binding = self->work->binding;
  const char *obstacle = bfy_reveal_find_obstacle (binding, self->purpose);

  if (obstacle == NULL)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
               "The credential of “%s” is not given away: %s%s%s", binding->name, obstacle,
               binding->reveals ? "" : "; bindify set --allow-reveal ",
               binding->reveals ? "" : binding->name);

  return FALSE;
}

static gboolean
check_host (const Reveal *self, GError **error)
{
  const BfyBinding *binding = self->work->binding;
  const char *git_host = find_git_host (self->work->agent, binding);
  g_autofree char *url = g_strdup_printf ("https://%s/", self->host);

  if (bfy_reveal_fits (binding->url, git_host, self->purpose, self->host) &&
      bfy_constraints_allow_url (binding->constraints, url))
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
               "The credential of “%s” is not for %s; bindify show %s says where it may go",
               binding->name, self->host, binding->name);

  return FALSE;
}

/* What may be done with a credential that was given away is anybody’s guess, so the policy must
 * permit what it knows nothing about. */
static gboolean
check_policy (const Reveal *self, GError **error)
{
  const BfyBinding *binding = self->work->binding;
  const BfyRpcMessage message = {
    .kind = BFY_RPC_REQUEST,
    .method = (char *) BFY_REVEAL_RULE,
  };
  BfyPolicyFacts facts = bfy_hints_facts (self->work->agent, binding);

  if (bfy_policy_check (binding->policy, &message, &facts).effect != BFY_POLICY_DENY)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_DENIED,
               "The policy of “%s” does not permit that its credential is given away; bindify "
               "policy set %s --allow method=reveal",
               binding->name, binding->name);

  return FALSE;
}

static gboolean
check_state (const Reveal *self, GError **error)
{
  const BfyBinding *binding = self->work->binding;
  g_autofree char *paused = NULL;

  if (!bfy_lock_check_thawed (self->work->agent->lock, error) ||
      !bfy_credentials_check_unlocked (self->work->agent->credentials, error))
    return FALSE;
  if (binding->state != BFY_STATE_PAUSED)
    return TRUE;
  paused = bfy_refusal_format_paused (binding);
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_PAUSED, paused);

  return FALSE;
}

/* Keys are for use of the binding through the agent, whoever shows them. */
static gboolean
check_asker (const Reveal *self, GError **error)
{
  BfyRequest *request = self->work->request;
  BfyConnection *connection = bfy_request_get_connection (request);

  if (connection != NULL && connection->door == BFY_DOOR_UNIX &&
      bfy_request_get_client (request) == NULL &&
      bfy_request_get_header (request, "Authorization") == NULL &&
      bfy_constraints_allow_client (self->work->binding->constraints, NULL))
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                       "Credentials are revealed to local programs only, not to client keys");

  return FALSE;
}

/* Before anybody is asked, and again with what the binding is when they have answered. */
static gboolean
check (const Reveal *self, GError **error)
{
  return check_asker (self, error) && check_state (self, error) && check_allowed (self, error) &&
         check_host (self, error) && check_policy (self, error) &&
         bfy_registry_check_uses (self->work->agent->registry, self->work->binding->id, 1, error);
}

static void
fill_answer (GString *text, const BfyCredential *credential, const char *username)
{
  g_string_append (text, "{\"username\":");
  if (username != NULL)
    bfy_json_append_string (text, username, -1);
  else
    g_string_append (text, "null");
  g_string_append_printf (
      text, ",\"expires_at_s\":%" G_GINT64_FORMAT ",\"secret\":", credential->expires_at_s);
  bfy_json_append_string (text, bfy_secret_peek_text (credential->secret), -1);
  g_string_append_c (text, '}');
}

static const char *
choose_username (const Reveal *self, const BfyCredential *credential)
{
  const BfyBinding *binding = self->work->binding;
  const BfyService *service =
      binding->service != NULL ? bfy_services_find (self->work->agent->services, binding->service)
                               : NULL;

  if (credential->username != NULL)
    return credential->username;

  return self->purpose != BFY_REVEAL_AWS && service != NULL ? service->git_username : NULL;
}

/* Written into a buffer that does not grow: in JSON a byte becomes six at most. */
static void
reply (const Reveal *self, const BfyCredential *credential)
{
  const char *username = choose_username (self, credential);
  gsize n_bytes =
      bfy_secret_length (credential->secret) + (username != NULL ? strlen (username) : 0);
  GString *text = g_string_sized_new (6 * n_bytes + 128);

  fill_answer (text, credential, username);
  record (self, NULL);
  bfy_registry_touch (self->work->agent->registry, self->work->binding->id, NULL,
                      bfy_agent_now_s ());
  /* This one time it is meant to be seen. */
  bfy_request_drop_filter (self->work->request);
  bfy_request_reply (self->work->request, 200, "application/json", text->str, (gssize) text->len);
  bfy_wipe (text->str, text->len);
  g_string_free (text, TRUE);
}

/* Takes over @self. The last look before it goes. */
static void
finish (Reveal *taken)
{
  g_autoptr (Reveal) self = taken;
  BfyAgent *agent = self->work->agent;
  const BfyCredential *credential = bfy_credentials_peek (agent->credentials, self->work->binding);
  GError *error = NULL;

  if (bfy_request_is_over (self->work->request))
    return;
  if (credential == NULL)
    error = g_error_new_literal (BFY_ERROR, BFY_ERROR_LOCKED,
                                 "The credential cannot be read just now; try again");
  else if (!bfy_caller_is_still (self->work->request, self->caller))
    error = g_error_new_literal (BFY_ERROR, BFY_ERROR_DENIED,
                                 "The program that asked is no longer what it was");
  if (error != NULL ||
      !bfy_registry_count_uses (agent->registry, self->work->binding->id, 1, &error))
    refuse (self, error);
  else
    reply (self, credential);
}

static void
on_renewed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reveal) self = user_data;
  GError *error = NULL;

  if (bfy_refresher_renew_finish (self->work->agent->refresher, result, &error) &&
      check (self, &error))
    finish (g_steal_pointer (&self));
  else
    refuse (self, error);
}

/* Takes over @self. */
static void
renew_or_finish (Reveal *self)
{
  BfyAgent *agent = self->work->agent;
  BfyBinding *binding = self->work->binding;
  const BfyCredential *credential = bfy_credentials_peek (agent->credentials, binding);

  if (credential != NULL &&
      bfy_refresher_check (agent->refresher, binding, credential) == BFY_EXPIRED)
    bfy_refresher_renew_async (agent->refresher, binding, BFY_RENEW_EXPIRED, NULL,
                               self->work->request, bfy_request_get_gone (self->work->request),
                               on_renewed, self);
  else
    finish (self);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reveal) self = user_data;
  GError *error = NULL;

  if (bfy_unlocker_load_finish (BFY_UNLOCKER (source), result, &error) && check (self, &error))
    renew_or_finish (g_steal_pointer (&self));
  else
    refuse (self, error);
}

/* The binding as it is by now: a person may have thought for a while. */
static gboolean
look_again (Reveal *self, GError **error)
{
  BfyBinding *now = bfy_registry_find_by_id (self->work->agent->registry, self->work->binding->id);

  if (now == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND, "The binding has been removed");
      return FALSE;
    }
  if (now != self->work->binding)
    {
      bfy_binding_unref (self->work->binding);
      self->work->binding = bfy_binding_ref (now);
    }

  return check (self, error);
}

/* A yes is a grant for once, which this uses up: without one the question went away unanswered. */
static gboolean
take_yes (const Reveal *self, GError **error)
{
  if (bfy_grants_use (self->work->agent->grants, self->caller, self->wish, NULL) ==
      BFY_GRANTS_ALLOW)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                       "Nobody has allowed that this credential is given away");

  return FALSE;
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Reveal) self = user_data;
  BfyAgent *agent = self->work->agent;
  GCancellable *gone = bfy_request_get_gone (self->work->request);
  GError *error = NULL;
  BfyBinding *binding;

  if (!bfy_prompts_ask_finish (agent->prompts, result, &error) || !take_yes (self, &error) ||
      !look_again (self, &error))
    {
      refuse (self, error);
      return;
    }
  binding = self->work->binding;
  if (bfy_credentials_peek (agent->credentials, binding) != NULL)
    renew_or_finish (g_steal_pointer (&self));
  else
    bfy_unlocker_load_async (agent->unlocker, agent->credentials, binding, TRUE, gone, on_loaded,
                             g_steal_pointer (&self));
}

/* Takes over @taken. What a person has refused is not asked for again for a while; a yes that was
 * left behind is used up and counts for nothing. */
static void
ask (Reveal *taken)
{
  g_autoptr (Reveal) self = taken;
  BfyAgent *agent = self->work->agent;
  const BfyPromptsAsked asked = {
    .request = self->work->request,
    .binding = self->work->binding,
    .caller = self->caller,
    .wish = self->wish,
    .is_patient = TRUE,
  };

  if (bfy_grants_use (agent->grants, self->caller, self->wish, NULL) == BFY_GRANTS_DENY)
    refuse (self, g_error_new_literal (BFY_ERROR, BFY_ERROR_DENIED,
                                       "A person has refused this; bindify grants shows until "
                                       "when that holds"));
  else
    bfy_prompts_ask_async (agent->prompts, &asked, on_answered, g_steal_pointer (&self));
}

/* Without a host it is that of the binding. */
static gboolean
read_wanted (Reveal *self, JsonObject *body, GError **error)
{
  static const char *const known[] = { "for", "host", NULL };
  const char *purpose = NULL;
  const char *host = NULL;

  if (!bfy_json_refuse_unknown (body, known, error) ||
      !bfy_json_get_string (body, "for", &purpose, error) ||
      !bfy_json_get_string (body, "host", &host, error))
    return FALSE;
  self->host = host != NULL ? bfy_reveal_normalize_host (host)
                            : bfy_reveal_host_of_url (self->work->binding->url);
  if (purpose == NULL || !bfy_reveal_purpose_from_wire (purpose, &self->purpose))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "“for” is git, docker or aws");
      return FALSE;
    }
  if (self->host == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "“host” is the name of a host that speaks https, with its port if it is "
                           "not 443");
      return FALSE;
    }

  return TRUE;
}

void
bfy_api_reveal (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (Reveal) self = NULL;
  GError *error = NULL;

  if (binding == NULL)
    return;
  self = g_new0 (Reveal, 1);
  self->work = bfy_work_new (agent, request, binding);
  self->caller = bfy_caller_ref (bfy_caller_of_request (request));
  body = bfy_api_read_body (request, &error);
  if (body == NULL || !read_wanted (self, body, &error))
    {
      bfy_api_fail (request, error, argument);
      return;
    }
  if (!check (self, &error))
    {
      refuse (self, error);
      return;
    }
  self->wish = bfy_wish_new_reveal (binding->id, binding->name,
                                    bfy_reveal_purpose_to_wire (self->purpose), self->host);
  ask (g_steal_pointer (&self));
}
