/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The call that a session is: credential, connection, sign-in, and then bytes both ways until one
 * side has had enough. The audit record has one event about it, with what has gone by. */

#include "agent/database/relay-open.h"
#include "agent/database/relay-private.h"
#include "agent/database/relay-pump.h"
#include "agent/database/relay-sign-in.h"
#include "agent/errand.h"
#include "agent/proxy/quota-gate.h"
#include "protocol/error.h"
#include "protocol/pg-wire.h"

struct _BfyRelayCall
{
  BfyAgent *agent;        /* borrowed */
  BfyRequest *request;    /* (owned) */
  BfyBinding *binding;    /* (owned) */
  BfyRelayClient *client; /* borrowed (nullable) once it has gone */
  BfyErrand errand;       /* until bytes go */
  gboolean has_errand;
  GTask *task;        /* borrowed */
  GIOStream *server;  /* (owned) (nullable) */
  BfyRelayPump *pump; /* (owned) (nullable) */
  GSource *gone;      /* (owned) (nullable) while bytes go */
  gint64 begun_us;
  gboolean has_recorded;
};

static void
call_free (gpointer data)
{
  BfyRelayCall *self = data;

  if (self->client != NULL)
    self->client->call = NULL;
  if (self->has_errand)
    bfy_errand_clear (&self->errand);
  if (self->gone != NULL)
    g_source_destroy (self->gone);
  g_clear_pointer (&self->gone, g_source_unref);
  g_clear_pointer (&self->pump, bfy_relay_pump_free);
  g_clear_object (&self->server);
  bfy_request_unref (self->request);
  bfy_binding_unref (self->binding);
  g_free (self);
}

void
bfy_relay_call_forget_client (BfyRelayCall *self)
{
  self->client = NULL;
  if (self->pump != NULL)
    bfy_relay_pump_end (self->pump);
}

static void
fail (BfyRelayCall *self, GError *error)
{
  g_autoptr (GTask) task = self->task;

  if (self->has_errand && self->errand.has_timed_out)
    {
      g_clear_error (&error);
      g_set_error_literal (&error, BFY_ERROR, BFY_ERROR_UPSTREAM_TIMEOUT,
                           "The database did not answer in time");
    }
  g_task_return_error (task, error);
}

static void
record (BfyRelayCall *self)
{
  BfyEvent *event = bfy_agent_new_event ("proxy_request", self->binding, self->request);

  event->method = g_strdup ("tools/call");
  event->tool = g_strdup (BFY_RELAY_TOOL);
  event->category = g_strdup ("success");
  event->outcome = BFY_OUTCOME_SUCCESS;
  event->bytes_up = (gint64) bfy_relay_pump_get_n_up (self->pump);
  event->bytes_down = (gint64) bfy_relay_pump_get_n_down (self->pump);
  event->duration_ms = (g_get_monotonic_time () - self->begun_us) / 1000;
  bfy_request_count_bytes (self->request, (gsize) event->bytes_down);
  bfy_quota_gate_judge (self->request, event->outcome);
  bfy_store_append_event (self->agent->store, event, FALSE);
  bfy_registry_touch (self->agent->registry, self->binding->id, NULL, bfy_agent_now_s ());
  self->has_recorded = TRUE;
}

static JsonNode *
take_object (JsonObject *object)
{
  JsonNode *node = json_node_init_object (json_node_alloc (), NULL);

  json_node_take_object (node, object);

  return node;
}

static JsonNode *
describe (const BfyRelayCall *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "bytes_up", (gint64) bfy_relay_pump_get_n_up (self->pump));
  json_object_set_int_member (object, "bytes_down",
                              (gint64) bfy_relay_pump_get_n_down (self->pump));

  return take_object (object);
}

static void
finish (BfyRelayCall *self)
{
  g_autoptr (GTask) task = self->task;
  JsonNode *result = describe (self);

  record (self);
  g_source_destroy (self->gone);
  g_clear_pointer (&self->gone, g_source_unref);
  g_clear_pointer (&self->pump, bfy_relay_pump_free);
  g_task_return_pointer (task, result, (GDestroyNotify) json_node_unref);
}

static void
on_ended (gpointer user_data)
{
  finish (user_data);
}

static gboolean
on_gone (GCancellable *cancellable, gpointer user_data)
{
  finish (user_data);

  return G_SOURCE_REMOVE;
}

static void
start_pump (BfyRelayCall *self, GByteArray *said)
{
  const BfyRelayPumpSetup setup = {
    .poller = bfy_relays_get_poller (self->agent->relays),
    .client = self->client->stream,
    .server = self->server,
    .first = said,
  };

  self->pump = bfy_relay_pump_new (&setup, on_ended, self);
}

