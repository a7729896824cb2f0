/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "client/bridge-private.h"
#include "client/bridge-reply.h"

/* What becomes of one line from the client. */
typedef enum
{
  LINE_SEND,
  LINE_WAIT,   /* behind the handshake */
  LINE_REFUSE, /* too much in flight */
} LineFate;

/* What a line deserves; pure. */
static LineFate
decide (const Bridge *self, BfyRpc *rpc)
{
  const BfyRpcMessage *first = bfy_rpc_message (rpc, 0);
  gboolean is_request = first->kind == BFY_RPC_REQUEST;

  if (is_request && (self->posts->len + self->waiting.length >= BRIDGE_POSTS_MAX ||
                     self->n_post_bytes >= BRIDGE_POST_BYTES_MAX))
    return LINE_REFUSE;
  if (bridge_is_greeting (self) && !first->has_claim && first->kind != BFY_RPC_RESPONSE)
    return LINE_WAIT;

  return LINE_SEND;
}

static void
refuse (Bridge *self, BfyRpc *rpc)
{
  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    {
      const BfyRpcMessage *message = bfy_rpc_message (rpc, i);

      if (message->kind == BFY_RPC_REQUEST)
        bridge_write (self, bfy_bridge_reply_error (message->id, BFY_ERROR_RATE_LIMITED,
                                                    "Too many requests are in flight"));
    }
}

/* TRUE when the notification ends here: for a modern request the closed POST is the cancel. */
static gboolean
take_cancelled (Bridge *self, BfyRpc *rpc, GBytes *line)
{
  const BfyRpcMessage *first = bfy_rpc_message (rpc, 0);
  g_autofree char *id = NULL;
  const char *text;
  gsize length;

  if (bfy_rpc_is_batch (rpc) || first->kind != BFY_RPC_NOTIFICATION ||
      strcmp (first->method, "notifications/cancelled") != 0)
    return FALSE;

  text = g_bytes_get_data (line, &length);
  id = bfy_bridge_reply_dup_cancelled_id (text, length);
  if (id == NULL)
    return FALSE;
  if (bridge_post_abort (self, id))
    return TRUE;

  bridge_post_set_cancelled (self, id);
  /* A modern client that cancels what is over already has no session to tell it to. */
  return self->version == NULL && self->modern_version != NULL;
}

void
bridge_handle (Bridge *self, GBytes *line)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyRpc) rpc = NULL;
  gsize length;
  const char *text = g_bytes_get_data (line, &length);

  rpc = bfy_rpc_parse (text, length, &error);
  if (rpc == NULL)
    {
      bridge_write (self, bfy_bridge_reply_error (NULL, bfy_error_code (error), error->message));
      return;
    }

  switch (decide (self, rpc))
    {
    case LINE_REFUSE:
      refuse (self, rpc);
      break;
    case LINE_WAIT:
      g_queue_push_tail (&self->waiting, g_bytes_ref (line));
      break;
    case LINE_SEND:
      if (!take_cancelled (self, rpc, line))
        bridge_post_start (self, rpc, line);
      break;
    }
}
