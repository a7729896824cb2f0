/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A key that is accepted has the spelling it came with and no other; every text that decodes as
 * base64url encodes to itself. */

#include "protocol/client-key.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void
check_key (const char *text, gsize length)
{
  g_autoptr (BfySecret) key = bfy_client_key_parse (text, length);
  g_autoptr (BfySecret) back = NULL;
  gsize back_length;
  const guint8 *back_text;

  if (key == NULL)
    return;
  g_assert_cmpuint (bfy_secret_length (key), ==, BFY_CLIENT_KEY_BYTES);
  back = bfy_client_key_to_printed (key);
  back_text = bfy_secret_peek (back, &back_length);
  g_assert_cmpuint (length, <=, back_length);
  g_assert_cmpmem (back_text + back_length - length, length, text, length);
}

static void
check_base64url (const char *text, gsize length)
{
  gsize n_bytes = 0;
  g_autofree guint8 *bytes = bfy_base64url_decode (text, length, &n_bytes);
  g_autofree char *back = NULL;

  if (bytes == NULL)
    return;
  back = bfy_base64url_encode (bytes, n_bytes);
  g_assert_cmpmem (back, strlen (back), text, length);
}

static void
check_bytes (const guint8 *data, gsize size)
{
  gsize n_bytes = 0;
  g_autofree char *text = bfy_base64url_encode (data, size);
  g_autofree guint8 *back = bfy_base64url_decode (text, strlen (text), &n_bytes);

  g_assert_nonnull (back);
  g_assert_cmpmem (back, n_bytes, data, size);
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const char *text = (const char *) data;
  g_autofree char *value = g_strndup (text, size);
  g_autoptr (BfySecret) key = bfy_client_key_from_authorization (value);

  if (key != NULL)
    g_assert_cmpint (g_ascii_strncasecmp (value, "Bearer ", 7), ==, 0);
  check_key (text, size);
  check_base64url (text, size);
  check_bytes (data, size);

  return 0;
}
