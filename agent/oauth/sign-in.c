/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/sign-in-private.h"
#include "agent/oauth/step-up.h"
#include "protocol/oauth-scope.h"

/* --- Its life --- */

static void
drop_source (GSource **source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* What the table of an agent says of a name. */
enum
{
  IS_RUNNING = 1,
  WAS_ABANDONED, /* with a client that was registered before: it may be unknown there by now, which
                    a browser shows to its person only */
};

static guint
count_running (GHashTable *sign_ins)
{
  GHashTableIter iter;
  gpointer state;
  guint n = 0;

  g_hash_table_iter_init (&iter, sign_ins);
  while (g_hash_table_iter_next (&iter, NULL, &state))
    if (GPOINTER_TO_INT (state) == IS_RUNNING)
      n++;

  return n;
}

static gboolean
has_state (BfyAgent *agent, const char *name, int state)
{
  return agent->sign_ins != NULL &&
         GPOINTER_TO_INT (g_hash_table_lookup (agent->sign_ins, name)) == state;
}

static void
note_begun (BfySignIn *self)
{
  BfyAgent *agent = self->agent;

  self->is_distrustful = has_state (agent, self->binding->name, WAS_ABANDONED);
  if (agent->sign_ins == NULL)
    agent->sign_ins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_hash_table_insert (agent->sign_ins, g_strdup (self->binding->name),
                       GINT_TO_POINTER (IS_RUNNING));
}

static void
note_over (BfySignIn *self)
{
  GHashTable *sign_ins = self->agent->sign_ins;

  if (sign_ins == NULL)
    return;
  if (self->was_abandoned)
    g_hash_table_insert (sign_ins, g_strdup (self->binding->name), GINT_TO_POINTER (WAS_ABANDONED));
  else
    g_hash_table_remove (sign_ins, self->binding->name);
}

static void
sign_in_free (gpointer user_data)
{
  BfySignIn *self = user_data;

  drop_source (&self->gone);
  drop_source (&self->timer);
  g_clear_signal_handler (&self->locked_id, self->agent->credentials);
  note_over (self);
  g_clear_pointer (&self->listener, bfy_listener_free);
  g_clear_pointer (&self->verifier, bfy_secret_unref);
  g_clear_pointer (&self->device_code, bfy_secret_unref);
  g_clear_pointer (&self->source, bfy_oauth_source_unref);
  g_clear_pointer (&self->discovery, bfy_discovery_free);
  g_clear_pointer (&self->known, bfy_oauth_source_unref);
  bfy_sign_in_wish_free (self->wish);
  bfy_binding_unref (self->binding);
  g_object_unref (self->stop);
  g_free (self->scope);
  g_free (self);
}

void
bfy_sign_in_fail (GTask *task, GError *error)
{
  BfySignIn *self = g_task_get_task_data (task);

  if (self->is_locked)
    {
      g_clear_error (&error);
      if (bfy_credentials_check_unlocked (self->agent->credentials, &error))
        error = g_error_new_literal (BFY_ERROR, BFY_ERROR_LOCKED,
                                     "The agent was locked, which ended the sign-in");
    }
  g_task_return_error (task, error);
}

/* From the main loop and not from within the signal: what is cancelled may end at once, and this
 * task with it. */
static gboolean
on_gone (GCancellable *cancellable, gpointer user_data)
{
  GCancellable *stop = user_data;

  g_cancellable_cancel (stop);

  return G_SOURCE_REMOVE;
}

static gboolean
on_locked_later (gpointer user_data)
{
  g_cancellable_cancel (user_data);

  return G_SOURCE_REMOVE;
}

static void
on_locked (BfyCredentials *credentials, gpointer user_data)
{
  BfySignIn *self = user_data;

  self->is_locked = TRUE;
  g_idle_add_full (G_PRIORITY_DEFAULT, on_locked_later, g_object_ref (self->stop), g_object_unref);
}

/* --- Steps --- */

JsonObject *
bfy_sign_in_step_new (const char *name)
{
  JsonObject *step = json_object_new ();

  json_object_set_string_member (step, "step", name);

  return step;
}

void
bfy_sign_in_set_text (JsonObject *step, const char *member, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (step, member, text);
  else
    json_object_set_null_member (step, member);
}

void
bfy_sign_in_tell (BfySignIn *self, JsonObject *step)
{
  self->on_step (step, self->step_data);
  json_object_unref (step);
}

/* --- The answer --- */

static gboolean
is_about_client (const BfyTokenAnswer *answer)
{
  return g_strcmp0 (answer->error, "invalid_client") == 0 ||
         g_strcmp0 (answer->error, "unauthorized_client") == 0;
}

static GError *
new_error (const BfyTokenAnswer *answer)
{
  const char *code = answer->error != NULL ? answer->error : "";

  if (g_str_equal (code, "access_denied"))
    return g_error_new_literal (BFY_ERROR, BFY_ERROR_DENIED,
                                "Access was not granted; nothing was stored");
  if (g_str_equal (code, "expired_token"))
    return g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT,
                                "The code expired before anybody confirmed it; nothing was stored. "
                                "Begin again for a new one");
  if (is_about_client (answer))
    return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                        "The authorization server does not accept this client (%s); check the "
                        "client id and its secret, --client-id and --client-secret-stdin",
                        code);

  return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED, "%s; nothing was stored",
                      answer->problem);
}

