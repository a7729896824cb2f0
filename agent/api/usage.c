/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What has been used of a binding, for its owner: the calls of this hour and day are those on
 * record, the rest stands against the limits at this moment. */

#include "agent/policy/usage.h"

#include "agent/api/api.h"

#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)
#define LOCAL_LABEL "local programs"

typedef struct
{
  BfyUsageCounts hour;
  BfyUsageCounts day;
} Sums;

static void
add_row (Sums *self, const BfyUsageRow *row, gint64 hour_s)
{
  bfy_usage_counts_add (&self->day, &row->counts);
  if (row->hour_s == hour_s)
    bfy_usage_counts_add (&self->hour, &row->counts);
}

static JsonObject *
describe_counts (const BfyUsageCounts *counts)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "calls", counts->n_calls);
  json_object_set_int_member (object, "refused", counts->n_refused);
  json_object_set_int_member (object, "failed", counts->n_failed);
  json_object_set_int_member (object, "bytes_up", counts->bytes_up);
  json_object_set_int_member (object, "bytes_down", counts->bytes_down);

  return object;
}

static JsonObject *
describe (const Sums *sums, const BfyQuota *quota, const BfyQuotaUse *use)
{
  JsonObject *object = json_object_new ();

  json_object_set_object_member (object, "hour", describe_counts (&sums->hour));
  json_object_set_object_member (object, "day", describe_counts (&sums->day));
  json_object_set_int_member (object, "open", use->n_open);
  json_object_set_object_member (object, "limits", bfy_quota_to_json (quota));
  json_object_set_object_member (object, "left", bfy_quota_left_to_json (quota, use));

  return object;
}

/* Of a client that has been removed meanwhile, the id is all that is left. */
static const char *
label_of (BfyAgent *agent, const char *client_id)
{
  BfyClient *client =
      *client_id != '\0' ? bfy_registry_find_client (agent->registry, client_id, NULL) : NULL;

  if (client != NULL)
    return client->label;

  return *client_id != '\0' ? client_id : LOCAL_LABEL;
}

static JsonArray *
describe_clients (BfyAgent *agent,
                  const BfyBinding *binding,
                  GHashTable *sums,
                  const BfyQuota *quota)
{
  JsonArray *array = json_array_new ();
  g_autoptr (GList) ids = g_list_sort (g_hash_table_get_keys (sums), (GCompareFunc) g_strcmp0);

  for (GList *item = ids; item != NULL; item = item->next)
    {
      const char *id = item->data;
      BfyQuotaUse use = bfy_usage_get (agent->usage, binding->id, id);
      JsonObject *object = describe (g_hash_table_lookup (sums, id), quota, &use);

      json_object_set_string_member (object, "label", label_of (agent, id));
      if (*id != '\0')
        json_object_set_string_member (object, "client_id", id);
      else
        json_object_set_null_member (object, "client_id");
      json_array_add_object_element (array, object);
    }

  return array;
}

/* @sums: client id → Sums, both borrowed from or owned by it. */
static void
add_up (GPtrArray *rows, Sums *all, GHashTable *sums, gint64 hour_s)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const BfyUsageRow *row = g_ptr_array_index (rows, i);
      Sums *of_client = g_hash_table_lookup (sums, row->client_id);

      if (of_client == NULL)
        {
          of_client = g_new0 (Sums, 1);
          g_hash_table_insert (sums, row->client_id, of_client);
        }
      add_row (of_client, row, hour_s);
      add_row (all, row, hour_s);
    }
}

JsonObject *
bfy_api_describe_usage (BfyAgent *agent, const BfyBinding *binding)
{
  static const BfyQuotas none = { 0 };
  const BfyQuotas *given = bfy_policy_get_quotas (binding->policy);
  const BfyQuotas *quotas = given != NULL ? given : &none;
  gint64 now_s = bfy_agent_now_s ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows =
      bfy_store_query_usage (agent->store, binding->id, now_s - now_s % DAY_S, &error);
  g_autoptr (GHashTable) sums = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  BfyQuotaUse use = bfy_usage_get (agent->usage, binding->id, NULL);
  Sums all = { 0 };
  JsonObject *object;

  if (rows != NULL)
    add_up (rows, &all, sums, now_s - now_s % HOUR_S);
  else
    g_warning ("What was used of “%s” cannot be read: %s", binding->name, error->message);
  object = describe (&all, &quotas->all, &use);
  json_object_set_array_member (object, "clients",
                                describe_clients (agent, binding, sums, &quotas->per_client));

  return object;
}
