/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Something has gone wrong and there is no time to find out what: everything is frozen at once,
 * then the named bindings are paused, and their tokens given back to those who issued them. That
 * comes last, because it takes the network and seconds, and it reads credentials although all is
 * frozen. Where tokens cannot be given back by a program, the person is told where to do it. */

#include "agent/api/work.h"
#include "agent/lock/lock.h"
#include "agent/oauth/refresher.h"
#include "agent/oauth/revocation.h"
#include "agent/pause.h"
#include "protocol/json.h"
#include "protocol/name.h"

typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  JsonArray *bindings; /* (owned) */
  guint n_left;
} Panic;

/* One binding, and what is said of it in the end. */
typedef struct
{
  Panic *panic;       /* borrowed: it ends after all of them */
  BfyWork *work;      /* (owned) */
  JsonObject *object; /* (owned) */
} Victim;

static void
leave (Panic *panic)
{
  BfyLock *lock = panic->agent->lock;
  JsonObject *reply;

  if (--panic->n_left > 0)
    return;

  bfy_lock_spare_credentials (lock, FALSE);
  reply = bfy_lock_describe (lock);
  json_object_set_array_member (reply, "bindings", g_steal_pointer (&panic->bindings));
  bfy_request_reply_json (panic->request, 200, reply);
  bfy_request_unref (panic->request);
  g_free (panic);
}

static void
victim_free (Victim *victim)
{
  Panic *panic = victim->panic;

  json_array_add_object_element (panic->bindings, g_steal_pointer (&victim->object));
  bfy_work_free (victim->work);
  g_free (victim);
  leave (panic);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Victim, victim_free)

static void
note_problem (JsonObject *object, const char *message)
{
  g_autofree char *line = bfy_text_to_line (message, 400);

  json_object_set_string_member (object, "message", line);
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Victim) victim = user_data;
  g_autoptr (GError) error = NULL;
  gboolean is_gone = bfy_credentials_remove_finish (BFY_CREDENTIALS (source), result, &error);

  json_object_set_boolean_member (victim->object, "forgotten", is_gone);
  if (is_gone)
    bfy_api_note_logout (victim->work);
  else
    note_problem (victim->object, error->message);
}

/* A credential that was given back is of no use any more; one that was not is kept for a second
 * try. */
static void
on_revoked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Victim) victim = user_data;
  BfyAgent *agent = victim->panic->agent;
  BfyBinding *binding = victim->work->binding;

  switch (bfy_revoke_finish (result))
    {
    case BFY_REVOCATION_NOT_OFFERED:
      break;
    case BFY_REVOCATION_FAILED:
      json_object_set_boolean_member (victim->object, "revoked", FALSE);
      note_problem (victim->object,
                    bfy_lock_get_state (agent->lock) != BFY_LOCK_OPEN
                        ? "the agent is locked and cannot read it; bindify unlock, then panic again"
                        : "the service did not take it back; try again, bindify log says more");
      break;
    case BFY_REVOCATION_DONE:
      json_object_set_boolean_member (victim->object, "revoked", TRUE);
      bfy_credentials_remove_async (agent->credentials, binding, on_removed,
                                    g_steal_pointer (&victim));
      break;
    }
}

static void
pause_binding (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding, JsonObject *object)
{
  g_autoptr (BfyBinding) changed = bfy_binding_copy (binding);
  g_autoptr (GError) error = NULL;
  BfyEvent *event;
  gboolean is_paused;

  /* One that would go on by itself has to be stopped, too. */
  if (binding->state == BFY_STATE_PAUSED && !bfy_expiry_is_set (&binding->resumes))
    {
      json_object_set_boolean_member (object, "paused", TRUE);
      return;
    }
  bfy_pause_begin (changed, 0);
  is_paused = bfy_registry_update (agent->registry, changed, &error);
  json_object_set_boolean_member (object, "paused", is_paused);
  if (!is_paused)
    {
      note_problem (object, error->message);
      return;
    }
  event = bfy_agent_new_event ("paused", changed, request);
  event->detail = g_strdup ("panic");
  bfy_store_append_event (agent->store, event, TRUE);
}

