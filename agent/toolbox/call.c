/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/toolbox/call.h"

#include "agent/proxy/quota-gate.h"
#include "agent/proxy/refusal.h"
#include "agent/toolbox/reply.h"
#include "agent/toolbox/tool.h"
#include "protocol/json.h"

const BfyRpcMessage *
bfy_toolbox_message (const BfyToolboxCall *call)
{
  return bfy_rpc_message (call->rpc, 0);
}

static void
call_free (BfyToolboxCall *call)
{
  g_clear_pointer (&call->event, bfy_event_free);
  bfy_rpc_free (call->rpc);
  bfy_binding_unref (call->binding);
  bfy_request_unref (call->request);
  g_free (call);
}

static BfyEvent *
new_event (const BfyToolboxCall *call)
{
  const BfyRpcMessage *message = bfy_toolbox_message (call);
  BfyEvent *event = bfy_agent_new_event ("proxy_request", call->binding, call->request);

  event->method = g_strdup (message->method);
  event->tool = g_strdup (message->name);
  event->bytes_up = (gint64) g_bytes_get_size (bfy_request_get_body (call->request));

  return event;
}

BfyToolboxCall *
bfy_toolbox_call_new (
    BfyAgent *agent, BfyRequest *request, BfyBinding *binding, BfyRpc *rpc, BfyEra era)
{
  BfyToolboxCall *call = g_new0 (BfyToolboxCall, 1);

  call->agent = agent;
  call->request = bfy_request_ref (request);
  call->binding = bfy_binding_ref (binding);
  call->rpc = rpc;
  call->era = era;
  call->kind = bfy_toolbox_find (binding);
  call->begun_us = g_get_monotonic_time ();
  call->event = new_event (call);

  return call;
}

/* What a tool says of its failure is an answer to its client, and a failure to us. */
static void
note_failure (BfyToolboxCall *call, BfyErrorCode code)
{
  if (call->event == NULL || call->event->category != NULL)
    return;
  call->event->category = g_strdup (bfy_error_to_wire (code));
  call->event->outcome =
      bfy_error_to_data_status (code) == 200 ? BFY_OUTCOME_BLOCKED : BFY_OUTCOME_FAILURE;
}

static void
record (BfyToolboxCall *call, BfyErrorCode code)
{
  BfyEvent *event;

  if (call->event == NULL)
    return;
  if (code != BFY_N_ERRORS)
    note_failure (call, code);
  event = g_steal_pointer (&call->event);
  event->duration_ms = (g_get_monotonic_time () - call->begun_us) / 1000;
  if (event->category == NULL)
    {
      event->category = g_strdup ("success");
      event->outcome = BFY_OUTCOME_SUCCESS;
    }
  bfy_quota_gate_judge (call->request, event->outcome);
  bfy_store_append_event (call->agent->store, event, event->outcome == BFY_OUTCOME_BLOCKED);
}

static void
note_use (BfyToolboxCall *call)
{
  BfyClient *client = bfy_request_get_client (call->request);

  if (bfy_request_is_agents_own (call->request))
    return;
  bfy_registry_touch (call->agent->registry, call->binding->id, client != NULL ? client->id : NULL,
                      bfy_agent_now_s ());
}

void
bfy_toolbox_finish (BfyToolboxCall *call, BfyErrorCode code)
{
  if (code == BFY_N_ERRORS)
    note_use (call);
  record (call, code);
  call_free (call);
}

/* NULL after having answered. */
static GPtrArray *
get_tools (BfyToolboxCall *call)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *tools = call->kind->list (call->agent, call->binding, &error);

  if (tools != NULL)
    return tools;
  bfy_refuse (call->request, call->rpc, bfy_error_code (error), error->message);
  bfy_toolbox_finish (call, bfy_error_code (error));

  return NULL;
}

void
bfy_toolbox_list (BfyToolboxCall *call)
{
  g_autoptr (GPtrArray) tools = get_tools (call);
  JsonObject *result;
  JsonArray *array;

  if (tools == NULL)
    return;
  result = json_object_new ();
  array = json_array_sized_new (tools->len);
  for (guint i = 0; i < tools->len; i++)
    json_array_add_object_element (array, bfy_tool_to_json (g_ptr_array_index (tools, i)));
  json_object_set_array_member (result, "tools", array);
  bfy_toolbox_reply (call, result);
}

static void
on_called (GObject *source, GAsyncResult *answer, gpointer user_data)
{
  BfyToolboxCall *call = user_data;
  g_autoptr (GError) error = NULL;
  gboolean has_recorded = call->kind->has_recorded != NULL && call->kind->has_recorded (answer);
  g_autoptr (JsonNode) result = call->kind->call_finish (answer, &error);

  if (has_recorded)
    g_clear_pointer (&call->event, bfy_event_free);
  if (result == NULL)
    note_failure (call, bfy_error_code (error));
  bfy_toolbox_reply (call, result != NULL ? bfy_tool_result (result) : bfy_tool_error (error));
}

/* NULL when they are no object. */
static JsonObject *
read_arguments (const BfyToolboxCall *call)
{
  const BfyJsonSlice *arguments = &bfy_toolbox_message (call)->arguments;

  return arguments->start != NULL
             ? bfy_json_parse_object (arguments->start, arguments->length, NULL)
             : json_object_new ();
}

static void
refuse_unknown (BfyToolboxCall *call)
{
  g_autoptr (GError) error = bfy_tool_new_unknown (call->binding);

  bfy_refuse (call->request, call->rpc, BFY_ERROR_METHOD_NOT_FOUND, error->message);
  bfy_toolbox_finish (call, BFY_ERROR_METHOD_NOT_FOUND);
}

void
bfy_toolbox_call (BfyToolboxCall *call)
{
  g_autoptr (GPtrArray) tools = get_tools (call);
  g_autoptr (JsonObject) arguments = NULL;
  const char *name = bfy_toolbox_message (call)->name;

  if (tools == NULL)
    return;
  arguments = read_arguments (call);
  if (name == NULL || bfy_tool_find (tools, name) == NULL)
    refuse_unknown (call);
  else if (arguments == NULL)
    bfy_toolbox_reply_error (call, 200, BFY_TOOLBOX_BAD_PARAMS,
                             "The arguments of a tool are an object");
  else
    call->kind->call_async (call->agent, call->request, call->binding, name, arguments,
                            bfy_request_get_gone (call->request), on_called, call);
}
