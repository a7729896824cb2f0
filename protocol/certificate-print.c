/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/certificate-print.h"

#include <string.h>

#define START "sha256:"
#define DIGITS "0123456789abcdef"

char *
bfy_certificate_print_new (const guint8 *der, gsize length)
{
  g_autofree char *digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der, length);

  return g_strconcat (START, digest, NULL);
}

/* Whether one stands there, whatever follows. */
static gboolean
begins (const char *text)
{
  const gsize n_start = strlen (START);

  return strncmp (text, START, n_start) == 0 &&
         strspn (text + n_start, DIGITS) == BFY_CERTIFICATE_PRINT_BYTES - n_start;
}

gboolean
bfy_certificate_print_is_one (const char *text)
{
  return begins (text) && strlen (text) == BFY_CERTIFICATE_PRINT_BYTES;
}

char *
bfy_certificate_print_find (const char *message)
{
  for (const char *at = strstr (message, START); at != NULL; at = strstr (at + 1, START))
    if (begins (at))
      return g_strndup (at, BFY_CERTIFICATE_PRINT_BYTES);

  return NULL;
}
