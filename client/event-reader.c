/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/event-reader.h"

#include "client/transfer.h"
#include "protocol/json.h"

typedef struct
{
  BfyCli *cli;
  BfyEventFunc func;
  gpointer user_data;
  GError *error; /* (owned) (nullable) */
} Reading;

/* One event, or what went wrong. */
static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  Reading *self = user_data;
  guint status = bfy_transfer_get_status (transfer);
  g_autoptr (JsonObject) event = NULL;

  if (!SOUP_STATUS_IS_SUCCESSFUL (status))
    {
      g_clear_error (&self->error);
      self->error = bfy_remote_error_from_body (status, text, length, &self->cli->hint);
      return;
    }
  event = bfy_json_parse_object (text, length, NULL);
  if (event != NULL)
    self->func (event, self->user_data);
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  Reading *self = user_data;

  if (error != NULL && self->error == NULL)
    self->error = g_error_copy (error);
  bfy_cli_wake (self->cli);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  bfy_transfer_abort (user_data);
}

gboolean
bfy_events_read (
    BfyCli *cli, const char *path, BfyEventFunc func, gpointer user_data, GError **error)
{
  static const BfyTransferEvents events = { NULL, on_text, on_end };
  Reading reading = { .cli = cli, .func = func, .user_data = user_data };
  g_autoptr (BfyTransfer) transfer = NULL;
  g_autoptr (SoupMessage) message = NULL;
  gulong cancel_id;

  if (bfy_cli_connect (cli, error) == NULL)
    return FALSE;
  message = bfy_remote_new_message (cli->remote, "GET", path);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "application/x-ndjson");
  transfer = bfy_transfer_start (cli->remote, message, &events, &reading);
  cancel_id = g_cancellable_connect (cli->cancellable, G_CALLBACK (on_cancelled), transfer, NULL);
  bfy_cli_wait (cli);
  g_cancellable_disconnect (cli->cancellable, cancel_id);
  if (reading.error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reading.error));

  return FALSE;
}
