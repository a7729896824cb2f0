/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* A secret that comes out is a crash. One of a few is planted in the text, in one of its spellings,
 * and the whole comes in pieces: which, where and how is read from the first bytes. */

#include "protocol/leak-set.h"

#include <string.h>

#include "protocol/spelling.h"
#include "tests/fuzz/fuzz.h"

#define CONTROL_BYTES 8
#define PASSED_BYTES_MAX 3 /* before it was known for the beginning of a secret */

static const char *const secrets[] = {
  "ghp_0123456789abcdefghijABCDEFGHIJklmnop",
  "ghp_0123456789abcdefghijABCDEFGHIJqrstuv",
  "k\"e/y+w\\i&t<h'all~of=them \xc3\xbc\n!",
  "00000000000000000000",
};
static const char *const short_secrets[] = { "aaaaaaab", "hunter2-hunter2", "aaab aaab" };

typedef struct
{
  BfyLeakSet *set;      /* (owned) */
  GPtrArray *spellings; /* (owned) (element-type BfySpellings) */
} Guarded;

static void
add (Guarded *guarded, GArray *entries, GPtrArray *owned, const char *const *texts, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      BfyLeakEntry entry = { bfy_secret_new (texts[i], strlen (texts[i])), (guint) i };

      g_ptr_array_add (owned, (gpointer) entry.secret);
      g_ptr_array_add (guarded->spellings, bfy_spellings_new (entry.secret));
      g_array_append_val (entries, entry);
    }
}

/* Kept for the life of the program. */
static const Guarded *
get_guarded (gboolean has_short)
{
  static Guarded all[2];
  Guarded *guarded = &all[has_short];
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (BfyLeakEntry));
  g_autoptr (GPtrArray) owned = g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_secret_unref);

  if (guarded->set != NULL)
    return guarded;

  guarded->spellings = g_ptr_array_new ();
  add (guarded, entries, owned, secrets, G_N_ELEMENTS (secrets));
  if (has_short)
    add (guarded, entries, owned, short_secrets, G_N_ELEMENTS (short_secrets));
  guarded->set =
      bfy_leak_set_new ((const BfyLeakEntry *) (gconstpointer) entries->data, entries->len);

  return guarded;
}

static gboolean
stands_at (const BfySpelling *spelling, const char *text, gsize length)
{
  if (length < spelling->length)
    return FALSE;
  if (spelling->minds_case)
    return memcmp (text, spelling->bytes, spelling->length) == 0;

  return g_ascii_strncasecmp (text, (const char *) spelling->bytes, spelling->length) == 0;
}

/* Looks the slow way. None of the secrets has a NUL. */
static void
check_clean (const Guarded *guarded, const char *text, gsize length, gsize n_missing)
{
  for (guint i = 0; i < guarded->spellings->len; i++)
    {
      const BfySpellings *spellings = g_ptr_array_index (guarded->spellings, i);

      for (guint j = 0; j < bfy_spellings_get_n (spellings); j++)
        {
          BfySpelling spelling = bfy_spellings_get (spellings, j);

          spelling.bytes += n_missing;
          spelling.length -= n_missing;
          for (gsize at = 0; at < length; at++)
            g_assert_false (stands_at (&spelling, text + at, length - at));
        }
    }
}

static GString *
stream (const Guarded *guarded, const GString *text, guint8 step)
{
  g_autoptr (BfyLeakStream) leaks = bfy_leak_stream_new (guarded->set);
  GString *out = g_string_new (NULL);
  gsize at = 0;

  while (TRUE)
    {
      gsize n = MIN (step, text->len - at);
      gboolean is_last = at + n == text->len;
      g_autoptr (GBytes) piece = g_bytes_new (text->str + at, n);
      g_autoptr (GBytes) passed = bfy_leak_stream_feed (leaks, piece, is_last);

      if (passed != NULL)
        g_string_append_len (out, g_bytes_get_data (passed, NULL),
                             (gssize) g_bytes_get_size (passed));
      at += n;
      g_assert_cmpuint (out->len + bfy_leak_stream_get_n_held (leaks), ==, at);
      if (is_last)
        break;
    }

  return out;
}

/* Where a piece ends within the first bytes of a secret these have passed. */
static void
check_stream (const Guarded *guarded, const GString *text, const GString *masked, guint8 step)
{
  g_autoptr (GString) out = stream (guarded, text, step);

  g_assert_cmpuint (out->len, ==, text->len);
  for (gsize i = 0; i < out->len; i++)
    {
      gsize from = i - MIN (i, PASSED_BYTES_MAX - 1);
      gboolean begins = FALSE;
      BfyLeak leak;

      if (out->str[i] == masked->str[i])
        continue;
      g_assert_cmpint (out->str[i], ==, text->str[i]);
      begins = bfy_leak_set_find (guarded->set, text->str, text->len, from, &leak);
      g_assert_true (begins && leak.start <= i);
    }
}

int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const Guarded *guarded;
  const BfySpellings *spellings;
  BfySpelling spelling;
  g_autoptr (GString) text = NULL;
  g_autoptr (GString) masked = NULL;
  gsize place;

  if (size < CONTROL_BYTES)
    return 0;
  guarded = get_guarded (data[0] & 1);
  spellings = g_ptr_array_index (guarded->spellings, data[1] % guarded->spellings->len);
  spelling = bfy_spellings_get (spellings, data[2] % bfy_spellings_get_n (spellings));
  text = g_string_new_len ((const char *) data + CONTROL_BYTES, (gssize) (size - CONTROL_BYTES));
  place = ((gsize) data[3] << 8 | data[4]) % (text->len + 1);
  g_string_insert_len (text, (gssize) place, (const char *) spelling.bytes,
                       (gssize) spelling.length);

  masked = g_string_new_len (text->str, (gssize) text->len);
  g_assert_cmpuint (bfy_leak_set_mask (guarded->set, masked->str, masked->len), >=, 1);
  check_clean (guarded, masked->str, masked->len, 0);
  check_stream (guarded, text, masked, MAX (1, data[5]));
  if (data[6] & 1)
    bfy_leak_set_mask_json (guarded->set, text->str, text->len);

  return 0;
}
