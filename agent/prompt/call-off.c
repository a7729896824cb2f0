/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* notifications/cancelled for a request that waits for a person. The service has not seen that
 * request, so the notification ends here, too. */

#include "agent/prompt/prompts-private.h"
#include "protocol/json-edit.h"

static char *
dup_cancelled_id (BfyRequest *request, const BfyRpc *rpc)
{
  static const char *const path[] = { "params", "requestId", NULL };
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfyJsonSlice root, id;

  if (bfy_rpc_is_batch (rpc) || bfy_rpc_message (rpc, 0)->kind != BFY_RPC_NOTIFICATION ||
      !g_str_equal (bfy_rpc_message (rpc, 0)->method, "notifications/cancelled"))
    return NULL;
  bfy_json_slice_root (text, length, &root);

  return bfy_json_slice_find (&root, path, &id) ? bfy_json_slice_dup_raw (&id) : NULL;
}

static gboolean
has_id (BfyRequest *request, const char *id)
{
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  g_autoptr (BfyRpc) rpc = bfy_rpc_parse (text, length, NULL);

  return rpc != NULL && !bfy_rpc_is_batch (rpc) &&
         g_strcmp0 (bfy_rpc_message (rpc, 0)->id, id) == 0;
}

/* Without a key it takes one process to be one client. */
static gboolean
is_of_same_client (BfyRequest *one, BfyRequest *other)
{
  BfyClient *client = bfy_request_get_client (one);
  BfyClient *others = bfy_request_get_client (other);

  if (client != NULL || others != NULL)
    return client != NULL && others != NULL && g_str_equal (client->id, others->id);

  return bfy_request_get_connection (one)->peer.pid == bfy_request_get_connection (other)->peer.pid;
}

/* The session of 2024-11-05 is in the query. */
static gboolean
is_of_same_session (BfyRequest *one, BfyRequest *other)
{
  const BfyRoute *route = bfy_request_get_route (one);
  const BfyRoute *others = bfy_request_get_route (other);

  return route->kind == others->kind && g_strcmp0 (route->name, others->name) == 0 &&
         g_strcmp0 (bfy_request_get_query (one), bfy_request_get_query (other)) == 0 &&
         g_strcmp0 (bfy_request_get_header (one, "Mcp-Session-Id"),
                    bfy_request_get_header (other, "Mcp-Session-Id")) == 0;
}

static void
add_if_meant (GPtrArray *meant, BfyRequest *waiting, BfyRequest *request, const char *id)
{
  BfyRequest *asker = bfy_request_get_outermost (waiting);

  if (!bfy_request_is_inner (asker) && !bfy_request_is_over (asker) && has_id (asker, id) &&
      is_of_same_client (asker, request) && is_of_same_session (asker, request) &&
      !g_ptr_array_find (meant, asker, NULL))
    g_ptr_array_add (meant, bfy_request_ref (asker));
}

gboolean
bfy_prompts_call_off (BfyPrompts *self, BfyRequest *request, const BfyRpc *rpc)
{
  g_autofree char *id = !bfy_request_is_inner (request) ? dup_cancelled_id (request, rpc) : NULL;
  g_autoptr (GPtrArray) meant = NULL;

  if (id == NULL)
    return FALSE;

  meant = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_request_unref);
  for (guint i = 0; i < self->questions->len; i++)
    {
      const BfyQuestion *question = g_ptr_array_index (self->questions, i);

      for (GList *link = question->waiting.head; link != NULL; link = link->next)
        add_if_meant (meant, ((BfyWaiter *) link->data)->request, request, id);
    }
  /* Two of a client without sessions may have the same id: then nobody knows. */
  if (meant->len != 1)
    return FALSE;
  bfy_request_hang_up (g_ptr_array_index (meant, 0));

  return TRUE;
}
