/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The form in which a sealed credential rests in the keyring. */

#include <string.h>

#include "protocol/client-key.h"
#include "protocol/error.h"
#include "protocol/json.h"
#include "protocol/sealed-credential-private.h"

#define ENVELOPE_VERSION 1
#define ENVELOPE_TYPE "sealed"
#define ENVELOPE_BYTES_MAX (2 * 1024 * 1024)
#define DATA_BYTES_MAX (BFY_BLOB_OVERHEAD_BYTES + BFY_BLOB_PLAIN_BYTES_MAX)

static void
set_blob (JsonObject *object, const char *name, GBytes *blob)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (blob, &length);
  g_autofree char *text = bfy_base64url_encode (bytes, length);

  json_object_set_string_member (object, name, text);
}

BfySecret *
bfy_sealed_credential_to_item (const BfySealedCredential *self)
{
  g_autoptr (JsonObject) object = NULL;
  g_autofree char *text = NULL;
  JsonArray *wraps;
  gsize length;

  if (self->data == NULL)
    return NULL;

  object = json_object_new ();
  wraps = json_array_new ();
  json_object_set_int_member (object, "v", ENVELOPE_VERSION);
  json_object_set_string_member (object, "type", ENVELOPE_TYPE);
  for (guint i = 0; i < self->wraps->len; i++)
    {
      const BfySealedWrap *wrap = g_ptr_array_index (self->wraps, i);
      JsonObject *entry = json_object_new ();

      json_object_set_string_member (entry, "client", wrap->client);
      set_blob (entry, "key", wrap->key);
      json_array_add_object_element (wraps, entry);
    }
  json_object_set_array_member (object, "wraps", wraps);
  set_blob (object, "data", self->data);
  text = bfy_json_object_to_text (object, &length);

  return bfy_secret_new (text, length);
}

/* The member as bytes, or NULL unless it is the one spelling of @n_min to @n_max bytes. */
static GBytes *
read_blob (JsonObject *object, const char *name, gsize n_min, gsize n_max)
{
  const char *text = NULL;
  guint8 *bytes;
  gsize length;

  if (!bfy_json_get_string (object, name, &text, NULL) || text == NULL)
    return NULL;
  bytes = bfy_base64url_decode (text, strlen (text), &length);
  if (bytes == NULL)
    return NULL;
  if (length < n_min || length > n_max)
    {
      g_free (bytes);
      return NULL;
    }

  return g_bytes_new_take (bytes, length);
}

static gboolean
read_wrap (BfySealedCredential *self, JsonNode *node)
{
  static const char *const known[] = { "client", "key", NULL };
  JsonObject *entry = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *client = NULL;
  g_autoptr (GBytes) key = NULL;

  if (entry == NULL || !bfy_json_refuse_unknown (entry, known, NULL) ||
      !bfy_json_get_string (entry, "client", &client, NULL) || client == NULL ||
      !g_uuid_string_is_valid (client) || bfy_sealed_credential_find_wrap (self, client) != NULL)
    return FALSE;
  key = read_blob (entry, "key", BFY_SEALED_WRAP_BYTES, BFY_SEALED_WRAP_BYTES);
  if (key == NULL)
    return FALSE;

  bfy_sealed_credential_add_wrap (self, client, key);

  return TRUE;
}

static gboolean
read_wraps (BfySealedCredential *self, JsonObject *object)
{
  JsonArray *wraps = NULL;

  if (!bfy_json_get_array (object, "wraps", &wraps, NULL) || wraps == NULL ||
      json_array_get_length (wraps) > BFY_SEALED_CLIENTS_MAX)
    return FALSE;

  for (guint i = 0; i < json_array_get_length (wraps); i++)
    {
      if (!read_wrap (self, json_array_get_element (wraps, i)))
        return FALSE;
    }

  return TRUE;
}

static gboolean
read_envelope (BfySealedCredential *self, JsonObject *object)
{
  static const char *const known[] = { "v", "type", "wraps", "data", NULL };
  const char *type = NULL;
  gint64 version = 0;

  if (!bfy_json_refuse_unknown (object, known, NULL) ||
      !bfy_json_get_int (object, "v", &version, NULL) || version != ENVELOPE_VERSION ||
      !bfy_json_get_string (object, "type", &type, NULL) || g_strcmp0 (type, ENVELOPE_TYPE) != 0 ||
      !read_wraps (self, object))
    return FALSE;

  self->data = read_blob (object, "data", BFY_BLOB_OVERHEAD_BYTES + 1, DATA_BYTES_MAX);

  return self->data != NULL;
}

BfySealedCredential *
bfy_sealed_credential_parse (const BfySecret *item, GError **error)
{
  g_autoptr (BfySealedCredential) self = bfy_sealed_credential_new ();
  gsize length = bfy_secret_length (item);
  g_autoptr (JsonObject) object = NULL;

  /* A credential in clear must not be copied onto the ordinary heap, so the tree is built only of
   * what says of itself that it is an envelope. */
  if (length <= ENVELOPE_BYTES_MAX && bfy_sealed_credential_is_envelope (item))
    object = bfy_json_parse_object (bfy_secret_peek_text (item), length, NULL);
  if (object == NULL || !read_envelope (self, object))
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                           "The sealed credential is damaged, or a newer version wrote it");
      return NULL;
    }

  return g_steal_pointer (&self);
}

gboolean
bfy_sealed_credential_is_envelope (const BfySecret *item)
{
  const char *text = bfy_secret_peek_text (item);
  gsize length = bfy_secret_length (item);
  BfyJsonSlice root, type;

  if (!bfy_json_check (text, length, NULL))
    return FALSE;
  bfy_json_slice_root (text, length, &root);

  return bfy_json_slice_member (&root, "type", &type) &&
         bfy_json_slice_equals (&type, ENVELOPE_TYPE);
}