void
bfy_sign_in_take_answer (GTask *task, BfyTokenAnswer *taken)
{
  BfySignIn *self = g_task_get_task_data (task);
  g_autoptr (BfyTokenAnswer) answer = taken;
  BfyCredential *credential;
  GError *error = NULL;

  if (answer->outcome != BFY_TOKEN_GRANTED)
    {
      /* Forgotten there (mcp.md B.2): not the person's fault. */
      if (is_about_client (answer) && self->source->client->origin == BFY_CLIENT_REGISTERED &&
          !self->is_anew)
        {
          self->is_anew = TRUE;
          bfy_sign_in_begin_registration (task);
          return;
        }
      bfy_sign_in_fail (task, new_error (answer));
      return;
    }

  credential = bfy_token_answer_merge (answer, NULL, self->source, bfy_agent_now_s (), &error);
  if (credential == NULL)
    bfy_sign_in_fail (task, error);
  else
    g_task_return_pointer (task, credential, (GDestroyNotify) bfy_credential_free);
}

/* --- What is asked for --- */

/* The person's own choice; else the last one, with what was refused since and what the server now
 * demands; else what discovery found. So a sign-in that a person has limited stays limited. */
static char *
choose_scope (BfySignIn *self)
{
  const BfyDiscovery *discovery = self->discovery;
  const char *refused = self->agent->step_up != NULL
                            ? bfy_step_up_get_scope (self->agent->step_up, self->binding->id)
                            : NULL;
  g_autofree char *last = NULL;
  g_autofree char *wanted = NULL;

  if (self->wish->scope != NULL)
    return g_strdup (self->wish->scope);
  if (bfy_sign_in_peek_known (self) == NULL || self->known->scope == NULL)
    return g_strdup (discovery->scope);

  last = bfy_oauth_scope_unite (self->known->scope, refused);
  wanted = bfy_oauth_scope_unite (last, discovery->demanded);

  return bfy_oauth_scope_unite (wanted, discovery->wants_consent ? BFY_OAUTH_OFFLINE_ACCESS : NULL);
}

static const char *
find_missing_endpoint (const BfySignIn *self)
{
  const BfyOAuthServer *server = self->discovery->server;

  if (self->wish->kind == BFY_SIGN_IN_BROWSER && server->authorization_url == NULL)
    return "The authorization server offers no sign-in with a browser; if it offers one with a "
           "code, --device begins that";
  if (self->wish->kind == BFY_SIGN_IN_DEVICE && server->device_url == NULL)
    return "The authorization server offers no sign-in with a code on another device; without "
           "--device it is done in the browser";

  return NULL;
}

