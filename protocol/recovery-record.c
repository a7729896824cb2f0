/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/recovery-record.h"

#include <string.h>

#include "protocol/blob.h"
#include "protocol/error.h"
#include "protocol/secret-writer.h"

#define KEY_INFO "bindify-recovery-record"
#define PURPOSE "recovery"

static void
fill_tokens (BfySecretWriter *writer, gconstpointer data)
{
  const BfyCredential *old = data;
  gsize length;
  const guint8 *bytes = bfy_secret_peek (old->secret, &length);

  bfy_secret_writer_append (writer, bytes, length);
  bfy_secret_writer_append_byte (writer, 0);
  if (old->refresh == NULL)
    return;
  bytes = bfy_secret_peek (old->refresh, &length);
  bfy_secret_writer_append (writer, bytes, length);
}

/* From the tokens, and not from the item as it is written: a later version may write it otherwise.
 */
static BfySecret *
derive_key (const BfyCredential *old, GError **error)
{
  g_autoptr (BfySecret) tokens = bfy_secret_build (fill_tokens, old);

  return bfy_blob_derive (tokens, "", KEY_INFO, error);
}

static BfyBlobUse
use_of (const char *binding_id)
{
  return (BfyBlobUse){ .info = KEY_INFO, .id = binding_id, .purpose = PURPOSE };
}

GBytes *
bfy_recovery_record_seal (const char *binding_id,
                          const BfyCredential *old,
                          const BfyCredential *successor,
                          GError **error)
{
  const BfyBlobUse use = use_of (binding_id);
  g_autoptr (BfySecret) plain = bfy_credential_seal (successor);
  g_autoptr (BfySecret) key = derive_key (old, error);

  return key != NULL ? bfy_blob_seal (key, &use, plain, error) : NULL;
}

gboolean
bfy_recovery_record_succeeds (GBytes *record, const BfyCredential *old)
{
  g_autoptr (BfySecret) key = derive_key (old, NULL);
  guint8 wanted[BFY_BLOB_KEY_ID_BYTES], given[BFY_BLOB_KEY_ID_BYTES];
  gsize length;
  const guint8 *bytes = g_bytes_get_data (record, &length);

  return key != NULL && bfy_blob_peek_key_id (bytes, length, wanted) &&
         bfy_blob_make_key_id (key, given, NULL) && memcmp (wanted, given, sizeof given) == 0;
}

BfyCredential *
bfy_recovery_record_open (GBytes *record,
                          const char *binding_id,
                          const BfyCredential *old,
                          GError **error)
{
  const BfyBlobUse use = use_of (binding_id);
  g_autoptr (BfySecret) key = derive_key (old, error);
  g_autoptr (BfySecret) plain = NULL;
  g_autoptr (BfyCredential) successor = NULL;
  gsize length;
  const guint8 *bytes = g_bytes_get_data (record, &length);

  if (key != NULL)
    plain = bfy_blob_open (key, &use, bytes, length, error);
  if (plain != NULL)
    successor = bfy_credential_open (plain, error);
  if (successor == NULL)
    {
      g_prefix_error_literal (error, "The recovery record cannot be read: ");
      return NULL;
    }
  if (successor->type != old->type)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_CREDENTIAL_DAMAGED,
                           "The recovery record holds a credential of another kind");
      return NULL;
    }

  return g_steal_pointer (&successor);
}
