/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/approval-gate.h"

#include "agent/caller/caller.h"
#include "agent/grant/grants.h"
#include "agent/http/asked.h"
#include "agent/http/http.h"
#include "agent/policy/hints.h"
#include "agent/prompt/approval.h"
#include "agent/prompt/prompts.h"
#include "agent/proxy/mcp.h"
#include "agent/proxy/policy-gate-private.h"
#include "agent/proxy/quota-gate.h"
#include "agent/proxy/refusal.h"
#include "protocol/name.h"
#include "protocol/policy-hint.h"

#define NAME_SHOWN_MAX 80 /* characters of what a client asked for */

/* One request in front of the gate. All of it is borrowed. */
typedef struct
{
  BfyAgent *agent;
  BfyRequest *request;
  BfyBinding *binding;
  const BfyRpc *rpc;
  BfyCaller *caller; /* (nullable) NULL: the agent itself */
} Visit;

/* What is done with the binding, beside what the protocol needs to begin and to list. */
static gboolean
is_asked_for (const BfyBinding *binding, const BfyPolicyVerdict *verdict)
{
  return verdict->effect == BFY_POLICY_ASK ||
         (binding->confirms && verdict->reason != BFY_POLICY_BY_PROTOCOL);
}

static BfyWish *
make_wish (const BfyBinding *binding, const BfyPolicyJudged *judged)
{
  const BfyPolicyVerdict *verdict = &judged->verdict;
  const char *rule = verdict->effect == BFY_POLICY_ASK
                         ? bfy_policy_rule_digest (binding->policy, verdict->rule)
                         : BFY_CONFIRM_RULE;

  return bfy_wish_new (binding->id, binding->name, judged->message, verdict, rule,
                       bfy_policy_grant_reach (binding->policy, verdict));
}

/* "“Merge pull requests” (merge_pull_request)", "“create_issue”", "“tasks/list”". */
static char *
name_wish (const BfyPolicyJudged *judged)
{
  const BfyRpcMessage *message = judged->message;
  const BfyCapability *capability = judged->verdict.capability;
  const char *name = message->name != NULL ? message->name : message->uri;
  g_autofree char *shown = bfy_text_to_line (name != NULL ? name : message->method, NAME_SHOWN_MAX);

  return capability != NULL ? g_strdup_printf ("“%s” (%s)", capability->name, shown)
                            : g_strdup_printf ("“%s”", shown);
}

/* The command that makes the question unnecessary; what is to be confirmed stays to be. */
static char *
format_way_around (const BfyBinding *binding, const BfyPolicyJudged *judged)
{
  g_autofree char *hint = bfy_policy_hint_for_message (binding->name, judged->message);

  if (judged->verdict.effect != BFY_POLICY_ASK || binding->confirms)
    return g_strdup ("");
  if (hint != NULL)
    return g_strdup_printf (", %s permits it", hint);

  return g_strdup_printf (", bindify policy show %s shows the policy to change", binding->name);
}

static char *
explain_unavailable (const BfyBinding *binding, const BfyPolicyJudged *judged)
{
  g_autofree char *wish = name_wish (judged);
  g_autofree char *way = format_way_around (binding, judged);

  return g_strdup_printf ("“%s” wants a person to be asked before %s, and nobody can be asked; "
                          "bindify prompts --watch in a terminal asks you%s",
                          binding->name, wish, way);
}

static void
refuse (const Visit *visit, const BfyPolicyJudged *judged, BfyErrorCode code, const char *text)
{
  bfy_policy_gate_record (visit->agent, visit->request, visit->binding, judged, code);
  bfy_policy_gate_refuse (visit->request, visit->rpc, code, text);
}

static void
refuse_unavailable (const Visit *visit, const BfyPolicyJudged *judged)
{
  g_autofree char *text = explain_unavailable (visit->binding, judged);

  refuse (visit, judged, BFY_ERROR_APPROVAL_UNAVAILABLE, text);
}

static void
refuse_denied (const Visit *visit, const BfyPolicyJudged *judged, const BfyGrant *grant)
{
  g_autofree char *wish = name_wish (judged);
  g_autoptr (GDateTime) end =
      grant->expiry.wall_s > 0 ? g_date_time_new_from_unix_local (grant->expiry.wall_s) : NULL;
  g_autofree char *until = end != NULL ? g_date_time_format (end, " until %H:%M") : g_strdup ("");
  g_autofree char *text = g_strdup_printf (
      "A person has refused %s, which holds%s; bindify grants revoke %s lets it be "
      "asked for again",
      wish, until, grant->id);

  refuse (visit, judged, BFY_ERROR_DENIED, text);
}

/* A request that waits. */
typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  BfyBinding *binding; /* (owned) */
  BfyCaller *caller;   /* (owned) */
  guint index;         /* of the message that is asked for */
} Waiting;

static void
waiting_free (Waiting *self)
{
  bfy_request_unref (self->request);
  bfy_binding_unref (self->binding);
  bfy_caller_unref (self->caller);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Waiting, waiting_free)

/* What it was may have changed while a person thought about it. */
static gboolean
check_caller (const Waiting *self, GError **error)
{
  BfyClient *client = bfy_request_get_client (self->request);
  BfyClient *known =
      client != NULL ? bfy_registry_find_client (self->agent->registry, client->id, NULL) : NULL;

  if (client != NULL && (known == NULL || !g_str_equal (known->id, client->id)))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                           "There is no such binding, or the key does not fit it; bindify list "
                           "shows the bindings");
      return FALSE;
    }
  if (bfy_caller_is_still (self->request, self->caller))
    return TRUE;

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_DENIED,
                       "The program that asked is no longer what it was; nothing has been done");

  return FALSE;
}

