/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/toolbox/tool.h"

#include "protocol/json.h"

BfyTool *
bfy_tool_new (const char *name, BfyAccess access)
{
  BfyTool *self = g_new0 (BfyTool, 1);

  self->name = g_strdup (name);
  self->access = access;

  return self;
}

void
bfy_tool_free (BfyTool *self)
{
  if (self == NULL)
    return;

  g_free (self->name);
  g_free (self->title);
  g_free (self->description);
  g_clear_pointer (&self->schema, json_object_unref);
  g_free (self);
}

static JsonObject *
describe_schema (const BfyTool *self)
{
  JsonObject *empty;

  if (self->schema != NULL)
    return json_object_ref (self->schema);
  empty = json_object_new ();
  json_object_set_string_member (empty, "type", "object");

  return empty;
}

/* What MCP calls destructive is all that changes what was there; here it is what cannot be taken
 * back. */
static JsonObject *
describe_access (const BfyTool *self)
{
  JsonObject *annotations = json_object_new ();

  json_object_set_boolean_member (annotations, "readOnlyHint", self->access == BFY_ACCESS_READ);
  json_object_set_boolean_member (annotations, "destructiveHint",
                                  self->access == BFY_ACCESS_DANGER);

  return annotations;
}

JsonObject *
bfy_tool_to_json (const BfyTool *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "name", self->name);
  if (self->title != NULL)
    json_object_set_string_member (object, "title", self->title);
  if (self->description != NULL)
    json_object_set_string_member (object, "description", self->description);
  json_object_set_object_member (object, "inputSchema", describe_schema (self));
  json_object_set_object_member (object, "annotations", describe_access (self));

  return object;
}

const BfyTool *
bfy_tool_find (GPtrArray *tools, const char *name)
{
  for (guint i = 0; i < tools->len; i++)
    {
      const BfyTool *tool = g_ptr_array_index (tools, i);

      if (g_str_equal (tool->name, name))
        return tool;
    }

  return NULL;
}

/* structuredContent is an object in every version of MCP that has it. */
static JsonObject *
wrap (JsonNode *result)
{
  JsonObject *wrapped;

  if (JSON_NODE_HOLDS_OBJECT (result))
    return json_object_ref (json_node_get_object (result));
  wrapped = json_object_new ();
  json_object_set_member (wrapped, "result", json_node_copy (result));

  return wrapped;
}

static JsonObject *
new_result (const char *text, JsonObject *structured)
{
  JsonObject *object = json_object_new ();
  JsonObject *item = json_object_new ();
  JsonArray *content = json_array_new ();

  json_object_set_string_member (item, "type", "text");
  json_object_set_string_member (item, "text", text);
  json_array_add_object_element (content, item);
  json_object_set_array_member (object, "content", content);
  json_object_set_object_member (object, "structuredContent", structured);

  return object;
}

JsonObject *
bfy_tool_result (JsonNode *result)
{
  g_autofree char *text = bfy_json_node_to_text (result, NULL);

  return new_result (text, wrap (result));
}

JsonObject *
bfy_tool_error (const GError *error)
{
  JsonObject *structured = json_object_new ();
  JsonObject *object;

  json_object_set_string_member (structured, "error", bfy_error_to_wire (bfy_error_code (error)));
  json_object_set_string_member (structured, "message", error->message);
  object = new_result (error->message, structured);
  json_object_set_boolean_member (object, "isError", TRUE);

  return object;
}

GError *
bfy_tool_new_unknown (const BfyBinding *binding)
{
  return g_error_new (BFY_ERROR, BFY_ERROR_METHOD_NOT_FOUND,
                      "“%s” has no such method; bindify methods %s shows those there are",
                      binding->name, binding->name);
}

#define META                                                                                       \
  "{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                                   \
  "\"io.modelcontextprotocol/clientCapabilities\":{}}"

GBytes *
bfy_tool_format_call (const char *tool, const char *arguments, gsize length)
{
  GString *out = g_string_new ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\","
                               "\"params\":{\"_meta\":" META ",\"name\":");
  gsize n_written;

  bfy_json_append_string (out, tool, -1);
  g_string_append (out, ",\"arguments\":");
  g_string_append_len (out, arguments, (gssize) length);
  g_string_append (out, "}}");
  n_written = out->len;

  return g_bytes_new_take (g_string_free (out, FALSE), n_written);
}
