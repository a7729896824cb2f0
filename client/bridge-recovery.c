/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A server that answers 404 has forgotten the session, and its client has to begin a new one
 * (mcp.md A.8). Clients on stdio know nothing of sessions: the bridge says again what they have
 * said about the session as a whole, which is initialize, notifications/initialized, the log level
 * and the resources they want to hear of. */

#include <string.h>

#include "client/bridge-errand.h"
#include "client/bridge-post.h"
#include "client/bridge-reply.h"

/* Resources whose subscription is said again. */
#define SUBSCRIPTIONS_MAX 256

struct _BridgeRecovery
{
  Bridge *bridge;
  BridgeErrand *errand; /* (owned) */
  GQueue lines;         /* (element-type GBytes) (owned) still to be said */
};

void
bridge_recovery_free (BridgeRecovery *recovery)
{
  g_clear_pointer (&recovery->errand, bridge_errand_free);
  g_queue_clear_full (&recovery->lines, (GDestroyNotify) g_bytes_unref);
  g_free (recovery);
}

/* Opens the way for everything that waited; frees @recovery. */
static void
end (BridgeRecovery *recovery, gboolean has_session)
{
  Bridge *self = recovery->bridge;
  gboolean had_listener = self->listener != NULL;

  g_clear_pointer (&self->recovery, bridge_recovery_free);
  if (has_session && had_listener && self->stage == BRIDGE_RUNNING)
    {
      g_clear_pointer (&self->listener, bridge_listener_free);
      self->listener = bridge_listener_new (self);
    }

  bridge_posts_take_session (self, has_session);
  bridge_post_done (self);
}

static void on_said (BridgeErrand *errand, gpointer user_data);

static void
say_next (BridgeRecovery *recovery)
{
  Bridge *self = recovery->bridge;
  g_autoptr (GBytes) line = g_queue_pop_head (&recovery->lines);

  g_clear_pointer (&recovery->errand, bridge_errand_free);
  if (line == NULL)
    {
      end (recovery, TRUE);
      return;
    }

  recovery->errand = bridge_errand_new (self, line);
  bridge_add_session_headers (self, bridge_errand_get_message (recovery->errand));
  bridge_errand_start (recovery->errand, on_said, recovery);
}

/* A refusal of one subscription is no reason to do without the others. */
static void
on_said (BridgeErrand *errand, gpointer user_data)
{
  BridgeRecovery *recovery = user_data;

  if (bridge_errand_get_status (errand) == SOUP_STATUS_NOT_FOUND)
    end (recovery, FALSE);
  else
    say_next (recovery);
}

/* A version that the client has not agreed to would change the meaning of what it says. */
static gboolean
take_session (Bridge *self, BridgeErrand *errand)
{
  g_autofree char *version = NULL;
  gsize length;
  const char *text = bridge_errand_get_response (errand, &length);

  if (text == NULL || bridge_errand_get_status (errand) != SOUP_STATUS_OK)
    return FALSE;

  version = bfy_bridge_reply_dup_version (text, length);
  if (version == NULL || g_strcmp0 (version, self->version) != 0)
    return FALSE;

  g_free (self->session_id);
  self->session_id = g_strdup (bridge_errand_get_session_id (errand));
  return TRUE;
}

static void
on_initialize (BridgeErrand *errand, gpointer user_data)
{
  BridgeRecovery *recovery = user_data;
  Bridge *self = recovery->bridge;

  if (!take_session (self, errand))
    {
      bridge_complain (self, "The server has ended the session and refuses a new one");
      end (recovery, FALSE);
      return;
    }

  say_next (recovery);
}

static void
queue_line (gpointer key, gpointer line, gpointer recovery)
{
  g_queue_push_tail (&((BridgeRecovery *) recovery)->lines, g_bytes_ref (line));
}

void
bridge_recovery_start (Bridge *self)
{
  BridgeRecovery *recovery;

  if (self->recovery != NULL || self->initialize == NULL || self->stage >= BRIDGE_DELETING)
    return;

  recovery = g_new0 (BridgeRecovery, 1);
  recovery->bridge = self;
  recovery->errand = bridge_errand_new (self, self->initialize);
  if (self->initialized != NULL)
    queue_line (NULL, self->initialized, recovery);
  g_hash_table_foreach (self->told, queue_line, recovery);
  self->recovery = recovery;
  bridge_errand_start (recovery->errand, on_initialize, recovery);
}

void
bridge_recovery_note (Bridge *self, const BfyRpc *rpc, GBytes *line)
{
  const BfyRpcMessage *first = bfy_rpc_message (rpc, 0);
  const char *uri = first->uri != NULL ? first->uri : "";

  if (bfy_rpc_is_batch (rpc) || first->kind != BFY_RPC_REQUEST || first->has_claim)
    return;

  if (strcmp (first->method, "initialize") == 0)
    g_hash_table_remove_all (self->told);
  else if (strcmp (first->method, "logging/setLevel") == 0)
    g_hash_table_replace (self->told, g_strdup ("log level"), g_bytes_ref (line));
  else if (strcmp (first->method, "resources/unsubscribe") == 0)
    g_hash_table_remove (self->told, uri);
  else if (strcmp (first->method, "resources/subscribe") == 0 &&
           g_hash_table_size (self->told) < SUBSCRIPTIONS_MAX)
    g_hash_table_replace (self->told, g_strdup (uri), g_bytes_ref (line));
}
