/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "tray/window/history.h"

#include "client/transfer.h"
#include "protocol/json.h"

struct _BfyHistory
{
  BfyTransfer *transfer; /* (owned) */
  GError *refusal;       /* (owned) (nullable) the agent’s own word */
  BfyHistoryFunc func;
  gpointer user_data;
};

static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  BfyHistory *self = user_data;
  guint status = bfy_transfer_get_status (transfer);
  g_autoptr (JsonObject) event = NULL;

  if (!SOUP_STATUS_IS_SUCCESSFUL (status))
    {
      g_clear_error (&self->refusal);
      self->refusal = bfy_remote_error_from_body (status, text, length, NULL);
      return;
    }
  event = bfy_json_parse_object (text, length, NULL);
  if (event != NULL)
    self->func (event, NULL, self->user_data);
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  BfyHistory *self = user_data;

  self->func (NULL, error != NULL ? error : self->refusal, self->user_data);
}

BfyHistory *
bfy_history_read (BfyAgentLink *link, const char *path, BfyHistoryFunc func, gpointer user_data)
{
  static const BfyTransferEvents events = { NULL, on_text, on_end };
  BfyHistory *self = g_new0 (BfyHistory, 1);
  BfyRemote *remote = bfy_agent_link_get_remote (link);
  g_autoptr (SoupMessage) message = bfy_remote_new_message (remote, "GET", path);

  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "application/x-ndjson");
  self->func = func;
  self->user_data = user_data;
  self->transfer = bfy_transfer_start (remote, message, &events, self);

  return self;
}

void
bfy_history_free (BfyHistory *self)
{
  bfy_transfer_cancel (self->transfer);
  bfy_transfer_unref (self->transfer);
  g_clear_error (&self->refusal);
  g_free (self);
}
