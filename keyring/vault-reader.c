/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "keyring/vault-reader.h"

#include <string.h>

#include "keyring/vault-body.h"

const guint8 *
bfy_vault_reader_take (BfyVaultReader *self, gsize length)
{
  const guint8 *bytes = self->bytes;

  if (length > self->n_left)
    return NULL;

  self->bytes += length;
  self->n_left -= length;

  return bytes;
}

gboolean
bfy_vault_reader_take_number (BfyVaultReader *self, guint n_bytes, guint64 max, guint64 *number)
{
  const guint8 *bytes = bfy_vault_reader_take (self, n_bytes);

  if (bytes == NULL)
    return FALSE;

  *number = 0;
  for (guint i = 0; i < n_bytes; i++)
    *number = *number << 8 | bytes[i];

  return *number <= max;
}

char *
bfy_vault_reader_take_id (BfyVaultReader *self, const char *previous)
{
  guint64 length;
  const guint8 *bytes;
  g_autofree char *id = NULL;

  if (!bfy_vault_reader_take_number (self, BFY_VAULT_ID_LENGTH_BYTES, BFY_VAULT_ITEM_ID_BYTES_MAX,
                                     &length))
    return NULL;
  bytes = bfy_vault_reader_take (self, length);
  if (bytes == NULL || length == 0 || memchr (bytes, 0, length) != NULL)
    return NULL;

  id = g_strndup ((const char *) bytes, length);
  if (previous != NULL && strcmp (previous, id) >= 0)
    return NULL;

  return g_steal_pointer (&id);
}

void
bfy_vault_put_number (guint8 **cursor, guint64 number, guint n_bytes)
{
  for (guint i = 0; i < n_bytes; i++)
    (*cursor)[i] = (guint8) (number >> (8 * (n_bytes - 1 - i)));
  *cursor += n_bytes;
}

void
bfy_vault_put_bytes (guint8 **cursor, gconstpointer bytes, gsize length)
{
  if (length > 0)
    memcpy (*cursor, bytes, length);
  *cursor += length;
}
