/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* vault [DIRECTORY]: times what a vault of a thousand credentials costs, on the disk that holds
 * DIRECTORY (the temporary directory by default). Prints figures; there are no pass marks. */

#include "keyring/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define N_SECRETS 1000
#define SECRET_BYTES 200
#define N_RUNS 25

typedef struct
{
  GAsyncResult *result; /* (owned) */
} Wait;

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Wait *wait = user_data;

  wait->result = g_object_ref (result);
}

static GAsyncResult *
wait_for (Wait *wait)
{
  while (wait->result == NULL)
    g_main_context_iteration (NULL, TRUE);

  return wait->result;
}

static void
fail (const char *what, const GError *error)
{
  fprintf (stderr, "%s: %s\n", what, error != NULL ? error->message : g_strerror (errno));
  exit (1);
}

static void
store (BfyKeyring *keyring, const char *id, const BfySecret *secret)
{
  g_autoptr (GError) error = NULL;
  Wait wait = { NULL };

  bfy_keyring_store_async (keyring, id, (BfySecret *) secret, NULL, on_ready, &wait);
  if (!bfy_keyring_store_finish (keyring, wait_for (&wait), &error))
    fail ("store", error);
  g_object_unref (wait.result);
}

static void
look_up (BfyKeyring *keyring, const char *id)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BfySecret) secret = NULL;
  Wait wait = { NULL };

  bfy_keyring_lookup_async (keyring, id, NULL, on_ready, &wait);
  secret = bfy_keyring_lookup_finish (keyring, wait_for (&wait), &error);
  if (secret == NULL)
    fail ("lookup", error);
  g_object_unref (wait.result);
}

static void
change (BfyKeyring *keyring, const BfyVaultChange *wanted)
{
  g_autoptr (GError) error = NULL;
  Wait wait = { NULL };

  bfy_vault_change_async (BFY_VAULT (keyring), wanted, NULL, on_ready, &wait);
  if (!bfy_vault_change_finish (BFY_VAULT (keyring), wait_for (&wait), NULL, &error))
    fail ("change", error);
  g_object_unref (wait.result);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double left = *(const double *) a;
  double right = *(const double *) b;

  return left < right ? -1 : left > right;
}

static void
print_times (const char *what, double *times_ms, guint n)
{
  qsort (times_ms, n, sizeof times_ms[0], compare);
  printf ("%-44s %8.2f ms median, %8.2f best, %8.2f worst\n", what, times_ms[n / 2], times_ms[0],
          times_ms[n - 1]);
}

static double
now_ms (void)
{
  return (double) g_get_monotonic_time () / 1000.0;
}

static void
measure_open (const char *directory, BfySecret *slot_key)
{
  double open_ms[N_RUNS];
  double lookup_ms[N_RUNS];

  for (guint i = 0; i < N_RUNS; i++)
    {
      g_autoptr (BfyKeyring) keyring = bfy_vault_new (directory);
      g_autoptr (GError) error = NULL;
      double begun_ms = now_ms ();

      if (!bfy_vault_unlock (BFY_VAULT (keyring), 1, slot_key, &error))
        fail ("unlock", error);
      open_ms[i] = now_ms () - begun_ms;
      begun_ms = now_ms ();
      look_up (keyring, "binding-0500");
      lookup_ms[i] = now_ms () - begun_ms;
    }
  print_times ("open (beside the key derivation)", open_ms, N_RUNS);
  print_times ("lookup in an open vault", lookup_ms, N_RUNS);
}

static void
measure_store (const char *directory, BfySecret *slot_key, const BfySecret *secret)
{
  g_autoptr (BfyKeyring) keyring = bfy_vault_new (directory);
  g_autoptr (GError) error = NULL;
  double times_ms[N_RUNS];

  if (!bfy_vault_unlock (BFY_VAULT (keyring), 1, slot_key, &error))
    fail ("unlock", error);
  for (guint i = 0; i < N_RUNS; i++)
    {
      double begun_ms = now_ms ();

      store (keyring, "binding-0500", secret);
      times_ms[i] = now_ms () - begun_ms;
    }
  print_times ("store", times_ms, N_RUNS);
}

