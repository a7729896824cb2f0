/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* `bindify log stats`: how much was used of each binding, and when, by the sums that the agent
 * keeps of hours. */

#include <glib/gi18n-lib.h>
#include <langinfo.h>
#include <string.h>

#include "client/age.h"
#include "client/commands/commands.h"
#include "client/fields.h"
#include "client/sparkline.h"
#include "client/table.h"
#include "protocol/json.h"
#include "protocol/name.h"
#include "protocol/timestamp.h"

#define SINCE_DEFAULT "24h" /* the option says it, too */
#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)
#define BY_HOUR_S_MAX (48 * HOUR_S) /* a longer time is shown in days */
#define SINCE_DAYS_MAX 400          /* as long as the agent keeps them */
#define SLOTS_MAX 60

typedef struct
{
  char *name; /* (owned) */
  gint64 n_calls, n_refused, n_failed;
  gint64 bytes;
  gint64 duration_ms;
  gint64 slots[SLOTS_MAX];
} Use;

typedef struct
{
  BfyCli *cli;
  char *binding; /* (owned) (nullable) */
  char *since;   /* (owned) (nullable) as typed */
  gint64 since_s, now_s;
  gint64 step_s; /* an hour or a day, as the agent adds up */
  gint64 slot_s; /* one or several of them */
  guint n_slots;
  GPtrArray *uses;     /* (owned) (element-type Use) by first use */
  GHashTable *by_name; /* (owned) (element-type utf8 Use) */
  gboolean is_cut;
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

/* Never beyond what a number holds, whatever the agent says. */
static void
add (gint64 *sum, gint64 more)
{
  *sum += CLAMP (more, 0, G_MAXINT64 - *sum);
}

static void
count (Stats *self, JsonObject *span)
{
  gint64 time_s = bfy_time_from_text (bfy_field_text (span, "time"));
  gint64 n_calls = bfy_field_int (span, "calls");
  gint64 n_refused = bfy_field_int (span, "refused");
  gint64 slot = (time_s - self->since_s) / self->slot_s;
  Use *use = find_use (self, bfy_field_text (span, "binding"));

  add (&use->n_calls, n_calls);
  add (&use->n_refused, n_refused);
  add (&use->n_failed, bfy_field_int (span, "failed"));
  add (&use->bytes, bfy_field_int (span, "bytes_up"));
  add (&use->bytes, bfy_field_int (span, "bytes_down"));
  add (&use->duration_ms, bfy_field_int (span, "duration_ms"));
  if (time_s < self->since_s || slot >= self->n_slots)
    return;
  add (&use->slots[slot], n_calls);
  add (&use->slots[slot], n_refused);
}

static gboolean
fetch (Stats *self, GError **error)
{
  g_autofree char *path = g_strdup_printf (
      "/v1/usage?by=%s&since_ms=%" G_GINT64_FORMAT "%s%s", self->step_s == DAY_S ? "day" : "hour",
      self->since_s * 1000, self->binding != NULL ? "&binding=" : "",
      self->binding != NULL ? self->binding : "");
  g_autoptr (JsonObject) reply = bfy_cli_call (self->cli, "GET", path, NULL, error);

  if (reply == NULL)
    return FALSE;
  for (guint i = 0; i < bfy_field_count (reply, "usage"); i++)
    count (self, bfy_field_nth (reply, "usage", i));
  self->is_cut = bfy_field_boolean (reply, "is_cut");

  return TRUE;
}

static void
add_row (Stats *self, BfyTable *table, const Use *use)
{
  gboolean is_utf8 = g_strcmp0 (nl_langinfo (CODESET), "UTF-8") == 0;
  g_autofree char *n_calls = g_strdup_printf ("%" G_GINT64_FORMAT, use->n_calls);
  g_autofree char *n_refused = g_strdup_printf ("%" G_GINT64_FORMAT, use->n_refused);
  g_autofree char *n_failed = g_strdup_printf ("%" G_GINT64_FORMAT, use->n_failed);
  g_autofree char *bytes = g_format_size ((guint64) use->bytes);
  g_autofree char *mean =
      g_strdup_printf (_ ("%lu ms"), (gulong) MAX (use->duration_ms / MAX (use->n_calls, 1), 0));
  g_autofree char *line = bfy_sparkline_format (use->slots, self->n_slots, is_utf8);
  const char *cells[] = { use->name, n_calls, n_refused, n_failed, bytes, mean, line };

  bfy_table_add_row (table, cells);
}

static void
print_table (Stats *self)
{
  static const char *const headings[] = { NC_ ("column", "BINDING"),  NC_ ("column", "CALLS"),
                                          NC_ ("column", "REFUSED"),  NC_ ("column", "FAILED"),
                                          NC_ ("column", "BYTES"),    NC_ ("column", "MEAN"),
                                          NC_ ("column", "ACTIVITY"), NULL };
  g_autoptr (BfyTable) table = bfy_table_new (headings);
  g_autofree char *text = NULL;
  g_autofree char *slot = bfy_span_format (self->slot_s);

  for (guint i = 0; i < self->uses->len; i++)
    add_row (self, table, g_ptr_array_index (self->uses, i));
  text = bfy_table_format (table);
  bfy_cli_print ("%s", self->uses->len > 0 ? text : _ ("Nothing was used in this time.\n"));
  if (self->uses->len > 0)
    bfy_cli_print (_ ("\nOne mark of the activity is %s.\n"), slot);
  if (self->is_cut)
    bfy_cli_print (_ ("There is more than could be counted; --binding or a later --since shows all "
                      "of it.\n"));
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

      json_object_set_string_member (object, "binding", use->name);
      json_object_set_int_member (object, "calls", use->n_calls);
      json_object_set_int_member (object, "refused", use->n_refused);
      json_object_set_int_member (object, "failed", use->n_failed);
      json_object_set_int_member (object, "bytes", use->bytes);
      json_object_set_int_member (object, "duration_ms", use->duration_ms);
      for (guint slot = 0; slot < self->n_slots; slot++)
        json_array_add_int_element (slots, use->slots[slot]);
      json_object_set_array_member (object, "activity", slots);
      json_array_add_object_element (list, object);
    }
  json_node_take_array (node, list);
  bfy_cli_print_json (node);
}

