/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* What was extracted is what json-glib finds in the same text, ids are JSON values that survive an
 * answer, and batches keep to their limit. */

#include "protocol/rpc.h"

#include <string.h>

#include "protocol/json.h"
#include "tests/fuzz/fuzz.h"

#define CLAIM "io.modelcontextprotocol/protocolVersion"

/* The member of an object, or NULL; @node may be NULL or anything. */
static JsonNode *
member (JsonNode *node, const char *name)
{
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;

  return json_object_get_member (json_node_get_object (node), name);
}

static const char *
string_of (JsonNode *node)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;

  return json_node_get_string (node);
}

static const char *
target (JsonNode *root, const char *name)
{
  JsonNode *params = member (root, "params");
  gboolean by_ref = g_strcmp0 (string_of (member (root, "method")), "completion/complete") == 0;
  JsonNode *direct = by_ref ? NULL : member (params, name);

  return string_of (direct != NULL ? direct : member (member (params, "ref"), name));
}

static void
compare_message (const BfyRpcMessage *message, JsonNode *root)
{
  JsonNode *params = member (root, "params");
  JsonNode *claim = member (member (params, "_meta"), CLAIM);

  g_assert_cmpstr (message->method, ==, string_of (member (root, "method")));
  if (message->kind == BFY_RPC_RESPONSE)
    {
      g_assert_true (member (root, "result") != NULL || member (root, "error") != NULL);
      g_assert_null (message->name);
      return;
    }

  g_assert_nonnull (message->method);
  g_assert_cmpint (message->kind == BFY_RPC_REQUEST, ==, member (root, "id") != NULL);
  g_assert_cmpstr (message->name, ==, target (root, "name"));
  g_assert_cmpstr (message->uri, ==, target (root, "uri"));
  g_assert_cmpstr (message->task_id, ==, string_of (member (params, "taskId")));
  g_assert_cmpstr (message->protocol_version, ==, string_of (claim));
  g_assert_cmpint (message->has_claim, ==, claim != NULL);
}

static void
check_id (const BfyRpcMessage *message)
{
  g_autofree char *answer = bfy_rpc_format_error (message->id, BFY_ERROR_DENIED, "no");
  g_autoptr (BfyRpc) back = bfy_rpc_parse (answer, strlen (answer), NULL);
  BfyJsonSlice id;

  g_assert_nonnull (back);
  g_assert_cmpstr (bfy_rpc_message (back, 0)->id, ==, message->id);
  g_assert_cmpint (bfy_rpc_message (back, 0)->kind, ==, BFY_RPC_RESPONSE);
  if (message->id == NULL)
    {
      g_assert_cmpint (message->kind, !=, BFY_RPC_REQUEST);
      return;
    }
  g_assert_true (bfy_json_check (message->id, strlen (message->id), NULL));
  bfy_json_slice_root (message->id, strlen (message->id), &id);
  g_assert_true (id.type == BFY_JSON_STRING || id.type == BFY_JSON_NUMBER);
  g_assert_true (id.start == message->id && id.length == strlen (message->id));
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, size, &error);
  g_autoptr (JsonNode) root = NULL;

  if (rpc == NULL)
    {
      g_assert_true (g_error_matches (error, BFY_ERROR, BFY_ERROR_PARSE) ||
                     g_error_matches (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST));
      g_assert_true (g_str_is_ascii (error->message));
      return 0;
    }

  g_assert_no_error (error);
  g_assert_cmpuint (bfy_rpc_n_messages (rpc), >=, 1);
  g_assert_cmpuint (bfy_rpc_n_messages (rpc), <=, bfy_rpc_is_batch (rpc) ? BFY_RPC_BATCH_MAX : 1);
  root = bfy_json_parse (text, size, NULL); /* NULL for numbers out of range */
  for (guint i = 0; i < bfy_rpc_n_messages (rpc); i++)
    {
      JsonNode *node = root;

      if (root != NULL && bfy_rpc_is_batch (rpc))
        node = json_array_get_element (json_node_get_array (root), i);
      if (root != NULL)
        compare_message (bfy_rpc_message (rpc, i), node);
      check_id (bfy_rpc_message (rpc, i));
    }

  return 0;
}
