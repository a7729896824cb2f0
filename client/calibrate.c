/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/calibrate.h"

#include <time.h>
#include <unistd.h>

/* Where it is measured: 32 MiB, large enough to leave the caches as the real one does. */
#define PROBE_LOG2_N 15
#define N_PROBES 2
#define BLOCK_BYTES (128 * BFY_KDF_R)

static gint64
processor_time_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);

  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static guint64
physical_memory_bytes (void)
{
  long n_pages = sysconf (_SC_PHYS_PAGES);
  long page_bytes = sysconf (_SC_PAGESIZE);

  return n_pages > 0 && page_bytes > 0 ? (guint64) n_pages * (guint64) page_bytes : 0;
}

static gboolean
fits_memory (guint log2_n, guint64 memory_bytes)
{
  return memory_bytes == 0 || ((guint64) BLOCK_BYTES << log2_n) <= memory_bytes / 4;
}

guint
bfy_calibrate_choose (guint log2_n, gint64 duration_us, guint64 memory_bytes)
{
  /* Scaled to the least cost; doubled from there. */
  double predicted_ms =
      (double) MAX (duration_us, 1) / 1000.0 / (double) (1u << (log2_n - BFY_KDF_LOG2_N_MIN));
  guint chosen = BFY_KDF_LOG2_N_MIN;

  /* Nearest on a scale of doublings: up to a factor of √2 beyond the target. */
  while (chosen < BFY_KDF_LOG2_N_MAX && fits_memory (chosen + 1, memory_bytes) &&
         predicted_ms * 2 <= BFY_CALIBRATE_TARGET_MS * 1.414)
    {
      chosen++;
      predicted_ms *= 2;
    }

  return chosen;
}

/* The fastest of a few: what disturbs a measurement only ever makes it longer. -1 on error. */
static gint64
measure_us (guint log2_n, GError **error)
{
  g_autoptr (BfySecret) input = bfy_secret_new ("a passphrase to measure with", 28);
  BfyKdf kdf = { .algorithm = BFY_KDF_SCRYPT, .log2_n = log2_n, .r = BFY_KDF_R, .p = 1 };
  gint64 best_us = G_MAXINT64;

  for (guint i = 0; i < N_PROBES; i++)
    {
      gint64 begun_us = processor_time_us ();
      g_autoptr (BfySecret) key = bfy_kdf_derive (&kdf, input, error);

      if (key == NULL)
        return -1;
      best_us = MIN (best_us, processor_time_us () - begun_us);
    }

  return best_us;
}

gboolean
bfy_calibrate (BfyKdf *kdf, GError **error)
{
  guint log2_n = PROBE_LOG2_N;
  gint64 duration_us = measure_us (log2_n, NULL);

  if (duration_us < 0)
    {
      log2_n = BFY_KDF_LOG2_N_MIN;
      duration_us = measure_us (log2_n, error);
    }
  if (duration_us < 0)
    return FALSE;

  kdf->algorithm = BFY_KDF_SCRYPT;
  kdf->log2_n = bfy_calibrate_choose (log2_n, duration_us, physical_memory_bytes ());
  kdf->r = BFY_KDF_R;
  kdf->p = 1;

  return TRUE;
}
