/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "protocol/decoy.h"

#include <openssl/rand.h>
#include <string.h>

#include "protocol/error.h"

static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* One run of random characters. */
typedef struct
{
  const char *before; /* what stands in front of it */
  guint length;
  guint n_letters; /* the first this many of base62 */
} Part;

typedef enum
{
  CHECK_NONE,
  CHECK_CRC32, /* of the random characters, in base62, six characters behind them */
} Check;

#define PARTS_MAX 2

typedef struct
{
  const char *service; /* (nullable) */
  Part parts[PARTS_MAX];
  Check check;
} Shape;

#define DIGITS 10
#define HEX_DIGITS 16 /* in upper case */
#define ALL 62

/* The last one is for all others. */
static const Shape shapes[] = {
  { "github", { { "ghp_", 30, ALL } }, CHECK_CRC32 },
  { "linear", { { "lin_api_", 40, ALL } }, CHECK_NONE },
  { "notion", { { "ntn_", 11, DIGITS }, { "", 35, ALL } }, CHECK_NONE },
  { "figma", { { "figd_", 40, ALL } }, CHECK_NONE },
  { "atlassian", { { "ATATT3xFfGF0", 171, ALL }, { "=", 8, HEX_DIGITS } }, CHECK_NONE },
  { NULL, { { "", 40, ALL } }, CHECK_NONE },
};

#define CHECK_LENGTH 6
#define TOKEN_BYTES_MAX 256

static const Shape *
find_shape (const char *service)
{
  const Shape *shape = shapes;

  while (shape->service != NULL && g_strcmp0 (shape->service, service) != 0)
    shape++;

  return shape;
}

/* What is over the largest multiple is thrown away, so that all letters are equally likely. */
static gboolean
append_random (char *out, guint length, guint n_letters)
{
  const guint limit = 256 - 256 % n_letters;

  for (guint i = 0; i < length;)
    {
      guint8 byte;

      if (RAND_bytes (&byte, 1) != 1)
        return FALSE;
      if (byte < limit)
        out[i++] = base62[byte % n_letters];
    }

  return TRUE;
}

static guint32
crc32_of (const char *text, gsize length)
{
  guint32 crc = G_MAXUINT32;

  for (gsize i = 0; i < length; i++)
    {
      crc ^= (guint8) text[i];
      for (guint bit = 0; bit < 8; bit++)
        crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
    }

  return ~crc;
}

static void
append_check (char *out, const char *random, gsize length)
{
  guint32 crc = crc32_of (random, length);

  for (guint i = CHECK_LENGTH; i > 0; i--)
    {
      out[i - 1] = base62[crc % ALL];
      crc /= ALL;
    }
}

BfySecret *
bfy_decoy_new (const char *service, GError **error)
{
  const Shape *shape = find_shape (service);
  char text[TOKEN_BYTES_MAX];
  gsize length = 0;

  for (guint i = 0; i < PARTS_MAX && shape->parts[i].before != NULL; i++)
    {
      const Part *part = &shape->parts[i];

      memcpy (text + length, part->before, strlen (part->before));
      length += strlen (part->before);
      if (!append_random (text + length, part->length, part->n_letters))
        {
          g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                               "There is no randomness for a decoy");
          return NULL;
        }
      length += part->length;
      if (shape->check == CHECK_CRC32)
        {
          append_check (text + length, text + length - part->length, part->length);
          length += CHECK_LENGTH;
        }
    }

  return bfy_secret_new_wipe (text, length);
}
