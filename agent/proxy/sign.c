/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/sign.h"

#include <string.h>

#include "agent/agent.h"
#include "protocol/error.h"
#include "protocol/sigv4.h"

#define DATE "X-Amz-Date"
#define DIGEST "X-Amz-Content-Sha256"
#define TOKEN "X-Amz-Security-Token"
#define SIGNED_PIECES "STREAMING-AWS4-"

static gboolean
is_tls (const BfyOutgoing *request)
{
  return g_ascii_strcasecmp (g_uri_get_scheme (request->uri), "https") == 0;
}

/* What stands for the body in the signature: the one place that decides it. Over TLS, S3 takes
 * bodies without a digest, and a client may ask for that. */
static char *
choose_payload (const BfyOutgoing *request, const char *scope, GError **error)
{
  const char *asked = soup_message_headers_get_one (request->headers, DIGEST);
  gboolean may_be_unsigned = bfy_sigv4_scope_is_s3 (scope) && is_tls (request);
  gsize length = 0;
  gconstpointer bytes = request->body != NULL ? g_bytes_get_data (request->body, &length) : NULL;

  if (asked != NULL && g_str_has_prefix (asked, SIGNED_PIECES))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                           "The pieces of this body are signed with the client’s own key; have "
                           "it sent in one piece");
      return NULL;
    }
  if (may_be_unsigned && asked != NULL &&
      (g_str_equal (asked, BFY_SIGV4_UNSIGNED) || g_str_equal (asked, BFY_SIGV4_UNSIGNED_CHUNKS)))
    return g_strdup (asked);

  return bfy_sigv4_hash (bytes, length);
}

/* As both kinds of legs write it. */
static char *
format_host (GUri *uri)
{
  const char *host = g_uri_get_host (uri);
  int port = g_uri_get_port (uri);
  int usual = g_str_equal (g_uri_get_scheme (uri), "https") ? 443 : 80;
  g_autofree char *name =
      strchr (host, ':') != NULL ? g_strdup_printf ("[%s]", host) : g_strdup (host);

  return port > 0 && port != usual ? g_strdup_printf ("%s:%d", name, port)
                                   : g_steal_pointer (&name);
}

static gboolean
is_signed (const char *name)
{
  return g_ascii_strncasecmp (name, "x-amz-", 6) == 0 ||
         g_ascii_strcasecmp (name, "Content-Type") == 0 ||
         g_ascii_strcasecmp (name, "Content-MD5") == 0;
}

static void
add_header (GArray *headers, const char *name, const char *value)
{
  const BfySigv4Header header = { name, value };

  g_array_append_val (headers, header);
}

static GArray *
collect_headers (const BfyOutgoing *request, const char *host, const BfySecret *token)
{
  GArray *headers = g_array_new (FALSE, FALSE, sizeof (BfySigv4Header));
  SoupMessageHeadersIter iter;
  const char *name, *value;

  add_header (headers, "Host", host);
  soup_message_headers_iter_init (&iter, request->headers);
  while (soup_message_headers_iter_next (&iter, &name, &value))
    if (is_signed (name))
      add_header (headers, name, value);
  if (token != NULL)
    add_header (headers, TOKEN, bfy_secret_peek_text (token));

  return headers;
}

static void
replace_own_headers (const BfyOutgoing *request, const BfySigv4Key *key, const char *payload)
{
  soup_message_headers_remove (request->headers, "Authorization");
  soup_message_headers_remove (request->headers, TOKEN);
  soup_message_headers_replace (request->headers, DATE, key->date);
  if (bfy_sigv4_scope_is_s3 (key->scope))
    soup_message_headers_replace (request->headers, DIGEST, payload);
  else
    soup_message_headers_remove (request->headers, DIGEST);
}

static void
put_target (BfyPresented *self, const BfyOutgoing *request)
{
  g_autofree char *path = bfy_sigv4_path (g_uri_get_path (request->uri));
  g_autofree char *query = bfy_sigv4_query (g_uri_get_query (request->uri));

  self->path = bfy_secret_new (path, strlen (path));
  self->query = *query != '\0' ? bfy_secret_new (query, strlen (query)) : NULL;
}

static void
put_signature (BfyPresented *self,
               const BfyOutgoing *request,
               const BfySigv4Key *key,
               const BfySecret *token,
               const char *payload)
{
  g_autofree char *host = format_host (request->uri);
  g_autoptr (GArray) headers = collect_headers (request, host, token);
  const BfySigv4Request what = {
    .method = request->method,
    .path = bfy_secret_peek_text (self->path),
    .query = self->query != NULL ? bfy_secret_peek_text (self->query) : NULL,
    .headers = (const BfySigv4Header *) (gpointer) headers->data,
    .n_headers = headers->len,
    .payload = payload,
  };
  g_autoptr (BfySecret) value = bfy_sigv4_authorization (&what, key);

  bfy_presented_add (self, "Authorization", value);
}

gboolean
bfy_sign (BfyPresented *self,
          const BfyOutgoing *request,
          const BfyInjection *injection,
          const BfyCredential *credential,
          GError **error)
{
  g_autofree char *date = bfy_sigv4_date (bfy_agent_now_s ());
  g_autofree char *payload = NULL;
  g_autoptr (BfySecret) secret_key = NULL;
  g_autoptr (BfySecret) token = NULL;

  if (injection->name == NULL || credential->username == NULL || *credential->username == '\0')
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                           "The stored credential has no access key id to sign with");
      return FALSE;
    }
  payload = choose_payload (request, injection->name, error);
  if (payload == NULL)
    return FALSE;

  bfy_sigv4_split_secret (credential->secret, &secret_key, &token);
  {
    const BfySigv4Key key = { credential->username, secret_key, injection->name, date };

    replace_own_headers (request, &key, payload);
    put_target (self, request);
    put_signature (self, request, &key, token, payload);
  }
  if (token != NULL)
    bfy_presented_add (self, TOKEN, token);

  return TRUE;
}