static void
measure_rotate (const char *directory, BfySecret *slot_key)
{
  g_autoptr (BfyKeyring) keyring = bfy_vault_new (directory);
  g_autoptr (GError) error = NULL;
  const BfyVaultChange rotate = { .op = BFY_VAULT_ROTATE };
  double begun_ms;

  if (!bfy_vault_unlock (BFY_VAULT (keyring), 1, slot_key, &error))
    fail ("unlock", error);
  begun_ms = now_ms ();
  change (keyring, &rotate);
  printf ("%-44s %8.2f ms\n", "rotate the data key, all steps", now_ms () - begun_ms);
}

/* What the disk alone takes for the same: a file of that size, synced, renamed, and its directory
 * synced. */
static void
measure_disk (const char *directory, gsize length)
{
  g_autofree char *name = g_build_filename (directory, "probe", NULL);
  g_autofree char *temporary = g_build_filename (directory, "probe.new", NULL);
  g_autofree char *bytes = g_malloc0 (length);
  double times_ms[N_RUNS];
  int directory_fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  for (guint i = 0; i < N_RUNS; i++)
    {
      double begun_ms = now_ms ();
      int fd = open (temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

      if (fd < 0 || write (fd, bytes, length) != (gssize) length || fsync (fd) != 0 ||
          close (fd) != 0 || rename (temporary, name) != 0 || fsync (directory_fd) != 0)
        fail ("disk", NULL);
      times_ms[i] = now_ms () - begun_ms;
    }
  close (directory_fd);
  unlink (name);
  print_times ("the disk alone, for a file of that size", times_ms, N_RUNS);
}

static void
measure_kdf (guint log2_n)
{
  g_autoptr (BfySecret) words = bfy_secret_new ("correct horse battery staple", 28);
  BfyKdf kdf = { .algorithm = BFY_KDF_SCRYPT, .log2_n = log2_n, .r = BFY_KDF_R, .p = 1 };
  g_autofree char *label = g_strdup_printf ("key derivation, scrypt 2^%u", log2_n);
  double begun_ms = now_ms ();
  g_autoptr (GError) error = NULL;
  g_autoptr (BfySecret) key = bfy_kdf_derive (&kdf, words, &error);

  if (key == NULL)
    fail ("derive", error);
  printf ("%-44s %8.2f ms\n", label, now_ms () - begun_ms);
}

static void
fill (const char *directory, BfySecret *slot_key, const BfySecret *secret)
{
  g_autoptr (BfyKeyring) keyring = bfy_vault_new (directory);
  BfyVaultChange init = { .op = BFY_VAULT_INIT, .kind = BFY_VAULT_SLOT_RECOVERY };
  double begun_ms;

  init.slot_key = slot_key;
  change (keyring, &init);
  begun_ms = now_ms ();
  for (guint i = 0; i < N_SECRETS; i++)
    {
      g_autofree char *id = g_strdup_printf ("binding-%04u", i);

      store (keyring, id, secret);
    }
  printf ("%-44s %8.2f ms each\n", "store, while it grows to a thousand",
          (now_ms () - begun_ms) / N_SECRETS);
}

int
main (int argc, char **argv)
{
  g_autofree char *parent =
      g_build_filename (argc > 1 ? argv[1] : g_get_tmp_dir (), "bindify-bench-XXXXXX", NULL);
  g_autofree char *directory = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = g_strnfill (SECRET_BYTES, 's');
  g_autoptr (BfySecret) secret = bfy_secret_new (text, SECRET_BYTES);
  g_autoptr (BfySecret) slot_key = bfy_secret_new ("................................", 32);
  GStatBuf status;

  if (g_mkdtemp (parent) == NULL)
    fail (parent, NULL);
  directory = g_build_filename (parent, "vault", NULL);
  path = g_build_filename (directory, "vault.bfy", NULL);
  printf ("%d secrets of %d bytes, in “%s”\n", N_SECRETS, SECRET_BYTES, directory);
  fill (directory, slot_key, secret);
  if (g_stat (path, &status) != 0)
    fail (path, NULL);
  printf ("%-44s %8.2f KiB\n", "file", (double) status.st_size / 1024.0);
  measure_open (directory, slot_key);
  measure_store (directory, slot_key, secret);
  measure_disk (directory, (gsize) status.st_size);
  measure_rotate (directory, slot_key);
  measure_kdf (BFY_KDF_LOG2_N_MIN);
  measure_kdf (BFY_KDF_LOG2_N_DEFAULT);

  unlink (path);
  g_free (path);
  path = g_build_filename (directory, "vault.lock", NULL);
  unlink (path);
  rmdir (directory);
  rmdir (parent);

  return 0;
}
