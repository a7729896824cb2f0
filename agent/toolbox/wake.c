/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/toolbox/wake.h"

#include <string.h>

#include "agent/network/wake.h"
#include "agent/toolbox/tool.h"
#include "protocol/capability.h"
#include "protocol/json.h"

#define TOOL "wake"

static const char schema_text[] =
    "{\"type\":\"object\",\"properties\":{},\"additionalProperties\":false}";
static const char capability_text[] =
    "{\"id\":\"wake-device\",\"name\":\"Wake the device\",\"access\":\"write\","
    "\"tools\":[\"" TOOL "\"]}";

GPtrArray *
bfy_wake_capabilities (void)
{
  static GPtrArray *capabilities = NULL;
  BfyJsonSlice root;

  if (capabilities != NULL)
    return capabilities;
  bfy_json_slice_root (capability_text, strlen (capability_text), &root);
  capabilities = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_capability_free);
  g_ptr_array_add (capabilities, bfy_capability_read (&root, NULL));

  return capabilities;
}

static gboolean
is_for (const BfyBinding *binding)
{
  return binding->mac != NULL;
}

static GPtrArray *
list (BfyAgent *agent, BfyBinding *binding, GError **error)
{
  GPtrArray *tools = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_tool_free);
  BfyTool *tool = bfy_tool_new (TOOL, BFY_ACCESS_WRITE);

  tool->title = g_strdup ("Wake the device");
  tool->description =
      g_strdup ("Sends the packet of Wake-on-LAN that turns the device on. It does not answer, and "
                "takes some time to be reached.");
  tool->schema = bfy_json_parse_object (schema_text, strlen (schema_text), NULL);
  g_ptr_array_add (tools, tool);

  return tools;
}

/* --- One call --- */

static JsonNode *
new_result (const char *mac, guint n_networks)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_alloc ();

  json_object_set_string_member (object, "mac", mac);
  json_object_set_int_member (object, "n_networks", n_networks);
  json_node_init_object (node, object);
  json_object_unref (object);

  return node;
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  const BfyBinding *binding = g_task_get_task_data (task);
  GError *error = NULL;
  guint n_networks = bfy_wake_finish (result, &error);

  if (n_networks > 0)
    g_task_return_pointer (task, new_result (binding->mac, n_networks),
                           (GDestroyNotify) json_node_unref);
  else
    g_task_return_error (task, error);
}

static void
call_async (BfyAgent *agent,
            BfyRequest *request,
            BfyBinding *binding,
            const char *tool,
            JsonObject *arguments,
            GCancellable *cancellable,
            GAsyncReadyCallback callback,
            gpointer user_data)
{
  static const char *const none[] = { NULL };
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  GError *error = NULL;
  BfyMac mac;

  g_task_set_source_tag (task, call_async);
  g_task_set_task_data (task, bfy_binding_ref (binding), (GDestroyNotify) bfy_binding_unref);
  if (bfy_json_refuse_unknown (arguments, none, &error) &&
      bfy_mac_parse (binding->mac, &mac, &error))
    bfy_wake_async (&mac, cancellable, on_sent, g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

static JsonNode *
call_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

const BfyToolboxKind bfy_wake_toolbox = {
  .type = BFY_BINDING_LOCAL_NETWORK,
  .is_for = is_for,
  .list = list,
  .call_async = call_async,
  .call_finish = call_finish,
};
