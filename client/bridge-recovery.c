/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A server that answers 404 has forgotten the session, and its client has to begin a new one
 * (mcp.md A.8). Clients on stdio know nothing of sessions: the bridge says their initialize and
 * notifications/initialized again. What the old session had been told besides (log level,
 * subscriptions) is gone, as it is for every HTTP client. */

#include "client/bridge-errand.h"
#include "client/bridge-post.h"
#include "client/bridge-reply.h"

struct _BridgeRecovery
{
  Bridge *bridge;
  BridgeErrand *errand; /* (owned) */
};

void
bridge_recovery_free (BridgeRecovery *recovery)
{
  g_clear_pointer (&recovery->errand, bridge_errand_free);
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

static void
on_initialized (BridgeErrand *errand, gpointer user_data)
{
  guint status = bridge_errand_get_status (errand);

  end (user_data, status >= 200 && status < 300);
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

  g_clear_pointer (&recovery->errand, bridge_errand_free);
  if (self->initialized == NULL)
    {
      end (recovery, TRUE);
      return;
    }

  recovery->errand = bridge_errand_new (self, self->initialized);
  bridge_add_session_headers (self, bridge_errand_get_message (recovery->errand));
  bridge_errand_start (recovery->errand, on_initialized, recovery);
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
  self->recovery = recovery;
  bridge_errand_start (recovery->errand, on_initialize, recovery);
}
