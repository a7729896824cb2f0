/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

/* quota: what limits cost a request of a known client, from the question whether it may pass to the
 * last note of it, with all limits set and the counts that are kept for the disk. */

#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/policy/usage.h"

#define N_CALLS 200000
#define N_RUNS 11

static const char policy_text[] =
    "{\"version\":1,\"default\":\"allow\",\"rules\":[],\"limits\":{"
    "\"requests_per_minute\":9007199254740991,\"requests_per_hour\":9007199254740991,"
    "\"concurrent\":1000,\"bytes_per_day\":9007199254740991,\"per_client\":{"
    "\"requests_per_minute\":9007199254740991,\"requests_per_hour\":9007199254740991,"
    "\"concurrent\":1000,\"bytes_per_day\":9007199254740991}}}";

static void
need (gconstpointer thing, const GError *error)
{
  if (thing != NULL)
    return;
  fprintf (stderr, "%s\n", error != NULL ? error->message : "refused");
  exit (1);
}

static gint64
now_s (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
call (BfyUsage *usage, const BfyUsageWho *who)
{
  const BfyQuotaWish wish = { 1, 1, 200 };
  BfyQuotaVerdict verdict;
  BfyUsageTicket *ticket = bfy_usage_take (usage, who, &wish, &verdict);

  need (ticket, NULL);
  bfy_usage_ticket_count_down (ticket, 1024);
  bfy_usage_ticket_end (ticket);
  bfy_usage_ticket_judge (ticket, BFY_OUTCOME_SUCCESS);
  bfy_usage_ticket_unref (ticket);
}

static void
take_alone (const BfyQuotas *quotas)
{
  static BfyQuotaUse all, client;
  const BfyQuotaWish wish = { 1, 1, 200 };

  (void) bfy_quota_take (quotas, &all, &client, &wish, now_s ());
  bfy_quota_give_back (&all, &wish);
  bfy_quota_give_back (&client, &wish);
}

static int
compare (const void *a, const void *b)
{
  double difference = *(const double *) a - *(const double *) b;

  return (difference > 0) - (difference < 0);
}

static void
measure (const char *what, BfyUsage *usage, const BfyUsageWho *who)
{
  double runs_ns[N_RUNS];

  for (guint run = 0; run < N_RUNS; run++)
    {
      gint64 begun_us = g_get_monotonic_time ();

      for (guint i = 0; i < N_CALLS; i++)
        {
          if (usage != NULL)
            call (usage, who);
          else
            take_alone (bfy_policy_get_quotas (who->binding->policy));
        }
      runs_ns[run] = (double) (g_get_monotonic_time () - begun_us) * 1000 / N_CALLS;
    }
  qsort (runs_ns, N_RUNS, sizeof *runs_ns, compare);
  printf ("%-44s %8.0f ns median, %8.0f best, %8.0f worst\n", what, runs_ns[N_RUNS / 2], runs_ns[0],
          runs_ns[N_RUNS - 1]);
}

int
main (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *directory = g_dir_make_tmp ("bindify-bench-XXXXXX", &error);
  g_autofree char *state = g_build_filename (directory, "state", NULL);
  g_autoptr (BfyStore) store = bfy_store_open (state, &error);
  g_autoptr (BfyRegistry) registry = store != NULL ? bfy_registry_new (store, &error) : NULL;
  g_autoptr (BfyUsage) usage =
      registry != NULL ? bfy_usage_new (store, registry, now_s, &error) : NULL;
  g_autoptr (BfyBinding) binding = bfy_binding_new ();
  const BfyUsageWho who = { binding, "3f0c5b52-0a55-4d0c-9a53-0f6a4e2d7b11" };

  need (usage, error);
  g_free (binding->id);
  binding->id = g_strdup ("7c9e6679-7425-40de-944b-e07fc1f90ae7");
  binding->policy = bfy_policy_parse (policy_text, sizeof policy_text - 1, &error);
  need (binding->policy, error);
  measure ("take and give back", NULL, &who);
  measure ("a whole call, with what goes to the disk", usage, &who);

  bfy_store_close (store);
  for (const char *const *name = (const char *const[]){ "bindify.db", "bindify.lock", NULL };
       *name != NULL; name++)
    {
      g_autofree char *path = g_build_filename (state, *name, NULL);

      (void) g_unlink (path);
    }
  (void) g_rmdir (state);
  (void) g_rmdir (directory);

  return 0;
}
