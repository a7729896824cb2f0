/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/quota-gate.h"

#include "agent/door/request-body.h"
#include "agent/policy/usage.h"
#include "agent/proxy/refusal.h"

#define SHOWN_IN_SECONDS_S 120
#define SHOWN_IN_MINUTES_S 7200

static void
on_wrote (gpointer ticket, gsize n_bytes)
{
  bfy_usage_ticket_count_down (ticket, n_bytes);
}

static gboolean
on_settle (gpointer ticket)
{
  bfy_usage_ticket_settle (ticket);

  return G_SOURCE_REMOVE;
}

/* Who answered may judge it a moment later. */
static void
on_over (gpointer ticket)
{
  bfy_usage_ticket_end (ticket);
  g_idle_add_full (G_PRIORITY_DEFAULT, on_settle, bfy_usage_ticket_ref (ticket),
                   (GDestroyNotify) bfy_usage_ticket_unref);
}

static gpointer
ref_ticket (gpointer ticket)
{
  return bfy_usage_ticket_ref (ticket);
}

static void
unref_ticket (gpointer ticket)
{
  bfy_usage_ticket_unref (ticket);
}

static const BfyRequestCountFuncs count_funcs = {
  .wrote = on_wrote,
  .over = on_over,
  .ref = ref_ticket,
  .unref = unref_ticket,
};

static BfyUsageWho
who_is (BfyRequest *request, const BfyBinding *binding)
{
  BfyClient *client = bfy_request_get_client (request);

  return (BfyUsageWho){ binding, client != NULL ? client->id : NULL };
}

/* In the newest era a request may ask for a stream of events that never ends. */
static gboolean
is_stream (const BfyRpcMessage *message)
{
  return g_strcmp0 (message->method, "subscriptions/listen") == 0;
}

static BfyQuotaWish
wish_of (BfyRequest *request, const BfyRpc *rpc)
{
  BfyQuotaWish wish = { .n_messages = rpc == NULL ? 1 : 0 };

  if (rpc != NULL && bfy_request_is_streamed (request))
    wish.n_bytes = MAX (bfy_request_get_announced_length (request), 0);
  else if (rpc != NULL)
    wish.n_bytes = (gint64) g_bytes_get_size (bfy_request_get_body (request));
  for (guint i = 0; rpc != NULL && i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);

      if (message->kind == BFY_RPC_REQUEST || message->kind == BFY_RPC_NOTIFICATION)
        wish.n_messages++;
      if (message->kind == BFY_RPC_REQUEST && !is_stream (message))
        wish.n_open++;
    }

  return wish;
}

/* "60 requests a minute to each client". */
static char *
describe_limit (const BfyQuotaVerdict *verdict)
{
  g_autofree char *limit = bfy_quota_describe_limit (verdict->limit, verdict->most);

  return g_strconcat (limit, verdict->is_per_client ? " to each client" : "", NULL);
}

/* Rounded up: who comes back in that time is not too early. */
static char *
describe_end (const BfyQuotaVerdict *verdict)
{
  gint64 wait_s = verdict->retry_after_s;

  if (verdict->is_never)
    return g_strdup ("this was more than that at once");
  if (wait_s <= SHOWN_IN_SECONDS_S)
    return g_strdup_printf ("again in %" G_GINT64_FORMAT " s", wait_s);
  if (wait_s <= SHOWN_IN_MINUTES_S)
    return g_strdup_printf ("again in %" G_GINT64_FORMAT " min", (wait_s + 59) / 60);

  return g_strdup_printf ("again in %" G_GINT64_FORMAT " h", (wait_s + 3599) / 3600);
}

static char *
explain (const BfyBinding *binding, const BfyQuotaVerdict *verdict)
{
  g_autofree char *limit = describe_limit (verdict);
  g_autofree char *end = describe_end (verdict);

  return g_strdup_printf ("The policy of “%s” permits %s; %s. bindify policy show %s says what it "
                          "permits",
                          binding->name, limit, end, binding->name);
}

