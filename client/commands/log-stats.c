/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* `bindify log stats`: what the uses on record add up to, for each binding. */

#include <langinfo.h>
#include <string.h>

#include "client/age.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/sparkline.h"
#include "client/table.h"
#include "client/transfer.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/timestamp.h"

#define EVENTS_MAX 10000 /* as many as the agent gives at once */
#define SINCE_DEFAULT "24h"
#define SLOTS 24

typedef struct
{
  char *name; /* (owned) */
  gint64 n_calls, n_refused, n_failed;
  gint64 bytes;
  gint64 duration_ms;
  gint64 last_ms;
  gint64 slots[SLOTS];
} Use;

typedef struct
{
  BfyCli *cli;
  char *binding; /* (owned) (nullable) */
  char *since;   /* (owned) (nullable) as typed */
  gint64 since_ms, now_ms;
  gint64 slot_ms;
  GPtrArray *uses;     /* (owned) (element-type Use) by first use */
  GHashTable *by_name; /* (owned) (element-type utf8 Use) */
  guint n_events;
  GError *error; /* (owned) (nullable) */
} Stats;

static void
use_free (gpointer data)
{
  Use *self = data;

  g_free (self->name);
  g_free (self);
}

static Use *
find_use (Stats *self, const char *name)
{
  Use *use = g_hash_table_lookup (self->by_name, name);

  if (use != NULL)
    return use;

  use = g_new0 (Use, 1);
  use->name = g_strdup (name);
  g_ptr_array_add (self->uses, use);
  g_hash_table_insert (self->by_name, use->name, use);
  return use;
}

/* Refused by us; failed is what the service, or the way to it, made of the rest. */
static void
count (Stats *self, JsonObject *event)
{
  const char *outcome = bfy_field_text (event, "outcome");
  gint64 time_ms = bfy_time_ms_from_text (bfy_field_text (event, "time"));
  gint64 slot = (time_ms - self->since_ms) / self->slot_ms;
  Use *use;

  self->n_events++;
  if (strcmp (bfy_field_text (event, "type"), "proxy_request") != 0)
    return;

  use = find_use (self, bfy_field_text (event, "binding"));
  use->n_calls++;
  use->n_refused += strcmp (outcome, "blocked") == 0;
  use->n_failed += strcmp (outcome, "failure") == 0;
  use->bytes += bfy_field_int (event, "bytes_up") + bfy_field_int (event, "bytes_down");
  use->duration_ms += bfy_field_int (event, "duration_ms");
  use->last_ms = MAX (use->last_ms, time_ms);
  if (slot >= 0)
    use->slots[MIN (slot, SLOTS - 1)]++;
}

static void
on_text (BfyTransfer *transfer, const char *text, gsize length, gpointer user_data)
{
  Stats *self = user_data;
  g_autoptr (JsonObject) event = NULL;

  if (!SOUP_STATUS_IS_SUCCESSFUL (bfy_transfer_get_status (transfer)))
    {
      g_clear_error (&self->error);
      self->error = bfy_remote_error_from_body (bfy_transfer_get_status (transfer), text, length,
                                                &self->cli->hint);
      return;
    }

  event = bfy_json_parse_object (text, length, NULL);
  if (event != NULL)
    count (self, event);
}

