/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/guard/alarm.h"

#include "agent/guard/guard.h"

#define EVENT_TYPE "security_violation"

/* Of the one that the request is for, whether or not it may have it. */
static BfyBinding *
find_binding (BfyAgent *agent, BfyRequest *request)
{
  const BfyRoute *route = bfy_request_get_route (request);

  return route != NULL && route->name != NULL ? bfy_registry_find (agent->registry, route->name)
                                              : NULL;
}

/* (transfer full) */
static char *
name_owner (BfyAgent *agent, BfyGuardOwner owner)
{
  const BfyBinding *binding;
  BfyClient *client;

  switch (owner.kind)
    {
    case BFY_GUARD_CREDENTIAL:
      binding = bfy_registry_find_by_id (agent->registry, owner.id);
      return g_strdup_printf ("the credential of “%s”",
                              binding != NULL ? binding->name : "a removed binding");
    case BFY_GUARD_DECOY:
      client = bfy_registry_find_client (agent->registry, owner.id, NULL);
      return g_strdup_printf ("the decoy of “%s”",
                              client != NULL ? client->label : "a removed client");
    }

  return NULL;
}

static BfyEvent *
new_event (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding, const char *category)
{
  BfyEvent *event = bfy_agent_new_event (EVENT_TYPE, binding, request);

  event->category = g_strdup (category);
  event->outcome = BFY_OUTCOME_BLOCKED;

  return event;
}

/* Whoever planted a decoy wants to know at once, and each time. */
static void
ring (BfyAgent *agent, BfyEvent *event)
{
  g_warning ("%s: %s, from %s", event->category, event->detail,
             event->client != NULL ? event->client : "nobody known");
  bfy_store_append_event (agent->store, event, TRUE);
}

void
bfy_alarm_leak (BfyAgent *agent, BfyRequest *request, guint tag, const char *where)
{
  BfyGuardOwner owner = bfy_guard_find_owner (agent->guard, tag);
  const BfyBinding *binding = find_binding (agent, request);
  g_autofree char *whose = name_owner (agent, owner);
  gboolean is_decoy = owner.kind == BFY_GUARD_DECOY;
  BfyEvent *event = new_event (agent, request, binding, is_decoy ? "decoy" : "leak");

  event->detail = g_strdup_printf ("%s in the %s of an answer", whose, where);
  if (is_decoy)
    ring (agent, event);
  else
    bfy_store_append_event (agent->store, event, FALSE);
}

void
bfy_alarm_stray (
    BfyAgent *agent, BfyRequest *request, const BfyBinding *binding, guint tag, const char *where)
{
  BfyGuardOwner owner = bfy_guard_find_owner (agent->guard, tag);
  g_autofree char *whose = name_owner (agent, owner);
  BfyEvent *event =
      new_event (agent, request, binding, owner.kind == BFY_GUARD_DECOY ? "decoy" : "critical");

  event->detail = g_strdup_printf ("%s in the %s of a request", whose, where);
  ring (agent, event);
}

void
bfy_alarm_key (BfyAgent *agent, BfyRequest *request, const BfyBinding *binding)
{
  BfyEvent *event = new_event (agent, request, binding, "critical");

  event->detail = g_strdup ("a client key in the body of a request");
  ring (agent, event);
}