static void
record (BfyAgent *agent,
        BfyRequest *request,
        const BfyBinding *binding,
        const BfyRpc *rpc,
        const BfyQuotaVerdict *verdict)
{
  BfyEvent *event = bfy_agent_new_event ("proxy_request", binding, request);

  event->method =
      g_strdup (rpc != NULL ? bfy_rpc_message (rpc, 0)->method : bfy_request_get_method (request));
  event->category = g_strdup (bfy_error_to_wire (BFY_ERROR_RATE_LIMITED));
  event->detail =
      g_strconcat (verdict->limit, verdict->is_per_client ? " of each client" : "", NULL);
  event->outcome = BFY_OUTCOME_BLOCKED;
  bfy_store_append_event (agent->store, event, TRUE);
}

static void
refuse (BfyAgent *agent,
        BfyRequest *request,
        const BfyBinding *binding,
        const BfyRpc *rpc,
        const BfyQuotaVerdict *verdict)
{
  const BfyUsageWho who = who_is (request, binding);
  const BfyQuotaWish wish = wish_of (request, rpc);
  g_autofree char *text = explain (binding, verdict);

  if (bfy_usage_refuse (agent->usage, &who, wish.n_messages, verdict))
    record (agent, request, binding, rpc, verdict);
  if (!verdict->is_never)
    bfy_request_set_retry_after (request, verdict->retry_after_s);
  if (rpc != NULL && bfy_rpc_is_batch (rpc))
    bfy_refuse_each (request, rpc, BFY_ERROR_RATE_LIMITED, text);
  else
    bfy_refuse (request, rpc, BFY_ERROR_RATE_LIMITED, text);
}

gboolean
bfy_quota_gate_admit (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, const BfyRpc *rpc)
{
  const BfyUsageWho who = who_is (request, binding);
  BfyUsageTicket *ticket = bfy_request_get_count (request);
  BfyQuotaWish wish;
  BfyQuotaVerdict verdict;

  if (bfy_request_is_agents_own (request) ||
      (ticket != NULL && bfy_usage_ticket_is_for (ticket, binding)))
    return TRUE;
  /* Whoever ends a session is not kept from it. */
  if (g_str_equal (bfy_request_get_method (request), "DELETE"))
    return TRUE;

  wish = wish_of (request, rpc);
  ticket = bfy_usage_take (agent->usage, &who, &wish, &verdict);
  if (ticket == NULL)
    {
      refuse (agent, request, binding, rpc, &verdict);
      return FALSE;
    }
  bfy_request_take_count (request, &count_funcs, ticket);

  return TRUE;
}

void
bfy_quota_gate_withdraw (BfyRequest *request)
{
  BfyUsageTicket *ticket = bfy_request_get_count (request);

  if (ticket != NULL)
    bfy_usage_ticket_withdraw (ticket);
}

void
bfy_quota_gate_postpone (BfyRequest *request)
{
  BfyUsageTicket *ticket = bfy_request_get_count (request);

  if (ticket == NULL)
    return;
  bfy_usage_ticket_discard (ticket);
  bfy_request_drop_count (request);
}

void
bfy_quota_gate_note_refused (BfyAgent *agent,
                             BfyRequest *request,
                             const BfyBinding *binding,
                             const BfyRpc *rpc)
{
  const BfyUsageWho who = who_is (request, binding);
  const BfyQuotaWish wish = wish_of (request, rpc);

  if (!bfy_request_is_agents_own (request))
    (void) bfy_usage_refuse (agent->usage, &who, wish.n_messages, NULL);
}

void
bfy_quota_gate_note_piece (BfyRequest *request, gsize n_bytes)
{
  BfyUsageTicket *ticket = bfy_request_get_count (request);

  if (ticket != NULL && bfy_request_get_announced_length (request) < 0)
    bfy_usage_ticket_count_up (ticket, n_bytes);
}

void
bfy_quota_gate_judge (BfyRequest *request, BfyOutcome outcome)
{
  BfyUsageTicket *ticket = bfy_request_get_count (request);

  if (ticket != NULL)
    bfy_usage_ticket_judge (ticket, outcome);
}
