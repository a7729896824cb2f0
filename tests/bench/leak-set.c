/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* leak-set: times how fast texts of several kinds are searched for 1 to 1,000 secrets in all their
 * spellings, what an answer of 1 KiB takes, and building the set. Prints figures; there are no pass
 * marks. */

#include "protocol/leak-set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "protocol/spelling.h"

#define TEXT_BYTES (4 * 1024 * 1024)
#define ANSWER_BYTES 1024
#define N_RUNS 15
#define PIECE_BYTES (64 * 1024)

static const char alphanumerics[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static const char jwt_header[] =
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lkLmV4";

typedef void (*Filler) (GString *text, GRand *random);

typedef struct
{
  const char *name;
  Filler append; /* a bit more, until there is enough */
} Kind;

static void
append_random (GString *text, GRand *random, const char *alphabet, gsize n)
{
  gint32 n_digits = (gint32) strlen (alphabet);

  for (gsize i = 0; i < n; i++)
    g_string_append_c (text, alphabet[g_rand_int_range (random, 0, n_digits)]);
}

/* Tokens of vendors, keys with reserved characters, a few long ones. */
static BfySecret *
make_secret (guint i, GRand *random)
{
  g_autoptr (GString) text = g_string_new (NULL);

  switch (i % 5)
    {
    case 0:
      g_string_append (text, "ghp_");
      append_random (text, random, alphanumerics, 36);
      break;
    case 1:
      g_string_append (text, "sk-ant-api03-");
      append_random (text, random, alphanumerics, 40);
      break;
    case 2:
      append_random (text, random, base64_digits, 43);
      g_string_append_c (text, '=');
      break;
    case 3:
      append_random (text, random, "0123456789abcdef", 40);
      break;
    default:
      g_string_append (text, i % 20 == 4 ? jwt_header : "xoxb-");
      append_random (text, random, alphanumerics, i % 20 == 4 ? 400 : 48);
      break;
    }

  return bfy_secret_new (text->str, text->len);
}

static void
add_bytes (GString *text, GRand *random)
{
  for (guint i = 0; i < 1024; i++)
    g_string_append_c (text, (char) g_rand_int (random));
}

static void
add_base64 (GString *text, GRand *random)
{
  append_random (text, random, base64_digits, 1024);
}

static void
add_hex (GString *text, GRand *random)
{
  append_random (text, random, "0123456789abcdef", 1024);
}

static void
add_json (GString *text, GRand *random)
{
  g_string_append_printf (text,
                          "{\"jsonrpc\":\"2.0\",\"id\":%u,\"result\":{\"content\":[{\"type\":"
                          "\"text\",\"text\":\"The pull request \\\"%08x\\\" changes %u files.\\n"
                          "It was merged by octocat; see https://api.example.com/repos/a/b/pulls/"
                          "%u for what was said.\"}],\"isError\":false}}\n",
                          g_rand_int (random), g_rand_int (random), g_rand_int (random) & 255,
                          g_rand_int (random));
}

/* Tokens that others have, in all spellings. */
static void
add_near_misses (GString *text, GRand *random)
{
  g_autoptr (BfySecret) secret = make_secret ((guint) g_rand_int (random), random);
  g_autoptr (BfySpellings) spellings = bfy_spellings_new (secret);

  for (guint i = 0; i < bfy_spellings_get_n (spellings); i++)
    {
      BfySpelling spelling = bfy_spellings_get (spellings, i);

      g_string_append_len (text, (const char *) spelling.bytes, (gssize) spelling.length);
      g_string_append_c (text, '\n');
    }
}

/* What all tokens of a kind begin with, over and over: each is a hit of both tables. */
static void
add_hits (GString *text, GRand *random)
{
  static const char *const hits[] = {
    "eyJhbGciOiJSUzI",
    "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJodHRwczovL2lkLmV4zz",
    "%67%68%70%5f%4",
    "\\u0067\\u0068\\u0070\\u005F\\u0041",
  };

  g_string_append (text, hits[g_rand_int_range (random, 0, G_N_ELEMENTS (hits))]);
}

static const Kind kinds[] = {
  { "random bytes", add_bytes }, { "Base64", add_base64 },           { "hex", add_hex },
  { "JSON", add_json },          { "near misses", add_near_misses }, { "hits only", add_hits },
};

/* Of this program's own time, which others on the machine do not change much. */
static double
now_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);

  return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double left = *(const double *) a;
  double right = *(const double *) b;

  return left < right ? -1 : left > right;
}

static double
median (double *values)
{
  qsort (values, N_RUNS, sizeof *values, compare);

  return values[N_RUNS / 2];
}

static GString *
make_text (const Kind *kind, GRand *random)
{
  GString *text = g_string_sized_new (TEXT_BYTES + 64 * 1024);

  while (text->len < TEXT_BYTES)
    kind->append (text, random);

  return text;
}

