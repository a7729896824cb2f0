/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/http/asked.h"

#include <string.h>

#include "protocol/http-path.h"

#define AMBIGUOUS_TEXT                                                                             \
  "The path can be read in more than one way, or is too long: write it without dot segments, "     \
  "empty segments and escaped slashes"

/* Of a compressed body nobody can say what is in it. */
static gboolean
is_readable (BfyRequest *request)
{
  const char *encoding = bfy_request_get_header (request, "Content-Encoding");

  return encoding == NULL || g_ascii_strcasecmp (encoding, "identity") == 0;
}

static char *
take_target (BfyRequest *request)
{
  const char *rest = bfy_request_get_route (request)->rest;
  const char *query = bfy_request_get_query (request);
  g_autofree char *target = g_strconcat (rest != NULL && *rest != '\0' ? rest : "/",
                                         query != NULL ? "?" : NULL, query, NULL);

  return bfy_http_target_canonicalize (target);
}

static BfyRpc *
read_http (BfyRequest *request, GError **error)
{
  g_autofree char *target = take_target (request);
  GBytes *bytes = bfy_request_get_body (request);
  BfyHttpMessage http = { .method = bfy_request_get_method (request), .target = target };

  if (target == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, AMBIGUOUS_TEXT);
      return NULL;
    }
  http.content_type = bfy_request_get_header (request, "Content-Type");
  if (bytes != NULL && is_readable (request))
    http.body = g_bytes_get_data (bytes, &http.body_length);

  return bfy_rpc_new_http (&http);
}

BfyRpc *
bfy_asked_read (BfyRequest *request, GError **error)
{
  GBytes *bytes = bfy_request_get_body (request);
  gsize length = 0;
  const char *text;

  if (bfy_request_get_route (request)->kind == BFY_ROUTE_HTTP)
    return read_http (request, error);
  text = bytes != NULL ? g_bytes_get_data (bytes, &length) : NULL;

  return bfy_rpc_parse (text != NULL ? text : "", length, error);
}

char *
bfy_asked_url (const char *base, const BfyRpcMessage *message)
{
  gsize n_base = strlen (base);

  while (n_base > 0 && base[n_base - 1] == '/')
    n_base--;

  return g_strdup_printf ("%.*s%s", (int) n_base, base, message->http->target);
}
