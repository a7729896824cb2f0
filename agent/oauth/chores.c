/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/oauth/keep-alive.h"
#include "agent/oauth/refresher.h"
#include "agent/oauth/scheduler-private.h"

static void
begin_refresh (BfyAgent *agent,
               BfyBinding *binding,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  bfy_refresher_renew_async (agent->refresher, binding, BFY_RENEW_TIMER, NULL, NULL, cancellable,
                             callback, user_data);
}

static gboolean
finish_refresh (BfyAgent *agent, GAsyncResult *result, GError **error)
{
  return bfy_refresher_renew_finish (agent->refresher, result, error);
}

static void
begin_keep_alive (BfyAgent *agent,
                  BfyBinding *binding,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  bfy_keep_alive_async (agent, binding, NULL, cancellable, callback, user_data);
}

static gboolean
finish_keep_alive (BfyAgent *agent, GAsyncResult *result, GError **error)
{
  g_autoptr (BfyAlive) alive = bfy_keep_alive_finish (result, error);

  return alive != NULL;
}

static gint64
wait_s (BfyAgent *agent, const BfyBinding *binding)
{
  return bfy_refresher_wait_s (agent->refresher, binding);
}

const BfySchedulerParts bfy_scheduler_parts = {
  .kinds = {
    [BFY_CHORE_REFRESH] = { begin_refresh, finish_refresh },
    [BFY_CHORE_KEEP_ALIVE] = { begin_keep_alive, finish_keep_alive },
  },
  .now_ms = bfy_agent_now_ms,
  .find_network = g_network_monitor_get_default,
  .wait_s = wait_s,
};
