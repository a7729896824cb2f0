/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* GET /v1/bindings/NAME/methods and POST /v1/bindings/NAME/methods/METHOD. A call is asked of the
 * binding's own MCP server, as a client would ask it: by the same way, through the same gates. */

#include <string.h>

#include "agent/all/ask.h"
#include "agent/api/api.h"
#include "agent/database/row-stream.h"
#include "agent/policy/hints.h"
#include "agent/toolbox/tool.h"
#include "protocol/json.h"

typedef struct
{
  BfyRequest *request; /* (owned) */
  char *name;          /* (owned) of the binding */
  BfyAsk *ask;         /* (owned) */
  JsonObject *message; /* (owned) (nullable) what was answered */
  gulong gone_id;
} Call;

static void
call_free (Call *self)
{
  g_clear_signal_handler (&self->gone_id, bfy_request_get_gone (self->request));
  g_clear_pointer (&self->ask, bfy_ask_free);
  g_clear_pointer (&self->message, json_object_unref);
  g_free (self->name);
  bfy_request_unref (self->request);
  g_free (self);
}

/* NULL after having answered. */
static const BfyToolboxKind *
find_kind (BfyRequest *request, const BfyBinding *binding)
{
  const BfyToolboxKind *kind = bfy_toolbox_find (binding);

  if (kind == NULL)
    bfy_api_fail (request,
                  g_error_new (BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                               "“%s” has no methods of its own; bindify show %s says what it is",
                               binding->name, binding->name),
                  binding->name);

  return kind;
}

static JsonObject *
describe (const BfyTool *tool)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", tool->name);
  json_object_set_string_member (object, "title", tool->title != NULL ? tool->title : tool->name);
  if (tool->description != NULL)
    json_object_set_string_member (object, "description", tool->description);
  else
    json_object_set_null_member (object, "description");
  json_object_set_string_member (object, "access", bfy_access_to_wire (tool->access));
  if (tool->schema != NULL)
    json_object_set_object_member (object, "schema", json_object_ref (tool->schema));
  else
    json_object_set_null_member (object, "schema");

  return object;
}

/* What the policy denies is not shown, as in the list of tools. */
static gboolean
is_shown (const BfyBinding *binding, const BfyPolicyFacts *facts, const BfyTool *tool)
{
  return binding->policy == NULL ||
         bfy_policy_shows (binding->policy, BFY_POLICY_TOOL, tool->name, facts);
}

void
bfy_api_list_methods (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  BfyBinding *binding = bfy_api_find_binding (agent, request, argument);
  const BfyToolboxKind *kind = binding != NULL ? find_kind (request, binding) : NULL;
  g_autoptr (GPtrArray) tools = NULL;
  GError *error = NULL;
  BfyPolicyFacts facts;
  JsonObject *object;
  JsonArray *array;

  if (kind == NULL)
    return;
  tools = kind->list (agent, binding, &error);
  if (tools == NULL)
    {
      bfy_api_fail (request, error, binding->name);
      return;
    }
  facts = bfy_hints_facts (agent, binding);
  object = json_object_new ();
  array = json_array_new ();
  for (guint i = 0; i < tools->len; i++)
    if (is_shown (binding, &facts, g_ptr_array_index (tools, i)))
      json_array_add_object_element (array, describe (g_ptr_array_index (tools, i)));
  json_object_set_array_member (object, "methods", array);
  bfy_request_reply_json (request, 200, object);
}

static gboolean
on_message (BfyAsk *ask, const char *text, gsize length, gpointer user_data)
{
  Call *self = user_data;
  g_autoptr (JsonObject) message = bfy_json_parse_object (text, length, NULL);

  /* What precedes the answer says how it goes on. */
  if (message == NULL || json_object_has_member (message, "method"))
    return TRUE;
  g_clear_pointer (&self->message, json_object_unref);
  self->message = g_steal_pointer (&message);

  return FALSE;
}

/* Of an answer that has begun, as lines, the last one says how it went. */
static void
end_lines (Call *self, const char *line)
{
  g_autofree char *text = g_strconcat (line, "\n", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));

  bfy_request_write (self->request, bytes, NULL, NULL);
  bfy_request_end (self->request);
}

static void
fail_lines (Call *self, BfyErrorCode code, const char *message)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *line = NULL;

  json_object_set_string_member (object, "error", bfy_error_to_wire (code));
  json_object_set_string_member (object, "message", message);
  line = bfy_json_object_to_text (object, NULL);
  end_lines (self, line);
}

static void
fail (Call *self, const char *wire, const char *text)
{
  BfyErrorCode code;
  gint64 retry_after_s = bfy_ask_get_retry_after_s (self->ask);

  if (wire == NULL || !bfy_error_from_wire (wire, &code))
    code = BFY_ERROR_FAILED;
  if (retry_after_s > 0)
    bfy_request_set_retry_after (self->request, retry_after_s);
  if (text == NULL)
    text = "There was no answer";
  if (bfy_request_has_begun (self->request))
    fail_lines (self, code, text);
  else
    bfy_api_fail (self->request, g_error_new_literal (BFY_ERROR, (int) code, text), self->name);
}

