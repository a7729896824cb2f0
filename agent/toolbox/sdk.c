/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/toolbox/sdk.h"

#include "agent/door/reply.h"
#include "agent/proxy/exchange.h"
#include "agent/toolbox/sdk-answer.h"
#include "agent/toolbox/tool.h"
#include "protocol/json.h"
#include "protocol/method-request.h"

typedef struct
{
  GTask *task;         /* (owned) (nullable) until it is told */
  BfyBinding *binding; /* (owned) */
  BfyRequest *inner;   /* (owned) (nullable) */
  BfySdkAnswer answer;
  gulong gone_id;
  gboolean has_begun; /* the exchange writes the event */
} Call;

static void
call_free (gpointer data)
{
  Call *self = data;

  g_clear_pointer (&self->inner, bfy_request_unref);
  bfy_binding_unref (self->binding);
  if (self->answer.body != NULL)
    g_string_free (self->answer.body, TRUE);
  g_free (self);
}

static BfyService *
find_service (BfyAgent *agent, const BfyBinding *binding, GError **error)
{
  BfyService *service =
      binding->service != NULL ? bfy_services_find (agent->services, binding->service) : NULL;

  if (service == NULL)
    g_set_error (error, BFY_ERROR, BFY_ERROR_NO_SERVICE,
                 "The record of the service of “%s” is gone, and with it its methods",
                 binding->name);

  return service;
}

static BfyTool *
tool_of (const BfyMethod *method)
{
  BfyTool *tool = bfy_tool_new (method->name, method->access);

  tool->title = g_strdup (method->title);
  tool->description = g_strdup (method->description != NULL ? method->description : method->title);
  tool->schema = json_object_ref (method->schema);

  return tool;
}

static GPtrArray *
list (BfyAgent *agent, BfyBinding *binding, GError **error)
{
  BfyService *service = find_service (agent, binding, error);
  GPtrArray *methods;
  GPtrArray *tools;

  if (service == NULL)
    return NULL;
  tools = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_tool_free);
  methods = bfy_service_get_methods (service);
  for (guint i = 0; i < methods->len; i++)
    g_ptr_array_add (tools, tool_of (g_ptr_array_index (methods, i)));

  return tools;
}

/* The end, once: what came is told, or @error (taken). */
static void
tell (Call *self, GError *error)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->task);
  GError *problem = error;
  JsonNode *result;

  g_clear_signal_handler (&self->gone_id, g_task_get_cancellable (task));
  result =
      problem == NULL ? bfy_sdk_answer_read (&self->answer, self->binding->name, &problem) : NULL;
  if (problem != NULL)
    g_task_return_error (task, problem);
  else
    g_task_return_pointer (task, result, (GDestroyNotify) json_node_unref);
}

static void
on_head (BfyRequest *inner, guint status, SoupMessageHeaders *headers, gpointer user_data)
{
  Call *self = user_data;

  self->answer.status = status;
  self->answer.is_own = bfy_reply_is_own (headers);
}

static void
on_bytes (BfyRequest *inner, GBytes *bytes, gpointer user_data)
{
  Call *self = user_data;
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  if (length > BFY_JSON_BYTES_MAX - self->answer.body->len)
    {
      bfy_request_abandon (inner);
      tell (self, g_error_new_literal (BFY_ERROR, BFY_ERROR_RESPONSE_TOO_LARGE,
                                       "The service sent more than can be read"));
      return;
    }
  g_string_append_len (self->answer.body, data, (gssize) length);
  bfy_request_resume (inner);
}

static void
on_end (BfyRequest *inner, gboolean is_complete, gpointer user_data)
{
  Call *self = user_data;

  tell (self, is_complete ? NULL
                          : g_error_new_literal (BFY_ERROR, BFY_ERROR_UPSTREAM_FAILED,
                                                 "The service broke off before it had answered"));
}

static const BfyRequestSink sink = { on_head, on_bytes, on_end };

