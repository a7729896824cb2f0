/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/sealed-credential.h"

#include <string.h>

#include "protocol/blob.h"
#include "protocol/client-key.h"
#include "protocol/error.h"
#include "protocol/json.h"

#define ENVELOPE_VERSION 1
#define ENVELOPE_TYPE "sealed"
#define ENVELOPE_BYTES_MAX (2 * 1024 * 1024)
#define WRAP_BYTES (BFY_BLOB_OVERHEAD_BYTES + BFY_BLOB_KEY_BYTES)
#define DATA_BYTES_MAX (BFY_BLOB_OVERHEAD_BYTES + BFY_BLOB_PLAIN_BYTES_MAX)

typedef struct
{
  char *client; /* (owned) UUID */
  GBytes *key;  /* (owned) WRAP_BYTES */
} Wrap;

struct _BfySealedCredential
{
  GPtrArray *wraps; /* (owned) (element-type Wrap) in the order they were added */
  GBytes *data;     /* (owned) (nullable) a blob longer than BFY_BLOB_OVERHEAD_BYTES */
};

static void
wrap_free (Wrap *wrap)
{
  g_free (wrap->client);
  g_bytes_unref (wrap->key);
  g_free (wrap);
}

static void
add_wrap (BfySealedCredential *self, const char *client_id, GBytes *key)
{
  Wrap *wrap = g_new0 (Wrap, 1);

  wrap->client = g_strdup (client_id);
  wrap->key = g_bytes_ref (key);
  g_ptr_array_add (self->wraps, wrap);
}

static Wrap *
find_wrap (const BfySealedCredential *self, const char *client_id)
{
  for (guint i = 0; i < self->wraps->len; i++)
    {
      Wrap *wrap = g_ptr_array_index (self->wraps, i);

      if (strcmp (wrap->client, client_id) == 0)
        return wrap;
    }

  return NULL;
}

BfySealedCredential *
bfy_sealed_credential_new (void)
{
  BfySealedCredential *self = g_new0 (BfySealedCredential, 1);

  self->wraps = g_ptr_array_new_with_free_func ((GDestroyNotify) wrap_free);

  return self;
}

BfySealedCredential *
bfy_sealed_credential_copy (const BfySealedCredential *self)
{
  BfySealedCredential *copy = bfy_sealed_credential_new ();

  for (guint i = 0; i < self->wraps->len; i++)
    {
      const Wrap *wrap = g_ptr_array_index (self->wraps, i);

      add_wrap (copy, wrap->client, wrap->key);
    }
  copy->data = self->data != NULL ? g_bytes_ref (self->data) : NULL;

  return copy;
}

void
bfy_sealed_credential_free (BfySealedCredential *self)
{
  if (self == NULL)
    return;

  g_ptr_array_unref (self->wraps);
  g_clear_pointer (&self->data, g_bytes_unref);
  g_free (self);
}

/* --- The keyring form --- */

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
      const Wrap *wrap = g_ptr_array_index (self->wraps, i);
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
      !g_uuid_string_is_valid (client) || find_wrap (self, client) != NULL)
    return FALSE;
  key = read_blob (entry, "key", WRAP_BYTES, WRAP_BYTES);
  if (key == NULL)
    return FALSE;

  add_wrap (self, client, key);

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

/* --- Opening and closing --- */

static GError *
new_damage (const char *what, GError *cause)
{
  GError *error =
      g_error_new (BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED, "%s: %s", what, cause->message);

  g_error_free (cause);

  return error;
}

gboolean
bfy_sealed_credential_store (BfySealedCredential *self,
                             const char *binding_id,
                             const BfySecret *data_key,
                             const BfyCredential *credential,
                             GError **error)
{
  const BfyBlobUse use = { BFY_BLOB_INFO_SEALED, binding_id, "token" };
  g_autoptr (BfySecret) plain = bfy_credential_seal (credential);
  GBytes *data = bfy_blob_seal (data_key, &use, plain, error);

  if (data == NULL)
    return FALSE;

  g_clear_pointer (&self->data, g_bytes_unref);
  self->data = data;

  return TRUE;
}