static void
on_signed_in (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyRelayCall *self = user_data;
  GError *error = NULL;
  g_autoptr (BfyRelayReady) ready = bfy_relay_sign_in_finish (result, &error);

  if (ready != NULL && self->client == NULL)
    g_set_error_literal (&error, BFY_ERROR, BFY_ERROR_CANCELLED, "Nobody waits any more");
  if (error != NULL)
    {
      fail (self, error);
      return;
    }
  bfy_errand_end (&self->errand);
  self->client->pid = ready->pid;
  self->client->key = ready->key;
  if (self->client->hang_up != NULL)
    g_source_destroy (self->client->hang_up);
  g_clear_pointer (&self->client->hang_up, g_source_unref);
  self->gone = g_cancellable_source_new (g_task_get_cancellable (self->task));
  g_source_set_callback (self->gone, G_SOURCE_FUNC (on_gone), self, NULL);
  g_source_attach (self->gone, g_main_context_get_thread_default ());
  start_pump (self, ready->said);
}

static void
on_open (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyRelayCall *self = user_data;
  GError *error = NULL;
  const BfyCredential *credential = bfy_credentials_peek (self->agent->credentials, self->binding);
  g_autoptr (BfyDatabase) database = bfy_database_parse (self->binding->url, NULL);

  self->server = bfy_relay_open_finish (result, &error);
  if (self->server != NULL && self->client == NULL)
    g_set_error_literal (&error, BFY_ERROR, BFY_ERROR_CANCELLED, "Nobody waits any more");
  if (error != NULL)
    {
      fail (self, error);
      return;
    }
  bfy_relay_sign_in_async (
      self->server,
      bfy_pg_start_rewrite (self->client->start->data, self->client->start->len, database->user,
                            database->name),
      credential != NULL ? credential->secret : NULL, self->errand.cancellable, on_signed_in, self);
}

static void
open_server (BfyRelayCall *self)
{
  guint timeout_ms = (guint) bfy_agent_limits (self->agent, self->binding).connect_timeout_ms;

  bfy_errand_init (&self->errand, g_task_get_cancellable (self->task), timeout_ms);
  self->has_errand = TRUE;
  bfy_relay_open_async (self->binding, self->errand.cancellable, on_open, self);
}

static void
on_credential (GObject *source, GAsyncResult *result, gpointer user_data)
{
  BfyRelayCall *self = user_data;
  GError *error = NULL;

  if (bfy_unlocker_load_finish (BFY_UNLOCKER (source), result, &error))
    open_server (self);
  else
    fail (self, error);
}

static gboolean
needs_credential (const BfyBinding *binding)
{
  return binding->injection != NULL && binding->injection->kind != BFY_INJECT_NONE;
}

static void
load_credential (BfyRelayCall *self)
{
  if (!needs_credential (self->binding) ||
      bfy_credentials_peek (self->agent->credentials, self->binding) != NULL)
    open_server (self);
  else
    bfy_unlocker_load_async (self->agent->unlocker, self->agent->credentials, self->binding,
                             !bfy_request_is_quiet (self->request),
                             g_task_get_cancellable (self->task), on_credential, self);
}

static JsonNode *
tell_folder (BfyAgent *agent, const BfyBinding *binding)
{
  g_autofree char *folder = bfy_relays_format_folder (agent->relays, binding->name);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "host", folder);

  return take_object (object);
}

void
bfy_relay_call_async (BfyAgent *agent,
                      BfyRequest *request,
                      BfyBinding *binding,
                      GCancellable *cancellable,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  BfyRelayClient *client = bfy_relays_find (agent->relays, bfy_request_get_outermost (request));
  BfyRelayCall *self = g_new0 (BfyRelayCall, 1);

  g_task_set_source_tag (task, bfy_relay_call_async);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, call_free);
  self->agent = agent;
  self->request = bfy_request_ref (request);
  self->binding = bfy_binding_ref (binding);
  self->task = task;
  self->begun_us = g_get_monotonic_time ();
  if (client == NULL)
    {
      g_task_return_pointer (task, tell_folder (agent, binding), (GDestroyNotify) json_node_unref);
      g_object_unref (task);
      return;
    }
  self->client = client;
  client->call = self;
  load_credential (self);
}

gboolean
bfy_relay_call_has_recorded (GAsyncResult *result)
{
  const BfyRelayCall *self = g_task_get_task_data (G_TASK (result));

  return g_async_result_is_tagged (result, bfy_relay_call_async) && self->has_recorded;
}
