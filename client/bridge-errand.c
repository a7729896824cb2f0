/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/bridge-errand.h"

#include "client/mcp-headers.h"

/* The client waits behind an errand and has a patience of its own, usually 60 s. */
#define ERRAND_MS 30000

struct _BridgeErrand
{
  SoupMessage *message; /* (owned) */
  Bridge *bridge;
  BfyTransfer *transfer; /* (owned) (nullable) until it starts */
  BridgeErrandFunc func; /* (nullable) NULL once called */
  gpointer user_data;
  GBytes *response; /* (owned) (nullable) */
  guint timer_id;
};

/* The owner may free the errand from within its function. */
static void
report (BridgeErrand *errand)
{
  BridgeErrandFunc func = g_steal_pointer (&errand->func);

  g_clear_handle_id (&errand->timer_id, g_source_remove);
  if (func != NULL)
    func (errand, errand->user_data);
}

static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  BridgeErrand *errand = user_data;
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, length, NULL);

  if (rpc == NULL || bfy_rpc_is_batch (rpc) || errand->response != NULL ||
      bfy_rpc_message (rpc, 0)->kind != BFY_RPC_RESPONSE)
    return;

  errand->response = g_bytes_new (text, length);
  report (errand);
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  report (user_data);
}

static gboolean
on_timeout (gpointer user_data)
{
  BridgeErrand *errand = user_data;

  errand->timer_id = 0;
  bfy_transfer_cancel (errand->transfer);
  report (errand);
  return G_SOURCE_REMOVE;
}

BridgeErrand *
bridge_errand_new (Bridge *self, GBytes *line)
{
  BridgeErrand *errand = g_new0 (BridgeErrand, 1);

  errand->bridge = self;
  errand->message = bfy_transfer_new_post (self->remote, self->binding, line);
  return errand;
}

SoupMessage *
bridge_errand_get_message (BridgeErrand *errand)
{
  return errand->message;
}

void
bridge_errand_start (BridgeErrand *errand, BridgeErrandFunc func, gpointer user_data)
{
  static const BfyTransferEvents events = { NULL, on_text, on_end };

  errand->func = func;
  errand->user_data = user_data;
  errand->timer_id = g_timeout_add (ERRAND_MS, on_timeout, errand);
  errand->transfer = bfy_transfer_start (errand->bridge->remote, errand->message, &events, errand);
}

void
bridge_errand_free (BridgeErrand *errand)
{
  g_clear_handle_id (&errand->timer_id, g_source_remove);
  if (errand->transfer != NULL)
    bfy_transfer_cancel (errand->transfer);
  g_clear_pointer (&errand->transfer, bfy_transfer_unref);
  g_clear_pointer (&errand->response, g_bytes_unref);
  g_object_unref (errand->message);
  g_free (errand);
}

guint
bridge_errand_get_status (const BridgeErrand *errand)
{
  return bfy_transfer_get_status (errand->transfer);
}

const char *
bridge_errand_get_session_id (const BridgeErrand *errand)
{
  const char *id = bfy_transfer_get_header (errand->transfer, "Mcp-Session-Id");

  return id != NULL && bfy_mcp_header_is_token (id) ? id : NULL;
}

const char *
bridge_errand_get_response (const BridgeErrand *errand, gsize *length)
{
  return errand->response != NULL ? g_bytes_get_data (errand->response, length) : NULL;
}
