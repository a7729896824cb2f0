/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/client-key.h"

#include <openssl/rand.h>
#include <openssl/sha.h>
#include <string.h>

#include "protocol/error.h"

G_STATIC_ASSERT (BFY_CLIENT_KEY_HASH_BYTES == SHA256_DIGEST_LENGTH);

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* GLib's base64 functions grow buffers and forgive what we must refuse, so the two directions are
 * written out here; both work on memory of the caller's choice. */

static gsize
encoded_length (gsize length)
{
  return length / 3 * 4 + (length % 3 * 4 + 2) / 3;
}

static void
encode_into (const guint8 *data, gsize length, char *out)
{
  guint32 bits = 0;
  guint n_bits = 0;

  for (gsize i = 0; i < length; i++)
    {
      bits = bits << 8 | data[i];
      n_bits += 8;
      while (n_bits >= 6)
        {
          n_bits -= 6;
          *out++ = alphabet[bits >> n_bits & 0x3f];
        }
    }
  if (n_bits > 0)
    *out = alphabet[bits << (6 - n_bits) & 0x3f];
}

static int
value_of (char c)
{
  if (c >= 'A' && c <= 'Z')
    return c - 'A';
  if (c >= 'a' && c <= 'z')
    return c - 'a' + 26;
  if (c >= '0' && c <= '9')
    return c - '0' + 52;
  if (c == '-')
    return 62;

  return c == '_' ? 63 : -1;
}

/* Whatever passes here is the only spelling of its bytes: no other length gives the same number of
 * bytes, and the bits that the last character does not use are zero. */
static gboolean
decode_into (const char *text, gsize length, guint8 *out)
{
  guint32 bits = 0;
  guint n_bits = 0;

  if (length % 4 == 1)
    return FALSE;

  for (gsize i = 0; i < length; i++)
    {
      int value = value_of (text[i]);

      if (value < 0)
        return FALSE;
      bits = bits << 6 | (guint32) value;
      n_bits += 6;
      if (n_bits >= 8)
        {
          n_bits -= 8;
          *out++ = bits >> n_bits & 0xff;
        }
    }

  return (bits & ((1u << n_bits) - 1)) == 0;
}

BfySecret *
bfy_client_key_parse (const char *text, gsize length)
{
  const gsize prefix_length = strlen (BFY_CLIENT_KEY_PREFIX);
  g_autoptr (BfySecret) key = NULL;
  guint8 *bytes;

  /* Decided by length, because the prefix itself is made of key characters. */
  if (length == prefix_length + BFY_CLIENT_KEY_TEXT_LENGTH &&
      memcmp (text, BFY_CLIENT_KEY_PREFIX, prefix_length) == 0)
    {
      text += prefix_length;
      length -= prefix_length;
    }
  if (length != BFY_CLIENT_KEY_TEXT_LENGTH)
    return NULL;

  key = bfy_secret_new_blank (BFY_CLIENT_KEY_BYTES, &bytes);
  if (!decode_into (text, length, bytes))
    return NULL;

  return g_steal_pointer (&key);
}

BfySecret *
bfy_client_key_new (GError **error)
{
  guint8 *bytes;
  g_autoptr (BfySecret) key = bfy_secret_new_blank (BFY_CLIENT_KEY_BYTES, &bytes);

  if (RAND_bytes (bytes, BFY_CLIENT_KEY_BYTES) != 1)
    {
      g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED, "There is no randomness for a key");
      return NULL;
    }

  return g_steal_pointer (&key);
}

BfySecret *
bfy_client_key_proof (const BfySecret *key)
{
  const gsize half = BFY_CLIENT_KEY_BYTES / 2;

  return bfy_secret_new (bfy_secret_peek (key, NULL) + half, half);
}

static BfySecret *
key_to_text (const BfySecret *key, const char *prefix)
{
  gsize prefix_length = strlen (prefix);
  gsize length;
  const guint8 *bytes = bfy_secret_peek (key, &length);
  guint8 *out;
  BfySecret *text = bfy_secret_new_blank (prefix_length + encoded_length (length), &out);

  memcpy (out, prefix, prefix_length);
  encode_into (bytes, length, (char *) out + prefix_length);

  return text;
}

BfySecret *
bfy_client_key_to_text (const BfySecret *key)
{
  return key_to_text (key, "");
}

BfySecret *
bfy_client_key_to_printed (const BfySecret *key)
{
  return key_to_text (key, BFY_CLIENT_KEY_PREFIX);
}

void
bfy_client_key_hash (const BfySecret *key, guint8 hash[BFY_CLIENT_KEY_HASH_BYTES])
{
  gsize length;
  const guint8 *bytes = bfy_secret_peek (key, &length);

  SHA256 (bytes, length, hash);
}

BfySecret *
bfy_client_key_from_authorization (const char *value)
{
  static const char scheme[] = "Bearer";
  const char *text;

  if (value == NULL || g_ascii_strncasecmp (value, scheme, strlen (scheme)) != 0)
    return NULL;
  value += strlen (scheme);
  text = value + strspn (value, " ");
  if (text == value)
    return NULL;

  return bfy_client_key_parse (text, strlen (text));
}

BfySecret *
bfy_client_key_from_slice (const BfyJsonSlice *slice)
{
  g_autoptr (BfySecret) text = NULL;
  guint8 *bytes;
  gsize length;

  if (slice->type != BFY_JSON_STRING || slice->length > BFY_SECRET_BYTES_MAX)
    return NULL;
  text = bfy_secret_new_blank (slice->length, &bytes);
  length = bfy_json_slice_unescape (slice, (char *) bytes);

  return bfy_client_key_parse ((const char *) bytes, length);
}

char *
bfy_base64url_encode (const guint8 *data, gsize length)
{
  char *text = g_malloc0 (encoded_length (length) + 1);

  encode_into (data, length, text);

  return text;
}

guint8 *
bfy_base64url_decode (const char *text, gsize text_length, gsize *length)
{
  gsize decoded_length = text_length / 4 * 3 + text_length % 4 * 3 / 4;
  guint8 *data = g_malloc0 (decoded_length + 1);

  if (!decode_into (text, text_length, data))
    {
      bfy_wipe (data, decoded_length);
      g_free (data);
      return NULL;
    }
  *length = decoded_length;

  return data;
}
