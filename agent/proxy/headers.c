/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/headers.h"

#include <string.h>

#include "protocol/injection.h"

static const char *const up_names[] = {
  "mcp-session-id", "mcp-protocol-version", "last-event-id", "mcp-method", "mcp-name",
  "mcp-param-*",    "traceparent",          "tracestate",    NULL,
};

#define LENGTH_DIGITS_MAX 18

static const char *const down_names[] = {
  "content-type", "mcp-session-id", "mcp-protocol-version", "retry-after", NULL,
};

gboolean
bfy_headers_are_for_this_hop (SoupMessageHeaders *from, const char *name)
{
  return soup_message_headers_header_contains (from, "Connection", name);
}

static gboolean
goes_up (SoupMessageHeaders *from, const char *name, const char *injected)
{
  return bfy_header_name_is_among (name, up_names) &&
         (injected == NULL || g_ascii_strcasecmp (name, injected) != 0) &&
         !bfy_headers_are_for_this_hop (from, name);
}

void
bfy_headers_copy_up (SoupMessageHeaders *from,
                     SoupMessageHeaders *to,
                     const char *method,
                     const char *injected)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, from);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (goes_up (from, name, injected))
      soup_message_headers_append (to, name, value);
  soup_message_headers_replace (to, "Accept-Encoding", "identity");
  if (strcmp (method, "POST") == 0)
    soup_message_headers_replace (to, "Accept", "application/json, text/event-stream");
  else if (strcmp (method, "GET") == 0)
    soup_message_headers_replace (to, "Accept", "text/event-stream");
}

gboolean
bfy_headers_have_sound_length (SoupMessageHeaders *from)
{
  const char *length = soup_message_headers_get_list (from, "Content-Length");
  gsize n_digits;

  if (length == NULL || soup_message_headers_get_list (from, "Transfer-Encoding") != NULL)
    return TRUE;
  n_digits = strspn (length, "0123456789");

  return n_digits > 0 && n_digits <= LENGTH_DIGITS_MAX && length[n_digits] == '\0';
}

void
bfy_headers_copy_down (SoupMessageHeaders *from, SoupMessageHeaders *to)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;

  soup_message_headers_iter_init (&iter, from);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (bfy_header_name_is_among (name, down_names) && !bfy_headers_are_for_this_hop (from, name))
      soup_message_headers_append (to, name, value);
}