BfyCredential *
bfy_sealed_credential_open (const BfySealedCredential *self,
                            const char *binding_id,
                            const BfySecret *data_key,
                            GError **error)
{
  const BfyBlobUse use = { BFY_BLOB_INFO_SEALED, binding_id, "token" };
  g_autoptr (BfySecret) plain = NULL;
  GError *local_error = NULL;
  const guint8 *blob;
  gsize length;

  if (self->data == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_MISSING,
                           "There is no sealed credential");
      return NULL;
    }

  blob = g_bytes_get_data (self->data, &length);
  plain = bfy_blob_open (data_key, &use, blob, length, &local_error);
  if (plain == NULL)
    {
      g_propagate_error (error, new_damage ("The sealed credential cannot be opened", local_error));
      return NULL;
    }

  return bfy_credential_open (plain, error);
}

gboolean
bfy_sealed_credential_add_client (BfySealedCredential *self,
                                  const char *binding_id,
                                  const char *client_id,
                                  const BfySecret *proof,
                                  const BfySecret *data_key,
                                  GError **error)
{
  const BfyBlobUse use = { BFY_BLOB_INFO_SEALED, binding_id, "wrap" };
  Wrap *present = find_wrap (self, client_id);
  g_autoptr (GBytes) key = NULL;

  if (present == NULL && self->wraps->len >= BFY_SEALED_CLIENTS_MAX)
    {
      g_set_error (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED,
                   "No more than %d clients can open one sealed binding", BFY_SEALED_CLIENTS_MAX);
      return FALSE;
    }
  key = bfy_blob_seal (proof, &use, data_key, error);
  if (key == NULL)
    return FALSE;

  if (present != NULL)
    g_ptr_array_remove (self->wraps, present);
  add_wrap (self, client_id, key);

  return TRUE;
}

BfySecret *
bfy_sealed_credential_unwrap (const BfySealedCredential *self,
                              const char *binding_id,
                              const char *client_id,
                              const BfySecret *proof,
                              GError **error)
{
  const BfyBlobUse use = { BFY_BLOB_INFO_SEALED, binding_id, "wrap" };
  const Wrap *wrap = find_wrap (self, client_id);
  GError *local_error = NULL;
  BfySecret *data_key;
  const guint8 *blob;
  gsize length;

  if (wrap == NULL)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_LOCKED,
                           "The key of this client does not open it");
      return NULL;
    }

  blob = g_bytes_get_data (wrap->key, &length);
  data_key = bfy_blob_open (proof, &use, blob, length, &local_error);
  if (data_key == NULL)
    g_propagate_error (error,
                       new_damage ("This client’s copy of the key cannot be opened", local_error));

  return data_key;
}

/* --- Who can open it --- */

gboolean
bfy_sealed_credential_has_client (const BfySealedCredential *self, const char *client_id)
{
  return find_wrap (self, client_id) != NULL;
}

gboolean
bfy_sealed_credential_remove_client (BfySealedCredential *self, const char *client_id)
{
  Wrap *wrap = find_wrap (self, client_id);

  return wrap != NULL && g_ptr_array_remove (self->wraps, wrap);
}

void
bfy_sealed_credential_remove_all_clients (BfySealedCredential *self)
{
  g_ptr_array_set_size (self->wraps, 0);
}

guint
bfy_sealed_credential_n_clients (const BfySealedCredential *self)
{
  return self->wraps->len;
}

GStrv
bfy_sealed_credential_dup_clients (const BfySealedCredential *self)
{
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();

  for (guint i = 0; i < self->wraps->len; i++)
    g_strv_builder_add (ids, ((const Wrap *) g_ptr_array_index (self->wraps, i))->client);

  return g_strv_builder_end (ids);
}
