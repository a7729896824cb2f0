/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "agent/api/key-member.h"

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

gboolean
bfy_key_member_take (const BfyJsonSlice *object,
                     const char *name,
                     gboolean is_needed,
                     BfySecret **taken,
                     GError **error)
{
  BfyJsonSlice slice;
  guint8 *text, *bytes;
  g_autoptr (BfySecret) encoded = NULL;
  g_autoptr (BfySecret) key = NULL;
  int state = 0;
  guint save = 0;

  if (!bfy_json_slice_member (object, name, &slice) || slice.type == BFY_JSON_NULL)
    return !is_needed || refuse (error, name, "given");
  if (slice.type != BFY_JSON_STRING || slice.length > KEY_JSON_LENGTH_MAX)
    return refuse (error, name, "32 bytes in base64");
  encoded = bfy_secret_new_blank (slice.length, &text);
  if (bfy_json_slice_unescape (&slice, (char *) text) != KEY_TEXT_LENGTH ||
      !bfy_key_member_is_base64 ((const char *) text, KEY_TEXT_LENGTH) ||
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
