/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A tools/call whose headers do not match: the client has never asked for the tools, or they have
 * changed since. The bridge asks for them itself and sends the call once more (mcp.md A.8). */

#include "client/bridge-errand.h"
#include "client/bridge-post.h"
#include "client/bridge-reply.h"
#include "client/mcp-headers.h"

#define PAGES_MAX 32

static void on_page (BridgeErrand *errand, gpointer user_data);

/* @page: the checked response to the page before, or NULL for the first one. */
static void
ask_for_page (BridgePost *post, const char *page, gsize page_length)
{
  Bridge *self = post->bridge;
  g_autoptr (BfyRpc) rpc = NULL;
  g_autoptr (GBytes) line = NULL;
  gsize length;
  const char *text = g_bytes_get_data (post->line, &length);
  GString *request = bfy_bridge_reply_new_list (text, length, page, page_length);

  post->n_pages++;
  rpc = bfy_rpc_parse (request->str, request->len, NULL);
  line = g_string_free_to_bytes (request);
  g_clear_pointer (&post->errand, bridge_errand_free);
  post->errand = bridge_errand_new (self, line);
  if (rpc != NULL)
    bfy_mcp_headers_add (
        soup_message_get_request_headers (bridge_errand_get_message (post->errand)),
        bfy_rpc_message (rpc, 0), bfy_rpc_message (rpc, 0)->protocol_version);
  bridge_errand_start (post->errand, on_page, post);
}

static void
on_page (BridgeErrand *errand, gpointer user_data)
{
  BridgePost *post = user_data;
  Bridge *self = post->bridge;
  g_autofree char *complaint = NULL;
  gsize length;
  const char *text = bridge_errand_get_response (errand, &length);
  GString *kept =
      text != NULL ? bfy_tool_headers_learn (self->tools, text, length, &complaint) : NULL;

  if (kept != NULL)
    g_string_free (kept, TRUE);
  if (bfy_tool_headers_lookup (self->tools, post->tool) != NULL)
    bridge_post_send_again (post);
  else if (text != NULL && post->n_pages < PAGES_MAX &&
           bfy_bridge_reply_has_next_page (text, length))
    ask_for_page (post, text, length);
  else if (post->has_params) /* of which the tool knows nothing any more */
    bridge_post_send_again (post);
  else
    bridge_post_finish (post, NULL);
}

void
bridge_refresh_start (BridgePost *post)
{
  bfy_tool_headers_forget (post->bridge->tools, post->tool);
  ask_for_page (post, NULL, 0);
}
