/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Format 2. Numbers are unsigned and big-endian.
 *
 *   offset  bytes
 *        0      8  magic "BFYVAULT"
 *        8      2  format version, 2
 *       10      2  flags, 0
 *       12      4  length S of the slot table
 *       16      8  generation, one more with every write
 *       24     16  vault id, random, stays for life
 *       40     12  nonce of the body, random for every write
 *       52      S  key slots (vault-slot.h), 1 to 8, sorted by number
 *     52+S     32  SHA-256 of everything before it
 *     84+S      …  body (vault-body.c), AES-256-GCM under the vault key, with its tag
 *  the end     32  SHA-256 of everything before it
 *
 * The digests are no protection against anybody who wants to change a vault: that is what the tags
 * are for, and everything before the body is the body's associated data. They tell damage from a
 * wrong key, and without any key: while it is locked, a vault is known to be sound.
 *
 * Every format from 2 on begins with magic and version and ends with SHA-256 of everything before
 * it; so another format is told from a damaged version number. Whatever an older reader would have
 * to understand raises the version; flags, kinds and lengths that format 2 does not know are
 * damage. Random nonces are safe for 2^32 writes under one key: one a second for 136 years.
 *
 * Format 1 (vault-format1.c) has the same magic, version and, at 16, generation. */

#include "keyring/vault-header.h"

#include <openssl/sha.h>
#include <string.h>

#include "protocol/error.h"

#define MAGIC "BFYVAULT"
#define FORMAT_OLDEST 1

/* As on disk, in front of the slots. */
typedef struct
{
  char magic[8];
  guint16 version;
  guint16 flags;
  guint32 n_slot_bytes;
  guint64 generation;
  guint8 id[BFY_VAULT_ID_BYTES];
  guint8 nonce[BFY_CIPHER_NONCE_BYTES];
} Fixed;

#define FIXED_BYTES 52

G_STATIC_ASSERT (G_STRUCT_OFFSET (Fixed, nonce) + BFY_CIPHER_NONCE_BYTES == FIXED_BYTES);
G_STATIC_ASSERT (G_STRUCT_OFFSET (Fixed, id) == BFY_VAULT_PEEK_BYTES);
G_STATIC_ASSERT (BFY_VAULT_DIGEST_BYTES == SHA256_DIGEST_LENGTH);

gsize
bfy_vault_header_length (const BfyVaultHeader *header)
{
  return FIXED_BYTES + (gsize) header->n_slots * BFY_VAULT_SLOT_BYTES + BFY_VAULT_DIGEST_BYTES;
}

void
bfy_vault_header_write_trailer (guint8 *bytes, gsize length)
{
  SHA256 (bytes, length, bytes + length);
}

void
bfy_vault_header_write (const BfyVaultHeader *header, guint8 *bytes)
{
  Fixed fixed = {
    .magic = { 'B', 'F', 'Y', 'V', 'A', 'U', 'L', 'T' },
    .version = GUINT16_TO_BE (BFY_VAULT_FORMAT),
    .n_slot_bytes = GUINT32_TO_BE (header->n_slots * BFY_VAULT_SLOT_BYTES),
    .generation = GUINT64_TO_BE (header->generation),
  };
  guint8 *cursor = bytes + FIXED_BYTES;

  memcpy (fixed.id, header->id, sizeof fixed.id);
  memcpy (fixed.nonce, header->nonce, sizeof fixed.nonce);
  memcpy (bytes, &fixed, FIXED_BYTES);
  for (guint i = 0; i < header->n_slots; i++, cursor += BFY_VAULT_SLOT_BYTES)
    bfy_vault_slot_write (&header->slots[i], cursor);
  bfy_vault_header_write_trailer (bytes, (gsize) (cursor - bytes));
}

static gboolean
fail_damaged (GError **error, const char *clause)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED, clause);

  return FALSE;
}

static gboolean
has_digest (const guint8 *bytes, gsize length)
{
  guint8 digest[BFY_VAULT_DIGEST_BYTES];

  if (length < sizeof digest)
    return FALSE;
  SHA256 (bytes, length - sizeof digest, digest);

  return memcmp (digest, bytes + length - sizeof digest, sizeof digest) == 0;
}

/* Without the digest that all formats but the first have, a strange version is damage; but who
 * looks for the reason is told of it. */
static gboolean
fail_version (guint version, gboolean is_whole, GError **error)
{
  gboolean is_newer = version > BFY_VAULT_FORMAT;
  g_autofree char *clause = g_strdup_printf (
      is_newer ? "it has format %u, made by a newer bindify; this one knows format %d"
               : "it has format %u, older than any that this bindify knows (%d)",
      version, is_newer ? BFY_VAULT_FORMAT : FORMAT_OLDEST);

  if (is_whole)
    g_set_error_literal (error, BFY_ERROR, BFY_ERROR_UNSUPPORTED, clause);
  else
    g_set_error (error, BFY_ERROR, BFY_ERROR_VAULT_DAMAGED,
                 "it was changed after it was written, or %s", clause);

  return FALSE;
}

static gboolean
check_version (const guint8 *bytes, gsize length, guint version, GError **error)
{
  gboolean is_whole = version == FORMAT_OLDEST || has_digest (bytes, length);

  if (version != FORMAT_OLDEST && version != BFY_VAULT_FORMAT)
    return fail_version (version, is_whole, error);

  return is_whole ? TRUE
                  : fail_damaged (error, "it is cut short, or was changed after it was written");
}