static void
refuse_waiting (const Waiting *self, const GError *error)
{
  g_autoptr (BfyRpc) rpc = bfy_asked_read (self->request, NULL);
  BfyPolicyFacts facts = bfy_hints_facts (self->agent, self->binding);
  BfyPolicyJudged judged = { .message = rpc != NULL ? bfy_rpc_message (rpc, self->index) : NULL };
  const Visit visit = { self->agent, self->request, self->binding, rpc, self->caller };
  BfyErrorCode code = bfy_error_code (error);

  if (judged.message == NULL ||
      (code == BFY_ERROR_CANCELLED && bfy_request_is_over (self->request)))
    return;
  judged.verdict = bfy_policy_check (self->binding->policy, judged.message, &facts);
  bfy_quota_gate_note_refused (self->agent, self->request, self->binding, rpc);
  if (code == BFY_ERROR_APPROVAL_UNAVAILABLE)
    refuse_unavailable (&visit, &judged);
  else
    refuse (&visit, &judged, code, error->message);
}

static void
serve_again (const Waiting *self)
{
  if (bfy_request_get_route (self->request)->kind == BFY_ROUTE_HTTP)
    bfy_http_serve (self->agent, self->request);
  else
    bfy_mcp_serve (self->agent, self->request);
}

static void
on_answered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Waiting) self = user_data;
  g_autoptr (GError) error = NULL;

  if (bfy_prompts_ask_finish (self->agent->prompts, result, &error) && check_caller (self, &error))
    {
      if (!bfy_request_is_over (self->request))
        serve_again (self);
      return;
    }

  refuse_waiting (self, error);
}

static BfyPolicyGate
ask (const Visit *visit, const BfyPolicyJudged *judged, BfyWish *wish, guint index)
{
  Waiting *waiting = g_new0 (Waiting, 1);
  const BfyPromptsAsked asked = {
    .request = visit->request,
    .message = judged->message,
    .binding = visit->binding,
    .caller = visit->caller,
    .wish = wish,
  };

  waiting->agent = visit->agent;
  waiting->request = bfy_request_ref (visit->request);
  waiting->binding = bfy_binding_ref (visit->binding);
  waiting->caller = bfy_caller_ref (visit->caller);
  waiting->index = index;
  bfy_wish_tell_arguments (wish, judged->message);
  bfy_prompts_ask_async (visit->agent->prompts, &asked, on_answered, waiting);

  return BFY_POLICY_GATE_WAITS;
}

static void
note_yes (const Visit *visit, guint index, BfyWish *wish, const BfyGrant *grant)
{
  BfyApproval *approval = bfy_request_get_approval (visit->request);

  if (approval == NULL)
    {
      approval = bfy_approval_new ();
      bfy_request_take_approval (visit->request, approval);
    }
  bfy_approval_add (approval, index, wish);
  bfy_grants_hold_request (visit->agent->grants, grant, visit->request,
                           bfy_refusal_id (visit->rpc));
}

/* An inner request is what becomes of one that has been agreed to. */
static gboolean
has_yes (const Visit *visit, guint index, const BfyWish *wish)
{
  const BfyApproval *approval = bfy_request_get_approval (visit->request);

  return bfy_request_is_inner (visit->request) ? bfy_approval_covers (approval, wish)
                                               : bfy_approval_has (approval, index, wish);
}

static BfyPolicyGate
admit_one (const Visit *visit, guint index, const BfyPolicyJudged *judged)
{
  g_autoptr (BfyWish) wish = NULL;
  g_autoptr (BfyGrant) grant = NULL;

  if (visit->caller == NULL && judged->verdict.effect != BFY_POLICY_ASK)
    return BFY_POLICY_GATE_PASSES;
  if (visit->caller == NULL)
    {
      refuse_unavailable (visit, judged);
      return BFY_POLICY_GATE_ANSWERED;
    }

  wish = make_wish (visit->binding, judged);
  if (has_yes (visit, index, wish))
    return BFY_POLICY_GATE_PASSES;
  switch (bfy_grants_use (visit->agent->grants, visit->caller, wish, &grant))
    {
    case BFY_GRANTS_ALLOW:
      note_yes (visit, index, wish, grant);
      return BFY_POLICY_GATE_PASSES;
    case BFY_GRANTS_DENY:
      refuse_denied (visit, judged, grant);
      return BFY_POLICY_GATE_ANSWERED;
    case BFY_GRANTS_NOTHING:
      break;
    }
  if (bfy_request_is_quiet (visit->request))
    {
      refuse_unavailable (visit, judged);
      return BFY_POLICY_GATE_ANSWERED;
    }

  return ask (visit, judged, wish, index);
}

BfyPolicyGate
bfy_approval_gate_admit (BfyAgent *agent,
                         BfyRequest *request,
                         BfyBinding *binding,
                         const BfyRpc *rpc)
{
  BfyPolicyFacts facts = bfy_hints_facts (agent, binding);
  const Visit visit = {
    .agent = agent,
    .request = request,
    .binding = binding,
    .rpc = rpc,
    .caller = bfy_caller_of_request (request),
  };

  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    {
      BfyPolicyJudged judged = { .message = bfy_rpc_message (rpc, i) };
      BfyPolicyGate gate = BFY_POLICY_GATE_PASSES;

      judged.verdict = bfy_policy_check (binding->policy, judged.message, &facts);
      if (is_asked_for (binding, &judged.verdict))
        gate = admit_one (&visit, i, &judged);
      if (gate != BFY_POLICY_GATE_PASSES)
        return gate;
    }

  return BFY_POLICY_GATE_PASSES;
}
