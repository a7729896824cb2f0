/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/era/eras-private.h"

char *
bfy_eras_dup_param (BfyRequest *request, const char *name)
{
  const char *const path[] = { "params", name, NULL };
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfyJsonSlice root, slice;

  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_find (&root, path, &slice) || slice.type != BFY_JSON_STRING)
    return NULL;

  return bfy_json_slice_dup_string (&slice);
}

char *
bfy_eras_dup_raw_param (BfyRequest *request, const char *name)
{
  const char *const path[] = { "params", name, NULL };
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfyJsonSlice root, slice;

  bfy_json_slice_root (text, length, &root);

  return bfy_json_slice_find (&root, path, &slice) && slice.type == BFY_JSON_OBJECT
             ? bfy_json_slice_dup_raw (&slice)
             : NULL;
}

void
bfy_original_free (BfyOriginal *self)
{
  if (self == NULL)
    return;

  g_free (self->content_type);
  g_bytes_unref (self->body);
  g_free (self);
}

BfyEraPlace *
bfy_era_place_new (const BfyEraTarget *target)
{
  BfyEraPlace *self = g_new0 (BfyEraPlace, 1);

  self->id = g_strdup (target->id);
  self->name = g_strdup (target->name);
  self->address = g_strdup (target->address);
  self->here = (BfyEraTarget){ self->id, self->name, self->address, target->is_modern };

  return self;
}

void
bfy_era_place_free (BfyEraPlace *self)
{
  if (self == NULL)
    return;

  g_free (self->id);
  g_free (self->name);
  g_free (self->address);
  g_free (self);
}

void
bfy_eras_refuse (BfyRequest *request,
                 guint status,
                 const char *id,
                 int code,
                 const char *message,
                 const char *versions)
{
  g_autofree char *body = bfy_era_format_error (id, code, message, versions);

  bfy_request_reply (request, status, "application/json", body, -1);
}

static void
pass_on (BfyRequest *request, const BfyOriginal *original)
{
  gsize length = g_bytes_get_size (original->body);
  SoupMessageHeaders *headers =
      bfy_request_begin (request, original->status, (goffset) length, original->is_own);

  if (headers == NULL)
    return;
  if (original->content_type != NULL)
    soup_message_headers_replace (headers, "Content-Type", original->content_type);
  if (length > 0)
    bfy_request_write (request, original->body, NULL, NULL);
  bfy_request_end (request);
}

/* A refusal of the agent, locked for one, is told as it is, with the id of what the client asked.
 */
static gboolean
pass_refusal_on (BfyRequest *request, const char *id, BfyInquiry *failure)
{
  static const char *const path[] = { "error", "data", "origin", NULL };
  gsize length;
  const char *text = bfy_inquiry_get_body (failure, &length);
  BfyJsonSlice root, origin;
  const BfyJsonEdit edits[] = { { "id", id != NULL ? id : "null" } };
  g_autofree char *body = NULL;

  if (length == 0 || !bfy_json_check (text, length, NULL))
    return FALSE;
  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_find (&root, path, &origin) || !bfy_json_slice_equals (&origin, "agent"))
    return FALSE;
  body = bfy_json_edited (&root, edits, G_N_ELEMENTS (edits));
  bfy_request_reply (request, bfy_inquiry_get_status (failure), "application/json", body, -1);

  return TRUE;
}

void
bfy_eras_fail (BfyRequest *request,
               const char *id,
               const BfyOriginal *original,
               BfyInquiry *failure,
               const char *message)
{
  if (original != NULL)
    pass_on (request, original);
  else if (failure == NULL || !pass_refusal_on (request, id, failure))
    bfy_eras_refuse (request, 502, id, bfy_error_to_rpc_code (BFY_ERROR_UPSTREAM_FAILED), message,
                     NULL);
}
