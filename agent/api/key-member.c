/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/key-member.h"

#include <string.h>

#include "protocol/error.h"

/* 32 bytes in base64. */
#define KEY_TEXT_LENGTH 44
/* With quotes, and every character escaped as \/ may be. */
#define KEY_JSON_LENGTH_MAX (2 * KEY_TEXT_LENGTH + 2)

static gboolean
refuse (GError **error, const char *name, const char *what)
{
  g_set_error (error, BFY_ERROR, BFY_ERROR_BAD_REQUEST, "“%s” must be %s", name, what);

  return FALSE;
}

gboolean
bfy_key_member_is_base64 (const char *text, gsize length)
{
  gsize n = length;

  while (n > 0 && length - n < 2 && text[n - 1] == '=')
    n--;
  if (length % 4 != 0)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    {
      if (!g_ascii_isalnum (text[i]) && text[i] != '+' && text[i] != '/')
        return FALSE;
    }

  return TRUE;
}

/* Its text, which has @n bytes, at the beginning. */
static BfySecret *
read_text (const BfyJsonSlice *string, const guint8 **text, gsize *n)
{
  guint8 *bytes;
  BfySecret *padded = bfy_secret_new_blank (string->length, &bytes);

  *n = bfy_json_slice_unescape (string, (char *) bytes);
  *text = bytes;

  return padded;
}

void
bfy_key_member_overwrite (const BfyJsonSlice *string)
{
  memset ((char *) string->start + 1, '*', string->length - 2);
}

BfySecret *
bfy_key_member_take_text (const BfyJsonSlice *object, const char *name)
{
  g_autoptr (BfySecret) padded = NULL;
  BfyJsonSlice slice;
  const guint8 *text;
  gsize n;

  if (!bfy_json_slice_member (object, name, &slice) || slice.type != BFY_JSON_STRING)
    return NULL;
  padded = read_text (&slice, &text, &n);
  bfy_key_member_overwrite (&slice);

  return bfy_secret_new (text, n);
}

gboolean
bfy_key_member_take (const BfyJsonSlice *object,
                     const char *name,
                     gboolean is_needed,
                     BfySecret **taken,
                     GError **error)
{
  BfyJsonSlice slice;
  const guint8 *text;
  guint8 *bytes;
  gsize n;
  g_autoptr (BfySecret) encoded = NULL;
  g_autoptr (BfySecret) key = NULL;
  int state = 0;
  guint save = 0;

  if (!bfy_json_slice_member (object, name, &slice) || slice.type == BFY_JSON_NULL)
    return !is_needed || refuse (error, name, "given");
  if (slice.type != BFY_JSON_STRING || slice.length > KEY_JSON_LENGTH_MAX)
    return refuse (error, name, "32 bytes in base64");
  encoded = read_text (&slice, &text, &n);
  if (n != KEY_TEXT_LENGTH || !bfy_key_member_is_base64 ((const char *) text, KEY_TEXT_LENGTH) ||
      text[KEY_TEXT_LENGTH - 2] == '=')
    return refuse (error, name, "32 bytes in base64");

  /* The decoder writes up to three bytes per four characters. */
  key = bfy_secret_new_blank (KEY_TEXT_LENGTH / 4 * 3, &bytes);
  if (g_base64_decode_step ((const char *) text, KEY_TEXT_LENGTH, bytes, &state, &save) !=
      BFY_KDF_KEY_BYTES)
    return refuse (error, name, "32 bytes in base64");
  *taken = bfy_secret_new (bytes, BFY_KDF_KEY_BYTES);
  bfy_wipe (&save, sizeof save);

  return TRUE;
}
