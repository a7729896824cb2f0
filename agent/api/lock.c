/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Locking keeps programs from using credentials until somebody unlocks, as ssh-add -x does; the
 * agent's memory holds none meanwhile. Requests whose credential has gone out finish; those that
 * still need it are refused. There is no lock password yet: whoever may use the socket may unlock.
 */

#include "agent/api/api.h"
#include "agent/footprint.h"
#include "agent/network/network.h"

static void
reply (BfyAgent *agent, BfyRequest *request, gboolean is_locked, gboolean has_changed)
{
  JsonObject *object = json_object_new ();

  if (has_changed)
    bfy_store_append_event (
        agent->store, bfy_agent_new_event (is_locked ? "locked" : "unlocked", NULL, request), TRUE);
  json_object_set_boolean_member (object, "locked", is_locked);
  json_object_set_boolean_member (object, "changed", has_changed);
  bfy_request_reply_json (request, 200, object);
}

/* Once more when the calls that led here have returned. */
static gboolean
on_idle (gpointer user_data)
{
  bfy_footprint_clear_stack ();

  return G_SOURCE_REMOVE;
}

void
bfy_api_lock (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  gboolean has_changed = bfy_credentials_lock (agent->credentials);

  bfy_network_renew (agent->network);
  bfy_footprint_clear_stack ();
  g_idle_add (on_idle, NULL);
  reply (agent, request, TRUE, has_changed);
}

void
bfy_api_unlock (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  reply (agent, request, FALSE, bfy_credentials_unlock (agent->credentials));
}
