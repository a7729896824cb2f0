/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Whether the records are as they were written. The walk is made in small steps, behind everything
 * else that the agent has to do, and goes on while events come. */

#include "agent/api/api.h"
#include "protocol/event-chain.h"
#include "protocol/json.h"
#include "protocol/timestamp.h"

#define HEADS_MAX 10000

typedef struct
{
  BfyRequest *request;   /* (owned) */
  BfyRegistry *registry; /* (owned) */
  BfyVerify *walk;       /* (owned) */
} Work;

static void
work_free (gpointer data)
{
  Work *self = data;

  bfy_verify_free (self->walk);
  g_object_unref (self->registry);
  bfy_request_unref (self->request);
  g_free (self);
}

static void
set_time (JsonObject *object, const char *name, gint64 time_ms)
{
  g_autofree char *text = time_ms > 0 ? bfy_time_ms_to_text (time_ms) : NULL;

  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

/* What it is called now, or was called when it was there. */
static const char *
find_name (Work *self, const BfyChainReport *report)
{
  const BfyBinding *binding = bfy_registry_find_by_id (self->registry, report->chain);

  return binding != NULL ? binding->name : report->binding;
}

static JsonObject *
describe (Work *self, const BfyChainReport *report)
{
  const BfyChainWalk *walk = &report->walk;
  JsonObject *object = json_object_new ();
  JsonObject *head = json_object_new ();
  g_autofree char *hash = bfy_event_hash_to_text (walk->head.hash);
  const char *name = find_name (self, report);

  json_object_set_string_member (object, "chain", report->chain);
  if (name != NULL)
    json_object_set_string_member (object, "binding", name);
  json_object_set_int_member (object, "events", walk->n_events);
  set_time (object, "first", walk->first_ms);
  set_time (object, "last", walk->last_ms);
  json_object_set_string_member (object, "state", bfy_chain_state_to_wire (walk->state));
  if (walk->where > 0)
    json_object_set_int_member (object, "sequence", walk->where);
  json_object_set_int_member (head, "sequence", walk->head.sequence);
  json_object_set_string_member (head, "hash", hash);
  json_object_set_object_member (object, "head", head);

  return object;
}

static void
reply (Work *self)
{
  GPtrArray *reports = bfy_verify_get_reports (self->walk);
  JsonObject *object = json_object_new ();
  JsonArray *chains = json_array_new ();
  gboolean is_ok = TRUE;

  for (guint i = 0; i < reports->len; i++)
    {
      const BfyChainReport *report = g_ptr_array_index (reports, i);

      is_ok = is_ok && report->walk.state == BFY_CHAIN_OK;
      json_array_add_object_element (chains, describe (self, report));
    }
  json_object_set_boolean_member (object, "ok", is_ok);
  json_object_set_array_member (object, "chains", chains);
  json_object_set_int_member (object, "unhashed", bfy_verify_get_n_unhashed (self->walk));
  bfy_request_reply_json (self->request, 200, object);
}

static gboolean
on_step (gpointer user_data)
{
  Work *self = user_data;
  gboolean has_more;
  GError *error = NULL;

  if (bfy_request_is_over (self->request))
    return G_SOURCE_REMOVE;
  if (!bfy_verify_step (self->walk, &has_more, &error))
    {
      bfy_api_fail (self->request, error, NULL);
      return G_SOURCE_REMOVE;
    }
  if (has_more)
    return G_SOURCE_CONTINUE;

  reply (self);

  return G_SOURCE_REMOVE;
}

static BfyKeptHead *
read_head (JsonObject *object, GError **error)
{
  g_autoptr (BfyKeptHead) kept = g_new0 (BfyKeptHead, 1);
  const char *chain = NULL;
  const char *hash = NULL;

  if (!bfy_json_get_string (object, "chain", &chain, error) ||
      !bfy_json_get_string (object, "hash", &hash, error) ||
      !bfy_json_get_int (object, "sequence", &kept->head.sequence, error))
    return NULL;
  if (chain == NULL || kept->head.sequence < 1 || !bfy_event_hash_from_text (hash, kept->head.hash))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                           "Each head has a chain, a sequence from 1 on and a hash of 64 "
                           "hexadecimal digits");
      return NULL;
    }
  kept->chain = g_strdup (chain);

  return g_steal_pointer (&kept);
}

static GPtrArray *
read_heads (BfyRequest *request, GError **error)
{
  g_autoptr (GPtrArray) heads =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_kept_head_free);
  g_autoptr (JsonObject) body = NULL;
  JsonArray *list = NULL;

  if (g_bytes_get_size (bfy_request_get_body (request)) == 0)
    return g_steal_pointer (&heads);
  body = bfy_api_read_body (request, error);
  if (body == NULL || !bfy_json_get_array (body, "heads", &list, error))
    return NULL;

  for (guint i = 0; list != NULL && i < MIN (json_array_get_length (list), HEADS_MAX); i++)
    {
      JsonNode *node = json_array_get_element (list, i);
      BfyKeptHead *head = NULL;

      if (!JSON_NODE_HOLDS_OBJECT (node))
        {
          g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "heads holds objects");
          return NULL;
        }
      head = read_head (json_node_get_object (node), error);
      if (head == NULL)
        return NULL;
      g_ptr_array_add (heads, head);
    }

  return g_steal_pointer (&heads);
}

void
bfy_api_verify_events (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) heads = read_heads (request, &error);
  BfyVerify *walk = heads != NULL ? bfy_verify_new (agent->store, heads, &error) : NULL;
  Work *work;

  if (walk == NULL)
    {
      bfy_api_fail (request, error, NULL);
      return;
    }

  work = g_new0 (Work, 1);
  work->request = bfy_request_ref (request);
  work->registry = g_object_ref (agent->registry);
  work->walk = walk;
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_step, work, work_free);
}