static gboolean
read_slots (const guint8 *bytes, BfyVaultHeader *header, GError **error)
{
  for (guint i = 0; i < header->n_slots; i++)
    {
      if (!bfy_vault_slot_read (bytes + (gsize) i * BFY_VAULT_SLOT_BYTES, &header->slots[i], error))
        return FALSE;
      if (i > 0 && header->slots[i].slot.number <= header->slots[i - 1].slot.number)
        return fail_damaged (error, "its key slots are in disorder");
    }

  return TRUE;
}

static gboolean
read_format2 (const guint8 *bytes, gsize length, BfyVaultHeader *header, GError **error)
{
  Fixed fixed;
  guint32 n_slot_bytes;

  if (length < FIXED_BYTES)
    return fail_damaged (error, "it is cut short");
  memcpy (&fixed, bytes, FIXED_BYTES);
  n_slot_bytes = GUINT32_FROM_BE (fixed.n_slot_bytes);
  if (fixed.flags != 0 || n_slot_bytes == 0 || n_slot_bytes % BFY_VAULT_SLOT_BYTES != 0 ||
      n_slot_bytes / BFY_VAULT_SLOT_BYTES > BFY_VAULT_SLOTS_MAX)
    return fail_damaged (error, "its header makes no sense");

  header->n_slots = n_slot_bytes / BFY_VAULT_SLOT_BYTES;
  if (length < bfy_vault_header_length (header) + BFY_CIPHER_TAG_BYTES + BFY_VAULT_DIGEST_BYTES)
    return fail_damaged (error, "it is cut short");
  if (!has_digest (bytes, bfy_vault_header_length (header)))
    return fail_damaged (error, "its header was changed after it was written");
  memcpy (header->id, fixed.id, sizeof fixed.id);
  memcpy (header->nonce, fixed.nonce, sizeof fixed.nonce);

  return read_slots (bytes + FIXED_BYTES, header, error);
}

gboolean
bfy_vault_header_peek_generation (const guint8 *bytes, gsize length, guint64 *generation)
{
  if (length < BFY_VAULT_PEEK_BYTES || memcmp (bytes, MAGIC, sizeof MAGIC - 1) != 0)
    return FALSE;

  memcpy (generation, bytes + G_STRUCT_OFFSET (Fixed, generation), sizeof *generation);
  *generation = GUINT64_FROM_BE (*generation);

  return TRUE;
}

gboolean
bfy_vault_header_check_length (guint64 length, GError **error)
{
  return length <= BFY_VAULT_FILE_BYTES_MAX
             ? TRUE
             : fail_damaged (error, "it is larger than a vault can be");
}

gboolean
bfy_vault_header_read (const guint8 *bytes, gsize length, BfyVaultHeader *header, GError **error)
{
  guint16 version;

  memset (header, 0, sizeof *header);
  if (!bfy_vault_header_check_length (length, error))
    return FALSE;
  if (length < BFY_VAULT_PEEK_BYTES)
    return fail_damaged (error, "it is cut short");
  if (!bfy_vault_header_peek_generation (bytes, length, &header->generation))
    return fail_damaged (error, "it does not begin like a vault");

  memcpy (&version, bytes + G_STRUCT_OFFSET (Fixed, version), sizeof version);
  header->format = GUINT16_FROM_BE (version);
  if (!check_version (bytes, length, header->format, error))
    return FALSE;

  return header->format == BFY_VAULT_FORMAT ? read_format2 (bytes, length, header, error) : TRUE;
}

BfyVaultSlotRecord *
bfy_vault_header_find (BfyVaultHeader *header, guint number)
{
  for (guint i = 0; i < header->n_slots; i++)
    {
      if (header->slots[i].slot.number == number)
        return &header->slots[i];
    }

  return NULL;
}

const BfyVaultSlotRecord *
bfy_vault_header_find_kind (const BfyVaultHeader *header, BfyVaultSlotKind kind)
{
  for (guint i = 0; i < header->n_slots; i++)
    {
      if (header->slots[i].slot.kind == kind)
        return &header->slots[i];
    }

  return NULL;
}

guint
bfy_vault_header_free_number (const BfyVaultHeader *header)
{
  guint number = 1;

  for (guint i = 0; i < header->n_slots && header->slots[i].slot.number == number; i++)
    number++;

  return number <= BFY_VAULT_SLOTS_MAX ? number : 0;
}

void
bfy_vault_header_insert (BfyVaultHeader *header, const BfyVaultSlotRecord *record)
{
  guint i = header->n_slots;

  g_return_if_fail (header->n_slots < BFY_VAULT_SLOTS_MAX);

  for (; i > 0 && header->slots[i - 1].slot.number > record->slot.number; i--)
    header->slots[i] = header->slots[i - 1];
  header->slots[i] = *record;
  header->n_slots++;
}

void
bfy_vault_header_remove (BfyVaultHeader *header, guint number)
{
  BfyVaultSlotRecord *found = bfy_vault_header_find (header, number);

  g_return_if_fail (found != NULL);

  header->n_slots--;
  memmove (found, found + 1,
           (gsize) (header->slots + header->n_slots - found) * sizeof header->slots[0]);
}