static void
on_end (BfyTransfer *transfer, const GError *error, gpointer user_data)
{
  Stats *self = user_data;

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
fetch (Stats *self, GError **error)
{
  static const BfyTransferEvents events = { NULL, on_text, on_end };
  BfyCli *cli = self->cli;
  g_autofree char *path = g_strdup_printf (
      "/v1/events?limit=%d&since_ms=%" G_GINT64_FORMAT "%s%s", EVENTS_MAX, MAX (self->since_ms, 0),
      self->binding != NULL ? "&binding=" : "", self->binding != NULL ? self->binding : "");
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

  if (cli->hint == NULL && bfy_error_code (self->error) == BFY_ERROR_NO_AGENT)
    cli->hint = bfy_error_format_hint (BFY_ERROR_NO_AGENT, NULL);
  g_propagate_error (error, g_steal_pointer (&self->error));
  return FALSE;
}

static void
add_row (Stats *self, BfyTable *table, const Use *use)
{
  gboolean is_utf8 = g_strcmp0 (nl_langinfo (CODESET), "UTF-8") == 0;
  gint64 n_sent = MAX (use->n_calls - use->n_refused, 1);
  g_autofree char *n_calls = g_strdup_printf ("%" G_GINT64_FORMAT, use->n_calls);
  g_autofree char *n_refused = g_strdup_printf ("%" G_GINT64_FORMAT, use->n_refused);
  g_autofree char *n_failed = g_strdup_printf ("%" G_GINT64_FORMAT, use->n_failed);
  g_autofree char *bytes = g_format_size ((guint64) use->bytes);
  g_autofree char *mean = g_strdup_printf ("%" G_GINT64_FORMAT " ms", use->duration_ms / n_sent);
  g_autofree char *last = bfy_age_format (use->last_ms / 1000, self->now_ms / 1000);
  g_autofree char *line = bfy_sparkline_format (use->slots, SLOTS, is_utf8);
  const char *cells[] = { use->name, n_calls, n_refused, n_failed, bytes, mean, last, line };

  bfy_table_add_row (table, cells);
}

static void
print_table (Stats *self)
{
  static const char *const headings[] = { "BINDING", "CALLS", "REFUSED",  "FAILED", "BYTES",
                                          "MEAN",    "LAST",  "ACTIVITY", NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_autofree char *text = NULL;
  g_autofree char *slot = bfy_span_format (self->slot_ms / 1000);

  for (guint i = 0; i < self->uses->len; i++)
    add_row (self, table, g_ptr_array_index (self->uses, i));
  text = bfy_table_format (table);
  bfy_cli_print ("%s", self->uses->len > 0 ? text : "Nothing was used in this time.\n");
  if (self->uses->len > 0)
    bfy_cli_print ("\nOne mark of the activity is %s.\n", slot);
  if (self->n_events >= EVENTS_MAX)
    bfy_cli_print ("Only the newest %d events were counted.\n", EVENTS_MAX);
}

static void
print_json (Stats *self)
{
  JsonArray *list = json_array_new ();
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; i < self->uses->len; i++)
    {
      const Use *use = g_ptr_array_index (self->uses, i);
      JsonObject *object = json_object_new ();
      JsonArray *slots = json_array_new ();
      g_autofree char *last = bfy_time_ms_to_text (use->last_ms);

      json_object_set_string_member (object, "binding", use->name);
      json_object_set_int_member (object, "calls", use->n_calls);
      json_object_set_int_member (object, "refused", use->n_refused);
      json_object_set_int_member (object, "failed", use->n_failed);
      json_object_set_int_member (object, "bytes", use->bytes);
      json_object_set_int_member (object, "duration_ms", use->duration_ms);
      json_object_set_string_member (object, "last", last != NULL ? last : "");
      for (guint slot = 0; slot < SLOTS; slot++)
        json_array_add_int_element (slots, use->slots[slot]);
      json_object_set_array_member (object, "activity", slots);
      json_array_add_object_element (list, object);
    }
  json_node_take_array (node, list);
  bfy_cli_print_json (node);
}

static gboolean
run (Stats *self, GError **error)
{
  const char *since = self->since != NULL ? self->since : SINCE_DEFAULT;

  self->now_ms = g_get_real_time () / 1000;
  if ((self->binding != NULL && !bfy_name_check (self->binding, error)) ||
      !bfy_since_parse (since, self->now_ms, &self->since_ms, error))
    return FALSE;
  self->slot_ms = MAX ((self->now_ms - self->since_ms + SLOTS - 1) / SLOTS, 1);
  if (!fetch (self, error))
    return FALSE;

  if (self->cli->is_json)
    print_json (self);
  else
    print_table (self);
  return TRUE;
}

gboolean
bfy_command_log_stats (BfyCli *cli, GStrv words, GError **error)
{
  Stats self = { .cli = cli };
  const GOptionEntry entries[] = {
    { "binding", 0, 0, G_OPTION_ARG_FILENAME, &self.binding, "Only this binding", "NAME" },
    { "since", 0, 0, G_OPTION_ARG_FILENAME, &self.since,
      "From then on: 15m, 2h, 3d, or a date and time (default: " SINCE_DEFAULT ")", "TIME" },
    G_OPTION_ENTRY_NULL,
  };
  g_auto (GStrv) others = bfy_cli_parse (cli, entries, words, error);
  gboolean is_ok = FALSE;

  self.uses = g_ptr_array_new_with_free_func (use_free);
  self.by_name = g_hash_table_new (g_str_hash, g_str_equal);
  if (others != NULL)
    {
      if (others[0] != NULL && self.binding == NULL)
        self.binding = g_strdup (others[0]);
      is_ok = run (&self, error);
    }

  g_hash_table_unref (self.by_name);
  g_ptr_array_unref (self.uses);
  g_clear_error (&self.error);
  g_free (self.binding);
  g_free (self.since);
  return is_ok;
}
