/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/proxy/presented.h"

#include <string.h>

#include "agent/proxy/sign.h"
#include "protocol/error.h"
#include "protocol/injection-place.h"

static gboolean
refuse_missing (GError **error)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING,
                       "There is no credential for this binding");

  return FALSE;
}

void
bfy_presented_add (BfyPresented *self, const char *name, BfySecret *value)
{
  g_return_if_fail (self->n_fields < BFY_PRESENTED_FIELDS_MAX);

  self->fields[self->n_fields].name = name;
  self->fields[self->n_fields].value = bfy_secret_ref (value);
  self->n_fields++;
}

static BfySecret *
secret_of (const char *text)
{
  return text != NULL ? bfy_secret_new (text, strlen (text)) : NULL;
}

static gboolean
put_into_header (BfyPresented *self,
                 const BfyInjection *injection,
                 const BfyCredential *credential,
                 GError **error)
{
  g_autoptr (BfySecret) value =
      bfy_injection_header_value (injection, credential->username, credential->secret, error);

  if (value == NULL)
    return FALSE;
  bfy_presented_add (self, bfy_injection_header_name (injection), value);

  return TRUE;
}

gboolean
bfy_presented_make (BfyPresented *self,
                    const BfyOutgoing *request,
                    const BfyInjection *injection,
                    const BfyCredential *credential,
                    GError **error)
{
  if (injection->kind != BFY_INJECT_NONE && credential == NULL)
    return refuse_missing (error);

  switch (injection->kind)
    {
    case BFY_INJECT_NONE:
    case BFY_INJECT_BODY:
      break;
    case BFY_INJECT_HEADER:
    case BFY_INJECT_BASIC:
      return put_into_header (self, injection, credential, error);
    case BFY_INJECT_QUERY:
      self->path = secret_of (g_uri_get_path (request->uri));
      self->query =
          bfy_injection_query (injection, g_uri_get_query (request->uri), credential->secret);
      break;
    case BFY_INJECT_PATH:
      self->path =
          bfy_injection_path (injection, g_uri_get_path (request->uri), credential->secret, error);
      self->query = secret_of (g_uri_get_query (request->uri));
      return self->path != NULL;
    case BFY_INJECT_SIGV4:
      return bfy_sign (self, request, injection, credential, error);
    }

  return TRUE;
}

gboolean
bfy_presented_body (const BfyInjection *injection,
                    const BfyCredential *credential,
                    const char *content_type,
                    GBytes *body,
                    GBytes **sent,
                    GError **error)
{
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0);
  BfySecret *filled;
  const guint8 *bytes;
  gsize length;

  if (injection->kind != BFY_INJECT_BODY)
    {
      *sent = body != NULL ? g_bytes_ref (body) : NULL;
      return TRUE;
    }
  if (credential == NULL)
    return refuse_missing (error);
  filled = bfy_injection_body (injection, content_type, body != NULL ? body : none,
                               credential->secret, error);
  if (filled == NULL)
    return FALSE;
  bytes = bfy_secret_peek (filled, &length);
  *sent = g_bytes_new_with_free_func (bytes, length, (GDestroyNotify) bfy_secret_unref, filled);

  return TRUE;
}

gsize
bfy_presented_length (const BfyPresented *self)
{
  gsize length = 0;

  for (guint i = 0; i < self->n_fields; i++)
    length += strlen (self->fields[i].name) + bfy_secret_length (self->fields[i].value) + 4;
  if (self->path != NULL)
    length += bfy_secret_length (self->path);
  if (self->query != NULL)
    length += bfy_secret_length (self->query);

  return length;
}

void
bfy_presented_clear (BfyPresented *self)
{
  for (guint i = 0; i < self->n_fields; i++)
    g_clear_pointer (&self->fields[i].value, bfy_secret_unref);
  self->n_fields = 0;
  g_clear_pointer (&self->path, bfy_secret_unref);
  g_clear_pointer (&self->query, bfy_secret_unref);
}
