/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* The names of all open objects in one array, innermost last. When an object closes, few names are
 * compared with each other; many are sorted by a hash of their unescaped bytes, and bytes are
 * compared only where hashes are equal. The hash is SipHash-1-3 under a key of this process, so
 * that a sender cannot choose names that collide. Only hashes and offsets are kept: the text may
 * hold a credential. */

#include <string.h>
#include <sys/random.h>

#include "protocol/json-private.h"
#include "protocol/json.h"

#define FEW_KEYS 8 /* up to here comparing each with each beats sorting */

typedef struct
{
  guint64 hash;
  guint32 offset; /* of the content in the text */
  guint32 length;
} Key;

G_STATIC_ASSERT (BFY_JSON_BYTES_MAX <= G_MAXUINT32);

/* --- Unescaped bytes, one by one --- */

typedef struct
{
  const char *at;
  const char *end;
  char utf8[4];
  gsize n_bytes;
  gsize i_byte;
} KeyReader;

static KeyReader
key_reader (const char *text, const Key *key)
{
  return (KeyReader){ .at = text + key->offset, .end = text + key->offset + key->length };
}

/* The next unescaped byte, 0 at the end: no key holds NUL. */
static guchar
key_reader_next (KeyReader *reader)
{
  if (reader->i_byte == reader->n_bytes)
    {
      if (reader->at == reader->end)
        return 0;
      reader->n_bytes = bfy_json_take_char (&reader->at, reader->end, reader->utf8);
      reader->i_byte = 0;
    }

  return (guchar) reader->utf8[reader->i_byte++];
}

static gboolean
is_same_name (const char *text, const Key *a, const Key *b)
{
  KeyReader reader_a = key_reader (text, a);
  KeyReader reader_b = key_reader (text, b);
  guchar byte_a, byte_b;

  do
    {
      byte_a = key_reader_next (&reader_a);
      byte_b = key_reader_next (&reader_b);
    }
  while (byte_a == byte_b && byte_a != 0);

  return byte_a == byte_b;
}

/* --- SipHash --- */

static guint64 process_key[2];

static void
init_process_key (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  /* getrandom(2) itself: all of OpenSSL would wake up for sixteen bytes, in a client that needs
   * nothing else of it. */
  if (getrandom (process_key, sizeof process_key, 0) != sizeof process_key)
    g_warning ("No random bytes for the hash of JSON names");
  g_once_init_leave (&done, 1);
}

static guint64
rotate (guint64 word, guint n_bits)
{
  return word << n_bits | word >> (64 - n_bits);
}

static void
sip_round (guint64 v[4])
{
  v[0] += v[1];
  v[2] += v[3];
  v[1] = rotate (v[1], 13) ^ v[0];
  v[3] = rotate (v[3], 16) ^ v[2];
  v[0] = rotate (v[0], 32) + v[3];
  v[2] += v[1];
  v[3] = rotate (v[3], 21) ^ v[0];
  v[1] = rotate (v[1], 17) ^ v[2];
  v[2] = rotate (v[2], 32);
}

static void
sip_word (guint64 v[4], guint64 word)
{
  v[3] ^= word;
  sip_round (v);
  v[0] ^= word;
}

static guint64
hash_name (KeyReader reader)
{
  guint64 v[4] = { process_key[0] ^ 0x736f6d6570736575, process_key[1] ^ 0x646f72616e646f6d,
                   process_key[0] ^ 0x6c7967656e657261, process_key[1] ^ 0x7465646279746573 };
  guint64 word = 0;
  guint64 n_bytes = 0;
  guchar byte;

  while ((byte = key_reader_next (&reader)) != 0)
    {
      word |= (guint64) byte << (8 * (n_bytes % 8));
      if (++n_bytes % 8 == 0)
        {
          sip_word (v, word);
          word = 0;
        }
    }
  sip_word (v, word | n_bytes << 56);
  v[2] ^= 0xff;
  for (guint i = 0; i < 3; i++)
    sip_round (v);

  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* --- The stack of names --- */

/* A GCompareDataFunc. Equal hashes stay in the order of the text. */
static int
compare_hashes (gconstpointer left, gconstpointer right, gpointer user_data)
{
  const Key *a = left;
  const Key *b = right;

  if (a->hash != b->hash)
    return a->hash < b->hash ? -1 : 1;

  return a->offset < b->offset ? -1 : a->offset > b->offset;
}

/* The offset of the first name that was there before, or G_MAXUINT32. Changes the order of the
 * keys. */
static guint32
find_duplicate (Key *keys, guint n_keys, const char *text)
{
  gboolean sorted = n_keys > FEW_KEYS;
  guint32 first = G_MAXUINT32;

  if (sorted)
    g_qsort_with_data (keys, (int) n_keys, sizeof *keys, compare_hashes, NULL);
  for (guint i = 1; i < n_keys; i++)
    {
      for (guint j = i; j-- > 0 && (!sorted || keys[j].hash == keys[i].hash);)
        {
          if (keys[j].hash != keys[i].hash || !is_same_name (text, &keys[i], &keys[j]))
            continue;
          first = MIN (first, keys[i].offset);
          break;
        }
    }

  return first;
}

GArray *
bfy_json_keys_new (void)
{
  init_process_key ();

  return g_array_new (FALSE, FALSE, sizeof (Key));
}

void
bfy_json_keys_push (GArray *keys, const char *text, const char *content, gsize length)
{
  Key key = { .offset = (guint32) (content - text), .length = (guint32) length };

  key.hash = hash_name (key_reader (text, &key));
  g_array_append_val (keys, key);
}

gboolean
bfy_json_keys_pop (GArray *keys, guint first, const char *text, gsize *offset)
{
  guint32 duplicate = G_MAXUINT32;

  if (keys->len > first)
    duplicate = find_duplicate (&g_array_index (keys, Key, first), keys->len - first, text);
  g_array_set_size (keys, first);
  if (duplicate == G_MAXUINT32)
    return FALSE;

  *offset = duplicate - 1;
  return TRUE;
}
