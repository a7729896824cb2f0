/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/mcp-headers.h"

void
bfy_mcp_headers_add (SoupMessageHeaders *headers, const BfyRpcMessage *message, const char *version)
{
  const char *name = bfy_mcp_header_name_of (message);

  if (version != NULL && bfy_mcp_header_is_token (version))
    soup_message_headers_replace (headers, "MCP-Protocol-Version", version);
  if (message->method != NULL && bfy_mcp_header_is_token (message->method))
    soup_message_headers_replace (headers, "Mcp-Method", message->method);
  if (name != NULL)
    {
      g_autofree char *value = bfy_mcp_header_encode (name);

      soup_message_headers_replace (headers, "Mcp-Name", value);
    }
}
