/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* Runs a fuzz target without libFuzzer: each seed of the folder given, all its truncations and a
 * number of mutations that are the same in every run. */

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

#define TRUNCATIONS_MAX 2000
#define MUTATIONS_PER_SEED 300
#define EDITS_MAX 4
#define SPAN_BYTES_MAX 16

/* Bytes that mean something to some parser of ours. */
static const char telling[] = "\"\\{}[]:,/0e-.u \n\r\t\0\x1f\x7f\x80\xbf\xc0\xed\xef\xf4\xff";

static char label[256]; /* of the input that runs */

/* The assertion that failed is printed already. */
static void
on_abort (int signal_number)
{
  static const char prefix[] = "The input was ";

  (void) !write (STDERR_FILENO, prefix, sizeof prefix - 1);
  (void) !write (STDERR_FILENO, label, strlen (label));
  (void) !write (STDERR_FILENO, "\n", 1);
}

/* In a block of its own, so that a sanitizer sees a read behind the end. */
static void
run (const char *bytes, gsize length)
{
  g_autofree guint8 *data = g_malloc (MAX (length, 1));

  memcpy (data, bytes, length);
  LLVMFuzzerTestOneInput (data, length);
}

static void
edit (GString *text, GRand *random)
{
  gsize position = (gsize) g_rand_int_range (random, 0, (gint32) text->len + 1);
  gsize n_wanted = (gsize) g_rand_int_range (random, 1, SPAN_BYTES_MAX);
  gsize n_rest = text->len - position;
  gsize n_span = MIN (n_rest, n_wanted);
  char byte = telling[g_rand_int_range (random, 0, sizeof telling - 1)];
  g_autofree char *span = g_memdup2 (text->str + position, n_span);

  switch (g_rand_int_range (random, 0, 5))
    {
    case 0:
      g_string_insert_c (text, (gssize) position, byte);
      break;
    case 1:
      g_string_erase (text, (gssize) position, (gssize) n_span);
      break;
    case 2:
      g_string_insert_len (text, g_rand_int_range (random, 0, (gint32) text->len + 1), span,
                           (gssize) n_span);
      break;
    case 3:
      if (n_rest > 0)
        text->str[position] = byte;
      break;
    default:
      if (n_rest > 0)
        text->str[position] ^= (char) (1 << g_rand_int_range (random, 0, 8));
      break;
    }
}

static void
run_mutations (const char *name, const char *bytes, gsize length)
{
  GRand *random = g_rand_new_with_seed (g_str_hash (name));

  for (guint i = 0; i < MUTATIONS_PER_SEED; i++)
    {
      g_autoptr (GString) text = g_string_new_len (bytes, (gssize) length);
      gint32 n_edits = g_rand_int_range (random, 1, EDITS_MAX + 1);

      for (gint32 j = 0; j < n_edits; j++)
        edit (text, random);
      g_snprintf (label, sizeof label, "%s, mutation %u", name, i);
      run (text->str, text->len);
    }
  g_rand_free (random);
}

static void
run_seed (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  if (!g_file_get_contents (path, &bytes, &length, &error))
    {
      g_printerr ("%s\n", error->message);
      _exit (1);
    }
  g_snprintf (label, sizeof label, "%s", name);
  run (bytes, length);
  for (gsize i = 0; i < MIN (length, TRUNCATIONS_MAX); i++)
    {
      g_snprintf (label, sizeof label, "%s, the first %" G_GSIZE_FORMAT " bytes", name, i);
      run (bytes, i);
    }
  run_mutations (name, bytes, length);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

int
main (int argc, char **argv)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  GDir *folder = argc == 2 ? g_dir_open (argv[1], 0, &error) : NULL;
  const char *name;

  if (folder == NULL)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "One folder of seeds is expected");
      return 1;
    }
  while ((name = g_dir_read_name (folder)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_dir_close (folder);
  if (names->len == 0)
    {
      g_printerr ("No seeds in %s\n", argv[1]);
      return 1;
    }

  g_log_set_always_fatal (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING | G_LOG_FATAL_MASK);
  signal (SIGABRT, on_abort);
  g_ptr_array_sort (names, compare_names);
  run ("", 0);
  for (guint i = 0; i < names->len; i++)
    run_seed (argv[1], g_ptr_array_index (names, i));

  return 0;
}