/* Where a person takes the token back. */
static void
tell_place (BfyAgent *agent, const BfyBinding *binding, JsonObject *object)
{
  const BfyService *service =
      binding->service != NULL ? bfy_services_find (agent->services, binding->service) : NULL;

  if (service != NULL && service->token_url != NULL)
    json_object_set_string_member (object, "token_url", service->token_url);
}

static void
give_back (Panic *panic, BfyBinding *binding, JsonObject *object)
{
  BfyAgent *agent = panic->agent;
  Victim *victim = g_new0 (Victim, 1);

  victim->panic = panic;
  victim->object = object;
  victim->work = bfy_work_new (agent, panic->request, binding);
  panic->n_left++;
  if (agent->refresher != NULL)
    bfy_refresher_forget (agent->refresher, binding);
  bfy_revoke_async (agent, binding, TRUE, on_revoked, victim);
}

static void
take (Panic *panic, const char *name)
{
  g_autoptr (BfyBinding) binding = NULL;
  BfyBinding *found = bfy_registry_find (panic->agent->registry, name);
  g_autofree char *shown = bfy_text_to_line (name, BFY_NAME_LENGTH_MAX);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", shown);
  json_object_set_boolean_member (object, "found", found != NULL);
  if (found == NULL)
    {
      json_array_add_object_element (panic->bindings, object);
      return;
    }

  binding = bfy_binding_ref (found);
  json_object_set_string_member (object, "auth_type", binding->auth_type);
  json_object_set_null_member (object, "revoked");
  json_object_set_boolean_member (object, "forgotten", FALSE);
  pause_binding (panic->agent, panic->request, binding, object);
  tell_place (panic->agent, binding, object);
  give_back (panic, binding, object);
}

static gboolean
read_names (BfyAgent *agent, BfyRequest *request, GStrv *names, GError **error)
{
  static const char *const known[] = { "bindings", "all", NULL };
  g_autoptr (JsonObject) body = bfy_api_read_body (request, error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GPtrArray) bindings = bfy_registry_bindings (agent->registry);
  gboolean is_all = FALSE;

  if (body == NULL || !bfy_json_refuse_unknown (body, known, error) ||
      !bfy_json_get_boolean (body, "all", &is_all, error) ||
      !bfy_json_get_strings (body, "bindings", names, error))
    return FALSE;
  if (is_all == (*names != NULL))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                           "Either “bindings” or “all” must be given");
      return FALSE;
    }
  if (*names != NULL)
    return TRUE;

  for (guint i = 0; i < bindings->len; i++)
    g_strv_builder_add (builder, ((BfyBinding *) bindings->pdata[i])->name);
  *names = g_strv_builder_end (builder);

  return TRUE;
}

void
bfy_api_panic (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_auto (GStrv) names = NULL;
  g_autoptr (GError) error = NULL;
  gboolean has_changed;
  Panic *panic;

  if (!read_names (agent, request, &names, &error))
    {
      bfy_request_reply_error (request, error, NULL);
      return;
    }

  bfy_lock_spare_credentials (agent->lock, TRUE);
  if (!bfy_lock_freeze (agent->lock, &has_changed, &error))
    g_warning ("%s", error->message);
  if (has_changed)
    bfy_store_append_event (agent->store, bfy_agent_new_event ("frozen", NULL, request), TRUE);
  panic = g_new0 (Panic, 1);
  panic->agent = agent;
  panic->request = bfy_request_ref (request);
  panic->bindings = json_array_new ();
  panic->n_left = 1;
  for (guint i = 0; names[i] != NULL; i++)
    take (panic, names[i]);
  leave (panic);
}
