/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/mac.h"

#include <string.h>

#include "protocol/error.h"

#define TEXT_BYTES (BFY_MAC_BYTES * 3 - 1)
#define GROUP_BIT 0x01 /* of the first byte */

static gboolean
refuse (GError **error, const char *problem)
{
  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_INVALID_ARGUMENT, problem);

  return FALSE;
}

static gboolean
read_byte (const char *text, guint8 *byte)
{
  int high = g_ascii_xdigit_value (text[0]);
  int low = g_ascii_xdigit_value (text[1]);

  if (high < 0 || low < 0)
    return FALSE;
  *byte = (guint8) (high << 4 | low);

  return TRUE;
}

/* One kind of mark between all of them. */
static gboolean
read_bytes (const char *text, BfyMac *mac)
{
  char mark = text[2];

  if (mark != ':' && mark != '-')
    return FALSE;
  for (guint i = 0; i < BFY_MAC_BYTES; i++)
    {
      if (!read_byte (text + 3 * i, &mac->bytes[i]))
        return FALSE;
      if (i > 0 && text[3 * i - 1] != mark)
        return FALSE;
    }

  return TRUE;
}

static gboolean
is_zero (const BfyMac *mac)
{
  static const BfyMac zero = { { 0 } };

  return memcmp (mac, &zero, sizeof zero) == 0;
}

gboolean
bfy_mac_parse (const char *text, BfyMac *mac, GError **error)
{
  if (strlen (text) != TEXT_BYTES || !read_bytes (text, mac))
    return refuse (error, "A MAC address is six pairs of hexadecimal digits, such as "
                          "52:54:00:12:34:56");
  if (is_zero (mac))
    return refuse (error, "A MAC address of zeros only belongs to no device");
  if ((mac->bytes[0] & GROUP_BIT) != 0)
    return refuse (error, "This MAC address is that of a group; that of one device has an even "
                          "second digit");

  return TRUE;
}

char *
bfy_mac_format (const BfyMac *self)
{
  const guint8 *b = self->bytes;

  return g_strdup_printf ("%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
}

void
bfy_mac_fill_packet (const BfyMac *self, guint8 *packet)
{
  memset (packet, 0xff, BFY_MAC_BYTES);
  for (guint i = BFY_MAC_BYTES; i < BFY_MAC_PACKET_BYTES; i += BFY_MAC_BYTES)
    memcpy (packet + i, self->bytes, BFY_MAC_BYTES);
}
