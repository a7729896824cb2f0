/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include "protocol/client-key.h"
#include "protocol/error.h"
#include "protocol/sealed-credential-private.h"

static void
wrap_free (BfySealedWrap *wrap)
{
  g_free (wrap->client);
  g_bytes_unref (wrap->key);
  g_free (wrap);
}

void
bfy_sealed_credential_add_wrap (BfySealedCredential *self, const char *client_id, GBytes *key)
{
  BfySealedWrap *wrap = g_new0 (BfySealedWrap, 1);

  wrap->client = g_strdup (client_id);
  wrap->key = g_bytes_ref (key);
  g_ptr_array_add (self->wraps, wrap);
}

BfySealedWrap *
bfy_sealed_credential_find_wrap (const BfySealedCredential *self, const char *client_id)
{
  for (guint i = 0; i < self->wraps->len; i++)
    {
      BfySealedWrap *wrap = g_ptr_array_index (self->wraps, i);

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
      const BfySealedWrap *wrap = g_ptr_array_index (self->wraps, i);

      bfy_sealed_credential_add_wrap (copy, wrap->client, wrap->key);
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
  BfySealedWrap *present = bfy_sealed_credential_find_wrap (self, client_id);
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
  bfy_sealed_credential_add_wrap (self, client_id, key);

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
  const BfySealedWrap *wrap = bfy_sealed_credential_find_wrap (self, client_id);
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
  return bfy_sealed_credential_find_wrap (self, client_id) != NULL;
}

gboolean
bfy_sealed_credential_remove_client (BfySealedCredential *self, const char *client_id)
{
  BfySealedWrap *wrap = bfy_sealed_credential_find_wrap (self, client_id);

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
    g_strv_builder_add (ids, ((const BfySealedWrap *) g_ptr_array_index (self->wraps, i))->client);

  return g_strv_builder_end (ids);
}
