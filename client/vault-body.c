/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/vault-body.h"

#include <string.h>

#include "client/fields.h"
#include "protocol/json.h"
#include "protocol/secret-writer.h"

/* A text, the key in base64 and a text. */
typedef struct
{
  const char *head;
  gsize n_head;
  const BfySecret *key; /* (nullable) */
  const char *tail;
} Pieces;

GArray *
bfy_slots_read (JsonObject *reply)
{
  GArray *slots = g_array_new (FALSE, FALSE, sizeof (BfySlot));

  for (guint i = 0; i < bfy_field_count (reply, "slots"); i++)
    {
      JsonObject *object = bfy_field_nth (reply, "slots", i);
      JsonObject *kdf = bfy_field_object (object, "kdf");
      BfySlot slot = { .number = (guint) bfy_field_int (object, "number"),
                       .kind = bfy_field_text (object, "kind") };

      if (kdf != NULL && bfy_kdf_from_json (kdf, &slot.kdf, NULL))
        g_array_append_val (slots, slot);
    }

  return slots;
}

const BfySlot *
bfy_slots_next (GArray *slots, const char *kind, guint *index)
{
  while (*index < slots->len)
    {
      const BfySlot *slot = &g_array_index (slots, BfySlot, (*index)++);

      if (kind == NULL || strcmp (slot->kind, kind) == 0)
        return slot;
    }

  return NULL;
}

static void
append_key (BfySecretWriter *writer, const BfySecret *key)
{
  char text[64 + 8];
  gsize length;
  const guint8 *bytes = bfy_secret_peek (key, &length);
  int state = 0, save = 0;
  gsize n;

  g_return_if_fail (length == BFY_KDF_KEY_BYTES);

  n = g_base64_encode_step (bytes, length, FALSE, text, &state, &save);
  n += g_base64_encode_close (FALSE, text + n, &state, &save);
  bfy_secret_writer_append (writer, text, n);
  bfy_wipe (text, sizeof text);
  bfy_wipe (&save, sizeof save);
}

static void
fill (BfySecretWriter *writer, gconstpointer data)
{
  const Pieces *pieces = data;

  bfy_secret_writer_append (writer, pieces->head, pieces->n_head);
  if (pieces->key != NULL)
    {
      bfy_secret_writer_append_text (writer, ",\"key\":\"");
      append_key (writer, pieces->key);
      bfy_secret_writer_append_byte (writer, '"');
    }
  bfy_secret_writer_append_text (writer, pieces->tail);
}

static GBytes *
join (const char *head, const BfySecret *key, const char *tail)
{
  const Pieces pieces = { head, strlen (head), key, tail };
  BfySecret *secret = bfy_secret_build (fill, &pieces);

  return g_bytes_new_with_free_func (bfy_secret_peek (secret, NULL), bfy_secret_length (secret),
                                     (GDestroyNotify) bfy_secret_unref, secret);
}

static void
wiped_free (gpointer data)
{
  BfySecretWriter *writer = data;

  bfy_wipe (writer->bytes, writer->length);
  g_free (writer->bytes);
  g_free (writer);
}

/* The same for megabytes that are no secret around a key that is: they need not lie in locked
 * memory. */
static GBytes *
join_large (const char *head, const BfySecret *key, const char *tail)
{
  const Pieces pieces = { head, strlen (head), key, tail };
  BfySecretWriter *writer = g_new0 (BfySecretWriter, 1);

  fill (writer, &pieces);
  writer->bytes = g_malloc (writer->length);
  writer->length = 0;
  fill (writer, &pieces);

  return g_bytes_new_with_free_func (writer->bytes, writer->length, wiped_free, writer);
}

static char *
format_kdf (const BfyKdf *kdf)
{
  g_autoptr (JsonObject) object = bfy_kdf_to_json (kdf);

  return bfy_json_object_to_text (object, NULL);
}

GBytes *
bfy_slot_body_new (const char *kind, const BfyKdf *kdf, const BfySecret *key)
{
  g_autofree char *parameters = key != NULL ? format_kdf (kdf) : g_strdup ("null");
  g_autofree char *head =
      g_strdup_printf ("{\"slot\":{\"kind\":\"%s\",\"kdf\":%s", kind, parameters);

  return join (head, key, "}}");
}

GBytes *
bfy_slot_body_export (const BfyKdf *kdf, const BfySecret *key)
{
  g_autofree char *parameters = format_kdf (kdf);
  g_autofree char *head = g_strdup_printf ("{\"kdf\":%s", parameters);

  return join (head, key, "}");
}

GBytes *
bfy_slot_body_unlock (guint number, const BfySecret *key)
{
  g_autofree char *head = g_strdup_printf ("{\"slot\":%u", number);

  return join (head, key, "}");
}

GBytes *
bfy_slot_body_file (GBytes *file, const BfySecret *key)
{
  gsize length;
  const guint8 *bytes = g_bytes_get_data (file, &length);
  g_autofree char *text = g_base64_encode (bytes, length);
  g_autofree char *head = g_strdup_printf ("{\"file\":\"%s\"", text);

  return join_large (head, key, "}");
}
