/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "agent/api/api.h"
#include "agent/api/key-member.h"
#include "protocol/client-key.h"
#include "protocol/json.h"

/* Client keys on their way in and out of the control API. */

gboolean
bfy_api_take_key (BfyRequest *request, const char *member, BfySecret **key, GError **error)
{
  gsize length;
  const char *text = g_bytes_get_data (bfy_request_get_body (request), &length);
  BfyJsonSlice root, slice;

  if (!bfy_json_check (text, length, error))
    return FALSE;
  bfy_json_slice_root (text, length, &root);
  if (!bfy_json_slice_member (&root, member, &slice) || slice.type == BFY_JSON_NULL)
    return TRUE;

  *key = bfy_client_key_from_slice (&slice);
  if (*key == NULL)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST,
                   "“%s” must be a client key, bnd_local_…", member);
      return FALSE;
    }
  bfy_key_member_overwrite (&slice);

  return TRUE;
}

/* Written by hand, so that the key is copied once, into a buffer that does not grow. */
GString *
bfy_api_format_with_key (JsonObject *object, const char *member, const BfySecret *key)
{
  g_autoptr (BfySecret) printed = bfy_client_key_to_printed (key);
  gsize length;
  g_autofree char *open_part = bfy_json_object_to_text (object, &length);
  GString *text = g_string_sized_new (length + strlen (member) + bfy_secret_length (printed) + 64);

  g_string_append_len (text, open_part, (gssize) length - 1);
  g_string_append_printf (text, "%s\"%s\":", length > 2 ? "," : "", member);
  bfy_json_append_string (text, bfy_secret_peek_text (printed), -1);
  g_string_append_c (text, '}');

  return text;
}

/* The HTTP library copies it once more into its own. */
void
bfy_api_reply_with_key (
    BfyRequest *request, guint status, JsonObject *taken, const char *member, const BfySecret *key)
{
  g_autoptr (JsonObject) object = taken;
  g_autoptr (GString) text = bfy_api_format_with_key (object, member, key);

  bfy_request_reply (request, status, "application/json", text->str, (gssize) text->len);
  bfy_wipe (text->str, text->len);
}
