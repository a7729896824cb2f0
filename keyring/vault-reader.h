/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#pragma once

#include <glib.h>

/* Takes big-endian numbers and bytes off the front of what a vault holds, and puts them there;
 * never beyond the end. Private to the vault. */
typedef struct
{
  const guint8 *bytes;
  gsize n_left;
} BfyVaultReader;

/* Borrowed from the input; NULL when there are fewer. */
const guint8 *bfy_vault_reader_take (BfyVaultReader *self, gsize length);
/* FALSE beyond the end, and for numbers above @max. */
gboolean
bfy_vault_reader_take_number (BfyVaultReader *self, guint n_bytes, guint64 max, guint64 *number);
/* (transfer full) An item's id with its length: text, not empty, and behind @previous (nullable) in
 * strcmp()'s order. NULL for anything else. */
char *bfy_vault_reader_take_id (BfyVaultReader *self, const char *previous);

/* The caller has measured the room. */
void bfy_vault_put_number (guint8 **cursor, guint64 number, guint n_bytes);
void bfy_vault_put_bytes (guint8 **cursor, gconstpointer bytes, gsize length);