static void
on_gone (GCancellable *cancellable, gpointer user_data)
{
  Call *self = user_data;

  bfy_request_abandon (self->inner);
  tell (self, g_error_new_literal (BFY_ERROR, BFY_ERROR_CANCELLED, "Nobody waits any more"));
}

static void
add_headers (BfyRequest *inner, GStrv headers)
{
  SoupMessageHeaders *to = bfy_request_get_headers (inner);

  soup_message_headers_replace (to, "Accept", "application/json");
  for (guint i = 0; headers[i] != NULL; i += 2)
    soup_message_headers_replace (to, headers[i], headers[i + 1]);
}

static void
take_route (Call *self)
{
  BfyRoute *route = g_new0 (BfyRoute, 1);

  route->kind = BFY_ROUTE_HTTP;
  route->name = g_strdup (self->binding->name);
  bfy_request_take_route (self->inner, route);
}

static BfyRpc *
read_call (const char *tool, const BfyMethod *method, const BfyMethodRequest *made)
{
  BfyHttpMessage http = { .method = method->verb, .target = made->target };

  if (made->body != NULL)
    {
      http.content_type = made->headers[1];
      http.body = g_bytes_get_data (made->body, &http.body_length);
    }

  return bfy_rpc_new_call (tool, &http);
}

/* Everything that could be refused has been; what is sent is what the method makes of it. */
static void
begin (BfyAgent *agent,
       BfyRequest *request,
       Call *self,
       const BfyMethod *method,
       const BfyMethodRequest *made)
{
  const BfyInnerSetup setup = { method->verb, self->binding->name, made->body };
  G_GNUC_UNUSED g_autoptr (GTask) alive = g_object_ref (self->task);

  self->inner = bfy_request_new_inner (request, &setup, &sink, self);
  take_route (self);
  add_headers (self->inner, made->headers);
  self->has_begun = TRUE;
  self->gone_id = g_signal_connect (g_task_get_cancellable (self->task), "cancelled",
                                    G_CALLBACK (on_gone), self);
  bfy_exchange_begin (agent, self->inner, self->binding, read_call (method->name, method, made));
}

static BfyMethodRequest *
make_request (BfyAgent *agent,
              const BfyBinding *binding,
              const BfyMethod *method,
              JsonObject *arguments,
              GError **error)
{
  g_autoptr (BfyMethodRequest) made = bfy_method_request_build (method, arguments, error);
  gint64 max = bfy_agent_limits (agent, binding).request_bytes_max;

  if (made == NULL || made->body == NULL || (gint64) g_bytes_get_size (made->body) <= max)
    return g_steal_pointer (&made);
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_TOO_LARGE,
                       "The arguments are more than this binding may send");

  return NULL;
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
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Call *self = g_new0 (Call, 1);
  GError *error = NULL;
  BfyService *service = find_service (agent, binding, &error);
  const BfyMethod *method =
      service != NULL ? bfy_methods_find (bfy_service_get_methods (service), tool) : NULL;
  g_autoptr (BfyMethodRequest) made = NULL;

  g_task_set_source_tag (task, call_async);
  g_task_set_task_data (task, self, call_free);
  g_task_set_check_cancellable (task, FALSE);
  self->binding = bfy_binding_ref (binding);
  self->answer.body = g_string_new (NULL);
  if (service != NULL && method == NULL)
    error = bfy_tool_new_unknown (binding);
  if (method != NULL)
    made = make_request (agent, binding, method, arguments, &error);
  if (made == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  self->task = g_steal_pointer (&task);
  begin (agent, request, self, method, made);
}

static JsonNode *
call_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
has_recorded (GAsyncResult *result)
{
  const Call *self = g_task_get_task_data (G_TASK (result));

  return self->has_begun;
}

const BfyToolboxKind bfy_sdk_kind = {
  .type = BFY_BINDING_SDK,
  .list = list,
  .call_async = call_async,
  .call_finish = call_finish,
  .has_recorded = has_recorded,
};