static double
time_find (const BfyLeakSet *set, const GString *text)
{
  double us[N_RUNS];
  BfyLeak leak;

  for (guint i = 0; i < N_RUNS; i++)
    {
      double begun_us = now_us ();

      if (bfy_leak_set_find (set, text->str, text->len, 0, &leak))
        printf ("(found one) ");
      us[i] = now_us () - begun_us;
    }

  return (double) text->len / median (us);
}

static double
time_stream (BfyLeakSet *set, const GString *text)
{
  g_autoptr (GBytes) whole = g_bytes_new_static (text->str, text->len);
  double us[N_RUNS];

  for (guint i = 0; i < N_RUNS; i++)
    {
      g_autoptr (BfyLeakStream) stream = bfy_leak_stream_new (set);
      double begun_us = now_us ();

      for (gsize at = 0; at < text->len; at += PIECE_BYTES)
        {
          gsize n = MIN (PIECE_BYTES, text->len - at);
          g_autoptr (GBytes) piece = g_bytes_new_from_bytes (whole, at, n);
          g_autoptr (GBytes) passed G_GNUC_UNUSED =
              bfy_leak_stream_feed (stream, piece, at + n == text->len);
        }
      us[i] = now_us () - begun_us;
    }

  return (double) text->len / median (us);
}

static void
time_answers (BfyLeakSet *set, const GString *json)
{
  g_autoptr (GBytes) whole = g_bytes_new_static (json->str, json->len);
  double us[N_RUNS];
  gsize n_answers = json->len / ANSWER_BYTES;

  for (guint i = 0; i < N_RUNS; i++)
    {
      double begun_us = now_us ();

      for (gsize at = 0; at < n_answers; at++)
        {
          g_autoptr (BfyLeakStream) stream = bfy_leak_stream_new (set);
          g_autoptr (GBytes) piece =
              g_bytes_new_from_bytes (whole, at * ANSWER_BYTES, ANSWER_BYTES);
          g_autoptr (GBytes) passed G_GNUC_UNUSED = bfy_leak_stream_feed (stream, piece, FALSE);
          g_autoptr (GBytes) rest G_GNUC_UNUSED = bfy_leak_stream_feed (stream, NULL, TRUE);
        }
      us[i] = (now_us () - begun_us) / (double) n_answers;
    }
  printf ("  %-32s %9.2f µs\n", "an answer of 1 KiB, as a stream", median (us));
}

static BfyLeakSet *
build (BfyLeakEntry *entries, guint n)
{
  double us[N_RUNS];

  for (guint i = 0; i < N_RUNS; i++)
    {
      double begun_us = now_us ();
      g_autoptr (BfyLeakSet) set G_GNUC_UNUSED = bfy_leak_set_new (entries, n);

      us[i] = now_us () - begun_us;
    }
  printf ("  %-32s %9.2f ms\n", "building the set", median (us) / 1000);

  return bfy_leak_set_new (entries, n);
}

static void
print_size (const BfyLeakEntry *entries, guint n)
{
  gsize n_bytes = 0;
  guint n_patterns = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (BfySpellings) spellings = bfy_spellings_new (entries[i].secret);

      for (guint j = 0; j < bfy_spellings_get_n (spellings); j++)
        n_bytes += bfy_spellings_get (spellings, j).length;
      n_patterns += bfy_spellings_get_n (spellings);
    }
  printf ("%u secrets, %u patterns, %.1f KiB\n", n, n_patterns, (double) n_bytes / 1024);
}

static void
measure (guint n, GString *const *texts)
{
  g_autofree BfyLeakEntry *entries = g_new0 (BfyLeakEntry, n);
  g_autoptr (GPtrArray) secrets =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bfy_secret_unref);
  GRand *random = g_rand_new_with_seed (n);

  for (guint i = 0; i < n; i++)
    {
      BfySecret *secret = make_secret (n == 1 ? 0 : i, random);

      g_ptr_array_add (secrets, secret);
      entries[i] = (BfyLeakEntry){ secret, i };
    }
  print_size (entries, n);

  g_autoptr (BfyLeakSet) set = build (entries, n);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    printf ("  %-32s %9.0f MB/s, %6.0f in pieces of 64 KiB\n", kinds[i].name,
            time_find (set, texts[i]), time_stream (set, texts[i]));
  time_answers (set, texts[3]);
  g_rand_free (random);
}

int
main (void)
{
  static const guint counts[] = { 1, 10, 100, 1000 };
  GString *texts[G_N_ELEMENTS (kinds)];
  GRand *random = g_rand_new_with_seed (7);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    texts[i] = make_text (&kinds[i], random);
  for (gsize i = 0; i < G_N_ELEMENTS (counts); i++)
    measure (counts[i], texts);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    g_string_free (texts[i], TRUE);
  g_rand_free (random);

  return 0;
}