/* Members of what we said ourselves, NULL when they are not there. */
static const char *
peek_string (JsonObject *object, const char *name)
{
  const char *text = NULL;

  return bfy_json_get_string (object, name, &text, NULL) ? text : NULL;
}

static JsonObject *
peek_object (JsonObject *object, const char *name)
{
  JsonObject *member = NULL;

  return bfy_json_get_object (object, name, &member, NULL) ? member : NULL;
}

/* {"error": SLUG, "message": …} of a tool that failed, {"data": {"reason": SLUG}, "message": …} of
 * JSON-RPC. */
static void
fail_by (Call *self, JsonObject *error)
{
  JsonObject *data = peek_object (error, "data");
  const char *wire = peek_string (error, "error");

  if (wire == NULL && data != NULL)
    wire = peek_string (data, "reason");
  fail (self, wire, peek_string (error, "message"));
}

static const char *
peek_text (JsonObject *result)
{
  JsonArray *content = NULL;
  JsonNode *first;

  if (!bfy_json_get_array (result, "content", &content, NULL) || content == NULL ||
      json_array_get_length (content) == 0)
    return NULL;
  first = json_array_get_element (content, 0);

  return JSON_NODE_HOLDS_OBJECT (first) ? peek_string (json_node_get_object (first), "text") : NULL;
}

static void
answer_result (Call *self, JsonObject *result)
{
  JsonObject *structured = peek_object (result, "structuredContent");
  const char *text = peek_text (result);
  gboolean is_error = FALSE;

  if (!bfy_json_get_boolean (result, "isError", &is_error, NULL) || text == NULL)
    fail (self, NULL, NULL);
  else if (is_error && structured != NULL)
    fail_by (self, structured);
  else if (is_error)
    fail (self, NULL, text);
  else if (bfy_request_has_begun (self->request))
    end_lines (self, text);
  else
    bfy_request_reply (self->request, 200,
                       bfy_row_stream_is_wanted (self->request) ? BFY_ROW_STREAM_TYPE
                                                                : "application/json",
                       text, -1);
}

static void
answer (Call *self)
{
  JsonObject *error = self->message != NULL ? peek_object (self->message, "error") : NULL;
  JsonObject *result = self->message != NULL ? peek_object (self->message, "result") : NULL;

  if (error != NULL)
    fail_by (self, error);
  else if (result != NULL)
    answer_result (self, result);
  else
    fail (self, NULL, NULL);
}

static void
on_end (BfyAsk *ask, gboolean is_complete, gpointer user_data)
{
  Call *self = user_data;

  answer (self);
  call_free (self);
}

static const BfyAskEvents events = { .message = on_message, .end = on_end };

static void
on_gone (GCancellable *gone, gpointer user_data)
{
  call_free (user_data);
}

static gboolean
check_arguments (const char *text, gsize length, GError **error)
{
  g_autoptr (JsonObject) arguments = bfy_json_parse_object (text, length, error);

  return arguments != NULL;
}

static void
begin (BfyAgent *agent, BfyRequest *request, BfyBinding *binding, GBytes *body)
{
  const BfyAskSetup setup = { .binding = binding, .body = body };
  Call *self = g_new0 (Call, 1);

  self->request = bfy_request_ref (request);
  self->name = g_strdup (binding->name);
  self->gone_id =
      g_signal_connect (bfy_request_get_gone (request), "cancelled", G_CALLBACK (on_gone), self);
  self->ask = bfy_ask_new (agent, request, &setup, &events, self);
  bfy_ask_start (self->ask);
}

static gboolean
check_method (BfyAgent *agent,
              const BfyToolboxKind *kind,
              BfyBinding *binding,
              const char *method,
              GError **error)
{
  g_autoptr (GPtrArray) tools = kind->list (agent, binding, error);

  if (tools == NULL)
    return FALSE;
  if (bfy_tool_find (tools, method) != NULL)
    return TRUE;
  g_propagate_error (error, bfy_tool_new_unknown (binding));

  return FALSE;
}

void
bfy_api_call_method (BfyAgent *agent, BfyRequest *request, const char *argument)
{
  g_auto (GStrv) words = g_strsplit (argument, "/", 2);
  BfyBinding *binding = bfy_api_find_binding (agent, request, words[0]);
  const BfyToolboxKind *kind = binding != NULL ? find_kind (request, binding) : NULL;
  g_autoptr (GBytes) body = NULL;
  GError *error = NULL;
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);

  if (kind == NULL)
    return;
  if (length == 0)
    {
      text = "{}";
      length = strlen (text);
    }
  if (!check_arguments (text, length, &error) ||
      !check_method (agent, kind, binding, words[1], &error))
    {
      bfy_api_fail (request, error, binding->name);
      return;
    }
  body = bfy_tool_format_call (words[1], text, length);
  begin (agent, request, binding, body);
}
