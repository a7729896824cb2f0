/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/agent.h"

#include "agent/door/request-body.h"
#include "agent/footprint.h"
#include "agent/network/network.h"
#include "protocol/event-text.h"
#include "protocol/event-type.h"

gint64
bfy_agent_now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

gint64
bfy_agent_now_ms (void)
{
  return g_get_real_time () / 1000;
}

static gint64
first_set (gint64 own, gint64 general)
{
  return own > 0 ? own : general;
}

static gint64
smaller (gint64 limit, gint64 of_policy)
{
  return of_policy > 0 ? MIN (limit, of_policy) : limit;
}

/* What a policy says is one more limit; the smaller one counts. */
static void
apply_policy (BfyLimits *limits, const BfyNetworkPolicy *policy)
{
  gint64 timeout_ms = bfy_network_policy_get_timeout_ms (policy);

  limits->request_bytes_max =
      smaller (limits->request_bytes_max, bfy_network_policy_get_request_bytes_max (policy));
  limits->response_bytes_max =
      smaller (limits->response_bytes_max, bfy_network_policy_get_response_bytes_max (policy));
  limits->connect_timeout_ms = smaller (limits->connect_timeout_ms, timeout_ms);
  limits->response_timeout_ms = smaller (limits->response_timeout_ms, timeout_ms);
}

/* The general limits are those of MCP messages; files are larger, and passed on as they come. */
static void
widen (BfyLimits *limits, const BfyLimits *own)
{
  limits->request_bytes_max = first_set (own->request_bytes_max, BFY_STREAM_BYTES_MAX);
  limits->response_bytes_max = first_set (own->response_bytes_max, BFY_STREAM_BYTES_MAX);
}

BfyLimits
bfy_agent_limits (const BfyAgent *agent, const BfyBinding *binding)
{
  static const BfyLimits nothing = { 0 };
  const BfyLimits *own = binding != NULL ? &binding->limits : &nothing;
  const BfyLimits *general = &agent->limits;
  BfyLimits merged = {
    .request_bytes_max = first_set (own->request_bytes_max, general->request_bytes_max),
    .response_bytes_max = first_set (own->response_bytes_max, general->response_bytes_max),
    .connect_timeout_ms = first_set (own->connect_timeout_ms, general->connect_timeout_ms),
    .response_timeout_ms = first_set (own->response_timeout_ms, general->response_timeout_ms),
  };

  if (binding != NULL && bfy_binding_is_rest (binding))
    widen (&merged, own);
  merged = bfy_limits_effective (&merged);
  if (binding != NULL)
    apply_policy (&merged, bfy_network_policy_of (binding));

  return merged;
}

static void
name_caller (BfyEvent *event, BfyRequest *request)
{
  BfyClient *client = bfy_request_get_client (request);
  const BfyPeer *peer;

  if (bfy_request_is_agents_own (request))
    {
      event->client = g_strdup (BFY_AGENT_CLIENT);
      return;
    }
  peer = &bfy_request_get_connection (request)->peer;
  event->peer = g_strdup (bfy_connection_describe_peer (bfy_request_get_connection (request)));
  if (client != NULL)
    {
      event->client = g_strdup (client->label);
      event->client_id = g_strdup (client->id);
    }
  else
    {
      event->client = g_strdup_printf ("uid %u pid %d", (guint) peer->uid, (int) peer->pid);
    }
}

static gboolean
is_use (const char *type)
{
  const BfyEventType *found = bfy_event_type_find (type);

  return found != NULL && found->kind == BFY_EVENT_USE;
}

BfyEvent *
bfy_agent_new_event (const char *type, const BfyBinding *binding, BfyRequest *request)
{
  BfyEvent *event = bfy_event_new (type, bfy_agent_now_ms ());

  if (binding != NULL)
    {
      event->binding = g_strdup (binding->name);
      event->binding_id = g_strdup (binding->id);
    }
  if (binding != NULL && is_use (type))
    bfy_event_set_target (event, binding->url);
  if (request != NULL)
    name_caller (event, request);

  return event;
}

void
bfy_agent_forget_if_locked (BfyAgent *agent)
{
  if (bfy_credentials_check_unlocked (agent->credentials, NULL))
    return;

  bfy_keyrings_forget (agent->keyrings);
  bfy_footprint_clear_stack ();
}

void
bfy_agent_forget_secrets (BfyAgent *agent, const char *why)
{
  BfyEvent *event = bfy_agent_new_event ("forgotten", NULL, NULL);

  bfy_credentials_forget_all (agent->credentials);
  bfy_keyrings_forget (agent->keyrings);
  bfy_network_renew (agent->network);
  bfy_footprint_clear_stack ();
  event->client = g_strdup (BFY_AGENT_CLIENT);
  event->detail = g_strdup (why);
  bfy_store_append_event (agent->store, event, TRUE);
}
