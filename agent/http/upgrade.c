/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/http/upgrade.h"

#define EXTENSIONS "Sec-WebSocket-Extensions"

gboolean
bfy_upgrade_is_asked (BfyRequest *request)
{
  SoupMessageHeaders *headers = bfy_request_get_headers (request);
  GBytes *body = bfy_request_get_body (request);

  return headers != NULL && g_str_equal (bfy_request_get_method (request), "GET") &&
         (body == NULL || g_bytes_get_size (body) == 0) &&
         soup_message_headers_header_equals (headers, "Upgrade", "websocket") &&
         soup_message_headers_header_contains (headers, "Connection", "upgrade") &&
         soup_message_headers_get_one (headers, "Sec-WebSocket-Key") != NULL;
}

void
bfy_upgrade_complete (SoupMessageHeaders *up)
{
  soup_message_headers_remove (up, EXTENSIONS);
  soup_message_headers_append (up, "Connection", "Upgrade");
  soup_message_headers_append (up, "Upgrade", "websocket");
}

const char *
bfy_upgrade_find_fault (SoupMessageHeaders *headers)
{
  if (soup_message_headers_get_list (headers, EXTENSIONS) != NULL)
    return "wants a WebSocket extension that nobody has asked for";

  return NULL;
}
