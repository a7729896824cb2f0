/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include "agent/store/registry.h"
#include "agent/store/store-usage.h"
#include "protocol/event.h"
#include "protocol/quota.h"

/* What is being used of each binding by each client, held against the limits of its policy
 * (behaviour 22.3). It is in memory, so that asking costs less than a microsecond; what has to
 * outlive a restart, the calls of the hour and the bytes of the day, is read from the store's usage
 * at the start and goes back there as it is counted. Local processes are one client, "". */
typedef struct _BfyUsage BfyUsage;

/* One request that was let through, until nobody needs it any more. */
typedef struct _BfyUsageTicket BfyUsageTicket;

/* Unix time. */
typedef gint64 (*BfyUsageClock) (void);

BfyUsage *bfy_usage_new (BfyStore *store,
                         BfyRegistry *registry,
                         BfyUsageClock clock,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Tickets may outlive it. */
void bfy_usage_free (BfyUsage *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyUsage, bfy_usage_free)

/* Whose use is counted. */
typedef struct
{
  const BfyBinding *binding;
  const char *client_id; /* (nullable) NULL: a local process */
} BfyUsageWho;

/* NULL when a limit is in the way, which @verdict tells. (transfer full) */
BfyUsageTicket *bfy_usage_take (BfyUsage *self,
                                const BfyUsageWho *who,
                                const BfyQuotaWish *wish,
                                BfyQuotaVerdict *verdict);
/* Counts what has been refused before it got a ticket, by a limit when there is a @verdict. TRUE
 * when that is news: the same limit has not refused the same client within the hour (behaviour
 * 21.8). */
gboolean bfy_usage_refuse (BfyUsage *self,
                           const BfyUsageWho *who,
                           gint64 n_messages,
                           const BfyQuotaVerdict *verdict);
/* What stands at this moment, as a copy. @client_id: NULL for all clients together. */
BfyQuotaUse bfy_usage_get (BfyUsage *self, const char *binding_id, const char *client_id);

BfyUsageTicket *bfy_usage_ticket_ref (BfyUsageTicket *self);
/* The last one settles it. */
void bfy_usage_ticket_unref (BfyUsageTicket *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BfyUsageTicket, bfy_usage_ticket_unref)

gboolean bfy_usage_ticket_is_for (const BfyUsageTicket *self, const BfyBinding *binding);
/* Bytes of the answer, as they go by. */
void bfy_usage_ticket_count_down (BfyUsageTicket *self, gsize n_bytes);
/* Of a request whose length was not known when the ticket was taken. */
void bfy_usage_ticket_count_up (BfyUsageTicket *self, gsize n_bytes);
/* The request is over, however: what it kept open is free again. */
void bfy_usage_ticket_end (BfyUsageTicket *self);
/* Writes down what became of it, once: what the agent asked itself for its sake may hold on to the
 * ticket for as long as a session lasts. */
void bfy_usage_ticket_settle (BfyUsageTicket *self);
/* The policy refuses what the limits had let through: it counts as refused, not as a call. */
void bfy_usage_ticket_withdraw (BfyUsageTicket *self);
/* As if it had never been taken: the request waits, and will take another one. */
void bfy_usage_ticket_discard (BfyUsageTicket *self);
/* What became of it; of several judgements the last one stands. */
void bfy_usage_ticket_judge (BfyUsageTicket *self, BfyOutcome outcome);
