/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* POST /v1/bindings/NAME/test: does it work, now? Asks the server as a client would, with the
 * stored credential. Whoever asks is a person, so a locked keyring asks for its password, and
 * tokens that have ended are renewed even when that has just failed. */

#include "agent/api/api.h"
#include "agent/enrol/account-note.h"
#include "agent/oauth/keep-alive.h"
#include "agent/oauth/refresher.h"
#include "agent/proxy/refusal.h"

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  BfyBinding *binding; /* (owned) */
  BfyAlive *alive;     /* (owned) (nullable) what the server said */
  char *account;       /* (owned) (nullable) whose credential it is, as the service said */
  gint64 begun_us;
} Test;

static void
test_free (Test *test)
{
  bfy_request_unref (test->request);
  bfy_binding_unref (test->binding);
  g_clear_pointer (&test->alive, bfy_alive_free);
  g_free (test->account);
  g_free (test);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Test, test_free)

static void
fail (Test *test, GError *error)
{
  bfy_api_fail (test->request, error, test->binding->name);
}

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

static void
set_number (JsonObject *object, const char *name, gint64 number, gboolean is_known)
{
  if (is_known)
    json_object_set_int_member (object, name, number);
  else
    json_object_set_null_member (object, name);
}

static void
reply (Test *test)
{
  const BfyAlive *alive = test->alive;
  BfyBinding *now = bfy_registry_find_by_id (test->agent->registry, test->binding->id);
  JsonObject *object = json_object_new ();

  json_object_set_object_member (
      object, "binding", bfy_api_describe_binding (test->agent, now != NULL ? now : test->binding));
  set_number (object, "status", alive->status, alive->status != 0);
  set_text (object, "server", alive->server);
  set_text (object, "version", alive->version);
  set_number (object, "n_tools", alive->n_tools, alive->n_tools >= 0);
  set_text (object, "account", test->account);
  json_object_set_int_member (object, "duration_ms",
                              (g_get_monotonic_time () - test->begun_us) / 1000);
  bfy_request_reply_json (test->request, 200, object);
}

/* It works in any case: without an answer it is only not known whose it is. */
static void
on_account (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Test) test = user_data;
  BfyProbeResult answer;

  if (bfy_probe_finish (result, &answer, NULL))
    test->account = bfy_probe_steal_account (result);
  bfy_account_note (test->agent, test->binding->id, test->account);
  reply (test);
}

/* Takes over @test. */
static void
ask_for_account (Test *test)
{
  const BfyCredential *credential = bfy_credentials_peek (test->agent->credentials, test->binding);
  BfyProbe probe;

  if (bfy_account_probe_init (&probe, test->agent, test->binding, credential))
    {
      bfy_probe_async (test->agent, &probe, bfy_request_get_gone (test->request), on_account, test);
      return;
    }
  reply (test);
  test_free (test);
}

static void
on_alive (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Test) test = user_data;
  GError *error = NULL;

  test->alive = bfy_keep_alive_finish (result, &error);
  if (test->alive != NULL)
    ask_for_account (g_steal_pointer (&test));
  else
    fail (test, error);
}

/* Takes over @test. */
static void
ask (Test *test)
{
  bfy_keep_alive_async (test->agent, test->binding, test->request,
                        bfy_request_get_gone (test->request), on_alive, test);
}

static void
on_renewed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Test) test = user_data;
  GError *error = NULL;

  if (bfy_refresher_renew_finish (test->agent->refresher, result, &error))
    ask (g_steal_pointer (&test));
  else
    fail (test, error);
}

/* As long as there is a token that may work, that one is tested. */
static gboolean
needs_renewal (const Test *test)
{
  const BfyBinding *binding = test->binding;

  return binding->can_refresh && binding->expires_at_s > 0 &&
         binding->expires_at_s <= bfy_agent_now_s ();
}

/* Takes over @test. */
static void
renew_or_ask (Test *test)
{
  if (needs_renewal (test))
    bfy_refresher_renew_async (test->agent->refresher, test->binding, BFY_RENEW_PERSON, NULL, NULL,
                               bfy_request_get_gone (test->request), on_renewed, test);
  else
    ask (test);
}

static void
on_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Test) test = user_data;
  GError *error = NULL;

  if (bfy_unlocker_load_finish (BFY_UNLOCKER (source), result, &error))
    renew_or_ask (g_steal_pointer (&test));
  else
    fail (test, error);
}

static gboolean
can_be_tested (const BfyBinding *binding, GError **error)
{
  g_autofree char *paused = NULL;

  if (binding->state == BFY_STATE_PAUSED)
    {
      paused = bfy_refusal_format_paused (binding);
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_PAUSED, paused);
      return FALSE;
    }
  if (!binding->is_sealed)
    return TRUE;

  g_set_error (error, BFY_ERROR, BFY_ERROR_LOCKED,
               "“%s” is sealed: it opens only with the key of a client, so only that client can "
               "test it; bindify show %s says which",
               binding->name, binding->name);

  return FALSE;
}

void
bfy_api_test_binding (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);
  GError *error = NULL;
  Test *test;

  if (binding == NULL)
    return;
  if (!can_be_tested (binding, &error))
    {
      bfy_api_fail (request, error, argument);
      return;
    }

  test = g_new0 (Test, 1);
  test->agent = agent;
  test->request = bfy_request_ref (request);
  test->binding = bfy_binding_ref (binding);
  test->begun_us = g_get_monotonic_time ();
  if (g_str_equal (binding->auth_type, "none") ||
      bfy_credentials_peek (agent->credentials, binding) != NULL)
    renew_or_ask (test);
  else
    bfy_unlocker_load_async (agent->unlocker, agent->credentials, binding, TRUE,
                             bfy_request_get_gone (request), on_loaded, test);
}