/* A code without a challenge can be used by whoever gets hold of it. */
static gboolean
choose_pkce (BfySignIn *self)
{
  BfyService *service = self->binding->service != NULL
                            ? bfy_services_find (self->agent->services, self->binding->service)
                            : NULL;
  BfyPkceChoice choice = bfy_sign_in_choose_pkce (
      self->discovery->server, service != NULL ? service->oauth : NULL, self->wish->allow_no_pkce);

  self->sends_pkce = choice == BFY_PKCE_SEND;

  return choice != BFY_PKCE_REFUSE;
}

static gboolean
check_discovered (BfySignIn *self, GError **error)
{
  const char *problem = find_missing_endpoint (self);

  if (problem == NULL && self->wish->kind == BFY_SIGN_IN_BROWSER && !choose_pkce (self))
    problem = "The authorization server does not say that it protects sign-ins with PKCE (S256); "
              "without it, whoever sees the answer on its way could use it. If you accept that, "
              "repeat the command with --allow-no-pkce";
  if (problem == NULL)
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED, problem);

  return FALSE;
}

static void
on_discovered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  BfySignIn *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->discovery = bfy_discover_finish (result, &error);
  if (self->discovery == NULL || !check_discovered (self, &error))
    {
      bfy_sign_in_fail (task, error);
      return;
    }

  self->scope = choose_scope (self);
  bfy_sign_in_begin_registration (task);
}

/* --- The beginning --- */

gboolean
bfy_sign_in_check (BfyAgent *agent, const BfySignInSetup *setup, GError **error)
{
  const char *name = setup->binding->name;
  const BfySignInWish *wish = setup->wish;
  const BfyOAuthClient *known = setup->known != NULL ? setup->known->client : NULL;
  gboolean has_secret = wish->client_secret != NULL ||
                        (wish->client_id == NULL && known != NULL && known->secret != NULL);

  if (wish->kind == BFY_SIGN_IN_MACHINE && !has_secret)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                           "A machine signs in with a client id and its secret: give them with "
                           "--client-id and --client-secret-stdin");
      return FALSE;
    }
  if (has_state (agent, name, IS_RUNNING))
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_IN_USE,
                   "A sign-in for “%s” is under way already; finish it, or end it with Ctrl-C "
                   "where it was begun",
                   name);
      return FALSE;
    }
  if (agent->sign_ins != NULL && count_running (agent->sign_ins) >= BFY_SIGN_INS_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_IN_USE,
                   "%d sign-ins are under way already; finish one of them first", BFY_SIGN_INS_MAX);
      return FALSE;
    }

  return TRUE;
}

void
bfy_sign_in_async (BfyAgent *agent,
                   const BfySignInSetup *setup,
                   GCancellable *cancellable,
                   GAsyncReadyCallback callback,
                   gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  BfySignIn *self = g_new0 (BfySignIn, 1);
  const char *refused =
      agent->step_up != NULL ? bfy_step_up_get_scope (agent->step_up, setup->binding->id) : NULL;

  g_task_set_source_tag (task, bfy_sign_in_async);
  g_task_set_task_data (task, self, sign_in_free);
  self->agent = agent;
  self->binding = bfy_binding_ref (setup->binding);
  self->wish = bfy_sign_in_wish_copy (setup->wish);
  self->known = setup->known != NULL ? bfy_oauth_source_ref (setup->known) : NULL;
  self->on_step = setup->on_step;
  self->step_data = setup->step_data;
  self->stop = g_cancellable_new ();
  self->locked_id = g_signal_connect (agent->credentials, "locked", G_CALLBACK (on_locked), self);
  if (cancellable != NULL)
    {
      self->gone = g_cancellable_source_new (cancellable);
      g_source_set_callback (self->gone, G_SOURCE_FUNC (on_gone), g_object_ref (self->stop),
                             g_object_unref);
      g_source_attach (self->gone, g_main_context_get_thread_default ());
    }
  note_begun (self);
  bfy_discover_async (agent, self->binding, refused, self->stop, on_discovered,
                      g_object_ref (task));
}

BfyCredential *
bfy_sign_in_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
