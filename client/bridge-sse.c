/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A server that refuses `initialize` as one that knows no such POST may still have the transport of
 * 2024-11-05. The refusal is held back while that is tried; with an endpoint the same line goes out
 * again, and the client on stdio sees nothing of it. */

#include <string.h>

#include "client/bridge-post.h"
#include "client/bridge-reply.h"
#include "client/sse-channel.h"

struct _BridgeSse
{
  Bridge *bridge;
  BfySseChannel *channel; /* (owned) */
  BridgePost *post;       /* (nullable) until it has been sent again */
  GBytes *line;           /* (owned) (nullable) likewise */
  char *refusal;          /* (owned) (nullable) */
};

static void
on_open (BfySseChannel *channel, gpointer user_data)
{
  BridgeSse *sse = user_data;
  g_autoptr (GBytes) line = g_steal_pointer (&sse->line);
  g_autoptr (SoupMessage) message = bfy_sse_channel_new_post (channel, line);

  if (sse->post != NULL)
    bridge_post_take_transfer (g_steal_pointer (&sse->post), message);
}

static void
on_text (BfySseChannel *channel, const char *text, gsize length, gpointer user_data)
{
  BridgeSse *sse = user_data;
  g_autoptr (GError) error = NULL;

  if (!bfy_bridge_reply_foreach (text, length, bridge_relay, sse->bridge, &error))
    bridge_complain (sse->bridge, "The server sent something that is not MCP: %s", error->message);
}

static gboolean
is_json_rpc (const char *text)
{
  g_autoptr (BfyRpc) rpc = text != NULL ? bfy_rpc_parse (text, strlen (text), NULL) : NULL;

  return rpc != NULL;
}

/* Why there is no such stream, if the agent knows; else what the server said at first. */
static void
give_up (BridgeSse *sse)
{
  const char *answer = bfy_sse_channel_get_refusal (sse->channel);
  Bridge *self = sse->bridge;
  BridgePost *post = g_steal_pointer (&sse->post);
  g_autofree char *text = g_strdup (is_json_rpc (answer) ? answer : sse->refusal);

  g_clear_pointer (&self->sse, bridge_sse_free);
  if (post != NULL)
    bridge_post_refuse (post, text);
}

static void
on_end (BfySseChannel *channel, const GError *error, gpointer user_data)
{
  BridgeSse *sse = user_data;

  if (sse->line != NULL)
    give_up (sse);
  else
    bridge_posts_fail_accepted (sse->bridge, error);
}

BridgeSse *
bridge_sse_new (Bridge *self, BridgePost *post, GBytes *line, const char *text)
{
  static const BfySseChannelEvents events = { on_open, on_text, on_end };
  BridgeSse *sse = g_new0 (BridgeSse, 1);

  sse->bridge = self;
  sse->post = post;
  sse->line = g_bytes_ref (line);
  sse->refusal = g_strdup (text);
  sse->channel = bfy_sse_channel_new (self->remote, self->binding, &events, sse);

  return sse;
}

void
bridge_sse_free (BridgeSse *sse)
{
  bfy_sse_channel_free (sse->channel);
  g_clear_pointer (&sse->line, g_bytes_unref);
  g_free (sse->refusal);
  g_free (sse);
}

void
bridge_sse_forget (BridgeSse *sse, const BridgePost *post)
{
  if (sse->post == post)
    sse->post = NULL;
}

void
bridge_sse_set_held (BridgeSse *sse, gboolean is_held)
{
  bfy_sse_channel_set_held (sse->channel, is_held);
}

gboolean
bridge_sse_is_open (const BridgeSse *sse)
{
  return sse != NULL && bfy_sse_channel_is_open (sse->channel);
}

gboolean
bridge_sse_is_usable (const BridgeSse *sse)
{
  return sse != NULL && sse->line == NULL;
}

SoupMessage *
bridge_sse_new_post (BridgeSse *sse, GBytes *line)
{
  return bfy_sse_channel_new_post (sse->channel, line);
}
