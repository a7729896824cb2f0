/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/alive-outcome.h"

#include "protocol/json-edit.h"
#include "protocol/name.h"

#define NAME_LENGTH_MAX 100 /* characters of a server's name */
#define STATUS_ERROR 400

void
bfy_alive_free (BfyAlive *self)
{
  if (self == NULL)
    return;

  g_free (self->server);
  g_free (self->version);
  g_free (self);
}

GError *
bfy_alive_outcome_read_refusal (const BfyJsonSlice *message)
{
  static const char *const reason_path[] = { "error", "data", "reason", NULL };
  static const char *const text_path[] = { "error", "message", NULL };
  BfyJsonSlice reason, text;
  g_autofree char *wire = NULL;
  g_autofree char *said = NULL;
  BfyErrorCode code;

  if (bfy_json_slice_find (message, reason_path, &reason))
    wire = bfy_json_slice_dup_string (&reason);
  if (wire == NULL || !bfy_error_from_wire (wire, &code))
    return NULL;
  if (bfy_json_slice_find (message, text_path, &text))
    said = bfy_json_slice_dup_string (&text);

  return g_error_new (BFY_ERROR, (int) code, "%s", said != NULL ? said : "The request was refused");
}

static char *
describe (const BfyAliveTalk *talk, BfyAliveVerdict verdict)
{
  if (verdict == BFY_ALIVE_YES && talk->n_tools >= 0)
    return g_strdup_printf ("%" G_GINT64_FORMAT " tools", talk->n_tools);
  if (talk->refusal != NULL)
    return g_strdup (bfy_error_to_wire (bfy_error_code (talk->refusal)));

  return talk->facts->status >= STATUS_ERROR ? g_strdup_printf ("HTTP %u", talk->facts->status)
                                             : NULL;
}

static void
record (BfyAgent *agent,
        const BfyBinding *binding,
        BfyRequest *asked_by,
        const BfyAliveTalk *talk,
        BfyAliveVerdict verdict)
{
  BfyEvent *event = bfy_agent_new_event ("keepalive", binding, asked_by);
  gboolean is_good = verdict == BFY_ALIVE_YES || verdict == BFY_ALIVE_EXPECTED;

  if (asked_by == NULL)
    event->client = g_strdup (BFY_AGENT_CLIENT);
  event->category = g_strdup (bfy_alive_verdict_to_wire (verdict));
  event->detail = describe (talk, verdict);
  event->status = talk->facts->status;
  event->duration_ms = talk->duration_ms;
  event->outcome = is_good ? BFY_OUTCOME_SUCCESS : BFY_OUTCOME_FAILURE;
  bfy_store_append_event (agent->store, event, FALSE);
}

/* Only what is looked after by timers has a state that depends on it; of a key, the requests
 * themselves have told (agent/proxy/relay.c). */
static void
keep_state (BfyAgent *agent, const BfyBinding *binding, BfyAliveVerdict verdict)
{
  const BfyBinding *known = bfy_registry_find_by_id (agent->registry, binding->id);
  gint64 now_s = bfy_agent_now_s ();

  if (known == NULL || g_strcmp0 (known->auth_type, "oauth") != 0)
    return;
  switch (verdict)
    {
    case BFY_ALIVE_YES:
    case BFY_ALIVE_EXPECTED:
      bfy_registry_set_tokens (agent->registry, known->id, known->expires_at_s, now_s,
                               known->can_refresh);
      bfy_registry_set_state (agent->registry, binding->id, BFY_STATE_OK, now_s);
      break;
    case BFY_ALIVE_REFUSED:
      bfy_registry_set_state (agent->registry, binding->id, BFY_STATE_NEEDS_LOGIN, now_s);
      break;
    case BFY_ALIVE_FAILED:
      break;
    }
}

static GError *
explain (const BfyBinding *binding, const BfyAliveTalk *talk, BfyAliveVerdict verdict)
{
  guint status = talk->facts->status;

  if (talk->refusal != NULL)
    return g_error_copy (talk->refusal);
  if (verdict == BFY_ALIVE_REFUSED)
    return g_error_new (BFY_ERROR, BFY_ERROR_NEEDS_LOGIN,
                        "The service behind “%s” refuses the stored credential (HTTP %u)",
                        binding->name, status);
  if (status >= STATUS_ERROR)
    return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                        "The service behind “%s” answered with HTTP %u", binding->name, status);

  return g_error_new (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                      "The service behind “%s” does not answer as an MCP server should",
                      binding->name);
}

BfyAlive *
bfy_alive_outcome_take (BfyAgent *agent,
                        BfyBinding *binding,
                        BfyRequest *asked_by,
                        const BfyAliveTalk *talk,
                        GError **error)
{
  const BfyQuirks quirks = bfy_quirks_of (agent, binding);
  BfyAliveVerdict verdict = bfy_alive_judge (talk->facts, &quirks);
  BfyAlive *alive;

  record (agent, binding, asked_by, talk, verdict);
  keep_state (agent, binding, verdict);
  if (verdict == BFY_ALIVE_REFUSED || verdict == BFY_ALIVE_FAILED)
    {
      g_propagate_error (error, explain (binding, talk, verdict));
      return NULL;
    }

  alive = g_new0 (BfyAlive, 1);
  alive->status = talk->facts->status;
  alive->n_tools = talk->n_tools;
  alive->server = talk->server != NULL ? bfy_text_to_line (talk->server, NAME_LENGTH_MAX) : NULL;
  alive->version = talk->version != NULL ? bfy_text_to_line (talk->version, NAME_LENGTH_MAX) : NULL;

  return alive;
}