/* Whole hours, or whole days in UTC, the current one among them. */
static gboolean
plan (Stats *self, GError **error)
{
  const char *since = self->since != NULL ? self->since : SINCE_DEFAULT;
  gint64 since_ms, n_steps, per_slot;

  self->now_s = g_get_real_time () / G_USEC_PER_SEC;
  if (!bfy_since_parse (since, self->now_s * 1000, &since_ms, error))
    return FALSE;
  self->since_s = CLAMP (since_ms / 1000, self->now_s - SINCE_DAYS_MAX * DAY_S, self->now_s);
  self->step_s = self->now_s - self->since_s > BY_HOUR_S_MAX ? DAY_S : HOUR_S;
  self->since_s -= self->since_s % self->step_s;
  n_steps = (self->now_s - self->since_s) / self->step_s + 1;
  per_slot = (n_steps + SLOTS_MAX - 1) / SLOTS_MAX;
  self->slot_s = self->step_s * per_slot;
  self->n_slots = (guint) ((n_steps + per_slot - 1) / per_slot);

  return TRUE;
}

static gboolean
run (Stats *self, GError **error)
{
  if ((self->binding != NULL && !bfy_name_check (self->binding, error)) || !plan (self, error) ||
      !fetch (self, error))
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
    { "binding", 0, 0, G_OPTION_ARG_FILENAME, &self.binding, N_ ("Only this binding"), "NAME" },
    { "since", 0, 0, G_OPTION_ARG_FILENAME, &self.since,
      N_ ("From then on: 15m, 2h, 3d, or a date and time (default: 24h)"), "TIME" },
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
  g_free (self.binding);
  g_free (self.since);
  return is_ok;
}
