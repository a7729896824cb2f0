/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/gate.h"

#include "agent/all/all.h"
#include "agent/api/api.h"
#include "agent/door/request-body.h"
#include "agent/guard/entrance.h"
#include "agent/guard/watch.h"
#include "agent/http/http.h"
#include "agent/lifetime.h"
#include "agent/proxy/condition-gate.h"
#include "agent/proxy/refusal.h"
#include "agent/ties.h"
#include "protocol/client-key.h"
#include "protocol/guard.h"

static const char foreign_text[] =
    "This door serves programs on this machine only, not web pages or other hosts";

/* TRUE when the request was answered. */
static gboolean
refuse_foreign (BfyRequest *request)
{
  const BfyConnection *connection = bfy_request_get_connection (request);
  const char *origin = bfy_request_get_header (request, "Origin");
  const char *host = bfy_request_get_header (request, "Host");
  gboolean is_foreign = connection->door == BFY_DOOR_UNIX
                            ? origin != NULL
                            : bfy_guard_check (host, origin, connection->port) != BFY_GUARD_ALLOW;

  if (is_foreign)
    bfy_request_reply_error_status (request, 403, BFY_ERROR_FOREIGN_ORIGIN, foreign_text);

  return is_foreign;
}

static gboolean
has_method (BfyRequest *request, const char *const *allowed)
{
  return g_strv_contains (allowed, bfy_request_get_method (request));
}

/* The key in the path, else the one in the Authorization header. */
static BfySecret *
take_key (BfyRequest *request)
{
  const BfyRoute *route = bfy_request_get_route (request);
  gsize length;

  if (route->presented != NULL)
    {
      const char *text = (const char *) bfy_secret_peek (route->presented, &length);

      return bfy_client_key_parse (text, length);
    }

  return bfy_client_key_from_authorization (bfy_request_get_header (request, "Authorization"));
}

static gboolean
presents_key (BfyRequest *request)
{
  return bfy_request_get_route (request)->presented != NULL ||
         bfy_request_get_header (request, "Authorization") != NULL;
}

/* On the UNIX door being the same user is enough; a key that is presented must still fit, so that
 * a client is never taken for another. A body takes its time, and the key may have been revoked
 * since the head was there. */
static gboolean
has_needed_key (BfyAgent *agent, BfyRequest *request)
{
  BfyClient *client = bfy_request_get_client (request);

  if (bfy_request_is_barred (request))
    return FALSE;
  if (client != NULL)
    return bfy_registry_has_client (agent->registry, client->id);

  return bfy_request_is_agents_own (request) ||
         (bfy_request_get_connection (request)->door != BFY_DOOR_TCP && !presents_key (request));
}

gboolean
bfy_gate_admits_all (BfyAgent *agent, BfyRequest *request)
{
  return has_needed_key (agent, request);
}

BfyBinding *
bfy_gate_find_binding (BfyAgent *agent, BfyRequest *request)
{
  const BfyRoute *route = bfy_request_get_route (request);
  BfyBinding *binding = bfy_registry_find (agent->registry, route->name);
  BfyClient *client = bfy_request_get_client (request);

  if (binding == NULL || !has_needed_key (agent, request) ||
      (client != NULL && !bfy_client_may_use (client, binding->name)) ||
      !bfy_condition_gate_fits (binding, request, NULL) || bfy_lifetime_is_over (binding))
    return NULL;

  return binding;
}

/* Of what a run must not do there is a record (agent/ties.h). */
static void
note (BfyAgent *agent, BfyRequest *request, gboolean is_known)
{
  bfy_ties_note_request (agent->ties, request);
  if (!is_known)
    bfy_ties_note_refused (agent->ties, request,
                           bfy_request_get_client (request) != NULL ? BFY_RUN_REFUSED_BINDING
                                                                    : BFY_RUN_REFUSED_KEY);
}

/* FALSE when it is to be answered with "not found". @binding is NULL for the endpoint for all, too.
 * Of the key only the half that opens a sealed binding stays with the request; the buffers
 * it was read into are wiped by the door. */
static gboolean
identify (BfyAgent *agent, BfyRequest *request, BfyBinding **binding)
{
  g_autoptr (BfySecret) key = take_key (request);
  gboolean is_for_all = bfy_all_is_meant (request);
  gboolean is_sealed;

  bfy_request_set_client (request, bfy_registry_authenticate (agent->registry, key));
  bfy_request_wipe_authorization (request);
  *binding = bfy_gate_find_binding (agent, request);
  is_sealed =
      is_for_all ? bfy_all_needs_proof (agent, request) : *binding != NULL && (*binding)->is_sealed;
  if (is_sealed && bfy_request_get_client (request) != NULL)
    bfy_request_take_proof (request, bfy_client_key_proof (key));

  return is_for_all ? bfy_gate_admits_all (agent, request) : *binding != NULL;
}

