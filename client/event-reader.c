/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/event-reader.h"

#include <glib/gi18n-lib.h>

#include "client/transfer.h"
#include "protocol/json.h"

#define PAUSE_MS 250                      /* before the agent is asked again */
#define PATIENCE_US (20 * G_USEC_PER_SEC) /* with an agent that has gone */

typedef struct
{
  BfyCli *cli;
  BfyEventFunc func;
  gpointer user_data;
  char *last_id;        /* (owned) (nullable) of the last event that was told */
  gboolean has_begun;   /* it has answered well at least once */
  gboolean was_dropped; /* the last time, as too slow */
  gboolean was_refused; /* the last time, by the agent's own word */
  gboolean has_enough;  /* the func */
  gint64 gone_since_us; /* 0: it is there */
  GError *error;        /* (owned) (nullable) of the last time */
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
      self->was_refused = TRUE;
      return;
    }
  if (g_strcmp0 (bfy_transfer_get_event_type (transfer), "dropped") == 0)
    {
      self->was_dropped = TRUE;
      return;
    }
  g_free (self->last_id);
  self->last_id = g_strdup (bfy_transfer_get_last_event_id (transfer));
  event = bfy_json_parse_object (text, length, NULL);
  if (event != NULL && !self->has_enough && !self->func (event, self->user_data))
    {
      self->has_enough = TRUE;
      bfy_transfer_abort (transfer);
    }
}

static void
on_head (BfyTransfer *transfer, gpointer user_data)
{
  Reading *self = user_data;

  if (!SOUP_STATUS_IS_SUCCESSFUL (bfy_transfer_get_status (transfer)))
    return;
  self->has_begun = TRUE;
  self->gone_since_us = 0;
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

static void
read_once (Reading *self, const char *path, const char *accept)
{
  static const BfyTransferEvents events = { on_head, on_text, on_end };
  BfyCli *cli = self->cli;
  g_autoptr (SoupMessage) message = bfy_remote_new_message (cli->remote, "GET", path);
  SoupMessageHeaders *headers = soup_message_get_request_headers (message);
  g_autoptr (BfyTransfer) transfer = NULL;
  gulong cancel_id;

  g_clear_error (&self->error);
  self->was_dropped = FALSE;
  soup_message_headers_replace (headers, "Accept", accept);
  if (self->last_id != NULL)
    soup_message_headers_replace (headers, "Last-Event-ID", self->last_id);
  transfer = bfy_transfer_start (cli->remote, message, &events, self);
  cancel_id = g_cancellable_connect (cli->cancellable, G_CALLBACK (on_cancelled), transfer, NULL);
  bfy_cli_wait (cli);
  g_cancellable_disconnect (cli->cancellable, cancel_id);
}

gboolean
bfy_events_read (
    BfyCli *cli, const char *path, BfyEventFunc func, gpointer user_data, GError **error)
{
  Reading reading = { .cli = cli, .func = func, .user_data = user_data };

  if (bfy_cli_connect (cli, error) == NULL)
    return FALSE;
  read_once (&reading, path, "application/x-ndjson");
  g_free (reading.last_id);
  if (reading.error == NULL || reading.has_enough)
    {
      g_clear_error (&reading.error);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&reading.error));

  return FALSE;
}

static gboolean
on_pause_over (gpointer user_data)
{
  bfy_cli_wake (user_data);

  return G_SOURCE_CONTINUE;
}

static void
on_pause_cancelled (GCancellable *cancellable, gpointer user_data)
{
  bfy_cli_wake (user_data);
}

static void
pause_a_little (BfyCli *cli)
{
  guint timer_id = g_timeout_add (PAUSE_MS, on_pause_over, cli);
  gulong cancel_id =
      g_cancellable_connect (cli->cancellable, G_CALLBACK (on_pause_cancelled), cli, NULL);

  bfy_cli_wait (cli);
  g_cancellable_disconnect (cli->cancellable, cancel_id);
  g_source_remove (timer_id);
}

/* Says once what has happened. */
static gboolean
is_worth_a_try (Reading *self)
{
  if (!self->has_begun || self->was_refused || g_cancellable_is_cancelled (self->cli->cancellable))
    return FALSE;
  if (self->was_dropped)
    {
      bfy_cli_warn (_ ("What happens was not read fast enough; going on where it stopped."));
      return TRUE;
    }
  if (self->gone_since_us != 0)
    return g_get_monotonic_time () - self->gone_since_us < PATIENCE_US;

  bfy_cli_warn (_ ("The agent has gone; waiting for it to come back."));
  self->gone_since_us = g_get_monotonic_time ();

  return TRUE;
}

gboolean
bfy_events_follow (
    BfyCli *cli, const char *path, BfyEventFunc func, gpointer user_data, GError **error)
{
  Reading reading = { .cli = cli, .func = func, .user_data = user_data };

  if (bfy_cli_connect (cli, error) == NULL)
    return FALSE;
  read_once (&reading, path, "text/event-stream");
  while (!reading.has_enough && is_worth_a_try (&reading))
    {
      pause_a_little (cli);
      if (!g_cancellable_is_cancelled (cli->cancellable))
        read_once (&reading, path, "text/event-stream");
    }
  g_free (reading.last_id);
  if (reading.has_enough)
    {
      g_clear_error (&reading.error);
      return TRUE;
    }
  if (reading.error == NULL)
    g_set_error_literal (&reading.error, BFY_ERROR, BFY_ERROR_NO_AGENT,
                         _ ("The agent has gone and did not come back"));
  g_propagate_error (error, g_steal_pointer (&reading.error));

  return FALSE;
}
