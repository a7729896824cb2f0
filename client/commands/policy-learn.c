/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/age.h"
#include "client/commands/policy.h"
#include "client/policy-lesson.h"
#include "client/transfer.h"
#include "protocol/json.h"
#include "protocol/name.h"

#define SINCE_DEFAULT "7d"
#define EVENTS_MAX 10000

typedef struct
{
  BfyCli *cli;
  BfyPolicyLesson *lesson; /* borrowed */
  GError *error;           /* (owned) (nullable) */
} Learning;

/* One event, or what went wrong. */
static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  Learning *self = user_data;
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
    bfy_policy_lesson_take (self->lesson, event);
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  Learning *self = user_data;

  if (error != NULL && self->error == NULL)
    self->error = g_error_copy (error);
  bfy_cli_wake (self->cli);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  bfy_transfer_abort (user_data);
}

static gboolean
read_events (Learning *self, const char *name, gint64 since_ms, GError **error)
{
  static const BfyTransferEvents events = { NULL, on_text, on_end };
  BfyCli *cli = self->cli;
  g_autofree char *path = g_strdup_printf (
      "/v1/events?binding=%s&since_ms=%" G_GINT64_FORMAT "&limit=%d", name, since_ms, EVENTS_MAX);
  g_autoptr (BfyTransfer) transfer = NULL;
  g_autoptr (SoupMessage) message = NULL;
  gulong cancel_id;

  if (bfy_cli_connect (cli, error) == NULL)
    return FALSE;
  message = bfy_remote_new_message (cli->remote, "GET", path);
  soup_message_headers_replace (soup_message_get_request_headers (message), "Accept",
                                "application/x-ndjson");
  transfer = bfy_transfer_start (cli->remote, message, &events, self);
  cancel_id = g_cancellable_connect (cli->cancellable, G_CALLBACK (on_cancelled), transfer, NULL);
  bfy_cli_wait (cli);
  g_cancellable_disconnect (cli->cancellable, cancel_id);
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&self->error));

  return FALSE;
}

static gboolean
propose (BfyCli *cli, const char *name, BfyPolicyLesson *lesson, GError **error)
{
  g_auto (GStrv) notes = bfy_policy_lesson_notes (lesson);
  g_autoptr (JsonNode) node = NULL;

  for (guint i = 0; notes[i] != NULL; i++)
    bfy_cli_warn ("%s", notes[i]);
  if (bfy_policy_lesson_n_uses (lesson) == 0)
    {
      bfy_cli_set_hint (cli, "bindify log --binding %s", name);
      g_set_error (error, BFY_ERROR, BFY_ERROR_NOT_FOUND,
                   "The log says of no use of “%s” in that time", name);
      return FALSE;
    }
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, bfy_policy_lesson_propose (lesson));
  bfy_cli_print_json (node);

  return TRUE;
}

/* A name that is no binding's would only ever have no events. */
static gboolean
check_binding (BfyCli *cli, const char *name, GError **error)
{
  g_autoptr (JsonObject) reply = bfy_policy_call (cli, "GET", name, NULL, NULL, error);

  return reply != NULL;
}

gboolean
bfy_policy_learn (BfyCli *cli, GStrv words, GError **error)
{
  g_autofree char *since = NULL;
  const GOptionEntry entries[] = {
    { "since", 0, 0, G_OPTION_ARG_FILENAME, &since,
      "From what was done since then: 2h, 3d, a date (default: " SINCE_DEFAULT ")", "TIME" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  g_autoptr (BfyPolicyLesson) lesson = bfy_policy_lesson_new ();
  Learning learning = { .cli = cli, .lesson = lesson };
  gint64 since_ms;

  return others != NULL &&
         bfy_since_parse (since != NULL ? since : SINCE_DEFAULT, g_get_real_time () / 1000,
                          &since_ms, error) &&
         check_binding (cli, others[0], error) &&
         read_events (&learning, others[0], since_ms, error) &&
         propose (cli, others[0], lesson, error);
}