static gboolean
is_json (const char *content_type)
{
  g_autofree char *type = g_strdup (content_type != NULL ? content_type : "");

  g_strdelimit (type, ";", '\0');

  return g_ascii_strcasecmp (g_strstrip (type), "application/json") == 0;
}

static gboolean
has_plain_json (BfyRequest *request)
{
  const char *encoding = bfy_request_get_header (request, "Content-Encoding");

  return is_json (bfy_request_get_header (request, "Content-Type")) &&
         (encoding == NULL || g_ascii_strcasecmp (encoding, "identity") == 0);
}

static void
admit_mcp (BfyAgent *agent, BfyRequest *request)
{
  static const char *const methods[] = { "POST", "GET", "DELETE", NULL };
  BfyBinding *binding;
  gboolean is_known = identify (agent, request, &binding);

  note (agent, request, is_known);
  bfy_request_set_body_max (request, (guint64) bfy_agent_limits (agent, binding).request_bytes_max);
  /* Refused when the body is there, because the answer repeats its id. */
  if (!is_known)
    return;

  if (!has_method (request, methods))
    {
      bfy_refuse (request, NULL, BFY_ERROR_METHOD_NOT_ALLOWED,
                  "An MCP endpoint takes POST, GET and DELETE");
      return;
    }
  if (g_str_equal (bfy_request_get_method (request), "POST") && !has_plain_json (request))
    {
      bfy_refuse (request, NULL, BFY_ERROR_UNSUPPORTED_MEDIA,
                  "The body must be application/json without a Content-Encoding");
      return;
    }
}

/* Whose methods a service has is its own business, but for those that are about the way to it. */
static void
admit_http (BfyAgent *agent, BfyRequest *request)
{
  static const char *const refused[] = { "CONNECT", "TRACE", "TRACK", NULL };
  BfyBinding *binding;

  note (agent, request, identify (agent, request, &binding));
  bfy_request_set_body_max (request, (guint64) bfy_agent_limits (agent, binding).request_bytes_max);
  if (binding != NULL && bfy_request_may_be_large (request) &&
      !bfy_http_needs_body (agent, request, binding))
    bfy_request_allow_streaming (request);
  if (has_method (request, refused))
    bfy_refuse (request, NULL, BFY_ERROR_METHOD_NOT_ALLOWED,
                "CONNECT, TRACE and TRACK are not passed on");
}

static void
admit_healthz (BfyRequest *request)
{
  static const char *const methods[] = { "GET", NULL };

  if (has_method (request, methods))
    bfy_request_reply (request, 200, "application/json", "{\"status\":\"ok\"}", -1);
  else
    bfy_request_reply_error_status (request, 405, BFY_ERROR_METHOD_NOT_ALLOWED,
                                    "This path takes GET only");
}

static void
reply_no_route (BfyAgent *agent, BfyRequest *request, BfyRunRefusal refusal)
{
  bfy_ties_note_refused (agent->ties, request, refusal);
  if (g_str_equal (bfy_request_get_method (request), "OPTIONS"))
    bfy_request_reply_error_status (request, 405, BFY_ERROR_METHOD_NOT_ALLOWED,
                                    "OPTIONS is not answered here");
  else
    bfy_request_reply_error_status (request, 404, BFY_ERROR_NOT_FOUND,
                                    "There is nothing at this path");
}

void
bfy_gate_admit (BfyAgent *agent, BfyRequest *request)
{
  BfyDoorKind door = bfy_request_get_connection (request)->door;
  const BfyRoute *route;

  bfy_watch_request (agent, request);
  if (refuse_foreign (request))
    {
      bfy_ties_note_refused (agent->ties, request, BFY_RUN_REFUSED_ORIGIN);
      return;
    }

  bfy_request_take_route (request, bfy_route_parse (bfy_request_get_path (request)));
  route = bfy_request_get_route (request);
  if (!bfy_entrance_admit_head (agent, request))
    bfy_request_bar (request);
  switch (route->kind)
    {
    case BFY_ROUTE_HEALTHZ:
      admit_healthz (request);
      break;
    case BFY_ROUTE_MCP:
    case BFY_ROUTE_MCP_SSE:
      admit_mcp (agent, request);
      break;
    case BFY_ROUTE_CONTROL:
      bfy_request_set_body_max (request, bfy_api_body_bytes_max (route->rest));
      if (door != BFY_DOOR_UNIX || bfy_request_is_barred (request))
        reply_no_route (agent, request, BFY_RUN_REFUSED_CONTROL);
      break;
    case BFY_ROUTE_HTTP:
      admit_http (agent, request);
      break;
    case BFY_ROUTE_NONE:
      reply_no_route (agent, request, BFY_RUN_REFUSED_PATH);
      break;
    }
}
