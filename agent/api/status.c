/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <unistd.h>

#include "agent/api/api.h"
#include "agent/api/libraries.h"
#include "agent/lock/lock.h"
#include "bfy-config.h"

#define PROTOCOL_MIN 1
#define PROTOCOL_MAX 1

/* Collects the answers of all backends; the last one sends the reply. */
typedef struct
{
  BfyAgent *agent;     /* borrowed */
  BfyRequest *request; /* (owned) */
  JsonArray *keyrings; /* (owned) */
  guint n_left;
} Status;

static JsonObject *
describe_agent (BfyAgent *agent)
{
  JsonObject *object = json_object_new ();
  JsonArray *problems = json_array_new ();
  g_autoptr (GPtrArray) clients = bfy_registry_clients (agent->registry);
  const char *failure = bfy_store_get_event_failure (agent->store);

  for (guint i = 0; agent->problems != NULL && agent->problems[i] != NULL; i++)
    json_array_add_string_element (problems, agent->problems[i]);
  json_object_set_string_member (object, "version", BFY_VERSION);
  json_object_set_int_member (object, "protocol_min", PROTOCOL_MIN);
  json_object_set_int_member (object, "protocol_max", PROTOCOL_MAX);
  json_object_set_array_member (object, "features", json_array_new ());
  json_object_set_int_member (object, "pid", getpid ());
  json_object_set_string_member (object, "socket", agent->socket_path);
  json_object_set_int_member (object, "port", bfy_server_get_port (agent->server));
  json_object_set_int_member (object, "n_bindings", bfy_registry_n_bindings (agent->registry));
  json_object_set_int_member (object, "n_clients", clients->len);
  json_object_set_string_member (
      object, "state", bfy_lock_get_state (agent->lock) == BFY_LOCK_OPEN ? "unlocked" : "locked");
  json_object_set_object_member (object, "lock", bfy_lock_describe (agent->lock));
  json_object_set_boolean_member (object, "memory_locked", bfy_secret_memory_is_locked ());
  if (failure != NULL)
    json_object_set_string_member (object, "event_failure", failure);
  else
    json_object_set_null_member (object, "event_failure");
  json_object_set_array_member (object, "problems", problems);
  json_object_set_array_member (object, "libraries", bfy_api_describe_libraries ());
  json_object_set_int_member (object, "uptime_s",
                              (g_get_monotonic_time () - agent->started_at_us) / G_USEC_PER_SEC);

  return object;
}

static void
finish (Status *status)
{
  JsonObject *object = describe_agent (status->agent);

  bfy_agent_forget_if_locked (status->agent);
  json_object_set_array_member (object, "keyrings", g_steal_pointer (&status->keyrings));
  json_object_set_string_member (object, "preferred_keyring",
                                 bfy_keyrings_get_preferred (status->agent->keyrings));
  bfy_request_reply_json (status->request, 200, object);
  bfy_request_unref (status->request);
  g_free (status);
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Status *status = user_data;

  json_array_add_object_element (status->keyrings,
                                 bfy_api_describe_keyring (BFY_KEYRING (source), result, NULL));
  if (--status->n_left == 0)
    finish (status);
}

void
bfy_api_status (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  GPtrArray *keyrings = bfy_keyrings_list (agent->keyrings);
  Status *status = g_new0 (Status, 1);

  status->agent = agent;
  status->request = bfy_request_ref (request);
  status->keyrings = json_array_new ();
  status->n_left = keyrings->len;
  for (guint i = 0; i < keyrings->len; i++)
    bfy_keyring_check_async (g_ptr_array_index (keyrings, i), bfy_request_get_gone (request),
                             on_checked, status);
}
