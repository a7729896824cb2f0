/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Forgetting a credential while the binding stays: its name, endpoint, client keys and policy wait
 * for `bindify login`. */

#include "agent/api/work.h"
#include "agent/child/children.h"
#include "agent/footprint.h"
#include "agent/oauth/refresher.h"
#include "agent/oauth/revocation.h"

typedef struct
{
  BfyWork *work; /* (owned) */
  BfyRevocation revocation;
} Logout;

static void
logout_free (Logout *self)
{
  bfy_work_free (self->work);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Logout, logout_free)

/* The record follows the keyring: there is nothing that could be used or renewed, and what is under
 * way with it ends. */
static void
update_record (BfyRegistry *registry, const char *id)
{
  g_autoptr (BfyBinding) changed = NULL;
  g_autoptr (GError) error = NULL;
  BfyBinding *current;

  bfy_registry_set_tokens (registry, id, 0, 0, FALSE);
  current = bfy_registry_find_by_id (registry, id);
  if (current == NULL)
    return;

  changed = bfy_binding_copy (current);
  changed->needs_login_at_s = bfy_agent_now_s ();
  if (changed->state != BFY_STATE_PAUSED)
    changed->state = BFY_STATE_NEEDS_LOGIN;
  if (!bfy_registry_update (registry, changed, &error))
    g_warning ("That “%s” needs a login is not recorded: %s", changed->name, error->message);
}

void
bfy_api_note_logout (BfyWork *work)
{
  const char *id = work->binding->id;
  BfyEvent *event = bfy_agent_new_event ("logout", work->binding, work->request);

  event->category = g_strdup ("success");
  bfy_store_append_event (work->agent->store, event, TRUE);
  update_record (work->agent->registry, id);
  bfy_children_restart (work->agent->children, id);
  bfy_footprint_clear_stack ();
}

static void
on_removed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Logout) logout = user_data;
  BfyWork *work = logout->work;
  GError *error = NULL;
  BfyBinding *current;
  JsonObject *object;

  if (!bfy_credentials_remove_finish (BFY_CREDENTIALS (source), result, &error))
    {
      g_prefix_error (&error,
                      "The credential of “%s” could not be removed%s: ", work->binding->name,
                      logout->revocation == BFY_REVOCATION_DONE ? ", though it was revoked" : "");
      bfy_api_fail (work->request, error, work->binding->name);
      return;
    }

  bfy_api_note_logout (work);
  current = bfy_registry_find_by_id (work->agent->registry, work->binding->id);
  object = bfy_api_wrap_binding (work->agent, current != NULL ? current : work->binding);
  if (logout->revocation == BFY_REVOCATION_NOT_OFFERED)
    json_object_set_null_member (object, "revoked");
  else
    json_object_set_boolean_member (object, "revoked", logout->revocation == BFY_REVOCATION_DONE);
  bfy_request_reply_json (work->request, 200, object);
}

static void
on_revoked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Logout) logout = user_data;
  BfyAgent *agent = logout->work->agent;
  BfyBinding *binding = logout->work->binding;

  logout->revocation = bfy_revoke_finish (result);
  bfy_credentials_remove_async (agent->credentials, binding, on_removed, g_steal_pointer (&logout));
}

void
bfy_api_logout (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);
  Logout *logout;

  if (binding == NULL)
    return;
  if (g_str_equal (binding->auth_type, "none"))
    {
      bfy_api_fail (request,
                    g_error_new (BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT,
                                 "“%s” has no credential that could be forgotten", binding->name),
                    binding->name);
      return;
    }

  if (agent->refresher != NULL)
    bfy_refresher_forget (agent->refresher, binding);
  logout = g_new0 (Logout, 1);
  logout->work = bfy_work_new (agent, request, binding);
  bfy_revoke_async (agent, binding, TRUE, on_revoked, logout);
}
