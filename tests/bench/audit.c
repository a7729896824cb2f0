/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* audit [DIRECTORY]: times what the audit record costs, on the disk that holds DIRECTORY (the
 * temporary directory by default). Prints figures; there are no pass marks. */

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "agent/api/events-follow.h"
#include "agent/store/store.h"

#define N_EVENTS 20000
#define N_BATCH 50 /* events in half a second of a busy agent */

/* Processor time: the machine may have other things to do, and nothing here waits for the disk. */
static gint64
now_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);

  return (gint64) now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static void
fail (const char *what, const GError *error)
{
  fprintf (stderr, "%s: %s\n", what, error != NULL ? error->message : "failed");
  exit (1);
}

static BfyEvent *
make_event (guint n_chains, guint i, gboolean is_refused)
{
  BfyEvent *event = bfy_event_new ("proxy_request", g_get_real_time () / 1000);

  if (n_chains > 0)
    {
      event->binding = g_strdup_printf ("binding-%u", i % n_chains);
      event->binding_id = g_strdup_printf ("0f8fad5b-d9cb-469f-a165-70867728%04x", i % n_chains);
    }
  event->category = g_strdup (is_refused ? "denied" : "success");
  event->client = g_strdup ("My editor");
  event->client_id = g_strdup ("7c9e6679-7425-40de-944b-e07fc1f90ae7");
  event->method = g_strdup ("tools/call");
  event->tool = g_strdup ("create_issue");
  event->host = g_strdup ("mcp.example.com");
  event->path = g_strdup ("/mcp");
  event->peer = g_strdup ("uid 1000 pid 4711 exe python3.11");
  event->outcome = is_refused ? BFY_OUTCOME_BLOCKED : BFY_OUTCOME_SUCCESS;
  event->status = 200;
  event->bytes_up = 200;
  event->bytes_down = 1024;
  event->duration_ms = 30;

  return event;
}

/* Reading flushes. */
static void
flush (BfyStore *store)
{
  const BfyEventFilter newest = { .limit = 1 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) events = bfy_store_query_events (store, &newest, &error);

  if (events == NULL)
    fail ("flush", error);
}

static void
measure_append (BfyStore *store, const char *what, guint n_chains, guint n_batch)
{
  gint64 begun_us = now_us ();

  for (guint i = 0; i < N_EVENTS; i++)
    {
      bfy_store_append_event (store, make_event (n_chains, i, FALSE), FALSE);
      if ((i + 1) % n_batch == 0)
        flush (store);
    }
  flush (store);
  printf ("%-52s %8.2f us each\n", what, (double) (now_us () - begun_us) / N_EVENTS);
}

static void
measure_refusals (BfyStore *store)
{
  gint64 begun_us = now_us ();

  for (guint i = 0; i < N_EVENTS; i++)
    {
      bfy_store_append_event (store, make_event (1, i, TRUE), TRUE);
      g_main_context_iteration (NULL, FALSE);
    }
  flush (store);
  printf ("%-52s %8.2f us each\n", "refusals in a rush",
          (double) (now_us () - begun_us) / N_EVENTS);
}

/* What each one who watches adds to a use: its lines are made for everyone anew. */
static void
measure_follower (void)
{
  g_autoptr (GString) waiting = g_string_new (NULL);
  g_autoptr (BfyEvent) event = make_event (1, 1, FALSE);
  gint64 begun_us;

  event->sequence = 1;
  begun_us = now_us ();
  for (guint i = 0; i < N_EVENTS; i++)
    {
      if (waiting->len > BFY_FOLLOW_BYTES_MAX)
        g_string_truncate (waiting, 0);
      bfy_follow_append_event (waiting, event);
    }
  printf ("%-52s %8.2f us each\n", "told to one who follows, without the socket",
          (double) (now_us () - begun_us) / N_EVENTS);
}

static void
measure_verify (BfyStore *store)
{
  gint64 begun_us = now_us ();
  gint64 longest_us = 0;
  g_autoptr (GError) error = NULL;
  g_autoptr (BfyVerify) walk = bfy_verify_new (store, NULL, &error);
  gboolean has_more = walk != NULL;
  gint64 n_events = 0;

  while (has_more)
    {
      gint64 step_us = now_us ();

      if (!bfy_verify_step (walk, &has_more, &error))
        fail ("verify", error);
      longest_us = MAX (longest_us, now_us () - step_us);
    }
  if (walk == NULL)
    fail ("verify", error);
  for (guint i = 0; i < bfy_verify_get_reports (walk)->len; i++)
    {
      const BfyChainReport *report = bfy_verify_get_reports (walk)->pdata[i];

      if (report->walk.state != BFY_CHAIN_OK)
        fail ("verify", NULL);
      n_events += report->walk.n_events;
    }
  printf ("verify %" G_GINT64_FORMAT " records: %.1f ms, longest step %.2f ms\n", n_events,
          (double) (now_us () - begun_us) / 1000.0, (double) longest_us / 1000.0);
}

int
main (int argc, char **argv)
{
  g_autofree char *directory =
      g_build_filename (argc > 1 ? argv[1] : g_get_tmp_dir (), "bindify-bench-XXXXXX", NULL);
  static const char *const files[] = { "bindify.db", "bindify.db-wal", "bindify.db-shm",
                                       "bindify.lock" };
  g_autoptr (GError) error = NULL;
  BfyStore *store;

  if (g_mkdtemp (directory) == NULL)
    fail (directory, NULL);
  store = bfy_store_open (directory, &error);
  if (store == NULL)
    fail ("open", error);
  printf ("%d events each, in “%s”\n", N_EVENTS, directory);
  measure_append (store, "in batches of 50, one binding", 1, N_BATCH);
  measure_append (store, "in batches of 50, ten bindings", 10, N_BATCH);
  measure_append (store, "in batches of 1000, one binding", 1, 1000);
  measure_append (store, "in batches of 50, without a binding", 0, N_BATCH);
  measure_refusals (store);
  measure_follower ();
  measure_verify (store);
  g_object_unref (store);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_build_filename (directory, files[i], NULL);

      g_remove (path);
    }
  g_rmdir (directory);

  return 0;
}
