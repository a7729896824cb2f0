/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/mcp-session-private.h"
#include "protocol/error.h"

static void
finish_opening (BfyMcpSession *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->opening);

  if (task == NULL)
    return;

  g_cancellable_disconnect (g_task_get_cancellable (task), self->opening_id);
  self->opening_id = 0;
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_open (BfySseChannel *channel, gpointer user_data)
{
  finish_opening (user_data, NULL);
}

static void
on_text (BfySseChannel *channel, const char *text, gsize length, gpointer user_data)
{
  mcp_post_take_text (user_data, text, length);
}

/* What the agent says about the server, or that it has no such transport. */
static GError *
new_refusal (const BfySseChannel *channel)
{
  const char *text = bfy_sse_channel_get_refusal (channel);
  g_autoptr (BfyRpc) rpc = text != NULL ? bfy_rpc_parse (text, strlen (text), NULL) : NULL;

  if (rpc == NULL || bfy_rpc_is_batch (rpc))
    return g_error_new_literal (BFY_ERROR, BFY_ERROR_UNSUPPORTED, "There is no such stream");

  return bfy_mcp_error_from_response (text, strlen (text));
}

static void
on_end (BfySseChannel *channel, const GError *error, gpointer user_data)
{
  BfyMcpSession *self = user_data;
  GError *cause = NULL;

  if (self->opening == NULL)
    {
      mcp_post_fail_pending (self, error);
      return;
    }

  cause = error != NULL ? g_error_copy (error) : new_refusal (channel);
  g_clear_pointer (&self->channel, bfy_sse_channel_free);
  finish_opening (self, cause);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  bfy_sse_channel_abort (user_data);
}

void
mcp_sse_open_async (BfyMcpSession *self,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  static const BfySseChannelEvents events = { on_open, on_text, on_end };

  self->opening = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (self->opening, mcp_sse_open_async);
  g_task_set_check_cancellable (self->opening, FALSE);
  self->channel = bfy_sse_channel_new (self->remote, self->binding, &events, self);
  if (cancellable != NULL)
    self->opening_id =
        g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self->channel, NULL);
}

gboolean
mcp_sse_open_finish (BfyMcpSession *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
