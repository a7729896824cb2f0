/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The input is taken as many things: the bytes of a vault of any format; the inside and the slot
 * table of one that somebody with the key has sealed, which is how the fuzzer gets past the
 * encryption and the checksums; an item's blob, old and new. What is opened is sealed again and
 * opens to the same. */

#include "keyring/vault-file.h"

#include <string.h>

#include "keyring/vault-format1.h"
#include "keyring/vault-usage.h"
#include "protocol/error.h"
#include "tests/fuzz/fuzz.h"

#define KEY "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk" /* of the seeds, too */
#define SLOT_KEY "ffffffffffffffffffffffffffffffff"

static gboolean
is_expected (const GError *error)
{
  return g_error_matches (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED) ||
         g_error_matches (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED);
}

static void
compare_items (const BfyVaultFile *file, const BfyVaultFile *back)
{
  g_auto (GStrv) ids = bfy_vault_file_ids (file);

  g_assert_cmpuint (bfy_vault_file_n_items (file), ==, bfy_vault_file_n_items (back));
  g_assert_cmpuint (bfy_vault_file_n_items (file), ==, g_strv_length (ids));
  for (guint i = 0; ids[i] != NULL; i++)
    {
      g_autoptr (BfySecret) one = bfy_vault_file_get (file, ids[i], NULL);
      g_autoptr (BfySecret) two = bfy_vault_file_get (back, ids[i], NULL);

      g_assert_true (i == 0 || strcmp (ids[i - 1], ids[i]) < 0);
      g_assert_true (bfy_vault_file_has (back, ids[i]));
      g_assert_true ((one == NULL) == (two == NULL));
      g_assert_true (one == NULL || bfy_secret_equal (one, two));
    }
}

static void
check_round_trip (const BfyVaultFile *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) sealed = bfy_vault_file_seal (file, file->header.generation, &error);
  g_autoptr (BfyVaultUsage) usage = bfy_vault_usage_new (file);
  g_autoptr (BfyVaultFile) back = NULL;
  BfyVaultHeader header;
  gsize length;
  const guint8 *bytes;

  g_assert_no_error (error);
  bytes = g_bytes_get_data (sealed, &length);
  g_assert_true (bfy_vault_header_read (bytes, length, &header, &error));
  back = bfy_vault_file_open (bytes, length, &header, file->key, &error);
  g_assert_no_error (error);
  compare_items (file, back);
  g_assert_cmpuint (usage->n_orphaned, >=, g_strv_length (usage->orphans));
}

/* As it lies there, locked and with keys that may fit. */
static void
check_file (const guint8 *bytes, gsize length, BfySecret *key, const BfySecret *slot_key)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyVaultFile) file = NULL;
  BfyVaultHeader header;

  if (!bfy_vault_header_read (bytes, length, &header, &error))
    {
      g_assert_true (is_expected (error));
      return;
    }
  if (header.format == 1)
    {
      g_autoptr (GTree) items = bfy_vault_format1_open (bytes, length, key, &error);

      g_assert_true (items != NULL || is_expected (error));
      return;
    }

  for (guint i = 0; i < header.n_slots; i++)
    {
      g_autoptr (BfySecret) unwrapped =
          bfy_vault_slot_unwrap (&header.slots[i], header.id, slot_key, NULL);

      g_assert_true (bfy_vault_slot_check (&header.slots[i].slot, NULL));
      g_assert_true (unwrapped == NULL || bfy_secret_length (unwrapped) == BFY_VAULT_KEY_BYTES);
    }
  file = bfy_vault_file_open (bytes, length, &header, key, &error);
  if (file != NULL)
    check_round_trip (file);
  else
    g_assert_true (is_expected (error));
}

static void
make_header (BfyVaultHeader *header)
{
  memset (header, 0, sizeof *header);
  header->generation = 1;
  header->n_slots = 1;
  header->slots[0].slot.number = 1;
  header->slots[0].slot.kind = BFY_VAULT_SLOT_KEY_FILE;
}

static void
check_as_body (const guint8 *body_bytes, gsize length, BfySecret *key, const BfySecret *slot_key)
{
  g_autoptr (BfySecret) body = bfy_secret_new (body_bytes, length);
  BfyVaultHeader header;
  g_autofree guint8 *bytes = NULL;
  BfyCipherAssociated associated;
  gsize head, sealed;

  make_header (&header);
  head = bfy_vault_header_length (&header);
  sealed = head + length + BFY_CIPHER_TAG_BYTES;
  bytes = g_malloc (sealed + BFY_VAULT_DIGEST_BYTES);
  bfy_vault_header_write (&header, bytes);
  associated = (BfyCipherAssociated){ bytes, head, header.nonce };
  g_assert_true (bfy_cipher_seal (key, &associated, body, bytes + head, NULL));
  bfy_vault_header_write_trailer (bytes, sealed);
  check_file (bytes, sealed + BFY_VAULT_DIGEST_BYTES, key, slot_key);
}

/* In the place of the slots, under digests that are right. */
static void
check_as_slots (const guint8 *slots, gsize length, BfySecret *key, const BfySecret *slot_key)
{
  const gsize before = 52;
  gsize sealed = before + length + BFY_VAULT_DIGEST_BYTES + BFY_CIPHER_TAG_BYTES;
  g_autofree guint8 *bytes = g_malloc0 (sealed + BFY_VAULT_DIGEST_BYTES);
  guint32 n_slot_bytes = GUINT32_TO_BE ((guint32) length);
  BfyVaultHeader header;
  g_autofree guint8 *model = NULL;

  make_header (&header);
  model = g_malloc (bfy_vault_header_length (&header));
  bfy_vault_header_write (&header, model);
  memcpy (bytes, model, before);
  memcpy (bytes + 12, &n_slot_bytes, sizeof n_slot_bytes);
  memcpy (bytes + before, slots, length);
  bfy_vault_header_write_trailer (bytes, before + length);
  bfy_vault_header_write_trailer (bytes, sealed);
  check_file (bytes, sealed + BFY_VAULT_DIGEST_BYTES, key, slot_key);
}

static void
check_as_blob (const guint8 *bytes, gsize length, const BfySecret *key)
{
  static const BfyBlobUse use = { BFY_BLOB_INFO_MANAGED, "id", "token" };
  g_autoptr (BfySecret) plain = bfy_blob_open (key, &use, bytes, length, NULL);
  g_autoptr (BfySecret) old = bfy_blob_open_l0 (key, (const char *) bytes, length, NULL);

  g_assert_true (plain == NULL || bfy_secret_length (plain) == length - BFY_BLOB_OVERHEAD_BYTES);
  g_assert_true (old == NULL || bfy_secret_length (old) < length);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (BfySecret) key = bfy_secret_new (KEY, BFY_VAULT_KEY_BYTES);
  g_autoptr (BfySecret) slot_key = bfy_secret_new (SLOT_KEY, BFY_VAULT_KEY_BYTES);

  check_file (data, size, key, slot_key);
  check_as_body (data, size, key, slot_key);
  check_as_slots (data, size, key, slot_key);
  check_as_blob (data, size, key);

  return 0;
}
