/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What was used of each binding over time, hour by hour or day by day: the sums that the store
 * keeps, which outlive the events. */

#include "agent/api/api.h"
#include "agent/store/store-usage.h"
#include "protocol/timestamp.h"

#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)

/* All clients of one binding together, in one hour or day. */
typedef struct
{
  const BfyBinding *binding; /* borrowed */
  gint64 start_s;
  BfyUsageCounts counts;
} Span;

/* What is asked for. */
typedef struct
{
  char *binding_id; /* (owned) (nullable) NULL: all */
  gint64 since_s;
  gint64 step_s;
} Wish;

static void
wish_clear (Wish *self)
{
  g_free (self->binding_id);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wish, wish_clear)

static Span *
find_span (GPtrArray *spans, GHashTable *newest, BfyBinding *binding, gint64 start_s)
{
  Span *span = g_hash_table_lookup (newest, binding);

  if (span != NULL && span->start_s == start_s)
    return span;

  span = g_new0 (Span, 1);
  span->binding = binding;
  span->start_s = start_s;
  g_ptr_array_add (spans, span);
  g_hash_table_insert (newest, binding, span);

  return span;
}

/* Rows come oldest first, so the newest span of a binding is the only one that can grow. Of a
 * binding that is being removed there may be rows left: they have no name any more.
 * (transfer full) (element-type Span) */
static GPtrArray *
add_up (BfyAgent *agent, GPtrArray *rows, gint64 step_s)
{
  GPtrArray *spans = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) newest = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      const BfyUsageRow *row = g_ptr_array_index (rows, i);
      BfyBinding *binding = bfy_registry_find_by_id (agent->registry, row->binding_id);
      Span *span;

      if (binding == NULL)
        continue;
      span = find_span (spans, newest, binding, row->hour_s - row->hour_s % step_s);
      bfy_usage_counts_add (&span->counts, &row->counts);
    }

  return spans;
}

static JsonObject *
describe_span (const Span *span)
{
  JsonObject *object = json_object_new ();
  g_autofree char *time = bfy_time_to_text (span->start_s);

  json_object_set_string_member (object, "binding", span->binding->name);
  json_object_set_string_member (object, "time", time);
  json_object_set_int_member (object, "calls", span->counts.n_calls);
  json_object_set_int_member (object, "refused", span->counts.n_refused);
  json_object_set_int_member (object, "failed", span->counts.n_failed);
  json_object_set_int_member (object, "bytes_up", span->counts.bytes_up);
  json_object_set_int_member (object, "bytes_down", span->counts.bytes_down);
  json_object_set_int_member (object, "duration_ms", span->counts.duration_ms);

  return object;
}

static void
reply (BfyAgent *agent, BfyRequest *request, GPtrArray *rows, gint64 step_s)
{
  g_autoptr (GPtrArray) spans = add_up (agent, rows, step_s);
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < spans->len; i++)
    json_array_add_object_element (array, describe_span (g_ptr_array_index (spans, i)));
  json_object_set_array_member (object, "usage", array);
  json_object_set_boolean_member (object, "is_cut", rows->len >= BFY_STORE_USAGE_ROWS_MAX);
  bfy_request_reply_json (request, 200, object);
}

static gboolean
read_step (const char *by, gint64 *step_s, GError **error)
{
  if (by == NULL || g_str_equal (by, "hour"))
    *step_s = HOUR_S;
  else if (g_str_equal (by, "day"))
    *step_s = DAY_S;
  else
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "by is hour or day");
      return FALSE;
    }

  return TRUE;
}

/* Whole hours or days: the first one is not half a one. */
static gboolean
read_since (const char *text, Wish *wish, GError **error)
{
  gint64 since_ms = 0;

  if (text != NULL && !g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &since_ms, NULL))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "since_ms is a whole number");
      return FALSE;
    }
  wish->since_s = since_ms / 1000;
  wish->since_s -= wish->since_s % wish->step_s;

  return TRUE;
}

void
bfy_api_show_usage (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_autofree char *name = bfy_api_get_parameter (request, "binding");
  g_autofree char *since = bfy_api_get_parameter (request, "since_ms");
  g_autofree char *by = bfy_api_get_parameter (request, "by");
  BfyBinding *binding = name != NULL ? bfy_api_find_binding (agent, request, name) : NULL;
  g_auto (Wish) wish = { .binding_id = binding != NULL ? g_strdup (binding->id) : NULL };
  g_autoptr (GPtrArray) rows = NULL;
  GError *error = NULL;

  if (name != NULL && binding == NULL)
    return;
  if (read_step (by, &wish.step_s, &error) && read_since (since, &wish, &error))
    rows = bfy_store_query_usage (agent->store, wish.binding_id, wish.since_s, &error);

  if (rows == NULL)
    bfy_api_fail (request, error, NULL);
  else
    reply (agent, request, rows, wish.step_s);
}
